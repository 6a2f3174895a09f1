"""Roll calls in the API: open one, answer a round in parts, close it."""

from django.db.models import QuerySet
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.routers import SimpleRouter

from aimprogress.api.viewsets import ServiceViewSet
from aimprogress.core.permissions import Permission
from aimprogress.figures.moment import as_of
from members.filters import RollCallAnswerFilterSet, RollCallFilterSet
from members.models import RollCall, RollCallAnswer
from members.projection import seen
from members.roll_call_known import known
from members.roll_call_rows import ROLL_CALL_ANSWER_ROWS, ROLL_CALL_ROWS
from members.rounds import LAST
from members.services import roll_calls


class RollCallSerializer(serializers.ModelSerializer):
    """A roll call that begins. Its rounds are due 2, 6, 24 and 72 hours after `began_at`."""

    began_at = serializers.DateTimeField(required=False)

    class Meta:
        model = RollCall
        fields = ["site", "incident", "began_at"]


class RollCallClosingSerializer(serializers.Serializer):
    """Why it ends; needed where somebody is not reached."""

    reason = serializers.CharField(max_length=200, required=False, allow_blank=True, default="")


class RollCallViewSet(ServiceViewSet):
    """Roll calls after incidents. The parts of a site answer them as roll-call-answers."""

    queryset = RollCall.objects.all()
    rows = ROLL_CALL_ROWS
    filterset_class = RollCallFilterSet
    serializer_class = RollCallSerializer
    permission = Permission.HEADCOUNT_READ
    noun = "roll_call"
    create_service = roll_calls.open_roll_call
    ordering = ("-opened_at", "-id")
    looks_back = True

    def get_queryset(self) -> QuerySet:
        return known(super().get_queryset())

    @extend_schema(request=RollCallClosingSerializer)
    @action(detail=True, methods=["post"])
    def close(self, request: Request, pk: str) -> Response:
        """End the roll call."""
        return self.act(request, pk, roll_calls.close_roll_call, RollCallClosingSerializer)


class RollCallAnswerSerializer(serializers.ModelSerializer):
    """What a part of a site says: people reached and safe, reached who need help, not reached; together those expected.

    Without `round` the one of now: a round opens when the one before it is due. An answer that stands is replaced by naming it in
    `supersedes`. `observed_at` is never before it happened.
    """

    round = serializers.IntegerField(min_value=1, max_value=LAST, required=False)
    observed_at = serializers.DateTimeField(required=False)

    class Meta:
        model = RollCallAnswer
        fields = [
            "roll_call", "round", "part", "expected", "safe", "need_help", "not_reached", "observed_at", "source_type",
            "confidence", "told_by", "supersedes",
        ]  # fmt: skip
        extra_kwargs = {name: {"max_value": 200_000} for name in ("expected", "safe", "need_help", "not_reached")}
        validators: list = []  # that a part answers once is the service's to say, which knows what was answered


class RollCallAnswerViewSet(ServiceViewSet):
    """Answers of parts in a round. Rows are added, never changed; a correction supersedes."""

    queryset = RollCallAnswer.objects.all()
    rows = ROLL_CALL_ANSWER_ROWS
    filterset_class = RollCallAnswerFilterSet
    serializer_class = RollCallAnswerSerializer
    permission = Permission.HEADCOUNT_READ
    create_service = roll_calls.answer_roll_call
    ordering = ("-recorded_at", "-id")
    looks_back = True

    def get_queryset(self) -> QuerySet:
        return seen(super().get_queryset(), as_of())


def register_roll_calls(router: SimpleRouter) -> None:
    """Called by members/api.py."""
    router.register("roll-calls", RollCallViewSet, basename="rollcall")
    router.register("roll-call-answers", RollCallAnswerViewSet, basename="rollcallanswer")
