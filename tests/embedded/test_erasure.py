"""What was erased is nowhere: not in a table, a sealed value, a session, the log, a file, or a dump that is made afterwards.

Everything is searched generically: tables and columns come from the catalogue, sealed values are opened with the portal's keys.
"""

import base64
import binascii
import json
import logging
import os
import re
import subprocess
import zipfile
from collections.abc import Iterator
from contextlib import suppress
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import psycopg2
import pytest
from cryptography.fernet import InvalidToken
from django.contrib.sessions.models import Session
from django.core.management import call_command
from django.db import connections
from django.utils import timezone

from aimprogress.core.actor import SYSTEM, acting_as
from aimprogress.core.audit import AuditEvent, record, verify_chains
from aimprogress.core.fields import keyring
from aimprogress.core.files import store_file
from aimprogress.core.orphans import OLD_ENOUGH, remove_orphans
from aimprogress.embedded.dump import program, with_database
from aimprogress.exchange.models import ImportBatch, ImportRow
from aimprogress.jobs.kinds import Progress
from aimprogress.jobs.models import Job
from aimprogress.jobs.run import run_queued
from aimprogress.web.models import FormDraft
from members.access import actor_for_user
from members.models import (
    CaseMessage,
    CheckIn,
    CommunicationPlan,
    Departure,
    EvacuationPlan,
    Invitation,
    LegalHold,
    Organisation,
    Site,
    StrictMonth,
    SupportCase,
    User,
)
from members.retention import keeping
from members.retention.erasing import erase_who_left
from members.services import leaving
from tests.factories import a_head_count, a_site, a_user, an_organisation, the_secretariat
from tests.house.world import Member, a_member
from tests.plugin import Servers
from tests.signing import signed_in

pytestmark = pytest.mark.django_db(transaction=True)
MARK, OTHER = "Quillfern", "Brackmoor"
NAMES_IT = {"members_organisation", "members_departure", "core_auditevent", "core_auditchain", "jobs_eventposition"}
"""Where its id stays: the directory, the receipt, the chain with emptied bodies, and how far readers of it are."""
STRICT = '"KILLED": 4217'
"""A protected count of one site, as it stands in the opened value; the total of its country and month is another number."""
TOKEN = re.compile(r"gAAAAA[\w-]{60,}={0,2}")


@pytest.fixture(autouse=True)
def the_three_addresses(servers: Servers, settings: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for variable, url in servers.postgres.urls.items():
        monkeypatch.setenv(variable, with_database(url, connections["owner"].settings_dict["NAME"]))
    settings.DATA_DIR = tmp_path
    settings.FILES_DIR = tmp_path / "files"


@pytest.fixture
def log_file(tmp_path: Path) -> Iterator[Path]:
    """What every logger says, as the processes of the portal write it."""
    handler = logging.FileHandler(tmp_path / "portal.log")
    logging.getLogger().addHandler(handler)
    yield tmp_path / "portal.log"
    logging.getLogger().removeHandler(handler)
    handler.close()


def opened(text: str) -> str:
    """The text with every sealed value in it opened, and what is base64 inside of one decoded."""
    found = [text]
    for token in TOKEN.findall(text):
        with suppress(InvalidToken):
            plain = keyring().decrypt(token.encode()).decode()
            found.append(plain)
            with suppress(binascii.Error, ValueError, UnicodeDecodeError, TypeError):
                found.append(base64.b64decode(json.loads(plain)["value"], validate=True).decode())
    return "\n".join(found)


def holds(text: str, mark: str) -> bool:
    """Whether the mark stands in a text, in a sealed value of it, or in bytes that are shown as hex."""
    return mark.lower() in opened(text).lower() or mark.encode().hex() in text


def tables_with(mark: str) -> dict[str, int]:
    """Every row of every table as text, read as the backup role reads it: past row security."""
    found = {}
    with psycopg2.connect(os.environ["BACKUP_DATABASE_URL"]) as reader, reader.cursor() as cursor:
        cursor.execute("SELECT relname FROM pg_class WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace ORDER BY 1")
        for (name,) in cursor.fetchall():
            cursor.execute(f'SELECT t::text FROM "{name}" t')
            if rows := sum(holds(row, mark) for (row,) in cursor.fetchall()):
                found[name] = rows
    reader.close()
    said = [json.dumps(session.get_decoded()) for session in Session.objects.all()]
    return found | ({"what sessions say": 1} if any(holds(text, mark) for text in said) else {})


def files_with(folder: Path, mark: str) -> list[str]:
    """Files that hold the mark, as they are or inside of a ZIP."""
    found = []
    for path in folder.rglob("*"):
        if path.is_file():
            parts = [path.read_bytes()]
            if zipfile.is_zipfile(path):
                with zipfile.ZipFile(path) as bundle:
                    parts += [bundle.read(name) for name in bundle.namelist()]
            if any(mark.encode().lower() in part.lower() for part in parts):
                found.append(path.name)
    return found


def dump_with(folder: Path, mark: str) -> bool:
    """Whether a backup made now holds the mark: in its SQL, opened, or in its files."""
    call_command("backup", to=folder)
    (made,) = folder.glob("*Z")
    tool = program("pg_restore", at_least=json.loads((made / "manifest.json").read_text())["server"])
    sql = subprocess.run([tool.path, "--file=-", made / "portal.dump"], check=True, capture_output=True, text=True).stdout
    return holds(sql, mark) or bool(files_with(folder / "files", mark))


def two_members() -> tuple[Member, Member]:
    the_secretariat()
    relief = an_organisation("PARTNER", short_name="Relief Network North")
    both = a_member(MARK, relief), a_member(OTHER, relief)
    LegalHold.objects.update(lifted_at=timezone.now())
    Departure.objects.update(stopped_at=timezone.now())
    return both


def also_in_hidden_places(member: Member) -> None:
    """What the world of the house does not hold: sealed places, drafts, staging, the files of a report."""
    organisation, coordinator = member.organisation, member.users["MEMBER_COORDINATOR"]
    named = [{"name": f"{member.mark} road"}]
    with acting_as(SYSTEM):
        Site.objects.filter(pk=member.site.pk).update(address=f"{member.mark} street")
        plan = EvacuationPlan(
            organisation=organisation, site=member.site, revision=9, title="Hidden", routes=named, shelters=named
        )
        plan.save(force_insert=True)
        FormDraft(organisation=organisation, user=coordinator, url="/x/", content={"note": [member.mark]}).save(force_insert=True)
        batch = ImportBatch(
            organisation=organisation, target="sites", file_name=f"{member.mark}.csv", file_kind="csv", sha256="0" * 64,
            content=base64.b64encode(member.mark.encode()).decode(),
        )  # fmt: skip
        batch.save(force_insert=True)
        row = {"fields": {"name": member.mark}}
        ImportRow(organisation=organisation, batch=batch, number=1, sheet="a", row=1, outcome="new", body=row, before=row).save(
            force_insert=True
        )
        for kind in ("report-evidence", "report"):
            stored = store_file(
                member.mark.encode() + kind.encode(), name=f"{kind}.json", content_type="application/json", kind=kind,
                organisation_id=organisation.pk,
            )  # fmt: skip
        report = member.things["report"]
        report.evidence = stored
        report.save()
    User.objects.filter(pk=coordinator.pk).update(display_name=f"Anna {member.mark}")


def by(person: User, service: Any, /, **arguments: Any) -> Any:
    with acting_as(actor_for_user(person)):
        return service(**arguments)


def test_nothing_of_a_member_that_left_is_found_anywhere(tmp_path: Path, log_file: Path) -> None:
    first, second = two_members()
    also_in_hidden_places(first)
    also_in_hidden_places(second)
    coordinator = first.users["MEMBER_COORDINATOR"]
    signed_in(coordinator).get("/sites/")
    other = a_user(first.organisation, "MEMBER_COORDINATOR")
    departure = by(coordinator, leaving.ask_to_leave, organisation=first.organisation, typed=f"{MARK} Foods")
    by(other, leaving.agree_to_leave, departure=departure)
    run_queued()  # the archive is written, too
    before, kept = tables_with(MARK), tables_with(OTHER)
    assert len(before) > 30 and files_with(tmp_path / "files", MARK), "else the search would prove nothing"
    assert {"web_formdraft", "exchange_importrow", "members_evacuationplan", "core_storedfile"} <= set(before)
    Departure.objects.update(due_at=timezone.now() - timedelta(minutes=1))
    with acting_as(SYSTEM):
        erase_who_left()
    run_queued()
    departure.refresh_from_db()
    assert departure.erased_at, "the erasure did not happen"
    assert tables_with(MARK) == {"members_organisation": 1}, "its name stays in the directory, for the receipt"
    assert set(tables_with(str(first.organisation.pk))) <= NAMES_IT
    assert files_with(tmp_path / "files", MARK) == []
    assert not holds(log_file.read_text(), MARK)
    Organisation.objects.filter(pk=first.organisation.pk).update(short_name="Left", legal_name="Left", slug="left")
    assert not dump_with(tmp_path / "backups", MARK)
    assert tables_with(OTHER) == kept, "nobody else lost a row"
    assert files_with(tmp_path / "files", OTHER)
    with acting_as(SYSTEM):
        assert verify_chains() == []
        assert AuditEvent.objects.filter(organisation_id=first.organisation.pk).exists()


def what_has_come_of_age(member: Member, secret: str, monkeypatch: pytest.MonkeyPatch) -> dict[str, str]:
    """One row of each rule, older than it allows and with the secret in it; table -> what is looked for there."""
    organisation, now = member.organisation, timezone.now()

    def ago(days: int) -> datetime:
        return now - timedelta(days=days)

    with acting_as(SYSTEM):
        site = Site.objects.get(pk=member.site.pk)
        site.exact_location, site.address = {"lat": 49.84, "lon": 24.03, "note": secret}, f"{secret} street"
        site.save()
        own: dict[str, Any] = {"organisation": organisation}
        of_site: dict[str, Any] = {**own, "site": site}
        EvacuationPlan(**of_site, revision=9, title="Plan", routes=[{"name": secret}]).save(force_insert=True)
        CommunicationPlan(**of_site, revision=9, title="Tree", call_tree=[{"name": secret}]).save(force_insert=True)
        draft = {"user": member.users["MEMBER_VIEWER"], "kept_at": ago(31), "content": {"note": [secret]}}
        FormDraft(**own, url="/x/", **draft).save(force_insert=True)
        batch = ImportBatch(
            **own, target="sites", file_name=f"{secret}.csv", file_kind="csv", sha256="0" * 64, created_at=ago(91),
            columns=[{"example": secret}],
        )  # fmt: skip
        batch.save(force_insert=True)
        row = ImportRow(**own, batch=batch, number=1, sheet=secret, row=1, outcome="new", body={"a": secret})
        row.save(force_insert=True)
        said = {"same": False, "operational": "", "people": "", "not_reached": None, "note": f"By {secret}"}
        CheckIn(**of_site, claimed_at=ago(91), received_at=ago(91), body_hash="x", answers=said).save(force_insert=True)
        case = SupportCase(**own, number=900, category="SAFETY", urgency="P3", summary=secret, status="RESOLVED")
        case.resolved_at = ago(731)
        case.save(force_insert=True)
        CaseMessage(**own, case=case, text=f"At {secret}").save(force_insert=True)
        stored = store_file(
            f"code,place\n1,{secret}".encode(), name="sites.csv", content_type="text/csv", kind="export",
            organisation_id=organisation.pk,
        )  # fmt: skip
        os.utime(stored.path, (stored.path.stat().st_mtime - OLD_ENOUGH - 60,) * 2)
        job = Job(**own, kind="export", requester_id=member.users["MEMBER_COORDINATOR"].pk, created_at=ago(31))
        job.params = {"version": 1}
        job.save(force_insert=True)
        mine = Job.objects.filter(pk=job.pk)
        mine.update(state="running", fence=1, attempts=1, lease_until=now)
        mine.update(state="succeeded", finished_at=ago(31), lease_until=None, result_file=stored)
        with monkeypatch.context() as past:
            past.setattr("aimprogress.core.audit.timezone.now", lambda: ago(740))
            record("members.sign_in", organisation_id=organisation.pk, told=secret)
        a_user(organisation, "MEMBER_VIEWER", email=f"{secret}@left.example", joined_at=ago(900), last_visit_at=ago(549))
        Invitation.objects.create(
            email=f"{secret}@asked.example", token_hash="x", expires_at=ago(91), role="MEMBER_VIEWER", **own
        )
    a_head_count(a_site(organisation), 5000, ago(200), killed=4217, missing=11)
    a_head_count(a_site(organisation), 2000, ago(200), killed=1000)
    with acting_as(SYSTEM):
        Site.objects.filter(pk=site.pk).update(current_operational="CLOSED", current_status_since=ago(31))
    return dict.fromkeys(
        (
            "members_site", "members_evacuationplan", "members_communicationplan", "web_formdraft", "exchange_importbatch",
            "exchange_importrow", "members_checkin", "members_supportcase", "members_casemessage", "core_auditevent",
            "members_user", "members_invitation",
        ),
        secret,
    ) | {"members_headcount": STRICT}  # fmt: skip


def test_what_came_of_age_is_found_nowhere_and_in_no_dump(
    tmp_path: Path, log_file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What each rule takes: places of a closed site in sealed columns and plans, the call tree, the protected counts, drafts,
    lists with their examples, the words of a check-in, a case, the file that somebody asked for, the address of who stays away.

    What is sealed into a report as its evidence stays as long as the report: it is made of figures and holds none of these.
    """
    first, _second = two_members()
    secret = "Hollowmere"
    expected = what_has_come_of_age(first, secret, monkeypatch)
    found = {mark: tables_with(mark) for mark in (secret, STRICT)}
    assert [table for table, mark in expected.items() if table not in found[mark]] == [], "else the search would prove nothing"
    assert files_with(tmp_path / "files", secret)
    with acting_as(SYSTEM):
        keeping.keep(timezone.now(), Progress())
        remove_orphans()
    assert tables_with(secret) == tables_with(STRICT) == {}
    assert files_with(tmp_path / "files", secret) == []
    assert not holds(log_file.read_text(), secret)
    assert not dump_with(tmp_path / "backups", secret)
    with acting_as(SYSTEM):
        assert verify_chains() == []
        assert StrictMonth.objects.filter(organisation=first.organisation).exists(), "totals of a country stay"
