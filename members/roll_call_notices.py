"""Who is told of a roll call: that it is open, that a round is late, that people need help, that 72 hours have passed."""

from datetime import timedelta

from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from aimprogress.core.audit import AuditEvent
from aimprogress.core.events import on
from aimprogress.jobs.timetable import timetabled
from members.models import NoticeTopic, RollCall, RollCallAnswer, User
from members.recipients import analysts_of, coordinators_of, reporters_of
from members.rounds import LAST, ROUNDS, known_last
from members.services.roll_calls import answers_of
from members.telling import Message, message, tell

OPEN = message("roll_call", NoticeTopic.EVACUATION, _("A roll call is open: is everybody reached?"), "members:roll_call")
LATE = message("roll_call.late", NoticeTopic.EVACUATION, _("A round of a roll call is overdue"), "members:roll_call")
NEED_HELP = message("roll_call.help", NoticeTopic.HELP, _("A roll call found people who need help"), "members:roll_call")
NOT_REACHED = message(
    "roll_call.missing", NoticeTopic.EVACUATION, _("People are not reached 72 hours after an incident"), "members:roll_call"
)


@on("members.open_roll_call", max_age=timedelta(hours=6))
def tell_that_people_are_counted(event: AuditEvent) -> None:
    """A roll call was opened: coordinators, the site's reporters and the analysts. One of an evacuation is told with that."""
    for roll_call in _open().filter(pk=event.object_id):
        _tell(roll_call, OPEN, {*_at_the_member(roll_call), *analysts_of(roll_call.organisation_id)}, "open")


@on("members.answer_roll_call", max_age=timedelta(hours=6))
def tell_that_people_need_help(event: AuditEvent) -> None:
    """A part found people who need help: the coordinators, now."""
    answer = RollCallAnswer.objects.filter(pk=event.object_id, need_help__gt=0).select_related("roll_call__site").first()
    if answer:
        _tell(answer.roll_call, NEED_HELP, set(coordinators_of(answer.organisation_id)), f"help.{answer.pk}")


@timetabled("members.watch_roll_calls", every=timedelta(minutes=5))
def watch_roll_calls() -> None:
    """Rounds that became overdue, each told once; and once that people are not reached when the last one is."""
    now = timezone.now()
    for roll_call in _open().filter(due_at__lte=now):
        late = sum(roll_call.began_at + after <= now for after in ROUNDS)
        _tell(roll_call, LATE, _at_the_member(roll_call), f"late.{late}")
    for roll_call in _open().filter(began_at__lte=now - ROUNDS[LAST - 1]):
        if not known_last(roll_call.roles, answers_of(roll_call)).everybody_reached:
            _tell(
                roll_call,
                NOT_REACHED,
                {*coordinators_of(roll_call.organisation_id), *analysts_of(roll_call.organisation_id)},
                "72",
            )


def _open() -> QuerySet[RollCall]:
    return RollCall.objects.filter(closed_at=None).select_related("site")


def _at_the_member(roll_call: RollCall) -> set[User]:
    return {*coordinators_of(roll_call.organisation_id), *reporters_of(roll_call.site)}


def _tell(roll_call: RollCall, what: Message, users: set[User], key: str) -> None:
    tell(
        sorted(users, key=lambda user: str(user.pk)), what, organisation_id=roll_call.organisation_id, subject_id=roll_call.pk,
        key=f"roll-call.{roll_call.pk}.{key}", urgent=True,
    )  # fmt: skip
