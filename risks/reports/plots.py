"""Charts for print: inline SVG in points, as wide as the text (482), with a `<title>` that says what they show.

Numbers stand inside the marks, so that grey printing loses nothing. Pure functions; text is escaped here.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from django.utils.html import escape
from django.utils.safestring import SafeString, mark_safe

from risks.reports import printing

WIDTH = 482
INK, INK_2, LINE = "#16282d", "#46565a", "#b9b4a6"
HEAT = ("#ffffff", "#efdfc0", "#e8c690", "#b8622f", "#7c2f12")
BAND_FILLS = {"CRITICAL": "#7c2f12", "HIGH": "#e8c690", "MEDIUM": "#f1e9d6", "LOW": "#fbf9f4"}
HATCH = "hatch"


@dataclass(frozen=True)
class Series:
    """One part of every bar: its name, its fill (HATCH for a pattern) and whether numbers in it are white."""

    label: str
    fill: str
    light: bool = False


@dataclass(frozen=True)
class Bar:
    """One bar: its name, what stands before it, its parts in the order of the series, what stands at its end."""

    label: str
    before: str
    values: Sequence[int]
    after: str = ""


def text(x: float, y: float, said: object, size: float = 7.2, *, anchor: str = "", bold: bool = False, fill: str = INK) -> str:
    """One line of text at a baseline."""
    place = f' text-anchor="{anchor}"' if anchor else ""
    weight = ' font-weight="bold"' if bold else ""
    look = f'font-family="DejaVu Sans" font-size="{size:g}"{place}{weight} fill="{fill}"'
    return f'<text x="{x:g}" y="{y:g}" {look}>{escape(said)}</text>'


def rectangle(x: float, y: float, width: float, height: float, fill: str, stroke: str = INK_2, rx: float = 0) -> str:
    """A filled box with a hairline; HATCH fills it with lines."""
    paint = f"url(#{HATCH})" if fill == HATCH else fill
    corner = f' rx="{rx:g}"' if rx else ""
    return (
        f'<rect x="{x:g}" y="{y:g}" width="{max(width, 0):g}" height="{height:g}"{corner} fill="{paint}"'
        f' stroke="{stroke}" stroke-width=".35"/>'
    )


def drawing(height: float, title: str, parts: Sequence[str], *, hatched: bool = False) -> SafeString:
    """The finished SVG; every text in `parts` has been escaped by `text`."""
    pattern = (
        f'<defs><pattern id="{HATCH}" width="3.6" height="3.6" patternUnits="userSpaceOnUse" patternTransform="rotate(45)">'
        '<rect width="3.6" height="3.6" fill="#fff"/><path d="M0 0V3.6" stroke="#46565a" stroke-width="1.1"/></pattern></defs>'
        if hatched
        else ""
    )
    return mark_safe(
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height:g}" role="img">'
        f"<title>{escape(title)}</title>{pattern}{''.join(parts)}</svg>"
    )


def width_of(said: str, size: float) -> float:
    """About how wide DejaVu Sans sets a text, in points."""
    return len(said) * size * 0.6


def fitting(said: str, size: float, room: float) -> str:
    """A text, cut with an ellipsis where it would be wider than `room` points."""
    if width_of(said, size) <= room:
        return said
    return said[: max(1, int(room / (size * 0.6)) - 1)].rstrip() + "…"


def stacked_bars(title: str, series: Sequence[Series], bars: Sequence[Bar], *, left: float = 118) -> SafeString:
    """Horizontal bars to one scale, their numbers inside, the legend on top."""
    parts = _legend(series, left)
    longest = max((sum(bar.values) for bar in bars), default=0) or 1
    unit = (WIDTH - left - 62) / longest
    top = 17.0
    for bar in bars:
        parts += [text(0, top + 8.2, bar.label), text(left - 8, top + 8.2, bar.before, 6.9, anchor="end", fill=INK_2)]
        x = left
        for part, value in zip(series, bar.values, strict=True):
            if value:
                parts += _segment(x, top, value * unit, value, part)
                x += value * unit + 0.8
        parts.append(text(WIDTH, top + 8.2, bar.after, 7.4, anchor="end", bold=True))
        top += 17
    return drawing(top - 3, title, parts, hatched=any(part.fill == HATCH for part in series))


def _legend(series: Sequence[Series], left: float) -> list[str]:
    parts, x = [], left
    for part in series:
        parts += [rectangle(x, 1.5, 8, 7, part.fill), text(x + 11.5, 8, part.label, 6.8)]
        x += 24 + width_of(str(part.label), 6.8)
    return parts


def _segment(x: float, top: float, width: float, value: int, part: Series) -> list[str]:
    shown = printing.whole(value)
    parts = [rectangle(x, top, width, 10.5, part.fill)]
    room = width_of(shown, 6.7) + 3
    if width < room:
        return parts
    middle = x + width / 2
    if part.fill == HATCH:
        parts.append(f'<rect x="{middle - room / 2:g}" y="{top + 1.8:g}" width="{room:g}" height="6.9" fill="#fff"/>')
    return [*parts, text(middle, top + 8, shown, 6.7, anchor="middle", bold=True, fill="#fff" if part.light else INK)]


def alert_timeline(
    title: str, first: str, last: str, rows: Sequence[tuple[str, int, Sequence[tuple[str, int]]]], sites: str
) -> SafeString:
    """Alert levels of areas from day to day: (name, sites, [(since, level), ...]) per row, weeks or months on top."""
    begin, end = date.fromisoformat(first), date.fromisoformat(last)
    left = 128.0
    unit = (WIDTH - left) / max((end - begin).days, 1)
    parts = [text(left - 8, 10, sites, 6.6, anchor="end", fill=INK_2)]
    parts += [
        text(left + (tick - begin).days * unit, 10, printing.short_day(str(tick)), 6.6, fill=INK_2) for tick in _ticks(begin, end)
    ]
    top = 16.8
    for name, count, steps in rows:
        parts += [text(0, top + 7.6, fitting(name, 7.2, left - 24)), text(left - 8, top + 7.6, count, anchor="end", fill=INK_2)]
        for place, (since, level) in enumerate(steps):
            start = max(date.fromisoformat(since), begin)
            until = date.fromisoformat(steps[place + 1][0]) if place + 1 < len(steps) else end
            x, width = left + (start - begin).days * unit, (until - start).days * unit
            if width > 0:
                edge = INK_2 if level == 0 else HEAT[level]
                parts.append(rectangle(x, top, width - 0.6, 10.8, HEAT[level], edge))
                parts.append(text(x + 3.5, top + 7.9, level, 6.8, bold=True, fill="#fff" if level >= 3 else INK))
        top += 12.4
    return drawing(top, title, parts)


def _ticks(begin: date, end: date) -> list[date]:
    step = 14 if (end - begin).days <= 120 else 30
    return [begin + timedelta(days=days) for days in range(0, (end - begin).days - step // 2, step)]


def share_line(title: str, points: Sequence[tuple[str, str]], lowest: float = 90.0) -> SafeString:
    """Shares over time as a line with its first, lowest and last value printed: (day, percent) in order."""
    height, left, bottom = 92.0, 26.0, 76.0
    values = [float(value) for _day, value in points]
    floor = min(lowest, min(values) - 1)
    x = [left + place * (WIDTH - left - 30) / max(len(points) - 1, 1) for place in range(len(points))]
    y = [bottom - (value - floor) * (bottom - 12) / (100 - floor) for value in values]
    parts = []
    for mark in (floor, (floor + 100) / 2, 100):
        level = bottom - (mark - floor) * (bottom - 12) / (100 - floor)
        parts.append(f'<path d="M{left:g} {level:g}H{WIDTH - 30:g}" stroke="{LINE}" stroke-width=".5"/>')
        parts.append(text(left - 5, level + 2.4, printing.decimal(str(round(mark, 1)), 1), 6.4, anchor="end", fill=INK_2))
    route = "L".join(f"{a:g} {b:g}" for a, b in zip(x, y, strict=True))
    parts.append(f'<path d="M{route}" fill="none" stroke="#0d4a50" stroke-width="1.6" stroke-linejoin="round"/>')
    told = {0, values.index(min(values)), len(values) - 1}
    for place, (since, value) in enumerate(points):
        parts.append(f'<circle cx="{x[place]:g}" cy="{y[place]:g}" r="2" fill="#0d4a50"/>')
        if place in told:
            parts.append(text(x[place] + 3, y[place] - 4, printing.decimal(value, 1), 7, bold=True))
        if place % 2 == 0:
            parts.append(text(x[place], height - 4, printing.short_day(since), 6.4, anchor="middle", fill=INK_2))
    return drawing(height, title, parts)


def heat_map(
    title: str,
    cells: dict[tuple[int, int], Sequence[tuple[str, str]]],
    bands: dict[tuple[int, int], tuple[str, str]],
    severity: dict[int, str],
    likelihood: dict[int, str],
    key: Sequence[tuple[str, Sequence[tuple[str, str]]]],
) -> SafeString:
    """Severity upwards, likelihood to the right; each issue once, with the shape of our part in it.

    `cells`: (severity, likelihood) -> [(code, involvement)]. `bands`: the same key -> (band, letter). `key`: the legend,
    a heading and its (mark, word) pairs, where a mark is an involvement or a band.
    """
    parts = [
        text(105 + 62 * (place - 1), 10, f"{place} {said}", 6.7, anchor="middle", fill=INK_2)
        for place, said in likelihood.items()
    ]
    tallest = max([2, *(min(len(found), 6) for found in cells.values())])
    height = max(31.6, 11.4 * tallest + 9)
    top = 16.7
    for level in range(5, 0, -1):
        parts.append(text(67, top + height / 2 + 2.4, f"{level} {severity[level]}", 6.9, anchor="end"))
        for chance in range(1, 6):
            parts += _cell(74.7 + 62 * (chance - 1), top, height, bands[level, chance], cells.get((level, chance), ()))
        top += height + 1.4
    parts += _key(key)
    return drawing(max(top, 150), title, parts)


def _cell(x: float, y: float, height: float, band: tuple[str, str], issues: Sequence[tuple[str, str]]) -> list[str]:
    ink = "#fff" if band[0] == "CRITICAL" else INK
    edge = LINE if band[0] in ("MEDIUM", "LOW") else BAND_FILLS[band[0]]
    parts = [
        rectangle(x, y, 60.6, height, BAND_FILLS[band[0]], edge, rx=2),
        text(x + 56.3, y + 8.5, band[1], 6.2, anchor="end", fill=ink),
    ]
    shown = issues if len(issues) <= 6 else issues[:5]
    for place, (code, involvement) in enumerate(shown):
        line = y + 12.9 + 11.4 * place
        parts += [shape(involvement, x + 9, line - 2.3, ink), text(x + 16.7, line, code, 7.2, bold=True, fill=ink)]
    if len(issues) > len(shown):
        parts.append(text(x + 16.7, y + 12.9 + 11.4 * len(shown), f"+{len(issues) - len(shown)}", 7.2, bold=True, fill=ink))
    return parts


def shape(involvement: str, x: float, y: float, ink: str = INK) -> str:
    """The mark of our part in an impact: cause a square, contribute a triangle, linked a ring, not assessed a question."""
    if involvement == "CAUSE":
        return f'<rect x="{x - 2.8:g}" y="{y - 2.8:g}" width="5.6" height="5.6" fill="{ink}"/>'
    if involvement == "CONTRIBUTE":
        return f'<path d="M{x:g} {y - 3.3:g}l3.4 6.2h-6.8z" fill="{ink}"/>'
    if involvement == "LINKED":
        return f'<circle cx="{x:g}" cy="{y:g}" r="2.9" fill="none" stroke="{ink}" stroke-width="1.2"/>'
    return text(x, y + 2.6, "?" if involvement == "UNKNOWN" else "–", 7.4, anchor="middle", bold=True, fill=ink)


def _key(key: Sequence[tuple[str, Sequence[tuple[str, str]]]]) -> list[str]:
    parts, y = [], 24.0
    for heading, entries in key:
        parts.append(text(400, y, heading, 6.9, bold=True))
        for mark, said in entries:
            y += 11.4
            if mark in BAND_FILLS:
                parts.append(rectangle(400, y - 6.8, 9, 8.4, BAND_FILLS[mark], rx=1))
                parts.append(text(404.5, y - 0.3, mark[0], 6.2, anchor="middle", fill="#fff" if mark == "CRITICAL" else INK))
                parts.append(text(414, y, said, 6.9))
            else:
                parts += [shape(mark, 402.8, y - 2.4), text(411, y, said, 6.9)]
        y += 19
    return parts
