"""Lists and objects: scope, pages, filters, precision, tags, formats."""

import json

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from aimprogress.core.permissions import Permission, Role
from tests.api.clients import Program, a_program, a_token
from tests.factories import a_site, a_status, a_user, an_area, an_organisation, the_secretariat
from tests.signing import signed_in

pytestmark = pytest.mark.django_db
SITES = "/api/v1/sites/"


@pytest.fixture
def member():
    return an_organisation()


@pytest.fixture
def analyst(db):
    return signed_in(a_user(the_secretariat(), Role.AIM_ANALYST))


def names(response) -> list[str]:
    assert response.status_code == 200, response.content
    return [row["name"] for row in response.json()["results"]]


def test_a_member_reads_its_own_sites_and_nobody_elses(member):
    mine, _other = a_site(member), a_site()
    assert names(a_program(member).get(SITES)) == [mine.name]


def test_a_foreign_site_does_not_exist(member):
    foreign = a_site()
    response = a_program(member).get(f"{SITES}{foreign.pk}/")
    assert response.status_code == 404
    assert response["Content-Type"] == "application/problem+json"


def test_pages_follow_each_other_without_gap_or_repeat(member):
    made = {str(a_site(member).pk) for _ in range(5)}
    program, found, url = a_program(member), [], f"{SITES}?limit=2"
    while url:
        page = program.get(url)
        assert ("Link" in page) is bool(page.json()["next"])
        found += [row["id"] for row in page.json()["results"]]
        url = page.json()["next"]
    assert len(found) == 5 and set(found) == made


def test_rows_are_counted_only_on_request_and_over_all_pages(member):
    for _ in range(3):
        a_site(member)
    program = a_program(member)
    assert program.get(f"{SITES}?limit=1&count=true").json()["count"] == 3
    assert "count" not in program.get(f"{SITES}?limit=1").json()


def test_a_list_takes_the_same_number_of_queries_for_one_row_and_for_thirty(member):
    program = a_program(member)

    def queries() -> int:
        with CaptureQueriesContext(
            connection,
        ) as seen:
            assert program.get(SITES).status_code == 200
        return len(seen)

    a_site(member)
    program.get(SITES)
    one = queries()
    for _ in range(29):
        a_site(member)
    assert queries() == one


def test_filters_are_those_of_the_page_and_unknown_ones_are_refused(member):
    a_site(member)
    abroad = a_site(member, admin1=an_area("PL-06", "PL", "Lubelskie"))
    program = a_program(member)
    assert names(program.get(f"{SITES}?country=PL")) == [abroad.name]
    wrong = program.get(f"{SITES}?contry=PL&country=XX")
    assert wrong.status_code == 400
    assert wrong.json()["errors"][0]["pointer"] == "?contry"
    assert program.get(f"{SITES}?country=XX").json()["errors"][0]["pointer"] == "?country"


@pytest.mark.parametrize("limit", ["0", "501", "-1", "1e2", "٣", "", "99999999999"])
def test_a_wrong_limit_is_refused(member, limit):
    assert a_program(member).get(f"{SITES}?limit={limit}").status_code == 400


def test_the_secretariat_reads_every_site_under_its_reduced_name(analyst):
    site = a_site(name="Secret plant by the bridge", number_in_area=7)
    row = analyst.get(SITES).json()["results"][0]
    assert row["name"] == f"{site.organisation.short_name}, Lviv oblast, site 7"
    assert (row["code"], row["precision"]) == (None, "GRID")
    assert "bridge" not in analyst.get(SITES).content.decode() + analyst.get(f"{SITES}{site.pk}/").content.decode()


def test_the_secretariat_cannot_find_a_site_by_a_name_it_may_not_read(analyst):
    a_site(name="Secret plant by the bridge")
    assert names(analyst.get(f"{SITES}?q=bridge")) == []


def test_sites_with_a_safety_profile_are_shown_by_region_only(analyst):
    a_site(safety_profile=True)
    assert analyst.get(SITES).json()["results"][0]["precision"] == "ADM1"


def test_a_list_that_did_not_change_is_304_and_one_that_did_is_not(member):
    a_site(member)
    program = a_program(member)
    tag = program.get(SITES)["ETag"]
    again = program.get(SITES, If_None_Match=tag)
    assert (again.status_code, again.content) == (304, b"")
    a_site(member)
    assert program.get(SITES, If_None_Match=tag).status_code == 200


def test_a_site_leaves_as_csv_that_no_spreadsheet_runs(member):
    a_site(member, name="=HYPERLINK(1)")
    response = a_program(member).get(f"{SITES}?format=csv")
    assert response["Content-Type"].startswith("text/csv")
    assert ",'=HYPERLINK(1)," in response.content.decode()


def test_geojson_has_points_of_areas_and_never_of_sites(member):
    area = an_area("UA32", "UA", "Kyiv")
    type(area).objects.filter(pk=area.pk).update(lat=50.4, lon=30.5)
    a_site(member, admin1=area, exact_location={"lat": 50.123456, "lon": 30.654321})
    response = a_program(member).client.get(SITES, headers={"Accept": "application/geo+json"})
    assert response["Content-Type"].startswith("application/geo+json")
    features = json.loads(response.content)["features"]
    assert [feature["geometry"] for feature in features] == [{"type": "Point", "coordinates": [30.5, 50.4]}]
    assert "50.123456" not in response.content.decode()


def test_a_format_that_is_not_offered_is_406(member):
    program = a_program(member)
    assert program.get(f"{SITES}?format=xml").status_code == 406
    assert program.client.get(SITES, headers={"Accept": "text/html"}).status_code == 406


def test_facts_are_listed_newest_first_and_by_site(member):
    site = a_site(member)
    a_status(site)
    latest = a_status(site, "REDUCED")
    a_status(a_site(member))
    rows = a_program(member).get(f"/api/v1/site-statuses/?site={site.pk}").json()["results"]
    assert [row["operational"] for row in rows] == ["REDUCED", "OPERATING"]
    assert rows[0]["id"] == str(latest.pk)


def test_without_a_token_there_is_nothing_and_a_wrong_token_is_told(client, member):
    for response in (client.get(SITES), Program("aimp_unknown_secret").get(SITES)):
        assert response.status_code == 401
        assert response["WWW-Authenticate"].startswith("Bearer")
        assert response["Content-Type"] == "application/problem+json"


def test_a_revoked_token_opens_nothing(member):
    from members.models import ApiKey

    token = a_token(member)
    assert Program(token).get(SITES).status_code == 200
    ApiKey.objects.update(revoked_at="2026-01-01T00:00:00Z")
    assert Program(token).get(SITES).status_code == 401


def test_a_token_may_only_what_its_scopes_say(member):
    program = a_program(member, [Permission.PLAN_READ])
    assert program.get(SITES).status_code == 403
    assert program.get("/api/v1/evacuation-plans/").status_code == 200


def test_the_root_lists_what_there_is(member):
    lists = a_program(member).get("/api/v1/").json()["lists"]
    assert {"sites", "site-statuses", "head-counts", "evacuation-plans", "shares"} <= set(lists)


def test_any_other_path_is_a_problem_and_never_a_page(member):
    for path in ("/api/v1/nothing/", "/api/v1/sites", "/api/v1/sites/1/", "/api/v1/a/b/c"):
        response = a_program(member).get(path)
        assert (response.status_code, response["Content-Type"]) == (404, "application/problem+json")


def test_figures_are_the_same_numbers_as_on_the_dashboard(member):
    from tests.factories import a_head_count

    a_head_count(a_site(member), 200, unaccounted=10)
    rows = {row["name"]: row for row in a_program(member).get("/api/v1/figures/").json()["results"]}
    accounted = rows["people.accounted_rate"]
    assert (accounted["value"], accounted["text"], accounted["numerator"], accounted["denominator"]) == (95.0, "95.0 %", 190, 200)


def test_a_wrong_parameter_of_the_figures_is_refused_and_not_taken_for_everything(member):
    for query in ("contry=UA", "country=XX", "country=%00"):
        assert a_program(member).get(f"/api/v1/figures/?{query}").status_code == 400


def test_requests_are_counted_and_refused_with_words_when_they_are_too_many(member, monkeypatch):
    from aimprogress.api import throttling

    monkeypatch.setattr(throttling, "LIMITS", {"api_key": 2})
    monkeypatch.setattr(throttling, "_window", lambda: 1)
    program = a_program(member)
    first = program.get(SITES)
    assert first["RateLimit"].startswith('"minute";r=1;')
    assert first["RateLimit-Policy"] == '"minute";q=2;w=60'
    program.get(f"{SITES}?limit=x")
    refused = program.get(SITES)
    assert refused.status_code == 429
    assert 0 < int(refused["Retry-After"]) <= 60
