"""Demo: fourteen invented members at real settlements, ninety days of history that ends now, and one of each hard case."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

from django.contrib.auth.hashers import make_password
from django.utils import timezone

from aimprogress.core.permissions import Role
from aimprogress.figures.freshness import Fact, cadence
from aimprogress.places.area_status import statuses_on
from aimprogress.places.countries import SAFETY_PROFILE_COUNTRIES
from aimprogress.places.models import Settlement
from aimprogress.web.demo import Demo, demo_loader
from members import demo_desk, demo_plans, demo_roll_calls, demo_support  # noqa: F401 - their loaders are registered so
from members.models import (
    AlertLevelChange,
    DataShare,
    Device,
    DutyTurn,
    HazardReport,
    HeadCount,
    MemberAnalyst,
    Organisation,
    PlanActivation,
    RoleGrant,
    Site,
    SiteStatus,
    StaffSession,
    User,
)
from members.projection import projections, store_current
from members.services.accounts import create_api_key
from members.weeks import count_next_week

MEMBERS = [
    ("Halden Foods", "FOOD", 38), ("Norvia Home Care", "HPC", 26), ("Castor & Lind", "PACKAGING", 22), ("Orsa Snacks", "FOOD", 22),
    ("Dnipro Brewing", "BREWING", 20), ("Zernovita Foods", "INGREDIENTS", 20), ("Karpaty Packaging", "PACKAGING", 18),
    ("Belmonte Waters", "BEVERAGE", 16), ("Tilia Care", "HPC", 16), ("Marennes Dairy", "FOOD", 15), ("Osterberg Oils", "INGREDIENTS", 14),
    ("Polana Drinks", "BEVERAGE", 13), ("Vesna Bakery", "FOOD", 10), ("Kestrel Brands", "RETAIL_BRAND", 8),
]  # fmt: skip
SHARES = {"UA": 46, "PL": 14, "RO": 7, "RU": 7, "HU": 5, "SK": 4, "MD": 4, "BY": 3, "BG": 3, "CZ": 3, "LT": 2, "GE": 2}
KINDS = (
    "FACTORY",
    "FACTORY",
    "FACTORY",
    "WAREHOUSE",
    "WAREHOUSE",
    "OFFICE",
    "DEPOT",
    "CO_PACKER",
    "BREWERY",
    "FARM",
    "REMOTE_TEAM",
)
WORDS = {
    "FACTORY": "plant", "WAREHOUSE": "warehouse", "OFFICE": "office", "DEPOT": "depot", "CO_PACKER": "co-packer", "BREWERY": "brewery",
    "FARM": "farm", "REMOTE_TEAM": "team at home",
}  # fmt: skip
DAYS = 90
SILENT_EVERY, NEVER_EVERY = 29, 41  # one site in so many fell silent, or never reported
LEVEL_OF_AREA = {"OCCUPIED": 4, "ACTIVE_HOSTILITIES": 3, "TENSION": 2, "RETURNED": 2}
LEVEL_OF_COUNTRY = {"UA": 2, "RU": 1, "BY": 1, "MD": 1, "PL": 1, "RO": 1}


@demo_loader("organisations and accounts", order=10)
def load_accounts(demo: Demo) -> None:
    """Organisations, the accounts of the tour, and the partner's API key."""
    secretariat = Organisation(
        kind="SECRETARIAT", legal_name="AIM-Progress (demo)", short_name="AIM-Progress team", slug="aim", hq_country="BE"
    )
    relief = Organisation(
        kind="PARTNER", legal_name="Relief Now (invented)", short_name="Relief Now", slug="relief-now", hq_country="CH"
    )
    members = [
        Organisation(
            kind="MEMBER",
            legal_name=f"{name} (invented)",
            short_name=name,
            slug=name.lower().replace(" & ", "-").replace(" ", "-"),
            sector=sector,
            hq_country="CH",
            joined_on=demo.now.date() - timedelta(days=900),
        )
        for name, sector, _sites in MEMBERS
    ]
    Organisation.objects.bulk_create([secretariat, relief, *members])
    demo.kept |= {"secretariat": secretariat, "relief": relief, "members": members, "halden": members[0]}


@demo_loader("sites", order=20)
def load_sites(demo: Demo) -> None:
    """Sites at real settlements; each member gets its share of the countries. Exact points are near the town's centre, invented."""
    towns = {country: _towns(demo, country) for country in SHARES}
    countries = [country for country, share in SHARES.items() for _ in range(share)]
    wanted = []
    for member, (_name, _sector, count) in zip(demo.kept["members"], MEMBERS, strict=True):
        for n in range(count):
            country = "UA" if n % 5 == 0 else demo.dice.choice(countries)
            wanted.append((member, next(towns[country]), n))
    standing = statuses_on({town.area_id or town.admin1_id for _m, town, _n in wanted}, demo.now.date())
    numbers: dict[tuple[Any, str], int] = {}
    sites = []
    for member, town, n in wanted:
        key = (member.pk, town.admin1_id)
        numbers[key] = numbers.get(key, 0) + 1
        sites.append(_site(demo, member, town, n, numbers[key], standing[town.area_id or town.admin1_id]))
    Site.objects.bulk_create(sites)
    demo.kept |= {"sites": sites, "standing": standing}
    _accounts(demo, sites)


def _towns(demo: Demo, country: str) -> Iterator[Settlement]:
    """Towns of a country without end, larger ones more often."""
    found = list(Settlement.objects.filter(country=country, admin1__isnull=False).order_by("-population")[:60])
    if country == "UA":  # the hard cases: some near the front, a few in occupied areas
        front = Settlement.objects.filter(country="UA").order_by("-population")
        found += list(front.filter(admin1_id__in=_codes("UA63", "UA59", "UA23"))[:14])
        found += list(front.filter(admin1_id__in=_codes("UA01", "UA44"))[:3])
    while True:
        demo.dice.shuffle(found)
        yield from found


def _codes(*prefixes: str) -> list[str]:
    from aimprogress.places.models import AdminArea

    areas = AdminArea.objects.filter(country="UA", level=1).values_list("code", flat=True)
    return [code for code in areas if code[:4] in prefixes]


def _site(demo: Demo, member: Organisation, town: Settlement, n: int, number: int, standing: Any) -> Site:
    dice, kind = demo.dice, KINDS[(n * 7 + len(member.slug)) % len(KINDS)]
    baseline = dice.choice((14, 26, 48, 61, 96, 120, 180, 214, 320, 420, 610))
    return Site(
        organisation=member, code=f"{town.name[:3].upper()}-{n + 1:02d}", name=f"{town.name} {WORDS[kind]}", kind=kind,
        country=town.country, admin1_id=town.admin1_id, area_id=town.area_id, settlement=town, number_in_area=number,
        exact_location={"lat": round(town.lat + dice.uniform(-0.02, 0.02), 5), "lon": round(town.lon + dice.uniform(-0.03, 0.03), 5)},
        languages=["uk", "ru"] if town.country == "UA" else [], baseline=baseline, largest_shift=max(4, baseline * 2 // 5),
        union_present=dice.random() < 0.6, essential_goods=dice.random() < 0.5,
        hazardous_stock=number % 2 == 1 if kind in ("FACTORY", "BREWERY") else None, opened_on=demo.now.date() - timedelta(days=4000),
        safety_profile=town.country in SAFETY_PROFILE_COUNTRIES or standing.is_occupied,
        alert_level=LEVEL_OF_AREA.get(standing.status, LEVEL_OF_COUNTRY.get(town.country, 0)),
    )  # fmt: skip


def _accounts(demo: Demo, sites: list[Site]) -> None:
    halden, norvia = demo.kept["members"][:2]
    mine = [site for site in sites if site.organisation_id == halden.pk and site.country == "UA" and not site.safety_profile]
    people = [
        ("analyst@aim.example", demo.kept["secretariat"], Role.AIM_ANALYST, []),
        ("admin@aim.example", demo.kept["secretariat"], Role.AIM_ADMIN, []),
        ("coordinator@halden.example", halden, Role.MEMBER_COORDINATOR, []),
        ("reporter@halden.example", halden, Role.SITE_REPORTER, [mine[0].pk]),
        ("viewer@halden.example", halden, Role.MEMBER_VIEWER, []),
        ("coordinator@norvia.example", norvia, Role.MEMBER_COORDINATOR, []),
        ("auditor@audit.example", halden, Role.AUDITOR, []),
        ("partner@relief.example", demo.kept["relief"], Role.PARTNER_CLIENT, []),
    ]
    closed = make_password(None)  # nobody knows a password: the demo signs in by single-use links
    users = [User(email=email, display_name=email.split("@")[0].title(), password=closed) for email, *_ in people]
    User.objects.bulk_create(users)
    RoleGrant.objects.bulk_create(
        RoleGrant(
            user=user,
            organisation=organisation,
            role=role,
            site_ids=site_ids,
            expires_at=demo.now + timedelta(days=90) if role == Role.AUDITOR else None,
        )
        for user, (_email, organisation, role, site_ids) in zip(users, people, strict=True)
    )
    demo.kept |= {"reporter_site": mine[0], "users": {user.email: user for user in users}}
    analyst = demo.kept["users"]["analyst@aim.example"]
    MemberAnalyst.objects.bulk_create(MemberAnalyst(analyst=analyst, organisation=member) for member in demo.kept["members"][:7])


@demo_loader("phones and the duty roster", order=25)
def load_phones(demo: Demo) -> None:
    """A phone that checks in, its deputy's, one whose code nobody has used yet, and who is asked when somebody needs help."""
    site, people = demo.kept["reporter_site"], demo.kept["users"]
    for alias, standing, hours in (("WILLOW42", "REPORTER", 5), ("HAZEL17", "DEPUTY", 52), ("ROWAN88", "SECOND", None)):
        seen = None if hours is None else demo.now - timedelta(hours=hours)
        Device(
            organisation_id=site.organisation_id, site=site, alias=alias, standing=standing, language="uk",
            line_key=f"{demo.dice.getrandbits(128):032x}", link_ends_at=demo.now + timedelta(days=30),
            enrolled_at=seen and demo.now - timedelta(days=20), last_seen_at=seen,
        ).save(force_insert=True)  # fmt: skip
    DutyTurn(
        organisation_id=site.organisation_id, user=people["coordinator@halden.example"], label="Regional safety lead", position=1
    ).save(force_insert=True)


@demo_loader("ninety days of reports", order=30)
def load_history(demo: Demo) -> None:
    """Statuses, head counts and alert levels, in bulk. The last report of most sites is younger than its cadence."""
    statuses, counts, levels = [], [], []
    for index, site in enumerate(demo.kept["sites"]):
        levels += _levels(demo, site, index)
        if index % NEVER_EVERY == NEVER_EVERY - 1:
            continue
        silent = index % SILENT_EVERY == SILENT_EVERY - 1
        statuses += _statuses(demo, site, silent)
        counts += _counts(demo, site, silent)
    AlertLevelChange.objects.bulk_create(levels, batch_size=1000)
    SiteStatus.objects.bulk_create(statuses, batch_size=1000)
    HeadCount.objects.bulk_create(counts, batch_size=1000)
    HazardReport.objects.bulk_create(_hazards(demo), batch_size=1000)


def _moments(demo: Demo, span: timedelta, silent: bool) -> Iterator[Any]:
    """Moments from ninety days ago until now, each less than a cadence apart; a silent site stops 2.5 cadences ago, a late one 1.4."""
    late = demo.dice.random() < 0.05
    last = demo.now - span * (2.5 if silent else 1.4 if late else demo.dice.uniform(0.05, 0.7))
    steps = min(60, int(timedelta(days=DAYS) / (span * 0.8)))
    for back in range(steps, -1, -1):
        yield last - span * 0.8 * back


def _levels(demo: Demo, site: Site, index: int) -> Iterator[AlertLevelChange]:
    """The level of ninety days ago; at some sites it has risen since, at some calm ones fallen."""
    level, first = site.alert_level, demo.now - timedelta(days=DAYS)
    rose, fell = index % 5 == 1 and 1 <= level <= 3, index % 5 == 3 and level <= 1 and site.country == "UA"
    before = level if site is demo.kept["reporter_site"] else level - rose + fell  # there "nothing has changed" is offered
    steps = [(first, before, 0, "")]
    if before != level:
        reason = "Strikes in the region" if rose else "Two quiet weeks"
        steps.append((demo.now - timedelta(days=index % 60 + 2), level, before, reason))
    for at, now_at, previous, reason in steps:
        yield AlertLevelChange(
            organisation_id=site.organisation_id, site=site, level=now_at, previous=previous, reason=reason, observed_at=at,
            recorded_at=at,
        )  # fmt: skip


def _statuses(demo: Demo, site: Site, silent: bool) -> Iterator[SiteStatus]:
    now_is = _present_state(demo, site)
    changed = demo.now - timedelta(days=demo.dice.randint(3, 70))
    for moment in _moments(demo, cadence(Fact.STATUS, site.alert_level), silent):
        code, reason = now_is if moment >= changed else ("OPERATING", "")
        yield SiteStatus(
            organisation_id=site.organisation_id, site=site, operational=code, reason=reason, observed_at=moment, recorded_at=moment,
            control="LOST" if site.safety_profile and site.country == "UA" else "MEMBER", damage=0,
            source_type="PARTNER" if site.safety_profile else "DIRECT", confidence="B" if site.safety_profile else "A",
            utilities={"power": demo.dice.choice((6, 8, 12, 16))} if site.alert_level >= 2 and code == "REDUCED" else {},
        )  # fmt: skip


def _present_state(demo: Demo, site: Site) -> tuple[str, str]:
    roll = demo.dice.random()
    if site.safety_profile and site.country == "UA":
        return "EVACUATED", "SAFETY"
    if site.country in SAFETY_PROFILE_COUNTRIES:
        return ("SUSPENDED", "SUPPLY") if roll < 0.6 else ("CLOSED", "") if roll < 0.85 else ("DIVESTED", "")
    if site.alert_level >= 3:
        stopped = ("SUSPENDED", "SAFETY") if roll < 0.7 else ("SUSPENDED", "DAMAGE") if roll < 0.8 else ("RELOCATED", "SAFETY")
        return ("REDUCED", "SAFETY") if roll < 0.6 else stopped
    if site.country == "UA":
        return ("OPERATING", "") if roll < 0.62 else ("REDUCED", "POWER") if roll < 0.9 else ("ESSENTIAL_ONLY", "SUPPLY")
    return ("OPERATING", "") if roll < 0.93 else ("REDUCED", "DEMAND")


def _counts(demo: Demo, site: Site, silent: bool) -> Iterator[HeadCount]:
    dice, expected = demo.dice, site.baseline
    danger = site.alert_level >= 2 and not site.safety_profile
    displaced = expected * dice.randint(4, 22) // 100 if danger else 0
    abroad = expected * dice.randint(2, 9) // 100 if danger else 0
    serving = expected * dice.randint(2, 8) // 100 if danger and site.country == "UA" else 0
    open_now = dice.choice((0, 0, 0, 0, 1, 2, 6)) if danger else 0
    strict = {
        "SERVING": serving,
        "DETAINED": 0,
        "MISSING": 1 if open_now == 6 else 0,
        "KILLED": 1 if dice.random() < 0.08 and danger else 0,
    }
    for moment in _moments(demo, cadence(Fact.HEAD_COUNT, site.alert_level), silent):
        last = moment >= demo.now - cadence(Fact.HEAD_COUNT, site.alert_level) * 3
        unaccounted = open_now if last else 0
        used = displaced + abroad + unaccounted + sum(strict.values())
        yield HeadCount(
            organisation_id=site.organisation_id, site=site, expected=expected, safe_local=max(0, expected - used),
            safe_idp=displaced, safe_abroad=abroad, unaccounted=unaccounted, strict=strict if any(strict.values()) else None,
            observed_at=moment, recorded_at=moment, confidence="B" if site.safety_profile else "A",
            by_contract={"OWN": expected - expected // 8, "AGENCY": expected // 8},
            by_gender={"F": expected * 2 // 5, "M": expected - expected * 2 // 5},
        )  # fmt: skip


def _hazards(demo: Demo) -> Iterator[HazardReport]:
    """What endangers people where the alert level is raised; by the safety profile little is known of the rest."""
    for site in demo.kept["sites"]:
        if site.alert_level < 2 or site.safety_profile:
            continue
        kinds = ("MISSILE_DRONE", "POWER_OUTAGE", "AIR_RAID_DISRUPTION") + (("SHELLING", "UXO") if site.alert_level >= 3 else ())
        for hazard in demo.dice.sample(kinds, demo.dice.randint(1, 2)):
            severity = demo.dice.choice((1, 2, 3) if site.alert_level >= 3 else (1, 2))
            seen_at = demo.now - timedelta(days=demo.dice.randint(1, 20))
            yield HazardReport(
                organisation_id=site.organisation_id, site=site, hazard=hazard, severity=severity, residual=max(1, severity - 1),
                measures="Work stops during alerts; shelter for the shift.", observed_at=seen_at, recorded_at=seen_at,
            )  # fmt: skip


@demo_loader("hard cases and sharing", order=50)
def load_hard_cases(demo: Demo) -> None:
    """An evacuation under way, shares in force, a closed staff session, the partner's key; then every projection."""
    by_site = {plan.site_id: plan for plan in demo.kept["plans"]}
    near = [site for site in demo.kept["sites"] if site.alert_level == 3 and site.pk in by_site][:3]
    PlanActivation.objects.bulk_create(
        PlanActivation(
            organisation_id=site.organisation_id,
            site=site,
            plan=by_site[site.pk],
            level=3,
            who="ALL",
            people=site.baseline,
            reason="DANGER: strikes on the road to the plant",
            activated_at=demo.now - timedelta(hours=5 + n),
        )
        for n, site in enumerate(near)
    )
    halden, relief = demo.kept["halden"], demo.kept["relief"]
    coordinator, analyst = demo.kept["users"]["coordinator@halden.example"], demo.kept["users"]["analyst@aim.example"]
    for dataset in ("SITE_STATUS", "CONTRIBUTIONS"):
        DataShare(
            organisation=halden, receiver=relief, dataset=dataset, precision="ADM1", granted_by=coordinator,
            expires_at=demo.now + timedelta(days=120),
        ).save(force_insert=True)  # fmt: skip
    StaffSession(
        organisation=halden, receiver=demo.kept["secretariat"], analyst=analyst, reason="Help with the October supplier review",
        started_at=demo.now - timedelta(days=4), ends_at=demo.now - timedelta(days=4) + timedelta(hours=1),
    ).save(force_insert=True)  # fmt: skip
    key = create_api_key(
        organisation=relief, name="Demo key", scopes=["shared:pull", "share:read", "reference:read", "partner:read"],
        expires_at=timezone.now() + timedelta(days=90),
    )  # fmt: skip
    demo.first_run["API_token_of_partner@relief.example"] = key.text
    project_all(demo)
    while count_next_week(now=demo.now):
        pass


def project_all(demo: Demo) -> None:
    """Bring `Site.current_*` up to date for every site, from the log that was just written."""
    store_current(projections(Site.objects.all()))
