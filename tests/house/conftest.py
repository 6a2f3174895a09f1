"""The world of the two walks, made once a module."""

from collections.abc import Iterator
from typing import Any

import pytest
from django.conf import settings as django_settings

from tests.house.world import World, a_world


@pytest.fixture(scope="module")
def world(django_db_setup: None, django_db_blocker: Any, tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """Two members and a client of each role."""
    kept, django_settings.FILES_DIR = django_settings.FILES_DIR, tmp_path_factory.mktemp("files")
    try:
        with a_world(django_db_blocker) as made:
            yield made
    finally:
        django_settings.FILES_DIR = kept
