"""Entity tags: strong, over the bytes of the answer. An object's tag also names the object and its version.

`If-None-Match` compares whole tags. `If-Match` compares versions: the words "due soon" beside an object change with
the clock, and a change of the clock is no reason to refuse a change by its owner.
"""

import hashlib
import re
from uuid import UUID

from django.utils.translation import gettext_lazy as _
from rest_framework.exceptions import APIException, ValidationError

_TAG = re.compile(r'(W/)?"([\x21\x23-\x7e\x80-\xff]*)"')


class PreconditionRequired(APIException):
    """428: a change must say which version it changes."""

    status_code = 428
    default_detail = _("Send If-Match with the ETag of the version that you want to change.")
    default_code = "precondition_required"


class PreconditionFailed(APIException):
    """412: somebody else changed the object in between."""

    status_code = 412
    default_detail = _("This has changed since you read it. Read it again and send your change for the new version.")
    default_code = "precondition_failed"


def mark_of(pk: UUID, version: int) -> str:
    """An object in one version, in few letters: the part of its tag that a change must send back."""
    return f"{pk.hex[-12:]}.{version}"


def etag(body: bytes, mark: str | None = None) -> str:
    """The strong tag of `body`."""
    digest = hashlib.sha256(body).hexdigest()[:32]
    return f'"{digest}"' if mark is None else f'"{mark}-{digest}"'


def is_known(header: str | None, tag: str) -> bool:
    """Whether If-None-Match names `tag` (weak comparison, as RFC 9110 wants it there)."""
    if not header:
        return False
    return header.strip() == "*" or tag.strip('"') in (found for _weak, found in _TAG.findall(header))


def require_version(header: str | None, mark: str) -> None:
    """Raises PreconditionRequired without If-Match, PreconditionFailed where it names no tag with this `mark`."""
    if not header:
        raise PreconditionRequired
    if header.strip() == "*":
        return
    tags = _TAG.findall(header)
    if not tags:
        raise ValidationError({"If-Match": [_("This is not an entity tag.")]})
    if not any(not weak and tag.startswith(f"{mark}-") for weak, tag in tags):
        raise PreconditionFailed
