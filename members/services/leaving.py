"""Take our data and leave: an archive, two people, a waiting time, and the erasure with its receipt."""

from datetime import timedelta

from django.core.exceptions import PermissionDenied, ValidationError
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from aimprogress.core.actor import current_actor
from aimprogress.core.exceptions import Conflict
from aimprogress.core.permissions import Permission, Role
from aimprogress.core.services import service
from aimprogress.figures.numbers import number
from aimprogress.jobs.models import Job
from aimprogress.jobs.requests import enqueue
from members.models import Departure, Organisation

ARCHIVE = "archive"


@service(Permission.LEAVE_ASK)
def request_archive(*, organisation: Organisation) -> Job:
    """Ask for everything that the portal holds of the own organisation as one file. It can be asked for without leaving."""
    _own(organisation)
    return enqueue(ARCHIVE, {})


@service(Permission.LEAVE_ASK)
def ask_to_leave(*, organisation: Organisation, typed: str) -> Departure:
    """The first of two people says that the organisation leaves. Nothing is erased yet; the archive is written.

    typed: the organisation's short name, so that nobody leaves by a wrong press.
    """
    _own(organisation)
    _typed_right(organisation, typed)
    locked = Organisation.objects.select_for_update().get(pk=organisation.pk)
    if Departure.objects.filter(organisation=locked, stopped_at=None, erased_at=None).exists():
        raise Conflict(_("Somebody has asked for it already; another person has to agree."))
    departure = Departure(organisation=locked, asked_by_id=current_actor().user_id)
    departure.save(force_insert=True)
    request_archive(organisation=organisation)
    return departure


@service(Permission.LEAVE_DECIDE)
def agree_to_leave(*, departure: Departure) -> Departure:
    """The second person agrees: the waiting time begins, and everything is erased when it is over."""
    locked = _open(departure)
    if locked.agreed_at is not None:
        raise Conflict(_("Another person has agreed already."))
    if locked.asked_by_id == current_actor().user_id:
        raise Conflict(_("You asked for it. Another person has to agree."))
    locked.agreed_by_id, locked.agreed_at = current_actor().user_id, timezone.now()
    locked.due_at = locked.agreed_at + timedelta(days=number("LEAVE_AFTER_DAYS"))
    locked.save(update_fields=["agreed_by", "agreed_at", "due_at"])
    return locked


@service(Permission.LEAVE_DECIDE)
def stop_leaving(*, departure: Departure) -> Departure:
    """The organisation stays after all. Possible until everything is erased."""
    locked = _open(departure)
    locked.stopped_by_id, locked.stopped_at = current_actor().user_id, timezone.now()
    locked.save(update_fields=["stopped_by", "stopped_at"])
    return locked


@service(Permission.LEAVE_HASTEN)
def erase_without_waiting(*, departure: Departure, typed: str) -> Departure:
    """What two people agreed on happens with the next look of the clock, not when the waiting time is over."""
    locked = _open(departure)
    if locked.agreed_at is None:
        raise Conflict(_("Another person has to agree first."))
    _typed_right(locked.organisation, typed)
    locked.due_at = timezone.now()
    locked.save(update_fields=["due_at"])
    return locked


def _open(departure: Departure) -> Departure:
    actor = current_actor()
    everywhere = actor.kind == "system" or Role.AIM_ADMIN in actor.roles
    if not everywhere and departure.organisation_id != actor.organisation_id:
        raise PermissionDenied
    locked = Departure.objects.select_for_update(of=("self",)).select_related("organisation").get(pk=departure.pk)
    if not locked.is_open:
        raise Conflict(_("This is over: it was stopped, or everything is erased."))
    return locked


def _own(organisation: Organisation) -> None:
    if organisation.pk != current_actor().organisation_id or organisation.kind != Organisation.Kind.MEMBER:
        raise PermissionDenied


def _typed_right(organisation: Organisation, typed: str) -> None:
    if typed.strip() != organisation.short_name:
        raise ValidationError({"typed": _("This is not the name of the organisation.")})
