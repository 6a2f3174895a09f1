"""What the portal holds of one person, for that person alone: the page of the own account and its file (GDPR, art. 15 and 20)."""

from dataclasses import dataclass
from typing import Any

from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from axes.models import AccessFailureLog, AccessLog
from django.apps import apps
from django.db.models import Count, Max, Min, Value

from aimprogress.core.actor import SYSTEM, acting_as
from aimprogress.core.audit import AuditEvent
from aimprogress.web.models import FormDraft, SavedView
from members.models import (
    ApiKey,
    CheckIn,
    Device,
    DutyTurn,
    HelpCall,
    Invitation,
    MemberAnalyst,
    NoticeSetting,
    Notification,
    RoleGrant,
    Site,
    SiteCare,
    StaffSession,
    SupportCase,
    User,
)

ACCOUNT = (
    "email", "display_name", "language", "theme", "joined_at", "last_login", "last_visit_at", "overview_shown_at",
    "previous_visit_at",
)  # fmt: skip
NOT_TOLD = {
    "id": "a number that says nothing of anybody outside the portal",
    "password": "only its hash is kept, and no secret leaves",
    "is_active": "true for everybody who can read it",
    "closed_at": "empty for everybody who can read it",
}
"""Columns of an account that its file leaves out, each with the reason."""
TOLD = {
    "web.FormDraft.user": "unfinished_forms",
    "web.SavedView.user": "saved_views",
    "account.EmailAddress.user": "addresses",
    "mfa.Authenticator.user": "second_factors",
    "members.RoleGrant.user": "roles",
    "members.MemberAnalyst.analyst": "members_looked_after",
    "members.Invitation.invited_by": "invitations_made",
    "members.ApiKey.created_by": "keys_made",
    "members.Device.holder": "phones",
    "members.SiteCare.user": "sites_followed_up",
    "members.SupportCase.opened_by": "cases_opened",
    "members.SupportCase.handler": "cases_handled",
    "members.CheckIn.by": "check_ins_sent",
    "members.HelpCall.user": "calls_for_help",
    "members.StaffSession.analyst": "staff_sessions",
    "members.DutyTurn.user": "turns_of_duty",
    "members.Notification.user": "notifications",
    "members.NoticeSetting.user": "notice_settings",
}
"""Each column that points to an account, row by row -> where in the file."""
COUNTED = dict.fromkeys(
    (
        "jobs.Job.requester", "instruments.Assessment.signed_by", "instruments.Assessment.recorded_by",
        "exchange.ImportBatch.created_by", "members.BulkCheckIn.by", "members.GuidanceMark.marked_by",
        "members.Bulletin.issued_by", "members.BulletinReceipt.user", "members.CaseMessage.written_by",
        "members.RoleGrant.granted_by", "members.Reminder.by", "members.SiteCall.by", "members.CutOff.cut_by",
        "members.CutOff.restore_asked_by", "members.CutOff.restored_by", "members.Device.made_by",
        "members.CheckIn.followed_up_by", "members.CheckIn.confirmed_by", "members.OtherAnswers.settled_by",
        "members.SiteStatus.reported_by", "members.HeadCount.reported_by", "members.AlertLevelChange.reported_by",
        "members.HazardReport.reported_by", "members.Escalation.closed_by", "members.EvacuationPlan.written_by",
        "members.EvacuationPlan.approved_by", "members.CommunicationPlan.written_by", "members.CommunicationPlan.approved_by",
        "members.PlanActivation.activated_by", "members.PlanActivation.stood_down_by", "members.Departure.asked_by",
        "members.Departure.agreed_by", "members.Departure.stopped_by", "members.Meeting.kept_by", "members.LegalHold.set_by",
        "members.LegalHold.lifted_by", "members.RollCall.opened_by", "members.RollCall.closed_by",
        "members.RollCallAnswer.reported_by", "members.DataShare.granted_by", "humanitarian.ActionBatch.changed_by",
        "humanitarian.WageSupportReport.reported_by", "risks.RightsIssue.salient_second", "risks.Report.requested_by",
    ),
    "the record is the organisation's: how many carry the person's id, and in which part",
) | {"members.SignInLink.user": "a way in for twelve hours, kept as a hash: that there is one"}  # fmt: skip
"""The others that point to an account, counted under `records`, each with the reason (tests/members/test_own_account.py)."""
Rows = list[dict[str, Any]]


@dataclass(frozen=True, slots=True)
class Held:
    """By kind, in plain values. What others wrote about sites and people is not among it: it names nobody."""

    account: dict[str, Any]
    kinds: dict[str, Rows]

    def as_dict(self) -> dict[str, Any]:
        return {"account": self.account, **self.kinds}


def held_of(user: User) -> Held:
    """Everything with this person's id or address on it, in every organisation; no secret and no hash of one.

    Of acts it counts each kind, with the first and the last: the rows themselves belong to the organisation.
    """
    with acting_as(SYSTEM):  # also of organisations that are not the chosen one; only rows of this person are asked for
        roles = list(RoleGrant.objects.filter(user=user).select_related("organisation").order_by("granted_at", "id"))
        named = {pk for grant in roles if grant.revoked_at is None for pk in grant.site_ids}
        names = dict(Site.objects.filter(pk__in=named).values_list("pk", "name"))
        kinds = {
            "roles": [
                {
                    "organisation": str(grant.organisation), "role": grant.role, "given_at": grant.granted_at,
                    "ends_at": grant.expires_at, "taken_back_at": grant.revoked_at,
                    "sites": sorted(names[pk] for pk in grant.site_ids if pk in names),
                }
                for grant in roles
            ],
            "second_factors": _rows(Authenticator.objects.filter(user=user), "type", "created_at", "last_used_at"),
            "phones": _rows(
                Device.objects.filter(holder=user), "alias", "standing", "language", "made_at", "enrolled_at", "last_seen_at",
                "revoked_at", "ended",
            ),
            "sign_ins": _rows(AccessLog.objects.filter(username__iexact=user.email), "attempt_time", "ip_address", "user_agent"),
            "failed_sign_ins": _rows(
                AccessFailureLog.objects.filter(username__iexact=user.email), "attempt_time", "ip_address", "user_agent"
            ),
            "keys_made": _rows(
                ApiKey.objects.filter(created_by=user), "name", "scopes", "created_at", "expires_at", "last_used_at", "revoked_at"
            ),
            "invitations_made": _rows(Invitation.objects.filter(invited_by=user), "role", "invited_at", "accepted_at"),
            "invitations_received": _rows(
                Invitation.objects.filter(email__iexact=user.email), "role", "invited_at", "accepted_at"
            ),
            "addresses": _rows(EmailAddress.objects.filter(user=user), "email", "verified", "primary"),
            "members_looked_after": _rows(MemberAnalyst.objects.filter(analyst=user), "organisation__short_name"),
            "sites_followed_up": _rows(SiteCare.objects.filter(user=user), "organisation__short_name", "since"),
            "check_ins_sent": _rows(CheckIn.objects.filter(by=user), "claimed_at", "received_at", "channel"),
            "calls_for_help": _rows(HelpCall.objects.filter(user=user), "label", "called_at", "mailed"),
            "cases_opened": _rows(SupportCase.objects.filter(opened_by=user), "number", "opened_at"),
            "cases_handled": _rows(SupportCase.objects.filter(handler=user), "number", "opened_at"),
            "staff_sessions": _rows(
                StaffSession.objects.filter(analyst=user), "organisation__short_name", "reason", "started_at", "ends_at"
            ),
            "turns_of_duty": _rows(DutyTurn.objects.filter(user=user), "label", "from_on", "until_on"),
            "saved_views": _rows(SavedView.objects.filter(user=user), "page", "name", "query", "saved_at"),
            "unfinished_forms": [
                {"url": draft.url, "kept_at": draft.kept_at, "content": draft.content}
                for draft in FormDraft.objects.filter(user=user).order_by("kept_at", "id")
            ],
            "notice_settings": _rows(NoticeSetting.objects.filter(user=user), "topic", "by"),
            "notifications": _rows(Notification.objects.filter(user=user), "topic", "told_at", "read_at", "mailed_at"),
            "records": _records_of(user),
            "acts": list(
                AuditEvent.objects.filter(actor_id=user.pk).order_by().values("action")
                .annotate(times=Count("pk"), first_at=Min("at"), last_at=Max("at")).order_by("action")
            ),
        }  # fmt: skip
    return Held({name: getattr(user, name) for name in ACCOUNT}, kinds)


def _records_of(user: User) -> Rows:
    """How many rows of COUNTED name the person, where any does; one query."""
    counts = []
    for key in COUNTED:
        label, name = key.rsplit(".", 1)
        rows = apps.get_model(label)._base_manager.filter(**{name: user}).order_by()
        counts.append(rows.values(record=Value(key)).annotate(rows=Count("pk")).values("record", "rows"))
    found = counts[0].union(*counts[1:], all=True)
    return sorted((row for row in found if row["rows"]), key=lambda row: row["record"])


def _rows(rows: Any, *names: str) -> Rows:
    return list(rows.order_by("pk").values(*names))
