"""What an answer looks like: JSON, and for lists CSV that no spreadsheet runs and GeoJSON at the reader's precision."""

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

import orjson
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from rest_framework.exceptions import NotAcceptable
from rest_framework.negotiation import DefaultContentNegotiation
from rest_framework.renderers import BaseRenderer

from aimprogress.exchange.cells import as_csv, as_geojson

POINT = ("latitude", "longitude")


def as_json(data: Any) -> bytes:
    """JSON in UTF-8. Decimals are texts, so that no reader rounds money."""
    return orjson.dumps(data, default=_plain, option=orjson.OPT_UTC_Z | orjson.OPT_NON_STR_KEYS)


def _plain(value: Any) -> Any:
    if isinstance(value, Decimal | Promise):
        return str(value)
    if isinstance(value, set | frozenset):
        return sorted(value)
    raise TypeError(f"{type(value).__name__} has no place in an answer")


class JSONRenderer(BaseRenderer):
    """`application/json`."""

    media_type = "application/json"
    format = "json"
    charset = None

    def render(self, data: Any, accepted_media_type: str | None = None, renderer_context: dict | None = None) -> bytes:
        return b"" if data is None else as_json(data)


class FileRenderer(JSONRenderer):
    """For actions that hand out a file as it is: whatever type the asker accepts, the file has its own."""

    media_type = "*/*"


class CSVRenderer(BaseRenderer):
    """`text/csv` of a list: one page of rows, the next page in the Link header."""

    media_type = "text/csv"
    format = "csv"
    charset = "utf-8"

    def render(self, data: Any, accepted_media_type: str | None = None, renderer_context: dict | None = None) -> bytes:
        return as_csv([(name, name) for name in _columns(renderer_context)], _rows(data))


class GeoJSONRenderer(BaseRenderer):
    """`application/geo+json` of a list: points where the reader may know one, null geometry elsewhere."""

    media_type = "application/geo+json"
    format = "geojson"
    charset = None

    def render(self, data: Any, accepted_media_type: str | None = None, renderer_context: dict | None = None) -> bytes:
        return as_geojson([(name, name) for name in _columns(renderer_context)], _rows(data), POINT)


class Negotiation(DefaultContentNegotiation):
    """An unknown `?format=` is 406, like an unknown Accept."""

    def filter_renderers(self, renderers: Sequence[BaseRenderer], format: str) -> list[BaseRenderer]:
        found = [renderer for renderer in renderers if renderer.format == format]
        if not found:
            raise NotAcceptable(_("This format is not offered here."))
        return found


def _columns(context: dict | None) -> list[str]:
    return context["view"].column_names() if context else []


def _rows(data: Any) -> list[dict[str, Any]]:
    return data["results"] if isinstance(data, dict) and "results" in data else [data]
