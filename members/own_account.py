"""What the portal holds of one person, for that person alone: the page of the own account and its file (GDPR, art. 15 and 20)."""

from dataclasses import dataclass
from typing import Any

from allauth.mfa.models import Authenticator
from axes.models import AccessFailureLog, AccessLog
from django.db.models import Count, Max, Min

from aimprogress.core.actor import SYSTEM, acting_as
from aimprogress.core.audit import AuditEvent
from aimprogress.web.models import FormDraft, SavedView
from members.models import ApiKey, Device, DutyTurn, Invitation, MemberAnalyst, NoticeSetting, Notification, RoleGrant, Site, User

ACCOUNT = ("email", "display_name", "language", "theme", "joined_at", "last_visit_at", "previous_visit_at")
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
            "members_looked_after": _rows(MemberAnalyst.objects.filter(analyst=user), "organisation__short_name"),
            "turns_of_duty": _rows(DutyTurn.objects.filter(user=user), "label", "from_on", "until_on"),
            "saved_views": _rows(SavedView.objects.filter(user=user), "page", "name", "query", "saved_at"),
            "unfinished_forms": [
                {"url": draft.url, "kept_at": draft.kept_at, "content": draft.content}
                for draft in FormDraft.objects.filter(user=user).order_by("kept_at", "id")
            ],
            "notice_settings": _rows(NoticeSetting.objects.filter(user=user), "topic", "by"),
            "notifications": _rows(Notification.objects.filter(user=user), "topic", "told_at", "read_at", "mailed_at"),
            "acts": list(
                AuditEvent.objects.filter(actor_id=user.pk).order_by().values("action")
                .annotate(times=Count("pk"), first_at=Min("at"), last_at=Max("at")).order_by("action")
            ),
        }  # fmt: skip
    return Held({name: getattr(user, name) for name in ACCOUNT}, kinds)


def _rows(rows: Any, *names: str) -> Rows:
    return list(rows.order_by("pk").values(*names))
