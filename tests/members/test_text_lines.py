"""The text line: what a phone without a signal reads out, and what becomes of it."""

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from aimprogress.core.actor import SYSTEM, acting_as
from aimprogress.core.permissions import Role
from members.access import actor_for_user
from members.models import CheckIn, Confidence, Device, HeadCount, HelpCall, Site, SiteStatus
from members.notifications import ask_next, calling_for_help
from members.services.checkins import record_check_in
from members.services.devices import WORDS, end_device, offer_device
from members.services.follow_ups import follow_up_check_in
from members.services.lines import confirm_text_line, receive_text_line
from members.services.sites import correct_site_status
from members.textline import LONGEST, read_line, write_line
from tests.factories import a_coordinator, a_head_count, a_site, a_status, a_user, a_viewer, an_organisation
from tests.members.test_batches import send
from tests.members.test_devices import a_phone
from tests.signing import signed_in

KEY = "00112233445566778899aabbccddeeff"
AT = datetime(2026, 11, 27, 20, 14, tzinfo=UTC)


@settings(suppress_health_check=[HealthCheck.too_slow])
@given(
    word=st.sampled_from(WORDS), number=st.integers(10, 9999), seq=st.integers(0, 999_999_999),
    minutes=st.integers(0, 25_000_000), status=st.sampled_from("ORSECN"),
    people=st.sampled_from(["A", "R", "H", "N", "U0", "U12", "U200000"]),
)  # fmt: skip
def test_a_line_is_read_as_it_was_written_and_is_never_too_long(word, number, seq, minutes, status, people):
    alias, at = f"{word}{number}", datetime(2020, 1, 1, tzinfo=UTC) + timedelta(minutes=minutes)
    text = write_line(alias, seq, at, status, people, KEY)
    assert len(text) <= LONGEST and text.isascii()
    line = read_line(text)
    assert (line.alias, line.seq, line.at) == (alias, seq, at) and line.fits(KEY)
    assert not line.fits(KEY[::-1])


@given(st.integers(0, 200), st.sampled_from("0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"))
def test_one_wrong_sign_is_always_found(place, sign):
    text = write_line("WILLOW42", 17, AT, "E", "U12", KEY)
    place %= len(text)
    if text[place] in (sign, " "):
        return
    with pytest.raises(ValidationError):
        read_line(text[:place] + sign + text[place + 1 :])


def test_small_letters_spaces_and_a_cyrillic_keyboard_do_not_matter():
    text = write_line("MOSS42", 1, AT, "E", "A", KEY)
    typed = "  " + text.replace("MOSS42", "МОSS42").replace(" E ", " Е ").lower().replace(" ", "   ")
    assert read_line(typed) == read_line(text)


@pytest.mark.parametrize(
    "text", ["", "hello", "WILLOW42 17", "A" * 400, "WILLOW42 17 9913992599 E A 0000000", "WILLOW4٢ 17 2611272014 E A 0000000"]
)
def test_what_is_no_line_is_refused_with_words(text):
    with pytest.raises(ValidationError) as error:
        read_line(text)
    assert error.value.message_dict["text"][0]


@pytest.fixture
def site(db: Any) -> Any:
    site = a_site()
    a_status(site, "REDUCED", timezone.now() - timedelta(days=1))
    a_head_count(site, 100, timezone.now() - timedelta(days=1), by_contract={"OWN": 90, "AGENCY": 10}, by_gender={"F": 100})
    return site


@pytest.fixture
def device(site: Any) -> Device:
    with acting_as(a_coordinator(site.organisation)):
        return offer_device(site=site).row


def a_line(device: Device, status: str = "E", people: str = "U12", seq: int = 1) -> str:
    return write_line(device.alias, seq, timezone.now() - timedelta(minutes=30), status, people, device.line_key)


def test_a_line_counts_as_second_hand_until_a_person_confirms_it(site, device):
    with acting_as(a_coordinator(site.organisation)):
        check_in = receive_text_line(organisation=site.organisation, text=a_line(device))
        assert (check_in.device, check_in.channel, check_in.seq) == (device.pk, "LINE", 1)
        here = Site.objects.get(pk=site.pk)
        assert (here.current_operational, here.current_unaccounted, here.current_confidence) == ("EVACUATED", 12, Confidence.B)
        confirm_text_line(check_in=check_in)
        here = Site.objects.get(pk=site.pk)
        assert (here.current_operational, here.current_unaccounted, here.current_confidence) == ("EVACUATED", 12, Confidence.A)
        counted = HeadCount.objects.get(pk=here.current_headcount_id)
        assert (counted.by_contract, counted.by_gender) == ({"OWN": 90, "AGENCY": 10}, {"F": 100}), "confirming loses nothing"
        assert SiteStatus.objects.filter(check_in=check_in).count() == HeadCount.objects.filter(check_in=check_in).count() == 2


def test_a_line_entered_twice_is_one_check_in(site, device):
    text = a_line(device)
    with acting_as(a_coordinator(site.organisation)):
        first = receive_text_line(organisation=site.organisation, text=text)
        again = receive_text_line(organisation=site.organisation, text=text.lower())
        assert first.pk == again.pk and again.heard_before and CheckIn.objects.count() == 1


def test_a_phone_that_lost_what_it_held_and_counts_from_one_again_is_heard(site, device):
    earlier = write_line(device.alias, 1, timezone.now() - timedelta(days=3), "E", "A", device.line_key)
    with acting_as(a_coordinator(site.organisation)):
        first = receive_text_line(organisation=site.organisation, text=earlier)
        call = receive_text_line(organisation=site.organisation, text=a_line(device, "E", "H"))
    assert call.pk != first.pk and call.follow_up == CheckIn.FollowUp.HELP


def test_the_phone_that_comes_through_confirms_its_own_line(site):
    phone, device = a_phone(site)
    said = {"operational": "EVACUATED", "people": "unsure", "not_reached": 12, "note": "no light"}
    text = a_line(device)
    with acting_as(a_coordinator(site.organisation)):
        line = receive_text_line(organisation=site.organisation, text=text)
    event = {"id": str(uuid4()), "site": site.checkin_code, "at": read_line(text).at.isoformat(), "seq": 1, **said}
    assert send(phone, event).json()["results"][0]["status"] == "stored"
    with acting_as(SYSTEM):
        line.refresh_from_db()
        assert line.confirmed_at is not None and line.confirmed_by is None
    with acting_as(a_coordinator(site.organisation)):
        assert receive_text_line(organisation=site.organisation, text=text).heard_before


def the_event_of(site: Any, text: str, **said: Any) -> dict[str, Any]:
    """What the phone that made this line sends when there is a signal again, some seconds later in the same minute."""
    at = read_line(text).at + timedelta(seconds=40)
    return {"id": str(uuid4()), "site": site.checkin_code, "at": at.isoformat(), "seq": 1, **said}


def asked_for(check_in: CheckIn) -> list[datetime]:
    ask_next(check_in)
    return [call.called_at for call in HelpCall.objects.filter(check_in=check_in)]


@pytest.mark.parametrize("acknowledged", [True, False])
def test_a_call_for_help_by_line_is_the_same_call_when_the_phone_comes_through(acknowledged, site):
    phone, device = a_phone(site)
    coordinator = a_user(site.organisation, Role.MEMBER_COORDINATOR)
    text = a_line(device, "S", "H")
    with acting_as(actor_for_user(coordinator, site.organisation_id)):
        line = receive_text_line(organisation=site.organisation, text=text)
        assert line.left_open == ["HELP", "REASON"]
        asked = asked_for(line)
        if acknowledged:
            follow_up_check_in(check_in=line)
    event = the_event_of(site, text, operational="SUSPENDED", people="help", note="no light")
    assert send(phone, event).json()["results"][0]["status"] == "stored"
    with acting_as(SYSTEM):
        line.refresh_from_db()
        sent = CheckIn.objects.get(pk=event["id"])
        assert line.left_open == [] and line.confirmed_at is not None, "one thing is open once"
        assert sent.left_open == (["REASON"] if acknowledged else ["HELP", "REASON"])
        assert (Site.objects.get(pk=site.pk).help_needed_since is None) == acknowledged
        assert asked_for(sent) == asked, "nobody is asked anew"
        assert list(calling_for_help()) == ([] if acknowledged else [sent])
    page = phone.get(f"/c/{site.checkin_code}/sent/{sent.pk}/").content.decode()
    assert ("has read it and taken it on" in page) == acknowledged and "asked at" in page


def test_an_old_line_with_the_same_answers_is_not_confirmed_by_a_phone_that_counts_from_one_again(site):
    phone, device = a_phone(site)
    old = write_line(device.alias, 1, timezone.now() - timedelta(days=3), "E", "H", device.line_key)
    with acting_as(a_coordinator(site.organisation)):
        line = receive_text_line(organisation=site.organisation, text=old)
        follow_up_check_in(check_in=line)
    event = the_event_of(site, a_line(device), operational="EVACUATED", people="help")
    assert send(phone, event).json()["results"][0]["status"] == "stored"
    with acting_as(SYSTEM):
        line.refresh_from_db()
        assert line.confirmed_at is None and CheckIn.objects.get(pk=event["id"]).left_open == ["HELP"]


def test_a_line_whose_rows_were_corrected_or_may_not_be_said_again_is_confirmed_nevertheless(site, device):
    a_head_count(site, 100, timezone.now() - timedelta(hours=5), serving=4)
    with acting_as(a_coordinator(site.organisation)):
        line = receive_text_line(organisation=site.organisation, text=a_line(device))
        right = correct_site_status(status=line.statuses.get(), operational="REDUCED", correction_reason="Two lines still run")
        Site.objects.filter(pk=site.pk).update(safety_profile=True)
        assert line.head_counts.get().strict
        line.refresh_from_db()
        confirm_text_line(check_in=line)
        assert line.confirmed_at is not None
        here = Site.objects.get(pk=site.pk)
        assert (here.current_status_id, here.current_operational) == (right.pk, "REDUCED")
        assert here.current_headcount_confidence == Confidence.B, "what may not be said again is not shown as confirmed"


def test_a_line_that_somebody_made_up_is_refused(site, device):
    forged = write_line(device.alias, 1, timezone.now(), "E", "A", KEY)
    elsewhere = an_organisation()
    with acting_as(a_coordinator(site.organisation)), pytest.raises(ValidationError):
        receive_text_line(organisation=site.organisation, text=forged)
    with acting_as(a_coordinator(elsewhere)), pytest.raises(ValidationError):
        receive_text_line(organisation=elsewhere, text=a_line(device))
    with acting_as(a_coordinator(site.organisation)):
        end_device(device=device)
        with pytest.raises(ValidationError):
            receive_text_line(organisation=site.organisation, text=a_line(device))
    with acting_as(SYSTEM):
        assert not CheckIn.objects.exists()


def test_only_who_logs_a_status_enters_a_line(site, device):
    with acting_as(a_viewer(site.organisation)), pytest.raises(PermissionDenied):
        receive_text_line(organisation=site.organisation, text=a_line(device))


def test_entering_and_confirming_on_the_pages(site, device):
    client = signed_in(a_user(site.organisation, Role.MEMBER_COORDINATOR))
    assert "/follow-ups/line/" in client.get("/follow-ups/").content.decode()
    wrong = client.post("/follow-ups/line/", {"text": "WILLOW42 17"})
    assert wrong.status_code == 422 and "This is no text line" in wrong.content.decode()
    assert client.post("/follow-ups/line/", {"text": a_line(device)}).status_code == 302
    page = client.get("/follow-ups/").content.decode()
    assert "Entered as second-hand." in page and "12 people not reached" in page and "not confirmed yet" in page
    with acting_as(SYSTEM):
        check_in = CheckIn.objects.get()
    assert client.post(f"/follow-ups/line/{check_in.pk}/confirm/").status_code == 302
    assert client.post(f"/follow-ups/line/{check_in.pk}/confirm/").status_code == 409
    assert "not confirmed yet" not in client.get("/follow-ups/").content.decode()


def test_what_the_page_itself_sends_confirms_no_line_of_a_nameless_phone(site):
    with acting_as(a_coordinator(site.organisation)):
        assert record_check_in(site=site, operational="OPERATING", people="all").confirmed_at is None
