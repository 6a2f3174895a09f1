"""What a kind gathers before it works: one moment, read only, in the name of whoever asked."""

import threading
from collections.abc import Callable

import pytest
from django.db import InternalError, connection
from django.utils import timezone

from aimprogress.core.actor import SYSTEM, acting_as, at_one_moment, current_actor
from aimprogress.jobs import run
from aimprogress.jobs.kinds import job_kind
from aimprogress.jobs.models import Job
from aimprogress.jobs.requests import enqueue
from members.models import SiteStatus
from tests.factories import a_site, a_status, an_organisation
from tests.jobs.conftest import an_actor

pytestmark = pytest.mark.django_db(transaction=True)


def meanwhile(work: Callable[[], object]) -> None:
    """Do something in a connection of its own, and commit it."""

    def alone() -> None:
        try:
            work()
        except Exception as error:  # told to the test, which is in another thread
            failed.append(error)
        finally:
            connection.close()

    failed: list[Exception] = []
    thread = threading.Thread(target=alone)
    thread.start()
    thread.join()
    assert not failed, failed


def done(gather, function=lambda job, progress, found: None) -> Job:
    job_kind("work", gather=gather)(function)
    with acting_as(an_actor()):
        job = enqueue("work", {})
    run.run_next(heartbeat=False)
    with acting_as(SYSTEM):
        return Job.objects.get(pk=job.pk)


def test_two_queries_see_the_same_rows_whatever_is_committed_between_them():
    site = a_site(an_organisation(short_name="Halden Foods"))
    a_status(site)
    counted = []

    def gather(job, progress, moment):
        counted.append(SiteStatus.objects.count())
        meanwhile(lambda: a_status(site, "SUSPENDED"))
        counted.append(SiteStatus.objects.count())

    def work(job, progress, found):
        counted.append(SiteStatus.objects.count())

    assert done(gather, work).state == "succeeded"
    assert counted == [1, 1, 2], "the work itself, which follows, sees what is there now"


def test_the_moment_is_now_by_the_clock_of_the_database():
    moments, before = [], timezone.now()
    done(lambda job, progress, moment: moments.append(moment))
    assert before <= moments[0] <= timezone.now()


def test_nothing_can_be_written_while_gathering():
    site = a_site(an_organisation(short_name="Halden Foods"))
    refused = []

    def gather(job, progress, moment):
        try:
            a_status(site)
        except InternalError as error:
            refused.append(str(error))
            raise

    assert done(gather).state == "queued", "tried again later"
    assert "read-only transaction" in refused[0]


def test_what_was_gathered_is_given_to_the_work_in_the_same_name():
    given = []
    row = done(lambda job, progress, moment: current_actor(), lambda job, progress, found: given.append((found, current_actor())))
    gathered_as, worked_as = given[0]
    assert row.state == "succeeded"
    assert gathered_as == worked_as and gathered_as.user_id == row.requester_id


def test_one_moment_is_refused_inside_another_transaction():
    with acting_as(SYSTEM), pytest.raises(RuntimeError, match="durable"), at_one_moment(SYSTEM):
        pass
