"""Lines, the small marks of a status, capacity and freshness."""

from __future__ import annotations

from collections.abc import Sequence

from django.utils.safestring import SafeString

from aimprogress.charts import marks
from aimprogress.charts.svg import PAGE, Palette, Words, drawing, px, shape

Series = Sequence[tuple[Words, float | None]]
"""A line of (label, value) in time order; None is a gap, never zero."""


def _heights(values: Sequence[float | None], top: float, bottom: float) -> list[float | None]:
    known = [value for value in values if value is not None]
    low, high = (min(known), max(known)) if known else (0, 0)
    # a line that never moves runs through the middle instead of pretending to be at a record
    span = (high - low) or 1
    at_rest = 0.5 if high == low else 0.0
    return [None if v is None else bottom - (bottom - top) * ((v - low) / span + at_rest) for v in values]


def _runs(xs: Sequence[float], ys: Sequence[float | None]) -> list[list[tuple[float, float]]]:
    """The unbroken pieces of a line."""
    pieces: list[list[tuple[float, float]]] = [[]]
    for x, y in zip(xs, ys, strict=True):
        if y is None:
            pieces.append([])
        else:
            pieces[-1].append((x, y))
    return [piece for piece in pieces if piece]


def line(piece: Sequence[tuple[float, float]]) -> str:
    """The path of an unbroken line."""
    return "M" + "L".join(f"{px(x)} {px(y)}" for x, y in piece)


def _trace(pieces: list[list[tuple[float, float]]], group: str, palette: Palette, width: float, dot: float) -> list[str]:
    tone = marks.tone(group)
    parts = [
        shape(
            "path",
            palette,
            stroke=tone,
            kind="ln",
            d=line(piece),
            stroke_width=width,
            stroke_linejoin="round",
            stroke_linecap="round",
        )
        for piece in pieces
        if len(piece) > 1
    ]
    parts += [shape("circle", palette, fill=tone, cx=piece[0][0], cy=piece[0][1], r=1.6) for piece in pieces if len(piece) == 1]
    if pieces:
        x, y = pieces[-1][-1]
        parts.append(shape("circle", palette, fill=tone, stroke="surface", cx=x, cy=y, r=dot, stroke_width=1))
    return parts


def area_trend(series: Series, *, title: Words, group: str = "ok", palette: Palette = PAGE) -> SafeString:
    """Weeks of one figure as a line over its shade, the last value marked; usually twelve weeks. Gaps stay gaps.

    The vertical scale runs from the lowest to the highest value of the line: it shows movement, its table shows amounts.
    """
    values = [value for _label, value in series]
    ys = _heights(values, 8, 40)
    xs = [6 + at * 168 / max(len(values) - 1, 1) for at in range(len(values))]
    pieces = _runs(xs, ys)
    parts = [
        shape(
            "path", palette, fill=marks.tone(group), kind="ar", opacity=".14", d=f"{line(p)}L{px(p[-1][0])} 50L{px(p[0][0])} 50z"
        )
        for p in pieces
        if len(p) > 1
    ]
    return drawing((0, 0, 180, 52), title, parts + _trace(pieces, group, palette, 2.5, 3.5), kind=f"trend {group}")


def icon(group: str, x: float, y: float, palette: Palette, size: float = 22) -> str:
    """The small mark of a display group without a number, `size` px wide."""
    k = size / 16
    tone, hole = marks.tone(group), "surface"
    at = f"translate({px(x)} {px(y)}) scale({k:.3f})"
    inside = {
        "ok": shape("circle", palette, fill=tone, cx=8, cy=8, r=7)
        + shape("path", palette, stroke=hole, d="M4.6 8.3l2.4 2.4 4.6-5", stroke_width=1.8),
        "reduced": shape("circle", palette, fill=hole, stroke=tone, cx=8, cy=8, r=6.2, stroke_width=1.7)
        + shape("path", palette, fill=tone, d="M8 1.8a6.2 6.2 0 0 1 0 12.4z"),
        "paused": shape("rect", palette, fill=tone, x=1, y=1, width=14, height=14, rx=2.5)
        + shape("path", palette, stroke=hole, d="M6 4.6v6.8M10 4.6v6.8", stroke_width=1.9),
        "evac": shape("path", palette, fill=tone, d="M8 .8 15.7 14.5H.3z")
        + shape("path", palette, stroke=hole, d="M8 5.4v4.8M8 11.2v1.8", stroke_width=1.8),
        "lost": shape("path", palette, fill=tone, d="M8 .3 15.7 8 8 15.7.3 8z")
        + shape(
            "path", palette, stroke=hole, d="M6.3 6.6c0-2.4 3.5-2.3 3.5-.2 0 1.4-1.7 1.4-1.7 2.8M8.1 10.2v1.5", stroke_width=1.5
        ),
        "closed": shape("circle", palette, fill=hole, stroke=tone, cx=8, cy=8, r=6.2, stroke_width=1.7)
        + shape("path", palette, stroke=tone, d="M4.5 8h7", stroke_width=2),
        marks.NOT_REPORTED: shape(
            "circle", palette, fill=hole, stroke=tone, cx=8, cy=8, r=6.2, stroke_width=1.7, stroke_dasharray="2.4 2"
        ),
    }[group]
    return f'<g transform="{at}">{inside}</g>'


def icon_picture(group: str, *, palette: Palette = PAGE) -> SafeString:
    """The same mark as a picture of its own, 16 px wide, for a place where its word stands beside it."""
    return drawing((0, 0, 16, 16), group, [icon(group, 0, 0, palette, size=16)], kind=f"i {group}")


def capacity_bar(there: int, needed: int, *, title: Words, palette: Palette = PAGE) -> SafeString:
    """What is there as a bar, what is needed as a mark across it; too little is drawn in the colour of evacuation."""
    scale = 600 / (max(there, needed, 1) * 1.08)
    group = "ok" if there >= needed else "evac"
    need = needed * scale
    parts = [
        shape("rect", palette, fill="sunken", stroke="line", kind="grd", x=0.5, y=5, width=599, height=12, rx=3),
        shape("rect", palette, fill=marks.tone(group), kind="have", x=0.5, y=5, width=there * scale, height=12, rx=3),
        shape("path", palette, stroke="ink", kind="need", d=f"M{px(need)} 0v22", stroke_width=2.5),
    ]
    return drawing((0, 0, 600, 22), title, parts, kind=f"bar1 {group}", stretched=True)


def freshness_disc(band: str, *, title: Words, palette: Palette = PAGE) -> SafeString:
    """The disc of a freshness band (CURRENT, DUE_SOON, OVERDUE, STALE, NEVER); its title is its table: one word."""
    return drawing((0, 0, 16, 16), title, [marks.freshness_disc(band, palette)], kind="i fresh")
