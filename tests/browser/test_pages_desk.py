"""Each page once on a desk, 1366 pixels wide, in the other theme and the other language than on the phone."""

import pytest

from tests.browser.conftest import Tabs
from tests.browser.portal import Portal
from tests.browser.walk import NO_PAGES, PAGES, check, leads_on, turn
from tests.house.test_urls import URLS

pytestmark = [pytest.mark.browser, pytest.mark.django_db]


@pytest.mark.parametrize("name", PAGES)
def test_the_page_is_good_on_a_desk(name: str, portal: Portal, tabs: Tabs) -> None:
    check(name, turn(name, 1366), portal, tabs)


def test_every_address_is_walked_or_says_why_not() -> None:
    """A new page is walked by itself; an address that nobody may simply open needs a reason."""
    rest = {name for name in URLS if not name.startswith("api:")} - set(PAGES) - set(NO_PAGES)
    assert {name for name in rest if not leads_on(name)} == set()
    assert set(NO_PAGES) <= set(URLS) and not set(NO_PAGES) & set(PAGES)
    assert len(PAGES) > 100


def test_both_widths_together_see_both_themes_and_both_languages_of_every_page() -> None:
    for name in PAGES:
        phone, desk = turn(name, 360), turn(name, 1366)
        assert (phone.theme, phone.language) != (desk.theme, desk.language)
        assert {phone.theme, desk.theme} == {"light", "dark"} and {phone.language, desk.language} == {"en", "uk"}
    assert len({(turn(name, 360).theme, turn(name, 360).language) for name in PAGES}) == 4
