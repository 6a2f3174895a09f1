"""Work at a site stops on one page: the status, what is settled, an action for the rest; nobody outside reads why."""

from datetime import timedelta

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import connection
from django.urls import reverse
from django.utils import timezone

from aimprogress.core.actor import SYSTEM, acting_as
from aimprogress.core.permissions import Role
from aimprogress.core.scoping import InScope
from aimprogress.instruments.engine import AnswerValue, load
from aimprogress.instruments.models import Answer, Assessment
from humanitarian.models import SafetyAction
from humanitarian.services.stopping import STOPPING, Owner, stop_work
from members.models import SiteStatus
from members.services.sites import correct_site_status, log_site_status
from tests.api.clients import a_program
from tests.factories import a_coordinator, a_reporter, a_site, a_status, a_user, an_analyst, the_secretariat
from tests.signing import signed_in

pytestmark = pytest.mark.django_db

SETTLED = {str(n): AnswerValue("SETTLED", "The board, 3 March") for n in range(1, 9)}
REPORT = {
    "operational": "SUSPENDED",
    "reason": "POWER",
    "control": "MEMBER",
    "damage": "9",
    "source_type": "DIRECT",
    "confidence": "A",
}
OPEN = {"4": AnswerValue("NOT_YET"), "7": None}


@pytest.fixture
def site():
    found = a_site()
    a_status(found)
    return found


def owners(*keys):
    return {key: Owner("HR lead", timezone.localdate() + timedelta(days=5)) for key in keys}


def stopped(site, operational="SUSPENDED", reason="POLICY", **more):
    given = {"answers": SETTLED | OPEN, "owners": owners("4", "7")} | more
    with acting_as(a_coordinator(site.organisation)):
        check = stop_work(site=site, operational=operational, reason=reason, **given)
        site.refresh_from_db()
    return check


def test_it_is_eight_questions_and_what_is_settled_needs_a_word_on_how():
    instrument = load(STOPPING)
    assert len(instrument.items) == 8 and instrument.commercial
    assert instrument.scale["SETTLED"].note_required


def test_one_act_logs_the_status_and_opens_an_action_for_each_question_that_is_open(site):
    check = stopped(site)
    assert (site.current_operational, site.current_reason) == ("SUSPENDED", "POLICY")
    assert (check.outcome.met, check.outcome.total, check.outcome.missing) == (6, 8, ("4", "7"))
    with acting_as(SYSTEM):
        found = SafetyAction.objects.filter(origin_id=check.pk).order_by("origin_key")
        assert [(one.origin_key, one.owner_role, one.type) for one in found] == [
            ("item 4", "HR lead", "RESPOND"), ("item 7", "HR lead", "RESPOND"),
        ]  # fmt: skip
        assert "Pay that continues" in found[0].title


def test_a_site_that_is_stopped_already_gets_the_answers_and_no_second_status(site):
    a_status(site, "SUSPENDED", reason="POWER")
    stopped(site, reason="POWER")
    with acting_as(SYSTEM):
        assert SiteStatus.objects.filter(site=site).count() == 2
    stopped(site, operational="CLOSED", reason="POWER")
    assert site.current_operational == "CLOSED"


def test_nothing_is_kept_where_an_owner_or_a_reason_is_missing_or_work_goes_on(site):
    for wrong in ({"owners": owners("4")}, {"reason": ""}, {"operational": "OPERATING"}):
        with pytest.raises(ValidationError):
            stopped(site, **wrong)
    with acting_as(SYSTEM):
        assert not Assessment.objects.exists() and not SafetyAction.objects.exists()
        site.refresh_from_db()
        assert site.current_operational == "OPERATING"


def test_a_reporter_does_not_close_a_site(site):
    with acting_as(a_reporter(site)), pytest.raises(PermissionDenied):
        stop_work(site=site, operational="CLOSED", reason="DEMAND", answers=SETTLED, owners={})


def test_the_secretariat_finds_no_answer_at_either_wall(site, monkeypatch):
    check = stopped(site)
    with acting_as(an_analyst()):
        assert not Assessment.objects.filter(pk=check.pk).exists()
    monkeypatch.setattr(InScope, "as_sql", lambda self, compiler, connection: ("TRUE", []))
    with acting_as(an_analyst()):
        assert not Assessment.objects.filter(pk=check.pk).exists()
        assert not Answer.objects.filter(assessment_id=check.pk).exists()
        with connection.cursor() as cursor:
            cursor.execute("SELECT count(*) FROM instruments_assessment WHERE id = %s", [check.pk])
            assert cursor.fetchone() == (0,)
    with acting_as(a_coordinator(site.organisation)):
        assert Answer.objects.filter(assessment_id=check.pk).count() == 7


def test_the_secretariat_sees_that_actions_are_open_and_never_about_what(site):
    check = stopped(site)
    client = signed_in(a_user(the_secretariat(), Role.AIM_ANALYST))
    assert client.get(reverse("humanitarian:stop", args=[check.pk])).status_code == 404
    assert client.get(reverse("humanitarian:check", args=[check.pk])).status_code == 404
    page = client.get(reverse("members:site", args=[site.pk])).content.decode()
    assert "settled" not in page and "Company decision" not in page
    rows = client.get("/api/v1/safety-actions/").json()["results"]
    assert len(rows) == 2 and {row["title"] for row in rows} == {""} and {row["origin_id"] for row in rows} == {None}
    assert str(check.pk) not in client.get("/api/v1/assessments/").content.decode()


def test_the_page_guides_through_all_of_it_and_shows_what_came_of_it(site):
    client = signed_in(a_user(site.organisation, Role.MEMBER_COORDINATOR))
    path = reverse("humanitarian:stop_work", args=[site.pk])
    assert path in client.get(reverse("members:site", args=[site.pk])).content.decode()
    form = client.get(path).context["form"]
    assert form["4-owner"].value() == "HR lead" and "Is it decided who is paid what" in str(form["4"].label)
    due = (timezone.localdate() + timedelta(days=3)).isoformat()
    said = {f"item-{name}": value for name, value in REPORT.items()} | {"item-reason": "SAFETY", "item-note": "Shelling nearby"}
    for n in range(1, 9):
        said |= {f"item-{n}-owner": "HSE lead", f"item-{n}-due_on": due}
    said |= {f"item-{n}": "SETTLED" for n in range(1, 8)} | {f"item-{n}-note": "Shift lead, today" for n in range(1, 7)}
    refused = client.post(path, said)  # settled without a word on how
    assert refused.status_code == 422 and refused.context["form"].errors.keys() == {"7-note"}
    nobody = client.post(path, said | {"item-7-note": "By telephone", "item-8-owner": ""})
    assert nobody.context["form"].errors.keys() == {"8-owner"}
    page = client.post(path, said | {"item-7-note": "By telephone"}, follow=True)
    assert page.status_code == 200 and "Work stopped: Neighbours" in page.content.decode()
    site_page = client.get(reverse("members:site", args=[site.pk])).content.decode()
    assert "7 of 8 questions settled" in site_page and path not in site_page


def test_a_move_that_is_forbidden_is_told_beside_its_field(site):
    a_status(site, "OPERATING")
    client = signed_in(a_user(site.organisation, Role.SITE_REPORTER, sites=[site]))
    assert client.get(reverse("humanitarian:stop_work", args=[site.pk])).status_code == 403


def coming_from(site):
    return signed_in(a_user(site.organisation, Role.MEMBER_COORDINATOR))


@pytest.mark.parametrize("status", ["SUSPENDED", "CLOSED", "DIVESTED"])
def test_the_form_of_a_status_leads_a_stop_to_its_page_with_what_was_typed(site, status):
    client, stop = coming_from(site), reverse("humanitarian:stop_work", args=[site.pk])
    typed = REPORT | {"operational": status, "note": "No diesel", "damage": "1", "hours_power": "3", "told_by": "Shift lead"}
    assert typed.keys() <= client.get(f"/sites/{site.pk}/status/").context["form"].fields.keys()
    answer = client.post(f"/sites/{site.pk}/status/", typed, follow=True)
    assert answer.redirect_chain == [(stop, 302)] and "Nothing is logged yet" in answer.content.decode()
    form = answer.context["form"]
    assert {name: str(form[name].value()) for name in typed} == typed
    with acting_as(SYSTEM):
        assert SiteStatus.objects.filter(site=site).count() == 1
    due = (timezone.localdate() + timedelta(days=3)).isoformat()
    said = {f"item-{name}": value for name, value in typed.items()}
    said |= {f"item-{n}-{name}": value for n in range(1, 9) for name, value in (("owner", "HR lead"), ("due_on", due))}
    assert client.post(stop, said).status_code == 302
    with acting_as(SYSTEM):
        stood = SiteStatus.objects.filter(site=site).latest("recorded_at")
    assert (stood.operational, stood.reason, stood.note, stood.damage) == (status, "POWER", "No diesel", 1)
    assert (stood.told_by, stood.utilities) == ("Shift lead", {"power": 3})
    assert client.get(stop).context["form"]["note"].value() in (None, ""), "what was typed is used up"


def test_a_site_that_is_stopped_is_reported_on_in_the_plain_form(site):
    stopped(site, reason="POWER")
    answer = coming_from(site).post(f"/sites/{site.pk}/status/", REPORT | {"note": "Still dark"})
    assert answer.status_code == 302 and answer["Location"] == f"/sites/{site.pk}/"
    with acting_as(SYSTEM):
        assert SiteStatus.objects.filter(site=site, operational="SUSPENDED").count() == 2


def test_a_correction_stops_no_work_either_and_may_put_a_stop_right(site):
    with acting_as(SYSTEM):
        wrong = SiteStatus.objects.get(site=site)
    with acting_as(a_coordinator(site.organisation)), pytest.raises(ValidationError, match="one act"):
        correct_site_status(status=wrong, operational="CLOSED", reason="DEMAND", correction_reason="It was shut")
    stopped(site, reason="POWER")
    with acting_as(a_coordinator(site.organisation)):
        stop = SiteStatus.objects.filter(site=site).latest("recorded_at")
        right = correct_site_status(status=stop, operational="SUSPENDED", reason="SAFETY", correction_reason="Not the power")
    assert right.reason == "SAFETY"


def test_who_reports_what_is_so_at_the_own_site_is_not_asked(site):
    with acting_as(a_reporter(site)):
        assert log_site_status(site=site, operational="SUSPENDED", reason="SAFETY").operational == "SUSPENDED"


def test_a_program_is_refused_with_words_and_has_an_address_of_its_own_for_it(site):
    client, body = coming_from(site), {"site": str(site.pk), "operational": "CLOSED", "reason": "DEMAND"}
    refused = client.post("/api/v1/site-statuses/", body, content_type="application/json")
    (error,) = refused.json()["errors"]
    assert (refused.status_code, error["pointer"]) == (400, "/operational") and "one act" in error["message"]
    answers = {str(n): {"value": "SETTLED", "note": "The board, 3 March"} for n in range(1, 8)}
    open_ = client.post("/api/v1/site-stops/", body | {"answers": answers}, content_type="application/json")
    assert open_.status_code == 400 and [one["pointer"] for one in open_.json()["errors"]] == ["/owners"]
    owner = {"8": {"role": "Site manager", "due_on": timezone.localdate().isoformat()}}
    whole = body | {"answers": answers, "owners": owner, "note": "Sold by May"}
    made = client.post("/api/v1/site-stops/", whole, content_type="application/json")
    assert made.status_code == 201, made.content
    assert (made.json()["met"], made.json()["total"], made.json()["missing"]) == (7, 8, ["8"])
    with acting_as(SYSTEM):
        site.refresh_from_db()
        assert SiteStatus.objects.filter(site=site).latest("recorded_at").note == "Sold by May"
        assert SafetyAction.objects.get(site=site).owner_role == "Site manager"
    assert site.current_operational == "CLOSED"


def test_a_key_stops_work_as_its_scopes_allow(site):
    body = {"site": str(site.pk), "operational": "SUSPENDED", "reason": "DEMAND", "answers": {}, "owners": {}}
    body["owners"] = {str(n): {"role": "HR lead", "due_on": timezone.localdate().isoformat()} for n in range(1, 9)}
    assert a_program(site.organisation).post("/api/v1/site-stops/", body).status_code == 201
    reader = a_program(site.organisation, scopes=["assessment:read", "site:read"])
    assert reader.post("/api/v1/site-stops/", body).status_code == 403
