"""What may be added up across members and shown (domain.md 7.4 and 8.3, decisions 5.6). Pure.

Competition law: K1 (commercial) and K2 (safety) set a minimum group and limits of dominance. People: small cells are
hidden, and with them as many others as it takes that subtraction does not bring them back.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from typing import Any

from aimprogress.figures.numbers import number


class SharingClass(StrEnum):
    """The classes of cross-member figures that have a rule."""

    K1 = "K1"
    K2 = "K2"


class Refusal(StrEnum):
    """Why a figure is not shown."""

    TOO_FEW_MEMBERS = "too_few_members"
    ONE_DOMINATES = "one_dominates"
    TWO_DOMINATE = "two_dominate"
    TOO_RECENT = "too_recent"


def refusal(
    contributions: Mapping[Any, int], sharing: SharingClass, *, newest_on: date | None = None, today: date | None = None
) -> Refusal | None:
    """Why a sum over members may not be shown, or None where it may.

    `contributions` holds each member's part. K1 also needs the day of the newest fact behind it (`newest_on`) and
    today, because commercial figures are shown only after 90 days; without both it counts as recent.
    """
    parts = sorted((part for part in contributions.values() if part > 0), reverse=True)
    if len(parts) < number(f"{sharing}_MINIMUM_MEMBERS"):
        return Refusal.TOO_FEW_MEMBERS
    total = sum(parts)
    if parts[0] * 100 > total * number(f"{sharing}_LARGEST_PERCENT"):
        return Refusal.ONE_DOMINATES
    if sharing is SharingClass.K2:
        return None
    if sum(parts[:2]) * 100 > total * number("K1_TOP_TWO_PERCENT"):
        return Refusal.TWO_DOMINATE
    aged = newest_on is not None and today is not None and today - newest_on >= timedelta(days=number("K1_AGE_DAYS"))
    return None if aged else Refusal.TOO_RECENT


class Hidden(StrEnum):
    """How a hidden cell reads."""

    SMALL = "small"
    SUPPRESSED = "suppressed"

    @property
    def text(self) -> str:
        """As printed in a table: "<5", or the word that says that it was left out to protect another one."""
        return f"<{number('MINIMUM_CELL')}" if self is Hidden.SMALL else str(self.value)


@dataclass(frozen=True, slots=True)
class ProtectedRow:
    """Cells that may be shown together with their total; None in `total` where the total is hidden too."""

    cells: tuple[int | Hidden, ...]
    total: int | None

    @property
    def suppressed(self) -> bool:
        """Whether anything is hidden; answers say so."""
        return self.total is None or any(isinstance(cell, Hidden) for cell in self.cells)


def protect(cells: Sequence[int], *, minimum: int | None = None) -> ProtectedRow:
    """Hide cells of 1 to `minimum` - 1 people, and as many others as it takes that the total does not reveal them.

    The smallest other cell goes first, at least two are hidden, and more follow until every small cell could still
    have two values or more for a reader who knows this rule. Where that cannot be reached, the total goes.
    """
    least = number("MINIMUM_CELL") if minimum is None else minimum
    total = sum(cells)
    small = {index for index, cell in enumerate(cells) if 0 < cell < least}
    if not small:
        return ProtectedRow(tuple(cells), total)
    others = sorted((cell, index) for index, cell in enumerate(cells) if cell >= least)
    hidden: set[int] = set()
    while total >= least and not _is_safe(cells, small, hidden, least):
        if not others:
            total = 0
            break
        hidden.add(others.pop(0)[1])
    shown = tuple(
        Hidden.SMALL if index in small else Hidden.SUPPRESSED if index in hidden else cell for index, cell in enumerate(cells)
    )
    return ProtectedRow(shown, total if total >= least else None)


def _is_safe(cells: Sequence[int], small: set[int], hidden: set[int], least: int) -> bool:
    """Whether each small cell has at least two possible values, given the total and the cells that stay."""
    if len(small) + len(hidden) < 2:
        return False
    remainder = sum(cells[index] for index in small | hidden)
    staying = [cell for index, cell in enumerate(cells) if cell >= least and index not in hidden]
    # The smallest cells go first, so a reader knows that what went is not greater than what stayed.
    greatest = min(staying) if staying else remainder
    lows = len(small) - 1 + least * len(hidden)
    highs = (least - 1) * (len(small) - 1) + greatest * len(hidden)
    lowest = max(1, remainder - highs)
    highest = min(least - 1, remainder - lows)
    return highest > lowest
