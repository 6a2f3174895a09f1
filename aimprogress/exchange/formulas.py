"""Where the formulas stand and how far a sheet reaches, found without evaluating anything.

The reader that gives us values shows a formula's last result only. A result is not what somebody typed, so every
formula cell must be known by its place. The same walk measures a sheet before it is laid out in memory.
"""

import io
import re
import struct
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from xml.etree import ElementTree
from xml.parsers import expat

from django.utils.translation import gettext_lazy as _

from aimprogress.exchange.compound import CompoundFile, Damaged
from aimprogress.exchange.safety import Refused, Upload, damaged, encrypted, macros

MOST_CELLS = 6_000_000  # rows times columns of one sheet as laid out in memory
MOST_FORMULAS = 1_000_000  # of one sheet; each is remembered by its place
MOST_TEXT = 400_000_000  # characters when every repeated text is written out
_PLACE = re.compile(r"([A-Za-z]{1,3})(\d{1,7})")
_SHARED = re.compile(rb"<(?:\w+:)?v>(\d+)<")


@dataclass(slots=True)
class Survey:
    """What a sheet holds. Places are (row, column), both from 0."""

    formulas: set[tuple[int, int]] = field(default_factory=set)
    rows: int = 0
    columns: int = 0

    def by_row(self) -> dict[int, frozenset[int]]:
        """Columns that hold a formula, by row."""
        rows: dict[int, set[int]] = {}
        for row, column in self.formulas:
            rows.setdefault(row, set()).add(column)
        return {row: frozenset(columns) for row, columns in rows.items()}

    def reaches(self, row: int, column: int) -> None:
        """Widen the sheet so that it holds a cell with a value at this place. Raises Refused where it grows too large."""
        self.rows = max(self.rows, row + 1)
        self.columns = max(self.columns, column + 1)
        if self.rows * self.columns > MOST_CELLS:
            raise _too_wide()

    def holds_formulas(self, row: int, column: int, *, rows: int = 1, columns: int = 1) -> None:
        """Remember a block of formulas that begins at this place. Raises Refused where there are more than a list can hold."""
        self.reaches(row + rows - 1, column + columns - 1)
        if len(self.formulas) + rows * columns > MOST_FORMULAS:
            raise _too_wide()
        self.formulas.update((r, c) for r in range(row, row + rows) for c in range(column, column + columns))


def _too_wide() -> Refused:
    return Refused(
        _("A sheet reaches over more cells than a list can hold. Delete the stray cells, or copy the list."),
        code="too_many_cells",
    )


def survey(upload: Upload) -> dict[str, Survey]:
    """A Survey per sheet name, in the order of the workbook; empty for text files. Raises Refused."""
    if upload.kind == "xlsx":
        return _survey_xlsx(upload.data)
    if upload.kind == "ods":
        return _survey_ods(upload.data)
    if upload.kind == "xls":
        return _survey_xls(upload.data)
    return {}


def _survey_xlsx(data: bytes) -> dict[str, Survey]:
    archive = zipfile.ZipFile(io.BytesIO(data))
    _bound_shared_text(archive)
    try:
        # Every part that holds cells, whatever leads to it: a reader that follows another way than ours meets no unknown one.
        parts = {name.lower(): _survey_sheet(xml) for name in archive.namelist() if b"sheetData" in (xml := archive.read(name))}
        return {name: parts[part.lower()] for name, part in _sheet_parts(archive) if part.lower() in parts}
    except (ElementTree.ParseError, expat.ExpatError, KeyError, ValueError):
        raise damaged() from None


def _sheet_parts(archive: zipfile.ZipFile) -> Iterator[tuple[str, str]]:
    relations = _tree(archive.read("xl/_rels/workbook.xml.rels"))
    targets = {relation.get("Id"): relation.get("Target", "") for relation in relations}
    book = _tree(archive.read("xl/workbook.xml"))
    for sheet in book.iter():
        if sheet.tag.rpartition("}")[2] == "sheet":
            relation = next((value for name, value in sheet.items() if name.endswith("}id")), "")
            target = targets.get(relation, "")
            yield sheet.get("name", ""), target.lstrip("/") if target.startswith("/") else f"xl/{target}"


class _WithoutEntities(ElementTree.TreeBuilder):
    """Ends at a document type, wherever it stands and in whatever encoding: entities are declared nowhere else."""

    def doctype(self, *_declaration: object) -> None:
        raise damaged()


def _tree(xml: bytes) -> ElementTree.Element:
    parser = ElementTree.XMLParser(target=_WithoutEntities())  # noqa: S314 - no entity can be declared
    parser.feed(xml)
    return parser.close()


class _SheetWalk:
    """Walks a worksheet the way the reader lays it out: by the place that a cell or row names, else beside the one before."""

    def __init__(self) -> None:
        self.found = Survey()
        self.row = self.column = -1
        self.inside = False

    def start(self, tag: str, attributes: dict[str, str]) -> None:
        name = tag.rpartition(":")[2]
        if name == "row":
            self.row = int(attributes["r"]) - 1 if "r" in attributes else self.row + 1
            self.column = -1
        elif name == "c":
            self.inside = True
            if "r" in attributes:
                place = _PLACE.fullmatch(attributes["r"])
                if place is None:
                    raise damaged()
                self.row, self.column = int(place[2]) - 1, _column(place[1].upper().encode())
            else:
                self.row, self.column = max(self.row, 0), self.column + 1
        elif self.inside:
            self.found.reaches(self.row, self.column)
            if name == "f":
                self.found.holds_formulas(self.row, self.column)

    def end(self, tag: str) -> None:
        if tag.rpartition(":")[2] == "c":
            self.inside = False


def _survey_sheet(xml: bytes) -> Survey:
    walk = _SheetWalk()
    _walk(xml, walk)
    return walk.found


def _column(letters: bytes) -> int:
    number = 0
    for letter in letters:
        number = number * 26 + letter - 64
    return number - 1


def _bound_shared_text(archive: zipfile.ZipFile) -> None:
    """A text that a million cells repeat is stored once and laid out a million times: count it laid out."""
    if "xl/sharedStrings.xml" not in archive.namelist():
        return
    xml = archive.read("xl/sharedStrings.xml")
    lengths = [len(piece) for piece in re.split(rb"<(?:\w+:)?si\b", xml)[1:]]
    sheets = [name for name in archive.namelist() if name.startswith("xl/worksheets/")]
    cells = sum(archive.getinfo(name).file_size for name in sheets) // 20
    if not lengths or max(lengths) * cells <= MOST_TEXT:
        return
    total = 0
    for name in sheets:
        for number in _SHARED.findall(archive.read(name)):
            total += lengths[int(number)] if int(number) < len(lengths) else 0
            if total > MOST_TEXT:
                raise _too_wide()


class _OdsWalk:
    """Walks content.xml and counts repeated rows and cells the way a reader lays them out."""

    def __init__(self) -> None:
        self.sheets: dict[str, Survey] = {}
        self.current = Survey()
        self.row = self.column = 0
        self.row_repeat = self.cell_repeat = 1
        self.filled = False

    def start(self, tag: str, attributes: dict[str, str]) -> None:
        name = tag.rpartition(":")[2]
        if name == "table":
            self.current = self.sheets.setdefault(attributes.get("table:name", ""), Survey())
            self.row = 0
        elif name == "table-row":
            self.column = 0
            self.row_repeat = int(attributes.get("table:number-rows-repeated", 1))
        elif name in ("table-cell", "covered-table-cell"):
            self.cell_repeat = int(attributes.get("table:number-columns-repeated", 1))
            if "table:formula" in attributes:
                self.current.holds_formulas(self.row, self.column, rows=self.row_repeat, columns=self.cell_repeat)
            elif "office:value-type" in attributes:
                self.current.reaches(self.row + self.row_repeat - 1, self.column + self.cell_repeat - 1)

    def end(self, tag: str) -> None:
        name = tag.rpartition(":")[2]
        if name == "table-row":
            self.row += self.row_repeat
        elif name in ("table-cell", "covered-table-cell"):
            self.column += self.cell_repeat


def _survey_ods(data: bytes) -> dict[str, Survey]:
    walk = _OdsWalk()
    try:
        _walk(zipfile.ZipFile(io.BytesIO(data)).read("content.xml"), walk)
    except (expat.ExpatError, ValueError, KeyError):
        raise damaged() from None
    return walk.sheets


def _walk(xml: bytes, walk: _SheetWalk | _OdsWalk) -> None:
    parser = expat.ParserCreate()
    parser.StartElementHandler = walk.start
    parser.EndElementHandler = walk.end
    parser.StartDoctypeDeclHandler = _no_doctype
    parser.Parse(xml, True)


def _no_doctype(*_declaration: object) -> None:
    raise damaged()


# Records of the old binary format, [MS-XLS]: all cell records begin with row and column.
_FORMULA, _BOUND_SHEET, _FILE_PASS, _BEGIN, _MACRO = 0x0006, 0x0085, 0x002F, 0x0809, 0x00D3
_CELLS = {_FORMULA, 0x00FD, 0x0203, 0x027E, 0x0204, 0x0205, 0x00D6}
_MANY_CELLS = 0x00BD


def _survey_xls(data: bytes) -> dict[str, Survey]:
    try:
        stream = CompoundFile(data).stream("Workbook", "Book")
    except (Damaged, struct.error):
        raise damaged() from None
    starts: dict[int, str] = {}
    sheets: dict[str, Survey] = {}
    current = Survey()
    for offset, kind, body in _records(stream):
        if kind == _FILE_PASS:
            raise encrypted()
        if kind == _MACRO:
            raise macros()
        if kind == _BOUND_SHEET and len(body) >= 8:
            name = _sheet_name(body)
            starts[struct.unpack_from("<I", body)[0]] = name
            sheets[name] = Survey()
        elif kind == _BEGIN:
            current = sheets.get(starts.get(offset, ""), current)
        elif (kind in _CELLS or kind == _MANY_CELLS) and len(body) >= 6:
            row, column = struct.unpack_from("<HH", body)
            last = struct.unpack_from("<H", body, len(body) - 2)[0] if kind == _MANY_CELLS else column
            current.reaches(row, max(column, min(last, 255)))
            if kind == _FORMULA:
                current.holds_formulas(row, column)
    return sheets


def _records(stream: bytes) -> Iterator[tuple[int, int, bytes]]:
    offset = 0
    while offset + 4 <= len(stream):
        kind, length = struct.unpack_from("<HH", stream, offset)
        yield offset, kind, stream[offset + 4 : offset + 4 + length]
        offset += 4 + length


def _sheet_name(body: bytes) -> str:
    length, flags = body[6], body[7]
    return body[8 : 8 + length * 2].decode("utf-16-le", "replace") if flags & 1 else body[8 : 8 + length].decode("latin-1")
