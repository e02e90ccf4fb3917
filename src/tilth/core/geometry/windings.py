"""The ground that a ring runs around, found without GEOS's repair: its check and its stand-in.

GEOS 3.14 `make_valid` by structure loses a whole ring, or part of it, for some rings that start
or end on a stretch drawn twice; the same ring started elsewhere is repaired well (found by random
rings on small grids: 32 of 94,000). Here the ring's lines are noded and every face between them
is kept if the ring runs around it a number of times other than zero, which is what structure
means and depends on no start. It is slower, so it checks the few broken shapes and replaces the
result only where the two disagree.
"""

from __future__ import annotations

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely.geometry.base import BaseGeometry

__all__ = ["ground_of", "ground_twice", "turns_around"]

_MOST_CELLS = 20_000_000
"""Faces times edges in one array of `ground_of`; beyond, the check would cost gigabytes."""


def ground_of(area: BaseGeometry) -> BaseGeometry | None:
    """Valid area of a polygon or multipolygon by the structure of its rings.

    Each ring stands for the ground it runs around; holes are cut from their shell, a hole wholly
    outside its shell counts as a part, and parts are merged: the rules of GEOS's own method.

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
    parts: list[BaseGeometry] = []
    for polygon in shapely.get_parts(area):
        rings = [_run_around(ring) for ring in (polygon.exterior, *polygon.interiors)]
        grounds = [ring for ring in rings if ring is not None]
        if len(grounds) < len(rings):
            return None
        shell, holes = grounds[0], grounds[1:]
        if shell.is_empty:
            continue
        cut = [hole for hole in holes if shell.intersects(hole)]
        parts += [hole for hole in holes if not shell.intersects(hole)]
        parts.append(shell.difference(shapely.union_all(cut)) if cut else shell)
    merged: BaseGeometry = shapely.union_all(np.array(parts, dtype=object))
    return merged


def ground_twice(area: BaseGeometry) -> BaseGeometry:
    """Ground that a polygon or multipolygon covers more than once.

    Where parts overlap, and where a shell runs around the same ground twice. Empty when there is
    none, or when the rings cross too often to say.
    """
    twice: list[BaseGeometry] = []
    so_far: BaseGeometry = shapely.Polygon()
    for polygon in shapely.get_parts(area):
        twice.append(_run_around(polygon.exterior, least=2) or shapely.Polygon())
        ground = ground_of(polygon) or shapely.Polygon()
        twice.append(so_far.intersection(ground))
        so_far = so_far.union(ground)
    merged: BaseGeometry = shapely.union_all(np.array(twice, dtype=object))
    return merged


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


def _run_around(ring: BaseGeometry, least: int = 1) -> BaseGeometry | None:
    lines = shapely.get_parts(shapely.node(ring))
    faces = shapely.get_parts(shapely.polygonize(lines))
    corners = shapely.get_coordinates(ring)
    if len(faces) * len(corners) > _MOST_CELLS:
        return None
    inner = shapely.get_coordinates(shapely.point_on_surface(faces))
    kept = faces[np.abs(turns_around(corners, inner)) >= least] if len(faces) else faces
    # Faces share no ground, so merging them is a matter of their edges.
    merged: BaseGeometry = shapely.union_all(kept)
    return merged
