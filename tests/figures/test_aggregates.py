"""Aggregates: scenarios 18 and 19 of domain.md 10.2, and an attacker who subtracts."""

from datetime import date
from itertools import product

from hypothesis import given, settings
from hypothesis import strategies as st

from aimprogress.figures.aggregates import Hidden, Refusal, SharingClass, protect, refusal

K1, K2 = SharingClass.K1, SharingClass.K2
OLD = {"newest_on": date(2026, 1, 1), "today": date(2026, 11, 22)}


def members(*parts: int) -> dict[str, int]:
    return {f"member {index}": part for index, part in enumerate(parts)}


def test_scenario_18_six_members_may_be_shown_in_k2_but_the_largest_is_too_large_for_k1():
    six = members(120, 80, 60, 45, 30, 15)
    assert refusal(six, K2) is None
    assert refusal(six, K1, **OLD) is Refusal.ONE_DOMINATES


def test_scenario_18_one_member_with_four_fifths_is_suppressed_in_both_classes():
    five = members(400, 30, 25, 25, 20)
    assert refusal(five, K2) is Refusal.ONE_DOMINATES
    assert refusal(five, K1, **OLD) is Refusal.ONE_DOMINATES


def test_scenario_18_four_members_are_always_suppressed_and_a_member_with_nothing_is_no_member():
    assert refusal(members(10, 10, 10, 10), K2) is Refusal.TOO_FEW_MEMBERS
    assert refusal(members(10, 10, 10, 10, 0), K2) is Refusal.TOO_FEW_MEMBERS


def test_the_two_largest_together_may_not_exceed_forty_percent_in_k1():
    assert refusal(members(21, 20, 15, 15, 15, 14), K1, **OLD) is Refusal.TWO_DOMINATE
    assert refusal(members(20, 20, 20, 20, 20), K1, **OLD) is None, "exactly 40 % is allowed"


def test_k1_shows_only_what_is_ninety_days_old():
    even = members(20, 20, 20, 20, 20)
    assert refusal(even, K1, newest_on=date(2026, 8, 25), today=date(2026, 11, 22)) is Refusal.TOO_RECENT
    assert refusal(even, K1, newest_on=date(2026, 8, 24), today=date(2026, 11, 22)) is None
    assert refusal(even, K1) is Refusal.TOO_RECENT, "unknown age counts as recent"


def test_scenario_19_a_small_cell_hides_the_next_one_so_that_subtraction_does_not_bring_it_back():
    row = protect([12, 7, 3])
    assert row.cells == (12, Hidden.SUPPRESSED, Hidden.SMALL)
    assert row.total == 22
    assert [getattr(cell, "text", cell) for cell in row.cells] == [12, "suppressed", "<5"]


def test_nothing_is_hidden_where_no_cell_is_small():
    row = protect([12, 0, 7])
    assert (row.cells, row.total, row.suppressed) == ((12, 0, 7), 19, False)


def test_a_small_total_is_hidden_with_its_cells():
    row = protect([3, 0])
    assert (row.cells, row.total) == ((Hidden.SMALL, 0), None)


def test_two_small_cells_that_their_sum_would_give_away_take_a_third_with_them():
    row = protect([1, 1, 9, 30])
    assert row.cells == (Hidden.SMALL, Hidden.SMALL, Hidden.SUPPRESSED, 30)


@settings(max_examples=300, deadline=None)
@given(st.lists(st.integers(0, 14), min_size=2, max_size=5))
def test_an_attacker_who_subtracts_cannot_tell_a_small_cell(cells):
    """He knows the thresholds and that the smallest cells go first: each small cell keeps two possible values."""
    shown = protect(cells)
    hidden = [index for index, cell in enumerate(shown.cells) if isinstance(cell, Hidden)]
    staying = [cell for cell in shown.cells if not isinstance(cell, Hidden)]
    greatest = min((cell for cell in staying if cell >= 5), default=20)
    ranges = [range(1, 5) if shown.cells[i] is Hidden.SMALL else range(5, greatest + 1) for i in hidden]
    fits = [guess for guess in product(*ranges) if shown.total is None or sum(guess) + sum(staying) == shown.total]
    for place, index in enumerate(hidden):
        if shown.cells[index] is Hidden.SMALL:
            assert len({guess[place] for guess in fits}) >= 2, (cells, shown)
    assert all(cell == was for cell, was in zip(shown.cells, cells, strict=True) if not isinstance(cell, Hidden))
