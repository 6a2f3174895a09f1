"""The summary follows from the other slices: what is not known first, key numbers with how far they reach, open gaps."""

from decimal import Decimal
from typing import Any

from aimprogress.figures.percent import rate
from risks.reports.evidence import AT_LEAST
from risks.reports.gather.ledger import Ledger, few


def summary(
    ledger: Ledger, chapters: dict[str, Any], before: dict[str, Any] | None, changed: list[dict[str, Any]]
) -> dict[str, Any]:
    """Chapter 1 from the slices of the other chapters; `before` is the summary of the report that this one follows."""
    return {
        "unknown": _unknown(ledger, chapters),
        "changes": _changes(ledger, chapters, changed),
        "key": _key(ledger, chapters, before),
        "gaps": _gaps(ledger, chapters),
    }


def _unknown(ledger: Ledger, chapters: dict[str, Any]) -> list[dict[str, Any]]:
    people, issues = chapters["people"], chapters["issues"]["rows"]
    told: list[dict[str, Any]] = []
    told += _unreached(people["head_counts"])
    stale = [one for one in ledger.open_sites if not one.counts]
    if stale:
        told.append(
            {"code": "stale_people", "count": few(sum(one.people for one in stale)), "sites": len(stale), "figure": "E-081"}
        )
    if chapters["pay"] is None:
        told.append({"code": "pay", "count": None, "figure": None})
    elif missing := len(ledger.open_sites) - ledger.figures["E-051"]["coverage"]["counted"]:
        told.append({"code": "pay_sites", "count": missing, "figure": "E-051"})
    silent = [one for one in ledger.open_sites if one.group == "lost"]
    never = [one for one in ledger.open_sites if one.group == "none"]
    without = [row for row in people["sites"] if row["plan"] in ("NONE", "DRAFT") and row["group"] != "closed"]
    counted = [
        ("no_contact", len(silent), "E-011"),
        ("no_status", len(never), "E-011"),
        ("no_plan", len(without), "E-021" if "E-021" in ledger.figures else None),
        ("involvement", sum(issue["involvement"] == "UNKNOWN" for issue in issues), "E-041"),
        ("no_response", sum(issue["is_salient"] and not issue["actions"] for issue in issues), "E-041"),
    ]
    told += [{"code": code, "count": count, "figure": figure} for code, count, figure in counted if count]
    if not issues:
        told.append({"code": "issues", "count": None, "figure": "E-041"})
    told.append({"code": "engagement", "count": None, "figure": None})
    if chapters["supply"] is not None:
        told.append({"code": "tracing", "count": None, "figure": "E-062"})
    if chapters["aid"] is not None and chapters["aid"]["reach"] is None:
        told.append({"code": "reach", "count": None, "figure": "E-071"})
    return told[:9]


def _unreached(heads: dict[str, Any] | None) -> list[dict[str, Any]]:
    if heads is None:
        return [{"code": "head_counts", "count": None, "figure": "E-014"}]
    row = heads["states"]["UNACCOUNTED"]
    if not row[-1]:
        return []
    by, others = [], 0
    for column, value in zip(heads["columns"], row[:-1], strict=True):
        if isinstance(value, int) and value:
            if len(column["places"]) == 1:
                by.append([column["places"][0], value])
            else:
                others += value
    return [{"code": "unreached", "count": row[-1], "by": by, "others": others, "figure": "E-014"}]


def _changes(ledger: Ledger, chapters: dict[str, Any], changed: list[dict[str, Any]]) -> list[dict[str, Any]]:
    added = [
        {"day": ledger.today.isoformat(), "code": "issue_added", "issue": code, "figure": "E-041"}
        for code in (chapters["issues"]["added"] or [])[:3]
    ]
    return [*added, *changed][:8]


def _key(ledger: Ledger, chapters: dict[str, Any], before: dict[str, Any] | None) -> list[dict[str, Any]]:
    people, issues = chapters["people"], chapters["issues"]["rows"]
    earlier = {entry["code"]: entry.get("rate") for entry in (before or {}).get("key", ())}
    open_sites = len(ledger.open_sites)
    salient = [issue for issue in issues if issue["is_salient"]]
    entries = [
        _accounted(people["head_counts"]),
        {
            "code": "operating",
            "rate": None,
            "part": sum(one.group == "ok" for one in ledger.open_sites),
            "of": open_sites,
            "figure": "E-011",
        },
        _adequate(ledger, people),
        _full_pay(chapters["pay"]),
        {
            "code": "critical_issues",
            "rate": None,
            "part": sum(issue["shown_band"] == "CRITICAL" for issue in salient),
            "of": len(salient),
            "figure": "E-041",
        }
        if salient
        else {"code": "critical_issues", "rate": None, "part": None, "of": None, "figure": "E-041"},
    ]
    for entry in entries:
        entry["before"] = _difference(entry["rate"], earlier.get(entry["code"]))
    return entries


def _full_pay(wages: dict[str, Any] | None) -> dict[str, Any]:
    if wages is None:
        return {"code": "full_pay", "rate": None, "part": None, "of": None, "figure": None}
    whole = wages["groups"][-1]
    exact = isinstance(whole["full"], int) and isinstance(whole["entitled"], int)
    return {
        "code": "full_pay",
        "rate": whole["full_rate"],
        "part": whole["full"] if exact else None,
        "of": whole["entitled"] if exact else None,
        "figure": wages["figure"],
    }


def _accounted(heads: dict[str, Any] | None) -> dict[str, Any]:
    entry: dict[str, Any] = {"code": "accounted", "rate": None, "part": None, "of": None, "figure": "E-014"}
    if heads is None or heads["accounted"][-1] in (None, "few_people", "hidden"):
        return entry
    expected = heads["expected"][-1]
    lost = [heads["states"][state][-1] for state in ("UNACCOUNTED", "MISSING")]
    entry["rate"] = heads["accounted"][-1]
    if all(isinstance(value, int) for value in (expected, *lost)):
        entry |= {"part": expected - sum(lost), "of": expected}
    return entry


def _adequate(ledger: Ledger, people: dict[str, Any]) -> dict[str, Any]:
    entry: dict[str, Any] = {"code": "adequate_plans", "rate": None, "part": None, "of": None, "figure": None}
    if people["plans"] is None:
        return entry
    part = sum(level.get("ADEQUATE", 0) for level in people["plans"]["levels"])
    share = rate(part, len(ledger.open_sites))
    return entry | {
        "rate": str(share) if share is not None else None,
        "part": part,
        "of": len(ledger.open_sites),
        "figure": "E-021",
    }


def _difference(now: str | None, then: str | None) -> str | None:
    if now is None or then is None or now.startswith(AT_LEAST) or then.startswith(AT_LEAST):
        return None
    points = Decimal(now) - Decimal(then)
    return f"{points:+.1f}"


def _gaps(ledger: Ledger, chapters: dict[str, Any]) -> list[dict[str, Any]]:
    people, issues = chapters["people"], chapters["issues"]["rows"]
    rows = [row for row in people["sites"] if row["group"] != "closed"]
    of = len(rows)
    salient = [issue for issue in issues if issue["is_salient"]]

    def lacking(row: dict[str, Any]) -> bool:
        return (
            row["plan"] in ("NONE", "DRAFT")
            or row["communication_items"] is None
            or "NEVER" in (row["status_freshness"], row["count_freshness"])
        )

    found = [
        ("C-18", sum(map(lacking, rows)), of),
        ("C-22", sum(row["count_freshness"] == "STALE" for row in rows), of),
        ("C-21", sum(row["status_freshness"] == "STALE" for row in rows), of),
        ("C-23", sum(row["plan"] == "EXPIRED" for row in rows), of),
        ("C-08", sum(not issue["actions"] for issue in salient), len(salient)),
        ("C-03", sum(issue["involvement"] == "UNKNOWN" for issue in issues), len(issues)),
    ]
    return [{"code": code, "count": count, "of": whole} for code, count, whole in found if count]
