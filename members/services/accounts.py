"""Accounts: invitations, roles, keys. Nobody grants more than they hold. Who leaves: members/services/leavers.py."""

import hashlib
import logging
import secrets
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.conf import settings
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import PermissionDenied, ValidationError
from django.core.mail import EmailMessage
from django.db.models import QuerySet
from django.utils import timezone, translation
from django.utils.translation import gettext_lazy as _

from aimprogress.core.actor import SYSTEM, acting_as, current_actor
from aimprogress.core.audit import record
from aimprogress.core.exceptions import Conflict
from aimprogress.core.permissions import ROLE_PERMISSIONS, Permission, Role
from aimprogress.core.services import service
from members.models import (
    ApiKey,
    CutOff,
    Invitation,
    Organisation,
    RoleGrant,
    SignInLink,
    Site,
    User,
)
from members.models.organisation import AUDIT_LASTS
from members.services.handing_on import end_devices_beyond, end_keys_beyond, pass_on_the_desk

log = logging.getLogger(__name__)

INVITATION_DAYS = 7
SIGN_IN_LINK = timedelta(hours=12)
KEY_DAYS_AT_MOST = 366
ROLES_OF = {
    Organisation.Kind.MEMBER: (Role.SITE_REPORTER, Role.MEMBER_COORDINATOR, Role.MEMBER_VIEWER, Role.AUDITOR),
    Organisation.Kind.PARTNER: (Role.PARTNER_CLIENT,),
    Organisation.Kind.SECRETARIAT: (Role.AIM_ANALYST, Role.AIM_ADMIN, Role.DPO),
}


@dataclass(frozen=True, slots=True)
class Secret:
    """Something shown once: the row it belongs to, and the text that is stored only as a hash."""

    row: Any
    text: str

    @property
    def organisation_id(self) -> UUID:
        return self.row.organisation_id


def hashed(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


@service(Permission.PEOPLE_MANAGE)
def invite(
    *, organisation: Organisation, email: str, role: str, site_ids: list[UUID] | None = None, language: str = "en"
) -> Secret:
    """Open a way in for one address and one role, for seven days. The secret goes into the link and nowhere else."""
    _may_grant(organisation, role, site_ids)
    if User.objects.filter(pk=current_actor().user_id, email__iexact=email.strip()).exists():
        raise ValidationError({"email": _("Nobody invites themselves. Ask a colleague.")})
    if language not in dict(settings.PHONE_LANGUAGES if role == Role.SITE_REPORTER else settings.LANGUAGES):
        raise ValidationError({"language": _("The pages of this role are not written in this language.")})
    refuse_what_is_cut_off(organisation, site_ids or [])
    _refuse_who_is_cut_off(User.objects.filter(email__iexact=email.strip()).first(), organisation, "email")
    text = secrets.token_urlsafe(32)
    now = timezone.now()
    Invitation.objects.filter(
        organisation=organisation, email__iexact=email.strip(), role=role, accepted_at=None, revoked_at=None
    ).update(revoked_at=now)  # one open way in for an address and a role: the newest
    invitation = Invitation(
        organisation=organisation, email=email.strip().lower(), role=role, site_ids=site_ids or [], language=language,
        token_hash=hashed(text), invited_by_id=current_actor().user_id, expires_at=now + timedelta(days=INVITATION_DAYS),
    )  # fmt: skip
    invitation.full_clean(exclude={"invited_by"})
    invitation.save(force_insert=True)
    return Secret(invitation, text)


@service(Permission.PEOPLE_MANAGE)
def invite_reporters(*, organisation: Organisation, reporters: list[dict[str, Any]]) -> list[Secret]:
    """Open a way in for each of several site reporters: `email`, `site_ids`, `language`. All of them, or none."""
    return [invite(organisation=organisation, role=Role.SITE_REPORTER, **reporter) for reporter in reporters]


def mail_invitation(invitation: Invitation, link: str) -> bool:
    """Mail the link and nothing else. False where the server did not take it, or where people get no mail (safety profile)."""
    protected = Site.objects.filter(pk__in=invitation.site_ids, safety_profile=True)
    if protected.exists():
        return False
    with translation.override(invitation.language):
        subject, text = (
            _("A link for you"),
            _("Open this link within seven days. It works once. For your safety this mail says no more."),
        )
        message = EmailMessage(str(subject), f"{text}\n\n{link}\n", to=[invitation.email])
    try:
        return bool(message.send())
    except OSError as error:
        log.warning("the mail of invitation %s was not handed over: %s", invitation.pk, type(error).__name__)
        return False


@service(Permission.PEOPLE_MANAGE)
def revoke_invitation(*, invitation: Invitation) -> Invitation:
    """Close a way in that was not used."""
    refuse_foreign(invitation.organisation_id)
    invitation.revoked_at = timezone.now()
    invitation.save(update_fields=["revoked_at"])
    return invitation


def find_invitation(text: str) -> Invitation | None:
    """The invitation that `text` opens, or None: unknown, used, revoked and ended look alike."""
    return _waiting_for(text).first()


def _waiting_for(text: str) -> QuerySet[Invitation]:
    waiting = Invitation.objects.select_related("organisation", "invited_by")
    return waiting.filter(token_hash=hashed(text), accepted_at=None, revoked_at=None, expires_at__gt=timezone.now())


def accept_invitation(*, text: str, password: str, display_name: str = "") -> User:
    """Make the account, or add the role, or for a reporter the sites, to the one that exists. The secret is the permission.

    Raises ValidationError for a weak password, Conflict for a link that no longer opens anything.
    """
    if (found := find_invitation(text)) is not None:
        hold(found.organisation)  # before the invitation, in the order of a cut-off, which withdraws it
    invitation = _waiting_for(text).select_for_update(of=("self",)).first()
    if invitation is None:
        raise Conflict(_("This invitation was already used, or has ended. Ask for a new one."))
    user = User.objects.filter(email__iexact=invitation.email).first()
    if user is None:
        user = User(email=invitation.email, display_name=display_name.strip(), language=invitation.language)
        validate_password(password, user)
        user.set_password(password)
        user.full_clean()
        user.save(force_insert=True)
    elif not user.check_password(password):
        raise ValidationError({"password": _("This address already has an account: give its password.")})
    elif not user.is_active:  # closed by its person, or because nobody came for a year: somebody wants them back
        user.is_active, user.closed_at, user.last_visit_at = True, None, timezone.now()
        user.save(update_fields=["is_active", "closed_at", "last_visit_at"])
    before = RoleGrant.objects.filter(user=user, organisation=invitation.organisation, role=invitation.role).in_force().first()
    sites = sorted({*invitation.site_ids, *(before.site_ids if before else ())})
    _grant(user, invitation.organisation, invitation.role, sites, invitation.invited_by)
    invitation.accepted_at = timezone.now()
    invitation.save(update_fields=["accepted_at"])
    record("members.accept_invitation", organisation_id=invitation.organisation_id, user=user.pk, invitation=invitation.pk)
    return user


@service(Permission.PEOPLE_MANAGE)
def grant_role(*, organisation: Organisation, user: User, role: str, site_ids: list[UUID] | None = None) -> RoleGrant:
    """Give somebody a role, or change the sites of the one they have."""
    _may_grant(organisation, role, site_ids)
    if user.pk == current_actor().user_id:
        raise Conflict(_("Ask another coordinator to change your own role."))
    refuse_what_is_cut_off(organisation, site_ids or [])
    _refuse_who_is_cut_off(user, organisation, "role")
    return _grant(user, organisation, role, site_ids or [], User.objects.filter(pk=current_actor().user_id).first())


@service(Permission.PEOPLE_MANAGE)
def revoke_role(*, grant: RoleGrant) -> RoleGrant:
    """Take a role back; it counts from the next request on."""
    refuse_foreign(grant.organisation_id)
    if grant.user_id == current_actor().user_id:
        raise Conflict(_("Ask another coordinator to take your own role back."))
    grant.revoked_at = timezone.now()
    grant.save(update_fields=["revoked_at"])
    end_keys_beyond(grant.user, grant.organisation)
    end_devices_beyond(grant.user, grant.organisation)
    if grant.role == Role.AIM_ANALYST:
        pass_on_the_desk(grant.user, None)
    return grant


@service(Permission.PEOPLE_MANAGE)
def change_role(*, grant: RoleGrant, role: str, site_ids: list[UUID] | None = None) -> RoleGrant:
    """Give another role instead of `grant`, or other sites with the same role."""
    refuse_foreign(grant.organisation_id)
    if grant.revoked_at is not None:
        raise Conflict(_("This role was taken back meanwhile."))
    changed = grant_role(organisation=grant.organisation, user=grant.user, role=role, site_ids=site_ids)
    if role != grant.role:
        revoke_role(grant=grant)  # second, so that keys which the new role covers stay
    end_devices_beyond(grant.user, grant.organisation)
    return changed


@service(Permission.KEY_MANAGE)
def create_api_key(*, organisation: Organisation, name: str, scopes: list[str], expires_at: datetime) -> Secret:
    """Make an API key. Its text is shown once; its scopes are at most what the maker holds."""
    refuse_foreign(organisation.pk)
    actor = current_actor()
    if not scopes or any(not actor.may(Permission(scope)) for scope in scopes):
        raise ValidationError({"scopes": _("Choose from what you may do yourself.")})
    if not timezone.now() < expires_at <= timezone.now() + timedelta(days=KEY_DAYS_AT_MOST):
        raise ValidationError({"expires_at": _("A key ends within a year.")})
    refuse_what_is_cut_off(organisation)
    prefix, secret = secrets.token_hex(4), secrets.token_urlsafe(32)
    key = ApiKey(
        organisation=organisation, name=name.strip(), prefix=prefix, secret_hash=hashed(secret), scopes=sorted(scopes),
        created_by_id=actor.user_id, expires_at=expires_at,
    )  # fmt: skip
    key.full_clean(exclude={"created_by"})
    key.save(force_insert=True)
    return Secret(key, f"aimp_{prefix}_{secret}")


@service(Permission.KEY_MANAGE)
def revoke_api_key(*, key: ApiKey) -> ApiKey:
    """End a key now."""
    refuse_foreign(key.organisation_id)
    key.revoked_at = timezone.now()
    key.save(update_fields=["revoked_at"])
    return key


def make_sign_in_link(user: User) -> str:
    """The secret of a link that signs `user` in once. Only for the demo: raises Conflict anywhere else."""
    if not settings.DEMO:
        raise Conflict(_("Sign-in links exist only with demo data."))
    text = secrets.token_urlsafe(32)
    SignInLink.objects.create(user=user, token_hash=hashed(text), expires_at=timezone.now() + SIGN_IN_LINK)
    return text


def use_sign_in_link(text: str) -> User | None:
    """Whose link it is; it opens nothing more afterwards. None: unknown, used and ended look alike."""
    if not settings.DEMO:
        return None
    waiting = SignInLink.objects.select_for_update().filter(token_hash=hashed(text), used_at=None, expires_at__gt=timezone.now())
    link = waiting.select_related("user").first()
    if link is None or not link.user.is_active:
        return None
    link.used_at = timezone.now()
    link.save(update_fields=["used_at"])
    return link.user


def _grant(user: User, organisation: Organisation, role: str, site_ids: list[UUID], by: User | None) -> RoleGrant:
    given = {"site_ids": site_ids, "granted_by": by, "expires_at": None}
    if role == Role.AUDITOR:  # giving it again is a new ninety days
        now = timezone.now()
        given |= {"granted_at": now, "expires_at": now + AUDIT_LASTS}
    grant, _made = RoleGrant.objects.update_or_create(
        user=user, organisation=organisation, role=role, revoked_at=None, defaults=given
    )
    return grant


def refuse_what_is_cut_off(organisation: Organisation, site_ids: Collection[UUID] = (), field: str = "site_ids") -> None:
    """Raises ValidationError where access that is cut off would open by another way than two people who give it back."""
    hold(organisation)
    with acting_as(SYSTEM):  # who manages accounts does not always see sites
        countries = set(Site.objects.filter(pk__in=site_ids).values_list("country", flat=True))
    if CutOff.objects.over(organisation.pk).exists():
        raise ValidationError(
            _("Access of this organisation is cut off. First two people give it back, on the page “Cut off access”.")
        )
    if CutOff.objects.over(organisation.pk, countries).exists():
        words = _(
            "Access from the country of such a site is cut off. First two people give it back, on the page “Cut off access”."
        )
        raise ValidationError({field: words})


def _refuse_who_is_cut_off(user: User | None, organisation: Organisation, field: str) -> None:
    """A role of theirs that is cut off, also one taken back since, is not got round by another role or other sites."""
    closed = RoleGrant.objects.filter(user=user, organisation=organisation, cut_off__isnull=False)
    if user is not None and closed.exists():
        words = _("Access of this person is cut off. First two people give it back, on the page “Cut off access”.")
        raise ValidationError({field: words})


def hold(organisation: Organisation) -> None:
    """Nobody cuts an organisation off while something is given in it, and the other way round."""
    Organisation.objects.select_for_update(no_key=True).get(pk=organisation.pk)


def _may_grant(organisation: Organisation, role: str, site_ids: list[UUID] | None) -> None:
    actor = current_actor()
    if role not in ROLES_OF[Organisation.Kind(organisation.kind)]:
        raise ValidationError({"role": _("This role does not exist in this organisation.")})
    if role == Role.SITE_REPORTER and not site_ids:
        raise ValidationError({"site_ids": _("Choose the sites of this reporter.")})
    if Role.AIM_ADMIN in actor.roles or actor.kind == "system":
        return
    refuse_foreign(organisation.pk)
    beyond = ROLE_PERMISSIONS[Role(role)] - actor.permissions
    if beyond:
        raise PermissionDenied


def refuse_foreign(organisation_id: UUID) -> None:
    """Raises PermissionDenied for people of another organisation, but for the administrators of AIM-Progress."""
    actor = current_actor()
    if actor.kind != "system" and Role.AIM_ADMIN not in actor.roles and organisation_id != actor.organisation_id:
        raise PermissionDenied
