"""Where the sites are: the map, the table beside it, and the lists behind both say the same."""

import re
from html import unescape

import pytest
from django.utils import timezone

from aimprogress.core.actor import acting_as
from aimprogress.figures.precision import Precision
from members.map import country_table, public_point, regions
from members.models import Site
from tests.factories import a_coordinator, a_site, a_status, a_user, an_analyst, an_area, an_organisation, the_secretariat
from tests.signing import signed_in

pytestmark = pytest.mark.django_db
MARK = re.compile(r'<a[^>]*class="mk [a-z]+"[^>]*href="([^"]+)"[^>]*aria-label="([^"]+)"')


def placed(member, code="UA46", lat=49.8, lon=24.0, **fields):
    area = an_area(code, name=code)
    type(area).objects.filter(pk=area.pk).update(lat=lat, lon=lon)
    return a_site(member, admin1=area, country="UA", **fields)


def counted_in(label):
    return sum(int(number) for number in re.findall(r"(\d+) [a-z]", label.split(": ")[-1]))


def test_every_mark_leads_to_a_list_of_exactly_its_sites():
    member = an_organisation()
    for code, lat, statuses in (
        ("UA46", 49.8, ["OPERATING", "SUSPENDED", "EVACUATED"]),
        ("UA61", 49.6, ["OPERATING", "RELOCATED", "EVACUATED"]),
        ("UA63", 50.0, []),
    ):
        for at, status in enumerate(statuses):
            a_status(placed(member, code, lat, 24.0 if code != "UA63" else 36.2, name=f"{code} {at}"), status)
    placed(member, "UA63", 50.0, 36.2, name="never heard of")
    client = signed_in(a_user(member, "MEMBER_COORDINATOR"))
    marks = MARK.findall(client.get("/overview/?view=map").content.decode())
    assert sum(counted_in(unescape(label)) for _href, label in marks) == 7
    for href, label in marks:
        rows = client.get(unescape(href)).context["rows"]
        assert len(rows) == counted_in(unescape(label)), href


def test_map_and_table_have_the_same_totals():
    member = an_organisation()
    for status in ("OPERATING", "OPERATING", "RELOCATED", "EVACUATED"):
        a_status(placed(member), status)
    client = signed_in(a_user(member, "MEMBER_COORDINATOR"))
    as_map, as_table = (client.get(f"/overview/?view={view}").context for view in ("map", "table"))
    assert as_map["map_total"] == as_table["map_total"] == sum(row["total"] for row in as_table["map_rows"]) == 4
    assert as_map["map_svg"] and not as_table["map_svg"]
    by_group = [sum(row["cells"][at][0] for row in as_table["map_rows"]) for at in range(len(as_table["map_groups"]))]
    assert by_group == [key["count"] for key in as_map["map_key"]] == [figure.value for _group, figure in as_map["groups"]]


def test_a_device_that_saves_data_gets_the_table_only():
    member = an_organisation()
    a_status(placed(member))
    client = signed_in(a_user(member, "MEMBER_COORDINATOR"))
    page = client.get("/overview/", headers={"save-data": "on"}).content.decode()
    assert "<table" in page and 'class="region"' not in page and 'class="trend' not in page
    assert 'class="region"' in client.get("/overview/?view=map", headers={"save-data": "on"}).content.decode()


def test_a_protected_site_stands_on_its_regions_point():
    row = {
        "settlement__lat": 49.123, "settlement__lon": 24.456, "area__lat": 49.2, "area__lon": 24.4,
        "admin1__lat": 49.8, "admin1__lon": 24.0, "safety_profile": False,
    }  # fmt: skip
    assert public_point(row, Precision.EXACT) == (49.123, 24.456)
    assert public_point(row, Precision.GRID) == (49.15, 24.45)
    assert public_point(row, Precision.ADM2) == (49.2, 24.4)
    assert public_point(row, Precision.ADM1) == (49.8, 24.0)
    assert public_point(row, Precision.COUNTRY) is None
    assert public_point(row | {"safety_profile": True}, Precision.EXACT) == (49.8, 24.0)


def test_a_coordinator_and_an_analyst_count_the_same_sites():
    member = an_organisation()
    placed(member)
    for actor in (a_coordinator(member), an_analyst()):
        with acting_as(actor):
            found = regions(Site.objects.all(), actor, now=timezone.now())
            assert [(region.code, region.total) for region in found] == [("UA46", 1)]
            assert country_table(found, lambda **filters: "")[0]["total"] == 1


def test_the_site_list_shows_its_filtered_sites_on_the_map():
    member = an_organisation()
    a_status(placed(member), "EVACUATED")
    a_status(placed(member, "UA63", 50.0, 36.2), "OPERATING")
    client = signed_in(a_user(the_secretariat(), "AIM_ANALYST"))
    page = client.get("/sites/?view=map&group=evac")
    assert page.context["map_total"] == 1 == len(page.context["rows"])
    assert "map_svg" not in client.get("/sites/?group=evac").context
