"""Hostile values in every parameter and every body of every noun: never a 5xx, never a stored half."""

import json
import uuid

import pytest
from django.test import Client
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from aimprogress.api.urls import router
from aimprogress.api.viewsets import ServiceViewSet
from aimprogress.core.permissions import Role
from tests.api.clients import a_token
from tests.factories import a_site, a_status, a_user, an_organisation, the_secretariat
from tests.signing import signed_in

pytestmark = pytest.mark.django_db
NOUNS = {prefix: viewset for prefix, viewset, _basename in router.registry if issubclass(viewset, ServiceViewSet)}
CREATING = {prefix: viewset for prefix, viewset in NOUNS.items() if viewset.create_service is not None}
HOSTILE = [
    "", "\x00", "a\x00b", "abc", "-1", "0", "2147483648", "9" * 400, "1e999", "NaN", "null", "true", "[]", "{}", "💥",
    "\u202e", "%",
    "'; DROP TABLE members_site; --", "2026-13-45", "0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-14:00", "UA", "~", ",", "é",
    str(uuid.UUID(int=0)), "x" * 2000,
]  # fmt: skip
NASTIEST = ["\x00", "abc", "9" * 400, "9999-12-31T23:59:59-14:00", "💥"]
QUICK_OR_ALL = pytest.mark.parametrize("thorough", [False, pytest.param(True, marks=pytest.mark.full)])
json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20) | st.sampled_from(HOSTILE),
    lambda parts: st.lists(parts, max_size=3) | st.dictionaries(st.text(max_size=8), parts, max_size=3),
    max_leaves=6,
)


@pytest.fixture
def readers() -> list[Client]:
    """A coordinator's key, an analyst's session, and a partner's key."""
    member = an_organisation()
    a_status(a_site(member))
    keys = [a_token(member), a_token(an_organisation("PARTNER"), ["shared:pull", "share:read", "partner:read", "job:read"])]
    clients = [Client(headers={"Authorization": f"Bearer {key}"}) for key in keys]
    clients.append(signed_in(a_user(the_secretariat(), Role.AIM_ANALYST)))
    for client in clients:
        client.raise_request_exception = False
    return clients


@pytest.fixture(autouse=True)
def no_limit(monkeypatch):
    from aimprogress.api import throttling

    monkeypatch.setattr(throttling, "LIMITS", {})


@QUICK_OR_ALL
@pytest.mark.parametrize("prefix", sorted(NOUNS))
def test_no_parameter_of_a_list_makes_it_fail(readers, prefix, thorough, caplog):
    viewset = NOUNS[prefix]
    names = [
        "limit",
        "cursor",
        "count",
        "format",
        "unknown",
        *(viewset.filterset_class.base_filters if viewset.filterset_class else ()),
    ]
    for name in names:
        for value in HOSTILE if thorough else NASTIEST:
            response = readers[0].get(f"/api/v1/{prefix}/", {name: value})
            assert response.status_code < 500, (name, value, response.content[:300])
            if response.status_code >= 400:
                assert response["Content-Type"] == "application/problem+json", (name, value)
    assert "unchecked" not in caplog.text


@pytest.mark.parametrize("prefix", sorted(NOUNS))
def test_every_reader_gets_an_answer_or_a_problem(readers, prefix):
    for client in readers:
        for path in (f"/api/v1/{prefix}/", f"/api/v1/{prefix}/?format=csv", f"/api/v1/{prefix}/{uuid.uuid4()}/"):
            assert client.get(path).status_code in (200, 403, 404, 406), path


@QUICK_OR_ALL
@pytest.mark.parametrize("prefix", sorted(CREATING))
def test_no_body_makes_a_noun_fail(readers, prefix, thorough, caplog):
    fields = list(CREATING[prefix].serializer_class().fields)

    @settings(max_examples=200 if thorough else 8, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
    @given(st.dictionaries(st.sampled_from(fields), json_values, max_size=len(fields)) | json_values)
    def tried(body: object) -> None:
        text = json.dumps(body).encode("utf-8", "surrogatepass")
        response = readers[0].post(f"/api/v1/{prefix}/", text, content_type="application/json")
        assert response.status_code in (201, 400, 403, 404, 409), (body, response.content[:300])

    tried()
    assert "unchecked" not in caplog.text
