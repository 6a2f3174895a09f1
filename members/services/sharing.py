"""What a member lets others see: shares and staff sessions. Every pull and every look is a row the member reads."""

from dataclasses import replace
from datetime import datetime, timedelta
from uuid import UUID

from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from aimprogress.core.actor import SYSTEM, Actor, acting_as, current_actor
from aimprogress.core.permissions import Permission
from aimprogress.core.services import service
from members.models import DataShare, Organisation, SharePull, StaffSession

STAFF_SESSION = timedelta(hours=1)

READS = {
    DataShare.Dataset.SITE_STATUS: {Permission.SITE_READ},
    DataShare.Dataset.HEAD_COUNTS: {Permission.SITE_READ, Permission.HEADCOUNT_READ},
    DataShare.Dataset.PLANS: {Permission.SITE_READ, Permission.PLAN_READ},
    DataShare.Dataset.SAFETY_ACTIONS: {Permission.SITE_READ, Permission.ACTION_READ},
    DataShare.Dataset.SUPPLIERS: {Permission.SUPPLIER_READ},
    DataShare.Dataset.CONTRIBUTIONS: {Permission.CONTRIBUTION_READ, Permission.PARTNER_READ},
    DataShare.Dataset.REPORTS: {Permission.REPORT_READ},
}
LONGEST_SHARE = timedelta(days=366)
ONLY_TO_THE_TEAM = {DataShare.Dataset.SUPPLIERS, DataShare.Dataset.PLANS}
"""Partners never receive these (domain 8.6); the page "Who can see what" says so."""
COMMERCIAL = {DataShare.Dataset.SUPPLIERS, DataShare.Dataset.CONTRIBUTIONS, DataShare.Dataset.REPORTS}


@service(Permission.SHARE_GRANT)
def grant_share(
    *, organisation: Organisation, receiver: Organisation, dataset: str, precision: str, expires_at: datetime
) -> DataShare:
    """Let `receiver` see one dataset of `organisation`, at one precision, until `expires_at`."""
    if receiver.kind == Organisation.Kind.MEMBER:
        raise ValidationError({"receiver": _("Members do not share with each other here: competition law.")})
    if dataset in ONLY_TO_THE_TEAM and receiver.kind != Organisation.Kind.SECRETARIAT:
        raise ValidationError({"receiver": _("Partners never receive suppliers or plans.")})
    if expires_at > timezone.now() + LONGEST_SHARE:
        raise ValidationError({"expires_at": _("A share ends within a year; then you decide again.")})
    share = DataShare(
        organisation=organisation, receiver=receiver, dataset=dataset, precision=precision, expires_at=expires_at,
        granted_by_id=current_actor().user_id,
    )  # fmt: skip
    share.save(force_insert=True)
    return share


@service(Permission.SHARE_GRANT)
def revoke_share(*, share: DataShare) -> DataShare:
    """End a share now; the receiver's next pull finds nothing."""
    if share.revoked_at is None:
        share.revoked_at = timezone.now()
        share.save(update_fields=["revoked_at"])
    return share


def through(share: DataShare, actor: Actor) -> Actor:
    """`actor` looking through `share`: one member, one dataset's permissions, nothing to write, never the owner's precision."""
    opened = frozenset({share.organisation_id})
    commercial = share.dataset in COMMERCIAL
    return replace(
        actor, permissions=frozenset(READS[DataShare.Dataset(share.dataset)]), shared_only=True, sites=None,
        safety=frozenset() if commercial else opened, commercial=opened if commercial else frozenset(), writes=frozenset(),
        is_secretariat=False,
    )  # fmt: skip


@service(Permission.SHARED_PULL)
def note_pull(*, share_id: UUID, rows: int) -> SharePull:
    """Keep that something was pulled, where the member sees it. The receiver cannot write there; the portal does.

    `share_id`, not the share: a service refuses rows of an organisation that the Actor does not write to.
    """
    actor = current_actor()
    share = DataShare.objects.get(pk=share_id, receiver_id=actor.organisation_id)
    with acting_as(SYSTEM):
        pull = SharePull(
            organisation_id=share.organisation_id, receiver_id=share.receiver_id, share=share, rows=rows, label=actor.label
        )
        pull.save(force_insert=True)
    return pull


@service(Permission.STAFF_SESSION_OPEN)
def open_staff_session(*, organisation: Organisation, reason: str) -> StaffSession:
    """Look at a member's commercial rows for an hour. The member sees who, when and why at once."""
    actor = current_actor()
    if organisation.kind != Organisation.Kind.MEMBER:
        raise ValidationError({"organisation": _("Staff sessions are for members' data.")})
    with acting_as(SYSTEM):
        session = StaffSession(
            organisation=organisation, receiver_id=actor.organisation_id, analyst_id=actor.user_id, reason=reason.strip(),
            ends_at=timezone.now() + STAFF_SESSION,
        )  # fmt: skip
        session.save(force_insert=True)
    return session


@service(Permission.STAFF_SESSION_OPEN)
def end_staff_session(*, session_id: str) -> StaffSession:
    """Close an own session before its hour is over."""
    session = StaffSession.objects.get(pk=session_id, analyst_id=current_actor().user_id)
    with acting_as(SYSTEM):
        session.ended_at = timezone.now()
        session.save(update_fields=["ended_at"])
    return session
