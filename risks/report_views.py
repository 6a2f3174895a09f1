"""Pages of reports: the list, asking for one, watching it being written, fetching it."""

from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any

from django import forms
from django.forms import BaseForm
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.dateformat import format as date_text
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from aimprogress.core.downloads import download
from aimprogress.core.ids import uuid7
from aimprogress.core.permissions import Permission
from aimprogress.jobs.services import belongs_to
from aimprogress.web.pages import ActionPage, Column, DetailPage, ListPage, ServicePage
from aimprogress.web.templatetags.portal import month
from members.models import Organisation
from risks.models import Report
from risks.report_steps import steps_of
from risks.reports.chapters.summary import GAPS
from risks.services.reports import LONGEST_DAYS, evidence_of, request_report, retry_report, stop_report

MONTHS_OFFERED = 13


def last_day(first: date) -> date:
    """The last day of the month that begins on `first`."""
    return (first.replace(day=28) + timedelta(days=4)).replace(day=1) - timedelta(days=1)


def months(today: date) -> list[tuple[str, str]]:
    """The month that ended last, the running one, and those before, for a choice."""
    first, found = today.replace(day=1), []
    for _number in range(MONTHS_OFFERED):
        found.append((first.isoformat(), date_text(first, "F Y")))
        first = (first - timedelta(days=1)).replace(day=1)
    return [found[1], found[0], *found[2:]]


class ReportForm(forms.Form):
    """A month and a language. The hidden key makes two clicks one report."""

    month = forms.ChoiceField(
        label=_("Month"), help_text=_("The facts are those of now; the month says what the report is about.")
    )
    language = forms.ChoiceField(label=_("Language"), choices=Report.Language.choices, widget=forms.RadioSelect)
    key = forms.CharField(widget=forms.HiddenInput, max_length=60, required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["month"].choices = months(timezone.localdate())


class OfReports:
    section = "reports"
    noun = "report"
    who = "report"
    sensitive = True
    neutral = _("Reports")
    permission = Permission.REPORT_READ
    queryset = Report.objects.select_related("organisation", "job", "pdf", "evidence", "requested_by")
    actor: Any
    object: Any

    def get_crumbs(self) -> list[tuple[Any, str]]:
        return [(_("Reports"), reverse("risks:reports"))]


class ReportList(OfReports, ListPage):
    """Every report that the Actor sees, newest first."""

    heading = _("Reports")
    template_name = "risks/report_list.html"
    row_template = "risks/_report_row.html"
    orderings = {"newest": ("-requested_at", "-id")}
    columns = (Column(_("Report")), Column(_("State")), Column(_("Facts as of")), Column(_("Pages"), "n"), Column(_("File")))
    empty_heading = _("No report yet")
    empty_text = _("A report freezes what is known now and says first what is not known. It takes about half a minute.")

    def get_crumbs(self) -> list[tuple[Any, str]]:
        return []

    def get_empty_action(self) -> tuple[Any, str] | None:
        return (_("Ask for a report"), reverse("risks:report_add")) if self.actor.may(Permission.REPORT_REQUEST) else None


class AskForReport(OfReports, ServicePage):
    """Member and month are filled in; one click is enough."""

    permission = None
    queryset = None
    service = request_report
    form_class = ReportForm
    heading = _("Ask for a report")
    submit = _("Write the report")
    template_name = "risks/report_form.html"

    def get_initial(self) -> dict[str, Any]:
        language = "uk" if (get_language() or "en").startswith("uk") else "en"
        return {"month": months(timezone.localdate())[0][0], "language": language, "key": str(uuid7())}

    def get_arguments(self, form: BaseForm) -> Mapping[str, Any]:
        first = date.fromisoformat(form.cleaned_data["month"])
        return {
            "organisation": Organisation.objects.get(pk=self.actor.organisation_id),
            "period_from": first,
            "period_to": last_day(first),
            "language": form.cleaned_data["language"],
            "idempotency_key": f"page:{form.cleaned_data['key']}" if form.cleaned_data["key"] else None,
        }

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        member = Organisation.objects.get(pk=self.actor.organisation_id)
        return super().get_context_data(member=member, longest_days=LONGEST_DAYS, **kwargs)


class ReportPage(OfReports, DetailPage):
    """One report: being written, with its steps, or finished, with its file and what it says openly."""

    template_name = "risks/report.html"

    def get_template_names(self) -> list[str]:
        return ["risks/_report_work.html"] if self.request.htmx else [self.template_name]

    def get_heading(self) -> Any:
        return _("Due-diligence report, %(period)s") % {"period": month(self.object.period_from)}

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        response = super().get(request, *args, **kwargs)
        if request.htmx and (self.object.is_ready or self.object.job is None or self.object.job.is_terminal):
            response["HX-Refresh"] = "true"
        return response

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        report = self.object
        job = report.job
        evidence = evidence_of(report) if report.is_ready else None
        mine = job is not None and belongs_to(job, self.actor) and self.actor.may(Permission.REPORT_REQUEST)
        return super().get_context_data(
            job=job,
            steps=steps_of(job) if job and not report.is_ready else [],
            is_working=not report.is_ready and job is not None and not job.is_terminal,
            may_stop=mine and not job.is_terminal,
            may_retry=mine and job.is_terminal and not report.is_ready,
            gaps=_gaps(evidence) if evidence else [],
            **kwargs,
        )


def _gaps(evidence: Mapping[str, Any]) -> list[dict[str, Any]]:
    found = []
    for gap in evidence["chapters"]["summary"]["gaps"]:
        if gap["code"] in GAPS:
            missing, fix = GAPS[gap["code"]]()
            found.append({**gap, "missing": missing, "fix": fix})
    return found


class ReportFile(OfReports, DetailPage):
    """The PDF, for whoever may still read this edition; every fetch stands in the audit trail.

    Every report is the internal edition: it holds strict states by country and money to the cent, so it is for the member's
    own people. Auditors and the AIM-Progress team read that it is there, what it is about and which gaps it names.
    """

    permission = Permission.REPORT_INTERNAL

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if self.object.pdf is None:
            raise Http404
        return download(self.object.pdf)


class StopReport(OfReports, ActionPage):
    permission = None
    service = stop_report
    question = _("Stop this report?")
    explanation = _("Nothing is kept of it. You can ask for it again.")
    verb = _("Stop it")
    danger = True
    success_message = _("The report is being stopped.")


class RetryReport(OfReports, ActionPage):
    permission = None
    service = retry_report
    question = _("Write this report again?")
    explanation = _("It is written with the facts of now and keeps its number.")
    verb = _("Write it again")
    success_message = _("The report is being written again.")
