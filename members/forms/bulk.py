"""What is asked for one report of many sites."""

from typing import Any

from django import forms
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from aimprogress.places.models import AdminArea
from members.forms.sites import StatusForm, told_by_field
from members.models import Confidence, Operational, Reason, SourceType
from members.services.checkins import OFFERED


class BulkForm(forms.Form):
    """One report; which sites it is for is chosen on the next step, where each of them is shown."""

    admin1 = forms.ModelChoiceField(
        label=_("Oblast or region"), queryset=AdminArea.objects.none(), to_field_name="code", required=False, empty_label=_("All")
    )
    only_late = forms.BooleanField(label=_("Only sites whose report is late"), required=False, initial=True)
    operational = forms.ChoiceField(
        label=_("The sites are"), required=False,
        choices=[("", _("As before")), *((code.value, code.label) for code in map(Operational, OFFERED))],
    )  # fmt: skip
    reason = forms.ChoiceField(label=_("Reason"), choices=[("", "—"), *Reason.choices], required=False)
    told_by = told_by_field(required=True)
    source_type = forms.ChoiceField(label=_("Source"), choices=SourceType.choices, initial=SourceType.WORKER_REP)
    confidence = forms.ChoiceField(label=_("Confidence"), choices=Confidence.choices, initial=Confidence.B)
    observed_at = StatusForm.base_fields["observed_at"]

    def __init__(self, *args: Any, sites: QuerySet, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        areas = AdminArea.objects.filter(code__in=sites.order_by().values("admin1_id"))
        self.fields["admin1"].queryset = areas.order_by("country", "name_en")

    def arguments(self) -> dict[str, Any]:
        """The service's arguments, without the sites."""
        said = {name: self.cleaned_data[name] for name in ("operational", "reason", "told_by", "source_type", "confidence")}
        return said | {"observed_at": self.cleaned_data["observed_at"] or timezone.now()}
