"""What running a job leaves behind, for every way it can end."""

import errno
from datetime import timedelta

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.utils import timezone, translation

from aimprogress.core.actor import SYSTEM, Actor, acting_as, current_actor
from aimprogress.core.files import StoredFile, store_file
from aimprogress.jobs import claim, run
from aimprogress.jobs.kinds import NotReady, PermanentFailure, Progress, job_kind
from aimprogress.jobs.models import Job
from aimprogress.jobs.requests import KeyReused, enqueue
from aimprogress.jobs.services import belongs_to, cancel_job, may_open, retry_job
from members.access import actor_with
from members.models import ApiKey, RoleGrant, StaffSession, User
from tests.factories import an_analyst, an_organisation
from tests.jobs.conftest import an_actor

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def files(settings, tmp_path) -> None:
    settings.FILES_DIR = tmp_path


def done(actor: Actor, function, **limits) -> Job:
    """The row of a job whose work is `function`, after it was run."""
    job_kind("work", **limits)(function)
    with acting_as(actor):
        job = enqueue("work", {})
    run.run_next(heartbeat=False)
    return now(job)


def now(job: Job) -> Job:
    with acting_as(SYSTEM):
        return Job.objects.get(pk=job.pk)


def raising(error: Exception):
    def work(job: Job, progress: Progress) -> None:
        raise error

    return work


def test_work_runs_as_the_requester_with_the_grants_of_now(coordinator):
    seen = []
    row = done(coordinator, lambda job, progress: seen.append(current_actor()))
    assert row.state == "succeeded"
    assert (seen[0].user_id, seen[0].permissions, seen[0].safety) == (
        coordinator.user_id, coordinator.permissions, coordinator.safety,
    )  # fmt: skip


def test_work_speaks_the_requesters_language(coordinator):
    seen = []
    job_kind("work")(lambda job, progress: seen.append(translation.get_language()))
    with acting_as(coordinator), translation.override("uk"):
        enqueue("work", {})
    run.run_next(heartbeat=False)
    assert seen == ["uk"]


def test_what_the_work_wrote_and_its_end_are_one_transaction(coordinator):
    def write_and_break(job: Job, progress: Progress) -> None:
        store_file(b"half", name="a.txt", content_type="text/plain", kind="t", organisation_id=job.organisation_id)
        raise PermanentFailure("Half.")

    assert done(coordinator, write_and_break).state == "failed"
    with acting_as(SYSTEM):
        assert not StoredFile.objects.exists()


@pytest.mark.parametrize(
    ("error", "state", "words"),
    [
        (PermanentFailure("No such place."), "failed", "No such place."),
        (ValidationError(["One.", "Two."]), "failed", "One. Two."),
        (PermissionDenied(), "failed", run.NOT_PERMITTED),
        (NotReady("Install pango."), "waiting", "Install pango."),
        (OSError(errno.ENOSPC, "No space left"), "queued", run.NO_ROOM),
        (RuntimeError("secret detail"), "queued", run.BROKE),
    ],
)
def test_what_the_work_raises_decides_what_happens(coordinator, error, state, words):
    row = done(coordinator, raising(error))
    assert (row.state, row.error, row.attempts) == (state, words, 1)


def test_work_that_takes_too_long_is_stopped_where_it_looks_up(coordinator):
    def work(job: Job, progress: Progress) -> None:
        progress(1, 2)

    row = done(coordinator, work, max_runtime=timedelta(seconds=-1))
    assert (row.state, row.attempts) == ("failed", 1)
    assert "longer than allowed" in row.error


@pytest.mark.parametrize("lose", ["grant", "person", "organisation"])
def test_who_lost_the_access_gets_nothing(coordinator, lose):
    ran = []
    job_kind("work")(lambda job, progress: ran.append(job))
    with acting_as(coordinator):
        job = enqueue("work", {})
    with acting_as(SYSTEM):
        if lose == "grant":
            RoleGrant.objects.filter(user_id=coordinator.user_id).delete()
        elif lose == "person":
            User.objects.filter(pk=coordinator.user_id).update(is_active=False)
        else:
            other = an_actor(name="Norvia", role="MEMBER_VIEWER")
            RoleGrant.objects.filter(user_id=coordinator.user_id).update(organisation_id=other.organisation_id)
    run.run_next(heartbeat=False)
    assert (now(job).state, now(job).error, ran) == ("failed", run.REVOKED, [])


def test_a_keys_job_has_the_keys_scopes_and_ends_with_the_key(coordinator):
    with acting_as(SYSTEM):
        key = ApiKey.objects.create(
            organisation_id=coordinator.organisation_id, name="etl", prefix="abcd1234", secret_hash="0" * 64, scopes=["job:read"],
            created_by_id=coordinator.user_id, expires_at=timezone.now() + timedelta(days=1),
        )  # fmt: skip
    seen = []
    job_kind("work")(lambda job, progress: seen.append(current_actor()))
    with acting_as(actor_with(key)):
        first, second = enqueue("work", {"n": 1}), enqueue("work", {"n": 2})
    run.run_next(heartbeat=False)
    assert (now(first).state, seen[0].permissions) == ("succeeded", {"job:read"})
    assert not belongs_to(now(first), coordinator), "the key's maker is not the key"
    with acting_as(SYSTEM):
        ApiKey.objects.update(revoked_at=timezone.now())
    run.run_next(heartbeat=False)
    assert (now(second).state, now(second).error) == ("failed", run.REVOKED)


def test_the_same_key_with_the_same_body_is_the_same_job(coordinator):
    job_kind("work")(lambda job, progress: None)
    with acting_as(coordinator):
        first = enqueue("work", {"a": 1, "b": 2}, idempotency_key="k")
        again = enqueue("work", {"b": 2, "a": 1}, idempotency_key="k")
        with pytest.raises(KeyReused):
            enqueue("work", {"a": 2}, idempotency_key="k")
    assert (first.pk, first.is_new, again.is_new) == (again.pk, True, False)


def test_a_key_is_ones_own(coordinator):
    job_kind("work")(lambda job, progress: None)
    with acting_as(coordinator):
        mine = enqueue("work", {}, idempotency_key="k")
    with acting_as(an_actor("MEMBER_VIEWER")):
        assert enqueue("work", {"other": True}, idempotency_key="k").pk != mine.pk


def test_a_queued_job_is_cancelled_at_once_and_a_running_one_asked_to_stop(coordinator):
    job_kind("work")(lambda job, progress: None)
    with acting_as(coordinator):
        running, queued = enqueue("work", {"n": 1}), enqueue("work", {"n": 2})
        with acting_as(SYSTEM):
            claim.claim_next()
        assert cancel_job(job=queued).state == "cancelled"
        stopping = cancel_job(job=running)
        assert (stopping.state, stopping.cancel_requested) == ("running", True)
        with pytest.raises(ValidationError, match="already over"):
            cancel_job(job=queued)


@pytest.mark.parametrize(
    ("role", "name", "allowed"),
    [
        ("MEMBER_COORDINATOR", "Halden Foods", True),  # manages the organisation's people
        ("MEMBER_VIEWER", "Halden Foods", False),
        ("MEMBER_COORDINATOR", "Norvia", False),
    ],
)
def test_others_cancel_a_job_only_where_they_manage_the_organisation(db, role, name, allowed):
    job_kind("work")(lambda job, progress: None)
    with acting_as(an_actor("AUDITOR")):
        job = enqueue("work", {})
    with acting_as(an_actor(role, name)):
        if allowed:
            assert cancel_job(job=job).state == "cancelled"
        else:
            with pytest.raises(PermissionDenied):
                cancel_job(job=job)


def test_a_failed_job_is_asked_for_again_once(coordinator):
    old = done(coordinator, raising(PermanentFailure("No.")))
    with acting_as(coordinator):
        new = retry_job(job=old)
        assert (new.retry_of_id, new.params, new.state) == (old.pk, old.params, "queued")
        assert retry_job(job=old).pk == new.pk
        with pytest.raises(ValidationError):
            retry_job(job=new)


def test_only_who_asked_opens_what_was_made(coordinator):
    row = done(coordinator, lambda job, progress: None)
    assert may_open(row, coordinator)
    assert not may_open(row, an_actor("MEMBER_VIEWER"))
    assert not may_open(row, an_actor(name="Norvia"))


def test_an_analysts_job_goes_through_the_doors_that_are_open_when_it_runs(db):
    member, analyst, seen = an_organisation(), an_analyst(), []
    job_kind("work")(lambda job, progress: seen.append(member.pk in current_actor().commercial))
    now_ = timezone.now()
    with acting_as(SYSTEM):
        session = StaffSession(
            organisation=member, receiver_id=analyst.organisation_id, analyst_id=analyst.user_id, started_at=now_,
            reason="A supplier reported an incident and asked for help.", ends_at=now_ + timedelta(hours=1),
        )  # fmt: skip
        session.save(force_insert=True)
    for ended_at in (None, now_):
        with acting_as(SYSTEM):
            StaffSession.objects.filter(pk=session.pk).update(ended_at=ended_at)
        with acting_as(analyst):
            enqueue("work", {"ended": str(ended_at)})
        run.run_next(heartbeat=False)
    assert seen == [True, False]
