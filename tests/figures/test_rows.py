"""Rows: what a specification reads is what it describes, and places near the front are blurred for everybody outside."""

from datetime import date, timedelta

import pytest

from aimprogress.core.actor import SYSTEM, acting_as
from aimprogress.places.models import NAMESPACE, AreaConflictStatus
from members.models import Site
from members.rows import SITE_ROWS
from tests.factories import a_coordinator, a_site, an_analyst, an_area

pytestmark = pytest.mark.django_db


def a_line(area, status: str, **fields) -> None:
    import uuid

    AreaConflictStatus.objects.create(
        id=uuid.uuid5(NAMESPACE, status), area=area, status=status, table="active_hostilities", act="Order",
        act_date=date(2025, 5, 7), **{"valid_from": date(2022, 3, 1), **fields},
    )  # fmt: skip


def seen_by(actor, site) -> dict:
    with acting_as(actor):
        return SITE_ROWS.present(SITE_ROWS.values(Site.objects.filter(pk=site.pk)).get(), actor)


@pytest.mark.parametrize("status", ["NEAR_FRONT", "OCCUPIED", "ACTIVE_HOSTILITIES"])
def test_near_the_front_the_secretariat_sees_the_region_only(status):
    site = a_site()
    a_line(site.admin1, status)
    assert seen_by(an_analyst(), site)["precision"] == "ADM1"
    assert seen_by(a_coordinator(site.organisation), site)["precision"] == "EXACT"


def test_a_line_about_a_raion_counts_for_the_sites_in_it_and_a_line_that_ended_does_not():
    raion = an_area("UA4601", "UA", "Raion", parent=an_area())
    type(raion).objects.filter(pk=raion.pk).update(level=2)
    inside, beside = a_site(area=raion), a_site()
    a_line(raion, "OCCUPIED")
    a_line(an_area(), "NEAR_FRONT", valid_to=date.today() - timedelta(days=1))
    assert seen_by(an_analyst(), inside)["precision"] == "ADM1"
    assert seen_by(an_analyst(), beside)["precision"] == "GRID"


def test_every_described_column_stands_in_a_row_and_no_other():
    site = a_site()
    described = set(SITE_ROWS.schema()["properties"])
    optional = {column.name for column in SITE_ROWS.columns if column.may_be_absent}
    for actor in (a_coordinator(site.organisation), an_analyst()):
        row = set(seen_by(actor, site))
        assert row <= described
        assert described - row <= optional


def test_a_row_has_no_trace_of_what_its_reader_may_not_know():
    site = a_site(name="By the bridge", code="BR-1", address="Bridge street 1", exact_location={"lat": 49.84321, "lon": 24.0})
    printed = repr(seen_by(an_analyst(), site))
    assert not [secret for secret in ("bridge", "Bridge", "BR-1", "49.84") if secret in printed]
    with acting_as(SYSTEM):
        assert "gAAAA" not in repr(SITE_ROWS.values(Site.objects.all()).get()), "not even as ciphertext"
