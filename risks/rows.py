"""The columns of rights issues: one specification serves page, API and export."""

from typing import Any

from aimprogress.core.actor import current_actor
from aimprogress.figures.rows import Column, Kind, RowSpec
from risks.codes import CATALOGUE
from risks.models import RightsIssue
from risks.saliency import Band


def shown_title(issue: RightsIssue) -> str:
    """The own people read the title; others the kind of issue, because a title may name a place."""
    if current_actor().owns(issue.organisation_id):
        return issue.title
    return str(CATALOGUE[issue.catalogue][0]) if issue.catalogue in CATALOGUE else f"R-{issue.number}"


def _without_title(row: dict[str, Any]) -> dict[str, Any]:
    """A title may name a place: outside the own organisation the kind of issue says enough."""
    return row if current_actor().owns(row["organisation_id"]) else row | {"title": ""}


ISSUE_ROWS = RowSpec(
    "RightsIssue",
    (
        Column("id", "id", Kind.UUID, nullable=False),
        Column("organisation_id", "organisation_id", Kind.UUID, nullable=False),
        Column("number", "number", Kind.INTEGER, nullable=False),
        Column("catalogue", "catalogue", nullable=False, about="Kind of issue, I01 to I25"),
        Column("title", "title", nullable=False),
        Column("rights", "rights", Kind.LIST, nullable=False),
        Column("groups", "groups", Kind.LIST, nullable=False),
        Column("country", "country", nullable=False),
        Column("is_actual", "is_actual", Kind.BOOLEAN, nullable=False),
        Column("scale", "scale", Kind.INTEGER, nullable=False),
        Column("scope", "scope", Kind.INTEGER, nullable=False),
        Column("irremediability", "irremediability", Kind.INTEGER, nullable=False),
        Column("likelihood", "likelihood", Kind.INTEGER, nullable=False),
        Column("severity_level", "severity_level", Kind.INTEGER, nullable=False),
        Column("effective_likelihood", "effective_likelihood", Kind.INTEGER, nullable=False),
        Column("score", "score", Kind.TEXT, nullable=False, about="Decimal as text, 1.00 to 100.00"),
        Column("band", "band", choices=tuple(band.value for band in Band), nullable=False),
        Column("salient", "salient", Kind.BOOLEAN, nullable=False),
        Column("involvement", "involvement", choices=tuple(RightsIssue.Involvement.values), nullable=False),
        Column("status", "status", choices=tuple(RightsIssue.Status.values), nullable=False),
        Column("owner_role", "owner_role", nullable=False),
        Column("next_review_on", "next_review_on", Kind.DATE),
        Column("formula", "formula", nullable=False),
        Column("version", "version", Kind.INTEGER, nullable=False),
        Column("updated_at", "updated_at", Kind.INSTANT, nullable=False),
    ),
    finish=_without_title,
)
