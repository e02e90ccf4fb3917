"""What every reader gives: a table of cells with, for each row, where it stands in the file."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from decimal import Decimal

import msgspec
from shapely.geometry.base import BaseGeometry

from tilth.core.problems import Problem

__all__ = ["Cell", "Entered", "RawRow", "Stated", "Table", "json_text", "plain", "shortest"]


class Entered(str):
    """The digits of a number that the file itself types as a number, as they were written.

    A spreadsheet or JSON number has one reading, unlike the same digits in a text cell.
    """

    __slots__ = ()


Cell = str | int | float | bool | dt.date | dt.datetime | list[object] | dict[str, object] | None
"""A value as the format types it; CSV knows only strings."""


@dataclass(frozen=True, slots=True)
class RawRow:
    """One row or feature.

    Parameters
    ----------
    part
        Where it stands: ``row 17`` as a spreadsheet numbers it, ``feature 3`` counted from 1.
    cells
        In the order of the table's columns.
    geometry
        In the table's reference system; None where the feature has none.
    problem
        The row itself cannot be read.
    """

    part: str
    cells: Sequence[Cell]
    geometry: BaseGeometry | None = None
    problem: Problem | None = None


@dataclass(slots=True)
class Stated:
    """What was detected about the file, to be said before anything is stored."""

    format: str
    encoding: str = ""
    delimiter: str = ""
    layer: str = ""
    layers: tuple[str, ...] = ()
    crs: str = ""
    header_row: int = 0
    notes: list[str] = field(default_factory=list)

    def lines(self) -> list[str]:
        """Short ``name: value`` lines for people, those that are known."""
        names = {",": "comma", ";": "semicolon", "\t": "tab", "|": "bar"}
        pairs = (
            ("format", self.format),
            ("encoding", self.encoding),
            ("delimiter", names.get(self.delimiter, self.delimiter)),
            ("layer", self.layer),
            ("reference system", self.crs),
            ("header row", str(self.header_row) if self.header_row else ""),
        )
        return [f"{name}: {value}" for name, value in pairs if value] + self.notes


@dataclass(slots=True)
class Table:
    """Columns and rows of one sheet, layer or text file.

    Parameters
    ----------
    rows
        Opens the rows from the start; may be called more than once, nothing is held between.
    spatial
        The format carries a geometry for each row.
    warnings
        What the reader noticed.
    scan
        A cheaper pass over the cells alone, without shapes and nested values.
    """

    columns: tuple[str, ...]
    rows: Callable[[], Iterator[RawRow]]
    stated: Stated
    spatial: bool = False
    warnings: list[Problem] = field(default_factory=list)
    scan: Callable[[], Iterator[Sequence[Cell]]] | None = None


def plain(cell: Cell) -> str:
    """Write a cell as the text that would stand in a CSV file.

    Examples
    --------
    >>> plain(54370.0), plain(1521.82), plain(None), plain(True)
    ('54370', '1521.82', '', 'true')
    """
    if isinstance(cell, str):
        return str(cell)
    if cell is None:
        return ""
    if isinstance(cell, bool):
        return "true" if cell else "false"
    if isinstance(cell, float):
        return shortest(cell)
    if isinstance(cell, dt.date):
        midnight = isinstance(cell, dt.datetime) and cell.time() == dt.time(0)
        return cell.isoformat()[:10] if midnight else cell.isoformat()
    return json_text(cell) if isinstance(cell, list | dict) else str(cell)


def shortest(value: float) -> str:
    """Fewest decimal digits that read back as the same double, without an exponent.

    Examples
    --------
    >>> shortest(54370.0), shortest(1e-07), shortest(0.1 + 0.2)
    ('54370', '0.0000001', '0.30000000000000004')
    """
    text = repr(value)
    if "e" in text:
        text = format(Decimal(text), "f")
    return text.removesuffix(".0")


def json_text(value: object) -> str:
    """Write nested values as compact JSON, numbers with the digits they came with.

    Examples
    --------
    >>> json_text([Entered("1.50"), "a"])
    '[1.50,"a"]'
    """
    return msgspec.json.encode(value, enc_hook=_digits).decode()


def _digits(value: object) -> msgspec.Raw:
    return msgspec.Raw(str(value).encode())
