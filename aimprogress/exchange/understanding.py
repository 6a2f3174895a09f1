"""From a book to records: every source row ends as a record with its problems, or with the reason why it is none."""

import datetime as dt
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.utils.translation import gettext_noop

from aimprogress.exchange import values
from aimprogress.exchange.columns import Column, Field, Match, match_columns
from aimprogress.exchange.gazetteer import Gazetteer
from aimprogress.exchange.points import read_degrees
from aimprogress.exchange.reading import Book, Row, Sheet, Value, is_blank
from aimprogress.exchange.records import CHECK, ERROR, NOTE, OF_ITS_OWN, Record
from aimprogress.exchange.repeats import mark_repeats
from aimprogress.exchange.tables import Table, find_table
from aimprogress.exchange.whereabouts import place_record

Reader = Callable[[Value, Column, Mapping[str, Any]], values.Read]


@dataclass(frozen=True, slots=True)
class ListSpec:
    """What a list of one target looks like. `readers` adds readers for kinds that only this target has.

    `of_places`: its rows are things at places, which are found in any spelling, and of which no two are the same.
    """

    fields: tuple[Field, ...]
    readers: Mapping[str, Reader] = field(default_factory=dict)
    finish: Callable[[Record], None] | None = None
    of_places: bool = True

    def field(self, name: str) -> Field:
        """The field of that name. Raises KeyError."""
        return {each.name: each for each in self.fields}[name]


@dataclass(slots=True)
class Understanding:
    """A whole upload, understood: a Record for every source row in the order of the file, and the matches per sheet."""

    records: list[Record]
    matches: dict[str, list[Match]]


Chosen = Mapping[str, Mapping[int, str]]
Corrections = Mapping[tuple[str, int], Mapping[str, str]]
Tell = Callable[[int, int, str], None]
TELL_EVERY = 1000
READ = gettext_noop("Reading the rows")


def tell_nobody(done: int, total: int, words: str) -> None:
    """For work that is over before anybody asks how far it is."""


class _Reading:
    """One column of a table on its way: what it is read as, and every value met so far with what was understood.

    A list of a hundred thousand rows has few different countries, days and numbers: each is read once.
    """

    def __init__(self, match: Match, spec: ListSpec, month_first: bool | None) -> None:
        self.match, self.wanted, self.at, self.month_first = match, spec.field(match.field), match.column.at, month_first
        self.spec, self._known = spec, {}
        self.alone = not self.wanted.several and self.wanted.kind not in spec.readers
        """Whether the cell alone says what it means, whatever else stands in its row."""

    def into(self, record: Record, value: Value) -> None:
        """Put what the cell says into the record."""
        if not self.alone:
            self._put(record, value)
            return
        known = self._known.get((value.__class__, value))
        if known is None:
            known = self._known[value.__class__, value] = Record(record.sheet, 0)
            self._put(known, value)
        record.fields.update(known.fields)
        if known.problems:
            record.problems += known.problems
            record.outcome = known.outcome or record.outcome

    def _put(self, record: Record, value: Value) -> None:
        if values.is_formula_text(value):
            record.remark(ERROR, self.wanted.name, "formula", {}, value=values.shown(value))
        else:
            read = _read(self.wanted, value, self.match.column, self.spec, self.month_first, record.fields)
            _take(record, self.wanted, read, value)


def understand(
    book: Book,
    spec: ListSpec,
    gazetteer: Gazetteer | None,
    *,
    chosen: Chosen | None = None,
    corrections: Corrections | None = None,
    tell: Tell = tell_nobody,
) -> Understanding:
    """Read a book by a target's spec; only a list of places needs a gazetteer. `chosen` overrules columns per sheet,
    `corrections` single cells by field.
    """
    found = Understanding([], {})
    total = sum(len(sheet.rows) for sheet in book.sheets)
    for sheet in book.sheets:
        table = find_table(sheet, spec.fields)
        matches = match_columns(table.columns, spec.fields, (chosen or {}).get(sheet.name))
        if table.columns:
            found.matches[sheet.name] = matches
        done = len(found.records)
        rows = _records(sheet, table, matches, spec, gazetteer, corrections or {})
        for number, record in enumerate(rows, start=done):
            if number % TELL_EVERY == 0:
                tell(number, total, READ)
            found.records.append(record)
    if spec.of_places:
        mark_repeats(found.records)
    return found


def _records(
    sheet: Sheet, table: Table, matches: Sequence[Match], spec: ListSpec, gazetteer: Gazetteer | None, corrections: Corrections
) -> Iterator[Record]:
    readings = [_Reading(match, spec, _month_first(match, table, spec)) for match in matches if match.field]
    required = [wanted for wanted in spec.fields if wanted.required]
    unread = [match.column for match in matches if not match.field]
    rows, known = {row.number: row for row in table.rows}, {}
    for source in sheet.rows:
        row = rows.get(source.number)
        record = Record(sheet.name, source.number)
        if row is None:
            record.outcome, record.why = "ignored", (table.explained.get(source.number, "blank"), {})
            yield record
            continue
        corrected = corrections.get((sheet.name, row.number))
        if corrected or row.formulas:
            record.of_its_own = bool(corrected and corrected.get(OF_ITS_OWN))
            _read_mended(
                record, row, readings, unread, {name: text for name, text in (corrected or {}).items() if name != OF_ITS_OWN}
            )
        else:
            cells, width = row.cells, len(row.cells)
            for reading in readings:
                if reading.at < width and (value := cells[reading.at]) is not None:
                    reading.into(record, value)
        if table.filled_from_above:
            for reading in readings:
                if (row.number, reading.at) in table.filled_from_above:
                    record.remark(NOTE, reading.wanted.name, "merged", {})
        if spec.of_places:
            place_record(record, gazetteer, known)
        _require(record, required)
        if spec.finish:
            spec.finish(record)
        yield record


def _month_first(match: Match, table: Table, spec: ListSpec) -> bool | None:
    if spec.field(match.field).kind not in ("date", "past_date"):
        return None
    at = match.column.at
    return values.writes_month_first(dict.fromkeys(row.cells[at] for row in table.rows if at < len(row.cells)))


def _read_mended(
    record: Record, row: Row, readings: Sequence[_Reading], unread: Sequence[Column], corrected: Mapping[str, str]
) -> None:
    """A row with formulas, which are never calculated, or with cells that a person typed again."""
    for column in unread:
        if column.at in row.formulas:
            record.remark(NOTE, "", "formula", {}, value=column.heading)
    done = set()
    for reading in readings:
        name = reading.wanted.name
        value: Value = row.cells[reading.at] if reading.at < len(row.cells) else None
        if name in corrected:
            value = corrected[name] if name not in done else None
        elif reading.at in row.formulas:
            record.remark(ERROR, name, "formula", {}, value=values.shown(value))
            continue
        done.add(name)
        if not is_blank(value):
            reading.into(record, value)
    spec = readings[0].spec if readings else None
    for name in corrected.keys() - done:
        if not is_blank(corrected[name]):
            _Reading(Match(Column(-1, ""), name, "chosen"), spec, None).into(record, corrected[name])


def _read(
    wanted: Field, value: Value, column: Column, spec: ListSpec, month_first: bool | None, so_far: Mapping[str, Any]
) -> values.Read:
    if wanted.kind in spec.readers:
        return spec.readers[wanted.kind](value, column, so_far)
    if wanted.kind in ("date", "past_date"):
        return values.read_date(value, month_first=month_first)
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


def _require(record: Record, required: Sequence[Field]) -> None:
    for wanted in required:
        if is_blank(record.fields.get(wanted.name)):
            wrong = any(problem["field"] == wanted.name and problem["level"] == ERROR for problem in record.problems)
            if not wrong:
                record.remark(ERROR, wanted.name, "required", {})
