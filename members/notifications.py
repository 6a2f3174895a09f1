"""Who is told what, for the nouns of this app. Mail says only that something waits."""

from datetime import datetime, timedelta
from uuid import UUID

from django.db.models import Q, QuerySet
from django.utils import timezone, translation
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from aimprogress.core.audit import AuditEvent
from aimprogress.core.events import on
from aimprogress.core.notify import mail
from aimprogress.core.permissions import ROLE_PERMISSIONS, Permission, Role
from aimprogress.jobs.timetable import timetabled
from members import alarms, reminders, roll_call_notices, support_notifications  # noqa: F401 - their subscribers are registered so
from members.models import (
    CheckIn,
    CommunicationPlan,
    CutOff,
    Departure,
    DutyTurn,
    EvacuationPlan,
    HelpCall,
    LegalHold,
    NoticeTopic,
    Organisation,
    PlanActivation,
    RoleGrant,
    Site,
    User,
)
from members.planning import communication_plan_overdue, drill_overdue, with_communication_plan
from members.recipients import administrators, analysts_of, coordinators_of, reporters_of
from members.services.plans import approvers_besides
from members.telling import Message, message, tell

ACKNOWLEDGE_WITHIN = timedelta(minutes=10)

EVACUATION = message("evacuation", NoticeTopic.EVACUATION, _("An evacuation has begun"), "members:site")
HELP = message("help", NoticeTopic.HELP, _("Someone asked for help"), "members:follow_ups")
HELP_OVER = message("help.over", NoticeTopic.HELP, _("A call for help was taken back"), "members:follow_ups")
APPROVAL = message("plan.approval", NoticeTopic.WORK, _("A plan waits for your approval"), "members:site_plans")
APPROVED = message("plan.approved", NoticeTopic.WORK, _("Your plan was approved"), "members:site_plans")
STOOD_DOWN = message("evacuation.over", NoticeTopic.EVACUATION, _("An evacuation has ended"), "members:sites")
PLANS_DUE = message("plan.due", NoticeTopic.WORK, _("Plans or drills are overdue"), "members:plan_gaps")
STAFF_SESSION = message("staff_session", NoticeTopic.ACCESS, _("AIM-Progress opened a staff session"), "members:staff_sessions")
ACCOUNTS = message("accounts", NoticeTopic.ACCESS, _("An administrator changed accounts of your organisation"), "members:people")
ASSIGNED = message("assignment", NoticeTopic.ACCESS, _("The members that you look after were changed"), "members:assignments")
CUT_OFF = message("cut_off", NoticeTopic.ACCESS, _("Access was cut off, or somebody asks to restore it"))
PROFILE = message(
    "site.profile", NoticeTopic.WORK, _("A site now follows the safety profile: its phones have ended"), "members:site"
)
LEAVING = message("leaving", NoticeTopic.ACCESS, _("Somebody asked or agreed that an organisation leaves"), "members:leave")
HOLD = message("hold", NoticeTopic.ACCESS, _("A legal hold was set or lifted"), "members:retention")


@on("members.activate_plan", max_age=timedelta(hours=6))
def tell_that_people_leave(event: AuditEvent) -> None:
    """An evacuation began: coordinators, the site's reporters and the analysts are asked to sign in now."""
    activation = PlanActivation.objects.filter(pk=event.object_id, stood_down_at=None).select_related("site").first()
    if activation:
        told = {*coordinators_of(event.organisation_id), *reporters_of(activation.site), *analysts_of(event.organisation_id)}
        tell(
            sorted(told, key=lambda user: str(user.pk)), EVACUATION, organisation_id=event.organisation_id,
            subject_id=activation.site_id, key=f"evacuation.{activation.pk}", urgent=True,
        )  # fmt: skip


@on("members.stand_down", max_age=timedelta(hours=6))
def tell_that_it_ended(event: AuditEvent) -> None:
    """An evacuation was stood down: coordinators and analysts are asked to sign in and read what it came to."""
    told = {*coordinators_of(event.organisation_id), *analysts_of(event.organisation_id)}
    tell(
        sorted(told, key=lambda user: str(user.pk)), STOOD_DOWN, organisation_id=event.organisation_id,
        key=f"stand-down.{event.object_id}",
    )  # fmt: skip


@on("members.ask_for_approval", max_age=timedelta(days=2))
def tell_that_a_plan_waits(event: AuditEvent) -> None:
    """A draft was put forward: those who may approve it are asked to sign in."""
    for model in (EvacuationPlan, CommunicationPlan):
        plan = model.objects.filter(pk=event.object_id, approval_asked_at__isnull=False).first()
        if plan:
            asked = f"{plan.approval_asked_at:%Y%m%d%H%M%S}"
            tell(
                approvers_besides(plan, plan.written_by_id), APPROVAL, organisation_id=plan.organisation_id,
                subject_id=plan.site_id, key=f"approval.{plan.pk}.{asked}",
            )  # fmt: skip


@on("members.approve_plan", max_age=timedelta(days=2))
def tell_that_a_plan_is_in_force(event: AuditEvent) -> None:
    """Somebody else approved the draft: its author is asked to sign in."""
    for model in (EvacuationPlan, CommunicationPlan):
        plan = model.objects.filter(pk=event.object_id).select_related("written_by").first()
        if plan and plan.written_by_id not in (None, plan.approved_by_id) and plan.written_by.is_active:
            tell(
                [plan.written_by], APPROVED, organisation_id=plan.organisation_id, subject_id=plan.site_id,
                key=f"approved.{plan.pk}",
            )  # fmt: skip


@on("members.take_under_the_profile", max_age=timedelta(days=2))
def tell_that_a_site_is_occupied(event: AuditEvent) -> None:
    """The official list took a site under the safety profile: its coordinators decide how they hear of it from now on."""
    tell(
        coordinators_of(event.organisation_id), PROFILE, organisation_id=event.organisation_id, subject_id=event.object_id,
        key=f"profile.{event.object_id}", urgent=True,
    )  # fmt: skip


@timetabled("members.remind_of_plans", every=timedelta(days=1), offset=timedelta(hours=6))
def remind_of_plans() -> None:
    """Coordinators with a plan review or a drill that became overdue yesterday; on Mondays, that is overdue at all."""
    today = timezone.localdate()
    late = Q(current_plan_review_on__lt=today) | drill_overdue(today) | communication_plan_overdue(today)
    if today.weekday():
        yesterday = today - timedelta(days=1)
        since = communication_plan_overdue(today) & with_communication_plan(yesterday)
        late = Q(current_plan_review_on=yesterday) | Q(current_drill_due_on=yesterday) | since
    found = Site.objects.open().filter(late)
    for organisation_id in found.order_by().values_list("organisation_id", flat=True).distinct():
        tell(coordinators_of(organisation_id), PLANS_DUE, organisation_id=organisation_id, key=f"plans.{organisation_id}.{today}")


@on("members.record_check_in", max_age=timedelta(hours=6))
def tell_that_help_is_needed(event: AuditEvent) -> None:
    """Somebody asked for help: the first on the duty roster is asked to sign in now."""
    for check_in in calling_for_help().filter(pk=event.object_id):
        ask_next(check_in)


@on("members.undo_check_in", "members.put_aside_check_in", max_age=timedelta(hours=6))
def tell_that_help_is_not_needed(event: AuditEvent) -> None:
    """A call for help was taken back, or put aside with its phone: who had been asked is told, that nobody goes on looking."""
    check_in = CheckIn.objects.filter(pk=event.object_id, follow_up=CheckIn.FollowUp.NONE).first()
    if check_in and (calls := check_in.help_calls.exclude(user=None).filter(user__is_active=True).select_related("user")):
        tell(
            [call.user for call in calls], HELP_OVER, organisation_id=check_in.organisation_id, key=f"help.over.{check_in.pk}",
            urgent=True,
        )  # fmt: skip


def calling_for_help() -> QuerySet[CheckIn]:
    """Check-ins whose call for help nobody has acknowledged."""
    return CheckIn.objects.filter(follow_up=CheckIn.FollowUp.HELP, followed_up_at=None).order_by("received_at", "id")


def ask_next(check_in: CheckIn, *, now: datetime | None = None) -> None:
    """Ask who is next, unless who was asked last still has time to answer. The row stays whether or not the mail went out."""
    calls, now = list(check_in.help_calls.all()), now or timezone.now()
    if calls and now - calls[-1].called_at < ACKNOWLEDGE_WITHIN:
        return
    for user, label in next_to_ask(check_in, {call.user_id for call in calls}):
        mailed = bool(tell([user], HELP, organisation_id=check_in.organisation_id, key=f"help.{check_in.pk}", urgent=True))
        call = HelpCall(
            organisation_id=check_in.organisation_id, check_in=check_in, user=user, label=label, mailed=mailed, called_at=now
        )
        call.save(force_insert=True)


def next_to_ask(check_in: CheckIn, asked: set[UUID | None]) -> list[tuple[User, str]]:
    """The next on the duty roster; then the coordinators at once; then the analysts. Empty: everybody was asked."""
    organisation = check_in.organisation_id
    turns = DutyTurn.objects.filter(organisation_id=organisation).on_duty(timezone.localdate()).select_related("user")
    if turn := turns.exclude(user_id__in=asked).first():
        return [(turn.user, turn.label)]
    for users, role in ((coordinators_of(organisation), Role.MEMBER_COORDINATOR), (analysts_of(organisation), Role.AIM_ANALYST)):
        if left := [user for user in users if user.pk not in asked]:
            return [(user, role.value) for user in left]
    return []


@on("members.open_staff_session", max_age=timedelta(hours=6))
def tell_that_somebody_looks(event: AuditEvent) -> None:
    """AIM-Progress opened a staff session: the member's coordinators are asked to sign in and read why."""
    tell(
        coordinators_of(event.organisation_id), STAFF_SESSION, organisation_id=event.organisation_id,
        key=f"staff-session.{event.object_id}",
    )  # fmt: skip


@on("members.invite", "members.grant_role", "members.change_role", max_age=timedelta(hours=6))
def tell_that_accounts_change_from_outside(event: AuditEvent) -> None:
    """An administrator of AIM-Progress, not a coordinator, gave somebody a way in: the coordinators should know."""
    if Role.AIM_ADMIN in event.actor_label:
        tell(coordinators_of(event.organisation_id), ACCOUNTS, organisation_id=event.organisation_id, key=f"accounts.{event.pk}")


@on("members.assign_members", "members.end_assignment", max_age=timedelta(days=3))
def tell_who_looks_after_members(event: AuditEvent) -> None:
    """The analyst who was given members, or from whom one was taken: once for each act, unless it was their own."""
    analyst = User.objects.filter(pk=event.object_id).exclude(pk=event.actor_id)
    tell(analyst, ASSIGNED, organisation_id=None, key=f"assignment.{event.pk}")


@on("members.cut_off_access", "members.ask_to_restore", max_age=timedelta(hours=6))
def tell_that_access_was_cut_off(event: AuditEvent) -> None:
    """Access was cut off, or somebody asks to give it back: administrators, and coordinators who are still in, look now."""
    cut_off = CutOff.objects.filter(pk=event.object_id).first()
    if cut_off:
        _tell_both(CUT_OFF, cut_off.organisation_id, key=f"cut-off.{event.pk}")


@on("members.ask_to_leave", "members.agree_to_leave", max_age=timedelta(days=2))
def tell_that_a_member_leaves(event: AuditEvent) -> None:
    """Everything will be erased if nobody stops it: all coordinators and the administrators read that at once."""
    departure = Departure.objects.filter(pk=event.object_id, stopped_at=None, erased_at=None).first()
    if departure:
        _tell_both(LEAVING, departure.organisation_id, key=f"leaving.{event.pk}")


def _tell_both(kind: Message, organisation_id: UUID, *, key: str) -> None:
    """The administrators and the coordinators of the organisation, without waiting for the morning."""
    told = {*administrators(), *coordinators_of(organisation_id)}
    tell(sorted(told, key=lambda user: str(user.pk)), kind, organisation_id=organisation_id, key=key, urgent=True)


@on("members.set_hold", "members.lift_hold", max_age=timedelta(days=2))
def tell_of_a_hold(event: AuditEvent) -> None:
    """Deletion was stopped, or goes on: the coordinators read why."""
    hold = LegalHold.objects.filter(pk=event.object_id).first()
    if hold:
        tell(coordinators_of(hold.organisation_id), HOLD, organisation_id=hold.organisation_id, key=f"hold.{event.pk}")


@timetabled("members.escalate_help", every=timedelta(minutes=1))
def escalate_help() -> None:
    """Nobody acknowledged a call for help in ten minutes: the next is asked, and the phone says so."""
    for check_in in calling_for_help():
        ask_next(check_in)


@on("core.anchor_chains", max_age=timedelta(days=2))
def mail_the_anchor(event: AuditEvent) -> None:
    """Administrators and data-protection officers keep the digest of each day outside (core/anchors.py)."""
    roles = [role for role, held in ROLE_PERMISSIONS.items() if Permission.AUDIT_READ in held]
    grants = RoleGrant.objects.in_force().filter(organisation__kind=Organisation.Kind.SECRETARIAT, role__in=roles)
    for user in User.objects.filter(pk__in=grants.values("user_id"), is_active=True):
        with translation.override(user.language):
            subject = gettext("Anchor of the audit trail, %(day)s") % {"day": event.at.date().isoformat()}
            text = gettext("Keep this mail. With this digest anybody can tell later whether the audit trail was rewritten:")
        mail(user.email, subject, f"{text}\n\n{event.body.get('digest', '')}\n", key=f"anchor.{event.seq}.{user.pk}")
