"""People, organisations and places for tests. Factories act as SYSTEM; tests act as somebody."""

from datetime import timedelta
from functools import cache
from itertools import count
from typing import Any

from django.contrib.auth.hashers import make_password
from django.utils import timezone

from aimprogress.core.actor import SYSTEM, Actor, acting_as
from aimprogress.core.permissions import Role
from aimprogress.places.models import AdminArea
from members.access import actor_for_user
from members.models import Operational, Organisation, RoleGrant, Site, User

_number = count(1)
PASSWORD = "correct horse battery staple"


@cache
def _hash_of_the_password() -> str:
    """Made once: a good hash takes half a second, and hundreds of tests need an account."""
    return make_password(PASSWORD)


def an_organisation(kind: str = "MEMBER", **fields: Any) -> Organisation:
    n = next(_number)
    name = fields.pop("short_name", f"{kind.title()} {n}")
    defaults = {"legal_name": f"{name} AG", "slug": f"organisation-{n}", "status": "ACTIVE"}
    return Organisation.objects.create(kind=kind, short_name=name, **{**defaults, **fields})


def the_secretariat() -> Organisation:
    found = Organisation.objects.filter(kind="SECRETARIAT").first()
    return found or an_organisation("SECRETARIAT", short_name="AIM-Progress team")


def an_area(code: str = "UA46", country: str = "UA", name: str = "Lviv", **fields: Any) -> AdminArea:
    """A first-level area; the same code is the same row."""
    return AdminArea.objects.get_or_create(
        code=code, defaults={"country": country, "level": 1, "name_en": name, "name_local": name, **fields}
    )[0]


def a_user(organisation: Organisation, role: str, *, sites: list[Site] | None = None, **fields: Any) -> User:
    n = next(_number)
    user = User.objects.create(email=fields.pop("email", f"user{n}@example.org"), password=_hash_of_the_password(), **fields)
    ends = timezone.now() + timedelta(days=30) if role == Role.AUDITOR else None
    RoleGrant.objects.create(
        user=user, organisation=organisation, role=role, site_ids=[site.pk for site in sites or []], expires_at=ends
    )
    return user


def an_actor(organisation: Organisation, role: str, *, sites: list[Site] | None = None) -> Actor:
    """The Actor of a new user with this role."""
    return actor_for_user(a_user(organisation, role, sites=sites), organisation.pk)


def a_coordinator(organisation: Organisation) -> Actor:
    return an_actor(organisation, Role.MEMBER_COORDINATOR)


def a_viewer(organisation: Organisation) -> Actor:
    return an_actor(organisation, Role.MEMBER_VIEWER)


def a_reporter(*sites: Site) -> Actor:
    return an_actor(sites[0].organisation, Role.SITE_REPORTER, sites=list(sites))


def an_analyst() -> Actor:
    return an_actor(the_secretariat(), Role.AIM_ANALYST)


def a_site(organisation: Organisation | None = None, **fields: Any) -> Site:
    """A site in Lviv oblast unless said otherwise, without any report."""
    n = next(_number)
    organisation = organisation or an_organisation()
    with acting_as(SYSTEM):
        area = fields.pop("admin1", None) or an_area()
        site = Site(
            organisation=organisation,
            **{
                "code": f"S-{n}", "name": f"Plant {n}", "country": area.country, "admin1": area, "baseline": 100,
                "number_in_area": n, **fields,
            },
        )  # fmt: skip
        site.save(force_insert=True)
    return site


def a_status(site: Site, operational: str = Operational.OPERATING, observed_at: Any = None, **fields: Any) -> Any:
    """A status, logged as SYSTEM through the service, so that the projection follows."""
    from members.services.sites import log_site_status

    if operational == Operational.SUSPENDED:
        fields.setdefault("reason", "SAFETY")
    with acting_as(SYSTEM):
        status = log_site_status(site=site, operational=operational, observed_at=observed_at or timezone.now(), **fields)
        site.refresh_from_db()
    return status


def a_head_count(site: Site, expected: int, observed_at: Any = None, **states: Any) -> Any:
    """A head count by states; what is not said is safe at the usual place."""
    from members.services.sites import log_head_count

    strict = {name.upper(): states.pop(name) for name in ("serving", "detained", "missing", "killed") if name in states}
    rest = expected - sum(value for value in states.values() if isinstance(value, int)) - sum(strict.values())
    states.setdefault("safe_local", rest)
    with acting_as(SYSTEM):
        head_count = log_head_count(
            site=site, expected=expected, observed_at=observed_at or timezone.now(), strict=strict or None, **states
        )
        site.refresh_from_db()
    return head_count
