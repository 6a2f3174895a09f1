"""A worker killed in the middle of an import leaves nothing of it; the list is not lost, and another worker applies it once."""

import signal
import time

import pytest
from django.db import connection

from aimprogress.core.actor import SYSTEM, acting_as
from aimprogress.exchange import models
from aimprogress.exchange.models import ImportBatch, ImportRow
from aimprogress.exchange.services import apply_import, stage_import
from members.models import HeadCount, Organisation
from tests.exchange.test_imports import a_list
from tests.factories import a_site
from tests.faults.workshop import Faults

pytestmark = pytest.mark.faults

HEADINGS = ("Site code", "Date", "Expected", "Safe", "Not reached")
WAITING = "SELECT count(*) FROM pg_locks WHERE NOT granted"


def until_a_worker_waits_for_the_rows(seconds: float = 25) -> None:
    """The counts are written by then, and not committed; the staged rows are what it replaces last."""
    end = time.monotonic() + seconds
    with connection.cursor() as cursor:
        while time.monotonic() < end:
            cursor.execute(WAITING)
            if cursor.fetchone()[0]:
                return
            time.sleep(0.05)
    pytest.fail("no worker came so far")


def test_an_import_whose_worker_is_killed_is_applied_once(faults: Faults, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(models, "AT_ONCE", 0)
    organisation = Organisation.objects.get(pk=faults.actor.organisation_id)
    site = a_site(organisation, code="LVI-01")
    rows = [("LVI-01", f"2025-11-{day:02d}", 10, 9, 1) for day in range(1, 21)]
    with acting_as(faults.actor):
        upload = a_list(*rows, headings=HEADINGS)
        batch = stage_import(organisation=organisation, target="head_counts", upload=upload)
    first = faults.worker()
    faults.done(batch.job)
    with acting_as(faults.actor):
        batch = apply_import(batch=batch)
    with acting_as(SYSTEM):
        list(ImportRow.objects.select_for_update().filter(batch=batch))
        until_a_worker_waits_for_the_rows()
        faults.signal(first, signal.SIGKILL)
        assert HeadCount.objects.count() == 0
        assert ImportBatch.objects.get().state == "staged"
    faults.worker()
    job = faults.done(batch.job)
    with acting_as(SYSTEM):
        site.refresh_from_db()
        batch = ImportBatch.objects.get()
        assert (job.attempts, batch.state, HeadCount.objects.count()) == (2, "applied", 20)
        assert ImportRow.objects.filter(batch=batch, outcome="new", target_id__isnull=False).count() == 20
        assert (site.current_expected, site.current_unaccounted) == (10, 1)
