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
from django.utils import timezone

from aimprogress.core.actor import current_actor
from aimprogress.core.permissions import Permission
from aimprogress.figures.coverage import Coverage
from aimprogress.figures.freshness import Band

T = TypeVar("T")


class Unit(StrEnum):
    """What a figure counts; decides how charts and exports label it."""

    PERCENT = "percent"
    PEOPLE = "people"
    SITES = "sites"
    COUNT = "count"
    DAYS = "days"
    MONEY = "money"


@dataclass(frozen=True, slots=True)
class FigureScope:
    """For whom and when a figure is computed: organisations (None: all that the Actor sees), country, cut-off.

    `once` keeps what several figures of one request share, so that ten figures cost one query.
    """

    as_of: datetime = field(default_factory=timezone.now)
    organisations: frozenset[UUID] | None = None
    country: str | None = None
    _kept: dict[Any, Any] = field(default_factory=dict, compare=False, repr=False)

    def once(self, key: Any, compute: Callable[[], T]) -> T:
        """The value of `compute`, computed at most once for this scope."""
        if key not in self._kept:
            self._kept[key] = compute()
        return self._kept[key]

    def narrowed(self, **changes: Any) -> "FigureScope":
        """The same scope with other limits and nothing kept."""
        return replace(self, **changes, _kept={})


@dataclass(frozen=True, slots=True)
class Figure:
    """A number with everything a reader needs to trust it. `value` None means "not reported", never zero.

    numerator, denominator: what a percentage was made of. band: the worst freshness that went in.
    stale_excluded: sites left out because they are out of date. sources: how many reports stand behind it.
    evidence: how it was computed, in words and field names. link: path and filter of the list that shows its rows.
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


@dataclass(frozen=True, slots=True)
class FigureKind:
    """A registered figure: its stable name, translatable title, unit, and who may ask for it."""

    name: str
    title: Any
    unit: Unit
    permission: Permission
    compute: Callable[[FigureScope], Figure]

    def measure(self, scope: FigureScope) -> Figure:
        """The figure for `scope`. Raises PermissionDenied for an Actor without the permission."""
        if not current_actor().may(self.permission):
            raise PermissionDenied
        return self.compute(scope)


_kinds: dict[str, FigureKind] = {}


def figure(
    name: str, *, title: Any, unit: Unit, permission: Permission = Permission.SITE_READ
) -> Callable[[Callable[[FigureScope], Figure]], Callable[[FigureScope], Figure]]:
    """Register a function under `name` ("topic.word"). Raises ValueError for a name that is taken."""

    def register(compute: Callable[[FigureScope], Figure]) -> Callable[[FigureScope], Figure]:
        known = _kinds.get(name)
        if known and (known.compute.__module__, known.compute.__qualname__) != (compute.__module__, compute.__qualname__):
            raise ValueError(f"two figures are called {name}")
        _kinds[name] = FigureKind(name, title, unit, permission, compute)
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
    """All figures under `prefix` that the current Actor may ask for."""
    actor = current_actor()
    return {kind.name: kind.compute(scope) for kind in figure_kinds(prefix) if actor.may(kind.permission)}


def list_link(path: str, **filters: Any) -> str:
    """A link to the list behind a figure: the path with the filters that are set, in a stable order."""
    chosen = {key: value for key, value in sorted(filters.items()) if value not in (None, "")}
    return f"{path}?{urlencode(chosen, doseq=True)}" if chosen else path
