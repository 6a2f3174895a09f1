"""Ask for a report, and seal it when its pages are set."""

from datetime import date, datetime

from django.core.exceptions import PermissionDenied, ValidationError
from django.db.models import QuerySet
from django.db.models.functions import Length
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from aimprogress.core.actor import current_actor
from aimprogress.core.files import StoredFile, open_file, store_file
from aimprogress.core.permissions import Permission
from aimprogress.core.services import service
from aimprogress.jobs.models import Job
from aimprogress.jobs.requests import enqueue
from aimprogress.jobs.services import cancel_job, retry_job
from members.models import Organisation
from risks.models import Report
from risks.reports.evidence import Evidence, EvidenceError, canonical, fingerprint, read
from risks.reports.printing import moment_of
from risks.reports.render import RenderedReport

KIND = "report"
LONGEST_DAYS = 366


@service(Permission.REPORT_REQUEST)
def request_report(
    *,
    organisation: Organisation,
    period_from: date,
    period_to: date,
    language: str = Report.Language.ENGLISH,
    audience: str = Report.Audience.INTERNAL,
    idempotency_key: str | None = None,
) -> Report:
    """Ask for the report of a period; a Job writes it. The same key with the same wishes gives the same Report again.

    Raises ValidationError for a period that is empty, longer than a year, or has not begun; KeyReused where the key stands
    for other wishes.
    """
    if organisation.pk not in current_actor().writes:
        raise PermissionDenied
    check_period(period_from, period_to)
    Organisation.objects.select_for_update(no_key=True).get(pk=organisation.pk)
    params = {
        "organisation": str(organisation.pk),
        "period_from": period_from.isoformat(),
        "period_to": period_to.isoformat(),
        "language": str(language),
        "audience": str(audience),
    }
    job = enqueue(KIND, params, idempotency_key=idempotency_key)
    if not job.is_new:
        return Report.objects.get(job=job)
    report = Report(
        organisation=organisation,
        number=next_number(organisation, period_to.year),
        period_from=period_from,
        period_to=period_to,
        language=language,
        audience=audience,
        requested_by_id=current_actor().user_id,
        job=job,
    )
    report.save(force_insert=True)
    return report


def check_period(period_from: date, period_to: date) -> None:
    """Refuse a period that cannot be reported on. Raises ValidationError."""
    if period_to < period_from:
        raise ValidationError({"period_to": _("The last day lies before the first.")})
    if (period_to - period_from).days > LONGEST_DAYS:
        raise ValidationError({"period_to": _("A report covers at most one year.")})
    if period_from > timezone.localdate():
        raise ValidationError({"period_from": _("This period has not begun yet.")})


def next_number(organisation: Organisation, year: int) -> str:
    """ADP-UNGP-<member>-<year>-<n>, counting up within member and year; the caller holds the organisation's row."""
    stem = f"ADP-UNGP-{organisation.slug.upper()}-{year}-"
    taken = Report.objects.filter(organisation=organisation, number__startswith=stem).order_by(Length("number").desc(), "-number")
    last = taken.values_list("number", flat=True).first()  # the longest first: 1000 stands after 999, and as text before it
    return f"{stem}{int(last.removeprefix(stem)) + 1 if last else 1:03}"


def report_of(job: Job) -> Report:
    """The report that a job writes; a job that repeats another takes its report over. Raises ValidationError where it is gone."""
    asked: Job | None = job
    while asked is not None:
        if report := Report.objects.filter(job=asked).first():
            return report
        asked = asked.retry_of
    raise ValidationError(_("The report that this job was to write is not there any more."))


def report_before(report: Report, moment: datetime) -> Report | None:
    """The newest report of the same member about an earlier or the same period whose facts were frozen before a moment."""
    earlier = Report.objects.filter(organisation_id=report.organisation_id, period_to__lte=report.period_to, pdf__isnull=False)
    return earlier.filter(as_of__lt=moment).exclude(pk=report.pk).order_by("-period_to", "-requested_at").first()


def sealed_like(report: Report) -> QuerySet:
    """The sealed reports of the same member, period, language and edition: what a new one takes the place of, newest first."""
    same = {name: getattr(report, name) for name in ("organisation_id", "period_from", "period_to", "language", "audience")}
    return Report.objects.filter(**same, pdf__isnull=False).exclude(pk=report.pk).order_by("-as_of")


def evidence_of(report: Report) -> Evidence | None:
    """The frozen snapshot of a report, or None where there is none or its file is gone."""
    if report.evidence is None:
        return None
    try:
        with open_file(report.evidence) as handle:
            return read(handle.read())
    except (OSError, EvidenceError):
        return None


@service(Permission.REPORT_REQUEST)
def stop_report(*, report: Report) -> Report:
    """Stop the writing of a report. Raises ValidationError where it is over, PermissionDenied for somebody else's."""
    if report.job is None:
        raise ValidationError(_("Nothing is being written for this report."))
    cancel_job(job=report.job)
    return report


@service(Permission.REPORT_REQUEST)
def retry_report(*, report: Report) -> Report:
    """Write a report again that failed or was stopped, with the facts of now. Raises ValidationError while it is not over."""
    if report.job is None or report.is_ready:
        raise ValidationError(_("This report is finished. Ask for a new one."))
    report.job = retry_job(job=report.job)
    report.save(update_fields=["job"])
    return report


@service(Permission.REPORT_REQUEST)
def seal_report(*, report: Report, job: Job, evidence: Evidence, rendered: RenderedReport) -> Report:
    """Keep the snapshot and the PDF by their sha256 and finish the report; an earlier one of the same period is superseded.

    Part of the job's own transaction.
    """
    stem = f"{report}-{rendered.evidence_sha256[:8]}"
    report.evidence = _store(report, canonical(evidence), f"{stem}.json", "application/json", "report-evidence")
    report.pdf = _store(report, rendered.pdf, f"{stem}.pdf", "application/pdf", "report")
    report.sha256, report.pages, report.job = fingerprint(evidence), rendered.pages, job
    report.as_of = moment_of(evidence["meta"]["as_of"])
    report.save()
    for earlier in sealed_like(report).filter(status=Report.Status.DRAFT, as_of__lt=report.as_of):
        earlier.status = Report.Status.SUPERSEDED
        earlier.save(update_fields=["status"])
    return report


def _store(report: Report, data: bytes, name: str, content_type: str, kind: str) -> StoredFile:
    return store_file(data, name=name, content_type=content_type, kind=kind, organisation_id=report.organisation_id)
