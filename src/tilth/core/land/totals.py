"""The balance of one level on one day, brought forward cluster by cluster.

The sums are taken in the order in which `balance` takes them over the joined rows, so that every
figure is the same to the last bit, however it came about.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Mapping

import numpy as np
from numpy.typing import NDArray

from tilth.core.land.balance import Balance, balance
from tilth.core.land.rows import LandRows, joined

__all__ = ["Totals"]

_RINGS, _CLOSURE = "rings", "closure"
_TERMS = tuple(balance(joined([]), 0).terms)
_COLUMNS = (*_TERMS, _RINGS, _CLOSURE)

Table = NDArray[np.float64]


class Totals:
    """Terms of every hazard on a day; see `Totals.balance`.

    Parameters
    ----------
    kept
        Rows of each cluster by its id, as `tilth.core.land.keeper.LandKeeper.kept` holds them.
    rows
        The same joined in order of cluster id.
    until
        Ordinal of the day, inclusive.
    """

    def __init__(self, kept: Mapping[str, LandRows], rows: LandRows, until: int) -> None:
        self.until = until
        self._kept = kept
        self._ids = sorted(kept)
        self._counts = [len(kept[name].hazards) for name in self._ids]
        self._table = _table(balance(rows, until))
        self._loose: dict[str, NDArray[np.float64]] = {}
        for name in self._ids:
            self._set_loose(name)

    def bring(self, names: Iterable[str]) -> None:
        """Read some clusters again; those that are no longer kept go."""
        fresh: dict[str, Table | None] = {}
        starts = np.concatenate([[0], np.cumsum(self._counts, dtype=np.int64)])
        for name in sorted(names):
            self._set_loose(name)
            rows = self._kept.get(name)
            table = None if rows is None else _table(balance(rows, self.until))
            at = bisect_left(self._ids, name)
            known = at < len(self._ids) and self._ids[at] == name
            if known and table is not None and table.shape[1] == self._counts[at]:
                self._table[:, starts[at] : starts[at + 1]] = table
            elif known or table is not None:
                fresh[name] = table
        if fresh:
            self._splice(fresh, starts)

    def _splice(self, fresh: Mapping[str, Table | None], starts: NDArray[np.int64]) -> None:
        """Put clusters in, or take them out, where the number of hazards changes."""
        ids: list[str] = []
        counts: list[int] = []
        parts: list[Table] = []
        last = 0
        for name, table in fresh.items():
            at = bisect_left(self._ids, name, last)
            ids += self._ids[last:at]
            counts += self._counts[last:at]
            parts.append(self._table[:, starts[last] : starts[at]])
            if table is not None:
                ids.append(name)
                counts.append(table.shape[1])
                parts.append(table)
            last = at + (at < len(self._ids) and self._ids[at] == name)
        parts.append(self._table[:, starts[last] :])
        self._ids = ids + self._ids[last:]
        self._counts = counts + self._counts[last:]
        self._table = np.ascontiguousarray(np.concatenate(parts, axis=1))

    def _set_loose(self, name: str) -> None:
        rows = self._kept.get(name)
        if rows is not None and len(rows.loose_area_m2):
            chosen = (rows.loose_since <= self.until) & (self.until < rows.loose_until)
            if chosen.any():
                self._loose[name] = rows.loose_area_m2[chosen]
                return
        self._loose.pop(name, None)

    def balance(self) -> Balance:
        """The balance as `tilth.core.land.balance.balance` gives it over all rows."""
        lines = dict(zip(_COLUMNS, self._table, strict=True))
        loose = [self._loose[name] for name in sorted(self._loose)]
        return Balance(
            {name: lines[name] for name in _TERMS},
            lines[_RINGS],
            lines[_CLOSURE],
            float(np.concatenate(loose).sum()) if loose else 0.0,
        )

    def hazard(self, number: int) -> str:
        """Record id of the hazard at a place of the balance's arrays."""
        ends = np.cumsum(self._counts, dtype=np.int64)
        at = int(np.searchsorted(ends, number, side="right"))
        first = int(ends[at]) - self._counts[at]
        return self._kept[self._ids[at]].hazards[number - first].record


def _table(result: Balance) -> Table:
    lines = [*(result.terms[name] for name in _TERMS), result.rings_m2, result.closure_m2]
    return np.array(lines, np.float64)
