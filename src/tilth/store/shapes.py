"""Shapes on their way into read tables: canonical coordinates to WKB and a bounding box.

WKB (OGC 06-103r4 §8) is what GIS programs and shapely read; coordinates become degrees, each the
double nearest to its whole number of 1e-9 degrees.
"""

from __future__ import annotations

import struct
from collections.abc import Callable
from typing import Any, NamedTuple

__all__ = ["BoxedWKB", "wkb_of", "wkb_with_box"]

Box = tuple[float, float, float, float]

_POINT = struct.Struct("<BIdd")
_ORDER_AND_TYPE = struct.Struct("<BI")
_HEAD = struct.Struct("<BII")
_COUNT = struct.Struct("<I")
_CODES = {
    "Point": 1,
    "LineString": 2,
    "Polygon": 3,
    "MultiPoint": 4,
    "MultiLineString": 5,
    "MultiPolygon": 6,
}
_ND = 1e9  # nanodegrees in a degree


class BoxedWKB(NamedTuple):
    """WKB, and west, south, east, north in degrees (None: the shape is empty)."""

    wkb: bytes
    box: Box | None


def wkb_of(kind: str, coordinates: Any) -> bytes:
    """WKB of a geometry type and its nested arrays of ``[longitude, latitude]`` nanodegrees.

    Raises
    ------
    ValueError, TypeError, KeyError
        When the arrays are not those of such a geometry.
    """
    if kind == "Point":
        longitude, latitude = coordinates
        return _POINT.pack(1, 1, longitude / _ND, latitude / _ND)
    return _written(kind, coordinates, [])


def wkb_with_box(kind: str, coordinates: Any) -> BoxedWKB:
    """WKB as by `wkb_of`, with the bounding box of all coordinates."""
    seen: list[float] = []
    wkb = _written(kind, coordinates, seen)
    if not seen:
        return BoxedWKB(wkb, None)
    longitudes, latitudes = seen[0::2], seen[1::2]
    return BoxedWKB(wkb, (min(longitudes), min(latitudes), max(longitudes), max(latitudes)))


def _written(kind: str, coordinates: Any, seen: list[float]) -> bytes:
    if kind == "Point":
        longitude, latitude = coordinates
        seen += (longitude / _ND, latitude / _ND)
        return _POINT.pack(1, 1, longitude / _ND, latitude / _ND)
    if kind == "LineString":
        return _ORDER_AND_TYPE.pack(1, 2) + _vertices(coordinates, seen)
    write: Callable[[Any], bytes]
    if kind == "Polygon":
        write = lambda ring: _vertices(ring, seen)  # noqa: E731
    else:
        part = kind.removeprefix("Multi")
        write = lambda inner: _written(part, inner, seen)  # noqa: E731
    return _HEAD.pack(1, _CODES[kind], len(coordinates)) + b"".join(map(write, coordinates))


def _vertices(vertices: Any, seen: list[float]) -> bytes:
    flat = [value / _ND for longitude, latitude in vertices for value in (longitude, latitude)]
    seen += flat
    return _COUNT.pack(len(vertices)) + struct.pack(f"<{len(flat)}d", *flat)
