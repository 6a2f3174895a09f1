"""What a member can share with the AIM-Progress team: its suppliers, for a review. Partners never receive them."""

from uuid import UUID

from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from aimprogress.exchange.datasets import Dataset, shareable
from suppliers.models import Supplier
from suppliers.rows import SUPPLIER_ROWS


def _suppliers(receiver: UUID) -> QuerySet:
    return Supplier.objects.all()


SUPPLIERS = shareable(
    Dataset(
        "SUPPLIERS",
        rows=SUPPLIER_ROWS,
        queryset=_suppliers,
        columns=(
            "id", "name", "name_local", "country", "admin1_code", "identifier_kind", "identifier", "sector", "workers",
            "exposure", "assessment_state", "assessed_on",
        ),
        headings={
            "name": _("Supplier"), "country": _("Country"), "sector": _("Sector"), "exposure": _("Exposure"),
            "assessment_state": _("Assessment"),
        },
    )
)  # fmt: skip
