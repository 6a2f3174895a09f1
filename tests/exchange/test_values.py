"""Cells as people type them."""

# ruff: noqa: E501 - tables of spellings

import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aimprogress.exchange.countries import country_code
from aimprogress.exchange.points import is_wrong_way_round, read_degrees
from aimprogress.exchange.reading import decode, find_delimiter
from aimprogress.exchange.repeats import name_tokens
from aimprogress.exchange.text import clean, key, mixes_scripts
from aimprogress.exchange.values import (
    is_formula_text,
    read_choice,
    read_count,
    read_country,
    read_date,
    read_percentage,
    read_text,
    upper_bound,
    writes_month_first,
)

JULY = dt.date(2019, 7, 1)


@pytest.mark.parametrize(
    ("written", "day"),
    [
        (dt.datetime(2019, 7, 1), JULY), ("01.07.2019", JULY), ("2019-07-01", JULY), ("1 липня 2019 р.", JULY), ("01-Jul-19", JULY),
        ("July 1, 2019", JULY), ("1.7.19", JULY), ("1 июля 2019 г.", JULY), ("1 lipca 2019", JULY), ("20190701", JULY), (43647, JULY),
        ("43647", JULY), ("2019-07-01T10:30:00Z", JULY), ("Feb 2019", "2019-02"), ("02.2019", "2019-02"), ("лютий 2019", "2019-02"),
        ("2019-02", "2019-02"), (2019, "2019"),
    ],
)  # fmt: skip
def test_a_date_is_read_in_any_of_its_spellings(written: object, day: object):
    assert read_date(written).value == day


@pytest.mark.parametrize("written", ["31.06.2019", "31/06/2019", "2019-02-29", "30 лютого 2020", "31.11.2026"])
def test_a_day_that_cannot_be_is_a_problem_and_never_another_day(written: str):
    read = read_date(written)
    assert read.value is None
    assert read.error[0] == "no_such_day"


@pytest.mark.parametrize(
    "written", ["soon", "13/13/2019", "99999999", 7, "1.1.1", True, "2 January ²", "January " + "1" * 5000, "1 Jan 20199"]
)
def test_what_is_no_date_is_a_problem(written: object):
    assert read_date(written).error[0] == "not_a_date"


def test_a_column_says_whether_the_month_comes_first():
    assert writes_month_first(["13/02/2019", "01/02/2019"]) is False
    assert writes_month_first(["02/13/2019", "01/02/2019"]) is True
    assert writes_month_first([dt.datetime(2019, 7, 1), "7/1/2019"]) is True
    assert writes_month_first(["01/02/2019"]) is None
    assert read_date("01/02/2019", month_first=True).value == dt.date(2019, 1, 2)
    assert read_date("01/02/2019").checks[0][0] == "check_ambiguous_date"


@pytest.mark.parametrize(
    ("written", "count"),
    [
        (211, 211),
        (211.0, 211),
        ("164 ", 164),
        ("1\xa0063", 1063),
        ("1.063", 1063),
        ("1,063", 1063),
        ("83 чол.", 83),
        ("107=", 107),
    ],
)
def test_a_number_is_read_with_its_spaces_signs_and_units(written: object, count: int):
    assert read_count(written).value == count


def test_an_upper_bound_is_no_number_of_people():
    assert (read_count("< 1.000").value, upper_bound(read_count("< 1.000"))) == (None, 1000)
    assert upper_bound(read_count("50-99")) == 99
    assert read_count("< " + "9" * 400).error[0] == "number_too_large"


def test_a_letter_in_a_number_is_a_problem_with_a_proposal():
    read = read_count("24O")
    assert (read.value, read.error[0], read.suggestion) == (None, "letter_in_number", "240")


@pytest.mark.parametrize("written", ["many", "12.5", "0x10", "1e5", dt.date(2019, 7, 1)])
def test_what_is_no_number_is_a_problem(written: object):
    assert read_count(written).error[0] == "not_a_number"


def test_a_negative_count_is_pointed_at():
    assert read_count("-15").checks[0][0] == "check_negative"


@pytest.mark.parametrize(
    ("written", "degrees"),
    [
        ("48,23171", 48.23171), ("51.50541 ", 51.50541), ("18.795305=", 18.795305), ("50°46'03\"N", 50.7675), ("29°14'32\"E", 29.242222),
        ("33°52′10″ S", -33.869444), ("50.26235, 28.67913", (50.26235, 28.67913)), ("50,45; 30,52", (50.45, 30.52)),
        ("49°50′N 24°01′E", (49.833333, 24.016667)), (0, 0.0),
    ],
)  # fmt: skip
def test_a_coordinate_is_read_in_any_of_its_spellings(written: object, degrees: object):
    assert read_degrees(written).value == degrees


@pytest.mark.parametrize("written", ["north", "50°99'N", "50.4.3", True])
def test_what_is_no_coordinate_is_a_problem(written: object):
    assert read_degrees(written).error[0] == "not_a_coordinate"


def test_exchanged_numbers_are_seen_by_the_town_by_the_country_and_by_the_earth():
    assert is_wrong_way_round((22.57, 48.24), country="UA", settlements=[(48.2, 22.6)])
    assert is_wrong_way_round((22.57, 48.24), country="UA", settlements=[])
    assert is_wrong_way_round((121.0, 31.0), country=None, settlements=[])
    assert not is_wrong_way_round((48.24, 22.57), country="UA", settlements=[(48.2, 22.6)])


@pytest.mark.parametrize(
    ("written", "code"),
    [
        ("Україна ", "UA"), ("UKR", "UA"), ("ukraine", "UA"), ("Белоруссия", "BY"), ("РФ", "RU"), ("Moldova, Republic of", "MD"),
        ("Polska", "PL"), ("Slovak Rep.", "SK"), ("Türkiye", "TR"), ("South Korea", "KR"),
    ],
)  # fmt: skip
def test_a_country_is_known_by_code_and_by_its_names(written: str, code: str):
    assert read_country(written).value == code


def test_what_is_no_country_is_a_problem():
    assert read_country("Europe").error[0] == "not_a_country"
    assert country_code("") is None


def test_a_word_close_to_a_choice_is_proposed_and_not_taken():
    words = {"REDUCED": ("works partly", "partly"), "OPERATING": ("running",)}
    assert read_choice("partly", words).value == "REDUCED"
    read = read_choice("works partially", words)
    assert (read.value, read.error[0], read.suggestion) == (None, "unknown_choice", "REDUCED")


def test_percentages_are_read_and_impossible_ones_left_out():
    assert read_percentage("64.0%").value == 64.0
    assert read_percentage(0.64).value == 64.0
    assert read_percentage("130 %").checks[0][0] == "check_percentage"


@pytest.mark.parametrize("written", ["=1+1", "@SUM(A1)", '=HYPERLINK("x")', "+cmd|' /C calc'!A0", "-cmd|x!A1"])
def test_text_that_a_spreadsheet_would_run_is_recognised(written: str):
    assert is_formula_text(written)


@pytest.mark.parametrize("written", ["+48 22 555", "-15", "=", "@home", "- Nadex -", 7, None])
def test_ordinary_text_is_not_taken_for_a_formula(written: object):
    assert not is_formula_text(written) or written == "@home"


def test_invisible_signs_go_and_look_alikes_fold_only_for_keys():
    assert clean("LLC  Mirtex\xa0Ukra\u200bine ") == "LLC Mirtex Ukraine"
    assert read_text("OOO ТРР Amatel").value == "OOO ТРР Amatel"
    assert mixes_scripts("OOO ТРР Amatel") and not mixes_scripts('АО "Арнест" / JSC Arnest')
    assert name_tokens("OOO ТРР Amatel") == name_tokens("ООО TPP Amatel")
    assert key("Мозырь") == "mozyr"


def test_long_texts_are_not_remembered():
    before = [function.kept() for function in (clean, key, country_code)]
    for n in range(5):
        long = f"{n} " + "letters " * 60
        assert clean(long) == long.strip() and key(long).startswith(str(n)) and country_code(long) is None
    assert [function.kept() for function in (clean, key, country_code)] == before


def test_company_names_are_compared_without_their_legal_form():
    assert name_tokens("Private enterprise Victoria 8") == name_tokens("PE Victoria 8")
    assert name_tokens('АО "Арнест" / JSC Arnest') == name_tokens("JSC Arnest")
    assert name_tokens("ASENA 3 TEXTIL S.R.L.") != name_tokens("ASENA-TEXTIL S.R.L.")


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "cp1251"])
def test_cyrillic_text_is_read_in_its_encodings(encoding: str):
    text = "назва;країна\nЗавод у Львові;Україна\n"
    assert decode(text.encode(encoding))[0].lstrip("\ufeff") == text


def test_polish_text_in_an_old_code_page_is_not_taken_for_cyrillic():
    text = "nazwa;miejscowość\nZakład Łódź;Łódź\nBrzeźno;Dąbrowa Górnicza\n"
    assert decode(text.encode("cp1250")) == (text, "cp1250")


@pytest.mark.parametrize("sign", [",", ";", "\t", "|"])
def test_the_delimiter_is_found(sign: str):
    assert (
        find_delimiter(sign.join(["name", "lat", "lon"]) + "\n" + sign.join(["A, B", "1", "2"]).replace(", ", " ") + "\n") == sign
    )


@given(st.one_of(st.text(), st.integers(), st.floats(), st.booleans(), st.datetimes(), st.none()))
def test_no_cell_makes_a_reader_break(value: object):
    for read in (read_text, read_count, read_date, read_degrees, read_country, read_percentage):
        found = read(value)
        assert found.error is None or found.value is None
    assert clean(clean(str(value))) == clean(str(value))
