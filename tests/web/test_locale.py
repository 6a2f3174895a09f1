"""Numbers and days as each language writes them."""

from datetime import date

import pytest
from django.template import Context, Template
from django.utils import translation


@pytest.mark.parametrize(
    ("language", "number", "day"),
    [("en", "186,420", "Sun 22 November 2026"), ("uk", "186\xa0420", "нд 22 листопада 2026")],
)
def test_numbers_and_days_follow_the_language(language: str, number: str, day: str) -> None:
    with translation.override(language):
        shown = Template("{% load portal %}{{ number }}|{{ day|day }}").render(
            Context({"number": 186420, "day": date(2026, 11, 22)})
        )
        assert shown.split("|")[0] == number
        assert f">{day}<" in shown
