"""The support desk in the API: guidance, bulletins and cases."""

from typing import Any

from django.http import Http404
from django.utils.translation import gettext as _
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.routers import SimpleRouter
from rest_framework.viewsets import ViewSetMixin

from aimprogress.api.viewsets import PortalView, ServiceViewSet
from aimprogress.core.permissions import Permission
from aimprogress.places.countries import COUNTRIES
from members.guidance import Item, find, library, library_version
from members.models import Bulletin, BulletinReceipt, CaseMessage, GuidanceMark, Organisation, SupportCase, Topic
from members.services import bulletins, cases, support
from members.support_filters import (
    BulletinFilterSet,
    BulletinReceiptFilterSet,
    CaseFilterSet,
    CaseMessageFilterSet,
    GuidanceMarkFilterSet,
)
from members.support_rows import (
    BULLETIN_RECEIPT_ROWS,
    BULLETIN_ROWS,
    CASE_MESSAGE_ROWS,
    CASE_ROWS,
    GUIDANCE_MARK_ROWS,
)

TEXTS = {"type": "array", "items": {"type": "string"}}
ITEM = {
    "type": "object",
    "properties": {
        "code": {"type": "string"},
        "version": {"type": "integer"},
        "title": {"type": "string"},
        "publisher": {"type": "string"},
        "published": {"type": "string", "description": "As the publication says it; empty where it names no day"},
        "link": {"type": "string", "format": "uri"},
        "kind": {"type": "string"},
        "topics": TEXTS,
        "languages": TEXTS,
        "summary": {"type": "string", "description": "In our own words, in the language of the answer"},
        "read_on": {"type": "string", "format": "date"},
        "trusted_until": {"type": "string", "format": "date"},
        "countries": TEXTS,
        "conditions": TEXTS,
    },
}


def shown(item: Item) -> dict[str, Any]:
    """An item as the API answers it."""
    return {
        "code": item.code, "version": item.version, "title": item.title, "publisher": item.publisher,
        "published": item.published, "link": item.link, "kind": item.kind.value, "topics": [topic.value for topic in item.topics],
        "languages": list(item.languages), "summary": item.summary, "read_on": item.read_on,
        "trusted_until": item.trusted_until, "countries": list(item.when.countries), "conditions": item.when.in_words(),
    }  # fmt: skip


class GuidanceViewSet(ViewSetMixin, PortalView):
    """The guidance library: publications of others, summarised. The same for everybody who may read it."""

    permission = Permission.GUIDANCE_READ
    http_method_names = ["get", "head"]
    lookup_field = "code"
    lookup_value_regex = "[a-z0-9-]{1,60}"

    @extend_schema(
        parameters=[
            OpenApiParameter("topic", str, enum=sorted(Topic.values)),
            OpenApiParameter("country", str, enum=sorted(COUNTRIES), description="ISO 3166-1 alpha-2"),
        ]
    )
    def list(self, request: Request) -> Response:
        """All items, with the version of the library; `topic` and `country` limit them."""
        offered = {"topic": Topic.values, "country": COUNTRIES}
        asked = {name: request.query_params.get(name, "") for name in offered}
        wrong = {name for name, value in asked.items() if value and value not in offered[name]}
        wrong |= set(request.query_params) - {*offered, "format", "lang"}
        if wrong:
            raise ValidationError({f"?{name[:80]}": [_("This list knows no such parameter.")] for name in sorted(wrong)[:20]})
        return Response({"version": library_version(), "results": [shown(item) for item in find(**asked)]})

    def retrieve(self, request: Request, code: str) -> Response:
        """One item by its code."""
        if code not in library():
            raise Http404
        return Response(shown(library()[code]))

    def answer_schema(self, verb: str) -> dict[str, Any]:
        """OpenAPI of list and item."""
        if verb != "list":
            return ITEM
        properties = {"version": {"type": "integer"}, "results": {"type": "array", "items": ITEM}}
        return {"type": "object", "properties": properties, "required": ["version", "results"]}


class GuidanceMarkSerializer(serializers.ModelSerializer):
    """What was done about an item at a site. A reason is needed where it does not apply."""

    class Meta:
        model = GuidanceMark
        fields = ["site", "item", "mark", "reason"]


class GuidanceMarkViewSet(ServiceViewSet):
    """What sites said about items of the library. Rows are added, never changed: the last one counts."""

    queryset = GuidanceMark.objects.all()
    rows = GUIDANCE_MARK_ROWS
    filterset_class = GuidanceMarkFilterSet
    serializer_class = GuidanceMarkSerializer
    permission = Permission.GUIDANCE_READ
    create_service = support.mark_guidance
    ordering = ("-marked_at", "-id")


class BulletinSerializer(serializers.ModelSerializer):
    """A notice to members. Nothing in it may be a member's secret: every member and partner reads it."""

    countries = serializers.ListField(child=serializers.ChoiceField(choices=sorted(COUNTRIES)), required=False, max_length=60)

    class Meta:
        model = Bulletin
        fields = ["level", "topic", "countries", "title", "text", "asked", "expires_at"]


class BulletinViewSet(ServiceViewSet):
    """Notices of the AIM-Progress team, the same for everybody."""

    queryset = Bulletin.objects.all()
    rows = BULLETIN_ROWS
    filterset_class = BulletinFilterSet
    serializer_class = BulletinSerializer
    permission = Permission.BULLETIN_READ
    noun = "bulletin"
    create_service = bulletins.publish_bulletin
    ordering = ("-issued_at", "-id")

    @extend_schema(request=None)
    @action(detail=True, methods=["post"])
    def withdraw(self, request: Request, pk: str) -> Response:
        """Take a bulletin back; it stays readable as withdrawn. The team's."""
        return self.act(request, pk, bulletins.withdraw_bulletin)


class BulletinReceiptSerializer(serializers.Serializer):
    """That the asker read a bulletin."""

    bulletin = serializers.PrimaryKeyRelatedField(queryset=Bulletin.objects.all())


class BulletinReceiptViewSet(ServiceViewSet):
    """Who confirmed a bulletin: the own organisation's, and for the team those of all members."""

    queryset = BulletinReceipt.objects.all()
    rows = BULLETIN_RECEIPT_ROWS
    filterset_class = BulletinReceiptFilterSet
    serializer_class = BulletinReceiptSerializer
    permission = Permission.BULLETIN_READ
    create_service = bulletins.confirm_bulletin
    ordering = ("-confirmed_at", "-id")


class SupportCaseSerializer(serializers.ModelSerializer):
    """A question to AIM-Progress. Its clock starts when it is stored."""

    text = serializers.CharField(max_length=4000)

    class Meta:
        model = SupportCase
        fields = ["category", "urgency", "summary", "site", "text", "may_be_generalised"]
        extra_kwargs = {"urgency": {"required": True}}


class CaseHandlingSerializer(serializers.ModelSerializer):
    """What the desk says of a case: how it stands, how urgent it is, what came of it."""

    class Meta:
        model = SupportCase
        fields = ["status", "urgency", "outcome"]
        extra_kwargs = {name: {"required": False} for name in fields}


class CaseClosingSerializer(serializers.Serializer):
    """What the member says at the end: how well it helped, 1 to 5, and whether a note without its name may be made of it."""

    satisfaction = serializers.IntegerField(min_value=1, max_value=5, required=False, allow_null=True, default=None)
    may_be_generalised = serializers.BooleanField(required=False, default=False)


class SupportCaseViewSet(ServiceViewSet):
    """Support cases with the clocks of their urgency."""

    queryset = SupportCase.objects.all()
    rows = CASE_ROWS
    filterset_class = CaseFilterSet
    serializer_class = SupportCaseSerializer
    permission = Permission.CASE_READ
    noun = "case_id"
    create_service = cases.open_case
    ordering = ("-opened_at", "-id")

    def create_arguments(self, clean: dict[str, Any]) -> dict[str, Any]:
        return clean | {"organisation": Organisation.objects.get(pk=self.request.auth.organisation_id)}

    @extend_schema(request=CaseHandlingSerializer)
    @action(detail=True, methods=["post"])
    def handle(self, request: Request, pk: str) -> Response:
        """Say how a case stands; the desk's."""
        return self.act(request, pk, cases.handle_case, CaseHandlingSerializer)

    @extend_schema(request=CaseClosingSerializer)
    @action(detail=True, methods=["post"])
    def close(self, request: Request, pk: str) -> Response:
        """Close the own case. A new message opens it again."""
        return self.act(request, pk, cases.close_case, CaseClosingSerializer)


class CaseMessageSerializer(serializers.Serializer):
    """A message in a case; the desk may name the status that follows."""

    case_id = serializers.UUIDField()
    text = serializers.CharField(max_length=4000)
    status = serializers.ChoiceField(choices=SupportCase.Status.choices, required=False)


class CaseMessageViewSet(ServiceViewSet):
    """The conversations of cases. Messages are added, never changed."""

    queryset = CaseMessage.objects.all()
    rows = CASE_MESSAGE_ROWS
    filterset_class = CaseMessageFilterSet
    serializer_class = CaseMessageSerializer
    permission = Permission.CASE_READ
    create_service = cases.write_to_case
    ordering = ("written_at", "id")


def register(router: SimpleRouter) -> None:
    """The nouns of the support desk."""
    router.register("guidance", GuidanceViewSet, basename="guidance")
    router.register("guidance-marks", GuidanceMarkViewSet, basename="guidancemark")
    router.register("bulletins", BulletinViewSet, basename="bulletin")
    router.register("bulletin-receipts", BulletinReceiptViewSet, basename="bulletinreceipt")
    router.register("support-cases", SupportCaseViewSet, basename="supportcase")
    router.register("case-messages", CaseMessageViewSet, basename="casemessage")
