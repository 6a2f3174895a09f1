"""Counts of people as everybody but the own coordinators and reporters may read them: the one rule (domain 8.3, decisions 5.6).

At one site a whole and the parts inside it (expected, accounted for, safe, displaced) are published as bounds wherever a
count, or its difference to a wider one, is 1 to 4. A total over sites is the sum of what is published site by site, never of
what is true: so no difference of two totals - of countries, of days, of a total and the rows below it - tells more than the
rows do. A site of 1 to 4 people is in no total.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import Case, F, IntegerField, Q, Value, When
from django.db.models.functions import Greatest
from django.db.models.lookups import Range
from django.utils.translation import pgettext

from aimprogress.figures.numbers import number


def largest_small() -> int:
    """The largest count that is kept back: 4."""
    return number("MINIMUM_CELL") - 1


def is_small(count: Any) -> bool:
    """Whether a count of people is one that outsiders may not read."""
    return isinstance(count, int) and 0 < count <= largest_small()


@dataclass(frozen=True, slots=True)
class Known:
    """What may be said of a count: it lies between `least` and `most`, both included."""

    least: int
    most: int

    @property
    def is_exact(self) -> bool:
        return self.least == self.most

    @property
    def shown(self) -> int | str:
        """As it leaves the portal: the number, "<5", or ">415"."""
        if self.is_exact:
            return self.least
        return below(number("MINIMUM_CELL")) if self.most <= largest_small() else above(self.least - 1)


def below(limit: int | str) -> str:
    """ "<5" """
    return pgettext("a count of people that is kept from outsiders", "<%(minimum)s") % {"minimum": limit}


def above(limit: int | str) -> str:
    """ ">415" """
    return pgettext("a count of people of which outsiders learn a bound only", ">%(bound)s") % {"bound": limit}


def small_count(count: int | None) -> int | str | None:
    """A single count of people for outsiders: one to four become "<5"; zero and None stay."""
    return below(number("MINIMUM_CELL")) if is_small(count) else count


def published(*nested: int) -> tuple[Known, ...]:
    """What may be said of the counts of one site, widest first; each holds the next (420 expected, 405 accounted for, ...)."""
    whole = nested[0]
    if is_small(whole):
        return tuple(Known(0, largest_small()) for _count in nested)
    known = [Known(whole, whole)]
    for place, part in enumerate(nested[1:], 1):
        known.append(_part(part, nested[:place], known))
    return tuple(known)


def _part(part: int, wider: Sequence[int], known: Sequence[Known]) -> Known:
    for count, said in zip(wider, known, strict=True):
        if is_small(count - part):
            return Known(max(said.least - largest_small(), 0), said.most - 1)
    return Known(1, largest_small()) if is_small(part) else Known(part, part)


def least_of(*nested: str) -> list[Case]:
    """`published(...)[n].least` of each row as SQL, from the names of columns, widest first; 0 for sites left out of totals."""
    found = [Case(When(_small(F(nested[0])), then=Value(0)), default=F(nested[0]), output_field=IntegerField())]
    for place, column in enumerate(nested[1:], 1):
        cases = [When(_small(F(nested[0])), then=Value(0))]
        for wider, said in zip(nested[:place], found, strict=True):
            floor = Greatest(said - largest_small(), Value(0), output_field=IntegerField())
            cases.append(When(_small(F(wider) - F(column)), then=floor))
        cases.append(When(_small(F(column)), then=Value(1)))
        found.append(Case(*cases, default=F(column), output_field=IntegerField()))
    return found


def hidden_part(*nested: str) -> Q:
    """Rows of which the last of these columns is published as a bound; sites left out of totals are not among them."""
    column = F(nested[-1])
    hidden = Q(_small(column))
    for wider in nested[:-1]:
        hidden |= Q(_small(F(wider) - column))
    return hidden & ~Q(_small(F(nested[0])))


def _small(expression: Any) -> Range:
    return Range(expression, (1, largest_small()))
