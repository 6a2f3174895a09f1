"""Wage continuity: of the people entitled to wages, how many got them in full, and how many got something (domain.md 3.7).

Of the last month whose report is due. Sum over sum, own workers, agency workers and contractors alike; those who serve and the
families of the dead are not among the people entitled to wages for work.
"""

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

from django.db.models import Count, F, Q, QuerySet, Sum
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
from members.figures import sites_of, workers_told
from members.models import ENDED

NESTED = ("entitled", "any", "paid_full")
KEYS = ("entitled", "any", "full")


told_of_then("people.paid_", "pay.late_sites")


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


def totals(scope: FigureScope) -> dict[str, Any]:
    """Everything this module prints, from three queries."""
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
    counted, asked = reports.annotate(any=F("paid_full") + F("paid_partial")).order_by(), _sums()
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
    return _continuity(scope, "full", "sum(paid_full) / sum(entitled) of the last month due")


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
    found = totals(scope)
    told = current_actor().organisation_id is not None and not current_actor().is_secretariat
    value = found["late"] if found["all_rows"] and told else None
    return Figure(
        value, "" if value is None else str(value), scope.as_of, denominator=found["coverage"].sites if told else None,
        evidence="sites with arrears_days > 0 in the last month due", link=_link(scope, state="late"),
    )  # fmt: skip
