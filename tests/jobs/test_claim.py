"""Who gets a job, and what a worker may still say about one that it lost."""

from datetime import timedelta

import pytest
from django.db import connection

from aimprogress.core.actor import SYSTEM, Actor, acting_as
from aimprogress.jobs import claim
from aimprogress.jobs.kinds import Cancelled, LeaseLost, Progress, job_kind
from aimprogress.jobs.models import Job
from aimprogress.jobs.requests import enqueue
from tests.jobs.conftest import an_actor

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def note() -> None:
    job_kind("note")(lambda job, progress: None)


def ask(actor: Actor, kind: str = "note", **params) -> Job:
    with acting_as(actor):
        return enqueue(kind, params)


def claim_one() -> Job | None:
    with acting_as(SYSTEM):
        return claim.claim_next()


def now(job: Job) -> Job:
    with acting_as(SYSTEM):
        return Job.objects.get(pk=job.pk)


def let_lease_end(job: Job) -> None:
    with acting_as(SYSTEM), connection.cursor() as cursor:
        cursor.execute("UPDATE jobs_job SET lease_until = clock_timestamp() - interval '1 second' WHERE id = %s", [job.pk])


def test_the_oldest_job_goes_first_and_once(coordinator):
    first, second = ask(coordinator), ask(coordinator)
    assert [claim_one().pk, claim_one().pk, claim_one()] == [first.pk, second.pk, None]


def test_one_organisations_heap_does_not_hold_up_another(coordinator):
    heap = [ask(coordinator) for _ in range(3)]
    other = ask(an_actor(name="Norvia"))
    assert [claim_one().pk, claim_one().pk] == [heap[0].pk, other.pk]


def test_an_abandoned_job_is_claimed_again_under_a_higher_fence(coordinator):
    ask(coordinator)
    lost = claim_one()
    assert claim_one() is None
    let_lease_end(lost)
    found = claim_one()
    assert (found.pk, found.fence, found.attempts) == (lost.pk, 2, 2)


def test_who_lost_the_job_can_neither_finish_nor_fail_nor_renew_it(coordinator):
    ask(coordinator)
    lost = claim_one()
    let_lease_end(lost)
    held = claim_one()
    with pytest.raises(LeaseLost), acting_as(coordinator):
        claim.finish(lost)
    progress = Progress()
    with acting_as(SYSTEM):
        claim.give_up(lost, "no")
        claim.give_back(lost, "no")
        claim.wait(lost, "no")
        claim.cancelled(lost)
        claim.renew(lost, progress)
    assert progress.stop is LeaseLost
    assert (now(held).state, now(held).error) == ("running", "")
    with acting_as(coordinator):
        claim.finish(held)
    assert now(held).state == "succeeded"


def test_a_job_that_was_abandoned_too_often_is_failed_by_the_next_claim(coordinator):
    ask(coordinator)
    for _ in range(3):
        let_lease_end(claim_one())
    assert claim_one() is None
    with acting_as(SYSTEM):
        job = Job.objects.get()
    assert (job.state, job.error, job.attempts) == ("failed", claim.WORKER_LOST, 3)


def test_a_cancelled_job_cannot_be_finished(coordinator):
    job = ask(coordinator)
    held = claim_one()
    with acting_as(SYSTEM):
        Job.objects.filter(pk=job.pk).update(cancel_requested=True)
    with pytest.raises(Cancelled), acting_as(coordinator):
        claim.finish(held)


def test_a_passing_fault_is_tried_again_after_a_pause_and_fails_in_the_end(coordinator, settings):
    settings.JOB_BACKOFF = (timedelta(0),)
    ask(coordinator)
    for attempt in (1, 2, 3):
        held = claim_one()
        assert held.attempts == attempt
        with acting_as(SYSTEM):
            claim.give_back(held, "The wind.")
        assert now(held).state == ("failed" if attempt == 3 else "queued")
    assert now(held).error == "The wind."


def test_a_pause_is_kept(coordinator):
    ask(coordinator)
    held = claim_one()
    with acting_as(SYSTEM):
        claim.give_back(held, "The wind.")
    assert claim_one() is None
    assert [claim.pause_after(n) for n in (1, 2, 3, 9)] == [*claim.BACKOFF, claim.BACKOFF[-1]]


def test_a_job_waits_with_words_while_this_machine_lacks_something(coordinator):
    lacking = ["Type: apt install libpango-1.0-0"]
    job_kind("paper", missing=lambda: lacking[0] if lacking else "")(lambda job, progress: None)
    job = ask(coordinator, "paper")
    with acting_as(SYSTEM):
        claim.mark_waiting()
    assert (now(job).state, now(job).error, now(job).attempts) == ("waiting", lacking[0], 0)
    assert claim_one() is None
    lacking.clear()
    assert claim_one().pk == job.pk


def test_a_job_of_a_newer_version_is_left_to_newer_workers(coordinator):
    newer, known = ask(coordinator, version=2), ask(coordinator)
    assert [claim_one().pk, claim_one()] == [known.pk, None]
    assert now(newer).state == "queued"


def test_a_job_of_an_unknown_kind_is_left_alone(coordinator):
    from aimprogress.jobs.kinds import KINDS

    job = ask(coordinator)
    del KINDS["note"]
    assert claim_one() is None
    assert now(job).state == "queued"


def test_the_lease_is_counted_by_the_clock_of_the_database(coordinator):
    ask(coordinator)
    held = claim_one()
    with acting_as(SYSTEM), connection.cursor() as cursor:
        cursor.execute("SELECT extract(epoch FROM lease_until - clock_timestamp()) FROM jobs_job WHERE id = %s", [held.pk])
        assert 55 < cursor.fetchone()[0] <= 60
