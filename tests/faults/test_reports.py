"""The real thing: a report whose worker is killed while it sets the pages still arrives, once, and can be read."""

import io
import signal
from datetime import timedelta

import pytest
from django.utils import timezone
from pypdf import PdfReader

from aimprogress.core.actor import SYSTEM, acting_as
from aimprogress.core.files import StoredFile
from members.models import Organisation
from risks.models import Report
from risks.reports.render import libraries_missing
from risks.services.reports import request_report
from tests.factories import a_site, a_status
from tests.faults.workshop import Faults

pytestmark = pytest.mark.faults


def test_a_worker_killed_while_it_renders_still_delivers_the_report_once(faults: Faults):
    if missing := libraries_missing():
        pytest.skip(missing)
    organisation = Organisation.objects.get(pk=faults.actor.organisation_id)
    for _ in range(3):
        a_status(a_site(organisation))
    today = timezone.localdate()
    with acting_as(faults.actor):
        report = request_report(organisation=organisation, period_from=today - timedelta(days=30), period_to=today)
    first = faults.worker()
    faults.until(report.job, lambda row: row.state == "running" and row.progress_done >= 2, seconds=60)
    faults.signal(first, signal.SIGKILL)
    faults.worker()
    job = faults.done(report.job, seconds=90)
    with acting_as(SYSTEM):
        sealed = Report.objects.select_related("pdf").get(pk=report.pk)
        assert StoredFile.objects.filter(content_type="application/pdf").count() == 1
    assert (job.attempts, job.result_file_id) == (2, sealed.pdf_id)
    sha256 = sealed.pdf.sha256
    pages = PdfReader(io.BytesIO((faults.files / sha256[:2] / sha256[2:4] / sha256).read_bytes())).pages
    assert len(pages) > 3
