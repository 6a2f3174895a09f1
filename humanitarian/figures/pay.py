"""Wage continuity: of the people entitled to wages, how many got them in full, and how many got something (domain.md 3.7).

Of the last month whose report is due. Sum over sum, own workers, agency workers and contractors alike; those who serve and the
families of the dead are not among the people entitled to wages for work.
"""

from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any

from django.db.models import Count, Exists, F, OuterRef, Q, QuerySet, Sum
from django.db.models.functions import Coalesce
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from aimprogress.core.actor import current_actor
from aimprogress.core.permissions import Permission
from aimprogress.figures.coverage import Coverage
from aimprogress.figures.moment import told_of_then
from aimprogress.figures.numbers import number
from aimprogress.figures.percent import as_percent, rate
from aimprogress.figures.precision import counts_exactly
from aimprogress.figures.registry import Figure, FigureScope, Unit, at_least, figure, for_outsiders, list_link
from aimprogress.figures.small_counts import hidden_part, least_of
from humanitarian.models import ContractGroup, WageSupportReport
from humanitarian.models.pay import full_wage
from members.figures import sites_of, workers_told
from members.models import ENDED, HeadCount

NESTED = ("entitled", "any", "full")
KEYS = ("entitled", "any", "full")


told_of_then("people.paid_", "pay.late_sites", "pay.missing_sites")


def due_month(on: date) -> date:
    """The first day of the last month whose pay should be reported by `on`."""
    return months_before(on - timedelta(days=number("PAY_REPORT_DUE_DAYS")), 1)


def months_before(month: date, count: int) -> date:
    """The first day of the month that lies `count` months before the one that begins on `month`."""
    whole = month.year * 12 + month.month - 1 - count
    return date(whole // 12, whole % 12 + 1, 1)


def reports_of(scope: FigureScope, month: date) -> QuerySet:
    """What was known of the pay of workers in a month."""
    found = WageSupportReport.objects.beyond_the_sample().standing(scope.as_of).of_workers().filter(month=month)
    if scope.organisations is not None:
        found = found.filter(organisation_id__in=scope.organisations)
    return found.filter(site__country=scope.country) if scope.country else found


COUNTED_AS = {ContractGroup.OWN: "OWN", ContractGroup.AGENCY: "AGENCY", ContractGroup.CONTRACTOR: "CONTRACTOR_ON_SITE"}
"""Contract groups as head counts name them."""


def pay_is_missing(month: date, as_of: datetime | None = None) -> Q:
    """Sites for which the pay of a month is not reported, or not of a group that its last head count or the month before has."""
    reports = WageSupportReport.objects.beyond_the_sample().standing(as_of).of_workers().filter(site=OuterRef("pk"))
    told, before = reports.filter(month=month), reports.filter(month=months_before(month, 1), entitled__gt=0)
    missing = ~Exists(told)
    for group, name in COUNTED_AS.items():
        counted = HeadCount.objects.filter(pk=OuterRef("current_headcount_id"), **{f"by_contract__{name}__gt": 0})
        missing |= (Exists(counted) | Exists(before.filter(group=group))) & ~Exists(told.filter(group=group))
    return missing


def totals(scope: FigureScope) -> dict[str, Any]:
    """What the rates and the late sites print, from three queries."""
    return scope.once("humanitarian.pay", lambda: _query(scope))


def _sums() -> dict[str, Any]:
    """Aggregates over `reports_of(...)`: reports, people entitled, paid anything, paid in full; as the Actor may read them."""
    rows = {"rows": Count("pk")}
    if counts_exactly(current_actor()):
        return rows | {key: Sum(column) for key, column in zip(KEYS, NESTED, strict=True)}
    hidden = {"any": hidden_part(*NESTED[:2]), "full": hidden_part(*NESTED)}
    least = {key: Sum(least) for key, least in zip(KEYS, least_of(*NESTED), strict=True)}
    return rows | least | {f"{key}_hidden": Count("pk", filter=part) for key, part in hidden.items()}


def _query(scope: FigureScope) -> dict[str, Any]:
    month = due_month(timezone.localdate(scope.as_of))
    reports = reports_of(scope, month)
    counted, asked = reports.annotate(any=F("paid_full") + F("paid_partial"), full=full_wage()).order_by(), _sums()
    found = {f"{name}_{key}": 0 for name in ("all", *ContractGroup.values) for key in asked}
    for group, *sums in counted.values_list("group").annotate(**{f"found_{key}": of for key, of in asked.items()}):
        for key, value in zip(asked, sums, strict=True):
            found[f"{group}_{key}"] = value
            found[f"all_{key}"] += value
    late = reports.filter(arrears_days__gt=0).aggregate(sites=Count("site", distinct=True))["sites"]
    open_sites = sites_of(scope).exclude(current_operational__in=ENDED)
    workers, reported = workers_told(), Q(pk__in=reports.values("site_id"))
    cover = open_sites.aggregate(
        sites=Count("pk", filter=reported), of_sites=Count("pk"),
        workers=Coalesce(Sum(workers, filter=reported), 0), of_workers=Coalesce(Sum(workers), 0),
    )  # fmt: skip
    return found | {"late": late, "month": month, "coverage": Coverage(**cover)}


def _continuity(scope: FigureScope, key: str, evidence: str, group: str = "") -> Figure:
    found, name = totals(scope), group or "all"
    part, whole = found[f"{name}_{key}"], found[f"{name}_entitled"]
    link = _link(scope, group=group)
    figure_found = Figure(
        rate(part, whole), as_percent(part, whole), scope.as_of, numerator=part, denominator=whole, coverage=found["coverage"],
        sources=found[f"{name}_rows"], evidence=evidence, link=link,
    )  # fmt: skip
    if found.get(f"{name}_{key}_hidden"):
        figure_found = replace(figure_found, **at_least(part, whole))
    # the AIM-Progress team reads rates only: what they were made of stays with the members
    return _without_counts(figure_found) if current_actor().is_secretariat else figure_found


def _link(scope: FigureScope, **filters: str) -> str:
    """The reports of the month that the figures are made of."""
    month = totals(scope)["month"].isoformat()
    return list_link(reverse("humanitarian:pay"), month=month, for_work="true", country=scope.country, **filters)


def _without_counts(found: Figure) -> Figure:
    return replace(for_outsiders(found, Unit.PERCENT), numerator=None, denominator=None)


@figure("people.paid_full_rate", title=_("Paid in full"), unit=Unit.PERCENT, permission=Permission.PAY_READ)
def paid_full_rate(scope: FigureScope) -> Figure:
    """wage_continuity_rate: paid full / entitled."""
    return _continuity(
        scope,
        "full",
        "sum(paid_full) / sum(entitled) of the last month due; 0 by rules below the wage",
    )


@figure("people.paid_rate", title=_("Paid in full or in part"), unit=Unit.PERCENT, permission=Permission.PAY_READ)
def paid_rate(scope: FigureScope) -> Figure:
    return _continuity(scope, "any", "sum(paid_full + paid_partial) / sum(entitled) of the last month due")


def _of_group(group: ContractGroup) -> None:
    @figure(f"people.paid_full_rate.{group.value}", title=GROUP_TITLES[group], unit=Unit.PERCENT, permission=Permission.PAY_READ)
    def paid_full_rate_of_group(scope: FigureScope) -> Figure:
        return _continuity(scope, "full", f"sum(paid_full) / sum(entitled) where group = {group.value}", group.value)


GROUP_TITLES = {
    ContractGroup.OWN: _("Own employees paid in full"),
    ContractGroup.AGENCY: _("Agency workers paid in full"),
    ContractGroup.CONTRACTOR: _("Contractors on site paid in full"),
}
for one in ContractGroup:
    _of_group(one)


@figure("pay.late_sites", title=_("Sites where wages are late"), unit=Unit.SITES, permission=Permission.PAY_READ)
def late_sites(scope: FigureScope) -> Figure:
    """Sites with arrears in the last month due. Not told outside the organisation, which reads the rates only."""
    found, told = totals(scope), _is_told()
    value = found["late"] if found["all_rows"] and told else None
    return Figure(
        value, "" if value is None else str(value), scope.as_of, denominator=found["coverage"].sites if told else None,
        evidence="sites with arrears_days > 0 in the last month due", link=_link(scope, state="late"),
    )  # fmt: skip


@figure("pay.missing_sites", title=_("Sites whose pay is not reported"), unit=Unit.SITES, permission=Permission.PAY_READ)
def missing_sites(scope: FigureScope) -> Figure:
    """Open sites of which the last month due, or a contract group of it, is not reported. Not told outside the organisation."""
    month, value = due_month(timezone.localdate(scope.as_of)), None
    if _is_told():
        open_sites = sites_of(scope).exclude(current_operational__in=ENDED)
        value = open_sites.filter(pay_is_missing(month, scope.as_of)).aggregate(n=Count("pk"))["n"]
    return Figure(
        value, "" if value is None else str(value), scope.as_of,
        evidence="open sites without a report of the last month due, or of one of their contract groups",
        link=list_link(reverse("members:sites"), pay="missing", country=scope.country),
    )  # fmt: skip


def _is_told() -> bool:
    """Counts of sites are for the own organisation: outside it the rates are read, and nothing else."""
    return current_actor().organisation_id is not None and not current_actor().is_secretariat
