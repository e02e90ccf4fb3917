"""Areas by traverse: turning points by bearing and distance from a point whose position is known.

The chain is that of the field: reference point (RP, permanent, some way outside) → benchmark (BM,
close, outside the hazard) → start point (SP) → turning points (TP), with intermediate points (IP)
on long legs → back to the start point. The leg back to the start is measured like any other, and
where it ends beside the start point the difference is the misclosure: it is told, and nothing is
adjusted, so that the polygon goes through the points as measured.

Distances are taken as horizontal, which is how they are to be measured; slope distances are
computed all the same, with a warning, because the slopes are not known.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import shapely

from tilth.core.findings import Finding
from tilth.core.findings import register as register_findings
from tilth.core.geometry.coordinates import Position, read_position
from tilth.core.geometry.declination import Declination
from tilth.core.geometry.legs import RING, North, Placed, Row, Setup, Walk, geodesic
from tilth.core.geometry.systems import Bounds
from tilth.core.problems import Problem, Refused, register

__all__ = [
    "COLUMNS",
    "Misclosure",
    "North",
    "Placed",
    "Row",
    "Setup",
    "Traverse",
    "measured",
    "read_rows",
    "traverse_findings",
]

COLUMNS = ("point_type", "point", "from", "bearing_deg", "distance_m", "coordinates")
"""The one table layout. A row without ``from`` starts at the row before it."""

TYPES = ("RP", "BM", "SP", "TP", "IP")
_MOST_MISCLOSURE_M = 2.0


@dataclass(frozen=True, slots=True)
class Misclosure:
    """From the start point to where the leg back to it ended.

    Parameters
    ----------
    east_m, north_m, distance_m
        The vector and its length.
    ratio
        Length of the traverse over `distance_m`: 500 means one in five hundred. Infinite when
        it closes.
    """

    east_m: float
    north_m: float
    distance_m: float
    ratio: float


@dataclass(frozen=True, slots=True)
class Traverse:
    """A computed traverse.

    Parameters
    ----------
    points
        Every point in the order of the table, the closing one left out.
    polygon
        Through the points as measured, WGS 84 degrees; nothing is adjusted.
    perimeter_m
        Sum of the legs around the area as measured, the closing leg included.
    misclosure
        None when the leg back to the start was not measured.
    closing_end
        Where the closing leg ended.
    declination
        None unless bearings are magnetic.
    differences_m
        For points with both coordinates and a leg: how far the leg ends from the coordinates,
        which place the point.
    entered
        The table as typed with what was computed, for ``entered`` of the shape.
    warnings
        What is unlikely about it.
    """

    points: tuple[Placed, ...]
    polygon: shapely.Polygon
    perimeter_m: float
    misclosure: Misclosure | None
    closing_end: Placed | None
    declination: Declination | None
    differences_m: Mapping[str, float]
    entered: Mapping[str, Any]
    warnings: tuple[Problem, ...] = ()


def read_rows(
    table: Sequence[Mapping[str, str]], setup: Setup, bounds: Bounds | None = None
) -> list[Row]:
    """Rows of a table with the columns `COLUMNS`; missing cells are empty.

    Raises
    ------
    Refused
        With a problem for every cell that cannot be read, ``where`` its row and column.
    """
    rows, problems = [], []
    for number, cells in enumerate(table, start=1):
        kind = cells.get("point_type", "").strip().upper()
        if kind not in TYPES:
            where = f"row {number}, column point_type"
            problems.append(Problem("traverse_type_unknown", where, {"type": kind[:20]}))
        position: Position | None = None
        text = cells.get("coordinates", "").strip()
        if text:
            where = f"row {number}, column coordinates"
            read = read_position(text, crs=setup.crs, bounds=bounds, where=where)
            if isinstance(read, Problem):
                problems.append(read)
            else:
                position = read
        name, start, bearing, distance = (cells.get(key, "").strip() for key in COLUMNS[1:5])
        rows.append(Row(kind, name, start, bearing, distance, position, text))
    if problems:
        raise Refused(*problems)
    return rows


def measured(rows: Sequence[Row], setup: Setup) -> Traverse:
    """Compute a traverse.

    Parameters
    ----------
    rows
        In the order walked. The first has coordinates; a second row of type SP is the leg back.

    Raises
    ------
    Refused
        With a problem for every row that cannot be computed.
    """
    walk = Walk(setup)
    for number, row in enumerate(rows, start=1):
        walk.step(row, f"row {number}")
    ring = [point for point in walk.points if point.point_type in RING]
    if not walk.problems and (len(ring) < 3 or ring[0].point_type != "SP"):
        walk.problems.append(Problem("traverse_too_short", "", {"count": len(ring)}))
    if walk.problems:
        raise Refused(*walk.problems)
    polygon = shapely.Polygon([point.lonlat for point in ring])
    misclosure = _misclosure(ring[0], walk.closing_end, walk.perimeter_m)
    if walk.closing_end is None:
        walk.warnings.append(Problem("last_leg_not_measured"))
        walk.perimeter_m += geodesic(ring[-1], ring[0])[1]
    if setup.distances == "slope":
        walk.warnings.append(Problem("slope_distances"))
    return Traverse(
        tuple(walk.points),
        polygon,
        walk.perimeter_m,
        misclosure,
        walk.closing_end,
        walk.declination,
        walk.differences_m,
        _entered(rows, setup, walk.declination, misclosure),
        tuple(walk.warnings),
    )


def traverse_findings(
    record: str,
    traverse: Traverse,
    *,
    most_m: float = _MOST_MISCLOSURE_M,
    least_ratio: float = 0.0,
) -> list[Finding]:
    """Findings of a traverse: `traverse_misclosure`, `traverse_not_closed`, `traverse_differs`.

    Parameters
    ----------
    record
        Full record id.
    most_m, least_ratio
        Rule set: beyond the one, or below the other, the misclosure is told. Operators say of
        minefield perimeters that two metres off is too far.
    """
    findings = []
    gap = traverse.misclosure
    if gap is None:
        params = {"perimeter_m": f"{traverse.perimeter_m:.0f}"}
        findings.append(Finding("traverse_not_closed", record, params=params))
    elif gap.distance_m >= most_m or gap.ratio < least_ratio:
        start = next(point for point in traverse.points if point.point_type == "SP")
        end = traverse.closing_end or start
        findings.append(
            Finding(
                "traverse_misclosure",
                record,
                params=_misclosure_texts(gap),
                shape=shapely.LineString([start.lonlat, end.lonlat]),
            )
        )
    findings += [
        Finding("traverse_differs", record, params={"point": name, "m": f"{metres:.1f}"})
        for name, metres in traverse.differences_m.items()
        if metres >= most_m
    ]
    return findings


def _misclosure(start: Placed, end: Placed | None, perimeter_m: float) -> Misclosure | None:
    if end is None:
        return None
    azimuth, gap_m = geodesic(start, end)
    east_m = gap_m * float(np.sin(np.radians(azimuth)))
    north_m = gap_m * float(np.cos(np.radians(azimuth)))
    return Misclosure(east_m, north_m, gap_m, perimeter_m / gap_m if gap_m else float("inf"))


def _misclosure_texts(gap: Misclosure) -> dict[str, str]:
    return {
        "m": f"{gap.distance_m:.2f}",
        "east_m": f"{gap.east_m:.2f}",
        "north_m": f"{gap.north_m:.2f}",
        "ratio": f"{gap.ratio:.0f}" if np.isfinite(gap.ratio) else "∞",
    }


def _entered(
    rows: Sequence[Row], setup: Setup, used: Declination | None, gap: Misclosure | None
) -> dict[str, Any]:
    """The table as typed, in strings, with the declination used and the misclosure found."""
    table = []
    for row in rows:
        leg = (row.start, row.bearing_deg, row.distance_m)
        cells = zip(COLUMNS, (row.point_type, row.point, *leg, row.coordinates), strict=True)
        table.append({column: text for column, text in cells if text})
    facts = {
        "crs": setup.crs,
        "distances": setup.distances,
        "north": str(setup.north),
        "on": setup.on,
        "declination_deg": f"{used.degrees:.3f}" if used else "",
        "declination_model": used.model if used else "",
    }
    if gap is not None:
        texts = _misclosure_texts(gap)
        facts |= {
            f"misclosure_{key}" if key != "m" else "misclosure_m": texts[key] for key in texts
        }
    known = {key: text for key, text in facts.items() if text}
    return {"format": "traverse", **known, "rows": table}


register(
    {
        "traverse_type_unknown": (
            "“{type}” is no type of point.",
            "Use RP (reference point), BM (benchmark), SP (start point), TP (turning point) or "
            "IP (intermediate point).",
        ),
        "traverse_too_short": (
            "The traverse has {count} points around the area, or does not begin with SP.",
            "Give the start point (SP) and at least two turning points (TP).",
        ),
        "last_leg_not_measured": (
            "The leg back to the start point was not measured; the misclosure is not known.",
            "Measure the last leg too and add it as a second row of type SP.",
        ),
        "slope_distances": (
            "Distances along the slope were taken as horizontal.",
            "Reduce them to the horizontal by the slope that was measured.",
        ),
    }
)
register_findings(
    {
        "traverse_misclosure": (
            "The traverse misses its start point by {m} m ({east_m} m east, {north_m} m north; "
            "1 in {ratio}).",
            "Check the legs for a misread bearing or distance and correct the record, or explain "
            "why it is accepted; the polygon goes through the points as measured.",
        ),
        "traverse_not_closed": (
            "The leg back to the start was not measured, so the misclosure of {perimeter_m} m of "
            "traverse is not known.",
            "Measure the last leg and correct the record.",
        ),
        "traverse_differs": (
            "The leg to {point} ends {m} m from the coordinates given for it.",
            "Check both; the coordinates place the point.",
        ),
    }
)
