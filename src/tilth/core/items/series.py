"""Items found and destroyed over time, in one pass over a rollup."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from tilth.core.items.model import SMALL_ARMS, STATES
from tilth.core.items.rollup import Rollup

__all__ = ["series"]

_DESTROYED = ("destroyed_in_place", "moved_and_destroyed", "destroyed_place_unknown")


def series(rollup: Rollup, days: Sequence[int]) -> dict[str, NDArray[np.int64]]:
    """Pieces found and pieces destroyed by the end of each day, small arms left out.

    Parameters
    ----------
    days
        Ordinals, ascending.

    Returns
    -------
    dict
        ``found`` and ``destroyed``: int64[len(days)].
    """
    when = np.asarray(days, np.int64)
    groups = {"found": ("found",), "destroyed": _DESTROYED}
    sums = {name: np.zeros(len(when) + 1, np.int64) for name in groups}
    category, words = rollup.column("category")
    counts = np.array([word != SMALL_ARMS for word in words] or [True])[category]
    for cells in rollup.blocks():
        if not len(cells.key):
            continue
        counted = counts[cells.key]
        place = np.searchsorted(when, cells.day, side="left")
        for name, states in groups.items():
            wanted = counted & np.isin(cells.state, [STATES.index(one) for one in states])
            np.add.at(sums[name], place[wanted], cells.pieces[wanted])
    return {name: np.cumsum(values)[:-1] for name, values in sums.items()}
