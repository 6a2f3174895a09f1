"""The real thing: whatever breaks while a report is asked for or written, it arrives, once, and can be read."""

import io
import shutil
import signal
import time
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
import redis
from django.db import connections
from django.utils import timezone
from pypdf import PdfReader

from aimprogress.core.actor import SYSTEM, acting_as
from aimprogress.core.files import StoredFile
from members.models import Organisation
from risks.models import Report
from risks.reports.render import libraries_missing
from risks.services.reports import request_report
from tests.factories import a_site, a_status
from tests.faults.workshop import Faults, a_disk, with_wrong_clock

pytestmark = pytest.mark.faults


class Ordered:
    """A report that was asked for."""

    def __init__(self, faults: Faults) -> None:
        self.faults = faults
        organisation = Organisation.objects.get(pk=faults.actor.organisation_id)
        for _ in range(3):
            a_status(a_site(organisation))
        today = timezone.localdate()
        with acting_as(faults.actor):
            self.row = request_report(organisation=organisation, period_from=today - timedelta(days=30), period_to=today)

    def is_being_written(self) -> None:
        """Waits until its pages are set."""
        self.faults.until(self.row.job, lambda job: job.state == "running" and job.progress_done >= 2, seconds=60)

    def arrives_once(self, attempts: int) -> None:
        job = self.faults.done(self.row.job, seconds=90)
        with acting_as(SYSTEM):
            sealed = Report.objects.select_related("pdf").get(pk=self.row.pk)
            assert StoredFile.objects.filter(content_type="application/pdf").count() == 1
        assert (job.attempts, job.result_file_id) == (attempts, sealed.pdf_id)
        sha256 = sealed.pdf.sha256
        pages = PdfReader(io.BytesIO((self.faults.files / sha256[:2] / sha256[2:4] / sha256).read_bytes())).pages
        assert len(pages) > 3


@pytest.fixture(autouse=True)
def libraries() -> None:
    if missing := libraries_missing():
        pytest.skip(missing)


def test_a_worker_killed_while_it_renders_still_delivers_the_report_once(faults: Faults):
    report = Ordered(faults)
    first = faults.worker()
    report.is_being_written()
    faults.signal(first, signal.SIGKILL)
    faults.worker()
    report.arrives_once(attempts=2)


@pytest.mark.full  # what follows is promised for every Job and proved with a quick one in test_servers.py
@pytest.mark.parametrize("fault", ["stopped", "frozen"])
def test_a_report_asked_for_while_redis_is_away_arrives_once(faults: Faults, fault: str):
    faults.worker()
    faults.done(faults.ask())
    if fault == "stopped":
        faults.servers.valkey.stop()
    else:
        faults.servers.valkey.process.send_signal(signal.SIGSTOP)
    report = Ordered(faults)
    time.sleep(1.5)
    faults.servers.valkey.start() if fault == "stopped" else faults.servers.valkey.process.send_signal(signal.SIGCONT)
    report.arrives_once(attempts=1)


@pytest.mark.full
def test_a_report_that_redis_forgets_arrives_once(faults: Faults):
    report = Ordered(faults)
    faults.worker()
    with redis.Redis(unix_socket_path=str(faults.servers.valkey.socket)) as client:
        client.flushall()
    report.arrives_once(attempts=1)


@pytest.mark.full
def test_a_report_arrives_once_although_postgresql_crashes_while_it_is_written(kept_commits: None, faults: Faults):
    report = Ordered(faults)
    faults.worker()
    report.is_being_written()
    faults.servers.postgres.process.send_signal(signal.SIGQUIT)
    faults.servers.postgres.process.wait(20)
    connections.close_all()
    time.sleep(0.5)
    faults.servers.postgres.start()
    report.arrives_once(attempts=2)


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[Path]:
    with a_disk(tmp_path, "8m") as disk:
        yield disk


@pytest.mark.full
def test_a_report_that_met_a_full_disk_arrives_once_when_there_is_room(faults: Faults, disk: Path):
    ballast = disk / "ballast"
    ballast.write_bytes(b"x" * (8 * 1024 * 1024 - 16_384))
    faults.files = disk
    report = Ordered(faults)
    faults.worker(files=disk)
    job = faults.until(report.row.job, lambda job: job.state == "queued" and job.attempts >= 1, seconds=90)
    assert "disk is full" in job.error
    ballast.unlink()
    job = faults.done(report.row.job, seconds=90)
    faults.stop_workers()
    report.arrives_once(attempts=job.attempts)
    faults.files = faults.room / "files"  # the promises are checked after the disk is gone: take its files along
    shutil.copytree(disk, faults.files, dirs_exist_ok=True)


@pytest.mark.full
@pytest.mark.parametrize("offset", ["+2h", "-2h"])
def test_a_report_of_a_worker_whose_clock_is_hours_off_arrives_once(faults: Faults, offset: str):
    zygote = with_wrong_clock(faults, offset)
    try:
        report = Ordered(faults)
        faults.worker(zygote)
        report.arrives_once(attempts=1)
    finally:
        zygote.stop()
