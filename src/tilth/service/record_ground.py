"""A record's geometry: the coordinates as entered, and what is derived from them.

Areas are those of the operation's equal-area frame, lengths and bearings geodesics on WGS 84
(Karney 2013, by pyproj), as in every account and document. UTM and MGRS are derived for reading;
they are never read back.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import mgrs.core
import msgspec
import numpy as np
import pyproj
import shapely
from shapely.geometry.base import BaseGeometry

from tilth.core.geometry.encoding import NANODEGREES, shape_of
from tilth.core.geometry.frame import Frame
from tilth.core.life.register import Held
from tilth.core.problems import Refused
from tilth.core.statement import parse_header, split_record_id
from tilth.documents.maps import site_map
from tilth.documents.reader import reader_in
from tilth.service.lens import Lens
from tilth.service.paper_values.ground import layer, plain_shape, turning_points
from tilth.service.register import held
from tilth.service.session import Session

__all__ = [
    "Overlap",
    "around_of",
    "geojson_of",
    "map_of",
    "measured",
    "notations",
    "overlaps_of",
    "told_shape",
]

_GEOD = pyproj.Geod(ellps="WGS84")
_MOST_POINTS = 500
"""Turning points that a page lists; an outline of more is downloaded."""
_NEAR_M = 60.0
_METRES_PER_DEGREE = 111_000.0
_MOST_NEIGHBOURS, _MOST_LABELS = 40, 6
_ROLES = {
    "hazard_area": "hazard",
    "released_area": "released",
    "task": "task",
    "evidence_point": "evidence",
    "accident": "accident",
    "sample_inspection": "sample",
    "qm_visit": "visit",
    "operation": "boundary",
}
_POINTS = {"benchmark": "benchmark", "missed_at": "missed", "found_at": "missed"}
_AREAL = frozenset({"Polygon", "MultiPolygon"})
_OVERLAPPING = ("hazard_area", "released_area", "clearance_report", "task")


def notations(longitude_nd: int, latitude_nd: int) -> dict[str, str]:
    """A position in the notations of the field.

    Parameters
    ----------
    longitude_nd, latitude_nd
        WGS 84, nanodegrees.

    Returns
    -------
    dict
        ``degrees`` (latitude first, seven places), ``dms``, ``utm`` (zone with latitude band,
        easting, northing, metres) and ``mgrs`` (to 1 m); the last two are empty beyond 84° north
        and 80° south.

    Examples
    --------
    >>> notations(18_500_000_000, 44_250_000_000)["utm"]
    '34T 300407 4902680'
    >>> notations(18_500_000_000, 44_250_000_000)["mgrs"]
    '34T CQ 00406 02679'
    """
    longitude, latitude = longitude_nd / NANODEGREES, latitude_nd / NANODEGREES
    told = {
        "degrees": f"{latitude:.7f}, {longitude:.7f}",
        "dms": f"{_dms(latitude, 'NS')} {_dms(longitude, 'EW')}",
        "utm": "",
        "mgrs": "",
    }
    try:
        square = mgrs.MGRS().toMGRS(latitude, longitude, MGRSPrecision=5)
    except mgrs.core.MGRSError:
        return told
    if not square[:2].strip().isdigit():
        return told  # the polar grid
    zone = square[:-12]
    told["mgrs"] = f"{zone} {square[-12:-10]} {square[-10:-5]} {square[-5:]}"
    epsg = (32600 if latitude >= 0 else 32700) + int(zone[:-1])
    transform = pyproj.Transformer.from_crs(4326, epsg, always_xy=True).transform
    east, north = transform(longitude, latitude)
    told["utm"] = f"{zone} {east:.0f} {north:.0f}"
    return told


def _dms(degrees: float, letters: str) -> str:
    whole = round(abs(degrees) * 36_000)  # tenths of a second
    minutes, tenths = divmod(whole, 600)
    number, minute = divmod(minutes, 60)
    return f"{number}°{minute:02d}′{tenths / 10:04.1f}″{letters[degrees < 0]}"


def measured(shape: Mapping[str, Any], frame: Frame | None) -> dict[str, Any]:
    """Measures of a shape: ``type``, ``area_m2`` and ``perimeter_m`` or ``length_m``, ``points``.

    Areas in the operation's frame, or in one centred on the shape while none is fixed; perimeters
    and lengths as sums of geodesics.
    """
    degrees = shape_of(shape)
    told: dict[str, Any] = {
        "type": str(shape["type"]),
        "points": int(shapely.get_num_coordinates(degrees)),
        "parts": int(shapely.get_num_geometries(degrees)),
    }
    if told["type"] in _AREAL:
        plane = frame or Frame.centred_on(degrees)
        metres = plane.project_geometries(np.array([degrees], dtype=object))
        told["area_m2"] = round(float(shapely.area(metres)[0]), 6)
        rings = shapely.get_rings(degrees)
        told["perimeter_m"] = round(sum(map(_length_m, rings)), 2)
        told["points"] -= len(rings)  # the last of a ring is its first
    elif "Line" in told["type"]:
        told["length_m"] = round(sum(map(_length_m, shapely.get_parts(degrees))), 2)
    return told


def _length_m(line: BaseGeometry) -> float:
    lonlat = shapely.get_coordinates(line)
    return float(_GEOD.line_length(lonlat[:, 0], lonlat[:, 1]))


def told_shape(shape: Mapping[str, Any], frame: Frame | None) -> dict[str, Any]:
    """A shape as the page of its record tells it.

    Returns
    -------
    dict
        As `measured`; ``middle`` (a point within, in the notations of the field), ``turns`` (as
        `turning_points`, each with its notations), ``left_out`` (turns beyond 500), ``entered``
        and ``repair`` as recorded, ``wkt``.
    """
    degrees = shape_of(shape)
    inner = degrees.representative_point()
    turns = turning_points(shape) if not shape["type"].endswith("Point") else []
    rows = [
        {**row, **notations(_nano(row["longitude"]), _nano(row["latitude"]))}
        for row in turns[:_MOST_POINTS]
    ]
    return {
        **measured(shape, frame),
        "middle": notations(round(inner.x * NANODEGREES), round(inner.y * NANODEGREES)),
        "turns": rows,
        "left_out": max(0, len(turns) - _MOST_POINTS),
        "entered": shape.get("entered") or {},
        "repair": shape.get("repair") or {},
    }


def _nano(degrees: str) -> int:
    return round(float(degrees) * NANODEGREES)


def geojson_of(shape: Mapping[str, Any]) -> dict[str, Any]:
    """GeoJSON geometry of a shape in degrees, nine places."""
    text = shapely.to_geojson(shape_of(shape))
    return dict(msgspec.json.decode(text))


# -- the map ---------------------------------------------------------------------------------------


def map_of(
    session: Session, lens: Lens, record: str, values: Mapping[str, Any], *, language: str = "en"
) -> str:
    """Small map of a record and what the reader may see around it, as SVG; empty without ground.

    Parameters
    ----------
    values
        Its fields as the reader sees them.
    """
    frame = session.frame()
    _, kind, local = split_record_id(record)
    layers = _layers(kind, local, values)
    if frame is None or not layers:
        return ""
    around = _around(session, lens, record, [one["shape"] for one in layers])
    value = {
        "map": {
            "frame_longitude_nd": frame.longitude_nd,
            "frame_latitude_nd": frame.latitude_nd,
            "layers": [*around, *layers],
        },
        "subject": {"name": local},
        "synthetic": session.workspace.settings.synthetic,
        "moment": session.workspace.now(),
    }
    points = turning_points(values.get("shape")) if _is_areal(values.get("shape")) else []
    drawn = site_map(value, reader_in(language), points=points if len(points) <= 60 else [])
    return drawn.svg if drawn is not None else ""


def _layers(kind: str, local: str, values: Mapping[str, Any]) -> list[dict[str, Any]]:
    found = []
    for name, shape in values.items():
        if not isinstance(shape, Mapping) or "coordinates" not in shape:
            continue
        role = _POINTS.get(name, _ROLES.get(kind, "other"))
        style = str(values.get("classification") or values.get("release_type") or "")
        found.append(layer(role, shape, local if name == "shape" else "", style))
    for row in values.get("work", ()):
        if "shape" in row:
            found.append(layer("other", row["shape"]))
    for row in values.get("items", ()):
        if "position" in row:
            found.append(layer("item", row["position"]))
    return found


def _is_areal(shape: Mapping[str, Any] | None) -> bool:
    return bool(shape) and shape is not None and shape["type"] in _AREAL


def _around(
    session: Session, lens: Lens, record: str, shapes: Sequence[Mapping[str, Any]]
) -> list[dict[str, Any]]:
    """Hazards and released areas beside some shapes that the reader may read, hazards first."""
    found = []
    for one in _near(session, shapes, ("hazard_area", "released_area"), _NEAR_M):
        if one.record == record:
            continue
        fields = lens.fields(one.kind, one.now(), one.author, record=one.record)
        if "shape" in fields:
            role = "neighbour" if one.kind == "hazard_area" else "released"
            style = str(fields.get("classification") or fields.get("release_type") or "")
            found.append(layer(role, fields["shape"], one.local_id, style))
    found = found[:_MOST_NEIGHBOURS]
    if len(found) > _MOST_LABELS:
        found = [{**one, "label": ""} if one["role"] == "released" else one for one in found]
    return found


def around_of(session: Session, lens: Lens, shape: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Areas beside a drawn shape that the reader may read, as GeoJSON features in degrees."""
    features = []
    for one in _around(session, lens, "", [plain_shape(shape)]):
        properties = {"role": one["role"], "style": one["style"], "label": one["label"]}
        geometry = geojson_of(one["shape"])
        features.append({"type": "Feature", "properties": properties, "geometry": geometry})
    return features


def _near(
    session: Session, shapes: Sequence[Mapping[str, Any]], kinds: Iterable[str], reach_m: float
) -> list[Held]:
    """Records in force of some kinds whose box meets that of some shapes, widened."""
    drawn = np.array([shape_of(one) for one in shapes], dtype=object)
    west, south, east, north = shapely.total_bounds(drawn).tolist()
    high = reach_m / _METRES_PER_DEGREE
    wide = high / max(0.01, float(np.cos(np.radians(max(abs(south), abs(north))))))
    store = session.workspace.store
    seqs = store.shapes_in((west - wide, south - high, east + wide, north + high))
    records = {parse_header(entry.header).record for entry in store.entries_at(seqs)}
    wanted = {one for one in records if one and split_record_id(one)[1] in set(kinds)}
    in_force = held(session, wanted)
    return sorted(in_force.values(), key=lambda one: (one.kind, one.record))


# -- before it is said -----------------------------------------------------------------------------


class Overlap(dict[str, Any]):
    """A record that lies under a drawn area: ``record``, ``kind``, ``area_m2``, ``author``."""


def overlaps_of(
    session: Session, lens: Lens, shape: Mapping[str, Any], *, without: str = ""
) -> list[Overlap]:
    """Records that the reader may read whose ground a drawn area shares, the most first.

    Of what may not be read nothing is told here, neither that nor how much: whoever draws could
    otherwise feel for where it lies.

    Parameters
    ----------
    without
        Record left out: the one that is being drawn.
    """
    if shape["type"] not in _AREAL:
        return []
    degrees = shape_of(shape)
    frame = session.frame() or Frame.centred_on(degrees)
    found = []
    for one in _near(session, [plain_shape(shape)], _OVERLAPPING, 0.0):
        fields = lens.fields(one.kind, one.now(), one.author, record=one.record)
        other = fields.get("shape")
        if one.record == without or not _is_areal(other):
            continue
        pair = np.array([degrees, shape_of(other or {})], dtype=object)
        try:
            mine, theirs = shapely.make_valid(frame.project_geometries(pair))
        except Refused:
            continue
        area = float(shapely.area(shapely.intersection(mine, theirs)))
        if area > 0:
            found.append(
                Overlap(
                    record=one.record,
                    kind=one.kind,
                    author=session.organisation_name(one.author),
                    area_m2=round(area, 2),
                )
            )
    return sorted(found, key=lambda one: -float(one["area_m2"]))
