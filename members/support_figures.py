"""The numbers of the support desk."""

from django.db.models import QuerySet
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from aimprogress.core.permissions import Permission
from aimprogress.figures.registry import Figure, FigureScope, Unit, figure
from members.models import GuidanceMark


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
