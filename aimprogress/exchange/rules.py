"""What makes a row of a list a record: one specification per column, asked of all rows at once in a temporary table.

A rule says in SQL when a row breaks it. `column_rules` writes the rules that a model's fields have anyway; what its `clean`
says of several columns a target adds by hand, and a test holds each of them against `clean`.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import connection, models
from django.utils.functional import Promise

from aimprogress.core.copying import copy_into, temporary_table
from aimprogress.core.scoping import ScopedModel
from aimprogress.places.positions import named_positions

Row = Mapping[str, Any]
"""A record as it would stand in the portal, by column."""
LARGEST = 2_147_483_647  # what PostgreSQL's integer holds


@dataclass(frozen=True, slots=True)
class Rule:
    """`broken` is SQL over the columns of a staged row, true where the row may not stand; `column` is where that is shown.

    `code` and `params` are of `wording`; `reason` gives the words where they are the model's own.
    """

    column: str
    broken: str
    code: str = "refused_by_rules"
    params: Mapping[str, Any] = field(default_factory=dict, hash=False)
    reason: str | Promise | Callable[[Row], str] = ""
    also: tuple[str, ...] = ()  # other columns where the mistake may be as well: they can be mended with it

    def said(self, row: Row) -> dict[str, Any]:
        """The parameters of the sentence for a row that breaks the rule."""
        if self.code == "refused_by_rules":
            said = {"reason": self.reason(row) if callable(self.reason) else str(self.reason)}
            return said | {"also": list(self.also)} if self.also else said
        return {"value": str(row.get(self.column) if row.get(self.column) is not None else ""), **self.params}


def column_rules(model: type[models.Model], names: Iterable[str]) -> tuple[Rule, ...]:
    """What the fields of a model ask of each column by itself: needed, long enough, one of its words, large enough."""
    return tuple(rule for name in names for rule in _of_field(model._meta.get_field(name)))


def _of_field(of: models.Field) -> Iterator[Rule]:
    name, value = of.attname, f'"{of.attname}"'
    text = isinstance(of, models.CharField)
    if not of.null and (not of.blank or not text):
        yield Rule(name, f"{value} IS NULL" + (f" OR {value} = ''" if text and not of.blank else ""), "required")
    if text and of.max_length and not of.choices:
        yield Rule(name, f"char_length({value}) > {of.max_length}", "too_long", {"most": of.max_length})
    if of.choices:
        words = ", ".join(_quoted(code) for code, _label in of.flatchoices)
        yield Rule(name, f"{value} <> '' AND {value} NOT IN ({words})", "unknown_choice")
    if isinstance(of, models.PositiveIntegerField | models.PositiveSmallIntegerField):
        yield Rule(name, f"{value} < 0 OR {value} > {_most(of)}", "number_too_large")
        if (least := _least(of)) > 0:
            yield Rule(name, f"{value} >= 0 AND {value} < {least}", "number_too_small", {"least": least})
    elif isinstance(of, models.DecimalField):
        low, high = (_limit(of, kind) for kind in (MinValueValidator, MaxValueValidator))
        yield Rule(name, f"{value} < {low} OR {value} > {high}", "not_a_percentage")


def _limit(of: models.Field, kind: type) -> Any:
    return next(validator.limit_value for validator in of.validators if type(validator) is kind)


def _most(of: models.Field) -> int:
    return min([LARGEST, *(one.limit_value for one in of.validators if type(one) is MaxValueValidator)])


def _least(of: models.Field) -> int:
    return max([0, *(one.limit_value for one in of.validators if type(one) is MinValueValidator)])


def _quoted(text: str) -> str:
    return "'" + str(text).replace("'", "''") + "'"


def broken_rules(
    model: type[models.Model], names: Sequence[str], rules: Sequence[Rule], rows: Sequence[Row]
) -> Iterator[tuple[int, list[Rule]]]:
    """The places in `rows` that break a rule, each with the rules that it breaks: one COPY, one SELECT.

    Also: no plain text that others read gives a position away. That rule is the form's own, asked of each row.
    """
    if not rows or not rules:
        return
    found: dict[int, list[Rule]] = defaultdict(list)
    for at, broken in _broken_in_sql(model, names, rules, rows):
        found[at] += broken
    if texts := model.texts_without_positions(names) if issubclass(model, ScopedModel) else []:
        for at, row in enumerate(rows):
            for column, position in named_positions(texts, row):
                found[at].append(Rule(column, "", "position", {"found": position}))
    yield from ((at, broken) for at, broken in sorted(found.items()) if broken)


def _broken_in_sql(
    model: type[models.Model], names: Sequence[str], rules: Sequence[Rule], rows: Sequence[Row]
) -> Iterator[tuple[int, list[Rule]]]:
    with temporary_table("staged", f"number integer, {_staged_types(model, names)}") as table, connection.cursor() as cursor:
        copy_into(table, ["number", *names], ([at, *map(row.get, names)] for at, row in enumerate(rows)))
        tests = [f"coalesce({rule.broken}, false)" for rule in rules]
        cursor.execute(
            f"SELECT number, ARRAY[{', '.join(tests)}] FROM {table} WHERE {' OR '.join(tests)} ORDER BY number"  # noqa: S608 - constants
        )
        found = cursor.fetchall()
    for number, verdicts in found:
        yield number, [rule for rule, broken in zip(rules, verdicts, strict=True) if broken]


def _staged_types(model: type[models.Model], names: Iterable[str]) -> str:
    """The columns of the staging table: as wide as may be, because what does not fit is for the rules to say."""
    wide = {"varchar": "text", "integer": "bigint", "smallint": "bigint", "numeric": "numeric"}
    found = []
    for name in names:
        kind = str(model._meta.get_field(name).db_type(connection))
        found.append(f'"{name}" {wide.get(kind.split("(")[0], kind)}')
    return ", ".join(found)
