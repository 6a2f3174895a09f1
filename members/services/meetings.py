"""Meetings of the AIM-Progress team with one member, and what was agreed there."""

from contextlib import nullcontext
from typing import Any
from uuid import UUID

from django.core.exceptions import PermissionDenied, ValidationError
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from aimprogress.core.actor import SYSTEM, acting_as, current_actor
from aimprogress.core.permissions import Permission
from aimprogress.core.services import service
from members.models import Meeting, MeetingFollowUp, Organisation, SupportCase


@service(Permission.MEETING_KEEP)
def keep_meeting(*, organisation_id: UUID, case_id: UUID | None = None, **fields: Any) -> Meeting:
    """Write down a meeting with one member: who took part by role, what was said, what follows."""
    actor = current_actor()
    member = Organisation.objects.filter(pk=organisation_id, kind=Organisation.Kind.MEMBER).first()
    if member is None or not (actor.is_secretariat or organisation_id in actor.writes):
        raise PermissionDenied
    with acting_as(SYSTEM) if actor.is_secretariat else nullcontext():
        meeting = Meeting(organisation=member, case_id=case_id, kept_by_id=actor.user_id, **fields)
        if meeting.held_on and meeting.held_on > timezone.localdate():
            raise ValidationError({"held_on": _("Write down what was said after the meeting.")})
        if case_id and not SupportCase.objects.filter(pk=case_id, organisation=member).exists():
            raise ValidationError({"case": _("There is no such case.")})
        meeting.save(force_insert=True)
    return meeting


@service(Permission.MEETING_KEEP)
def add_follow_up(*, meeting_id: UUID, **fields: Any) -> MeetingFollowUp:
    """Add something that was agreed in a meeting."""
    meeting = Meeting.objects.get(pk=meeting_id)
    with _for(meeting.organisation_id):
        agreed = MeetingFollowUp(organisation_id=meeting.organisation_id, meeting=meeting, **fields)
        agreed.save(force_insert=True)
    return agreed


@service(Permission.MEETING_KEEP)
def settle_follow_up(*, follow_up_id: UUID) -> MeetingFollowUp:
    """Say that what was agreed is done."""
    agreed = MeetingFollowUp.objects.get(pk=follow_up_id)
    with _for(agreed.organisation_id):
        if agreed.done_at is None:
            agreed.done_at = timezone.now()
            agreed.save(update_fields=["done_at"])
    return agreed


def _for(organisation_id: UUID) -> Any:
    actor = current_actor()
    if actor.is_secretariat:
        return acting_as(SYSTEM)
    if organisation_id not in actor.writes:
        raise PermissionDenied
    return nullcontext()
