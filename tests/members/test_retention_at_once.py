"""Retention beside people who work: it takes only what nobody holds, waits for nobody, and nothing brings back what it erased."""

import threading
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection, transaction
from django.utils import timezone

from aimprogress.core.actor import SYSTEM, acting_as
from aimprogress.core.exceptions import Conflict
from aimprogress.jobs.kinds import Progress
from members.models import Meeting, Site, SiteStatus, SupportCase
from members.retention import keeping
from members.services.sites import change_site, lock, log_site_status
from tests.factories import a_coordinator, a_site, a_status, an_organisation, the_secretariat

pytestmark = pytest.mark.django_db(transaction=True)
PLACE = {"lat": 49.84, "lon": 24.03}
PATIENCE = 20


@pytest.fixture
def member() -> Any:
    the_secretariat()
    return an_organisation()


def a_closed_site(member: Any) -> Site:
    site = a_site(member, exact_location=PLACE)
    a_status(site, "CLOSED", timezone.now() - timedelta(days=40), reason="DEMAND")
    return site


def place_of(site: Site) -> Any:
    with acting_as(SYSTEM):
        return Site.objects.get(pk=site.pk).exact_location


def keep() -> bool:
    return keeping.keep(timezone.now(), Progress())


@pytest.fixture
def elsewhere() -> Iterator[Callable[[Callable[[], Any]], Future]]:
    """Run something in another thread with a connection of its own."""
    with ThreadPoolExecutor(1) as pool:

        def submit(function: Callable[[], Any]) -> Future:
            def run() -> Any:
                try:
                    return function()
                finally:
                    connection.close()

            return pool.submit(run)

        yield submit


def test_a_site_that_somebody_reports_from_is_left_to_the_next_run(member: Any, elsewhere: Any) -> None:
    held, free = a_closed_site(member), a_closed_site(member)
    holding, over = threading.Event(), threading.Event()

    def report() -> None:
        with acting_as(SYSTEM):
            site = lock(held)
            holding.set()
            assert over.wait(PATIENCE)
            site.save()

    reporter = elsewhere(report)
    assert holding.wait(PATIENCE)
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET LOCAL lock_timeout = '5s'")
        keep()
    assert (place_of(held), place_of(free)) == (PLACE, None)
    over.set()
    reporter.result(PATIENCE)
    keep()
    assert place_of(held) is None


def test_the_old_log_of_a_site_that_somebody_reports_from_waits_for_the_next_run(member: Any, elsewhere: Any) -> None:
    long_ago = timezone.now() - timedelta(days=1200)
    held, free = a_site(member), a_site(member)
    for site in (held, free):
        for hours in range(9):
            at = long_ago + timedelta(hours=hours)
            a_status(site, "OPERATING", at, recorded_at=at)
    holding, over = threading.Event(), threading.Event()

    def report() -> None:
        with acting_as(SYSTEM):
            lock(held)
            holding.set()
            assert over.wait(PATIENCE)

    def entries() -> list[int]:
        with acting_as(SYSTEM):
            return [SiteStatus.objects.filter(site=site).count() for site in (held, free)]

    reporter = elsewhere(report)
    assert holding.wait(PATIENCE)
    keep()
    assert entries() == [9, 3]
    keep()
    assert entries() == [9, 3], "nor when no other site has anything to delete"
    over.set()
    reporter.result(PATIENCE)
    keep()
    assert entries() == [3, 3]


def test_a_service_that_holds_the_audit_chain_and_wants_a_site_is_let_through(member: Any, elsewhere: Any) -> None:
    """The pulse of the demo, a batch of check-ins: one act after the other in one transaction, each with its audit event."""
    first, closed = a_site(member), a_closed_site(member)
    with acting_as(SYSTEM):
        log_site_status(site=first, operational="OPERATING")  # now the chain is held
        retention = elsewhere(keep)
        wait_until_somebody_waits()
        change_site(site=closed, name="Closed for good")  # a deadlock would be found after a second
    retention.result(PATIENCE)
    assert place_of(closed) is None


def wait_until_somebody_waits() -> None:
    for _look in range(PATIENCE * 20):
        with connection.cursor() as cursor:
            cursor.execute("SELECT count(*) FROM pg_locks WHERE NOT granted")
            if cursor.fetchone()[0]:
                return
        threading.Event().wait(0.05)
    pytest.fail("retention did not wait for the chain")


def test_where_it_would_have_to_wait_for_a_row_below_one_rule_does_nothing_and_the_others_do(member: Any, elsewhere: Any) -> None:
    closed = a_closed_site(member)
    long_ago = timezone.now() - timedelta(days=800)
    with acting_as(SYSTEM):
        case = SupportCase(
            organisation=member, number=1, category=SupportCase.Category.values[0], summary="Transfer of pay",
            status=SupportCase.Status.RESOLVED, opened_at=long_ago, resolved_at=long_ago,
        )  # fmt: skip
        case.save(force_insert=True)
        meeting = Meeting(organisation=member, case=case, held_on=long_ago.date(), topic="Transfer", participants="desk")
        meeting.save(force_insert=True)
    holding, over = threading.Event(), threading.Event()

    def read() -> None:
        with acting_as(SYSTEM):
            Meeting.objects.select_for_update(of=("self",)).get(pk=meeting.pk)
            holding.set()
            assert over.wait(PATIENCE)

    reader = elsewhere(read)
    assert holding.wait(PATIENCE)
    keep()
    with acting_as(SYSTEM):
        assert SupportCase.objects.filter(pk=case.pk).exists()
    assert place_of(closed) is None
    over.set()
    reader.result(PATIENCE)
    keep()
    with acting_as(SYSTEM):
        assert not SupportCase.objects.filter(pk=case.pk).exists()


def test_no_save_brings_an_erased_place_back(member: Any) -> None:
    closed = a_closed_site(member)
    with acting_as(SYSTEM):
        read_before = Site.objects.get(pk=closed.pk)
    keep()
    with acting_as(SYSTEM), pytest.raises(Conflict), transaction.atomic():
        read_before.save()
    with acting_as(a_coordinator(member)):
        change_site(site=read_before, name="Closed for good")
    assert place_of(closed) is None
    with acting_as(SYSTEM):
        assert Site.objects.get(pk=closed.pk).name == "Closed for good"


def test_a_change_of_a_site_keeps_what_was_reported_meanwhile(member: Any) -> None:
    site = a_site(member)
    with acting_as(SYSTEM):
        read_before = Site.objects.get(pk=site.pk)
    a_status(site, "EVACUATED")
    with acting_as(a_coordinator(member)):
        change_site(site=read_before, name="Other name")
    with acting_as(SYSTEM):
        assert Site.objects.get(pk=site.pk).current_operational == "EVACUATED"
