"""The one projection of the region map: Albers equal-area conic, parallels 44 and 58 north, centred on 31 east."""

from __future__ import annotations

import math

Point = tuple[float, float]

Frame = tuple[float, float, float, float]
"""x, y, width, height in px of the drawing."""

FRAME: Frame = (40.0, 40.0, 900.0, 540.0)
"""What the map shows: x, y, width, height in px of the drawing. From the Alps to the Caspian, from Latvia to the Black Sea."""

_PARALLELS = math.radians(44), math.radians(58)
_LAT_0, _LON_0 = math.radians(50.2), math.radians(31)
_N = (math.sin(_PARALLELS[0]) + math.sin(_PARALLELS[1])) / 2
_C = math.cos(_PARALLELS[0]) ** 2 + 2 * _N * math.sin(_PARALLELS[0])
_RHO_0 = math.sqrt(_C - 2 * _N * math.sin(_LAT_0)) / _N
_SCALE = 2250.0
_X_0, _Y_0 = 470.0, 330.0


def project(lat: float, lon: float) -> Point:
    """Degrees north and east -> x to the right and y down, in px of the drawing. About 2.8 km a px."""
    rho = math.sqrt(max(_C - 2 * _N * math.sin(math.radians(lat)), 0.0)) / _N
    theta = _N * (math.radians(lon) - _LON_0)
    return _X_0 + _SCALE * rho * math.sin(theta), _Y_0 - _SCALE * (_RHO_0 - rho * math.cos(theta))


def in_frame(point: Point, frame: Frame = FRAME) -> bool:
    """Whether a projected point lies on the map."""
    x, y, width, height = frame
    return x <= point[0] <= x + width and y <= point[1] <= y + height
