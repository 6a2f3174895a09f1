"""The region map of a report: marks per area and status on the portal's own drawing, in print colours.

Marks stand at the public middle of an area, never at a site; abroad all sites of a country stand together.
"""

import json
import math
from collections import Counter
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

from django.utils.html import escape
from django.utils.safestring import SafeString, mark_safe

import aimprogress.charts
from aimprogress.charts.projection import project
from risks.reports.chapters.slice import Slice

PATHS = Path(aimprogress.charts.__file__).parent / "region_paths.json"
VIEW = (55, 96, 790, 478)  # the south coast of Crimea is in it
SANS, SERIF = "DejaVu Sans", "DejaVu Serif"
GROUPS = ("ok", "reduced", "moved", "paused", "evac", "lost", "closed", "none")
LABELS = {
    "UA": (497, 372), "BY": (430, 226), "PL": (207, 180), "RO": (250, 532), "RU": (748, 166), "HU": (152, 461), "SK": (200, 391),
    "LT": (318, 112), "MD": (334, 482), "LV": (330, 60), "BG": (330, 560),
}  # fmt: skip
"""Where the names of countries stand in the drawing; a mark gives way to none of them."""
MIDDLES = {"RU": (735.0, 205.0), "PL": (207.0, 215.0), "RO": (250.0, 502.0), "LT": (318.0, 128.0), "HU": (152.0, 432.0),
           "SK": (200.0, 364.0), "MD": (398.0, 452.0), "BY": (430.0, 200.0)}  # fmt: skip
LONGEST_NAME = 18
SHORTENED = (" oblast", " область")


@cache
def _paths() -> dict[str, Any]:
    return json.loads(PATHS.read_text())


def region(part: Slice, title: str) -> SafeString | None:
    """The map as SVG, or None where no area of the snapshot can be placed."""
    spots = _spots(part)
    if not spots:
        return None
    x, y, width, height = VIEW
    return mark_safe(
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="{x} {y} {width} {height}" role="img"><title>{escape(title)}</title>'
        f"{_land()}{_names(part)}{''.join(_spot(*spot) for spot in spots)}</svg>"
    )


def _spots(part: Slice) -> list[tuple[float, float, Counter, str]]:
    """Where marks stand: (x, y, sites per group, name of the area or ""), moved apart where they would lie on each other."""
    wanted: list[tuple[float, float, Counter, str]] = []
    abroad: dict[str, Counter] = {}
    for row in part.data["scope"]["map"]:
        if row["country"] != "UA":
            abroad.setdefault(row["country"], Counter()).update(row["counts"])
        elif row.get("lat") and row.get("lon"):
            at = project(float(row["lat"]), float(row["lon"]))
            wanted.append((*at, Counter(row["counts"]), _short(part.name(row["area"]))))
    wanted += [(*MIDDLES[country], counts, "") for country, counts in sorted(abroad.items()) if country in MIDDLES]
    placed: list[tuple[float, float, Counter, str]] = []
    for x, y, counts, name in sorted(wanted, key=lambda spot: (spot[1], spot[0])):
        wide = 26 * sum(bool(counts[group]) for group in GROUPS)
        y = min(y, VIEW[1] + VIEW[3] - 34)
        while any(abs(x - a) < (wide + 26 * len(c)) / 2 and abs(y - b) < 33 for a, b, c, _name in placed):
            y += 9
        placed.append((x, y, +counts, name))
    return placed


def _short(name: str) -> str:
    for ending in SHORTENED:
        name = name.removesuffix(ending)
    return name if len(name) <= LONGEST_NAME else name.split()[-1]


def _land() -> str:
    paths = _paths()
    x, y, width, height = VIEW
    countries: Mapping[str, str] = paths["countries"]
    parts = [
        f'<rect x="{x}" y="{y}" width="{width}" height="{height}" fill="#dfe8e8"/>',
        f'<path fill="#ece8dd" d="{paths["context"]["land"]}"/>',
        *(f'<path fill="#fffdf6" stroke="#bdb9ab" stroke-width=".8" d="{path}"/>' for path in countries.values()),
        *(f'<path fill="none" stroke="#d9d5c8" stroke-width=".7" d="{path}"/>' for path in paths["oblasts"].values()),
        f'<path fill="none" stroke="#dfe8e8" stroke-width="2" d="{paths["context"]["rivers"]}"/>',
        f'<path fill="none" stroke="#46565a" stroke-width="1.5" d="{countries["UA"]}"/>',
    ]
    return "".join(parts)


def _names(part: Slice) -> str:
    here = {row["country"] for row in part.data["scope"]["map"]} | {"UA"}
    return "".join(
        f'<text x="{x}" y="{y}" font-family="{SERIF}" font-size="13" text-anchor="middle" fill="#5d6a6c"'
        f' letter-spacing=".6">{escape(part.name(country))}</text>'
        for country, (x, y) in LABELS.items()
        if country in here and country in part.places
    )


def _spot(x: float, y: float, counts: Counter, name: str) -> str:
    groups = [group for group in GROUPS if counts[group]]
    left = x - 13 * (len(groups) - 1)
    marks = "".join(_mark(group, left + 26 * place, y, counts[group]) for place, group in enumerate(groups))
    label = (
        f'<text x="{x:.1f}" y="{y + 25:.1f}" font-family="{SANS}" font-size="10.4" text-anchor="middle" fill="#46565a">'
        f"{escape(name)}</text>"
        if name
        else ""
    )
    return marks + label


def _mark(group: str, x: float, y: float, count: int) -> str:
    r = min(17.0, 9.5 + 1.5 * math.sqrt(count))
    light = "#fff"
    if group == "ok":
        drawn = f'<circle cx="{x:.1f}" cy="{y:.1f}" r="{r:.1f}" fill="#178a70" stroke="#fff" stroke-width="1.6"/>'
    elif group in ("reduced", "moved"):
        light = "#16282d"
        drawn = (
            f'<circle cx="{x:.1f}" cy="{y:.1f}" r="{r:.1f}" fill="#fff" stroke="#bb7d0c" stroke-width="2.6"/>'
            f'<path d="M{x:.1f} {y + r:.1f}A{r:.1f} {r:.1f} 0 0 0 {x:.1f} {y - r:.1f}z" fill="#bb7d0c"/>'
            f'<circle cx="{x:.1f}" cy="{y:.1f}" r="{r - 3.4:.1f}" fill="#fff"/>'
        )
    elif group == "paused":
        side, corner = 2 * r - 2, f'x="{x - r + 1:.1f}" y="{y - r + 1:.1f}"'
        drawn = f'<rect {corner} width="{side:.1f}" height="{side:.1f}" rx="3" fill="#3f6fb5" stroke="#fff" stroke-width="1.6"/>'
    elif group == "evac":
        drawn = (
            f'<path d="M{x:.1f} {y - r - 2:.1f}L{x + r + 2:.1f} {y + r:.1f}H{x - r - 2:.1f}z" fill="#a9340d" stroke="#fff"'
            ' stroke-width="1.6"/>'
        )
    elif group == "lost":
        drawn = (
            f'<path d="M{x:.1f} {y - r - 2:.1f}L{x + r + 2:.1f} {y:.1f}L{x:.1f} {y + r + 2:.1f}L{x - r - 2:.1f} {y:.1f}z"'
            ' fill="#6f2b7c" stroke="#fff" stroke-width="1.6"/>'
        )
    else:
        light = "#16282d"
        dash = ' stroke-dasharray="3 2.4"' if group == "none" else ""
        drawn = f'<circle cx="{x:.1f}" cy="{y:.1f}" r="{r:.1f}" fill="#fff" stroke="#50565a" stroke-width="2.2"{dash}/>'
    drop = 6.5 if group == "evac" else 4.4
    return (
        f'{drawn}<text x="{x:.1f}" y="{y + drop:.1f}" font-family="{SANS}" font-size="12" text-anchor="middle" font-weight="bold"'
        f' fill="{light}">{count}</text>'
    )
