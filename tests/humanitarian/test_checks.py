"""Checklists of a site, and the ten gates that alone let a site operate again (domain.md 3.9; 10.2, scenario 21)."""

from datetime import timedelta
from uuid import uuid4

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.utils import timezone

from aimprogress.core.actor import SYSTEM, acting_as
from aimprogress.core.audit import AuditEvent
from aimprogress.core.exceptions import Conflict
from aimprogress.instruments.engine import AnswerValue, load, score
from aimprogress.instruments.models import Assessment
from aimprogress.places.models import AreaConflictStatus
from humanitarian.models import SafetyAction
from humanitarian.notifications import tell_that_a_return_is_signed, warn_of_lapsing_returns
from humanitarian.services.checks import answer_check, begin_check, sign_return
from members.access import actor_for_user
from members.models import CommunicationPlan, EvacuationPlan, Notification, Site, SiteStatus
from members.services.bulk import check_in_together, planned, undo_bulk_check_in
from members.services.checkins import record_check_in, undo_check_in
from members.services.devices import end_device
from members.services.evacuations import activate_plan, stand_down
from members.services.sites import correct_site_status, log_site_status, retract_site_status
from tests.factories import a_coordinator, a_reporter, a_site, a_status, a_user, an_area, an_organisation, the_secretariat
from tests.members.plan_samples import a_communication_plan, an_evacuation_plan
from tests.members.test_devices import a_phone
from tests.signing import signed_in

pytestmark = pytest.mark.django_db
PASS = AnswerValue("PASS", "", "Document of the brigade, 20 November")
HOUR = timedelta(hours=1)
SEEN = {"source_type": "DIRECT", "confidence": "A"}


@pytest.fixture
def site():
    """Evacuated a day ago, with both plans renewed."""
    site = a_site(name="Sumy oils")
    a_status(site, "EVACUATED", timezone.now() - timedelta(days=1))
    an_evacuation_plan(site)
    a_communication_plan(site)
    with acting_as(SYSTEM):
        for model in (EvacuationPlan, CommunicationPlan):
            model.objects.filter(site=site).update(status="APPROVED", approved_at=timezone.now() - timedelta(days=3))
    return site


def gates(site, **answers):
    """The ten gates, all passed but for `answers`, such as _2="FAIL"."""
    given = {str(n): PASS for n in range(1, 11)} | {name.strip("_"): answer for name, answer in answers.items()}
    with acting_as(a_coordinator(site.organisation)):
        check = begin_check(site=site, instrument="return_to_work")
        return answer_check(
            check=check,
            answers={key: value if isinstance(value, AnswerValue) else AnswerValue(value) for key, value in given.items()},
        )


def signed(site, ago=timedelta()):
    check = gates(site)
    with acting_as(a_coordinator(site.organisation)):
        check = sign_return(check=check, worker_rep="Shop steward")
        Assessment.objects.filter(pk=check.pk).update(signed_at=check.signed_at - ago)
    return check


def operates(site, **fields):
    with acting_as(a_coordinator(site.organisation)):
        return log_site_status(site=site, operational="OPERATING", **fields)


# Scenario 21


def test_nine_gates_of_ten_let_nobody_return(site):
    check = gates(site, _2="FAIL")
    assert (check.outcome.met, check.outcome.total, check.outcome.adequate, check.outcome.missing) == (9, 10, False, ("2",))
    with acting_as(a_coordinator(site.organisation)), pytest.raises(ValidationError):
        sign_return(check=check, worker_rep="Shop steward")
    with pytest.raises(ValidationError) as refused:
        operates(site)
    assert list(refused.value.message_dict) == ["operational"] and "ten gates" in str(refused.value)


def test_ten_signed_gates_let_the_site_operate_once(site):
    check = signed(site)
    operates(site)
    with acting_as(SYSTEM):
        assert Site.objects.get(pk=site.pk).current_operational == "OPERATING"
        assert Assessment.objects.get(pk=check.pk).used_at is not None
    operates(site)
    a_status(site, "EVACUATED")
    with pytest.raises(ValidationError):
        operates(site)


def is_used(check):
    with acting_as(SYSTEM):
        return Assessment.objects.get(pk=check.pk).used_at is not None


def test_who_takes_the_return_back_has_not_used_the_gates(site):
    check = signed(site)
    with acting_as(a_coordinator(site.organisation)):
        status = log_site_status(site=site, operational="OPERATING")
        assert is_used(check)
        retract_site_status(status=status)
    assert not is_used(check)
    operates(site)
    assert is_used(check)


def test_gates_that_are_free_again_hold_no_longer_than_their_signature(site):
    check = signed(site)
    with acting_as(a_coordinator(site.organisation)):
        status = log_site_status(site=site, operational="OPERATING")
        Assessment.objects.filter(pk=check.pk).update(signed_at=timezone.now() - timedelta(days=31))
        retract_site_status(status=status)
    with pytest.raises(ValidationError):
        operates(site)


def test_a_phone_that_takes_the_return_back_frees_the_gates_too(site):
    check = signed(site)
    with acting_as(a_reporter(site)):
        check_in = record_check_in(site=site, operational="OPERATING", people="unsure", not_reached=0)
        assert is_used(check)
        undo_check_in(check_in=check_in)
    assert not is_used(check)


def test_a_report_for_many_sites_that_is_undone_and_a_lost_phone_free_the_gates_too(site):
    check = signed(site)
    with acting_as(a_coordinator(site.organisation)):
        bulk = check_in_together(
            sites=[site.pk], operational="OPERATING", observed_at=timezone.now(), told_by="Gatekeeper", **SEEN
        )
        assert is_used(check)
        undo_bulk_check_in(bulk=bulk)
    assert not is_used(check)
    phone, device = a_phone(site)
    phone.post(f"/c/{site.checkin_code}/", {"id": str(uuid4()), "operational": "OPERATING", "people": "unsure", "not_reached": 0})
    assert is_used(check)
    with acting_as(a_coordinator(site.organisation)):
        end_device(device=device, why="LOST", ignore_since=timezone.now() - HOUR)
    assert not is_used(check)


def test_a_correction_of_the_return_stands_on_the_same_gates(site):
    check = signed(site, 2 * HOUR)
    with acting_as(a_coordinator(site.organisation)):
        status = log_site_status(site=site, operational="OPERATING", observed_at=timezone.now() - HOUR)
        right = correct_site_status(status=status, operational="OPERATING", damage=1, correction_reason="Windows are broken")
        assert is_used(check)
        other = correct_site_status(status=right, operational="EVACUATED", correction_reason="Another site was meant.")
        assert not is_used(check)
        retract_site_status(status=other)
    assert is_used(check), "what was corrected stands again, and on its gates"


def test_a_correction_does_not_carry_the_gates_past_a_moment_when_people_left_again(site):
    signed(site, 3 * HOUR)
    with acting_as(a_coordinator(site.organisation)):
        status = log_site_status(site=site, operational="OPERATING", observed_at=timezone.now() - 2 * HOUR)
        log_site_status(site=site, operational="EVACUATED", observed_at=timezone.now() - HOUR)
        with pytest.raises(ValidationError):
            correct_site_status(
                status=status, operational="OPERATING", observed_at=timezone.now(), correction_reason="It was later."
            )


# When people left, and when the gates were signed


def may_operate(site, **fields):
    try:
        operates(site, **fields)
    except ValidationError as refused:
        assert list(refused.message_dict) == ["operational"]
        return False
    return True


def test_a_signature_from_before_people_left_lets_nobody_return(site):
    check = signed(site)
    a_status(site, "REDUCED")
    a_status(site, "EVACUATED")
    assert not may_operate(site)
    text = signed_in(a_user(site.organisation, "MEMBER_COORDINATOR")).get(f"/checks/{check.pk}/").content.decode()
    assert "People left again after this was signed" in text
    signed(site)
    assert may_operate(site)


def test_whoever_confirms_that_people_are_away_takes_nothing_from_the_signature(site):
    signed(site, HOUR)
    a_status(site, "EVACUATED")
    a_status(site, "SUSPENDED", reason="SAFETY")
    assert may_operate(site)


def test_nothing_is_signed_where_nobody_left():
    site = a_site()
    a_status(site, "OPERATING")
    check = gates(site)
    with acting_as(a_coordinator(site.organisation)), pytest.raises(ValidationError, match="Nobody has left this site"):
        sign_return(check=check, worker_rep="Shop steward")


def test_a_site_is_not_seen_operating_before_the_gates_were_signed(site):
    signed(site, HOUR)
    assert not may_operate(site, observed_at=timezone.now() - 2 * HOUR)
    with acting_as(SYSTEM):
        minute = Assessment.objects.get(instrument="return_to_work").signed_at.replace(second=0, microsecond=0)
    assert may_operate(site, observed_at=minute), "forms ask for minutes"


@pytest.mark.parametrize(("who", "asks"), [("ALL", True), ("SHIFT", True), ("Everybody", True), ("PART: packing hall", False)])
def test_an_evacuation_by_plan_asks_for_the_gates(site, who, asks):
    signed(site)
    operates(site)
    with acting_as(a_coordinator(site.organisation)):
        activation = activate_plan(plan=site.evacuation_plans.get(), who=who, reason="DANGER")
    assert may_operate(site) is not asks
    with acting_as(a_coordinator(site.organisation)):
        check = gates(site)
        with pytest.raises(ValidationError, match="Stand it down first"):
            sign_return(check=check, worker_rep="Shop steward")
        stand_down(activation=activation)
        site.refresh_from_db()
    assert site.current_operational == ("EVACUATED" if asks else "OPERATING")
    assert may_operate(site) is not asks
    if asks:
        signed(site)
        assert may_operate(site)


def test_what_was_reported_during_an_evacuation_stays_and_clears_nothing(site):
    signed(site, HOUR)
    operates(site, observed_at=timezone.now() - HOUR / 2)
    with acting_as(a_coordinator(site.organisation)):
        activation = activate_plan(
            plan=site.evacuation_plans.get(), who="ALL", reason="DANGER", activated_at=timezone.now() - HOUR / 4
        )
        log_site_status(site=site, operational="REDUCED")
        stand_down(activation=activation, moved=12)
        site.refresh_from_db()
    assert site.current_operational == "REDUCED" and not may_operate(site)


def test_an_evacuation_in_which_nobody_left_changes_nothing():
    site = a_site()
    a_status(site, "OPERATING", timezone.now() - HOUR)
    plan = an_evacuation_plan(site)
    with acting_as(a_coordinator(site.organisation)):
        stand_down(activation=activate_plan(plan=plan, who="ALL", reason="DANGER"), moved=0)
        site.refresh_from_db()
    assert site.current_operational == "OPERATING" and may_operate(site)


def test_a_stop_without_a_reason_is_danger_until_somebody_says_otherwise():
    site, other = a_site(), a_site()
    for one in (site, other):
        with acting_as(a_reporter(one)):
            record_check_in(site=one, operational="SUSPENDED", people="unsure", not_reached=0)
        assert not may_operate(one)
    a_status(site, "SUSPENDED", reason="POWER")
    assert may_operate(site)
    a_status(other, "REDUCED")
    a_status(other, "SUSPENDED", reason="POWER")
    assert not may_operate(other), "the reason of another stop"
    with acting_as(a_coordinator(other.organisation)):
        first = SiteStatus.objects.filter(site=other).earliest("observed_at")
        correct_site_status(status=first, operational="SUSPENDED", reason="POWER", correction_reason="The lines were down.")
    assert may_operate(other)


def test_a_report_for_many_sites_says_before_it_is_made_which_of_them_people_left(site):
    signed(site)
    left, dark = a_site(site.organisation, name="Kherson mill"), a_site(site.organisation)
    a_status(left, "EVACUATED", timezone.now() - HOUR)
    a_status(left, "REDUCED", timezone.now() - HOUR / 2)
    a_status(dark, "SUSPENDED", timezone.now() - HOUR, reason="POWER")
    said = {"operational": "OPERATING", "observed_at": timezone.now()}
    with acting_as(a_coordinator(site.organisation)):
        sites = list(Site.objects.all())
        found = {one.site.pk: str(one.refusal) for one in planned(sites, **said)}
        assert "all ten gates" in found.pop(left.pk) and set(found.values()) == {""}
        with pytest.raises(ValidationError) as refused:
            check_in_together(sites=[one.pk for one in sites], told_by="Gatekeeper", **SEEN, **said)
        assert [text.partition(":")[0] for text in refused.value.message_dict["sites"]] == [str(left)]
        assert check_in_together(sites=list(found), told_by="Gatekeeper", **SEEN, **said).sites == 2


def test_coordinators_hear_of_a_signature_and_once_before_it_lapses(site):
    signer, other = (a_user(site.organisation, "MEMBER_COORDINATOR") for _ in range(2))
    check = gates(site)
    with acting_as(actor_for_user(signer)):
        sign_return(check=check, worker_rep="Shop steward")

    def told(user, kind):
        with acting_as(SYSTEM):
            tell_that_a_return_is_signed(AuditEvent.objects.get(action="humanitarian.sign_return"))
            warn_of_lapsing_returns()
            return Notification.objects.filter(user=user, kind=kind, subject_id=check.pk).count()

    def signed_days_ago(days):
        with acting_as(SYSTEM):
            Assessment.objects.filter(pk=check.pk).update(signed_at=timezone.now() - timedelta(days=days))

    assert [told(user, "return.signed") for user in (signer, other, other)] == [0, 1, 1]
    signed_days_ago(26)
    assert told(other, "return.lapses") == 0, "people left since"
    with acting_as(SYSTEM):
        SiteStatus.objects.filter(site=site).update(retracted_at=timezone.now())
    a_status(site, "EVACUATED", timezone.now() - timedelta(days=40))
    signed_days_ago(24)
    assert told(other, "return.lapses") == 0, "there is time"
    signed_days_ago(26)
    assert [told(user, "return.lapses") for user in (signer, other, other)] == [1, 1, 1]


def test_gates_that_passed_and_were_not_signed_let_nobody_return(site):
    gates(site)
    with pytest.raises(ValidationError):
        operates(site)


def test_a_signature_holds_for_thirty_days(site):
    with acting_as(SYSTEM):
        SiteStatus.objects.filter(site=site).update(retracted_at=timezone.now())
    a_status(site, "EVACUATED", timezone.now() - timedelta(days=40))
    check = signed(site)
    with acting_as(SYSTEM):
        Assessment.objects.filter(pk=check.pk).update(signed_at=timezone.now() - timedelta(days=30, minutes=1))
    with pytest.raises(ValidationError):
        operates(site)
    with acting_as(SYSTEM):
        Assessment.objects.filter(pk=check.pk).update(signed_at=timezone.now() - timedelta(days=29))
    operates(site)


def test_work_at_a_reduced_level_in_between_is_no_way_around_the_gates(site):
    a_status(site, "REDUCED", timezone.now() - HOUR)
    with pytest.raises(ValidationError):
        operates(site)


def test_a_stop_for_safety_asks_for_the_gates_and_a_stop_for_want_of_power_does_not():
    stopped, dark = a_site(), a_site()
    a_status(stopped, "SUSPENDED", reason="SAFETY")
    a_status(dark, "SUSPENDED", reason="POWER")
    with pytest.raises(ValidationError):
        operates(stopped)
    operates(dark)


def test_an_evacuation_entered_by_mistake_is_corrected_without_gates():
    site = a_site()
    a_status(site, "OPERATING", timezone.now() - 2 * HOUR)
    wrong = a_status(site, "EVACUATED", timezone.now() - HOUR)
    with acting_as(a_coordinator(site.organisation)):
        right = correct_site_status(status=wrong, operational="OPERATING", correction_reason="Another site was meant.")
    assert right.operational == "OPERATING"


def test_what_a_phone_says_against_the_gates_is_kept_and_asks_the_coordinator(site):
    with acting_as(a_reporter(site)):
        check_in = record_check_in(site=site, operational="OPERATING", people="unsure", not_reached=0)
    assert check_in.follow_up
    with acting_as(SYSTEM):
        assert Site.objects.get(pk=site.pk).current_operational == "EVACUATED"


def test_the_signature_of_another_site_lets_nobody_return(site):
    other = a_site(site.organisation)
    a_status(other, "EVACUATED")
    signed(site)
    with pytest.raises(ValidationError):
        operates(other)


# What the portal judges itself


def test_a_plan_older_than_thirty_days_stops_the_signature(site):
    check = gates(site)
    with acting_as(SYSTEM):
        CommunicationPlan.objects.filter(site=site).update(approved_at=timezone.now() - timedelta(days=31))
    with acting_as(a_coordinator(site.organisation)), pytest.raises(ValidationError, match="Gate 8"):
        sign_return(check=check, worker_rep="Shop steward")


def listed(site):
    """From now on the official list names the site's area."""
    area = an_area()
    with acting_as(SYSTEM):
        AreaConflictStatus.objects.create(
            id=1, area=area, status="ACTIVE_HOSTILITIES", table="ACTIVE", act="Order",
            act_date=timezone.localdate() - timedelta(days=200), valid_from=timezone.localdate() - timedelta(days=300),
        )  # fmt: skip
        Site.objects.filter(pk=site.pk).update(admin1=area)


@pytest.mark.parametrize("answer", [PASS, AnswerValue("NA", "Our own ground")])
def test_the_official_list_forbids_a_return_and_never_allows_one(site, answer):
    """Unlisted is unknown: the gate passes on the evidence alone, and not at all on an answer without it."""
    assert not gates(site, _1=AnswerValue("PASS")).outcome.adequate
    check = gates(site, _1=answer)
    listed(site)
    with acting_as(a_coordinator(site.organisation)), pytest.raises(ValidationError, match="Gate 1"):
        sign_return(check=Assessment.objects.get(pk=check.pk), worker_rep="Shop steward")


def test_the_list_is_asked_again_when_the_site_operates(site):
    signed(site)
    listed(site)
    with pytest.raises(ValidationError, match="Gate 1"):
        operates(site)
    with acting_as(a_coordinator(site.organisation)):
        (one,) = planned([Site.objects.get(pk=site.pk)], operational="OPERATING", observed_at=timezone.now())
    assert "Gate 1" in str(one.refusal)


def test_plans_renewed_before_the_signature_last_as_long_as_it(site):
    signed(site, timedelta(hours=23))
    with acting_as(SYSTEM):
        EvacuationPlan.objects.filter(site=site).update(approved_at=timezone.now() - timedelta(days=30, hours=12))
    assert may_operate(site)


def test_plans_are_renewed_whatever_was_answered_of_them(site):
    check = gates(site, _8=AnswerValue("NA", "We know the way"))
    with acting_as(SYSTEM):
        EvacuationPlan.objects.filter(site=site).update(status="RETIRED")
    with acting_as(a_coordinator(site.organisation)), pytest.raises(ValidationError, match="Gate 8"):
        sign_return(check=check, worker_rep="Shop steward")


@pytest.mark.parametrize("given", [{}, {"worker_rep": " "}, {"worker_rep": "Steward", "no_worker_rep_because": "None elected"}])
def test_the_workers_side_signs_too_or_it_is_said_why_not(site, given):
    check = gates(site)
    with acting_as(a_coordinator(site.organisation)):
        with pytest.raises(ValidationError) as refused:
            sign_return(check=check, **given)
        assert list(refused.value.message_dict) == ["worker_rep"]
        assert sign_return(check=check, no_worker_rep_because="Nobody is elected yet").signed_at


def test_signed_answers_are_not_changed_any_more(site):
    check = signed(site)
    with acting_as(a_coordinator(site.organisation)):
        with pytest.raises(Conflict):
            answer_check(check=check, answers={"1": AnswerValue("FAIL")})
        with pytest.raises(Conflict):
            sign_return(check=check, worker_rep="Shop steward")
        assert begin_check(site=site, instrument="return_to_work").given() == {}, "each gate is proved anew"


def test_a_gate_that_does_not_apply_says_why_and_stops_nobody():
    instrument = load("return_to_work")
    every = {str(n): PASS for n in range(1, 11)}
    assert not score(instrument, every | {"5": AnswerValue("NA")}).adequate
    assert score(instrument, every | {"5": AnswerValue("NA", "An office without any")}).adequate


def test_a_reporter_reads_the_gates_and_signs_none(site):
    check = gates(site)
    with acting_as(a_reporter(site)):
        assert Assessment.objects.get(pk=check.pk)
        with pytest.raises(PermissionDenied):
            sign_return(check=check, worker_rep="Shop steward")


# Pages and API


def test_a_return_is_answered_signed_and_reported_in_the_browser(site):
    client = signed_in(a_user(site.organisation, "MEMBER_COORDINATOR"))
    assert "It operates again only when all ten gates" in client.get(f"/sites/{site.pk}/").content.decode()
    asked = client.post(f"/sites/{site.pk}/checks/return_to_work/begin/", follow=True)
    assert "Has an accredited mine-action team cleared the site" in asked.content.decode()
    path = asked.request["PATH_INFO"]
    missing = client.post(path, {"item-1": "PASS"})
    assert missing.status_code == 422 and "This answer needs its evidence." in missing.content.decode()
    answers = {f"item-{n}": "PASS" for n in range(1, 11)} | {f"item-{n}-evidence": "Paper of 20 November" for n in range(1, 11)}
    page = client.post(path, answers, follow=True)
    assert "10 of 10" in page.content.decode() and "Paper of 20 November" in page.content.decode()
    sign = f"{page.request['PATH_INFO']}sign/"
    assert client.post(sign, {}).status_code == 422
    text = client.post(sign, {"worker_rep": "Shop steward"}, follow=True).content.decode()
    assert "The return is signed." in text and "Signed with: Shop steward" in text
    assert operates(site)
    assert "the site operates again" in client.get(page.request["PATH_INFO"]).content.decode()


def test_a_question_that_is_not_met_becomes_an_action(site):
    client = signed_in(a_user(site.organisation, "MEMBER_COORDINATOR"))
    with acting_as(a_coordinator(site.organisation)):
        check = begin_check(site=site, instrument="winterisation")
        answer_check(check=check, answers={"2": AnswerValue("NOT_MET")})
    assert "10 gaps without an action" in client.get(f"/checks/{check.pk}/").content.decode()
    path = f"/actions/add/?origin=CHECKLIST&origin_id={check.pk}&origin_key=item+2&site={site.pk}"
    new = {"site": site.pk, "title": "Fuel for ten days", "type": "PREVENT", "owner_role": "Manager", "due_on": "2027-01-31"}
    assert client.post(path, new).status_code == 302
    with acting_as(SYSTEM):
        action = SafetyAction.objects.get()
    assert f"/checks/{check.pk}/" in client.get(f"/actions/{action.pk}/").content.decode()
    assert "9 gaps without an action" in client.get(f"/checks/{check.pk}/").content.decode()


def test_outside_the_organisation_no_note_and_no_evidence_is_read(site):
    check = gates(site)
    analyst = signed_in(a_user(the_secretariat(), "AIM_ANALYST"))
    text = analyst.get(f"/checks/{check.pk}/").content.decode()
    assert "10 of 10" in text and "brigade" not in text and "Sumy" not in text
    row = analyst.get(f"/api/v1/assessments/{check.pk}/").json()
    assert (row["met"], row["adequate"], row["missing"]) == (10, True, [])
    assert "brigade" not in analyst.get("/api/v1/assessments/?instrument=return_to_work").content.decode()
    other = signed_in(a_user(an_organisation(), "MEMBER_COORDINATOR"))
    assert other.get(f"/checks/{check.pk}/").status_code == other.get(f"/checks/{check.pk}/sign/").status_code == 404
