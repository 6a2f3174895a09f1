"""The heat map of human-rights issues: severity upwards, likelihood to the right. Numbers and letters first, colour last."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from aimprogress.charts.marks import INVOLVEMENTS, involvement_mark
from aimprogress.charts.svg import PAGE, Palette, Table, Words, attributes, drawing, local_href, number, shape, text

LEVELS = (1, 2, 3, 4, 5)
BandOf = Callable[[int, int], str]
"""(severity level, likelihood) -> CRITICAL, HIGH, MEDIUM or LOW. The rule itself lives in risks."""

_FILL = {"CRITICAL": ("h5", "h5-ink"), "HIGH": ("h2", "ink"), "MEDIUM": ("h1", "ink"), "LOW": ("h0", "ink")}
_LEFT, _TOP, _CELL, _HIGH, _GAP = 74.0, 16.0, 66.0, 36.0, 2.0
MOST_CODES = 2
"""Codes printed in one square; where there are more, the count and the marks stand alone."""


@dataclass(frozen=True, slots=True)
class Square:
    """What stands in one square: how many issues, how many of them per involvement, and codes to print where they fit."""

    count: int = 0
    involvement: Mapping[str, int] = field(default_factory=dict)
    codes: tuple[tuple[str, str], ...] = ()
    """(code, involvement) of single issues."""
    href: str = ""


def severity_words() -> dict[int, str]:
    """The names of the severity levels."""
    return {5: _("5 gravest"), 4: _("4 serious"), 3: _("3 moderate"), 2: _("2 minor"), 1: _("1 slight")}


def likelihood_words() -> dict[int, str]:
    """The names of the likelihood levels."""
    return {1: _("1 remote"), 2: _("2 unlikely"), 3: _("3 possible"), 4: _("4 likely"), 5: _("5 now or certain")}


def band_letter(band: str) -> str:
    """The letter of a band, as printed in the corner of a square."""
    return {
        "CRITICAL": pgettext("band letter", "C"),
        "HIGH": pgettext("band letter", "H"),
        "MEDIUM": pgettext("band letter", "M"),
        "LOW": pgettext("band letter", "L"),
    }[band]


def heat_map(
    squares: Mapping[tuple[int, int], Square], band_of: BandOf, *, title: Words, palette: Palette = PAGE, counts: bool = True
) -> SafeString:
    """5 x 5 squares by (severity level, likelihood). `counts` False prints the codes of the issues where they fit."""
    parts = [text(0, _TOP + 7, _("Severity"), palette, size=7, fill="ink-2")]
    for likelihood, said in likelihood_words().items():
        x = _x(likelihood) + (_CELL - _GAP) / 2
        parts.append(text(x, 9, said, palette, size=7, fill="ink-2", anchor="middle"))
    for severity, said in severity_words().items():
        parts.append(text(_LEFT - 7, _y(severity) + _HIGH / 2 + 2, said, palette, size=7.4, anchor="end"))
        for likelihood in LEVELS:
            found = squares.get((severity, likelihood), Square())
            parts.append(_square(severity, likelihood, found, band_of(severity, likelihood), palette, counts))
    linked = any(square.href for square in squares.values())
    return drawing((0, 0, _LEFT + 5 * _CELL, _TOP + 5 * _HIGH), title, parts, kind="heat-svg", group=linked)


def _x(likelihood: int) -> float:
    return _LEFT + (likelihood - 1) * _CELL


def _y(severity: int) -> float:
    return _TOP + (5 - severity) * _HIGH


def _square(severity: int, likelihood: int, found: Square, band: str, palette: Palette, counts: bool) -> str:
    x, y = _x(likelihood), _y(severity)
    fill, ink = _FILL[band]
    box = {"x": x, "y": y, "width": _CELL - _GAP, "height": _HIGH - _GAP, "rx": 2.5, "stroke_width": 0.5}
    out = shape("rect", palette, fill=fill, stroke="line-strong", **box)
    out += text(x + _CELL - 6, y + 8.6, band_letter(band), palette, size=6.2, fill=ink, anchor="end")
    if found.count and (counts or not found.codes or len(found.codes) > MOST_CODES):
        out += _counted(x, y, found, ink, palette)
    elif found.count:
        out += _named(x, y, found, ink, palette)
    if not found.href:
        return out
    said = _("Severity %(severity)s, likelihood %(likelihood)s: %(count)s") % {
        "severity": severity,
        "likelihood": likelihood,
        "count": number(found.count),
    }
    return f"<a{attributes(href=local_href(found.href), aria_label=said)}>{out}</a>"


def _counted(x: float, y: float, found: Square, ink: str, palette: Palette) -> str:
    middle = x + (_CELL - _GAP) / 2
    shown = [(name, found.involvement[name]) for name in INVOLVEMENTS if found.involvement.get(name)]
    base = y + (17.5 if shown else 22)
    out = text(middle, base, number(found.count), palette, size=13, fill=ink, anchor="middle", bold=True, font="serif")
    at = middle - (len(shown) - 1) * 8.5
    for name, count in shown:
        out += involvement_mark(at - 3.6, y + 27, name, palette, fill=ink, size=5.6)
        out += text(at + 1, y + 29.2, number(count), palette, size=6.2, fill=ink)
        at += 17
    return out


def _named(x: float, y: float, found: Square, ink: str, palette: Palette) -> str:
    out, base = "", y + (_HIGH - _GAP) / 2 - (len(found.codes) - 1) * 5.5
    for code, involvement in found.codes:
        out += involvement_mark(x + 9, base, involvement, palette, fill=ink, size=6.4)
        out += text(x + 16, base + 2.8, code, palette, size=7.4, fill=ink, bold=True)
        base += 11
    return out


def heat_map_table(squares: Mapping[tuple[int, int], Square], band_of: BandOf) -> Table:
    """The rows behind `heat_map`: every square that holds an issue, the gravest first."""
    severity, likelihood = severity_words(), likelihood_words()
    head = (_("Severity"), _("Likelihood"), _("Band"), _("Issues"))
    filled = [(sl, lk) for sl in reversed(LEVELS) for lk in reversed(LEVELS) if squares.get((sl, lk), Square()).count]
    rows = ((severity[sl], likelihood[lk], band_letter(band_of(sl, lk)), number(squares[sl, lk].count)) for sl, lk in filled)
    return Table(head, tuple(rows))
