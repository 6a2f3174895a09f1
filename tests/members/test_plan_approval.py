"""Who puts a plan in force, what a reviewer is told, and what falls due: reviews, drills, and sites without a good plan."""

from datetime import date, datetime, timedelta

import pytest
from django.core import mail
from django.http import QueryDict
from django.test import Client
from django.utils import timezone

from aimprogress.core.actor import SYSTEM, acting_as
from aimprogress.core.audit import AuditEvent
from aimprogress.core.exceptions import Conflict
from aimprogress.exchange.exports import EXPORTS
from aimprogress.figures.registry import FigureScope, measure_all
from aimprogress.instruments.engine import AnswerValue
from members.access import actor_for_user
from members.models import Drill, EvacuationPlan, PlanStatus, Site
from members.notifications import remind_of_plans, tell_that_a_plan_is_in_force, tell_that_a_plan_waits
from members.plan_gaps import FILE_COLUMNS, rows_for_a_file
from members.projection import projections
from members.services.evacuations import activate_plan, record_drill
from members.services.plans import answer_plan, approve_plan, ask_for_approval, change_plan, draft_evacuation_plan
from members.services.sites import change_alert_level
from tests.api.clients import a_token
from tests.factories import a_coordinator, a_site, a_user, a_viewer, an_analyst, an_organisation
from tests.members.plan_samples import SECRETS, an_evacuation_plan
from tests.signing import signed_in

pytestmark = pytest.mark.django_db
MONDAY, TUESDAY = date(2026, 11, 23), date(2026, 11, 24)


@pytest.fixture
def site() -> Site:
    return a_site(an_organisation(short_name="Halden Foods"), name="Kharkiv snacks plant", largest_shift=96, baseline=214)


@pytest.fixture
def author(site):
    return a_user(site.organisation, "MEMBER_COORDINATOR", email="author@example.org")


@pytest.fixture
def second(site):
    return a_user(site.organisation, "MEMBER_COORDINATOR", email="second@example.org")


def a_draft_by(user, site: Site) -> EvacuationPlan:
    with acting_as(actor_for_user(user, site.organisation_id)):
        return draft_evacuation_plan(site=site, title="Plan B: Poltava", routes=[{"name": SECRETS["route"]}])


# --- approval ------------------------------------------------------------------------------------------------------


def test_the_author_does_not_approve_where_somebody_else_could(site, author, second):
    plan = a_draft_by(author, site)
    with acting_as(actor_for_user(author, site.organisation_id)), pytest.raises(Conflict):
        approve_plan(plan=plan)
    with acting_as(actor_for_user(second, site.organisation_id)):
        approve_plan(plan=plan)
    assert (plan.status, plan.approved_by_id, plan.written_by_id) == (PlanStatus.APPROVED, second.pk, author.pk)


def test_a_program_puts_a_draft_forward_and_only_its_own_people_read_that(site, author, second):
    plan = a_draft_by(author, site)
    path = f"/api/v1/evacuation-plans/{plan.pk}/"
    program = Client(headers={"Authorization": f"Bearer {a_token(site.organisation)}"})
    asked = {"content_type": "application/json", "headers": {"Idempotency-Key": "forward-1"}}
    first = program.post(f"{path}ask-for-approval/", {}, **asked)
    assert first.status_code == 200 and first.json()["approval_asked_at"], first.content
    assert program.post(f"{path}ask-for-approval/", {}, **asked).json() == first.json(), "the same key, asked once"
    with acting_as(SYSTEM):
        tell_that_a_plan_waits(AuditEvent.objects.get(action="members.ask_for_approval"))
    assert [message.to for message in mail.outbox] == [["second@example.org"]]
    viewer = signed_in(a_user(site.organisation, "MEMBER_VIEWER"))
    assert viewer.get(path).json()["approval_asked_at"] is None
    assert viewer.post(f"{path}ask-for-approval/", {}, content_type="application/json").status_code == 403
    with acting_as(actor_for_user(second, site.organisation_id)):
        approve_plan(plan=plan)
    assert program.post(f"{path}ask-for-approval/", {}, content_type="application/json").status_code == 409
    assert program.get(path).json()["approval_asked_at"] is None


def test_two_people_at_once_neither_undo_an_approval_nor_overwrite_each_other(site, author, second):
    """Each holds the plan as it was when the page was opened."""
    plan = a_draft_by(author, site)
    with acting_as(actor_for_user(author, site.organisation_id)):
        stale, other = (EvacuationPlan.objects.get(pk=plan.pk) for _ in range(2))
        change_plan(plan=other, destination="Poltava")
        with pytest.raises(Conflict):
            change_plan(plan=stale, seats=40)
        stale = EvacuationPlan.objects.get(pk=plan.pk)
    with acting_as(actor_for_user(second, site.organisation_id)):
        approve_plan(plan=EvacuationPlan.objects.get(pk=plan.pk))
    with acting_as(actor_for_user(author, site.organisation_id)):
        acts = (
            lambda: change_plan(plan=stale, seats=40), lambda: ask_for_approval(plan=stale),
            lambda: answer_plan(plan=stale, answers={"1": AnswerValue("MET")}), lambda: approve_plan(plan=stale),
        )  # fmt: skip
        for act in acts:
            stale.status, stale.version = PlanStatus.DRAFT, stale.version
            with pytest.raises(Conflict):
                act()
        kept = EvacuationPlan.objects.get(pk=plan.pk)
        assert (kept.status, kept.destination, kept.seats) == (PlanStatus.APPROVED, "Poltava", None)


def test_a_coordinator_who_is_alone_approves_the_own_plan(site, author):
    plan = a_draft_by(author, site)
    with acting_as(actor_for_user(author, site.organisation_id)):
        assert approve_plan(plan=plan).status == PlanStatus.APPROVED


def test_somebody_who_left_is_nobody_who_could_approve(site, author, second):
    plan = a_draft_by(author, site)
    second.is_active = False
    second.save()
    with acting_as(actor_for_user(author, site.organisation_id)):
        assert approve_plan(plan=plan).status == PlanStatus.APPROVED


def test_who_changes_a_draft_becomes_its_author_and_takes_it_back(site, author, second):
    plan = a_draft_by(author, site)
    with acting_as(actor_for_user(author, site.organisation_id)):
        ask_for_approval(plan=plan)
    with acting_as(actor_for_user(second, site.organisation_id)):
        change_plan(plan=plan, seats=10)
        assert (plan.written_by_id, plan.approval_asked_at) == (second.pk, None)
        with pytest.raises(Conflict):
            approve_plan(plan=plan)
    with acting_as(actor_for_user(author, site.organisation_id)):
        approve_plan(plan=plan)


def test_the_others_are_asked_to_sign_in_and_the_author_is_not(site, author, second):
    a_user(site.organisation, "MEMBER_VIEWER", email="viewer@example.org")
    a_user(an_organisation(), "MEMBER_COORDINATOR", email="elsewhere@example.org")
    plan = a_draft_by(author, site)
    with acting_as(actor_for_user(author, site.organisation_id)):
        ask_for_approval(plan=plan)
    with acting_as(SYSTEM):
        tell_that_a_plan_waits(AuditEvent.objects.get(action="members.ask_for_approval"))
        assert [message.to for message in mail.outbox] == [["second@example.org"]]
        assert "Poltava" not in mail.outbox[0].body and "Kharkiv" not in mail.outbox[0].body
    with acting_as(actor_for_user(second, site.organisation_id)):
        approve_plan(plan=plan)
    with acting_as(SYSTEM):
        tell_that_a_plan_waits(AuditEvent.objects.get(action="members.ask_for_approval"))
    assert len(mail.outbox) == 1, "what is approved waits no more"


def test_the_author_hears_of_the_approval_and_who_is_alone_does_not(site, author, second):
    plan = a_draft_by(author, site)
    with acting_as(actor_for_user(second, site.organisation_id)):
        approve_plan(plan=plan)
    with acting_as(SYSTEM):
        tell_that_a_plan_is_in_force(AuditEvent.objects.get(action="members.approve_plan"))
    assert [message.to for message in mail.outbox] == [["author@example.org"]]
    alone = a_site()
    person = a_user(alone.organisation, "MEMBER_COORDINATOR")
    with acting_as(actor_for_user(person, alone.organisation_id)):
        approve_plan(plan=draft_evacuation_plan(site=alone, title="Plan"))
    with acting_as(SYSTEM):
        tell_that_a_plan_is_in_force(AuditEvent.objects.get(action="members.approve_plan", organisation_id=alone.organisation_id))
    assert len(mail.outbox) == 1


def test_on_pages_the_author_puts_forward_and_the_other_approves(site, author, second):
    plan = a_draft_by(author, site)
    here, there = signed_in(author), signed_in(second)
    page = here.get(f"/plans/evacuation/{plan.pk}/").content.decode()
    assert f"/plans/evacuation/{plan.pk}/ask/" in page and f"/plans/evacuation/{plan.pk}/approve/" not in page
    refused = here.get(f"/plans/evacuation/{plan.pk}/approve/").content.decode()
    assert "another coordinator approves it" in refused and "Approve revision 1" not in refused
    assert here.post(f"/plans/evacuation/{plan.pk}/approve/").status_code == 409
    assert here.post(f"/plans/evacuation/{plan.pk}/ask/").status_code == 302
    assert "Put forward for approval" in here.get(f"/plans/evacuation/{plan.pk}/").content.decode()

    assert "1 plan waits for approval" in " ".join(_words(there.get("/overview/").content.decode()))
    waiting = there.get("/plans/gaps/").content.decode()
    assert 'id="waiting"' in waiting and f"/plans/evacuation/{plan.pk}/approve/" in waiting
    assert there.post(f"/plans/evacuation/{plan.pk}/approve/").status_code == 302
    assert 'id="waiting"' not in there.get("/plans/gaps/").content.decode()


def _words(page: str) -> list[str]:
    import re

    return re.sub(r"<[^>]+>", "", page).split()


def test_nobody_outside_learns_of_a_draft_that_waits(site, author, second):
    plan = a_draft_by(author, site)
    with acting_as(actor_for_user(author, site.organisation_id)):
        ask_for_approval(plan=plan)
    for actor in (a_viewer(site.organisation), an_analyst(), a_coordinator(an_organisation())):
        with acting_as(actor):
            figures = measure_all(FigureScope())
            assert "plans.waiting" not in figures or figures["plans.waiting"].value == 0
    viewer = signed_in(a_user(site.organisation, "MEMBER_VIEWER"))
    assert 'id="waiting"' not in viewer.get("/plans/gaps/").content.decode()


# --- what falls due ------------------------------------------------------------------------------------------------


def held(site: Site, days_ago: int, **fields) -> Drill:
    day = timezone.localdate() - timedelta(days=days_ago)
    with acting_as(SYSTEM):
        drill = record_drill(site=site, **{"kind": "FULL", "held_on": day, "participants": 96, "result": "PASS", **fields})
        site.refresh_from_db()
    return drill


def test_the_next_drill_follows_the_last_one_and_the_alert_level(site):
    held(site, 10)
    held(site, 70)  # recorded later, held earlier
    today = timezone.localdate()
    assert site.current_drill_due_on == today - timedelta(days=10) + timedelta(days=365)
    with acting_as(a_coordinator(site.organisation)):
        change_alert_level(site=site, level=3)
        site.refresh_from_db()
        assert site.current_drill_due_on == today + timedelta(days=50)
        change_alert_level(site=site, level=4)
        site.refresh_from_db()
        assert site.current_drill_due_on is None, "nobody drills at the extreme level"


def test_an_earlier_moment_knows_only_the_drills_recorded_by_then(site):
    held(site, 10)
    with acting_as(SYSTEM):
        Drill.objects.update(recorded_at=timezone.now() - timedelta(days=2))
        before, after = (
            projections([site], timezone.now() - timedelta(days=days))[site.pk]["current_drill_due_on"] for days in (5, 1)
        )
    assert before is None and after == site.current_drill_due_on


def test_overdue_and_missing_drills_are_counted_and_listed(site):
    never, fine = a_site(site.organisation, name="Lviv depot"), a_site(site.organisation, name="Rivne mill")
    held(site, 400)
    held(fine, 20)
    with acting_as(a_viewer(site.organisation)):
        found = measure_all(FigureScope())
    assert [found[name].value for name in ("drills.overdue", "drills.none", "plans.missing")] == [1, 1, 3]
    page = signed_in(a_user(site.organisation, "MEMBER_VIEWER"))
    listed = page.get(found["drills.overdue"].link).content.decode()
    assert site.name in listed and never.name not in listed and fine.name not in listed
    assert never.name in page.get(found["drills.none"].link).content.decode()
    assert page.get(found["plans.missing"].link).status_code == 200


@pytest.mark.parametrize(
    ("today", "due", "mails"),
    [
        (TUESDAY, MONDAY, 1),
        (TUESDAY, TUESDAY, 0),
        (TUESDAY, MONDAY - timedelta(days=1), 0),
        (MONDAY, MONDAY - timedelta(days=30), 1),
        (MONDAY, MONDAY, 0),
    ],
)
def test_coordinators_hear_once_of_what_became_overdue_and_on_mondays_of_all(site, author, monkeypatch, today, due, mails):
    monkeypatch.setattr(timezone, "localdate", lambda *args: today)
    with acting_as(SYSTEM):
        Site.objects.filter(pk=site.pk).update(current_plan_review_on=due)
        a_site(site.organisation, name="Lviv depot")
        remind_of_plans()
    assert len(mail.outbox) == mails


# --- the list of gaps as a file, and the API -----------------------------------------------------------------------


def file_rows(actor, query: str = "") -> list[dict]:
    with acting_as(actor):
        return list(rows_for_a_file(QueryDict(query)))


def test_the_gaps_leave_as_a_file_with_the_same_precision(site):
    an_evacuation_plan(site)
    good = a_site(site.organisation, name="Lviv depot")
    an_evacuation_plan(good, not_met=())
    a_site(site.organisation, name="Rivne mill", country="UA")
    rows = file_rows(a_coordinator(site.organisation))
    assert [set(row) for row in rows] == [set(FILE_COLUMNS)] * 2
    by_name = {row["name"]: row for row in rows}
    assert set(by_name) == {"Kharkiv snacks plant", "Rivne mill"}
    assert by_name["Kharkiv snacks plant"]["missing_critical"] == "15"
    assert by_name["Kharkiv snacks plant"]["short"] == "36 seats short"
    assert by_name["Rivne mill"]["plan_status"] == "NONE"
    assert file_rows(a_coordinator(site.organisation), "country=PL") == []
    outside = file_rows(an_analyst())
    assert "Kharkiv" not in str(outside) and "36 seats short" in str(outside)
    assert {row["missing_critical"] for row in file_rows(a_viewer(site.organisation))} == {None}


def test_the_page_offers_the_file(site, author):
    page = signed_in(author).get("/plans/gaps/").content.decode()
    assert "/export/plan-gaps/" in page


def test_a_key_records_a_drill_and_reads_the_difference_of_two_revisions(site):
    first = an_evacuation_plan(site)
    with acting_as(SYSTEM):
        draft = draft_evacuation_plan(site=site, seats=120, routes=[{"name": "South"}])
    key = Client(headers={"Authorization": f"Bearer {a_token(site.organisation)}"})
    today = timezone.localdate().isoformat()
    body = {"site": str(site.pk), "kind": "FULL", "held_on": today, "participants": 61, "result": "PARTIAL", "lessons": "Gate"}
    made = key.post("/api/v1/drills/", body, content_type="application/json")
    assert made.status_code == 201 and made.json()["participants"] == 61, made.content
    assert [row["lessons"] for row in key.get("/api/v1/drills/?result=PARTIAL").json()["results"]] == ["Gate"]
    told = key.get(f"/api/v1/evacuation-plans/{draft.pk}/changes/").json()
    assert (told["from_revision"], told["to_revision"]) == (1, 2)
    assert {"what": "Seats", "item": "", "before": "100", "after": "120"} in told["changes"]
    assert "South" not in str(told) and SECRETS["route"] not in str(told)
    assert key.get(f"/api/v1/evacuation-plans/{draft.pk}/changes/?from=7").status_code == 404
    assert key.get(f"/api/v1/evacuation-plans/{first.pk}/changes/").json()["changes"] == []


def test_outsiders_read_that_a_drill_was_held_and_no_lesson(site):
    held(site, 5, lessons="The second exit was locked", minutes=14)
    viewer = signed_in(a_user(site.organisation, "MEMBER_VIEWER"))
    row = viewer.get("/api/v1/drills/").json()["results"][0]
    assert (row["result"], row["lessons"], row["participants"], row["minutes"]) == ("PASS", None, None, None)
    assert datetime.fromisoformat(row["recorded_at"])


@pytest.mark.parametrize("noun", ["drills", "activations"])
def test_drills_and_evacuations_leave_as_a_file_without_what_is_not_for_the_reader(site, noun):
    held(site, 5, lessons="The second exit was locked", minutes=14)
    plan = an_evacuation_plan(site)
    with acting_as(SYSTEM):
        activate_plan(plan=plan, who="ALL", reason="DANGER: roof", people=210)
    for actor, told in ((a_coordinator(site.organisation), True), (a_viewer(site.organisation), False), (an_analyst(), False)):
        with acting_as(actor):
            rows = list(EXPORTS[noun].rows(QueryDict(f"site={site.pk}")))
        assert len(rows) == 1 and set(key for key, _heading in EXPORTS[noun].columns) <= set(rows[0])
        assert any(secret in str(rows) for secret in ("second exit", "roof")) is told


def test_the_page_of_a_sites_plans_offers_both_files_to_who_may_take_them(site, author):
    held(site, 5)
    page = signed_in(author).get(f"/sites/{site.pk}/plans/").content.decode()
    assert "/export/drills/" in page and "/export/activations/" not in page, "nothing to download yet"
    reporter = signed_in(a_user(site.organisation, "SITE_REPORTER", sites=[site]))
    assert "/export/" not in reporter.get(f"/sites/{site.pk}/plans/").content.decode()


def test_what_was_written_beside_an_answer_is_compared_on_the_page_and_not_in_the_api(site, author):
    an_evacuation_plan(site)
    with acting_as(actor_for_user(author, site.organisation_id)):
        second = draft_evacuation_plan(site=site)
        answer_plan(plan=second, answers={"6": AnswerValue("MET", "The bridge is closed to lorries")})
    page = signed_in(author).get(f"/plans/evacuation/{second.pk}/changes/").content.decode()
    assert f"<del>Met: {SECRETS['note']}</del>" in page and "<ins>Met: The bridge is closed to lorries</ins>" in page
    key = Client(headers={"Authorization": f"Bearer {a_token(site.organisation)}"})
    assert key.get(f"/api/v1/evacuation-plans/{second.pk}/changes/").json()["changes"] == []
