"""Saved views through the API: a person's own in the session, and none for a key."""

import pytest

from aimprogress.core.actor import SYSTEM, acting_as
from aimprogress.core.permissions import Permission
from aimprogress.web.models import SavedView
from tests.api.clients import a_program
from tests.factories import a_user, an_organisation
from tests.signing import signed_in

pytestmark = pytest.mark.django_db
API = "/api/v1/saved-views/"
JSON = {"content_type": "application/json"}
VIEW = {"page": "members:sites", "query": "country=UA&after=x", "name": "Ukraine"}


@pytest.fixture
def member():
    return an_organisation()


@pytest.fixture
def her(member):
    return signed_in(a_user(member, "MEMBER_COORDINATOR"))


def test_a_view_is_saved_listed_renamed_and_deleted(her):
    made = her.post(API, VIEW, **JSON)
    assert made.status_code == 201, made.content
    view = made.json()
    assert (view["query"], view["address"]) == ("country=UA", "/sites/?country=UA")
    assert her.get(view["address"]).context["saved_view_is_open"]
    assert [row["name"] for row in her.get(API).json()["results"]] == ["Ukraine"]
    path, tag = f"{API}{view['id']}/", made["ETag"]
    assert her.patch(path, {"name": "Home"}, **JSON).status_code == 428
    renamed = her.patch(path, {"name": "Home"}, headers={"If-Match": tag}, **JSON)
    assert renamed.status_code == 200 and renamed.json()["name"] == "Home"
    assert her.patch(path, {"name": "Mine"}, headers={"If-Match": tag}, **JSON).status_code == 412
    assert her.delete(path, headers={"If-Match": her.get(path)["ETag"]}).status_code == 204
    assert her.get(API).json()["results"] == []


def test_what_the_list_refuses_is_said_at_its_pointer(her):
    her.post(API, VIEW, **JSON)
    for wrong, pointer in (({"query": "country=XX"}, "/query"), ({"page": "no:page", "name": "B"}, "/page"), ({}, "/name")):
        refused = her.post(API, VIEW | wrong, **JSON)
        assert refused.status_code == 400, refused.content
        assert [error["pointer"] for error in refused.json()["errors"]] == [pointer]


def test_a_change_that_says_no_name_is_refused(her):
    path = f"{API}{her.post(API, VIEW, **JSON).json()['id']}/"
    refused = her.patch(path, {}, headers={"If-Match": her.get(path)["ETag"]}, **JSON)
    assert refused.status_code == 400 and [error["pointer"] for error in refused.json()["errors"]] == ["/name"]


def test_a_colleague_and_a_key_do_not_find_it(member, her):
    view = her.post(API, VIEW, **JSON)
    path, tag = f"{API}{view.json()['id']}/", view["ETag"]
    colleague = signed_in(a_user(member, "MEMBER_COORDINATOR"))
    key = a_program(member, sorted(Permission))
    for other in (colleague, key):
        assert other.get(path).status_code == 404 and other.get(API).json()["results"] == []
    assert colleague.delete(path, headers={"If-Match": tag}).status_code == 404
    assert colleague.patch(path, {"name": "Mine"}, headers={"If-Match": tag}, **JSON).status_code == 404
    assert key.post(API, VIEW).status_code == 403
    with acting_as(SYSTEM):
        assert SavedView.objects.get().name == "Ukraine"
