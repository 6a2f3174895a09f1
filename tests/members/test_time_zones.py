"""The same moment, read from four time zones, on the two sides of the night of 25 October when clocks went back."""

import re
from datetime import UTC, datetime

import pytest
from django.test import Client

from aimprogress.core.actor import SYSTEM, acting_as
from members.models import Organisation
from tests.factories import a_site, a_status, a_user, an_organisation
from tests.signing import signed_in

pytestmark = pytest.mark.django_db
BEFORE, AFTER = datetime(2026, 10, 24, 22, 40, tzinfo=UTC), datetime(2026, 10, 25, 1, 40, tzinfo=UTC)
STATUS = {
    "operational": "REDUCED",
    "reason": "POWER",
    "control": "MEMBER",
    "damage": 0,
    "source_type": "DIRECT",
    "confidence": "A",
}
READ = {
    "Europe/Kyiv": (("2026-10-25", "01:40", "+03:00"), ("2026-10-25", "03:40", "+02:00")),
    "Europe/Warsaw": (("2026-10-25", "00:40", "+02:00"), ("2026-10-25", "02:40", "+01:00")),
    "Europe/Moscow": (("2026-10-25", "01:40", "+03:00"), ("2026-10-25", "04:40", "+03:00")),
    "UTC": (("2026-10-24", "22:40", "+00:00"), ("2026-10-25", "01:40", "+00:00")),
}


def a_reader(zone: str) -> tuple[Organisation, Client]:
    organisation = an_organisation(time_zone=zone)
    return organisation, signed_in(a_user(organisation, "MEMBER_COORDINATOR"))


@pytest.mark.parametrize("zone", READ)
def test_the_story_of_a_site_is_told_in_the_time_of_the_organisation(zone: str) -> None:
    organisation, client = a_reader(zone)
    site = a_site(organisation)
    a_status(site, "REDUCED", observed_at=BEFORE)
    a_status(site, "SUSPENDED", observed_at=AFTER)
    page = client.get(f"/sites/{site.pk}/").content.decode()
    for day, hour, offset in READ[zone]:
        assert f'<time datetime="{day}T{hour}:00{offset}">{hour}</time>' in page
    assert re.search(rf"{zone} \(UTC", page), "the zone is named once on the page"


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("2026-10-24T12:00", datetime(2026, 10, 24, 10, 0, tzinfo=UTC)),
        ("2026-10-26T12:00", datetime(2026, 10, 26, 11, 0, tzinfo=UTC)),
    ],
)
def test_a_typed_moment_is_one_of_the_zone_of_who_types_it(typed: str, meant: datetime) -> None:
    organisation, client = a_reader("Europe/Warsaw")
    site = a_site(organisation)
    answer = client.post(f"/sites/{site.pk}/status/", STATUS | {"observed_at": typed})
    assert answer.status_code == 302, answer.content.decode()
    with acting_as(SYSTEM):
        assert site.statuses.get().observed_at == meant


def test_the_hour_that_comes_twice_is_asked_for_again() -> None:
    organisation, client = a_reader("Europe/Warsaw")
    site = a_site(organisation)
    answer = client.post(f"/sites/{site.pk}/status/", STATUS | {"observed_at": "2026-10-25T02:40"})
    assert answer.status_code == 422
    assert "id_observed_at_error" in answer.content.decode()


@pytest.mark.parametrize("zone", ["", "Nowhere/Land", "../etc/passwd"])
def test_a_zone_that_does_not_exist_is_the_portals_own(zone: str) -> None:
    _organisation, client = a_reader(zone)
    assert "Europe/Kyiv (UTC" in client.get("/sites/").content.decode()
