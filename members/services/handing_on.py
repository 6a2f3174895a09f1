"""What ends with a role, and what a leaver hands on. For use inside the services about people."""

from typing import Any

from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from aimprogress.core.actor import SYSTEM, acting_as
from aimprogress.core.permissions import ROLE_PERMISSIONS, Permission, Role
from aimprogress.core.services import announce
from members.models import (
    ApiKey,
    Device,
    DutyTurn,
    Invitation,
    Organisation,
    RoleGrant,
    SiteCare,
    SupportCase,
    User,
)
from members.services.assignments import pass_on_members


def pass_on_roles(user: User, heir: User, organisation: Organisation) -> None:
    """The sites that the leaver reported for go to an heir who reports already. Raises ValidationError where nobody would."""
    held = {grant.role: grant for grant in RoleGrant.objects.in_force().filter(user=user, organisation=organisation)}
    theirs = {grant.role: grant for grant in RoleGrant.objects.in_force().filter(user=heir, organisation=organisation)}
    if heir.pk == user.pk or not theirs:
        raise ValidationError({"heir": _("Choose a colleague who has a role here.")})
    if leaving := held.get(Role.SITE_REPORTER):
        taking = theirs.get(Role.SITE_REPORTER)
        if taking is None and Role.MEMBER_COORDINATOR not in theirs:
            raise ValidationError({"heir": _("Choose a site reporter or a coordinator: the sites need somebody who reports.")})
        if taking is not None:
            taking.site_ids = sorted({*taking.site_ids, *leaving.site_ids})
            taking.save(update_fields=["site_ids"])


def _able(heir: User | None, **grant: Any) -> User | None:
    """The heir, if there is one who holds such a role by now."""
    return heir if heir is not None and RoleGrant.objects.in_force().filter(user=heir, **grant).exists() else None


def pass_on_duty(user: User, heir: User | None, organisation: Organisation) -> None:
    """The leaver's turns go to an heir who can answer a call, else off the roster: a call must not wait for nobody."""
    able = _able(heir, role=Role.MEMBER_COORDINATOR, organisation=organisation)
    with acting_as(SYSTEM):
        turns = DutyTurn.objects.filter(user=user, organisation=organisation)
        if able:
            turns.update(user=able)
        else:
            turns.delete()


def pass_on_care(user: User, heir: User | None, organisation: Organisation) -> None:
    """The sites that the leaver followed up go to an heir who is a coordinator, else they are everybody's."""
    able = _able(heir, role=Role.MEMBER_COORDINATOR, organisation=organisation)
    with acting_as(SYSTEM):
        cares = SiteCare.objects.filter(user=user, organisation=organisation)
        if able:
            cares.update(user=able, since=timezone.now())
        else:
            cares.delete()


def pass_on_the_desk(user: User, heir: User | None) -> None:
    """Members and support cases that the leaver looked after go to an heir who is an analyst, and who is told, else they are
    everybody's.
    """
    able = _able(heir, role=Role.AIM_ANALYST)
    pass_on_members(user, able)
    with acting_as(SYSTEM):
        cases = list(SupportCase.objects.select_for_update(of=("self",)).filter(handler=user).order_by("pk"))
        for case in cases:
            case.handler = able
            case.save(update_fields=["handler"])
    for case in cases if able else ():
        announce("members.handle_case", case)


def end_devices_beyond(user: User, organisation: Organisation) -> None:
    """A phone ends with the grant that it stands on. As SYSTEM: who manages accounts does not always see sites."""
    grants = RoleGrant.objects.in_force().filter(user=user, organisation=organisation, role=Role.SITE_REPORTER)
    sites = {site for grant in grants for site in grant.site_ids}
    with acting_as(SYSTEM):
        Device.objects.filter(holder=user, organisation=organisation).exclude(site_id__in=sites).end(Device.Ended.LEFT)


def end_keys_beyond(user: User, organisation: Organisation) -> None:
    """Keys and invitations may not outlive the roles they were made from."""
    grants = RoleGrant.objects.in_force().filter(user=user, organisation=organisation)
    held = frozenset().union(*(ROLE_PERMISSIONS[Role(grant.role)] for grant in grants))
    for key in ApiKey.objects.filter(created_by=user, organisation=organisation, revoked_at=None):
        if set(key.scopes) - held:
            key.revoked_at = timezone.now()
            key.save(update_fields=["revoked_at"])
    if Permission.PEOPLE_MANAGE not in held:
        withdraw_invitations_of(user, organisation)


def withdraw_invitations_of(user: User, organisation: Organisation) -> None:
    """An open way in is worth no more than who opened it: invitations, and codes for phones that no phone used yet."""
    waiting = Invitation.objects.filter(invited_by=user, organisation=organisation, accepted_at=None, revoked_at=None)
    waiting.update(revoked_at=timezone.now())
    with acting_as(SYSTEM):
        unused_codes_of(user, organisation).end(Device.Ended.LEFT)


def unused_codes_of(user: User, organisation: Organisation) -> QuerySet[Device]:
    """The codes for phones that somebody made and no phone used."""
    return Device.objects.filter(made_by=user, organisation=organisation, enrolled_at=None, revoked_at=None)
