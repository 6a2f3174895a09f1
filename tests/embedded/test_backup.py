"""A backup counts only when it was restored: dump, rotate the keys, restore into an empty server, read everything."""

import json
import os
import subprocess
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from cryptography.fernet import Fernet
from django.core.management import CommandError, call_command
from django.db import connections

from aimprogress.core.actor import SYSTEM, acting_as
from aimprogress.core.audit import AuditEvent, record
from aimprogress.core.fields import key_ids
from aimprogress.core.files import store_file
from aimprogress.embedded.dump import program, with_database
from aimprogress.management.commands.backup import prune
from members.models import Site
from tests.factories import a_site, an_organisation
from tests.plugin import Servers

pytestmark = pytest.mark.django_db(transaction=True)

POINT = {"lat": 49.8397, "lon": 24.0297}


@pytest.fixture(autouse=True)
def portal_with_something_in_it(servers: Servers, settings: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A site with an exact place, a file and two audit events; the three addresses lead to the test database."""
    for variable, url in servers.postgres.urls.items():
        monkeypatch.setenv(variable, with_database(url, connections["owner"].settings_dict["NAME"]))
    settings.DATA_DIR = tmp_path
    settings.FILES_DIR = tmp_path / "files"
    organisation = an_organisation()
    site = a_site(organisation, exact_location=POINT)
    a_site(an_organisation(), exact_location=POINT)
    with acting_as(SYSTEM):
        record("members.log_site_status", subject=site)
        record("members.sign_in")
        store_file(
            b"%PDF-1.7 a report", name="r.pdf", content_type="application/pdf", kind="report", organisation_id=organisation.pk
        )


def run(command: str, *arguments: Any) -> str:
    out = StringIO()
    call_command(command, *arguments, stdout=out)
    return out.getvalue()


def what_it_says(backup: Path) -> str:
    """The dump as the SQL that it holds: the file itself is compressed, and no search would find anything in it."""
    manifest = json.loads((backup / "manifest.json").read_text())
    tool = program("pg_restore", at_least=manifest["server"])
    return subprocess.run([tool.path, "--file=-", backup / "portal.dump"], check=True, capture_output=True, text=True).stdout


def use_keys(settings: Any, monkeypatch: pytest.MonkeyPatch, *keys: str) -> None:
    """For this process and for the one that looks inside the restored database."""
    settings.FIELD_KEYS = list(keys)
    monkeypatch.setenv("FIELD_KEYS", ",".join(keys))


def what_the_doctor_says() -> str:
    out = StringIO()
    with suppress(SystemExit):
        call_command("doctor", stdout=out)
    return out.getvalue()


def the_backup(folder: Path) -> Path:
    (found,) = (folder / "backups").glob("*Z")
    return found


def test_a_backup_is_restored_whole_into_an_empty_server() -> None:
    run("backup")
    said = run("restore_check")
    assert "restored whole" in said
    assert "2 encrypted values opened" in said
    assert "1 files hashed" in said


def test_an_old_backup_still_opens_after_the_keys_were_rotated(settings: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    run("backup")
    old, new = settings.FIELD_KEYS[0], Fernet.generate_key().decode()
    use_keys(settings, monkeypatch, new, old)
    assert "2 values" in run("rotate_field_keys")
    assert "2 encrypted values opened" in run("restore_check")


def test_after_rotation_the_new_key_alone_opens_a_new_backup(settings: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    new = Fernet.generate_key().decode()
    use_keys(settings, monkeypatch, new, *settings.FIELD_KEYS)
    run("rotate_field_keys")
    use_keys(settings, monkeypatch, new)
    with acting_as(SYSTEM):
        assert {str(site.exact_location) for site in Site.objects.all()} == {str(POINT)}
    run("backup")
    assert "2 encrypted values opened" in run("restore_check")


def test_a_backup_older_than_the_rotation_says_which_key_it_needs_and_opens_with_it(
    settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    run("backup")
    (old,), (needed,) = settings.FIELD_KEYS, key_ids()
    new = Fernet.generate_key().decode()
    use_keys(settings, monkeypatch, new, old)
    run("rotate_field_keys")
    use_keys(settings, monkeypatch, new)
    out = StringIO()
    with pytest.raises(CommandError):
        call_command("restore_check", stdout=out)
    assert f"FIELD_KEYS has no longer the keys {needed}: append them" in out.getvalue()
    assert "TamperedField" in out.getvalue()
    use_keys(settings, monkeypatch, new, old)
    assert f"2 field keys: {', '.join(key_ids())}" in what_the_doctor_says() and key_ids()[1] == needed
    assert "2 encrypted values opened" in run("restore_check")


def test_the_keys_are_not_in_the_backup(tmp_path: Path, settings: Any) -> None:
    run("backup")
    for path in (tmp_path / "backups").rglob("*"):
        if path.is_file():
            assert settings.FIELD_KEYS[0].encode() not in path.read_bytes()
    assert settings.FIELD_KEYS[0] not in what_it_says(the_backup(tmp_path))


def test_an_altered_file_a_lost_row_and_an_open_wall_are_found(tmp_path: Path) -> None:
    run("backup")
    (stored,) = (tmp_path / "backups" / "files").glob("??/??/*")
    stored.write_bytes(b"something else")
    file = the_backup(tmp_path) / "manifest.json"
    manifest = json.loads(file.read_text())
    manifest["tables"]["members_site"] |= {"rows": 3, "forced": False}
    file.write_text(json.dumps(manifest))
    out = StringIO()
    with pytest.raises(CommandError, match="3 problems"):
        call_command("restore_check", stdout=out)
    assert "was altered" in out.getvalue()
    assert "members_site has 2 rows, not 3" in out.getvalue()
    assert "row security of members_site differs" in out.getvalue()


def test_an_altered_audit_trail_is_found() -> None:
    with connections["owner"].cursor() as cursor:
        cursor.execute("ALTER TABLE core_auditevent NO FORCE ROW LEVEL SECURITY")
        cursor.execute("UPDATE core_auditevent SET action = 'members.nothing_happened' WHERE action = 'members.sign_in'")
        cursor.execute("ALTER TABLE core_auditevent FORCE ROW LEVEL SECURITY")
    out = StringIO()
    with pytest.raises(SystemExit):
        call_command("audit_verify", stdout=out)
    assert "1 broken links" in out.getvalue()
    run("backup")
    with pytest.raises(CommandError):
        call_command("restore_check", stdout=out)
    assert "it was altered" in out.getvalue()


def test_a_second_backup_copies_only_new_files() -> None:
    assert "1 files (1 new)" in run("backup")
    assert "1 files (0 new)" in run("backup")


def test_a_file_that_does_not_hold_what_its_name_says_stops_the_backup(settings: Any) -> None:
    (stored,) = settings.FILES_DIR.glob("??/??/*")
    stored.write_bytes(b"something else")
    with pytest.raises(CommandError, match="altered"):
        run("backup")


def test_a_restore_can_be_tried_on_the_server_in_use() -> None:
    run("backup")
    assert "restored whole" in run("restore_check", "--on-server")
    with connections["owner"].cursor() as cursor:
        cursor.execute("SELECT count(*) FROM pg_database WHERE datname LIKE 'restore_check%'")
        assert cursor.fetchone() == (0,)


def test_without_a_backup_address_nothing_is_written(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.delenv("BACKUP_DATABASE_URL")
    with pytest.raises(CommandError, match="BACKUP_DATABASE_URL"):
        run("backup")
    assert not (tmp_path / "backups").exists()


def test_rotating_keys_is_written_into_the_audit_trail() -> None:
    run("rotate_field_keys")
    with acting_as(SYSTEM):
        assert AuditEvent.objects.filter(action="core.rotate_field_keys").count() == 1


def test_the_doctor_finds_the_three_roles_in_order() -> None:
    said = what_the_doctor_says()
    assert "ok      DATABASE_URL: portal_app" in said
    assert "ok      MIGRATION_DATABASE_URL: portal_owner" in said
    assert "ok      BACKUP_DATABASE_URL: portal_backup" in said


def test_the_doctor_refuses_the_owner_as_application(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATABASE_URL", os.environ["MIGRATION_DATABASE_URL"])
    out = StringIO()
    with pytest.raises(SystemExit):
        call_command("doctor", stdout=out)
    assert "the application must own nothing" in out.getvalue()


def a_backup_of(day: str, parent: Path, *names: str, unfinished: bool = False) -> Path:
    """A backup as it lies there later, with its copies in the store."""
    folder = parent / f"{day}T010203.000004Z{'.unfinished' if unfinished else ''}"
    folder.mkdir(parents=True)
    if not unfinished:
        (folder / "manifest.json").write_text(json.dumps({"files": names}))
    for name in names:
        copy = parent / "files" / name[:2] / name[2:4] / name
        copy.parent.mkdir(parents=True, exist_ok=True)
        copy.touch()
    return folder


def test_old_backups_go_with_the_files_that_only_they_name(tmp_path: Path) -> None:
    parent, only_old, shared = tmp_path / "backups", "ab" + "0" * 62, "cd" + "0" * 62
    old = a_backup_of("2020-01-01", parent, only_old, shared)
    dead = a_backup_of("2020-02-01", parent, unfinished=True)
    yesterday = a_backup_of(f"{datetime.now(UTC) - timedelta(days=1):%Y-%m-%d}", parent, shared)
    foreign = parent / "2020 by hand"
    foreign.mkdir()
    said = run("backup", "--to", parent, "--keep", 35)
    assert "removed: 2 backups, and 1 files" in said
    assert (old.exists(), dead.exists(), yesterday.exists(), foreign.exists()) == (False, False, True, True)
    assert [len(list(parent.glob(f"files/??/??/{name}"))) for name in (only_old, shared)] == [0, 1]
    made = [folder for folder in parent.glob("*Z") if folder != yesterday]
    assert len(made) == 1 and json.loads((made[0] / "manifest.json").read_text())["files"]
    assert run("restore_check", made[0]).splitlines()[-1].endswith("restored whole, nothing kept.")


def test_backups_are_kept_unless_somebody_says_how_long(tmp_path: Path) -> None:
    old = a_backup_of("2020-01-01", tmp_path / "backups")
    run("backup", "--to", tmp_path / "backups")
    assert old.exists()
    with pytest.raises(CommandError, match="1 or more"):
        run("backup", "--to", tmp_path / "backups", "--keep", 0)


def test_no_copy_goes_while_another_backup_is_made_or_a_manifest_cannot_be_read(tmp_path: Path) -> None:
    parent, name = tmp_path / "backups", "ab" + "0" * 62
    a_backup_of("2020-01-01", parent, name)
    other = a_backup_of(f"{datetime.now(UTC):%Y-%m-%d}", parent, unfinished=True)
    assert prune_before_now(parent) == (1, 0)
    assert list(parent.glob(f"files/??/??/{name}"))
    other.rename(other.with_name(other.name.removesuffix(".unfinished")))
    with pytest.raises(CommandError, match="cannot be read"):
        prune_before_now(parent)
    assert list(parent.glob(f"files/??/??/{name}"))


def prune_before_now(parent: Path) -> tuple[int, int]:
    return prune(parent, datetime.now(UTC) - timedelta(days=2))
