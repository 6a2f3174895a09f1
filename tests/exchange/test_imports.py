"""Lists on their way into the portal: staged, mended, imported, taken back."""

import io
import json
import threading
from datetime import timedelta
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.core.management import CommandError, call_command
from django.db import connection, connections, transaction
from django.urls import reverse
from django.utils import timezone

from aimprogress.core.actor import SYSTEM, acting_as
from aimprogress.core.exceptions import Conflict
from aimprogress.exchange import services
from aimprogress.exchange.models import ImportBatch, ImportRow
from aimprogress.exchange.preview import preview
from aimprogress.exchange.safety import Refused, receive
from aimprogress.exchange.services import apply_import, confirm_columns, discard_import, mend_cells, stage_import, undo_import
from aimprogress.exchange.targets import targets
from aimprogress.exchange.tasks import forget_uploads
from members.late import calls_to_make, escalate_late
from members.models import Escalation, Site, SiteStatus
from members.services.sites import change_site
from suppliers.models import Supplier, SupplyLink
from tests.factories import a_coordinator, a_site, a_status, a_user, a_viewer, an_analyst, an_area, an_organisation
from tests.members.test_devices import a_phone
from tests.signing import signed_in

pytestmark = pytest.mark.django_db

HEADINGS = (
    "Site code",
    "Site name",
    "Country",
    "Region",
    "City",
    "Workers",
    "Largest shift",
    "Status",
    "Status since",
    "Contact person",
)


def a_list(*rows: tuple, headings: tuple = HEADINGS, name: str = "sites.xlsx") -> Any:
    book = openpyxl.Workbook()
    for row in (headings, *rows):
        book.active.append(row)
    return uploaded(book, name=name)


def uploaded(book: openpyxl.Workbook, *, name: str = "list.xlsx") -> Any:
    out = io.BytesIO()
    book.save(out)
    out.seek(0)
    return receive(out, name=name)


def to_fill_in(client: Any, target: str, language: str) -> openpyxl.Workbook:
    """The workbook that the portal offers to fill in, as the browser of somebody in this language gets it."""
    answer = client.get(reverse("exchange:to_fill_in", kwargs={"target": target}), headers={"Accept-Language": language})
    return openpyxl.load_workbook(io.BytesIO(answer.content))


def import_filled_in(book: openpyxl.Workbook, organisation: Any, target: str) -> None:
    """It comes back with every column known again."""
    batch = stage_import(organisation=organisation, target=target, upload=uploaded(book))
    assert {column["how"] for column in batch.columns} == {"exact"}
    apply_import(batch=batch)


PLANT = ("LVI-01", "Lviv oils", "Україна", "Львівська обл.", "Lwow", 120, 40, None, None, "somebody")


def staged(organisation: Any, *rows: tuple) -> ImportBatch:
    return stage_import(organisation=organisation, target="sites", upload=a_list(*rows))


def row_of(batch: ImportBatch, row: int) -> ImportRow:
    return ImportRow.objects.get(batch=batch, row=row)


def test_a_list_is_shown_before_anything_is_saved_then_imported_and_a_second_time_it_is_the_same(lviv):
    mine = an_organisation()
    with acting_as(a_coordinator(mine)):
        batch = staged(mine, PLANT)
        assert (batch.counts["new"], batch.counts["ignored"], Site.objects.count()) == (1, 1, 0)
        apply_import(batch=batch)
        site = Site.objects.get()
        assert (site.code, site.name, site.settlement, site.admin1, site.baseline) == (
            "LVI-01",
            "Lviv oils",
            lviv,
            lviv.admin1,
            120,
        )
        assert site.number_in_area == 1 and site.exact_location is None
        again = staged(mine, PLANT)
        assert (again.counts["same"], again.counts["new"]) == (1, 0)
        with pytest.raises(ValidationError, match="nothing new"):
            apply_import(batch=again)


def test_what_the_list_says_of_contact_persons_is_stored_nowhere(lviv):
    mine = an_organisation()
    with acting_as(a_coordinator(mine)):
        batch = staged(mine, PLANT)
        assert "somebody" not in json.dumps([row.body for row in ImportRow.objects.all()])
        assert next(column for column in batch.columns if column["heading"] == "Contact person")["how"] == "contact"
        assert "somebody" not in json.dumps(batch.columns)
        chosen = {"Sheet": {9: "address"}}
        batch = confirm_columns(batch=batch, chosen=chosen)
        assert "address" not in row_of(batch, 2).fields


def test_changes_are_shown_with_both_values_and_an_empty_cell_erases_nothing(lviv):
    mine = an_organisation()
    site = a_site(mine, code="LVI-01", name="Lviv oils", admin1=lviv.admin1, settlement=lviv, baseline=100, largest_shift=30)
    with acting_as(a_coordinator(mine)):
        batch = staged(mine, (*PLANT[:6], None, *PLANT[7:]))
        row = row_of(batch, 2)
        assert (row.outcome, row.changes) == ("changed", {"workers": [100, 120]})
        apply_import(batch=batch)
        site.refresh_from_db()
        assert (site.baseline, site.largest_shift) == (120, 30)


def test_all_or_nothing_is_the_default_and_the_good_rows_can_go_alone(lviv):
    mine = an_organisation()
    bad = ("LVI-02", "Second", "Ukraine", None, "Lviv", "24O", None, None, None, None)
    with acting_as(a_coordinator(mine)):
        batch = staged(mine, PLANT, bad)
        with pytest.raises(ValidationError, match="1 row has a problem"):
            apply_import(batch=batch)
        assert Site.objects.count() == 0
        apply_import(batch=batch, only_good=True)
        assert [site.code for site in Site.objects.all()] == ["LVI-01"]


def test_a_cell_is_mended_in_place_and_the_file_stays_as_it_was(lviv):
    mine = an_organisation()
    with acting_as(a_coordinator(mine)):
        batch = staged(mine, ("LVI-02", "Second", "Ukraine", None, "Lviv", "24O", None, None, None, None))
        problem = row_of(batch, 2).problems[0]
        assert (problem["code"], problem["suggestion"]) == ("letter_in_number", "240")
        batch = mend_cells(batch=batch, cells={"Sheet\t2": {"workers": "240", "unknown": "x"}})
        assert (row_of(batch, 2).outcome, row_of(batch, 2).fields["workers"]) == ("new", 240)


def test_a_formula_is_a_problem_of_its_row_and_is_never_calculated(lviv):
    mine = an_organisation()
    with acting_as(a_coordinator(mine)):
        batch = staged(mine, ("LVI-02", "Second", "Ukraine", None, "Lviv", "=2+2", None, None, None, None))
        assert (row_of(batch, 2).outcome, row_of(batch, 2).problems[0]["code"]) == ("problem", "formula")


def test_the_rules_of_a_site_are_those_of_its_form(lviv):
    mine = an_organisation()
    with acting_as(a_coordinator(mine)):
        batch = staged(mine, ("LVI-02", "Second", "Ukraine", None, "Lviv", 10, 40, None, None, None))
        problem = row_of(batch, 2).problems[-1]
        assert (problem["field"], problem["code"]) == ("largest_shift", "refused_by_rules")


def test_a_code_that_another_site_has_is_a_problem_and_no_change(lviv):
    mine = an_organisation()
    a_site(mine, code="LVI-01", name="Odesa terminal", admin1=an_area("UA51000000000030770", "UA", "Odesa"))
    with acting_as(a_coordinator(mine)):
        row = row_of(staged(mine, PLANT), 2)
        assert (row.outcome, row.problems[-1]["code"], row.changes) == ("problem", "code_in_portal", {})


def test_a_status_of_the_list_is_logged_with_its_own_day_and_never_replaces_a_newer_one(lviv):
    mine = an_organisation()
    newer = a_site(mine, code="LVI-09", name="Newer", admin1=lviv.admin1, settlement=lviv)
    a_status(newer, "REDUCED")
    with acting_as(a_coordinator(mine)):
        batch = staged(
            mine, (*PLANT[:7], "працює частково", "05.11.2025", None),
            ("LVI-09", "Newer", "Ukraine", None, "Lviv", 100, None, "Operating", "2025-11-05", None),
        )  # fmt: skip
        assert row_of(batch, 3).outcome == "same"
        assert "portal_is_newer" in [problem["code"] for problem in row_of(batch, 3).problems]
        apply_import(batch=batch)
        site = Site.objects.get(code="LVI-01")
        assert (site.current_operational, site.current_status_at.date().isoformat()) == ("REDUCED", "2025-11-05")
        newer.refresh_from_db()
        assert newer.current_operational == "REDUCED"


def test_a_list_lets_no_site_operate_that_people_left_whatever_was_reported_since(lviv):
    mine, now = an_organisation(), timezone.now()
    left, never = (
        a_site(mine, code=code, name=code, admin1=lviv.admin1, settlement=lviv, baseline=10) for code in ("LVI-07", "LVI-08")
    )
    a_status(left, "EVACUATED", now - timedelta(days=20))
    a_status(left, "REDUCED", now - timedelta(days=10))
    a_status(never, "SUSPENDED", now - timedelta(days=10), reason="POWER")
    said = [(one.code, one.name, "UA", None, "Lviv", 10, None, "operating", timezone.localdate(), None) for one in (left, never)]
    with acting_as(a_coordinator(mine)):
        batch = staged(mine, *said)
        assert [row_of(batch, line).outcome for line in (2, 3)] == ["problem", "changed"]
        assert "all ten gates" in json.dumps(row_of(batch, 2).problems)
        apply_import(batch=batch, only_good=True)
        assert list(Site.objects.order_by("code").values_list("current_operational", flat=True)) == ["REDUCED", "OPERATING"]


def test_undo_removes_what_nobody_touched_and_puts_changed_values_back(lviv):
    mine = an_organisation()
    old = a_site(mine, code="LVI-05", name="Old", admin1=lviv.admin1, settlement=lviv, baseline=10)
    with acting_as(a_coordinator(mine)):
        batch = staged(
            mine, PLANT, ("LVI-05", "Old", "UA", None, "Lviv", 55, None, None, None, None),
            ("LVI-06", "Touched", "UA", None, "Lviv", 5, None, None, None, None),
        )  # fmt: skip
        batch = apply_import(batch=batch)
        touched = Site.objects.get(code="LVI-06")
        touched.name = "Touched since"
        touched.save()
        batch = undo_import(batch=batch)
        assert batch.undone_counts == {"removed": 1, "restored": 1, "kept": ["LVI-06"]}
        assert sorted(Site.objects.values_list("code", flat=True)) == ["LVI-05", "LVI-06"]
        old.refresh_from_db()
        assert old.baseline == 10
        with pytest.raises(Conflict):
            undo_import(batch=batch)


def test_undo_gives_a_site_its_values_back_though_it_was_reported_on_before_and_since(lviv):
    mine = an_organisation()
    old = a_site(mine, code="LVI-05", name="Old", admin1=lviv.admin1, settlement=lviv, baseline=10, largest_shift=4)
    a_status(old, "OPERATING")
    with acting_as(a_coordinator(mine)):
        batch = apply_import(batch=staged(mine, ("LVI-05", "Old", "UA", None, "Lviv", 55, 30, None, None, None)))
    a_status(old, "REDUCED")
    with acting_as(a_coordinator(mine)):
        undone = undo_import(batch=batch).undone_counts
        old.refresh_from_db()
        assert (undone["restored"], old.baseline, old.largest_shift, old.current_operational) == (1, 10, 4, "REDUCED")
        batch = apply_import(batch=staged(mine, ("LVI-05", "Old", "UA", None, "Lviv", 55, None, None, None, None)))
        Site.objects.filter(pk=old.pk).update(baseline=56)
        assert undo_import(batch=batch).undone_counts == {"removed": 0, "restored": 0, "kept": ["LVI-05"]}
        old.refresh_from_db()
        assert old.baseline == 56, "what somebody wrote since stays"


def test_two_lists_for_one_target_are_not_imported_at_the_same_moment(lviv):
    mine = an_organisation()
    key = f"import sites {mine.pk}"
    with transaction.atomic("owner"), connections["owner"].cursor() as other, acting_as(a_coordinator(mine)):
        other.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", [key])
        batch = staged(mine, PLANT)
        with pytest.raises(Conflict, match="Another list"):
            apply_import(batch=batch)
        assert Site.objects.count() == 0


def test_a_list_names_no_position_in_plain_text_as_the_form_allows_none(lviv):
    mine = an_organisation()
    with acting_as(a_coordinator(mine)):
        batch = staged(mine, ("LVI-02", "Depot at 49.8397, 24.0297", "UA", None, "Lviv", 5, None, None, None, None))
        [block] = preview(batch, targets()["sites"]).problems
        [cell] = block.cells
        assert (cell.field, cell.reasons[0][:46]) == ("name", "“49.8397, 24.0297” gives a position away. Take")
        assert [str(label) for label, _value in block.others] == ["Site code", "Country", "City or settlement"]
        batch = mend_cells(batch=batch, cells={"Sheet\t2": {"name": "Depot"}})
        assert row_of(batch, 2).outcome == "new"


def test_no_example_of_a_column_stands_open_in_the_database_and_none_of_an_address_at_all(lviv):
    """Whatever the heading: nobody knows what a column that is not read holds."""
    mine, odd = an_organisation(), ("Address", "Killed in action (KIA)", "Remarks")
    headings, row = (*HEADINGS, *odd), (*PLANT, "Quillfern street", "Quillfern 7", "Near Quillfern")
    with acting_as(a_coordinator(mine)):
        batch = stage_import(organisation=mine, target="sites", upload=a_list(row, headings=headings))
        batch = ImportBatch.objects.get(pk=batch.pk)
        shown = {column["heading"]: column["example"] for column in batch.columns}
        assert (shown["Address"], shown["Remarks"]) == ("", "Near Quillfern"), "what it means is asked on the next page"
        with connection.cursor() as cursor:
            cursor.execute("SELECT b::text FROM exchange_importbatch b WHERE id = %s", [batch.pk])
            (stored,) = cursor.fetchone()
    assert "Quillfern" not in stored and "Remarks" not in stored


def test_what_can_no_longer_be_taken_back_is_forgotten_and_its_counts_stay(lviv):
    mine = an_organisation()
    with acting_as(a_coordinator(mine)):
        old, applied, young = (staged(mine, PLANT) for _time in range(3))
        applied = apply_import(batch=applied)
        ImportBatch.objects.filter(pk__in=[old.pk, applied.pk]).update(created_at=timezone.now() - timedelta(hours=25))
    with acting_as(SYSTEM):
        forget_uploads()
    with acting_as(a_coordinator(mine)):
        found = {batch.pk: batch for batch in ImportBatch.objects.all()}
        assert [found[one.pk].has_content for one in (old, applied, young)] == [False, True, True]
        assert not ImportRow.objects.filter(batch=old).filter(body__isnull=False).exists()
        assert found[old.pk].counts["new"] == 1 and {column["example"] for column in found[old.pk].columns} == {""}
        assert ImportRow.objects.filter(batch=applied).filter(body__isnull=False).exists()


@pytest.mark.django_db(transaction=True)
def test_what_somebody_works_with_just_now_is_forgotten_another_day(lviv):
    mine = an_organisation()
    with acting_as(a_coordinator(mine)):
        batch = staged(mine, PLANT)
        ImportBatch.objects.filter(pk=batch.pk).update(created_at=timezone.now() - timedelta(hours=25))
    held, done = threading.Event(), threading.Event()

    def hold() -> None:
        with acting_as(SYSTEM):
            ImportBatch.objects.select_for_update(of=("self",)).get(pk=batch.pk)
            held.set()
            done.wait(20)
        connection.close()

    somebody = threading.Thread(target=hold)
    somebody.start()
    try:
        assert held.wait(20)
        with acting_as(SYSTEM):
            forget_uploads()
            assert ImportBatch.objects.get(pk=batch.pk).has_content
    finally:
        done.set()
        somebody.join()
    with acting_as(SYSTEM):
        forget_uploads()
        assert not ImportBatch.objects.get(pk=batch.pk).has_content


REPORTED = (*PLANT[:7], "Operating", "05.11.2025", None)


def test_an_undo_that_kept_more_than_it_can_name_counts_all_of_them(lviv, monkeypatch):
    monkeypatch.setattr(services, "MOST_KEPT", 1)
    mine = an_organisation()
    for code in ("LVI-05", "LVI-06", "LVI-07"):
        a_site(mine, code=code, name=code, admin1=lviv.admin1, settlement=lviv, baseline=10)
    rows = [(code, code, "UA", None, "Lviv", 55, None, None, None, None) for code in ("LVI-05", "LVI-06", "LVI-07")]
    with acting_as(a_coordinator(mine)):
        batch = apply_import(batch=staged(mine, *rows))
        Site.objects.filter(organisation=mine).update(baseline=56)
    client = signed_in(a_user(mine, "MEMBER_COORDINATOR"))
    said = client.post(f"/import/lists/{batch.pk}/undo/", follow=True).content.decode()
    assert "0 removed, 0 restored, 3 kept" in said and " and 2 more" in said


def test_undo_withdraws_a_new_site_whose_only_report_is_that_of_the_list(lviv):
    mine = an_organisation()
    with acting_as(a_coordinator(mine)):
        batch = apply_import(batch=staged(mine, REPORTED))
        gone = Site.objects.get()
    with acting_as(SYSTEM):
        escalate_late()  # it is late by the clock alone
        assert Escalation.objects.filter(site=gone).exists()
    with acting_as(a_coordinator(mine)):
        batch = undo_import(batch=batch)
        assert batch.undone_counts == {"removed": 1, "restored": 0, "kept": []}
        assert not Site.objects.exists() and SiteStatus.objects.get().retracted_at is not None
        stored = Site.objects.with_withdrawn().get()
        assert (stored.pk, stored.address, stored.exact_location) == (gone.pk, "", None) and stored.withdrawn_at
        assert apply_import(batch=staged(mine, REPORTED)).counts["new"] == 1, "its code is free for the corrected list"
        assert Site.objects.get().code == "LVI-01"
    with acting_as(SYSTEM):
        assert not [late for late in Escalation.objects.filter(site=gone, closed_at=None) if late in calls_to_make()]


@pytest.mark.parametrize("since", ["a report", "a change", "a phone"])
def test_undo_keeps_a_new_site_that_somebody_touched_and_retracts_the_imported_report(lviv, since):
    mine = an_organisation()
    with acting_as(a_coordinator(mine)):
        batch = apply_import(batch=staged(mine, REPORTED))
        site = Site.objects.get()
        if since == "a change":
            change_site(site=site, union_present=True)
    if since == "a report":
        a_status(site, "REDUCED")
    if since == "a phone":
        a_phone(site)
    with acting_as(a_coordinator(mine)):
        batch = undo_import(batch=batch)
        assert batch.undone_counts["kept"] == ["LVI-01"]
        assert SiteStatus.objects.get(operational="OPERATING").retracted_at is not None
        assert Site.objects.get().current_operational == ("REDUCED" if since == "a report" else "")


def test_a_staged_list_is_thrown_away_without_a_trace_in_the_portal(lviv):
    mine = an_organisation()
    with acting_as(a_coordinator(mine)):
        discard_import(batch=staged(mine, PLANT))
        assert (ImportBatch.objects.count(), ImportRow.objects.count(), Site.objects.count()) == (0, 0, 0)


def test_only_who_may_import_and_write_the_noun_stages_a_list(lviv):
    mine, other = an_organisation(), an_organisation()
    for actor in (a_viewer(mine), a_coordinator(other), an_analyst()):
        with acting_as(actor), pytest.raises(PermissionDenied):
            staged(mine, PLANT)


def test_a_list_of_another_organisation_is_not_there(lviv):
    mine, other = an_organisation(), an_organisation()
    with acting_as(a_coordinator(mine)):
        batch = staged(mine, PLANT)
    for actor in (a_coordinator(other), an_analyst()):
        with acting_as(actor):
            assert not ImportBatch.objects.exists() and not ImportRow.objects.exists()
            with pytest.raises(PermissionDenied):
                apply_import(batch=batch)


def test_exact_places_are_encrypted_in_the_staging_tables_too(lviv, django_user_model):
    mine = an_organisation()
    upload = a_list(("A", "UA", "Lviv", "49.84123, 24.05321"), headings=("Site name", "Country", "City", "Coordinates"))
    with acting_as(a_coordinator(mine)):
        batch = stage_import(organisation=mine, target="sites", upload=upload)
        assert row_of(batch, 2).fields["lat"] == 49.84123
        assert b"49.84" not in b"".join(
            str(value).encode() for row in ImportRow.objects.values("body", "why") for value in row.values()
        )
        apply_import(batch=batch)
        assert Site.objects.get().exact_location == {"lat": 49.84123, "lon": 24.05321}


def test_suppliers_come_with_their_numbers_shares_and_links_and_go_again(lviv):
    mine = an_organisation()
    upload = a_list(
        ("Dnister Packaging LLC", "UA", "Lviv", "14360570", "Tier 1 - Primary", "Cartons", "64.0%", 300),
        ("Wrong number", "UA", "Lviv", "14360571", "Tier 2", "Lids", None, 20),
        headings=("Supplier", "Country", "City", "ЄДРПОУ", "Tier", "Product", "% Female Workers", "Workers"),
    )
    with acting_as(a_coordinator(mine)):
        batch = apply_import(batch=stage_import(organisation=mine, target="suppliers", upload=upload))
        first, second = Supplier.objects.order_by("name")
        assert (first.identifier_kind, first.identifier, float(first.women_percent)) == ("EDRPOU", "14360570", 64.0)
        assert second.identifier == ""
        assert sorted(SupplyLink.objects.values_list("tier", "commodity")) == [("T1", "Cartons"), ("T2", "Lids")]
        again = stage_import(organisation=mine, target="suppliers", upload=upload)
        assert again.counts["same"] == 2
        undo_import(batch=batch)
        assert (Supplier.objects.count(), SupplyLink.objects.count()) == (0, 0)


def test_a_text_of_a_supplier_that_is_too_long_is_a_problem_of_its_row_and_none_is_cut(lviv):
    mine = an_organisation()
    upload = a_list(
        ("Dnister", "UA", "Lviv", "Cartons " * 9, "lids " * 20, "Sadova 1", None),
        ("Prut", "UA", "Lviv", "Cartons " * 14, "lids " * 20, "Sadova 2", None),
        ("Bug", "UA", "Lviv", "Lids", None, "Sadova " * 21, "street " * 22),
        headings=("Supplier", "Country", "City", "Product", "Category", "Address line 1", "Address line 2"),
    )
    with acting_as(a_coordinator(mine)):
        batch = stage_import(organisation=mine, target="suppliers", upload=upload)
        assert [row_of(batch, row).outcome for row in (2, 3, 4)] == ["problem"] * 3
        told = [[(problem["field"], problem["code"]) for problem in row_of(batch, row).problems] for row in (2, 3, 4)]
        assert told == [[("commodity", "too_long")], [("commodity", "too_long")], [("address", "too_long")]]
        mended = mend_cells(batch=batch, cells={
            "Sheet\t2": {"commodity": "x" * 120}, "Sheet\t3": {"commodity": "Lids"}, "Sheet\t4": {"address": "Sadova 3"},
        })  # fmt: skip
        assert mended.counts["new"] == 3
        apply_import(batch=mended)
        assert (
            Supplier.objects.get(name="Dnister").sector == SupplyLink.objects.get(supplier__name="Dnister").commodity == "x" * 120
        )


def test_an_undo_holds_a_slice_of_the_rows_at_a_time(lviv, monkeypatch):
    mine, held = an_organisation(), []
    monkeypatch.setattr(services, "UNDONE_AT_ONCE", 2)
    undo = targets()["sites"].undo

    def watched(organisation: Any, rows: Any) -> Any:
        held.append([row.number for row in rows])
        return undo(organisation, rows)

    monkeypatch.setattr(targets()["sites"], "undo", watched, raising=False)
    rows = [(f"LVI-1{n}", f"Plant {n}", "UA", None, "Lviv", n, None, None, None, None) for n in range(5)]
    with acting_as(a_coordinator(mine)):
        batch = apply_import(batch=staged(mine, *rows))
        Site.objects.filter(code="LVI-13").update(version=7)
        batch = undo_import(batch=batch)
        assert batch.undone_counts == {"removed": 4, "restored": 0, "kept": ["LVI-13"]}
        assert list(Site.objects.values_list("code", flat=True)) == ["LVI-13"]
    assert held == [[6, 5], [4, 3], [2]]


def test_a_list_of_sites_says_where_ammonia_or_chlorine_is_kept_in_five_languages(lviv):
    mine = an_organisation()
    words = ("Keeps ammonia or chlorine", "Аміак або хлор", "Хранится аммиак или хлор", "Amoniak", "Ammoniak")
    headings = ("Site code", "Site name", "Country", "City")
    with acting_as(a_coordinator(mine)):
        for n, (word, cell, is_kept) in enumerate(
            zip(words, ("yes", "так", "да", "nie", "nein"), (True, True, True, False, False), strict=True)
        ):
            upload = a_list((f"L-{n}", f"Plant {n}", "UA", "Lviv", cell), headings=(*headings, word))
            apply_import(batch=stage_import(organisation=mine, target="sites", upload=upload))
            assert Site.objects.get(code=f"L-{n}").hazardous_stock is is_kept, word
        upload = a_list(("L-0", "Plant 0", "UA", "Lviv", "no"), headings=(*headings, words[0]))
        batch = stage_import(organisation=mine, target="sites", upload=upload)
        [change] = preview(batch, targets()["sites"]).changed
        assert [str(change[name]) for name in ("what", "old", "new")] == ["Keeps ammonia or chlorine", "Yes", "No"]
        undo_import(batch=apply_import(batch=batch))
        assert Site.objects.get(code="L-0").hazardous_stock is True


def test_places_that_are_loaded_anew_are_seen_though_they_are_as_many(lviv):
    mine, row = an_organisation(), ("LVI-01", "Plant", "UA", None, "Stryi", 5, None, None, None, None)
    with acting_as(a_coordinator(mine)):
        assert row_of(staged(mine, row), 2).fields.get("settlement_id") is None
        type(lviv).objects.filter(pk=lviv.pk).update(name="Stryi", search_key="stryi")
        assert row_of(staged(mine, row), 2).fields["settlement_id"] == str(lviv.pk)


def test_the_command_does_what_the_page_does(lviv, tmp_path: Path, capsys):
    mine = an_organisation()
    user = a_user(mine, "MEMBER_COORDINATOR")
    listed, out = tmp_path / "sites.xlsx", tmp_path / "out.json"
    listed.write_bytes(a_list(PLANT, ("", None)).data)
    call_command("import", "sites", str(listed), "--as", user.email, "--json", str(out))
    records = json.loads(out.read_text())
    assert [record["outcome"] for record in records] == ["ignored", "new"]
    assert records[1]["fields"]["settlement"] == "Lviv"
    assert records[0]["why"], "what is ignored says why"
    for record in records:
        assert record.keys() >= {"sheet", "row", "outcome", "fields", "problems"}, record
    with acting_as(SYSTEM):
        assert not Site.objects.exists()
    call_command("import", "sites", str(listed), "--as", user.email, "--apply")
    assert "1 new" in capsys.readouterr().out
    with acting_as(SYSTEM):
        assert Site.objects.count() == 1


def test_the_command_refuses_with_words(tmp_path: Path):
    viewer = a_user(an_organisation(), "MEMBER_VIEWER")
    listed = tmp_path / "sites.xlsx"
    listed.write_bytes(a_list(PLANT).data)
    with pytest.raises(CommandError, match="may not import"):
        call_command("import", "sites", str(listed), "--as", viewer.email)
    with pytest.raises(CommandError, match="Nobody with the address"):
        call_command("import", "sites", str(listed), "--as", "nobody@example.org")
    (tmp_path / "list.json").write_text("[]")
    with pytest.raises(CommandError, match="JSON"):
        call_command("import", "sites", str(tmp_path / "list.json"), "--as", viewer.email)
    assert issubclass(Refused, ValidationError)
