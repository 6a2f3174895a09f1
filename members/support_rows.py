"""The columns of the support desk's nouns, at the reader's precision."""

from typing import Any

from aimprogress.core.actor import current_actor
from aimprogress.figures.precision import Precision
from aimprogress.figures.rows import Column, Kind, RowSpec, place_columns
from members.models import GuidanceMark


def _without_the_reason(row: dict[str, Any]) -> dict[str, Any]:
    """Free text may name a place: outside the own organisation it is not read."""
    own = row["precision"] == Precision.EXACT or current_actor().owns(row["organisation_id"])
    return row if own else row | {"reason": ""}


GUIDANCE_MARK_ROWS = RowSpec(
    "GuidanceMark",
    (
        Column("id", "id", Kind.UUID, nullable=False),
        Column("organisation_id", "organisation_id", Kind.UUID, nullable=False),
        Column("site_id", "site_id", Kind.UUID),
        *place_columns("site__"),
        Column("item", "item", nullable=False, about="Code of an item of /guidance/"),
        Column("item_version", "item_version", Kind.INTEGER, nullable=False),
        Column("mark", "mark", choices=tuple(GuidanceMark.Mark.values), nullable=False),
        Column("reason", "reason", nullable=False, about="Empty outside the own organisation"),
        Column("marked_at", "marked_at", Kind.INSTANT, nullable=False),
    ),
    site="site__",
    finish=_without_the_reason,
)
