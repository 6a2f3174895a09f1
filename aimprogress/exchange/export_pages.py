"""The page behind each list's "Download": choose a format, then follow the Job."""

from collections.abc import Mapping
from typing import Any

from django import forms
from django.forms import BaseForm
from django.http import Http404, HttpRequest, HttpResponse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from aimprogress.core.permissions import Permission
from aimprogress.web.pages import ServicePage

from .exports import EXPORTS, Export, request_export

FORMATS = {"csv": _("CSV, for any spreadsheet"), "xlsx": _("Workbook (XLSX)"), "geojson": _("GeoJSON, for maps")}


class ExportForm(forms.Form):
    file_format = forms.ChoiceField(label=_("Format"), initial="csv", required=False, widget=forms.RadioSelect)
    query = forms.CharField(required=False, max_length=4000, widget=forms.HiddenInput)

    def __init__(self, *args: Any, export: Export, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["file_format"].choices = [(key, FORMATS[key]) for key in export.formats]

    def clean_file_format(self) -> str:
        return self.cleaned_data["file_format"] or "csv"


class RequestExport(ServicePage):
    """Ask for a noun's rows as a file. A list posts its filters here and gets CSV; GET offers the other formats."""

    service = request_export
    permission = Permission.EXPORT_RUN
    form_class = ExportForm
    submit = _("Make the file")

    def refuse(self, request: HttpRequest) -> HttpResponse | None:
        """Also 404 for a noun that has no export, or that the Actor may not read."""
        refusal = super().refuse(request)
        export = EXPORTS.get(self.kwargs["noun"])
        if refusal is None and (export is None or not export.is_for(request.actor)):
            raise Http404
        return refusal

    def get_heading(self) -> str | Promise:
        return _("Download: %(what)s") % {"what": EXPORTS[self.kwargs["noun"]].title}

    def get_initial(self) -> dict[str, Any]:
        return {"query": self.request.GET.urlencode(), "file_format": "csv"}

    def get_form_kwargs(self) -> dict[str, Any]:
        return super().get_form_kwargs() | {"export": EXPORTS[self.kwargs["noun"]]}

    def get_arguments(self, form: BaseForm) -> Mapping[str, Any]:
        return form.cleaned_data | {"noun": self.kwargs["noun"]}
