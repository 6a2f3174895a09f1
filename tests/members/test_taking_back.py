"""A level and a hazard that were wrong: taken back within a minute, corrected later, and both stay in the log."""

import re
from dataclasses import replace
from datetime import timedelta

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import QueryDict
from django.utils import timezone

from aimprogress.core.actor import SYSTEM, acting_as
from aimprogress.core.audit import AuditEvent
from aimprogress.core.exceptions import Conflict
from aimprogress.core.permissions import Role
from aimprogress.exchange.exports import EXPORTS
from members.changes import changes_since
from members.models import AlertLevelChange, HazardReport, MemberAnalyst, Site
from members.projection import differences, hazards_of, projections
from members.services.hazards import correct_hazard, report_hazard, retract_hazard
from members.services.sites import change_alert_level, correct_alert_level, retract_alert_level
from tests.factories import a_coordinator, a_reporter, a_site, a_user, the_secretariat
from tests.members.plan_samples import an_evacuation_plan
from tests.signing import signed_in

pytestmark = pytest.mark.django_db
WHY = "The next district was meant."
HOUR = timedelta(hours=1)


@pytest.fixture
def site():
    site = a_site(number_in_area=1)
    with acting_as(SYSTEM):
        change_alert_level(site=site, level=2, observed_at=timezone.now() - 3 * HOUR)
        site.refresh_from_db()
    return site


def level_of(site):
    with acting_as(SYSTEM):
        assert not list(differences(repair=False))
        return Site.objects.get(pk=site.pk).alert_level


def test_a_reporter_who_pressed_extreme_by_mistake_goes_back_to_the_level_before(site):
    with acting_as(SYSTEM):
        plan = an_evacuation_plan(site)
    client = signed_in(a_user(site.organisation, Role.SITE_REPORTER, sites=[site]))
    page = client.post(f"/sites/{site.pk}/alert-level/", {"level": "4"}, follow=True).content.decode()
    with acting_as(SYSTEM):
        change = AlertLevelChange.objects.get(level=4)
        plan.refresh_from_db()
        at_extreme = plan.next_review_on
    assert f"/alert-levels/{change.pk}/take-back/" in page, "the notice offers Undo"
    client.post(f"/alert-levels/{change.pk}/take-back/")
    assert level_of(site) == 2
    with acting_as(SYSTEM):
        plan.refresh_from_db()
        assert plan.next_review_on > at_extreme, "plans are reviewed at the rhythm of the level again"
        assert AuditEvent.objects.filter(action="members.retract_alert_level", object_id=change.pk).exists()
        assert AlertLevelChange.objects.filter(pk=change.pk).exists()
    story = client.get(f"/sites/{site.pk}/").content.decode()
    assert "Alert level 2" in story and "Alert level 4" not in story


def test_only_its_author_takes_a_level_or_a_hazard_back_and_only_within_a_minute(site):
    author, other = a_reporter(site), a_coordinator(site.organisation)
    with acting_as(author):
        change, report = change_alert_level(site=site, level=3), report_hazard(site=site, hazard="UXO", severity=3)
    verbs = ((retract_alert_level, {"change": change}), (retract_hazard, {"report": report}))
    for verb, what in verbs:
        with acting_as(other), pytest.raises(PermissionDenied):
            verb(**what)
    for row in (change, report):
        row.recorded_at -= timedelta(seconds=61)
    for verb, what in verbs:
        with acting_as(author), pytest.raises(Conflict):
            verb(**what)
    assert level_of(site) == 3


def test_what_nobody_is_named_for_is_nobodys_to_take_back(site):
    with acting_as(SYSTEM):
        change = change_alert_level(site=site, level=3)
    with acting_as(replace(a_coordinator(site.organisation), user_id=None)), pytest.raises(PermissionDenied):
        retract_alert_level(change=change)


def test_a_corrected_level_counts_from_its_own_moment_and_both_are_told_with_what_was_wrong(site):
    with acting_as(SYSTEM):
        wrong = change_alert_level(site=site, level=4, observed_at=timezone.now() - HOUR)
    then = timezone.now()
    client = signed_in(a_user(site.organisation, Role.MEMBER_COORDINATOR))
    path = f"/alert-levels/{wrong.pk}/correct/"
    assert path in client.get(f"/sites/{site.pk}/").content.decode()
    assert client.post(path, {"level": "3", "reason": "", "correction_reason": ""}).status_code == 422
    page = client.post(path, {"level": "3", "reason": "", "correction_reason": WHY}, follow=True).content.decode()
    assert "<s>Alert level 4: Extreme</s>" in page and f"Correction: {WHY}" in page and path not in page
    assert level_of(site) == 3
    with acting_as(SYSTEM):
        right = AlertLevelChange.objects.get(supersedes=wrong)
        assert (right.previous, right.observed_at) == (2, wrong.observed_at)
        assert projections([site], then)[site.pk]["alert_level"] == 4, "then nobody knew better"
    analyst = signed_in(a_user(the_secretariat(), Role.AIM_ANALYST)).get(f"/sites/{site.pk}/").content.decode()
    assert "<s>Alert level 4: Extreme</s>" in analyst and WHY not in analyst


def test_a_reporter_does_not_lower_a_level_by_correcting_it(site):
    with acting_as(a_reporter(site)):
        wrong = change_alert_level(site=site, level=4)
    with acting_as(a_reporter(site)), pytest.raises(ValidationError) as refused:
        correct_alert_level(change=wrong, level=3, correction_reason=WHY)
    assert "level" in refused.value.message_dict and level_of(site) == 4


def test_a_reporter_is_offered_the_level_of_now_and_higher_ones_and_reads_why_not_a_lower_one(site):
    client = signed_in(a_user(site.organisation, Role.SITE_REPORTER, sites=[site]))
    path = f"/sites/{site.pk}/alert-level/"

    def offered(person):
        return re.findall(r'name="level" value="(\d)"', person.get(path).content.decode())

    assert offered(client) == ["2", "3", "4"]
    coordinator = signed_in(a_user(site.organisation, Role.MEMBER_COORDINATOR))
    assert offered(coordinator) == ["0", "1", "2", "3", "4"]
    why = "A lower level is for a coordinator"
    assert why in client.get(path).content.decode() and why not in coordinator.get(path).content.decode()
    assert "alert level 2, High" in client.get(path).content.decode(), "the level that is left"
    answer = client.post(path, {"level": "1", "reason": "Quiet"})  # the form was open before somebody raised the level
    assert answer.status_code == 422 and "A lower level is for a coordinator or AIM-Progress to say." in answer.content.decode()
    body = {"site": str(site.pk), "level": 1, "reason": "Quiet"}
    answer = client.post("/api/v1/alert-level-changes/", body, content_type="application/json")
    assert answer.status_code == 403 and answer.json()["detail"].startswith("A lower level is for a coordinator")
    assert level_of(site) == 2
    assert client.post(path, {"level": "3"}).status_code == 302 and level_of(site) == 3


def test_a_level_is_never_set_before_the_newest_change(site):
    with acting_as(a_coordinator(site.organisation)), pytest.raises(ValidationError) as refused:
        change_alert_level(site=site, level=3, observed_at=timezone.now() - 4 * HOUR)
    assert "observed_at" in refused.value.message_dict
    client = signed_in(a_user(site.organisation, Role.MEMBER_COORDINATOR))
    body = {"site": str(site.pk), "level": 3, "observed_at": (timezone.now() - 4 * HOUR).isoformat()}
    answer = client.post("/api/v1/alert-level-changes/", body, content_type="application/json")
    assert (answer.status_code, answer.json()["errors"][0]["pointer"]) == (400, "/observed_at")
    assert level_of(site) == 2


def test_a_clock_that_was_ahead_keeps_nobody_from_changing_the_level(site):
    with acting_as(a_coordinator(site.organisation)):
        change_alert_level(site=site, level=3, observed_at=timezone.now() + timedelta(seconds=90))
        change_alert_level(site=site, level=4)
    assert level_of(site) == 4


def test_nobody_changes_the_level_from_inside_a_safety_profile_site():
    site = a_site(safety_profile=True)
    with pytest.raises(PermissionDenied), acting_as(a_reporter(site)):
        change_alert_level(site=site, level=3)
    assert level_of(site) == 0


def test_the_analyst_of_a_member_changes_the_level_on_the_page_and_reads_no_name(site):
    user = a_user(the_secretariat(), Role.AIM_ANALYST)
    client, path = signed_in(user), f"/sites/{site.pk}/alert-level/"
    MemberAnalyst.objects.create(analyst=a_user(the_secretariat(), Role.AIM_ANALYST), organisation=site.organisation)
    assert path not in client.get(f"/sites/{site.pk}/").content.decode() and client.get(path).status_code == 404
    MemberAnalyst.objects.all().delete()  # nobody is given the member: every analyst looks after it
    assert path in client.get(f"/sites/{site.pk}/").content.decode()
    form = client.get(path).content.decode()
    assert site.name not in form and "site 1" in form
    assert client.post(path, {"level": "1", "reason": "Quiet for a month"}).status_code == 302
    assert level_of(site) == 1


def test_a_hazard_is_taken_back_from_the_notice_and_its_end_too(site):
    client = signed_in(a_user(site.organisation, Role.MEMBER_COORDINATOR))
    answers = {
        "hazard": "SHELLING",
        "severity": "3",
        "source_type": "DIRECT",
        "confidence": "A",
        "mine_action_contact": "unknown",
    }
    page = client.post(f"/sites/{site.pk}/hazards/report/", answers, follow=True).content.decode()
    with acting_as(SYSTEM):
        report = HazardReport.objects.get()
    assert f"/hazards/{report.pk}/take-back/" in page and "Shelling" in page
    page = client.post(f"/hazards/{report.pk}/take-back/", follow=True).content.decode()
    assert "No hazard is reported." in page
    with acting_as(SYSTEM):
        report = report_hazard(site=site, hazard="SHELLING", severity=2, observed_at=timezone.now() - HOUR)
    page = client.post(f"/hazards/{report.pk}/over/", follow=True).content.decode()
    with acting_as(SYSTEM):
        over = HazardReport.objects.get(severity=0)
    assert f"/hazards/{over.pk}/take-back/" in page
    client.post(f"/hazards/{over.pk}/take-back/")
    with acting_as(SYSTEM):
        assert [one.pk for one in hazards_of([site.pk])] == [report.pk]
        assert Site.objects.get(pk=site.pk).current_hazard == 2
        assert not list(differences(repair=False))


def test_a_hazard_that_was_never_there_is_corrected_away_and_known_as_it_was_then(site):
    with acting_as(SYSTEM):
        wrong = report_hazard(site=site, hazard="SHELLING", severity=3, observed_at=timezone.now() - HOUR)
    then = timezone.now()
    client = signed_in(a_user(site.organisation, Role.MEMBER_COORDINATOR))
    path = f"/hazards/{wrong.pk}/correct/"
    assert path in client.get(f"/sites/{site.pk}/").content.decode()
    answers = {
        "hazard": "SHELLING",
        "severity": "0",
        "source_type": "DIRECT",
        "confidence": "A",
        "mine_action_contact": "unknown",
    }
    assert client.post(path, answers | {"correction_reason": ""}).status_code == 422
    page = client.post(path, answers | {"correction_reason": WHY}, follow=True).content.decode()
    assert "No hazard is reported." in page
    with acting_as(SYSTEM):
        assert projections([site], then)[site.pk]["current_hazard"] == 3
        assert projections([site])[site.pk]["current_hazard"] == 0


def test_a_correction_may_name_another_hazard_and_belongs_to_the_same_site(site):
    with acting_as(a_coordinator(site.organisation)):
        wrong = report_hazard(site=site, hazard="SHELLING", severity=3)
        correct_hazard(report=wrong, hazard="UXO", severity=2, correction_reason=WHY)
        assert {one.hazard: one.severity for one in hazards_of([site.pk])} == {"UXO": 2}
        with pytest.raises(ValidationError) as refused:
            correct_hazard(report=wrong, hazard="UXO", severity=1, correction_reason=WHY)
        assert "supersedes" in refused.value.message_dict
        other, second = a_site(site.organisation), report_hazard(site=site, hazard="SHELLING", severity=3)
        with pytest.raises(ValidationError) as refused:
            report_hazard(site=other, hazard="UXO", severity=1, supersedes=second, correction_reason=WHY)
        assert "supersedes" in refused.value.message_dict


@pytest.mark.parametrize(
    ("noun", "body", "right"),
    [
        ("alert-level-changes", {"level": 4}, {"level": 3}),
        ("hazard-reports", {"hazard": "UXO", "severity": 3}, {"hazard": "UXO", "severity": 1}),
    ],
)
def test_programs_take_back_and_correct_too(site, noun, body, right):
    client = signed_in(a_user(site.organisation, Role.MEMBER_COORDINATOR))
    url, body, json = f"/api/v1/{noun}/", {"site": str(site.pk), **body}, {"content_type": "application/json"}
    before = client.get(url).json()["results"]
    made = client.post(url, body, **json).json()
    assert client.post(f"{url}{made['id']}/retract/", **json).status_code == 200
    assert client.get(url).json()["results"] == before
    assert client.post(f"{url}{made['id']}/retract/", **json).status_code == 404
    made = client.post(url, body, **json).json()
    wrong = {"site": str(site.pk), **right, "supersedes": made["id"]}
    assert client.post(url, wrong, **json).json()["errors"][0]["pointer"] == "/correction_reason"
    corrected = client.post(url, wrong | {"correction_reason": WHY}, **json)
    assert corrected.status_code == 201, corrected.content
    assert (corrected.json()["supersedes_id"], corrected.json()["correction_reason"]) == (made["id"], WHY)
    viewer = signed_in(a_user(site.organisation, Role.MEMBER_VIEWER))
    assert viewer.post(f"{url}{corrected.json()['id']}/retract/", **json).status_code == 403


def words(since, actor):
    found = changes_since(since, actor)
    return [one.text for weight in (found.danger, found.worse, found.better) for one in weight.shown]


def test_what_was_taken_back_leaves_the_changes_since_the_last_visit(site):
    with acting_as(a_coordinator(site.organisation)) as actor:
        since = timezone.now()
        change = change_alert_level(site=site, level=4)
        assert words(since, actor) == ["Alert level 4, before: 2"]
        retract_alert_level(change=change)
        assert words(since, actor) == []
        wrong = change_alert_level(site=site, level=4)
        since = timezone.now()
        correct_alert_level(change=wrong, level=3, correction_reason=WHY)
        assert words(since, actor) == ["Alert level 3, before: 4"]


def test_files_of_facts_leave_out_what_was_taken_back(site):
    with acting_as(a_coordinator(site.organisation)):
        retract_hazard(report=report_hazard(site=site, hazard="UXO", severity=3))
        kept = report_hazard(site=site, hazard="SHELLING", severity=2)
        assert [row["id"] for row in EXPORTS["hazard-reports"].rows(QueryDict())] == [kept.pk]
