"""Who is told what of the support desk, the clocks that run out, and the one mail a day."""

from datetime import timedelta

from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from aimprogress.core.audit import AuditEvent
from aimprogress.core.events import on
from aimprogress.jobs.timetable import timetabled
from members.bulletins import Addressed
from members.clock import allowed
from members.guidance import library
from members.models import (
    Bulletin,
    BulletinReceipt,
    CaseMessage,
    Meeting,
    MeetingFollowUp,
    NoticeTopic,
    SupportCase,
)
from members.recipients import all_analysts, analysts_of, coordinators_of
from members.services.cases import close_resolved_case
from members.telling import Message, mail_again, mail_digests, message, tell

CLOSES_AFTER = timedelta(days=14)

BULLETIN = message("bulletin", NoticeTopic.BULLETIN, _("A new bulletin of AIM-Progress"), "members:bulletin")
UNCONFIRMED = message("bulletin.late", NoticeTopic.BULLETIN, _("A bulletin still waits to be confirmed"), "members:bulletin")
OPENED = message("case.opened", NoticeTopic.CASE, _("A support case was opened"), "members:case")
ANSWERED = message("case.answered", NoticeTopic.CASE, _("Your support case was answered"), "members:case")
WRITTEN = message("case.written", NoticeTopic.CASE, _("A member wrote in a support case"), "members:case")
HALF_TIME = message("case.half", NoticeTopic.CASE, _("A case about life in danger waits for its answer"), "members:case")
OVERDUE = message("case.overdue", NoticeTopic.CASE, _("An answer is overdue"), "members:case")
TAKEN = message("case.taken", NoticeTopic.CASE, _("A support case was given to you"), "members:case")
MET = message("meeting", NoticeTopic.MEETING, _("A meeting was written down"), "members:meeting")
INVITED = message("call.invited", NoticeTopic.MEETING, _("You are invited to a call with other members"), "members:meeting")
MOVED = message("call.moved", NoticeTopic.MEETING, _("A call with other members was changed"), "members:meeting")
CALLED_OFF = message("call.off", NoticeTopic.MEETING, _("A call with other members was called off"), "members:meeting")
STOPPED = message("call.stopped", NoticeTopic.MEETING, _("A call was stopped as off its agenda"), "members:meeting")
OLD_GUIDANCE = message("guidance.old", NoticeTopic.WORK, _("Guidance should be read again"), "members:guidance")
AGREED_LATE = message("meeting.late", NoticeTopic.MEETING, _("What was agreed in a meeting is overdue"), "members:meeting")


@on("members.publish_bulletin", max_age=timedelta(days=3))
def tell_of_a_bulletin(event: AuditEvent) -> None:
    """Coordinators of the members whom it concerns."""
    bulletin = Bulletin.objects.in_force().filter(pk=event.object_id).first()
    for member in Addressed().of(bulletin) if bulletin else ():
        tell(
            coordinators_of(member.pk), BULLETIN, organisation_id=member.pk, subject_id=bulletin.pk,
            key=f"bulletin.{bulletin.pk}", urgent=bulletin.level == Bulletin.Level.URGENT,
        )  # fmt: skip


@timetabled("members.remind_of_bulletins", every=timedelta(hours=1))
def remind_of_bulletins() -> None:
    """Coordinators who have not confirmed in the time that the level gives: once a bulletin."""
    now = timezone.now()
    late = [one for one in Bulletin.objects.in_force().exclude(level=Bulletin.Level.INFO) if one.confirm_by < now]
    addressed = Addressed() if late else None
    for bulletin in late:
        done = set(BulletinReceipt.objects.filter(bulletin=bulletin).values_list("organisation_id", "user_id"))
        for member in addressed.of(bulletin):
            waiting = [user for user in coordinators_of(member.pk) if (member.pk, user.pk) not in done]
            tell(
                waiting, UNCONFIRMED, organisation_id=member.pk, subject_id=bulletin.pk, key=f"bulletin-late.{bulletin.pk}",
                urgent=bulletin.level == Bulletin.Level.URGENT,
            )  # fmt: skip


@on("members.open_case", max_age=timedelta(days=1))
def tell_of_a_case(event: AuditEvent) -> None:
    """The analysts of the member and its coordinators, but not who asked; where life is in danger the whole team, urgently."""
    case = SupportCase.objects.filter(pk=event.object_id).first()
    if case:
        team = all_analysts() if case.is_for_life else analysts_of(case.organisation_id)
        tell(
            [user for user in [*team, *coordinators_of(case.organisation_id)] if user.pk != case.opened_by_id], OPENED,
            organisation_id=case.organisation_id, subject_id=case.pk, key=f"case.{case.pk}", urgent=case.is_for_life,
        )  # fmt: skip


@on("members.write_to_case", max_age=timedelta(days=3))
def tell_of_a_message(event: AuditEvent) -> None:
    """From the desk: the coordinators. From the member: who handles it, else the analysts of the member."""
    said = CaseMessage.objects.select_related("case").filter(pk=event.object_id).first()
    if said is None:
        return
    handler = [user for user in all_analysts() if user.pk == said.case.handler_id]  # who left the team hears nothing
    told = coordinators_of(said.organisation_id) if said.by_desk else handler or analysts_of(said.organisation_id)
    tell(
        [user for user in told if user.pk != said.written_by_id], ANSWERED if said.by_desk else WRITTEN,
        organisation_id=said.organisation_id, subject_id=said.case_id, key=f"case-message.{said.pk}",
        urgent=said.case.is_for_life,
    )  # fmt: skip


@on("members.handle_case", max_age=timedelta(days=3))
def tell_who_takes_it(event: AuditEvent) -> None:
    """The analyst to whom somebody else gave a case."""
    case = SupportCase.objects.filter(pk=event.object_id, handler__is_active=True).select_related("handler").first()
    if case and case.is_open and case.handler_id != event.actor_id:
        tell(
            [case.handler], TAKEN, organisation_id=case.organisation_id, subject_id=case.pk,
            key=f"case-taken.{case.pk}.{case.handler_id}",
        )  # fmt: skip


@timetabled("members.watch_case_clocks", every=timedelta(minutes=5))
def watch_case_clocks() -> None:
    """An answer that is overdue is told to the whole team, once for each time that it was owed; one for a life at half time."""
    now = timezone.now()
    half = SupportCase.objects.open().filter(urgency=SupportCase.Urgency.P1, due_at__lt=now + allowed("P1") / 2, due_at__gte=now)
    for what, cases in ((HALF_TIME, half), (OVERDUE, SupportCase.objects.overdue(now))):
        for case in cases.iterator():
            tell(
                all_analysts(), what, organisation_id=case.organisation_id, subject_id=case.pk, urgent=case.is_for_life,
                key=f"{what.kind.replace('.', '-')}.{case.pk}.{case.due_at:%Y%m%d%H%M}",
            )  # fmt: skip


@timetabled("members.close_cases", every=timedelta(days=1), offset=timedelta(hours=3))
def close_cases() -> None:
    """What was resolved two weeks ago, and nobody wrote since, is closed."""
    before = timezone.now() - CLOSES_AFTER
    resolved = SupportCase.objects.filter(status=SupportCase.Status.RESOLVED, resolved_at__lt=before)
    for case_id in list(resolved.values_list("pk", flat=True)):
        close_resolved_case(case_id=case_id)


@on("members.keep_meeting", max_age=timedelta(days=3))
def tell_of_a_meeting(event: AuditEvent) -> None:
    """The other side: coordinators and the member's analysts, without who wrote it down."""
    meeting = Meeting.objects.filter(pk=event.object_id).first()
    if meeting:
        told = {*coordinators_of(meeting.organisation_id), *analysts_of(meeting.organisation_id)}
        told = sorted((user for user in told if user.pk != meeting.kept_by_id), key=lambda user: str(user.pk))
        tell(told, MET, organisation_id=meeting.organisation_id, subject_id=meeting.pk, key=f"meeting.{meeting.pk}")


@on("members.convene_call", max_age=timedelta(days=3))
def tell_of_a_call(event: AuditEvent) -> None:
    """Coordinators of a member that is invited to a call with several."""
    _tell_the_member(event, INVITED, f"call.{event.object_id}")


@on("members.move_call", max_age=timedelta(days=3))
def tell_that_a_call_moved(event: AuditEvent) -> None:
    """Coordinators of each member of the call."""
    _tell_the_member(event, MOVED, f"call-moved.{event.pk}")


@on("members.call_off", max_age=timedelta(days=3))
def tell_that_a_call_is_off(event: AuditEvent) -> None:
    """Coordinators of each member of the call."""
    _tell_the_member(event, CALLED_OFF, f"call-off.{event.object_id}")


@on("members.write_minutes", max_age=timedelta(days=3))
def tell_of_minutes(event: AuditEvent) -> None:
    """Coordinators of each member of the call."""
    _tell_the_member(event, MET, f"minutes.{event.pk}")


@on("members.stop_call", max_age=timedelta(days=1))
def tell_that_a_call_is_stopped(event: AuditEvent) -> None:
    """Coordinators of each member of the call, and the analysts who look after them: nobody goes on with it."""
    stopped = Meeting.objects.filter(pk=event.object_id).values("call")
    for meeting in Meeting.objects.filter(call__in=stopped):
        told = {*coordinators_of(meeting.organisation_id), *analysts_of(meeting.organisation_id)}
        tell(
            sorted(told, key=lambda user: str(user.pk)), STOPPED, organisation_id=meeting.organisation_id, subject_id=meeting.pk,
            key=f"call-stopped.{meeting.pk}", urgent=True,
        )  # fmt: skip


def _tell_the_member(event: AuditEvent, what: Message, key: str) -> None:
    if meeting := Meeting.objects.filter(pk=event.object_id).first():
        member = meeting.organisation_id
        tell(coordinators_of(member), what, organisation_id=member, subject_id=meeting.pk, key=key)


@timetabled("members.remind_of_agreements", every=timedelta(days=1), offset=timedelta(hours=5))
def remind_of_agreements() -> None:
    """What was agreed and is overdue: coordinators and the member's analysts, once."""
    late = MeetingFollowUp.objects.open().filter(due_on__lt=timezone.localdate()).select_related("meeting")
    for agreed in late.iterator():
        told = {*coordinators_of(agreed.organisation_id), *analysts_of(agreed.organisation_id)}
        tell(
            sorted(told, key=lambda user: str(user.pk)), AGREED_LATE, organisation_id=agreed.organisation_id,
            subject_id=agreed.meeting_id, key=f"agreed-late.{agreed.pk}",
        )  # fmt: skip


@timetabled("members.remind_of_old_guidance", every=timedelta(days=1), offset=timedelta(hours=5))
def remind_of_old_guidance() -> None:
    """Entries of the library that should be read again, to the whole team: once for each day on which one was read last."""
    for item in (item for item in library().values() if item.is_old):
        tell(all_analysts(), OLD_GUIDANCE, organisation_id=None, key=f"guidance-old.{item.code}.{item.read_on}")


@timetabled("members.mail_digests", every=timedelta(days=1), offset=timedelta(hours=5, minutes=30))
def mail_the_digests() -> None:
    """One mail a day to those who chose it."""
    mail_digests()


@timetabled("members.mail_again", every=timedelta(minutes=5))
def mail_what_was_refused() -> None:
    """A mail server that was down has lost nobody's mail."""
    mail_again()
