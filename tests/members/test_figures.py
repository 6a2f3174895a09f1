"""The worked scenarios of the domain reference, in the numbers that every face prints."""

from datetime import UTC, datetime, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from aimprogress.core.actor import acting_as
from aimprogress.figures.freshness import Band, Fact, freshness
from aimprogress.figures.registry import FigureScope, measure, measure_all
from members.models import Site, StatusGroup
from tests.factories import a_coordinator, a_head_count, a_site, a_status, an_analyst, an_organisation

pytestmark = pytest.mark.django_db

NOW = datetime(2026, 11, 22, 9, 0, tzinfo=UTC)
KYIV = {
    "safe_local": 287,
    "safe_idp": 58,
    "safe_abroad": 31,
    "serving": 24,
    "injured": 3,
    "missing": 1,
    "unaccounted": 14,
    "killed": 2,
}
LVIV = {"safe_local": 160, "safe_idp": 4, "safe_abroad": 9, "serving": 7}
MYKOLAIV = {
    "safe_local": 40, "safe_idp": 25, "safe_abroad": 10, "serving": 6, "injured": 1, "detained": 1, "missing": 2,
    "unaccounted": 10, "killed": 1,
}  # fmt: skip


@pytest.fixture
def brewer():
    return an_organisation()


def three_breweries(brewer, *, seen):
    sites = [a_site(brewer, code=code, baseline=people) for code, people in (("KYV-01", 420), ("LVI-02", 180), ("MYK-03", 96))]
    for site, expected, states, at in zip(sites, (420, 180, 96), (KYIV, LVIV, MYKOLAIV), seen, strict=True):
        a_head_count(site, expected, at, **states)
    return sites


def test_scenario_1_rates_are_sums_over_sums(brewer):
    three_breweries(brewer, seen=[NOW - timedelta(hours=1)] * 3)
    with acting_as(a_coordinator(brewer)):
        scope = FigureScope(as_of=NOW)
        accounted, safe, displaced = (
            measure(f"people.{name}", scope) for name in ("accounted_rate", "safe_rate", "displaced_rate")
        )
    assert (accounted.numerator, accounted.denominator) == (669, 696)
    assert [str(figure.value) for figure in (accounted, safe, displaced)] == ["96.1", "89.7", "19.7"]
    assert (safe.numerator, displaced.numerator) == (624, 137)


def test_scenario_3_and_4_stale_sites_leave_the_totals_and_coverage_says_so(brewer):
    seen = [
        datetime(2026, 11, 21, 10, 30, tzinfo=UTC),
        datetime(2026, 11, 14, 8, 0, tzinfo=UTC),
        datetime(2026, 11, 21, 20, 0, tzinfo=UTC),
    ]
    sites = three_breweries(brewer, seen=seen)
    for site, level, at in zip(sites, (3, 2, 4), seen, strict=True):
        a_status(site, "OPERATING", at)
        _set_level(site, level)
    with acting_as(a_coordinator(brewer)):
        found = measure("people.accounted_rate", FigureScope(as_of=NOW))
        bands = [
            freshness(Fact.STATUS, observed_at=site.current_status_at, alert_level=site.alert_level, now=NOW)
            for site in Site.objects.order_by("code")
        ]
    assert [age.band for age in bands] == [Band.DUE_SOON, Band.OVERDUE, Band.STALE]
    assert [str(age.overdue_hours) for age in bands] == ["0.0", "25.0", "7.0"]
    assert (found.numerator, found.denominator, str(found.value)) == (585, 600, "97.5")
    assert found.coverage.text == "2 of 3 sites current enough, covering 600 of 696 workers (86.2 %)"
    assert found.coverage.stale_workers == 96 and not found.coverage.too_thin


def _set_level(site, level):
    from aimprogress.core.actor import SYSTEM

    with acting_as(SYSTEM):
        Site.objects.filter(pk=site.pk).update(alert_level=level)


def test_unverified_head_counts_stay_out_of_the_headline(brewer):
    site, other = a_site(brewer), a_site(brewer)
    a_head_count(site, 100, NOW, confidence="C", unaccounted=90)
    a_head_count(other, 50, NOW)
    with acting_as(a_coordinator(brewer)):
        found = measure("people.accounted_rate", FigureScope(as_of=NOW))
    assert (found.numerator, found.denominator) == (50, 50)


def test_nothing_reported_is_not_zero(brewer):
    a_site(brewer)
    with acting_as(a_coordinator(brewer)):
        assert measure("people.accounted_rate", FigureScope(as_of=NOW)).value is None
        assert measure("people.unaccounted", FigureScope(as_of=NOW)).value is None


def test_every_number_equals_the_list_behind_it(brewer):
    from django.http import QueryDict

    from members.filters import SiteFilterSet

    for n, code in enumerate(["OPERATING", "REDUCED", "SUSPENDED", "EVACUATED", "RELOCATED", "CLOSED", "ESSENTIAL_ONLY"]):
        a_status(a_site(brewer), code, NOW - timedelta(days=n * 9))
    a_site(brewer)
    with acting_as(a_coordinator(brewer)):
        scope = FigureScope()
        groups = {group: measure(f"sites.group.{group}", scope) for group in StatusGroup.values}
        assert sum(figure.value for figure in groups.values()) == 8
        for name in [*(f"sites.group.{group}" for group in groups), "sites.overdue", "sites.silent", "sites.awaiting_return"]:
            found = measure(name, scope)
            listed = SiteFilterSet(QueryDict(found.link.partition("?")[2]), queryset=Site.objects.all())
            assert listed.qs.count() == found.value, name
        assert measure("sites.awaiting_return", scope).value == 2, "suspended for safety, and evacuated"
        assert SiteFilterSet(QueryDict("awaiting_return=false"), queryset=Site.objects.all()).qs.count() == 5
    with acting_as(an_analyst()):
        assert measure("sites.awaiting_return", FigureScope()).value is None, "the log of all members is not asked"


def test_all_figures_of_a_scope_cost_one_query(brewer):
    a_site(brewer)
    with acting_as(a_coordinator(brewer)), CaptureQueriesContext(connection) as queries:
        measure_all(FigureScope(), prefix="people.")
        scope = FigureScope()
        measure_all(scope, prefix="sites.")
        measure_all(scope, prefix="plans.")
    assert len(queries) == 7, "one of sites and one of their log for the second scope; one of sites, three of pay, one of support"


def test_a_coordinator_counts_only_the_own_sites(brewer):
    a_head_count(a_site(an_organisation()), 500, NOW)
    with acting_as(a_coordinator(brewer)):
        assert measure("people.accounted_rate", FigureScope(as_of=NOW)).denominator == 0
