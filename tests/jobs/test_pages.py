"""What people see of their jobs, and what others do not."""

import pytest
from django.urls import reverse
from django.utils import translation

from aimprogress.core.actor import SYSTEM, acting_as
from aimprogress.core.audit import AuditEvent
from aimprogress.core.files import StoredFile, store_file
from aimprogress.jobs import claim, run
from aimprogress.jobs.kinds import Progress, job_kind
from aimprogress.jobs.models import Job
from aimprogress.jobs.requests import enqueue
from members.access import actor_for_user
from tests.factories import a_user, an_organisation
from tests.signing import signed_in

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def notes(settings, tmp_path) -> None:
    settings.FILES_DIR = tmp_path

    @job_kind("note", title="A short note")
    def write(job: Job, progress: Progress) -> StoredFile:
        return store_file(
            b"<script>alert(1)</script>", name='звіт "1".html', content_type="text/html", kind="note",
            organisation_id=job.organisation_id,
        )  # fmt: skip


@pytest.fixture
def member():
    return an_organisation()


@pytest.fixture
def viewer(member):
    return a_user(member, "MEMBER_VIEWER")


@pytest.fixture
def job(viewer, member) -> Job:
    with acting_as(actor_for_user(viewer, member.pk)):
        return enqueue("note", {})


def url(name: str, job: Job) -> str:
    return reverse(f"jobs:{name}", args=[job.pk])


def now(job: Job) -> Job:
    with acting_as(SYSTEM):
        return Job.objects.get(pk=job.pk)


def test_the_list_shows_what_i_asked_for(viewer, job):
    page = signed_in(viewer).get(reverse("jobs:list"))
    assert page.status_code == 200
    assert "A short note" in page.content.decode()
    assert page["Cache-Control"] == "no-store"


@pytest.mark.parametrize("name", ["detail", "cancel", "retry", "file"])
def test_other_peoples_jobs_are_not_there(job, member, name):
    for stranger in (a_user(member, "MEMBER_VIEWER"), a_user(an_organisation(), "MEMBER_COORDINATOR")):
        client = signed_in(stranger)
        assert client.get(url(name, job)).status_code == 404
        assert "A short note" not in client.get(reverse("jobs:list")).content.decode()


def test_who_is_not_signed_in_is_asked_to(job, client):
    assert client.get(url("detail", job)).status_code == 302


def test_a_job_that_is_not_over_asks_for_itself_again_and_a_finished_one_does_not(viewer, job):
    client = signed_in(viewer)
    fragment = client.get(url("detail", job), HTTP_HX_REQUEST="true").content.decode()
    assert "<html" not in fragment
    assert 'hx-trigger="every 2s"' in fragment
    assert url("cancel", job) in fragment
    run.run_next(heartbeat=False)
    fragment = client.get(url("detail", job), HTTP_HX_REQUEST="true").content.decode()
    assert "hx-trigger" not in fragment
    assert url("file", job) in fragment


def test_the_line_that_is_read_aloud_stands_outside_of_what_asks_again(viewer, job):
    client = signed_in(viewer)
    page = client.get(url("detail", job)).content.decode()
    work, after = page.split("</section>", 1)
    assert '<p class="vh" role="status" data-calm></p>' in after
    assert 'data-said="Queued."' in work and "role=" not in work.split("<section", 1)[1]
    assert "data-calm" not in client.get(url("detail", job), HTTP_HX_REQUEST="true").content.decode()


def test_a_job_says_in_one_line_how_it_stands(viewer, job):
    with acting_as(SYSTEM):
        held = claim.claim_next()
        assert now(job).in_one_line == "Running."
        claim.renew(held, Progress(done=3, total=8, words="Writing the rows"))
        assert now(job).in_one_line == "Running. Writing the rows. 37 %."
    with translation.override("uk"):
        assert now(job).in_one_line.startswith("Виконується.") and now(job).in_one_line.endswith(" 37 %.")
    signed_in(viewer).post(url("cancel", job))
    assert now(job).in_one_line == "Running. It is being stopped."
    with acting_as(SYSTEM):
        claim.give_up(held, "There are too many rows.")
    assert now(job).in_one_line == "Failed. There are too many rows."


def test_progress_is_shown(viewer, job):
    with acting_as(SYSTEM):
        held = claim.claim_next()
        claim.renew(held, Progress(done=3, total=8, words="Writing the rows"))
    page = signed_in(viewer).get(url("detail", job)).content.decode()
    assert 'value="37"' in page
    assert "step 3 of 8" in page
    assert "Writing the rows" in page


def test_stop_is_asked_first_and_then_done(viewer, job):
    client = signed_in(viewer)
    assert client.get(url("cancel", job)).status_code == 200
    assert now(job).state == "queued"
    assert client.post(url("cancel", job)).status_code == 302
    assert now(job).state == "cancelled"
    assert client.post(url("cancel", job)).status_code == 422


def test_ask_again_leads_to_the_new_job(viewer, job):
    client = signed_in(viewer)
    client.post(url("cancel", job))
    answer = client.post(url("retry", job))
    with acting_as(SYSTEM):
        new = Job.objects.get(retry_of=job)
    assert answer["Location"] == url("detail", new)


def test_a_file_comes_as_an_attachment_that_runs_nothing_and_stays_nowhere(viewer, job):
    run.run_next(heartbeat=False)
    answer = signed_in(viewer).get(url("file", job))
    assert b"".join(answer.streaming_content) == b"<script>alert(1)</script>"
    assert answer["Content-Disposition"].startswith("attachment; filename*=utf-8''%D0%B7%D0%B2%D1%96%D1%82")
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert answer["Content-Security-Policy"] == "sandbox; default-src 'none'"
    assert answer["Cache-Control"] == "no-store"
    assert answer["Content-Length"] == "25"


def test_a_download_is_on_the_record(viewer, job):
    run.run_next(heartbeat=False)
    b"".join(signed_in(viewer).get(url("file", job)).streaming_content)
    with acting_as(SYSTEM):
        event = AuditEvent.objects.get(action="core.download_file")
    assert (event.actor_id, event.object_id) == (viewer.pk, now(job).result_file_id)


def test_a_file_whose_bytes_are_gone_is_not_found(viewer, job):
    run.run_next(heartbeat=False)
    with acting_as(SYSTEM):
        StoredFile.objects.get().path.unlink()
    assert signed_in(viewer).get(url("file", job)).status_code == 404


def test_a_job_that_is_not_over_has_no_file(viewer, job):
    assert signed_in(viewer).get(url("file", job)).status_code == 404


def test_who_manages_people_sees_that_a_job_exists_and_not_what_it_made(job, member):
    run.run_next(heartbeat=False)
    client = signed_in(a_user(member, "MEMBER_COORDINATOR"))
    page = client.get(url("detail", job))
    assert page.status_code == 200
    assert url("file", job) not in page.content.decode()
    assert client.get(url("file", job)).status_code == 404
