"""Who is told what, for the nouns of this app. Mail says only that something waits."""

from datetime import timedelta

from django.utils import timezone

from aimprogress.core.audit import AuditEvent
from aimprogress.core.events import on
from aimprogress.core.notify import ask_to_sign_in
from aimprogress.core.permissions import Role
from aimprogress.jobs.timetable import timetabled
from members.models import CheckIn, MemberAnalyst, RoleGrant, User

ESCALATE_AFTER = timedelta(minutes=10)


def coordinators_of(organisation_id: object) -> list[User]:
    grants = RoleGrant.objects.in_force().filter(organisation_id=organisation_id, role=Role.MEMBER_COORDINATOR)
    return list(User.objects.filter(pk__in=grants.values("user_id"), is_active=True))


def analysts_of(organisation_id: object) -> list[User]:
    """Those who look after a member; all analysts where nobody does."""
    mine = User.objects.filter(pk__in=MemberAnalyst.objects.filter(organisation_id=organisation_id).values("analyst_id"))
    everybody = User.objects.filter(pk__in=RoleGrant.objects.in_force().filter(role=Role.AIM_ANALYST).values("user_id"))
    return list(mine.filter(is_active=True)) or list(everybody.filter(is_active=True))


@on("members.record_check_in", max_age=timedelta(hours=6))
def tell_that_help_is_needed(event: AuditEvent) -> None:
    """Somebody asked for help: the coordinators are asked to sign in now."""
    check_in = CheckIn.objects.filter(pk=event.object_id, follow_up=CheckIn.FollowUp.HELP, followed_up_at=None).first()
    if check_in:
        ask_to_sign_in(coordinators_of(check_in.organisation_id), urgent=True, key=f"help.{check_in.pk}")


@timetabled("members.escalate_help", every=timedelta(minutes=1))
def escalate_help() -> None:
    """Nobody acknowledged a call for help in ten minutes: the next on the list are asked, and the phone says so."""
    waiting = CheckIn.objects.filter(follow_up=CheckIn.FollowUp.HELP, followed_up_at=None, escalated_at=None)
    for check_in in waiting.filter(received_at__lt=timezone.now() - ESCALATE_AFTER):
        ask_to_sign_in(analysts_of(check_in.organisation_id), urgent=True, key=f"help-next.{check_in.pk}")
        check_in.escalated_at = timezone.now()
        check_in.save(update_fields=["escalated_at"])
