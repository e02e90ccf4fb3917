"""The ground that a ring runs around, found without GEOS's repair: its check and its stand-in.

GEOS 3.14 `make_valid` by structure loses a whole ring, or part of it, for some rings that start
or end on a stretch drawn twice; the same ring started elsewhere is repaired well (found by random
rings on small grids: 32 of 94,000). Here the ring's lines are noded and every face between them
is kept if the ring runs around it a number of times other than zero, which is what structure
means and depends on no start. It is slower, so it checks the few broken shapes and replaces the
result only where the two disagree.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely.geometry.base import BaseGeometry

__all__ = ["ground_of", "ground_twice", "turns_around"]

_MOST_CELLS = 20_000_000
"""Faces times edges in one array; beyond, the check would cost gigabytes."""


def ground_of(area: BaseGeometry) -> BaseGeometry | None:
    """Valid area of a polygon or multipolygon by the structure of its rings.

    Each ring stands for the ground it runs around; holes are cut from their shell, a hole that
    does not touch its shell counts as a part, and parts are merged: the rules of GEOS's own
    method. Every face is labelled by winding numbers, no area is overlaid with another.

    Parameters
    ----------
    area
        Polygon or multipolygon, finite coordinates, any validity.

    Returns
    -------
    shapely geometry or None
        Of any type; the caller keeps its areal parts. None when the rings cross so often that
        the check would need too much memory.
    """
    labelled = _labelled(area)
    return None if labelled is None else _merged(labelled.faces[labelled.covers > 0])


def ground_twice(area: BaseGeometry) -> BaseGeometry:
    """Ground that a polygon or multipolygon covers more than once.

    Where parts overlap, and where a shell runs around the same ground twice. Empty when there is
    none, or when the rings cross too often to say.
    """
    labelled = _labelled(area)
    return shapely.Polygon() if labelled is None else _merged(labelled.faces[labelled.covers > 1])


def turns_around(ring: NDArray[np.float64], points: NDArray[np.float64]) -> NDArray[np.int64]:
    """How often a ring runs around points, counter-clockwise positive.

    Parameters
    ----------
    ring
        Shape (m, 2), closed.
    points
        Shape (n, 2), not on the ring.

    Returns
    -------
    ndarray
        Shape (n,). Crossings of a ray to the right, upwards counted +1 and downwards -1
        (Sunday, *Inclusion of a point in a polygon*, 2001).
    """
    (ax, ay), (bx, by) = ring[:-1].T, ring[1:].T
    x, y = points[:, :1], points[:, 1:]
    side = (bx - ax) * (y - ay) - (x - ax) * (by - ay)
    upward = (ay <= y) & (y < by) & (side > 0)
    downward = (by <= y) & (y < ay) & (side < 0)
    turns: NDArray[np.int64] = upward.sum(axis=1) - downward.sum(axis=1)
    return turns


@dataclass(frozen=True, slots=True)
class _Labelled:
    """Faces between all rings of an area, and how often the area covers each of them."""

    faces: NDArray[np.object_]
    covers: NDArray[np.int64]


def _labelled(area: BaseGeometry) -> _Labelled | None:
    polygons = shapely.get_parts(area)
    rings = shapely.get_rings(polygons)
    lines = shapely.get_parts(shapely.node(shapely.multilinestrings(rings)))
    faces = shapely.get_parts(shapely.polygonize(lines))
    if len(faces) * shapely.get_num_coordinates(rings).sum() > _MOST_CELLS:
        return None
    inner = shapely.get_coordinates(shapely.point_on_surface(faces))
    covers = np.zeros(len(faces), dtype=np.int64)
    for polygon in polygons if len(faces) else ():
        shell = polygon.exterior
        drawn = np.abs(turns_around(shapely.get_coordinates(shell), inner))
        turns = drawn.copy()
        if not drawn.any():
            continue  # a shell without ground holds no holes either
        ground = _merged(faces[drawn != 0])
        for hole in polygon.interiors:
            around = turns_around(shapely.get_coordinates(hole), inner) != 0
            if (around & (drawn != 0)).any() or ground.intersects(_merged(faces[around])):
                turns[around] = 0
            else:
                covers += around
        covers += turns
    return _Labelled(faces, covers)


def _merged(faces: NDArray[np.object_]) -> BaseGeometry:
    # Faces share no ground and have their vertices in common, so the union is exact.
    merged: BaseGeometry = shapely.union_all(faces)
    return merged
