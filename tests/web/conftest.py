"""These tests ask nothing of the apps above: only the pages of the ground and the door stand."""

from collections.abc import Iterator
from typing import Any

import pytest

from aimprogress.web import context


@pytest.fixture(autouse=True)
def only_the_ground(settings: Any) -> Iterator[None]:
    settings.ROOT_URLCONF = "tests.web.urls"
    context.page_exists.cache_clear()
    yield
    context.page_exists.cache_clear()
