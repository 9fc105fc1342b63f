"""How far it is: great circles over a sphere, and the middle of a postal code's area.

The sphere has the mean radius of the earth (IUGG, 6371.0088 km): within 0.6 % of the ellipsoid.
"""

from collections.abc import Mapping
from math import asin, cos, radians, sin, sqrt

from hub.rules.routing.candidates import Point

_RADIUS_KM = 6371.0088


def km_between(here: Point, there: Point) -> float:
    """Kilometres by great circle (haversine) between two points in degrees."""
    north, other = radians(here[0]), radians(there[0])
    up, across = sin((other - north) / 2), sin(radians(there[1] - here[1]) / 2)
    share = up * up + cos(north) * cos(other) * across * across
    return 2 * _RADIUS_KM * asin(min(1.0, sqrt(share)))


def middle_of(
    centroids: Mapping[str, Mapping[str, Point]], country: str | None, code: str | None
) -> Point | None:
    """The middle of the smallest area known: by the longest beginning of the postal code."""
    areas = centroids.get(country or "")
    if not areas:
        return None
    code = code or ""
    for size in range(len(code), -1, -1):
        if (point := areas.get(code[:size])) is not None:
            return point
    return None
