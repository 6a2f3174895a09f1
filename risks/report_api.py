"""Reports in the API: ask for one, see how far it is, fetch the PDF."""

from typing import Any

import django_filters
from django.http import HttpResponse
from django.utils.translation import gettext_lazy as _
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.exceptions import NotFound
from rest_framework.request import Request
from rest_framework.response import Response

from aimprogress.api.root import PortalRouter
from aimprogress.api.viewsets import ServiceViewSet
from aimprogress.core.downloads import download
from aimprogress.core.permissions import Permission
from aimprogress.figures.rows import Column, Kind, RowSpec
from aimprogress.web.filters import FilterSet
from members.models import Organisation
from risks.models import Report
from risks.services.reports import request_report

REPORT_ROWS = RowSpec(
    "Report",
    (
        Column("id", "id", Kind.UUID, nullable=False),
        Column("organisation_id", "organisation_id", Kind.UUID, nullable=False),
        Column("number", "number", nullable=False),
        Column("revision", "revision", Kind.INTEGER, nullable=False),
        Column("period_from", "period_from", Kind.DATE, nullable=False),
        Column("period_to", "period_to", Kind.DATE, nullable=False),
        Column("as_of", "as_of", Kind.INSTANT, about="When the facts were frozen; null until then"),
        Column("language", "language", choices=tuple(Report.Language.values), nullable=False),
        Column("audience", "audience", choices=tuple(Report.Audience.values), nullable=False),
        Column("status", "status", choices=tuple(Report.Status.values), nullable=False),
        Column("job_id", "job_id", Kind.UUID),
        Column("job_state", "job__state", about="State of the job that writes it"),
        Column("pages", "pages", Kind.INTEGER),
        Column("sha256", "sha256", nullable=False, about="Of the snapshot; empty until the facts are frozen"),
        Column("requested_at", "requested_at", Kind.INSTANT, nullable=False),
        Column("version", "version", Kind.INTEGER, nullable=False),
        Column("updated_at", "updated_at", Kind.INSTANT, nullable=False),
    ),
)


class ReportFilterSet(FilterSet):
    language = django_filters.ChoiceFilter(label=_("Language"), choices=Report.Language.choices)
    period_from = django_filters.DateFilter(label=_("Period from"), lookup_expr="gte")
    period_to = django_filters.DateFilter(label=_("Period to"), lookup_expr="lte")

    class Meta:
        model = Report
        fields: list[str] = []


class ReportSerializer(serializers.Serializer):
    period_from = serializers.DateField()
    period_to = serializers.DateField()
    language = serializers.ChoiceField(choices=Report.Language.choices, default=Report.Language.ENGLISH)


class ReportViewSet(ServiceViewSet):
    """Due-diligence reports. A POST needs an Idempotency-Key: asking twice by accident must not make two reports."""

    queryset = Report.objects.all()
    rows = REPORT_ROWS
    filterset_class = ReportFilterSet
    ordering = ("-requested_at", "-id")
    permission = Permission.REPORT_READ
    noun = "report"
    serializer_class = ReportSerializer
    create_service = request_report
    key_required = True
    files = {"file": ("application/pdf",)}

    def needed_permission(self) -> Any:
        """The file is the internal edition; that it exists may be known to more."""
        return Permission.REPORT_INTERNAL if self.action == "file" else super().needed_permission()

    def create(self, request: Request) -> Response:
        """Ask for a report of the key's own organisation; the answer names its job."""
        return super().create(request)

    def create_arguments(self, clean: dict[str, Any]) -> dict[str, Any]:
        organisation = Organisation.objects.get(pk=self.request.auth.organisation_id)
        return {"organisation": organisation, "idempotency_key": f"api:{self.request.headers['Idempotency-Key']}", **clean}

    @action(detail=True, methods=["get"])
    def file(self, request: Request, pk: str) -> HttpResponse:
        """The PDF; 404 until it is ready. Every fetch stands in the audit trail."""
        report = self.get_queryset().filter(pk=self._row(pk)["id"]).select_related("pdf").first()
        if report is None or report.pdf is None:
            raise NotFound
        return download(report.pdf)


def register_reports(router: PortalRouter) -> None:
    """Called by risks/api.py."""
    router.register("reports", ReportViewSet, basename="report")
