"""Files without a row: what a transaction that was rolled back, or a killed process, left on the disk."""

import logging
import time
from collections.abc import Collection
from pathlib import Path

from django.conf import settings

from .actor import SYSTEM, acting_as
from .files import StoredFile, path_of

log = logging.getLogger(__name__)

OLD_ENOUGH = 24 * 3600
"""Seconds. A younger file may belong to a transaction that is still open."""


def remove_files(hashes: Collection[str]) -> None:
    """Remove the bytes of files whose rows were deleted, unless another row names them, too. Called after the commit.

    Where it does not come to that, `remove_orphans` finds them a day later.
    """
    with acting_as(SYSTEM):
        known = set(StoredFile.objects.filter(sha256__in=hashes).values_list("sha256", flat=True))
    for sha256 in set(hashes) - known:
        path_of(sha256).unlink(missing_ok=True)


def remove_orphans() -> int:
    """Remove old files that no row names, and old half-written ones. Needs to act as SYSTEM. Returns how many."""
    removed = 0
    for folder in Path(settings.FILES_DIR).glob("??/??"):
        old = [path for path in folder.iterdir() if path.is_file() and time.time() - path.stat().st_mtime > OLD_ENOUGH]
        known = set(StoredFile.objects.filter(sha256__in=[path.name for path in old]).values_list("sha256", flat=True))
        for path in old:
            if path.name not in known:
                path.unlink(missing_ok=True)
                removed += 1
    if removed:
        log.info("%s files without an owner were removed", removed)
    return removed
