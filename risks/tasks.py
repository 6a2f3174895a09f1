"""The work of the risks app: writing a report."""

from datetime import date, datetime, timedelta
from typing import Any

from django.utils.formats import date_format
from django.utils.translation import gettext_lazy as _
from django.utils.translation import gettext_noop

from aimprogress.core.actor import Actor, current_actor
from aimprogress.core.files import StoredFile
from aimprogress.core.permissions import Permission, Role
from aimprogress.jobs.kinds import NotReady, PermanentFailure, Progress, job_kind
from aimprogress.jobs.models import Job
from members.models import Organisation
from risks.report_steps import CHAPTERS, EXPECTED_PAGES, STEPS
from risks.reports import render
from risks.reports.child import ChildFailed
from risks.reports.evidence import Evidence, EvidenceError
from risks.reports.gather import collect_evidence
from risks.reports.render import MISSING, PdfLibrariesMissing, libraries_missing, render_pdf
from risks.services.reports import KIND, evidence_of, report_before, report_of, seal_report, sealed_like

GATHERING = gettext_noop("Gathering the facts")
SAID = {
    render.CHAPTERS: gettext_noop("Writing the chapters"),
    render.PAGES: gettext_noop("Setting the pages"),
    render.SEALED: gettext_noop("Sealing the report"),
}
TOO_MUCH = gettext_noop("The report could not be set: it needed more time or memory than one report may take.")


def title_of(job: Job) -> str:
    """ "Due-diligence report, 1 October 2026 to 31 October 2026"."""
    first, last = (_day(job.params.get(name, "")) for name in ("period_from", "period_to"))
    return str(_("Due-diligence report, %(first)s to %(last)s")) % {"first": first, "last": last}


def _day(text: str) -> str:
    """A stored day as the reader's language writes it."""
    try:
        return date_format(date.fromisoformat(text), "j E Y")
    except ValueError:
        return "?"


def may_open(job: Job, actor: Actor) -> bool:
    """Whether a finished report may still be fetched through its job."""
    return actor.may(Permission.REPORT_INTERNAL) and job.organisation_id in actor.commercial


def gather(job: Job, progress: Progress, moment: datetime) -> Evidence:
    """Freeze the facts as the requester sees them, as of the moment."""
    progress(0, STEPS, GATHERING)
    report = report_of(job)
    before, replaced = report_before(report, moment), sealed_like(report).filter(as_of__lt=moment).first()
    return collect_evidence(
        organisation=Organisation.objects.get(pk=report.organisation_id),
        period_from=report.period_from,
        period_to=report.period_to,
        as_of=moment,
        number=report.number,
        revision=report.revision,
        language=report.language,
        audience=report.audience,
        asked_by=_role(current_actor()),
        before=evidence_of(before) if before else None,
        replaces=str(replaced) if replaced else None,
    )


@job_kind(
    KIND,
    title=_("Due-diligence report"),
    title_of=title_of,
    max_runtime=timedelta(minutes=15),
    missing=libraries_missing,
    may_open=may_open,
    gather=gather,
)
def write_report(job: Job, progress: Progress, evidence: Evidence) -> StoredFile | None:
    """Set the pages of the frozen facts in a limited child, keep both by their hashes."""
    try:
        rendered = render_pdf(evidence, _Steps(progress))
    except PdfLibrariesMissing as error:
        raise NotReady(MISSING) from error
    except EvidenceError as error:
        raise PermanentFailure(str(error)) from error
    except ChildFailed as error:
        if error.limit:
            raise PermanentFailure(TOO_MUCH) from error
        raise
    return seal_report(report=report_of(job), job=job, evidence=evidence, rendered=rendered).pdf


def _role(actor: Actor) -> str:
    held = [role for role in (Role.MEMBER_COORDINATOR, Role.AIM_ANALYST, Role.MEMBER_VIEWER) if role in actor.roles]
    return held[0].value if held else "COMPUTED"


class _Steps:
    """Turns what the child says into steps that only grow; asked several times a second, so it also obeys a cancel."""

    def __init__(self, progress: Progress) -> None:
        self.progress, self.done = progress, 1

    def __call__(self, said: str, done: int, _known: int) -> Any:
        reached = {
            render.CHAPTERS: 1 + min(done, CHAPTERS),
            render.PAGES: 1 + CHAPTERS + min(done, EXPECTED_PAGES),
            render.SEALED: STEPS - 1,
        }.get(said, 1)
        if reached > self.done:
            self.done = reached
            self.progress(self.done, STEPS, SAID.get(said, GATHERING))
        else:
            self.progress.check()
