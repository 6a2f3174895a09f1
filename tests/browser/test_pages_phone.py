"""Each page once on a phone, 360 pixels wide; light and dark, English and Ukrainian in turns."""

import pytest

from tests.browser.conftest import Tabs
from tests.browser.portal import Portal
from tests.browser.walk import PAGES, check, turn

pytestmark = [pytest.mark.browser, pytest.mark.django_db]


@pytest.mark.parametrize("name", PAGES)
def test_the_page_is_good_on_a_phone(name: str, portal: Portal, tabs: Tabs) -> None:
    check(name, turn(name, 360), portal, tabs)
