"""The region map: a schematic drawing of Ukraine and its neighbours with marks for sites, or with oblasts shaded by a step.

The drawing is made once (`make_region_map`); here marks are clustered on a grid and placed. The same picture serves page and
print. Its alternative is `region_map_table`: the same sites by area and group.
"""

from __future__ import annotations

import json
import math
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from django.utils.html import escape
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from aimprogress.charts.marks import GROUPS, radius, site_mark, site_marks
from aimprogress.charts.projection import FRAME, Frame, Point, in_frame, project
from aimprogress.charts.svg import PAGE, Palette, Words, attributes, drawing, local_href, number, shape, text, width_of
from aimprogress.places.countries import country_name

CELL = 42.0
"""Width of a cluster's cell, px."""

SLACK = 8.0
"""Marks that stand this close, px, are looked at when overlapping ones are pushed apart."""

URGENT = frozenset({"evac", "lost"})
"""Groups that keep a mark of their own beside the calm ones: danger is never folded into "mostly operating"."""

Box = tuple[float, float, float, float]
"""The middle of a mark and half its width and height, px."""

FOCUS = frozenset({"UA", "BY", "RU", "HU", "MD", "PL", "RO", "SK", "LT", "LV"})
PRINT_FRAME: Frame = (55.0, 96.0, 790.0, 478.0)
"""The tighter cut that the printed report uses; Crimea is in it."""

LABELS: dict[str, tuple[Point, ...]] = {
    "UA": ((49.35, 31.0), (48.75, 30.4), (50.5, 27.2), (48.4, 32.2), (51.1, 29.2)),
    "BY": ((53.1, 28.3), (53.9, 29.2), (52.6, 27.2)),
    "PL": ((52.55, 19.2), (51.6, 18.6), (53.3, 17.6)),
    "RO": ((45.55, 24.6), (46.4, 23.9), (44.7, 25.2)),
    "RU": ((54.6, 39.8), (53.4, 42.4), (56.2, 42.5), (51.5, 43.5)),
    "HU": ((46.85, 18.3), (47.2, 20.3), (46.5, 19.7)),
    "SK": ((48.62, 19.4), (48.95, 18.6), (48.8, 20.6)),
    "MD": ((47.25, 28.5), (46.2, 28.6), (47.9, 27.6)),
    "LT": ((55.4, 23.7), (55.85, 23.0), (54.7, 23.8)),
    "LV": ((56.75, 25.4), (56.7, 22.3), (57.2, 26.6)),
}
"""Places for a country's name (lat, lon), the best first; the one that covers fewest marks is taken."""


@dataclass(frozen=True, slots=True)
class SitePoint:
    """One site, or several alike: a public point, its display group, the name of its area for table and hover text."""

    lat: float
    lon: float
    group: str
    area: str = ""
    count: int = 1
    code: str = ""


@dataclass(frozen=True, slots=True)
class Mark:
    """What is drawn: where, how many, as which group, of which groups and areas it consists."""

    x: float
    y: float
    count: int
    group: str
    groups: tuple[tuple[str, int], ...]
    areas: tuple[str, ...]
    codes: tuple[str, ...] = ()
    """The codes of all its areas, for the link to the list behind it."""


@lru_cache(maxsize=1)
def paths() -> dict[str, dict[str, str]]:
    """The drawing: `context` (land, rivers), `countries` by ISO 3166-1, `oblasts` by ISO 3166-2 code, as path data."""
    return json.loads((Path(__file__).parent / "region_paths.json").read_text())


_project = lru_cache(maxsize=20_000)(project)


def cluster(points: Iterable[SitePoint], cell: float = CELL, frame: Frame = FRAME) -> list[Mark]:
    """Sites gathered on a grid of `cell` px: one mark for the calm groups of a cell, one for each urgent group.

    The largest marks come first, so that small ones are drawn on top. Points outside the map are left out (see `outside`).
    """
    gathered: dict[tuple[int, int, str], list[tuple[float, float, SitePoint]]] = defaultdict(list)
    for point in points:
        x, y = _project(point.lat, point.lon)
        if in_frame((x, y), frame):
            own = point.group if point.group in URGENT else ""
            gathered[int(x // cell), int(y // cell), own].append((x, y, point))
    marks = [_mark(found) for _key, found in sorted(gathered.items())]
    return sorted(_apart(marks, frame), key=lambda mark: (-mark.count, mark.x, mark.y))


def _mark(found: list[tuple[float, float, SitePoint]]) -> Mark:
    groups: Counter[str] = Counter()
    areas: Counter[str] = Counter()
    x = y = 0.0
    for at_x, at_y, point in found:
        groups[point.group] += point.count
        areas[point.area] += point.count
        x += at_x * point.count
        y += at_y * point.count
    total = sum(groups.values())
    # the commonest group; of equals the graver one
    group = max(groups, key=lambda key: (groups[key], -GROUPS.index(key)))
    named = tuple(area for area, _n in areas.most_common(3) if area)
    ordered = tuple((key, groups[key]) for key in GROUPS if groups[key])
    codes = tuple(sorted({point.code for _x, _y, point in found if point.code}))
    return Mark(x / total, y / total, total, group, ordered, named, codes)


def _apart(marks: list[Mark], frame: Frame, rounds: int = 14) -> list[Mark]:
    """Push overlapping marks apart a little: the smaller one gives way, none leaves its cell's neighbourhood."""
    at = [[mark.x, mark.y] for mark in marks]
    size = [radius(mark.count) * (1.15 if mark.group in URGENT else 1) for mark in marks]
    near = []
    for i, (x, y) in enumerate(at):
        for j in range(i):
            reach = size[i] + size[j] + SLACK
            if abs(x - at[j][0]) < reach and abs(y - at[j][1]) < reach:
                near.append((i, j))
    for _round in range(rounds):
        moved = False
        for i, j in near:
            dx, dy = at[i][0] - at[j][0], at[i][1] - at[j][1]
            distance = math.hypot(dx, dy)
            overlap = size[i] + size[j] - distance
            if overlap <= 0.3:
                continue
            moved = True
            ux, uy = (dx / distance, dy / distance) if distance > 0.1 else (1.0, 0.25)
            share = size[j] ** 2 / (size[i] ** 2 + size[j] ** 2)
            for index, sign, part in ((i, 1, share), (j, -1, 1 - share)):
                at[index][0] += sign * ux * overlap * part * 0.6
                at[index][1] += sign * uy * overlap * part * 0.6
        if not moved:
            break
    return [
        Mark(*_near_home(mark, x, y, frame), mark.count, mark.group, mark.groups, mark.areas, mark.codes)
        for mark, (x, y) in zip(marks, at, strict=True)
    ]


def _near_home(mark: Mark, x: float, y: float, frame: Frame) -> Point:
    dx, dy = x - mark.x, y - mark.y
    far = math.hypot(dx, dy)
    k = min(1.0, CELL * 0.6 / far) if far else 1.0
    left, top, width, height = frame
    r = radius(mark.count)
    return min(max(mark.x + dx * k, left + r), left + width - r), min(max(mark.y + dy * k, top + r), top + height - r)


def outside(points: Iterable[SitePoint], frame: Frame = FRAME) -> int:
    """How many sites lie outside the drawing."""
    return sum(point.count for point in points if not in_frame(_project(point.lat, point.lon), frame))


def group_words() -> dict[str, str]:
    """The names of the display groups (decisions 4.1)."""
    return {
        "evac": _("evacuated"),
        "lost": _("no contact"),
        "paused": _("paused"),
        "reduced": _("reduced or moved"),
        "ok": _("operating"),
        "closed": _("closed"),
    }


def said_of(mark: Mark) -> str:
    """What a mark says to those who do not see it: areas and numbers by group."""
    words = group_words()
    numbers = ", ".join(f"{number(count)} {words[group]}" for group, count in mark.groups)
    return f"{', '.join(mark.areas)}: {numbers}" if mark.areas else numbers


def region_map(
    points: Sequence[SitePoint], *, title: Words, palette: Palette = PAGE, href_of: Callable[[Mark], str] | None = None,
    shades: Mapping[str, int] | None = None, frame: Frame | None = None,
) -> SafeString:  # fmt: skip
    """The map with clustered marks; on paper the tighter cut.

    href_of makes each mark a link to the list behind it; shades fills oblasts: ISO 3166-2 code -> step 0 (pale) to 5 (dark).
    """
    frame = frame or (FRAME if palette is PAGE else PRINT_FRAME)
    marks = cluster(points, frame=frame)
    parts = [base(palette, frame, tuple(sorted((shades or {}).items())))]
    parts.append(country_names({code: country_name(code) for code in LABELS}, [_box(mark) for mark in marks], palette, frame))
    parts.append(site_marks((_drawn(mark, palette, href_of) for mark in marks), palette))
    beyond = outside(points, frame=frame)
    if beyond:
        parts.append(outside_note(beyond, palette, frame))
    return drawing(frame, title, parts, kind="region", group=href_of is not None)


@lru_cache(maxsize=64)
def base(palette: Palette, frame: Frame, shades: tuple[tuple[str, int], ...] = (), *, oblasts: bool = False) -> str:
    """Land, borders and rivers without any mark; `shades` are steps of oblasts by code, `oblasts` draws their borders too."""
    found = paths()
    x, y, width, height = frame
    edge = {"stroke": "map-edge", "stroke_width": 0.8, "stroke_linejoin": "round"}
    parts = [shape("rect", palette, fill="map-sea", x=x, y=y, width=width, height=height)]
    parts.append(shape("path", palette, fill="map-land", kind="land", d=found["context"]["land"], **edge))
    for code, path in sorted(found["countries"].items(), key=lambda item: item[0] == "UA"):
        kind = " ".join(["land", *(["f"] if code in FOCUS else []), *(["ua"] if code == "UA" else [])])
        look = edge | ({"stroke": "ink-2", "stroke_width": 1.4} if code == "UA" else {})
        parts.append(shape("path", palette, fill="map-focus" if code in FOCUS else "map-land", kind=kind, d=path, **look))
        if code == "UA" and shades:
            parts += _shaded(shades, palette)
            parts.append(shape("path", palette, d=path, **look))
    if oblasts:
        line = {"stroke": "map-edge", "stroke_width": 0.7, "opacity": ".55"}
        parts += [shape("path", palette, d=path, **line) for path in found["oblasts"].values()]
    parts.append(
        shape(
            "path", palette, stroke="map-sea", kind="river", d=found["context"]["rivers"], stroke_width=2, stroke_linecap="round"
        )
    )
    parts.append(shape("path", palette, stroke="ink-2", d=found["countries"]["UA"], stroke_width=1.4, stroke_linejoin="round"))
    return f'<g aria-hidden="true">{"".join(parts)}</g>'


def _shaded(shades: tuple[tuple[str, int], ...], palette: Palette) -> list[str]:
    """Oblasts by step; an oblast that is not named stays unfilled."""
    steps = dict(shades)
    return [
        shape("path", palette, fill=f"h{steps[iso]}" if iso in steps else "none", stroke="map-edge", d=path, stroke_width=0.6)
        for iso, path in paths()["oblasts"].items()
    ]


def country_names(names: Mapping[str, str], boxes: Sequence[Box], palette: Palette, frame: Frame) -> str:
    """The names of countries, each where the boxes of marks cover the least of it."""
    page = palette is PAGE
    # on pages the name has a halo of the land's colour, so that a river or border behind it does not cut it
    halo = (
        {"stroke": palette.colour("map-focus"), "stroke_width": 3, "paint_order": "stroke", "font_style": "italic"}
        if page
        else {}
    )
    look = {"size": 14.5 if page else 13, "fill": "ink-3", "anchor": "middle", "font": "serif", "kind": "cn"}
    parts = []
    for code, said in names.items():
        half = width_of(said, 13) / 2
        spots = [spot for spot in (project(*place) for place in LABELS.get(code, ())) if _fits(spot, half, frame)]
        covered, (x, y) = min(((_covered(spot, half, boxes), spot) for spot in spots), default=(math.inf, (0, 0)))
        if covered <= half * 8:  # a name that marks would hide for the greater part is left out: the marks say where they are
            parts.append(text(x, y, said, palette, letter_spacing=".6", **look, **halo))
    return f'<g aria-hidden="true">{"".join(parts)}</g>'


def _fits(spot: Point, half: float, frame: Frame) -> bool:
    x, y, width, height = frame
    return x + half < spot[0] < x + width - half and y + 16 < spot[1] < y + height - 6


def _box(mark: Mark) -> Box:
    r = radius(mark.count) * 1.2
    return mark.x, mark.y, r, r


def _covered(spot: Point, half: float, boxes: Sequence[Box]) -> float:
    """How much of a name at this spot the boxes would cover, in px of overlap."""
    total = 0.0
    for x, y, half_wide, half_high in boxes:
        wide = half + half_wide - abs(x - spot[0])
        high = 8 + half_high - abs(y - (spot[1] - 5))
        if wide > 0 and high > 0:
            total += min(wide, 2 * half_wide) * min(high, 16)
    return total


def _drawn(mark: Mark, palette: Palette, href_of: Callable[[Mark], str] | None) -> str:
    said = said_of(mark)
    body = f"<title>{escape(said)}</title>{site_mark(mark.x, mark.y, mark.count, mark.group, palette)}"
    if href_of is None:
        return f'<g class="mk {mark.group}">{body}</g>'
    return f"<a{attributes(kind=f'mk {mark.group}', href=local_href(href_of(mark)), aria_label=said)}>{body}</a>"


def outside_note(count: int, palette: Palette, frame: Frame) -> str:
    """Says in the lower left corner how many sites the drawing does not reach."""
    said = ngettext("%(count)s site is outside this map", "%(count)s sites are outside this map", count) % {
        "count": number(count)
    }
    x, y, _width, height = frame
    wide = width_of(said, 11.5) + 18
    box = shape(
        "rect", palette, fill="surface", stroke="line", x=x + 12, y=y + height - 34, width=wide, height=22, rx=4, opacity=".92"
    )
    return box + text(x + 12 + wide / 2, y + height - 19, said, palette, size=11.5, fill="ink-2", anchor="middle")
