"""Mapping files: TOML in, a mapping or problems that name the key and its line out."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable, Sequence
from typing import Any

from tilth.core.kinds.model import Field, FieldType, Kind
from tilth.core.problems import Parameter, Problem, Refused, register
from tilth.exchange.mapping import Items, Mapping, Position, Source
from tilth.exchange.units import find_unit

__all__ = ["check_columns", "read_mapping"]

_TOP = {
    *("kind", "crs", "layer", "group_by", "fields", "constants", "values"),
    *("position", "items", "lines"),
}
_SOURCE = {"column", "columns", "join", "year", "month", "day", "unit", "decimal", "order"}
_CRS = re.compile(r"EPSG:\d{4,6}")


class _Reader:
    """One mapping file being read; collects problems instead of stopping at the first."""

    def __init__(self, text: str, kind: Kind, where: str) -> None:
        self.kind = kind
        self.where = where
        self.lines = text.splitlines()
        self.problems: list[Problem] = []

    def refuse(self, code: str, path: str, **params: Parameter) -> None:
        key = path.rsplit(".", 1)[-1]
        spelled = re.compile(
            rf"""^[\s\[]*(?:[\w."-]+\.)?["']?{re.escape(key)}["']?\s*[=\].]|[{{,]\s*{re.escape(key)}\s*="""
        )
        line = next((n for n, text in enumerate(self.lines, 1) if spelled.search(text)), 0)
        at = f", line {line}" if line else ""
        self.problems.append(Problem(code, f"{self.where}{at}, {path}", params))

    def table(self, value: object, path: str) -> dict[str, Any]:
        if isinstance(value, dict):
            return value
        self.refuse("mapping_value", path, wanted="a table")
        return {}

    def text(self, value: object, path: str, allowed: Iterable[str] = ()) -> str:
        options = tuple(allowed)
        if not isinstance(value, str) or (options and value not in options):
            self.refuse("mapping_value", path, wanted=" or ".join(options) or "a text in quotes")
            return ""
        return value

    def texts(self, value: object, path: str) -> tuple[str, ...]:
        if isinstance(value, list) and all(isinstance(one, str) for one in value):
            return tuple(value)
        self.refuse("mapping_value", path, wanted="a list of texts in quotes")
        return ()

    def crs(self, value: object, path: str) -> str:
        text = self.text(value, path)
        if text and not _CRS.fullmatch(text):
            self.refuse("mapping_value", path, wanted="EPSG:number")
            return ""
        return text

    def keys(self, table: dict[str, Any], allowed: set[str], path: str) -> None:
        for key in table:
            if key not in allowed:
                full = f"{path}.{key}" if path else key
                self.refuse("mapping_key", full, allowed=", ".join(sorted(allowed)))

    def source(self, value: object, definition: Field, path: str) -> Source | None:
        if isinstance(value, str):
            return Source((value,), why="mapping file")
        table = self.table(value, path)
        self.keys(table, _SOURCE, path)
        columns: tuple[str, ...] = ()
        if "column" in table:
            columns = (self.text(table["column"], f"{path}.column"),)
        elif "columns" in table:
            columns = self.texts(table["columns"], f"{path}.columns")
        parts = {
            key: self.text(table[key], f"{path}.{key}")
            for key in ("year", "month", "day")
            if key in table
        }
        if not columns and not parts.get("year"):
            self.refuse("mapping_value", path, wanted="column, columns or year")
            return None
        unit = self.text(table["unit"], f"{path}.unit") if "unit" in table else ""
        if unit and find_unit(unit, definition.unit) is None:
            self.refuse(
                "mapping_unit", f"{path}.unit", unit=unit, measure=definition.unit or "none"
            )
        return Source(
            columns,
            join=self.text(table.get("join", " / "), f"{path}.join"),
            year=parts.get("year", ""),
            month=parts.get("month", ""),
            day=parts.get("day", ""),
            unit=unit,
            decimal=self.option(table, "decimal", path, (".", ",")),
            order=self.option(table, "order", path, ("dmy", "mdy")),
            why="mapping file",
        )

    def option(self, table: dict[str, Any], key: str, path: str, allowed: tuple[str, ...]) -> str:
        return self.text(table[key], f"{path}.{key}", allowed) if key in table else ""

    def field(self, fields: Sequence[Field], name: str, path: str) -> Field | None:
        found = next((one for one in fields if one.name == name), None)
        if found is None:
            self.refuse("mapping_field", path, field=name, kind=self.kind.name)
        return found

    def sources(self, value: object, fields: Sequence[Field], path: str) -> dict[str, Source]:
        found = {}
        for name, entry in self.table(value, path).items():
            definition = self.field(fields, name, f"{path}.{name}")
            if definition is None:
                continue
            source = self.source(entry, definition, f"{path}.{name}")
            if source is not None:
                found[name] = source
        return found

    def positions(self, value: object) -> dict[str, Position]:
        found = {}
        for name, entry in self.table(value, "position").items():
            path = f"position.{name}"
            definition = self.field(self.kind.fields, name, path)
            table = self.table(entry, path)
            if definition is None or definition.type is not FieldType.SHAPE:
                continue
            given = table.keys() - {"crs"}
            style = next((s for s, names in Position.NAMES.items() if given == set(names)), "")
            if not style:
                wanted = "; ".join(" + ".join(names) for names in Position.NAMES.values())
                self.refuse("mapping_value", path, wanted=wanted)
                continue
            columns = tuple(self.text(table[key], f"{path}.{key}") for key in Position.NAMES[style])
            crs = self.crs(table["crs"], f"{path}.crs") if "crs" in table else ""
            found[name] = Position(style, columns, crs, "mapping file")
        return found

    def items(self, value: object) -> tuple[Items, ...]:
        definition = self.field(self.kind.fields, "items", "items")
        if definition is None:
            return ()
        if not isinstance(value, list):
            self.refuse("mapping_value", "items", wanted="[[items]] tables")
            return ()
        found = []
        names = {one.name for one in definition.fields}
        for number, entry in enumerate(value, 1):
            path = f"items {number}"
            table = self.table(entry, path)
            self.keys(table, names | {"column"}, path)
            column = self.text(table.get("column"), f"{path}.column")
            values = {
                key: self.text(one, f"{path}.{key}")
                for key, one in table.items()
                if key != "column" and key in names
            }
            found.append(Items(column, values, "mapping file"))
        return tuple(found)

    def nested(self, value: object) -> dict[str, tuple[str, dict[str, Source]]]:
        found = {}
        for name, entry in self.table(value, "lines").items():
            path = f"lines.{name}"
            definition = self.field(self.kind.fields, name, path)
            table = self.table(entry, path)
            if definition is None or definition.type is not FieldType.LINES:
                continue
            self.keys(table, {"column", "fields"}, path)
            column = self.text(table["column"], f"{path}.column") if "column" in table else ""
            fields = self.sources(table.get("fields", {}), definition.fields, f"{path}.fields")
            found[name] = (column, fields)
        return found


def read_mapping(text: str, kind: Kind, where: str = "mapping") -> Mapping:
    """Read a mapping file for a kind.

    Raises
    ------
    Refused
        With every problem found: ``mapping_syntax``, ``mapping_key``, ``mapping_field``,
        ``mapping_value``, ``mapping_unit``, ``mapping_kind``.
    """
    try:
        document = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise Refused(Problem("mapping_syntax", where, {"reason": str(error)})) from error
    reader = _Reader(text, kind, where)
    reader.keys(document, _TOP, "")
    if "kind" in document and document["kind"] != kind.name:
        reader.refuse("mapping_kind", "kind", kind=str(document["kind"]), wanted=kind.name)
    fields = reader.sources(document.get("fields", {}), kind.fields, "fields")
    nested = reader.nested(document.get("lines", {}))
    for name, words in reader.table(document.get("values", {}), "values").items():
        _add_values(reader, fields, nested, name, words)
    constants = {
        name: reader.text(value, f"constants.{name}")
        for name, value in reader.table(document.get("constants", {}), "constants").items()
        if reader.field(kind.fields, name, f"constants.{name}") is not None
    }
    mapping = Mapping(
        kind.name,
        fields,
        reader.positions(document.get("position", {})),
        reader.items(document["items"]) if "items" in document else (),
        nested,
        reader.texts(document.get("group_by", []), "group_by"),
        constants,
        reader.crs(document["crs"], "crs") if "crs" in document else "",
        reader.text(document.get("layer", ""), "layer"),
    )
    if reader.problems:
        raise Refused(*reader.problems)
    return mapping


def _add_values(
    reader: _Reader,
    fields: dict[str, Source],
    nested: dict[str, tuple[str, dict[str, Source]]],
    name: str,
    words: object,
) -> None:
    """Put a table of words into the source of its field, ``items.category`` for a line's."""
    line, _, inner = name.partition(".")
    sources = nested[line][1] if inner and line in nested else fields
    key = inner or name
    if key not in sources:
        reader.refuse("mapping_field", f"values.{name}", field=name, kind=reader.kind.name)
        return
    table = {
        word: reader.text(value, f"values.{name}.{word}")
        for word, value in reader.table(words, f"values.{name}").items()
    }
    old = sources[key]
    sources[key] = Source(
        old.columns, old.join, old.year, old.month, old.day, old.unit, old.decimal, old.order,
        table, old.why,
    )  # fmt: skip


def check_columns(mapping: Mapping, columns: Sequence[str], where: str = "mapping") -> None:
    """Refuse a mapping that names columns the file does not have.

    Raises
    ------
    Refused
        ``mapping_column`` for each of them.
    """
    absent = sorted(mapping.used() - set(columns))
    if absent:
        has = ", ".join(columns[:40])
        raise Refused(
            *(Problem("mapping_column", where, {"column": one, "columns": has}) for one in absent)
        )


register(
    {
        "mapping_syntax": (
            "The mapping file is not valid TOML: {reason}.",
            "Correct that line; texts stand in quotation marks.",
        ),
        "mapping_key": (
            "The mapping file has a key that means nothing here.",
            "Use one of: {allowed}.",
        ),
        "mapping_field": (
            "The kind {kind} has no such field for a mapping: {field}.",
            "Use a field of the kind's reference page.",
        ),
        "mapping_value": (
            "The value in the mapping file does not fit.",
            "Write {wanted}.",
        ),
        "mapping_unit": (
            "{unit} is no known unit for a field measured in {measure}.",
            "Use a unit of the table of units in the reference.",
        ),
        "mapping_kind": (
            "The mapping is for the kind {kind}, not for {wanted}.",
            "Name the mapping file that belongs to this kind.",
        ),
        "mapping_column": (
            "The mapping names the column {column}, which the file does not have.",
            "The file has: {columns}.",
        ),
    }
)
