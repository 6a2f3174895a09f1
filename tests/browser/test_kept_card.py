"""A plan card kept on a phone, in a real browser: without a signal and without a session until its last day, and no longer."""

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from django.conf import settings
from django.db import connections
from django.test import override_settings

from aimprogress.core.actor import SYSTEM, acting_as
from aimprogress.core.audit import AuditEvent
from members.plan_card import words
from tests.browser.test_passkeys import OVER_HTTP
from tests.factories import a_site, a_user, an_organisation
from tests.members.plan_samples import SECRETS, an_evacuation_plan
from tests.signing import signed_in

CHROMIUM = os.environ.get("AIM_CHROMIUM") or shutil.which("chromium") or shutil.which("chromium-browser") or ""
pytestmark = [
    pytest.mark.browser,
    pytest.mark.django_db(transaction=True),
    pytest.mark.skipif(not CHROMIUM, reason="no Chromium: set AIM_CHROMIUM to its path"),
]
LATE = """async (name) => {
  const cache = await caches.open(name);
  const meta = await (await cache.match('/card/meta')).json();
  await cache.put('/card/meta', new Response(JSON.stringify({ ...meta, until: Date.now() - 1000 })));
}"""


@pytest.fixture
def portal(live_server: Any, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """The portal over plain http on loopback; its threads give their connections back, or the database cannot be dropped."""
    monkeypatch.setitem(connections["default"].settings_dict, "CONN_MAX_AGE", 0)
    with override_settings(**OVER_HTTP):
        yield live_server.url.replace("127.0.0.1", "localhost")


@contextmanager
def a_phone(cookie: dict[str, str], portal: str) -> Iterator[Any]:
    """A page at 360 px with somebody's session. Ask the database nothing while it is open."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        context = browser.new_context(viewport={"width": 360, "height": 740}, locale="en-GB")
        context.add_cookies([{"url": portal, **cookie}])
        yield context.new_page()
        browser.close()


def test_a_card_is_kept_by_choice_shown_without_a_signal_removed_and_expires(portal: str) -> None:
    site = a_site(an_organisation(short_name="Halden Foods"), name="Kharkiv snacks plant", languages=["uk"])
    plan = an_evacuation_plan(site)
    session = signed_in(a_user(site.organisation, "SITE_REPORTER", sites=[site])).cookies[settings.SESSION_COOKIE_NAME].value
    address, broken = f"{portal}/card/{plan.pk}/", []
    with a_phone({"name": settings.SESSION_COOKIE_NAME, "value": session}, portal) as page:
        page.on("console", lambda message: broken.append(message.text) if message.type == "error" else None)
        page.goto(f"{address}?made=1&language=uk&language=en")
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), "fits a phone"
        page.click("[data-do=keep]")
        page.wait_for_selector("[data-do=remove]:visible")
        assert "Kept on this phone until" in page.inner_text("[role=status]")
        assert broken == []

        page.context.clear_cookies()
        page.context.set_offline(True)
        page.goto(address)
        kept = page.inner_text("main")
        assert words()["uk"]["heading"] in kept and words()["en"]["heading"] in kept
        for secret in ("Halden", "Kharkiv", "210", *SECRETS.values()):
            assert secret not in page.content(), secret
        assert page.locator("[data-do=keep]").count() == 0
        assert page.evaluate("getComputedStyle(document.querySelector('.a4')).borderTopWidth") == "8px", "its style is kept too"

        page.evaluate(LATE, f"card-{plan.pk}")
        page.goto(address)
        assert "has expired and was deleted" in page.inner_text("body")
        assert page.evaluate("caches.keys()") == []

        page.context.set_offline(False)
        page.context.add_cookies([{"url": portal, "name": settings.SESSION_COOKIE_NAME, "value": session}])
        page.goto(f"{address}?made=1&language=en")
        page.click("[data-do=keep]")
        page.wait_for_selector("[data-do=remove]:visible")
        page.goto(address)
        page.click("[data-do=remove]")
        page.wait_for_selector("[data-do=remove]", state="hidden")
        assert page.inner_text("[role=status]") == "Removed from this phone."
        assert page.evaluate("caches.keys()") == []
        assert page.evaluate("navigator.serviceWorker.getRegistrations().then((found) => found.length)") == 0
    with acting_as(SYSTEM):
        assert AuditEvent.objects.filter(action="members.keep_plan_card").count() == 2


def test_without_a_session_nothing_is_kept(portal: str) -> None:
    site = a_site()
    plan = an_evacuation_plan(site)
    session = signed_in(a_user(site.organisation, "SITE_REPORTER", sites=[site])).cookies[settings.SESSION_COOKIE_NAME].value
    with a_phone({"name": settings.SESSION_COOKIE_NAME, "value": session}, portal) as page:
        page.goto(f"{portal}/card/{plan.pk}/?made=1&language=en")
        page.context.clear_cookies()
        page.click("[data-do=keep]")
        page.wait_for_selector("[role=status]:not(:empty)")
        assert "nothing is kept" in page.inner_text("[role=status]")
        assert page.evaluate("caches.keys()") == []
