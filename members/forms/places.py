"""Rows of a plan's encrypted lists: routes, shelters, meeting points. They work without script: an empty row is left out."""

from collections.abc import Mapping, Sequence
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from aimprogress.exchange.points import read_degrees
from aimprogress.places.crossings import nearest_first, standing_words
from members.models import Site
from members.models.plan import MOST_CALLERS, MOST_PLACES
from members.plan_changes import LIST_TITLES

MOST_PEOPLE = 200_000
MODES = [
    ("", "—"), ("BUS", _("Bus")), ("CAR", _("Cars")), ("TRAIN", _("Train")), ("WALK", _("On foot")), ("BOAT", _("Boat")),
]  # fmt: skip
NUMBER = r"^\+?[0-9 ()./-]{3,24}$"
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


class PointField(forms.CharField):
    """Coordinates as people copy them, kept as "latitude, longitude" in degrees."""

    def __init__(self) -> None:
        super().__init__(label=_("Coordinates"), max_length=60, required=False, help_text=_("Copied from a map."))

    def clean(self, value: Any) -> str:
        text = super().clean(value)
        if not text:
            return ""
        read = read_degrees(text).value
        if not isinstance(read, tuple) or not (-90 <= read[0] <= 90 and -180 <= read[1] <= 180):
            raise ValidationError(_("These are no coordinates: write for example 49.84200, 24.03160."), code="invalid")
        return f"{read[0]:.5f}, {read[1]:.5f}"


class RouteForm(PlaceForm):
    name = forms.CharField(label=_("Route"), max_length=120, required=False)
    mode = forms.ChoiceField(label=_("By"), choices=MODES, required=False)
    km = number_field(_("Kilometres"), 5000)
    hours = forms.FloatField(label=_("Hours"), min_value=0, max_value=240, required=False)
    crossing = forms.ChoiceField(label=_("Border crossing"), required=False)
    via = forms.CharField(label=_("Way, checkpoints, places to stop"), max_length=300, required=False)

    def __init__(self, *args: Any, crossings: Sequence[tuple[str, str]] = (), **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if crossings:
            self.fields["crossing"].choices = [("", "—"), *crossings]
            self.fields["crossing"].help_text = standing_words(timezone.localdate())
        else:
            del self.fields["crossing"]


class ShelterForm(PlaceForm):
    name = forms.CharField(label=_("Shelter"), max_length=120, required=False)
    capacity = number_field(_("Places"))
    distance_m = number_field(_("Metres to walk"), 20_000)
    supply_hours = number_field(_("Water and light for hours"), 1000)
    point = PointField()
    step_free = forms.BooleanField(label=_("Can be reached without stairs"), required=False)


class PointForm(PlaceForm):
    name = forms.CharField(label=_("Meeting point"), max_length=120, required=False)
    code_word = forms.CharField(label=_("Code word for the card"), max_length=20, required=False)
    point = PointField()


class CallerForm(PlaceForm):
    name = forms.CharField(label=_("Role"), max_length=80, required=False)
    deputy = forms.CharField(label=_("Deputy (role)"), max_length=80, required=False)
    number = forms.RegexField(
        NUMBER, label=_("Work number"), max_length=25, required=False,
        error_messages={"invalid": _("Digits, spaces, + and brackets only.")},
    )  # fmt: skip
    called_by = forms.CharField(label=_("Called by (role)"), max_length=80, required=False)
    people = number_field(_("People it reaches itself"), 1000)


ROW_FORMS: dict[str, type[PlaceForm]] = {
    "routes": RouteForm,
    "shelters": ShelterForm,
    "assembly_points": PointForm,
    "call_tree": CallerForm,
}
MOST_ROWS = {"call_tree": MOST_CALLERS}
ROW_HINTS = {
    "routes": _("Two routes over the same bridge are one route."),
    "shelters": _("Count the largest shift, with agency staff and visitors."),
    "call_tree": _(
        "Roles, never names; work numbers, never private ones. Nobody reaches more than ten. At the top, “called by” stays empty."
    ),
    "assembly_points": _("At least two, away from military objects. People learn at the drill which word means which place."),
}


class PlaceRows:
    """The rows of one encrypted list as a Django formset. At least two are shown, and one more than there are."""

    def __init__(
        self, kind: str, data: Mapping[str, Any] | None, stored: list[dict[str, Any]] | None, *, more: bool = False,
        crossings: Sequence[tuple[str, str]] = (),
    ) -> None:  # fmt: skip
        self.kind, self.title, self.hint = kind, LIST_TITLES[kind], ROW_HINTS[kind]
        stored = [row | {"mode": str(row["mode"]).upper()} if row.get("mode") else row for row in stored or []]
        self.most = MOST_ROWS.get(kind, MOST_PLACES)
        empty = max(2 - len(stored), 1) + more
        factory = forms.formset_factory(
            ROW_FORMS[kind], extra=empty, max_num=self.most, absolute_max=self.most + 2, validate_max=True
        )
        given = {"crossings": crossings} if kind == "routes" else {}
        self.formset = factory(data, initial=stored, prefix=kind, form_kwargs=given)

    @property
    def has_room(self) -> bool:
        return self.formset.total_form_count() < self.most

    def typed(self, data: Mapping[str, Any]) -> list[dict[str, Any]]:
        """What stands in the rows of a post, unchecked, so that "Add a row" loses nothing."""
        names = ROW_FORMS[self.kind].base_fields
        rows = [{name: data.get(f"{self.kind}-{i}-{name}", "") for name in names} for i in range(self.most)]
        return [row for row in rows if any(row.values())]

    def values(self) -> list[dict[str, Any]] | None:
        """The rows that say something, without their empty parts; None for none. Only after is_valid()."""
        kept = [
            {key: value for key, value in row.items() if value not in (None, "", False)}
            for row in self.formset.cleaned_data
            if row
        ]
        return [row for row in kept if row] or None


def crossings_from(site: Site) -> list[tuple[str, str]]:
    """Border crossings for the routes of a site in Ukraine, nearest first as the crow flies from its public point."""
    if site.country != "UA":
        return []
    public = next((place for place in (site.settlement, site.area, site.admin1) if place and place.lat is not None), None)
    found = nearest_first((public.lat, public.lon) if public else None)
    return [(one.code, one.label if km is None else f"{one.label} · {_away(km)}") for one, km in found]


def _away(km: float) -> str:
    return gettext("%(km)s km as the crow flies") % {"km": round(km)}
