"""Suppliers are a trade secret: the member's own, unless it opened a door."""

import hashlib
import re
from datetime import timedelta
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.utils import timezone

from aimprogress.core.actor import SYSTEM, acting_as
from aimprogress.figures.registry import FigureScope, measure
from aimprogress.places.countries import COUNTRY_CHOICES
from members.models import StaffSession
from suppliers.models import Supplier, SupplyLink
from suppliers.services.suppliers import change_link, link_supplier, register_supplier
from tests.factories import a_coordinator, a_user, a_viewer, an_actor, an_organisation, the_secretariat
from tests.signing import signed_in

pytestmark = pytest.mark.django_db


@pytest.fixture
def member():
    return an_organisation()


@pytest.fixture
def supplier(member):
    with acting_as(a_coordinator(member)):
        return register_supplier(organisation=member, name="Karpaty Packaging", country="UA", exposure="INPUTS")


def test_only_the_member_sees_its_suppliers(member, supplier):
    url = f"/suppliers/{supplier.pk}/"
    assert "Karpaty" in signed_in(a_user(member, "MEMBER_VIEWER")).get(url).content.decode()
    assert signed_in(a_user(an_organisation(), "MEMBER_COORDINATOR")).get(url).status_code == 404
    assert signed_in(a_user(the_secretariat(), "AIM_ANALYST")).get(url).status_code == 404


def test_an_open_staff_session_shows_them_to_the_analyst_and_its_end_hides_them(member, supplier):
    analyst = a_user(the_secretariat(), "AIM_ANALYST")
    client = signed_in(analyst)
    with acting_as(SYSTEM):
        session = StaffSession(
            organisation=member, receiver=the_secretariat(), analyst=analyst, reason="Help with an audit",
            ends_at=timezone.now() + timedelta(hours=1),
        )  # fmt: skip
        session.save(force_insert=True)
    assert "Karpaty" in client.get("/suppliers/").content.decode()
    assert client.get(f"/suppliers/{supplier.pk}/change/").status_code == 403
    with acting_as(SYSTEM):
        StaffSession.objects.filter(pk=session.pk).update(ends_at=timezone.now())
    assert "Karpaty" not in client.get("/suppliers/").content.decode()


def test_row_security_holds_where_the_orm_forgets(member, supplier):
    with acting_as(a_coordinator(an_organisation())):
        assert not Supplier.unscoped.filter(pk=supplier.pk).exists()
        assert Supplier.unscoped.filter(pk=supplier.pk).update(name="stolen") == 0


def test_an_auditor_reads_a_sample_that_nobody_chose_and_that_stays(member, settings):
    settings.PORTAL_NUMBERS = {"AUDIT_SAMPLE": 3}
    other = an_organisation()
    with acting_as(SYSTEM):
        every = [Supplier(organisation=member, name=f"Mill {n}", country="UA") for n in range(8)]
        Supplier.objects.bulk_create([*every, Supplier(organisation=other, name="Not theirs", country="UA")])
        SupplyLink.objects.bulk_create(SupplyLink(organisation=member, supplier=one, commodity=one.name) for one in every)
    chosen = {one.name for one in sorted(every, key=lambda one: hashlib.md5(str(one.pk).encode()).hexdigest())[:3]}
    client = signed_in(a_user(member, "AUDITOR"))

    def names(text: str) -> set[str]:
        return set(re.findall(r"Mill \d", text))

    for path in (
        "/suppliers/",
        "/api/v1/suppliers/",
        "/api/v1/suppliers/?format=csv",
        "/api/v1/supply-links/",
        "/search/?q=Mill",
    ):
        assert names(client.get(path).content.decode()) == chosen, path
    for one in every:
        status = 200 if one.name in chosen else 404
        assert client.get(f"/suppliers/{one.pk}/").status_code == status
        assert client.get(f"/api/v1/suppliers/{one.pk}/").status_code == status
    viewer = signed_in(a_user(member, "MEMBER_VIEWER"))
    assert names(viewer.get("/suppliers/").content.decode()) == {one.name for one in every}
    with acting_as(an_actor(member, "AUDITOR")):
        assert measure("suppliers.all", FigureScope()).value == 8, "how many there are is no secret from an auditor"


def test_a_viewer_changes_nothing(member):
    with acting_as(a_viewer(member)), pytest.raises(PermissionDenied):
        register_supplier(organisation=member, name="X", country="UA")


def test_nobody_registers_for_another_member(member):
    with acting_as(a_coordinator(an_organisation())), pytest.raises(Exception, match="row-level security"):
        register_supplier(organisation=member, name="X", country="UA")


@pytest.mark.parametrize(
    ("kind", "number", "right"), [("EDRPOU", "00377511", True), ("EDRPOU", "00377512", False), ("NIP", "8567346215", True)]
)
def test_registry_numbers_are_checked_by_their_digit(member, kind, number, right):
    with acting_as(a_coordinator(member)):
        if right:
            found = register_supplier(organisation=member, name="X", country="UA", identifier_kind=kind, identifier=number)
            assert found.identifier == number
        else:
            with pytest.raises(ValidationError) as error:
                register_supplier(organisation=member, name="X", country="UA", identifier_kind=kind, identifier=number)
            assert set(error.value.error_dict) == {"identifier"}


def test_ending_a_link_needs_a_reason(member, supplier):
    with acting_as(a_coordinator(member)):
        link = link_supplier(supplier=supplier, tier="T1", commodity="BRD")
        with pytest.raises(ValidationError):
            change_link(link=link, status="EXITED")
        change_link(link=link, status="EXITED", reason="The plant burnt down")


def test_a_link_cannot_point_to_another_members_supplier(supplier):
    other = an_organisation()
    with acting_as(a_coordinator(other)), pytest.raises(PermissionDenied):
        link_supplier(supplier=supplier, tier="T1")


def test_counts_and_lists_agree(member, supplier):
    with acting_as(a_coordinator(member)):
        assert measure("suppliers.all", FigureScope()).value == Supplier.objects.count() == 1
        assert measure("suppliers.exposed", FigureScope()).value == 1


def test_the_figures_of_suppliers_are_not_reported_to_who_sees_nobodys(member, supplier):
    analyst = a_user(the_secretariat(), "AIM_ANALYST")
    client = signed_in(analyst)

    def told() -> dict[str, Any]:
        return {
            row["name"]: row["value"] for row in client.get("/api/v1/figures/").json()["results"] if "supplier" in row["name"]
        }

    assert "Nothing is open to you" in client.get("/suppliers/").content.decode()
    assert told() == dict.fromkeys(["suppliers.all", "suppliers.assessed_rate", "suppliers.exposed"])
    with acting_as(SYSTEM):
        StaffSession(
            organisation=member, receiver=the_secretariat(), analyst=analyst, reason="Help with an audit",
            ends_at=timezone.now() + timedelta(hours=1),
        ).save(force_insert=True)  # fmt: skip
    assert told() == {"suppliers.all": 1, "suppliers.assessed_rate": 0, "suppliers.exposed": 1}
    with acting_as(a_coordinator(an_organisation())):
        assert measure("suppliers.all", FigureScope()).value == 0, "who sees the own rows and has none reads none"
        assert measure("suppliers.all", FigureScope(organisations=frozenset({member.pk}))).value is None


def test_a_supplier_is_added_changed_and_linked_by_hand(member):
    client = signed_in(a_user(member, "MEMBER_COORDINATOR"))
    page = client.post(
        "/suppliers/add/",
        {"name": "Zernovita", "country": "UA", "exposure": "NONE", "assessment_state": "NOT_STARTED"},
        follow=True,
    )
    assert "The supplier was added." in page.content.decode()
    with acting_as(SYSTEM):
        supplier = Supplier.objects.get(name="Zernovita")
    page = client.post(
        f"/suppliers/{supplier.pk}/links/add/", {"tier": "T1", "status": "ACTIVE", "commodity": "WHE"}, follow=True
    )
    assert "WHE" in page.content.decode()
    wrong = client.post(f"/suppliers/{supplier.pk}/change/", {"name": "", "country": "UA"})
    assert wrong.status_code == 422
    assert "Zernovita" in client.get("/search/?q=zerno").content.decode()


FAR = "UY"


def test_a_supplier_from_far_away_stays_there_when_its_form_is_saved(member):
    assert FAR not in dict(COUNTRY_CHOICES), "a form does not offer it by itself"
    with acting_as(a_coordinator(member)):
        supplier = register_supplier(organisation=member, name="Far mill", country=FAR)
    client = signed_in(a_user(member, "MEMBER_COORDINATOR"))
    url = f"/suppliers/{supplier.pk}/change/"
    assert f'<option value="{FAR}" selected>' in client.get(url).content.decode()
    sent = {"name": "Far mill", "country": FAR, "workers": 7, "exposure": "NONE", "assessment_state": "NOT_STARTED"}
    assert client.post(url, sent).status_code == 302
    with acting_as(SYSTEM):
        supplier.refresh_from_db()
        assert (supplier.country, supplier.workers) == (FAR, 7)
