"""In whose name code runs. One door for visibility, permission and authorship: `with acting_as(actor):`."""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field, replace
from datetime import datetime
from uuid import UUID

from django.apps import apps
from django.db import connection, transaction

from .exceptions import NoActor
from .ids import NO_ORGANISATION
from .permissions import Permission, Role
from .rls import EVERYBODY

NOBODY: frozenset[UUID] = frozenset()


@dataclass(frozen=True, slots=True)
class Actor:
    """Somebody who acts, for one chosen organisation.

    safety, commercial: the organisations whose rows of that data class are visible. writes: those whose rows may be
    written. sites: the only ones in sight, where somebody is a site reporter and nothing else. reports_at: those where a site
    reporter may act and sees everything exactly, whatever else the same person may read. None: the whole organisation.
    """

    kind: str  # person, api_key, device, system, anonymous
    label: str = ""
    user_id: UUID | None = None
    organisation_id: UUID | None = None
    roles: frozenset[Role] = frozenset()
    permissions: frozenset[Permission] = frozenset()
    safety: frozenset[UUID] = NOBODY
    commercial: frozenset[UUID] = NOBODY
    writes: frozenset[UUID] = NOBODY
    sites: frozenset[UUID] | None = None
    reports_at: frozenset[UUID] | None = None
    is_secretariat: bool = False
    key_id: UUID | None = None  # the ApiKey, where a key acts
    time_zone: str = ""  # in which a person reads and writes moments; "": the portal's own
    logged_as: str = ""  # in the audit trail instead of the label, where that holds words of somebody: they could not be erased
    device_id: UUID | None = None  # the phone, where an enrolled one acts
    sees_samples: bool = False  # an auditor: of some nouns a sample, not every row
    shared_only: bool = field(default=False)  # reads through a DataShare: at its precision, never the owner's

    def may(self, permission: Permission) -> bool:
        return self.kind == "system" or permission in self.permissions

    def sees(self, data_class: str) -> frozenset[UUID]:
        """The organisations whose rows of `data_class` are visible."""
        return self.commercial if data_class == "COMMERCIAL" else self.safety

    def acts_at(self, site_id: UUID | None) -> bool:
        """False for a site reporter at a site that is not the own one."""
        return self.reports_at is None or site_id in self.reports_at

    def owns(self, organisation_id: UUID | None) -> bool:
        """True for the actor's own organisation: only there are exact places and small counts shown."""
        return organisation_id is not None and organisation_id == self.organisation_id and not self.shared_only


ANONYMOUS = Actor(kind="anonymous", label="anonymous")
SYSTEM = Actor(kind="system", label="system")

_current: ContextVar[Actor | None] = ContextVar("actor", default=None)


def current_actor() -> Actor:
    """The Actor in force. Raises NoActor where nobody said in whose name the code runs."""
    actor = _current.get()
    if actor is None:
        raise NoActor("Scoped data needs an Actor: use `with acting_as(actor):`.")
    return actor


@contextmanager
def acting_as(actor: Actor) -> Iterator[Actor]:
    """Run the block as `actor`, in a transaction whose row-security settings say the same.

    The settings end with the transaction; a nested Actor gives them back when it ends well, and a rolled-back
    savepoint gives them back by itself.
    """
    outer = _current.get()
    with transaction.atomic():
        if actor.kind == "system" and not actor.safety:
            actor = _everywhere(actor)
        token = _current.set(actor)
        try:
            _tell_database(actor)
            yield actor
        finally:
            _current.reset(token)
        if not connection.needs_rollback:
            _tell_database(outer or ANONYMOUS)


@contextmanager
def at_one_moment(actor: Actor) -> Iterator[datetime]:
    """Read as `actor` what was committed at one moment, which is yielded; nothing can be written.

    Every query inside sees the same rows, whatever others commit meanwhile. The moment is the database's: its clock right
    before. Opens its own transaction, so it raises RuntimeError inside another one.
    """
    moment = _database_clock()
    with transaction.atomic(durable=True):
        if len(connection.atomic_blocks) == 1:  # else a test case holds the outer transaction, and with it the moment
            with connection.cursor() as cursor:
                cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
        with acting_as(actor):
            yield moment


def _database_clock() -> datetime:
    with connection.cursor() as cursor:
        cursor.execute("SELECT clock_timestamp()")
        return cursor.fetchone()[0]


def _everywhere(actor: Actor) -> Actor:
    organisation = apps.get_model("members", "Organisation")
    everyone = frozenset(organisation.objects.values_list("id", flat=True)) | {NO_ORGANISATION}
    return replace(actor, safety=everyone, commercial=everyone, writes=everyone)


def _tell_database(actor: Actor) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT set_config('portal.sees_safety', %s, true), set_config('portal.sees_commercial', %s, true),"
            " set_config('portal.writes', %s, true), set_config('portal.person', %s, true)",
            [_joined(actor.safety), _joined(actor.commercial), _joined(actor.writes), _person(actor)],
        )


def _person(actor: Actor) -> str:
    """Whose personal rows may be seen: the own ones; all by SYSTEM; none by a key, a phone or nobody."""
    if actor.kind == "system":
        return EVERYBODY
    return str(actor.user_id if actor.kind == "person" and actor.user_id else NO_ORGANISATION)


def _joined(organisations: frozenset[UUID]) -> str:
    return ",".join(sorted(map(str, organisations)))
