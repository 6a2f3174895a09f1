"""Safety actions, partners and contributions."""

from collections import defaultdict
from collections.abc import Mapping
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.db.models import QuerySet, Sum
from django.forms import BaseForm
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext
from django.views.generic import TemplateView, View

from aimprogress.core.actor import Actor
from aimprogress.core.permissions import Permission
from aimprogress.figures.percent import as_percent
from aimprogress.figures.precision import money_band
from aimprogress.places.countries import COUNTRY_CHOICES
from aimprogress.web.forms import DateInput
from aimprogress.web.notices import notice
from aimprogress.web.pages import Column, DetailPage, Guarded, ListPage, ServicePage
from humanitarian.filters import ContributionFilterSet, PartnerFilterSet, SafetyActionFilterSet
from humanitarian.models import Contribution, PartnerOrganisation, SafetyAction
from humanitarian.rows import ACTION_ROWS, reads_amounts
from humanitarian.services import actions as services
from humanitarian.services import aid
from members.models import Organisation, Site


class ActionForm(forms.ModelForm):
    class Meta:
        model = SafetyAction
        fields = ["title", "type", "owner_role", "due_on", "status", "blocked_by", "evidence", "effect"]
        widgets = {"due_on": DateInput()}
        help_texts = {
            "title": _("No names, no exact places."),
            "evidence": _("A photo seen, an invoice, an inspection: one line."),
        }


class NewActionForm(forms.ModelForm):
    """A new action: what, who, until when. The site comes from the page or is chosen."""

    site = forms.ModelChoiceField(label=_("Site"), queryset=Site.objects.none())

    class Meta:
        model = SafetyAction
        fields = ["site", "title", "type", "owner_role", "due_on"]
        widgets = {"due_on": DateInput()}
        help_texts = {"title": _("No names, no exact places.")}

    def __init__(self, *args: Any, sites: QuerySet, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["site"].queryset = sites


VIEWS = [
    ("open", _("Open")),
    ("overdue", _("Overdue")),
    ("week", _("Due within a week")),
    ("blocked", _("Blocked")),
    ("done", _("Done")),
]


class OfActions:
    section = "actions"
    who = "action"
    noun = "action"
    sensitive = True
    neutral = _("Actions")
    actor: Any

    def own_sites(self) -> QuerySet:
        mine = Site.objects.filter(organisation_id=self.actor.organisation_id)
        if self.actor.reports_at is not None:
            mine = mine.filter(pk__in=self.actor.reports_at)
        return mine.open().order_by("name", "id")


class ActionList(OfActions, ListPage):
    """Actions by due day; chips are links, the bulk bar is one form."""

    permission = Permission.ACTION_READ
    heading = _("Safety actions")
    template_name = "humanitarian/action_list.html"
    row_template = "humanitarian/_action_row.html"
    filterset_class = SafetyActionFilterSet
    export_noun = "safety-actions"
    orderings = {"due": ("due_on", "id"), "newest": ("-created_at", "-id")}
    columns = (
        Column(_("Action")),
        Column(_("Site")),
        Column(_("Who")),
        Column(_("Until"), ordering="due"),
        Column(_("Status")),
    )
    empty_heading = _("No actions yet")
    empty_text = _("An action says what has to be done so that people are safer, who does it, and until when.")

    def get_queryset(self) -> QuerySet:
        return ACTION_ROWS.values(SafetyAction.objects.all(), also=("created_at",))

    def get_empty_action(self) -> tuple[Any, str] | None:
        return (_("Add an action"), reverse("humanitarian:action_add")) if self.actor.may(Permission.ACTION_OPEN) else None

    def prepare_rows(self, rows: list[Any]) -> list[Any]:
        today = timezone.localdate()
        words = dict(SafetyAction.Status.choices)
        shown = []
        for row in rows:
            presented = ACTION_ROWS.present(row, self.actor)
            open_now = row["status"] in SafetyAction.OPEN
            shown.append(
                presented
                | {
                    "overdue_days": max(0, (today - row["due_on"]).days) if open_now else 0,
                    "status_word": words[row["status"]],
                    "own": self.actor.owns(row["organisation_id"]),
                    "unverified": row["status"] == SafetyAction.Status.DONE and not row["evidence"],
                }
            )
        return shown

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        views = [
            ("open", _("Open")),
            ("overdue", _("Overdue")),
            ("week", _("Due within a week")),
            ("blocked", _("Blocked")),
            ("done", _("Done")),
        ]
        return super().get_context_data(views=views, chosen=self.request.GET.get("state", ""), **kwargs)


class ActionPage(OfActions, DetailPage):
    permission = Permission.ACTION_READ
    template_name = "humanitarian/action.html"
    queryset = SafetyAction.objects.select_related("site", "site__organisation", "site__admin1")

    def get_heading(self) -> str:
        return self.object.title if self.actor.owns(self.object.organisation_id) else f"A-{self.object.number}"

    def get_crumbs(self) -> list[tuple[Any, str]]:
        return [(_("Actions"), reverse("humanitarian:actions"))]

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        row = ACTION_ROWS.values(SafetyAction.objects.filter(pk=self.object.pk)).get()
        return super().get_context_data(
            shown=ACTION_ROWS.present(row, self.actor), own=self.actor.owns(self.object.organisation_id),
            overdue_days=self.object.overdue_days(timezone.localdate()), **kwargs,
        )  # fmt: skip


class AddAction(OfActions, ServicePage):
    service = services.open_action
    form_class = NewActionForm
    heading = _("Add an action")
    submit = _("Add")
    success_message = _("The action was added.")

    def get_form_kwargs(self) -> dict[str, Any]:
        return super().get_form_kwargs() | {"sites": self.own_sites()}

    def get_initial(self) -> dict[str, Any]:
        return {"site": self.request.GET.get("site", "")}

    def get_success_url(self) -> str:
        return reverse("members:site", args=[self.saved.site_id])


class ChangeAction(OfActions, ServicePage):
    service = services.change_action
    form_class = ActionForm
    heading = _("Change the action")
    success_message = _("The action was changed.")
    model = SafetyAction

    def get_queryset(self) -> QuerySet:
        return SafetyAction.objects.filter(organisation_id=self.actor.organisation_id)

    def get_success_url(self) -> str:
        return reverse("humanitarian:action", args=[self.object.pk])


class ChangeActions(OfActions, Guarded, View):
    """The bulk bar: the chosen rows change alike, or none does. The answer offers the way back."""

    permission = Permission.ACTION_EDIT

    def post(self, request: HttpRequest) -> HttpResponse:
        back = request.POST.get("next", "")
        if not url_has_allowed_host_and_scheme(back, allowed_hosts={request.get_host()}):
            back = reverse("humanitarian:actions")
        mine = SafetyAction.objects.filter(organisation_id=self.actor.organisation_id)
        status = request.POST.get("status", "")
        try:
            if status not in SafetyAction.Status.values:
                raise ValidationError(_("Choose a status."))
            chosen = list(mine.filter(pk__in=request.POST.getlist("chosen")[:500]))
            changed = services.change_actions(actions=chosen, status=status)
        except (ValidationError, ValueError) as error:
            notice(request, " ".join(getattr(error, "messages", [str(_("Choose at least one action."))])))
            return HttpResponseRedirect(back)
        count = len(changed)
        notice(request, ngettext("%(n)s action was changed.", "%(n)s actions were changed.", count) % {"n": count})
        return HttpResponseRedirect(back)


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
            by_type=partners_by_type(), **kwargs,
        )  # fmt: skip


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
