"""Annex B: how fresh each data set is, and how sure its sources are."""

from collections import Counter
from datetime import timedelta
from typing import Any

from django.db.models import Count
from django.utils.translation import gettext_noop

from aimprogress.figures.freshness import Band
from aimprogress.figures.percent import rate
from members.models import AlertLevelChange, HeadCount, PlanStatus, SiteStatus
from members.planning import status_of
from members.projection import seen
from risks.reports.gather.ledger import Ledger, StandingSite

COUNTED = (Band.CURRENT, Band.DUE_SOON, Band.OVERDUE)
SOON = timedelta(days=14)


def quality(ledger: Ledger, evacuation: dict[Any, Any], communication: dict[Any, Any]) -> dict[str, Any]:
    """Freshness per data set, records by source and confidence, corrections in the period."""
    sites = ledger.open_sites
    datasets = [
        _dataset("head_counts", sites, [one.count.band for one in sites]),
        _dataset("evacuation_plans", sites, [_band(ledger, evacuation.get(one.site.pk)) for one in sites]),
        _dataset("communication_plans", sites, [_band(ledger, communication.get(one.site.pk)) for one in sites]),
        _dataset("site_status", sites, [one.status.band for one in sites]),
    ]
    sources, replaced = Counter(), 0
    for model in (SiteStatus, HeadCount, AlertLevelChange):
        rows = seen(model.objects.filter(organisation=ledger.organisation), ledger.as_of)
        for kind, sure, count in rows.order_by().values_list("source_type", "confidence").annotate(rows=Count("pk")):
            sources[kind, sure] += count
        replaced += rows.filter(supersedes__isnull=False, recorded_at__date__gte=ledger.period_from).count()
    figure = ledger.add(
        "E-081",
        "quality",
        gettext_noop("Age of the newest fact of each open site against the time allowed, and all records by source"),
        [[row["dataset"], row["bands"]] for row in datasets],
        sources=Counter({("COMPUTED", "A"): len(datasets)}),
        coverage={"unit": "site", "counted": len(sites), "needed": len(sites), "people": None, "of_people": None},
    )
    told = [{"source": kind, "confidence": sure, "rows": count} for (kind, sure), count in sorted(sources.items())]
    return {"figure": figure, "open_sites": len(sites), "datasets": datasets, "sources": told, "replaced": replaced}


def _dataset(name: str, sites: list[StandingSite], bands: list[Band]) -> dict[str, Any]:
    whole = sum(one.people for one in sites)
    covered = sum(one.people for one, band in zip(sites, bands, strict=True) if band in COUNTED)
    share = rate(covered, whole)
    return {
        "dataset": name,
        "needed": len(sites),
        "bands": {band.value: count for band, count in Counter(bands).items()},
        "people": str(share) if share is not None else None,
    }


def _band(ledger: Ledger, plan: Any) -> Band:
    """The age of a plan by its review: due two weeks before, overdue after, never while it is a draft."""
    today = ledger.today
    if plan is None or plan.status == PlanStatus.DRAFT:
        return Band.NEVER
    if status_of(plan, today) == PlanStatus.EXPIRED:
        return Band.OVERDUE
    if plan.next_review_on and plan.next_review_on <= today + SOON:
        return Band.DUE_SOON
    return Band.CURRENT
