"""Events reach their subscribers in order, once, and a subscriber that fails holds up only itself."""

from datetime import timedelta
from uuid import UUID

import pytest
from django.utils import timezone

from aimprogress.core.actor import SYSTEM, Actor, acting_as
from aimprogress.core.audit import AuditEvent, record
from aimprogress.core.events import EVERYTHING, SUBSCRIBERS, on
from aimprogress.jobs import delivery
from aimprogress.jobs.delivery import deliver
from aimprogress.jobs.models import EventPosition
from tests.jobs.conftest import an_actor

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def only_own_subscribers() -> None:
    SUBSCRIBERS.clear()


def happen(actor: Actor, action: str) -> None:
    with acting_as(actor):
        record(action, organisation_id=actor.organisation_id)


def position(chain: UUID) -> EventPosition:
    return EventPosition.objects.get(chain=chain)


def test_a_subscriber_hears_its_actions_in_order_and_once(coordinator):
    heard = []
    on("members.b", "members.a", name="t")(lambda event: heard.append(event.action))
    for action in ("members.a", "members.x", "members.b"):
        happen(coordinator, action)
    assert deliver() == 2
    assert deliver() == 0
    happen(coordinator, "members.a")
    deliver()
    assert heard == ["members.a", "members.b", "members.a"]


def test_who_wants_everything_hears_every_chain(coordinator):
    heard = []
    on(EVERYTHING, name="t")(lambda event: heard.append(event.organisation_id))
    norvia = an_actor(name="Norvia")
    happen(coordinator, "members.a")
    happen(norvia, "members.x")
    deliver()
    assert {coordinator.organisation_id, norvia.organisation_id} <= set(heard)


def test_more_events_than_one_transaction_takes_all_arrive(coordinator, monkeypatch):
    monkeypatch.setattr(delivery, "AT_ONCE", 2)
    heard = []
    on("members.a", name="t")(lambda event: heard.append(event.seq))
    for _ in range(5):
        happen(coordinator, "members.a")
    assert deliver() == 5
    assert heard == sorted(heard)
    assert len(heard) == 5


def test_what_a_failing_subscriber_wrote_is_undone_and_the_event_comes_again(coordinator):
    good, attempts = [], []

    def fail_once(event: AuditEvent) -> None:
        record("members.effect", organisation_id=event.organisation_id)
        attempts.append(event.seq)
        if len(attempts) == 1:
            raise RuntimeError("not yet")

    on("members.a", name="bad")(fail_once)
    on("members.a", name="good")(lambda event: good.append(event.seq))
    happen(coordinator, "members.a")
    deliver()
    assert len(good) == 1
    EventPosition.objects.filter(consumer="bad").update(retry_at=timezone.now())
    deliver()
    with acting_as(SYSTEM):
        assert AuditEvent.objects.filter(action="members.effect").count() == 1
    assert len(attempts) == 2


def test_a_failed_event_is_not_tried_again_before_its_time(coordinator):
    attempts = []

    def fail(event: AuditEvent) -> None:
        attempts.append(event)
        raise RuntimeError

    on("members.a", name="bad")(fail)
    happen(coordinator, "members.a")
    deliver()
    deliver()
    assert len(attempts) == 1


def test_an_event_that_never_succeeds_is_skipped_counted_and_logged(coordinator, caplog):
    heard = []

    def fail_on_a(event: AuditEvent) -> None:
        if event.action == "members.a":
            raise RuntimeError
        heard.append(event.action)

    on("members.a", "members.b", name="bad")(fail_on_a)
    happen(coordinator, "members.a")
    happen(coordinator, "members.b")
    for _ in range(delivery.GIVE_UP_AFTER):
        assert heard == []
        EventPosition.objects.update(retry_at=None)
        deliver()
    assert heard == ["members.b"]
    assert (position(coordinator.organisation_id).skipped, position(coordinator.organisation_id).failures) == (1, 0)
    assert any(entry.levelname == "ERROR" for entry in caplog.records)


def test_old_news_is_not_told(coordinator):
    heard = []
    on("members.a", name="t", max_age=timedelta(seconds=0))(lambda event: heard.append(event))
    happen(coordinator, "members.a")
    deliver()
    assert heard == []
    assert position(coordinator.organisation_id).seq == 1


def test_a_subscriber_acts_as_the_system(coordinator):
    from aimprogress.core.actor import current_actor

    heard = []
    on("members.a", name="t")(lambda event: heard.append(current_actor().kind))
    happen(coordinator, "members.a")
    deliver()
    assert heard == ["system"]
