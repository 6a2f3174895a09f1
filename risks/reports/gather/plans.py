"""Plans, drills and safety actions: would the plans hold, does everybody fit, what is late."""

from collections import Counter, defaultdict
from datetime import date, datetime
from typing import Any

from django.db.models import Model
from django.utils import timezone
from django.utils.translation import gettext_noop

from aimprogress.figures.numbers import number
from aimprogress.figures.percent import rate
from aimprogress.figures.small_counts import is_small
from aimprogress.instruments.engine import Result, load
from humanitarian.models import SafetyAction
from members.models import Drill, PlanStatus, Site
from members.planning import capacity_of, drill_due, result_of, review_date, status_of
from risks.reports.gather.ledger import Ledger, StandingSite, few, iso


def in_force(ledger: Ledger, model: type[Model]) -> dict[Any, Any]:
    """The plan of each site that was approved last, or its newest draft where none was: as it stood at the cut-off.

    An approved plan is never changed, and its review follows from its approval and the alert level; a draft is as it is now.
    """
    levels = {one.site.pk: one.site.alert_level for one in ledger.sites}
    found: dict[Any, Any] = {}
    rows = model.objects.filter(organisation=ledger.organisation, created_at__lte=ledger.as_of).select_related("assessment")
    for plan in rows.order_by("revision"):
        if plan.site_id in levels:
            _as_it_stood(plan, levels[plan.site_id], ledger.as_of)
            held = found.get(plan.site_id)
            if held is None or plan.approved_at or not held.approved_at:
                found[plan.site_id] = plan
    return found


def _as_it_stood(plan: Any, level: int, as_of: datetime) -> None:
    """Turn a row of now, which is not saved, back to a moment."""
    if plan.approved_at and plan.approved_at <= as_of:
        plan.status, plan.next_review_on = PlanStatus.APPROVED, review_date(level, timezone.localdate(plan.approved_at))
    else:
        plan.status, plan.approved_at, plan.next_review_on = PlanStatus.DRAFT, None, None


def _told_at(plan: Any) -> datetime:
    """When the plan said last what it says."""
    return plan.approved_at or plan.updated_at


def state_of(plan: Any, site: Site, today: Any) -> str:
    """ADEQUATE, APPROVED (not adequate), EXPIRED, DRAFT or NONE."""
    if plan is None:
        return "NONE"
    if plan.status == PlanStatus.DRAFT:
        return "DRAFT"
    if status_of(plan, today) == PlanStatus.EXPIRED:
        return "EXPIRED"
    return "ADEQUATE" if result_of(plan, site).adequate else "APPROVED"


def plan_rows(ledger: Ledger, evacuation: dict[Any, Any], communication: dict[Any, Any]) -> dict[Any, dict[str, Any]]:
    """Per site what the table of sites says about its plans."""
    today = ledger.today
    rows = {}
    for one in ledger.sites:
        plan, other = evacuation.get(one.site.pk), communication.get(one.site.pk)
        rows[one.site.pk] = {
            "plan": state_of(plan, one.site, today),
            "plan_items": result_of(plan, one.site).met if plan else None,
            "communication_items": result_of(other, one.site).met if other else None,
        }
    return rows


def evacuation_slice(ledger: Ledger, plans: dict[Any, Any], rows: dict[Any, dict[str, Any]]) -> dict[str, Any] | None:
    """Adequacy by alert level, the items missing most, seats and shelter. None where no site has any plan."""
    if not plans:
        return None
    held = [one for one in ledger.open_sites if one.site.pk in plans]
    figure = ledger.add(
        "E-021",
        "plans",
        gettext_noop("The evacuation plan in force at each open site, or its newest draft"),
        [
            [str(one.site.pk), plans[one.site.pk].revision, rows[one.site.pk]["plan"], rows[one.site.pk]["plan_items"]]
            for one in held
        ],
        observed=[_told_at(plans[one.site.pk]) for one in held],
        coverage=ledger.cover(held),
        sources=Counter({("DOC", "A"): len(held)}),
    )
    levels: dict[int, Counter] = defaultdict(Counter)
    for one in ledger.open_sites:
        levels[one.site.alert_level][rows[one.site.pk]["plan"]] += 1
    gaps = _gaps([result_of(plans[one.site.pk], one.site) for one in held])
    named = [[gap["item"], gap["name"]["en"], gap["critical"], gap["sites"]] for gap in gaps]
    ledger.table("plan_gaps", ["item", "name", "critical", "sites"], named)
    table = [[one.site.admin1_id, one.site.number_in_area, *rows[one.site.pk].values()] for one in ledger.open_sites]
    ledger.table("plans", ["area", "ordinal", "plan", "plan_items", "communication_items"], table)
    return {
        "figure": figure,
        "levels": [{"level": level, **levels[level]} for level in range(4, -1, -1)],
        "gaps": gaps,
        **_capacity(ledger, held, plans),
    }


def _gaps(results: list[Result]) -> list[dict[str, Any]]:
    missing = Counter(key for result in results for key in result.missing)
    items = {item.code: item for item in load("evacuation_plan").items}
    return [
        {
            "item": int(code),
            "name": {"en": items[code].title.en, "uk": items[code].title.uk},
            "critical": items[code].critical,
            "sites": count,
        }
        for code, count in sorted(missing.items(), key=lambda entry: int(entry[0]))
        if code in items
    ]


def _capacity(ledger: Ledger, held: list[StandingSite], plans: dict[Any, Any]) -> dict[str, Any]:
    every, told = [], []
    for one in held:
        found = capacity_of(plans[one.site.pk], one.site)
        seats, shelter = found.seats, found.shelter
        row = {
            **ledger.place_of(one),
            "alert": one.site.alert_level,
            "to_move": few(seats.needed) if seats else None,
            "seats": seats.there if seats else None,
            "short": seats.shortfall if seats else None,
            "shelter_short": shelter.shortfall if shelter else None,
        }
        every.append(row)
        if seats is None or not seats.is_enough or not (shelter is None or shelter.is_enough):
            told.append(row)
    figure = ledger.add(
        "E-022",
        "capacity",
        gettext_noop("Seats, trips, evacuees, families and shelter places in the same plans"),
        [[row["area"], row["ordinal"], row["short"], row["shelter_short"]] for row in told],
        coverage=ledger.cover(held),
        observed=[_told_at(plans[one.site.pk]) for one in held],
        sources=Counter({("DOC", "A"): len(held)}),
    )
    columns = ["area", "ordinal", "alert", "to_move", "seats", "short", "shelter_short"]
    ledger.table("capacity", columns, [[row[column] for column in columns] for row in every])
    return {
        "capacity_figure": figure,
        "capacity": told,
        "capacity_of": len(held),
        "enough": len(held) - len(told),
        "seats_short": sum(row["short"] or 0 for row in told),
    }


def _held_on(drills: dict[Any, Drill], one: StandingSite) -> date | None:
    return drills[one.site.pk].held_on if one.site.pk in drills else None


def drills(ledger: Ledger) -> dict[str, Any] | None:
    """Drills by alert level; None where nobody ever recorded one."""
    latest: dict[Any, Drill] = {}
    succeeded: dict[Any, Drill] = {}
    known = Drill.objects.filter(organisation=ledger.organisation, held_on__lte=ledger.today, recorded_at__lte=ledger.as_of)
    for drill in known.order_by("held_on", "recorded_at", "id"):
        latest[drill.site_id] = drill
        if drill.result != Drill.Result.FAIL:
            succeeded[drill.site_id] = drill
    if not latest:
        return None
    today, every = ledger.today, number("DRILL_DAYS")
    rows, needed = [], []
    for level in range(3, -1, -1):
        sites = [one for one in ledger.open_sites if one.site.alert_level == level]
        held = [latest[one.site.pk] for one in sites if one.site.pk in latest]
        due = [drill_due(level, _held_on(succeeded, one), _held_on(latest, one)) for one in sites]
        in_time = sum(day is not None and day >= today for day in due)
        passed = sum(drill.result == Drill.Result.PASS for drill in held)
        needed += sites
        if sites:
            rows.append(
                {
                    "level": level,
                    "every_days": every[level],
                    "sites": len(sites),
                    "in_time": in_time,
                    "overdue": len(sites) - in_time,
                    "passed": passed,
                }
            )
    figure = ledger.add(
        "E-023",
        "drills",
        gettext_noop("The last drill of each open site below alert level 4"),
        [
            [str(site), iso(drill.held_on), drill.result]
            for site, drill in sorted(latest.items(), key=lambda entry: str(entry[0]))
        ],
        coverage={
            "unit": "site",
            "counted": sum(one.site.pk in latest for one in needed),
            "needed": len(needed),
            "people": None,
            "of_people": None,
        },
    )
    return {"figure": figure, "rows": rows}


def communication_slice(ledger: Ledger, plans: dict[Any, Any]) -> dict[str, Any] | None:
    """Items met of fifteen, and how many people a test reached."""
    held = [one for one in ledger.open_sites if one.site.pk in plans]
    if not held:
        return None
    met = [result_of(plans[one.site.pk], one.site).met for one in held]
    tests = [plans[one.site.pk] for one in held if plans[one.site.pk].attempted]
    reached, attempted = sum(plan.reached or 0 for plan in tests), sum(plan.attempted for plan in tests)
    figure = ledger.add(
        "E-024",
        "communication",
        gettext_noop("The communication plan in force at each open site, and its last test"),
        [[str(one.site.pk), count] for one, count in zip(held, met, strict=True)],
        observed=[_told_at(plans[one.site.pk]) for one in held],
        coverage=ledger.cover(held),
        sources=Counter({("DOC", "A"): len(held)}),
    )
    return {
        "figure": figure,
        "sites": len(ledger.open_sites),
        "with_plan": len(held),
        "items": [
            {"met": label, "sites": sum(low <= count <= high for count in met)}
            for label, low, high in (("15", 15, 15), ("12-14", 12, 14), ("0-11", 0, 11))
        ],
        "tests": _tests(reached, attempted, len(tests)),
    }


def _tests(reached: int, attempted: int, sites: int) -> dict[str, Any] | None:
    """How many people a test call reached; None where fewer than 20 were called, or 1 to 4 of them were or were not reached."""
    share = rate(reached, attempted)
    if share is None or attempted < number("MINIMUM_RATE_DENOMINATOR") or is_small(reached) or is_small(attempted - reached):
        return None
    return {"reached": reached, "attempted": attempted, "sites": sites, "rate": str(share)}


def actions(ledger: Ledger) -> dict[str, Any] | None:
    """Open and closed safety actions; None where nobody ever recorded one."""
    places = {one.site.pk: ledger.place_of(one) for one in ledger.sites}
    rows_of_all = SafetyAction.objects.filter(organisation=ledger.organisation, created_at__lte=ledger.as_of)
    found = [action for action in rows_of_all.order_by("due_on", "id") if action.site_id in places]
    if not found:
        return None
    today = ledger.today
    rows = [{**places[action.site_id], **_action(action, today), "kind": action.type} for action in found if action.is_open]
    done = [action for action in found if action.done_on and ledger.period_from <= action.done_on <= today]
    late = sorted(row["overdue_days"] for row in rows if row["overdue_days"])
    figure = ledger.add(
        "E-025",
        "actions",
        gettext_noop("Safety actions that are open, or were closed since the period began"),
        [[str(action.pk), action.status, iso(action.due_on)] for action in found if action.is_open or action in done],
        observed=[action.updated_at for action in found],
        coverage={
            "unit": "action",
            "counted": len(rows) + len(done),
            "needed": len(rows) + len(done),
            "people": None,
            "of_people": None,
        },
    )
    ledger.table(
        "actions",
        ["area", "ordinal", "title", "kind", "owner", "due_on", "status", "overdue_days"],
        [[row[key] for key in ("area", "ordinal", "title", "kind", "owner", "due_on", "status", "overdue_days")] for row in rows],
    )
    return {
        "figure": figure,
        "open": len(rows),
        "overdue": len(late),
        "done": len(done),
        "done_unverified": sum(action.is_unverified for action in done),
        "median_overdue_days": late[len(late) // 2] if late else None,
        "rows": rows,
    }


def _action(action: SafetyAction, today: Any) -> dict[str, Any]:
    return {
        "title": action.title,
        "owner": action.owner_role,
        "due_on": iso(action.due_on),
        "status": action.status,
        "overdue_days": action.overdue_days(today),
    }


def actions_of_issues(ledger: Ledger) -> dict[Any, list[dict[str, Any]]]:
    """The actions that follow from an issue, by the issue's id."""
    today = ledger.today
    found: dict[Any, list[dict[str, Any]]] = defaultdict(list)
    rows = SafetyAction.objects.filter(organisation=ledger.organisation, origin=SafetyAction.Origin.ISSUE)
    for action in rows.filter(created_at__lte=ledger.as_of).order_by("due_on", "id"):
        found[action.origin_id].append({**_action(action, today), "is_open": action.is_open})
    return found
