"""Head counts from a list: staged, imported, corrected, taken back; the states that endanger people stay in the portal."""

import datetime as dt
import io
import json
from collections.abc import Mapping
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.utils import timezone, translation

from aimprogress.core.actor import acting_as
from aimprogress.core.exceptions import Conflict
from aimprogress.exchange.models import ImportBatch, ImportRow
from aimprogress.exchange.preview import preview
from aimprogress.exchange.safety import receive
from aimprogress.exchange.services import apply_import, mend_cells, stage_import, undo_import
from aimprogress.exchange.targets import targets
from members.imports import head_counts
from members.models import HeadCount, Organisation, Site
from members.projection import differences, newest
from tests.exchange.test_imports import a_list, import_filled_in, to_fill_in
from tests.factories import a_coordinator, a_head_count, a_site, a_status, a_user, an_organisation
from tests.signing import signed_in

pytestmark = pytest.mark.django_db

HEADINGS = ("Site code", "Date", "Expected", "Safe", "IDP", "Abroad", "Injured", "Not reached", "Killed")


@pytest.fixture
def mine() -> Organisation:
    return an_organisation()


def staged(mine: Organisation, *rows: tuple, headings: tuple = HEADINGS) -> ImportBatch:
    return stage_import(organisation=mine, target="head_counts", upload=a_list(*rows, headings=headings, name="counts.xlsx"))


def row_of(batch: ImportBatch, row: int) -> ImportRow:
    return ImportRow.objects.get(batch=batch, row=row)


def counts(site: Site) -> Mapping[str, Any]:
    site.refresh_from_db()
    return {name: getattr(site, f"current_{name}") for name in ("expected", "accounted", "safe", "displaced", "unaccounted")}


def test_counts_are_logged_on_their_day_and_the_site_shows_the_newest(mine):
    site = a_site(mine, code="LVI-01", name="Lviv oils")
    with acting_as(a_coordinator(mine)):
        batch = staged(
            mine, ("LVI-01", "05.11.2025", 100, 90, 5, 3, 0, 2, None), ("lvi-01", "2025-11-06", "100", 91, 5, 3, 0, 1, None)
        )
        assert (batch.counts["new"], HeadCount.objects.count()) == (2, 0)
        apply_import(batch=batch)
        first, second = HeadCount.objects.order_by("observed_at")
        assert timezone.localtime(first.observed_at).isoformat()[:16] == "2025-11-05T12:00"
        assert (first.unaccounted, second.unaccounted, second.source_type, second.strict) == (2, 1, "DOC", None)
        assert second.reported_by_id is not None
        assert counts(site) == {"expected": 100, "accounted": 99, "safe": 99, "displaced": 8, "unaccounted": 1}
        again = staged(mine, ("LVI-01", "05.11.2025", 100, 90, 5, 3, 0, 2, None))
        assert again.counts["same"] == 1


def test_the_projection_of_a_site_says_what_its_log_says_after_the_import_and_after_the_undo(mine):
    """Only what counts say is brought up to date: nothing else of a site may need it."""
    site, now = a_site(mine, code="LVI-01"), timezone.now()
    a_status(site, "REDUCED", observed_at=now - dt.timedelta(days=9), recorded_at=now - dt.timedelta(days=9))
    for day, expected in (("05.11.2025", 100), (timezone.localdate().isoformat(), 70)):
        with acting_as(a_coordinator(mine)):
            batch = apply_import(batch=staged(mine, ("LVI-01", day, expected, expected, 0, 0, 0, 0, None)))
            assert counts(site)["expected"] == expected
        assert list(differences(repair=False)) == []
    heard = site.last_contact_at
    with acting_as(a_coordinator(mine)):
        undo_import(batch=batch)
        assert counts(site)["expected"] == 100
    assert list(differences(repair=False)) == []
    assert site.last_contact_at < heard


def test_rows_that_say_the_same_are_not_written_again_by_the_import_and_others_are(mine):
    site = a_site(mine, code="LVI-01")
    rows = ("LVI-01", "05.11.2025", 100, 100, 0, 0, 0, 0, None), ("LVI-01", "06.11.2025", 90, 90, 0, 0, 0, 0, None)
    written = ImportRow.objects.order_by("number")
    with acting_as(a_coordinator(mine)):
        batch, other = staged(mine, *rows), staged(mine, *rows)
        before = list(written.filter(batch=batch).values_list("pk", "body"))
        apply_import(batch=batch)
        assert list(written.filter(batch=batch).values_list("pk", "body")) == before
        told = set(written.filter(batch=batch, outcome="new").values_list("target_id", flat=True))
        assert told == set(HeadCount.objects.filter(site=site).values_list("pk", flat=True))
        third = staged(mine, rows[0], ("LVI-01", "07.11.2025", 80, 80, 0, 0, 0, 0, None))
        assert written.get(batch=other, row=2).outcome == "new"
        with pytest.raises(ValidationError):
            apply_import(batch=other)
        apply_import(batch=staged(mine, ("LVI-01", "07.11.2025", 81, 81, 0, 0, 0, 0, None)))
        apply_import(batch=third)
        row, corrected = written.get(batch=third, row=3), HeadCount.objects.get(expected=81).pk
    assert (row.outcome, row.changes["expected"]) == ("changed", [81, 80])
    assert row.before == {"corrects": str(corrected)}


def test_a_site_is_found_by_its_name_too_and_named_where_it_is_not(mine):
    a_site(mine, code="LVI-01", name="Lviv oils"), a_site(mine, name="Twin"), a_site(mine, name="Twin")
    a_site(name="Of somebody else", code="ELSE-1")
    headings = ("Об'єкт", "Станом на", "Усього людей", "У безпеці")
    with acting_as(a_coordinator(mine)):
        staged(
            mine,
            ("LVIV  Oils", "5 листопада 2025", 10, 10),
            ("Twin", "05.11.2025", 1, 1),
            ("Of somebody else", "05.11.2025", 1, 1),
            headings=headings,
        )
        said = [
            (row.outcome, [p["code"] for p in row.problems if p["level"] == "error"])
            for row in ImportRow.objects.filter(row__gt=1)
        ]
    assert said == [("new", []), ("problem", ["several_sites"]), ("problem", ["unknown_site"])]


def test_a_count_that_does_not_add_up_is_a_problem_at_its_cell_and_mended_there(mine):
    a_site(mine, code="LVI-01")
    with acting_as(a_coordinator(mine)):
        batch = staged(mine, ("LVI-01", "05.11.2025", 100, 90, 0, 0, 0, 2, None))
        row = row_of(batch, 2)
        assert (row.outcome, row.problems[-1]["field"]) == ("problem", "expected")
        assert row.problems[-1]["params"]["reason"] == "8 people have no state"
        [block] = preview(batch, targets()["head_counts"]).problems
        assert [(cell.field, cell.value) for cell in block.cells if not cell.reasons] == [
            ("safe_local", "90"), ("safe_idp", "0"), ("safe_abroad", "0"), ("injured", "0"), ("unaccounted", "2"),
        ]  # fmt: skip
        batch = mend_cells(batch=batch, cells={"Sheet\t2": {"safe_local": "98"}})
        assert row_of(batch, 2).outcome == "new"


def test_states_that_endanger_people_are_never_read_and_carried_on_as_the_portal_has_them(mine):
    site = a_site(mine, code="LVI-01")
    a_head_count(site, 100, observed_at=timezone.now() - dt.timedelta(days=30), serving=7, killed=1)
    day = (timezone.localdate() - dt.timedelta(days=2)).isoformat()
    with acting_as(a_coordinator(mine)):
        batch = staged(mine, ("LVI-01", day, 100, 90, 0, 0, 0, 2, 4))
        column = next(column for column in batch.columns if column["heading"] == "Killed")
        assert (column["field"], column["how"]) == ("", "military")
        assert "killed" not in json.dumps(row_of(batch, 2).body).lower()
        apply_import(batch=batch)
        count = newest(HeadCount.objects.filter(site=site)).first()
        assert (count.states["SERVING"], count.states["KILLED"], count.states["UNACCOUNTED"]) == (7, 1, 2)


def test_the_same_day_with_other_numbers_corrects_and_undo_lets_the_first_count_stand_again(mine):
    site = a_site(mine, code="LVI-01")
    noon = timezone.localtime().replace(hour=9) - dt.timedelta(days=3)
    old = a_head_count(site, 100, observed_at=noon, unaccounted=9)
    with acting_as(a_coordinator(mine)):
        batch = staged(mine, ("LVI-01", noon.date().isoformat(), 100, 97, 0, 0, 0, 3, None))
        assert (row_of(batch, 2).outcome, row_of(batch, 2).changes["unaccounted"]) == ("changed", [9, 3])
        batch = apply_import(batch=batch)
        made = HeadCount.objects.get(supersedes=old)
        assert (made.observed_at, counts(site)["unaccounted"]) == (noon, 3)
        batch = undo_import(batch=batch)
        made.refresh_from_db()
        assert (batch.undone_counts["restored"], HeadCount.objects.count()) == (1, 2), "taken back, not deleted"
        assert made.retracted_at is not None and counts(site)["unaccounted"] == 9


def test_a_corrected_count_keeps_what_a_list_does_not_speak_of(mine):
    site = a_site(mine, code="LVI-01")
    noon = timezone.localtime().replace(hour=9) - dt.timedelta(days=3)
    beside = {"by_contract": {"OWN": 80, "AGENCY": 20}, "by_gender": {"F": 60, "M": 40}, "overlays": {"needs_urgent_help": 2}}
    a_head_count(site, 100, observed_at=noon, unaccounted=9, **beside)
    day = noon.date().isoformat()
    with acting_as(a_coordinator(mine)):
        apply_import(batch=staged(mine, ("LVI-01", day, 100, 97, 0, 0, 0, 3, None)))
        count = newest(HeadCount.objects.filter(site=site)).first()
        assert {name: getattr(count, name) for name in beside} == beside
        apply_import(batch=staged(mine, ("LVI-01", day, 90, 87, 0, 0, 0, 3, None)))
        count = newest(HeadCount.objects.filter(site=site)).first()
        assert (count.expected, count.by_contract) == (90, {}), "parts of a hundred people say nothing of ninety"


def test_contract_groups_and_genders_come_with_a_count_and_add_up_to_it(mine):
    site = a_site(mine, code="LVI-01")
    headings = (*HEADINGS[:4], "Own employees", "Agency workers", "Women", "Men", "% women")
    row = ("LVI-01", "05.11.2025", 100, 100, 80, 20, 60, 40, "60%")
    with acting_as(a_coordinator(mine)):
        batch = staged(mine, row, headings=headings)
        assert [column["field"] for column in batch.columns][-5:] == ["own", "agency", "f", "m", ""]
        apply_import(batch=batch)
        count = HeadCount.objects.get()
        assert (count.by_contract, count.by_gender) == ({"OWN": 80, "AGENCY": 20}, {"F": 60, "M": 40})
        count.full_clean()
        assert staged(mine, row, headings=headings).counts["same"] == 1
        batch = staged(mine, (*row[:6], 61, 39, None), headings=headings)
        assert row_of(batch, 2).changes == {"f": [60, 61], "m": [40, 39]}
        apply_import(batch=batch)
        count = newest(HeadCount.objects.filter(site=site)).first()
        assert (count.by_contract, count.by_gender, count.expected) == ({"OWN": 80, "AGENCY": 20}, {"F": 61, "M": 39}, 100)


def test_groups_that_do_not_add_up_are_a_problem_in_the_words_of_the_form_and_mended_there(mine):
    site = a_site(mine, code="LVI-01")
    headings = (*HEADINGS[:4], "Own employees", "Agency workers")
    with acting_as(a_coordinator(mine)):
        batch = staged(mine, ("LVI-01", "05.11.2025", 100, 100, 80, 19), headings=headings)
        [block] = preview(batch, targets()["head_counts"]).problems
        [bad] = [cell for cell in block.cells if cell.reasons]
        counted = HeadCount(
            site=site, observed_at=timezone.now(), expected=100, safe_local=100, by_contract={"OWN": 80, "AGENCY": 19}
        )
        with pytest.raises(ValidationError) as refused:
            counted.full_clean(exclude={"organisation", "site", "reported_by"}, validate_unique=False)
        assert bad.reasons == refused.value.message_dict["by_contract"]
        assert [cell.field for cell in block.cells] == ["own", "agency", "expected"]
        assert row_of(mend_cells(batch=batch, cells={"Sheet\t2": {"agency": "20"}}), 2).outcome == "new"


def test_a_count_that_somebody_corrected_while_the_list_was_compared_is_not_corrected_twice(mine, monkeypatch):
    site = a_site(mine, code="LVI-01")
    noon = timezone.localtime().replace(hour=9) - dt.timedelta(days=3)
    old = a_head_count(site, 100, observed_at=noon, unaccounted=9)
    hold = head_counts._hold

    def corrected_first(sites: Any) -> None:
        a_head_count(site, 100, observed_at=noon, supersedes=old, reason="Counted again", unaccounted=1)
        hold(sites)

    with acting_as(a_coordinator(mine)):
        batch = staged(mine, ("LVI-01", noon.date().isoformat(), 100, 97, 0, 0, 0, 3, None))
        monkeypatch.setattr(head_counts, "_hold", corrected_first)
        with pytest.raises(Conflict, match="just now"):
            apply_import(batch=batch)


def test_undo_leaves_what_somebody_corrected_since_and_names_it(mine):
    site = a_site(mine, code="LVI-01")
    with acting_as(a_coordinator(mine)):
        batch = apply_import(batch=staged(mine, ("LVI-01", "05.11.2025", 10, 10, 0, 0, 0, 0, None)))
        made = HeadCount.objects.get()
    a_head_count(site, 10, observed_at=made.observed_at, supersedes=made, reason="Counted again", unaccounted=1)
    with acting_as(a_coordinator(mine)):
        batch = undo_import(batch=batch)
        assert batch.undone_counts["kept"] == ["LVI-01, 2025-11-05"]
        assert counts(site)["unaccounted"] == 1


def test_a_day_twice_with_other_numbers_is_for_a_person_to_decide(mine):
    a_site(mine, code="LVI-01")
    row = ("LVI-01", "05.11.2025", 10, 10, 0, 0, 0, 0, None)
    with acting_as(a_coordinator(mine)):
        batch = staged(mine, row, row, ("LVI-01", "05.11.2025", 10, 9, 0, 0, 0, 1, None))
        assert [each.outcome for each in ImportRow.objects.filter(batch=batch, row__gt=1)] == ["new", "duplicate", "problem"]
        assert row_of(batch, 4).problems[-1]["code"] == "counted_twice"


def test_a_russian_csv_of_an_old_program_is_read(mine):
    a_site(mine, code="KHA-01", name="Харьков пекарня")
    heads = "Предприятие;По состоянию на;Всего людей;В безопасности;За границей;Нет связи\r\n"
    text = f"{heads}Харьков пекарня;05.11.2025;1 010;1 000;8;2\r\n"
    upload = receive(io.BytesIO(text.encode("cp1251")), name="counts.csv")
    with acting_as(a_coordinator(mine)):
        batch = stage_import(organisation=mine, target="head_counts", upload=upload)
        fields = row_of(batch, 2).fields
    assert (fields["code"], fields["expected"], fields["safe_abroad"], fields["unaccounted"]) == ("KHA-01", 1010, 8, 2)


@pytest.mark.parametrize("language", ["en", "uk"])
def test_the_list_to_fill_in_comes_back_as_it_went_out(mine, language):
    site = a_site(mine, code="LVI-01", name="Lviv oils")
    a_site(name="Of somebody else")
    client = signed_in(a_user(mine, "MEMBER_COORDINATOR"))
    with translation.override(language):
        book = to_fill_in(client, "head_counts", language)
        rows = list(book.active.iter_rows(values_only=True))
        assert [row[:2] for row in rows[1:]] == [("LVI-01", "Lviv oils")]
        book.active["D2"], book.active["E2"], book.active["I2"] = 12, 11, 1
        with acting_as(a_coordinator(mine)):
            import_filled_in(book, mine, "head_counts")
            assert counts(site) == {"expected": 12, "accounted": 11, "safe": 11, "displaced": 0, "unaccounted": 1}


def test_open_sites_without_a_row_for_the_listed_day_are_named(mine):
    for n in (1, 2, 3):
        a_site(mine, code=f"LVI-0{n}", name=f"Plant {n}")
    a_status(a_site(mine, code="LVI-04", name="Plant 4"), "CLOSED")
    first, second = (("LVI-01", "05.11.2025", 1, 1), ("LVI-02", "05.11.2025", 2, 1))
    with acting_as(a_coordinator(mine)):
        batch = staged(mine, first, second, headings=HEADINGS[:4])
        assert row_of(batch, 3).outcome == "problem", "it speaks of its site all the same"
        assert (batch.missing, batch.counts["missing"]) == (["Plant 3 (LVI-03)"], 1)
        batch = staged(mine, first, second, ("LVI-03", "06.11.2025", 1, 1), headings=HEADINGS[:4])
        assert batch.missing == ["Plant 3 (LVI-03), 2025-11-05", "Plant 1 (LVI-01), 2025-11-06", "Plant 2 (LVI-02), 2025-11-06"]
        days = [("LVI-01", f"0{day}.11.2025", 1, 1) for day in (1, 2, 3, 4)]
        assert staged(mine, *days, headings=HEADINGS[:4]).missing == ["Plant 2 (LVI-02)", "Plant 3 (LVI-03)"]
