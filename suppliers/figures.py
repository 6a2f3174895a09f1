"""The numbers of the supply chain: counts and shares only."""

from django.db.models import Count, Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from aimprogress.core.permissions import Permission
from aimprogress.core.scoping import DataClass
from aimprogress.figures.percent import as_percent, rate
from aimprogress.figures.registry import Figure, FigureScope, Unit, figure, list_link
from suppliers.models import ASSESSED, EXPOSED, AssessmentState, Supplier

COMMERCIAL = {"permission": Permission.SUPPLIER_READ, "data_class": DataClass.COMMERCIAL}


def totals(scope: FigureScope) -> dict[str, int]:
    return scope.once("suppliers.totals", lambda: _query(scope))


def _query(scope: FigureScope) -> dict[str, int]:
    suppliers = Supplier.objects.beyond_the_sample()
    if scope.organisations is not None:
        suppliers = suppliers.filter(organisation_id__in=scope.organisations)
    if scope.country:
        suppliers = suppliers.filter(country=scope.country)
    in_scope = ~Q(assessment_state=AssessmentState.NOT_REQUIRED)
    return suppliers.aggregate(
        all=Count("pk"), exposed=Count("pk", filter=EXPOSED), needing=Count("pk", filter=in_scope),
        assessed=Count("pk", filter=ASSESSED),
        blocked=Count("pk", filter=Q(assessment_state=AssessmentState.BLOCKED_BY_CONFLICT)),
    )  # fmt: skip


@figure("suppliers.all", title=_("Suppliers"), unit=Unit.COUNT, **COMMERCIAL)
def all_suppliers(scope: FigureScope) -> Figure:
    found = totals(scope)
    return Figure(
        found["all"], str(found["all"]), scope.as_of, sources=found["all"], evidence="suppliers in scope", link=_link(scope)
    )


@figure("suppliers.exposed", title=_("Suppliers touched by the war"), unit=Unit.COUNT, **COMMERCIAL)
def exposed(scope: FigureScope) -> Figure:
    found = totals(scope)
    return Figure(
        found["exposed"], str(found["exposed"]), scope.as_of, denominator=found["all"], sources=found["all"],
        evidence="suppliers whose exposure is not NONE", link=_link(scope, exposed="true"),
    )  # fmt: skip


@figure("suppliers.assessed_rate", title=_("Suppliers assessed"), unit=Unit.PERCENT, **COMMERCIAL)
def assessed_rate(scope: FigureScope) -> Figure:
    found = totals(scope)
    return Figure(
        rate(found["assessed"], found["needing"]), as_percent(found["assessed"], found["needing"]), scope.as_of,
        numerator=found["assessed"], denominator=found["needing"], sources=found["needing"],
        evidence="suppliers assessed or recognised / suppliers that need an assessment", link=_link(scope, assessed="true"),
    )  # fmt: skip


def _link(scope: FigureScope, **filters: str) -> str:
    return list_link(reverse("suppliers:list"), country=scope.country, **filters)
