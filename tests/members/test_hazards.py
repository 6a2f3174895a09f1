"""Hazards and supply as facts of a site: the newest report of each counts, and an end is a report too."""

from datetime import timedelta

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.utils import timezone

from aimprogress.core.actor import SYSTEM, acting_as
from aimprogress.core.permissions import Role
from aimprogress.figures.registry import FigureScope, measure
from members.models import HazardReport, HazardType
from members.projection import hazards_of, projections
from members.services.hazards import end_hazard, report_hazard
from tests.factories import a_coordinator, a_reporter, a_site, a_status, a_user, the_secretariat
from tests.signing import signed_in

pytestmark = pytest.mark.django_db


@pytest.fixture
def site():
    return a_site()


def reported(site, hazard="SHELLING", severity=2, **fields):
    with acting_as(SYSTEM):
        report = report_hazard(site=site, hazard=hazard, severity=severity, **fields)
        site.refresh_from_db()
    return report


def test_there_are_twenty_six_hazards():
    assert len(HazardType) == 26


def test_the_newest_report_of_each_hazard_says_how_it_is(site):
    now = timezone.now()
    reported(site, severity=1, observed_at=now - timedelta(days=2))
    reported(site, severity=3, residual=2, observed_at=now - timedelta(days=1))
    reported(site, "POWER_OUTAGE", 1)
    with acting_as(SYSTEM):
        found = {report.hazard: report.severity for report in hazards_of([site.pk])}
        before = projections([site], now - timedelta(hours=30))[site.pk]
    assert found == {"SHELLING": 3, "POWER_OUTAGE": 1} and site.current_hazard == 3
    assert before["current_hazard"] is None  # two days ago it was not known yet


def test_a_hazard_that_is_over_leaves_the_site_and_stays_in_the_log(site):
    report = reported(site, severity=3)
    with acting_as(a_reporter(site)):
        end_hazard(report=report)
        with pytest.raises(ValidationError):
            end_hazard(report=report)
    with acting_as(SYSTEM):
        site.refresh_from_db()
        assert site.current_hazard == 0 and HazardReport.objects.filter(site=site).count() == 2


def test_measures_cannot_leave_more_than_there_was(site):
    with pytest.raises(ValidationError) as refused:
        reported(site, severity=1, residual=3)
    assert "residual" in refused.value.message_dict


def test_nobody_reports_from_inside_a_safety_profile_site():
    site = a_site(safety_profile=True)
    with pytest.raises(PermissionDenied), acting_as(a_reporter(site)):
        report_hazard(site=site, hazard="OCCUPATION", severity=3)


def test_the_page_reports_and_ends_a_hazard_and_outsiders_do_not_read_the_measures(site):
    client = signed_in(a_user(site.organisation, Role.MEMBER_COORDINATOR))
    answers = {"hazard": "CHEMICAL", "severity": "3", "residual": "1", "measures": "Ammonia is drained",
               "mine_action_contact": "unknown", "source_type": "DIRECT", "confidence": "A"}  # fmt: skip
    page = client.post(f"/sites/{site.pk}/hazards/report/", answers, follow=True).content.decode()
    assert "Chemicals (ammonia, chlorine)" in page and "Ammonia is drained" in page and "Grave" in page
    analyst = signed_in(a_user(the_secretariat(), Role.AIM_ANALYST)).get(f"/sites/{site.pk}/").content.decode()
    assert "Chemicals (ammonia, chlorine)" in analyst and "Ammonia is drained" not in analyst
    with acting_as(SYSTEM):
        report = HazardReport.objects.get(site=site)
    page = client.post(f"/hazards/{report.pk}/over/", follow=True).content.decode()
    assert "No hazard is reported." in page


def test_sites_with_a_grave_hazard_are_counted_and_their_list_shows_them(site):
    reported(site, severity=3)
    reported(a_site(site.organisation), severity=2)
    with acting_as(a_coordinator(site.organisation)):
        figure = measure("sites.grave_hazard", FigureScope(organisations=frozenset({site.organisation_id})))
    assert figure.value == 1
    listed = signed_in(a_user(site.organisation, Role.MEMBER_COORDINATOR)).get(figure.link).content.decode()
    assert site.name in listed and listed.count('class="t"') == 1


def test_supply_keeps_its_own_day_when_a_later_report_is_silent_about_it(site):
    then = timezone.now() - timedelta(days=3)
    a_status(site, "REDUCED", then, utilities={"power": 8, "power_backup": 36, "water": 24})
    a_status(site, "OPERATING")
    assert site.current_utilities == {"power": 8, "power_backup": 36, "water": 24} and site.current_utilities_at == then
    page = signed_in(a_user(site.organisation, Role.MEMBER_COORDINATOR)).get(f"/sites/{site.pk}/").content.decode()
    assert "Supply as of" in page and ">36<" in page


@pytest.mark.parametrize("utilities", [{"power": 25}, {"gas": 2}, {"power": True}, {"backup": 3}, {"water_backup": -1}])
def test_supply_is_said_in_hours_of_known_kinds(site, utilities):
    with pytest.raises(ValidationError):
        a_status(site, utilities=utilities)
