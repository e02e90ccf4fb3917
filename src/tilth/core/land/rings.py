"""Polygons as flat arrays of closed rings, prepared once for the edge walk.

Coordinates are metres in one equal-area frame. Polygons must be valid; which are not is kept
beside them, because no later check can tell the area of a bow-tie from that of a polygon.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
import shapely
from numpy.typing import NDArray

__all__ = ["Rings", "rings_of", "to_grid"]

_POLYGON, _MULTIPOLYGON = 3, 6  # type ids of GEOS
_PER_METRE = 2.0**36


class Rings(NamedTuple):
    """Ragged ring arrays of ``n`` shapes; a shape is one polygon, a multipolygon or nothing.

    Attributes
    ----------
    x, y
        float64[n_vertices]; vertices in metres, ring after ring, each ring closed.
    ring_offset
        int64[n_rings + 1]; vertices of ring ``r`` are ``ring_offset[r]:ring_offset[r+1]``.
    ring_side
        float64[n_rings]; +1 where the interior lies left of the ring as stored, −1 right of it.
    shape_rings
        int64[n, 2]; rings of shape ``s`` are ``shape_rings[s, 0]:shape_rings[s, 1]``; equal for a
        shape without ground (null or empty).
    box
        float64[n, 4]; west, south, east, north; (inf, inf, −inf, −inf) without ground.
    area_m2
        float64[n]; area by the shoelace formula, each ring about its own first vertex.
    valid
        bool[n]; False for a polygon that is not valid by OGC.
    """

    x: NDArray[np.float64]
    y: NDArray[np.float64]
    ring_offset: NDArray[np.int64]
    ring_side: NDArray[np.float64]
    shape_rings: NDArray[np.int64]
    box: NDArray[np.float64]
    area_m2: NDArray[np.float64]
    valid: NDArray[np.bool_]

    def take(self, shapes: NDArray[np.int64]) -> Rings:
        """Rings of some shapes only, in the order asked for (vertices are shared, not copied)."""
        return self._replace(
            shape_rings=np.ascontiguousarray(self.shape_rings[shapes]),
            box=np.ascontiguousarray(self.box[shapes]),
            area_m2=self.area_m2[shapes],
            valid=self.valid[shapes],
        )


class _Linework(NamedTuple):
    """Closed rings with the shape they belong to, before orientation is known."""

    coordinates: NDArray[np.float64]
    ring_offset: NDArray[np.int64]
    ring_shape: NDArray[np.int64]
    is_shell: NDArray[np.bool_]


def to_grid(coordinates: NDArray[np.float64]) -> NDArray[np.float64]:
    """Round metres to multiples of 2^-36 (15 picometres); beyond 131 km float64 is coarser.

    Coordinates that are rounded once when they are projected cost `rings_of` nothing.
    """
    return np.rint(coordinates * _PER_METRE) / _PER_METRE


def rings_of(geometries: NDArray[Any], valid: NDArray[np.bool_] | None = None) -> Rings:
    """Prepare polygons for the edge walk.

    Vertices are rounded to the grid of `to_grid`, since a walk that rounded them itself could make
    an invalid polygon of a valid one: the inside of a spike would come to lie outside. Where this
    rounding does so, the polygon is noded on the grid; its area changes by less than 1e-9 m².

    Parameters
    ----------
    geometries
        Array of Polygon, MultiPolygon, None or empty geometries, in metres.
    valid
        bool, where the caller has just checked ``shapely.is_valid``; else it is checked here
        (1 to 2 µs a polygon). Those off the grid are checked again after rounding.

    Raises
    ------
    ValueError
        When a geometry is of another type, or a coordinate is not finite.
    """
    geometries = np.asarray(geometries, dtype=object)
    kind = shapely.get_type_id(geometries)
    size = shapely.get_num_coordinates(geometries)
    empty = size == 0
    if not (empty | (kind == _POLYGON) | (kind == _MULTIPOLYGON)).all():
        msg = "only polygons and multipolygons have rings"
        raise ValueError(msg)
    work = _linework(geometries, kind, size)
    if not np.isfinite(work.coordinates).all():
        msg = "a coordinate is not finite"
        raise ValueError(msg)
    rounded, moved = _rounded(work, len(geometries))
    if moved.any():
        snapped = geometries.copy()
        snapped[moved] = shapely.transform(geometries[moved], to_grid)
        sound = _valid(snapped, valid, moved)
        broken = np.flatnonzero(moved & ~sound)
        broken = broken[shapely.is_valid(geometries[broken])]
        if len(broken):
            snapped[broken] = shapely.set_precision(geometries[broken], 1.0 / _PER_METRE)
            sound[broken] = shapely.is_valid(snapped[broken])
            return rings_of(snapped, sound)
    else:
        sound = _valid(geometries, valid, moved)
    return _oriented(work._replace(coordinates=rounded), len(geometries), sound | empty)


def _rounded(work: _Linework, n_shapes: int) -> tuple[NDArray[np.float64], NDArray[np.bool_]]:
    """Vertices on the grid, and which shapes this changes."""
    rounded = to_grid(work.coordinates)
    moved = np.zeros(n_shapes, bool)
    if np.array_equal(rounded, work.coordinates):
        return rounded, moved
    vertices = np.flatnonzero((rounded != work.coordinates).any(axis=1))
    ring = np.searchsorted(work.ring_offset, vertices, side="right") - 1
    moved[work.ring_shape[ring]] = True
    return rounded, moved


def _valid(
    geometries: NDArray[Any], known: NDArray[np.bool_] | None, changed: NDArray[np.bool_]
) -> NDArray[np.bool_]:
    """Validity, asked of GEOS only where it is not known or the geometry has changed."""
    if known is None:
        return np.asarray(shapely.is_valid(geometries))
    valid = np.array(known, dtype=bool)
    valid[changed] = shapely.is_valid(geometries[changed])
    return valid


def _oriented(work: _Linework, n_shapes: int, valid: NDArray[np.bool_]) -> Rings:
    """Put rings and what follows from them together."""
    x, y = np.ascontiguousarray(work.coordinates.T)
    signed = _signed_areas(x, y, work.ring_offset)
    side = np.where((signed > 0) == work.is_shell, 1.0, -1.0)
    area: NDArray[np.float64] = np.zeros(n_shapes)
    np.add.at(area, work.ring_shape, side * signed)
    box = np.full((n_shapes, 4), (np.inf, np.inf, -np.inf, -np.inf))
    if len(x):
        starts = work.ring_offset[:-1]
        for column, extreme, ordinate in (
            (0, np.minimum, x),
            (1, np.minimum, y),
            (2, np.maximum, x),
            (3, np.maximum, y),
        ):
            extreme.at(box[:, column], work.ring_shape, extreme.reduceat(ordinate, starts))
    shape_rings = _shape_rings(work.ring_shape, n_shapes)
    return Rings(x, y, work.ring_offset, side, shape_rings, box, area, valid)


def _linework(geometries: NDArray[Any], kind: NDArray[Any], size: NDArray[Any]) -> _Linework:
    """Take polygons apart; plain rings need no taking apart and come first."""
    plain = (kind == _POLYGON) & (size > 0) & (shapely.get_num_interior_rings(geometries) == 0)
    plain_at, other_at = np.flatnonzero(plain), np.flatnonzero(~plain & (size > 0))
    parts, part_of = shapely.get_parts(geometries[other_at], return_index=True)
    rings, ring_of = shapely.get_rings(parts, return_index=True)
    shell = np.ones(len(rings), bool)
    shell[1:] = ring_of[1:] != ring_of[:-1]
    sizes = [size[plain_at], shapely.get_num_coordinates(rings)]
    return _Linework(
        np.concatenate(
            [shapely.get_coordinates(geometries[plain_at]), shapely.get_coordinates(rings)]
        ),
        np.cumsum(np.concatenate([[0], *sizes]), dtype=np.int64),
        np.concatenate([plain_at, other_at[part_of[ring_of]]]),
        np.concatenate([np.ones(len(plain_at), bool), shell]),
    )


def _signed_areas(
    x: NDArray[np.float64], y: NDArray[np.float64], ring_offset: NDArray[np.int64]
) -> NDArray[np.float64]:
    """Areas of closed rings, positive when counter-clockwise (shoelace, trapezoid form)."""
    if not len(x):
        return np.zeros(len(ring_offset) - 1)
    height = y - np.repeat(y[ring_offset[:-1]], np.diff(ring_offset))
    terms = np.zeros(len(x))
    terms[:-1] = (x[:-1] - x[1:]) * (height[:-1] + height[1:])
    terms[ring_offset[1:] - 1] = 0.0  # from the last vertex of a ring to the first of the next
    return 0.5 * np.add.reduceat(terms, ring_offset[:-1])


def _shape_rings(ring_shape: NDArray[np.int64], n_shapes: int) -> NDArray[np.int64]:
    """First and one past the last ring of each shape; the rings of a shape are consecutive."""
    count = np.bincount(ring_shape, minlength=n_shapes)
    first = np.zeros(n_shapes, np.int64)
    starts = np.ones(len(ring_shape), bool)
    starts[1:] = ring_shape[1:] != ring_shape[:-1]
    first[ring_shape[starts]] = np.flatnonzero(starts)
    return np.stack([first, first + count], axis=1)
