"""The columns of suppliers and links: one specification serves page, API, export and shares."""

from aimprogress.figures.rows import Column, Kind, RowSpec
from suppliers.models import AssessmentState, Exposure, SupplyLink

SUPPLIER_ROWS = RowSpec(
    "Supplier",
    (
        Column("id", "id", Kind.UUID, nullable=False),
        Column("name", "name", nullable=False),
        Column("name_local", "name_local", nullable=False),
        Column("country", "country", nullable=False),
        Column("admin1_code", "admin1_id"),
        Column("city", "city", nullable=False),
        Column("identifier_kind", "identifier_kind", nullable=False),
        Column("identifier", "identifier", nullable=False),
        Column("sector", "sector", nullable=False),
        Column("workers", "workers", Kind.INTEGER),
        Column("exposure", "exposure", choices=tuple(Exposure.values), nullable=False),
        Column("assessment_state", "assessment_state", choices=tuple(AssessmentState.values), nullable=False),
        Column("assessed_on", "assessed_on", Kind.DATE),
        Column("version", "version", Kind.INTEGER, nullable=False),
        Column("updated_at", "updated_at", Kind.INSTANT, nullable=False),
    ),
)

LINK_ROWS = RowSpec(
    "SupplyLink",
    (
        Column("id", "id", Kind.UUID, nullable=False),
        Column("supplier_id", "supplier_id", Kind.UUID, nullable=False),
        Column("tier", "tier", choices=tuple(SupplyLink.Tier.values), nullable=False),
        Column("commodity", "commodity", nullable=False),
        Column("spend", "spend", nullable=False, about="A band in EUR a year; never an amount"),
        Column("since", "since", Kind.DATE),
        Column("status", "status", choices=tuple(SupplyLink.Status.values), nullable=False),
        Column("reason", "reason", nullable=False),
        Column("version", "version", Kind.INTEGER, nullable=False),
        Column("updated_at", "updated_at", Kind.INSTANT, nullable=False),
    ),
)
