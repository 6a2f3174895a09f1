"""Meetings of the AIM-Progress team with one member or with several, and what was agreed there.

In a call with several members each has a row of its own: nobody reads who the others are, or what was noted for them.
"""

from contextlib import nullcontext
from datetime import date
from typing import Any
from uuid import UUID

from django.core.exceptions import PermissionDenied, ValidationError
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from aimprogress.core.actor import SYSTEM, acting_as, current_actor
from aimprogress.core.ids import uuid7
from aimprogress.core.permissions import Permission
from aimprogress.core.services import announce, service
from members.models import Meeting, MeetingFollowUp, Organisation, SupportCase

FEWEST_IN_A_CALL = 2


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


@service(Permission.MEETING_CONVENE)
def convene_call(*, members: list[Organisation], held_on: date, topic: str, agenda: str, **fields: Any) -> list[Meeting]:
    """Invite several members to a call on an agenda; returns a meeting for each. Only the AIM-Progress team may.

    Raises ValidationError for fewer than two members, for a day that is over, and without an agenda.
    """
    actor, call = current_actor(), uuid7()
    members = list(dict.fromkeys(members))
    if any(member.kind != Organisation.Kind.MEMBER for member in members):
        raise PermissionDenied
    if len(members) < FEWEST_IN_A_CALL:
        raise ValidationError({"members": _("A call is with several members; a meeting with one is written down afterwards.")})
    if held_on < timezone.localdate():
        raise ValidationError({"held_on": _("An agenda is approved before the call.")})
    invited = []
    with acting_as(SYSTEM):
        for member in members:
            meeting = Meeting(
                organisation=member, call=call, held_on=held_on, topic=topic, agenda=agenda, kept_by_id=actor.user_id, **fields
            )
            meeting.save(force_insert=True)
            announce("members.convene_call", meeting)
            invited.append(meeting)
    return invited


@service(Permission.MEETING_CONVENE)
def move_call(*, meeting_id: UUID, held_on: date, topic: str, agenda: str) -> list[Meeting]:
    """Give a call that is still to come another day, topic or agenda, for all who are invited. Only the AIM-Progress team may.

    Another agenda asks every member to accept the statement again. Raises ValidationError for a call that is over.
    """
    meeting = Meeting.objects.get(pk=meeting_id)
    _still_to_come(meeting)
    if held_on < timezone.localdate():
        raise ValidationError({"held_on": _("An agenda is approved before the call.")})
    with acting_as(SYSTEM):
        rows = list(Meeting.objects.select_for_update(of=("self",)).filter(call=meeting.call).order_by("pk"))
        for row in rows:
            if row.agenda != agenda:
                row.accepted_at = None
            row.held_on, row.topic, row.agenda = held_on, topic, agenda
            row.save(update_fields=["held_on", "topic", "agenda", "accepted_at"])
            announce("members.move_call", row)
    return rows


@service(Permission.MEETING_CONVENE)
def call_off(*, meeting_id: UUID) -> list[Meeting]:
    """Call off a call that is still to come, for all who are invited: it stays in the list and says so."""
    meeting = Meeting.objects.get(pk=meeting_id)
    _still_to_come(meeting)
    with acting_as(SYSTEM):
        rows = list(Meeting.objects.select_for_update(of=("self",)).filter(call=meeting.call).order_by("pk"))
        for row in rows:
            row.called_off_at = timezone.now()
            row.save(update_fields=["called_off_at"])
            announce("members.call_off", row)
    return rows


def _still_to_come(meeting: Meeting) -> None:
    if meeting.call is None:
        raise ValidationError(_("This is no call with several members."))
    if not meeting.is_to_come:
        raise ValidationError(_("This call is over."))


@service(Permission.MEETING_ACCEPT)
def accept_statement(*, meeting: Meeting) -> Meeting:
    """Say, for the own member, that the statement on competition law was read and holds. Saying it twice is saying it once."""
    if meeting.call is None:
        raise ValidationError(_("This is no call with several members."))
    if meeting.accepted_at is None:
        meeting.accepted_at = timezone.now()
        meeting.save(update_fields=["accepted_at"])
    return meeting


@service(Permission.MEETING_KEEP)
def stop_call(*, meeting_id: UUID, reason: str) -> Meeting:
    """Stop a call that has left its agenda, for everybody in it: any member may, and the team. What was said first stays.

    The act stands in the trail of who stopped it alone: an entry with the others would tell them an account of that member.
    """
    meeting = Meeting.objects.get(pk=meeting_id)
    if meeting.call is None:
        raise ValidationError(_("This is no call with several members."))
    if not reason.strip():
        raise ValidationError({"reason": _("Say what was off the agenda, without repeating it.")})
    _for(meeting.organisation_id)  # whoever may not write for this member may not stop its call either
    now = timezone.now()
    with acting_as(SYSTEM):  # the others' rows are not the member's to see, but the call is over for all
        for row in Meeting.objects.select_for_update(of=("self",)).filter(call=meeting.call, stopped_at=None).order_by("pk"):
            row.stopped_at = now
            row.stopped_because = reason.strip() if row.pk == meeting.pk else ""
            row.save(update_fields=["stopped_at", "stopped_because"])
    return meeting


@service(Permission.MEETING_CONVENE)
def write_minutes(*, meeting_id: UUID, notes: str) -> list[Meeting]:
    """Write what was said to all, into the row of every member of the call. Only the AIM-Progress team may."""
    meeting = Meeting.objects.get(pk=meeting_id)
    if meeting.call is None:
        raise ValidationError(_("This is no call with several members."))
    if not meeting.may_be_minuted:
        raise ValidationError(_("Write down what was said after the call."))
    with acting_as(SYSTEM):
        rows = list(Meeting.objects.select_for_update(of=("self",)).filter(call=meeting.call).order_by("pk"))
        for row in rows:
            row.notes = notes
            row.save(update_fields=["notes"])
            announce("members.write_minutes", row)
    return rows


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
