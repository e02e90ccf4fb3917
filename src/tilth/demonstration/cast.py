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
    "MEMBERS",
    "OPERATORS",
    "START",
    "WORKDAYS",
    "Member",
    "iso_day",
    "member_id",
    "place_names",
]

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


def member_id(seed: int, code: str) -> str:
    """Id of an organisation or of the operation, 32 hexadecimal digits from the seed."""
    return hashlib.sha256(f"tilth demonstration {seed} {code}".encode()).hexdigest()[:32]


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
