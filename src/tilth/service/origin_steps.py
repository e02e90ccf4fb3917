"""What a step from a figure towards its records is made of."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

from tilth.core.statement import split_record_id

__all__ = ["PAGE", "RECORDS", "Ask", "Parts", "Row", "Step", "label_of"]

PAGE = 50
"""Rows of a step on one page."""

RECORDS = frozenset({"hazard", "release", "report"})
"""Cuts whose values are records, which are seen as far as each may be read."""


@dataclass(frozen=True, slots=True)
class Ask:
    """A figure, its cut, and which rows of it.

    Parameters
    ----------
    of
        Cut values to which the figure is narrowed, in the order of the steps.
    by
        Cut by which it is split; empty for the figure's first that is still open.
    sort
        ``value`` (largest first) or ``key``.
    limit
        Rows given; 0 for all.
    """

    figure: str
    level: str = "approved"
    until: str = ""
    known_at: str = ""
    of: Mapping[str, str] = field(default_factory=dict)
    by: str = ""
    sort: str = "value"
    offset: int = 0
    limit: int = PAGE


class Row(NamedTuple):
    """One row of a step: the cut's value, what it is called, m² or pieces, the statement of it."""

    key: str
    label: str
    value: float
    statement: str = ""


class Step(NamedTuple):
    """A narrowing on the way: by which cut, to which value, and the sum that is left."""

    by: str
    key: str
    label: str
    total: float


class Parts(NamedTuple):
    """Rows of a step before they are sorted, paged and kept from who may not read them.

    Parameters
    ----------
    total
        What the account says of what is left here.
    between
        What both sides of a handover tell, and the whole counts once.
    reached
        Receipt that the rows reach, where they are kept apart from the account.
    """

    rows: list[Row]
    total: float
    between: float = 0.0
    reached: int | None = None


def label_of(by: str, key: str) -> str:
    """What a value of a cut is called: of a record its local id.

    Examples
    --------
    >>> label_of("hazard", "0a1b/hazard_area/HA-7"), label_of("month", "2026-03")
    ('HA-7', '2026-03')
    """
    return split_record_id(key)[2] if by in RECORDS and key.count("/") >= 2 else key
