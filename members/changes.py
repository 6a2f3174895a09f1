"""What changed since somebody's last visit, worst first."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db.models import F, OuterRef, Subquery
from django.utils import timezone
from django.utils.translation import gettext as _

from aimprogress.core.actor import Actor
from members.models import GROUP_OF, AlertLevelChange, CheckIn, Operational, PlanActivation, Site, SiteStatus, StatusGroup
from members.rows import ALERT_ROWS, SITE_ROWS, STATUS_ROWS

LONGEST = timedelta(days=14)
AT_MOST = 400
RANK = {
    StatusGroup.OPERATING: 0, StatusGroup.REDUCED: 1, StatusGroup.MOVED: 1, StatusGroup.CLOSED: 2, StatusGroup.PAUSED: 2,
    StatusGroup.EVACUATED: 3, StatusGroup.NO_CONTACT: 3,
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Change:
    """One change at a site, in words that its reader may read."""

    weight: int  # 3 danger, 2 worse, 1 better
    at: datetime
    site_id: Any
    site: str
    code: str
    text: str
    before: str = ""
    """The display groups before and now, where the change is one of status."""
    now: str = ""
    place: str = ""


@dataclass(frozen=True, slots=True)
class Changes:
    since: datetime
    danger: list[Change]
    worse: list[Change]
    better: list[Change]
    unchanged: int
    """Reports that confirmed what was known."""

    @property
    def is_empty(self) -> bool:
        return not (self.danger or self.worse or self.better)


def changes_since(since: datetime | None, actor: Actor) -> Changes:
    """Status changes, risen levels, evacuations and calls for help recorded after `since`, at most two weeks back."""
    since = max(since or timezone.now() - LONGEST, timezone.now() - LONGEST)
    found, unchanged = _status_changes(since, actor)
    found += _level_changes(since, actor) + _evacuations(since, actor) + _calls_for_help(since, actor)
    found.sort(key=lambda change: (-change.weight, -change.at.timestamp()))
    by_weight = {weight: [change for change in found if change.weight == weight] for weight in (3, 2, 1)}
    return Changes(since, by_weight[3], by_weight[2], by_weight[1], unchanged)


def _status_changes(since: datetime, actor: Actor) -> tuple[list[Change], int]:
    """Sites whose status is another one since then, and how many reports said nothing new. Read from the projection: a busy
    portal has far more confirmations than changes, and a limit on the log would hide the changes behind them."""
    earlier = SiteStatus.objects.filter(site=OuterRef("site"), retracted_at=None, observed_at__lt=OuterRef("observed_at"))
    before = Subquery(
        earlier.exclude(operational=OuterRef("operational")).order_by("-observed_at", "-id").values("operational")[:1]
    )
    changed = SiteStatus.objects.filter(pk=F("site__current_status_id"), site__current_status_since__gt=since)
    reports = SiteStatus.objects.filter(recorded_at__gt=since, retracted_at=None).count()
    found = []
    for row in STATUS_ROWS.values(changed.annotate(before=before), also=("before", "site__current_status_since"))[:AT_MOST]:
        if row["before"] is None:
            continue
        old, new = GROUP_OF[Operational(row["before"])], GROUP_OF[Operational(row["operational"])]
        if old == new:
            continue
        shown = STATUS_ROWS.present(row, actor)
        weight = 1 if RANK[new] < RANK[old] else 3 if new == StatusGroup.EVACUATED else 2
        words = _("%(new)s, before: %(old)s") % {"new": new.label, "old": old.label}
        place, at = _place(row, shown, actor), row["site__current_status_since"]
        found.append(Change(weight, at, row["site_id"], shown["name"], row["operational"], words, old.value, new.value, place))
    return found, max(reports - len(found), 0)


def _place(row: Any, shown: Any, actor: Actor) -> str:
    """The region, where the name of the site does not already say it."""
    return str(shown.get("admin1_name") or "") if actor.owns(row["site__organisation_id"]) else ""


def _level_changes(since: datetime, actor: Actor) -> list[Change]:
    found = []
    for row in ALERT_ROWS.values(AlertLevelChange.objects.filter(recorded_at__gt=since))[:AT_MOST]:
        shown = ALERT_ROWS.present(row, actor)
        rose = row["level"] > (row["previous"] or 0)
        weight = 3 if rose and row["level"] >= 3 else 2 if rose else 1
        words = _("Alert level %(level)s, before: %(before)s") % {"level": row["level"], "before": row["previous"] or 0}
        code = "EVACUATED" if weight == 3 else "REDUCED" if rose else "OPERATING"
        found.append(
            Change(weight, row["observed_at"], row["site_id"], shown["name"], code, words, place=_place(row, shown, actor))
        )
    return found


def _evacuations(since: datetime, actor: Actor) -> list[Change]:
    activations = PlanActivation.objects.filter(activated_at__gt=since).select_related("site")
    return _plain(activations, actor, lambda a: (3, a.activated_at, "EVACUATING", _("Evacuation plan activated")))


def _calls_for_help(since: datetime, actor: Actor) -> list[Change]:
    calls = CheckIn.objects.filter(follow_up=CheckIn.FollowUp.HELP, received_at__gt=since).select_related("site")
    return _plain(calls, actor, lambda c: (3, c.received_at, "EVACUATED", _("Someone asked for help")))


def _plain(rows: Any, actor: Actor, words: Any) -> list[Change]:
    rows = list(rows[:AT_MOST])
    sites = SITE_ROWS.values(Site.objects.filter(pk__in={row.site_id for row in rows}))
    named = {row["id"]: SITE_ROWS.present(row, actor)["name"] for row in sites}
    found = []
    for row in rows:
        weight, at, code, text = words(row)
        found.append(Change(weight, at, row.site_id, named.get(row.site_id, ""), code, text))
    return found
