"""The columns of safety actions."""

from typing import Any

from aimprogress.core.actor import current_actor
from aimprogress.figures.precision import Precision
from aimprogress.figures.rows import Column, Kind, RowSpec, place_columns
from humanitarian.models import SafetyAction

OWN_WORDS = ("title", "blocked_by", "evidence", "origin_key")
"""Free text may name a place: outside the own organisation it is not read."""


def _without_own_words(row: dict[str, Any]) -> dict[str, Any]:
    if row["precision"] == Precision.EXACT or current_actor().owns(row["organisation_id"]):
        return row
    return row | dict.fromkeys(OWN_WORDS, "") | {"origin_id": None, "evidence_file_id": None}


ACTION_ROWS = RowSpec(
    "SafetyAction",
    (
        Column("id", "id", Kind.UUID, nullable=False),
        Column("organisation_id", "organisation_id", Kind.UUID, nullable=False),
        Column("number", "number", Kind.INTEGER, nullable=False),
        Column("site_id", "site_id", Kind.UUID),
        *place_columns("site__"),
        Column("title", "title", nullable=False),
        Column("type", "type", choices=tuple(SafetyAction.Type.values), nullable=False),
        Column("owner_role", "owner_role", nullable=False),
        Column("due_on", "due_on", Kind.DATE, nullable=False),
        Column("status", "status", choices=tuple(SafetyAction.Status.values), nullable=False),
        Column("blocked_by", "blocked_by", nullable=False),
        Column("done_on", "done_on", Kind.DATE),
        Column("evidence", "evidence", nullable=False),
        Column("evidence_file_id", "evidence_file_id", Kind.UUID, about="A file shows that it is done; own organisation only"),
        Column("effect", "effect", choices=tuple(SafetyAction.Effect.values), nullable=False),
        Column("effect_on", "effect_on", Kind.DATE),
        Column("origin", "origin", choices=tuple(SafetyAction.Origin.values), nullable=False, about="What it follows from"),
        Column("origin_id", "origin_id", Kind.UUID, about="The record it follows from; own organisation only"),
        Column("origin_key", "origin_key", nullable=False, about="Which part of that record, such as: item 5"),
        Column(
            "escalated", "escalated", Kind.INTEGER, nullable=False, about="Days late at which somebody was last told: 0, 1, 7, 14"
        ),
        Column("version", "version", Kind.INTEGER, nullable=False),
        Column("updated_at", "updated_at", Kind.INSTANT, nullable=False),
    ),
    site="site__",
    finish=_without_own_words,
)
