"""The phone in a real browser: taps are counted, nothing is preselected, and one press is one check-in."""

from collections.abc import Iterator
from typing import Any

import pytest

from aimprogress.core.actor import SYSTEM, acting_as
from aimprogress.core.permissions import Role
from members.models import CheckIn, Site
from tests.browser.chromium import Look, Tab
from tests.browser.conftest import Tabs
from tests.browser.portal import Portal, session_of
from tests.factories import a_head_count, a_site, a_status, a_user

pytestmark = [pytest.mark.browser, pytest.mark.django_db]
PHONE = Look(360)
SITES = ("one tap", "three taps", "undo", "double", "hide", "scriptless", "enter", "scriptless enter")


TIMED = """() => ['click', 'keydown'].forEach((name) => addEventListener(name,
  (event) => console.log('pressed ' + (performance.timeOrigin + event.timeStamp)), true))"""
"""When the page was left by a press, in the browser's clock: the empty page that follows tells when it stood there."""


class Phone:
    """A reporter's tab on the check-in page of a site that was reported before, and a count of the taps."""

    def __init__(self, tab: Tab, site: Site) -> None:
        self.tab, self.page, self.site, self.taps = tab, tab.page, site, 0
        self.console: list[str] = []
        tab.page.on("console", lambda message: self.console.append(message.text))
        tab.visit(f"/c/{site.checkin_code}/")

    def tap(self, selector: str, **how: Any) -> None:
        self.taps += 1
        self.page.tap(selector, **how)

    def said(self) -> list[CheckIn]:
        with acting_as(SYSTEM):
            return list(CheckIn.objects.filter(site=self.site))

    def status(self) -> str:
        with acting_as(SYSTEM):
            return Site.objects.get(pk=self.site.pk).current_operational


@pytest.fixture(scope="module")
def reported(portal: Portal, chromium: Any, django_db_blocker: Any) -> Iterator[dict[str, Site]]:
    """A site for each story, operating and with everybody safe, and one reporter for them all."""
    with django_db_blocker.unblock():
        organisation = portal.member.organisation
        sites = {name: a_site(organisation, name=f"Site of {name}") for name in SITES}
        for site in sites.values():
            a_status(site, "OPERATING")
            a_head_count(site, 100)
        portal.sessions["phone"] = session_of(a_user(organisation, Role.SITE_REPORTER, sites=list(sites.values())))
    yield sites


def phone(tabs: Tabs, site: Site, **options: Any) -> Phone:
    return Phone(tabs.new("phone", PHONE, has_touch=True, **options), site)


def test_nothing_has_changed_is_one_tap_and_repeats_what_was_said(tabs: Tabs, reported: dict[str, Site]) -> None:
    it = phone(tabs, reported["one tap"])
    it.tap(".same")
    it.page.wait_for_url("**/sent/**")
    assert it.taps == 1 and it.tab.wrong == []
    [check_in] = it.said()
    assert check_in.answers["same"] is True and it.status() == "OPERATING"


def test_a_change_is_three_taps_and_nothing_is_preselected(tabs: Tabs, reported: dict[str, Site]) -> None:
    it = phone(tabs, reported["three taps"])
    assert it.page.locator("input:checked").count() == 0
    it.tap("label:has(input[value=REDUCED])")
    it.tap("label:has(input[name=people][value=all])")
    it.tap(".send button")
    it.page.wait_for_url("**/sent/**")
    assert it.taps == 3 and it.tab.wrong == []
    assert [check_in.answers["operational"] for check_in in it.said()] == ["REDUCED"] == [it.status()]


def test_undo_within_ten_seconds_gives_the_former_status_back(tabs: Tabs, reported: dict[str, Site]) -> None:
    it = phone(tabs, reported["undo"])
    it.tap("label:has(input[value=EVACUATED])")
    it.tap("label:has(input[name=people][value=all])")
    it.tap(".send button")
    it.page.wait_for_url("**/sent/**")
    assert it.status() == "EVACUATED"
    it.tap("form[action$='/undo/'] button")
    it.page.wait_for_url(lambda url: "/sent/" not in url)
    assert it.status() == "OPERATING"
    with acting_as(SYSTEM):
        assert [row.operational for row in it.site.statuses.filter(retracted_at=None)] == ["OPERATING"]
        assert it.site.statuses.exclude(retracted_at=None).count() == 1, "what was taken back stays on record"


def test_two_presses_and_a_form_sent_again_are_one_check_in(tabs: Tabs, reported: dict[str, Site]) -> None:
    it = phone(tabs, reported["double"])
    it.page.dblclick(".same")
    it.page.wait_for_url("**/sent/**")
    it.page.go_back()
    it.page.wait_for_selector(".same")
    assert len(it.said()) == 1
    it = phone(tabs, reported["double"], java_script_enabled=False)
    number = it.page.locator("[data-same] input[name=id]").get_attribute("value")
    for _time in range(2):
        it.page.locator("[data-same] input[name=id]").evaluate("(field, number) => { field.value = number; }", number)
        it.page.click(".same")
        it.page.wait_for_url("**/sent/**")
        it.page.go_back()
    assert len(it.said()) == 2, "two forms, three sendings"


@pytest.mark.parametrize(("name", "script"), [("enter", True), ("scriptless enter", False)])
def test_enter_in_the_number_sends_what_was_answered_and_never_nothing_has_changed(
    name: str, script: bool, tabs: Tabs, reported: dict[str, Site]
) -> None:
    it = phone(tabs, reported[name], java_script_enabled=script)
    assert it.page.locator(".same").is_visible(), "the other way to send stands above"
    it.page.check("[name=operational][value=SUSPENDED]")
    it.page.check("[name=people][value=unsure]")
    it.page.fill("[name=not_reached]", "12")
    it.page.press("[name=not_reached]", "Enter")
    it.page.wait_for_url("**/sent/**")
    [check_in] = it.said()
    assert check_in.answers["same"] is False
    assert (check_in.answers["operational"], check_in.answers["not_reached"]) == ("SUSPENDED", 12)


def test_hide_leaves_at_once_and_keeps_nothing(tabs: Tabs, reported: dict[str, Site]) -> None:
    for how in ("tap", "escape"):
        it = phone(tabs, reported["hide"])
        assert it.page.title() == "Check-in" and "Quillfern" not in it.page.title()
        it.page.evaluate(TIMED)
        if how == "tap":
            it.tap("[data-hide]", no_wait_after=True)
        else:
            for _time in range(3):
                it.page.keyboard.press("Escape")
        it.page.wait_for_url("about:blank", timeout=2000)
        pressed = [float(line.split()[1]) for line in it.console if line.startswith("pressed ")][-1]
        assert 0 < it.page.evaluate("performance.timing.domComplete") - pressed < 200, "milliseconds"
        it.page.go_back()
        assert it.page.url == "about:blank"
        it.page.goto(it.tab.address + "/c/style.css")  # of the same origin, and keeps nothing itself
        assert it.page.evaluate("Object.keys(localStorage).concat(Object.keys(sessionStorage))") == []


def test_without_script_the_check_in_is_sent_and_taken_back(tabs: Tabs, reported: dict[str, Site]) -> None:
    it = phone(tabs, reported["scriptless"], java_script_enabled=False)
    it.tap("label:has(input[value=SUSPENDED])")
    it.tap("label:has(input[name=people][value=all])")
    it.tap(".send button")
    it.page.wait_for_url("**/sent/**")
    assert it.status() == "SUSPENDED"
    it.tap("form[action$='/undo/'] button")
    it.page.wait_for_url(lambda url: "/sent/" not in url)
    assert it.status() == "OPERATING"
