"""Two organisations, every noun: nothing of the one is seen by the other, also where the ORM forgets to ask.

A noun that is added to the API must be added to `rows_of_every_noun`, or the first test fails.
"""

from datetime import date, timedelta
from typing import Any

import pytest
from django.utils import timezone

from aimprogress.api.urls import router
from aimprogress.api.viewsets import ServiceViewSet
from aimprogress.core.actor import SYSTEM, acting_as
from aimprogress.core.permissions import Permission
from aimprogress.core.scoping import InScope
from aimprogress.instruments.engine import AnswerValue
from aimprogress.web.services import save_view
from humanitarian.services.checks import answer_check, begin_check
from humanitarian.services.pay import add_measure, report_pay
from humanitarian.services.stopping import Owner, stop_work
from members.models import Bulletin, CaseMessage, Departure, Escalation, LegalHold, QuarterStanding, Site
from members.services.bulletins import confirm_bulletin
from members.services.cases import open_case
from members.services.chase import note_call, remind_sites
from members.services.evacuations import activate_plan, record_drill
from members.services.hazards import report_hazard
from members.services.meetings import keep_meeting
from members.services.roll_calls import answer_roll_call, open_roll_call
from members.services.support import mark_guidance
from tests.api.clients import a_program
from tests.factories import a_coordinator, a_head_count, a_reporter, a_site, a_status, a_user, an_organisation, the_secretariat
from tests.members.plan_samples import SECRETS, a_communication_plan, an_evacuation_plan
from tests.signing import signed_in

pytestmark = pytest.mark.django_db
NOUNS = sorted(prefix for prefix, viewset, _basename in router.registry if issubclass(viewset, ServiceViewSet))
PUBLIC = {"partner-organisations", "bulletins"}
"""The same for everybody."""
TOLD_TO_THE_TEAM = {"support-cases", "case-messages", "meetings"}
"""What a member writes to AIM-Progress; its own words are for it to read."""
TRACES = ["Zakhidna", "ZKH-77", "Linden street", "49.7654", "by the old mill", "Poltava", *SECRETS.values()]


@pytest.fixture
def member():
    return an_organisation(short_name="Norvia")


def rows_of_every_noun(member: Any) -> dict[str, str]:
    """The id of one row of each noun; every text that could tell a place has a trace in it."""
    site = a_site(
        member, name="Zakhidna plant", code="ZKH-77", address="Linden street 1", exact_location={"lat": 49.7654, "lon": 23.9}
    )
    own = signed_in(a_user(member, "MEMBER_COORDINATOR"))
    partner = an_organisation("PARTNER", short_name="Relief")
    ends = (timezone.now() + timedelta(days=9)).isoformat()
    found = {
        "sites": site.pk,
        "site-statuses": a_status(site, "REDUCED", note="by the old mill").pk,
        "head-counts": a_head_count(site, 50, injured=2, serving=3).pk,
        "evacuation-plans": an_evacuation_plan(site).pk,
        "communication-plans": a_communication_plan(site).pk,
    }
    posted = {
        "alert-level-changes": {"site": str(site.pk), "level": 2, "reason": "by the old mill"},
        "shares": {"receiver": str(partner.pk), "dataset": "SITE_STATUS", "precision": "COUNTRY", "expires_at": ends},
        "safety-actions": {"site": str(site.pk), "title": "Gate by the old mill", "owner_role": "HSE", "due_on": "2027-01-31"},
        "suppliers": {"name": "Zakhidna Packaging", "country": "UA"},
        "rights-issues": {"title": "At Zakhidna", "scale": 5, "scope": 4, "irremediability": 5, "likelihood": 4},
        "exports": {"noun": "sites"},
        "reports": {"title": "Zakhidna", "period_from": "2026-07-01", "period_to": "2026-09-30"},
    }
    for noun, body in posted.items():
        made = own.post(f"/api/v1/{noun}/", body, content_type="application/json", headers={"Idempotency-Key": noun})
        assert made.status_code in (201, 202), (noun, made.content)
        found[noun] = made.json()["id"]
    directory = own.post(
        "/api/v1/partner-organisations/", {"name": "R", "short_name": "R", "type": "UN"}, content_type="application/json"
    )
    links = {"supply-links": {"supplier": found["suppliers"], "tier": "T1", "commodity": "Malt", "spend": "<100k"}}
    links["contributions"] = {
        "partner": directory.json()["id"], "currency": "EUR", "committed": "5.00", "committed_on": "2026-03-01",
    }  # fmt: skip
    for noun, body in links.items():
        made = own.post(f"/api/v1/{noun}/", body, content_type="application/json", headers={"Idempotency-Key": noun})
        assert made.status_code == 201, (noun, made.content)
        found[noun] = made.json()["id"]
    found["jobs"] = found["exports"]
    with acting_as(a_coordinator(member)):
        found |= rows_by_services(member, site)
    return {noun: str(pk) for noun, pk in found.items()}


def rows_by_services(member: Any, site: Site) -> dict[str, Any]:
    """Rows of the nouns that follow from others, or that the API only reads. Needs to act as the member's coordinator."""
    place, today = "by the old mill", timezone.localdate()
    with acting_as(SYSTEM):
        bulletin = Bulletin.objects.create(title="Power cuts", topic="POWER", level="ADVISORY", text="Keep generators outside.")
        hold = LegalHold.objects.create(organisation=member, reason=f"A claim {place}")
        due_call = Escalation.objects.create(
            organisation=member, site=a_site(member, name=place, alert_level=4), fact="STATUS", step="CALL",
            since=timezone.now(), due_at=timezone.now(),
        )  # fmt: skip
        departure = Departure.objects.create(organisation=member)
        standing = QuarterStanding.objects.create(organisation=member, country="UA", quarter=date(2023, 1, 1), sites=1)
    case = open_case(organisation=member, site=site, category="SAFETY", urgency="P3", summary="Buses", text="Two buses")
    check = begin_check(site=site, instrument="return_to_work")
    answer_check(check=check, answers={"1": AnswerValue("PASS", "", place)})
    a_reporter(site)
    plan = an_evacuation_plan(site)
    roll_call = open_roll_call(site=site, incident="FIRE")
    made = {
        "legal-holds": hold,
        "departures": departure,
        "quarter-standings": standing,
        "roll-calls": roll_call,
        "roll-call-answers": answer_roll_call(
            roll_call=roll_call, expected=9, safe=9, need_help=0, not_reached=0, told_by=place
        ),
        "hazard-reports": report_hazard(site=site, hazard="SHELLING", severity=2, measures=place),
        "guidance-marks": mark_guidance(site=site, item="shelter-dovidka", mark="NOT_APPLICABLE", reason=place),
        "activations": activate_plan(plan=plan, who="Everybody", reason=place),
        "drills": record_drill(
            site=site, kind="TABLETOP", held_on=today, participants=9, minutes=9, target_minutes=9, result="PASS"
        ),
        "bulletin-receipts": confirm_bulletin(bulletin=bulletin),
        "support-cases": case,
        "case-messages": CaseMessage.objects.get(case=case),
        "meetings": keep_meeting(
            organisation_id=member.pk, held_on=today, kind="CALL", topic="Buses", participants="HR lead", notes="Two"
        ),
        "assessments": check,
        "due-checklists": site,
        "saved-views": save_view(page="members:sites", query="country=UA", name=place),
        "site-calls": note_call(site=site, heard="AS_BEFORE", told_by=place),
        "due-calls": due_call,
        "reminders": remind_sites(sites=[site.pk]).now[0],
        "site-stops": stop_work(
            site=site, operational="SUSPENDED", reason="POLICY", answers={}, note=place,
            owners={str(n): Owner("HR lead", today) for n in range(1, 9)},
        ),
        "wage-support-reports": report_pay(
            site=site, month=today.replace(day=1) - timedelta(days=40), group="OWN", policy="FULL", entitled=50, paid_full=50,
            paid_partial=0, paid_none=0, total="<100k",
        ),
        "support-measures": add_measure(
            organisation=member, type="HOTLINE", country=site.country, site=site, starts_on=today, excluded_because=place
        ),
    }  # fmt: skip
    return {noun: row.pk for noun, row in made.items()}


def refused(response: Any) -> bool:
    return response.status_code in (403, 404)


def test_nothing_of_one_member_is_seen_by_another_its_partner_or_a_stranger(member):
    found = rows_of_every_noun(member)
    assert set(found) | PUBLIC >= set(NOUNS), "a noun of the API is missing here"
    every_scope = sorted(Permission)
    strangers = [a_program(an_organisation(), every_scope), a_program(an_organisation("PARTNER"), every_scope)]
    for noun in sorted(set(NOUNS) - PUBLIC):
        for stranger in strangers:
            assert refused(stranger.get(f"/api/v1/{noun}/{found[noun]}/")), noun
            for query in ("", "?format=csv"):
                response = stranger.get(f"/api/v1/{noun}/{query}")
                assert found[noun] not in response.content.decode(), noun
                assert not [trace for trace in TRACES if trace in response.content.decode()], noun


def test_the_second_wall_stands_when_the_first_is_gone(member, monkeypatch):
    found = rows_of_every_noun(member)
    monkeypatch.setattr(InScope, "as_sql", lambda self, compiler, connection: ("TRUE", []))
    with acting_as(SYSTEM):
        assert Site.objects.filter(pk=found["sites"]).exists(), "the first wall is really gone"
    stranger = a_program(an_organisation(), sorted(Permission))
    for noun in sorted(set(NOUNS) - PUBLIC):
        assert refused(stranger.get(f"/api/v1/{noun}/{found[noun]}/")), noun
        assert found[noun] not in stranger.get(f"/api/v1/{noun}/").content.decode(), noun


def test_no_noun_tells_the_secretariat_where_or_what_a_site_is_called(member):
    found = rows_of_every_noun(member)
    analyst = signed_in(a_user(the_secretariat(), "AIM_ANALYST"))
    seen = 0
    for noun in sorted(set(NOUNS) - PUBLIC):
        for path in (
            f"/api/v1/{noun}/",
            f"/api/v1/{noun}/?format=csv",
            f"/api/v1/{noun}/?format=geojson",
            f"/api/v1/{noun}/{found[noun]}/",
        ):
            response = analyst.get(path)
            assert not [trace for trace in TRACES if trace in response.content.decode()], path
            seen += found[noun] in response.content.decode()
    assert seen >= 10, "the analyst sees the rows, only not these words"


def test_small_counts_and_strict_states_stay_with_the_member(member):
    rows_of_every_noun(member)
    analyst = signed_in(a_user(the_secretariat(), "AIM_ANALYST"))
    row = analyst.get("/api/v1/head-counts/").json()["results"][0]
    assert not {"injured", "unaccounted", "strict", "serving"} & set(row)
    assert row["expected"] == 50


def test_no_search_answers_the_secretariat_by_words_it_may_not_read(member):
    found = rows_of_every_noun(member)
    analyst = signed_in(a_user(the_secretariat(), "AIM_ANALYST"))
    searched = 0
    for prefix, viewset, _basename in router.registry:
        filters = viewset.filterset_class.base_filters if getattr(viewset, "filterset_class", None) else {}
        if prefix in PUBLIC or "q" not in filters:
            continue
        for trace in TRACES:
            response = analyst.get(f"/api/v1/{prefix}/", {"q": trace})
            assert found[prefix] not in response.content.decode(), (prefix, trace)
            searched += 1
    assert searched >= len(TRACES)
