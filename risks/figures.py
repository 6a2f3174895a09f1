"""The numbers of the register."""

from django.db.models import Count, Q
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from aimprogress.core.permissions import Permission
from aimprogress.figures.registry import Figure, FigureScope, Unit, figure, list_link
from risks.models import RightsIssue
from risks.saliency import Band


def totals(scope: FigureScope) -> dict[str, int]:
    return scope.once("risks.totals", lambda: _query(scope))


def _query(scope: FigureScope) -> dict[str, int]:
    issues = RightsIssue.objects.exclude(status=RightsIssue.Status.CLOSED)
    if scope.organisations is not None:
        issues = issues.filter(organisation_id__in=scope.organisations)
    if scope.country:
        issues = issues.filter(country=scope.country)
    return issues.aggregate(
        open=Count("pk"), salient=Count("pk", filter=Q(salient=True)), critical=Count("pk", filter=Q(band=Band.CRITICAL)),
        review_overdue=Count("pk", filter=Q(next_review_on__lt=timezone.localdate(scope.as_of))),
    )  # fmt: skip


def _count(scope: FigureScope, key: str, evidence: str, **filters: str) -> Figure:
    found = totals(scope)
    link = list_link(reverse("risks:issues"), country=scope.country, **filters)
    return Figure(found[key], str(found[key]), scope.as_of, denominator=found["open"], evidence=evidence, link=link)


@figure("issues.salient", title=_("Salient issues"), unit=Unit.COUNT, permission=Permission.ISSUE_READ)
def salient(scope: FigureScope) -> Figure:
    return _count(scope, "salient", "issues that are salient and not closed", salient="true", closed="false")


@figure("issues.critical", title=_("Critical issues"), unit=Unit.COUNT, permission=Permission.ISSUE_READ)
def critical(scope: FigureScope) -> Figure:
    return _count(scope, "critical", "issues in the band CRITICAL and not closed", band=Band.CRITICAL, closed="false")
