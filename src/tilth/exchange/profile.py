"""What a column holds, from all its cells: enough to decide formats and to notice contradictions.

Columns are read in chunks and reduced to sets at once, so that a million rows cost little time
and the memory of their different values only, up to a limit.
"""

from __future__ import annotations

import datetime as dt
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import islice

from tilth.exchange.dates import DateFormat, decide_dates
from tilth.exchange.numbers import (
    Bounds,
    NumberFormat,
    decide_numbers,
    is_open,
    shape_of_number,
)
from tilth.exchange.pause import collector_paused
from tilth.exchange.table import Cell, Entered, Table
from tilth.exchange.words import BLANK

__all__ = ["Profile", "profile_table"]

_CHUNK = 4_000
_MOST_TEXTS = 20_000
_MOST_SAMPLES = 2_000
_NUMBERISH = re.compile(r"[+\-−]?[.,]?\d[\d.,'’\s]*")
_DATEISH = re.compile(r"\s*\d{1,2}\s*[-/.]\s*\d{1,2}\s*[-/.]\s*\d{2,4}")
_TYPES: dict[type, str] = {
    str: "text", Entered: "number", int: "number", float: "number", bool: "boolean",
    dt.date: "date", dt.datetime: "date", list: "nested", dict: "nested",
}  # fmt: skip


@dataclass(slots=True)
class Profile:
    """Summary of one column.

    Parameters
    ----------
    filled
        Cells that say something.
    types
        How many cells the format types as ``text``, ``number``, ``boolean``, ``date``, ``nested``.
    texts
        Different text values, the first 20,000.
    samples
        The first different values of any type with how often they were seen, up to 2,000.
    numbers
        Texts that look like numbers with separators: one for each of `shapes`, and more of
        `open_shapes`, which allow both readings.
    dates
        Different texts that look like dates in digits.
    formats, order
        What was decided about numbers and dates so far.
    least, most
        Of the typed numbers.
    """

    name: str
    filled: int = 0
    types: Counter[str] = field(default_factory=Counter)
    texts: set[str] = field(default_factory=set)
    samples: Counter[Cell] = field(default_factory=Counter)
    numbers: set[str] = field(default_factory=set)
    shapes: set[str] = field(default_factory=set)
    open_shapes: set[str] = field(default_factory=set)
    dates: set[str] = field(default_factory=set)
    least: float = float("inf")
    most: float = float("-inf")
    formats: dict[Bounds, NumberFormat] = field(default_factory=dict)
    order: DateFormat | None = None

    def feed(self, cells: Sequence[Cell]) -> None:
        """Take in the next cells of the column."""
        try:
            counted = Counter(cells)
        except TypeError:  # nested values cannot be counted
            nested = [cell for cell in cells if isinstance(cell, list | dict)]
            self.types["nested"] += len(nested)
            self.filled += len(nested)
            counted = Counter(cell for cell in cells if not isinstance(cell, list | dict))
        for value, count in counted.items():
            if value is None or value == "":
                continue
            if type(value) is str and value.strip().lower() in BLANK:
                continue
            self._add(value, count)

    def _add(self, value: Cell, count: int) -> None:
        self.filled += count
        name = _TYPES.get(type(value), "text")
        self.types[name] += count
        if len(self.samples) < _MOST_SAMPLES or value in self.samples:
            self.samples[value] += count
        if name == "number":
            try:
                number = float(value)  # type: ignore[arg-type]
            except OverflowError:  # an integer of hundreds of digits; its row is refused later
                return
            self.least = min(self.least, number)
            self.most = max(self.most, number)
        if type(value) is not str:
            return
        if len(self.texts) < _MOST_TEXTS:
            self.texts.add(value)
        if len(value) > 40 or value[0].isalpha():
            return
        if _DATEISH.match(value):
            self.dates.add(value[:40])
        elif not value.isdecimal() and _NUMBERISH.match(value):
            self._add_number(value)

    def _add_number(self, value: str) -> None:
        """Keep one value of each arrangement of digits and separators, and the open ones.

        All of an arrangement prove the same reading; only those that prove none are looked at one
        by one, against what the field allows.
        """
        shape = shape_of_number(value)
        if shape not in self.shapes:
            self.shapes.add(shape)
            self.numbers.add(value)
            if is_open(value):
                self.open_shapes.add(shape)
        elif shape in self.open_shapes and len(self.numbers) < _MOST_TEXTS:
            self.numbers.add(value)

    def number_format(self, bounds: Bounds) -> NumberFormat:
        """What separates decimals in this column, for a field with these bounds; decided once."""
        if bounds not in self.formats:
            self.formats[bounds] = decide_numbers(self.numbers, bounds)
        return self.formats[bounds]

    def date_format(self, today: str) -> DateFormat:
        """In which order this column writes dates; decided once."""
        if self.order is None:
            self.order = decide_dates(self.dates, today)
        return self.order

    @property
    def unique(self) -> bool:
        """Whether no sampled value stands in two rows."""
        return self.samples.most_common(1)[0][1] == 1 if self.samples else False


def profile_table(table: Table) -> list[Profile]:
    """Read every cell once and summarise each column."""
    profiles = [Profile(name) for name in table.columns]
    rows = table.scan() if table.scan is not None else _cells(table)
    with collector_paused():
        while chunk := list(islice(rows, _CHUNK)):
            for profile, cells in zip(profiles, zip(*chunk, strict=True), strict=True):
                profile.feed(cells)
    return profiles


def _cells(table: Table) -> Iterator[Sequence[Cell]]:
    width = len(table.columns)
    rows: Iterable[Sequence[Cell]] = (row.cells for row in table.rows() if row.problem is None)
    return (cells for cells in rows if len(cells) == width)
