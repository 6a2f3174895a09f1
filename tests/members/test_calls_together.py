"""A call with several members: each reads its own part only, under the statement on competition law, until somebody stops it."""

from datetime import timedelta

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.utils import timezone

from aimprogress.core.actor import SYSTEM, acting_as
from aimprogress.core.audit import AuditEvent
from aimprogress.exchange.exports import EXPORTS
from aimprogress.jobs.delivery import deliver
from members.models import Meeting, MeetingFollowUp, Notification
from members.services.meetings import (
    accept_statement,
    add_follow_up,
    call_off,
    convene_call,
    move_call,
    stop_call,
    write_minutes,
)
from tests.factories import a_coordinator, a_user, a_viewer, an_analyst, an_organisation, the_secretariat
from tests.signing import signed_in

pytestmark = pytest.mark.django_db
MINUTES = "Heated rooms are to be counted by district"


@pytest.fixture
def members():
    return [an_organisation(short_name=name) for name in ("Halden Foods", "Norvia", "Third Mill")]


@pytest.fixture
def parts(members):
    """A call of today with the first two of three members."""
    with acting_as(an_analyst()):
        return invited(members[:2])


def invited(members, **more):
    wishes = {"held_on": timezone.localdate(), "topic": "Heat in winter", "agenda": "Heated rooms"}
    return convene_call(members=members, **{**wishes, "participants": "HSE leads", "kind": "ONLINE", **more})


def told(user, kind):
    with acting_as(SYSTEM):
        return Notification.objects.filter(user=user, kind=kind).count()


def test_each_member_reads_its_own_part_and_not_who_the_others_are(members, parts):
    with acting_as(a_viewer(members[0])):
        assert [one.pk for one in Meeting.objects.all()] == [parts[0].pk]
    client = signed_in(a_user(members[0], "MEMBER_VIEWER"))
    page = client.get(f"/support/meetings/{parts[0].pk}/").content.decode()
    assert "Heated rooms" in page and "prices, costs, margins, discounts" in page and "Norvia" not in page
    assert client.get(f"/support/meetings/{parts[1].pk}/").status_code == 404
    with acting_as(a_viewer(members[2])):
        assert not Meeting.objects.exists()
    page = signed_in(a_user(the_secretariat(), "AIM_ANALYST")).get(f"/support/meetings/{parts[0].pk}/").content.decode()
    assert "Norvia" in page and "statement not accepted yet" in page


def test_what_is_agreed_with_one_member_stays_in_its_part(members, parts):
    with acting_as(an_analyst()):
        add_follow_up(meeting_id=parts[1].pk, what="Norvia sends its list", owner_role="HSE lead", due_on=timezone.localdate())
    with acting_as(a_coordinator(members[0])):
        assert not MeetingFollowUp.objects.exists()
    with acting_as(a_coordinator(members[1])):
        assert MeetingFollowUp.objects.count() == 1


def test_minutes_are_read_once_the_statement_was_accepted(members, parts):
    with acting_as(an_analyst()):
        write_minutes(meeting_id=parts[0].pk, notes=MINUTES)
    user = a_user(members[0], "MEMBER_COORDINATOR")
    client, path = signed_in(user), f"/support/meetings/{parts[0].pk}/"

    def read():
        with acting_as(a_viewer(members[0])):
            file = list(EXPORTS["meetings"].rows({}))
        said = [client.get(path).content.decode(), client.get(f"/api/v1/meetings/{parts[0].pk}/").content.decode(), str(file)]
        return [MINUTES in text for text in said] + ["Heat in winter" in client.get("/search/?q=by+district").content.decode()]

    assert read() == [False] * 4 and MINUTES not in signed_in(a_user(members[2], "MEMBER_VIEWER")).get(path).content.decode()
    answer = client.post(f"{path}accept/", follow=True)
    assert answer.status_code == 200 and read() == [True] * 4
    with acting_as(a_coordinator(members[1])):
        assert Meeting.objects.get().accepted_at is None


def test_a_call_stopped_by_one_member_is_over_for_all_and_only_its_reason_stays_with_it(members, parts):
    user = a_user(members[0], "MEMBER_COORDINATOR")
    other = a_user(members[1], "MEMBER_COORDINATOR")
    page = signed_in(user).post(f"/support/meetings/{parts[0].pk}/stop/", {"reason": "A price was named"}, follow=True)
    assert "A price was named" in page.content.decode()
    with acting_as(SYSTEM):
        first, second = Meeting.objects.get(pk=parts[0].pk), Meeting.objects.get(pk=parts[1].pk)
        logged = AuditEvent.objects.filter(action="members.stop_call").values_list("organisation_id", flat=True)
        assert list(logged) == [members[0].pk]
    assert first.stopped_at == second.stopped_at is not None
    assert (first.stopped_because, second.stopped_because) == ("A price was named", "")
    page = signed_in(other).get(f"/support/meetings/{second.pk}/").content.decode()
    assert "This call was stopped" in page and "A price was named" not in page and "stop/" not in page


def test_those_who_take_part_are_told_of_invitation_minutes_and_stop(members):
    users = [a_user(member, "MEMBER_COORDINATOR") for member in members]
    with acting_as(an_analyst()):
        parts = invited(members[:2])
        write_minutes(meeting_id=parts[0].pk, notes=MINUTES)
        stop_call(meeting_id=parts[0].pk, reason="A price was named")
    deliver()
    for kind in ("call.invited", "meeting", "call.stopped"):
        assert [told(user, kind) for user in users] == [1, 1, 0], kind


def test_only_the_team_convenes_and_writes_and_only_members_accept(members, parts):
    with acting_as(a_coordinator(members[0])):
        with pytest.raises(PermissionDenied):
            invited(members[:2])
        with pytest.raises(PermissionDenied):
            write_minutes(meeting_id=parts[0].pk, notes="Mine")
    with acting_as(a_viewer(members[0])), pytest.raises(PermissionDenied):
        accept_statement(meeting=Meeting.objects.get())
    with acting_as(a_coordinator(members[2])), pytest.raises(Meeting.DoesNotExist):
        stop_call(meeting_id=parts[0].pk, reason="Not mine")
    for path in ("/support/meetings/call/", f"/support/meetings/{parts[0].pk}/minutes/"):
        assert signed_in(a_user(members[0], "MEMBER_COORDINATOR")).get(path).status_code in (403, 404)


@pytest.mark.parametrize(
    ("count", "more", "field"),
    [(1, {}, "members"), (2, {"held_on": timezone.localdate() - timedelta(days=1)}, "held_on"), (2, {"agenda": " "}, "agenda")],
)
def test_a_call_needs_several_members_a_day_to_come_and_an_agenda(members, count, more, field):
    with acting_as(an_analyst()), pytest.raises(ValidationError) as refused:
        invited(members[:count], **more)
    assert field in refused.value.message_dict


def test_the_team_invites_in_the_browser(members):
    client = signed_in(a_user(the_secretariat(), "AIM_ANALYST"))
    assert "/support/meetings/call/" in client.get("/support/meetings/").content.decode()
    answers = {
        "members": [members[0].pk, members[1].pk], "held_on": timezone.localdate() + timedelta(days=2), "kind": "ONLINE",
        "topic": "Fuel", "agenda": "Fuel for generators", "participants": "HSE leads",
    }  # fmt: skip
    page = client.post("/support/meetings/call/", answers, follow=True).content.decode()
    assert "The members were invited." in page and "Norvia" in page and "Fuel for generators" in page
    assert client.post("/support/meetings/call/", answers | {"members": [members[0].pk]}).status_code == 422


def test_a_call_to_come_is_moved_for_all_and_another_agenda_is_accepted_again(members):
    tomorrow = timezone.localdate() + timedelta(days=1)
    with acting_as(an_analyst()):
        parts = invited(members[:2], held_on=tomorrow)
    with acting_as(a_coordinator(members[0])):
        accept_statement(meeting=Meeting.objects.get())
    client = signed_in(a_user(the_secretariat(), "AIM_ANALYST"))
    later = tomorrow + timedelta(days=7)
    changed = {"held_on": later.isoformat(), "topic": "Heat in winter", "agenda": "Heated rooms"}
    assert client.post(f"/support/meetings/{parts[0].pk}/change/", changed).status_code == 302
    with acting_as(SYSTEM):
        assert set(Meeting.objects.values_list("held_on", flat=True)) == {later}
        assert Meeting.objects.exclude(accepted_at=None).count() == 1  # the same agenda stays accepted
    body = changed | {"agenda": "Heated rooms, water"}
    assert client.post(f"/api/v1/meetings/{parts[1].pk}/move/", body, content_type="application/json").status_code == 200
    coordinator = a_user(members[1], "MEMBER_COORDINATOR")
    deliver()
    with acting_as(SYSTEM):
        assert not Meeting.objects.exclude(accepted_at=None).exists()
    assert told(coordinator, "call.moved") == 2


def test_a_call_that_is_called_off_says_so_and_is_neither_stopped_nor_minuted(members):
    coordinator = a_user(members[0], "MEMBER_COORDINATOR")
    with acting_as(an_analyst()):
        parts = invited(members[:2], held_on=timezone.localdate() + timedelta(days=1))
        with pytest.raises(ValidationError):
            write_minutes(meeting_id=parts[0].pk, notes=MINUTES)  # nobody has met yet
        call_off(meeting_id=parts[0].pk)
        for again in (lambda: call_off(meeting_id=parts[0].pk), lambda: write_minutes(meeting_id=parts[0].pk, notes=MINUTES)):
            with pytest.raises(ValidationError):
                again()
        with pytest.raises(ValidationError):
            move_call(meeting_id=parts[1].pk, held_on=timezone.localdate(), topic="Heat", agenda="Heat")
    deliver()
    page = signed_in(coordinator).get(f"/support/meetings/{parts[0].pk}/").content.decode()
    assert "This call was called off on" in page and "Off the agenda: stop the call" not in page
    assert told(coordinator, "call.off") == 1
