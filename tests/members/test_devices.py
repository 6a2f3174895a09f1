"""Phones: enrolled once, adding only, ended in one press."""

from datetime import timedelta
from html import unescape
from re import search
from typing import Any

import pytest
from django.conf import settings
from django.core.exceptions import PermissionDenied, ValidationError
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from aimprogress.core.actor import SYSTEM, acting_as
from aimprogress.core.audit import AuditEvent
from aimprogress.core.exceptions import Conflict
from aimprogress.core.permissions import Role
from members.access import actor_for_user
from members.models import CheckIn, Device, RoleGrant, SiteCare, SiteStatus
from members.services.accounts import change_role, revoke_role
from members.services.chase import hand_over_site
from members.services.cut_off import cut_off_access
from members.services.devices import end_device, enrol_device, find_offer, hand_over_device, offer_device
from members.services.leavers import close_access
from members.services.sites import allow_check_in_from_inside
from tests.factories import a_coordinator, a_head_count, a_site, a_status, a_user, a_viewer, an_organisation
from tests.said import without_chance
from tests.signing import signed_in

pytestmark = pytest.mark.django_db


def an_offer(site: Any, **fields: Any) -> Any:
    with acting_as(a_coordinator(site.organisation)):
        return offer_device(site=site, **fields)


def a_phone(site: Any, **fields: Any) -> tuple[Client, Device]:
    """A browser that was enrolled by opening the link and pressing the button."""
    client = Client()
    offer = an_offer(site, **fields)
    path = reverse("members:enrol", args=[offer.text])
    assert client.get(path).status_code == 200
    answer = client.post(path)
    assert answer.status_code == 302 and answer["Location"] == f"/c/{site.checkin_code}/"
    return client, again(offer.row)


def again(device: Device) -> Device:
    with acting_as(SYSTEM):
        return Device.objects.get(pk=device.pk)


@pytest.fixture
def site() -> Any:
    site = a_site(name="Plant Nightingale")
    a_status(site, "REDUCED")
    a_head_count(site, 137)
    return site


def test_a_link_makes_one_phone_and_opens_nothing_afterwards(site):
    client, device = a_phone(site)
    assert device.enrolled_at and device.link_hash == ""
    cookie = client.cookies[settings.DEVICE_COOKIE_NAME]
    assert cookie["httponly"] and cookie["samesite"] == "Strict" and cookie["secure"]
    assert device.token_hash and cookie.value.partition(".")[2] not in device.token_hash
    offer = an_offer(site)
    path = reverse("members:enrol", args=[offer.text])
    assert Client().post(path).status_code == 302
    assert Client().get(path).status_code == Client().post(path).status_code == 410


def test_a_phone_that_was_ended_while_it_was_silent_for_long_is_still_told_so(site):
    client, device = a_phone(site)
    assert client.cookies[settings.DEVICE_COOKIE_NAME]["max-age"] == timedelta(days=400).total_seconds()
    with acting_as(SYSTEM):
        Device.objects.filter(pk=device.pk).update(last_seen_at=timezone.now() - timedelta(days=200))
    assert client.get(f"/c/{site.checkin_code}/").status_code == 302, "after thirty days it opens nothing"
    with acting_as(a_coordinator(site.organisation)):
        end_device(device=device)
    assert client.get(f"/c/{site.checkin_code}/").status_code == 410


def test_looking_at_a_link_uses_nothing_up_and_after_a_day_it_has_ended(site):
    offer = an_offer(site)
    path = reverse("members:enrol", args=[offer.text])
    assert [Client().get(path).status_code for _n in range(3)] == [200, 200, 200]
    with acting_as(SYSTEM):
        Device.objects.filter(pk=offer.row.pk).update(link_ends_at=timezone.now() - timedelta(seconds=1))
    assert Client().get(path).status_code == 410
    with pytest.raises(Conflict):
        enrol_device(text=offer.text)
    assert find_offer("nonsense") is None


def test_a_phone_checks_in_without_anybody_being_signed_in(site):
    client, device = a_phone(site)
    page = client.get(f"/c/{site.checkin_code}/")
    ident = search(r'name="id" value="([0-9a-f-]{36})"', page.content.decode())[1]
    sent = client.post(f"/c/{site.checkin_code}/", {"id": ident, "operational": "EVACUATED", "people": "all"})
    assert sent.status_code == 302
    with acting_as(SYSTEM):
        check_in = CheckIn.objects.get(pk=ident)
        assert (check_in.device, check_in.by_id) == (device.pk, None)
        assert SiteStatus.objects.get(check_in=check_in).operational == "EVACUATED"
    assert client.get(sent["Location"]).status_code == 200


def test_a_phone_reads_no_name_no_status_and_no_figure(site):
    client, device = a_phone(site)
    text = without_chance(unescape(client.get(f"/c/{site.checkin_code}/").content.decode()))
    assert device.alias in text and "Nothing has changed" in text
    for secret in (site.name, site.code, site.organisation.short_name, "137", "Confirms only: "):
        assert secret not in text
    for path in ("/sites/", "/overview/", f"/sites/{site.pk}/", "/check-in/../people/", "/api/v1/sites/", "/settings/"):
        assert client.get(path).status_code in (403, 404), path


def test_a_phone_reaches_its_own_site_and_its_own_rows_only(site):
    client, _device = a_phone(site)
    other = a_site(site.organisation)
    assert client.get(f"/c/{other.checkin_code}/").status_code == 404
    twin, _second = a_phone(site)
    sent = twin.post(f"/c/{site.checkin_code}/", {"id": "0193f000-0000-4000-8000-000000000001", "same": "1"})
    assert client.get(sent["Location"]).status_code == 404
    assert client.post(sent["Location"] + "undo/").status_code == 404
    assert twin.post(sent["Location"] + "undo/").status_code == 302


def test_of_two_links_to_take_over_from_one_phone_the_newer_alone_works(site):
    _client, device = a_phone(site)
    with acting_as(a_coordinator(site.organisation)):
        first, second = hand_over_device(device=device), hand_over_device(device=again(device))
    assert find_offer(first.text) is None
    enrol_device(text=second.text)
    assert again(device).ended == Device.Ended.HANDED_OVER
    with acting_as(SYSTEM):
        assert Device.objects.alive().count() == 1


def test_a_phone_that_is_enrolled_again_for_its_site_is_one_phone(site):
    client, before = a_phone(site)
    offer = an_offer(site)
    assert client.post(reverse("members:enrol", args=[offer.text])).status_code == 302
    assert again(before).ended == Device.Ended.HANDED_OVER and again(offer.row).ended == ""
    assert offer.row.alias in client.get(f"/c/{site.checkin_code}/").content.decode()


def test_a_phone_of_one_site_does_not_become_one_of_another_with_what_waits_on_it(site):
    client, before = a_phone(site)
    other = a_site(site.organisation)
    offer = an_offer(other)
    path = reverse("members:enrol", args=[offer.text])
    for answer in (client.get(path), client.post(path)):
        assert answer.status_code == 409
        assert "checks in for another site already" in answer.content.decode() and before.alias in answer.content.decode()
        assert "<button" not in answer.content.decode().split("<main")[1].split("</main>")[0]
    assert again(before).ended == "" and client.get(f"/c/{site.checkin_code}/").status_code == 200
    with acting_as(a_coordinator(site.organisation)):
        end_device(device=before)
    assert client.post(path).status_code == 302, "the link was not used up"


def test_an_ended_phone_sends_nothing_more(site):
    client, device = a_phone(site)
    with acting_as(a_coordinator(site.organisation)):
        end_device(device=device)
        with pytest.raises(Conflict):
            end_device(device=again(device))
    assert client.get(f"/c/{site.checkin_code}/").status_code == 410
    refused = client.post(f"/c/{site.checkin_code}/", {"id": "0193f000-0000-4000-8000-000000000002", "same": "1"})
    assert refused.status_code == 410
    with acting_as(SYSTEM):
        assert not CheckIn.objects.exists()


def test_a_token_that_was_silent_for_a_month_opens_nothing(site):
    client, device = a_phone(site)
    with acting_as(SYSTEM):
        Device.objects.filter(pk=device.pk).update(last_seen_at=timezone.now() - timedelta(days=30, minutes=1))
    assert client.get(f"/c/{site.checkin_code}/").status_code == 302


def test_a_forged_token_opens_nothing(site):
    _client, device = a_phone(site)
    for token in (f"{device.pk}.guess", f"{device.pk}.", f"{device.pk}", "x.y", ""):
        client = Client()
        client.cookies[settings.DEVICE_COOKIE_NAME] = token
        assert client.get(f"/c/{site.checkin_code}/").status_code == 302, token


def test_the_old_phone_works_until_the_new_one_is_enrolled(site):
    client, device = a_phone(site)
    with acting_as(a_coordinator(site.organisation)):
        offer = hand_over_device(device=device)
    assert client.get(f"/c/{site.checkin_code}/").status_code == 200
    assert Client().post(reverse("members:enrol", args=[offer.text])).status_code == 302
    assert client.get(f"/c/{site.checkin_code}/").status_code == 410
    assert again(device).ended == Device.Ended.HANDED_OVER


def test_what_a_lost_phone_sent_since_is_put_aside_and_stays_in_the_log(site):
    client, device = a_phone(site)
    client.post(
        f"/c/{site.checkin_code}/", {"id": "0193f000-0000-4000-8000-000000000003", "operational": "EVACUATED", "people": "all"}
    )
    with acting_as(a_coordinator(site.organisation)):
        site.refresh_from_db()
        assert site.current_operational == "EVACUATED"
        end_device(device=device, why=Device.Ended.LOST, ignore_since=timezone.now() - timedelta(hours=1))
        site.refresh_from_db()
        assert site.current_operational == "REDUCED"
        assert CheckIn.objects.filter(device=device.pk).count() == 1


def test_no_phone_at_a_safety_profile_site_unless_it_is_switched_on_with_a_reason():
    site = a_site(safety_profile=True)
    coordinator = a_coordinator(site.organisation)
    with acting_as(coordinator):
        with pytest.raises(ValidationError):
            offer_device(site=site)
        allow_check_in_from_inside(site=site, reason="They asked for it and hold two phones")
    client, device = a_phone(site)
    assert client.get(f"/c/{site.checkin_code}/").status_code == 200
    with acting_as(coordinator):
        allow_check_in_from_inside(site=site, reason=" ")
    assert again(device).ended == Device.Ended.CLOSED
    assert client.get(f"/c/{site.checkin_code}/").status_code == 410


def test_the_switch_stands_on_the_page_of_such_a_site_and_of_no_other(site):
    inside = a_site(site.organisation, safety_profile=True)
    client = signed_in(a_user(site.organisation, Role.MEMBER_COORDINATOR))
    assert client.get(f"/sites/{site.pk}/inside/").status_code == 404
    assert f"/sites/{inside.pk}/inside/" in client.get(f"/sites/{inside.pk}/").content.decode()
    assert client.post(f"/sites/{inside.pk}/inside/", {"reason": "Decided by the HSE lead"}).status_code == 302
    with acting_as(SYSTEM):
        inside.refresh_from_db()
    assert inside.inside_checkin_reason == "Decided by the HSE lead"


def test_only_who_manages_people_offers_a_phone_and_only_at_own_sites(site):
    with acting_as(a_viewer(site.organisation)), pytest.raises(PermissionDenied):
        offer_device(site=site)
    with acting_as(a_coordinator(an_organisation())), pytest.raises(PermissionDenied):
        offer_device(site=site)


def test_a_phone_ends_with_the_account_the_role_or_the_site_that_it_stands_on(site):
    other = a_site(site.organisation)
    coordinator = a_coordinator(site.organisation)
    for ending in ("leaves", "role", "site"):
        user = a_user(site.organisation, Role.SITE_REPORTER, sites=[site, other])
        client, device = a_phone(site, holder=user)
        grant = RoleGrant.objects.get(user=user)
        with acting_as(coordinator):
            if ending == "leaves":
                close_access(organisation=site.organisation, user=user)
            elif ending == "role":
                revoke_role(grant=grant)
            else:
                change_role(grant=grant, role=Role.SITE_REPORTER, site_ids=[other.pk])
        assert again(device).ended == Device.Ended.LEFT, ending
        assert client.get(f"/c/{site.checkin_code}/").status_code == 410, ending


@pytest.mark.parametrize("ending", ["leaves", "role"])
def test_a_code_that_no_phone_used_ends_with_who_made_it(ending, site):
    leaver, stays = (a_user(site.organisation, Role.MEMBER_COORDINATOR) for _ in range(2))
    offers = []
    for maker in (leaver, stays):
        with acting_as(actor_for_user(maker)):
            offers.append(offer_device(site=site))
    with acting_as(actor_for_user(leaver)):
        enrolled = offer_device(site=site)
    enrol_device(text=enrolled.text)
    with acting_as(actor_for_user(stays)):
        if ending == "leaves":
            page = signed_in(stays).get(f"/people/roles/{RoleGrant.objects.get(user=leaver).pk}/leaves/").content.decode()
            assert "1 code for a phone that nobody used yet" in page
            close_access(organisation=site.organisation, user=leaver)
        else:
            revoke_role(grant=RoleGrant.objects.get(user=leaver))
    assert [find_offer(offer.text) is None for offer in offers] == [True, False]
    assert again(enrolled.row).revoked_at is None, "a phone in somebody's hand goes on"


@pytest.mark.parametrize("country", ["", "UA", "PL"])
def test_phones_end_when_access_is_cut_off(country, site):
    client, device = a_phone(site)
    _other, elsewhere = a_phone(a_site())
    with acting_as(SYSTEM):
        cut_off_access(organisation=site.organisation, country=country, reason="DEVICE_SEIZED")
    ended = country != "PL"
    assert again(device).ended == ("CUT_OFF" if ended else "") and again(elsewhere).ended == ""
    assert client.get(f"/c/{site.checkin_code}/").status_code == (410 if ended else 200)


def test_a_holder_must_report_for_the_site(site):
    stranger = a_user(an_organisation(), Role.MEMBER_COORDINATOR)
    with acting_as(a_coordinator(site.organisation)), pytest.raises(ValidationError):
        offer_device(site=site, holder=stranger)


def test_who_takes_over_gets_the_sites_and_no_new_role(site):
    other = a_site(site.organisation)
    leaver = a_user(site.organisation, Role.SITE_REPORTER, sites=[site])
    heir = a_user(site.organisation, Role.SITE_REPORTER, sites=[other])
    viewer = a_user(site.organisation, Role.MEMBER_VIEWER)
    coordinator = a_coordinator(site.organisation)
    with acting_as(coordinator), pytest.raises(ValidationError):
        close_access(organisation=site.organisation, user=leaver, heir=viewer)
    assert RoleGrant.objects.in_force().filter(user=leaver).exists(), "nothing half done"
    with acting_as(coordinator):
        close_access(organisation=site.organisation, user=leaver, heir=heir)
    assert actor_for_user(heir).reports_at == {site.pk, other.pk}
    assert not RoleGrant.objects.in_force().filter(user=leaver).exists()
    assert [grant.role for grant in RoleGrant.objects.in_force().filter(user=heir)] == [Role.SITE_REPORTER]


@pytest.mark.parametrize("able", [True, False])
def test_sites_that_a_leaver_followed_up_go_to_a_coordinator_else_they_are_everybodys(able, site):
    leaver, boss = (a_user(site.organisation, Role.MEMBER_COORDINATOR) for _ in range(2))
    heir = a_user(site.organisation, Role.MEMBER_COORDINATOR if able else Role.MEMBER_VIEWER)
    with acting_as(actor_for_user(boss)):
        hand_over_site(site=site, user=leaver, note="Ask for the shift lead")
        close_access(organisation=site.organisation, user=leaver, heir=heir)
        kept = [(care.user, care.note) for care in SiteCare.objects.all()]
    assert kept == ([(heir, "Ask for the shift lead")] if able else [])


def test_leaving_is_two_clicks_and_the_session_is_dead_at_once(site):
    leaver = a_user(site.organisation, Role.SITE_REPORTER, sites=[site])
    theirs = signed_in(leaver)
    assert theirs.get("/check-in/").status_code == 302
    client = signed_in(a_user(site.organisation, Role.MEMBER_COORDINATOR))
    leave = f"/people/roles/{RoleGrant.objects.get(user=leaver).pk}/leaves/"
    assert leave in client.get("/people/").content.decode()
    assert "1 role" in client.get(leave).content.decode()
    assert client.post(leave, {"heir": ""}).status_code == 302
    assert theirs.get("/check-in/")["Location"].startswith("/accounts/login/")


@pytest.mark.parametrize("verb", ["deputy", "second", "hand-over"])
def test_another_phone_is_two_clicks_and_its_code_is_shown_once(verb, site):
    _client, device = a_phone(site)
    coordinator = signed_in(a_user(site.organisation, Role.MEMBER_COORDINATOR))
    path = f"/people/phones/{device.pk}/{verb}/"
    assert path in coordinator.get("/people/").content.decode()
    page = coordinator.post(path)
    text = page.content.decode()
    assert "data:image/svg+xml;base64," in text and page["Cache-Control"] == "no-store"
    secret = search(r"/c/enrol/([\w-]+)/", text)[1]
    assert find_offer(secret).site_id == site.pk
    assert secret not in coordinator.get("/people/").content.decode()


def test_a_coordinator_adds_a_phone_by_a_form_with_errors_beside_their_fields(site):
    coordinator = signed_in(a_user(site.organisation, Role.MEMBER_COORDINATOR))
    assert coordinator.get("/people/phones/add/").status_code == 200
    wrong = coordinator.post("/people/phones/add/", {"standing": "REPORTER", "language": "uk"})
    assert wrong.status_code == 422 and "id_site" in wrong.content.decode()
    made = coordinator.post("/people/phones/add/", {"site": str(site.pk), "standing": "REPORTER", "language": "ro"})
    assert "/c/enrol/" in made.content.decode()
    with acting_as(SYSTEM):
        assert Device.objects.get().language == "ro"


def test_lost_and_leaves_are_two_clicks(site):
    coordinator = signed_in(a_user(site.organisation, Role.MEMBER_COORDINATOR))
    for verb, data, ended in (("lost", {"ignore_since": ""}, "LOST"), ("leaves", {}, "LEFT")):
        _client, device = a_phone(site)
        path = f"/people/phones/{device.pk}/{verb}/"
        assert coordinator.get(path).status_code == 200
        assert coordinator.post(path, data).status_code == 302
        assert again(device).ended == ended
        page = coordinator.get("/people/").content.decode()
        assert f"/people/phones/{device.pk}/" not in page
        assert device.alias in page and "has not said yet that it deleted" in page


def test_enrolment_and_end_stand_in_the_audit_trail_without_any_secret(site):
    client, device = a_phone(site)
    with acting_as(a_coordinator(site.organisation)):
        end_device(device=device)
    with acting_as(SYSTEM):
        told = AuditEvent.objects.filter(object_id=device.pk)
        assert {event.action for event in told} >= {"members.enrol_device", "members.end_device"}
        secret = client.cookies[settings.DEVICE_COOKIE_NAME].value.partition(".")[2]
        assert not any(secret in str(event.body) for event in told)


def test_two_phones_never_share_a_name_and_no_name_tells_of_place_or_company(site):
    names = {an_offer(site).row.alias for _n in range(40)}
    assert len(names) == 40
    assert all(search(r"^[A-Z]{3,7}\d{2,4}$", name) for name in names)
