"""Lines, bars, waffle, capacity and freshness. Each chart `x(...)` has `x_table(...)` with the same figures as rows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from aimprogress.charts import marks
from aimprogress.charts.svg import PAGE, Palette, Table, Words, drawing, number, px, shape, text, width_of

Series = Sequence[tuple[Words, float | None]]
"""A line of (label, value) in time order; None is a gap, never zero."""


Rows = Sequence[tuple[Words, Sequence[int]]]
"""Stacked bars: (label, a number for each part)."""


@dataclass(frozen=True, slots=True)
class Bar:
    """One horizontal bar: its name, its value (None: not reported) and what stands at its end instead of the number."""

    label: Words
    value: float | None
    note: Words = ""


@dataclass(frozen=True, slots=True)
class Part:
    """A part of every stacked bar: its name and colour role ("meter", "h2", "ok-mark" and the like)."""

    label: Words
    fill: str


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


def _line(piece: Sequence[tuple[float, float]]) -> str:
    return "M" + "L".join(f"{px(x)} {px(y)}" for x, y in piece)


def sparkline(values: Sequence[float | None], *, title: Words, group: str = "ok", palette: Palette = PAGE) -> SafeString:
    """A line of the size of a word with a dot at its last known value; for its table see `trend_table`."""
    ys = _heights(values, 4, 20)
    xs = [4 + at * 88 / max(len(values) - 1, 1) for at in range(len(values))]
    return drawing((0, 0, 96, 24), title, _trace(_runs(xs, ys), group, palette, 1.8, 2.6), kind=f"spark {group}")


def _trace(pieces: list[list[tuple[float, float]]], group: str, palette: Palette, width: float, dot: float) -> list[str]:
    tone = marks.tone(group)
    parts = [
        shape(
            "path",
            palette,
            stroke=tone,
            kind="ln",
            d=_line(piece),
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
            "path", palette, fill=marks.tone(group), kind="ar", opacity=".14", d=f"{_line(p)}L{px(p[-1][0])} 50L{px(p[0][0])} 50z"
        )
        for p in pieces
        if len(p) > 1
    ]
    return drawing((0, 0, 180, 52), title, parts + _trace(pieces, group, palette, 2.5, 3.5), kind=f"trend {group}")


def trend_table(series: Series, *, when: Words, what: Words) -> Table:
    """The rows behind `sparkline` and `area_trend`; a gap reads "not reported"."""
    return Table((str(when), str(what)), tuple((str(label), _shown(value)) for label, value in series))


def _shown(value: float | None) -> str:
    return _("not reported") if value is None else number(value)


def horizontal_bars(
    bars: Sequence[Bar], *, title: Words, fill: str = "meter", palette: Palette = PAGE, width: float = 482, size: float = 7.2
) -> SafeString:
    """Ranked bars to one scale with their numbers; a value that is not reported is said, not drawn as zero."""
    left = min(width * 0.42, max((width_of(str(bar.label), size) for bar in bars), default=0) + 10)
    right = max((width_of(str(bar.note) or _shown(bar.value), size) for bar in bars), default=0) + 8
    longest = max((bar.value or 0 for bar in bars), default=0) or 1
    unit, step = (width - left - right) / longest, size * 2.3
    parts, top = [], 2.0
    for bar in bars:
        base = top + step * 0.62
        parts.append(text(0, base, bar.label, palette, size=size))
        if bar.value is None:
            parts.append(text(left, base, bar.note or _shown(None), palette, size=size, fill="ink-2"))
        else:
            length = max(bar.value * unit, 0.6 if bar.value else 0)
            parts.append(shape("rect", palette, fill=fill, x=left, y=top, width=length, height=step * 0.78, rx=1))
            end = left + length + 5
            parts.append(text(end, base, bar.note or number(bar.value), palette, size=size, bold=True))
        top += step
    return drawing((0, 0, width, top + 1), title, parts, kind="bars")


def horizontal_bars_table(bars: Sequence[Bar], *, what: Words, how_many: Words) -> Table:
    """The rows behind `horizontal_bars`."""
    return Table((str(what), str(how_many)), tuple((str(bar.label), _shown(bar.value)) for bar in bars))


def stacked_bars(
    parts: Sequence[Part], rows: Rows, *, title: Words, palette: Palette = PAGE, width: float = 482, size: float = 7.2
) -> SafeString:  # fmt: skip
    """Bars of parts to one scale, numbers inside where they fit, the total at the end, the key on top."""
    left = min(width * 0.38, max((width_of(str(label), size) for label, _v in rows), default=0) + 10)
    longest = max((sum(values) for _label, values in rows), default=0) or 1
    unit, step = (width - left - 7 * size) / longest, size * 2.3
    drawn, top = _key(parts, left, palette, size), step
    for label, values in rows:
        base = top + step * 0.56
        drawn.append(text(0, base, label, palette, size=size))
        x = left
        for part, value in zip(parts, values, strict=True):
            if value:
                drawn += _segment(x, top, value * unit, step * 0.78, value, part, palette, size)
                x += value * unit
        drawn.append(text(width, base, number(sum(values)), palette, size=size, anchor="end", bold=True))
        top += step
    return drawing((0, 0, width, top), title, drawn, kind="bars")


def _key(parts: Sequence[Part], x: float, palette: Palette, size: float) -> list[str]:
    drawn = []
    for part in parts:
        drawn.append(shape("rect", palette, fill=part.fill, stroke="ink-2", x=x, y=1.5, width=8, height=7, stroke_width=0.4))
        drawn.append(text(x + 11.5, 8, part.label, palette, size=size * 0.94))
        x += 24 + width_of(str(part.label), size * 0.94)
    return drawn


def _segment(x: float, y: float, width: float, height: float, value: int, part: Part, palette: Palette, size: float) -> list[str]:
    box = shape("rect", palette, fill=part.fill, stroke="surface", x=x, y=y, width=width, height=height, stroke_width=0.8)
    said = number(value)
    if width < width_of(said, size * 0.94) + 3:
        return [box]
    ink = "mark-ink" if part.fill in DARK else "ink"
    return [box, text(x + width / 2, y + height * 0.72, said, palette, size=size * 0.94, fill=ink, anchor="middle", bold=True)]


DARK = frozenset({"meter", "ok-mark", "paused-mark", "evac-mark", "lost-mark", "closed-mark", "reduced-mark", "h4", "h5", "ink"})
"""Fills on which numbers are light."""


def stacked_bars_table(parts: Sequence[Part], rows: Rows, *, what: Words) -> Table:
    """The rows behind `stacked_bars`, with totals."""
    head = (str(what), *(str(part.label) for part in parts), _("Total"))
    return Table(head, tuple((str(label), *map(number, values), number(sum(values))) for label, values in rows))


def waffle(counts: Mapping[str, int], *, title: Words, palette: Palette = PAGE, columns: int = 11, most: int = 121) -> SafeString:
    """One small mark per site, the gravest group first; above `most` sites one mark stands for several, and says so."""
    total = sum(counts.values())
    each = max(1, -(-total // most))
    cells = [group for group in marks.GROUPS for _n in range(-(-counts.get(group, 0) // each))]
    step = 29.0
    parts = [icon(group, 1 + (at % columns) * step, 1 + (at // columns) * step, palette) for at, group in enumerate(cells)]
    height = max(1, -(-len(cells) // columns)) * step
    if each > 1:
        said = _("one mark is up to %(count)s sites") % {"count": number(each)}
        parts.append(text(1, height + 12, said, palette, size=11, fill="ink-2"))
        height += 16
    return drawing((0, 0, columns * step, height), title, parts, kind="waffle-svg")


def waffle_table(counts: Mapping[str, int], words: Mapping[str, Words], *, what: Words, how_many: Words) -> Table:
    """The rows behind `waffle`: every group, also the empty ones, and nothing estimated."""
    rows = tuple((str(words[group]), number(counts.get(group, 0))) for group in marks.GROUPS)
    return Table((str(what), str(how_many)), rows)


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
    }[group]
    return f'<g transform="{at}">{inside}</g>'


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


def capacity_table(lines: Sequence[tuple[Words, int, int]], *, what: Words) -> Table:
    """(name, there, needed) as rows with the difference: what is spare, or what is short with a minus sign."""
    head = (str(what), _("There"), _("Needed"), _("Spare or short"))
    return Table(head, tuple((str(n), number(t), number(d), number(t - d).replace("-", "\N{MINUS SIGN}")) for n, t, d in lines))


def freshness_disc(band: str, *, title: Words, palette: Palette = PAGE) -> SafeString:
    """The disc of a freshness band (CURRENT, DUE_SOON, OVERDUE, STALE, NEVER); its title is its table: one word."""
    return drawing((0, 0, 16, 16), title, [marks.freshness_disc(band, palette)], kind="i fresh")
