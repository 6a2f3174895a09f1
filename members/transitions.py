"""Which state of a site may follow which, and by whose word: one table for pages, phone, API and import (domain.md 3.1).

Five dimensions are told apart: operational status with its reason, control, damage, access, alert level. The level has a
service of its own (`change_alert_level`); who lowers it is said here. Pure: no ORM and no clock.
"""

from collections.abc import Callable
from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from aimprogress.core.actor import Actor
from aimprogress.core.permissions import Permission
from members.models.codes import ENDED, AlertLevel, Control, Damage, Operational, Reason

RUNNING = (Operational.OPERATING, Operational.REDUCED, Operational.ESSENTIAL_ONLY)
"""People are at work there, in the member's name."""
LOWERED = _("A lower level is for a coordinator or AIM-Progress to say. Ask one of them.")
OUT_OF_HAND = (Control.LOST, Control.SEIZED)


@dataclass(frozen=True, slots=True)
class State:
    """How a site is, without its alert level."""

    operational: str
    reason: str = ""
    control: str = Control.MEMBER
    damage: int = Damage.NOT_ASSESSED
    access: str = ""


@dataclass(frozen=True, slots=True)
class Move:
    """From one state to another. `before` is None for a site's first report.

    by_coordinator: whoever says so may change what a site is. reason_follows: the reason of a stop is asked for later, as on
    the phone, where nobody types one while people are leaving. uncleared: people left for their safety, and the gates of the
    return to work are not passed and signed (members/returning.py). unguided: work stops by more than a report of what was
    seen, and not by the page that asks what is settled for the people.
    """

    before: State | None
    after: State
    by_coordinator: bool = False
    reason_follows: bool = False
    uncleared: bool = False
    unguided: bool = False


@dataclass(frozen=True, slots=True)
class Rule:
    """What is forbidden, the field at fault, and why in words for who tried."""

    field: str
    forbids: Callable[[Move], bool]
    words: str | Promise


RULES = (
    Rule(
        "operational",
        lambda move: move.after.operational in ENDED and not move.by_coordinator,
        _("Only a coordinator says that a site is closed or sold."),
    ),
    Rule(
        "operational",
        lambda move: _was(move, *ENDED) and move.after.operational not in ENDED and not move.by_coordinator,
        _("This site was closed or sold. Only a coordinator opens it again."),
    ),
    Rule(
        "operational",
        lambda move: move.after.control in OUT_OF_HAND and move.after.operational in RUNNING,
        _("A lost or seized site is not operated by the member."),
    ),
    Rule(
        "operational",
        lambda move: move.uncleared and move.after.operational == Operational.OPERATING,
        _("People left this site for their safety. It operates again only when all ten gates of the return to work are signed."),
    ),
    Rule(
        "operational",
        lambda move: move.unguided,
        _("Suspending, closing or selling a site is one act with what is settled for the people: its page asks for both."),
    ),
    Rule(
        "damage",
        lambda move: move.after.damage == Damage.DESTROYED and move.after.operational in RUNNING,
        _("Nobody works at a destroyed site. Choose another status, or another degree of damage."),
    ),
    Rule(
        "reason",
        lambda move: move.after.operational == Operational.SUSPENDED and not move.after.reason and not move.reason_follows,
        _("A suspended site needs a reason."),
    ),
    Rule(
        "reason",
        lambda move: move.after.operational in RUNNING and move.after.reason in {Reason.POLICY, Reason.SANCTIONS, Reason.SEIZURE},
        _("This reason belongs to a site where work has stopped."),
    ),
)


def refusals(move: Move) -> dict[str, list[str | Promise]]:
    """Why a move is forbidden, by field; empty for one that is allowed."""
    found: dict[str, list[str | Promise]] = {}
    for rule in RULES:
        if rule.forbids(move):
            found.setdefault(rule.field, []).append(rule.words)
    return found


def _was(move: Move, *codes: str) -> bool:
    return move.before is not None and move.before.operational in codes


def levels_for(actor: Actor, level: int) -> list[AlertLevel]:
    """What `actor` may say of a site at `level`: that, a higher level, and a lower one who may lower it (domain 3.2)."""
    return [one for one in AlertLevel if one >= level or actor.may(Permission.ALERT_LOWER)]
