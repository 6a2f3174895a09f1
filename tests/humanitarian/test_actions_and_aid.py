"""Safety actions, and what members give."""

from datetime import date, timedelta
from decimal import Decimal

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.utils import timezone

from aimprogress.core.actor import SYSTEM, acting_as
from aimprogress.figures.registry import FigureScope, measure
from humanitarian.models import Contribution, PartnerOrganisation, SafetyAction
from humanitarian.services.actions import action_from, change_action, open_action
from humanitarian.services.aid import record_contribution
from members.access import actor_for_user
from members.models import RoleGrant, Site
from members.services.sites import log_head_count, log_site_status
from tests.factories import a_coordinator, a_reporter, a_site, a_user, an_organisation, the_secretariat
from tests.signing import signed_in

pytestmark = pytest.mark.django_db


@pytest.fixture
def site():
    return a_site(name="Sumy oils")


def late(site, days=3, **fields):
    with acting_as(a_coordinator(site.organisation)):
        return open_action(
            site=site,
            title="Ammonia to a safe state",
            owner_role="Engineer",
            due_on=timezone.localdate() - timedelta(days=days),
            **fields,
        )


def test_numbers_count_up_within_the_member_also_for_a_reporter_of_one_site(site):
    other = a_site(site.organisation)
    assert [late(site).number, late(other).number] == [1, 2]
    with acting_as(a_reporter(site)):
        assert open_action(site=site, title="X", owner_role="HSE", due_on=timezone.localdate()).number == 3
    assert late(a_site()).number == 1


def test_overdue_days_are_whole_days_past_the_due_day(site):
    action = late(site, days=3)
    assert action.overdue_days(timezone.localdate()) == 3
    assert late(site, days=0).overdue_days(timezone.localdate()) == 0
    with acting_as(a_coordinator(site.organisation)):
        assert change_action(action=action, status="DONE").overdue_days(timezone.localdate()) == 0


def test_done_without_evidence_is_not_verified(site):
    with acting_as(a_coordinator(site.organisation)):
        action = change_action(action=late(site), status="DONE")
        assert action.is_unverified and action.done_on == timezone.localdate()
        assert not change_action(action=action, evidence="Inspected by the fire brigade").is_unverified
        assert change_action(action=action, status="OPEN").done_on is None


def test_a_blocked_action_says_what_blocks_it(site):
    with acting_as(a_coordinator(site.organisation)), pytest.raises(ValidationError):
        change_action(action=late(site), status="BLOCKED")


def test_the_same_gap_makes_one_action(site):
    origin = site.pk
    with acting_as(SYSTEM):
        first = action_from("PLAN", origin, "seats", site=site, days=7, title="Seats", owner_role="Manager")
        again = action_from("PLAN", origin, "seats", site=site, days=7, title="Seats", owner_role="Manager")
    assert first is not None and again is None


def test_the_list_shows_titles_to_the_own_people_and_numbers_to_the_analyst(site):
    late(site)
    own = signed_in(a_user(site.organisation, "MEMBER_COORDINATOR")).get("/actions/?state=overdue").content.decode()
    assert "Ammonia to a safe state" in own and "3 days late" in own
    analyst = signed_in(a_user(the_secretariat(), "AIM_ANALYST"))
    listed = analyst.get("/actions/").content.decode()
    assert "A-1" in listed and "Ammonia" not in listed and "Sumy oils" not in listed
    assert "A-1" not in analyst.get("/actions/?q=Ammonia").content.decode()


def test_another_member_finds_no_action(site):
    action = late(site)
    other = signed_in(a_user(an_organisation(), "MEMBER_COORDINATOR"))
    assert other.get(f"/actions/{action.pk}/").status_code == 404
    other.post("/actions/change/", {"row": [action.pk], "status": "DONE", "do": "change"})
    with acting_as(SYSTEM):
        assert SafetyAction.objects.get(pk=action.pk).status == "OPEN"


def test_a_reporter_opens_an_action_at_an_own_site_and_changes_none(site):
    other, action = a_site(site.organisation), late(site)
    reporter = a_user(site.organisation, "SITE_REPORTER", sites=[site])
    client = signed_in(reporter)
    assert "Ammonia to a safe state" in client.get("/actions/").content.decode()
    page = client.get(f"/actions/add/?site={site.pk}").content.decode()
    assert site.name in page and other.name not in page
    due = {"title": "Salt the yard", "type": "PREVENT", "owner_role": "HSE", "due_on": "2027-01-31"}
    assert client.post("/actions/add/", due | {"site": site.pk}).status_code == 302
    assert client.post("/actions/add/", due | {"site": other.pk}).status_code == 422
    assert client.get(f"/actions/{action.pk}/change/").status_code == 403
    assert client.post("/actions/change/", {"row": [action.pk], "status": "DONE", "do": "change"}).status_code == 403
    changed = client.patch(
        f"/api/v1/safety-actions/{action.pk}/", {"status": "DONE"}, content_type="application/json", headers={"If-Match": "*"}
    )
    assert changed.status_code == 403
    with acting_as(SYSTEM):
        assert SafetyAction.objects.get(pk=action.pk).status == "OPEN"
        assert SafetyAction.objects.filter(site=site).count() == 2 and not SafetyAction.objects.filter(site=other).exists()


def test_a_reporter_who_is_also_a_viewer_writes_about_the_own_sites_alone(site):
    other = a_site(site.organisation)
    both = a_user(site.organisation, "SITE_REPORTER", sites=[site])
    RoleGrant.objects.create(user=both, organisation=site.organisation, role="MEMBER_VIEWER")
    with acting_as(actor_for_user(both, site.organisation_id)):
        assert Site.objects.count() == 2, "a viewer reads every site"
        for service, fields in ((log_site_status, {"operational": "OPERATING"}), (log_head_count, {"expected": 0})):
            service(site=site, **fields)
            with pytest.raises(PermissionDenied):
                service(site=other, **fields)
        with pytest.raises(PermissionDenied):
            open_action(site=other, title="X", owner_role="HSE", due_on=timezone.localdate())


def test_the_number_in_the_menu_and_the_figure_equal_the_list(site):
    late(site)
    late(site, days=0)
    with acting_as(a_coordinator(site.organisation)):
        assert measure("actions.overdue", FigureScope()).value == 1
        assert measure("actions.open", FigureScope()).value == 2


def test_money_is_added_per_currency_only():
    member = an_organisation()
    partner = PartnerOrganisation.objects.create(name="UN Refugee Agency", short_name="UNHCR", type="UN")
    with acting_as(a_coordinator(member)):
        for currency, committed, paid in (("EUR", 250000, 200000), ("EUR", 30000, 30000), ("USD", 100000, 100000)):
            record_contribution(
                organisation=member, partner=partner, currency=currency, committed=Decimal(committed), disbursed=Decimal(paid),
                committed_on=date(2026, 3, 1), disbursed_on=date(2026, 4, 1),
            )  # fmt: skip
    page = signed_in(a_user(member, "MEMBER_VIEWER")).get("/humanitarian/").content.decode()
    assert "280,000.00" in page and "82.1" in page and "100,000.00" in page and "380,000" not in page
    analyst = signed_in(a_user(the_secretariat(), "AIM_ANALYST")).get("/humanitarian/").content.decode()
    assert "280,000" not in analyst
    with acting_as(a_coordinator(an_organisation())):
        assert not Contribution.objects.exists()


def test_paid_money_has_a_day():
    member = an_organisation()
    partner = PartnerOrganisation.objects.create(name="ICRC", short_name="ICRC", type="RCRC")
    with acting_as(a_coordinator(member)), pytest.raises(ValidationError):
        record_contribution(
            organisation=member,
            partner=partner,
            currency="EUR",
            committed=Decimal(5),
            disbursed=Decimal(5),
            committed_on=date(2026, 3, 1),
        )


# What follows from what a program says


def test_an_action_that_begins_done_and_judged_has_its_days(site):
    client = signed_in(a_user(site.organisation, "MEMBER_COORDINATOR"))
    body = {
        "site": str(site.pk), "title": "Salt the yard", "owner_role": "HSE", "due_on": "2027-01-31", "status": "DONE",
        "evidence": "Seen", "effect": "SOME",
    }  # fmt: skip
    made = client.post("/api/v1/safety-actions/", body, content_type="application/json")
    today = timezone.localdate().isoformat()
    assert made.status_code == 201 and (made.json()["done_on"], made.json()["effect_on"]) == (today, today)
    still = client.post(
        "/api/v1/safety-actions/", body | {"status": "OPEN", "effect": "NOT_YET"}, content_type="application/json"
    )
    assert (still.json()["done_on"], still.json()["effect_on"]) == (None, None)


def test_an_action_stays_at_its_site_and_says_so_at_the_pointer(site):
    client = signed_in(a_user(site.organisation, "MEMBER_COORDINATOR"))
    url, other = f"/api/v1/safety-actions/{late(site).pk}/", a_site(site.organisation)
    call = {"content_type": "application/json", "headers": {"If-Match": "*"}}
    moved = client.patch(url, {"site": str(other.pk), "owner_role": "HSE"}, **call)
    assert moved.status_code == 400 and moved.json()["errors"][0]["pointer"] == "/site"
    assert client.get(url).json()["owner_role"] == "Engineer"
    assert client.patch(url, {"site": str(site.pk), "owner_role": "HSE"}, **call).json()["owner_role"] == "HSE"


def test_a_cancelled_action_says_why(site):
    with acting_as(a_coordinator(site.organisation)):
        action = late(site)
        with pytest.raises(ValidationError) as refused:
            change_action(action=action, status="CANCELLED")
        assert list(refused.value.message_dict) == ["blocked_by"]
        assert change_action(action=action, status="CANCELLED", blocked_by="The line is sold").status == "CANCELLED"
