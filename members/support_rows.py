"""The columns of the support desk's nouns, at the reader's precision."""

from typing import Any

from django.db.models import Count, Q

from aimprogress.core.actor import current_actor
from aimprogress.figures.precision import Precision
from aimprogress.figures.rows import Column, Kind, RowSpec, place_columns
from members.models import Bulletin, GuidanceMark, Meeting, SupportCase, Topic


def _without_the_reason(row: dict[str, Any]) -> dict[str, Any]:
    """Free text may name a place: outside the own organisation it is not read."""
    own = row["precision"] == Precision.EXACT or current_actor().owns(row["organisation_id"])
    return row if own else row | {"reason": ""}


GUIDANCE_MARK_ROWS = RowSpec(
    "GuidanceMark",
    (
        Column("id", "id", Kind.UUID, nullable=False),
        Column("organisation_id", "organisation_id", Kind.UUID, nullable=False),
        Column("site_id", "site_id", Kind.UUID),
        *place_columns("site__"),
        Column("item", "item", nullable=False, about="Code of an item of /guidance/"),
        Column("item_version", "item_version", Kind.INTEGER, nullable=False),
        Column("mark", "mark", choices=tuple(GuidanceMark.Mark.values), nullable=False),
        Column("reason", "reason", nullable=False, about="Empty outside the own organisation"),
        Column("marked_at", "marked_at", Kind.INSTANT, nullable=False),
    ),
    site="site__",
    finish=_without_the_reason,
)

BULLETIN_ROWS = RowSpec(
    "Bulletin",
    (
        Column("id", "id", Kind.UUID, nullable=False),
        Column("level", "level", choices=tuple(Bulletin.Level.values), nullable=False),
        Column("topic", "topic", choices=tuple(Topic.values), nullable=False),
        Column("countries", "countries", Kind.LIST, nullable=False, about="Empty: for all members"),
        Column("title", "title", nullable=False),
        Column("text", "text", nullable=False),
        Column("asked", "asked", nullable=False),
        Column("issued_at", "issued_at", Kind.INSTANT, nullable=False),
        Column("expires_at", "expires_at", Kind.INSTANT),
        Column("withdrawn_at", "withdrawn_at", Kind.INSTANT),
    ),
)

BULLETIN_RECEIPT_ROWS = RowSpec(
    "BulletinReceipt",
    (
        Column("id", "id", Kind.UUID, nullable=False),
        Column("organisation_id", "organisation_id", Kind.UUID, nullable=False),
        Column("member_name", "organisation__short_name", nullable=False),
        Column("bulletin_id", "bulletin_id", Kind.UUID, nullable=False),
        Column("confirmed_at", "confirmed_at", Kind.INSTANT, nullable=False),
    ),
)

CASE_ROWS = RowSpec(
    "SupportCase",
    (
        Column("id", "id", Kind.UUID, nullable=False),
        Column("organisation_id", "organisation_id", Kind.UUID, nullable=False),
        Column("member_name", "organisation__short_name", nullable=False),
        Column("number", "number", Kind.INTEGER, nullable=False),
        Column("site_id", "site_id", Kind.UUID),
        Column("category", "category", choices=tuple(SupportCase.Category.values), nullable=False),
        Column("urgency", "urgency", choices=tuple(SupportCase.Urgency.values), nullable=False),
        Column("summary", "summary", nullable=False),
        Column("status", "status", choices=tuple(SupportCase.Status.values), nullable=False),
        Column("has_handler", "handler_id", Kind.BOOLEAN, nullable=False),
        Column("opened_at", "opened_at", Kind.INSTANT, nullable=False),
        Column("due_at", "due_at", Kind.INSTANT, about="When the next answer is owed; null where none is"),
        Column("clock_left", "clock_left", Kind.INTEGER, about="Seconds left on a clock that is paused"),
        Column("answered_at", "answered_at", Kind.INSTANT, about="The first answer"),
        Column("in_time", "in_time", Kind.BOOLEAN, about="Whether the first answer was in time"),
        Column("outcome", "outcome", nullable=False),
        Column("satisfaction", "satisfaction", Kind.INTEGER),
        Column("version", "version", Kind.INTEGER, nullable=False),
        Column("updated_at", "updated_at", Kind.INSTANT, nullable=False),
    ),
    finish=lambda row: row | {
        "has_handler": row["has_handler"] is not None,
        "clock_left": int(row["clock_left"].total_seconds()) if row["clock_left"] is not None else None,
    },
)  # fmt: skip

CASE_MESSAGE_ROWS = RowSpec(
    "CaseMessage",
    (
        Column("id", "id", Kind.UUID, nullable=False),
        Column("organisation_id", "organisation_id", Kind.UUID, nullable=False),
        Column("case_id", "case_id", Kind.UUID, nullable=False),
        Column("text", "text", nullable=False),
        Column("by_desk", "by_desk", Kind.BOOLEAN, nullable=False),
        Column("written_at", "written_at", Kind.INSTANT, nullable=False),
    ),
)

REUSABLE_ANSWER_ROWS = RowSpec(
    "ReusableAnswer",
    (
        Column("id", "id", Kind.UUID, nullable=False),
        Column("title", "title", nullable=False),
        Column("category", "category", choices=tuple(SupportCase.Category.values), nullable=False),
        Column("language", "language", nullable=False),
        Column("text", "text", nullable=False),
    ),
)


def _without_minutes(row: dict[str, Any]) -> dict[str, Any]:
    """Of a call with several members who has not accepted the statement on competition law reads no minutes."""
    unread = row["call"] is not None and row["accepted_at"] is None and not current_actor().is_secretariat
    return row | {"notes": ""} if unread else row


MEETING_ROWS = RowSpec(
    "Meeting",
    (
        Column("id", "id", Kind.UUID, nullable=False),
        Column("organisation_id", "organisation_id", Kind.UUID, nullable=False),
        Column("member_name", "organisation__short_name", nullable=False),
        Column("held_on", "held_on", Kind.DATE, nullable=False),
        Column("kind", "kind", choices=tuple(Meeting.Kind.values), nullable=False),
        Column("topic", "topic", nullable=False),
        Column("participants", "participants", nullable=False, about="Roles, no names"),
        Column("notes", "notes", nullable=False),
        Column("case_id", "case_id", Kind.UUID),
        Column("call", "call", Kind.UUID, about="The same for all members of a call; null for a meeting with one member"),
        Column("agenda", "agenda", nullable=False, about="Of a call with several members"),
        Column("accepted_at", "accepted_at", Kind.INSTANT, about="When the member accepted the statement on competition law"),
        Column("stopped_at", "stopped_at", Kind.INSTANT, about="When somebody stopped the call as off its agenda"),
        Column("called_off_at", "called_off_at", Kind.INSTANT, about="When the team called it off, before it was held"),
        Column("open_follow_ups", lambda: Count("follow_ups", filter=Q(follow_ups__done_at=None)), Kind.INTEGER, nullable=False),
        Column("version", "version", Kind.INTEGER, nullable=False),
        Column("updated_at", "updated_at", Kind.INSTANT, nullable=False),
    ),
    finish=_without_minutes,
)
