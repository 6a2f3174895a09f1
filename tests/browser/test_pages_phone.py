"""Each page once on a phone, 360 pixels wide: light and dark, English and Ukrainian in turns."""

import pytest

from tests.browser.chromium import Look
from tests.browser.conftest import Tabs
from tests.browser.portal import Portal
from tests.browser.walk import PAGES, look_at, path_of, who_walks

pytestmark = [pytest.mark.browser, pytest.mark.django_db]
TURNS = [("light", "en"), ("dark", "uk"), ("light", "uk"), ("dark", "en")]


@pytest.mark.parametrize(("number", "name"), list(enumerate(PAGES)), ids=list(PAGES))
def test_the_page_is_good_on_a_phone(number: int, name: str, portal: Portal, tabs: Tabs) -> None:
    look = Look(360, *TURNS[number % 4])
    wrong = look_at(tabs(who_walks(name, portal), look), path_of(name, portal), look)
    assert not wrong, "\n".join([f"{name} {look}", *wrong])
