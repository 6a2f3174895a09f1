"""What a site shows is what its log says, at any time, and the same rule proves it for all sites at once."""

from datetime import timedelta
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from aimprogress.core.actor import SYSTEM, acting_as
from members.models import Site, SiteStatus
from members.projection import projections, store_current
from tests.factories import a_head_count, a_site, a_status
from tests.members.plan_samples import an_evacuation_plan

pytestmark = pytest.mark.django_db


@pytest.fixture
def site():
    site = a_site()
    now = timezone.now()
    for hours, code in ((50, "REDUCED"), (40, "OPERATING"), (30, "REDUCED"), (20, "REDUCED"), (10, "REDUCED")):
        a_status(site, code, observed_at=now - timedelta(hours=hours), recorded_at=now - timedelta(hours=hours))
    a_head_count(site, 100, unaccounted=3)
    an_evacuation_plan(site)
    return site


def tamper(site: Site, **fields) -> None:
    with acting_as(SYSTEM):
        Site.objects.filter(pk=site.pk).update(**fields)


def rebuild(*options: str) -> str:
    out = StringIO()
    call_command("rebuild_current", *options, stdout=out)
    return out.getvalue()


def test_a_site_has_been_reduced_since_the_first_report_after_the_last_other_one(site):
    assert timezone.now() - site.current_status_since < timedelta(hours=31)
    assert timezone.now() - site.current_status_since > timedelta(hours=29)


def test_a_site_knows_what_it_was_before(site):
    assert site.current_previous == "OPERATING"
    assert a_status(a_site(), "REDUCED").site.current_previous == ""


def test_a_change_became_known_with_the_first_report_of_it_that_arrived():
    """The report seen first came last: from a phone that was offline."""
    site, now = a_site(), timezone.now()
    for seen, known in ((40, 40), (30, 2), (20, 12), (10, 8)):
        a_status(
            site,
            "OPERATING" if seen == 40 else "REDUCED",
            observed_at=now - timedelta(hours=seen),
            recorded_at=now - timedelta(hours=known),
        )
    assert site.current_changed_at == now - timedelta(hours=12)
    assert site.current_status_since == now - timedelta(hours=30)


def test_a_status_that_was_taken_back_does_not_count(site):
    last = site.current_status_id
    with acting_as(SYSTEM):
        SiteStatus.objects.filter(pk=last).update(retracted_at=timezone.now())
        said = projections([site])[site.pk]
    assert said["current_status_id"] != last
    assert said["current_status_at"] < site.current_status_at


def test_verify_finds_nothing_where_nothing_is_wrong(site):
    a_site()
    assert "Every site" in rebuild("--verify")


def test_verify_finds_a_tampered_projection_and_changes_nothing(site):
    tamper(site, current_operational="CLOSED", current_expected=7)
    out = StringIO()
    with pytest.raises(CommandError) as failed:
        call_command("rebuild_current", "--verify", stdout=out)
    assert failed.value.returncode == 1
    assert out.getvalue().split() == [str(site.pk), "current_expected", str(site.pk), "current_operational"]
    with acting_as(SYSTEM):
        assert Site.objects.get(pk=site.pk).current_operational == "CLOSED"


def test_a_tampered_projection_is_put_right_and_its_version_moves(site):
    with acting_as(SYSTEM):
        before = Site.objects.values().get(pk=site.pk)
    tamper(site, current_operational="CLOSED", last_contact_at=None, alert_level=4, current_plan_adequate=True)
    rebuild()
    with acting_as(SYSTEM):
        after = Site.objects.values().get(pk=site.pk)
    assert {name for name in before if before[name] != after[name]} == {"version", "updated_at"}
    assert "Every site" in rebuild("--verify")


def test_many_sites_cost_as_many_queries_as_one(site, django_assert_num_queries):
    others = [a_site(site.organisation) for _ in range(4)]
    for other in others:
        a_status(other)
        a_head_count(other, 10)
        an_evacuation_plan(other)
    with acting_as(SYSTEM), django_assert_num_queries(5):
        projections([site])
    with acting_as(SYSTEM), django_assert_num_queries(5):
        projections([site, *others])


def said_at(site: Site, moment) -> dict:
    with acting_as(SYSTEM):
        return projections([site], moment)[site.pk]


def test_an_earlier_moment_says_what_was_known_then(site):
    now = timezone.now()
    said = said_at(site, now - timedelta(hours=35))
    assert said["current_operational"] == "OPERATING"
    assert said["current_status_since"] == said["current_status_at"]
    assert (said["current_expected"], said["current_plan_adequate"]) == (None, None), "counted and approved later"
    assert said_at(site, now - timedelta(hours=60))["current_status_at"] is None
    assert said_at(site, now + timedelta(seconds=1)) == said_at(site, None)


def test_what_was_recorded_later_was_not_known_whenever_it_was_seen(site):
    now = timezone.now()
    a_status(site, "EVACUATED", observed_at=now - timedelta(hours=5), recorded_at=now - timedelta(hours=1))
    assert said_at(site, now - timedelta(hours=2))["current_operational"] == "REDUCED"
    assert said_at(site, now - timedelta(minutes=30))["current_operational"] == "EVACUATED"


def test_what_was_taken_back_later_still_stood(site):
    status = a_status(site, "EVACUATED")
    before = timezone.now()
    with acting_as(SYSTEM):
        SiteStatus.objects.filter(pk=status.pk).update(retracted_at=timezone.now())
    assert said_at(site, before)["current_status_id"] == status.pk
    assert said_at(site, timezone.now())["current_status_id"] != status.pk


def test_what_was_corrected_later_still_stood(site):
    before = timezone.now()
    wrong = site.current_headcount_id
    a_head_count(site, 90, supersedes_id=wrong, reason="A line was counted twice.")
    assert said_at(site, before)["current_headcount_id"] == wrong
    assert said_at(site, timezone.now())["current_expected"] == 90


def test_the_alert_level_and_the_plan_are_those_of_the_moment(site):
    from members.services.sites import change_alert_level

    before = timezone.now()
    with acting_as(SYSTEM):
        change_alert_level(site=site, level=3)
    after = timezone.now()
    assert (said_at(site, before)["alert_level"], said_at(site, after)["alert_level"]) == (0, 3)
    first, then = (said_at(site, moment)["current_plan_review_on"] for moment in (before, after))
    assert first > then, "at a severe level the same plan is due sooner"


def test_an_evacuation_under_way_at_the_moment_is_told_after_it_ended(site):
    from members.models import EvacuationPlan
    from members.services.evacuations import activate_plan, stand_down

    with acting_as(SYSTEM):
        activation = activate_plan(plan=EvacuationPlan.objects.get(site=site), who="ALL", reason="DANGER")
        during = timezone.now()
        stand_down(activation=activation)
    assert said_at(site, activation.activated_at - timedelta(seconds=1))["evacuating_since"] is None
    assert said_at(site, during)["evacuating_since"] == activation.activated_at
    assert said_at(site, timezone.now())["evacuating_since"] is None


def test_many_projections_are_stored_with_one_copy_and_one_update(site):
    others = [a_site(site.organisation) for _ in range(3)]
    a_head_count(others[0], 10, unaccounted=2)
    a_status(others[1], "REDUCED", utilities={"power": 8})
    everyone = [site, *others]
    with acting_as(SYSTEM):
        right = {row["id"]: row for row in Site.objects.values()}
        said = projections(everyone)
        Site.objects.update(current_operational="CLOSED", current_expected=None, current_utilities={}, last_contact_at=None)
        with CaptureQueriesContext(connection) as captured:
            store_current(said)
        stored = {row["id"]: row for row in Site.objects.values()}
    assert [query["sql"].split()[0] for query in captured] == ["CREATE", "COPY", "UPDATE", "DROP"]
    for pk, row in stored.items():
        assert {name for name in row if row[name] != right[pk][name]} == {"version", "updated_at"}
        assert row["version"] == right[pk]["version"] + 1


def test_the_projections_of_no_site_are_stored_without_a_query(django_assert_num_queries):
    with django_assert_num_queries(0):
        store_current({})
