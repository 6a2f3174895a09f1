"""Keyset pagination: the next page begins after the last row seen, however many rows lie before it.

A cursor is plain text, the values of the ordering of one row: `2026-11-22T09:00:00+00:00,01938f…`. It is parsed
strictly by the fields it names; anything else is a BadRequest, never a guess.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from urllib.parse import quote, unquote

from django.core.exceptions import BadRequest, FieldDoesNotExist, ValidationError
from django.db.models import Field, Q, QuerySet
from django.utils.translation import gettext as _

LONGEST_CURSOR = 1000
NULL = "~"


@dataclass(frozen=True, slots=True)
class KeysetPage:
    """Some rows in order. `next` and `previous` are cursors, or None at either end."""

    rows: list[Any]
    next: str | None
    previous: str | None


def keyset_page(queryset: QuerySet, ordering: Sequence[str], *, after: str = "", before: str = "", size: int = 50) -> KeysetPage:
    """The `size` rows after or before a cursor.

    ordering: names as for order_by; the last must be unique ("id"). Columns that may be null follow PostgreSQL: last
    when ascending, first when descending. Raises BadRequest for a cursor that does not fit the ordering.
    """
    backwards = bool(before) and not after
    names = [_turned(name) for name in ordering] if backwards else list(ordering)
    rows = queryset.order_by(*names)
    if cursor := (before if backwards else after):
        rows = rows.filter(_beyond(names, parse_cursor(cursor, queryset, names)))
    found = list(rows[: size + 1])
    more, found = len(found) > size, found[:size]
    if backwards:
        found.reverse()
    has_previous = more if backwards else bool(after)
    has_next = bool(before) if backwards else more
    return KeysetPage(
        rows=found,
        next=cursor_of(found[-1], ordering) if found and has_next else None,
        previous=cursor_of(found[0], ordering) if found and has_previous else None,
    )


def cursor_of(row: Any, ordering: Sequence[str]) -> str:
    """The cursor that stands for `row`, a model instance or a dict of `.values()`."""
    return ",".join(_written(_value(row, name.lstrip("-"))) for name in ordering)


def parse_cursor(cursor: str, queryset: QuerySet, ordering: Sequence[str]) -> list[Any]:
    """The values of a cursor, one for each name of the ordering. Raises BadRequest."""
    parts = cursor.split(",")
    if len(cursor) > LONGEST_CURSOR or len(parts) != len(ordering):
        raise BadRequest(_("The cursor does not belong to this list."))
    return [_read(part, _field(queryset, name.lstrip("-"))) for part, name in zip(parts, ordering, strict=True)]


def _turned(name: str) -> str:
    return name[1:] if name.startswith("-") else f"-{name}"


def _beyond(ordering: Sequence[str], values: Sequence[Any]) -> Q:
    """Rows that come after `values`; the first column alone also bounds the search, which lets an index begin there."""
    beyond, equal = Q(pk__in=[]), Q()
    for name, value in zip(ordering, values, strict=True):
        beyond |= equal & _past(name, value)
        column = name.lstrip("-")
        equal &= Q(**{f"{column}__isnull": True}) if value is None else Q(**{column: value})
    if values[0] is not None and ordering[0].startswith("-"):
        beyond &= Q(**{f"{ordering[0][1:]}__lte": values[0]})
    return beyond


def _past(name: str, value: Any) -> Q:
    column, descending = name.lstrip("-"), name.startswith("-")
    if value is None:
        return Q(**{f"{column}__isnull": False}) if descending else Q(pk__in=[])
    if descending:
        return Q(**{f"{column}__lt": value})
    return Q(**{f"{column}__gt": value}) | Q(**{f"{column}__isnull": True})


def _field(queryset: QuerySet, name: str) -> Field:
    """The field that a name of the ordering stands for, through relations (`site__name`) and annotations."""
    if name in queryset.query.annotations:
        return queryset.query.annotations[name].output_field
    model, field = queryset.model, None
    for part in name.split("__"):
        try:
            field = model._meta.pk if part == "pk" else model._meta.get_field(part)
        except FieldDoesNotExist:
            raise BadRequest(_("The cursor names an unknown column.")) from None
        model = field.related_model or model
    if field.is_relation:
        return field.target_field
    return field


def _value(row: Any, name: str) -> Any:
    if isinstance(row, dict):
        return row[name]
    for part in name.split("__"):
        row = getattr(row, part)
        if row is None:
            return None
    return row.pk if hasattr(row, "pk") else row


def _written(value: Any) -> str:
    if value is None:
        return NULL
    text = value.isoformat() if isinstance(value, date) else str(value)
    return quote(text, safe=":+").replace(NULL, "%7E")


def _read(part: str, field: Field) -> Any:
    if part == NULL:
        return None
    text = unquote(part)
    if "\x00" in text:
        raise BadRequest(_("The cursor is not a text."))
    try:
        value = field.to_python(text)
    except (ValidationError, ValueError, OverflowError):
        raise BadRequest(_("The cursor has a value of another kind.")) from None
    if isinstance(value, datetime) and value.tzinfo is None:
        raise BadRequest(_("The cursor has a time without a zone."))
    return value
