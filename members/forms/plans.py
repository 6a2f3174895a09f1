"""What is asked about a plan, and about the card that is made of it."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from aimprogress.web.forms import DateInput
from members.forms.places import PlaceRows, crossings_from
from members.models import CommunicationPlan, EvacuationPlan
from members.models.plan import Plan
from members.services.plans import CHANGED_MEANWHILE


class PlanForm(forms.ModelForm):
    """A plan's own fields. Refuses to overwrite what somebody else saved while it was open."""

    seen_version = forms.IntegerField(required=False, widget=forms.HiddenInput)

    def __init__(self, data: Mapping[str, Any] | None = None, *args: Any, more: str = "", **kwargs: Any) -> None:
        """`more` names the list that gets another row: the form is then shown as typed, and nothing is checked."""
        typed = data if more else None
        if more:
            data, kwargs["files"] = None, None  # either of the two would make Django check what was typed
        super().__init__(data, *args, **kwargs)
        if typed is not None:
            self.initial |= {name: typed.get(name, "") for name in self.fields}
        if not self.instance._state.adding:
            self.initial.setdefault("seen_version", self.instance.version)
        self.rows, offered = [], crossings_from(self.instance.site)
        for kind in self.instance.lists:
            stored, asked = getattr(self.instance, kind), {"more": more == kind, "crossings": offered}
            rows = PlaceRows(kind, self.data if self.is_bound else None, stored, **asked)
            if typed is not None:
                rows = PlaceRows(kind, None, rows.typed(typed), **asked)
            self.rows.append(rows)

    def clean(self) -> dict[str, Any]:
        data = super().clean()
        seen = data.pop("seen_version", None)
        if not self.instance._state.adding and seen is not None and seen != self.instance.version:
            raise ValidationError(CHANGED_MEANWHILE)
        for rows in self.rows:
            if rows.formset.is_valid():
                data[rows.kind] = rows.values()
            else:
                self.add_error(None, _("%(list)s: something in these rows is not right.") % {"list": rows.title})
        return data

    def arguments(self) -> dict[str, Any]:
        """The service's arguments."""
        return dict(self.cleaned_data)


class EvacuationPlanForm(PlanForm):
    """An evacuation plan with its rows of places."""

    class Meta:
        model = EvacuationPlan
        fields = [
            "title", "owner_role", "deputy_role", "destination", "expected_evacuees", "family_estimate", "seats", "trips", "beds",
            "shelter_capacity",
        ]  # fmt: skip
        help_texts = {
            "title": _("For your own people, for example “Plan B”. Outsiders do not see it."),
            "owner_role": _("A role, not a name."),
            "seats": _("Of all vehicles together, on one trip."),
            "trips": _("Count on few: after the first the road may close."),
            "family_estimate": _("Asked for in confidence, not guessed."),
            "shelter_capacity": _("Left empty, the places of the shelters below are added up."),
        }

    def arguments(self) -> dict[str, Any]:
        data = super().arguments()
        places = [row.get("capacity") for row in data.get("shelters") or []]
        if data["shelter_capacity"] is None and places and None not in places:
            data["shelter_capacity"] = sum(places)
        return data


class CommunicationPlanForm(PlanForm):
    class Meta:
        model = CommunicationPlan
        fields = [
            "title", "owner_role", "deputy_role", "primary_channel", "fallback_channel", "silent_hours", "tested_on", "attempted",
            "reached",
        ]  # fmt: skip
        widgets = {"tested_on": DateInput()}
        help_texts = {
            "owner_role": _("A role, not a name."),
            "fallback_channel": _("SMS, radio, satellite, notice board, meeting point."),
        }


PLAN_FORMS: dict[type[Plan], type[PlanForm]] = {EvacuationPlan: EvacuationPlanForm, CommunicationPlan: CommunicationPlanForm}


class CardForm(forms.Form):
    """What stands on the printed card besides what harms nobody. Everything is off until it is ticked."""

    SHOW = [
        ("org", _("Company and site")),
        ("counts", _("Numbers of people and seats")),
        ("places", _("Places of the meeting points and the destination")),
    ]
    show = forms.MultipleChoiceField(
        label=_("Put on the card only if you must"), choices=SHOW, required=False, widget=forms.CheckboxSelectMultiple
    )
    language = forms.MultipleChoiceField(label=_("Languages, one page each"), required=False, widget=forms.CheckboxSelectMultiple)
    until = forms.DateField(label=_("Valid until"), required=False, widget=DateInput())

    def __init__(self, *args: Any, languages: list[tuple[str, str]], longest: date, may_tick: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.longest = longest
        self.fields["language"].choices = languages
        self.fields["until"].widget.attrs["max"] = longest.isoformat()
        if not may_tick:
            del self.fields["show"]

    def clean_until(self) -> date:
        until = self.cleaned_data["until"] or self.longest
        if until > self.longest:
            raise ValidationError(_("A card is not valid for longer than its plan."))
        return until
