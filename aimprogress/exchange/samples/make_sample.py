"""Writes sites_sample.xlsx and sites_sample.truth.json beside this file: `python -m aimprogress.exchange.samples.make_sample`.

Invented sites at real places; every shape that real lists have. The points are the towns' public points, moved a little.
"""

# ruff: noqa: E501 - the rows of a table stay in few lines

import csv
import datetime as dt
import gzip
import json
from functools import cache
from pathlib import Path
from typing import Any

from openpyxl import Workbook
from openpyxl.styles import Font

HERE = Path(__file__).parent
PLACES = HERE.parents[1] / "places" / "data" / "settlements.csv.gz"
FIRST, SECOND, HIDDEN = "Sites", "Об'єкти", "lists"
NOBODY = "duty desk, +380 44 000 00 00"


@cache
def places() -> dict[tuple[str, str], dict[str, str]]:
    """The bundled settlements by country and name, the largest of a name."""
    with gzip.open(PLACES, "rt", encoding="utf-8", newline="") as packed:
        rows = sorted(csv.DictReader(packed), key=lambda row: int(row["population"]))
    return {(row["country"], row["name"]): row for row in rows}


class Sample:
    """Collects what stands in the workbook and what a right import makes of it."""

    def __init__(self) -> None:
        self.rows: list[dict[str, Any]] = []
        self.sites: dict[str, dict[str, Any]] = {}

    def said(self, sheet: str, row: int, outcome: str, key: str = "", why: str = "") -> None:
        self.rows.append({"sheet": sheet, "row": row, "outcome": outcome, "key": key, "why": why})

    def expect(self, key: str, town: str, country: str = "UA", *, point: bool | str = False, **fields: Any) -> None:
        row = places()[country, town]
        site = {"country": country, "settlement": town, "region_code": row["admin1"], **fields}
        if point == "town":
            site |= {"lat": float(row["lat"]), "lon": float(row["lon"]), "precision": "settlement"}
        elif point:
            lat, lon = near(town, country)
            site |= {"lat": lat, "lon": lon, "precision": "site"}
        self.sites[key] = site


def near(town: str, country: str = "UA") -> tuple[float, float]:
    """A point of the town's outskirts, in degrees."""
    row = places()[country, town]
    return round(float(row["lat"]) + 0.021, 4), round(float(row["lon"]) - 0.027, 4)


def comma(number: float) -> str:
    """With a decimal comma."""
    return str(number).replace(".", ",")


def degrees(number: float, letters: str) -> str:
    """Degrees, minutes and seconds with the letter of the hemisphere."""
    seconds = round(number * 3600)
    return f"{seconds // 3600}°{seconds % 3600 // 60:02d}'{seconds % 60:02d}\"{letters}"


HEADINGS = (
    "№", "Site name", "Kind", "Країна", "Oblast / Region", "City / Місто", "ZIP", "Street", "Lat", "Lon", "Workers\n(total)",
    "Largest shift", "Opened", "Comment", "Contact person",
)  # fmt: skip


def first_sheet(book: Workbook, sample: Sample) -> None:
    """Titles, two levels of merged headings from column B on, subtotals, repeated headings, and the hard rows."""
    page = book.active
    page.title = f"{FIRST}  "
    page.append([None, "Production sites / Виробничі об'єкти - please fill one line per site"])
    page.append([None, "State of the list: November. Стан переліку: листопад."])
    page.append([])
    page.append([None, "Site / Об'єкт", None, None, "Address / Адреса", None, None, None, None, "Координати", None, "People"])
    page.append([None, *HEADINGS])
    for area in ("B1:P1", "B2:P2", "B4:D4", "E4:I4", "J4:K4", "L4:M4"):
        page.merge_cells(area)
    page["B1"].font = Font(bold=True)
    for row, (outcome, why) in enumerate(
        (("ignored", "title"), ("ignored", "title"), ("ignored", "blank"), ("ignored", "header"), ("ignored", "header")), start=1
    ):
        sample.said(FIRST, row, outcome, why=why)
    for number, (key, cells, outcome, why) in enumerate(first_rows(sample), start=6):
        page.append([None, *cells] if cells else [])
        sample.said(FIRST, number, outcome, key, why)
    page.merge_cells("E6:E8")


def first_rows(sample: Sample) -> list[tuple[str, tuple, str, str]]:
    """Key, cells, outcome and reason of each row below the headings."""
    lviv, uzh, ternopil, zhytomyr = (near(town) for town in ("Lviv", "Uzhhorod", "Ternopil", "Zhytomyr"))
    lutsk, odesa, rzeszow = near("Lutsk"), near("Odesa"), near("Rzeszów", "PL")
    berehove = places()["UA", "Berehove"]
    expect = sample.expect
    expect("oils", "Lviv", point=True, name="Lviv oils", kind="FACTORY", workers=120, largest_shift=40, opened_on="2011-03-01")
    expect("dairy", "Uzhhorod", point=True, name="Tysa dairy", workers=1063, opened_on="2012-04-02")
    expect("berehove", "Berehove", point="town", name="Berehove packing", kind="CO_PACKER", workers=83, opened_on="2015-02-01")
    expect("ternopil", "Ternopil", point=True, name="Podillia flour mill", workers=107, opened_on="2014-07-01")
    expect("zhytomyr", "Zhytomyr", point=True, name="Polissia snacks", workers_max=250)
    expect("chernihiv", "Chernihiv", name="Desna brewery", kind="BREWERY", workers=164, opened_on="2010-02-01")
    expect("voznesensk", "Voznesensk", name="Private enterprise Buh 8", workers=45, postcode="56500")
    expect("mykolaiv", "Mykolaiv", name="Southern starch LLC", workers=96, opened_on="2018-02-01")
    expect("odesa", "Odesa", point=True, name="Odesa terminal", kind="PORT_TERMINAL", workers=58)
    expect("lutsk", "Lutsk", point=True, name="Volyn juices", workers=74, opened_on="2016-07-01")
    expect("rzeszow", "Rzeszów", "PL", point=True, name="Rzeszów cold store", kind="WAREHOUSE", workers=61)
    expect("poltava", "Poltava", name="OOO ТРР Vorskla", workers=33)
    return [
        ("oils", (1, "Lviv oils", "Factory", "Україна", "Львівська обл.", "Lwow", 79000, "Sadova 1", comma(lviv[0]), comma(lviv[1]), 120, 40,
                  dt.datetime(2011, 3, 1), None, NOBODY), "new", ""),
        ("dairy", (2, "Tysa  dairy", None, None, "Закарпатье", "Ужгород", "88000 ", "Soborna 2", comma(uzh[1]), comma(uzh[0]), "1\xa0063", None,
                   "02.04.2012", "exchanged numbers", None), "new", ""),
        ("berehove", (3, "Berehove packing", "Co-packer", None, "Zakarpats\u200b'ka", "Beregszász", 90200, "Petí_fi u. 3", float(berehove["lat"]),
                      float(berehove["lon"]), "83 чол.", None, "лютий 2015", None, None), "new", ""),
        ("", (None, "Разом Захід", None, None, None, None, None, None, None, None, "=SUM(L6:L8)"), "ignored", "subtotal"),
        ("ternopil", (4, "Podillia flour mill", "mill", "UKR", "Ternopil oblast", "Тернополь", "46000", "Stepova 4",
                      degrees(ternopil[0], "N"), degrees(ternopil[1], "E"), "107", None, "1 липня 2014 р.", None, None), "new", ""),
        ("zhytomyr", (5, "Polissia snacks", None, "Ukraine", "Zhitomirs'ka", "Zhitomir", "10000", "Lisova 5", f"{zhytomyr[0]}, {zhytomyr[1]}",
                      None, "< 250", None, None, None, None), "new", ""),
        ("chernihiv", (6, "Desna brewery", "пивоварня", "Украина", "Chernigivs'ka", "Чернигов", "14000", "Zelena 6", None, None, "164 ", None,
                       "02.2010", None, None), "new", ""),
        ("voznesensk", (7, "Private enterprise Buh 8", None, "UA", "Mykolaivs'ka", "Voznesensk", 56500, "Tsentralna str., 2", 0, 0, 45, None,
                        None, None, None), "new", ""),
        ("voznesensk", (8, "PE Buh 8", None, "Україна", "Миколаївська", "Вознесенськ", "56500", "Tsentralna str, 2", None, None, 45, None, None,
                        "?", None), "duplicate", "duplicate_record"),
        ("", (), "ignored", "blank"),
        ("", HEADINGS, "ignored", "repeated_header"),
        ("mykolaiv", (9, "Southern starch LLC", None, "ukraine", "Nikolayev Region", "Nikolayev", "54000", "54000, Portova 9", None, None, 96,
                      None, 43132, None, None), "new", ""),
        ("odesa", (10, "Odesa terminal", "Terminal", "UA", "Odessa Region", "Одеса", "65000", "Prymorska 10", f"{odesa[1]}=", f"{odesa[0]}=", 58,
                   None, None, None, None), "new", ""),
        ("lutsk", (11, "Volyn juices", None, "UA", "Volyn", "Луцьк", "43000", "Sonyachna 11", lutsk[0], lutsk[1], "74", None, "01-Jul-16", None,
                   None), "new", ""),
        ("rzeszow", (12, "Rzeszów cold store", "Warehouse", "Polska", "Podkarpackie", "Rzeszow", "35-001", "ul. Polna 12", rzeszow[0], rzeszow[1],
                     61, None, None, None, None), "new", ""),
        ("poltava", (13, "OOO ТРР Vorskla", None, "UA", "Poltava", "Poltava", 36000, "Myru 13", None, None, 33, None, None, "homoglyphs", None),
         "new", ""),
        ("", (14, "Rivne packing", None, "UA", "Rivne", "Rivne", 33000, "Kyivska 14", None, None, "24O", None, None, None, None),
         "problem", "letter_in_number"),
        ("", (15, "Khmelnytskyi bakery", None, "UA", "Khmelnytskyi", "Khmelnytskyi", 29000, "Hrushevskoho 15", None, None, 80, None,
              "31.11.2017", None, None), "problem", "no_such_day"),
        ("", (16, "Cherkasy depot", "Depot", "UA", "Cherkasy", "Cherkasy", 18000, "Dniprovska 16", None, None, "=40+60", None, None, None, None),
         "problem", "formula"),
        ("", (None, "TOTAL / УСЬОГО", None, None, None, None, None, None, None, None, "=SUM(L6:L24)"), "ignored", "total"),
        ("", (), "ignored", "blank"),
        ("", ("* Estimates. Джерело: внутрішній облік.",), "ignored", "footnote"),
    ]  # fmt: skip


def second_sheet(book: Workbook, sample: Sample) -> None:
    """Ukrainian headings in another order, a row of HXL tags, repeats, a code used twice and a hostile row."""
    page = book.create_sheet(SECOND)
    page.append(["Назва", "Країна", "Місто", "Довгота", "Широта", "Працівники", "Код об'єкта", "Дані на"])
    page.append(
        ["#org+name", "#country+code", "#adm3+name", "#geo+lon", "#geo+lat", "#indicator+staff", "#meta+id", "#date+updated"]
    )
    sample.said(SECOND, 1, "ignored", why="header")
    sample.said(SECOND, 2, "ignored", why="hxl")
    vinnytsia, lublin, krakow = near("Vinnytsia"), near("Lublin", "PL"), near("Kraków", "PL")
    sample.expect("vinnytsia", "Vinnytsia", point=True, name="Вінницький цукор", workers=210, code="VIN-01")
    sample.expect("lublin", "Lublin", "PL", point=True, name="Lublin office", workers=24, code="PL-1")
    sample.expect("krakow", "Kraków", "PL", point=True, name="Kraków warehouse", workers=48, code="PL-1-2")
    sample.expect("chernivtsi", "Chernivtsi", name="Bukovyna farm", workers=15, code="CHE-01")
    rows: list[tuple[str, tuple, str, str]] = [
        ("vinnytsia", ("Вінницький цукор", "Україна", "Вінниця", vinnytsia[1], vinnytsia[0], 210, "VIN-01", "2025-11"), "new", ""),
        ("lublin", ("Lublin office", "POL", "LUBLIN", comma(lublin[1]), comma(lublin[0]), "24", "PL-1", "31/06/2025"), "new", ""),
        ("krakow", ("Kraków warehouse", "Poland", "Krakow", krakow[1], krakow[0], 48, "PL-1", "01.11.2025"), "new", ""),
        ("chernivtsi", ("Bukovyna farm", "UA", "Чернівці", None, None, "-15", "CHE-01", "11/2025"), "new", ""),
        ("vinnytsia", ("Вінницький цукор", "Україна", "Вінниця", vinnytsia[1], vinnytsia[0], 210, "VIN-01", "2025-11"),
         "duplicate", "duplicate_row"),
        ("", ("<script>alert(1)</script>", "=1+1", "@SUM(A1)", None, None, None, "X-1", None), "problem", "formula"),
    ]  # fmt: skip
    for number, (key, cells, outcome, why) in enumerate(rows, start=3):
        page.append(list(cells))
        sample.said(SECOND, number, outcome, key, why)


def make() -> None:
    """Write the workbook and its truth."""
    sample, book = Sample(), Workbook()
    first_sheet(book, sample)
    second_sheet(book, sample)
    hidden = book.create_sheet(HIDDEN)
    hidden.sheet_state = "hidden"
    for number, code in enumerate(("UA", "PL", "RO"), start=1):
        hidden.append([code])
        sample.said(HIDDEN, number, "ignored", why="hidden_sheet")
    book.properties.creator = "AIM-Progress portal"
    book.save(HERE / "sites_sample.xlsx")
    truth = {"rows": sample.rows, "sites": sample.sites}
    (HERE / "sites_sample.truth.json").write_text(json.dumps(truth, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    make()
