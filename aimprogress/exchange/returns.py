"""The rows that need a person, back as a workbook: as they were, with the reason beside the cell."""

import io
from collections import defaultdict

from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.styles import Font, PatternFill

from aimprogress.exchange.cells import LONGEST_CELL, sheet_title
from aimprogress.exchange.models import ImportBatch, ImportRow
from aimprogress.exchange.reading import Row, Value, read_book
from aimprogress.exchange.records import ERROR
from aimprogress.exchange.staging import opened
from aimprogress.exchange.values import whole
from aimprogress.exchange.wording import sentence

MOST_ROWS = 5_000
"""Rows of one workbook: what is written while a person waits."""
WRONG = PatternFill("solid", fgColor="F8D7D3")
BOLD = Font(bold=True)


def problem_workbook(batch: ImportBatch) -> bytes:
    """A workbook of the batch's problem rows, sheet by sheet. Contact columns are left out; texts stay texts.

    Of very many the first ones, and a sheet in front that says how many more there are.
    """
    problems: dict[str, dict[int, ImportRow]] = defaultdict(dict)
    rows = ImportRow.objects.filter(batch=batch, outcome=ImportRow.Outcome.PROBLEM)
    for row in rows.order_by("number")[:MOST_ROWS]:
        problems[row.sheet][row.row] = row
    book = Workbook(write_only=True)
    if (more := rows.count() - MOST_ROWS) > 0:
        said = ngettext(
            "%(n)s more row has a problem. Mend these and download again.",
            "%(n)s more rows have problems. Mend these and download again.",
            more,
        )
        page = book.create_sheet("!")
        page.append([_cell(page, said % {"n": more}, bold=True)])
    for sheet in read_book(opened(batch)).sheets:
        if sheet.name in problems:
            _write_sheet(book, batch, sheet.name, sheet.rows, problems[sheet.name])
    if not book.worksheets:
        book.create_sheet("1")
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def _write_sheet(book: Workbook, batch: ImportBatch, name: str, rows: list[Row], wrong: dict[int, ImportRow]) -> None:
    page = book.create_sheet(sheet_title(name))
    page.freeze_panes = "A2"
    columns = [column for column in batch.columns if column["sheet"] == name and column["how"] not in ("contact", "military")]
    fields = {problem["field"] for row in wrong.values() for problem in row.problems if problem["level"] == ERROR}
    heads = []
    for column in columns:
        heads.append(_cell(page, column["heading"], bold=True))
        if column["field"] in fields:
            heads.append(_cell(page, _("Reason"), bold=True))
    rest = fields - {column["field"] for column in columns}
    page.append([*heads, *([_cell(page, _("Reason"), bold=True)] if rest else [])])
    for row in rows:
        if row.number in wrong:
            page.append(_cells(page, columns, fields, rest, row, wrong[row.number]))


def _cells(
    page: object, columns: list[dict], fields: set[str], rest: set[str], row: Row, found: ImportRow
) -> list[WriteOnlyCell]:
    reasons: dict[str, str] = {}
    for problem in found.problems:
        if problem["level"] == ERROR:
            said = sentence(problem["code"], problem["params"])
            reasons[problem["field"]] = f"{reasons[problem['field']]} {said}" if problem["field"] in reasons else said
    cells = []
    for column in columns:
        value = row.cells[column["at"]] if column["at"] < len(row.cells) else None
        reason = reasons.get(column["field"], "") if column["field"] else ""
        cells.append(_cell(page, value, wrong=bool(reason)))
        if column["field"] in fields:
            cells.append(_cell(page, reason))
    return [*cells, *([_cell(page, " ".join(reasons.get(name, "") for name in sorted(rest)))] if rest else [])]


def _cell(page: object, value: Value, *, bold: bool = False, wrong: bool = False) -> WriteOnlyCell:
    number = isinstance(value, (int, float)) and not isinstance(value, bool)
    cell = WriteOnlyCell(page, value if number else whole(value)[:LONGEST_CELL])
    if not number:
        cell.data_type = "s"
    if bold:
        cell.font = BOLD
    if wrong:
        cell.fill = WRONG
    return cell
