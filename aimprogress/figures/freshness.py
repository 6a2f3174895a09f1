"""How old a fact is, measured against how often it is due (domain.md 3.2 and 3.3).

The pure functions and the SQL expressions read the same spans, so a list filtered by a band, a count of a
band and the word beside a figure cannot differ.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal
from itertools import groupby
from typing import Any

from django.db import models
from django.db.models import Expression, F, Q
from django.db.models.sql.compiler import SQLCompiler
from django.utils.translation import gettext_lazy as _

from aimprogress.figures.numbers import number

HOUR = timedelta(hours=1)
LEVELS = range(5)


class Band(models.TextChoices):
    """How current a fact is. Boundary values belong to the better band."""

    CURRENT = "CURRENT", _("Current")
    DUE_SOON = "DUE_SOON", _("Due soon")
    OVERDUE = "OVERDUE", _("Overdue")
    STALE = "STALE", _("Out of date")
    NEVER = "NEVER", _("Never reported")


class Fact(models.TextChoices):
    """The kinds of fact that have a cadence in hours."""

    STATUS = "STATUS", _("Site status")
    HEAD_COUNT = "HEAD_COUNT", _("Head count")


DATED_BANDS = (Band.CURRENT, Band.DUE_SOON, Band.OVERDUE)
LEFT_OUT_OF_TOTALS = frozenset({Band.STALE, Band.NEVER})
NO_CONTACT = LEFT_OUT_OF_TOTALS
CADENCES = {Fact.STATUS: "STATUS_CADENCE_HOURS", Fact.HEAD_COUNT: "HEAD_COUNT_CADENCE_HOURS"}


def cadence(fact: Fact, alert_level: int) -> timedelta:
    """The longest time between two reports of `fact` at an alert level 0-4. Raises ValueError elsewhere."""
    if alert_level not in LEVELS:
        raise ValueError(f"alert levels are 0 to 4, not {alert_level}")
    return timedelta(hours=number(CADENCES[fact])[alert_level])


def longest_ages(span: timedelta) -> dict[Band, timedelta]:
    """The greatest age that still counts as CURRENT, DUE_SOON and OVERDUE for a cadence of `span`."""
    microseconds = span // timedelta(microseconds=1)
    ratios = (Decimal(ratio) for ratio in number("FRESHNESS_RATIOS"))
    return {band: timedelta(microseconds=int(microseconds * ratio)) for band, ratio in zip(DATED_BANDS, ratios, strict=True)}


def band_of_age(age: timedelta, span: timedelta) -> Band:
    """The band of a fact that is `age` old and due every `span`."""
    for band, longest in longest_ages(span).items():
        if age <= longest:
            return band
    return Band.STALE


@dataclass(frozen=True, slots=True)
class Freshness:
    """How current one fact is at one moment. `due_at` is None for a fact that was never reported."""

    band: Band
    observed_at: datetime | None
    due_at: datetime | None
    overdue_hours: Decimal
    ratio: Decimal | None

    @property
    def counts(self) -> bool:
        """Whether the fact may go into a total."""
        return self.band not in LEFT_OUT_OF_TOTALS


def freshness(fact: Fact, *, observed_at: datetime | None, alert_level: int, now: datetime) -> Freshness:
    """How current a fact is; hours and ratio are rounded half up, the band is decided before rounding.

    The alert level is the one of now, not the one of the observation (decisions 4.6).
    """
    if observed_at is None:
        return Freshness(Band.NEVER, None, None, Decimal(0), None)
    span = cadence(fact, alert_level)
    age = now - observed_at
    return Freshness(
        band=band_of_age(age, span),
        observed_at=observed_at,
        due_at=observed_at + span,
        overdue_hours=hours(max(age - span, timedelta())),
        ratio=(Decimal(age // timedelta.resolution) / Decimal(span // timedelta.resolution)).quantize(
            Decimal("0.01"), ROUND_HALF_UP
        ),
    )


def hours(span: timedelta) -> Decimal:
    """A time span in hours with one decimal, halves up."""
    return (Decimal(span // timedelta.resolution) / Decimal(HOUR // timedelta.resolution)).quantize(Decimal("0.1"), ROUND_HALF_UP)


def in_bands(
    bands: Iterable[str], fact: Fact, *, now: datetime, observed: str = "current_status_at", level: str = "alert_level"
) -> Q:
    """The rows whose fact lies in one of `bands`: a condition on plain columns, so an index can serve it.

    `observed` and `level` name the columns that hold when it was observed and the alert level of now.
    """
    wanted = {Band(band) for band in bands}
    condition = Q(**{f"{observed}__isnull": True}) if Band.NEVER in wanted else Q(pk__in=[])
    for at_level in LEVELS:
        for oldest, before in _spans(wanted, fact, at_level, now):
            between: dict[str, Any] = {level: at_level, f"{observed}__isnull": False}
            if oldest is not None:
                between[f"{observed}__gte"] = oldest
            if before is not None:
                between[f"{observed}__lt"] = before
            condition |= Q(**between)
    return condition


class AgeExpression(Expression):
    """SQL over when a fact was observed and the alert level of now. One small tree, however many levels and bands there are:
    the oldest moments stand in an array with one element a level, because a CASE of fifteen branches costs more to build
    in Python than the whole query takes.
    """

    output_field = models.TextField()

    def __init__(self, fact: Fact, *, now: datetime, observed: str, level: str, also: Iterable[str] = ()) -> None:
        super().__init__()
        self.fact, self.now = fact, now
        self.sources: list[Any] = [F(observed), F(level), *map(F, also)]

    def get_source_expressions(self) -> list[Any]:
        return self.sources

    def set_source_expressions(self, expressions: list[Any]) -> None:
        self.sources = expressions

    def oldest(self, band: Band) -> list[datetime]:
        """The oldest moment of `band` at each alert level."""
        return [self.now - longest_ages(cadence(self.fact, level))[band] for level in LEVELS]


class BandExpression(AgeExpression):
    """The band of each row."""

    def as_sql(self, compiler: SQLCompiler, connection: Any) -> tuple[str, list[Any]]:
        (observed, params), (level, more) = (compiler.compile(source) for source in self.sources)
        sql, values = f"CASE WHEN {observed} IS NULL THEN %s", [*params, Band.NEVER.value]
        for band in DATED_BANDS:
            sql += f" WHEN {observed} >= (%s::timestamptz[])[{level} + 1] THEN %s"
            values += [*params, self.oldest(band), *more, band.value]
        return f"{sql} ELSE %s END", [*values, Band.STALE.value]


def band_expression(
    fact: Fact, *, now: datetime, observed: str = "current_status_at", level: str = "alert_level"
) -> BandExpression:
    """The band of each row as SQL, for `annotate` and `values`."""
    return BandExpression(fact, now=now, observed=observed, level=level)


def _spans(wanted: set[Band], fact: Fact, level: int, now: datetime) -> Iterator[tuple[datetime | None, datetime | None]]:
    """From when on, and before when, a fact of this alert level was observed to lie in `wanted`; neighbours are one span."""
    ages = longest_ages(cadence(fact, level))
    before: datetime | None = None
    for is_wanted, together in groupby((*DATED_BANDS, Band.STALE), key=wanted.__contains__):
        last = list(together)[-1]
        oldest = None if last is Band.STALE else now - ages[last]
        if is_wanted:
            yield oldest, before
        before = oldest
