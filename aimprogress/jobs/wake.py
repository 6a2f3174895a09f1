"""Tell the workers that something is there. Best effort: the message carries nothing, and the sweeper makes up for a lost one.

Redis may be slow, frozen or dead without any request noticing: a thread of this process sends the messages, many wishes
become one message, and after a failure it pauses.
"""

import logging
import os
import threading
import time
from typing import Any

from celery import current_app

log = logging.getLogger(__name__)

SECONDS_TO_ANSWER = 1.0
PAUSE_AFTER_FAILURE = 5.0
WAKE = "aimprogress.jobs.tasks.wake"


class Waker:
    """Call it to wake a worker; it returns at once, from any thread and after any fork."""

    def __init__(self) -> None:
        self._wanted = threading.Event()
        self._guard = threading.Lock()
        self._process = 0
        self._connection: Any = None

    def __call__(self) -> None:
        self._wanted.set()
        if self._process != os.getpid():
            self._start_thread()

    def _start_thread(self) -> None:
        with self._guard:
            if self._process == os.getpid():
                return
            self._process, self._connection = os.getpid(), None
            threading.Thread(target=self._send_wishes, name="waker", daemon=True).start()

    def _send_wishes(self) -> None:
        while True:
            self._wanted.wait()
            self._wanted.clear()
            if not self.send(WAKE):
                time.sleep(PAUSE_AFTER_FAILURE)

    def send(self, task: str) -> bool:
        """Send one message within about a second. False where the broker did not take it."""
        try:
            if self._connection is None:
                self._connection = connect_briefly()
            # No `expires`, `eta` or `countdown`: they are judged by the worker's clock, which may be hours off.
            current_app.send_task(task, connection=self._connection, retry=False, ignore_result=True)
        except Exception as error:  # any broker error: the sweeper wakes the workers later
            log.warning("the broker did not take a wake-up: %s", type(error).__name__)
            self._forget_connection()
            return False
        return True

    def _forget_connection(self) -> None:
        connection, self._connection = self._connection, None
        if connection is not None:
            try:
                connection.close()
            except Exception:  # it was broken before
                log.debug("a broken broker connection did not close", exc_info=True)


def connect_briefly() -> Any:
    """A broker connection that gives up soon instead of holding its thread."""
    options = {
        "socket_timeout": SECONDS_TO_ANSWER,
        "socket_connect_timeout": SECONDS_TO_ANSWER,
        "retry_on_timeout": False,
        "max_retries": 0,
    }
    return current_app.connection_for_write(transport_options=options, connect_timeout=SECONDS_TO_ANSWER)


wake_workers = Waker()
