"""People arithmetic: domain 3.4 and the scenarios 1 and 2 of domain 10.2."""

from decimal import Decimal

import pytest
from django.utils import translation
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from members.headcounts import (
    LABELS,
    State,
    balance,
    is_grave,
    killed_fell,
    large_changes,
    tally,
    total,
)

KYV = {
    "SAFE_LOCAL": 287, "SAFE_IDP": 58, "SAFE_ABROAD": 31, "SERVING": 24, "INJURED": 3, "MISSING": 1, "UNACCOUNTED": 14,
    "KILLED": 2,
}  # fmt: skip
LVI = {"SAFE_LOCAL": 160, "SAFE_IDP": 4, "SAFE_ABROAD": 9, "SERVING": 7}
MYK = {
    "SAFE_LOCAL": 40, "SAFE_IDP": 25, "SAFE_ABROAD": 10, "SERVING": 6, "INJURED": 1, "DETAINED": 1, "MISSING": 2,
    "UNACCOUNTED": 10, "KILLED": 1,
}  # fmt: skip
SITES = ((420, KYV), (180, LVI), (96, MYK))


def test_the_nine_states_stand_in_the_order_of_the_domain():
    assert " ".join(State) == "SAFE_LOCAL SAFE_IDP SAFE_ABROAD SERVING INJURED DETAINED MISSING UNACCOUNTED KILLED"
    assert list(LABELS) == list(State)


def test_scenario_1_three_breweries_add_up():
    every = total(tally(expected, states) for expected, states in SITES)
    assert every.expected == 696
    assert every.states == {
        "SAFE_LOCAL": 487, "SAFE_IDP": 87, "SAFE_ABROAD": 50, "SERVING": 37, "INJURED": 4, "DETAINED": 1, "MISSING": 3,
        "UNACCOUNTED": 24, "KILLED": 3,
    }  # fmt: skip
    assert [balance(expected, states) for expected, states in SITES] == ["", "", ""]


def test_scenario_1_rates_are_sums_over_sums_and_never_the_mean_of_rates():
    sites = [tally(expected, states) for expected, states in SITES]
    every = total(sites)
    assert [site.accounted_rate for site in sites] == [Decimal("96.4"), Decimal("100.0"), Decimal("87.5")]
    assert (every.accounted, every.accounted_rate) == (669, Decimal("96.1"))
    assert (every.confirmed_safe, every.confirmed_safe_rate) == (624, Decimal("89.7"))
    assert (every.displaced, every.displaced_rate) == (137, Decimal("19.7"))
    with translation.override("en-gb"):
        assert every.accounted_percent.startswith("96.1")
    mean = sum(site.accounted_rate for site in sites) / 3
    assert mean.quantize(Decimal("0.1")) == Decimal("94.6") != every.accounted_rate


def test_scenario_2_an_unbalanced_head_count_says_how_many_people_have_no_state():
    with translation.override("en-gb"):
        assert balance(420, KYV | {"SAFE_ABROAD": 29}) == "2 people have no state"


@pytest.mark.parametrize(
    ("expected", "said"), [(421, "1 person has no state"), (419, "1 person too many"), (417, "3 people too many"), (420, "")]
)
def test_the_difference_is_said_in_words_and_in_the_right_number(expected, said):
    with translation.override("en-gb"):
        assert balance(expected, KYV) == said


def test_nobody_is_counted_below_zero_even_if_the_sum_is_right():
    with translation.override("en-gb"):
        assert "below zero" in balance(10, {"SAFE_LOCAL": 12, "UNACCOUNTED": -2})


def test_a_state_that_does_not_exist_is_refused_and_not_forgotten():
    with pytest.raises(ValueError, match="SAFE_AT_HOME"):
        balance(1, {"SAFE_AT_HOME": 1})


def test_a_site_where_nobody_is_expected_has_no_rate():
    empty = tally(0, {})
    assert empty.accounted_rate is None
    assert empty.accounted_percent == "-"
    assert total([]).accounted_percent == "-"


def test_a_rate_never_rounds_the_last_missing_person_away():
    assert tally(5000, {"SAFE_LOCAL": 4999, "UNACCOUNTED": 1}).accounted_rate == Decimal("99.9")
    assert tally(5000, {"SAFE_LOCAL": 4999, "SAFE_IDP": 1}).displaced_rate == Decimal("0.1")


def test_killed_and_serving_people_are_accounted_for_but_not_safe():
    grave = tally(10, {"KILLED": 1, "SERVING": 2, "DETAINED": 1, "INJURED": 1, "SAFE_LOCAL": 5})
    assert (grave.accounted, grave.confirmed_safe) == (10, 5)


@pytest.mark.parametrize(
    ("before", "after", "asked"),
    [
        ({"SAFE_LOCAL": 100}, {"SAFE_LOCAL": 80}, []),  # exactly 20 %
        ({"SAFE_LOCAL": 100}, {"SAFE_LOCAL": 79}, ["SAFE_LOCAL"]),
        ({"SAFE_LOCAL": 100}, {"SAFE_LOCAL": 121}, ["SAFE_LOCAL"]),
        ({"SAFE_LOCAL": 100}, {"SAFE_LOCAL": 99, "KILLED": 1}, ["KILLED"]),
        ({"SAFE_LOCAL": 100, "UNACCOUNTED": 4}, {"SAFE_LOCAL": 104}, ["UNACCOUNTED"]),
        ({}, {}, []),
    ],
)
def test_a_change_of_more_than_a_fifth_in_any_state_asks_for_confirmation(before, after, asked):
    assert large_changes(before, after) == asked


def test_the_number_of_killed_people_falls_only_by_a_correction_with_a_reason():
    assert killed_fell({"KILLED": 2}, {"KILLED": 2}) == ""
    assert killed_fell({"KILLED": 2}, {"KILLED": 3}) == ""
    assert killed_fell({"KILLED": 2}, {"KILLED": 1})
    assert killed_fell({"KILLED": 2}, {"KILLED": 1}, is_correction=True, reason="  ")
    assert killed_fell({"KILLED": 2}, {"KILLED": 1}, reason="found alive")
    assert killed_fell({"KILLED": 2}, {"KILLED": 1}, is_correction=True, reason="found alive") == ""


def test_the_words_everyone_is_safe_are_kept_for_sites_without_injured_detained_or_missing_people():
    assert not is_grave(LVI)
    assert is_grave(KYV)
    assert is_grave({"SAFE_LOCAL": 10, "DETAINED": 1})


counts = st.dictionaries(st.sampled_from(list(State)), st.integers(0, 2000))


@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])  # a busy machine is no wrong arithmetic
@given(counts)
def test_a_head_count_that_adds_up_gives_rates_between_nothing_and_all(states):
    one = tally(sum(states.values()), states)
    assert balance(one.expected, states) == ""
    assert 0 <= one.displaced <= one.confirmed_safe <= one.accounted <= one.expected


@given(st.lists(counts, max_size=5), counts)
def test_the_sum_of_sites_is_the_same_in_any_order(sites, last):
    tallies = [tally(sum(states.values()), states) for states in [*sites, last]]
    assert total(tallies) == total(reversed(tallies))
    assert total(tallies).accounted == sum(one.accounted for one in tallies)
