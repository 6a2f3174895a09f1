"""Safety actions against a hazard, and the safe state of stock in danger (domain 3.8)."""

import re
from html import unescape

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from aimprogress.core.actor import SYSTEM, acting_as
from aimprogress.core.audit import AuditEvent
from aimprogress.core.permissions import Role
from aimprogress.exchange.services import apply_import, stage_import
from humanitarian.models import SafetyAction
from humanitarian.notifications import open_safe_state, open_safe_states_of_a_list
from humanitarian.services.actions import change_action
from members.services.evacuations import activate_plan
from members.services.hazards import end_hazard, report_hazard
from members.services.sites import change_alert_level, change_site
from tests.exchange.test_imports import a_list
from tests.factories import a_coordinator, a_site, a_status, a_user, the_secretariat
from tests.members.plan_samples import an_evacuation_plan
from tests.members.test_changing_sites import a_town
from tests.signing import signed_in

pytestmark = pytest.mark.django_db

NEW = {"title": "No work in the open yard", "type": "MITIGATE", "owner_role": "HSE lead", "due_on": "2027-01-31"}


@pytest.fixture
def site():
    return a_site()


@pytest.fixture
def client(site):
    return signed_in(a_user(site.organisation, Role.MEMBER_COORDINATOR))


def reported(site, hazard="SHELLING", severity=3):
    with acting_as(SYSTEM):
        return report_hazard(site=site, hazard=hazard, severity=severity)


def page_of(client, site):
    return client.get(reverse("members:site", args=[site.pk])).content.decode()


def links_beside(page, hazard):
    """The forms for an action about this report."""
    return [unescape(url) for url in re.findall(r'href="(/actions/add/[^"]*)"', page) if str(hazard.pk) in url]


def test_an_action_is_added_beside_the_hazard_and_stands_there_when_it_is_reported_anew(site, client):
    hazard = reported(site)
    (path,) = links_beside(page_of(client, site), hazard)
    assert "This action follows from: Hazard: Shelling" in client.get(path).content.decode()
    assert client.post(path, NEW | {"site": site.pk}).status_code == 302
    with acting_as(SYSTEM):
        action = SafetyAction.objects.get()
    assert (action.origin, action.origin_id) == ("HAZARD", hazard.pk)
    shown = client.get(f"/actions/{action.pk}/").content.decode()
    assert "Hazard: Shelling" in shown and f"/sites/{site.pk}/#conditions" in shown
    newer = reported(site, severity=2)
    conditions = conditions_of(page_of(client, site))
    assert action.title in conditions and links_beside(conditions, newer) and not links_beside(conditions, hazard)
    assert action.title in client.get("/actions/?origin=HAZARD").content.decode()
    assert action.title not in client.get("/actions/?origin=PLAN").content.decode()
    with acting_as(SYSTEM):
        end_hazard(report=newer)
    assert action.title not in conditions_of(page_of(client, site)), "what is over leaves the card"


def conditions_of(page):
    return page.split('id="conditions"')[1].split("</section>")[0]


def test_a_program_attaches_an_action_to_a_hazard_of_the_same_site_only(site, client):
    hazard, elsewhere = reported(site), reported(a_site(site.organisation))
    body = NEW | {"site": str(site.pk), "origin": "HAZARD"}
    answers = [
        client.post("/api/v1/safety-actions/", body | {"origin_id": str(one.pk)}, content_type="application/json")
        for one in (hazard, elsewhere)
    ]
    assert [answer.status_code for answer in answers] == [201, 400]
    (row,) = client.get("/api/v1/safety-actions/?origin=HAZARD").json()["results"]
    assert (row["origin"], row["origin_id"]) == ("HAZARD", str(hazard.pk))


def test_a_viewer_sees_the_action_without_a_way_to_add_one_and_the_team_its_number(site, client):
    hazard = reported(site)
    client.post(links_beside(page_of(client, site), hazard)[0], NEW | {"site": site.pk})
    seen = page_of(signed_in(a_user(site.organisation, Role.MEMBER_VIEWER)), site)
    assert NEW["title"] in conditions_of(seen) and not links_beside(seen, hazard)
    team = page_of(signed_in(a_user(the_secretariat(), Role.AIM_ANALYST)), site)
    assert "A-1</a>" in conditions_of(team) and NEW["title"] not in team and "/actions/add/" not in team


def test_the_page_costs_the_same_however_many_hazards_have_an_action(site, client):
    def asked(hazard) -> int:
        found = reported(site, hazard)
        client.post(links_beside(page_of(client, site), found)[0], NEW | {"site": site.pk})
        with CaptureQueriesContext(connection) as queries:
            page_of(client, site)
        return len(queries)

    asked("FIRE")
    assert asked("SHELLING") == asked("UXO")


# Stock in danger


def safe_states(site):
    """What is asked for after every event of the site was heard, twice: a subscriber may hear one again."""
    with acting_as(SYSTEM):
        for event in [*AuditEvent.objects.order_by("seq"), *AuditEvent.objects.order_by("seq")]:
            if event.action in (
                "members.change_alert_level",
                "members.activate_plan",
                "members.report_hazard",
                "members.change_site",
            ):
                open_safe_state(event)
        return list(SafetyAction.objects.filter(site=site, origin="STOCK").order_by("number"))


@pytest.fixture
def stocked():
    return a_site(hazardous_stock=True)


def raised(site, level):
    with acting_as(SYSTEM):
        change = change_alert_level(site=site, level=level, reason="Strikes")
        site.refresh_from_db()
    return change


def test_level_three_asks_for_a_safe_state_once(stocked, client):
    raised(stocked, 2)
    assert safe_states(stocked) == []
    change = raised(stocked, 3)
    (action,) = safe_states(stocked)
    assert (action.origin_id, action.owner_role, action.type, action.is_open) == (change.pk, "Site manager", "MITIGATE", True)
    raised(stocked, 4)
    assert safe_states(stocked) == [action], "one while one is open"
    page = signed_in(a_user(stocked.organisation, Role.MEMBER_COORDINATOR)).get(f"/actions/{action.pk}/").content.decode()
    assert "Alert level: Severe" in page


def test_a_safe_state_that_was_reached_is_asked_for_again_by_the_next_danger(stocked):
    raised(stocked, 3)
    (action,) = safe_states(stocked)
    with acting_as(SYSTEM):
        change_action(action=action, status="DONE", evidence="Compressors drained")
    assert len(safe_states(stocked)) == 1, "the same fact asks once"
    raised(stocked, 4)
    assert [one.is_open for one in safe_states(stocked)] == [False, True]


def test_a_chemical_hazard_and_an_evacuation_ask_too(stocked):
    reported(stocked, "SHELLING")
    assert safe_states(stocked) == []
    hazard = reported(stocked, "CHEMICAL", severity=1)
    (action,) = safe_states(stocked)
    assert action.origin_id == hazard.pk
    other = a_site(hazardous_stock=True)
    plan = an_evacuation_plan(other, owner_role="Plant head")
    with acting_as(SYSTEM):
        activate_plan(plan=plan, who="ALL", reason="DANGER")
    (action,) = safe_states(other)
    assert action.owner_role == "Plant head"


def test_without_stock_nothing_is_asked_and_with_it_as_soon_as_somebody_says_so(site):
    raised(site, 3)
    reported(site, "CHEMICAL")
    assert safe_states(site) == []
    with acting_as(a_coordinator(site.organisation)):
        change_site(site=site, hazardous_stock=True)
        change_site(site=site, address="Gate 2")
    assert len(safe_states(site)) == 1


def test_a_list_that_says_so_asks_as_the_form_does(site):
    raised(site, 3)
    town = a_town("Lviv", site.admin1, population=700_000, lat=49.84, lon=24.03)
    headings = ("Site code", "Site name", "Country", "City", "Ammonia")
    upload = a_list((site.code, site.name, site.country, town.name, "yes"), headings=headings)
    with acting_as(a_coordinator(site.organisation)):
        batch = apply_import(batch=stage_import(organisation=site.organisation, target="sites", upload=upload))
        assert batch.counts["changed"] == 1
    with acting_as(SYSTEM):
        for event in 2 * list(AuditEvent.objects.filter(action="exchange.apply_import")):
            open_safe_states_of_a_list(event)
        assert SafetyAction.objects.filter(site=site, origin="STOCK").count() == 1


def test_no_level_that_fell_since_and_no_closed_site_asks(stocked):
    raised(stocked, 3)
    raised(stocked, 1)
    assert safe_states(stocked) == []
    closed = a_site(hazardous_stock=True)
    a_status(closed, "CLOSED", reason="DEMAND")
    raised(closed, 3)
    assert safe_states(closed) == []


def test_a_safe_state_is_not_cancelled_without_a_reason(stocked):
    raised(stocked, 3)
    (action,) = safe_states(stocked)
    client = signed_in(a_user(stocked.organisation, Role.MEMBER_COORDINATOR))
    url, call = f"/api/v1/safety-actions/{action.pk}/", {"content_type": "application/json", "headers": {"If-Match": "*"}}
    refused = client.patch(url, {"status": "CANCELLED"}, **call)
    assert refused.status_code == 400 and refused.json()["errors"][0]["pointer"] == "/blocked_by"
    bulk = client.post("/actions/change/", {"row": [action.pk], "status": "CANCELLED", "do": "change"})
    assert bulk.status_code == 422 and "Say why it is not done after all." in bulk.content.decode()
    assert client.patch(url, {"status": "CANCELLED", "blocked_by": "The stock was sold"}, **call).status_code == 200
    assert "The stock was sold" in client.get(f"/actions/{action.pk}/").content.decode()


def test_the_form_of_a_site_asks_for_the_stock_and_its_page_says_it_to_own_people(site, client):
    assert 'name="hazardous_stock"' in client.get(reverse("members:site_change", args=[site.pk])).content.decode()
    answer = client.patch(
        f"/api/v1/sites/{site.pk}/", {"hazardous_stock": True}, content_type="application/json", headers={"If-Match": "*"}
    )
    assert answer.status_code == 200
    assert "Ammonia or chlorine is kept here." in page_of(client, site)
    team = page_of(signed_in(a_user(the_secretariat(), Role.AIM_ANALYST)), site)
    assert "Ammonia or chlorine" not in team
