"""Plans on pages: who reads how much of them, scenario 8 from the first line to the activation, and the card on paper."""

import re
from datetime import timedelta
from uuid import uuid4

import pytest
from django.db import connection
from django.test import Client
from django.utils import timezone

from aimprogress.core.actor import SYSTEM, acting_as
from aimprogress.core.audit import AuditEvent
from aimprogress.core.ids import uuid7
from aimprogress.instruments.engine import load
from members.models import Drill, EvacuationPlan, PlanActivation, Site
from members.plan_card import words
from members.plan_seen import SeenPlan
from members.services.evacuations import stand_down
from members.services.sites import change_alert_level
from tests.api.clients import a_token
from tests.factories import a_coordinator, a_site, a_user, an_area, an_organisation, the_secretariat
from tests.members.plan_samples import SECRETS, a_communication_plan, an_evacuation_plan
from tests.said import without_chance
from tests.signing import signed_in

pytestmark = pytest.mark.django_db
CHECKED = re.compile(r"<input[^>]* checked")


@pytest.fixture
def site() -> Site:
    return a_site(
        an_organisation(short_name="Halden Foods"), name="Kharkiv snacks plant", code="KHA-01", largest_shift=96, baseline=214,
        languages=["uk", "ru"],
    )  # fmt: skip


@pytest.fixture
def plan(site):
    return an_evacuation_plan(site)


@pytest.fixture
def coordinator(site):
    return signed_in(a_user(site.organisation, "MEMBER_COORDINATOR"))


@pytest.fixture
def reporter(site):
    return signed_in(a_user(site.organisation, "SITE_REPORTER", sites=[site]))


@pytest.fixture
def viewer(site):
    return signed_in(a_user(site.organisation, "MEMBER_VIEWER"))


@pytest.fixture
def analyst():
    return signed_in(a_user(the_secretariat(), "AIM_ANALYST"))


def text_of(client, path: str) -> str:
    response = client.get(path)
    assert response.status_code == 200, (path, response.status_code)
    return response.content.decode()


def reads_of_places() -> int:
    with acting_as(SYSTEM):
        return AuditEvent.objects.filter(action="members.read_plan_places").count()


def addresses(site: Site, plan: EvacuationPlan) -> dict[str, str]:
    """Every page about a plan that only shows."""
    return {
        "site": f"/sites/{site.pk}/", "plans": f"/sites/{site.pk}/plans/", "plan": f"/plans/evacuation/{plan.pk}/",
        "places": f"/plans/evacuation/{plan.pk}/?show=places", "gaps": "/plans/gaps/",
    }  # fmt: skip


def test_the_coordinator_reads_words_for_everything_that_is_short(site, plan, coordinator):
    page = text_of(coordinator, f"/plans/evacuation/{plan.pk}/")
    assert "17 of 20" in page and "85.0" in page and "Not adequate" in page
    assert "36 seats short" in page and "100 seats × 3 trips" in page and "210 people + 126 family members" in page
    assert "5 of 6 met" in page


def test_places_are_hidden_until_asked_for_and_each_look_is_logged(site, plan, coordinator):
    page = text_of(coordinator, f"/plans/evacuation/{plan.pk}/")
    assert not any(SECRETS[name] in page for name in ("route", "shelter", "point"))
    assert reads_of_places() == 0
    shown = text_of(coordinator, f"/plans/evacuation/{plan.pk}/?show=places")
    assert all(SECRETS[name] in shown for name in ("route", "shelter", "point"))
    assert reads_of_places() == 1
    fragment = coordinator.get(f"/plans/evacuation/{plan.pk}/places/", headers={"HX-Request": "true"}).content.decode()
    assert SECRETS["route"] in fragment and "<html" not in fragment
    assert reads_of_places() == 2


def test_without_script_the_same_link_opens_the_page_with_the_places(site, plan, coordinator):
    response = coordinator.get(f"/plans/evacuation/{plan.pk}/places/")
    assert response.status_code == 302 and response["Location"].endswith("?show=places#places")
    assert reads_of_places() == 0


@pytest.mark.parametrize("who", ["viewer", "analyst", "auditor"])
def test_nobody_else_reads_the_text_or_the_places(request, site, plan, who):
    client = signed_in(a_user(site.organisation, "AUDITOR")) if who == "auditor" else request.getfixturevalue(who)
    for name, path in addresses(site, plan).items():
        page = text_of(client, path)
        for secret in (*SECRETS.values(), "Poltava", "Site manager", "OAK"):
            assert secret not in page, (name, secret)
    assert client.get(f"/plans/evacuation/{plan.pk}/places/").status_code == 403
    assert client.get(f"/plans/evacuation/{plan.pk}/changes/").status_code == 403
    assert client.get(f"/plans/evacuation/{plan.pk}/card/").status_code == 404
    assert reads_of_places() == 0


def test_a_viewer_reads_how_complete_it_is_and_no_gaps(site, plan, viewer):
    page = text_of(viewer, f"/plans/evacuation/{plan.pk}/")
    assert "17 of 20" in page and "Not adequate" in page
    assert "Border rules" not in page and "36 seats" not in page
    assert "36 seats" not in text_of(viewer, f"/sites/{site.pk}/plans/")


def test_the_analyst_reads_the_gaps_at_a_reduced_name(site, plan, analyst):
    page = text_of(analyst, f"/plans/evacuation/{plan.pk}/")
    assert "Halden Foods, Lviv oblast, site" in page and "Border rules" in page and "36 seats short" in page
    listed = text_of(analyst, "/plans/gaps/")
    assert "Halden Foods, Lviv oblast, site" in listed and "critical: 15" in listed
    for name in ("Kharkiv snacks", "KHA-01"):
        assert name not in page and name not in listed
    assert "210 people" not in page


def test_small_shortfalls_are_hidden_from_outsiders(site, analyst, coordinator):
    plan = an_evacuation_plan(site, seats=111, trips=3)
    assert "3 seats short" in text_of(coordinator, f"/plans/evacuation/{plan.pk}/")
    page = text_of(analyst, f"/plans/evacuation/{plan.pk}/")
    assert "&lt;5 seats short" in page and "3 seats short" not in page


def test_another_member_finds_no_plan_at_all(site, plan):
    other = signed_in(a_user(an_organisation(), "MEMBER_COORDINATOR"))
    for verb in ("", "places/", "changes/", "card/", "change/", "questions/", "approve/"):
        assert other.get(f"/plans/evacuation/{plan.pk}/{verb}").status_code == 404, verb
    for path in ("plans/", "plans/activate/", "plans/drill/", "plans/evacuation/start/", "plans/communication/start/"):
        assert other.get(f"/sites/{site.pk}/{path}").status_code == 404, path
    assert other.post(f"/sites/{site.pk}/plans/activate/", {"plan": str(plan.pk), "who": "ALL"}).status_code == 404
    assert "Kharkiv" not in text_of(other, "/plans/gaps/")


def test_a_reporter_of_another_site_finds_no_plan(site, plan):
    other_site = a_site(site.organisation)
    other = signed_in(a_user(site.organisation, "SITE_REPORTER", sites=[other_site]))
    assert other.get(f"/plans/evacuation/{plan.pk}/").status_code == 404


def test_a_check_in_session_opens_no_plan(site, plan):
    phone = signed_in(a_user(site.organisation, "SITE_REPORTER", sites=[site]), second_factor=False)
    for path in addresses(site, plan).values():
        assert phone.get(path).status_code == 403, path


def test_the_reporter_reads_and_activates_but_does_not_write(site, plan, reporter):
    assert "Plan B: Poltava" in text_of(reporter, f"/plans/evacuation/{plan.pk}/")
    assert SECRETS["route"] in text_of(reporter, f"/plans/evacuation/{plan.pk}/?show=places")
    assert reporter.get(f"/sites/{site.pk}/plans/evacuation/start/").status_code == 403
    assert reporter.get(f"/plans/evacuation/{plan.pk}/approve/").status_code == 403
    assert reporter.get(f"/sites/{site.pk}/plans/activate/").status_code == 200


def test_pages_about_plans_are_never_stored_and_name_nothing_in_their_title(site, plan, coordinator):
    for path in addresses(site, plan).values():
        response = coordinator.get(path)
        assert response["Cache-Control"] == "no-store", path
        title = response.content.decode().split("<title>")[1].split("</title>")[0]
        assert "Kharkiv" not in title and "Poltava" not in title


# --- scenario 8, from the first line -------------------------------------------------------------------------------


def rows_of(kind: str, *rows: dict) -> dict[str, str]:
    posted = {f"{kind}-TOTAL_FORMS": str(max(len(rows), 2)), f"{kind}-INITIAL_FORMS": "0"}
    return posted | {f"{kind}-{i}-{name}": str(value) for i, row in enumerate(rows) for name, value in row.items()}


def plan_text(**changed) -> dict[str, str]:
    return {
        "title": "Plan B: Poltava", "seats": "100", "trips": "3", "expected_evacuees": "210", "family_estimate": "126",
        "do": "save",
        **rows_of("routes", {"name": "North", "mode": "BUS", "km": 140, "hours": 3.5, "via": SECRETS["route"]}),
        **rows_of("shelters", {"name": SECRETS["shelter"], "capacity": 70}, {"name": "Basement", "capacity": 40}),
        **rows_of(
            "assembly_points", {"name": SECRETS["point"], "code_word": "OAK"}, {"name": "Market hall", "code_word": "BRIDGE"}
        ),
        **changed,
    }  # fmt: skip


def test_scenario_8_looks_good_but_is_not(site, coordinator):
    start = f"/sites/{site.pk}/plans/evacuation/start/"
    assert coordinator.post(start, plan_text()).status_code == 302
    with acting_as(SYSTEM):
        plan = EvacuationPlan.objects.get(site=site)
        assert plan.routes == [{"name": "North", "mode": "BUS", "km": 140, "hours": 3.5, "via": SECRETS["route"]}]
        assert plan.shelter_capacity == 110, "left empty, the shelters are added up"
    questions = f"/plans/evacuation/{plan.pk}/questions/"
    assert not CHECKED.search(text_of(coordinator, questions)), "nothing is preselected"
    missing = {"10", "15", "17"}
    answers = {f"item-{item.code}": "NOT_MET" if item.code in missing else "MET" for item in load("evacuation_plan").items}
    assert coordinator.post(questions, answers).status_code == 302

    asks = text_of(coordinator, f"/plans/evacuation/{plan.pk}/approve/")
    assert "1 critical item is not met" in asks and "Border rules known" in asks and "36 seats short" in asks
    assert coordinator.post(f"/plans/evacuation/{plan.pk}/approve/").status_code == 302, "gaps do not stop an approval"

    page = text_of(coordinator, f"/plans/evacuation/{plan.pk}/")
    assert "17 of 20" in page and "85.0" in page and "Not adequate" in page and "36 seats short" in page
    panel = text_of(coordinator, f"/sites/{site.pk}/")
    assert "17 of 20" in panel and "36 seats short" in panel and f"/sites/{site.pk}/plans/activate/" in panel
    assert "Kharkiv snacks plant" in text_of(coordinator, "/plans/gaps/")
    with acting_as(SYSTEM):
        site.refresh_from_db()
        assert site.current_plan_adequate is False
        assert site.current_plan_review_on == timezone.localdate() + timedelta(days=365)


def test_adding_a_row_without_script_keeps_what_was_typed_and_stores_nothing(site, coordinator):
    typed = plan_text(do="more-routes", title="", seats="77")
    response = coordinator.post(f"/sites/{site.pk}/plans/evacuation/start/", typed)
    page = response.content.decode()
    assert response.status_code == 200 and SECRETS["route"] in page and 'value="77"' in page
    assert 'name="routes-2-name"' in page and "errs" not in page
    with acting_as(SYSTEM):
        assert not EvacuationPlan.objects.filter(site=site).exists()


def test_a_row_without_a_name_and_a_wrong_number_are_said_beside_them(site, coordinator):
    wrong = plan_text(**rows_of("routes", {"name": "", "via": "over the hill"}, {"name": "South", "km": "far"}))
    response = coordinator.post(f"/sites/{site.pk}/plans/evacuation/start/", wrong)
    page = response.content.decode()
    assert response.status_code == 422
    assert (
        "Give this row a name" in page
        and "Routes: something in these rows is not right" in page
        and "Enter a whole number" in page
    )
    assert "over the hill" in page


def test_an_emptied_row_is_gone(site, coordinator):
    plan = an_evacuation_plan(site, approved=False)
    text = plan_text(**rows_of("assembly_points", {"name": "Market hall", "code_word": "BRIDGE"}, {"name": "", "code_word": ""}))
    assert coordinator.post(f"/plans/evacuation/{plan.pk}/change/", text).status_code == 302
    with acting_as(SYSTEM):
        assert EvacuationPlan.objects.get(pk=plan.pk).assembly_points == [{"name": "Market hall", "code_word": "BRIDGE"}]


def test_opening_the_form_of_a_plan_is_a_look_at_its_places(site, coordinator):
    plan = an_evacuation_plan(site, approved=False)
    assert SECRETS["route"] in text_of(coordinator, f"/plans/evacuation/{plan.pk}/change/")
    assert reads_of_places() == 1


def test_somebody_elses_change_is_not_overwritten(site, coordinator):
    plan = an_evacuation_plan(site, approved=False)
    response = coordinator.post(f"/plans/evacuation/{plan.pk}/change/", plan_text(seen_version=str(plan.version - 1)))
    assert response.status_code == 422 and "Somebody changed this plan" in response.content.decode()


def test_a_new_revision_begins_with_the_last_and_says_what_changed(site, plan, coordinator):
    start = f"/sites/{site.pk}/plans/evacuation/start/"
    assert SECRETS["route"] in text_of(coordinator, start)
    more = rows_of("routes", {"name": "North"}, {"name": "South", "via": "along the river"})
    assert coordinator.post(start, plan_text(seats="120", **more)).status_code == 302
    with acting_as(SYSTEM):
        second = EvacuationPlan.objects.get(site=site, revision=2)
        assert second.assessment.outcome.met == 17, "answers are taken over"
    coordinator.post(f"/plans/evacuation/{second.pk}/questions/", {"item-15": "MET"} | _all_but("15"))
    page = text_of(coordinator, f"/plans/evacuation/{second.pk}/changes/")
    assert "<del>100</del>" in page and "<ins>120</ins>" in page and "Border rules known" in page and "Not met" in page
    assert "Routes" in page and "along the river" not in page and SECRETS["route"] not in page
    approve = text_of(coordinator, f"/plans/evacuation/{second.pk}/approve/")
    assert f"/plans/evacuation/{second.pk}/changes/" in approve, "who approves sees what changed"
    assert coordinator.get(start)["Location"].endswith(f"/plans/evacuation/{second.pk}/change/"), "an open draft is continued"


def _all_but(code: str) -> dict[str, str]:
    return {f"item-{item.code}": "MET" for item in load("evacuation_plan").items if item.code != code}


def test_an_approved_revision_is_never_changed(site, plan, coordinator):
    assert coordinator.post(f"/plans/evacuation/{plan.pk}/change/", plan_text()).status_code == 409
    assert coordinator.post(f"/plans/evacuation/{plan.pk}/questions/", {"item-1": "MET"}).status_code == 409
    assert coordinator.post(f"/plans/evacuation/{plan.pk}/approve/").status_code == 409


def test_the_communication_plan_counts_and_has_no_word(site, coordinator):
    plan = a_communication_plan(site)
    page = text_of(coordinator, f"/plans/communication/{plan.pk}/")
    assert "12 of 15" in page and "dequate" not in page
    assert "12 of 15" in text_of(coordinator, f"/sites/{site.pk}/")


def test_more_reached_than_tried_is_refused_beside_the_field(site, coordinator):
    response = coordinator.post(
        f"/sites/{site.pk}/plans/communication/start/", {"title": "Calls", "attempted": "10", "reached": "11", "do": "save"}
    )
    assert response.status_code == 422 and "More people were reached than were tried" in response.content.decode()


# --- activate, stand down, drill -----------------------------------------------------------------------------------


def test_activation_takes_three_clicks_and_nobody_is_chosen_before(site, plan, coordinator):
    assert f'href="/sites/{site.pk}/plans/activate/"' in text_of(coordinator, f"/sites/{site.pk}/")  # 1: Activate
    page = text_of(coordinator, f"/sites/{site.pk}/plans/activate/")
    assert not CHECKED.search(page) and "Activate revision 1" in page and "101, 102, 103" in page
    press = {"plan": str(plan.pk), "who": "ALL", "reason": "LATER", "parts": "", "people": "", "note": ""}  # 2: who leaves
    response = coordinator.post(f"/sites/{site.pk}/plans/activate/", press, follow=True)  # 3: the button
    assert "Evacuating" in response.content.decode()
    with acting_as(SYSTEM):
        activation = PlanActivation.objects.get(site=site)
        site.refresh_from_db()
        assert (activation.who, activation.people, site.alert_level) == ("ALL", 210, 4)
        assert site.evacuating_since == activation.activated_at
    assert f"/activations/{activation.pk}/stand-down/" in text_of(coordinator, f"/sites/{site.pk}/")


def test_the_same_press_twice_is_one_evacuation(site, plan, coordinator):
    press = {"plan": str(plan.pk), "who": "SHIFT", "reason": "DANGER"}
    assert coordinator.post(f"/sites/{site.pk}/plans/activate/", press).status_code == 302
    assert coordinator.post(f"/sites/{site.pk}/plans/activate/", press).status_code == 409
    with acting_as(SYSTEM):
        assert PlanActivation.objects.filter(site=site).count() == 1


def test_a_press_that_is_sent_again_after_the_evacuation_ended_begins_none(site, plan, coordinator):
    """As by the back button of a browser."""
    path, press = f"/sites/{site.pk}/plans/activate/", {"plan": str(plan.pk), "who": "ALL", "press": str(uuid7())}
    assert coordinator.post(path, press).status_code == coordinator.post(path, press).status_code == 302
    with acting_as(SYSTEM):
        activation = PlanActivation.objects.get(site=site)
    assert coordinator.post(f"/activations/{activation.pk}/stand-down/", {}).status_code == 302
    assert coordinator.post(path, press).status_code == 409
    other = a_site(an_organisation())
    an_evacuation_plan(other)
    stranger = signed_in(a_user(other.organisation, "MEMBER_COORDINATOR"))
    with acting_as(SYSTEM):
        theirs = EvacuationPlan.objects.get(site=other)
    answer = stranger.post(f"/sites/{other.pk}/plans/activate/", press | {"plan": str(theirs.pk)})
    assert answer.status_code == 409, "an id of another organisation tells nothing"
    with acting_as(SYSTEM):
        assert PlanActivation.objects.count() == 1


def test_who_leaves_must_be_said_and_parts_named(site, plan, coordinator):
    response = coordinator.post(f"/sites/{site.pk}/plans/activate/", {"plan": str(plan.pk)})
    assert response.status_code == 422 and "id_who_error" in response.content.decode()
    response = coordinator.post(f"/sites/{site.pk}/plans/activate/", {"plan": str(plan.pk), "who": "PART"})
    assert response.status_code == 422 and "Say which parts leave" in response.content.decode()


def test_a_revision_approved_meanwhile_is_not_activated_by_surprise(site, plan, coordinator):
    newer = an_evacuation_plan(site)
    response = coordinator.post(f"/sites/{site.pk}/plans/activate/", {"plan": str(plan.pk), "who": "ALL"})
    assert response.status_code == 409 and "Another revision was approved" in response.content.decode()
    assert newer.revision == 2


def test_a_revision_approved_during_an_evacuation_is_not_the_one_that_people_leave_by(site, plan, coordinator):
    coordinator.post(f"/sites/{site.pk}/plans/activate/", {"plan": str(plan.pk), "who": "ALL"})
    newer = an_evacuation_plan(site)
    with acting_as(a_coordinator(site.organisation)) as actor:
        site.refresh_from_db()
        plan.refresh_from_db()
        assert [SeenPlan(one, site, actor).status for one in (plan, newer)] == ["ACTIVATED", "APPROVED"]
        stand_down(activation=PlanActivation.objects.get())
        site.refresh_from_db()
        assert [SeenPlan(one, site, actor).status for one in (plan, newer)] == ["RETIRED", "APPROVED"]


def test_an_answer_that_the_numbers_contradict_is_said_above_the_answers(site, coordinator, viewer):
    plan = an_evacuation_plan(site, not_met=(), seats=100)
    page = text_of(coordinator, f"/plans/evacuation/{plan.pk}/")
    assert "19 of 20" in page and "Not adequate" in page
    assert "Item 10 was answered as met, but the numbers of the plan say: 36 seats short." in page
    assert "was answered as met" not in text_of(viewer, f"/plans/evacuation/{plan.pk}/")


def test_who_stands_down_reads_what_the_site_will_be(site, plan, coordinator):
    for who, told in (("ALL", "The site then reads “Evacuated”"), ("PART", "The status stays until it is logged.")):
        coordinator.post(f"/sites/{site.pk}/plans/activate/", {"plan": str(plan.pk), "who": who, "parts": "packing hall"})
        with acting_as(SYSTEM):
            path = f"/activations/{PlanActivation.objects.get(stood_down_at=None).pk}/stand-down/"
        assert told in text_of(coordinator, path)
        assert coordinator.post(path, {"moved": "12"}).status_code == 302


def test_a_site_without_an_approved_plan_is_told_what_to_do(site, coordinator):
    an_evacuation_plan(site, approved=False)
    page = text_of(coordinator, f"/sites/{site.pk}/plans/activate/")
    assert "There is no approved plan" in page and "Call first" in page


def test_standing_down_needs_no_numbers(site, plan, coordinator):
    coordinator.post(
        f"/sites/{site.pk}/plans/activate/", {"plan": str(plan.pk), "who": "PART", "parts": "packing hall", "reason": "DAMAGE"}
    )
    with acting_as(SYSTEM):
        activation = PlanActivation.objects.get(site=site)
    assert "Only some parts: packing hall" in text_of(coordinator, f"/activations/{activation.pk}/stand-down/")
    assert coordinator.post(f"/activations/{activation.pk}/stand-down/", {}).status_code == 302
    with acting_as(SYSTEM):
        site.refresh_from_db()
        assert site.evacuating_since is None and site.alert_level == 4, "lowering is a decision of its own"
    assert coordinator.post(f"/activations/{activation.pk}/stand-down/", {"moved": "9"}).status_code == 302, "pressed twice"
    other = signed_in(a_user(site.organisation, "MEMBER_COORDINATOR"))
    assert other.post(f"/activations/{activation.pk}/stand-down/", {}).status_code == 409
    with acting_as(SYSTEM):
        activation.refresh_from_db()
        assert activation.moved is None, "the first press counts"


def test_the_button_pressed_twice_is_one_evacuation_and_no_error(site, plan, coordinator):
    form = text_of(coordinator, f"/sites/{site.pk}/plans/activate/")
    key = re.search(r'name="press" value="([0-9a-f-]{36})"', form)[1]
    press = {"plan": str(plan.pk), "who": "ALL", "reason": "DANGER", "press": key}
    first, second = (coordinator.post(f"/sites/{site.pk}/plans/activate/", press) for _ in range(2))
    assert (first.status_code, second.status_code) == (302, 302)
    with acting_as(SYSTEM):
        assert [str(one.pk) for one in PlanActivation.objects.filter(site=site)] == [key]
        assert AuditEvent.objects.filter(action="members.activate_plan").count() == 1
    other = press | {"press": str(uuid4())}
    assert coordinator.post(f"/sites/{site.pk}/plans/activate/", other).status_code == 409, "another evacuation is another matter"


def test_when_it_began_and_how_grave_may_be_said(site, plan, coordinator):
    began = timezone.localtime() - timedelta(hours=3)
    press = {"plan": str(plan.pk), "who": "ALL", "level": "3", "activated_at": began.strftime("%Y-%m-%dT%H:%M")}
    assert coordinator.post(f"/sites/{site.pk}/plans/activate/", press).status_code == 302
    with acting_as(SYSTEM):
        site.refresh_from_db()
        activation = PlanActivation.objects.get(site=site)
        assert (activation.level, site.alert_level) == (3, 3)
        assert site.evacuating_since == activation.activated_at == began.replace(second=0, microsecond=0)
    coordinator.post(f"/activations/{activation.pk}/stand-down/", {"moved": "205", "family_moved": "120"})
    page = text_of(coordinator, f"/sites/{site.pk}/plans/")
    assert "205 people left" in page and "120 family members" in page and "lasted 3" in page and "level 3" in page


def test_an_evacuation_begins_not_tomorrow_and_lowers_no_level(site, plan, coordinator):
    path, press = f"/sites/{site.pk}/plans/activate/", {"plan": str(plan.pk), "who": "ALL"}
    late = (timezone.localtime() + timedelta(days=1)).strftime("%Y-%m-%dT%H:%M")
    response = coordinator.post(path, press | {"activated_at": late})
    assert response.status_code == 422 and "This lies in the future" in response.content.decode()
    with acting_as(SYSTEM):
        change_alert_level(site=site, level=4)
    assert "3 · Severe" not in text_of(coordinator, path)
    assert coordinator.post(path, press | {"level": "3"}).status_code == 422
    with acting_as(SYSTEM):
        assert not PlanActivation.objects.filter(site=site).exists()


def test_a_key_begins_an_evacuation_and_ends_it_once(site, plan):
    client = Client(headers={"Authorization": f"Bearer {a_token(site.organisation)}"})
    body = {"plan": str(plan.pk), "who": "ALL", "reason": "DANGER", "people": 210, "level": 3}
    asked = {"data": body, "content_type": "application/json", "headers": {"Idempotency-Key": "evacuate-1"}}
    made = client.post("/api/v1/activations/", **asked)
    assert made.status_code == 201 and made.json()["who"] == "ALL", made.content
    assert client.post("/api/v1/activations/", **asked).json()["id"] == made.json()["id"], "the same key, the same evacuation"
    assert len(client.get("/api/v1/activations/?under_way=true").json()["results"]) == 1
    end = f"/api/v1/activations/{made.json()['id']}/stand-down/"
    assert client.post(end, {"moved": 200}, content_type="application/json").json()["moved"] == 200
    assert client.post(end, {"moved": 9}, content_type="application/json").status_code == 409
    viewer = signed_in(a_user(site.organisation, "MEMBER_VIEWER"))
    row = viewer.get("/api/v1/activations/").json()["results"][0]
    assert (row["level"], row["who"], row["people"], row["moved"]) == (3, None, None, None)
    assert viewer.post(end, {}, content_type="application/json").status_code == 403


def test_a_drill_says_when_the_next_is_due(site, plan, reporter):
    held = timezone.localdate() - timedelta(days=3)
    drill = {
        "kind": "FULL",
        "held_on": held.isoformat(),
        "participants": "61",
        "target_minutes": "360",
        "minutes": "310",
        "result": "PASS",
    }
    assert reporter.post(f"/sites/{site.pk}/plans/drill/", drill).status_code == 302
    with acting_as(SYSTEM):
        assert Drill.objects.get(site=site).next_due_on == held + timedelta(days=365)
    assert "61 people" in text_of(reporter, f"/sites/{site.pk}/plans/")
    response = reporter.post(f"/sites/{site.pk}/plans/drill/", drill | {"held_on": (held + timedelta(days=9)).isoformat()})
    assert response.status_code == 422 and "lies in the future" in response.content.decode()


# --- the card ------------------------------------------------------------------------------------------------------


def card_of(page: str) -> str:
    return "".join(part.split("</article>")[0] for part in page.split("<article")[1:])


def test_a_lost_card_harms_nobody(site, plan, coordinator):
    paper = card_of(text_of(coordinator, f"/plans/evacuation/{plan.pk}/card/"))
    for secret in ("Halden", "Kharkiv", "Poltava", "210", "340", "Market hall", *SECRETS.values()):
        assert secret not in without_chance(paper), secret
    assert "OAK" in paper and "BRIDGE" in paper and words()["uk"]["heading"] in paper
    assert "101" in paper and "103" in paper
    assert reads_of_places() == 1, "the code words stand in the places"


def test_what_the_coordinator_ticks_stands_on_the_card_and_is_logged(site, plan, coordinator):
    query = "made=1&show=org&show=counts&show=places&language=en&language=uk"
    paper = card_of(text_of(coordinator, f"/plans/evacuation/{plan.pk}/card/?{query}"))
    for fact in ("Halden Foods", "210", "100 × 3", "Market hall", "Poltava"):
        assert fact in paper, fact
    assert paper.count('class="hd"') == 2 and words()["uk"]["heading"] in paper and words()["en"]["heading"] in paper
    assert reads_of_places() == 1
    with acting_as(SYSTEM):
        assert AuditEvent.objects.filter(action="members.open_plan_card").count() == 1


def test_a_reporter_prints_the_plain_card_only(site, plan, reporter):
    page = text_of(reporter, f"/plans/evacuation/{plan.pk}/card/?made=1&show=org&show=places&language=en")
    assert 'name="show"' not in page
    assert "Halden" not in card_of(page) and "Market hall" not in card_of(page)


def test_a_card_ends_no_later_than_its_plan(site, plan, coordinator):
    late = (plan.next_review_on + timedelta(days=1)).isoformat()
    page = text_of(coordinator, f"/plans/evacuation/{plan.pk}/card/?made=1&language=en&until={late}")
    assert "not valid for longer than its plan" in page and "<article" not in page
    soon = (timezone.localdate() + timedelta(days=7)).isoformat()
    assert "<article" in text_of(coordinator, f"/plans/evacuation/{plan.pk}/card/?made=1&language=en&until={soon}")


def test_a_draft_and_an_outdated_plan_have_no_card(site, plan, coordinator):
    with acting_as(SYSTEM):
        EvacuationPlan.objects.filter(pk=plan.pk).update(next_review_on=timezone.localdate() - timedelta(days=1))
    page = text_of(coordinator, f"/plans/evacuation/{plan.pk}/card/")
    assert "There is no card to print" in page and "<article" not in page


@pytest.mark.parametrize("query", ["made=1&language=xx", "made=1&show=all", "made=1&until=tomorrow", "made=1&language=%00"])
def test_nonsense_in_the_address_of_the_card_is_an_error_beside_its_field(site, plan, coordinator, query):
    assert "errs" in text_of(coordinator, f"/plans/evacuation/{plan.pk}/card/?{query}")


# --- border crossings, coordinates, and what others may know ---------------------------------------------------------


def test_a_route_names_a_listed_crossing_with_the_date_of_the_list(site, coordinator):
    start = f"/sites/{site.pk}/plans/evacuation/start/"
    form = text_of(coordinator, start)
    assert "Krakivets – Korczowa (Poland, road)" in form and "Listed as operational on 30 May 2023: old, check" in form
    chosen = rows_of("routes", {"name": "West", "crossing": "krakivets-korczowa"})
    assert coordinator.post(start, plan_text(**chosen)).status_code == 302
    with acting_as(SYSTEM):
        plan = EvacuationPlan.objects.get(site=site)
        assert (plan.routes[0]["name"], plan.routes[0]["crossing"]) == ("West", "krakivets-korczowa")
    shown = text_of(coordinator, f"/plans/evacuation/{plan.pk}/?show=places")
    assert "Krakivets – Korczowa (Poland, road)" in shown and "old, check before people set off" in shown
    assert "Krakivets" not in text_of(coordinator, f"/plans/evacuation/{plan.pk}/")


def test_a_crossing_that_is_not_listed_is_refused_and_elsewhere_none_is_offered(site, coordinator):
    wrong = rows_of("routes", {"name": "East", "crossing": "hoptivka-nekhoteyevka"})
    assert coordinator.post(f"/sites/{site.pk}/plans/evacuation/start/", plan_text(**wrong)).status_code == 422
    abroad = a_site(site.organisation, admin1=an_area("PL14", country="PL", name="Mazowieckie"))
    assert "Korczowa" not in text_of(coordinator, f"/sites/{abroad.pk}/plans/evacuation/start/")


@pytest.mark.parametrize(
    ("typed", "kept"),
    [("49.842, 24.0316", "49.84200, 24.03160"), ("49°50'31.2\"N 24°01'53.8\"E", "49.84200, 24.03161"), ("", None)],
)
def test_coordinates_are_kept_as_degrees(site, coordinator, typed, kept):
    text = plan_text(**rows_of("shelters", {"name": SECRETS["shelter"], "point": typed}))
    assert coordinator.post(f"/sites/{site.pk}/plans/evacuation/start/", text).status_code == 302
    with acting_as(SYSTEM):
        assert EvacuationPlan.objects.get(site=site).shelters[0].get("point") == kept


@pytest.mark.parametrize("typed", ["in the yard", "95.1, 24.2", "49.8"])
def test_what_is_no_coordinate_is_said_beside_its_field(site, coordinator, typed):
    text = plan_text(**rows_of("assembly_points", {"name": "Yard", "point": typed}))
    response = coordinator.post(f"/sites/{site.pk}/plans/evacuation/start/", text)
    assert response.status_code == 422 and "These are no coordinates" in response.content.decode()


def test_coordinates_stand_encrypted_and_only_in_answer_to_who_asked(site, coordinator):
    with acting_as(SYSTEM):
        site.exact_location = {"lat": 49.98765, "lon": 36.23456}
        site.save()
    plan = an_evacuation_plan(site, assembly_points=[{"name": SECRETS["point"], "point": "49.99001, 36.23001"}])
    with connection.cursor() as cursor, acting_as(SYSTEM):
        cursor.execute("SELECT assembly_points FROM members_evacuationplan WHERE id = %s", [plan.pk])
        assert "49.99001" not in cursor.fetchone()[0]
    assert "49.99001" not in text_of(coordinator, f"/plans/evacuation/{plan.pk}/")
    shown = text_of(coordinator, f"/plans/evacuation/{plan.pk}/?show=places")
    assert "49.99001, 36.23001" in shown and "49.98765, 36.23456" in shown


@pytest.mark.parametrize("who", ["viewer", "analyst"])
def test_others_see_that_places_are_written_down_and_not_what_they_say(request, site, who):
    plan = an_evacuation_plan(site, shelters=None)
    client = request.getfixturevalue(who)
    page = text_of(client, f"/plans/evacuation/{plan.pk}/")
    assert page.count("not written down") == 1 and page.count("written down") == 3
    row = client.get(f"/api/v1/evacuation-plans/{plan.pk}/").json()
    assert (row["has_routes"], row["has_shelters"], row["has_assembly_points"]) == (True, False, True)
    assert reads_of_places() == 0


# --- the card on a phone ---------------------------------------------------------------------------------------------


def test_a_language_without_a_card_is_named(site, plan, coordinator):
    with acting_as(SYSTEM):
        site.languages = ["uk", "de", "xx"]
        site.save()
    page = text_of(coordinator, f"/plans/evacuation/{plan.pk}/card/")
    assert "There is no card in: Deutsch, xx." in page
    assert '<option value="de"' not in page and 'value="de"' not in page


def test_the_card_on_a_phone_holds_the_same_and_nothing_around_it(site, plan, coordinator):
    query = "made=1&show=counts&language=en"
    page = text_of(coordinator, f"/plans/evacuation/{plan.pk}/card/?{query}")
    link = re.search(r'href="(/card/[^"]+)"', page)[1].replace("&amp;", "&")
    phone = coordinator.get(link)
    text = phone.content.decode()
    assert phone["Cache-Control"] == "no-store" and "<nav" not in text and "Halden" not in text and "Market hall" not in text
    assert card_of(text) == card_of(page) and "whoever opens this phone can read it" in text
    assert f'data-until="{plan.next_review_on.isoformat()}"' in text
    title = text.split("<title>")[1].split("</title>")[0]
    assert title == "Card"


def test_the_copy_that_is_kept_is_logged_as_such(site, plan, reporter):
    assert reporter.get(f"/card/{plan.pk}/?made=1&language=en").status_code == 200
    with acting_as(SYSTEM):
        assert not AuditEvent.objects.filter(action="members.keep_plan_card").exists()
    text = text_of(reporter, f"/card/{plan.pk}/?made=1&language=en&keep=1")
    assert 'data-do="keep"' not in text and 'data-do="remove"' in text and "csrf" not in text
    with acting_as(SYSTEM):
        assert AuditEvent.objects.filter(action="members.keep_plan_card").count() == 1


def test_only_a_session_with_a_second_factor_gets_a_card_to_keep(site, plan):
    phone = signed_in(a_user(site.organisation, "SITE_REPORTER", sites=[site]), second_factor=False)
    assert phone.get(f"/card/{plan.pk}/?made=1&keep=1").status_code == 403
    elsewhere = signed_in(a_user(site.organisation, "SITE_REPORTER", sites=[a_site(site.organisation)]))
    assert elsewhere.get(f"/card/{plan.pk}/?made=1&keep=1").status_code == 404


def test_an_outdated_plan_has_no_card_to_keep(site, plan, coordinator):
    with acting_as(SYSTEM):
        EvacuationPlan.objects.filter(pk=plan.pk).update(next_review_on=timezone.localdate() - timedelta(days=1))
    page = text_of(coordinator, f"/card/{plan.pk}/?made=1&keep=1")
    assert "There is no card to keep" in page and "<article" not in page and "data-card" not in page


def test_the_worker_of_cards_looks_after_cards_only(coordinator):
    response = coordinator.get("/card/sw.js")
    assert response["Content-Type"].startswith("text/javascript") and "Service-Worker-Allowed" not in response
    assert "/card/" in response.content.decode() and "/c/" not in response.content.decode()
