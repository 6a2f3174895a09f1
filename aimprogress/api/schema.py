"""OpenAPI 3.1 from what the viewsets already say: row specifications, FilterSets and serializers."""

from collections.abc import Callable
from typing import Any

import django_filters
from django.utils import translation
from drf_spectacular.extensions import OpenApiAuthenticationExtension
from drf_spectacular.openapi import AutoSchema
from drf_spectacular.plumbing import ResolvedComponent
from drf_spectacular.utils import OpenApiParameter, OpenApiResponse

PROBLEM = {
    "type": "object",
    "description": "RFC 9457 problem details.",
    "properties": {
        "type": {"type": "string"},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "detail": {"type": "string"},
        "errors": {
            "type": "array",
            "items": {
                "type": "object",
                "properties": {
                    "pointer": {"type": "string", "description": "JSON pointer into the body, or ?name of a parameter"},
                    "code": {"type": "string"},
                    "message": {"type": "string"},
                },
                "required": ["pointer", "code", "message"],
            },
        },
    },
    "required": ["type", "title", "status", "errors"],
}
PROBLEM_REF = {"$ref": "#/components/schemas/Problem"}
PROBLEM_TYPE = "application/problem+json"
PROBLEMS = {
    400: "not valid", 401: "no token", 403: "not permitted", 404: "not seen", 405: "not offered", 406: "format",
    409: "conflict", 410: "this phone was ended", 412: "changed by somebody else", 413: "too large", 415: "not JSON",
    422: "Idempotency-Key reused", 428: "If-Match missing", 429: "too many requests",
}  # fmt: skip
"""Every status of an error, and what it means."""
QUERY, HEADER = OpenApiParameter.QUERY, OpenApiParameter.HEADER
AS_OF = OpenApiParameter("as_of", str, QUERY, description="a day or a moment: what was known then, seen and recorded by it")


def _problems() -> str:
    return ", ".join(f"{status} {meaning}" for status, meaning in PROBLEMS.items())


def add_components(result: dict[str, Any], **kwargs: Any) -> dict[str, Any]:
    """Post-processing: the components that are no serializers."""
    result.setdefault("components", {}).setdefault("schemas", {})["Problem"] = PROBLEM
    return result


class PortalSchema(AutoSchema):
    """Describes PortalView and ServiceViewSet. Always in English, so that the committed file is one file."""

    def get_operation(self, *args: Any, **kwargs: Any) -> Any:
        with translation.override("en"):
            return super().get_operation(*args, **kwargs)

    @property
    def action(self) -> str:
        return getattr(self.view, "action", None) or self.method.lower()

    def _is_list_view(self, serializer: Any = None) -> bool:
        return False  # a list answers an object with its rows in `results`

    def get_operation_id(self) -> str:
        parts = [
            part.replace("-", "_") for part in self.path.removeprefix("/api/v1/").split("/") if part and not part.startswith("{")
        ]
        return "_".join([*parts, self.action]) or "root"

    def get_tags(self) -> list[str]:
        return [next((part for part in self.path.removeprefix("/api/v1/").split("/") if part), "root")]

    def get_request_serializer(self) -> Any:
        if self.action == "create":
            return self.view.serializer_class
        if self.action == "partial_update":
            return self.view.change_serializer_class or self.view.serializer_class
        return getattr(self.view, "bodies", {}).get(self.action)

    def get_response_serializers(self) -> Any:
        problems = {("default", PROBLEM_TYPE): OpenApiResponse(PROBLEM_REF, description=_problems())}
        return self._answers() | ({304: None} if self._is_tagged() else {}) | problems

    def _is_tagged(self) -> bool:
        """Every answer to a GET has an ETag, but for files, which are read once."""
        return self.method == "GET" and self.action not in getattr(self.view, "files", {})

    def _answers(self) -> dict[Any, Any]:
        if media_types := getattr(self.view, "files", {}).get(self.action):
            return {(200, media_type): {"type": "string", "format": "binary"} for media_type in media_types}
        described = getattr(self.view, "answer_schema", None)
        if described is not None and (schema := described(self.action)) is not None:
            return self._in_every_type(lambda name: {"type": "string"} if name == "csv" else schema)
        rows = getattr(self.view, "rows", None)
        if rows is None:
            return {(200, "application/json"): {"type": "object", "additionalProperties": True}}
        if self.action == "list":
            row = self._row_component(rows)
            return self._in_every_type(lambda name: self._list_schema(name, row))
        if self.action == "destroy":
            return {204: None}
        status = 202 if self.action in self.view.accepting else 201 if self.action == "create" else 200
        return {(status, "application/json"): self._row_component(rows)}

    def _in_every_type(self, schema: Callable[[str], dict[str, Any]]) -> dict[Any, Any]:
        """200 in each media type that the view offers for this action."""
        return {(200, renderer.media_type): schema(renderer.format) for renderer in self.view.get_renderers()}

    def _row_component(self, rows: Any) -> dict[str, Any]:
        """A reference to the noun's row, described once."""
        component = ResolvedComponent(
            name=f"{rows.name}Row", type=ResolvedComponent.SCHEMA, schema=rows.schema(), object=f"{rows.name}Row"
        )
        self.registry.register_on_missing(component)
        return component.ref

    @staticmethod
    def _list_schema(name: str, row: dict[str, Any]) -> dict[str, Any]:
        if name == "csv":
            return {"type": "string"}
        if name == "geojson":
            return {"type": "object", "properties": {"type": {"const": "FeatureCollection"}, "features": {"type": "array"}}}
        return {
            "type": "object",
            "properties": {
                "results": {"type": "array", "items": row},
                "next": {"type": ["string", "null"], "format": "uri"},
                "count": {"type": "integer", "description": "only with ?count=true"},
            },
            "required": ["results", "next"],
        }

    def get_override_parameters(self) -> list[OpenApiParameter]:
        known = [IF_NONE_MATCH] if self._is_tagged() else []
        if self.action == "list" and hasattr(self.view, "ordering"):
            return [*PAGE, COUNT, *self._filter_parameters_of_noun(), *self._as_of(), *known]
        if self.method == "POST":
            return [_idempotency_key(required=self.action == "create" and self.view.key_required)]
        if self.action in ("partial_update", "destroy"):
            return [OpenApiParameter("If-Match", str, HEADER, required=True, description="the ETag that was read")]
        return [*self._as_of(), *known]

    def _as_of(self) -> list[OpenApiParameter]:
        return [AS_OF] if getattr(self.view, "looks_back", False) else []

    def _filter_parameters_of_noun(self) -> list[OpenApiParameter]:
        filterset = getattr(self.view, "filterset_class", None)
        return [_parameter(name, found) for name, found in filterset.base_filters.items()] if filterset else []


PAGE = [
    OpenApiParameter("limit", {"type": "integer", "minimum": 1, "maximum": 500, "default": 50}, QUERY),
    OpenApiParameter("cursor", str, QUERY, description="from `next` of the page before"),
]
"""What a list takes that is read page by page."""
COUNT = OpenApiParameter("count", bool, QUERY, description="true: also count all rows")
IF_NONE_MATCH = OpenApiParameter("If-None-Match", str, HEADER, description="an ETag: 304 where it is still the answer")


def _idempotency_key(*, required: bool) -> OpenApiParameter:
    shape = {"type": "string", "minLength": 1, "maxLength": 200, "pattern": "^[ -~]+$"}
    return OpenApiParameter("Idempotency-Key", shape, HEADER, required=required, description="1 to 200 printable characters")


def _parameter(name: str, found: django_filters.Filter) -> OpenApiParameter:
    choices = [str(key) for key, _label in found.extra.get("choices", ())]
    schema: dict[str, Any] = {"type": "string"}
    if isinstance(found, django_filters.MultipleChoiceFilter):
        schema = {"type": "array", "items": {"type": "string", "enum": choices}}
    elif choices:
        schema = {"type": "string", "enum": choices}
    elif isinstance(found, django_filters.BooleanFilter):
        schema = {"type": "boolean"}
    elif isinstance(found, django_filters.ModelChoiceFilter):
        schema = {"type": "string"}
    elif isinstance(found, django_filters.IsoDateTimeFilter):
        schema = {"type": "string", "format": "date-time"}
    elif isinstance(found, django_filters.DateFilter):
        schema = {"type": "string", "format": "date"}
    elif isinstance(found, django_filters.NumberFilter):
        schema = {"type": "number"}
    return OpenApiParameter(name, schema, QUERY, description=str(found.label or ""), explode=True)


class _InSchema(OpenApiAuthenticationExtension):
    target_class = "aimprogress.api.authentication.ActorAuthentication"
    name = ["token", "session"]

    def get_security_definition(self, auto_schema: Any) -> list[dict[str, str]]:
        return [
            {"type": "http", "scheme": "bearer", "bearerFormat": "aimp_<prefix>_<secret>"},
            {"type": "apiKey", "in": "cookie", "name": "__Host-session"},
        ]

    def get_security_requirement(self, auto_schema: Any) -> list[dict[str, list[str]]]:
        return [{name: []} for name in self.name]  # one or the other, not both
