"""What a single canonical value must look like: text, number, day, time, shape.

Each function answers None for a good value, else the problem's code, its parameters and the place
within the value. Ranges of coordinates are those of WGS 84 in integer nanodegrees; whether a
polygon is valid is a question for `tilth.core.geometry`.
"""

from __future__ import annotations

import calendar
import re
from collections.abc import Mapping
from functools import lru_cache
from typing import Any, NamedTuple

from tilth.core import canonical
from tilth.core.geometry.encoding import NANODEGREES
from tilth.core.problems import Parameter

__all__ = ["Trouble", "bad_day", "bad_decimal", "bad_shape", "bad_text", "bad_time", "shown"]

_DECIMAL = re.compile(r"-?[0-9]{1,30}(\.[0-9]{1,30})?", re.ASCII)
_DAY = re.compile(r"([0-9]{4})(?:-([0-9]{2})(?:-([0-9]{2}))?)?", re.ASCII)
_TIME = re.compile(r"([0-9]{4}-[0-9]{2}-[0-9]{2})T([0-9]{2}):([0-9]{2}):([0-9]{2})Z", re.ASCII)
_FIRST_YEAR = (
    1800  # older than any ordnance that is still cleared; a smaller year is a typing error
)
_SHOWN = 60

_EAST_ND = 180 * NANODEGREES
_NORTH_ND = 90 * NANODEGREES
_LISTS = (list, tuple)
_SHAPE_KEYS = frozenset({"type", "coordinates", "entered", "repair"})


class Trouble(NamedTuple):
    """What is wrong with a value: problem code, parameters, place within the value."""

    code: str
    params: Mapping[str, Parameter]
    inside: str = ""


def shown(value: object) -> str:
    """Return the value as a person may be shown it: one short line."""
    text = value if isinstance(value, str) else repr(value)
    text = " ".join(text.split())
    return text if len(text) <= _SHOWN else text[: _SHOWN - 1] + "…"


def bad_text(value: object, longest: int) -> Trouble | None:
    """Check a text: not empty, without NUL and lone surrogates, of bounded length."""
    if type(value) is not str:
        return Trouble("bad_text", {"value": shown(value)})
    if not value or value.isspace():
        return Trouble("empty_value", {})
    if len(value) > longest:
        return Trouble("too_long", {"length": len(value), "longest": longest})
    if value.isascii() and value.isprintable():
        return None
    if "\x00" in value or any("\ud800" <= letter <= "\udfff" for letter in value):
        return Trouble("bad_text", {"value": shown(value.encode("ascii", "replace").decode())})
    return None


def bad_decimal(value: object) -> Trouble | None:
    """Check the syntax of a decimal: digits as entered, a point, no grouping, no exponent.

    Examples
    --------
    >>> bad_decimal("2170.50") is None, bad_decimal("2,170.50").code
    (True, 'bad_number')
    """
    if type(value) is str and _DECIMAL.fullmatch(value):
        return None
    return Trouble("bad_number", {"value": shown(value)})


@lru_cache(maxsize=65536)
def _real_day(text: str) -> bool:
    match = _DAY.fullmatch(text)
    if match is None:
        return False
    year, month, day = (int(part) if part else 1 for part in match.groups())
    return (
        year >= _FIRST_YEAR and 1 <= month <= 12 and 1 <= day <= calendar.monthrange(year, month)[1]
    )


def bad_day(value: object, today: str, *, future: bool = False) -> Trouble | None:
    """Check a day, month or year: real in the calendar, since 1800, not after ``today``.

    ``today`` is ``YYYY-MM-DD`` in the operation's time zone; a month or year is after today when
    its first day is, which is also the order of the texts.
    """
    if type(value) is not str or not _real_day(value):
        return Trouble("bad_date", {"value": shown(value)})
    if not future and value > today:
        return Trouble("day_after_today", {"value": value, "today": today})
    return None


def bad_time(value: object) -> Trouble | None:
    """Check a time ``YYYY-MM-DDThh:mm:ssZ``; a leap second is not one of ours."""
    match = _TIME.fullmatch(value) if type(value) is str else None
    if match and _real_day(match[1]) and match[2] < "24" and match[3] < "60" and match[4] < "60":
        return None
    return Trouble("bad_time", {"value": shown(value)})


def _bad_position(position: Any, inside: str) -> Trouble | None:
    try:
        longitude, latitude = position
    except (TypeError, ValueError):
        return Trouble("bad_shape", {"value": shown(position)}, inside)
    if type(longitude) is not int or type(latitude) is not int:
        return Trouble("bad_shape", {"value": shown(position)}, inside)
    if -_EAST_ND <= longitude <= _EAST_ND and -_NORTH_ND <= latitude <= _NORTH_ND:
        return None
    return Trouble(
        "coordinate_out_of_range",
        {"longitude": longitude / NANODEGREES, "latitude": latitude / NANODEGREES},
        inside,
    )


def _bad_positions(positions: Any, inside: str, least: int) -> Trouble | None:
    if type(positions) not in _LISTS:
        return Trouble("bad_shape", {"value": shown(positions)}, inside)
    for number, position in enumerate(positions, 1):
        # The quick way through for the good position; the slow function says what is wrong.
        if type(position) in _LISTS and len(position) == 2:
            longitude, latitude = position
            if (
                type(longitude) is int
                and type(latitude) is int
                and -_EAST_ND <= longitude <= _EAST_ND
                and -_NORTH_ND <= latitude <= _NORTH_ND
            ):
                continue
        return _bad_position(position, f"{inside}position {number}")
    if len(positions) < least:
        return Trouble("too_few_positions", {"count": len(positions), "least": least}, inside)
    return None


def _bad_ring(ring: Any, inside: str) -> Trouble | None:
    trouble = _bad_positions(ring, inside, 4)
    if trouble is None and (ring[0][0] != ring[-1][0] or ring[0][1] != ring[-1][1]):
        return Trouble("ring_not_closed", {}, inside)
    return trouble


def _bad_polygon(rings: Any, inside: str) -> Trouble | None:
    if type(rings) not in _LISTS or not rings:
        return Trouble("bad_shape", {"value": shown(rings)}, inside)
    for number, ring in enumerate(rings, 1):
        trouble = _bad_ring(ring, f"{inside}ring {number} ")
        if trouble is not None:
            return trouble
    return None


def _bad_line(line: Any, inside: str) -> Trouble | None:
    return _bad_positions(line, inside, 2)


_PARTS = {"Point": _bad_position, "LineString": _bad_line, "Polygon": _bad_polygon}


def _bad_coordinates(name: str, coordinates: Any) -> Trouble | None:
    if not name.startswith("Multi"):
        return _PARTS[name](coordinates, "")
    if type(coordinates) not in _LISTS or not coordinates:
        return Trouble("bad_shape", {"value": shown(coordinates)})
    part = _PARTS[name.removeprefix("Multi")]
    for number, coordinate in enumerate(coordinates, 1):
        trouble = part(coordinate, f"part {number} ")
        if trouble is not None:
            return trouble
    return None


def bad_shape(value: object, allowed: frozenset[str]) -> Trouble | None:
    """Check the structure of a shape object; ``allowed`` names its types, multi included.

    Coordinates are ``[longitude, latitude]`` in integer nanodegrees, WGS 84; rings are closed and
    hold at least four positions; ``entered`` and ``repair`` hold only what may be signed.
    """
    if type(value) is dict and len(value) == 2 and value.get("type") == "Point":
        # Items have a point each: the good one is seen at once.
        point = value.get("coordinates")
        if "Point" in allowed and type(point) is list and _bad_position(point, "") is None:
            return None
    if not isinstance(value, dict) or not value.keys() <= _SHAPE_KEYS:
        return Trouble("bad_shape", {"value": shown(value)})
    name = value.get("type")
    if type(name) is not str or name not in allowed:
        wanted = ", ".join(sorted(allowed))
        return Trouble("wrong_shape_type", {"value": shown(name), "wanted": wanted})
    if len(value) > 2:
        try:
            canonical.require_canonical(
                {key: value[key] for key in ("entered", "repair") if key in value}
            )
        except ValueError as error:
            return Trouble("bad_shape", {"value": shown(str(error))})
    trouble = _bad_coordinates(name, value.get("coordinates"))
    return None if trouble is None else trouble._replace(inside=trouble.inside.strip())
