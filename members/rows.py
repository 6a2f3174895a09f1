"""The columns of this app's nouns: one specification serves pages, API, exports and shares, at the reader's precision."""

from django.utils import timezone

from aimprogress.figures.freshness import Band, Fact, band_expression
from aimprogress.figures.rows import Column, Kind, RowSpec, place_columns
from members.models import AlertLevel, Operational, SourceType, StatusGroup
from members.standing import group_expression

OPERATIONAL = tuple(Operational.values)
BANDS = tuple(Band.values)


def _status_band(site: str = "") -> object:
    return band_expression(Fact.STATUS, now=timezone.now(), observed=f"{site}current_status_at", level=f"{site}alert_level")


def _head_count_band() -> object:
    return band_expression(Fact.HEAD_COUNT, now=timezone.now(), observed="current_headcount_at")


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
        Column("status_group", lambda: group_expression(now=timezone.now()), choices=tuple(StatusGroup.values), nullable=False),
        Column("status_observed_at", "current_status_at", Kind.INSTANT),
        Column("status_since", "current_status_since", Kind.INSTANT),
        Column("status_freshness", _status_band, choices=BANDS, nullable=False),
        Column("confidence", "current_confidence", nullable=False),
        Column("head_count_observed_at", "current_headcount_at", Kind.INSTANT),
        Column("head_count_freshness", _head_count_band, choices=BANDS, nullable=False),
        Column("current_expected", "current_expected", Kind.COUNT),
        Column("current_accounted", "current_accounted", Kind.COUNT),
        Column("current_unaccounted", "current_unaccounted", Kind.INTEGER, may_be_absent=True),
        Column("plan_adequate", "current_plan_adequate", Kind.BOOLEAN),
        Column("plan_review_on", "current_plan_review_on", Kind.DATE),
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
        Column("observed_at", "observed_at", Kind.INSTANT, nullable=False),
        Column("recorded_at", "recorded_at", Kind.INSTANT, nullable=False),
        Column("source_type", "source_type", choices=tuple(SourceType.values), nullable=False),
        Column("confidence", "confidence", nullable=False),
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
        Column("safe_local", "safe_local", Kind.COUNT),
        Column("safe_idp", "safe_idp", Kind.COUNT),
        Column("safe_abroad", "safe_abroad", Kind.COUNT),
        Column("injured", "injured", Kind.INTEGER, may_be_absent=True),
        Column("unaccounted", "unaccounted", Kind.INTEGER, may_be_absent=True),
        Column("observed_at", "observed_at", Kind.INSTANT, nullable=False),
        Column("recorded_at", "recorded_at", Kind.INSTANT, nullable=False),
        Column("source_type", "source_type", choices=tuple(SourceType.values), nullable=False),
        Column("confidence", "confidence", nullable=False),
        Column("supersedes_id", "supersedes_id", Kind.UUID),
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
        Column("observed_at", "observed_at", Kind.INSTANT, nullable=False),
        Column("recorded_at", "recorded_at", Kind.INSTANT, nullable=False),
    ),
    site="site__",
)

LEVEL_WORDS = dict(AlertLevel.choices)
