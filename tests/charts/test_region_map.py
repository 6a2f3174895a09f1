"""The region map: the drawing itself, the projection, clustering. Pure."""

from __future__ import annotations

import random
import re
import time
from pathlib import Path
from xml.etree import ElementTree

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aimprogress.charts import areamap, make_region_map, regionmap
from aimprogress.charts.marks import GROUPS, NOT_REPORTED, radius
from aimprogress.charts.projection import FRAME, in_frame, project
from aimprogress.charts.regionmap import PRINT_FRAME, SitePoint, cluster, outside, paths, region_map
from aimprogress.charts.svg import LIGHT, PAGE, PRINT

SVG = "{http://www.w3.org/2000/svg}"
POINTS = st.lists(
    st.builds(
        SitePoint,
        lat=st.floats(44, 58),
        lon=st.floats(15, 45),
        group=st.sampled_from(GROUPS),
        area=st.sampled_from(["Lviv", "Kyiv", ""]),
        count=st.integers(1, 400),
    ),
    max_size=60,
)


def rings(path: str) -> list[list[tuple[float, float]]]:
    """The rings of compact relative path data."""
    found = []
    for part in re.findall(r"M([^z]*)z", path):
        numbers = [float(value) for value in re.findall(r"-?(?:\d+\.\d+|\.\d+|\d+)", part)]
        pairs = list(zip(numbers[::2], numbers[1::2], strict=True))
        ring = [pairs[0]]
        for dx, dy in pairs[1:]:
            ring.append((ring[-1][0] + dx, ring[-1][1] + dy))
        found.append(ring)
    return found


def holds(path: str, lat: float, lon: float) -> bool:
    """Even-odd test of a projected point against a path."""
    x, y = project(lat, lon)
    inside = False
    for ring in rings(path):
        for (x1, y1), (x2, y2) in zip(ring, ring[1:] + ring[:1], strict=True):
            if (y1 > y) != (y2 > y) and x < (x2 - x1) * (y - y1) / (y2 - y1) + x1:
                inside = not inside
    return inside


@pytest.mark.parametrize(
    ("town", "lat", "lon", "country"),
    [
        ("Simferopol", 44.957, 34.110, "UA"),
        ("Sevastopol", 44.589, 33.522, "UA"),
        ("Kerch", 45.357, 36.468, "UA"),
        ("Donetsk", 48.023, 37.802, "UA"),
        ("Luhansk", 48.567, 39.317, "UA"),
        ("Mariupol", 47.066, 37.500, "UA"),
        ("Kherson", 46.656, 32.617, "UA"),
        ("Uzhhorod", 48.624, 22.295, "UA"),
        ("Tiraspol", 46.840, 29.643, "MD"),
        ("Belgorod", 50.611, 36.580, "RU"),
        ("Rostov", 47.231, 39.723, "RU"),
        ("Krasnodar", 45.045, 38.976, "RU"),
        ("Brest", 52.098, 23.688, "BY"),
        ("Rzeszow", 50.041, 21.999, "PL"),
        ("Kosice", 48.714, 21.258, "SK"),
        ("Suceava", 47.633, 26.250, "RO"),
        ("Budapest", 47.498, 19.040, "HU"),
        ("Vilnius", 54.689, 25.280, "LT"),
    ],
)
def test_a_town_lies_in_its_country_and_in_no_other(town, lat, lon, country):
    assert {code for code, path in paths()["countries"].items() if holds(path, lat, lon)} == {country}


@pytest.mark.parametrize(
    ("lat", "lon", "iso"),
    [
        (44.957, 34.110, "UA-43"),
        (44.589, 33.522, "UA-40"),
        (48.567, 39.317, "UA-09"),
        (50.450, 30.523, "UA-30"),
        (49.84, 24.03, "UA-46"),
        (48.29, 25.94, "UA-77"),
    ],
)
def test_a_town_lies_in_its_oblast(lat, lon, iso):
    assert {code for code, path in paths()["oblasts"].items() if holds(path, lat, lon)} == {iso}


def test_the_drawing_is_small_and_complete():
    file = Path(regionmap.__file__).parent / "region_paths.json"
    assert file.stat().st_size <= 45_000
    assert len(paths()["oblasts"]) == 27
    assert {"UA", "RU", "BY", "PL", "SK", "HU", "RO", "MD", "LT", "LV", "BG"} <= set(paths()["countries"])


def test_the_committed_drawing_is_what_the_script_makes(monkeypatch, tmp_path):
    made = tmp_path / "region_paths.json"
    here = make_region_map.HERE
    (tmp_path / "context_land.json").write_text((here / "context_land.json").read_text())
    monkeypatch.setattr(make_region_map, "HERE", tmp_path)
    make_region_map.main()
    assert made.read_bytes() == (here / "region_paths.json").read_bytes()


def test_the_projection_is_north_up_and_equal_in_area():
    assert project(50.2, 31.0) == pytest.approx((470, 330))
    assert project(52, 31)[1] < project(48, 31)[1] and project(50, 25)[0] < project(50, 35)[0]

    def patch(lat: float, lon: float) -> float:
        corners = [project(lat, lon), project(lat, lon + 0.1), project(lat + 0.1, lon + 0.1), project(lat + 0.1, lon)]
        return abs(sum(a[0] * b[1] - b[0] * a[1] for a, b in zip(corners, corners[1:] + corners[:1], strict=True))) / 2

    import math

    shares = [patch(lat, lon) / math.cos(math.radians(lat + 0.05)) for lat, lon in ((45, 20), (50, 31), (56, 44))]
    assert max(shares) / min(shares) < 1.001


def test_all_of_ukraine_is_on_the_map_and_on_paper():
    for frame in (FRAME, PRINT_FRAME):
        x, y, width, height = frame
        for ring in rings(paths()["countries"]["UA"]):
            assert all(x <= px <= x + width and y <= py <= y + height for px, py in ring)


@given(POINTS)
def test_no_site_is_lost_or_counted_twice(points):
    marks = cluster(points)
    assert sum(mark.count for mark in marks) + outside(points) == sum(point.count for point in points)
    for group in GROUPS:
        drawn = sum(dict(mark.groups).get(group, 0) for mark in marks)
        assert drawn == sum(p.count for p in points if p.group == group and in_frame(project(p.lat, p.lon)))


@given(POINTS)
def test_danger_keeps_its_own_mark(points):
    for mark in cluster(points):
        alone = len(mark.groups) == 1
        assert alone or not {group for group, _count in mark.groups} & {"evac", "lost"}


def test_sites_of_one_town_are_one_mark_with_its_commonest_group():
    town = [SitePoint(49.84, 24.03, "ok", "Lviv", 160), SitePoint(49.84, 24.03, "reduced", "Lviv", 4)]
    (mark,) = cluster(town)
    assert (mark.count, mark.group, mark.areas) == (164, "ok", ("Lviv",))
    svg = region_map(town, title="t")
    assert "Lviv: 4 reduced or moved, 160 operating" in svg and ">164</text>" in svg
    (even,) = cluster([SitePoint(49.84, 24.03, "ok"), SitePoint(49.84, 24.03, "paused")])
    assert even.group == "paused", "of equals the graver"


def test_marks_of_one_town_do_not_hide_each_other():
    marks = cluster([SitePoint(50.0, 36.2, group, "Kharkiv", 5) for group in ("ok", "evac", "lost")])
    assert len(marks) == 3
    for at, one in enumerate(marks):
        for other in marks[:at]:
            assert (one.x - other.x) ** 2 + (one.y - other.y) ** 2 > radius(5) ** 2


def test_sites_beyond_the_edge_are_counted_in_words():
    points = [
        SitePoint(52.52, 13.41, "ok", "Berlin"),
        SitePoint(40.4, -3.7, "ok", "Madrid", 2),
        SitePoint(50.45, 30.52, "ok", "Kyiv"),
    ]
    beyond = outside(points)
    assert beyond in (2, 3)
    assert f"{beyond} sites are outside this map" in region_map(points, title="t")
    assert "outside" not in region_map(points[2:], title="t")
    assert "1 site is outside this map" in region_map([SitePoint(0, 0, "ok")], title="t")


def test_marks_link_where_the_caller_says_and_only_there():
    svg = region_map([SitePoint(50.45, 30.52, "ok", "Kyiv")], title="t", href_of=lambda mark: f"/sites/?area={mark.areas[0]}")
    (link,) = ElementTree.fromstring(svg).iter(f"{SVG}a")
    assert link.get("href") == "/sites/?area=Kyiv" and link.get("aria-label") == "Kyiv: 1 operating"
    assert "<a " not in region_map([SitePoint(50.45, 30.52, "ok")], title="t")


def test_oblasts_are_shaded_by_their_step():
    svg = region_map([], title="t", palette=PRINT, shades={"UA-43": 5, "UA-46": 1})
    fills = [element.get("fill") for element in ElementTree.fromstring(svg).iter(f"{SVG}path")]
    assert fills.count(LIGHT["h5"]) == 1 and fills.count(LIGHT["h1"]) == 1
    assert LIGHT["h5"] not in region_map([], title="t", palette=PRINT)


def test_countries_are_named_and_borders_are_hidden_from_screen_readers():
    root = ElementTree.fromstring(region_map([], title="t"))
    names = {element.text for element in root.iter(f"{SVG}text")}
    assert {"Ukraine", "Poland", "Belarus", "Romania", "Russian Federation", "Moldova", "Hungary", "Slovakia"} <= names
    assert all(
        group.get("aria-hidden") == "true"
        for group in root.findall(f"{SVG}g")
        if group.get("aria-hidden") or "land" in str(list(group))
    )
    assert root.get("role") == "img" and root[0].tag == f"{SVG}title"


def test_ten_thousand_sites_are_clustered_in_a_tenth_of_a_second():
    chance = random.Random(7)
    towns = [(chance.uniform(45, 57), chance.uniform(17, 42)) for _ in range(2000)]
    points = [SitePoint(*chance.choice(towns), chance.choice(GROUPS), "area") for _ in range(10_000)]
    spent = []
    for _ in range(4):
        began = time.process_time()
        marks = cluster(points)
        spent.append(time.process_time() - began)
    assert min(spent) <= 0.1
    assert len(marks) < 700


def test_a_full_map_stays_light():
    import zlib

    chance = random.Random(7)
    points = [SitePoint(chance.gauss(49, 2.5), chance.gauss(30, 5), "ok", f"town {at % 300}") for at in range(10_000)]
    svg = region_map(points, title="t", palette=PAGE, href_of=lambda mark: "/sites/")
    assert len(zlib.compress(svg.encode(), 9)) < 25_000


def boxes_of(areas):
    return [box for _area, box in areamap._placed(areas, PRINT_FRAME)]


def test_areas_on_the_named_map_do_not_lie_on_each_other_and_stay_inside():
    drawn = random.Random(7)
    points = [(drawn.uniform(46, 51), drawn.uniform(23, 38)) for _ in range(18)]
    placed = boxes_of([areamap.Area(lat, lon, {"ok": 3, "evac": 1}, "Zaporizhzhia") for lat, lon in points])
    x, y, width, height = PRINT_FRAME
    for at, (cx, cy, half, high) in enumerate(placed):
        assert x <= cx - half and cx + half <= x + width and y <= cy - high and cy + high <= y + height
        assert not any(areamap._overlap(placed[at], other) for other in placed[:at])


def test_an_area_that_stands_alone_stands_at_its_middle():
    ((x, y, _half, _high),) = boxes_of([areamap.Area(49.84, 24.03, {"ok": 1}, "Lviv")])
    assert (x, y) == project(49.84, 24.03)


def test_sites_beyond_the_named_map_are_said_and_not_forgotten():
    svg = areamap.area_map([areamap.Area(41.7, 44.8, {"ok": 2})], title="t", names={})
    assert "2 sites are outside this map" in svg and ">2</text>" not in svg


def test_every_group_has_its_place_in_a_row_of_marks():
    assert set(areamap.ORDER) == {*GROUPS, NOT_REPORTED}


def test_sites_abroad_stand_in_their_country():
    for code, (lat, lon) in areamap.ABROAD.items():
        assert holds(paths()["countries"][code], lat, lon), code
