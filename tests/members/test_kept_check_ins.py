"""What a phone says is kept, whatever the rules of a fact refuse: stored as said, without a fact, with a follow-up."""

from datetime import timedelta
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.test import Client
from django.utils import timezone

from aimprogress.core.actor import SYSTEM, acting_as
from aimprogress.core.permissions import Role
from members.models import CheckIn, HeadCount, OtherAnswers, Site, SiteStatus
from members.services import checkins
from members.services.checkins import offer_for, record_check_in, settle_other_answers
from members.services.follow_ups import follow_up_check_in
from members.services.lines import receive_text_line
from members.services.sites import ForbiddenMove
from tests.factories import a_coordinator, a_head_count, a_reporter, a_site, a_status, a_user
from tests.members.test_batches import an_event, send, statuses
from tests.members.test_devices import a_phone
from tests.members.test_text_lines import a_line
from tests.signing import signed_in

pytestmark = pytest.mark.django_db

WHERE = "5 people under the roof at 49.9935, 36.2304, bring water"
EARLIER = timedelta(days=2)


@pytest.fixture
def site() -> Any:
    site = a_site()
    a_status(site, "REDUCED", timezone.now() - EARLIER)
    a_head_count(site, 100, timezone.now() - EARLIER)
    return site


@pytest.fixture
def phone(site: Any) -> Client:
    return a_phone(site)[0]


def kept(**which: Any) -> CheckIn:
    with acting_as(SYSTEM):
        return CheckIn.objects.get(**which)


def now_of(site: Any) -> Site:
    with acting_as(SYSTEM):
        return Site.objects.get(pk=site.pk)


@pytest.mark.parametrize("status", ["EVACUATED", ""])
def test_a_call_for_help_is_never_refused_for_its_words_and_the_position_is_not_kept(status, site, phone):
    event = an_event(site, operational=status, people="help", note=WHERE)
    assert statuses(send(phone, event)) == ["stored"]
    assert statuses(send(phone, event)) == ["duplicate"], "sent again it is the same"
    check_in = kept()
    assert check_in.left_open == ["HELP", "HELD_BACK"]
    assert check_in.answers["note"] == "5 people under the roof at […] , bring water"
    assert now_of(site).help_needed_since is not None
    with acting_as(SYSTEM):
        assert [fact.note for fact in SiteStatus.objects.filter(check_in=check_in)] == [check_in.answers["note"]] * bool(status)


def test_other_answers_keep_no_position_either(site, phone):
    event = an_event(site)
    assert statuses(send(phone, event)) == ["stored"]
    assert statuses(send(phone, {**event, "note": WHERE})) == ["conflict"]
    with acting_as(SYSTEM):
        assert "36.2304" not in OtherAnswers.objects.get().answers["note"]


def test_whoever_sees_the_answer_is_told_beside_the_note_but_never_where_help_is_needed(site):
    client = signed_in(a_user(site.organisation, Role.SITE_REPORTER, sites=[site]))
    said = {"id": "0193f000-0000-4000-8000-00000000000a", "operational": "EVACUATED", "note": WHERE}
    refused = client.post(f"/c/{site.checkin_code}/", said | {"people": "all"})
    assert refused.status_code == 422 and "gives a position away" in refused.context["form"].errors["note"][0]
    sent = client.post(f"/c/{site.checkin_code}/", said | {"people": "help"})
    assert sent.status_code == 302
    assert "A place in your note was not kept" in client.get(sent["Location"]).content.decode()
    assert kept().left_open == ["HELP", "HELD_BACK"]


@pytest.mark.parametrize("ended", ["CLOSED", "DIVESTED"])
def test_nothing_has_changed_at_a_site_that_was_closed_meanwhile_is_kept_and_judged_again(ended, site, phone):
    with acting_as(a_reporter(site)):
        assert offer_for(site).may_confirm
    a_status(site, ended, timezone.now() - timedelta(hours=3))
    with acting_as(a_reporter(site)):
        assert not offer_for(now_of(site)).may_confirm
    assert statuses(send(phone, an_event(site, same=True))) == ["stored"]
    assert kept().left_open == ["JUDGED_AGAIN"] and now_of(site).current_operational == ended


def a_site_under_the_profile_since() -> Site:
    """People who serve were counted there before the site came under the safety profile."""
    site = a_site(inside_checkin_reason="They asked for it")
    a_status(site, "REDUCED", timezone.now() - EARLIER)
    a_head_count(site, 100, timezone.now() - EARLIER, serving=4)
    with acting_as(SYSTEM):
        Site.objects.filter(pk=site.pk).update(safety_profile=True)
    return now_of(site)


def test_a_head_count_that_may_not_be_said_again_takes_no_status_with_it():
    site = a_site_under_the_profile_since()
    phone, device = a_phone(site)
    assert statuses(send(phone, an_event(site, operational="EVACUATED", people="all"))) == ["stored"]
    assert kept().left_open == ["JUDGED_AGAIN"] and now_of(site).current_operational == "EVACUATED"
    with acting_as(a_coordinator(site.organisation)):
        line = receive_text_line(organisation=site.organisation, text=a_line(device, "S", "U3", seq=2))
        assert line.left_open == ["NOT_REACHED", "JUDGED_AGAIN", "REASON"]
        assert not HeadCount.objects.filter(check_in__isnull=False).exists()
        assert SiteStatus.objects.filter(check_in=line).exists()


REFUSALS = [ValidationError("no"), ValidationError({"expected": "no"}), ForbiddenMove({"operational": ["no"]})]
SAID = [
    {"same": True}, {"same": True, "people": "all"}, {"same": True, "people": "help"},
    *({"operational": code, "people": people, "not_reached": 3 if people == "unsure" else None}
      for code in ("OPERATING", "REDUCED", "SUSPENDED", "EVACUATED") for people in checkins.PEOPLE),
    {"people": "help"},
]  # fmt: skip


@pytest.mark.parametrize("fact", ["add_status", "add_head_count"])
def test_whatever_a_fact_refuses_every_event_of_a_phone_is_kept_once_and_something_asks(fact, site, phone, monkeypatch):
    refusals = iter(REFUSALS * len(SAID))

    def refuse(*args: Any, **said: Any) -> None:
        SiteStatus.objects.filter(site=site).update(retracted_at=timezone.now())  # what was begun is taken back with it
        raise next(refusals)

    monkeypatch.setattr(checkins, fact, refuse)
    events = [an_event(site, seq=n, **said) for n, said in enumerate(SAID)]
    assert statuses(send(phone, *events)) == ["stored"] * len(SAID)
    assert statuses(send(phone, *events)) == ["duplicate"] * len(SAID)
    with acting_as(SYSTEM):
        for check_in in CheckIn.objects.all():
            wants_it = fact == "add_status" or check_in.answers["people"] in ("all", "reached", "unsure")
            asked = not check_in.answers["same"] and wants_it and check_in.answers["operational"]
            assert not asked or "JUDGED_AGAIN" in check_in.left_open, check_in.answers
            assert (check_in.answers["people"] == "help") == ("HELP" in check_in.left_open)
        assert CheckIn.objects.count() == len(SAID)
        assert not SiteStatus.objects.exclude(retracted_at=None).exists()


def test_from_inside_a_protected_site_a_call_for_help_is_heard_and_makes_no_fact():
    site = a_site(safety_profile=True)
    with acting_as(a_reporter(site)):
        check_in = record_check_in(site=site, operational="EVACUATED", people="help")
        assert check_in.left_open == ["HELP", "JUDGED_AGAIN"] and not check_in.statuses.exists()
        with pytest.raises(PermissionDenied):
            record_check_in(site=site, operational="EVACUATED", people="all")


@pytest.mark.parametrize(("people", "left"), [("all", []), ("reached", []), ("unsure", ["NOT_REACHED"]), ("help", ["HELP"])])
def test_nothing_has_changed_dates_no_head_count_anew_whatever_is_said_of_people_with_it(people, left, site, phone):
    event = an_event(site, same=True, people=people, not_reached=3 if people == "unsure" else None)
    assert statuses(send(phone, event)) == ["stored"]
    assert kept().left_open == left and kept().answers["people"] == people
    with acting_as(SYSTEM):
        assert SiteStatus.objects.filter(check_in=kept()).count() == 1
        assert HeadCount.objects.count() == 1, "the one of two days ago"


def test_nothing_has_changed_beside_another_status_confirms_neither(site, phone):
    assert statuses(send(phone, an_event(site, same=True, operational="EVACUATED", people="unsure", not_reached=2))) == ["stored"]
    assert kept().left_open == ["NOT_REACHED", "JUDGED_AGAIN"]
    with acting_as(SYSTEM):
        assert not SiteStatus.objects.filter(check_in=kept()).exists()


@pytest.mark.parametrize(("people", "first"), [("help", "HELP"), ("unsure", "NOT_REACHED")])
def test_the_reason_of_a_stop_is_still_asked_for_once_the_graver_thing_is_taken_on(people, first, site, phone):
    send(phone, an_event(site, operational="SUSPENDED", people=people, not_reached=3 if people == "unsure" else None))
    client = signed_in(a_user(site.organisation, Role.MEMBER_COORDINATOR))
    close = f"/follow-ups/{kept().pk}/close/"
    assert kept().left_open == [first, "REASON"]
    page = client.get("/follow-ups/").content.decode()
    assert "Suspended: ask for the reason" in page and f"{close}?what={first}" in page
    assert client.post(f"{close}?what={first}").status_code == 302
    assert kept().left_open == ["REASON"] and kept().followed_up_at is not None and now_of(site).help_needed_since is None
    assert client.post(f"{close}?what={first}").status_code == 302, "pressed twice, or by two: only what was meant ends"
    assert kept().left_open == ["REASON"]
    page = client.get("/follow-ups/").content.decode()
    assert f"{close}?what=REASON" in page
    assert "Suspended: ask for the reason" in client.get(f"{close}?what=REASON").content.decode()
    assert client.post(f"{close}?what=REASON").status_code == 302
    assert kept().left_open == [] and close not in client.get("/follow-ups/").content.decode()


def test_nobody_takes_on_the_own_call_for_help_and_no_reporter_anybodys(site):
    reporter = a_user(site.organisation, Role.SITE_REPORTER, sites=[site])
    client = signed_in(reporter)
    client.post(f"/c/{site.checkin_code}/", {"id": "0193f000-0000-4000-8000-00000000000a", "people": "help"})
    close = f"/follow-ups/{kept().pk}/close/"
    assert close not in client.get("/follow-ups/").content.decode()
    page = client.get(close).content.decode()
    assert "taken on by a coordinator who did not send it" in page and "I have taken it on" not in page
    assert client.post(close).status_code == 403
    with acting_as(a_coordinator(site.organisation)):
        own = record_check_in(site=site, people="help")
        with pytest.raises(PermissionDenied):
            follow_up_check_in(check_in=own)
        follow_up_check_in(check_in=CheckIn.objects.get(pk=close.split("/")[2]))
    assert now_of(site).help_needed_since == own.received_at, "hers is still open, and no longer than that"
    with acting_as(a_coordinator(site.organisation)):
        follow_up_check_in(check_in=own)
    assert now_of(site).help_needed_since is None


def test_a_reporter_still_follows_up_what_is_no_call_for_help(site):
    with acting_as(a_reporter(site)):
        follow_up_check_in(check_in=record_check_in(site=site, operational="SUSPENDED", people="all"))
    assert kept().left_open == []


def test_a_line_that_she_entered_and_answers_that_she_chose_are_not_her_own_call(site):
    device = a_phone(site)[1]
    with acting_as(a_coordinator(site.organisation)):
        line = receive_text_line(organisation=site.organisation, text=a_line(device, "N", "H"))
        follow_up_check_in(check_in=line)
    sender = a_reporter(site)
    with acting_as(sender):
        first = record_check_in(site=site, operational="REDUCED", people="all")
        other = checkins.keep_other_answers(site=site, id=first.pk, claimed_at=first.claimed_at, people="help")
    with acting_as(a_coordinator(site.organisation)):
        settle_other_answers(other=other, second_counts=True)
        second = CheckIn.objects.get(follow_up="HELP", followed_up_at=None)
        assert second.by_id == sender.user_id
        follow_up_check_in(check_in=second)
    assert now_of(site).help_needed_since is None
