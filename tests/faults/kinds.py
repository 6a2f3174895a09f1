"""Cheap kinds of work for the fault tests. They leave a mark for every time they run, so that doubles are seen."""

import os
import signal
import threading
import time
from datetime import timedelta
from pathlib import Path

from aimprogress.core.audit import AuditEvent
from aimprogress.core.events import on
from aimprogress.core.files import StoredFile, store_file
from aimprogress.jobs.kinds import PermanentFailure, Progress, job_kind
from aimprogress.jobs.models import Job

ROOM = Path(os.environ["FAULTS_ROOM"])
PATIENCE = 30.0


def runs_of(job: Job) -> int:
    """How often the work of `job` was begun."""
    return len(list((ROOM / "runs").glob(f"{job.pk}-*")))


def open_gate(name: str) -> None:
    (ROOM / name).touch()


def _pause(seconds: float) -> None:
    """Not time.sleep: under faketime with an honest monotonic clock that answers EINVAL."""
    threading.Event().wait(seconds)


def _mark(job: Job) -> None:
    (ROOM / "runs").mkdir(exist_ok=True)
    (ROOM / "runs" / f"{job.pk}-{job.fence}-{os.getpid()}-{time.monotonic_ns()}").touch()


def _wait_for(name: str, progress: Progress | None) -> None:
    patience = time.monotonic() + PATIENCE
    while name and not (ROOM / name).exists() and time.monotonic() < patience:
        _pause(0.02)
        if progress is not None:
            progress(1, 2, "Waiting at the gate")


def _result(job: Job) -> StoredFile:
    text = f"{job.pk} under fence {job.fence}\n" * job.params.get("lines", 1)
    return store_file(
        text.encode(), name="note.txt", content_type="text/plain", kind="fault", organisation_id=job.organisation_id
    )


@job_kind("memo")
def write_note(job: Job, progress: Progress) -> StoredFile:
    """Wait at a gate if one is named (only at the first attempt with `first`), or for some seconds, then write a note."""
    _mark(job)
    gate = job.params.get("gate", "")
    if not (job.params.get("first") and job.attempts > 1):
        _wait_for(gate, None if job.params.get("blind") else progress)
    over = time.monotonic() + job.params.get("seconds", 0)
    while time.monotonic() < over:
        _pause(0.02)
        progress.check()
    return _result(job)


@job_kind("gates")
def pass_gates(job: Job, progress: Progress) -> StoredFile:
    """Wait at the gate of this attempt without ever looking up: what a zombie does."""
    _mark(job)
    _wait_for(job.params["gates"][job.attempts - 1], None)
    return _result(job)


@job_kind("poison")
def kill_the_worker(job: Job, progress: Progress) -> None:
    _mark(job)
    os.kill(os.getpid(), signal.SIGKILL)


@job_kind("stubborn", max_runtime=timedelta(seconds=0.5), max_attempts=1)
def never_look_up(job: Job, progress: Progress) -> None:
    _mark(job)
    _pause(PATIENCE)


@job_kind("bad")
def be_asked_nonsense(job: Job, progress: Progress) -> None:
    _mark(job)
    raise PermanentFailure("There is no such place.")


@on("jobs.cancel_job", name="faults.heard")
def hear(event: AuditEvent) -> None:
    (ROOM / f"heard-{event.object_id}-{time.monotonic_ns()}").touch()
