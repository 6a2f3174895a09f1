"""The protected states: added up by country and month, then forgotten site by site."""

from collections import Counter
from datetime import UTC, date, datetime, timedelta
from uuid import UUID

from django.db import connection

from members.headcounts import STRICT
from members.models import HeadCount, LegalHold, StrictMonth
from members.projection import standing


def add_up_and_forget(organisation_id: UUID, before: datetime, most: int) -> int:
    """Turn whole months that began before `before` into totals by country. Returns how many counts forgot their states.

    A month goes as a whole on the day when its first count comes of age: nothing is kept longer than the rule says, and the
    totals are of complete months. What arrives later for a month that is added up already is forgotten without a total.
    """
    if LegalHold.objects.in_force().filter(organisation=organisation_id).exists():
        return 0
    done, end = 0, _after(before)
    while done < most:
        known = HeadCount.objects.filter(organisation=organisation_id, observed_at__lt=end, strict__isnull=False)
        oldest = known.order_by("observed_at").values_list("observed_at", flat=True).first()
        if oldest is None:
            break
        _add_up(organisation_id, first := oldest.astimezone(UTC).date().replace(day=1))
        done += _forget(organisation_id, _after(_start(first)))
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


def _forget(organisation_id: UUID, before: datetime) -> int:
    with connection.cursor() as cursor:
        cursor.execute("SELECT retention_strict(%s, %s, 0)", [organisation_id, before])
        return cursor.fetchone()[0]


def _start(month: date) -> datetime:
    return datetime(month.year, month.month, 1, tzinfo=UTC)


def _after(moment: datetime) -> datetime:
    """The start of the month after the one that `moment` lies in."""
    return _start((moment.astimezone(UTC).replace(day=1) + timedelta(days=32)).date())
