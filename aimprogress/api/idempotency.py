"""Idempotency-Key: the same POST sent twice is done once and answered twice.

The key belongs to the requester in the organisation; the same key with another request is refused with 422. A request
that fails leaves no key behind, so it can be sent again.
"""

import hashlib
from collections.abc import Callable
from uuid import UUID

import orjson
from django.core.exceptions import ValidationError as DjangoValidationError
from django.db import IntegrityError, transaction
from django.utils.translation import gettext_lazy as _
from rest_framework.exceptions import APIException, NotFound, ValidationError
from rest_framework.request import Request
from rest_framework.response import Response

from aimprogress.api.models import IdempotencyKey
from aimprogress.api.renderers import as_json
from aimprogress.core.actor import Actor

LONGEST_KEY = 200
KEPT_HEADERS = ("Location", "ETag")


class KeyReused(APIException):
    """422: the key stands for another request."""

    status_code = 422
    default_detail = _("This Idempotency-Key was used for another request.")
    default_code = "idempotency_key_reused"


def once(request: Request, answer: Callable[[], Response], still_there: Callable[[str], bool]) -> Response:
    """The answer of a POST, made now or kept from the first time. Without the header: just made.

    `still_there` is asked with the object's id before a kept answer is given: 404 for what is out of sight by now.
    """
    key = request.headers.get("Idempotency-Key")
    if key is None:
        return answer()
    if not 1 <= len(key) <= LONGEST_KEY or not key.isprintable():
        raise ValidationError({"Idempotency-Key": [_("Use 1 to 200 printable characters.")]})
    actor, fingerprint = request.auth, _fingerprint(request)
    mine = {"organisation_id": actor.organisation_id, "requester": requester(actor), "key": key}
    if kept := IdempotencyKey.objects.filter(**mine).first():
        return _replayed(kept, fingerprint, still_there)
    try:
        with transaction.atomic():
            row = IdempotencyKey(**mine, request_hash=fingerprint)
            _claim(row)
            made = answer()
            row.status, row.answer = made.status_code, as_json(made.data).decode()
            row.headers = {name: made[name] for name in KEPT_HEADERS if name in made}
            row.save(update_fields=["status", "answer", "headers"])
            return made
    except _Taken:
        return _replayed(IdempotencyKey.objects.get(**mine), fingerprint, still_there)


class _Taken(Exception):
    """Somebody sent the same key at the same moment and was first."""


def _claim(row: IdempotencyKey) -> None:
    try:
        with transaction.atomic():
            row.save(force_insert=True)  # waits for a request with the same key that is not finished yet
    except (IntegrityError, DjangoValidationError):
        raise _Taken from None


def requester(actor: Actor) -> str:
    """Who asks, in a form that fits a column."""
    who: UUID | None = actor.device_id if actor.kind == "device" else actor.key_id or actor.user_id
    return f"{actor.kind}:{who}"


def _fingerprint(request: Request) -> str:
    body = orjson.dumps(request.data, option=orjson.OPT_SORT_KEYS)
    return hashlib.sha256(b"\n".join((request.method.encode(), request.get_full_path().encode(), body))).hexdigest()


def _replayed(kept: IdempotencyKey, fingerprint: str, still_there: Callable[[str], bool]) -> Response:
    if kept.request_hash != fingerprint:
        raise KeyReused
    said = orjson.loads(kept.answer or "null")
    if not still_there(said["id"]):
        raise NotFound
    return Response(said, status=kept.status, headers={**kept.headers, "Idempotency-Replayed": "true"})
