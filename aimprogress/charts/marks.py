"""The shapes of the display groups and of involvement: shape and number carry the meaning, colour repeats it."""

from __future__ import annotations

import math
from collections.abc import Iterable

from aimprogress.charts.svg import Palette, attributes, number, px, shape, text

GROUPS = ("evac", "lost", "paused", "reduced", "ok", "closed")
"""Display groups, the gravest first; keys are those of the page's classes and icons."""

NOT_REPORTED = "none"
"""The mark of sites that never said anything, where a picture keeps them apart from those that fell silent."""

INVOLVEMENTS = ("CAUSE", "CONTRIBUTE", "LINKED")


PALE, ON_PALE = "#fffaf0", "#231a00"
"""Ground and ink of the half circle, the same in light and dark: its number stands on the pale half."""


def tone(group: str) -> str:
    """The colour role of a display group. Raises KeyError for anything else."""
    return {NOT_REPORTED: "closed-mark", **{key: f"{key}-mark" for key in GROUPS}}[group]


def half_width(count: int, group: str) -> float:
    """How far a mark reaches to each side, px: triangles and diamonds are wider, because they hold less text."""
    return radius(count) * (1.24 if group in ("evac", "lost") else 1)


def radius(count: int) -> float:
    """Half the width of a mark for so many sites, px: 10 for one, growing slowly, at most 32."""
    return min(32.0, max(10.0, 2.6 + 4.6 * math.log(max(count, 1))))


def site_mark(x: float, y: float, count: int, group: str, palette: Palette) -> str:
    """The mark of a group of sites with its number inside: circle, half circle, square, triangle, diamond, ring, broken ring.

    Its number takes its type from `site_marks`, which every mark stands in.
    """
    r = radius(count)
    body, ink, drop = {
        "ok": _circle,
        "reduced": _half_circle,
        "paused": _square,
        "evac": _triangle,
        "lost": _diamond,
        "closed": _ring,
        NOT_REPORTED: _broken_ring,
    }[group](x, y, r, palette)
    said = number(count)
    size = 12.0 if len(said) < 4 else 11.0
    look = attributes(x=x, y=y + drop + size * 0.36, fill=palette.colour(ink), font_size=None if size == 12 else size)
    return f"{body}<text{look}>{said}</text>"


def site_marks(drawn: Iterable[str], palette: Palette) -> str:
    """Marks in one group that sets their type once."""
    look = attributes(font_family=palette.font("sans"), font_size=12, font_weight="bold", text_anchor="middle")
    return f"<g{look}>{''.join(drawn)}</g>"


Drawn = tuple[str, str, float]
"""SVG, colour role of the number on it, how far below the middle the number stands."""


def _circle(x: float, y: float, r: float, palette: Palette) -> Drawn:
    return _solid("circle", "ok", palette, cx=x, cy=y, r=r), "mark-ink", 0.0


def _half_circle(x: float, y: float, r: float, palette: Palette) -> Drawn:
    inner = max(7.4, r * 0.66)
    body = shape("circle", palette, fill=PALE, stroke="surface", cx=x, cy=y, r=r, stroke_width=3.2)
    body += shape("circle", palette, fill=PALE, stroke="reduced-mark", cx=x, cy=y, r=r - 1, stroke_width=2)
    half = f"M{px(x)} {px(y + r)}A{px(r)} {px(r)} 0 0 0 {px(x)} {px(y - r)}z"
    body += shape("path", palette, fill="reduced-mark", d=half)
    return body + shape("circle", palette, fill=PALE, cx=x, cy=y, r=inner), ON_PALE, 0.0


def _square(x: float, y: float, r: float, palette: Palette) -> Drawn:
    half = r * 0.89
    return _solid("rect", "paused", palette, x=x - half, y=y - half, width=2 * half, height=2 * half, rx=2.5), "mark-ink", 0.0


def _triangle(x: float, y: float, r: float, palette: Palette) -> Drawn:
    # a triangle holds less text than a circle of the same width: it is drawn larger, its number low
    half = r * 1.24
    top, foot = y - half * 1.06, y + half * 0.72
    path = f"M{px(x)} {px(top)}L{px(x + half)} {px(foot)}H{px(x - half)}z"
    return _solid("path", "evac", palette, d=path, stroke_linejoin="round"), "mark-ink", half * 0.24


def _diamond(x: float, y: float, r: float, palette: Palette) -> Drawn:
    half = r * 1.22
    path = f"M{px(x)} {px(y - half)}L{px(x + half)} {px(y)}L{px(x)} {px(y + half)}L{px(x - half)} {px(y)}z"
    return _solid("path", "lost", palette, d=path, stroke_linejoin="round"), "mark-ink", 0.0


def _ring(x: float, y: float, r: float, palette: Palette) -> Drawn:
    return shape("circle", palette, fill="surface", stroke="closed-mark", cx=x, cy=y, r=r - 1.2, stroke_width=2.6), "ink", 0.0


def _broken_ring(x: float, y: float, r: float, palette: Palette) -> Drawn:
    look = {"fill": "surface", "stroke": "closed-mark", "stroke_width": 2.2, "stroke_dasharray": "3 2.4"}
    return shape("circle", palette, cx=x, cy=y, r=r - 1.2, **look), "ink", 0.0


def _solid(name: str, group: str, palette: Palette, **where: object) -> str:
    return shape(name, palette, fill=tone(group), stroke="surface", stroke_width=1.6, **where)


def involvement_mark(x: float, y: float, involvement: str, palette: Palette, *, fill: str = "ink", size: float = 7) -> str:
    """Our part in a harm: cause a square, contribute a triangle, linked an open circle, not assessed a question mark."""
    half = size / 2
    if involvement == "CAUSE":
        return shape("rect", palette, fill=fill, x=x - half, y=y - half, width=size, height=size)
    if involvement == "CONTRIBUTE":
        path = f"M{px(x)} {px(y - half)}L{px(x + half)} {px(y + half)}H{px(x - half)}z"
        return shape("path", palette, fill=fill, d=path)
    if involvement == "LINKED":
        return shape("circle", palette, stroke=fill, cx=x, cy=y, r=half - 0.7, stroke_width=size * 0.2)
    said = "?" if involvement == "UNKNOWN" else "\N{EN DASH}"
    return text(x, y + size * 0.4, said, palette, size=size * 1.15, fill=fill, anchor="middle", bold=True)


def freshness_disc(band: str, palette: Palette, *, x: float = 8, y: float = 8, r: float = 7) -> str:
    """A disc that empties as a fact grows old: full, three quarters, half, empty, broken outline (never)."""
    if band == "CURRENT":
        return shape("circle", palette, fill="ink", cx=x, cy=y, r=r)
    outline = {"cx": x, "cy": y, "r": r - 0.7, "stroke_width": 1.4}
    ring = shape("circle", palette, fill="none" if band == "NEVER" else "surface", stroke="ink", **outline)
    if band == "NEVER":
        return shape("circle", palette, stroke="ink", stroke_dasharray="2.2 2.2", **outline)
    if band == "DUE_SOON":
        return ring + shape("path", palette, fill="ink", d=f"M{px(x)} {px(y)}V{px(y - r)}a{px(r)} {px(r)} 0 1 1-{px(r)} {px(r)}z")
    if band == "OVERDUE":
        return ring + shape("path", palette, fill="ink", d=f"M{px(x)} {px(y - r)}a{px(r)} {px(r)} 0 0 1 0 {px(2 * r)}z")
    return ring
