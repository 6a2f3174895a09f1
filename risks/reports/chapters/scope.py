"""Chapter 2: which sites and countries, where they stand, how the alert level moved, and what is left out."""

from collections import Counter
from collections.abc import Mapping
from datetime import date
from typing import Any

from django.utils.html import format_html, format_html_join
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from aimprogress.charts.areamap import ABROAD, Area, area_map
from aimprogress.charts.svg import PRINT
from aimprogress.charts.timelines import Row as Band
from aimprogress.charts.timelines import alert_timeline
from risks.reports import marks, printing
from risks.reports.chapters.slice import Chapter, Chart, Slice
from risks.reports.engine import page
from risks.reports.tables import Column, Row, Table, first_of
from risks.reports.words import ALERTS, AREA_STATUSES, COUNTRY_GROUPS, GROUPS, word

MOST_AREAS = 10
MARKS = {"moved": "reduced"}
LONGEST_NAME = 18
SHORTENED = (" oblast", " область")


def scope(part: Slice) -> Chapter:
    """Scope and context."""
    data = part.data["scope"]
    html = page(
        "scope.html",
        {
            "lede": _lede(part),
            "map": _map(part),
            "timeline": _timeline(part),
            "countries": _countries(part),
            "areas": _areas(part),
            "exclusions": data["exclusions"],
            "reference": marks.reference(data["figure"]),
        },
    )
    sections = [("s21", _("Where the sites are")), ("s22", _("Status of areas"))]
    return Chapter("2", "c2", _("Scope and context"), html, sections, flows=True)


def _lede(part: Slice) -> str:
    data = part.data["scope"]
    sites = ngettext("%(count)s site", "%(count)s sites", data["sites"]) % {"count": printing.whole(data["sites"])}
    countries = ngettext("%(count)s country", "%(count)s countries", len(data["countries"])) % {"count": len(data["countries"])}
    told = _("The report covers every site that %(member)s has recorded: %(sites)s in %(countries)s.") % {
        "member": part.meta["organisation"]["short_name"],
        "sites": sites,
        "countries": countries,
    }
    if data["people"] is None:
        return told + " " + _("How many people work there is not reported.")
    if not isinstance(data["people"], int):
        return told
    return told + " " + _("%(people)s people work there.") % {"people": printing.whole(data["people"])}


def _map(part: Slice) -> Chart | None:
    data = part.data["scope"]
    told = "; ".join(
        f"{part.name(row['country'])} {row['sites']}" for row in sorted(data["countries"], key=lambda row: -row["sites"])
    )
    areas = _drawn(part)
    if not areas:
        return None
    countries = {row["country"] for row in data["map"]} | {"UA"}
    svg = area_map(
        areas,
        title=_("Map of Ukraine and its neighbours with the number of sites by status: %(told)s.") % {"told": told},
        names={code: part.name(code) for code in sorted(countries) if code in part.places},
        palette=PRINT,
    )
    groups = [group for group in GROUPS if any(row["counts"].get(group) for row in data["map"])]
    marks_shown = format_html_join(
        "",
        '<span class="st {} nb">{}</span> ',
        ((MARKS.get(group, group), word(GROUPS, group)) for group in groups),
    )
    return Chart(
        "2.1",
        _("Where the sites are"),
        _("by status; marks stand at the middle of an area, not at a site"),
        svg,
        source=part.source(
            data.get("status_figure"),
            _("borders follow UN General Assembly resolutions 68/262 and ES-11/4; drawing after Natural Earth and geoBoundaries"),
        ),
        legend=format_html('<p class="legend">{}</p>', marks_shown),
    )


def _drawn(part: Slice) -> list[Area]:
    """What stands on the map: an area of Ukraine at its public middle, all sites of another country together."""
    areas, abroad = [], {}
    for row in part.data["scope"]["map"]:
        counts = Counter()
        for group, count in row["counts"].items():
            counts[MARKS.get(group, group)] += count
        if row["country"] != "UA" and row["country"] in ABROAD:
            abroad.setdefault(row["country"], Counter()).update(counts)
        elif row["lat"] and row["lon"]:
            name = _short(part.name(row["area"])) if row["country"] == "UA" else ""
            areas.append(Area(float(row["lat"]), float(row["lon"]), counts, name))
    return areas + [Area(*ABROAD[country], counts) for country, counts in sorted(abroad.items())]


def _short(name: str) -> str:
    for ending in SHORTENED:
        name = name.removesuffix(ending)
    return name if len(name) <= LONGEST_NAME else name.split()[-1]


def _timeline(part: Slice) -> Chart | None:
    data = part.data["scope"]
    rows = sorted(data["timeline"], key=lambda row: (-row["steps"][-1][1], -row["sites"], row["area"]))
    if not rows:
        return None
    shown, cut = first_of(rows, "alert_levels.csv", MOST_AREAS)
    now = "; ".join(f"{part.name(row['area'])} {row['steps'][-1][1]}" for row in shown)
    return Chart(
        "2.2",
        _("Alert level by area, %(first)s to %(last)s")
        % {"first": printing.day(data["timeline_from"]), "last": printing.day(data["timeline_to"])},
        _("0 normal to 4 extreme; the highest level of the area's sites"),
        alert_timeline(
            [_band(part, row) for row in shown],
            date.fromisoformat(data["timeline_from"]),
            date.fromisoformat(data["timeline_to"]),
            title=_("Alert level of areas over time. Level now: %(now)s.") % {"now": now},
            sites=_("sites"),
            day=lambda on: printing.short_day(on.isoformat()),
            palette=PRINT,
        ),
        source=part.source(data["timeline_figure"], cut),
    )


def _band(part: Slice, row: Mapping[str, Any]) -> Band:
    steps = [(date.fromisoformat(since), level) for since, level in row["steps"]]
    return Band(part.name(row["area"]), row["sites"], steps)


def _countries(part: Slice) -> Table:
    data = part.data["scope"]
    rows = sorted(data["countries"], key=lambda row: (-row["sites"], row["country"]))
    total = data["people"]
    return Table(
        "2.1",
        _("Sites and people by country"),
        _("people as the sites' own baseline"),
        [
            Column(_("Country"), 32),
            Column(_("In this conflict"), 26),
            Column(_("Sites"), 12, numeric=True),
            Column(_("People"), 14, numeric=True),
            Column(_("Highest alert level"), 16),
        ],
        [
            Row(
                [
                    part.name(row["country"]),
                    word(COUNTRY_GROUPS, row["group"]),
                    marks.count(row["sites"]),
                    marks.count(row["people"]),
                    alert(row["alert"]),
                ]
            )
            for row in rows
        ]
        + [Row([_("All"), "", marks.count(data["sites"]), marks.count(total), ""], "sum")],
        source=part.source(data["figure"]),
    )


def alert(level: int | None) -> object:
    """An alert level with its word."""
    if level is None:
        return marks.not_reported()
    return _("%(level)s %(word)s") % {"level": level, "word": word(ALERTS, level)}


def _areas(part: Slice) -> Table | None:
    data = part.data["scope"]
    if not data["areas"]:
        return None
    rows, cut = first_of(sorted(data["areas"], key=lambda row: (row["status"] == "UNKNOWN", -row["sites"])), "areas.csv")
    return Table(
        "2.2",
        _("Conflict status of areas with sites"),
        _("the gravest entry of the official list for a place with a site; what is not listed is unknown, never safe"),
        [Column(_("Area"), 34), Column(_("Status"), 26), Column(_("Listed"), 28), Column(_("Sites"), 12, numeric=True)],
        [
            Row([part.name(row["area"]), word(AREA_STATUSES, row["status"]), _listed(row), marks.count(row["sites"])])
            for row in rows
        ],
        source=part.source(data["area_figure"]),
        cut=cut,
    )


def _listed(row: dict) -> object:
    if not row.get("act_on"):
        return marks.not_reported()
    said = _("listed on %(day)s") if row["listed"] else _("not listed on %(day)s")
    return said % {"day": printing.day(row["act_on"])}
