"""What PostgreSQL itself refuses, whatever Python does."""

import pytest
from django.db import DatabaseError, connection, transaction

from aimprogress.core.actor import SYSTEM, Actor, acting_as
from aimprogress.jobs import claim
from aimprogress.jobs.kinds import job_kind
from aimprogress.jobs.models import Job, JobTransition
from aimprogress.jobs.requests import enqueue

pytestmark = pytest.mark.django_db


@pytest.fixture
def job(coordinator: Actor) -> Job:
    job_kind("note")(lambda job, progress: None)
    with acting_as(coordinator):
        return enqueue("note", {})


def change(job: Job, assignments: str) -> None:
    with acting_as(SYSTEM), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(f"UPDATE jobs_job SET {assignments} WHERE id = %s", [job.pk])


def refuses(job: Job, assignments: str, words: str) -> None:
    with pytest.raises(DatabaseError, match=words):
        change(job, assignments)


def claimed(job: Job) -> Job:
    with acting_as(SYSTEM):
        found = claim.claim_next()
    assert found.pk == job.pk
    return found


@pytest.mark.parametrize("state", ["succeeded", "failed", "cancelled"])
def test_a_finished_job_never_changes(job, state):
    claimed(job)
    change(job, f"state = '{state}', lease_until = NULL, finished_at = clock_timestamp()")
    refuses(job, "error = 'no, it was different'", "a finished job never changes")
    refuses(
        job, "state = 'running', finished_at = NULL, lease_until = clock_timestamp(), fence = 9, attempts = 2", "never changes"
    )


def test_the_fence_only_grows(job):
    claimed(job)
    refuses(job, "fence = 0", "only grow")


def test_attempts_only_grow_and_are_bounded(job):
    claimed(job)
    refuses(job, "attempts = 0", "only grow")
    refuses(job, "attempts = 4", "job_attempts_bounded")


@pytest.mark.parametrize(
    "assignments",
    ["kind = 'report'", """params = '{"noun": "suppliers"}'""", "requester_id = NULL", "organisation_id = gen_random_uuid()"],
)
def test_what_was_asked_for_never_changes(job, assignments):
    refuses(job, assignments, "what was asked for never changes|row-level security")


def test_a_job_is_not_finished_without_having_run(job):
    refuses(job, "state = 'succeeded', finished_at = clock_timestamp()", "does not go from queued to succeeded")


def test_a_job_runs_only_by_a_claim(job):
    refuses(job, "state = 'running', lease_until = clock_timestamp()", "takes a new fence")


def test_a_lease_stands_exactly_on_running_jobs(job):
    refuses(job, "lease_until = clock_timestamp()", "job_lease_iff_running")
    claimed(job)
    refuses(job, "lease_until = NULL", "job_lease_iff_running")


def test_a_job_is_over_exactly_when_it_has_an_end(job):
    refuses(job, "finished_at = clock_timestamp()", "job_finished_iff_terminal")
    claimed(job)
    refuses(job, "state = 'failed', lease_until = NULL", "job_finished_iff_terminal")


def test_a_request_to_cancel_is_not_taken_back(job):
    claimed(job)
    change(job, "cancel_requested = true")
    refuses(job, "cancel_requested = false", "not taken back")


def test_a_job_begins_queued(job):
    with pytest.raises(DatabaseError, match="starts queued"), acting_as(SYSTEM), transaction.atomic():
        Job.unscoped.bulk_create([Job(organisation_id=job.organisation_id, kind="note", state="running", fence=7)])


def test_every_transition_is_logged_and_cannot_be_rewritten(job):
    claimed(job)
    change(job, "state = 'queued', lease_until = NULL")
    with acting_as(SYSTEM):
        steps = list(JobTransition.objects.filter(job=job).values_list("from_state", "to_state", "fence"))
    assert steps == [("", "queued", 0), ("queued", "running", 1), ("running", "queued", 1)]
    with pytest.raises(DatabaseError, match="permission denied"), acting_as(SYSTEM), transaction.atomic():
        JobTransition.objects.filter(job=job).update(to_state="succeeded")


def test_the_application_cannot_delete_a_job(job):
    with pytest.raises(DatabaseError, match="permission denied"), acting_as(SYSTEM), transaction.atomic():
        Job.objects.filter(pk=job.pk)._raw_delete("default")
