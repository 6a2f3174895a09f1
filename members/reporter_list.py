"""A list of people to invite as site reporters, as it stands in a spreadsheet: columns in any order, with or without titles.

A cell with an "@" is the address; cells that name sites of the organisation, by code or name, are the sites; a cell that names a
language is the language. Every row comes back, either ready or with what is wrong with it.
"""

import re
from dataclasses import dataclass, field
from uuid import UUID

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.utils.functional import Promise
from django.utils.translation import get_language_info
from django.utils.translation import gettext_lazy as _

from aimprogress.exchange.reading import Book, Row, Value
from aimprogress.exchange.safety import Refused
from members.models import Organisation, Site

MOST_ROWS = 200
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


def read_reporters(book: Book, organisation: Organisation, sites: list[Site]) -> list[Reporter]:
    """The rows of every sheet. `sites` are those for which somebody may report. Raises Refused for a list that is too long."""
    names = {spelling.casefold(): site for site in sites for spelling in (site.code, site.name)}
    closed = {name.casefold() for name in _all_names(organisation)} - names.keys()
    rows = [row for sheet in book.sheets if not sheet.ignored for row in sheet.rows if row.filled]
    if rows and not any("@" in str(cell) for cell in rows[0].cells):
        rows = rows[1:]  # the titles
    if len(rows) > MOST_ROWS:
        raise Refused(_("At most 200 people at once. Send the list in several files."), code="too_many_rows")
    found, seen = [], set()
    for row in rows:
        reporter = _read(row, names, closed)
        if not reporter.problem and reporter.email in seen:
            reporter.problem = _("This address stands in the list twice.")
        seen.add(reporter.email)
        found.append(reporter)
    return found


def _all_names(organisation: Organisation) -> list[str]:
    pairs = Site.objects.filter(organisation=organisation).values_list("code", "name")
    return [spelling for pair in pairs for spelling in pair]


def _read(row: Row, names: dict[str, Site], closed: set[str]) -> Reporter:
    reporter = Reporter(row.number)
    chosen: dict[UUID, Site] = {}
    for text in (_text(cell) for cell in row.cells):
        if "@" in text:
            reporter.email = text.lower()
        elif language := _language(text):
            reporter.language = language
        for part in [text, *(piece.strip() for piece in _BETWEEN_SITES.split(text))]:
            if site := names.get(part.casefold()):
                chosen[site.pk] = site
            elif part and part.casefold() in closed:
                reporter.problem = _("Nobody reports from inside one of these sites, or it is closed.")
    reporter.site_ids, reporter.sites = list(chosen), sorted(site.name for site in chosen.values())
    reporter.problem = reporter.problem or _missing(reporter)
    return reporter


def _missing(reporter: Reporter) -> str | Promise:
    try:
        validate_email(reporter.email)
    except ValidationError:
        return _("No e-mail address stands in this row.") if not reporter.email else _("This is no e-mail address.")
    return "" if reporter.site_ids else _("No site of yours is named in this row: write its code or name.")


def _text(cell: Value) -> str:
    return "" if cell is None else str(cell).strip()


def _language(text: str) -> str:
    """The code of a language of the portal that is named by its code, or in English or itself."""
    for code, _name in settings.LANGUAGES:
        info = get_language_info(code)
        if text.casefold() in {code, info["name"].casefold(), info["name_local"].casefold()}:
            return code
    return ""
