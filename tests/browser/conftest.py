"""One portal and one Chromium for all browser tests of a process."""

from collections.abc import Iterator
from typing import Any

import pytest
from django.db import connections

from tests.browser.chromium import CHROMIUM, HEIGHTS, NO_CHROMIUM, Look, Tab, Watched, a_chromium
from tests.browser.portal import Portal, a_portal


@pytest.fixture(scope="package")
def portal(django_db_setup: None, django_db_blocker: Any) -> Iterator[Portal]:
    if not CHROMIUM:
        pytest.skip(NO_CHROMIUM)
    with django_db_blocker.unblock(), a_portal() as running:
        yield running


@pytest.fixture(scope="package")
def chromium(portal: Portal) -> Iterator[Any]:
    # Playwright's loop runs in this thread, and Django would take it for code that must not wait for a database.
    with pytest.MonkeyPatch.context() as patch, a_chromium() as browser:
        patch.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "1")
        yield Watched(browser, portal.address)
        connections.close_all()  # those of the loop: outside of it Django has others, and knows nothing of these


@pytest.fixture(autouse=True)
def nothing_is_broken(request: pytest.FixtureRequest) -> Iterator[None]:
    """No test with a browser passes where a page asked another origin, broke the policy, or failed in its script."""
    yield
    if "chromium" in request.fixturenames:
        watched = request.getfixturevalue("chromium")
        found, watched.broken = watched.broken, []
        assert not found


DESK = Look()


class Tabs:
    """Open tabs by who looks and how; opening one costs a quarter of a second."""

    def __init__(self, chromium: Any, portal: Portal) -> None:
        self.chromium, self.portal, self.open = chromium, portal, {}

    def __call__(self, who: str, look: Look) -> Tab:
        """`who` is a key of `portal.sessions`, or "" for nobody."""
        if (who, look) not in self.open:
            self.open[who, look] = self.new(who, look)
        return self.open[who, look]

    def new(self, who: str, look: Look = DESK, **options: Any) -> Tab:
        """A tab of its own; `options` are those of a Playwright context."""
        size = {"width": look.width, "height": HEIGHTS[look.width]}
        context = self.chromium.new_context(
            **{"viewport": size, "color_scheme": look.theme, "locale": look.language, "reduced_motion": "reduce", **options}
        )
        cookies = {"lang": look.language} | ({"session": self.portal.sessions[who]} if who else {})
        context.add_cookies([{"name": name, "value": value, "url": self.portal.address} for name, value in cookies.items()])
        return Tab(context.new_page(), self.portal.address)

    def close(self) -> None:
        for tab in self.open.values():
            tab.page.context.close()


@pytest.fixture(scope="module")
def tabs(chromium: Any, portal: Portal) -> Iterator[Tabs]:
    tabs = Tabs(chromium, portal)
    yield tabs
    tabs.close()
