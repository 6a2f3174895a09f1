"""Markup that somebody typed is text on every page (issue 2, section 5). In the PDF: tests/risks/reports/test_render.py."""

from collections.abc import Iterator
from itertools import product
from typing import Any

import pytest
from django.conf import settings as django_settings
from django.test import Client

from aimprogress.core.permissions import Role
from tests.house.test_urls import WALKED, path_of
from tests.house.world import World, a_world

pytestmark = [pytest.mark.house, pytest.mark.django_db]
HOSTILE = "<img src=x>\"'"
AS_TEXT = "&lt;img src=x&gt;"
ECHOES = ("q", "ordering", "after", "country", "site", "view", "lang", "next")
PAGES = [name for name in WALKED if not name.startswith("api:")]
READERS = (Role.MEMBER_COORDINATOR, Role.AIM_ANALYST)


@pytest.fixture(scope="module")
def hostile(django_db_setup: None, django_db_blocker: Any, tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """The world of the walks, every text of which is an attack."""
    kept, django_settings.FILES_DIR = django_settings.FILES_DIR, tmp_path_factory.mktemp("files")
    try:
        with a_world(django_db_blocker, marks=(HOSTILE, "Brackmoor")) as made:
            yield made
    finally:
        django_settings.FILES_DIR = kept


def page_of(client: Client, path: str, asked: dict[str, str] | None = None) -> str:
    """The page as it was sent; empty where the answer is a file or no page."""
    answer = client.get(path, asked)
    if answer.streaming:
        answer.close()
        return ""
    return answer.content.decode() if answer.get("Content-Type", "").startswith("text/html") else ""


def test_what_was_typed_is_markup_on_no_page(hostile: World) -> None:
    told = set()
    for name, role in product(PAGES, READERS):
        page = page_of(hostile.clients[role], path_of(name, hostile))
        assert "<img src=x" not in page, (name, role)
        told |= {name} if AS_TEXT in page else set()
    assert len(told) > 40, "most pages do tell what was typed"


def test_what_an_address_says_is_markup_on_no_page(hostile: World) -> None:
    client, told = hostile.clients[Role.MEMBER_COORDINATOR], set()
    for name, asked in product(PAGES, (dict.fromkeys(ECHOES, HOSTILE), {"q": HOSTILE})):
        page = page_of(client, path_of(name, hostile), asked)
        assert "<img src=x" not in page, (name, asked)
        told |= {name} if AS_TEXT in page else set()
    assert len(told) > 40
