"""What a kind is made of: fields with a type, a unit, a clause and the headings files use.

One definition per kind and version; validation, read table, import template, JSON schema and
reference page are derived from it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

__all__ = ["Code", "Codelist", "Field", "FieldType", "Kind"]


class FieldType(StrEnum):
    """How a field's value is written in canonical content."""

    TEXT = "text"
    """A string."""
    TEXTS = "texts"
    """A list of strings."""
    CODE = "code"
    """One value of a codelist."""
    CODES = "codes"
    """A list of values of a codelist, in the order entered."""
    INTEGER = "integer"
    """A JSON integer."""
    DECIMAL = "decimal"
    """A string such as ``"2170.50"``: the digits as entered, point as separator, no grouping."""
    BOOLEAN = "boolean"
    DAY = "day"
    """``YYYY-MM-DD``, ``YYYY-MM`` or ``YYYY``: the precision is what is written."""
    TIME = "time"
    """``YYYY-MM-DDThh:mm:ssZ``."""
    SHAPE = "shape"
    """A geometry object, see `tilth.core.geometry.encoding`."""
    RECORD = "record"
    """Another record: its full id, or the local id or national id as entered."""
    RECORDS = "records"
    LINES = "lines"
    """A list of objects with fields of their own, such as items."""


@dataclass(frozen=True, slots=True)
class Code:
    """One value of a codelist with its English label and the words files use for it."""

    value: str
    label: str
    words: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Codelist:
    """A list of codes and where it comes from.

    Parameters
    ----------
    open
        No rule reads its values, so a national programme may add its own.
    """

    name: str
    codes: tuple[Code, ...]
    source: str = ""
    open: bool = False

    def __contains__(self, value: object) -> bool:
        """Whether the value is one of the codes."""
        return any(code.value == value for code in self.codes)


@dataclass(frozen=True, slots=True)
class Field:
    """One field of a kind.

    Parameters
    ----------
    name
        Canonical name, with its unit (``area_m2``, ``depth_cm``).
    label, help
        English message ids.
    clause
        Standard or source the field comes from.
    minimum
        Part of the minimum data: a record without it goes in as *incomplete*, with a finding.
    headings
        Words by which files in any language call the column, lower case.
    unit
        Unit of a number: ``m2``, ``cm``, ``kg``, ``h``, ``m``, ``deg`` or empty.
    least, most
        Bounds of a number, inclusive, as decimal strings; beyond them the value is refused.
    shapes
        Geometry types a shape may have: ``Point``, ``LineString``, ``Polygon`` (multi included).
    fields
        Fields of a line, for `FieldType.LINES`.
    refers_to
        Kind of a referenced record.
    longest
        Most characters of a text, most entries of a list.
    future
        A day may lie after today, as the planned end of an operation does.
    """

    name: str
    type: FieldType
    label: str
    help: str = ""
    clause: str = ""
    minimum: bool = False
    headings: tuple[str, ...] = ()
    codelist: Codelist | None = None
    unit: str = ""
    least: str | None = None
    most: str | None = None
    shapes: tuple[str, ...] = ()
    fields: tuple[Field, ...] = ()
    refers_to: str = ""
    longest: int = 20_000
    future: bool = False


@dataclass(frozen=True, slots=True)
class Kind:
    """A type of record, at one version.

    Parameters
    ----------
    protected
        Personal data: content goes to the vault, the log holds a salted commitment.
    upgrades
        From version n to n + 1: pure functions on fields, applied on reading; bytes stay.
    placed_by
        Names of fields of which one must be present, else the record is refused.
    """

    name: str
    version: int
    label: str
    help: str
    fields: tuple[Field, ...]
    protected: bool = False
    placed_by: tuple[str, ...] = ()
    required: tuple[str, ...] = ()
    upgrades: Mapping[int, Callable[[Mapping[str, Any]], dict[str, Any]]] = field(
        default_factory=dict
    )

    def field(self, name: str) -> Field:
        """Return the field of that name.

        Raises
        ------
        KeyError
            When the kind has no such field.
        """
        for one in self.fields:
            if one.name == name:
                return one
        raise KeyError(name)
