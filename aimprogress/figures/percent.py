"""Percentages as the portal prints them: one decimal, halves up, and never a rounded-away person."""

from decimal import ROUND_DOWN, ROUND_HALF_UP, Decimal

from django.utils import formats
from django.utils.translation import pgettext

TENTH = Decimal("0.1")
HUNDRED = Decimal(100)
NOTHING_TO_DIVIDE = "-"


def rate(numerator: int | Decimal, denominator: int | Decimal) -> Decimal | None:
    """The percentage of `numerator` in `denominator` as printed, or None where the denominator is 0.

    Rounded half up to one decimal. What would round to 100.0 while anybody is missing is 99.9, and what
    would round to 0.0 while anybody is counted is 0.1 (decisions 5.8). Raises ValueError below zero.
    """
    if numerator < 0 or denominator < 0:
        raise ValueError("a share is made of counts that are not negative")
    if not denominator:
        return None
    percent = (Decimal(numerator) * HUNDRED / Decimal(denominator)).quantize(TENTH, ROUND_HALF_UP)
    if percent == HUNDRED and numerator < denominator:
        return HUNDRED - TENTH
    if not percent and numerator:
        return TENTH
    return percent


def least_rate(numerator: int | Decimal, denominator: int | Decimal) -> Decimal | None:
    """What a share is at least, where `numerator` is the least that it can be: rounded down. None where the denominator is 0."""
    if not denominator:
        return None
    return (Decimal(numerator) * HUNDRED / Decimal(denominator)).quantize(TENTH, ROUND_DOWN)


def as_percent(numerator: int | Decimal, denominator: int | Decimal) -> str:
    """`rate` as words in the language of the moment ("96.1 %", in Ukrainian "96,1 %"); "-" for 0 of 0."""
    percent = rate(numerator, denominator)
    return NOTHING_TO_DIVIDE if percent is None else percent_text(percent)


def percent_text(percent: Decimal) -> str:
    """A percentage that is already rounded, as text in the language of the moment."""
    return f"{formats.number_format(percent, decimal_pos=1)} %"


def at_least_text(percent: Decimal) -> str:
    """ "≥ 95.4 %": a percentage of which only the least is told."""
    return pgettext("a percentage of which only the least is told", "≥ %(percent)s") % {"percent": percent_text(percent)}
