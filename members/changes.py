"""What changed since somebody's last visit, worst first."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from operator import attrgetter
from typing import NamedTuple
from uuid import UUID

from django.db.models import OuterRef, Q, Subquery
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from aimprogress.core.actor import Actor
from aimprogress.core.audit import record
from aimprogress.core.permissions import Permission
from aimprogress.figures.freshness import Band, Fact, cadence, longest_ages
from aimprogress.figures.precision import STRICT_STATES
from members.models import (
    GROUP_OF,
    AlertLevelChange,
    CheckIn,
    Control,
    Damage,
    HazardReport,
    HazardSeverity,
    HazardType,
    HeadCount,
    Incident,
    Operational,
    PlanActivation,
    RollCall,
    Site,
    SiteStatus,
    StatusGroup,
)
from members.projection import newest, standing
from members.rows import SITE_ROWS
from members.standing import silent_sites

LONGEST = timedelta(days=14)
SHOWN = 12
DANGER, WORSE, BETTER = 3, 2, 1
LEVEL_CODE = {DANGER: "EVACUATED", WORSE: "REDUCED", BETTER: "OPERATING"}
HELP, EVACUATION, PEOPLE, ROLL_CALL, HAZARD, SILENCE, SITE, STATUS, LEVEL = range(9)
"""Within one weight the gravest kind stands first, then the newest."""
MORE_PEOPLE = {
    "KILLED": gettext_lazy("More people were killed, says the last head count"),
    "MISSING": gettext_lazy("More people are missing, says the last head count"),
    "DETAINED": gettext_lazy("More people are detained, says the last head count"),
    "INJURED": gettext_lazy("More people are injured, says the last head count"),
    "UNACCOUNTED": gettext_lazy("More people are not reached, says the last head count"),
}
OUT_OF_HANDS = (Control.LOST, Control.SEIZED)
RUINED = (Damage.HEAVY, Damage.DESTROYED)
RANK = {
    StatusGroup.OPERATING: 0, StatusGroup.REDUCED: 1, StatusGroup.MOVED: 1, StatusGroup.CLOSED: 2, StatusGroup.PAUSED: 2,
    StatusGroup.EVACUATED: 3, StatusGroup.NO_CONTACT: 3,
}  # fmt: skip


class Change(NamedTuple):
    """One change at a site, in words that its reader may read. A tuple, because after an attack there are ten thousand."""

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
    is_strict: bool = False
    """It tells of a protected state of people: the look is logged."""


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
    """What became known after `since`, at most two weeks back, against how it stood then: calls for help, evacuations, people,
    roll calls, grave hazards, sites that fell silent, control and damage, status, alert level. Of each weight the gravest `shown`
    with their names, None for all.

    Twelve queries. Changes of status are read from the projection: a busy portal has far more confirmations than changes.
    """
    since = max(since or timezone.now() - LONGEST, timezone.now() - LONGEST)
    levels = _levels(since)
    silent = list(_gone_silent(since, timezone.now(), levels))
    found = [
        *_calls_for_help(since), *_evacuations(since), *_people(since, actor), *_roll_calls(since, timezone.now(), actor),
        *_grave_hazards(since), *silent, *_control_and_damage(since),
        *_status_changes(since, {change.site_id for change in silent}), *_level_changes(levels),
    ]  # fmt: skip
    found.sort(key=attrgetter("at"), reverse=True)
    found.sort(key=attrgetter("gravity"))
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


def _people(since: datetime, actor: Actor) -> Iterator[Change]:
    """Head counts that say worse of people than the one known then: for who reads small counts. Others could tell one person."""
    if not actor.may(Permission.HEADCOUNT_STRICT):
        return
    then = newest(HeadCount.objects.filter(site=OuterRef("pk")), since).values("pk")[:1]
    counted = Site.objects.filter(current_headcount_recorded_at__gt=since).annotate(then=Subquery(then)).order_by()
    pairs = list(counted.values_list("pk", "current_headcount_at", "current_headcount_id", "then"))
    counts = HeadCount.objects.in_bulk([pk for pair in pairs for pk in pair[2:] if pk])
    for site_id, at, now_id, then_id in pairs:
        before = counts[then_id].states if then_id in counts else {}
        for state, number in counts[now_id].states.items() if now_id in counts else ():
            if state in MORE_PEOPLE and number > before.get(state, 0):
                code = "lost" if state == "UNACCOUNTED" else LEVEL_CODE[DANGER]
                yield Change(DANGER, at, site_id, code, str(MORE_PEOPLE[state]), gravity=PEOPLE, is_strict=state in STRICT_STATES)


def _roll_calls(since: datetime, now: datetime, actor: Actor) -> Iterator[Change]:
    """Those that are open: opened since then, or with a round that became overdue."""
    if not actor.may(Permission.HEADCOUNT_READ):
        return
    late = Q(due_at__gt=since, due_at__lte=now)
    opened = Q(opened_at__gt=since) & ~Q(incident=Incident.EVACUATION)  # that is told as an evacuation
    rows = RollCall.objects.filter(opened | late, closed_at=None).order_by()
    for site_id, at, due in rows.values_list("site_id", "opened_at", "due_at"):
        if due and since < due <= now:
            yield Change(DANGER, due, site_id, "EVACUATING", _("A round of the roll call is overdue"), gravity=ROLL_CALL)
        else:
            yield Change(DANGER, at, site_id, "EVACUATING", _("A roll call was opened"), gravity=ROLL_CALL)


def _grave_hazards(since: datetime) -> Iterator[Change]:
    """Hazards that are grave by a report of since then, and were not so before."""
    of_it = HazardReport.objects.filter(site=OuterRef("site"), hazard=OuterRef("hazard"))
    grave = standing(HazardReport.objects.filter(recorded_at__gt=since, severity=HazardSeverity.GRAVE)).annotate(
        newest=Subquery(newest(of_it).values("severity")[:1]), then=Subquery(newest(of_it, since).values("severity")[:1])
    )  # fmt: skip
    rows = grave.filter(Q(then=None) | Q(then__lt=HazardSeverity.GRAVE), newest=HazardSeverity.GRAVE).order_by(
        "observed_at", "id"
    )
    first: dict[tuple[UUID, str], datetime] = {}
    for site_id, hazard, at in rows.values_list("site_id", "hazard", "observed_at"):
        first.setdefault((site_id, hazard), at)
    for (site_id, hazard), at in first.items():
        words = _("Grave hazard: %(hazard)s") % {"hazard": HazardType(hazard).label}
        yield Change(DANGER, at, site_id, LEVEL_CODE[DANGER], words, gravity=HAZARD)


def _gone_silent(since: datetime, now: datetime, levels: Mapping[UUID, "Levels"]) -> Iterator[Change]:
    """Sites whose last report is out of date now and was not then, at the moment when it became so: by age, or because the
    level rose. What was out of date then is judged by the level of then."""
    rose_or_fell = Q(pk__in=list(levels)) if levels else Q(pk__in=[])
    silent = Site.objects.open().filter(silent_sites(now=now)).exclude(current_status_at=None)
    gone = silent.filter(~silent_sites(now=since) | rose_or_fell).order_by()
    for site_id, was, level, heard in gone.values_list("pk", "current_operational", "alert_level", "current_status_at"):
        at = heard + longest_ages(cadence(Fact.STATUS, level))[Band.OVERDUE]
        if site_id in levels:
            before = levels[site_id].before
            if heard + longest_ages(cadence(Fact.STATUS, before))[Band.OVERDUE] < since:
                continue
            at = max(at, levels[site_id].at) if level > before else at
        group, new = GROUP_OF[Operational(was)], StatusGroup.NO_CONTACT
        words = _("%(new)s, before: %(old)s") % {"new": new.label, "old": group.label}
        yield Change(DANGER, at, site_id, "lost", words, group.value, new.value, gravity=SILENCE)


def _control_and_damage(since: datetime) -> Iterator[Change]:
    """Sites that the member lost or that were seized, and heavy damage, against what was known then; as with a status, the first
    report of a site is no change.
    """
    then = newest(SiteStatus.objects.filter(site=OuterRef("pk")), since)
    bad = Q(current_control__in=OUT_OF_HANDS) | Q(current_damage__in=RUINED)
    sites = Site.objects.filter(bad, current_status_recorded_at__gt=since).order_by()
    sites = sites.annotate(control_then=Subquery(then.values("control")[:1]), damage_then=Subquery(then.values("damage")[:1]))
    sites = sites.filter(control_then__isnull=False)
    names = ("pk", "current_status_at", "current_control", "control_then", "current_damage", "damage_then")
    for site_id, at, control, control_then, damage, damage_then in sites.values_list(*names):
        if control in OUT_OF_HANDS and control != control_then:
            words = _("Control over the site: %(now)s") % {"now": Control(control).label}
            yield Change(DANGER, at, site_id, LEVEL_CODE[DANGER], words, gravity=SITE)
        if damage in RUINED and (damage_then not in RUINED or damage > damage_then):
            words = _("Damage: %(now)s") % {"now": Damage(damage).label}
            yield Change(WORSE, at, site_id, LEVEL_CODE[WORSE], words, gravity=SITE)


def _status_changes(since: datetime, silent: set[UUID]) -> Iterator[Change]:
    """Against what was known at `since`, not against the last report but one: down and half up again is down."""
    then = newest(SiteStatus.objects.filter(site=OuterRef("pk")), since).values("operational")[:1]
    changed = Site.objects.filter(current_changed_at__gt=since).exclude(current_previous="").annotate(then=Subquery(then))
    judged = cache(_judged)  # ten thousand sites may have changed, in a handful of ways
    rows = changed.order_by().values_list("pk", "then", "current_previous", "current_operational", "current_status_since")
    for site_id, before, last, now, at in rows:
        change = judged(before or last, last, now)
        if change and site_id not in silent:
            yield Change(change[0], at, site_id, now, *change[1:], STATUS)


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


class Levels(NamedTuple):
    """The alert level of a site at a moment and now, and when it became so."""

    before: int
    now: int
    at: datetime


def _levels(since: datetime) -> dict[UUID, Levels]:
    """The sites of whose level something became known since then: what it was known to be, and what it is."""
    moved = AlertLevelChange.objects.filter(Q(recorded_at__gt=since) | Q(retracted_at__gt=since))
    log = AlertLevelChange.objects.filter(site=OuterRef("pk"))
    sites = Site.objects.filter(pk__in=moved.order_by().values("site")).annotate(
        then=Subquery(newest(log, since).values("level")[:1]), at=Subquery(newest(log).values("observed_at")[:1]),
        at_first=Subquery(log.order_by("observed_at", "id").values("previous")[:1]),
    )  # fmt: skip
    rows = sites.order_by().values_list("pk", "then", "at_first", "alert_level", "at")
    return {pk: Levels((first or 0) if then is None else then, level, at or since) for pk, then, first, level, at in rows}


def _level_changes(levels: Mapping[UUID, Levels]) -> Iterator[Change]:
    """One for each site whose level is another than it was known to be: what went up and came down again is no change."""
    for site_id, (before, level, at) in levels.items():
        if level != before:
            weight = BETTER if level < before else DANGER if level >= 3 else WORSE
            words = _("Alert level %(level)s, before: %(before)s") % {"level": level, "before": before}
            yield Change(weight, at, site_id, LEVEL_CODE[weight], words, gravity=LEVEL)


def _named(changes: Iterable[Change], actor: Actor) -> list[Change]:
    """The changes with the names of their sites, as the reader may read them."""
    changes = list(changes)
    rows = SITE_ROWS.values(Site.objects.filter(pk__in={change.site_id for change in changes}))
    known = {row["id"]: (row["organisation_id"], SITE_ROWS.present(row, actor)) for row in rows}
    named = []
    for change in changes:
        organisation_id, site = known[change.site_id]
        place = str(site["admin1_name"] or "") if actor.owns(organisation_id) else ""
        named.append(change._replace(site=site["name"], place=place))
    if strict := {change.site_id for change in changes if change.is_strict}:
        for seen in Site.objects.filter(pk__in=strict).order_by("pk"):
            record("members.read_strict_counts", subject=seen)
    return named
