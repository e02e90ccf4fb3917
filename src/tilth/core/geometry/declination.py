"""Magnetic declination by place and day, from the World Magnetic Model of that time.

The models hold for five years each (NOAA/NCEI and BGS; WMM2010, WMM2015v2, WMM2020, WMM2025) and
are not stretched beyond: where no model holds, the person gives the declination that was set.
"""

from __future__ import annotations

import calendar
from dataclasses import dataclass
from datetime import date

from pygeomag import GeoMag
from pygeomag.wmm.wmm_2010 import WMM_2010
from pygeomag.wmm.wmm_2015v2 import WMM_2015v2
from pygeomag.wmm.wmm_2020 import WMM_2020
from pygeomag.wmm.wmm_2025 import WMM_2025

from tilth.core.problems import Parameter, Problem, register

__all__ = ["Declination", "decimal_year", "declination"]

_MODELS = {2010: WMM_2010, 2015: WMM_2015v2, 2020: WMM_2020, 2025: WMM_2025}
_FIRST, _LAST = min(_MODELS), max(_MODELS) + 5


@dataclass(frozen=True, slots=True)
class Declination:
    """Angle from true north to magnetic north.

    Parameters
    ----------
    degrees
        East positive.
    model
        Name of the model, or ``stated`` where the person gave the angle.
    doubtful
        The place lies where a compass is unreliable (horizontal field below 6,000 nT, near the
        magnetic poles).
    """

    degrees: float
    model: str
    doubtful: bool = False


def declination(
    longitude: float, latitude: float, on: str, where: str = ""
) -> Declination | Problem:
    """Declination at mean sea level.

    Parameters
    ----------
    longitude, latitude
        WGS 84 degrees.
    on
        Day, month or year, ISO; a month or year counts by its middle.
    where
        For the problem.

    Returns
    -------
    Declination or Problem
        `declination_unknown` where no model holds for the day.

    Examples
    --------
    >>> found = declination(18.5, 44.25, "2025-07-02")
    >>> f"{found.degrees:.2f} {found.model}"
    '5.15 WMM-2025'
    """
    year = decimal_year(on)
    if year is None or not _FIRST <= year <= _LAST:
        params: dict[str, Parameter] = {"on": on[:10], "first": _FIRST, "last": _LAST}
        return Problem("declination_unknown", where, params)
    start = max(epoch for epoch in _MODELS if epoch <= year)
    # Built anew each time (under 1 ms): a model keeps intermediate results and is not for threads.
    model = GeoMag(coefficients_data=_MODELS[start])
    found = model.calculate(glat=latitude, glon=longitude, alt=0, time=year)
    doubtful = bool(found.in_blackout_zone or found.in_caution_zone)
    return Declination(float(found.d), str(model.model), doubtful)


def decimal_year(on: str) -> float | None:
    """Year with decimals of the middle of a day, month or year; None when it is none of them.

    Examples
    --------
    >>> decimal_year("2026"), decimal_year("2026-07-02"), decimal_year("2026-13")
    (2026.5, 2026.5, None)
    """
    parts = on.split("-")
    if not all(part.isdecimal() and part.isascii() for part in parts) or len(parts) > 3:
        return None
    year, month, day = ([int(part) for part in parts] + [0, 0])[:3]
    try:
        first = date(year, month or 1, day or 1)
    except ValueError:
        return None
    days_in_year = 365 + calendar.isleap(year)
    length = 1 if day else calendar.monthrange(year, month)[1] if month else days_in_year
    return year + (first.timetuple().tm_yday - 1 + length / 2) / days_in_year


register(
    {
        "declination_unknown": (
            "No magnetic model at hand holds for {on}; they reach from {first} to {last}.",
            "Give the declination that was set on the compass, or the day of the survey.",
        ),
    }
)
