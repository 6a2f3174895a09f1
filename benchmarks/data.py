"""The database of the benchmarks: 40 members, 10,000 sites, 1,000,000 statuses, times `scale`."""

from dataclasses import dataclass

from django.db import connections, transaction
from django.utils import timezone

from aimprogress.core.actor import SYSTEM, acting_as
from aimprogress.core.permissions import Role
from aimprogress.places.models import AdminArea
from members.models import Organisation, RoleGrant, Site, User
from members.projection import differences
from members.weeks import count_next_week

STATUSES_OF_A_SITE = 100
CODES = "ARRAY['OPERATING','OPERATING','REDUCED','SUSPENDED']"
STATUSES = f"""
INSERT INTO members_sitestatus (id, organisation_id, site_id, observed_at, recorded_at, source_type, confidence, operational,
    reason, control, damage, access, utilities, note, correction_reason)
SELECT uuidv7(), s.organisation_id, s.id, t.at, t.at, 'DIRECT', 'A', ({CODES})[1 + (n + s.number_in_area) %% 4],
    '', 'MEMBER', 9, '', '{{}}', '', ''
FROM members_site s, generate_series(1, {STATUSES_OF_A_SITE}) n, LATERAL (SELECT now() - n * interval '20 hours' AS at) t
WHERE s.organisation_id = %s
"""


@dataclass(frozen=True, slots=True)
class Loaded:
    """Who asks, and how much there is."""

    coordinator: User
    analyst: User
    site: Site
    sites: int
    statuses: int


def load(scale: float) -> Loaded:
    """Fill an empty, migrated database."""
    members = [_organisation(n, Organisation.Kind.MEMBER) for n in range(max(2, round(40 * scale)))]
    team = _organisation(0, Organisation.Kind.SECRETARIAT)
    area = AdminArea.objects.filter(country="UA", level=1).first() or AdminArea.objects.create(
        code="UA46", country="UA", level=1, name_en="Lviv", name_local="Lviv"
    )
    each = max(60, round(10_000 * scale / len(members)))
    with acting_as(SYSTEM):
        for number, member in enumerate(members):
            Site.objects.bulk_create(
                Site(
                    organisation=member, code=f"S-{number}-{n}", name=f"Plant {number} {n}", country="UA", admin1=area,
                    number_in_area=n, baseline=100 + n,
                )
                for n in range(each)
            )  # fmt: skip
    statuses = sum(_statuses_of(member) for member in members)
    list(differences(repair=True))
    with acting_as(SYSTEM):
        while count_next_week(now=timezone.now()):
            pass
    with connections["owner"].cursor() as cursor:
        cursor.execute("VACUUM ANALYZE")
    coordinator, analyst = _user(members[0], Role.MEMBER_COORDINATOR), _user(team, Role.AIM_ANALYST)
    with acting_as(SYSTEM):
        site = Site.objects.filter(organisation=members[0]).order_by("pk").first()
    return Loaded(coordinator, analyst, site, each * len(members), statuses)


def _organisation(number: int, kind: str) -> Organisation:
    name = f"{kind.title()} {number}"
    return Organisation.objects.create(kind=kind, short_name=name, legal_name=name, slug=f"{kind.lower()}-{number}")


def _user(organisation: Organisation, role: str) -> User:
    user = User.objects.create_user(email=f"{role.lower()}@bench.example", password=None)
    RoleGrant.objects.create(user=user, organisation=organisation, role=role)
    return user


def _statuses_of(member: Organisation) -> int:
    with transaction.atomic("owner"), connections["owner"].cursor() as cursor:
        for setting in ("sees_safety", "sees_commercial", "writes"):
            cursor.execute(f"SELECT set_config('portal.{setting}', %s, true)", [str(member.pk)])
        cursor.execute(STATUSES, [member.pk])
        return cursor.rowcount
