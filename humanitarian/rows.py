"""The columns of this app's nouns: one specification serves page, API, export and shares."""

from typing import Any

from aimprogress.core.actor import current_actor
from aimprogress.figures.precision import Precision, money_band
from aimprogress.figures.rows import Column, Kind, RowSpec, place_columns
from humanitarian.models import Contribution, PartnerOrganisation, SafetyAction

OWN_WORDS = ("title", "blocked_by", "evidence", "origin_key")
"""Free text may name a place: outside the own organisation it is not read."""
MONEY = "Decimal as text, two places; a band (<100k, 100k-1m, 1-10m, >10m) outside the giver and the partner it went to"


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

PARTNER_ROWS = RowSpec(
    "PartnerOrganisation",
    (
        Column("id", "id", Kind.UUID, nullable=False),
        Column("name", "name", nullable=False),
        Column("short_name", "short_name", nullable=False),
        Column("type", "type", choices=tuple(PartnerOrganisation.Type.values), nullable=False),
        Column("identifier", "identifier", nullable=False),
        Column("countries", "countries", Kind.LIST, nullable=False),
        Column("version", "version", Kind.INTEGER, nullable=False),
        Column("updated_at", "updated_at", Kind.INSTANT, nullable=False),
    ),
)


def reads_amounts(organisation_id: Any, partner_organisation_id: Any) -> bool:
    """Whether the Actor reads what was given to the cent: the giver, and the partner to whom it was given."""
    actor = current_actor()
    return actor.owns(organisation_id) or partner_organisation_id == actor.organisation_id is not None


def _amounts(row: dict[str, Any]) -> dict[str, Any]:
    if reads_amounts(row.pop("_organisation"), row.pop("_partner")):
        return row
    return row | {name: money_band(row[name]) for name in ("committed", "disbursed")}


CONTRIBUTION_ROWS = RowSpec(
    "Contribution",
    (
        Column("id", "id", Kind.UUID, nullable=False),
        Column("_organisation", "organisation_id", Kind.UUID),
        Column("_partner", "partner__organisation_id", Kind.UUID),
        Column("partner_id", "partner_id", Kind.UUID, nullable=False),
        Column("partner_name", "partner__short_name", nullable=False),
        Column("kind", "kind", choices=tuple(Contribution.Kind.values), nullable=False),
        Column("purpose", "purpose", nullable=False),
        Column("country", "country", nullable=False),
        Column("currency", "currency", nullable=False),
        Column("committed", "committed", Kind.TEXT, nullable=False, about=MONEY),
        Column("disbursed", "disbursed", Kind.TEXT, nullable=False, about=MONEY),
        Column("committed_on", "committed_on", Kind.DATE, nullable=False),
        Column("disbursed_on", "disbursed_on", Kind.DATE),
        Column("earmarking", "earmarking", nullable=False),
        Column("version", "version", Kind.INTEGER, nullable=False),
        Column("updated_at", "updated_at", Kind.INSTANT, nullable=False),
    ),
    finish=_amounts,
    derived=frozenset({"_organisation", "_partner"}),
)
