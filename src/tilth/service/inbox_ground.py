"""Ground of a report beside the records that it touches: drawn small, overlaps measured.

What lies beside it and may not be read is told as a count and the m² that it shares, never where.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely.geometry.base import BaseGeometry

from tilth.core.geometry.encoding import shape_of
from tilth.core.geometry.frame import Frame
from tilth.core.geometry.repair import areal, repair_areas
from tilth.core.life.register import Held
from tilth.core.problems import Refused
from tilth.core.statement import parse_header, split_record_id
from tilth.service.lens import Lens
from tilth.service.register import held
from tilth.service.session import Session

__all__ = ["Drawn", "Near", "Neighbour", "near"]

REACH_M = 60.0
WIDTH, HEIGHT = 640.0, 400.0
_MARGIN = 0.12
_LEAST_SPAN_M = 30.0
_BEYOND = 1.1
"""Shapes are cut so far beyond the window that the cut is not seen."""
_METRES_PER_DEGREE = 111_000.0
_MOST, _LISTED = 60, 20
"""Neighbours that are drawn, and that are listed."""
_GRID_M = 1e-6
_LEAST_M2 = 0.5
"""What is less than half a square metre is the width of a line."""
_KINDS = ("hazard_area", "released_area", "clearance_report", "task", "evidence_point", "spot_task")
_LIKELY_SHARE, _CLOSE_M = 0.5, 25.0
_LENGTHS = (5, 10, 20, 50, 100, 200, 500, 1_000, 2_000, 5_000, 10_000)

Shapes = NDArray[np.object_]


@dataclass(frozen=True, slots=True)
class Neighbour:
    """A record beside the report.

    Parameters
    ----------
    style
        Classification of a hazard, type of a release; else empty.
    level
        1 reported, 2 verified, 3 approved.
    overlap_m2
        Ground that both draw; ``share`` of the smaller of the two.
    distance_m
        Between their outlines; 0 where they touch.
    same_day, same_id
        Whether it says the same day, or goes by the same id.
    likely
        Whether it may be the same thing said twice: it is of the same kind, and shares most of its
        ground, or its id, or lies close by with the same day.
    """

    record: str
    kind: str
    local_id: str
    organisation: str
    own: bool
    style: str
    level: int
    happened_on: str
    overlap_m2: float
    share: float
    distance_m: float
    same_day: bool
    same_id: bool
    likely: bool


@dataclass(frozen=True, slots=True)
class Drawn:
    """A shape as SVG path data in a box of 640 by 400; ``role`` and ``style`` are its marks."""

    role: str
    style: str
    path: str
    label: str = ""
    record: str = ""


@dataclass(frozen=True, slots=True)
class Near:
    """A report's ground and what lies around it.

    Parameters
    ----------
    drawn
        In the order in which they are painted.
    m2
        Ground that it draws; ``before_m2`` that its earlier version drew.
    gained_m2, lost_m2
        Between the two.
    neighbours
        Those that share ground first, the most first; then the nearest.
    hidden, hidden_m2
        Records that may not be read and share ground with it, and how much.
    more
        Neighbours that are not listed.
    scale_m, scale_width
        Length of the scale bar in metres and in units of the box.
    longitude, latitude
        Its middle, WGS 84 degrees.
    """

    drawn: tuple[Drawn, ...]
    m2: float
    before_m2: float
    gained_m2: float
    lost_m2: float
    neighbours: tuple[Neighbour, ...]
    hidden: int
    hidden_m2: float
    more: int
    scale_m: int
    scale_width: float
    longitude: float
    latitude: float

    @property
    def likely(self) -> list[Neighbour]:
        """Those that may be the same thing."""
        return [one for one in self.neighbours if one.likely]

    @property
    def overlapping(self) -> list[Neighbour]:
        """Those that share ground with it."""
        return [one for one in self.neighbours if one.overlap_m2 > 0]


def near(
    session: Session,
    lens: Lens,
    record: str,
    fields: Mapping[str, Any],
    before: Mapping[str, Any] | None = None,
) -> Near | None:
    """What lies around a report; None where it draws nothing, or the frame is not fixed.

    Parameters
    ----------
    fields
        What it says, as the reader sees it.
    before
        What an earlier version of it said.
    """
    frame = session.frame()
    mine = _shapes(fields)
    if frame is None or not mine:
        return None
    degrees = shapely.union_all(np.array([_mended(one) for one in mine], dtype=object))
    was = [_mended(one) for one in _shapes(before or {})]
    whole = _projected(frame, [degrees])[0]
    earlier = shapely.union_all(_projected(frame, was)) if was else None
    readable, hidden = _around(session, lens, record, degrees)
    pairs = [(one, _projected(frame, [_mended(shape)])[0]) for one, shape in readable]
    pairs = [(one, shape) for one, shape in pairs if shapely.dwithin(whole, shape, REACH_M)]
    found = sorted(
        (_neighbour(session, one, shape, whole, record, fields) for one, shape in pairs),
        key=lambda one: (-one.overlap_m2, one.distance_m, one.record),
    )
    shared = [_shared(whole, shape) for shape in _projected(frame, [_mended(h) for h in hidden])]
    shared = [one for one in shared if one.area > _LEAST_M2]
    view = _View(whole if earlier is None else shapely.union(whole, earlier))
    listed = {one.record for one in found[:_MOST]}
    drawn = _paint(view, [p for p in pairs if p[0].record in listed], whole, earlier, record)
    middle = degrees.representative_point()
    return Near(
        drawn=tuple(drawn),
        m2=round(float(whole.area), 6),
        before_m2=round(float(earlier.area), 6) if earlier is not None else 0.0,
        gained_m2=_beyond(whole, earlier) if earlier is not None else 0.0,
        lost_m2=_beyond(earlier, whole) if earlier is not None else 0.0,
        neighbours=tuple(found[:_LISTED]),
        hidden=len(shared),
        hidden_m2=round(float(sum(one.area for one in shared)), 2),
        more=max(0, len(found) - _LISTED),
        scale_m=view.scale_m,
        scale_width=round(view.scale_m * view.scale, 1),
        longitude=round(float(middle.x), 6),
        latitude=round(float(middle.y), 6),
    )


# -- shapes ----------------------------------------------------------------------------------------


def _shapes(fields: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """Shape or point of a report, and those of its lines of work."""
    rows = [fields, *(one for one in fields.get("work", ()) if isinstance(one, Mapping))]
    found = [one.get("shape") or one.get("point") for one in rows]
    return [one for one in found if isinstance(one, Mapping)]


def _mended(value: Mapping[str, Any]) -> BaseGeometry:
    """Shape in degrees, as the accounts take it: an invalid area is repaired."""
    try:
        shape = shape_of(value)
    except Refused:
        return shapely.Point()
    return shape if shape.is_valid else shapely.make_valid(shape, method="structure")


def _projected(frame: Frame, shapes: Sequence[BaseGeometry]) -> Shapes:
    given = np.empty(len(shapes), dtype=object)
    given[:] = shapes
    metres: Shapes = frame.project_geometries(given) if len(given) else given
    for at, one in enumerate(metres):
        if not one.is_valid:
            metres[at] = repair_areas(np.array([one], dtype=object))[0]
    return metres


def _shared(one: BaseGeometry, other: BaseGeometry) -> BaseGeometry:
    """Ground of both, on the grid of a micrometre."""
    if not one.intersects(other):
        return shapely.Polygon()
    both = shapely.intersection(one, other, grid_size=_GRID_M)
    found: BaseGeometry = areal(np.array([both], dtype=object))[0]
    return found


def _beyond(one: BaseGeometry, other: BaseGeometry) -> float:
    return round(float(shapely.difference(one, other, grid_size=_GRID_M).area), 2)


# -- around it -------------------------------------------------------------------------------------


def _around(
    session: Session, lens: Lens, record: str, degrees: BaseGeometry
) -> tuple[list[tuple[Held, Mapping[str, Any]]], list[Mapping[str, Any]]]:
    """Records whose box meets that of the report with their shapes; of others the shapes alone."""
    west, south, east, north = degrees.bounds
    high = REACH_M / _METRES_PER_DEGREE
    wide = high / max(0.01, math.cos(math.radians(max(abs(south), abs(north)))))
    store = session.workspace.store
    seqs = store.shapes_in((west - wide, south - high, east + wide, north + high))
    records = {parse_header(entry.header).record for entry in store.entries_at(seqs)}
    wanted = {one for one in records if one and split_record_id(one)[1] in _KINDS} - {record}
    shown, hidden = [], []
    for one in held(session, wanted).values():
        fields = one.now()
        shape = fields.get("shape") or fields.get("point")
        if not isinstance(shape, Mapping):
            continue
        seen = lens.fields(one.kind, fields, one.author, record=one.record)
        if "shape" in seen or "point" in seen:
            shown.append((one, shape))
        else:
            hidden.append(shape)
    return shown, hidden


def _neighbour(
    session: Session,
    one: Held,
    shape: BaseGeometry,
    mine: BaseGeometry,
    record: str,
    fields: Mapping[str, Any],
) -> Neighbour:
    overlap = float(_shared(mine, shape).area)
    overlap = overlap if overlap > _LEAST_M2 else 0.0
    smaller = min(float(mine.area), float(shape.area))
    share = min(1.0, overlap / smaller) if smaller else 0.0
    distance = round(float(shapely.distance(mine, shape)), 1)
    values = one.now()
    _, kind, local = split_record_id(record)
    same_day = one.happened_on == str(fields.get("happened_on", ""))
    same_id = one.local_id.casefold() == local.casefold()
    close = distance <= _CLOSE_M and same_day
    likely = one.kind == kind and (share >= _LIKELY_SHARE or same_id or close)
    return Neighbour(
        record=one.record,
        kind=one.kind,
        local_id=one.local_id,
        organisation=session.organisation_name(one.author),
        own=one.author == split_record_id(record)[0],
        style=str(values.get("classification") or values.get("release_type") or ""),
        level=one.level,
        happened_on=one.happened_on,
        overlap_m2=round(overlap, 2),
        share=round(share, 4),
        distance_m=distance,
        same_day=same_day,
        same_id=same_id,
        likely=likely,
    )


# -- drawing ---------------------------------------------------------------------------------------


class _View:
    """Window on the ground, metres to units of the box."""

    def __init__(self, about: BaseGeometry) -> None:
        west, south, east, north = about.bounds
        across, up = max(east - west, _LEAST_SPAN_M), max(north - south, _LEAST_SPAN_M)
        room = 1 + 2 * _MARGIN
        self.scale = min(WIDTH / (across * room), HEIGHT / (up * room))
        self.x, self.y = (west + east) / 2, (south + north) / 2
        half_x, half_y = WIDTH / self.scale / 2, HEIGHT / self.scale / 2
        self.box = shapely.box(
            self.x - half_x * 1.1,
            self.y - half_y * 1.1,
            self.x + half_x * 1.1,
            self.y + half_y * 1.1,
        )
        fitting = [one for one in _LENGTHS if one * self.scale <= WIDTH / 4]
        self.scale_m = fitting[-1] if fitting else _LENGTHS[0]

    def path(self, shape: BaseGeometry) -> str:
        """Path data of what of a shape lies in the window; points as small diamonds."""
        inside = shapely.intersection(shape, self.box)
        return "".join(self._parts(shapely.get_parts(inside)))

    def _parts(self, parts: Iterable[BaseGeometry]) -> Iterator[str]:
        for part in parts:
            if part.is_empty:
                continue
            if part.geom_type == "Point":
                x, y = self._at(shapely.get_coordinates(part))[0]
                yield f"M{x:.1f} {y - 6:.1f}l6 6l-6 6l-6 -6z"
                continue
            if hasattr(part, "geoms"):
                yield from self._parts(shapely.get_parts(part))
                continue
            closed = "Z" if part.geom_type == "Polygon" else ""
            rings = shapely.get_rings(part) if closed else [part]
            for ring in rings:
                corners = self._at(shapely.get_coordinates(ring))
                yield "M" + "L".join(f"{x:.1f} {y:.1f}" for x, y in corners) + closed

    def _at(self, metres: NDArray[np.float64]) -> list[tuple[float, float]]:
        x = WIDTH / 2 + (metres[:, 0] - self.x) * self.scale
        y = HEIGHT / 2 - (metres[:, 1] - self.y) * self.scale
        return list(zip(x.tolist(), y.tolist(), strict=True))


_ORDER = ("hazard_area", "task", "released_area", "clearance_report", "spot_task", "evidence_point")


def _paint(
    view: _View,
    pairs: Sequence[tuple[Held, BaseGeometry]],
    mine: BaseGeometry,
    earlier: BaseGeometry | None,
    record: str,
) -> Iterator[Drawn]:
    for one, shape in sorted(pairs, key=lambda pair: _ORDER.index(pair[0].kind)):
        values = one.now()
        style = str(values.get("classification") or values.get("release_type") or "")
        if path := view.path(shape):
            yield Drawn(one.kind, style, path, one.local_id, one.record)
    if earlier is not None and not earlier.equals(mine):
        yield Drawn("was", "", view.path(earlier))
    yield Drawn("mine", "", view.path(mine), split_record_id(record)[2])
    kind = split_record_id(record)[1]
    for one, shape in pairs:
        if one.kind == kind and (both := _shared(mine, shape)).area > _LEAST_M2:
            yield Drawn("overlap", "", view.path(both), one.local_id)
