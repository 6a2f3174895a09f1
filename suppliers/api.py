"""The suppliers app in the API. Only the member's own keys see anything here."""

from typing import Any

from rest_framework import serializers
from rest_framework.routers import SimpleRouter

from aimprogress.api.viewsets import ServiceViewSet
from aimprogress.core.permissions import Permission
from members.models import Organisation
from suppliers.filters import SupplierFilterSet, SupplyLinkFilterSet
from suppliers.identifiers import KINDS
from suppliers.models import Supplier, SupplyLink
from suppliers.rows import LINK_ROWS, SUPPLIER_ROWS
from suppliers.services import suppliers as services


class SupplierSerializer(serializers.ModelSerializer):
    """A supplier as the member knows it. A registry number is checked by its digit."""

    identifier_kind = serializers.ChoiceField(choices=["", *KINDS], required=False)

    class Meta:
        model = Supplier
        fields = [
            "name", "name_local", "country", "admin1", "city", "address", "identifier_kind", "identifier", "sector", "workers",
            "women_percent", "migrant_percent", "exposure", "assessment_state", "assessed_on",
        ]  # fmt: skip


class SupplierViewSet(ServiceViewSet):
    """The member's own suppliers."""

    queryset = Supplier.objects.all()
    rows = SUPPLIER_ROWS
    filterset_class = SupplierFilterSet
    serializer_class = SupplierSerializer
    permission = Permission.SUPPLIER_READ
    noun = "supplier"
    create_service = services.register_supplier
    change_service = services.change_supplier
    ordering = ("name", "id")

    def create_arguments(self, clean: dict[str, Any]) -> dict[str, Any]:
        return clean | {"organisation": Organisation.objects.get(pk=self.request.auth.organisation_id)}


class SupplyLinkSerializer(serializers.ModelSerializer):
    """What is bought, in bands: no price, no volume."""

    class Meta:
        model = SupplyLink
        fields = ["supplier", "tier", "commodity", "spend", "since", "status", "reason"]


class SupplyLinkViewSet(ServiceViewSet):
    """What the member buys from whom."""

    queryset = SupplyLink.objects.all()
    rows = LINK_ROWS
    filterset_class = SupplyLinkFilterSet
    serializer_class = SupplyLinkSerializer
    permission = Permission.SUPPLIER_READ
    noun = "link"
    create_service = services.link_supplier
    change_service = services.change_link


def register(router: SimpleRouter) -> None:
    """The nouns of this app."""
    router.register("suppliers", SupplierViewSet, basename="supplier")
    router.register("supply-links", SupplyLinkViewSet, basename="supplylink")
