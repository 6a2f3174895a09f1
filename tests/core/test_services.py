"""The only way to change data: permitted, atomic, on the record without values."""

import json

import pytest
from django.core.exceptions import PermissionDenied, ValidationError

from aimprogress.core.actor import SYSTEM, acting_as
from aimprogress.core.audit import AuditEvent, verify_chains
from members.models import CheckIn, SiteStatus
from members.services.checkins import record_check_in
from members.services.sites import log_site_status
from tests.factories import a_coordinator, a_head_count, a_reporter, a_site, a_status, a_viewer, an_organisation

pytestmark = pytest.mark.django_db


@pytest.fixture
def site():
    return a_site(an_organisation())


def events(site) -> list[AuditEvent]:
    with acting_as(SYSTEM):
        return list(AuditEvent.objects.filter(organisation_id=site.organisation_id).order_by("seq"))


def statuses(site) -> int:
    with acting_as(SYSTEM):
        return SiteStatus.objects.filter(site=site).count()


def test_without_the_permission_nothing_is_stored_and_nothing_is_on_the_record(site):
    with acting_as(a_viewer(site.organisation)), pytest.raises(PermissionDenied):
        log_site_status(site=site, operational="REDUCED")
    assert (statuses(site), events(site)) == (0, [])


def test_a_row_of_an_organisation_that_one_does_not_write_to_is_refused_whoever_found_it(site):
    with acting_as(a_coordinator(an_organisation())), pytest.raises(PermissionDenied):
        log_site_status(site=site, operational="REDUCED")
    assert (statuses(site), events(site)) == (0, [])


def test_what_fails_leaves_neither_half_a_change_nor_an_event(site):
    with acting_as(a_coordinator(site.organisation)), pytest.raises(ValidationError):
        log_site_status(site=site, operational="OPERATING", control="LOST")
    assert (statuses(site), events(site)) == (0, [])


def test_an_event_says_who_did_what_to_what_and_not_one_value(site):
    actor = a_coordinator(site.organisation)
    with acting_as(actor):
        status = log_site_status(site=site, operational="REDUCED", note="by the old mill")
    (event,) = events(site)
    assert (event.action, event.object_type, event.object_id) == ("members.log_site_status", "members.sitestatus", status.pk)
    assert (event.actor_kind, event.actor_id) == ("person", actor.user_id)
    written = json.dumps(event.body) + event.actor_label
    assert "old mill" not in written and "REDUCED" not in written
    assert event.body["site"] == str(site.pk) and event.body.keys() >= {"operational", "note"}


def test_equal_values_have_equal_fingerprints_so_that_a_change_can_be_told_from_a_repetition(site):
    with acting_as(a_coordinator(site.organisation)):
        for note in ("by the old mill", "by the old mill", "at the gate"):
            log_site_status(site=site, operational="REDUCED", note=note)
    first, second, third = (event.body["note"] for event in events(site))
    assert first == second != third


def test_a_verb_inside_a_verb_is_on_the_record_too_and_all_or_none_of_it_is_kept(site):
    a_status(site)
    a_head_count(site, 50)
    before = len(events(site))
    with acting_as(a_reporter(site)):
        record_check_in(site=site, operational="REDUCED", people="all")
        added = [event.action for event in events(site)[before:]]
        assert added[-1] == "members.record_check_in"
        with pytest.raises(ValidationError):
            record_check_in(site=site, operational="CLOSED", people="all")
    with acting_as(SYSTEM):
        assert CheckIn.objects.count() == 1
        assert verify_chains() == []
    assert len(events(site)) == before + len(added)
