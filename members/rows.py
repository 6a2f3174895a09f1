"""The columns of this app's nouns: one specification serves pages, API, exports and shares, at the reader's precision."""

from functools import partial
from typing import Any

from django.db.models import BooleanField, Case, ExpressionWrapper, Q, When
from django.utils import timezone

from aimprogress.core.actor import Actor
from aimprogress.figures.freshness import Band, Fact, band_expression
from aimprogress.figures.moment import as_of, moment
from aimprogress.figures.precision import Precision
from aimprogress.figures.rows import Column, Kind, RowSpec, place_columns
from members.models import (
    AlertLevel,
    CommunicationPlan,
    DataShare,
    Drill,
    EvacuationPlan,
    HazardType,
    Operational,
    PlanStatus,
    SourceType,
    StatusGroup,
)
from members.models.plan import Plan
from members.planning import JUDGING, contradicted, overruled, review_known, status_known, with_adequate_plan
from members.standing import group_expression

OPERATIONAL = tuple(Operational.values)
BANDS = tuple(Band.values)


def by_place(actor: Actor) -> tuple[str, ...]:
    """The order of sites in lists: the team, which reads no names, goes by member and place, everyone else by name."""
    if actor.is_secretariat:
        return ("organisation__short_name", "country", "admin1_id", "number_in_area", "id")
    return ("country", "name", "id")


def _status_band(site: str = "") -> object:
    return band_expression(Fact.STATUS, now=moment(), observed=f"{site}current_status_at", level=f"{site}alert_level")


def _head_count_band() -> object:
    return band_expression(Fact.HEAD_COUNT, now=moment(), observed="current_headcount_at")


def _plan_adequate() -> object:
    in_date = When(with_adequate_plan(timezone.localdate(moment())), then=True)
    return Case(When(current_plan_adequate=None, then=None), in_date, default=False, output_field=BooleanField())


SITE_ROWS = RowSpec(
    "Site",
    (
        Column("id", "id", Kind.UUID, nullable=False),
        Column("organisation_id", "organisation_id", Kind.UUID, nullable=False),
        Column("code", "code"),
        *place_columns(),
        Column("kind", "kind", nullable=False),
        Column("baseline", "baseline", Kind.COUNT),
        Column("alert_level", "alert_level", Kind.INTEGER, nullable=False, about="0 normal to 4 extreme"),
        Column("operational", "current_operational", choices=(*OPERATIONAL, ""), nullable=False),
        Column("status_group", lambda: group_expression(now=moment()), choices=tuple(StatusGroup.values), nullable=False),
        Column("status_observed_at", "current_status_at", Kind.INSTANT),
        Column("status_recorded_at", "current_status_recorded_at", Kind.INSTANT),
        Column("status_since", "current_status_since", Kind.INSTANT),
        Column("status_freshness", _status_band, choices=BANDS, nullable=False),
        Column("confidence", "current_confidence", nullable=False),
        Column("worst_hazard", "current_hazard", Kind.INTEGER, about="1 low to 3 grave, 0 none of those reported; null: none"),
        Column("head_count_observed_at", "current_headcount_at", Kind.INSTANT),
        Column("head_count_recorded_at", "current_headcount_recorded_at", Kind.INSTANT),
        Column("head_count_freshness", _head_count_band, choices=BANDS, nullable=False),
        Column("current_expected", "current_expected", Kind.COUNT),
        Column("current_accounted", "current_accounted", Kind.COUNT),
        Column("current_unaccounted", "current_unaccounted", Kind.INTEGER, may_be_absent=True),
        Column("plan_adequate", _plan_adequate, Kind.BOOLEAN, about="And its review in date. Null: no approved plan"),
        Column("plan_review_on", "current_plan_review_on", Kind.DATE),
        Column("drill_due_on", "current_drill_due_on", Kind.DATE, about="Null: no drill yet, or none at this alert level"),
        Column("evacuating_since", "evacuating_since", Kind.INSTANT),
        Column("safety_profile", "safety_profile", Kind.BOOLEAN, nullable=False),
        Column("version", "version", Kind.INTEGER, nullable=False),
        Column("updated_at", "updated_at", Kind.INSTANT, nullable=False),
    ),
    site="",
)

STATUS_ROWS = RowSpec(
    "SiteStatus",
    (
        Column("id", "id", Kind.UUID, nullable=False),
        Column("site_id", "site_id", Kind.UUID),
        *place_columns("site__"),
        Column("operational", "operational", choices=OPERATIONAL, nullable=False),
        Column("control", "control", nullable=False),
        Column("damage", "damage", Kind.INTEGER, nullable=False),
        Column("access", "access", nullable=False),
        Column("utilities", "utilities", Kind.OBJECT, nullable=False),
        Column("note", "note"),
        Column("correction_reason", "correction_reason", about="What was wrong with the entry that this one corrects"),
        Column("observed_at", "observed_at", Kind.INSTANT, nullable=False),
        Column("recorded_at", "recorded_at", Kind.INSTANT, nullable=False),
        Column("source_type", "source_type", choices=tuple(SourceType.values), nullable=False),
        Column("confidence", "confidence", nullable=False),
        Column("told_by", "told_by", about="A role; the own organisation only"),
        Column("supersedes_id", "supersedes_id", Kind.UUID),
    ),
    site="site__",
)

HEAD_COUNT_ROWS = RowSpec(
    "HeadCount",
    (
        Column("id", "id", Kind.UUID, nullable=False),
        Column("site_id", "site_id", Kind.UUID),
        *place_columns("site__"),
        Column("expected", "expected", Kind.COUNT),
        *(
            Column(state, state, Kind.INTEGER, may_be_absent=True, about="Only for who reads strict states, or typed them")
            for state in ("safe_local", "safe_idp", "safe_abroad", "injured", "unaccounted")
        ),
        Column("by_contract", "by_contract", Kind.OBJECT, about="The people expected by contract group"),
        Column("by_gender", "by_gender", Kind.OBJECT, about="The people expected by gender"),
        Column("overlays", "overlays", Kind.OBJECT, about="Counts beside the states; the site's own people only"),
        Column("observed_at", "observed_at", Kind.INSTANT, nullable=False),
        Column("recorded_at", "recorded_at", Kind.INSTANT, nullable=False),
        Column("source_type", "source_type", choices=tuple(SourceType.values), nullable=False),
        Column("confidence", "confidence", nullable=False),
        Column("told_by", "told_by", about="A role; the own organisation only"),
        Column("supersedes_id", "supersedes_id", Kind.UUID),
        Column("reason", "reason", about="What was wrong with the entry that this one corrects"),
        Column("reported_by_id", "reported_by_id", Kind.UUID, hidden=True),
        Column("check_in_id", "check_in_id", Kind.UUID, hidden=True),
    ),
    site="site__",
)

ALERT_ROWS = RowSpec(
    "AlertLevelChange",
    (
        Column("id", "id", Kind.UUID, nullable=False),
        Column("site_id", "site_id", Kind.UUID),
        *place_columns("site__"),
        Column("level", "level", Kind.INTEGER, nullable=False, choices=()),
        Column("previous", "previous", Kind.INTEGER),
        Column("reason", "reason"),
        Column("correction_reason", "correction_reason", about="What was wrong with the entry that this one corrects"),
        Column("observed_at", "observed_at", Kind.INSTANT, nullable=False),
        Column("recorded_at", "recorded_at", Kind.INSTANT, nullable=False),
        Column("supersedes_id", "supersedes_id", Kind.UUID),
    ),
    site="site__",
)


HAZARD_ROWS = RowSpec(
    "HazardReport",
    (
        Column("id", "id", Kind.UUID, nullable=False),
        Column("site_id", "site_id", Kind.UUID),
        *place_columns("site__"),
        Column("hazard", "hazard", choices=tuple(HazardType.values), nullable=False),
        Column("severity", "severity", Kind.INTEGER, nullable=False, about="1 low to 3 grave; 0: it is over"),
        Column("residual", "residual", Kind.INTEGER, about="What remains after the measures"),
        Column("measures", "measures", about="The site's own people only"),
        Column("mine_action_contact", "mine_action_contact", Kind.BOOLEAN),
        Column("correction_reason", "correction_reason", about="What was wrong with the entry that this one corrects"),
        Column("observed_at", "observed_at", Kind.INSTANT, nullable=False),
        Column("recorded_at", "recorded_at", Kind.INSTANT, nullable=False),
        Column("source_type", "source_type", choices=tuple(SourceType.values), nullable=False),
        Column("confidence", "confidence", nullable=False),
        Column("told_by", "told_by", about="A role; the own organisation only"),
        Column("supersedes_id", "supersedes_id", Kind.UUID),
    ),
    site="site__",
)


OF_NOW = "With ?as_of= null where it changed since"


def _plan(model: type[Plan], *own: Column, judged: bool = False) -> RowSpec:
    """A plan: its text and numbers for the site's own people, how complete it is for everybody else who reads plans.

    judged: whether its numbers decide over answers, as in planning.result_of.
    """
    kept = ("title", "owner_role", "deputy_role", "approval_asked_at", *(column.name for column in own))
    judging = {name: name for name in JUDGING} | {"largest_shift": "site__largest_shift"} if judged else {}
    written = _written(model)
    then = (Column("_status", partial(status_known, model)), Column("_review", partial(review_known, model), Kind.DATE))

    def finish(row: dict[str, Any]) -> dict[str, Any]:
        result = row.pop("_result") or {}
        row |= {"status": row.pop("_status"), "next_review_on": row.pop("_review")}
        if moment := as_of():
            row |= {column.name: row[column.name] or None for column in written}  # erased since, or never there
            if row["updated_at"] > moment:
                row |= {"version": None, "updated_at": None}
        row |= {"met": result.get("met"), "of": result.get("total"), "adequate": result.get("adequate")}
        told = {name: row.pop(f"_{name}") for name in judging}
        if short := contradicted(told, told["largest_shift"]) if told else ():
            against = len(overruled(result.get("items") or {}, short))
            row |= {"met": row["met"] and row["met"] - against, "adequate": row["adequate"] and False}
        return row if row["precision"] == Precision.EXACT else row | dict.fromkeys(kept)

    return RowSpec(
        model.__name__,
        (
            Column("id", "id", Kind.UUID, nullable=False),
            Column("site_id", "site_id", Kind.UUID),
            *place_columns("site__"),
            *then,
            Column("revision", "revision", Kind.INTEGER, nullable=False),
            Column("status", "status", choices=tuple(PlanStatus.values), nullable=False),
            Column("_result", "assessment__result", Kind.OBJECT),
            *(Column(f"_{name}", source, Kind.INTEGER) for name, source in judging.items()),  # whatever the reader may read
            Column("met", "id", Kind.INTEGER, about="Items met"),
            Column("of", "id", Kind.INTEGER, about="Items that apply"),
            Column("adequate", "id", Kind.BOOLEAN, about="Evacuation plans only"),
            Column(
                "approval_asked_at",
                "approval_asked_at",
                Kind.INSTANT,
                about="A draft that was put forward. The site's own people only",
            ),
            Column("approved_at", "approved_at", Kind.INSTANT),
            Column("next_review_on", "next_review_on", Kind.DATE),
            *(Column(text, text, about="The site's own people only") for text in ("title", "owner_role", "deputy_role")),
            *own,
            *written,
            Column("version", "version", Kind.INTEGER, about=OF_NOW),
            Column("updated_at", "updated_at", Kind.INSTANT, about=OF_NOW),
        ),
        site="site__",
        finish=finish,
        derived=frozenset({"_result", *(column.name for column in then), *(f"_{name}" for name in judging)}),
    )


def _numbers(*names: str) -> tuple[Column, ...]:
    return tuple(Column(name, name, Kind.INTEGER, about="The site's own people only") for name in names)


def _is_written(kind: str) -> object:
    return ExpressionWrapper(Q(**{f"{kind}__isnull": False}), output_field=BooleanField())


def _written(model: type[Plan]) -> tuple[Column, ...]:
    """Whether each encrypted list of a plan holds something."""
    about = "What it says is never in the API. With ?as_of= null where it holds nothing now: it may have been erased since"
    return tuple(Column(f"has_{kind}", partial(_is_written, kind), Kind.BOOLEAN, about=about) for kind in model.lists)


EVACUATION_PLAN_ROWS = _plan(
    EvacuationPlan,
    Column("destination", "destination", about="The site's own people only"),
    *_numbers("seats", "trips", "expected_evacuees", "family_estimate", "shelter_capacity", "beds"),
    judged=True,
)
COMMUNICATION_PLAN_ROWS = _plan(
    CommunicationPlan,
    Column("primary_channel", "primary_channel", about="The site's own people only"),
    Column("fallback_channel", "fallback_channel", about="The site's own people only"),
    *_numbers("silent_hours", "reached", "attempted"),
    Column("tested_on", "tested_on", Kind.DATE, about="The site's own people only"),
)

OWN_ABOUT_ACTIVATIONS = ("who", "reason", "people", "moved", "family_moved", "problems")


OF_THE_END = ("stood_down_at", "moved", "family_moved", "problems")


def _activation(row: dict[str, Any]) -> dict[str, Any]:
    then = as_of()
    if then and row["stood_down_at"] and row["stood_down_at"] > then:
        row |= dict.fromkeys(OF_THE_END)  # nobody knew yet what it would come to
    return row if row["precision"] == Precision.EXACT else row | dict.fromkeys(OWN_ABOUT_ACTIVATIONS)


ACTIVATION_ROWS = RowSpec(
    "PlanActivation",
    (
        Column("id", "id", Kind.UUID, nullable=False),
        Column("site_id", "site_id", Kind.UUID),
        *place_columns("site__"),
        Column("plan_id", "plan_id", Kind.UUID, nullable=False),
        Column("level", "level", Kind.INTEGER, nullable=False, about="3 severe, 4 extreme"),
        Column("activated_at", "activated_at", Kind.INSTANT, nullable=False),
        Column("stood_down_at", "stood_down_at", Kind.INSTANT, about="Null: people are leaving"),
        *(Column(text, text, about="The site's own people only") for text in ("who", "reason")),
        *_numbers("people", "moved", "family_moved"),
        Column("problems", "problems", about="The site's own people only"),
        Column("recorded_at", "recorded_at", Kind.INSTANT, nullable=False),
    ),
    site="site__",
    finish=_activation,
)
OWN_ABOUT_DRILLS = ("shifts", "participants", "target_minutes", "minutes", "lessons")


def _drill(row: dict[str, Any]) -> dict[str, Any]:
    return row if row["precision"] == Precision.EXACT else row | dict.fromkeys(OWN_ABOUT_DRILLS)


DRILL_ROWS = RowSpec(
    "Drill",
    (
        Column("id", "id", Kind.UUID, nullable=False),
        Column("site_id", "site_id", Kind.UUID),
        *place_columns("site__"),
        Column("kind", "kind", choices=tuple(Drill.Kind.values), nullable=False),
        Column("held_on", "held_on", Kind.DATE, nullable=False),
        Column("result", "result", choices=tuple(Drill.Result.values), nullable=False),
        Column("next_due_on", "next_due_on", Kind.DATE, about="At the alert level of the day; the site says what holds now"),
        Column("shifts", "shifts", about="The site's own people only"),
        *_numbers("participants", "target_minutes", "minutes"),
        Column("lessons", "lessons", about="The site's own people only"),
        Column("recorded_at", "recorded_at", Kind.INSTANT, nullable=False),
    ),
    site="site__",
    finish=_drill,
)

SHARE_ROWS = RowSpec(
    "DataShare",
    (
        Column("id", "id", Kind.UUID, nullable=False),
        Column("organisation_id", "organisation_id", Kind.UUID, nullable=False, about="The member that shares"),
        Column("member_name", "organisation__short_name", nullable=False),
        Column("receiver_id", "receiver_id", Kind.UUID, nullable=False),
        Column("receiver_name", "receiver__short_name", nullable=False),
        Column("dataset", "dataset", choices=tuple(DataShare.Dataset.values), nullable=False),
        Column("precision", "precision", choices=tuple(DataShare.Precision.values), nullable=False),
        Column("granted_at", "granted_at", Kind.INSTANT, nullable=False),
        Column("expires_at", "expires_at", Kind.INSTANT, nullable=False),
        Column("revoked_at", "revoked_at", Kind.INSTANT),
    ),
)

LEVEL_WORDS = dict(AlertLevel.choices)
