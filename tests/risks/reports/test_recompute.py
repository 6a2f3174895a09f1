"""The figures of a sealed report are made again from the records: the same, different, or not to be told any more."""

import copy
import hashlib
import io
from datetime import date, timedelta

import pytest
from django.core.management import CommandError, call_command
from django.db import OperationalError, connection
from django.utils import timezone

from aimprogress.core.actor import SYSTEM, acting_as
from aimprogress.core.audit import Act, AuditEvent, append
from aimprogress.instruments.engine import AnswerValue
from aimprogress.jobs.run import run_queued
from humanitarian.services.actions import open_action
from humanitarian.services.checks import answer_check, begin_check
from members.models import HeadCount, Site, SiteStatus, User
from members.retention import keeping
from members.services.sites import change_alert_level, change_site, register_site, retract_site_status
from risks.models import RightsIssue
from risks.reports.attachments import files_of
from risks.reports.differences import differences
from risks.reports.evidence import canonical
from risks.reports.recompute import NotOurs, recompute
from risks.reports.since import Outcome
from risks.reports.verify import Verdict, verify
from risks.services.issues import assess_issue
from risks.services.reports import evidence_of, request_report
from suppliers.models import Supplier
from suppliers.services.suppliers import change_supplier
from tests.factories import a_coordinator, a_head_count, a_status, a_user, an_analyst, an_area, an_organisation
from tests.members.plan_samples import an_evacuation_plan
from tests.risks.reports.evidence_sample import sample
from tests.risks.reports.test_gather import a_member, member_site

PERIOD = {"period_from": date(2026, 10, 1), "period_to": date(2026, 10, 31)}


class Sealed:
    """A member with a report that was sealed, and who asked for it."""

    def __init__(self) -> None:
        self.member = a_member()
        self.coordinator = a_coordinator(self.member)
        self.write()
        self.first = self.report
        self.site = member_site(self.member, "UA32")

    def write(self) -> None:
        with acting_as(self.coordinator):
            report = request_report(organisation=self.member, **PERIOD)
        run_queued()
        with acting_as(self.coordinator):
            report.refresh_from_db()
            self.report, self.evidence = report, evidence_of(report)
            self.pdf = report.pdf.path.read_bytes()

    def again(self, evidence=None, actor=SYSTEM):
        return recompute(evidence or self.evidence, actor)

    def outcomes(self, outcome: Outcome) -> set[str]:
        return {figure.reference for figure in self.again().figures if figure.outcome is outcome}


@pytest.fixture
def sealed(db, monkeypatch, settings, tmp_path):
    settings.FILES_DIR = tmp_path
    monkeypatch.setattr("risks.tasks.render_pdf", _fast)
    return Sealed()


def _fast(evidence, progress):
    """The pages are not looked at here, and setting them takes seconds: one page that carries the files."""
    from weasyprint import HTML, Attachment

    from risks.reports.evidence import fingerprint
    from risks.reports.render import RenderedReport

    meta, identity = evidence["meta"], fingerprint(evidence)
    seal = f"{meta['number']}-r{meta['revision']} · {identity[:8]}"
    attached = [Attachment(string=data, name=name) for name, data in files_of(evidence).items()]
    page = "<p style='page-break-after:always'>Cover</p>"
    pdf = HTML(string=f"{page}<p style='font: 6pt DejaVu Sans Mono'>{seal}</p>").write_pdf(attachments=attached)
    return RenderedReport(pdf, hashlib.sha256(pdf).hexdigest(), identity, 2, {})


def figure(found, reference):
    return next(one for one in found.figures if one.reference == reference)


def test_on_untouched_records_every_figure_comes_out_the_same(sealed):
    found = sealed.again()
    assert found.holds and found.problems == []
    assert [one for one in found.figures if one.outcome is not Outcome.SAME] == []
    assert {one.reference for one in found.figures} == set(sealed.evidence["figures"])


def test_a_checklist_that_was_answered_since_is_no_difference_but_cannot_be_told_again(sealed):
    with acting_as(sealed.coordinator):
        check = begin_check(site=sealed.site, instrument="winterisation")
        answer_check(check=check, answers={str(n): AnswerValue("MET") for n in range(1, 11)})
    sealed.write()
    assert sealed.evidence["figures"]["E-027"]["coverage"]["counted"] == 1
    assert sealed.again().holds and figure(sealed.again(), "E-027").outcome is Outcome.SAME
    with acting_as(sealed.coordinator):
        answer_check(check=check, answers={"1": AnswerValue("NOT_MET")})
    again = figure(sealed.again(), "E-027")
    assert again.outcome is Outcome.UNKNOWN and "changed since" in again.why


def test_a_later_report_changes_none_of_them(sealed):
    first = sealed.evidence
    sealed.write()
    second = sealed.evidence
    assert second["chapters"]["issues"]["added"] == [], "it follows the first one"
    a_head_count(sealed.site, 420, unaccounted=200, killed=2)
    sealed.write()
    assert {entry["before"] for entry in second["chapters"]["summary"]["key"]} != {
        entry["before"] for entry in sealed.evidence["chapters"]["summary"]["key"]
    }
    for evidence in (first, second, sealed.evidence):
        found = sealed.again(evidence)
        assert found.holds and {one.outcome for one in found.figures} == {Outcome.SAME}


def test_what_was_observed_or_told_later_changes_none_of_them(sealed):
    a_status(sealed.site, "EVACUATED")
    a_status(member_site(sealed.member, "PL-14"), observed_at=sealed.report.as_of - timedelta(hours=1))
    a_head_count(sealed.site, 400, unaccounted=80, killed=2)
    with acting_as(SYSTEM):
        change_alert_level(site=sealed.site, level=4)
        open_action(site=sealed.site, title="New", owner_role="Site manager", due_on=timezone.localdate())
    an_evacuation_plan(sealed.site, not_met=())
    assert sealed.outcomes(Outcome.SAME) == set(sealed.evidence["figures"])


def test_what_was_taken_back_or_corrected_later_still_stands_in_it(sealed):
    with acting_as(SYSTEM):
        status = SiteStatus.objects.get(pk=sealed.site.current_status_id)
        retract_site_status(status=status)
    a_head_count(sealed.site, 420, supersedes_id=sealed.site.current_headcount_id, reason="Counted twice.", killed=2)
    assert sealed.outcomes(Outcome.SAME) == set(sealed.evidence["figures"])


def test_a_site_that_was_registered_later_is_none_of_its_sites(sealed):
    with acting_as(sealed.coordinator):
        register_site(organisation=sealed.member, code="NEW", name="New", country="UA", admin1=an_area("UA32"), baseline=7)
    assert sealed.outcomes(Outcome.SAME) == set(sealed.evidence["figures"])


def test_a_register_that_was_changed_since_cannot_be_recomputed_and_says_why(sealed):
    with acting_as(sealed.coordinator):
        change_supplier(supplier=Supplier.objects.get(), country="PL")
        assess_issue(issue=RightsIssue.objects.get(), likelihood=2)
    found = sealed.again()
    assert found.holds, "an honest change is no fault of the report"
    assert sealed.outcomes(Outcome.UNKNOWN) == {"E-041", "E-062"}
    supply = figure(found, "E-062")
    assert supply.why == "changed since (entries in the log: 1), and only the newest state is kept"
    assert "chapters.supply.by_country[PL]" in {one.path for one in supply.differences}


def test_what_a_site_is_may_have_changed_but_that_excuses_no_changed_count(sealed):
    lviv = member_site(sealed.member, "UA46")
    with acting_as(sealed.coordinator):
        change_site(site=lviv, baseline=999)
    assert figure(sealed.again(), "E-001").outcome is Outcome.UNKNOWN
    with acting_as(SYSTEM):
        HeadCount.objects.filter(pk=lviv.current_headcount_id).update(retracted_at=sealed.report.as_of - timedelta(hours=1))
    found = figure(sealed.again(), "E-014")
    assert (found.outcome, found.why) == (Outcome.DIFFERS, "")


@pytest.mark.parametrize(("rule", "outcome"), [("strict", Outcome.UNKNOWN), ("drafts", Outcome.DIFFERS)])
def test_what_retention_has_emptied_since_excuses_what_is_made_of_it_and_nothing_else(sealed, rule, outcome):
    lviv = member_site(sealed.member, "UA46")
    with acting_as(SYSTEM):
        append([Act(keeping.ACTION, sealed.member.pk, body={rule: 3})])
        HeadCount.objects.filter(pk=lviv.current_headcount_id).update(retracted_at=sealed.report.as_of - timedelta(hours=1))
    assert figure(sealed.again(), "E-014").outcome is outcome
    assert figure(sealed.again(), "E-062").outcome is Outcome.SAME


def test_of_a_moment_whose_reports_were_deleted_no_figure_that_differs_is_called_a_difference(sealed):
    """And of a moment since which they are kept, the rule explains nothing but how many records there were."""
    lviv = member_site(sealed.member, "UA46")
    with acting_as(SYSTEM):
        append([Act(keeping.ACTION, sealed.member.pk, body={"observations": 3})])
        HeadCount.objects.filter(pk=lviv.current_headcount_id).update(retracted_at=sealed.report.as_of - timedelta(hours=1))
    assert figure(sealed.again(), "E-014").outcome is Outcome.DIFFERS
    with pytest.MonkeyPatch.context() as later:
        later.setattr("risks.reports.since.timezone.now", lambda: sealed.report.as_of + timedelta(days=1096))
        assert figure(sealed.again(), "E-014").outcome is Outcome.UNKNOWN


@pytest.mark.parametrize(
    ("reference", "path", "tamper"),
    [
        (
            "E-011",
            "chapters.people.sites[UA48 {number}].status",
            lambda site: SiteStatus.objects.filter(pk=site.current_status_id).update(retracted_at=timezone.now() - timedelta(1)),
        ),
        ("E-001", "chapters.scope.people", lambda site: Site.objects.filter(pk=site.pk).update(baseline=1_000)),
        ("E-041", "chapters.issues.rows[R-001].scale", lambda _site: RightsIssue.objects.update(scale=1)),
        ("E-062", "chapters.supply.by_country[UA]", lambda _site: Supplier.objects.update(country="PL")),
    ],
    ids=["a status", "a site", "an issue", "a supplier"],
)
def test_a_row_that_was_tampered_with_is_named(sealed, reference, path, tamper):
    site = member_site(sealed.member, "UA48")
    with acting_as(SYSTEM):
        tamper(site)
    found = sealed.again()
    assert not found.holds
    differs = figure(found, reference)
    assert (differs.outcome, differs.why) == (Outcome.DIFFERS, "")
    assert path.format(number=site.number_in_area) in {one.path for one in differs.differences}


def test_a_status_that_was_slipped_into_the_log_is_named(sealed):
    """Behind the portal's back, and dated as if it had been known in time."""
    at = sealed.report.as_of - timedelta(milliseconds=1)
    row = SiteStatus(
        organisation=sealed.member, site=sealed.site, operational="EVACUATED", observed_at=at, recorded_at=at
    )  # fmt: skip
    with acting_as(SYSTEM):
        SiteStatus.objects.bulk_create([row])
    found = figure(sealed.again(), "E-011")
    assert (found.outcome, found.why) == (Outcome.DIFFERS, "")
    path = f"chapters.people.sites[UA32 {sealed.site.number_in_area}].status"
    assert (path, "OPERATING", "EVACUATED") in [(one.path, one.report, one.records) for one in found.differences]


def test_a_row_that_was_tampered_with_in_the_snapshot_is_named(sealed):
    forged = copy.deepcopy(sealed.evidence)
    row = next(row for row in forged["chapters"]["people"]["sites"] if row["area"] == "UA48")
    row["status"] = "OPERATING"
    found = figure(sealed.again(forged), "E-011")
    assert found.outcome is Outcome.DIFFERS
    assert [(one.path, one.report, one.records) for one in found.differences] == [
        (f"chapters.people.sites[UA48 {row['ordinal']}].status", "OPERATING", "SUSPENDED")
    ]


def test_a_site_that_was_taken_out_of_the_snapshot_is_named(sealed):
    forged = copy.deepcopy(sealed.evidence)
    row = forged["chapters"]["people"]["sites"].pop()
    found = figure(sealed.again(forged), "E-001")
    assert found.outcome is Outcome.DIFFERS
    assert f"chapters.people.sites[{row['area']} {row['ordinal']}]" in {one.path for one in found.differences}


def test_a_log_that_was_rewritten_is_told(sealed):
    assert sealed.evidence["meta"]["log"]["seq"] > 0
    with acting_as(SYSTEM):
        assert AuditEvent.objects.filter(**sealed.evidence["meta"]["log"]).count() == 1
    forged = copy.deepcopy(sealed.evidence)
    forged["meta"]["log"]["hash"] = "0" * 64
    assert any("The log of the member does not hold the entry" in problem for problem in sealed.again(forged).problems)


def test_a_fact_that_was_being_written_at_that_very_moment_is_no_tampering(sealed):
    """Its transaction was under way: its own clock says before, its place in the log says after."""
    moment = sealed.report.as_of - timedelta(seconds=1)
    a_status(sealed.site, "EVACUATED", observed_at=moment, recorded_at=moment)
    found = figure(sealed.again(), "E-011")
    assert (found.outcome, found.why) == (
        Outcome.UNKNOWN,
        "records were being written at the very moment of the report (1)",
    )


def test_only_who_sees_all_of_it_may_have_it_recomputed(sealed):
    assert sealed.again(actor=sealed.coordinator).holds
    for actor in (an_analyst(), a_coordinator(an_organisation())):
        with pytest.raises(NotOurs):
            sealed.again(actor=actor)


def test_a_report_about_a_member_of_another_portal_is_not_compared(db):
    with pytest.raises(NotOurs):
        recompute(sample(), SYSTEM)


def test_the_sealed_file_and_no_other_is_the_report(sealed):
    ours = verify(sealed.pdf)
    again = recompute(sealed.evidence, SYSTEM, pdf_sha256=ours.pdf_sha256, evidence_sha256=ours.evidence_sha256)
    assert ours.holds and again.problems == []
    other = recompute(sealed.evidence, SYSTEM, pdf_sha256="0" * 64, evidence_sha256=ours.evidence_sha256)
    assert "This is not the file that this portal sealed" in other.problems[0]
    other = recompute(sealed.evidence, SYSTEM, pdf_sha256=ours.pdf_sha256, evidence_sha256="0" * 64)
    assert "over another snapshot" in other.problems[0]


def said(sealed, tmp_path, *options):
    target, out = tmp_path / "report.pdf", io.StringIO()
    target.write_bytes(sealed.pdf)
    try:
        call_command("verify_report", str(target), *options, stdout=out)
    except CommandError as error:
        return out.getvalue(), str(error)
    return out.getvalue(), ""


def test_the_command_tells_of_every_figure(sealed, tmp_path):
    out, wrong = said(sealed, tmp_path)
    assert wrong == ""
    assert "belong together" in out and f"{len(sealed.evidence['figures'])} same, 0 differs, 0 cannot be recomputed" in out
    with acting_as(sealed.coordinator):
        change_supplier(supplier=Supplier.objects.get(), country="PL")
    with acting_as(SYSTEM):
        Site.objects.filter(pk=sealed.site.pk).update(baseline=5_000)
    out, wrong = said(sealed, tmp_path)
    assert "E-062     cannot be recomputed: changed since (entries in the log: 1)" in out
    assert "E-001     differs\n" in out
    assert "chapters.scope.people: 746 in the report, 5326 in the records" in out
    assert "E-001 differs from the records." in wrong and "E-062" not in wrong


def test_the_command_acts_as_a_person_where_one_is_named(sealed, tmp_path):
    out, _wrong = said(sealed, tmp_path, "--as", person(sealed.coordinator.user_id))
    assert "0 differs" in out
    stranger = a_user(an_organisation(), "MEMBER_COORDINATOR")
    out, wrong = said(sealed, tmp_path, "--as", stranger.email)
    assert "shows not all of it: no figure was recomputed" in out and wrong == ""
    assert "can sign in here" in said(sealed, tmp_path, "--as", "nobody@example.org")[1]


def person(pk) -> str:
    return User.objects.get(pk=pk).email


def test_without_the_database_the_file_is_checked_all_the_same(sealed, tmp_path, monkeypatch):
    def away():
        raise OperationalError

    monkeypatch.setattr(connection, "ensure_connection", away)
    out, wrong = said(sealed, tmp_path)
    assert "belong together" in out and "the database is not at hand" in out and wrong == ""


@pytest.mark.parametrize("broken", [{}, {"meta": {}}, {"meta": {"organisation": {"id": "x"}}}, {"meta": []}])
def test_a_snapshot_out_of_shape_is_a_problem_and_no_crash(sealed, tmp_path, monkeypatch, broken):
    evidence = {"schema": "EVD-1", **broken}
    monkeypatch.setattr("risks.management.commands.verify_report.verify", lambda _pdf: Verdict("0" * 64, evidence=evidence))
    assert "not of the shape of a report" in said(sealed, tmp_path)[1]
    assert canonical(evidence)


def test_differences_name_rows_by_what_they_are_and_not_by_their_place():
    report, records = sample(), sample()
    first = records["chapters"]["people"]["sites"].pop(0)
    records["chapters"]["people"]["actions"]["overdue"] += 1
    found = {one.path: one.figure for one in differences(report, records)}
    assert found == {
        f"chapters.people.sites[{first['area']} {first['ordinal']}]": "E-011",
        "chapters.people.actions.overdue": "E-025",
    }


def test_the_module_leaves_no_figure_kind_out():
    from risks.reports.since import FACTS, REGISTERS
    from risks.reports.words import FIGURES

    assert set(FIGURES) - {"rates"} == set(REGISTERS) | set(FACTS), "rates are not recorded in this release"
