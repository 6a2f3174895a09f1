"""Checklists that are due of themselves: at which sites, when in the year, who is told, and what page, file and figures say."""

from datetime import date, timedelta

import pytest
from django.core import mail
from django.utils import timezone

from aimprogress.core.actor import SYSTEM, acting_as
from aimprogress.figures.registry import FigureScope, measure
from aimprogress.instruments.definition import Asked
from aimprogress.instruments.engine import AnswerValue, load
from aimprogress.instruments.models import Assessment
from humanitarian.asked import asked_instruments, asked_sites, is_due, rows_for_a_file
from humanitarian.notifications import ask_for_checks
from humanitarian.services.checks import answer_check, begin_check
from members.models import Notification
from tests.factories import a_coordinator, a_site, a_status, a_user, an_area, an_organisation, the_secretariat
from tests.signing import signed_in

pytestmark = pytest.mark.django_db
WINTER = load("winterisation")


@pytest.fixture
def member():
    return an_organisation()


@pytest.fixture
def in_season(monkeypatch):
    """The season began ten days ago, whatever the calendar says."""
    monkeypatch.setattr(Asked, "since", lambda _self, on: on - timedelta(days=10))


def answered(site, days_ago=0, **answers):
    given = {str(n): AnswerValue("MET") for n in range(1, 11)}
    given |= {key.strip("_"): AnswerValue(value) for key, value in answers.items()}
    with acting_as(a_coordinator(site.organisation)):
        check = answer_check(check=begin_check(site=site, instrument="winterisation"), answers=given)
    if days_ago:
        at = timezone.now() - timedelta(days=days_ago)
        with acting_as(SYSTEM):
            Assessment.objects.filter(pk=check.pk).update(started_at=at, answered_at=at, completed_at=at)
    return check


@pytest.mark.parametrize(
    ("on", "since"),
    [
        (date(2026, 9, 14), None), (date(2026, 9, 15), date(2026, 9, 15)), (date(2026, 12, 31), date(2026, 9, 15)),
        (date(2027, 1, 2), None), (date(2027, 2, 1), date(2027, 1, 5)), (date(2027, 7, 1), None),
    ],
)  # fmt: skip
def test_the_winter_check_is_asked_before_the_cold_and_again_in_january(on, since):
    assert WINTER.asked.since(on) == since
    assert [one.name for one in asked_instruments()] == ["winterisation"]


def test_open_sites_in_ukraine_are_asked_where_people_still_are(member):
    here, gone, closed, _abroad = (
        a_site(member),
        a_site(member),
        a_site(member),
        a_site(member, admin1=an_area("PL-14", "PL", "Mazowieckie")),
    )
    a_status(gone, "EVACUATED")
    a_status(closed, "CLOSED", reason="POLICY")
    with acting_as(a_coordinator(member)):
        assert list(asked_sites(WINTER)) == [here]


def test_what_is_taken_over_is_no_answer_until_somebody_stored_it(member, in_season):
    site, today = a_site(member), timezone.localdate()
    answered(site, days_ago=30)
    with acting_as(a_coordinator(member)):
        due = asked_sites(WINTER).filter(is_due(WINTER, today))
        assert due.exists()
        check = begin_check(site=site, instrument="winterisation")
        assert check.outcome.met == 10 and check.answered_at is None and due.exists()
        answer_check(check=check, answers={"1": AnswerValue("MET")})
        assert not due.exists()


def test_half_an_answer_leaves_the_checklist_due(member, in_season):
    site = a_site(member)
    with acting_as(a_coordinator(member)):
        answer_check(check=begin_check(site=site, instrument="winterisation"), answers={"1": AnswerValue("MET")})
        assert measure("checks.due", FigureScope()).value == 1


def test_figures_count_the_asked_sites_and_lead_to_the_list(member, in_season):
    sites = [a_site(member, name=f"Mill {n}") for n in range(4)]
    answered(sites[0], _2="NOT_MET")
    answered(sites[1], days_ago=40)
    answered(sites[2], days_ago=200)
    client = signed_in(a_user(member, "MEMBER_VIEWER"))
    with acting_as(a_coordinator(member)):
        due, current = measure("checks.due", FigureScope()), measure("checks.current_rate", FigureScope())
    assert (due.value, due.denominator) == (3, 4) and (current.numerator, current.denominator, current.text) == (2, 4, "50.0 %")
    listed = client.get(due.link).content.decode().split('id="list"')[1]
    assert "Mill 0" not in listed and all(f"Mill {n}" in listed for n in (1, 2, 3))
    listed = client.get(current.link).content.decode().split('id="list"')[1]
    assert "9 of 10" in listed and "Mill 2" not in listed and "Mill 3" not in listed
    with acting_as(a_coordinator(an_organisation())):
        assert measure("checks.due", FigureScope()).denominator == 0


def test_outside_the_seasons_nothing_is_due(member, monkeypatch):
    monkeypatch.setattr(Asked, "since", lambda _self, _on: None)
    a_site(member)
    with acting_as(a_coordinator(member)):
        assert measure("checks.due", FigureScope()).value == 0
    client = signed_in(a_user(member, "MEMBER_VIEWER"))
    assert "due now" not in client.get("/checks/").content.decode()
    assert client.get("/checks/?state=due").context["rows"] == []


def test_the_analyst_reads_no_name_of_a_site(member):
    answered(a_site(member, name="Nikopol mill"))
    page = signed_in(a_user(the_secretariat(), "AIM_ANALYST")).get("/checks/").content.decode()
    assert "10 of 10" in page and "Nikopol" not in page


def test_the_file_holds_what_the_list_shows(member, in_season):
    answered(a_site(member, name="Mill A"), _2="NOT_MET", _5="PARTLY")
    a_site(member, name="Mill B")
    with acting_as(a_coordinator(member)):
        rows = {row["name"]: row for row in rows_for_a_file({})}
        due = [row["name"] for row in rows_for_a_file({"state": "due"})]
    assert (rows["Mill A"]["met"], rows["Mill A"]["missing"], rows["Mill B"]["met"]) == (8, "2, 5", None)
    assert due == ["Mill B"]


def test_the_api_answers_what_the_list_shows_by_the_same_filters_and_at_the_same_precision(member, in_season):
    check = answered(a_site(member, name="Mill A"), _2="NOT_MET", _5="PARTLY")
    a_site(member, name="Mill B")
    evacuated = a_site(member, name="Mill C")
    a_status(evacuated, "EVACUATED")
    viewer, analyst = signed_in(a_user(member, "MEMBER_VIEWER")), signed_in(a_user(the_secretariat(), "AIM_ANALYST"))
    path = "/api/v1/due-checklists/"

    def rows(client, query=""):
        page, api = client.get(f"/checks/{query}"), client.get(f"{path}{query}").json()["results"]
        assert sorted(row["name"] for row in page.context["rows"]) == sorted(row["name"] for row in api)
        return {row["name"]: row for row in api}

    mill = rows(viewer)["Mill A"]
    assert (mill["met"], mill["total"], mill["missing"]) == (8, 10, ["2", "5"])
    assert (mill["checklist"], mill["assessment_id"], mill["in_date"], mill["due"]) == (
        "winterisation",
        str(check.pk),
        True,
        False,
    )
    assert rows(viewer, "?state=due").keys() == {"Mill B"} and rows(viewer, "?state=current").keys() == {"Mill A"}
    assert rows(viewer, "?country=PL") == {}
    seen = rows(analyst)
    assert len(seen) == 2 and "Mill" not in str(seen) and {row["code"] for row in seen.values()} == {None}
    assert viewer.get(f"{path}{check.site_id}/").json()["met"] == 8
    assert viewer.get(f"{path}{evacuated.pk}/").status_code == 404, "nobody is asked where people have left"
    assert signed_in(a_user(an_organisation(), "MEMBER_VIEWER")).get(path).json()["results"] == []
    assert viewer.post(path, {}, content_type="application/json").status_code == 405
    assert viewer.get(f"{path}?as_of=2026-11-22").status_code == 400


def test_coordinators_are_told_once_in_a_season_and_once_more_a_month_later(member, monkeypatch):
    coordinator, other = a_user(member, "MEMBER_COORDINATOR"), a_user(an_organisation(), "MEMBER_COORDINATOR")
    a_site(member)

    def told():
        with acting_as(SYSTEM):
            ask_for_checks()
            return Notification.objects.filter(user=coordinator, kind="check.due").count()

    monkeypatch.setattr(Asked, "since", lambda _self, on: date(on.year, 1, 1))
    monkeypatch.setattr("humanitarian.notifications.timezone.localdate", lambda: date(2026, 1, 20))
    assert [told(), told()] == [1, 1]
    monkeypatch.setattr("humanitarian.notifications.timezone.localdate", lambda: date(2026, 2, 3))
    assert [told(), told()] == [2, 2]
    with acting_as(SYSTEM):
        assert not Notification.objects.filter(user=other).exists()
    assert all("winter" not in sent.body.lower() for sent in mail.outbox)
