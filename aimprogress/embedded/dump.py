"""pg_dump and pg_restore: which program, with whose password, and what must be the same before and after."""

import os
import re
import shutil
import signal
import subprocess
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

from aimprogress.embedded.children import start_child
from aimprogress.embedded.paths import NotInstalled, postgres_program

# Tables, their row counts and their walls, of the schema that is the portal's.
_TABLES = """
SELECT c.relname, c.relrowsecurity, c.relforcerowsecurity, (SELECT count(*) FROM pg_policy p WHERE p.polrelid = c.oid)
FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE n.nspname = 'public' AND c.relkind IN ('r', 'p') ORDER BY c.relname
"""


class DumpFailed(RuntimeError):
    """pg_dump or pg_restore ended with an error; the message is theirs."""


@dataclass(frozen=True, slots=True)
class Program:
    path: Path
    major: int


def program(name: str, *, at_least: int) -> Program:
    """`pg_dump` or `pg_restore` that understands a server of that major version: the machine's own, else the wheel's.

    The machine's comes first because it speaks TLS; the wheel's is always new enough for the embedded server.
    """
    found = [Path(path)] if (path := shutil.which(name)) else []
    with suppress(NotInstalled):
        found.append(postgres_program(name))
    for candidate in found:
        said = subprocess.run([candidate, "--version"], capture_output=True, text=True, check=False).stdout  # noqa: S603 - a pg_dump
        if (number := re.search(r"(\d+)", said)) and int(number[1]) >= at_least:
            return Program(candidate, int(number[1]))
    raise NotInstalled(f"{name} {at_least} or newer is missing: apt install postgresql-client, or `make setup` for the wheel's.")


def connect(url: str) -> Any:
    """A psycopg2 connection for an address of ours."""
    import psycopg2

    return psycopg2.connect(url)


def with_database(url: str, database: str) -> str:
    """The same server and role, another database."""
    parts = urlsplit(url)
    return parts._replace(path=f"/{database}").geturl()


def walls(connection: Any) -> dict[str, dict[str, int | bool]]:
    """Row security and number of policies of every table."""
    with connection.cursor() as cursor:
        cursor.execute(_TABLES)
        return {
            name: {"enabled": enabled, "forced": forced, "policies": policies}
            for name, enabled, forced, policies in cursor.fetchall()
        }


def row_counts(connection: Any, tables: Iterable[str]) -> dict[str, int]:
    """How many rows of each table the role of `connection` can see."""
    found = {}
    with connection.cursor() as cursor:
        for name in tables:
            cursor.execute(f'SELECT count(*) FROM public."{name}"')  # noqa: S608 - a name that the catalogue gave
            found[name] = cursor.fetchone()[0]
    return found


def dump(url: str, target: Path) -> dict[str, Any]:
    """Write a custom-format dump of `url` to `target` and give the facts of exactly the same moment."""
    connection = connect(url)
    try:
        connection.set_session(isolation_level="REPEATABLE READ", readonly=True)
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_export_snapshot(), current_setting('server_version_num')::int / 10000")
            snapshot, major = cursor.fetchone()
        known = walls(connection)
        rows = row_counts(connection, known)
        tool = program("pg_dump", at_least=major)
        _run(tool.path, [*_address(url), "--format=custom", f"--snapshot={snapshot}", f"--file={target}"], url)
    finally:
        connection.close()
    return {"server": major, "tables": {name: {"rows": rows[name], **wall} for name, wall in known.items()}}


def restore(url: str, source: Path, *, major: int) -> None:
    """Fill the empty database `url`, as the owner of its tables; the first error ends it."""
    tool = program("pg_restore", at_least=major)
    # Comments on extensions belong to the superuser; nothing of ours is a comment.
    _run(tool.path, [*_address(url), "--exit-on-error", "--no-owner", "--no-comments", "--single-transaction", str(source)], url)


def _address(url: str) -> list[str]:
    parts = urlsplit(url)
    host = parse_qs(parts.query).get("host", [parts.hostname or "localhost"])[-1]
    said = [f"--host={host}", f"--username={unquote(parts.username or '')}", f"--dbname={unquote(parts.path.lstrip('/'))}"]
    return [*said, f"--port={parts.port}"] if parts.port else said


def _run(tool: Path, arguments: Sequence[str], url: str) -> None:
    """The password goes by the environment: a command line can be read by everybody on the machine."""
    query: Mapping[str, list[str]] = parse_qs(urlsplit(url).query)
    environment = {name: value for name, value in os.environ.items() if not name.endswith("DATABASE_URL")}
    environment |= {"PGPASSWORD": unquote(urlsplit(url).password or ""), "LC_ALL": "C"}
    if "sslmode" in query:
        environment["PGSSLMODE"] = query["sslmode"][-1]
    process = start_child([tool, *arguments], env=environment, stdout=subprocess.PIPE, death_signal=signal.SIGTERM)
    said = process.communicate()[0].decode(errors="replace")
    if process.returncode != 0:
        raise DumpFailed(f"{tool.name} failed.\n{said.strip()}")
