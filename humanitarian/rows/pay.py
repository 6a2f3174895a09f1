"""The columns of pay and of measures for own people.

Outside the organisation only the rates of pay are read, never a number of people, a rule or an amount (domain.md 8.2). Inside it,
who may not read small counts reads bounds. What was paid in all is in no row: it stands on the own page only.
"""

from typing import Any

from django.utils import timezone

from aimprogress.core.actor import current_actor
from aimprogress.figures.percent import rate
from aimprogress.figures.precision import Precision, counts_exactly
from aimprogress.figures.registry import Figure, Unit, for_outsiders
from aimprogress.figures.rows import Column, Kind, RowSpec, place_columns
from aimprogress.figures.small_counts import published, small_count
from humanitarian.models import ChannelRisk, ContractGroup, SafetyAction, SupportType, WagePolicy
from humanitarian.models.pay import PART_OF_THE_WAGE

COUNTS = ("entitled", "paid_full", "paid_partial", "paid_none")
RATE = "Percent with one decimal; kept back or a bound where few people stand behind it"
OWN_ONLY = (
    "policy",
    "percent",
    "advance_months",
    *COUNTS,
    "months_continued",
    "arrears_days",
    "channel_risk",
    "reason",
    "supersedes_id",
)
"""What nobody outside the organisation reads."""


def paid_rate(part: int, whole: int, *, exactly: bool) -> float | None:
    """Part of whole in percent, as who does not count exactly may read it."""
    found = Figure(rate(part, whole), "", timezone.now(), numerator=part, denominator=whole)
    found = found if exactly else for_outsiders(found, Unit.PERCENT)
    return float(found.value) if found.value is not None else None


def _pay(row: dict[str, Any]) -> dict[str, Any]:
    if row["policy"] in PART_OF_THE_WAGE:
        row |= {"paid_full": 0, "paid_partial": row["paid_full"] + row["paid_partial"]}
    whole, full, partly = row["entitled"], row["paid_full"], row["paid_partial"]
    exactly = row["precision"] == Precision.EXACT
    row |= {
        "full_rate": paid_rate(full, whole, exactly=exactly),
        "any_rate": paid_rate(full + partly, whole, exactly=exactly),
    }
    if exactly:
        return row
    if not current_actor().owns(row["organisation_id"]):
        return row | dict.fromkeys(OWN_ONLY)
    known = published(whole, full + partly, full)
    row |= {"entitled": known[0].shown, "paid_full": known[2].shown}
    return row if all(one.is_exact for one in known) else row | {"paid_partial": None, "paid_none": None}


PAY_ROWS = RowSpec(
    "WageSupportReport",
    (
        Column("id", "id", Kind.UUID, nullable=False),
        Column("organisation_id", "organisation_id", Kind.UUID, nullable=False),
        Column("site_id", "site_id", Kind.UUID),
        *place_columns("site__"),
        Column("month", "month", Kind.DATE, nullable=False, about="The first day of the month"),
        Column("group", "group", choices=tuple(ContractGroup.values), nullable=False),
        Column("policy", "policy", choices=tuple(WagePolicy.values)),
        Column("percent", "percent", Kind.INTEGER),
        Column("advance_months", "advance_months", Kind.INTEGER),
        Column("entitled", "entitled", Kind.COUNT),
        Column("paid_full", "paid_full", Kind.COUNT, about="Got the whole wage; nobody by a rule that pays less"),
        Column("paid_partial", "paid_partial", Kind.COUNT, about="Got less than the wage, also where that was agreed"),
        Column("paid_none", "paid_none", Kind.COUNT),
        Column("full_rate", "paid_full", Kind.NUMBER, about=f"Paid in full of those entitled. {RATE}"),
        Column("any_rate", "paid_partial", Kind.NUMBER, about=f"Paid in full or in part of those entitled. {RATE}"),
        Column("months_continued", "months_continued", Kind.INTEGER),
        Column("arrears_days", "arrears_days", Kind.INTEGER),
        Column("channel_risk", "channel_risk", choices=tuple(ChannelRisk.values)),
        Column("currency", "currency", nullable=False),
        Column("source_type", "source_type", nullable=False),
        Column("confidence", "confidence", nullable=False),
        Column("reason", "reason", about="Of a correction: what was wrong"),
        Column("supersedes_id", "supersedes_id", Kind.UUID),
        Column("observed_at", "observed_at", Kind.INSTANT, nullable=False),
        Column("recorded_at", "recorded_at", Kind.INSTANT, nullable=False),
    ),
    site="site__",
    finish=_pay,
)
SUMMED = ("people_reached", "offered", "accepted", "returned")


def _measure(row: dict[str, Any]) -> dict[str, Any]:
    actor = current_actor()
    if actor.owns(row["organisation_id"]) and counts_exactly(actor):
        return row
    row |= {name: small_count(row[name]) for name in SUMMED}
    return row if actor.owns(row["organisation_id"]) else row | {"site_id": None, "excluded_because": "", "effect_source": ""}


MEASURE_ROWS = RowSpec(
    "SupportMeasure",
    (
        Column("id", "id", Kind.UUID, nullable=False),
        Column("organisation_id", "organisation_id", Kind.UUID, nullable=False),
        Column("type", "type", choices=tuple(SupportType.values), nullable=False),
        Column("layer", "layer", Kind.INTEGER, about="Of psychosocial support: the layer of the IASC, 1 to 4"),
        Column("country", "country", nullable=False),
        Column("site_id", "site_id", Kind.UUID),
        Column("starts_on", "starts_on", Kind.DATE, nullable=False),
        Column("ends_on", "ends_on", Kind.DATE),
        Column("for_own", "for_own", Kind.BOOLEAN, nullable=False),
        Column("for_agency", "for_agency", Kind.BOOLEAN, nullable=False),
        Column("for_contractors", "for_contractors", Kind.BOOLEAN, nullable=False),
        Column("excluded_because", "excluded_because", nullable=False, about="Why the other groups may not use it"),
        Column("people_reached", "people_reached", Kind.COUNT, about="null: not reported"),
        Column("offered", "offered", Kind.COUNT),
        Column("accepted", "accepted", Kind.COUNT),
        Column("returned", "returned", Kind.COUNT),
        Column("partner_id", "partner_id", Kind.UUID),
        Column("partner_name", "partner__short_name"),
        Column("effect", "effect", choices=tuple(SafetyAction.Effect.values), nullable=False),
        Column("effect_source", "effect_source", nullable=False),
        Column("version", "version", Kind.INTEGER, nullable=False),
        Column("updated_at", "updated_at", Kind.INSTANT, nullable=False),
    ),
    finish=_measure,
)
