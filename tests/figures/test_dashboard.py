"""Weekly series: fixed week ends, then now."""

from datetime import UTC, datetime, timedelta
from itertools import pairwise

from aimprogress.figures.dashboard import WEEK, week_ends

NOW = datetime(2026, 11, 22, 9, tzinfo=UTC)  # a Sunday


def test_twelve_moments_are_the_last_mondays_and_now():
    ends = week_ends(NOW)
    assert (len(ends), ends[-1], ends[-2]) == (12, NOW, datetime(2026, 11, 16, tzinfo=UTC))
    assert {second - first for first, second in pairwise(ends[:-1])} == {WEEK}


def test_the_week_ends_are_the_same_for_the_whole_week():
    assert week_ends(NOW)[:-1] == week_ends(NOW - timedelta(days=6))[:-1]
    assert week_ends(NOW)[:-1] != week_ends(NOW - timedelta(days=7))[:-1]


def test_the_moment_a_week_ends_is_now_and_not_twice_there():
    monday = datetime(2026, 11, 16, tzinfo=UTC)
    assert week_ends(monday)[-2:] == [monday - WEEK, monday]
