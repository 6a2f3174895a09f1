"""Files that no spreadsheet runs and no map misplaces."""

import csv
import io
import json
from datetime import UTC, date, datetime

import openpyxl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from aimprogress.exchange.cells import as_csv, as_geojson, as_xlsx, safe_cell

COLUMNS = [("name", "Name"), ("n", "Number")]
HOSTILE = [
    "=1+1", "+cmd|' /C calc'!A0", "-2+3", "@SUM(A1)",
    "\t=1", "\r=1", "\n=1", "＝1+1", "＋1a", "－1a", "＠x", " =1", "\ufeff=1", "\u200b=1",
]  # fmt: skip


@pytest.mark.parametrize("text", HOSTILE)
def test_a_text_that_a_spreadsheet_would_run_gets_an_apostrophe(text):
    assert safe_cell(text) == f"'{text}"


@pytest.mark.parametrize("value", [0, -5, 3.5, "-5", "+380", "-12.75", "7,5", "42"])
def test_numbers_stay_numbers(value):
    assert safe_cell(value) == value


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (None, ""), (True, "yes"), (False, "no"), ("Львів", "Львів"), (["a", "b"], "a; b"), (date(2026, 11, 22), "2026-11-22"),
        (datetime(2026, 11, 22, 8, tzinfo=UTC), "2026-11-22T08:00:00+00:00"), ({"power": "OK"}, '{"power": "OK"}'),
        ("a\x00b", "ab"),
        (["=1", "x"], "'=1; x"),
    ],
)  # fmt: skip
def test_values_are_said_plainly(value, text):
    assert safe_cell(value) == text


@given(st.text())
def test_no_text_ever_begins_like_a_formula(text):
    cell = safe_cell(text)
    cell.encode()
    if cell and cell.strip("+-0123456789.,"):
        assert cell.lstrip(" \ufeff\u200b\u00a0\u3000")[:1] not in set("=+-@\t\r＝＋－＠")


@given(st.lists(st.fixed_dictionaries({"name": st.text(st.characters(exclude_categories=["Cs"])), "n": st.integers()})))
def test_a_csv_reads_back_row_for_row(rows):
    text = as_csv(COLUMNS, rows).decode("utf-8-sig")
    read = list(csv.reader(io.StringIO(text, newline="")))
    assert read[0] == ["Name", "Number"]
    assert [line[1] for line in read[1:]] == [str(row["n"]) for row in rows]


def test_a_csv_tells_spreadsheets_its_alphabet():
    assert as_csv(COLUMNS, []).startswith(b"\xef\xbb\xbf")


def test_a_workbook_holds_texts_as_texts():
    data = as_xlsx(COLUMNS, [{"name": text, "n": 7} for text in ("=1+1", "Львів", "a\x01b")], title="Sites: all/none")
    sheet = openpyxl.load_workbook(io.BytesIO(data)).active
    cells = [(row[0].value, row[0].data_type, row[1].value) for row in sheet.iter_rows(min_row=2)]
    assert cells == [("=1+1", "s", 7), ("Львів", "s", 7), ("ab", "s", 7)]


def test_a_place_is_longitude_first_and_a_missing_one_is_null():
    rows = [{"name": "a", "lat": 49.8, "lon": 24.0}, {"name": "b", "lat": None, "lon": None}]
    features = json.loads(as_geojson([("name", "Name"), ("lat", "lat"), ("lon", "lon")], rows))["features"]
    assert features[0] == {
        "type": "Feature", "geometry": {"type": "Point", "coordinates": [24.0, 49.8]}, "properties": {"name": "a"},
    }  # fmt: skip
    assert features[1]["geometry"] is None
