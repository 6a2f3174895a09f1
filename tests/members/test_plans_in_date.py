"""A plan past its review counts as missing wherever plans are counted; a communication plan, too."""

from datetime import timedelta

import pytest
from django.utils import timezone

from aimprogress.core.actor import SYSTEM, acting_as
from aimprogress.core.permissions import Role
from aimprogress.figures.moment import looking_back
from aimprogress.figures.registry import FigureScope, measure
from members.filters import SiteFilterSet
from members.models import EvacuationPlan, Notification, Site
from members.notifications import remind_of_plans
from members.services.sites import change_alert_level, refresh_current
from tests.factories import a_coordinator, a_site, a_user, an_organisation
from tests.members.plan_samples import a_communication_plan, an_evacuation_plan
from tests.signing import signed_in

pytestmark = pytest.mark.django_db


@pytest.fixture
def member():
    return an_organisation()


def approved_long_ago(plan, days):
    """As it would be by now, had it been approved so many days ago at level 0 (review after 365)."""
    at = timezone.now() - timedelta(days=days)
    with acting_as(SYSTEM):
        type(plan).objects.filter(pk=plan.pk).update(
            approved_at=at, next_review_on=timezone.localdate(at) + timedelta(days=365)
        )  # fmt: skip
        refresh_current(Site.objects.get(pk=plan.site_id))


def filtered(**query):
    return {site.name for site in SiteFilterSet(query, queryset=Site.objects.all()).qs}


def test_a_plan_past_its_review_is_adequate_in_no_figure_filter_list_or_answer(member):
    good, late, _none = (a_site(member, name=name) for name in ("Good", "Late", "None"))
    for site in (good, late):
        plan = an_evacuation_plan(site, not_met=())
    approved_long_ago(plan, 366)
    with acting_as(a_coordinator(member)):
        scope = FigureScope(organisations=frozenset({member.pk}))
        adequate, missing = measure("plans.adequate", scope), measure("plans.missing", scope)
        assert (adequate.numerator, missing.value, missing.denominator) == (1, 2, 3)
        assert filtered(plan="adequate") == {"Good"} and filtered(plan="missing") == {"Late", "None"}
    client = signed_in(a_user(member, Role.MEMBER_COORDINATOR))
    page = client.get("/sites/").content.decode()
    assert page.count(">out of date</span>") == 1 and page.count("adequate</td>") == 1
    said = {row["name"]: row["plan_adequate"] for row in client.get("/api/v1/sites/").json()["results"]}
    assert said == {"Good": True, "Late": False, "None": None}
    day = (timezone.now() - timedelta(days=2)).isoformat()
    then = {row["name"]: row["plan_adequate"] for row in client.get("/api/v1/sites/", {"as_of": day}).json()["results"]}
    assert then.get("Late", True) is True


def test_a_communication_plan_that_is_missing_or_out_of_date_is_counted_listed_and_told(member, monkeypatch):
    good, late, none = (a_site(member, name=name) for name in ("Good", "Late", "None"))
    for site in (good, late):
        plan = a_communication_plan(site)
    a_communication_plan(none, approved=False)
    approved_long_ago(plan, 365)
    with acting_as(a_coordinator(member)):
        scope = FigureScope(organisations=frozenset({member.pk}))
        assert measure("communication_plans.missing", scope).value == 1, "the day itself is in date"
    approved_long_ago(plan, 366)
    with acting_as(a_coordinator(member)):
        figure = measure("communication_plans.missing", FigureScope(organisations=frozenset({member.pk})))
        assert (figure.value, figure.denominator) == (2, 3)
        assert filtered(communication_plan="missing") == {"Late", "None"}
    user = a_user(member, Role.MEMBER_COORDINATOR)
    page = signed_in(user).get("/plans/gaps/").content.decode()
    assert "2 sites have no communication plan in date." in page
    assert signed_in(user).get(figure.link).content.decode().count('class="t"') == 2
    with acting_as(SYSTEM):
        remind_of_plans()
        assert Notification.objects.filter(kind="plan.due", user=user).count() == 1
        Notification.objects.all().delete()
    approved_long_ago(plan, 365)
    with acting_as(SYSTEM):
        remind_of_plans()
        assert not Notification.objects.exists()
    today = timezone.localdate()
    monday = today - timedelta(days=today.weekday())
    for day, days_ago, is_told in ((1, 366, True), (1, 367, False), (0, 367, True), (0, 365, False)):
        on = monday + timedelta(days=day)
        approved_long_ago(plan, days_ago - (on - today).days)
        monkeypatch.setattr("django.utils.timezone.localdate", lambda *a, on=on, kept=timezone.localdate: kept(*a) if a else on)
        with acting_as(SYSTEM):
            remind_of_plans()
            assert Notification.objects.exists() is is_told, (day, days_ago)
            Notification.objects.all().delete()
        monkeypatch.undo()


def test_a_higher_level_brings_a_communication_plan_out_of_date_and_then_it_was_in_date(member):
    site = a_site(member)
    plan = a_communication_plan(site)
    approved_long_ago(plan, 40)
    before = timezone.now()
    with acting_as(a_coordinator(member)):
        assert filtered(communication_plan="missing") == set()
        change_alert_level(site=site, level=3)
        assert filtered(communication_plan="missing") == {site.name}
        with looking_back(before):
            assert filtered(communication_plan="missing") == set()
    assert not EvacuationPlan.unscoped.exists()
