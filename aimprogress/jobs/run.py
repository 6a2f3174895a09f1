"""Run a claimed job as the person who asked for it, with the grants held now."""

import contextlib
import errno
import logging
import time
from collections.abc import Callable
from dataclasses import replace
from typing import Any

from django.conf import settings
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import DatabaseError, InterfaceError, connection
from django.utils import translation
from django.utils.module_loading import import_string
from django.utils.translation import gettext_noop

from aimprogress.core.actor import SYSTEM, Actor, acting_as, at_one_moment

from . import claim
from .heartbeat import Heartbeat
from .kinds import KINDS, Cancelled, Kind, LeaseLost, NotReady, PermanentFailure, Progress
from .models import Job

log = logging.getLogger(__name__)

REVOKED = gettext_noop("Whoever asked for this may not see it any more, so it was not made.")
NOT_PERMITTED = gettext_noop("Whoever asked for this may not do it any more.")
BROKE = gettext_noop(
    "Something went wrong on our side. It is tried again by itself; if it failed for good, you can ask once more."
)
NO_ROOM = gettext_noop("The portal's disk is full, so the file could not be written. It is tried again by itself.")


def run_next(*, heartbeat: bool = True, overrun: Callable[[], None] | None = None) -> Job | None:
    """Claim the next job and run it to its end. Returns it as claimed, or None where nothing is queued."""
    with acting_as(SYSTEM):
        job = claim.claim_next()
    if job is not None:
        run(job, heartbeat=heartbeat, overrun=overrun)
    return job


def run_queued() -> int:
    """Run all that is queued now, one after the other, in this process and without heartbeats: for tests and commands."""
    count = 0
    while run_next(heartbeat=False):
        count += 1
    return count


def run(job: Job, *, heartbeat: bool = True, overrun: Callable[[], None] | None = None) -> None:
    """Do the work of a claimed job and settle it. Never raises: what went wrong is on the row."""
    kind = KINDS[job.kind]
    progress = Progress(deadline=time.monotonic() + kind.max_runtime.total_seconds())
    beating = Heartbeat(job, progress, overrun) if heartbeat else contextlib.nullcontext()
    log.info("job %s (%s) attempt %s", job.pk, job.kind, job.attempts)
    with beating:
        try:
            _work(job, kind, progress)
        except Exception as error:  # whatever a kind raises ends here, as words on the row
            _settle(job, error)


def _work(job: Job, kind: Kind, progress: Progress) -> None:
    with translation.override(job.language):
        if kind.in_parts:
            kind.function(job, progress, actor_of(job))
            with acting_as(actor_of(job)):
                _publish(job, progress)
            return
        found = _gathered(job, kind, progress)
        with acting_as(actor_of(job)):
            _publish(job, progress, kind.function(job, progress, *found))


def _publish(job: Job, progress: Progress, result_file: Any = None) -> None:
    progress.check()
    claim.finish(job, result_file)


def _gathered(job: Job, kind: Kind, progress: Progress) -> tuple[Any, ...]:
    """What the kind reads before it works, as one more argument; none where it gathers nothing."""
    if kind.gather is None:
        return ()
    with at_one_moment(actor_of(job)) as moment:
        return (kind.gather(job, progress, moment),)


def actor_of(job: Job) -> Actor:
    """The requester with the grants held now, or the portal itself. Raises PermanentFailure where there are none any more."""
    if KINDS[job.kind].of_the_portal and job.requester_id is None and job.api_key_id is None:
        return replace(SYSTEM, organisation_id=job.organisation_id)
    with acting_as(SYSTEM):
        actor = _actor_of_key(job) if job.api_key_id else _actor_of_person(job)
    if actor is None or actor.organisation_id != job.organisation_id:
        raise PermanentFailure(REVOKED)
    return actor


def _actor_of_person(job: Job) -> Actor | None:
    if job.requester is None or not job.requester.is_active:
        return None
    return import_string(settings.ACTOR_FOR_USER)(job.requester, job.organisation_id)


def _actor_of_key(job: Job) -> Actor | None:
    return import_string(settings.ACTOR_FOR_KEY)(job.api_key_id)


def _settle(job: Job, error: Exception) -> None:
    """Turn what the work raised into the job's next state. Where the database is away the lease decides."""
    if isinstance(error, LeaseLost):
        log.warning("job %s was taken over by another worker; this one published nothing", job.pk)
        return
    if isinstance(error, DatabaseError | InterfaceError) and not connection.in_atomic_block:
        connection.close()  # it may be dead; the next statement opens a new one
    try:
        with acting_as(SYSTEM):
            _say(job, error)
    except (DatabaseError, InterfaceError):
        log.warning("job %s: could not be given back, its lease will end", job.pk)
        connection.close()


def _say(job: Job, error: Exception) -> None:
    match error:
        case Cancelled():
            claim.cancelled(job)
        case NotReady():
            claim.wait(job, str(error))
        case PermanentFailure():
            claim.give_up(job, str(error))
        case ValidationError():
            claim.give_up(job, " ".join(map(str, error.messages)))
        case PermissionDenied():
            claim.give_up(job, str(error) or NOT_PERMITTED)
        case OSError(errno=errno.ENOSPC):
            log.error("job %s: no room on the disk", job.pk)
            claim.give_back(job, NO_ROOM)
        case _:
            log.error("job %s (%s) attempt %s broke", job.pk, job.kind, job.attempts, exc_info=error)
            claim.give_back(job, BROKE)
