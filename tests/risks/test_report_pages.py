"""The pages of reports: ask in one click, watch, stop, write again, fetch; and nobody else gets anything."""

import re

import pytest
from django.utils import timezone

from aimprogress.core.actor import SYSTEM, acting_as
from aimprogress.core.audit import AuditEvent
from aimprogress.core.files import store_file
from aimprogress.jobs import claim
from aimprogress.jobs.models import Job
from members.access import actor_for_user
from risks.models import Report
from risks.report_views import last_day, months
from tests.factories import a_user, an_organisation, the_secretariat
from tests.signing import signed_in

pytestmark = pytest.mark.django_db


@pytest.fixture
def member():
    return an_organisation(short_name="Halden Foods", slug="halden")


@pytest.fixture
def coordinator(member):
    return a_user(member, "MEMBER_COORDINATOR")


def ask(client, **changes):
    page = client.get("/reports/new/").content.decode()
    key = re.search(r'name="key" value="([^"]+)"', page).group(1)
    month = re.search(r'<option value="([^"]+)" selected', page).group(1)
    return client.post("/reports/new/", {"month": month, "language": "en", "key": key, **changes})


def the_report() -> Report:
    with acting_as(SYSTEM):
        return Report.objects.select_related("job").get()


def finish(report: Report) -> None:
    with acting_as(SYSTEM):
        report.pdf = store_file(
            b"%PDF-1.7 sealed",
            name="report.pdf",
            content_type="application/pdf",
            kind="report",
            organisation_id=report.organisation_id,
        )
        report.sha256, report.pages, report.as_of = "ab" * 32, 29, timezone.now()
        report.save()
        claim.finish(claim.claim_next(), report.pdf)


def test_a_report_is_asked_for_with_one_click(coordinator):
    client = signed_in(coordinator)
    answer = ask(client)
    report = the_report()
    assert (answer.status_code, answer.url) == (302, f"/reports/{report.pk}/")
    assert report.period_to == last_day(report.period_from)
    assert str(report).startswith("ADP-UNGP-HALDEN-") and report.job.state == Job.State.QUEUED


def test_two_clicks_on_the_same_form_make_one_report(coordinator):
    client = signed_in(coordinator)
    page = client.get("/reports/new/").content.decode()
    key = re.search(r'name="key" value="([^"]+)"', page).group(1)
    month = re.search(r'<option value="([^"]+)" selected', page).group(1)
    wishes = {"month": month, "language": "uk", "key": key}
    assert client.post("/reports/new/", wishes).url == client.post("/reports/new/", wishes).url
    assert the_report().language == "uk"


def test_a_month_that_is_not_offered_is_refused_beside_its_field(coordinator):
    answer = ask(signed_in(coordinator), month="1999-01-01")
    assert answer.status_code == 422 and "1999-01-01" in answer.content.decode()
    with acting_as(SYSTEM):
        assert not Report.objects.exists()


def test_the_page_of_a_report_being_written_asks_again_with_and_without_script(coordinator):
    client = signed_in(coordinator)
    url = ask(client).url
    page = client.get(url).content.decode()
    assert 'hx-trigger="every 2s"' in page
    assert '<noscript><meta http-equiv="refresh"' in page
    fragment = client.get(url, headers={"HX-Request": "true"})
    assert fragment.content.decode().count("<section") == 1 and "HX-Refresh" not in fragment
    assert fragment["Cache-Control"] == "no-store"
    assert 'data-said="Queued."' in fragment.content.decode() and "role=" not in fragment.content.decode()
    assert page.count('role="status" data-calm') == 1


def test_a_finished_report_refreshes_the_page_that_waits(coordinator):
    client = signed_in(coordinator)
    url = ask(client).url
    finish(the_report())
    assert client.get(url, headers={"HX-Request": "true"})["HX-Refresh"] == "true"
    page = client.get(url).content.decode()
    assert "Download the PDF" in page and "hx-trigger" not in page and "abababab" in page
    assert page.count('data-said="Ready."') == page.count('role="status" data-calm') == 1, "who waited hears that it is there"


def test_a_download_is_for_readers_of_the_member_and_is_logged(coordinator, member):
    client = signed_in(coordinator)
    ask(client)
    report = the_report()
    assert client.get(f"/reports/{report.pk}/file/").status_code == 404
    finish(report)
    for user in (coordinator, a_user(member, "MEMBER_VIEWER")):
        answer = signed_in(user).get(f"/reports/{report.pk}/file/")
        assert b"".join(answer.streaming_content) == b"%PDF-1.7 sealed"
        assert answer["Content-Disposition"].startswith("attachment") and answer["Cache-Control"] == "no-store"
    with acting_as(SYSTEM):
        assert AuditEvent.objects.filter(action="core.download_file").count() == 2


@pytest.mark.parametrize("role", ["MEMBER_COORDINATOR", "MEMBER_VIEWER"])
@pytest.mark.parametrize("page", ["", "file/", "stop/", "retry/"])
def test_another_member_finds_no_report(coordinator, role, page):
    ask(signed_in(coordinator))
    report = the_report()
    finish(report)
    stranger = signed_in(a_user(an_organisation(), role))
    assert stranger.get(f"/reports/{report.pk}/{page}").status_code in (403, 404)
    assert str(report) not in stranger.get("/reports/").content.decode()


def test_the_secretariat_sees_no_report_that_was_not_shared(coordinator):
    ask(signed_in(coordinator))
    report = the_report()
    finish(report)
    analyst = signed_in(a_user(the_secretariat(), "AIM_ANALYST"))
    assert analyst.get(f"/reports/{report.pk}/").status_code == 404
    assert analyst.get(f"/reports/{report.pk}/file/").status_code == 403
    assert str(report) not in analyst.get("/reports/").content.decode()


def test_the_internal_edition_is_for_the_members_own_people(coordinator, member):
    """It holds strict states by country and money to the cent: an auditor, and an analyst in a session, read only about it."""
    ask(signed_in(coordinator))
    report = the_report()
    finish(report)
    analyst = signed_in(a_user(the_secretariat(), "AIM_ANALYST"))
    reason = {"organisation": str(member.pk), "reason": "Preparing the yearly review"}
    assert analyst.post("/staff-sessions/open/", reason).status_code == 302
    for outsider in (analyst, signed_in(a_user(member, "AUDITOR"))):
        page = outsider.get(f"/reports/{report.pk}/").content.decode()
        assert str(report) in page and "internal edition: it is for" in page and "/file/" not in page
        assert "/file/" not in outsider.get("/reports/").content.decode()
        for path in (f"/reports/{report.pk}/file/", f"/api/v1/reports/{report.pk}/file/"):
            assert outsider.get(path).status_code == 403, path
        assert outsider.get(f"/jobs/{report.job_id}/file/").status_code == 404


@pytest.mark.parametrize("role", ["MEMBER_VIEWER", "SITE_REPORTER"])
def test_only_a_coordinator_asks_for_reports(member, role):
    client = signed_in(a_user(member, role))
    assert client.get("/reports/new/").status_code == 403
    assert "/reports/new/" not in (client.get("/reports/").content.decode() if role == "MEMBER_VIEWER" else "")


def test_a_report_is_stopped_and_written_again_under_its_number(coordinator):
    client = signed_in(coordinator)
    url = ask(client).url
    number = str(the_report())
    assert client.post(f"{url}stop/").status_code == 302
    first = the_report().job
    assert first.state == Job.State.CANCELLED
    assert "Write it again" in client.get(url).content.decode()
    assert client.post(f"{url}retry/").status_code == 302
    again = the_report()
    assert (str(again), again.job.retry_of_id, again.job.state) == (number, first.pk, Job.State.QUEUED)


def test_a_finished_report_is_not_written_again(coordinator):
    client = signed_in(coordinator)
    url = ask(client).url
    finish(the_report())
    assert client.post(f"{url}retry/").status_code == 422


def test_the_words_of_missing_libraries_reach_the_requester(coordinator):
    client = signed_in(coordinator)
    url = ask(client).url
    from risks.reports.render import MISSING

    with acting_as(SYSTEM):
        Job.unscoped.filter(pk=the_report().job_id).update(state="waiting", error=MISSING)
    assert "apt-get install -y libpango-1.0-0 libpangoft2-1.0-0 libharfbuzz-subset0" in client.get(url).content.decode()


def test_a_viewer_may_not_stop_the_report_of_a_coordinator(coordinator, member):
    url = ask(signed_in(coordinator)).url
    viewer = signed_in(a_user(member, "MEMBER_VIEWER"))
    assert "Stop" not in viewer.get(url).content.decode().split("<main")[1].split("</main>")[0]
    assert viewer.post(f"{url}stop/").status_code == 403


def test_rows_of_reports_stand_behind_row_security(coordinator):
    ask(signed_in(coordinator))
    stranger = an_organisation()
    with acting_as(actor_for_user(a_user(stranger, "MEMBER_COORDINATOR"), stranger.pk)):
        assert not Report.unscoped.exists()


def test_the_month_that_ended_last_is_offered_first():
    from datetime import date

    offered = [value for value, _label in months(date(2026, 3, 31))]
    assert offered[:3] == ["2026-02-01", "2026-03-01", "2026-01-01"] and len(offered) == 13
    assert last_day(date(2024, 2, 1)) == date(2024, 2, 29)
