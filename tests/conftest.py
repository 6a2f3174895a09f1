"""Fixtures for every test. The servers, the two database aliases and the closed network are in tests/plugin.py."""

import pytest

from tests.plugin import Servers


@pytest.fixture(scope="session")
def django_db_modify_db_settings(servers: Servers) -> None:
    """pytest-django asks for this right before it makes the test database: the moment to start the servers.

    It stands here because a conftest overrides the plug-in of that name; tests/plugin.py is loaded too early to.
    """
