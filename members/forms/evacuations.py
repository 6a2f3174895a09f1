"""What is asked about an evacuation and about a drill."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from aimprogress.web.forms import DateInput, DateTimeInput
from members.forms.places import NO_NAMES, number_field
from members.models import ActivationReason, AlertLevel, Drill, Leaving


class ActivationForm(forms.Form):
    """Who leaves is never preselected. Why may be said later: in danger one press must be enough."""

    plan = forms.UUIDField(widget=forms.HiddenInput)
    press = forms.UUIDField(widget=forms.HiddenInput, required=False)
    who = forms.ChoiceField(
        label=_("Who leaves"), choices=Leaving.choices, widget=forms.RadioSelect,
        error_messages={"required": _("Say who leaves.")},
    )  # fmt: skip
    parts = forms.CharField(
        label=_("Which parts"), max_length=100, required=False, help_text=_("Only where not everyone leaves.")
    )
    people = number_field(_("How many people, if you know"))
    reason = forms.ChoiceField(
        label=_("Reason"), required=False, choices=[("LATER", ActivationReason.LATER.label)]
        + [choice for choice in ActivationReason.choices if choice[0] != "LATER"],
    )  # fmt: skip
    level = forms.TypedChoiceField(
        label=_("Alert level from now"), coerce=int, required=False, empty_value=AlertLevel.EXTREME,
        help_text=_("At level 4 a report and a head count are due every 6 hours, at level 3 every day."),
    )  # fmt: skip
    activated_at = forms.DateTimeField(
        label=_("Began at"), required=False, help_text=_("Leave empty for now. The time zone stands at the foot of the page."),
        widget=DateTimeInput(),
    )  # fmt: skip
    note = forms.CharField(label=_("Note"), max_length=180, required=False, help_text=NO_NAMES)

    def __init__(self, *args: Any, level: int, **kwargs: Any) -> None:
        """`level`: the site's own; an evacuation never lowers it."""
        super().__init__(*args, **kwargs)
        offered = [(value, f"{value} · {label}") for value, label in AlertLevel.choices if value >= max(level, AlertLevel.SEVERE)]
        self.fields["level"].choices = offered[::-1]

    def clean(self) -> dict[str, Any]:
        data = super().clean()
        if data.get("who") == Leaving.PART and not data.get("parts"):
            self.add_error("parts", _("Say which parts leave."))
        return data

    def arguments(self) -> dict[str, Any]:
        data = self.cleaned_data
        who = f"{Leaving.PART}: {data['parts']}" if data["who"] == Leaving.PART else data["who"]
        reason = data["reason"] or ActivationReason.LATER
        return {
            "who": who,
            "reason": f"{reason}: {data['note']}" if data["note"] else reason,
            **{name: data[name] for name in ("people", "level", "activated_at", "press")},
        }


class StandDownForm(forms.Form):
    """What it came to. All of it may be left empty: standing down must not wait for numbers."""

    moved = number_field(_("People who left"), help_text=_("0 where nobody left after all: the status then stays as it was."))
    family_moved = number_field(_("Family members who came along"))
    problems = forms.CharField(
        label=_("What went wrong, what you would do differently"), max_length=500, required=False,
        widget=forms.Textarea(attrs={"rows": 3}), help_text=NO_NAMES,
    )  # fmt: skip


class DrillForm(forms.ModelForm):
    kind = forms.ChoiceField(label=_("Kind"), choices=Drill.Kind.choices, widget=forms.RadioSelect)
    result = forms.ChoiceField(
        label=pgettext_lazy("of a drill", "Result"), choices=Drill.Result.choices, widget=forms.RadioSelect
    )

    class Meta:
        model = Drill
        fields = ["kind", "held_on", "shifts", "participants", "target_minutes", "minutes", "result", "lessons"]
        widgets = {"held_on": DateInput(), "lessons": forms.Textarea(attrs={"rows": 3})}
        help_texts = {"lessons": NO_NAMES}
