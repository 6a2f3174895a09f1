"""Pay of workers: what was reported, month by month; report, correct, and what was said before."""

from typing import Any

from django import forms
from django.db.models import Q, QuerySet
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from aimprogress.core.permissions import Permission
from aimprogress.figures.moment import moment
from aimprogress.figures.registry import FigureScope, figure_kind, measure
from aimprogress.web.forms import DateInput
from aimprogress.web.looking_back import LooksBack
from aimprogress.web.pages import Column, DetailPage, ListPage, ServicePage
from humanitarian.figures.pay import due_month
from humanitarian.filters import WageReportFilterSet
from humanitarian.models import ContractGroup, MoneyBand, WagePolicy, WageSupportReport
from humanitarian.rows import PAY_ROWS
from humanitarian.services import pay as services
from members.models import Site

GROUP_WORDS, POLICY_WORDS = dict(ContractGroup.choices), dict(WagePolicy.choices)
FIGURES = (
    "people.paid_full_rate", "people.paid_rate", "people.paid_full_rate.AGENCY", "people.paid_full_rate.CONTRACTOR",
    "pay.late_sites",
)  # fmt: skip
COUNTED = [
    "entitled", "paid_full", "paid_partial", "paid_none", "months_continued", "arrears_days", "channel_risk", "currency", "total",
]  # fmt: skip


class PayForm(forms.ModelForm):
    """What one group at a site was paid in a month."""

    site = forms.ModelChoiceField(label=_("Site"), queryset=Site.objects.none())
    month = forms.DateField(label=_("Month"), help_text=_("Any day of the month."), widget=DateInput())
    total = forms.ChoiceField(
        label=_("Total paid, as a band"), choices=[("", "—"), *MoneyBand.choices], required=False,
        help_text=_("Only your own organisation reads it. No wage of a person is asked for anywhere."),
    )  # fmt: skip

    class Meta:
        model = WageSupportReport
        fields = ["site", "month", "group", "policy", "percent", "advance_months", *COUNTED]
        help_texts = {
            "entitled": _("Everyone in this group who should be paid by this rule. The next three must add up to it."),
            "paid_full": _("Got the whole wage. By idle pay, a part of the wage or a suspended contract nobody does."),
            "paid_partial": _("Got something, but less than the wage: idle pay and agreed parts too."),
            "arrears_days": _("0 where nobody waits for wages."),
            "months_continued": _("Months in a row, to this one, in which pay went on. Leave empty where you do not know."),
        }

    def __init__(self, *args: Any, sites: QuerySet | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if sites is not None:
            self.fields["site"].queryset = sites

    def validate_constraints(self) -> None:
        """The service asks them, when it knows whose report it is."""

    def add_error(self, field: str | None, error: Any) -> None:
        """An error of the model about something that this form does not ask for stands above all fields."""
        for name, several in getattr(error, "error_dict", {field: error}).items():
            super().add_error(name if name in self.fields else None, several)


class CorrectPayForm(PayForm):
    """The same without what never changes, and with why."""

    site = month = None
    reason = forms.CharField(label=_("What was wrong"), max_length=200)

    class Meta(PayForm.Meta):
        fields = ["percent", "advance_months", *COUNTED]


class OfPay:
    section = "humanitarian"
    who = "pay"
    noun = "report"
    sensitive = True
    neutral = _("Pay")
    actor: Any

    def get_crumbs(self) -> list[tuple[Any, str]]:
        return [(_("Humanitarian support"), reverse("humanitarian:home")), (_("Pay"), reverse("humanitarian:pay"))]

    def shown(self, row: dict[str, Any]) -> dict[str, Any]:
        """A row of the specification as a list prints it."""
        seen = PAY_ROWS.present(row, self.actor)
        return seen | {"group_word": GROUP_WORDS[seen["group"]], "policy_word": POLICY_WORDS.get(seen["policy"], "")}


class PayList(LooksBack, OfPay, ListPage):
    permission = Permission.PAY_READ
    heading = _("Pay of workers")
    template_name = "humanitarian/pay_list.html"
    row_template = "humanitarian/_pay_row.html"
    filterset_class = WageReportFilterSet
    export_noun = "pay"
    orderings = {"newest": ("-month", "-id")}
    columns = (
        Column(_("Month")),
        Column(_("Site")),
        Column(_("Group")),
        Column(_("Entitled"), "n"),
        Column(_("In full"), "n"),
        Column(_("In full or in part"), "n"),
        Column(_("Late by")),
    )
    empty_heading = _("No pay reported yet")
    empty_text = _(
        "Once a month, write down for each site and contract group how many people were entitled to wages and how many got them."
    )

    def get_crumbs(self) -> list[tuple[Any, str]]:
        return [(_("Humanitarian support"), reverse("humanitarian:home"))]

    def get_queryset(self) -> QuerySet:
        return PAY_ROWS.values(WageSupportReport.objects.all())

    def get_empty_action(self) -> tuple[Any, str] | None:
        return (_("Report pay"), reverse("humanitarian:pay_add")) if self.actor.may(Permission.PAY_EDIT) else None

    def prepare_rows(self, rows: list[Any]) -> list[Any]:
        return [self.shown(row) for row in rows]

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        scope = FigureScope()
        found = [(figure_kind(name).title, measure(name, scope)) for name in FIGURES]
        more = {"missing": measure("pay.missing_sites", scope), "month": due_month(timezone.localdate(moment()))}
        return super().get_context_data(figures=found, **more, **kwargs)


class PayPage(OfPay, DetailPage):
    """One report with what was said before it, and what was said since."""

    permission = Permission.PAY_READ
    template_name = "humanitarian/pay.html"
    queryset = WageSupportReport.objects.select_related("site")

    def get_heading(self) -> str:
        return str(GROUP_WORDS[self.object.group])

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        report, own = self.object, self.actor.owns(self.object.organisation_id)
        same = WageSupportReport.objects.filter(**{name: getattr(report, name) for name in services.KEY})
        same = same.filter(Q(retracted_at=None) | Q(pk=report.pk))
        rows = {row["id"]: self.shown(row) for row in PAY_ROWS.values(same.order_by("-recorded_at", "-id"))} if own else {}
        shown = rows.get(report.pk) or self.shown(PAY_ROWS.values(WageSupportReport.objects.filter(pk=report.pk)).get())
        newer = [row for row in rows.values() if row["supersedes_id"] == report.pk]
        return super().get_context_data(
            shown=shown, own=own, history=[row for row in rows.values() if row["id"] != report.pk],
            corrected_by=newer[0] if newer else None, total=report.total if own else "", **kwargs,
        )  # fmt: skip


class ReportPay(OfPay, ServicePage):
    service = services.report_pay
    form_class = PayForm
    heading = _("Report pay")
    success_message = _("The pay was reported.")

    def get_form_kwargs(self) -> dict[str, Any]:
        sites = Site.objects.filter(organisation_id=self.actor.organisation_id).open().order_by("name", "id")
        return super().get_form_kwargs() | {"sites": sites}

    def get_initial(self) -> dict[str, Any]:
        return {"site": self.request.GET.get("site", ""), "month": due_month(timezone.localdate())}

    def get_success_url(self) -> str:
        return reverse("humanitarian:pay_report", args=[self.saved.pk])


class CorrectPay(OfPay, ServicePage):
    """A correction: the old report stays readable, with what was wrong about it."""

    service = services.correct_pay
    form_class = CorrectPayForm
    heading = _("Correct this report")
    success_message = _("The correction was stored. The earlier report can still be read.")
    model = WageSupportReport

    def get_queryset(self) -> QuerySet:
        return WageSupportReport.objects.kept().filter(organisation_id=self.actor.organisation_id).select_related("site")

    def get_form_kwargs(self) -> dict[str, Any]:
        kwargs = super().get_form_kwargs()
        # a copy: the form writes on its instance, and the report that is corrected must not change
        kwargs["instance"] = WageSupportReport.objects.get(pk=self.object.pk)
        return kwargs | {"initial": {"reason": ""}}

    def get_success_url(self) -> str:
        return reverse("humanitarian:pay_report", args=[self.saved.pk])
