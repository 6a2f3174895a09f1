"""Pay of workers: what adds up, what is corrected, who reads which part of it, and the rates of domain.md 10.2, scenario 9."""

import re
from datetime import UTC, date, datetime, timedelta

import pytest
from django.core import mail
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import connection
from django.db.utils import ProgrammingError
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from aimprogress.core.actor import SYSTEM, acting_as
from aimprogress.figures.registry import Bound, FigureScope, measure
from humanitarian.figures.pay import due_month
from humanitarian.models import STRICT_POLICIES, SupportMeasure, WageSupportReport
from humanitarian.notifications import ask_for_pay
from humanitarian.services.pay import add_measure, change_measure, correct_pay, report_pay
from tests.factories import (
    a_coordinator,
    a_head_count,
    a_reporter,
    a_site,
    a_status,
    a_user,
    a_viewer,
    an_analyst,
    an_organisation,
    the_secretariat,
)
from tests.said import without_chance
from tests.signing import signed_in

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 11, 22, 9, tzinfo=UTC)
OCTOBER = date(2026, 10, 1)


@pytest.fixture
def site():
    return a_site(name="Sumy oils")


def paid(site, entitled=654, full=588, partial=52, none=14, **fields):
    given = {"month": OCTOBER, "group": "OWN", "policy": "FULL"} | fields
    with acting_as(a_coordinator(site.organisation)):
        return report_pay(site=site, entitled=entitled, paid_full=full, paid_partial=partial, paid_none=none, **given)


def rates(actor, **scope):
    with acting_as(actor):
        asked = FigureScope(as_of=scope.pop("as_of", timezone.now()), **scope)
        return measure("people.paid_full_rate", asked), measure("people.paid_rate", asked)


@pytest.fixture
def in_november(monkeypatch):
    """The last month due is October 2026, whatever the clock says."""
    monkeypatch.setattr("humanitarian.figures.pay.due_month", lambda on: OCTOBER)


# Scenario 9


def test_wage_continuity_of_the_worked_scenario(site, in_november):
    paid(site)
    full, anything = rates(a_coordinator(site.organisation))
    assert (full.text, full.numerator, full.denominator) == ("89.9 %", 588, 654)
    assert (anything.text, anything.numerator) == ("97.9 %", 640)


def test_rates_are_sum_over_sum_and_never_the_mean_of_rates(site, in_november):
    paid(site, 100, 100, 0, 0)
    paid(a_site(site.organisation), 900, 450, 450, 0)
    full, _anything = rates(a_coordinator(site.organisation))
    assert full.text == "55.0 %", "the mean of 100 and 50 is 75"


def test_agency_workers_are_a_figure_of_their_own(site, in_november):
    paid(site, 100, 100, 0, 0)
    paid(site, 50, 20, 0, 30, group="AGENCY")
    with acting_as(a_coordinator(site.organisation)):
        assert measure("people.paid_full_rate.AGENCY", FigureScope()).text == "40.0 %"
        assert measure("people.paid_full_rate.OWN", FigureScope()).text == "100.0 %"
        assert measure("people.paid_full_rate.CONTRACTOR", FigureScope()).text == "-"
        assert measure("people.paid_full_rate", FigureScope()).text == "80.0 %"


def test_what_nobody_reported_is_not_reported_and_coverage_says_how_far_it_reaches(site, in_november):
    a_site(site.organisation, baseline=300)
    full, _anything = rates(a_coordinator(site.organisation))
    assert full.value is None
    paid(site, 100, 100, 0, 0)
    full, _anything = rates(a_coordinator(site.organisation))
    assert (full.coverage.sites, full.coverage.of_sites) == (1, 2)
    assert (full.coverage.workers, full.coverage.of_workers) == (100, 400)


@pytest.mark.parametrize(
    ("on", "month"),
    [
        (date(2026, 11, 22), OCTOBER),
        (date(2026, 11, 11), OCTOBER),
        (date(2026, 11, 10), date(2026, 9, 1)),
        (date(2026, 1, 11), date(2025, 12, 1)),
        (date(2026, 1, 10), date(2025, 11, 1)),
    ],
)
def test_the_month_that_counts_is_the_last_whose_report_is_due(on, month):
    assert due_month(on) == month


def test_late_wages_are_counted_by_site_and_not_told_outside(site, in_november):
    paid(site, 100, 90, 0, 10, arrears_days=35)
    paid(site, 30, 20, 0, 10, arrears_days=12, group="AGENCY")
    paid(a_site(site.organisation), 100, 100, 0, 0)
    with acting_as(a_coordinator(site.organisation)):
        assert measure("pay.late_sites", FigureScope()).value == 1
    with acting_as(an_analyst()):
        assert measure("pay.late_sites", FigureScope()).value is None


# What adds up


@pytest.mark.parametrize(
    ("fields", "at_fault"),
    [
        ({"none": 13}, "entitled"),
        ({"month": date(2999, 1, 1)}, "month"),
        ({"policy": "PARTIAL"}, "percent"),
        ({"policy": "DOWNTIME", "percent": 66}, "percent"),
        ({"policy": "ADVANCE"}, "advance_months"),
        ({"policy": "NONE"}, "policy"),
        ({"policy": "PARTIAL", "percent": 50}, "paid_full"),
        ({"policy": "DOWNTIME", "percent": 67}, "paid_full"),
        ({"policy": "SUSPENDED"}, "paid_full"),
        ({"policy": "MOBILISED_PARTIAL"}, "paid_full"),
        ({"currency": "uah"}, "currency"),
        ({"total": "12345.67"}, "total"),
    ],
)
def test_what_does_not_add_up_is_refused_beside_its_field(site, fields, at_fault):
    with pytest.raises(ValidationError) as refused:
        paid(site, **fields)
    assert list(refused.value.message_dict) == [at_fault]


def test_any_day_of_a_month_means_the_month_and_a_group_is_reported_once(site):
    report = paid(site, month=date(2026, 10, 17))
    assert report.month == OCTOBER
    with pytest.raises(ValidationError, match="reported already"):
        paid(site, month=date(2026, 10, 3))
    paid(site, 10, 0, 10, 0, policy="SUSPENDED")


def test_at_a_safety_profile_site_nobody_counts_who_serves_or_died(site):
    with acting_as(SYSTEM):
        type(site).objects.filter(pk=site.pk).update(safety_profile=True)
        site.refresh_from_db()
    for policy in STRICT_POLICIES:
        with pytest.raises(ValidationError) as refused:
            paid(site, 3, 3, 0, 0, policy=policy)
        assert list(refused.value.message_dict) == ["policy"]
    paid(site)


def test_a_part_of_the_wage_is_never_called_full(site, in_november):
    """300 of 300 on idle pay of 67 % got all that was agreed, and nobody the wage."""
    paid(site, 300, 0, 300, 0, policy="DOWNTIME", percent=67)
    full, anything = rates(a_coordinator(site.organisation))
    assert (full.text, anything.text) == ("0.0 %", "100.0 %")
    paid(site, 100, 100, 0, 0, group="AGENCY", policy="ADVANCE", advance_months=2)
    assert rates(a_coordinator(site.organisation))[0].text == "25.0 %"


def test_a_report_of_before_that_rule_is_read_by_it_everywhere(site, in_november):
    """Such rows stay as they were reported; no figure, list or file calls a part of the wage full any more."""
    with acting_as(SYSTEM):
        old = WageSupportReport(
            organisation_id=site.organisation_id, site=site, month=OCTOBER, group="OWN", policy="PARTIAL", percent=50,
            entitled=300, paid_full=300, observed_at=timezone.now(),
        )  # fmt: skip
        WageSupportReport.objects.bulk_create([old])
    full, anything = rates(a_coordinator(site.organisation))
    assert (full.text, anything.text) == ("0.0 %", "100.0 %")
    client = signed_in(a_user(site.organisation, "MEMBER_COORDINATOR"))
    (row,) = client.get("/api/v1/wage-support-reports/?state=unpaid").json()["results"]
    assert [row[name] for name in ("paid_full", "paid_partial", "full_rate", "any_rate")] == [0, 300, 0.0, 100.0]
    assert "300 of 300" not in client.get(f"/humanitarian/pay/{old.pk}/").content.decode()
    said = form(site, percent=50, entitled=300, paid_full=300, paid_partial=0, paid_none=0, reason="x")
    wrong = client.post(f"/humanitarian/pay/{old.pk}/correct/", said)
    assert wrong.status_code == 422 and "This rule pays less than the wage." in wrong.content.decode()


# Corrections


def test_a_correction_takes_the_place_of_a_report_and_both_stay(site, in_november):
    wrong = paid(site, total="<100k")
    before = timezone.now()
    with acting_as(a_coordinator(site.organisation)):
        right = correct_pay(
            report=wrong, reason="Agency workers were counted twice", entitled=600, paid_full=540, paid_partial=50, paid_none=10
        )
        assert (right.month, right.group, right.policy, right.total) == (OCTOBER, "OWN", "FULL", "<100k")
        assert list(WageSupportReport.objects.standing()) == [right]
        assert list(WageSupportReport.objects.standing(before)) == [wrong]
        assert WageSupportReport.objects.count() == 2
    assert rates(a_coordinator(site.organisation))[0].denominator == 600
    assert rates(a_coordinator(site.organisation), as_of=before)[0].denominator == 654


def test_a_report_is_corrected_once_and_with_a_reason(site):
    wrong = paid(site)
    with acting_as(a_coordinator(site.organisation)):
        with pytest.raises(ValidationError) as refused:
            correct_pay(report=wrong, reason=" ")
        assert "reason" in refused.value.message_dict
        correct_pay(report=wrong, reason="Typing error", arrears_days=3)
        with pytest.raises(ValidationError, match="corrected already"):
            correct_pay(report=wrong, reason="Again")


def test_no_row_of_pay_is_changed_or_deleted_by_the_application(site):
    paid(site)
    for sql in ("UPDATE humanitarian_wagesupportreport SET entitled = 1", "DELETE FROM humanitarian_wagesupportreport"):
        with pytest.raises(ProgrammingError, match="permission denied"), acting_as(SYSTEM), connection.cursor() as cursor:
            cursor.execute(sql)


# Who reads what


def test_outside_the_member_only_rates_are_read(site, in_november):
    paid(site, arrears_days=9, total="1-10m")
    analyst = signed_in(a_user(the_secretariat(), "AIM_ANALYST"))
    for path in ("/humanitarian/pay/", f"/humanitarian/pay/{stored().pk}/", "/api/v1/wage-support-reports/"):
        text = without_chance(re.sub(r"<option.*?</option>", "", analyst.get(path).content.decode()))
        assert "89.9" in text
        for secret in ("654", "588", "1-10m", "Full wage", "9 days", "Sumy"):
            assert secret not in text, (path, secret)
    full, _anything = rates(an_analyst())
    assert (full.text, full.numerator, full.denominator) == ("89.9 %", None, None)


def stored():
    with acting_as(SYSTEM):
        return WageSupportReport.objects.get()


def test_a_viewer_reads_bounds_where_few_people_stand_behind_a_number(site, in_november):
    paid(site, 100, 97, 0, 3)
    viewer = signed_in(a_user(site.organisation, "MEMBER_VIEWER"))
    row = viewer.get("/api/v1/wage-support-reports/").json()["results"][0]
    assert (row["entitled"], row["paid_full"], row["paid_partial"], row["paid_none"]) == (100, ">95", None, None)
    full, _anything = rates(a_viewer(site.organisation))
    assert full.bound is Bound.AT_LEAST and full.numerator == 96
    exact, _anything = rates(a_coordinator(site.organisation))
    assert exact.numerator == 97


def test_how_many_are_paid_because_they_serve_is_read_by_coordinators_alone(site, in_november):
    paid(site)
    paid(site, 24, 24, 0, 0, policy="MOBILISED_FULL")
    paid(site, 2, 2, 0, 0, policy="FAMILY")
    coordinator = signed_in(a_user(site.organisation, "MEMBER_COORDINATOR"))
    assert "Mobilised, keeps the average wage" in coordinator.get("/humanitarian/pay/").content.decode()
    for person in (a_user(site.organisation, "MEMBER_VIEWER"), a_user(the_secretariat(), "AIM_ANALYST")):
        client = signed_in(person)
        assert len(client.get("/api/v1/wage-support-reports/?corrected=true").json()["results"]) == 1
        assert client.get("/humanitarian/pay/?policy=FAMILY").content.decode().count("/humanitarian/pay/0") == 0
    assert rates(a_coordinator(site.organisation))[0].denominator == 654, (
        "they are not among the people entitled to wages for work"
    )


def test_a_reporter_and_another_member_read_and_report_no_pay(site):
    report = paid(site)
    with acting_as(a_reporter(site)), pytest.raises(PermissionDenied):
        report_pay(site=site, month=OCTOBER, group="AGENCY", policy="FULL", entitled=0)
    assert signed_in(a_user(site.organisation, "SITE_REPORTER", sites=[site])).get("/humanitarian/pay/").status_code == 403
    other = signed_in(a_user(an_organisation(), "MEMBER_COORDINATOR"))
    assert other.get(f"/humanitarian/pay/{report.pk}/").status_code == 404
    assert other.get(f"/humanitarian/pay/{report.pk}/correct/").status_code == 404


# Pages and API


@pytest.fixture
def client(site):
    return signed_in(a_user(site.organisation, "MEMBER_COORDINATOR"))


def form(at, **fields):
    return {
        "site": at.pk, "month": "2026-10-05", "group": "OWN", "policy": "FULL", "entitled": 654, "paid_full": 588,
        "paid_partial": 52, "paid_none": 14, "arrears_days": 0, "currency": "UAH", "total": "100k-1m",
    } | fields  # fmt: skip


def test_pay_is_reported_and_corrected_in_the_browser(site, client):
    answer = client.post("/humanitarian/pay/add/", form(site), follow=True)
    text = answer.content.decode()
    assert "The pay was reported." in text and "89.9 %" in text and "UAH 100k-1m" in text
    first = stored()
    wrong = client.post(f"/humanitarian/pay/{first.pk}/correct/", form(site, paid_none=0, reason="x"))
    assert wrong.status_code == 422 and "but 654 are entitled" in wrong.content.decode()
    right = form(site, entitled=640, paid_none=0, reason="Fourteen had left")
    text = client.post(f"/humanitarian/pay/{first.pk}/correct/", right, follow=True).content.decode()
    assert "588 of 654 paid in full" in text and "91.9 %" in text
    old = client.get(f"/humanitarian/pay/{first.pk}/").content.decode()
    assert "This report was corrected: Fourteen had left" in old and "/correct/" not in old
    listed = client.get("/humanitarian/pay/").content.decode()
    assert "91.9 %" in listed and "89.9 %" not in listed
    assert "89.9 %" in client.get("/humanitarian/pay/?corrected=on").content.decode()


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"entitled": 700}, "make 654 people, but 700 are entitled"),
        ({"policy": "NONE"}, "Where nobody is paid"),
        ({"policy": "PARTIAL"}, "Say what part of the wage was paid"),
        ({"month": "2999-01-01"}, "This month has not begun"),
        ({"site": ""}, "This field is required"),
        ({"entitled": "many"}, "Enter a whole number"),
    ],
)
def test_a_wrong_form_says_what_is_wrong_and_stores_nothing(site, client, fields, words):
    answer = client.post("/humanitarian/pay/add/", form(site, **fields))
    assert answer.status_code == 422 and words in answer.content.decode().replace("&nbsp;", " ")
    with acting_as(SYSTEM):
        assert not WageSupportReport.objects.exists()


def test_a_correction_with_a_rule_that_forbids_it_is_an_error_and_no_fault(site, client):
    report = paid(site, 10, 0, 0, 10, policy="NONE")
    answer = client.post(
        f"/humanitarian/pay/{report.pk}/correct/", form(site, entitled=10, paid_full=10, paid_partial=0, paid_none=0, reason="x")
    )
    assert answer.status_code == 422 and "Where nobody is paid" in answer.content.decode()


def test_the_api_reports_corrects_and_wants_a_key(site, client):
    body = form(site) | {"site": str(site.pk)}
    post = lambda body, **headers: client.post(  # noqa: E731 - short, and used in this test alone
        "/api/v1/wage-support-reports/", body, content_type="application/json", headers=headers
    )
    assert post(body).status_code == 400
    made = post(body, **{"Idempotency-Key": "a-1"})
    assert made.status_code == 201 and made.json()["full_rate"] == 89.9 and "total" not in made.json()
    again = post(body, **{"Idempotency-Key": "a-2"})
    assert again.status_code == 400
    right = body | {"supersedes": made.json()["id"], "reason": "Counted twice", "entitled": 640, "paid_none": 0}
    assert post(right | {"reason": ""}, **{"Idempotency-Key": "a-3"}).status_code == 400
    assert post(right, **{"Idempotency-Key": "a-4"}).status_code == 201
    assert [row["entitled"] for row in client.get("/api/v1/wage-support-reports/").json()["results"]] == [640]
    assert (
        client.patch(f"/api/v1/wage-support-reports/{made.json()['id']}/", {}, content_type="application/json").status_code == 405
    )


def test_the_site_page_shows_the_newest_month_and_the_list_costs_the_same_for_many(site, client):
    paid(site, month=date(2026, 9, 1))
    paid(site)
    paid(site, 40, 40, 0, 0, group="AGENCY")
    text = client.get(f"/sites/{site.pk}/").content.decode()
    assert "October 2026" in text and "September 2026" not in text and "Agency workers" in text

    def cost():
        with CaptureQueriesContext(connection) as queries:
            client.get("/humanitarian/pay/")
        return len(queries)

    cost()
    few = cost()
    for n in range(5):
        paid(a_site(site.organisation), month=date(2026, 4 + n, 1))
    assert cost() == few


# Who is asked


def test_a_coordinator_is_asked_once_a_month_for_pay_that_nobody_reported(site):
    person = a_user(site.organisation, "MEMBER_COORDINATOR")
    reported = a_site()
    a_user(reported.organisation, "MEMBER_COORDINATOR")
    paid(reported, month=due_month(timezone.localdate()))
    mail.outbox.clear()
    for _day in range(2):
        with acting_as(SYSTEM):
            ask_for_pay()
    assert [message.to for message in mail.outbox] == [[person.email]]
    assert "pay" not in mail.outbox[0].body.lower() and "Sumy" not in mail.outbox[0].body


def test_who_reported_nothing_is_asked_again_after_ten_days_and_then_no_more(site, monkeypatch):
    a_user(site.organisation, "MEMBER_COORDINATOR")
    mail.outbox.clear()
    for day in (11, 12, 20, 21, 22, 30):
        monkeypatch.setattr("humanitarian.notifications.timezone.localdate", lambda *_a, day=day: date(2026, 11, day))
        with acting_as(SYSTEM):
            ask_for_pay()
        monkeypatch.undo()
    assert len(mail.outbox) == 2


# Which sites are missing


def missing(client):
    rows = client.get("/api/v1/sites/?pay=missing").json()["results"]
    listed = client.get("/sites/?pay=missing").content.decode()
    assert all(row["name"] in listed for row in rows)
    return {row["name"] for row in rows}


def test_sites_without_a_report_of_the_month_are_listed_from_the_coverage(client, site, monkeypatch):
    for place in ("humanitarian.figures.pay.due_month", "humanitarian.panels.due_month", "humanitarian.views.pay.due_month"):
        monkeypatch.setattr(place, lambda on: OCTOBER)
    other, closed, foreign = a_site(site.organisation, name="Lviv mill"), a_site(site.organisation), a_site(name="Not ours")
    a_status(closed, "CLOSED", reason="DEMAND")
    paid(site)
    page = client.get("/humanitarian/pay/").content.decode()
    assert "Reported for 1 of 2 open sites." in page and '<a href="/sites/?pay=missing">Which are missing?</a>' in page
    assert missing(client) == {"Lviv mill"}
    with acting_as(a_coordinator(site.organisation)):
        assert measure("pay.missing_sites", FigureScope()).value == 1
    paid(other, month=date(2026, 9, 1))
    assert missing(client) == {"Lviv mill"}, "another month says nothing of this one"
    paid(other)
    assert missing(client) == set() and "Which are missing?" not in client.get("/humanitarian/pay/").content.decode()
    with acting_as(an_analyst()):
        assert measure("pay.missing_sites", FigureScope()).value is None
    team = signed_in(a_user(the_secretariat(), "AIM_ANALYST"))
    assert team.get("/api/v1/sites/?pay=missing").json()["results"] == [], "who did not report is told to nobody else"
    reporter = signed_in(a_user(foreign.organisation, "SITE_REPORTER", sites=[foreign]))
    assert reporter.get("/api/v1/sites/?pay=missing").json()["results"] == [], "nor to who reads no pay"


def test_agency_workers_missing_beside_own_employees_are_seen(client, site, monkeypatch):
    for place in ("humanitarian.figures.pay.due_month", "humanitarian.panels.due_month"):
        monkeypatch.setattr(place, lambda on: OCTOBER)
    by_count, by_month = site, a_site(site.organisation, name="Lviv mill")
    for at in (by_count, by_month):
        paid(at, 100, 100, 0, 0)
    assert missing(client) == set()
    a_head_count(by_count, 110, by_contract={"OWN": 100, "AGENCY": 10})
    paid(by_month, 10, 10, 0, 0, group="AGENCY", month=date(2026, 9, 1))
    assert missing(client) == {"Sumy oils", "Lviv mill"}
    paid(by_count, 10, 10, 0, 0, group="AGENCY")
    assert missing(client) == {"Lviv mill"}


# Measures for own people


def a_measure(at, **fields):
    given = {"type": "EMERGENCY_GRANT", "country": at.country, "starts_on": timezone.localdate() - timedelta(days=9)}
    given |= {"excluded_because": "Contractors are paid elsewhere"} | fields
    with acting_as(a_coordinator(at.organisation)):
        return add_measure(organisation=at.organisation, **given)


@pytest.mark.parametrize(
    ("fields", "at_fault"),
    [
        ({"excluded_because": ""}, "excluded_because"),
        ({"for_own": False}, "for_own"),
        ({"type": "PSYCHOSOCIAL"}, "layer"),
        ({"layer": 2}, "layer"),
        ({"ends_on": date(2000, 1, 1)}, "ends_on"),
        ({"effect": "SOME"}, "effect_source"),
        ({"offered": 10}, "offered"),
        ({"type": "ACCOMMODATION", "offered": 10, "accepted": 11}, "accepted"),
        ({"spend": "<100k"}, "spend"),
    ],
)
def test_a_measure_says_whom_it_leaves_out_and_why_and_how_an_effect_is_known(site, fields, at_fault):
    with pytest.raises(ValidationError) as refused:
        a_measure(site, **fields)
    assert list(refused.value.message_dict) == [at_fault]


def test_a_measure_open_to_all_needs_no_reason_and_psychosocial_support_names_its_layer(site):
    a_measure(site, for_agency=True, for_contractors=True, excluded_because="")
    a_measure(site, type="PSYCHOSOCIAL", layer=3)
    with acting_as(a_coordinator(site.organisation)):
        share = measure("support.open_to_all_rate", FigureScope())
        assert (share.numerator, share.denominator) == (1, 2)


def test_people_reached_are_never_added_up(site):
    a_measure(site, people_reached=120)
    a_measure(site, type="HOTLINE", people_reached=80)
    a_measure(site, type="TRANSPORT")
    with acting_as(a_coordinator(site.organisation)):
        reached = measure("people.supported", FigureScope())
    assert reached.value == 120 and reached.text == "at least 120"


def test_a_measure_that_reached_a_few_people_tells_outsiders_no_number(site):
    made = a_measure(site, people_reached=3, spend="<100k", currency="EUR", site=site)
    analyst = signed_in(a_user(the_secretariat(), "AIM_ANALYST"))
    row = analyst.get(f"/api/v1/support-measures/{made.pk}/").json()
    assert (row["people_reached"], row["site_id"], row["excluded_because"]) == ("<5", None, "")
    assert "100k" not in analyst.get(f"/humanitarian/support/{made.pk}/").content.decode()
    with acting_as(an_analyst()):
        assert measure("people.supported", FigureScope()).withheld
    own = signed_in(a_user(site.organisation, "MEMBER_COORDINATOR")).get(f"/humanitarian/support/{made.pk}/").content.decode()
    assert "EUR &lt;100k" in own and "Contractors are paid elsewhere" in own and "agency workers, contractors on site" in own


def test_a_measure_is_added_and_changed_in_the_browser(site, client):
    new = {
        "type": "ACCOMMODATION", "country": "UA", "starts_on": "2026-09-01", "for_own": "on", "for_agency": "on",
        "for_contractors": "on", "offered": 40, "accepted": 31, "effect": "NOT_YET",
    }  # fmt: skip
    text = client.post("/humanitarian/support/add/", new, follow=True).content.decode()
    assert "The measure was added." in text and "nobody is left out" in text
    with acting_as(SYSTEM):
        made = SupportMeasure.objects.get()
    answer = client.post(f"/humanitarian/support/{made.pk}/change/", new | {"people_reached": 31, "for_agency": ""})
    assert answer.status_code == 422 and "Say why some workers may not use it" in answer.content.decode()
    assert client.post(f"/humanitarian/support/{made.pk}/change/", new | {"people_reached": 31}).status_code == 302
    assert "31" in client.get("/humanitarian/support/?state=running").content.decode()
    assert client.get("/humanitarian/support/?state=excluding").content.decode().count("Accommodation</a>") == 0


def test_a_measure_stands_in_the_country_of_its_site(site):
    with pytest.raises(ValidationError):
        a_measure(site, site=site, country="PL")
    made = a_measure(site)
    with acting_as(a_coordinator(site.organisation)), pytest.raises(PermissionDenied):
        change_measure(measure=made, site=a_site(), country="UA")
