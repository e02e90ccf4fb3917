"""Values typed by a person become canonical fields, read like the cells of an import.

The same words, units and notations are understood. Lists are separated by ``;``. Lines are JSON,
or a table in a file. A shape is a GeoJSON file or text, WKT, positions separated by ``;``, or the
table of a traverse.
"""

from __future__ import annotations

import csv
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import msgspec

from tilth.core.geometry.frame import Frame
from tilth.core.geometry.legs import North, Setup
from tilth.core.geometry.systems import WGS84
from tilth.core.kinds import values
from tilth.core.kinds.model import Field, FieldType, Kind
from tilth.core.kinds.status import with_status
from tilth.core.problems import Parameter, Problem, Refused, register
from tilth.exchange.convert import Bad, Format, converter, words_of
from tilth.exchange.dates import DateFormat
from tilth.exchange.numbers import BOTH, NumberFormat
from tilth.exchange.table import Entered, json_text
from tilth.exchange.words import fold
from tilth.service.drawing import (
    Drawn,
    drawn_file,
    drawn_geometry,
    drawn_text,
    drawn_traverse,
    drawn_value,
)

__all__ = ["Survey", "Typed", "read_fields", "read_records", "typed"]

_BYTES = 64 * 1024**2
_JSON = msgspec.json.Decoder(float_hook=Entered)
_LISTS = {FieldType.TEXTS, FieldType.CODES, FieldType.RECORDS}

_AS_TYPED = Format(numbers=NumberFormat(BOTH), dates=DateFormat("both"))
"""One value stands alone: nothing beside it says how it is to be read, so both readings refuse."""

_HOW = {
    FieldType.TEXT: "Write a text.",
    FieldType.TEXTS: "Write texts with ; between them.",
    FieldType.INTEGER: "Write a whole number in digits.",
    FieldType.DECIMAL: "Write digits with a point for decimals and no separator of thousands.",
    FieldType.BOOLEAN: "Write yes or no.",
    FieldType.DAY: "Write it as 2026-03-01, 2026-03 or 2026.",
    FieldType.TIME: "Write it as 2026-03-01T14:05:00Z.",
    FieldType.RECORD: "Write the id of one record.",
    FieldType.RECORDS: "Write ids of records with ; between them.",
    FieldType.LINES: 'Write lines as JSON, [{"name": "value"}], or give a file: @lines.csv.',
    FieldType.SHAPE: "Give a file, @area.geojson or @traverse.csv, or positions with ; between.",
}

register(
    {
        "not_field_and_value": (
            "{text} is not FIELD=VALUE.",
            "Write the name of a field, an equals sign and the value.",
        ),
        "value_unread": (
            "{value} cannot be read as {field}.",
            "{how}",
        ),
        "value_no_code": (
            "{value} is no code of {field}.",
            "Take one of: {codes}.",
        ),
        "typed_twice": (
            "{field} is given twice.",
            "Give it once; a list has ; between its entries.",
        ),
        "not_records": (
            "{path} holds no record.",
            'Write one record as {{"field": "value"}}, or several as a list of them.',
        ),
        "typed_too_large": (
            "{path} has {size} bytes, more than {most}.",
            "Deliver it with tilth import, which reads files of any size.",
        ),
    }
)


@dataclass(frozen=True, slots=True)
class Survey:
    """How the positions and bearings that are typed were measured.

    Parameters
    ----------
    crs
        System of coordinates, ``EPSG:n``; degrees, UTM and MGRS without.
    north
        ``true``, ``magnetic`` or ``grid``; empty when nobody said it, and a traverse is refused.
    declination_deg
        Stated by the person, east positive; empty to compute it for the day.
    on
        Day of the survey; that of the record without.
    """

    crs: str = ""
    north: str = ""
    declination_deg: str = ""
    on: str = ""

    @property
    def setup(self) -> Setup | None:
        """Setup of a traverse; None while nobody said which north is meant."""
        if not self.north:
            return None
        return Setup(North(self.north), self.on, self.declination_deg, self.crs or WGS84)


NO_SURVEY = Survey()


@dataclass(slots=True)
class Typed:
    """Fields of one record as typed.

    Parameters
    ----------
    fields
        Canonical values; None for a field that was typed empty.
    warnings
        What is unlikely about a shape, or was mended; the record stands all the same.
    centre
        Frame centred on the first area among them; None without one.
    """

    fields: dict[str, Any] = field(default_factory=dict)
    warnings: list[Problem] = field(default_factory=list)
    centre: Frame | None = None


def typed(texts: Sequence[str]) -> dict[str, str]:
    """Read ``FIELD=VALUE`` texts; values keep their own equals signs.

    Raises
    ------
    Refused
        ``not_field_and_value``, ``typed_twice``.

    Examples
    --------
    >>> typed(["name=East field", "remarks=a=b"])
    {'name': 'East field', 'remarks': 'a=b'}
    """
    found: dict[str, str] = {}
    problems = []
    for text in texts:
        name, equals, value = text.partition("=")
        name = name.strip()
        if not equals or not name:
            problems.append(Problem("not_field_and_value", text, {"text": text}))
        elif name in found:
            problems.append(Problem("typed_twice", name, {"field": name}))
        found[name] = value.strip()
    if problems:
        raise Refused(*problems)
    return found


def read_records(path: Path) -> list[dict[str, Any]]:
    """Records of a JSON file: one object of fields, or a list of them; numbers keep their digits.

    Raises
    ------
    Refused
        ``json_broken``, ``not_records``, ``typed_too_large``.
    """
    found = _json(_bytes(path), str(path))
    records = found if isinstance(found, list) else [found]
    if not records or not all(isinstance(one, dict) and one for one in records):
        raise Refused(Problem("not_records", str(path), {"path": path.name}))
    return records


def read_fields(
    kind: Kind,
    given: Mapping[str, Any],
    survey: Survey = NO_SURVEY,
    *,
    where: str = "",
    files: bool = True,
) -> Typed:
    """Canonical fields of what was typed or stands in a JSON file.

    A text is read as a cell of an import would be: words of code lists in any language they know,
    numbers with a unit, days by their notation. An empty text takes the field away.

    Parameters
    ----------
    survey
        System of coordinates and north of bearings.
    where
        Which record, for problems; empty when there is only one.
    files
        Whether a value may name a file of this machine, ``@path``; never for who is not at it.

    Raises
    ------
    Refused
        With a problem for every field that cannot be read.
    """
    found = Typed()
    problems: list[Problem] = []
    reader = _Reader(
        replace(survey, on=survey.on or str(given.get("happened_on", ""))), found, problems, files
    )
    known = {one.name: one for one in kind.fields}
    for name, value in given.items():
        here = f"{where}, {name}" if where else name
        if name not in known:
            problems.append(Problem("no_such_field", here, {"field": values.shown(name)}))
        elif value is None or (isinstance(value, str) and not value.strip()):
            found.fields[name] = None
        else:
            found.fields[name] = reader.value(known[name], value, here)
    if problems:
        raise Refused(*problems)
    if found.fields.get("status_entered"):
        found.fields = with_status(found.fields)
    return found


@dataclass(slots=True)
class _Reader:
    """Reads values; what is wrong is added to the problems and gives None."""

    survey: Survey
    typed: Typed
    problems: list[Problem]
    files: bool = True

    def value(self, one: Field, value: Any, where: str) -> Any:
        """Value of a field."""
        if one.type is FieldType.SHAPE:
            return self._shape(one, value, where)
        if one.type is FieldType.LINES:
            return self._lines(one, value, where)
        if one.type in _LISTS:
            return self._list(one, value, where)
        return self._single(one, value, where)

    def _single(self, one: Field, value: Any, where: str) -> Any:
        if one.type in {FieldType.TEXT, FieldType.RECORD}:
            read: Any = value if isinstance(value, str) else Bad("", json_text(value))
        elif one.type is FieldType.CODE:
            return self._code(one, value, where)
        elif isinstance(value, str) and values.bad_decimal(value) is None:
            read = converter(one, _AS_TYPED)(Entered(value))
        else:
            read = converter(one, _AS_TYPED)(value)
        if read is None or isinstance(read, Bad):
            self._unread(one, value, where)
            return None
        return str(read) if isinstance(read, Entered) else read

    def _code(self, one: Field, value: Any, where: str) -> str | None:
        if one.codelist is not None and isinstance(value, str):
            if value in one.codelist:
                return value
            found = words_of(one.codelist).get(fold(value))
            if found is not None:
                return found
        codes = ", ".join(code.value for code in one.codelist.codes) if one.codelist else ""
        params: dict[str, Parameter] = {
            "value": values.shown(value), "field": one.name, "codes": codes,
        }  # fmt: skip
        self.problems.append(Problem("value_no_code", where, params))
        return None

    def _list(self, one: Field, value: Any, where: str) -> list[str] | None:
        entries = value if isinstance(value, list) else None
        if isinstance(value, str):
            entries = [text for piece in value.split(";") if (text := piece.strip())]
        if entries is None or not all(isinstance(entry, str) for entry in entries):
            self._unread(one, value, where)
            return None
        if one.type is not FieldType.CODES:
            return [str(entry) for entry in entries]
        if len(entries) == 1 and one.codelist and fold(entries[0]) not in words_of(one.codelist):
            entries = [text for piece in entries[0].split(",") if (text := piece.strip())]
        codes = [self._code(one, entry, where) for entry in entries]
        return list(dict.fromkeys(code for code in codes if code is not None))

    def _lines(self, one: Field, value: Any, where: str) -> list[dict[str, Any]] | None:
        rows = self._rows(value, where) if isinstance(value, str) else value
        rows = [rows] if isinstance(rows, dict) else rows
        if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
            self._unread(one, value, where)
            return None
        known = {inner.name: inner for inner in one.fields}
        made = []
        for number, row in enumerate(rows, 1):
            line = {}
            for name, cell in row.items():
                here = f"{where} {number}, {name}"
                if name not in known:
                    unknown: dict[str, Parameter] = {"field": values.shown(name)}
                    self.problems.append(Problem("no_such_field", here, unknown))
                elif cell is not None and cell != "":
                    found = self.value(known[name], cell, here)
                    if found is not None:
                        line[name] = found
            made.append(line)
        return made

    def _rows(self, text: str, where: str) -> Any:
        """Rows of lines: JSON typed or in a file, or a table whose columns are fields."""
        if not text.startswith("@") or not self.files:
            return _json_or_none(text.encode())
        path = Path(text[1:])
        data = _bytes(path)
        if path.suffix.lower() == ".csv":
            return _table(data)
        return _json(data, where)

    def _shape(self, one: Field, value: Any, where: str) -> dict[str, Any] | None:
        try:
            found = self._drawn(one, value, where)
        except Refused as refused:
            self.problems += refused.problems
            return None
        if found is None:
            self._unread(one, value, where)
            return None
        self.typed.warnings += found.warnings
        self.typed.centre = self.typed.centre or found.centre
        return found.value

    def _drawn(self, one: Field, value: Any, where: str) -> Drawn | None:
        if isinstance(value, dict) and isinstance(value.get("canonical"), dict):
            return drawn_value(value["canonical"])
        if isinstance(value, dict) and value.get("format") == "traverse":
            return drawn_traverse(value.get("rows", ()), self.survey.setup, where=where)
        if isinstance(value, str) and value.startswith("@") and self.files:
            path = Path(value[1:])
            if path.suffix.lower() == ".csv":
                return drawn_traverse(_table(_bytes(path)), self.survey.setup, where=where)
            return drawn_file(path, where=where)
        if isinstance(value, str) and value.startswith("{"):
            value = _json(value.encode(), where)
        if isinstance(value, str):
            return drawn_text(value, one.shapes, crs=self.survey.crs, where=where)
        if isinstance(value, list):  # [longitude, latitude]
            value = {"type": "Point", "coordinates": value}
        return drawn_geometry(value, where=where) if isinstance(value, dict) else None

    def _unread(self, one: Field, value: Any, where: str) -> None:
        params: dict[str, Parameter] = {
            "value": values.shown(value), "field": one.name, "how": _HOW.get(one.type, ""),
        }  # fmt: skip
        self.problems.append(Problem("value_unread", where, params))


def _bytes(path: Path) -> bytes:
    size = path.stat().st_size
    if size > _BYTES:
        params: dict[str, Parameter] = {"path": path.name, "size": size, "most": _BYTES}
        raise Refused(Problem("typed_too_large", str(path), params))
    return path.read_bytes()


def _json(data: bytes, where: str) -> Any:
    try:
        return _JSON.decode(data)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise Refused(Problem("json_broken", where, {"reason": str(error)})) from error


def _json_or_none(data: bytes) -> Any:
    try:
        return _JSON.decode(data)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return None


def _table(data: bytes) -> list[dict[str, str]]:
    """Rows of a comma-separated table by heading, empty cells left out."""
    lines = data.decode("utf-8-sig", errors="replace").splitlines()
    return [
        {str(name).strip(): str(cell).strip() for name, cell in row.items() if name and cell}
        for row in csv.DictReader(lines)
    ]
