"""Legal holds, departures and the totals that stay, in the API.

Two people decide on pages that a member leaves; here it can be read how far that is.
"""

from django.db.models import QuerySet
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.routers import SimpleRouter

from aimprogress.api.viewsets import ServiceViewSet
from aimprogress.core.permissions import Permission
from aimprogress.figures.rows import Column, Kind, RowSpec
from members.models import Departure, LegalHold, Organisation, QuarterStanding
from members.quarter_rows import QUARTER_ROWS
from members.services import holds

HOLD_ROWS = RowSpec(
    "LegalHold",
    (
        Column("id", "id", Kind.UUID, nullable=False),
        Column("organisation_id", "organisation_id", Kind.UUID, nullable=False),
        Column("reason", "reason", nullable=False),
        Column("set_at", "set_at", Kind.INSTANT, nullable=False),
        Column("lifted_at", "lifted_at", Kind.INSTANT, about="null: nothing of the organisation is deleted"),
    ),
)
DEPARTURE_ROWS = RowSpec(
    "Departure",
    (
        Column("id", "id", Kind.UUID, nullable=False),
        Column("organisation_id", "organisation_id", Kind.UUID, nullable=False),
        Column("asked_at", "asked_at", Kind.INSTANT, nullable=False),
        Column("agreed_at", "agreed_at", Kind.INSTANT, about="when a second person agreed"),
        Column("due_at", "due_at", Kind.INSTANT, about="when everything is erased"),
        Column("stopped_at", "stopped_at", Kind.INSTANT),
        Column("erased_at", "erased_at", Kind.INSTANT),
        Column("receipt", "receipt", Kind.OBJECT, nullable=False, about="rows by table, files, accounts: counts and hashes only"),
        Column("receipt_sha256", "receipt_sha256", nullable=False),
    ),
)


class LegalHoldSerializer(serializers.Serializer):
    """Whose data may not be deleted, and why. The organisation reads the reason; it names no person."""

    organisation = serializers.PrimaryKeyRelatedField(queryset=Organisation.objects.all())
    reason = serializers.CharField(max_length=300)


class LegalHoldViewSet(ServiceViewSet):
    """What stops every deletion: the own organisation's holds in force; all of them for who sets and lifts them."""

    queryset = LegalHold.objects.all()
    rows = HOLD_ROWS
    serializer_class = LegalHoldSerializer
    permission = Permission.WHO_SEES_READ
    noun = "hold"
    create_service = holds.set_hold
    ordering = ("-set_at", "-id")

    def get_queryset(self) -> QuerySet[LegalHold]:
        return LegalHold.objects.known_to(self.request.auth)

    @action(detail=True, methods=["post"])
    def lift(self, request: Request, pk: str) -> Response:
        """Let the rules go on from the next night. That cannot be undone."""
        return self.act(request, pk, holds.lift_hold)


class DepartureViewSet(ServiceViewSet):
    """Members that leave, or left: how far that is, and the receipt. Read only; the own organisation, for administrators all."""

    queryset = Departure.objects.all()
    rows = DEPARTURE_ROWS
    permission = Permission.LEAVE_DECIDE
    ordering = ("-asked_at", "-id")

    def get_queryset(self) -> QuerySet[Departure]:
        return Departure.objects.known_to(self.request.auth)


class QuarterStandingViewSet(ServiceViewSet):
    """How sites stood when a quarter ended, and their people: what stays of reports of more than 36 months. Read only."""

    queryset = QuarterStanding.objects.all()
    rows = QUARTER_ROWS
    permission = Permission.DASHBOARD_READ
    ordering = ("-quarter", "country", "id")


def register(router: SimpleRouter) -> None:
    """Holds, departures and quarterly totals."""
    router.register("legal-holds", LegalHoldViewSet, basename="legalhold")
    router.register("departures", DepartureViewSet, basename="departure")
    router.register("quarter-standings", QuarterStandingViewSet, basename="quarterstanding")
