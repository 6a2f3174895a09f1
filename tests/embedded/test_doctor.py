"""`manage.py doctor`: each check sees what is wrong and says how it is put right."""

import ctypes
import platform
import shutil
from collections import namedtuple
from collections.abc import Iterator
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from cryptography.fernet import Fernet
from django.core.management import call_command
from django.db.migrations.executor import MigrationExecutor

from aimprogress.embedded.paths import NotInstalled
from aimprogress.management.commands import doctor
from aimprogress.management.commands.doctor import Finding
from tests.plugin import Servers


def wrong(findings: Iterator[Finding]) -> dict[str, str]:
    """What is not well, with its remedy."""
    return {finding.what: finding.remedy for finding in findings if finding.remedy}


def test_another_system_than_the_tested_one_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    assert wrong(doctor.machine()) == {}
    monkeypatch.setattr(platform, "system", lambda: "Darwin")
    (remedy,) = wrong(doctor.machine()).values()
    assert "Linux x86-64 with glibc" in remedy


def test_wheels_that_are_missing_are_named_with_the_way_to_them(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATABASE_URL", "")
    monkeypatch.setattr(doctor, "is_root", lambda: False)
    assert not wrong(doctor.servers()).keys() & {"PostgreSQL", "Valkey"}

    def missing(*names: str) -> Path:
        raise NotInstalled("It is not installed. Run `make setup`.")

    monkeypatch.setattr(doctor, "postgres_program", missing)
    monkeypatch.setattr(doctor, "valkey_program", missing)
    found = wrong(doctor.servers())
    assert "make setup" in found["PostgreSQL"] and "make setup" in found["Valkey"]


def test_root_who_may_start_postgresql_in_no_way_is_told_what_else_there_is(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATABASE_URL", "")
    monkeypatch.setattr(doctor, "is_root", lambda: True)
    monkeypatch.setattr(doctor, "possible_disguise", lambda: None)
    assert "DATABASE_URL" in wrong(doctor.servers())["PostgreSQL as root (no way)"]


def test_with_an_external_server_no_wheel_is_asked_for(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("DATA_DIR", str(tmp_path))
    monkeypatch.setenv("DATABASE_URL", "postgres://portal_app:x@db.example/portal")
    assert list(doctor.servers()) == [Finding("external PostgreSQL (DATABASE_URL)")]


def test_libraries_and_fonts_of_the_pdf_are_named_with_their_packages(monkeypatch: pytest.MonkeyPatch) -> None:
    def load(name: str, *rest: Any) -> object:
        if name == "libpango-1.0.so.0":
            raise OSError(name)
        return object()

    monkeypatch.setattr(ctypes, "CDLL", load)
    monkeypatch.setattr(Path, "rglob", lambda self, pattern: iter(()))
    found = list(doctor.drawing())
    libraries, fonts = found
    assert libraries.remedy.startswith("sudo apt-get install -y --no-install-recommends libpango-1.0-0;")
    assert "reports wait" in libraries.remedy
    assert "fonts-dejavu-core" in fonts.remedy
    assert not any(finding.needed for finding in found), "the portal runs without them"


def test_a_folder_that_others_can_read_and_a_full_disk_are_found(
    settings: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.DATA_DIR = tmp_path
    tmp_path.chmod(0o755)
    assert wrong(doctor.data_folder())[f"{tmp_path} is private"] == f"chmod 700 {tmp_path}"
    tmp_path.chmod(0o700)
    monkeypatch.setattr(shutil, "disk_usage", lambda path: namedtuple("Usage", "total used free")(10**9, 9 * 10**8, 10**8))
    assert "at least 1 GB" in wrong(doctor.data_folder())[f"100 MB free in {tmp_path}"]
    settings.DATA_DIR = tmp_path / "none yet"
    assert list(doctor.data_folder()) == []


@pytest.mark.parametrize("keys", [[], ["no key"], [Fernet.generate_key().decode(), "short"]])
def test_keys_that_are_missing_or_broken_are_named_with_a_way_to_make_one(
    settings: Any, monkeypatch: pytest.MonkeyPatch, keys: list[str]
) -> None:
    settings.FIELD_KEYS = keys
    monkeypatch.setenv("SECRET_KEY", "short")
    found = wrong(doctor.keys())
    assert "long random text" in found["SECRET_KEY"]
    assert "Fernet.generate_key" in found[f"{len(keys)} field keys"]


def test_before_the_set_up_the_database_is_no_fault(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATABASE_URL", "")
    (finding,) = doctor.database()
    assert "make run" in finding.remedy and not finding.needed


def test_a_server_that_does_not_answer_is_told_apart_from_a_wrong_role(servers: Servers) -> None:
    nobody = "postgres://portal_app:x@127.0.0.1:1/portal"
    (remedy,) = wrong(doctor.role("DATABASE_URL", nobody, "portal_app", False, False)).values()
    assert "Start it" in remedy and "docs/database-roles.sql" in remedy
    app = servers.postgres.urls["DATABASE_URL"]
    (remedy,) = wrong(doctor.role("BACKUP_DATABASE_URL", app, "portal_backup", False, True)).values()
    assert "must bypass row security" in remedy
    backup = servers.postgres.urls["BACKUP_DATABASE_URL"]
    (remedy,) = wrong(doctor.role("DATABASE_URL", backup, "portal_app", False, False)).values()
    assert "portal_backup bypasses row security" in remedy


@pytest.mark.django_db
def test_extensions_letters_and_migrations_are_asked_for(monkeypatch: pytest.MonkeyPatch, servers: Servers) -> None:
    url = servers.postgres.urls["DATABASE_URL"]
    assert wrong(doctor.content(url)) == {}
    answers = {"pg_extension": [("unaccent",), ("pg_trgm",)], "lower(": [(False,)], "similarity(": [(False,)]}
    monkeypatch.setattr(doctor, "ask", lambda url, statement: next(rows for part, rows in answers.items() if part in statement))
    monkeypatch.setattr(MigrationExecutor, "migration_plan", lambda self, targets: [1, 2, 3])
    found = wrong(doctor.content(url))
    assert "UTF-8 locale" in found["letters of every script are folded"]
    assert "LC_CTYPE must be C.UTF-8" in found["letters of every script make words"]
    assert found["tables"].startswith("3 migrations wait: manage.py migrate")
    answers["pg_extension"] = [("plpgsql",)]
    assert wrong(doctor.content(url))["extensions unaccent, pg_trgm"] == "CREATE EXTENSION pg_trgm, unaccent;"


def test_a_broker_that_does_not_answer_is_told_with_what_still_works(servers: Servers, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("REDIS_URL", servers.valkey.urls["REDIS_URL"])
    assert wrong(doctor.broker()) == {}
    monkeypatch.setenv("REDIS_URL", "redis://127.0.0.1:1/0")
    (finding,) = doctor.broker()
    assert "still sign in and check in" in finding.remedy and not finding.needed


def test_what_only_tests_need_is_named_with_its_package(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AIM_CHROMIUM", "/nowhere/chromium")
    monkeypatch.setattr(shutil, "which", lambda name: None)
    found = list(doctor.for_tests())
    assert [finding.what for finding in found] == ["Chromium for tests", "gettext for tests", "faketime for tests"]
    assert all("apt-get install -y" in finding.remedy and not finding.needed for finding in found)


def test_the_status_is_1_only_where_the_portal_cannot_do_without(monkeypatch: pytest.MonkeyPatch) -> None:
    every = ("machine", "servers", "drawing", "data_folder", "keys", "database", "broker", "for_tests")
    for name in every:
        monkeypatch.setattr(doctor, name, lambda: iter([Finding("something", "get it", needed=False)]))
    out = StringIO()
    call_command("doctor", stdout=out)
    assert out.getvalue().count("without something\n        -> get it\n") == len(every)
    monkeypatch.setattr(doctor, "keys", lambda: iter([Finding("a key", "make one")]))
    with pytest.raises(SystemExit) as ended:
        call_command("doctor", stdout=out)
    assert ended.value.code == 1
    assert "MISSING a key\n        -> make one\n" in out.getvalue()
