"""The only way to change data: permitted, atomic, audited, announced."""

from collections.abc import Callable
from contextvars import ContextVar
from enum import Enum
from functools import wraps
from typing import Any, TypeVar
from uuid import UUID

from django.core.exceptions import PermissionDenied
from django.db import models, transaction

from .actor import Actor, current_actor
from .audit import Act, act_on, append, keyed_hash
from .permissions import Permission
from .scoping import ScopedModel

F = TypeVar("F", bound=Callable[..., Any])
_waiting: ContextVar[list[Act] | None] = ContextVar("acts", default=None)
SERVICES: dict[str, Callable[..., Any]] = {}
"""Every service by its audit action, `app.verb_noun`; read by the house tests."""


def service(permission: Permission) -> Callable[[F], F]:
    """Make a keyword-only function a service: it asks for `permission`, is one transaction, and leaves an AuditEvent.

    Raises PermissionDenied where the Actor may not, or where a row is given of an organisation that the Actor does not write
    to, or of a site that is not a site reporter's own. The chain's lock is taken last, when the outermost service ends.
    """

    def decorate(function: F) -> F:
        action = f"{_app_of(function.__module__)}.{function.__name__}"

        @wraps(function)
        def verb(**given: Any) -> Any:
            actor = current_actor()
            if not actor.may(permission):
                raise PermissionDenied
            for value in given.values():
                if isinstance(value, ScopedModel) and not _may_be_written(value, actor):
                    raise PermissionDenied
            with transaction.atomic():
                outermost = _waiting.get() is None
                acts: list[Act] = [] if outermost else _waiting.get()
                token = _waiting.set(acts)
                try:
                    result = function(**given)
                    acts.append(_act(action, result, given))
                    if outermost:
                        append(acts)
                        transaction.on_commit(_announce, robust=True)
                finally:
                    _waiting.reset(token)
            return result

        verb.permission = permission
        verb.action = action
        SERVICES[action] = verb
        return verb

    return decorate


def _may_be_written(row: ScopedModel, actor: Actor) -> bool:
    """Row security knows organisations only; that a reporter writes about the own sites alone is said here."""
    of_other_site = row.site_column is not None and not actor.acts_at(getattr(row, row.site_column))
    return row.organisation_id in actor.writes and not of_other_site


def announce(action: str, subject: models.Model) -> None:
    """Add a further event to the running service, for what is said to the world by another name."""
    acts = _waiting.get()
    if acts is None:
        raise RuntimeError("announce() is for use inside a service.")
    acts.append(act_on(action, subject, None, {}))


def _announce() -> None:
    from .events import wake_subscribers  # late: subscribers stand on the services they listen to

    wake_subscribers()


def _app_of(module: str) -> str:
    parts = module.split(".")
    return parts[1] if parts[0] == "aimprogress" else parts[0]


def _act(action: str, result: Any, given: dict[str, Any]) -> Act:
    rows = [value for value in (result, *given.values()) if isinstance(value, models.Model)]
    subject = rows[0] if rows else None
    return act_on(action, subject, _organisation_of(rows), {name: _described(value) for name, value in given.items()})


def _organisation_of(rows: list[models.Model]) -> UUID | None:
    for row in rows:
        if row._meta.label == "members.Organisation":
            return row.pk
        if (organisation_id := getattr(row, "organisation_id", None)) is not None:
            return organisation_id
    return current_actor().organisation_id


def _described(value: Any) -> Any:
    """References stay readable, everything else becomes a keyed hash."""
    if value is None or isinstance(value, bool):
        return value
    if isinstance(value, models.Model):
        return str(value.pk)
    if isinstance(value, UUID):
        return str(value)
    if isinstance(value, Enum):
        value = value.value
    return keyed_hash(value)
