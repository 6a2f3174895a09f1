"""Hazards at a site: report one, say that it is over, take that back, correct it."""

from collections.abc import Mapping
from typing import Any

from django.db.models import QuerySet
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from aimprogress.web.pages import ActionPage, ServicePage
from members.forms.hazards import HazardCorrectionForm, HazardForm
from members.models import HazardReport
from members.services.hazards import correct_hazard, end_hazard, report_hazard, retract_hazard
from members.views.facts import CorrectFact, RetractStatus
from members.views.sites import OfSite


class ReportHazard(OfSite, ServicePage):
    service = report_hazard
    form_class = HazardForm
    heading = _("Report a hazard")
    submit = _("Log hazard")
    success_message = _("The hazard was reported.")

    def get_initial(self) -> dict[str, Any]:
        return {"hazard": self.request.GET.get("hazard", "")}

    def get_arguments(self, form: HazardForm) -> Mapping[str, Any]:
        return form.arguments()

    def get_undo_url(self, saved: HazardReport) -> str:
        return undo_url(saved)


def undo_url(report: HazardReport) -> str:
    """Where the Undo button of a report that was just made posts to."""
    return reverse("members:hazard_retract", args=[report.pk])


class RetractHazard(RetractStatus):
    service = retract_hazard
    model = HazardReport
    noun = "report"
    question = _("Take the last report of a hazard back?")
    success_message = _("The report was taken back.")


class CorrectHazard(CorrectFact):
    service = correct_hazard
    form_class = HazardCorrectionForm
    model = HazardReport
    noun = "report"
    heading = _("Correct the report of a hazard")
    success_message = _("The report was corrected.")

    def get_initial(self) -> dict[str, Any]:
        names = (
            "hazard", "severity", "measures", "residual", "mine_action_contact", "observed_at", "source_type", "confidence",
            "told_by",
        )  # fmt: skip
        return {name: getattr(self.object, name) for name in names}


class EndHazard(ActionPage):
    service = end_hazard
    noun = "report"
    queryset = HazardReport.objects.select_related("site")
    sensitive = True
    who = "site"
    neutral = _("Site")
    section = "sites"
    question = _("Is this hazard over?")
    explanation = _("The earlier report stays in the log; a new one says that it is over.")
    verb = _("It is over")
    success_message = _("Noted.")

    def get_undo_url(self, saved: HazardReport) -> str:
        return undo_url(saved)

    def get_queryset(self) -> QuerySet:
        return super().get_queryset().filter(organisation_id=self.actor.organisation_id)

    def get_lead(self) -> str:
        return f"{self.object.get_hazard_display()} · {self.object.site.name}"

    def get_back_url(self) -> str:
        return reverse("members:site", args=[self.object.site_id])

    def get_success_url(self) -> str:
        return self.get_back_url()
