"""Errors as RFC 9457 problem details, always: {type, title, status, detail, errors: [{pointer, code, message}]}.

`pointer` is a JSON pointer into the body ("/site"), or "?name" for a query parameter. What is not seen does not exist
(404); what is seen but not permitted is 403. Nothing inside the portal is quoted.
"""

import logging
from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

from django.core import exceptions as django
from django.db import DataError, IntegrityError
from django.http import Http404, HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from rest_framework import exceptions as drf
from rest_framework.views import set_rollback

from aimprogress.api.renderers import as_json
from aimprogress.core.exceptions import Conflict

log = logging.getLogger(__name__)
MEDIA_TYPE = "application/problem+json"
Error = dict[str, str]


def problem(
    status: int, *, detail: str = "", errors: list[Error] | None = None, headers: Mapping[str, str] | None = None
) -> HttpResponse:
    """An answer with a problem in it. `detail` is for the reader; `errors` name what to correct."""
    body = {"type": "about:blank", "title": HTTPStatus(status).phrase, "status": status, "errors": errors or []}
    if detail:
        body["detail"] = detail
    response = HttpResponse(as_json(body), status=status, content_type=MEDIA_TYPE, headers=dict(headers or {}))
    response["Cache-Control"] = "no-store"
    return response


def problem_response(error: Exception, context: dict[str, Any]) -> HttpResponse | None:
    """Django REST framework's exception handler. None, and with it the 500 of web/errors.py, for faults of ours."""
    if isinstance(error, drf.APIException):
        return _of_framework(error)
    if isinstance(error, django.ValidationError):
        return problem(400, detail=_("Something in the request is not valid."), errors=_of_django(error))
    if isinstance(error, Http404 | django.ObjectDoesNotExist):
        return problem(404, detail=_("There is nothing here that you may see."))
    if isinstance(error, django.PermissionDenied):
        return problem(403, detail=str(error) or _("Your role does not allow this."))
    if isinstance(error, django.BadRequest | django.SuspiciousOperation):
        return problem(getattr(error, "status", 400), detail=str(error.args[0]) if error.args else "")
    if isinstance(error, Conflict):
        return problem(getattr(error, "status", 409), detail=str(error))
    if isinstance(error, IntegrityError):
        # Also an id that exists in another organisation: the answer tells nothing about it.
        set_rollback()
        return problem(409)
    if isinstance(error, DataError | ValueError | OverflowError):
        # A value that our own checks let through. The log keeps the class visible, so that a check can be added.
        log.warning("a value reached the database unchecked", exc_info=error)
        set_rollback()
        return problem(400, detail=_("A value has the wrong kind or is too large."))
    return None


def not_found(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
    """Any path below /api/v1/ that is none of the API's."""
    return problem(404, detail=_("There is nothing here that you may see."))


def _of_framework(error: drf.APIException) -> HttpResponse:
    headers = {}
    if header := getattr(error, "auth_header", None):
        headers["WWW-Authenticate"] = header
    if (wait := getattr(error, "wait", None)) is not None:
        headers["Retry-After"] = str(int(wait))
    headers |= getattr(error, "headers", {})
    if isinstance(error, drf.ValidationError):
        return problem(
            error.status_code,
            detail=_("Something in the request is not valid."),
            errors=list(_flat(error.detail)),
            headers=headers,
        )
    return problem(error.status_code, detail=str(error.detail), headers=headers)


def _flat(detail: Any, pointer: str = "") -> list[Error]:
    if isinstance(detail, Mapping):
        found: list[Error] = []
        for key, part in detail.items():
            own = pointer if key == "non_field_errors" else f"{pointer}/{_escaped(str(key))}"
            found += _flat(part, own if not str(key).startswith("?") else str(key))
        return found
    if isinstance(detail, list | tuple):
        nested = any(isinstance(part, Mapping) and part for part in detail)
        return [error for index, part in enumerate(detail) for error in _flat(part, f"{pointer}/{index}" if nested else pointer)]
    return [{"pointer": pointer, "code": str(getattr(detail, "code", "invalid")), "message": str(detail)}]


def _of_django(error: django.ValidationError) -> list[Error]:
    if hasattr(error, "error_dict"):
        return [
            {"pointer": "" if name == "__all__" else f"/{_escaped(name)}", "code": one.code or "invalid", "message": message}
            for name, errors in error.error_dict.items()
            for one in errors
            for message in one.messages
        ]
    return [
        {"pointer": "", "code": one.code or "invalid", "message": message} for one in error.error_list for message in one.messages
    ]


def _escaped(name: str) -> str:
    """RFC 6901: "~" and "/" inside a name."""
    return name.replace("~", "~0").replace("/", "~1")
