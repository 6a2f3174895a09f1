"""Kinds of job: a name, a function, its limits. Declared in an app's `tasks` module, which the jobs app discovers.

    def facts(job: Job, progress: Progress, moment: datetime) -> Evidence:
        return collect_evidence(as_of=moment, **job.params)

    @job_kind("report", title=_("Report"), max_runtime=timedelta(minutes=20), missing=pdf_libraries_missing, gather=facts)
    def write_report(job: Job, progress: Progress, evidence: Evidence) -> StoredFile | None:
        progress(1, 8, gettext_noop("Writing the chapters"))
        ...

The function runs as the requester, with the grants held now, in one transaction that ends with the job: what it wrote and
"succeeded" are committed together or not at all. It may run again after a crash, so it must be safe to repeat.

Where many rows must belong together, `gather` reads them first: as the requester too, in a transaction of its own that sees
one moment and writes nothing. What it returns is given to the function. The function's own transaction stays an ordinary
one, so whatever others write meanwhile, its locks wait and never fail.

Work on many organisations is done `in_parts`: the function is given the actor as its third argument, opens a transaction for each
part itself, and asks `progress` before each ends. A worker that is killed leaves whole parts, and whoever claims the job next
does the rest: what is done already must be nothing to do.

What it raises decides what happens:
    PermanentFailure(words), ValidationError, PermissionDenied   failed, with the words
    NotReady(words)                                              waiting, looked at again in half a minute
    anything else                                                tried again later, at most `max_attempts` times
"""

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, TypeVar

from django.core.exceptions import ImproperlyConfigured
from django.utils.functional import Promise
from django.utils.translation import gettext_noop

F = TypeVar("F", bound=Callable[..., Any])


class PermanentFailure(Exception):
    """Trying again would not help. The message is shown to the requester."""


class NotReady(Exception):
    """Something that the job needs is missing on this machine. The message says what, and how to get it."""


class Cancelled(Exception):
    """The requester does not want it any more."""


class LeaseLost(Exception):
    """Somebody else holds the job now: stop, and publish nothing."""


@dataclass(frozen=True, slots=True)
class Kind:
    """What the ground knows of a kind of work."""

    name: str
    function: Callable[..., Any]
    title: str | Promise
    max_runtime: timedelta = timedelta(minutes=15)
    max_attempts: int = 3
    version: int = 1
    """Highest `params["version"]` this code understands; newer jobs are left to newer workers."""
    may_open: Callable[[Any, Any], bool] | None = None
    """Called with a finished job and an Actor: may what it made still be opened? Asked at every download."""
    title_of: Callable[[Any], str | Promise] | None = None
    """The title of one job, where the kind's own says too little."""
    missing: Callable[[], str] | None = None
    """Returns what is missing on this machine in plain words, "" when nothing is."""
    gather: Callable[[Any, Any, datetime], Any] | None = None
    """Reads at one moment what the function is given as its third argument: `gather(job, progress, moment)`."""
    of_the_portal: bool = False
    """Work that nobody asks for: a Job of it without a requester runs as SYSTEM."""
    in_parts: bool = False
    """The function opens its own transactions, as the actor that it is given: `function(job, progress, actor)`."""


KINDS: dict[str, Kind] = {}


def job_kind(name: str, *, title: str | Promise = "", **limits: Any) -> Callable[[F], F]:
    """Register a function as the work of jobs of kind `name`; see the module's text for its contract."""

    def decorate(function: F) -> F:
        known = KINDS.get(name)
        if known and known.function.__qualname__ != function.__qualname__:
            raise ImproperlyConfigured(f"Two functions want to be the job kind {name!r}.")
        KINDS[name] = Kind(name=name, function=function, title=title or name, **limits)
        return function

    return decorate


def ready_kinds() -> tuple[dict[str, int], dict[str, str]]:
    """The kinds this process can run with their highest version, and for the others the words why not."""
    ready, missing = {}, {}
    for kind in KINDS.values():
        if words := kind.missing() if kind.missing else "":
            missing[kind.name] = words
        else:
            ready[kind.name] = kind.version
    return ready, missing


TOO_LONG = gettext_noop("This took longer than allowed and was stopped.")


@dataclass
class Progress:
    """How far the work is, and the place where it learns that it should stop.

    Call it as often as you like: `progress(done, total, words)`. It only notes; the heartbeat writes. Raises Cancelled,
    LeaseLost, or PermanentFailure once the kind's time is over. `words` is a msgid without numbers (`gettext_noop`).
    """

    deadline: float = float("inf")
    """On the monotonic clock."""
    done: int = 0
    total: int = 0
    words: str = ""
    noted: int = field(default=0, repr=False)
    stop: type[Exception] | None = field(default=None, repr=False)

    def __call__(self, done: int, total: int, words: str = "") -> None:
        self.done, self.total, self.words = done, total, words or self.words
        self.noted += 1
        self.check()

    def check(self) -> None:
        """Raise if the work should stop; otherwise return at once."""
        if self.stop is not None:
            raise self.stop
        if time.monotonic() > self.deadline:
            raise PermanentFailure(TOO_LONG)
