"""How the sites stood at the end of each week, as known then: counted once, read by the trend of the dashboards."""

from collections import Counter
from datetime import datetime
from uuid import UUID

from django.db.models import Q, QuerySet, Sum

from aimprogress.figures.dashboard import week_ends
from aimprogress.figures.freshness import Fact, freshness
from members.models import Site, StatusGroup, WeekStanding
from members.projection import projections
from members.standing import shown_group

BATCH = 500
Key = tuple[UUID, str, str]


def count_next_week(*, now: datetime) -> datetime | None:
    """Count the last week end that nobody has counted yet; returns it, None where all are counted. Needs to act as SYSTEM.

    One week at a time: a portal that stood still for long, or has just taken over ten thousand sites, catches up in steps.
    """
    ends = week_ends(now)[:-1]
    counted = set(WeekStanding.objects.filter(week_end__in=ends).order_by().values_list("week_end", flat=True).distinct())
    missing = [end for end in reversed(ends) if end not in counted]
    if not missing or not (first := Site.objects.order_by("pk").first()):
        return None
    counts = _counts(missing[0]) or Counter({(first.organisation_id, first.country, StatusGroup.NO_CONTACT.value): 0})
    WeekStanding.objects.bulk_create(
        WeekStanding(organisation_id=organisation_id, week_end=missing[0], country=country, group=group, sites=count)
        for (organisation_id, country, group), count in counts.items()
    )
    return missing[0]


def groups_by_week(standings: QuerySet, ends: list[datetime]) -> list[dict[str, int]]:
    """How many sites were in which display group at each of `ends`; an empty dictionary for a week without a count."""
    found: dict[datetime, dict[str, int]] = {end: {} for end in ends}
    rows = standings.filter(week_end__in=ends).order_by().values_list("week_end", "group").annotate(n=Sum("sites"))
    for end, group, count in rows:
        found[end][group] = count
    return list(found.values())


def _counts(end: datetime) -> Counter[Key]:
    """Sites by member, country and display group at a moment. A site counts from its first report on."""
    counts: Counter[Key] = Counter()
    last: UUID | None = None
    while batch := list(Site.objects.filter(Q(pk__gt=last) if last else Q()).order_by("pk")[:BATCH]):
        said = projections(batch, end)
        for site in batch:
            then = said[site.pk]
            if then["current_status_at"] is not None:
                age = freshness(Fact.STATUS, observed_at=then["current_status_at"], alert_level=then["alert_level"], now=end)
                group = shown_group(then["current_operational"], age.band)
                counts[site.organisation_id, site.country, group.value] += 1
        last = batch[-1].pk
    return counts
