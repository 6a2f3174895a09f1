"""Which state of a site may follow which: the table, and that page, API, phone and import all ask it."""

from datetime import timedelta

import pytest
from django.core.exceptions import ValidationError
from django.utils import timezone

from aimprogress.core.actor import SYSTEM, acting_as
from aimprogress.core.permissions import Role
from members.models import CheckIn, Site, SiteStatus
from members.services.checkins import record_check_in
from members.services.sites import log_site_status
from members.transitions import RULES, Move, State, refusals
from tests.factories import a_coordinator, a_reporter, a_site, a_status, a_user
from tests.signing import signed_in

pytestmark = pytest.mark.django_db
SUSPENDED = State("SUSPENDED", "SAFETY")


@pytest.mark.parametrize(
    ("move", "fields"),
    [
        (Move(None, State("OPERATING")), []),
        (Move(State("OPERATING"), State("EVACUATED")), []),
        (Move(State("OPERATING"), State("CLOSED")), ["operational"]),
        (Move(State("OPERATING"), State("CLOSED"), by_coordinator=True), []),
        (Move(State("DIVESTED"), State("OPERATING")), ["operational"]),
        (Move(State("DIVESTED"), State("OPERATING"), by_coordinator=True), []),
        (Move(None, State("OPERATING", control="LOST"), by_coordinator=True), ["operational"]),
        (Move(None, State("ESSENTIAL_ONLY", control="SEIZED")), ["operational"]),
        (Move(None, State("EVACUATED", control="LOST")), []),
        (Move(None, State("REDUCED", control="LIMITED")), []),
        (Move(None, State("REDUCED", damage=4)), ["damage"]),
        (Move(None, State("REDUCED", damage=3)), []),
        (Move(None, State("SUSPENDED")), ["reason"]),
        (Move(None, State("SUSPENDED"), reason_follows=True), []),
        (Move(None, SUSPENDED), []),
        (Move(State("EVACUATED"), State("OPERATING"), uncleared=True), ["operational"]),
        (Move(State("EVACUATED"), State("REDUCED"), uncleared=True), []),
        (Move(None, State("OPERATING", reason="SANCTIONS")), ["reason"]),
    ],
)
def test_each_move_is_allowed_or_names_the_field_at_fault(move, fields):
    assert list(refusals(move)) == fields


def test_every_rule_forbids_something():
    tried = [Move(State(before), State(after, reason, control, damage), uncleared=True, unguided=True)
                 for before in ("OPERATING", "CLOSED")
             for after in ("OPERATING", "SUSPENDED", "CLOSED") for reason in ("", "POLICY") for control in ("MEMBER", "LOST")
             for damage in (0, 4)]  # fmt: skip
    assert all(any(rule.forbids(move) for move in tried) for rule in RULES)


def test_what_a_report_does_not_say_stays_as_it_was():
    site = a_site()
    a_status(site, "SUSPENDED", control="LIMITED", damage=2, access="UNSAFE")
    said = a_status(site, "EVACUATED")
    assert (said.control, said.damage, said.access) == ("LIMITED", 2, "UNSAFE")


def test_a_lost_site_is_not_made_to_operate_by_a_report_that_is_silent_about_control():
    site = a_site()
    a_status(site, "EVACUATED", control="LOST")
    with pytest.raises(ValidationError) as refused, acting_as(a_coordinator(site.organisation)):
        log_site_status(site=site, operational="OPERATING")
    assert "operational" in refused.value.message_dict


def test_a_reporter_cannot_close_a_site_and_the_page_does_not_offer_it():
    site = a_site()
    with pytest.raises(ValidationError), acting_as(a_reporter(site)):
        log_site_status(site=site, operational="CLOSED")
    reporter = signed_in(a_user(site.organisation, Role.SITE_REPORTER, sites=[site]))
    coordinator = signed_in(a_user(site.organisation, Role.MEMBER_COORDINATOR))
    path = f"/sites/{site.pk}/status/"
    assert 'value="CLOSED"' in coordinator.get(path).content.decode()
    assert 'value="CLOSED"' not in reporter.get(path).content.decode()


def test_the_api_says_which_field_forbids_the_change():
    site = a_site()
    a_status(site, "EVACUATED", control="SEIZED")
    program = signed_in(a_user(site.organisation, Role.MEMBER_COORDINATOR))
    body = {"site": str(site.pk), "operational": "REDUCED"}
    answer = program.post("/api/v1/site-statuses/", body, content_type="application/json")
    assert answer.status_code == 400
    assert [error["pointer"] for error in answer.json()["errors"]] == ["/operational"]


def test_what_the_phone_says_against_the_table_is_kept_as_said_and_asked_about():
    site = a_site()
    a_status(site, "EVACUATED", control="LOST")
    with acting_as(a_reporter(site)):
        check_in = record_check_in(site=site, operational="OPERATING", people="all")
    assert check_in.follow_up == CheckIn.FollowUp.JUDGED_AGAIN and check_in.answers["operational"] == "OPERATING"
    with acting_as(SYSTEM):
        assert Site.objects.get(pk=site.pk).current_operational == "EVACUATED"
        assert SiteStatus.objects.filter(site=site).count() == 1


def test_a_report_of_an_earlier_day_is_judged_by_what_stood_then():
    site, now = a_site(), timezone.now()
    a_status(site, "OPERATING", now - timedelta(days=5))
    a_status(site, "EVACUATED", now - timedelta(days=1), control="LOST")
    between = a_status(site, "REDUCED", now - timedelta(days=3))
    assert between.control == "MEMBER" and site.current_operational == "EVACUATED"
