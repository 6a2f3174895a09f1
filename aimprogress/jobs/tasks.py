"""What Celery may call: all without arguments, because a message is believed by nobody."""

import logging
import os
import signal
from datetime import timedelta

from celery import shared_task
from django.db import DatabaseError, InterfaceError
from django.utils import timezone

from aimprogress.core.actor import SYSTEM, acting_as
from aimprogress.core.anchors import anchor_chains
from aimprogress.core.orphans import remove_orphans

from .claim import claim_next, count_claimable
from .delivery import deliver
from .models import TimetableRun
from .run import run
from .timetable import run_due, timetabled
from .wake import wake_workers

log = logging.getLogger(__name__)


@shared_task(name="aimprogress.jobs.tasks.wake", ignore_result=True)
def wake() -> None:
    """Deliver what was announced, then claim one job and run it; while more are queued, another process is woken first."""
    try:
        deliver()
        with acting_as(SYSTEM):
            job = claim_next()
            more = job is not None and count_claimable() > 0
    except (DatabaseError, InterfaceError):
        log.warning("a wake-up found no database; the sweeper tries again")
        return
    if job is None:
        return
    if more:
        wake_workers()
    run(job, overrun=end_this_process)
    wake_workers()


@shared_task(name="aimprogress.jobs.tasks.keep_timetable", ignore_result=True)
def keep_timetable() -> None:
    """Run every entry of the timetable whose slot has come and was not run yet."""
    run_due()


@timetabled("jobs.forget_slots", every=timedelta(days=1), offset=timedelta(hours=3))
def forget_slots() -> None:
    """Slots of the timetable older than two months are of no use."""
    TimetableRun.objects.filter(slot__lt=timezone.now() - timedelta(days=60)).delete()


@timetabled("core.anchor_chains", every=timedelta(days=1), offset=timedelta(hours=2))
def anchor_the_day() -> None:
    """The anchor of the day over the heads of all audit chains; who keeps it outside is mailed its digest."""
    anchor_chains()


@timetabled("core.remove_orphans", every=timedelta(days=1), offset=timedelta(hours=4))
def clear_files() -> None:
    """What interrupted and cancelled work left on the disk."""
    remove_orphans()


def end_this_process() -> None:
    """The pool starts another one; the job's lease ends and somebody else tries."""
    os.kill(os.getpid(), signal.SIGKILL)
