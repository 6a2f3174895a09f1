"""Without JavaScript, and without a mouse's patience: every task of a member's day is done by plain forms."""

import time
from typing import Any

import pytest
from allauth.mfa.totp.internal.auth import TOTP, format_hotp_value, generate_totp_secret, hotp_value

from aimprogress.core.actor import SYSTEM, acting_as
from aimprogress.core.permissions import Role
from aimprogress.exchange.models import ImportBatch
from humanitarian.models import SafetyAction
from members.models import PlanActivation, Site, SiteCare, User
from risks.models import Report
from tests.browser.chromium import Look
from tests.browser.conftest import DESK, Tabs
from tests.browser.portal import Portal
from tests.browser.walk import look_at
from tests.factories import PASSWORD, a_site, a_user
from tests.members.plan_samples import an_evacuation_plan

pytestmark = [pytest.mark.browser, pytest.mark.django_db]
SECRET = generate_totp_secret()
MAIL = "plain@quillfern.example"


@pytest.fixture(scope="module")
def page(portal: Portal, tabs: Tabs, django_db_blocker: Any) -> Any:
    """A tab without script, in which somebody signed in with password and code."""
    with django_db_blocker.unblock(), acting_as(SYSTEM):
        TOTP.activate(a_user(portal.member.organisation, Role.MEMBER_COORDINATOR, email=MAIL), SECRET)
    tab = tabs.new("", java_script_enabled=False)
    tab.visit("/sites/")
    tab.page.fill("[name=login]", MAIL)
    tab.page.fill("[name=password]", PASSWORD)
    tab.page.click("form[action='/accounts/login/'] button")
    tab.page.wait_for_url("**/2fa/authenticate/**")
    with_script = tabs.new("", DESK)
    with_script.page.context.add_cookies(tab.page.context.cookies())
    tab.between = look_at(with_script, "/accounts/2fa/authenticate/", DESK)
    if time.time() % 30 > 26:  # a code that stays right while it travels
        time.sleep(30.1 - time.time() % 30)
    tab.page.fill("[name=code]", format_hotp_value(hotp_value(SECRET, int(time.time()) // 30)))
    tab.page.click("main form button.pri")
    tab.page.wait_for_url("**/sites/")
    tab.page.between = tab.between
    return tab.page


@pytest.fixture(scope="module")
def depot(portal: Portal, django_db_blocker: Any) -> Site:
    """A site with an evacuation plan in force, committed, so that the portal in its own process sees it."""
    with django_db_blocker.unblock():
        site = a_site(portal.member.organisation, code="PLAIN-2", name="Plain depot")
        an_evacuation_plan(site)
        return site


@pytest.fixture(scope="module")
def colleague(portal: Portal, django_db_blocker: Any) -> User:
    """Another coordinator, committed as well."""
    with django_db_blocker.unblock():
        return a_user(portal.member.organisation, Role.MEMBER_COORDINATOR)


def go(page: Any, portal: Portal, path: str) -> None:
    page.goto(portal.address + path)


def test_signing_in_leads_to_the_page_that_was_asked_for(page: Any) -> None:
    assert page.locator("h1").inner_text() == "Sites"
    assert page.between == [], "the page between the two steps of a sign-in"


def test_a_safety_action_is_added(page: Any, portal: Portal) -> None:
    go(page, portal, "/actions/add/")
    page.select_option("[name=site]", str(portal.member.site.pk))
    page.fill("[name=title]", "Sandbags at the north door")
    page.fill("[name=owner_role]", "HSE lead")
    page.fill("[name=due_on]", "2030-01-07")
    page.click("main form button.pri")
    with acting_as(SYSTEM):
        assert SafetyAction.objects.filter(title="Sandbags at the north door").count() == 1


def test_sites_are_chosen_in_their_list_and_handed_over_together(
    page: Any, portal: Portal, depot: Site, colleague: User, tabs: Tabs
) -> None:
    chosen = [str(depot.pk), str(portal.member.site.pk)]
    go(page, portal, "/sites/")
    for pk in chosen:
        page.check(f"[name=row][value='{pk}']")
    page.click("#bulk button >> text=Hand over")
    assert page.locator("h1").inner_text() == "Hand several sites over"
    assert sorted(box.get_attribute("value") for box in page.locator("[name=sites]:checked").all()) == sorted(chosen)
    look = Look(360, "dark", "uk")
    with_script = tabs.new("", look)
    with_script.page.context.add_cookies([one for one in page.context.cookies() if one["name"] != "lang"])
    assert look_at(with_script, page.url.removeprefix(portal.address), look) == []
    page.select_option("[name=user]", str(colleague.pk))
    page.click("main form button.pri")
    assert "The sites were handed over." in page.inner_text("main") and page.url == f"{portal.address}/sites/"
    with acting_as(SYSTEM):
        assert {str(care.site_id) for care in SiteCare.objects.filter(user=colleague)} == set(chosen)


def test_a_plan_is_activated_and_stood_down(page: Any, portal: Portal, depot: Site) -> None:
    go(page, portal, f"/sites/{depot.pk}/plans/activate/")
    page.check("[name=who][value=ALL]")
    page.click("main form button.go")
    page.wait_for_url(f"**/sites/{depot.pk}/")
    assert "Evacuating" in page.inner_text("main")
    page.click("main a[href$='/stand-down/']")
    page.click("main form button:not(.quiet)")
    page.wait_for_load_state()
    with acting_as(SYSTEM):
        assert PlanActivation.objects.get(site=depot).stood_down_at is not None


def test_a_question_to_the_desk_is_asked_and_answered(page: Any, portal: Portal, tabs: Tabs) -> None:
    go(page, portal, "/support/cases/add/")
    page.check("[name=urgency][value=P3]")
    page.select_option("[name=category]", "SAFETY")
    page.fill("[name=summary]", "Where to put the sandbags")
    page.fill("[name=text]", "The north door is open to the street.")
    page.click("main form button.pri")
    page.wait_for_url("**/support/cases/*-*/")
    desk = tabs.new("A", java_script_enabled=False)
    desk.visit(page.url.removeprefix(portal.address))
    desk.page.fill("[name=text]", "Two rows, and keep the way out free.")
    desk.page.click("main form button.pri")
    desk.page.wait_for_load_state()
    page.reload()
    assert "Two rows, and keep the way out free." in page.inner_text("main")


def test_a_list_is_imported_and_taken_back(page: Any, portal: Portal) -> None:
    go(page, portal, "/import/sites/")
    rows = "Site code,Site name,Country,City,Workers\nPLAIN-1,Plain mill,Ukraine,Lviv,12\n"
    page.set_input_files("[name=file]", {"name": "plain.csv", "mimeType": "text/csv", "buffer": rows.encode()})
    page.click("main form[enctype] button.pri")
    page.wait_for_url("**/import/lists/**")
    if "/columns/" in page.url:
        page.click("main form button.pri")
    page.click("button[name=do][value=import]")
    page.wait_for_load_state()
    with acting_as(SYSTEM):
        batch = ImportBatch.objects.latest("created_at")
        assert batch.state == "applied"
    page.click("form[action$='/undo/'] button, a[href$='/undo/']")
    if page.url.endswith("/undo/"):
        page.click("main form button")
    page.wait_for_load_state()
    with acting_as(SYSTEM):
        batch.refresh_from_db()
        assert batch.state == "undone"


def test_a_report_is_asked_for_and_its_page_looks_again_by_itself(page: Any, portal: Portal) -> None:
    go(page, portal, "/reports/new/")
    page.click("main form button.pri")
    page.wait_for_url(lambda url: "/reports/" in url and not url.endswith("/new/"))
    with acting_as(SYSTEM):
        assert Report.objects.filter(organisation=portal.member.organisation).count() == 2
    assert (
        page.locator("noscript").count()
        or page.locator("meta[http-equiv=refresh]").count()
        or page.get_by_text("Look again").count()
    )


def test_what_is_wrong_in_a_form_is_said_beside_its_field_and_nothing_typed_is_lost(page: Any, portal: Portal) -> None:
    go(page, portal, "/actions/add/")
    page.fill("[name=title]", "A title that must not be lost")
    page.click("main form button.pri")
    field = page.locator("[name=due_on]")
    assert field.get_attribute("aria-invalid") == "true"
    said = [page.locator(f"[id='{name}']").inner_text() for name in field.get_attribute("aria-describedby").split()]
    assert any("required" in text for text in said)
    assert page.locator("[name=title]").input_value() == "A title that must not be lost"
    assert page.locator(".errs a").count() >= 2
