"""The moment that a page, a list or an answer speaks of: now, or an earlier one that `?as_of=` names.

Looking back shows what was known then: seen and recorded by then. `moment()` is what every age and every group is measured
against; an app registers what has to be put in place before its nouns can be read as of then.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, datetime

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.dateparse import parse_date, parse_datetime
from django.utils.translation import gettext as _

Preparation = Callable[[datetime], Callable[[], object]]

EARLIEST_YEAR = 2000

_chosen: ContextVar[datetime | None] = ContextVar("as_of", default=None)
_preparations: list[Preparation] = []
_topics: set[str] = set()
_limits: list[Callable[[datetime], str]] = []


def as_of() -> datetime | None:
    """The earlier moment that is looked back to; None: now."""
    return _chosen.get()


def moment() -> datetime:
    """The moment that is spoken of."""
    return _chosen.get() or timezone.now()


def knows_the_past(*topics: str) -> Callable[[Preparation], Preparation]:
    """Register how to make the nouns of an app readable as of a moment; it returns what undoes it.

    topics: beginnings of the names of figures that are right then. All others are left out while somebody looks back.
    """

    def register(prepare: Preparation) -> Preparation:
        if prepare not in _preparations:
            _preparations.append(prepare)
            told_of_then(*topics)
        return prepare

    return register


def limits_the_past(why: Callable[[datetime], str]) -> Callable[[datetime], str]:
    """Register what says why a moment cannot be looked back to any more; "" where it can."""
    if why not in _limits:
        _limits.append(why)
    return why


def told_of_then(*topics: str) -> None:
    """Name figures that are right then without a preparation: what they count has a log, and they ask it as of their scope."""
    _topics.update(topics)


def is_of_then(name: str) -> bool:
    """Whether the figure `name` can be told for the moment spoken of."""
    return as_of() is None or name.startswith(tuple(_topics))


@contextmanager
def looking_back(to: datetime) -> Iterator[None]:
    """Inside, what is read is what was known at `to`. Only for reading: nothing of the nouns concerned may be written."""
    with transaction.atomic():
        undo = [prepare(to) for prepare in _preparations]
        token = _chosen.set(to)
        try:
            yield
        finally:
            _chosen.reset(token)
        for back in undo:  # not after an error: then the savepoint takes everything back
            back()


def asked_moment(text: str) -> datetime | None:
    """The moment that `?as_of=` names: a day means its end, a time without a zone is local. None for an empty one and for now.

    Raises ValidationError for what is no moment, and for one of which what was known is no longer kept.
    """
    text = text.strip()
    if not text:
        return None
    try:
        if day := parse_date(text):
            found = datetime(day.year, day.month, day.day, 23, 59, 59)
        else:
            found = parse_datetime(text.replace(" ", "+") if "T" in text else text)
    except ValueError:
        found = None
    if found is None or found.year < EARLIEST_YEAR:
        raise ValidationError(_("Write a day or a moment, for example 2026-11-22 or 2026-11-22T09:00."))
    found = timezone.make_aware(found) if timezone.is_naive(found) and found.year < datetime.max.year else found
    if not timezone.is_aware(found) or found >= timezone.now():
        return None
    found = found.astimezone(UTC)  # PostgreSQL refuses offsets that Python reads, such as -16:23
    for why in filter(None, (limit(found) for limit in _limits)):
        raise ValidationError(why)
    return found
