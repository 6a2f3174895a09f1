"""Many rows in one go: COPY into a temporary table, and SQL over all of it.

PostgreSQL refuses COPY into a table with row security, so rows are copied into a temporary table of the transaction and go on
by INSERT … SELECT or UPDATE … FROM, where both walls stand as for every other statement.
"""

import csv
import io
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from itertools import islice
from typing import Any

from django.db import IntegrityError, connection, models, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from .exceptions import Conflict
from .taken import is_taken

NULL = "\x01"
"""Stands for NULL inside the stream: a control sign that no text of the portal keeps, so an empty text stays an empty text."""
LINES_AT_ONCE = 2000
MANY = 1000


class _Lines(io.TextIOBase):
    """Rows as the text that COPY reads, made piece by piece, so that a hundred thousand of them are never one text."""

    def __init__(self, rows: Iterable[Sequence[Any]]) -> None:
        self._rows, self._left = iter(rows), ""

    def read(self, size: int = -1) -> str:
        while size < 0 or len(self._left) < size:
            out = io.StringIO(newline="")
            csv.writer(out).writerows(
                [NULL if value is None else value for value in row] for row in islice(self._rows, LINES_AT_ONCE)
            )
            if not (more := out.getvalue()):
                break
            self._left += more
        size = len(self._left) if size < 0 else size
        piece, self._left = self._left[:size], self._left[size:]
        return piece


@contextmanager
def temporary_table(name: str, columns: str) -> Iterator[str]:
    """A temporary table for the block; `columns` as in CREATE TABLE, or `LIKE table` with its types. Both are constants."""
    with connection.cursor() as cursor:
        cursor.execute(f"CREATE TEMPORARY TABLE {name} ({columns}) ON COMMIT DROP")
    yield name
    if not connection.needs_rollback:  # else the transaction takes it away
        with connection.cursor() as cursor:
            cursor.execute(f"DROP TABLE {name}")


def copy_into(table: str, columns: Sequence[str], rows: Iterable[Sequence[Any]]) -> None:
    """Put `rows` into a temporary table with one COPY. Values are given as Python has them; JSON and arrays as text."""
    with connection.cursor() as cursor:
        cursor.copy_expert(f"COPY {table} ({_listed(columns)}) FROM STDIN (FORMAT csv, NULL '{NULL}')", _Lines(rows))


def column_types(model: type[models.Model], names: Iterable[str]) -> str:
    """The columns `names` of a model as `temporary_table` takes them, with the types that the model's own table has."""
    fields = [model._meta.get_field(name) for name in names]
    return ", ".join(f'"{field.column}" {field.db_type(connection)}' for field in fields)


def _listed(names: Iterable[str]) -> str:
    """Names of columns as SQL takes them, also one that is a word of SQL, such as "group"."""
    return ", ".join(f'"{name}"' for name in names)


def insert_rows(model: type[models.Model], names: Sequence[str], rows: Iterable[Sequence[Any]]) -> None:
    """Add many rows with one COPY and one INSERT. `names` are columns and hold the id; every other column gets its default.

    Nothing is checked but what the database checks, and encrypted values are given sealed. Raises Conflict where somebody has
    added one of the rows meanwhile, by its code, its month or whatever else it has alone. After very many PostgreSQL looks at
    the table again, where it lets us say so (rls.MayAnalyse) and they change the table: else the next question is planned for
    the table as it was.
    """
    rest = [field for field in model._meta.local_concrete_fields if field.column not in names]
    defaults = {field.column: field.get_db_prep_save(field.get_default(), connection) for field in rest}
    defaults = {column: value for column, value in defaults.items() if value is not None}
    columns, marks = _listed([*names, *defaults]), ", ".join([_listed(names), *["%s"] * len(defaults)])
    with temporary_table("inserted", column_types(model, names)) as table, connection.cursor() as cursor:
        copy_into(table, names, rows)
        try:
            with transaction.atomic():
                cursor.execute(
                    f"INSERT INTO {model._meta.db_table} ({columns}) SELECT {marks} FROM {table}",  # noqa: S608 - names of columns
                    list(defaults.values()),
                )
        except IntegrityError as error:
            if not is_taken(error):
                raise
            raise Conflict(_("Somebody stored one of these rows just now. Look at the list again.")) from error
        if cursor.rowcount >= MANY and _is_more_than_before(model, cursor.rowcount):
            asked = _listed(_columns_that_plans_ask_of(model))
            cursor.execute(f"ANALYZE {model._meta.db_table} ({asked})")  # without the right: a warning and nothing else


def _is_more_than_before(model: type[models.Model], added: int) -> bool:
    """Whether so many rows are a tenth of the table as PostgreSQL saw it last: from there on it would look again by itself."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT reltuples FROM pg_class WHERE oid = %s::regclass", [model._meta.db_table])
        return added * 10 >= cursor.fetchone()[0]


def _columns_that_plans_ask_of(model: type[models.Model]) -> list[str]:
    """Keys, moments, and what has an index: rows are found and joined by them, and the other columns are dear to look through."""
    indexed = {name.lstrip("-") for index in model._meta.indexes for name in index.fields}
    return [
        field.column
        for field in model._meta.local_concrete_fields
        if field.primary_key
        or field.is_relation
        or field.db_index
        or isinstance(field, models.DateField)
        or field.name in indexed
    ]


def update_rows(model: type[models.Model], names: Sequence[str], rows: Iterable[Sequence[Any]], *, changed: bool = True) -> None:
    """Write columns of many rows of a versioned model with one COPY and one UPDATE; each row is its id and its new values.

    The rows are locked by the caller, or nobody else writes them. changed: whether they become a new version.
    """
    with temporary_table("updated", column_types(model, ["id", *names])) as table, connection.cursor() as cursor:
        copy_into(table, ["id", *names], rows)
        values = ", ".join(f'"{name}" = u."{name}"' for name in names)
        new = ", version = m.version + 1, updated_at = %s" if changed else ""
        cursor.execute(
            f"UPDATE {model._meta.db_table} m SET {values}{new} FROM {table} u WHERE m.id = u.id",  # noqa: S608 - names of columns
            [timezone.now()] if changed else [],
        )
