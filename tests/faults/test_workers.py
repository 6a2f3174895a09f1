"""Workers that die, hang, sleep or lie. After every test the promises of workshop.check_promises hold."""

import os
import signal
import time

import pytest

from aimprogress.core.actor import SYSTEM, acting_as
from aimprogress.jobs import claim, run
from aimprogress.jobs.services import cancel_job, retry_job
from aimprogress.jobs.wake import WAKE, Waker
from members.models import RoleGrant
from tests.faults.workshop import Faults
from tests.faults.zygote import LEASE

pytestmark = pytest.mark.faults


def test_a_killed_workers_job_is_finished_by_another_once(faults: Faults, kinds):
    job = faults.ask(gate="never", first=True)
    first = faults.worker()
    faults.running(job)
    faults.signal(first, signal.SIGKILL)
    faults.worker()
    row = faults.done(job)
    assert (row.attempts, row.fence, kinds.runs_of(job)) == (2, 2, 2)


def test_a_killed_pool_process_costs_one_attempt(faults: Faults):
    job = faults.ask(gate="never", first=True)
    faults.worker(processes=2)
    row = faults.running(job)
    signal_to = int(row.worker.rpartition(":")[2])
    assert signal_to not in faults.groups
    os.kill(signal_to, signal.SIGKILL)
    assert faults.done(job).attempts == 2


def test_fifty_wake_ups_do_each_job_once(faults: Faults, kinds):
    jobs = [faults.ask(seconds=0.05) for _ in range(6)]
    waker = Waker()
    assert all(waker.send(WAKE) for _ in range(50))
    faults.worker(processes=2)
    faults.worker()
    assert [(faults.done(job).attempts, kinds.runs_of(job)) for job in jobs] == [(1, 1)] * 6


def test_work_longer_than_its_lease_keeps_it(faults: Faults, kinds):
    job = faults.ask(seconds=2.7 * LEASE)
    faults.worker()
    faults.worker()
    assert faults.done(job).attempts == 1
    assert kinds.runs_of(job) == 1


def test_a_zombie_that_wakes_while_another_works_publishes_nothing(faults: Faults, kinds):
    job = faults.ask("gates", gates=["first", "second"])
    zombie = faults.worker()
    faults.running(job)
    faults.signal(zombie, signal.SIGSTOP)
    faults.worker()
    faults.running(job, attempt=2)
    kinds.open_gate("first")
    faults.signal(zombie, signal.SIGCONT)
    time.sleep(LEASE)  # time enough for the zombie to write its note and to try to publish it
    row = faults.now(job)
    assert (row.state, row.attempts, row.result_file_id) == ("running", 2, None)
    kinds.open_gate("second")
    assert faults.done(job).fence == 2


def test_poison_fails_alone(faults: Faults, kinds):
    poison = faults.ask("poison")
    others = [faults.ask() for _ in range(6)]
    faults.worker(processes=3)
    for job in others:
        assert faults.done(job).attempts == 1
    row = faults.done(poison, "failed")
    assert (row.attempts, row.error, kinds.runs_of(poison)) == (3, claim.WORKER_LOST, 3)


def test_work_that_never_looks_up_is_ended_with_its_process(faults: Faults):
    job = faults.ask("stubborn")
    after = faults.ask()
    faults.worker(processes=2)
    assert faults.done(job, "failed").error == claim.WORKER_LOST
    assert faults.done(after).attempts == 1


def test_what_cannot_succeed_fails_at_once_with_words(faults: Faults, kinds):
    job = faults.ask("bad")
    faults.worker()
    row = faults.done(job, "failed")
    assert (row.error, row.attempts) == ("There is no such place.", 1)


def test_a_running_job_is_cancelled_and_publishes_nothing(faults: Faults):
    job = faults.ask(gate="never")
    faults.worker()
    faults.running(job)
    with acting_as(faults.actor):
        cancel_job(job=job)
    assert faults.done(job, "cancelled").result_file is None


def test_a_queued_job_is_cancelled_and_never_runs(faults: Faults, kinds):
    job = faults.ask()
    with acting_as(faults.actor):
        cancel_job(job=job)
    after = faults.ask()
    faults.worker()
    faults.done(after)
    assert (faults.now(job).state, kinds.runs_of(job)) == ("cancelled", 0)


def test_a_cancelled_job_whose_worker_died_ends_cancelled(faults: Faults, kinds):
    job = faults.ask(gate="never")
    first = faults.worker()
    faults.running(job)
    faults.signal(first, signal.SIGSTOP)
    with acting_as(faults.actor):
        cancel_job(job=job)
    faults.signal(first, signal.SIGKILL)
    faults.worker()
    faults.done(job, "cancelled")
    with acting_as(faults.actor):
        again = retry_job(job=job)
    kinds.open_gate("never")
    assert faults.done(again).retry_of_id == job.pk


def test_a_person_who_lost_the_grant_gets_nothing(faults: Faults, kinds):
    job = faults.ask()
    with acting_as(SYSTEM):
        RoleGrant.objects.all().delete()
    faults.worker()
    assert faults.done(job, "failed").error == run.REVOKED
    assert kinds.runs_of(job) == 0


def test_progress_is_seen_while_the_work_goes_on(faults: Faults, kinds):
    job = faults.ask(gate="gate")
    faults.worker()
    row = faults.until(job, lambda row: row.progress_total == 2)
    assert (row.state, row.progress_words, row.percent) == ("running", "Waiting at the gate", 50)
    kinds.open_gate("gate")
    faults.done(job)
