"""What people do with a list: stage it, confirm its columns, mend cells, import it, take it back.

A large list is a Job's work: each verb then asks for a Job, which calls the same verb with `now` as the requester. Whatever a
verb writes it writes in one transaction, so work that is killed leaves nothing behind, and the Job does it once.
"""

from collections.abc import Mapping
from typing import Any

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import connection, models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from aimprogress.core.actor import current_actor
from aimprogress.core.exceptions import Conflict
from aimprogress.core.permissions import Permission
from aimprogress.core.services import service
from aimprogress.exchange.models import ImportBatch, ImportRow
from aimprogress.exchange.records import OF_ITS_OWN
from aimprogress.exchange.safety import Upload
from aimprogress.exchange.staging import are_as_stored, column_facts, opened, read_batch, sealed, store_rows, tell_rows
from aimprogress.exchange.targets import ImportTarget, Undone, targets
from aimprogress.jobs.requests import enqueue

Outcome = ImportRow.Outcome
State = ImportBatch.State


def target_named(name: str) -> ImportTarget:
    """The target, if the Actor may write what it imports. Raises ValidationError, PermissionDenied."""
    target = targets().get(name)
    if target is None:
        raise ValidationError(_("There is nothing to import under this name."), code="target")
    if not current_actor().may(target.permission):
        raise PermissionDenied
    return target


@service(Permission.IMPORT_RUN)
def stage_import(*, organisation: models.Model, target: str, upload: Upload, now: bool = False) -> ImportBatch:
    """Read a checked upload and show what it would do; nothing of it is written outside the staging tables.

    A large one is kept and read by a Job, unless `now`. Raises Refused where the file cannot be read, ValidationError for an
    unknown target.
    """
    if organisation.pk not in current_actor().writes:
        raise PermissionDenied
    target_named(target)
    batch = ImportBatch(organisation_id=organisation.pk, target=target, created_by_id=current_actor().user_id, **sealed(upload))
    batch.save(force_insert=True)
    return _read(batch, now=now)


@service(Permission.IMPORT_RUN)
def read_import(*, batch: ImportBatch, now: bool = False) -> ImportBatch:
    """Read a list again, with the columns and cells as they were chosen: what its Job does, and asks for once more."""
    return _read(_staged(batch, now=now), now=now)


@service(Permission.IMPORT_RUN)
def confirm_columns(*, batch: ImportBatch, chosen: Mapping[str, Mapping[int, str]] | None = None) -> ImportBatch:
    """Read the list again with the columns as a person chose them: {sheet: {column position: field or ""}}.

    A column of contact persons stays unread whatever is chosen.
    """
    batch = _staged(batch)
    names = {wanted.name for wanted in target_named(batch.target).spec.fields} | {""}
    for columns in (chosen or {}).values():
        if not set(columns.values()) <= names:
            raise ValidationError(_("There is no such field."), code="field")
    if chosen is not None:
        batch.chosen = {sheet: {str(at): name for at, name in columns.items()} for sheet, columns in chosen.items()}
    batch.columns_confirmed = True
    return _read(batch)


@service(Permission.IMPORT_RUN)
def mend_cells(*, batch: ImportBatch, cells: Mapping[str, Mapping[str, str]]) -> ImportBatch:
    """Put typed values in the place of cells, {"sheet<tab>row": {field: text}}, and read the list again. The file stays.

    An empty text empties the cell. OF_ITS_OWN in the place of a field says that the row is no repeat.
    """
    batch = _staged(batch)
    known = {wanted.name for wanted in target_named(batch.target).spec.fields} | {OF_ITS_OWN}
    corrections: dict[str, dict[str, str]] = {place: dict(fields) for place, fields in (batch.corrections or {}).items()}
    for place, fields in cells.items():
        typed = {name: text[:300] for name, text in fields.items() if name in known}
        if typed:
            corrections.setdefault(place, {}).update(typed)
    batch.corrections = corrections
    return _read(batch)


@service(Permission.IMPORT_RUN)
def apply_import(*, batch: ImportBatch, only_good: bool = False, now: bool = False) -> ImportBatch:
    """Write the new and changed rows in one transaction. All or nothing, unless `only_good` leaves the problem rows out.

    The rows are compared with the portal once more first: what somebody else wrote meanwhile is seen.
    """
    batch = _staged(batch, now=now)
    target = target_named(batch.target)
    if batch.is_large and not now:
        return _as_job(batch, "apply", only_good=only_good)
    _one_at_a_time(batch, now=now)
    understanding, candidates = read_batch(batch, target, opened(batch))
    problems = sum(candidate.record.outcome == Outcome.PROBLEM for candidate in candidates)
    if problems and not only_good:
        raise ValidationError(
            ngettext(
                "%(n)s row has a problem, so nothing was imported. Mend it, or import the good rows only.",
                "%(n)s rows have problems, so nothing was imported. Mend them, or import the good rows only.",
                problems,
            )
            % {"n": problems},
            code="problems",
        )
    good = [candidate for candidate in candidates if candidate.record.outcome in (Outcome.NEW, Outcome.CHANGED)]
    if not good:
        raise ValidationError(_("There is nothing new in this list: nothing was imported."), code="nothing")
    keep = tell_rows if are_as_stored(batch, candidates) else store_rows
    target.apply(batch.organisation, good)
    batch.columns = column_facts(understanding.matches)
    keep(batch, target, candidates)
    batch.state, batch.applied_at = State.APPLIED, timezone.now()
    batch.save()
    return batch


@service(Permission.IMPORT_RUN)
def undo_import(*, batch: ImportBatch, now: bool = False) -> ImportBatch:
    """Take an import back within 24 hours: what it changed returns to what it was; what others changed since stays, named."""
    batch = _locked(batch, now=now)
    if not batch.can_be_undone:
        raise Conflict(_("This import can no longer be taken back."))
    if batch.is_large and not now:
        return _as_job(batch, "undo")
    undone = _undone(batch, target_named(batch.target))
    batch.state, batch.undone_at = State.UNDONE, timezone.now()
    named = undone.kept[:MOST_KEPT]
    batch.undone_counts = {"removed": undone.removed, "restored": undone.restored, "kept": named}
    if unnamed := len(undone.kept) - len(named):
        batch.undone_counts["kept_unnamed"] = unnamed
    batch.save()
    return batch


@service(Permission.IMPORT_RUN)
def discard_import(*, batch: ImportBatch) -> ImportBatch:
    """Throw a staged list away. Nothing of it was in the portal."""
    batch = _staged(batch)
    ImportRow.objects.filter(batch=batch).delete()
    ImportBatch.objects.filter(pk=batch.pk).delete()
    return batch


MOST_KEPT = 500
UNDONE_AT_ONCE = 2000
"""Rows of an import that an undo holds in memory at a time."""


def _undone(batch: ImportBatch, target: ImportTarget) -> Undone:
    """Take the rows back, the last first, slice by slice. What they touch is locked before, in one order, as everybody does."""
    written = ImportRow.objects.filter(batch=batch, target_id__isnull=False, outcome__in=[Outcome.NEW, Outcome.CHANGED])
    to_lock = target.locked_by_undo(written.order_by().values("target_id")).select_for_update(of=("self",)).order_by("pk")
    for _pk in to_lock.values_list("pk").iterator(chunk_size=UNDONE_AT_ONCE):
        pass
    undone, left = Undone(), written.order_by("-number")
    rows = list(left[:UNDONE_AT_ONCE])
    while rows:
        undone.add(target.undo(batch.organisation, rows))
        rows = list(left.filter(number__lt=rows[-1].number)[:UNDONE_AT_ONCE])
    return undone


def _locked(batch: ImportBatch, *, now: bool = False) -> ImportBatch:
    """The list, held to the end of the transaction. While a Job works on it nobody waits for the Job: Conflict."""
    if not now and ImportBatch.objects.select_related("job").get(pk=batch.pk).is_being_worked_on:
        raise Conflict(_("This list is being worked on. Wait until that is over."))
    return ImportBatch.objects.select_for_update(of=("self",)).select_related("organisation", "job").get(pk=batch.pk)


def _one_at_a_time(batch: ImportBatch, *, now: bool) -> None:
    """Two lists for one target would not see each other's new rows: the second waits, or with a page open comes back later."""
    with connection.cursor() as cursor:
        key = f"import {batch.target} {batch.organisation_id}"
        if now:
            cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", [key])
            return
        cursor.execute("SELECT pg_try_advisory_xact_lock(hashtextextended(%s, 0))", [key])
        if not cursor.fetchone()[0]:
            raise Conflict(_("Another list is being imported just now. Try again when that is over."))


def _staged(batch: ImportBatch, *, now: bool = False) -> ImportBatch:
    batch = _locked(batch, now=now)
    if batch.state not in (State.READING, State.STAGED) or not batch.content:
        raise Conflict(_("This list was already imported or has expired. Upload it again."))
    return batch


def _read(batch: ImportBatch, *, now: bool = False) -> ImportBatch:
    if batch.is_large and not now:
        batch.state = State.READING
        return _as_job(batch, "read")
    target = target_named(batch.target)
    understanding, candidates = read_batch(batch, target, opened(batch))
    batch.columns, batch.state = column_facts(understanding.matches), State.STAGED
    store_rows(batch, target, candidates)
    batch.save()
    return batch


def _as_job(batch: ImportBatch, work: str, **params: Any) -> ImportBatch:
    batch.job = enqueue("import", {"batch": str(batch.pk), "work": work, **params})
    batch.save()
    return batch
