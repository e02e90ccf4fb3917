"""Coordinate systems: any EPSG system to WGS 84, and signs that a system was named wrongly.

Pairs are always easting (or longitude) first and northing (or latitude) second, whatever order
the definition of the system names its axes in: EPSG:4326 and EPSG:3116 put north first,
EPSG:28992 east, and files follow neither.
"""

from __future__ import annotations

import re
from functools import lru_cache

import numpy as np
import pyproj
import shapely
from numpy.typing import NDArray

from tilth.core.problems import Parameter, Problem, Refused, register

__all__ = [
    "WGS84",
    "Bounds",
    "degrees_labelled_metres",
    "exchanged",
    "exchanged_problem",
    "geometries_to_wgs84",
    "inside",
    "is_wgs84",
    "label",
    "shifted",
    "system",
    "to_wgs84",
    "unknown_shift",
]

WGS84 = "EPSG:4326"

Bounds = tuple[float, float, float, float]
"""West, south, east, north in degrees; west is greater than east across the antimeridian."""

_KEY = re.compile(r"(?:(EPSG|ESRI|OGC)\s*:\s*)?(\d{4,6}|CRS84)", re.IGNORECASE)
_WKT = re.compile(r"\s*(?:BOUND|COMPOUND)?(?:GEOG|PROJ|GEODETIC|PROJECTED|GEOGRAPHIC)?(?:CRS|CS)\[")
Shifted = tuple[int, int, dict[str, str], tuple[Problem, ...]]

_LIKELY = 0.5
"""Share of positions that must lie inside the bounds before a set counts as inside them."""


def system(crs: str, where: str = "") -> pyproj.CRS | Problem:
    """Find a coordinate system by ``EPSG:n``, ``n``, ``ESRI:n``, ``OGC:CRS84`` or WKT.

    Nothing else is handed to PROJ, which would also open files by name. Only systems with two
    axes in a plane or in degrees are taken.
    """
    key = _KEY.fullmatch(crs.strip())
    named = key is not None or _WKT.match(crs) is not None
    found = _found_system(f"{key[1] or 'EPSG'}:{key[2]}".upper() if key else crs) if named else None
    if found is None:
        return Problem("crs_unknown", where, {"crs": crs[:80]})
    if not (found.is_projected or found.is_geographic) or len(found.axis_info) > 3:
        return Problem("crs_unsupported", where, {"crs": crs[:80], "name": found.name})
    return found


def to_wgs84(xy: NDArray[np.float64], crs: str) -> NDArray[np.float64]:
    """Longitudes and latitudes of easting-northing (or longitude-latitude) pairs of a system.

    Parameters
    ----------
    xy
        Shape (n, 2), in the units of the system.

    Returns
    -------
    ndarray
        Shape (n, 2), WGS 84 degrees; infinite where the system has no such place.

    Raises
    ------
    Refused
        With `crs_unknown` or `crs_unsupported`.
    """
    known = system(crs)
    if isinstance(known, Problem):
        raise Refused(known)
    if is_wgs84(known):
        return np.asarray(xy, dtype=np.float64)
    return np.column_stack(_shift(known).transform(xy[:, 0], xy[:, 1]))


def geometries_to_wgs84(geometries: NDArray[np.object_], crs: str) -> NDArray[np.object_]:
    """Shapes of a file in its system to shapes in WGS 84 degrees; raises as `to_wgs84`."""
    return np.asarray(shapely.transform(geometries, lambda xy: to_wgs84(xy, crs)))


def is_wgs84(known: pyproj.CRS) -> bool:
    """Whether a system is WGS 84 in degrees, in either order of axes."""
    return bool(known.equals(_wgs84(), ignore_axis_order=True))


def label(crs: str, known: pyproj.CRS) -> str:
    """Short name of a system for what is stored: its EPSG key, else its own name."""
    if _KEY.fullmatch(crs.strip()):
        return ":".join(known.to_authority() or (crs.strip().upper(),))
    code = known.to_epsg()
    return f"EPSG:{code}" if code else known.name[:80]


def shifted(
    xy: tuple[float, float], crs: str, known: pyproj.CRS, entered: dict[str, str]
) -> Shifted | None:
    """WGS 84 nanodegrees of one pair, what was entered, and how sure the datum shift is.

    Parameters
    ----------
    xy
        Easting and northing, or longitude and latitude, in the units of `known`.
    crs
        The system as the person named it.
    known
        What `system` found for it.
    entered
        What was typed; the system, and the accuracy of the shift in metres, are added.

    Returns
    -------
    tuple or None
        Longitude, latitude, entered, warnings; None where the system has no such place.
    """
    shift = _shift(known)
    longitude, latitude = shift.transform(*xy)
    if not np.isfinite((longitude, latitude)).all():
        return None
    key = label(crs, known)
    entered = {"crs": key, **entered}
    warnings: tuple[Problem, ...] = ()
    if not _on_wgs84(known):
        accuracy_m = _accuracy_m(shift)
        if accuracy_m is None:
            warnings = (Problem("crs_shift_unknown", "", {"crs": key}),)
        else:
            entered["shift_accuracy_m"] = f"{accuracy_m:g}"
    return round(longitude * 1e9), round(latitude * 1e9), entered, warnings


def unknown_shift(xy: NDArray[np.float64], crs: str, where: str = "") -> Problem | None:
    """Whether the datum of a system cannot be shifted to WGS 84 where these positions lie.

    Asked once for a file, at its median position; see `crs_shift_unknown`.
    """
    known = system(crs)
    xy = xy[np.isfinite(xy).all(axis=1)]
    if isinstance(known, Problem) or _on_wgs84(known) or not len(xy):
        return None
    shift = _shift(known)
    shift.transform(*np.median(xy, axis=0))
    if _accuracy_m(shift) is not None:
        return None
    return Problem("crs_shift_unknown", where, {"crs": label(crs, known)})


def exchanged(
    lonlat: NDArray[np.float64], bounds: Bounds | None = None, where: str = ""
) -> Problem | None:
    """Whether longitudes and latitudes look exchanged, with the evidence.

    They do when fewer than half of the positions lie inside the bounds (without bounds: on
    Earth) as they stand, and more than half when exchanged.

    Parameters
    ----------
    lonlat
        Shape (n, 2), degrees as read.
    """
    lonlat = lonlat[np.isfinite(lonlat).all(axis=1)]
    if not len(lonlat):
        return None
    as_read, other = inside(lonlat, bounds), inside(lonlat[:, ::-1], bounds)
    if as_read.mean() < _LIKELY < other.mean():
        evidence = "the bounds of the operation or place" if bounds else "the range of latitudes"
        return exchanged_problem(where, int(other.sum()), len(lonlat), evidence)
    return None


def degrees_labelled_metres(xy: NDArray[np.float64], crs: str, where: str = "") -> Problem | None:
    """Whether numbers and system contradict: degrees in a metric system, metres in degrees.

    Degrees are told by every number being within 180 (a grid whose origin lies within 180 m of
    all the data does not occur in the field); metres by most being beyond 360.
    """
    known = system(crs)
    xy = xy[np.isfinite(xy).all(axis=1)]
    if isinstance(known, Problem) or not len(xy):
        return None
    params: dict[str, Parameter] = {
        "crs": crs[:80],
        "x": float(xy[0, 0]),
        "y": float(xy[0, 1]),
        "count": len(xy),
    }
    small = (np.abs(xy) <= (180, 180)).all(axis=1)
    if known.is_projected and small.all() and (xy != 0).any():
        return Problem("degrees_labelled_metres", where, params)
    if not known.is_projected and (np.abs(xy) > 360).any(axis=1).mean() > _LIKELY:
        return Problem("metres_labelled_degrees", where, params)
    return None


def inside(lonlat: NDArray[np.float64], bounds: Bounds | None) -> NDArray[np.bool_]:
    """Which of the positions, shape (n, 2) in degrees, lie in the bounds; None is the Earth."""
    west, south, east, north = bounds or (-180.0, -90.0, 180.0, 90.0)
    longitude, latitude = lonlat[:, 0], lonlat[:, 1]
    within = (west <= longitude) & (longitude <= east)
    if west > east:
        within = (west <= longitude) | (longitude <= east)
    return np.asarray(within & (south <= latitude) & (latitude <= north))


def exchanged_problem(where: str, count: int, total: int, evidence: str) -> Problem:
    """Return the problem that `count` of `total` positions fit only with coordinates exchanged."""
    params: dict[str, Parameter] = {"count": count, "total": total, "evidence": evidence}
    return Problem("latitude_longitude_exchanged", where, params)


@lru_cache(maxsize=64)
def _found_system(key: str) -> pyproj.CRS | None:
    try:
        return pyproj.CRS.from_user_input(key)
    except pyproj.exceptions.CRSError:
        return None


def _on_wgs84(known: pyproj.CRS) -> bool:
    return bool(known.geodetic_crs and known.geodetic_crs.equals(_wgs84(), ignore_axis_order=True))


def _accuracy_m(shift: pyproj.Transformer) -> float | None:
    """Accuracy of the operation last used; PROJ chooses it by place. None when it ignored datums.

    PROJ calls such operations "ballpark".
    """
    used = shift.get_last_used_operation()
    accuracy = used.accuracy
    if accuracy is None or accuracy < 0 or "allpark" in used.description:
        return None
    return float(accuracy)


@lru_cache(maxsize=1)
def _wgs84() -> pyproj.CRS:
    return pyproj.CRS.from_epsg(4326)


@lru_cache(maxsize=64)
def _shift(crs: pyproj.CRS) -> pyproj.Transformer:
    return pyproj.Transformer.from_crs(crs, _wgs84(), always_xy=True)


register(
    {
        "latitude_longitude_exchanged": (
            "The two coordinates look exchanged: {count} of {total} fit only the other way "
            "round, by {evidence}.",
            "Exchange the two columns in the mapping, or confirm that they are right.",
        ),
        "degrees_labelled_metres": (
            "The numbers ({x}, {y}) are degrees, but {crs} counts in metres ({count} positions).",
            "Say --crs EPSG:4326, or which system in degrees they are in.",
        ),
        "metres_labelled_degrees": (
            "The numbers ({x}, {y}) are metres, but {crs} counts in degrees ({count} positions).",
            "Find out the grid they are in and name it with --crs EPSG:n.",
        ),
        "crs_unknown": (
            "The coordinate system “{crs}” is not known.",
            "Name it by its EPSG code, for example EPSG:4326.",
        ),
        "crs_unsupported": (
            "The coordinate system {crs} ({name}) is not one of positions on the ground.",
            "Name the horizontal system by its EPSG code.",
        ),
        "crs_shift_unknown": (
            "The shift from {crs} to WGS 84 is not known; positions may be off by 100 m or more.",
            "Compare one position with a map, or convert the data with the national survey's "
            "parameters before importing.",
        ),
    }
)
