"""How often somebody may ask: a window of a minute for each key and person, counted in the database.

The count is read before the work and written after it, so a row is locked for the last moment of a request only and
requests of one client still run side by side. Headers follow the IETF draft "RateLimit header fields for HTTP".
"""

import time
from typing import Any

from django.db import connection
from django.http import HttpResponseBase
from rest_framework.request import Request
from rest_framework.throttling import BaseThrottle

from aimprogress.api.idempotency import requester
from aimprogress.api.models import RateWindow

WINDOW = 60
LIMITS = {"api_key": 600, "person": 300, "device": 120}
"""Requests a minute."""

_ADD_ONE = """
INSERT INTO api_ratewindow AS kept (who, "window", count) VALUES (%s, %s, 1)
ON CONFLICT (who) DO UPDATE SET
    count = CASE WHEN kept."window" = excluded."window" THEN kept.count + 1 ELSE 1 END, "window" = excluded."window"
"""


class RateLimit(BaseThrottle):
    """Refuses with 429 when the window is used up; `told` writes the headers and the count."""

    def allow_request(self, request: Request, view: Any) -> bool:
        limit = limit_of(request)
        if limit is None:
            return True
        kept = RateWindow.objects.filter(who=requester(request.auth), window=_window()).values_list("count", flat=True).first()
        request.rate_used = kept or 0
        return request.rate_used < limit

    def wait(self) -> float:
        return _seconds_left()


def limit_of(request: Request) -> int | None:
    """Requests a minute for whoever asks, or None for the anonymous, who get nothing anyway."""
    return LIMITS.get(request.auth.kind) if request.auth is not None else None


def tell(request: Any, response: HttpResponseBase) -> None:
    """Count this request and write how many are left."""
    # Asked first: where a request was refused before anybody knew who asks, `request.auth` would look, and may raise.
    if not hasattr(request, "rate_used"):
        return
    limit = limit_of(request)
    if not connection.needs_rollback:
        with connection.cursor() as cursor:
            cursor.execute(_ADD_ONE, [requester(request.auth), _window()])
    left = max(0, limit - request.rate_used - 1)
    response["RateLimit-Policy"] = f'"minute";q={limit};w={WINDOW}'
    response["RateLimit"] = f'"minute";r={left};t={_seconds_left()}'


def _window() -> int:
    return int(time.time()) // WINDOW


def _seconds_left() -> int:
    return WINDOW - int(time.time()) % WINDOW
