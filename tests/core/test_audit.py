"""The audit trail is a chain for each organisation: whatever is done to it afterwards is found."""

import threading

import pytest
from django.db import connection, connections

from aimprogress.core.actor import SYSTEM, acting_as
from aimprogress.core.audit import AuditChain, AuditEvent, record, verify_chains
from aimprogress.core.ids import NO_ORGANISATION
from tests.factories import a_site, an_organisation

pytestmark = pytest.mark.django_db(transaction=True)


def faults() -> list[tuple[int, str]]:
    with acting_as(SYSTEM):
        return [(link.seq, link.why) for link in verify_chains()]


@pytest.fixture
def chain():
    """Four events of one organisation, and one of the portal."""
    site = a_site(an_organisation())
    with acting_as(SYSTEM):
        for act in ("read_strict", "download_file", "read_strict", "read_strict"):
            record(f"members.{act}", subject=site, file="f")
        record("members.sign_in", organisation_id=NO_ORGANISATION)
    assert faults() == []
    return site.organisation_id


def tampered(sql: str, *parameters: object) -> None:
    """As somebody who has the owner's password and opens the wall."""
    with connections["owner"].cursor() as cursor:
        cursor.execute("ALTER TABLE core_auditevent NO FORCE ROW LEVEL SECURITY")
        try:
            cursor.execute(sql, parameters)
            assert cursor.rowcount
        finally:
            cursor.execute("ALTER TABLE core_auditevent FORCE ROW LEVEL SECURITY")


def test_each_organisation_has_a_chain_of_its_own_that_counts_from_one(chain):
    other = a_site(an_organisation())
    with acting_as(SYSTEM):
        record("members.read_strict", subject=other)
        counted = {
            pk: list(AuditEvent.objects.filter(organisation_id=pk).order_by("seq").values_list("seq", flat=True))
            for pk in (chain, other.organisation_id, NO_ORGANISATION)
        }
    assert list(counted.values()) == [[1, 2, 3, 4], [1], [1]]


@pytest.mark.parametrize(
    ("sql", "found"),
    [
        ("UPDATE core_auditevent SET actor_label = 'somebody else' WHERE seq = 2", (2, "it was altered")),
        ("UPDATE core_auditevent SET at = at + interval '1 hour' WHERE seq = 2", (2, "it was altered")),
        ("""UPDATE core_auditevent SET body = '{"file": "g"}' WHERE seq = 2""", (2, "its body was altered")),
        ("DELETE FROM core_auditevent WHERE seq = 2", (3, "an event is missing before it")),
        (
            "UPDATE core_auditevent SET seq = CASE seq WHEN 2 THEN 13 ELSE 12 END WHERE seq IN (2, 3)",
            (4, "an event is missing before it"),
        ),
        ("DELETE FROM core_auditevent WHERE seq = 4", (4, "the head does not match the last event")),
    ],
)
def test_what_was_altered_removed_moved_or_cut_off_is_found(chain, sql, found):
    tampered(sql + " AND organisation_id = %s", chain)
    assert found in faults()


def test_an_event_that_was_added_by_hand_is_found(chain):
    kept = "organisation_id, data_class, at, action, actor_kind, actor_label, object_type, body, body_hash, previous, hash"
    tampered(
        f"INSERT INTO core_auditevent (id, seq, {kept}) SELECT gen_random_uuid(), 5, {kept} FROM core_auditevent"
        " WHERE seq = 4 AND organisation_id = %s",
        chain,
    )
    assert (5, "it does not follow the event before it") in faults()


def test_a_body_that_retention_dropped_leaves_the_chain_whole(chain):
    tampered("UPDATE core_auditevent SET body = '{}' WHERE seq = 2 AND organisation_id = %s", chain)
    assert faults() == []


def test_two_who_write_at_once_get_numbers_without_a_gap_or_a_repetition(chain):
    def write() -> None:
        try:
            for _ in range(10):
                with acting_as(SYSTEM):
                    record("members.read_strict", organisation_id=chain)
        finally:
            connection.close()

    writers = [threading.Thread(target=write) for _ in range(3)]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join()
    with acting_as(SYSTEM):
        assert AuditChain.objects.get(pk=chain).seq == 34
        assert AuditEvent.objects.filter(organisation_id=chain).count() == 34
    assert faults() == []
