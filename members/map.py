"""Where the sites are, by region and display group: one query serves the map, the table beside it and the key.

Only public points are drawn (a town's or an area's), at the precision of the reader; sites under a safety profile stand on
their region's point. Every mark leads to the list of exactly its sites: a mark is made of whole regions, and all calm groups
of a region share one point.
"""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from django.db.models import BooleanField, Count, ExpressionWrapper, Q, QuerySet
from django.utils import timezone
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from aimprogress.charts.regionmap import Mark, SitePoint, region_map
from aimprogress.core.actor import Actor
from aimprogress.figures.precision import FRONT, NEAR_FRONT, Precision, grid_point, precision_for
from aimprogress.places.countries import country_name
from aimprogress.places.models import AdminArea, AreaConflictStatus
from members.filters import CALM, URGENT
from members.models import StatusGroup
from members.standing import group_expression

PLACE = (
    "country", "admin1_id", "admin1__name_en", "admin1__name_local", "admin1__lat", "admin1__lon",
    "area_id", "area__parent_id", "area__lat", "area__lon",
    "settlement__area_id", "settlement__lat", "settlement__lon", "safety_profile", "current_control",
)  # fmt: skip
AREAS = ("admin1_id", "area_id", "area__parent_id", "settlement__area_id")
DRAWN_AS = {group: group.value for group in StatusGroup} | {StatusGroup.MOVED: "reduced"}

Link = Callable[..., str]
"""Makes the address of a list from filters: link(admin1="UA46", group="ok")."""


@dataclass
class Region:
    """The sites of one region, or of a country where the reader may not know more (`code` is empty then)."""

    code: str
    name: str
    country: str
    counts: Counter[str] = field(default_factory=Counter)
    points: list[tuple[float, float, int]] = field(default_factory=list)

    @property
    def total(self) -> int:
        return self.counts.total()

    @property
    def point(self) -> tuple[float, float] | None:
        """The middle of the public points of its sites, None where there is none."""
        weight = sum(count for _lat, _lon, count in self.points)
        if not weight:
            return None
        return sum(p[0] * p[2] for p in self.points) / weight, sum(p[1] * p[2] for p in self.points) / weight


def regions(sites: QuerySet, actor: Actor, *, now: datetime) -> list[Region]:
    """The regions that hold `sites`, the largest first; two queries for any number of sites."""
    own = ExpressionWrapper(Q(organisation_id=actor.organisation_id), output_field=BooleanField())
    rows = sites.order_by().values(*PLACE, own=own, group=group_expression(now=now)).annotate(n=Count("pk"))
    front = front_areas(timezone.localdate())  # of today also for an earlier moment: nothing was less endangered for being past
    found: dict[str, Region] = {}
    for row in rows:
        precision = _precision(row, actor, front)
        if precision is Precision.COUNTRY:
            code, name = "", country_name(row["country"])
        else:
            code, name = row["admin1_id"], _area_name(row)
        region = found.setdefault(code or row["country"], Region(code, name, row["country"]))
        region.counts[row["group"]] += row["n"]
        if point := public_point(row, precision):
            region.points.append((*point, row["n"]))
    return sorted(found.values(), key=lambda region: (-region.total, region.name))


def front_areas(today: date) -> frozenset[str]:
    """The areas that the official list has as fought over, near the front or occupied on a day."""
    lines = AreaConflictStatus.objects.filter(status__in=FRONT, valid_from__lte=today)
    return frozenset(lines.filter(Q(valid_to=None) | Q(valid_to__gte=today)).values_list("area_id", flat=True))


def _precision(row: Mapping[str, Any], actor: Actor, front: frozenset[str]) -> Precision:
    near = not front.isdisjoint(row[path] for path in AREAS)
    site = {
        "organisation_id": actor.organisation_id if row["own"] else None, "country": row["country"],
        "safety_profile": row["safety_profile"], "current_control": row["current_control"],
        "area_status": NEAR_FRONT if near else None,
    }  # fmt: skip
    return precision_for(actor, site)


def public_point(row: Mapping[str, Any], precision: Precision) -> tuple[float, float] | None:
    """The public point (lat, lon) of a place as a reader of this precision may see it."""
    settlement, area, region = ((row[f"{of}__lat"], row[f"{of}__lon"]) for of in ("settlement", "area", "admin1"))
    if precision is Precision.COUNTRY:
        return None
    if row["safety_profile"] or precision is Precision.ADM1:
        chosen = region
    elif precision is Precision.ADM2:
        chosen = area if area[0] is not None else region
    else:
        chosen = next((point for point in (settlement, area, region) if point[0] is not None), region)
        if precision is Precision.GRID:
            chosen = grid_point(*chosen) or chosen
    return None if chosen[0] is None else (float(chosen[0]), float(chosen[1]))


def _area_name(row: Mapping[str, Any]) -> str:
    area = AdminArea(
        code=row["admin1_id"], country=row["country"], level=AdminArea.Level.REGION,
        name_en=row["admin1__name_en"], name_local=row["admin1__name_local"],
    )  # fmt: skip
    return str(area.label)


def draw(found: Iterable[Region], link: Link) -> SafeString:
    """The map of these regions; each mark leads to the list of its sites."""
    by_code = {region.code: region for region in found if region.point}
    points = [
        SitePoint(*region.point, DRAWN_AS[StatusGroup(group)], region.name, count, region.code)
        for region in by_code.values()
        for group, count in region.counts.items()
    ]

    def href_of(mark: Mark) -> str:
        return link(admin1=",".join(mark.codes), group=_group_of(mark, [by_code[code] for code in mark.codes]))

    return region_map(points, title=_("Map of sites by status. The same figures are in the table."), href_of=href_of)


def _group_of(mark: Mark, of: Iterable[Region]) -> str:
    """The one filter that holds the groups of a mark."""
    if mark.group in URGENT:
        return mark.group
    calm = {group for region in of for group in region.counts if group not in URGENT}
    return calm.pop() if len(calm) == 1 else CALM


def not_drawn(found: Iterable[Region]) -> int:
    """How many sites have no public point that this reader may see."""
    return sum(region.total for region in found if region.point is None)


def country_table(found: Iterable[Region], link: Link) -> list[dict[str, Any]]:
    """The same sites as rows: countries with their regions, a link behind every number."""
    by_country: dict[str, list[Region]] = defaultdict(list)
    for region in found:
        by_country[region.country].append(region)
    lines = []
    for country, inside in by_country.items():
        counts = sum((region.counts for region in inside), Counter())
        parts = [
            _line(region.name, region.counts, link, admin1=region.code)
            for region in inside
            if region.code and region.code != country
        ]
        lines.append(_line(country_name(country), counts, link, country=country) | {"regions": parts})
    return sorted(lines, key=lambda line: -line["total"])


def _line(name: str, counts: Counter[str], link: Link, **place: str) -> dict[str, Any]:
    cells = [(counts[group], link(**place, group=group)) for group in StatusGroup.values]
    return {"name": name, "total": counts.total(), "link": link(**place), "cells": cells}


def key_of(found: Iterable[Region], link: Link) -> list[dict[str, Any]]:
    """The key below the map: every group with its number and its list, also groups without sites."""
    counts = sum((region.counts for region in found), Counter())
    return [
        {"mark": DRAWN_AS[group], "label": group.label, "count": counts[group], "link": link(group=group.value)}
        for group in StatusGroup
    ]


def map_or_table(request: Any) -> str:
    """What a reader asked for with `?view=`; without a word the map, and the table where the device saves data."""
    asked = request.GET.get("view", "")
    if asked in ("map", "table"):
        return asked
    return "table" if saves_data(request) else "map"


def saves_data(request: Any) -> bool:
    """Whether the browser was told to save data."""
    return request.headers.get("Save-Data", "").strip().lower() == "on"


def map_context(sites: QuerySet, request: Any, link: Link, *, now: datetime, view: str = "") -> dict[str, Any]:
    """What templates/members/_map.html needs."""
    found, view = regions(sites, request.actor, now=now), view or map_or_table(request)
    return {
        "map_view": view, "map_svg": draw(found, link) if view == "map" else "", "map_key": key_of(found, link),
        "map_rows": country_table(found, link) if view == "table" else [], "map_groups": list(StatusGroup),
        "map_total": sum(region.total for region in found), "map_link": link(), "map_not_drawn": not_drawn(found),
        "map_saves_data": saves_data(request) and "view" not in request.GET,
    }  # fmt: skip
