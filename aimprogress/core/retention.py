"""What the application may not do itself, done for it by the owner of the tables: narrow functions, as migration operations.

Facts and the audit trail are append-only for the application's role. Where retention must empty or delete old rows of them, it
calls a function of the owner's. Each knows its tables, refuses what is younger than its own least age, whatever the caller
says, and does nothing for an organisation under a legal hold. Row security stands inside it, too: FORCE binds the owner.

None waits for somebody who works: a body chooses its rows `FOR UPDATE SKIP LOCKED`, and where it would have to wait for
another row all the same, it does nothing. What it leaves is still of age at the next run.
"""

from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import connection, migrations

SAFE = "SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp"
"""pg_temp last: a temporary table of the caller (`figures/moment.py` makes some) never stands before a real one."""
PATIENCE = "20ms"
"""Far below the second after which PostgreSQL looks for a deadlock and ends one of the two, which could be the person's."""


def called(name: str) -> str:
    """The database's name of the function of a rule."""
    return f"retention_{name}"


def ask_the_owner(name: str, organisation_id: UUID, before: datetime, most: int) -> int:
    """Have the owner's function of a rule take at most `most` rows that are older than `before`. Returns how many it took."""
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {called(name)}(%s, %s, %s)", [organisation_id, before, most])
        return cursor.fetchone()[0]


class RetentionFunction(migrations.RunSQL):
    """`retention_<name>(whose, cut_off, most)`: do to at most `most` rows of an organisation what `body` says; returns how many.

    body: PL/pgSQL statements that end with `done` set; `gone` is an array of ids for their use. least_days: the age below which
    the function reaches nothing. The portal's own rules are asked with the organisation of the AIM-Progress team.
    """

    def __init__(self, name: str, least_days: int, body: str) -> None:
        self.name, self.least_days, self.body = name, least_days, body
        self.signature = f"{called(name)}(uuid, timestamptz, integer)"
        super().__init__(
            sql=f"""
            CREATE OR REPLACE FUNCTION {called(name)}(whose uuid, cut_off timestamptz, most integer) RETURNS integer
            LANGUAGE plpgsql {SAFE} SET lock_timeout = '{PATIENCE}' AS $$
            DECLARE
                done integer := 0;
                gone uuid[];
            BEGIN
                IF cut_off > now() - interval '{least_days} days' THEN
                    RAISE EXCEPTION 'retention of "{name}" reaches nothing younger than {least_days} days'
                        USING ERRCODE = 'check_violation';
                END IF;
                IF retention_is_held(whose) THEN RETURN 0; END IF;
                {body}
                RETURN done;
            EXCEPTION WHEN lock_not_available THEN
                RETURN 0;
            END $$;
            REVOKE ALL ON FUNCTION {self.signature} FROM PUBLIC;
            GRANT EXECUTE ON FUNCTION {self.signature} TO portal_app;
            """,
            reverse_sql=f"DROP FUNCTION {self.signature};",
        )

    def deconstruct(self) -> tuple[str, list, dict[str, Any]]:
        return type(self).__name__, [self.name, self.least_days, self.body], {}


class ReplaceRetentionFunction(RetentionFunction):
    """Another body for a function that is there already; backwards the one that it had `before`."""

    def __init__(self, name: str, least_days: int, body: str, before: str) -> None:
        super().__init__(name, least_days, body)
        self.before = before
        self.reverse_sql = RetentionFunction(name, least_days, before).sql

    def deconstruct(self) -> tuple[str, list, dict[str, Any]]:
        return type(self).__name__, [self.name, self.least_days, self.body, self.before], {}
