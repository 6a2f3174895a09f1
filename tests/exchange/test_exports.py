"""A list as a file: what its reader may see, with the list's filters, and nothing else."""

import csv
import io
import json

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.urls import reverse

from aimprogress.core.actor import SYSTEM, Actor, acting_as
from aimprogress.core.files import open_file
from aimprogress.exchange import exports
from aimprogress.exchange.exports import EXPORTS, request_export
from aimprogress.jobs import run
from aimprogress.jobs.models import Job
from members.models import RoleGrant
from tests.factories import a_coordinator, a_head_count, a_site, a_user, an_actor, an_analyst, an_area, an_organisation
from tests.signing import signed_in

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def files(settings, tmp_path) -> None:
    settings.FILES_DIR = tmp_path


def made(actor: Actor, noun: str = "sites", file_format: str = "csv", query: str = "") -> bytes:
    """The bytes of an export, made by its Job."""
    with acting_as(actor):
        job = request_export(noun=noun, file_format=file_format, query=query)
    run.run_next(heartbeat=False)
    with acting_as(actor):
        job = Job.objects.get(pk=job.pk)
        assert job.state == "succeeded", job.error
        with open_file(job.result_file) as handle:
            return handle.read()


def rows_of(data: bytes) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(data.decode("utf-8-sig"))))


def test_a_coordinator_takes_away_the_own_sites_and_no_others():
    mine, theirs = a_site(name="Kalush plant"), a_site(name="Other plant")
    rows = rows_of(made(a_coordinator(mine.organisation)))
    assert [row["name"] for row in rows] == ["Kalush plant"]
    assert theirs.name not in str(rows)


def test_the_secretariat_takes_away_no_names_of_sites():
    site = a_site(name="Kalush plant", code="KAL-1")
    text = made(an_analyst()).decode("utf-8-sig")
    assert site.name not in text
    assert "KAL-1" not in text
    assert len(rows_of(text.encode())) == 1


def test_the_lists_filters_apply():
    organisation = an_organisation()
    a_site(organisation, name="Here", country="UA")
    a_site(organisation, name="There", country="PL", admin1=an_area("PL-06", "PL", "Lublin"))
    assert [row["name"] for row in rows_of(made(a_coordinator(organisation), query="country=PL"))] == ["There"]


def test_a_wrong_filter_fails_with_words():
    actor = a_coordinator(an_organisation())
    with acting_as(actor):
        job = request_export(noun="sites", query="country=Atlantis")
    run.run_next(heartbeat=False)
    with acting_as(SYSTEM):
        job = Job.objects.get(pk=job.pk)
    assert job.state == "failed"
    assert "Atlantis" in job.error


def test_on_a_map_a_site_stands_at_its_areas_public_point():
    area = an_area(lat=49.84, lon=24.03)
    site = a_site(admin1=area)
    feature = json.loads(made(a_coordinator(site.organisation), file_format="geojson"))["features"][0]
    assert feature["geometry"]["coordinates"] == [24.03, 49.84]


@pytest.mark.parametrize("noun", sorted(EXPORTS))
def test_every_noun_is_made_in_every_format(noun):
    actor = a_coordinator(a_site().organisation)
    for file_format in EXPORTS[noun].formats:
        assert made(actor, noun, file_format)


def test_a_file_names_the_noun_and_the_time():
    actor = a_coordinator(an_organisation())
    made(actor)
    with acting_as(actor):
        name = Job.objects.get().result_file.name
    assert name.startswith("sites-")
    assert name.endswith(".csv")


def test_who_may_not_read_a_noun_cannot_export_it():
    with acting_as(an_actor(an_organisation("PARTNER"), "PARTNER_CLIENT")), pytest.raises(PermissionDenied):
        request_export(noun="sites")


@pytest.mark.parametrize(("noun", "file_format"), [("secrets", "csv"), ("sites", "exe"), ("suppliers", "geojson")])
def test_what_is_not_offered_is_refused(noun, file_format):
    with acting_as(a_coordinator(an_organisation())), pytest.raises(ValidationError):
        request_export(noun=noun, file_format=file_format)


def test_more_rows_than_a_file_takes_are_refused_with_words(monkeypatch):
    monkeypatch.setattr(exports, "MOST_ROWS", 1)
    monkeypatch.setattr(exports, "TELL_EVERY", 1)
    organisation = an_organisation()
    for _ in range(3):
        a_site(organisation)
    with acting_as(a_coordinator(organisation)):
        request_export(noun="sites")
    run.run_next(heartbeat=False)
    with acting_as(SYSTEM):
        assert Job.objects.get().error == exports.TOO_MANY


def test_the_download_button_of_a_list_starts_a_job_with_its_filters():
    site = a_site(country="UA")
    client = signed_in(a_user(site.organisation, "MEMBER_VIEWER"))
    address = reverse("exports:request", args=["sites"])
    assert address in client.get(reverse("members:sites")).content.decode()
    answer = client.post(address, {"query": "country=UA"})
    with acting_as(SYSTEM):
        job = Job.objects.get()
    assert answer["Location"] == reverse("jobs:detail", args=[job.pk])
    assert job.params == {"version": 1, "noun": "sites", "format": "csv", "query": "country=UA", "saw": ["headcount:read"]}


def test_the_page_offers_the_formats():
    site = a_site()
    client = signed_in(a_user(site.organisation, "MEMBER_VIEWER"))
    page = client.get(reverse("exports:request", args=["sites"]) + "?country=UA").content.decode()
    assert "GeoJSON" in page
    assert 'value="country=UA"' in page
    assert client.get(reverse("exports:request", args=["secrets"])).status_code == 404


def test_a_grant_taken_away_after_the_file_was_made_closes_the_download():
    site = a_site()
    user = a_user(site.organisation, "MEMBER_VIEWER")
    client = signed_in(user)
    client.post(reverse("exports:request", args=["sites"]), {"query": ""})
    run.run_next(heartbeat=False)
    with acting_as(SYSTEM):
        address = reverse("jobs:file", args=[Job.objects.get().pk])
    answer = client.get(address)
    assert b"".join(answer.streaming_content)
    RoleGrant.objects.filter(user=user).update(role="DPO")
    assert (answer.status_code, client.get(address).status_code) == (200, 404)


def read(answer) -> str:
    return b"".join(answer.streaming_content).decode()


@pytest.fixture
def a_file():
    """A coordinator's own export, made, and the address of its file."""
    site = a_site()
    a_head_count(site, 100, unaccounted=2)
    user = a_user(site.organisation, "MEMBER_COORDINATOR")
    client = signed_in(user)
    client.post(reverse("exports:request", args=["sites"]), {"query": ""})
    run.run_next(heartbeat=False)
    with acting_as(SYSTEM):
        return user, client, reverse("jobs:file", args=[Job.objects.get().pk])


def test_a_file_that_shows_more_than_its_owner_may_now_read_is_closed(a_file):
    user, client, address = a_file
    assert ",98," in read(client.get(address))
    RoleGrant.objects.filter(user=user).update(role="MEMBER_VIEWER")
    assert client.get(address).status_code == 404, "a viewer reads >95"
    RoleGrant.objects.filter(user=user).update(role="MEMBER_COORDINATOR")
    assert read(client.get(address))


def test_a_file_is_made_as_sharply_as_it_was_asked_for_and_no_sharper():
    site = a_site()
    a_head_count(site, 100, unaccounted=2)
    user = a_user(site.organisation, "MEMBER_VIEWER")
    client = signed_in(user)
    client.post(reverse("exports:request", args=["sites"]), {"query": ""})
    RoleGrant.objects.filter(user=user).update(role="MEMBER_COORDINATOR")
    run.run_next(heartbeat=False)
    with acting_as(SYSTEM):
        address = reverse("jobs:file", args=[Job.objects.get().pk])
    text = read(client.get(address))
    assert ">95" in text and ",98," not in text
    RoleGrant.objects.filter(user=user).update(role="MEMBER_VIEWER")
    assert read(client.get(address))


def test_nobody_fetches_what_a_colleague_asked_for(a_file):
    user, _client, address = a_file
    colleague = signed_in(a_user(user.grants.get().organisation, "MEMBER_COORDINATOR"))
    assert colleague.get(address).status_code == 404
    assert colleague.get(address.replace("/jobs/", "/api/v1/jobs/")).status_code == 404
