"""Bring AuditEvents to their subscribers, in order, chain by chain, from the position where each stopped.

Inside a chain the head's row lock makes `seq` the order of commits, so a position never passes an event that is still to
come. A subscriber that raises is tried again later and holds up only itself, on that chain; after many failures the event is
skipped, counted and logged.
"""

import logging
from collections.abc import Iterator
from datetime import timedelta
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from aimprogress.core.actor import SYSTEM, acting_as
from aimprogress.core.audit import AuditChain, AuditEvent
from aimprogress.core.events import EVERYTHING, SUBSCRIBERS, Subscriber

from .models import EventPosition

log = logging.getLogger(__name__)

AT_ONCE = 100
"""Events in one transaction."""
GIVE_UP_AFTER = 10
LONGEST_PAUSE = timedelta(minutes=10)


def deliver() -> int:
    """Deliver all that waits. Returns how many events reached a subscriber."""
    delivered = 0
    for subscriber, chain in list(_behind()):
        while (count := _deliver_some(subscriber, chain)) is not None:
            delivered += count
    return delivered


def _behind() -> Iterator[tuple[Subscriber, UUID]]:
    """The subscribers and chains where something new stands."""
    with acting_as(SYSTEM):
        heads = dict(AuditChain.objects.values_list("organisation_id", "seq"))
        positions = {
            (consumer, chain): (seq, retry_at)
            for consumer, chain, seq, retry_at in EventPosition.objects.values_list("consumer", "chain", "seq", "retry_at")
        }
    now = timezone.now()
    for subscriber in SUBSCRIBERS.values():
        for chain, head in heads.items():
            seq, retry_at = positions.get((subscriber.name, chain), (0, None))
            if seq < head and not (retry_at and retry_at > now):
                yield subscriber, chain


def _deliver_some(subscriber: Subscriber, chain: UUID) -> int | None:
    """One transaction's worth of events. None where nothing is left, somebody else delivers, or the subscriber failed."""
    with acting_as(SYSTEM):
        EventPosition.objects.bulk_create([EventPosition(consumer=subscriber.name, chain=chain)], ignore_conflicts=True)
        mine = EventPosition.objects.filter(consumer=subscriber.name, chain=chain)
        position = mine.select_for_update(skip_locked=True).first()
        head = AuditChain.objects.values_list("seq", flat=True).get(pk=chain)
        if position is None or position.seq >= head:
            return None
        events = AuditEvent.objects.filter(organisation_id=chain, seq__gt=position.seq, seq__lte=head)
        if EVERYTHING not in subscriber.actions:
            events = events.filter(action__in=subscriber.actions)
        events = list(events.order_by("seq")[:AT_ONCE])
        reached, count, failed = _hand_over(subscriber, events, position)
        if not failed and len(events) < AT_ONCE:
            reached = head
        mine.update(seq=reached, failures=position.failures, retry_at=position.retry_at, skipped=position.skipped)
    return None if failed else count


def _hand_over(subscriber: Subscriber, events: list[AuditEvent], position: EventPosition) -> tuple[int, int, bool]:
    """Call the subscriber for each event. Returns the position reached, how many it got, and whether it failed."""
    reached, count = position.seq, 0
    for event in events:
        if subscriber.max_age is None or timezone.now() - event.at <= subscriber.max_age:
            try:
                with transaction.atomic():  # what a failing subscriber wrote is undone, the position is kept
                    subscriber.function(event)
                count += 1
            except Exception:
                log.exception("%s failed on event %s (%s)", subscriber.name, event.pk, event.action)
                if not _is_given_up(position):
                    return reached, count, True
        position.failures, position.retry_at = 0, None
        reached = event.seq
    return reached, count, False


def _is_given_up(position: EventPosition) -> bool:
    """Count a failure. True when the event is to be skipped; otherwise `retry_at` says when it is tried again."""
    position.failures += 1
    if position.failures >= GIVE_UP_AFTER:
        position.skipped += 1
        return True
    position.retry_at = timezone.now() + min(timedelta(seconds=2**position.failures), LONGEST_PAUSE)
    return False
