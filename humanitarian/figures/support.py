"""Measures for own people: how many run, whom they leave out, how many people they reach. Never added to humanitarian aid."""

from typing import Any

from django.db.models import Count, Max, Q, QuerySet
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import localize
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from aimprogress.core.actor import current_actor
from aimprogress.core.permissions import Permission
from aimprogress.figures.percent import as_percent, rate
from aimprogress.figures.precision import counts_exactly
from aimprogress.figures.registry import Bound, Figure, FigureScope, Unit, figure, list_link
from aimprogress.figures.small_counts import is_small
from humanitarian.models import SupportMeasure


def running(scope: FigureScope) -> QuerySet:
    """The measures that run on the day of the scope."""
    today = timezone.localdate(scope.as_of)
    found = SupportMeasure.objects.filter(Q(ends_on=None) | Q(ends_on__gte=today), starts_on__lte=today)
    if scope.organisations is not None:
        found = found.filter(organisation_id__in=scope.organisations)
    return found.filter(country=scope.country) if scope.country else found


def totals(scope: FigureScope) -> dict[str, Any]:
    return scope.once("humanitarian.support", lambda: running(scope).aggregate(
        measures=Count("pk"), open_to_all=Count("pk", filter=Q(for_own=True, for_agency=True, for_contractors=True)),
        reached=Max("people_reached"),
    ))  # fmt: skip


def _link(scope: FigureScope, state: str) -> str:
    return list_link(reverse("humanitarian:measures"), country=scope.country, state=state)


@figure("support.measures", title=_("Support measures running"), unit=Unit.COUNT, permission=Permission.PAY_READ)
def measures(scope: FigureScope) -> Figure:
    found = totals(scope)["measures"]
    return Figure(found, str(found), scope.as_of, evidence="measures that run today", link=_link(scope, "running"))


@figure("support.open_to_all_rate", title=_("Support open to all workers"), unit=Unit.PERCENT, permission=Permission.PAY_READ)
def open_to_all_rate(scope: FigureScope) -> Figure:
    """Running measures that agency workers and contractors may use as own employees may."""
    found = totals(scope)
    part, whole = found["open_to_all"], found["measures"]
    return Figure(
        rate(part, whole), as_percent(part, whole), scope.as_of, numerator=part, denominator=whole,
        evidence="running measures open to own, agency and contract workers / running measures", link=_link(scope, "excluding"),
    )  # fmt: skip


@figure("people.supported", title=_("People reached by a support measure"), unit=Unit.PEOPLE, permission=Permission.PAY_READ)
def supported(scope: FigureScope) -> Figure:
    """At least as many as the measure that reached most: measures reach the same people, so they are not added."""
    found = totals(scope)["reached"]
    evidence, link = "the greatest reach of one running measure; reaches are never added", _link(scope, "running")
    if found is None or (is_small(found) and not counts_exactly(current_actor())):
        words = "" if found is None else gettext("kept back: too few people")
        return Figure(None, words, scope.as_of, evidence=evidence, link=link, withheld=found is not None)
    text = gettext("at least %(n)s") % {"n": localize(found)}
    return Figure(found, text, scope.as_of, evidence=evidence, link=link, bound=Bound.AT_LEAST)
