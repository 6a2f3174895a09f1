"""Open an uploaded list safely, or refuse it with a sentence that says what to do.

Nothing is believed: the name, the first bytes and the content must tell the same story; archives are
unpacked under a counter before any library sees them; formulas and macros are never run.
"""

import io
import re
import struct
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import PurePath
from typing import BinaryIO

from django.core.exceptions import ValidationError
from django.utils.text import get_valid_filename
from django.utils.translation import gettext_lazy as _

from aimprogress.exchange.compound import COMPOUND_MAGIC, CompoundFile, Damaged

MEGABYTE = 1024 * 1024
LARGEST_FILE = 10 * MEGABYTE
LARGEST_UNPACKED = 160 * MEGABYTE
MOST_ENTRIES = 1_000
LONGEST_RATIO = 400  # of one entry, once it is bigger than SMALL_ENTRY; real sheets stay below 60
SMALL_ENTRY = 4 * MEGABYTE
ACCEPTED = ("xlsx", "xls", "ods", "csv", "tsv")
ODS_TYPE = b"application/vnd.oasis.opendocument.spreadsheet"
MARKUP = 8  # bytes of a workbook's XML for a byte of what its cells say
_PIECE = 256 * 1024


class Refused(ValidationError):
    """The file was not read. The message says why and what to do; `code` names the reason for tests and logs."""


@dataclass(frozen=True, slots=True)
class Upload:
    """A file that passed the checks of its kind. `kind` is one of ACCEPTED.

    weight: bytes of text in it, about as many as a CSV of the same list has; it says how long reading will take.
    """

    name: str
    kind: str
    data: bytes = field(repr=False)
    weight: int = 0


def receive(file: BinaryIO, *, name: str, size: int | None = None) -> Upload:
    """Read `file` under the size limit and check that it is what its name says. Raises Refused.

    A declared `size` above the limit is refused before the first byte is read.
    """
    if size is not None and size > LARGEST_FILE:
        raise _too_large()
    data = file.read(LARGEST_FILE + 1)
    if len(data) > LARGEST_FILE:
        raise _too_large()
    if not data.strip():
        raise Refused(_("The file is empty. Choose the file that holds your list."), code="empty")
    kind = _extension(name)
    unpacked = _check_content(kind, data)
    return Upload(name=_plain_name(name), kind=kind, data=data, weight=max(len(data), unpacked // MARKUP))


def _too_large() -> Refused:
    return Refused(
        _("The file is larger than 10 MB. Delete pictures and empty sheets, or send the list in several files."), code="too_large"
    )


def _plain_name(name: str) -> str:
    cleaned = re.sub(r"[\x00-\x1f\x7f\u200b-\u200f\u202a-\u202e\u2066-\u2069]", "", PurePath(name.replace("\\", "/")).name)
    return cleaned[-120:] or get_valid_filename("upload")


def _extension(name: str) -> str:
    kind = PurePath(_plain_name(name)).suffix.lower().lstrip(".")
    if kind in ("xlsm", "xltm", "xlsb", "xlam"):
        raise macros()
    if kind == "json":
        raise Refused(
            _("This is a JSON file. The import reads spreadsheets: save the list as .xlsx or .csv. Programs use the API."),
            code="json",
        )
    if kind not in ACCEPTED:
        raise Refused(
            _("Files of this type are not read. Save the list as .xlsx, .xls, .ods, .csv or .tsv and choose it again."),
            code="type",
        )
    return kind


def _check_content(kind: str, data: bytes) -> int:
    """Raises Refused where the content is not what the name says; returns how many bytes an archive unpacks to."""
    found = _content(data)
    if b"%PDF-" in data[:1024] or (found != "text" and b"%PDF-" in data[-4096:]):
        raise Refused(
            _("The file is a PDF, or holds one. Save the list as a plain spreadsheet (.xlsx or .csv) and choose it again."),
            code="pdf",
        )
    wanted = {"xlsx": "zip", "ods": "zip", "xls": "compound"}.get(kind, "text")
    if found == "compound" and kind in ("xlsx", "ods"):
        _refuse_encrypted_package(data)
    if found != wanted:
        raise _wrong_content(found, kind)
    if found == "zip":
        return check_archive(kind, data)
    if found == "compound":
        _check_compound(data)
    return 0


def _content(data: bytes) -> str:
    """What the first bytes are: zip, compound, json, html, xml, text or binary."""
    if data[:4] in (b"PK\x03\x04", b"PK\x05\x06", b"PK\x07\x08"):
        return "zip"
    if data[:8] == COMPOUND_MAGIC:
        return "compound"
    head = data[:2048]
    if head[:2] in (b"\xff\xfe", b"\xfe\xff"):
        return "text"
    if b"\x00" in data[: 64 * 1024]:
        return "text" if _looks_like_utf16(head) else "binary"
    start = head.lstrip(b"\xef\xbb\xbf \t\r\n").lower()
    if start.startswith((b"<!doctype html", b"<html", b"<table", b"<head", b"<body")):
        return "html"
    if start.startswith((b"<?xml", b"<workbook", b"<ss:workbook")):
        return "xml"
    if start.startswith((b"%!ps", b"gif8", b"\x89png", b"rar!", b"7z\xbc\xaf", b"\x1f\x8b", b"mz\x90")):
        return "binary"
    if _looks_like_json(start):
        return "json"
    return "text"


def _looks_like_utf16(head: bytes) -> bool:
    even, odd = head[0::2], head[1::2]
    return max(even.count(0), odd.count(0)) > 0.4 * len(even) and min(even.count(0), odd.count(0)) < 0.02 * len(even)


def _looks_like_json(start: bytes) -> bool:
    """True for JSON, also where a line of plain words stands before it."""
    lines = [line.strip() for line in start.split(b"\n")[:3]]
    return any(line.startswith((b'[{"', b'{"', b"[[")) or line in (b"[", b"{") for line in lines)


def _wrong_content(found: str, kind: str) -> Refused:
    extension = {"extension": f".{kind}"}
    if found == "json":
        return Refused(
            _("The name ends in %(extension)s, but inside is JSON. Save the list as .xlsx or .csv. Programs use the API."),
            code="json",
            params=extension,
        )
    if found in ("html", "xml"):
        return Refused(
            _(
                "The name ends in %(extension)s, but inside is a web page or XML. "
                "Open it in your spreadsheet program, save it as .xlsx and choose that file."
            ),
            code="content",
            params=extension,
        )
    return Refused(
        _(
            "The name ends in %(extension)s, but the content is something else. "
            "Open the list in your spreadsheet program, save it as .xlsx and choose that file."
        ),
        code="content",
        params=extension,
    )


def macros() -> Refused:
    return Refused(
        _("The workbook holds macros. Save it as .xlsx (without macros) and choose that file; nothing in it was run."),
        code="macros",
    )


def encrypted() -> Refused:
    return Refused(_("The file is protected by a password. Remove the password, save it and choose it again."), code="encrypted")


def damaged() -> Refused:
    return Refused(
        _("The file is damaged and cannot be read. Open it in your spreadsheet program and save a copy as .xlsx."),
        code="damaged",
    )


def _suspicious() -> Refused:
    return Refused(
        _("The file is not built like a spreadsheet and was not opened. Copy the list into a new workbook and choose that file."),
        code="archive",
    )


def _bomb() -> Refused:
    return Refused(
        _("The file unpacks to far more than a list can hold and was not opened. Copy the list into a new workbook."), code="bomb"
    )


def _check_compound(data: bytes) -> None:
    try:
        names = {entry.lower() for entry in CompoundFile(data).names()}
    except Damaged:
        raise damaged() from None
    if "encryptedpackage" in names:
        raise encrypted()
    if "_vba_project_cur" in names or "vba" in names:
        raise macros()
    if "workbook" not in names and "book" not in names:
        raise _wrong_content("compound", "xls")


def _refuse_encrypted_package(data: bytes) -> None:
    try:
        names = {entry.lower() for entry in CompoundFile(data).names()}
    except Damaged:
        return
    if "encryptedpackage" in names:
        raise encrypted()


def check_archive(kind: str, data: bytes) -> int:
    """Refuse an archive that is no plain workbook: bombs, nested archives, links, macros, passwords, things glued on.

    Returns how many bytes it unpacks to.
    """
    try:
        archive = zipfile.ZipFile(io.BytesIO(data))
        entries = archive.infolist()
    except (zipfile.BadZipFile, ValueError, struct.error, NotImplementedError):
        raise damaged() from None
    if not entries or len(entries) > MOST_ENTRIES:
        raise _bomb() if entries else damaged()
    _check_frame(archive, entries, data)
    names = {entry.filename.lower() for entry in entries}
    if any(entry.flag_bits & 0x1 for entry in entries):
        raise encrypted()
    if any(entry.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED) for entry in entries):
        raise _suspicious()
    if any(name.endswith(("vbaproject.bin", ".bas", ".cls")) or name.startswith("basic/") for name in names):
        raise macros()
    if kind == "xlsx" and not {"[content_types].xml", "xl/workbook.xml"} <= names:
        raise _wrong_content("zip", kind)
    if kind == "ods" and not {"mimetype", "content.xml"} <= names:
        raise _wrong_content("zip", kind)
    return _count_contents(kind, archive, entries)


def _check_frame(archive: zipfile.ZipFile, entries: list[zipfile.ZipInfo], data: bytes) -> None:
    """Nothing before, between or after what the directory lists; no name twice, no path upwards, no link."""
    end = data.rfind(b"PK\x05\x06")
    if end < 0 or end + 22 + len(archive.comment) != len(data) or len(archive.comment) > 256:
        raise _suspicious()
    if min(entry.header_offset for entry in entries) != 0:
        raise _suspicious()
    lowered = [entry.filename.lower() for entry in entries]
    if len(set(lowered)) != len(lowered):
        raise _suspicious()
    for entry in entries:
        name = entry.filename
        if name.startswith(("/", "\\")) or ".." in re.split(r"[/\\]", name) or (entry.external_attr >> 16) & 0o170000 == 0o120000:
            raise _suspicious()
        local = data[entry.header_offset : entry.header_offset + 30]
        length = struct.unpack_from("<H", local, 26)[0] if len(local) == 30 else 0
        written = data[entry.header_offset + 30 : entry.header_offset + 30 + length]
        if local[:4] != b"PK\x03\x04" or written.replace(b"\\", b"/") != entry.orig_filename.encode(
            "utf-8" if entry.flag_bits & 0x800 else "cp437", "replace"
        ).replace(b"\\", b"/"):
            raise _suspicious()


def _count_contents(kind: str, archive: zipfile.ZipFile, entries: list[zipfile.ZipInfo]) -> int:
    """Unpack every entry piece by piece, counting real bytes (declared sizes are not believed)."""
    total = 0
    for entry in entries:
        size, first = 0, b""
        for piece in _pieces(archive, entry):
            first = first or piece[:4096]
            size += len(piece)
            total += len(piece)
            if total > LARGEST_UNPACKED or (size > SMALL_ENTRY and size > LONGEST_RATIO * max(entry.compress_size, 1)):
                raise _bomb()
        _check_entry(kind, entry.filename.lower(), first)
    return total


def _pieces(archive: zipfile.ZipFile, entry: zipfile.ZipInfo) -> Iterator[bytes]:
    try:
        with archive.open(entry) as stream:
            while piece := stream.read(_PIECE):
                yield piece
    except (zipfile.BadZipFile, zlib.error, EOFError, OSError, NotImplementedError, RuntimeError):
        raise damaged() from None


def _check_entry(kind: str, name: str, first: bytes) -> None:
    if first[:4] == b"PK\x03\x04" or name.endswith((".zip", ".7z", ".rar", ".gz")):
        raise _suspicious()
    if first[:2] == b"MZ" or first[:5] == b"%PDF-":
        raise _suspicious()
    if name.endswith((".xml", ".rels")) and re.search(rb"<!(DOCTYPE|ENTITY)", first, re.IGNORECASE):
        raise _suspicious()
    if name == "[content_types].xml" and b"macroEnabled" in first:
        raise macros()
    if kind == "ods" and name == "mimetype" and first.strip() != ODS_TYPE:
        raise _wrong_content("zip", kind)
    if kind == "ods" and name == "meta-inf/manifest.xml" and b"encryption-data" in first:
        raise encrypted()
