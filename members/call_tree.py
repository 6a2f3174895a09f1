"""The call tree of a communication plan: roles that call roles and people. Pure; the rows are checked before they are stored.

A row is {"name": role, "deputy": role, "number": work number, "called_by": role, "people": people it reaches itself}. Nobody is
named; a role without `called_by` begins. A branch is a role that a beginning role calls, with everybody below it; the beginning
role is one too, with the people whom it reaches itself. Together the branches hold everybody of the tree exactly once.
"""

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

MOST_REACHED = 10
"""More than ten calls take more than half an hour (domain 3.6)."""
Row = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Caller:
    """A role in the tree: how deep it stands, what it reaches itself, and what falls short."""

    role: str
    deputy: str
    number: str
    called_by: str
    depth: int
    people: int
    calls: int
    """How many roles it calls."""
    reached: int
    """Itself, everybody whom it reaches, and everybody below."""

    @property
    def load(self) -> int:
        return self.people + self.calls

    @property
    def problems(self) -> list[str]:
        """What makes the tree weak at this role, in words."""
        found = []
        if self.load > MOST_REACHED:
            found.append(_("reaches %(n)s, more than ten") % {"n": self.load})
        if not self.deputy:
            found.append(_("no deputy"))
        if not self.number:
            found.append(_("no number"))
        return found


@dataclass(frozen=True, slots=True)
class Branch:
    """A part of the tree that can answer a roll call for its people; a roll call keeps these fields, in these words."""

    role: str
    people: int
    itself: bool = False
    """A beginning role with the people it reaches itself: those whom it calls are branches of their own."""


def check(rows: Sequence[Row] | None) -> None:
    """Raises ValidationError for a role named twice, a caller that is not in the tree, and roles that call in a circle."""
    names = [str(row["name"]) for row in rows or []]
    if twice := [name for name, times in Counter(names).items() if times > 1]:
        raise ValidationError(_("The role “%(role)s” stands there twice.") % {"role": twice[0]})
    callers = {str(row["name"]): str(row.get("called_by") or "") for row in rows or []}
    for name, caller in callers.items():
        if caller and caller not in callers:
            raise ValidationError(_("“%(role)s” is called by “%(caller)s”, who is not in the tree.") % _of(name, caller))
    for name in callers:
        met, step = {name}, callers[name]
        while step:
            if step in met:
                raise ValidationError(_("“%(role)s” and “%(caller)s” call each other in a circle.") % _of(name, step))
            met.add(step)
            step = callers[step]


def tree_of(rows: Sequence[Row] | None) -> list[Caller]:
    """The roles in the order of the calls, each under the one that calls it."""
    below: dict[str, list[Row]] = defaultdict(list)
    for row in rows or []:
        below[str(row.get("called_by") or "")].append(row)
    return [caller for row in below[""] for caller in _under(row, 0, below)]


def branches_of(rows: Sequence[Row] | None) -> list[Branch]:
    """The branches, in the order of the calls: every beginning role itself, and each role that one calls with all below it."""
    return [
        Branch(one.role, 1 + one.people, itself=one.calls > 0) if one.depth == 0 else Branch(one.role, one.reached)
        for one in tree_of(rows)
        if one.depth <= 1
    ]


def _under(row: Row, depth: int, below: Mapping[str, list[Row]]) -> list[Caller]:
    name, people = str(row["name"]), int(row.get("people") or 0)
    called = [_under(one, depth + 1, below) for one in below.get(name, [])]
    caller = Caller(
        role=name, deputy=str(row.get("deputy") or ""), number=str(row.get("number") or ""),
        called_by=str(row.get("called_by") or ""), depth=depth, people=people,
        calls=len(called), reached=1 + people + sum(callers[0].reached for callers in called),
    )  # fmt: skip
    return [caller, *(one for callers in called for one in callers)]


def _of(role: str, caller: str) -> dict[str, str]:
    return {"role": role, "caller": caller}
