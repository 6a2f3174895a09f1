"""An analyst looks at a member's commercial rows: a reason, an hour, and the member sees it at once."""

import re
from datetime import timedelta

import pytest
from django.core import mail
from django.urls import reverse
from django.utils import timezone

from aimprogress.core.actor import SYSTEM, acting_as
from aimprogress.core.audit import AuditEvent
from humanitarian.models import Contribution, PartnerOrganisation
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


@pytest.fixture
def money(halden):
    unhcr = PartnerOrganisation.objects.create(name="UN Refugee Agency", short_name="UNHCR", type="UN")
    with acting_as(SYSTEM):
        given = Contribution(
            organisation=halden, partner=unhcr, currency="EUR", committed=280_123, disbursed=45_678, committed_on="2026-03-01",
            disbursed_on="2026-04-01",
        )  # fmt: skip
        given.save(force_insert=True)
    return given


def test_in_a_session_money_is_read_in_bands(analyst, halden, money, coordinator):
    open_session(analyst, halden)
    for path in (
        "/humanitarian/",
        "/humanitarian/contributions/",
        "/api/v1/contributions/",
        f"/api/v1/contributions/{money.pk}/",
    ):
        text = analyst.get(path).content.decode()
        assert "100k-1m" in text and not re.search(r"280[,.]?123|45[,.]?678|16\.3 %", text), path
    own = coordinator.get("/humanitarian/contributions/").content.decode()
    assert "280" in own and "100k-1m" not in own


def test_a_session_is_for_looking_and_no_file_outlives_it(analyst, halden, money):
    open_session(analyst, halden)
    assert "Golden Field Mills" in analyst.get("/suppliers/").content.decode()
    for noun, path in (
        ("suppliers", "/suppliers/"),
        ("contributions", "/humanitarian/contributions/"),
        ("rights-issues", "/risks/"),
    ):
        address = reverse("exports:request", args=[noun])
        assert address not in analyst.get(path).content.decode()
        assert analyst.post(address, {"query": ""}).status_code == 404
        asked = analyst.post(
            "/api/v1/exports/", {"noun": noun}, content_type="application/json", headers={"Idempotency-Key": noun}
        )
        assert asked.status_code == 403, noun


def test_what_a_session_showed_is_gone_with_it_everywhere(analyst, halden, money):
    """Ended by hand: pages, API, search and single rows close at once, and If-None-Match says nothing of them."""
    open_session(analyst, halden)
    with acting_as(SYSTEM):
        supplier, session = Supplier.objects.get(), StaffSession.objects.get()
    paths = (f"/suppliers/{supplier.pk}/", f"/api/v1/suppliers/{supplier.pk}/", f"/api/v1/contributions/{money.pk}/")
    tags = {path: analyst.get(path).headers.get("ETag") for path in paths}
    assert "Golden Field Mills" in analyst.get("/search/?q=Golden").content.decode()
    analyst.post(f"/staff-sessions/{session.pk}/end/")
    for path in paths:
        assert analyst.get(path).status_code == 404, path
        assert analyst.get(path, headers={"If-None-Match": tags[path] or "*"}).status_code == 404, path
    assert "Golden Field Mills" not in analyst.get("/search/?q=Golden").content.decode()
    assert analyst.get("/api/v1/suppliers/").json()["results"] == []


def test_a_session_opens_nothing_for_writing(analyst, halden, money):
    open_session(analyst, halden)
    with acting_as(SYSTEM):
        supplier = Supplier.objects.get()
    for noun, pk in (("suppliers", supplier.pk), ("contributions", money.pk)):
        changed = analyst.patch(
            f"/api/v1/{noun}/{pk}/", {"country": "PL"}, content_type="application/json", headers={"If-Match": "*"}
        )
        assert changed.status_code == 403, noun
    assert analyst.get(f"/suppliers/{supplier.pk}/change/").status_code == 403


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
