"""What can be imported. Each app offers its targets in a module `imports`, discovered once; the ground knows none by name.

class SiteImport(ImportTarget):
    name, title, permission, spec = "sites", _("Sites"), Permission.SITE_EDIT, SITES
    def compare(self, organisation, records): ...
    def apply(self, organisation, rows): ...
    def undo(self, organisation, rows): ...

register_target(SiteImport())
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cache
from typing import Any, Protocol
from uuid import UUID

from django.db import models
from django.utils.functional import Promise
from django.utils.module_loading import autodiscover_modules

from aimprogress.core.permissions import Permission
from aimprogress.exchange.models import ImportRow
from aimprogress.exchange.records import Record
from aimprogress.exchange.understanding import ListSpec


@dataclass(slots=True)
class Candidate:
    """A record on its way through `compare`: outcome new, changed, same or problem, the row it meets, and what differs."""

    record: Record
    target_id: UUID | None = None
    changes: dict[str, list[Any]] = field(default_factory=dict)


@dataclass(slots=True)
class Undone:
    """What an undo did: records removed, records put back, and those that somebody changed since and that stay."""

    removed: int = 0
    restored: int = 0
    kept: list[str] = field(default_factory=list)


class ImportTarget(Protocol):
    """One noun that lists can be imported into. Called inside a service, with the Actor's scope in force."""

    name: str
    title: str | Promise
    permission: Permission
    spec: ListSpec

    def compare(self, organisation: models.Model, candidates: Sequence[Candidate]) -> None:
        """Set each record's outcome (new, changed, same, problem), target_id and changes. Reads only."""

    def apply(self, organisation: models.Model, rows: Sequence[ImportRow]) -> None:
        """Write the new and changed rows; set target_id and before on each. Raises ValidationError."""

    def undo(self, organisation: models.Model, rows: Sequence[ImportRow]) -> Undone:
        """Take back what `apply` wrote, except what was changed since."""


_targets: dict[str, ImportTarget] = {}


def register_target(target: ImportTarget) -> ImportTarget:
    """Offer a target. Called at the end of an app's `imports` module."""
    _targets[target.name] = target
    return target


@cache
def _discover() -> None:
    autodiscover_modules("imports")


def targets() -> dict[str, ImportTarget]:
    """Every target by name."""
    _discover()
    return _targets
