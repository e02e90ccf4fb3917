"""Repair of invalid areas, with its price in square metres.

Overlay of invalid polygons raises in more than half of all cases and is silently wrong in some
others, so an area is repaired once, when it comes in, and the record says what that did to it.
The method is GEOS `make_valid` by structure: shells are merged, holes are cut out, lobes of a
bow-tie are all kept. Its result is checked against the rings' winding numbers, because GEOS
loses ground now and then (see `tilth.core.geometry.windings`). `buffer(0)` is never used: it
drops the lobes that run the other way round.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely.geometry.base import BaseGeometry

from tilth.core.geometry.encoding import snapped
from tilth.core.geometry.frame import Frame
from tilth.core.geometry.grouping import by_owner
from tilth.core.geometry.windings import ground_of
from tilth.core.problems import Problem, register

__all__ = ["METHOD", "Repaired", "areal", "is_areal", "repair_areas", "repair_shapes", "tidied"]

METHOD = "make_valid/structure"

Shapes = NDArray[np.object_]

_AREAL = (int(shapely.GeometryType.POLYGON), int(shapely.GeometryType.MULTIPOLYGON))
_ROUNDS = 8
"""Rounding a repaired shape to the nanodegree grid can break it again; each round is rarer."""

_NOISE_M2, _NOISE = 1e-6, 1e-9
"""How far two ways to the same area may differ by rounding: absolutely, and in proportion."""

_HAIR_M = 2e-4
"""Twice a nanodegree: a repaired part thinner than that cannot be told from a line on the grid."""


@dataclass(frozen=True, slots=True)
class Repaired:
    """What became of one shape.

    Parameters
    ----------
    geometry
        In WGS 84 degrees on the nanodegree grid; the shape as it came when nothing was wrong,
        None when no area is left.
    changed
        Whether it had to be repaired.
    before_m2
        Area of the shape as it came, as a program that does not check would show it: the rings'
        signed areas, in which lobes of opposite direction cancel out.
    after_m2
        Area of `geometry`.
    reason
        What GEOS found wrong, in its English words; empty when nothing.
    problem
        `collapsed_polygon` when no area is left, `outside_frame` when it cannot be projected.
    """

    geometry: BaseGeometry | None
    changed: bool
    before_m2: float
    after_m2: float
    reason: str = ""
    problem: Problem | None = None

    @property
    def value(self) -> dict[str, str] | None:
        """The ``repair`` part of a canonical shape; None when nothing was changed."""
        if not self.changed:
            return None
        return {
            "method": METHOD,
            "before_m2": f"{self.before_m2:.3f}",
            "after_m2": f"{self.after_m2:.3f}",
        }


def is_areal(geometries: Sequence[BaseGeometry | None] | Shapes) -> NDArray[np.bool_]:
    """Whether each shape is a polygon or multipolygon."""
    return np.isin(shapely.get_type_id(np.asarray(geometries, dtype=object)), _AREAL)


def areal(geometries: Sequence[BaseGeometry | None] | Shapes) -> Shapes:
    """Only the areal parts of each shape, as polygon or multipolygon; an empty polygon if none.

    To be called after every overlay: touching areas give lines and points along with polygons,
    and the next overlay then raises.
    """
    shapes = np.asarray(geometries, dtype=object).copy()
    others = np.flatnonzero(~is_areal(shapes))
    if len(others):
        shapes[others] = shapely.Polygon()
        parts, owners = _all_parts(np.asarray(geometries, dtype=object)[others])
        keep = is_areal(parts)
        polygons, owners = (
            shapely.get_parts(parts[keep]),
            np.repeat(owners[keep], shapely.get_num_geometries(parts[keep])),
        )
        for owner, places in by_owner(owners):
            mine = polygons[places]
            # Parts of one overlay result do not overlap, so a plain multipolygon is valid.
            shapes[others[owner]] = mine[0] if len(mine) == 1 else shapely.multipolygons(mine)
    return shapes


def tidied(geometries: Shapes) -> Shapes:
    """Canonical order for shapes that a computation made: ring starts, parts, directions.

    Rings start at their least vertex, parts are sorted, shells run counter-clockwise and holes
    clockwise (RFC 7946 §3.1.6). Shapes as people entered them are never tidied.
    """
    return np.asarray(shapely.orient_polygons(shapely.normalize(geometries), exterior_cw=False))


def repair_areas(geometries: Shapes) -> Shapes:
    """Make areas in metres valid; what is valid already comes back as the same object.

    The account calls it after projecting: what is valid in degrees can be invalid by a hair in
    metres. Shapes that collapse become empty polygons. Null, and shapes that are not areas, give
    empty polygons too.

    Raises
    ------
    ValueError
        When a coordinate is not finite: such a shape must not have come this far.
    """
    shapes = areal(geometries)
    if not np.isfinite(shapely.get_coordinates(shapes)).all():
        msg = "shape with a coordinate that is not finite"
        raise ValueError(msg)
    broken = np.flatnonzero(~shapely.is_valid(shapes))
    if len(broken):
        mended = areal(shapely.make_valid(shapes[broken], method="structure", keep_collapsed=False))
        shapes[broken] = tidied(_checked(shapes[broken], mended))
    return shapes


def _checked(broken: Shapes, mended: Shapes) -> Shapes:
    """Repaired shapes; where GEOS lost ground, the ground by windings instead."""
    for at, (shape, result) in enumerate(zip(broken, mended, strict=True)):
        ground = ground_of(shape)
        if ground is None:
            continue
        (ground,) = areal([ground])
        if abs(ground.area - result.area) > _NOISE_M2 + _NOISE * ground.area and ground.is_valid:
            mended[at] = ground
    return mended


def repair_shapes(
    geometries: Sequence[BaseGeometry | None] | Shapes, frame: Frame
) -> list[Repaired]:
    """Check and repair shapes in degrees, measured and mended in the frame.

    Edges are straight in the frame, where the account sees them; a shape across the antimeridian
    is whole there. Points and lines pass unchanged, with no area.

    Parameters
    ----------
    geometries
        WGS 84 degrees, finite and in range (see `tilth.core.geometry.encoding.unwritable`).
    frame
        Frame of the operation.

    Returns
    -------
    list of Repaired
        One for each shape, in their order.
    """
    shapes = snapped(geometries)
    metres = frame.project_geometries(shapes)
    beyond = _beyond(metres)
    metres[beyond] = None
    before = shapely.area(metres)
    areas = is_areal(metres)
    broken = np.flatnonzero(areas & (~shapely.is_valid(metres) | ~(before > 0)))
    reasons = dict(zip(broken.tolist(), shapely.is_valid_reason(metres[broken]), strict=True))
    mended = _mended_on_grid(metres[broken], frame)
    after_shapes = dict(zip(broken.tolist(), mended, strict=True))
    results = []
    for at, shape in enumerate(shapes):
        if beyond[at]:
            results.append(_outside(at))
            continue
        if at not in after_shapes:
            area = float(before[at]) if areas[at] else 0.0
            results.append(Repaired(shape, False, area, area))
            continue
        fixed, area = after_shapes[at]
        results.append(_result(fixed, float(before[at]), area, str(reasons[at]), at))
    return results


def _beyond(metres: Shapes) -> NDArray[np.bool_]:
    """Which shapes have a vertex without an image in the frame."""
    xy, owners = shapely.get_coordinates(metres, return_index=True)
    beyond = np.zeros(len(metres), dtype=bool)
    beyond[owners[~np.isfinite(xy).all(axis=1)]] = True
    return beyond


def _outside(at: int) -> Repaired:
    return Repaired(None, False, 0.0, 0.0, "", Problem("outside_frame", f"shape {at + 1}"))


def _result(
    fixed: BaseGeometry, before_m2: float, after_m2: float, reason: str, at: int
) -> Repaired:
    reason = reason.split("[", maxsplit=1)[0]  # the rest is a coordinate of the frame
    if fixed.is_empty:
        problem = Problem("collapsed_polygon", f"shape {at + 1}", {"before_m2": f"{before_m2:.3f}"})
        return Repaired(None, True, before_m2, 0.0, reason, problem)
    return Repaired(fixed, True, before_m2, after_m2, reason)


def _mended_on_grid(metres: Shapes, frame: Frame) -> list[tuple[BaseGeometry, float]]:
    """Repaired shapes in degrees on the grid, with their areas in the frame."""
    current = _without_hairs(repair_areas(metres))
    degrees = snapped(frame.unproject_geometries(current))
    for _ in range(_ROUNDS):
        current = frame.project_geometries(degrees)
        again = np.flatnonzero(~shapely.is_valid(current))
        if not len(again):
            break
        current[again] = _without_hairs(repair_areas(current[again]))
        degrees[again] = snapped(frame.unproject_geometries(current[again]))
    areas = shapely.area(repair_areas(frame.project_geometries(degrees)))
    return list(zip(degrees, areas.tolist(), strict=True))


def _without_hairs(shapes: Shapes) -> Shapes:
    """Drop parts and holes that are no wider than the grid: area over half the perimeter."""
    rings, parts, owners = _rings(shapes)
    alone = shapely.polygons(rings)
    hairs = shapely.area(alone) < _HAIR_M / 2 * shapely.length(rings)
    for owner, mine in by_owner(owners):
        if not hairs[mine].any():
            continue
        polygons = []
        for part in np.unique(parts[mine]):
            shell, *holes = mine[parts[mine] == part]
            if not hairs[shell]:
                kept = [rings[hole] for hole in holes if not hairs[hole]]
                polygons.append(shapely.Polygon(rings[shell], kept))
        shapes[owner] = polygons[0] if len(polygons) == 1 else shapely.MultiPolygon(polygons)
    return shapes


def _rings(shapes: Shapes) -> tuple[Shapes, NDArray[np.int64], NDArray[np.int64]]:
    """Rings of polygons, shells first in each, with the number of their part and shape."""
    polygons, owners = shapely.get_parts(shapes, return_index=True)
    rings, parts = shapely.get_rings(polygons, return_index=True)
    return rings, parts, owners[parts]


def _all_parts(shapes: Shapes) -> tuple[Shapes, NDArray[np.int64]]:
    """Parts of shapes with collections opened to the bottom, and whose they are."""
    parts, owners = shapely.get_parts(shapes, return_index=True)
    while (shapely.get_type_id(parts) == shapely.GeometryType.GEOMETRYCOLLECTION).any():
        parts, inner = shapely.get_parts(parts, return_index=True)
        owners = owners[inner]
    return parts, owners


register(
    {
        "collapsed_polygon": (
            "The polygon encloses no area: its vertices fall on one line or one point "
            "({before_m2} m² as drawn).",
            "Digitise the outline again, or record the place as a point.",
        ),
        "outside_frame": (
            "The shape lies on the far side of the Earth from the operation.",
            "Check the coordinate system, the signs and the order of the coordinates.",
        ),
    }
)
