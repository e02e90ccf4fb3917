"""The arrangement of clusters as polygons: node all rings, polygonize, see what covers each face.

This engine gives geometry and is the reference for the edge walk. The rings are noded *unclipped*:
when they are clipped first, vertices fall microscopically beside the edges they were cut at,
polygonizing drops what then dangles, and hectares are lost without a word. Closure shows it.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray

from tilth.core.land.arrangement import (
    CLOSURE_M2,
    CLOSURE_RELATIVE,
    Arrangement,
    Check,
    with_closure,
)

__all__ = ["dissolve", "faces", "faces_arrangement"]

_GRIDS_M = (0.0, 1e-9, 1e-8)
"""Grids to node on, in metres, until the faces of every shape close; 0 is floating point.

Floating noding is the most exact, but among near-copies it may leave lines that cross unnoded;
polygonizing then loses faces (in 1 of 200 clusters made of near-copies, whole hectares). Snapping
to a nanometre cannot, and moves areas by about as much as closure allows.
"""
_POLYGONAL = (3, 6)  # type ids of GEOS: Polygon, MultiPolygon


def faces(shapes: NDArray[Any]) -> tuple[NDArray[Any], list[tuple[int, ...]]]:
    """Faces of one cluster with the shapes that cover each.

    Parameters
    ----------
    shapes
        Array of valid Polygon or MultiPolygon, None or empty, in metres.

    Returns
    -------
    polygons
        Array of Polygon: the parts into which the rings cut the ground, those covered by at least
        one shape; in lexicographic order of their covering sets. Several may share one set.
    sets
        For each of them, the positions of the shapes that cover it, ascending.
    """
    local, middle = _about_middle(np.asarray(shapes, dtype=object))
    polygons, sets = _local_faces(local)
    return shapely.transform(polygons, lambda points: points + middle), sets


def _about_middle(shapes: NDArray[Any]) -> tuple[NDArray[Any], NDArray[np.float64]]:
    """Shapes relative to a whole metre in their middle, and that middle.

    GEOS snaps within 1e-12 of the size of the coordinates where noding needs it: with the
    coordinates of UTM that is 5 µm, enough to swallow slivers of 1e-6 m² and more.
    """
    box = shapely.bounds(shapes)
    box = box[np.isfinite(box).all(axis=1)]
    if not len(box):
        return shapes, np.zeros(2)
    middle = np.rint((box[:, :2].min(axis=0) + box[:, 2:].max(axis=0)) / 2)
    return shapely.transform(shapes, lambda points: points - middle), middle


def _local_faces(shapes: NDArray[Any]) -> tuple[NDArray[Any], list[tuple[int, ...]]]:
    """As `faces`, for shapes around the origin: noded until the faces close."""
    areas = np.nan_to_num(shapely.area(shapes))
    allowed = np.maximum(CLOSURE_M2, CLOSURE_RELATIVE * areas)
    least = np.inf
    for grid in _GRIDS_M:
        polygons, sets = _noded_faces(shapes, grid)
        covered = np.zeros(len(shapes))
        for members, area in zip(sets, shapely.area(polygons).tolist(), strict=True):
            covered[list(members)] += area
        off = float(np.max(np.abs(covered - areas) / allowed, initial=0.0))
        if off < least:
            least, best = off, (polygons, sets)
        if off <= 1.0:
            break
    return best


def _noded_faces(shapes: NDArray[Any], grid_m: float) -> tuple[NDArray[Any], list[tuple[int, ...]]]:
    """Faces between the rings, noded on a grid or (0) in floating point."""
    lines = shapely.boundary(shapes)
    noded = shapely.union_all(lines[~shapely.is_missing(lines)], grid_size=grid_m)
    polygons = np.asarray(shapely.get_parts(shapely.polygonize([noded])), dtype=object)
    covering: list[list[int]] = [[] for _ in polygons]
    points = shapely.point_on_surface(polygons)
    tree = shapely.STRtree(points)
    present = np.flatnonzero(~(shapely.is_missing(shapes) | shapely.is_empty(shapes)))
    by, face = tree.query(shapes[present], predicate="contains")
    for shape, covered in sorted(zip(present[by].tolist(), face.tolist(), strict=True)):
        covering[covered].append(shape)
    sets = [tuple(members) for members in covering]
    order = sorted((k for k in range(len(sets)) if sets[k]), key=lambda k: sets[k])
    return polygons[order], [sets[k] for k in order]


def faces_arrangement(
    geometries: NDArray[Any],
    cluster_offset: NDArray[np.int64],
    cluster_shapes: NDArray[np.int32],
) -> Arrangement:
    """Covering sets of clusters and their areas, from faces.

    Parameters
    ----------
    geometries
        Array of all shapes, as for `faces`.
    cluster_offset, cluster_shapes
        As for `edge_walk`.

    Returns
    -------
    Arrangement
        With closure, invalid shapes, lowest area and covered area as checks; the others are 0.
    """
    geometries = np.asarray(geometries, dtype=object)
    rows_of: list[int] = []
    members_of: list[int] = []
    members: list[int] = []
    areas: list[float] = []
    n = len(cluster_offset) - 1
    checks = np.zeros((n, len(Check)))
    for c in range(n):
        shapes = geometries[cluster_shapes[cluster_offset[c] : cluster_offset[c + 1]]]
        sums = _set_areas(shapes)
        rows_of.append(len(sums))
        for members_here, area in sums.items():
            members_of.append(len(members_here))
            members.extend(members_here)
            areas.append(area)
        checks[c, Check.COVERED_M2] = sum(sums.values())
        present = ~shapely.is_missing(shapes)
        checks[c, Check.INVALID_SHAPES] = np.count_nonzero(~shapely.is_valid(shapes) & present)
    arrangement = Arrangement(
        np.cumsum([0, *rows_of], dtype=np.int64),
        np.cumsum([0, *members_of], dtype=np.int64),
        np.array(members, np.int32),
        np.array(areas, np.float64),
        checks,
    )
    listed = cluster_shapes[cluster_offset[0] : cluster_offset[-1]]
    measured = np.nan_to_num(shapely.area(geometries[listed]))
    return with_closure(arrangement, cluster_offset - cluster_offset[0], measured)


def _set_areas(shapes: NDArray[Any]) -> dict[tuple[int, ...], float]:
    """Area of each covering set in m², in lexicographic order."""
    polygons, sets = _local_faces(_about_middle(shapes)[0])
    sums: dict[tuple[int, ...], float] = {}
    for members, area in zip(sets, shapely.area(polygons).tolist(), strict=True):
        sums[members] = sums.get(members, 0.0) + area
    return sums


def dissolve(polygons: NDArray[Any], keys: NDArray[np.int64]) -> tuple[NDArray[np.int64], Any]:
    """Join the faces that share a key.

    Parameters
    ----------
    polygons
        Faces of one cluster or of several.
    keys
        int64[n]; a number for each face.

    Returns
    -------
    keys
        int64; each key once, ascending.
    geometries
        Array; for each key one Polygon or MultiPolygon in metres, areal parts only.
    """
    polygons = np.asarray(polygons, dtype=object)
    unique, group = np.unique(np.asarray(keys), return_inverse=True)
    joined = np.empty(len(unique), dtype=object)
    for k in range(len(unique)):
        joined[k] = _joined(polygons[group == k])
    return unique, joined


def _joined(polygons: NDArray[Any]) -> Any:
    """Join faces; those of one noding fit edge to edge, which is much cheaper to join."""
    joined = shapely.coverage_union_all(polygons)
    area = float(shapely.area(polygons).sum())
    fits = abs(float(shapely.area(joined)) - area) <= 1e-9 * max(area, 1.0)
    if not (fits and shapely.is_valid(joined)):
        joined = shapely.union_all(polygons)
    return _areal(joined)


def _areal(geometry: Any) -> Any:
    """Return the polygons of a geometry; lines and points that an overlay left are dropped."""
    if shapely.get_type_id(geometry) in _POLYGONAL:
        return geometry
    parts = shapely.get_parts(geometry)
    areal = parts[shapely.get_type_id(parts) == _POLYGONAL[0]]
    return areal[0] if len(areal) == 1 else shapely.multipolygons(areal)
