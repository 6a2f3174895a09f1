"""Coordinates as people type them: decimal points and commas, degrees and minutes, both in one cell, exchanged."""

import math
import re

from lat_lon_parser import parse as parse_with_library

from aimprogress.exchange.countries import CENTRES, FRAMES
from aimprogress.exchange.reading import Value, is_blank
from aimprogress.exchange.text import clean, is_nothing
from aimprogress.exchange.values import NOTHING, Read, Remark, shown
from aimprogress.places.geo import distance_km

Point = tuple[float, float]
"""Degrees north, degrees east."""
NEAR_KM = 30.0
WRONG_WAY_KM = 100.0
_DECIMAL = re.compile(r"[+-]?\d{1,3}(?:[.,]\d+)?")
_HEMISPHERES = (
    (re.compile(r"(?:пн\.?\s*ш|с\.?\s*ш)\.?", re.IGNORECASE), "N"),
    (re.compile(r"(?:пд\.?\s*ш|ю\.?\s*ш)\.?", re.IGNORECASE), "S"),
    (re.compile(r"(?:сх\.?\s*д|в\.?\s*д)\.?", re.IGNORECASE), "E"),
    (re.compile(r"(?:зх\.?\s*д|з\.?\s*д)\.?", re.IGNORECASE), "W"),
)
_SEXAGESIMAL = re.compile(
    r"([NSEW])?\s*([+-]?\d{1,3})\s*[°ºd:]\s*(?:(\d{1,2}(?:[.,]\d+)?)\s*['′’m:]?\s*)?(?:(\d{1,2}(?:[.,]\d+)?)\s*(?:\"|″|”|''|s)?)?\s*([NSEW])?",
    re.IGNORECASE,
)


def read_degrees(value: Value) -> Read:
    """One coordinate in degrees; a tuple where the cell holds both."""
    if is_blank(value):
        return NOTHING
    if isinstance(value, bool):
        return Read(error=("not_a_coordinate", {"value": shown(value)}))
    if isinstance(value, (int, float)):
        return Read(float(value)) if math.isfinite(value) else Read(error=("not_a_coordinate", {"value": shown(value)}))
    if not isinstance(value, str):
        return Read(error=("not_a_coordinate", {"value": shown(value)}))
    text = clean(value).rstrip("=").strip()
    if is_nothing(text):
        return NOTHING
    notes: tuple[Remark, ...] = (("read_as", {"value": clean(value), "read": text}),) if text != clean(value) else ()
    if _DECIMAL.fullmatch(text):
        return Read(float(text.replace(",", ".")), notes)
    if pair := _pair(text):
        return Read(pair)
    degrees = _sexagesimal(text)
    if degrees is None:
        return Read(error=("not_a_coordinate", {"value": clean(value)}))
    return Read(degrees, (("read_as", {"value": clean(value), "read": degrees}),))


def _pair(text: str) -> Point | None:
    if found := re.search(r"[@=](-?\d{1,2}\.\d+),\s*(-?\d{1,3}\.\d+)", text):
        return float(found[1]), float(found[2])
    bare = text.strip("()[] ")
    for pattern in (
        r"([+-]?\d{1,3}\.\d+)\s*[,;/ ]\s*([+-]?\d{1,3}\.\d+)",
        r"([+-]?\d{1,3},\d+)\s*(?:[;/]|,\s|\s)\s*([+-]?\d{1,3},\d+)",
        r"([+-]?\d{1,3}(?:\.\d+)?)\s*[;/]\s*([+-]?\d{1,3}(?:\.\d+)?)",
    ):
        if found := re.fullmatch(pattern, bare):
            return float(found[1].replace(",", ".")), float(found[2].replace(",", "."))
    return _marked_pair(_marked(bare))


def _marked(text: str) -> str:
    for pattern, letter in _HEMISPHERES:
        text = pattern.sub(letter, text)
    return text


def _marked_pair(text: str) -> Point | None:
    found = [match for match in _SEXAGESIMAL.finditer(text) if match[1] or match[5]]
    if len(found) != 2:
        return None
    by_axis = {}
    for match in found:
        letter = (match[1] or match[5]).upper()
        degrees = _degrees(match)
        if degrees is not None:
            by_axis["lat" if letter in "NS" else "lon"] = degrees
    return (by_axis["lat"], by_axis["lon"]) if len(by_axis) == 2 else None


def _degrees(match: re.Match[str]) -> float | None:
    minutes, seconds = (float((part or "0").replace(",", ".")) for part in (match[3], match[4]))
    if minutes >= 60 or seconds >= 60:
        return None
    whole = float(match[2])
    size = abs(whole) + minutes / 60 + seconds / 3600
    negative = match[2].startswith("-") or (match[1] or match[5] or "N").upper() in "SW"
    return round(-size if negative else size, 6)


def _sexagesimal(text: str) -> float | None:
    marked = _marked(text)
    if found := _SEXAGESIMAL.fullmatch(marked):
        return _degrees(found)
    if not re.search(r"[°ºNSEW'\"]", marked):
        return None
    try:
        return round(float(parse_with_library(marked.replace(",", "."))), 6)
    except (ValueError, TypeError, IndexError):
        return None


def in_country(point: Point, country: str | None) -> bool | None:
    """Whether a point lies in the frame of a country; None where we know no frame."""
    frame = FRAMES.get(country or "")
    return frame[0] <= point[0] <= frame[2] and frame[1] <= point[1] <= frame[3] if frame else None


def is_country_centre(point: Point, country: str | None) -> bool:
    """True for the middle point that map services give for a whole country."""
    centre = CENTRES.get(country or "")
    return centre is not None and distance_km(point, centre) < 1.0


def is_wrong_way_round(point: Point, *, country: str | None, settlements: list[Point]) -> bool:
    """True where only the exchanged numbers fit: on the Earth, near the named settlement, or in the country."""
    exchanged = (point[1], point[0])
    if abs(point[0]) > 90:
        return abs(exchanged[0]) <= 90
    if settlements:
        here = min(distance_km(point, place) for place in settlements)
        there = min(distance_km(exchanged, place) for place in settlements) if abs(exchanged[0]) <= 90 else math.inf
        if here > WRONG_WAY_KM > there:
            return True
    return abs(exchanged[0]) <= 90 and in_country(point, country) is False and in_country(exchanged, country) is True
