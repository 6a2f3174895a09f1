"""What changed from day to day: a share as a line with its scale, and alert levels as bands. Numbers stand beside the marks."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from django.utils.formats import number_format
from django.utils.safestring import SafeString

from aimprogress.charts.plots import line
from aimprogress.charts.svg import PAGE, Palette, Words, drawing, fitting, number, shape, text

DayWords = Callable[[date], str]
"""How a day is written, without its year."""

WIDTH = 482
LEVELS = (("surface", "ink"), ("h1", "ink"), ("h2", "ink"), ("h4", "h4-ink"), ("h5", "h5-ink"))
"""Fill and ink of the alert levels 0 to 4."""


@dataclass(frozen=True, slots=True)
class Row:
    """One row of the alert timeline: its name, how many sites stand behind it, and (since, level) steps in order."""

    label: str
    sites: int
    steps: Sequence[tuple[date, int]]


def alert_timeline(
    rows: Sequence[Row], first: date, last: date, *, title: Words, sites: Words, day: DayWords, palette: Palette = PAGE
) -> SafeString:
    """Alert levels from day to day, the number of the level in each band; `sites` heads the column of their numbers."""
    left = 128.0
    unit = (WIDTH - left) / max((last - first).days, 1)
    parts = [text(left - 8, 10, sites, palette, size=6.6, anchor="end", fill="ink-2")]
    parts += [
        text(left + (tick - first).days * unit, 10, day(tick), palette, size=6.6, fill="ink-2") for tick in _ticks(first, last)
    ]
    top = 16.8
    for row in rows:
        parts.append(text(0, top + 7.6, fitting(row.label, 7.2, left - 24), palette, size=7.2))
        parts.append(text(left - 8, top + 7.6, number(row.sites), palette, size=7.2, anchor="end", fill="ink-2"))
        ends = [*(since for since, _level in row.steps[1:]), last]
        for (since, level), until in zip(row.steps, ends, strict=True):
            start = max(since, first)
            if until > start:
                parts += _band(left + (start - first).days * unit, top, (until - start).days * unit, level, palette)
        top += 12.4
    return drawing((0, 0, WIDTH, top), title, parts, kind="alerts")


def _band(x: float, top: float, width: float, level: int, palette: Palette) -> list[str]:
    fill, ink = LEVELS[level]
    edge = "ink-2" if level == 0 else fill
    box = shape("rect", palette, fill=fill, stroke=edge, x=x, y=top, width=width - 0.6, height=10.8, stroke_width=0.4)
    return [box, text(x + 3.5, top + 7.9, number(level), palette, size=6.8, bold=True, fill=ink)]


def _ticks(first: date, last: date) -> list[date]:
    step = 14 if (last - first).days <= 120 else 30
    return [first + timedelta(days=days) for days in range(0, (last - first).days - step // 2, step)]


def share_line(
    points: Sequence[tuple[date, float]], *, title: Words, day: DayWords, lowest: float = 90, palette: Palette = PAGE
) -> SafeString:
    """Shares in per cent over time, with the scale and the first, lowest and last value printed. It needs one point at least."""
    high, left, right, bottom = 92.0, 26.0, WIDTH - 30.0, 76.0
    values = [value for _day, value in points]
    floor = min(lowest, min(values) - 1)

    def height(value: float) -> float:
        return bottom - (value - floor) * (bottom - 12) / (100 - floor)

    parts = []
    for mark in (floor, (floor + 100) / 2, 100):
        parts.append(shape("path", palette, stroke="line", d=f"M{left:g} {height(mark):.1f}H{right:g}", stroke_width=0.5))
        parts.append(text(left - 5, height(mark) + 2.4, _percent(mark), palette, size=6.4, anchor="end", fill="ink-2"))
    spots = [(left + at * (right - left) / max(len(points) - 1, 1), height(value)) for at, value in enumerate(values)]
    look = {"stroke_width": 1.6, "stroke_linejoin": "round"}
    parts.append(shape("path", palette, stroke="meter", d=line(spots), **look))
    told = {0, values.index(min(values)), len(values) - 1}
    for at, ((x, y), (since, value)) in enumerate(zip(spots, points, strict=True)):
        parts.append(shape("circle", palette, fill="meter", cx=x, cy=y, r=2))
        if at in told:
            parts.append(text(x + 3, y - 4, _percent(value), palette, size=7, bold=True))
        if at % 2 == 0:
            parts.append(text(x, high - 4, day(since), palette, size=6.4, anchor="middle", fill="ink-2"))
    return drawing((0, 0, WIDTH, high), title, parts, kind="share")


def _percent(value: float) -> str:
    return str(number_format(value, decimal_pos=1))
