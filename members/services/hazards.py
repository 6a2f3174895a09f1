"""Hazards at a site: report one, or say that it is over. The newest report of a hazard says how it is."""

from datetime import datetime
from typing import Any

from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from aimprogress.core.actor import current_actor
from aimprogress.core.permissions import Permission
from aimprogress.core.services import service
from members.models import HazardReport, HazardSeverity, Site
from members.projection import hazards_of
from members.services.sites import check_correction, lock, may_report_from_here, refresh_current, retract


@service(Permission.SITE_STATUS_LOG)
def report_hazard(*, site: Site, hazard: str, severity: int, observed_at: datetime | None = None, **fields: Any) -> HazardReport:
    """Add what is known of a hazard now. Raises ValidationError where it lies in the future, or ends what was never reported."""
    return _add(lock(site), hazard=hazard, severity=severity, observed_at=observed_at or timezone.now(), **fields)


@service(Permission.SITE_STATUS_LOG)
def correct_hazard(*, report: HazardReport, observed_at: datetime | None = None, **fields: Any) -> HazardReport:
    """Replace a wrong report by a right one, with what was wrong; both stay in the log. Severity 0: there was no such hazard."""
    return _add(lock(report.site), supersedes=report, observed_at=observed_at or report.observed_at, **fields)


@service(Permission.SITE_STATUS_LOG)
def retract_hazard(*, report: HazardReport) -> HazardReport:
    """Take back an own report within a minute, also one that said that a hazard is over."""
    site = lock(report.site)
    retract(report)
    refresh_current(site)
    return report


@service(Permission.SITE_STATUS_LOG)
def end_hazard(*, report: HazardReport) -> HazardReport:
    """The hazard is over: a new report says so, and the old one stays."""
    return _add(lock(report.site), hazard=report.hazard, severity=HazardSeverity.OVER, observed_at=timezone.now())


def _add(site: Site, **fields: Any) -> HazardReport:
    may_report_from_here(site)
    if fields["severity"] == HazardSeverity.OVER and not fields.get("supersedes"):
        known = hazards_of([site.pk]).filter(hazard=fields["hazard"]).first()
        if known is None or known.severity == HazardSeverity.OVER:
            raise ValidationError({"severity": _("This hazard is not reported at the site, so it cannot be over.")})
    report = HazardReport(
        organisation_id=site.organisation_id, site=site, reported_by_id=current_actor().user_id, **fields
    )  # fmt: skip
    check_correction(report, report.correction_reason, "correction_reason")
    report.save(force_insert=True)
    refresh_current(site)
    return report
