"""Writes the samples of head counts and of pay, with their truth: `python -m aimprogress.exchange.samples.make_people_samples`.

They speak of the invented sites of sites_sample.xlsx, in shapes that real lists have.
"""

import datetime as dt
import json
from typing import Any

from openpyxl import Workbook

from aimprogress.exchange.samples import make_sample
from aimprogress.exchange.samples.make_sample import NOBODY, Sample

KEPT = "new"
COUNTS, PAY = "Head counts", "Оплата"
COUNT_HEADINGS = (
    "№", "Site code", "Назва об'єкта", "Date / Дата", "Expected", "Safe at usual place", "ВПО", "Abroad", "Injured",
    "Not reached", "Killed", "Contact person",
)  # fmt: skip
PAY_HEADINGS = (
    "Об'єкт", "Код об'єкта", "За місяць", "Тип договору", "Вид оплати", "Мають право", "Отримали повністю", "Отримали частково",
    "Не отримали", "Днів затримки", "Валюта", "Сума",
)  # fmt: skip
Rows = list[tuple[str, str, tuple]]
"""Outcome as understood before the portal is asked, reason, cells."""


def head_counts() -> Rows:
    """Six spellings of one day, a total, contacts and the killed (neither is read), and what goes wrong."""
    return [
        ("ignored", "title", ("People by state: one line for each site and day / Стан людей: рядок на об'єкт і день",)),
        ("ignored", "blank", ()),
        ("ignored", "header", ("Site / Об'єкт", None, None, None, "People / Люди")),
        ("ignored", "header", COUNT_HEADINGS),
        (KEPT, "", (1, None, "Lviv oils", "05.11.2025", 120, 110, 4, 4, 0, 2, None, NOBODY)),
        (KEPT, "", (2, "VIN-01", None, "5 листопада 2025 р.", "210", "205", None, "5", None, None)),
        (KEPT, "", (3, "che-01", None, 45966, 15, 15)),
        (KEPT, "", (4, None, "Desna brewery", "2025-11-05", "164 чол.", 150, 6, 4, 1, 3, 1)),
        (KEPT, "", (5, None, "RZESZOW cold store", dt.datetime(2025, 11, 5), 61, 61)),
        (KEPT, "", (6, None, "Odesa  terminal", "05/11/25", 58, "50 ", 3, 2, 0, "3")),
        ("ignored", "total", (None, None, "Разом", None, "=SUM(E5:E10)")),
        (KEPT, "", (7, "VIN-01", "Вінницький цукор", "05.11.2025", 210, 205, 0, 5)),  # the same once more
        ("problem", "letter_in_number", (8, None, "Southern starch LLC", "05.11.2025", "9O", 90)),
        ("problem", "no_such_day", (9, None, "Volyn juices", "31.11.2025", 74, 74)),
        (KEPT, "", (10, "PL-1", "Lublin office", "05.11.2025", 24, 20, 0, 0, 0, 2)),  # two people have no state
        (KEPT, "", (11, None, "Nobody knows it", "05.11.2025", 10, 10)),  # no site of that name
        ("problem", "required", (12, None, "Bukovyna farm", None, 15, 15)),
        ("ignored", "footnote", ("* Джерело: відділ кадрів",)),
    ]


def pay() -> Rows:
    """A month in six spellings, groups and rules in three languages; sums of money (not read), pay of the mobilised (refused)."""
    return [
        ("ignored", "header", PAY_HEADINGS),
        (KEPT, "", ("Lviv oils", None, "10.2025", "Власні", "Повна", 120, 118, 2, 0, 0, "UAH", 2654321.5)),
        (
            KEPT,
            "",
            ("Lviv oils", None, "жовтень 2025", "агентські", "повна зарплата", "20", "20", None, None, None, "UAH", 398000),
        ),
        (
            KEPT,
            "",
            ("Вінницький цукор", "VIN-01", dt.datetime(2025, 10, 31), "штат", "Простій", "210 осіб", 0, 210, 0, None, "UAH"),
        ),
        (KEPT, "", ("Rzeszów cold store", None, "2025-10", "Własni", "Pełne", 61, 61, None, None, None, "PLN")),
        (KEPT, "", ("Bukovyna farm", "CHE-01", "Oct 2025", "Own employees", None, 15, 10, 0, 5, "32")),
        (KEPT, "", ("Desna brewery", None, "10/2025", "Contractors", "Full wage", 40, 40)),
        ("ignored", "total", ("РАЗОМ", None, None, None, None, "=SUM(F2:F7)")),
        ("problem", "military", ("Desna brewery", None, "10.2025", "Власні", "мобілізовані", 7, 7)),
        ("problem", "not_a_month", ("Tysa dairy", None, 2025, "Власні", "Повна", 1063, 1063)),
        (KEPT, "", ("Podillia flour mill", None, "10.2025", "Власні", "Повна", 107, 100, 0, 0)),  # seven people are missing
        ("problem", "unknown_choice", ("Polissia snacks", None, "10.2025", "Волонтери", "Повна", 5, 5)),
        ("ignored", "footnote", ("* Станом на кінець місяця",)),
    ]


def written(name: str, title: str, rows: Rows, merged: tuple[str, ...] = ()) -> None:
    """One workbook of one sheet, with its truth beside it."""
    sample, book = Sample(), Workbook()
    page = book.active
    page.title = title
    for number, (outcome, why, cells) in enumerate(rows, start=1):
        page.append(list(cells))
        sample.said(title, number, outcome, why=why)
    for area in merged:
        page.merge_cells(area)
    book.properties.creator = "AIM-Progress portal"
    book.save(make_sample.HERE / f"{name}_sample.xlsx")
    truth: dict[str, Any] = {"rows": sample.rows}
    text = json.dumps(truth, ensure_ascii=False, indent=1) + "\n"
    (make_sample.HERE / f"{name}_sample.truth.json").write_text(text, encoding="utf-8")


def make() -> None:
    """Write both workbooks and their truths."""
    written("head_counts", COUNTS, head_counts(), merged=("A1:L1", "A3:D3", "E3:K3"))
    written("pay", PAY, pay())


if __name__ == "__main__":
    make()
