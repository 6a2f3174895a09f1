"""Files by their sha256: the same bytes are one file, and a broken write leaves nothing."""

import errno
import hashlib
import os
from pathlib import Path

import pytest

from aimprogress.core.actor import SYSTEM, acting_as
from aimprogress.core.files import StoredFile, open_file, store_file
from tests.factories import a_coordinator, an_organisation

pytestmark = pytest.mark.django_db
DATA = b"%PDF-1.7 a report"


@pytest.fixture(autouse=True)
def folder(settings, tmp_path: Path) -> Path:
    settings.FILES_DIR = tmp_path / "files"
    return settings.FILES_DIR


def stored(organisation, data: bytes = DATA) -> StoredFile:
    with acting_as(SYSTEM):
        return store_file(data, name="r.pdf", content_type="application/pdf", kind="report", organisation_id=organisation.pk)


def files(folder: Path) -> list[Path]:
    return [path for path in folder.rglob("*") if path.is_file()]


def test_a_file_is_kept_under_the_hash_of_its_bytes(folder):
    row = stored(an_organisation())
    name = hashlib.sha256(DATA).hexdigest()
    assert (row.sha256, row.size, row.path) == (name, len(DATA), folder / name[:2] / name[2:4] / name)
    with open_file(row) as handle:
        assert handle.read() == DATA


def test_the_same_bytes_are_one_file_with_a_row_for_each_owner(folder):
    first, second = an_organisation(), an_organisation()
    assert stored(first).path == stored(second).path
    assert len(files(folder)) == 1
    with acting_as(a_coordinator(first)):
        assert [row.organisation_id for row in StoredFile.objects.all()] == [first.pk]


def test_a_full_disk_leaves_neither_half_a_file_nor_a_row(folder, monkeypatch):
    def full(handle: int) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OSError, match="No space"):
        stored(an_organisation())
    assert files(folder) == []
    with acting_as(SYSTEM):
        assert not StoredFile.objects.exists()
