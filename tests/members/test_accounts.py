"""People and roles: who may invite whom, what a link opens, and what ends when somebody leaves."""

import re
from dataclasses import replace
from datetime import timedelta

import pytest
from django.core import mail
from django.core.exceptions import PermissionDenied
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from aimprogress.core.actor import SYSTEM, acting_as
from aimprogress.core.audit import AuditEvent
from aimprogress.core.permissions import Permission, Role
from members.access import actor_for_user, find_key
from members.forms.accounts import roles_to_give
from members.models import ApiKey, Invitation, RoleGrant, User
from members.notifications import tell_that_accounts_change_from_outside
from members.services import accounts as services
from tests.factories import PASSWORD, a_site, a_user, a_viewer, an_organisation, the_secretariat
from tests.signing import signed_in

pytestmark = pytest.mark.django_db

NEW_PASSWORD = "a much better battery staple"


@pytest.fixture
def halden():
    return an_organisation(short_name="Halden Foods")


@pytest.fixture
def coordinator(halden):
    return a_user(halden, "MEMBER_COORDINATOR", email="coordinator@halden.example")


@pytest.fixture
def client(coordinator):
    return signed_in(coordinator)


def invite(client, **answers):
    answers = {"role": "MEMBER_VIEWER", "email": "viewer@halden.example", "language": "uk", **answers}
    return client.post("/people/invite/", answers)


def link_in(response) -> str:
    return re.search(r"https?://testserver(/invitation/[\w-]+/)", response.content.decode()).group(1)


def test_an_invitation_is_a_link_shown_once_and_a_mail_without_content(client, halden):
    response = invite(client)
    assert response.status_code == 200 and response["Cache-Control"] == "no-store"
    link = link_in(response)
    (message,) = mail.outbox
    assert link in message.body and message.to == ["viewer@halden.example"]
    assert "Halden" not in message.subject + message.body and "посилання" not in link
    assert link.split("/")[2] not in client.get("/people/").content.decode()
    with acting_as(SYSTEM):
        assert link.split("/")[2] not in str(list(AuditEvent.objects.values_list("body", flat=True)))
    assert not Invitation.objects.filter(token_hash__contains=link.split("/")[2]).exists()


def test_who_is_invited_sets_a_long_password_and_may_sign_in(client, halden):
    link = link_in(invite(client))
    guest = Client()
    page = guest.get(link)
    assert page.status_code == 200 and "Halden Foods" in page.content.decode() and page["Cache-Control"] == "no-store"
    for password, again, words in (
        ("short", "short", "at least 15 characters"),
        (NEW_PASSWORD, "another one entirely", "not the same"),
        ("viewer@halden.example", "viewer@halden.example", "too similar"),
    ):
        refused = guest.post(link, {"password": password, "again": again})
        assert refused.status_code == 422 and words in refused.content.decode(), words
    assert not User.objects.filter(email="viewer@halden.example").exists()
    response = guest.post(link, {"password": NEW_PASSWORD, "again": NEW_PASSWORD, "display_name": "Finance"})
    assert (response.status_code, response["Location"]) == (302, "/accounts/login/")
    user = User.objects.get(email="viewer@halden.example")
    assert user.language == "uk" and actor_for_user(user).roles == {Role.MEMBER_VIEWER}
    assert guest.post("/accounts/login/", {"login": user.email, "password": NEW_PASSWORD}).status_code == 302
    assert Client().get(link).status_code == 410


def test_an_account_that_exists_gives_its_own_password(client, halden):
    other = a_user(an_organisation(), "MEMBER_VIEWER", email="viewer@halden.example")
    link = link_in(invite(client))
    guest = Client()
    assert guest.post(link, {"password": NEW_PASSWORD}).status_code == 422
    assert guest.post(link, {"password": PASSWORD}).status_code == 302
    assert {grant.organisation_id for grant in RoleGrant.objects.in_force().filter(user=other)} >= {halden.pk}
    other.refresh_from_db()
    assert other.check_password(PASSWORD)


def test_a_second_invitation_adds_its_sites_to_those_of_before(client, halden):
    first, second = a_site(halden), a_site(halden)
    reporter = a_user(halden, "SITE_REPORTER", sites=[first])
    link = link_in(invite(client, email=reporter.email, role="SITE_REPORTER", site_ids=[str(second.pk)]))
    assert Client().post(link, {"password": PASSWORD}).status_code == 302
    assert actor_for_user(reporter).reports_at == {first.pk, second.pk}


def test_a_closed_account_is_opened_again_by_an_invitation_and_its_own_password(client, halden):
    closed = a_user(an_organisation(), "MEMBER_VIEWER", email="viewer@halden.example", is_active=False)
    link, guest = link_in(invite(client)), Client()
    assert guest.post(link, {"password": NEW_PASSWORD}).status_code == 422
    closed.refresh_from_db()
    assert not closed.is_active
    assert guest.post(link, {"password": PASSWORD}).status_code == 302
    closed.refresh_from_db()
    assert closed.is_active and actor_for_user(closed, halden.pk).organisation_id == halden.pk


def test_guessing_the_password_of_an_invited_account_is_locked(client, halden):
    a_user(an_organisation(), "MEMBER_VIEWER", email="viewer@halden.example")
    link = link_in(invite(client))
    guest = Client()
    answers = [guest.post(link, {"password": f"wrong wrong wrong {n}"}).status_code for n in range(10)]
    assert answers[0] == 422 and answers[-1] == 429
    assert guest.post(link, {"password": PASSWORD}).status_code == 429


@pytest.mark.parametrize("end", ["revoked_at", "accepted_at", "expires_at"])
def test_a_link_that_was_withdrawn_used_or_is_late_opens_a_page_that_says_so(client, end):
    link = link_in(invite(client))
    Invitation.objects.update(**{end: timezone.now() - timedelta(seconds=1)})
    for response in (Client().get(link), Client().post(link, {"password": NEW_PASSWORD, "again": NEW_PASSWORD})):
        assert response.status_code == 410 and "opens nothing any more" in response.content.decode()
    assert not User.objects.filter(email="viewer@halden.example").exists()


def test_a_second_invitation_for_the_same_role_ends_the_first(client):
    first, second = link_in(invite(client)), link_in(invite(client))
    assert Client().get(first).status_code == 410 and Client().get(second).status_code == 200


def test_withdrawing_takes_a_question_and_a_post(client):
    link = link_in(invite(client))
    invitation = Invitation.objects.get()
    assert "Withdraw this invitation?" in client.get(f"/people/invitations/{invitation.pk}/withdraw/").content.decode()
    assert Client().get(link).status_code == 200
    assert client.post(f"/people/invitations/{invitation.pk}/withdraw/").status_code == 302
    assert Client().get(link).status_code == 410


def test_a_reporter_gets_sites_and_not_those_with_the_safety_profile(client, halden):
    site = a_site(halden, name="Kharkiv snacks plant")
    protected = a_site(halden, name="Hidden depot", safety_profile=True)
    foreign = a_site(name="Foreign plant")
    page = client.get("/people/").content.decode()
    assert "Kharkiv snacks plant" in page and "Hidden depot" not in page and "Foreign plant" not in page
    assert invite(client, role="SITE_REPORTER").status_code == 422
    for wrong in (protected, foreign):
        assert invite(client, role="SITE_REPORTER", site_ids=[str(wrong.pk)]).status_code == 422
    assert invite(client, role="SITE_REPORTER", site_ids=[str(site.pk)]).status_code == 200
    assert Invitation.objects.get().site_ids == [site.pk]


@pytest.mark.parametrize("role", ["AIM_ADMIN", "AIM_ANALYST", "PARTNER_CLIENT", "DPO", "", "nonsense"])
def test_nobody_gives_a_role_of_another_kind_of_organisation(client, role):
    assert invite(client, role=role).status_code == 422
    assert not Invitation.objects.exists()


def test_nobody_gives_more_than_they_hold(halden):
    """Somebody who may manage people but holds little else can make neither coordinators nor reporters."""
    viewer = a_viewer(halden)
    manager = replace(viewer, permissions=viewer.permissions | {Permission.PEOPLE_MANAGE})
    assert set(roles_to_give(halden, manager)) == {Role.MEMBER_VIEWER, Role.AUDITOR}
    with acting_as(manager), pytest.raises(PermissionDenied):
        services.invite(organisation=halden, email="x@halden.example", role="MEMBER_COORDINATOR")
    with acting_as(manager), pytest.raises(PermissionDenied):
        services.invite(organisation=an_organisation(), email="x@halden.example", role="MEMBER_VIEWER")


def test_a_coordinator_changes_sites_and_roles_but_not_the_own(client, coordinator, halden):
    first, second = a_site(halden, name="First plant"), a_site(halden, name="Second plant")
    reporter = a_user(halden, "SITE_REPORTER", sites=[first])
    grant = reporter.grants.get()
    answers = {"role": "SITE_REPORTER", "site_ids": [str(second.pk)]}
    assert client.post(f"/people/roles/{grant.pk}/", answers).status_code == 302
    assert actor_for_user(reporter).sites == {second.pk}
    assert client.post(f"/people/roles/{grant.pk}/", {"role": "MEMBER_VIEWER"}).status_code == 302
    assert actor_for_user(reporter).roles == {Role.MEMBER_VIEWER}
    own = coordinator.grants.get()
    assert client.post(f"/people/roles/{own.pk}/", {"role": "MEMBER_VIEWER"}).status_code == 409
    assert client.post(f"/people/roles/{own.pk}/take-back/").status_code == 409
    assert client.post(f"/people/roles/{own.pk}/leaves/").status_code == 409
    assert actor_for_user(coordinator).roles == {Role.MEMBER_COORDINATOR}


def test_who_leaves_loses_roles_sessions_and_keys_at_once(client, halden):
    leaver = a_user(halden, "MEMBER_COORDINATOR")
    session = signed_in(leaver)
    made = session.post("/developer/make/", {"name": "weekly list", "scopes": ["site:read"], "days": "30"})
    token = re.search(r"aimp_\w+_[\w-]+", made.content.decode()).group()
    assert find_key(token) is not None
    page = client.get(f"/people/roles/{leaver.grants.get().pk}/leaves/").content.decode()
    assert "End all access of this person?" in page
    assert client.post(f"/people/roles/{leaver.grants.get().pk}/leaves/").status_code == 302
    assert session.get("/sites/").status_code == 302
    assert find_key(token) is None
    assert not actor_for_user(leaver).roles


def test_a_key_ends_with_the_role_it_was_made_from(client, halden):
    colleague = a_user(halden, "MEMBER_COORDINATOR")
    session = signed_in(colleague)
    for scope in ("site:read", "site:edit"):
        assert session.post("/developer/make/", {"name": scope, "scopes": [scope], "days": "30"}).status_code == 200
    assert client.post(f"/people/roles/{colleague.grants.get().pk}/", {"role": "MEMBER_VIEWER"}).status_code == 302
    assert [key.name for key in ApiKey.objects.filter(revoked_at=None)] == ["site:read"]


def test_another_members_people_are_not_there(client):
    stranger = a_user(an_organisation(), "MEMBER_COORDINATOR", email="stranger@norvia.example")
    grant = stranger.grants.get()
    assert "stranger@norvia.example" not in client.get("/people/").content.decode()
    for path in (
        f"/people/?organisation={grant.organisation_id}",
        f"/people/roles/{grant.pk}/",
        f"/people/roles/{grant.pk}/leaves/",
    ):
        assert client.get(path).status_code == 404, path
    assert client.post(f"/people/roles/{grant.pk}/take-back/").status_code == 404
    assert client.post(f"/people/invite/?organisation={grant.organisation_id}", {"role": "MEMBER_VIEWER"}).status_code == 404
    assert actor_for_user(stranger).roles


def test_an_administrator_manages_accounts_everywhere_and_sees_no_site(halden, coordinator):
    a_site(halden, name="Kharkiv snacks plant")
    a_user(halden, "SITE_REPORTER", sites=[a_site(halden, name="Sumy oils")])
    admin = signed_in(a_user(the_secretariat(), "AIM_ADMIN"))
    page = admin.get(f"/people/?organisation={halden.pk}").content.decode()
    assert coordinator.email in page and "1 site" in page
    for secret in ("Kharkiv snacks plant", "Sumy oils"):
        assert secret not in page
    answers = {"role": "MEMBER_COORDINATOR", "email": "deputy@halden.example", "language": "en"}
    assert admin.post(f"/people/invite/?organisation={halden.pk}", answers).status_code == 200
    assert Invitation.objects.get().organisation == halden
    assert admin.get("/sites/").status_code == 403
    assert admin.get("/people/?organisation=nonsense").status_code == 404


@pytest.mark.parametrize("role", ["MEMBER_VIEWER", "SITE_REPORTER", "AUDITOR"])
def test_other_roles_of_a_member_see_no_accounts(halden, role):
    client = signed_in(a_user(halden, role))
    assert client.get("/people/").status_code == 403
    assert invite(client).status_code == 403


def test_a_key_is_shown_once_with_scopes_of_its_maker_and_an_end(client, halden, coordinator):
    page = client.get("/developer/").content.decode()
    assert "site:read" in page and "people:manage" not in page and "staff_session:open" not in page
    made = client.post("/developer/make/", {"name": "weekly list", "scopes": ["site:read"], "days": "90"})
    assert made.status_code == 200 and made["Cache-Control"] == "no-store"
    token = re.search(r"aimp_\w+_[\w-]+", made.content.decode()).group()
    assert f'Bearer {token}" http://testserver/api/v1/shares/' in made.content.decode().replace("&quot;", '"')
    key = ApiKey.objects.get()
    assert abs(key.expires_at - timezone.now() - timedelta(days=90)) < timedelta(minutes=1)
    listed = client.get("/developer/").content.decode()
    assert key.prefix in listed and token not in listed
    for wrong in ({"scopes": ["staff_session:open"]}, {"scopes": []}, {"days": "400"}, {"days": "0"}, {"name": ""}):
        answers = {"name": "x", "scopes": ["site:read"], "days": "30", **wrong}
        assert client.post("/developer/make/", answers).status_code == 422, wrong
    assert client.post(f"/developer/{key.pk}/end/").status_code == 302
    assert find_key(token) is None


def test_another_organisations_key_cannot_be_ended(client):
    other = a_user(an_organisation(), "MEMBER_COORDINATOR")
    signed_in(other).post("/developer/make/", {"name": "theirs", "scopes": ["site:read"], "days": "30"})
    key = ApiKey.objects.get()
    assert client.post(f"/developer/{key.pk}/end/").status_code == 404
    assert "theirs" not in client.get("/developer/").content.decode()
    assert signed_in(a_user(other.grants.get().organisation, "MEMBER_VIEWER")).get("/developer/").status_code == 403


def test_the_trail_shows_a_coordinator_the_own_organisation_only(client, halden):
    invite(client)
    other = signed_in(a_user(an_organisation(), "MEMBER_COORDINATOR"))
    page = client.get("/audit/")
    assert page.status_code == 200 and "Invitation sent" in page.content.decode()
    assert "coordinator@halden.example" in page.content.decode()
    assert "Invitation sent" not in other.get("/audit/").content.decode()
    assert "viewer@halden.example" not in page.content.decode()  # never a value
    assert "Invitation sent" in client.get("/audit/?action=invitation+sent&who=MEMBER_COORDINATOR").content.decode()
    assert "Invitation sent" not in client.get("/audit/?action=share").content.decode()
    for nonsense in ("at_min=x", "who=zz", "after=1,2", "action=%00"):
        assert client.get(f"/audit/?{nonsense}").status_code in (200, 400), nonsense


@pytest.mark.parametrize("role", ["AIM_ADMIN", "DPO"])
def test_administrators_and_the_protection_officer_read_everybodys_trail_without_addresses(client, halden, role):
    invite(client)
    page = signed_in(a_user(the_secretariat(), role)).get("/audit/").content.decode()
    assert "Invitation sent" in page and "Halden Foods" in page
    assert "coordinator@halden.example" not in page


@pytest.mark.parametrize("role", ["MEMBER_VIEWER", "AUDITOR"])
def test_others_read_no_trail(halden, role):
    assert signed_in(a_user(halden, role)).get("/audit/").status_code == 403


def test_invitations_of_who_leaves_are_withdrawn(client, halden):
    leaver = a_user(halden, "MEMBER_COORDINATOR")
    link = link_in(invite(signed_in(leaver), email="friend@elsewhere.example"))
    own = link_in(invite(client))
    assert client.post(f"/people/roles/{leaver.grants.get().pk}/leaves/").status_code == 302
    assert Client().get(link).status_code == 410 and Client().get(own).status_code == 200


def test_coordinators_are_told_when_an_administrator_opens_a_way_in(halden, coordinator, client):
    admin = signed_in(a_user(the_secretariat(), "AIM_ADMIN"))
    answers = {"role": "MEMBER_COORDINATOR", "email": "deputy@halden.example", "language": "en"}
    assert admin.post(f"/people/invite/?organisation={halden.pk}", answers).status_code == 200
    invite(client)
    mail.outbox.clear()
    with acting_as(SYSTEM):
        for event in AuditEvent.objects.filter(action="members.invite"):
            tell_that_accounts_change_from_outside(event)
    assert [message.to for message in mail.outbox] == [[coordinator.email]]


def test_the_people_page_asks_the_same_number_of_questions_for_many(client, halden):
    def asked():
        with CaptureQueriesContext(connection) as queries:
            assert client.get("/people/").status_code == 200
        return len(queries)

    def somebody_more(n: int) -> None:
        a_user(halden, "SITE_REPORTER", sites=[a_site(halden)])
        invite(client, email=f"new{n}@halden.example")

    somebody_more(0)
    client.get("/people/")
    before = asked()
    for n in range(1, 8):
        somebody_more(n)
    assert asked() == before


def test_an_auditor_reads_for_ninety_days_whatever_the_row_says(halden, coordinator):
    auditor = a_user(halden, "AUDITOR")
    client = signed_in(auditor)
    assert client.get("/sites/").status_code == 200
    grant = RoleGrant.objects.filter(user=auditor)
    grant.update(expires_at=None)
    assert client.get("/sites/").status_code != 200, "an auditor's role has an end"
    grant.update(expires_at=timezone.now() + timedelta(days=400), granted_at=timezone.now() - timedelta(days=91))
    assert signed_in(auditor).get("/sites/").status_code != 200
    with acting_as(actor_for_user(coordinator, halden.pk)):
        services.grant_role(organisation=halden, user=auditor, role="AUDITOR")
    assert signed_in(auditor).get("/sites/").status_code == 200, "a coordinator gave ninety new days"
    ends = grant.get().expires_at - timezone.now()
    assert timedelta(days=89) < ends <= timedelta(days=90)


def test_a_grant_that_ended_closes_an_open_session_at_the_next_page(halden):
    viewer = a_user(halden, "MEMBER_VIEWER")
    client = signed_in(viewer)
    assert client.get("/overview/").status_code == 200
    RoleGrant.objects.filter(user=viewer).update(expires_at=timezone.now() - timedelta(seconds=1))
    assert client.get("/overview/").status_code == 302
    assert client.get("/api/v1/sites/").status_code == 401


def test_an_administrator_invites_nobody_into_a_member_under_the_own_address(halden):
    admin = a_user(the_secretariat(), "AIM_ADMIN", email="admin@aim.example")
    refused = signed_in(admin).post(
        f"/people/invite/?organisation={halden.pk}",
        {"role": "MEMBER_COORDINATOR", "email": "Admin@aim.example", "language": "en"},
    )
    assert refused.status_code == 422 and "Nobody invites themselves" in refused.content.decode()
    assert not Invitation.objects.filter(organisation=halden).exists()
