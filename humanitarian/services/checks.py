"""Checklists of a site: begin, answer, and sign the return to work. Which there are is said by the instruments' library."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta

from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from aimprogress.core.permissions import Permission
from aimprogress.core.services import service
from aimprogress.instruments.definition import Instrument
from aimprogress.instruments.engine import AnswerValue, load, names
from aimprogress.instruments.models import Assessment
from aimprogress.instruments.services import answer_items, open_assessment, sign_assessment
from aimprogress.places.area_status import AreaStanding, status_on
from aimprogress.places.models import AreaConflictStatus
from humanitarian.services.stopping import STOPPING
from members.models import CommunicationPlan, EvacuationPlan, PlanStatus, Site
from members.returning import GATES

PLANS_AT_MOST = timedelta(days=30)
AREA_GATE, PLANS_GATE = "1", "8"
FORBIDDING = (AreaConflictStatus.Status.OCCUPIED, AreaConflictStatus.Status.ACTIVE_HOSTILITIES)
SITE = Site._meta.label
RENEWED = {
    EvacuationPlan: _("Gate 8: no evacuation plan of this site was approved within the last 30 days."),
    CommunicationPlan: _("Gate 8: no communication plan of this site was approved within the last 30 days."),
}


@dataclass(frozen=True, slots=True)
class SiteCheck:
    """One checklist of a site with its newest answers, None where nobody began."""

    instrument: Instrument
    newest: Assessment | None


@service(Permission.ASSESSMENT_EDIT)
def begin_check(*, site: Site, instrument: str) -> Assessment:
    """Begin a checklist anew. The answers of a winter check are taken over; the gates of a return are each proved again.

    What is taken over is no answer yet: the checklist counts as answered when somebody has looked at it and stored it.
    """
    before = Assessment.objects.filter(site=site, instrument=instrument).order_by("-started_at", "-id").first()
    check = open_assessment(subject=site, instrument=instrument, copy_from=None if instrument == GATES else before)
    if check.answered_at:
        check.answered_at = check.completed_at = None
        check.save(update_fields=["answered_at", "completed_at"])
    return check


@service(Permission.ASSESSMENT_EDIT)
def answer_check(*, check: Assessment, answers: Mapping[str, AnswerValue | None]) -> Assessment:
    """Store answers about a site. Raises Conflict where they are signed."""
    return answer_items(assessment=check, answers=answers)


@service(Permission.ASSESSMENT_EDIT)
def sign_return(*, check: Assessment, worker_rep: str = "", no_worker_rep_because: str = "") -> Assessment:
    """Sign the ten gates, so that the site may operate again; once, and within 30 days.

    Two gates are judged by the portal besides: the official list forbids a return and never allows one, and both plans in force
    were approved within 30 days. Raises ValidationError with the gate that fails.
    """
    if check.instrument != GATES:
        raise ValidationError(_("Only the gates of a return to work are signed."))
    if problems := forbidding(check):
        raise ValidationError(problems)
    return sign_assessment(assessment=check, worker_rep=worker_rep, no_worker_rep_because=no_worker_rep_because)


def forbidding(check: Assessment) -> list[str]:
    """What the portal knows against a return, in words; what it does not know is no word for one."""
    found, passed = [], check.outcome.items if check.outcome else {}
    standing = area_standing(check.site)
    if passed.get(AREA_GATE) == "PASS" and standing.status in FORBIDDING:
        found.append(_("Gate 1: %(words)s Nobody returns while the list says so.") % {"words": standing.wording})
    if passed.get(PLANS_GATE) == "PASS":
        for model, words in RENEWED.items():
            approved = model.objects.filter(site_id=check.site_id, status=PlanStatus.APPROVED, approved_at__isnull=False)
            if not approved.filter(approved_at__gte=timezone.now() - PLANS_AT_MOST).exists():
                found.append(words)
    return found


def area_standing(site: Site) -> AreaStanding:
    """What the official list says today of the place of a site."""
    return status_on(site.settlement or site.area or site.admin1, timezone.localdate())


def site_instruments() -> list[Instrument]:
    """The questionnaires about a site that can be begun at any time; the one about stopping work comes with the stop."""
    return [instrument for name in names() if SITE in (instrument := load(name)).subjects and name != STOPPING]


def newest_checks(site: Site) -> list[SiteCheck]:
    """Every checklist of a site with its newest answers."""
    found: dict[str, Assessment] = {}
    for assessment in Assessment.objects.filter(site=site, subject_type=SITE).order_by("-started_at", "-id")[:100]:
        found.setdefault(assessment.instrument, assessment)
    return [SiteCheck(instrument, found.get(instrument.name)) for instrument in site_instruments()]
