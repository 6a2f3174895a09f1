"""`make run`: start everything, say where it is, stop it in order. Kept free of Django, so that it starts at once."""

import fcntl
import hashlib
import json
import os
import signal
import socket
import sys
import time
import urllib.request
from collections.abc import Callable, Mapping
from contextlib import suppress
from pathlib import Path
from typing import IO

from aimprogress.embedded.children import die_with_parent
from aimprogress.embedded.installation import PROJECT, Installation
from aimprogress.embedded.postgres import Postgres
from aimprogress.embedded.processes import Processes, Watched, python
from aimprogress.embedded.valkey import Valkey
from aimprogress.log_files import keep_short

# One account for each role of the demo; the order is that of the tour.
ACCOUNTS = (
    "analyst@aim.example",
    "admin@aim.example",
    "coordinator@halden.example",
    "reporter@halden.example",
    "viewer@halden.example",
    "coordinator@norvia.example",
    "auditor@audit.example",
    "partner@relief.example",
)

# As the image has it too. Workers share what was loaded before the fork. gunicorn's control socket lets whoever reaches it
# stop the portal.
WEB_SERVER = (
    "gunicorn", "aimprogress.wsgi", "--worker-class=gthread", "--workers=2", "--threads=4", "--preload", "--no-control-socket",
)  # fmt: skip


class AlreadyRunning(RuntimeError):
    """Another launcher holds this installation."""


class CannotStart(RuntimeError):
    """Something that the person at the terminal has to do first; the message says what."""


class Stop(Exception):
    """Ctrl-C, SIGTERM or a closed terminal."""


class Launcher:
    """Everything that `make run` starts, for one installation."""

    def __init__(self, installation: Installation, port: int, *, out: IO[str] = sys.stdout) -> None:
        self.installation, self.port, self.out = installation, port, out
        self.postgres: Postgres | None = None
        self.valkey: Valkey | None = None
        self.processes = Processes(PROJECT, installation.logs, terminal=self.say)
        self._lock: IO[str] | None = None

    @property
    def address(self) -> str:
        return f"http://localhost:{self.port}"

    def say(self, text: str = "") -> None:
        with suppress(OSError):  # the terminal may be gone
            print(text, file=self.out, flush=True)

    def start(self) -> None:
        """Servers, tables, demo, web, worker and beat; returns when all of them are ready."""
        began = time.monotonic()
        self.installation.make_folders()
        self._take_lock()
        self._check_port()
        if not self.installation.external:
            self._start_servers()
        first_time = not self.installation.external and not self._note("tables").exists()
        if first_time:  # it imports what it needs on the other processor meanwhile, and nobody has its address yet
            self._start_web()
        self._once("tables", fingerprint(migrations()), self._migrate)
        if not first_time:
            self._start_web()
        worker = self._start_worker_and_beat()
        # While they import:
        self._once("reference", fingerprint(reference_files()), self._load_reference)
        if self._environment().get("DEMO") == "1":
            try:
                self._once("demo", "loaded", self._load_demo)
            except CannotStart as problem:  # without invented companies the portal is empty, not broken
                self.say(str(problem))
        self.processes.until(lambda: self._answers("/livez"), seconds=120, what="the web server")
        if not self._answers("/readyz"):  # somebody put older tables under a newer portal
            self._migrate()
            self.processes.until(lambda: self._answers("/readyz"), seconds=60, what="the tables")
        self.processes.until(lambda: worker.said(" ready."), seconds=120, what="the worker")
        self._introduce(time.monotonic() - began)

    def watch(self) -> None:
        """Keep everything running until Ctrl-C (raises Stop)."""
        while True:
            self.processes.read(0.5)
            self.processes.restart_dead()
            self._restart_servers()
            self._keep_logs_short()

    def stop(self) -> None:
        """Beat, worker, web, Valkey, PostgreSQL: who uses a server ends before it."""
        self.processes.stop()
        if self.valkey:
            self.valkey.stop()
        if self.postgres:
            self.postgres.stop()
        if self._lock:
            self._lock.close()

    def _take_lock(self) -> None:
        self._lock = self.installation.lock.open("a+")
        try:
            fcntl.flock(self._lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            self._lock.seek(0)
            raise AlreadyRunning(f"The portal runs already: {self._lock.read().strip() or self.installation.folder}") from None
        self._lock.truncate(0)
        self._lock.write(f"{self.address} (process {os.getpid()})\n")
        self._lock.flush()

    def _check_port(self) -> None:
        with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind(("127.0.0.1", self.port))
            except OSError as error:
                raise CannotStart(f"Port {self.port} is taken. Choose another: make run PORT={self.port + 1}") from error

    def _start_servers(self) -> None:
        self.installation.secrets()
        self.postgres, self.valkey = self.installation.postgres(), self.installation.valkey()
        new = not self.postgres.data_dir.exists()
        self.say("Setting up PostgreSQL ..." if new else "Starting PostgreSQL ...")
        if new:
            for note in self.installation.folder.glob("*.done"):
                note.unlink()
            if not self.installation.demo:
                self.installation.set_up_without_demo()
        self.postgres.start()
        if not os.environ.get("REDIS_URL"):
            self.valkey.start()

    def _restart_servers(self) -> None:
        """A server of ours that was killed comes back with everything that was committed."""
        for server in (self.postgres, self.valkey):
            if server and server.process and server.process.poll() is not None:
                self.say(f"{type(server).__name__} ended; starting it again")
                server.start()

    def _keep_logs_short(self) -> None:
        """The servers write to their own logs; those of the other processes are ours (processes.py)."""
        for server in filter(None, (self.postgres, self.valkey)):
            keep_short(server.log)

    def _environment(self, *urls: str) -> dict[str, str]:
        """Only the database addresses in `urls`: a web process never holds the owner's password."""
        kept = {name: value for name, value in os.environ.items() if not name.endswith("DATABASE_URL") or name in urls}
        kept |= self.installation.environment(*urls)
        return kept | {"PORT": str(self.port), "DJANGO_SETTINGS_MODULE": "aimprogress.settings", "PYTHONUNBUFFERED": "1"}

    def _manage(self, name: str, *arguments: str, urls: tuple[str, ...] = ("DATABASE_URL",), seconds: float = 900) -> list[str]:
        """Run a command of manage.py to its end and give its lines."""
        environment = self._environment(*urls)
        # Nobody waits for these rows to be on the disk one by one; their order on the disk is kept all the same.
        environment["PGOPTIONS"] = f"{environment.get('PGOPTIONS', '')} -c synchronous_commit=off".strip()
        command = Watched(name, python("manage.py", *arguments), environment)
        if self.processes.run(command, seconds=seconds) != 0:
            last = "\n".join(command.lines[-25:])
            raise CannotStart(f"`manage.py {' '.join(arguments)}` failed; more in {self.installation.logs}/{name}.log\n{last}")
        return command.lines

    def _once(self, what: str, state: str, work: Callable[[], None]) -> None:
        """Do `work` unless a note says that it was done for `state`: a warm start saves two imports of Django."""
        note = self._note(what)
        if self.installation.external or not note.exists() or note.read_text() != state:
            work()
            if not self.installation.external:
                note.write_text(state)

    def _note(self, what: str) -> Path:
        return self.installation.folder / f"{what}.done"

    def _migrate(self) -> None:
        self.say("Making the tables ...")
        self._manage("migrate", "migrate", "--noinput", "--database=owner", urls=("DATABASE_URL", "MIGRATION_DATABASE_URL"))

    def _load_reference(self) -> None:
        self.say("Loading areas, settlements and the official list ...")
        self._manage("reference", "load_reference")

    def _load_demo(self) -> None:
        self.say("Loading the demo ...")
        self._manage("demo", "demo", "--if-empty")

    def _start_web(self) -> None:
        gunicorn = ["-m", *WEB_SERVER, f"--bind=127.0.0.1:{self.port}", "--graceful-timeout=10", "--timeout=60"]
        if os.access("/dev/shm", os.W_OK):  # noqa: S108 - gunicorn's heartbeat must not wait for a disk
            gunicorn += ["--worker-tmp-dir=/dev/shm"]
        self.processes.start(Watched("web", python(*gunicorn), self._environment("DATABASE_URL")))

    def _start_worker_and_beat(self) -> Watched:
        """Returns the worker."""
        environment = self._environment("DATABASE_URL")
        celery = ["-m", "celery", "-A", "aimprogress.celery", "--quiet"]
        work = [*celery, "worker", "--loglevel=INFO", "--without-gossip", "--without-mingle"]
        beat = [*celery, "beat", "--loglevel=WARNING", "--pidfile="]
        # A warm shutdown would wait for a report that is being written; the report is tried again anyway.
        worker = Watched("worker", python(*work), environment, death_signal=signal.SIGQUIT, stop_seconds=8)
        self.processes.start(worker)
        self.processes.start(Watched("beat", python(*beat), environment, stop_seconds=5))
        return worker

    def _answers(self, path: str) -> bool:
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{self.port}{path}", timeout=5) as answer:
                return answer.status == 200
        except OSError:
            return False

    def _introduce(self, seconds: float) -> None:
        """The address, one link per role, what is shown only once, and how to stop."""
        self.say(f"\nThe portal is ready after {seconds:.0f} s:  {self.address}\n")
        if self._environment().get("DEMO") == "1":
            self._print_links()
            self._print_first_run()
        self.say(f"Logs: {self.installation.logs}/    What is missing: .venv/bin/python manage.py doctor")
        self.say("Ctrl-C stops everything; the data stays in " + str(self.installation.folder))

    def _print_links(self) -> None:
        try:
            lines = self._manage("links", "sign_in_link", *ACCOUNTS, seconds=60)
        except (CannotStart, TimeoutError) as problem:
            self.say(str(problem))
            return
        self.say("One sign-in link per role, each works once, on this machine only (another: manage.py sign_in_link EMAIL):")
        for line in lines:
            if "http" in line:
                self.say(f"  {line}")
        self.say()

    def _print_first_run(self) -> None:
        file = self.installation.first_run
        if not file.exists():
            return
        said: Mapping[str, str] = json.loads(file.read_text())
        file.unlink()
        for name, value in said.items():
            self.say(f"{name.replace('_', ' ')} (shown only now): {value}")
        self.say()


def migrations() -> list[Path]:
    """What decides about the tables: our migrations, and the pinned libraries that bring some of their own."""
    ours = [*PROJECT.glob("*/migrations/*.py"), *PROJECT.glob("*/*/migrations/*.py")]
    return [*ours, PROJECT / "requirements" / "runtime.txt"]


def reference_files() -> list[Path]:
    return [path for path in PROJECT.glob("aimprogress/places/data/*") if path.is_file()]


def fingerprint(files: list[Path]) -> str:
    """Changes whenever one of `files` does."""
    content = hashlib.sha256()
    for file in sorted(files):
        content.update(str(file.relative_to(PROJECT)).encode() + file.read_bytes())
    return content.hexdigest()


def main() -> int:
    """The whole life of `make run`; the exit status of the process."""

    def stop(*_: object) -> None:
        raise Stop

    for kind in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(kind, stop)
    if os.environ.get("MAKELEVEL"):  # started by make: end with it, however it ends
        die_with_parent(signal.SIGTERM)
    os.umask(0o077)
    launcher = Launcher(Installation.here(), int(os.environ.get("PORT") or 8000))
    try:
        launcher.start()
        launcher.watch()
    except Stop:
        launcher.say("\nStopping ...")
        return 0
    except (AlreadyRunning, CannotStart, TimeoutError, RuntimeError) as problem:
        launcher.say(f"\n{problem}")
        return 1
    finally:
        # A second Ctrl-C must not interrupt the order of the end.
        for kind in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(kind, signal.SIG_IGN)
        launcher.stop()
    return 0
