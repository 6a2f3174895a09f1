"""Opening and answering an assessment, on the real database."""

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import IntegrityError, connection, transaction
from django.utils import timezone

from aimprogress.core.actor import SYSTEM, acting_as
from aimprogress.core.audit import AuditEvent
from aimprogress.core.exceptions import Conflict
from aimprogress.instruments.engine import AnswerValue
from aimprogress.instruments.models import Answer, Assessment
from aimprogress.instruments.services import answer_items, open_assessment
from members.models import EvacuationPlan
from tests.factories import a_coordinator, a_reporter, a_site, a_viewer, an_analyst, an_organisation

pytestmark = pytest.mark.django_db

TWENTY = [str(number) for number in range(1, 21)]


@pytest.fixture
def site():
    return a_site(an_organisation())


@pytest.fixture
def plan(site):
    with acting_as(SYSTEM):
        plan = EvacuationPlan(organisation=site.organisation, site=site, title="Plan A")
        plan.save(force_insert=True)
    return plan


def met(*but):
    return {code: AnswerValue("MET") for code in TWENTY if code not in but}


def test_scenario_8_is_stored_with_the_versions_that_made_it(site, plan):
    with acting_as(a_coordinator(site.organisation)) as coordinator:
        assessment = open_assessment(subject=plan, instrument="evacuation_plan")
        answer_items(assessment=assessment, answers=met("1", "2", "15"))
        stored = Assessment.objects.get(pk=assessment.pk)
    assert (stored.subject_type, stored.subject_id, stored.site_id) == ("members.EvacuationPlan", plan.pk, site.pk)
    assert (stored.instrument, stored.version, stored.formula_version) == ("evacuation_plan", 1, 1)
    assert (stored.result["share"], stored.result["adequate"], stored.result["missing_critical"]) == ("85.0", False, ["15"])
    assert stored.outcome.share_text.startswith("85.0")
    assert stored.recorded_by_id == coordinator.user_id
    assert stored.completed_at is None
    assert stored.answered_at is not None


def test_answers_can_be_added_changed_and_taken_back(site, plan):
    with acting_as(a_coordinator(site.organisation)):
        assessment = open_assessment(subject=plan, instrument="evacuation_plan")
        answer_items(assessment=assessment, answers=met("20"))
        answer_items(assessment=assessment, answers={"20": AnswerValue("NOT_MET", "no drill yet"), "1": AnswerValue("PARTLY")})
        assert assessment.completed_at is not None
        assert assessment.outcome.met == 18
        assert assessment.given()["20"] == AnswerValue("NOT_MET", "no drill yet")
        answer_items(assessment=assessment, answers={"20": None})
        assert assessment.completed_at is None
        assert "20" not in assessment.given()
        assert Answer.objects.filter(assessment=assessment).count() == 19


@pytest.mark.parametrize("answers", [{"21": AnswerValue("MET")}, {"1": AnswerValue("YES")}])
def test_an_answer_that_does_not_belong_is_refused_and_nothing_is_saved(site, plan, answers):
    with acting_as(a_coordinator(site.organisation)):
        assessment = open_assessment(subject=plan, instrument="evacuation_plan")
        with pytest.raises(ValidationError):
            answer_items(assessment=assessment, answers={"2": AnswerValue("MET"), **answers})
        assert assessment.given() == {}


def test_a_new_revision_starts_with_the_answers_of_the_last_one(site, plan):
    with acting_as(a_coordinator(site.organisation)):
        first = open_assessment(subject=plan, instrument="evacuation_plan")
        answer_items(assessment=first, answers=met("15") | {"1": AnswerValue("MET", "all shifts", "file 7")})
        second = open_assessment(subject=plan, instrument="evacuation_plan", copy_from=first)
        answer_items(assessment=second, answers={"15": AnswerValue("MET")})
        assert second.given()["1"] == AnswerValue("MET", "all shifts", "file 7")
        assert (first.outcome.adequate, second.outcome.adequate) == (False, True)
        assert "15" not in first.given()


def test_an_instrument_is_refused_for_a_subject_that_it_is_not_about(site, plan):
    with acting_as(a_coordinator(site.organisation)), pytest.raises(ValidationError):
        open_assessment(subject=plan, instrument="communication_plan")


@pytest.mark.parametrize(
    ("actor", "allowed"),
    [
        (lambda site: a_coordinator(site.organisation), True),
        (lambda site: a_viewer(site.organisation), False),
        (lambda site: a_reporter(site), False),
        (lambda site: an_analyst(), False),
        (lambda site: a_coordinator(an_organisation()), False),
    ],
)
def test_only_a_coordinator_of_the_member_answers(site, plan, actor, allowed):
    with acting_as(actor(site)):
        try:
            open_assessment(subject=plan, instrument="evacuation_plan")
        except PermissionDenied:
            assert not allowed
    with acting_as(SYSTEM):
        assert Assessment.objects.exists() is allowed


def test_another_member_sees_neither_assessment_nor_answers_even_without_the_orm_filter(site, plan):
    with acting_as(a_coordinator(site.organisation)):
        answer_items(assessment=open_assessment(subject=plan, instrument="evacuation_plan"), answers=met())
    with acting_as(a_coordinator(an_organisation())):
        assert not Assessment.objects.exists()
        assert not Assessment.unscoped.exists()
        assert not Answer.unscoped.exists()


def test_a_reporter_sees_the_assessments_of_the_own_sites_only(site, plan):
    with acting_as(a_coordinator(site.organisation)):
        open_assessment(subject=plan, instrument="evacuation_plan")
    with acting_as(a_reporter(site)):
        assert Assessment.objects.count() == 1
    with acting_as(a_reporter(a_site(site.organisation))):
        assert Assessment.objects.count() == 0


def test_notes_lie_encrypted_in_the_database_and_absent_from_result_and_audit(site, plan):
    with acting_as(a_coordinator(site.organisation)):
        assessment = open_assessment(subject=plan, instrument="evacuation_plan")
        answer_items(assessment=assessment, answers={"6": AnswerValue("MET", "by the old mill road", "map of May")})
        with connection.cursor() as cursor:
            cursor.execute("SELECT note, evidence FROM instruments_answer")
            assert not any("mill" in cell or "map" in cell for row in cursor.fetchall() for cell in row)
        assert assessment.given()["6"].note == "by the old mill road"
        assert "mill" not in str(assessment.result)
    with acting_as(SYSTEM):
        event = AuditEvent.objects.get(action="instruments.answer_items")
        assert "mill" not in str(event.body)
        assert event.organisation_id == site.organisation_id


def test_an_item_is_answered_once_and_only_within_its_organisation(site, plan):
    with acting_as(a_coordinator(site.organisation)):
        assessment = open_assessment(subject=plan, instrument="evacuation_plan")
        answer_items(assessment=assessment, answers={"1": AnswerValue("MET")})
    other = an_organisation()
    with acting_as(SYSTEM):
        for organisation_id in (site.organisation_id, other.pk):
            with pytest.raises((IntegrityError, ValidationError)), transaction.atomic():
                Answer(organisation_id=organisation_id, assessment_id=assessment.pk, item="1", value="MET").save()
                connection.check_constraints()


def test_answers_that_were_opened_before_a_signature_do_not_come_into_what_was_signed(site, plan):
    with acting_as(a_coordinator(site.organisation)):
        answer_items(assessment=open_assessment(subject=plan, instrument="evacuation_plan"), answers=met())
        read_before = Assessment.objects.get()
        Assessment.objects.update(signed_at=timezone.now())
        with pytest.raises(Conflict):
            answer_items(assessment=read_before, answers={"1": AnswerValue("NOT_MET", "no alarm")})
        assert read_before.given()["1"].value == "MET"
