"""Run one piece of work in a forked child: limits on CPU, wall clock and resident memory, no credentials, no open sockets.

`os.fork` instead of multiprocessing, because a Celery worker's process may have no children of that kind. The parent
has loaded what the work needs, so the child starts at once. The answer comes back through memory, never through a file.
"""

import gc
import json
import os
import resource
import selectors
import signal
import sys
import tempfile
import time
import traceback
import warnings
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO, NoReturn

from django.conf import settings

CPU_SECONDS = 240
WALL_SECONDS = 300
MEMORY_BYTES = 900 * 1024 * 1024
TICK_SECONDS = 0.2
KEPT_ENVIRONMENT = frozenset(
    {"PATH", "LANG", "LC_ALL", "HOME", "TMPDIR", "TZ", "XDG_CACHE_HOME", "FONTCONFIG_FILE", "FONTCONFIG_PATH"}
)
GONE = "gone"
SECRETS = ("DATABASES", "SECRET_KEY", "SECRET_KEY_FALLBACKS", "FIELD_KEYS", "CELERY_BROKER_URL", "CACHES", "REDIS_URL")

Told = Callable[[str, int, int], None]


class ChildFailed(RuntimeError):
    """The work did not end well; the text says why. `limit`: it needed more than it may, so trying again would not help."""

    def __init__(self, said: str, *, limit: bool = False) -> None:
        super().__init__(said)
        self.limit = limit


@dataclass(frozen=True)
class Limits:
    """What the child may use before it is stopped."""

    cpu_seconds: int = CPU_SECONDS
    wall_seconds: float = WALL_SECONDS
    memory_bytes: int = MEMORY_BYTES


@dataclass(frozen=True)
class Result:
    """What the work wrote and what it answered."""

    data: bytes
    answer: dict[str, Any]


def run(work: Callable[[Told, BinaryIO], dict[str, Any]], progress: Told, limits: Limits | None = None) -> Result:
    """Do `work(told, out)` in a child and give back what it wrote. Raises ChildFailed; whatever `progress` raises stops it.

    `progress` is called several times a second, also when nothing new is known, so that a caller can keep its Job alive.
    """
    limits = limits or Limits()
    out = _memory()
    reader, writer = os.pipe()
    try:
        pid = _fork()
        if pid == 0:
            os.close(reader)
            _be_child(work, writer, out, limits)
        os.close(writer)
        writer = -1
        answer = _Watch(pid, reader, limits, progress).until_done()
        out.seek(0)
        return Result(out.read(), answer)
    finally:
        os.close(reader)
        if writer >= 0:
            os.close(writer)
        out.close()


def _memory() -> BinaryIO:
    """A place for the result that is never a named file on disk."""
    if hasattr(os, "memfd_create"):
        return os.fdopen(os.memfd_create("report"), "w+b")
    return tempfile.TemporaryFile()


def _fork() -> int:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # 3.12 warns of threads; the child touches none of theirs
        return os.fork()


def _be_child(work: Callable[[Told, BinaryIO], dict[str, Any]], writer: int, out: BinaryIO, limits: Limits) -> NoReturn:
    """Never returns: the parent's stack, its atexit functions and its connections are not the child's to run."""
    status = 1
    try:
        _give_up_everything(keep=(writer, out.fileno()))
        resource.setrlimit(resource.RLIMIT_CPU, (limits.cpu_seconds, limits.cpu_seconds + 5))
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
        gc.freeze()

        def told(said: str, done: int, known: int) -> None:
            _send(writer, {"said": said, "done": done, "known": known})

        answer = work(told, out)
        out.flush()
        _send(writer, {"answer": answer})
        status = 0
    except BaseException as error:
        _send(writer, {"error": type(error).__name__, "text": str(error)[:500], "trace": traceback.format_exc()[-4000:]})
    finally:
        os._exit(status)


def _give_up_everything(keep: tuple[int, ...]) -> None:
    """Close every descriptor but ours and forget secrets. A database socket gets no farewell: the parent's session lives on."""
    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP, signal.SIGCHLD):
        signal.signal(number, signal.SIG_DFL)
    silent = os.open(os.devnull, os.O_RDWR)
    os.dup2(silent, 0)
    os.dup2(silent, 1)
    os.dup2(silent, 2)
    low = 3
    for number in sorted(keep):
        os.closerange(low, number)
        low = number + 1
    os.closerange(low, min(resource.getrlimit(resource.RLIMIT_NOFILE)[0], 65536))
    for name in list(os.environ):
        if name not in KEPT_ENVIRONMENT:
            del os.environ[name]
    for name in SECRETS:
        value = getattr(settings, name, None)
        if isinstance(value, dict):
            value.clear()
        elif value is not None:
            setattr(settings, name, GONE)
    for name in ("django.db",):
        if name in sys.modules:
            sys.modules[name].connections.settings.clear()


def _send(writer: int, message: dict[str, Any]) -> None:
    os.write(writer, json.dumps(message).encode()[:60000] + b"\n")


class _Watch:
    """The parent's side: reads what the child tells, keeps it within its limits, collects its end."""

    def __init__(self, pid: int, reader: int, limits: Limits, progress: Told) -> None:
        self.pid, self.reader, self.limits, self.progress = pid, reader, limits, progress
        self.deadline = time.monotonic() + limits.wall_seconds
        self.last = ("", 0, 0)
        self.buffer = b""
        self.answer: dict[str, Any] | None = None
        self.error: dict[str, Any] | None = None

    def until_done(self) -> dict[str, Any]:
        ended = False
        try:
            with selectors.DefaultSelector() as selector:
                selector.register(self.reader, selectors.EVENT_READ)
                while not ended:
                    ended = bool(selector.select(TICK_SECONDS)) and not self._heard()
                    self.progress(*self.last)
                    if not ended:
                        self._judge()
        except BaseException:
            self._stop()
            raise
        return self._end()

    def _heard(self) -> bool:
        """Read what has come; False at the end of the pipe."""
        part = os.read(self.reader, 65536)
        *messages, self.buffer = (self.buffer + part).split(b"\n")
        for message in map(json.loads, messages):
            if "answer" in message:
                self.answer = message["answer"]
            elif "error" in message:
                self.error = message
            else:
                self.last = (message["said"], message["done"], message["known"])
        return bool(part)

    def _judge(self) -> None:
        if time.monotonic() > self.deadline:
            raise ChildFailed(f"setting the pages took longer than {self.limits.wall_seconds:g} seconds", limit=True)
        if resident_bytes(self.pid) > self.limits.memory_bytes:
            raise ChildFailed(f"setting the pages needed more than {self.limits.memory_bytes // 1024**2} MB", limit=True)

    def _stop(self) -> None:
        try:
            os.kill(self.pid, signal.SIGKILL)
            os.waitpid(self.pid, 0)
        except (ProcessLookupError, ChildProcessError):
            pass

    def _end(self) -> dict[str, Any]:
        _pid, status = os.waitpid(self.pid, 0)
        if self.answer is not None and status == 0:
            return self.answer
        if self.error is not None:
            raise ChildFailed(f"{self.error['error']}: {self.error['text']}") from RuntimeError(self.error["trace"])
        if os.WIFSIGNALED(status) and os.WTERMSIG(status) == signal.SIGXCPU:
            raise ChildFailed(f"setting the pages used more than {self.limits.cpu_seconds} seconds of CPU", limit=True)
        raise ChildFailed(f"the process that sets the pages ended early (status {status})")


def resident_bytes(pid: int) -> int:
    """Memory that a process really holds, 0 where the system does not tell."""
    try:
        pages = int(Path(f"/proc/{pid}/statm").read_text().split()[1])
    except (OSError, IndexError, ValueError):
        return 0
    return pages * os.sysconf("SC_PAGE_SIZE")
