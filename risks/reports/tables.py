"""A printed table: fixed columns, a caption that says what it shows, rows ranked and cut."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, TypeVar

from django.utils.translation import gettext as _

from risks.reports import printing

MOST_ROWS = 40
MOST_WHOLE = 13
"""A table of more rows may run over a page, with its headings again; a shorter one stays whole. The head count has thirteen."""
Anything = TypeVar("Anything")


@dataclass(frozen=True)
class Column:
    """A column with its share of the width in percent; `numeric` ones are right-aligned."""

    label: str
    width: int
    numeric: bool = False


@dataclass(frozen=True)
class Row:
    """One row. `kind` is "" or one of sum, sep (a rule above), grp (a heading across); `anchor` is its id."""

    cells: Sequence[Any]
    kind: str = ""
    anchor: str = ""


@dataclass(frozen=True)
class Table:
    """What the component `_table.html` prints. `head` is the place of the cell that names the row."""

    number: str
    title: str
    note: str
    columns: Sequence[Column]
    rows: Sequence[Row]
    source: str = ""
    cut: str = ""
    head: int = 0
    style: str = ""
    empty: str = field(default="")

    @property
    def classes(self) -> str:
        """The style, and `long` for a table that may run over a page."""
        return f"{self.style} long".strip() if len(self.rows) > MOST_WHOLE and "long" not in self.style else self.style

    @property
    def shown(self) -> list[dict[str, Any]]:
        """The rows with each cell beside its column, so that the template decides nothing."""
        return [
            {
                "kind": row.kind,
                "anchor": row.anchor,
                "cells": [
                    {"value": cell, "numeric": column.numeric, "head": place == self.head}
                    for place, (cell, column) in enumerate(zip(row.cells, self.columns, strict=True))
                ],
            }
            for row in self.rows
        ]


def most_severe(rows: Sequence[Anything], attachment: str, limit: int = MOST_ROWS) -> tuple[Sequence[Anything], str]:
    """The first `limit` of rows that stand most severe first, and the line that says so."""
    if len(rows) <= limit:
        return rows, ""
    said = _("Showing the %(shown)s most severe of %(total)s, all in attachment %(file)s.")
    return rows[:limit], said % _cut(limit, len(rows), attachment)


def first_of(
    rows: Sequence[Anything], attachment: str, limit: int = MOST_ROWS, total: int | None = None
) -> tuple[Sequence[Anything], str]:
    """The first `limit` rows of `total` (default: all given), and the line that says so."""
    of = len(rows) if total is None else total
    shown = min(limit, len(rows))
    if of <= shown:
        return rows, ""
    return rows[:limit], _("Showing %(shown)s of %(total)s, all in attachment %(file)s.") % _cut(shown, of, attachment)


def _cut(shown: int, total: int, attachment: str) -> dict[str, str]:
    return {"shown": printing.whole(shown), "total": printing.whole(total), "file": attachment}
