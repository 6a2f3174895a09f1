"""In whose name code runs: the ORM and PostgreSQL are told the same, also when Actors nest and blocks break."""

import pytest
from django.db import ProgrammingError, connection, transaction

from aimprogress.core.actor import SYSTEM, acting_as, current_actor
from aimprogress.core.exceptions import NoActor
from aimprogress.core.permissions import ROLE_PERMISSIONS, Permission, Role
from members.models import Site
from tests.factories import a_coordinator, a_site, an_organisation

pytestmark = pytest.mark.django_db


@pytest.fixture
def halden():
    return a_site(an_organisation(), name="Halden plant").organisation


@pytest.fixture
def norvia():
    return a_site(an_organisation(), name="Norvia plant").organisation


def by_row_security() -> set[str]:
    """The names of sites that PostgreSQL shows, whatever the ORM would ask."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT name FROM members_site")
        return {name for (name,) in cursor.fetchall()}


def by_the_orm() -> set[str]:
    return set(Site.objects.values_list("name", flat=True))


def test_without_an_actor_scoped_data_cannot_be_asked_for(halden):
    with pytest.raises(NoActor):
        Site.objects.count()
    assert by_row_security() == set()


def test_both_walls_show_the_own_organisation_and_nothing_afterwards(halden, norvia):
    with acting_as(a_coordinator(halden)):
        assert by_the_orm() == by_row_security() == {"Halden plant"}
    assert by_row_security() == set()


def test_a_nested_actor_gives_the_outer_one_back_when_it_ends_well(halden, norvia):
    outer, inner = a_coordinator(halden), a_coordinator(norvia)
    with acting_as(outer):
        with acting_as(inner):
            assert by_the_orm() == by_row_security() == {"Norvia plant"}
        assert current_actor() is outer
        assert by_the_orm() == by_row_security() == {"Halden plant"}


def test_a_nested_actor_that_breaks_leaves_the_outer_one_as_it_was(halden, norvia):
    outer = a_coordinator(halden)
    with acting_as(outer):
        with pytest.raises(ZeroDivisionError), acting_as(a_coordinator(norvia)):
            1 / 0  # noqa: B018 - the error is what is asked for
        assert current_actor() is outer
        assert by_the_orm() == by_row_security() == {"Halden plant"}


def test_what_went_wrong_in_the_database_is_what_is_raised(halden, norvia):
    """In an aborted transaction giving back the settings would raise, and hide the first error."""
    with acting_as(a_coordinator(halden)):
        with pytest.raises(ProgrammingError, match="no_such_table"), acting_as(SYSTEM), connection.cursor() as cursor:
            cursor.execute("SELECT 1 FROM no_such_table")
        assert by_row_security() == {"Halden plant"}


def test_a_block_that_takes_itself_back_ends_quietly_and_changes_nothing(halden):
    """As the middleware does for an answer of 5xx."""
    outer = a_coordinator(halden)
    with acting_as(outer):
        with acting_as(SYSTEM):
            Site.objects.update(address="taken back")
            transaction.set_rollback(True)
        assert by_row_security() == {"Halden plant"}
        assert Site.objects.get().address == ""


def test_the_system_sees_every_organisation_by_their_list(halden, norvia):
    with acting_as(SYSTEM):
        assert by_the_orm() == by_row_security() == {"Halden plant", "Norvia plant"}
        assert {halden.pk, norvia.pk} <= current_actor().writes


def test_there_are_eight_roles_and_only_the_system_may_what_it_was_not_given():
    assert len(Role) == 8 and set(ROLE_PERMISSIONS) == set(Role)
    assert all(may < set(Permission) for may in ROLE_PERMISSIONS.values()), "a role may everything"
    assert SYSTEM.may(Permission.SITE_EDIT)


def test_row_security_lets_nobody_write_for_another_organisation(halden, norvia):
    with acting_as(a_coordinator(halden)), connection.cursor() as cursor:
        cursor.execute("UPDATE members_site SET address = 'taken'")
        assert cursor.rowcount == 1
    with acting_as(SYSTEM):
        assert set(Site.objects.values_list("name", "address")) == {("Halden plant", "taken"), ("Norvia plant", "")}
