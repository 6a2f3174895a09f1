"""Reads one file of the library strictly: what is not understood is refused, with the place in the file."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import yaml

from .definition import (
    Adequacy,
    Asked,
    Condition,
    Group,
    Instrument,
    InstrumentError,
    Item,
    Kind,
    Knockout,
    Outcome,
    Remark,
    ScaleValue,
    Season,
    Text,
    Validity,
)

_REQUIRED = object()


class _StrictLoader(yaml.SafeLoader):
    """YAML without its surprises: a key stands once, and YES, NO and ON are words, not booleans."""


_StrictLoader.yaml_implicit_resolvers = {
    first: [(tag, pattern) for tag, pattern in resolvers if tag not in ("tag:yaml.org,2002:bool", "tag:yaml.org,2002:timestamp")]
    for first, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()
}
_StrictLoader.add_implicit_resolver("tag:yaml.org,2002:bool", re.compile(r"^(?:true|false)$"), ["t", "f"])


def _mapping_once(loader: _StrictLoader, node: yaml.MappingNode) -> dict[Any, Any]:
    seen: dict[Any, Any] = {}
    for key_node, value_node in node.value:
        key = loader.construct_object(key_node, deep=True)
        if key in seen:
            raise InstrumentError(f"line {key_node.start_mark.line + 1}: {key!r} stands twice.")
        seen[key] = loader.construct_object(value_node, deep=True)
    return seen


_StrictLoader.add_constructor("tag:yaml.org,2002:map", _mapping_once)


class _Reader:
    """Takes the keys of one mapping one by one; `finish` refuses what nobody took."""

    def __init__(self, value: Any, where: str) -> None:
        if not isinstance(value, dict):
            raise InstrumentError(f"{where}: expected keys and values, found {type(value).__name__}.")
        self.rest = dict(value)
        self.where = where

    def take(self, key: str, kind: type, default: Any = _REQUIRED) -> Any:
        if key not in self.rest:
            if default is _REQUIRED:
                raise InstrumentError(f"{self.where}: {key!r} is missing.")
            return default
        value = self.rest.pop(key)
        # bool is an int in Python; `weight: true` is a mistake all the same
        if not isinstance(value, kind) or (kind is int and isinstance(value, bool)):
            raise InstrumentError(f"{self.where}.{key}: expected {kind.__name__}, found {value!r}.")
        return value

    def number(self, key: str, minimum: int, default: Any = _REQUIRED) -> Any:
        value = self.take(key, int, default)
        if isinstance(value, int) and value < minimum:
            raise InstrumentError(f"{self.where}.{key}: must be at least {minimum}, found {value}.")
        return value

    def text(self, key: str, default: Any = _REQUIRED) -> Any:
        value = self.take(key, dict, default)
        if not isinstance(value, dict):
            return value
        reader = _Reader(value, f"{self.where}.{key}")
        text = Text(*(" ".join(reader.take(language, str).split()) for language in ("en", "uk")))
        reader.finish()
        if not (text.en and text.uk):
            raise InstrumentError(f"{self.where}.{key}: a language is empty.")
        return text

    def words(self, key: str, default: Any = _REQUIRED) -> tuple[str, ...]:
        values = self.take(key, list, default)
        for value in values:
            if not isinstance(value, str):
                raise InstrumentError(f"{self.where}.{key}: {value!r} is not text; write it in quotes.")
        return tuple(values)

    def each(self, key: str, read: Callable[[_Reader], Any], default: Any = _REQUIRED) -> tuple[Any, ...]:
        return tuple(
            _whole(_Reader(value, f"{self.where}.{key}[{index}]"), read)
            for index, value in enumerate(self.take(key, list, default))
        )

    def part(self, key: str, read: Callable[[_Reader], Any]) -> Any:
        """The part under `key`, or None where the file has none."""
        value = self.take(key, dict, None)
        return None if value is None else _whole(_Reader(value, f"{self.where}.{key}"), read)

    def finish(self) -> None:
        if self.rest:
            raise InstrumentError(f"{self.where}: unknown key {sorted(map(str, self.rest))[0]!r}.")


def _whole(reader: _Reader, read: Callable[[_Reader], Any]) -> Any:
    value = read(reader)
    reader.finish()
    return value


def _scale(reader: _Reader) -> dict[str, ScaleValue]:
    scale = {}
    for code in list(reader.rest):
        if not isinstance(code, str):
            raise InstrumentError(f"{reader.where}: the value {code!r} is not text; write it in quotes.")
        part = _Reader(reader.take(code, dict), f"{reader.where}.{code}")
        kind = part.take("kind", str)
        if kind not in list(Kind):
            raise InstrumentError(f"{part.where}.kind: {kind!r} is none of {', '.join(Kind)}.")
        scale[code] = ScaleValue(
            code=code,
            kind=Kind(kind),
            label=part.text("label"),
            hint=part.text("hint", None),
            points=part.number("points", 0, None),
            note_required=part.take("note_required", bool, False),
            evidence_required=part.take("evidence_required", bool, False),
        )
        part.finish()
    return scale


def _item(reader: _Reader) -> Item:
    return Item(
        code=reader.take("code", str),
        title=reader.text("title"),
        question=reader.text("question"),
        met=reader.text("met"),
        help=reader.text("help"),
        critical=reader.take("critical", bool, False),
        knockout=reader.take("knockout", bool, False),
        weight=reader.number("weight", 1, 1),
        tags=frozenset(reader.words("tags", [])),
    )


def _group(reader: _Reader) -> Group:
    return Group(
        code=reader.take("code", str),
        title=reader.text("title"),
        items=reader.each("items", _item),
        repeats=reader.take("repeats", bool, False),
    )


def _condition(reader: _Reader) -> Condition:
    items, tag = reader.words("items", []), reader.take("tag", str, None)
    at_least = reader.rest.pop("at_least", 1)
    if at_least != "all" and (isinstance(at_least, bool) or not isinstance(at_least, int) or at_least < 1):
        raise InstrumentError(f"{reader.where}.at_least: a whole number from 1, or all.")
    return Condition(frozenset(reader.words("values")), frozenset(items) or None, tag, None if at_least == "all" else at_least)


def _when(reader: _Reader) -> tuple[tuple[Condition, ...], ...]:
    """`when` is a list of rows; a row is a list of conditions that must all hold."""
    rows = reader.take("when", list, [])
    return tuple(_Reader({"row": row}, f"{reader.where}.when[{index}]").each("row", _condition) for index, row in enumerate(rows))


def _outcome(reader: _Reader) -> Outcome:
    up_to = reader.number("up_to", 0, None)
    return Outcome(reader.take("code", str), reader.text("label"), None if up_to is None else Decimal(up_to), _when(reader))


def _remark(reader: _Reader) -> Remark:
    return Remark(reader.take("code", str), reader.text("label"), _when(reader))


def _adequacy(reader: _Reader) -> Adequacy:
    share = reader.number("share", 1)
    if share > 100:
        raise InstrumentError(f"{reader.where}.share: at most 100 percent, found {share}.")
    return Adequacy(Decimal(share), reader.take("critical", bool, False), reader.text("yes"), reader.text("no"))


def _knockout(reader: _Reader) -> Knockout:
    return Knockout(frozenset(reader.words("values")), reader.take("outcome", str))


def _validity(reader: _Reader) -> Validity:
    days = reader.number("days", 1)
    by_outcome = reader.take("by_outcome", dict, {})
    part = _Reader(by_outcome, f"{reader.where}.by_outcome")
    return Validity(days, {code: part.number(code, 1) for code in by_outcome})


def _season(reader: _Reader) -> Season:
    begins, ends = (_day_of_year(reader, key) for key in ("from", "until"))
    if begins > ends:
        raise InstrumentError(f"{reader.where}: a season ends in the year in which it begins.")
    return Season(begins, ends)


def _day_of_year(reader: _Reader, key: str) -> tuple[int, int]:
    text = reader.take(key, str)
    try:
        on = datetime.strptime(f"2001-{text}", "%Y-%m-%d")  # no leap year: a day that every year has
    except ValueError as error:
        raise InstrumentError(f"{reader.where}.{key}: expected a month and a day such as 09-15, found {text!r}.") from error
    return on.month, on.day


def _asked(reader: _Reader) -> Asked:
    return Asked(reader.words("countries"), reader.each("seasons", _season))


def read_instrument(path: Path) -> Instrument:
    """The instrument in the file. Raises InstrumentError with file, place and reason."""
    try:
        raw = yaml.load(path.read_text(encoding="utf-8"), Loader=_StrictLoader)  # noqa: S506  (a SafeLoader, made stricter)
        instrument, weights_sum = _instrument(_Reader(raw, "top"))
        _check_whole(instrument, weights_sum)
    except (InstrumentError, yaml.YAMLError, UnicodeDecodeError) as error:
        raise InstrumentError(f"{path.name}: {error}") from error
    if path.name.split(".")[0] != instrument.name:
        raise InstrumentError(f"{path.name}: its name is {instrument.name!r}; file and name must agree.")
    return instrument


def _instrument(reader: _Reader) -> tuple[Instrument, int | None]:
    weights_sum = reader.number("weights_sum", 1, None)
    instrument = Instrument(
        name=reader.take("name", str),
        version=reader.number("version", 1),
        title=reader.text("title"),
        intro=reader.text("intro"),
        source=reader.take("source", str),
        native_check=reader.take("native_check", bool),
        subjects=reader.words("subjects"),
        scale=reader.part("scale", _scale) or {},
        groups=reader.each("groups", _group),
        counts=reader.take("counts", str, "met"),
        share=reader.take("share", bool, False),
        commercial=reader.take("commercial", bool, False),
        adequacy=reader.part("adequacy", _adequacy),
        outcomes=reader.each("outcomes", _outcome, []),
        knockout=reader.part("knockout", _knockout),
        remarks=reader.each("remarks", _remark, []),
        validity=reader.part("validity", _validity),
        asked=reader.part("asked", _asked),
    )
    reader.finish()
    return instrument, weights_sum


def _check_whole(instrument: Instrument, weights_sum: int | None) -> None:
    """The rules between the parts: nothing twice, nothing named that does not exist, weights that add up."""
    if not instrument.scale:
        raise InstrumentError("top: 'scale' is missing.")
    if instrument.counts not in ("met", "answered"):
        raise InstrumentError(f"top.counts: {instrument.counts!r} is neither met nor answered.")
    _refuse_twice("group", [group.code for group in instrument.groups])
    _refuse_twice("item", [item.code for item in instrument.items])
    _refuse_twice("outcome", [outcome.code for outcome in instrument.outcomes])
    for item in instrument.items:
        if not item.code or "@" in item.code or len(item.code) > 20:
            raise InstrumentError(f"item {item.code!r}: a code has 1 to 20 characters and no @.")
    if weights_sum is not None and (found := sum(item.weight for item in instrument.items)) != weights_sum:
        raise InstrumentError(f"top.weights_sum: the weights add up to {found}, not {weights_sum}.")
    if instrument.adequacy and instrument.adequacy.critical and not instrument.critical_codes:
        raise InstrumentError("top.adequacy.critical: no item is critical.")
    _check_names(instrument)


def _check_names(instrument: Instrument) -> None:
    outcomes = {outcome.code for outcome in instrument.outcomes}
    values, items = set(instrument.scale), {item.code for item in instrument.items}
    tags = {tag for item in instrument.items for tag in item.tags}
    rules = [rule for named in (*instrument.outcomes, *instrument.remarks) for row in named.when for rule in row]
    for rule in rules:
        _refuse_strange("value", rule.values, values)
        _refuse_strange("item", rule.items or (), items)
        _refuse_strange("tag", {rule.tag} - {None}, tags)
    if instrument.knockout:
        _refuse_strange("value", instrument.knockout.values, values)
        _refuse_strange("outcome", {instrument.knockout.outcome}, outcomes)
    if instrument.validity:
        _refuse_strange("outcome", instrument.validity.by_outcome, outcomes)
    if any(outcome.up_to is not None for outcome in instrument.outcomes):
        for value in instrument.scale.values():
            if value.points is None and value.kind != Kind.NOT_APPLICABLE:
                raise InstrumentError(f"top.scale.{value.code}: outcomes by burden need points.")


def _refuse_twice(what: str, codes: list[str]) -> None:
    for code in codes:
        if codes.count(code) > 1:
            raise InstrumentError(f"{what} {code!r} stands twice.")


def _refuse_strange(what: str, named: Any, known: set[str]) -> None:
    for code in sorted(set(named) - known):
        raise InstrumentError(f"the {what} {code!r} is named by a rule, but does not exist.")
