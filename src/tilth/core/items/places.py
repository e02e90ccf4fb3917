"""Items against the ground: their own report's polygon, cancelled land, released land and hazards.

The ground is handed in as functions of positions, so that the item account knows nothing of the
land account.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import NamedTuple

import numpy as np
import shapely
from numpy.typing import NDArray

from tilth.core.findings import Finding, register
from tilth.core.geometry.encoding import NANODEGREES, shapes_of
from tilth.core.geometry.frame import Frame
from tilth.core.items.lots import amounts, origin_of
from tilth.core.items.model import ItemSource

__all__ = [
    "NAMES",
    "UNPLACED",
    "Layer",
    "Positions",
    "cancelled_findings",
    "outside_findings",
    "positions_of",
    "where_of",
]

NAMES = ("outside", "hazard", "released")
"""Where an item lay, by the number that a lookup gives; released wins over hazard."""

UNPLACED = "unplaced"
"""Where of a line without a position."""

OWN_POLYGON_TOLERANCE_M = 1.0
"""How far outside its report's polygon an item may lie before it is noticed: the width below
which overlaps are no finding either (rules §3, *noise*)."""

_ELSEWHERE = ("stockpile", "handed_in")
"""Origins whose items were not lying in the ground of the report."""


class Positions(NamedTuple):
    """Item lines that have a position.

    ``source`` and ``line`` count the sources given and their lines; ``lonlat`` is in WGS 84
    degrees, shape (n, 2); ``pieces`` as counted; ``in_ground`` is False for lines received,
    disposed of later, from stockpiles or handed in.
    """

    source: NDArray[np.int64]
    line: NDArray[np.int64]
    lonlat: NDArray[np.float64]
    pieces: NDArray[np.int64]
    in_ground: NDArray[np.bool_]


class Layer:
    """Areas by name, for lookups of positions.

    Parameters
    ----------
    areas
        Valid polygons in metres of the frame.
    names
        Name of each, such as a record id.
    """

    def __init__(self, frame: Frame, areas: NDArray[np.object_], names: Sequence[str]) -> None:
        self._frame = frame
        self._tree = shapely.STRtree(areas)
        self._names = list(names)

    def inside(self, lonlat: NDArray[np.float64]) -> NDArray[np.bool_]:
        """Whether each position, in degrees, lies in any area."""
        points = shapely.points(self._frame.project(lonlat))
        held = np.zeros(len(lonlat), dtype=bool)
        held[self._tree.query(points, predicate="intersects")[0]] = True
        return held

    def names_at(self, lonlat: NDArray[np.float64]) -> list[str]:
        """Least name among the areas that hold each position, or empty."""
        points = shapely.points(self._frame.project(lonlat))
        names = [""] * len(lonlat)
        for at, area in self._tree.query(points, predicate="intersects").T.tolist():
            name = self._names[area]
            names[at] = min(names[at], name) if names[at] else name
        return names


def positions_of(sources: Sequence[ItemSource]) -> Positions:
    """All positions of item lines, gathered for one lookup."""
    rows: list[tuple[int, int, int, int, int, bool]] = []
    for at, source in enumerate(sources):
        for number, line in enumerate(source.fields.get("items", ())):
            position = line.get("position")
            if position is None or position.get("type") != "Point":
                continue
            longitude, latitude = position["coordinates"][:2]
            in_ground = (
                "received_from" not in line
                and "disposal_of" not in line
                and line.get("origin", origin_of(source)) not in _ELSEWHERE
            )
            rows.append((at, number, longitude, latitude, amounts(line)[0], in_ground))
    table = np.array(rows, dtype=np.int64).reshape(-1, 6)
    return Positions(
        table[:, 0],
        table[:, 1],
        table[:, 2:4] / NANODEGREES,
        table[:, 4],
        table[:, 5].astype(bool),
    )


def where_of(
    sources: Sequence[ItemSource], lookup: Callable[[NDArray[np.float64]], NDArray[np.int64]]
) -> list[tuple[str, ...]]:
    """Where every line of each source lay: a value of `NAMES`, or `UNPLACED`.

    Parameters
    ----------
    lookup
        Positions in degrees, shape (n, 2), to indices into `NAMES`.
    """
    words = [[UNPLACED] * len(source.fields.get("items", ())) for source in sources]
    found = positions_of(sources)
    if len(found.source):
        rows = zip(
            found.source.tolist(), found.line.tolist(), lookup(found.lonlat).tolist(), strict=True
        )
        for source, line, name in rows:
            words[source][line] = NAMES[name]
    return [tuple(line) for line in words]


def outside_findings(
    sources: Sequence[ItemSource], frame: Frame, tolerance_m: float = OWN_POLYGON_TOLERANCE_M
) -> list[Finding]:
    """Items positioned outside their own report's polygon (rules §4).

    Sources whose shape is no area, and items that did not lie in the ground, are passed over.
    """
    drawn = [s for s in sources if _is_area(s.fields.get("shape"))]
    found = positions_of(drawn)
    if not len(found.source):
        return []
    polygons = frame.project_geometries(shapes_of([source.fields["shape"] for source in drawn]))
    points = shapely.points(frame.project(found.lonlat))
    out = found.in_ground & ~shapely.dwithin(polygons[found.source], points, tolerance_m)
    return [
        Finding(
            "items_outside_report_polygon",
            drawn[at].record,
            params={"items": int(found.pieces[mine].sum()), "lines": len(mine)},
            items=int(found.pieces[mine].sum()),
            shape=_points(found.lonlat[mine]),
        )
        for at, mine in _grouped(found.source, out)
    ]


def cancelled_findings(
    sources: Sequence[ItemSource], lookup: Callable[[NDArray[np.float64]], Sequence[str]]
) -> list[Finding]:
    """Items that lay in land cancelled without search (rules §4).

    Parameters
    ----------
    lookup
        Positions in degrees, shape (n, 2), to the id of the cancelled area that holds each, or
        empty (`Layer.names_at`).
    """
    found = positions_of(sources)
    if not len(found.source):
        return []
    names = np.array(lookup(found.lonlat), dtype=object)
    results = []
    for at, mine in _grouped(found.source, found.in_ground & (names != "")):
        for name in sorted(set(names[mine])):
            here = mine[names[mine] == name]
            items = int(found.pieces[here].sum())
            results.append(
                Finding(
                    "items_in_cancelled_land",
                    sources[at].record,
                    str(name),
                    {"items": items},
                    items=items,
                    shape=_points(found.lonlat[here]),
                )
            )
    return results


def _is_area(shape: object) -> bool:
    return isinstance(shape, dict) and shape.get("type") in ("Polygon", "MultiPolygon")


def _points(lonlat: NDArray[np.float64]) -> shapely.MultiPoint:
    return shapely.MultiPoint([(x, y) for x, y in lonlat.tolist()])


def _grouped(
    source: NDArray[np.int64], chosen: NDArray[np.bool_]
) -> list[tuple[int, NDArray[np.int64]]]:
    """Indices of the chosen lines by source, in order."""
    at = np.flatnonzero(chosen)
    starts = np.flatnonzero(np.diff(source[at], prepend=-1))
    return [(int(source[part[0]]), part) for part in np.split(at, starts[1:]) if len(part)]


register(
    {
        "items_outside_report_polygon": (
            "{items} items lie outside the polygon of the report that names them.",
            "Check the positions and the polygon, and correct the one that is wrong.",
        ),
        "items_in_cancelled_land": (
            "{items} items lie in land that was cancelled without search.",
            "Survey the place again; consider revoking the cancellation there.",
        ),
    }
)
