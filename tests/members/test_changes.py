"""What changed since the last visit: known since then, worst first, counted whole."""

from datetime import timedelta

import pytest
from django.utils import timezone

from aimprogress.core.actor import SYSTEM, acting_as
from members.changes import LEVEL, SHOWN, changes_since
from members.models import User
from members.services.checkins import follow_up_check_in, record_check_in
from members.services.evacuations import activate_plan, stand_down
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
