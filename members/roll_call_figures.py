"""The numbers of roll calls: how many are open, and how many of them wait for a round that is late."""

from django.db.models import Count
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from aimprogress.core.permissions import Permission
from aimprogress.figures.moment import told_of_then
from aimprogress.figures.registry import Figure, FigureScope, Unit, figure, list_link
from members.models import RollCall
from members.roll_call_known import is_late, is_open, known
from members.support_figures import within

told_of_then("roll_calls.")


def _totals(scope: FigureScope) -> dict[str, int]:
    return scope.once("members.roll_calls", lambda: _query(scope))


def _query(scope: FigureScope) -> dict[str, int]:
    still_open = within(scope, known(RollCall.objects.filter(is_open())))
    return still_open.aggregate(open=Count("pk"), late=Count("pk", filter=is_late(scope.as_of)))


@figure("roll_calls.open", title=_("Roll calls open"), unit=Unit.COUNT, permission=Permission.HEADCOUNT_READ)
def open_roll_calls(scope: FigureScope) -> Figure:
    found = _totals(scope)["open"]
    link = list_link(reverse("members:roll_calls"), country=scope.country, open="true")
    return Figure(found, str(found), scope.as_of, evidence="roll calls that nobody closed", link=link)


@figure("roll_calls.late", title=_("Roll calls with an overdue round"), unit=Unit.COUNT, permission=Permission.HEADCOUNT_READ)
def late_roll_calls(scope: FigureScope) -> Figure:
    found = _totals(scope)
    link = list_link(reverse("members:roll_calls"), country=scope.country, late="true")
    evidence = "open roll calls whose next round was due and is not answered by every part"
    return Figure(found["late"], str(found["late"]), scope.as_of, denominator=found["open"], evidence=evidence, link=link)
