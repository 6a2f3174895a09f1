"""The files inside the PDF: the snapshot itself and its tables as CSV, written in one way only."""

import csv
import io
from collections.abc import Mapping
from typing import Any

from risks.reports.evidence import Evidence, canonical

EVIDENCE = "evidence.json"
TYPES = {"json": "application/json", "csv": "text/csv"}
FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")


def tables_of(evidence: Evidence) -> dict[str, Mapping[str, list[Any]]]:
    """The tables by file name, in the order of their names, with the evidence index among them."""
    tables = {f"{name}.csv": table for name, table in evidence["tables"].items()}
    tables["evidence.csv"] = _index(evidence)
    return dict(sorted(tables.items()))


def files_of(evidence: Evidence) -> dict[str, bytes]:
    """Every file to put into the PDF, by name; the same snapshot always gives the same bytes."""
    written = {name: as_csv(table["columns"], table["rows"]) for name, table in tables_of(evidence).items()}
    return {EVIDENCE: canonical(evidence), **written}


def as_csv(columns: list[str], rows: list[list[Any]]) -> bytes:
    """UTF-8 CSV with CRLF. Text that a spreadsheet would run as a formula is made harmless with an apostrophe."""
    stream = io.StringIO(newline="")
    writer = csv.writer(stream, lineterminator="\r\n")
    writer.writerow(columns)
    writer.writerows([[_cell(value) for value in row] for row in rows])
    return stream.getvalue().encode()


def _cell(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int):
        return str(value)
    if isinstance(value, list):
        value = " ".join(map(str, value))
    text = str(value)
    return f"'{text}" if text.lstrip(" ").startswith(FORMULA_STARTS) and not _is_number(text) else text


def _is_number(text: str) -> bool:
    return text.removeprefix("-").replace(".", "", 1).isdigit() and text.isascii()


def _index(evidence: Evidence) -> Mapping[str, list[Any]]:
    columns = ["reference", "kind", "query", "rows", "as_of", "oldest", "freshness", "sources", "sha256"]
    rows = [
        [
            reference,
            figure["kind"],
            figure["query"],
            figure["rows"],
            figure["as_of"],
            figure["oldest"],
            figure["freshness"],
            [f"{source['source']}/{source['confidence']}:{source['rows']}" for source in figure["sources"]],
            figure["sha256"],
        ]
        for reference, figure in sorted(evidence["figures"].items())
    ]
    return {"columns": columns, "rows": rows}
