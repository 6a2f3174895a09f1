"""Jobs for machines: ask with a key of one's own, look, stop, fetch."""

import pytest

from aimprogress.core.actor import SYSTEM, acting_as
from aimprogress.jobs import run
from aimprogress.jobs.models import Job
from members.models import User
from tests.factories import a_site, a_user
from tests.signing import signed_in

pytestmark = pytest.mark.django_db
JSON = {"content_type": "application/json"}
SITES = {"noun": "sites", "file_format": "csv", "query": "country=UA"}


@pytest.fixture(autouse=True)
def files(settings, tmp_path) -> None:
    settings.FILES_DIR = tmp_path


@pytest.fixture
def viewer() -> User:
    return a_user(a_site(name="Kalush plant").organisation, "MEMBER_VIEWER")


def ask(client, key: str = "k", body: dict = SITES):
    return client.post("/api/v1/exports/", body, headers={"Idempotency-Key": key}, **JSON)


def test_an_export_is_asked_for_watched_and_fetched(viewer):
    client = signed_in(viewer)
    answer = ask(client)
    assert (answer.status_code, answer.json()["state"]) == (202, "queued")
    assert client.get(answer["Location"]).json()["state"] == "queued"
    run.run_next(heartbeat=False)
    told = client.get(answer["Location"]).json()
    assert (told["state"], told["file_name"][:6]) == ("succeeded", "sites-")
    file = client.get(answer["Location"] + "file/")
    assert b"Kalush plant" in b"".join(file.streaming_content)


def test_the_same_key_asks_once_and_another_body_is_refused(viewer):
    client = signed_in(viewer)
    first, again = ask(client), ask(client)
    assert (first.json()["id"], first.status_code) == (again.json()["id"], again.status_code)
    assert ask(client, body=SITES | {"file_format": "xlsx"}).status_code == 422
    with acting_as(SYSTEM):
        assert Job.objects.count() == 1


def test_without_a_key_nothing_is_asked_for(viewer):
    answer = signed_in(viewer).post("/api/v1/exports/", SITES, **JSON)
    assert (answer.status_code, answer.json()["errors"][0]["pointer"]) == (400, "/Idempotency-Key")


@pytest.mark.parametrize("body", [{}, {"noun": "secrets"}, SITES | {"file_format": "exe"}, SITES | {"query": 5 * ["x"]}, []])
def test_a_wrong_body_is_explained(viewer, body):
    answer = ask(signed_in(viewer), body=body)
    assert (answer.status_code, answer["Content-Type"]) == (400, "application/problem+json")


def test_stop_and_ask_again(viewer):
    client = signed_in(viewer)
    job = ask(client)["Location"]
    assert client.post(job + "cancel/", {}, **JSON).json()["state"] == "cancelled"
    assert client.post(job + "cancel/", {}, **JSON).status_code == 400
    again = client.post(job + "retry/", {}, **JSON)
    assert (again.status_code, again.json()["retry_of_id"]) == (202, job.rstrip("/").rpartition("/")[2])


def test_jobs_are_not_made_at_jobs(viewer):
    assert signed_in(viewer).post("/api/v1/jobs/", {}, **JSON).status_code == 405


@pytest.mark.parametrize("path", ["", "cancel/", "retry/", "file/"])
def test_another_persons_job_is_not_there(viewer, path):
    job = ask(signed_in(viewer))["Location"]
    stranger = signed_in(a_user(a_site().organisation, "MEMBER_COORDINATOR"))
    answer = stranger.get(job + path) if path in ("", "file/") else stranger.post(job + path, {}, **JSON)
    assert answer.status_code == 404


def test_a_file_is_fetched_also_by_who_asks_for_its_own_type(viewer):
    client = signed_in(viewer)
    job = ask(client)["Location"]
    run.run_next(heartbeat=False)
    file = client.get(job + "file/", headers={"Accept": "text/csv"})
    assert (file.status_code, file["Content-Type"]) == (200, "text/csv; charset=utf-8")
    assert b"Kalush plant" in b"".join(file.streaming_content)


def test_asking_again_and_stopping_are_done_once_for_one_key(viewer):
    client, once = signed_in(viewer), {"Idempotency-Key": "once"}
    job = ask(client)["Location"]
    first, second = (client.post(job + "cancel/", {}, headers=once, **JSON) for _ in range(2))
    assert (first.status_code, second.status_code, second["Idempotency-Replayed"]) == (200, 200, "true")
    assert client.post(job + "retry/", {}, headers=once, **JSON).status_code == 422
    first, second = (client.post(job + "retry/", {}, headers={"Idempotency-Key": "again"}, **JSON) for _ in range(2))
    assert (first.status_code, first.json()["id"]) == (202, second.json()["id"])
