"""The second wall: PostgreSQL's row security, as migration operations.

Settings are read through scalar sub-selects: an inline `current_setting` costs six to nine times more, and a policy
with "or sees everything" scans whole tables (both measured for the design).
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.db import migrations

SEES = {"SAFETY": "portal.sees_safety", "COMMERCIAL": "portal.sees_commercial"}
PERSON = "portal.person"
EVERYBODY = "everybody"
"""What `portal.person` says where SYSTEM acts: the rows of all persons. Empty, or not set at all, is nobody."""


def listed(setting: str) -> str:
    """SQL: the organisation ids that a setting names, as an array evaluated once a query."""
    return f"(SELECT string_to_array(nullif(current_setting('{setting}', true), ''), ',')::uuid[])::uuid[]"


def _seen(data_class: str) -> str:
    return f"organisation_id = ANY ({listed(SEES[data_class])})"


def _written() -> str:
    return f"organisation_id = ANY ({listed('portal.writes')})"


def _own() -> str:
    """SQL: the row is the person's in whose name the connection runs. Fails closed: a setting that is missing is no person."""
    return f"(SELECT current_setting('{PERSON}', true)) IN (user_id::text, '{EVERYBODY}')"


class _RowSecurity(migrations.RunSQL):
    """ENABLE and FORCE row security on `table`, its policies by name, and the key that composite foreign keys point at."""

    def __init__(self, table: str, data_class: str, policies: dict[str, str]) -> None:
        self.table, self.data_class = table, data_class
        super().__init__(
            sql=f"""
            ALTER TABLE {table} ENABLE ROW LEVEL SECURITY;
            ALTER TABLE {table} FORCE ROW LEVEL SECURITY;
            {"".join(f"CREATE POLICY {name} ON {table} {rule};" for name, rule in policies.items())}
            ALTER TABLE {table} ADD CONSTRAINT {table}_in_organisation UNIQUE (organisation_id, id);
            """,
            reverse_sql=f"""
            ALTER TABLE {table} DROP CONSTRAINT {table}_in_organisation;
            {"".join(f"DROP POLICY {name} ON {table};" for name in policies)}
            ALTER TABLE {table} NO FORCE ROW LEVEL SECURITY;
            ALTER TABLE {table} DISABLE ROW LEVEL SECURITY;
            """,
        )

    def deconstruct(self) -> tuple[str, list, dict[str, Any]]:
        return type(self).__name__, [self.table, self.data_class], {}


class EnableRowSecurity(_RowSecurity):
    """The rows of an organisation: seen by who sees it, written by who writes for it."""

    def __init__(self, table: str, data_class: str) -> None:
        super().__init__(table, data_class, {"scope": f"USING ({_seen(data_class)}) WITH CHECK ({_written()})"})


class EnableTwoSidedRowSecurity(_RowSecurity):
    """Rows that a giver (organisation) and a receiver both see; only the giver's side may write."""

    def __init__(self, table: str, data_class: str) -> None:
        policies = {
            "giver": f"USING ({_seen(data_class)}) WITH CHECK ({_written()})",
            "receiver": f"FOR SELECT USING (receiver_id = ANY ({listed(SEES[data_class])}))",
        }
        super().__init__(table, data_class, policies)


class EnablePersonalRowSecurity(_RowSecurity):
    """Rows that belong to one person (`user_id`): a colleague of the same organisation sees none of them."""

    def __init__(self, table: str, data_class: str) -> None:
        super().__init__(table, data_class, {"scope": _personal(data_class)})


def _personal(data_class: str) -> str:
    return f"USING ({_seen(data_class)} AND {_own()}) WITH CHECK ({_written()} AND {_own()})"


class MakeRowSecurityPersonal(migrations.RunSQL):
    """Narrow the policy of a table that is protected already to the person whose row it is. Backwards it stays narrow."""

    def __init__(self, table: str, data_class: str) -> None:
        self.table, self.data_class = table, data_class
        super().__init__(f"ALTER POLICY scope ON {table} {_personal(data_class)}", migrations.RunSQL.noop)

    def deconstruct(self) -> tuple[str, list, dict[str, Any]]:
        return type(self).__name__, [self.table, self.data_class], {}


class ScopedKeys(migrations.RunSQL):
    """Composite foreign keys: `{"site_id": "members_site"}` -> (organisation_id, site_id) -> (organisation_id, id)."""

    def __init__(self, table: str, keys: dict[str, str]) -> None:
        self.table, self.keys = table, keys
        super().__init__(
            sql="".join(
                f"ALTER TABLE {table} ADD CONSTRAINT {table}_{column}_scoped FOREIGN KEY (organisation_id, {column})"
                f" REFERENCES {parent} (organisation_id, id) DEFERRABLE INITIALLY DEFERRED;\n"
                for column, parent in keys.items()
            ),
            reverse_sql="".join(f"ALTER TABLE {table} DROP CONSTRAINT {table}_{column}_scoped;\n" for column in keys),
        )

    def deconstruct(self) -> tuple[str, list, dict[str, Any]]:
        return type(self).__name__, [self.table, self.keys], {}


class AppendOnly(migrations.RunSQL):
    """The application may add rows to `table` and read them; of an old row it may change only `columns`."""

    def __init__(self, table: str, columns: tuple[str, ...] = ()) -> None:
        self.table, self.columns = table, columns
        grant = f"GRANT UPDATE ({', '.join(columns)}) ON {table} TO portal_app;" if columns else ""
        super().__init__(
            sql=f"REVOKE UPDATE, DELETE, TRUNCATE ON {table} FROM portal_app; {grant}",
            reverse_sql=f"GRANT UPDATE, DELETE ON {table} TO portal_app;",
        )

    def deconstruct(self) -> tuple[str, list, dict[str, Any]]:
        return type(self).__name__, [self.table, self.columns], {}


class MayAnalyse(migrations.RunSQL):
    """The application may say "look at this table again" after it wrote many rows at once (core/copying.py).

    The right has a name of its own from PostgreSQL 17 on; before, PostgreSQL looks by itself, a minute later.
    """

    def __init__(self, table: str) -> None:
        self.table = table
        change = "DO $$ BEGIN IF current_setting('server_version_num')::int >= 170000 THEN EXECUTE '{}'; END IF; END $$"
        super().__init__(
            sql=change.format(f"GRANT MAINTAIN ON {table} TO portal_app"),
            reverse_sql=change.format(f"REVOKE MAINTAIN ON {table} FROM portal_app"),
        )

    def deconstruct(self) -> tuple[str, list, dict[str, Any]]:
        return type(self).__name__, [self.table], {}


@contextmanager
def with_scope(schema_editor: Any) -> Iterator[None]:
    """For data migrations: FORCE binds the owner too, so say that every organisation and every person is meant."""
    connection = schema_editor.connection
    with connection.cursor() as cursor:
        cursor.execute("SELECT coalesce(string_agg(id::text, ','), '') FROM members_organisation")
        everyone = cursor.fetchone()[0]
    said = dict.fromkeys((*SEES.values(), "portal.writes"), everyone) | {PERSON: EVERYBODY}
    _set(connection, said)
    yield
    _set(connection, dict.fromkeys(said, ""))


def _set(connection: Any, said: dict[str, str]) -> None:
    with connection.cursor() as cursor:
        for setting, value in said.items():
            cursor.execute("SELECT set_config(%s, %s, true)", [setting, value])
