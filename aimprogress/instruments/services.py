"""Opening and answering an assessment. Both store the result with the versions of instrument and formula."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from uuid import UUID

from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from aimprogress.core.actor import current_actor
from aimprogress.core.exceptions import Conflict
from aimprogress.core.permissions import Permission
from aimprogress.core.scoping import ScopedModel
from aimprogress.core.services import service

from .definition import InstrumentError
from .engine import FORMULA_VERSION, AnswerValue, load, score
from .models import Answer, Assessment


@service(Permission.ASSESSMENT_EDIT)
def open_assessment(*, subject: ScopedModel, instrument: str, copy_from: Assessment | None = None) -> Assessment:
    """Begin to answer the newest version of `instrument` about `subject` (which may be unsaved: its id is enough).

    With `copy_from` the answers of an earlier assessment are taken over, as far as the items still exist.
    Raises InstrumentError for an unknown instrument, ValidationError where it is not about such a subject.
    """
    definition = load(instrument)
    assessment = Assessment(
        organisation_id=subject.organisation_id,
        instrument=definition.name,
        version=definition.version,
        commercial=definition.commercial,
        subject_type=subject._meta.label,
        subject_id=subject.pk,
        site_id=subject.pk if subject.site_column == "id" else getattr(subject, "site_id", None),
        started_at=timezone.now(),
        recorded_by_id=current_actor().user_id,
    )
    assessment.save(force_insert=True)
    if copy_from is not None:
        known = {item.code for item in definition.items}
        taken = {
            key: answer
            for key, answer in copy_from.given().items()
            if key.partition("@")[0] in known and answer.value in definition.scale
        }
        _store(assessment, taken)
        _bring_up_to_date(assessment, _repeats_of(taken))
    return assessment


@service(Permission.ASSESSMENT_EDIT)
def answer_items(*, assessment: Assessment, answers: Mapping[str, AnswerValue | None], repeats: Sequence[str] = ()) -> Assessment:
    """Store answers (None takes one back), compute the result again, and note who did it.

    Items that are not named keep their answer. `completed_at` is set when nothing is left unanswered, and cleared
    when something is again. Raises ValidationError, keyed by item, for an item or a value that does not exist.
    """
    definition = assessment.definition
    try:
        score(definition, {key: answer for key, answer in answers.items() if answer is not None}, repeats=repeats)
    except InstrumentError as error:
        raise ValidationError(str(error), code="invalid") from error
    # The lock keeps two people who save at once from storing a result that belongs to neither, and nobody's answers come
    # into what another signs at this moment.
    locked = Assessment.objects.select_for_update().get(pk=assessment.pk)
    if locked.signed_at:
        raise Conflict(_("This is signed. Begin a new one to answer anew."))
    _store(locked, answers)
    _bring_up_to_date(locked, repeats)
    for name in ("result", "formula_version", "answered_at", "completed_at", "recorded_by_id"):
        setattr(assessment, name, getattr(locked, name))
    return assessment


@service(Permission.ASSESSMENT_EDIT)
def sign_assessment(*, assessment: Assessment, worker_rep: str = "", no_worker_rep_because: str = "") -> Assessment:
    """Sign answers that are good enough, together with a role of the workers' side or with the reason why nobody of it signs.

    Raises ValidationError for answers that are not, Conflict for those that are signed.
    """
    locked = Assessment.objects.select_for_update().get(pk=assessment.pk)
    if locked.signed_at:
        raise Conflict(_("This is signed already."))
    if locked.outcome is None or not locked.outcome.adequate:
        raise ValidationError(_("Not every gate passes, so there is nothing to sign."))
    if bool(worker_rep.strip()) == bool(no_worker_rep_because.strip()):
        raise ValidationError({"worker_rep": _("Name the role of the workers' side that signs too, or say why nobody does.")})
    locked.signed_at, locked.signed_by_id = timezone.now(), current_actor().user_id
    locked.worker_rep, locked.no_worker_rep_because = worker_rep.strip(), no_worker_rep_because.strip()
    locked.save()
    return locked


def standing_permits(instrument: str, since: Mapping[UUID, datetime], now: datetime) -> dict[UUID, Assessment]:
    """Of each subject the newest signed assessment that still holds and was not used; signed after the moment that `since` gives
    for the subject. One query, however many subjects."""
    signed = Assessment.objects.filter(instrument=instrument, subject_id__in=list(since), used_at=None, signed_at__isnull=False)
    found: dict[UUID, Assessment] = {}
    for one in signed.select_related("site").order_by("-signed_at", "-id") if since else ():
        if one.signed_at > since[one.subject_id] and one.is_valid_at(now):
            found.setdefault(one.subject_id, one)
    return found


def _store(assessment: Assessment, answers: Mapping[str, AnswerValue | None]) -> None:
    before = {answer.item: answer for answer in assessment.answers.all()}
    added, changed, gone = [], [], []
    for key, given in answers.items():
        row = before.get(key)
        if given is None:
            gone += [row.pk] if row else []
            continue
        if row is None:
            row = Answer(organisation_id=assessment.organisation_id, assessment=assessment, item=key)
            added.append(row)
        elif row.as_value() == given:
            continue
        else:
            changed.append(row)
        row.value, row.note, row.evidence = given.value, given.note or None, given.evidence or None
    Answer.objects.bulk_create(added)
    for row in changed:
        row.save(update_fields=["value", "note", "evidence"])
    if gone:
        Answer.objects.filter(pk__in=gone).delete()


def _bring_up_to_date(assessment: Assessment, repeats: Sequence[str]) -> None:
    """Compute and store the result from the stored answers."""
    result = score(assessment.definition, assessment.given(), repeats=repeats)
    now = timezone.now()
    assessment.result = result.as_json()
    assessment.formula_version = FORMULA_VERSION
    assessment.answered_at = now
    assessment.completed_at = now if result.complete else None
    assessment.recorded_by_id = current_actor().user_id
    assessment.save(update_fields=["result", "formula_version", "answered_at", "completed_at", "recorded_by"])


def _repeats_of(answers: Mapping[str, AnswerValue]) -> list[str]:
    return sorted({key.partition("@")[2] for key in answers} - {""})
