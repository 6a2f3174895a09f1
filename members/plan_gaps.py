"""Sites without an adequate plan: the rows of the gap list, for the page and for the file."""

from collections.abc import Generator, Iterable, Mapping
from contextlib import closing
from itertools import islice
from typing import Any
from uuid import UUID

from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.http import QueryDict
from django.utils import timezone

from aimprogress.core.actor import Actor, current_actor
from aimprogress.figures.moment import as_of, moment
from members.filters import SiteFilterSet
from members.models import EvacuationPlan, PlanStatus, Site
from members.plan_seen import SeenPlan, as_it_stood
from members.planning import without_adequate_plan, without_communication_plan
from members.projection import in_force
from members.rows import LEVEL_WORDS, SITE_ROWS

CHUNK = 500
FILE_COLUMNS = (
    "name", "member_name", "country", "admin1_name", "alert_level", "plan_status", "met", "of", "missing_critical", "short",
    "plan_review_on", "drill_due_on", "precision",
)  # fmt: skip


def sites_with_gaps() -> QuerySet:
    """Open sites with no approved plan, one that is not adequate, or one whose review date has passed. As of the moment."""
    return Site.objects.open().filter(without_adequate_plan(timezone.localdate(moment())))


def without_a_way_to_reach_people() -> int:
    """How many open sites have no communication plan in date. As of the moment."""
    return Site.objects.open().filter(without_communication_plan(timezone.localdate(moment()))).count()


def with_plans(rows: Iterable[Mapping[str, Any]], actor: Actor) -> list[dict[str, Any]]:
    """Rows of SITE_ROWS as `actor` may see them, each with `seen`: the plan in force or its newest draft, None for no plan.

    Of an earlier moment the plan in force then: what was a draft then is not known.
    """
    rows = list(rows)
    sites = Site.objects.in_bulk([row["id"] for row in rows])
    plans = EvacuationPlan.objects.filter(site_id__in=list(sites)).select_related("assessment")
    shown = _in_force_then(plans, sites) if as_of() else _in_force_or_newest(plans)
    return [_row(row, sites[row["id"]], shown.get(row["id"]), actor) for row in rows]


def _in_force_or_newest(plans: QuerySet) -> dict[UUID, EvacuationPlan]:
    newest: dict[UUID, EvacuationPlan] = {}
    for plan in plans.exclude(status=PlanStatus.RETIRED).order_by("revision"):
        kept = newest.get(plan.site_id)
        if kept is None or kept.status != PlanStatus.APPROVED:
            newest[plan.site_id] = plan
    return newest


def _in_force_then(plans: QuerySet, sites: Mapping[UUID, Site]) -> dict[UUID, EvacuationPlan]:
    last: dict[UUID, EvacuationPlan] = {}
    for plan in in_force(plans, as_of()):
        last.setdefault(plan.site_id, plan)
    return {pk: as_it_stood(plan, sites[pk]) for pk, plan in last.items()}


def _row(row: Mapping[str, Any], site: Site, plan: EvacuationPlan | None, actor: Actor) -> dict[str, Any]:
    shown = SITE_ROWS.present(row, actor) | {"alert_word": LEVEL_WORDS[row["alert_level"]]}
    return shown | {"seen": SeenPlan(plan, site, actor) if plan else None}


def rows_for_a_file(query: QueryDict) -> Generator[dict[str, Any]]:
    """The gap list of a query string, a row a site, with FILE_COLUMNS. Raises ValidationError for a wrong filter."""
    actor = current_actor()
    found = SiteFilterSet(query or None, queryset=sites_with_gaps())
    if found.is_bound and not found.is_valid():
        raise ValidationError([message for messages in found.errors.values() for message in messages])
    with closing(SITE_ROWS.values(found.qs.order_by("country", "admin1_id", "id")).iterator(chunk_size=CHUNK)) as rows:
        while chunk := list(islice(rows, CHUNK)):
            yield from (_flat(row) for row in with_plans(chunk, actor))


def _flat(row: dict[str, Any]) -> dict[str, Any]:
    seen = row["seen"]
    gaps = seen is not None and seen.reads_gaps
    said = {
        "plan_status": seen.status.value if seen else "NONE",
        "met": seen.result.met if seen else None,
        "of": seen.result.total if seen else None,
        "missing_critical": ", ".join(seen.result.missing_critical) if gaps else None,
        "short": ", ".join(seen.short) if gaps else None,
    }
    return {name: (row | said)[name] for name in FILE_COLUMNS}
