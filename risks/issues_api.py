"""Rights issues in the API."""

from typing import Any

from rest_framework import serializers

from aimprogress.api.viewsets import ServiceViewSet
from aimprogress.core.permissions import Permission
from members.models import Organisation
from risks.filters import RightsIssueFilterSet
from risks.models import RightsIssue
from risks.rows import ISSUE_ROWS
from risks.services import issues


class RightsIssueSerializer(serializers.ModelSerializer):
    """A harm to people and the four inputs of its rank. The score is computed, never given."""

    class Meta:
        model = RightsIssue
        fields = [
            "title", "catalogue", "rights", "groups", "country", "site", "is_actual", "scale", "scope", "irremediability",
            "likelihood", "conflict_driver", "involvement", "ihl_relevant", "owner_role", "narrative", "status", "closed_reason",
        ]  # fmt: skip


class RightsIssueViewSet(ServiceViewSet):
    """The register, gravest first."""

    queryset = RightsIssue.objects.all()
    rows = ISSUE_ROWS
    filterset_class = RightsIssueFilterSet
    serializer_class = RightsIssueSerializer
    permission = Permission.ISSUE_READ
    noun = "issue"
    create_service = issues.raise_issue
    change_service = issues.assess_issue
    ordering = ("-score", "id")

    def needed_permission(self) -> Any:
        """A site reporter raises an issue without reading the register."""
        return Permission.ISSUE_RAISE if self.action == "create" else super().needed_permission()

    def create_arguments(self, clean: dict[str, Any]) -> dict[str, Any]:
        return clean | {"organisation": Organisation.objects.get(pk=self.request.auth.organisation_id)}
