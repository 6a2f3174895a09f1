"""Plans: what their services do and refuse, what is derived from them, and who is told."""

from datetime import timedelta

import pytest
from django.core import mail
from django.core.exceptions import PermissionDenied, ValidationError
from django.utils import timezone

from aimprogress.core.actor import SYSTEM, acting_as
from aimprogress.core.audit import AuditEvent
from aimprogress.core.exceptions import Conflict
from aimprogress.core.permissions import Role
from members.models import AlertLevel, AlertLevelChange, EvacuationPlan, PlanActivation, PlanStatus, Site
from members.models.evacuation import ActivationReason, in_words
from members.models.plan import MOST_PLACES
from members.notifications import tell_that_it_ended, tell_that_people_leave
from members.plan_changes import changes
from members.plan_seen import drilling_of
from members.planning import (
    Sight,
    capacity_lines,
    drill_date,
    result_of,
    short_of,
    sight_of,
    status_of,
    without_adequate_plan,
)
from members.projection import projections
from members.rows import EVACUATION_PLAN_ROWS
from members.services.evacuations import activate_plan, record_drill, stand_down
from members.services.plans import approve_plan, change_plan, draft_evacuation_plan
from members.services.sites import change_alert_level, change_site
from tests.factories import (
    a_coordinator,
    a_reporter,
    a_site,
    a_user,
    a_viewer,
    an_actor,
    an_analyst,
    an_organisation,
    the_secretariat,
)
from tests.members.plan_samples import an_evacuation_plan

pytestmark = pytest.mark.django_db


@pytest.fixture
def site() -> Site:
    return a_site(largest_shift=96)


def test_an_approval_retires_the_plan_before_it_and_sets_the_review(site):
    first = an_evacuation_plan(site)
    second = an_evacuation_plan(site, not_met=())
    with acting_as(SYSTEM):
        assert EvacuationPlan.objects.get(pk=first.pk).status == PlanStatus.RETIRED
        assert second.next_review_on == timezone.localdate() + timedelta(days=365)
        assert (site.current_plan_adequate, site.current_plan_review_on) == (True, second.next_review_on)


def test_another_alert_level_brings_another_review_date(site):
    plan = an_evacuation_plan(site)
    with acting_as(a_coordinator(site.organisation)):
        change_alert_level(site=site, level=3)
        plan.refresh_from_db()
        site.refresh_from_db()
        assert plan.next_review_on == site.current_plan_review_on == timezone.localdate() + timedelta(days=30)
        change_alert_level(site=site, level=1, reason="calmer")
        plan.refresh_from_db()
        assert plan.next_review_on == timezone.localdate() + timedelta(days=180)


def test_out_of_date_is_derived_and_never_stored(site):
    plan = an_evacuation_plan(site)
    due = plan.next_review_on
    assert status_of(plan, due) == PlanStatus.APPROVED, "the day itself is in date"
    assert status_of(plan, due + timedelta(days=1)) == PlanStatus.EXPIRED
    assert status_of(plan, due, evacuating=True) == PlanStatus.ACTIVATED
    assert plan.status == PlanStatus.APPROVED


def test_sites_without_an_adequate_plan_in_date_are_found(site):
    member = site.organisation
    good, outdated = a_site(member), a_site(member)
    an_evacuation_plan(good, not_met=())
    an_evacuation_plan(outdated, not_met=())
    an_evacuation_plan(site)  # 85 % but a critical item is missing
    draft = a_site(member)
    an_evacuation_plan(draft, approved=False, not_met=())
    with acting_as(SYSTEM):
        Site.objects.filter(pk=outdated.pk).update(current_plan_review_on=timezone.localdate() - timedelta(days=1))
        found = set(Site.objects.filter(without_adequate_plan(timezone.localdate())).values_list("pk", flat=True))
    assert found == {site.pk, outdated.pk, draft.pk}


@pytest.mark.parametrize(
    ("numbers", "shift", "missing"),
    [
        ({}, 96, ()),
        ({"seats": 100}, 96, ("10",)),
        ({"shelter_capacity": 95}, 96, ("5",)),
        ({"shelter_capacity": 95}, None, ()),
        ({"seats": None}, 96, ()),
        ({"beds": 1}, 96, ()),
    ],
)
def test_known_numbers_decide_over_what_was_answered(site, numbers, shift, missing):
    """Scenario 8: the plan looks good but is not. What nobody knows decides nothing."""
    with acting_as(SYSTEM):
        Site.objects.filter(pk=site.pk).update(largest_shift=shift)
    plan = an_evacuation_plan(site, not_met=(), **numbers)
    with acting_as(SYSTEM):
        result = result_of(plan, site)
    assert (result.met, result.total, result.missing, result.adequate) == (20 - len(missing), 20, missing, not missing)
    assert site.current_plan_adequate is not bool(missing)
    for actor in (a_coordinator(site.organisation), a_viewer(site.organisation), an_analyst()):
        with acting_as(actor):
            row = EVACUATION_PLAN_ROWS.present(EVACUATION_PLAN_ROWS.values(EvacuationPlan.objects.all()).get(), actor)
            assert (row["met"], row["of"], row["adequate"]) == (result.met, 20, result.adequate)


def test_a_drill_that_failed_moves_no_date(site):
    today, days = timezone.localdate(), timedelta(days=1)

    def after(result, ago):
        with acting_as(a_coordinator(site.organisation)):
            drill = record_drill(
                site=site, kind="FULL", held_on=today - ago * days, participants=9, result=result, shifts="Night"
            )
            site.refresh_from_db()
            assert drilling_of(site).due_on == site.current_drill_due_on == drill.next_due_on
        return drill.next_due_on

    assert after("FAIL", 30) == today - 30 * days, "at once"
    assert after("PARTIAL", 20) == today + (365 - 20) * days
    assert after("FAIL", 10) == today + (365 - 20) * days
    assert after("PASS", 0) == today + 365 * days


def test_a_larger_shift_makes_a_plan_inadequate_at_once(site):
    with acting_as(SYSTEM):
        Site.objects.filter(pk=site.pk).update(baseline=300)
    an_evacuation_plan(site, not_met=())
    with acting_as(a_coordinator(site.organisation)):
        assert Site.objects.get(pk=site.pk).current_plan_adequate
        assert not change_site(site=site, largest_shift=111).current_plan_adequate


@pytest.mark.parametrize(
    ("who", "allowed"),
    [
        (lambda site: a_reporter(site), True),
        (lambda site: a_coordinator(site.organisation), True),
        (lambda site: a_viewer(site.organisation), False),
        (lambda site: an_analyst(), False),
        (lambda site: an_actor(site.organisation, Role.AUDITOR), False),
        (lambda site: a_coordinator(an_organisation()), False),
    ],
)
def test_only_the_sites_own_people_activate_and_stand_down(site, who, allowed):
    plan = an_evacuation_plan(site)
    with acting_as(who(site)):
        if not allowed:
            with pytest.raises(PermissionDenied):
                activate_plan(plan=plan, who="ALL", reason="DANGER")
            return
        activation = activate_plan(plan=plan, who="ALL", reason="DANGER", people=210)
        assert activation.level == AlertLevel.EXTREME
        site.refresh_from_db()
        assert site.alert_level == AlertLevel.EXTREME and site.evacuating_since == activation.activated_at
        stand_down(activation=activation, moved=205, family_moved=120)
        site.refresh_from_db()
        assert site.evacuating_since is None


def test_an_evacuation_at_level_four_changes_no_level_again(site):
    plan = an_evacuation_plan(site)
    with acting_as(a_coordinator(site.organisation)):
        change_alert_level(site=site, level=4)
        activate_plan(plan=plan, who="SHIFT", reason="ORDER")
        assert AlertLevelChange.objects.filter(site=site).count() == 1


def test_a_draft_a_reasonless_and_a_second_evacuation_are_refused(site):
    draft = an_evacuation_plan(site, approved=False)
    with acting_as(a_coordinator(site.organisation)):
        with pytest.raises(Conflict):
            activate_plan(plan=draft, who="ALL", reason="DANGER")
        approve_plan(plan=draft)
        with pytest.raises(ValidationError):
            activate_plan(plan=draft, who="ALL", reason="  ")
        activate_plan(plan=draft, who="ALL", reason="DANGER")
        with pytest.raises(Conflict):
            activate_plan(plan=draft, who="ALL", reason="DANGER")


def test_an_outdated_plan_may_still_be_activated(site):
    plan = an_evacuation_plan(site)
    with acting_as(SYSTEM):
        EvacuationPlan.objects.filter(pk=plan.pk).update(next_review_on=timezone.localdate() - timedelta(days=40))
    with acting_as(a_coordinator(site.organisation)):
        plan.refresh_from_db()
        assert activate_plan(plan=plan, who="ALL", reason="DANGER").pk


def test_the_log_of_an_evacuation_holds_no_reason_and_no_words(site):
    plan = an_evacuation_plan(site)
    with acting_as(a_coordinator(site.organisation)):
        activate_plan(plan=plan, who="PART: packing hall", reason="DAMAGE: roof of hall two")
    with acting_as(SYSTEM):
        event = AuditEvent.objects.get(action="members.activate_plan")
        assert "hall" not in str(event.body) and event.object_type == "members.planactivation"


def test_coordinators_reporters_and_analysts_are_asked_to_sign_in(site):
    plan = an_evacuation_plan(site)
    a_user(site.organisation, "MEMBER_COORDINATOR", email="coordinator@example.org")
    a_user(site.organisation, "SITE_REPORTER", sites=[site], email="reporter@example.org")
    a_user(site.organisation, "SITE_REPORTER", sites=[a_site(site.organisation)], email="elsewhere@example.org")
    a_user(site.organisation, "MEMBER_VIEWER", email="viewer@example.org")
    with acting_as(SYSTEM):
        activate_plan(plan=plan, who="ALL", reason="DANGER")
        tell_that_people_leave(AuditEvent.objects.get(action="members.activate_plan"))
    assert {address for message in mail.outbox for address in message.to} == {"coordinator@example.org", "reporter@example.org"}
    assert all(site.name not in message.body + message.subject for message in mail.outbox)


def test_nobody_at_a_safety_profile_site_is_mailed(site):
    plan = an_evacuation_plan(site)
    a_user(site.organisation, "SITE_REPORTER", sites=[site], email="inside@example.org")
    with acting_as(SYSTEM):
        Site.objects.filter(pk=site.pk).update(safety_profile=True)
        activate_plan(plan=plan, who="ALL", reason="DANGER")
        tell_that_people_leave(AuditEvent.objects.get(action="members.activate_plan"))
    assert not mail.outbox


def test_its_end_is_told_to_coordinators_and_analysts(site):
    plan = an_evacuation_plan(site)
    a_user(site.organisation, "MEMBER_COORDINATOR", email="coordinator@example.org")
    a_user(site.organisation, "SITE_REPORTER", sites=[site], email="reporter@example.org")
    a_user(the_secretariat(), "AIM_ANALYST", email="analyst@example.org")
    with acting_as(SYSTEM):
        stand_down(activation=activate_plan(plan=plan, who="ALL", reason="DANGER"))
        tell_that_it_ended(AuditEvent.objects.get(action="members.stand_down"))
    assert {address for message in mail.outbox for address in message.to} == {"coordinator@example.org", "analyst@example.org"}


def test_an_earlier_moment_knows_only_the_evacuations_recorded_by_then(site):
    plan, now = an_evacuation_plan(site), timezone.now()
    with acting_as(SYSTEM):
        activate_plan(plan=plan, who="ALL", reason="DANGER", activated_at=now - timedelta(hours=6))
        before, after = (projections([site], moment)[site.pk]["evacuating_since"] for moment in (now, timezone.now()))
    assert before is None and after == now - timedelta(hours=6)


def test_nobody_is_mailed_about_an_evacuation_that_ended(site):
    plan = an_evacuation_plan(site)
    a_user(site.organisation, "MEMBER_COORDINATOR")
    with acting_as(SYSTEM):
        stand_down(activation=activate_plan(plan=plan, who="ALL", reason="DANGER"))
        tell_that_people_leave(AuditEvent.objects.get(action="members.activate_plan"))
    assert not mail.outbox


def test_a_reporter_logs_a_drill_and_a_viewer_does_not(site):
    fields = {"kind": "SHELTER", "held_on": timezone.localdate(), "participants": 96, "result": "PASS"}
    with acting_as(a_viewer(site.organisation)), pytest.raises(PermissionDenied):
        record_drill(site=site, **fields)
    with acting_as(a_reporter(site)):
        assert record_drill(site=site, **fields).next_due_on == timezone.localdate() + timedelta(days=365)


def test_at_the_extreme_level_nobody_drills():
    today = timezone.localdate()
    assert drill_date(4, today) is None
    assert drill_date(3, today) == today + timedelta(days=60)


@pytest.mark.parametrize(
    ("kind", "rows"),
    [
        ("routes", "over the bridge"),
        ("routes", [{"km": 3}]),
        ("routes", [{"name": "North", "colour": "red"}]),
        ("routes", [{"name": "North", "km": -1}]),
        ("routes", [{"name": "North", "via": "x" * 301}]),
        ("shelters", [{"name": "Cellar", "capacity": "many"}]),
        ("shelters", [{"name": "Cellar", "capacity": True}]),
        ("assembly_points", [{"name": "Yard"}] * (MOST_PLACES + 1)),
        ("assembly_points", ["Yard"]),
    ],
)
def test_places_have_a_shape_whoever_sends_them(site, kind, rows):
    with acting_as(a_coordinator(site.organisation)):
        with pytest.raises(ValidationError) as refused:
            draft_evacuation_plan(site=site, title="Plan", **{kind: rows})
        assert kind in refused.value.message_dict
        assert not EvacuationPlan.objects.filter(site=site).exists()


def test_an_approved_plan_is_changed_only_by_a_new_revision(site):
    plan = an_evacuation_plan(site)
    with acting_as(a_coordinator(site.organisation)):
        with pytest.raises(Conflict):
            change_plan(plan=plan, seats=1)
        draft = draft_evacuation_plan(site=site, seats=120)
        assert (draft.revision, draft.seats, draft.trips, draft.routes) == (2, 120, 3, plan.routes)
        with pytest.raises(Conflict):
            draft_evacuation_plan(site=site)
        told = {str(change.what): (change.before, change.after) for change in changes(plan, draft)}
        assert told == {"Seats": ("100", "120")}
        change_plan(plan=draft, routes=[{"name": "South"}], beds=None)
        told = {str(change.what): (change.before, change.after) for change in changes(plan, draft)}
        assert told["Routes"] == ("1", "1, changed") and told["Beds at the destination"] == ("340", "nothing")


def test_what_is_short_is_said_in_words(site):
    plan = an_evacuation_plan(site, beds=335, shelter_capacity=None)
    assert short_of(plan, site) == ["36 seats short", "1 bed short"]
    assert short_of(plan, site, exact=False) == ["36 seats short", "<5 beds short"]
    seats, shelter, _beds = capacity_lines(plan, site, exact=True)
    assert "300 there, 336 needed" in seats.bar and str(shelter.words) == "Not known yet"
    assert capacity_lines(plan, site, exact=False)[0].fit is None
    assert capacity_lines(plan, site, exact=False)[0].bar == ""


def test_how_much_of_a_plan_each_role_reads(site):
    assert sight_of(a_coordinator(site.organisation), site) is Sight.TEXT
    assert sight_of(a_reporter(site), site) is Sight.TEXT
    assert sight_of(a_reporter(a_site(site.organisation)), site) is Sight.COMPLETENESS
    assert sight_of(a_viewer(site.organisation), site) is Sight.COMPLETENESS
    assert sight_of(an_actor(site.organisation, Role.AUDITOR), site) is Sight.COMPLETENESS
    assert sight_of(an_analyst(), site) is Sight.GAPS
    assert sight_of(a_coordinator(an_organisation()), site) is Sight.COMPLETENESS


def test_codes_are_words_and_free_text_stays():
    assert in_words("DAMAGE: roof", ActivationReason) == "Damage to the site: roof"
    assert in_words("ORDER", ActivationReason) == "Order of the authorities"
    assert in_words("Somebody said so: now", ActivationReason) == "Somebody said so: now"
    assert PlanActivation(reason="LATER", who="ALL").who_words == "Everyone at the site"
