"""What people do with a list: stage it, confirm its columns, mend cells, import it, take it back."""

from collections.abc import Mapping

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from aimprogress.core.actor import current_actor
from aimprogress.core.exceptions import Conflict
from aimprogress.core.permissions import Permission
from aimprogress.core.services import service
from aimprogress.exchange.models import ImportBatch, ImportRow
from aimprogress.exchange.safety import Upload
from aimprogress.exchange.staging import column_facts, opened, read_batch, replace_rows, sealed, store_rows
from aimprogress.exchange.targets import ImportTarget, targets

Outcome = ImportRow.Outcome


def target_named(name: str) -> ImportTarget:
    """The target, if the Actor may write what it imports. Raises ValidationError, PermissionDenied."""
    target = targets().get(name)
    if target is None:
        raise ValidationError(_("There is nothing to import under this name."), code="target")
    if not current_actor().may(target.permission):
        raise PermissionDenied
    return target


@service(Permission.IMPORT_RUN)
def stage_import(*, organisation: models.Model, target: str, upload: Upload) -> ImportBatch:
    """Read a checked upload and show what it would do; nothing of it is written outside the staging tables.

    Raises Refused where the file cannot be read, ValidationError for an unknown target.
    """
    if organisation.pk not in current_actor().writes:
        raise PermissionDenied
    wanted = target_named(target)
    batch = ImportBatch(organisation_id=organisation.pk, target=target, created_by_id=current_actor().user_id, **sealed(upload))
    _book, understanding, candidates = read_batch(batch, wanted, upload)
    batch.columns = column_facts(understanding.matches)
    batch.save(force_insert=True)
    store_rows(batch, candidates)
    batch.save()
    return batch


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
    return _read_again(batch)


@service(Permission.IMPORT_RUN)
def mend_cells(*, batch: ImportBatch, cells: Mapping[str, Mapping[str, str]]) -> ImportBatch:
    """Put typed values in the place of cells, {"sheet<tab>row": {field: text}}, and read the list again. The file stays."""
    batch = _staged(batch)
    known = {wanted.name for wanted in target_named(batch.target).spec.fields}
    corrections: dict[str, dict[str, str]] = {place: dict(fields) for place, fields in (batch.corrections or {}).items()}
    for place, fields in cells.items():
        typed = {name: text[:300] for name, text in fields.items() if name in known}
        if typed:
            corrections.setdefault(place, {}).update(typed)
    batch.corrections = corrections
    return _read_again(batch)


@service(Permission.IMPORT_RUN)
def apply_import(*, batch: ImportBatch, only_good: bool = False) -> ImportBatch:
    """Write the new and changed rows in one transaction. All or nothing, unless `only_good` leaves the problem rows out.

    The rows are compared with the portal once more first: what somebody else wrote meanwhile is seen.
    """
    batch = _read_again(_staged(batch))
    if batch.counts["problem"] and not only_good:
        raise ValidationError(
            ngettext(
                "%(n)s row has a problem, so nothing was imported. Mend it, or import the good rows only.",
                "%(n)s rows have problems, so nothing was imported. Mend them, or import the good rows only.",
                batch.counts["problem"],
            )
            % {"n": batch.counts["problem"]},
            code="problems",
        )
    rows = list(ImportRow.objects.filter(batch=batch, outcome__in=[Outcome.NEW, Outcome.CHANGED]).order_by("number"))
    if not rows:
        raise ValidationError(_("There is nothing new in this list: nothing was imported."), code="nothing")
    target_named(batch.target).apply(batch.organisation, rows)
    replace_rows(rows)
    batch.state, batch.applied_at = ImportBatch.State.APPLIED, timezone.now()
    batch.save()
    return batch


@service(Permission.IMPORT_RUN)
def undo_import(*, batch: ImportBatch) -> ImportBatch:
    """Take an import back within 24 hours: new records go if nobody touched them, changed ones get their values back."""
    batch = _locked(batch)
    if not batch.can_be_undone:
        raise Conflict(_("This import can no longer be taken back."))
    rows = list(ImportRow.objects.filter(batch=batch, target_id__isnull=False).exclude(before__isnull=True).order_by("-number"))
    undone = target_named(batch.target).undo(batch.organisation, rows)
    batch.state, batch.undone_at = ImportBatch.State.UNDONE, timezone.now()
    batch.undone_counts = {"removed": undone.removed, "restored": undone.restored, "kept": undone.kept[:50]}
    batch.save()
    return batch


@service(Permission.IMPORT_RUN)
def discard_import(*, batch: ImportBatch) -> ImportBatch:
    """Throw a staged list away. Nothing of it was in the portal."""
    batch = _staged(batch)
    ImportRow.objects.filter(batch=batch).delete()
    ImportBatch.objects.filter(pk=batch.pk).delete()
    return batch


def _locked(batch: ImportBatch) -> ImportBatch:
    return ImportBatch.objects.select_for_update(of=("self",)).select_related("organisation").get(pk=batch.pk)


def _staged(batch: ImportBatch) -> ImportBatch:
    batch = _locked(batch)
    if batch.state != ImportBatch.State.STAGED or not batch.content:
        raise Conflict(_("This list was already imported or has expired. Upload it again."))
    return batch


def _read_again(batch: ImportBatch) -> ImportBatch:
    target = target_named(batch.target)
    _book, understanding, candidates = read_batch(batch, target, opened(batch))
    batch.columns = column_facts(understanding.matches)
    store_rows(batch, candidates)
    batch.save()
    return batch
