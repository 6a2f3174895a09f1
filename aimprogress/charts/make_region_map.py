"""Draws the region map once from the bundled boundaries: TopoJSON -> Albers -> clip -> simplify -> `region_paths.json`.

    python -m aimprogress.charts.make_region_map

Run by hand when the boundaries change; the portal reads only the result. Standard library only, deterministic.
Sources and licences: NOTICE (geoBoundaries, CC BY 4.0; Natural Earth, public domain). Borders per A/RES/68/262.
"""

from __future__ import annotations

import json
import math
import sys
from collections.abc import Iterator
from pathlib import Path

from aimprogress.charts.projection import FRAME, Point, project

HERE = Path(__file__).parent
BOUNDARIES = HERE.parent / "places" / "data"
MARGIN = 6
"""Shapes are clipped this far outside the frame, so that no cut edge is seen, px."""

COUNTRY_CODES = {
    "Ukraine": "UA", "Turkey": "TR", "Slovakia": "SK", "Russia": "RU", "Romania": "RO", "Poland": "PL", "Moldova": "MD",
    "Lithuania": "LT", "Latvia": "LV", "Hungary": "HU", "Georgia": "GE", "Estonia": "EE", "Bulgaria": "BG", "Belarus": "BY",
}  # fmt: skip
Ring = list[tuple[float, float]]


def decoded_arcs(topology: dict) -> list[Ring]:
    """The arcs in degrees (lon, lat)."""
    if "transform" not in topology:
        return [[(x, y) for x, y in arc] for arc in topology["arcs"]]
    (sx, sy), (tx, ty) = topology["transform"]["scale"], topology["transform"]["translate"]
    out = []
    for arc in topology["arcs"]:
        x = y = 0
        points = []
        for dx, dy in arc:
            x, y = x + dx, y + dy
            points.append((x * sx + tx, y * sy + ty))
        out.append(points)
    return out


def rings(geometry: dict, arcs: list[Ring]) -> Iterator[Ring]:
    """Every ring of a polygon or multipolygon, in degrees (lon, lat)."""
    polygons = geometry["arcs"] if geometry["type"] == "MultiPolygon" else [geometry["arcs"]]
    for polygon in polygons:
        for indexes in polygon:
            ring: Ring = []
            for index in indexes:
                part = arcs[index] if index >= 0 else arcs[~index][::-1]
                ring += part[1:] if ring else part
            yield ring


def clip(points: Ring, low: Point, high: Point) -> Ring:
    """Sutherland and Hodgman: the part of a ring inside a rectangle."""
    for axis, edge, sign in ((0, low[0], 1), (0, high[0], -1), (1, low[1], 1), (1, high[1], -1)):
        out: Ring = []
        for at, b in enumerate(points):
            a = points[at - 1]
            inside_a, inside_b = (a[axis] - edge) * sign >= 0, (b[axis] - edge) * sign >= 0
            if inside_a != inside_b:
                k = (edge - a[axis]) / (b[axis] - a[axis])
                out.append((a[0] + k * (b[0] - a[0]), a[1] + k * (b[1] - a[1])))
            if inside_b:
                out.append(b)
        points = out
    return points


def simplified(points: Ring, tolerance: float) -> Ring:
    """Ramer, Douglas and Peucker: drop points nearer than `tolerance` px to the line that remains."""
    if len(points) < 3:
        return points
    keep = {0, len(points) - 1}
    stack = [(0, len(points) - 1)]
    while stack:
        first, last = stack.pop()
        (x1, y1), (x2, y2) = points[first], points[last]
        dx, dy = x2 - x1, y2 - y1
        length = math.hypot(dx, dy)
        far, worst = 0.0, None
        for at in range(first + 1, last):
            x, y = points[at]
            distance = abs(dy * (x - x1) - dx * (y - y1)) / length if length > 1e-9 else math.hypot(x - x1, y - y1)
            if distance > far:
                far, worst = distance, at
        if worst is not None and far > tolerance:
            keep.add(worst)
            stack += [(first, worst), (worst, last)]
    return [points[at] for at in sorted(keep)]


def area(points: Ring) -> float:
    """Area of a ring in square px."""
    return abs(sum(a[0] * b[1] - b[0] * a[1] for a, b in zip(points, points[1:] + points[:1], strict=True))) / 2


def path_data(points: Ring) -> str:
    """Compact relative path of whole or half px."""
    out = []
    before = None
    for x, y in points:
        here = (round(x * 2), round(y * 2))
        if before is None:
            out.append(f"M{half(here[0])} {half(here[1])}")
        elif here != before:
            out.append(f"l{half(here[0] - before[0])} {half(here[1] - before[1])}".replace(" -", "-"))
        before = here
    return "".join(out) + "z"


def half(twice: int) -> str:
    """Half of a whole number, written short: 3 -> "1.5", -1 -> "-.5"."""
    text = f"{twice / 2:g}"
    return text.replace("0.5", ".5") if text in ("0.5", "-0.5") else text


def outline(found: Iterator[Ring], *, tolerance: float, smallest: float) -> str:
    """The path of one unit: projected, clipped to the frame, simplified, small islands left out."""
    x, y, width, height = FRAME
    low, high = (x - MARGIN, y - MARGIN), (x + width + MARGIN, y + height + MARGIN)
    out = []
    for ring in found:
        points = clip([project(lat, lon) for lon, lat in ring if -30 < lon < 110 and lat > 20], low, high)
        if len(points) < 3 or area(points) < smallest:
            continue
        # a closed ring has no first point to hold on to: cut it at the point farthest from its start
        far = max(range(len(points)), key=lambda at: math.dist(points[0], points[at]))
        closed = [*points, points[0]]
        kept = simplified(closed[: far + 1], tolerance)[:-1] + simplified(closed[far:], tolerance)[:-1]
        if len(kept) > 2:
            out.append(path_data(kept))
    return "".join(out)


def middle(ring: Ring) -> tuple[float, float]:
    """Centroid (lat, lon) of a ring in degrees."""
    total = lon = lat = 0.0
    for (x1, y1), (x2, y2) in zip(ring, ring[1:] + ring[:1], strict=True):
        cross = x1 * y2 - x2 * y1
        total, lon, lat = total + cross, lon + (x1 + x2) * cross, lat + (y1 + y2) * cross
    return lat / (3 * total), lon / (3 * total)


def oblast_middles(path: Path) -> dict[str, tuple[float, float]]:
    """ISO 3166-2 code -> centroid (lat, lon) of the largest ring of each first-level unit."""
    topology = json.loads(path.read_text())
    arcs = decoded_arcs(topology)
    found = {}
    for geometry in topology["objects"]["adm1"]["geometries"]:
        found[geometry["properties"]["iso"]] = middle(max(rings(geometry, arcs), key=area))
    return found


def main() -> None:
    """Write `region_paths.json` and print its size."""
    countries = json.loads((BOUNDARIES / "region_adm0.topo.json").read_text())
    oblasts = json.loads((BOUNDARIES / "ua_adm1.topo.json").read_text())
    country_arcs, oblast_arcs = decoded_arcs(countries), decoded_arcs(oblasts)
    found = {
        "context": json.loads((HERE / "context_land.json").read_text()),
        "countries": {
            COUNTRY_CODES[g["properties"]["name"]]: outline(rings(g, country_arcs), tolerance=0.55, smallest=10)
            for g in countries["objects"]["adm0"]["geometries"]
        },
        "oblasts": {
            g["properties"]["iso"]: outline(rings(g, oblast_arcs), tolerance=0.7, smallest=6)
            for g in oblasts["objects"]["adm1"]["geometries"]
        },
    }
    found["countries"] = {code: path for code, path in sorted(found["countries"].items()) if path}
    found["oblasts"] = dict(sorted(found["oblasts"].items()))
    text = json.dumps(found, separators=(",", ":")) + "\n"
    (HERE / "region_paths.json").write_text(text)
    sys.stdout.write(f"{len(text)} bytes, {len(found['countries'])} countries, {len(found['oblasts'])} oblasts\n")


if __name__ == "__main__":
    main()
