"""Where the sites are and stand: scope, map, alert levels over time, status, what is out of date."""

from collections import Counter, defaultdict
from datetime import datetime, timedelta
from typing import Any

from django.utils.translation import gettext_noop

from aimprogress.figures.freshness import Band
from aimprogress.places.area_status import AreaStanding, statuses_on
from aimprogress.places.countries import group_of
from members.models import AlertLevelChange, SiteStatus
from members.projection import standing
from risks.reports.evidence import Count
from risks.reports.gather.ledger import Ledger, StandingSite, iso, stamp, worst
from risks.reports.gather.people import protect_parts

DAYS = 84
AREA_OLD_DAYS = 30


def scope(ledger: Ledger) -> dict[str, Any]:
    """Chapter 2."""
    sites = ledger.sites
    figure = ledger.add(
        "E-001",
        "scope",
        gettext_noop("All sites that the member has recorded, with country, area and baseline"),
        [[str(one.site.pk), one.site.country, one.site.admin1_id, one.site.baseline] for one in sites],
    )
    by_country: dict[str, list[StandingSite]] = defaultdict(list)
    for one in sites:
        by_country[one.site.country].append(one)
    cells, whole = protect_parts([_baseline(group) for _code, group in sorted(by_country.items())])
    countries = zip(sorted(by_country.items()), cells, strict=True)
    return {
        "figure": figure,
        "status_figure": "E-011",
        "timeline_figure": "E-004",
        "area_figure": "E-005",
        "sites": len(sites),
        "open_sites": len(ledger.open_sites),
        "people": whole or None,
        "countries": [_country(code, group, people) for (code, group), people in countries],
        "map": _map(sites),
        **_timeline(ledger),
        "areas": _areas(ledger),
        "exclusions": None,
    }


def _baseline(sites: list[StandingSite]) -> int:
    return sum(one.site.baseline for one in sites)


def _country(code: str, sites: list[StandingSite], people: Count) -> dict[str, Any]:
    return {
        "country": code,
        "group": group_of(code).value,
        "sites": len(sites),
        "people": people or None,
        "alert": max(one.site.alert_level for one in sites),
    }


def _map(sites: list[StandingSite]) -> list[dict[str, Any]]:
    areas: dict[str, Counter] = defaultdict(Counter)
    facts: dict[str, dict[str, Any]] = {}
    for one in sites:
        area = one.site.admin1
        areas[area.code][one.group] += 1
        point = area.point
        facts[area.code] = {
            "country": one.site.country,
            "iso": area.iso or area.code,
            "lat": f"{point[0]:.3f}" if point else None,
            "lon": f"{point[1]:.3f}" if point else None,
        }
    return [{"area": code, "counts": dict(counts), **facts[code]} for code, counts in sorted(areas.items())]


def _timeline(ledger: Ledger) -> dict[str, Any]:
    begin = ledger.as_of - timedelta(days=DAYS)
    changes: dict[Any, list[AlertLevelChange]] = defaultdict(list)
    rows = standing(AlertLevelChange.objects.filter(organisation=ledger.organisation), ledger.as_of)
    known = {one.site.pk for one in ledger.sites}
    for change in rows.order_by("observed_at", "recorded_at", "id"):
        if change.site_id in known:
            changes[change.site_id].append(change)
    areas: dict[str, list[StandingSite]] = defaultdict(list)
    for one in ledger.open_sites:
        areas[one.site.admin1_id].append(one)
    timeline = []
    for area, sites in sorted(areas.items()):
        days = sorted(
            {begin.date(), *(c.observed_at.date() for one in sites for c in changes[one.site.pk] if c.observed_at > begin)}
        )
        steps: list[list[Any]] = []
        for on in days:
            level = max(_level_on(one, changes[one.site.pk], on) for one in sites)
            if not steps or steps[-1][1] != level:
                steps.append([on.isoformat(), level])
        timeline.append({"area": area, "sites": len(sites), "steps": steps})
    frozen = [change for found in changes.values() for change in found]
    ledger.add(
        "E-004",
        "alert_levels",
        gettext_noop("Every change of a site's alert level up to the cut-off"),
        [[str(c.site_id), c.level, stamp(c.observed_at)] for c in frozen],
        observed=[c.observed_at for c in frozen],
        coverage=ledger.cover(ledger.open_sites),
        sources=Counter((c.source_type, c.confidence) for c in frozen),
    )
    ledger.table("alert_levels", ["area", "since", "level"], [[row["area"], *step] for row in timeline for step in row["steps"]])
    return {"timeline_from": iso(begin.date()), "timeline_to": iso(ledger.today), "timeline": timeline}


def _level_on(one: StandingSite, changes: list[AlertLevelChange], on: Any) -> int:
    before = [change for change in changes if change.observed_at.date() <= on]
    if before:
        return before[-1].level
    if changes:
        return changes[0].previous or 0
    return one.site.alert_level


GRAVEST_FIRST = ("OCCUPIED", "ACTIVE_HOSTILITIES", "NEAR_FRONT", "TENSION", "RETURNED")


def _gravity(status: str) -> int:
    return GRAVEST_FIRST.index(status) if status in GRAVEST_FIRST else len(GRAVEST_FIRST)


def _place_code(one: StandingSite) -> str:
    """Where the official list is looked up for a site; only the gravest status of an oblast leaves this function."""
    site = one.site
    return (site.settlement.area_id if site.settlement else None) or site.area_id or site.admin1_id


def _areas(ledger: Ledger) -> list[dict[str, Any]]:
    codes = {one.site.pk: _place_code(one) for one in ledger.sites if one.site.country == "UA"}
    found = statuses_on(codes.values(), ledger.today)
    by_area: dict[str, list[AreaStanding]] = defaultdict(list)
    for one in ledger.sites:
        if one.site.pk in codes:
            by_area[one.site.admin1_id].append(found[codes[one.site.pk]])
    rows = []
    for code, standings in sorted(by_area.items()):
        gravest = min(standings, key=lambda standing: _gravity(standing.status))
        rows.append(
            {
                "area": code,
                "status": str(gravest.status),
                "listed": any(standing.listed for standing in standings),
                "act_on": iso(gravest.act_date),
                "sites": len(standings),
            }
        )
    columns = ["area", "status", "listed", "act_on", "sites"]
    ledger.table("areas", columns, [[row[column] for column in columns] for row in rows])
    dates = [standing.act_date for standing in found.values() if standing.act_date]
    old = bool(dates) and (ledger.today - max(dates)).days > AREA_OLD_DAYS
    ledger.add(
        "E-005",
        "area_status",
        gettext_noop("The official list of territories as of its date, for the places of the sites, by oblast"),
        [[row["area"], row["status"], row["act_on"]] for row in rows],
        observed=[datetime.combine(on, datetime.min.time(), ledger.as_of.tzinfo) for on in dates],
        band=(Band.STALE if old else Band.CURRENT) if dates else None,
        coverage={
            "unit": "area",
            "counted": sum(row["listed"] for row in rows),
            "needed": len(rows),
            "people": None,
            "of_people": None,
        },
        sources=Counter({("PUBLIC", "A"): len(rows)}),
    )
    return rows


def status(ledger: Ledger) -> dict[str, Any]:
    """Sites by country and status, the silent ones as "no contact"."""
    rows: dict[str, Counter] = defaultdict(Counter)
    for one in ledger.sites:
        rows[one.site.country][_shown(one)] += 1
    known = [one for one in ledger.open_sites if one.status.counts]
    facts = {row.pk: row for row in SiteStatus.objects.filter(pk__in=[one.site.current_status_id for one in ledger.sites])}
    figure = ledger.add(
        "E-011",
        "site_status",
        gettext_noop("Latest status of each site"),
        [[str(one.site.pk), one.site.current_operational, stamp(one.site.current_status_at)] for one in ledger.sites],
        observed=[one.site.current_status_at for one in ledger.sites],
        band=worst(one.status.band for one in known),
        coverage=ledger.cover(known),
        sources=Counter((row.source_type, row.confidence) for row in facts.values()),
    )
    return {"figure": figure, "rows": [{"country": code, "counts": dict(counts)} for code, counts in sorted(rows.items())]}


def _shown(one: StandingSite) -> str:
    if not one.site.current_operational:
        return "NOT_REPORTED"
    return "NO_CONTACT" if one.group == "lost" else one.site.current_operational


def site_rows(ledger: Ledger, plans: dict[Any, dict[str, Any]]) -> list[dict[str, Any]]:
    """One row per site for the table of chapter 6 and sites.csv."""
    rows, people = [], _people_of(ledger)
    for one in ledger.sites:
        late = one.count.overdue_hours
        rows.append(
            {
                **ledger.place_of(one),
                "kind": one.site.kind,
                "status": one.site.current_operational or None,
                "group": one.group,
                "alert": one.site.alert_level,
                "status_freshness": one.status.band.value,
                "status_at": stamp(one.site.current_status_at),
                "people": people[one.site.pk] or None,
                "count_freshness": one.count.band.value,
                "count_at": stamp(one.site.current_headcount_at),
                "late_hours": str(late) if late else None,
                **plans.get(one.site.pk, {"plan": "NONE", "plan_items": None, "communication_items": None}),
            }
        )
    columns = list(rows[0]) if rows else ["area", "ordinal", "country"]
    ledger.table("sites", columns, [[row[column] for column in columns] for row in rows])
    return rows


def _people_of(ledger: Ledger) -> dict[Any, Count]:
    """The baseline of each site, as it may stand beside the sum of its country in chapter 2."""
    found: dict[Any, Count] = {}
    by_country: dict[str, list[StandingSite]] = defaultdict(list)
    for one in ledger.sites:
        by_country[one.site.country].append(one)
    for sites in by_country.values():
        cells, _whole = protect_parts([one.site.baseline for one in sites])
        found |= {one.site.pk: cell for one, cell in zip(sites, cells, strict=True)}
    return found


def attention(ledger: Ledger, rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Open sites whose head count is late or was never given, longest late first, never given on top."""
    open_ones = {(one.site.admin1_id, one.site.number_in_area) for one in ledger.open_sites}
    late = [
        row
        for row in rows
        if (row["area"], row["ordinal"]) in open_ones and row["count_freshness"] in ("OVERDUE", "STALE", "NEVER")
    ]
    order = {"NEVER": 0, "STALE": 1, "OVERDUE": 2}
    return sorted(late, key=lambda row: (order[row["count_freshness"]], -float(row["late_hours"] or 0)))


def changes(ledger: Ledger) -> list[dict[str, Any]]:
    """What changed in status and alert level since the period began, newest first."""
    areas = {one.site.pk: one.site.admin1_id for one in ledger.sites}
    found: Counter = Counter()
    rows = standing(SiteStatus.objects.filter(organisation=ledger.organisation), ledger.as_of)
    last: dict[Any, str] = {}
    values = rows.order_by("observed_at", "id").values_list("site_id", "operational", "observed_at")
    for site_id, operational, at in values.iterator():
        if site_id not in areas:
            continue
        before = last.get(site_id)
        last[site_id] = operational
        if before and before != operational and at.date() >= ledger.period_from and (code := _change(before, operational)):
            found[at.date().isoformat(), code, areas[site_id]] += 1
    told = [
        {"day": day, "code": code, "area": area, "sites": count, "figure": "E-011"} for (day, code, area), count in found.items()
    ]
    return sorted([*told, *_alerts(ledger, areas)], key=lambda row: row["day"], reverse=True)[:8]


def _change(before: str, after: str) -> str:
    if after == "EVACUATED":
        return "evacuated"
    if after in ("CLOSED", "DIVESTED"):
        return "closed"
    if after == "SUSPENDED":
        return "suspended"
    return "reopened" if before in ("SUSPENDED", "EVACUATED") else ""


def _alerts(ledger: Ledger, areas: dict[Any, str]) -> list[dict[str, Any]]:
    days: dict[tuple[str, str], set[str]] = defaultdict(set)
    rows = standing(AlertLevelChange.objects.filter(organisation=ledger.organisation, previous__isnull=False), ledger.as_of)
    for site_id, level, previous, at in rows.values_list("site_id", "level", "previous", "observed_at"):
        if site_id in areas and at.date() >= ledger.period_from and level != previous:
            days[at.date().isoformat(), "alert_raised" if level > previous else "alert_lowered"].add(areas[site_id])
    return [{"day": day, "code": code, "areas": sorted(found)[:5], "figure": "E-004"} for (day, code), found in days.items()]
