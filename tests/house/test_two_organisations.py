"""One member never learns of another's rows: every address, with both walls and with row security alone."""

from collections.abc import Iterator
from typing import Any

import pytest
from django.http import HttpResponseBase
from django.test import Client
from django.urls import reverse

from aimprogress.core.permissions import Role
from aimprogress.core.scoping import InScope
from tests.house.test_urls import ALIKE, ANSWERS, EXEMPT, PUBLIC, TABLE, URLS, no_limit
from tests.house.world import SHARED_THINGS, THING_OF, Member, World

pytestmark = [pytest.mark.house, pytest.mark.django_db]
__all__ = ["no_limit"]

CHECK_IN = ("members:check_in", "members:check_in_sent", "members:check_in_undo")
DETAILS = [
    *sorted(name for name, thing in THING_OF.items() if thing not in SHARED_THINGS),
    *CHECK_IN,
    "members:guidance_mark",
    "humanitarian:check_begin",
]
LISTS = sorted(name for name in TABLE if name not in {*DETAILS, *PUBLIC, *ALIKE} and THING_OF.get(name) not in SHARED_THINGS)
NAMES_MEMBERS = {
    "members:members": "the directory of members: their names are for all members, nothing else of them",
    **dict.fromkeys(
        (
            "humanitarian:actions",
            "humanitarian:actions_board",
            "members:cases",
            "members:meetings",
            "humanitarian:pay",
            "humanitarian:measures",
            "humanitarian:asked_checks",
            "members:plan_gaps",
            "members:sites",
            "risks:issues",
        ),
        "the filter by member offers the names of the directory",
    ),
}
NOBODYS = ("api:figure-list", "api:guidance-list", "api:bordercrossing-list")
"""Lists that hold rows of nobody."""
ROWS_ON = [
    "members:sites", "members:overview", "members:follow_ups", "members:plan_gaps", "members:people", "members:keys",
    "members:sharing", "members:audit", "suppliers:list", "humanitarian:actions", "humanitarian:actions_board",
    "humanitarian:contributions", "risks:issues",
    "risks:reports", "jobs:list", "exchange:home", "members:cases", "members:meetings", "members:notifications",
    *(name for name in LISTS if name.endswith("-list") and name not in NOBODYS),
]  # fmt: skip
"""Lists on which a member's own rows must be found, so that "finds nothing of the other" says something."""


@pytest.fixture(params=["both walls", "row security alone"])
def walls(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    if request.param == "row security alone":
        monkeypatch.setattr(InScope, "as_sql", lambda self, compiler, connection: ("TRUE", []))
    yield request.param


def body(response: HttpResponseBase) -> str:
    content = response.getvalue() if response.streaming else response.content
    return content.decode(errors="replace")


def found(text: str, secrets: list[str]) -> list[str]:
    return [secret for secret in secrets if secret in text]


def answers(client: Client, name: str, member: Member) -> Iterator[tuple[str, HttpResponseBase]]:
    """What each method that the address knows says about the member's row."""
    path = reverse(name, kwargs=member.arguments(name))
    view, actions = URLS[name].view, URLS[name].actions
    methods = {method for method in (actions or {"get": "", "post": ""}) if actions or hasattr(view, method)}
    for method in sorted(methods & set(getattr(view, "http_method_names", methods))):
        options: dict[str, Any] = {"content_type": "application/json"} if method in ("patch", "delete") else {}
        yield method, getattr(client, method)(path, **options)


@pytest.mark.parametrize("name", DETAILS)
def test_a_row_of_another_member_is_not_there(name: str, world: World, walls: str) -> None:
    """404 by every method, as for a row that does not exist; 403 only where a coordinator has no business at all."""
    refusal = 404 if "c" in TABLE[name].lower() else 403
    asked = 0
    for method, response in answers(world.clients["second"], name, world.first):
        assert response.status_code == refusal, (name, method, response.status_code)
        assert found(body(response), [world.first.mark]) == [], (name, method)
        asked += 1
    assert asked


@pytest.mark.parametrize("name", LISTS)
def test_a_list_shows_nothing_of_another_member(name: str, world: World, walls: str) -> None:
    path = reverse(name, kwargs=world.second.arguments(name))
    shared = {str(world.first.things[thing].pk) for thing in SHARED_THINGS}
    secrets = [secret for secret in world.first.secrets if secret not in shared]
    text = body(world.clients["second"].get(path))
    if name in NAMES_MEMBERS:
        text = text.replace(world.first.organisation.short_name, "")
    assert found(text, secrets) == []


@pytest.mark.parametrize("name", ROWS_ON)
def test_the_same_list_does_show_the_own_rows(name: str, world: World) -> None:
    text = body(world.clients[Role.MEMBER_COORDINATOR].get(reverse(name, kwargs=world.first.arguments(name))))
    assert found(text, world.first.secrets) != []


def test_search_finds_nothing_of_another_member(world: World, walls: str) -> None:
    path = f"{reverse('web:search')}?q=Quillf"
    assert "Quillfern plant" in body(world.clients[Role.MEMBER_COORDINATOR].get(path))
    assert found(body(world.clients["second"].get(path)), world.first.secrets) == []


def test_every_address_with_a_row_in_it_is_walked() -> None:
    with_rows = {name for name, url in URLS.items() if ("<uuid:" in url.route or "(?P<pk>" in url.route)}
    shared = {name for name, thing in THING_OF.items() if thing in SHARED_THINGS}
    assert {name for name in with_rows if not name.startswith(tuple(EXEMPT))} - shared <= set(DETAILS)
    assert set(ANSWERS) <= set(TABLE)
