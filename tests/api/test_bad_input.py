"""What once made other portals answer 500: each is a 4xx with a problem, and nothing is stored."""

import json

import pytest

from aimprogress.core.actor import SYSTEM, acting_as
from aimprogress.core.permissions import Permission
from members.models import SiteStatus
from tests.api.clients import Program, a_program
from tests.factories import a_site, an_organisation

pytestmark = pytest.mark.django_db
SITES, STATUSES = "/api/v1/sites/", "/api/v1/site-statuses/"


@pytest.fixture
def program() -> Program:
    organisation = an_organisation()
    found = a_program(organisation)
    found.site = a_site(organisation)
    return found


@pytest.mark.parametrize(
    "query",
    [
        "q=%00", "admin1=a%00b", "country=%00", "alert_level=abc", "alert_level=99999999999999999999", "organisation=not-a-uuid",
        "freshness=never", "evacuating=%00", "cursor=%00", "cursor=abc", "cursor=%F0%9F%92%A9", "cursor=1,2,3", "count=maybe",
        "limit=%00", "cursor=" + "9" * 5000,
    ],
)  # fmt: skip
def test_a_wrong_parameter_of_sites_is_a_problem(program, query):
    response = program.get(f"{SITES}?{query}")
    assert response.status_code in (200, 400), response.content
    if response.status_code == 400:
        assert response["Content-Type"] == "application/problem+json"
    else:
        assert response.json()["results"] == [] or query.startswith("evacuating"), "a wrong filter never shows everything"


@pytest.mark.parametrize(
    "query",
    [
        "observed_after=yesterday", "observed_before=2026-13-45", "observed_after=0001-01-01T00:00:00%2B14:00",
        "observed_before=9999-12-31T23:59:59-14:00", "site=not-a-uuid", "site=%00", "operational=%00",
        "cursor=%00,%00", "cursor=2026-01-01T00:00:00,abc", "cursor=2026-01-01T00:00:00%2B00:00,abc",
    ],
)  # fmt: skip
def test_a_wrong_parameter_of_facts_is_a_problem(program, query):
    response = program.get(f"{STATUSES}?{query}")
    assert response.status_code in (200, 400), response.content


@pytest.mark.parametrize("query", ["observed_after=0578-04-23T21:34:45-16:23", "as_of=2026-01-01T00:00:00-16:23"])
def test_an_offset_that_only_python_reads_is_the_moment_that_it_means(program, query):
    response = program.get(f"{STATUSES}?{query}")
    assert response.status_code == 200, response.content


def body(program: Program, **more) -> bytes:
    return json.dumps({"site": str(program.site.pk), "operational": "REDUCED", **more}).encode()


@pytest.mark.parametrize(
    ("name", "make"),
    [
        ("NUL in a text", lambda p: body(p, note="a\x00b")),
        ("NUL inside JSON", lambda p: body(p, utilities={"a\x00": 1})),
        ("a lone surrogate", lambda p: body(p, utilities={"power": "\ud800"})),
        ("JSON of 100,000 levels", lambda p: b"[" * 100_000 + b"]" * 100_000),
        ("objects of 100 levels", lambda p: body(p).replace(b"}", b', "utilities": ' + b'{"a":' * 100 + b"1" + b"}" * 101)),
        ("not a number", lambda p: body(p).replace(b"}", b', "damage": NaN}')),
        ("a number of 5000 digits", lambda p: body(p).replace(b"}", b', "damage": ' + b"9" * 5000 + b"}")),
        ("a number beyond 64 bits", lambda p: body(p, damage=2**70)),
        ("wrong UTF-8", lambda p: body(p).replace(b"REDUCED", b"\xff\xfe")),
        ("no object", lambda p: b"[]"),
        ("null", lambda p: b"null"),
        ("nothing", lambda p: b""),
        ("a text for an object", lambda p: body(p, utilities="power")),
        ("a list for an object", lambda p: body(p, utilities=[1])),
        ("an object for an id", lambda p: body(p, site={"id": 1})),
        ("a huge id", lambda p: body(p, site="9" * 5000)),
        ("a year beyond ours", lambda p: body(p, observed_at="9999-12-31T23:59:59-14:00")),
        ("a year before ours", lambda p: body(p, observed_at="0001-01-01T00:00:00+14:00")),
        ("a text too long", lambda p: body(p, note="x" * 501)),
        ("form encoding", lambda p: b"site=1&operational=REDUCED"),
    ],
)
def test_a_hostile_body_is_refused_and_nothing_is_stored(program, name, make):
    response = program.post(STATUSES, raw=make(program))
    assert response.status_code == 400, (name, response.status_code, response.content)
    assert response["Content-Type"] == "application/problem+json"
    with acting_as(SYSTEM):
        assert SiteStatus.objects.count() == 0


def test_a_body_of_more_than_a_megabyte_is_413(program):
    assert program.post(STATUSES, raw=b'"' + b"x" * 1_000_001 + b'"').status_code == 413


def test_another_content_type_is_415(program):
    response = program.client.post(STATUSES, "<a/>", content_type="text/xml")
    assert (response.status_code, response["Content-Type"]) == (415, "application/problem+json")


def test_a_verb_that_is_not_offered_is_405(program):
    for method in ("put", "delete"):
        assert program.send(method, f"{SITES}{program.site.pk}/", {}).status_code == 405


@pytest.mark.parametrize("key", ["", "x" * 201, "a\tb"])
def test_a_wrong_idempotency_key_is_refused(program, key):
    assert program.post(STATUSES, raw=body(program), Idempotency_Key=key).status_code == 400


def test_an_unforeseen_value_error_is_400_and_logged(program, monkeypatch, caplog):
    from members.api import SiteStatusViewSet

    def unforeseen(**given):
        raise ValueError("A string literal cannot contain NUL (0x00) characters.")

    unforeseen.permission = Permission.SITE_STATUS_LOG
    monkeypatch.setattr(SiteStatusViewSet, "create_service", unforeseen)
    assert program.post(STATUSES, raw=body(program)).status_code == 400
    assert "unchecked" in caplog.text
    assert "NUL" not in program.post(STATUSES, raw=body(program)).content.decode()


def test_a_fault_of_ours_is_a_problem_too(program, monkeypatch):
    from members.api import SiteStatusViewSet

    def broken(**given):
        raise RuntimeError("secret inside")

    broken.permission = Permission.SITE_STATUS_LOG
    monkeypatch.setattr(SiteStatusViewSet, "create_service", broken)
    program.client.raise_request_exception = False
    response = program.post(STATUSES, raw=body(program))
    assert (response.status_code, response["Content-Type"]) == (500, "application/problem+json")
    assert b"secret" not in response.content


def test_a_wrong_token_that_asks_for_an_unknown_format_is_a_problem_and_no_crash():
    """The format is looked at before anybody knows who asks."""
    answer = Program("aimp_nobody_knows").get(f"{SITES}?format=nonsense")
    assert (answer.status_code, answer["Content-Type"]) == (406, "application/problem+json")


def test_a_share_without_a_precision_is_refused_at_its_field(program):
    body = {"receiver": str(an_organisation("PARTNER").pk), "dataset": "SITE_STATUS", "expires_at": "2030-01-01T00:00:00Z"}
    refused = program.post("/api/v1/shares/", body)
    assert refused.status_code == 400, refused.content
    assert [error["pointer"] for error in refused.json()["errors"]] == ["/precision"]
