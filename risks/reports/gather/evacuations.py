"""Evacuations of the period: which plan was activated, at what level, who left and how many, and when it was stood down."""

from typing import Any

from django.utils import timezone
from django.utils.translation import gettext_noop

from aimprogress.figures.small_counts import is_small
from members.models import PlanActivation
from members.models.evacuation import ActivationReason, Leaving
from risks.reports.evidence import Count
from risks.reports.gather.ledger import Ledger, few, stamp

COLUMNS = ["area", "ordinal", "began_at", "level", "who", "reason", "people", "moved", "family_moved", "stood_down_at"]


def evacuations(ledger: Ledger) -> dict[str, Any] | None:
    """Those that were under way in the period, newest first, as known at the cut-off; None where there were none."""
    places = {one.site.pk: ledger.place_of(one) for one in ledger.sites}
    known = PlanActivation.objects.filter(site__in=places, activated_at__lte=ledger.as_of, recorded_at__lte=ledger.as_of)
    found = [one for one in known.order_by("-activated_at", "id") if _was_under_way(one, ledger)]
    rows = [places[one.site_id] | _row(one, over=_is_over(one, ledger)) for one in found]
    ledger.table("evacuations", COLUMNS, [[row[column] for column in COLUMNS] for row in rows])
    if not found:
        return None
    figure = ledger.add(
        "E-017",
        "evacuations",
        gettext_noop("Activations of evacuation plans that were under way in the period"),
        [[str(one.pk), one.level, stamp(one.activated_at), row["stood_down_at"]] for one, row in zip(found, rows, strict=True)],
        observed=[one.activated_at for one in found],
    )
    return {"figure": figure, "open": sum(row["stood_down_at"] is None for row in rows), "rows": rows}


def _is_over(one: PlanActivation, ledger: Ledger) -> bool:
    return one.stood_down_at is not None and one.stood_down_at <= ledger.as_of


def _was_under_way(one: PlanActivation, ledger: Ledger) -> bool:
    began_by_then = timezone.localdate(one.activated_at) <= ledger.period_to
    return began_by_then and not (_is_over(one, ledger) and timezone.localdate(one.stood_down_at) < ledger.period_from)


def _row(one: PlanActivation, *, over: bool) -> dict[str, Any]:
    """What people wrote beside a code names parts of a site and dangers near it, so only the code is told."""
    moved, people = (one.moved if over else None), one.people
    shown: Count = "hidden" if None not in (moved, people) and is_small(people - moved) and not is_small(moved) else few(moved)
    return {
        "began_at": stamp(one.activated_at),
        "level": one.level,
        "who": _code(one.who, Leaving),
        "reason": _code(one.reason, ActivationReason),
        "people": few(people),
        "moved": shown,
        "family_moved": few(one.family_moved) if over else None,
        "stood_down_at": stamp(one.stood_down_at) if over else None,
    }


def _code(stored: str, codes: Any) -> str | None:
    code = stored.partition(": ")[0]
    return code if code in codes.values else None
