"""People who ask for work, and kinds of work that cost nothing."""

from collections.abc import Iterator

import pytest

from aimprogress.core.actor import SYSTEM, Actor, acting_as
from aimprogress.jobs.kinds import KINDS
from members.access import actor_for_user
from members.models import Organisation, RoleGrant, User


def an_organisation(name: str = "Halden Foods", kind: str = "MEMBER") -> Organisation:
    return Organisation.objects.create(legal_name=name, short_name=name, slug=name.lower().replace(" ", "-"), kind=kind)


def a_person(organisation: Organisation, role: str = "MEMBER_COORDINATOR", email: str = "") -> User:
    user = User.objects.create(email=email or f"{role.lower()}@{organisation.slug}.example", display_name=role.title())
    RoleGrant.objects.create(user=user, organisation=organisation, role=role)
    return user


def an_actor(role: str = "MEMBER_COORDINATOR", name: str = "Halden Foods") -> Actor:
    with acting_as(SYSTEM):
        organisation = Organisation.objects.filter(slug=name.lower().replace(" ", "-")).first() or an_organisation(name)
        return actor_for_user(a_person(organisation, role), organisation.pk)


@pytest.fixture
def coordinator(db: None) -> Actor:
    return an_actor()


@pytest.fixture(autouse=True)
def own_kinds() -> Iterator[None]:
    """Kinds declared by a test end with it."""
    before = dict(KINDS)
    yield
    KINDS.clear()
    KINDS.update(before)
