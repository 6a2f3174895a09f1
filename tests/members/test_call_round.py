"""The morning call round: worst first, a line a site, in one press or row by row, and on with it later the same day."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from aimprogress.core.actor import SYSTEM, acting_as
from aimprogress.core.audit import AuditEvent
from aimprogress.core.permissions import Role
from members.models import CallContact, Site, SiteCall, SiteStatus
from tests.factories import a_site, a_status, a_user, an_organisation
from tests.signing import signed_in

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)
ROUND = "/calls/round/"


@pytest.fixture
def member():
    return an_organisation()


@pytest.fixture
def sites(member):
    """Fine, silent, late and standing still, in no order."""
    named = {}
    for name, code, days in (
        ("Fine", "OPERATING", 0),
        ("Silent", "REDUCED", 70),
        ("Late", "OPERATING", 40),
        ("Still", "SUSPENDED", 0),
    ):
        named[name] = a_site(member, name=f"{name} mill")
        a_status(named[name], code, timezone.now() - days * DAY)
    return named


@pytest.fixture
def client(member):
    return signed_in(a_user(member, Role.MEMBER_COORDINATOR))


def line(site, heard="AS_BEFORE", told_by="Shift lead", **fields):
    said = {"heard": heard, "told_by": told_by, **fields}
    return {f"{site.pk}-{name}": value for name, value in said.items()}


def status_of(site):
    with acting_as(SYSTEM):
        return Site.objects.get(pk=site.pk)


def test_the_silent_and_the_worst_stand_first_and_nothing_is_chosen_beforehand(sites, client):
    page = client.get(ROUND).content.decode()
    places = [page.index(f"{name} mill</a>") for name in ("Silent", "Late", "Still", "Fine")]
    assert places == sorted(places)
    assert "0 of 4 called" in page and "tel:" not in page
    assert " selected" not in page.split('id="list"')[1].replace('value="" selected', "")


def test_a_late_report_in_danger_stands_before_a_longer_silence_in_calm(member, sites, client):
    grave = a_site(member, name="Grave mill")
    a_status(grave, observed_at=timezone.now() - timedelta(hours=7))
    with acting_as(SYSTEM):
        Site.objects.filter(pk=grave.pk).update(alert_level=4)
    page = client.get(ROUND).content.decode()
    assert page.index("Grave mill</a>") < page.index("Silent mill</a>")


def test_all_lines_are_noted_with_one_press_as_second_hand(sites, client):
    said = line(sites["Silent"]) | line(sites["Late"], "REDUCED") | line(sites["Fine"], "NOT_REACHED", "")
    page = client.post(ROUND, said, follow=True).content.decode()
    assert "3 calls were noted." in page and "3 of 4 called" in page and "1 did not answer" in page
    assert status_of(sites["Silent"]).current_status_at > timezone.now() - DAY
    assert status_of(sites["Late"]).current_operational == "REDUCED"
    with acting_as(SYSTEM):
        made = SiteStatus.objects.exclude(bulk=None)
        assert {(one.confidence, one.told_by) for one in made} == {("B", "Shift lead")} and made.count() == 2
    left = client.get(f"{ROUND}?show=left").content.decode()
    assert "Still mill" in left and "Fine mill" in left and "Silent mill" not in left


def test_a_line_that_is_wrong_keeps_what_was_typed_and_stops_no_other(sites, client):
    said = line(sites["Silent"]) | line(sites["Late"], "REDUCED", "") | line(sites["Fine"], "SUSPENDED", "Gate")
    answer = client.post(ROUND, said)
    page = answer.content.decode()
    assert answer.status_code == 422 and "1 of 4 called" in page
    assert "Say who told it" in page and "A suspended site needs a reason." in page
    assert 'value="Gate"' in page and '<option value="SUSPENDED" selected>' in page
    assert status_of(sites["Fine"]).current_operational == "OPERATING"
    assert client.post(ROUND, line(sites["Fine"], "SUSPENDED", "Gate", reason="POWER")).status_code == 302
    assert status_of(sites["Fine"]).current_reason == "POWER"


def test_row_by_row_only_the_pressed_line_is_noted_and_comes_back_with_the_progress(sites, client):
    said = line(sites["Silent"]) | line(sites["Late"]) | {"only": str(sites["Silent"].pk)}
    answer = client.post(ROUND, said, headers={"HX-Request": "true"})
    page = answer.content.decode()
    assert page.strip().startswith(f'<tr role="row" id="call-{sites["Silent"].pk}"') and page.count("<tr") == 1
    assert "1 of 4 called" in page and "hx-swap-oob" in page and "autofocus" in page
    wrong = client.post(ROUND, line(sites["Late"], told_by="") | {"only": str(sites["Late"].pk)}, headers={"HX-Request": "true"})
    assert wrong.status_code == 422 and "Say who told it" in wrong.content.decode()
    assert client.post(ROUND, {"only": "x"}, headers={"HX-Request": "true"}).status_code == 200
    with acting_as(SYSTEM):
        assert SiteCall.objects.count() == 1


def test_a_call_is_taken_back_from_the_round_and_yesterdays_calls_do_not_count(sites, client):
    client.post(ROUND, line(sites["Silent"]))
    with acting_as(SYSTEM):
        call = SiteCall.objects.get()
    assert f"/sites/calls/{call.pk}/take-back/" in client.get(ROUND).content.decode()
    answer = client.post(f"/sites/calls/{call.pk}/take-back/", {"next": ROUND})
    assert answer.status_code == 302 and answer["Location"] == ROUND
    assert "0 of 4 called" in client.get(ROUND).content.decode()
    assert status_of(sites["Silent"]).current_status_at < timezone.now() - 60 * DAY
    client.post(ROUND, line(sites["Late"], "NOT_REACHED", ""))
    with acting_as(SYSTEM):
        SiteCall.objects.update(called_at=timezone.now() - DAY)
    assert "0 of 4 called" in client.get(ROUND).content.decode()
    outside = client.post(f"/sites/calls/{call.pk}/take-back/", {"next": "https://example.org/"})
    assert outside.status_code == 409


def test_numbers_are_shown_when_asked_for_and_the_look_is_logged_once(member, sites, client):
    with acting_as(SYSTEM):
        CallContact(organisation=member, role="Duty manager", number="+380441234567").save(force_insert=True)
    assert "tel:+380441234567" in client.get(f"{ROUND}?numbers=1").content.decode()
    with acting_as(SYSTEM):
        assert AuditEvent.objects.filter(action="members.read_call_list").count() == 1


def test_nobody_is_called_inside_a_site_with_the_safety_profile(sites, client):
    with acting_as(SYSTEM):
        Site.objects.filter(pk=sites["Late"].pk).update(safety_profile=True)
    page = client.get(ROUND).content.decode()
    assert "ask your source abroad" in page and f"{sites['Late'].pk}-heard" not in page
    client.post(ROUND, line(sites["Late"]))
    with acting_as(SYSTEM):
        assert not SiteCall.objects.exists()


def test_the_round_is_the_own_coordinators(sites, member):
    stranger = signed_in(a_user(an_organisation(), Role.MEMBER_COORDINATOR))
    assert "Silent" not in stranger.get(ROUND).content.decode()
    stranger.post(ROUND, line(sites["Silent"]))
    viewer = signed_in(a_user(member, Role.MEMBER_VIEWER))
    assert viewer.get(ROUND).status_code == viewer.post(ROUND, line(sites["Silent"])).status_code == 403
    with acting_as(SYSTEM):
        assert not SiteCall.objects.exists()


def test_the_round_costs_the_same_with_more_sites(member, sites, client):
    client.get(f"{ROUND}?numbers=1")

    def asked():
        with CaptureQueriesContext(connection) as queries:
            assert client.get(f"{ROUND}?numbers=1").status_code == 200
        return len(queries)

    before = asked()
    for _ in range(5):
        a_status(a_site(member))
    assert asked() == before
