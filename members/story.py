"""The story of a site: what was reported of it, newest first, with what was corrected beside its correction."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Exists, OuterRef, QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from aimprogress.core.actor import Actor
from aimprogress.core.permissions import Permission
from aimprogress.figures.rows import RowSpec
from members.models import AlertLevelChange, HeadCount, Site, SiteStatus
from members.projection import kept
from members.rows import ALERT_ROWS, HEAD_COUNT_ROWS, LEVEL_WORDS, STATUS_ROWS

STORY = 40  # facts of each kind; older ones are in the lists
ARRIVED_AT_ONCE = timedelta(minutes=5)


@dataclass(frozen=True, slots=True)
class Event:
    """Something in the story of a site."""

    at: datetime
    code: str
    heading: str
    text: str = ""
    by: str = ""
    known_at: datetime | None = None
    """When the portal learned it, where that was not at once."""
    corrected: bool = False
    """A later entry says that this one was wrong."""
    correction_of: str = ""
    """What was wrong with the entry that this one corrects, in the words of who corrected it."""
    correct_page: str = ""
    """The page where it can be corrected."""
    pk: Any = None


def story(site: Site, actor: Actor, *, as_of: datetime | None = None) -> list[Event]:
    """The newest facts of all kinds, or those known at a moment; what the reader may not read of each is left out."""
    events = [
        *(_status(row, actor) for row in _facts(STATUS_ROWS, SiteStatus.objects.filter(site=site), as_of)),
        *(_alert(row, actor) for row in _facts(ALERT_ROWS, AlertLevelChange.objects.filter(site=site), as_of)),
    ]
    if actor.may(Permission.HEADCOUNT_READ):
        counts = _facts(HEAD_COUNT_ROWS, HeadCount.objects.filter(site=site), as_of)
        events += [_head_count(row, actor) for row in counts]
    return sorted(events, key=lambda event: event.at, reverse=True)[:STORY]


def _facts(rows: RowSpec, facts: QuerySet, as_of: datetime | None) -> list[Mapping[str, Any]]:
    """What nobody took back; corrected entries say so."""
    correction = kept(facts.model.objects.filter(supersedes=OuterRef("pk")), as_of)
    known = rows.values(kept(facts, as_of).annotate(corrected=Exists(correction)), also=("corrected",))
    return list(known.order_by("-observed_at", "-id")[:STORY])


def _status(row: Mapping[str, Any], actor: Actor) -> Event:
    shown = STATUS_ROWS.present(row, actor)
    heading = str(dict(SiteStatus._meta.get_field("operational").choices)[shown["operational"]])
    common = _common(row, shown, shown["correction_reason"])
    code, note = shown["operational"], shown["note"] or ""
    return Event(shown["observed_at"], code, heading, note, correct_page="members:status_correct", **common)


def _head_count(row: Mapping[str, Any], actor: Actor) -> Event:
    shown = HEAD_COUNT_ROWS.present(row, actor)
    people = shown["expected"]
    number = people if isinstance(people, int) else 2  # a bound reads like several
    heading = ngettext("Head count: %(n)s person expected", "Head count: %(n)s people expected", number) % {"n": people}
    return Event(
        shown["observed_at"], "ok", heading, correct_page="members:head_count_correct", **_common(row, shown, shown["reason"])
    )


def _common(row: Mapping[str, Any], shown: Mapping[str, Any], reason: str | None) -> dict[str, Any]:
    return {
        "by": _source(shown) if "source_type" in shown else "", "known_at": _late(shown), "corrected": row["corrected"],
        "pk": shown["id"],
        "correction_of": (reason or _("The earlier entry was wrong.")) if shown["supersedes_id"] else "",
    }  # fmt: skip


def _alert(row: Mapping[str, Any], actor: Actor) -> Event:
    shown = ALERT_ROWS.present(row, actor)
    heading = _("Alert level %(level)s: %(word)s") % {"level": shown["level"], "word": LEVEL_WORDS[shown["level"]]}
    code = "evac" if shown["level"] >= 3 else "closed"
    return Event(
        shown["observed_at"], code, heading, shown["reason"] or "", correct_page="members:alert_level_correct",
        **_common(row, shown, shown["correction_reason"]),
    )  # fmt: skip


def _late(shown: Mapping[str, Any]) -> datetime | None:
    """When the portal learned it, if later than a phone takes."""
    return shown["recorded_at"] if shown["recorded_at"] - shown["observed_at"] > ARRIVED_AT_ONCE else None


def _source(row: Mapping[str, Any]) -> str:
    sources = dict(SiteStatus._meta.get_field("source_type").choices)
    confidences = dict(SiteStatus._meta.get_field("confidence").choices)
    said = f"{sources[row['source_type']]} · {confidences[row['confidence']]}"
    if not row["told_by"]:
        return said
    told = _("as told by %(role)s") % {"role": row["told_by"]}
    return f"{said} · {told}"


def by_day(events: list[Event]) -> list[tuple[Any, list[Event]]]:
    """The events by the reader's days, newest first."""
    days: dict[Any, list[Event]] = {}
    for event in events:
        days.setdefault(timezone.localdate(event.at), []).append(event)
    return list(days.items())
