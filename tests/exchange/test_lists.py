"""Whole lists: every row ends as a record or with a reason, and the fields are right."""

import json
import time
from collections import Counter
from pathlib import Path

import pytest

from aimprogress.exchange.columns import Column, match_columns
from aimprogress.exchange.records import Record
from aimprogress.exchange.repeats import mark_repeats
from aimprogress.exchange.text import clean, key
from aimprogress.exchange.understanding import Understanding
from aimprogress.places.geo import distance_km
from members.site_columns import SITES
from suppliers.supplier_columns import SUPPLIERS

DATA = Path(__file__).parent / "data"
KEPT = ""


def outcomes(found: Understanding) -> Counter:
    return Counter(record.outcome for record in found.records)


def unexplained(found: Understanding) -> list:
    return [record for record in found.records if not record.fields and record.why is None and not record.problems]


@pytest.mark.parametrize(
    ("name", "rows"), [("osh_raw_2.csv", 83), ("osh_raw_9.csv", 34), ("osh_raw_12.csv", 15), ("osh_raw_14.csv", 46)]
)
def test_a_published_list_is_kept_row_by_row(understood, name: str, rows: int):
    found = understood(DATA / name, SUPPLIERS)
    assert len(found.records) == rows + 1
    assert outcomes(found)[KEPT] + outcomes(found)["duplicate"] == rows
    assert all(record.fields["country"] and record.fields["name"] for record in found.records[1:])
    assert not unexplained(found)


def test_one_list_in_three_formats_is_one_list(understood):
    as_csv, as_xls, as_xlsx = (
        [record.fields for record in understood(DATA / f"osh_raw_12.{kind}", SUPPLIERS).records]
        for kind in ("csv", "xls", "xlsx")
    )
    assert as_csv == as_xls == as_xlsx


def test_two_levels_of_merged_headings_and_their_tags_are_found(understood):
    found = understood(DATA / "hxl" / "input-merged.xlsx", SUPPLIERS)
    assert [record.why[0] for record in found.records[:3]] == ["header", "header", "hxl"]
    country = next(match for match in found.matches["input-valid"] if match.field == "country")
    assert country.column.heading == "País"


def test_columns_of_contact_persons_are_never_read_whatever_is_chosen():
    columns = [
        Column(0, "Site name", samples=("Plant",)), Column(1, "Contact person", samples=("somebody",)),
        Column(2, "Remark", samples=("a@example.org", "b@example.org")), Column(3, "Телефон", samples=("050",)),
        Column(4, "Ansprechpartner", samples=("x",)),
    ]  # fmt: skip
    matches = match_columns(columns, SITES.fields, {1: "name", 2: "address", 4: "region"})
    assert [match.how for match in matches] == ["exact", "contact", "contact", "contact", "contact"]
    assert [match.field for match in matches] == ["name", "", "", "", ""]


def test_columns_about_military_service_are_not_read():
    assert match_columns([Column(0, "Mobilised", samples=(3,))], SITES.fields)[0].how == "military"


@pytest.mark.parametrize(
    ("headings", "fields"),
    [
        (
            ["Назва", "Країна", "Область", "Місто", "Кількість працівників"],
            ["name", "country", "region", "settlement", "workers"],
        ),
        (["Название", "Страна", "Город", "Широта", "Долгота"], ["name", "country", "settlement", "lat", "lon"]),
        (["Nazwa", "Kraj", "Województwo", "Miejscowość", "Ulica"], ["name", "country", "region", "settlement", "address"]),
        (["Standort", "Land", "Stadt", "PLZ", "Mitarbeiter"], ["name", "country", "settlement", "postcode", "workers"]),
        (["shift max", "shelter places", "status", "status date"], ["largest_shift", "shelter", "status", "status_since"]),
    ],
)
def test_columns_are_matched_in_five_languages(headings: list[str], fields: list[str]):
    samples = {"country": ("UA",), "workers": (5,), "status_since": ("01.02.2024",), "largest_shift": (5,), "shelter": (5,)}
    columns = [
        Column(at, heading, samples=samples.get(name, ()))
        for at, (heading, name) in enumerate(zip(headings, fields, strict=True))
    ]
    assert [match.field for match in match_columns(columns, SITES.fields)] == fields


def test_country_names_are_known_by_their_values_where_the_heading_is_vague():
    columns = [Column(0, "Facility", samples=("A",)), Column(1, "Where", samples=("Poland", "Ukraine", "PL"))]
    assert [(match.field, match.how) for match in match_columns(columns, SITES.fields)] == [
        ("name", "exact"),
        ("country", "values"),
    ]


# The real lists that cannot be bundled.


def test_the_adidas_list_is_kept_row_by_row(understood, shared_data: Path):
    found = understood(shared_data / "brand_supplier_lists" / "adidas_2019-07.xlsx", SUPPLIERS)
    count = outcomes(found)
    assert count[KEPT] + count["duplicate"] == 667 + 354 + 139
    assert count["problem"] == 0
    assert not unexplained(found)
    assert {record.why[0] for record in found.records if record.outcome == "ignored"} == {"title", "header", "blank"}


def test_the_nike_list_keeps_no_contact_and_its_shares(understood, shared_data: Path):
    found = understood(shared_data / "brand_supplier_lists" / "nike_2019-06.xls", SUPPLIERS)
    assert outcomes(found)[KEPT] + outcomes(found)["duplicate"] == 601
    assert [match.column.heading for match in found.matches["Worksheet"] if match.how == "contact"] == [
        "Contact Name", "Contact Phone", "Contact Fax", "Contact Email",
    ]  # fmt: skip
    first = next(record for record in found.records if record.fields)
    assert (first.fields["women_percent"], first.fields["migrant_percent"], first.fields["workers"]) == (64.0, 0.0, 104)


def test_all_published_lists_of_the_hub_are_kept(understood, shared_data: Path):
    paths = sorted((shared_data / "osh_facility_lists").glob("raw_*.csv"))
    assert len(paths) == 13
    for path in paths:
        found = understood(path, SUPPLIERS)
        assert not unexplained(found)
        assert outcomes(found)["problem"] == 0, path.name


EXPECTED = {"import": KEPT, "duplicate": "duplicate", "reject": "problem", "header": "ignored"}


def test_the_hostile_workbook_is_understood_as_its_truth_says(understood, shared_data: Path):
    truth = json.loads((shared_data / "messy_sites" / "messy_sites.truth.json").read_text())
    found = understood(shared_data / "messy_sites" / "messy_sites.xlsx", SITES)
    by_row = {(record.sheet, record.row): record for record in found.records}
    wrong = []
    for row in truth["rows"]:
        if row["row"] is None:
            assert all(record.why[0] == "hidden_sheet" for record in found.records if record.sheet == row["sheet"])
            continue
        record = by_row[row["sheet"], row["row"]]
        if record.outcome != EXPECTED.get(row["action"], "ignored"):
            wrong.append((row, record.outcome))
        if row["action"] == "import":
            wrong += [(row["key"], *each) for each in differences(truth["expected_sites"][row["key"]], record.fields)]
    assert not wrong


def differences(site: dict, fields: dict) -> list[tuple]:
    """Fields of the truth that were understood otherwise. Names compare folded; a town's point may be left empty."""
    plain = {"country": "country", "zip": "postcode", "workers": "workers", "workers_max": "workers_max", "product": "product"}
    found = [
        (name, site[name], fields.get(ours)) for name, ours in plain.items() if name in site and fields.get(ours) != site[name]
    ]
    found = [each for each in found if each[0] != "product" or "product" in fields]  # the second sheet has no such column
    for name, ours in (("name", "name"), ("street", "address")):
        if key(site[name]) != key(str(fields.get(ours))):
            found.append((name, site[name], fields.get(ours)))
    if fields.get("as_of") not in (site["as_of"], f"{site['as_of']}-01", None):
        found.append(("as_of", site["as_of"], fields.get("as_of")))
    towns = {key(site["city"]), key(site.get("city_src", site["city"]))}
    if not towns & {key(fields.get("settlement", "")), key(fields.get("settlement_as_written", ""))}:
        found.append(("city", site["city"], fields.get("settlement")))
    if "lat" in fields and (abs(site["lat"] - fields["lat"]) > 0.001 or abs(site["lon"] - fields["lon"]) > 0.001):
        found.append(("point", (site["lat"], site["lon"]), (fields["lat"], fields["lon"])))
    if site["coord"].startswith("site") and fields.get("precision") != "site":
        found.append(("precision", site["coord"], fields.get("precision")))
    return found


def test_look_alikes_stay_for_the_reader(understood, shared_data: Path):
    found = understood(shared_data / "messy_sites" / "messy_sites.xlsx", SITES)
    names = [record.fields.get("name") for record in found.records]
    assert "OOO ТРР Amatel" in names
    assert clean("OOO ТРР Amatel") == "OOO ТРР Amatel"


@pytest.mark.parametrize(("encoding", "sign"), [("cp1251", ";"), ("utf-8-sig", ","), ("utf-16", "\t"), ("utf-8", "|")])
def test_a_text_file_in_ukrainian_is_understood_in_any_encoding(understood, tmp_path: Path, encoding: str, sign: str):
    lines = [
        ["Перелік об'єктів"],
        ["№", "Назва", "Країна", "Місто", "Кількість працівників", "Телефон"],
        ["1", "Завод «Схід»", "Україна", "Львів", "1 063", "050 000 00 00"],
        ["", "Разом", "", "", "1063", ""],
    ]
    path = tmp_path / "sites.csv"
    path.write_bytes("\r\n".join(sign.join(line) for line in lines).encode(encoding))
    found = understood(path, SITES)
    assert [record.why[0] if record.why else record.outcome for record in found.records] == ["title", "header", KEPT, "total"]
    fields = found.records[2].fields
    assert (fields["name"], fields["country"], fields["settlement"], fields["workers"]) == ("Завод «Схід»", "UA", "Lviv", 1063)
    assert fields["region_code"].startswith("UA46") and "050" not in str(fields)


def test_a_typed_correction_takes_the_place_of_a_cell_and_is_read_like_one(understood):
    path = DATA / "osh_raw_12.csv"
    corrections = {("osh_raw_12.csv", 2): {"country": "Польща", "workers": "24O"}, ("osh_raw_12.csv", 3): {"name": "=1+1"}}
    found = understood(path, SUPPLIERS, corrections=corrections).records
    assert (found[1].fields["country"], found[1].outcome, found[1].problems[0]["code"]) == ("PL", "problem", "letter_in_number")
    assert (found[2].outcome, found[2].problems[0]["code"]) == ("problem", "formula")


def test_a_sheet_without_a_table_and_a_hidden_one_are_named_row_by_row(understood, shared_data: Path):
    found = understood(shared_data / "hxl_test_files" / "input-broken.xlsx", SITES)
    assert all(record.why or record.fields or record.problems for record in found.records)
    assert len(found.records) == 6433


def test_a_list_of_one_town_and_one_street_is_compared_soon():
    of_town = [Record("S", n, fields={"country": "UA", "settlement": "Kyiv", "name": f"Mill {n} east"}) for n in range(20_000)]
    of_street = [
        Record("T", n, fields={"country": "UA", "settlement": "Kyiv", "address": "Sadova 1", "name": f"Mill {n} west"})
        for n in range(20_000)
    ]
    began = time.process_time()
    mark_repeats([*of_town, *of_street, Record("T", 20_000, fields=dict(of_street[3].fields, postcode="1"))])
    assert time.process_time() - began < 20
    assert not [record for record in (*of_town, *of_street) if record.outcome]


def test_a_longer_name_at_the_same_address_is_pointed_at_and_the_same_name_is_a_repeat():
    def at(row: int, name: str, address: str = "Sadova 1") -> Record:
        return Record("S", row, fields={"country": "UA", "settlement": "Kyiv", "address": address, "name": name, "workers": row})

    streets = [at(1, "Zoria"), at(2, "Zoria Plus"), at(3, "Zoria LLC"), at(4, "Zoria Plus", "Lisova 2")]
    records = [*streets, at(5, "Nord 2"), at(6, "Nord 3")]
    mark_repeats(records)
    assert [record.outcome for record in records] == ["", "", "duplicate", "", "", ""]
    assert [[problem["code"] for problem in record.problems] for record in records] == [[], ["check_similar"], [], [], [], []]


def test_the_nearest_town_is_the_nearest_of_all_towns_and_found_soon(gazetteer):
    towns = [place for place in gazetteer.places if place.country == "UA"]
    points = [(45 + n * 0.37 % 7, 23 + n * 0.61 % 17) for n in range(2_000)]
    gazetteer.nearest("UA", points[0])  # the cells are laid out once
    began = time.process_time()
    found = [gazetteer.nearest("UA", point, within_km=40) for point in points]
    each, began = (time.process_time() - began) / len(points), time.process_time()
    of_all = [min(towns, key=lambda town: distance_km(point, town.point)) for point in points[:60]]
    assert each < (time.process_time() - began) / 60 / 10
    for point, place, best in zip(points, found, of_all, strict=False):
        assert place == (best if distance_km(point, best.point) <= 40 else None)
