"""Coordinates as the map shows and takes them: degrees, UTM and MGRS."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Any

import mgrs
import mgrs.core
import pyproj

from tilth.core.geometry.coordinates import Position, read_position
from tilth.core.geometry.encoding import NANODEGREES
from tilth.core.problems import Problem, Refused

__all__ = ["coordinates_of", "position_of"]

_BANDS = "CDEFGHJKLMNPQRSTUVWX"
_TWO_NUMBERS = re.compile(r"\s*(-?\d{1,3}(?:\.\d+)?)\s*[,; ]\s*(-?\d{1,3}(?:\.\d+)?)\s*")


def coordinates_of(latitude: float, longitude: float) -> dict[str, Any]:
    """A place in WGS 84 degrees, UTM and MGRS, as the server's own library computes them.

    UTM and MGRS are empty towards the poles, where they do not reach.

    Examples
    --------
    >>> coordinates_of(44.25, 18.5)["utm"], coordinates_of(44.25, 18.5)["mgrs"]
    ('34T 300407 4902680', '34TCQ0040602679')
    """
    found = {
        "latitude": round(latitude, 7),
        "longitude": round(longitude, 7),
        "utm": "",
        "mgrs": "",
    }
    if not -80 <= latitude < 84 or not -180 <= longitude < 180:
        return found
    zone = _zone(latitude, longitude)
    east, north = _utm(zone, latitude < 0).transform(longitude, latitude)
    band = _BANDS[min(int((latitude + 80) // 8), len(_BANDS) - 1)]
    found["utm"] = f"{zone}{band} {east:.0f} {north:.0f}"
    try:
        found["mgrs"] = mgrs.MGRS().toMGRS(latitude, longitude, MGRSPrecision=5)
    except mgrs.core.MGRSError:
        found["mgrs"] = ""
    return found


def _zone(latitude: float, longitude: float) -> int:
    """UTM zone, with the exceptions of south-western Norway and Svalbard."""
    if 56 <= latitude < 64 and 3 <= longitude < 12:
        return 32
    if latitude >= 72 and 0 <= longitude < 42:
        return 31 + 2 * int((longitude + 3) // 12)
    return int((longitude + 180) // 6) + 1


@lru_cache(maxsize=8)
def _utm(zone: int, south: bool) -> pyproj.Transformer:
    return pyproj.Transformer.from_crs(4326, (32700 if south else 32600) + zone, always_xy=True)


def position_of(text: str) -> dict[str, Any]:
    """Place that somebody typed, in any notation, as `coordinates_of` tells it.

    Of two plain numbers the first is the latitude, as on the map itself.

    Raises
    ------
    Refused
        What `tilth.core.geometry.coordinates.read_position` finds wrong with it.
    """
    plain = _TWO_NUMBERS.fullmatch(text)
    if plain and abs(float(plain[1])) <= 90 and abs(float(plain[2])) <= 180:
        return coordinates_of(float(plain[1]), float(plain[2]))
    read = read_position(text)
    if isinstance(read, Problem):
        raise Refused(read)
    assert isinstance(read, Position)  # noqa: S101 - the other answer
    return coordinates_of(read.latitude_nd / NANODEGREES, read.longitude_nd / NANODEGREES)
