"""Loaded by `-p tests.plugin` (pyproject.toml) before Django's settings are read.

Every pytest process gets a PostgreSQL and a Valkey of its own in memory. Their addresses stand in the
environment from the start; the servers start when the first test asks for a database, so pure tests stay fast.
"""

import atexit
import base64
import fcntl
import os
import secrets
import shutil
import socket
import tempfile
from collections import Counter, defaultdict
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from aimprogress.embedded.postgres import Postgres
from aimprogress.embedded.valkey import Valkey

_BOTH = ["default", "owner"]
_PREFIX = "aimtest-"
_ROOM_IN_BYTES = 512 * 1024 * 1024


def _fast_directory() -> Path:
    shared_memory = Path("/dev/shm")
    with suppress(OSError):
        found = os.statvfs(shared_memory)
        if os.access(shared_memory, os.W_OK) and found.f_bavail * found.f_frsize >= _ROOM_IN_BYTES:
            return shared_memory
    return Path(tempfile.gettempdir())


def _remove_what_killed_runs_left(parent: Path) -> None:
    """A run holds a lock on a file of its folder; a folder whose lock is free belongs to nobody any more."""
    for folder in parent.glob(f"{_PREFIX}*"):
        with suppress(OSError), (folder / "lock").open("a") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            shutil.rmtree(folder, ignore_errors=True)


class Servers:
    """The two servers of this pytest process."""

    def __init__(self) -> None:
        parent = _fast_directory()
        _remove_what_killed_runs_left(parent)
        self.folder = Path(tempfile.mkdtemp(prefix=_PREFIX, dir=parent))
        (self.folder / "var" / "static").mkdir(parents=True)  # WhiteNoise warns where it is missing
        self._lock = (self.folder / "lock").open("a")
        fcntl.flock(self._lock, fcntl.LOCK_EX)
        self.postgres = Postgres(self.folder / "pg", self.folder / "s", durable=False)
        self.valkey = Valkey(self.folder / "valkey", self.folder / "s", durable=False)
        atexit.register(self.stop)

    @property
    def environment(self) -> dict[str, str]:
        return {
            **self.postgres.urls,
            **self.valkey.urls,
            "SECRET_KEY": secrets.token_urlsafe(40),
            "FIELD_KEYS": base64.urlsafe_b64encode(secrets.token_bytes(32)).decode(),
            "AUDIT_KEY": secrets.token_urlsafe(32),
            "DATA_DIR": str(self.folder / "var"),
        }

    def start(self) -> None:
        self.postgres.start()
        self.valkey.start()

    def stop(self) -> None:
        self.valkey.stop()
        self.postgres.stop()
        self._lock.close()
        shutil.rmtree(self.folder, ignore_errors=True)


_servers = Servers()
os.environ.update(_servers.environment)
for _name in ("DEMO", "PLAIN_HTTP", "PORT", "ALLOWED_HOSTS", "TRUSTED_PROXIES", "EMAIL_URL", "MAIL_FROM", "LOG_LEVEL"):
    os.environ.pop(_name, None)  # a test decides these itself


@pytest.fixture(scope="session")
def servers() -> Servers:
    """Both servers, running. `servers.postgres.stop()` and the like are for tests/faults."""
    _servers.start()
    return _servers


KINDS = {"house": "house", "journeys": "journey", "browser": "browser", "faults": "faults"}


def kind_of(path: str) -> str:
    """The kind of a test by its folder under tests/: house, journey, browser, faults, else unit."""
    parts = Path(path).parts
    return KINDS.get(parts[1] if len(parts) > 2 and parts[0] == "tests" else "", "unit")


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--kinds", action="store_true", help="after everything, print the number of tests of each kind")


def pytest_unconfigure(config: pytest.Config) -> None:
    """The last lines of `make test`: figures, how many of each kind, and at the very end why browser tests were skipped."""
    reporter = config.pluginmanager.get_plugin("terminalreporter")
    if not reporter:
        return
    for report in (*reporter.stats.get("passed", ()), *reporter.stats.get("failed", ())):
        for name, said in report.user_properties:
            if name == "figures":  # what a test measured and wants to be read: record_property("figures", "...")
                reporter.write_line(said)
    if not config.getoption("--kinds", default=False):
        return
    counts: dict[str, Counter[str]] = defaultdict(Counter)
    reasons: Counter[str] = Counter()
    for outcome in ("passed", "failed", "error", "skipped"):
        for report in reporter.stats.get(outcome, ()):
            # The marks count, not only the folder: tests in a browser also stand beside the code that they are about.
            kind = next((kind for kind in KINDS.values() if kind in report.keywords), "unit")
            counts[kind][outcome] += 1
            if outcome == "skipped" and kind == "browser":
                reasons[str(report.longrepr[2]).removeprefix("Skipped: ")] += 1
    for kind in ("unit", *KINDS.values()):
        said = ", ".join(f"{count} {outcome}" for outcome, count in counts[kind].items()) or "none"
        reporter.write_line(f"{kind:<8}{said}")
    for reason, count in reasons.items():
        reporter.write_line(f"{count} browser tests were skipped: {reason}")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Every database test may use both aliases: `default` (app role) and `owner`, whose database it mirrors.

    Without it a transactional test would leave its rows behind: Django never flushes a mirror.
    """
    for item in items:
        kind = kind_of(item.nodeid.split("::")[0])
        if kind != "unit":
            item.add_marker(kind)
        mark = item.get_closest_marker("django_db")
        fixtures = getattr(item, "fixturenames", ())
        if mark:
            item.add_marker(pytest.mark.django_db(*mark.args, **{**mark.kwargs, "databases": _BOTH}), append=False)
        elif {"db", "transactional_db", "django_db_reset_sequences", "live_server"} & set(fixtures):
            item.add_marker(pytest.mark.django_db(databases=_BOTH), append=False)
        case = getattr(item, "cls", None)
        if case is not None and hasattr(case, "databases"):
            case.databases = set(_BOTH)


@pytest.fixture(autouse=True, scope="session")
def no_network_but_this_machine() -> Iterator[None]:
    """A test that reaches for another machine fails with the address it wanted."""
    connect, look_up = socket.socket.connect, socket.getaddrinfo

    def local_connect(self: socket.socket, address: object) -> None:
        if self.family != socket.AF_UNIX and isinstance(address, tuple) and not _is_local(address[0]):
            raise AssertionError(f"a test tried to reach {address[0]}; tests stay on this machine")
        connect(self, address)

    def local_look_up(host: object, *arguments: object, **options: object) -> object:
        if not _is_local(host):
            raise AssertionError(f"a test tried to look up {host}; tests stay on this machine")
        return look_up(host, *arguments, **options)

    socket.socket.connect, socket.getaddrinfo = local_connect, local_look_up
    yield
    socket.socket.connect, socket.getaddrinfo = connect, look_up


def _is_local(host: object) -> bool:
    name = host.decode() if isinstance(host, bytes) else host
    return name in (None, "", "localhost", "::1", "0.0.0.0", "::", socket.gethostname()) or str(name).startswith("127.")
