"""JSON bodies, read strictly: at most 1 MB, 32 levels, real Unicode, finite numbers. What does not fit is a 400 or 413."""

import math
from typing import Any

import orjson
from django.utils.translation import gettext_lazy as _
from rest_framework.exceptions import APIException, ParseError
from rest_framework.parsers import BaseParser

LARGEST_BODY = 1_000_000
DEEPEST = 32


class BodyTooLarge(APIException):
    """413: the body is larger than any answerable request."""

    status_code = 413
    default_detail = _("The body is too large.")
    default_code = "too_large"


class StrictJSONParser(BaseParser):
    """`application/json` by orjson; refuses what PostgreSQL cannot store before anything sees it."""

    media_type = "application/json"
    largest = LARGEST_BODY

    def parse(self, stream: Any, media_type: str | None = None, parser_context: dict[str, Any] | None = None) -> Any:
        body = _read(stream, self.largest)
        try:
            found = orjson.loads(body)
        except orjson.JSONDecodeError as error:
            raise ParseError(_("This is not JSON: %(why)s") % {"why": str(error)[:200]}, code="json") from None
        check(found)
        return found


def _read(stream: Any, largest: int) -> bytes:
    try:
        declared = int(stream.META.get("CONTENT_LENGTH") or 0)
    except (AttributeError, ValueError):
        declared = 0
    if declared > largest:
        raise BodyTooLarge
    body = stream.read(largest + 1)
    if len(body) > largest:
        raise BodyTooLarge
    return body


def check(found: Any) -> None:
    """Raises ParseError for NUL characters, infinite numbers and more than 32 levels. Walks without recursion."""
    waiting = [(found, 1)]
    while waiting:
        value, depth = waiting.pop()
        if depth > DEEPEST:
            raise ParseError(_("The JSON is nested deeper than 32 levels."), code="depth")
        if isinstance(value, dict):
            waiting.extend((part, depth + 1) for part in (*value.keys(), *value.values()))
        elif isinstance(value, list):
            waiting.extend((part, depth + 1) for part in value)
        elif isinstance(value, str) and "\x00" in value:
            raise ParseError(_("A text holds the character NUL, which cannot be stored."), code="nul")
        elif isinstance(value, float) and not math.isfinite(value):
            raise ParseError(_("A number is not finite."), code="number")
