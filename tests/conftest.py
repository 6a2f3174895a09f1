"""Fixtures for every test. The servers, the two database aliases and the closed network are in tests/plugin.py."""

from collections.abc import Iterator

import pytest
from django.db import connections

from tests.plugin import Servers


@pytest.fixture(scope="session")
def django_db_modify_db_settings(servers: Servers) -> None:
    """pytest-django asks for this right before it makes the test database: the moment to start the servers.

    It stands here because a conftest overrides the plug-in of that name; tests/plugin.py is loaded too early to.
    """


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup: None) -> Iterator[None]:
    """Hang up before the test database is dropped: Django closes the owner's connection only, not its mirror's."""
    yield
    connections.close_all()
