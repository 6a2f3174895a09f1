"""Meetings in the API: write one down, and calls with several members: invite, accept the statement, stop, write the minutes.

A member reads and answers its own part of a call; no answer says who the others are.
"""

from typing import Any

from django.utils.translation import gettext as _
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.exceptions import PermissionDenied
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.routers import SimpleRouter

from aimprogress.api.idempotency import once
from aimprogress.api.viewsets import ServiceViewSet
from aimprogress.core.permissions import Permission
from members.models import Meeting, Organisation, SupportCase
from members.services import meetings
from members.support_filters import MeetingFilterSet
from members.support_rows import MEETING_ROWS

MEMBERS = Organisation.objects.filter(kind=Organisation.Kind.MEMBER)


class MeetingSerializer(serializers.ModelSerializer):
    """What was said with one member, written down afterwards. `organisation` is the member: for a member it is its own."""

    organisation = serializers.PrimaryKeyRelatedField(queryset=MEMBERS, required=False)
    case = serializers.PrimaryKeyRelatedField(queryset=SupportCase.objects.all(), required=False, allow_null=True)

    class Meta:
        model = Meeting
        fields = ["organisation", "held_on", "kind", "topic", "participants", "notes", "case"]


class CallSerializer(serializers.ModelSerializer):
    """Two members or more, a day to come, and the agenda that was approved."""

    members = serializers.PrimaryKeyRelatedField(queryset=MEMBERS.filter(status=Organisation.Status.ACTIVE), many=True)

    class Meta:
        model = Meeting
        fields = ["members", "held_on", "kind", "topic", "agenda", "participants"]
        extra_kwargs = {"agenda": {"required": True, "allow_blank": False}}


class MoveSerializer(serializers.ModelSerializer):
    """The day, topic and agenda that hold from now on. Another agenda is accepted by every member again."""

    class Meta:
        model = Meeting
        fields = ["held_on", "topic", "agenda"]
        extra_kwargs = {"agenda": {"required": True, "allow_blank": False}}


class StopSerializer(serializers.Serializer):
    """What was off the agenda: the kind of thing, not the thing."""

    reason = serializers.CharField(max_length=200)


class MinutesSerializer(serializers.Serializer):
    """What was said to all. Every member of the call reads it: no names of people or members, no exact places."""

    notes = serializers.CharField(max_length=8000)


class MeetingViewSet(ServiceViewSet):
    """Meetings of the AIM-Progress team with one member, and the own part of calls with several."""

    queryset = Meeting.objects.all()
    rows = MEETING_ROWS
    filterset_class = MeetingFilterSet
    serializer_class = MeetingSerializer
    permission = Permission.MEETING_READ
    noun = "meeting_id"
    create_service = meetings.keep_meeting
    ordering = ("-held_on", "-id")

    def create_arguments(self, clean: dict[str, Any]) -> dict[str, Any]:
        member, case, actor = clean.pop("organisation", None), clean.pop("case", None), self.request.auth
        if member is None and actor.is_secretariat:
            raise serializers.ValidationError({"organisation": [_("Say with which member.")]})
        return clean | {"organisation_id": member.pk if member else actor.organisation_id, "case_id": case.pk if case else None}

    @extend_schema(request=CallSerializer)
    @action(detail=False, methods=["post"])
    def convene(self, request: Request) -> Response:
        """Invite several members to a call. Answers the part of the first; `?call=` of the list finds all parts."""
        if not request.auth.may(meetings.convene_call.permission):
            raise PermissionDenied
        return once(request, lambda: self._convened(request), still_there=self.finds)

    @extend_schema(request=None)
    @action(detail=True, methods=["post"])
    def accept(self, request: Request, pk: str) -> Response:
        """Accept the statement on competition law for the own member; only then are minutes answered."""
        return self.act(request, pk, meetings.accept_statement, noun="meeting")

    @extend_schema(request=MoveSerializer)
    @action(detail=True, methods=["post"])
    def move(self, request: Request, pk: str) -> Response:
        """Give a call that is still to come another day, topic or agenda, for everybody in it."""
        return self.act(request, pk, meetings.move_call, MoveSerializer)

    @extend_schema(request=None)
    @action(detail=True, methods=["post"], url_path="call-off")
    def call_off(self, request: Request, pk: str) -> Response:
        """Call a call off that is still to come, for everybody in it."""
        return self.act(request, pk, meetings.call_off)

    @extend_schema(request=StopSerializer)
    @action(detail=True, methods=["post"])
    def stop(self, request: Request, pk: str) -> Response:
        """Stop a call that has left its agenda, for everybody in it. The reason stays with who gave it."""
        return self.act(request, pk, meetings.stop_call, StopSerializer)

    @extend_schema(request=MinutesSerializer)
    @action(detail=True, methods=["post"])
    def minutes(self, request: Request, pk: str) -> Response:
        """Write the minutes into the part of every member of the call."""
        return self.act(request, pk, meetings.write_minutes, MinutesSerializer)

    def _convened(self, request: Request) -> Response:
        invited = meetings.convene_call(**self._checked(CallSerializer, request))
        return self.answer(request, self._row(str(invited[0].pk)))


def register_meetings(router: SimpleRouter) -> None:
    """Called by members/api.py."""
    router.register("meetings", MeetingViewSet, basename="meeting")
