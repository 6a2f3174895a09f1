"""What changed since the last visit: known since then, worst first, counted whole."""

from datetime import timedelta

import pytest
from django.utils import timezone

from aimprogress.core.actor import SYSTEM, acting_as
from aimprogress.core.audit import AuditEvent
from members.changes import LEVEL, SHOWN, SILENCE, changes_since
from members.models import AlertLevelChange, HazardType, RollCall, User
from members.services.checkins import record_check_in
from members.services.evacuations import activate_plan, stand_down
from members.services.follow_ups import follow_up_check_in
from members.services.hazards import report_hazard
from members.services.roll_calls import open_roll_call
from members.services.sites import change_alert_level
from tests.factories import (
    a_coordinator,
    a_head_count,
    a_reporter,
    a_site,
    a_status,
    a_user,
    a_viewer,
    an_analyst,
    an_organisation,
)
from tests.members.plan_samples import an_evacuation_plan
from tests.signing import signed_in

pytestmark = pytest.mark.django_db
HOUR = timedelta(hours=1)


@pytest.fixture
def member():
    return an_organisation(short_name="Halden Foods")


def seen_by(member, since):
    actor = a_coordinator(member)
    with acting_as(actor):
        return changes_since(since, actor)


def said(site, operational, hours_ago, known_hours_ago=None) -> None:
    """A report seen some hours ago; it reached the portal at once, or later as one that waited on a phone."""
    now, known = timezone.now(), hours_ago if known_hours_ago is None else known_hours_ago
    a_status(site, operational, now - hours_ago * HOUR, recorded_at=now - known * HOUR)


def test_a_report_that_waited_on_a_phone_is_news_when_it_arrives(member):
    site = a_site(member)
    said(site, "OPERATING", 30)
    said(site, "EVACUATED", 20, known_hours_ago=1)
    assert [change.site for change in seen_by(member, timezone.now() - 2 * HOUR).danger.shown] == [site.name]


def test_a_change_that_was_known_before_is_no_news(member):
    site = a_site(member)
    for code, hours in (("OPERATING", 30), ("EVACUATED", 20), ("EVACUATED", 1)):
        said(site, code, hours)
    changes = seen_by(member, timezone.now() - 2 * HOUR)
    assert changes.is_empty
    assert changes.unchanged == 1


def test_the_first_report_of_a_site_is_no_change(member):
    a_status(a_site(member), "SUSPENDED")
    changes = seen_by(member, timezone.now() - HOUR)
    assert changes.is_empty
    assert changes.unchanged == 0


def test_control_in_the_first_report_of_a_site_is_no_change(member):
    a_status(a_site(member), "EVACUATED", control="LOST", damage=3)
    assert seen_by(member, timezone.now() - HOUR).is_empty


def test_codes_of_one_display_group_are_the_same_to_the_reader(member):
    site = a_site(member)
    a_status(site, "OPERATING", timezone.now() - HOUR)
    a_status(site, "ESSENTIAL_ONLY")
    assert seen_by(member, timezone.now() - HOUR * 2).is_empty


def test_a_risen_level_is_danger_from_severe_on_and_a_lower_one_is_better(member):
    high, severe, lower = (a_site(member) for _site in range(3))
    with acting_as(SYSTEM):
        change_alert_level(site=high, level=2)
        change_alert_level(site=severe, level=3)
        change_alert_level(site=lower, level=2, observed_at=timezone.now() - HOUR)
        change_alert_level(site=lower, level=1)
    changes = seen_by(member, timezone.now() - HOUR)
    assert [change.site_id for change in changes.danger.shown] == [severe.pk]
    assert {change.site_id for change in changes.worse.shown} == {high.pk, lower.pk}
    assert [change.text for change in changes.worse.shown if change.site_id == lower.pk] == ["Alert level 1, before: 0"]
    assert changes.better.total == 0


def test_a_level_that_rose_and_fell_again_is_no_change(member):
    site = a_site(member)
    with acting_as(SYSTEM):
        change_alert_level(site=site, level=3, observed_at=timezone.now() - HOUR)
        change_alert_level(site=site, level=0, reason="Quiet again")
    assert seen_by(member, timezone.now() - HOUR).is_empty


def test_down_and_half_up_again_is_worse_than_at_the_last_visit(member):
    half, whole = a_site(member), a_site(member)
    for site, last in ((half, "REDUCED"), (whole, "OPERATING")):
        said(site, "OPERATING", 30)
        said(site, "EVACUATED", 5)
        said(site, "REDUCED", 2)
        if last == "OPERATING":
            a_status(site, "ESSENTIAL_ONLY")
    changes = seen_by(member, timezone.now() - 10 * HOUR)
    assert [(change.site_id, change.text) for change in changes.worse.shown] == [(half.pk, "Reduced, before: Operating")]
    assert [(change.site_id, change.text) for change in changes.better.shown] == [
        (whole.pk, "Operating again, in between: Reduced")
    ]


def test_a_site_that_fell_silent_since_the_last_visit_is_news_and_one_that_was_silent_is_not(member):
    gone, long_gone = a_site(member, name="Gone"), a_site(member, name="Long gone")
    said(gone, "REDUCED", 24 * 61)  # level 0: every 30 days, out of date after 60
    said(long_gone, "REDUCED", 24 * 80)
    changes = seen_by(member, timezone.now() - 48 * HOUR)
    (change,) = changes.danger.shown
    assert (change.site, change.before, change.now) == ("Gone", "reduced", "lost")
    assert timezone.now() - 25 * HOUR < change.at < timezone.now() - 23 * HOUR


def test_a_site_whose_level_rose_fell_silent_by_it_and_one_whose_level_fell_was_silent_before(member):
    raised, lowered, always = (a_site(member, name=name) for name in ("Raised", "Lowered", "Always"))
    for site, level in ((raised, 2), (lowered, 4), (always, 4)):
        long_ago = {"observed_at": timezone.now() - 99 * 24 * HOUR, "recorded_at": timezone.now() - 99 * 24 * HOUR}
        with acting_as(SYSTEM):
            AlertLevelChange(organisation=member, site=site, level=level, previous=0, **long_ago).save(force_insert=True)
    said(raised, "REDUCED", 13), said(lowered, "REDUCED", 24 * 15), said(always, "REDUCED", 13)
    with acting_as(SYSTEM):
        change_alert_level(site=raised, level=4, observed_at=timezone.now() - HOUR)
        change_alert_level(site=lowered, level=2, reason="Calmer")
    silent = [change for change in seen_by(member, timezone.now() - 2 * HOUR).danger.shown if change.gravity == SILENCE]
    assert {change.site for change in silent} == {"Raised", "Always"}
    (change,) = (change for change in silent if change.site == "Raised")
    assert timezone.now() - 1.1 * HOUR < change.at < timezone.now() - 0.9 * HOUR, "when the level rose"


def test_a_grave_hazard_is_danger_once_and_one_that_was_grave_before_or_is_not_any_more_is_none(member):
    new, before, over = (a_site(member, name=name) for name in ("New", "Before", "Over"))
    long_ago = timezone.now() - 20 * HOUR
    with acting_as(SYSTEM):
        for site, severity in ((before, 3), (new, 2)):
            report_hazard(site=site, hazard="SHELLING", severity=severity, observed_at=long_ago, recorded_at=long_ago)
        for site in (new, before, over, new):
            report_hazard(site=site, hazard="SHELLING", severity=3)
        report_hazard(site=over, hazard="SHELLING", severity=0)
    found = [(change.site, change.text) for change in seen_by(member, timezone.now() - HOUR).danger.shown]
    assert found == [("New", f"Grave hazard: {HazardType.SHELLING.label}")]


def test_more_people_killed_or_missing_are_danger_for_who_reads_such_counts_and_the_look_is_logged(member):
    worse, same, first = (a_site(member, name=name) for name in ("Worse", "Same", "First"))
    for site in (worse, same):
        long_ago = timezone.now() - 20 * HOUR
        a_head_count(site, 40, long_ago, killed=1, recorded_at=long_ago)
    a_head_count(worse, 40, injured=1, killed=2, detained=1)
    a_head_count(same, 40, killed=1)
    a_head_count(first, 40, missing=1)
    found = {(change.site, change.text.split(",")[0]) for change in seen_by(member, timezone.now() - HOUR).danger.shown}
    assert found == {
        ("Worse", "More people were killed"), ("Worse", "More people are detained"), ("Worse", "More people are injured"),
        ("First", "More people are missing"),
    }  # fmt: skip
    with acting_as(SYSTEM):
        looks = AuditEvent.objects.filter(action="members.read_strict_counts")
        assert set(looks.values_list("object_id", flat=True)) == {worse.pk, first.pk}
    for reader in (a_viewer(member), an_analyst()):
        with acting_as(reader):
            assert changes_since(timezone.now() - HOUR, reader).is_empty


def test_control_that_was_lost_and_heavy_damage_are_told(member):
    lost, ruined, long_lost = (a_site(member, name=name) for name in ("Lost", "Ruined", "Long lost"))
    for site, fields in ((lost, {}), (ruined, {"damage": 1}), (long_lost, {"control": "SEIZED"})):
        a_status(site, "SUSPENDED", timezone.now() - 20 * HOUR, recorded_at=timezone.now() - 20 * HOUR, reason="SAFETY", **fields)
    a_status(lost, "SUSPENDED", control="LOST", reason="SAFETY"), a_status(ruined, "SUSPENDED", damage=3, reason="SAFETY")
    a_status(long_lost, "SUSPENDED", control="SEIZED", reason="SAFETY")
    changes = seen_by(member, timezone.now() - HOUR)
    assert [(change.site, change.text) for change in changes.danger.shown] == [
        ("Lost", "Control over the site: No access (front or occupation)")
    ]
    assert [(change.site, change.text) for change in changes.worse.shown] == [("Ruined", "Damage: Heavy, can be repaired")]


def test_a_roll_call_that_was_opened_or_is_late_is_danger_until_it_is_closed(member):
    opened, late, done = (a_site(member, name=name) for name in ("Opened", "Late", "Done"))
    with acting_as(a_coordinator(member)):
        calls = [open_roll_call(site=site, incident="SHELLING") for site in (opened, late, done)]
        RollCall.objects.filter(pk=calls[1].pk).update(
            opened_at=timezone.now() - 20 * HOUR, due_at=timezone.now() - timedelta(minutes=5)
        )
        RollCall.objects.filter(pk=calls[2].pk).update(closed_at=timezone.now())
    found = {(change.site, change.text) for change in seen_by(member, timezone.now() - HOUR).danger.shown}
    assert found == {("Opened", "A roll call was opened"), ("Late", "A round of the roll call is overdue")}


def test_an_evacuation_that_ended_is_better_and_people_not_reached_are_danger(member):
    ended, missing, settled, same = (a_site(member, name=name) for name in ("Ended", "Missing", "Settled", "Same"))
    with acting_as(a_coordinator(member)):
        activation = activate_plan(plan=an_evacuation_plan(ended), who="Everybody", reason="Strikes")
    danger = seen_by(member, timezone.now() - HOUR).danger.shown
    assert [change.code for change in danger] == ["EVACUATING", "EVACUATED"], "the evacuation, then the level that it brought"
    with acting_as(a_coordinator(member)):
        stand_down(activation=activation, moved=10)
    a_head_count(missing, 40, unaccounted=3)
    a_head_count(settled, 40, unaccounted=3)
    a_head_count(settled, 40)
    a_head_count(same, 40, timezone.now() - 2 * HOUR, unaccounted=3, recorded_at=timezone.now() - 2 * HOUR)
    a_head_count(same, 40, unaccounted=3)
    changes = seen_by(member, timezone.now() - HOUR)
    assert [change.site for change in changes.danger.shown if change.gravity != LEVEL] == ["Missing"]
    viewer = a_viewer(member)
    with acting_as(viewer):
        assert all(change.site != "Missing" for change in changes_since(timezone.now() - HOUR, viewer).danger.shown)
    assert "The evacuation has ended" in [change.text for change in changes.better.shown]


def test_the_gravest_stands_first_and_a_call_that_was_taken_on_is_no_danger(member):
    names = ("Level", "Silent", "Evacuated", "Help", "Helped")
    level, silent, evacuated, help_, helped = (a_site(member, name=name) for name in names)
    for site in (help_, helped):
        with acting_as(a_reporter(site)):
            check_in = record_check_in(site=site, people="help")
    with acting_as(a_coordinator(member)):
        follow_up_check_in(check_in=check_in)
    said(silent, "REDUCED", 24 * 61)
    said(evacuated, "OPERATING", 80)
    a_status(evacuated, "EVACUATED")
    with acting_as(SYSTEM):
        change_alert_level(site=level, level=4)
    changes = seen_by(member, timezone.now() - 48 * HOUR)
    assert [change.site for change in changes.danger.shown] == ["Help", "Silent", "Evacuated", "Level"]
    assert [change.site for change in changes.worse.shown] == ["Helped"]


def test_of_changes_that_are_as_grave_the_newest_stands_first(member):
    for hours in (3, 1, 2):
        site = a_site(member, name=f"Left {hours} hours ago")
        said(site, "OPERATING", 80)
        said(site, "EVACUATED", hours)
    shown = [change.site for change in seen_by(member, timezone.now() - 48 * HOUR).danger.shown]
    assert shown == ["Left 1 hours ago", "Left 2 hours ago", "Left 3 hours ago"]


def test_what_is_not_shown_is_counted_and_one_link_away(member):
    user = a_user(member, "MEMBER_COORDINATOR")
    User.objects.filter(pk=user.pk).update(previous_visit_at=timezone.now() - HOUR)
    for n in range(SHOWN + 2):
        site = a_site(member, name=f"Evacuee {n}")
        a_status(site, "OPERATING", timezone.now() - 2 * HOUR)
        a_status(site, "EVACUATED")
    quiet = a_site(member, name="Quiet depot")
    client = signed_in(user)
    page = client.get("/overview/").content.decode()
    assert "and 2 more" in page
    link = page.split("and 2 more")[0].rpartition('href="')[2].split('"')[0].replace("&amp;", "&")
    listed = client.get(link).content.decode().split('id="changed"')[1].split("</section>")[0]
    assert all(f"Evacuee {n}" in listed for n in range(SHOWN + 2))
    assert quiet.name not in listed


def test_the_team_reads_the_same_changes_without_names(member):
    site, actor = a_site(member, name="Kharkiv plant"), an_analyst()
    a_status(site, "OPERATING", timezone.now() - HOUR)
    a_status(site, "EVACUATED")
    with acting_as(actor):
        (change,) = changes_since(timezone.now() - 2 * HOUR, actor).danger.shown
    assert change.site.startswith("Halden Foods, Lviv") and "Kharkiv" not in change.site
    assert change.place == ""
