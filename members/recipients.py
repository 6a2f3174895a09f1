"""Who is told: coordinators, analysts and reporters who may be reached now."""

from collections import Counter
from collections.abc import Collection
from uuid import UUID

from aimprogress.core.permissions import Role
from members.models import MemberAnalyst, RoleGrant, Site, User


def coordinators_of(organisation_id: object) -> list[User]:
    """The coordinators of a member, who may be reached whatever it is about."""
    grants = RoleGrant.objects.in_force().filter(organisation_id=organisation_id, role=Role.MEMBER_COORDINATOR)
    return list(User.objects.filter(pk__in=grants.values("user_id"), is_active=True))


def administrators() -> list[User]:
    """The administrators of AIM-Progress: they manage accounts and see no record."""
    grants = RoleGrant.objects.in_force().filter(role=Role.AIM_ADMIN)
    return list(User.objects.filter(pk__in=grants.values("user_id"), is_active=True))


def analysts_of(organisation_id: object) -> list[User]:
    """Those who look after a member; all analysts where nobody does who still is one."""
    mine = MemberAnalyst.objects.in_force().filter(organisation_id=organisation_id)
    return list(User.objects.filter(pk__in=mine.values("analyst_id"))) or all_analysts()


def all_analysts() -> list[User]:
    """Everybody who is an analyst of AIM-Progress now."""
    grants = RoleGrant.objects.in_force().filter(role=Role.AIM_ANALYST)
    return list(User.objects.filter(pk__in=grants.values("user_id"), is_active=True))


def reporters_of(site: Site) -> list[User]:
    """The site's own reporters, whom a mail may reach: nobody at a safety-profile site (decisions 5.1)."""
    if site.safety_profile:
        return []
    grants = RoleGrant.objects.in_force().filter(role=Role.SITE_REPORTER, site_ids__contains=[site.pk])
    return list(User.objects.filter(pk__in=grants.values("user_id"), is_active=True))


def sites_with_reporters(organisations: Collection[UUID | None] | None = None) -> set[UUID]:
    """The sites, of these members or of all, that have a reporter who signs in. Whether a mail may go there is asked besides."""
    grants = RoleGrant.objects.in_force().filter(role=Role.SITE_REPORTER, user__is_active=True)
    if organisations is not None:
        grants = grants.filter(organisation_id__in=organisations)
    return {pk for site_ids in grants.values_list("site_ids", flat=True) for pk in site_ids}


def language_at(organisation_id: object) -> str:
    """The language of a member's people: the one that most of its coordinators chose."""
    chosen = Counter(user.language for user in coordinators_of(organisation_id))
    return min(chosen, key=lambda language: (-chosen[language], language), default="en")
