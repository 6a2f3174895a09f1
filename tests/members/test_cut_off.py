"""The panic action: what ends at once, for whom, and how two people undo it."""

from datetime import timedelta

import pytest
from django.core import mail
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import IntegrityError, transaction
from django.utils import timezone

from aimprogress.core.actor import SYSTEM, acting_as
from aimprogress.core.audit import AuditEvent
from aimprogress.core.exceptions import Conflict
from members.access import actor_for_user, find_key
from members.models import CutOff, Invitation, RoleGrant
from members.notifications import tell_that_access_was_cut_off
from members.services import accounts, leavers
from members.services import cut_off as services
from members.services.devices import offer_device
from tests.factories import a_site, a_user, an_area, an_organisation, the_secretariat
from tests.signing import signed_in

pytestmark = pytest.mark.django_db

WHY = CutOff.Reason.DEVICE_SEIZED


@pytest.fixture
def halden():
    return an_organisation(short_name="Halden Foods")


@pytest.fixture
def coordinator(halden):
    return a_user(halden, "MEMBER_COORDINATOR", email="coordinator@halden.example")


@pytest.fixture
def administrators():
    return [a_user(the_secretariat(), "AIM_ADMIN", email=f"admin{n}@aim.example") for n in (1, 2)]


def a_site_abroad(organisation):
    return a_site(organisation, country="MD", admin1=an_area("MD-CU", country="MD", name="Chișinău"))


def by(person, service, /, **arguments):
    with acting_as(actor_for_user(person)):
        return service(**arguments)


def a_key(coordinator, halden) -> str:
    given = {"name": "machine", "scopes": ["site:read"], "expires_at": timezone.now() + timedelta(days=9)}
    return by(coordinator, accounts.create_api_key, organisation=halden, **given).text


def an_invitation(organisation, site=None) -> Invitation:
    return Invitation.objects.create(
        email="new@halden.example", organisation=organisation, role="SITE_REPORTER" if site else "MEMBER_VIEWER",
        site_ids=[site.pk] if site else [], token_hash=f"{organisation}{site}", expires_at=timezone.now() + timedelta(days=3),
    )  # fmt: skip


def test_cutting_off_a_member_ends_roles_keys_sessions_and_invitations_at_once(halden, coordinator, administrators):
    viewer, stranger = a_user(halden, "MEMBER_VIEWER"), a_user(an_organisation(), "MEMBER_COORDINATOR")
    token, invitation = a_key(coordinator, halden), an_invitation(halden)
    browsers = [signed_in(viewer), signed_in(stranger)]
    assert [browser.get("/overview/").status_code for browser in browsers] == [200, 200]
    by(administrators[0], services.cut_off_access, organisation=halden, country="", reason=WHY)
    assert [browser.get("/overview/").status_code for browser in browsers] == [302, 200]
    assert find_key(token) is None
    assert not actor_for_user(viewer).roles
    assert not actor_for_user(coordinator).roles
    invitation.refresh_from_db()
    assert invitation.revoked_at is not None
    assert signed_in(viewer).get("/overview/").status_code == 302  # a new session opens nothing either


def test_a_country_is_cut_off_by_those_who_report_from_there_and_nobody_else(halden, coordinator):
    here, there = a_site(halden), a_site_abroad(halden)
    stays, goes = a_user(halden, "SITE_REPORTER", sites=[here]), a_user(halden, "SITE_REPORTER", sites=[there, here])
    kept, withdrawn = an_invitation(halden, here), an_invitation(halden, there)
    by(coordinator, services.cut_off_access, organisation=halden, country="MD", reason=WHY)
    assert actor_for_user(stays).roles
    assert not actor_for_user(goes).roles
    for invitation in (kept, withdrawn):
        invitation.refresh_from_db()
    assert kept.revoked_at is None
    assert withdrawn.revoked_at is not None
    assert actor_for_user(coordinator).roles


def test_an_administrator_cuts_off_a_country_for_every_member(halden, administrators):
    other = an_organisation()
    reporters = [a_user(member, "SITE_REPORTER", sites=[a_site_abroad(member)]) for member in (halden, other)]
    by(administrators[0], services.cut_off_access, organisation=None, country="MD", reason=WHY)
    assert [bool(actor_for_user(reporter).roles) for reporter in reporters] == [False, False]


def test_a_coordinator_cuts_off_the_own_member_only(halden, coordinator):
    for organisation in (an_organisation(), None):
        with pytest.raises(PermissionDenied):
            by(coordinator, services.cut_off_access, organisation=organisation, country="MD", reason=WHY)


def test_it_takes_two_people_to_give_access_back(halden, coordinator, administrators):
    token = a_key(coordinator, halden)
    first, second = administrators
    cut_off = by(first, services.cut_off_access, organisation=halden, country="", reason=WHY)
    with pytest.raises(Conflict):
        by(second, services.restore_access, cut_off=cut_off)  # nobody asked yet
    by(first, services.ask_to_restore, cut_off=cut_off)
    with pytest.raises(Conflict):
        by(first, services.restore_access, cut_off=cut_off)
    assert not actor_for_user(coordinator).roles
    by(second, services.restore_access, cut_off=cut_off)
    assert actor_for_user(coordinator).roles
    assert find_key(token) is not None
    with pytest.raises(Conflict):
        by(second, services.restore_access, cut_off=cut_off)


def test_the_database_refuses_one_person_for_both(halden, coordinator):
    twice = {"restore_asked_by": coordinator, "restored_by": coordinator}
    with pytest.raises(IntegrityError), transaction.atomic():
        CutOff.objects.create(organisation=halden, reason=WHY, **twice)


def test_what_was_closed_twice_opens_with_its_own_cut_off_only(halden, coordinator, administrators):
    reporter = a_user(halden, "SITE_REPORTER", sites=[a_site_abroad(halden)])
    first, second = administrators
    small = by(coordinator, services.cut_off_access, organisation=halden, country="MD", reason=WHY)
    large = by(first, services.cut_off_access, organisation=halden, country="", reason=WHY)
    by(first, services.ask_to_restore, cut_off=large)
    by(second, services.restore_access, cut_off=large)
    assert actor_for_user(coordinator).roles
    assert not actor_for_user(reporter).roles
    by(coordinator, services.ask_to_restore, cut_off=small)
    by(first, services.restore_access, cut_off=small)
    assert actor_for_user(reporter).roles


def test_what_a_larger_cut_off_closes_as_well_stays_closed_when_the_smaller_one_is_given_back(
    halden, coordinator, administrators
):
    reporter = a_user(halden, "SITE_REPORTER", sites=[a_site_abroad(halden)])
    first, second = administrators
    small = by(coordinator, services.cut_off_access, organisation=halden, country="MD", reason=WHY)
    large = by(first, services.cut_off_access, organisation=halden, country="", reason=WHY)
    for cut_off, opens in ((small, False), (large, True)):
        by(first, services.ask_to_restore, cut_off=cut_off)
        by(second, services.restore_access, cut_off=cut_off)
        assert bool(actor_for_user(reporter).roles) is opens
    assert not RoleGrant.objects.filter(cut_off__isnull=False).exists()


def test_one_person_gives_no_role_anew_that_two_have_to_give_back(halden, coordinator):
    here, there = a_site(halden), a_site_abroad(halden)
    reporter, other = a_user(halden, "SITE_REPORTER", sites=[there]), a_user(halden, "SITE_REPORTER", sites=[here])
    grants = {user.pk: RoleGrant.objects.get(user=user) for user in (reporter, other)}
    cut_off = by(coordinator, services.cut_off_access, organisation=halden, country="MD", reason=WHY)
    by(coordinator, accounts.revoke_role, grant=grants[reporter.pk])
    asked = {"role": "SITE_REPORTER", "site_ids": [here.pk, there.pk]}
    for service, given in (
        (accounts.grant_role, {"organisation": halden, "user": reporter} | asked),
        (accounts.invite, {"organisation": halden, "email": "another@halden.example"} | asked),
        (accounts.change_role, {"grant": grants[other.pk]} | asked),
    ):
        with pytest.raises(ValidationError, match="First two people give it back") as refused:
            by(coordinator, service, **given)
        assert set(refused.value.message_dict) == {"site_ids"}
    with pytest.raises(ValidationError) as refused:
        by(coordinator, accounts.invite, organisation=halden, email=reporter.email, role="MEMBER_VIEWER")
    assert set(refused.value.message_dict) == {"email"}, "nor by another role"
    assert not actor_for_user(reporter).roles
    by(
        coordinator,
        accounts.invite,
        organisation=halden,
        email="another@halden.example",
        role="SITE_REPORTER",
        site_ids=[here.pk],
    )
    second = a_user(halden, "MEMBER_COORDINATOR")
    by(coordinator, services.ask_to_restore, cut_off=cut_off)
    by(second, services.restore_access, cut_off=cut_off)
    by(coordinator, accounts.grant_role, organisation=halden, user=reporter, **asked)
    assert actor_for_user(reporter).roles


def test_one_administrator_lets_nobody_into_a_member_that_is_cut_off(halden, coordinator, administrators):
    first = administrators[0]
    stranger = a_user(an_organisation(), "MEMBER_VIEWER")
    by(first, services.cut_off_access, organisation=halden, country="", reason=WHY)
    expires_at = timezone.now() + timedelta(days=9)
    for service, given in (
        (accounts.invite, {"email": "new@halden.example", "role": "MEMBER_COORDINATOR"}),
        (accounts.grant_role, {"user": stranger, "role": "MEMBER_VIEWER"}),
    ):
        with pytest.raises(ValidationError, match="Access of this organisation is cut off"):
            by(first, service, organisation=halden, **given)
    with acting_as(SYSTEM), pytest.raises(ValidationError, match="is cut off"):
        accounts.create_api_key(organisation=halden, name="machine", scopes=["site:read"], expires_at=expires_at)
    answer = signed_in(first).post(
        f"/people/invite/?organisation={halden.pk}",
        {"role": "MEMBER_COORDINATOR", "email": "new@halden.example", "language": "en"},
    )
    assert answer.status_code == 422 and "Access of this organisation is cut off" in answer.content.decode()
    assert not Invitation.objects.exists()
    by(first, accounts.invite, organisation=stranger.grants.get().organisation, email="x@y.example", role="MEMBER_VIEWER")


@pytest.mark.parametrize("whose", ["own", "every member"])
def test_no_phone_is_offered_where_access_is_cut_off(whose, halden, coordinator, administrators):
    here, there = a_site(halden), a_site_abroad(halden)
    organisation = halden if whose == "own" else None
    by(administrators[0], services.cut_off_access, organisation=organisation, country="MD", reason=WHY)
    with pytest.raises(ValidationError) as refused:
        by(coordinator, offer_device, site=there)
    assert set(refused.value.message_dict) == {"site"}
    assert by(coordinator, offer_device, site=here).text


def test_who_left_while_cut_off_does_not_come_back_with_the_others(halden, coordinator):
    leaver = a_user(halden, "SITE_REPORTER", sites=[a_site_abroad(halden)])
    second = a_user(halden, "MEMBER_COORDINATOR")
    cut_off = by(coordinator, services.cut_off_access, organisation=halden, country="MD", reason=WHY)
    by(coordinator, leavers.close_access, organisation=halden, user=leaver)
    by(coordinator, services.ask_to_restore, cut_off=cut_off)
    by(second, services.restore_access, cut_off=cut_off)
    assert not actor_for_user(leaver).roles


def test_the_team_that_gives_access_back_is_not_cut_off(administrators):
    with pytest.raises(ValidationError):
        by(administrators[0], services.cut_off_access, organisation=the_secretariat(), country="", reason=WHY)


def test_a_coordinator_who_cuts_off_everything_is_out_and_told_where_to_sign_in(halden, coordinator):
    browser = signed_in(coordinator)
    answer = browser.post("/people/cut-off/now/", {"organisation": halden.pk, "country": "", "reason": WHY})
    assert answer.status_code == 302
    assert "_auth_user_id" not in browser.session
    assert browser.get("/people/").status_code == 302
    assert not RoleGrant.objects.in_force().filter(organisation=halden).exists()


def test_administrators_are_asked_to_look_and_no_mail_says_why(halden, coordinator, administrators):
    by(administrators[0], services.cut_off_access, organisation=halden, country="", reason=WHY)
    with acting_as(SYSTEM):
        tell_that_access_was_cut_off(AuditEvent.objects.get(action="members.cut_off_access"))
    assert sorted(message.to[0] for message in mail.outbox) == ["admin1@aim.example", "admin2@aim.example"]
    assert not any("Halden" in message.body or "seized" in message.body for message in mail.outbox)


def test_the_page_says_what_is_missing_beside_its_cause(administrators):
    answer = signed_in(administrators[0]).post("/people/cut-off/now/", {"organisation": "", "country": "", "reason": ""})
    assert answer.status_code == 422
    text = answer.content.decode()
    assert "Why" in text
    assert not CutOff.objects.exists()
    answer = signed_in(administrators[0]).post("/people/cut-off/now/", {"organisation": "", "country": "", "reason": WHY})
    assert "Choose a member, a country, or both." in answer.content.decode()


def test_two_administrators_give_access_back_by_the_pages(halden, administrators):
    first, second = (signed_in(administrator) for administrator in administrators)
    first.post("/people/cut-off/now/", {"organisation": halden.pk, "country": "", "reason": WHY})
    cut_off = CutOff.objects.get()
    assert f"/people/cut-off/{cut_off.pk}/ask/" in first.get("/people/cut-off/").content.decode()
    first.post(f"/people/cut-off/{cut_off.pk}/ask/")
    assert f"/people/cut-off/{cut_off.pk}/restore/" not in first.get("/people/cut-off/").content.decode()
    assert first.post(f"/people/cut-off/{cut_off.pk}/restore/").status_code == 409
    assert f"/people/cut-off/{cut_off.pk}/restore/" in second.get("/people/cut-off/").content.decode()
    assert second.post(f"/people/cut-off/{cut_off.pk}/restore/").status_code == 302
    cut_off.refresh_from_db()
    assert cut_off.restored_by == administrators[1]
    with acting_as(SYSTEM):
        assert "still cut off" not in second.get("/people/cut-off/").content.decode()
