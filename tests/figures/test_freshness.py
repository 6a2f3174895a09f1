"""Freshness: scenarios 3 and 4 of domain.md 10.2, the boundaries, and the sentence beside a total."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from django.utils import translation

from aimprogress.figures.coverage import Coverage, cover
from aimprogress.figures.freshness import Band, Fact, band_of_age, cadence, freshness
from aimprogress.figures.percent import as_percent

NOW = datetime(2026, 11, 22, 9, 0, tzinfo=UTC)


def at(day: int, hour: int, minute: int = 0, month: int = 11) -> datetime:
    return datetime(2026, month, day, hour, minute, tzinfo=UTC)


@pytest.mark.parametrize(
    ("site", "level", "observed_at", "ratio", "band", "overdue_hours"),
    [
        ("KYV", 3, at(21, 10, 30), "0.94", Band.DUE_SOON, "0.0"),
        ("LVI", 2, at(14, 8), "1.15", Band.OVERDUE, "25.0"),
        ("MYK", 4, at(21, 20), "2.17", Band.STALE, "7.0"),
        ("ODS", 1, at(10, 9), "0.86", Band.DUE_SOON, "0.0"),
        ("WAW", 0, at(20, 9, month=9), "2.10", Band.STALE, "792.0"),
    ],
)
def test_scenario_3_the_freshness_of_five_sites(site, level, observed_at, ratio, band, overdue_hours):
    found = freshness(Fact.STATUS, observed_at=observed_at, alert_level=level, now=NOW)
    assert (found.band, found.ratio, found.overdue_hours) == (band, Decimal(ratio), Decimal(overdue_hours)), site


def test_scenario_4_stale_head_counts_are_left_out_and_the_sentence_says_so():
    counts = {  # expected, unaccounted + missing, alert level, observed
        "KYV": (420, 15, 3, at(21, 10, 30)),
        "LVI": (180, 0, 2, at(14, 8)),
        "MYK": (96, 12, 4, at(21, 20)),
    }
    fresh = {
        site: freshness(Fact.HEAD_COUNT, observed_at=when, alert_level=level, now=NOW)
        for site, (_, _, level, when) in counts.items()
    }
    kept = [site for site, found in fresh.items() if found.counts]
    expected = sum(counts[site][0] for site in kept)
    accounted = expected - sum(counts[site][1] for site in kept)
    covered = cover((found, counts[site][0]) for site, found in fresh.items())
    assert kept == ["KYV", "LVI"]
    assert (expected, accounted, as_percent(accounted, expected)) == (600, 585, "97.5 %")
    assert covered.text == "2 of 3 sites current enough, covering 600 of 696 workers (86.2 %)"
    assert (covered.stale_sites, covered.stale_workers, as_percent(covered.stale_workers, covered.of_workers)) == (
        1,
        96,
        "13.8 %",
    )
    assert not covered.too_thin, "13.8 % is a warning, not a block"


def test_more_than_a_fifth_of_the_workers_in_stale_sites_is_too_thin_and_exactly_a_fifth_is_not():
    assert not Coverage(sites=4, of_sites=5, workers=80, of_workers=100).too_thin
    assert Coverage(sites=4, of_sites=5, workers=79, of_workers=100).too_thin


def test_one_site_is_spoken_of_in_the_singular():
    with translation.override("en"):
        assert Coverage(1, 1, 5, 5).text.startswith("1 of 1 site current enough")
        assert "6,687 of 7,007 workers" in Coverage(37, 38, 6687, 7007).text, "as the number beside it is written"


@pytest.mark.parametrize("level", range(5))
def test_a_boundary_belongs_to_the_better_band(level):
    span = cadence(Fact.STATUS, level)
    instant = timedelta(microseconds=1)
    for ratio, better, worse in [
        (8, Band.CURRENT, Band.DUE_SOON),
        (10, Band.DUE_SOON, Band.OVERDUE),
        (20, Band.OVERDUE, Band.STALE),
    ]:
        boundary = span * ratio / 10
        assert band_of_age(boundary, span) is better
        assert band_of_age(boundary + instant, span) is worse


def test_a_fact_that_was_never_reported_is_never_and_counts_nowhere():
    found = freshness(Fact.STATUS, observed_at=None, alert_level=4, now=NOW)
    assert (found.band, found.due_at, found.counts) == (Band.NEVER, None, False)


def test_a_clock_that_runs_ahead_makes_a_fact_current_not_an_error():
    assert freshness(Fact.STATUS, observed_at=NOW + timedelta(hours=1), alert_level=4, now=NOW).band is Band.CURRENT


def test_the_cadence_is_a_setting(settings):
    settings.PORTAL_NUMBERS = {"STATUS_CADENCE_HOURS": (1, 1, 1, 1, 1)}
    assert freshness(Fact.STATUS, observed_at=NOW - timedelta(hours=3), alert_level=0, now=NOW).band is Band.STALE


def test_an_alert_level_that_does_not_exist_is_refused():
    with pytest.raises(ValueError, match="0 to 4"):
        cadence(Fact.STATUS, 5)
