"""Every number told of an earlier moment opens the list of that moment, and what is known only now says so.

Generated from the registry: a new figure must either be in the story below, or be left out of the past.
"""

import re
from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from aimprogress.core.actor import SYSTEM, acting_as
from aimprogress.figures.moment import is_of_then, looking_back
from aimprogress.figures.registry import FigureScope, Unit, figure_kinds, measure_all
from humanitarian.figures.pay import due_month
from humanitarian.models import WageSupportReport
from humanitarian.services.pay import correct_pay, report_pay
from members.access import actor_for_user
from members.models import EvacuationPlan, Organisation, RollCall, Site
from members.services.evacuations import activate_plan, record_drill, stand_down
from members.services.hazards import report_hazard
from members.services.plans import ask_for_approval
from members.services.roll_calls import close_roll_call, open_roll_call
from members.services.sites import change_alert_level
from tests.factories import a_head_count, a_site, a_status, a_user, an_organisation, the_secretariat
from tests.members.plan_samples import NOT_MET_IN_8, an_evacuation_plan
from tests.signing import signed_in

pytestmark = pytest.mark.django_db
HOUR = timedelta(hours=1)
CODES = ("OPERATING", "REDUCED", "RELOCATED", "SUSPENDED", "EVACUATED", "CLOSED", "OPERATING", "UNKNOWN")
DRILL = {"kind": "FULL", "participants": 9, "result": "PASS"}
OF_NOW = "This list is known only as of now."


def before(organisation: Organisation) -> None:
    """What was known at the moment that is looked back to."""
    now = timezone.now()
    for n, code in enumerate(CODES):
        site = a_site(organisation, code=f"S{n}", name=f"Plant {n}", baseline=200)
        a_status(site, code, now - (90 * 24 * HOUR if n == 6 else 3 * HOUR))
        a_head_count(site, 100 + n, now - HOUR, unaccounted=20 + n)
        if n in (0, 3, 4):
            plan = an_evacuation_plan(site, not_met=NOT_MET_IN_8 if n == 4 else ())
            with acting_as(SYSTEM):
                record_drill(
                    site=site, kind="FULL", held_on=timezone.localdate() - timedelta(days=700), participants=9, result="PASS"
                )
                EvacuationPlan.objects.filter(pk=plan.pk).update(approved_at=now - (500 if n == 3 else 1) * 24 * HOUR)
    with acting_as(SYSTEM):
        sites = list(Site.objects.filter(organisation=organisation).order_by("code"))
        report_hazard(site=sites[1], hazard="SHELLING", severity=3, observed_at=now - HOUR)
        activate_plan(plan=sites[0].evacuation_plans.get(), who="Everybody", reason="Strikes")
        roll_call = open_roll_call(site=sites[1], incident="SHELLING", began_at=now - 5 * HOUR)
        RollCall.objects.filter(pk=roll_call.pk).update(opened_at=now - 5 * HOUR)
        for group, policy in (("OWN", "FULL"), ("AGENCY", "FULL"), ("CONTRACTOR", "PARTIAL"), ("OWN", "MOBILISED_FULL")):
            a_part = {"percent": 50, "paid_full": 0, "paid_partial": 50} if policy == "PARTIAL" else {}
            a_pay_report(sites[0], group=group, policy=policy, **a_part)
        a_pay_report(sites[1], group="OWN", policy="FULL", arrears_days=0)


def a_pay_report(site: Site, **fields: object) -> None:
    given = {"entitled": 60, "paid_full": 30, "paid_partial": 20, "paid_none": 10, "arrears_days": 9} | fields
    report_pay(site=site, month=due_month(timezone.localdate()), **given)


def since(organisation: Organisation) -> None:
    """What became known later: every number is another one now."""
    now = timezone.now()
    with acting_as(SYSTEM):
        sites = list(Site.objects.filter(organisation=organisation).order_by("code"))
        stand_down(activation=sites[0].activations.get())
        close_roll_call(roll_call=RollCall.objects.get(site=sites[1]), reason="Everybody was reached")
    for site in sites:
        a_status(site, "EVACUATED", now)
        a_head_count(site, 150, now, unaccounted=1)
        with acting_as(SYSTEM):
            record_drill(site=site, **DRILL | {"held_on": timezone.localdate()})
    an_evacuation_plan(sites[1], not_met=())
    an_evacuation_plan(sites[3], not_met=())
    an_evacuation_plan(sites[6], not_met=())
    waiting = an_evacuation_plan(sites[2], approved=False, title="Only a draft")
    new = a_site(organisation, name="Registered later")
    with acting_as(SYSTEM):
        ask_for_approval(plan=waiting)
        change_alert_level(site=sites[4], level=4)
        report_hazard(site=sites[1], hazard="SHELLING", severity=1, observed_at=now)
        report_hazard(site=sites[2], hazard="SHELLING", severity=3, observed_at=now)
        report_hazard(site=sites[3], hazard="SHELLING", severity=3, observed_at=now)
        for report in WageSupportReport.objects.standing().filter(group__in=("OWN", "AGENCY")).of_workers():
            correct_pay(report=report, reason="Counted again", paid_full=50, paid_partial=9, paid_none=1, arrears_days=0)
        a_pay_report(new, group="CONTRACTOR", policy="FULL")


@pytest.fixture
def story():
    """A member, and the moment between what was known before and since."""
    organisation = an_organisation(short_name="Halden Foods")
    before(organisation)
    then = timezone.now()
    since(organisation)
    return organisation, then


def rows_behind(kind, figure) -> int:
    """How many rows the list behind a figure must hold: of what was added up over people, the reports that went in."""
    if figure.coverage is not None:
        return figure.sources
    return figure.value if figure.numerator is None else figure.numerator


def listed(kind, context) -> int:
    """How many rows the list holds; where a figure counts sites, how many sites they are of."""
    sites = {row["site_id"] for row in context["rows"] if "site_id" in row}
    return len(sites) if kind.unit is Unit.SITES and sites else context["count"]


@pytest.mark.parametrize("role", ["MEMBER_COORDINATOR", "AIM_ANALYST"])
def test_the_list_behind_every_figure_of_then_holds_as_many_rows_as_it_counts(role, story):
    organisation, then = story
    user = a_user(organisation if role.startswith("MEMBER") else the_secretariat(), role)
    client, changed = signed_in(user), set()
    for kind in figure_kinds():
        with acting_as(actor_for_user(user)) as actor:
            if not actor.may(kind.permission):
                continue
            today = kind.measure(FigureScope())
            with looking_back(then):
                found, told = kind.measure(FigureScope()), is_of_then(kind.name)
                assert (kind.name in measure_all(FigureScope())) is told
        if "as_of=" not in found.link:
            assert not told or not found.link, kind.name
            continue
        answer = client.get(found.link)
        assert answer.status_code == 200, kind.name
        if not told:
            assert answer.context.get("looks_back") or OF_NOW in answer.content.decode(), kind.name
            continue
        assert answer.context["then"] == then and "This is what was known at" in answer.content.decode(), kind.name
        if kind.name in ("pay.late_sites", "pay.missing_sites", "sites.awaiting_return") and actor.is_secretariat:
            assert found.value is None, "told to a member, not over all of them"
            continue
        assert found.value is not None, f"nothing in the story is counted by {kind.name}"
        assert listed(kind, answer.context) == rows_behind(kind, found), f"{kind.name}: {found.link}"
        changed |= {kind.name} if found.value != today.value else set()
    assert {"plans.missing", "plans.adequate", "sites.evacuating", "sites.grave_hazard", "sites.group.evac", "drills.overdue",
            "drills.none", "people.paid_full_rate", "people.accounted_rate", "roll_calls.open",
            "roll_calls.late"} <= changed  # fmt: skip


def test_the_gap_list_shows_the_plans_of_then_and_offers_nothing(story):
    organisation, then = story
    client = signed_in(a_user(organisation, "MEMBER_COORDINATOR"))
    today = client.get("/plans/gaps/")
    past = client.get("/plans/gaps/", {"as_of": then.isoformat()})
    page = past.content.decode()
    assert today.context["waiting"] and today.context["export_url"] and not past.context["waiting"]
    assert re.search(r"<span>This is what was known at <time[^>]*>[^<]*</time>\. Nothing can be changed here\.", page), "one text"
    assert past.context["export_url"] == "" and "Look and approve" not in page and "Registered later" not in page
    names = {row["name"]: row["seen"] for row in past.context["rows"]}
    assert "Plant 0" not in names and names["Plant 1"] is None and names["Plant 2"] is None, "no draft of today"
    assert names["Plant 3"].status == "EXPIRED" and names["Plant 4"].plan.revision == 1
    assert f"/sites/{past.context['rows'][0]['id']}/?as_of=" in page, "the page of the site looks back as well"
    assert "Plant 3" not in {row["name"] for row in today.context["rows"]}


def test_the_cost_of_the_gap_list_of_then_does_not_grow_with_the_sites(story):
    organisation, _then = story
    client = signed_in(a_user(organisation, "MEMBER_COORDINATOR"))

    def asked() -> int:
        with CaptureQueriesContext(connection) as queries:
            assert client.get("/plans/gaps/", {"as_of": timezone.now().isoformat()}).status_code == 200
        return len(queries)

    asked()
    few = asked()
    for n in range(3):
        an_evacuation_plan(a_site(organisation, code=f"N{n}"))
    assert asked() == few
