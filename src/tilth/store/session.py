"""What the SQL of the two databases is written against: a connection, reduced to four verbs."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any, Protocol, TypeVar

from tilth.store.schema import Table

__all__ = ["PAGE", "Row", "Session", "chunks", "filled", "marks", "quoted"]

Row = tuple[Any, ...]
T = TypeVar("T")

PAGE = 500
"""Rows or names in one query. Reading goes page by page, so that no reader holds a snapshot open:
that would keep SQLite's write-ahead log growing."""
_WORTH_TURNING = 10


class Session(Protocol):
    """A connection to the database; ``?`` marks a parameter."""

    def all(self, sql: str, parameters: Sequence[Any] = ()) -> list[Row]:
        """Return all rows of a query."""
        ...

    def legible(self, sql: str, parameters: Sequence[Any] = ()) -> list[Row]:
        """Return all rows, also where damage has left a text that is no longer valid UTF-8."""
        ...

    def run(self, sql: str, parameters: Sequence[Any] = ()) -> None:
        """Execute a statement that returns nothing."""
        ...

    def add(self, table: Table, rows: Sequence[Row]) -> None:
        """Insert rows with all the columns of the table, in bulk."""
        ...

    def create(self, table: Table, *, indices: bool = True) -> None:
        """Create a table, and its indices now or (`index`) later."""
        ...

    def index(self, table: Table) -> None:
        """Create the indices of a table."""
        ...


def filled(table: Table, rows: Sequence[Row]) -> tuple[tuple[str, ...], Iterable[Row]]:
    """Leave out the columns that are empty in all of these rows: binding them costs a third.

    Returns the names of the columns that are left, and the rows without the others.
    """
    names = table.names
    if len(rows) < _WORTH_TURNING or len(names) < _WORTH_TURNING:
        return names, rows
    columns = list(zip(*rows, strict=True))
    count = len(rows)
    left = [
        place
        for place, values in enumerate(columns)
        if values[0] is not None or values.count(None) != count
    ]
    if len(left) == len(names):
        return names, rows
    made = zip(*(columns[place] for place in left), strict=True)
    return tuple(names[place] for place in left), made


def chunks(values: Iterable[T], size: int = PAGE) -> Iterator[list[T]]:
    """Split into lists of at most ``size``, each value once."""
    once = list(dict.fromkeys(values))
    for start in range(0, len(once), size):
        yield once[start : start + size]


def marks(count: int) -> str:
    """Return ``(?,?,…)``."""
    return f"({','.join('?' * count)})"


def quoted(name: str) -> str:
    """Quote a name for SQL; names come from definitions of kinds, never from input."""
    doubled = name.replace('"', '""')
    return f'"{doubled}"'
