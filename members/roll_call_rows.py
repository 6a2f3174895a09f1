"""The columns of roll calls. Parts and counts are for the site's own people: a part is small, and its role names the place."""

from typing import Any

from aimprogress.figures.moment import as_of
from aimprogress.figures.precision import Precision
from aimprogress.figures.rows import Column, Kind, RowSpec, place_columns
from members.models import INCIDENTS, SourceType
from members.roll_call_known import answered_rounds, due_then

OWN = "The site's own people only"
COUNTS = ("expected", "safe", "need_help", "not_reached")


def _roll_call(row: dict[str, Any]) -> dict[str, Any]:
    said, then = row.pop("_said"), as_of()
    if then and (row["closed_at"] is None or row["closed_at"] > then):  # nobody knew yet how it would end
        row |= {"closed_at": None, "closing_reason": "", "due_at": due_then(row, said)}
    if row["precision"] != Precision.EXACT:
        return row | {"parts": None, "closing_reason": None}
    return row | {"parts": [part["role"] for part in row["parts"]]}


ROLL_CALL_ROWS = RowSpec(
    "RollCall",
    (
        Column("id", "id", Kind.UUID, nullable=False),
        Column("site_id", "site_id", Kind.UUID),
        *place_columns("site__"),
        Column("incident", "incident", choices=tuple(code for code, _label in INCIDENTS), nullable=False),
        Column("began_at", "began_at", Kind.INSTANT, nullable=False),
        Column("opened_at", "opened_at", Kind.INSTANT, nullable=False),
        Column("due_at", "due_at", Kind.INSTANT, about="When the next round is due, or was; null: all answered, or closed"),
        Column("closed_at", "closed_at", Kind.INSTANT, about="Null: open"),
        Column(
            "parts",
            "parts",
            Kind.LIST,
            about=f"Branches of the call tree that answer, by role; empty: the site as a whole. {OWN}",
        ),
        Column("closing_reason", "closing_reason", about=OWN),
        Column("_said", answered_rounds),
    ),
    site="site__",
    finish=_roll_call,
    derived=frozenset({"_said"}),
)


def _answer(row: dict[str, Any]) -> dict[str, Any]:
    return row if row["precision"] == Precision.EXACT else row | dict.fromkeys(("part", *COUNTS))


ROLL_CALL_ANSWER_ROWS = RowSpec(
    "RollCallAnswer",
    (
        Column("id", "id", Kind.UUID, nullable=False),
        Column("roll_call_id", "roll_call_id", Kind.UUID, nullable=False),
        Column("site_id", "site_id", Kind.UUID),
        *place_columns("site__"),
        Column("round", "round", Kind.INTEGER, nullable=False, about="1 to 4: due 2, 6, 24 and 72 hours after the incident"),
        Column("part", "part", about=f"A branch of the call tree by its role, or empty for the whole site. {OWN}"),
        *(Column(name, name, Kind.INTEGER, about=OWN) for name in COUNTS),
        Column("observed_at", "observed_at", Kind.INSTANT, nullable=False),
        Column("recorded_at", "recorded_at", Kind.INSTANT, nullable=False),
        Column("source_type", "source_type", choices=tuple(SourceType.values), nullable=False),
        Column("confidence", "confidence", nullable=False),
        Column("told_by", "told_by", about="A role; the own organisation only"),
        Column("supersedes_id", "supersedes_id", Kind.UUID),
    ),
    site="site__",
    finish=_answer,
)
