"""What is shown when there is no page: 400, 403, 404 and 500, in words, and as problem+json under /api/."""

from http import HTTPStatus
from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseServerError, JsonResponse
from django.shortcuts import render
from django.template.loader import get_template
from django.utils.translation import gettext_lazy as _

API = "/api/"


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    return _answer(request, HTTPStatus.BAD_REQUEST, _("Not understood"), reason=_words(exception))


def permission_denied(request: HttpRequest, exception: Exception) -> HttpResponse:
    return _answer(request, HTTPStatus.FORBIDDEN, _("Not for your role"), reason=_words(exception))


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    return _answer(request, HTTPStatus.NOT_FOUND, _("Not here"))


def server_error(request: HttpRequest) -> HttpResponse:
    """A page that needs nothing: no database, no session, no context processor."""
    if request.path.startswith(API):
        return _problem(HTTPStatus.INTERNAL_SERVER_ERROR)
    return HttpResponseServerError(get_template("500.html").render({}))


def _words(exception: Exception) -> str:
    """The message of an exception that was written for the reader; Django's own have none."""
    return str(exception.args[0]) if exception.args and isinstance(exception.args[0], str) else ""


def _answer(request: HttpRequest, status: HTTPStatus, title: Any, **context: Any) -> HttpResponse:
    if request.path.startswith(API):
        return _problem(status)
    response = render(request, f"{status.value}.html", {"title": title, "heading": title, **context}, status=status)
    response["Cache-Control"] = "no-store"
    return response


def _problem(status: HTTPStatus) -> JsonResponse:
    body = {"type": "about:blank", "title": status.phrase, "status": status.value, "errors": []}
    return JsonResponse(body, status=status, content_type="application/problem+json")
