"""Shapes of rows: from a layer's geometry or from columns, to WGS 84, checked and repaired.

Works on chunks of rows, since projecting and repairing are done for many shapes at once.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely.geometry.base import BaseGeometry

from tilth.core.geometry.encoding import unwritable, values_of
from tilth.core.geometry.frame import Frame
from tilth.core.geometry.repair import repair_shapes
from tilth.core.geometry.systems import WGS84, geometries_to_wgs84, is_wgs84, label, system
from tilth.core.problems import Parameter, Problem, Refused

__all__ = ["Placed", "Reference", "place_shapes", "reference"]


@dataclass(frozen=True, slots=True)
class Reference:
    """A reference system that a delivery is in.

    Parameters
    ----------
    name
        ``EPSG:n`` where the registry knows it, else the name it gives itself.
    definition
        What pyproj makes it from; empty for WGS 84 degrees, longitude first.
    """

    name: str
    definition: str

    @property
    def is_wgs84(self) -> bool:
        """Whether coordinates are WGS 84 degrees already."""
        return not self.definition


def reference(text: str, where: str) -> Reference:
    """Read a reference system: ``EPSG:n`` or the WKT of a layer; empty is WGS 84.

    Raises
    ------
    Refused
        ``crs_unknown``, ``crs_unsupported``.

    Examples
    --------
    >>> reference("EPSG:4326", "file").is_wgs84, reference("EPSG:3116", "file").name
    (True, 'EPSG:3116')
    """
    if not text:
        return Reference(WGS84, "")
    known = system(text, where)
    if isinstance(known, Problem):
        raise Refused(known)
    if is_wgs84(known):
        return Reference(WGS84, "")
    return Reference(label(text, known), text)


@dataclass(slots=True)
class Placed:
    """Shape of one row, or why it has none.

    Parameters
    ----------
    value
        Canonical shape.
    repair
        ``before_m2``, ``after_m2`` and ``reason`` where it was repaired.
    area_m2
        Area in the frame, for comparison with declared areas.
    """

    value: dict[str, Any] | None = None
    problem: Problem | None = None
    repair: dict[str, Parameter] = field(default_factory=dict)
    area_m2: float = 0.0
    height: bool = False


def place_shapes(
    geometries: Sequence[BaseGeometry | None],
    entered: Sequence[dict[str, Any] | None],
    here_in: Reference,
    frame: Frame,
    parts: Sequence[str],
) -> list[Placed]:
    """Canonical shapes of rows, repaired where they have to be.

    Parameters
    ----------
    geometries
        In `here_in`; None where a row has none.
    entered
        What was typed, beside shapes that come from columns.
    frame
        Where areas are measured and mended.
    parts
        Names of the rows in problems.
    """
    placed = [Placed() for _ in geometries]
    here = [n for n, one in enumerate(geometries) if one is not None]
    if not here:
        return placed
    shapes: NDArray[np.object_] = np.empty(len(here), dtype=object)
    shapes[:] = [geometries[n] for n in here]
    for n, height in zip(here, _heights(shapes), strict=True):
        placed[n].height = bool(height)
    flat = shapely.force_2d(shapes)
    degrees = flat if here_in.is_wgs84 else geometries_to_wgs84(flat, here_in.definition)
    refused = unwritable(degrees)
    for at, problem in refused.items():
        placed[here[at]].problem = Problem(problem.code, parts[here[at]], problem.params)
    good = [at for at in range(len(here)) if at not in refused]
    if not good:
        return placed
    results = repair_shapes(degrees[good], frame)
    kept, notes, repairs, rows = [], [], [], []
    for at, result in zip(good, results, strict=True):
        row = here[at]
        if result.problem is not None or result.geometry is None:
            code = result.problem.code if result.problem else "geometry_empty"
            params = result.problem.params if result.problem else {}
            placed[row].problem = Problem(code, parts[row], params)
            continue
        if result.changed:
            placed[row].repair = {**(result.value or {}), "reason": result.reason}
        placed[row].area_m2 = result.after_m2
        kept.append(result.geometry)
        notes.append(entered[row] or _note(here_in, shapes[at]))
        repairs.append(result.value)
        rows.append(row)
    for row, value in zip(rows, values_of(kept, notes, repairs), strict=True):
        placed[row].value = value
    return placed


def _heights(shapes: NDArray[np.object_]) -> NDArray[np.bool_]:
    """Which shapes have heights other than 0, which some programs write for every vertex."""
    flags: NDArray[np.bool_] = np.asarray(shapely.has_z(shapes))
    for at in np.flatnonzero(flags):
        z = shapely.get_coordinates(shapes[at], include_z=True)[:, 2]
        flags[at] = bool((np.nan_to_num(z) != 0).any())
    return flags


def _note(here_in: Reference, shape: BaseGeometry) -> dict[str, Any] | None:
    """Coordinates as entered, beside those in WGS 84, where the system is another."""
    if here_in.is_wgs84:
        return None
    mapped = shapely.geometry.mapping(shapely.force_2d(shape))
    return {
        "crs": here_in.name,
        "format": "decimal",
        "coordinates": _as_text(mapped["coordinates"]),
    }


def _as_text(coordinates: Any) -> Any:
    if isinstance(coordinates, float | int):
        text = repr(float(coordinates))
        return text.removesuffix(".0")
    return [_as_text(one) for one in coordinates]
