"""Files that people attach as evidence: pictures without their hidden data, and PDF documents. Everything else is refused.

A photo tells more than it shows: where it was taken, by which phone, when. So a picture is drawn again from its points, and one
that carries a position is refused with words, because whoever sent it should know (domain 8.4).
"""

import hashlib
import io
import re
import struct
import warnings
from dataclasses import dataclass, field
from typing import BinaryIO

from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _
from PIL import Image, ImageOps, UnidentifiedImageError

LARGEST_EVIDENCE = 5 * 1024 * 1024
MOST_POINTS = 40_000_000
GPS_BLOCK = 0x8825
_GPS_IN_XMP = re.compile(rb"GPS(?:Latitude|Longitude|Position)", re.IGNORECASE)
_EXIF = re.compile(rb"\xff\xe1(..)Exif\x00\x00", re.DOTALL)
_PLACED_IN_DOCUMENT = _(
    "A photo in this document says where it was taken. Remove the location from the photo and make the document again, "
    "or send the photo alone."
)
PICTURES = {"JPEG": ("image/jpeg", "jpg"), "PNG": ("image/png", "png")}


@dataclass(frozen=True, slots=True)
class Evidence:
    """A file that may be stored: bytes without hidden data, their type, and the ending that belongs to it."""

    data: bytes = field(repr=False)
    content_type: str
    ending: str
    sha256: str


def receive_evidence(file: BinaryIO, *, size: int | None = None) -> Evidence:
    """Read a file that proves something. Raises ValidationError in words for what is too large, no picture or PDF, or placed."""
    if size is not None and size > LARGEST_EVIDENCE:
        raise _too_large()
    data = file.read(LARGEST_EVIDENCE + 1)
    if len(data) > LARGEST_EVIDENCE:
        raise _too_large()
    if data.startswith(b"%PDF-"):
        return _evidence(_without_hidden_data(data), "application/pdf", "pdf")
    return _picture(data)


def _evidence(data: bytes, content_type: str, ending: str) -> Evidence:
    return Evidence(data, content_type, ending, hashlib.sha256(data).hexdigest())


def _picture(data: bytes) -> Evidence:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            picture = Image.open(io.BytesIO(data), formats=tuple(PICTURES))
            if picture.width * picture.height > MOST_POINTS:
                raise ValidationError(
                    _("The picture has too many points. Make it smaller and send it again."), code="too_many_points"
                )
            if picture.getexif().get_ifd(GPS_BLOCK) or _GPS_IN_XMP.search(data):
                raise _placed(
                    _("This picture says where it was taken. Remove the location on your phone or computer first, then send it.")
                )
            return _drawn_again(picture)
    except (
        UnidentifiedImageError,
        Image.DecompressionBombError,
        Image.DecompressionBombWarning,
        OSError,
        SyntaxError,
        ValueError,
    ):
        raise ValidationError(_("Send a JPEG or PNG picture, or a PDF document."), code="wrong_type") from None


def _without_hidden_data(document: bytes) -> bytes:
    """The PDF with the camera's data of its photos blanked, byte for byte as long as before. Raises for a photo with a position.

    It reads bytes and parses nothing, for a hostile file must not reach a parser here. What a PDF holds encrypted or packed a
    second time is therefore not seen.
    """
    blanked = bytearray(document)
    for found in _EXIF.finditer(document):
        begin, end = found.start() + 4, found.start() + 2 + int.from_bytes(found[1], "big")
        if _says_where(document[begin:end]):
            raise _placed(_PLACED_IN_DOCUMENT)
        blanked[begin:end] = bytes(len(blanked[begin:end]))
    if _GPS_IN_XMP.search(document):
        raise _placed(_PLACED_IN_DOCUMENT)
    return bytes(blanked)


def _says_where(exif: bytes) -> bool:
    """Whether these data of a camera name a position; what cannot be read is blanked like the rest."""
    read = Image.Exif()
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # Pillow says aloud what is broken; it is blanked anyway
            read.load(exif)
            return bool(read.get_ifd(GPS_BLOCK))
    except (SyntaxError, ValueError, OSError, struct.error, KeyError, TypeError, EOFError):
        return False


def _placed(words: str) -> ValidationError:
    return ValidationError(words, code="placed")


def _drawn_again(picture: Image.Image) -> Evidence:
    """The points alone, upright: no EXIF, no comments, no preview, no profile."""
    kind = picture.format or ""
    upright = ImageOps.exif_transpose(picture)
    plain = upright.convert("RGB" if kind == "JPEG" or "A" not in upright.getbands() else "RGBA")
    bare = Image.frombytes(plain.mode, plain.size, plain.tobytes())
    out = io.BytesIO()
    bare.save(out, kind, quality=85) if kind == "JPEG" else bare.save(out, kind, optimize=False)
    return _evidence(out.getvalue(), *PICTURES[kind])


def _too_large() -> ValidationError:
    return ValidationError(
        _("The file is larger than 5 MB. Send a smaller picture, or only the pages that matter."), code="too_large"
    )
