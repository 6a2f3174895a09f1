"""Partner organisations and contributions."""

from collections import defaultdict
from collections.abc import Mapping
from typing import Any

from django import forms
from django.db.models import QuerySet, Sum
from django.forms import BaseForm
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.views.generic import TemplateView

from aimprogress.core.actor import Actor
from aimprogress.core.permissions import Permission
from aimprogress.figures.percent import as_percent
from aimprogress.figures.precision import money_band
from aimprogress.figures.registry import Figure, FigureScope, figure_kind, measure
from aimprogress.places.countries import COUNTRY_CHOICES
from aimprogress.web.forms import DateInput
from aimprogress.web.pages import Column, Guarded, ListPage, ServicePage
from humanitarian.filters import ContributionFilterSet, PartnerFilterSet
from humanitarian.models import Contribution, PartnerOrganisation
from humanitarian.rows import reads_amounts
from humanitarian.services import aid
from members.models import Organisation

FIGURES = ("people.paid_full_rate", "people.paid_rate", "support.measures", "support.open_to_all_rate")


class Humanitarian(Guarded, TemplateView):
    """What members give, per currency first; the directory of partners."""

    permission = Permission.PARTNER_READ
    heading = _("Humanitarian support")
    section = "humanitarian"
    who = "contribution"
    template_name = "humanitarian/home.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        may_money = self.actor.may(Permission.CONTRIBUTION_READ)
        return super().get_context_data(
            money=money_by_currency(self.actor) if may_money else [], may_money=may_money,
            by_type=partners_by_type(), figures=own_people(self.actor), **kwargs,
        )  # fmt: skip


def own_people(actor: Actor) -> list[tuple[Any, Figure]]:
    """Pay and support for own people, apart from aid; nothing for who may not read it."""
    scope = FigureScope()
    return [(figure_kind(name).title, measure(name, scope)) for name in FIGURES] if actor.may(Permission.PAY_READ) else []


def money_by_currency(actor: Actor) -> list[dict[str, Any]]:
    """Committed and paid per currency, never added across currencies; what arrived as a share. Others' money in bands."""
    found = (
        Contribution.objects.order_by("currency")
        .values("currency")
        .annotate(committed=Sum("committed"), disbursed=Sum("disbursed"))
    )
    if actor.commercial <= {actor.organisation_id}:
        return [line | {"delivered": as_percent(line["disbursed"], line["committed"])} for line in found]
    return [line | {name: money_band(line[name]) for name in ("committed", "disbursed")} | {"delivered": "–"} for line in found]


def partners_by_type() -> list[tuple[Any, list[PartnerOrganisation]]]:
    grouped: dict[str, list[PartnerOrganisation]] = defaultdict(list)
    for partner in PartnerOrganisation.objects.all()[:500]:
        grouped[partner.type].append(partner)
    labels = dict(PartnerOrganisation.Type.choices)
    return [(labels[kind], grouped[kind]) for kind in PartnerOrganisation.Type.values if grouped[kind]]


class ContributionForm(forms.ModelForm):
    country = forms.ChoiceField(label=_("Country"), choices=[("", "—"), *COUNTRY_CHOICES], required=False)

    class Meta:
        model = Contribution
        fields = [
            "partner", "kind", "purpose", "country", "currency", "committed", "committed_on", "disbursed", "disbursed_on",
            "earmarking",
        ]  # fmt: skip
        widgets = {"committed_on": DateInput(), "disbursed_on": DateInput()}


class OfContributions:
    section = "humanitarian"
    who = "contribution"
    noun = "contribution"
    sensitive = True
    neutral = _("Contributions")

    def get_success_url(self) -> str:
        return reverse("humanitarian:contributions")


class ContributionList(OfContributions, ListPage):
    permission = Permission.CONTRIBUTION_READ
    heading = _("Contributions")
    template_name = "humanitarian/contribution_list.html"
    row_template = "humanitarian/_contribution_row.html"
    filterset_class = ContributionFilterSet
    export_noun = "contributions"
    queryset = Contribution.objects.select_related("partner")
    orderings = {"newest": ("-committed_on", "-id")}
    columns = (
        Column(_("Partner")),
        Column(_("For what")),
        Column(_("Committed"), "n"),
        Column(_("Paid"), "n"),
        Column(_("Committed on")),
    )
    empty_heading = _("No contributions yet")
    empty_text = _("Write down what you promised and what was paid, each in its own currency.")

    def prepare_rows(self, rows: list[Any]) -> list[Any]:
        for row in rows:
            exactly = reads_amounts(row.organisation_id, row.partner.organisation_id)
            row.own = self.actor.owns(row.organisation_id)
            row.shown = [amount if exactly else money_band(amount) for amount in (row.committed, row.disbursed)]
        return rows

    def get_empty_action(self) -> tuple[Any, str] | None:
        may = self.actor.may(Permission.CONTRIBUTION_EDIT)
        return (_("Add a contribution"), reverse("humanitarian:contribution_add")) if may else None


class AddContribution(OfContributions, ServicePage):
    service = aid.record_contribution
    form_class = ContributionForm
    heading = _("Add a contribution")
    submit = _("Add")
    success_message = _("The contribution was added.")

    def get_arguments(self, form: BaseForm) -> Mapping[str, Any]:
        return form.cleaned_data | {"organisation": Organisation.objects.get(pk=self.actor.organisation_id)}


class ChangeContribution(OfContributions, ServicePage):
    service = aid.change_contribution
    form_class = ContributionForm
    model = Contribution
    heading = _("Change the contribution")
    success_message = _("The contribution was changed.")

    def get_queryset(self) -> QuerySet:
        return Contribution.objects.filter(organisation_id=self.actor.organisation_id)


class PartnerForm(forms.ModelForm):
    class Meta:
        model = PartnerOrganisation
        fields = ["name", "short_name", "type", "identifier"]


class AddPartner(ServicePage):
    service = aid.add_partner
    form_class = PartnerForm
    section = "humanitarian"
    heading = _("Add a partner organisation")
    submit = _("Add")
    success_message = _("The organisation was added.")

    def get_success_url(self) -> str:
        return reverse("humanitarian:partners")


class PartnerList(ListPage):
    permission = Permission.PARTNER_READ
    heading = _("Partner organisations")
    section = "humanitarian"
    template_name = "humanitarian/partner_list.html"
    row_template = "humanitarian/_partner_row.html"
    filterset_class = PartnerFilterSet
    model = PartnerOrganisation
    orderings = {"name": ("short_name", "id")}
    columns = (Column(_("Organisation")), Column(_("Type")), Column(_("Identifier (IATI)")))
