"""Arithmetic on public points: snapping to a grid, distances. Degrees in, kilometres out; no exact place belongs here."""

from __future__ import annotations

import math

LatLon = tuple[float, float]

GRID_DEGREES = 0.1
"""The grid of domain 8.4: about 11.1 km from north to south, about 7 km from east to west at 50 north."""

EARTH_RADIUS_KM = 6371.0088


def snap_to_grid(lat: float, lon: float, step: float = GRID_DEGREES) -> LatLon:
    """The middle of the grid cell that holds the point. Every point of a cell gives the same answer.

    Raises ValueError for coordinates that are not on Earth.
    """
    _check(lat, lon)
    return _cell_middle(lat, step, 90.0), _cell_middle(lon, step, 180.0)


def _cell_middle(value: float, step: float, limit: float) -> float:
    # the epsilon keeps 49.9 in the cell that begins at 49.9, whatever binary fractions say
    cell = math.floor(value / step + 1e-9)
    return round(min(max(cell * step + step / 2, -limit), limit), 6)


def distance_km(a: LatLon, b: LatLon) -> float:
    """Great-circle distance between two public points (lat, lon), in kilometres (haversine, mean Earth radius)."""
    _check(*a)
    _check(*b)
    (lat_a, lon_a), (lat_b, lon_b) = (tuple(map(math.radians, point)) for point in (a, b))
    h = math.sin((lat_b - lat_a) / 2) ** 2 + math.cos(lat_a) * math.cos(lat_b) * math.sin((lon_b - lon_a) / 2) ** 2
    return 2 * EARTH_RADIUS_KM * math.asin(min(1.0, math.sqrt(h)))


def _check(lat: float, lon: float) -> None:
    if not (-90 <= lat <= 90 and -180 <= lon <= 180):  # also refuses NaN
        raise ValueError("Latitude is between -90 and 90 degrees, longitude between -180 and 180.")
