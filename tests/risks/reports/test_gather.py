"""From the member's records to a frozen snapshot and a sealed PDF, in the name of whoever asked."""

import hashlib
import io
import re
from datetime import date, timedelta
from pathlib import Path

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.utils import timezone

from aimprogress.core.actor import SYSTEM, acting_as
from aimprogress.instruments.engine import AnswerValue
from aimprogress.jobs.models import Job
from aimprogress.jobs.requests import KeyReused
from aimprogress.jobs.run import BROKE, run_next, run_queued
from humanitarian.figures.pay import due_month
from humanitarian.models import Contribution, PartnerOrganisation, SafetyAction, WageSupportReport
from humanitarian.services.checks import answer_check, begin_check
from humanitarian.services.pay import add_measure, report_pay
from humanitarian.services.stopping import Owner, stop_work
from members.headcounts import State
from members.models import PlanActivation, RollCall, Site, User
from members.services.evacuations import record_drill, stand_down
from members.services.roll_calls import answer_roll_call, close_roll_call, open_roll_call
from risks.models import Report, RightsIssue
from risks.reports import chapters as chapters_of_the_report
from risks.reports.attachments import files_of
from risks.reports.chapters.issues import _sheet
from risks.reports.chapters.pay import _rules, pay_sentence
from risks.reports.chapters.people import contact_sentence
from risks.reports.chapters.slice import Slice
from risks.reports.child import ChildFailed
from risks.reports.document import document
from risks.reports.evidence import canonical, check, fingerprint, read
from risks.reports.gather import collect_evidence
from risks.reports.gather.people import protect_table
from risks.reports.render import MISSING, PdfLibrariesMissing, RenderedReport
from risks.reports.verify import verify
from risks.services.reports import evidence_of, request_report
from risks.tasks import TOO_MUCH
from suppliers.models import Supplier, SupplyLink
from tests.factories import a_coordinator, a_head_count, a_site, a_status, a_viewer, an_analyst, an_area, an_organisation
from tests.members.plan_samples import SECRETS, a_communication_plan, an_evacuation_plan

PERIOD = {"period_from": date(2026, 10, 1), "period_to": date(2026, 10, 31)}


@pytest.fixture
def member(db):
    return a_member()


@pytest.fixture(scope="module")
def seen(django_db_setup, django_db_blocker):
    """What the coordinator, the secretariat and another member gather about the same records, read once for this file."""
    with django_db_blocker.unblock(), transaction.atomic():
        organisation, other = a_member(), an_organisation()
        found = {}
        for name, actor in (("own", a_coordinator(organisation)), ("analyst", an_analyst()), ("other", a_coordinator(other))):
            with acting_as(actor):
                found[name] = gathered(organisation)
        transaction.set_rollback(True)
    return found


def a_member():
    """A member with the three breweries of scenario 1, an issue, an action, a supplier and two contributions."""
    organisation = an_organisation(short_name="Halden Foods", slug="halden")
    kyiv, lviv, mykolaiv = (
        a_site(organisation, admin1=an_area(code, "UA", name), baseline=baseline)
        for code, name, baseline in (("UA32", "Kyiv", 420), ("UA46", "Lviv", 180), ("UA48", "Mykolaiv", 96))
    )
    a_site(organisation, admin1=an_area("PL-14", "PL", "Mazowieckie"), baseline=50)
    a_status(kyiv)
    a_status(lviv, "REDUCED")
    a_status(mykolaiv, "SUSPENDED", reason="SAFETY")
    a_head_count(kyiv, 420, safe_idp=58, safe_abroad=31, serving=24, injured=3, missing=1, unaccounted=14, killed=2)
    a_head_count(lviv, 180, safe_idp=4, safe_abroad=9, serving=7)
    a_head_count(mykolaiv, 96, safe_idp=25, safe_abroad=10, serving=6, injured=1, detained=1, missing=2, unaccounted=10, killed=1)
    an_evacuation_plan(kyiv)
    a_communication_plan(kyiv)
    with acting_as(SYSTEM):
        issue = RightsIssue(
            organisation=organisation, number=1, title="<script>Winter</script> power loss", country="UA", scale=4, scope=5,
            irremediability=2, likelihood=5, is_actual=True, groups=["EMPLOYEES"], rights=["LIFE"],
        )  # fmt: skip
        issue.save(force_insert=True)
        SafetyAction(
            organisation=organisation, number=1, site=kyiv, title="Repair the shelter door", owner_role="Site manager",
            due_on=timezone.localdate() - timedelta(days=9), origin="ISSUE", origin_id=issue.pk,
        ).save(force_insert=True)  # fmt: skip
        report = {"site": kyiv, "month": a_month_due(), "group": "OWN"}
        report_pay(**report, policy="FULL", entitled=654, paid_full=588, paid_partial=52, paid_none=14, arrears_days=35)
        report_pay(**report, policy="MOBILISED_FULL", entitled=24, paid_full=24)
        add_measure(
            organisation=organisation, type="HOTLINE", country="UA", starts_on=timezone.localdate(), for_agency=True,
            for_contractors=True,
        )  # fmt: skip
        supplier = Supplier(organisation=organisation, name="Nobody may read this name", country="UA")
        supplier.save(force_insert=True)
        SupplyLink(organisation=organisation, supplier=supplier, tier="T1", commodity="WHE").save(force_insert=True)
        partner = PartnerOrganisation.objects.create(name="Relief partner", short_name="Relief", type="INGO")
        for currency, committed, paid in (("EUR", "280000.00", "230000.00"), ("UAH", "4500000.00", "3000000.00")):
            Contribution(
                organisation=organisation, partner=partner, currency=currency, committed=committed, disbursed=paid,
                committed_on=timezone.localdate(), disbursed_on=timezone.localdate(),
            ).save(force_insert=True)  # fmt: skip
    return organisation


def a_month_due():
    return due_month(timezone.localdate())


def gathered(organisation, **more):
    wishes = {
        "organisation": organisation, **PERIOD, "as_of": timezone.now() + timedelta(seconds=1), "revision": 1,
        "number": "ADP-UNGP-HALDEN-2026-001", "language": "en", "audience": "INTERNAL", "asked_by": "MEMBER_COORDINATOR",
    }  # fmt: skip
    return collect_evidence(**{**wishes, **more})


def test_scenario_1_head_count_of_three_breweries(seen):
    heads = seen["own"]["chapters"]["people"]["head_counts"]
    assert heads["expected"][-1] == 696
    assert (heads["accounted"][-1], heads["safe"][-1], heads["displaced"][-1]) == ("96.1", "89.7", "19.7")
    assert heads["states"]["SAFE_LOCAL"][-1] == 487 and heads["states"]["UNACCOUNTED"][-1] == 24


def test_cells_of_one_to_four_people_never_enter_the_snapshot(seen):
    evidence = seen["own"]
    states = evidence["chapters"]["people"]["head_counts"]["states"]
    assert states["MISSING"] == states["KILLED"] == ["few", "few"]
    assert not any(isinstance(cell, int) and 0 < cell < 5 for row in states.values() for cell in row)


def test_a_snapshot_holds_no_name_of_a_site_or_supplier_and_no_place_of_a_plan(seen):
    text = canonical(seen["own"]).decode()
    for secret in ("Plant ", "S-", "Nobody may read", "old mill", "Linden", "Cellar"):
        assert secret not in text, secret


@pytest.mark.parametrize("asker", [a_coordinator, lambda _organisation: an_analyst()], ids=["own", "secretariat"])
def test_no_name_coordinate_or_protected_fact_leaves_in_any_file_of_a_report(member, asker):
    site = member_site(member, "UA32")
    secrets = {
        "name": "Obolon bottling hall", "code": "KYV-7", "address": "12 Linden street",
        "exact_location": {"lat": 50.51234, "lon": 30.49876}, "inside_checkin_reason": "A driver told us",
    }  # fmt: skip
    with acting_as(SYSTEM):
        for name, value in secrets.items():
            setattr(site, name, value)
        site.save()
        User.objects.update(display_name="Olena Kovalenko")
    a_status(site, note="Ask Petro at the gate")
    a_head_count(site, 420, serving=24, detained=3, missing=1, killed=2, unaccounted=40, reason="Told by Taras")
    with acting_as(asker(member)):
        files = files_of(gathered(member))
    text = "\n".join(data.decode() for data in files.values())
    told = [site.checkin_code, *SECRETS.values(), "Obolon", "KYV-7", "Linden", "50.51", "30.49", "driver told", "Kovalenko",
            "Petro", "Taras", "example.org", "Nobody may read"]  # fmt: skip
    assert [secret for secret in told if secret in text] == []
    states = read(files["evidence.json"])["chapters"]["people"]["head_counts"]["states"]
    assert {state: states[state][-1] for state in ("DETAINED", "MISSING", "KILLED")} == dict.fromkeys(
        ("DETAINED", "MISSING", "KILLED"), "few"
    )


def test_a_site_that_never_reported_is_in_no_total_and_listed(seen):
    chapters = seen["own"]["chapters"]
    assert [row["area"] for row in chapters["people"]["attention"]] == ["PL-14"]
    told = {entry["code"]: entry for entry in chapters["summary"]["unknown"]}
    assert (told["stale_people"]["count"], told["stale_people"]["sites"]) == (50, 1)
    assert told["no_status"]["count"] == 1


def test_a_plan_that_looks_good_but_is_not_counts_as_not_adequate(seen):
    plans = seen["own"]["chapters"]["people"]["plans"]
    kyiv = next(row for row in plans["capacity"] if row["area"] == "UA32")
    assert kyiv["short"] == 36 and kyiv["to_move"] == 336 and kyiv["seats"] == 300
    assert {gap["item"] for gap in plans["gaps"] if gap["critical"]} == {15}
    assert sum(level.get("ADEQUATE", 0) for level in plans["levels"]) == 0


def test_scenario_9_wages_by_group_with_the_sentence_that_the_figures_support(seen):
    wages = seen["own"]["chapters"]["pay"]
    assert [(row["group"], row["entitled"], row["full"], row["partial"], row["none"]) for row in wages["groups"]] == [
        ("OWN", 654, 588, 52, 14), ("ALL", 654, 588, 52, 14),
    ]  # fmt: skip
    assert (wages["groups"][-1]["full_rate"], wages["groups"][-1]["any_rate"]) == ("89.9", "97.9")
    assert (wages["late_sites"], wages["worst_days"], wages["mobilised"]) == (1, 35, 24)
    key = next(entry for entry in seen["own"]["chapters"]["summary"]["key"] if entry["code"] == "full_pay")
    assert (key["rate"], key["part"], key["of"], key["figure"]) == ("89.9", 588, 654, "E-051")
    said = pay_sentence(wages).replace("\u202f", " ").replace("\xa0", " ")
    assert said.startswith("588 of 654 (89.9 %) received full and 52 partial pay in ")


def test_scenario_10_says_with_whom_contact_is_confirmed_and_never_that_everyone_is_safe(seen):
    """Where 1 to 4 people are missing or dead their number is kept back (decisions 5.6), and with it what would tell it."""
    heads = seen["own"]["chapters"]["people"]["head_counts"]
    assert plain(contact_sentence(heads, "2026-11-22T09:00:00Z")) == (
        "Contact is confirmed with 96.1 % of 696 workers as of 22 Nov 2026, 09:00; fewer than 5 deaths are reported. "
        "Sites whose count is stale are left out."
    )


def plain(text):
    return text.replace("\u202f", " ").replace("\xa0", " ")


def test_scenario_10_names_the_numbers_where_none_is_small(db):
    organisation = an_organisation(short_name="Halden Foods", slug="halden")
    site = a_site(organisation, baseline=696)
    a_head_count(site, 696, unaccounted=27, killed=6)
    with acting_as(a_coordinator(organisation)):
        heads = gathered(organisation)["chapters"]["people"]["head_counts"]
    assert plain(contact_sentence(heads, "2026-11-22T09:00:00Z")).startswith(
        "Contact is confirmed with 669 of 696 workers (96.1 %) as of 22 Nov 2026, 09:00; 6 deaths are reported."
    )
    assert "no death is reported" in contact_sentence(
        heads | {"states": heads["states"] | {"KILLED": [0]}}, "2026-11-22T09:00:00Z"
    )


def sheet_of(found, *, people=None, pay=None, **issue):
    """What the report prints below the text of an issue."""
    chapters = found["chapters"]
    row = chapters["issues"]["rows"][0] | issue
    data = {"issues": chapters["issues"], "people": chapters["people"] | (people or {}), "pay": chapters["pay"] | (pay or {})}
    return plain(" ".join(_sheet(Slice(found["meta"], found["places"], found["figures"], data), row)["claims"]))


@pytest.mark.parametrize("text", ["Everyone is safe.", "All our workers were accounted for", "Усі працівники в безпеці"])
def test_scenario_10_a_claim_that_everyone_is_safe_stands_beside_what_the_figures_say(seen, text):
    said = sheet_of(seen["own"], response=text)
    assert said.startswith(
        "C-34: the figures do not support that everyone is safe. Contact is confirmed with 96.1 % of 696 workers"
    )
    whole = {"accounted": ["100.0"], "states": {"KILLED": [0]}}
    assert sheet_of(seen["own"], response=text, people={"head_counts": whole, "attention": []}) == ""


@pytest.mark.parametrize("text", ["We kept paying all wages.", "Wages continued", "Ми й далі виплачуємо зарплату всім"])
def test_scenario_9_a_claim_that_wages_went_on_stands_beside_what_the_figures_say(seen, text):
    said = sheet_of(seen["own"], response=text)
    assert said.startswith(
        "C-37: the figures do not support that wages went on. 588 of 654 (89.9 %) received full and 52 partial"
    )
    whole = [{"group": "AGENCY", "full_rate": "100.0"}, {"group": "ALL", "full_rate": "100.0"}]
    assert sheet_of(seen["own"], response=text, pay={"groups": whole}) == ""
    own_only = [{"group": "OWN", "full_rate": "100.0"}, whole[1] | {"full": 10, "partial": 0, "entitled": 10}]
    assert "C-37" in sheet_of(seen["own"], response=text, pay={"groups": own_only}), "agency workers are missing"


@pytest.mark.parametrize(
    "text", ["Keep everyone away from the windows", "A shelter for all shifts", "Pay slips come late", "Make the yard safe", None]
)
def test_what_claims_nothing_gets_no_second_line(seen, text):
    assert sheet_of(seen["own"], response=text, title="Winter power loss") == ""


def test_the_aim_progress_team_gets_no_numbers_of_pay_and_says_not_reported(seen):
    chapters = seen["analyst"]["chapters"]
    assert chapters["pay"] is None and chapters["measures"] is None


def test_small_numbers_of_pay_never_enter_the_snapshot(member):
    site = member_site(member, "UA32")
    with acting_as(a_coordinator(member)):
        report_pay(site=site, month=a_month_due(), group="AGENCY", policy="FULL", entitled=60, paid_full=57, paid_none=3)
        report_pay(site=site, month=a_month_due(), group="OWN", policy="MOBILISED_PARTIAL", entitled=2, paid_partial=2)
        wages = gathered(member)["chapters"]["pay"]
    agency = wages["groups"][1]
    assert (agency["group"], agency["none"], agency["full_rate"]) == ("AGENCY", "few", ">=93.3")
    assert not any(isinstance(cell, int) and 0 < cell < 5 for row in wages["groups"] for cell in row.values())
    assert wages["mobilised"] == 26, "24 and 2: told for the whole member, at ten or more"


def test_the_report_says_by_which_rules_and_never_prints_a_part_of_the_wage_as_full(member):
    site = member_site(member, "UA46")
    with acting_as(a_coordinator(member)):
        report_pay(
            site=site, month=a_month_due(), group="OWN", policy="DOWNTIME", percent=67, entitled=300, paid_partial=300
        )  # fmt: skip
        old = WageSupportReport(
            organisation=member, site=site, month=a_month_due(), group="AGENCY", policy="PARTIAL", percent=50, entitled=100,
            paid_full=100, observed_at=timezone.now(),
        )  # fmt: skip
        WageSupportReport.objects.bulk_create([old])
        wages = gathered(member)["chapters"]["pay"]
    whole = wages["groups"][-1]
    assert (whole["full"], whole["partial"], whole["none"], whole["entitled"]) == (588, 452, 14, 1054)
    printed = _rules(wages)
    assert printed == (
        "Full wage (1 site); Statutory idle pay, at least two thirds, 67 % of the wage (1 site); "
        "A part of the wage, 50 % of the wage (1 site)"
    )


def test_every_table_that_is_cut_names_a_file_that_holds_all_of_it(seen):
    """ "Showing 20 of 28, all in attachment capacity.csv" is a promise."""
    chapters, tables = seen["own"]["chapters"], seen["own"]["tables"]
    sources = "".join(path.read_text() for path in Path(chapters_of_the_report.__file__).parent.glob("*.py"))
    assert set(re.findall(r'"(\w+)\.csv"', sources)) <= set(tables)
    people, supply = chapters["people"], chapters["supply"]
    promised = {
        "sites": len(people["sites"]),
        "areas": len(chapters["scope"]["areas"]),
        "alert_levels": sum(len(row["steps"]) for row in chapters["scope"]["timeline"]),
        "issues": len(chapters["issues"]["rows"]),
        "plan_gaps": len(people["plans"]["gaps"]),
        "capacity": people["plans"]["capacity_of"],
        "actions": len(people["actions"]["rows"]),
        "supply_chain": sum(len(supply[part]) for part in ("by_country", "by_tier", "by_commodity")),
        "contributions": len(chapters["aid"]["contributions"]),
        "support_measures": len(chapters["measures"]["rows"]),
    }
    assert {name: len(tables[name]["rows"]) for name in promised} == promised
    assert all(promised.values())


def test_money_stands_per_currency_and_is_not_added_without_rates(seen):
    aid = seen["own"]["chapters"]["aid"]
    assert {row["currency"]: (row["committed"], row["paid"], row["ratio"]) for row in aid["currencies"]} == {
        "EUR": ("280000.00", "230000.00", "82.1"),
        "UAH": ("4500000.00", "3000000.00", "66.7"),
    }
    assert aid["total"] is None and aid["rates"] is None and aid["reach"] is None


def test_whoever_may_not_see_suppliers_gets_not_reported(seen):
    chapters = seen["analyst"]["chapters"]
    assert chapters["supply"] is None and chapters["aid"] is None
    assert chapters["people"]["head_counts"]["expected"][-1] == 696


def test_another_member_sees_nothing_of_it(seen):
    chapters = seen["other"]["chapters"]
    assert chapters["scope"]["sites"] == 0 and chapters["issues"]["rows"] == [] and chapters["supply"] is None


def test_a_member_without_any_record_gets_a_report_that_says_so(db):
    organisation = an_organisation()
    with acting_as(a_coordinator(organisation)):
        evidence = gathered(organisation)
    check(evidence)
    assert evidence["chapters"]["people"]["head_counts"] is None
    assert document(evidence).count("not reported") > 8


def test_the_same_records_give_the_same_identity(member):
    moment = timezone.now() + timedelta(seconds=1)
    with acting_as(a_coordinator(member)):
        assert fingerprint(gathered(member, as_of=moment)) == fingerprint(gathered(member, as_of=moment))


def test_the_next_report_says_what_changed_since(member):
    with acting_as(a_coordinator(member)):
        first = gathered(member)
    a_head_count(member_site(member, "UA32"), 420, safe_idp=58, serving=24, missing=1, killed=2, unaccounted=40)
    with acting_as(SYSTEM):
        RightsIssue(
            organisation=member, number=2, title="New", country="UA", scale=5, scope=1, irremediability=5, likelihood=1
        ).save(force_insert=True)
    with acting_as(a_coordinator(member)):
        second = gathered(member, before=first)["chapters"]
    assert second["issues"]["added"] == ["R-002"] and second["issues"]["dropped"] == []
    assert next(entry for entry in second["summary"]["key"] if entry["code"] == "accounted")["before"].startswith("-")


def member_site(organisation, area):
    with acting_as(SYSTEM):
        return Site.objects.get(organisation=organisation, admin1_id=area)


def test_a_report_is_asked_for_written_and_fetched(member):
    coordinator = a_coordinator(member)
    with acting_as(coordinator):
        report = request_report(organisation=member, **PERIOD)
        assert str(report) == "ADP-UNGP-HALDEN-2026-001-r1" and not report.is_ready
    run_queued()
    with acting_as(coordinator):
        report.refresh_from_db()
        job = Job.objects.get(pk=report.job_id)
        assert job.state == Job.State.SUCCEEDED, job.error
        pdf = report.pdf.path.read_bytes()
        evidence = evidence_of(report)
        assert report.pdf.sha256 == hashlib.sha256(pdf).hexdigest() == report.pdf.path.name
        assert report.evidence.sha256 == report.sha256 and report.as_of is not None
        assert job.result_file_id == report.pdf_id
    verdict = verify(pdf)
    assert verdict.holds and verdict.evidence_sha256 == report.sha256 == fingerprint(evidence)
    assert verdict.number == str(report) and verdict.pages == report.pages
    from pypdf import PdfReader

    text = "\n".join(page.extract_text() for page in PdfReader(io.BytesIO(pdf)).pages)
    for said in ("696", "96.1", "Suspended", "Kyiv oblast", "R-001", "4,500,000.00", "not reported"):
        assert said in text, said
    assert "Nobody may read this name" not in text


def test_a_newer_report_of_the_same_period_says_which_one_it_replaces(member, monkeypatch):
    rendered = RenderedReport(pdf=b"%PDF-", sha256="", evidence_sha256="0" * 64, pages=1, attachments={})
    monkeypatch.setattr("risks.tasks.render_pdf", lambda _evidence, _progress: rendered)
    coordinator, found = a_coordinator(member), []
    for language in ("en", "uk", "en"):
        with acting_as(coordinator):
            found.append(request_report(organisation=member, language=language, **PERIOD))
        run_queued()
    with acting_as(coordinator):
        first, translated, second = (Report.objects.get(pk=one.pk) for one in found)
        assert [evidence_of(one)["meta"]["replaces"] for one in (first, translated, second)] == [None, None, str(first)]
        assert [one.status for one in (first, translated, second)] == ["SUPERSEDED", "DRAFT", "DRAFT"]
        assert f">{first}<" in document(evidence_of(second))


@pytest.mark.parametrize(
    ("error", "state", "words"),
    [
        (ChildFailed("more than 900 MB", limit=True), "failed", TOO_MUCH),
        (ChildFailed("the process ended early"), "queued", BROKE),
        (PdfLibrariesMissing("libpango"), "waiting", MISSING),
    ],
    ids=["limits", "killed", "libraries"],
)
def test_what_stops_the_pages_is_said_on_the_job(member, monkeypatch, error, state, words):
    def fail(_evidence, _progress):
        raise error

    monkeypatch.setattr("risks.tasks.render_pdf", fail)
    with acting_as(a_coordinator(member)):
        report = request_report(organisation=member, **PERIOD)
    run_next(heartbeat=False)
    with acting_as(SYSTEM):
        report.refresh_from_db()
        job = Job.objects.get(pk=report.job_id)
    assert (job.state, job.error, report.is_ready) == (state, words, False)


def test_the_database_connection_outlives_the_child(member):
    with acting_as(a_coordinator(member)):
        from risks.reports.child import run

        run(lambda _told, _out: {}, lambda *_said: None)
        assert Report.objects.count() == 0


def test_the_same_key_gives_the_same_report_and_another_wish_is_refused(member):
    with acting_as(a_coordinator(member)):
        first = request_report(organisation=member, **PERIOD, idempotency_key="k1")
        assert request_report(organisation=member, **PERIOD, idempotency_key="k1") == first
        with pytest.raises(KeyReused):
            request_report(organisation=member, **PERIOD, language="uk", idempotency_key="k1")
        assert request_report(organisation=member, **PERIOD).number.endswith("-002")


def test_numbers_go_on_after_the_thousandth_report_of_a_year(member):
    with acting_as(a_coordinator(member)):
        first = request_report(organisation=member, **PERIOD)
        for number in ("999", "1000"):
            Report.objects.create(organisation=member, number=f"ADP-UNGP-HALDEN-2026-{number}", **PERIOD)
        assert first.number.endswith("-001")
        assert request_report(organisation=member, **PERIOD).number == "ADP-UNGP-HALDEN-2026-1001"


def test_a_viewer_cannot_ask_for_a_report(member):
    with acting_as(a_viewer(member)), pytest.raises(PermissionDenied):
        request_report(organisation=member, **PERIOD)


def test_nobody_asks_for_the_report_of_another_member(member):
    with acting_as(a_coordinator(an_organisation())), pytest.raises(PermissionDenied):
        request_report(organisation=member, **PERIOD)


@pytest.mark.parametrize(
    ("first", "last", "field"),
    [
        (date(2026, 10, 31), date(2026, 10, 1), "period_to"),
        (date(2025, 1, 1), date(2026, 10, 1), "period_to"),
        (date(2999, 1, 1), date(2999, 1, 31), "period_from"),
    ],
)
def test_a_period_that_cannot_be_reported_on_is_refused_beside_its_field(member, first, last, field):
    with acting_as(a_coordinator(member)), pytest.raises(ValidationError) as refused:
        request_report(organisation=member, period_from=first, period_to=last)
    assert field in refused.value.message_dict


def test_a_snapshot_survives_storing(seen):
    evidence = seen["own"]
    assert read(canonical(evidence)) == evidence


def test_no_hidden_cell_can_be_worked_out_from_its_row_or_column():
    counts = [[700, 50], [3, 0], [0, 0], [2, 20], [0, 0], [0, 0], [0, 0], [9, 6], [0, 0]]
    table = protect_table([[*row, sum(row)] for row in counts], [True, True])
    assert len(table) == len(State)
    for line in (*table, *zip(*table, strict=True)):
        assert sum(cell in ("few", "hidden") for cell in line) != 1


def test_protected_states_of_a_column_that_does_not_ask_are_not_zero():
    counts = [[700, 50], [0, 0], [0, 0], [20, 0], [0, 0], [0, 0], [0, 0], [9, 6], [0, 0]]
    table = protect_table([[*row, sum(row)] for row in counts], [True, False])
    assert table[3] == [20, "not_collected", 20] and table[0] == [700, 50, 750]


def test_a_rate_that_lacks_one_to_four_people_says_only_the_least_it_is(db):
    organisation = an_organisation()
    site, other = a_site(organisation), a_site(organisation, admin1=an_area("PL-14", "PL", "Mazowieckie"))
    a_head_count(site, 200, unaccounted=2)
    a_head_count(other, 4, unaccounted=1)
    with acting_as(a_coordinator(organisation)):
        evidence = gathered(organisation)
    heads = evidence["chapters"]["people"]["head_counts"]
    assert heads["accounted"] == ["few_people", "hidden", ">=98.0"]
    assert heads["expected"][0] == "few" and isinstance(heads["expected"][2], int) and heads["expected"][1] == "hidden"
    key = next(entry for entry in evidence["chapters"]["summary"]["key"] if entry["code"] == "accounted")
    assert key["rate"] == ">=98.0" and key["part"] is None
    printed = document(evidence)
    assert "≥\u202f98.0" in printed and not re.search(r"9(8\.5|9\.0)\s?%", printed)


def test_how_many_a_test_call_reached_is_told_of_many_people_only(db):
    from risks.reports.gather.plans import _tests

    assert _tests(50, 60, 2) == {"reached": 50, "attempted": 60, "sites": 2, "rate": "83.3"}
    assert _tests(57, 60, 2) is _tests(3, 60, 2) is _tests(10, 19, 1) is _tests(0, 0, 0) is None


def test_roll_calls_of_the_period_are_added_up_round_by_round_as_answered_by_the_cut_off(db):
    organisation, now = an_organisation(), timezone.now()
    first, second, empty = (a_site(organisation) for _ in range(3))
    period = {"period_from": timezone.localdate(), "period_to": timezone.localdate()}
    with acting_as(SYSTEM):
        calls = [open_roll_call(site=site, incident="FIRE") for site in (first, second, empty)]
        for roll_call, counts in zip(calls, ((60, 50, 10), (40, 40, 0)), strict=False):
            names = ("expected", "safe", "not_reached")
            answer_roll_call(roll_call=roll_call, need_help=0, **dict(zip(names, counts, strict=True)))
        RollCall.objects.filter(pk=calls[0].pk).update(began_at=now - timedelta(hours=2, minutes=5))  # the second round is open
        answer_roll_call(roll_call=calls[0], expected=60, safe=58, need_help=0, not_reached=2)
        close_roll_call(roll_call=calls[1])
    with acting_as(a_coordinator(organisation)):
        evidence = gathered(organisation, **period)
        called = evidence["chapters"]["people"]["roll_calls"]
        before = gathered(organisation, **period, as_of=now - timedelta(hours=1))["chapters"]["people"]
        earlier = gathered(organisation)["chapters"]["people"]
    assert (called["held"], called["open"]) == (3, 2)
    assert called["rounds"][:2] == [
        {"round": 1, "answered": 2, "complete": 2, "expected": 100, "not_reached": 10, "rate": "90.0"},
        {"round": 2, "answered": 1, "complete": 1, "expected": 60, "not_reached": "few", "rate": ">=93.3"},
    ]
    assert called["rounds"][3] == {"round": 4, "answered": 0, "complete": 0, "expected": None, "not_reached": None, "rate": None}
    assert "roll_calls" not in before and "roll_calls" not in earlier
    html = document(evidence)
    assert "3 roll calls began in the period; 2 are still open." in html and "Round 2, after 6 h" in html


def test_what_was_settled_where_work_stopped_is_counted_by_question_and_open_answers_stand_among_the_actions(db):
    site = a_site()
    today = timezone.localdate()
    period = {"period_from": today, "period_to": today}
    with acting_as(a_coordinator(site.organisation)):
        assert "stops" not in gathered(site.organisation, **period)["chapters"]["people"]
        answers = {str(n): AnswerValue("SETTLED", "The board") for n in range(1, 7)} | {
            "7": AnswerValue("NA", "Nobody lives here")
        }
        stop_work(site=site, operational="SUSPENDED", reason="POLICY", answers=answers, owners={"8": Owner("HR lead", today)})
        evidence = gathered(site.organisation, **period)
    people = evidence["chapters"]["people"]
    assert (people["stops"]["made"], people["stops"]["sites"]) == (1, 1)
    counted = [(row["settled"], row["open"], row["apart"]) for row in people["stops"]["rows"]]
    assert counted == [(1, 0, 0)] * 6 + [(0, 0, 1), (0, 1, 0)]
    assert [row["title"] for row in people["actions"]["rows"]] == ["Work stopped: Neighbours"]
    html = document(evidence)
    assert "Work was stopped at 1 site in the period." in html and "POLICY" not in html
    with acting_as(an_analyst()):
        assert "stops" not in gathered(site.organisation, **period)["chapters"]["people"]


def test_evacuations_of_the_period_are_told_without_what_people_wrote_beside_the_choices(db):
    organisation, today = an_organisation(), timezone.localdate()
    first, second = a_site(organisation), a_site(organisation)
    with acting_as(SYSTEM):
        texts = {
            first: ("PART: packing hall", "DAMAGE: roof of hall two", 90),
            second: ("the night people of hall three", "ORDER", 5),
        }
        over, running = (
            PlanActivation(
                organisation=organisation,
                site=site,
                plan=an_evacuation_plan(site),
                level=4,
                people=60,
                who=who,
                reason=reason,
                activated_at=timezone.now() - timedelta(minutes=minutes),
                recorded_at=timezone.now() - timedelta(minutes=minutes),
            )
            for site, (who, reason, minutes) in texts.items()
        )
        over.save(force_insert=True)
        running.save(force_insert=True)
        stand_down(activation=over, moved=57, family_moved=3)
    period = {"period_from": today, "period_to": today}
    with acting_as(a_coordinator(organisation)):
        evidence = gathered(organisation, **period)
        before = gathered(organisation, **period, as_of=timezone.now() - timedelta(minutes=30))["chapters"]["people"][
            "evacuations"
        ]
        assert "evacuations" not in gathered(organisation)["chapters"]["people"]
    told = evidence["chapters"]["people"]["evacuations"]
    shown = [(row["who"], row["reason"], row["people"], row["moved"], row["family_moved"]) for row in told["rows"]]
    assert shown == [(None, "ORDER", 60, None, None), ("PART", "DAMAGE", 60, "hidden", "few")]
    assert told["open"] == 1 and (before["open"], before["rows"][0]["moved"]) == (1, None)
    html = document(evidence)
    assert evidence["chapters"]["people"]["returns"]["sites"] == 1, "some parts of a site are not everybody"
    assert "1 site that people left for their safety was not cleared to operate again at the cut-off." in html
    assert "2 evacuations were under way in the period; not stood down: 1." in html
    written = html + "".join(data.decode() for data in files_of(evidence).values())
    assert "Damage to the site" in html and not any(place in written for place in ("packing hall", "hall two", "hall three"))


def test_the_winter_check_is_told_by_question_of_the_sites_that_are_asked(db):
    organisation = an_organisation()
    first, _never, gone = (a_site(organisation) for _n in range(3))
    a_status(gone, "EVACUATED")
    with acting_as(a_coordinator(organisation)):
        check = begin_check(site=first, instrument="winterisation")
        given = {str(n): AnswerValue("MET") for n in range(1, 11)} | {"2": AnswerValue("NOT_MET"), "3": AnswerValue("PARTLY")}
        answer_check(check=check, answers=given | {"4": AnswerValue("NA", "No pipes")})
        evidence = gathered(organisation)
        before = gathered(organisation, as_of=timezone.now() - timedelta(days=1))["chapters"]["people"]["checks"]
    (told,) = evidence["chapters"]["people"]["checks"]["lists"]
    assert (told["asked"], told["answered"], before["lists"][0]["answered"]) == (2, 1, 0)
    counted = {row["item"]: (row["met"], row["unmet"], row["apart"]) for row in told["rows"]}
    assert [counted[n] for n in "1234"] == [(1, 0, 0), (0, 1, 0), (0, 1, 0), (0, 0, 1)]
    html = document(evidence)
    assert "1 of 2 sites that are asked have answered in time" in html and "No pipes" not in html


def test_where_few_were_reached_nothing_tells_how_few(db):
    site, today = a_site(), timezone.localdate()
    with acting_as(SYSTEM):
        answer_roll_call(roll_call=open_roll_call(site=site, incident="FIRE"), need_help=0, expected=100, safe=3, not_reached=97)
    with acting_as(a_coordinator(site.organisation)):
        rounds = gathered(site.organisation, period_from=today, period_to=today)["chapters"]["people"]["roll_calls"]["rounds"]
    assert (rounds[0]["expected"], rounds[0]["not_reached"], rounds[0]["rate"]) == (100, "hidden", "hidden")


def test_few_people_of_a_site_or_country_cannot_be_worked_out_from_the_sums(db):
    organisation = an_organisation()
    ukraine, poland = an_area("UA32", "UA", "Kyiv"), an_area("PL-14", "PL", "Mazowieckie")
    for area, baseline in ((ukraine, 400), (ukraine, 90), (ukraine, 3), (poland, 2), (an_area("MD-CU", "MD", "Chisinau"), 60)):
        a_site(organisation, admin1=area, country=area.country, baseline=baseline)
    with acting_as(a_coordinator(organisation)):
        evidence = gathered(organisation)
    scope, rows = evidence["chapters"]["scope"], evidence["chapters"]["people"]["sites"]
    assert {row["country"]: row["people"] for row in scope["countries"]} == {"MD": "hidden", "PL": "few", "UA": 493}
    assert scope["people"] == 555
    assert [row["people"] for row in rows if row["country"] == "UA"] == [400, "hidden", "few"]
    assert "work there" in document(evidence)
    with acting_as(SYSTEM):
        Site.objects.filter(organisation=organisation).exclude(country="PL").delete()
    with acting_as(a_coordinator(organisation)):
        alone = gathered(organisation)
    assert alone["chapters"]["scope"]["people"] == "few" and "work there" not in document(alone)


def test_a_drill_entered_after_the_cut_off_is_in_no_earlier_report(db):
    """Else the figures of a sealed report could not be told again."""
    site, today = a_site(), timezone.localdate()
    with acting_as(SYSTEM):
        record_drill(site=site, kind="FULL", held_on=today - timedelta(days=20), participants=50, result="PASS")
    with acting_as(a_coordinator(site.organisation)):
        before = gathered(site.organisation, as_of=timezone.now() - timedelta(days=1))["chapters"]["people"]["drills"]
        after = gathered(site.organisation)["chapters"]["people"]["drills"]
    assert before is None
    assert sum(row["passed"] for row in after["rows"]) == 1
