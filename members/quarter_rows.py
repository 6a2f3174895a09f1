"""The columns of the quarterly totals: people as numbers or bounds, the same for everybody (members/retention/quarters.py)."""

from typing import Any

from django.utils.translation import gettext_lazy as _

from aimprogress.figures.rows import Column, Kind, RowSpec
from aimprogress.figures.small_counts import Known, below

NOT_REACHED = "not_reached"
PEOPLE_WORDS = {
    "expected": _("People expected"), "reached": _("Reached"), "safe": _("Safe"), "displaced": _("Displaced"),
    NOT_REACHED: _("Not reached"),
}  # fmt: skip
PEOPLE = tuple(PEOPLE_WORDS)


def _told(row: dict[str, Any]) -> dict[str, Any]:
    return row | {name: _shown(name, row[name]) for name in PEOPLE}


def _shown(name: str, said: list[int] | None) -> int | str:
    known = Known(*said or (0, 0))
    return known.shown if known.is_exact or name != NOT_REACHED else below(known.most + 1)


QUARTER_ROWS = RowSpec(
    "QuarterStanding",
    (
        Column("id", "id", Kind.UUID, nullable=False),
        Column("organisation_id", "organisation_id", Kind.UUID, nullable=False),
        Column("member_name", "organisation__short_name", nullable=False),
        Column("country", "country", nullable=False, about="ISO 3166-1 alpha-2"),
        Column("quarter", "quarter", Kind.DATE, nullable=False, about="Its first day; everything is as known at its end"),
        Column("sites", "sites", Kind.INTEGER, nullable=False),
        Column("groups", "groups", Kind.OBJECT, nullable=False, about="Sites by display group; silent ones are out of contact"),
        Column("counted", "counted", Kind.INTEGER, nullable=False, about="Sites behind the people: their count was not stale"),
        *(Column(name, f"people__{name}", Kind.COUNT, nullable=False) for name in PEOPLE),
    ),
    finish=_told,
)
