"""The legs of a traverse: each point placed from the one before, and what went wrong on the way.

Legs are geodesics on the WGS 84 ellipsoid (Karney, *J. Geodesy* 87, 2013, by pyproj). Bearings are
turned to true north: magnetic ones by the declination of the place and day, grid ones by the
grid's convergence at the point where the leg starts.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from enum import StrEnum
from functools import lru_cache

import numpy as np
import pyproj

from tilth.core.geometry.coordinates import Position
from tilth.core.geometry.declination import Declination, declination
from tilth.core.geometry.encoding import NANODEGREES
from tilth.core.geometry.notations import plain_text, read_angle
from tilth.core.geometry.systems import WGS84, system, to_wgs84
from tilth.core.problems import Problem, register

__all__ = ["RING", "North", "Placed", "Row", "Setup", "Walk", "geodesic"]

RING = ("SP", "TP", "IP")
"""Types of points around the area; RP and BM lead to it."""

_GEOD = pyproj.Geod(ellps="WGS84")
_NUMBER = re.compile(r"\d{1,7}(?:\.\d{1,6})?")


class North(StrEnum):
    """What a bearing of zero points to."""

    TRUE = "true"
    MAGNETIC = "magnetic"
    GRID = "grid"


@dataclass(frozen=True, slots=True)
class Setup:
    """How the traverse was measured.

    Parameters
    ----------
    north
        Reference of all bearings.
    on
        Day of the survey, ISO; needed for magnetic bearings without a stated declination.
    declination_deg
        As set or stated by the person, east positive, decimal text; empty to compute it.
    crs
        Grid whose north the bearings refer to, and system of coordinates in the table.
    distances
        ``horizontal``, ``slope``, or empty when not said.
    """

    north: North = North.TRUE
    on: str = ""
    declination_deg: str = ""
    crs: str = WGS84
    distances: str = ""


@dataclass(frozen=True, slots=True)
class Row:
    """One row of the table, as typed, with its position read.

    Parameters
    ----------
    point_type
        RP, BM, SP, TP or IP.
    point, start
        Names of the point and of the point it was measured from; empty for the row before.
    bearing_deg, distance_m
        As typed; empty where the point was not measured from another.
    position
        Where coordinates are given.
    """

    point_type: str
    point: str = ""
    start: str = ""
    bearing_deg: str = ""
    distance_m: str = ""
    position: Position | None = None
    coordinates: str = ""


@dataclass(frozen=True, slots=True)
class Placed:
    """A point of the traverse with its position, WGS 84 degrees."""

    name: str
    point_type: str
    longitude: float
    latitude: float

    @property
    def lonlat(self) -> tuple[float, float]:
        """Longitude and latitude on the nanodegree grid."""
        return round(self.longitude * 1e9) / 1e9, round(self.latitude * 1e9) / 1e9


@dataclass(slots=True)
class Walk:
    """The points placed so far, and what was noticed on the way."""

    setup: Setup
    points: list[Placed] = field(default_factory=list)
    names: dict[str, Placed] = field(default_factory=dict)
    unplaced: set[str] = field(default_factory=set)
    lost: bool = False
    closing_end: Placed | None = None
    perimeter_m: float = 0.0
    declination: Declination | None = None
    differences_m: dict[str, float] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)
    warnings: list[Problem] = field(default_factory=list)

    def step(self, row: Row, where: str) -> None:
        """Place the point of a row."""
        name = row.point or f"{row.point_type}{len(self.points) + 1}"
        by_leg = self._by_leg(row, name, where)
        given = self._given(row, name)
        returns = row.point_type == "SP" and any(p.point_type == "SP" for p in self.points)
        # Coordinates taken twice at the start say nothing about the legs: the way back is a leg.
        here = by_leg if returns else given or by_leg
        self.lost = here is None
        if here is None:
            if not self.problems:
                self.problems.append(Problem("traverse_row_without_place", where))
            self.unplaced.add(name)
            return
        if given and by_leg and not returns:
            self.differences_m[name] = geodesic(given, by_leg)[1]
        if returns:
            if self.closing_end is not None:
                self.problems.append(Problem("traverse_closed_twice", where))
            self.closing_end = here
        elif name in self.names:
            self.problems.append(Problem("traverse_name_twice", where, {"point": name[:40]}))
        elif self.closing_end is not None and row.point_type in RING:
            self.problems.append(Problem("traverse_goes_on", where))
        else:
            self.points.append(here)
            self.names[name] = here

    def _given(self, row: Row, name: str) -> Placed | None:
        if row.position is None:
            return None
        position = row.position
        self.warnings += position.warnings
        longitude, latitude = (
            position.longitude_nd / NANODEGREES,
            position.latitude_nd / NANODEGREES,
        )
        return Placed(name, row.point_type, longitude, latitude)

    def _by_leg(self, row: Row, name: str, where: str) -> Placed | None:
        if not row.bearing_deg and not row.distance_m:
            return None
        bearing, distance_m = _bearing(row.bearing_deg), _distance(row.distance_m)
        start = self.names.get(row.start)
        if not row.start:
            start = self.points[-1] if self.points else None
        if bearing is None or distance_m is None:
            text = f"{row.bearing_deg}, {row.distance_m}"
            self.problems.append(Problem("traverse_leg_unreadable", where, {"leg": text[:60]}))
        elif row.start in self.unplaced or (self.lost and not row.start):
            pass  # the row that this leg starts from has a problem of its own
        elif start is None:
            params = {"point": (row.start or "the row before")[:40]}
            self.problems.append(Problem("traverse_from_unknown", where, params))
        else:
            true = self._true(bearing, start, where)
            if true is not None:
                longitude, latitude, _ = _GEOD.fwd(
                    start.longitude, start.latitude, true, distance_m
                )
                if row.point_type in RING and start.point_type in RING:
                    self.perimeter_m += distance_m
                return Placed(name, row.point_type, float(longitude), float(latitude))
        return None

    def _true(self, bearing: float, start: Placed, where: str) -> float | None:
        """Bearing from true north at the start of a leg."""
        turn: float | Problem = 0.0
        if self.setup.north == North.GRID:
            found = _convergence(self.setup.crs, start.longitude, start.latitude)
            params = {"crs": self.setup.crs[:80]}
            turn = Problem("traverse_grid_unknown", where, params) if found is None else found
        elif self.setup.north == North.MAGNETIC:
            known = self.declination or self._declination(start, where)
            if isinstance(known, Declination):
                self.declination = known
            turn = known if isinstance(known, Problem) else known.degrees
        if isinstance(turn, Problem):
            if all(problem.code != turn.code for problem in self.problems):
                self.problems.append(turn)  # it is the same for every leg
            return None
        return bearing + turn

    def _declination(self, start: Placed, where: str) -> Declination | Problem:
        """One for the whole traverse: within it, declination changes less than a compass shows."""
        if self.setup.declination_deg:
            text = plain_text(self.setup.declination_deg)
            if not re.fullmatch(r"[-+]?\d{1,3}(?:\.\d{1,6})?", text) or abs(float(text)) > 180:
                params = {"text": self.setup.declination_deg[:40]}
                return Problem("declination_unreadable", "", params)
            return Declination(float(text), "stated")
        found = declination(start.longitude, start.latitude, self.setup.on, where)
        if isinstance(found, Declination) and found.doubtful:
            self.warnings.append(Problem("declination_doubtful", where))
        return found


def _bearing(text: str) -> float | None:
    """Degrees from 0 to 360, decimal or DMS."""
    angle = read_angle(text)
    if angle is None or angle.axis or not 0 <= angle.nanodegrees <= 360 * NANODEGREES:
        return None
    return angle.nanodegrees / NANODEGREES


def _distance(text: str) -> float | None:
    plain = plain_text(text[:40])
    if not _NUMBER.fullmatch(plain) or float(plain) == 0:
        return None
    return float(plain)


def geodesic(start: Placed, end: Placed) -> tuple[float, float]:
    """Azimuth in degrees and length in metres of the geodesic between two points."""
    azimuth, _, length_m = _GEOD.inv(start.longitude, start.latitude, end.longitude, end.latitude)
    return float(azimuth), float(length_m)


def _convergence(crs: str, longitude: float, latitude: float) -> float | None:
    """Azimuth of grid north from true north, degrees, east positive; None without a grid.

    By a step of 100 m along the grid's own northing, which holds for any projection and includes
    its datum.
    """
    known = system(crs)
    if isinstance(known, Problem) or not known.is_projected:
        return None
    x, y = _to_grid(crs).transform(longitude, latitude)
    steps = np.array([(x, y - 50.0), (x, y + 50.0)])
    if not np.isfinite(steps).all():
        return None
    (west, south), (east, north) = to_wgs84(steps, crs)
    return float(_GEOD.inv(west, south, east, north)[0])


@lru_cache(maxsize=16)
def _to_grid(crs: str) -> pyproj.Transformer:
    return pyproj.Transformer.from_crs(4326, system(crs), always_xy=True)


register(
    {
        "traverse_row_without_place": (
            "The row has neither coordinates nor a bearing and distance.",
            "Fill in one of them; the first row of a traverse needs coordinates.",
        ),
        "traverse_leg_unreadable": (
            "The bearing and distance “{leg}” cannot be read.",
            "Give the bearing in degrees from 0 to 360 and the distance in metres above zero.",
        ),
        "traverse_from_unknown": (
            "The leg starts at {point}, which has no position yet.",
            "Put the row of that point, with its coordinates or its own leg, before this one.",
        ),
        "traverse_name_twice": (
            "There are two points called {point}.",
            "Give each point a name of its own; the leg back to the start has the type SP.",
        ),
        "traverse_closed_twice": (
            "The traverse returns to its start point twice.",
            "Record each area as a traverse of its own.",
        ),
        "traverse_goes_on": (
            "A turning point follows after the traverse has returned to its start point.",
            "Move the row before the leg back, or record a second area.",
        ),
        "traverse_grid_unknown": (
            "Bearings from grid north need a grid; {crs} is none.",
            "Name the grid by its EPSG code, for example EPSG:32634.",
        ),
        "declination_unreadable": (
            "“{text}” is no declination.",
            "Give it in degrees, east positive, for example 5.2 or -1.5.",
        ),
        "declination_doubtful": (
            "Near the magnetic pole a compass is unreliable.",
            "Measure the bearings from true or grid north.",
        ),
    }
)
