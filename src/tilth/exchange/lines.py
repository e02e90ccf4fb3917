"""Lines within a record: nested objects, columns that count, and rows of a long table."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import shapely

from tilth.core.geometry.encoding import NANODEGREES, value_of
from tilth.core.kinds.model import Field, FieldType
from tilth.core.problems import Parameter, Problem, Refused, register
from tilth.exchange.convert import Bad, Convert, Format, converter
from tilth.exchange.headings import LATITUDE, LONGITUDE
from tilth.exchange.mapping import Items, Source
from tilth.exchange.table import Cell
from tilth.exchange.words import fold

__all__ = ["Nested", "Wide", "bad_cell", "point_value"]

_DEGREES = float(NANODEGREES)
_REMEMBERED = 50_000


def bad_cell(bad: Bad, part: str, column: str, definition: Field) -> Problem:
    """Make the problem of a cell that gives no value."""
    params: dict[str, Parameter] = {
        "value": " ".join(bad.value.split())[:80],
        "column": column,
        "field": definition.name,
    }
    if definition.codelist is not None:
        params["codes"] = ", ".join(code.value for code in definition.codelist.codes)
    return Problem(bad.code, f"{part}, column {column}", params)


def point_value(cell: object) -> dict[str, Any] | Bad | None:
    """Canonical point of a GeoJSON geometry, of a pair ``[longitude, latitude]``, or of WKT.

    Examples
    --------
    >>> point_value([18.5, 44.25])
    {'type': 'Point', 'coordinates': [18500000000, 44250000000]}
    """
    pair: Any = cell
    if type(cell) is dict:
        if cell.get("type") != "Point":
            return Bad("bad_position", str(cell.get("type")))
        pair = cell.get("coordinates")
    elif isinstance(cell, str):
        return _point_of_text(cell)
    if pair is None:
        return None
    try:
        longitude, latitude = pair[:2]
        return {
            "type": "Point",
            "coordinates": [
                round(float(longitude) * _DEGREES),
                round(float(latitude) * _DEGREES),
            ],
        }
    except (TypeError, ValueError, OverflowError, KeyError):
        return Bad("bad_position", str(pair)[:80])


def _point_of_text(text: str) -> dict[str, Any] | Bad | None:
    if not text.strip():
        return None
    try:
        return value_of(shapely.from_wkt(text))
    except (shapely.errors.GEOSException, Refused):
        return Bad("bad_position", text)


class Nested:
    """Turns the objects of one column into lines of a field."""

    def __init__(self, definition: Field, column: str, sources: Mapping[str, Source]) -> None:
        self.column = column
        self.definition = definition
        by_name = {one.name: one for one in definition.fields}
        self.table: dict[str, tuple[str, Convert, dict[str, Any]]] = {}
        for name, source in sources.items():
            one = by_name[name]
            convert: Convert = (
                point_value
                if one.type is FieldType.SHAPE
                else converter(one, Format(words=source.values))
            )
            self.table[source.columns[0]] = (name, convert, {})
        self.fields = by_name
        point = next((one.name for one in definition.fields if one.type is FieldType.SHAPE), "")
        self.point = point if point not in sources else ""

    def lines(self, cell: Cell, part: str, problems: list[Problem]) -> list[dict[str, Any]]:
        """Lines of one record; what is wrong with them is added to the problems."""
        if cell is None or cell == "":
            return []
        if not isinstance(cell, list):
            problems.append(self._not_lines(part, cell))
            return []
        made = []
        for number, entry in enumerate(cell, 1):
            if type(entry) is not dict:
                problems.append(self._not_lines(f"{part}, {self.column} {number}", entry))
                continue
            line, bad = self._line(entry)
            for key, one in bad:
                here = f"{part}, {self.column} {number}"
                problems.append(bad_cell(one, here, key, self.fields[self.table[key][0]]))
            if self.point:
                self._place(entry, line)
            if line:
                made.append(line)
        return made

    def _line(self, entry: dict[str, Any]) -> tuple[dict[str, Any], Sequence[tuple[str, Bad]]]:
        """One line and the keys whose values cannot be read; the inner loop of a large import."""
        line: dict[str, Any] = {}
        bad: list[tuple[str, Bad]] = []
        get = self.table.get
        for key, value in entry.items():
            target = get(key)
            if target is None or value is None:
                continue
            name, convert, memory = target
            if type(value) is str and value in memory:
                line[name] = memory[value]
                continue
            result = convert(value)
            if result is None:
                continue
            if type(result) is Bad:
                bad.append((key, result))
                continue
            line[name] = result
            # Texts and codes alone: the lists of others may not be shared between records.
            if type(value) is str and type(result) is str and len(memory) < _REMEMBERED:
                memory[value] = result
        return line, bad

    def _place(self, entry: dict[str, Any], line: dict[str, Any]) -> None:
        """Place a line by keys for latitude and longitude."""
        found = {
            axis: value
            for key, value in entry.items()
            for axis, words in (("lat", LATITUDE), ("lon", LONGITUDE))
            if key in words or fold(key) in words
        }
        if len(found) == 2:
            value = point_value([found["lon"], found["lat"]])
            if isinstance(value, dict):
                line[self.point] = value

    def _not_lines(self, part: str, value: object) -> Problem:
        params: dict[str, Parameter] = {"value": str(value)[:80]}
        return Problem("bad_lines", f"{part}, column {self.column}", params)


class Wide:
    """Turns columns that count items into lines, one for each that is not 0."""

    def __init__(
        self, definition: Field, items: Sequence[Items], index: Mapping[str, int],
        form: Callable[[Field, str], Format],
    ) -> None:  # fmt: skip
        self.quantity = next(one for one in definition.fields if one.name == "quantity")
        by_name = {one.name: one for one in definition.fields}
        self.columns = []
        for one in items:
            fixed = {}
            for key, text in one.values.items():
                value = converter(by_name[key], Format())(text)
                if isinstance(value, Bad):
                    raise Refused(bad_cell(value, "mapping, items", one.column, by_name[key]))
                fixed[key] = value
            convert = converter(self.quantity, form(self.quantity, one.column))
            self.columns.append((one.column, index[one.column], convert, fixed))

    def lines(
        self, cells: Sequence[Cell], part: str, problems: list[Problem]
    ) -> list[dict[str, Any]]:
        """Lines of one row; what is wrong with its counts is added to the problems."""
        made = []
        for column, at, convert, fixed in self.columns:
            count = convert(cells[at])
            if type(count) is Bad:
                problems.append(bad_cell(count, part, column, self.quantity))
            elif count:
                made.append({**fixed, "quantity": count})
        return made


register(
    {
        "bad_position": (
            "{value} is not a position.",
            'Give {{"type": "Point", "coordinates": [longitude, latitude]}} in degrees.',
        ),
    }
)
