"""The region map with names: one row of marks per area, a mark for each group, the area's name below. For print.

The land, the marks and the names of countries are those of `regionmap`. Marks stand at the public middle of an area; where two
areas would lie on each other, the later one moves to the nearest free place.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from django.utils.safestring import SafeString

from aimprogress.charts.marks import NOT_REPORTED, half_width, site_mark, site_marks
from aimprogress.charts.projection import Frame, Point, in_frame, project
from aimprogress.charts.regionmap import PRINT_FRAME, Box, base, country_names, outside_note
from aimprogress.charts.svg import PRINT, Palette, Words, drawing, text, width_of

ORDER = ("ok", "reduced", "paused", "evac", "lost", "closed", NOT_REPORTED)
"""From left to right in a row of marks."""

ABROAD: dict[str, Point] = {
    "RU": (52.85, 42.3), "PL": (52.2, 19.85), "RO": (45.54, 22.96), "LT": (55.0, 24.18), "HU": (46.97, 19.03), "LV": (56.7, 25.6),
    "SK": (48.85, 20.45), "MD": (47.08, 28.29), "BY": (53.47, 29.28),
}  # fmt: skip
"""Where the sites of a country outside Ukraine stand together (lat, lon)."""

GAP, ROW, SIZE = 3.0, 11.0, 10.4
STEP, FARTHEST = 6, 84
"""How finely and how far a place is looked for, px."""


@dataclass(frozen=True, slots=True)
class Area:
    """The sites of one area: a public point (lat, lon), how many of each display group, the name to print below or ""."""

    lat: float
    lon: float
    counts: Mapping[str, int]
    name: str = ""

    @property
    def groups(self) -> list[str]:
        return [group for group in ORDER if self.counts.get(group)]


def area_map(
    areas: Sequence[Area], *, title: Words, names: Mapping[str, str], palette: Palette = PRINT, frame: Frame = PRINT_FRAME
) -> SafeString:
    """The map; `names` are the countries to name, by code. Sites that it does not reach are said in its corner."""
    shown = [area for area in areas if in_frame(project(area.lat, area.lon), frame)]
    placed = _placed(shown, frame)
    rows = [_row(area, box, palette) for area, box in placed]
    parts = [base(palette, frame, oblasts=True), country_names(names, [box for _area, box in placed], palette, frame)]
    parts.append(site_marks((mark for marks, _name in rows for mark in marks), palette))
    parts += [name for _marks, name in rows]
    if beyond := sum(sum(area.counts.values()) for area in areas if area not in shown):
        parts.append(outside_note(beyond, palette, frame))
    return drawing(frame, title, parts, kind="region")


def _placed(areas: Sequence[Area], frame: Frame) -> list[tuple[Area, Box]]:
    """Every area with the box of its marks and name, none on another where there is room; from north to south."""
    found: list[tuple[Area, Box]] = []
    for area in sorted(areas, key=lambda area: (-area.lat, area.lon)):
        half, high = _half_size(area)
        x, y = project(area.lat, area.lon)
        spots = ((x + dx, y + dy, half, high) for dx, dy in _NEAREST_FIRST)
        taken = [box for _area, box in found]
        free = (spot for spot in spots if _inside(spot, frame) and not any(_overlap(spot, box) for box in taken))
        found.append((area, next(free, (x, y, half, high))))
    return found


def _half_size(area: Area) -> tuple[float, float]:
    marks = sum(2 * half_width(area.counts[group], group) + GAP for group in area.groups) / 2
    return max(marks, width_of(area.name, SIZE) / 2 + GAP), ROW + (9 if area.name else 3)


_NEAREST_FIRST = sorted(
    ((dx, dy) for dx in range(-FARTHEST, FARTHEST + 1, STEP) for dy in range(-FARTHEST, FARTHEST + 1, STEP)),
    key=lambda move: (math.hypot(*move), move),
)


def _inside(box: Box, frame: Frame) -> bool:
    x, y, half, high = box
    left, top, width, height = frame
    return left + half <= x <= left + width - half and top + high <= y <= top + height - high


def _overlap(one: Box, other: Box) -> bool:
    return abs(one[0] - other[0]) < one[2] + other[2] and abs(one[1] - other[1]) < one[3] + other[3]


def _row(area: Area, box: Box, palette: Palette) -> tuple[list[str], str]:
    """The marks of an area side by side, and its name below them."""
    x, y, _half, _high = box
    if area.name:
        y -= 6
    left = x - sum(2 * half_width(area.counts[group], group) + GAP for group in area.groups) / 2
    marks = []
    for group in area.groups:
        half = half_width(area.counts[group], group) + GAP / 2
        marks.append(site_mark(left + half, y, area.counts[group], group, palette))
        left += 2 * half
    name = text(x, y + ROW + 11, area.name, palette, size=SIZE, fill="ink-2", anchor="middle") if area.name else ""
    return marks, name
