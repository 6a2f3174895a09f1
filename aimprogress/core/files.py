"""Files by what they are: stored once under their sha256, found through a row that says whose they are."""

import hashlib
import io
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, BinaryIO
from uuid import UUID

from django.conf import settings
from django.db import models
from django.utils import timezone

from .scoping import DataClass, ScopedModel

PIECE = 1 << 20


class StoredFile(ScopedModel):
    """A file of an organisation. The narrower class: a file may hold what only its owner may see."""

    data_class = DataClass.COMMERCIAL

    sha256 = models.CharField(max_length=64)
    size = models.PositiveBigIntegerField()
    name = models.CharField(max_length=200)
    content_type = models.CharField(max_length=100)
    kind = models.CharField(max_length=40)
    stored_at = models.DateTimeField(default=timezone.now)

    class Meta:
        indexes = [models.Index(fields=["organisation", "-stored_at", "id"])]

    @property
    def path(self) -> Path:
        return path_of(self.sha256)


def path_of(sha256: str) -> Path:
    return Path(settings.FILES_DIR) / sha256[:2] / sha256[2:4] / sha256


def store_file(data: bytes, *, name: str, content_type: str, kind: str, organisation_id: UUID) -> StoredFile:
    """Write `data` under its hash, durably, then its row. Raises OSError where the disk is full; nothing half-written.

    Safe to run again: the same bytes are the same file.
    """
    return store_stream(io.BytesIO(data), name=name, content_type=content_type, kind=kind, organisation_id=organisation_id)


def store_stream(source: BinaryIO, *, name: str, content_type: str, kind: str, organisation_id: UUID) -> StoredFile:
    """The same for what is too large for the memory: all of an open file, from its beginning, copied piece by piece."""
    source.seek(0)
    sha256 = hashlib.file_digest(source, "sha256").hexdigest()
    size, target = source.seek(0, os.SEEK_END), path_of(sha256)
    if target.exists():
        target.touch()  # it is wanted again: orphans.py leaves young files alone
    else:
        source.seek(0)
        _write_durably(target, source)
    row = StoredFile(organisation_id=organisation_id, sha256=sha256, size=size, name=name, content_type=content_type, kind=kind)
    row.save(force_insert=True)
    return row


@contextmanager
def open_file(row: StoredFile) -> Iterator[IO[bytes]]:
    """The bytes of a file that the Actor was allowed to find."""
    with row.path.open("rb") as handle:
        yield handle


def _write_durably(target: Path, source: BinaryIO) -> None:
    target.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    handle, temporary = tempfile.mkstemp(dir=target.parent)
    try:
        with os.fdopen(handle, "wb") as out:
            shutil.copyfileobj(source, out, PIECE)
            out.flush()
            os.fsync(out.fileno())
        Path(temporary).replace(target)
    except BaseException:
        Path(temporary).unlink(missing_ok=True)
        raise
    folder = os.open(target.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)
