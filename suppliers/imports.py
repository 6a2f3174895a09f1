"""Suppliers from a list: which row is which supplier, what it would change, writing it, and taking it back."""

from collections.abc import Sequence
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.core.exceptions import ValidationError
from django.db import models
from django.utils.translation import gettext_lazy as _

from aimprogress.core.permissions import Permission
from aimprogress.exchange.models import ImportRow
from aimprogress.exchange.records import ERROR, Record
from aimprogress.exchange.repeats import name_tokens
from aimprogress.exchange.targets import Candidate, Undone, register_target
from aimprogress.exchange.text import key
from suppliers.models import Supplier, SupplyLink
from suppliers.supplier_columns import SUPPLIERS

PLAIN = {
    "name": "name",
    "name_local": "name_local",
    "country": "country",
    "region_code": "admin1_id",
    "settlement": "city",
    "identifier_kind": "identifier_kind",
    "identifier": "identifier",
    "commodity": "sector",
    "workers": "workers",
    "women_percent": "women_percent",
    "migrant_percent": "migrant_percent",
}
"""Field of the list -> attribute of the supplier."""


class SupplierImport:
    """Lists of suppliers. A supplier is known by its registry number, else by place, name and street."""

    name = "suppliers"
    title = _("Suppliers")
    permission = Permission.SUPPLIER_EDIT
    spec = SUPPLIERS

    def compare(self, organisation: models.Model, candidates: Sequence[Candidate]) -> None:
        """New, changed or the same; what the rules of a supplier refuse is a problem at its field."""
        known = list(Supplier.objects.filter(organisation=organisation))
        tiers = _tiers(known)
        by_number = {(each.identifier_kind, each.identifier): each for each in known if each.identifier}
        by_name = {_identity(each.country, each.city, each.name, each.address): each for each in known}
        met: dict[UUID, Record] = {}
        for candidate in candidates:
            record, values = candidate.record, _values(candidate.record.fields)
            supplier = by_number.get((values.get("identifier_kind"), values.get("identifier"))) or by_name.get(
                _identity(values["country"], values.get("city", ""), values["name"], values.get("address", ""))
            )
            if supplier is None:
                if not _refused(record, Supplier(organisation_id=organisation.pk, **values)):
                    record.outcome = "new"
            elif supplier.pk in met:
                first = met[supplier.pk]
                record.outcome, record.why = "duplicate", ("duplicate_record", {"row": first.row, "sheet": first.sheet})
            else:
                met[supplier.pk] = record
                _compare_with(candidate, supplier, values, tiers.get(supplier.pk, set()))

    def apply(self, organisation: models.Model, rows: Sequence[ImportRow]) -> None:
        """New suppliers and their links in two INSERTs, changed ones one by one."""
        suppliers, links = [], []
        for row in rows:
            if row.outcome == ImportRow.Outcome.NEW:
                supplier = Supplier(organisation_id=organisation.pk, **_values(row.fields))
                suppliers.append(supplier)
                row.target_id, row.before = supplier.pk, {"new": True, "version": 1}
            else:
                _change(row)
            if row.outcome == ImportRow.Outcome.NEW or "tier" in row.changes:
                link = _link(organisation, row)
                links.append(link)
                row.before = {**row.before, "link_id": str(link.pk)}
        Supplier.objects.bulk_create(suppliers, batch_size=1000)
        SupplyLink.objects.bulk_create(links, batch_size=1000)

    def undo(self, organisation: models.Model, rows: Sequence[ImportRow]) -> Undone:
        """Suppliers and links that nobody touched since go; changed suppliers get their values back."""
        undone = Undone()
        suppliers = Supplier.objects.in_bulk([row.target_id for row in rows])
        for row in rows:
            supplier = suppliers.get(row.target_id)
            if supplier is None:
                continue
            links = SupplyLink.objects.filter(supplier=supplier)
            ours = links.filter(pk=row.before.get("link_id"), version=1)
            if supplier.version != row.before.get("version", 1) or (row.before.get("new") and links.count() != ours.count()):
                undone.kept.append(supplier.name)
                continue
            ours.delete()
            if row.before.get("new"):
                try:
                    supplier.delete()
                    undone.removed += 1
                except models.ProtectedError:
                    undone.kept.append(supplier.name)
            else:
                _put_back(supplier, row.before.get("values", {}))
                undone.restored += 1
        return undone


def _identity(country: str, city: str, name: str, address: str) -> tuple[str, str, frozenset[str], str]:
    return country, key(city), name_tokens(name), key(address)


def _tiers(known: Sequence[Supplier]) -> dict[UUID, set[str]]:
    found: dict[UUID, set[str]] = {}
    for supplier_id, tier in SupplyLink.objects.filter(supplier__in=known).values_list("supplier_id", "tier"):
        found.setdefault(supplier_id, set()).add(tier)
    return found


def _values(fields: dict[str, Any]) -> dict[str, Any]:
    """The supplier's attributes that a row speaks of. No place more exact than the address is kept."""
    values = {attribute: fields[name] for name, attribute in PLAIN.items() if fields.get(name) not in (None, "")}
    for share in ("women_percent", "migrant_percent"):
        if share in values:
            values[share] = Decimal(str(values[share])).quantize(Decimal("0.1"))
    if "sector" in values:
        values["sector"] = values["sector"][:120]
    if "city" in values:
        values["city"] = values["city"][:120]
    address = [fields.get("address"), fields.get("postcode")]
    if any(address):
        values["address"] = ", ".join(str(part) for part in address if part)[:300]
    return values


def _refused(record: Record, supplier: Supplier) -> bool:
    try:
        supplier.full_clean(exclude={"organisation", "admin1", "id"}, validate_unique=False, validate_constraints=False)
    except ValidationError as error:
        back = {attribute: name for name, attribute in PLAIN.items()}
        for attribute, reasons in error.message_dict.items():
            record.remark(ERROR, back.get(attribute, attribute), "refused_by_rules", {"reason": " ".join(reasons)})
        return True
    return False


def _compare_with(candidate: Candidate, supplier: Supplier, values: dict[str, Any], tiers: set[str]) -> None:
    record = candidate.record
    candidate.target_id = supplier.pk
    names = {attribute: name for name, attribute in PLAIN.items()} | {"address": "address", "admin1_id": "region"}
    for attribute, value in values.items():
        old = getattr(supplier, attribute)
        if old != value:
            candidate.changes[names[attribute]] = ["" if old is None else _plain(old), _plain(value)]
            setattr(supplier, attribute, value)
    if _refused(record, supplier):
        return
    if (tier := record.fields.get("tier")) and tier not in tiers:
        candidate.changes["tier"] = [", ".join(sorted(tiers)), tier]
    record.outcome = "changed" if candidate.changes else "same"
    if record.outcome == "same":
        record.why = ("same", {})


def _link(organisation: models.Model, row: ImportRow) -> SupplyLink:
    commodity = str(row.fields.get("commodity", ""))[:60]
    return SupplyLink(
        organisation_id=organisation.pk,
        supplier_id=row.target_id,
        tier=row.fields.get("tier") or SupplyLink.Tier.T1,
        commodity=commodity,
    )


def _change(row: ImportRow) -> None:
    supplier = Supplier.objects.select_for_update(of=("self",)).get(pk=row.target_id)
    changed = {name: value for name, value in _values(row.fields).items() if getattr(supplier, name) != value}
    row.before = {"values": {name: _plain(getattr(supplier, name)) for name in changed}, "version": supplier.version}
    if changed:
        for name, value in changed.items():
            setattr(supplier, name, value)
        supplier.save()
        row.before["version"] = supplier.version


def _put_back(supplier: Supplier, values: dict[str, Any]) -> None:
    if values:
        for name, value in values.items():
            setattr(supplier, name, value)
        supplier.save()


def _plain(value: Any) -> Any:
    return str(value) if isinstance(value, (Decimal, UUID)) else value


register_target(SupplierImport())
