"""What the desk asks about a site and what happened at it."""

from collections.abc import Collection, Iterable, Iterator, Mapping
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.db.models import Q, QuerySet
from django.utils.html import format_html
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from aimprogress.places.countries import COUNTRY_CHOICES
from aimprogress.places.models import AdminArea, Settlement
from aimprogress.web.forms import DateInput, DateTimeInput
from members.headcounts import LABELS, STRICT, State, balance, large_changes, split_problem
from members.models import (
    BACKUP,
    ENDED,
    Access,
    AlertLevel,
    Confidence,
    ContractGroup,
    Control,
    Damage,
    Gender,
    Operational,
    Overlay,
    Reason,
    Site,
    SourceType,
    Utility,
)
from members.models.fact import LONGEST_BACKUP_HOURS
from members.transitions import LOWERED

LANGUAGES = [
    ("uk", "Українська"),
    ("ru", "Русский"),
    ("en", "English"),
    ("pl", "Polski"),
    ("ro", "Română"),
    ("de", "Deutsch"),
]


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
            "essential_goods", "hazardous_stock", "opened_on",
        ]  # fmt: skip
        widgets = {"opened_on": DateInput()}
        help_texts = {
            "hazardous_stock": _("Cooling with ammonia counts. From alert level 3 an action asks for a safe state."),
        }

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
            found = self._in_the_region(Settlement.objects.matching(name)).first()
            if found is None:
                raise ValidationError(
                    {"settlement_name": _("This place is not in our list. Leave it empty or use a larger town near it.")}
                )
            self.found_settlement = found
        return data

    def _in_the_region(self, towns: QuerySet) -> QuerySet:
        """Many oblasts have a town of the same name, and one of them may be occupied: only the chosen one's is meant."""
        towns, region = towns.filter(country=self.cleaned_data.get("country")), self.cleaned_data.get("admin1")
        return towns.filter(Q(admin1=region) | Q(admin1=None)) if region else towns

    def arguments(self) -> dict[str, Any]:
        """The service's arguments."""
        data = dict(self.cleaned_data)
        latitude, longitude = data.pop("latitude"), data.pop("longitude")
        data.pop("settlement_name")
        data["settlement"] = getattr(self, "found_settlement", None)
        data["exact_location"] = None if latitude is None else {"lat": latitude, "lon": longitude}
        if self.instance.organisation_id and not {"settlement_name", "admin1", "country"}.intersection(self.changed_data):
            # Not said again: retention may have emptied the town, and the safety profile follows from the district that stays.
            data.pop("settlement")
        return data


def told_by_field(*, required: bool = False) -> forms.CharField:
    """Who said so, where somebody enters it for them."""
    return forms.CharField(
        label=_("As told by"), max_length=80, required=required,
        help_text=_("Where you enter it for somebody: their role, never a name. For example: shift lead, by telephone."),
    )  # fmt: skip


class StatusForm(forms.Form):
    """A status as the desk logs it: all five dimensions, with source and confidence."""

    operational = forms.ChoiceField(label=_("The site is"), choices=[("", "—"), *Operational.choices])
    reason = forms.ChoiceField(label=_("Reason"), choices=[("", "—"), *Reason.choices], required=False)
    control = forms.ChoiceField(label=_("Control"), choices=Control.choices, initial=Control.MEMBER)
    damage = forms.TypedChoiceField(label=_("Damage"), choices=Damage.choices, coerce=int, initial=Damage.NOT_ASSESSED)
    access = forms.ChoiceField(label=_("Access"), choices=[("", "—"), *Access.choices], required=False)
    observed_at = forms.DateTimeField(
        label=_("Seen at"), required=False, widget=DateTimeInput(),
        help_text=_("Leave empty for now. The time zone stands at the foot of the page."),
    )  # fmt: skip
    source_type = forms.ChoiceField(label=_("Source"), choices=SourceType.choices, initial=SourceType.DIRECT)
    confidence = forms.ChoiceField(label=_("Confidence"), choices=Confidence.choices, initial=Confidence.A)
    told_by = told_by_field()
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
        for key, label, most in _supply():
            self.fields[f"hours_{key}"] = forms.IntegerField(label=label, min_value=0, max_value=most, required=False)

    def arguments(self) -> dict[str, Any]:
        return status_arguments(self.cleaned_data)


def status_arguments(cleaned: Mapping[str, Any]) -> dict[str, Any]:
    """What the services of a status take, from clean data of StatusForm's fields."""
    data = dict(cleaned)
    hours = {key: data.pop(f"hours_{key}") for key, _label, _most in _supply()}
    return data | {"utilities": {name: value for name, value in hours.items() if value is not None}}


def lasting(site: Site) -> dict[str, Any]:
    """What lasts until somebody says otherwise; how the site is now is asked, never assumed."""
    damage = {} if site.current_damage is None else {"damage": site.current_damage}
    return {"control": site.current_control or Control.MEMBER, "access": site.current_access, **damage}


def _supply() -> Iterator[tuple[str, str, int]]:
    """The key, the question and the most hours of each utility and of its reserve."""
    for utility in Utility:
        yield utility.value, gettext("%(utility)s, hours a day") % {"utility": utility.label}, 24
        reserve = gettext("%(utility)s, hours that a reserve lasts") % {"utility": utility.label}
        yield utility.value + BACKUP, reserve, LONGEST_BACKUP_HOURS


SPLITS = (("by_contract", ContractGroup), ("by_gender", Gender))


class HeadCountForm(forms.Form):
    """Nine states that must sum to the people expected. At safety-profile sites the four strict states do not exist.

    Contract groups and genders are totals that add up to the same people; the counts beside the states add to nothing.
    `before` holds the states of the last head count that the person may read: a state that moved far from it is asked about.
    """

    observed_at = StatusForm.base_fields["observed_at"]
    expected = forms.IntegerField(label=_("People expected"), min_value=0, max_value=200_000)

    def __init__(self, *args: Any, site: Site, before: Mapping[str, int] | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.site, self.before = site, before
        for state in State:
            if not (site.safety_profile and state in STRICT):
                self.fields[state.value.lower()] = forms.IntegerField(
                    label=LABELS[state], min_value=0, max_value=200_000, required=False
                )
        for name, label in [*ContractGroup.choices, *Gender.choices, *Overlay.choices]:
            self.fields[name] = forms.IntegerField(label=label, min_value=0, max_value=200_000, required=False)
        self.fields["source_type"] = forms.ChoiceField(label=_("Source"), choices=SourceType.choices, initial=SourceType.DIRECT)
        self.fields["confidence"] = forms.ChoiceField(label=_("Confidence"), choices=Confidence.choices, initial=Confidence.A)
        self.fields["told_by"] = told_by_field()
        if before is not None:
            self.fields["meant"] = forms.BooleanField(label=_("The numbers are right"), required=False)

    @property
    def groups(self) -> list[tuple[str, list[Any]]]:
        """The fields under their headings; the first group has none."""
        named = [
            ("", ["observed_at", "expected", *(state.value.lower() for state in State)]),
            (gettext("By contract, if you know it"), ContractGroup.values),
            (gettext("By gender, if you know it"), Gender.values),
            (gettext("Beside the states, if you know it"), Overlay.values),
        ]
        said = {name for _heading, names in named for name in names}
        if "meant" not in self.errors:  # it is asked only where there is something to ask
            said.add("meant")
        named.append(("", [name for name in self.fields if name not in said]))
        return [(heading, [self[name] for name in names if name in self.fields]) for heading, names in named]

    def clean(self) -> dict[str, Any]:
        data = super().clean()
        for _name, parts in SPLITS:
            if data.get("expected") is not None and (problem := split_problem(data["expected"], self._said(parts), parts.values)):
                self.add_error(parts.values[0], problem)
        if self.before is not None and not self.errors and not data["meant"]:
            after = {state: data.get(state.lower()) or 0 for state in State}
            moved = large_changes(self.before, {state: after[state] for state in self.before})
            if moved and not balance(data["expected"], after):
                states = ", ".join(str(LABELS[state]) for state in moved)
                asks = _("More than a fifth away from the last head count: %(states)s. Tick the box if that is so.")
                self.add_error("meant", asks % {"states": states})
        return data

    def _said(self, names: Iterable[str]) -> dict[str, int]:
        """What was typed; an empty field is not a zero."""
        return {name: self.cleaned_data[name] for name in names if self.cleaned_data.get(name) is not None}

    def arguments(self) -> dict[str, Any]:
        data = self.cleaned_data
        states = {state: data.get(state.lower()) or 0 for state in State}
        strict = {state: states.pop(state) for state in STRICT}
        return {
            "expected": data["expected"], "observed_at": data["observed_at"], "source_type": data["source_type"],
            "confidence": data["confidence"], "told_by": data["told_by"],
            **{state.lower(): people for state, people in states.items()},
            "strict": strict if any(strict.values()) else None, "overlays": self._said(Overlay.values),
            **{name: self._said(parts) for name, parts in SPLITS},
        }  # fmt: skip


def corrected(form: type[forms.Form], reason: str) -> type[forms.Form]:
    """The same form for a correction: under the name `reason` it also asks what was wrong."""

    class CorrectionForm(form):
        def __init__(self, *args: Any, **kwargs: Any) -> None:
            super().__init__(*args, **kwargs)
            self.fields[reason] = forms.CharField(
                label=_("What was wrong with the entry?"), max_length=200,
                help_text=_("It stands beside the correction. No names, no telephone numbers, no exact places."),
            )  # fmt: skip

        def arguments(self) -> dict[str, Any]:
            return super().arguments() | {reason: self.cleaned_data[reason]}

    return CorrectionForm


LEVEL_MEANS = {
    AlertLevel.NORMAL: _("Calm. The plans exist."),
    AlertLevel.WATCH: _("The war is felt nearby. Contacts are checked, documents copied."),
    AlertLevel.HIGH: _("Air alerts every week, power cuts. Every shift has a shelter."),
    AlertLevel.SEVERE: _("Strikes in the district, or the front within 100 km. Relocation is offered, transport stands by."),
    AlertLevel.EXTREME: _("Immediate danger, or an order to evacuate. Work stops: shelter or leave."),
}
"""When a site is at a level and what is done there (domain.md 3.2)."""


class AlertLevelForm(forms.Form):
    level = forms.TypedChoiceField(label=_("Alert level"), choices=AlertLevel.choices, coerce=int, widget=forms.RadioSelect)
    reason = forms.CharField(label=_("Reason"), max_length=200, required=False)

    def __init__(self, *args: Any, levels: Collection[int] = AlertLevel.values, **kwargs: Any) -> None:
        """`levels`: those that the reader may say. Another that is sent was in the form before somebody raised the level."""
        super().__init__(*args, **kwargs)
        field = self.fields["level"]
        field.choices = [
            (one.value, format_html("{} · {} <small>{}</small>", one.value, one.label, LEVEL_MEANS[one]))
            for one in AlertLevel
            if one in levels
        ]
        field.error_messages["invalid_choice"] = LOWERED
        if AlertLevel.NORMAL not in levels:
            field.help_text = LOWERED

    def arguments(self) -> dict[str, Any]:
        return dict(self.cleaned_data)
