"""Reference data in the API: border crossings, with the date of their list."""

from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.routers import SimpleRouter
from rest_framework.viewsets import ViewSetMixin

from aimprogress.api.viewsets import PortalView
from aimprogress.core.permissions import Permission
from aimprogress.places.crossings import KINDS, LISTED_ON, SOURCE, crossings, is_old

NEIGHBOURS = ("HU", "MD", "PL", "RO", "SK")
CROSSING = {
    "type": "object",
    "properties": {
        **{name: {"type": "string"} for name in ("code", "name_en", "name_local")},
        "country": {"type": "string", "enum": list(NEIGHBOURS), "description": "the neighbour, ISO 3166-1 alpha-2"},
        "kind": {"type": "string", "enum": list(KINDS)},
        "lat": {"type": "number"},
        "lon": {"type": "number"},
        "listed_on": {"type": "string", "format": "date", "description": "the day for which it was listed as operational"},
    },
}
ANSWER = {
    "type": "object",
    "properties": {
        "source": {"type": "string"},
        "listed_on": {"type": "string", "format": "date"},
        "is_old": {"type": "boolean", "description": "true: check before anybody relies on it"},
        "results": {"type": "array", "items": CROSSING},
    },
    "required": ["source", "listed_on", "is_old", "results"],
}


class BorderCrossingViewSet(ViewSetMixin, PortalView):
    """Border crossings of Ukraine as one list had them on one day. Not whether anybody gets through today."""

    permission = Permission.REFERENCE_READ
    http_method_names = ["get", "head"]

    @extend_schema(parameters=[OpenApiParameter("country", str, enum=list(NEIGHBOURS), description="the neighbour")])
    def list(self, request: Request) -> Response:
        """The list with its date."""
        if unknown := sorted(set(request.query_params) - {"country", "format", "lang"}):
            raise ValidationError({f"?{name[:80]}": [_("This list knows no such parameter.")] for name in unknown[:20]})
        country = request.query_params.get("country") or None
        if country is not None and country not in NEIGHBOURS:
            raise ValidationError({"?country": [_("This country is not known here.")]})
        rows = [
            {name: getattr(one, name) for name in ("code", "name_en", "name_local", "country", "kind", "lat", "lon")}
            | {"listed_on": LISTED_ON.isoformat()}
            for one in crossings().values()
            if country in (None, one.country)
        ]
        said = {"source": SOURCE, "listed_on": LISTED_ON.isoformat(), "is_old": is_old(timezone.localdate())}
        return Response(said | {"results": rows})

    def answer_schema(self, verb: str) -> dict[str, Any]:
        """OpenAPI of the list."""
        return ANSWER


def register(router: SimpleRouter) -> None:
    """The reference data."""
    router.register("border-crossings", BorderCrossingViewSet, basename="bordercrossing")
