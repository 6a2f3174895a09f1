"""Status and head counts: added up by country and quarter, then deleted but for what a site still stands on."""

from collections.abc import Iterator
from datetime import UTC, date, datetime
from typing import Any
from uuid import UUID

from django.db.models import Max, Min

from aimprogress.core.retention import ask_the_owner
from aimprogress.figures.freshness import Fact, freshness
from aimprogress.figures.small_counts import Known, published
from members.models import HeadCount, LegalHold, QuarterStanding, Site, SiteStatus
from members.projection import projections_of, was_there
from members.standing import goes_into_totals, shown_group

RULE = "observations"
SITES_AT_ONCE = 500
PARTS = ("expected", "reached", "safe", "displaced")


def add_up_and_delete(organisation_id: UUID, before: datetime, most: int) -> int:
    """Add up every quarter that began before the moment, then delete what is older than it. Returns how many rows went.

    The function of the owner deletes nothing whose quarter has no totals; which rows stay so that each site says the same, now
    and at every moment since, stands there (members/migrations/0037). What arrives later for a quarter that is added up is
    deleted without a total, when it is of age.
    """
    if LegalHold.objects.in_force().filter(organisation=organisation_id).exists():
        return 0
    counts = HeadCount.objects.filter(organisation=organisation_id, observed_at__lt=before, strict__isnull=False)
    if counts.exists():  # after a long hold: the protected states are added up first
        return 0
    for quarter in _not_added_up(organisation_id, before):
        _add_up(organisation_id, quarter)
    return ask_the_owner(RULE, organisation_id, before, most)


def _not_added_up(organisation_id: UUID, before: datetime) -> Iterator[date]:
    """The quarters up to the one of the moment, from the first in which the portal knew anything. Each but once: in order."""
    last = QuarterStanding.objects.filter(organisation=organisation_id).aggregate(last=Max("quarter"))["last"]
    if last is None:
        facts = (model.objects.filter(organisation=organisation_id, observed_at__lt=before) for model in (SiteStatus, HeadCount))
        known = [at for at in (rows.aggregate(first=Min("recorded_at"))["first"] for rows in facts) if at]
        if not known:
            return
        quarter = quarter_of(min(known))
    else:
        quarter = after(last)
    while start_of(quarter) <= before:
        yield quarter
        quarter = after(quarter)


def _add_up(organisation_id: UUID, quarter: date) -> None:
    """How the sites stood at the end of the quarter, as known then: what `?as_of=` of that moment shows."""
    end = start_of(after(quarter))
    totals: dict[str, QuarterStanding] = {}
    sites = list(Site.objects.filter(organisation=organisation_id).order_by("pk").values_list("pk", "country"))
    for first in range(0, len(sites), SITES_AT_ONCE):
        batch = dict(sites[first : first + SITES_AT_ONCE])
        for pk, said in projections_of(batch, end).items():
            if was_there(pk, said, end):
                about = {"organisation_id": organisation_id, "country": batch[pk], "quarter": quarter}
                _count(totals.setdefault(batch[pk], QuarterStanding(**about)), said, end)
    QuarterStanding.objects.bulk_create(totals.values())


def _count(total: QuarterStanding, said: dict[str, Any], end: datetime) -> None:
    """One site more: its group, and its people where their count was young and sure enough."""
    age = freshness(Fact.STATUS, observed_at=said["current_status_at"], alert_level=said["alert_level"], now=end)
    group = shown_group(said["current_operational"], age.band).value
    total.sites += 1
    total.groups[group] = total.groups.get(group, 0) + 1
    if not goes_into_totals(said, now=end):
        return
    expected = said["current_expected"]
    told = published(expected, expected - said["current_unaccounted"], said["current_safe"], said["current_displaced"])
    if not told[0].is_exact:  # a site of 1 to 4 people is in no total
        return
    total.counted += 1
    people = dict(zip(PARTS, told, strict=True))
    people["not_reached"] = Known(expected - people["reached"].most, expected - people["reached"].least)
    for name, known in people.items():
        least, most = total.people.get(name, (0, 0))
        total.people[name] = [least + known.least, most + known.most]


def quarter_of(moment: datetime) -> date:
    """The first day of the quarter that a moment lies in. Quarters are those of UTC."""
    day = moment.astimezone(UTC).date()
    return date(day.year, day.month - (day.month - 1) % 3, 1)


def after(quarter: date) -> date:
    """The first day of the next quarter."""
    return date(quarter.year + 1, 1, 1) if quarter.month > 9 else date(quarter.year, quarter.month + 3, 1)


def start_of(quarter: date) -> datetime:
    return datetime(quarter.year, quarter.month, 1, tzinfo=UTC)
