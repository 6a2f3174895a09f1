"""One figure, one function: dashboard, home, API and report print the same number from the same call.

An app offers its numbers in a module `figures`:

    @figure("people.accounted_rate", title=_("People accounted for"), unit=Unit.PERCENT, permission=Permission.SITE_READ)
    def accounted_rate(scope: FigureScope) -> Figure: ...

and a face asks `measure("people.accounted_rate", scope)` or `measure_all(scope, prefix="people.")`.
"""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from typing import Any, TypeVar
from urllib.parse import urlencode
from uuid import UUID

from django.core.exceptions import PermissionDenied
from django.utils.formats import localize
from django.utils.translation import gettext

from aimprogress.core.actor import Actor, current_actor
from aimprogress.core.permissions import Permission
from aimprogress.core.scoping import DataClass
from aimprogress.figures.coverage import Coverage
from aimprogress.figures.freshness import Band
from aimprogress.figures.moment import as_of, is_of_then, moment
from aimprogress.figures.numbers import number
from aimprogress.figures.percent import at_least_text, least_rate
from aimprogress.figures.precision import counts_exactly
from aimprogress.figures.small_counts import above, below, is_small, largest_small

T = TypeVar("T")


class Unit(StrEnum):
    """What a figure counts; decides how charts and exports label it."""

    PERCENT = "percent"
    PEOPLE = "people"
    SITES = "sites"
    COUNT = "count"
    DAYS = "days"
    MONEY = "money"


class Bound(StrEnum):
    """Which side of the truth a figure stands on, where small counts went into it (small_counts.py)."""

    AT_LEAST = "at_least"
    AT_MOST = "at_most"


@dataclass(frozen=True, slots=True)
class FigureScope:
    """For whom and when a figure is computed: organisations (None: all that the Actor sees), country, cut-off.

    `once` keeps what several figures of one request share, so that ten figures cost one query.
    """

    as_of: datetime = field(default_factory=moment)
    organisations: frozenset[UUID] | None = None
    country: str | None = None
    _kept: dict[Any, Any] = field(default_factory=dict, compare=False, repr=False)

    def once(self, key: Any, compute: Callable[[], T]) -> T:
        """The value of `compute`, computed at most once for this scope."""
        if key not in self._kept:
            self._kept[key] = compute()
        return self._kept[key]


@dataclass(frozen=True, slots=True)
class Figure:
    """A number with everything a reader needs to trust it. `value` None means "not reported", never zero.

    numerator, denominator: what a percentage was made of. band: the worst freshness that went in.
    stale_excluded: sites left out because they are out of date. sources: how many reports stand behind it.
    evidence: how it was computed, in words and field names. link: path and filter of the list that shows its rows.
    bound: `value` and `numerator` are not the number itself, but the least or most that it can be. withheld: the number is
    known and kept back, because too few people stand behind it; `value` is None then.
    """

    value: Decimal | int | None
    text: str
    as_of: datetime
    band: Band | None = None
    coverage: Coverage | None = None
    numerator: int | Decimal | None = None
    denominator: int | Decimal | None = None
    stale_excluded: int = 0
    sources: int = 0
    evidence: str = ""
    link: str = ""
    bound: Bound | None = None
    withheld: bool = False

    @property
    def numerator_shown(self) -> str:
        """The numerator as printed: "4,150", or ">4,150" where it is a bound."""
        least = int(self.numerator or 0)
        if self.bound is not Bound.AT_LEAST:
            return str(localize(self.numerator))
        return above(localize(least - 1)) if least else "≥ 0"


@dataclass(frozen=True, slots=True)
class FigureKind:
    """A registered figure: its stable name, translatable title, unit, who may ask for it, and whose rows it counts."""

    name: str
    title: Any
    unit: Unit
    permission: Permission
    compute: Callable[[FigureScope], Figure]
    data_class: DataClass = DataClass.SAFETY

    @property
    def counts_people(self) -> bool:
        """Whether small numbers of it are numbers of people."""
        return self.unit is Unit.PEOPLE or self.name.startswith("people.")

    def measure(self, scope: FigureScope) -> Figure:
        """The figure for `scope` as the Actor may read it: not reported where it sees nobody's rows, which is not zero.

        Raises PermissionDenied for an Actor without the permission.
        """
        actor = current_actor()
        if not actor.may(self.permission):
            raise PermissionDenied
        found = self.compute(scope)
        if self.data_class == DataClass.COMMERCIAL and not _opened_to(actor, scope):
            return replace(found, value=None, text="", numerator=None, denominator=None, sources=0)
        return found if not self.counts_people or counts_exactly(actor) else for_outsiders(found, self.unit)


def _opened_to(actor: Actor, scope: FigureScope) -> frozenset[UUID]:
    """The organisations in scope whose commercial rows the Actor sees; the AIM-Progress team has none of its own."""
    opened = actor.sees(DataClass.COMMERCIAL)
    opened -= {actor.organisation_id} if actor.is_secretariat else set()
    return opened if scope.organisations is None else opened & scope.organisations


def for_outsiders(found: Figure, unit: Unit) -> Figure:
    """A figure about people for everybody but the own coordinators and reporters, whatever its function forgot.

    No rate of fewer than 20 people; no rate whose numerator, or what it lacks to the denominator, is 1 to 4; no such number.
    """
    whole, part = found.denominator, found.numerator
    if unit is Unit.PERCENT and whole and whole < number("MINIMUM_RATE_DENOMINATOR"):
        return _withheld(found)
    if found.bound is not None:
        return found
    if unit is Unit.PERCENT and whole and part is not None:
        if is_small(whole - part):
            return replace(found, **at_least(int(whole) - largest_small(), int(whole)))
        return _withheld(found) if is_small(part) else found
    if is_small(found.value):
        limit = largest_small()
        return replace(found, value=limit, text=below(limit + 1), bound=Bound.AT_MOST)
    return found


def at_least(part: int, whole: int) -> dict[str, Any]:
    """The fields of a percentage of which only the least is told."""
    share = least_rate(part, whole)
    text = "" if share is None else at_least_text(share)
    return {"value": share, "text": text, "numerator": part, "denominator": whole, "bound": Bound.AT_LEAST}


def _withheld(found: Figure) -> Figure:
    words = gettext("kept back: too few people")
    return replace(found, value=None, text=words, numerator=None, denominator=None, bound=None, withheld=True)


_kinds: dict[str, FigureKind] = {}


def figure(
    name: str,
    *,
    title: Any,
    unit: Unit,
    permission: Permission = Permission.SITE_READ,
    data_class: DataClass = DataClass.SAFETY,
) -> Callable[[Callable[[FigureScope], Figure]], Callable[[FigureScope], Figure]]:
    """Register a function under `name` ("topic.word"). Raises ValueError for a name that is taken."""

    def register(compute: Callable[[FigureScope], Figure]) -> Callable[[FigureScope], Figure]:
        known = _kinds.get(name)
        if known and (known.compute.__module__, known.compute.__qualname__) != (compute.__module__, compute.__qualname__):
            raise ValueError(f"two figures are called {name}")
        _kinds[name] = FigureKind(name, title, unit, permission, compute, data_class)
        return compute

    return register


def figure_kind(name: str) -> FigureKind:
    """The registered figure `name`. Raises KeyError."""
    return _kinds[name]


def figure_kinds(prefix: str = "") -> list[FigureKind]:
    """All registered figures whose name starts with `prefix`, by name."""
    return [kind for name, kind in sorted(_kinds.items()) if name.startswith(prefix)]


def measure(name: str, scope: FigureScope) -> Figure:
    """One figure for `scope`. Raises KeyError for an unknown name and PermissionDenied."""
    return figure_kind(name).measure(scope)


def measure_all(scope: FigureScope, *, prefix: str = "") -> dict[str, Figure]:
    """All figures under `prefix` that the current Actor may ask for, and that are known for the moment spoken of."""
    actor = current_actor()
    asked = (kind for kind in figure_kinds(prefix) if actor.may(kind.permission) and is_of_then(kind.name))
    return {kind.name: kind.measure(scope) for kind in asked}


def list_link(path: str, **filters: Any) -> str:
    """A link to the list behind a figure: the path with the filters that are set, in a stable order, and the moment spoken of."""
    if then := as_of():
        filters["as_of"] = then.isoformat()
    chosen = {key: value for key, value in sorted(filters.items()) if value not in (None, "")}
    return f"{path}?{urlencode(chosen, doseq=True)}" if chosen else path
