"""What changed since somebody's last visit, worst first."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import cache
from uuid import UUID

from django.db.models import F, OuterRef, Q, Subquery
from django.db.models.functions import Coalesce
from django.utils import timezone
from django.utils.translation import gettext as _

from aimprogress.core.actor import Actor
from aimprogress.core.permissions import Permission
from aimprogress.figures.freshness import Band, Fact, cadence, longest_ages
from members.models import (
    GROUP_OF,
    AlertLevelChange,
    CheckIn,
    HeadCount,
    Operational,
    PlanActivation,
    Site,
    SiteStatus,
    StatusGroup,
)
from members.projection import newest
from members.rows import SITE_ROWS
from members.standing import silent_sites

LONGEST = timedelta(days=14)
SHOWN = 12
DANGER, WORSE, BETTER = 3, 2, 1
LEVEL_CODE = {DANGER: "EVACUATED", WORSE: "REDUCED", BETTER: "OPERATING"}
HELP, EVACUATION, PEOPLE, SILENCE, STATUS, LEVEL = range(6)
"""Within one weight the gravest kind stands first, then the newest."""
RANK = {
    StatusGroup.OPERATING: 0, StatusGroup.REDUCED: 1, StatusGroup.MOVED: 1, StatusGroup.CLOSED: 2, StatusGroup.PAUSED: 2,
    StatusGroup.EVACUATED: 3, StatusGroup.NO_CONTACT: 3,
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Change:
    """One change at a site, in words that its reader may read."""

    weight: int
    at: datetime
    site_id: UUID
    code: str
    text: str
    before: str = ""
    """The display groups before and now, where the change is one of status."""
    now: str = ""
    gravity: int = LEVEL
    site: str = ""
    place: str = ""
    """The region, where the name of the site does not already say it."""


@dataclass(frozen=True, slots=True)
class Class:
    """The changes of one weight: the newest ones to show, and how many there are."""

    shown: list[Change]
    total: int

    @property
    def more(self) -> int:
        return self.total - len(self.shown)


@dataclass(frozen=True, slots=True)
class Changes:
    since: datetime
    danger: Class
    worse: Class
    better: Class
    unchanged: int
    """Sites that reported since then and are as they were."""

    @property
    def is_empty(self) -> bool:
        return not (self.danger.total or self.worse.total or self.better.total)


def changes_since(since: datetime | None, actor: Actor, *, shown: int | None = SHOWN) -> Changes:
    """What became known after `since`, at most two weeks back, against how it stood then: calls for help, evacuations, people not
    reached, sites that fell silent, status, alert level. Of each weight the gravest `shown` with their names, None for all.

    Eight queries. Changes of status are read from the projection: a busy portal has far more confirmations than changes.
    """
    since = max(since or timezone.now() - LONGEST, timezone.now() - LONGEST)
    silent = list(_gone_silent(since, timezone.now()))
    found = [
        *_calls_for_help(since), *_evacuations(since), *_people_not_reached(since, actor), *silent,
        *_status_changes(since, {change.site_id for change in silent}), *_level_changes(since),
    ]  # fmt: skip
    found.sort(key=lambda change: (change.gravity, -change.at.timestamp()))
    by_weight = {weight: [change for change in found if change.weight == weight] for weight in (DANGER, WORSE, BETTER)}
    named = _named((change for changes in by_weight.values() for change in changes[:shown]), actor)
    danger, worse, better = (
        Class([change for change in named if change.weight == weight], len(changes)) for weight, changes in by_weight.items()
    )
    same = Site.objects.filter(current_status_at__gt=since, current_changed_at__lte=since).count()
    return Changes(since, danger, worse, better, same)


def _calls_for_help(since: datetime) -> Iterator[Change]:
    rows = CheckIn.objects.filter(follow_up=CheckIn.FollowUp.HELP, received_at__gt=since).order_by()
    for site_id, at, taken_on in rows.values_list("site_id", "received_at", "followed_up_at"):
        words = _("Someone asked for help; somebody has taken it on") if taken_on else _("Someone asked for help")
        yield Change(WORSE if taken_on else DANGER, at, site_id, "EVACUATED", words, gravity=HELP)


def _evacuations(since: datetime) -> Iterator[Change]:
    """Those that began, and those that ended: one that did both since then has ended."""
    rows = PlanActivation.objects.filter(Q(activated_at__gt=since) | Q(stood_down_at__gt=since)).order_by()
    for site_id, began, ended in rows.values_list("site_id", "activated_at", "stood_down_at"):
        if ended:
            yield Change(BETTER, ended, site_id, "OPERATING", _("The evacuation has ended"), gravity=EVACUATION)
        else:
            yield Change(DANGER, began, site_id, "EVACUATING", _("Evacuation plan activated"), gravity=EVACUATION)


def _people_not_reached(since: datetime, actor: Actor) -> Iterator[Change]:
    """Head counts that leave more people unaccounted for than then: for who reads small counts. Others could tell one person."""
    if not actor.may(Permission.HEADCOUNT_STRICT):
        return
    then = newest(HeadCount.objects.filter(site=OuterRef("pk")), since).values("unaccounted")[:1]
    counted = Site.objects.filter(current_headcount_recorded_at__gt=since, current_unaccounted__gt=0)
    more = counted.annotate(then=Coalesce(Subquery(then), 0)).filter(current_unaccounted__gt=F("then")).order_by()
    for site_id, at in more.values_list("pk", "current_headcount_at"):
        yield Change(DANGER, at, site_id, "lost", _("More people are not reached, says the last head count"), gravity=PEOPLE)


def _gone_silent(since: datetime, now: datetime) -> Iterator[Change]:
    """Sites whose last report became out of date since then, at the moment when it did."""
    gone = Site.objects.open().filter(silent_sites(now=now) & ~silent_sites(now=since)).exclude(current_status_at=None).order_by()
    for site_id, was, level, heard in gone.values_list("pk", "current_operational", "alert_level", "current_status_at"):
        at = heard + longest_ages(cadence(Fact.STATUS, level))[Band.OVERDUE]
        before, silent = GROUP_OF[Operational(was)], StatusGroup.NO_CONTACT
        words = _("%(new)s, before: %(old)s") % {"new": silent.label, "old": before.label}
        yield Change(DANGER, at, site_id, "lost", words, before.value, silent.value, gravity=SILENCE)


def _status_changes(since: datetime, silent: set[UUID]) -> Iterator[Change]:
    """Against what was known at `since`, not against the last report but one: down and half up again is down."""
    then = newest(SiteStatus.objects.filter(site=OuterRef("pk")), since).values("operational")[:1]
    changed = Site.objects.filter(current_changed_at__gt=since).exclude(current_previous="").annotate(then=Subquery(then))
    judged = cache(_judged)  # ten thousand sites may have changed, in a handful of ways
    rows = changed.order_by().values_list("pk", "then", "current_previous", "current_operational", "current_status_since")
    for site_id, before, last, now, at in rows:
        change = judged(before or last, last, now)
        if change and site_id not in silent:
            yield Change(change[0], at, site_id, now, *change[1:], gravity=STATUS)


def _judged(before: str, last: str, now: str) -> tuple[int, str, str, str] | None:
    """Weight, words, and both display groups; None where the reader would see no difference."""
    old, between, new = (GROUP_OF[Operational(code)] for code in (before, last, now))
    if old == new == between:
        return None
    if old == new:
        words = _("%(new)s again, in between: %(old)s") % {"new": new.label, "old": between.label}
        return BETTER if RANK[new] < RANK[between] else WORSE, words, between.value, new.value
    weight = BETTER if RANK[new] < RANK[old] else DANGER if new == StatusGroup.EVACUATED else WORSE
    return weight, _("%(new)s, before: %(old)s") % {"new": new.label, "old": old.label}, old.value, new.value


def _level_changes(since: datetime) -> Iterator[Change]:
    """One for each site whose level is another than it was known to be: what went up and came down again is no change."""
    moved = AlertLevelChange.objects.filter(Q(recorded_at__gt=since) | Q(retracted_at__gt=since))
    log = AlertLevelChange.objects.filter(site=OuterRef("pk"))
    sites = Site.objects.filter(pk__in=moved.order_by().values("site")).annotate(
        then=Subquery(newest(log, since).values("level")[:1]), at=Subquery(newest(log).values("observed_at")[:1]),
        at_first=Subquery(log.order_by("observed_at", "id").values("previous")[:1]),
    )  # fmt: skip
    for site_id, then, first, level, at in sites.values_list("pk", "then", "at_first", "alert_level", "at"):
        before = (first or 0) if then is None else then
        if level != before:
            weight = BETTER if level < before else DANGER if level >= 3 else WORSE
            words = _("Alert level %(level)s, before: %(before)s") % {"level": level, "before": before}
            yield Change(weight, at or since, site_id, LEVEL_CODE[weight], words, gravity=LEVEL)


def _named(changes: Iterable[Change], actor: Actor) -> list[Change]:
    """The changes with the names of their sites, as the reader may read them."""
    changes = list(changes)
    rows = SITE_ROWS.values(Site.objects.filter(pk__in={change.site_id for change in changes}))
    known = {row["id"]: (row["organisation_id"], SITE_ROWS.present(row, actor)) for row in rows}
    named = []
    for change in changes:
        organisation_id, site = known[change.site_id]
        place = str(site["admin1_name"] or "") if actor.owns(organisation_id) else ""
        named.append(replace(change, site=site["name"], place=place))
    return named
