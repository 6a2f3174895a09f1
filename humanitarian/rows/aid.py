"""The columns of partner organisations and contributions."""

from typing import Any

from aimprogress.core.actor import current_actor
from aimprogress.figures.precision import money_band
from aimprogress.figures.rows import Column, Kind, RowSpec
from humanitarian.models import Contribution, PartnerOrganisation

MONEY = "Decimal as text, two places; a band (<100k, 100k-1m, 1-10m, >10m) outside the giver and the partner it went to"

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
