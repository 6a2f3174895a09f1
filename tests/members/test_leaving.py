"""Take our data and leave: the archive, two people, the waiting time, the hold, and the receipt."""

import io
import json
import os
import tracemalloc
import zipfile
from datetime import timedelta
from typing import Any

import pytest
from django.core import mail
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import DatabaseError, connection, transaction
from django.utils import timezone

from aimprogress.core.actor import SYSTEM, acting_as
from aimprogress.core.audit import AuditEvent
from aimprogress.core.exceptions import Conflict
from aimprogress.core.files import store_file
from aimprogress.jobs.models import Job
from aimprogress.jobs.run import run_queued
from members.access import actor_for_user
from members.models import Departure, EvacuationPlan, LegalHold, Notification, Organisation, Site, User
from members.notifications import tell_of_a_hold, tell_that_a_member_leaves
from members.retention.archive import LEFT_OUT, SECRETS, archived_models
from members.retention.erasing import erase_who_left, fingerprint
from members.services import leaving as services
from members.services.holds import set_hold
from tests.factories import a_head_count, a_site, a_user, an_organisation, the_secretariat
from tests.signing import signed_in

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def files(settings: Any, tmp_path: Any) -> None:
    settings.FILES_DIR = tmp_path


@pytest.fixture
def halden() -> Organisation:
    the_secretariat()
    return an_organisation(short_name="Halden Foods")


@pytest.fixture
def two(halden: Organisation) -> tuple[User, User]:
    return tuple(a_user(halden, "MEMBER_COORDINATOR") for _ in range(2))


@pytest.fixture
def admin() -> User:
    return a_user(the_secretariat(), "AIM_ADMIN")


@pytest.fixture
def place(halden: Organisation) -> Site:
    return a_site(halden, exact_location={"lat": 49.84, "lon": 24.03}, name="Halden mill")


def by(person: User, service: Any, /, **arguments: Any) -> Any:
    with acting_as(actor_for_user(person)):
        return service(**arguments)


def leaves(organisation: Organisation, two: tuple[User, User]) -> Departure:
    departure = by(two[0], services.ask_to_leave, organisation=organisation, typed=organisation.short_name)
    return by(two[1], services.agree_to_leave, departure=departure)


def the_clock_comes() -> None:
    with acting_as(SYSTEM):
        erase_who_left()
    run_queued()


def waited(departure: Departure) -> None:
    Departure.objects.filter(pk=departure.pk).update(due_at=timezone.now() - timedelta(minutes=1))


def sites_of(organisation: Organisation) -> int:
    with acting_as(SYSTEM):
        return Site.objects.filter(organisation=organisation).count()


def the_archive(job: Job) -> zipfile.ZipFile:
    with acting_as(SYSTEM):
        job = Job.objects.get(pk=job.pk)
        assert job.state == "succeeded", job.error
        return zipfile.ZipFile(io.BytesIO(job.result_file.path.read_bytes()))


def test_the_archive_holds_every_record_in_plain_and_says_what_it_is(
    halden: Organisation, two: tuple[User, User], place: Site
) -> None:
    a_site(an_organisation(), name="Foreign mill")
    a_head_count(place, 100, killed=7)
    with acting_as(SYSTEM):
        EvacuationPlan(organisation=halden, site=place, title="Plan", routes=[{"name": "Western road"}]).save(force_insert=True)
    job = by(two[0], services.request_archive, organisation=halden)
    run_queued()
    bundle = the_archive(job)
    (site,) = map(json.loads, bundle.read("records/members.site.ndjson").splitlines())
    assert (site["name"], site["exact_location"]) == ("Halden mill", {"lat": 49.84, "lon": 24.03})
    assert b"Western road" in bundle.read("records/members.evacuationplan.ndjson")
    assert json.loads(bundle.read("records/members.headcount.ndjson"))["strict"]["KILLED"] == 7
    assert b"Halden mill" in bundle.read("lists/sites.csv")
    assert b"members.log_head_count" in bundle.read("audit-trail.ndjson")
    assert not any(b"Foreign mill" in bundle.read(name) for name in bundle.namelist())
    about, manifest = bundle.read("README.txt").decode(), json.loads(bundle.read("manifest.json"))
    assert all(model._meta.label_lower in about for model in archived_models())
    assert manifest["records/members.site.ndjson"]["rows"] == 1
    assert set(manifest) == set(bundle.namelist()) - {"manifest.json", "README.txt"}


def test_an_archive_is_never_in_memory_as_a_whole(halden: Organisation, two: tuple[User, User]) -> None:
    large = os.urandom(30_000_000)
    with acting_as(SYSTEM):
        store_file(large, name="plan.pdf", content_type="application/pdf", kind="evidence", organisation_id=halden.pk)
    job = by(two[0], services.request_archive, organisation=halden)
    tracemalloc.start()
    try:
        run_queued()
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    bundle = the_archive(job)
    assert peak < len(large) / 2
    assert [bundle.read(name) == large for name in bundle.namelist() if name.startswith("files/")] == [True]


def test_what_the_archive_leaves_out_exists_and_has_a_reason() -> None:
    from django.apps import apps

    assert all(apps.get_model(label) and len(reason.split()) > 3 for label, reason in LEFT_OUT.items())
    held = {field.attname for model in archived_models() for field in model._meta.concrete_fields}
    assert held >= SECRETS
    assert {name for name in held if "hash" in name or "token" in name} <= SECRETS | {"body_hash"}


def test_only_who_asked_for_the_archive_fetches_it(halden: Organisation, two: tuple[User, User], admin: User) -> None:
    job = by(two[0], services.request_archive, organisation=halden)
    run_queued()
    answers = [signed_in(user).get(f"/jobs/{job.pk}/file/") for user in (two[0], two[1], admin)]
    assert [answer.status_code for answer in answers] == [200, 404, 404]
    answers[0].close()


def test_two_people_are_needed_and_the_name_is_typed(halden: Organisation, two: tuple[User, User]) -> None:
    with pytest.raises(ValidationError):
        by(two[0], services.ask_to_leave, organisation=halden, typed="halden")
    departure = by(two[0], services.ask_to_leave, organisation=halden, typed="Halden Foods ")
    with pytest.raises(Conflict):
        by(two[0], services.agree_to_leave, departure=departure)
    with pytest.raises(Conflict):
        by(two[1], services.ask_to_leave, organisation=halden, typed="Halden Foods")
    departure = by(two[1], services.agree_to_leave, departure=departure)
    assert departure.due_at - departure.agreed_at == timedelta(days=30)
    with acting_as(SYSTEM):
        assert Job.objects.filter(kind="archive", organisation=halden).count() == 1


def test_nobody_decides_for_another_member(halden: Organisation, two: tuple[User, User]) -> None:
    foreign = a_user(an_organisation(), "MEMBER_COORDINATOR")
    departure = by(two[0], services.ask_to_leave, organisation=halden, typed="Halden Foods")
    for service, arguments in (
        (services.ask_to_leave, {"organisation": halden, "typed": "Halden Foods"}),
        (services.request_archive, {"organisation": halden}),
        (services.agree_to_leave, {"departure": departure}),
        (services.stop_leaving, {"departure": departure}),
        (services.erase_without_waiting, {"departure": departure, "typed": "Halden Foods"}),
    ):
        with pytest.raises(PermissionDenied):
            by(foreign, service, **arguments)


def test_nothing_is_erased_before_the_waiting_time_is_over_or_after_a_stop(
    halden: Organisation, two: tuple[User, User], place: Site
) -> None:
    departure = leaves(halden, two)
    the_clock_comes()
    assert sites_of(halden) == 1
    by(two[0], services.stop_leaving, departure=departure)
    waited(departure)
    the_clock_comes()
    assert sites_of(halden) == 1


def test_an_administrator_does_not_wait_but_only_for_what_two_agreed_on(
    halden: Organisation, two: tuple[User, User], admin: User, place: Site
) -> None:
    departure = by(two[0], services.ask_to_leave, organisation=halden, typed="Halden Foods")
    with pytest.raises(Conflict):
        by(admin, services.erase_without_waiting, departure=departure, typed="Halden Foods")
    by(admin, services.agree_to_leave, departure=departure)
    by(admin, services.erase_without_waiting, departure=departure, typed="Halden Foods")
    the_clock_comes()
    assert sites_of(halden) == 0


def test_a_legal_hold_stops_the_erasure_until_it_is_lifted(
    halden: Organisation, two: tuple[User, User], place: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    departure = leaves(halden, two)
    waited(departure)
    hold = LegalHold.objects.create(organisation=halden, reason="Claim")
    the_clock_comes()
    assert sites_of(halden) == 1
    with acting_as(SYSTEM):
        assert Job.objects.get(kind="erase").state == "failed"
        with pytest.raises(DatabaseError, match="legal hold"), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("SELECT retention_erase(%s)", [departure.pk])
    LegalHold.objects.filter(pk=hold.pk).update(lifted_at=timezone.now())
    tomorrow = timezone.now() + timedelta(days=1)
    monkeypatch.setattr("members.retention.erasing.timezone.now", lambda: tomorrow)
    with acting_as(SYSTEM):
        erase_who_left()
    run_queued()
    assert sites_of(halden) == 0


def test_the_database_erases_nobody_unless_two_decided(halden: Organisation, two: tuple[User, User], place: Site) -> None:
    alone = Departure.objects.create(organisation=halden, asked_by=two[0], due_at=timezone.now() - timedelta(days=1))
    refused = pytest.raises(DatabaseError, match="nobody leaves")
    with acting_as(SYSTEM), refused, transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT retention_erase(%s)", [alone.pk])
    assert sites_of(halden) == 1


def test_what_a_request_under_way_wrote_while_everything_was_erased_goes_with_the_next_look(
    halden: Organisation, two: tuple[User, User], place: Site
) -> None:
    other = a_site(an_organisation())
    departure = leaves(halden, two)
    with pytest.raises(DatabaseError, match="nobody was erased"), acting_as(SYSTEM), connection.cursor() as cursor:
        cursor.execute("SELECT retention_erase_late(%s)", [departure.pk])
    waited(departure)
    the_clock_comes()
    a_site(halden, name="Marker mill")
    the_clock_comes()
    assert (sites_of(halden), sites_of(other.organisation)) == (0, 1)
    with acting_as(SYSTEM):
        told = list(AuditEvent.objects.filter(action="members.erase_organisation").order_by("seq").values_list("body", flat=True))
    assert [body.get("late", {}).get("members_site") for body in told] == [None, 1]


def test_the_receipt_says_what_was_erased_and_stays(
    halden: Organisation, two: tuple[User, User], admin: User, place: Site
) -> None:
    both = a_user(an_organisation(), "MEMBER_VIEWER", email="both@halden.example")
    both.grants.create(organisation=halden, role="MEMBER_VIEWER")
    departure = leaves(halden, two)
    waited(departure)
    the_clock_comes()
    departure.refresh_from_db()
    assert departure.erased_at
    assert departure.receipt["rows"]["members_site"] == 1
    assert departure.receipt["people"] == 2
    assert departure.receipt_sha256 == fingerprint(departure.receipt)
    both.refresh_from_db()
    two[0].refresh_from_db()
    assert (both.email, both.is_active) == ("both@halden.example", True)
    assert (two[0].email, two[0].is_active) == (f"gone-{two[0].pk}@anonymous.invalid", False)
    assert Organisation.objects.get(pk=halden.pk).status == "LEFT"
    page = signed_in(admin).get("/leave/").content.decode()
    assert departure.receipt_sha256 in page
    the_clock_comes()
    departure.refresh_from_db()
    assert departure.receipt["rows"]["members_site"] == 1


def test_the_pages_lead_through_it(halden: Organisation, two: tuple[User, User], place: Site) -> None:
    first, second = map(signed_in, two)
    assert first.post("/leave/ask/", {"typed": "wrong"}).status_code == 422
    assert first.post("/leave/ask/", {"typed": "Halden Foods"}).status_code == 302
    departure = Departure.objects.get()
    assert f"/leave/{departure.pk}/agree/" not in first.get("/leave/").content.decode()
    assert f"/leave/{departure.pk}/agree/" in second.get("/leave/").content.decode()
    assert first.post(f"/leave/{departure.pk}/agree/").status_code == 409
    assert second.post(f"/leave/{departure.pk}/agree/").status_code == 302
    assert first.post(f"/leave/{departure.pk}/stop/").status_code == 302
    departure.refresh_from_db()
    assert departure.stopped_by == two[0]
    assert first.post("/leave/archive/").status_code == 302


def test_all_coordinators_and_administrators_are_told_at_once_and_without_content(
    halden: Organisation, two: tuple[User, User], admin: User
) -> None:
    leaves(halden, two)
    mail.outbox.clear()
    with acting_as(SYSTEM):
        for event in AuditEvent.objects.filter(action__in=["members.ask_to_leave", "members.agree_to_leave"]):
            tell_that_a_member_leaves(event)
        told = Notification.objects.filter(kind="leaving")
        assert {row.user_id for row in told} == {user.pk for user in (*two, admin)}
        assert told.count() == 6
    assert mail.outbox and not any("Halden" in message.subject + message.body for message in mail.outbox)


def test_the_coordinators_are_told_of_a_hold(halden: Organisation, two: tuple[User, User], admin: User) -> None:
    by(admin, set_hold, organisation=halden, reason="Claim 12/2026")
    mail.outbox.clear()
    with acting_as(SYSTEM):
        tell_of_a_hold(AuditEvent.objects.get(action="members.set_hold"))
        assert {row.user_id for row in Notification.objects.filter(kind="hold")} == {user.pk for user in two}
    assert not any("Claim" in message.body for message in mail.outbox)


def test_holds_and_departures_are_told_by_the_api_to_whom_they_concern(
    halden: Organisation, two: tuple[User, User], admin: User
) -> None:
    team, own, stranger = signed_in(admin), signed_in(two[0]), signed_in(a_user(an_organisation(), "MEMBER_COORDINATOR"))
    departure = leaves(halden, two)
    body = {"organisation": str(halden.pk), "reason": "Claim 12/2026"}
    assert own.post("/api/v1/legal-holds/", body, content_type="application/json").status_code == 403
    made = team.post("/api/v1/legal-holds/", body, content_type="application/json")
    assert (made.status_code, made.json()["reason"]) == (201, "Claim 12/2026")
    again = team.post("/api/v1/legal-holds/", body, content_type="application/json")
    assert again.status_code == 409
    hold = f"/api/v1/legal-holds/{made.json()['id']}/"
    assert [client.get(hold).status_code for client in (team, own, stranger)] == [200, 200, 404]
    lifted = [client.post(f"{hold}lift/", content_type="application/json").status_code for client in (own, stranger, team, team)]
    assert lifted == [403, 404, 200, 409]
    assert [client.get(hold).status_code for client in (team, own)] == [200, 404]
    told = own.get(f"/api/v1/departures/{departure.pk}/").json()
    assert told["due_at"] and told["erased_at"] is None and told["receipt"] == {}
    assert [len(client.get("/api/v1/departures/").json()["results"]) for client in (team, own, stranger)] == [1, 1, 0]
    for method in ("post", "patch", "delete"):
        assert getattr(own, method)(f"/api/v1/departures/{departure.pk}/").status_code == 405
