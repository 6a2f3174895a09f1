"""The support desk: members ask, the AIM-Progress team answers in time, and both read the same conversation.

The desk writes into rows of members that it does not look after: the portal writes for it (as for staff sessions), and the
event of the member's own chain says who it was.
"""

from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from datetime import datetime
from typing import Any
from uuid import UUID

from django.core.exceptions import PermissionDenied, ValidationError
from django.db.models import Max
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from aimprogress.core.actor import SYSTEM, Actor, acting_as, current_actor
from aimprogress.core.permissions import Permission, Role
from aimprogress.core.services import service
from members import clock
from members.models import CaseMessage, Organisation, ReusableAnswer, RoleGrant, Site, SupportCase

Status = SupportCase.Status
ENDS = (Status.RESOLVED, Status.CLOSED)
WAITS = (Status.WAITING_MEMBER, Status.WAITING_EXTERNAL)


@service(Permission.CASE_OPEN)
def open_case(
    *, organisation: Organisation, category: str, urgency: str, summary: str, text: str, site: Site | None = None,
    may_be_generalised: bool = False,
) -> SupportCase:  # fmt: skip
    """Ask the AIM-Progress team something. The clock of its urgency starts now."""
    actor, now = current_actor(), timezone.now()
    if organisation.pk not in actor.writes or organisation.kind != Organisation.Kind.MEMBER:
        raise PermissionDenied
    if site is not None and site.organisation_id != organisation.pk:
        raise ValidationError({"site": _("This site belongs to another organisation.")})
    with acting_as(SYSTEM):  # numbers count over the organisation; a reporter reads no case
        Organisation.objects.select_for_update(no_key=True).get(pk=organisation.pk)
        taken = SupportCase.objects.filter(organisation=organisation).aggregate(last=Max("number"))["last"] or 0
        case = SupportCase(
            organisation=organisation, number=taken + 1, site=site, category=category, urgency=urgency, summary=summary,
            may_be_generalised=may_be_generalised, opened_by_id=actor.user_id, opened_at=now,
        )  # fmt: skip
        case.clean_fields(exclude=["organisation", "site", "handler", "opened_by"])
        case.due_at = clock.due(urgency, now)
        case.save(force_insert=True)
        _say(case, actor, text, now)
    return case


@service(Permission.CASE_WRITE)
def write_to_case(*, case_id: UUID, text: str, status: str = "") -> CaseMessage:
    """Say something in a case. From the desk it is the answer, with the status that follows; from the member it asks for one."""
    actor, now = current_actor(), timezone.now()
    with _held(case_id, actor) as case:
        message = _say(case, actor, text, now)
        if message.by_desk:
            _answered(case, now)
            case.handler_id = case.handler_id or actor.user_id
            _move(case, status or Status.WAITING_MEMBER, now)
        else:
            _asked_again(case, now)
        case.save()
    return message


@service(Permission.CASE_HANDLE)
def handle_case(*, case_id: UUID, **fields: Any) -> SupportCase:
    """Say who of the team takes a case, how urgent it is, and how it stands."""
    actor, now = current_actor(), timezone.now()
    if not actor.is_secretariat:
        raise PermissionDenied
    with _held(case_id, actor) as case:
        handler = fields.pop("handler", case.handler)
        if handler is not None and not RoleGrant.objects.in_force().filter(user=handler, role=Role.AIM_ANALYST).exists():
            raise ValidationError({"handler": _("Only an analyst of AIM-Progress can take a case.")})
        case.handler, case.outcome = handler, fields.get("outcome", case.outcome)
        urgency = fields.get("urgency", case.urgency)
        if urgency != case.urgency:
            case.urgency = urgency
            if case.due_at is not None:
                case.due_at = clock.due(urgency, case.opened_at if case.answered_at is None else now)
            elif case.clock_left is not None:
                case.clock_left = clock.allowed(urgency)  # what was left was of another clock
        status = fields.get("status", case.status)
        if status in ENDS:
            _answered(case, now)
        _move(case, status, now)
        case.save()
    return case


@service(Permission.CASE_WRITE)
def close_case(*, case_id: UUID, satisfaction: int | None = None, may_be_generalised: bool = False) -> SupportCase:
    """The member says that it is settled, and how well it helped."""
    actor = current_actor()
    if actor.is_secretariat:
        raise PermissionDenied
    with _held(case_id, actor) as case:
        case.satisfaction, case.may_be_generalised = satisfaction, may_be_generalised
        _move(case, Status.CLOSED, timezone.now())
        case.save()
    return case


@service(Permission.CASE_HANDLE)
def close_resolved_case(*, case_id: UUID) -> SupportCase:
    """End a case that was resolved and to which nobody came back. The portal does it, in time (`close_cases`)."""
    case = SupportCase.objects.select_for_update(of=("self",)).get(pk=case_id)
    if case.status == Status.RESOLVED:
        _move(case, Status.CLOSED, timezone.now())
        case.save()
    return case


@service(Permission.CASE_HANDLE)
def keep_answer(*, answer: ReusableAnswer | None = None, **fields: Any) -> ReusableAnswer:
    """Keep an answer for the next time, or change one that is kept."""
    answer = answer or ReusableAnswer(organisation_id=current_actor().organisation_id)
    for name, value in fields.items():
        setattr(answer, name, value)
    answer.save()
    return answer


@contextmanager
def _held(case_id: UUID, actor: Actor) -> Iterator[SupportCase]:
    """The case, locked; as the portal for the desk. Raises ValidationError for one that the Actor does not see."""
    seen = SupportCase.objects.filter(pk=case_id).first()
    if seen is None or not (actor.is_secretariat or seen.organisation_id in actor.writes):
        raise ValidationError({"case_id": _("There is no such case.")})
    with acting_as(SYSTEM) if actor.is_secretariat else nullcontext():
        yield SupportCase.objects.select_for_update(of=("self",)).get(pk=case_id)


def _say(case: SupportCase, actor: Actor, text: str, now: datetime) -> CaseMessage:
    message = CaseMessage(
        organisation_id=case.organisation_id, case=case, text=text, by_desk=actor.is_secretariat, written_by_id=actor.user_id,
        written_at=now,
    )  # fmt: skip
    message.save(force_insert=True)
    return message


def _answered(case: SupportCase, now: datetime) -> None:
    """The clock ends; the first answer says whether it came in time. A clock that ran out is never stopped, so one that
    stands still had time left.
    """
    if case.answered_at is None:
        case.answered_at = now
        case.in_time = case.due_at is None or now <= case.due_at
    case.due_at = case.clock_left = None


def _asked_again(case: SupportCase, now: datetime) -> None:
    if case.status in ENDS:
        case.status, case.resolved_at = Status.REOPENED, None
    elif case.status in WAITS:
        case.status = Status.IN_PROGRESS
    if case.due_at is None:
        case.due_at, case.clock_left = clock.due(case.urgency, now, case.clock_left), None


def _move(case: SupportCase, status: str, now: datetime) -> None:
    """Bring a case to a status. The clock stands still while it waits for the member, unless it ran out before; the desk's end
    of a case that it never answered is its answer.
    """
    if status not in Status.values:
        raise ValidationError({"status": _("Choose a status.")})
    if status in ENDS:
        case.due_at = case.clock_left = None
        case.resolved_at = case.resolved_at or now
    elif status == Status.WAITING_MEMBER and case.due_at is not None and now < case.due_at:
        case.clock_left, case.due_at = clock.left(case.urgency, now, case.due_at), None
    elif status != Status.WAITING_MEMBER and case.clock_left is not None:
        case.due_at, case.clock_left = clock.due(case.urgency, now, case.clock_left), None
    if status not in ENDS:
        case.resolved_at = None
    case.status = status
