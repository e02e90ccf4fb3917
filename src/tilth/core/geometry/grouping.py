"""Which places of a long array belong to the same owner, without searching it once an owner."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

__all__ = ["by_owner"]


def by_owner(owners: NDArray[np.int64]) -> Iterator[tuple[int, NDArray[np.int64]]]:
    """Yield each owner, ascending, with the places it owns, ascending.

    Examples
    --------
    >>> [(owner, places.tolist()) for owner, places in by_owner(np.array([7, 2, 7]))]
    [(2, [1]), (7, [0, 2])]
    """
    order = np.argsort(owners, kind="stable")
    names, starts = np.unique(owners[order], return_index=True)
    yield from zip(names.tolist(), np.split(order, starts[1:]), strict=False)
