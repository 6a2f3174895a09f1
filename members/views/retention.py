"""How long we keep what, the legal holds that stop it, and the totals that stay."""

from collections.abc import Iterator
from typing import Any

from django.db.models import QuerySet
from django.urls import reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from aimprogress.core.audit import record
from aimprogress.core.permissions import Permission
from aimprogress.places.countries import country_name
from aimprogress.web.lists import Column, ListPage
from aimprogress.web.pages import ActionPage, Guarded, Page, ServicePage
from members.forms.retention import HoldForm
from members.headcounts import LABELS, STRICT
from members.models import LegalHold, QuarterStanding, RetentionTally, StatusGroup, StrictMonth
from members.quarter_rows import PEOPLE, PEOPLE_WORDS, QUARTER_ROWS
from members.retention.rules import RULES
from members.services import holds as services

SHOWN = 100


class HowLong(Page):
    """The list of rules, printed from the one that is kept to, and what each did in the reader's organisation."""

    permission = Permission.WHO_SEES_READ
    heading = _("How long we keep what")
    section = "retention"
    template_name = "members/retention.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        own = self.actor.organisation_id
        return super().get_context_data(
            rules=list(self.rules()),
            holds=LegalHold.objects.in_force().filter(organisation=own),
            may_hold=self.actor.may(Permission.HOLD_SET),
            may_read_quarters=self.actor.may(Permission.DASHBOARD_READ),
            may_read_months=self.actor.may(Permission.HEADCOUNT_STRICT),
            **kwargs,
        )

    def rules(self) -> Iterator[dict[str, Any]]:
        tallies = RetentionTally.objects.filter(organisation=self.actor.organisation_id)
        tally_of = {tally.rule: tally for tally in tallies}
        for rule in RULES:
            yield {"rule": rule, "tally": tally_of.get(rule.name)}


class StrictMonths(Page):
    """What is left of the protected states once the counts of single sites have forgotten them."""

    permission = Permission.HEADCOUNT_STRICT
    sensitive = True
    heading = _("Protected states by month")
    section = "retention"
    who = "headcount"
    template_name = "members/strict_months.html"

    def get_crumbs(self) -> list[tuple[Any, str]]:
        return [(_("How long we keep what"), reverse("members:retention"))]

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        months = list(StrictMonth.objects.filter(organisation=self.actor.organisation_id)[:SHOWN])
        if months:
            record("members.read_strict_counts", subject=months[0])
        rows = [(month, [month.counts.get(state, 0) for state in STRICT]) for month in months]
        return super().get_context_data(rows=rows, states=[LABELS[state] for state in STRICT], **kwargs)


class Quarters(ListPage):
    """What is left of status and head counts once they were deleted."""

    permission = Permission.DASHBOARD_READ
    heading = _("Sites and people by quarter")
    section = "retention"
    who = "headcount"
    lead = _(
        "How sites stood when each quarter ended, and their people, as known then. The reports of that time are no longer kept. "
        "People are added up as outsiders read them site by site: where that is a bound, so is the total."
    )
    row_template = "members/_quarter_row.html"
    orderings = {"newest": ("-quarter", "country", "id")}
    columns = (
        Column(_("Quarter")), Column(_("Country")), Column(_("Sites"), "n"), Column(_("By status")),
        *(Column(PEOPLE_WORDS[name], "n") for name in PEOPLE),
    )  # fmt: skip
    empty_heading = _("No quarter is added up yet")
    empty_text = _("Reports of sites are added up when they are as old as the rule says.")

    def get_crumbs(self) -> list[tuple[Any, str]]:
        return [(_("How long we keep what"), reverse("members:retention"))]

    def get_queryset(self) -> QuerySet:
        return QUARTER_ROWS.values(QuarterStanding.objects.all())

    def prepare_rows(self, rows: list[Any]) -> list[Any]:
        return [self._worded(QUARTER_ROWS.present(row, self.actor)) for row in rows]

    def _worded(self, row: dict[str, Any]) -> dict[str, Any]:
        quarter = {"n": (row["quarter"].month + 2) // 3, "year": row["quarter"].year}
        return row | {
            "when": gettext("Quarter %(n)s of %(year)s") % quarter,
            "member": row["member_name"] if self.actor.is_secretariat else "",
            "where": country_name(row["country"]),
            "stood": [(group.label, row["groups"][group.value]) for group in StatusGroup if group.value in row["groups"]],
            "people": [(PEOPLE_WORDS[name], row[name]) for name in PEOPLE],
        }


class OfHolds(Guarded):
    """Pages for who may stop deletion: administrators and the data-protection officer."""

    permission = Permission.HOLD_SET
    sensitive = True
    neutral = _("Legal holds")
    section = "retention"
    who = "people"

    def get_queryset(self) -> QuerySet[LegalHold]:
        return LegalHold.objects.select_related("organisation", "set_by", "lifted_by")

    def get_crumbs(self) -> list[tuple[Any, str]]:
        return [(_("How long we keep what"), reverse("members:retention"))]

    def get_success_url(self) -> str:
        return reverse("members:holds")

    def get_back_url(self) -> str:
        return self.get_success_url()


class Holds(OfHolds, Page):
    """What is in force, what was, and the form that sets one."""

    heading = _("Legal holds")
    template_name = "members/holds.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(holds=self.get_queryset()[:SHOWN], form=HoldForm(), **kwargs)


class SetHold(OfHolds, ServicePage):
    """Stop every deletion of an organisation's data."""

    service = services.set_hold
    form_class = HoldForm
    template_name = "forms/page.html"
    heading = _("Set a legal hold")
    submit = _("Stop deletion")
    success_message = _("Nothing of this organisation is deleted until the hold is lifted.")


class LiftHold(OfHolds, ActionPage):
    """Let the rules go on."""

    service = services.lift_hold
    model = LegalHold
    noun = "hold"
    question = _("Lift the legal hold?")
    explanation = _("From the next night on, what is older than its rule says is deleted. That cannot be undone.")
    verb = _("Lift the hold")
    danger = True
    success_message = _("The legal hold is lifted.")

    def get_queryset(self) -> QuerySet[LegalHold]:
        return super().get_queryset().filter(lifted_at=None)
