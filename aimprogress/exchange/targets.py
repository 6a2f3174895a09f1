"""What can be imported. Each app offers its targets in a module `imports`, discovered once; the ground knows none by name.

class SiteImport(ImportTarget):
    name, title, order, permission, spec = "sites", _("Sites"), 10, Permission.SITE_EDIT, SITES
    model, columns, rules = Site, ("code", "name", ...), (*column_rules(Site, ...), Rule(...))
    def compare(self, organisation, candidates): ...
    def apply(self, organisation, candidates): ...
    def undo(self, organisation, rows): ...

register_target(SiteImport())
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from typing import Any, ClassVar
from uuid import UUID

from django.db import models
from django.utils.functional import Promise
from django.utils.module_loading import autodiscover_modules

from aimprogress.core.permissions import Permission
from aimprogress.exchange.models import ImportRow
from aimprogress.exchange.records import ERROR, Record
from aimprogress.exchange.rules import Rule, broken_rules
from aimprogress.exchange.understanding import ListSpec


@dataclass(slots=True)
class Candidate:
    """A record on its way into the portal: the row it meets there, what differs, and the whole row as it would then stand.

    `before` is what undo needs; `apply` sets it.
    """

    record: Record
    target_id: UUID | None = None
    changes: dict[str, list[Any]] = field(default_factory=dict)
    values: dict[str, Any] = field(default_factory=dict)
    before: dict[str, Any] | None = None


@dataclass(slots=True)
class Undone:
    """What an undo did: records removed, records put back, and those that somebody changed since and that stay."""

    removed: int = 0
    restored: int = 0
    kept: list[str] = field(default_factory=list)

    def add(self, more: "Undone") -> None:
        """Add what another slice of the rows came to."""
        self.removed += more.removed
        self.restored += more.restored
        self.kept += more.kept


class ImportTarget:
    """One noun that lists can be imported into. Called inside a service, with the Actor's scope in force."""

    name: ClassVar[str]
    title: ClassVar[str | Promise]
    order: ClassVar[int]
    """Where the page offers it: what others speak of first."""
    permission: ClassVar[Permission]
    spec: ClassVar[ListSpec]
    model: ClassVar[type[models.Model]]
    columns: ClassVar[Sequence[str]]
    """The model's columns that `values` of a candidate speak of."""
    rules: ClassVar[Sequence[Rule]]
    shown_at: ClassVar[Mapping[str, str]] = {}
    """Column of the model -> field of the list, where their names differ."""
    about_sample: ClassVar[str | Promise] = ""
    """What is in the bundled workbook samples/<name>_sample.xlsx, where there is one."""

    def compare(self, organisation: models.Model, candidates: Sequence[Candidate]) -> None:
        """Set target_id, changes and values of each; a record that is none gets its outcome. Reads only."""
        raise NotImplementedError

    def apply(self, organisation: models.Model, candidates: Sequence[Candidate]) -> None:
        """Write the new and changed rows, all at once; set target_id and before of each."""
        raise NotImplementedError

    def undo(self, organisation: models.Model, rows: Sequence[ImportRow]) -> Undone:
        """Take back what `apply` wrote of some of the rows, except what was changed since."""
        raise NotImplementedError

    def locked_by_undo(self, written: models.QuerySet) -> models.QuerySet:
        """What an undo of all these `target_id`s locks: the rows themselves, or what shows them."""
        return self.model._default_manager.filter(pk__in=written)

    def missing(self, organisation: models.Model, candidates: Sequence[Candidate]) -> list[str]:
        """What stands in the portal and no row speaks of, by name. Nothing happens to it: a list never deletes."""
        raise NotImplementedError

    def to_fill_in(self, organisation: models.Model) -> list[dict[str, Any]] | None:
        """The rows of a list to fill in, by field, where the portal knows what they are about; None for no such list."""
        return None

    def judge(self, candidates: Sequence[Candidate]) -> None:
        """Ask every rule of every candidate at once; who breaks none is new, changed or the same."""
        rows = [candidate.values for candidate in candidates]
        for at, broken in broken_rules(self.model, self.columns, self.rules, rows):
            record = candidates[at].record
            told = {problem["field"] for problem in record.problems if problem["level"] == ERROR}
            for rule in broken:
                shown = self.shown_at.get(rule.column, rule.column)
                if shown not in told:
                    record.remark(ERROR, shown, rule.code, rule.said(rows[at]), value=str(record.fields.get(shown, "")))
        for candidate in candidates:
            if not candidate.record.outcome:
                candidate.record.outcome = outcome = "changed" if candidate.changes else "same" if candidate.target_id else "new"
                if outcome == "same":
                    candidate.record.why = ("same", {})


def remove_added(rows: Sequence[models.Model], undone: Undone) -> None:
    """Take away what an import added: all at once, or by halves where somebody tied something to one of them since."""
    try:
        if rows:
            type(rows[0]).objects.filter(pk__in=[row.pk for row in rows]).delete()
        undone.removed += len(rows)
    except models.ProtectedError:
        if len(rows) == 1:
            undone.kept.append(getattr(rows[0], "code", str(rows[0])))
            return
        half = len(rows) // 2
        remove_added(rows[:half], undone)
        remove_added(rows[half:], undone)


_targets: dict[str, ImportTarget] = {}


def register_target(target: ImportTarget) -> ImportTarget:
    """Offer a target. Called at the end of an app's `imports` module."""
    _targets[target.name] = target
    return target


@cache
def _discover() -> None:
    autodiscover_modules("imports")


def targets() -> dict[str, ImportTarget]:
    """Every target by name, in the order in which they are offered."""
    _discover()
    return dict(sorted(_targets.items(), key=lambda named: named[1].order))
