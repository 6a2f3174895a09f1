"""Redis, PostgreSQL, the disk and the clock, each broken alone."""

import shutil
import signal
import time
import uuid
from collections.abc import Iterator
from pathlib import Path

import pytest
import redis
from django.db import connections
from django.test import Client

from aimprogress.core.actor import SYSTEM, acting_as
from aimprogress.jobs.services import cancel_job
from members.models import CheckIn
from tests.factories import PASSWORD, a_site, a_status, a_user, an_organisation
from tests.faults.workshop import Faults, a_disk, with_wrong_clock
from tests.faults.zygote import LEASE
from tests.plugin import Servers

pytestmark = pytest.mark.faults


def test_with_redis_dead_work_is_taken_at_once_and_done_later(faults: Faults):
    before = faults.ask()
    faults.worker()
    faults.done(before)
    faults.servers.valkey.stop()
    jobs = [faults.ask() for _ in range(3)]
    time.sleep(1)
    assert {faults.now(job).state for job in jobs} == {"queued"}
    faults.servers.valkey.start()
    assert {faults.done(job, seconds=40).attempts for job in jobs} == {1}


def test_a_worker_that_starts_without_redis_works_once_it_is_there(faults: Faults):
    faults.servers.valkey.stop()
    job = faults.ask()
    faults.worker()
    time.sleep(1)
    faults.servers.valkey.start()
    assert faults.done(job, seconds=40).attempts == 1


def test_with_redis_frozen_work_is_taken_at_once_and_done_later(faults: Faults):
    before = faults.ask()
    faults.worker()
    faults.done(before)
    faults.servers.valkey.process.send_signal(signal.SIGSTOP)
    jobs = [faults.ask() for _ in range(3)]
    time.sleep(1.5)
    assert "queued" in {faults.now(job).state for job in jobs}, "Redis was not really frozen"  # one wake-up may be out already
    faults.servers.valkey.process.send_signal(signal.SIGCONT)
    assert {faults.done(job).attempts for job in jobs} == {1}


def test_what_redis_forgets_is_done_all_the_same(faults: Faults, kinds):
    first = faults.ask(gate="gate")
    faults.worker()
    faults.running(first)
    jobs = [faults.ask() for _ in range(4)]
    with redis.Redis(unix_socket_path=str(faults.servers.valkey.socket)) as client:
        client.flushall()
    kinds.open_gate("gate")
    assert {faults.done(job).attempts for job in [first, *jobs]} == {1}


def test_events_reach_their_subscribers_without_redis(faults: Faults):
    faults.servers.valkey.stop()
    faults.worker()
    job = faults.ask()
    with acting_as(faults.actor):
        cancel_job(job=job)
    end = time.monotonic() + 20
    while not (heard := list(faults.room.glob(f"heard-{job.pk}-*"))) and time.monotonic() < end:
        time.sleep(0.05)
    time.sleep(0.7)
    assert len(heard) == len(list(faults.room.glob(f"heard-{job.pk}-*"))) == 1


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("fault", ["dead", "frozen"])
def test_with_redis_away_people_sign_in_and_check_in(servers: Servers, client: Client, fault: str):
    """Sessions, cache and limits are in PostgreSQL; the broker is only told afterwards, by a thread that does not wait."""
    site = a_site(an_organisation())
    a_status(site)
    reporter = a_user(site.organisation, "SITE_REPORTER", sites=[site])
    if fault == "dead":
        servers.valkey.stop()
    else:
        servers.valkey.process.send_signal(signal.SIGSTOP)
    try:
        assert client.post("/accounts/login/", {"login": reporter.email, "password": PASSWORD}).status_code == 302
        sent = client.post(f"/c/{site.checkin_code}/", {"id": str(uuid.uuid4()), "same": "on"})
        assert (sent.status_code, "/sent/" in sent["Location"]) == (302, True), sent.content
        assert client.get(sent["Location"]).status_code == 200
    finally:
        if fault == "frozen":
            servers.valkey.process.send_signal(signal.SIGCONT)
        servers.start()
    with acting_as(SYSTEM):
        assert CheckIn.objects.filter(site=site).count() == 1


def test_after_a_crash_of_postgresql_everything_accepted_is_done(kept_commits: None, faults: Faults):
    running = faults.ask(seconds=2)
    faults.worker()
    faults.running(running)
    queued = faults.ask()
    faults.servers.postgres.process.send_signal(signal.SIGQUIT)
    faults.servers.postgres.process.wait(20)
    connections.close_all()
    time.sleep(0.5)
    faults.servers.postgres.start()
    assert faults.done(running, seconds=40).attempts == 2
    assert faults.done(queued, seconds=40).attempts == 1


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    with a_disk(tmp_path, "64k") as disk:
        yield disk


def test_a_full_disk_delays_a_job_and_leaves_no_half_file(faults: Faults, small_disk: Path):
    ballast = small_disk / "ballast"
    ballast.write_bytes(b"x" * 50_000)
    faults.files = small_disk
    job = faults.ask(lines=400)
    faults.worker(files=small_disk)
    row = faults.until(job, lambda row: row.state == "queued" and row.attempts >= 1)
    assert "disk is full" in row.error
    assert [path for path in small_disk.rglob("*") if path.is_file()] == [ballast]
    ballast.unlink()
    faults.done(job)
    faults.stop_workers()
    assert faults.now(job).result_file.size > 20_000
    faults.files = faults.room / "files"  # the promises are checked after the disk is gone: take its files along
    shutil.copytree(small_disk, faults.files, dirs_exist_ok=True)


@pytest.mark.parametrize("offset", ["+2h", "-2h"])
def test_a_worker_whose_clock_is_hours_off_works_like_any_other(faults: Faults, offset: str):
    zygote = with_wrong_clock(faults, offset)
    try:
        alone = faults.ask()
        faults.worker(zygote, processes=2)  # one of them free to take what the other holds
        assert faults.done(alone).attempts == 1
        long = faults.ask(seconds=2 * LEASE)
        faults.running(long)
        faults.worker()  # with the right time: it must not take the other's lease for over
        assert faults.done(long).attempts == 1
    finally:
        zygote.stop()
