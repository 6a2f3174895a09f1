"""What a member does with its suppliers."""

from typing import Any

from aimprogress.core.permissions import Permission
from aimprogress.core.services import service
from members.models import Organisation
from suppliers.models import Supplier, SupplyLink


@service(Permission.SUPPLIER_EDIT)
def register_supplier(*, organisation: Organisation, **fields: Any) -> Supplier:
    """Add a supplier to the member's own list. Raises ValidationError for a registry number whose check digit is wrong."""
    supplier = Supplier(organisation=organisation, **fields)
    supplier.save(force_insert=True)
    return supplier


@service(Permission.SUPPLIER_EDIT)
def change_supplier(*, supplier: Supplier, **fields: Any) -> Supplier:
    """Change what is known of a supplier."""
    for name, value in fields.items():
        setattr(supplier, name, value)
    supplier.save()
    return supplier


@service(Permission.SUPPLIER_EDIT)
def link_supplier(*, supplier: Supplier, **fields: Any) -> SupplyLink:
    """Say what is bought from a supplier."""
    link = SupplyLink(organisation_id=supplier.organisation_id, supplier=supplier, **fields)
    link.save(force_insert=True)
    return link


@service(Permission.SUPPLIER_EDIT)
def change_link(*, link: SupplyLink, **fields: Any) -> SupplyLink:
    """Change a link. Ending one asks for the reason."""
    for name, value in fields.items():
        setattr(link, name, value)
    link.save()
    return link
