"""From a book to records: every source row ends as a record with its problems, or with the reason why it is none."""

import datetime as dt
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from aimprogress.exchange import values
from aimprogress.exchange.columns import Column, Field, Match, match_columns
from aimprogress.exchange.gazetteer import Gazetteer
from aimprogress.exchange.points import read_degrees
from aimprogress.exchange.reading import Book, Row, Sheet, Value, is_blank
from aimprogress.exchange.records import CHECK, ERROR, NOTE, Record
from aimprogress.exchange.repeats import mark_repeats
from aimprogress.exchange.tables import Table, find_table
from aimprogress.exchange.whereabouts import place_record

Reader = Callable[[Value, Column, Mapping[str, Any]], values.Read]


@dataclass(frozen=True, slots=True)
class ListSpec:
    """What a list of one target looks like. `readers` adds readers for kinds that only this target has."""

    fields: tuple[Field, ...]
    readers: Mapping[str, Reader] = field(default_factory=dict)
    finish: Callable[[Record], None] | None = None

    def field(self, name: str) -> Field:
        """The field of that name. Raises KeyError."""
        return next((each for each in self.fields if each.name == name), None) or self._missing(name)

    @staticmethod
    def _missing(name: str) -> Field:
        raise KeyError(name)


@dataclass(slots=True)
class Understanding:
    """A whole upload, understood: a Record for every source row in the order of the file, and the matches per sheet."""

    records: list[Record]
    matches: dict[str, list[Match]]


Chosen = Mapping[str, Mapping[int, str]]
Corrections = Mapping[tuple[str, int], Mapping[str, str]]


def understand(
    book: Book, spec: ListSpec, gazetteer: Gazetteer, *, chosen: Chosen | None = None, corrections: Corrections | None = None
) -> Understanding:
    """Read a book by a target's spec. `chosen` overrules columns per sheet, `corrections` single cells by field."""
    found = Understanding([], {})
    for sheet in book.sheets:
        table = find_table(sheet, spec.fields)
        matches = match_columns(table.columns, spec.fields, (chosen or {}).get(sheet.name))
        if table.columns:
            found.matches[sheet.name] = matches
        found.records += _records(sheet, table, matches, spec, gazetteer, corrections or {})
    mark_repeats(found.records)
    return found


def _records(
    sheet: Sheet, table: Table, matches: Sequence[Match], spec: ListSpec, gazetteer: Gazetteer, corrections: Corrections
) -> list[Record]:
    month_first = {
        match.column.at: values.writes_month_first(_cells(table.rows, match.column.at))
        for match in matches
        if match.field and spec.field(match.field).kind in ("date", "past_date")
    }
    rows = {row.number: row for row in table.rows}
    records = []
    for source in sheet.rows:
        row = rows.get(source.number)
        record = Record(sheet.name, source.number)
        records.append(record)
        if row is None:
            record.outcome, record.why = "ignored", (table.explained.get(source.number, "blank"), {})
            continue
        _read_row(record, row, matches, spec, corrections.get((sheet.name, row.number), {}), month_first)
        for match in matches:
            if (row.number, match.column.at) in table.filled_from_above and match.field:
                record.remark(NOTE, match.field, "merged", {})
        place_record(record, gazetteer)
        _require(record, spec)
        if spec.finish:
            spec.finish(record)
    return records


def _cells(rows: Sequence[Row], at: int) -> list[Value]:
    return [row.cells[at] for row in rows if at < len(row.cells)]


def _read_row(
    record: Record,
    row: Row,
    matches: Sequence[Match],
    spec: ListSpec,
    corrected: Mapping[str, str],
    month_first: Mapping[int, bool | None],
) -> None:
    done = set()
    for match in matches:
        if not match.field:
            if match.column.at in row.formulas:
                record.remark(NOTE, "", "formula", {}, value=match.column.heading)
            continue
        wanted = spec.field(match.field)
        value: Value = row.cells[match.column.at] if match.column.at < len(row.cells) else None
        if match.field in corrected:
            value = corrected[match.field] if match.field not in done else None
            if values.is_formula_text(value):
                record.remark(ERROR, match.field, "formula", {}, value=values.shown(value))
                continue
        elif match.column.at in row.formulas or values.is_formula_text(value):
            record.remark(ERROR, match.field, "formula", {}, value=values.shown(value))
            continue
        done.add(match.field)
        _take(record, wanted, _read(wanted, value, match.column, spec, month_first, record.fields), value)
    for name in corrected.keys() - done:
        wanted = spec.field(name)
        _take(record, wanted, _read(wanted, corrected[name], Column(-1, ""), spec, {}, record.fields), corrected[name])


def _read(
    wanted: Field, value: Value, column: Column, spec: ListSpec, month_first: Mapping[int, bool | None], so_far: Mapping[str, Any]
) -> values.Read:
    if wanted.kind in spec.readers:
        return spec.readers[wanted.kind](value, column, so_far)
    if wanted.kind in ("date", "past_date"):
        return values.read_date(value, month_first=month_first.get(column.at))
    if wanted.kind == "choice":
        return values.read_choice(value, wanted.choices)
    simple = {
        "country": values.read_country, "count": values.read_count, "bound": values.read_count,
        "percentage": values.read_percentage,
        "latitude": read_degrees, "longitude": read_degrees, "point": read_degrees, "yes_no": values.read_yes_no,
    }  # fmt: skip
    return simple[wanted.kind](value) if wanted.kind in simple else values.read_text(value, most=wanted.most)


def _take(record: Record, wanted: Field, read: values.Read, value: Value) -> None:
    """Put what was read into the record, with its remarks."""
    said = values.shown(value)
    for code, params in read.notes:
        record.remark(NOTE, wanted.name, code, params, value=said)
    for code, params in read.checks:
        record.remark(CHECK, wanted.name, code, params, value=said)
    if read.error:
        code, params = read.error
        if wanted.stored or wanted.required:
            record.remark(ERROR, wanted.name, code, params, value=said, suggestion=read.suggestion)
        else:
            soft = "check_impossible_date" if code == "no_such_day" else "check_unreadable"
            record.remark(CHECK, wanted.name, soft, params or {"value": said}, value=said, suggestion=read.suggestion)
        return
    bound = values.upper_bound(read)
    if wanted.kind == "bound" or (bound is not None and wanted.name == "workers"):
        if (most := bound if bound is not None else read.value) is not None:
            record.fields["workers_max"] = most
        return
    if read.value is None:
        return
    _store(record, wanted, read.value, said)


def _store(record: Record, wanted: Field, value: Any, said: str) -> None:
    if wanted.kind in ("date", "past_date"):
        value = _stored_date(record, wanted, value, said)
    if value is None:
        return
    if isinstance(value, dict):
        for name, part in value.items():
            record.fields.setdefault(name, part)
    elif wanted.several and wanted.name in record.fields:
        if str(value).casefold() not in str(record.fields[wanted.name]).casefold():
            record.fields[wanted.name] = f"{str(record.fields[wanted.name]).rstrip(', ')}, {value}"
    else:
        record.fields[wanted.name] = value


def _stored_date(record: Record, wanted: Field, value: Any, said: str) -> str | None:
    """ISO text. Where a whole day is kept, a month is its first day, and the row says so."""
    if isinstance(value, str):
        if not wanted.stored:
            return value
        day = dt.date.fromisoformat(f"{value}-01" if len(value) == 7 else f"{value}-01-01")
        record.remark(NOTE, wanted.name, "read_as", {"value": said, "read": day.isoformat()}, value=said)
    else:
        day = value
    if wanted.kind == "past_date" and day > dt.date.today():  # a day in a list has no zone
        record.remark(ERROR, wanted.name, "date_ahead", {"value": said}, value=said)
        return None
    return day.isoformat()


def _require(record: Record, spec: ListSpec) -> None:
    wrong = {problem["field"] for problem in record.problems if problem["level"] == ERROR}
    for wanted in spec.fields:
        if wanted.required and is_blank(record.fields.get(wanted.name)) and wanted.name not in wrong:
            record.remark(ERROR, wanted.name, "required", {})
