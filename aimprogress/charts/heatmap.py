"""The heat map of human-rights issues: severity upwards, likelihood to the right. Numbers and letters first, colour last."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from aimprogress.charts.marks import INVOLVEMENTS, involvement_mark
from aimprogress.charts.svg import PAGE, Palette, Words, attributes, drawing, local_href, number, shape, text, width_of

LEVELS = (1, 2, 3, 4, 5)
BandOf = Callable[[int, int], str]
"""(severity level, likelihood) -> CRITICAL, HIGH, MEDIUM or LOW. The rule itself lives in risks."""

_FILL = {"CRITICAL": ("h5", "h5-ink"), "HIGH": ("h2", "ink"), "MEDIUM": ("h1", "ink"), "LOW": ("h0", "ink")}
_LEFT, _TOP, _CELL, _LEAST_HIGH, _GAP, _LINE = 74.7, 16.7, 62.0, 33.0, 1.4, 11.4
_WIDE, _KEY = 482.0, 400.0
MOST_CODES = 6
"""Codes printed in one square; where there are more, the last line says how many."""


@dataclass(frozen=True, slots=True)
class Square:
    """What stands in one square: how many issues, how many of them per involvement, and codes to print where they fit."""

    count: int = 0
    involvement: Mapping[str, int] = field(default_factory=dict)
    codes: tuple[tuple[str, str], ...] = ()
    """(code, involvement) of single issues."""
    href: str = ""


Squares = Mapping[tuple[int, int], Square]
Key = Sequence[tuple[Words, Sequence[tuple[str, Words]]]]
"""The legend: headings, each with marks and words, where a mark is an involvement or a band."""


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
    squares: Squares, band_of: BandOf, *, title: Words, palette: Palette = PAGE, counts: bool = True, key: Key = ()
) -> SafeString:  # fmt: skip
    """5 x 5 squares by (severity level, likelihood). `counts` False prints the codes of the issues; `key` stands on the right."""
    parts = [line for likelihood, said in likelihood_words().items() for line in _heading(_x(likelihood), said, palette)]
    high = _height(squares, counts)
    for severity, said in severity_words().items():
        y = _TOP + (5 - severity) * high
        parts.append(text(_LEFT - 7.7, y + high / 2 + 1.8, said, palette, size=6.9, anchor="end"))
        for likelihood in LEVELS:
            found = squares.get((severity, likelihood), Square())
            drawn = _Drawing(_x(likelihood), y, high - _GAP, band_of(severity, likelihood), palette)
            parts.append(_linked(drawn.square(found, counts), severity, likelihood, found))
    foot = _TOP + 5 * high
    if key:
        drawn_key, key_foot = _key(key, palette)
        parts += drawn_key
        foot = max(foot, key_foot)
    linked = any(square.href for square in squares.values())
    return drawing((0, 0, _WIDE if key else _LEFT + 5 * _CELL, foot), title, parts, kind="heat-svg", group=linked)


def _heading(x: float, said: str, palette: Palette) -> list[str]:
    """The words over a column, in two lines where they are wider than it."""
    look = {"size": 6.7, "fill": "ink-2", "anchor": "middle"}
    words = said.split()
    if width_of(said, 6.7) <= _CELL * 1.08 or len(words) < 2:
        return [text(x + _CELL / 2, 10, said, palette, **look)]
    at = min(range(1, len(words)), key=lambda at: max(len(" ".join(words[:at])), len(" ".join(words[at:]))))
    lines = (" ".join(words[:at]), " ".join(words[at:]))
    return [text(x + _CELL / 2, y, line, palette, **look) for y, line in zip((6, 13.2), lines, strict=True)]


def _x(likelihood: int) -> float:
    return _LEFT + (likelihood - 1) * _CELL


def _height(squares: Squares, counts: bool) -> float:
    """As high as the square with the most codes wants it, the same for all rows."""
    lines = max((min(len(square.codes), MOST_CODES) for square in squares.values()), default=0)
    return _LEAST_HIGH if counts else max(_LEAST_HIGH, _LINE * lines + 9 + _GAP)


def _linked(drawn: str, severity: int, likelihood: int, found: Square) -> str:
    if not found.href:
        return drawn
    said = _("Severity %(severity)s, likelihood %(likelihood)s: %(count)s") % {
        "severity": severity,
        "likelihood": likelihood,
        "count": number(found.count),
    }
    return f"<a{attributes(href=local_href(found.href), aria_label=said)}>{drawn}</a>"


@dataclass(frozen=True, slots=True)
class _Drawing:
    """One square: where, how high, of which band."""

    x: float
    y: float
    high: float
    band: str
    palette: Palette

    def square(self, found: Square, counts: bool) -> str:
        fill, ink = _FILL[self.band]
        edge = "line" if self.band in ("MEDIUM", "LOW") else fill
        box = {"x": self.x, "y": self.y, "width": _CELL - _GAP, "height": self.high, "rx": 2, "stroke_width": 0.4}
        out = shape("rect", self.palette, fill=fill, stroke=edge, **box)
        corner = self.x + _CELL - _GAP - 4.3
        out += text(corner, self.y + 8.5, band_letter(self.band), self.palette, size=6.2, fill=ink, anchor="end")
        if not found.count:
            return out
        return out + (self._counted(found, ink) if counts or not found.codes else self._named(found, ink))

    def _counted(self, found: Square, ink: str) -> str:
        middle = self.x + (_CELL - _GAP) / 2
        shown = [(name, found.involvement[name]) for name in INVOLVEMENTS if found.involvement.get(name)]
        base = self.y + (16.5 if shown else 21)
        out = text(middle, base, number(found.count), self.palette, size=13, fill=ink, anchor="middle", bold=True, font="serif")
        at = middle - (len(shown) - 1) * 8.5
        for name, count in shown:
            out += involvement_mark(at - 3.6, self.y + 25, name, self.palette, fill=ink, size=5.6)
            out += text(at + 1, self.y + 27.2, number(count), self.palette, size=6.2, fill=ink)
            at += 17
        return out

    def _named(self, found: Square, ink: str) -> str:
        shown = found.codes if len(found.codes) <= MOST_CODES else found.codes[: MOST_CODES - 1]
        out, base = "", self.y + 12.9
        for code, involvement in shown:
            out += involvement_mark(self.x + 9, base - 2.3, involvement, self.palette, fill=ink, size=6.4)
            out += text(self.x + 16.7, base, code, self.palette, size=7.2, fill=ink, bold=True)
            base += _LINE
        if more := len(found.codes) - len(shown):
            out += text(self.x + 16.7, base, f"+{number(more)}", self.palette, size=7.2, fill=ink, bold=True)
        return out


def _key(key: Key, palette: Palette) -> tuple[list[str], float]:
    """The legend and where it ends."""
    parts, y = [], 24.0
    for heading, entries in key:
        size = min(6.9, 6.9 * (_WIDE - _KEY - 4) / width_of(str(heading), 6.9))  # bold words of other languages are longer
        parts.append(text(_KEY, y, heading, palette, size=size, bold=True))
        for mark, said in entries:
            y += _LINE
            if mark in _FILL:
                fill, ink = _FILL[mark]
                box = {"x": _KEY, "y": y - 6.8, "width": 9, "height": 8.4, "rx": 1, "stroke_width": 0.4}
                parts.append(shape("rect", palette, fill=fill, stroke="ink-2", **box))
                parts.append(text(_KEY + 4.5, y - 0.3, band_letter(mark), palette, size=6.2, fill=ink, anchor="middle"))
                parts.append(text(_KEY + 14, y, said, palette, size=6.9))
            else:
                parts += [
                    involvement_mark(_KEY + 2.8, y - 2.4, mark, palette, size=6.4),
                    text(_KEY + 11, y, said, palette, size=6.9),
                ]
        y += 19
    return parts, y - 12
