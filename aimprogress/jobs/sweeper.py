"""What makes lost messages harmless: a thread in each worker's main process that looks at PostgreSQL every few seconds.

It ends what was abandoned, says what waits for what, delivers events to their subscribers, runs what the beat missed, and
wakes the pool where jobs are claimable. With Redis away all of that goes on but the last: jobs wait, because the pool is
reached through Redis only, and are drained within seconds once it is back.
"""

import logging
import threading
import time
from typing import Any

from celery import bootsteps
from django.conf import settings
from django.db import InterfaceError, OperationalError, connection

from aimprogress.core.actor import SYSTEM, acting_as

from . import claim, timetable
from .delivery import deliver
from .wake import WAKE, Waker

log = logging.getLogger(__name__)

TIMETABLE_EVERY = 120.0
"""Seconds between two looks at what the beat may have missed. Run here and not by message: a call for help that nobody
acknowledged goes on to the next also while Redis is away."""


def sweep_every() -> float:
    """Seconds between two sweeps: the longest that a lost wake-up delays a job."""
    return getattr(settings, "JOB_SWEEP_SECONDS", 5.0)


class Sweeper(bootsteps.StartStopStep):
    """The thread, started and stopped with the worker."""

    requires = ("celery.worker.components:Pool",)

    def __init__(self, worker: Any, **options: Any) -> None:
        super().__init__(worker, **options)
        self._over = threading.Event()
        self._thread: threading.Thread | None = None
        self._waker = Waker()
        self._timetable_at = time.monotonic()

    def start(self, worker: Any) -> None:
        self._processes = max(1, int(worker.concurrency or 1))
        self._thread = threading.Thread(target=self._sweep_for_ever, name="sweeper", daemon=True)
        self._thread.start()

    def stop(self, worker: Any) -> None:
        self._over.set()
        if self._thread is not None:
            self._thread.join(timeout=5)

    terminate = stop

    def _sweep_for_ever(self) -> None:
        while not self._over.wait(sweep_every()):
            try:
                self.sweep()
            except Exception as error:  # PostgreSQL may be away for a while; the next sweep tries again
                log.warning("sweep: %s", type(error).__name__, exc_info=not _is_outage(error))
                connection.close()
        connection.close()

    def sweep(self) -> None:
        """One look at everything."""
        with acting_as(SYSTEM):
            claim.reap()
            claim.mark_waiting()
            waiting = claim.count_claimable()
        for _ in range(min(waiting, self._processes)):
            if not self._waker.send(WAKE):
                break
        deliver()
        if time.monotonic() - self._timetable_at > TIMETABLE_EVERY:
            self._timetable_at = time.monotonic()
            timetable.run_due()


def _is_outage(error: Exception) -> bool:
    return isinstance(error, OperationalError | InterfaceError)
