"""What a phone sends when there is a signal again: every event answered for itself, none lost, none twice."""

from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.conf import settings
from django.test import Client
from django.utils import timezone

from aimprogress.core.actor import SYSTEM, acting_as
from aimprogress.core.permissions import Role
from members.models import CheckIn, Device, HeadCount, OtherAnswers, Site, SiteStatus
from members.services.devices import end_device
from tests.factories import a_coordinator, a_head_count, a_site, a_status, a_user
from tests.members.test_devices import a_phone, again
from tests.said import without_chance
from tests.signing import signed_in

pytestmark = pytest.mark.django_db

BATCH, BOOTSTRAP = "/api/v1/check-ins/batch/", "/api/v1/check-ins/bootstrap/"
AN_HOUR = timedelta(hours=1)


@pytest.fixture
def site() -> Any:
    site = a_site()
    a_status(site, "REDUCED", timezone.now() - timedelta(days=2))
    a_head_count(site, 100, timezone.now() - timedelta(days=2))
    return site


@pytest.fixture
def phone(site: Any) -> Client:
    return a_phone(site)[0]


def an_event(site: Any, **said: Any) -> dict[str, Any]:
    at, seq = said.pop("at", timezone.now() - AN_HOUR), said.pop("seq", 1)
    said = said or {"operational": "OPERATING", "people": "all"}
    return {"id": str(uuid4()), "site": site.checkin_code, "at": at.isoformat(), "seq": seq, **said}


def send(client: Client, *events: Any, now: datetime | None = None, **body: Any) -> Any:
    body = {"device_now": (now or timezone.now()).isoformat(), "app": 1, "events": list(events), **body}
    return client.post(BATCH, body, content_type="application/json", headers={"X-Check-In": "1"})


def statuses(answer: Any) -> list[str]:
    assert answer.status_code == 200, answer.content
    return [result["status"] for result in answer.json()["results"]]


def test_each_event_is_stored_once_however_often_it_is_sent(site, phone):
    events = [
        an_event(site, seq=n, operational=code, people="all") for n, code in enumerate(("REDUCED", "SUSPENDED", "EVACUATED"))
    ]
    assert statuses(send(phone, *events)) == ["stored"] * 3
    assert statuses(send(phone, *events)) == ["duplicate"] * 3
    with acting_as(SYSTEM):
        assert CheckIn.objects.filter(site=site).count() == 3
        assert SiteStatus.objects.filter(check_in__isnull=False).count() == 3
        assert {row.channel for row in CheckIn.objects.all()} == {"QUEUE"}
        assert Site.objects.get(pk=site.pk).current_operational == "EVACUATED"


def test_a_bad_event_holds_up_no_other_and_the_results_stand_in_the_order_that_was_sent(site, phone):
    good, late = (
        an_event(site, seq=2),
        an_event(site, seq=1, at=timezone.now() - 2 * AN_HOUR, operational="REDUCED", people="all"),
    )
    nowhere = an_event(a_site(site.organisation))
    answer = send(
        phone,
        good,
        {"id": "no id"},
        "not an event",
        {**an_event(site), "people": "nobody"},
        nowhere,
        late,
        an_event(site, people="all"),
    )
    assert statuses(answer) == ["stored", "rejected", "rejected", "rejected", "rejected", "stored", "rejected"]
    results = answer.json()["results"]
    assert [results[4]["code"], results[6]["code"]] == ["site", "invalid"]
    assert "Say how the site is" in results[6]["message"]
    with acting_as(SYSTEM):
        assert CheckIn.objects.count() == 2
        assert Site.objects.get(pk=site.pk).current_operational == "OPERATING", "the newest event, not the last in the list"


def test_the_same_id_with_other_answers_is_a_conflict_and_both_are_kept_side_by_side(site, phone):
    event = an_event(site, operational="OPERATING", people="all", note="gate open")
    other = {**event, "operational": "EVACUATED", "note": "gate shut"}
    assert statuses(send(phone, event)) == ["stored"]
    assert statuses(send(phone, other)) == statuses(send(phone, other)) == ["conflict"]
    with acting_as(SYSTEM):
        kept = OtherAnswers.objects.get()
        assert (str(kept.check_in_id), kept.answers["operational"]) == (event["id"], "EVACUATED")
        assert Site.objects.get(pk=site.pk).current_operational == "OPERATING"
    client = signed_in(a_user(site.organisation, Role.MEMBER_COORDINATOR))
    path = f"/follow-ups/answers/{kept.pk}/"
    assert path in client.get("/follow-ups/").content.decode()
    page = client.get(path).content.decode()
    assert page.index("gate open") < page.index("gate shut")
    assert client.post(path, {"counts": "SECOND"}).status_code == 302
    assert client.post(path, {"counts": "FIRST"}).status_code == 409
    assert path not in client.get("/follow-ups/").content.decode()
    with acting_as(SYSTEM):
        assert CheckIn.objects.count() == 2, "the first stays, the second is a check-in of its own"


def test_an_id_of_another_organisation_is_a_conflict_that_tells_nothing(site, phone):
    elsewhere = a_site()
    a_head_count(elsewhere, 5)
    theirs = an_event(elsewhere)
    assert statuses(send(a_phone(elsewhere)[0], theirs)) == ["stored"]
    answer = send(phone, {**an_event(site), "id": theirs["id"]})
    assert answer.json()["results"][0] | {"message": ""} == {
        "id": theirs["id"],
        "status": "conflict",
        "code": "id_used",
        "message": "",
    }
    with acting_as(SYSTEM):
        assert CheckIn.objects.count() == 1 and not OtherAnswers.objects.exists()


@pytest.mark.parametrize("wrong", [timedelta(hours=-5), timedelta(hours=5), timedelta(days=-365 * 20)])
def test_a_wrong_clock_is_corrected_by_its_distance_while_sending_and_flagged(wrong, site, phone):
    true = timezone.now() - AN_HOUR
    event = an_event(site, at=true + wrong, operational="EVACUATED", people="all")
    assert statuses(send(phone, event, now=timezone.now() + wrong)) == ["stored"]
    with acting_as(SYSTEM):
        check_in = CheckIn.objects.get()
        assert check_in.clock == "CORRECTED" and abs(check_in.claimed_at - true - wrong) < timedelta(seconds=1)
        assert abs(check_in.corrected_at - true) < timedelta(seconds=5)
        assert abs(SiteStatus.objects.get(check_in=check_in).observed_at - true) < timedelta(seconds=5)


@pytest.mark.parametrize(
    ("at", "now"), [("9999-12-30T12:00:00Z", "0001-01-02T12:00:00Z"), ("0001-01-02T12:00:00Z", "9999-12-30T12:00:00Z")]
)
def test_a_clock_that_no_calendar_reaches_holds_up_nothing(at, now, site, phone):
    event = {**an_event(site, people="help"), "at": at}
    assert statuses(send(phone, event, an_event(site, seq=2), device_now=now)) == ["stored"] * 2
    assert statuses(send(phone, {**event, "note": "said otherwise"}, device_now=now)) == ["conflict"]
    with acting_as(SYSTEM):
        assert CheckIn.objects.get(pk=event["id"]).follow_up == "HELP"


def test_a_clock_that_fits_within_two_minutes_is_believed(site, phone):
    send(phone, an_event(site), now=timezone.now() - timedelta(seconds=115))
    with acting_as(SYSTEM):
        assert (CheckIn.objects.get().clock, CheckIn.objects.get().corrected_at) == ("", None)


def test_a_time_that_lies_ahead_is_stored_flagged_and_never_becomes_a_fact_of_the_future(site, phone):
    assert statuses(send(phone, an_event(site, at=timezone.now() + timedelta(minutes=11)))) == ["stored"]
    with acting_as(SYSTEM):
        assert CheckIn.objects.get().clock == "AHEAD"
        assert SiteStatus.objects.get(check_in__isnull=False).observed_at <= timezone.now()


def test_a_time_of_more_than_sixty_days_ago_is_stored_makes_no_fact_and_asks_the_coordinator(site, phone):
    assert statuses(send(phone, an_event(site, at=timezone.now() - timedelta(days=60, minutes=1)))) == ["stored"]
    with acting_as(SYSTEM):
        check_in = CheckIn.objects.get()
        assert (check_in.clock, check_in.follow_up) == ("LONG_AGO", "CLOCK")
        assert not SiteStatus.objects.filter(check_in=check_in).exists()


def test_nothing_has_changed_does_not_confirm_what_was_reported_after_it_was_said(site, phone):
    a_status(site, "EVACUATED", timezone.now() - timedelta(minutes=30))
    assert statuses(send(phone, an_event(site, same=True))) == ["stored"]
    with acting_as(SYSTEM):
        assert CheckIn.objects.get().follow_up == "JUDGED_AGAIN"
        assert not SiteStatus.objects.filter(check_in__isnull=False).exists()


def test_not_sure_needs_its_number_also_where_nothing_else_has_changed(site, phone):
    answer = send(phone, an_event(site, same=True, people="unsure"), an_event(site, seq=2, same=True, people="help"))
    assert statuses(answer) == ["rejected", "stored"]
    assert "How many people are not reached?" in answer.json()["results"][0]["message"]
    with acting_as(SYSTEM):
        assert CheckIn.objects.get().follow_up == "HELP", "a call for help is never lost"


def test_everyone_is_safe_makes_no_head_count_once_somebody_is_injured(site, phone):
    a_head_count(site, 100, timezone.now() - timedelta(hours=2), injured=1)
    assert (
        statuses(send(phone, an_event(site), an_event(site, operational="OPERATING", people="reached", seq=2))) == ["stored"] * 2
    )
    with acting_as(SYSTEM):
        judged, reached = CheckIn.objects.order_by("seq")
        assert judged.follow_up == "JUDGED_AGAIN" and not HeadCount.objects.filter(check_in=judged).exists()
        assert HeadCount.objects.get(check_in=reached).injured == 1


def test_fifty_events_go_at_once_and_more_are_refused_whole_to_be_halved(site, phone):
    events = [an_event(site, seq=n, same=True) for n in range(51)]
    assert send(phone, *events).status_code == 413
    assert statuses(send(phone, *events[:50])) == ["stored"] * 50
    assert send(phone, {**an_event(site), "note": "x" * 65_000}).status_code == 413


def test_an_ended_phone_is_told_so_in_every_answer_and_may_say_that_it_deleted_everything(site):
    phone, device = a_phone(site)
    with acting_as(a_coordinator(site.organisation)):
        end_device(device=device)
    assert send(phone, an_event(site)).status_code == 410
    assert phone.get(BOOTSTRAP, {"site": site.checkin_code}).status_code == 410
    assert again(device).wiped_at is None
    done = phone.post(BATCH, {"events": []}, content_type="application/json", headers={"X-Check-In": "1", "X-Wiped": "1"})
    assert done.status_code == 410 and again(device).wiped_at is not None
    assert send(phone, an_event(site)).status_code == 401, "its token opens nothing any more, not even this answer"
    with acting_as(SYSTEM):
        assert not CheckIn.objects.exists()


def test_nobody_and_a_silent_phone_are_asked_to_sign_in(site):
    assert send(Client(), an_event(site)).status_code == 401
    phone, device = a_phone(site)
    with acting_as(SYSTEM):
        Device.objects.filter(pk=device.pk).update(last_seen_at=timezone.now() - timedelta(days=31))
    assert send(phone, an_event(site)).status_code == 401


def test_a_signed_in_reporter_sends_without_a_phone_of_its_own(site):
    user = a_user(site.organisation, Role.SITE_REPORTER, sites=[site])
    assert statuses(send(signed_in(user, second_factor=False), an_event(site))) == ["stored"]
    with acting_as(SYSTEM):
        assert (CheckIn.objects.get().by_id, CheckIn.objects.get().device) == (user.pk, None)


def test_with_both_a_session_and_a_token_the_phone_is_noted_with_the_person(site):
    phone, device = a_phone(site)
    user = a_user(site.organisation, Role.SITE_REPORTER, sites=[site])
    phone.force_login(user, backend="allauth.account.auth_backends.AuthenticationBackend")
    assert statuses(send(phone, an_event(site))) == ["stored"]
    with acting_as(SYSTEM):
        assert (CheckIn.objects.get().by_id, CheckIn.objects.get().device) == (user.pk, device.pk)


@pytest.mark.parametrize(
    "headers", [{}, {"X-Check-In": "1", "Origin": "https://evil.example"}, {"X-Check-In": "1", "Sec-Fetch-Site": "cross-site"}]
)
def test_no_other_site_can_send_for_a_phone_or_a_session(headers, site, phone):
    reporter = signed_in(a_user(site.organisation, Role.SITE_REPORTER, sites=[site]), second_factor=False)
    for client in (phone, reporter):
        answer = client.post(BATCH, {"events": [an_event(site)]}, content_type="application/json", headers=headers)
        assert answer.status_code == 403, headers
    assert phone.post(BATCH, {"events": "[]"}, headers={"X-Check-In": "1"}).status_code == 415
    with acting_as(SYSTEM):
        assert not CheckIn.objects.exists()


def test_the_bootstrap_tells_two_booleans_and_no_name_status_or_figure(site):
    phone, device = a_phone(site)
    known = phone.get(BOOTSTRAP, {"site": site.checkin_code}).json()
    assert known["alias"] == device.alias and len(known["line_key"]) == 32
    assert (known["may_confirm"], known["may_say_all"], known["otherwise_as_before"]) == (True, True, False)
    assert set(known) == {
        "alias",
        "may_confirm",
        "may_say_all",
        "otherwise_as_before",
        "as_of",
        "numbers",
        "line_key",
        "may_sign_in",
    }
    assert known["may_sign_in"] is False, "nobody's account stands behind this phone"
    reporter = a_user(site.organisation, Role.SITE_REPORTER, sites=[site])
    for client in (a_phone(site, holder=reporter)[0], signed_in(reporter)):
        assert client.get(BOOTSTRAP, {"site": site.checkin_code}, headers={"X-Check-In": "1"}).json()["may_sign_in"] is True
    assert "100" not in without_chance(str(known)) and site.name not in str(known)
    assert phone.get(BOOTSTRAP, {"site": a_site(site.organisation).checkin_code}).status_code == 404
    assert phone.get(BOOTSTRAP).status_code == 404 and phone.get(BOOTSTRAP, {"site": "a\x00"}).status_code == 400
    assert phone.get("/c/a%00/").status_code == 404


def test_the_token_lives_another_thirty_days_with_every_answer(site):
    client, device = a_phone(site)
    with acting_as(SYSTEM):
        Device.objects.filter(pk=device.pk).update(last_seen_at=timezone.now() - timedelta(days=29))
    answer = send(client)
    assert timezone.now() - again(device).last_seen_at < AN_HOUR
    assert answer.cookies[settings.DEVICE_COOKIE_NAME]["max-age"] == 400 * 86400, (
        "the browser keeps it longer than it opens anything"
    )
    assert answer.cookies[settings.DEVICE_COOKIE_NAME]["samesite"] == "Strict"


def test_a_page_older_than_the_protocol_renews_itself_and_keeps_its_queue(site, phone):
    assert send(phone, an_event(site), app=0).status_code == 409


@pytest.mark.parametrize("body", [[], {}, {"events": {}}, {"events": [], "device_now": "yesterday"}, {"events": [], "app": "x"}])
def test_a_body_of_another_shape_is_refused_with_words(body, phone):
    answer = phone.post(BATCH, body, content_type="application/json", headers={"X-Check-In": "1"})
    assert answer.status_code == 400 and answer.json()["errors"][0]["message"]
