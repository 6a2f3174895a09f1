"""Gather the facts of a report in the name of the Actor, in one go, redacted, as a snapshot that is complete."""

from collections.abc import Collection
from datetime import date, datetime
from typing import Any

from aimprogress.core.audit import AuditChain
from members.models import CommunicationPlan, EvacuationPlan, Organisation
from risks.reports.evidence import SCHEMA, Evidence, LogHead, check
from risks.reports.gather import pay, people, plans, quality, register, sites
from risks.reports.gather.checks import checks
from risks.reports.gather.evacuations import evacuations
from risks.reports.gather.ledger import Ledger, Place, exactly
from risks.reports.gather.returns import returns
from risks.reports.gather.roll_calls import roll_calls
from risks.reports.gather.stops import stops
from risks.reports.gather.summary import summary
from risks.reports.render import font_hashes
from risks.saliency import FORMULA

INCIDENTS = (
    ("evacuations", evacuations), ("returns", returns), ("roll_calls", roll_calls), ("stops", stops), ("checks", checks),
)  # fmt: skip
"""Parts of chapter 6 that stand there only where there is something to tell."""


def collect_evidence(
    *,
    organisation: Organisation,
    period_from: date,
    period_to: date,
    as_of: datetime,
    number: str,
    revision: int,
    language: str,
    audience: str,
    asked_by: str,
    before: Evidence | None = None,
    replaces: str | None = None,
    only: Collection[Place] | None = None,
) -> Evidence:
    """The frozen snapshot of one member as of a moment, as the current Actor sees it.

    `before` is the snapshot of the report that this one follows, for what changed; `only` leaves out all other sites. To be
    called inside `at_one_moment`, so that all its queries see the same rows. Raises EvidenceError if a slice names a figure
    that was not registered.
    """
    ledger = Ledger(organisation, as_of, period_from, period_to)
    ledger.load_sites(only)
    chapters = _chapters(ledger, before)
    evidence: Evidence = {
        "schema": SCHEMA,
        "meta": {
            "number": number,
            "revision": revision,
            "organisation": {
                "id": str(organisation.pk),
                "name": organisation.legal_name,
                "short_name": organisation.short_name,
                "sector": organisation.sector,
            },
            "period_from": period_from.isoformat(),
            "period_to": period_to.isoformat(),
            "as_of": exactly(as_of),
            "log": _head_of_the_log(organisation),
            "language": "uk" if language.startswith("uk") else "en",
            "audience": audience,
            "status": "DRAFT",
            "asked_by": asked_by,
            "formula": FORMULA,
            "replaces": replaces,
            "fonts": font_hashes(),
        },
        "places": ledger.places,
        "figures": ledger.figures,
        "chapters": chapters,
        "tables": ledger.tables,
    }
    check(evidence)
    return evidence


def _head_of_the_log(organisation: Organisation) -> LogHead:
    """The newest entry of the member's audit log, so that a log which was rewritten later can be told."""
    head = AuditChain.objects.filter(pk=organisation.pk).first() or AuditChain(organisation_id=organisation.pk)
    return {"seq": head.seq, "hash": head.hash}


def _chapters(ledger: Ledger, before: Evidence | None) -> Any:
    then = before["chapters"] if before else None
    evacuation, communication = plans.in_force(ledger, EvacuationPlan), plans.in_force(ledger, CommunicationPlan)
    of_plans = plans.plan_rows(ledger, evacuation, communication)
    heads, status = people.head_counts(ledger), sites.status(ledger)
    rows = sites.site_rows(ledger, of_plans)
    chapters: dict[str, Any] = {
        "scope": sites.scope(ledger),
        "issues": register.issues(ledger, then["issues"] if then else None),
        "people": {
            "head_counts": heads,
            "trend": people.trend(ledger) if heads else None,
            "status": status,
            "sites": rows,
            "attention": sites.attention(ledger, rows),
            "freshness_figure": "E-081",
            "plans": plans.evacuation_slice(ledger, evacuation, of_plans),
            "drills": plans.drills(ledger),
            "communication": plans.communication_slice(ledger, communication),
            "actions": plans.actions(ledger),
        },
        "pay": pay.pay(ledger),
        "measures": pay.measures(ledger),
        "supply": register.supply(ledger),
        "aid": register.aid(ledger),
        "quality": quality.quality(ledger, evacuation, communication),
    }
    for name, gather in INCIDENTS:
        if told := gather(ledger):
            chapters["people"][name] = told
    chapters["summary"] = summary(ledger, chapters, then["summary"] if then else None, sites.changes(ledger))
    return chapters
