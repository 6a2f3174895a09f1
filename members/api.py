"""The members app in the API: sites, what was observed at them, and what is shared with a partner. Plans: plan_api.py."""

from collections.abc import Callable
from typing import Any, ClassVar

from django.db.models import QuerySet
from django.http import Http404
from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.routers import SimpleRouter

from aimprogress.api.renderers import CSVRenderer, JSONRenderer
from aimprogress.api.schema import PAGE
from aimprogress.api.viewsets import ServiceViewSet
from aimprogress.core.actor import acting_as
from aimprogress.core.permissions import Permission
from aimprogress.exchange.datasets import datasets, pull
from aimprogress.figures.moment import as_of
from aimprogress.places.models import AdminArea
from members import chase_api, retention_api, support_api
from members.access import active_share
from members.check_in_api import CheckInViewSet
from members.filters import (
    AlertLevelFilterSet,
    HazardFilterSet,
    HeadCountFilterSet,
    ShareFilterSet,
    SiteFilterSet,
    SiteStatusFilterSet,
)
from members.meeting_api import register_meetings
from members.models import (
    AlertLevelChange,
    DataShare,
    HazardReport,
    HeadCount,
    Organisation,
    Site,
    SiteStatus,
)
from members.models.fact import LONGEST_BACKUP_HOURS
from members.plan_api import register_plans
from members.projection import kept
from members.roll_call_api import register_roll_calls
from members.rows import (
    ALERT_ROWS,
    HAZARD_ROWS,
    HEAD_COUNT_ROWS,
    SHARE_ROWS,
    SITE_ROWS,
    STATUS_ROWS,
)
from members.services import hazards, sharing, sites

STRICT = ("serving", "detained", "missing", "killed")
NEWEST_FIRST = ("-observed_at", "-id")


def own_organisation(request: Request) -> Organisation:
    """The organisation the Actor acts for."""
    return Organisation.objects.get(pk=request.auth.organisation_id)


class PointSerializer(serializers.Serializer):
    """An exact point in degrees (WGS 84); stored encrypted."""

    lat = serializers.FloatField(min_value=-90, max_value=90)
    lon = serializers.FloatField(min_value=-180, max_value=180)


class SiteSerializer(serializers.ModelSerializer):
    """What a site is. What happens at it is logged, never edited here."""

    exact_location = PointSerializer(required=False, allow_null=True)

    class Meta:
        model = Site
        fields = [
            "code", "name", "kind", "country", "admin1", "area", "settlement", "exact_location", "address", "baseline",
            "largest_shift", "languages", "union_present", "essential_goods", "hazardous_stock", "opened_on",
        ]  # fmt: skip


class SiteViewSet(ServiceViewSet):
    """Places of work. Outside its organisation a site has no name, no code and no point of its own."""

    queryset = Site.objects.all()
    rows = SITE_ROWS
    filterset_class = SiteFilterSet
    serializer_class = SiteSerializer
    permission = Permission.SITE_READ
    noun = "site"
    create_service = sites.register_site
    change_service = sites.change_site
    has_points = True
    looks_back = True

    def create_arguments(self, clean: dict[str, Any]) -> dict[str, Any]:
        return clean | {"organisation": own_organisation(self.request)}

    def list(self, request: Request) -> Response:
        """Sites; in GeoJSON each stands at the public point of the area that its reader may know."""
        response = super().list(request)
        if request.accepted_renderer.format == "geojson":
            response.data["results"] = on_the_map(response.data["results"])
        return response


def on_the_map(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The rows with latitude and longitude of their area: as coarse as the row already is, in one query."""
    codes = {row["area_code"] or row["admin1_code"] for row in rows}
    points = {code: (lat, lon) for code, lat, lon in AdminArea.objects.filter(code__in=codes).values_list("code", "lat", "lon")}
    placed = []
    for row in rows:
        latitude, longitude = points.get(row["area_code"] or row["admin1_code"], (None, None))
        placed.append({**row, "latitude": latitude, "longitude": longitude})
    return placed


class SiteStatusSerializer(serializers.ModelSerializer):
    """An observation. `observed_at` is now where it is left out.

    `utilities` are hours a day by name; `power_backup` and so on: how long a reserve lasts.
    """

    observed_at = serializers.DateTimeField(required=False)
    utilities = serializers.DictField(child=serializers.IntegerField(min_value=0, max_value=LONGEST_BACKUP_HOURS), required=False)

    class Meta:
        model = SiteStatus
        fields = [
            "site", "operational", "reason", "control", "damage", "access", "utilities", "note", "observed_at", "source_type",
            "confidence", "told_by", "supersedes", "correction_reason",
        ]  # fmt: skip


class FactViewSet(ServiceViewSet, abstract=True):
    """Facts that nobody took back, newest first; `?as_of=`: those known then."""

    looks_back = True
    ordering = NEWEST_FIRST
    retract_service: ClassVar[Callable[..., Any]]

    def get_queryset(self) -> QuerySet:
        return kept(super().get_queryset(), as_of())

    @extend_schema(request=None)
    @action(detail=True, methods=["post"])
    def retract(self, request: Request, pk: str) -> Response:
        """Take back an own entry within a minute. It stays in the log and is in no list any more; afterwards correct it."""
        return self.act(request, pk, type(self).retract_service)


class SiteStatusViewSet(FactViewSet):
    """What was observed at sites. Rows are added, never changed; a correction supersedes."""

    queryset = SiteStatus.objects.all()
    rows = STATUS_ROWS
    filterset_class = SiteStatusFilterSet
    serializer_class = SiteStatusSerializer
    permission = Permission.SITE_READ
    noun = "status"
    create_service = sites.log_site_status
    retract_service = sites.retract_site_status


class HeadCountSerializer(serializers.ModelSerializer):
    """People by nine states that sum to `expected`. Counts only, never names."""

    observed_at = serializers.DateTimeField(required=False)
    by_contract = serializers.DictField(child=serializers.IntegerField(min_value=0, max_value=200_000), required=False)
    by_gender = serializers.DictField(child=serializers.IntegerField(min_value=0, max_value=200_000), required=False)
    overlays = serializers.DictField(child=serializers.IntegerField(min_value=0, max_value=200_000), required=False)
    serving = serializers.IntegerField(min_value=0, max_value=200_000, required=False)
    detained = serializers.IntegerField(min_value=0, max_value=200_000, required=False)
    missing = serializers.IntegerField(min_value=0, max_value=200_000, required=False)
    killed = serializers.IntegerField(min_value=0, max_value=200_000, required=False)

    class Meta:
        model = HeadCount
        fields = [
            "site", "expected", "safe_local", "safe_idp", "safe_abroad", "injured", "unaccounted", *STRICT, "by_contract",
            "by_gender", "overlays", "observed_at", "source_type", "confidence", "told_by", "reason", "supersedes",
        ]  # fmt: skip


class HeadCountViewSet(FactViewSet):
    """Head counts. The states that endanger people are written here and read on the site's own page only."""

    queryset = HeadCount.objects.all()
    rows = HEAD_COUNT_ROWS
    filterset_class = HeadCountFilterSet
    serializer_class = HeadCountSerializer
    permission = Permission.HEADCOUNT_READ
    noun = "head_count"
    create_service = sites.log_head_count
    retract_service = sites.retract_head_count

    def create_arguments(self, clean: dict[str, Any]) -> dict[str, Any]:
        strict = {name.upper(): clean.pop(name) for name in STRICT if name in clean}
        return clean | {"strict": strict or None}


class HazardSerializer(serializers.ModelSerializer):
    """A hazard as it is now: severity 1 low to 3 grave, 0 where it is over."""

    observed_at = serializers.DateTimeField(required=False)

    class Meta:
        model = HazardReport
        fields = [
            "site", "hazard", "severity", "residual", "measures", "mine_action_contact", "observed_at", "source_type",
            "confidence", "told_by", "supersedes", "correction_reason",
        ]  # fmt: skip


class HazardViewSet(FactViewSet):
    """Hazards at sites. Of each hazard the newest report says how it is; rows are added, never changed."""

    queryset = HazardReport.objects.all()
    rows = HAZARD_ROWS
    filterset_class = HazardFilterSet
    serializer_class = HazardSerializer
    permission = Permission.SITE_READ
    noun = "report"
    create_service = hazards.report_hazard
    retract_service = hazards.retract_hazard


class AlertLevelSerializer(serializers.ModelSerializer):
    """A new alert level, 0 normal to 4 extreme. Lowering a severe one needs a reason.

    `observed_at` is never before the newest change: an entry that was wrong is replaced by naming it in `supersedes`.
    """

    observed_at = serializers.DateTimeField(required=False)

    class Meta:
        model = AlertLevelChange
        fields = ["site", "level", "reason", "observed_at", "supersedes", "correction_reason"]


class AlertLevelViewSet(FactViewSet):
    """Changes of alert levels. Rows are added, never changed; a correction supersedes."""

    queryset = AlertLevelChange.objects.all()
    rows = ALERT_ROWS
    filterset_class = AlertLevelFilterSet
    serializer_class = AlertLevelSerializer
    permission = Permission.SITE_READ
    noun = "change"
    create_service = sites.change_alert_level
    retract_service = sites.retract_alert_level


class ShareSerializer(serializers.ModelSerializer):
    """One dataset for one receiver, at one precision, until one moment."""

    receiver = serializers.PrimaryKeyRelatedField(queryset=Organisation.objects.exclude(kind=Organisation.Kind.MEMBER))
    precision = serializers.ChoiceField(choices=DataShare.Precision.choices)  # said, never assumed

    class Meta:
        model = DataShare
        fields = ["receiver", "dataset", "precision", "expires_at"]


class ShareViewSet(ServiceViewSet):
    """What members share. The receiver reads the rows under `data/`, and the member sees every time it did."""

    queryset = DataShare.objects.all()
    rows = SHARE_ROWS
    filterset_class = ShareFilterSet
    serializer_class = ShareSerializer
    permission = Permission.SHARE_READ
    noun = "share"
    create_service = sharing.grant_share
    ordering = ("-granted_at", "-id")

    def needed_permission(self) -> Any:
        return Permission.SHARED_PULL if self.action == "pull" else super().needed_permission()

    def create_arguments(self, clean: dict[str, Any]) -> dict[str, Any]:
        return clean | {"organisation": own_organisation(self.request)}

    def answer_schema(self, verb: str) -> dict[str, Any] | None:
        """OpenAPI of a pull; None: described like every other noun."""
        if verb != "pull":
            return None
        rows = {"anyOf": [dataset.schema() for _key, dataset in sorted(datasets().items())]}
        properties = {
            "dataset": {"type": "string", "enum": list(DataShare.Dataset.values)},
            "member": {"type": "string"},
            "precision": {"type": "string", "enum": list(DataShare.Precision.values)},
            "as_of": {"type": "string", "format": "date-time"},
            "coverage": {"type": "string"},
            "suppressed": {"type": "integer", "description": "Cells of this page that stand for small counts"},
            "results": {"type": "array", "items": rows},
            "next": {"type": ["string", "null"]},
        }
        return {"type": "object", "properties": properties, "required": list(properties)}

    def get_renderers(self) -> list[Any]:
        return [JSONRenderer(), CSVRenderer()] if self.action == "pull" else super().get_renderers()

    def column_names(self) -> list[str]:
        """The columns of the table: of the dataset that is pulled, or of the list of shares."""
        return self.dataset.column_names() if self.action == "pull" else super().column_names()

    @extend_schema(parameters=PAGE)
    @action(detail=True, url_path="data")
    def pull(self, request: Request, pk: str) -> Response:
        """A page of what is shared. 404 where the share is unknown, foreign, ended or revoked."""
        self._refuse_unknown(request)
        share = active_share(pk)
        dataset = datasets().get(share.dataset) if share else None
        if share is None or dataset is None or share.receiver_id != request.auth.organisation_id:
            raise Http404
        self.dataset = dataset
        with acting_as(sharing.through(share, request.auth)) as reader:
            found = pull(
                dataset, actor=reader, receiver=share.receiver_id, precision=share.precision,
                cursor=request.query_params.get("cursor", ""), size=self.limit(request),
            )  # fmt: skip
        sharing.note_pull(share_id=share.pk, rows=len(found.rows))
        return Response(
            {
                "dataset": share.dataset,
                "member": share.organisation.short_name,
                "precision": share.precision,
                "as_of": timezone.now(),
                "coverage": found.coverage,
                "suppressed": found.suppressed,
                "results": found.rows,
                "next": self._next_url(request, found.next),
            }
        )


def register(router: SimpleRouter) -> None:
    """The nouns of this app."""
    router.register("sites", SiteViewSet, basename="site")
    router.register("site-statuses", SiteStatusViewSet, basename="sitestatus")
    router.register("head-counts", HeadCountViewSet, basename="headcount")
    router.register("hazard-reports", HazardViewSet, basename="hazardreport")
    router.register("alert-level-changes", AlertLevelViewSet, basename="alertlevelchange")
    register_plans(router)
    register_roll_calls(router)
    router.register("shares", ShareViewSet, basename="share")
    router.register("check-ins", CheckInViewSet, basename="checkin")
    support_api.register(router)
    register_meetings(router)
    chase_api.register(router)
    retention_api.register(router)
