"""The arithmetic of a roll call: when its rounds are due, who still has to answer, what it adds up to."""

from datetime import UTC, datetime, timedelta

import pytest

from members.rounds import Heard, Standing, added, answered, current_round, due_at, known_last, rounds_of

BEGAN = datetime(2026, 11, 1, 8, tzinfo=UTC)
PARTS = ("Shift lead day", "Shift lead night")
ONE = Heard(expected=10, safe=8, need_help=1, not_reached=1)
TWO = Heard(expected=5, safe=3, need_help=0, not_reached=2)
BOTH = dict(zip(PARTS, (ONE, TWO), strict=True))


def at(hours: float) -> datetime:
    return BEGAN + timedelta(hours=hours)


def standings(answers: dict, hours: float, parts: tuple = PARTS) -> list[str]:
    return [one.standing.value for one in rounds_of(BEGAN, parts, answers, at(hours))]


def test_the_rounds_are_due_two_six_twenty_four_and_seventy_two_hours_after_the_incident():
    assert [one.due_at for one in rounds_of(BEGAN, PARTS, {}, BEGAN)] == [at(2), at(6), at(24), at(72)]


@pytest.mark.parametrize(
    ("hours", "expected"),
    [
        (1.9, ["DUE", "LATER", "LATER", "LATER"]),
        (2, ["OVERDUE", "LATER", "LATER", "LATER"]),
        (5.9, ["OVERDUE", "LATER", "LATER", "LATER"]),
        (6, ["MISSED", "OVERDUE", "LATER", "LATER"]),  # what is known now belongs to the second round
        (80, ["MISSED", "MISSED", "MISSED", "OVERDUE"]),
    ],
)
def test_a_round_that_nobody_answered_is_late_and_then_missed(hours, expected):
    assert standings({}, hours) == expected


def test_a_round_is_answered_when_every_part_has_answered_it_and_the_next_opens_when_it_was_due():
    assert standings({1: {PARTS[0]: ONE}}, 3) == ["OVERDUE", "LATER", "LATER", "LATER"]
    assert standings({1: BOTH}, 3) == ["ANSWERED", "DUE", "LATER", "LATER"]
    assert standings({1: BOTH}, 1.9) == ["ANSWERED", "LATER", "LATER", "LATER"]
    assert rounds_of(BEGAN, PARTS, {1: {PARTS[0]: ONE}}, at(3))[0].waiting == (PARTS[1],)


def test_a_round_opens_at_its_own_time_however_early_the_one_before_was_complete():
    assert [current_round(BEGAN, 0, at(h)) for h in (0, 2, 5.9, 6, 24, 71)] == [1, 1, 1, 2, 3, 3]
    assert [current_round(BEGAN, 1, at(h)) for h in (0, 1.9, 2, 6, 23, 24)] == [1, 1, 2, 2, 2, 3]
    assert [current_round(BEGAN, 2, at(h)) for h in (3, 5.9, 6, 24)] == [2, 2, 3, 3]
    assert [current_round(BEGAN, 3, at(h)) for h in (7, 24, 72, 90)] == [3, 4, 4, 4]
    assert current_round(BEGAN, 4, at(90)) is None


def test_the_parts_of_a_round_add_up():
    total = added(BOTH)
    assert total == Heard(expected=15, safe=11, need_help=1, not_reached=3)
    assert (total.reached, total.reached_percent) == (12, "80.0 %")
    assert added({}) is None


def test_an_answer_for_the_whole_site_stands_in_the_place_of_its_parts():
    whole = Heard(expected=15, safe=15)
    answers = {1: {PARTS[0]: ONE, "": whole}}
    first = rounds_of(BEGAN, PARTS, answers, at(1))[0]
    assert (first.standing, first.waiting, first.total) == (Standing.ANSWERED, (), whole)


def test_a_site_without_a_call_tree_answers_as_a_whole():
    assert rounds_of(BEGAN, (), {}, at(1))[0].waiting == ("",)
    assert standings({1: {"": ONE}}, 2, parts=()) == ["ANSWERED", "DUE", "LATER", "LATER"]


def test_what_is_due_next_follows_the_last_round_that_was_answered_in_full():
    assert [due_at(BEGAN, n) for n in range(5)] == [at(2), at(6), at(24), at(72), None]
    assert answered(PARTS, {1: {PARTS[0]: ONE}, 2: BOTH}) == 2
    assert answered(PARTS, {1: {PARTS[0]: ONE}}) == 0


def test_what_is_known_last_is_of_each_part_its_newest_answer_and_forgets_nobody():
    found = Heard(expected=10, safe=10)
    known = known_last(PARTS, {1: BOTH, 2: {PARTS[0]: found}})
    assert known.newest == {PARTS[0]: found, PARTS[1]: TWO}
    assert (known.total, known.everybody_reached) == (Heard(15, 13, 0, 2), False)  # the two of the night are still missing
    assert known_last(PARTS, {1: BOTH, 2: {PARTS[0]: found}, 3: {PARTS[1]: Heard(5, 5)}}).everybody_reached


def test_a_part_that_never_answered_is_not_reached_whatever_the_others_say():
    known = known_last(PARTS, {1: {PARTS[0]: Heard(10, 10)}})
    assert (known.unheard, known.everybody_reached) == ((PARTS[1],), False)
    nobody = known_last(PARTS, {})
    assert (nobody.total, nobody.unheard, nobody.everybody_reached) == (None, PARTS, False)
    assert known_last((), {}).unheard == ("",) and not known_last((), {}).everybody_reached


def test_what_was_said_of_the_whole_site_stands_until_every_part_has_answered_since():
    whole = Heard(expected=15, safe=15)
    some = known_last(PARTS, {1: {"": whole}, 2: {PARTS[0]: ONE}})
    assert (some.total, some.unheard, some.everybody_reached) == (whole, (), False)  # a part knows somebody who is missing
    assert known_last(PARTS, {1: {"": whole}, 2: BOTH}).total == added(BOTH)
    assert known_last(PARTS, {1: BOTH, 2: {"": whole}}).everybody_reached
    assert known_last((), {1: {"": ONE}, 2: {"": whole}}).total == whole


def test_counts_that_do_not_add_up_say_by_how_many():
    assert Heard(10, 8, 1, 1).problem == ""
    assert Heard(10, 8, 0, 1).problem == "1 person has no state"
    assert Heard(10, 9, 1, 1).problem == "1 person too many"
