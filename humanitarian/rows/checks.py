"""The columns of the checklists of sites: what came of them, never a note or an evidence."""

from typing import Any

from aimprogress.core.actor import current_actor
from aimprogress.figures.rows import Column, Kind, RowSpec, place_columns


def _outcome(row: dict[str, Any]) -> dict[str, Any]:
    result = row.pop("_result") or {}
    row |= {name: result.get(name) for name in ("met", "total", "adequate")} | {"missing": result.get("missing") or []}
    if not current_actor().owns(row["organisation_id"]):
        row |= {"worker_rep": "", "no_worker_rep_because": ""}
    return row


CHECK_ROWS = RowSpec(
    "Assessment",
    (
        Column("id", "id", Kind.UUID, nullable=False),
        Column("organisation_id", "organisation_id", Kind.UUID, nullable=False),
        Column("site_id", "site_id", Kind.UUID),
        *place_columns("site__"),
        Column("instrument", "instrument", nullable=False),
        Column("instrument_version", "version", Kind.INTEGER, nullable=False),
        Column("_result", "result", Kind.OBJECT),
        Column("met", "formula_version", Kind.INTEGER, about="Questions that are met; null where nothing was answered"),
        Column("total", "formula_version", Kind.INTEGER, about="Questions that apply"),
        Column("adequate", "formula_version", Kind.BOOLEAN, about="Good enough; null where the instrument has no such word"),
        Column("missing", "formula_version", Kind.LIST, nullable=False, about="Questions that are not met, by their codes"),
        Column("started_at", "started_at", Kind.INSTANT, nullable=False),
        Column("answered_at", "answered_at", Kind.INSTANT),
        Column("signed_at", "signed_at", Kind.INSTANT),
        Column(
            "worker_rep", "worker_rep", nullable=False, about="A role of the workers' side that signed; own organisation only"
        ),
        Column("no_worker_rep_because", "no_worker_rep_because", nullable=False),
        Column("used_at", "used_at", Kind.INSTANT, about="When the site was reported as operating on it"),
    ),
    site="site__",
    finish=_outcome,
    derived=frozenset({"_result"}),
)


def _said(row: dict[str, Any]) -> dict[str, Any]:
    result = row.pop("_result") or {}
    return row | {name: result.get(name) for name in ("met", "total")} | {"missing": result.get("missing") or []}


DUE_CHECKLIST_ROWS = RowSpec(
    "DueChecklist",
    (
        Column("id", "id", Kind.UUID, nullable=False, about="Of the site"),
        Column("organisation_id", "organisation_id", Kind.UUID, nullable=False),
        Column("code", "code"),
        *place_columns(),
        Column("alert_level", "alert_level", Kind.INTEGER, nullable=False, about="0 normal to 4 extreme"),
        Column("checklist", "checklist", nullable=False, about="The instrument that is asked of the site"),
        Column("assessment_id", "check_id", Kind.UUID, about="Its newest answering in which no question was left open"),
        Column("answered_at", "check_at", Kind.INSTANT),
        Column("_result", "check_result", Kind.OBJECT),
        Column("met", "check_result", Kind.INTEGER, about="Questions that are met; null where it was never answered"),
        Column("total", "check_result", Kind.INTEGER, about="Questions that apply"),
        Column("missing", "check_result", Kind.LIST, nullable=False, about="Questions that are not met, by their codes"),
        Column("in_date", "check_current", Kind.BOOLEAN, nullable=False, about="Whether that answering still holds"),
        Column("due", "check_due", Kind.BOOLEAN, nullable=False, about="Whether another one is due in the season that runs"),
    ),
    site="",
    finish=_said,
    derived=frozenset({"_result"}),
)
"""A site that is asked for a checklist, from the rows of asked.with_answers."""
