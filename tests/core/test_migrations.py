"""Data migrations: FORCE binds the owner of the tables too, so a migration says that every organisation is meant."""

import pytest
from django.db import connections

from aimprogress.core.rls import with_scope
from tests.factories import a_site, an_organisation

pytestmark = pytest.mark.django_db(transaction=True)
CHANGE = "UPDATE members_site SET address = 'moved'"


def test_a_data_migration_reaches_the_rows_of_every_organisation_and_only_inside_its_scope():
    for _ in range(2):
        a_site(an_organisation())
    owner = connections["owner"]
    with owner.schema_editor() as editor, owner.cursor() as cursor:
        cursor.execute(CHANGE)
        assert cursor.rowcount == 0
        with with_scope(editor):
            cursor.execute(CHANGE)
            assert cursor.rowcount == 2
        cursor.execute(CHANGE)
        assert cursor.rowcount == 0
