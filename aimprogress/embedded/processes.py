"""Child processes under watch: their lines go to a log and, short, to the terminal; one that dies is started again."""

import os
import selectors
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO

from aimprogress import log_files
from aimprogress.embedded.children import start_child

_LONGEST_LINE = 200
_LOUD = ("WARNING", "ERROR", "CRITICAL", "Traceback", "Error:")


@dataclass
class Watched:
    """One child. `death_signal` is what the kernel sends it when the launcher dies."""

    name: str
    arguments: Sequence[str]
    environment: Mapping[str, str]
    death_signal: signal.Signals = signal.SIGTERM
    stop_seconds: float = 10
    restart: bool = True
    process: subprocess.Popen[bytes] | None = None
    log: IO[bytes] | None = None
    lines: list[str] = field(default_factory=list)
    failures: int = 0
    again_at: float = 0.0

    @property
    def running(self) -> bool:
        return self.process is not None and self.process.poll() is None

    def said(self, text: str) -> bool:
        """Whether one of the lines since the start contains `text`."""
        return any(text in line for line in self.lines)


class Processes:
    """All watched children of this launcher. One thread: forking beside other threads is asking for trouble."""

    def __init__(self, folder: Path, logs: Path, *, terminal: Callable[[str], None]) -> None:
        self.folder, self.logs, self.terminal = folder, logs, terminal
        self.all: list[Watched] = []
        self._selector = selectors.DefaultSelector()
        self._rest: dict[str, bytes] = {}

    def start(self, watched: Watched) -> Watched:
        """Start a child, or start it again."""
        if watched not in self.all:
            self.all.append(watched)
        if watched.log is None:
            watched.log = self._open_log(watched)
        watched.lines.clear()
        watched.process = start_child(
            watched.arguments,
            env=watched.environment,
            cwd=self.folder,
            death_signal=watched.death_signal,
            stdout=subprocess.PIPE,
        )
        os.set_blocking(watched.process.stdout.fileno(), False)
        self._selector.register(watched.process.stdout, selectors.EVENT_READ, watched)
        return watched

    def run(self, watched: Watched, *, seconds: float) -> int:
        """Run a child to its end and give its exit status. Raises TimeoutError after `seconds`."""
        watched.restart = False
        self.start(watched)
        self.until(lambda: not watched.running, seconds=seconds, what=f"the end of {watched.name}")
        self.read(0)
        return watched.process.returncode

    def until(self, reached: Callable[[], bool], *, seconds: float, what: str) -> None:
        """Read and restart until `reached()`; raises TimeoutError naming `what` after `seconds`."""
        deadline = time.monotonic() + seconds
        while not reached():
            if time.monotonic() > deadline:
                raise TimeoutError(f"waited {seconds:.0f} s for {what}")
            self.read(0.1)
            self.restart_dead()

    def read(self, seconds: float) -> None:
        """Pass on what the children have said, waiting at most `seconds` for the first of it."""
        for key, _ in self._selector.select(seconds):
            data = b""
            with suppress(BlockingIOError):
                data = os.read(key.fd, 65536)
            if data:
                self._take(key.data, data)
            else:
                self._selector.unregister(key.fileobj)
                key.fileobj.close()

    def restart_dead(self) -> None:
        """Start children again that ended by themselves: after 1 s, then 2, 4 ... 30 s."""
        for watched in self.all:
            if not watched.restart or watched.running or watched.process is None:
                continue
            now = time.monotonic()
            if not watched.again_at:
                pause = min(30.0, 2.0**watched.failures)
                watched.failures, watched.again_at = watched.failures + 1, now + pause
                self.terminal(f"{watched.name} ended ({watched.process.returncode}); starting it again in {pause:.0f} s")
            elif now >= watched.again_at:
                watched.again_at = 0.0
                self.start(watched)

    def stop(self) -> None:
        """End all, the last started first; none is left when this returns."""
        for watched in reversed(self.all):
            watched.restart = False
            if watched.running:
                self._end(watched)
        self.read(0)
        for watched in self.all:
            if watched.log:
                watched.log.close()

    def _end(self, watched: Watched) -> None:
        """SIGTERM, then its death signal, then SIGKILL for its whole session; its last lines are read meanwhile."""
        for kind, seconds in ((signal.SIGTERM, watched.stop_seconds), (watched.death_signal, 5.0)):
            watched.process.send_signal(kind)
            deadline = time.monotonic() + seconds
            while watched.running and time.monotonic() < deadline:
                self.read(0.05)
            if not watched.running:
                break
        with suppress(ProcessLookupError):
            os.killpg(watched.process.pid, signal.SIGKILL)
        watched.process.wait(10)

    def _take(self, watched: Watched, data: bytes) -> None:
        *lines, self._rest[watched.name] = (self._rest.get(watched.name, b"") + data).split(b"\n")
        for line in lines:
            text = line.decode(errors="replace").rstrip()
            stamp = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())
            with suppress(OSError):  # a full disk must not end the launcher
                self._log(watched, f"{stamp} {watched.name} {text}\n")
            watched.lines.append(text)
            del watched.lines[:-200]
            if any(word in text for word in _LOUD):
                self.terminal(f"{watched.name:<6} {text[:_LONGEST_LINE]}")

    def _log(self, watched: Watched, line: str) -> None:
        if watched.log.tell() > log_files.LIMIT_IN_BYTES:
            watched.log.close()
            watched.log = self._open_log(watched)
        watched.log.write(line.encode())
        watched.log.flush()

    def _open_log(self, watched: Watched) -> IO[bytes]:
        return log_files.open_log(self.logs / f"{watched.name}.log")


def python(*arguments: str) -> list[str]:
    """A command line for this interpreter, so that children use the same environment."""
    return [sys.executable, *arguments]
