"""The import in the browser, without JavaScript: file, columns, check, done with undo."""

import io
import re
from typing import Any

import openpyxl
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from aimprogress.core.actor import SYSTEM, acting_as
from aimprogress.exchange import returns
from aimprogress.exchange.models import ImportBatch, ImportRow
from aimprogress.exchange.safety import LARGEST_FILE
from aimprogress.places.models import Settlement
from members.models import Site
from tests.factories import a_user, an_organisation
from tests.signing import signed_in

pytestmark = pytest.mark.django_db
HEADINGS = ("Site code", "Site name", "Country", "City", "Workers", "Kind", "Contact person")


@pytest.fixture
def coordinator(lviv: Settlement) -> Client:
    return signed_in(a_user(an_organisation(), "MEMBER_COORDINATOR"))


def a_file(*rows: tuple, headings: tuple = HEADINGS, name: str = "sites.xlsx") -> SimpleUploadedFile:
    book = openpyxl.Workbook()
    for row in (headings, *rows):
        book.active.append(row)
    out = io.BytesIO()
    book.save(out)
    return SimpleUploadedFile(name, out.getvalue())


GOOD = ("LVI-01", "Lviv oils", "Україна", "Lwow", 120, "Factory", "somebody@example.org")
BAD = ("LVI-02", "Second plant", "Ukraine", "Lviv", "24O", "fabrikk", None)


def uploaded(client: Client, *rows: tuple, **more: Any) -> tuple[Any, ImportBatch]:
    response = client.post(reverse("exchange:upload", kwargs={"target": "sites"}), {"file": a_file(*rows, **more)})
    with acting_as(SYSTEM):
        return response, ImportBatch.objects.get()


def batch_url(name: str, batch: ImportBatch) -> str:
    return reverse(f"exchange:{name}", kwargs={"pk": batch.pk})


def sites() -> list[str]:
    with acting_as(SYSTEM):
        return sorted(Site.objects.values_list("code", flat=True))


def test_a_list_goes_from_the_file_to_the_portal_and_back(coordinator: Client):
    response, batch = uploaded(coordinator, GOOD)
    assert response["Location"] == batch_url("preview", batch)
    page = coordinator.get(response["Location"])
    assert page["Cache-Control"] == "no-store"
    assert "Lviv oils" in page.content.decode() and "somebody" not in page.content.decode()
    assert sites() == []
    done = coordinator.post(batch_url("preview", batch), {"do": "import", "mode": "all"}, follow=True)
    assert sites() == ["LVI-01"]
    assert batch_url("undo", batch) in done.content.decode()
    coordinator.post(batch_url("undo", batch))
    assert sites() == []
    assert "was taken back" in coordinator.get(batch_url("preview", batch)).content.decode()


def test_a_problem_stands_with_its_value_reason_accepted_values_and_a_control_that_mends_it(coordinator: Client):
    _response, batch = uploaded(coordinator, GOOD, BAD)
    text = coordinator.get(batch_url("preview", batch)).content.decode()
    assert "24O" in text and "the letter O in it" in text and "a whole number, 0 or more" in text and "Perhaps 240?" in text
    assert '<option value="FACTORY" selected>' in text
    refused = coordinator.post(batch_url("preview", batch), {"do": "import", "mode": "all"})
    assert refused.status_code == 422 and "1 row has a problem" in refused.content.decode()
    assert sites() == []
    with acting_as(SYSTEM):
        number = ImportRow.objects.get(batch=batch, outcome="problem").number
    typed = {"do": "check", f"cell-{number}-workers": "240", f"cell-{number}-kind": "FACTORY"}
    coordinator.post(batch_url("preview", batch), typed)
    coordinator.post(batch_url("preview", batch), {"do": "import", "mode": "all"})
    assert sites() == ["LVI-01", "LVI-02"]


def test_five_kinds_of_error_stand_with_their_values_and_are_mended_in_place(coordinator: Client):
    """Check 36 of ux.md: nothing is kept before all is mended, and the undo takes all of it back."""
    wrong = {"workers": "24O", "kind": "fabrikk", "country": "Atlantis", "code": "X" * 60, "name": None}
    mended = {"workers": "240", "kind": "FACTORY", "country": "UA", "code": "X-code", "name": "Fifth plant"}
    order = ("code", "name", "country", "city", "workers", "kind")
    good = dict(zip(order, GOOD, strict=False))
    said = [good | {"code": f"X-{field}", "name": f"Plant {field}"} | {field: value} for field, value in wrong.items()]
    _response, batch = uploaded(coordinator, *[(*(row[of] for of in order), None) for row in said])
    text = coordinator.get(batch_url("preview", batch)).content.decode()
    assert all(value in text for value in wrong.values() if value)
    with acting_as(SYSTEM):  # in the order of the file
        rows = ImportRow.objects.filter(batch=batch, outcome="problem").order_by("number")
        problems = dict(zip(wrong, rows.values_list("number", flat=True), strict=True))
    assert coordinator.post(batch_url("preview", batch), {"do": "import", "mode": "all"}).status_code == 422
    assert sites() == []
    typed = {f"cell-{number}-{field}": mended[field] for field, number in problems.items()}
    coordinator.post(batch_url("preview", batch), {"do": "check"} | typed)
    coordinator.post(batch_url("preview", batch), {"do": "import", "mode": "all"})
    assert sites() == sorted(f"X-{field}" for field in wrong)
    coordinator.post(batch_url("undo", batch))
    assert sites() == []


def test_the_good_rows_go_alone_and_the_others_come_back_as_a_workbook_with_reasons(coordinator: Client):
    _response, batch = uploaded(coordinator, GOOD, BAD)
    answer = coordinator.get(batch_url("problem_rows", batch))
    rows = list(openpyxl.load_workbook(io.BytesIO(answer.content)).active.iter_rows(values_only=True))
    assert rows[0] == ("Site code", "Site name", "Country", "City", "Workers", "Reason", "Kind", "Reason")
    assert rows[1][4] == "24O" and "the letter O" in rows[1][5] and len(rows) == 2
    coordinator.post(batch_url("preview", batch), {"do": "import", "mode": "good"})
    assert sites() == ["LVI-01"]


def test_problem_rows_come_back_whole_from_a_list_with_any_name(coordinator: Client):
    long = "Shop floor of the second hall, " * 4
    text = f'Site code,Site name,Country,City,Workers,Products\nLVI-02,Second plant,Ukraine,Lviv,24O,"{long}"\n'
    file = SimpleUploadedFile("sites [copy]: 1/2?.csv", text.encode())
    coordinator.post(reverse("exchange:upload", kwargs={"target": "sites"}), {"file": file})
    with acting_as(SYSTEM):
        batch = ImportBatch.objects.get()
    answer = coordinator.get(batch_url("problem_rows", batch))
    row = list(openpyxl.load_workbook(io.BytesIO(answer.content)).active.iter_rows(values_only=True))[1]
    assert row[-1] == long.strip()


def test_of_very_many_problem_rows_the_first_come_back_and_the_others_are_counted(coordinator: Client, monkeypatch):
    monkeypatch.setattr(returns, "MOST_ROWS", 1)
    _response, batch = uploaded(coordinator, BAD, ("LVI-03", *BAD[1:]), ("LVI-04", *BAD[1:]))
    book = openpyxl.load_workbook(io.BytesIO(coordinator.get(batch_url("problem_rows", batch)).content))
    assert book.worksheets[0]["A1"].value.startswith("2 more rows have problems")
    assert book.worksheets[1].max_row == 2


def test_columns_can_be_read_otherwise_but_contacts_never(coordinator: Client):
    _response, batch = uploaded(coordinator, GOOD)
    page = coordinator.get(batch_url("columns", batch)).content.decode()
    assert "never names or numbers of people" in page and "somebody" not in page
    chosen = {f"column-{at}": column["field"] for at, column in enumerate(batch.columns)} | {
        "column-4": "",
        "column-6": "address",
    }
    assert coordinator.post(batch_url("columns", batch), chosen).status_code == 302
    with acting_as(SYSTEM):
        fields = ImportRow.objects.get(batch=batch, outcome="new").fields
    assert "workers" not in fields and "address" not in fields


def test_script_text_stays_text_on_every_page(coordinator: Client):
    _response, batch = uploaded(coordinator, ("X-1", "<script>alert(1)</script>", "Ukraine", "Lviv", "<b>x</b>", None, None))
    for name in ("preview", "columns"):
        text = coordinator.get(batch_url(name, batch)).content.decode()
        assert "<script>alert" not in text and "<b>x</b>" not in text


@pytest.mark.parametrize(("name", "data", "said"), [
    ("list.json", b"[]", "JSON"), ("list.xlsx", b"name,country", "something else"), ("list.pdf", b"%PDF-1.7", "not read"),
    ("list.csv", b" ", "empty"),
])  # fmt: skip
def test_a_file_that_is_no_list_is_refused_on_its_page(coordinator: Client, name: str, data: bytes, said: str):
    answer = coordinator.post(reverse("exchange:upload", kwargs={"target": "sites"}), {"file": SimpleUploadedFile(name, data)})
    assert answer.status_code == 422
    assert said in answer.content.decode()
    with acting_as(SYSTEM):
        assert not ImportBatch.objects.exists()


def test_a_body_that_is_too_large_is_refused_before_it_is_read(coordinator: Client):
    class NeverRead(io.BytesIO):
        def read(self, *_: object) -> bytes:
            raise AssertionError("the body was read")

    answer = coordinator.generic(
        "POST", reverse("exchange:upload", kwargs={"target": "sites"}), content_type="multipart/form-data; boundary=x",
        **{"CONTENT_LENGTH": str(5 * LARGEST_FILE), "wsgi.input": NeverRead()},
    )  # fmt: skip
    assert answer.status_code == 413
    assert "larger than 10 MB" in answer.content.decode()


def test_the_upload_asks_for_the_form_token_like_every_form(lviv: Settlement):
    client = Client(enforce_csrf_checks=True)
    client.cookies = signed_in(a_user(an_organisation(), "MEMBER_COORDINATOR")).cookies
    assert client.post(reverse("exchange:upload", kwargs={"target": "sites"}), {"file": a_file(GOOD)}).status_code == 403


def test_the_sample_is_tried_with_one_press(coordinator: Client):
    page = coordinator.get(reverse("exchange:upload", kwargs={"target": "sites"})).content.decode()
    assert "Try with a sample" in page
    answer = coordinator.post(reverse("exchange:try_sample", kwargs={"target": "sites"}))
    assert re.match(r"/import/lists/[0-9a-f-]+/", answer["Location"])
    assert coordinator.get(answer["Location"]).status_code == 200
    assert coordinator.get(reverse("exchange:sample", kwargs={"target": "sites"})).content[:2] == b"PK"


def test_every_target_with_a_sample_offers_it_on_the_first_page_sites_first(coordinator: Client):
    text = coordinator.get(reverse("exchange:home")).content.decode()
    offered = re.findall(r'action="/import/([a-z_]+)/try-sample/"', text)
    assert offered == ["sites", "head_counts", "pay"]
    for target in offered:
        assert coordinator.get(reverse("exchange:sample", kwargs={"target": target})).content[:2] == b"PK"
    assert coordinator.get(reverse("exchange:sample", kwargs={"target": "suppliers"})).status_code == 404
    assert coordinator.get(reverse("exchange:to_fill_in", kwargs={"target": "sites"})).status_code == 404


def test_others_cannot_see_a_list_and_viewers_cannot_bring_one(coordinator: Client):
    _response, batch = uploaded(coordinator, GOOD)
    other = signed_in(a_user(an_organisation(), "MEMBER_COORDINATOR"))
    for name in ("preview", "columns", "problem_rows", "undo", "discard"):
        assert other.get(batch_url(name, batch)).status_code == 404
    viewer = signed_in(a_user(an_organisation(), "MEMBER_VIEWER"))
    assert viewer.get(reverse("exchange:home")).status_code == 403
    assert coordinator.get(reverse("exchange:upload", kwargs={"target": "nothing"})).status_code == 404


def test_a_list_thrown_away_is_gone(coordinator: Client):
    _response, batch = uploaded(coordinator, GOOD)
    assert coordinator.get(batch_url("discard", batch)).status_code == 200
    assert coordinator.post(batch_url("discard", batch))["Location"] == reverse("exchange:home")
    assert coordinator.get(reverse("exchange:home")).status_code == 200
    with acting_as(SYSTEM):
        assert not ImportBatch.objects.exists()


def a_row_of(batch: ImportBatch, row: int) -> ImportRow:
    with acting_as(SYSTEM):
        return ImportRow.objects.get(batch=batch, row=row)


def test_a_cell_that_cannot_be_mended_is_left_empty(coordinator: Client):
    _response, batch = uploaded(coordinator, BAD)
    number = a_row_of(batch, 2).number
    coordinator.post(batch_url("preview", batch), {"do": "check", f"cell-{number}-workers": "", f"cell-{number}-kind": ""})
    row = a_row_of(batch, 2)
    assert [problem["field"] for problem in row.problems if problem["level"] == "error"] == ["kind"], "nothing was chosen for it"
    assert 'value="leave-empty"' in coordinator.get(batch_url("preview", batch)).content.decode()
    coordinator.post(batch_url("preview", batch), {"do": "check", f"cell-{number}-kind": "leave-empty"})
    row = a_row_of(batch, 2)
    assert row.outcome == "new" and not {"workers", "kind"} & row.fields.keys()


def test_a_cell_that_is_needed_cannot_be_left_empty(coordinator: Client):
    _response, batch = uploaded(coordinator, (*GOOD[:2], "Nowhere", *GOOD[3:]))
    number = a_row_of(batch, 2).number
    coordinator.post(batch_url("preview", batch), {"do": "check", f"cell-{number}-country": ""})
    assert "required" in [problem["code"] for problem in a_row_of(batch, 2).problems]


def rows_of_workbook(client: Client, name: str, batch: ImportBatch) -> list[tuple]:
    answer = client.get(batch_url(name, batch))
    return list(openpyxl.load_workbook(io.BytesIO(answer.content)).active.iter_rows(values_only=True))


def test_problem_rows_come_back_with_what_was_typed_already(coordinator: Client):
    _response, batch = uploaded(coordinator, BAD)
    number = a_row_of(batch, 2).number
    coordinator.post(batch_url("preview", batch), {"do": "check", f"cell-{number}-workers": "240"})
    heads, row = rows_of_workbook(coordinator, "problem_rows", batch)
    assert heads == ("Site code", "Site name", "Country", "City", "Workers", "Kind", "Reason")
    assert row[4:6] == ("240", "fabrikk") and "not one of the accepted words" in row[6]


def test_what_a_problem_row_needs_and_the_list_has_no_column_for_gets_one(coordinator: Client):
    headings = ("Site code", "Site name", "City")
    _response, batch = uploaded(coordinator, ("LVI-01", "Lviv oils", "Lviv"), headings=headings)
    heads, row = rows_of_workbook(coordinator, "problem_rows", batch)
    assert heads == (*headings, "Country", "Reason", "Oblast or region", "Reason")[: len(heads)]
    assert (row[3], row[4]) == (None, "This cell is needed and empty.")
    number = a_row_of(batch, 2).number
    coordinator.post(batch_url("preview", batch), {"do": "check", f"cell-{number}-country": "Nowhere"})
    assert rows_of_workbook(coordinator, "problem_rows", batch)[1][3] == "Nowhere"


def test_a_problem_row_keeps_the_value_of_a_merged_cell(coordinator: Client):
    book = openpyxl.Workbook()
    for row in (HEADINGS, GOOD, (*BAD[:2], None, *BAD[3:])):
        book.active.append(row)
    book.active.merge_cells("C2:C3")
    out = io.BytesIO()
    book.save(out)
    file = SimpleUploadedFile("sites.xlsx", out.getvalue())
    coordinator.post(reverse("exchange:upload", kwargs={"target": "sites"}), {"file": file})
    with acting_as(SYSTEM):
        batch = ImportBatch.objects.get()
    assert rows_of_workbook(coordinator, "problem_rows", batch)[1][2] == "Україна"


def test_all_rows_come_back_with_what_became_of_each_and_why(coordinator: Client, monkeypatch):
    _response, batch = uploaded(coordinator, GOOD, BAD, GOOD, ("Total", None, None, None, 120, None, None))
    assert batch_url("all_rows", batch) in coordinator.get(batch_url("preview", batch)).content.decode()
    rows = rows_of_workbook(coordinator, "all_rows", batch)
    assert rows[0][:7] == ("Sheet", "Row", "Outcome", "Why, and how it was read", "Changes", "Site name", "Site code")
    assert [row[1:3] for row in rows[1:]] == [
        (1, "No record"), (2, "New"), (3, "Problem"), (4, "Repeated"), (5, "No record"),
    ]  # fmt: skip
    said = [row[3] for row in rows[1:]]
    assert said[0] == "Column names" and "City or settlement: “Lwow” was read as Lviv." in said[1]
    assert "letter O in it" in said[2] and said[3].startswith("The same as row 2") and said[4] in ("Total", "Subtotal")
    assert rows[2][5:8] == ("Lviv oils", "LVI-01", "Factory") and "somebody" not in str(rows)
    monkeypatch.setattr(returns, "MOST_ROWS", 1)
    answer = coordinator.get(batch_url("all_rows", batch))
    assert answer["Content-Type"].startswith("text/csv") and len(answer.content.decode().splitlines()) == 6


def test_notes_of_late_rows_are_shown_and_the_others_counted(coordinator: Client):
    plain = [(f"P-{n}", f"Plant {n}", "UA", "Lviv", n, None, None) for n in range(1, 56)]
    _response, batch = uploaded(coordinator, *plain, GOOD)
    text = coordinator.get(batch_url("preview", batch)).content.decode()
    assert "“Lwow” was read as Lviv." in text and batch.counts["notes"] == 1
    assert "The first 50 of 56 are shown." in text


@pytest.mark.parametrize(
    ("name", "rows", "said"),
    [
        ("wide.csv", [["Site name", "Country"], ["A", "UA", *[""] * 400, "x"]], "“wide.csv” has more than 400 columns"),
        ("wide.xlsx", [["Site name", "Country"], ["A", "UA", *[None] * 400, "x"]], "“Sheet” has more than 400 columns"),
        ("many.xlsx", None, "more than 60 sheets"),
    ],
)
def test_a_list_that_is_too_wide_or_has_too_many_sheets_is_refused_and_nothing_cut_off(
    coordinator: Client, name: str, rows: list[list] | None, said: str
):
    book = openpyxl.Workbook()
    for row in rows or [["Site name", "Country"], ["A", "UA"]]:
        book.active.append(row)
    for n in range(0 if rows else 60):
        book.create_sheet(f"s{n}")
    out = io.BytesIO()
    book.save(out)
    data = "\n".join(",".join(row) for row in rows).encode() if name.endswith("csv") else out.getvalue()
    file = SimpleUploadedFile(name, data)
    answer = coordinator.post(reverse("exchange:upload", kwargs={"target": "sites"}), {"file": file})
    assert answer.status_code == 422 and said in answer.content.decode()
