"""Roll calls as they are worked with: opened, answered in parts, corrected, closed; who sees what, and who is told."""

import gzip
from datetime import timedelta
from uuid import uuid4

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from aimprogress.core.actor import SYSTEM, acting_as
from aimprogress.core.audit import AuditEvent
from aimprogress.core.exceptions import Conflict
from aimprogress.core.permissions import Role
from aimprogress.figures.registry import FigureScope, measure
from members.models import HeadCount, Notification, RollCall, RollCallAnswer
from members.roll_call_notices import tell_that_people_are_counted, tell_that_people_need_help, watch_roll_calls
from members.rounds import Standing
from members.services.checkins import offer_for, record_check_in, undo_check_in
from members.services.evacuations import activate_plan
from members.services.roll_calls import answer_roll_call, close_roll_call, open_roll_call
from tests.factories import a_coordinator, a_head_count, a_reporter, a_site, a_status, a_user, a_viewer, the_secretariat
from tests.members.plan_samples import a_communication_plan, an_evacuation_plan
from tests.members.test_devices import a_phone
from tests.signing import signed_in

pytestmark = pytest.mark.django_db

TOP, DAY, NIGHT = "Site manager", "Shift lead day", "Shift lead night"
ALL_WELL = {"safe": 10, "need_help": 0, "not_reached": 0}


@pytest.fixture
def site():
    return a_site()


@pytest.fixture
def in_parts(site):
    a_communication_plan(site)
    return opened(site)


def opened(site, hours_ago=0.0, incident="SHELLING"):
    with acting_as(SYSTEM):
        return open_roll_call(site=site, incident=incident, began_at=timezone.now() - timedelta(hours=hours_ago))


def said(roll_call, part="", expected=10, **counts):
    with acting_as(SYSTEM):
        return answer_roll_call(roll_call=roll_call, part=part, expected=expected, **{**ALL_WELL, **counts})


def again(roll_call):
    with acting_as(SYSTEM):
        return RollCall.objects.get(pk=roll_call.pk)


def test_the_branches_of_the_call_tree_become_the_parts_and_stay_what_they_were(site, in_parts):
    assert in_parts.roles == [TOP, DAY, NIGHT]
    assert [part["people"] for part in in_parts.parts] == [3, 16, 14], "everybody of the tree, the manager's own two too"
    a_communication_plan(site, call_tree=[{"name": "Another"}])
    assert again(in_parts).roles == [TOP, DAY, NIGHT]


def test_a_site_has_one_open_roll_call(site, in_parts):
    with pytest.raises(Conflict):
        opened(site)
    said(in_parts)
    with acting_as(SYSTEM):
        close_roll_call(roll_call=in_parts)
    assert opened(site).closed_at is None


@pytest.mark.parametrize("hours_ago", [-1, 73])
def test_an_incident_ahead_or_too_long_ago_opens_none(site, hours_ago):
    with pytest.raises(ValidationError):
        opened(site, hours_ago)


def test_the_next_round_is_due_when_every_part_has_answered(in_parts):
    began = in_parts.began_at
    assert in_parts.due_at == began + timedelta(hours=2)
    for part in (DAY, NIGHT):
        said(in_parts, part)
        assert again(in_parts).due_at == began + timedelta(hours=2)
    said(in_parts, TOP)
    assert again(in_parts).due_at == began + timedelta(hours=6)


def test_who_has_answered_early_is_asked_again_when_the_next_round_opens(in_parts):
    early = {part: said(in_parts, part) for part in (TOP, DAY, NIGHT)}
    for wrong in ({}, {"round": 2}):
        with pytest.raises((Conflict, ValidationError)):
            said(in_parts, DAY, **wrong)
    assert said(in_parts, DAY, supersedes=early[DAY], safe=9, need_help=1).round == 1
    with acting_as(SYSTEM):  # two hours later
        RollCall.objects.filter(pk=in_parts.pk).update(began_at=in_parts.began_at - timedelta(hours=2))
    assert said(in_parts, DAY).round == 2
    assert said(in_parts, TOP, supersedes=early[TOP], safe=8, need_help=2).round == 1, "a correction stays in its round"


def test_nobody_answered_before_it_happened(in_parts):
    with pytest.raises(ValidationError) as refused:
        said(in_parts, DAY, observed_at=in_parts.began_at - timedelta(minutes=1))
    assert "observed_at" in refused.value.message_dict


def test_counts_that_do_not_add_up_are_refused(in_parts):
    with pytest.raises(ValidationError, match="1 person has no state"):
        said(in_parts, DAY, safe=9)


def test_only_parts_of_this_roll_call_answer_and_only_rounds_that_have_begun(in_parts):
    for wrong in ({"part": "Somebody else"}, {"round": 2}, {"round": 5}):
        with pytest.raises(ValidationError):
            said(in_parts, **wrong)


def test_an_answer_is_replaced_only_by_naming_it_and_both_stay(in_parts):
    first = said(in_parts, DAY)
    with pytest.raises(Conflict):
        said(in_parts, DAY)
    second = said(in_parts, DAY, supersedes=first, safe=8, not_reached=2)
    with pytest.raises(Conflict):  # somebody else corrected it meanwhile
        said(in_parts, DAY, supersedes=first)
    with acting_as(SYSTEM):
        assert list(RollCallAnswer.objects.standing()) == [second]
        assert RollCallAnswer.objects.count() == 2


def test_what_the_whole_site_answered_is_corrected_there(in_parts):
    said(in_parts)  # the first round is complete by it
    with pytest.raises(ValidationError, match="whole site"):
        said(in_parts, DAY, round=1)


def test_a_roll_call_ends_with_a_reason_where_somebody_is_not_reached(in_parts):
    with acting_as(SYSTEM), pytest.raises(ValidationError):
        close_roll_call(roll_call=in_parts)
    said(in_parts, safe=9, not_reached=1)
    with acting_as(SYSTEM), pytest.raises(ValidationError):
        close_roll_call(roll_call=in_parts)
    with acting_as(SYSTEM):
        closed = close_roll_call(roll_call=in_parts, reason="The family looks for him")
        assert closed.closed_at and closed.due_at is None
        with pytest.raises(Conflict):
            close_roll_call(roll_call=in_parts, reason="Again")
    with pytest.raises(Conflict):
        said(in_parts, DAY)


def test_nobody_is_forgotten_because_a_later_round_was_answered_by_one_part_only(site):
    a_communication_plan(site)
    in_parts = opened(site, hours_ago=3)
    said(in_parts, DAY)
    said(in_parts, TOP)
    client = signed_in(a_user(site.organisation, Role.MEMBER_COORDINATOR))
    close, count = (f"/roll-calls/{in_parts.pk}/close/", f"/sites/{site.pk}/head-count/?roll_call={in_parts.pk}")
    for words in (client.get(close), client.get(count), client.get(f"/sites/{site.pk}/")):
        assert "1 part has never answered" in words.content.decode()
    with acting_as(SYSTEM), pytest.raises(ValidationError):
        close_roll_call(roll_call=in_parts)  # of the night nobody has heard anything
    said(in_parts, NIGHT, safe=8, not_reached=2)
    said(in_parts, DAY)
    page = client.get(close).content.decode()
    assert "2 people are not reached" in page and "never answered" not in page
    assert client.get(count).context["form"].initial == {"unaccounted": 2, "needs_urgent_help": 0}
    with acting_as(SYSTEM), pytest.raises(ValidationError):
        close_roll_call(roll_call=in_parts)  # the day has answered the second round; the two of the night are still missing
    said(in_parts, NIGHT)
    with acting_as(SYSTEM):
        assert close_roll_call(roll_call=in_parts).closed_at


def test_people_whom_the_call_tree_does_not_reach_are_not_passed_over(site, in_parts):
    a_head_count(site, 40)
    client = signed_in(a_user(site.organisation, Role.MEMBER_COORDINATOR))
    words, page = "expects 7 people more than its call tree reaches", reverse("members:roll_call", args=[in_parts.pk])
    for address in (page, f"{page}close/", reverse("members:roll_call_open", args=[site.pk])):
        assert words in client.get(address).content.decode(), address
    outside = signed_in(a_user(the_secretariat(), Role.AIM_ANALYST))
    assert "call tree reaches" not in outside.get(page).content.decode()
    said(in_parts, expected=40, safe=40)
    assert "call tree reaches" not in client.get(f"{page}?round=1").content.decode(), "the whole site has answered"
    a_head_count(site, 33)
    assert "call tree reaches" not in client.get(page).content.decode()


def test_a_roll_call_of_before_the_first_role_was_asked_is_read_and_answered_as_it_was(site):
    roll_call = opened(site)
    with acting_as(SYSTEM):
        RollCall.objects.filter(pk=roll_call.pk).update(parts=[{"role": DAY, "people": 16}])
    said(again(roll_call), DAY)
    page = signed_in(a_user(site.organisation, Role.MEMBER_COORDINATOR)).get(f"/roll-calls/{roll_call.pk}/?round=1")
    assert page.context["seen"].shown.standing is Standing.ANSWERED and "reaches itself" not in page.content.decode()


def test_nobody_of_another_site_and_no_viewer_opens_or_answers(site, in_parts):
    other = a_site(site.organisation)
    for actor in (a_viewer(site.organisation), a_reporter(other)):
        with acting_as(actor), pytest.raises(PermissionDenied):
            answer_roll_call(roll_call=in_parts, expected=10, **ALL_WELL)
    with acting_as(a_reporter(site)):
        assert answer_roll_call(roll_call=in_parts, expected=10, **ALL_WELL).part == ""


def test_the_phone_does_not_offer_nothing_has_changed_while_a_roll_call_is_open(site):
    a_status(site)
    with acting_as(a_reporter(site)):
        assert offer_for(site).may_confirm
    roll_call = opened(site)
    with acting_as(a_reporter(site)):
        assert not offer_for(site).may_confirm
        kept = record_check_in(site=site, same=True)  # said by a phone that was offline: stored, and no fact
        assert kept.follow_up == "JUDGED_AGAIN" and not kept.statuses.exists()
    said(roll_call)
    with acting_as(SYSTEM):
        close_roll_call(roll_call=roll_call)
    with acting_as(a_reporter(site)):
        assert offer_for(site).may_confirm


def test_what_phones_say_meanwhile_stands_beside_and_answers_for_no_part(site, in_parts):
    with acting_as(a_reporter(site)):
        record_check_in(site=site, operational="REDUCED", people="unsure", not_reached=4)
        record_check_in(site=site, operational="EVACUATED", people="help")
    client = signed_in(a_user(site.organisation, Role.MEMBER_COORDINATOR))
    page = client.get(reverse("members:roll_call", args=[in_parts.pk]))
    assert [words for _when, words in page.context["seen"].from_phones] == ["Someone needs help", "4 people not reached"]
    assert "Said by phone" in page.content.decode() and page.context["seen"].last_total is None
    outside = signed_in(a_user(the_secretariat(), Role.AIM_ANALYST)).get(reverse("members:roll_call", args=[in_parts.pk]))
    assert "Said by phone" not in outside.content.decode()


def test_a_call_for_help_that_was_taken_back_is_not_said_by_phone(site, in_parts):
    with acting_as(a_reporter(site)):
        undo_check_in(check_in=record_check_in(site=site, people="help"))
    client = signed_in(a_user(site.organisation, Role.MEMBER_COORDINATOR))
    assert "Said by phone" not in client.get(reverse("members:roll_call", args=[in_parts.pk])).content.decode()


def test_while_a_roll_call_is_open_the_phone_says_who_asks_and_what_to_say_and_reads_nothing(site, in_parts):
    said(in_parts, DAY, expected=93741, safe=93741)
    phone, _device = a_phone(site)
    password_only = signed_in(a_user(site.organisation, Role.SITE_REPORTER, sites=[site]), second_factor=False)
    path = f"/c/{site.checkin_code}/"
    for client in (phone, password_only):
        page = client.get(path).content.decode()
        assert "A roll call is open" in page and "Whoever calls you asks about your people" in page
        assert "call your coordinator" in page and "A check-in does not answer it" in page
        for hidden in (TOP, DAY, "93741", str(in_parts.pk), "/roll-calls/"):
            assert hidden not in page, hidden
    sent = phone.post(path, {"id": str(uuid4()), "operational": "REDUCED", "people": "unsure", "not_reached": 2})["Location"]
    assert "Whoever calls you asks about your people" in phone.get(sent).content.decode()
    assert "roll call" not in Client().get("/c/").content.decode(), "the copy that opens without a signal knows of none"
    said(in_parts)
    with acting_as(SYSTEM):
        close_roll_call(roll_call=in_parts)
    assert all("roll call" not in phone.get(address).content.decode() for address in (path, sent))


def test_a_reporter_with_a_second_factor_is_led_from_the_phone_to_the_part(site, in_parts):
    client = signed_in(a_user(site.organisation, Role.SITE_REPORTER, sites=[site]))
    page = client.get(f"/c/{site.checkin_code}/").content.decode()
    address = reverse("members:roll_call", args=[in_parts.pk])
    assert f'href="{address}"' in page and "Whoever calls you" not in page
    assert client.get(address).context["seen"].may_answer


def test_the_page_of_the_phone_stays_within_its_weight_while_a_roll_call_is_open(site, in_parts):
    phone, _device = a_phone(site)
    for language in ("en", "uk", "ru"):
        paths = (f"/c/{site.checkin_code}/?lang={language}", "/c/style.css", "/c/app.js", "/c/sw.js")
        assert sum(len(gzip.compress(phone.get(path).content, 6)) for path in paths) <= 20_000


def test_an_evacuation_opens_a_roll_call_unless_one_is_open(site):
    plan = an_evacuation_plan(site)
    with acting_as(a_coordinator(site.organisation)):
        activation = activate_plan(plan=plan, who="ALL", reason="DANGER")
        roll_call = RollCall.objects.get(site=site)
    assert (roll_call.incident, roll_call.began_at) == ("EVACUATION", activation.activated_at)
    second = a_site()
    opened(second)
    with acting_as(SYSTEM):
        activate_plan(plan=an_evacuation_plan(second), who="ALL", reason="DANGER")
        assert RollCall.objects.filter(site=second).count() == 1


def test_from_the_page_of_the_site_a_roll_call_is_open_after_three_clicks(site):
    a_communication_plan(site)
    client = signed_in(a_user(site.organisation, Role.MEMBER_COORDINATOR))
    page = client.get(reverse("members:site", args=[site.pk])).content.decode()
    form = reverse("members:roll_call_open", args=[site.pk])
    assert form in page
    assert DAY in client.get(form).content.decode()
    answer = client.post(form, {"incident": "FIRE", "began_at": ""}, follow=True)
    assert "Roll call: Fire" in answer.content.decode()
    assert (
        reverse("members:roll_call_open", args=[site.pk])
        not in client.get(reverse("members:site", args=[site.pk])).content.decode()
    )


def test_the_page_adds_up_the_parts_and_a_part_is_corrected_in_its_own_form(site, in_parts):
    client = signed_in(a_user(site.organisation, Role.SITE_REPORTER, sites=[site]))
    said(in_parts, NIGHT, expected=14, safe=12, not_reached=2)
    said(in_parts, TOP, expected=3, safe=3)
    path = reverse("members:roll_call_answer", args=[in_parts.pk])
    form = client.get(path, {"part": DAY, "round": 1})
    assert form.context["form"]["expected"].value() == 16
    counts = {"expected": 16, "safe": 15, "need_help": 1, "not_reached": 0}
    wrong = client.post(f"{path}?part={DAY}&round=1", counts | {"part": DAY, "round": 1, "safe": 14})
    assert wrong.status_code == 422 and "1 person has no state" in wrong.content.decode()
    client.post(f"{path}?part={DAY}&round=1", counts | {"part": DAY, "round": 1})
    page = client.get(reverse("members:roll_call", args=[in_parts.pk]))
    seen = page.context["seen"]
    assert (seen.total.reached, seen.total.expected, seen.total.not_reached) == (31, 33, 2)
    assert "31 of 33" in page.content.decode() and seen.shown.standing is Standing.ANSWERED
    first = client.get(path, {"part": TOP, "round": 1})
    assert "the role itself and the people it reaches itself" in first.content.decode() and DAY not in first.content.decode()
    assert [line.itself for line in seen.lines] == [True, False, False]
    known = client.get(path, {"part": DAY, "round": 1}).context["form"].initial
    assert known["safe"] == 15 and known["supersedes"]
    client.post(f"{path}?part={DAY}&round=1", counts | {"part": DAY, "round": 1, "supersedes": known["supersedes"], "safe": 16,
                                                     "need_help": 0})  # fmt: skip
    total = client.get(reverse("members:roll_call", args=[in_parts.pk]) + "?round=1").context["seen"].total
    assert total.need_help == 0
    clash = client.post(f"{path}?part={DAY}&round=1", counts | {"part": DAY, "round": 1})
    assert clash.status_code == 409


def test_the_live_part_is_answered_alone_and_renews_itself_only_while_it_is_open(site, in_parts):
    client = signed_in(a_user(site.organisation, Role.MEMBER_COORDINATOR))
    path = reverse("members:roll_call", args=[in_parts.pk])
    part = client.get(path, headers={"HX-Request": "true", "HX-Target": "live"}).content.decode()
    assert part.lstrip().startswith('<div id="live" hx-get="') and "<html" not in part
    said(in_parts)
    with acting_as(SYSTEM):
        close_roll_call(roll_call=in_parts)
    assert "hx-trigger" not in client.get(path).content.decode().split('id="live"')[1]


def test_outside_the_site_no_part_and_no_count_is_read(site, in_parts):
    said(in_parts, DAY, expected=937, safe=937)
    readers = {Role.MEMBER_COORDINATOR: True, Role.MEMBER_VIEWER: False, Role.AIM_ANALYST: False}
    for role, reads in readers.items():
        organisation = the_secretariat() if role == Role.AIM_ANALYST else site.organisation
        client = signed_in(a_user(organisation, role))
        page = client.get(reverse("members:roll_call", args=[in_parts.pk])).content.decode()
        assert ("937" in page, DAY in page) == (reads, reads), role
        assert "Round 1" in page


def test_the_head_count_takes_over_only_what_a_roll_call_knows(site, in_parts):
    a_head_count(site, 30)
    nothing = signed_in(a_user(site.organisation, Role.MEMBER_COORDINATOR)).get(
        reverse("members:head_count_log", args=[site.pk]), {"roll_call": str(in_parts.pk)}
    )
    assert nothing.context["form"].initial == {} and "The roll call has reached" not in nothing.content.decode()
    said(in_parts, expected=30, safe=26, need_help=1, not_reached=3)
    client = signed_in(a_user(site.organisation, Role.MEMBER_COORDINATOR))
    path = f"{reverse('members:head_count_log', args=[site.pk])}?roll_call={in_parts.pk}"
    form = client.get(path).context["form"]
    assert form.initial == {"unaccounted": 3, "needs_urgent_help": 1}
    refused = client.post(path, {"expected": 30, "unaccounted": 3, "source_type": "DIRECT", "confidence": "A"})
    assert refused.status_code == 422 and "27 people have no state" in refused.content.decode()
    counted = {"expected": 30, "unaccounted": 3, "safe_local": 27, "source_type": "DIRECT", "confidence": "A"}
    assert client.post(path, counted | {"meant": "on"}).status_code == 302
    with acting_as(SYSTEM):
        assert HeadCount.objects.filter(site=site).count() == 2
    for strange in ("x", str(site.pk)):
        assert client.get(path.split("?")[0], {"roll_call": strange}).context["form"].initial == {}


def test_after_72_hours_the_page_says_what_families_can_do_and_never_asks_for_a_name(site):
    roll_call = opened(site, 71)
    client = signed_in(a_user(site.organisation, Role.MEMBER_COORDINATOR))
    path = reverse("members:roll_call", args=[roll_call.pk])
    assert "Central Tracing Agency" not in client.get(path).content.decode()
    with acting_as(SYSTEM):
        long_ago = timezone.now() - timedelta(hours=73)
        RollCall.objects.filter(pk=roll_call.pk).update(began_at=long_ago, opened_at=long_ago)
    assert "Central Tracing Agency" in client.get(path).content.decode()
    said(roll_call)
    assert "Central Tracing Agency" not in client.get(path).content.decode()


def test_the_figures_count_open_roll_calls_and_those_with_a_late_round(site):
    with acting_as(a_coordinator(site.organisation)):
        assert measure("roll_calls.open", FigureScope()).value == 0
    opened(site, 3)
    opened(a_site(site.organisation))
    with acting_as(a_coordinator(site.organisation)):
        scope = FigureScope(organisations=frozenset({site.organisation_id}))
        assert measure("roll_calls.open", scope).value == 2
        assert measure("roll_calls.late", scope).value == 1
    client = signed_in(a_user(site.organisation, Role.MEMBER_COORDINATOR))
    assert "roll call with an overdue round" in client.get(reverse("members:overview")).content.decode()
    assert len(client.get(reverse("members:roll_calls"), {"late": "true"}).context["rows"]) == 1
    assert len(client.get(reverse("members:roll_calls")).context["rows"]) == 2


def told(kind):
    with acting_as(SYSTEM):
        return {(note.user.email, note.kind) for note in Notification.objects.filter(kind=kind).select_related("user")}


def test_a_late_round_is_told_once_to_the_member_and_the_72_hours_also_to_the_analyst(site):
    coordinator, analyst = a_user(site.organisation, Role.MEMBER_COORDINATOR), a_user(the_secretariat(), Role.AIM_ANALYST)
    opened(site, 3)
    with acting_as(SYSTEM):
        watch_roll_calls()
        watch_roll_calls()
        assert Notification.objects.filter(kind="roll_call.late").count() == 1
    assert told("roll_call.late") == {(coordinator.email, "roll_call.late")}
    assert told("roll_call.missing") == set()
    with acting_as(SYSTEM):
        RollCall.objects.update(began_at=timezone.now() - timedelta(hours=73))
        watch_roll_calls()
        watch_roll_calls()
    assert told("roll_call.missing") == {(coordinator.email, "roll_call.missing"), (analyst.email, "roll_call.missing")}


def test_an_opening_asks_member_and_analyst_to_sign_in_and_people_who_need_help_ask_the_coordinator(site):
    coordinator, analyst = a_user(site.organisation, Role.MEMBER_COORDINATOR), a_user(the_secretariat(), Role.AIM_ANALYST)
    reporter = a_user(site.organisation, Role.SITE_REPORTER, sites=[site])
    roll_call = opened(site, hours_ago=3)
    with acting_as(SYSTEM):
        tell_that_people_are_counted(AuditEvent.objects.get(action="members.open_roll_call"))
    assert told("roll_call") == {(user.email, "roll_call") for user in (coordinator, analyst, reporter)}
    said(roll_call, safe=9, need_help=1)
    said(roll_call, round=2)
    with acting_as(SYSTEM):
        for event in AuditEvent.objects.filter(action="members.answer_roll_call"):
            tell_that_people_need_help(event)
    assert told("roll_call.help") == {(coordinator.email, "roll_call.help")}
    with acting_as(SYSTEM):
        assert Notification.objects.filter(kind="roll_call.help").count() == 1


def test_the_api_opens_answers_and_closes(site):
    client = signed_in(a_user(site.organisation, Role.MEMBER_COORDINATOR))
    made = client.post("/api/v1/roll-calls/", {"site": str(site.pk), "incident": "FIRE"}, content_type="application/json")
    assert made.status_code == 201, made.content
    assert made.json()["parts"] == [] and made.json()["closed_at"] is None
    pk = made.json()["id"]
    counts = {"roll_call": pk, "expected": 12, "safe": 11, "need_help": 0, "not_reached": 1}
    answer = client.post("/api/v1/roll-call-answers/", counts, content_type="application/json")
    assert answer.status_code == 201 and (answer.json()["round"], answer.json()["not_reached"]) == (1, 1)
    twice = client.post("/api/v1/roll-call-answers/", counts | {"round": 1}, content_type="application/json")
    assert twice.status_code == 409
    again = client.post("/api/v1/roll-call-answers/", counts, content_type="application/json")
    assert again.status_code == 409, "the next round opens when this one is due"
    corrected = counts | {"safe": 1, "supersedes": answer.json()["id"]}
    wrong = client.post("/api/v1/roll-call-answers/", corrected, content_type="application/json")
    assert wrong.status_code == 400
    close = f"/api/v1/roll-calls/{pk}/close/"
    assert client.post(close, {}, content_type="application/json").status_code == 400
    assert client.post(close, {"reason": "Done"}, content_type="application/json").json()["closing_reason"] == "Done"
    assert client.get("/api/v1/roll-calls/", {"open": "true"}).json()["results"] == []
