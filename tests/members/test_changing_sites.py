"""What a site is may change; what was reported meanwhile, its number where names are reduced, and its people's safety stay."""

from datetime import date, timedelta
from uuid import uuid4

import pytest
from django.core import mail
from django.utils import timezone

from aimprogress.core.actor import SYSTEM, acting_as
from aimprogress.core.audit import AuditEvent
from aimprogress.core.ids import uuid7
from aimprogress.core.permissions import Role
from aimprogress.places.models import AreaConflictStatus, Settlement
from aimprogress.places.names import search_key
from members.models import Site
from members.notifications import tell_that_a_site_is_occupied
from members.services.sites import change_site, register_site
from members.tasks import follow_the_list
from tests.factories import a_coordinator, a_site, a_status, a_user, an_area, an_organisation
from tests.members.test_devices import a_phone, again
from tests.signing import signed_in

pytestmark = pytest.mark.django_db


def a_town(name, area, **fields):
    given = {"lat": 49.0, "lon": 24.0, "admin1": area, "area": area, **fields}
    return Settlement.objects.create(
        id=uuid4(), country=area.country, name=name, name_local=name, search_key=search_key(name), **given
    )


def occupied(area, since):
    return AreaConflictStatus.objects.create(
        id=uuid7(), area=area, table="temporarily_occupied", status="OCCUPIED", valid_from=since, act="An act",
        act_date=date(2026, 11, 1),
    )  # fmt: skip


def test_a_report_that_comes_in_while_a_form_is_open_is_not_written_over():
    site = a_site()
    with acting_as(a_coordinator(site.organisation)):
        stale = Site.objects.get(pk=site.pk)
    a_status(site, "EVACUATED")
    with acting_as(a_coordinator(site.organisation)):
        changed = change_site(site=stale, name="Renamed")
        assert (changed.name, changed.current_operational) == ("Renamed", "EVACUATED")
        assert Site.objects.get(pk=site.pk).current_operational == "EVACUATED"


def test_no_two_sites_of_an_oblast_read_alike_where_names_are_reduced():
    member, lviv, kyiv = an_organisation(), an_area(), an_area("UA32", name="Kyiv")
    with acting_as(a_coordinator(member)):
        first, second = (
            register_site(organisation=member, code=f"L-{n}", name=f"Plant {n}", country="UA", admin1=lviv) for n in (1, 2)
        )
        moved = register_site(organisation=member, code="K-1", name="Depot", country="UA", admin1=kyiv)
        assert [site.number_in_area for site in (first, second, moved)] == [1, 2, 1]
        assert change_site(site=moved, admin1=lviv).number_in_area == 3
        assert change_site(site=moved, name="Depot west").number_in_area == 3, "given once"


def test_the_town_is_looked_for_in_the_chosen_oblast_only():
    """Towns of one name are many, and one of them may be occupied."""
    member, lviv, donetsk = an_organisation(), an_area(), an_area("UA14", name="Donetsk")
    a_town("Mykolaivka", donetsk, population=14_000)
    here = a_town("Mykolaivka", lviv, population=300)
    occupied(donetsk, date(2022, 3, 1))
    client = signed_in(a_user(member, Role.MEMBER_COORDINATOR))
    answers = {
        "code": "M-1", "name": "Depot", "kind": "DEPOT", "country": "UA", "admin1": lviv.code, "baseline": "12",
        "union_present": "unknown", "settlement_name": "Mykolaivka",
    }  # fmt: skip
    assert client.post("/sites/add/", answers).status_code == 302
    with acting_as(SYSTEM):
        site = Site.objects.get(code="M-1")
        assert (site.settlement, site.area, site.safety_profile) == (here, lviv, False)
    elsewhere = client.post("/sites/add/", answers | {"code": "M-2", "admin1": an_area("UA32", name="Kyiv").code})
    assert elsewhere.status_code == 422 and "This place is not in our list" in elsewhere.content.decode()


def test_a_site_that_moves_into_the_safety_profile_loses_its_phones():
    site, belarus = a_site(), an_area("BY-MI", country="BY", name="Minsk")
    _client, device = a_phone(site)
    with acting_as(a_coordinator(site.organisation)):
        assert change_site(site=site, country="BY", admin1=belarus).safety_profile
    assert again(device).ended == "CLOSED"


def test_the_day_on_which_an_area_counts_as_occupied_takes_its_sites_under_the_profile():
    site, beside = a_site(), a_site(admin1=an_area("UA32", name="Kyiv"))
    coordinator = a_user(site.organisation, Role.MEMBER_COORDINATOR)
    client, device = a_phone(site)
    line = occupied(site.admin1, timezone.localdate() + timedelta(days=1))
    with acting_as(SYSTEM):
        follow_the_list()
        assert not Site.objects.get(pk=site.pk).safety_profile, "not before its day"
    AreaConflictStatus.objects.filter(pk=line.pk).update(valid_from=timezone.localdate())
    with acting_as(SYSTEM):
        follow_the_list()
        follow_the_list()
        taken = Site.objects.get(pk=site.pk)
        assert taken.safety_profile and taken.version == site.version + 1
        assert not Site.objects.get(pk=beside.pk).safety_profile
        event = AuditEvent.objects.get(action="members.take_under_the_profile")
        tell_that_a_site_is_occupied(event)
    assert again(device).ended == "CLOSED"
    assert client.get(f"/c/{site.checkin_code}/").status_code == 410
    assert [coordinator.email] in [message.to for message in mail.outbox]
    AreaConflictStatus.objects.filter(pk=line.pk).delete()
    with acting_as(SYSTEM):
        follow_the_list()
        assert Site.objects.get(pk=site.pk).safety_profile, "nobody is let out by the clock"


@pytest.mark.parametrize("known_by", ["area", "settlement"])
def test_a_hromada_that_is_listed_takes_its_sites_under_the_profile_though_its_oblast_is_not(known_by):
    lviv = an_area()
    hromada = an_area("UA46060010000000001", name="Hromada", level=3, parent=lviv)
    near = hromada if known_by == "area" else a_town("Mykolaivka", hromada, admin1=lviv)
    site, beside = a_site(**{known_by: near}), a_site()
    occupied(hromada, timezone.localdate())
    with acting_as(SYSTEM):
        follow_the_list()
        assert [Site.objects.get(pk=one.pk).safety_profile for one in (site, beside)] == [True, False]
    with acting_as(a_coordinator(site.organisation)):
        assert change_site(site=site, name="Renamed").safety_profile, "another name lets nobody out"
        fields = {"organisation": site.organisation, "code": "N-1", "name": "New", "country": "UA", "admin1": lviv}
        assert register_site(**fields, **{known_by: near}).safety_profile


def test_a_site_whose_town_retention_has_emptied_keeps_its_district_and_profile_when_it_is_renamed():
    lviv = an_area()
    hromada = an_area("UA46060010000000001", name="Hromada", level=3, parent=lviv)
    occupied(hromada, timezone.localdate())
    site = a_site(area=hromada, safety_profile=True)
    answers = {
        "code": site.code, "name": "Renamed", "kind": "DEPOT", "country": "UA", "admin1": lviv.code, "baseline": "12",
        "union_present": "unknown", "settlement_name": "",
    }  # fmt: skip
    client = signed_in(a_user(site.organisation, Role.MEMBER_COORDINATOR))
    assert client.post(f"/sites/{site.pk}/change/", answers).status_code == 302
    with acting_as(SYSTEM):
        changed = Site.objects.get(pk=site.pk)
        assert (changed.name, changed.area, changed.safety_profile) == ("Renamed", hromada, True)
        town = a_town("Mykolaivka", an_area("UA32", name="Kyiv"))
    moved = answers | {"admin1": "UA32", "settlement_name": town.name}
    assert client.post(f"/sites/{site.pk}/change/", moved).status_code == 302
    with acting_as(SYSTEM):
        assert not Site.objects.get(pk=site.pk).safety_profile, "a person says that it is elsewhere"


def test_the_database_knows_since_when_a_site_follows_the_profile_whoever_writes():
    site, belarus = a_site(), an_area("BY-MI", country="BY", name="Minsk")
    oblast = site.admin1
    with acting_as(a_coordinator(site.organisation)):
        change_site(site=site, country="BY", admin1=belarus)
        assert Site.objects.get(pk=site.pk).profile_since is not None
        began = timezone.now() - timedelta(days=5)
        Site.objects.filter(pk=site.pk).update(profile_since=began)
        change_site(site=site, name="Renamed")
        Site.objects.filter(pk=site.pk).update(safety_profile=True)
        assert Site.objects.get(pk=site.pk).profile_since == began, "a stale copy, or another change, begins nothing anew"
        change_site(site=site, country="UA", admin1=oblast)
        assert Site.objects.get(pk=site.pk).profile_since is None
