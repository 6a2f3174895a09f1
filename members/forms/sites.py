"""What the desk asks about a site and what happened at it."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from aimprogress.places.countries import COUNTRY_CHOICES
from aimprogress.places.models import AdminArea, Settlement
from members.headcounts import LABELS, State
from members.models import ENDED, Access, AlertLevel, Confidence, Control, Damage, Operational, Reason, Site, SourceType

LANGUAGES = [
    ("uk", "Українська"),
    ("ru", "Русский"),
    ("en", "English"),
    ("pl", "Polski"),
    ("ro", "Română"),
    ("de", "Deutsch"),
]
UTILITIES = {
    "power": _("Power"),
    "water": _("Water"),
    "heat": _("Heating"),
    "telecom": _("Telephone and data"),
    "fuel": _("Fuel"),
}
STRICT = ("SERVING", "DETAINED", "MISSING", "KILLED")


class SiteForm(forms.ModelForm):
    """A site. The exact point is asked for in two fields and stored encrypted; it is never needed."""

    country = forms.ChoiceField(label=_("Country"), choices=COUNTRY_CHOICES)
    admin1 = forms.ModelChoiceField(
        label=_("Oblast or region"),
        queryset=AdminArea.objects.filter(level=1).order_by("country", "name_en"),
        to_field_name="code",
    )
    settlement_name = forms.CharField(label=_("Town or village"), max_length=120, required=False)
    languages = forms.MultipleChoiceField(
        label=_("Languages spoken at the site"), choices=LANGUAGES, required=False, widget=forms.CheckboxSelectMultiple
    )
    latitude = forms.FloatField(
        label=_("Latitude"), required=False, min_value=-90, max_value=90,
        help_text=_(
            "Optional. Only your coordinators and this site's reporters ever see the exact point; it is stored encrypted."
        ),
    )  # fmt: skip
    longitude = forms.FloatField(label=_("Longitude"), required=False, min_value=-180, max_value=180)

    class Meta:
        model = Site
        fields = [
            "code", "name", "kind", "country", "admin1", "address", "baseline", "largest_shift", "languages", "union_present",
            "essential_goods", "opened_on",
        ]  # fmt: skip

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        site = self.instance
        if site.pk and site.organisation_id:
            self.initial["settlement_name"] = site.settlement.name if site.settlement else ""
            point = site.exact_location or {}
            self.initial["latitude"], self.initial["longitude"] = point.get("lat"), point.get("lon")

    def clean(self) -> dict[str, Any]:
        data = super().clean()
        if (data.get("latitude") is None) != (data.get("longitude") is None):
            raise ValidationError({"longitude": _("Give both latitude and longitude, or neither.")})
        if name := data.get("settlement_name"):
            found = Settlement.objects.matching(name).filter(country=data.get("country")).first()
            if found is None:
                raise ValidationError(
                    {"settlement_name": _("This place is not in our list. Leave it empty or use a larger town near it.")}
                )
            self.found_settlement = found
        return data

    def arguments(self) -> dict[str, Any]:
        """The service's arguments."""
        data = dict(self.cleaned_data)
        latitude, longitude = data.pop("latitude"), data.pop("longitude")
        data.pop("settlement_name")
        data["settlement"] = getattr(self, "found_settlement", None)
        data["area"] = data["settlement"].area if data["settlement"] else None
        data["exact_location"] = None if latitude is None else {"lat": latitude, "lon": longitude}
        return data


class StatusForm(forms.Form):
    """A status as the desk logs it: all five dimensions, with source and confidence."""

    operational = forms.ChoiceField(label=_("The site is"), choices=[("", "—"), *Operational.choices])
    reason = forms.ChoiceField(label=_("Reason"), choices=[("", "—"), *Reason.choices], required=False)
    control = forms.ChoiceField(label=_("Control"), choices=Control.choices, initial=Control.MEMBER)
    damage = forms.TypedChoiceField(label=_("Damage"), choices=Damage.choices, coerce=int, initial=Damage.NOT_ASSESSED)
    access = forms.ChoiceField(label=_("Access"), choices=[("", "—"), *Access.choices], required=False)
    observed_at = forms.DateTimeField(
        label=_("Seen at"), required=False, widget=forms.DateTimeInput(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M"),
        help_text=_("Leave empty for now. The time zone stands at the foot of the page."),
    )  # fmt: skip
    source_type = forms.ChoiceField(label=_("Source"), choices=SourceType.choices, initial=SourceType.DIRECT)
    confidence = forms.ChoiceField(label=_("Confidence"), choices=Confidence.choices, initial=Confidence.A)
    note = forms.CharField(
        label=_("Note"), max_length=500, required=False, widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("No names, no telephone numbers, no exact places."),
    )  # fmt: skip

    def __init__(self, *args: Any, may_end: bool = False, **kwargs: Any) -> None:
        """may_end: whether the reader may say that a site is closed or sold."""
        super().__init__(*args, **kwargs)
        if not may_end:
            kept = [choice for choice in self.fields["operational"].choices if choice[0] not in ENDED]
            self.fields["operational"].choices = kept
        for name, label in UTILITIES.items():
            self.fields[f"hours_{name}"] = forms.IntegerField(label=label, min_value=0, max_value=24, required=False)

    def arguments(self) -> dict[str, Any]:
        data = dict(self.cleaned_data)
        hours = {name: data.pop(f"hours_{name}") for name in UTILITIES}
        return data | {"utilities": {name: value for name, value in hours.items() if value is not None}}


class HeadCountForm(forms.Form):
    """Nine states that must sum to the people expected. At safety-profile sites the four strict states do not exist."""

    observed_at = StatusForm.base_fields["observed_at"]
    expected = forms.IntegerField(label=_("People expected"), min_value=0, max_value=200_000)

    def __init__(self, *args: Any, site: Site, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.site = site
        for state in State:
            if not (site.safety_profile and state.value in STRICT):
                self.fields[state.value.lower()] = forms.IntegerField(
                    label=LABELS[state], min_value=0, max_value=200_000, required=False
                )
        self.fields["families_supported"] = forms.IntegerField(label=_("Families supported"), min_value=0, required=False)
        self.fields["source_type"] = forms.ChoiceField(label=_("Source"), choices=SourceType.choices, initial=SourceType.DIRECT)
        self.fields["confidence"] = forms.ChoiceField(label=_("Confidence"), choices=Confidence.choices, initial=Confidence.A)

    def arguments(self) -> dict[str, Any]:
        data = {
            name: value or 0 if isinstance(value, int) or value is None else value for name, value in self.cleaned_data.items()
        }
        strict = {state: data.pop(state.lower(), 0) for state in STRICT}
        return {
            "expected": data["expected"], "observed_at": self.cleaned_data["observed_at"],
            "safe_local": data["safe_local"], "safe_idp": data["safe_idp"], "safe_abroad": data["safe_abroad"],
            "injured": data["injured"], "unaccounted": data["unaccounted"], "source_type": data["source_type"],
            "confidence": data["confidence"], "strict": strict if any(strict.values()) else None,
            "overlays": {"families_supported": data["families_supported"]} if data["families_supported"] else {},
        }  # fmt: skip


def corrected(form: type[forms.Form], reason: str) -> type[forms.Form]:
    """The same form for a correction: under the name `reason` it also asks what was wrong."""

    class CorrectionForm(form):  # type: ignore[misc,valid-type]
        def __init__(self, *args: Any, **kwargs: Any) -> None:
            super().__init__(*args, **kwargs)
            self.fields[reason] = forms.CharField(
                label=_("What was wrong with the entry?"), max_length=200,
                help_text=_("It stands beside the correction. No names, no telephone numbers, no exact places."),
            )  # fmt: skip

        def arguments(self) -> dict[str, Any]:
            return super().arguments() | {reason: self.cleaned_data[reason]}

    return CorrectionForm


class AlertLevelForm(forms.Form):
    level = forms.TypedChoiceField(label=_("Alert level"), choices=AlertLevel.choices, coerce=int, widget=forms.RadioSelect)
    reason = forms.CharField(label=_("Reason"), max_length=200, required=False)
