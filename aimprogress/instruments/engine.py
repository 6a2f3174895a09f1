"""The one scoring engine: `load` an instrument, `score` answers. Pure: no ORM, no clock.

What is not answered is never met. Rounding happens once, at the end, to one decimal, half up;
thresholds are compared with the exact share.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from decimal import Decimal
from fractions import Fraction
from functools import cache
from pathlib import Path
from typing import Any

from aimprogress.figures.percent import NOTHING_TO_DIVIDE, percent_text, rate

from .definition import Condition, Instrument, InstrumentError, Kind, Slot
from .schema import read_instrument

LIBRARY = Path(__file__).parent / "library"
FORMULA_VERSION = 1

__all__ = ["FORMULA_VERSION", "LIBRARY", "AnswerValue", "InstrumentError", "Result", "Section", "load", "names", "score"]


@dataclass(frozen=True, slots=True)
class AnswerValue:
    """What somebody answered: a code of the scale, with the note and the evidence (text or link) behind it."""

    value: str
    note: str = ""
    evidence: str = ""


@dataclass(frozen=True, slots=True)
class Section:
    """The part of a result that belongs to one group. `burden` in percent, None without points."""

    met: int
    total: int
    burden: Decimal | None = None


@dataclass(frozen=True, slots=True)
class Result:
    """What the answers come to.

    met, answered, total: counts of slots; a slot that is not applicable is in none of `met` and `total`.
    share: weighted percentage met, one decimal; None where nothing applies.
    adequate: None where the instrument has no such word.
    missing, missing_critical, unknown, knockouts: keys of slots, in the order of the page.
    burden: weighted points in percent of the worst possible; None without points.
    items: key -> code of the scale; an unanswered slot is absent.
    """

    met: int
    answered: int
    total: int
    complete: bool
    share: Decimal | None = None
    adequate: bool | None = None
    missing: tuple[str, ...] = ()
    missing_critical: tuple[str, ...] = ()
    unknown: tuple[str, ...] = ()
    burden: Decimal | None = None
    outcome: str | None = None
    knockouts: tuple[str, ...] = ()
    remarks: tuple[str, ...] = ()
    valid_days: int | None = None
    sections: dict[str, Section] = field(default_factory=dict)
    items: dict[str, str] = field(default_factory=dict)
    formula_version: int = FORMULA_VERSION

    @property
    def share_text(self) -> str:
        """The share as the portal prints percentages: "85.0 %", "-" where nothing applies."""
        return NOTHING_TO_DIVIDE if self.share is None else percent_text(self.share)

    def as_json(self) -> dict[str, Any]:
        """The result as it is stored: decimals as text, tuples as lists."""
        return _plain(asdict(self))

    @classmethod
    def from_json(cls, stored: Mapping[str, Any]) -> Result:
        """The result that `as_json` wrote."""
        values = dict(stored)
        for name in ("share", "burden"):
            values[name] = None if values.get(name) is None else Decimal(values[name])
        for name in ("missing", "missing_critical", "unknown", "knockouts", "remarks"):
            values[name] = tuple(values.get(name) or ())
        values["sections"] = {
            code: Section(part["met"], part["total"], None if part["burden"] is None else Decimal(part["burden"]))
            for code, part in (values.get("sections") or {}).items()
        }
        return cls(**values)


def names() -> list[str]:
    """The names of all instruments of the library."""
    return sorted({path.name.split(".")[0] for path in LIBRARY.glob("*.yaml")})


@cache
def load(name: str, version: int | None = None) -> Instrument:
    """An instrument of the library; without `version` the newest. Raises InstrumentError if there is none or it is broken.

    `<name>.yaml` is the newest version; an older one that stored answers still need lies beside it as `<name>.v<n>.yaml`.
    """
    candidates = [path for path in (LIBRARY / f"{name}.yaml", LIBRARY / f"{name}.v{version}.yaml") if path.is_file()]
    if name not in names() or not candidates:
        raise InstrumentError(f"There is no instrument {name!r}; known are {', '.join(names())}.")
    instruments = [read_instrument(path) for path in candidates]
    for instrument in instruments:
        if version in (None, instrument.version):
            return instrument
    raise InstrumentError(f"{name} has no version {version}; the newest is {instruments[0].version}.")


def score(instrument: Instrument, answers: Mapping[str, AnswerValue | str], *, repeats: Sequence[str] = ()) -> Result:
    """What `answers` (by item code, or `code@repeat`) come to under the rules of the instrument.

    Raises InstrumentError for an item or a value that the instrument does not have. An answer without the note
    or the evidence that its value requires counts as not answered.
    """
    slots = list(instrument.slots(repeats))
    given = _given(instrument, slots, answers)
    applicable = [slot for slot in slots if _kind(instrument, given, slot) != Kind.NOT_APPLICABLE]
    met = [slot for slot in applicable if _kind(instrument, given, slot) == Kind.MET]
    missing = tuple(slot.key for slot in applicable if slot not in met)
    missing_critical = tuple(slot.key for slot in applicable if slot.item.critical and slot not in met)
    exact = _ratio(sum(slot.item.weight for slot in met), sum(slot.item.weight for slot in applicable))
    burden = _burden(instrument, given, slots)
    knockouts = _knockouts(instrument, given, slots)
    outcome = _outcome(instrument, given, slots, burden, bool(knockouts))
    return Result(
        met=len(met),
        answered=len(given),
        total=len(applicable),
        complete=len(given) == len(slots),
        share=_percent(exact),
        adequate=_adequate(instrument, exact, missing_critical),
        missing=missing,
        missing_critical=missing_critical,
        unknown=tuple(slot.key for slot in slots if _kind(instrument, given, slot) == Kind.UNKNOWN),
        burden=_percent(burden),
        outcome=outcome,
        knockouts=knockouts,
        remarks=tuple(remark.code for remark in instrument.remarks if _holds(remark.when, given, slots)),
        valid_days=_valid_days(instrument, outcome),
        sections=_sections(instrument, given, applicable, met),
        items={slot.key: given[slot.key] for slot in slots if slot.key in given},
    )


def _given(instrument: Instrument, slots: list[Slot], answers: Mapping[str, AnswerValue | str]) -> dict[str, str]:
    """Slot key -> value of every answer that counts."""
    keys = {slot.key for slot in slots}
    given = {}
    for key, answer in answers.items():
        answer = AnswerValue(answer) if isinstance(answer, str) else answer
        if key not in keys:
            raise InstrumentError(f"{instrument.name} v{instrument.version} has no item {key!r}.")
        if answer.value not in instrument.scale:
            raise InstrumentError(f"{instrument.name} item {key}: {answer.value!r} is not an answer here.")
        value = instrument.scale[answer.value]
        if (value.note_required and not answer.note.strip()) or (value.evidence_required and not answer.evidence.strip()):
            continue
        given[key] = answer.value
    return given


def _kind(instrument: Instrument, given: Mapping[str, str], slot: Slot) -> Kind | None:
    """What the answer in this slot means; None where there is none."""
    return instrument.scale[given[slot.key]].kind if slot.key in given else None


def _ratio(numerator: int, denominator: int) -> Fraction | None:
    return Fraction(numerator, denominator) if denominator else None


def _percent(ratio: Fraction | None) -> Decimal | None:
    """Percent as the portal prints it everywhere; None where there is nothing to divide by."""
    return None if ratio is None else rate(ratio.numerator, ratio.denominator)


def _adequate(instrument: Instrument, exact: Fraction | None, missing_critical: tuple[str, ...]) -> bool | None:
    if instrument.adequacy is None:
        return None
    enough = exact is not None and exact * 100 >= Fraction(instrument.adequacy.share)
    return enough and not (instrument.adequacy.critical and missing_critical)


def _burden(instrument: Instrument, given: Mapping[str, str], slots: Sequence[Slot]) -> Fraction | None:
    """Weighted points over the most that the answered slots could carry; unanswered and not applicable slots are left out."""
    worst = max((value.points for value in instrument.scale.values() if value.points is not None), default=0)
    carried = [
        (slot.item.weight, points)
        for slot in slots
        if slot.key in given and (points := instrument.scale[given[slot.key]].points) is not None
    ]
    return _ratio(sum(weight * points for weight, points in carried), sum(weight * worst for weight, _ in carried))


def _knockouts(instrument: Instrument, given: Mapping[str, str], slots: Sequence[Slot]) -> tuple[str, ...]:
    if instrument.knockout is None:
        return ()
    return tuple(slot.key for slot in slots if slot.item.knockout and given.get(slot.key) in instrument.knockout.values)


def _outcome(
    instrument: Instrument, given: Mapping[str, str], slots: Sequence[Slot], burden: Fraction | None, knocked_out: bool
) -> str | None:
    """The first outcome that holds; a knockout lifts it to at least the outcome that the knockout names."""
    codes = [outcome.code for outcome in instrument.outcomes]
    reached = None
    for outcome in instrument.outcomes:
        if outcome.up_to is not None:
            holds = burden is not None and burden * 100 <= Fraction(outcome.up_to)
        elif outcome.when:
            holds = _holds(outcome.when, given, slots)
        else:
            # the last one of a list by burden still needs a burden
            holds = burden is not None or not any(other.up_to is not None for other in instrument.outcomes)
        if holds:
            reached = outcome.code
            break
    if knocked_out and instrument.knockout:
        floor = codes.index(instrument.knockout.outcome)
        reached = codes[max(floor, codes.index(reached) if reached else 0)]
    return reached


def _holds(when: tuple[tuple[Condition, ...], ...], given: Mapping[str, str], slots: Sequence[Slot]) -> bool:
    return any(all(_is_true(condition, given, slots) for condition in row) for row in when)


def _is_true(condition: Condition, given: Mapping[str, str], slots: Sequence[Slot]) -> bool:
    among = [
        slot
        for slot in slots
        if (condition.items is None or slot.item.code in condition.items)
        and (condition.tag is None or condition.tag in slot.item.tags)
    ]
    found = sum(given.get(slot.key) in condition.values for slot in among)
    return found >= (len(among) if condition.at_least is None else condition.at_least)


def _valid_days(instrument: Instrument, outcome: str | None) -> int | None:
    if instrument.validity is None:
        return None
    return instrument.validity.by_outcome.get(outcome or "", instrument.validity.days)


def _sections(
    instrument: Instrument, given: Mapping[str, str], applicable: Sequence[Slot], met: Sequence[Slot]
) -> dict[str, Section]:
    return {
        group.code: Section(
            met=sum(slot.group is group for slot in met),
            total=sum(slot.group is group for slot in applicable),
            burden=_percent(_burden(instrument, given, [slot for slot in applicable if slot.group is group])),
        )
        for group in instrument.groups
    }


def _plain(value: Any) -> Any:
    if isinstance(value, Decimal):
        return str(value)
    if isinstance(value, dict):
        return {key: _plain(part) for key, part in value.items()}
    return [_plain(part) for part in value] if isinstance(value, list | tuple) else value
