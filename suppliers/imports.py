"""Suppliers from a list: which row is which supplier, what it would change, writing it, and taking it back."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.db import models
from django.utils.translation import gettext_lazy as _

from aimprogress.core.copying import insert_rows, update_rows
from aimprogress.core.ids import uuid7
from aimprogress.core.permissions import Permission
from aimprogress.exchange.models import ImportRow
from aimprogress.exchange.records import Record
from aimprogress.exchange.repeats import name_tokens
from aimprogress.exchange.rules import column_rules
from aimprogress.exchange.targets import Candidate, ImportTarget, Undone, register_target, remove_added
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


COLUMNS = (*PLAIN.values(), "address")
NEW = {name: Supplier._meta.get_field(name).get_default() for name in COLUMNS}


class SupplierImport(ImportTarget):
    """Lists of suppliers. A supplier is known by its registry number, else by place, name and street."""

    name = "suppliers"
    title = _("Suppliers")
    order = 40
    permission = Permission.SUPPLIER_EDIT
    spec = SUPPLIERS
    model = Supplier
    columns = COLUMNS
    rules = column_rules(Supplier, [name for name in COLUMNS if name != "admin1_id"])
    """The check digits of registry numbers are read with the cell: a wrong number never comes so far."""
    shown_at = {attribute: name for name, attribute in PLAIN.items()} | {"admin1_id": "region"}

    def compare(self, organisation: models.Model, candidates: Sequence[Candidate]) -> None:
        """Which row is which supplier, and what it would change."""
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
            if supplier is None or (record.of_its_own and supplier.pk in met):
                candidate.values = NEW | values
            elif supplier.pk in met:
                first = met[supplier.pk]
                record.outcome, record.why = "duplicate", ("duplicate_record", {"row": first.row, "sheet": first.sheet})
            else:
                met[supplier.pk] = record
                _compare_with(candidate, supplier, values, tiers.get(supplier.pk, set()))

    def missing(self, organisation: models.Model, candidates: Sequence[Candidate]) -> list[str]:
        met = {candidate.target_id for candidate in candidates if candidate.target_id}
        left = Supplier.objects.filter(organisation=organisation).exclude(pk__in=met).order_by("name", "id")
        return list(left.values_list("name", flat=True))

    def apply(self, organisation: models.Model, candidates: Sequence[Candidate]) -> None:
        """New suppliers in one INSERT, changed ones in one UPDATE, links in one INSERT."""
        new = [candidate for candidate in candidates if candidate.record.outcome == "new"]
        for candidate in new:
            candidate.target_id = uuid7()
        if new:
            rows = ([c.target_id, organisation.pk, *map(c.values.get, COLUMNS)] for c in new)
            insert_rows(Supplier, ["id", "organisation_id", *COLUMNS], rows)
        _change([candidate for candidate in candidates if candidate.record.outcome == "changed"])
        linked = [c for c in candidates if c.record.outcome == "new" or "tier" in c.changes]
        links = [[uuid7(), organisation.pk, *_link(candidate)] for candidate in linked]
        for candidate, link in zip(linked, links, strict=True):
            candidate.before = {"version": 1, **(candidate.before or {}), "link_id": str(link[0])}
        if links:
            insert_rows(SupplyLink, ["id", "organisation_id", "supplier_id", "tier", "commodity"], links)

    def undo(self, organisation: models.Model, rows: Sequence[ImportRow]) -> Undone:
        """Suppliers and links that nobody touched since go; changed suppliers get their values back."""
        undone = Undone()
        suppliers = Supplier.objects.select_for_update(of=("self",)).order_by("pk").in_bulk([row.target_id for row in rows])
        links: dict[UUID, dict[str, int]] = defaultdict(dict)
        held = SupplyLink.objects.filter(supplier__in=list(suppliers)).values_list("supplier_id", "pk", "version")
        for supplier_id, pk, version in held:
            links[supplier_id][str(pk)] = version
        added, changed, ours = [], [], []
        for row in rows:
            supplier, before = suppliers.get(row.target_id), row.before or {}
            if supplier is None:
                continue
            is_new, mine = row.outcome == ImportRow.Outcome.NEW, links[supplier.pk].get(before.get("link_id", "")) == 1
            if supplier.version != before.get("version", 1) or (is_new and len(links[supplier.pk]) != int(mine)):
                undone.kept.append(supplier.name)
                continue
            ours += [before["link_id"]] if mine else []
            (added if is_new else changed).append((supplier, before.get("values", {})))
        SupplyLink.objects.filter(pk__in=ours).delete()
        _write([(supplier, values) for supplier, values in changed if values])
        undone.restored = len(changed)
        remove_added([supplier for supplier, _values in added], undone)
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
    address = [fields.get("address"), fields.get("postcode")]
    if any(address):
        values["address"] = ", ".join(str(part) for part in address if part)
    return values


def _compare_with(candidate: Candidate, supplier: Supplier, values: dict[str, Any], tiers: set[str]) -> None:
    record = candidate.record
    candidate.target_id = supplier.pk
    names = {attribute: name for name, attribute in PLAIN.items()} | {"address": "address", "admin1_id": "region"}
    for attribute, value in values.items():
        old = getattr(supplier, attribute)
        if old != value:
            candidate.changes[names[attribute]] = ["" if old is None else _plain(old), _plain(value)]
    candidate.values = {name: getattr(supplier, name) for name in COLUMNS} | values
    if (tier := record.fields.get("tier")) and tier not in tiers:
        candidate.changes["tier"] = [", ".join(sorted(tiers)), tier]


def _link(candidate: Candidate) -> tuple[UUID | None, str, str]:
    fields = candidate.record.fields
    return candidate.target_id, fields.get("tier") or SupplyLink.Tier.T1.value, str(fields.get("commodity", ""))


def _change(candidates: Sequence[Candidate]) -> None:
    suppliers = Supplier.objects.select_for_update(of=("self",)).order_by("pk").in_bulk([c.target_id for c in candidates])
    changed = []
    for candidate in candidates:
        supplier = suppliers[candidate.target_id]
        said = _values(candidate.record.fields).items()
        values = {name: value for name, value in said if getattr(supplier, name) != value}
        candidate.before = {"values": {name: _plain(getattr(supplier, name)) for name in values}, "version": supplier.version}
        if values:
            changed.append((supplier, values))
            candidate.before["version"] += 1
    _write(changed)


def _write(changed: Sequence[tuple[Supplier, Mapping[str, Any]]]) -> None:
    """Give locked suppliers other values, in one UPDATE."""
    if changed:
        rows = ([supplier.pk, *(values.get(name, getattr(supplier, name)) for name in COLUMNS)] for supplier, values in changed)
        update_rows(Supplier, COLUMNS, rows)


def _plain(value: Any) -> Any:
    return str(value) if isinstance(value, (Decimal, UUID)) else value


register_target(SupplierImport())
