"""Pay from a list: staged, imported, corrected, taken back; no amount is read, and nothing that tells who serves or died."""

import datetime as dt
import io
import json
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.core.management import call_command
from django.db import connection
from django.db.utils import ProgrammingError
from django.urls import reverse
from django.utils import timezone, translation

from aimprogress.core.actor import SYSTEM, acting_as
from aimprogress.core.exceptions import Conflict
from aimprogress.exchange.models import ImportBatch, ImportRow
from aimprogress.exchange.preview import preview
from aimprogress.exchange.safety import receive
from aimprogress.exchange.services import apply_import, mend_cells, stage_import, undo_import
from aimprogress.exchange.targets import targets
from humanitarian import imports
from humanitarian.figures.pay import due_month
from humanitarian.models import WageSupportReport
from humanitarian.services.pay import correct_pay, report_pay
from members.models import Organisation, Site
from tests.exchange.test_imports import a_list, import_filled_in, to_fill_in
from tests.factories import a_coordinator, a_site, a_user, a_viewer, an_organisation
from tests.signing import signed_in

pytestmark = pytest.mark.django_db

HEADINGS = ("Site code", "Month", "Contract group", "Rule", "People entitled", "Paid in full", "Paid in part", "Not paid")
OCTOBER = dt.date(2025, 10, 1)
ROW = ("SUM-01", "10.2025", "Own employees", "Full wage", 654, 588, 52, 14)


@pytest.fixture
def mine() -> Organisation:
    return an_organisation()


@pytest.fixture
def site(mine: Organisation) -> Site:
    return a_site(mine, code="SUM-01", name="Sumy oils")


def staged(mine: Organisation, *rows: tuple, headings: tuple = HEADINGS) -> ImportBatch:
    return stage_import(organisation=mine, target="pay", upload=a_list(*rows, headings=headings, name="pay.xlsx"))


def row_of(batch: ImportBatch, row: int) -> ImportRow:
    return ImportRow.objects.get(batch=batch, row=row)


def codes(row: ImportRow) -> list[str]:
    return [problem["code"] for problem in row.problems]


def told(report: WageSupportReport) -> tuple[int, int, int, int]:
    return report.entitled, report.paid_full, report.paid_partial, report.paid_none


def reported(site: Site, **fields: Any) -> WageSupportReport:
    given = {"month": OCTOBER, "group": "OWN", "policy": "FULL", "entitled": 10, "paid_full": 10} | fields
    with acting_as(a_coordinator(site.organisation)):
        return report_pay(site=site, **given)


def test_a_list_of_pay_is_shown_then_reported_and_a_second_time_it_is_the_same(mine, site):
    agency = ("SUM-01", "жовтень 2025", "агентські", "Простій", 40, 0, 40, 0)
    with acting_as(a_coordinator(mine)):
        batch = staged(mine, ROW, agency)
        assert (batch.counts["new"], WageSupportReport.objects.count()) == (2, 0)
        apply_import(batch=batch)
        own, leased = WageSupportReport.objects.order_by("-entitled")
        assert (own.site_id, own.month, own.group, own.policy, told(own)) == (site.pk, OCTOBER, "OWN", "FULL", (654, 588, 52, 14))
        assert (leased.group, leased.policy, leased.month) == ("AGENCY", "DOWNTIME", OCTOBER)
        assert (own.source_type, own.currency, own.arrears_days, own.total) == ("DOC", "UAH", 0, None)
        assert own.reported_by_id is not None and own.observed_at <= timezone.now()
        assert staged(mine, ROW, agency).counts["same"] == 2


@pytest.mark.parametrize(
    "written", ["10.2025", "2025-10", "Oct 2025", "жовтень 2025", "31.10.2025", "2025-10-07", dt.datetime(2025, 10, 9)]
)
def test_a_month_is_read_in_any_of_its_spellings(mine, site, written):
    with acting_as(a_coordinator(mine)):
        assert row_of(staged(mine, (ROW[0], written, *ROW[2:])), 2).fields["month"] == "2025-10-01"


@pytest.mark.parametrize(("written", "code"), [(2025, "not_a_month"), ("soon", "not_a_month"), ("10.2099", "refused_by_rules")])
def test_what_is_no_month_or_has_not_begun_is_a_problem(mine, site, written, code):
    with acting_as(a_coordinator(mine)):
        row = row_of(staged(mine, (ROW[0], written, *ROW[2:])), 2)
        assert (row.outcome, row.problems[-1]["field"], row.problems[-1]["code"]) == ("problem", "month", code)


def test_a_row_that_does_not_add_up_is_a_problem_at_its_cell_in_the_words_of_the_form_and_mended_there(mine, site):
    with acting_as(a_coordinator(mine)):
        batch = staged(mine, (*ROW[:5], 500, 52, 14))
        [block] = preview(batch, targets()["pay"]).problems
        [bad] = [cell for cell in block.cells if cell.reasons]
        assert bad.reasons == ["Paid in full, in part and not at all make 566 people, but 654 are entitled."]
        assert [cell.field for cell in block.cells if not cell.reasons] == ["paid_full", "paid_partial", "paid_none"]
        with pytest.raises(ValidationError) as refused:
            report_pay(
                site=site, month=OCTOBER, group="OWN", policy="FULL", entitled=654, paid_full=500, paid_partial=52, paid_none=14
            )
        assert refused.value.message_dict["entitled"] == bad.reasons
        batch = mend_cells(batch=batch, cells={"Sheet\t2": {"paid_full": "588"}})
        assert row_of(batch, 2).outcome == "new"


def test_the_same_month_with_other_numbers_corrects_what_is_not_said_stays_and_undo_lets_the_first_report_stand(mine, site):
    old = reported(site, arrears_days=12, channel_risk="BANK", total="1-10m", months_continued=7)
    with acting_as(a_coordinator(mine)):
        batch = staged(mine, (*ROW[:4], 10, 8, 0, 2))
        assert row_of(batch, 2).changes == {"paid_full": [10, 8], "paid_none": [0, 2]}
        batch = apply_import(batch=batch)
        [made] = WageSupportReport.objects.standing()
        assert (made.supersedes_id, made.reason, told(made)) == (old.pk, "From a list", (10, 8, 0, 2))
        assert (made.arrears_days, made.channel_risk, made.total, made.months_continued) == (12, "BANK", "1-10m", 7)
        batch = undo_import(batch=batch)
        assert batch.undone_counts == {"removed": 0, "restored": 1, "kept": []}
        assert list(WageSupportReport.objects.standing()) == [old]
        assert WageSupportReport.objects.count() == 2, "taken back, not deleted"
        again = correct_pay(report=old, reason="Counted again", paid_full=9, paid_none=1)
        assert list(WageSupportReport.objects.standing()) == [again]


def test_what_an_import_added_is_taken_back_and_the_month_can_be_reported_anew(mine, site):
    with acting_as(a_coordinator(mine)):
        batch = apply_import(batch=staged(mine, ROW))
        [made] = WageSupportReport.objects.all()
        assert undo_import(batch=batch).undone_counts["removed"] == 1
        assert not WageSupportReport.objects.standing().exists()
        made.refresh_from_db()
        with pytest.raises(ValidationError, match="taken back"):
            correct_pay(report=made, reason="Wrong")
    now = reported(site)
    with acting_as(a_coordinator(mine)):
        assert list(WageSupportReport.objects.standing()) == [now]
    client = signed_in(a_user(mine, "MEMBER_COORDINATOR"))
    assert str(made.pk) not in client.get(f"/api/v1/wage-support-reports/?corrected=true&site={site.pk}").content.decode()
    page = client.get(reverse("humanitarian:pay_report", args=[made.pk])).content.decode()
    assert "taken back with its import" in page and "/correct/" not in page
    assert client.get(reverse("humanitarian:pay_correct", args=[made.pk])).status_code == 404


def test_a_report_at_an_earlier_moment_still_counts_what_was_taken_back_later(mine, site):
    with acting_as(a_coordinator(mine)):
        batch = apply_import(batch=staged(mine, ROW))
        before = timezone.now()
        undo_import(batch=batch)
        assert WageSupportReport.objects.standing(before).count() == 1
        assert WageSupportReport.objects.standing().count() == 0


def test_the_application_changes_nothing_of_a_report_but_that_it_was_taken_back(mine, site):
    report = reported(site)
    with pytest.raises(ProgrammingError, match="permission denied"), acting_as(SYSTEM), connection.cursor() as cursor:
        cursor.execute("UPDATE humanitarian_wagesupportreport SET paid_full = 0 WHERE id = %s", [report.pk])


def test_undo_leaves_what_somebody_corrected_since_and_names_it(mine, site):
    with acting_as(a_coordinator(mine)):
        batch = apply_import(batch=staged(mine, ROW))
        correct_pay(report=WageSupportReport.objects.get(), reason="Counted again", paid_full=587, paid_none=15)
        assert undo_import(batch=batch).undone_counts["kept"] == ["SUM-01, 2025-10"]
        assert WageSupportReport.objects.standing().get().paid_none == 15


def test_what_was_reported_while_the_list_was_compared_is_a_conflict(mine, site, monkeypatch):
    write = imports.insert_rows

    def reported_first(*given: Any) -> None:
        reported(site)
        write(*given)

    with acting_as(a_coordinator(mine)):
        batch = staged(mine, ROW)
        monkeypatch.setattr(imports, "insert_rows", reported_first)
        with pytest.raises(Conflict, match="just now"):
            apply_import(batch=batch)


@pytest.mark.parametrize("written", ["Mobilised", "мобілізовані", "MOBILISED_FULL", "Families", "сім'ї загиблих"])
def test_pay_that_tells_who_serves_or_died_is_never_read_from_a_list(mine, site, written):
    with acting_as(a_coordinator(mine)):
        batch = staged(mine, (*ROW[:3], written, 10, 10, 0, 0))
        row = row_of(batch, 2)
        assert (row.outcome, row.problems[0]["code"], row.problems[0]["suggestion"]) == ("problem", "military", "")
        [block] = preview(batch, targets()["pay"]).problems
        assert not {"MOBILISED_FULL", "MOBILISED_PARTIAL", "FAMILY"} & {code for code, _label in block.cells[0].choices}


def test_no_amount_of_money_is_kept(mine, site):
    with acting_as(a_coordinator(mine)):
        batch = staged(mine, (*ROW, 7654321), headings=(*HEADINGS, "Total paid, UAH"))
        assert batch.columns[-1]["field"] == ""
        assert "7654321" not in json.dumps(row_of(batch, 2).body)


def test_without_a_rule_the_full_wage_is_taken_and_pointed_at(mine, site):
    with acting_as(a_coordinator(mine)):
        row = row_of(staged(mine, (*ROW[:3], None, *ROW[4:])), 2)
        assert (row.outcome, row.fields["policy"], row.has_checks) == ("new", "FULL", True)
        assert "check_policy_taken" in codes(row)


def test_a_row_twice_is_a_repeat_and_with_other_numbers_for_a_person_to_decide(mine, site):
    with acting_as(a_coordinator(mine)):
        batch = staged(mine, ROW, ROW, (*ROW[:5], 600, 40, 14))
        assert [row_of(batch, at).outcome for at in (2, 3, 4)] == ["new", "duplicate", "problem"]
        assert row_of(batch, 4).problems[-1]["code"] == "reported_twice"


def test_a_foreign_site_is_not_there_and_a_viewer_brings_no_pay(mine, site):
    a_site(code="ELSE-1", name="Of somebody else")
    with acting_as(a_coordinator(mine)):
        assert row_of(staged(mine, ("ELSE-1", *ROW[1:])), 2).problems[-1]["code"] == "unknown_site"
    with acting_as(a_viewer(mine)), pytest.raises(PermissionDenied):
        staged(mine, ROW)


def test_a_ukrainian_csv_of_an_old_program_is_read(mine, site):
    heads = (
        "Об'єкт;За місяць;Тип договору;Вид оплати;Мають право;Отримали повністю;Отримали частково;Не отримали;Днів затримки\r\n"
    )
    text = f"{heads}Sumy oils;жовтень 2025;Власні;Повна;1 010;1 000;8;2;14\r\n"
    upload = receive(io.BytesIO(text.encode("cp1251")), name="pay.csv")
    with acting_as(a_coordinator(mine)):
        fields = row_of(stage_import(organisation=mine, target="pay", upload=upload), 2).fields
    assert (fields["code"], fields["month"], fields["group"], fields["policy"]) == ("SUM-01", "2025-10-01", "OWN", "FULL")
    assert [fields[name] for name in ("entitled", "paid_full", "paid_partial", "paid_none", "arrears_days")] == [
        1010,
        1000,
        8,
        2,
        14,
    ]


@pytest.mark.parametrize("language", ["en", "uk"])
def test_the_list_to_fill_in_comes_back_as_it_went_out(mine, site, language):
    a_site(name="Of somebody else")
    client = signed_in(a_user(mine, "MEMBER_COORDINATOR"))
    with translation.override(language):
        book = to_fill_in(client, "pay", language)
        heads, *rows = book.active.iter_rows(values_only=True)
        assert [row[:5] for row in rows] == [("SUM-01", "Sumy oils", due_month(timezone.localdate()).isoformat(), "OWN", "FULL")]
        for name, value in {"entitled": 12, "paid_full": 11, "paid_none": 1}.items():
            book.active.cell(
                2, [str(each.label) for each in imports.PAY.fields].index(str(imports.PAY.field(name).label)) + 1, value
            )
        assert len(heads) == len(imports.PAY.fields)
        with acting_as(a_coordinator(mine)):
            import_filled_in(book, mine, "pay")
            assert told(WageSupportReport.objects.get()) == (12, 11, 0, 1)


def test_the_command_does_what_the_page_does(mine, site, tmp_path, capsys):
    user, listed = a_user(mine, "MEMBER_COORDINATOR"), tmp_path / "pay.xlsx"
    listed.write_bytes(a_list(ROW, headings=HEADINGS).data)
    call_command("import", "pay", str(listed), "--as", user.email, "--apply")
    assert "1 new" in capsys.readouterr().out
    with acting_as(SYSTEM):
        assert WageSupportReport.objects.count() == 1


def test_pay_is_brought_from_its_own_page(mine, site):
    client = signed_in(a_user(mine, "MEMBER_COORDINATOR"))
    upload = reverse("exchange:upload", kwargs={"target": "pay"})
    assert upload in client.get(reverse("humanitarian:pay")).content.decode()
    assert upload not in signed_in(a_user(mine, "MEMBER_VIEWER")).get(reverse("humanitarian:pay")).content.decode()
    with acting_as(a_coordinator(mine)):
        batch = staged(mine, ROW)
    page = client.get(batch.get_absolute_url()).content.decode()
    assert "2025-10 · Own employees · 654 people entitled" in " ".join(page.split())


def test_open_sites_without_a_row_for_the_listed_month_are_named(mine, site):
    a_site(mine, code="LVI-01", name="Lviv oils")
    with acting_as(a_coordinator(mine)):
        assert staged(mine, ROW).missing == ["Lviv oils (LVI-01)"]
        september = ("LVI-01", "09.2025", *ROW[2:])
        assert staged(mine, ROW, september).missing == ["Sumy oils (SUM-01), 2025-09", "Lviv oils (LVI-01), 2025-10"]
