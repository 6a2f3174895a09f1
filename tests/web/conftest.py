"""These tests ask nothing of the apps above: only the pages of the ground and the door stand."""

from collections.abc import Iterator
from typing import Any

import pytest

from aimprogress.web import context

REAL = context.page_exists


@pytest.fixture(autouse=True)
def only_the_ground(settings: Any) -> Iterator[None]:
    settings.ROOT_URLCONF = "tests.web.urls"
    REAL.cache_clear()
    yield
    REAL.cache_clear()
