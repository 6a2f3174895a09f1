"""Someone needs help: who is asked, who next, and what the screen of who called says."""

import re
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.core import mail
from django.core.exceptions import PermissionDenied, ValidationError
from django.urls import reverse
from django.utils import timezone

from aimprogress.core.actor import SYSTEM, acting_as
from aimprogress.core.audit import AuditEvent
from aimprogress.core.permissions import Role
from members.models import CheckIn, DutyTurn, HelpCall, MemberAnalyst, Notification, RoleGrant
from members.notifications import ask_next, escalate_help, tell_that_help_is_not_needed
from members.recipients import analysts_of
from members.services.checkins import record_check_in
from members.services.duty import add_duty_turn, raise_duty_turn, remove_duty_turn
from members.services.follow_ups import follow_up_check_in
from members.services.leavers import close_access
from tests.factories import a_coordinator, a_reporter, a_site, a_user, the_secretariat
from tests.members.test_devices import a_phone
from tests.signing import signed_in

pytestmark = pytest.mark.django_db


@pytest.fixture
def site() -> Any:
    return a_site()


@pytest.fixture
def people(site: Any) -> dict[str, Any]:
    """Two coordinators and an analyst; the second coordinator stands first on the roster."""
    made = {name: a_user(site.organisation, Role.MEMBER_COORDINATOR, email=f"{name}@x.example") for name in ("first", "second")}
    made["analyst"] = a_user(the_secretariat(), Role.AIM_ANALYST, email="analyst@x.example")
    return made


def a_turn(site: Any, user: Any, label: str, **dates: Any) -> DutyTurn:
    with acting_as(a_coordinator_of(site)):
        return add_duty_turn(organisation=site.organisation, user=user, label=label, **dates)


def a_coordinator_of(site: Any) -> Any:
    from members.access import actor_for_user

    grants = RoleGrant.objects.filter(organisation=site.organisation, role=Role.MEMBER_COORDINATOR)
    grant = grants.order_by("user__email").first()  # the first of `people`, never somebody that the test sends away
    return actor_for_user(grant.user, site.organisation_id)


def a_call(site: Any) -> CheckIn:
    with acting_as(a_reporter(site)):
        return record_check_in(site=site, people="help")


def asked(check_in: CheckIn, now: Any = None) -> list[str]:
    with acting_as(SYSTEM):
        ask_next(check_in, now=now or timezone.now())
        return [call.who for call in HelpCall.objects.filter(check_in=check_in).order_by("called_at", "id")]


def test_the_first_on_the_roster_is_asked_at_once_and_after_ten_minutes_the_next(site, people):
    a_turn(site, people["second"], "Regional HSE lead")
    a_turn(site, people["first"], "Plant manager")
    check_in, now = a_call(site), timezone.now()
    assert asked(check_in, now) == ["Regional HSE lead"]
    assert asked(check_in, now + timedelta(minutes=9, seconds=59)) == ["Regional HSE lead"]
    assert asked(check_in, now + timedelta(minutes=10)) == ["Regional HSE lead", "Plant manager"]
    assert asked(check_in, now + timedelta(minutes=20)) == ["Regional HSE lead", "Plant manager", "AIM-Progress analyst"]
    assert len(asked(check_in, now + timedelta(minutes=30))) == 3, "everybody was asked, and nobody twice"
    assert [message.to for message in mail.outbox] == [[people[name].email] for name in ("second", "first", "analyst")]
    assert all("help" not in message.subject + message.body for message in mail.outbox)


def test_without_a_roster_all_coordinators_are_asked_at_once(site, people):
    assert asked(a_call(site)) == ["Coordinator", "Coordinator"]


def test_who_is_not_on_duty_today_is_not_asked_first(site, people):
    today = timezone.localdate()
    a_turn(site, people["first"], "Next week", from_on=today + timedelta(days=3))
    a_turn(site, people["first"], "Last week", until_on=today - timedelta(days=1))
    a_turn(site, people["second"], "Today", from_on=today, until_on=today)
    assert asked(a_call(site)) == ["Today"]


def test_who_cannot_answer_any_more_is_not_waited_for(site, people):
    a_turn(site, people["second"], "Regional HSE lead")
    a_turn(site, people["first"], "Plant manager")
    roles = RoleGrant.objects.filter(user=people["second"])
    roles.update(revoked_at=timezone.now())
    assert asked(a_call(site)) == ["Plant manager"]
    page = signed_in(people["first"]).get("/people/duty/")
    assert [now for _turn, now in page.context["turns"]] == [False, True]


def test_who_looked_after_the_member_and_is_no_analyst_any_more_does_not_stand_in_the_way(site, people):
    gone = a_user(the_secretariat(), Role.AIM_ANALYST, email="gone@x.example")
    MemberAnalyst.objects.create(analyst=gone, organisation=site.organisation)
    assert [user.email for user in analysts_of(site.organisation_id)] == [gone.email]
    RoleGrant.objects.filter(user=gone).update(revoked_at=timezone.now())
    assert [user.email for user in analysts_of(site.organisation_id)] == [people["analyst"].email]


def test_an_acknowledgement_ends_the_asking(site, people):
    a_turn(site, people["second"], "Regional HSE lead")
    check_in = a_call(site)
    assert len(asked(check_in)) == 1
    with acting_as(a_coordinator_of(site)):
        follow_up_check_in(check_in=check_in)
    with acting_as(SYSTEM):
        escalate_help()
        assert HelpCall.objects.count() == 1


def test_the_timetable_asks_also_when_the_first_message_was_lost(site, people):
    check_in = a_call(site)
    with acting_as(SYSTEM):
        escalate_help()
        assert HelpCall.objects.filter(check_in=check_in).count() == 2


def undo_of(sent: str) -> str:
    """Where the button of the page that says what was sent leads."""
    _, _, code, _, pk, _ = sent.split("/")
    return reverse("members:check_in_undo", args=[code, pk])


def told_that_it_is_over() -> list[str]:
    with acting_as(SYSTEM):
        for event in AuditEvent.objects.filter(action="members.undo_check_in"):
            tell_that_help_is_not_needed(event)
            tell_that_help_is_not_needed(event)
        return list(Notification.objects.filter(kind="help.over").values_list("user__email", flat=True))


def test_a_call_for_help_that_was_taken_back_says_so_and_who_had_been_asked_is_told(site, people):
    a_turn(site, people["second"], "Regional HSE lead")
    phone, _device = a_phone(site)
    sent = phone.post(f"/c/{site.checkin_code}/", {"id": str(uuid4()), "people": "help"})["Location"]
    assert "Call for help first" in phone.get(sent).content.decode()
    with acting_as(SYSTEM):
        assert asked(CheckIn.objects.get()) == ["Regional HSE lead"]
    answer = phone.post(undo_of(sent))
    assert answer["Location"] == sent, "whoever was asked stands there"
    page = phone.get(sent).content.decode()
    assert "The call for help was taken back" in page and "Regional HSE lead, asked at" in page and "New check-in" in page
    for gone in ('class="help"><h1', "Nobody has acknowledged", "data-refresh", undo_of(sent), "Nobody had been asked"):
        assert gone not in page, gone
    assert told_that_it_is_over() == [people["second"].email]


def test_nobody_is_told_that_it_is_over_who_had_not_been_asked(site, people):
    phone, _device = a_phone(site)
    sent = phone.post(f"/c/{site.checkin_code}/", {"id": str(uuid4()), "operational": "EVACUATED", "people": "help"})["Location"]
    phone.post(undo_of(sent))
    page = phone.get(sent).content.decode()
    assert "The call for help was taken back" in page and "Nobody had been asked yet." in page
    assert told_that_it_is_over() == []


def test_the_phone_reads_who_was_asked_when_the_next_is_and_who_acknowledged(site, people):
    a_turn(site, people["second"], "Regional HSE lead")
    phone, _device = a_phone(site)
    path = f"/c/{site.checkin_code}/"
    sent = phone.post(path, {"id": "0193f000-0000-4000-8000-00000000000a", "people": "help"})["Location"]
    assert "Nobody was asked yet" in phone.get(sent).content.decode()
    with acting_as(SYSTEM):
        check_in = CheckIn.objects.get(site=site)
    asked(check_in)
    page = phone.get(sent).content.decode()
    assert "Regional HSE lead, asked at" in page and "Nobody has acknowledged it yet. At" in page
    assert people["second"].email not in page
    coordinator = signed_in(people["second"])
    assert coordinator.post(f"/follow-ups/{check_in.pk}/close/").status_code == 302
    assert "Regional HSE lead has read it and taken it on" in phone.get(sent).content.decode()


def test_only_who_can_acknowledge_a_call_stands_on_the_roster(site, people):
    viewer = a_user(site.organisation, Role.MEMBER_VIEWER)
    with acting_as(a_coordinator_of(site)), pytest.raises(ValidationError):
        add_duty_turn(organisation=site.organisation, user=viewer, label="Viewer")


def test_a_turn_moves_up_and_off_the_roster(site, people):
    a_turn(site, people["first"], "One")
    two = a_turn(site, people["second"], "Two")
    with acting_as(a_coordinator_of(site)):
        raise_duty_turn(turn=two)
        assert [turn.label for turn in DutyTurn.objects.all()] == ["Two", "One"]
        raise_duty_turn(turn=DutyTurn.objects.get(label="Two"))
        assert [turn.label for turn in DutyTurn.objects.all()] == ["Two", "One"]
        remove_duty_turn(turn=two)
        assert [turn.label for turn in DutyTurn.objects.all()] == ["One"]


@pytest.mark.parametrize("has_heir", [True, False])
def test_a_leaver_leaves_no_turn_behind(has_heir, site, people):
    a_turn(site, people["second"], "Regional HSE lead")
    heir = a_user(site.organisation, Role.MEMBER_COORDINATOR)
    with acting_as(a_coordinator_of(site)):
        close_access(organisation=site.organisation, user=people["second"], heir=heir if has_heir else None)
        assert [turn.user for turn in DutyTurn.objects.all()] == ([heir] if has_heir else [])


def test_the_roster_is_kept_on_its_page(site, people):
    client = signed_in(people["first"])
    assert client.get("/people/duty/").status_code == 200
    wrong = client.post("/people/duty/", {"user": "", "label": ""})
    assert wrong.status_code == 422
    late = {"user": str(people["second"].pk), "label": "HSE", "from_on": "2026-12-02", "until_on": "2026-12-01"}
    assert "This lies before the first day" in client.post("/people/duty/", late).content.decode()
    assert client.post("/people/duty/", late | {"until_on": "2026-12-03"}).status_code == 302
    with acting_as(a_coordinator(site.organisation)):
        turn = DutyTurn.objects.get()
    assert "HSE" in client.get("/people/duty/").content.decode()
    assert (
        client.post(f"/people/duty/{turn.pk}/up/").status_code
        == client.post(f"/people/duty/{turn.pk}/remove/").status_code
        == 302
    )
    assert "Nobody is on the roster" in client.get("/people/duty/").content.decode()


def test_an_analyst_takes_on_a_call_for_help_from_her_notice_and_reads_no_name(site, people):
    """Where nobody is given the member every analyst does; where somebody is, no other."""
    phone, _device = a_phone(site)
    sent = phone.post(f"/c/{site.checkin_code}/", {"id": str(uuid4()), "people": "help"})["Location"]
    with acting_as(SYSTEM):
        check_in, now = CheckIn.objects.get(), timezone.now()
    assert asked(check_in, now) and "AIM-Progress analyst" in asked(check_in, now + timedelta(minutes=10))
    analyst, path = signed_in(people["analyst"]), f"/follow-ups/{check_in.pk}/close/"
    with acting_as(SYSTEM):
        notice = Notification.objects.get(user=people["analyst"], kind="help")
    assert analyst.post(f"/notifications/{notice.pk}/open/")["Location"] == "/follow-ups/"
    page = analyst.get("/follow-ups/").content.decode()
    assert path in page and site.name not in page and re.search(r"site \d", page) and "text line" not in page
    assert site.name not in analyst.get(path).content.decode()
    assert "/follow-ups/" in analyst.get(f"/sites/{site.pk}/").content.decode()
    with acting_as(SYSTEM):
        colleague = a_user(the_secretariat(), Role.AIM_ANALYST, email="colleague@x.example")
        assignment = MemberAnalyst.objects.create(analyst=colleague, organisation=site.organisation)
    assert path not in analyst.get("/follow-ups/").content.decode() and analyst.post(path).status_code == 404
    assignment.delete()
    assert analyst.post(path)["Location"] == "/follow-ups/"
    assert "AIM-Progress analyst has read it and taken it on" in phone.get(sent).content.decode()
    assert (
        path not in analyst.get("/follow-ups/").content.decode()
        and "Somebody has taken it on." in analyst.get(path).content.decode()
    )


def test_the_phone_says_analyst_also_of_one_who_answers_before_she_is_asked(site, people):
    phone, _device = a_phone(site)
    sent = phone.post(f"/c/{site.checkin_code}/", {"id": str(uuid4()), "people": "help"})["Location"]
    with acting_as(SYSTEM):
        check_in = CheckIn.objects.get()
    assert signed_in(people["analyst"]).post(f"/follow-ups/{check_in.pk}/close/").status_code == 302
    assert "AIM-Progress analyst has read it" in phone.get(sent).content.decode()


def test_an_analyst_takes_on_nothing_but_calls_for_help(site, people):
    from members.access import actor_for_user

    with acting_as(a_reporter(site)):
        both = record_check_in(site=site, operational="SUSPENDED", people="help")
        other = record_check_in(site=site, operational="SUSPENDED", people="all")
    analyst = signed_in(people["analyst"])
    page = analyst.get("/follow-ups/").content.decode()
    assert str(both.pk) in page and str(other.pk) not in page and str(CheckIn.FollowUp.REASON.label) not in page
    assert analyst.post(f"/follow-ups/{other.pk}/close/").status_code == 404
    with acting_as(actor_for_user(people["analyst"])), pytest.raises(PermissionDenied):
        follow_up_check_in(check_in=both, what="REASON")
    assert analyst.post(f"/follow-ups/{both.pk}/close/?what=REASON").status_code == 302
    with acting_as(SYSTEM):
        assert [str(code) for code in CheckIn.objects.get(pk=both.pk).left_open] == ["REASON"]
