"""The database of the benchmarks: 40 members, 10,000 sites, 1,000,000 statuses, times `scale`."""

from dataclasses import dataclass

from django.db import connections, transaction
from django.utils import timezone

from aimprogress.core.actor import SYSTEM, acting_as
from aimprogress.core.permissions import Role
from aimprogress.places.models import AdminArea
from members.models import Organisation, RoleGrant, Site, SiteStatus, User
from members.projection import differences
from members.weeks import count_next_week

STATUSES_OF_A_SITE = 100
GIVEN = {
    "id": "uuidv7()",
    "organisation_id": "s.organisation_id",
    "site_id": "s.id",
    "observed_at": "t.at",
    "recorded_at": "t.at",
    "operational": "(ARRAY['OPERATING','OPERATING','REDUCED','SUSPENDED'])[1 + (n + s.number_in_area) %% 4]",
}
"""What differs from row to row; every other column holds the default of its field."""
STATUSES = """
INSERT INTO members_sitestatus ({columns}) SELECT {values}
FROM members_site s, generate_series(1, {each}) n, LATERAL (SELECT now() - n * interval '20 hours' AS at) t
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
    _take_statistics()  # as autovacuum does before long on a server; a plan made without them reads the log once for each row
    list(differences(repair=True))
    with acting_as(SYSTEM):
        while count_next_week(now=timezone.now()):
            pass
    _take_statistics()
    coordinator, analyst = _user(members[0], Role.MEMBER_COORDINATOR), _user(team, Role.AIM_ANALYST)
    with acting_as(SYSTEM):
        site = Site.objects.filter(organisation=members[0]).order_by("pk").first()
    return Loaded(coordinator, analyst, site, each * len(members), statuses)


def _take_statistics() -> None:
    with connections["owner"].cursor() as cursor:
        cursor.execute("VACUUM ANALYZE")


def _organisation(number: int, kind: str) -> Organisation:
    name = f"{kind.title()} {number}"
    return Organisation.objects.create(kind=kind, short_name=name, legal_name=name, slug=f"{kind.lower()}-{number}")


def _user(organisation: Organisation, role: str) -> User:
    user = User.objects.create_user(email=f"{role.lower()}@bench.example", password=None)
    RoleGrant.objects.create(user=user, organisation=organisation, role=role)
    return user


def _statuses_of(member: Organisation) -> int:
    others = [field for field in SiteStatus._meta.concrete_fields if field.column not in GIVEN and not field.null]
    insert = STATUSES.format(
        columns=", ".join([*GIVEN, *(field.column for field in others)]),
        values=", ".join([*GIVEN.values(), *["%s"] * len(others)]),
        each=STATUSES_OF_A_SITE,
    )
    connection = connections["owner"]
    defaults = [field.get_db_prep_save(field.get_default(), connection) for field in others]
    with transaction.atomic("owner"), connection.cursor() as cursor:
        for setting in ("sees_safety", "sees_commercial", "writes"):
            cursor.execute(f"SELECT set_config('portal.{setting}', %s, true)", [str(member.pk)])
        cursor.execute(insert, [*defaults, member.pk])
        return cursor.rowcount
