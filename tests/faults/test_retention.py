"""A worker that is killed in the middle of the nightly deletion: what it had not finished is whole, and the next run does it."""

import signal
import time
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection, transaction
from django.utils import timezone

from aimprogress.core.actor import SYSTEM, acting_as
from aimprogress.core.audit import AuditEvent, verify_chains
from members.models import Organisation, RetentionTally, Site
from members.retention import keeping
from tests.factories import a_site, a_status, an_organisation, the_secretariat
from tests.faults.workshop import Faults

pytestmark = pytest.mark.faults


def a_closed_site(organisation: Organisation) -> Site:
    site = a_site(organisation, exact_location={"lat": 49.84, "lon": 24.03})
    a_status(site, "CLOSED", timezone.now() - timedelta(days=40), reason="DEMAND")
    return site


def left(site: Site) -> tuple[bool, list[int], int]:
    """Whether its place stands, what the tally of its organisation says, and how often that stands in its audit trail."""
    with acting_as(SYSTEM):
        of_it: dict[str, Any] = {"organisation_id": site.organisation_id}
        tallies = RetentionTally.objects.filter(**of_it, rule="places_closed").values_list("all_rows", flat=True)
        told = AuditEvent.objects.filter(**of_it, action=keeping.ACTION).count()
        return Site.objects.get(pk=site.pk).exact_location is not None, list(tallies), told


WAITING = "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND query LIKE '%members_retentiontally%'"


def wait_until_the_worker_waits() -> None:
    end = time.monotonic() + 25
    with connection.cursor() as cursor:
        while time.monotonic() < end:
            cursor.execute("SELECT pg_stat_clear_snapshot()")  # else a transaction sees the same activity all along
            cursor.execute(WAITING)
            if cursor.fetchone()[0]:
                return
            time.sleep(0.05)
    pytest.fail("the worker came to the end, or never began")


def test_a_worker_killed_in_the_middle_leaves_whole_organisations_and_the_next_ends_it(faults: Faults) -> None:
    the_secretariat()
    first, second = sorted((a_closed_site(an_organisation()) for _ in range(2)), key=lambda site: site.organisation_id)
    with acting_as(SYSTEM):
        keeping.ask_for_retention()
        job = keeping.ask(part=1)
    with acting_as(SYSTEM):  # a row of the tally that is not committed: there the worker waits, everything else of `second` done
        mine = RetentionTally(organisation_id=second.organisation_id, rule="places_closed", ran_at=timezone.now())
        RetentionTally.objects.bulk_create([mine])
        worker = faults.worker()
        wait_until_the_worker_waits()
        faults.signal(worker, signal.SIGKILL)
        transaction.set_rollback(True)
    assert left(first) == (False, [1], 1)
    assert left(second) == (True, [], 0)
    faults.worker()
    assert faults.done(job).attempts == 2
    assert (left(first), left(second)) == ((False, [1], 1), (False, [1], 1))
    with acting_as(SYSTEM):
        assert verify_chains() == []
