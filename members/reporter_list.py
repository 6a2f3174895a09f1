"""A list of people to invite as site reporters, as it stands in a spreadsheet: columns in any order, with or without titles.

A cell with an "@" is the address; cells that name sites of the organisation, by code or name, are the sites; a cell that names a
language of the phone is the language. Every row comes back, either ready or with what is wrong with it: nothing that stands in
it is passed over in silence.
"""

import re
from dataclasses import dataclass, field
from uuid import UUID

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.utils.functional import Promise
from django.utils.translation import get_language_info, gettext
from django.utils.translation import gettext_lazy as _
from openpyxl.utils import get_column_letter

from aimprogress.exchange.reading import Book, Row, Value
from aimprogress.exchange.safety import Refused
from members.models import Organisation, Site

MOST_ROWS, LONGEST_ODD = 200, 120
_BETWEEN_SITES = re.compile(r"[;,\n|/]+")


@dataclass(slots=True)
class Reporter:
    """One row. Without a `problem` it can be invited."""

    row: int
    email: str = ""
    language: str = "en"
    site_ids: list[UUID] = field(default_factory=list)
    sites: list[str] = field(default_factory=list)
    problem: str | Promise = ""
    odd: dict[int, list[str]] = field(default_factory=dict)
    """By column, what names neither an address nor a site nor a language."""


@dataclass(slots=True)
class ReporterList:
    """The rows of a list, and columns that say nothing which could be understood: heading or letter, and an example."""

    rows: list[Reporter] = field(default_factory=list)
    unread: list[tuple[str, str]] = field(default_factory=list)


def read_reporters(book: Book, organisation: Organisation, sites: list[Site]) -> ReporterList:
    """The rows of every sheet. `sites` are those for which somebody may report. Raises Refused for a list that is too long."""
    names = {spelling.casefold(): site for site in sites for spelling in (site.code, site.name)}
    closed = {name.casefold() for name in _all_names(organisation)} - names.keys()
    found, seen = ReporterList(), set()
    for sheet in book.sheets:
        rows = [] if sheet.ignored else [row for row in sheet.rows if row.filled]
        titles = rows.pop(0).cells if rows and _is_titles(rows[0], names, closed) else ()
        _read_sheet(rows, titles, names, closed, found)
    if len(found.rows) > MOST_ROWS:
        raise Refused(_("At most 200 people at once. Send the list in several files."), code="too_many_rows")
    for reporter in found.rows:
        if not reporter.problem and reporter.email in seen:
            reporter.problem = _("This address stands in the list twice.")
        seen.add(reporter.email)
    return found


def _all_names(organisation: Organisation) -> list[str]:
    pairs = Site.objects.filter(organisation=organisation).values_list("code", "name")
    return [spelling for pair in pairs for spelling in pair]


def _is_titles(row: Row, names: dict[str, Site], closed: set[str]) -> bool:
    cells = [_text(cell).casefold() for cell in row.cells]
    return not any("@" in cell or cell in names or cell in closed for cell in cells)


def _read_sheet(
    rows: list[Row], titles: tuple[Value, ...], names: dict[str, Site], closed: set[str], found: ReporterList
) -> None:
    """A column in which any row says something is read, so what is not understood there is a problem of its row."""
    told: set[int] = set()
    people = [_read(row, names, closed, told) for row in rows[: MOST_ROWS + 1]]
    unread: dict[int, str] = {}
    for reporter in people:
        if wrong := [part for at, parts in reporter.odd.items() if at in told for part in parts]:
            reporter.problem = reporter.problem or _not_understood(wrong)
        for at in reporter.odd.keys() - told:
            unread.setdefault(at, reporter.odd[at][0])
    headings = [_text(title) for title in titles]
    found.rows += people
    found.unread += [
        (headings[at] if at < len(headings) and headings[at] else get_column_letter(at + 1), unread[at][:40])
        for at in sorted(unread)
    ]


def _not_understood(parts: list[str]) -> str:
    return gettext("Not understood: %(what)s") % {"what": ", ".join(parts)[:LONGEST_ODD]}


def _read(row: Row, names: dict[str, Site], closed: set[str], told: set[int]) -> Reporter:
    """One row; `told` gains the columns that said something."""
    reporter = Reporter(row.number)
    chosen: dict[UUID, Site] = {}
    for at, text in enumerate(map(_text, row.cells)):
        if "@" in text and not reporter.email:
            reporter.email = text.lower()
            told.add(at)
        elif language := _language(text):
            reporter.language = language
            told.add(at)
        else:
            for part in _parts(text, names, closed):
                if site := names.get(part.casefold()):
                    chosen[site.pk] = site
                    told.add(at)
                elif part.casefold() in closed:
                    reporter.problem = _("Nobody reports from inside one of these sites, or it is closed.")
                    told.add(at)
                else:
                    reporter.odd.setdefault(at, []).append(part)
    reporter.site_ids, reporter.sites = list(chosen), sorted(site.name for site in chosen.values())
    reporter.problem = reporter.problem or _missing(reporter)
    return reporter


def _parts(text: str, names: dict[str, Site], closed: set[str]) -> list[str]:
    """The sites that a cell names; a name may itself hold what stands between them."""
    if text.casefold() in names or text.casefold() in closed:
        return [text]
    return [part for piece in _BETWEEN_SITES.split(text) if (part := piece.strip())]


def _missing(reporter: Reporter) -> str | Promise:
    try:
        validate_email(reporter.email)
    except ValidationError:
        return _("No e-mail address stands in this row.") if not reporter.email else _("This is no e-mail address.")
    return "" if reporter.site_ids else _("No site of yours is named in this row: write its code or name.")


def _text(cell: Value) -> str:
    return "" if cell is None else str(cell).strip()


def _language(text: str) -> str:
    """The code of a language of the phone that is named by its code, or in English or itself."""
    for code, _name in settings.PHONE_LANGUAGES:
        info = get_language_info(code)
        if text.casefold() in {code, info["name"].casefold(), info["name_local"].casefold()}:
            return code
    return ""
