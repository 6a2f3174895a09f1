"""Loads the bundled reference data, set-wise. Running it again changes nothing; a newer file changes only what differs."""

from __future__ import annotations

import csv
import gzip
import io
import uuid
from collections.abc import Iterator
from datetime import date
from functools import cache
from pathlib import Path

from django.db import transaction

from aimprogress.places.area_status import ACT, ACT_DATE, STATUS_OF_TABLE
from aimprogress.places.models import NAMESPACE, AdminArea, AreaConflictStatus, Settlement
from aimprogress.places.names import search_key

DATA = Path(__file__).parent / "data"
BATCH = 2000


def rows_of(name: str) -> Iterator[dict[str, str]]:
    """The rows of a bundled file (gzipped CSV, UTF-8)."""
    with gzip.open(DATA / name) as packed:
        yield from csv.DictReader(io.TextIOWrapper(packed, encoding="utf-8", newline=""))


def settlement_id(geonameid: str | int, country: str, name: str) -> uuid.UUID:
    """The id of a settlement, the same in every installation: from its GeoNames id, else from country and name."""
    return uuid.uuid5(NAMESPACE, f"settlement:{geonameid or f'{country}:{name}'}")


@transaction.atomic
def load_reference() -> dict[str, int]:
    """Bring areas, settlements and area statuses to the state of the bundled files; returns how many rows each has.

    Needs no Actor: reference data are the same for everyone. Rows of an older file that sites point at stay.
    """
    counts = {"areas": _store(AdminArea, areas(), "code")}
    counts["settlements"] = _store(Settlement, settlements(), "id")
    lines = area_statuses()
    counts["area_statuses"] = _store(AreaConflictStatus, lines, "id")
    AreaConflictStatus.objects.filter(act=ACT).exclude(id__in=[line.id for line in lines]).delete()
    return counts


def _store(model: type, rows: list, key: str) -> int:
    fields = [field.attname for field in model._meta.concrete_fields if not field.primary_key]
    stored = {row[0]: row[1:] for row in model.objects.values_list(key, *fields).iterator(BATCH)}
    changed = [row for row in rows if stored.get(getattr(row, key)) != tuple(getattr(row, field) for field in fields)]
    names = [field.name for field in model._meta.concrete_fields if not field.primary_key]
    model.objects.bulk_create(changed, batch_size=BATCH, update_conflicts=True, update_fields=names, unique_fields=[key])
    return len(rows)


def areas() -> list[AdminArea]:
    """The areas of the bundled file, not saved."""
    return [
        AdminArea(
            code=row["code"],
            level=int(row["level"]),
            parent_id=row["parent"] or None,
            country=row["country"],
            pcode=row["pcode"],
            iso=row["iso"],
            name_en=row["name_en"],
            name_local=row["name_local"],
            lat=float(row["lat"]) if row["lat"] else None,
            lon=float(row["lon"]) if row["lon"] else None,
        )
        for row in rows_of("areas.csv.gz")
    ]


def settlements() -> list[Settlement]:
    """The settlements of the bundled file, not saved."""
    return [
        Settlement(
            id=settlement_id(row["geonameid"], row["country"], row["name"]),
            geonameid=int(row["geonameid"]) if row["geonameid"] else None,
            country=row["country"],
            admin1_id=row["admin1"],
            area_id=row["area"],
            katottg=row["katottg"],
            name=row["name"],
            name_local=row["name_local"],
            lat=float(row["lat"]),
            lon=float(row["lon"]),
            population=int(row["population"]),
            search_key=_keys(row["name"], row["name_local"], *row["others"].split("|")),
        )
        for row in rows_of("settlements.csv.gz")
    ]


def _keys(*names: str) -> str:
    return "|".join(dict.fromkeys(key for name in names if (key := search_key(name))))


def area_statuses() -> list[AreaConflictStatus]:
    """The lines of the official list, not saved."""
    found = {}
    for row in rows_of("ua_territory_status.csv.gz"):
        key = f"status:{ACT_DATE}:{row['area']}:{row['table']}:{row['valid_from']}:{row['valid_to']}"
        line = AreaConflictStatus(
            id=uuid.uuid5(NAMESPACE, key),
            area_id=row["area"],
            status=STATUS_OF_TABLE[row["table"]],
            valid_from=_day(row["valid_from"]),
            valid_to=_day(row["valid_to"]) if row["valid_to"] else None,
            table=row["table"],
            act=ACT,
            act_date=ACT_DATE,
            exceptions=row["exceptions"].split(),
        )
        found[line.id] = line
    return list(found.values())


@cache
def _day(text: str) -> date:
    return date.fromisoformat(text)
