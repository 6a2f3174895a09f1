"""Files that are refused, and the sentence that says what to do."""

import io
import struct
import time
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import openpyxl
import pytest

from aimprogress.exchange import formulas
from aimprogress.exchange.columns import Column, is_contact
from aimprogress.exchange.compound import COMPOUND_MAGIC, CompoundFile, Damaged
from aimprogress.exchange.formulas import survey
from aimprogress.exchange.models import AT_ONCE
from aimprogress.exchange.reading import read_book
from aimprogress.exchange.safety import LARGEST_FILE, Refused, receive

CSV = b"name,country\nPlant,UA\n"


def a_workbook(*rows: tuple) -> bytes:
    book = openpyxl.Workbook()
    for row in rows or (("Site name", "Country"), ("Plant", "UA")):
        book.active.append(row)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def repacked(data: bytes, **more: bytes) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as old, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as new:
        for entry in old.infolist():
            if entry.filename not in more:
                new.writestr(entry.filename, old.read(entry.filename))
        for name, content in more.items():
            new.writestr(name, content)
    return out.getvalue()


def an_ods(body: str, mimetype: bytes = b"application/vnd.oasis.opendocument.spreadsheet", manifest: str = "") -> bytes:
    office = "urn:oasis:names:tc:opendocument:xmlns:"
    spaces = " ".join(f'xmlns:{name}="{office}{name}:1.0"' for name in ("office", "table", "text"))
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr("mimetype", mimetype)
        table = f"<table:table table:name='S'>{body}</table:table>"
        content = f"<office:body><office:spreadsheet>{table}</office:spreadsheet></office:body>"
        archive.writestr("content.xml", f"<office:document-content {spaces}>{content}</office:document-content>")
        archive.writestr("META-INF/manifest.xml", f"<manifest>{manifest}</manifest>")
    return out.getvalue()


def a_cell(text: str, attributes: str = "") -> str:
    return f'<table:table-cell office:value-type="string" {attributes}><text:p>{text}</text:p></table:table-cell>'


def a_compound(**streams: bytes) -> bytes:
    """A compound file of one allocation sector, one of names, then the streams, each in sectors of its own."""
    bodies = [body.ljust(-(-len(body) // 512) * 512, b"\0") for body in streams.values()]
    fat, starts, at = [0xFFFFFFFD, 0xFFFFFFFE], [], 2
    for body in bodies:
        starts.append(at)
        sectors = len(body) // 512
        fat += [*range(at + 1, at + sectors), 0xFFFFFFFE]
        at += sectors
    names = b""
    for name, kind, start, size in [
        ("Root Entry", 5, 0xFFFFFFFE, 0),
        *((n, 2, s, len(b)) for (n, b), s in zip(streams.items(), starts, strict=True)),
    ]:
        raw = name.encode("utf-16-le") + b"\0\0"
        entry = raw.ljust(64, b"\0") + struct.pack("<HBB", len(raw), kind, 1) + bytes(48) + struct.pack("<III", start, size, 0)
        names += entry
    head = COMPOUND_MAGIC + bytes(16) + struct.pack("<HHHHH", 0x3E, 3, 0xFFFE, 9, 6) + bytes(10)
    head += struct.pack("<IIIIIIII", 1, 1, 0, 0, 0xFFFFFFFE, 0, 0xFFFFFFFE, 0)
    head += struct.pack("<109I", 0, *[0xFFFFFFFF] * 108)
    table = struct.pack(f"<{len(fat)}I", *fat).ljust(512, b"\xff")
    return head + table + names.ljust(512, b"\0") + b"".join(bodies)


def a_record(kind: int, body: bytes) -> bytes:
    return struct.pack("<HH", kind, len(body)) + body


def refused(data: bytes, name: str) -> str:
    with pytest.raises(Refused) as caught:
        read_book(receive(io.BytesIO(data), name=name))
    assert len(caught.value.messages[0]) > 20
    return caught.value.code


class Unreadable(io.BytesIO):
    def read(self, *_: object) -> bytes:
        raise AssertionError("the file was read")


def test_a_file_of_50_megabytes_is_refused_before_it_is_read():
    with pytest.raises(Refused, match="10 MB"):
        receive(Unreadable(), name="sites.xlsx", size=50 * 1024 * 1024)


def test_a_file_that_lies_about_its_size_is_read_no_further_than_the_limit():
    class Endless(io.RawIOBase):
        given = 0

        def read(self, size: int = -1) -> bytes:
            assert size > 0
            self.given += size
            return b"a" * size

    endless = Endless()
    with pytest.raises(Refused):
        receive(endless, name="sites.csv", size=10)
    assert endless.given == LARGEST_FILE + 1


def test_a_plain_workbook_and_a_plain_text_are_read():
    assert [row.cells for row in read_book(receive(io.BytesIO(a_workbook()), name="a.xlsx")).sheets[0].rows][1] == ("Plant", "UA")
    assert read_book(receive(io.BytesIO(CSV), name="a.csv")).sheets[0].rows[1].cells == ("Plant", "UA")


@pytest.mark.parametrize(
    ("data", "name", "code"),
    [
        (b"", "a.csv", "empty"),
        (b"  \n\n ", "a.csv", "empty"),
        (CSV, "a.exe", "type"),
        (CSV, "a", "type"),
        (CSV, "a.xlsm", "macros"),
        (CSV, "a.xlsx", "content"),
        (CSV, "a.xls", "content"),
        (b'[{"name": "Plant"}]', "a.json", "json"),
        (b'[{"name": "Plant"}]', "a.csv", "json"),
        (b'Data As Of February 2019\n[{"name": "Plant"}]', "a.xls", "json"),
        (b"<html><table><tr><td>Plant</td></tr></table></html>", "a.xls", "content"),
        (b"%PDF-1.7\nname,country\n", "a.csv", "pdf"),
        (b"\x89PNG\r\n\x1a\n" + bytes(200), "a.csv", "content"),
        (b"MZ\x90\x00" + bytes(200), "a.csv", "content"),
        (b"PK\x03\x04 and no archive", "a.xlsx", "damaged"),
        (COMPOUND_MAGIC + bytes(2000), "a.xls", "damaged"),
    ],
)
def test_what_is_no_list_is_refused_with_a_reason(data: bytes, name: str, code: str):
    assert refused(data, name) == code


def test_an_archive_renamed_to_a_workbook_is_refused():
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr("readme.txt", "hello")
    assert refused(out.getvalue(), "a.xlsx") == "content"


def test_a_workbook_that_is_also_a_pdf_is_refused():
    assert refused(b"%PDF-1.7 " + a_workbook(), "a.xlsx") == "pdf"
    assert refused(a_workbook() + b"\n%PDF-1.7 trailer", "a.xlsx") == "pdf"


def test_bytes_before_or_after_the_archive_are_refused():
    assert refused(a_workbook() + b"tail", "a.xlsx") == "archive"
    with_comment = bytearray(a_workbook())
    assert refused(bytes(with_comment[:4]) + b"", "a.xlsx") == "damaged"


def test_a_zip_bomb_is_refused_by_its_real_bytes():
    assert refused(repacked(a_workbook(), **{"xl/media/zeros.bin": bytes(64 * 1024 * 1024)}), "a.xlsx") == "bomb"


def test_an_archive_of_very_many_entries_is_refused():
    assert refused(repacked(a_workbook(), **{f"xl/x{n}.xml": b"<x/>" for n in range(1200)}), "a.xlsx") == "bomb"


def test_archives_inside_links_and_ways_up_are_refused():
    assert refused(repacked(a_workbook(), **{"xl/embeddings/more.zip": CSV}), "a.xlsx") == "archive"
    assert refused(repacked(a_workbook(), **{"../../etc/cron": CSV}), "a.xlsx") == "archive"
    out = io.BytesIO(a_workbook())
    with zipfile.ZipFile(out, "a") as archive:
        link = zipfile.ZipInfo("xl/link")
        link.external_attr = 0o120777 << 16
        archive.writestr(link, "/etc/passwd")
    assert refused(out.getvalue(), "a.xlsx") == "archive"


def test_macros_are_refused():
    assert refused(repacked(a_workbook(), **{"xl/vbaProject.bin": b"x"}), "a.xlsx") == "macros"


def test_a_document_type_with_entities_is_refused():
    sheet = b'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "b">]><worksheet/>'
    assert refused(repacked(a_workbook(), **{"xl/worksheets/sheet1.xml": sheet}), "a.xlsx") == "archive"


def test_a_sheet_that_reaches_over_millions_of_cells_is_refused_before_it_is_laid_out():
    book = openpyxl.Workbook()
    book.active["A1"] = "name"
    book.active["XFD1048576"] = "far away"
    out = io.BytesIO()
    book.save(out)
    assert refused(out.getvalue(), "a.xlsx") == "too_many_cells"


@pytest.mark.parametrize(
    "far",
    [
        '<row r="1048576"><c x=">" r="XFD1048576"><v>1</v></c></row>',
        "<row r='1048576'><c r='XFD1048576'><v>1</v></c></row>",
        '<row r="1048576"><c r = "xfd1048576"><v>1</v></c ></row>',
        '<row r="1048576"><c r="&#88;FD1048576"><v>1</v></c></row>',
        '<row r="1048576"><c r="XFD1048576"><!-- <c --><v>1</v></c></row>',
        '<row r="1048576"><c other:r="A1" r="XFD1048576"><v>1</v></c></row>',
        '<row r="1048576"><m.n:c r="XFD1048576"><m.n:v>1</m.n:v></m.n:c></row>',
        '<row r="1048576">' + "<c/>" * 16 + "<c><v>1</v></c></row>",
    ],
)
@pytest.mark.parametrize("names", ["as ever", "strict", "in other letters"])
def test_a_far_cell_is_found_however_it_is_written(far: str, names: str):
    """A reader that meets one asks for 500 gigabytes, and its process ends: no spelling may pass the survey."""
    main = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
    cells = f'<sheetData><row r="1"><c r="A1"><v>1</v></c></row>{far}</sheetData>'
    sheet = f'<worksheet xmlns="{main}" xmlns:m.n="{main}" xmlns:other="urn:x">{cells}</worksheet>'
    parts = {"xl/worksheets/sheet1.xml": sheet.encode()}
    with zipfile.ZipFile(io.BytesIO(a_workbook())) as old:
        book, ways = old.read("xl/workbook.xml"), old.read("xl/_rels/workbook.xml.rels")
    if names == "strict":
        parts["xl/workbook.xml"] = book.replace(main.encode(), b"http://purl.oclc.org/ooxml/spreadsheetml/main")
    elif names == "in other letters":
        parts["xl/_rels/workbook.xml.rels"] = ways.replace(b"worksheets/sheet1.xml", b"Worksheets/SHEET1.xml")
    assert refused(repacked(a_workbook(), **parts), "a.xlsx") == "too_many_cells"


def test_a_short_text_that_a_million_cells_repeat_is_refused():
    cells = b"".join(b'<row r="%d"><c r="A%d" t="s"><v>0</v></c></row>' % (n, n) for n in range(1, 30_001))
    main = b"http://schemas.openxmlformats.org/spreadsheetml/2006/main"
    sheet = b'<worksheet xmlns="%s"><sheetData>%s</sheetData></worksheet>' % (main, cells)
    strings = b'<sst xmlns="%s"><si><t>%s</t></si></sst>' % (main, b"a1b2c3d4" * 4000)
    workbook = repacked(a_workbook(), **{"xl/worksheets/sheet1.xml": sheet, "xl/sharedStrings.xml": strings})
    assert refused(workbook, "a.xlsx") == "too_many_cells"


def test_formula_cells_are_known_by_their_place_and_never_calculated():
    upload = receive(io.BytesIO(a_workbook(("Site name", "Country"), ("=1+1", "UA"))), name="a.xlsx")
    assert survey(upload)["Sheet"].formulas == {(1, 0)}
    assert read_book(upload).sheets[0].rows[1].formulas == frozenset({0})


def test_the_old_binary_format_is_measured_too():
    path = Path(__file__).parent / "data" / "osh_raw_12.xls"
    with path.open("rb") as handle:
        found = survey(receive(handle, name=path.name))
    assert [(sheet.rows, sheet.columns, sheet.formulas) for sheet in found.values()] == [(16, 4, set())]


TWICE, ENDLESS, A_FORMULA = (
    'table:number-columns-repeated="2"',
    'table:number-columns-repeated="1024"',
    'table:formula="of:=1+1"',
)


def test_an_open_document_is_read_with_its_repeats_and_formulas():
    head = f"<table:table-row>{a_cell('Site name')}{a_cell('Country', TWICE)}</table:table-row>"
    row = f"<table:table-row>{a_cell('Plant')}{a_cell('UA', A_FORMULA)}</table:table-row>"
    upload = receive(io.BytesIO(an_ods(head + row)), name="a.ods")
    assert [list(found.formulas) for found in survey(upload).values()] == [[(1, 1)]]
    assert read_book(upload).sheets[0].rows[0].cells == ("Site name", "Country", "Country")


def test_an_open_document_that_repeats_without_end_is_refused():
    row = f"<table:table-row table:number-rows-repeated='1048576'>{a_cell('x', ENDLESS)}</table:table-row>"
    assert refused(an_ods(row), "a.ods") == "too_many_cells"


def test_an_open_document_with_a_password_or_of_another_kind_is_refused():
    row = f"<table:table-row>{a_cell('x')}</table:table-row>"
    assert refused(an_ods(row, manifest="<encryption-data/>"), "a.ods") == "encrypted"
    assert refused(an_ods(row, mimetype=b"application/vnd.oasis.opendocument.text"), "a.ods") == "content"


def test_passwords_and_macros_of_the_old_formats_are_refused():
    assert refused(a_compound(EncryptedPackage=b"x" * 100, EncryptionInfo=b"y"), "a.xlsx") == "encrypted"
    assert refused(a_compound(Workbook=a_record(0x2F, b"\0" * 54)), "a.xls") == "encrypted"
    assert refused(a_compound(Workbook=b"x", _VBA_PROJECT_CUR=b"x"), "a.xls") == "macros"
    assert refused(a_compound(WordDocument=b"x" * 600), "a.xls") == "content"


def test_formulas_and_far_cells_of_the_old_binary_format_are_found():
    sheet = struct.pack("<IBBBB", 0, 0, 0, 1, 0) + b"S"
    begin = a_record(0x0809, bytes(16))
    length = len(begin) + len(a_record(0x85, sheet)) + 4
    body = struct.pack("<I", length) + sheet[4:]
    stream = begin + a_record(0x85, body) + a_record(0x0A, b"") + begin + a_record(0x06, struct.pack("<HHH", 4, 2, 0) + bytes(14))
    found = survey(receive(io.BytesIO(a_compound(Workbook=stream)), name="a.xls"))
    assert found["S"].formulas == {(4, 2)}
    far = stream + a_record(0x0203, struct.pack("<HHH", 65535, 255, 0) + bytes(8))
    assert refused(a_compound(Workbook=far), "a.xls") == "too_many_cells"


@pytest.mark.parametrize("kept", range(0, 3000, 97))
def test_a_file_cut_anywhere_is_refused_with_words_and_never_breaks(kept: int):
    for data, name in ((a_workbook(), "a.xlsx"), (a_compound(Workbook=b"x" * 2000), "a.xls"), (an_ods(a_cell("x")), "a.ods")):
        if kept < len(data):
            refused(data[:kept], name)


@contextmanager
def soon(seconds: float = 4) -> Iterator[None]:
    """The block takes less CPU than a request may: what grows with the square of its input takes many times more."""
    began = time.process_time()
    yield
    assert time.process_time() - began < seconds


@pytest.mark.parametrize("body", [b"<c>" * 40_000, b"<c " * 40_000, b'<c r="A1"><f>' * 20_000])
def test_a_sheet_of_cells_that_never_end_costs_no_more_than_one_of_cells_that_do(body: bytes):
    with soon():
        refused(repacked(a_workbook(), **{"xl/worksheets/sheet1.xml": b"<worksheet><sheetData>" + body}), "a.xlsx")


def test_a_cell_that_is_one_endless_word_is_looked_at_soon():
    with soon():
        assert not is_contact(Column(0, "Name", samples=("a" * 100_000,)))


def test_a_workbook_that_declares_entities_behind_a_long_comment_is_refused():
    said = b'<?xml version="1.0"?><!--%s--><!DOCTYPE x [<!ENTITY a "b">]><workbook/>' % (b" " * 5000)
    assert refused(repacked(a_workbook(), **{"xl/workbook.xml": said}), "a.xlsx") == "damaged"


def test_a_small_file_that_unpacks_to_a_long_list_weighs_what_it_holds():
    sheet = b"<worksheet><sheetData>%s</sheetData></worksheet>" % (b'<row r="1"></row>' * 200_000)
    upload = receive(io.BytesIO(repacked(a_workbook(), **{"xl/worksheets/sheet1.xml": sheet})), name="a.xlsx")
    assert len(upload.data) < AT_ONCE < upload.weight, "read by a Job, not while the page waits"
    assert receive(io.BytesIO(CSV), name="a.csv").weight == len(CSV)


def test_an_archive_packed_in_an_unusual_way_is_refused():
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(a_workbook())) as old, zipfile.ZipFile(out, "w", zipfile.ZIP_LZMA) as new:
        for entry in old.infolist():
            new.writestr(entry.filename, old.read(entry.filename))
    assert refused(out.getvalue(), "a.xlsx") == "archive"


def test_formulas_without_number_are_refused_before_they_are_remembered(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(formulas, "MOST_FORMULAS", 1000)
    row = f"<table:table-row table:number-rows-repeated='1001'>{a_cell('x', A_FORMULA)}</table:table-row>"
    assert refused(an_ods(row), "a.ods") == "too_many_cells"
    assert refused(a_workbook(*[("=1", "=2")] * 501), "a.xlsx") == "too_many_cells"


def test_a_compound_file_whose_tables_go_round_in_circles_ends():
    whole = a_compound(Workbook=b"x" * 5000)
    turning = bytearray(whole)
    struct.pack_into("<II", turning, 68, 1, 0xFFFFFFF0)  # the table of tables goes on in sector 1, and says it is endless
    struct.pack_into("<I", turning, 512 + 512 + 508, 1)  # where it points at itself
    idle = bytearray(turning)
    idle[512 + 512 : 512 + 512 + 508] = b"\xff" * 508  # the same, and it names no other table
    growing = bytearray(turning + bytes(2_000_000))
    growing[512 + 512 : 512 + 512 + 508] = bytes(508)  # the same in a long file, and it names the first table 127 times each time
    circle = bytearray(whole)
    struct.pack_into("<I", circle, 512 + 4 * 2, 2)  # the first sector of the stream follows itself
    with soon():
        for data in (turning, idle, growing, circle):
            with pytest.raises(Damaged):
                CompoundFile(bytes(data)).stream("Workbook")
