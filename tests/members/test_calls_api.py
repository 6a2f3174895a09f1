"""Calls with several members through the API: what the pages do, by the same permissions, and nobody learns of the others."""

from datetime import timedelta

import pytest
from django.core.exceptions import ValidationError
from django.utils import timezone

from aimprogress.core.actor import SYSTEM, acting_as
from aimprogress.core.permissions import Permission
from members.models import Meeting
from members.services.meetings import convene_call, keep_meeting
from tests.api.clients import a_program
from tests.factories import a_user, an_analyst, an_organisation, the_secretariat
from tests.signing import signed_in

pytestmark = pytest.mark.django_db
API = "/api/v1/meetings/"
JSON = {"content_type": "application/json"}
MINUTES = "Heated rooms are to be counted by district"


@pytest.fixture
def members():
    return [an_organisation(short_name=name) for name in ("Halden Foods", "Norvia", "Third Mill")]


@pytest.fixture
def team():
    return signed_in(a_user(the_secretariat(), "AIM_ANALYST"))


def wishes(members, **more):
    day = timezone.localdate().isoformat()
    said = {"held_on": day, "topic": "Heat in winter", "agenda": "Heated rooms", "participants": "HSE leads", "kind": "ONLINE"}
    return said | {"members": [str(member.pk) for member in members]} | more


@pytest.fixture
def parts(members, team):
    answer = team.post(f"{API}convene/", wishes(members[:2]), **JSON)
    assert answer.status_code == 200, answer.content
    with acting_as(SYSTEM):
        return [Meeting.objects.get(call=answer.json()["call"], organisation=member) for member in members[:2]]


def pointers(answer):
    assert answer.status_code == 400, answer.content
    return [error["pointer"] for error in answer.json()["errors"]]


def test_the_team_convenes_once_however_often_it_is_sent(members, team):
    def send():
        return team.post(f"{API}convene/", wishes(members[:2]), headers={"Idempotency-Key": "call"}, **JSON)

    first, again = send(), send()
    assert first.json() == again.json() and again["Idempotency-Replayed"] == "true"
    rows = team.get(API, {"call": first.json()["call"]}).json()["results"]
    assert sorted(row["member_name"] for row in rows) == ["Halden Foods", "Norvia"]
    assert {row["agenda"] for row in rows} == {"Heated rooms"}


def test_what_a_call_needs_is_said_at_its_pointer(members, team):
    yesterday = (timezone.localdate() - timedelta(days=1)).isoformat()
    for given, more, pointer in (
        (members[:1], {}, "/members"), (members[:1] * 2, {}, "/members"), (members[:2], {"held_on": yesterday}, "/held_on"),
        (members[:2], {"agenda": " "}, "/agenda"),
    ):  # fmt: skip
        assert pointers(team.post(f"{API}convene/", wishes(given, **more), **JSON)) == [pointer]
    with acting_as(SYSTEM):
        assert not Meeting.objects.exists()


def test_the_same_member_twice_is_one_member(members):
    with acting_as(an_analyst()):
        call = {
            "held_on": timezone.localdate(),
            "topic": "Heat",
            "agenda": "Rooms",
            "participants": "HSE leads",
            "kind": "ONLINE",
        }
        with pytest.raises(ValidationError):
            convene_call(members=[members[0]] * 2, **call)
        assert len(convene_call(members=[*members[:2], members[0]], **call)) == 2


def test_a_member_accepts_for_itself_and_reads_the_minutes_from_then_on(members, parts, team):
    program = a_program(members[0])
    assert team.post(f"{API}{parts[1].pk}/minutes/", {"notes": MINUTES}, **JSON).status_code == 200
    assert program.get(f"{API}{parts[0].pk}/").json()["notes"] == ""
    first = program.post(f"{API}{parts[0].pk}/accept/", {})
    again = program.post(f"{API}{parts[0].pk}/accept/", {})
    assert first.json()["notes"] == MINUTES and first.json()["accepted_at"] == again.json()["accepted_at"] is not None
    with acting_as(SYSTEM):
        assert Meeting.objects.get(pk=parts[1].pk).accepted_at is None
    assert team.post(f"{API}{parts[1].pk}/accept/", {}, **JSON).status_code == 403, "nobody accepts for a member"


def test_a_call_that_one_stops_is_over_for_all_and_its_reason_stays(members, parts, team):
    program = a_program(members[0])
    assert pointers(program.post(f"{API}{parts[0].pk}/stop/", {})) == ["/reason"]
    assert pointers(program.post(f"{API}{parts[0].pk}/stop/", {"reason": "  "})) == ["/reason"]
    answers = [program.post(f"{API}{parts[0].pk}/stop/", {"reason": "A price was named"}) for _twice in range(2)]
    assert answers[0].json()["stopped_at"] == answers[1].json()["stopped_at"] is not None
    other = a_program(members[1]).get(f"{API}{parts[1].pk}/")
    assert other.json()["stopped_at"] == answers[0].json()["stopped_at"] and "price" not in other.content.decode()


def test_who_may_not_is_refused_and_nobody_learns_of_the_others(members, parts):
    coordinator = a_program(members[0])
    viewer = a_program(members[0], [Permission.MEETING_READ])
    stranger = a_program(members[2])
    own, foreign = parts[0].pk, parts[1].pk
    assert coordinator.post(f"{API}convene/", wishes(members[:2])).status_code == 403
    assert coordinator.post(f"{API}{own}/minutes/", {"notes": "Mine"}).status_code == 403
    assert coordinator.post(f"{API}{foreign}/minutes/", {"notes": "Mine"}).status_code == 404
    for verb, body in (("accept", {}), ("stop", {"reason": "A price"})):
        assert viewer.post(f"{API}{own}/{verb}/", body).status_code == 403
        assert stranger.post(f"{API}{own}/{verb}/", body).status_code == 404
        assert coordinator.post(f"{API}{foreign}/{verb}/", body).status_code == 404
    said = [coordinator.get(f"{API}{query}") for query in ("", f"?call={parts[0].call}", f"{own}/", "?format=csv")]
    said.append(coordinator.post(f"{API}{own}/accept/", {}))
    for answer in said:
        text = answer.content.decode()
        assert answer.status_code == 200 and str(own) in text, "the own part is read"
        assert not [trace for trace in ("Norvia", str(foreign), str(members[1].pk)) if trace in text]


def test_a_meeting_with_one_member_is_no_call(members, team):
    with acting_as(an_analyst()):
        meeting = keep_meeting(organisation_id=members[0].pk, held_on=timezone.localdate(), topic="Buses", participants="HR lead")
    program = a_program(members[0])
    for verb, body in (("accept", {}), ("stop", {"reason": "A price"})):
        answer = program.post(f"{API}{meeting.pk}/{verb}/", body)
        assert answer.status_code == 400 and "no call with several members" in answer.content.decode()
    assert team.post(f"{API}{meeting.pk}/minutes/", {"notes": "x"}, **JSON).status_code == 400


def test_a_meeting_is_written_down(members, team):
    body = {
        "held_on": timezone.localdate().isoformat(),
        "kind": "CALL",
        "topic": "Buses",
        "participants": "HR lead",
        "notes": "Two",
    }
    mine = a_program(members[0]).post(API, body)
    assert mine.status_code == 201 and mine.json()["member_name"] == "Halden Foods"
    assert pointers(team.post(API, body, **JSON)) == ["/organisation"]
    theirs = team.post(API, body | {"organisation": str(members[1].pk)}, **JSON)
    assert theirs.status_code == 201 and theirs.json()["member_name"] == "Norvia"
    assert a_program(members[0]).post(API, body | {"organisation": str(members[1].pk)}).status_code == 403
    tomorrow = (timezone.localdate() + timedelta(days=1)).isoformat()
    assert pointers(a_program(members[0]).post(API, body | {"held_on": tomorrow})) == ["/held_on"]
