"""How the status of sites went over time, from the log. Pages only; the figures of today come from `Site.current_*`."""

import hashlib
from collections import Counter
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from django.core.cache import cache
from django.db.models import CharField, OuterRef, QuerySet, Subquery, Value
from django.db.models.functions import Cast, Concat, Extract
from django.utils import formats, timezone
from django.utils.functional import Promise
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from aimprogress.charts.plots import area_trend
from aimprogress.charts.svg import number
from aimprogress.core.actor import Actor
from aimprogress.figures.dashboard import week_ends
from aimprogress.figures.freshness import LEVELS, Band, Fact, cadence, longest_ages
from aimprogress.figures.registry import FigureScope
from members.models import Site, SiteStatus, StatusGroup
from members.services.sites import newest
from members.standing import shown_group

KEPT = 300  # seconds
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


def twelve_weeks(sites: QuerySet, scope: FigureScope, actor: Actor, now: dict[str, int]) -> dict[str, Any]:
    """The week ends and a `Line` for each group; `now` holds today's number of each group. One query in five minutes.

    A site counts from its first report on. Silence is judged with the alert level of now, as everywhere (decisions 4.6).
    """
    moments = week_ends(scope.as_of)
    past = cache.get_or_set(_key(scope, actor), lambda: past_groups(sites, moments[:-1]), KEPT)
    lines = []
    for mark, label, groups in LINES:
        numbers = [sum(week.get(group.value, 0) for group in groups) for week in [*past, now]]
        lines.append(_line(mark, label, moments, numbers))
    return {"days": [timezone.localdate(moment) for moment in moments], "lines": lines}


def past_groups(sites: QuerySet, moments: list[datetime]) -> list[dict[str, int]]:
    """How many sites were in which display group at each moment: the last word said before it, however old."""
    last = {f"at_{at}": Subquery(_last_word(moment)) for at, moment in enumerate(moments)}
    silent_after = [max(longest_ages(cadence(Fact.STATUS, level)).values()).total_seconds() for level in LEVELS]
    found: list[Counter[str]] = [Counter() for _moment in moments]
    seconds = [moment.timestamp() for moment in moments]
    for level, *words in sites.order_by().annotate(**last).values_list("alert_level", *last):
        for at, word in enumerate(words):
            if word is not None:
                operational, _bar, said_at = word.partition("|")
                band = Band.STALE if seconds[at] - float(said_at) > silent_after[level] else Band.CURRENT
                found[at][shown_group(operational, band).value] += 1
    return [dict(count) for count in found]


def _last_word(moment: datetime) -> QuerySet:
    said = Concat("operational", Value("|"), Cast(Extract("observed_at", "epoch"), CharField()), output_field=CharField())
    log = SiteStatus.objects.filter(site=OuterRef("pk"), retracted_at=None, observed_at__lte=moment)
    return log.order_by("-observed_at", "-id").annotate(said=said).values("said")[:1]


def _key(scope: FigureScope, actor: Actor) -> str:
    seen = scope.organisations or actor.sees("SAFETY")
    parts = [*sorted(map(str, seen)), "sites", *sorted(map(str, actor.sites or ())), scope.country or ""]
    return f"weeks:{hashlib.sha256(','.join(parts).encode()).hexdigest()}"


def _line(mark: str, label: Any, moments: list[datetime], numbers: list[int]) -> Line:
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
    return Line(
        mark, label, numbers[-1], area_trend(list(zip(days, numbers, strict=True)), title=title, group=mark), shown, numbers
    )


@dataclass(frozen=True, slots=True)
class Month:
    """Thirty days of one site, a css key a day, and the same in words."""

    days: list[tuple[date, str]]
    words: str


def thirty_days(site: Site, *, now: datetime) -> Month:
    """The status at the end of each of the last thirty days; days before the first report are left out."""
    log = newest(SiteStatus.objects.filter(site=site)).values_list("observed_at", "operational")
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
