"""What is asked about a plan, an evacuation and a drill. Rows of places work without script: an empty row is left out."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from aimprogress.web.forms import DateInput
from members.models import ActivationReason, CommunicationPlan, Drill, EvacuationPlan, Leaving
from members.models.plan import MOST_PLACES, Plan
from members.plan_changes import PLACE_TITLES

MOST_PEOPLE = 200_000
MODES = [
    ("", "—"), ("BUS", _("Bus")), ("CAR", _("Cars")), ("TRAIN", _("Train")), ("WALK", _("On foot")), ("BOAT", _("Boat")),
]  # fmt: skip
NO_NAMES = _("No names, no telephone numbers, no places that were hit.")


def number_field(label: Any, most: int = MOST_PEOPLE, help_text: Any = "") -> forms.IntegerField:
    return forms.IntegerField(label=label, min_value=0, max_value=most, required=False, help_text=help_text)


class PlaceForm(forms.Form):
    """A row. Left empty it does not exist; with anything in it, it needs its name."""

    def clean(self) -> dict[str, Any]:
        data = super().clean()
        if any(data.get(name) for name in self.fields if name != "name") and not data.get("name") and "name" not in self.errors:
            self.add_error("name", ValidationError(_("Give this row a name, or empty it."), code="required"))
        return data


class RouteForm(PlaceForm):
    name = forms.CharField(label=_("Route"), max_length=120, required=False)
    mode = forms.ChoiceField(label=_("By"), choices=MODES, required=False)
    km = number_field(_("Kilometres"), 5000)
    hours = forms.FloatField(label=_("Hours"), min_value=0, max_value=240, required=False)
    via = forms.CharField(label=_("Way, checkpoints, places to stop"), max_length=300, required=False)


class ShelterForm(PlaceForm):
    name = forms.CharField(label=_("Shelter"), max_length=120, required=False)
    capacity = number_field(_("Places"))
    distance_m = number_field(_("Metres to walk"), 20_000)
    supply_hours = number_field(_("Water and light for hours"), 1000)
    step_free = forms.BooleanField(label=_("Can be reached without stairs"), required=False)


class PointForm(PlaceForm):
    name = forms.CharField(label=_("Meeting point"), max_length=120, required=False)
    code_word = forms.CharField(label=_("Code word for the card"), max_length=20, required=False)


ROW_FORMS: dict[str, type[PlaceForm]] = {"routes": RouteForm, "shelters": ShelterForm, "assembly_points": PointForm}
ROW_HINTS = {
    "routes": _("Two routes over the same bridge are one route."),
    "shelters": _("Count the largest shift, with agency staff and visitors."),
    "assembly_points": _("At least two, away from military objects. People learn at the drill which word means which place."),
}


class PlaceRows:
    """The rows of one encrypted list as a Django formset. At least two are shown, and one more than there are."""

    def __init__(
        self, kind: str, data: Mapping[str, Any] | None, stored: list[dict[str, Any]] | None, *, more: bool = False
    ) -> None:
        self.kind, self.title, self.hint = kind, PLACE_TITLES[kind], ROW_HINTS[kind]
        stored = [row | {"mode": str(row["mode"]).upper()} if row.get("mode") else row for row in stored or []]
        empty = max(2 - len(stored), 1) + more
        factory = forms.formset_factory(
            ROW_FORMS[kind], extra=empty, max_num=MOST_PLACES, absolute_max=MOST_PLACES + 2, validate_max=True
        )
        self.formset = factory(data, initial=stored, prefix=kind)

    @property
    def has_room(self) -> bool:
        return self.formset.total_form_count() < MOST_PLACES

    def typed(self, data: Mapping[str, Any]) -> list[dict[str, Any]]:
        """What stands in the rows of a post, unchecked, so that "Add a row" loses nothing."""
        names = ROW_FORMS[self.kind].base_fields
        rows = [{name: data.get(f"{self.kind}-{i}-{name}", "") for name in names} for i in range(MOST_PLACES)]
        return [row for row in rows if any(row.values())]

    def values(self) -> list[dict[str, Any]] | None:
        """The rows that say something, without their empty parts; None for none. Only after is_valid()."""
        kept = [
            {key: value for key, value in row.items() if value not in (None, "", False)}
            for row in self.formset.cleaned_data
            if row
        ]
        return [row for row in kept if row] or None


class PlanForm(forms.ModelForm):
    """A plan's own fields. Refuses to overwrite what somebody else saved while it was open."""

    seen_version = forms.IntegerField(required=False, widget=forms.HiddenInput)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not self.instance._state.adding:
            self.initial.setdefault("seen_version", self.instance.version)

    def clean(self) -> dict[str, Any]:
        data = super().clean()
        seen = data.pop("seen_version", None)
        if not self.instance._state.adding and seen is not None and seen != self.instance.version:
            raise ValidationError(
                _("Somebody changed this plan while you were writing. Open it again in another tab and compare.")
            )
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

    def __init__(self, data: Mapping[str, Any] | None = None, *args: Any, more: str = "", **kwargs: Any) -> None:
        """`more` names the list that gets another row: the form is then shown as typed, and nothing is checked."""
        typed = data if more else None
        if more:
            data, kwargs["files"] = None, None  # either of the two would make Django check what was typed
        super().__init__(data, *args, **kwargs)
        if typed is not None:
            self.initial |= {name: typed.get(name, "") for name in self.fields}
        self.rows = []
        for kind in ROW_FORMS:
            rows = PlaceRows(kind, self.data if self.is_bound else None, getattr(self.instance, kind), more=more == kind)
            if typed is not None:
                rows = PlaceRows(kind, None, rows.typed(typed), more=more == kind)
            self.rows.append(rows)

    def clean(self) -> dict[str, Any]:
        data = super().clean()
        for rows in self.rows:
            if rows.formset.is_valid():
                data[rows.kind] = rows.values()
            else:
                self.add_error(None, _("%(list)s: something in these rows is not right.") % {"list": rows.title})
        return data

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


class ActivationForm(forms.Form):
    """Who leaves is never preselected. Why may be said later: in danger one press must be enough."""

    plan = forms.UUIDField(widget=forms.HiddenInput)
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
    note = forms.CharField(label=_("Note"), max_length=180, required=False, help_text=NO_NAMES)

    def clean(self) -> dict[str, Any]:
        data = super().clean()
        if data.get("who") == Leaving.PART and not data.get("parts"):
            self.add_error("parts", _("Say which parts leave."))
        return data

    def arguments(self) -> dict[str, Any]:
        data = self.cleaned_data
        who = f"{Leaving.PART}: {data['parts']}" if data["who"] == Leaving.PART else data["who"]
        reason = data["reason"] or ActivationReason.LATER
        return {"who": who, "reason": f"{reason}: {data['note']}" if data["note"] else reason, "people": data["people"]}


class StandDownForm(forms.Form):
    """What it came to. All of it may be left empty: standing down must not wait for numbers."""

    moved = number_field(_("People who left"))
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
        fields = ["kind", "held_on", "participants", "target_minutes", "minutes", "result", "lessons"]
        widgets = {"held_on": DateInput(), "lessons": forms.Textarea(attrs={"rows": 3})}
        help_texts = {"lessons": NO_NAMES}


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
