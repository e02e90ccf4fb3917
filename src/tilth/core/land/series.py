"""The land balance over time: every term at the end of each of some days, in one pass over rows."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from tilth.core.days import NEVER
from tilth.core.land.rows import LandRows
from tilth.core.land.rules import OVERLAP, RELEASED, REMAINING

__all__ = ["TERMS", "first_day_of", "points", "series"]

TERMS = (
    "recorded_m2",
    "extensions_m2",
    "overlaps_m2",
    "cancelled_m2",
    "reduced_m2",
    "cleared_m2",
    "remaining_m2",
)
"""Terms of the balance, in the order of its equation."""

_FIXED = 1 << 20
"""Areas are added as multiples of this fraction of 1 m², exactly, and what is below it apart."""
_STEPS = (1, 7, 28, 91, 364)


def first_day_of(rows: LandRows) -> int:
    """First day (ordinal) on which any ground is recorded; 0 without any."""
    return int(rows.segment_since.min()) if len(rows.segment_since) else 0


def points(begin: int, until: int, most: int = 260) -> list[int]:
    """Days from a beginning to ``until``, which is the last; every day, or week, or four weeks.

    Parameters
    ----------
    begin, until
        Ordinals, inclusive.
    most
        So many points at the most, while steps of a year allow it.
    """
    begin = min(begin, until)
    step = next((one for one in _STEPS if (until - begin) // one < most), _STEPS[-1])
    return sorted({begin, *range(until, begin, -step)})


def series(rows: LandRows, days: Sequence[int]) -> dict[str, NDArray[np.float64]]:
    """Every term of the balance at the end of each day.

    Each value is that of `tilth.core.land.balance.balance` on that day but for the order in which
    floats are added: areas are added as integers, so that what is taken out again leaves nothing.

    Parameters
    ----------
    days
        Ordinals, ascending.

    Returns
    -------
    dict
        By `TERMS` and ``unattached_m2``: m², float64[len(days)].
    """
    when = np.asarray(days, np.int64)
    size, names = len(when) + 1, (*TERMS, "unattached_m2")
    sums = np.zeros((2, len(names) * size))
    whole = np.zeros(len(names) * size, np.int64)

    def add(term: NDArray[np.int64], since: NDArray[np.int64], area: NDArray[np.float64]) -> None:
        place = term * size + np.searchsorted(when, since, side="left")
        fixed = np.rint(area * _FIXED).astype(np.int64)
        np.add.at(whole, place, fixed)
        np.add.at(sums[0], place, area - fixed / _FIXED)

    for term, begin, end, area in _spans(rows):
        add(term, begin, area)
        add(term, end, -area)
    exact = np.cumsum(whole.reshape(-1, size), axis=1) / _FIXED
    rest = np.cumsum(sums[0].reshape(-1, size), axis=1)
    return {name: (exact + rest)[number, :-1] for number, name in enumerate(names)}


_Span = tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.int64], NDArray[np.float64]]


def _spans(rows: LandRows) -> list[_Span]:
    """Term, first day, day after the last and area of everything that stands for a while."""
    number = np.diff(rows.segment_offset)
    since = rows.segment_since.astype(np.int64)
    last = np.zeros(len(since), bool)
    last[rows.segment_offset[1:][number > 0] - 1] = True
    until = np.where(last, NEVER, np.append(since[1:], NEVER)) if len(since) else since
    claims = np.array([one.claim for one in rows.releases] or [0], np.int64)
    status = rows.segment_status
    term = np.select(
        [status == REMAINING, status == OVERLAP, status == RELEASED],
        [
            TERMS.index("remaining_m2"),
            TERMS.index("overlaps_m2"),
            TERMS.index("cancelled_m2") + claims[np.maximum(rows.segment_release, 0)],
        ],
        -1,
    ).astype(np.int64)
    area = np.repeat(rows.area_m2, number)
    told = term >= 0
    held = number > 0
    first = since[rows.segment_offset[:-1][held]]
    loose = np.full(len(rows.loose_area_m2), len(TERMS), np.int64)
    return [
        (term[told], since[told], until[told], area[told]),
        (
            rows.extension[held].astype(np.int64),
            first,
            np.full(len(first), NEVER, np.int64),
            rows.area_m2[held],
        ),
        (
            loose,
            rows.loose_since.astype(np.int64),
            rows.loose_until.astype(np.int64),
            rows.loose_area_m2,
        ),
    ]
