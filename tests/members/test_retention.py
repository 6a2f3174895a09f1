"""How long we keep what: each rule takes what has come of age and nothing younger, and a legal hold stops all of them."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.core.management import call_command
from django.db import DatabaseError, connection, transaction
from django.utils import timezone, translation
from django.utils.html import escape

from aimprogress.core.actor import ANONYMOUS, SYSTEM, acting_as
from aimprogress.core.audit import AuditEvent, record, verify_chains
from aimprogress.core.files import StoredFile, store_file
from aimprogress.core.ids import uuid7
from aimprogress.core.orphans import OLD_ENOUGH, remove_orphans
from aimprogress.core.retention import called
from aimprogress.jobs.kinds import Progress
from aimprogress.jobs.models import Job
from aimprogress.jobs.run import run_queued
from aimprogress.web.models import SavedView
from members.models import (
    CheckIn,
    CommunicationPlan,
    EvacuationPlan,
    Invitation,
    LegalHold,
    Organisation,
    Reminder,
    RetentionTally,
    RollCall,
    RollCallAnswer,
    Site,
    SiteCall,
    StrictMonth,
)
from members.retention import keeping
from members.retention.rules import RULES
from members.services import accounts
from tests.factories import PASSWORD, a_coordinator, a_head_count, a_site, a_status, a_user, an_organisation, the_secretariat
from tests.signing import signed_in

pytestmark = pytest.mark.django_db
NAMES = [rule.name for rule in RULES]


def ago(days: float) -> datetime:
    return timezone.now() - timedelta(days=days)


def keep(now: datetime | None = None) -> bool:
    with acting_as(SYSTEM):
        return keeping.keep(now or timezone.now(), Progress())


@pytest.fixture
def halden() -> Organisation:
    the_secretariat()
    return an_organisation(short_name="Halden Foods")


@pytest.fixture
def place(halden: Organisation) -> Site:
    return a_site(halden, exact_location={"lat": 49.84, "lon": 24.03}, address="Industrial street 5")


def changed(row: Any, **fields: Any) -> Any:
    """The row with fields set as no service would, and read again."""
    with acting_as(SYSTEM):
        assert type(row)._base_manager.filter(pk=row.pk).update(**fields) == 1
    return again(row)


def again(row: Any) -> Any:
    with acting_as(SYSTEM):
        return type(row)._base_manager.filter(pk=row.pk).first()


def added(row: Any) -> Any:
    with acting_as(SYSTEM):
        row.save(force_insert=True)
    return row


def a_plan(site: Site, revision: int, status: str, approved_at: datetime, model: Any = EvacuationPlan, **fields: Any) -> Any:
    given = {"revision": revision, "status": status, "approved_at": approved_at, "title": f"Plan {revision}", **fields}
    return added(model(organisation_id=site.organisation_id, site=site, **given))


ROUTES = [{"name": "Western road"}]
TREE = [{"name": "Site manager", "number": "+380441234567"}]


@pytest.mark.parametrize(("days", "is_kept"), [(29, True), (31, False)])
def test_the_exact_place_of_a_closed_site_goes_after_thirty_days(place: Site, days: int, is_kept: bool) -> None:
    plan = a_plan(place, 1, "APPROVED", ago(400), routes=ROUTES, destination="Rzeszów")
    tree = a_plan(place, 1, "APPROVED", ago(400), CommunicationPlan, call_tree=TREE)
    a_status(place, "OPERATING", ago(90))
    a_status(place, "CLOSED", ago(days), reason="DEMAND")
    keep()
    place, plan, tree = again(place), again(plan), again(tree)
    assert (place.exact_location is not None, place.address != "") == (is_kept, is_kept)
    assert (plan.routes == ROUTES, plan.destination != "", tree.call_tree == TREE) == (is_kept, is_kept, is_kept)
    assert place.admin1_id is not None


@pytest.mark.parametrize(("days", "is_kept"), [(6, True), (8, False)])
def test_the_exact_place_of_a_lost_site_goes_after_seven_days(place: Site, days: int, is_kept: bool) -> None:
    a_status(place, "OPERATING", ago(90))
    a_status(place, "SUSPENDED", ago(days), control="LOST")
    keep()
    assert (again(place).exact_location is not None) is is_kept


def test_a_site_that_was_lost_and_regained_keeps_its_place_until_it_is_lost_again_for_seven_days(place: Site) -> None:
    a_status(place, "SUSPENDED", ago(30), control="LOST")
    a_status(place, "SUSPENDED", ago(5), control="MEMBER")
    keep()
    assert again(place).exact_location
    a_status(place, "SUSPENDED", ago(4), control="LOST")
    keep()
    assert again(place).exact_location


def test_the_place_of_a_site_on_occupied_ground_goes_after_seven_days_however_often_somebody_reports(place: Site) -> None:
    young = a_site(place.organisation, exact_location={"lat": 1, "lon": 2}, country="UA")
    for site, days in ((place, 8), (young, 6)):
        changed(site, safety_profile=True)
        changed(site, profile_since=ago(days))
    for day in range(9):
        a_status(place, "SUSPENDED", ago(8 - day))
    a_head_count(place, 100)
    assert again(place).updated_at > ago(1), "the site was changed a moment ago"
    keep()
    assert again(place).exact_location is None
    assert again(young).exact_location


def test_a_loss_that_was_reported_wrongly_and_corrected_counts_for_nothing(place: Site) -> None:
    from members.services.sites import correct_site_status

    wrong = a_status(place, "SUSPENDED", ago(30), control="LOST")
    with acting_as(SYSTEM):
        correct_site_status(
            status=wrong, operational="SUSPENDED", reason="SAFETY", control="MEMBER", correction_reason="Mixed up"
        )
    a_status(place, "SUSPENDED", ago(2), control="LOST")
    keep()
    assert again(place).exact_location


def middle_of_month(months_back: int) -> datetime:
    first = timezone.now().astimezone(UTC).replace(day=1, hour=12)
    for _ in range(months_back):
        first = (first - timedelta(days=1)).replace(day=1)
    return first.replace(day=15)


def test_protected_states_become_totals_by_country_and_month(place: Site) -> None:
    abroad = a_site(place.organisation)
    old, recent = middle_of_month(8), middle_of_month(2)
    first = a_head_count(place, 100, old - timedelta(days=2), killed=1)
    second = a_head_count(place, 100, old, killed=2, missing=3)
    third = a_head_count(abroad, 50, old, serving=4)
    a_head_count(abroad, 50, recent)
    young = a_head_count(place, 100, recent, killed=2)
    keep()
    assert [again(count).strict for count in (first, second, third)] == [None, None, None]
    assert again(young).strict["KILLED"] == 2
    assert (again(second).forgotten, again(young).forgotten) == (5, 0)
    with acting_as(SYSTEM):
        (month,) = StrictMonth.objects.all()
    assert (month.country, month.month, month.sites) == ("UA", old.date().replace(day=1), 2)
    assert month.counts == {"SERVING": 4, "DETAINED": 0, "MISSING": 3, "KILLED": 2}
    keep()
    with acting_as(SYSTEM):
        assert StrictMonth.objects.count() == 1


def test_no_protected_state_is_older_than_the_rule_says(place: Site) -> None:
    counts = [a_head_count(place, 100, ago(days), killed=1) for days in range(150, 215, 3)]
    keep()
    kept = [count.observed_at for count in map(again, counts) if count.strict]
    assert all(moment > ago(180) for moment in kept)


def test_the_last_count_of_a_silent_site_stays_to_its_day_and_then_nobody_of_them_counts_as_accounted_for(place: Site) -> None:
    silent, gone = a_site(place.organisation), a_site(place.organisation)
    stays = a_head_count(silent, 100, ago(179), missing=1, killed=2, unaccounted=3)
    goes = a_head_count(gone, 100, ago(181), missing=1, killed=2, unaccounted=3)
    assert again(gone).current_accounted == 96
    keep()
    assert again(stays).strict and again(goes).strict is None
    assert (again(silent).current_accounted, again(gone).current_accounted) == (96, 94)
    call_command("rebuild_current", verify=True)
    with acting_as(SYSTEM):
        assert StrictMonth.objects.get(month=goes.observed_at.date().replace(day=1)).counts["KILLED"] in (2, 4)


def test_a_site_page_shows_no_protected_state_that_is_no_longer_kept(place: Site, halden: Organisation) -> None:
    a_head_count(place, 100, ago(181), killed=2)
    reader = signed_in(a_user(halden, "MEMBER_COORDINATOR"))
    assert "Killed" in reader.get(f"/sites/{place.pk}/").content.decode()
    keep()
    assert "Killed" not in reader.get(f"/sites/{place.pk}/").content.decode()


def test_nobody_says_again_what_is_no_longer_kept(place: Site) -> None:
    from members.services.checkins import last_head_count

    a_head_count(place, 100, middle_of_month(8), killed=2)
    with acting_as(SYSTEM):
        assert last_head_count(place) is not None
    keep()
    with acting_as(SYSTEM):
        assert last_head_count(place) is None


def test_places_of_a_replaced_plan_go_after_ninety_days_and_the_version_after_two_years(place: Site) -> None:
    oldest = a_plan(place, 1, "RETIRED", ago(900), routes=ROUTES)
    older = a_plan(place, 2, "RETIRED", ago(740), routes=ROUTES, shelters=[{"name": "Cellar"}])
    old = a_plan(place, 3, "RETIRED", ago(100), routes=ROUTES)
    now = a_plan(place, 4, "APPROVED", ago(80), routes=ROUTES)
    tree = a_plan(place, 1, "RETIRED", ago(300), CommunicationPlan, call_tree=TREE)
    a_plan(place, 2, "APPROVED", ago(95), CommunicationPlan, call_tree=TREE)
    keep()
    assert again(oldest) is None
    assert (again(older).routes, again(older).shelters, again(tree).call_tree) == (None, None, None)
    assert (again(old).routes, again(now).routes) == (ROUTES, ROUTES)


def test_an_old_version_that_was_activated_stays_without_its_places(place: Site) -> None:
    from members.services.evacuations import activate_plan

    plan = a_plan(place, 1, "APPROVED", ago(900), routes=ROUTES)
    with acting_as(SYSTEM):
        activate_plan(plan=plan, who="Everybody", reason="STRIKE")
    changed(plan, status="RETIRED")
    a_plan(place, 2, "APPROVED", ago(800))
    keep()
    assert again(plan).routes is None


def test_a_case_goes_two_years_after_it_was_resolved_with_all_that_was_said(halden: Organisation) -> None:
    from members.models import CaseMessage, Meeting, SupportCase
    from members.services.cases import open_case
    from members.services.meetings import add_follow_up, keep_meeting

    asked = {"category": "SAFETY", "urgency": "P3", "summary": "Buses", "text": "We have two", "site": None}
    with acting_as(a_coordinator(halden)):
        old, open_one, young = (open_case(organisation=halden, **asked) for _ in range(3))
        met = {"held_on": timezone.localdate(), "kind": "CALL", "topic": "Buses", "participants": "HR lead", "notes": "Two"}
        meeting = keep_meeting(organisation_id=halden.pk, **met)
        add_follow_up(meeting_id=meeting.pk, what="Order", owner_role="HR lead", due_on=timezone.localdate())
    changed(meeting, case=old)
    changed(old, status="RESOLVED", resolved_at=ago(731))
    changed(young, status="CLOSED", resolved_at=ago(729))
    changed(open_one, opened_at=ago(900))
    keep()
    with acting_as(SYSTEM):
        assert set(SupportCase.objects.values_list("pk", flat=True)) == {open_one.pk, young.pk}
        assert (CaseMessage.objects.count(), Meeting.objects.count()) == (2, 0)


def test_a_meeting_without_a_case_goes_two_years_after_it_was_held_with_what_was_agreed(halden: Organisation) -> None:
    from members.models import Meeting, MeetingFollowUp, SupportCase

    case = added(SupportCase(organisation=halden, number=1, category="SAFETY", urgency="P3", summary="Buses"))
    kept_by_case = {"case": case, "topic": "Of an open case"}
    together = {"call": uuid7(), "agenda": "Winter", "topic": "With others"}
    about = [({"topic": "Alone"}, 731), ({"topic": "Alone"}, 729), (together, 731), (kept_by_case, 900)]
    old, young, of_all, of_a_case = meetings = [
        added(Meeting(organisation=halden, held_on=ago(days).date(), participants="HR lead", **fields)) for fields, days in about
    ]
    elsewhere = added(Meeting(organisation=an_organisation(), held_on=ago(729).date(), participants="HR lead", **together))
    for meeting in meetings:
        due_on = timezone.localdate()
        added(MeetingFollowUp(organisation=halden, meeting=meeting, what="Order", owner_role="HR lead", due_on=due_on))
    keep()
    with acting_as(SYSTEM):
        assert set(Meeting.objects.all()) == {young, of_a_case, elsewhere}, (old, of_all)
        assert set(MeetingFollowUp.objects.values_list("meeting_id", flat=True)) == {young.pk, of_a_case.pk}


def test_the_words_of_a_check_in_go_when_nothing_is_open(place: Site) -> None:
    said = {"same": False, "operational": "REDUCED", "people": "all", "not_reached": None, "note": "marker"}
    given = {"organisation_id": place.organisation_id, "site": place, "claimed_at": ago(91), "body_hash": "x", "answers": said}
    done, still_open, young = (
        added(CheckIn(**given, received_at=received, follow_up=follow_up))
        for received, follow_up in ((ago(91), ""), (ago(91), "HELP"), (ago(89), ""))
    )
    keep()
    assert again(done).answers == {"same": False, "operational": "", "people": "", "not_reached": None, "note": ""}
    assert [again(row).answers for row in (still_open, young)] == [said, said]


def test_calls_and_reminders_go_after_two_years_and_closed_roll_calls_after_three(place: Site) -> None:
    about: dict[str, Any] = {"organisation": place.organisation, "site": place}
    calls = [added(SiteCall(**about, heard=SiteCall.Heard.NOT_REACHED, called_at=ago(days))) for days in (731, 729)]
    reminders = [added(Reminder(**about, by_role="MEMBER_COORDINATOR", reminded_at=ago(days))) for days in (731, 729)]
    asked = [
        added(RollCall(**about, incident="OTHER", began_at=ago(days), opened_at=ago(days), closed_at=closed))
        for days, closed in ((1200, ago(1096)), (1200, ago(1094)), (1300, None))
    ]
    counts = {"expected": 5, "safe": 3, "need_help": 1, "not_reached": 1}
    answers = [
        added(RollCallAnswer(**about, **counts, roll_call=one, round=1, observed_at=one.opened_at, recorded_at=one.opened_at))
        for one in asked
    ]
    keep()
    assert [again(row) is None for row in (*calls, *reminders)] == [True, False, True, False]
    assert [again(row) is None for row in (*asked, *answers)] == [True, False, False] * 2


def test_details_of_the_audit_trail_become_their_hash_and_the_chain_stays_valid(
    halden: Organisation, place: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    then = ago(740)
    with monkeypatch.context() as past, acting_as(SYSTEM):
        past.setattr("aimprogress.core.audit.timezone.now", lambda: then)
        record("members.read_strict_counts", subject=place, told="marker")
        record("members.sign_in", told="marker")
    with acting_as(SYSTEM):
        record("members.read_strict_counts", subject=place, told="young")
    keep()
    with acting_as(SYSTEM):
        found = AuditEvent.objects.filter(action__in=["members.read_strict_counts", "members.sign_in"]).order_by("at")
        assert [event.body for event in found] == [{}, {}, {"told": "young"}]
        assert verify_chains() == []
        told = AuditEvent.objects.get(action=keeping.ACTION, organisation_id=halden.pk)
    assert told.body == {"audit_bodies": 1}, "what was done is in the trail, as counts"


def a_finished_job(organisation: Organisation, days: float, **fields: Any) -> Job:
    coordinator = a_coordinator(organisation)
    job = added(
        Job(
            organisation=organisation,
            kind="export",
            requester_id=coordinator.user_id,
            params={"version": 1},
            created_at=ago(days),
        )
    )
    changed(job, state="running", fence=1, attempts=1, lease_until=timezone.now())
    return changed(job, state="succeeded", finished_at=ago(days), lease_until=None, **fields)


def test_files_that_somebody_asked_for_go_after_thirty_days_from_the_disk_too(
    halden: Organisation, settings: Any, tmp_path: Any
) -> None:
    import os

    settings.FILES_DIR = tmp_path
    with acting_as(SYSTEM):
        old, young = (
            store_file(mark, name="s.csv", content_type="text/csv", kind="export", organisation_id=halden.pk)
            for mark in (b"marker old", b"marker young")
        )
    os.utime(old.path, (old.path.stat().st_mtime - OLD_ENOUGH - 60,) * 2)
    long_ago, lately = a_finished_job(halden, 31, result_file=old), a_finished_job(halden, 29, result_file=young)
    keep()
    with acting_as(SYSTEM):
        assert list(StoredFile.objects.all()) == [young]
        assert remove_orphans() == 1
    assert not old.path.exists() and young.path.exists()
    assert (again(long_ago).result_file_id, again(lately).result_file_id) == (None, young.pk)


def test_finished_work_is_forgotten_after_a_year(halden: Organisation) -> None:
    old, young = a_finished_job(halden, 366), a_finished_job(halden, 364)
    keep()
    assert (again(old), again(young)) == (None, young)


def test_drafts_and_imported_lists_go(halden: Organisation) -> None:
    from aimprogress.exchange.models import ImportBatch, ImportRow
    from aimprogress.web.models import FormDraft

    user = a_user(halden, "MEMBER_VIEWER")
    given = {"organisation": halden, "user": user, "content": {"x": ["marker"]}}
    old_draft, draft = added(FormDraft(**given, url="/a/", kept_at=ago(31))), added(FormDraft(**given, url="/b/"))
    given = {"organisation": halden, "target": "sites", "file_name": "marker.csv", "file_kind": "csv", "sha256": "0" * 64}
    batch, young = (added(ImportBatch(**given, created_at=made)) for made in (ago(91), ago(89)))
    row = added(ImportRow(organisation=halden, batch=batch, number=1, sheet="marker", row=1, outcome="new"))
    keep()
    assert [again(gone) for gone in (old_draft, batch, row)] == [None, None, None]
    assert (again(draft), again(young)) == (draft, young)


def test_what_undo_needed_goes_after_a_week(halden: Organisation) -> None:
    from humanitarian.models import ActionBatch

    old, young = (added(ActionBatch(organisation=halden, changed_at=ago(days), before={"a": "marker"})) for days in (8, 6))
    keep()
    assert (again(old), again(young)) == (None, young)


def test_an_invitation_that_ran_out_is_forgotten(halden: Organisation) -> None:
    given = {"organisation": halden, "role": "MEMBER_VIEWER"}
    old = Invitation.objects.create(email="marker@a.example", token_hash="a", expires_at=ago(91), **given)
    young = Invitation.objects.create(email="b@b.example", token_hash="b", expires_at=ago(89), **given)
    keep()
    assert (again(old), again(young)) == (None, young)


def test_who_stays_away_a_year_is_let_out_and_after_a_year_and_a_half_is_nobody(halden: Organisation) -> None:
    from allauth.account.models import EmailAddress
    from axes.models import AccessLog

    here, away, gone = (
        a_user(halden, "MEMBER_COORDINATOR", email=f"{name}@marker.example", display_name=f"{name} Marker", joined_at=ago(900))
        for name in ("here", "away", "gone")
    )
    for user, days in ((here, 364), (away, 366), (gone, 549)):
        changed(user, last_visit_at=ago(days))
        EmailAddress.objects.create(user=user, email=user.email)
        AccessLog.objects.create(username=user.email)
        added(SavedView(organisation=halden, user=user, page="members:sites", name="Mine", query="country=UA"))
    keep()
    keep()
    here, away, gone = again(here), again(away), again(gone)
    assert [user.is_active for user in (here, away, gone)] == [True, False, False]
    assert (here.display_name, away.display_name, gone.display_name) == ("here Marker", "away Marker", "")
    assert gone.email == f"gone-{gone.pk}@anonymous.invalid" and not gone.has_usable_password()
    assert not gone.grants.filter(revoked_at=None).exists()
    for model, name in ((EmailAddress, "email"), (AccessLog, "username")):
        assert set(model.objects.values_list(name, flat=True)) == {here.email, away.email}
    with acting_as(SYSTEM):
        assert set(SavedView.objects.values_list("user_id", flat=True)) == {here.pk, away.pk}


def test_an_invitation_and_the_old_password_open_a_closed_account_again(halden: Organisation) -> None:
    user = a_user(halden, "MEMBER_VIEWER", joined_at=ago(400))
    keep()
    assert not again(user).is_active
    with acting_as(a_coordinator(halden)):
        secret = accounts.invite(organisation=halden, email=user.email, role="MEMBER_VIEWER")
    with acting_as(ANONYMOUS):
        with pytest.raises(ValidationError):
            accounts.accept_invitation(text=secret.text, password="another one entirely")
        accounts.accept_invitation(text=secret.text, password=PASSWORD)
    keep()
    assert again(user).is_active


def test_a_phone_that_checks_in_keeps_its_holders_account(halden: Organisation, place: Site) -> None:
    from members.services.devices import offer_device

    reporter = a_user(halden, "SITE_REPORTER", sites=[place], joined_at=ago(900))
    with acting_as(a_coordinator(halden)):
        device = offer_device(site=place).row
    changed(device, holder=reporter, last_seen_at=ago(3))
    keep()
    assert again(reporter).is_active


def test_the_last_administrator_is_never_let_out(halden: Organisation) -> None:
    only = a_user(the_secretariat(), "AIM_ADMIN", joined_at=ago(900))
    keep()
    assert again(only).is_active
    a_user(the_secretariat(), "AIM_ADMIN")
    keep()
    assert not again(only).is_active


def test_a_legal_hold_stops_every_rule_of_its_organisation_and_of_no_other(place: Site, halden: Organisation) -> None:
    elsewhere = a_site(an_organisation(), exact_location={"lat": 1, "lon": 2})
    user = a_user(halden, "MEMBER_VIEWER", joined_at=ago(900))
    for site in (place, elsewhere):
        a_status(site, "CLOSED", ago(40), reason="DEMAND")
    count = a_head_count(place, 100, ago(300), killed=1)
    hold = LegalHold.objects.create(organisation=halden, reason="Claim of 2026")
    keep()
    assert again(place).exact_location and again(count).strict and again(user).is_active
    assert again(elsewhere).exact_location is None
    changed(hold, lifted_at=timezone.now())
    keep()
    assert (again(place).exact_location, again(count).strict, again(user).is_active) == (None, None, False)


def test_the_rules_are_kept_once_a_day_by_a_job_of_the_portal_that_says_what_it_did(place: Site, halden: Organisation) -> None:
    a_status(place, "CLOSED", ago(40), reason="DEMAND")
    with acting_as(SYSTEM):
        keeping.ask_for_retention()
        keeping.ask_for_retention()
        assert Job.objects.filter(kind=keeping.KIND).count() == 1
    assert run_queued() == 1
    with acting_as(SYSTEM):
        job = Job.objects.get(kind=keeping.KIND)
        tally = RetentionTally.objects.get(organisation=halden, rule="places_closed")
    assert job.state == "succeeded", job.error
    assert (tally.last_rows, tally.all_rows) == (1, 1)
    assert again(place).exact_location is None


def test_what_one_job_may_not_take_is_left_to_the_next(halden: Organisation, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(keeping, "BATCH", 2)
    sites = [a_site(halden, exact_location={"lat": 1, "lon": 2}) for _ in range(5)]
    for site in sites:
        a_status(site, "CLOSED", ago(40), reason="DEMAND")
    with acting_as(SYSTEM):
        keeping.ask_for_retention()
    assert run_queued() == 3
    assert [again(site).exact_location for site in sites] == [None] * 5


def test_nobody_who_asks_for_the_portals_own_work_gets_its_rights(place: Site, halden: Organisation) -> None:
    a_status(place, "CLOSED", ago(40), reason="DEMAND")
    from aimprogress.jobs.requests import enqueue

    with acting_as(a_coordinator(halden)):
        job = enqueue(keeping.KIND, {"part": 1})
    run_queued()
    assert again(job).state != "succeeded"
    assert again(place).exact_location is not None


@pytest.mark.parametrize("name", [*NAMES, "strict_standing"])
def test_no_rule_reaches_what_is_young_whatever_the_application_says(name: str, halden: Organisation) -> None:
    refused = pytest.raises(DatabaseError, match="reaches nothing younger")
    with acting_as(SYSTEM), refused, transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(f"SELECT {called(name)}(%s, now(), 10)", [halden.pk])


@pytest.mark.parametrize("name", [*NAMES, "strict_standing"])
def test_every_rule_is_a_narrow_function_of_the_owner(name: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT prosecdef, proconfig, pg_get_userbyid(proowner), has_function_privilege('portal_backup', oid, 'EXECUTE')"
            " FROM pg_proc WHERE proname = %s",
            [called(name)],
        )
        settings = ["search_path=pg_catalog, public, pg_temp", "lock_timeout=20ms"]
        assert cursor.fetchall() == [(True, settings, "portal_owner", False)]


def test_the_application_cannot_make_people_anonymous_by_itself() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT has_function_privilege('retention_make_anonymous(uuid[])', 'EXECUTE')")
        assert cursor.fetchone() == (False,)


def test_even_the_owner_reaches_only_what_the_caller_sees(place: Site, halden: Organisation) -> None:
    a_status(place, "CLOSED", ago(40), reason="DEMAND")
    with acting_as(a_coordinator(an_organisation())), connection.cursor() as cursor:
        cursor.execute("SELECT retention_places_closed(%s, %s, 10)", [halden.pk, ago(30)])
        assert cursor.fetchone() == (0,)
    assert again(place).exact_location


def test_the_document_says_what_the_rules_say(settings: Any) -> None:
    text = (settings.BASE_DIR / "docs" / "data-protection.md").read_text()
    with translation.override("en"):
        rows = [f"| {rule.what} | {rule.how_long} | {rule.after} | {rule.then} |" for rule in RULES]
    assert [row for row in rows if row not in text] == []
    assert text.count(" | deleted |") == sum(row.endswith(" | deleted |") for row in rows)


def test_the_page_prints_every_rule_and_what_it_did_in_the_own_organisation(place: Site, halden: Organisation) -> None:
    a_status(place, "CLOSED", ago(40), reason="DEMAND")
    elsewhere = a_user(an_organisation(), "MEMBER_VIEWER")
    keep()
    own = signed_in(a_user(halden, "MEMBER_VIEWER")).get("/retention/").content.decode()
    other = signed_in(elsewhere).get("/retention/").content.decode()
    assert all(escape(str(rule.what)) in own for rule in RULES)
    assert "1 · " in own.split('id="places_closed"')[1].split("</tr>")[0]
    assert "1 · " not in other


def test_an_administrator_sets_a_hold_the_member_reads_it_and_another_lifts_it(halden: Organisation) -> None:
    admin, officer = a_user(the_secretariat(), "AIM_ADMIN"), a_user(the_secretariat(), "DPO")
    response = signed_in(admin).post("/retention/holds/set/", {"organisation": str(halden.pk), "reason": "Claim 12/2026"})
    assert response.status_code == 302
    hold = LegalHold.objects.get()
    again_set = signed_in(admin).post("/retention/holds/set/", {"organisation": str(halden.pk), "reason": "Another"})
    assert again_set.status_code == 409
    for user, reads in ((a_user(halden, "MEMBER_VIEWER"), True), (a_user(an_organisation(), "MEMBER_VIEWER"), False)):
        assert ("Claim 12/2026" in signed_in(user).get("/retention/").content.decode()) is reads
    assert signed_in(a_user(halden, "MEMBER_COORDINATOR")).post(f"/retention/holds/{hold.pk}/lift/").status_code == 403
    assert signed_in(officer).post(f"/retention/holds/{hold.pk}/lift/").status_code == 302
    hold.refresh_from_db()
    assert (hold.set_by, hold.lifted_by) == (admin, officer)
    assert signed_in(officer).post(f"/retention/holds/{hold.pk}/lift/").status_code == 404


def test_the_own_coordinator_reads_the_monthly_totals_and_that_is_logged(place: Site, halden: Organisation) -> None:
    a_head_count(place, 100, middle_of_month(8), killed=7)
    keep()
    page = signed_in(a_user(halden, "MEMBER_COORDINATOR")).get("/retention/months/")
    assert "<div>7</div>" in page.content.decode()
    other = signed_in(a_user(an_organisation(), "MEMBER_COORDINATOR")).get("/retention/months/")
    assert "<div>7</div>" not in other.content.decode()
    with acting_as(SYSTEM):
        assert AuditEvent.objects.filter(action="members.read_strict_counts", organisation_id=halden.pk).count() == 1


def test_a_worker_that_dies_between_two_organisations_leaves_nothing_half_done(
    place: Site, halden: Organisation, monkeypatch: pytest.MonkeyPatch
) -> None:
    a_status(place, "CLOSED", ago(40), reason="DEMAND")
    count_as_before, asked = keeping._count, []

    def breaks_once(*given: Any) -> None:
        asked.append(given)
        if len(asked) == 1:
            raise OSError("the machine went away")
        count_as_before(*given)

    monkeypatch.setattr(keeping, "_count", breaks_once)
    with acting_as(SYSTEM):
        keeping.ask_for_retention()
    run_queued()
    assert again(place).exact_location, "what the rule had done went with the transaction"
    with acting_as(SYSTEM):
        Job.objects.filter(kind=keeping.KIND).update(run_after=ago(1))
    run_queued()
    assert again(place).exact_location is None
