"""Who is told: coordinators, analysts and reporters who may be reached now."""

from aimprogress.core.permissions import Role
from members.models import MemberAnalyst, RoleGrant, Site, User


def coordinators_of(organisation_id: object) -> list[User]:
    grants = RoleGrant.objects.in_force().filter(organisation_id=organisation_id, role=Role.MEMBER_COORDINATOR)
    return list(User.objects.filter(pk__in=grants.values("user_id"), is_active=True))


def administrators() -> list[User]:
    grants = RoleGrant.objects.in_force().filter(role=Role.AIM_ADMIN)
    return list(User.objects.filter(pk__in=grants.values("user_id"), is_active=True))


def analysts_of(organisation_id: object) -> list[User]:
    """Those who look after a member; all analysts where nobody does."""
    mine = User.objects.filter(pk__in=MemberAnalyst.objects.filter(organisation_id=organisation_id).values("analyst_id"))
    return list(mine.filter(is_active=True)) or all_analysts()


def all_analysts() -> list[User]:
    grants = RoleGrant.objects.in_force().filter(role=Role.AIM_ANALYST)
    return list(User.objects.filter(pk__in=grants.values("user_id"), is_active=True))


def reporters_of(site: Site) -> list[User]:
    """The site's own reporters, whom a mail may reach: nobody at a safety-profile site (decisions 5.1)."""
    if site.safety_profile:
        return []
    grants = RoleGrant.objects.in_force().filter(role=Role.SITE_REPORTER, site_ids__contains=[site.pk])
    return list(User.objects.filter(pk__in=grants.values("user_id"), is_active=True))
