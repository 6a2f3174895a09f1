"""The attacker who reads everything: two worlds that differ only in counts of 1 to 4 look the same on every face.

What looks the same in both tells nothing about which of them it is, by no subtraction of rows, totals, countries or files.
"""

import json
import re
from collections.abc import Iterator
from datetime import timedelta

import pytest
from django.db import transaction
from django.test import Client, override_settings
from django.urls import reverse
from django.utils import timezone

from aimprogress.core.actor import SYSTEM, acting_as
from aimprogress.core.files import open_file
from aimprogress.core.permissions import Role
from aimprogress.exchange.exports import EXPORTS
from aimprogress.figures.precision import COUNTS, STATES
from aimprogress.jobs import run
from aimprogress.jobs.models import Job
from members.models import DataShare, Organisation, Site
from tests.api.clients import a_program
from tests.factories import a_head_count, a_site, a_status, a_user, an_area, an_organisation, the_secretariat
from tests.signing import signed_in

pytestmark = [pytest.mark.house, pytest.mark.django_db]

PEOPLE = (
    # oblast or region, and in the one world and in the other: people expected, states
    ("UA63", (100, {"unaccounted": 1}), (100, {"unaccounted": 3})),
    ("UA63", (400, {"unaccounted": 10, "safe_idp": 40}), (400, {"unaccounted": 10, "safe_idp": 40})),
    ("UA46", (12, {"unaccounted": 2}), (12, {"unaccounted": 4})),
    ("UA46", (3, {}), (2, {"unaccounted": 1, "missing": 1})),
    ("UA46", (250, {"serving": 20, "detained": 2}), (250, {"serving": 18, "detained": 4})),
    ("PL-06", (60, {"missing": 1, "safe_idp": 2}), (60, {"missing": 2, "safe_idp": 4})),
    ("PL-06", (50, {"killed": 1}), (50, {"injured": 4})),
    ("MD-CU", (15, {"unaccounted": 14}), (15, {"unaccounted": 13})),
    ("BY-MI", (40, {"unaccounted": 1}), (40, {"unaccounted": 4})),
)
AREAS = {
    "UA63": ("UA", "Kharkiv"), "UA46": ("UA", "Lviv"), "PL-06": ("PL", "Lublin"), "MD-CU": ("MD", "Chisinau"),
    "BY-MI": ("BY", "Minsk"),
}  # fmt: skip
COUNTRIES = ("UA", "PL", "MD", "BY")
LOOKED_AT = (0, 3, 5, 8)
"""The sites whose own pages are opened: one small part, a small site, two small parts, one with a safety profile."""
WITH_PEOPLE = ("activations", "head-counts", "sites")
VARIES = (
    r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", r"\d{4}-\d\d-\d\d(T[\d:.]+(Z|[+-]\d\d:\d\d)?)?", r"\d\d:\d\d( EES?T)?",
    r"\d{1,2} [A-Z][a-z]{2,8}\.? \d{4}",  # the two worlds may be read on two sides of midnight
    r'name="csrfmiddlewaretoken" value="\w+"', r'"X-CSRFToken": ?"\w+"', r"(just now|\d+ minutes? ago)", r"user\d+@example.org",
)  # fmt: skip
VARYING = re.compile("|".join(VARIES))


def a_member(world: int) -> Organisation:
    organisation = an_organisation(short_name="Halden Foods", slug="halden", legal_name="Halden Foods AG")
    for n, (code, *worlds) in enumerate(PEOPLE, 1):
        (country, name), (expected, states) = AREAS[code], worlds[world]
        area = an_area(code, country, name)
        site = a_site(organisation, name=f"Mill {n}", code=f"M-{n}", admin1=area, number_in_area=n, baseline=expected)
        if country == "BY":
            with acting_as(SYSTEM):
                Site.objects.filter(pk=site.pk).update(safety_profile=True)
        a_status(site)
        a_head_count(site, expected, **states)
    return organisation


def readers(organisation: Organisation) -> dict[str, Client]:
    team = the_secretariat()
    people = {role: a_user(organisation, role) for role in (Role.MEMBER_COORDINATOR, Role.MEMBER_VIEWER, Role.AUDITOR)}
    people[Role.AIM_ANALYST] = a_user(team, Role.AIM_ANALYST)
    return {role.value: signed_in(user) for role, user in people.items()}


def pages(client: Client, organisation: Organisation) -> Iterator[tuple[str, str]]:
    """Everything that may hold a number of people, as this reader gets it."""
    with acting_as(SYSTEM):
        sites = list(Site.objects.filter(organisation=organisation).order_by("number_in_area").values_list("pk", flat=True))
    narrowed = ["", *(f"?country={country}" for country in COUNTRIES)]
    for path in ("/overview/", "/dashboard/", "/api/v1/figures/"):
        yield from ((f"{path}{query}", path + query) for query in narrowed)
    for path in ("/sites/", "/sites/?view=map", "/plans/gaps/", "/search/?q=Halden", "/api/v1/sites/", "/api/v1/head-counts/"):
        yield path, path
    for path in ("/api/v1/sites/?format=csv", "/api/v1/sites/?format=geojson", "/api/v1/head-counts/?format=csv"):
        yield path, path
    for n, pk in [(n, pk) for n, pk in enumerate(sites) if n in LOOKED_AT]:
        for path in ("/sites/{}/", "/sites/{}/plans/", "/api/v1/sites/{}/", "/api/v1/head-counts/?site={}"):
            yield path.format(n), path.format(pk)


def read(client: Client, organisation: Organisation) -> dict[str, str]:
    found = {}
    for name, path in pages(client, organisation):
        answer = client.get(path)
        found[name] = f"{answer.status_code} {VARYING.sub('~', answer.content.decode())}"
    for noun in WITH_PEOPLE:
        found[f"export {noun}"] = exported(client, noun)
    return found


def exported(client: Client, noun: str) -> str:
    answer = client.post(reverse("exports:request", args=[noun]), {"query": "", "file_format": "csv"})
    if answer.status_code != 302:
        return str(answer.status_code)
    run.run_next(heartbeat=False)
    with acting_as(SYSTEM):
        job = Job.objects.order_by("-created_at", "-id").first()
        assert job.state == "succeeded", job.error
        with open_file(job.result_file) as handle:
            return VARYING.sub("~", handle.read().decode("utf-8-sig"))


def shared(organisation: Organisation) -> dict[str, str]:
    """What a partner pulls, page and API."""
    relief = an_organisation("PARTNER", short_name="Relief")
    person, program = signed_in(a_user(relief, Role.PARTNER_CLIENT)), a_program(relief, ["shared:pull", "share:read"])
    found = {}
    for dataset in ("HEAD_COUNTS", "SITE_STATUS"):
        with acting_as(SYSTEM):
            share = DataShare(
                organisation=organisation, receiver=relief, dataset=dataset, precision="ADM1",
                expires_at=timezone.now() + timedelta(days=5),
            )  # fmt: skip
            share.save(force_insert=True)
        paths = (("page", person, f"/shared/{share.pk}/"), ("api", program, f"/api/v1/shares/{share.pk}/data/"))
        for name, client, path in paths:
            answer = client.get(path)
            assert answer.status_code == 200, path
            found[f"{dataset} {name}"] = VARYING.sub("~", answer.content.decode())
    return found


@pytest.fixture(scope="module")
def seen(django_db_setup, django_db_blocker, tmp_path_factory) -> list[dict[str, dict[str, str]]]:
    """What each reader reads, in the one world and in the other."""
    worlds = []
    with django_db_blocker.unblock(), override_settings(FILES_DIR=tmp_path_factory.mktemp("files")):
        for world in (0, 1):
            with transaction.atomic():
                organisation = a_member(world)
                found = {role: read(client, organisation) for role, client in readers(organisation).items()}
                worlds.append(found | {"PARTNER_CLIENT": shared(organisation)})
                transaction.set_rollback(True)
    return worlds


@pytest.mark.parametrize("reader", ["MEMBER_VIEWER", "AUDITOR", "AIM_ANALYST", "PARTNER_CLIENT"])
def test_nobody_outside_the_coordinators_and_reporters_can_tell_the_two_worlds_apart(seen, reader):
    one, other = (world[reader] for world in seen)
    assert set(one) == set(other)
    assert [name for name in one if one[name] != other[name]] == []


def test_the_coordinator_tells_them_apart_on_every_face_that_holds_people(seen):
    one, other = (world["MEMBER_COORDINATOR"] for world in seen)
    different = {name for name in one if one[name] != other[name]}
    assert {"/overview/", "/overview/?country=UA", "/api/v1/figures/", "/sites/", "/api/v1/sites/"} <= different
    assert {"/api/v1/head-counts/", "/sites/0/", "/api/v1/sites/0/", "export sites", "export head-counts"} <= different


def test_every_export_that_holds_people_is_compared():
    counted = {noun for noun, export in EXPORTS.items() if {key for key, _label in export.columns} & {*COUNTS, *STATES}}
    assert counted == set(WITH_PEOPLE)


def test_the_readers_do_get_their_pages(seen):
    """Else "they look the same" says nothing."""
    for reader, path in (("MEMBER_VIEWER", "/overview/"), ("AUDITOR", "/overview/"), ("AIM_ANALYST", "/dashboard/")):
        assert seen[0][reader][path].startswith("200"), (reader, path)
        assert "≥ " in seen[0][reader]["/api/v1/figures/"], reader
    assert "&gt;95 of 100" in seen[0]["MEMBER_VIEWER"]["/sites/"]
    assert "&gt;95 of 100" in seen[0]["AIM_ANALYST"]["/sites/"]
    assert "of 100" not in seen[0]["AUDITOR"]["/sites/"]
    assert seen[0]["AUDITOR"]["/api/v1/head-counts/"].startswith("403")
    assert "<5" in seen[0]["PARTNER_CLIENT"]["HEAD_COUNTS api"]


def test_totals_stay_close_to_the_truth(seen):
    """A bound is of use only where it is near."""
    answer = json.loads(seen[0]["MEMBER_VIEWER"]["/api/v1/figures/"].removeprefix("200 "))
    accounted = {row["name"]: row for row in answer["results"]}["people.accounted_rate"]
    expected = sum(one[0] for _code, one, _other in PEOPLE if one[0] > 4)
    assert accounted["denominator"] == expected and accounted["bound"] == "at_least"
    truth = expected - 1 - 10 - 2 - 1 - 14 - 1
    assert truth - 3 * 5 <= accounted["numerator"] <= truth


def test_a_rate_of_fewer_than_twenty_people_is_kept_back_on_every_face(seen):
    for reader in ("MEMBER_VIEWER", "AUDITOR", "AIM_ANALYST"):
        answer = json.loads(seen[0][reader]["/api/v1/figures/?country=MD"].removeprefix("200 "))["results"]
        rates = [row for row in answer if row["name"].startswith("people.") and row["unit"] == "percent"]
        rates = [row for row in rates if not row["name"].startswith("people.paid")]  # nobody reports pay in these worlds
        assert len(rates) == 3 and all(row["withheld"] and row["value"] is row["numerator"] is None for row in rates), reader
    assert "kept back: too few people" in seen[0]["MEMBER_VIEWER"]["/overview/?country=MD"]
    assert "kept back: too few people" in seen[0]["AIM_ANALYST"]["/dashboard/?country=MD"]
    assert "6.7 %" in seen[0]["MEMBER_COORDINATOR"]["/overview/?country=MD"]
