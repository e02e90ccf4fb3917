"""Findings about shapes: of one record, of two with the same shape, of shape against place.

Each check takes many records at once and gives findings in the order of the records. They work on
shapes as they were entered, before repair, so that what was drawn is what is told; what repair did
is read from the shape's own ``repair`` part. Which checks an operation can tune stands in `Limits`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from hashlib import blake2b

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely.geometry.base import BaseGeometry

from tilth.core.findings import Finding, register
from tilth.core.geometry.encoding import snapped
from tilth.core.geometry.frame import Frame
from tilth.core.geometry.grouping import by_owner
from tilth.core.geometry.repair import areal, is_areal
from tilth.core.geometry.windings import ground_twice

__all__ = [
    "Limits",
    "fix_findings",
    "larger_than_district",
    "outline_marks",
    "place_findings",
    "same_shape_findings",
    "shape_findings",
]

Shapes = NDArray[np.object_]


@dataclass(frozen=True, slots=True)
class Limits:
    """Bounds beyond which a shape is told (rule set of the operation).

    Parameters
    ----------
    long_edge_m
        Between consecutive vertices; further apart, one of them is usually mistyped.
    boundary_m
        How far a shape may lie outside the boundary of the place it names: printed boundaries
        are simplified.
    place_m
        How far it may lie from a place known only as a point.
    fix_accuracy_m, fix_age_s
        Of a satellite fix.
    """

    long_edge_m: float = 5000.0
    boundary_m: float = 500.0
    place_m: float = 20_000.0
    fix_accuracy_m: float = 10.0
    fix_age_s: float = 300.0


def shape_findings(
    records: Sequence[str],
    shapes: Sequence[BaseGeometry | None] | Shapes,
    frame: Frame,
    repairs: Sequence[Mapping[str, str] | None] = (),
    limits: Limits = Limits(),
) -> list[Finding]:
    """Findings of each shape alone.

    `invalid_geometry`, `few_vertices`, `duplicate_points`, `self_overlap`, `long_edge`,
    `multipart`.

    Parameters
    ----------
    records
        Full record ids.
    shapes
        WGS 84 degrees as entered; null where a record has none.
    frame
        Frame of the operation, for lengths and areas.
    repairs
        The ``repair`` part of each shape's value; empty when none was repaired.
    """
    degrees = snapped(shapes)
    metres = frame.project_geometries(degrees)
    found: list[tuple[int, Finding]] = []
    for at, repair in enumerate(repairs):
        if repair:
            found.append((at, _repaired(records[at], repair, degrees[at])))
    found += _vertex_findings(records, degrees)
    found += _long_edges(records, metres, frame, limits.long_edge_m)
    found += _part_findings(records, degrees, metres, frame)
    return [finding for _, finding in sorted(found, key=lambda pair: (pair[0], pair[1].code))]


def same_shape_findings(
    records: Sequence[str], shapes: Sequence[BaseGeometry | None] | Shapes, frame: Frame
) -> list[Finding]:
    """Records that share a ring or a point: `duplicate_ring`, `duplicate_position`.

    Rings are the same when their vertices are, wherever they start, whichever way they run and
    however often a vertex is repeated. Each record is told against the first by id that has the
    ring, so that a ring in n records gives n - 1 findings.

    Parameters
    ----------
    records
        Full record ids, one for each shape.
    shapes
        WGS 84 degrees. Lines are not compared.
    frame
        Frame of the operation, for areas.
    """
    findings = []
    for code, (outlines, owners) in _outlines(shapes).items():
        findings += _sharing(code, records, outlines, owners, frame)
    return findings


def _outlines(
    shapes: Sequence[BaseGeometry | None] | Shapes,
) -> dict[str, tuple[Shapes, NDArray[np.int64]]]:
    """Outlines of areas, and points, each with the number of the shape that it is of."""
    degrees = snapped(shapes)
    parts, owners = shapely.get_parts(areal(degrees), return_index=True)
    there = shapely.length(parts) > 0
    outlines = np.asarray(shapely.polygons(shapely.get_exterior_ring(parts[there])), dtype=object)
    points = shapely.get_type_id(degrees) == shapely.GeometryType.POINT
    placed = np.flatnonzero(points & ~shapely.is_empty(degrees))
    return {
        "duplicate_ring": (outlines, owners[there]),
        "duplicate_position": (degrees[placed], placed),
    }


def outline_marks(shapes: Sequence[BaseGeometry | None] | Shapes) -> list[set[bytes]]:
    """Sixteen bytes for each outline and point of each shape, equal where they are the same.

    Shapes that share none of them have nothing for `same_shape_findings` to tell.
    """
    found: list[set[bytes]] = [set() for _ in range(len(shapes))]
    for code, (outlines, owners) in _outlines(shapes).items():
        for owner, key in zip(owners.tolist(), _ring_keys(outlines), strict=True):
            found[owner].add(blake2b(key, digest_size=16, person=code[-16:].encode()).digest())
    return found


def place_findings(
    records: Sequence[str],
    shapes: Sequence[BaseGeometry | None] | Shapes,
    places: Sequence[BaseGeometry | None] | Shapes,
    names: Sequence[str],
    frame: Frame,
    limits: Limits = Limits(),
) -> list[Finding]:
    """Shapes that lie away from the place that their record names: `place_against_coordinates`.

    Parameters
    ----------
    places
        Boundary (area) or position (point) of the place of each record, WGS 84 degrees; null
        where the record names none or none is known.
    names
        How the place is called.
    """
    metres = frame.project_geometries(snapped(shapes))
    place_metres = frame.project_geometries(snapped(places))
    with np.errstate(invalid="ignore"):
        away_m = shapely.distance(metres, place_metres)  # nan where one is null or empty
    allowed_m = np.where(is_areal(place_metres), limits.boundary_m, limits.place_m)
    degrees = np.asarray(shapes, dtype=object)
    return [
        Finding(
            "place_against_coordinates",
            records[at],
            params={"place": names[at], "km": f"{away_m[at] / 1000:.1f}"},
            shape=degrees[at],
        )
        for at in np.flatnonzero(away_m > allowed_m).tolist()
    ]


def fix_findings(
    record: str,
    *,
    accuracy_m: float | None,
    age_s: float | None = None,
    limits: Limits = Limits(),
) -> list[Finding]:
    """Findings of a satellite fix: `fix_accuracy_missing`, `fix_accuracy_coarse`, `fix_stale`.

    Parameters
    ----------
    accuracy_m
        As the device gave it; None when it gave none.
    age_s
        Seconds between the fix and the observation; None when unknown.
    """
    findings = []
    if accuracy_m is None:
        findings.append(Finding("fix_accuracy_missing", record))
    elif accuracy_m > limits.fix_accuracy_m:
        params = {"m": f"{accuracy_m:g}", "most_m": f"{limits.fix_accuracy_m:g}"}
        findings.append(Finding("fix_accuracy_coarse", record, params=params))
    if age_s is not None and abs(age_s) > limits.fix_age_s:
        findings.append(Finding("fix_stale", record, params={"seconds": f"{age_s:g}"}))
    return findings


def larger_than_district(
    records: Sequence[str],
    areas_m2: Sequence[float],
    district_areas_m2: Sequence[float | None],
    names: Sequence[str],
) -> list[Finding]:
    """Hazards larger than the district they are in: `hazard_larger_than_district`.

    Parameters
    ----------
    district_areas_m2
        Area of the district each record names; None when it is not known.
    """
    return [
        Finding(
            "hazard_larger_than_district",
            record,
            params={"place": name, "m2": f"{area:.0f}", "place_m2": f"{district:.0f}"},
            area_m2=area - district,
        )
        for record, area, district, name in zip(
            records, areas_m2, district_areas_m2, names, strict=True
        )
        if district is not None and area > district
    ]


Found = list[tuple[int, Finding]]


def _repaired(record: str, repair: Mapping[str, str], shape: BaseGeometry | None) -> Finding:
    before, after = repair["before_m2"], repair["after_m2"]
    return Finding(
        "invalid_geometry",
        record,
        params={"before_m2": before, "after_m2": after, "method": repair["method"]},
        area_m2=abs(float(after) - float(before)),
        shape=shape,
    )


def _rings_and_lines(shapes: Shapes) -> tuple[Shapes, NDArray[np.int64]]:
    """All rings of areas and all lines, and whose they are."""
    parts, owners = shapely.get_parts(shapes, return_index=True)
    kinds = shapely.get_type_id(parts)
    polygons = kinds == shapely.GeometryType.POLYGON
    rings, polygon = shapely.get_rings(parts[polygons], return_index=True)
    lines = kinds == shapely.GeometryType.LINESTRING
    return (
        np.concatenate((rings, parts[lines])),
        np.concatenate((owners[polygons][polygon], owners[lines])),
    )


def _vertex_findings(records: Sequence[str], degrees: Shapes) -> Found:
    """`few_vertices` and `duplicate_points` of areas, counted on the nanodegree grid."""
    polygons, of_shape = shapely.get_parts(areal(degrees), return_index=True)
    rings, of_polygon = shapely.get_rings(polygons, return_index=True)
    owners = of_shape[of_polygon]
    corners, ring_of = shapely.get_coordinates(rings, return_index=True)
    drawn = ~_is_last(ring_of)  # the first vertex again, by definition and not by mistake
    corners, ring_of = corners[drawn], ring_of[drawn]
    order = np.lexsort((corners[:, 1], corners[:, 0], ring_of))
    corners, ring_of = corners[order], ring_of[order]
    again = np.zeros(len(corners), dtype=bool)
    again[1:] = (ring_of[1:] == ring_of[:-1]) & (corners[1:] == corners[:-1]).all(axis=1)
    distinct = np.bincount(ring_of[~again], minlength=len(rings))
    found: Found = []
    repeats = corners[again]
    for at, places in by_owner(owners[ring_of[again]]):
        points = repeats[places]
        found.append(
            (
                at,
                Finding(
                    "duplicate_points",
                    records[at],
                    params={"count": len(points)},
                    shape=shapely.MultiPoint(np.unique(points, axis=0)),
                ),
            )
        )
    few = np.flatnonzero(distinct < 3)
    for at, places in by_owner(owners[few]):
        count = int(distinct[few[places]].min())
        finding = Finding("few_vertices", records[at], params={"count": count}, shape=degrees[at])
        found.append((at, finding))
    return found


def _long_edges(records: Sequence[str], metres: Shapes, frame: Frame, longest_m: float) -> Found:
    rings, owners = _rings_and_lines(metres)
    corners, ring_of = shapely.get_coordinates(rings, return_index=True)
    with np.errstate(invalid="ignore"):
        lengths = np.hypot(*np.diff(corners, axis=0).T)
    long = np.flatnonzero((ring_of[1:] == ring_of[:-1]) & (lengths > longest_m))
    found: Found = []
    for at, places in by_owner(owners[ring_of[long]]):
        mine = long[places]
        ends = frame.unproject(np.stack((corners[mine], corners[mine + 1]), axis=1).reshape(-1, 2))
        found.append(
            (
                at,
                Finding(
                    "long_edge",
                    records[at],
                    params={"km": f"{lengths[mine].max() / 1000:.1f}", "count": len(mine)},
                    shape=shapely.MultiLineString(ends.reshape(-1, 2, 2).tolist()),
                ),
            )
        )
    return found


def _part_findings(records: Sequence[str], degrees: Shapes, metres: Shapes, frame: Frame) -> Found:
    found: Found = []
    areas = is_areal(metres)
    for at in np.flatnonzero(areas & (shapely.get_num_geometries(metres) > 1)).tolist():
        count = int(shapely.get_num_geometries(metres[at]))
        finding = Finding("multipart", records[at], params={"count": count}, shape=degrees[at])
        found.append((at, finding))
    # A valid area covers nothing twice; only the few others are looked into.
    for at in np.flatnonzero(areas & ~shapely.is_valid(metres)).tolist():
        (twice,) = areal([ground_twice(metres[at])])
        if twice.area >= _LEAST_TWICE_M2:
            (shape,) = frame.unproject_geometries(np.array([twice]))
            finding = Finding(
                "self_overlap",
                records[at],
                params={"m2": f"{twice.area:.2f}"},
                area_m2=twice.area,
                shape=shape,
            )
            found.append((at, finding))
    return found


_LEAST_TWICE_M2 = 0.01
"""Below it, rounding to nanodegrees (0.1 mm) along a shared edge makes overlaps of its own."""


def _sharing(
    code: str,
    records: Sequence[str],
    shapes: Shapes,
    owners: NDArray[np.int64],
    frame: Frame,
) -> list[Finding]:
    """One finding for each record that shares a shape with one before it, by record id."""
    places: dict[bytes, list[int]] = {}
    for place, key in enumerate(_ring_keys(shapes)):
        places.setdefault(key, []).append(place)
    repeated = [group for group in places.values() if len(group) > 1]
    pairs: dict[tuple[str, str], int] = {}
    for group in repeated:
        names = sorted((records[owners[place]], place) for place in group)
        first = names[0][0]
        for record, place in names[1:]:
            if record != first:
                pairs.setdefault((record, first), place)
    chosen = np.array([shapes[place] for place in pairs.values()], dtype=object)
    areas = shapely.area(frame.project_geometries(chosen)).tolist() if pairs else []
    findings = [
        Finding(code, record, other, {"m2": f"{area:.2f}"}, area_m2=area, shape=shape)
        for (record, other), shape, area in zip(pairs, chosen, areas, strict=True)
    ]
    return sorted(findings, key=lambda finding: (finding.record, finding.other))


def _ring_keys(shapes: Shapes) -> list[bytes]:
    """Bytes that are equal for equal vertices, from any start, in either direction.

    Each ring is read from its least vertex towards the lesser of its two neighbours. GEOS's
    `normalize` would not do: it cannot tell the direction of a flat ring.
    """
    degrees, ring_of = shapely.get_coordinates(shapes, return_index=True)
    corners = np.rint(degrees * 1e9).astype(np.int64)
    # The closing vertex, and vertices that are drawn once more right after, do not count.
    again = np.zeros(len(corners), dtype=bool)
    again[:-1] = (ring_of[1:] == ring_of[:-1]) & (corners[1:] == corners[:-1]).all(axis=1)
    closing = (
        _is_last(ring_of) & (shapely.get_type_id(shapes) == shapely.GeometryType.POLYGON)[ring_of]
    )
    corners, ring_of = corners[~again & ~closing], ring_of[~again & ~closing]
    counts = np.bincount(ring_of, minlength=len(shapes))
    firsts = np.concatenate(([0], np.cumsum(counts)))[:-1]
    order = np.lexsort((corners[:, 1], corners[:, 0], ring_of))
    starts = order[firsts] - firsts
    before = corners[firsts + (starts - 1) % counts]
    after = corners[firsts + (starts + 1) % counts]
    back = (before[:, 0] < after[:, 0]) | (
        (before[:, 0] == after[:, 0]) & (before[:, 1] < after[:, 1])
    )
    steps = np.arange(len(corners)) - firsts[ring_of]
    steps = np.where(back[ring_of], -steps, steps)
    read = corners[firsts[ring_of] + (starts[ring_of] + steps) % counts[ring_of]]
    return [read[at : at + count].tobytes() for at, count in zip(firsts, counts, strict=True)]


def _is_last(ring_of: NDArray[np.int64]) -> NDArray[np.bool_]:
    """Which vertices are the last of their ring."""
    last = np.ones(len(ring_of), dtype=bool)
    last[:-1] = ring_of[1:] != ring_of[:-1]
    return last


register(
    {
        "invalid_geometry": (
            "The outline crosses or touches itself and was repaired ({method}): {before_m2} m² "
            "as drawn, {after_m2} m² after.",
            "Compare the repaired shape with the map; correct the record if it is not what was "
            "meant.",
        ),
        "few_vertices": (
            "An outline has only {count} different vertices.",
            "Digitise the outline again from the report; an area needs three.",
        ),
        "duplicate_points": (
            "{count} vertices of the outline repeat another one.",
            "Check the list of turning points for a point entered twice or out of order.",
        ),
        "self_overlap": (
            "The shape covers {m2} m² of ground more than once.",
            "Remove the repeated part, or split the record.",
        ),
        "long_edge": (
            "{count} edges join vertices that lie up to {km} km apart.",
            "Look for a mistyped coordinate; confirm the edge if the area really is so large.",
        ),
        "multipart": (
            "The area has {count} separate parts.",
            "Record each part under an id of its own if they are worked or released separately.",
        ),
        "duplicate_ring": (
            "Two records have the same outline ({m2} m²).",
            "Withdraw the record that says the same twice, or explain why both stand.",
        ),
        "duplicate_position": (
            "Two records lie on exactly the same point.",
            "Check whether they are one; explain if both are meant.",
        ),
        "place_against_coordinates": (
            "The shape lies {km} km from {place}, the place that the record names.",
            "Correct the place or the coordinates, whichever is wrong.",
        ),
        "fix_accuracy_missing": (
            "The position has no accuracy.",
            "Say how the position was taken, or take it again with a device that tells.",
        ),
        "fix_accuracy_coarse": (
            "The position is only known to {m} m; {most_m} m is allowed.",
            "Wait for a better fix and take the position again.",
        ),
        "fix_stale": (
            "The position was fixed {seconds} s away from the observation.",
            "Take the position at the place and time of the observation.",
        ),
        "hazard_larger_than_district": (
            "The area of {m2} m² is larger than {place}, the district it is in ({place_m2} m²).",
            "Check the shape, its coordinate system and the units of the area.",
        ),
    }
)
