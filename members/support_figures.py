"""The numbers of the support desk."""

from django.db.models import Count, Q, QuerySet
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from aimprogress.core.actor import current_actor
from aimprogress.core.permissions import Permission
from aimprogress.figures.percent import as_percent, rate
from aimprogress.figures.registry import Figure, FigureScope, Unit, figure, list_link
from members.bulletins import Addressed, confirmed_by
from members.models import Bulletin, GuidanceMark, SupportCase


def within(scope: FigureScope, rows: QuerySet, country: str = "site__country") -> QuerySet:
    """The rows of a scope that the Actor sees."""
    if scope.organisations is not None:
        rows = rows.filter(organisation_id__in=scope.organisations)
    return rows.filter(**{country: scope.country}) if scope.country else rows


@figure("guidance.done", title=_("Guidance followed at sites"), unit=Unit.COUNT, permission=Permission.GUIDANCE_READ)
def guidance_done(scope: FigureScope) -> Figure:
    marks = within(scope, GuidanceMark.objects.filter(marked_at__lte=scope.as_of)).latest()
    count = marks.filter(mark=GuidanceMark.Mark.DONE).count()
    link = reverse("members:guidance")
    return Figure(count, str(count), scope.as_of, evidence="item and site, last mark DONE", link=link)


def _cases(scope: FigureScope) -> dict[str, int]:
    return scope.once("members.cases", lambda: _query_cases(scope))


def _query_cases(scope: FigureScope) -> dict[str, int]:
    open_now, late = Q(status__in=SupportCase.OPEN), Q(due_at__lt=scope.as_of)
    unanswered = open_now & late & Q(answered_at=None)
    return within(scope, SupportCase.objects.all()).aggregate(
        open=Count("pk", filter=open_now), overdue=Count("pk", filter=open_now & late),
        answered=Count("pk", filter=Q(in_time__isnull=False) | unanswered), in_time=Count("pk", filter=Q(in_time=True)),
    )  # fmt: skip


@figure("cases.open", title=_("Support cases open"), unit=Unit.COUNT, permission=Permission.CASE_READ)
def cases_open(scope: FigureScope) -> Figure:
    found = _cases(scope)
    link = list_link(reverse("members:cases"), state="open")
    return Figure(found["open"], str(found["open"]), scope.as_of, evidence="cases neither RESOLVED nor CLOSED", link=link)


@figure("cases.overdue", title=_("Support cases whose answer is overdue"), unit=Unit.COUNT, permission=Permission.CASE_READ)
def cases_overdue(scope: FigureScope) -> Figure:
    found = _cases(scope)
    return Figure(
        found["overdue"], str(found["overdue"]), scope.as_of, denominator=found["open"],
        evidence="open cases whose clock ran out", link=list_link(reverse("members:cases"), state="late"),
    )  # fmt: skip


@figure("cases.in_time_rate", title=_("First answers in time"), unit=Unit.PERCENT, permission=Permission.CASE_READ)
def cases_in_time(scope: FigureScope) -> Figure:
    found = _cases(scope)
    return Figure(
        rate(found["in_time"], found["answered"]), as_percent(found["in_time"], found["answered"]), scope.as_of,
        numerator=found["in_time"], denominator=found["answered"], evidence="first answers in time / cases answered or overdue",
        link=reverse("members:cases"),
    )  # fmt: skip


@figure("bulletins.confirmed_rate", title=_("Bulletins confirmed"), unit=Unit.PERCENT, permission=Permission.BULLETIN_READ)
def bulletins_confirmed(scope: FigureScope) -> Figure:
    """Receipts of the members in sight against their coordinators, over the bulletins in force that ask for it."""
    asked_for = list(Bulletin.objects.in_force().exclude(level=Bulletin.Level.INFO))
    addressed, confirmed = Addressed(), confirmed_by(asked_for)
    done = asked = 0
    for bulletin in asked_for:
        for member in addressed.of(bulletin):
            if member.pk in current_actor().safety and (scope.organisations is None or member.pk in scope.organisations):
                coordinators = addressed.coordinators[member.pk]
                asked += len(coordinators)
                done += len(coordinators & confirmed[bulletin.pk][member.pk])
    return Figure(
        rate(done, asked), as_percent(done, asked), scope.as_of, numerator=done, denominator=asked,
        evidence="receipts / coordinators of members whom the bulletins in force concern", link=reverse("members:bulletins"),
    )  # fmt: skip
