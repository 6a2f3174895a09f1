"""Each week is counted once, with what was known when it ended."""

from datetime import timedelta

import pytest
from django.utils import timezone

from aimprogress.core.actor import SYSTEM, acting_as
from aimprogress.figures.dashboard import week_ends
from members.models import AlertLevelChange, Site, WeekStanding
from members.tasks import count_weeks
from members.weeks import count_next_week, groups_by_week
from tests.factories import a_site, a_status, a_user, an_organisation, the_secretariat
from tests.signing import signed_in

pytestmark = pytest.mark.django_db
HOUR = timedelta(hours=1)


@pytest.fixture
def member():
    return an_organisation(short_name="Halden Foods")


def count_all() -> int:
    with acting_as(SYSTEM):
        weeks = 0
        while count_next_week(now=timezone.now()):
            weeks += 1
    return weeks


def counted(end) -> dict[str, int]:
    with acting_as(SYSTEM):
        return groups_by_week(WeekStanding.objects.all(), [end])[0]


def said(site: Site, operational: str, seen, known=None) -> None:
    a_status(site, operational, seen, recorded_at=known or seen)


def last_end():
    return week_ends(timezone.now())[-2]


def test_a_site_stands_where_its_last_report_before_the_end_put_it(member):
    site, end = a_site(member), last_end()
    said(site, "OPERATING", end - 30 * HOUR)
    said(site, "REDUCED", end - HOUR)
    said(site, "EVACUATED", end + HOUR / 60)
    count_all()
    assert counted(end) == {"reduced": 1}


def test_what_arrived_later_was_not_known_then(member):
    site, end = a_site(member), last_end()
    said(site, "OPERATING", end - 30 * HOUR)
    said(site, "EVACUATED", end - HOUR, known=end + HOUR / 60)
    count_all()
    assert counted(end) == {"ok": 1}


def test_a_counted_week_is_not_counted_again(member):
    site, end = a_site(member), last_end()
    said(site, "OPERATING", end - HOUR)
    assert count_all() == 11
    said(a_site(member), "OPERATING", end - HOUR)
    assert count_all() == 0
    assert counted(end) == {"ok": 1}


def test_silence_is_judged_with_the_alert_level_that_was_known_then(member):
    end = last_end()
    for known in (end - 80 * HOUR, end + HOUR / 60):
        site = a_site(member)
        said(site, "OPERATING", end - 60 * HOUR)  # two and a half days: long for a report a day, short for one a month
        with acting_as(SYSTEM):
            AlertLevelChange(
                organisation=member, site=site, level=3, previous=0, observed_at=end - 90 * HOUR, recorded_at=known
            ).save(force_insert=True)
    count_all()
    assert counted(end) == {"lost": 1, "ok": 1}


def test_a_week_before_anything_was_known_is_remembered_as_such(member):
    said(a_site(member), "OPERATING", last_end() - HOUR)
    count_all()
    assert counted(last_end() - timedelta(days=7)) == {"lost": 0}


def test_one_run_counts_one_week_the_last_first(member):
    said(a_site(member), "OPERATING", last_end() - HOUR)
    with acting_as(SYSTEM):
        count_weeks()
    with acting_as(SYSTEM):
        assert set(WeekStanding.objects.values_list("week_end", flat=True)) == {last_end()}


def test_a_portal_without_sites_counts_nothing():
    assert count_all() == 0


def test_the_trend_reads_the_weeks_and_ends_with_the_figures_of_now(member):
    site, other = a_site(member), a_site(an_organisation())
    for one in (site, other):
        said(one, "OPERATING", timezone.now() - timedelta(days=30))
    a_status(site, "EVACUATED")
    count_all()
    trend = signed_in(a_user(member, "MEMBER_COORDINATOR")).get("/overview/").context["trend"]
    lines = {line.mark: line.numbers for line in trend["lines"]}
    assert len(trend["days"]) == 12
    assert (lines["evac"][-1], lines["ok"][-1]) == (1, 0)
    assert max(lines["ok"]) == 1
    assert not any(numbers[0] for numbers in lines.values())
    of_all = signed_in(a_user(the_secretariat(), "AIM_ANALYST")).get("/dashboard/").context["trend"]
    assert max({line.mark: line.numbers for line in of_all["lines"]}["ok"]) == 2


def test_the_trend_of_a_country_holds_its_sites_only(member):
    said(a_site(member), "OPERATING", timezone.now() - timedelta(days=20))
    count_all()
    client = signed_in(a_user(member, "MEMBER_COORDINATOR"))
    for country, most in (("UA", 1), ("PL", 0)):
        trend = client.get(f"/overview/?country={country}").context["trend"]
        assert max(max(line.numbers) for line in trend["lines"]) == most
