"""What one installation of the portal owns on this machine, and what of it each process may know.

Everything lies under `var/` (or DATA_DIR), readable by its user only. The keys of the encrypted fields stand in
`secrets.json`, outside the database; the passwords of the three database roles in `postgres.passwords.json`.
"""

import base64
import fcntl
import json
import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from aimprogress.embedded.postgres import ROLE_OF_URL, Postgres, write_private
from aimprogress.embedded.valkey import Valkey

PROJECT = Path(__file__).resolve().parents[2]

SECRETS = ("SECRET_KEY", "FIELD_KEYS", "AUDIT_KEY")

# Which role of the database a command of manage.py needs; every other command is the application.
_URLS_OF_COMMAND = {
    "migrate": ("DATABASE_URL", "MIGRATION_DATABASE_URL"),
    "createcachetable": ("DATABASE_URL", "MIGRATION_DATABASE_URL"),
    "sqlmigrate": ("MIGRATION_DATABASE_URL",),
    "backup": ("DATABASE_URL", "BACKUP_DATABASE_URL"),
    "restore_check": ("DATABASE_URL", "MIGRATION_DATABASE_URL"),
    "rotate_field_keys": ("DATABASE_URL", "MIGRATION_DATABASE_URL"),
    "doctor": tuple(ROLE_OF_URL),
}
_URLS_OF_THE_APPLICATION = ("DATABASE_URL",)


@dataclass(frozen=True, slots=True)
class Installation:
    """The folder of an installation. External services are used as soon as DATABASE_URL is set from outside."""

    folder: Path

    @classmethod
    def here(cls) -> "Installation":
        return cls(Path(os.environ.get("DATA_DIR") or PROJECT / "var").absolute())

    @property
    def external(self) -> bool:
        return bool(os.environ.get("DATABASE_URL"))

    @property
    def exists(self) -> bool:
        """Whether embedded servers were set up here before."""
        return (self.folder / "postgres.passwords.json").exists() and self.has_secrets

    @property
    def has_secrets(self) -> bool:
        return (self.folder / "secrets.json").exists()

    @property
    def sockets(self) -> Path:
        return self.folder / "run"

    @property
    def logs(self) -> Path:
        return self.folder / "log"

    @property
    def lock(self) -> Path:
        return self.folder / "run" / "lock"

    @property
    def address(self) -> str:
        """Where the portal of this installation is: what the launcher wrote into its lock, else what PORT says."""
        with suppress(OSError):
            if said := self.lock.read_text().partition(" ")[0]:
                return said
        return f"http://localhost:{os.environ.get('PORT') or 8000}"

    @property
    def first_run(self) -> Path:
        """Written by the demo loader, read, printed and deleted by the launcher: what is shown only once."""
        return self.folder / "first-run.json"

    @property
    def demo(self) -> bool:
        """Whether this is the demo, with its sign-in links. What was once set up without (DEMO=0) never becomes one."""
        return os.environ.get("DEMO", "1") == "1" and not self._without_demo.exists()

    def set_up_without_demo(self) -> None:
        self._without_demo.touch()

    @property
    def _without_demo(self) -> Path:
        return self.folder / "without-demo"

    def make_folders(self) -> None:
        for folder in (self.folder, self.sockets, self.logs):
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            folder.chmod(0o700)

    def postgres(self) -> Postgres:
        return Postgres(self.folder / "postgres", self.sockets, log=self.logs / "postgres.log")

    def valkey(self) -> Valkey:
        return Valkey(self.folder / "valkey", self.sockets, log=self.logs / "valkey.log")

    def secrets(self) -> dict[str, str]:
        """SECRET_KEY, FIELD_KEYS, AUDIT_KEY: from the environment, else made once and kept beside the data."""
        file = self.folder / "secrets.json"
        if all(os.environ.get(name) for name in SECRETS):
            return {name: os.environ[name] for name in SECRETS}
        if not file.exists():
            self.make_folders()
            made = {
                "SECRET_KEY": secrets.token_urlsafe(48),
                "FIELD_KEYS": base64.urlsafe_b64encode(secrets.token_bytes(32)).decode(),
                "AUDIT_KEY": secrets.token_urlsafe(32),
            }
            write_private(file, json.dumps(made, indent=1))
        kept = json.loads(file.read_text())
        return {name: os.environ.get(name) or value for name, value in kept.items()}

    def environment(self, *urls: str) -> dict[str, str]:
        """What a process needs beyond the environment of the launcher, with only the database addresses named in `urls`."""
        # The launcher listens on loopback only, over plain http.
        found = {"DATA_DIR": str(self.folder), "PLAIN_HTTP": os.environ.get("PLAIN_HTTP", "1")} | self.secrets()
        if self.external:
            return found
        addresses = self.postgres().urls
        found |= {name: addresses[name] for name in urls} | {"DEMO": "1" if self.demo else "0"}
        return found if os.environ.get("REDIS_URL") else found | self.valkey().urls


def attach(command: str) -> None:
    """For manage.py: let a command find the embedded servers of this installation, with the one role that it needs.

    Where DATABASE_URL leads elsewhere only keys that `make run` made are added. `run` starts the servers itself.
    """
    installation = Installation.here()
    if command == "run":
        return
    if installation.external:
        found = installation.secrets() if installation.has_secrets else {}
    elif installation.exists:
        found = installation.environment(*_URLS_OF_COMMAND.get(command, _URLS_OF_THE_APPLICATION))
        found["PORT"] = installation.address.rpartition(":")[2]  # for links
    else:
        return
    for name, value in found.items():
        os.environ.setdefault(name, value)
    if "DEMO" in found:
        os.environ["DEMO"] = found["DEMO"]


@contextmanager
def embedded_server(url: str) -> Iterator[None]:
    """Inside, the embedded PostgreSQL behind `url` runs: started for the moment where no launcher holds it.

    Does nothing where `url` leads somewhere else.
    """
    installation = Installation.here()
    if not installation.exists or url not in (server := installation.postgres()).urls.values():
        yield
        return
    with installation.lock.open("a") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:  # a launcher runs, and with it the server
            yield
            return
        server.start()
        try:
            yield
        finally:
            server.stop()
