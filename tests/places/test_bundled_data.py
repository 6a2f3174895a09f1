"""The bundled files themselves: pure, no database."""

from __future__ import annotations

from collections import Counter
from itertools import pairwise
from pathlib import Path

import pytest

from aimprogress.places.countries import COUNTRIES, CountryGroup, country_name, group_of, in_group
from aimprogress.places.reference import DATA, rows_of

AREAS = {row["code"]: row for row in rows_of("areas.csv.gz")}
SETTLEMENTS = list(rows_of("settlements.csv.gz"))
LINES = list(rows_of("ua_territory_status.csv.gz"))
OBLASTS = {row["pcode"]: row for row in AREAS.values() if row["country"] == "UA" and row["level"] == "1"}


def town(name: str, country: str = "UA") -> dict[str, str]:
    found = [row for row in SETTLEMENTS if row["name"] == name and row["country"] == country]
    return max(found, key=lambda row: int(row["population"]))


def test_ukraine_has_27_units_136_raions_and_its_hromadas():
    levels = Counter(row["level"] for row in AREAS.values() if row["country"] == "UA")
    assert (levels["1"], levels["2"], levels["3"]) == (27, 136, 1772)


@pytest.mark.parametrize(
    ("pcode", "iso", "name"),
    [
        ("UA01", "UA-43", "Autonomous Republic of Crimea"),
        ("UA44", "UA-09", "Luhansk"),
        ("UA73", "UA-77", "Chernivtsi"),
        ("UA80", "UA-30", "Kyiv city"),
        ("UA85", "UA-40", "Sevastopol city"),
    ],
)
def test_the_five_units_whose_iso_and_p_codes_differ(pcode, iso, name):
    assert (OBLASTS[pcode]["iso"], OBLASTS[pcode]["name_en"]) == (iso, name)


def test_every_other_unit_has_the_same_number_in_both_systems():
    differing = {pcode for pcode, row in OBLASTS.items() if row["iso"].replace("-", "") != pcode}
    assert differing == {"UA01", "UA44", "UA73", "UA80", "UA85"}
    assert "UA77" not in OBLASTS


def test_a_p_code_of_ukraine_is_the_beginning_of_its_codifier_code():
    assert all(row["code"].startswith(row["pcode"]) for row in AREAS.values() if row["country"] == "UA")


@pytest.mark.parametrize(
    ("country", "regions"),
    [("PL", 16), ("SK", 8), ("HU", 20), ("RO", 42), ("MD", 37), ("BY", 7), ("RU", 83), ("CZ", 14), ("LT", 10), ("DE", 16)],
)
def test_each_country_has_its_iso_regions(country, regions):
    rows = [row for row in AREAS.values() if row["country"] == country]
    assert len(rows) == regions
    assert all(row["code"] == row["iso"] and row["code"].startswith(f"{country}-") for row in rows)
    if country in ("PL", "SK", "HU", "RO", "MD", "BY", "RU"):
        assert all(row["pcode"] for row in rows), "OCHA has a P-code for each of them"


def test_no_occupied_place_is_offered_under_russia():
    russian = [row for row in AREAS.values() if row["country"] == "RU"]
    assert not {"RU-CR", "RU-SEV", "RU-DON", "RU-LUG", "RU-ZAP", "RU-KHE"} & {row["code"] for row in russian}
    for name in (
        "Simferopol",
        "Sevastopol",
        "Kerch",
        "Yalta",
        "Donetsk",
        "Luhansk",
        "Mariupol",
        "Melitopol",
        "Kherson",
        "Berdiansk",
    ):
        assert town(name)["admin1"].startswith("UA")
    near = [row for row in SETTLEMENTS if row["country"] == "RU" and 44 < float(row["lat"]) < 46.2 and float(row["lon"]) < 36.6]
    assert near == []


@pytest.mark.parametrize(
    ("name", "local", "pcode"),
    [
        ("Lviv", "Львів", "UA46"),
        ("Zaporizhzhia", "Запоріжжя", "UA23"),
        ("Vinnytsia", "Вінниця", "UA05"),
        ("Kyiv", "Київ", "UA80"),
        ("Bila Tserkva", "Біла Церква", "UA32"),
        ("Kramatorsk", "Краматорськ", "UA14"),
        ("Nikopol", "Нікополь", "UA12"),
    ],
)
def test_a_town_of_ukraine_has_its_official_name_and_its_oblast(name, local, pcode):
    row = town(name)
    assert row["name_local"] == local
    assert AREAS[row["admin1"]]["pcode"] == pcode


def test_a_settlement_stands_in_the_area_its_code_begins_with():
    for row in SETTLEMENTS:
        area = AREAS[row["area"]]
        assert area["country"] == row["country"] == AREAS[row["admin1"]]["country"]
        if row["katottg"]:
            assert row["katottg"][:4] == row["area"][:4] == row["admin1"][:4]


def test_nine_of_ten_settlements_of_ukraine_are_resolved_below_the_oblast():
    rows = [row for row in SETTLEMENTS if row["country"] == "UA"]
    assert sum(bool(row["katottg"]) for row in rows) / len(rows) > 0.9
    # what is not resolved is small: no large town waits for its hromada
    assert max(int(row["population"]) for row in rows if not row["katottg"]) < 10_000


def test_every_raion_and_oblast_has_a_public_point_and_host_countries_have_towns():
    assert all(row["lat"] and row["lon"] for row in AREAS.values() if row["country"] == "UA" and row["level"] in "12")
    countries = Counter(row["country"] for row in SETTLEMENTS)
    assert all(
        countries[code] >= 30 for code in ("UA", "RU", "BY", "PL", "SK", "HU", "RO", "MD", "DE", "CZ", "LT", "LV", "EE", "BG")
    )


def test_the_bundle_stays_small():
    assert (DATA / "settlements.csv.gz").stat().st_size <= 600_000
    assert sum(path.stat().st_size for path in DATA.iterdir()) <= 900_000


def test_every_line_of_the_list_names_a_known_area_and_ends_after_it_begins():
    assert len(LINES) == 3196
    assert all(line["area"] in AREAS for line in LINES)
    assert all(not line["valid_to"] or line["valid_to"] >= line["valid_from"] for line in LINES)
    named = {code for line in LINES for code in line["exceptions"].split()}
    assert named and all(code in AREAS for code in named)


def test_a_parent_is_one_level_up_or_more_and_never_missing():
    for row in AREAS.values():
        if row["country"] != "UA" or row["level"] == "1":
            assert row["parent"] == ""
            continue
        chain = [row]
        while chain[-1]["parent"]:
            chain.append(AREAS[chain[-1]["parent"]])
        assert chain[-1]["level"] == "1" and len(chain) <= 5
        assert all(int(low["level"]) >= int(high["level"]) for low, high in pairwise(chain))


def test_every_bundled_set_is_named_with_its_licence():
    notice = (Path(__file__).parents[2] / "NOTICE").read_text()
    for words in (
        "KATOTTG",
        "order no. 376",
        "GeoNames",
        "CC BY 4.0",
        "geoBoundaries",
        "Natural Earth",
        "OCHA",
        "CC BY-IGO",
        "68/262",
    ):
        assert words in notice


@pytest.mark.parametrize(
    ("code", "group"),
    [
        ("UA", "CONFLICT"),
        ("RU", "PARTY"),
        ("BY", "PARTY"),
        ("PL", "NEIGHBOUR"),
        ("MD", "NEIGHBOUR"),
        ("CZ", "HOST"),
        ("GB", "HOST"),
        ("FR", "GLOBAL"),
        ("ZZ", "GLOBAL"),
    ],
)
def test_a_country_has_its_group(code, group):
    assert group_of(code) == group


def test_the_groups_are_those_of_the_domain():
    assert {code for code in in_group(CountryGroup.NEIGHBOUR)} == {"PL", "SK", "HU", "RO", "MD"}
    assert len(in_group(CountryGroup.HOST)) == 18
    assert all(country.code == code and len(code) == 2 for code, country in COUNTRIES.items())
    assert country_name("PL") == "Poland" and country_name("ZZ") == "ZZ"
