"""Ground as documents show it: the account of some hazards, their outlines, what lies around.

The account of a hazard is read from the statements that bear on it (`tilth.service.nearby`), so
that a dossier does not wait for the whole operation; its terms are those of the whole account.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pyproj
import shapely
from numpy.typing import NDArray
from shapely.geometry.base import BaseGeometry

from tilth.core.days import first_day, ordinal
from tilth.core.geometry.encoding import shape_of
from tilth.core.land.balance import balance, cut, not_closed
from tilth.core.land.keeper import LandKeeper
from tilth.core.land.rows import LandRows
from tilth.core.land.rules import RELEASED
from tilth.core.life.register import Held
from tilth.core.statement import parse_header, split_record_id
from tilth.service.ground import Books
from tilth.service.leftout import left_out, summed
from tilth.service.nearby import books_around
from tilth.service.paper_values.desk import Desk, decimals, m2
from tilth.service.register import held

__all__ = [
    "GroundAccount",
    "account_of",
    "area_m2",
    "credited",
    "distances",
    "ground_account",
    "layer",
    "map_value",
    "named_record",
    "near",
    "outlines",
    "position_of",
    "survey",
    "turning_points",
]

METRES_PER_DEGREE = 111_000.0
STRAIGHT_DEGREES = 1.0
"""A vertex where the line turns by less is an intermediate point on a long leg, no turning point
(terms of IMAS 08.30; the limit is ours)."""

_GEOD = pyproj.Geod(ellps="WGS84")
_LAND = (
    "recorded_m2",
    "extensions_m2",
    "overlaps_m2",
    "cancelled_m2",
    "reduced_m2",
    "cleared_m2",
    "remaining_m2",
    "processed_m2",
    "reprocessed_m2",
)


@dataclass(frozen=True, slots=True)
class GroundAccount:
    """Land account of some hazards, in the shape of ``tilth account --json``.

    Parameters
    ----------
    account
        ``land``, ``left_out``, ``not_closed`` and ``by`` (a row for each hazard).
    credited
        m² that each release was credited with on all ground read, by record.
    releases
        Records of releases that bear on these hazards.
    """

    account: dict[str, Any]
    credited: Mapping[str, float]
    releases: tuple[str, ...]


def ground_account(
    desk: Desk, hazards: Collection[str], level: str = "", *, releases: Collection[str] = ()
) -> GroundAccount:
    """Account of some hazards at the desk's level (or another) and day.

    Parameters
    ----------
    hazards
        Full record ids; none of them gives an empty account.
    releases
        Released areas: the hazards whose ground they lie on are taken in too.
    """
    level = level or desk.level
    books, keeper = survey(desk, {*hazards, *releases}, [level])
    clusters = list(keeper.clusters.values())
    over = [one for one in clusters if not set(releases).isdisjoint(one.releases)]
    wanted = {*hazards, *(hazard for one in over for hazard in one.hazards)}
    rows, until = keeper.rows(level), ordinal(desk.until)
    result = balance(rows, until)
    total = result.total(np.array([one.record in wanted for one in rows.hazards], bool))
    land: dict[str, Any] = {name: round(total[name], 6) + 0.0 for name in _LAND}
    land["closure_m2"] = float(total["closure_m2"])
    bearing = [one for one in clusters if not wanted.isdisjoint(one.hazards)]
    beside = {r for one in bearing for r in (*one.releases, *one.works)}
    left = _left_out(desk, books, level, {*wanted, *beside})
    without = left.pop("without_polygon", {"records": 0, "declared_m2": 0.0})
    land["without_polygon"] = {
        "count": without["records"],
        "declared_m2": without["declared_m2"],
    }
    account = {
        "level": level,
        "until": desk.until,
        "position": desk.heads(),
        "land": land,
        "left_out": left,
        "not_closed": [
            rows.hazards[n].record for n in not_closed(result) if rows.hazards[n].record in wanted
        ],
        "by": [one for one in cut(rows, until, "hazard") if one["hazard"] in wanted],
    }
    bear = sorted({one for cluster in bearing for one in cluster.releases})
    return GroundAccount(decimals(account), credited(rows, until), tuple(bear))


def survey(
    desk: Desk, records: Collection[str], levels: Collection[str]
) -> tuple[Books, LandKeeper]:
    """Ground that bears on some records, accounted at some levels; read once for a document.

    What was surveyed before for more records, at these levels, is taken again.
    """
    wanted = frozenset(records)
    for known, at, books, keeper in desk.surveyed:
        if wanted <= known and set(levels) <= at:
            return books, keeper
    books = books_around(desk.session, wanted)
    keeper = LandKeeper(books.land, levels=sorted(set(levels)))
    keeper.recompute()
    desk.surveyed.append((wanted, frozenset(levels), books, keeper))
    return books, keeper


def _left_out(desk: Desk, books: Books, level: str, records: Collection[str]) -> dict[str, Any]:
    """What the account of these records leaves out, as the account of the whole would say it."""
    statements = {r: said for r, said in books.land.statements.items() if r in records}
    land = replace(books.land, statements=statements)
    few = replace(books, land=land, items={})
    return summed(left_out(few, desk.session.kinds, level), ordinal(desk.until))


def account_of(ground: GroundAccount, hazard: str) -> dict[str, Any]:
    """Row of one hazard; its terms are nothing where the level does not know it."""
    for row in ground.account["by"]:
        if row["hazard"] == hazard:
            return dict(row)
    return {"hazard": hazard, **dict.fromkeys((*_LAND, "closure_m2"), m2(0))}


def credited(rows: LandRows, until: int) -> dict[str, float]:
    """m² that each release was credited with at the end of a day (ordinal), by record."""
    at = rows.state(until)
    if not len(at):
        return {}
    status = np.where(at >= 0, rows.segment_status[at], 0)
    release = np.where(status == RELEASED, rows.segment_release[at], -1)
    taken = release >= 0
    sums = np.bincount(
        release[taken], weights=rows.area_m2[taken], minlength=len(rows.releases)
    ).tolist()
    found: dict[str, float] = {}
    for one, area in zip(rows.releases, sums, strict=True):
        found[one.record] = found.get(one.record, 0.0) + area
    return found


def area_m2(desk: Desk, shape: Mapping[str, Any]) -> str:
    """Area of a shape in the operation's frame, as a decimal string."""
    frame = desk.frame
    if frame is None:
        return m2(0)
    metres = frame.project_geometries(np.array([shape_of(shape)], dtype=object))
    return m2(float(shapely.area(metres)[0]))


def outlines(one: Held, until: str) -> list[dict[str, Any]]:
    """Shapes that a record drew by a day: its first one and those that revisions added."""
    drawn = [one.fields.get("shape")]
    last = ordinal(until)
    drawn += [e.fields.get("shape") for e in one.events if first_day(e.happened_on) <= last]
    return [plain_shape(shape) for shape in drawn if shape]


def plain_shape(shape: Mapping[str, Any]) -> dict[str, Any]:
    """Type and coordinates of a shape, without how it was entered."""
    return {"type": shape["type"], "coordinates": shape["coordinates"]}


def _degrees(value: float) -> str:
    return f"{value:.7f}"


def position_of(shape: Mapping[str, Any] | None) -> dict[str, str]:
    """Latitude and longitude of a point, or of a point within a shape; empty without one."""
    if not shape:
        return {"latitude": "", "longitude": ""}
    point = shape_of(shape).representative_point()
    return {"latitude": _degrees(point.y), "longitude": _degrees(point.x)}


def turning_points(shape: Mapping[str, Any] | None) -> list[dict[str, str]]:
    """Table of an outline's points, ring after ring, with distance and bearing to the next.

    Returns
    -------
    list of dict
        ``label`` (TP turning point, IP intermediate point; a further ring is numbered before it),
        ``point_type``, ``latitude`` and ``longitude`` (degrees, WGS 84, seven places),
        ``to_next_m`` (on the ellipsoid, two places), ``bearing_deg`` (true, one place).
    """
    if not shape:
        return []
    rows: list[dict[str, str]] = []
    for number, ring in enumerate(_rings(shape_of(shape))):
        rows += _ring_points(ring, f"{number + 1}-" if number else "")
    return rows


def _rings(geometry: BaseGeometry) -> Iterator[NDArray[np.float64]]:
    for part in shapely.get_parts(geometry):
        if part.geom_type == "Polygon":
            for ring in (part.exterior, *part.interiors):
                yield shapely.get_coordinates(ring)
        elif part.geom_type == "LineString":
            yield shapely.get_coordinates(part)


def _ring_points(ring: NDArray[np.float64], prefix: str) -> Iterator[dict[str, str]]:
    closed = bool((ring[0] == ring[-1]).all())
    forward, _, length = _GEOD.inv(ring[:-1, 0], ring[:-1, 1], ring[1:, 0], ring[1:, 1])
    legs = [(float(b) % 360, float(m)) for b, m in zip(forward, length, strict=True)]
    turns = 0
    between = 0
    for at, (bearing, metres) in enumerate(legs):
        before = legs[at - 1][0] if at or closed else bearing + 180
        turn = abs((bearing - before + 180) % 360 - 180)
        straight = at > 0 and turn < STRAIGHT_DEGREES
        turns, between = (turns, between + 1) if straight else (turns + 1, between)
        yield {
            "label": f"{prefix}IP{between}" if straight else f"{prefix}TP{turns}",
            "point_type": "intermediate_point" if straight else "turning_point",
            "latitude": _degrees(ring[at, 1]),
            "longitude": _degrees(ring[at, 0]),
            "to_next_m": f"{metres:.2f}",
            "bearing_deg": f"{bearing:.1f}",
        }
    if not closed:
        yield {
            "label": f"{prefix}TP{turns + 1}",
            "point_type": "turning_point",
            "latitude": _degrees(ring[-1, 1]),
            "longitude": _degrees(ring[-1, 0]),
            "to_next_m": "",
            "bearing_deg": "",
        }


def near(desk: Desk, shapes: Iterable[Mapping[str, Any]], reach_m: float) -> dict[str, set[str]]:
    """Records with a shape whose box meets those of some shapes widened by a distance, by kind."""
    drawn = [shape_of(shape) for shape in shapes]
    if not drawn:
        return {}
    store = desk.session.workspace.store
    west, south, east, north = shapely.total_bounds(np.array(drawn, dtype=object)).tolist()
    high = reach_m / METRES_PER_DEGREE
    wide = high / max(0.01, float(np.cos(np.radians(max(abs(south), abs(north))))))
    seqs = store.shapes_in((west - wide, south - high, east + wide, north + high))
    found: dict[str, set[str]] = {}
    for entry in store.entries_at(seqs):
        record = parse_header(entry.header).record
        if record:
            found.setdefault(split_record_id(record)[1], set()).add(record)
    return found


def distances(
    desk: Desk, centre: Sequence[Mapping[str, Any]], others: Sequence[Mapping[str, Any]]
) -> list[tuple[int, int]]:
    """Distance (whole metres) and true bearing (whole degrees) from some shapes to each other one.

    Both are of the line between the nearest points, in the operation's frame; what touches has the
    bearing 0 and the distance 0.
    """
    frame = desk.frame
    if frame is None or not centre or not others:
        return [(0, 0) for _ in others]
    degrees = np.array([shape_of(one) for one in (*centre, *others)], dtype=object)
    metres = frame.project_geometries(degrees)
    middle = shapely.union_all(metres[: len(centre)])
    lines = shapely.shortest_line(middle, metres[len(centre) :])
    away = shapely.length(lines)
    start, end = shapely.get_point(lines, 0), shapely.get_point(lines, 1)
    east = shapely.get_x(end) - shapely.get_x(start)
    bearing = np.degrees(np.arctan2(east, shapely.get_y(end) - shapely.get_y(start)))
    return [(round(d), round(b) % 360) for d, b in zip(away.tolist(), bearing, strict=True)]


def named_record(desk: Desk, kind: str, name: str, author: str = "") -> Held | None:
    """Record of the ground that a field names, read from the store; None when it is not held.

    Parameters
    ----------
    author
        Organisation id of who names it; its own record comes first where several have the name.
    """
    if not name:
        return None
    known = desk.session.workspace.store.find_record(name)
    known = [one for one in known if split_record_id(one)[1] == kind]
    own = [one for one in known if one.startswith(f"{author}/")]
    chosen = own if len(own) == 1 else known
    return held(desk.session, chosen).get(chosen[0]) if len(chosen) == 1 else None


def layer(role: str, shape: Mapping[str, Any], label: str = "", style: str = "") -> dict[str, Any]:
    """One thing on a map.

    Parameters
    ----------
    role
        What it is on the map: ``hazard``, ``released``, ``task``, ``neighbour``, ``evidence``,
        ``accident``, ``benchmark``, ``marker``, ``sample``, ``missed``.
    style
        Classification of a hazard, type of a release, or empty.
    """
    return {"role": role, "label": label, "style": style, "shape": plain_shape(shape)}


def map_value(desk: Desk, layers: Sequence[Mapping[str, Any]]) -> dict[str, Any] | None:
    """Map of a document: frame and layers in drawing order; None when there is nothing to draw."""
    frame = desk.frame
    if frame is None or not layers:
        return None
    return {
        "frame_longitude_nd": frame.longitude_nd,
        "frame_latitude_nd": frame.latitude_nd,
        "layers": [dict(one) for one in layers],
    }
