"""Where two snapshots differ, place by place, and which figure each place belongs to. Pure: no database, no clock."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from risks.reports.evidence import Evidence

ABSENT = "absent"
"""Stands for a row that one of the two snapshots does not have."""

NAMES = (
    ("area", "ordinal"), ("by", "value"), ("code",), ("dataset",), ("country",), ("area",), ("item",), ("currency",), ("tier",),
    ("commodity",), ("level",), ("source", "confidence"), ("day", "rate"), ("met",), ("month",),
    ("group",),
)  # fmt: skip
"""What tells the rows of a list apart, the most telling first; a list whose rows have none of it goes by place."""

FIGURE_OF = {
    "chapters.scope.map": "E-011",
    "chapters.people.sites": "E-011",
    "chapters.people.attention": "E-081",
    "tables.actions": "E-025",
    "tables.alert_levels": "E-004",
    "tables.areas": "E-005",
    "tables.capacity": "E-022",
    "tables.contributions": "E-071",
    "tables.evacuations": "E-017",
    "tables.issues": "E-041",
    "tables.plan_gaps": "E-021",
    "tables.plans": "E-021",
    "tables.sites": "E-011",
    "tables.supply_chain": "E-062",
    "tables.support_measures": "E-052",
}
"""Parts that do not name their figure themselves."""


@dataclass(frozen=True, slots=True)
class Difference:
    """One place: its figure ("" where none stands behind it), its path, what the report says and what the records say."""

    figure: str
    path: str
    report: Any
    records: Any


def differences(report: Evidence, records: Evidence) -> Iterator[Difference]:
    """Every place where the figures, chapters or tables of two snapshots differ, in the order of the snapshot."""
    for reference in sorted(report["figures"].keys() & records["figures"].keys()):
        yield from _walk(report["figures"][reference], records["figures"][reference], f"figures.{reference}", reference)
    yield from _walk(report["chapters"], records["chapters"], "chapters", "")
    yield from _walk(_by_name(report["tables"]), _by_name(records["tables"]), "tables", "")


def _by_name(tables: Mapping[str, Mapping[str, list[Any]]]) -> dict[str, list[dict[str, Any]]]:
    """Tables with their cells under the names of their columns."""
    return {name: [dict(zip(table["columns"], row, strict=True)) for row in table["rows"]] for name, table in tables.items()}


def _walk(report: Any, records: Any, path: str, figure: str) -> Iterator[Difference]:
    figure = FIGURE_OF.get(path, figure)
    if isinstance(report, Mapping) and isinstance(records, Mapping):
        figure = _own_figure(report, records) or figure
        for key in sorted(report.keys() | records.keys()):
            inside = _figure_of(report, key) or _figure_of(records, key) or figure
            yield from _walk(report.get(key, ABSENT), records.get(key, ABSENT), f"{path}.{key}", inside)
    elif isinstance(report, list) and isinstance(records, list):
        yield from _rows(report, records, path, figure)
    elif report != records:
        yield Difference(_own_figure(report, records) or figure, path, report, records)


def _own_figure(*values: Any) -> str:
    """The figure that a part names for itself."""
    for value in values:
        if isinstance(value, Mapping) and isinstance(value.get("figure"), str):
            return value["figure"]
    return ""


def _figure_of(part: Mapping[str, Any], key: str) -> str:
    """The figure of `timeline` or `timeline_from` where the part says `timeline_figure`."""
    for name, value in part.items():
        if name.endswith("_figure") and isinstance(value, str) and key.startswith(name.removesuffix("_figure")):
            return value
    return ""


def _rows(report: list[Any], records: list[Any], path: str, figure: str) -> Iterator[Difference]:
    left, right = _named(report, records)
    for name in [*left, *(name for name in right if name not in left)]:
        yield from _walk(left.get(name, ABSENT), right.get(name, ABSENT), f"{path}[{name}]", figure)


def _named(report: list[Any], records: list[Any]) -> tuple[dict[str, Any], dict[str, Any]]:
    """Both lists by the names of their rows, or by place where the rows cannot be told apart by name."""
    for keys in NAMES:
        found = []
        for rows in (report, records):
            names = [" ".join(str(row[key]) for key in keys) for row in rows if _has(row, keys)]
            found.append(dict(zip(names, rows, strict=False)) if len(names) == len(rows) == len(set(names)) else None)
        left, right = found
        if left is not None and right is not None and (left or right):
            return left, right
    return {str(place): row for place, row in enumerate(report)}, {str(place): row for place, row in enumerate(records)}


def _has(row: Any, keys: tuple[str, ...]) -> bool:
    return isinstance(row, Mapping) and all(row.get(key) is not None for key in keys)
