"""Checklists that are due of themselves: how many of the sites that are asked have answered, and at how many one is due."""

from typing import Any

from django.db.models import Count, QuerySet
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from aimprogress.core.permissions import Permission
from aimprogress.figures.percent import as_percent, rate
from aimprogress.figures.registry import Figure, FigureScope, Unit, figure, list_link
from aimprogress.instruments.definition import Instrument
from humanitarian.asked import asked_instruments, asked_sites, is_current, is_due


def totals(scope: FigureScope) -> dict[str, dict[str, int]]:
    """Per checklist: sites asked, answered in time, due; one query each."""
    return scope.once("humanitarian.checks", lambda: {one.name: _query(scope, one) for one in asked_instruments()})


def _query(scope: FigureScope, instrument: Instrument) -> dict[str, int]:
    sites = _of(scope, asked_sites(instrument))
    return sites.aggregate(
        asked=Count("pk"), current=Count("pk", filter=is_current(instrument, scope.as_of)),
        due=Count("pk", filter=is_due(instrument, timezone.localdate(scope.as_of))),
    )  # fmt: skip


def _of(scope: FigureScope, sites: QuerySet) -> QuerySet:
    if scope.organisations is not None:
        sites = sites.filter(organisation_id__in=scope.organisations)
    return sites.filter(country=scope.country) if scope.country else sites


def _link(scope: FigureScope, state: str) -> str:
    return list_link(reverse("humanitarian:asked_checks"), country=scope.country, state=state)


@figure("checks.due", title=_("Sites where a checklist is due"), unit=Unit.SITES, permission=Permission.ASSESSMENT_READ)
def due(scope: FigureScope) -> Figure:
    """Of this season; 0 outside the seasons in which a checklist is asked for."""
    found = totals(scope).values()
    count, asked = sum(one["due"] for one in found), sum(one["asked"] for one in found)
    return Figure(
        count, str(count), scope.as_of, denominator=asked, evidence="asked sites without a whole answer in this season",
        link=_link(scope, "due"),
    )  # fmt: skip


@figure("checks.current_rate", title=_("Winter check in date"), unit=Unit.PERCENT, permission=Permission.ASSESSMENT_READ)
def current_rate(scope: FigureScope) -> Figure:
    """Of the sites that are asked, those whose answers still hold."""
    found: dict[str, Any] = totals(scope).get("winterisation", {"current": 0, "asked": 0})
    part, whole = found["current"], found["asked"]
    return Figure(
        rate(part, whole), as_percent(part, whole), scope.as_of, numerator=part, denominator=whole,
        evidence="asked sites with a whole answer within its validity / asked sites", link=_link(scope, "current"),
    )  # fmt: skip
