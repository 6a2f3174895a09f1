"""Percentages: one decimal, halves up, no person rounded away."""

from decimal import Decimal

import pytest
from django.utils import translation
from hypothesis import given
from hypothesis import strategies as st

from aimprogress.figures.percent import as_percent, rate


@pytest.mark.parametrize(
    ("numerator", "denominator", "printed"),
    [
        (669, 696, "96.1 %"),
        (624, 696, "89.7 %"),
        (137, 696, "19.7 %"),
        (585, 600, "97.5 %"),
        (600, 696, "86.2 %"),
        (588, 654, "89.9 %"),
        (640, 654, "97.9 %"),
        (1, 2000, "0.1 %"),  # 0.05: a half goes up
        (1, 16, "6.3 %"),  # 6.25: half up, not to the even digit
        (0, 10, "0.0 %"),
        (10, 10, "100.0 %"),
        (11, 10, "110.0 %"),
    ],
)
def test_a_percentage_has_one_decimal_and_rounds_halves_up(numerator, denominator, printed):
    assert as_percent(numerator, denominator) == printed


def test_nothing_out_of_nothing_is_a_dash_not_zero():
    assert as_percent(0, 0) == "-"
    assert rate(0, 0) is None


def test_one_open_person_of_a_hundred_thousand_is_never_rounded_to_everybody():
    assert as_percent(99_999, 100_000) == "99.9 %"
    assert as_percent(1, 100_000) == "0.1 %"


def test_the_decimal_sign_is_that_of_the_reader():
    with translation.override("uk"):
        assert as_percent(669, 696) == "96,1 %"


def test_a_negative_count_is_refused():
    with pytest.raises(ValueError, match="not negative"):
        rate(-1, 5)


@given(st.integers(1, 10**7), st.data())
def test_only_nobody_is_0_and_only_everybody_is_100(denominator, data):
    numerator = data.draw(st.integers(0, denominator))
    percent = rate(numerator, denominator)
    assert (percent == 0) is (numerator == 0)
    assert (percent == 100) is (numerator == denominator)
    assert abs(percent - Decimal(numerator * 100) / denominator) <= Decimal("0.1")
