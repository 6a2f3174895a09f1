"""Real workers against the real servers of the test run, and the promises that must hold after every fault."""

import hashlib
import json
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.db import Error, connection, connections

from aimprogress.core.actor import SYSTEM, Actor, acting_as
from aimprogress.core.files import StoredFile
from aimprogress.embedded.postgres import APP
from aimprogress.jobs.models import Job, JobTransition
from aimprogress.jobs.requests import enqueue
from tests.jobs.conftest import an_actor
from tests.plugin import Servers

TERMINAL = {"succeeded", "failed", "cancelled"}
BASE = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="session")
def room(servers: Servers) -> Path:
    """A folder that tests and workers share."""
    path = servers.folder / "faults"
    path.mkdir()
    os.environ["FAULTS_ROOM"] = str(path)
    return path


@pytest.fixture
def kinds(room: Path) -> Any:
    """The kinds that the workers run, so that the test may ask for them and count."""
    from tests.faults import kinds

    return kinds


class Zygote:
    """The preloaded process; `fork()` gives a worker's process group."""

    def __init__(self, servers: Servers, room: Path, **environment: str) -> None:
        database = settings.DATABASES["owner"]["NAME"]
        self.log = (room / "workers.log").open("ab")
        self.process = subprocess.Popen(
            [sys.executable, "-W", "ignore", "-m", "tests.faults.zygote"],
            cwd=BASE, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=self.log, text=True, start_new_session=True,
            env={**os.environ, "DATABASE_URL": servers.postgres.url(APP, database), "FAULTS_ROOM": str(room), **environment},
        )  # fmt: skip
        if self.process.stdout.readline() != "ready\n":
            self.stop()
            raise RuntimeError((room / "workers.log").read_text()[-3000:])

    def fork(self, files: Path, processes: int = 1) -> int:
        self.process.stdin.write(json.dumps({"files": str(files), "processes": processes}) + "\n")
        self.process.stdin.flush()
        return int(self.process.stdout.readline())

    def stop(self) -> None:
        self.process.kill()
        self.process.wait()
        for pipe in (self.process.stdin, self.process.stdout, self.log):
            pipe.close()


@pytest.fixture(scope="session")
def zygote(django_db_setup: None, servers: Servers, room: Path) -> Iterator[Zygote]:
    zygote = Zygote(servers, room)
    yield zygote
    zygote.stop()


@pytest.fixture
def kept_commits(django_db_setup: None, django_db_blocker: Any) -> None:
    """Test servers forget the last commits when they crash; where a crash is the test, they must not."""
    with django_db_blocker.unblock(), connections["owner"].cursor() as cursor:
        cursor.execute(f"ALTER DATABASE {connections['owner'].settings_dict['NAME']} SET synchronous_commit = 'on'")
    connections.close_all()


class Faults:
    """What a test does: ask for work, start workers, break things, wait."""

    def __init__(self, servers: Servers, zygote: Zygote, room: Path) -> None:
        self.servers, self.zygote, self.room = servers, zygote, room
        self.files = room / "files"
        self.files.mkdir(exist_ok=True)
        self.groups: list[int] = []
        self.actor: Actor = an_actor()

    def worker(self, zygote: Zygote | None = None, **options: Any) -> int:
        """Start a worker; returns its process group."""
        options.setdefault("files", self.files)
        pid = (zygote or self.zygote).fork(**options)
        self.groups.append(pid)
        return pid

    def signal(self, group: int, number: int) -> None:
        """To every process of a worker."""
        try:
            os.killpg(group, number)
        except ProcessLookupError:
            pass

    def ask(self, kind: str = "memo", **params: Any) -> Job:
        """A job, committed; fails where that takes two seconds."""
        begun = time.monotonic()
        with acting_as(self.actor):
            job = enqueue(kind, params)
        assert time.monotonic() - begun < 2, "asking for a job had to wait"
        return job

    def now(self, job: Job) -> Job:
        """The job's row as it stands; waits a little for a server that is just coming back."""
        end = time.monotonic() + 5
        while True:
            try:
                with acting_as(SYSTEM):
                    return Job.objects.select_related("result_file").get(pk=job.pk)
            except Error:
                connection.close()
                if time.monotonic() > end:
                    raise
                time.sleep(0.1)

    def until(self, job: Job, good: Callable[[Job], bool], seconds: float = 25) -> Job:
        """The job's row as soon as it is as wanted."""
        end = time.monotonic() + seconds
        while not good(row := self.now(job)):
            if time.monotonic() > end:
                log = (self.room / "workers.log").read_text(errors="replace")[-4000:]
                pytest.fail(f"{row.kind} is {row.state} (attempt {row.attempts}, {row.error!r}) after {seconds} s\n{log}")
            time.sleep(0.03)
        return row

    def running(self, job: Job, attempt: int = 1) -> Job:
        """The job once its work has begun."""
        from tests.faults import kinds

        return self.until(job, lambda row: row.state == "running" and row.attempts == attempt and kinds.runs_of(row) >= attempt)

    def done(self, job: Job, state: str = "succeeded", seconds: float = 25) -> Job:
        """The job once it is over, in the state wanted."""
        row = self.until(job, lambda row: row.state in TERMINAL, seconds)
        assert row.state == state, row.error
        return row

    def stop_workers(self) -> None:
        for group in self.groups:
            self.signal(group, signal.SIGKILL)


@pytest.fixture
def faults(transactional_db: None, servers: Servers, zygote: Zygote, kinds: Any, room: Path) -> Iterator[Faults]:
    os.truncate(room / "workers.log", 0)
    faults = Faults(servers, zygote, room)
    yield faults
    if servers.valkey.process is not None:
        servers.valkey.process.send_signal(signal.SIGCONT)
    servers.start()
    faults.stop_workers()
    connections.close_all()
    try:
        check_promises(faults)
    finally:
        _empty(room)


def _empty(room: Path) -> None:
    for path in room.iterdir():
        if path.is_dir():
            shutil.rmtree(path, ignore_errors=True)
        elif path.name != "workers.log":
            path.unlink()


@contextmanager
def a_disk(folder: Path, size: str) -> Iterator[Path]:
    """A file system of `size` ("64k") at `folder`; skips where none can be mounted."""
    mount = shutil.which("mount")
    if os.geteuid() != 0 or mount is None:
        pytest.skip("a disk that is really full needs root: a tiny tmpfs is mounted")
    done = subprocess.run([mount, "-t", "tmpfs", "-o", f"size={size}", "tmpfs", folder], capture_output=True, text=True)
    if done.returncode:
        pytest.skip(f"a tiny tmpfs cannot be mounted here: {done.stderr.strip()}")
    try:
        yield folder
    finally:
        subprocess.run([shutil.which("umount"), "-l", folder], check=True)


def with_wrong_clock(faults: Faults, offset: str) -> Zygote:
    """A preloaded process whose workers read a clock that is `offset` ("+2h") away; skips without faketime.

    The wall clock alone is wrong, as on a real machine: with a shifted monotonic clock the library hangs Python's waits.
    """
    library = next(Path("/usr/lib").glob("*/faketime/libfaketimeMT.so.1"), None)
    if library is None:
        pytest.skip("a wrong clock needs faketime (Debian package faketime)")
    wrong = {"LD_PRELOAD": str(library), "FAKETIME": offset, "FAKETIME_DONT_FAKE_MONOTONIC": "1", "DONT_FAKE_MONOTONIC": "1"}
    return Zygote(faults.servers, faults.room, **wrong)


def check_promises(faults: Faults) -> None:
    """I2-I6 of the job machine, for every job there is."""
    with acting_as(SYSTEM):
        jobs = list(Job.objects.select_related("result_file"))
        published = StoredFile.objects.filter(kind="fault").count()
        steps = list(JobTransition.objects.values_list("job_id", "to_state", "fence"))
    notes = [job for job in jobs if job.result_file and job.result_file.kind == "fault"]
    assert published == len(notes), "a file without its job, or twice"
    for job in jobs:
        mine = [(state, fence) for job_id, state, fence in steps if job_id == job.pk]
        assert len([state for state, _ in mine if state in TERMINAL]) <= 1, f"{job} ended twice"
        fences = [fence for _, fence in mine]
        assert fences == sorted(fences), f"{job} went back to an older fence"
        assert job.attempts <= job.max_attempts
        if job.result_file:
            _check_file(job, faults.files)


def _check_file(job: Job, files: Path) -> None:
    sha256 = job.result_file.sha256
    data = (files / sha256[:2] / sha256[2:4] / sha256).read_bytes()
    assert (hashlib.sha256(data).hexdigest(), len(data)) == (sha256, job.result_file.size)
    assert job.result_file.kind != "fault" or f"under fence {job.fence}\n" in data.decode(errors="replace"), (
        f"{job} published what another fence wrote"
    )
