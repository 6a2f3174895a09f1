"""Plots, heat map and marks: well-formed, harmless, and telling the same as their tables. Pure."""

from __future__ import annotations

import re
from datetime import date, timedelta
from xml.etree import ElementTree

import pytest
from django.utils import translation
from django.utils.safestring import SafeString

from aimprogress.charts import areamap, bars, heatmap, marks, plots, timelines
from aimprogress.charts.regionmap import SitePoint, region_map
from aimprogress.charts.svg import HATCH, LIGHT, PAGE, PAPER, PRINT, fitting, local_href, number, px, width_of

SVG = "{http://www.w3.org/2000/svg}"
HOSTILE = "</title><script>alert(1)</script>\"'&<img src=x onerror=alert(1)>"
PARTS = [bars.Part("full", "meter", light=True), bars.Part(HOSTILE, "h2"), bars.Part("none", HATCH)]
ROWS = [bars.Stack("Own", (6904, 318, 46)), bars.Stack(HOSTILE, (0, 0, 0), HOSTILE, HOSTILE)]
FIRST = date(2026, 9, 1)
ALERTS = [
    timelines.Row(HOSTILE, 3, [(FIRST - timedelta(days=9), 1), (FIRST + timedelta(days=20), 4), (FIRST + timedelta(days=60), 0)]),
    timelines.Row("Lviv", 1, [(FIRST, 2)]),
]
SHARES = [(FIRST + timedelta(weeks=week), value) for week, value in enumerate([99.1, 97.5, 98.0, 100.0])]
AREAS = [
    areamap.Area(49.84, 24.03, {"ok": 2, "evac": 1}, HOSTILE),
    areamap.Area(49.9, 24.1, {"lost": 30, "none": 1}, "Lviv"),
    areamap.Area(*areamap.ABROAD["PL"], {group: 3 for group in areamap.ORDER}),
    areamap.Area(41.7, 44.8, {"ok": 2}),
]
WEEKS = [(f"week {at}", value) for at, value in enumerate([816, 818, None, 830, 838, 843, 843, 836, 828, 831, 838, 853])]
SQUARES = {
    (5, 4): heatmap.Square(3, {"CAUSE": 1, "LINKED": 2}, href="/risks/?sl=5&lk=4"),
    (3, 3): heatmap.Square(9, {"CONTRIBUTE": 9}),
    (2, 5): heatmap.Square(1, {"CAUSE": 1}, ((HOSTILE, "CAUSE"),)),
    (1, 1): heatmap.Square(1, {}, href="javascript:alert(1)"),
}


def band_of(severity: int, likelihood: int) -> str:
    if severity == 5 and likelihood >= 3:
        return "CRITICAL"
    if severity >= 4 or (severity == 3 and likelihood >= 4):
        return "HIGH"
    return "MEDIUM" if severity == 3 else "LOW"


def every_chart(palette) -> dict[str, SafeString]:
    said = {"title": HOSTILE, "palette": palette}
    return {
        "area_trend": plots.area_trend(WEEKS, group="evac", **said),
        "stacked_bars": bars.stacked_bars(PARTS, ROWS, **said),
        "alert_timeline": timelines.alert_timeline(
            ALERTS, FIRST, FIRST + timedelta(days=84), sites=HOSTILE, day=lambda on: HOSTILE, **said
        ),
        "share_line": timelines.share_line(SHARES, day=lambda on: HOSTILE, **said),
        "icon_picture": plots.icon_picture("lost", palette=palette),
        "capacity_bar": plots.capacity_bar(220, 258, **said),
        "freshness_disc": plots.freshness_disc("DUE_SOON", **said),
        "heat_map": heatmap.heat_map(SQUARES, band_of, **said),
        "heat_map_codes": heatmap.heat_map(
            SQUARES, band_of, counts=False, key=[(HOSTILE, [("CAUSE", HOSTILE), ("HIGH", HOSTILE)])], **said
        ),
        "area_map": areamap.area_map(AREAS, names={"UA": HOSTILE}, **said),
        "region_map": region_map(
            [SitePoint(49.84, 24.03, group, HOSTILE) for group in marks.GROUPS],
            href_of=lambda mark: "?q=<x>&y=" + HOSTILE,
            **said,
        ),
    }


CHARTS = [pytest.param(palette, name, id=f"{name}-{palette.value}") for palette in (PAGE, PRINT) for name in every_chart(PAGE)]


def texts(svg: str) -> list[str]:
    return [element.text for element in ElementTree.fromstring(svg).iter(f"{SVG}text")]


@pytest.mark.parametrize(("palette", "name"), CHARTS)
def test_a_chart_is_well_formed_safe_and_titled_first(palette, name):
    svg = every_chart(palette)[name]
    assert isinstance(svg, SafeString)
    root = ElementTree.fromstring(svg)
    assert root[0].tag == f"{SVG}title" and root[0].text in (HOSTILE, "lost")
    for element in root.iter():
        assert element.tag.removeprefix(SVG) in {"svg", "title", "g", "a", "text", "path", "rect", "circle", "defs", "pattern"}
        assert not {key for key in element.attrib if key == "style" or key.startswith("on")}
        assert element.get("href", "?")[:1] in "/?#"
        assert element.text is None or element.tag in (f"{SVG}title", f"{SVG}text")


@pytest.mark.parametrize("name", every_chart(PAGE))
def test_print_has_fixed_colours_and_pages_have_the_readers(name):
    page, paper = every_chart(PAGE)[name], every_chart(PRINT)[name]
    assert "var(" not in paper
    assert set(re.findall(r"var\(--([\w-]+)\)", page)) <= {*LIGHT, "sans", "serif"}
    both = (page + paper).replace("http://www.w3.org/2000/svg", "").replace(f"url(#{HATCH})", "")
    assert "url(" not in both and "http" not in both


@pytest.mark.parametrize("empty", [[], [None, None], [7], [4, 4, 4]])
def test_a_line_without_a_story_still_draws(empty):
    svg = plots.area_trend([("w", value) for value in empty], title="t")
    ElementTree.fromstring(svg)
    assert "nan" not in svg


def test_a_gap_is_a_gap_and_never_a_zero():
    svg = plots.area_trend(WEEKS, title="t")
    lines = [e.get("d") for e in ElementTree.fromstring(svg).iter(f"{SVG}path") if e.get("class") == "ln"]
    assert len(lines) == 2, "twelve weeks with one gap are two pieces"


def test_stacked_bars_print_their_parts_and_their_total():
    assert {"6,904", "7,268"} <= set(texts(bars.stacked_bars(PARTS, ROWS, title="t")))


@pytest.mark.parametrize(("there", "needed", "tone"), [(270, 258, "ok"), (220, 258, "evac"), (0, 0, "ok")])
def test_the_capacity_bar_changes_its_tone_where_it_is_short(there, needed, tone):
    svg = plots.capacity_bar(there, needed, title="t", palette=PRINT)
    (bar,) = (e for e in ElementTree.fromstring(svg) if e.get("class") == "have")
    assert bar.get("fill") == LIGHT[f"{tone}-mark"]
    assert 0 <= float(bar.get("width")) <= 600


def test_the_five_discs_differ_without_colour():
    discs = {band: plots.freshness_disc(band, title="t") for band in ("CURRENT", "DUE_SOON", "OVERDUE", "STALE", "NEVER")}
    assert len(set(discs.values())) == 5


def test_the_heat_map_prints_a_letter_in_every_square_and_every_count():
    said = texts(heatmap.heat_map(SQUARES, band_of, title="t"))
    assert sum(word in ("C", "H", "M", "L") for word in said) == 25
    assert [said.count(letter) for letter in "CHML"] == [3, 9, 3, 10]
    assert {"3", "9"} <= set(said)


def test_the_gravest_row_of_the_heat_map_is_on_top_and_likelihood_runs_to_the_right():
    root = ElementTree.fromstring(heatmap.heat_map({(5, 1): heatmap.Square(77), (1, 5): heatmap.Square(88)}, band_of, title="t"))
    at = {e.text: (float(e.get("x")), float(e.get("y"))) for e in root.iter(f"{SVG}text")}
    assert at["77"][1] < at["88"][1] and at["77"][0] < at["88"][0]


def test_codes_stand_in_their_square_and_the_last_line_counts_the_rest():
    codes = tuple((f"R-{number:03}", "CAUSE") for number in range(1, 10))
    svg = heatmap.heat_map({(5, 5): heatmap.Square(9, codes=codes)}, band_of, title="t", counts=False)
    said = texts(svg)
    assert [f"R-{number:03}" in said for number in range(1, 10)] == [True] * 5 + [False] * 4
    assert "+4" in said and "9" not in said


def test_a_square_links_to_its_list_and_a_foreign_address_is_no_link():
    svg = heatmap.heat_map(SQUARES, band_of, title="t")
    assert [a.get("href") for a in ElementTree.fromstring(svg).iter(f"{SVG}a")] == ["/risks/?sl=5&lk=4", "#"]


@pytest.mark.parametrize(
    ("href", "kept"),
    [
        ("/a/", True),
        ("?q=1", True),
        ("#top", True),
        ("//evil", False),
        ("/\\evil", False),
        ("https://evil", False),
        ("javascript:x", False),
        ("", False),
    ],
)
def test_only_addresses_of_the_portal_are_links(href, kept):
    assert local_href(href) == (href if kept else "#")


def test_what_is_missing_is_hatched_and_its_number_still_reads():
    svg = bars.stacked_bars(PARTS, [bars.Stack("Own", (0, 0, 46))], title="t", palette=PRINT)
    root = ElementTree.fromstring(svg)
    assert [e.get("id") for e in root.iter(f"{SVG}pattern")] == [HATCH]
    grounds = [e for e in root.iter(f"{SVG}rect") if e.get("fill") == PAPER["surface"] and float(e.get("x", 0)) > 200]
    assert len(grounds) == 1 and "46" in texts(svg)
    plain = bars.stacked_bars(PARTS[:2], [bars.Stack("Own", (1, 2))], title="t")
    assert "pattern" not in plain


def test_alert_levels_begin_with_the_timeline_and_end_with_it():
    svg = timelines.alert_timeline(
        ALERTS, FIRST, FIRST + timedelta(days=84), title="t", sites="sites", day=lambda on: on.isoformat(), palette=PRINT
    )
    bands = [e for e in ElementTree.fromstring(svg).iter(f"{SVG}rect")]
    assert [band.get("fill") for band in bands] == [PAPER["h1"], PAPER["h5"], PAPER["surface"], PAPER["h2"]]
    assert float(bands[0].get("x")) == 128 and float(bands[2].get("x")) + float(bands[2].get("width")) == pytest.approx(
        481.4, 0.01
    )
    assert texts(svg)[:2] == ["sites", "2026-09-01"]


def test_a_share_line_prints_its_first_lowest_and_last_value():
    said = texts(timelines.share_line(SHARES, title="t", day=lambda on: on.isoformat()))
    assert {"99.1", "97.5", "100.0"} <= set(said) and "98.0" not in said
    assert said[:1] == ["90.0"], "the scale begins below the lowest value"


def test_names_that_are_too_long_are_cut_with_an_ellipsis():
    assert fitting("Lviv oblast", 7, 100) == "Lviv oblast"
    cut = fitting("Autonomous Republic of Crimea", 7, 100)
    assert cut.endswith("…") and width_of(cut, 7) <= 100


def test_involvement_has_three_shapes_a_question_and_a_dash():
    drawn = [marks.involvement_mark(0, 0, name, PRINT) for name in (*marks.INVOLVEMENTS, "UNKNOWN", "NONE")]
    assert [svg.split(" ")[0] for svg in drawn] == ["<rect", "<path", "<circle", "<text", "<text"]
    assert drawn[3].endswith(">?</text>") and drawn[4].endswith(">\N{EN DASH}</text>")


def test_each_display_group_has_its_own_shape_and_its_number():
    groups = (*marks.GROUPS, marks.NOT_REPORTED)
    drawn = {group: marks.site_mark(50, 50, 37, group, PRINT) for group in groups}
    without_colour = {re.sub(r'(fill|stroke)="[^"]*"', "", svg) for svg in drawn.values()}
    assert len(without_colour) == len(groups)
    assert all(">37</text>" in svg for svg in drawn.values())
    with pytest.raises(KeyError):
        marks.site_mark(0, 0, 1, "stable", PRINT)


def test_numbers_are_written_as_the_reader_writes_them():
    assert number(186420) == "186,420" and number(83.6) == "83.6" and number(2.0) == "2"
    with translation.override("uk"):
        assert re.sub(r"\s", " ", number(186420)) == "186 420"
    assert [px(value) for value in (1, 1.04, 1.05, -0.04)] == ["1", "1", "1.1", "-0"] or px(1.25) in ("1.2", "1.3")
