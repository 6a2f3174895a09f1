"""The protected states: added up by country and month, then forgotten site by site."""

from collections import Counter
from datetime import UTC, date, datetime, timedelta
from uuid import UUID

from django.db.models import F, QuerySet

from aimprogress.core.retention import ask_the_owner
from members.headcounts import STRICT
from members.models import HeadCount, LegalHold, Site, StrictMonth
from members.projection import refresh_many, standing


def add_up_and_forget(organisation_id: UUID, before: datetime, most: int) -> int:
    """Turn whole months that began before `before` into totals by country. Returns how many counts forgot their states.

    A month goes as a whole on the day when its first count comes of age: nothing is kept longer than the rule says, and the
    totals are of complete months. Only a site's last count stays until its own day, because figures are made of it. What arrives
    later for a month that is added up already is forgotten without a total.
    """
    if LegalHold.objects.in_force().filter(organisation=organisation_id).exists():
        return 0
    counts = HeadCount.objects.filter(organisation=organisation_id, strict__isnull=False)
    done = _forget_standing(counts, organisation_id, before)
    passed = counts.filter(observed_at__lt=_after(before)).exclude(pk=F("site__current_headcount_id")).order_by("observed_at")
    while done < most:
        oldest = passed.values_list("observed_at", flat=True).first()
        if oldest is None:
            break
        month = _month_of(oldest)
        _add_up(organisation_id, month)
        forgotten = ask_the_owner("strict", organisation_id, _after(_start(month)), 0)
        if not forgotten:  # somebody holds them: the next run takes them
            break
        done += forgotten
    return done


def _forget_standing(counts: QuerySet, organisation_id: UUID, before: datetime) -> int:
    """The last counts of sites that were silent since before the moment; what the sites say now follows.

    While somebody reports from one of the sites, all of them wait for the next run.
    """
    old = list(counts.filter(observed_at__lt=before, pk=F("site__current_headcount_id")).values_list("site_id", "observed_at"))
    sites = [site_id for site_id, _at in old]
    free = Site.objects.select_for_update(of=("self",), skip_locked=True, no_key=True).filter(pk__in=sites)
    if len(free.values_list("pk")) < len(sites):
        return 0
    for month in sorted({_month_of(observed_at) for _site, observed_at in old}):
        _add_up(organisation_id, month)
    done = ask_the_owner("strict_standing", organisation_id, before, 0) if old else 0
    refresh_many(sites)
    return done


def _add_up(organisation_id: UUID, month: date) -> None:
    """The last count of each site in the month, added up by country."""
    in_month = HeadCount.objects.filter(
        organisation=organisation_id, observed_at__gte=_start(month), observed_at__lt=_after(_start(month))
    )
    last = standing(in_month).order_by("site_id", "-observed_at", "-id").distinct("site_id").select_related("site")
    totals: dict[str, Counter[str]] = {}
    sites: Counter[str] = Counter()
    for count in last:
        if count.strict:
            totals.setdefault(count.site.country, Counter()).update({state: count.strict.get(state, 0) for state in STRICT})
            sites[count.site.country] += 1
    known = StrictMonth.objects.filter(organisation=organisation_id, month=month)
    for country in sorted(set(totals) - set(known.values_list("country", flat=True))):
        StrictMonth(
            organisation_id=organisation_id, country=country, month=month, sites=sites[country], counts=dict(totals[country])
        ).save(force_insert=True)


def _month_of(moment: datetime) -> date:
    return moment.astimezone(UTC).date().replace(day=1)


def _start(month: date) -> datetime:
    return datetime(month.year, month.month, 1, tzinfo=UTC)


def _after(moment: datetime) -> datetime:
    """The start of the month after the one that `moment` lies in."""
    return _start((moment.astimezone(UTC).replace(day=1) + timedelta(days=32)).date())
