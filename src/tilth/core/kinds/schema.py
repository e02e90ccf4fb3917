"""JSON Schema (draft 2020-12) of a kind's canonical fields, for programs of others.

A schema says what a schema can say: types, code lists, bounds, what is required. Real calendar
days, days after today and closed rings are left to `tilth.core.kinds.validate`.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from tilth.core.kinds.model import Field, FieldType, Kind

__all__ = ["SHAPES", "json_schema"]

DIALECT = "https://json-schema.org/draft/2020-12/schema"
SHAPES = ("Point", "LineString", "Polygon", "MultiPoint", "MultiLineString", "MultiPolygon")

_DAY = r"^[0-9]{4}(-(0[1-9]|1[0-2])(-(0[1-9]|[12][0-9]|3[01]))?)?$"
_TIME = (
    r"^[0-9]{4}-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])"
    r"T([01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9]Z$"
)
_DECIMAL = r"^-?[0-9]{1,30}(\.[0-9]{1,30})?$"
_NOT_NEGATIVE = r"^([0-9]{1,30}(\.[0-9]{1,30})?|-0+(\.0+)?)$"
_MAX_INTEGER = 2**53 - 1


def json_schema(kind: Kind, *, partial: bool = False) -> dict[str, Any]:
    """Schema of the fields of a record, or with ``partial`` of a revision.

    Labels and help are the English message ids.
    """
    schema: dict[str, Any] = {
        "$schema": DIALECT,
        "$id": f"urn:tilth:kind:{kind.name}:{kind.version}{':revision' if partial else ''}",
        "title": kind.label,
        "description": kind.help,
        **_object(kind.fields),
        "$defs": {f"shape_{name}": _shape(name) for name in SHAPES},
    }
    if not partial:
        if kind.required:
            schema["required"] = list(kind.required)
        if kind.placed_by:
            schema["anyOf"] = [{"required": [name]} for name in kind.placed_by]
    return schema


def _object(fields: Sequence[Field]) -> dict[str, Any]:
    return {
        "type": "object",
        "additionalProperties": False,
        "properties": {one.name: _field(one) for one in fields},
    }


def _field(one: Field) -> dict[str, Any]:
    schema = {"title": one.label, **_TYPES[one.type](one)}
    if one.help:
        schema["description"] = one.help
    if one.unit:
        schema["x-unit"] = one.unit
    if one.clause:
        schema["x-clause"] = one.clause
    if one.minimum:
        schema["x-minimum-data"] = True
    if one.refers_to:
        schema["x-refers-to"] = one.refers_to
    return schema


def _text(one: Field) -> dict[str, Any]:
    return {"type": "string", "minLength": 1, "maxLength": one.longest, "pattern": r"\S"}


def _texts(one: Field) -> dict[str, Any]:
    item = {"type": "string", "minLength": 1, "maxLength": 500, "pattern": r"\S"}
    return {"type": "array", "minItems": 1, "maxItems": one.longest, "items": item}


def _code(one: Field) -> dict[str, Any]:
    codes = one.codelist.codes if one.codelist else ()
    return {"type": "string", "enum": [code.value for code in codes]}


def _codes(one: Field) -> dict[str, Any]:
    return {"type": "array", "minItems": 1, "maxItems": one.longest, "items": _code(one)}


def _integer(one: Field) -> dict[str, Any]:
    return {
        "type": "integer",
        "minimum": int(one.least) if one.least is not None else -_MAX_INTEGER,
        "maximum": int(one.most) if one.most is not None else _MAX_INTEGER,
    }


def _decimal(one: Field) -> dict[str, Any]:
    """Decimals are strings; a bound other than zero can only be told, not expressed."""
    schema: dict[str, Any] = {
        "type": "string",
        "pattern": _NOT_NEGATIVE if one.least == "0" else _DECIMAL,
    }
    if one.least is not None:
        schema["x-least"] = one.least
    if one.most is not None:
        schema["x-most"] = one.most
    return schema


def _boolean(_one: Field) -> dict[str, Any]:
    return {"type": "boolean"}


def _day(_one: Field) -> dict[str, Any]:
    return {"type": "string", "pattern": _DAY}


def _time(_one: Field) -> dict[str, Any]:
    return {"type": "string", "pattern": _TIME}


def _lines(one: Field) -> dict[str, Any]:
    line = {**_object(one.fields), "minProperties": 1}
    return {"type": "array", "minItems": 1, "maxItems": one.longest, "items": line}


def _shape_field(one: Field) -> dict[str, Any]:
    names = [name for name in SHAPES if name.removeprefix("Multi") in one.shapes]
    return {"oneOf": [{"$ref": f"#/$defs/shape_{name}"} for name in names]}


def _list(items: dict[str, Any], least: int) -> dict[str, Any]:
    return {"type": "array", "minItems": least, "items": items}


def _coordinates(name: str) -> dict[str, Any]:
    position = {
        "type": "array",
        "minItems": 2,
        "maxItems": 2,
        "prefixItems": [
            {"type": "integer", "minimum": -180 * 10**9, "maximum": 180 * 10**9},
            {"type": "integer", "minimum": -90 * 10**9, "maximum": 90 * 10**9},
        ],
    }
    one = {
        "Point": position,
        "LineString": _list(position, 2),
        "Polygon": _list(_list(position, 4), 1),
    }[name.removeprefix("Multi")]
    return _list(one, 1) if name.startswith("Multi") else one


def _shape(name: str) -> dict[str, Any]:
    return {
        "type": "object",
        "description": "Longitude and latitude in integer 1e-9 degrees, WGS 84.",
        "additionalProperties": False,
        "required": ["type", "coordinates"],
        "properties": {
            "type": {"const": name},
            "coordinates": _coordinates(name),
            "entered": {"type": "object"},
            "repair": {"type": "object"},
        },
    }


_TYPES = {
    FieldType.TEXT: _text,
    FieldType.TEXTS: _texts,
    FieldType.CODE: _code,
    FieldType.CODES: _codes,
    FieldType.INTEGER: _integer,
    FieldType.DECIMAL: _decimal,
    FieldType.BOOLEAN: _boolean,
    FieldType.DAY: _day,
    FieldType.TIME: _time,
    FieldType.SHAPE: _shape_field,
    FieldType.RECORD: _text,
    FieldType.RECORDS: _texts,
    FieldType.LINES: _lines,
}
