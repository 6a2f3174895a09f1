"""A chain that is rewritten whole, with its head, passes every check of its own; the anchor of an earlier day does not."""

from io import StringIO

import pytest
from django.core import mail
from django.core.management import call_command
from django.db import connections

from aimprogress.core.actor import SYSTEM, acting_as
from aimprogress.core.anchors import anchor_chains, broken_anchors
from aimprogress.core.audit import AuditChain, AuditEvent, record, verify_chains
from aimprogress.core.ids import NO_ORGANISATION
from aimprogress.jobs.delivery import deliver
from tests.factories import a_site, a_user, an_organisation, the_secretariat

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def chain():
    site = a_site(an_organisation())
    with acting_as(SYSTEM):
        for act in ("read_strict", "download_file"):
            record(f"members.{act}", subject=site)
    return site.organisation_id


@pytest.fixture
def digest(chain):
    with acting_as(SYSTEM):
        return anchor_chains()


def rewritten(organisation_id, **fields) -> None:
    """Somebody with the owner's password changes the first event and computes every hash after it, the head's as well."""
    with acting_as(SYSTEM):
        events = list(AuditEvent.objects.filter(organisation_id=organisation_id).order_by("seq"))
    for name, value in fields.items():
        setattr(events[0], name, value)
    previous = "0" * 64
    with connections["owner"].cursor() as cursor:
        cursor.execute("ALTER TABLE core_auditevent NO FORCE ROW LEVEL SECURITY")
        for event in events:
            event.previous = previous
            previous = event.hash = event.computed_hash()
            cursor.execute(
                "UPDATE core_auditevent SET actor_label = %s, previous = %s, hash = %s WHERE id = %s",
                [event.actor_label, event.previous, event.hash, event.pk],
            )
        cursor.execute("UPDATE core_auditchain SET hash = %s WHERE organisation_id = %s", [previous, organisation_id])
        cursor.execute("ALTER TABLE core_auditevent FORCE ROW LEVEL SECURITY")


def verify(*options: str) -> tuple[int, str]:
    out = StringIO()
    try:
        call_command("audit_verify", *options, stdout=out)
    except SystemExit as end:
        return int(end.code), out.getvalue()
    return 0, out.getvalue()


def test_a_trail_that_nobody_touched_agrees_with_its_anchors(chain, digest):
    status, said = verify("--anchor", digest)
    assert status == 0
    assert "is in the trail" in said
    assert "0 broken links" in said


def test_a_chain_rewritten_with_its_head_is_found_by_the_anchor_alone(chain, digest):
    rewritten(chain, actor_label="somebody else")
    with acting_as(SYSTEM):
        assert verify_chains() == []
        assert [(link.organisation_id, link.seq) for link in broken_anchors()] == [(str(chain), 2)]
    assert verify()[0] == 1


def test_where_the_anchor_was_rewritten_too_the_digest_kept_outside_finds_it(chain, digest):
    with connections["owner"].cursor() as cursor:
        cursor.execute("ALTER TABLE core_auditevent NO FORCE ROW LEVEL SECURITY")
        cursor.execute("DELETE FROM core_auditevent WHERE organisation_id = %s", [NO_ORGANISATION])
        cursor.execute("ALTER TABLE core_auditevent FORCE ROW LEVEL SECURITY")
        cursor.execute("DELETE FROM core_auditchain WHERE organisation_id = %s", [NO_ORGANISATION])
    assert verify()[0] == 0
    status, said = verify("--anchor", digest)
    assert status == 1
    assert "no anchor has this digest" in said


def test_a_chain_that_was_removed_with_its_head_is_found(chain, digest):
    with connections["owner"].cursor() as cursor:
        cursor.execute("ALTER TABLE core_auditevent NO FORCE ROW LEVEL SECURITY")
        cursor.execute("DELETE FROM core_auditevent WHERE organisation_id = %s", [chain])
        cursor.execute("ALTER TABLE core_auditevent FORCE ROW LEVEL SECURITY")
        cursor.execute("DELETE FROM core_auditchain WHERE organisation_id = %s", [chain])
    with acting_as(SYSTEM):
        assert verify_chains() == []
        assert len(broken_anchors()) == 1


def test_who_reads_the_log_is_mailed_the_digest_and_nobody_else(chain, digest):
    told = {a_user(the_secretariat(), role).email for role in ("AIM_ADMIN", "DPO")}
    a_user(the_secretariat(), "AIM_ANALYST")
    a_user(an_organisation(), "MEMBER_COORDINATOR")
    with acting_as(SYSTEM):
        digest = anchor_chains()
    deliver()
    assert {address for message in mail.outbox for address in message.to} == told
    assert all(digest in message.body for message in mail.outbox[-2:])


def test_the_anchor_names_no_value_and_counts_as_one_event_of_the_portal(chain, digest):
    with acting_as(SYSTEM):
        event = AuditEvent.objects.filter(organisation_id=NO_ORGANISATION).get()
        heads = {str(head.pk) for head in AuditChain.objects.exclude(pk=NO_ORGANISATION)}
    assert event.action == "core.anchor_chains"
    assert set(event.body) == {"heads", "digest"}
    assert set(event.body["heads"]) == heads
