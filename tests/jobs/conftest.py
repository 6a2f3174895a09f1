"""People who ask for work; kinds of work and subscribers that end with the test that declared them."""

from collections.abc import Iterator

import pytest

from aimprogress.core.actor import Actor
from aimprogress.core.events import SUBSCRIBERS
from aimprogress.jobs.kinds import KINDS
from aimprogress.jobs.timetable import TIMETABLE
from members.models import Organisation
from tests import factories


def an_actor(role: str = "MEMBER_COORDINATOR", name: str = "Halden Foods") -> Actor:
    """A new person with `role` in the organisation called `name`."""
    organisation = Organisation.objects.filter(short_name=name).first() or factories.an_organisation(short_name=name)
    return factories.an_actor(organisation, role)


@pytest.fixture
def coordinator(db: None) -> Actor:
    return an_actor()


@pytest.fixture(autouse=True)
def own_declarations() -> Iterator[None]:
    kept = [(registry, dict(registry)) for registry in (KINDS, SUBSCRIBERS, TIMETABLE)]
    yield
    for registry, before in kept:
        registry.clear()
        registry.update(before)
