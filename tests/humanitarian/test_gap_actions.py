"""Gaps of an evacuation plan as actions, from one revision to the next (domain 10.2, scenario 8)."""

import pytest
from django.utils import translation

from aimprogress.core.actor import SYSTEM, acting_as
from aimprogress.core.audit import AuditEvent
from humanitarian.models import SafetyAction
from humanitarian.notifications import open_actions_for_gaps
from humanitarian.services.actions import change_action, open_action
from members.models import EvacuationPlan
from tests.factories import a_coordinator, a_site, a_user
from tests.members.plan_samples import NOT_MET_IN_8, an_evacuation_plan
from tests.signing import signed_in

pytestmark = pytest.mark.django_db


@pytest.fixture
def site():
    return a_site(name="Kyiv brewery", largest_shift=80)


def approvals_heard():
    with acting_as(SYSTEM):
        for event in AuditEvent.objects.filter(action="members.approve_plan").order_by("seq"):
            open_actions_for_gaps(event)


def by_key(site):
    with acting_as(SYSTEM):
        return {action.origin_key: action for action in SafetyAction.objects.filter(site=site).order_by("number")}


def test_scenario_8_thirty_six_seats_short_and_no_border_rules_become_two_actions(site):
    plan = an_evacuation_plan(site)
    approvals_heard()
    found = by_key(site)
    assert {key: action.title for key, action in found.items()} == {
        "seats": "Find 36 more seats for the evacuation", "item 15": "Close the gap of plan item 15",
    }  # fmt: skip
    assert {(action.origin, action.origin_id, action.owner_role) for action in found.values()} == {
        ("PLAN", plan.pk, "Site manager")
    }
    approvals_heard()
    with acting_as(SYSTEM):
        assert SafetyAction.objects.count() == 2, "heard twice, opened once"


def test_a_gap_that_stays_keeps_its_one_action_and_says_how_large_it_is_now(site):
    an_evacuation_plan(site)
    approvals_heard()
    first = by_key(site)["seats"]
    second = an_evacuation_plan(site, seats=110)  # 330 of 336
    approvals_heard()
    found = by_key(site)
    assert (found["seats"].pk, found["seats"].origin_id) == (first.pk, second.pk)
    assert found["seats"].title == "Find 6 more seats for the evacuation" and found["seats"].due_on == first.due_on
    with acting_as(SYSTEM):
        assert SafetyAction.objects.count() == 2


def test_a_gap_that_the_new_revision_closes_is_done_by_it(site):
    an_evacuation_plan(site)
    approvals_heard()
    an_evacuation_plan(site, seats=120, not_met=())
    approvals_heard()
    found = by_key(site)
    assert {action.status for action in found.values()} == {"DONE"} and found["seats"].done_on is not None
    assert found["seats"].evidence == "Revision 2 of the evacuation plan has no such gap."
    with acting_as(SYSTEM):
        changed = AuditEvent.objects.filter(action="humanitarian.change_action", object_id=found["seats"].pk)
        assert changed.count() == 1, "in the audit trail like any change"


def test_a_number_left_empty_closes_no_gap(site):
    an_evacuation_plan(site)
    approvals_heard()
    second = an_evacuation_plan(site, seats=None)
    approvals_heard()
    seats = by_key(site)["seats"]
    assert seats.is_open and seats.origin_id == second.pk and seats.title == "Find 36 more seats for the evacuation"


def test_what_a_person_worded_stays_open_and_its_page_asks(site):
    plan = an_evacuation_plan(site)
    approvals_heard()
    with acting_as(a_coordinator(site.organisation)):
        change_action(action=by_key(site)["seats"], title="Ask the town for its school bus")
        by_hand = open_action(
            site=site, title="First aiders for nights", owner_role="HSE", due_on=plan.next_review_on, origin="PLAN",
            origin_id=plan.pk, origin_key="item 17",
        )  # fmt: skip
    client = signed_in(a_user(site.organisation, "MEMBER_COORDINATOR"))
    asks = "Revision 2 of the evacuation plan has no such gap. Is this action done?"
    an_evacuation_plan(site, seats=120, not_met=NOT_MET_IN_8)
    assert asks in client.get(f"/actions/{by_key(site)['seats'].pk}/").content.decode()
    approvals_heard()
    found = by_key(site)
    assert found["seats"].is_open and asks in client.get(f"/actions/{found['seats'].pk}/").content.decode()
    with acting_as(SYSTEM):
        second = EvacuationPlan.objects.get(site=site, revision=2)
    assert found["item 17"].pk == by_hand.pk and found["item 17"].origin_id == second.pk, "goes along with its plan"
    assert asks not in client.get(f"/actions/{by_hand.pk}/").content.decode()


def test_a_revision_that_was_replaced_meanwhile_opens_nothing(site):
    an_evacuation_plan(site)
    an_evacuation_plan(site, seats=120, not_met=())
    approvals_heard()
    assert by_key(site) == {}


def test_a_title_of_the_portal_is_read_in_the_language_of_the_reader_and_a_persons_stays(site):
    an_evacuation_plan(site)
    approvals_heard()
    found = by_key(site)
    with acting_as(a_coordinator(site.organisation)):
        change_action(action=found["item 15"], title="Ask the border guard about rules")
    client = signed_in(a_user(site.organisation, "MEMBER_COORDINATOR", language="uk"))
    pages = ["/actions/", f"/actions/{found['seats'].pk}/", f"/sites/{site.pk}/", "/actions/board/", "/search/?q=more+seats"]
    for path in pages:
        page = client.get(path).content.decode()
        assert "Знайти ще 36 місць у транспорті для евакуації" in page and "Find 36" not in page, path
    assert "Ask the border guard about rules" in client.get("/actions/").content.decode()
    assert client.get("/api/v1/safety-actions/").json()["results"][0]["title"].startswith(("Find 36", "Ask")), "as it is stored"
    with translation.override("uk"):
        words = SafetyAction(title="Find 1 more seat for the evacuation", origin="PLAN", origin_key="seats").title_read
        assert words != "Find 1 more seat for the evacuation"
        stock = SafetyAction(title="Bring ammonia and chlorine into a safe state", origin="STOCK").title_read
        assert stock != "Bring ammonia and chlorine into a safe state"
        for title, origin, key in (
            ("Find 1 more seat for the evacuation", "", ""),
            ("Find 2 seats", "PLAN", "seats"),
            ("", "PLAN", "seats"),
        ):
            assert SafetyAction(title=title, origin=origin, origin_key=key).title_read == title
