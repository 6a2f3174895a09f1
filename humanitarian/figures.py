"""The numbers of safety actions and of aid."""

from datetime import timedelta

from django.db.models import Count, Q
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from aimprogress.core.permissions import Permission
from aimprogress.figures.percent import as_percent, rate
from aimprogress.figures.registry import Figure, FigureScope, Unit, figure, list_link
from humanitarian.models import SafetyAction


def totals(scope: FigureScope) -> dict[str, int]:
    return scope.once("humanitarian.actions", lambda: _query(scope))


def _query(scope: FigureScope) -> dict[str, int]:
    actions = SafetyAction.objects.all()
    if scope.organisations is not None:
        actions = actions.filter(organisation_id__in=scope.organisations)
    if scope.country:
        actions = actions.filter(site__country=scope.country)
    open_now, today = Q(status__in=SafetyAction.OPEN), timezone.localdate(scope.as_of)
    return actions.aggregate(
        open=Count("pk", filter=open_now), overdue=Count("pk", filter=open_now & Q(due_on__lt=today)),
        long_overdue=Count("pk", filter=open_now & Q(due_on__lte=today - timedelta(days=14))),
        done=Count("pk", filter=Q(status=SafetyAction.Status.DONE)),
        verified=Count("pk", filter=Q(status=SafetyAction.Status.DONE) & ~Q(evidence="")),
    )  # fmt: skip


def _count(scope: FigureScope, key: str, evidence: str, **filters: str) -> Figure:
    found = totals(scope)
    link = list_link(reverse("humanitarian:actions"), country=scope.country, **filters)
    return Figure(found[key], str(found[key]), scope.as_of, denominator=found["open"], evidence=evidence, link=link)


@figure("actions.open", title=_("Safety actions open"), unit=Unit.COUNT, permission=Permission.ACTION_READ)
def open_actions(scope: FigureScope) -> Figure:
    return _count(scope, "open", "actions OPEN, IN_PROGRESS or BLOCKED", state="open")


@figure("actions.overdue", title=_("Safety actions overdue"), unit=Unit.COUNT, permission=Permission.ACTION_READ)
def overdue(scope: FigureScope) -> Figure:
    return _count(scope, "overdue", "open actions whose due day is over, Kyiv time", state="overdue")


@figure("actions.verified_rate", title=_("Done and verified"), unit=Unit.PERCENT, permission=Permission.ACTION_READ)
def verified_rate(scope: FigureScope) -> Figure:
    found = totals(scope)
    return Figure(
        rate(found["verified"], found["done"]), as_percent(found["verified"], found["done"]), scope.as_of,
        numerator=found["verified"], denominator=found["done"], evidence="done actions with evidence / done actions",
        link=list_link(reverse("humanitarian:actions"), country=scope.country, state="verified"),
    )  # fmt: skip
