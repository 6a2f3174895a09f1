"""`?as_of=` of plans (API) and of roll calls (API, pages, figures): the revisions approved by then, the calls opened by then."""

from datetime import timedelta
from urllib.parse import quote

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from aimprogress.core.actor import SYSTEM, acting_as
from aimprogress.core.permissions import Role
from aimprogress.figures.moment import looking_back
from aimprogress.figures.registry import FigureScope, measure_all
from members.models import EvacuationPlan, RollCall
from members.planning import review_date
from members.services.plans import ask_for_approval
from members.services.roll_calls import answer_roll_call, close_roll_call, open_roll_call
from members.services.sites import change_alert_level
from tests.factories import a_coordinator, a_site, a_status, a_user, an_organisation, the_secretariat
from tests.members.plan_samples import a_communication_plan, an_evacuation_plan
from tests.signing import signed_in

pytestmark = pytest.mark.django_db
HOUR = timedelta(hours=1)
DAY = 24 * HOUR


@pytest.fixture
def now():
    return timezone.now()


@pytest.fixture
def site(now):
    site = a_site(an_organisation(), name="Kharkiv plant")
    a_status(site, "OPERATING", now - 9 * DAY, recorded_at=now - 9 * DAY)
    return site


@pytest.fixture
def api(site):
    client = signed_in(a_user(site.organisation, Role.MEMBER_COORDINATOR))

    def get(path, moment=None, answers=200, **query):
        query |= {"as_of": moment.isoformat()} if moment else {}
        answer = client.get(f"/api/v1/{path}/?" + "&".join(f"{name}={quote(value)}" for name, value in query.items()))
        assert answer.status_code == answers, answer.content
        return answer.json()

    return get


@pytest.fixture
def plans(site, now):
    """Approved four days ago, replaced a day ago; then the level rose, and a draft was put forward."""
    plans = [an_evacuation_plan(site, title=title) for title in ("By the mill", "By the river")]
    with acting_as(SYSTEM):
        for plan, days in zip(plans, (4, 1), strict=True):
            EvacuationPlan.objects.filter(pk=plan.pk).update(approved_at=now - days * DAY, updated_at=now - days * DAY)
        change_alert_level(site=site, level=4)
        draft = an_evacuation_plan(site, approved=False, title="By the bridge", destination="Lviv")
        ask_for_approval(plan=draft)
    return [*plans, draft]


def test_plans_of_then_are_the_revisions_approved_by_then_with_the_state_of_then(api, plans, now):
    def told(moment, **query):
        rows = api("evacuation-plans", moment, count="true", **query)
        assert rows["count"] == len(rows["results"])
        return [(row["title"], row["status"]) for row in rows["results"]]

    between, later = now - 2 * DAY, now - HOUR
    assert told(now - 5 * DAY) == []
    assert told(between) == [("By the mill", "APPROVED")]
    assert told(later) == [("By the river", "APPROVED"), ("By the mill", "RETIRED")]
    assert told(between, status="APPROVED") == told(between) and told(between, status="RETIRED") == []
    assert told(later, status="RETIRED") == [("By the mill", "RETIRED")] and told(later, status="DRAFT") == []
    assert [status for _title, status in told(None)] == ["DRAFT", "APPROVED", "RETIRED"]
    assert told(None, status="DRAFT") == [("By the bridge", "DRAFT")]


def test_a_draft_is_not_told_of_then_wherever_it_is_asked_for(api, plans, now):
    """What a draft said has no log: it is answered as of now alone, also to who compares revisions."""
    _first, second, draft = plans
    assert api(f"evacuation-plans/{draft.pk}")["status"] == "DRAFT"
    for path in (f"evacuation-plans/{draft.pk}", f"evacuation-plans/{draft.pk}/changes"):
        api(path, now - HOUR, answers=404)
    api(f"evacuation-plans/{second.pk}/changes", now - 2 * DAY, answers=404)
    found = api(f"evacuation-plans/{second.pk}/changes", now - HOUR)
    assert (found["from_revision"], found["to_revision"]) == (1, 2)
    assert "By the mill" in {change["before"] for change in found["changes"]}


def test_the_review_of_then_follows_from_the_level_of_then(api, plans, now):
    """Now it follows from the level that rose since; of the revision that was replaced the date stays."""
    first, second, _draft = plans
    due = {level: review_date(level, timezone.localdate(now - DAY)) for level in (0, 4)}
    kept = {row["id"]: row["next_review_on"] for row in api("evacuation-plans")["results"]}
    assert due[0] != due[4] and kept[str(second.pk)] != due[0].isoformat()

    def told(moment, **query):
        return {row["id"]: row["next_review_on"] for row in api("evacuation-plans", moment, **query)["results"]}

    assert told(now - HOUR) == {str(first.pk): kept[str(first.pk)], str(second.pk): due[0].isoformat()}
    assert told(timezone.now())[str(second.pk)] == due[4].isoformat(), "the level had risen"
    assert str(second.pk) not in told(now - HOUR, review_before=due[0].isoformat()), "due on that day, not before it"
    assert str(second.pk) in told(now - HOUR, review_before=(due[0] + DAY).isoformat())


def test_what_became_of_a_plan_since_is_not_told_of_then(api, plans, now):
    first = plans[0]
    told = api(f"evacuation-plans/{first.pk}", now - HOUR)
    assert told["has_routes"] is True and told["version"] and told["updated_at"]
    with acting_as(SYSTEM):
        EvacuationPlan.objects.filter(pk=first.pk).update(routes=None, updated_at=now)  # as the rules of retention do
    told = api(f"evacuation-plans/{first.pk}", now - HOUR)
    assert (told["has_routes"], told["version"], told["updated_at"]) == (None, None, None)
    assert api(f"evacuation-plans/{first.pk}")["has_routes"] is False


def test_communication_plans_look_back_as_well(api, site, now):
    a_communication_plan(site)
    assert api("communication-plans", now - HOUR)["results"] == []
    (row,) = api("communication-plans", timezone.now() - timedelta(microseconds=1))["results"]
    assert (row["status"], row["met"]) == ("APPROVED", 12)


@pytest.fixture
def roll_call(site, now):
    """It happened ten hours ago. Of its two parts one answered nine hours ago, the other seven; closed two hours ago."""
    with acting_as(SYSTEM):
        roll_call = open_roll_call(site=site, incident="SHELLING", began_at=now - 10 * HOUR)
        RollCall.objects.filter(pk=roll_call.pk).update(
            opened_at=now - 10 * HOUR, parts=[{"role": "Day", "people": 9}, {"role": "Night", "people": 5}]
        )
        for part, hours in (("Day", 9), ("Night", 7)):
            counts = {"expected": 5, "safe": 4, "need_help": 0, "not_reached": 1}
            answer_roll_call(
                roll_call=roll_call, part=part, round=1, recorded_at=now - hours * HOUR, observed_at=now - hours * HOUR, **counts
            )
        close_roll_call(roll_call=roll_call, reason="One is at home and has no telephone")
        RollCall.objects.filter(pk=roll_call.pk).update(closed_at=now - 2 * HOUR)
    return roll_call


@pytest.mark.parametrize(
    ("hours", "due", "late"), [(9.5, 8, False), (7.5, 8, True), (5, 4, False), (3.5, 4, True), (1, None, False)]
)
def test_a_roll_call_of_then_is_open_late_and_due_as_its_answers_of_then_say(api, roll_call, now, hours, due, late):
    """The first round was due two hours after it happened, and the second four hours later, once every part had answered."""
    moment, is_open = now - hours * HOUR, hours > 2
    (row,) = api("roll-calls", moment, count="true")["results"]
    assert row == api(f"roll-calls/{roll_call.pk}", moment)
    assert (row["due_at"] and row["due_at"][:19]) == (due and (now - due * HOUR).isoformat()[:19])
    assert (row["closed_at"] is None, bool(row["closing_reason"])) == (is_open, not is_open)
    assert row["parts"] == ["Day", "Night"]
    for query, holds in (
        ({"open": "true"}, is_open),
        ({"open": "false"}, not is_open),
        ({"late": "true"}, late),
        ({"late": "false"}, not late),
    ):
        assert len(api("roll-calls", moment, **query)["results"]) == holds, query


def test_a_roll_call_opened_later_was_not_known(api, roll_call, now):
    assert api("roll-calls", now - 11 * HOUR)["results"] == []
    api(f"roll-calls/{roll_call.pk}", now - 11 * HOUR, answers=404)
    (today,) = api("roll-calls", open="false")["results"]
    assert today["closed_at"] and today["due_at"] is None and api("roll-calls", late="true")["results"] == []


def test_the_team_reads_a_roll_call_of_then_without_parts_and_reason(roll_call, now):
    analyst = signed_in(a_user(the_secretariat(), Role.AIM_ANALYST))
    for hours in (5, 1):
        row = analyst.get(f"/api/v1/roll-calls/{roll_call.pk}/", {"as_of": (now - hours * HOUR).isoformat()}).json()
        assert (row["parts"], row["closing_reason"]) == (None, None)
        assert bool(row["due_at"]) == (hours == 5)


def test_the_cost_of_plans_and_roll_calls_of_then_does_not_grow_with_them(site, plans, roll_call, now):
    client = signed_in(a_user(site.organisation, Role.MEMBER_COORDINATOR))

    def asked():
        counts = []
        for noun in ("evacuation-plans", "roll-calls"):
            with CaptureQueriesContext(connection) as queries:
                assert client.get(f"/api/v1/{noun}/", {"as_of": timezone.now().isoformat()}).json()["results"]
            counts.append(len(queries))
        return counts

    asked()
    few = asked()
    for _ in range(3):
        other = a_site(site.organisation)
        an_evacuation_plan(other)
        with acting_as(SYSTEM):
            open_roll_call(site=other, incident="SHELLING")
    assert asked() == few


@pytest.fixture
def pages(site):
    client = signed_in(a_user(site.organisation, Role.MEMBER_COORDINATOR))

    def get(path, moment=None, answers=200):
        response = client.get(path, {"as_of": moment.isoformat()} if moment else {})
        assert response.status_code == answers
        return response.content.decode()

    return get


def test_the_page_of_a_roll_call_of_then_tells_its_answers_of_then_and_offers_nothing(pages, roll_call, now):
    path = f"/roll-calls/{roll_call.pk}/"
    early, half, full, closed = (pages(path, now - hours * HOUR) for hours in (9.5, 8, 5, 1))
    assert "nobody has answered" in early and "0 of 2" in early
    assert "4 of 5" in half and "1 of 2" in half and "round overdue" in pages(path, now - 7.5 * HOUR)
    assert "8 of 10" in full and "2 of 2" in full and "next round" in full
    assert "One is at home" in closed and "One is at home" not in full
    for page in (early, half, full, closed):
        assert "This is what was known at" in page and "hx-get" not in page
        assert "Close the roll call" not in page and "Answer for the whole site" not in page and "Safety actions" not in page
    assert f'href="?as_of={quote((now - 8 * HOUR).isoformat())}&amp;round=1"' in half
    pages(path, now - 11 * HOUR, answers=404)
    assert "Safety actions" in pages(path)


def test_the_list_and_the_site_of_then_show_the_roll_call_of_then(pages, site, roll_call, now):
    before, during, after = now - 11 * HOUR, now - 5 * HOUR, now - HOUR
    assert "There was no roll call yet" in pages("/roll-calls/", before)
    assert "This is what was known at" in pages("/roll-calls/", during)
    assert ">open<" in pages("/roll-calls/", during) and ">open<" not in pages("/roll-calls/", after)
    link = f'href="/roll-calls/{roll_call.pk}/?as_of={quote(during.isoformat())}"'
    assert link in pages("/roll-calls/", during)
    page = f"/sites/{site.pk}/"
    assert 'id="rollcall"' not in pages(page, before)
    assert "8 of 10 people reached" in pages(page, during) and link in pages(page, during)
    assert "Last one: Shelling, closed" in pages(page, after) and "Open a roll call" not in pages(page, after)


@pytest.mark.parametrize(("hours", "counts"), [(11, (0, 0)), (7.5, (1, 1)), (5, (1, 0)), (1, (0, 0))])
def test_the_figures_of_roll_calls_look_back(site, roll_call, now, hours, counts):
    with acting_as(a_coordinator(site.organisation)), looking_back(now - hours * HOUR):
        found = measure_all(FigureScope(organisations=frozenset({site.organisation_id})))
        assert (found["roll_calls.open"].value, found["roll_calls.late"].value) == counts
