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

from django.db import connection, models

NULL = "\x01"
"""Stands for NULL inside the stream: a control sign that no text of the portal keeps, so an empty text stays an empty text."""
LINES_AT_ONCE = 2000


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
        cursor.copy_expert(f"COPY {table} ({', '.join(columns)}) FROM STDIN (FORMAT csv, NULL '{NULL}')", _Lines(rows))


def column_types(model: type[models.Model], names: Iterable[str]) -> str:
    """The columns `names` of a model as `temporary_table` takes them, with the types that the model's own table has."""
    fields = [model._meta.get_field(name) for name in names]
    return ", ".join(f"{field.column} {field.db_type(connection)}" for field in fields)
