"""Who listens to what was done. Subscribers read AuditEvents later, by a stored position, at least once.

    @on("members.log_site_status", "members.retract_site_status")
    def tell_the_coordinator(event: AuditEvent) -> None: ...

A subscriber acts as SYSTEM, in a transaction that also moves its position: what it writes happens once; what it sends to the
world may happen twice after a crash, so it needs a key of its own. A new subscriber begins with the first event of every
chain; one that tells people something sets `max_age`, so that old news stays old. Declare subscribers in an app's `tasks` or
`notifications` module; aimprogress/jobs/delivery.py reads.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import TypeVar

from django.core.exceptions import ImproperlyConfigured

from .audit import AuditEvent

F = TypeVar("F", bound=Callable[[AuditEvent], object])

EVERYTHING = "*"


@dataclass(frozen=True, slots=True)
class Subscriber:
    """A function, the actions it wants, and the name under which its position is kept."""

    name: str
    actions: frozenset[str]
    function: Callable[[AuditEvent], object]
    max_age: timedelta | None = None

    def wants(self, action: str) -> bool:
        return EVERYTHING in self.actions or action in self.actions


SUBSCRIBERS: dict[str, Subscriber] = {}
_wakers: list[Callable[[], object]] = []


def on(*actions: str, max_age: timedelta | None = None, name: str = "") -> Callable[[F], F]:
    """Subscribe a function to audit actions, `app.verb_noun`, or to `EVERYTHING`.

    Its position is kept under `name` (default: module and function name): give one before you move or rename it.
    """

    def decorate(function: F) -> F:
        key = name or f"{function.__module__}.{function.__qualname__}"
        if key in SUBSCRIBERS and SUBSCRIBERS[key].function.__code__.co_filename != function.__code__.co_filename:
            raise ImproperlyConfigured(f"Two subscribers are called {key}.")
        SUBSCRIBERS[key] = Subscriber(key, frozenset(actions), function, max_age)
        return function

    return decorate


def wake_by(waker: Callable[[], object]) -> None:
    """Let `waker` be called after each commit that added events. It must return at once and never raise."""
    if waker not in _wakers:
        _wakers.append(waker)


def wake_subscribers() -> None:
    """Something was announced. Only a hint: events are found by position, also when every hint is lost."""
    for waker in _wakers if SUBSCRIBERS else ():
        waker()
