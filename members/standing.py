"""How a site is shown now: the display group, with "no contact" derived from age when it is read (decisions 4.1)."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.db.models import Case, IntegerField, Q, Value, When
from django.db.models.lookups import Exact
from django.db.models.sql.compiler import SQLCompiler

from aimprogress.figures.freshness import AgeExpression, Band, Fact, freshness, in_bands
from members.models import ENDED, GROUP_OF, Confidence, Operational, StatusGroup

SILENT = (Band.STALE, Band.NEVER)
LATE = (Band.OVERDUE, *SILENT)
COUNTED = (Band.CURRENT, Band.DUE_SOON, Band.OVERDUE)


def shown_group(operational: str, band: str) -> StatusGroup:
    """The display group of a status of this age. A closed site is not silent; a stale one is out of contact."""
    if operational in ENDED:
        return StatusGroup.CLOSED
    if band in SILENT or not operational:
        return StatusGroup.NO_CONTACT
    return GROUP_OF[Operational(operational)]


def in_group(group: str, *, now: datetime, site: str = "") -> Q:
    """The same as a condition on sites, so that a number and the list behind it agree."""
    operational = f"{site}current_operational"
    codes = [code for code, of in GROUP_OF.items() if of == group]
    silent = silent_sites(now=now, site=site)
    if group == StatusGroup.CLOSED:
        return Q(**{f"{operational}__in": ENDED})
    if group == StatusGroup.NO_CONTACT:
        return ~Q(**{f"{operational}__in": ENDED}) & (silent | Q(**{f"{operational}__in": ["", Operational.UNKNOWN]}))
    return Q(**{f"{operational}__in": codes}) & ~silent


def silent_sites(*, now: datetime, site: str = "") -> Q:
    return in_bands(SILENT, Fact.STATUS, now=now, observed=f"{site}current_status_at", level=f"{site}alert_level")


def in_totals(*, now: datetime) -> Q:
    """Sites whose people go into totals: open, with a head count that is young and sure enough."""
    young = in_bands(COUNTED, Fact.HEAD_COUNT, now=now, observed="current_headcount_at")
    return ~Q(current_operational__in=ENDED) & young & ~Q(current_headcount_confidence=Confidence.C)


def goes_into_totals(said: Mapping[str, Any], *, now: datetime) -> bool:
    """The same of one site, of which `said` is the projection at `now`."""
    if said["current_operational"] in ENDED or said["current_headcount_confidence"] == Confidence.C:
        return False
    age = freshness(Fact.HEAD_COUNT, observed_at=said["current_headcount_at"], alert_level=said["alert_level"], now=now)
    return age.counts


class GroupExpression(AgeExpression):
    """The display group of each row: `shown_group` as SQL."""

    def as_sql(self, compiler: SQLCompiler, connection: Any) -> tuple[str, list[Any]]:
        (observed, params), (level, more), (operational, named) = (compiler.compile(source) for source in self.sources)
        sql = f"CASE WHEN {operational} = ANY(%s) THEN %s"
        values = [*named, [str(code) for code in ENDED], StatusGroup.CLOSED.value]
        sql += f" WHEN {observed} IS NULL OR {observed} < (%s::timestamptz[])[{level} + 1] THEN %s"
        values += [*params, *params, self.oldest(Band.OVERDUE), *more, StatusGroup.NO_CONTACT.value]
        for code, group in GROUP_OF.items():
            sql += f" WHEN {operational} = %s THEN %s"
            values += [*named, code.value, group.value]
        return f"{sql} ELSE %s END", [*values, StatusGroup.NO_CONTACT.value]


def group_expression(*, now: datetime, site: str = "") -> GroupExpression:
    """The display group of each row as SQL."""
    return GroupExpression(
        Fact.STATUS, now=now, observed=f"{site}current_status_at", level=f"{site}alert_level", also=[f"{site}current_operational"]
    )


WORST_FIRST = ("urgency", "-alert_level", "current_status_at", "id")
"""The order of sites that wait for somebody, by `urgency`; within one alert level the oldest report is the latest by its cadence,
and last stand those never heard of."""


def urgency(*, now: datetime) -> Case:
    """A call for help, an evacuation, a late report, an evacuated or standing site, the rest: 0, 1, 2, … as SQL."""
    group = group_expression(now=now)
    grave = (
        Q(help_needed_since__isnull=False), Q(evacuating_since__isnull=False), in_bands(LATE, Fact.STATUS, now=now),
        Exact(group, StatusGroup.EVACUATED.value), Exact(group, StatusGroup.PAUSED.value),
    )  # fmt: skip
    whens = (When(condition, then=Value(place)) for place, condition in enumerate(grave))
    return Case(*whens, default=Value(len(grave)), output_field=IntegerField())
