"""Start private servers, load, measure, write var/bench.json, stop. Exit status 1 where a goal is missed."""

import argparse
import base64
import json
import os
import secrets
import shutil
import sys
import tempfile
import time
from pathlib import Path

from aimprogress.embedded.postgres import Postgres
from aimprogress.embedded.valkey import Valkey

ROOT = Path(__file__).resolve().parents[1]


def main() -> int:
    """Returns the exit status."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("--scale", type=float, default=1.0, help="1 is 40 members, 10,000 sites, 1,000,000 statuses")
    parser.add_argument("--out", type=Path, default=ROOT / "var" / "bench.json")
    parser.add_argument("--only", metavar="NAME", help="one measure alone, by the name of its function in measures.py")
    given = parser.parse_args()
    folder = Path(tempfile.mkdtemp(prefix="aimbench-"))
    postgres = Postgres(folder / "pg", folder / "s", durable=False)
    valkey = Valkey(folder / "valkey", folder / "s", durable=False)
    os.environ.update(_environment(folder, postgres, valkey))
    try:
        postgres.start()
        valkey.start()
        return _run(given.scale, given.out, given.only)
    finally:
        valkey.stop()
        postgres.stop()
        shutil.rmtree(folder, ignore_errors=True)


def _environment(folder: Path, postgres: Postgres, valkey: Valkey) -> dict[str, str]:
    (folder / "var" / "static").mkdir(parents=True)
    return {
        **postgres.urls,
        **valkey.urls,
        "DJANGO_SETTINGS_MODULE": "aimprogress.settings",
        "SECRET_KEY": secrets.token_urlsafe(40),
        "FIELD_KEYS": base64.urlsafe_b64encode(secrets.token_bytes(32)).decode(),
        "AUDIT_KEY": secrets.token_urlsafe(32),
        "DATA_DIR": str(folder / "var"),
        "DEMO": "0",
    }


def _run(scale: float, out: Path, only: str | None) -> int:
    import django

    django.setup()
    from django.conf import settings
    from django.core.management import call_command
    from django.test.utils import setup_test_environment

    setup_test_environment(debug=False)
    settings.ROOT_URLCONF = "benchmarks.peer"
    call_command("migrate", database="owner", interactive=False, verbosity=0)
    from benchmarks import data, measures

    began = time.monotonic()
    loaded = data.load(scale)
    print(f"{loaded.sites} sites, {loaded.statuses} statuses, loaded in {time.monotonic() - began:.0f} s")
    records = []
    for measure in [one for one in measures.ALL if only in (None, one.__name__)]:
        for found in measure(loaded):
            records.append(found)
            mark = "ok " if found.holds else "NOT"
            print(f"{mark} {found.name}: {found.ours} {found.unit}, {found.baseline['what']} {found.baseline['value']}: "
                  f"{found.ratio} (goal {found.goal})")  # fmt: skip
    out.parent.mkdir(parents=True, exist_ok=True)
    out.write_text(json.dumps([one.as_json() for one in records], indent=1) + "\n")
    return 0 if all(one.holds for one in records) else 1


if __name__ == "__main__":
    sys.exit(main())
