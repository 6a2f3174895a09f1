"""Rows as files: CSV that no spreadsheet takes for formulas, workbooks, GeoJSON. Pure: no database, no clock."""

import codecs
import csv
import io
import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date, datetime
from itertools import chain, islice
from typing import Any

ROWS_AT_ONCE = 2000
_FORMULA = tuple("=+-@\t\r\n") + tuple("＝＋－＠")
_NUMBER = re.compile(r"[+-]?\d+(?:[.,]\d+)?")
LONGEST_CELL = 32_767  # what a workbook takes
_INVISIBLE = "\ufeff\u200b\u200c\u200d\u2060\u00ad \u00a0\u3000"
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]|[\ud800-\udfff]")


def safe_cell(value: Any) -> Any:
    """A value as a CSV cell: a text that a spreadsheet would run gets an apostrophe; a number stays a number.

    Source: OWASP, CSV injection; fullwidth signs are run as well by spreadsheets in East Asian locales.
    """
    if isinstance(value, bool) or value is None:
        return {True: "yes", False: "no", None: ""}[value]
    if isinstance(value, int | float):
        return value
    text = _CONTROL.sub("", said(value))
    if _NUMBER.fullmatch(text):
        return text
    first = text.lstrip(_INVISIBLE)
    return f"'{text}" if text.startswith(_FORMULA) or first.startswith(_FORMULA) else text


def said(value: Any) -> str:
    """A value as text: ISO 8601 for times, a list joined by "; "."""
    if isinstance(value, datetime | date):
        return value.isoformat()
    if isinstance(value, list | tuple | set | frozenset):
        return "; ".join(said(one) for one in value)
    if isinstance(value, Mapping):
        return json.dumps(value, ensure_ascii=False, default=str, sort_keys=True)
    return "" if value is None else str(value)


def as_csv(columns: Sequence[tuple[str, str]], rows: Iterable[Mapping[str, Any]]) -> bytes:
    """CSV (RFC 4180) with a header line. The mark at the start makes spreadsheets read Cyrillic right."""
    return b"".join(csv_parts(columns, rows))


def csv_parts(columns: Sequence[tuple[str, str]], rows: Iterable[Mapping[str, Any]]) -> Iterator[bytes]:
    """The same in pieces of some thousand rows, for a list that need not fit into memory."""
    lines = chain([[label for _, label in columns]], ([row.get(key) for key, _ in columns] for row in rows))
    yield codecs.BOM_UTF8
    while piece := list(islice(lines, ROWS_AT_ONCE)):
        out = io.StringIO(newline="")
        csv.writer(out).writerows([safe_cell(value) for value in line] for line in piece)
        yield out.getvalue().encode()


def sheet_title(text: str) -> str:
    """A name that a workbook takes for a sheet."""
    return re.sub(r"[\[\]:*?/\\]", " ", text)[:31].strip() or "1"


def as_xlsx(columns: Sequence[tuple[str, str]], rows: Iterable[Mapping[str, Any]], title: str = "") -> bytes:
    """A workbook with one sheet. Texts are stored as texts, also those that begin like a formula."""
    from openpyxl import Workbook  # late: only workers need it
    from openpyxl.cell import WriteOnlyCell

    book = Workbook(write_only=True)
    sheet = book.create_sheet(sheet_title(title))
    sheet.freeze_panes = "A2"

    def cell(value: Any) -> Any:
        if isinstance(value, int | float) and not isinstance(value, bool):
            return value
        text = {True: "yes", False: "no"}[value] if isinstance(value, bool) else said(value)
        made = WriteOnlyCell(sheet, _CONTROL.sub("", text)[:LONGEST_CELL])
        made.data_type = "s"
        return made

    sheet.append([cell(label) for _, label in columns])
    for row in rows:
        sheet.append([cell(row.get(key)) for key, _ in columns])
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def as_geojson(
    columns: Sequence[tuple[str, str]], rows: Iterable[Mapping[str, Any]], point: tuple[str, str] = ("lat", "lon")
) -> bytes:
    """A FeatureCollection (RFC 7946): longitude first, WGS 84; a row without a place has a null geometry."""
    features = [_feature(columns, row, point) for row in rows]
    return json.dumps({"type": "FeatureCollection", "features": features}, ensure_ascii=False, default=said).encode()


def _feature(columns: Sequence[tuple[str, str]], row: Mapping[str, Any], point: tuple[str, str]) -> dict[str, Any]:
    lat, lon = (row.get(key) for key in point)
    known = lat is not None and lon is not None
    return {
        "type": "Feature",
        "geometry": {"type": "Point", "coordinates": [float(lon), float(lat)]} if known else None,
        "properties": {key: row.get(key) for key, _ in columns if key not in point},
    }


def counted(rows: Iterable[Mapping[str, Any]], every: int, tell: Any) -> Iterator[Mapping[str, Any]]:
    """The same rows; `tell(n)` is called before the first and after each `every` of them."""
    tell(0)
    for number, row in enumerate(rows, start=1):
        if number % every == 0:
            tell(number)
        yield row
