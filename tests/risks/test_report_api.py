"""Reports in the API: asked for once per key, read by the member alone, fetched as the page would."""

import pytest

from aimprogress.core.actor import SYSTEM, acting_as
from aimprogress.core.files import store_file
from risks.models import Report
from tests.factories import a_user, an_organisation
from tests.signing import signed_in

pytestmark = pytest.mark.django_db
URL = "/api/v1/reports/"
OCTOBER = {"period_from": "2026-10-01", "period_to": "2026-10-31"}


@pytest.fixture
def member():
    return an_organisation(slug="halden")


@pytest.fixture
def client(member):
    return signed_in(a_user(member, "MEMBER_COORDINATOR"))


def post(client, body, key="k1"):
    headers = {"Idempotency-Key": key} if key else {}
    return client.post(URL, body, content_type="application/json", headers=headers)


def test_a_report_is_asked_for_and_its_job_is_named(client):
    made = post(client, OCTOBER)
    assert made.status_code == 201, made.content
    body = made.json()
    assert body["number"] == "ADP-UNGP-HALDEN-2026-001" and body["job_state"] == "queued" and body["sha256"] == ""
    assert client.get(f"{URL}{body['id']}/").json()["job_id"] == body["job_id"]
    assert [row["id"] for row in client.get(URL).json()["results"]] == [body["id"]]


def test_the_same_key_makes_one_report(client):
    assert post(client, OCTOBER).json() == post(client, OCTOBER).json()
    assert post(client, {**OCTOBER, "language": "uk"}).status_code == 422
    with acting_as(SYSTEM):
        assert Report.objects.count() == 1


def test_a_post_without_a_key_is_refused(client):
    refused = post(client, OCTOBER, key="")
    assert refused.status_code == 400 and "Idempotency-Key" in refused.content.decode()


@pytest.mark.parametrize(
    "body",
    [{}, {"period_from": "x", "period_to": "y"}, {"period_from": "2026-10-31", "period_to": "2026-10-01"},
     {**OCTOBER, "language": "xx"}, {"period_from": "2999-01-01", "period_to": "2999-01-31"}],
)  # fmt: skip
def test_a_wrong_wish_is_a_problem_that_names_its_field(client, body):
    refused = post(client, body)
    assert refused.status_code == 400 and refused["Content-Type"].startswith("application/problem+json")
    assert refused.json()["errors"][0]["pointer"]


def test_the_file_is_there_when_it_is_ready_and_only_for_the_member(client):
    pk = post(client, OCTOBER).json()["id"]
    assert client.get(f"{URL}{pk}/file/").status_code == 404
    with acting_as(SYSTEM):
        report = Report.objects.get(pk=pk)
        report.pdf = store_file(
            b"%PDF-1.7 x", name="r.pdf", content_type="application/pdf", kind="report", organisation_id=report.organisation_id
        )
        report.save()
    answer = client.get(f"{URL}{pk}/file/")
    assert answer.status_code == 200 and b"".join(answer.streaming_content) == b"%PDF-1.7 x"
    stranger = signed_in(a_user(an_organisation(), "MEMBER_COORDINATOR"))
    for path in (f"{URL}{pk}/", f"{URL}{pk}/file/"):
        assert stranger.get(path).status_code == 404
    assert stranger.get(URL).json()["results"] == []


def test_a_viewer_reads_and_does_not_ask(client, member):
    post(client, OCTOBER)
    viewer = signed_in(a_user(member, "MEMBER_VIEWER"))
    assert len(viewer.get(URL).json()["results"]) == 1
    assert post(viewer, OCTOBER, key="k2").status_code == 403
