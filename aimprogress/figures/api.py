"""The portal's numbers in the API: the same calls as on the dashboard and in the report."""

from dataclasses import asdict
from typing import Any

from django.utils.translation import gettext as _
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.routers import SimpleRouter
from rest_framework.viewsets import ViewSetMixin

from aimprogress.api.schema import AS_OF
from aimprogress.api.viewsets import PortalView, moment_asked
from aimprogress.core.permissions import Permission
from aimprogress.figures.registry import Figure, FigureScope, figure_kind, measure_all
from aimprogress.places.countries import COUNTRY_CHOICES

COUNTRIES = frozenset(code for code, _name in COUNTRY_CHOICES)
FIGURE = {
    "type": "object",
    "properties": {
        "name": {"type": "string"},
        "title": {"type": "string"},
        "unit": {"type": "string"},
        "value": {"type": ["number", "integer", "null"], "description": "null: not reported or withheld; never 0 for unknown"},
        "text": {"type": "string"},
        "bound": {
            "type": ["string", "null"],
            "enum": ["at_least", "at_most", None],
            "description": "value and numerator are not the number itself: small counts of people went into it",
        },
        "withheld": {"type": "boolean", "description": "known and kept back: too few people"},
        "as_of": {"type": "string", "format": "date-time"},
        "numerator": {"type": ["number", "null"]},
        "denominator": {"type": ["number", "null"]},
        "coverage": {"type": ["string", "null"]},
        "stale_excluded": {"type": "integer"},
        "sources": {"type": "integer"},
        "evidence": {"type": "string", "description": "how it was computed"},
    },
}


class FigureViewSet(ViewSetMixin, PortalView):
    """Every figure that the asker may see, for all visible members or one country."""

    permission = Permission.DASHBOARD_READ
    http_method_names = ["get", "head"]

    @extend_schema(parameters=[OpenApiParameter("country", str, enum=sorted(COUNTRIES), description="ISO 3166-1 alpha-2"), AS_OF])
    def list(self, request: Request) -> Response:
        """The figures now, or those known at a moment. `country` limits them to one country."""
        if unknown := sorted(set(request.query_params) - {"country", "as_of", "format", "lang"}):
            raise ValidationError({f"?{name[:80]}": [_("This list knows no such parameter.")] for name in unknown[:20]})
        country = request.query_params.get("country") or None
        if country is not None and country not in COUNTRIES:
            raise ValidationError({"?country": [_("This country is not known here.")]})
        with moment_asked(request):
            found = measure_all(FigureScope(country=country))
        return Response({"results": [_shown(name, figure) for name, figure in found.items()]})

    def answer_schema(self, verb: str) -> dict[str, Any]:
        """OpenAPI of the list."""
        return {"type": "object", "properties": {"results": {"type": "array", "items": FIGURE}}, "required": ["results"]}


def _shown(name: str, figure: Figure) -> dict[str, Any]:
    kind = figure_kind(name)
    plain = {key: value for key, value in asdict(figure).items() if key not in ("coverage", "link", "band")}
    for key in ("value", "numerator", "denominator"):
        plain[key] = plain[key] if plain[key] is None or isinstance(plain[key], int) else float(plain[key])
    coverage = figure.coverage.text if figure.coverage else None
    return {"name": name, "title": str(kind.title), "unit": kind.unit.value, **plain, "coverage": coverage}


def register(router: SimpleRouter) -> None:
    """The figures."""
    router.register("figures", FigureViewSet, basename="figure")
