"""Every sheet of an upload as rows of plain values, with sheet name and row number. Nothing is interpreted here."""

import codecs
import csv
import datetime as dt
import io
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field

from django.utils.translation import gettext_lazy as _
from python_calamine import CalamineError, CalamineWorkbook, SheetTypeEnum, SheetVisibleEnum

from aimprogress.exchange.formulas import Survey, survey
from aimprogress.exchange.safety import Refused, Upload, damaged
from aimprogress.exchange.text import clean

Value = None | str | int | float | bool | dt.datetime | dt.date | dt.time | dt.timedelta
MOST_ROWS = 120_000  # of one sheet: a hundred thousand records with all that stands around them
MOST_COLUMNS = 400
MOST_SHEETS = 60
LONGEST_NAME = 100  # of a sheet
DELIMITERS = ",;\t|"


@dataclass(frozen=True, slots=True)
class Row:
    """One row as it stands in the file. `number` counts from 1; `formulas` are column positions from 0."""

    number: int
    cells: tuple[Value, ...]
    formulas: frozenset[int] = frozenset()

    @property
    def filled(self) -> list[int]:
        """Positions of the cells that hold something."""
        return [at for at, value in enumerate(self.cells) if not is_blank(value) or at in self.formulas]


@dataclass(slots=True)
class Sheet:
    """A sheet: its rows, and the ranges of merged cells as (first row, first column, last row, last column), from 0."""

    name: str
    rows: list[Row]
    ignored: str = ""  # why it is not read: "hidden", "no_table"
    merges: list[tuple[int, int, int, int]] = field(default_factory=list)


@dataclass(slots=True)
class Book:
    """An upload, read. `encoding` and `delimiter` say how a text file was understood."""

    name: str
    kind: str
    sheets: list[Sheet]
    encoding: str = ""
    delimiter: str = ""


def is_blank(value: Value) -> bool:
    """Nothing, or only spaces of any kind."""
    if value is None or not isinstance(value, str):
        return value is None
    return not value[:1].isalnum() and not value.replace("\u200b", "").replace("\ufeff", "").strip()


def read_book(upload: Upload) -> Book:
    """All sheets of a checked upload. Hidden sheets are named and not read. Raises Refused."""
    if upload.kind in ("csv", "tsv"):
        return _read_text(upload)
    surveys = survey(upload)
    try:
        book = CalamineWorkbook.from_filelike(io.BytesIO(upload.data))
        metas = book.sheets_metadata
        if len(metas) > MOST_SHEETS:
            raise _too_many_sheets()
        names = _names([meta.name for meta in metas])
        sheets = [_read_sheet(book, meta, name, surveys) for meta, name in zip(metas, names, strict=True)]
    except (CalamineError, OSError, ValueError, OverflowError):
        raise damaged() from None
    if not any(sheet.rows for sheet in sheets if not sheet.ignored):
        raise Refused(_("No sheet of the file holds any row. Check that you chose the right file."), code="empty")
    return Book(name=upload.name, kind=upload.kind, sheets=sheets)


def _names(written: Iterable[str]) -> list[str]:
    """What the sheets are called here: readable, not too long for a column, and no two the same."""
    names: list[str] = []
    for text in written:
        name = clean(text)[:LONGEST_NAME]
        names.append(name if name not in names else f"{name} ({len(names) + 1})")
    return names


def _read_sheet(book: CalamineWorkbook, meta: object, name: str, surveys: dict[str, Survey]) -> Sheet:
    ignored = ""
    if meta.typ != SheetTypeEnum.WorkSheet:
        return Sheet(name=name, rows=[], ignored="no_table")
    if meta.visible != SheetVisibleEnum.Visible:
        ignored = "hidden"
    table = book.get_sheet_by_name(meta.name)
    formulas = surveys.get(meta.name, Survey()).by_row()
    merges = [(*first, *last) for first, last in table.merged_cell_ranges or []]
    rows = []
    for at, values in enumerate(table.to_python(skip_empty_area=False)):
        if at >= MOST_ROWS:
            raise _too_many_rows()
        if not ignored and len(values) > MOST_COLUMNS and not all(map(is_blank, values[MOST_COLUMNS:])):
            raise _too_many_columns(name)
        cells = tuple(_plain(value) for value in values[:MOST_COLUMNS])
        rows.append(Row(number=at + 1, cells=cells, formulas=formulas.get(at, frozenset())))
    return Sheet(name=name, rows=_until_last_filled(rows), ignored=ignored, merges=merges)


def _until_last_filled(rows: list[Row]) -> list[Row]:
    while rows and not rows[-1].filled:
        rows.pop()
    return rows


def _plain(value: Value) -> Value:
    """A whole number that the format stores as 7401.0 is 7401; an empty text is nothing."""
    if value == "":
        return None
    if isinstance(value, float) and value.is_integer() and abs(value) < 1e15:
        return int(value)
    return value


def _too_many_rows() -> Refused:
    return Refused(
        _("The list has more than %(most)s rows. Send it in several files."), code="too_many_rows", params={"most": MOST_ROWS}
    )


def _too_many_sheets() -> Refused:
    return Refused(
        _("The file has more than %(most)s sheets. Send them in several files."),
        code="too_many_sheets",
        params={"most": MOST_SHEETS},
    )


def _too_many_columns(sheet: str) -> Refused:
    return Refused(
        _("“%(sheet)s” has more than %(most)s columns. Delete those that say nothing of the list, and send it again."),
        code="too_many_columns", params={"sheet": sheet, "most": MOST_COLUMNS},
    )  # fmt: skip


def _read_text(upload: Upload) -> Book:
    text, encoding = decode(upload.data)
    delimiter = find_delimiter(text)
    csv.field_size_limit(200_000)
    rows = []
    try:
        for at, cells in enumerate(csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)):
            if at >= MOST_ROWS:
                raise _too_many_rows()
            if len(cells) > MOST_COLUMNS and any(cell.strip() for cell in cells[MOST_COLUMNS:]):
                raise _too_many_columns(upload.name)
            rows.append(Row(number=at + 1, cells=tuple(cell or None for cell in cells[:MOST_COLUMNS])))
    except csv.Error:
        raise damaged() from None
    rows = _until_last_filled(rows)
    if not rows:
        raise Refused(_("The file is empty. Choose the file that holds your list."), code="empty")
    return Book(upload.name, upload.kind, [Sheet(name=upload.name, rows=rows)], encoding=encoding, delimiter=delimiter)


def decode(data: bytes) -> tuple[str, str]:
    """The text of a file and the name of its encoding. A mark at the start is believed, then UTF-8, then a code page."""
    for mark, encoding in ((codecs.BOM_UTF8, "utf-8-sig"), (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16")):
        if data.startswith(mark):
            return _decoded(data, encoding), encoding
    if b"\x00" in data[:4096]:
        encoding = "utf-16-le" if data[1:4096:2].count(0) > data[0:4096:2].count(0) else "utf-16-be"
        return _decoded(data, encoding), encoding
    try:
        return data.decode("utf-8"), "utf-8"
    except UnicodeDecodeError:
        encoding = _code_page(data)
        return data.decode(encoding, "replace"), encoding


def _decoded(data: bytes, encoding: str) -> str:
    try:
        return data.decode(encoding)
    except UnicodeDecodeError:
        raise Refused(
            _("The letters of the file cannot be read. Save it as .xlsx, or as CSV with the encoding UTF-8."), code="encoding"
        ) from None


def _code_page(data: bytes) -> str:
    """Cyrillic, Central European or Western: by which one turns the bytes into words of one script."""
    best, most = "cp1252", -1.0
    for encoding in ("cp1251", "cp1250", "cp1252"):
        words = [word for word in data.decode(encoding, "replace").split() if any(letter > "\x7f" for letter in word)]
        score = sum(_word_score(word, cyrillic=encoding == "cp1251") for word in words[:4000])
        if score > most:
            best, most = encoding, score
    return best


def _word_score(word: str, *, cyrillic: bool) -> float:
    letters = [letter for letter in word if letter.isalpha()]
    strange = [letter for letter in letters if letter > "\x7f"]
    if "�" in word or any(letter in "¤¦§©«¬®°±µ¶·¸»¼½¾¿×÷¨´" for letter in word.strip("«».,;:()")):
        return -1.0
    if cyrillic:
        return 1.0 if strange and len(strange) == len(letters) and len(letters) > 1 else -0.5
    return 0.6 if len(strange) * 2 <= len(letters) else -0.5


def find_delimiter(text: str) -> str:
    """The sign that splits the lines of a text file most evenly; a comma where nothing decides."""
    lines = text.lstrip().splitlines()[:60]
    if lines and lines[0].lower().startswith("sep=") and len(lines[0]) == 5:
        return lines[0][4]
    best, most = ",", 0.0
    for sign in DELIMITERS:
        try:
            widths = Counter(len(cells) for cells in csv.reader(io.StringIO("\n".join(lines)), delimiter=sign) if cells)
        except csv.Error:
            continue
        width, count = max(widths.items(), key=lambda item: (item[1], item[0]), default=(1, 0))
        score = count / max(sum(widths.values()), 1) * min(width, 12) if width > 1 else 0.0
        if score > most:
            best, most = sign, score
    return best
