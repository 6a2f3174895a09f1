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
from tests.factories import a_coordinator, a_reporter, a_site, a_status, a_user, an_analyst, the_secretariat
from tests.signing import signed_in

pytestmark = pytest.mark.django_db

SETTLED = {str(n): AnswerValue("SETTLED", "The board, 3 March") for n in range(1, 9)}
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
    said = {"item-operational": "SUSPENDED", "item-reason": "SAFETY", "item-note": "Shelling nearby"}
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
