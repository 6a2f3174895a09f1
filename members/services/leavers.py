"""Somebody leaves: an organisation, by who manages its people, or every one, by themselves."""

from collections.abc import Collection
from uuid import UUID

from django.contrib.sessions.models import Session
from django.core.exceptions import PermissionDenied
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from aimprogress.core.actor import SYSTEM, acting_as, current_actor
from aimprogress.core.exceptions import Conflict
from aimprogress.core.permissions import ROLE_PERMISSIONS, Permission
from aimprogress.core.services import service
from members.models import (
    ApiKey,
    Device,
    Invitation,
    Organisation,
    RoleGrant,
    User,
)
from members.services.accounts import hold, refuse_foreign
from members.services.handing_on import (
    end_devices_beyond,
    pass_on_care,
    pass_on_duty,
    pass_on_roles,
    pass_on_the_desk,
    unused_codes_of,
    withdraw_invitations_of,
)


@service(Permission.PEOPLE_MANAGE)
def close_access(*, organisation: Organisation, user: User, heir: User | None = None) -> User:
    """Somebody leaves: roles, keys, invitations, phones and sessions end at once; what they look after passes to `heir`.

    The heir takes over the sites that the leaver reported for or followed up, the members and support cases that they looked
    after, and never a role that the heir does not hold already: raises ValidationError where that would leave a site's reports
    with nobody. What the heir cannot take is everybody's again.
    """
    refuse_foreign(organisation.pk)
    if user.pk == current_actor().user_id:
        raise Conflict(_("Ask another coordinator to close your own access."))
    _close(user, heir, organisation)
    end_sessions({user.pk})
    return user


@service(Permission.OWN_ACCOUNT_USE)
def close_own_account() -> User:
    """The actor's own account ends in every organisation at once, and is anonymous after the days that retention names.

    Raises Conflict where nobody else would be left who lets people in, and PermissionDenied for what is no person.
    """
    actor = current_actor()
    if actor.kind != "person":
        raise PermissionDenied
    user = User.objects.select_for_update(no_key=True).get(pk=actor.user_id)
    grants = RoleGrant.objects.filter(user=user, revoked_at=None)
    for organisation in Organisation.objects.filter(pk__in=grants.values("organisation_id")).order_by("pk"):
        hold(organisation)  # two who are the last two do not leave at once
        _leaves_somebody(user, organisation)
        _close(user, None, organisation)
    user.is_active, user.closed_at = False, timezone.now()
    user.save(update_fields=["is_active", "closed_at"])
    end_sessions({user.pk})
    return user


def _leaves_somebody(user: User, organisation: Organisation) -> None:
    """An organisation in which nobody lets people in could not be entered again."""
    lets_in = [role for role, held in ROLE_PERMISSIONS.items() if Permission.PEOPLE_MANAGE in held]
    grants = RoleGrant.objects.in_force().filter(organisation=organisation, role__in=lets_in, user__is_active=True)
    if grants.filter(user=user).exists() and not grants.exclude(user=user).exists():
        words = _("Nobody else gives roles in %(organisation)s. Give somebody else your role first.")
        raise Conflict(words % {"organisation": organisation})


def _close(user: User, heir: User | None, organisation: Organisation) -> None:
    if heir is not None:
        pass_on_roles(user, heir, organisation)
    pass_on_duty(user, heir, organisation)
    pass_on_care(user, heir, organisation)
    if organisation.kind == Organisation.Kind.SECRETARIAT:
        pass_on_the_desk(user, heir)
    now = timezone.now()
    # also a role that is cut off: giving access back must not bring somebody back who left meanwhile
    RoleGrant.objects.filter(user=user, organisation=organisation, revoked_at=None).update(revoked_at=now)
    end_devices_beyond(user, organisation)
    ApiKey.objects.filter(created_by=user, organisation=organisation, revoked_at=None).update(revoked_at=now)
    withdraw_invitations_of(user, organisation)


def held_by(user: User, organisation: Organisation) -> dict[str, int]:
    """How much of each kind ends when somebody leaves an organisation."""
    waiting = Invitation.objects.filter(invited_by=user, organisation=organisation, accepted_at=None, revoked_at=None)
    with acting_as(SYSTEM):
        phones = Device.objects.filter(holder=user, organisation=organisation).in_hand().count()
        codes = unused_codes_of(user, organisation).filter(link_ends_at__gt=timezone.now()).count()
    return {
        "roles": RoleGrant.objects.in_force().filter(user=user, organisation=organisation).count(),
        "phones": phones,
        "keys": ApiKey.objects.filter(created_by=user, organisation=organisation, revoked_at=None).count(),
        "invitations": waiting.count(),
        "codes": codes,
    }


def end_sessions(users: Collection[UUID]) -> int:
    """Sign users out everywhere; returns how many sessions ended."""
    named = {str(user) for user in users}
    ended = 0
    for session in Session.objects.filter(expire_date__gt=timezone.now()).iterator(chunk_size=500):
        if session.get_decoded().get("_auth_user_id") in named:
            session.delete()
            ended += 1
    return ended
