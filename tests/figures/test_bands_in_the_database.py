"""The SQL of a band and the word beside a figure are the same rule, for every level, on and around each boundary."""

from datetime import UTC, datetime, timedelta

import pytest

from aimprogress.core.actor import SYSTEM, acting_as
from aimprogress.figures.freshness import LEVELS, Band, Fact, band_expression, cadence, freshness, in_bands, longest_ages
from members.models import Operational, Site, StatusGroup
from members.standing import group_expression, in_group, shown_group
from tests.factories import a_site, an_organisation

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 11, 22, 9, 0, tzinfo=UTC)
INSTANT = timedelta(microseconds=1)


def ages(fact: Fact, level: int) -> list[timedelta | None]:
    boundaries = longest_ages(cadence(fact, level)).values()
    around = [boundary + step for boundary in boundaries for step in (-INSTANT, timedelta(), INSTANT)]
    return [None, timedelta(hours=-1), timedelta(), timedelta(days=4000), *around]


@pytest.mark.parametrize("fact", list(Fact))
def test_a_list_a_count_and_a_word_agree_on_how_old_a_fact_is(fact):
    organisation = an_organisation()
    expected = {}
    for level in LEVELS:
        for age in ages(fact, level):
            observed_at = None if age is None else NOW - age
            site = a_site(organisation, alert_level=level, current_status_at=observed_at)
            expected[site.pk] = freshness(fact, observed_at=observed_at, alert_level=level, now=NOW).band
    with acting_as(SYSTEM):
        found = Site.objects.annotate(band=band_expression(fact, now=NOW)).values_list("pk", "band")
        assert {pk: Band(band) for pk, band in found} == expected
        for band in Band:
            listed = set(Site.objects.filter(in_bands([band], fact, now=NOW)).values_list("pk", flat=True))
            assert listed == {pk for pk, word in expected.items() if word is band}
        assert Site.objects.filter(in_bands(Band.values, fact, now=NOW)).count() == len(expected)
        assert not Site.objects.filter(in_bands([], fact, now=NOW)).exists()


def test_the_display_group_in_sql_is_the_one_in_python_and_the_one_of_the_filter():
    organisation = an_organisation()
    expected = {}
    for code in ["", *Operational.values]:
        for level in LEVELS:
            for age in (None, timedelta(), *(cadence(Fact.STATUS, level) * 2 + step for step in (timedelta(), INSTANT))):
                observed_at = None if age is None else NOW - age
                site = a_site(organisation, alert_level=level, current_status_at=observed_at, current_operational=code)
                band = freshness(Fact.STATUS, observed_at=observed_at, alert_level=level, now=NOW).band
                expected[site.pk] = shown_group(code, band)
    with acting_as(SYSTEM):
        found = Site.objects.annotate(group=group_expression(now=NOW)).values_list("pk", "group")
        assert {pk: StatusGroup(group) for pk, group in found} == expected
        for group in StatusGroup:
            listed = set(Site.objects.filter(in_group(group, now=NOW)).values_list("pk", flat=True))
            assert listed == {pk for pk, word in expected.items() if word is group}
