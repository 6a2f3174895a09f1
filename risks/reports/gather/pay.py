"""Chapter 7: who got wages in the last month that is due, and the six before it; what was done for own people beside wages."""

from collections import Counter
from datetime import date
from typing import Any

from django.db.models import Q
from django.utils.translation import gettext_noop

from aimprogress.core.actor import current_actor
from aimprogress.core.permissions import Permission
from aimprogress.figures.numbers import number
from aimprogress.figures.percent import rate
from aimprogress.figures.registry import Bound, Figure, Unit, for_outsiders
from humanitarian.figures.pay import due_month, months_before
from humanitarian.models import STRICT_POLICIES, ContractGroup, SupportMeasure, WagePolicy, WageSupportReport
from risks.reports.evidence import AT_LEAST
from risks.reports.gather.ledger import Ledger, few, iso
from risks.reports.gather.people import protect_table

MONTHS = 6
PARTS = ("full", "partial", "none", "entitled")
WHOLE = "ALL"


def pay(ledger: Ledger) -> dict[str, Any] | None:
    """Wage continuity by contract group; None where nobody reported the month, or the reader may not read pay."""
    if not _reads_numbers(ledger):
        return None
    month = due_month(ledger.today)
    places = {one.site.pk: one for one in ledger.sites}
    months = [months_before(month, back) for back in range(MONTHS)]
    reports = WageSupportReport.objects.filter(site__in=places, month__in=months).standing(ledger.as_of).order_by("month", "id")
    every = list(reports)
    found = [row for row in every if row.month == month and row.policy not in STRICT_POLICIES]
    if not found:
        return None
    sites = {row.site_id for row in found}
    figure = ledger.add(
        "E-051",
        "pay",
        gettext_noop("Pay reported for the last month due: people entitled, paid in full, in part, not at all"),
        [[str(row.pk), iso(row.month), row.group, row.entitled, row.full_wage, row.paid_any - row.full_wage] for row in found],
        observed=[row.observed_at for row in found],
        coverage=ledger.cover(one for pk, one in places.items() if pk in sites and one.is_open),
        sources=Counter((row.source_type, row.confidence) for row in found),
    )
    late = {row.site_id: row.arrears_days for row in found if row.arrears_days}
    strict = [row for row in every if row.month == month and row.policy in STRICT_POLICIES]
    return {
        "figure": figure,
        "month": iso(month),
        "groups": _groups(found),
        "rules": _rules(found),
        "months": [_month(one, [row for row in every if row.month == one]) for one in reversed(months)],
        "late_sites": len(late),
        "worst_days": max(late.values(), default=0),
        "mobilised": _strict(row for row in strict if row.policy != WagePolicy.FAMILY),
        "families": _strict(row for row in strict if row.policy == WagePolicy.FAMILY),
    }


def measures(ledger: Ledger) -> dict[str, Any] | None:
    """Measures for own people that ran in the period; None where none was written down, or the reader may not read them."""
    if not _reads_numbers(ledger):
        return None
    ran = Q(ends_on=None) | Q(ends_on__gte=ledger.period_from)
    rows = SupportMeasure.objects.filter(ran, organisation=ledger.organisation, starts_on__lte=ledger.today)
    found = list(rows.filter(recorded_at__lte=ledger.as_of).order_by("-starts_on", "id"))
    if not found:
        return None
    figure = ledger.add(
        "E-052",
        "measures",
        gettext_noop("Support measures for own people that ran in the period; reaches are never added"),
        [[str(row.pk), row.type, row.people_reached] for row in found],
        observed=[row.updated_at for row in found],
        coverage={"unit": "measure", "counted": len(found), "needed": len(found), "people": None, "of_people": None},
    )
    told = [_measure(ledger, place, row) for place, row in enumerate(found, 1)]
    columns = ["type", "country", "starts_on", "ends_on", "reached", "excluded", "because", "effect", "effect_source"]
    cells = [[" ".join(row[key]) if key == "excluded" else row[key] for key in columns] for row in told]
    ledger.table("support_measures", columns, cells)
    return {"figure": figure, "rows": told}


def _reads_numbers(ledger: Ledger) -> bool:
    """The AIM-Progress team reads rates only, so a report that it asks for says that pay is not reported."""
    actor = current_actor()
    return actor.kind == "system" or (actor.owns(ledger.organisation.pk) and actor.may(Permission.PAY_READ))


def _sums(rows: list[WageSupportReport]) -> dict[str, int]:
    return {
        "full": sum(row.full_wage for row in rows),
        "partial": sum(row.paid_any - row.full_wage for row in rows),
        "none": sum(row.paid_none for row in rows),
        "entitled": sum(row.entitled for row in rows),
    }


def _groups(found: list[WageSupportReport]) -> list[dict[str, Any]]:
    """A line for each contract group that was reported, and one for all; no small number, and none that gives one away."""
    names = [group for group in ContractGroup.values if any(row.group == group for row in found)]
    sums = [_sums([row for row in found if row.group == name]) for name in names] + [_sums(found)]
    table = protect_table([[one[part] for one in sums] for part in PARTS], [True] * len(names))
    lines = []
    for place, (name, true) in enumerate(zip([*names, WHOLE], sums, strict=True)):
        shown = {part: row[place] for part, row in zip(PARTS, table, strict=True)}
        rates = {
            "full_rate": _rate(true["full"], true["entitled"], shown["full"]),
            "any_rate": _rate(true["full"] + true["partial"], true["entitled"], shown["none"]),
        }
        lines.append({"group": name, **shown, **rates})
    return lines


def _rules(found: list[WageSupportReport]) -> list[dict[str, Any]]:
    """By which rules people were paid and at how many sites: beside the sums of the groups, people would tell a small number."""
    lines = []
    for policy in WagePolicy.values:
        rows = [row for row in found if row.policy == policy]
        percents = [row.percent for row in rows if row.percent]
        if rows:
            sites = len({row.site_id for row in rows})
            lines.append(
                {"policy": policy, "sites": sites, "least": min(percents, default=None), "most": max(percents, default=None)}
            )
    return lines


def _rate(part: int, whole: int, cell: Any) -> str | None:
    """A share as the report may print it; `cell`: the printed count that the share would tell."""
    if not whole:
        return None
    if whole < number("MINIMUM_RATE_DENOMINATOR"):
        return "few_people"
    found = for_outsiders(Figure(rate(part, whole), "", None, numerator=part, denominator=whole), Unit.PERCENT)
    if found.value is None:
        return "hidden"
    if found.bound is Bound.AT_LEAST:
        return f"{AT_LEAST}{found.value}"
    return "hidden" if isinstance(cell, str) else str(found.value)


def _month(month: date, rows: list[WageSupportReport]) -> dict[str, Any]:
    workers = [row for row in rows if row.policy not in STRICT_POLICIES]
    true = _sums(workers)
    return {
        "month": iso(month),
        "sites": len({row.site_id for row in workers}),
        "full_rate": _rate(true["full"], true["entitled"], None),
        "any_rate": _rate(true["full"] + true["partial"], true["entitled"], None),
    }


def _strict(rows: Any) -> int | str | None:
    """People paid because they serve, or for somebody who died: at ten or more, for the whole member; None where not reported."""
    found = list(rows)
    people = sum(row.paid_full + row.paid_partial for row in found)
    if not found:
        return None
    return "hidden" if 0 < people < number("MINIMUM_STRICT_CELL") else people


def _measure(ledger: Ledger, place: int, row: SupportMeasure) -> dict[str, Any]:
    open_to = {"OWN": row.for_own, "AGENCY": row.for_agency, "CONTRACTOR": row.for_contractors}
    ledger.name_country(row.country)
    return {
        "code": f"{row.type}.{place}",
        "type": row.type,
        "country": row.country,
        "starts_on": iso(row.starts_on),
        "ends_on": iso(row.ends_on),
        "reached": few(row.people_reached),
        "excluded": [code for code, may in open_to.items() if not may],
        "because": row.excluded_because,
        "effect": row.effect,
        "effect_source": row.effect_source,
    }
