"""The numbers of safety actions."""

from datetime import timedelta

from django.db.models import Count, Q
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from aimprogress.core.permissions import Permission
from aimprogress.figures.percent import as_percent, rate
from aimprogress.figures.registry import Figure, FigureScope, Unit, figure, list_link
from humanitarian.models import SafetyAction
from humanitarian.models.action import HELPED, UNVERIFIED


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
        unverified=Count("pk", filter=UNVERIFIED),
        judged=Count("pk", filter=Q(status=SafetyAction.Status.DONE) & ~Q(effect=SafetyAction.Effect.NOT_YET)),
        helped=Count("pk", filter=HELPED),
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


@figure("actions.unverified", title=_("Done, not verified"), unit=Unit.COUNT, permission=Permission.ACTION_READ)
def unverified(scope: FigureScope) -> Figure:
    return _count(scope, "unverified", "done actions without a word or a file that shows it", state="unverified")


@figure("actions.verified_rate", title=_("Done and verified"), unit=Unit.PERCENT, permission=Permission.ACTION_READ)
def verified_rate(scope: FigureScope) -> Figure:
    found = totals(scope)
    verified = found["done"] - found["unverified"]
    return _share(scope, verified, found["done"], "done actions with evidence / done actions", "verified")


@figure("actions.helped_rate", title=_("Actions that helped"), unit=Unit.PERCENT, permission=Permission.ACTION_READ)
def helped_rate(scope: FigureScope) -> Figure:
    """Of the done actions whose effect somebody judged, those that had one; the others are not counted as a success."""
    found = totals(scope)
    return _share(
        scope, found["helped"], found["judged"], "done actions with some or full effect / done actions judged", "helped"
    )


def _share(scope: FigureScope, part: int, whole: int, evidence: str, state: str) -> Figure:
    return Figure(
        rate(part, whole), as_percent(part, whole), scope.as_of, numerator=part, denominator=whole, evidence=evidence,
        link=list_link(reverse("humanitarian:actions"), country=scope.country, state=state),
    )  # fmt: skip
