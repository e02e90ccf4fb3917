"""Columns that place a record: degrees, a plane, MGRS, UTM or WKT, read cell by cell."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import shapely
from shapely.geometry.base import BaseGeometry

from tilth.core.geometry.coordinates import Position as Found
from tilth.core.geometry.coordinates import read_pair, read_position
from tilth.core.kinds.model import Field, FieldType
from tilth.core.problems import Problem, register
from tilth.exchange.convert import Bad, Format, converter
from tilth.exchange.lines import bad_cell
from tilth.exchange.mapping import Position
from tilth.exchange.table import Cell, plain

__all__ = ["position_reader"]

_LATITUDE = Field("latitude", FieldType.DECIMAL, "Latitude", unit="deg", most="90")
_LONGITUDE = Field("longitude", FieldType.DECIMAL, "Longitude", unit="deg", most="180")
_METRES = Field("coordinate", FieldType.DECIMAL, "Coordinate")

Read = Callable[[list[Cell], str], Any]


def position_reader(position: Position, form: Callable[[Field, str], Format]) -> Read:
    """Compile the function from the cells of a position, in its order, to what they say.

    Parameters
    ----------
    form
        How the numbers of a column are written.

    Returns
    -------
    callable
        Of cells and the name of the row; gives a pair x, y or a shape in the position's own
        system, a `tilth.core.geometry.coordinates.Position`, a `Problem`, or None for empty
        cells.
    """
    if position.style == "wkt":
        return _read_wkt
    if position.style in {"mgrs", "utm"}:
        return _read_grid
    degrees = position.style == "degrees"
    fields = (_LATITUDE, _LONGITUDE) if degrees else (_METRES, _METRES)
    pairs = list(zip(fields, position.columns, strict=True))
    converts = [converter(one, form(one, column)) for one, column in pairs]

    def read(cells: list[Cell], part: str) -> Any:
        first, second = (convert(cell) for convert, cell in zip(converts, cells, strict=True))
        if first is None and second is None:
            return None
        where = f"{part}, columns {', '.join(position.columns)}"
        if first is None or second is None:
            return Problem("coordinate_incomplete", where)
        for value, (one, column) in zip((first, second), pairs, strict=True):
            if type(value) is Bad and value.code.startswith("ambiguous"):
                return bad_cell(value, part, column, one)
        x, y = reversed(cells) if degrees else cells
        if type(first) is Bad or type(second) is Bad:  # degrees, minutes, seconds; letters
            return read_pair(plain(x), plain(y), crs=position.crs or "EPSG:4326", where=where)
        return (float(second), float(first)) if degrees else (float(first), float(second))

    return read


def _read_wkt(cells: list[Cell], part: str) -> BaseGeometry | Problem | None:
    text = plain(cells[0]).strip()
    if not text:
        return None
    text = text.partition(";")[2] if text.upper().startswith("SRID=") else text
    shape: BaseGeometry | None = shapely.from_wkt(text, on_invalid="ignore")
    return shape if shape is not None else Problem("geometry_unreadable", part)


def _read_grid(cells: list[Cell], part: str) -> Found | Problem | None:
    texts = [plain(cell).strip() for cell in cells]
    if not any(texts):
        return None
    return read_position(" ".join(texts), where=part)


register(
    {
        "coordinate_incomplete": (
            "One of the two coordinates is missing.",
            "Fill in both cells, or empty both and give the place in words.",
        ),
    }
)
