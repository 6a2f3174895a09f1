"""What an instrument is made of: plain values, frozen after loading. No ORM, no clock."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum

from django.utils.translation import get_language


class InstrumentError(ValueError):
    """A file of the library is wrong, or an answer does not belong to its instrument. The message says where."""


@dataclass(frozen=True, slots=True)
class Text:
    """One sentence in the languages of the portal; `str()` gives the active language, English where it is missing."""

    en: str
    uk: str

    def __str__(self) -> str:
        return self.uk if (get_language() or "en").startswith("uk") else self.en


class Kind(StrEnum):
    """What a value of an answer scale means to the engine, whatever its code and words are."""

    MET = "met"
    PARTLY = "partly"
    NOT_MET = "not_met"
    NOT_APPLICABLE = "not_applicable"  # leaves the denominator, passes a gate
    UNKNOWN = "unknown"  # somebody looked at the question and does not know; never met


@dataclass(frozen=True, slots=True)
class ScaleValue:
    """One possible answer. `points` feed the burden (0 is best); a required note or evidence makes the answer count."""

    code: str
    kind: Kind
    label: Text
    hint: Text | None = None
    points: int | None = None
    note_required: bool = False
    evidence_required: bool = False


@dataclass(frozen=True, slots=True)
class Item:
    """One question. `met` says what counts as met; `help` explains it to somebody under stress."""

    code: str
    title: Text
    question: Text
    met: Text
    help: Text
    critical: bool = False
    knockout: bool = False
    weight: int = 1
    tags: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Group:
    """Items under one heading. A group with `repeats` is asked once per repeat (for example once per salient issue)."""

    code: str
    title: Text
    items: tuple[Item, ...]
    repeats: bool = False


@dataclass(frozen=True, slots=True)
class Slot:
    """One place for an answer. `key` is the item's code, with `@repeat` behind it in a repeated group."""

    key: str
    item: Item
    group: Group


@dataclass(frozen=True, slots=True)
class Condition:
    """True where at least `at_least` slots (None: all of them) carry one of `values`, among `items` or items tagged `tag`."""

    values: frozenset[str]
    items: frozenset[str] | None = None
    tag: str | None = None
    at_least: int | None = 1


@dataclass(frozen=True, slots=True)
class Outcome:
    """A named result. Reached by a burden of at most `up_to` percent, or by any row of `when`; with neither: otherwise."""

    code: str
    label: Text
    up_to: Decimal | None = None
    when: tuple[tuple[Condition, ...], ...] = ()


@dataclass(frozen=True, slots=True)
class Remark:
    """A label that is printed beside the result where `when` holds."""

    code: str
    label: Text
    when: tuple[tuple[Condition, ...], ...]


@dataclass(frozen=True, slots=True)
class Adequacy:
    """Good enough from `share` percent, and with `critical` only where every critical item is met too."""

    share: Decimal
    critical: bool
    yes: Text
    no: Text


@dataclass(frozen=True, slots=True)
class Knockout:
    """A knockout item answered with one of `values` lifts the outcome to at least `outcome` (later in the list is worse)."""

    values: frozenset[str]
    outcome: str


@dataclass(frozen=True, slots=True)
class Validity:
    """How many days a result may be used, by outcome where that differs."""

    days: int
    by_outcome: dict[str, int]


@dataclass(frozen=True, slots=True)
class Season:
    """A part of the year, from a (month, day) to a later one of the same year, both included."""

    begins: tuple[int, int]
    ends: tuple[int, int]


@dataclass(frozen=True, slots=True)
class Asked:
    """Where a questionnaire is due of itself, and when in the year: once a season."""

    countries: tuple[str, ...]
    seasons: tuple[Season, ...]

    def since(self, on: date) -> date | None:
        """The first day of the season in which `on` lies, None outside: what was answered before it is not of this season."""
        for season in self.seasons:
            if season.begins <= (on.month, on.day) <= season.ends:
                return on.replace(month=season.begins[0], day=season.begins[1])
        return None


@dataclass(frozen=True, slots=True)
class Instrument:
    """A checklist or questionnaire in one version. Made by `engine.load`, never by hand outside tests."""

    name: str
    version: int
    title: Text
    intro: Text
    source: str
    native_check: bool
    subjects: tuple[str, ...]
    scale: dict[str, ScaleValue]
    groups: tuple[Group, ...]
    counts: str  # "met" or "answered": what "n of N" counts
    share: bool  # whether a percentage is shown
    commercial: bool  # whether the answers are commercial rows: nobody outside the organisation reads them without a grant
    adequacy: Adequacy | None
    outcomes: tuple[Outcome, ...]
    knockout: Knockout | None
    remarks: tuple[Remark, ...]
    validity: Validity | None
    asked: Asked | None = None

    @property
    def items(self) -> tuple[Item, ...]:
        return tuple(item for group in self.groups for item in group.items)

    @property
    def critical_codes(self) -> tuple[str, ...]:
        return tuple(item.code for item in self.items if item.critical)

    def item(self, code: str) -> Item:
        """The item with this code. Raises InstrumentError if there is none."""
        for item in self.items:
            if item.code == code:
                return item
        raise InstrumentError(f"{self.name} v{self.version} has no item {code!r}.")

    def slots(self, repeats: Sequence[str] = ()) -> Iterator[Slot]:
        """Every place for an answer, in the order of the page."""
        for group in self.groups:
            for repeat in repeats if group.repeats else ("",):
                for item in group.items:
                    yield Slot(f"{item.code}@{repeat}" if repeat else item.code, item, group)
