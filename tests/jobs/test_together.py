"""Many at once, with real transactions."""

import threading
from collections import Counter

import pytest
from django.db import connection

from aimprogress.core.actor import SYSTEM, acting_as
from aimprogress.jobs import claim
from aimprogress.jobs.kinds import job_kind
from aimprogress.jobs.models import Job
from aimprogress.jobs.requests import enqueue
from tests.jobs.conftest import an_actor

pytestmark = pytest.mark.django_db(transaction=True)
MANY = 20


def at_once(function) -> list:
    results, together = [], threading.Barrier(MANY)

    def one() -> None:
        together.wait()
        try:
            results.append(function())
        finally:
            connection.close()

    threads = [threading.Thread(target=one) for _ in range(MANY)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return results


def test_twenty_requests_with_one_key_are_one_job():
    job_kind("note")(lambda job, progress: None)
    actor = an_actor()

    def ask() -> tuple:
        with acting_as(actor):
            job = enqueue("note", {}, idempotency_key="one")
            return job.pk, job.is_new

    asked = at_once(ask)
    assert len({pk for pk, _ in asked}) == 1
    assert Counter(is_new for _, is_new in asked) == {True: 1, False: MANY - 1}


def test_twenty_claims_at_once_get_twenty_jobs():
    job_kind("note")(lambda job, progress: None)
    with acting_as(an_actor()):
        asked = {enqueue("note", {"n": n}).pk for n in range(MANY)}

    def take() -> object:
        with acting_as(SYSTEM):
            job = claim.claim_next()
            return job and job.pk

    taken = at_once(take)
    # A claim may find the one free row locked by another and go home; nobody ever gets the same job twice.
    got = [pk for pk in taken if pk]
    assert len(got) == len(set(got))
    while (pk := take()) is not None:
        got.append(pk)
    assert set(got) == asked
    with acting_as(SYSTEM):
        assert set(Job.objects.values_list("attempts", flat=True)) == {1}
