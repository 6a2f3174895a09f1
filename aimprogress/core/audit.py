"""What was done, by whom, to what: append-only, hash-chained, without a single sensitive value.

One chain per organisation and one for the portal itself. Inside a chain the head's row lock, held to commit, makes
`seq` the order of commits, so readers (events.py) may remember a position.
"""

import hashlib
import hmac
import json
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone

from .actor import Actor, current_actor
from .ids import NO_ORGANISATION, uuid7
from .scoping import DataClass, InScope


class AuditChain(models.Model):
    """The head of a chain: the organisation (or nil for the portal), the last number and its hash."""

    organisation_id = models.UUIDField(primary_key=True)
    seq = models.PositiveBigIntegerField(default=0)
    hash = models.CharField(max_length=64, default="0" * 64)

    def __str__(self) -> str:
        return f"{self.organisation_id}: {self.seq}"


class AuditEventManager(models.Manager):
    def get_queryset(self) -> models.QuerySet:
        mine = [Q(InScope(data_class), data_class=data_class) for data_class in DataClass.values]
        return super().get_queryset().filter(mine[0] | mine[1])


class AuditEvent(models.Model):
    """One act. `body` names fields with keyed hashes of their values, and references by id; never a value."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    organisation_id = models.UUIDField()
    seq = models.PositiveBigIntegerField()
    data_class = models.CharField(max_length=10, choices=DataClass.choices)
    at = models.DateTimeField()
    action = models.CharField(max_length=100)
    actor_kind = models.CharField(max_length=12)
    actor_id = models.UUIDField(null=True)
    actor_label = models.CharField(max_length=200)
    object_type = models.CharField(max_length=60, blank=True)
    object_id = models.UUIDField(null=True)
    body = models.JSONField(default=dict)
    body_hash = models.CharField(max_length=64)
    previous = models.CharField(max_length=64)
    hash = models.CharField(max_length=64)

    objects = AuditEventManager()
    unscoped = models.Manager()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["organisation_id", "seq"], name="audit_one_event_per_number")]
        indexes = [models.Index(fields=["organisation_id", "-at"]), models.Index(fields=["object_type", "object_id"])]

    def __str__(self) -> str:
        return f"{self.action} ({self.seq})"

    def computed_hash(self) -> str:
        """The hash that this event must carry. Covers the body's hash, so retention may drop a body."""
        return _sha256(
            {
                "previous": self.previous,
                "organisation": str(self.organisation_id),
                "seq": self.seq,
                "data_class": self.data_class,
                "at": self.at.isoformat(),
                "action": self.action,
                "actor": [self.actor_kind, str(self.actor_id or ""), self.actor_label],
                "object": [self.object_type, str(self.object_id or "")],
                "body": self.body_hash,
            }
        )


@dataclass(slots=True)
class Act:
    """An event that waits for its number: written when the outermost service ends, chains in order."""

    action: str
    organisation_id: UUID | None
    data_class: str = DataClass.SAFETY
    object_type: str = ""
    object_id: UUID | None = None
    body: dict[str, Any] = field(default_factory=dict)


def keyed_hash(value: Any) -> str:
    """A short fingerprint of a value: equal values are recognisable, the value is not."""
    key = hashlib.sha256(b"audit:" + settings.AUDIT_KEY.encode()).digest()
    return hmac.new(key, repr(value).encode(), hashlib.sha256).hexdigest()[:16]


def append(acts: Iterable[Act]) -> None:
    """Number, link and store `acts`. Chains are locked in one order, the portal's own chain last."""
    by_chain: dict[UUID, list[Act]] = {}
    for act in acts:
        by_chain.setdefault(act.organisation_id or NO_ORGANISATION, []).append(act)
    for organisation_id in sorted(by_chain, reverse=True):  # the nil id sorts first, so reversed it comes last
        _append_to(organisation_id, by_chain[organisation_id])


def record(action: str, *, subject: models.Model | None = None, organisation_id: UUID | None = None, **refs: Any) -> None:
    """Log an act that changes nothing: a strict read, a download, a sign-in. References only, no values."""
    append([act_on(action, subject, organisation_id, {name: str(value) for name, value in refs.items()})])


def act_on(action: str, subject: models.Model | None, organisation_id: UUID | None, body: dict[str, Any]) -> Act:
    return Act(
        action=action,
        organisation_id=organisation_id or getattr(subject, "organisation_id", None),
        data_class=getattr(subject, "data_class", DataClass.SAFETY),
        object_type=subject._meta.label_lower if subject is not None else "",
        object_id=subject.pk if subject is not None else None,
        body=body,
    )


def hold_chain(organisation_id: UUID) -> AuditChain:
    """The head of a chain, locked until the transaction ends; made where there is none.

    Services take it last, by `append`. Who takes it first, and waits for nothing afterwards, waits in no circle with them.
    """
    head = AuditChain.objects.select_for_update().filter(pk=organisation_id).first()
    if head is None:
        AuditChain.objects.bulk_create([AuditChain(organisation_id=organisation_id)], ignore_conflicts=True)
        head = AuditChain.objects.select_for_update().get(pk=organisation_id)
    return head


def _append_to(organisation_id: UUID, acts: list[Act]) -> None:
    actor, head = current_actor(), hold_chain(organisation_id)
    events = [_next_event(head, act, actor, timezone.now()) for act in acts]
    AuditEvent.unscoped.bulk_create(events)
    head.save(update_fields=["seq", "hash"])


def _next_event(head: AuditChain, act: Act, actor: Actor, at: datetime) -> AuditEvent:
    event = AuditEvent(
        organisation_id=head.organisation_id, seq=head.seq + 1, data_class=act.data_class, at=at, action=act.action,
        actor_kind=actor.kind, actor_id=actor.user_id, actor_label=(actor.logged_as or actor.label)[:200],
        object_type=act.object_type, object_id=act.object_id,
        body=act.body, body_hash=_sha256(act.body), previous=head.hash,
    )  # fmt: skip
    event.hash = event.computed_hash()
    head.seq, head.hash = event.seq, event.hash
    return event


@dataclass(frozen=True, slots=True)
class BrokenLink:
    organisation_id: UUID
    seq: int
    why: str


def verify_chains() -> list[BrokenLink]:
    """Every place where a chain does not hold: an event altered, removed, added or moved. Needs to act as SYSTEM.

    A chain cut at its end is found because its head is kept apart; a chain rewritten whole only by an outside anchor.
    """
    heads = {head.organisation_id: head for head in AuditChain.objects.all()}
    broken: list[BrokenLink] = []
    last: dict[UUID, tuple[int, str]] = {}
    for event in AuditEvent.objects.order_by("organisation_id", "seq").iterator(chunk_size=2000):
        seq, previous = last.get(event.organisation_id, (0, "0" * 64))
        why = _fault(event, seq, previous)
        if why:
            broken.append(BrokenLink(event.organisation_id, event.seq, why))
        last[event.organisation_id] = (event.seq, event.hash)
    for organisation_id, head in heads.items():
        if (head.seq, head.hash) != last.get(organisation_id, (0, "0" * 64)):
            broken.append(BrokenLink(organisation_id, head.seq, "the head does not match the last event"))
    return broken


def _fault(event: AuditEvent, seq: int, previous: str) -> str:
    if event.seq != seq + 1:
        return "an event is missing before it"
    if event.previous != previous:
        return "it does not follow the event before it"
    if event.body and _sha256(event.body) != event.body_hash:
        return "its body was altered"
    if event.hash != event.computed_hash():
        return "it was altered"
    return ""


def _sha256(value: Any) -> str:
    return hashlib.sha256(json.dumps(value, sort_keys=True, ensure_ascii=False).encode()).hexdigest()
