"""Who does what: claim, renew, finish, give back, give up. Every decision is one statement, by the database's clock.

Whoever claims a job gets a higher fence; each later statement names it, so a worker that was taken for dead and wakes up
again changes nothing. Callers act as SYSTEM, except for `finish`, which belongs to the requester's transaction.
"""

# ruff: noqa: S608 - the statements are put together from constants of this file only

import json
import os
import socket
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.db import connection
from django.utils.translation import gettext_noop

from .kinds import Cancelled, LeaseLost, Progress, ready_kinds
from .models import Job

WORKER_LOST = gettext_noop("The work was interrupted again and again, so it was given up. You can ask for it once more.")
BACKOFF = (timedelta(seconds=10), timedelta(seconds=60), timedelta(minutes=5))
LOOK_AGAIN = timedelta(seconds=30)
"""When a job that waits for something is looked at again."""

_OVER = "state = 'running' AND lease_until < clock_timestamp()"

_REAP = f"""
UPDATE jobs_job SET
    state = CASE WHEN cancel_requested THEN 'cancelled' ELSE 'failed' END,
    error = CASE WHEN cancel_requested THEN '' ELSE %(lost)s END,
    lease_until = NULL, finished_at = clock_timestamp()
WHERE id IN (
    SELECT id FROM jobs_job WHERE {_OVER} AND (cancel_requested OR attempts >= max_attempts) FOR UPDATE SKIP LOCKED
)
"""

_CLAIMABLE = f"""
    (((state IN ('queued', 'waiting') AND run_after <= clock_timestamp()) OR ({_OVER}))
    AND attempts < max_attempts AND NOT cancel_requested
    AND coalesce((params->>'version')::int, 1) <= (%(ready)s::jsonb->>kind)::int)
"""

# An organisation that has fewer jobs running goes first: five hundred exports of one do not hold up the others.
_CLAIM = f"""
UPDATE jobs_job SET
    state = 'running', attempts = attempts + 1, fence = fence + 1, worker = %(worker)s, error = '',
    progress_done = 0, progress_total = 0, progress_words = '',
    lease_until = clock_timestamp() + %(lease)s, started_at = coalesce(started_at, clock_timestamp())
WHERE id = (
    SELECT id FROM jobs_job mine WHERE {_CLAIMABLE}
    ORDER BY (
        SELECT count(*) FROM jobs_job other
        WHERE other.organisation_id = mine.organisation_id AND other.state = 'running' AND other.lease_until > clock_timestamp()
    ), run_after, id
    LIMIT 1 FOR UPDATE SKIP LOCKED
)
RETURNING *
"""

_HELD = "id = %(id)s AND fence = %(fence)s AND state = 'running'"


def lease() -> timedelta:
    """How long a worker is believed to be alive without a sign of life."""
    return timedelta(seconds=getattr(settings, "JOB_LEASE_SECONDS", 60))


def worker_name() -> str:
    """Which process on which machine, for people who look for the log."""
    return f"{socket.gethostname()}:{os.getpid()}"


def claim_next() -> Job | None:
    """Take the next job that this process can run, or None. What was abandoned is reaped first."""
    reap()
    ready, _ = ready_kinds()
    given = {"ready": json.dumps(ready), "worker": worker_name(), "lease": lease()}
    return next(iter(Job.unscoped.raw(_CLAIM, given)), None)


def reap() -> int:
    """End the jobs whose worker is gone and that have no attempt left or are not wanted any more. Returns how many."""
    return _execute(_REAP, lost=WORKER_LOST)


def count_claimable() -> int:
    """How many jobs this process could run now."""
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT count(*) FROM jobs_job WHERE {_CLAIMABLE}", {"ready": json.dumps(ready_kinds()[0])})
        return cursor.fetchone()[0]


def mark_waiting() -> int:
    """Give queued jobs of kinds that lack something here the words that say so. Any worker that has it may claim them."""
    count = 0
    for kind, words in ready_kinds()[1].items():
        count += _execute(
            "UPDATE jobs_job SET state = 'waiting', error = %(words)s WHERE kind = %(kind)s AND (state = 'queued'"
            " OR state = 'waiting' AND error <> %(words)s)",
            kind=kind,
            words=words,
        )
    return count


def renew(job: Job, progress: Progress) -> None:
    """A sign of life with the progress so far; tells `progress` to stop where the job is cancelled or lost."""
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE jobs_job SET lease_until = clock_timestamp() + %(lease)s, progress_done = %(done)s,"
            f" progress_total = %(total)s, progress_words = %(words)s WHERE {_HELD} RETURNING cancel_requested",
            _held(job) | {"lease": lease(), "done": progress.done, "total": progress.total, "words": progress.words},
        )
        _obey(progress, cursor.fetchone())


def look(job: Job, progress: Progress) -> None:
    """Only ask whether to go on: cheaper than a sign of life, so it may be asked every second."""
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT cancel_requested FROM jobs_job WHERE {_HELD}", _held(job))
        _obey(progress, cursor.fetchone())


def _obey(progress: Progress, found: tuple[bool] | None) -> None:
    if found is None:
        progress.stop = LeaseLost
    elif found[0]:
        progress.stop = Cancelled


def finish(job: Job, result_file: Any = None) -> None:
    """Publish: succeeded, with its file, if `job` is still held under its fence. Part of the work's own transaction.

    Raises LeaseLost or Cancelled otherwise, which rolls back all that the work wrote.
    """
    done = _execute(
        "UPDATE jobs_job SET state = 'succeeded', result_file_id = %(file)s, lease_until = NULL, error = '',"
        " progress_done = progress_total, progress_words = '', finished_at = clock_timestamp()"
        f" WHERE {_HELD} AND NOT cancel_requested",
        **_held(job),
        file=result_file.pk if result_file is not None else None,
    )
    if not done:
        cancelled = Job.unscoped.filter(pk=job.pk, fence=job.fence, state=Job.State.RUNNING, cancel_requested=True).exists()
        raise Cancelled if cancelled else LeaseLost


def give_back(job: Job, words: str) -> None:
    """A passing fault: queued again after a pause, or failed when no attempt is left."""
    _execute(
        "UPDATE jobs_job SET state = CASE WHEN cancel_requested THEN 'cancelled' WHEN attempts < max_attempts THEN 'queued'"
        " ELSE 'failed' END, error = %(words)s, lease_until = NULL, run_after = clock_timestamp() + %(pause)s,"
        " finished_at = CASE WHEN cancel_requested OR attempts >= max_attempts THEN clock_timestamp() END"
        f" WHERE {_HELD}",
        **_held(job),
        words=words,
        pause=pause_after(job.attempts),
    )


def give_up(job: Job, words: str) -> None:
    """A fault that trying again does not cure."""
    _end(job, Job.State.FAILED, words)


def cancelled(job: Job) -> None:
    """The work stopped because it was not wanted any more."""
    _end(job, Job.State.CANCELLED, "")


def _end(job: Job, state: str, words: str) -> None:
    _execute(
        "UPDATE jobs_job SET state = %(state)s, error = %(words)s, lease_until = NULL, finished_at = clock_timestamp()"
        f" WHERE {_HELD}",
        **_held(job),
        state=state,
        words=words,
    )


def wait(job: Job, words: str) -> None:
    """Something is missing here: look again later, or fail when no attempt is left."""
    if job.attempts >= job.max_attempts:
        give_up(job, words)
        return
    _execute(
        "UPDATE jobs_job SET state = 'waiting', error = %(words)s, lease_until = NULL,"
        f" run_after = clock_timestamp() + %(pause)s WHERE {_HELD}",
        **_held(job),
        words=words,
        pause=LOOK_AGAIN,
    )


def pause_after(attempts: int) -> timedelta:
    """How long to wait after the n-th attempt failed."""
    pauses = getattr(settings, "JOB_BACKOFF", BACKOFF)
    return pauses[min(attempts, len(pauses)) - 1]


def _held(job: Job) -> dict[str, Any]:
    return {"id": job.pk, "fence": job.fence}


def _execute(sql: str, **given: Any) -> int:
    with connection.cursor() as cursor:
        cursor.execute(sql, given)
        return cursor.rowcount
