"""Weekly series: the state known at the end of each week."""

from collections import Counter
from datetime import UTC, datetime, timedelta

from aimprogress.figures.dashboard import counts_at, week_ends

NOW = datetime(2026, 11, 22, 9, tzinfo=UTC)


def test_twelve_week_ends_finish_with_now_and_stand_seven_days_apart():
    ends = week_ends(NOW)
    assert (len(ends), ends[-1], ends[0]) == (12, NOW, NOW - timedelta(days=77))


def test_a_site_counts_with_its_last_state_from_its_first_report_on():
    facts = [
        ("a", NOW - timedelta(days=1), "PAUSED"),
        ("a", NOW - timedelta(days=20), "OK"),
        ("b", NOW - timedelta(days=8), "OK"),
        ("b", NOW + timedelta(days=1), "CLOSED"),
    ]
    series = counts_at(week_ends(NOW, weeks=3), facts)
    assert series == [Counter(OK=1), Counter(OK=2), Counter(OK=1, PAUSED=1)]


def test_a_report_at_the_very_end_of_a_week_belongs_to_it():
    assert counts_at([NOW], [("a", NOW, "OK")]) == [Counter(OK=1)]
