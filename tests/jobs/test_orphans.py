"""What interrupted work left on the disk is removed, and nothing else."""

import os
import time

import pytest

from aimprogress.core.actor import SYSTEM, acting_as
from aimprogress.core.files import path_of, store_file
from aimprogress.core.orphans import OLD_ENOUGH, remove_orphans
from tests.factories import an_organisation

pytestmark = pytest.mark.django_db


def age(path) -> None:
    old = time.time() - OLD_ENOUGH - 60
    os.utime(path, (old, old))


def test_old_files_that_nobody_names_are_removed(settings, tmp_path):
    settings.FILES_DIR = tmp_path
    organisation = an_organisation().pk
    with acting_as(SYSTEM):
        kept = store_file(b"kept", name="a", content_type="text/plain", kind="t", organisation_id=organisation)
        orphan, young = path_of("ab" * 32), path_of("cd" * 32)
        half = orphan.parent / "tmp1234"
        for path in (orphan, young, half):
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(b"x")
        for path in (kept.path, orphan, half):
            age(path)
        assert remove_orphans() == 2
    assert (kept.path.exists(), young.exists(), orphan.exists(), half.exists()) == (True, True, False, False)


def test_a_file_that_is_wanted_again_is_young_again(settings, tmp_path):
    settings.FILES_DIR = tmp_path
    organisation = an_organisation().pk
    with acting_as(SYSTEM):
        row = store_file(b"same", name="a", content_type="text/plain", kind="t", organisation_id=organisation)
        age(row.path)
        store_file(b"same", name="b", content_type="text/plain", kind="t", organisation_id=organisation)
    assert time.time() - row.path.stat().st_mtime < 60
