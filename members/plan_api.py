"""Plans in the API, and what is done with them. Approval is a person's, on the page: a key has no name to sign with."""

from typing import Any

from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.exceptions import NotFound, PermissionDenied
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.routers import SimpleRouter

from aimprogress.api.viewsets import ServiceViewSet, moment_asked
from aimprogress.core.permissions import Permission
from aimprogress.figures.moment import as_of
from aimprogress.instruments.serializers import TakesAnswers
from members.filters import ActivationFilterSet, CommunicationPlanFilterSet, DrillFilterSet, EvacuationPlanFilterSet
from members.models import AlertLevel, CommunicationPlan, Drill, EvacuationPlan, PlanActivation
from members.plan_changes import changes
from members.planning import Sight, sight_of
from members.projection import approved, begun, held
from members.rows import ACTIVATION_ROWS, COMMUNICATION_PLAN_ROWS, DRILL_ROWS, EVACUATION_PLAN_ROWS
from members.services import evacuations, plans

PLAN_FIELDS = ["site", "title", "owner_role", "deputy_role"]
CHANGE = {
    "type": "object",
    "properties": {name: {"type": "string"} for name in ("what", "item", "before", "after")},
    "required": ["what", "item", "before", "after"],
}
CHANGES = {
    "type": "object",
    "properties": {
        "from_revision": {"type": ["integer", "null"]},
        "to_revision": {"type": "integer"},
        "changes": {"type": "array", "items": CHANGE},
    },
    "required": ["from_revision", "to_revision", "changes"],
}


class EvacuationPlanSerializer(serializers.ModelSerializer):
    """A draft of how people leave. Routes, shelters and meeting points are written on the page, which explains them."""

    class Meta:
        model = EvacuationPlan
        fields = [
            *PLAN_FIELDS, "destination", "seats", "trips", "expected_evacuees", "family_estimate", "shelter_capacity", "beds",
        ]  # fmt: skip


class CommunicationPlanSerializer(serializers.ModelSerializer):
    """A draft of how people are reached."""

    class Meta:
        model = CommunicationPlan
        fields = [*PLAN_FIELDS, "primary_channel", "fallback_channel", "silent_hours", "tested_on", "reached", "attempted"]


class _PlanViewSet(TakesAnswers, ServiceViewSet, abstract=True):
    """A new revision is a POST; only a draft can be changed or answered, and never its site."""

    noun = "plan"
    answer_service = plans.answer_plan
    ordering = ("-created_at", "-id")
    looks_back = True

    def get_queryset(self) -> QuerySet:
        return approved(super().get_queryset(), as_of())

    def change_arguments(self, clean: dict[str, Any]) -> dict[str, Any]:
        if "site" in clean:
            raise serializers.ValidationError({"site": [_("A plan stays at its site.")]})
        return clean

    def answer_schema(self, verb: str) -> dict[str, Any] | None:
        """OpenAPI of a comparison; None: described like every other noun."""
        return CHANGES if verb == "changes" else None

    @extend_schema(request=None)
    @action(detail=True, methods=["post"], url_path="ask-for-approval")
    def ask(self, request: Request, pk: str) -> Response:
        """Put a draft forward: the people who may approve it are asked to sign in. Another change takes it back."""
        return self.act(request, pk, plans.ask_for_approval)

    @extend_schema(parameters=[OpenApiParameter("from", int, description="an earlier revision; the one before, if left out")])
    @action(detail=True, methods=["get"])
    def changes(self, request: Request, pk: str) -> Response:
        """What this revision says otherwise than an earlier one. Only for who reads the text; places are counted, never told."""
        with moment_asked(request):
            return self._changes(request, pk)

    def _changes(self, request: Request, pk: str) -> Response:
        plan = self.get_queryset().filter(pk=self._row(pk)["id"]).select_related("site", "assessment").get()
        if sight_of(request.auth, plan.site) is not Sight.TEXT:
            raise PermissionDenied
        earlier = self.get_queryset().filter(site=plan.site_id, revision__lt=plan.revision).select_related("assessment")
        asked = request.query_params.get("from", "")
        if asked:
            earlier = earlier.filter(revision=int(asked) if asked.isascii() and asked.isdigit() and len(asked) < 9 else 0)
        before = earlier.order_by("-revision").first()
        if asked and before is None:
            raise NotFound
        found = changes(before, plan) if before else []
        return Response(
            {
                "from_revision": before.revision if before else None,
                "to_revision": plan.revision,
                "changes": [{"what": str(one.what), "item": one.item, "before": one.before, "after": one.after} for one in found],
            }
        )


class EvacuationPlanViewSet(_PlanViewSet):
    """Evacuation plans: complete for the site's own people, completeness only for others."""

    queryset = EvacuationPlan.objects.all()
    rows = EVACUATION_PLAN_ROWS
    filterset_class = EvacuationPlanFilterSet
    serializer_class = EvacuationPlanSerializer
    permission = Permission.PLAN_READ
    create_service = plans.draft_evacuation_plan
    change_service = plans.change_plan


class CommunicationPlanViewSet(_PlanViewSet):
    """Communication plans: n of 15."""

    queryset = CommunicationPlan.objects.all()
    rows = COMMUNICATION_PLAN_ROWS
    filterset_class = CommunicationPlanFilterSet
    serializer_class = CommunicationPlanSerializer
    permission = Permission.PLAN_READ
    create_service = plans.draft_communication_plan
    change_service = plans.change_plan


class DrillSerializer(serializers.ModelSerializer):
    """A drill that was held."""

    class Meta:
        model = Drill
        fields = ["site", "kind", "held_on", "shifts", "participants", "target_minutes", "minutes", "result", "lessons"]


class DrillViewSet(ServiceViewSet):
    """Drills: the last one of a site says when the next is due. Numbers and lessons for the site's own people only."""

    queryset = Drill.objects.all()
    rows = DRILL_ROWS
    filterset_class = DrillFilterSet
    serializer_class = DrillSerializer
    permission = Permission.PLAN_READ
    noun = "drill"
    create_service = evacuations.record_drill
    ordering = ("-held_on", "-id")
    looks_back = True

    def get_queryset(self) -> QuerySet:
        return held(super().get_queryset(), as_of())


class ActivationSerializer(serializers.ModelSerializer):
    """An evacuation that begins. `who` and `reason` are codes (ALL, SHIFT, PART: which; DANGER, ORDER, ...) or free text."""

    level = serializers.ChoiceField(choices=[AlertLevel.SEVERE, AlertLevel.EXTREME], default=AlertLevel.EXTREME)
    activated_at = serializers.DateTimeField(required=False)

    class Meta:
        model = PlanActivation
        fields = ["plan", "who", "reason", "people", "level", "activated_at"]


class StandDownSerializer(serializers.ModelSerializer):
    """What an evacuation came to; all of it may be left out."""

    class Meta:
        model = PlanActivation
        fields = ["moved", "family_moved", "problems"]


class ActivationViewSet(ServiceViewSet):
    """Evacuations: one row from the activation to the stand-down. Who, why and how many for the site's own people only."""

    queryset = PlanActivation.objects.all()
    rows = ACTIVATION_ROWS
    filterset_class = ActivationFilterSet
    serializer_class = ActivationSerializer
    permission = Permission.PLAN_READ
    noun = "activation"
    create_service = evacuations.activate_plan
    ordering = ("-activated_at", "-id")
    looks_back = True

    def get_queryset(self) -> QuerySet:
        return begun(super().get_queryset(), as_of())

    @extend_schema(request=StandDownSerializer)
    @action(detail=True, methods=["post"], url_path="stand-down")
    def stand_down(self, request: Request, pk: str) -> Response:
        """End the evacuation."""
        return self.act(request, pk, evacuations.stand_down, StandDownSerializer)


def register_plans(router: SimpleRouter) -> None:
    """Called by members/api.py."""
    router.register("evacuation-plans", EvacuationPlanViewSet, basename="evacuationplan")
    router.register("communication-plans", CommunicationPlanViewSet, basename="communicationplan")
    router.register("activations", ActivationViewSet, basename="activation")
    router.register("drills", DrillViewSet, basename="drill")
