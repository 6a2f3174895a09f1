"""`manage.py restore_check`: a backup counts only when it was restored. Into an empty place, and looked at row by row."""

import json
import os
import secrets
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from aimprogress.core.actor import SYSTEM, acting_as
from aimprogress.core.audit import verify_chains
from aimprogress.core.fields import key_ids
from aimprogress.core.files import StoredFile
from aimprogress.embedded.dump import connect, restore, row_counts, walls, with_database
from aimprogress.embedded.paths import NotInstalled, postgres_program
from aimprogress.embedded.postgres import APP, OWNER, Postgres
from aimprogress.environment import read
from aimprogress.management.commands.backup import sha256_of
from aimprogress.management.commands.rotate_field_keys import encrypted_fields


class Command(BaseCommand):
    help = "Restore the newest (or the named) backup into an empty database, compare and read everything, and remove it again."
    requires_system_checks = []

    def add_arguments(self, parser: Any) -> None:
        parser.add_argument("backup", nargs="?", type=Path, help="folder of one backup; the newest if not given")
        parser.add_argument(
            "--on-server",
            action="store_true",
            help="use a new database on the server of MIGRATION_DATABASE_URL, not a scratch server",
        )
        parser.add_argument("--look", type=Path, help="internal: look at what DATABASE_URL now holds")

    def handle(self, *args: Any, backup: Path | None, on_server: bool, look: Path | None, **options: Any) -> None:
        if look:
            self._look(look)
            return
        folder = (backup or newest(settings.DATA_DIR / "backups")).absolute()
        manifest = json.loads((folder / "manifest.json").read_text())
        problems = self._before(folder, manifest)
        place = database_on_server if on_server else scratch_server
        with place() as (owner, app):
            restore(owner, folder / "portal.dump", major=manifest["server"])
            problems += self._compare(owner, manifest["tables"])
            problems += self._look_inside(app, folder)
        for problem in problems:
            self.stdout.write(f"PROBLEM {problem}")
        if problems:
            raise CommandError(f"{folder.name}: {len(problems)} problems.")
        self.stdout.write(f"{folder.name}: restored whole, nothing kept.")

    def _before(self, folder: Path, manifest: dict[str, Any]) -> list[str]:
        problems = []
        if sha256_of(folder / "portal.dump") != manifest["dump_sha256"]:
            problems.append("the dump was altered after it was made")
        missing = [name for name in manifest["field_key_ids"] if name not in key_ids()]
        if missing:
            problems.append(
                f"FIELD_KEYS has no longer the keys {', '.join(missing)}: append them after the keys of today (a comma between), "
                "and run restore_check again; manage.py doctor prints the names of the keys that are set"
            )
        return problems

    def _compare(self, owner: str, expected: dict[str, dict[str, Any]]) -> list[str]:
        connection = connect(owner)
        try:
            found = walls(connection)
        finally:
            connection.close()
        problems = [f"table {name} is missing" for name in expected.keys() - found.keys()]
        for name in expected.keys() & found.keys():
            wall = {key: expected[name][key] for key in ("enabled", "forced", "policies")}
            if wall != found[name]:
                problems.append(f"row security of {name} differs")
        walled = sum(fact["enabled"] and fact["forced"] for fact in found.values())
        self.stdout.write(f"{len(found)} tables, {walled} with row security")
        return problems

    def _look_inside(self, app: str, folder: Path) -> list[str]:
        """In a process of its own whose DATABASE_URL is the restored database, as the application role."""
        environment = {**os.environ, "DATABASE_URL": app, "MIGRATION_DATABASE_URL": "", "BACKUP_DATABASE_URL": ""}
        done = subprocess.run(  # noqa: S603 - this same program
            [sys.executable, str(settings.BASE_DIR / "manage.py"), "restore_check", "--look", str(folder)],
            env=environment, capture_output=True, text=True, check=False,
        )  # fmt: skip
        if done.returncode:
            return [f"the restored database could not be read: {done.stderr.strip()[-1500:]}"]
        answer = json.loads(done.stdout.splitlines()[-1])
        for line in answer["said"]:
            self.stdout.write(line)
        return answer["problems"]

    def _look(self, folder: Path) -> None:
        manifest = json.loads((folder / "manifest.json").read_text())
        said: list[str] = []
        problems: list[str] = []
        with acting_as(SYSTEM):
            for check in (check_rows, check_audit, check_files, check_encrypted):
                line, found = check(folder, manifest)
                said.append(line)
                problems += found
        self.stdout.write(json.dumps({"said": said, "problems": problems}))


def newest(parent: Path) -> Path:
    found = sorted(path for path in parent.glob("*Z") if (path / "manifest.json").exists())
    if not found:
        raise CommandError(f"There is no backup in {parent}. Make one: manage.py backup")
    return found[-1]


@contextmanager
def scratch_server() -> Iterator[tuple[str, str]]:
    """A server made for this check from the wheel, with roles of its own: addresses as owner and as application."""
    try:
        postgres_program("postgres")
    except NotInstalled as problem:
        raise CommandError(f"{problem} Or use --on-server.") from problem
    with tempfile.TemporaryDirectory(prefix="restore-check-", dir=settings.DATA_DIR) as name:
        server = Postgres(Path(name) / "pg", Path(name) / "s", durable=False)
        server.start()
        try:
            yield server.url(OWNER), server.url(APP)
        finally:
            server.stop()


@contextmanager
def database_on_server() -> Iterator[tuple[str, str]]:
    """A new database on the server in use, dropped at the end. The owner needs CREATEDB."""
    owner, app = read("MIGRATION_DATABASE_URL"), read("DATABASE_URL")
    if not owner:
        raise CommandError("MIGRATION_DATABASE_URL is not set: the address of PostgreSQL as portal_owner.")
    name = f"restore_check_{secrets.token_hex(4)}"
    admin = connect(owner)
    admin.autocommit = True
    try:
        with admin.cursor() as cursor:
            cursor.execute(f"CREATE DATABASE {name}")
        try:
            yield with_database(owner, name), with_database(app, name)
        finally:
            with admin.cursor() as cursor:
                cursor.execute(f"DROP DATABASE {name} WITH (FORCE)")
    finally:
        admin.close()


def check_rows(folder: Path, manifest: dict[str, Any]) -> tuple[str, list[str]]:
    """As many rows as were dumped, seen by the application role as SYSTEM: what a wall hides shows as missing."""
    from django.db import connection

    now = row_counts(connection, manifest["tables"])
    problems = [
        f"{name} has {now[name]} rows, not {expected['rows']}"
        for name, expected in manifest["tables"].items()
        if now[name] != expected["rows"]
    ]
    return f"{sum(now.values())} rows counted", problems


def check_audit(folder: Path, manifest: dict[str, Any]) -> tuple[str, list[str]]:
    broken = verify_chains()
    return "audit chains verified", [f"audit chain {link.organisation_id}, event {link.seq}: {link.why}" for link in broken]


def check_files(folder: Path, manifest: dict[str, Any]) -> tuple[str, list[str]]:
    """Every file that a row names is in the backup and holds what its name says."""
    store, problems = folder.parent / "files", []
    wanted = set(StoredFile.unscoped.values_list("sha256", flat=True))
    for name in sorted(wanted):
        path = store / name[:2] / name[2:4] / name
        if not path.exists():
            problems.append(f"file {name} is missing")
        elif sha256_of(path) != name:
            problems.append(f"file {name} was altered")
    return f"{len(wanted)} files hashed", problems


def check_encrypted(folder: Path, manifest: dict[str, Any]) -> tuple[str, list[str]]:
    """Every value of every encrypted field opens with the keys of today."""
    read_values, problems = 0, []
    by_model: dict[Any, list[Any]] = {}
    for field in encrypted_fields():
        by_model.setdefault(field.model, []).append(field)
    for model, fields in by_model.items():
        rows = getattr(model, "unscoped", model._default_manager)
        for row in rows.only("pk", *(field.attname for field in fields)).iterator(chunk_size=2000):
            for field in fields:
                try:
                    read_values += getattr(row, field.attname) is not None
                except Exception as problem:
                    problems.append(f"{model._meta.label} {row.pk} {field.name}: {type(problem).__name__}")
    return f"{read_values} encrypted values opened", problems
