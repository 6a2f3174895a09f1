"""That a site is in danger is told at once: to the others who look after it, once, and without saying more by mail."""

from datetime import timedelta

import pytest
from django.core import mail
from django.utils import timezone

from aimprogress.core.actor import SYSTEM, acting_as
from aimprogress.core.permissions import Role
from aimprogress.exchange.services import apply_import, stage_import
from aimprogress.jobs.delivery import deliver
from members.access import actor_for_user
from members.models import MemberAnalyst, Notification
from members.services.chase import note_call
from members.services.checkins import record_check_in
from members.services.evacuations import activate_plan
from members.services.hazards import report_hazard
from members.services.sites import change_alert_level, log_site_status
from tests.exchange.test_imports import a_list
from tests.factories import a_reporter, a_site, a_status, a_user, an_area, an_organisation, the_secretariat
from tests.members.plan_samples import an_evacuation_plan
from tests.members.test_changing_sites import a_town

pytestmark = pytest.mark.django_db


@pytest.fixture
def member():
    return an_organisation()


@pytest.fixture
def site(member):
    site = a_site(member, name="Kharkiv plant")
    a_status(site, observed_at=timezone.now() - timedelta(hours=1))
    return site


@pytest.fixture
def her(member):
    return a_user(member, Role.MEMBER_COORDINATOR)


@pytest.fixture
def colleague(member):
    return a_user(member, Role.MEMBER_COORDINATOR)


@pytest.fixture
def analyst(member):
    """Who looks after the member, and one who does not."""
    mine, _other = (a_user(the_secretariat(), Role.AIM_ANALYST) for _n in range(2))
    with acting_as(SYSTEM):
        MemberAnalyst.objects.create(analyst=mine, organisation=member)
    return mine


def told(*kinds):
    """Deliver what happened, and say who was told one of these."""
    deliver()
    with acting_as(SYSTEM):
        return sorted(Notification.objects.filter(kind__in=kinds).values_list("user__email", flat=True))


def emails(*users):
    return sorted(user.email for user in users)


def test_a_level_that_rises_to_severe_is_told_to_the_others_and_says_nothing_by_mail(member, site, her, colleague, analyst):
    with acting_as(actor_for_user(her)):
        change_alert_level(site=site, level=2)
    assert told("site.level") == []
    with acting_as(actor_for_user(her)):
        change_alert_level(site=site, level=3)
    assert told("site.level") == emails(colleague, analyst)
    assert {message.subject for message in mail.outbox} == {"Please sign in now"}
    assert not any(site.name in message.body for message in mail.outbox)
    with acting_as(actor_for_user(her)):
        change_alert_level(site=site, level=4)
        change_alert_level(site=site, level=3, reason="Quieter")
    assert len(told("site.level")) == 4, "up to 4 is told too, and that it fell is not"


def test_an_evacuation_is_told_as_one_and_not_as_a_level_besides(site, her, colleague):
    with acting_as(actor_for_user(her)):
        activate_plan(plan=an_evacuation_plan(site), who="Everybody", reason="Strikes")
    assert told("site.level") == [] and told("evacuation") == emails(her, colleague)


def test_a_grave_hazard_is_told_when_it_becomes_so(site, her, analyst):
    with acting_as(a_reporter(site)):
        report_hazard(site=site, hazard="SHELLING", severity=2)
    assert told("site.hazard") == []
    for _twice in range(2):
        with acting_as(a_reporter(site)):
            report_hazard(site=site, hazard="SHELLING", severity=3)
    assert told("site.hazard") == emails(her, analyst)


def test_people_who_left_are_told_once_by_whatever_way_it_was_said(member, site, her, colleague, analyst):
    with acting_as(a_reporter(site)):
        record_check_in(site=site, operational="EVACUATED", people="all")
        record_check_in(site=site, operational="EVACUATED", people="all")
    assert told("site.evacuated") == emails(her, colleague, analyst)
    called, logged = a_site(member), a_site(member)
    with acting_as(actor_for_user(her)):
        note_call(site=called, heard="EVACUATED", told_by="Gate")
    assert len(told("site.evacuated")) == 5, "not to who heard it herself"
    with acting_as(SYSTEM):
        log_site_status(site=logged, operational="EVACUATED", reason="SAFETY")
    assert len(told("site.evacuated")) == 8


def test_people_not_reached_are_told_to_the_coordinators_alone(site, her, analyst):
    with acting_as(a_reporter(site)):
        record_check_in(site=site, operational="OPERATING", people="all")
    assert told("site.not_reached") == []
    with acting_as(a_reporter(site)):
        record_check_in(site=site, operational="OPERATING", people="unsure", not_reached=3)
    assert told("site.not_reached") == emails(her)


def test_people_who_left_are_told_once_for_a_whole_list(member, site, her, colleague, analyst):
    town = a_town("Kharkiv", an_area("UA63", "UA", "Kharkiv"), population=1_400_000, lat=49.99, lon=36.23)
    day = timezone.localdate() - timedelta(days=1)
    headings = ("Site code", "Site name", "Country", "City", "Status", "Status since")
    actor = actor_for_user(her, member.pk)

    def imported(*rows):
        upload = a_list(*((code, f"Plant {code}", "UA", town.name, status, day) for code, status in rows), headings=headings)
        with acting_as(actor):
            apply_import(batch=stage_import(organisation=member, target="sites", upload=upload))

    imported(("K-1", "operating"))
    assert told("site.evacuated", "sites.evacuated") == []
    imported(("K-2", "evacuated"), ("K-3", "evacuated"), ("K-4", "suspended"))
    assert told("sites.evacuated") == sorted([colleague.email, analyst.email])
    imported(("K-2", "evacuated"), ("K-5", "evacuated"))
    assert told("site.evacuated") == sorted([colleague.email, analyst.email])
    assert len(told("sites.evacuated")) == 2
