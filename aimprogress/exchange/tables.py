"""Where the table stands on a sheet: its column names, its rows, and why every other row is none.

Rows in = rows of the table + rows explained.
"""

# ruff: noqa: E501, SIM905 - lists of words and numbers stay readable in few lines

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import islice

from aimprogress.exchange.columns import Column, Field, heading_score
from aimprogress.exchange.reading import Row, Sheet, Value, is_blank
from aimprogress.exchange.text import clean, key

SEARCHED_ROWS = 60
SAMPLES = 60
LONGEST_HEADING = 90
_TOTALS = frozenset(
    key(word)
    for word in "total totals grandtotal sum разом усього всього итого всего razem suma łącznie ogółem summe gesamt insgesamt celkem összesen".split()
)
_SUBTOTALS = frozenset(key(word) for word in "subtotal проміжний zwischensumme podsuma".split())
_FOOTNOTE = re.compile(
    r"^(\*|†|\d\)|source|note|джерело|прим|источник|źródło|uwaga|quelle|hinweis|generated|printed|page \d)", re.IGNORECASE
)
_IN_NUMBERS = str.maketrans("", "", "-.,: ")


@dataclass(slots=True)
class Table:
    """A sheet's table. `explained` says for each row outside it (by number) why it is no record."""

    sheet: str
    columns: list[Column] = field(default_factory=list)
    rows: list[Row] = field(default_factory=list)
    explained: dict[int, str] = field(default_factory=dict)
    filled_from_above: set[tuple[int, int]] = field(default_factory=set)  # (row number, column)


def find_table(sheet: Sheet, fields: Sequence[Field]) -> Table:
    """The table of a sheet. Without known column names every filled row is explained as no_table."""
    table = Table(sheet=sheet.name)
    if sheet.ignored:
        why = "hidden_sheet" if sheet.ignored == "hidden" else "no_table"
        table.explained = {row.number: why for row in sheet.rows}
        return table
    at = _heading_row(sheet.rows, fields)
    if at is None:
        table.explained = {row.number: "no_table" if row.filled else "blank" for row in sheet.rows}
        return table
    merged = _merged_values(sheet)
    above = _row_above(sheet, at, merged)
    tags = _tag_row(sheet.rows, at)
    for position, row in enumerate(sheet.rows[: at + 1]):
        table.explained[row.number] = "header" if position in (at, above) else ("title" if row.filled else "blank")
    if tags is not None:
        table.explained[sheet.rows[tags].number] = "hxl"
    body = [row for row in sheet.rows[at + 1 :] if row.number not in table.explained]
    body = [_unmerged(row, merged, table) for row in body]
    names = _names(sheet.rows[at], width=max((len(row.cells) for row in sheet.rows), default=0))
    _sort_rows(table, body, names)
    table.columns = _columns(sheet, at, above, tags, names, table.rows, merged)
    return table


def _heading_row(rows: Sequence[Row], fields: Sequence[Field]) -> int | None:
    """The row with most cells that read as headings; at least two, or one where the table has one column."""
    best, most = None, 1.5
    for at, row in enumerate(rows[:SEARCHED_ROWS]):
        texts = [clean(str(row.cells[position])) for position in row.filled if isinstance(row.cells[position], str)]
        texts = [text for text in texts if text and len(text) <= LONGEST_HEADING and not text.startswith("#")]
        if len(texts) < 2 or len(texts) * 2 < len(row.filled):
            continue
        words = [text for text in texts if not _is_number(text)]
        if len(words) < 2:
            continue
        scores = [heading_score(text, fields) for text in words]
        known = sum(score >= 1.5 for score in scores)
        if known >= 2 and known + sum(scores) / 100 > most:
            best, most = at, known + sum(scores) / 100
    return _above_tags(rows) if best is None else best


def _is_number(text: str) -> bool:
    """A count or a day, as most cells of a list are: no column is called so, and scoring one against every field is dear."""
    return text[:1].isdigit() and text.translate(_IN_NUMBERS).isdigit()


def _above_tags(rows: Sequence[Row]) -> int | None:
    """Headings in a language we do not know, above a row of HXL tags that says what they are."""
    for at in range(min(len(rows), SEARCHED_ROWS) - 1):
        if rows[at].filled and _tag_row(rows, at) == at + 1:
            return at
    return None


def _merged_values(sheet: Sheet) -> dict[tuple[int, int], Value]:
    """For each covered place of a merged cell (row and column from 0) the value of the whole."""
    values: dict[tuple[int, int], Value] = {}
    for top, left, bottom, right in sheet.merges:
        if top >= len(sheet.rows) or left >= len(sheet.rows[top].cells) or (bottom - top + 1) * (right - left + 1) > 20_000:
            continue
        value = sheet.rows[top].cells[left]
        for row in range(top, min(bottom, len(sheet.rows) - 1) + 1):
            for column in range(left, right + 1):
                if (row, column) != (top, left):
                    values[row, column] = value
    return values


def _row_above(sheet: Sheet, at: int, merged: dict[tuple[int, int], Value]) -> int | None:
    """A first level of headings: short texts right above, of which some span columns."""
    if at == 0:
        return None
    row = sheet.rows[at - 1]
    texts = [row.cells[position] for position in row.filled]
    spans = {(top, left) for top, left, bottom, right in sheet.merges if top == at - 1 and right > left}
    short = all(isinstance(text, str) and len(text) <= LONGEST_HEADING for text in texts)
    return at - 1 if len(texts) >= 2 and short and (spans or len(texts) * 3 > len(sheet.rows[at].filled)) else None


def _tag_row(rows: Sequence[Row], at: int) -> int | None:
    for position in (at + 1, at - 1):
        if 0 <= position < len(rows):
            texts = [rows[position].cells[cell] for cell in rows[position].filled]
            tags = [text for text in texts if isinstance(text, str) and re.match(r"#\s?[a-zA-Z]", text)]
            if len(tags) >= 2 and len(tags) * 2 > len(texts):
                return position
    return None


def _names(row: Row, width: int) -> list[str]:
    names = [clean(str(value)) if not is_blank(value) else "" for value in row.cells]
    return names + [""] * (width - len(names))


def _unmerged(row: Row, merged: dict[tuple[int, int], Value], table: Table) -> Row:
    """The row with the value of a cell that was merged downwards, where the row holds anything else."""
    if not merged or not row.filled:
        return row
    cells = list(row.cells)
    for at, value in enumerate(cells):
        if is_blank(value) and (row.number - 1, at) in merged and not is_blank(merged[row.number - 1, at]):
            cells[at] = merged[row.number - 1, at]
            table.filled_from_above.add((row.number, at))
    return Row(row.number, tuple(cells), row.formulas)


def _sort_rows(table: Table, body: Sequence[Row], names: Sequence[str]) -> None:
    last = next((row.number for row in reversed(body) if len(row.filled) > 2), 0)
    folded, few = [key(name) for name in names], max(3, len([name for name in names if name]) // 3)
    for row in body:
        if why := _not_a_record(row, folded, few, after_the_end=row.number > last):
            table.explained[row.number] = why
        else:
            table.rows.append(row)


def _not_a_record(row: Row, names: Sequence[str], most: int, *, after_the_end: bool) -> str:
    """Why a row is no record. `names` are the folded headings; of up to `most` filled cells a row may be a total."""
    filled = row.filled
    if not filled:
        return "blank"
    cells = row.cells
    if _repeats_headings(cells, filled, names):
        return "repeated_header"
    few = len(filled) <= most
    if not few and not (isinstance(cells[filled[0]], str) and cells[filled[0]].lstrip().startswith("#")):
        return ""
    texts = [clean(str(cells[at])) for at in filled if isinstance(cells[at], str)]
    first_words = {word for text in texts[:2] for word in key(text).split()[:2]}
    if few and first_words & _TOTALS and any(_is_amount(row, at) for at in filled):
        return (
            "total"
            if after_the_end or any(len(key(text).split()) <= 2 and set(key(text).split()) <= _TOTALS for text in texts)
            else "subtotal"
        )
    if few and first_words & _SUBTOTALS:
        return "subtotal"
    if len(filled) == 1 and texts and (_FOOTNOTE.match(texts[0]) or after_the_end or len(texts[0]) > LONGEST_HEADING):
        return "footnote"
    if all(isinstance(row.cells[at], str) and re.match(r"#\s?[a-zA-Z]", str(row.cells[at])) for at in filled):
        return "hxl"
    return ""


def _repeats_headings(cells: Sequence[Value], filled: Sequence[int], names: Sequence[str]) -> bool:
    """Whether two or more filled cells, and six tenths of them all, say what stands above them. Most rows are told by a few."""
    same, others, width = 0, 0, len(names)
    for at in filled:
        if at < width and isinstance(cells[at], str) and key(cells[at]) == names[at] != "":
            same += 1
        else:
            others += 1
            if others * 10 > len(filled) * 4:
                return False
    return same >= 2


def _is_amount(row: Row, at: int) -> bool:
    return at in row.formulas or isinstance(row.cells[at], (int, float)) or bool(re.fullmatch(r"[\d\s.,]+", str(row.cells[at])))


def _columns(
    sheet: Sheet,
    at: int,
    above: int | None,
    tags: int | None,
    names: list[str],
    rows: list[Row],
    merged: dict[tuple[int, int], Value],
) -> list[Column]:
    """The columns with a heading or a value; phantom columns (neither) are left out."""
    columns = []
    for position, name in enumerate(names):
        filled = (row.cells[position] for row in rows if position < len(row.cells) and not is_blank(row.cells[position]))
        samples = tuple(islice(filled, SAMPLES))
        if not name and not samples:
            continue
        over = merged.get((above, position)) or _cell(sheet.rows[above], position) if above is not None else None
        tag = _cell(sheet.rows[tags], position) if tags is not None else None
        columns.append(Column(position, name, clean(str(over or "")), clean(str(tag or "")).replace(" ", ""), samples))
    return columns


def _cell(row: Row, at: int) -> Value:
    return row.cells[at] if at < len(row.cells) else None
