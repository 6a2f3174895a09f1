"""What the desk asks about a hazard."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from members.forms.sites import StatusForm, corrected, told_by_field
from members.models import Confidence, HazardSeverity, HazardType, SourceType

GRADES = [choice for choice in HazardSeverity.choices if choice[0] != HazardSeverity.OVER]


def _grade(text: str) -> int | None:
    return int(text) if text else None


class HazardForm(forms.Form):
    """One hazard: how bad it is, what is done, and what remains after that."""

    hazard = forms.ChoiceField(label=_("Hazard"), choices=[("", "—"), *HazardType.choices])
    severity = forms.TypedChoiceField(label=_("How bad is it?"), choices=GRADES, coerce=int, widget=forms.RadioSelect)
    measures = forms.CharField(
        label=_("What is done about it"), max_length=500, required=False, widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("No names, no telephone numbers, no exact places."),
    )  # fmt: skip
    residual = forms.TypedChoiceField(
        label=_("What remains after that"), choices=[("", "—"), *GRADES], coerce=_grade, required=False, empty_value=None
    )
    mine_action_contact = forms.NullBooleanField(label=_("Mine-action contact used"), required=False)
    observed_at = StatusForm.base_fields["observed_at"]
    source_type = forms.ChoiceField(label=_("Source"), choices=SourceType.choices, initial=SourceType.DIRECT)
    confidence = forms.ChoiceField(label=_("Confidence"), choices=Confidence.choices, initial=Confidence.A)
    told_by = told_by_field()

    def arguments(self) -> dict[str, Any]:
        return dict(self.cleaned_data)


class HazardCorrectionForm(corrected(HazardForm, "correction_reason")):
    """What was right in the place of a report; also that there was no such hazard."""

    severity = forms.TypedChoiceField(
        label=_("How bad is it?"), choices=[*GRADES, (HazardSeverity.OVER, _("There is no such hazard"))], coerce=int,
        widget=forms.RadioSelect,
    )  # fmt: skip
