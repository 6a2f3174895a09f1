"""The card that people carry: one A4 page a language, which by default names no company, no place and no number of people.

The words stand in library/plan_card.yaml. Pure: what may stand on the card is decided by who asks for it.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

import yaml
from django.conf import settings
from django.conf.locale import LANG_INFO
from django.utils import formats, translation
from django.utils.translation import get_language_info

from members.emergency import emergency_numbers

WORDS = Path(__file__).parent / "library" / "plan_card.yaml"


@cache
def words() -> dict[str, dict[str, Any]]:
    """The texts of the card by language."""
    return yaml.safe_load(WORDS.read_text(encoding="utf-8"))


def languages_for(spoken: Sequence[str]) -> list[tuple[str, str]]:
    """The languages offered for a site: Ukrainian and English, and what is spoken there where we have it."""
    codes = dict.fromkeys([*(code for code in spoken if code in words()), "uk", "en"])
    return [(code, get_language_info(code)["name_local"].capitalize()) for code in codes]


def without_card(spoken: Sequence[str]) -> list[str]:
    """The languages spoken at a site of which there is no card, by their own names."""
    missing = [code for code in dict.fromkeys(spoken) if code not in words()]
    return [LANG_INFO.get(code, {}).get("name_local", code) for code in missing]


@dataclass(frozen=True, slots=True)
class Card:
    """One page. `facts` are the ticked lines; empty on a card that harms nobody who loses it."""

    language: str
    text: dict[str, Any]
    steps: list[tuple[str, str]]
    numbers: list[tuple[str, str]]
    until: str
    printed: str
    destroy: str
    facts: list[tuple[str, str]] = field(default_factory=list)


def card(
    language: str, *, country: str, revision: int, until: date, today: date, code_words: Sequence[str] = (),
    facts: Sequence[tuple[str, str]] = (),
) -> Card:  # fmt: skip
    """The card in one language. `facts`: (key of the label, value) pairs that the coordinator ticked."""
    text = words()[language]
    known = {"first": f" {code_words[0]}" if code_words else "", "second": f" {code_words[1]}" if len(code_words) > 1 else ""}
    days = {"until": _day(until, language), "today": _day(today, language), "revision": revision}
    return Card(
        language=language,
        text=text,
        steps=[(bold.format(**known), rest.format(**known)) for bold, rest in text["steps"]],
        numbers=[(number, text["numbers"].get(number, "")) for number in emergency_numbers(country)],
        until=days["until"],
        printed=text["printed"].format(**days),
        destroy=text["destroy"].format(**days),
        facts=[(text[key], value) for key, value in facts],
    )


def _day(day: date, language: str) -> str:
    """The date in words where the portal speaks the language, else in figures that no reader takes for another day."""
    if language not in dict(settings.LANGUAGES):
        return day.strftime("%d.%m.%Y")
    with translation.override(language):
        return formats.date_format(day, "j E Y")
