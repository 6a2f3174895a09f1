"""Arithmetic of people: nine states that exclude each other, and what follows from them (domain.md 3.4).

Counts only, never names. Pure: no ORM and no clock. Rates of several sites are the sum of the numerators over the sum
of the denominators, never the mean of the rates.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from aimprogress.figures.percent import as_percent, rate
from aimprogress.figures.precision import STRICT_STATES
from members.models.codes import Overlay

CONFIRM_ABOVE_PERCENT = 20


class State(StrEnum):
    """Where a person is counted. The order is that of every form, table and report."""

    SAFE_LOCAL = "SAFE_LOCAL"
    SAFE_IDP = "SAFE_IDP"
    SAFE_ABROAD = "SAFE_ABROAD"
    SERVING = "SERVING"
    INJURED = "INJURED"
    DETAINED = "DETAINED"
    MISSING = "MISSING"
    UNACCOUNTED = "UNACCOUNTED"
    KILLED = "KILLED"


LABELS = {
    State.SAFE_LOCAL: gettext_lazy("Safe, at usual place"),
    State.SAFE_IDP: gettext_lazy("Safe, displaced inside the country"),
    State.SAFE_ABROAD: gettext_lazy("Safe, displaced abroad"),
    State.SERVING: gettext_lazy("Mobilised, conscripted or volunteering"),
    State.INJURED: gettext_lazy("Injured, alive"),
    State.DETAINED: gettext_lazy("Detained, captive or deported"),
    State.MISSING: gettext_lazy("Officially reported missing"),
    State.UNACCOUNTED: gettext_lazy("Not reached"),
    State.KILLED: gettext_lazy("Killed, since the baseline"),
}
SAFE = (State.SAFE_LOCAL, State.SAFE_IDP, State.SAFE_ABROAD)
DISPLACED = (State.SAFE_IDP, State.SAFE_ABROAD)
NOT_ACCOUNTED = (State.UNACCOUNTED, State.MISSING)
STRICT = tuple(state for state in State if state in STRICT_STATES)
"""States that endanger people where they become known: encrypted, and never shown outside the organisation."""


def balance(expected: int, states: Mapping[str, int]) -> str:
    """What keeps a head count from adding up, in words of the reader's language; empty if it adds up.

    States that are not named count as 0. Raises ValueError for a state that does not exist.
    """
    counts = _complete(states)
    if expected < 0 or min(counts.values()) < 0:
        return _("A number of people cannot be below zero.")
    difference = expected - sum(counts.values())
    if difference > 0:
        return ngettext("%(n)d person has no state", "%(n)d people have no state", difference) % {"n": difference}
    if difference < 0:
        return ngettext("%(n)d person too many", "%(n)d people too many", -difference) % {"n": -difference}
    return ""


def split_problem(expected: int, parts: Mapping[str, int], allowed: Collection[str]) -> str:
    """What keeps a split of the people expected (by contract group, by gender) from adding up; empty if it does.

    Nothing said is no split: it is never zero people.
    """
    if not parts:
        return ""
    if not _are_counts(parts, allowed):
        return _("Give whole numbers of people under the names that exist: %(names)s.") % {"names": ", ".join(allowed)}
    total = sum(parts.values())
    if total == expected:
        return ""
    return _("These add up to %(total)s, and %(expected)s people are expected.") % {"total": total, "expected": expected}


PAY = (Overlay.ON_FULL_PAY, Overlay.ON_PARTIAL_PAY, Overlay.UNPAID)
OF_FAMILIES = (Overlay.FAMILIES_SUPPORTED, Overlay.FAMILY_MEMBERS_WITH_THEM)


def overlay_problems(expected: int, overlays: Mapping[str, int]) -> dict[str, str]:
    """What cannot be true of the counts beside the states: more people than expected, or paid in two ways; by overlay."""
    if not _are_counts(overlays, Overlay.values):
        known = ", ".join(Overlay.values)
        return {"overlays": _("Give whole numbers of people under the names that exist: %(names)s.") % {"names": known}}
    too_many = _("More than the people expected.")
    found = {name: too_many for name, people in overlays.items() if people > expected and name not in OF_FAMILIES}
    if not found and sum(overlays.get(name, 0) for name in PAY) > expected:
        found[PAY[-1]] = _("Full pay, partial pay and unpaid together are more than the people expected.")
    if overlays.get(Overlay.FAMILY_MEMBERS_WITH_THEM) and overlays.get(Overlay.FAMILIES_SUPPORTED) == 0:
        found[Overlay.FAMILIES_SUPPORTED] = _("Family members belong to at least one family.")
    return found


def _are_counts(numbers: Mapping[str, int], allowed: Collection[str]) -> bool:
    if not isinstance(numbers, Mapping) or set(numbers) - set(allowed):
        return False
    return all(type(people) is int and people >= 0 for people in numbers.values())


@dataclass(frozen=True, slots=True)
class Tally:
    """Sums of people over one or many sites, and the rates that follow. Rates are in percent, None for nobody expected."""

    expected: int
    states: Mapping[State, int]

    @property
    def accounted(self) -> int:
        """Everybody whose situation is known: expected less UNACCOUNTED and MISSING."""
        return self.expected - self._sum(NOT_ACCOUNTED)

    @property
    def confirmed_safe(self) -> int:
        return self._sum(SAFE)

    @property
    def displaced(self) -> int:
        return self._sum(DISPLACED)

    @property
    def accounted_rate(self) -> Decimal | None:
        return rate(self.accounted, self.expected)

    @property
    def confirmed_safe_rate(self) -> Decimal | None:
        return rate(self.confirmed_safe, self.expected)

    @property
    def displaced_rate(self) -> Decimal | None:
        return rate(self.displaced, self.expected)

    @property
    def accounted_percent(self) -> str:
        """As printed: "96.1 %", "-" where nobody is expected."""
        return as_percent(self.accounted, self.expected)

    @property
    def confirmed_safe_percent(self) -> str:
        return as_percent(self.confirmed_safe, self.expected)

    @property
    def displaced_percent(self) -> str:
        return as_percent(self.displaced, self.expected)

    def _sum(self, among: Iterable[State]) -> int:
        return sum(self.states[state] for state in among)


def tally(expected: int, states: Mapping[str, int]) -> Tally:
    """The tally of one head count. Raises ValueError for a state that does not exist."""
    return Tally(expected, _complete(states))


def total(tallies: Iterable[Tally]) -> Tally:
    """The tally of all of them together: sums, from which the rates follow."""
    every = list(tallies)
    return Tally(sum(one.expected for one in every), {state: sum(one.states[state] for one in every) for state in State})


def large_changes(before: Mapping[str, int], after: Mapping[str, int]) -> list[State]:
    """The states that moved by more than 20 % of what they were; the form asks whether that is meant.

    Anybody in a state where nobody was is a large change too.
    """
    old, new = _complete(before), _complete(after)
    return [state for state in State if abs(new[state] - old[state]) * 100 > old[state] * CONFIRM_ABOVE_PERCENT]


def killed_fell(before: Mapping[str, int], after: Mapping[str, int], *, is_correction: bool = False, reason: str = "") -> str:
    """Why a lower number of killed people is refused; empty if it is not lower, or a reasoned correction says so."""
    if _complete(after)[State.KILLED] >= _complete(before)[State.KILLED] or (is_correction and reason.strip()):
        return ""
    return _("The number of killed people can only fall by a correction of an earlier report, with a reason.")


def is_grave(states: Mapping[str, int]) -> bool:
    """Whether people are injured, detained or missing. Then nobody may say that everyone is safe: the phone says "Everyone
    reached, otherwise as before" (decisions 4.4)."""
    counts = _complete(states)
    return any(counts[state] for state in (State.INJURED, State.DETAINED, State.MISSING))


def _complete(states: Mapping[str, int]) -> dict[State, int]:
    """All nine states in their order; raises ValueError for one that does not exist."""
    if strange := set(states) - set(State):
        raise ValueError(f"no such state: {', '.join(sorted(strange))}")
    return {state: states.get(state, 0) for state in State}
