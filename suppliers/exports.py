"""What of this app can be taken away as a file."""

from django.utils.translation import gettext_lazy as _

from aimprogress.core.permissions import Permission
from aimprogress.exchange.exports import Export, columns_of, exportable, rows_of
from suppliers.filters import SupplierFilterSet
from suppliers.models import Supplier
from suppliers.rows import SUPPLIER_ROWS

exportable(
    Export(
        "suppliers",
        title=_("Suppliers"),
        permission=Permission.SUPPLIER_READ,
        own_only=True,
        columns=columns_of(SUPPLIER_ROWS),
        rows=rows_of(SUPPLIER_ROWS, Supplier, SupplierFilterSet, "country", "name", "id"),
    )
)
