"""Log files of this machine. A large one is set aside as `<name>.1` in place of the one before it: logs never fill the disk."""

import os
import shutil
from contextlib import suppress
from pathlib import Path
from typing import IO

LIMIT_IN_BYTES = 20_000_000


def open_log(path: Path) -> IO[bytes]:
    """A log opened for appending, which only the portal's user reads; a large one is set aside first."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    if _is_large(path):
        path.replace(_aside(path))
    return os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600), "ab")


def keep_short(path: Path) -> None:
    """The same for a log that another program holds open for appending: it goes on writing at the new end of its file."""
    if not _is_large(path):
        return
    with suppress(OSError):  # a full disk must not end the launcher
        with path.open("rb") as log, open(_aside(path), "wb", opener=_private) as copy:
            shutil.copyfileobj(log, copy)
        os.truncate(path, 0)  # a line that was written since the copy is lost; the program cannot be made to wait


def _is_large(path: Path) -> bool:
    return path.exists() and path.stat().st_size > LIMIT_IN_BYTES


def _aside(path: Path) -> Path:
    return path.with_name(path.name + ".1")


def _private(name: str, flags: int) -> int:
    return os.open(name, flags, 0o600)
