"""A plan card kept on a phone, in a real browser: without a signal and without a session until its last day, and no longer."""

from typing import Any

import pytest

from aimprogress.core.actor import SYSTEM, acting_as
from aimprogress.core.audit import AuditEvent
from members.plan_card import words
from tests.browser.chromium import Look
from tests.browser.conftest import Tabs
from tests.browser.portal import Portal
from tests.members.plan_samples import SECRETS
from tests.said import without_chance

pytestmark = [pytest.mark.browser, pytest.mark.django_db]
PHONE = Look(width=360)
LATE = """async (name) => {
  const cache = await caches.open(name);
  const meta = await (await cache.match('/card/meta')).json();
  await cache.put('/card/meta', new Response(JSON.stringify({ ...meta, until: Date.now() - 1000 })));
}"""

OTHER_WORKER = """async () => {
  const found = await navigator.serviceWorker.register('/c/sw.js', { scope: '/c/' });
  const worker = found.installing || found.waiting || found.active;
  if (worker.state !== 'activated') {
    await new Promise((yes) => worker.addEventListener('statechange', () => worker.state === 'activated' && yes()));
  }
  const names = await caches.keys();
  await found.unregister();
  await Promise.all(names.filter((name) => name.startsWith('c-')).map((name) => caches.delete(name)));
  return names;
}"""


def keeps() -> int:
    with acting_as(SYSTEM):
        return AuditEvent.objects.filter(action="members.keep_plan_card").count()


def keep(page: Any) -> None:
    page.click("[data-do=keep]")
    page.wait_for_selector("[data-do=remove]:visible")


def test_a_card_is_kept_by_choice_shown_without_a_signal_removed_and_expires(portal: Portal, tabs: Tabs) -> None:
    member, before = portal.member, keeps()
    plan = member.things["evacuation_plan"]
    tab, address = tabs.new("own R", PHONE), f"/card/{plan.pk}/"
    page, session = tab.page, portal.sessions["own R"]
    tab.visit(f"{address}?made=1&language=uk&language=en")
    keep(page)
    assert "Kept on this phone until" in page.inner_text("[role=status]")
    assert tab.wrong == [] and keeps() == before + 1
    assert f"card-{plan.pk}" in page.evaluate(OTHER_WORKER), "the worker of the check-in leaves cards alone"

    page.context.clear_cookies()
    page.context.set_offline(True)
    page.goto(tab.address + address)
    kept = page.inner_text("main")
    assert words()["uk"]["heading"] in kept and words()["en"]["heading"] in kept
    for secret in (member.mark, member.site.name, "210", *SECRETS.values()):
        assert secret not in without_chance(page.content()), secret
    assert page.locator("[data-do=keep]").count() == 0
    assert page.evaluate("getComputedStyle(document.querySelector('.a4')).borderTopWidth") == "8px", "its style is kept too"
    for _ in range(3):
        page.keyboard.press("Escape")
    page.wait_for_url("about:blank")  # Hide, also without a signal

    page.goto(tab.address + address)
    page.evaluate(LATE, f"card-{plan.pk}")
    page.goto(tab.address + address)
    assert "has expired and was deleted" in page.inner_text("body")
    assert page.evaluate("caches.keys()") == []

    page.context.set_offline(False)
    page.context.add_cookies([{"url": tab.address, "name": "session", "value": session}])
    page.goto(f"{tab.address}{address}?made=1&language=en")
    keep(page)
    page.goto(tab.address + address)
    page.click("[data-do=remove]")
    page.wait_for_selector("[data-do=remove]", state="hidden")
    assert page.inner_text("[role=status]") == "Removed from this phone."
    assert page.evaluate("caches.keys()") == []
    assert page.evaluate("navigator.serviceWorker.getRegistrations().then((found) => found.length)") == 0
    page.context.close()


def test_without_a_session_nothing_is_kept(portal: Portal, tabs: Tabs) -> None:
    tab = tabs.new("own R", PHONE)
    tab.visit(f"/card/{portal.member.things['evacuation_plan'].pk}/?made=1&language=en")
    tab.page.context.clear_cookies()
    tab.page.click("[data-do=keep]")
    tab.page.wait_for_selector("[role=status]:not(:empty)")
    assert "nothing is kept" in tab.page.inner_text("[role=status]")
    assert tab.page.evaluate("caches.keys()") == []
    tab.page.context.close()
