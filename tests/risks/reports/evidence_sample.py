"""A realistic snapshot of an invented member: 42 sites, 150 suppliers, 12 issues, and text that tries to break out."""

# ruff: noqa: E501

import random
from collections import Counter
from datetime import UTC, datetime, timedelta
from typing import Any

from risks.reports.evidence import SCHEMA, Evidence, sha256_of
from risks.saliency import FORMULA, assess, is_salient, shown_band

AS_OF = datetime(2026, 11, 22, 9, tzinfo=UTC)
HOSTILE = [
    "<script>alert('report')</script>",
    '<img src="file:///etc/passwd">',
    '<link rel="attachment" href="file:///etc/passwd">',
    "</td></table><style>@import url(http://169.254.169.254/latest)</style>",
    "{{ evidence }}{% include '/etc/passwd' %}",
    "Зупинка лінії «Б» через <b>знеструмлення</b>",
]
PLACES = {
    "UA": ("Ukraine", "Україна"), "PL": ("Poland", "Польща"), "RO": ("Romania", "Румунія"),
    "RU": ("Russian Federation", "Російська Федерація"), "SK": ("Slovakia", "Словаччина"), "HU": ("Hungary", "Угорщина"),
    "MD": ("Republic of Moldova", "Республіка Молдова"), "LT": ("Lithuania", "Литва"), "BY": ("Belarus", "Білорусь"),
    "UA-46": ("Lviv oblast", "Львівська область"), "UA-32": ("Kyiv oblast", "Київська область"),
    "UA-63": ("Kharkiv oblast", "Харківська область"), "UA-12": ("Dnipropetrovsk oblast", "Дніпропетровська область"),
    "UA-51": ("Odesa oblast", "Одеська область"), "UA-48": ("Mykolaiv oblast", "Миколаївська область"),
    "UA-05": ("Vinnytsia oblast", "Вінницька область"), "UA-65": ("Kherson oblast", "Херсонська область"),
    "UA-14": ("Donetsk oblast", "Донецька область"), "UA-61": ("Ternopil oblast", "Тернопільська область"),
    "PL-14": ("Mazowieckie", "Мазовецьке воєводство"), "PL-06": ("Lubelskie", "Люблінське воєводство"),
    "RO-SV": ("Suceava", "Сучавський повіт"), "RO-B": ("Bucharest", "Бухарест"), "RU-MOS": ("Moscow oblast", "Московська область"),
    "SK-KI": ("Košice region", "Кошицький край"), "HU-SZ": ("Szabolcs-Szatmár-Bereg", "Саболч-Сатмар-Берег"),
    "MD-CU": ("Chișinău", "Кишинів"), "LT-VL": ("Vilnius county", "Вільнюський повіт"), "BY-MI": ("Minsk region", "Мінська область"),
}  # fmt: skip
AREAS = [
    ("UA-46", "UA", 4, 1), ("UA-32", "UA", 4, 3), ("UA-63", "UA", 3, 3), ("UA-12", "UA", 3, 3), ("UA-51", "UA", 2, 2),
    ("UA-48", "UA", 1, 2), ("UA-05", "UA", 1, 1), ("UA-65", "UA", 1, 4), ("UA-14", "UA", 1, 4), ("UA-61", "UA", 1, 1),
    ("PL-14", "PL", 4, 0), ("PL-06", "PL", 3, 1), ("RO-SV", "RO", 2, 1), ("RO-B", "RO", 2, 0), ("RU-MOS", "RU", 3, 2),
    ("SK-KI", "SK", 2, 0), ("HU-SZ", "HU", 2, 0), ("MD-CU", "MD", 2, 1), ("LT-VL", "LT", 1, 0), ("BY-MI", "BY", 1, 1),
]  # fmt: skip
POINTS = {
    "UA-46": ("49.7", "23.9"), "UA-32": ("50.2", "30.4"), "UA-63": ("49.6", "36.4"), "UA-12": ("48.4", "34.9"), "UA-51": ("46.7", "30.2"),
    "UA-48": ("47.4", "31.9"), "UA-05": ("49.0", "28.7"), "UA-65": ("46.7", "33.4"), "UA-14": ("48.1", "37.6"), "UA-61": ("49.4", "25.6"),
}  # fmt: skip
"""Public middles of the oblasts, degrees north and east."""
GROUPS = {
    "OPERATING": "ok", "ESSENTIAL_ONLY": "ok", "REDUCED": "reduced", "RELOCATED": "moved", "SUSPENDED": "paused",
    "EVACUATED": "evac", "CLOSED": "closed", "DIVESTED": "closed", "UNKNOWN": "lost",
}  # fmt: skip


def moment(hours_ago: float) -> str:
    """A moment before the cut-off as the snapshot writes it."""
    return (AS_OF - timedelta(minutes=round(hours_ago * 60))).strftime("%Y-%m-%dT%H:%M:%SZ")


def day(days_ago: int) -> str:
    """A day before the cut-off."""
    return (AS_OF - timedelta(days=days_ago)).strftime("%Y-%m-%d")


def site_rows() -> list[dict[str, Any]]:
    chance = random.Random(7)
    rows = []
    for area, country, count, alert in AREAS:
        for ordinal in range(1, count + 1):
            status = chance.choice(
                ["OPERATING"] * 4 + ["REDUCED", "ESSENTIAL_ONLY"] if alert < 3 else ["OPERATING", "REDUCED", "SUSPENDED"]
            )
            fresh = chance.choice(["CURRENT"] * 6 + ["DUE_SOON", "OVERDUE"])
            rows.append({
                "area": area, "country": country, "ordinal": ordinal, "kind": chance.choice(["FACTORY", "WAREHOUSE", "OFFICE", "DEPOT"]),
                "status": status, "group": GROUPS[status], "alert": alert, "status_freshness": fresh,
                "status_at": moment(chance.randint(1, 20) * (1 if alert > 2 else 6)), "people": chance.randint(40, 520),
                "count_freshness": fresh, "count_at": moment(chance.randint(2, 30)), "late_hours": None,
                "plan": chance.choice(["ADEQUATE"] * 4 + ["APPROVED", "EXPIRED"]), "plan_items": chance.randint(15, 20),
                "communication_items": chance.randint(9, 15),
            })  # fmt: skip
    hard = {
        ("UA-65", 1): {"status": "REDUCED", "group": "lost", "status_freshness": "STALE", "count_freshness": "STALE", "late_hours": "38.0",
                       "plan": "NONE", "plan_items": None},
        ("UA-14", 1): {"status": "SUSPENDED", "group": "lost", "status_freshness": "STALE", "count_freshness": "STALE", "late_hours": "67.0"},
        ("UA-63", 2): {"status": "EVACUATED", "group": "evac"},
        ("UA-48", 1): {"status": "CLOSED", "group": "closed", "people": 0, "count_freshness": "CURRENT"},
        ("UA-61", 1): {"status": "RELOCATED", "group": "moved"},
        ("BY-MI", 1): {"status": "SUSPENDED", "group": "paused", "count_freshness": "NEVER", "count_at": None, "people": 206,
                       "plan": "NONE", "plan_items": None},
        ("UA-12", 2): {"count_freshness": "STALE", "late_hours": "74.0", "people": 248, "plan": "APPROVED", "plan_items": 17},
        ("RO-SV", 2): {"status_freshness": "OVERDUE", "count_freshness": "OVERDUE", "late_hours": "168.0"},
        ("PL-06", 3): {"status": None, "group": "none", "status_freshness": "NEVER", "status_at": None, "count_freshness": "NEVER",
                       "count_at": None, "people": None, "plan": "NONE", "plan_items": None, "communication_items": None},
    }  # fmt: skip
    for row in rows:
        row |= hard.get((row["area"], row["ordinal"]), {})
    return rows


ISSUES = [
    ("R-087", "I10", "Winter power loss", (4, 5, 2, 5), True, "LINKED", [], 11, 2),
    ("R-118", "I01", "Shelling with workers on shift", (5, 4, 5, 4), False, "LINKED", [], 9, 1),
    ("R-131", "I03", "Call-up papers served at work", (5, 2, 4, 3), False, "CONTRIBUTE", ["STOP"], 4, 2),
    ("R-142", "I08", "Gender-based violence in accommodation", (5, 1, 5, 2), False, "LINKED", [], 3, 0),
    ("R-120", "I10", "Local people lose staple food on exit", (4, 4, 2, 2), False, "CAUSE", [], 2, 1),
    ("R-103", "I02", "Wage loss of suspended staff", (3, 5, 2, 5), True, "CAUSE", [], 5, 0),
    ("R-126", "I06", "Recruitment fees", (4, 3, 2, 4), False, "LINKED", [], 6, 1),
    ("R-155", "I13", HOSTILE[5], (3, 3, 3, 4), False, "CONTRIBUTE", [], 1, 0),
    ("R-160", "I19", f"Drivers on dangerous routes {HOSTILE[0]}", (3, 2, 3, 3), False, "LINKED", [], None, None),
    ("R-162", "I21", f"Supplier distress {HOSTILE[1]}", (3, 2, 2, 3), False, "UNKNOWN", [], 0, 0),
    ("R-151", "I07", "Waiting at gate checks", (1, 5, 1, 5), False, "CAUSE", [], 1, 0),
    ("R-139", "I20", "Overtime at a co-packer", (2, 3, 1, 5), False, "CONTRIBUTE", [], 2, 0),
]


def issue_rows() -> list[dict[str, Any]]:
    rows = []
    for place, (code, kind, title, scores, actual, involvement, flags, steps, late) in enumerate(ISSUES):
        result = assess(*scores, is_actual=actual)
        rows.append({
            "code": code, "kind": kind, "title": title, "countries": ["UA"] if place % 3 else ["UA", "RU"],
            "rights": [["LIFE", "HEALTH"], ["LIFE", "OSH"], ["LIB", "CONSC"], ["TORT"], ["FOOD"], ["WAGE"], ["SLAV"]][place % 7],
            "groups": [["EMPLOYEES", "BEREAVED"], ["EMPLOYEES", "AGENCY"], ["MOBILISED"], ["WOMEN", "IDPS"], ["CUSTOMERS"]][place % 5],
            "involvement": involvement, "scale": scores[0], "scope": scores[1], "irremediability": scores[2], "likelihood": scores[3],
            "is_actual": actual, "severity_level": result.severity_level, "severity_sum": result.severity_sum,
            "likelihood_counted": result.likelihood, "score": str(result.score), "band": result.band.value,
            "shown_band": shown_band(result.score, flags).value, "open_flags": flags, "conflict_driver": place == 4,
            "is_salient": is_salient(result.score, severity_level=result.severity_level, open_flags=flags),
            "response": None if place in (3, 8) else f"Generators meet the need at six of nine sites; {HOSTILE[place % 6]}",
            "steps_open": steps, "steps_late": late, "assessed_on": day(12 + place), "review_on": day(-78 + place * 9),
            "actions": [] if place in (3, 8) else [
                {"title": f"Agree the next step with worker representatives {place}", "owner": "Site safety lead",
                 "due_on": day(-9 + place * 2), "status": "OPEN" if place % 2 else "IN_PROGRESS",
                 "overdue_days": max(0, place * 2 - 9)}],
        })  # fmt: skip
    return sorted(rows, key=lambda row: -float(row["score"]))


def head_counts() -> dict[str, Any]:
    return {
        "figure": "E-014", "overlays_figure": "E-015",
        "columns": [{"places": ["UA"]}, {"places": ["PL", "RO", "SK", "HU", "MD", "LT"]}, {"places": ["RU", "BY"]}],
        "states": {
            "SAFE_LOCAL": [3699, 3579, 771, 8049], "SAFE_IDP": [418, 0, 0, 418], "SAFE_ABROAD": [291, 22, 23, 336],
            "SERVING": [312, 0, "not_collected", 312], "INJURED": [9, "few", 0, 12], "DETAINED": [5, 0, "not_collected", 5],
            "MISSING": [6, 0, "not_collected", 6], "UNACCOUNTED": [35, 7, 18, 60], "KILLED": [11, 0, "not_collected", 11],
        },
        "expected": [4786, 3611, 812, 9209], "accounted": ["99.1", "99.8", "97.8", "99.3"],
        "safe": ["92.1", "99.7", "97.8", "95.6"], "displaced": ["14.8", "0.6", "2.8", "8.2"],
        "overlays": {"remote_working": 1038, "relocated_by_company": 611, "families_supported": 402, "needs_urgent_help": "few",
                     "injured_at_work": None},
    }  # fmt: skip


def figure(
    kind: str, query: str, rows: int, hours: float, counted: int, needed: int, unit: str = "site", **more: Any
) -> dict[str, Any]:
    people = more.pop("people", None)
    return {
        "kind": kind, "query": query, "rows": rows, "as_of": moment(hours), "oldest": moment(hours + 400), "freshness": "CURRENT",
        "coverage": {"unit": unit, "counted": counted, "needed": needed, "people": people and people[0], "of_people": people and people[1]},
        "sources": [{"source": "DIRECT", "confidence": "A", "rows": rows}], "sha256": sha256_of([kind, rows]), "strict": False, **more,
    }  # fmt: skip


def figures() -> dict[str, Any]:
    return {
        "E-001": figure("scope", "Sites, countries and exclusions as recorded", 42, 200, 42, 42),
        "E-004": figure("alert_levels", "Changes of the alert level, twelve weeks", 61, 1.5, 20, 20, "area"),
        "E-005": figure("area_status", "Official list of territories, act of 2026-09-18", 20, 1560, 10, 10, "area", freshness="OVERDUE"),
        "E-011": figure("site_status", "Latest status of each site", 42, 0.1, 38, 41),
        "E-014": figure("head_counts", "Latest head count of each site and contract group", 118, 2.3, 37, 41, people=(9209, 9840),
                        strict=True, sources=[{"source": "DIRECT", "confidence": "A", "rows": 97},
                                              {"source": "DOC", "confidence": "B", "rows": 21}]),
        "E-015": figure("overlays", "Circumstances beside the states", 118, 2.3, 37, 41),
        "E-021": figure("plans", "Evacuation plans in force, 20 items each", 38, 185, 39, 41, freshness="DUE_SOON"),
        "E-022": figure("capacity", "Seats, trips and shelter in the plans", 36, 185, 36, 41),
        "E-023": figure("drills", "Drills, twelve months", 71, 71, 34, 34),
        "E-024": figure("communication", "Communication plans, 15 items each", 40, 232, 40, 41),
        "E-025": figure("actions", "Safety actions, open or closed in the period", 57, 20, 57, 57, "action"),
        "E-041": figure("issues", "Register of issues with scores", 12, 41, 9, 9, "country"),
        "E-051": figure("pay", "Pay reported for the last month due", 38, 20, 38, 41, "site"),
        "E-052": figure("measures", "Support measures for own people", 14, 20, 14, 14, "measure"),
        "E-062": figure("suppliers", "Suppliers and supply links of the member", 584, 383, 150, 150, "supplier", freshness="OVERDUE"),
        "E-071": figure("contributions", "Contributions in money", 5, 91, 5, 5, "contribution"),
        "E-072": figure("rates", "Exchange rates used", 3, 105, 3, 3, "rate", sources=[{"source": "PUBLIC", "confidence": "A", "rows": 3}]),
        "E-081": figure("quality", "Freshness and coverage of every data set", 222, 0, 5, 5, "dataset"),
    }  # fmt: skip


def people_slice(sites: list[dict[str, Any]]) -> dict[str, Any]:
    countries = list(dict.fromkeys(row["country"] for row in sites))
    levels = [4, 3, 2, 1, 0]
    attention = [row for row in sites if row["late_hours"] or row["count_freshness"] == "NEVER"]
    return {
        "head_counts": head_counts(),
        "trend": {"figure": "E-014", "points": [
            {"day": day(7 * week), "rate": str(round(98.1 + (11 - week) * 0.11, 1)), "sites": 40} for week in range(11, -1, -1)]},
        "status": {"figure": "E-011", "rows": [
            {"country": country, "counts": dict(Counter(
                "NO_CONTACT" if row["group"] == "lost" else row["status"] or "NOT_REPORTED" for row in sites if row["country"] == country))}
            for country in countries]},
        "sites": sites, "attention": attention, "freshness_figure": "E-081",
        "plans": {
            "figure": "E-021", "capacity_figure": "E-022",
            "levels": [{"level": level, **Counter(row["plan"] for row in sites if row["alert"] == level and row["status"] != "CLOSED")}
                       for level in levels],
            "gaps": [
                {"item": 15, "name": {"en": "Border rules known", "uk": "Правила перетину кордону відомі"}, "critical": True, "sites": 7},
                {"item": 12, "name": {"en": "People with special needs", "uk": "Люди з особливими потребами"}, "critical": True, "sites": 5},
                {"item": 20, "name": {"en": "Drill dates and lessons", "uk": "Дати тренувань і висновки"}, "critical": False, "sites": 11},
                {"item": 7, "name": {"en": "Alternative route", "uk": "Запасний маршрут"}, "critical": False, "sites": 4},
            ],
            "capacity": [
                {"area": "UA-63", "ordinal": 2, "alert": 3, "to_move": 318, "seats": 240, "short": 78, "shelter_short": 0},
                {"area": "UA-32", "ordinal": 1, "alert": 3, "to_move": 336, "seats": 300, "short": 36, "shelter_short": 0},
                {"area": "UA-51", "ordinal": 1, "alert": 2, "to_move": 274, "seats": 250, "short": 24, "shelter_short": 17},
                {"area": "UA-65", "ordinal": 1, "alert": 4, "to_move": 189, "seats": None, "short": None, "shelter_short": None},
            ],
            "capacity_of": 36, "enough": 32, "seats_short": 138,
        },
        "drills": {"figure": "E-023", "rows": [
            {"level": 3, "every_days": 60, "sites": 10, "in_time": 7, "overdue": 3, "passed": 6},
            {"level": 2, "every_days": 90, "sites": 6, "in_time": 5, "overdue": 1, "passed": 4},
            {"level": 1, "every_days": 180, "sites": 12, "in_time": 10, "overdue": 2, "passed": 9},
            {"level": 0, "every_days": 365, "sites": 6, "in_time": 4, "overdue": 2, "passed": 4}]},
        "communication": {"figure": "E-024", "sites": 41, "with_plan": 40, "items": [
            {"met": "15", "sites": 12}, {"met": "12-14", "sites": 19}, {"met": "0-11", "sites": 9}],
            "tests": {"reached": 2914, "attempted": 3120, "sites": 33, "rate": "93.4"}},
        "actions": {"figure": "E-025", "open": 41, "overdue": 9, "done": 16, "done_unverified": 3, "median_overdue_days": 11, "rows": [
            {"area": "UA-63", "ordinal": 1, "title": f"Repair the shelter door {n} {HOSTILE[n % 6]}", "kind": "PREVENT", "owner": "Site safety lead",
             "due_on": day(25 - n), "status": "OPEN" if n % 3 else "BLOCKED", "overdue_days": max(0, 25 - n), "severity": 3} for n in range(1, 42)]},
    }  # fmt: skip


def chapters(sites: list[dict[str, Any]]) -> dict[str, Any]:
    issues = issue_rows()
    groups = {area: Counter(row["group"] for row in sites if row["area"] == area) for area, *_ in AREAS}
    return {
        "summary": {
            "unknown": [
                {"code": "unreached", "count": 60, "by": [["UA", 35], ["RU", 18]], "others": 7, "figure": "E-014"},
                {"code": "stale_people", "count": 722, "sites": 4, "figure": "E-081"},
                {"code": "pay_sites", "count": 3, "figure": "E-051"},
                {"code": "no_status", "count": 1, "figure": "E-011"},
                {"code": "no_plan", "count": 3, "figure": "E-021"},
                {"code": "involvement", "count": 1, "figure": "E-041"},
                {"code": "not_traced", "rate": "61.0", "figure": "E-062"},
            ],
            "changes": [
                {"day": day(2), "code": "stop_flag", "issue": "R-131", "figure": "E-041"},
                {"day": day(13), "code": "evacuated", "sites": 1, "area": "UA-63", "figure": "E-011"},
                {"day": day(23), "code": "alert_raised", "areas": ["UA-32", "UA-46"], "figure": "E-004"},
            ],
            "key": [
                {"code": "accounted", "rate": "99.3", "part": 9143, "of": 9209, "figure": "E-014", "before": "-0.2"},
                {"code": "operating", "part": 23, "of": 41, "figure": "E-011", "before": None},
                {"code": "adequate_plans", "rate": "66.7", "part": 26, "of": 39, "figure": "E-021", "before": "+2.4"},
                {"code": "full_pay", "rate": "89.9", "part": 588, "of": 654, "figure": "E-051", "before": "-1.1"},
                {"code": "critical_issues", "part": 3, "of": 8, "figure": "E-041", "before": None},
            ],
            "gaps": [{"code": code, "count": count, "of": of} for code, count, of in [
                ("C-18", 4, 41), ("C-22", 4, 41), ("C-21", 3, 41), ("C-23", 4, 39), ("C-08", 1, 8), ("C-03", 1, 12)]],
        },
        "scope": {
            "figure": "E-001", "timeline_figure": "E-004", "area_figure": "E-005", "sites": len(sites), "open_sites": 41, "people": 9840,
            "countries": [{"country": country, "group": {"UA": "CONFLICT", "RU": "PARTY", "BY": "PARTY", "LT": "HOST"}.get(country, "NEIGHBOUR"),
                           "sites": sum(row["country"] == country for row in sites),
                           "people": sum(row["people"] or 0 for row in sites if row["country"] == country),
                           "alert": max(row["alert"] for row in sites if row["country"] == country)}
                          for country in dict.fromkeys(row["country"] for row in sites)],
            "status_figure": "E-011",
            "map": [{"area": area, "country": country, "counts": dict(groups[area]), "lat": POINTS.get(area, (None, None))[0],
                     "lon": POINTS.get(area, (None, None))[1]} for area, country, *_ in AREAS],
            "timeline_from": day(84), "timeline_to": day(0),
            "timeline": [{"area": area, "sites": count, "steps": [[day(84), max(0, alert - 1)], [day(20 + place), alert]]}
                         for place, (area, _country, count, alert) in enumerate(AREAS)],
            "areas": [{"area": area, "status": ["ACTIVE_HOSTILITIES", "TENSION", "UNKNOWN", "OCCUPIED"][place % 4], "listed": place % 4 != 2,
                       "act_on": "2026-09-18", "sites": count} for place, (area, country, count, _a) in enumerate(AREAS) if country == "UA"],
            "exclusions": [{"what": "14 franchise outlets", "reason": "no agreement on data"},
                           {"what": "Suppliers beyond tier 2", "reason": f"not traced {HOSTILE[2]}"}],
        },
        "issues": {"figure": "E-041", "rows": issues, "countries_assessed": 9, "of_countries": 9, "added": ["R-142"], "dropped": []},
        "people": people_slice(sites),
        "pay": {
            "figure": "E-051", "month": "2026-10-01", "late_sites": 2, "worst_days": 35, "mobilised": 37, "families": "hidden",
            "groups": [
                {"group": "OWN", "entitled": 540, "full": 500, "partial": "few", "none": "hidden", "full_rate": "hidden", "any_rate": ">=99.1"},
                {"group": "AGENCY", "entitled": 114, "full": 88, "partial": "hidden", "none": "hidden", "full_rate": "77.2", "any_rate": None},
                {"group": "ALL", "entitled": 654, "full": 588, "partial": 52, "none": 14, "full_rate": "89.9", "any_rate": "97.9"}],
            "rules": [{"policy": "FULL", "sites": 18, "least": None, "most": None}, {"policy": "DOWNTIME", "sites": 3, "least": 67, "most": 80}],
            "months": [{"month": f"2026-{n:02}-01", "sites": n, "full_rate": "91.0", "any_rate": "98.0"} for n in range(5, 11)],
        },
        "measures": {"figure": "E-052", "rows": [
            {"code": f"HOTLINE.{n}", "type": "HOTLINE", "country": "UA", "starts_on": day(90), "ends_on": None, "reached": "few" if n else 140,
             "excluded": ["AGENCY", "CONTRACTOR"] if n else [], "because": HOSTILE[n % 6] if n else "", "effect": "SOME",
             "effect_source": HOSTILE[1]} for n in range(14)]},
        "supply": {
            "figure": "E-062", "suppliers": 150, "links": 584,
            "by_country": [{"country": code, "suppliers": count, "links": count * 4 - 3, "exposed": count // 3}
                           for code, count in [("UA", 61), ("PL", 38), ("RO", 17), ("HU", 12), ("RU", 9), ("SK", 7), ("MD", 4), ("BY", 2)]],
            "by_tier": [{"tier": "T1", "links": 171, "suppliers": 112}, {"tier": "T2", "links": 305, "suppliers": 38},
                        {"tier": "SERVICE", "links": 64, "suppliers": 21}, {"tier": "LABOUR", "links": 44, "suppliers": 9}],
            "by_commodity": [{"commodity": code, "links": count, "countries": 3, "risk": code in ("SFO", "WHE")}
                             for code, count in [("SFO", 88), ("WHE", 61), ("PKG", 54), ("SUG", 31), ("DAI", 28), ("LOG", 27), ("GLA", 12)]],
            "measures": [{"code": "traced", "rate": "39.0", "part": None, "of": None}, {"code": "paused", "part": 23, "of": 584, "rate": None},
                         {"code": "assessed", "part": None, "of": None, "rate": None}],
        },
        "aid": {
            "figure": "E-071", "rates_figure": "E-072", "since": "2026-01-01",
            "currencies": [
                {"currency": "EUR", "committed": "280000.00", "paid": "230000.00", "ratio": "82.1",
                 "indicative_committed": "280000.00", "indicative_paid": "230000.00"},
                {"currency": "USD", "committed": "100000.00", "paid": "100000.00", "ratio": "100.0",
                 "indicative_committed": "92165.90", "indicative_paid": "92165.90"},
                {"currency": "UAH", "committed": "4500000.00", "paid": "3000000.00", "ratio": "66.7",
                 "indicative_committed": "100000.00", "indicative_paid": "66666.67"},
                {"currency": "PLN", "committed": "120000.00", "paid": "120000.00", "ratio": "100.0",
                 "indicative_committed": "27906.98", "indicative_paid": "27906.98"}],
            "contributions": [{"partner": f"Relief partner {n} {HOSTILE[n]}", "kind": "CASH", "currency": "EUR", "committed": "50000.00",
                               "paid": "40000.00", "purpose": "FSC", "committed_on": day(100 - n)} for n in range(5)],
            "rates": {"base": "EUR", "rows": [{"currency": "USD", "rate": "1.0850", "on": day(4), "source": "example"},
                                              {"currency": "UAH", "rate": "45.0000", "on": day(4), "source": "example"},
                                              {"currency": "PLN", "rate": "4.3000", "on": day(4), "source": "example"}]},
            "total": {"currency": "EUR", "committed": "500072.88", "paid": "416739.55", "ratio": "83.3"},
            "left_out": [], "in_kind": None, "reach": None,
        },
        "quality": {
            "figure": "E-081", "open_sites": 41,
            "datasets": [
                {"dataset": "head_counts", "needed": 41, "bands": {"CURRENT": 29, "DUE_SOON": 5, "OVERDUE": 3, "STALE": 3, "NEVER": 1}, "people": "93.6"},
                {"dataset": "evacuation_plans", "needed": 41, "bands": {"CURRENT": 29, "DUE_SOON": 5, "OVERDUE": 4, "NEVER": 3}, "people": "94.9"},
                {"dataset": "communication_plans", "needed": 41, "bands": {"CURRENT": 36, "DUE_SOON": 4, "NEVER": 1}, "people": "95.1"},
                {"dataset": "site_status", "needed": 41, "bands": {"CURRENT": 32, "DUE_SOON": 3, "OVERDUE": 3, "STALE": 2, "NEVER": 1}, "people": "97.2"}],
            "sources": [{"source": "DIRECT", "confidence": "A", "rows": 2871}, {"source": "DIRECT", "confidence": "B", "rows": 204},
                        {"source": "DOC", "confidence": "A", "rows": 618}, {"source": "PUBLIC", "confidence": "C", "rows": 63},
                        {"source": "WORKER_REP", "confidence": "B", "rows": 18}],
            "replaced": 31,
        },
    }  # fmt: skip


def sample(language: str = "en") -> Evidence:
    """The snapshot of Halden Foods as of 22 November 2026, 09:00 UTC."""
    sites = site_rows()
    body = chapters(sites)
    return {
        "schema": SCHEMA,
        "meta": {
            "number": "ADP-UNGP-HALDEN-2026-010", "revision": 1,
            "organisation": {"id": "018f0000-0000-7000-8000-000000000001", "name": "Halden Foods AS", "short_name": "Halden Foods", "sector": "FOOD"},
            "period_from": "2026-10-01", "period_to": "2026-10-31", "as_of": moment(0), "language": language, "audience": "INTERNAL",
            "log": {"seq": 4_812, "hash": sha256_of(["the newest entry"])},
            "status": "DRAFT", "asked_by": "MEMBER_COORDINATOR", "formula": FORMULA, "replaces": None, "fonts": {},
        },
        "places": {code: {"en": names[0], "uk": names[1]} for code, names in PLACES.items()},
        "figures": figures(),
        "chapters": body,
        "tables": {
            "sites": {"columns": ["area", "site", "status", "alert", "people"],
                      "rows": [[row["area"], row["ordinal"], row["status"], row["alert"], row["people"]] for row in sites]},
            "issues": {"columns": ["code", "title", "score"], "rows": [[row["code"], row["title"], row["score"]] for row in body["issues"]["rows"]]},
            "actions": {"columns": ["area", "site", "title", "due_on"],
                        "rows": [[row["area"], row["ordinal"], row["title"], row["due_on"]] for row in body["people"]["actions"]["rows"]]},
        },
    }  # fmt: skip
