"""Indicators over time, month by month: capacity, accidents, people reached.

Each is a plain count of records in force; ground blocked comes from the land account.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from tilth.core.chains import Said
from tilth.core.days import iso, last_day
from tilth.core.life.beneficiaries import BANDS, Band, counted
from tilth.core.life.register import Held

__all__ = ["Capacity", "accidents_in", "capacity_by_month", "month_ends", "reached_in"]


def month_ends(first: str, last: str) -> Iterator[str]:
    """Last day of every month from that of ``first`` to that of ``last``, the last one cut there.

    Examples
    --------
    >>> list(month_ends("2026-01-20", "2026-03-04"))
    ['2026-01-31', '2026-02-28', '2026-03-04']
    """
    year, month = int(first[:4]), int(first[5:7])
    while (name := f"{year:04d}-{month:02d}") <= last[:7]:
        yield min(iso(last_day(name)), last)
        year, month = (year + 1, 1) if month == 12 else (year, month + 1)


@dataclass(slots=True)
class Capacity:
    """What worked in a month: team-days are reports, person-days the people on them."""

    teams: set[str] = field(default_factory=set)
    reports: int = 0
    person_days: int = 0
    hours: Decimal = Decimal(0)
    stopped_hours: Decimal = Decimal(0)


def capacity_by_month(reports: Iterable[Said]) -> dict[str, Capacity]:
    """Teams, reports, people and hours of clearance reports by month (``YYYY-MM``).

    A report of a year or on several months counts in the month in which it began.
    """
    found: dict[str, Capacity] = {}
    for said in reports:
        fields = said.fields or {}
        month = said.happened_on[:7]
        if len(month) < len("2026-03"):
            continue
        one = found.setdefault(month, Capacity())
        team = str(fields.get("team", ""))
        if team:
            one.teams.add(f"{fields.get('organisation', said.organisation)}|{team}")
        one.reports += 1
        one.person_days += int(fields.get("personnel", 0))
        one.hours += Decimal(str(fields.get("hours", "0")))
        one.stopped_hours += sum(
            (Decimal(str(line.get("hours", "0"))) for line in fields.get("stoppages", ())),
            Decimal(0),
        )
    return found


def accidents_in(accidents: Iterable[Held], month: str) -> dict[str, int]:
    """Accidents of a month, and people killed and injured in them."""
    happened = [one.now() for one in accidents if one.happened_on[:7] == month]
    return {
        "accidents": len(happened),
        "demining_accidents": sum(one.get("accident_type") == "demining" for one in happened),
        "killed": sum(int(one.get("killed", 0)) for one in happened),
        "injured": sum(int(one.get("injured", 0)) for one in happened),
    }


def reached_in(
    records: Iterable[Held], month: str, bands: Sequence[Band] = BANDS
) -> Mapping[str, Any]:
    """People whom the records of a month say were reached or served, each once, by sex and age.

    Returns
    -------
    dict
        ``people`` in all and ``by`` cell: ``kind``, ``basis``, ``sex``, ``age``, ``people``.
        Expected people are not in the total.
    """
    table = counted([one for one in records if one.happened_on[:7] == month], bands)
    cells = [{**cell._asdict(), "people": people} for cell, people in table.people.items()]
    return {
        "people": sum(people for cell, people in table.people.items() if cell.basis == "actual"),
        "by": cells,
    }
