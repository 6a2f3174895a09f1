"""What is done about silent sites in the API: reminders, the calls that are due, and those of the morning round."""

from typing import Any

import django_filters
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _
from rest_framework import serializers
from rest_framework.routers import SimpleRouter

from aimprogress.api.viewsets import ServiceViewSet
from aimprogress.core.actor import current_actor
from aimprogress.core.permissions import Permission
from aimprogress.figures.precision import Precision
from aimprogress.figures.rows import Column, Kind, RowSpec, place_columns
from aimprogress.web.filters import FilterSet
from members.filters import CallFilterSet
from members.late import calls_to_make
from members.models import Escalation, Reminder, Site, SiteCall
from members.services import chase
from members.support_filters import own_sites


def _without_who_told(row: dict[str, Any]) -> dict[str, Any]:
    own = row["precision"] == Precision.EXACT or current_actor().owns(row["organisation_id"])
    return row if own else row | {"told_by": ""}


OF_A_SITE = (
    Column("id", "id", Kind.UUID, nullable=False),
    Column("organisation_id", "organisation_id", Kind.UUID, nullable=False),
    Column("site_id", "site_id", Kind.UUID),
    *place_columns("site__"),
)
REMINDER_ROWS = RowSpec(
    "Reminder",
    (
        *OF_A_SITE,
        Column("reminded_at", "reminded_at", Kind.INSTANT, nullable=False),
        Column("told_at", "told_at", Kind.INSTANT, about="When the reporters were mailed; null while it waits for the morning"),
    ),
    site="site__",
)
SITE_CALL_ROWS = RowSpec(
    "SiteCall",
    (
        *OF_A_SITE,
        Column("heard", "heard", choices=tuple(SiteCall.Heard.values), nullable=False),
        Column("told_by", "told_by", nullable=False, about="A role; empty outside the own organisation"),
        Column("called_at", "called_at", Kind.INSTANT, nullable=False),
    ),
    site="site__",
    finish=_without_who_told,
)

DUE_CALL_ROWS = RowSpec(
    "DueCall",
    (
        *OF_A_SITE,
        Column("alert_level", "site__alert_level", Kind.INTEGER, nullable=False, about="3 severe, 4 extreme"),
        Column("since", "since", Kind.INSTANT, nullable=False, about="When the site was last heard of"),
        Column("due_at", "due_at", Kind.INSTANT, about="Call by"),
        Column("tried_at", "tried_at", Kind.INSTANT, about="When nobody answered, last"),
    ),
    site="site__",
)


class ReminderFilterSet(FilterSet):
    site = django_filters.ModelChoiceFilter(label=_("Site"), queryset=own_sites)

    class Meta:
        model = Reminder
        fields: list[str] = []


class SiteCallFilterSet(FilterSet):
    site = django_filters.ModelChoiceFilter(label=_("Site"), queryset=own_sites)
    heard = django_filters.ChoiceFilter(label=_("What was heard"), choices=SiteCall.Heard.choices)

    class Meta:
        model = SiteCall
        fields: list[str] = []


class ReminderSerializer(serializers.ModelSerializer):
    """The site whose reporters are asked to check in."""

    class Meta:
        model = Reminder
        fields = ["site"]


class ReminderViewSet(ServiceViewSet):
    """Who was asked to check in. A site that was reminded in the last four hours answers with that reminder."""

    queryset = Reminder.objects.all()
    rows = REMINDER_ROWS
    filterset_class = ReminderFilterSet
    serializer_class = ReminderSerializer
    permission = Permission.CALL_MAKE
    create_service = chase.remind_one_site
    ordering = ("-reminded_at", "-id")


class SiteCallSerializer(serializers.ModelSerializer):
    """What was heard. It is reported for the site as second-hand; `reason` where work stopped."""

    reason = serializers.ChoiceField(choices=Site._meta.get_field("current_reason").choices, required=False, allow_blank=True)

    class Meta:
        model = SiteCall
        fields = ["site", "heard", "told_by", "reason"]


class SiteCallViewSet(ServiceViewSet):
    """Calls to sites that nobody took back; each ends the call that was due."""

    queryset = SiteCall.objects.all()
    rows = SITE_CALL_ROWS
    filterset_class = SiteCallFilterSet
    serializer_class = SiteCallSerializer
    permission = Permission.CALL_MAKE
    create_service = chase.note_call
    ordering = ("-called_at", "-id")

    def get_queryset(self) -> QuerySet:
        return super().get_queryset().kept()


class DueCallViewSet(ServiceViewSet):
    """Sites in danger that somebody has to call, the most urgent first. Work numbers stand on the page, which logs each look.

    Read only: a call to `site-calls/` that reached somebody ends it.
    """

    queryset = Escalation.objects.all()
    rows = DUE_CALL_ROWS
    filterset_class = CallFilterSet
    permission = Permission.CALL_MAKE
    ordering = ("due_at", "id")

    def get_queryset(self) -> QuerySet:
        return calls_to_make()


def register(router: SimpleRouter) -> None:
    """The nouns of this module."""
    router.register("reminders", ReminderViewSet, basename="reminder")
    router.register("site-calls", SiteCallViewSet, basename="sitecall")
    router.register("due-calls", DueCallViewSet, basename="duecall")
