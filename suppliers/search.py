"""What the search page finds in this app."""

from collections.abc import Iterable

from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from aimprogress.core.actor import Actor
from aimprogress.core.permissions import Permission
from aimprogress.places.countries import country_name
from aimprogress.web.search import LIMIT, Hit, searchable
from suppliers.filters import SupplierFilterSet
from suppliers.models import Supplier


@searchable("supplier", _("Suppliers"), permission=Permission.SUPPLIER_READ, order=30)
def find_suppliers(actor: Actor, q: str) -> Iterable[Hit]:
    for supplier in SupplierFilterSet({"q": q}, queryset=Supplier.objects.order_by("name", "id")).qs[:LIMIT]:
        yield Hit(supplier.name, reverse("suppliers:supplier", args=[supplier.pk]), country_name(supplier.country))
