"""Measures for own people: grants, housing, psychosocial support; who may use them, who not and why, whom they reached."""

from typing import Any

from django import forms
from django.db.models import QuerySet
from django.forms import BaseForm
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from aimprogress.core.permissions import Permission
from aimprogress.figures.registry import FigureScope, figure_kind, measure
from aimprogress.places.countries import COUNTRY_CHOICES, country_name
from aimprogress.web.forms import DateInput
from aimprogress.web.pages import Column, DetailPage, ListPage, ServicePage
from humanitarian.filters import SupportMeasureFilterSet
from humanitarian.models import MoneyBand, SafetyAction, SupportMeasure, SupportType
from humanitarian.models.support import GROUP_WORDS
from humanitarian.rows import MEASURE_ROWS
from humanitarian.services import pay as services
from members.models import Organisation, Site

TYPE_WORDS, EFFECT_WORDS = dict(SupportType.choices), dict(SafetyAction.Effect.choices)
FIGURES = ("support.measures", "support.open_to_all_rate", "people.supported")
OPEN_TO = {"OWN": "for_own", "AGENCY": "for_agency", "CONTRACTOR": "for_contractors"}


class MeasureForm(forms.ModelForm):
    country = forms.ChoiceField(label=_("Country"), choices=[("", "—"), *COUNTRY_CHOICES])
    site = forms.ModelChoiceField(
        label=_("Site"),
        queryset=Site.objects.none(),
        required=False,
        help_text=_("Leave empty for a measure of the whole country."),
    )
    spend = forms.ChoiceField(
        label=_("Spend, as a band"), choices=[("", "—"), *MoneyBand.choices], required=False,
        help_text=_("Only your own organisation reads it."),
    )  # fmt: skip

    class Meta:
        model = SupportMeasure
        fields = [
            "type", "layer", "country", "site", "starts_on", "ends_on", "for_own", "for_agency", "for_contractors",
            "excluded_because", "people_reached", "offered", "accepted", "returned", "partner", "spend", "currency", "effect",
            "effect_source",
        ]  # fmt: skip
        widgets = {"starts_on": DateInput(), "ends_on": DateInput()}
        help_texts = {
            "layer": _("For psychosocial support only."),
            "excluded_because": _("Printed in the report beside the measure."),
            "people_reached": _("Each person once. Leave empty where nobody counted."),
            "offered": _("For measures that move people only."),
        }

    def __init__(self, *args: Any, sites: QuerySet, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["site"].queryset = sites


class OfMeasures:
    section = "humanitarian"
    who = "pay"
    noun = "measure"
    sensitive = True
    neutral = _("Support")
    actor: Any

    def get_crumbs(self) -> list[tuple[Any, str]]:
        return [
            (_("Humanitarian support"), reverse("humanitarian:home")),
            (_("Support for own people"), reverse("humanitarian:measures")),
        ]

    def get_success_url(self) -> str:
        return reverse("humanitarian:measure", args=[self.saved.pk])

    def shown(self, row: dict[str, Any]) -> dict[str, Any]:
        """A row of the specification as a list prints it."""
        seen = MEASURE_ROWS.present(row, self.actor)
        return seen | {
            "type_word": TYPE_WORDS[seen["type"]],
            "effect_word": EFFECT_WORDS[seen["effect"]],
            "country_word": country_name(seen["country"]),
            "excluded": [words for code, words in GROUP_WORDS.items() if not seen[OPEN_TO[code]]],
        }


class MeasureList(OfMeasures, ListPage):
    permission = Permission.PAY_READ
    heading = _("Support for own people")
    template_name = "humanitarian/measure_list.html"
    row_template = "humanitarian/_measure_row.html"
    filterset_class = SupportMeasureFilterSet
    export_noun = "support-measures"
    orderings = {"newest": ("-starts_on", "-id")}
    columns = (
        Column(_("Measure")),
        Column(_("When")),
        Column(_("People reached"), "n"),
        Column(_("Who may not use it, and why")),
        Column(_("Effect")),
    )
    empty_heading = _("No measure yet")
    empty_text = _(
        "Grants, housing, transport, psychosocial support: what you do for your people beside wages, and whom it leaves out."
    )

    def get_crumbs(self) -> list[tuple[Any, str]]:
        return super().get_crumbs()[:1]

    def get_queryset(self) -> QuerySet:
        return MEASURE_ROWS.values(SupportMeasure.objects.all())

    def get_empty_action(self) -> tuple[Any, str] | None:
        return (_("Add a measure"), reverse("humanitarian:measure_add")) if self.actor.may(Permission.PAY_EDIT) else None

    def prepare_rows(self, rows: list[Any]) -> list[Any]:
        return [self.shown(row) for row in rows]

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        scope = FigureScope()
        return super().get_context_data(figures=[(figure_kind(name).title, measure(name, scope)) for name in FIGURES], **kwargs)


class MeasurePage(OfMeasures, DetailPage):
    permission = Permission.PAY_READ
    template_name = "humanitarian/measure.html"
    queryset = SupportMeasure.objects.select_related("site", "partner")

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        row = MEASURE_ROWS.values(SupportMeasure.objects.filter(pk=self.object.pk)).get()
        return super().get_context_data(shown=self.shown(row), own=self.actor.owns(self.object.organisation_id), **kwargs)


class _WithSites(OfMeasures):
    form_class = MeasureForm

    def get_form_kwargs(self) -> dict[str, Any]:
        sites = Site.objects.filter(organisation_id=self.actor.organisation_id).order_by("name", "id")
        return super().get_form_kwargs() | {"sites": sites}


class AddMeasure(_WithSites, ServicePage):
    service = services.add_measure
    heading = _("Add a measure")
    submit = _("Add")
    success_message = _("The measure was added.")

    def get_arguments(self, form: BaseForm) -> dict[str, Any]:
        return form.cleaned_data | {"organisation": Organisation.objects.get(pk=self.actor.organisation_id)}


class ChangeMeasure(_WithSites, ServicePage):
    service = services.change_measure
    model = SupportMeasure
    heading = _("Change the measure")
    success_message = _("The measure was changed.")

    def get_queryset(self) -> QuerySet:
        return SupportMeasure.objects.filter(organisation_id=self.actor.organisation_id)
