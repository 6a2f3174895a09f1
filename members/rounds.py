"""The rounds of a roll call: when each is due, which parts have answered it, and what it comes to (domain.md 3.4).

Pure: no ORM, and the moment is given. A part is a branch of the call tree by its role; "" is the whole site. An answer for the
whole site stands in the place of the parts of its round. What is known last is of each part its newest answer, of whichever
round: a round that one part has answered says nothing of the others.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from aimprogress.figures.percent import as_percent
from members.headcounts import balance

ROUNDS = tuple(timedelta(hours=hours) for hours in (2, 6, 24, 72))
"""After the incident began."""
LAST = len(ROUNDS)
WHOLE = ""


class Standing(StrEnum):
    """How a round stands. A round whose next one is due was missed: what is known then belongs to the next."""

    ANSWERED = "ANSWERED"
    DUE = "DUE"
    OVERDUE = "OVERDUE"
    MISSED = "MISSED"
    LATER = "LATER"

    @property
    def label(self) -> str:
        return str(WORDS[self])

    @property
    def is_late(self) -> bool:
        return self in (Standing.OVERDUE, Standing.MISSED)


WORDS = {
    Standing.ANSWERED: gettext_lazy("answered by every part"),
    Standing.DUE: gettext_lazy("due"),
    Standing.OVERDUE: gettext_lazy("overdue"),
    Standing.MISSED: gettext_lazy("not answered in full"),
    Standing.LATER: gettext_lazy("later"),
}


@dataclass(frozen=True, slots=True)
class Heard:
    """People of one part, or of several together: counts only."""

    expected: int = 0
    safe: int = 0
    need_help: int = 0
    not_reached: int = 0

    @property
    def reached(self) -> int:
        """Everybody of whom somebody knows how they are."""
        return self.safe + self.need_help

    @property
    def reached_percent(self) -> str:
        """As printed: "96.1 %", "-" where nobody is expected."""
        return as_percent(self.reached, self.expected)

    @property
    def problem(self) -> str:
        """What keeps the counts from adding up, in words; empty if they do."""
        return balance(self.expected, {"SAFE_LOCAL": self.safe, "INJURED": self.need_help, "UNACCOUNTED": self.not_reached})


@dataclass(frozen=True, slots=True)
class Round:
    """One round at a moment."""

    number: int
    due_at: datetime
    standing: Standing
    answers: Mapping[str, Heard]
    waiting: Sequence[str]
    """The parts that have not answered; ("",) where the site has no parts."""

    @property
    def total(self) -> Heard | None:
        """What the answers add up to so far; None where there are none."""
        return added(self.answers)


def added(answers: Mapping[str, Heard]) -> Heard | None:
    """The people of a round: what was said of the whole site, otherwise the sum of its parts."""
    if WHOLE in answers:
        return answers[WHOLE]
    every = answers.values()
    if not every:
        return None
    names = ("expected", "safe", "need_help", "not_reached")
    return Heard(*(sum(getattr(one, name) for one in every) for name in names))


def rounds_of(began_at: datetime, parts: Sequence[str], answers: Mapping[int, Mapping[str, Heard]], now: datetime) -> list[Round]:
    """All four rounds as they stand at a moment. `answers`: what stands, by round and part."""
    given = {n: answers.get(n, {}) for n in range(1, LAST + 1)}
    waiting = {n: _waiting(parts, given[n]) for n in given}
    begun = current_round(began_at, answered(parts, answers), now)
    found = []
    for n, after in enumerate(ROUNDS, 1):
        if not waiting[n]:
            standing = Standing.ANSWERED
        elif begun is None or n < begun:
            standing = Standing.MISSED
        elif n > begun:
            standing = Standing.LATER
        else:
            standing = Standing.OVERDUE if began_at + after <= now else Standing.DUE
        found.append(Round(n, began_at + after, standing, given[n], waiting[n]))
    return found


def answered(parts: Sequence[str], answers: Mapping[int, Mapping[str, Heard]]) -> int:
    """The last round that every part has answered; 0 for none."""
    return max((n for n in answers if not _waiting(parts, answers[n])), default=0)


def current_round(began_at: datetime, last_answered: int, now: datetime) -> int | None:
    """The round that an answer given now belongs to; None once the last one was answered.

    The first round opens when it happened, each other one when the round before it is due: however early everybody answers,
    everybody is asked again. Until then an answer corrects the round that is complete.
    """
    if last_answered >= LAST:
        return None
    due = sum(began_at + after <= now for after in ROUNDS)
    return min(max(last_answered + 1, due), due + 1)


def due_at(began_at: datetime, last_answered: int) -> datetime | None:
    """When the first round is due that nobody has answered in full, nor any later one; None once the last was answered."""
    return None if last_answered >= LAST else began_at + ROUNDS[last_answered]


@dataclass(frozen=True, slots=True)
class Known:
    """What is known last of everybody at a site."""

    newest: Mapping[str, Heard]
    """Of each part its newest answer; of the whole site too, until every part has answered since."""
    unheard: Sequence[str]
    """The parts that never answered, nor anybody for them."""

    @property
    def total(self) -> Heard | None:
        """What it adds up to; None where nobody answered. Where parts are unheard it lacks their people."""
        return added(self.newest)

    @property
    def everybody_reached(self) -> bool:
        return not self.unheard and not any(one.not_reached for one in self.newest.values())


def known_last(parts: Sequence[str], answers: Mapping[int, Mapping[str, Heard]]) -> Known:
    """What the answers of all rounds together say last. `answers`: what stands, by round and part."""
    newest: dict[str, Heard] = {}
    for number in sorted(answers):
        given = answers[number]
        newest = {WHOLE: given[WHOLE]} if WHOLE in given else newest | given
        if parts and all(part in newest for part in parts):
            newest.pop(WHOLE, None)
    return Known(newest, _waiting(parts, newest))


def part_name(part: str) -> str:
    """A part in words."""
    return part or _("The whole site")


def _waiting(parts: Sequence[str], given: Mapping[str, Heard]) -> tuple[str, ...]:
    if WHOLE in given:
        return ()
    return tuple(part for part in parts or (WHOLE,) if part not in given)
