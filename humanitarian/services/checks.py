"""Checklists of a site: begin, answer, and sign the return to work. Which there are is said by the instruments' library."""

from collections.abc import Mapping
from dataclasses import dataclass

from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from aimprogress.core.exceptions import Conflict
from aimprogress.core.permissions import Permission
from aimprogress.core.services import service
from aimprogress.instruments.definition import Instrument
from aimprogress.instruments.engine import AnswerValue, load, names
from aimprogress.instruments.models import Assessment
from aimprogress.instruments.services import answer_items, open_assessment, sign_assessment
from humanitarian.services.stopping import STOPPING
from members.models import Site
from members.returning import GATES, forbidding, is_uncleared

SITE = Site._meta.label


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
    """Store answers about a site. Raises Conflict where they are signed, or were given as work stopped."""
    if check.instrument == STOPPING:
        raise Conflict(_("What was said when work stopped stays as it was said."))
    return answer_items(assessment=check, answers=answers)


@service(Permission.ASSESSMENT_EDIT)
def sign_return(*, check: Assessment, worker_rep: str = "", no_worker_rep_because: str = "") -> Assessment:
    """Sign the ten gates, so that the site may operate again; once, and within 30 days.

    People have left, and no evacuation is under way. Two gates are judged by the portal besides: the official list forbids a
    return and never allows one, and both plans in force were approved within 30 days. Raises ValidationError with what is wrong.
    """
    if check.instrument != GATES:
        raise ValidationError(_("Only the gates of a return to work are signed."))
    if problems := against_signing(check):
        raise ValidationError(problems)
    return sign_assessment(assessment=check, worker_rep=worker_rep, no_worker_rep_because=no_worker_rep_because)


def against_signing(check: Assessment) -> list[str]:
    """Why these gates cannot be signed today, in words, whatever was answered."""
    if check.site.evacuating_since:
        return [_("An evacuation of this site is under way. Stand it down first.")]
    if not is_uncleared(check.site, timezone.now()):
        return [_("Nobody has left this site for their safety, so there is no return to sign.")]
    return forbidding(check)


def site_instruments() -> list[Instrument]:
    """The questionnaires about a site that can be begun at any time; the one about stopping work comes with the stop."""
    return [instrument for name in names() if SITE in (instrument := load(name)).subjects and name != STOPPING]


def newest_checks(site: Site) -> list[SiteCheck]:
    """Every checklist of a site with its newest answers."""
    found: dict[str, Assessment] = {}
    for assessment in Assessment.objects.filter(site=site, subject_type=SITE).order_by("-started_at", "-id")[:100]:
        found.setdefault(assessment.instrument, assessment)
    return [SiteCheck(instrument, found.get(instrument.name)) for instrument in site_instruments()]
