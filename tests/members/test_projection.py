"""What a site shows is what its log says, at any time, and the same rule proves it for all sites at once."""

from datetime import timedelta
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone

from aimprogress.core.actor import SYSTEM, acting_as
from members.models import Site, SiteStatus
from members.projection import projections
from tests.factories import a_head_count, a_site, a_status
from tests.members.plan_samples import an_evacuation_plan

pytestmark = pytest.mark.django_db


@pytest.fixture
def site():
    site = a_site()
    now = timezone.now()
    for hours, code in ((50, "REDUCED"), (40, "OPERATING"), (30, "REDUCED"), (20, "REDUCED"), (10, "REDUCED")):
        a_status(site, code, observed_at=now - timedelta(hours=hours))
    a_head_count(site, 100, unaccounted=3)
    an_evacuation_plan(site)
    return site


def tamper(site: Site, **fields) -> None:
    with acting_as(SYSTEM):
        Site.objects.filter(pk=site.pk).update(**fields)


def rebuild(*options: str) -> str:
    out = StringIO()
    call_command("rebuild_current", *options, stdout=out)
    return out.getvalue()


def test_a_site_has_been_reduced_since_the_first_report_after_the_last_other_one(site):
    assert timezone.now() - site.current_status_since < timedelta(hours=31)
    assert timezone.now() - site.current_status_since > timedelta(hours=29)


def test_a_site_knows_what_it_was_before(site):
    assert site.current_previous == "OPERATING"
    assert a_status(a_site(), "REDUCED").site.current_previous == ""


def test_a_change_became_known_with_the_first_report_of_it_that_arrived():
    """The report seen first came last: from a phone that was offline."""
    site, now = a_site(), timezone.now()
    for seen, known in ((40, 40), (30, 2), (20, 12), (10, 8)):
        a_status(
            site,
            "OPERATING" if seen == 40 else "REDUCED",
            observed_at=now - timedelta(hours=seen),
            recorded_at=now - timedelta(hours=known),
        )
    assert site.current_changed_at == now - timedelta(hours=12)
    assert site.current_status_since == now - timedelta(hours=30)


def test_a_status_that_was_taken_back_does_not_count(site):
    last = site.current_status_id
    with acting_as(SYSTEM):
        SiteStatus.objects.filter(pk=last).update(retracted_at=timezone.now())
        said = projections([site])[site.pk]
    assert said["current_status_id"] != last
    assert said["current_status_at"] < site.current_status_at


def test_verify_finds_nothing_where_nothing_is_wrong(site):
    a_site()
    assert "Every site" in rebuild("--verify")


def test_verify_finds_a_tampered_projection_and_changes_nothing(site):
    tamper(site, current_operational="CLOSED", current_expected=7)
    out = StringIO()
    with pytest.raises(CommandError) as failed:
        call_command("rebuild_current", "--verify", stdout=out)
    assert failed.value.returncode == 1
    assert out.getvalue().split() == [str(site.pk), "current_expected", str(site.pk), "current_operational"]
    with acting_as(SYSTEM):
        assert Site.objects.get(pk=site.pk).current_operational == "CLOSED"


def test_a_tampered_projection_is_put_right_and_its_version_moves(site):
    with acting_as(SYSTEM):
        before = Site.objects.values().get(pk=site.pk)
    tamper(site, current_operational="CLOSED", last_contact_at=None, alert_level=4, current_plan_adequate=True)
    rebuild()
    with acting_as(SYSTEM):
        after = Site.objects.values().get(pk=site.pk)
    assert {name for name in before if before[name] != after[name]} == {"version", "updated_at"}
    assert "Every site" in rebuild("--verify")


def test_many_sites_cost_as_many_queries_as_one(site, django_assert_num_queries):
    others = [a_site(site.organisation) for _ in range(4)]
    for other in others:
        a_status(other)
        a_head_count(other, 10)
        an_evacuation_plan(other)
    with acting_as(SYSTEM), django_assert_num_queries(4):
        projections([site])
    with acting_as(SYSTEM), django_assert_num_queries(4):
        projections([site, *others])
