"""The bundled reference data, loaded once for this folder's database tests."""

from __future__ import annotations

import pytest

from aimprogress.places.reference import load_reference


@pytest.fixture(scope="package")
def _reference_loaded(django_db_setup, django_db_blocker):
    with django_db_blocker.unblock():
        load_reference()


@pytest.fixture
def reference(_reference_loaded, db):
    """Areas, settlements and the official list in the database."""
