"""How much ground can be worked in a day: plausible rates by method, and what is beyond possible.

A rate is in m² per person-day, machine-day, dog-day or team-day. The band is what the field
reports; beyond a few times its top a report needs a reason, beyond the ceiling nothing helps: no
unit of that sort covers so much ground in twenty-four hours. `USUAL` is the table that ships, with
the source of every row; a rule set tunes it under ``[rates]``.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any, NamedTuple

from tilth.core.days import first_day, last_day
from tilth.core.life.settings import settings_of
from tilth.core.problems import Parameter, Problem, Refused, register

__all__ = [
    "USUAL",
    "Processed",
    "Rate",
    "RateSettings",
    "Rates",
    "problem_of",
    "processed",
    "rate_problems",
    "rates_of",
    "slip",
]

UNITS = ("person", "machine", "dog", "team")
OTHER = "other"
"""Row for methods that have none of their own."""

_FACTORS = (10, 100, 1_000, 10_000)
"""A decimal point slipped by one to three places, or hectares taken for square metres."""


@dataclass(frozen=True, slots=True)
class Rate:
    """Ground that one unit works in a day by a method.

    Parameters
    ----------
    unit
        One of `UNITS`.
    least, most
        Band in m² per unit-day that sources report on ordinary ground.
    ceiling
        m² per unit-day that are physically impossible to exceed.
    difficult_most
        Top of the band on difficult ground; 0 where no source tells.
    source
        Where the numbers are from.
    """

    unit: str = "person"
    least: float = 1.0
    most: float = 1.0
    ceiling: float = 1.0
    difficult_most: float = 0.0
    source: str = ""


_HALO = "10-50 m² a deminer-day, by terrain: HALO Trust"
_DENSE = "2-10 in dense vegetation or much metal: common practice"
_PACE = "ceiling: a lane of 1 m at 0.1 m/s for 24 hours without a stop"
_MACHINE = "ceiling: 3 m wide at 2 km/h for 24 hours"
_OPEN = "3,000-15,000 on open ground: common practice"
_BAC = "500-3,000 m² a searcher-day: common practice; ceiling: a lane of 2 m at 1 m/s for 24 hours"
_MANUAL = Rate("person", 10, 50, 8_640, 10, f"{_HALO}; {_DENSE}; {_PACE}")
_SLOW = Rate("person", 2, 20, 8_640, 10, f"common practice; {_PACE}")

USUAL: Mapping[str, Rate] = MappingProxyType(
    {
        "manual": _MANUAL,
        "manual_detector": _MANUAL,
        "manual_dual_sensor": Rate("person", 10, 100, 8_640, 20, f"common practice; {_PACE}"),
        "manual_prodding": _SLOW,
        "manual_raking": _SLOW,
        "manual_excavation": _SLOW,
        "mdd": Rate(
            "dog",
            300,
            1_500,
            86_400,
            0,
            "800-900 m² a day by two dogs with flail and manual: SFOR 2001; 300-1,500 a dog-day: "
            "common practice; ceiling: a lane of 1 m at 1 m/s for 24 hours",
        ),
        "rats": Rate(
            "dog",
            100,
            800,
            43_200,
            0,
            "common practice; ceiling: a lane of 1 m at 0.5 m/s for 24 hours",
        ),
        "mechanical": Rate(
            "machine",
            500,
            15_000,
            144_000,
            3_000,
            f"about 2,500 m² a machine-day: maker's page; {_OPEN}; {_MACHINE}",
        ),
        "flail": Rate(
            "machine",
            500,
            15_000,
            144_000,
            3_000,
            f"0.5 km/h, about 1,000 m² an hour: Journal of ERW 20.2; {_OPEN}; {_MACHINE}",
        ),
        "tiller": Rate(
            "machine",
            500,
            15_000,
            144_000,
            3_000,
            f"0.5 km/h, about 1,000 m² an hour: Journal of ERW 20.2; {_OPEN}; {_MACHINE}",
        ),
        "roller": Rate(
            "machine",
            1_000,
            30_000,
            480_000,
            0,
            "common practice; ceiling: 4 m wide at 5 km/h for 24 hours",
        ),
        "sifter": Rate("machine", 50, 1_500, 36_000, 0, f"common practice; quarter of {_MACHINE}"),
        "armoured_excavator": Rate(
            "machine", 50, 1_500, 36_000, 0, f"common practice; quarter of {_MACHINE}"
        ),
        "vegetation_cutter": Rate(
            "machine", 500, 15_000, 144_000, 3_000, f"common practice; {_MACHINE}"
        ),
        "bac_surface": Rate("person", 500, 3_000, 172_800, 0, _BAC),
        "bac_surface_team": Rate(
            "team",
            4_800,
            6_100,
            1_728_000,
            0,
            "4,800-6,100 m² a team-day: NPA and CMAC, Cambodia 2011; ceiling: ten searchers",
        ),
        "bac_subsurface": Rate(
            "person",
            50,
            300,
            43_200,
            0,
            "50-300 m² a searcher-day: common practice; ceiling: a lane of 1 m at 0.5 m/s for 24 "
            "hours",
        ),
        "magnetometer": Rate(
            "person",
            500,
            10_000,
            345_600,
            0,
            "common practice; ceiling: an array of 4 m at 1 m/s for 24 hours",
        ),
        "uav_survey": Rate(
            "team",
            10_000,
            2_000_000,
            172_800_000,
            0,
            "common practice; ceiling: a strip of 100 m at 20 m/s for 24 hours",
        ),
        "visual": Rate(
            "person",
            500,
            4_000,
            864_000,
            0,
            "about 4,000 m² a person-day of inspection: Ukraine, state emergency service; ceiling: "
            "a strip of 10 m at 1 m/s for 24 hours",
        ),
        "interview": Rate(
            "team",
            1_000,
            5_000_000,
            400_000_000,
            0,
            "common practice; ceiling: a district of 20 km by 20 km",
        ),
        OTHER: Rate(
            "person",
            10,
            4_000,
            864_000,
            0,
            "the widest of the methods on foot",
        ),
    }
)
"""The table that ships. A row ``METHOD_team`` is taken where a report does not say how many people
worked. *Common practice* marks orders of magnitude for which no source was read; ceilings are
computed from the width, the pace and the hours that are told."""


@dataclass(frozen=True, slots=True)
class RateSettings:
    """What goes with every row of the table.

    Parameters
    ----------
    tolerance
        How many times the top of a band still passes.
    people, machines, dogs
        Units a day that are supposed where a report does not say how many worked: generous.
    difficult_terrain, difficult_vegetation
        Codes of difficult ground.
    """

    tolerance: float = 3.0
    people: int = 30
    machines: int = 4
    dogs: int = 8
    difficult_terrain: tuple[str, ...] = ("bush", "forest", "mountain", "wetland", "urban")
    difficult_vegetation: tuple[str, ...] = ("dense",)


@dataclass(frozen=True, slots=True)
class Rates:
    """The table with its settings."""

    methods: Mapping[str, Rate] = field(default_factory=lambda: USUAL)
    settings: RateSettings = RateSettings()

    def of(self, method: str, *, by_team: bool) -> Rate:
        """Row of a method; of a team where people are not counted and such a row is there."""
        if by_team and f"{method}_team" in self.methods:
            return self.methods[f"{method}_team"]
        return self.methods.get(method) or self.methods[OTHER]


register(
    {
        "rate_implausible": (
            "{area} m² by {method} in {days} days with {count} × {unit} is {rate} m² each a day; "
            "up to {most} is plausible.",
            "A correction of the area, the days or who worked would open it; up to {limit} m² "
            "passes. Or override it with a reason, if it is so.",
        ),
        "beyond_possible": (
            "{area} m² by {method} in {days} days with {count} × {unit} is {rate} m² each a day; "
            "more than {ceiling} is not possible.",
            "A correction by its author would open it, of the area or its unit, the days, or who "
            "worked; nothing else does. Look for a slipped decimal point.",
        ),
    }
)


def rates_of(settings: Mapping[str, Any]) -> Rates:
    """Rates from the section ``[rates]`` of a rule set; what it leaves out is usual.

    Rows stand under ``[rates.methods.METHOD]``; a row given replaces the usual one whole.

    Raises
    ------
    Refused
        ``setting_unknown``, ``setting_bad``.
    """
    rows = dict(USUAL)
    given = settings.get("methods", {})
    if not isinstance(given, Mapping):
        params = {"value": repr(given), "setting": "rates.methods", "usual": "a section"}
        raise Refused(Problem("setting_bad", "rates.methods", params))
    for method, row in given.items():
        section = f"rates.methods.{method}"
        rows[method] = rate = settings_of(Rate, row if isinstance(row, Mapping) else {}, section)
        if rate.unit not in UNITS or not rate.least <= rate.most <= rate.ceiling:
            usual = "least <= most <= ceiling, unit one of " + ", ".join(UNITS)
            params = {"value": str(row), "setting": section, "usual": usual}
            raise Refused(Problem("setting_bad", section, params))
    others = {name: one for name, one in settings.items() if name != "methods"}
    return Rates(MappingProxyType(rows), settings_of(RateSettings, others, "rates"))


class Processed(NamedTuple):
    """Ground that a report says was worked, with what the table makes of it.

    ``units`` are unit-days; ``least``, ``most`` and ``ceiling`` m² for all of them together.
    """

    method: str
    area_m2: float
    days: int
    number: int
    unit: str
    least: float
    most: float
    ceiling: float

    @property
    def units(self) -> int:
        """Unit-days."""
        return self.days * self.number


def processed(
    fields: Mapping[str, Any],
    rates: Rates,
    *,
    asset_types: Sequence[str] = (),
    ground_m2: float | None = None,
) -> Iterator[Processed]:
    """Yield what a clearance report says was worked: as a whole, then by line of work.

    Parameters
    ----------
    asset_types
        Types of the assets that the report names, where they are known.
    ground_m2
        Area of its polygon, for a report that declares none.

    Notes
    -----
    The whole may be worked by every method named, one after the other: its limits are the sums of
    theirs. Each day from *happened on* to the last day is taken for a working day.
    """
    lines = fields.get("work", ())
    named = [*fields.get("methods", ()), *(line["method"] for line in lines if "method" in line)]
    methods = tuple(dict.fromkeys(named)) or (OTHER,)
    area = _number(fields.get("processed_area_m2"))
    area = ground_m2 if area is None else area
    if area is not None:
        rows = [_row(fields, rates, method, area, asset_types) for method in methods]
        first = rows[0]
        if len(rows) == 1:
            yield first
        else:
            yield first._replace(
                method=", ".join(methods),
                least=sum(row.least for row in rows),
                most=sum(row.most for row in rows),
                ceiling=sum(row.ceiling for row in rows),
            )
    for line in lines:
        line_area = _number(line.get("processed_area_m2"))
        if line_area is not None and (len(lines) > 1 or line_area != area):
            method = str(line.get("method", OTHER))
            yield _row(fields, rates, method, line_area, asset_types)


def _row(
    fields: Mapping[str, Any], rates: Rates, method: str, area: float, asset_types: Sequence[str]
) -> Processed:
    people = fields.get("personnel") or 0
    rate = rates.of(method, by_team=not people)
    number = 1
    if rate.unit == "person":
        number = people or rates.settings.people
    elif rate.unit == "machine":
        number = sum(one == "machine" for one in asset_types) or rates.settings.machines
    elif rate.unit == "dog":
        number = sum(one in ("dog", "rat") for one in asset_types) or rates.settings.dogs
    difficult = (
        fields.get("terrain") in rates.settings.difficult_terrain
        or fields.get("vegetation") in rates.settings.difficult_vegetation
    )
    most = rate.difficult_most if difficult and rate.difficult_most else rate.most
    days = _days(fields)
    units = days * max(1, number)
    return Processed(
        method,
        area,
        days,
        max(1, number),
        rate.unit,
        rate.least * units,
        most * rates.settings.tolerance * units,
        rate.ceiling * units,
    )


def _days(fields: Mapping[str, Any]) -> int:
    begins = str(fields["happened_on"])
    ends = str(fields.get("period_to") or begins)
    return max(1, last_day(ends) - first_day(begins) + 1)


def _number(value: Any) -> float | None:
    return None if value is None else float(value)


def rate_problems(
    fields: Mapping[str, Any],
    rates: Rates,
    *,
    where: str = "",
    asset_types: Sequence[str] = (),
    ground_m2: float | None = None,
) -> list[Problem]:
    """What of a clearance report is more than plausible, or more than possible.

    Parameters
    ----------
    where
        Record of the report, which is what stands in the way.

    Returns
    -------
    list of Problem
        ``beyond_possible``, which nothing overrides, and ``rate_implausible``.
    """
    rows = processed(fields, rates, asset_types=asset_types, ground_m2=ground_m2)
    return [problem_of(one, where) for one in rows if one.area_m2 > one.most]


def problem_of(one: Processed, where: str) -> Problem:
    """Say what is wrong with ground beyond what is plausible."""
    params: dict[str, Parameter] = {
        "area": _plain(one.area_m2),
        "method": one.method,
        "days": one.days,
        "count": one.number,
        "unit": one.unit,
        "rate": _plain(one.area_m2 / one.units),
        "most": _plain(one.most / one.units),
        "ceiling": _plain(one.ceiling / one.units),
        "limit": _plain(one.most),
    }
    code = "beyond_possible" if one.area_m2 > one.ceiling else "rate_implausible"
    return Problem(code, where, params)


def _plain(value: float) -> str:
    return f"{value:,.0f}" if value >= 100 else f"{value:,.1f}"


def slip(one: Processed, ground_m2: float | None = None) -> int:
    """Factor by which a declared area seems to have slipped: 10 to 10,000, or 0.

    Where the polygon is known, it has to confirm the factor within a twentieth; else an area
    beyond what is plausible slipped if divided by the factor it lies in the band.

    Examples
    --------
    >>> one = Processed("manual", 4000.0, 1, 10, "person", 100.0, 1500.0, 86400.0)
    >>> slip(one), slip(one, 400.3), slip(one, 3998.0)
    (10, 10, 0)
    """
    for factor in _FACTORS:
        value = one.area_m2 / factor
        if ground_m2 is not None:
            if abs(value - ground_m2) <= 0.05 * ground_m2:
                return factor
        elif one.area_m2 > one.most and one.least <= value <= one.most:
            return factor
    return 0
