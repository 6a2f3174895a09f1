"""Distances between public points; no exact place belongs here."""

import math

LatLon = tuple[float, float]
EARTH_RADIUS_KM = 6371.0


def distance_km(one: LatLon, other: LatLon) -> float:
    """Great-circle distance between two points (lat, lon, in degrees), in kilometres (haversine, mean Earth radius)."""
    (lat, lon), (other_lat, other_lon) = (tuple(map(math.radians, point)) for point in (one, other))
    h = math.sin((other_lat - lat) / 2) ** 2 + math.cos(lat) * math.cos(other_lat) * math.sin((other_lon - lon) / 2) ** 2
    return 2 * EARTH_RADIUS_KM * math.asin(min(1.0, math.sqrt(h)))
