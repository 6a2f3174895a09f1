"""Every page in every width, theme and language: `make test-all`."""

from itertools import product

import pytest

from tests.browser.chromium import HEIGHTS, Look
from tests.browser.conftest import Tabs
from tests.browser.portal import Portal
from tests.browser.walk import PAGES, check, turn

pytestmark = [pytest.mark.browser, pytest.mark.full, pytest.mark.django_db]
SAMPLED = {360, 1366}  # `make test` has looked at each page once in these widths
LOOKS = [Look(*look) for look in product(HEIGHTS, ("light", "dark"), ("en", "uk"))]


@pytest.mark.parametrize("look", LOOKS, ids=str)
@pytest.mark.parametrize("name", PAGES)
def test_the_page_is_good_in_every_look(name: str, look: Look, portal: Portal, tabs: Tabs) -> None:
    if look.width in SAMPLED and look == turn(name, look.width):
        pytest.skip("walked already")
    check(name, look, portal, tabs)
