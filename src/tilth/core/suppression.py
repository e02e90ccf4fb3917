"""Which cells of a table of counts to withhold so that no small one can be worked out.

A count of one to four people may name them. Leaving out such a cell is not enough: the total of
its row gives it back. Further cells are withheld until every small one could, for all that is
still told, lie anywhere within an interval that is wide enough.

A two-way table with its totals is a circulation: each row and each column, the totals among them,
adds up to nothing once totals count as negative. What a withheld cell may be at least and at most
is then found exactly, by the greatest flow around it, and is a whole number. No solver of linear
programmes is needed.

References
----------
M. Fischetti and J. J. Salazar, "Models and algorithms for the 2-dimensional cell suppression
problem in statistical disclosure control", Mathematical Programming 84 (1999): the table as a
network. The choice of further cells here is greedy: it withholds enough, not always the fewest.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping, Sequence
from typing import NamedTuple

__all__ = ["SMALLEST_TOLD", "Interval", "Table", "bounds", "table_of", "withheld"]

SMALLEST_TOLD = 5
"""Counts from one to four are not told; nobody stands behind a nought."""

_FREE = 1 << 40
Cell = tuple[int, int]


class Interval(NamedTuple):
    """Least and greatest value that a withheld count may have, for all that is told."""

    least: int
    most: int

    @property
    def width(self) -> int:
        """How far apart they are."""
        return self.most - self.least


class Table(NamedTuple):
    """Counts with their totals: the last row and the last column are sums.

    Parameters
    ----------
    rows, columns
        Names, without those of the totals.
    counts
        One row more than `rows`, each with one count more than `columns`.
    """

    rows: tuple[str, ...]
    columns: tuple[str, ...]
    counts: tuple[tuple[int, ...], ...]


def table_of(counts: Mapping[tuple[str, str], int]) -> Table:
    """Table of counts by row and column, with its totals; names in order.

    Examples
    --------
    >>> table_of({("2025", "killed"): 2, ("2025", "injured"): 7}).counts
    ((7, 2, 9), (7, 2, 9))
    """
    rows = tuple(sorted({row for row, _ in counts}))
    columns = tuple(sorted({column for _, column in counts}))
    inner = [[counts.get((row, column), 0) for column in columns] for row in rows]
    inner.append([sum(row[at] for row in inner) for at in range(len(columns))])
    return Table(rows, columns, tuple((*row, sum(row)) for row in inner))


def withheld(
    counts: Sequence[Sequence[int]],
    *,
    smallest: int = SMALLEST_TOLD,
    width: int = SMALLEST_TOLD,
    keep_total: bool = False,
) -> frozenset[Cell]:
    """Cells (row, column) of a table with totals that are not told.

    Parameters
    ----------
    counts
        As `Table.counts`. A table of one way has one row of counts beside the row of totals.
    smallest
        Counts below it, but noughts, are small.
    width
        Every small count must be left possible over an interval at least this wide.
    keep_total
        The grand total is told unless it is small itself, and is at least ``width``. Tables of
        the same people with no dimension in common share nothing else, and are then as well
        protected together as each alone.

    Notes
    -----
    Totals are withheld like any other cell where they are small or nothing else helps; what cannot
    be protected otherwise is withheld whole.

    Examples
    --------
    >>> sorted(withheld([[2, 7, 9], [8, 6, 14], [10, 13, 23]]))
    [(0, 0), (0, 1), (1, 0), (1, 1)]
    """
    small = [
        (row, column)
        for row, values in enumerate(counts)
        for column, value in enumerate(values)
        if 0 < value < smallest
    ]
    hidden = set(small)
    total = (len(counts) - 1, len(counts[0]) - 1)
    for cell in small:
        while bounds(counts, hidden, cell).width < width:
            more = _next(counts, hidden, cell, total if keep_total else None)
            if more is None:
                break
            hidden.add(more)
    return frozenset(hidden)


def bounds(
    counts: Sequence[Sequence[int]], hidden: set[Cell] | frozenset[Cell], cell: Cell
) -> Interval:
    """Least and greatest value of a withheld cell, from all cells that are told.

    Examples
    --------
    >>> bounds([[2, 7, 9], [8, 6, 14], [10, 13, 23]], {(0, 0), (0, 1), (1, 0), (1, 1)}, (0, 0))
    Interval(least=0, most=9)
    """
    value = counts[cell[0]][cell[1]]
    down = _rerouted(counts, hidden, cell, up=False)
    up = _rerouted(counts, hidden, cell, up=True)
    return Interval(value - min(down, value), value + up)


def _next(
    counts: Sequence[Sequence[int]], hidden: set[Cell], cell: Cell, kept: Cell | None
) -> Cell | None:
    """Cell to withhold next: inner ones before totals, small loss before large, deterministic.

    One that lets the interval grow is taken first; where none does alone, any on the way to a
    rectangle through the cell.
    """
    height, breadth = len(counts) - 1, len(counts[0]) - 1
    told = [
        (row, column)
        for row in range(height + 1)
        for column in range(breadth + 1)
        if (row, column) not in hidden and (row, column) != kept
    ]
    if not told:
        return None
    now = bounds(counts, hidden, cell).width

    def price(one: Cell) -> tuple[int, int, Cell]:
        totals = (one[0] == height) + (one[1] == breadth)
        return totals, counts[one[0]][one[1]] or _FREE, one

    ordered = sorted(told, key=price)
    for one in ordered:
        if bounds(counts, hidden | {one}, cell).width > now:
            return one
    beside = [one for one in ordered if one[0] == cell[0] or one[1] == cell[1]]
    return (beside or ordered)[0]


def _rerouted(
    counts: Sequence[Sequence[int]], hidden: set[Cell] | frozenset[Cell], cell: Cell, *, up: bool
) -> int:
    """By how much a withheld cell can grow or shrink while every told cell stays.

    Nodes are rows ``r`` and columns ``-1 - c``. An inner count and the grand total flow from row
    to column, other totals from column to row; noughts can be left out on the way back.
    """
    height, breadth = len(counts) - 1, len(counts[0]) - 1
    room: dict[int, dict[int, int]] = {}
    for row, column in hidden:
        ends = (row, -1 - column)
        if (row == height) != (column == breadth):
            ends = ends[::-1]
        if (row, column) == cell:
            begin, end = ends if up else ends[::-1]
            continue
        room.setdefault(ends[0], {})[ends[1]] = _FREE
        room.setdefault(ends[1], {})[ends[0]] = counts[row][column]
    if cell not in hidden:
        return 0
    return _greatest_flow(room, end, begin)


def _greatest_flow(room: dict[int, dict[int, int]], source: int, sink: int) -> int:
    """Greatest flow by shortest augmenting paths (Edmonds and Karp); whole numbers."""
    total = 0
    while True:
        before: dict[int, int] = {source: source}
        queue = deque([source])
        while queue and sink not in before:
            node = queue.popleft()
            for onward, left in sorted(room.get(node, {}).items()):
                if left > 0 and onward not in before:
                    before[onward] = node
                    queue.append(onward)
        if sink not in before:
            return total
        path = [sink]
        while path[-1] != source:
            path.append(before[path[-1]])
        steps = [(path[at + 1], path[at]) for at in range(len(path) - 1)]
        flow = min(room[one][other] for one, other in steps)
        for one, other in steps:
            room[one][other] -= flow
            room.setdefault(other, {})[one] = room.get(other, {}).get(one, 0) + flow
        total += flow
        if total >= _FREE:
            return _FREE
