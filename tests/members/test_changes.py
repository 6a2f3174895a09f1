"""What changed since the last visit: known since then, worst first, counted whole."""

from datetime import timedelta

import pytest
from django.utils import timezone

from aimprogress.core.actor import SYSTEM, acting_as
from members.changes import SHOWN, changes_since
from members.models import User
from members.services.sites import change_alert_level
from tests.factories import a_coordinator, a_site, a_status, a_user, an_analyst, an_organisation
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
    assert [change.site_id for change in changes.better.shown] == [lower.pk]


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
    listed = client.get(link).content.decode()
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
