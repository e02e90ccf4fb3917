"""The local equal-area frame in which every overlay and every area is computed.

Lambert azimuthal equal-area on the WGS 84 ellipsoid (Snyder, *Map Projections: A Working Manual*,
USGS PP 1395, 1987, pp. 182-190, as implemented by PROJ). Areas are true everywhere; lengths and
shapes are true near the centre (at 100 km from it lengths are off by 3e-5). UTM areas would be off
by up to 5.7e-5 within one border region, which is why a national grid is not used.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import pyproj
import shapely
from numpy.typing import NDArray
from shapely.geometry.base import BaseGeometry

from tilth.core.geometry.encoding import NANODEGREES

__all__ = ["Frame"]

_CENTRE_STEP = NANODEGREES // 1000
"""Centres found from data are rounded to 0.001 degree (100 m): a number to read and retype."""

_A_M = 6_378_137.0
_E2 = 0.0066943799901413165  # f (2 - f) with f = 1 / 298.257223563: WGS 84, NGA.STND.0036
_NEAR_M = 0.01


@dataclass(frozen=True, slots=True)
class Frame:
    """Equal-area plane around a fixed centre; x east and y north, in metres.

    The centre is fixed once for an operation and recorded; it never follows the data, else the
    same ground would have different areas on different days.

    Parameters
    ----------
    longitude_nd, latitude_nd
        Centre in integer nanodegrees, WGS 84.

    Raises
    ------
    ValueError
        When the centre is not on Earth.
    """

    longitude_nd: int
    latitude_nd: int

    def __post_init__(self) -> None:
        """Refuse centres that are no place."""
        if abs(self.longitude_nd) > 180 * NANODEGREES or abs(self.latitude_nd) > 90 * NANODEGREES:
            msg = f"frame centre {self.longitude_nd}, {self.latitude_nd} nanodegrees is no place"
            raise ValueError(msg)

    @classmethod
    def centred_on(cls, geometry: BaseGeometry) -> Frame:
        """Frame around the mean vertex of a shape in degrees, rounded to 0.001 degree.

        The mean is taken of unit vectors, so that shapes on the antimeridian and at the poles
        are centred too.

        Raises
        ------
        ValueError
            When the shape has no finite coordinate.
        """
        lonlat = shapely.get_coordinates(geometry)
        lonlat = np.radians(lonlat[np.isfinite(lonlat).all(axis=1)])
        if not len(lonlat):
            msg = "a frame cannot be centred on a shape without coordinates"
            raise ValueError(msg)
        longitude, latitude = lonlat.T
        x = np.mean(np.cos(latitude) * np.cos(longitude))
        y = np.mean(np.cos(latitude) * np.sin(longitude))
        z = np.mean(np.sin(latitude))
        centre = np.degrees((np.arctan2(y, x), np.arctan2(z, np.hypot(x, y))))
        nearest = np.rint(centre * NANODEGREES / _CENTRE_STEP).astype(np.int64) * _CENTRE_STEP
        return cls(int(nearest[0]), int(nearest[1]))

    @property
    def definition(self) -> str:
        """PROJ string of the plane, its centre in exact decimals."""
        return (
            f"+proj=laea +lat_0={_decimal(self.latitude_nd)} +lon_0={_decimal(self.longitude_nd)}"
            " +ellps=WGS84 +units=m"
        )

    def project(self, lonlat: NDArray[np.float64]) -> NDArray[np.float64]:
        """Degrees to metres.

        Parameters
        ----------
        lonlat
            Shape (n, 2), longitude and latitude in WGS 84 degrees.

        Returns
        -------
        ndarray
            Shape (n, 2), metres; infinite where there is no image (the centre's antipode).
        """
        x, y = _transformer(self).transform(lonlat[:, 0], lonlat[:, 1])
        return np.column_stack((x, y))

    def unproject(self, xy: NDArray[np.float64]) -> NDArray[np.float64]:
        """Metres to degrees: the inverse of `project`, both of shape (n, 2).

        Up to 85 degrees of latitude the way there and back is true to 1e-6 m.
        """
        first = self._inverse(xy)
        # PROJ inverts the authalic latitude by a short series, off by up to 0.5 mm, several
        # nanodegrees. One step against the forward direction, which is exact, leaves less
        # than 1e-9 m (a second step changes nothing).
        lonlat = self._inverse(xy + (xy - self.project(first)))
        # Closer to the centre than 0.6 mm PROJ gives the centre itself.
        near = np.hypot(xy[:, 0], xy[:, 1]) < _NEAR_M
        if near.any():
            lonlat[near] = self._around_centre(xy[near])
        return lonlat

    def _around_centre(self, xy: NDArray[np.float64]) -> NDArray[np.float64]:
        """Inverse within a centimetre of the centre, where the plane is the ellipsoid's tangent.

        Radii of curvature along the meridian and across it: Snyder, eqs. 4-18 to 4-20.
        """
        ((longitude, latitude),) = self._inverse(np.zeros((1, 2)))
        sine = np.sin(np.radians(latitude))
        bend = 1 - _E2 * sine * sine
        across = _A_M / np.sqrt(bend)
        along = across * (1 - _E2) / bend
        parallel = across * max(np.cos(np.radians(latitude)), 1e-9)
        steps: NDArray[np.float64] = np.degrees(xy / (parallel, along))
        lonlat = np.add(steps, (longitude, latitude))
        lonlat[:, 0] -= 360 * (lonlat[:, 0] > 180) - 360 * (lonlat[:, 0] < -180)
        return lonlat

    def _inverse(self, xy: NDArray[np.float64]) -> NDArray[np.float64]:
        return np.column_stack(
            _transformer(self).transform(
                xy[:, 0], xy[:, 1], direction=pyproj.enums.TransformDirection.INVERSE
            )
        )

    def project_geometries(self, geometries: NDArray[np.object_]) -> NDArray[np.object_]:
        """Shapes in degrees to shapes in metres; null and empty ones stay, heights are dropped."""
        return np.asarray(shapely.transform(geometries, self.project))

    def unproject_geometries(self, geometries: NDArray[np.object_]) -> NDArray[np.object_]:
        """Shapes in metres to shapes in degrees; null and empty ones stay."""
        return np.asarray(shapely.transform(geometries, self.unproject))


def _decimal(nanodegrees: int) -> str:
    """Degrees as exact decimals, without passing through a float.

    Examples
    --------
    >>> _decimal(-500_000_001)
    '-0.500000001'
    """
    whole, part = divmod(abs(nanodegrees), NANODEGREES)
    return f"{'-' if nanodegrees < 0 else ''}{whole}.{part:09d}"


@lru_cache(maxsize=64)
def _transformer(frame: Frame) -> pyproj.Transformer:
    # A pipeline, not a pair of CRS: PROJ then has no datum shift to choose and no database to
    # ask, so the same centre gives the same metres on every machine.
    return pyproj.Transformer.from_pipeline(
        "+proj=pipeline +step +proj=unitconvert +xy_in=deg +xy_out=rad +step " + frame.definition
    )
