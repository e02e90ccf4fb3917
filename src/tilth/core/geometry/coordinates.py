"""Positions as people give them, kept as entered next to WGS 84 nanodegrees.

Text in decimal degrees, DMS, UTM or MGRS, or a pair of numbers in any EPSG system. Where a
reading is not the only one, it is a problem; where it is unlikely, a warning with the evidence.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

import mgrs.core
import numpy as np
import shapely

from tilth.core.geometry.encoding import NANODEGREES
from tilth.core.geometry.notations import Angle, plain_text, read_angle, read_two_angles
from tilth.core.geometry.systems import (
    WGS84,
    Bounds,
    degrees_labelled_metres,
    exchanged,
    exchanged_problem,
    inside,
    is_wgs84,
    shifted,
    system,
    to_wgs84,
)
from tilth.core.problems import Parameter, Problem, register

__all__ = ["Position", "read_pair", "read_position"]

_UTM = re.compile(
    r"(?P<zone>\d{1,2})\s?(?P<letter>[A-Z])[\s,;]+(?P<east>\d{6}(?:\.\d+)?)\s?M?\s?E?"
    r"[\s,;]+(?P<north>\d{1,8}(?:\.\d+)?)\s?M?\s?N?"
)
_MGRS = re.compile(r"(\d{1,2})\s?([C-HJ-NP-X])\s?([A-HJ-NP-Z]{2})((?:\s?\d+){1,2})")
_ALIKE = str.maketrans("АВЕКМНРСТУХ", "ABEKMHPCTYX")
"""Cyrillic letters that look like the Latin ones of a grid reference."""
_BANDS = "CDEFGHJKLMNPQRSTUVWX"


@dataclass(frozen=True, slots=True)
class Position:
    """A place on Earth and how it was given.

    Parameters
    ----------
    longitude_nd, latitude_nd
        WGS 84, integer nanodegrees.
    entered
        What was typed, for ``entered`` of a shape; empty when it was WGS 84 decimal degrees.
    warnings
        What is unlikely about it; the position stands all the same.
    """

    longitude_nd: int
    latitude_nd: int
    entered: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    warnings: tuple[Problem, ...] = ()

    @property
    def point(self) -> shapely.Point:
        """The position as a shape in WGS 84 degrees."""
        return shapely.Point(self.longitude_nd / NANODEGREES, self.latitude_nd / NANODEGREES)


def read_position(
    text: str, *, crs: str = WGS84, bounds: Bounds | None = None, where: str = ""
) -> Position | Problem:
    """Read a position from one text: degrees in any notation, UTM, MGRS, or two grid numbers.

    Parameters
    ----------
    text
        As typed. Two angles without hemisphere letters are read only when one order alone is
        possible: a number above 90 is a longitude, or only one order falls inside `bounds`.
    crs
        System of the numbers, ``EPSG:n``; UTM and MGRS bring their own (WGS 84).
    bounds
        Where the operation or place lies.
    where
        Row and column for the problem.

    Examples
    --------
    >>> position = read_position("37T 456789 5123456")
    >>> position.latitude_nd // 10**6, position.entered["crs"]
    (46263, 'EPSG:32637')
    """
    plain = plain_text(text).upper().translate(_ALIKE) if len(text) <= 200 else ""
    grid = _MGRS.fullmatch(plain)
    if grid:
        return _read_mgrs(text, grid, bounds, where)
    zone = _UTM.fullmatch(plain)
    if zone:
        return _read_utm(text, zone, bounds, where)
    known = system(crs, where)
    if isinstance(known, Problem):
        return known
    if known.is_projected:
        pair = re.fullmatch(r"([-+]?[\d.]+)\s?M?E?[\s,;]+([-+]?[\d.]+)\s?M?N?", plain)
        if pair:
            return _on_grid(text, (pair[1], pair[2]), crs, bounds, where)
        return Problem("coordinate_unreadable", where, {"text": text[:80]})
    angles = read_two_angles(text)
    if angles is None:
        return Problem("coordinate_unreadable", where, {"text": text[:80]})
    return _in_order(text, angles, crs, bounds, where)


def read_pair(
    x: str, y: str, *, crs: str = WGS84, bounds: Bounds | None = None, where: str = ""
) -> Position | Problem:
    """Read a position from two cells: longitude or easting, then latitude or northing.

    Letters decide over the columns: ``"44.2 N"`` in the first cell is a latitude there, with a
    warning.
    """
    text = f"{x} {y}"
    known = system(crs, where)
    if isinstance(known, Problem):
        return known
    if known.is_projected:
        cells = (plain_text(x[:80]).replace(",", "."), plain_text(y[:80]).replace(",", "."))
        return _on_grid(text, cells, crs, bounds, where)
    first, second = read_angle(x), read_angle(y)
    if first is None or second is None or (first.axis and first.axis == second.axis):
        return Problem("coordinate_unreadable", where, {"text": text[:80]})
    if first.axis == "lat" or second.axis == "lon":
        warning = exchanged_problem(where, 1, 1, "the letters of the two cells")
        return _placed(text, second, first, crs, (bounds, where), (warning,))
    return _placed(text, first, second, crs, (bounds, where))


def _in_order(
    text: str, angles: tuple[Angle, Angle], crs: str, bounds: Bounds | None, where: str
) -> Position | Problem:
    """Decide which of two angles is the latitude; refuse when both could be."""
    first, second = angles
    if first.axis and first.axis == second.axis:
        return Problem("coordinate_unreadable", where, {"text": text[:80]})
    near = (bounds, where)
    if first.axis or second.axis:
        if first.axis == "lat" or second.axis == "lon":
            return _placed(text, second, first, crs, near)
        return _placed(text, first, second, crs, near)
    orders = [(first, second), (second, first)]
    degrees = np.array([(a.nanodegrees / 1e9, b.nanodegrees / 1e9) for a, b in orders])
    possible = np.flatnonzero(inside(degrees, None))
    likely = np.flatnonzero(inside(degrees, bounds)) if bounds else possible
    choice = likely if len(likely) == 1 else possible
    if not len(choice):
        longitude, latitude = degrees[1].tolist()
        return Problem(
            "coordinate_out_of_range", where, {"longitude": longitude, "latitude": latitude}
        )
    if len(choice) == 2 and first.nanodegrees != second.nanodegrees:
        return Problem("coordinate_order_unclear", where, {"text": text[:80]})
    longitude_angle, latitude_angle = orders[int(choice[0])]
    return _placed(text, longitude_angle, latitude_angle, crs, near)


Near = tuple[Bounds | None, str]


def _placed(
    text: str,
    longitude: Angle,
    latitude: Angle,
    crs: str,
    near: Near,
    warnings: tuple[Problem, ...] = (),
) -> Position | Problem:
    """Position of two angles whose axes are settled."""
    bounds, where = near
    x, y = longitude.nanodegrees, latitude.nanodegrees
    if longitude.two_faced:
        # West in Spanish and French, east in German: only the place itself can tell.
        sides = [x, -x] if bounds else []
        fitting = [side for side in sides if inside(np.array([[side / 1e9, y / 1e9]]), bounds)[0]]
        if len(fitting) != 1:
            return Problem("hemisphere_unclear", where, {"text": text[:80]})
        x = fitting[0]
    if abs(x) > 180 * NANODEGREES or abs(y) > 90 * NANODEGREES:
        params: dict[str, Parameter] = {"longitude": x / 1e9, "latitude": y / 1e9}
        return Problem("coordinate_out_of_range", where, params)
    form = "dms" if "dms" in (longitude.form, latitude.form) else "decimal"
    known = system(crs, where)
    if isinstance(known, Problem):
        return known
    if is_wgs84(known):
        # Straight from the digits, without a float in between.
        entered = {} if form == "decimal" else {"format": form, "text": text}
        found = Position(x, y, entered, warnings)
    else:
        moved = shifted((x / 1e9, y / 1e9), crs, known, {"format": form, "text": text})
        if moved is None:
            return Problem("coordinate_unreadable", where, {"text": text[:80]})
        found = Position(moved[0], moved[1], moved[2], warnings + moved[3])
    return _warned(found, bounds, where)


def _on_grid(
    text: str, numbers: tuple[str, str], crs: str, bounds: Bounds | None, where: str
) -> Position | Problem:
    """Position of an easting and a northing."""
    known = system(crs, where)
    if isinstance(known, Problem):
        return known
    if not all(re.fullmatch(r"[-+]?\d{1,12}(?:\.\d{0,12})?", number) for number in numbers):
        return Problem("coordinate_unreadable", where, {"text": text[:80]})
    x, y = float(numbers[0]), float(numbers[1])
    entered = {"format": "decimal", "text": text}
    label = degrees_labelled_metres(np.array([[x, y]]), crs, where)
    if label:
        return label
    moved = shifted((x, y), crs, known, entered)
    if moved is None:
        params: dict[str, Parameter] = {"x": numbers[0], "y": numbers[1], "crs": crs}
        return Problem("coordinate_outside_system", where, params)
    longitude, latitude, entered, warnings = moved
    area = known.area_of_use
    if area and not bounds:
        near = np.array([(longitude / 1e9, latitude / 1e9)])
        if not inside(near, area.bounds)[0]:
            other = to_wgs84(np.array([[y, x]]), crs)
            if np.isfinite(other).all() and inside(other, area.bounds)[0]:
                warnings += (exchanged_problem(where, 1, 1, f"the area of {crs}"),)
            else:
                warnings += (Problem("coordinate_outside_area", where, {"crs": crs}),)
    elif bounds and not inside(np.array([(longitude / 1e9, latitude / 1e9)]), bounds)[0]:
        other = to_wgs84(np.array([[y, x]]), crs)
        if np.isfinite(other).all() and inside(other, bounds)[0]:
            evidence = "the bounds of the operation or place"
            warnings += (exchanged_problem(where, 1, 1, evidence),)
    return Position(longitude, latitude, entered, warnings)


def _warned(position: Position, bounds: Bounds | None, where: str) -> Position:
    """The position, with a warning when only its exchange lies inside the bounds."""
    lonlat = np.array([(position.longitude_nd / 1e9, position.latitude_nd / 1e9)])
    warning = exchanged(lonlat, bounds, where) if bounds else None
    if warning is None:
        return position
    return Position(
        position.longitude_nd,
        position.latitude_nd,
        position.entered,
        (*position.warnings, warning),
    )


def _read_mgrs(
    text: str, grid: re.Match[str], bounds: Bounds | None, where: str
) -> Position | Problem:
    """South-west corner of the square named; its size is kept with what was entered."""
    digits = re.sub(r"\s", "", grid[4])
    halves = grid[4].split()
    if (
        len(digits) % 2
        or len(digits) > 10
        or (len(halves) == 2 and len(halves[0]) * 2 != len(digits))
    ):
        return Problem("coordinate_unreadable", where, {"text": text[:80]})
    try:
        latitude, longitude = mgrs.MGRS().toLatLon(f"{int(grid[1])}{grid[2]}{grid[3]}{digits}")
    except mgrs.core.MGRSError:
        return Problem("coordinate_unreadable", where, {"text": text[:80]})
    size_m = 10 ** (5 - len(digits) // 2)
    entered = {"format": "mgrs", "square_m": str(size_m), "text": text}
    found = Position(round(longitude * 1e9), round(latitude * 1e9), entered)
    return _warned(found, bounds, where)


def _read_utm(
    text: str, zone: re.Match[str], bounds: Bounds | None, where: str
) -> Position | Problem:
    """Zone with latitude band or hemisphere, easting, northing.

    ``N`` is north in both meanings. ``S`` is the southern hemisphere or the band from 32 to 40
    degrees north; it is read only where one of them is possible.
    """
    number, letter = int(zone["zone"]), zone["letter"]
    east, north = float(zone["east"]), float(zone["north"])
    readings = []
    for hemisphere, epsg in (("N", 32600), ("S", 32700)):
        if not 1 <= number <= 60:
            break
        crs = f"EPSG:{epsg + number}"
        ((longitude, latitude),) = to_wgs84(np.array([[east, north]]), crs)
        if not np.isfinite((longitude, latitude)).all() or not -80 <= latitude <= 84:
            continue
        if (latitude < 0) == (hemisphere == "S") and _letter_fits(letter, latitude, hemisphere):
            readings.append((crs, float(longitude), float(latitude)))
    if len(readings) == 2 and bounds:
        readings = [r for r in readings if inside(np.array([r[1:]]), bounds)[0]]
    if len(readings) == 2:
        return Problem("hemisphere_unclear", where, {"text": text[:80]})
    if not readings or not 100_000 <= east <= 900_000:
        return Problem(
            "coordinate_outside_system",
            where,
            {"x": zone["east"], "y": zone["north"], "crs": f"UTM {number}{letter}"},
        )
    crs, longitude, latitude = readings[0]
    entered = {"crs": crs, "format": "utm", "text": text}
    return _warned(Position(round(longitude * 1e9), round(latitude * 1e9), entered), bounds, where)


def _letter_fits(letter: str, latitude: float, hemisphere: str) -> bool:
    if letter == hemisphere:
        return True
    if letter not in _BANDS:
        return False
    south = -80 + 8 * _BANDS.index(letter)
    top = 84 if letter == "X" else south + 8
    # A grid line crosses the edge of a band, so that a kilometre beyond it is still written so.
    return south - 0.01 <= latitude <= top + 0.01


register(
    {
        "coordinate_unreadable": (
            "“{text}” cannot be read as a position.",
            "Write it as decimal degrees, degrees minutes seconds, UTM or MGRS, for example "
            "44.1234 N 18.5678 E.",
        ),
        "coordinate_order_unclear": (
            "“{text}” can be latitude and longitude or longitude and latitude.",
            "Add the letters N, S, E, W, or put the two numbers into columns of their own.",
        ),
        "hemisphere_unclear": (
            "The letter in “{text}” has two meanings.",
            "Write E or W for east and west; in UTM write the latitude band or N for north, "
            "or give the bounds of the operation.",
        ),
        "coordinate_outside_system": (
            "{crs} has no place {x}, {y}.",
            "Check the zone, the order of the two numbers and the coordinate system.",
        ),
        "coordinate_outside_area": (
            "The position lies outside the area that {crs} is meant for.",
            "Check the coordinate system; grids are inaccurate far outside their area.",
        ),
    }
)
