"""A wrong entry is corrected, never changed: the right one supersedes it, and both are read."""

from datetime import timedelta

import pytest
from django.core.exceptions import ValidationError
from django.utils import timezone

from aimprogress.core.actor import SYSTEM, acting_as
from aimprogress.core.permissions import Role
from members.models import HeadCount, Site, SiteStatus
from members.services.sites import correct_head_count, correct_site_status, log_head_count, log_site_status
from tests.factories import a_coordinator, a_head_count, a_reporter, a_site, a_status, a_user, the_secretariat
from tests.signing import signed_in

pytestmark = pytest.mark.django_db
WHY = "The day shift was meant."


@pytest.fixture
def site():
    site = a_site()
    a_status(site, "EVACUATED", timezone.now() - timedelta(hours=3), note="Everybody left")
    return site


@pytest.fixture
def wrong(site):
    with acting_as(SYSTEM):
        return SiteStatus.objects.get(site=site)


def answers(**changed):
    return {"operational": "REDUCED", "control": "MEMBER", "damage": "9", "source_type": "DIRECT", "confidence": "A",
            "correction_reason": WHY} | changed  # fmt: skip


def test_a_correction_takes_the_place_of_the_entry_at_its_own_moment(site, wrong):
    with acting_as(a_coordinator(site.organisation)):
        right = correct_site_status(status=wrong, operational="REDUCED", correction_reason=WHY)
        site.refresh_from_db()
    assert right.observed_at == wrong.observed_at and right.recorded_at > wrong.recorded_at
    assert site.current_operational == "REDUCED" and site.current_previous == ""


def test_a_correction_without_a_reason_is_refused_beside_the_question(site, wrong):
    client = signed_in(a_user(site.organisation, Role.MEMBER_COORDINATOR))
    assert client.post(f"/statuses/{wrong.pk}/correct/", answers(correction_reason="")).status_code == 422
    with pytest.raises(ValidationError) as refused, acting_as(a_coordinator(site.organisation)):
        correct_site_status(status=wrong, operational="REDUCED", correction_reason=" ")
    assert "correction_reason" in refused.value.message_dict


def test_both_entries_are_read_in_the_story_with_what_was_wrong(site, wrong):
    client = signed_in(a_user(site.organisation, Role.MEMBER_COORDINATOR))
    form = client.get(f"/statuses/{wrong.pk}/correct/").content.decode()
    assert "Everybody left" in form
    page = client.post(f"/statuses/{wrong.pk}/correct/", answers(), follow=True).content.decode()
    assert "<s>Evacuated, nobody on site</s>" in page and f"Correction: {WHY}" in page
    assert "Operating at reduced level" in page and f"/statuses/{wrong.pk}/correct/" not in page
    analyst = signed_in(a_user(the_secretariat(), Role.AIM_ANALYST)).get(f"/sites/{site.pk}/").content.decode()
    assert "<s>Evacuated, nobody on site</s>" in analyst and WHY not in analyst


def test_an_entry_is_corrected_once_and_then_its_correction(site, wrong):
    coordinator = a_coordinator(site.organisation)
    with acting_as(coordinator):
        right = correct_site_status(status=wrong, operational="REDUCED", correction_reason=WHY)
        with pytest.raises(ValidationError) as refused:
            correct_site_status(status=wrong, operational="OPERATING", correction_reason=WHY)
        assert "supersedes" in refused.value.message_dict
        correct_site_status(status=right, operational="OPERATING", correction_reason="Again.")
        site.refresh_from_db()
    assert site.current_operational == "OPERATING"


def test_a_correction_belongs_to_the_site_of_the_wrong_entry(site, wrong):
    other = a_site(site.organisation)
    with pytest.raises(ValidationError) as refused, acting_as(a_coordinator(site.organisation)):
        log_site_status(site=other, operational="REDUCED", supersedes=wrong, correction_reason=WHY)
    assert "supersedes" in refused.value.message_dict
    program = signed_in(a_user(site.organisation, Role.MEMBER_COORDINATOR))
    body = {"site": str(other.pk), "operational": "REDUCED", "supersedes": str(wrong.pk), "correction_reason": WHY}
    answer = program.post("/api/v1/site-statuses/", body, content_type="application/json")
    assert answer.status_code == 400 and answer.json()["errors"][0]["pointer"] == "/supersedes"


def test_killed_people_become_fewer_by_a_correction_only(site):
    a_head_count(site, 100, killed=2)
    with acting_as(a_coordinator(site.organisation)):
        wrong = HeadCount.objects.get(site=site)
        right = correct_head_count(head_count=wrong, expected=100, safe_local=99, strict={"KILLED": 1}, reason="Counted twice.")
        assert right.states["KILLED"] == 1
        assert Site.objects.get(pk=site.pk).current_headcount_id == right.pk


@pytest.mark.parametrize(("killed", "refused"), [(0, False), (2, False), (3, True)])
def test_the_killed_of_a_count_that_is_entered_late_fit_those_before_and_after_it(site, killed, refused):
    now = timezone.now()
    with acting_as(a_coordinator(site.organisation)):
        log_head_count(site=site, expected=100, safe_local=98, strict={"KILLED": 2}, observed_at=now - timedelta(days=1))
        late = {"site": site, "expected": 100, "safe_local": 100 - killed, "strict": {"KILLED": killed}}
        if refused:
            with pytest.raises(ValidationError) as said:
                log_head_count(**late, observed_at=now - timedelta(days=9))
            assert "A later count says" in said.value.message_dict["killed"][0]
        else:
            log_head_count(**late, observed_at=now - timedelta(days=9))
        with pytest.raises(ValidationError) as said:
            log_head_count(site=site, expected=100, safe_local=99, strict={"KILLED": 1}, observed_at=now)
        assert "can only fall" in said.value.message_dict["killed"][0]


def test_a_count_whose_protected_states_are_forgotten_says_nothing_of_the_killed(site):
    now, day = timezone.now(), timedelta(days=1)
    with acting_as(a_coordinator(site.organisation)):
        log_head_count(site=site, expected=100, safe_local=99, strict={"KILLED": 1}, observed_at=now - 9 * day)
        forgotten = HeadCount(
            organisation_id=site.organisation_id, site=site, expected=100, safe_local=98, observed_at=now - 8 * day
        )
        HeadCount.objects.bulk_create([forgotten])
        assert forgotten.forgotten == 2
        log_head_count(site=site, expected=100, safe_local=99, strict={"KILLED": 1}, observed_at=now - 8.5 * day)
        with pytest.raises(ValidationError):
            log_head_count(site=site, expected=100, safe_local=100, observed_at=now)


def test_to_correct_a_count_whose_protected_states_are_forgotten_fills_in_no_zero_for_them(site):
    with acting_as(SYSTEM):
        old = HeadCount(organisation_id=site.organisation_id, site=site, expected=100, safe_local=98, observed_at=timezone.now())
        HeadCount.objects.bulk_create([old])
    page = signed_in(a_user(site.organisation, Role.MEMBER_COORDINATOR)).get(f"/head-counts/{old.pk}/correct/")
    assert (page.context["form"]["safe_local"].value(), page.context["form"]["killed"].value()) == (98, None)


def test_a_count_with_two_faults_says_both_at_once(site):
    a_head_count(site, 100, killed=2)
    with acting_as(a_coordinator(site.organisation)), pytest.raises(ValidationError) as refused:
        log_head_count(site=site, expected=100, safe_local=60, observed_at=timezone.now())
    assert {"killed"} < set(refused.value.message_dict)
    assert "40" in str(refused.value.message_dict)


def test_who_may_not_read_the_strict_states_corrects_without_seeing_them(site):
    a_head_count(site, 420, serving=24, safe_idp=37)
    with acting_as(SYSTEM):
        wrong = HeadCount.objects.get(site=site)
    path = f"/head-counts/{wrong.pk}/correct/"
    coordinator = signed_in(a_user(site.organisation, Role.MEMBER_COORDINATOR)).get(path).content.decode()
    reporter = signed_in(a_user(site.organisation, Role.SITE_REPORTER, sites=[site])).get(path).content.decode()
    assert 'value="24"' in coordinator and 'value="37"' in coordinator
    assert 'value="420"' in reporter and 'value="24"' not in reporter and 'value="37"' not in reporter


def test_a_reporter_corrects_at_the_own_site_only(site, wrong):
    elsewhere = a_site(site.organisation)
    reporter = signed_in(a_user(site.organisation, Role.SITE_REPORTER, sites=[elsewhere]))
    assert reporter.get(f"/statuses/{wrong.pk}/correct/").status_code == 404
    with acting_as(a_reporter(site)):
        assert correct_site_status(status=wrong, operational="REDUCED", correction_reason=WHY).supersedes_id == wrong.pk
