"""Jobs in the API: how far, stop, ask again, fetch. Work is asked for at its own noun, which answers 202 with the job."""

from typing import Any

from django.db.models import QuerySet
from django.http import FileResponse
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.exceptions import MethodNotAllowed, NotFound
from rest_framework.request import Request
from rest_framework.response import Response

from aimprogress.api.idempotency import once
from aimprogress.api.viewsets import ServiceViewSet
from aimprogress.core.downloads import download
from aimprogress.core.permissions import Permission
from aimprogress.exchange.exports import TYPES, request_export

from .models import Job
from .rows import JOB_ROWS
from .services import cancel_job, may_open, retry_job


class JobViewSet(ServiceViewSet):
    """What the key or person asked for."""

    queryset = Job.objects.all()
    rows = JOB_ROWS
    permission = Permission.JOB_READ
    noun = "job"
    ordering = ("-created_at", "-id")
    accepting = frozenset({"retry"})
    files = {"file": tuple(sorted({media_type.partition(";")[0] for media_type in TYPES.values()} | {"application/pdf"}))}

    @classmethod
    def _methods(cls) -> list[str]:
        return ["post"]

    def get_queryset(self) -> QuerySet[Job]:
        return Job.objects.known_to(self.request.auth)

    @extend_schema(exclude=True)
    def create(self, request: Request) -> Response:
        """Not offered: work is asked for at its own noun. (POST stands in `_methods` for the actions below.)"""
        raise MethodNotAllowed("POST")

    @action(detail=True, methods=["post"])
    def cancel(self, request: Request, pk: str) -> Response:
        """Stop the job: at once where it has not begun, else as soon as its work looks up."""
        return self.act(request, pk, cancel_job)

    @action(detail=True, methods=["post"])
    def retry(self, request: Request, pk: str) -> Response:
        """Ask for the same work again; answers the new job."""
        return once(request, lambda: accepted(self, request, retry_job(job=self._job(pk))), still_there=self.finds)

    @action(detail=True, methods=["get"])
    def file(self, request: Request, pk: str) -> FileResponse:
        """What the job made, for who asked for it and may still see it."""
        job = self._job(pk)
        if job.result_file is None or not may_open(job, request.auth):
            raise NotFound
        return download(job.result_file)

    def _job(self, pk: str) -> Job:
        job = self.get_queryset().select_related("result_file").filter(pk=self._row(pk)["id"]).first()
        if job is None:
            raise NotFound
        return job


class ExportSerializer(serializers.Serializer):
    noun = serializers.CharField(max_length=40)
    file_format = serializers.ChoiceField(choices=["csv", "xlsx", "geojson"], default="csv")
    query = serializers.CharField(max_length=4000, default="", allow_blank=True)


class ExportViewSet(ServiceViewSet):
    """Any list as a file. POST only; what was asked for stands at /jobs/."""

    queryset = Job.objects.all()
    rows = JOB_ROWS
    permission = Permission.EXPORT_RUN
    create_service = request_export
    serializer_class = ExportSerializer
    key_required = True
    accepting = frozenset({"create"})

    def get_queryset(self) -> QuerySet[Job]:
        return Job.objects.known_to(self.request.auth).filter(kind="export")

    def create(self, request: Request) -> Response:
        """Ask for a list as a file: 202 and the job. Needs an Idempotency-Key."""
        return super().create(request)

    def _create(self, request: Request) -> Response:
        return accepted(self, request, request_export(**self._checked(ExportSerializer, request)))


def accepted(view: ServiceViewSet, request: Request, job: Job) -> Response:
    """202 with the job and where to look for it."""
    response = view.answer(request, view._row(str(job.pk)), status=202)
    response["Location"] = request.build_absolute_uri(f"/api/v1/jobs/{job.pk}/")
    return response


def register(router: Any) -> None:
    router.register("jobs", JobViewSet, basename="job")
    router.register("exports", ExportViewSet, basename="export")
