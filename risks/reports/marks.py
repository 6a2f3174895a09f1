"""The small printed marks: reference, freshness, status, band, not reported. Everything that came from people is escaped."""

from collections.abc import Mapping
from typing import Any

from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _

from aimprogress.charts.heatmap import band_letter
from risks.reports import printing
from risks.reports.evidence import AT_LEAST, WITHHELD, Count, Coverage, Figure, Names
from risks.reports.words import (
    BANDS,
    FRESHNESS,
    FRESHNESS_MARKS,
    GROUPS,
    SOURCES,
    STATUS_MARKS,
    STATUSES,
    word,
)

BAND_STYLES = {"CRITICAL": "c", "HIGH": "h", "MEDIUM": "m", "LOW": "l"}


def reference(figure: str | None) -> SafeString:
    """[E-014], a link into annex E; nothing for None."""
    if not figure:
        return SafeString("")
    return format_html('<a class="e" href="#{}">[{}]</a>', figure.lower(), figure)


def not_reported() -> SafeString:
    """The mark for what nobody reported. It is never a zero."""
    return format_html('<span class="nr">{}</span>', _("not reported"))


def withheld(why: str) -> SafeString:
    """The mark for a count or rate that exists and is kept back."""
    if why == "not_collected":
        return format_html('<span class="nr">{}</span>', _("not collected"))
    if why == "few":
        return format_html('<span class="nb">{}</span>', "<5")
    return format_html('<span class="hid">{}</span>', _("under 20") if why == "few_people" else _("hidden"))


def count(value: Count) -> SafeString | str:
    """A count as printed: the number, "not reported", or why it is kept back."""
    if value is None:
        return not_reported()
    if isinstance(value, str) and value in WITHHELD:
        return withheld(value)
    return printing.whole(int(value))


def rate(value: str | None, *, sign: bool = False) -> SafeString | str:
    """A share as printed, with or without its sign."""
    if value is None:
        return not_reported()
    if value in WITHHELD:
        return withheld(value)
    number = value.removeprefix(AT_LEAST)
    shown = printing.percent(number) if sign else printing.decimal(number, 1)
    return shown if number == value else f"≥{printing.THIN}{shown}"


def part_of(part: int | None, whole: int | None) -> SafeString | str:
    """21 of 37."""
    if part is None or whole is None:
        return not_reported()
    return _("%(part)s of %(whole)s") % {"part": printing.whole(part), "whole": printing.whole(whole)}


def freshness(band: str | None, at: str | None = None) -> SafeString:
    """A disc that empties, the word, and the moment if one is given."""
    if band is None:
        return not_reported()
    mark = format_html('<span class="fr {}">{}</span>', FRESHNESS_MARKS.get(band, "nev"), word(FRESHNESS, band))
    return format_html("{} {}", mark, printing.instant(at)) if at else mark


def status(code: str | None, group: str | None = None) -> SafeString:
    """Shape and word of a site's status; with group "lost" the last known word under the mark of no contact."""
    if code is None:
        return not_reported()
    mark = "lost" if group == "lost" else STATUS_MARKS.get(code, "closed")
    if mark == "lost":
        return format_html('<span class="st lost">{}</span>', word(GROUPS, "lost"))
    return format_html('<span class="st {}">{}</span>', mark, word(STATUSES, code))


def band(code: str) -> SafeString:
    """Letter and word of a band."""
    return format_html('<span class="band {}"><i>{}</i>{}</span>', BAND_STYLES[code], band_letter(code), word(BANDS, code))


def small(main: object, more: object) -> SafeString:
    """A line with a smaller one below it."""
    return format_html("{} <small>{}</small>", main, more) if more else format_html("{}", main)


def lines(rows: list[object]) -> SafeString:
    """Several values below each other."""
    return format_html_join("", '{}<br class="end">', ((row,) for row in rows))


def name(places: Mapping[str, Names], code: str) -> str:
    """The name of a country or area in the active language; English where there is none, the code as a last resort."""
    names = places.get(code, {})
    return names.get(language()) or names.get("en") or code


def site(places: Mapping[str, Names], row: Mapping[str, Any]) -> str:
    """How a report calls a site: by area and number, never by name, address or code."""
    return _("%(area)s, site %(number)s") % {"area": name(places, row["area"]), "number": row["ordinal"]}


def language() -> str:
    """The two letters of the active language."""
    return (get_language() or "en")[:2]


def provenance(reference_of: str, figure: Figure, *extra: object) -> SafeString:
    """The line under a figure: reference, freshness, as of, how far it reaches, from which sources."""
    parts = [part for part in (*_dates(figure), reach(figure["coverage"]), _sources(figure), *extra) if part]
    text = format_html_join(" · ", "{}", ((part,) for part in parts))
    return format_html('<p class="src">{} {}</p>', reference(reference_of), text)


def _dates(figure: Figure) -> list[object]:
    if figure["as_of"] is None:
        return [not_reported()]
    at = _("as of %(moment)s") % {"moment": printing.instant(figure["as_of"])}
    first = format_html("{} {}", freshness(figure["freshness"]), at) if figure["freshness"] else at
    if figure["oldest"] and figure["oldest"] != figure["as_of"]:
        return [first, _("oldest %(day)s") % {"day": printing.day(figure["oldest"])}]
    return [first]


def reach(coverage: Coverage | None) -> str:
    """How far a figure reaches, in words: 33 of 37 sites, covering 9,206 of 9,840 people."""
    if coverage is None:
        return ""
    told = UNITS.get(coverage["unit"], _of_records)(coverage["counted"], coverage["needed"])
    if coverage["people"] is None or not coverage["of_people"]:
        return told
    return _("%(sites)s, covering %(people)s of %(of)s people") % {
        "sites": told,
        "people": printing.whole(coverage["people"]),
        "of": printing.whole(coverage["of_people"]),
    }


def _sources(figure: Figure) -> str:
    kinds = sorted({source["source"] for source in figure["sources"]})
    told = ngettext("%(count)s record", "%(count)s records", figure["rows"]) % {"count": printing.whole(figure["rows"])}
    if not kinds:
        return told
    sure = ", ".join(sorted({source["confidence"] for source in figure["sources"]}))
    return _("%(records)s from %(sources)s, confidence %(confidence)s") % {
        "records": told,
        "sources": ", ".join(word(SOURCES, kind) for kind in kinds),
        "confidence": sure,
    }


def _numbers(part: int, whole: int) -> dict[str, str]:
    return {"part": printing.whole(part), "whole": printing.whole(whole)}


def _of_sites(part: int, whole: int) -> str:
    return ngettext("%(part)s of %(whole)s site", "%(part)s of %(whole)s sites", whole) % _numbers(part, whole)


def _of_areas(part: int, whole: int) -> str:
    return ngettext("%(part)s of %(whole)s area", "%(part)s of %(whole)s areas", whole) % _numbers(part, whole)


def _of_countries(part: int, whole: int) -> str:
    return ngettext("%(part)s of %(whole)s country", "%(part)s of %(whole)s countries", whole) % _numbers(part, whole)


def _of_suppliers(part: int, whole: int) -> str:
    return ngettext("%(part)s of %(whole)s supplier", "%(part)s of %(whole)s suppliers", whole) % _numbers(part, whole)


def _of_records(part: int, whole: int) -> str:
    return ngettext("%(part)s of %(whole)s record", "%(part)s of %(whole)s records", whole) % _numbers(part, whole)


UNITS = {"site": _of_sites, "area": _of_areas, "country": _of_countries, "supplier": _of_suppliers}
