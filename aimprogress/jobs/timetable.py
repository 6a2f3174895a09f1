"""What runs by the clock. Every slot is run once, however many beats and workers there are.

    @timetabled("core.anchor_chains", every=timedelta(days=1), offset=timedelta(hours=2))
    def anchor_chains() -> None: ...

Declared in an app's `tasks` module. The function acts as SYSTEM in one transaction with the row that says that the slot was
run: it must be short; long work is a Job.
"""

# ruff: noqa: S608 - the statements are put together from constants of this file only

import logging
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import TypeVar

from django.core.exceptions import ImproperlyConfigured
from django.db import connection

from aimprogress.core.actor import SYSTEM, acting_as

log = logging.getLogger(__name__)
F = TypeVar("F", bound=Callable[[], object])


@dataclass(frozen=True, slots=True)
class Entry:
    """A line of the timetable: slots of length `every`, counted from midnight UTC plus `offset`."""

    name: str
    every: timedelta
    offset: timedelta
    function: Callable[[], object]


TIMETABLE: dict[str, Entry] = {}

_SLOT = "to_timestamp(floor((extract(epoch FROM clock_timestamp()) - %(offset)s) / %(every)s) * %(every)s + %(offset)s)"
_TAKE = f"INSERT INTO jobs_timetablerun (schedule, slot) VALUES (%(name)s, {_SLOT}) ON CONFLICT DO NOTHING"


def timetabled(name: str, *, every: timedelta, offset: timedelta = timedelta()) -> Callable[[F], F]:
    """Put a function on the timetable under a name of its own."""

    def decorate(function: F) -> F:
        if name in TIMETABLE and TIMETABLE[name].function.__qualname__ != function.__qualname__:
            raise ImproperlyConfigured(f"The timetable has two entries {name!r}.")
        TIMETABLE[name] = Entry(name, every, offset, function)
        return function

    return decorate


def run_due() -> list[str]:
    """Run the entries whose present slot was not run yet; returns their names. One that breaks holds up no other."""
    done = []
    for entry in TIMETABLE.values():
        try:
            if run_entry(entry):
                done.append(entry.name)
        except Exception:
            log.exception("timetable: %s broke; it is tried again within the slot", entry.name)
    return done


def run_entry(entry: Entry) -> bool:
    """Run one entry, unless its present slot was run already or is being run elsewhere."""
    with acting_as(SYSTEM):
        if not _ask_count(_TAKE, entry):
            return False
        entry.function()
    return True


def _ask_count(sql: str, entry: Entry) -> int:
    with connection.cursor() as cursor:
        cursor.execute(sql, _given(entry))
        return cursor.rowcount


def _given(entry: Entry) -> dict[str, object]:
    return {"name": entry.name, "every": entry.every.total_seconds(), "offset": entry.offset.total_seconds()}
