"""Markup in every text that a member may type, and then every page read as a browser reads it: none of it became an element."""

from collections.abc import Iterator
from html.parser import HTMLParser
from typing import Any

import pytest

from tests.house.test_urls import TABLE, expected, no_limit, path_of
from tests.house.world import World, a_world

pytestmark = [pytest.mark.house, pytest.mark.django_db]
__all__ = ["no_limit"]

HOSTILE = "'\"><q7 onq7=1>"
"""Leaves an attribute in either kind of quotes and opens an element of its own."""
WIDEST_FIRST = "CRAMPUVD"
ROLES = {
    "C": "MEMBER_COORDINATOR", "R": "SITE_REPORTER", "A": "AIM_ANALYST", "M": "AIM_ADMIN", "P": "PARTNER_CLIENT",
    "U": "AUDITOR", "V": "MEMBER_VIEWER", "D": "DPO",
}  # fmt: skip


class Reader(HTMLParser):
    """Collects the elements and attributes that came out of HOSTILE, and whether its words are on the page at all."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.wrong: list[str] = []
        self.shown = False
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag == "q7" or any(name.startswith(("onq7", "q7")) for name, _value in attrs):
            self.wrong.append(self.get_starttag_text() or tag)
        self.shown |= any(HOSTILE in (value or "") for _name, value in attrs)

    def handle_data(self, data: str) -> None:
        self.shown |= HOSTILE in data


@pytest.fixture(scope="module")
def hostile_world(django_db_setup: None, django_db_blocker: Any) -> Iterator[World]:
    with a_world(django_db_blocker, marks=(HOSTILE, "Brackmoor")) as made:
        yield made


def test_no_page_takes_what_somebody_typed_for_markup(hostile_world: World) -> None:
    wrong, shown = [], []
    for name in sorted(TABLE):
        letter = next((letter for letter in WIDEST_FIRST if expected(name, letter) == 200), None)
        if letter is None:
            continue
        answer = hostile_world.clients[ROLES[letter]].get(path_of(name, hostile_world))
        assert answer.status_code == 200, (name, answer.status_code)
        content = answer.getvalue() if answer.streaming else answer.content
        if not answer.headers["Content-Type"].startswith("text/html"):
            continue
        reader = Reader(content.decode())
        wrong += [f"{name}: {tag}" for tag in reader.wrong]
        shown += [name] if reader.shown else []
    assert not wrong, "\n".join(wrong)
    assert len(shown) > 80, (len(shown), shown)


def test_the_reader_sees_what_escaped() -> None:
    assert Reader(f"<p title='{HOSTILE}'>").wrong and Reader(f"<p>{HOSTILE}").wrong
    assert not Reader("<p title='&#x27;&quot;&gt;&lt;q7 onq7=1&gt;'>&#x27;&quot;&gt;&lt;q7 onq7=1&gt;").wrong
