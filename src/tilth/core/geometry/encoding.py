"""Shapes as canonical values: WGS 84 coordinates in integer nanodegrees, in the order entered.

A shape in content is ``{"type", "coordinates", "entered"?, "repair"?}`` with the nesting of
GeoJSON (RFC 7946 §3.1) and ``[longitude, latitude]`` in units of 1e-9 degree (at most 0.11 mm).
An integer below 2**38 divided by 1e9 and multiplied again comes back to the same integer, so
that value → shape → value is exact.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from itertools import chain, pairwise
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely.geometry.base import BaseGeometry

from tilth.core.problems import Problem, Refused, register

__all__ = [
    "NANODEGREES",
    "shape_of",
    "shapes_of",
    "snapped",
    "unwritable",
    "value_of",
    "values_of",
]

NANODEGREES = 1_000_000_000
"""Nanodegrees in a degree."""

Shapes = NDArray[np.object_]

# Depth: how many lists stand around one position.
_DEPTHS = {
    "Point": 0,
    "MultiPoint": 1,
    "LineString": 1,
    "MultiLineString": 2,
    "Polygon": 2,
    "MultiPolygon": 3,
}
_TYPES = {name: shapely.GeometryType[name.upper()] for name in _DEPTHS}
_NAMES = {int(number): name for name, number in _TYPES.items()}
_LEAST_POSITIONS = {"LineString": 2, "MultiLineString": 2, "Polygon": 4, "MultiPolygon": 4}


def value_of(
    geometry: BaseGeometry | None,
    entered: Mapping[str, Any] | None = None,
    repair: Mapping[str, str] | None = None,
) -> dict[str, Any]:
    """Canonical value of one shape in WGS 84 degrees.

    Heights and measures are dropped; a caller that reads files says so (`height_dropped`).

    Parameters
    ----------
    geometry
        Point, line or area, multi or not, longitude first.
    entered
        What was typed, when it was not WGS 84 degrees.
    repair
        What `tilth.core.geometry.repair` did to it.

    Raises
    ------
    Refused
        With the problem that `unwritable` gives.

    Examples
    --------
    >>> value_of(shapely.Point(18.5, 44.25))
    {'type': 'Point', 'coordinates': [18500000000, 44250000000]}
    """
    return values_of([geometry], [entered], [repair])[0]


def values_of(
    geometries: Sequence[BaseGeometry | None] | Shapes,
    entered: Sequence[Mapping[str, Any] | None] | None = None,
    repairs: Sequence[Mapping[str, str] | None] | None = None,
) -> list[dict[str, Any]]:
    """Canonical values of many shapes in WGS 84 degrees, in their order.

    Raises
    ------
    Refused
        With one problem for each shape that cannot be written, ``where`` its place in the list.
    """
    shapes = _array(geometries)
    problems = unwritable(shapes)
    if problems:
        raise Refused(*(problems[at] for at in sorted(problems)))
    values: list[dict[str, Any]] = [{} for _ in range(len(shapes))]
    kinds = shapely.get_type_id(shapes)
    for number in np.unique(kinds):
        name = _NAMES[int(number)]
        places = np.flatnonzero(kinds == number)
        for at, coordinates in zip(places, _nested(name, shapes[places]), strict=True):
            values[at] = {"type": name, "coordinates": coordinates}
    for key, parts in (("entered", entered), ("repair", repairs)):
        for value, part in zip(values, parts or (), strict=parts is not None):
            if part:
                value[key] = dict(part)
    return values


def shape_of(value: Mapping[str, Any]) -> BaseGeometry:
    """Shape of a canonical value, in WGS 84 degrees.

    Raises
    ------
    Refused
        With `shape_malformed` or `coordinate_out_of_range`.

    Examples
    --------
    >>> shape_of({"type": "Point", "coordinates": [18500000000, 44250000000]}).wkt
    'POINT (18.5 44.25)'
    """
    geometry: BaseGeometry = shapes_of([value])[0]
    return geometry


def shapes_of(values: Sequence[Mapping[str, Any]]) -> Shapes:
    """Shapes of many canonical values, in WGS 84 degrees, in their order.

    Raises
    ------
    Refused
        Naming the first value that is not a shape.
    """
    shapes = np.empty(len(values), dtype=object)
    places: dict[str, list[int]] = {}
    for at, value in enumerate(values):
        name = value.get("type") if isinstance(value, Mapping) else None
        if not isinstance(name, str) or name not in _DEPTHS:
            raise Refused(_malformed(at, "the type is not one of a shape"))
        places.setdefault(name, []).append(at)
    for name, indices in places.items():
        try:
            shapes[indices] = _built(name, [values[at]["coordinates"] for at in indices])
        except (_MalformedError, TypeError, KeyError, ValueError, OverflowError):
            # One of them is wrong; the slow way finds which.
            for at in indices:
                shapes[at] = _built_or_refused(name, values[at], at)
    return shapes


def snapped(geometries: Sequence[BaseGeometry | None] | Shapes) -> Shapes:
    """Shapes with every coordinate on the nanodegree grid, as they come back from a value.

    Checks and repair work on these, so that what is checked is what is kept. Null and empty
    shapes stay as they are; heights are dropped.
    """
    return np.asarray(
        shapely.transform(_array(geometries), lambda lonlat: np.rint(lonlat * 1e9) / 1e9)
    )


def unwritable(geometries: Sequence[BaseGeometry | None] | Shapes) -> dict[int, Problem]:
    """Why shapes cannot be written as values: place in the list → problem; empty when all can.

    Codes: `geometry_null`, `geometry_empty`, `geometry_unsupported` (collections, bare rings),
    `coordinate_not_finite`, `coordinate_out_of_range`.
    """
    shapes = _array(geometries)
    kinds = shapely.get_type_id(shapes)
    coordinates, owners = shapely.get_coordinates(shapes, return_index=True)
    finite = np.isfinite(coordinates).all(axis=1)
    beyond = finite & ((np.abs(coordinates) > (180.0, 90.0)).any(axis=1))
    problems: dict[int, Problem] = {}

    def note(places: Iterable[int], code: str, **params: str | float) -> None:
        for at in places:
            problems.setdefault(int(at), Problem(code, f"shape {int(at) + 1}", params))

    note(np.flatnonzero(kinds == -1), "geometry_null")
    for at in np.flatnonzero((kinds >= 0) & ~np.isin(kinds, list(_NAMES))).tolist():
        note([at], "geometry_unsupported", type=str(shapes[at].geom_type))
    # An empty part among others (an empty polygon in a multipolygon) cannot be nested either.
    note(np.flatnonzero((kinds >= 0) & shapely.is_empty(shapes)), "geometry_empty")
    note(np.unique(owners[~finite]), "coordinate_not_finite")
    for at in np.unique(owners[beyond]).tolist():
        first = coordinates[np.flatnonzero(beyond & (owners == at))[0]]
        note([at], "coordinate_out_of_range", longitude=float(first[0]), latitude=float(first[1]))
    return problems


def _array(geometries: Sequence[BaseGeometry | None] | Shapes) -> Shapes:
    if isinstance(geometries, np.ndarray):
        return geometries
    array = np.empty(len(geometries), dtype=object)
    array[:] = geometries
    return array


def _nested(name: str, shapes: Shapes) -> list[Any]:
    """Coordinates of shapes of one type as nested lists of integers."""
    _, coordinates, offsets = shapely.to_ragged_array(shapely.force_2d(shapes), include_z=False)
    nested: list[Any] = np.rint(coordinates * 1e9).astype(np.int64).tolist()
    # to_ragged_array leaves out what is empty; each level of offsets groups the one below.
    for level in offsets:
        bounds = level.tolist()
        nested = [nested[a:b] for a, b in pairwise(bounds)]
    if name == "MultiPolygon":
        return [[rings for rings in parts if rings] for parts in nested]
    return nested


class _MalformedError(Exception):
    """A value does not have the nesting of its type."""


def _built(name: str, coordinates: list[Any]) -> Shapes:
    """Shapes of one type from nested coordinates; raises `_MalformedError` and its kin."""
    offsets: list[NDArray[np.int64]] = []
    level = coordinates
    for _ in range(_DEPTHS[name]):
        counts = [len(inner) for inner in level]
        if not all(isinstance(inner, list) for inner in level) or not all(counts):
            msg = "a list of positions is missing or empty"
            raise _MalformedError(msg)
        offsets.insert(0, np.concatenate(([0], np.cumsum(counts, dtype=np.int64))))
        level = list(chain.from_iterable(level))
    positions = _positions(level)
    if name in _LEAST_POSITIONS:
        _require_lines(name, positions, offsets[0])
    # One type at a time, so that a polygon stays a polygon and does not become a multipolygon.
    return np.asarray(
        shapely.from_ragged_array(_TYPES[name], positions / 1e9, tuple(offsets) or None)
    )


def _positions(level: list[Any]) -> NDArray[np.int64]:
    if not all(isinstance(position, list) and len(position) == 2 for position in level):
        msg = "a position is not a pair of numbers"
        raise _MalformedError(msg)
    numbers = list(chain.from_iterable(level))
    array = np.array(numbers)
    if array.dtype != np.int64 or any(type(number) is not int for number in numbers):
        msg = "a coordinate is not an integer of nanodegrees"
        raise _MalformedError(msg)
    positions: NDArray[np.int64] = array.reshape(-1, 2)
    if (np.abs(positions) > (180 * NANODEGREES, 90 * NANODEGREES)).any():
        msg = "a coordinate is beyond 180 or 90 degrees"
        raise _MalformedError(msg)
    return positions


def _require_lines(name: str, positions: NDArray[np.int64], offsets: NDArray[np.int64]) -> None:
    if (np.diff(offsets) < _LEAST_POSITIONS[name]).any():
        msg = "a ring or line has too few positions"
        raise _MalformedError(msg)
    if name.endswith("Polygon"):
        first, last = positions[offsets[:-1]], positions[offsets[1:] - 1]
        if (first != last).any():
            msg = "a ring does not end where it starts"
            raise _MalformedError(msg)


def _built_or_refused(name: str, value: Mapping[str, Any], at: int) -> BaseGeometry:
    try:
        geometry: BaseGeometry = _built(name, [value["coordinates"]])[0]
    except _MalformedError as error:
        raise Refused(_malformed(at, str(error))) from error
    except (TypeError, KeyError, ValueError, OverflowError) as error:
        raise Refused(_malformed(at, "the nesting is not that of its type")) from error
    return geometry


def _malformed(at: int, reason: str) -> Problem:
    return Problem("shape_malformed", f"shape {at + 1}", {"reason": reason})


register(
    {
        "shape_malformed": (
            "The stored shape cannot be read: {reason}.",
            "Ask the sender for the delivery again; a shape is a GeoJSON geometry with "
            "coordinates in integer nanodegrees and closed rings.",
        ),
        "geometry_null": (
            "The feature has no shape.",
            "Add the shape in the source file, or give the place in words or as a P-code.",
        ),
        "geometry_empty": (
            "The shape has no coordinates.",
            "Draw the shape in the source file, or give the place in words or as a P-code.",
        ),
        "geometry_unsupported": (
            "A shape of type {type} cannot be taken in.",
            "Turn it into points, lines or polygons; split a collection into one feature each.",
        ),
        "coordinate_not_finite": (
            "A coordinate is not a number.",
            "Look for empty or damaged vertices in the source file and digitise them again.",
        ),
        "coordinate_out_of_range": (
            "Longitude {longitude}, latitude {latitude} is no place on Earth.",
            "Check the coordinate system and the order of the two coordinates.",
        ),
        "height_dropped": (
            "Heights of the shape are not kept.",
            "Nothing needs to be done; record a height that matters in the remarks.",
        ),
    }
)
