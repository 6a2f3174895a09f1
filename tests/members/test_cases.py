"""The support desk: who asks and who answers, the clock, what opens and closes a case, and meetings."""

from datetime import timedelta

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.utils import timezone

from aimprogress.core.actor import SYSTEM, acting_as
from aimprogress.core.audit import AuditEvent
from aimprogress.figures.registry import FigureScope, measure
from members.access import actor_for_user
from members.guidance import find
from members.models import CaseMessage, MeetingFollowUp, Notification, ReusableAnswer, RoleGrant, SupportCase, User
from members.services.accounts import revoke_role
from members.services.cases import close_case, handle_case, open_case, write_to_case
from members.services.leavers import close_access
from members.services.meetings import add_follow_up, keep_meeting, settle_follow_up
from members.support_notifications import close_cases, tell_of_a_message
from tests.factories import (
    a_coordinator,
    a_reporter,
    a_site,
    a_user,
    a_viewer,
    an_actor,
    an_analyst,
    an_organisation,
    the_secretariat,
)
from tests.signing import signed_in

pytestmark = pytest.mark.django_db
QUESTION = {"category": "SAFETY", "urgency": "P3", "summary": "Shelter for forty", "text": "Where do we begin?"}


@pytest.fixture
def member():
    return an_organisation()


@pytest.fixture
def desk(member):
    return an_analyst()


@pytest.fixture
def coordinator(member):
    return a_coordinator(member)


@pytest.fixture
def case(member, coordinator):
    with acting_as(coordinator):
        return open_case(organisation=member, **QUESTION)


def now_is(case) -> SupportCase:
    with acting_as(SYSTEM):
        return SupportCase.objects.get(pk=case.pk)


def test_a_new_case_has_a_number_of_the_member_a_first_message_and_a_running_clock(member, coordinator, case):
    with acting_as(coordinator):
        other = open_case(organisation=member, **QUESTION)
        assert (case.number, other.number) == (1, 2)
        assert [message.text for message in CaseMessage.objects.filter(case=case)] == ["Where do we begin?"]
    assert now_is(case).due_at > timezone.now() and now_is(case).status == "NEW"


@pytest.mark.parametrize("ending", ["heir", "nobody", "role"])
def test_the_cases_of_an_analyst_who_leaves_go_to_who_can_take_them(ending, case, desk):
    team = the_secretariat()
    heir, admin = a_user(team, "AIM_ANALYST"), an_actor(team, "AIM_ADMIN")
    leaver = User.objects.get(pk=desk.user_id)
    with acting_as(desk):
        handle_case(case_id=case.pk, handler=leaver)
    with acting_as(admin):
        if ending == "role":
            revoke_role(grant=RoleGrant.objects.get(user=leaver))
        else:
            close_access(organisation=team, user=leaver, heir=heir if ending == "heir" else None)
    assert now_is(case).handler == (heir if ending == "heir" else None)
    with acting_as(SYSTEM):
        told = AuditEvent.objects.filter(action="members.handle_case", object_id=case.pk).count() - 1
    assert told == (ending == "heir")


def test_a_member_who_writes_is_heard_though_who_handled_the_case_has_no_role_any_more(case, desk, coordinator):
    """Whose account lives on without a role, as before access was closed by a service."""
    with acting_as(desk):
        handle_case(case_id=case.pk, handler=User.objects.get(pk=desk.user_id))
    RoleGrant.objects.filter(user=desk.user_id).update(revoked_at=timezone.now())
    other = a_user(the_secretariat(), "AIM_ANALYST")
    with acting_as(coordinator):
        write_to_case(case_id=case.pk, text="It is worse now.")
    with acting_as(SYSTEM):
        tell_of_a_message(AuditEvent.objects.get(action="members.write_to_case"))
        assert [notice.user for notice in Notification.objects.all()] == [other]


def test_an_analyst_who_does_not_look_after_the_member_answers_and_the_clock_stops(case, desk):
    with acting_as(desk):
        write_to_case(case_id=case.pk, text="With the basement.")
    case = now_is(case)
    assert (case.status, case.due_at, case.in_time, case.handler_id) == ("WAITING_MEMBER", None, True, desk.user_id)


def test_an_answer_after_the_clock_ran_out_is_late(case, desk):
    with acting_as(SYSTEM):
        SupportCase.objects.filter(pk=case.pk).update(due_at=timezone.now() - timedelta(minutes=1))
    with acting_as(desk):
        write_to_case(case_id=case.pk, text="Sorry.", status="RESOLVED")
    assert now_is(case).in_time is False


def test_a_message_of_the_member_starts_the_clock_again_and_opens_what_was_closed(case, coordinator, desk):
    with acting_as(desk):
        write_to_case(case_id=case.pk, text="With the basement.", status="RESOLVED")
    assert now_is(case).due_at is None
    with acting_as(coordinator):
        write_to_case(case_id=case.pk, text="It is wet.")
    case = now_is(case)
    assert case.status == "REOPENED" and case.due_at > timezone.now() and case.resolved_at is None


def test_waiting_for_the_member_stops_the_clock_and_keeps_what_was_left(case, desk, coordinator):
    due = now_is(case).due_at
    with acting_as(desk):
        handle_case(case_id=case.pk, status="WAITING_MEMBER")
    paused = now_is(case)
    assert paused.due_at is None and paused.clock_left > timedelta(hours=1)
    with acting_as(coordinator):
        write_to_case(case_id=case.pk, text="Here it is.")
    assert abs(now_is(case).due_at - due) < timedelta(minutes=1)


def test_a_clock_that_ran_out_is_stopped_by_no_status_and_the_answer_is_late(case, desk):
    with acting_as(SYSTEM):
        SupportCase.objects.filter(pk=case.pk).update(due_at=timezone.now() - timedelta(days=3))
    with acting_as(desk):
        handle_case(case_id=case.pk, status="WAITING_MEMBER")
    assert now_is(case).due_at is not None and now_is(case).clock_left is None
    with acting_as(desk):
        assert measure("cases.in_time_rate", FigureScope()).text == "0.0 %"  # late before anybody says a word
        write_to_case(case_id=case.pk, text="Sorry.")
        assert now_is(case).in_time is False
        assert measure("cases.in_time_rate", FigureScope()).denominator == 1


def test_waiting_for_others_leaves_the_member_without_an_answer_and_the_clock_runs(case, desk):
    due = now_is(case).due_at
    with acting_as(desk):
        handle_case(case_id=case.pk, status="WAITING_EXTERNAL")
    assert (now_is(case).due_at, now_is(case).clock_left) == (due, None)


def test_a_case_that_the_desk_ends_without_a_word_was_answered_then(case, desk):
    with acting_as(SYSTEM):
        SupportCase.objects.filter(pk=case.pk).update(due_at=timezone.now() - timedelta(hours=1))
    with acting_as(desk):
        handle_case(case_id=case.pk, status="RESOLVED", outcome="Twice the same question")
    assert (now_is(case).in_time, now_is(case).due_at) == (False, None)


def test_a_stopped_clock_has_the_time_of_a_new_urgency(case, desk, coordinator):
    with acting_as(desk):
        handle_case(case_id=case.pk, status="WAITING_MEMBER")
        handle_case(case_id=case.pk, urgency="P1")
    with acting_as(coordinator):
        write_to_case(case_id=case.pk, text="There is smoke.")
    left = now_is(case).due_at - timezone.now()
    assert timedelta(hours=1, minutes=59) < left <= timedelta(hours=2)


def test_a_case_that_becomes_urgent_is_due_sooner(case, desk):
    with acting_as(desk):
        handle_case(case_id=case.pk, urgency="P1")
    assert now_is(case).due_at == case.opened_at + timedelta(hours=2)


def test_only_an_analyst_can_be_given_a_case(case, desk, member):
    with acting_as(desk), pytest.raises(ValidationError) as refused:
        handle_case(case_id=case.pk, handler=a_user(member, "MEMBER_COORDINATOR"))
    assert set(refused.value.message_dict) == {"handler"}


def test_another_member_finds_no_case(case):
    with acting_as(a_coordinator(an_organisation())), pytest.raises(ValidationError, match="no such case"):
        write_to_case(case_id=case.pk, text="Hello?")


def test_viewers_read_and_reporters_ask_without_reading(member, case):
    with acting_as(a_viewer(member)), pytest.raises(PermissionDenied):
        write_to_case(case_id=case.pk, text="Me too.")
    site = a_site(member)
    reporter = signed_in(a_user(member, "SITE_REPORTER", sites=[site]))
    asked = reporter.post("/support/cases/add/", QUESTION | {"site": str(site.pk)})
    assert (asked.status_code, asked["Location"]) == (302, "/support/")
    assert reporter.get(f"/support/cases/{case.pk}/").status_code == 403
    with acting_as(a_reporter(site)), pytest.raises(PermissionDenied):
        open_case(organisation=member, site=a_site(member), **QUESTION)


def test_the_desk_neither_asks_for_a_member_nor_closes_its_case(member, case, desk):
    with acting_as(desk):
        with pytest.raises(PermissionDenied):
            open_case(organisation=member, **QUESTION)
        with pytest.raises(PermissionDenied):
            close_case(case_id=case.pk)


def test_a_case_of_which_the_site_is_another_members_is_refused(member, coordinator):
    with acting_as(coordinator), pytest.raises((PermissionDenied, ValidationError)):
        open_case(organisation=member, site=a_site(), **QUESTION)


def test_what_was_resolved_two_weeks_ago_is_closed(case, desk):
    with acting_as(desk):
        write_to_case(case_id=case.pk, text="Done.", status="RESOLVED")
    with acting_as(SYSTEM):
        close_cases()
        assert now_is(case).status == "RESOLVED"
        SupportCase.objects.filter(pk=case.pk).update(resolved_at=timezone.now() - timedelta(days=15))
        before = now_is(case).version
        close_cases()
        assert AuditEvent.objects.filter(action="members.close_resolved_case", object_id=case.pk).count() == 1
    assert (now_is(case).status, now_is(case).version) == ("CLOSED", before + 1)


def test_the_desk_answers_in_three_clicks_without_script_and_gives_a_kept_answer_again(case):
    analyst = signed_in(a_user(the_secretariat(), "AIM_ANALYST"))
    said = analyst.post(
        "/support/answers/add/", {"title": "Basements", "category": "SAFETY", "language": "en", "text": "Two exits."}
    )
    assert said.status_code == 302
    assert "Shelter for forty" in analyst.get("/support/cases/?state=open").content.decode()
    with acting_as(SYSTEM):
        kept = ReusableAnswer.objects.get()
    page = analyst.get(f"/support/cases/{case.pk}/?answer={kept.pk}").content.decode()
    assert "Two exits.</textarea>" in page
    sent = analyst.post(f"/support/cases/{case.pk}/write/", {"text": "Two exits.", "status": "RESOLVED"})
    assert (sent.status_code, sent["Location"]) == (302, f"/support/cases/{case.pk}/")
    assert now_is(case).status == "RESOLVED"


def test_an_empty_message_is_refused_beside_its_field(case, member):
    client = signed_in(a_user(member, "MEMBER_COORDINATOR"))
    refused = client.post(f"/support/cases/{case.pk}/write/", {"text": "  "})
    assert refused.status_code == 422
    with acting_as(SYSTEM):
        assert CaseMessage.objects.filter(case=case).count() == 1


def test_the_api_opens_a_case_and_adds_to_its_conversation(member):
    client = signed_in(a_user(member, "MEMBER_COORDINATOR"))
    made = client.post("/api/v1/support-cases/", QUESTION, content_type="application/json")
    assert made.status_code == 201 and made.json()["due_at"] is not None
    body = {"case_id": made.json()["id"], "text": "And one more thing."}
    assert client.post("/api/v1/case-messages/", body, content_type="application/json").status_code == 201
    assert len(client.get(f"/api/v1/case-messages/?case={body['case_id']}").json()["results"]) == 2


def test_the_api_handles_a_case_for_the_desk_and_closes_it_for_the_member(member, case):
    member_of, analyst = signed_in(a_user(member, "MEMBER_COORDINATOR")), signed_in(a_user(the_secretariat(), "AIM_ANALYST"))
    path, as_json = f"/api/v1/support-cases/{case.pk}", {"content_type": "application/json"}
    assert member_of.post(f"{path}/handle/", {"status": "RESOLVED"}, **as_json).status_code == 403
    said = analyst.post(f"{path}/handle/", {"status": "RESOLVED", "outcome": "Two exits"}, **as_json)
    assert (said.status_code, said.json()["status"]) == (200, "RESOLVED")
    assert analyst.post(f"{path}/close/", {}, **as_json).status_code == 403
    wrong = member_of.post(f"{path}/close/", {"satisfaction": 9}, **as_json)
    assert (wrong.status_code, wrong.json()["errors"][0]["pointer"]) == (400, "/satisfaction")
    assert member_of.post(f"{path}/close/", {"satisfaction": 4}, **as_json).json()["status"] == "CLOSED"
    assert now_is(case).satisfaction == 4


def test_the_desk_reads_what_is_due_first_whether_a_note_may_be_made_and_what_to_point_to(case, member, coordinator):
    with acting_as(coordinator):
        urgent = open_case(organisation=member, **QUESTION | {"urgency": "P1", "summary": "Smoke in the hall"})
        later = open_case(organisation=member, **QUESTION | {"urgency": "P4", "summary": "Next year"})
    analyst = signed_in(a_user(the_secretariat(), "AIM_ANALYST"))
    listed = analyst.get("/support/cases/").content.decode()
    assert listed.index(urgent.summary) < listed.index(case.summary) < listed.index(later.summary)
    of_member = signed_in(a_user(member, "MEMBER_COORDINATOR")).get("/support/cases/").content.decode()
    assert of_member.index(later.summary) < of_member.index(urgent.summary)
    page = analyst.get(f"/support/cases/{case.pk}/").content.decode()
    item = find(topic="SHELTER")[0]
    assert "The member did not agree to a note without its name." in page and f"?guidance={item.code}#id_text" in page
    assert item.link in analyst.get(f"/support/cases/{case.pk}/?guidance={item.code}").content.decode()
    with acting_as(actor_for_user(a_user(the_secretariat(), "AIM_ANALYST"))):
        said = write_to_case(case_id=case.pk, text="With the basement.")
    assert "keep only what is true for everybody" in analyst.get(f"/support/answers/add/?message={said.pk}").content.decode()


def test_a_meeting_is_kept_with_what_follows_by_either_side(member, coordinator, desk, case):
    for actor in (coordinator, desk):
        with acting_as(actor):
            meeting = keep_meeting(
                organisation_id=member.pk, case_id=case.pk, held_on=timezone.localdate(), kind="CALL", topic="Shelter",
                participants="HSE lead, analyst", notes="Two exits.",
            )  # fmt: skip
            agreed = add_follow_up(
                meeting_id=meeting.pk, what="Measure the basement", owner_role="HSE lead", due_on=timezone.localdate()
            )
            settle_follow_up(follow_up_id=agreed.pk)
            assert MeetingFollowUp.objects.filter(meeting=meeting).open().count() == 0


def test_a_meeting_to_come_and_a_case_of_another_member_are_refused(member, coordinator, case):
    held = {"kind": "CALL", "topic": "Shelter", "participants": "HSE lead"}
    other = an_organisation()
    with acting_as(coordinator), pytest.raises(ValidationError) as refused:
        keep_meeting(organisation_id=member.pk, held_on=timezone.localdate() + timedelta(days=1), **held)
    assert set(refused.value.message_dict) == {"held_on"}
    with acting_as(an_analyst()), pytest.raises(ValidationError) as refused:
        keep_meeting(organisation_id=other.pk, case_id=case.pk, held_on=timezone.localdate(), **held)
    assert set(refused.value.message_dict) == {"case"}
    with acting_as(coordinator), pytest.raises(PermissionDenied):
        keep_meeting(organisation_id=other.pk, held_on=timezone.localdate(), **held)
