"""What the log says of sites: the one definition of `Site.current_*`, for one site or for all, in constant queries.

The projection of now is kept by the services in the transaction of each report; `manage.py rebuild_current` proves it. With
`as_of` the same rule says what was known at an earlier moment: what was seen and recorded by then, and not yet taken back or
corrected. What a site is (its place, its people's baseline) has no log and is not part of a projection.
"""

import json
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from django.db.models import Exists, Model, OuterRef, Q, QuerySet, Subquery, Value
from django.db.models.functions import Coalesce
from django.utils import timezone

from aimprogress.core.actor import SYSTEM, acting_as
from aimprogress.core.copying import update_rows
from aimprogress.core.ids import made_at
from members.models import (
    AlertLevel,
    AlertLevelChange,
    CheckIn,
    Drill,
    EvacuationPlan,
    HazardReport,
    HeadCount,
    PlanActivation,
    PlanStatus,
    Site,
    SiteStatus,
)
from members.planning import drill_due, review_date, short_items

Projection = dict[str, Any]
BATCH = 500
LONG_AGO = datetime(1900, 1, 1, tzinfo=UTC)


def seen(facts: QuerySet, as_of: datetime | None) -> QuerySet:
    """The rows of a log that were known at a moment: seen and recorded by then. None: all of it."""
    return facts if as_of is None else facts.filter(observed_at__lte=as_of, recorded_at__lte=as_of)


def kept(facts: QuerySet, as_of: datetime | None = None) -> QuerySet:
    """Known facts that nobody had taken back by then."""
    if as_of is None:
        return facts.filter(retracted_at=None)
    return seen(facts, as_of).filter(Q(retracted_at=None) | Q(retracted_at__gt=as_of))


def standing(facts: QuerySet, as_of: datetime | None = None) -> QuerySet:
    """Facts that stand now, or stood at a moment: neither taken back nor replaced by a correction that stands."""
    correction = kept(facts.model.objects.filter(supersedes=OuterRef("pk")), as_of)
    return kept(facts, as_of).exclude(Exists(correction))


def newest(facts: QuerySet, as_of: datetime | None = None) -> QuerySet:
    """Facts that stand, newest first."""
    return standing(facts, as_of).order_by("-observed_at", "-id")


def projections(sites: Iterable[Site], as_of: datetime | None = None) -> dict[UUID, Projection]:
    """The values of `Site.current_*` by site id, now or as known at a moment. Six queries, however many sites."""
    return projections_of([site.pk for site in sites], as_of)


def projections_of(wanted: Collection[UUID], as_of: datetime | None = None) -> dict[UUID, Projection]:
    """The same for sites of which only the ids are known."""
    entries = {row["pk"]: row for row in _entries(wanted, as_of)}
    statuses = _by_id(_with_since(SiteStatus.objects.all(), as_of), entries, "status")
    counts = _by_id(HeadCount.objects.all(), entries, "count")
    changes = _by_id(AlertLevelChange.objects.all(), entries, "change")
    hazards = worst_hazards(wanted, as_of)
    plans = _by_id(EvacuationPlan.objects.select_related("assessment"), entries, "plan")
    found = {}
    for pk in wanted:
        entry = entries.get(pk, {})
        status, count = statuses.get(entry.get("status")), counts.get(entry.get("count"))
        change = changes.get(entry.get("change"))
        level = change.level if change else AlertLevel.NORMAL
        heard = _newest(status and status.observed_at, count and count.observed_at, entry.get("heard"))
        found[pk] = {
            **_of_status(status),
            **_of_head_count(count),
            **_of_plan(plans.get(entry.get("plan")), level, entry.get("largest_shift")),
            "current_drill_due_on": drill_due(level, entry.get("succeeded"), entry.get("drilled")),
            "alert_level": level,
            "current_utilities": entry.get("utilities") or {},
            "current_utilities_at": entry.get("utilities_at"),
            "current_hazard": hazards.get(pk),
            "evacuating_since": entry.get("evacuating"),
            "last_contact_at": heard,
        }
    return found


def _newest(*moments: datetime | None) -> datetime | None:
    return max(filter(None, moments), default=None)


def was_there(site_id: UUID, said: Projection, moment: datetime) -> bool:
    """Whether anything of a site was registered or reported by a moment, of which `said` is what was known."""
    return bool(said["last_contact_at"]) or (made_at(site_id) or moment) <= moment


def hazards_of(sites: Iterable[UUID], as_of: datetime | None = None) -> QuerySet:
    """The newest report of each hazard at each of these sites, as known now or at a moment; also of those that are over."""
    return standing(HazardReport.objects.filter(site_id__in=list(sites)), as_of).newest_of_each()


def worst_hazards(sites: Iterable[UUID], as_of: datetime | None = None) -> dict[UUID, int]:
    """The gravest severity of now by site; sites without a report are not in it."""
    worst: dict[UUID, int] = {}
    for site_id, severity in hazards_of(sites, as_of).values_list("site_id", "severity"):
        worst[site_id] = max(worst.get(site_id, 0), severity)
    return worst


@dataclass(frozen=True, slots=True)
class Difference:
    """A site whose projection does not say what its log says: field -> (stored, from the log)."""

    site_id: UUID
    fields: Mapping[str, tuple[Any, Any]]


def differences(*, repair: bool) -> Iterator[Difference]:
    """Every site of every organisation whose projection is wrong; with `repair` it is put right, a batch a transaction."""
    last: UUID | None = None
    while True:
        with acting_as(SYSTEM):
            sites = Site.objects.filter(Q(pk__gt=last) if last else Q()).order_by("pk")
            batch = list((sites.select_for_update(of=("self",)) if repair else sites)[:BATCH])
            said = projections(batch)
            wrong = _wrong(batch, said)
            if repair:
                store_current({site.pk: said[site.pk] for site in batch if site.pk in wrong})
        if not batch:
            return
        last = batch[-1].pk
        yield from wrong.values()


def _wrong(sites: list[Site], said: Mapping[UUID, Projection]) -> dict[UUID, Difference]:
    wrong = {}
    for site in sites:
        fields = {name: (getattr(site, name), value) for name, value in said[site.pk].items() if getattr(site, name) != value}
        if fields:
            wrong[site.pk] = Difference(site.pk, fields)
    return wrong


def store_current(said: Mapping[UUID, Projection], *, changed: bool = True) -> None:
    """Write the projections of many sites: one COPY and one UPDATE. The rows are locked by the caller, or nobody else writes.

    changed: whether the sites become a new version.
    """
    if not said:
        return
    names = sorted(next(iter(said.values())))
    update_rows(Site, names, ([pk, *map(_copied, map(fields.get, names))] for pk, fields in said.items()), changed=changed)


def refresh_many(sites: Collection[UUID]) -> None:
    """Bring the projections of many locked sites up to date."""
    store_current(projections_of(sites))


def refresh_head_counts(sites: Collection[UUID]) -> None:
    """The same where nothing but head counts was added, corrected or taken back: no other part of a projection speaks of them."""
    here = {"site": OuterRef("pk")}
    count = _first(newest(HeadCount.objects.filter(**here)))
    status_at = _first(newest(SiteStatus.objects.filter(**here)), "observed_at")
    asked = Site.objects.filter(pk__in=sites).values("pk", count=count, status_at=status_at, heard=_heard(None))
    entries = {row["pk"]: row for row in asked}
    counts = _by_id(HeadCount.objects.all(), entries, "count")
    said = {}
    for pk, entry in entries.items():
        count = counts.get(entry["count"])
        heard = _newest(entry["status_at"], count and count.observed_at, entry["heard"])
        said[pk] = {**_of_head_count(count), "last_contact_at": heard}
    store_current(said)


def _copied(value: Any) -> Any:
    return json.dumps(value) if isinstance(value, dict) else value


def _entries(wanted: Collection[UUID], as_of: datetime | None) -> QuerySet:
    """For each site the ids of the rows that count; each found by its index, so the length of the log does not matter."""
    here = {"site": OuterRef("pk")}
    return Site.objects.filter(pk__in=wanted).values(
        "pk",
        "largest_shift",
        status=_first(newest(SiteStatus.objects.filter(**here), as_of)),
        utilities=_first(newest(SiteStatus.objects.filter(**here).exclude(utilities={}), as_of), "utilities"),
        utilities_at=_first(newest(SiteStatus.objects.filter(**here).exclude(utilities={}), as_of), "observed_at"),
        count=_first(newest(HeadCount.objects.filter(**here), as_of)),
        change=_first(newest(AlertLevelChange.objects.filter(**here), as_of)),
        plan=_first(in_force(EvacuationPlan.objects.filter(**here), as_of)),
        evacuating=_first(under_way(PlanActivation.objects.filter(**here), as_of), "activated_at"),
        drilled=_first(held(Drill.objects.filter(**here), as_of), "held_on"),
        succeeded=_first(held(Drill.objects.filter(**here).exclude(result=Drill.Result.FAIL), as_of), "held_on"),
        heard=_heard(as_of),
    )


def _heard(as_of: datetime | None) -> Subquery:
    """When a site last checked in."""
    counted = Q(put_aside_at=None) | (Q(put_aside_at__gt=as_of) if as_of else Q())
    check_ins = CheckIn.objects.filter(counted, site=OuterRef("pk"), **_until("received_at", as_of))
    return _first(check_ins.order_by("-received_at", "-id"), "received_at")


def _until(column: str, as_of: datetime | None) -> dict[str, datetime]:
    return {} if as_of is None else {f"{column}__lte": as_of}


def approved(plans: QuerySet, as_of: datetime | None) -> QuerySet:
    """Plans that were known. Of an earlier moment the revisions approved by then: what a draft said has no log. None: all."""
    return plans if as_of is None else plans.filter(approved_at__lte=as_of)


def in_force(plans: QuerySet, as_of: datetime | None) -> QuerySet:
    """The approved plan first. An approval retires the plan before it, so the last one approved was in force."""
    if as_of is None:
        return plans.filter(status=PlanStatus.APPROVED).order_by("-created_at", "-id")
    return approved(plans, as_of).order_by("-approved_at", "-id")


def held(drills: QuerySet, as_of: datetime | None) -> QuerySet:
    """Drills, the last one first."""
    known = drills if as_of is None else drills.filter(held_on__lte=timezone.localdate(as_of), recorded_at__lte=as_of)
    return known.order_by("-held_on", "-id")


def begun(activations: QuerySet, as_of: datetime | None) -> QuerySet:
    """Evacuations that were known."""
    return activations if as_of is None else activations.filter(activated_at__lte=as_of, recorded_at__lte=as_of)


def under_way(activations: QuerySet, as_of: datetime | None) -> QuerySet:
    """Evacuations that nobody had stood down."""
    not_yet = Q(stood_down_at=None) if as_of is None else Q(stood_down_at=None) | Q(stood_down_at__gt=as_of)
    return begun(activations, as_of).filter(not_yet).order_by("activated_at")


def _with_since(statuses: QuerySet, as_of: datetime | None) -> QuerySet:
    """Adds since when a site has been as the status says: the first report after the last one that said otherwise.

    `since`: when that was seen. `learned`: when the portal first knew. `previous`: the code before, None for none.
    """
    before = newest(SiteStatus.objects.filter(site=OuterRef("site"), observed_at__lte=OuterRef("observed_at")), as_of)
    other = before.filter(~Q(operational=OuterRef("operational")))
    run = before.filter(operational=OuterRef("operational"), observed_at__gt=OuterRef("other_at")).order_by("observed_at", "id")
    other_at = Coalesce(_first(other, "observed_at"), Value(LONG_AGO))
    first_known = _first(run.order_by("recorded_at", "id"), "recorded_at")
    return statuses.annotate(other_at=other_at, previous=_first(other, "operational")).annotate(
        since=_first(run, "observed_at"), learned=first_known
    )


def _first(rows: QuerySet, column: str = "pk") -> Subquery:
    return Subquery(rows.values(column)[:1])


def _by_id(rows: QuerySet, entries: Mapping[UUID, Mapping[str, Any]], name: str) -> dict[UUID, Model]:
    wanted = [entry[name] for entry in entries.values() if entry[name]]
    return {row.pk: row for row in rows.filter(pk__in=wanted)}


def _of_status(status: Any) -> Projection:
    return {
        "current_operational": status.operational if status else "",
        "current_reason": status.reason if status else "",
        "current_control": status.control if status else "",
        "current_damage": status.damage if status else None,
        "current_access": status.access if status else "",
        "current_confidence": status.confidence if status else "",
        "current_status_at": status.observed_at if status else None,
        "current_status_recorded_at": status.recorded_at if status else None,
        "current_status_id": status.pk if status else None,
        "current_status_since": status.since or status.observed_at if status else None,
        "current_changed_at": status.learned or status.recorded_at if status else None,
        "current_previous": (status.previous or "") if status else "",
    }


def _of_head_count(count: Any) -> Projection:
    if count is None:
        names = ("id", "at", "recorded_at", "expected", "accounted", "safe", "displaced", "unaccounted")
        fields = {
            f"current_headcount_{name}" if name in {"id", "at", "recorded_at"} else f"current_{name}": None for name in names
        }
        return fields | {"current_headcount_confidence": ""}
    states = count.states
    return {
        "current_headcount_id": count.pk,
        "current_headcount_at": count.observed_at,
        "current_headcount_recorded_at": count.recorded_at,
        "current_headcount_confidence": count.confidence,
        "current_expected": count.expected,
        "current_accounted": count.expected - states["UNACCOUNTED"] - states["MISSING"] - count.forgotten,
        "current_safe": states["SAFE_LOCAL"] + states["SAFE_IDP"] + states["SAFE_ABROAD"],
        "current_displaced": states["SAFE_IDP"] + states["SAFE_ABROAD"],
        "current_unaccounted": states["UNACCOUNTED"],
    }


def _of_plan(plan: Any, level: int, largest_shift: int | None) -> Projection:
    """The plan in force: whether it is adequate, and when the alert level of now wants it looked at again."""
    if plan is None or plan.approved_at is None:
        return {"current_plan_adequate": None, "current_plan_review_on": None}
    result = plan.assessment.result if plan.assessment_id else {}
    return {
        "current_plan_adequate": bool(result.get("adequate")) and not short_items(plan, largest_shift),
        "current_plan_review_on": review_date(level, timezone.localdate(plan.approved_at)),
    }
