"""The clocks of the support desk: working hours, and day and night where life is in danger."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from members import clock

BRUSSELS = ZoneInfo("Europe/Brussels")
FRIDAY = datetime(2026, 11, 27, 16, 0, tzinfo=BRUSSELS)


def at(day: int, hour: int, minute: int = 0) -> datetime:
    return datetime(2026, 11, day, hour, minute, tzinfo=BRUSSELS)


def test_where_life_is_in_danger_the_answer_is_due_in_two_hours_day_and_night():
    assert clock.due("P1", at(28, 23)) == at(29, 1)


@pytest.mark.parametrize(
    ("urgency", "since", "due"),
    [
        ("P2", at(23, 9), at(23, 17)),
        ("P2", at(23, 10), at(24, 10)),
        ("P2", FRIDAY, datetime(2026, 11, 30, 16, 0, tzinfo=BRUSSELS)),
        ("P2", at(28, 12), datetime(2026, 11, 30, 17, 0, tzinfo=BRUSSELS)),
        ("P3", at(23, 12), at(25, 12)),
        ("P4", at(23, 9), at(27, 17)),
        ("P4", at(24, 8), datetime(2026, 11, 30, 17, 0, tzinfo=BRUSSELS)),
    ],
)
def test_other_answers_are_due_after_hours_in_which_the_desk_works(urgency, since, due):
    assert clock.due(urgency, since) == due


def test_the_moment_is_told_in_the_zone_that_was_given():
    assert clock.due("P2", at(23, 9).astimezone(UTC)).tzinfo is UTC


@pytest.mark.parametrize("urgency", ["P1", "P2", "P3", "P4"])
@pytest.mark.parametrize("since", [at(23, 9), at(23, 16, 59), FRIDAY, at(28, 3), at(29, 23)])
def test_a_clock_that_is_stopped_and_started_at_once_loses_nothing(urgency, since):
    due = clock.due(urgency, since)
    assert clock.left(urgency, since, due) == clock.allowed(urgency)
    middle = since + (due - since) / 2
    assert clock.due(urgency, middle, clock.left(urgency, middle, due)) == due


def test_nothing_is_left_on_a_clock_that_ran_out():
    assert clock.left("P2", at(24, 9), at(23, 17)) == timedelta()
