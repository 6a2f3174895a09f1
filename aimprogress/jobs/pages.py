"""Pages of jobs: what I asked for, how far it is, stop it, ask again, fetch what it made."""

from typing import Any

from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from aimprogress.core.downloads import download
from aimprogress.core.permissions import Permission
from aimprogress.web.pages import ActionPage, Column, DetailPage, ListPage

from .models import Job
from .services import cancel_job, may_open, retry_job


class _OfJob:
    """What the pages of one job share: only jobs that the Actor may know of are found; 404 for all others."""

    model = Job
    noun = "job"
    permission = Permission.JOB_READ
    section = "jobs"
    sensitive = True
    who = "own"
    neutral = _("Work in progress")

    def get_queryset(self) -> QuerySet[Job]:
        return Job.objects.known_to(self.request.actor).select_related("requester", "result_file")

    def get_crumbs(self) -> list[tuple[str | Promise, str]]:
        return [(_("Work in progress"), reverse("jobs:list"))]


class JobList(ListPage):
    """What I asked for; for who manages the organisation's people, what anybody in it asked for."""

    permission = Permission.JOB_READ
    heading = _("Work in progress")
    section = "jobs"
    lead_text = _("Reports, exports and other long work. You can leave this page: the work goes on.")
    sensitive = True
    who = "own"
    neutral = _("Work in progress")
    orderings = {"newest": ("-created_at", "-id")}
    columns = [Column(_("What")), Column(_("State")), Column(_("Asked for")), Column(_("Result"))]
    row_template = "jobs/_job_row.html"
    empty_heading = _("Nothing was asked for yet")
    empty_text = _("Reports and downloads that you ask for appear here.")

    def get_queryset(self) -> QuerySet[Job]:
        return Job.objects.known_to(self.request.actor).select_related("requester", "result_file")

    def get_lead(self) -> str | Promise:
        return self.lead_text

    def prepare_rows(self, rows: list[Job]) -> list[Job]:
        for job in rows:
            job.may_be_opened = may_open(job, self.request.actor)
        return rows


class JobDetail(_OfJob, DetailPage):
    """One job; asked by htmx it is the fragment alone, which asks again every two seconds while there is something to see."""

    template_name = "jobs/job_detail.html"

    def get_template_names(self) -> list[str]:
        return ["jobs/_job.html"] if self.request.htmx else [self.template_name]

    def get_heading(self) -> str | Promise:
        return self.object.title

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        self.object.may_be_opened = may_open(self.object, self.request.actor)
        return super().get_context_data(**kwargs)


class CancelJob(_OfJob, ActionPage):
    service = cancel_job
    question = _("Stop this job?")
    explanation = _("What it made so far is thrown away. You can ask for it again.")
    verb = _("Stop it")
    danger = True
    success_message = _("The job is being stopped.")


class RetryJob(_OfJob, ActionPage):
    service = retry_job
    question = _("Ask for this again?")
    explanation = _("The same work is done once more, with the facts of now.")
    verb = _("Ask again")
    success_message = _("It was asked for again.")


class JobFile(_OfJob, DetailPage):
    """What a job made, for whoever asked for it and may still see it."""

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if self.object.result_file is None or not may_open(self.object, request.actor):
            raise Http404
        return download(self.object.result_file)
