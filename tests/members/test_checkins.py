"""The check-in: what it stores, what it refuses to invent, and who may take it back."""

from datetime import timedelta

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.utils import timezone

from aimprogress.core.actor import SYSTEM, acting_as
from aimprogress.core.exceptions import Conflict
from aimprogress.core.ids import uuid7
from members.models import CheckIn, HeadCount, Site, SiteStatus
from members.services.checkins import offer_for, record_check_in, undo_check_in
from members.services.follow_ups import follow_up_check_in
from members.services.sites import change_alert_level
from tests.factories import a_coordinator, a_head_count, a_reporter, a_site, a_status, an_organisation

pytestmark = pytest.mark.django_db

FollowUp = CheckIn.FollowUp


@pytest.fixture
def site():
    site = a_site()
    a_status(site, "REDUCED", timezone.now() - timedelta(hours=20))
    a_head_count(site, 100, timezone.now() - timedelta(hours=20), serving=4, unaccounted=6)
    return site


@pytest.fixture
def calm_site():
    site = a_site()
    a_status(site, "REDUCED", timezone.now() - timedelta(hours=20))
    a_head_count(site, 100, timezone.now() - timedelta(hours=20))
    return site


def test_nothing_has_changed_confirms_the_status_and_never_the_head_count(calm_site):
    counted_at = calm_site.current_headcount_at
    with acting_as(a_reporter(calm_site)):
        record_check_in(site=calm_site, same=True)
        calm_site.refresh_from_db()
        assert calm_site.current_operational == "REDUCED"
        assert timezone.now() - calm_site.current_status_at < timedelta(minutes=1)
        assert calm_site.current_headcount_at == counted_at
        assert HeadCount.objects.filter(site=calm_site).count() == 1


def test_nothing_has_changed_is_not_offered_while_people_are_open(site):
    with acting_as(a_reporter(site)):
        assert not offer_for(site).may_confirm


def test_nothing_has_changed_is_not_offered_after_the_level_rose(calm_site):
    with acting_as(a_coordinator(calm_site.organisation)):
        assert offer_for(calm_site).may_confirm
        change_alert_level(site=calm_site, level=2)
        calm_site.refresh_from_db()
        assert not offer_for(calm_site).may_confirm


def test_an_answer_that_no_longer_fits_is_kept_makes_no_fact_and_asks_the_coordinator(site):
    with acting_as(a_reporter(site)):
        check_in = record_check_in(site=site, same=True)
        assert check_in.follow_up == FollowUp.JUDGED_AGAIN
        assert check_in.answers["same"] is True
        assert SiteStatus.objects.filter(check_in=check_in).count() == 0


def test_everyone_reached_moves_only_the_unaccounted(site):
    with acting_as(a_reporter(site)):
        record_check_in(site=site, operational="REDUCED", people="all")
    with acting_as(SYSTEM):
        count = HeadCount.objects.order_by("-recorded_at").first()
        assert (count.expected, count.unaccounted, count.safe_local, count.strict["SERVING"]) == (100, 0, 96, 4)


def test_no_head_count_is_invented():
    site = a_site()
    with acting_as(a_reporter(site)):
        assert not offer_for(site).may_say_all
        record_check_in(site=site, operational="OPERATING", people="all")
        assert not HeadCount.objects.exists()


def test_not_sure_needs_one_number_and_opens_a_follow_up(calm_site):
    with acting_as(a_reporter(calm_site)):
        with pytest.raises(ValidationError) as error:
            record_check_in(site=calm_site, operational="OPERATING", people="unsure")
        assert set(error.value.error_dict) == {"not_reached"}
        assert not CheckIn.objects.exists()
        check_in = record_check_in(site=calm_site, operational="OPERATING", people="unsure", not_reached=7)
        assert check_in.follow_up == FollowUp.NOT_REACHED
        assert Site.objects.get(pk=calm_site.pk).current_unaccounted == 7


def test_injured_people_turn_the_button_into_otherwise_as_before():
    site = a_site()
    a_head_count(site, 50, injured=1)
    with acting_as(a_reporter(site)):
        assert offer_for(site).otherwise_as_before


def test_the_same_check_in_twice_is_one_and_with_other_answers_a_conflict(calm_site):
    ident = uuid7()
    with acting_as(a_reporter(calm_site)):
        first = record_check_in(id=ident, site=calm_site, operational="OPERATING", people="all")
        again = record_check_in(id=ident, site=calm_site, operational="OPERATING", people="all")
        assert first.pk == again.pk
        assert SiteStatus.objects.filter(check_in=first).count() == 1
        with pytest.raises(Conflict):
            record_check_in(id=ident, site=calm_site, operational="EVACUATED", people="all")


@pytest.mark.parametrize("code", ["CLOSED", "DIVESTED", "UNKNOWN"])
def test_the_phone_does_not_offer_codes_of_the_desk(calm_site, code):
    with acting_as(a_reporter(calm_site)), pytest.raises(ValidationError):
        record_check_in(site=calm_site, operational=code, people="all")


def test_suspended_from_the_phone_needs_no_reason_and_opens_a_follow_up(calm_site):
    with acting_as(a_reporter(calm_site)):
        assert record_check_in(site=calm_site, operational="SUSPENDED", people="all").follow_up == FollowUp.REASON


def test_help_is_flagged_until_somebody_acknowledges(calm_site):
    with acting_as(a_reporter(calm_site)):
        check_in = record_check_in(site=calm_site, people="help")
        assert check_in.follow_up == FollowUp.HELP
    with acting_as(a_coordinator(calm_site.organisation)):
        assert Site.objects.get(pk=calm_site.pk).help_needed_since is not None
        follow_up_check_in(check_in=check_in)
        assert Site.objects.get(pk=calm_site.pk).help_needed_since is None


def test_undo_restores_what_was_said_before_and_keeps_both_rows(calm_site):
    reporter = a_reporter(calm_site)
    with acting_as(reporter):
        check_in = record_check_in(site=calm_site, operational="EVACUATED", people="unsure", not_reached=3)
        undo_check_in(check_in=check_in)
        calm_site.refresh_from_db()
        assert (calm_site.current_operational, calm_site.current_unaccounted) == ("REDUCED", 0)
        assert SiteStatus.objects.filter(site=calm_site).count() == 2


def test_only_its_author_takes_a_check_in_back(calm_site):
    with acting_as(a_reporter(calm_site)):
        check_in = record_check_in(site=calm_site, operational="EVACUATED", people="all")
    with acting_as(a_coordinator(calm_site.organisation)), pytest.raises(PermissionDenied):
        undo_check_in(check_in=check_in)


def test_after_a_minute_it_is_too_late(calm_site):
    with acting_as(a_reporter(calm_site)):
        check_in = record_check_in(site=calm_site, operational="EVACUATED", people="all")
        CheckIn.objects.filter(pk=check_in.pk).update(received_at=timezone.now() - timedelta(seconds=61))
        check_in.refresh_from_db()
        with pytest.raises(Conflict):
            undo_check_in(check_in=check_in)


def test_a_reporter_of_another_site_and_another_members_people_see_no_such_site(calm_site):
    other = a_site(calm_site.organisation)
    for actor in (a_reporter(other), a_coordinator(an_organisation())):
        with acting_as(actor):
            assert not Site.objects.filter(checkin_code=calm_site.checkin_code).exists()


def test_nobody_checks_in_from_inside_a_safety_profile_site_unless_the_coordinator_said_why():
    site = a_site(safety_profile=True)
    reporter = a_reporter(site)
    with acting_as(reporter), pytest.raises(PermissionDenied):
        record_check_in(site=site, operational="OPERATING", people="all")
    with acting_as(SYSTEM):
        Site.objects.filter(pk=site.pk).update(inside_checkin_reason="They asked for it and hold two phones")
    with acting_as(reporter):
        record_check_in(site=site, operational="OPERATING", people="all")
