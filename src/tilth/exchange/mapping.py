"""How columns become fields: a value that can be suggested, printed, saved and applied."""

from __future__ import annotations

from collections.abc import Mapping as Map
from dataclasses import dataclass, field, replace
from typing import Any, ClassVar

import tomli_w

__all__ = ["Items", "Mapping", "Position", "Source", "describe", "write_mapping"]


@dataclass(frozen=True, slots=True)
class Source:
    """How one field is filled.

    Parameters
    ----------
    columns
        One column, or several whose texts are joined.
    year, month, day
        Columns of the parts of a date, instead of `columns`.
    unit
        Unit of the cells, see `tilth.exchange.units`; empty for the field's own.
    decimal
        ``"."`` or ``","``; empty to decide by the column.
    order
        ``dmy`` or ``mdy``; empty to decide by the column.
    values
        Word in the file → value of the field.
    why
        Why it was chosen, for people.
    """

    columns: tuple[str, ...] = ()
    join: str = " / "
    year: str = ""
    month: str = ""
    day: str = ""
    unit: str = ""
    decimal: str = ""
    order: str = ""
    values: Map[str, str] = field(default_factory=dict)
    why: str = ""

    def used(self) -> tuple[str, ...]:
        """Every column it reads."""
        return (*self.columns, *(one for one in (self.year, self.month, self.day) if one))


@dataclass(frozen=True, slots=True)
class Position:
    """Columns that make a shape, for a field of shapes.

    Parameters
    ----------
    style
        ``degrees`` (latitude, longitude; decimal or degrees, minutes and seconds), ``plane``
        (easting, northing in `crs`), ``mgrs``, ``utm`` (zone, easting, northing), ``wkt``.
    columns
        In the order of the style.
    crs
        ``EPSG:n`` of a plane or of WKT.
    """

    style: str
    columns: tuple[str, ...]
    crs: str = ""
    why: str = ""

    NAMES: ClassVar[dict[str, tuple[str, ...]]] = {
        "degrees": ("latitude", "longitude"),
        "plane": ("x", "y"),
        "mgrs": ("mgrs",),
        "utm": ("zone", "easting", "northing"),
        "wkt": ("wkt",),
    }  # fmt: skip


@dataclass(frozen=True, slots=True)
class Items:
    """A column that counts items of one category: one line for each row where it is not 0.

    Parameters
    ----------
    values
        Fields of the line that are the same for all: ``category``, ``disposal``, ``model``.
    """

    column: str
    values: Map[str, str]
    why: str = ""


@dataclass(frozen=True, slots=True)
class Mapping:
    """How the columns of one delivery become the fields of one kind.

    Parameters
    ----------
    fields
        Field → source.
    positions
        Field of shapes → columns that place it.
    items
        Wide columns of counted items.
    lines
        Field of lines → (column with nested values, or empty for flat columns; sources of the
        line's fields).
    group_by
        Columns that say which rows are lines of one record.
    constants
        Field → value for every row, as text.
    """

    kind: str
    fields: Map[str, Source] = field(default_factory=dict)
    positions: Map[str, Position] = field(default_factory=dict)
    items: tuple[Items, ...] = ()
    lines: Map[str, tuple[str, Map[str, Source]]] = field(default_factory=dict)
    group_by: tuple[str, ...] = ()
    constants: Map[str, str] = field(default_factory=dict)
    crs: str = ""
    layer: str = ""

    def used(self) -> set[str]:
        """Every column that something is read from."""
        names = {name for source in self.fields.values() for name in source.used()}
        names |= {name for position in self.positions.values() for name in position.columns}
        names |= {one.column for one in self.items}
        for column, sources in self.lines.values():
            if column:
                names.add(column)
            else:
                names |= {name for source in sources.values() for name in source.used()}
        return names | set(self.group_by)

    def with_constants(self, constants: Map[str, str]) -> Mapping:
        """Set fields for every row; what a constant sets is not read from a column."""
        return replace(
            self,
            fields={k: v for k, v in self.fields.items() if k not in constants},
            positions={k: v for k, v in self.positions.items() if k not in constants},
            constants={**self.constants, **constants},
        )


def describe(mapping: Mapping, columns: tuple[str, ...]) -> list[str]:
    """Say the mapping line by line: where each field comes from, why, and what is not used."""
    lines = [_said(name, source) for name, source in mapping.fields.items()]
    for name, position in mapping.positions.items():
        of = f", {position.crs}" if position.crs else ""
        lines.append(
            _line(name, f"{', '.join(position.columns)} ({position.style}{of})", position.why)
        )
    for one in mapping.items:
        values = ", ".join(f"{key} {value}" for key, value in one.values.items())
        lines.append(_line("items", f"{one.column} as number of {values}", one.why))
    for name, (column, sources) in mapping.lines.items():
        inside = f" in {column}" if column else ""
        lines += [_said(f"{name}.{key}", source, inside) for key, source in sources.items()]
    if mapping.group_by:
        lines.append(f"one record for each {', '.join(mapping.group_by)}")
    lines += [f"{name} = {value}, for every row" for name, value in mapping.constants.items()]
    used = mapping.used()
    unused = [column for column in columns if column not in used]
    if unused:
        lines.append(f"not used: {', '.join(unused)}")
    return lines


def _said(name: str, source: Source, inside: str = "") -> str:
    parts = [source.join.join(source.columns)] if source.columns else []
    dates = (("year", source.year), ("month", source.month), ("day", source.day))
    parts += [f"{part} in {column}" for part, column in dates if column]
    if source.unit:
        parts.append(f"in {source.unit}")
    if source.decimal:
        parts.append(f"decimals after {source.decimal!r}")
    if source.order:
        parts.append(source.order)
    if source.values:
        parts.append(", ".join(f"{word!r} is {value}" for word, value in source.values.items()))
    return _line(name, ", ".join(parts) + inside, source.why)


def _line(name: str, what: str, why: str) -> str:
    return f"{name} ← {what}" + (f"  ({why})" if why else "")


def write_mapping(mapping: Mapping) -> str:
    """Write a mapping as the TOML that `tilth.exchange.mapping_file.read_mapping` reads.

    Examples
    --------
    >>> print(write_mapping(Mapping("place", {"name": Source(("Nombre",))})).strip())
    kind = "place"
    <BLANKLINE>
    [fields]
    name = "Nombre"
    """
    document: dict[str, Any] = {"kind": mapping.kind}
    for key in ("crs", "layer"):
        if value := getattr(mapping, key):
            document[key] = value
    if mapping.group_by:
        document["group_by"] = list(mapping.group_by)
    if mapping.fields:
        document["fields"] = {name: _entry(source) for name, source in mapping.fields.items()}
    if mapping.constants:
        document["constants"] = dict(mapping.constants)
    values = {name: dict(one.values) for name, one in mapping.fields.items() if one.values}
    if mapping.positions:
        document["position"] = {
            name: {
                **dict(zip(Position.NAMES[one.style], one.columns, strict=True)),
                **({"crs": one.crs} if one.crs else {}),
            }
            for name, one in mapping.positions.items()
        }
    if mapping.items:
        document["items"] = [{"column": one.column, **one.values} for one in mapping.items]
    if mapping.lines:
        document["lines"] = {}
        for name, (column, sources) in mapping.lines.items():
            entry: dict[str, Any] = {"column": column} if column else {}
            entry["fields"] = {key: _entry(source) for key, source in sources.items()}
            values |= {f"{name}.{k}": dict(one.values) for k, one in sources.items() if one.values}
            document["lines"][name] = entry
    if values:
        document["values"] = values
    return tomli_w.dumps(document)


def _entry(source: Source) -> str | dict[str, Any]:
    """Shortest way to write a source: the column alone, or a table."""
    entry: dict[str, Any] = {}
    if len(source.columns) == 1:
        entry["column"] = source.columns[0]
    elif source.columns:
        entry["columns"] = list(source.columns)
        entry["join"] = source.join
    for key in ("year", "month", "day", "unit", "decimal", "order"):
        if value := getattr(source, key):
            entry[key] = value
    return entry["column"] if list(entry) == ["column"] else entry
