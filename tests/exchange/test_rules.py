"""The rules of a list are those of the form: each is held against the model's own `full_clean`, row by row."""

import datetime as dt
from decimal import Decimal
from itertools import pairwise
from typing import Any

import pytest
from django.core.exceptions import ValidationError

from aimprogress.core.actor import SYSTEM, acting_as
from aimprogress.exchange.rules import broken_rules
from aimprogress.exchange.targets import targets
from tests.factories import a_site, an_area

pytestmark = pytest.mark.django_db

LONG, HERE = "x" * 500, "Gate at 49.8397, 24.0297"
VALUES: dict[str, dict[str, list[Any]]] = {
    "sites": {
        "code": ["A-1", "", LONG, "x" * 40],
        "name": ["Plant", "", LONG, "x" * 120, HERE],
        "kind": ["FARM", "CASTLE", ""],
        "country": ["UA", "PL", "", "UKR"],
        "address": ["", "Sadova 1", LONG, "x" * 200, HERE],
        "baseline": [100, 0, None, -1, 3_000_000_000],
        "largest_shift": [None, 0, 40, 100, 101, -3, 3_000_000_000],
        "opened_on": [None, dt.date(2011, 3, 1)],
        "essential_goods": [True, False, None],
        "hazardous_stock": [None, True, False],
        "admin1_id": ["UA46", "PL18"],
    },
    "head_counts": {
        "expected": [10, 9, 0, -1, 200_001, None],
        "safe_local": [10, 9, 0, -1, None, 3_000_000_000],
        "safe_idp": [0, 1, -1, None, 3_000_000_000],
        "safe_abroad": [0, 1, -1, None, 3_000_000_000],
        "injured": [0, 1, -1, None, 3_000_000_000],
        "unaccounted": [0, 1, -1, None, 3_000_000_000],
    },
    "pay": {
        "month": [dt.date(2025, 10, 1), None, dt.date(2999, 1, 1)],
        "group": ["OWN", "", "FAMILY"],
        "policy": ["FULL", "", "DOWNTIME", "PARTIAL", "ADVANCE", "NONE", "SUSPENDED", "GIFT"],
        "percent": [None, 0, 1, 66, 67, 100, 101, -1],
        "advance_months": [None, 0, 3, -1, 40_000],
        "entitled": [10, 9, 0, -1, 200_001, None],
        "paid_full": [10, 9, 0, -1, None, 3_000_000_000],
        "paid_partial": [0, 1, -1, None, 3_000_000_000],
        "paid_none": [0, 1, 10, -1, None, 3_000_000_000],
        "months_continued": [None, 0, 12, -1, 40_000],
        "arrears_days": [0, 30, None, -1, 40_000],
        "channel_risk": ["", "BANK", "POST"],
        "currency": ["UAH", "", "uah", "EU", "EURO", "ГРН"],
    },
    "suppliers": {
        "name": ["Dnister", "", LONG, "x" * 200, HERE],
        "name_local": ["", LONG],
        "country": ["UA", "", "UKR"],
        "city": ["", LONG, "x" * 120],
        "address": ["", LONG, "x" * 300],
        "identifier_kind": ["", LONG],
        "identifier": ["", LONG],
        "sector": ["", LONG],
        "workers": [None, 0, 5, -1, 3_000_000_000],
        "women_percent": [None, Decimal("0"), Decimal("99.9"), Decimal("100.1"), Decimal("-0.1")],
        "migrant_percent": [None, Decimal("12.5"), Decimal("100.5")],
    },
}
"""Per target and column values that may stand and values that may not; the first of each stands."""
TOGETHER = [("policy", "advance_months"), ("policy", "paid_full"), ("paid_full", "paid_none"), ("policy", "paid_none")]
"""Columns that a `clean` holds against each other though they are no neighbours."""


def rows_of(target: str) -> list[dict[str, Any]]:
    """Every value once in a row that is right otherwise, and every pair of values of neighbouring columns."""
    values = VALUES[target]
    right = {name: those[0] for name, those in values.items()}
    rows = [right | {name: value} for name, those in values.items() for value in those]
    together = [*pairwise(values), *((one, other) for one, other in TOGETHER if one in values and other in values)]
    for one, other in together:
        rows += [right | {one: first, other: second} for first in values[one] for second in values[other]]
    return rows


def refused_by_the_form(target: str, row: dict[str, Any], **given: Any) -> set[str]:
    """The columns at which the model refuses the row."""
    wanted = targets()[target]
    relations = {field.name for field in wanted.model._meta.fields if field.is_relation}
    instance = wanted.model(**{name: value for name, value in row.items() if name != "strict"}, **given)
    try:
        instance.full_clean(exclude=relations | {"id"}, validate_unique=False, validate_constraints=False)
    except ValidationError as error:
        named = {name: name for name in error.message_dict} | {"admin1": "admin1_id"}
        return {named[name] for name in error.message_dict}
    return set()


@pytest.mark.parametrize("target", ["sites", "head_counts", "pay", "suppliers"])
def test_a_row_breaks_a_rule_where_the_form_refuses_it_and_nowhere_else(target: str):
    an_area("UA46", "UA"), an_area("PL18", "PL", "Podkarpackie")
    wanted, rows = targets()[target], rows_of(target)
    given: dict[str, Any] = {}
    if target in ("head_counts", "pay"):
        given = {"site": a_site(), "observed_at": dt.datetime(2026, 1, 1, tzinfo=dt.UTC)}
    with acting_as(SYSTEM):
        found = dict(broken_rules(wanted.model, wanted.columns, wanted.rules, rows))
        wrong = []
        for at, row in enumerate(rows):
            by_rules = {rule.column for rule in found.get(at, [])}
            if target == "head_counts" and None in row.values():
                assert by_rules, row  # the form's clean cannot add up what is not there
                continue
            by_form = refused_by_the_form(target, row, **given)
            if bool(by_rules) != bool(by_form) or not by_form <= by_rules | {"expected"}:
                wrong.append((row, by_rules, by_form))
    assert not wrong
    broken = {rule for rules in found.values() for rule in rules}
    assert [rule for rule in wanted.rules if rule not in broken] == [], "every rule is broken by some row"


def test_a_count_that_does_not_add_up_is_refused_in_the_words_of_the_form():
    site, wanted = a_site(), targets()["head_counts"]
    row = {name: 0 for name in wanted.columns} | {"expected": 10, "safe_local": 7, "strict": 1}
    with acting_as(SYSTEM):
        [(_at, [rule])] = broken_rules(wanted.model, wanted.columns, wanted.rules, [row])
        counted = wanted.model(
            site=site, observed_at=dt.datetime(2026, 1, 1, tzinfo=dt.UTC), expected=10, safe_local=7, strict={"SERVING": 1}
        )
        with pytest.raises(ValidationError) as refused:
            counted.full_clean(exclude={"organisation", "site", "reported_by"}, validate_unique=False)
    assert rule.said(row)["reason"] == refused.value.message_dict["expected"][0] == "2 people have no state"
