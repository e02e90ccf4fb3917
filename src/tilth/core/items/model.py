"""Values of the item account: sources in, contributions between, balances out."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, NamedTuple

__all__ = [
    "CUTS",
    "ENDS",
    "FOUND",
    "RECEIVED",
    "SMALL_ARMS",
    "STATES",
    "UNACCOUNTED",
    "Balance",
    "Contribution",
    "ItemSource",
    "Key",
    "kilograms",
    "micrograms",
]

FOUND, RECEIVED = "found", "received"
UNACCOUNTED = "unaccounted"
ENDS = (
    "destroyed_in_place",
    "moved_and_destroyed",
    "destroyed_place_unknown",
    "stored",
    "handed_over",
    "left_marked",
    UNACCOUNTED,
)
"""Right side of the balance: where an item can be. *Rendered safe* is a step, not an end."""

STATES = (FOUND, RECEIVED, *ENDS)
"""Terms of the balance, in its order; a state is stored as its index here."""

SMALL_ARMS = "saa"
"""Category counted apart, outside *found*."""

CUTS = (
    "organisation",
    "category",
    "model",
    "place",
    "method",
    "origin",
    "month",
    "where",
    "project",
)

_MICROGRAMS = Decimal(1_000_000_000)


@dataclass(frozen=True, slots=True)
class ItemSource:
    """A record that speaks of items, in force at some level.

    Parameters
    ----------
    record
        Full id, author organisation first.
    kind
        ``clearance_report``, ``spot_task``, ``clearance_summary``, or ``released_area`` where it
        lists items.
    statement
        Hash of the statement in force.
    organisation
        Who did the work, as the field says; the balance is kept per organisation.
    happened_on
        Day, month or year in the field.
    place, methods
        As in the record; empty when not given.
    fields
        Canonical content.
    """

    record: str
    kind: str
    statement: str
    organisation: str
    happened_on: str
    place: str
    methods: tuple[str, ...]
    fields: Mapping[str, Any]


class Key(NamedTuple):
    """What items are counted by.

    ``party`` is the other organisation of a handover, and only on `FOUND`'s counterpart
    *received* and on *handed over*; ``method`` joins several methods to one combined key;
    ``month`` is the month of finding as far as it is known (a year stays a year); ``where`` is
    empty until positions have been looked up; ``project`` is a key of `tilth.core.projects` until
    `Rollup.under` has looked it up.
    """

    organisation: str
    category: str
    model: str
    place: str
    method: str
    origin: str
    month: str
    where: str
    party: str
    project: str = ""


class Contribution(NamedTuple):
    """So many pieces and micrograms enter (or, negative, leave) a state on a day (ordinal)."""

    key: Key
    day: int
    state: int
    pieces: int
    micrograms: int


@dataclass(frozen=True, slots=True)
class Balance:
    """Both sides of ``found + received = … + unaccounted``, in pieces or in micrograms.

    Examples
    --------
    >>> Balance(found=5, stored=2, unaccounted=3).closure
    0
    """

    found: int = 0
    received: int = 0
    destroyed_in_place: int = 0
    moved_and_destroyed: int = 0
    destroyed_place_unknown: int = 0
    stored: int = 0
    handed_over: int = 0
    left_marked: int = 0
    unaccounted: int = 0

    @property
    def closure(self) -> int:
        """Difference of the two sides, each summed apart; 0 when the balance closes."""
        ends: int = sum(getattr(self, end) for end in ENDS)
        return self.found + self.received - ends

    @property
    def destroyed(self) -> int:
        """The three ways of destruction together."""
        return self.destroyed_in_place + self.moved_and_destroyed + self.destroyed_place_unknown

    def as_dict(self) -> dict[str, int]:
        """Terms by name, in the order of the balance."""
        return {state: getattr(self, state) for state in STATES}


def micrograms(weight_kg: str) -> int:
    """Weight as entered, in whole micrograms, so that sums are exact in any order.

    What is finer than a microgram is rounded half to even; no scale in the field sees it.

    Examples
    --------
    >>> micrograms("0.1") + micrograms("0.2") == micrograms("0.3")
    True
    """
    return int((Decimal(weight_kg) * _MICROGRAMS).to_integral_value())


def kilograms(weight: int) -> Decimal:
    """Micrograms as kilograms, exactly.

    Examples
    --------
    >>> kilograms(2_500_000_000)
    Decimal('2.5')
    """
    return (Decimal(weight) / _MICROGRAMS).normalize() + Decimal(0)
