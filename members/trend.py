"""How the status of sites went over time. Pages only; the figures of today come from `Site.current_*`."""

from collections import Counter
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from django.utils import formats, timezone
from django.utils.functional import Promise
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from aimprogress.charts.plots import area_trend
from aimprogress.charts.svg import number
from aimprogress.figures.dashboard import week_ends
from aimprogress.figures.freshness import Band, Fact, cadence, longest_ages
from aimprogress.figures.moment import as_of
from aimprogress.figures.registry import FigureScope
from members.map import Link
from members.models import Site, SiteStatus, StatusGroup, WeekStanding
from members.services.sites import newest
from members.standing import shown_group
from members.weeks import groups_by_week

DAYS = 30
LINES: tuple[tuple[str, str | Promise, tuple[StatusGroup, ...]], ...] = (
    ("ok", StatusGroup.OPERATING.label, (StatusGroup.OPERATING,)),
    ("reduced", gettext_lazy("Reduced, moved"), (StatusGroup.REDUCED, StatusGroup.MOVED)),
    ("paused", StatusGroup.PAUSED.label, (StatusGroup.PAUSED,)),
    ("evac", StatusGroup.EVACUATED.label, (StatusGroup.EVACUATED,)),
    ("lost", StatusGroup.NO_CONTACT.label, (StatusGroup.NO_CONTACT,)),
    ("closed", StatusGroup.CLOSED.label, (StatusGroup.CLOSED,)),
)


@dataclass(frozen=True, slots=True)
class Line:
    """Twelve weeks of one group: its mark, its name, the number now, the drawing, the difference in words."""

    mark: str
    label: Any
    now: int
    svg: SafeString
    change: str
    numbers: list[int]
    link: str
    """The list of the sites behind `now`."""


def twelve_weeks(scope: FigureScope, now: dict[str, int], link: Link) -> dict[str, Any]:
    """The week ends and a `Line` for each group; `now` holds today's number of each group. One query.

    A past week shows what was known when it ended, with the alert levels of then (members/weeks.py).
    """
    moments = week_ends(scope.as_of)
    standings = WeekStanding.objects.all()
    if scope.organisations is not None:
        standings = standings.filter(organisation_id__in=scope.organisations)
    if scope.country:
        standings = standings.filter(country=scope.country)
    past = groups_by_week(standings, moments[:-1])
    lines = []
    for mark, label, groups in LINES:
        numbers = [sum(week.get(group.value, 0) for group in groups) for week in [*past, now]]
        lines.append(_line(mark, label, moments, numbers, link(group=[group.value for group in groups])))
    return {"days": [timezone.localdate(moment) for moment in moments], "lines": lines}


def _line(mark: str, label: Any, moments: list[datetime], numbers: list[int], link: str) -> Line:
    days = [formats.date_format(timezone.localtime(moment), "j E") for moment in moments]
    words = {
        "group": label,
        "first": number(numbers[0]),
        "day": days[0],
        "most": number(max(numbers)),
        "now": number(numbers[-1]),
    }
    title = _("%(group)s: %(first)s on %(day)s, highest %(most)s, %(now)s now") % words
    moved = numbers[-1] - numbers[0]
    sign = "+" if moved > 0 else "\N{MINUS SIGN}"
    change = _("no change since %(day)s") if not moved else _("%(difference)s since %(day)s")
    shown = change % {"difference": f"{sign}{number(abs(moved))}", "day": days[0]}
    drawn = area_trend(list(zip(days, numbers, strict=True)), title=title, group=mark)
    return Line(mark, label, numbers[-1], drawn, shown, numbers, link)


@dataclass(frozen=True, slots=True)
class Month:
    """Thirty days of one site, a css key a day, and the same in words."""

    days: list[tuple[date, str]]
    words: str


def thirty_days(site: Site, *, now: datetime) -> Month:
    """The status at the end of each of the last thirty days; days before the first report are left out."""
    log = newest(SiteStatus.objects.filter(site=site), as_of()).values_list("observed_at", "operational")
    start = now - timedelta(days=DAYS)
    facts = [*log.filter(observed_at__gt=start), *log.filter(observed_at__lte=start)[:1]]
    silent_after = max(longest_ages(cadence(Fact.STATUS, site.alert_level)).values())
    days: list[tuple[date, str]] = []
    counts: Counter[StatusGroup] = Counter()
    for back in reversed(range(DAYS)):
        moment = now - timedelta(days=back)
        known = next((fact for fact in facts if fact[0] <= moment), None)
        if known is not None:
            group = shown_group(known[1], Band.STALE if moment - known[0] > silent_after else Band.CURRENT)
            counts[group] += 1
            days.append((timezone.localdate(moment), "reduced" if group is StatusGroup.MOVED else group.value))
    said = [f"{group.label} {counts[group]}" for group in StatusGroup if counts[group]]
    heading = ngettext("Last %(n)s day", "Last %(n)s days", len(days)) % {"n": len(days)}
    return Month(days, f"{heading}: {', '.join(said)}")
