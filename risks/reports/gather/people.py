"""Head counts in nine states, redacted before they enter the snapshot, and their rates over time."""

from collections import Counter, defaultdict
from datetime import timedelta
from typing import Any

from django.utils.translation import gettext_noop

from aimprogress.figures.freshness import Fact, cadence
from aimprogress.figures.numbers import number
from aimprogress.figures.percent import least_rate, rate
from aimprogress.figures.small_counts import is_small, largest_small
from aimprogress.places.countries import CountryGroup, group_of
from members.headcounts import State, Tally, tally, total
from members.models import HeadCount
from members.projection import standing
from risks.reports.evidence import AT_LEAST, Count
from risks.reports.gather.ledger import Ledger, StandingSite, few, stamp, worst
from risks.reports.words import STRICT_STATES

WEEKS = 12
NEEDS = {
    "accounted": (State.UNACCOUNTED, State.MISSING),
    "safe": (State.SAFE_LOCAL, State.SAFE_IDP, State.SAFE_ABROAD),
    "displaced": (State.SAFE_IDP, State.SAFE_ABROAD),
}


def head_counts(ledger: Ledger) -> dict[str, Any] | None:
    """The table of states, or None where no site's count is fresh enough."""
    counted = [standing for standing in ledger.sites if standing.counts and standing.site.current_headcount_id]
    rows = {row.pk: row for row in HeadCount.objects.filter(pk__in=[one.site.current_headcount_id for one in counted])}
    pairs = [(one, rows[one.site.current_headcount_id]) for one in counted if one.site.current_headcount_id in rows]
    figure = ledger.add(
        "E-014",
        "head_counts",
        gettext_noop("Latest head count of each open site that is not stale and not unverified"),
        [[str(one.site.pk), stamp(row.observed_at), row.expected] for one, row in pairs],
        observed=[row.observed_at for _one, row in pairs],
        band=worst(one.count.band for one, _row in pairs),
        coverage=ledger.cover((one for one, _row in pairs), people=True),
        sources=Counter((row.source_type, row.confidence) for _one, row in pairs),
        strict=True,
    )
    if not pairs:
        return None
    columns = _columns([one for one, _row in pairs])
    tallies, collected = [], []
    for column in columns:
        inside = [(one, row) for one, row in pairs if one.site.country in column["places"]]
        tallies.append(total(tally(row.expected, row.states) for _one, row in inside))
        collected.append(not all(one.site.safety_profile for one, _row in inside))
    whole = total(tallies)
    every = (*tallies, whole)
    expected = [found.expected for found in every]
    table = protect_table([*([found.states[state] for found in every] for state in State), expected], collected)
    shown = {state.value: row for state, row in zip(State, table[:-1], strict=True)}
    return {
        "figure": figure,
        "columns": columns,
        "states": shown,
        "expected": table[-1],
        **{name: _rates(name, list(every), shown) for name in NEEDS},
        "overlays": _overlays(pairs),
        "overlays_figure": _overlays_figure(ledger, pairs),
    }


def _columns(counted: list[StandingSite]) -> list[dict[str, Any]]:
    countries = sorted({one.site.country for one in counted})
    if len(countries) <= 4:
        return [{"places": [country]} for country in countries]
    groups: dict[str, list[str]] = defaultdict(list)
    for country in countries:
        group = group_of(country)
        groups[{CountryGroup.CONFLICT: "1", CountryGroup.PARTY: "3"}.get(group, "2")].append(country)
    return [{"places": groups[key]} for key in sorted(groups)]


def protect_table(counts: list[list[int]], collected: list[bool]) -> list[list[Count]]:
    """States by columns (the last is their sum) as they may be printed: no cell of 1 to 4, none that gives one away.

    `counts` has one row per state in the order of State, and may end with their sum, the people expected; `collected` says per
    column whether the protected states are asked.
    """
    hidden: dict[tuple[int, int], str] = {}
    for place, (state, row) in enumerate(zip((*State, None), counts, strict=False)):
        for column, value in enumerate(row):
            if state in STRICT_STATES and column < len(collected) and not collected[column]:
                hidden[place, column] = "not_collected"
            elif is_small(value):
                hidden[place, column] = "few"
    while (cell := _gives_away(counts, hidden)) is not None:
        hidden[cell] = "hidden"
    return [[hidden.get((place, column), value) for column, value in enumerate(row)] for place, row in enumerate(counts)]


def protect_parts(parts: list[int]) -> tuple[list[Count], Count]:
    """Numbers of people and their sum as they may be printed beside each other: none of 1 to 4, none that gives one away."""
    *cells, whole = protect_table([[*parts, sum(parts)]], [True] * len(parts))[0]
    return cells, whole


def _gives_away(counts: list[list[int]], hidden: dict[tuple[int, int], str]) -> tuple[int, int] | None:
    """The next cell to hide because a row or column has exactly one hidden cell, or None when nothing can be derived."""
    height, width = len(counts), len(counts[0])
    lines = [[(place, column) for column in range(width)] for place in range(height)]
    lines += [[(place, column) for place in range(height)] for column in range(width)]
    for line in lines:
        kept_back = [cell for cell in line if hidden.get(cell) in ("few", "hidden")]
        if len(kept_back) == 1:
            others = [cell for cell in line if cell not in hidden]
            if others:
                return min(others, key=lambda cell: (counts[cell[0]][cell[1]] == 0, counts[cell[0]][cell[1]], -cell[1]))
    return None


def _rates(name: str, tallies: list[Tally], shown: dict[str, list[Count]]) -> list[str | None]:
    parts = {"accounted": lambda t: t.accounted, "safe": lambda t: t.confirmed_safe, "displaced": lambda t: t.displaced}
    rates: list[str | None] = []
    for column, found in enumerate(tallies):
        withheld = any(shown[state][column] in ("few", "hidden") for state in NEEDS[name])
        if found.expected < number("MINIMUM_RATE_DENOMINATOR"):
            rates.append("few_people" if found.expected else None)
        elif withheld and column < len(tallies) - 1:
            rates.append("hidden")
        else:
            rates.append(told_rate(parts[name](found), found.expected))
    return rates


def told_rate(part: int, whole: int) -> str | None:
    """A rate as it is printed: what it is at least where all but 1 to 4 people are in it, "hidden" where 1 to 4 are."""
    if is_small(whole - part):
        return f"{AT_LEAST}{least_rate(whole - largest_small(), whole)}"
    if is_small(part):
        return "hidden"
    value = rate(part, whole)
    return None if value is None else str(value)


def _overlays(pairs: list[tuple[StandingSite, HeadCount]]) -> dict[str, Count]:
    sums: Counter = Counter()
    for _one, row in pairs:
        for key, value in (row.overlays or {}).items():
            if isinstance(value, int) and not isinstance(value, bool):
                sums[key] += value
    return {key: few(value) for key, value in sorted(sums.items())}


def _overlays_figure(ledger: Ledger, pairs: list[tuple[StandingSite, HeadCount]]) -> str | None:
    with_overlays = [(one, row) for one, row in pairs if row.overlays]
    if not with_overlays:
        return None
    return ledger.add(
        "E-015",
        "overlays",
        gettext_noop("What the same head counts say beside the nine states"),
        [[str(one.site.pk), dict(row.overlays)] for one, row in with_overlays],
        observed=[row.observed_at for _one, row in with_overlays],
        coverage=ledger.cover(one for one, _row in with_overlays),
        sources=Counter((row.source_type, row.confidence) for _one, row in with_overlays),
    )


def trend(ledger: Ledger) -> dict[str, Any] | None:
    """The share of people accounted for, week by week, each from the counts that were fresh on that day."""
    since = ledger.as_of - timedelta(weeks=WEEKS + 14)
    by_site: dict[Any, list[HeadCount]] = defaultdict(list)
    levels = {one.site.pk: one.site.alert_level for one in ledger.open_sites}
    rows = standing(HeadCount.objects.filter(organisation=ledger.organisation, observed_at__gte=since), ledger.as_of)
    for row in rows.exclude(confidence="C").order_by("observed_at", "id"):
        by_site[row.site_id].append(row)
    points = []
    for week in range(WEEKS - 1, -1, -1):
        at = ledger.as_of - timedelta(weeks=week)
        found = []
        for site_id, counts in by_site.items():
            last = next((row for row in reversed(counts) if row.observed_at <= at), None)
            if last and site_id in levels and at - last.observed_at <= 2 * cadence(Fact.HEAD_COUNT, levels[site_id]):
                found.append(tally(last.expected, last.states))
        whole = total(found)
        if whole.expected >= number("MINIMUM_RATE_DENOMINATOR"):
            told = told_rate(whole.accounted, whole.expected) or ""
            if told != "hidden":
                points.append({"day": at.date().isoformat(), "rate": told.removeprefix(AT_LEAST), "sites": len(found)})
    return {"figure": "E-014", "points": points} if len(points) >= 3 else None
