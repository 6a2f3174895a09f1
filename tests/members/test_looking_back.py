"""`?as_of=`: pages, lists, figures and API show what was known at a moment, by one rule, and nothing of it stays."""

from datetime import timedelta
from urllib.parse import quote

import pytest
from django.core.exceptions import ValidationError
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from aimprogress.core.actor import SYSTEM, acting_as
from aimprogress.core.permissions import Role
from aimprogress.figures.moment import asked_moment, looking_back
from members.models import Drill, EvacuationPlan, PlanActivation, RollCall, Site
from members.planning import review_date
from members.services.evacuations import activate_plan, record_drill, stand_down
from members.services.hazards import report_hazard
from members.services.roll_calls import answer_roll_call
from members.services.sites import change_alert_level, correct_site_status
from tests.factories import (
    a_coordinator,
    a_head_count,
    a_site,
    a_status,
    a_user,
    an_organisation,
    the_secretariat,
)
from tests.members.plan_samples import an_evacuation_plan
from tests.signing import signed_in

pytestmark = pytest.mark.django_db
HOUR = timedelta(hours=1)


@pytest.fixture
def now():
    return timezone.now()


@pytest.fixture
def site(now):
    """Reduced five days ago, evacuated one day ago; the report of three days ago arrived two hours ago."""
    site = a_site(an_organisation(short_name="Halden Foods"), name="Kharkiv plant")
    for days, code, known in ((5, "REDUCED", 5), (3, "SUSPENDED", 2 / 24), (1, "EVACUATED", 1)):
        a_status(site, code, now - days * 24 * HOUR, recorded_at=now - known * 24 * HOUR)
    a_head_count(site, 100, now - 120 * HOUR, recorded_at=now - 120 * HOUR, unaccounted=30)
    a_head_count(site, 100, now - 24 * HOUR, recorded_at=now - 24 * HOUR, unaccounted=10)
    return site


def at(moment):
    return f"as_of={quote(moment.isoformat())}"


@pytest.fixture
def coordinator(site):
    return signed_in(a_user(site.organisation, Role.MEMBER_COORDINATOR))


def test_the_api_answers_what_was_known_then(site, coordinator, now):
    def known(moment):
        row = coordinator.get(f"/api/v1/sites/{site.pk}/?{at(moment)}").json()
        return row["operational"], row["current_accounted"]

    assert known(now - 48 * HOUR) == ("REDUCED", 70)  # the report of three days ago was still on its way
    assert known(now - 2 * HOUR) == ("EVACUATED", 90)
    assert coordinator.get(f"/api/v1/sites/?{at(now - 48 * HOUR)}").json()["results"][0]["status_group"] == "reduced"
    rows = coordinator.get(f"/api/v1/site-statuses/?{at(now - 48 * HOUR)}").json()["results"]
    assert [row["operational"] for row in rows] == ["REDUCED"]
    assert len(coordinator.get("/api/v1/site-statuses/").json()["results"]) == 3


def test_ages_and_groups_are_those_of_then(coordinator, site, now):
    """A report of five days ago was fresh four days ago."""
    path = f"/api/v1/sites/{site.pk}/"
    a_status(site, "OPERATING", now - 60 * 24 * HOUR, recorded_at=now - 60 * 24 * HOUR)
    then = coordinator.get(f"{path}?{at(now - 59 * 24 * HOUR)}").json()
    assert (then["status_group"], then["status_freshness"]) == ("ok", "CURRENT")
    later = coordinator.get(f"{path}?{at(now - 5.5 * 24 * HOUR)}").json()
    assert (later["status_group"] == "ok" and later["status_freshness"] == "OVERDUE") or later["status_group"] == "lost"


def test_the_figures_are_those_of_then_and_others_are_left_out(coordinator, now):
    def figures(query=""):
        return {row["name"]: row["text"] for row in coordinator.get(f"/api/v1/figures/?{query}").json()["results"]}

    then, today = figures(at(now - 48 * HOUR)), figures()
    assert then["people.accounted_rate"].startswith("70.0") and today["people.accounted_rate"].startswith("90.0")
    assert (then["sites.group.reduced"], then["sites.group.evac"]) == ("1", "0") and today["sites.group.evac"] == "1"
    assert "actions.open" in today and "actions.open" not in then


def test_list_and_filters_speak_of_the_same_moment(coordinator, now):
    query = at(now - 48 * HOUR)
    assert "Kharkiv plant" in coordinator.get(f"/sites/?group=reduced&{query}").content.decode()
    assert "Kharkiv plant" not in coordinator.get(f"/sites/?group=evac&{query}").content.decode()
    assert "Kharkiv plant" in coordinator.get("/sites/?group=evac").content.decode()
    page = coordinator.get(f"/sites/?{query}").content.decode()
    assert "This is what was known at" in page and "Add a site" not in page and f"?{query.split('=')[0]}=" in page


def test_the_page_of_a_site_shows_the_story_known_then_and_offers_no_change(site, coordinator, now):
    page = coordinator.get(f"/sites/{site.pk}/?{at(now - 48 * HOUR)}").content.decode()
    assert "Operating at reduced level" in page and "Evacuated" not in page and "Suspended" not in page
    assert "Update status" not in page and "/correct/" not in page and "70 of 100" in page
    assert "Update status" in coordinator.get(f"/sites/{site.pk}/").content.decode()


def test_a_correction_made_later_was_not_known_yet(site, coordinator, now):
    with acting_as(a_coordinator(site.organisation)):
        last = site.statuses.get(operational="EVACUATED")
        correct_site_status(status=last, operational="REDUCED", correction_reason="Other plant.")
    assert coordinator.get(f"/api/v1/sites/{site.pk}/").json()["operational"] == "REDUCED"
    assert coordinator.get(f"/api/v1/sites/{site.pk}/?{at(now - 2 * HOUR)}").json()["operational"] == "EVACUATED"


def test_both_first_pages_look_back(site, coordinator, now):
    query = at(now - 48 * HOUR)
    page = coordinator.get(f"/overview/?{query}").content.decode()
    assert "This is what was known at" in page and "70.0" in page and "What changed since" not in page
    analyst = signed_in(a_user(the_secretariat(), Role.AIM_ANALYST))
    page = analyst.get(f"/dashboard/?{query}").content.decode()
    assert "This is what was known at" in page and "as_of=" in page


def test_hazards_are_those_of_then(site, coordinator, now):
    with acting_as(SYSTEM):
        report_hazard(site=site, hazard="SHELLING", severity=3, observed_at=now - HOUR)
    assert "Shelling" in coordinator.get(f"/sites/{site.pk}/").content.decode()
    assert "Shelling" not in coordinator.get(f"/sites/{site.pk}/?{at(now - 2 * HOUR)}").content.decode()


def test_a_site_that_was_registered_later_is_not_there(coordinator, site, now):
    later = a_site(site.organisation, name="New depot")
    assert "New depot" not in coordinator.get(f"/sites/?{at(now - 2 * HOUR)}").content.decode()
    assert coordinator.get(f"/sites/{later.pk}/?{at(now - 2 * HOUR)}").status_code == 404


def test_a_site_lost_today_is_shown_no_more_exactly_for_the_days_before(site, now):
    analyst = signed_in(a_user(the_secretariat(), Role.AIM_ANALYST))
    path = f"/api/v1/sites/{site.pk}/?{at(now - 48 * HOUR)}"
    before = analyst.get(path).json()["precision"]
    a_status(site, "EVACUATED", control="LOST")
    assert (before, analyst.get(path).json()["precision"]) == ("GRID", "ADM1")


def test_another_member_finds_nothing_in_the_past_either(site, now):
    other = signed_in(a_user(an_organisation(), Role.MEMBER_COORDINATOR))
    assert other.get(f"/sites/{site.pk}/?{at(now - HOUR)}").status_code == 404
    assert other.get(f"/api/v1/sites/?{at(now - HOUR)}").json()["results"] == []


def test_nothing_of_the_past_stays_behind(site, now):
    with acting_as(a_coordinator(site.organisation)):
        with looking_back(now - 48 * HOUR):
            assert Site.objects.get(pk=site.pk).current_operational == "REDUCED"
        again = Site.objects.get(pk=site.pk)
        assert (again.current_operational, again.version) == ("EVACUATED", site.version)
        with pytest.raises(RuntimeError), looking_back(now - 48 * HOUR):
            raise RuntimeError
        assert Site.objects.get(pk=site.pk).current_operational == "EVACUATED"


def test_the_cost_of_looking_back_does_not_grow_with_the_number_of_sites(site, coordinator, now):
    def asked():
        with CaptureQueriesContext(connection) as queries:
            assert coordinator.get(f"/sites/?{at(now - HOUR)}").status_code == 200
        return len(queries)

    asked()
    one = asked()
    for _ in range(4):
        a_status(a_site(site.organisation), "REDUCED", now - 5 * HOUR, recorded_at=now - 5 * HOUR)
    assert asked() == one


@pytest.mark.parametrize("text", ["yesterday", "2026-13-01", "2026-11-22T25:00", "9999999", "0001-01-01T00:00+14:00", "\x00"])
def test_nonsense_is_refused_with_words(text, coordinator, site):
    with pytest.raises(ValidationError):
        asked_moment(text)
    assert coordinator.get("/sites/", {"as_of": text}).status_code == 400
    refused = coordinator.get("/api/v1/sites/", {"as_of": text})
    assert refused.status_code == 400 and refused.json()["errors"][0]["pointer"] == "?as_of"


def test_a_day_means_its_end_and_the_future_means_now():
    day = asked_moment("2026-01-31")
    assert timezone.localtime(day).isoformat().startswith("2026-01-31T23:59:59")
    assert asked_moment("2999-01-01") is None and asked_moment(" ") is None


def test_coverage_stands_beside_the_figure(coordinator):
    page = coordinator.get("/overview/").content.decode()
    assert page.count("1 of 1 site current enough, covering 100 of 100 workers") >= 2


def test_the_plans_are_those_that_were_in_force_then(site, coordinator, now):
    """The first was approved four days ago and replaced a day ago; then the level rose, and a drill was held."""
    plans = [an_evacuation_plan(site, title=title) for title in ("By the mill", "By the river")]
    with acting_as(SYSTEM):
        for plan, days in zip(plans, (4, 1), strict=True):
            EvacuationPlan.objects.filter(pk=plan.pk).update(approved_at=now - days * 24 * HOUR)
        record_drill(site=site, kind="FULL", held_on=timezone.localdate(), participants=9, result="PASS")
        change_alert_level(site=site, level=4)
    path = f"/sites/{site.pk}/"
    today, then, before = (coordinator.get(path + query).content.decode() for query in (
        "", f"?{at(now - 48 * HOUR)}", f"?{at(now - 108 * HOUR)}"
    ))  # fmt: skip
    assert "By the river" in today and "By the mill" not in today and "No drill yet" not in today
    assert "By the mill" in then and "By the river" not in then and "No drill yet" in then and "Approved" in then
    due = review_date(0, timezone.localdate(now - 96 * HOUR))
    assert f"{due.day} {due:%B}" in then, "by the level of then"
    assert "No evacuation plan was in force then." in before
    for offered in ("Activate", "Print card", "Log a drill", "Write the evacuation plan"):
        assert offered not in then and offered not in before
    assert str(plans[1].pk) not in then


def test_what_has_no_log_is_named_as_known_only_now(site, coordinator, now):
    assert "Known only as of now" in coordinator.get(f"/sites/{site.pk}/?{at(now - HOUR)}").content.decode()
    assert "Known only as of now" not in coordinator.get(f"/sites/{site.pk}/").content.decode()
    for noun in ("safety-actions", "due-checklists", "suppliers", "rights-issues"):
        answer = coordinator.get(f"/api/v1/{noun}/?{at(now - HOUR)}")
        assert answer.status_code == 400
        (error,) = answer.json()["errors"]
        assert (error["pointer"], error["message"]) == ("?as_of", "This list is known only as of now.")


@pytest.mark.parametrize("query", ["help=true", "help=false", "plan=waiting", "care=me"])
def test_a_filter_that_knows_only_now_is_refused_while_looking_back(query, coordinator, now):
    """Otherwise the sites that need help today would stand there as if they had needed it then."""
    assert coordinator.get(f"/sites/?{query}").status_code == 200
    refused = coordinator.get(f"/api/v1/sites/?{query}&{at(now - HOUR)}")
    assert refused.status_code == 400
    assert "This is known only as of now." in refused.json()["errors"][0]["message"]
    page = coordinator.get(f"/sites/?{query}&{at(now - HOUR)}")
    assert "This is known only as of now." in page.content.decode() and page.context["rows"] == []
    assert coordinator.get(f"/api/v1/sites/?plan=missing&{at(now - HOUR)}").json()["results"]


def test_drills_evacuations_and_answers_of_a_roll_call_are_told_as_known_then(site, coordinator):
    now = timezone.now()
    with acting_as(SYSTEM):
        plan = an_evacuation_plan(site)
        record_drill(site=site, kind="SHELTER", held_on=timezone.localdate() - timedelta(days=3), participants=9, result="PASS")
        activation = activate_plan(plan=plan, who="ALL", reason="DANGER", people=90, activated_at=now - 5 * HOUR)
        roll_call = RollCall.objects.get(site=site)
        first = answer_roll_call(roll_call=roll_call, expected=9, safe=8, need_help=0, not_reached=1)
        answer_roll_call(roll_call=roll_call, supersedes=first, expected=9, safe=9, need_help=0, not_reached=0)
        stand_down(activation=activation, moved=88)
        for model, hours in ((Drill, 4), (PlanActivation, 4)):
            model.objects.filter(site=site).update(recorded_at=now - hours * HOUR)
    between, before = now - 3 * HOUR, now - 6 * HOUR

    def rows(noun, moment, more=""):
        answer = coordinator.get(f"/api/v1/{noun}/?{at(moment)}{more}")
        assert answer.status_code == 200, answer.content
        return answer.json()["results"]

    assert [len(rows("drills", moment)) for moment in (before, between)] == [0, 1]
    assert rows("activations", before) == []
    (then,) = rows("activations", between, "&under_way=true")
    assert (then["people"], then["stood_down_at"], then["moved"]) == (90, None, None)
    (today,) = rows("activations", timezone.now(), "&under_way=false")
    assert today["stood_down_at"] and today["moved"] == 88
    assert rows("roll-call-answers", first.recorded_at - timedelta(microseconds=1)) == []
    assert [row["id"] for row in rows("roll-call-answers", first.recorded_at, "&standing=true")] == [str(first.pk)]
    assert len(rows("roll-call-answers", timezone.now())) == 2
