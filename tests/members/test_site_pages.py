"""Pages of a site, seen by those who may and those who may not."""

import gzip
import re
from datetime import date, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from aimprogress.core.actor import SYSTEM, acting_as
from aimprogress.core.ids import uuid7
from aimprogress.places.models import AreaConflictStatus
from members.models import HeadCount, Site
from tests.factories import a_head_count, a_site, a_status, a_user, an_area, an_organisation, the_secretariat
from tests.signing import signed_in

pytestmark = pytest.mark.django_db


@pytest.fixture
def site():
    site = a_site(an_organisation(short_name="Halden Foods"), name="Kharkiv snacks plant", code="KHA-01", address="Main street 1")
    a_status(site, "REDUCED", note="Power from six to two")
    a_head_count(site, 420, safe_idp=58, safe_abroad=31, serving=24, injured=3, missing=1, unaccounted=14, killed=2)
    return site


@pytest.fixture
def coordinator(site):
    return signed_in(a_user(site.organisation, "MEMBER_COORDINATOR"))


def test_the_coordinator_reads_names_and_all_nine_states(site, coordinator):
    page = coordinator.get(f"/sites/{site.pk}/").content.decode()
    assert "Kharkiv snacks plant" in page and "Power from six to two" in page
    assert "Killed" in page and "96.4" in page
    listed = coordinator.get("/sites/").content.decode()
    assert "KHA-01" in listed


def test_the_status_of_a_raion_is_not_told_where_the_reader_may_know_the_region_only(site):
    """One raion of an oblast may be listed: who reads "temporarily occupied" then knows the raion."""
    raion = an_area("UA46060000000000001", name="Lvivskyi", level=2, parent=site.admin1)
    AreaConflictStatus.objects.create(
        id=uuid7(),
        area=raion,
        table="temporarily_occupied",
        status="OCCUPIED",
        valid_from=date(2022, 3, 1),
        act="An act",
        act_date=date(2026, 11, 1),
    )
    with acting_as(SYSTEM):
        Site.objects.filter(pk=site.pk).update(area=raion, safety_profile=True)
    analyst, coordinator = signed_in(a_user(the_secretariat(), "AIM_ANALYST")), a_user(site.organisation, "MEMBER_COORDINATOR")
    listed = "as temporarily occupied since"
    assert listed in signed_in(coordinator).get(f"/sites/{site.pk}/").content.decode()
    assert listed not in analyst.get(f"/sites/{site.pk}/").content.decode()


def test_the_analyst_reads_a_reduced_name_and_no_strict_state(site):
    analyst = signed_in(a_user(the_secretariat(), "AIM_ANALYST"))
    for path in (f"/sites/{site.pk}/", "/sites/", "/search/?q=Lviv"):
        page = analyst.get(path).content.decode()
        assert "Halden Foods, Lviv oblast, site" in page, path
        for secret in ("Kharkiv snacks", "KHA-01", "Main street", "Power from six", "Killed"):
            assert secret not in page, (path, secret)


def test_the_analyst_cannot_search_by_a_name_that_is_not_shown(site):
    analyst = signed_in(a_user(the_secretariat(), "AIM_ANALYST"))
    assert f"/sites/{site.pk}/" not in analyst.get("/sites/?q=snacks").content.decode()
    assert f"/sites/{site.pk}/" in analyst.get("/sites/?q=Halden").content.decode()


def test_another_member_finds_nothing(site):
    other = signed_in(a_user(an_organisation(), "MEMBER_COORDINATOR"))
    assert other.get(f"/sites/{site.pk}/").status_code == 404
    assert other.post(f"/sites/{site.pk}/status/", {"operational": "CLOSED"}).status_code == 404
    assert "Kharkiv" not in other.get("/sites/").content.decode()


def test_a_viewer_reads_the_site_but_no_strict_state_and_no_form(site):
    viewer = signed_in(a_user(site.organisation, "MEMBER_VIEWER"))
    page = viewer.get(f"/sites/{site.pk}/").content.decode()
    assert "Kharkiv snacks plant" in page and "Killed" not in page and "Update status" not in page
    assert viewer.get(f"/sites/{site.pk}/status/").status_code == 403


def test_an_unbalanced_head_count_says_how_many_have_no_state_and_keeps_the_draft(site, coordinator):
    answers = {
        "expected": 420, "safe_local": 287, "safe_idp": 58, "safe_abroad": 29, "serving": 24, "injured": 3, "missing": 1,
        "unaccounted": 14, "killed": 2, "source_type": "DIRECT", "confidence": "A",
    }  # fmt: skip
    response = coordinator.post(f"/sites/{site.pk}/head-count/", answers)
    assert response.status_code == 422
    page = response.content.decode()
    assert "2 people have no state" in page and 'value="29"' in page
    with acting_as(SYSTEM):
        assert HeadCount.objects.filter(site=site).count() == 1


def test_a_status_logged_at_the_desk_can_be_taken_back(site, coordinator):
    answers = {
        "operational": "ESSENTIAL_ONLY",
        "reason": "POWER",
        "control": "MEMBER",
        "damage": "9",
        "source_type": "DIRECT",
        "confidence": "A",
    }
    response = coordinator.post(f"/sites/{site.pk}/status/", answers, follow=True)
    assert "The status was logged." in response.content.decode()
    with acting_as(SYSTEM):
        newest = site.statuses.order_by("-recorded_at").first()
        assert newest.operational == "ESSENTIAL_ONLY"
    coordinator.post(f"/statuses/{newest.pk}/take-back/")
    with acting_as(SYSTEM):
        assert Site.objects.get(pk=site.pk).current_operational == "REDUCED"


def test_a_suspended_site_needs_a_reason_at_the_desk(site):
    """Of who reports what is so; who decides it is led on (tests/humanitarian/test_stopping.py)."""
    answers = {"operational": "SUSPENDED", "control": "MEMBER", "damage": "9", "source_type": "DIRECT", "confidence": "A"}
    reporter = signed_in(a_user(site.organisation, "SITE_REPORTER", sites=[site]))
    assert "needs a reason" in reporter.post(f"/sites/{site.pk}/status/", answers).content.decode()


def test_a_site_is_added_with_a_place_of_the_list(site, coordinator):
    an_area("UA63", name="Kharkiv")
    answers = {
        "code": "KHA-02",
        "name": "Depot",
        "kind": "DEPOT",
        "country": "UA",
        "admin1": "UA63",
        "baseline": "12",
        "union_present": "unknown",
    }
    response = coordinator.post("/sites/add/", answers)
    assert response.status_code == 302, response.content.decode()
    again = coordinator.post("/sites/add/", answers)
    assert again.status_code == 422 and "already exists" in again.content.decode()


def test_a_stale_site_shows_as_out_of_contact_and_is_in_that_list(site, coordinator):
    silent = a_site(site.organisation, name="Quiet depot")
    a_status(silent, "OPERATING", timezone.now() - timedelta(days=70))
    assert "Quiet depot" in coordinator.get("/sites/?group=lost").content.decode()
    assert "Quiet depot" not in coordinator.get("/sites/?group=ok").content.decode()


@pytest.mark.parametrize(
    "query", ["q=%00", "country=XX", "after=abc", "organisation=zzz", "ordering=nonsense", "alert_level=9", "freshness=zz"]
)
def test_nonsense_in_the_address_is_never_a_server_error(site, coordinator, query):
    assert coordinator.get(f"/sites/?{query}").status_code in {200, 400}


def test_pages_about_sites_are_never_stored(site, coordinator):
    for path in ("/sites/", f"/sites/{site.pk}/"):
        response = coordinator.get(path)
        assert response["Cache-Control"] == "no-store"
        assert "Kharkiv" not in response.content.decode().split("</title>")[0]


def test_the_number_of_queries_does_not_grow_with_the_number_of_sites(site, coordinator):
    def asked(path):
        with CaptureQueriesContext(connection) as queries:
            assert coordinator.get(path).status_code == 200
        return len(queries)

    coordinator.get("/sites/")  # the first request of a session writes when it was seen
    one = asked("/sites/"), asked(f"/sites/{site.pk}/")
    for _ in range(15):
        a_status(a_site(site.organisation))
        a_status(site)
    assert asked("/sites/") == one[0]
    assert asked(f"/sites/{site.pk}/") <= one[1]  # one less: of a site that operates nobody asks whether people have left it
    assert one[0] <= 25 and one[1] <= 48


def test_a_check_in_session_lasts_but_not_once_it_can_do_more(site):
    client = signed_in(a_user(site.organisation, "SITE_REPORTER", sites=[site]), second_factor=False)
    client.get(f"/c/{site.checkin_code}/")
    _sleep(client, hours=3)
    assert client.get(f"/c/{site.checkin_code}/").status_code == 200
    session = client.session
    session["account_authentication_methods"] = [{"method": "mfa"}]
    session.save()
    _sleep(client, hours=3)
    assert client.get(f"/c/{site.checkin_code}/").status_code == 302


def test_the_phone_asks_four_times_and_loads_twenty_kilobytes_at_most(site):
    client = signed_in(a_user(site.organisation, "SITE_REPORTER", sites=[site]), second_factor=False)
    page = client.get(f"/c/{site.checkin_code}/").content
    files = set(re.findall(r'(?:href|src)="(/[^"]+\.(?:css|js))"', page.decode())) | {"/c/sw.js"}
    assert files == {"/c/style.css", "/c/app.js", "/c/sw.js"}
    bodies = [page, *(client.get(path).content for path in files)]
    assert len(bodies) <= 4
    assert sum(len(gzip.compress(body, 6)) for body in bodies) <= 20_000


def test_the_files_of_the_phone_travel_compressed_and_only_once(site):
    client = signed_in(a_user(site.organisation, "SITE_REPORTER", sites=[site]), second_factor=False)
    for path in ("/c/style.css", "/c/app.js", "/c/sw.js", "/c/", f"/c/{site.checkin_code}/"):
        answer = client.get(path, headers={"Accept-Encoding": "gzip"})
        assert answer["Content-Encoding"] == "gzip", path
        if "." in path:
            assert client.get(path, headers={"If-None-Match": answer["ETag"]}).status_code == 304, path


def _sleep(client, hours):
    session = client.session
    session["seen_at"] = timezone.now().timestamp() - hours * 3600
    session.save()
