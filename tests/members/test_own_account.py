"""The own account: its person reads and takes what is kept of it, and closes it."""

from datetime import timedelta

import pytest
from django.apps import apps
from django.test import Client
from django.utils import timezone

from aimprogress.core.actor import SYSTEM, acting_as
from aimprogress.core.audit import AuditEvent
from aimprogress.core.exceptions import Conflict
from aimprogress.jobs.kinds import Progress
from aimprogress.web.models import SavedView
from members.access import actor_for_user, find_key
from members.models import Device, LegalHold, RoleGrant, SiteCare, User
from members.own_account import ACCOUNT, COUNTED, NOT_TOLD, TOLD, held_of
from members.retention import keeping
from members.services import accounts, leavers
from members.services.checkins import record_check_in
from members.services.devices import offer_device
from tests.factories import PASSWORD, a_coordinator, a_site, a_user, an_organisation, the_secretariat
from tests.signing import signed_in

pytestmark = pytest.mark.django_db


@pytest.fixture
def site():
    the_secretariat()
    return a_site(an_organisation(short_name="Halden Foods"), name="Plant Nightingale")


@pytest.fixture
def person(site):
    return a_user(site.organisation, "SITE_REPORTER", sites=[site], email="me@halden.example", display_name="Shift lead")


def close(user) -> None:
    with acting_as(actor_for_user(user)):
        leavers.close_own_account()


def test_a_person_reads_and_takes_what_is_kept_of_them_and_of_nobody_else(site, person):
    other = a_user(site.organisation, "MEMBER_COORDINATOR", email="other@halden.example")
    elsewhere = an_organisation(short_name="Norvia")
    RoleGrant.objects.create(user=person, organisation=elsewhere, role="MEMBER_VIEWER")
    with acting_as(SYSTEM):
        for user, organisation in ((person, site.organisation), (person, elsewhere), (other, site.organisation)):
            view = SavedView(organisation=organisation, user=user, page="members:sites", name=f"Of {user.email}", query="a=b")
            view.save(force_insert=True)
    with acting_as(a_coordinator(site.organisation)):
        alias = offer_device(site=site, holder=person).row.alias
    client = signed_in(person)
    assert "/account/" in client.get("/settings/").content.decode()
    page = client.get("/account/")
    assert page["Cache-Control"] == "no-store"
    for words in ("me@halden.example", "Shift lead", "Site reporter", "Plant Nightingale", "Norvia", "Saved views"):
        assert words in page.content.decode(), words
    taken = client.get("/account/file/")
    assert "attachment" in taken["Content-Disposition"] and taken["Cache-Control"] == "no-store"
    held = taken.json()
    assert held["account"]["email"] == "me@halden.example"
    assert [view["name"] for view in held["saved_views"]] == ["Of me@halden.example"] * 2, "in every organisation"
    assert [phone["alias"] for phone in held["phones"]] == [alias]
    text = taken.content.decode()
    assert "other@halden.example" not in text and "password" not in text and "token" not in text
    with acting_as(SYSTEM):
        assert AuditEvent.objects.get(action="members.take_own_data").actor_id == person.pk


def test_a_session_without_a_second_factor_reads_nothing_of_it(person):
    client = Client()
    client.post("/accounts/login/", {"login": person.email, "password": PASSWORD})
    assert "/account/" not in client.get("/settings/").content.decode()
    assert [client.get(path).status_code for path in ("/account/", "/account/file/", "/account/close/")] == [403] * 3


def test_closing_asks_for_the_password_and_ends_everything_at_once(site, person):
    with acting_as(a_coordinator(site.organisation)):
        phone = offer_device(site=site, holder=person).row
    client, elsewhere = signed_in(person), signed_in(person)
    refused = client.post("/account/close/", {"password": "not the password at all"})
    assert refused.status_code == 422 and "not the password of your account" in refused.content.decode()
    assert actor_for_user(person).roles
    closed = client.post("/account/close/", {"password": PASSWORD})
    assert (closed.status_code, closed["Location"]) == (302, "/accounts/login/")
    person.refresh_from_db()
    assert not person.is_active and not actor_for_user(person).roles
    assert [each.get("/settings/").status_code for each in (client, elsewhere)] == [302, 302]
    with acting_as(SYSTEM):
        assert Device.objects.get(pk=phone.pk).ended == "LEFT"
    assert not RoleGrant.objects.filter(user=person, revoked_at=None).exists()


def test_the_last_who_lets_people_in_hands_that_over_first(site):
    only = a_user(site.organisation, "MEMBER_COORDINATOR")
    with acting_as(actor_for_user(only)):
        key = accounts.create_api_key(
            organisation=site.organisation, name="machine", scopes=["site:read"], expires_at=timezone.now() + timedelta(days=9)
        ).text
    with pytest.raises(Conflict, match="Nobody else gives roles in Halden Foods"):
        close(only)
    only.refresh_from_db()
    assert only.is_active and find_key(key)
    a_user(site.organisation, "MEMBER_COORDINATOR")
    close(only)
    assert find_key(key) is None


@pytest.mark.parametrize(("days", "held", "stays"), [(29, False, True), (31, False, False), (31, True, True)])
def test_what_names_them_goes_after_thirty_days_unless_a_hold_is_in_force(days, held, stays, site, person):
    close(person)
    person.closed_at = timezone.now() - timedelta(days=days)
    person.save(update_fields=["closed_at"])
    if held:
        with acting_as(SYSTEM):
            LegalHold(organisation=site.organisation, reason="A court asks").save(force_insert=True)
    with acting_as(SYSTEM):
        keeping.keep(timezone.now(), Progress())
    person.refresh_from_db()
    assert (person.email == "me@halden.example", person.display_name == "Shift lead") == (stays, stays)


def test_an_invitation_and_the_password_open_it_again(site, person):
    close(person)
    with acting_as(a_coordinator(site.organisation)):
        text = accounts.invite(organisation=site.organisation, email=person.email, role="MEMBER_VIEWER").text
    assert Client().post(f"/invitation/{text}/", {"password": PASSWORD}).status_code == 302
    person.refresh_from_db()
    assert person.is_active and person.closed_at is None


def test_the_file_leaves_out_no_column_of_an_account_and_no_row_that_points_to_one_without_a_reason(person):
    """A new column or key belongs into the file, or on a list with its reason (members/own_account.py)."""
    columns = {field.name for field in User._meta.concrete_fields}
    assert set(ACCOUNT) | NOT_TOLD.keys() == columns and not set(ACCOUNT) & NOT_TOLD.keys()
    keys = {
        f"{model._meta.label}.{field.name}"
        for model in apps.get_models()
        for field in model._meta.local_concrete_fields
        if field.related_model is User
    }
    assert TOLD.keys() | COUNTED.keys() == keys and not TOLD.keys() & COUNTED.keys()
    assert all(map(str.strip, (*NOT_TOLD.values(), *COUNTED.values())))
    held = held_of(person)
    assert set(TOLD.values()) < held.kinds.keys() and set(held.account) == set(ACCOUNT)


def test_rows_that_name_the_person_are_in_the_file_or_counted_and_those_of_others_are_not(site, person):
    other = a_user(site.organisation, "MEMBER_COORDINATOR", email="other@halden.example")
    with acting_as(actor_for_user(other)):
        record_check_in(site=site, operational="OPERATING", people="all")
        theirs = held_of(other)
        assert held_of(person).kinds["check_ins_sent"] == [] and held_of(person).kinds["records"] == []
    assert [row["channel"] for row in theirs.kinds["check_ins_sent"]] == ["FORM"]
    assert theirs.kinds["records"] == [{"record": "members.SiteStatus.reported_by", "rows": 1}]
    with acting_as(SYSTEM):
        SiteCare(organisation=site.organisation, site=site, user=other).save(force_insert=True)
    page = signed_in(other).get("/account/").content.decode()
    assert "Sites you follow up" in page and "Other records with your account on them" in page
    assert [row["organisation__short_name"] for row in held_of(other).kinds["sites_followed_up"]] == ["Halden Foods"]
