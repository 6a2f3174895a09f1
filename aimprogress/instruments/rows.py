"""A result as lines of a page or a report: number, mark, word, title, question. Pure; precision is the caller's."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from django.utils.translation import gettext_lazy as _

from .definition import Instrument, Item, Kind, Text
from .engine import AnswerValue, Result

MARKS = {
    Kind.MET: ("ok", "ok"),
    Kind.PARTLY: ("reduced", "reduced"),
    Kind.NOT_MET: ("evac", "miss"),
    Kind.NOT_APPLICABLE: ("closed", "closed"),
    Kind.UNKNOWN: ("lost", "ask"),
    None: ("evac", "miss"),
}
"""Kind of an answer -> (css class of the line, name of its icon). None: not answered, which is never met."""


@dataclass(frozen=True, slots=True)
class ItemRow:
    """One line. `word` is the meaning; colour and icon only repeat it."""

    key: str
    item: Item
    css: str
    icon: str
    word: object
    is_met: bool
    is_answered: bool
    note: str = ""
    evidence: str = ""


@dataclass(frozen=True, slots=True)
class GroupRows:
    """The lines under one heading; `start` is the number of its first line on the page."""

    code: str
    title: Text
    start: int
    rows: tuple[ItemRow, ...]


def group_rows(
    instrument: Instrument,
    result: Result,
    answers: Mapping[str, AnswerValue] | None = None,
    *,
    repeats: Sequence[str] = (),
) -> list[GroupRows]:
    """Every item in the order of the page. Without `answers` no note or evidence is shown: give them only to those
    who may read them."""
    groups: list[GroupRows] = []
    for group in instrument.groups:
        rows = tuple(_rows(instrument, result, answers or {}, group.code, repeats))
        groups.append(GroupRows(group.code, group.title, 1 + sum(len(done.rows) for done in groups), rows))
    return groups


def _rows(
    instrument: Instrument, result: Result, answers: Mapping[str, AnswerValue], group: str, repeats: Sequence[str]
) -> Iterator[ItemRow]:
    for slot in instrument.slots(repeats):
        if slot.group.code != group:
            continue
        value = instrument.scale.get(result.items.get(slot.key, ""))
        css, icon = MARKS[value.kind if value else None]
        answer = answers.get(slot.key, AnswerValue(""))
        yield ItemRow(
            key=slot.key,
            item=slot.item,
            css=css,
            icon=icon,
            word=value.label if value else _("Not answered"),
            is_met=value is not None and value.kind == Kind.MET,
            is_answered=value is not None,
            note=answer.note,
            evidence=answer.evidence,
        )
