"""The first step of an import: what can be imported, the list as a file, the samples, and lists to fill in."""

from collections.abc import Mapping
from functools import cached_property
from pathlib import Path
from typing import Any

from django import forms
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from aimprogress.core.permissions import Permission
from aimprogress.exchange.cells import as_xlsx
from aimprogress.exchange.import_pages import SECTIONS, next_step, workbook
from aimprogress.exchange.models import ImportBatch
from aimprogress.exchange.safety import LARGEST_FILE, receive
from aimprogress.exchange.services import stage_import
from aimprogress.exchange.targets import ImportTarget, targets
from aimprogress.web.pages import Guarded, Page
from aimprogress.web.uploads import UploadPage

SAMPLES = Path(__file__).parent / "samples"


def organisation_of(request: HttpRequest) -> Any:
    """The organisation that the person acts for."""
    return ImportBatch._meta.get_field("organisation").related_model.objects.get(pk=request.actor.organisation_id)


def sample_of(target: ImportTarget) -> Path | None:
    """The bundled sample of a target, if it has one."""
    path = SAMPLES / f"{target.name}_sample.xlsx"
    return path if path.is_file() else None


class UploadForm(forms.Form):
    file = forms.FileField(
        label=_("Your list"),
        help_text=_(".xlsx, .xls, .ods, .csv or .tsv, at most 10 MB. Columns may stand in any order and language."),
        widget=forms.ClearableFileInput(attrs={"accept": ".xlsx,.xls,.ods,.csv,.tsv", "class": "in"}),
    )  # fmt: skip


class _OfTarget(Guarded):
    """A page of one target; 404 for a target that is not there, 403 for who may not write its noun."""

    permission = Permission.IMPORT_RUN
    sensitive = True
    who = "import"
    neutral = _("Import")

    @cached_property
    def target(self) -> ImportTarget:
        found = targets().get(self.kwargs["target"])
        if found is None:
            raise Http404
        return found

    def refuse(self, request: HttpRequest) -> HttpResponse | None:
        refusal = super().refuse(request)
        if refusal is None and not request.actor.may(self.target.permission):
            raise PermissionDenied
        return refusal

    @property
    def sample(self) -> Path | None:
        return sample_of(self.target)


class ImportHome(Page):
    """What can be imported, and the last lists."""

    permission = Permission.IMPORT_RUN
    sensitive = True
    who = "import"
    neutral = _("Import")
    heading = _("Import a list")
    template_name = "exchange/import_home.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        mine = [target for target in targets().values() if self.actor.may(target.permission)]
        recent = ImportBatch.objects.filter(target__in=[target.name for target in mine]).defer("content", "corrections")[:10]
        with_sample = [target for target in mine if sample_of(target)]
        return super().get_context_data(targets=mine, with_sample=with_sample, recent=recent, **kwargs)


class UploadList(_OfTarget, UploadPage):
    """Step 1. The size is looked at before the body is read; then the token is checked as everywhere."""

    service = stage_import
    form_class = UploadForm
    template_name = "exchange/import_upload.html"
    submit = _("Read the list")

    largest = LARGEST_FILE
    too_large = _("The file is larger than 10 MB. Delete pictures and empty sheets, or send the list in several files.")

    def get_heading(self) -> str | Promise:
        return _("Import: %(what)s") % {"what": self.target.title}

    def get_crumbs(self) -> list[tuple[str | Promise, str]]:
        return [(_("Import"), reverse("exchange:home"))]

    @property
    def section(self) -> str:
        return SECTIONS.get(self.kwargs["target"], "")

    def get_arguments(self, form: forms.BaseForm) -> Mapping[str, Any]:
        file = form.cleaned_data["file"]
        upload = receive(file, name=file.name, size=file.size)
        return {"organisation": organisation_of(self.request), "target": self.target.name, "upload": upload}

    def get_success_url(self) -> str:
        return next_step(self.saved)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        recent = ImportBatch.objects.filter(target=self.target.name).defer("content", "corrections")[:5]
        can_be_filled_in = self.target.to_fill_in(organisation_of(self.request)) is not None
        more = {"target": self.target, "sample": self.sample, "can_be_filled_in": can_be_filled_in, "recent": recent, "step": 1}
        return super().get_context_data(**more | kwargs)


class TrySample(_OfTarget):
    """Read the bundled sample as if it had been uploaded. POST only."""

    http_method_names = ["post"]

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if self.sample is None:
            raise Http404
        with self.sample.open("rb") as handle:
            upload = receive(handle, name=self.sample.name)
        batch = stage_import(organisation=organisation_of(request), target=self.target.name, upload=upload)
        return HttpResponseRedirect(next_step(batch))


class DownloadSample(_OfTarget):
    """The bundled sample as a file."""

    http_method_names = ["get"]

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if self.sample is None:
            raise Http404
        return workbook(self.sample.read_bytes(), self.sample.name)


class ListToFillIn(_OfTarget):
    """For a target that knows what its rows are about: a workbook with one row each, to be filled in and brought back."""

    http_method_names = ["get"]

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        rows = self.target.to_fill_in(organisation_of(request))
        if rows is None:
            raise Http404
        columns = [(wanted.name, str(wanted.label)) for wanted in self.target.spec.fields]
        return workbook(as_xlsx(columns, rows, str(self.target.title)), f"{self.target.name}.xlsx")
