"""The steps of an import after its file: columns, check, done with undo."""

from typing import Any

from django.core.exceptions import PermissionDenied, ValidationError
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext
from django_htmx.http import HttpResponseClientRedirect

from aimprogress.core.exceptions import Conflict
from aimprogress.core.permissions import Permission
from aimprogress.exchange.models import ImportBatch
from aimprogress.exchange.preview import columns_by_sheet, preview
from aimprogress.exchange.records import OF_ITS_OWN
from aimprogress.exchange.returns import all_rows, problem_workbook
from aimprogress.exchange.services import (
    apply_import,
    confirm_columns,
    discard_import,
    mend_cells,
    read_import,
    undo_import,
)
from aimprogress.exchange.targets import ImportTarget, targets
from aimprogress.web.notices import notice
from aimprogress.web.pages import ActionPage, DetailPage

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
SECTIONS = {"sites": "sites", "head_counts": "sites", "suppliers": "suppliers", "pay": "humanitarian"}


def next_step(batch: ImportBatch) -> str:
    """The columns page where anything was guessed, else straight to the check; the check waits for a large list to be read."""
    if batch.state == ImportBatch.State.READING:
        return batch.get_absolute_url()
    guessed = any(column["how"] in ("values", "meaning") for column in batch.columns) or not batch.columns
    name = "exchange:columns" if guessed and not batch.columns_confirmed else "exchange:preview"
    return reverse(name, kwargs={"pk": batch.pk})


def workbook(data: bytes, name: str) -> HttpResponse:
    """A workbook to download."""
    return a_file(data, name, XLSX)


def a_file(data: bytes, name: str, kind: str) -> HttpResponse:
    """A file to download; no browser guesses what it is."""
    response = HttpResponse(data, content_type=kind)
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    response["X-Content-Type-Options"] = "nosniff"
    return response


class _OfBatch(DetailPage):
    """A page of one list on its way. Its target decides who may."""

    model = ImportBatch
    noun = "batch"
    permission = Permission.IMPORT_RUN
    sensitive = True
    who = "import"
    neutral = _("Import")

    def get_queryset(self) -> QuerySet[ImportBatch]:
        return super().get_queryset().select_related("job")

    def get_object(self) -> ImportBatch:
        batch = super().get_object()
        if not self.actor.may(targets()[batch.target].permission):
            raise PermissionDenied
        return batch

    @property
    def target(self) -> ImportTarget:
        return targets()[self.object.target]

    def get_crumbs(self) -> list[tuple[str | Promise, str]]:
        upload = reverse("exchange:upload", kwargs={"target": self.object.target})
        return [(_("Import"), reverse("exchange:home")), (self.target.title, upload)]

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(target=self.target, section=SECTIONS.get(self.object.target, ""), **kwargs)


class Columns(_OfBatch):
    """Step 2: what each column is read as, and how we know."""

    template_name = "exchange/import_columns.html"
    heading = _("What the columns mean")

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if self.object.is_being_worked_on:
            return HttpResponseRedirect(self.object.get_absolute_url())
        return super().get(request, *args, **kwargs)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(sheets=columns_by_sheet(self.object, self.target), step=2, **kwargs)

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        chosen: dict[str, dict[int, str]] = {}
        for at, column in enumerate(self.object.columns):
            typed = request.POST.get(f"column-{at}")
            if typed is not None:
                chosen.setdefault(column["sheet"], {})[column["at"]] = typed
        try:
            confirm_columns(batch=self.object, chosen=chosen)
        except (ValidationError, Conflict) as error:
            return _shown_again(self, error)
        return HttpResponseRedirect(self.object.get_absolute_url())


class Preview(_OfBatch):
    """Step 3, and after the import step 4: what would happen, each problem with its cell, nothing saved before the button."""

    template_name = "exchange/import_preview.html"

    @property
    def waits(self) -> bool:
        """Whether a Job has something to do first: then the page says how far it is, and htmx asks for that part alone."""
        return self.object.is_being_worked_on or self.object.state == ImportBatch.State.READING

    def get_template_names(self) -> list[str]:
        if not self.waits:
            return [self.template_name]
        return ["exchange/_working.html" if self.request.htmx else "exchange/import_working.html"]

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if request.htmx and not self.waits:
            return HttpResponseClientRedirect(next_step(self.object) if self.staged else self.object.get_absolute_url())
        return super().get(request, *args, **kwargs)

    @property
    def staged(self) -> bool:
        return self.object.state == ImportBatch.State.STAGED

    def get_heading(self) -> str | Promise:
        headings = {"applied": _("Imported"), "undone": _("Taken back"), "reading": _("Your list is being read")}
        return headings.get(self.object.state, _("Check before anything is saved"))

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        step = 3 if self.staged or self.waits else 4
        if self.waits:
            return super().get_context_data(job=self.object.job, step=step, **kwargs)
        if self.staged and (job := self.object.job) is not None and job.state == job.State.FAILED:
            kwargs.setdefault("refusals", [job.error_said])
        return super().get_context_data(preview=preview(self.object, self.target), staged=self.staged, step=step, **kwargs)

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        batch, do = self.object, request.POST.get("do")
        try:
            if do == "again":
                batch = read_import(batch=batch)
            elif cells := self._typed():
                batch = mend_cells(batch=batch, cells=cells)
            if do == "import" and not batch.is_being_worked_on:  # else the cells that were mended are read first
                batch = apply_import(batch=batch, only_good=request.POST.get("mode") == "good")
                self._tell(batch)
        except (ValidationError, Conflict) as error:
            self.object.refresh_from_db()
            return _shown_again(self, error)
        return HttpResponseRedirect(self.object.get_absolute_url())

    def _typed(self) -> dict[str, dict[str, str]]:
        """What was typed in place of a cell, where it differs from what stood there, and which rows are said to be no repeat."""
        cells: dict[str, dict[str, str]] = {}
        if self.waits:
            return cells
        said, shown = self.request.POST, preview(self.object, self.target)
        for block in shown.problems:
            typed = {cell.field: cell.typed(said[cell.name]) for cell in block.cells if cell.name in said}
            if typed := {name: text for name, text in typed.items() if text is not None}:
                cells[f"{block.row.sheet}\t{block.row.row}"] = typed
        own = [block.row for block in shown.problems if block.may_be_own]
        for row in [*own, *(each["row"] for each in shown.repeated if each["may_be_own"])]:
            if f"own-{row.number}" in said:
                cells.setdefault(f"{row.sheet}\t{row.row}", {})[OF_ITS_OWN] = "yes"
        return cells

    def _tell(self, batch: ImportBatch) -> None:
        if batch.state != ImportBatch.State.APPLIED:
            return  # the page itself says how far the Job is
        count = batch.counts["new"] + batch.counts["changed"]
        said = ngettext("%(n)s row was imported.", "%(n)s rows were imported.", count) % {"n": count}
        notice(self.request, said)  # the page itself offers the undo, for 24 hours


def _shown_again(page: Any, error: Exception) -> HttpResponse:
    status = 409 if isinstance(error, Conflict) else 422
    messages = error.messages if isinstance(error, ValidationError) else [str(error)]
    return page.render_to_response(page.get_context_data(refusals=messages), status=status)


class ProblemRows(_OfBatch):
    """The rows with a problem as a workbook, the reason beside the cell."""

    http_method_names = ["get"]

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if not self.object.content:
            raise Http404
        return workbook(problem_workbook(self.object, self.target), "problem-rows.xlsx")


class AllRows(_OfBatch):
    """Every row of the file with what was understood of it, what becomes of it, and why: a workbook, a text file where long."""

    http_method_names = ["get"]

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if not self.object.content:
            raise Http404
        data, is_text = all_rows(self.object, self.target)
        return a_file(data, "all-rows.csv", "text/csv; charset=utf-8") if is_text else workbook(data, "all-rows.xlsx")


class UndoImport(ActionPage):
    """Step 4: take it back."""

    service = undo_import
    model = ImportBatch
    noun = "batch"
    sensitive = True
    who = "import"
    neutral = _("Import")
    question = _("Take this import back?")
    explanation = _(
        "What it added and nobody changed since is removed, with what the list said of its state. What it changed gets its old "
        "values. Whatever else was reported stays."
    )
    verb = _("Take it back")
    danger = True

    def get_success_message(self, saved: ImportBatch) -> str:
        if saved.state != ImportBatch.State.UNDONE:
            return str(_("It is being taken back."))
        counts = saved.undone_counts
        return _("Taken back: %(removed)s removed, %(restored)s restored, %(kept)s kept because somebody changed them since.") % {
            "removed": counts["removed"], "restored": counts["restored"], "kept": len(counts["kept"]) + saved.kept_unnamed,
        }  # fmt: skip


class DiscardImport(ActionPage):
    """Throw a staged list away."""

    service = discard_import
    model = ImportBatch
    noun = "batch"
    sensitive = True
    who = "import"
    neutral = _("Import")
    question = _("Throw this list away?")
    explanation = _("Nothing of it was saved in the portal.")
    verb = _("Throw away")

    def get_success_url(self) -> str:
        return reverse("exchange:home")
