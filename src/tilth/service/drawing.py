"""Shapes as a person gives them: a file, GeoJSON, WKT, positions, or the table of a traverse."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import msgspec
import shapely
from shapely.geometry.base import BaseGeometry

from tilth.core.geometry.coordinates import Position, read_position
from tilth.core.geometry.encoding import shape_of
from tilth.core.geometry.frame import Frame
from tilth.core.geometry.legs import Setup
from tilth.core.geometry.systems import WGS84, geometries_to_wgs84
from tilth.core.geometry.traverse import measured, read_rows, traverse_findings
from tilth.core.problems import Parameter, Problem, Refused, register
from tilth.exchange.features import read_features
from tilth.exchange.guard import Limits
from tilth.exchange.placing import Reference, place_shapes, reference
from tilth.text.messages import finding_text

__all__ = [
    "Drawn",
    "drawn_data",
    "drawn_file",
    "drawn_geometry",
    "drawn_text",
    "drawn_traverse",
    "drawn_value",
]

_ENDS_TWICE_DEG = 1e-7
"""A last position this near the first one, 11 mm or less, is the first one said again."""

register(
    {
        "shape_mended": (
            "The area was invalid ({reason}) and was mended: {before_m2} m² became {after_m2} m².",
            "Look at it with tilth show, and correct it if it is not what was meant.",
        ),
        "shape_mixed": (
            "The shapes are of different types: {types}.",
            "Give points, lines or areas, not several of them in one field.",
        ),
        "shape_unreadable": (
            "It is not the geometry of a shape.",
            "Give a GeoJSON geometry with a type and its coordinates, [longitude, latitude].",
        ),
        "shape_missing": (
            "There is no shape in it.",
            "Give a GeoJSON geometry, feature or collection with at least one shape.",
        ),
        "north_not_said": (
            "Nobody said which north the bearings of the traverse refer to.",
            "Give --north true, --north magnetic or --north grid.",
        ),
        "traverse_unlikely": (
            "The traverse is unlikely: {what}",
            "Check its legs for a misread bearing or distance; it goes in as measured.",
        ),
    }
)


@dataclass(frozen=True, slots=True)
class Drawn:
    """A shape ready to be said.

    Parameters
    ----------
    value
        Canonical shape.
    warnings
        What is unlikely about it, or was mended.
    centre
        Frame centred on it when it is an area; None otherwise.
    """

    value: dict[str, Any]
    warnings: tuple[Problem, ...] = ()
    centre: Frame | None = None


def drawn_file(path: Path, *, where: str = "") -> Drawn:
    """Shape of a GeoJSON file: a geometry, a feature or all shapes of a collection together.

    Raises
    ------
    Refused
        What the reader refuses, ``shape_missing``, ``shape_mixed``.
    """
    return drawn_data(path.read_bytes(), path.name, where=where)


def drawn_data(data: bytes, name: str, *, where: str = "") -> Drawn:
    """Shape of the bytes of a GeoJSON file, by the name they came under; see `drawn_file`."""
    if (alone := _alone(data)) is not None:
        data = alone
    table = read_features(data, Limits(), name)
    shapes = []
    for row in table.rows():
        if row.problem is not None:
            raise Refused(row.problem)
        if row.geometry is not None and not row.geometry.is_empty:
            shapes.append(row.geometry)
    return _placed(_together(shapes, where), {}, reference(table.stated.crs, name), where)


def drawn_geometry(geometry: Mapping[str, Any], *, where: str = "") -> Drawn:
    """Shape of a GeoJSON geometry or feature in degrees, longitude first.

    Raises
    ------
    Refused
        ``shape_missing``, ``shape_unreadable`` and what cannot be placed on Earth.
    """
    inner = geometry.get("geometry") if geometry.get("type") == "Feature" else geometry
    text = msgspec.json.encode(inner, enc_hook=lambda one: msgspec.Raw(str(one).encode()))
    shape = shapely.from_geojson(text, on_invalid="ignore")
    if shape is None:
        raise Refused(Problem("shape_unreadable", where))
    return _placed(_together([shape], where), {}, reference("", where), where)


def drawn_value(value: Mapping[str, Any]) -> Drawn:
    """Shape that was read before, in canonical form, with how it was entered.

    Raises
    ------
    Refused
        ``shape_malformed``.
    """
    shape = shape_of(value)
    areal = value["type"] in {"Polygon", "MultiPolygon"}
    return Drawn(dict(value), (), _frame_on(shape) if areal else None)


def drawn_text(text: str, allowed: Sequence[str], *, crs: str = "", where: str = "") -> Drawn:
    """Shape of a typed text: WKT in degrees, or positions in any notation with ``;`` between.

    One position is a point; three or more are an area where the field takes one, else a line.

    Parameters
    ----------
    allowed
        Types that the field takes.
    crs
        System of the numbers, ``EPSG:n``; degrees, UTM and MGRS without.

    Raises
    ------
    Refused
        ``coordinate_unreadable`` and others of a position, ``traverse_too_short``.
    """
    shape = shapely.from_wkt(text, on_invalid="ignore")
    if shape is not None:
        return _placed(_together([shape], where), {}, reference(crs, where), where)
    positions: list[Position] = []
    problems: list[Problem] = []
    pieces = [piece for one in text.split(";") if (piece := one.strip())]
    for piece in pieces:
        read = read_position(piece, crs=crs or WGS84, where=where)
        problems += [read] if isinstance(read, Problem) else []
        positions += [read] if isinstance(read, Position) else []
    if problems or not positions:
        raise Refused(*(problems or [Problem("shape_missing", where)]))
    warnings = tuple(warning for one in positions for warning in one.warnings)
    found = _placed(
        _through([one.point for one in positions], allowed),
        _entered(pieces, positions),
        reference("", where),
        where,
    )
    return Drawn(found.value, (*warnings, *found.warnings), found.centre)


def drawn_traverse(
    table: Sequence[Mapping[str, str]], setup: Setup | None, *, where: str = ""
) -> Drawn:
    """Area of a traverse: turning points by bearing and distance, as measured.

    Raises
    ------
    Refused
        ``north_not_said``, and a problem for every row that cannot be read or computed.
    """
    if setup is None:
        raise Refused(Problem("north_not_said", where))
    walked = measured(read_rows(table, setup), setup)
    found = _placed(walked.polygon, dict(walked.entered), reference("", where), where)
    unlikely = [
        Problem("traverse_unlikely", where, {"what": finding_text(one)["what"]})
        for one in traverse_findings("", walked)
    ]
    return Drawn(found.value, (*walked.warnings, *unlikely, *found.warnings), found.centre)


def _alone(data: bytes) -> bytes | None:
    """Feature collection around a geometry or feature that stands alone; None for any other."""
    try:
        whole = msgspec.json.decode(data, type=dict[str, msgspec.Raw])
        kind = msgspec.json.decode(whole["type"], type=str)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError, KeyError):
        return None
    if kind == "FeatureCollection":
        return None
    feature = data if kind == "Feature" else b'{"type":"Feature","geometry":%s}' % data
    return b'{"type":"FeatureCollection","features":[%s]}' % feature


def _together(shapes: Sequence[BaseGeometry], where: str) -> BaseGeometry:
    """One shape of all of them; areas that overlap become one area when they are mended."""
    parts: list[Any] = [
        part for one in shapes for part in shapely.get_parts(one) if not part.is_empty
    ]
    types = sorted({part.geom_type for part in parts})
    if not parts:
        raise Refused(Problem("shape_missing", where))
    if len(types) > 1:
        raise Refused(Problem("shape_mixed", where, {"types": ", ".join(types)}))
    if len(parts) == 1:
        only: BaseGeometry = parts[0]
        return only
    if types == ["Point"]:
        return shapely.MultiPoint(parts)
    if types == ["Polygon"]:
        return shapely.MultiPolygon(parts)
    return shapely.MultiLineString(parts)


def _through(points: Sequence[shapely.Point], allowed: Sequence[str]) -> BaseGeometry:
    if len(points) == 1:
        return points[0]
    if "Polygon" in allowed and len(points) >= 3:
        ring = list(points)
        if len(ring) > 3 and shapely.distance(ring[0], ring[-1]) <= _ENDS_TWICE_DEG:
            ring.pop()
        return shapely.Polygon(ring)
    if "LineString" in allowed:
        return shapely.LineString(points)
    return shapely.MultiPoint(points)


def _entered(pieces: Sequence[str], positions: Sequence[Position]) -> dict[str, Any]:
    """What was typed, where it was not degrees in the form they are kept in."""
    told = [dict(one.entered) for one in positions]
    if not any(told):
        return {}
    if len(told) == 1:
        return told[0]
    return {"format": "positions", "positions": list(pieces)}


def _placed(
    shape: BaseGeometry, entered: Mapping[str, Any], here_in: Reference, where: str
) -> Drawn:
    """Canonical shape in WGS 84, mended where it has to be."""
    degrees = shape
    if not here_in.is_wgs84:
        degrees = geometries_to_wgs84(shapely.force_2d([shape]), here_in.definition)[0]
    frame = _frame_on(degrees)
    placed = place_shapes([shape], [dict(entered) or None], here_in, frame, [where])[0]
    if placed.problem is not None or placed.value is None:
        raise Refused(placed.problem or Problem("shape_missing", where))
    warnings = []
    if placed.repair:
        params: dict[str, Parameter] = dict(placed.repair)
        warnings.append(Problem("shape_mended", where, params))
    if placed.height:
        warnings.append(Problem("height_dropped", where))
    areal = placed.value["type"] in {"Polygon", "MultiPolygon"}
    return Drawn(
        placed.value, tuple(warnings), _frame_on(shape_of(placed.value)) if areal else None
    )


def _frame_on(shape: BaseGeometry) -> Frame:
    """Frame centred on a shape in degrees; any frame where it lies nowhere on Earth."""
    west, south, east, north = shape.bounds
    on_earth = -180 <= west <= east <= 180 and -90 <= south <= north <= 90
    return Frame.centred_on(shape) if on_earth else Frame(0, 0)
