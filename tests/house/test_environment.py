"""Every variable that somebody may have to set is written down once, and the files that name them agree."""

import json
import re
import subprocess
import sys
from pathlib import Path

import yaml

from aimprogress.embedded.launcher import WEB_SERVER
from aimprogress.environment import VARIABLES

ROOT = Path(__file__).resolve().parents[2]
ONLY_COMPOSE = {"PORTAL_OWNER_PASSWORD", "PORTAL_APP_PASSWORD", "PORTAL_BACKUP_PASSWORD", "POSTGRES_PASSWORD"}
OF_THE_IMAGES = {"POSTGRES_USER", "POSTGRES_INITDB_ARGS"} | ONLY_COMPOSE
OF_PYTHON = {"PYTHONUNBUFFERED", "PYTHONDONTWRITEBYTECODE"}


def example() -> dict[str, str]:
    lines = (ROOT / ".env.example").read_text().splitlines()
    return dict(line.split("=", 1) for line in lines if line and not line.startswith("#"))


def compose() -> dict:
    return yaml.safe_load((ROOT / "docker-compose.yml").read_text())


def test_the_example_names_every_variable_and_its_default() -> None:
    declared = {variable.name: variable.default for variable in VARIABLES.values()}
    assert {name: value for name, value in example().items() if name not in ONLY_COMPOSE} == declared


def test_the_example_says_what_each_variable_is_for() -> None:
    lines = (ROOT / ".env.example").read_text().splitlines()
    for variable in VARIABLES.values():
        assert lines[lines.index(f"{variable.name}={variable.default}") - 1] == f"# {variable.why}"


def test_compose_asks_only_for_variables_of_the_example() -> None:
    asked = set(re.findall(r"\$\{(\w+)", (ROOT / "docker-compose.yml").read_text()))
    assert asked <= set(example())
    assert asked >= ONLY_COMPOSE


def test_compose_sets_only_variables_that_are_read() -> None:
    for name, service in compose()["services"].items():
        unknown = set(service.get("environment", {})) - set(VARIABLES) - OF_THE_IMAGES
        assert not unknown, f"{name}: {unknown}"


def test_compose_has_every_part_of_the_portal() -> None:
    assert {"web", "worker", "beat", "migrate", "postgres", "valkey"} <= set(compose()["services"])
    assert set(compose()["volumes"]) == {"files", "postgres", "valkey"}


def test_only_the_migration_holds_the_password_of_the_owner() -> None:
    holders = {
        name for name, service in compose()["services"].items() if "PORTAL_OWNER_PASSWORD" in str(service.get("environment", {}))
    }
    assert holders == {"migrate", "postgres"}


def test_the_files_that_compose_mounts_exist() -> None:
    for service in compose()["services"].values():
        for volume in service.get("volumes", []):
            source = volume.split(":")[0]
            if source.startswith("."):
                assert (ROOT / source).exists(), source


def test_the_servers_of_compose_sort_like_the_embedded_ones() -> None:
    from aimprogress.embedded.postgres import _INITDB

    arguments = compose()["services"]["postgres"]["environment"]["POSTGRES_INITDB_ARGS"].split()
    assert {part for part in _INITDB if "locale" in part or "ctype" in part or "encoding" in part} <= set(arguments)


def test_the_image_installs_pinned_packages_and_runs_as_an_ordinary_user() -> None:
    lines = (ROOT / "Dockerfile").read_text().splitlines()
    names = {part.split("=")[0] for line in lines if line.startswith("ENV ") for part in line.removeprefix("ENV ").split()}
    assert names <= set(VARIABLES) | OF_PYTHON
    assert any("--require-hashes -r requirements/runtime.txt" in line for line in lines)
    assert "USER portal" in lines
    assert lines.index("USER portal") < next(number for number, line in enumerate(lines) if line.startswith("CMD"))
    assert "libpango-1.0-0 libpangoft2-1.0-0 libharfbuzz-subset0" in "\n".join(lines)


def test_the_image_serves_as_make_run_does() -> None:
    """No control socket among it: who writes to it stops the portal, and nobody asked for one."""
    command = next(line for line in (ROOT / "Dockerfile").read_text().splitlines() if line.startswith("CMD"))
    assert json.loads(command.removeprefix("CMD ")) == [*WEB_SERVER, "--bind=0.0.0.0:8000"]
    assert "--no-control-socket" in WEB_SERVER


def test_what_is_served_is_loaded_once_and_left_alone_by_the_collection_of_garbage() -> None:
    told = "import gc, sys, aimprogress.wsgi; print(gc.get_freeze_count() > 100_000, 'members.views.home' in sys.modules)"
    ran = subprocess.run([sys.executable, "-c", told], cwd=ROOT, capture_output=True, text=True, check=True)
    assert ran.stdout.split() == ["True", "True"]


def test_no_file_names_a_package_registry_or_the_workplace() -> None:
    """It must install through whatever index the user's machine is set to."""
    forbidden = re.compile(
        "|".join(("pypi" + r"\.org", "python" + "hosted", r"\.\./" + "shared", "/work" + "/", "npm" + "js", "ghcr" + r"\.io"))
    )
    found = []
    for path in tracked_files():
        try:
            text = path.read_text()
        except (UnicodeDecodeError, FileNotFoundError):
            continue
        found += [
            f"{path.relative_to(ROOT)}:{number}" for number, line in enumerate(text.splitlines(), 1) if forbidden.search(line)
        ]
    assert not found


def test_the_pinned_requirements_carry_hashes_and_no_addresses() -> None:
    for path in (ROOT / "requirements").glob("*.txt"):
        text = path.read_text()
        assert "://" not in text, path.name
        for block in re.split(r"\n(?=\w)", text.strip()):
            assert "--hash=sha256:" in block, f"{path.name}: {block.splitlines()[0]}"


def tracked_files() -> list[Path]:
    import subprocess

    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, check=False).stdout.decode()
    if listed:
        return [ROOT / name for name in listed.split("\0") if name]
    skip = {".venv", "var", ".git", "__pycache__"}  # an archive without history
    return [path for path in ROOT.rglob("*") if path.is_file() and not skip & set(path.relative_to(ROOT).parts)]
