"""Where a record is: coordinates put right, the settlement found in any spelling, the region that follows from it."""

import re
from typing import Any

from aimprogress.exchange.gazetteer import SAME_POINT_KM, Gazetteer, Place, Region
from aimprogress.exchange.points import (
    NEAR_KM,
    Point,
    in_country,
    is_country_centre,
    is_wrong_way_round,
)
from aimprogress.exchange.records import Record
from aimprogress.exchange.text import key
from aimprogress.places.geo import distance_km

REGION_KM = 40.0  # how far the next known settlement may be for its region to be taken


def place_record(record: Record, gazetteer: Gazetteer, known: dict[tuple[str | None, ...], tuple] | None = None) -> None:
    """Fill lat, lon, precision, settlement, settlement_id, region and region_code of a record, each change remarked.

    `known` is shared by the records of a list: each spelling of a place is looked up once.
    """
    fields = record.fields
    country = fields.get("country")
    spelling = (country, fields.get("settlement"), fields.get("region"))
    found = known.get(spelling) if known is not None else None
    if found is None:
        found = _looked_up(fields, gazetteer)
        if known is not None:
            known[spelling] = found
    candidates, used, region = found
    point = _point(record, country, candidates)
    place = _choose(record, candidates, used, point, region.code if region else "")
    if place is None and country and point and fields.get("settlement"):
        place = gazetteer.nearest(country, point)
        if place:
            record.remark("note", "settlement", "found_by_point", {"value": fields["settlement"], "settlement": place.name})
    if (
        place is None
        and region is None
        and country
        and point
        and (near := gazetteer.nearest(country, point, within_km=REGION_KM))
    ):
        region = gazetteer.region(country, near.region)
        record.remark(
            "check", "region", "check_region_by_point", {"region": gazetteer.region_name(near.region), "settlement": near.name}
        )
    _say_place(record, gazetteer, place, region, country)
    if point:
        _say_point(record, point, place, country)
    _drop_postcode(record)


def _looked_up(fields: dict[str, Any], gazetteer: Gazetteer) -> tuple[list[Place], str, Region | None]:
    """The settlements that a row may mean, the part of the cell that named them, and the region."""
    country = fields.get("country")
    candidates, used = _candidates(fields, gazetteer)
    region = gazetteer.region(country, fields.get("region", "")) if country else None
    return _namesakes(gazetteer, candidates, region.code if region else ""), used, region


def _candidates(fields: dict[str, Any], gazetteer: Gazetteer) -> tuple[list[Place], str]:
    """Settlements that the cell may mean, and the part of the cell that named them."""
    country, text = fields.get("country"), fields.get("settlement", "")
    if not country or not text:
        return [], ""
    parts = [part.strip(" )") for part in re.split(r"[,/;(]", text)]
    for part in (text, parts[0]):
        if found := gazetteer.named(country, part) or gazetteer.spelt_nearly(country, part):
            return found, part
    for part in parts[1:]:
        if found := gazetteer.named(country, part):
            return found, part
    return [], ""


def _namesakes(gazetteer: Gazetteer, candidates: list[Place], region: str) -> list[Place]:
    """Where no candidate lies in the region that is given, their namesakes there: an old spelling names them as well."""
    if not region or any(place.region == region for place in candidates):
        return candidates
    there = [other for place in candidates for other in gazetteer.named(place.country, place.name) if other.region == region]
    return there or candidates


def _point(record: Record, country: str | None, candidates: list[Place]) -> Point | None:
    fields = record.fields
    given = [fields.pop(name, None) for name in ("point", "lat", "lon")]
    pair = next((value for value in given if isinstance(value, (tuple, list))), None)
    lat, lon = pair if pair else given[1:]
    if lat is None and lon is None:
        return None
    if lat is None or lon is None:
        missing = "lat" if lat is None else "lon"
        if not any(problem["field"] == missing for problem in record.problems):
            record.remark("error", missing, "one_coordinate", {})
        return None
    if abs(lat) < 0.01 and abs(lon) < 0.01:
        record.remark("note", "lat", "zero_point", {}, value="0, 0")
        return None
    point = (float(lat), float(lon))
    if is_wrong_way_round(point, country=country, settlements=[place.point for place in candidates]):
        record.remark("note", "lat", "swapped", {}, value=f"{lat}, {lon}")
        point = (point[1], point[0])
    if abs(point[0]) > 90 or abs(point[1]) > 180:
        record.remark("error", "lat", "off_the_earth", {"lat": lat, "lon": lon})
        return None
    if is_country_centre(point, country):
        record.remark("note", "lat", "country_point", {}, value=f"{lat}, {lon}")
        return None
    return point


def _choose(record: Record, candidates: list[Place], used: str, point: Point | None, region: str) -> Place | None:
    if not candidates:
        return None
    written = record.fields["settlement"]
    place = candidates[0]
    if point:
        place = min(candidates, key=lambda each: distance_km(each.point, point))
    elif region and (inside := [each for each in candidates if each.region == region]):
        place = inside[0]
    if (
        len(candidates) > 1
        and not point
        and (not region or place.region != region or sum(c.region == region for c in candidates) > 1)
    ):
        params = {"count": len(candidates), "settlement": place.name, "region": place.region}
        record.remark("check", "settlement", "check_ambiguous_settlement", params, value=written)
    if key(used) != key(written):
        record.remark("note", "settlement", "several_places", {"value": written, "settlement": place.name})
    return place


def _say_place(record: Record, gazetteer: Gazetteer, place: Place | None, region: Any, country: str | None) -> None:
    fields = record.fields
    written = fields.get("settlement", "")
    if place:
        if place.name != written:
            fields["settlement_as_written"] = written
            if not any(p["code"] in ("found_by_point", "several_places") for p in record.problems):
                record.remark("note", "settlement", "read_as", {"value": written, "read": place.name})
        fields |= {"settlement": place.name, "settlement_id": place.id, "area_code": place.area}
        for problem in record.problems:
            if problem["code"] == "check_ambiguous_settlement":
                problem["params"]["region"] = gazetteer.region_name(place.region)
        if region and region.code != place.region:
            params = {"settlement": place.name, "value": fields["region"], "region": gazetteer.region_name(place.region)}
            record.remark("check", "region", "check_region_conflict", params)
        _set_region(record, place.region, gazetteer.region_name(place.region))
        return
    if written and country and gazetteer.knows(country):
        record.remark("check", "settlement", "check_unknown_settlement", {"value": written})
    if region is None and country:
        if fields.get("region") and gazetteer.knows(country):
            record.remark("check", "region", "check_unknown_region", {"value": fields["region"]})
        region = gazetteer.only_region(country)
    if region:
        _set_region(record, region.code, region.name)


def _set_region(record: Record, code: str, name: str) -> None:
    fields = record.fields
    fields["region_code"] = code
    if fields.get("region") and len(code) == 2:
        return  # the whole country stands for its regions here: what the list says is finer
    if fields.get("region") and fields["region"] != name:
        fields["region_as_written"] = fields["region"]
    fields["region"] = name


def _say_point(record: Record, point: Point, place: Place | None, country: str | None) -> None:
    fields = record.fields
    fields |= {"lat": round(point[0], 7), "lon": round(point[1], 7), "precision": "site"}
    if place:
        away = distance_km(point, place.point)
        if away <= SAME_POINT_KM:
            fields["precision"] = "settlement"
            record.remark("note", "lat", "settlement_point", {"settlement": place.name})
        elif away > NEAR_KM:
            params = {"km": round(away), "settlement": place.name}
            record.remark("check", "lat", "check_far_from_settlement", params, value=f"{point[0]}, {point[1]}")
    elif in_country(point, country) is False:
        record.remark("check", "lat", "check_other_country", {"country": country}, value=f"{point[0]}, {point[1]}")


def _drop_postcode(record: Record) -> None:
    """ "606000, 5 km Avtozavodskoye": a postal code that has its own column does not stand in the street as well."""
    fields = record.fields
    code, address = str(fields.get("postcode") or ""), fields.get("address")
    if code and address and (found := re.match(rf"{re.escape(code)}\s*,\s*(?=\S)", address)):
        fields["address"] = address[found.end() :]
        record.remark("note", "address", "dropped_postcode", {})
