"""Rows back as files: those that need a person, with the reason beside the cell; and all of them, with what became of each."""

import io
from collections import defaultdict
from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.styles import Font, PatternFill

from aimprogress.exchange.cells import LONGEST_CELL, ROWS_AT_ONCE, as_csv, as_xlsx, sheet_title
from aimprogress.exchange.models import ImportBatch, ImportRow
from aimprogress.exchange.preview import changes_of, in_words
from aimprogress.exchange.reading import Row, Sheet, Value, read_book
from aimprogress.exchange.records import ERROR
from aimprogress.exchange.staging import opened, typed_cells
from aimprogress.exchange.tables import find_table
from aimprogress.exchange.targets import ImportTarget
from aimprogress.exchange.values import whole
from aimprogress.exchange.wording import sentence

MOST_ROWS = 5_000
"""Rows of one workbook: what is written while a person waits."""
WRONG = PatternFill("solid", fgColor="F8D7D3")
BOLD = Font(bold=True)


def problem_workbook(batch: ImportBatch, target: ImportTarget) -> bytes:
    """A workbook of the batch's problem rows, sheet by sheet, with the cells that were mended already. Contact columns are left
    out; texts stay texts; what is needed and has no column gets one.

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
    mended = typed_cells(batch)
    for sheet in read_book(opened(batch)).sheets:
        if sheet.name in problems:
            of_sheet = {row: typed for (name, row), typed in mended.items() if name == sheet.name}
            _write_sheet(book, batch, target, sheet, problems[sheet.name], of_sheet)
    if not book.worksheets:
        book.create_sheet("1")
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def _write_sheet(
    book: Workbook, batch: ImportBatch, target: ImportTarget, sheet: Sheet, wrong: dict[int, ImportRow],
    mended: Mapping[int, Mapping[str, str]],
) -> None:  # fmt: skip
    page = book.create_sheet(sheet_title(sheet.name))
    page.freeze_panes = "A2"
    columns = [
        column for column in batch.columns if column["sheet"] == sheet.name and column["how"] not in ("contact", "military")
    ]
    read = {column["field"] for column in columns}
    told = {problem["field"] for row in wrong.values() for problem in row.problems if problem["level"] == ERROR}
    typed = {name for row in wrong for name in mended.get(row, ())}
    for wanted in target.spec.fields:
        if wanted.name in (told | typed) - read:
            columns.append({"at": None, "heading": str(wanted.label), "field": wanted.name})
    rest = told - {column["field"] for column in columns}
    last = {column["field"]: at for at, column in enumerate(columns)}  # several columns may be one field: its reason stands once
    heads = []
    for at, column in enumerate(columns):
        heads.append(_cell(page, column["heading"], bold=True))
        if column["field"] in told and last[column["field"]] == at:
            heads.append(_cell(page, _("Reason"), bold=True))
    page.append([*heads, *([_cell(page, _("Reason"), bold=True)] if rest else [])])
    for row in find_table(sheet, target.spec.fields).rows:
        if row.number in wrong:
            reasons = _reasons(wrong[row.number])
            cells, left = [], dict(mended.get(row.number, {}))
            for at, column in enumerate(columns):
                name = column["field"]
                cells.append(
                    _cell(page, _value(row, column, mended.get(row.number, {}), left), wrong=bool(name and name in reasons))
                )
                if name in told and last[name] == at:
                    cells.append(_cell(page, reasons.get(name, "")))
            page.append([*cells, *([_cell(page, " ".join(reasons.get(name, "") for name in sorted(rest)))] if rest else [])])


def _reasons(found: ImportRow) -> dict[str, str]:
    """Why a row waits, by field."""
    reasons: dict[str, str] = {}
    for problem in found.problems:
        if problem["level"] == ERROR:
            said = sentence(problem["code"], problem["params"])
            reasons[problem["field"]] = f"{reasons[problem['field']]} {said}" if problem["field"] in reasons else said
    return reasons


def _value(row: Row, column: dict, mended: Mapping[str, str], left: dict[str, str]) -> Value:
    """What stands in a cell by now: what was typed in its place, in the first of the columns that are one field."""
    if column["field"] in mended:
        return left.pop(column["field"], None)
    return row.cells[column["at"]] if column["at"] is not None and column["at"] < len(row.cells) else None


def all_rows(batch: ImportBatch, target: ImportTarget) -> tuple[bytes, bool]:
    """Every source row, in order: sheet, row, what becomes of it, why and how it was read, what it changes, its values as they
    were understood. A workbook; more than MOST_ROWS as CSV, and then True.
    """
    columns = [
        ("sheet", _("Sheet")), ("row", _("Row")), ("outcome", _("Outcome")), ("said", _("Why, and how it was read")),
        ("changes", _("Changes")), *((f"={wanted.name}", str(wanted.label)) for wanted in target.spec.fields),
    ]  # fmt: skip
    rows = ImportRow.objects.filter(batch=batch).order_by("number")
    is_text = batch.counts.get("rows", 0) > MOST_ROWS
    told = (_told(row, target) for row in rows.iterator(chunk_size=ROWS_AT_ONCE))
    return (as_csv(columns, told) if is_text else as_xlsx(columns, told, str(target.title))), is_text


def _told(row: ImportRow, target: ImportTarget) -> dict[str, Any]:
    fields = {wanted.name: wanted for wanted in target.spec.fields}
    said = [sentence(*row.why)] if row.why else []
    for problem in row.problems:
        label = fields[problem["field"]].label if problem["field"] in fields else problem["field"]
        said.append(
            f"{label}: {sentence(problem['code'], problem['params'])}" if label else sentence(problem["code"], problem["params"])
        )
    changes = (f"{each['what']}: {each['old'] or '–'} → {each['new']}" for each in changes_of(row, fields))
    values = {f"={name}": in_words(name, row.fields[name], fields) for name in fields if row.fields.get(name) is not None}
    return {
        "sheet": row.sheet, "row": row.row, "outcome": str(row.get_outcome_display()), "said": " ".join(said),
        "changes": "; ".join(changes), **values,
    }  # fmt: skip


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
