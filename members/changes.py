"""What changed since somebody's last visit, worst first."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import cache
from uuid import UUID

from django.utils import timezone
from django.utils.translation import gettext as _

from aimprogress.core.actor import Actor
from members.models import GROUP_OF, AlertLevelChange, CheckIn, Operational, PlanActivation, Site, StatusGroup
from members.rows import SITE_ROWS

LONGEST = timedelta(days=14)
SHOWN = 12
DANGER, WORSE, BETTER = 3, 2, 1
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
    """Status changes, risen levels, evacuations and calls for help that became known after `since`, at most two weeks back.
    Of each weight the newest `shown` with their names, None for all.

    Five queries. Changes of status are read from the projection: a busy portal has far more confirmations than changes.
    """
    since = max(since or timezone.now() - LONGEST, timezone.now() - LONGEST)
    found = [*_status_changes(since), *_level_changes(since), *_evacuations(since), *_calls_for_help(since)]
    found.sort(key=lambda change: change.at, reverse=True)
    by_weight = {weight: [change for change in found if change.weight == weight] for weight in (DANGER, WORSE, BETTER)}
    named = _named((change for changes in by_weight.values() for change in changes[:shown]), actor)
    danger, worse, better = (
        Class([change for change in named if change.weight == weight], len(changes)) for weight, changes in by_weight.items()
    )
    same = Site.objects.filter(current_status_at__gt=since, current_changed_at__lte=since).count()
    return Changes(since, danger, worse, better, same)


def _status_changes(since: datetime) -> Iterator[Change]:
    changed = Site.objects.filter(current_changed_at__gt=since).exclude(current_previous="").order_by()
    judged = cache(_judged)  # ten thousand sites may have changed, in a handful of ways
    for site_id, before, now, at in changed.values_list("pk", "current_previous", "current_operational", "current_status_since"):
        if change := judged(before, now):
            yield Change(change[0], at, site_id, now, *change[1:])


def _judged(before: str, now: str) -> tuple[int, str, str, str] | None:
    """Weight, words, and both display groups; None where the reader would see no difference."""
    old, new = GROUP_OF[Operational(before)], GROUP_OF[Operational(now)]
    if old == new:
        return None
    weight = BETTER if RANK[new] < RANK[old] else DANGER if new == StatusGroup.EVACUATED else WORSE
    return weight, _("%(new)s, before: %(old)s") % {"new": new.label, "old": old.label}, old.value, new.value


def _level_changes(since: datetime) -> Iterator[Change]:
    rows = AlertLevelChange.objects.filter(recorded_at__gt=since).order_by()
    for site_id, level, previous, at in rows.values_list("site_id", "level", "previous", "observed_at"):
        rose = level > (previous or 0)
        weight = DANGER if rose and level >= 3 else WORSE if rose else BETTER
        words = _("Alert level %(level)s, before: %(before)s") % {"level": level, "before": previous or 0}
        yield Change(weight, at, site_id, {DANGER: "EVACUATED", WORSE: "REDUCED", BETTER: "OPERATING"}[weight], words)


def _evacuations(since: datetime) -> Iterator[Change]:
    rows = PlanActivation.objects.filter(activated_at__gt=since).order_by()
    for site_id, at in rows.values_list("site_id", "activated_at"):
        yield Change(DANGER, at, site_id, "EVACUATING", _("Evacuation plan activated"))


def _calls_for_help(since: datetime) -> Iterator[Change]:
    rows = CheckIn.objects.filter(follow_up=CheckIn.FollowUp.HELP, received_at__gt=since).order_by()
    for site_id, at in rows.values_list("site_id", "received_at"):
        yield Change(DANGER, at, site_id, "EVACUATED", _("Someone asked for help"))


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
