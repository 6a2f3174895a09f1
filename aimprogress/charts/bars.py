"""Stacked bars to one scale, with their numbers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from django.utils.safestring import SafeString

from aimprogress.charts.svg import HATCH, PAGE, Palette, Words, drawing, number, shape, text, width_of


@dataclass(frozen=True, slots=True)
class Part:
    """A part of every stacked bar: its name, its colour role ("meter", "h2", HATCH) or colour, and whether numbers are light."""

    label: Words
    fill: str
    light: bool = False


@dataclass(frozen=True, slots=True)
class Stack:
    """One stacked bar: its name, a number for each part, what stands before it, and at its end instead of the total."""

    label: Words
    values: Sequence[int]
    before: Words = ""
    after: Words | None = None


def stacked_bars(
    parts: Sequence[Part], rows: Sequence[Stack], *, title: Words, palette: Palette = PAGE, width: float = 482, size: float = 7.2,
    left: float = 118,
) -> SafeString:  # fmt: skip
    """Bars of parts to one scale, numbers inside where they fit, the total or a word at the end, the key on top."""
    longest = max((sum(row.values) for row in rows), default=0) or 1
    unit, step = (width - left - 8.6 * size) / longest, size * 2.36
    drawn, top = _key(parts, left, palette, size), step
    for row in rows:
        base = top + size * 1.14
        drawn.append(text(0, base, row.label, palette, size=size))
        drawn.append(text(left - 8, base, row.before, palette, size=size * 0.96, anchor="end", fill="ink-2"))
        x = left
        for part, value in zip(parts, row.values, strict=True):
            if value:
                drawn += _segment(x, top, value * unit, value, part, palette, size)
                x += value * unit + 0.8
        after = number(sum(row.values)) if row.after is None else row.after
        drawn.append(text(width, base, after, palette, size=size * 1.03, anchor="end", bold=True))
        top += step
    hatched = palette if any(part.fill == HATCH for part in parts) else None
    return drawing((0, 0, width, top - 3), title, drawn, kind="bars", hatched=hatched)


def _key(parts: Sequence[Part], x: float, palette: Palette, size: float) -> list[str]:
    drawn = []
    for part in parts:
        drawn.append(shape("rect", palette, fill=part.fill, stroke="ink-2", x=x, y=1.5, width=8, height=7, stroke_width=0.4))
        drawn.append(text(x + 11.5, 8, part.label, palette, size=size * 0.94))
        x += 24 + width_of(str(part.label), size * 0.94)
    return drawn


def _segment(x: float, y: float, width: float, value: int, part: Part, palette: Palette, size: float) -> list[str]:
    look = {"x": x, "y": y, "width": width, "height": size * 1.46, "stroke_width": 0.4}
    drawn = [shape("rect", palette, fill=part.fill, stroke="ink-2", **look)]
    said, small = number(value), size * 0.93
    room, middle = width_of(said, small) + 3, x + width / 2
    if width < room:
        return drawn
    if part.fill == HATCH:
        drawn.append(shape("rect", palette, fill="surface", x=middle - room / 2, y=y + 1.8, width=room, height=size * 0.96))
    ink = "mark-ink" if part.light else "ink"
    return [*drawn, text(middle, y + size * 1.11, said, palette, size=small, fill=ink, anchor="middle", bold=True)]
