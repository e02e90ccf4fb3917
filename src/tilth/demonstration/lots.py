"""Cutting hazards into lots, lots into days of work, and giving each shape its surveyor's noise."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray

from tilth.core.geometry.encoding import value_of
from tilth.core.geometry.repair import repair_shapes
from tilth.demonstration.ground import FRAME

__all__ = ["NOISE_M", "Outlines", "drawn", "largest_parts", "slabs", "turned"]

NOISE_M = 0.15
"""Standard deviation of a turning point read with a good receiver, per axis."""

Shapes = NDArray[np.object_]
Ints = NDArray[np.int64]
Floats = NDArray[np.float64]


@dataclass(slots=True)
class Outlines:
    """Polygons as canonical coordinates in flat arrays: small, and quick to write as values.

    Parameters
    ----------
    nano
        Nanodegrees of all vertices, shape (n, 2).
    rings, polygons
        Where each ring starts in ``nano`` and each polygon in ``rings``, one entry more than
        there are.
    areas_m2
        In the frame, before noise.
    mended
        Values of shapes that were invalid as drawn and stand repaired.
    """

    nano: Ints
    rings: Ints
    polygons: Ints
    areas_m2: Floats
    mended: dict[int, dict[str, Any]]

    def __len__(self) -> int:
        """Count the polygons."""
        return len(self.polygons) - 1

    def value(self, at: int) -> dict[str, Any]:
        """Canonical shape of a polygon; a new object each time."""
        if at in self.mended:
            return dict(self.mended[at])
        first, last = int(self.polygons[at]), int(self.polygons[at + 1])
        bounds = self.rings[first : last + 1].tolist()
        coordinates = [self.nano[start:stop].tolist() for start, stop in pairwise(bounds)]
        return {"type": "Polygon", "coordinates": coordinates}

    def corner(self, at: int) -> dict[str, Any]:
        """First vertex, as a reference point."""
        vertex = self.nano[self.rings[self.polygons[at]]].tolist()
        return {"type": "Point", "coordinates": vertex}


def turned(shapes: Shapes, angle: Floats, centre: Floats) -> Shapes:
    """Each shape turned by its angle about the origin, then moved to its centre."""
    coordinates, owners = shapely.get_coordinates(shapes, return_index=True)
    cos, sin = np.cos(angle)[owners], np.sin(angle)[owners]
    x, y = coordinates.T
    moved = np.column_stack((x * cos - y * sin, x * sin + y * cos)) + centre[owners]
    return np.asarray(shapely.set_coordinates(shapes.copy(), moved))


def largest_parts(shapes: Shapes) -> Shapes:
    """The largest polygon of each shape; an empty polygon where there is none."""
    result = np.asarray(shapes, dtype=object).copy()
    for at in np.flatnonzero(shapely.get_type_id(result) != shapely.GeometryType.POLYGON):
        parts = shapely.get_parts(shapely.get_parts(result[at]))
        areas = shapely.area(parts)
        result[at] = parts[int(np.argmax(areas))] if len(parts) and areas.max() > 0 else _EMPTY
    return result


_EMPTY = shapely.Polygon()


def slabs(shapes: Shapes, axis: int, low: Floats, high: Floats) -> Shapes:
    """Part of each shape between two lines across an axis (0: u, 1: v)."""
    bounds = shapely.bounds(shapes)
    bounds = np.where(np.isfinite(bounds), bounds, 0)
    bounds = bounds + np.array([-1, -1, 1, 1])
    bounds[:, axis], bounds[:, axis + 2] = low, high
    boxes = shapely.box(*bounds.T)
    return largest_parts(shapely.intersection(shapes, boxes))


def drawn(shapes: Shapes, rng: np.random.Generator, crossed: Sequence[int] = ()) -> Outlines:
    """Shapes in metres as a team writes them down: noise on every vertex, some mistakes, rounded.

    Parameters
    ----------
    crossed
        Polygons whose second and third vertex were noted in the wrong order.
    """
    _, coordinates, (rings, polygons) = shapely.to_ragged_array(shapes)
    coordinates = coordinates[:, :2] + rng.normal(0, NOISE_M, (len(coordinates), 2))
    for at in crossed:
        start = int(rings[polygons[at]])
        coordinates[[start + 1, start + 2]] = coordinates[[start + 2, start + 1]]
    coordinates[rings[1:] - 1] = coordinates[rings[:-1]]
    degrees = FRAME.unproject(coordinates)
    nano = np.rint(degrees * 1e9).astype(np.int64)
    as_noted = shapely.from_ragged_array(
        shapely.GeometryType.POLYGON, FRAME.project(nano / 1e9), (rings, polygons)
    )
    broken = np.flatnonzero(~shapely.is_valid(as_noted))
    mended = {}
    if len(broken):
        asked = shapely.from_ragged_array(
            shapely.GeometryType.POLYGON, nano / 1e9, (rings, polygons)
        )[broken]
        for at, done in zip(broken.tolist(), repair_shapes(asked, FRAME), strict=True):
            if done.geometry is not None:
                mended[at] = value_of(done.geometry, repair=done.value)
    return Outlines(
        nano,
        np.asarray(rings, dtype=np.int64),
        np.asarray(polygons, dtype=np.int64),
        shapely.area(shapes),
        mended,
    )
