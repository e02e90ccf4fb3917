"""Ground that two records claim: pairs within one set of records, or between two sets.

An overlap is worth a finding when it holds at least 10 m² and is at least 1 m wide (both of the
rule set), so that the GPS noise between neighbours stays out. *Wide* means that a disc of that
diameter fits in. A disc fits in the overlap of two areas exactly where its centre lies in both
areas eroded by its radius: so each area is eroded once, the eroded ones are tested for
intersection, and only the pairs that pass are overlaid. Minimum clearance would not do: it
measures the nearest vertices, and a broad overlap with two near-duplicate ones has none.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely.geometry.base import BaseGeometry

from tilth.core.findings import Finding, register
from tilth.core.geometry.frame import Frame
from tilth.core.geometry.grouping import by_owner
from tilth.core.geometry.repair import areal, repair_areas

__all__ = [
    "LEAST_M2",
    "LEAST_WIDTH_M",
    "Claim",
    "Overlap",
    "overlap_findings",
    "overlaps",
    "wide_parts",
]

LEAST_M2 = 10.0
LEAST_WIDTH_M = 1.0

_GRID_M = 1e-6
"""Overlay on a grid of a micrometre. Without one GEOS 3.14 is silently and grossly wrong where
areas share an edge and a crossing lies a hair beside it (3 in 30,000 random pairs, of valid areas:
36.5 m² instead of 7.8); on the grid none of them was."""

Claim = tuple[str, str, BaseGeometry]
"""Record id, organisation, area in metres in the frame of the operation."""

Shapes = NDArray[np.object_]


@dataclass(frozen=True, slots=True)
class Overlap:
    """Ground in two records.

    Parameters
    ----------
    record, other
        Full record ids. Within one set the lesser id comes first; between two sets, the record
        of the first set.
    organisation, other_organisation
        Who claims it.
    area_m2
        Area of `geometry`.
    geometry
        The parts of the overlap that are wide enough, in metres in the frame.
    """

    record: str
    other: str
    organisation: str
    other_organisation: str
    area_m2: float
    geometry: BaseGeometry


def overlaps(
    records: Sequence[Claim],
    others: Sequence[Claim] | None = None,
    *,
    least_m2: float = LEAST_M2,
    least_width_m: float = LEAST_WIDTH_M,
) -> list[Overlap]:
    """Find the overlaps that are worth a finding.

    Parameters
    ----------
    records
        Claims; pairs are sought among them, or with `others` when given. Two claims of one
        record are no pair. Invalid areas are repaired first.
    others
        Second set, for hazards against releases.
    least_m2, least_width_m
        Rule set: overlaps smaller or narrower are noise.

    Returns
    -------
    list of Overlap
        Sorted by record ids; the same whatever the order of the claims.
    """
    first = _geometries(records)
    second = first if others is None else _geometries(others)
    pairs = _wide_pairs(first, None if others is None else second, least_width_m)
    right_claims = records if others is None else others
    pairs = [
        (a, b)
        for a, b in pairs
        if records[a][0] != right_claims[b][0]
        and (others is not None or records[a][0] < right_claims[b][0])
    ]
    if not pairs:
        return []
    left, right = np.array(pairs).T
    grounds = wide_parts(_overlaid(first[left], second[right]), least_width_m)
    areas = shapely.area(grounds)
    found = [
        Overlap(records[a][0], right_claims[b][0], records[a][1], right_claims[b][1], area, ground)
        for a, b, area, ground in zip(left, right, areas.tolist(), grounds, strict=True)
        if area >= least_m2 and area > 0
    ]
    return sorted(found, key=lambda one: (one.record, one.other, one.area_m2))


def overlap_findings(found: Sequence[Overlap], frame: Frame) -> list[Finding]:
    """Findings of overlaps, with their ground in degrees.

    `overlap_across_organisations` where two organisations claim it, else
    `overlap_across_records`.
    """
    grounds = np.empty(len(found), dtype=object)
    grounds[:] = [one.geometry for one in found]
    shapes = frame.unproject_geometries(grounds)
    return [
        Finding(
            "overlap_across_records"
            if one.organisation == one.other_organisation
            else "overlap_across_organisations",
            one.record,
            one.other,
            {
                "m2": f"{one.area_m2:.2f}",
                "organisation": one.organisation,
                "other_organisation": one.other_organisation,
            },
            area_m2=one.area_m2,
            shape=shape,
        )
        for one, shape in zip(found, shapes, strict=True)
    ]


def _geometries(claims: Sequence[Claim]) -> Shapes:
    shapes = np.empty(len(claims), dtype=object)
    shapes[:] = [geometry for _, _, geometry in claims]
    return repair_areas(shapes)


def _wide_pairs(first: Shapes, second: Shapes | None, width_m: float) -> list[tuple[int, int]]:
    """Pairs of areas into both of which the same disc fits."""
    eroded = _eroded(first, width_m)
    tree = shapely.STRtree(eroded if second is None else _eroded(second, width_m))
    left, right = tree.query(eroded, predicate="intersects")
    return list(zip(left.tolist(), right.tolist(), strict=True))


def _eroded(areas: Shapes, width_m: float) -> Shapes:
    if width_m <= 0:
        return areas
    # Two segments a quarter: off by 2 cm at reflex corners, where a real disc turns.
    return np.asarray(shapely.buffer(areas, -width_m / 2, quad_segs=2))


def _overlaid(left: Shapes, right: Shapes) -> Shapes:
    """Areal parts of the intersections of valid areas, pair by pair."""
    try:
        return areal(shapely.intersection(left, right, grid_size=_GRID_M))
    except shapely.GEOSException:
        # One pair in the batch: the others keep their fine result.
        return areal([_overlaid_pair(a, b) for a, b in zip(left, right, strict=True)])


def _overlaid_pair(one: BaseGeometry, other: BaseGeometry) -> BaseGeometry:
    try:
        return shapely.intersection(one, other, grid_size=_GRID_M)
    except shapely.GEOSException:
        return shapely.intersection(one, other, grid_size=1000 * _GRID_M)


def wide_parts(grounds: Shapes, width_m: float) -> Shapes:
    """Only the parts of areas into which a disc of that diameter fits."""
    if width_m <= 0:
        return grounds
    parts, owners = shapely.get_parts(grounds, return_index=True)
    # An area of perimeter P whose widest disc has radius r is at most r P; so where area / P
    # reaches the radius there is room, and only the others need an erosion.
    wide = shapely.area(parts) >= width_m / 2 * shapely.length(parts)
    unsure = np.flatnonzero(~wide)
    wide[unsure] = ~shapely.is_empty(_eroded(parts[unsure], width_m))
    kept = grounds.copy()
    for owner, places in by_owner(owners):
        if wide[places].all():
            continue
        mine = parts[places[wide[places]]]
        kept[owner] = mine[0] if len(mine) == 1 else shapely.MultiPolygon(list(mine))
    return kept


register(
    {
        "overlap_across_organisations": (
            "{organisation} and {other_organisation} both claim {m2} m² of ground.",
            "Let the two organisations settle it; one of them corrects or withdraws its shape, "
            "or the authority explains why both stand.",
        ),
        "overlap_across_records": (
            "Two records of {organisation} claim the same {m2} m² of ground.",
            "Correct one of the shapes, withdraw the record that says the same twice, or explain "
            "why both stand.",
        ),
    }
)
