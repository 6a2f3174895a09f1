"""An analyst looks at a member's commercial rows: a reason, an hour, and the member sees it at once."""

from datetime import timedelta

import pytest
from django.core import mail
from django.utils import timezone

from aimprogress.core.actor import SYSTEM, acting_as
from aimprogress.core.audit import AuditEvent
from members.models import StaffSession
from members.notifications import tell_that_somebody_looks
from suppliers.models import Supplier
from tests.factories import a_user, an_organisation, the_secretariat
from tests.signing import signed_in

pytestmark = pytest.mark.django_db
REASON = "Review of the red flags of May"


@pytest.fixture
def halden():
    organisation = an_organisation(short_name="Halden Foods")
    with acting_as(SYSTEM):
        Supplier(organisation=organisation, name="Golden Field Mills", country="UA").save()
    return organisation


@pytest.fixture
def analyst():
    return signed_in(a_user(the_secretariat(), "AIM_ANALYST"))


@pytest.fixture
def coordinator(halden):
    return signed_in(a_user(halden, "MEMBER_COORDINATOR"))


def open_session(client, organisation, reason=REASON):
    return client.post("/staff-sessions/open/", {"organisation": str(organisation.pk), "reason": reason})


def test_a_session_opens_commercial_rows_for_its_hour_and_no_longer(analyst, halden):
    assert "Golden Field Mills" not in analyst.get("/suppliers/").content.decode()
    assert open_session(analyst, halden).status_code == 302
    assert "Golden Field Mills" in analyst.get("/suppliers/").content.decode()
    with acting_as(SYSTEM):
        session = StaffSession.objects.get()
        assert abs(session.ends_at - session.started_at - timedelta(hours=1)) < timedelta(seconds=5)
        StaffSession.objects.update(ends_at=timezone.now() - timedelta(seconds=1))
    assert "Golden Field Mills" not in analyst.get("/suppliers/").content.decode()


def test_the_member_sees_who_looks_and_why_at_once(analyst, halden, coordinator):
    assert "Nobody of AIM-Progress has looked" in coordinator.get("/sharing/").content.decode()
    open_session(analyst, halden)
    for path in ("/sharing/", "/staff-sessions/"):
        page = coordinator.get(path).content.decode()
        assert REASON in page and "open until" in page, path
    other = signed_in(a_user(an_organisation(), "MEMBER_COORDINATOR"))
    assert REASON not in other.get("/staff-sessions/").content.decode()


def test_an_analyst_ends_the_own_session_and_nobody_elses(analyst, halden):
    open_session(analyst, halden)
    with acting_as(SYSTEM):
        session = StaffSession.objects.get()
    colleague = signed_in(a_user(the_secretariat(), "AIM_ANALYST"))
    assert colleague.post(f"/staff-sessions/{session.pk}/end/").status_code == 404
    assert "Golden Field Mills" not in colleague.get("/suppliers/").content.decode()
    assert analyst.post(f"/staff-sessions/{session.pk}/end/").status_code == 302
    assert "Golden Field Mills" not in analyst.get("/suppliers/").content.decode()


@pytest.mark.parametrize("reason", ["", "why not", "x"])
def test_a_reason_is_a_sentence(analyst, halden, reason):
    refused = open_session(analyst, halden, reason)
    assert refused.status_code == 422
    with acting_as(SYSTEM):
        assert not StaffSession.objects.exists()


def test_only_members_are_looked_at_and_only_by_analysts(analyst, halden, coordinator):
    assert open_session(analyst, an_organisation("PARTNER")).status_code == 422
    assert open_session(coordinator, halden).status_code == 403
    for role, status in (("AIM_ADMIN", 403), ("DPO", 200)):
        client = signed_in(a_user(the_secretariat(), role))
        assert client.get("/staff-sessions/").status_code == status, role
        assert open_session(client, halden).status_code == 403, role


def test_the_protection_officer_reads_every_session(analyst, halden):
    open_session(analyst, halden)
    page = signed_in(a_user(the_secretariat(), "DPO")).get("/staff-sessions/").content.decode()
    assert REASON in page and "Open for one hour" not in page


def test_the_members_coordinators_are_asked_to_sign_in(analyst, halden, coordinator):
    open_session(analyst, halden)
    with acting_as(SYSTEM):
        tell_that_somebody_looks(AuditEvent.objects.get(action="members.open_staff_session"))
    (message,) = mail.outbox
    assert REASON not in message.body and "Halden" not in message.body
