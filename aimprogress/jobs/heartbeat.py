"""The sign of life of a running job: a thread with a database connection of its own.

It renews the lease, writes the progress, and learns that the job was cancelled or lost. It ends with the work, and at the
latest at the kind's time limit: a work that hangs must lose its lease.
"""

import logging
import threading
import time
from collections.abc import Callable
from types import TracebackType
from typing import Self

from django.db import DatabaseError, InterfaceError, connection

from aimprogress.core.actor import SYSTEM, acting_as

from . import claim
from .kinds import LeaseLost, Progress
from .models import Job

log = logging.getLogger(__name__)

LOOK_EVERY = 1.0
"""Seconds between two looks at whether the job is still wanted."""


class Heartbeat:
    """`with Heartbeat(job, progress):` keeps the lease while the block runs.

    `overrun` is called (from the thread) when the work has not come back one lease after its time limit: a worker process
    ends itself there, because nothing else stops a hanging call into a library.
    """

    def __init__(self, job: Job, progress: Progress, overrun: Callable[[], None] | None = None) -> None:
        self.job, self.progress, self.overrun = job, progress, overrun
        self.lease = claim.lease().total_seconds()
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._beat, name=f"heartbeat {job.pk}", daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self._over.set()
        self._thread.join(timeout=self.lease)

    def _beat(self) -> None:
        try:
            self._beat_until_over()
        finally:
            connection.close()
        if self.overrun and not self._over.wait(self.lease) and time.monotonic() > self.progress.deadline:
            log.error("job %s did not stop at its time limit: ending this process", self.job.pk)
            self.overrun()

    def _beat_until_over(self) -> None:
        renewed, written = time.monotonic(), self.progress.noted
        while not self._over.wait(min(LOOK_EVERY, self.lease / 3)):
            now = time.monotonic()
            if now > self.progress.deadline:
                return
            due = now - renewed >= self.lease / 3 or self.progress.noted != written
            noted = self.progress.noted
            if self._tell(due) and due:
                renewed, written = now, noted
            if self.progress.stop is LeaseLost:
                return

    def _tell(self, due: bool) -> bool:
        """One word with the database. While it cannot be reached nobody else can take the job either: keep trying."""
        try:
            with acting_as(SYSTEM):
                (claim.renew if due else claim.look)(self.job, self.progress)
        except (DatabaseError, InterfaceError):
            log.warning("job %s: no sign of life reached the database", self.job.pk)
            connection.close()
            return False
        return True
