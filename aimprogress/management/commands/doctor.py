"""`manage.py doctor`: what is missing on this machine, and how to get it."""

import ctypes
import os
import platform
import shutil
import socket
import sys
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

from django.conf import settings
from django.core.management.base import BaseCommand

from aimprogress.core.fields import key_ids
from aimprogress.embedded.disguises import is_root, possible_disguise
from aimprogress.embedded.dump import connect
from aimprogress.embedded.installation import Installation, embedded_server
from aimprogress.embedded.paths import NotInstalled, postgres_program, valkey_program
from aimprogress.environment import read

PDF_LIBRARIES = {
    "libpango-1.0.so.0": "libpango-1.0-0",
    "libpangoft2-1.0.so.0": "libpangoft2-1.0-0",
    "libharfbuzz-subset.so.0": "libharfbuzz-subset0",
    "libfontconfig.so.1": "libfontconfig1",
}
ROOM_IN_BYTES = 1_000_000_000

# role -> superuser, bypasses row security, what the role must be
ROLES = {
    "DATABASE_URL": ("portal_app", False, False),
    "MIGRATION_DATABASE_URL": ("portal_owner", False, False),
    "BACKUP_DATABASE_URL": ("portal_backup", False, True),
}


@dataclass(frozen=True, slots=True)
class Finding:
    """One line: `remedy` is empty where all is well; `needed` tells whether the portal cannot do without."""

    what: str
    remedy: str = ""
    needed: bool = True


class Command(BaseCommand):
    help = "Say what is missing and how to get it. Ends with status 1 where the portal cannot run or is not safe."
    requires_system_checks = []

    def handle(self, *args: Any, **options: Any) -> None:
        checks: list[Callable[[], Iterator[Finding]]] = [
            machine,
            servers,
            drawing,
            data_folder,
            keys,
            database,
            broker,
            mail,
            for_tests,
        ]
        bad = False
        for check in checks:
            for finding in check():
                word = "ok" if not finding.remedy else "MISSING" if finding.needed else "without"
                self.stdout.write(f"{word:<8}{finding.what}" + (f"\n        -> {finding.remedy}" if finding.remedy else ""))
                bad |= bool(finding.remedy) and finding.needed
        if bad:
            sys.exit(1)


def machine() -> Iterator[Finding]:
    libc = " ".join(platform.libc_ver()) or "no glibc"
    said = f"{platform.system()} {platform.machine()}, {libc}, Python {platform.python_version()}"
    known = platform.system() == "Linux" and platform.machine() in {"x86_64", "aarch64"} and platform.libc_ver()[0] == "glibc"
    yield Finding(said, "" if known else "The portal is tested on Linux x86-64 with glibc.", needed=False)


def servers() -> Iterator[Finding]:
    """Only where the embedded servers are used."""
    installation = Installation.here()
    if read("DATABASE_URL") and not embedded():
        yield Finding("external PostgreSQL (DATABASE_URL)")
        return
    for name, find in (("PostgreSQL", lambda: postgres_program("postgres")), ("Valkey", valkey_program)):
        try:
            yield Finding(f"{name} of the wheel: {find()}")
        except NotInstalled as problem:
            yield Finding(name, str(problem))
    if is_root():
        way = possible_disguise()
        yield Finding(f"PostgreSQL as root ({way or 'no way'})", "" if way else "Run as an ordinary user, or set DATABASE_URL.")
    if not installation.exists:
        yield Finding("set up", "`make run` does it.", needed=False)


def drawing() -> Iterator[Finding]:
    """WeasyPrint's libraries, asked without importing it."""
    missing = []
    for library, package in PDF_LIBRARIES.items():
        try:
            ctypes.CDLL(library)
        except OSError:
            missing.append(package)
    command = f"sudo apt-get install -y --no-install-recommends {' '.join(missing)}; reports wait until then" if missing else ""
    yield Finding("libraries that draw the PDF", command, needed=False)
    fonts = any(Path("/usr/share/fonts").rglob("DejaVuSans.ttf"))
    yield Finding("DejaVu fonts", "" if fonts else "sudo apt-get install -y fonts-dejavu-core", needed=False)


def data_folder() -> Iterator[Finding]:
    folder = Path(settings.DATA_DIR)
    if not folder.exists():
        return
    open_to_others = folder.stat().st_mode & 0o077
    yield Finding(f"{folder} is private", f"chmod 700 {folder}" if open_to_others else "")
    free = shutil.disk_usage(folder).free
    yield Finding(
        f"{free // 1_000_000} MB free in {folder}", "" if free > ROOM_IN_BYTES else "Make room: at least 1 GB.", needed=False
    )


def keys() -> Iterator[Finding]:
    from cryptography.fernet import Fernet

    long_enough = len(read("SECRET_KEY")) >= 32
    yield Finding("SECRET_KEY", "" if long_enough else "Set SECRET_KEY to a long random text (`make run` makes its own).")
    good = bool(settings.FIELD_KEYS)
    for key in settings.FIELD_KEYS:
        try:
            Fernet(key)
        except ValueError:
            good = False
    make = 'python -c "from cryptography.fernet import Fernet; print(Fernet.generate_key().decode())"'
    names = f": {', '.join(key_ids())}" if good else ""
    yield Finding(f"{len(settings.FIELD_KEYS)} field keys{names}", "" if good else f"Set FIELD_KEYS; one key: {make}")


def database() -> Iterator[Finding]:
    if not read("DATABASE_URL"):
        yield Finding("PostgreSQL", "Nothing is set up yet: `make run`, or set DATABASE_URL.", needed=False)
        return
    with embedded_server(read("DATABASE_URL")):
        for variable, expected in ROLES.items():
            if url := read(variable):
                yield from role(variable, url, *expected)
            else:
                yield Finding(variable, "Not set; migrate and backup need it, web and workers must not have it.", needed=False)
        yield from content(read("DATABASE_URL"))


def role(variable: str, url: str, name: str, superuser: bool, bypasses: bool) -> Iterator[Finding]:
    answer = ask(
        url,
        "SELECT current_user, rolsuper, rolbypassrls, "
        "(SELECT count(*) FROM pg_class WHERE relowner = r.oid), current_setting('server_version_num')::int / 10000 "
        "FROM pg_roles r WHERE rolname = current_user",
    )
    if isinstance(answer, str):
        yield Finding(f"{variable}", f"{answer} Start it (`make run`) or check the address; roles: docs/database-roles.sql.")
        return
    user, is_super, may_bypass, owned, major = answer[0]
    wrong = []
    if is_super != superuser:
        wrong.append("is a superuser, and row security does not bind superusers")
    if may_bypass != bypasses:
        wrong.append("must bypass row security" if bypasses else "bypasses row security")
    if variable == "DATABASE_URL" and owned:
        wrong.append(f"owns {owned} tables; the application must own nothing")
    if major < 15:
        wrong.append("runs on a PostgreSQL older than 15")
    yield Finding(
        f"{variable}: {user}, PostgreSQL {major}", f"{user} {' and '.join(wrong)}: docs/database-roles.sql." if wrong else ""
    )


def content(url: str) -> Iterator[Finding]:
    extensions = ask(url, "SELECT extname FROM pg_extension")
    if isinstance(extensions, str):
        return
    missing = {"unaccent", "pg_trgm"} - {name for (name,) in extensions}
    yield Finding("extensions unaccent, pg_trgm", f"CREATE EXTENSION {', '.join(sorted(missing))};" if missing else "")
    folded = ask(url, "SELECT lower('КИЇВ') = 'київ'")
    good = folded == [(True,)]
    yield Finding(
        "letters of every script are folded", "" if good else "The database needs a UTF-8 locale: docs/database-roles.sql."
    )
    # Another setting than the one above: with LC_CTYPE=C pg_trgm takes a Cyrillic letter for a space.
    if not missing:
        good = ask(url, "SELECT similarity('Харків', 'Харьков') > 0.2") == [(True,)]
        remedy = "Its LC_CTYPE must be C.UTF-8, which needs a new database: docs/database-roles.sql."
        yield Finding("letters of every script make words", "" if good else remedy)
    from django.db import connection
    from django.db.migrations.executor import MigrationExecutor

    executor = MigrationExecutor(connection)
    waiting = executor.migration_plan(executor.loader.graph.leaf_nodes())
    yield Finding("tables", f"{len(waiting)} migrations wait: manage.py migrate --database=owner" if waiting else "")


def broker() -> Iterator[Finding]:
    """Anything that speaks the protocol and answers PING."""
    parts = urlsplit(read("REDIS_URL"))
    remedy = "Nobody is woken: start it (`make run`). People still sign in and check in; reports are slower."
    with suppress(OSError):
        if parts.scheme.endswith("socket"):
            connection = socket.socket(socket.AF_UNIX)
            connection.settimeout(2)
            connection.connect(unquote(parts.path))
        else:
            connection = socket.create_connection((parts.hostname, parts.port or 6379), timeout=2)
        with connection:
            connection.sendall(b"PING\r\n")
            if connection.recv(64)[:1] in (b"+", b"-"):
                remedy = ""
    yield Finding("broker (REDIS_URL)", remedy, needed=False)


def mail() -> Iterator[Finding]:
    remedy = "" if read("EMAIL_URL") else f"Nobody is mailed: set EMAIL_URL. Mail stands in {settings.MAIL_FILE}."
    yield Finding("mail server (EMAIL_URL)", remedy, needed=False)


def for_tests() -> Iterator[Finding]:
    chromium = os.environ.get("AIM_CHROMIUM") or "/usr/bin/chromium"
    missing = (
        "" if Path(chromium).exists() else "Browser tests are skipped: sudo apt-get install -y chromium, or set AIM_CHROMIUM."
    )
    yield Finding("Chromium for tests", missing, needed=False)
    for name, program in (("gettext", "msgfmt"), ("faketime", "faketime")):
        yield Finding(f"{name} for tests", "" if shutil.which(program) else f"sudo apt-get install -y {name}", needed=False)


def embedded() -> bool:
    installation = Installation.here()
    return installation.exists and read("DATABASE_URL") in installation.postgres().urls.values()


def ask(url: str, statement: str) -> list[tuple] | str:
    """Rows, or the first line of what went wrong."""
    import psycopg2

    try:
        connection = connect(url)
    except psycopg2.Error as problem:
        return str(problem).strip().splitlines()[0]
    try:
        with connection.cursor() as cursor:
            cursor.execute(statement)
            return cursor.fetchall()
    finally:
        connection.close()
