"""Who takes part, where, and when: invented states, organisations and places."""

from __future__ import annotations

import datetime as dt
import hashlib
from dataclasses import dataclass

import numpy as np

from tilth.demonstration.scale import stream

__all__ = [
    "AUTHORITY",
    "END",
    "FRIENDS",
    "MEMBERS",
    "OPERATORS",
    "ORDERED",
    "PROJECTS",
    "START",
    "WORKDAYS",
    "Member",
    "Project",
    "code_of",
    "iso_day",
    "member_id",
    "place_names",
]

ORDERED = dt.date(2024, 10, 14).toordinal()
"""Day of the mandate; formation, training and accreditation follow until the first survey."""
START = dt.date(2025, 1, 6).toordinal()
"""First day of survey."""
END = dt.date(2025, 12, 12).toordinal()
"""Last day in the field; decisions follow for a week."""

_HOLIDAYS = {dt.date(2025, month, day).toordinal() for month, day in ((5, 1), (6, 2), (9, 8))}
WORKDAYS = np.array(
    [
        day
        for day in range(START, END + 1)
        if dt.date.fromordinal(day).weekday() < 6 and day not in _HOLIDAYS
    ]
)
"""Ordinals of the days on which teams work: six a week."""


@dataclass(frozen=True, slots=True)
class Member:
    """An organisation of the operation.

    Parameters
    ----------
    share
        Of the strip that is its sector, from west to east; 0 for the authority.
    """

    code: str
    name: str
    state: str
    roles: tuple[str, ...]
    share: float


AUTHORITY = Member(
    "OMAA", "Oravel Mine Action Authority", "Oravel", ("authority", "mine_action_centre"), 0.0
)
OPERATORS = (
    Member("SEC", "Suldane Engineer Contingent", "Suldane", ("contingent", "army_engineers"), 0.45),
    Member("OCP", "Oravel Civil Protection", "Oravel", ("civil_protection",), 0.25),
    Member("GF", "Green Furrow", "Oravel", ("ngo",), 0.18),
    Member("PA", "Plough Again", "Suldane", ("ngo",), 0.12),
)
MEMBERS = (AUTHORITY, *OPERATORS)
FRIENDS = (
    Member("STR", "Suldane State Treasury", "Suldane", ("donor",), 0.0),
    Member("ORF", "Oravel Recovery Fund", "Oravel", ("donor",), 0.0),
    Member("FEF", "Ferrel Foundation", "Ferrel", ("donor",), 0.0),
    Member("PW", "Plain Watch", "Ferrel", ("observer",), 0.0),
)
"""Organisations of the operation that speak in no log of their own."""


@dataclass(frozen=True, slots=True)
class Project:
    """Money for the work of some operators, by their place in `OPERATORS`."""

    code: str
    name: str
    donor: str
    agreement: str
    operators: tuple[int, ...]
    target_m2: int


PROJECTS = (
    Project("STRIP-W", "Western strip", "STR", "STR 2024/118", (0,), 190_000_000),
    Project("STRIP-C", "Homes and schools", "ORF", "ORF-31", (1,), 105_000_000),
    Project("FIELDS", "Back to the fields", "FEF", "FEF-2024-07", (2, 3), 120_000_000),
)
"""Projects at yardstick scale; smaller scales take their share of the targets."""


def member_id(seed: int, code: str) -> str:
    """Id of an organisation or of the operation, 32 hexadecimal digits from the seed."""
    return hashlib.sha256(f"tilth demonstration {seed} {code}".encode()).hexdigest()[:32]


def code_of(operator: int) -> str:
    """Code of an operator by number, of the authority by -1."""
    return AUTHORITY.code if operator < 0 else OPERATORS[operator].code


def iso_day(day: int) -> str:
    """ISO day of an ordinal."""
    return dt.date.fromordinal(day).isoformat()


_HEADS = ("Bro", "Kel", "Tam", "Ose", "Vil", "Hru", "Mar", "Del", "Ish", "Quo", "Zam", "Lor")
_MIDDLES = ("va", "ni", "tho", "re", "lu", "sa", "mi", "do")
_TAILS = ("nek", "lis", "ora", "wyn", "dal", "met", "ush", "rin", "bek", "tov")


def place_names(seed: int, number: int) -> list[str]:
    """Different invented names."""
    rng = stream(seed, "places")
    chosen = rng.permutation(len(_HEADS) * len(_MIDDLES) * len(_TAILS))
    names = []
    for at in range(number):
        word = int(chosen[at % len(chosen)])
        head, rest = divmod(word, len(_MIDDLES) * len(_TAILS))
        name = _HEADS[head] + _MIDDLES[rest // len(_TAILS)] + _TAILS[rest % len(_TAILS)]
        names.append(name if at < len(chosen) else f"{name} {at // len(chosen) + 1}")
    return names
