"""A whole portal in processes of its own, as `make run` starts it: for the tests that kill, freeze and starve it."""

import json
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path

from aimprogress.embedded.postgres import Postgres

PROJECT = Path(__file__).resolve().parents[1]


def without_pytest() -> dict[str, str]:
    """The environment as a person has it: none of what tests/plugin.py put there."""
    ours = {"DATABASE_URL", "MIGRATION_DATABASE_URL", "BACKUP_DATABASE_URL", "REDIS_URL", "DATA_DIR"}
    ours |= {"SECRET_KEY", "FIELD_KEYS", "AUDIT_KEY", "PYTEST_VERSION", "PYTEST_CURRENT_TEST", "MAKELEVEL"}
    return {name: value for name, value in os.environ.items() if name not in ours}


def gone(pid: int, seconds: float = 15) -> bool:
    """Whether the process ends within `seconds`; a zombie has ended."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        try:
            if Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] == "Z":
                return True
        except FileNotFoundError:
            return True
        time.sleep(0.05)
    return False


class Run:
    """One launcher in a process of its own."""

    def __init__(self, folder: Path, **environment: str) -> None:
        """`environment` adds to that of a person; without DEMO=1 no demo data is loaded."""
        self.folder = folder
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = probe.getsockname()[1]
        self.began = time.monotonic()
        self.environment = without_pytest() | {"DATA_DIR": str(folder), "PORT": str(self.port), "DEMO": "0"} | environment
        # A file, not a pipe: nobody reads along while the test does something else.
        self.log = folder.parent / f"launcher-{self.port}.log"
        with self.log.open("w") as log:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "aimprogress.embedded"],
                cwd=PROJECT, env=self.environment, stdout=log, stderr=subprocess.STDOUT, start_new_session=True,
            )  # fmt: skip

    @property
    def said(self) -> str:
        """What the person at the terminal has seen so far."""
        return self.log.read_text()

    def wait_until_ready(self, seconds: float = 180) -> float:
        """Seconds from the start until it said so; fails with what it said if it ends before."""
        while "the data stays in" not in self.said:
            assert self.process.poll() is None, f"the launcher ended: {self.said}"
            assert time.monotonic() - self.began < seconds, f"not ready after {seconds} s: {self.said}"
            time.sleep(0.1)
        return time.monotonic() - self.began

    def get(self, path: str) -> tuple[int, dict]:
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{self.port}{path}", timeout=10) as answer:
                return answer.status, json.load(answer)
        except urllib.error.HTTPError as error:
            return error.code, json.load(error)

    def children(self) -> dict[int, str]:
        """Every process below the launcher, with its command line."""
        parents: dict[int, int] = {}
        for stat in Path("/proc").glob("[0-9]*/stat"):
            try:
                parents[int(stat.parent.name)] = int(stat.read_text().rsplit(")", 1)[1].split()[1])
            except OSError:
                continue
        found, waiting = {}, [self.process.pid]
        while waiting:
            parent = waiting.pop()
            for pid in [pid for pid, of in parents.items() if of == parent]:
                try:
                    found[pid] = Path(f"/proc/{pid}/cmdline").read_bytes().replace(b"\0", b" ").decode()
                except OSError:
                    continue
                waiting.append(pid)
        return found

    def leader(self, name: str) -> int:
        """The first process whose command line contains `name`: "postgres", "valkey-server", "gunicorn", "worker", "beat"."""
        return min(pid for pid, command in self.children().items() if name in command)

    def kill(self, name: str) -> int:
        """kill -9; gives the id of what was killed. The launcher starts it again."""
        pid = self.leader(name)
        os.kill(pid, signal.SIGKILL)
        return pid

    def freeze(self, name: str) -> int:
        """Stop the process without ending it; `thaw(pid)` lets it go on."""
        pid = self.leader(name)
        os.kill(pid, signal.SIGSTOP)
        return pid

    def thaw(self, pid: int) -> None:
        os.kill(pid, signal.SIGCONT)

    def manage(self, *arguments: str, seconds: float = 120) -> str:
        """The output of a manage.py command against this portal, as a person in a second terminal runs it."""
        done = subprocess.run(
            [sys.executable, "manage.py", *arguments],
            cwd=PROJECT, env=self.environment, capture_output=True, text=True, timeout=seconds, check=False,
        )  # fmt: skip
        assert done.returncode == 0, f"{arguments}: {done.stdout}{done.stderr}"
        return done.stdout

    @property
    def urls(self) -> dict[str, str]:
        """The addresses of the three database roles."""
        return Postgres(self.folder / "postgres", self.folder / "run").urls

    def end(self) -> None:
        """At the end of a test, whatever happened."""
        if self.process.poll() is None:
            self.process.terminate()
            try:
                self.process.wait(60)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait(10)

    def interrupt(self) -> int:
        """Ctrl-C, and the exit status."""
        self.process.send_signal(signal.SIGINT)
        return self.process.wait(60)
