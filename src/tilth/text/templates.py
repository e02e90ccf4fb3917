"""Import templates: an empty table to fill in, and the mapping file that explains it.

The table is flat: one row for each record, or one row for each item where a kind has items, with
the record's own columns repeated. Shapes are WKT in WGS 84 degrees, points also latitude and
longitude. The mapping names every column, so that a programme can rename columns in both files.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator

from tilth.core.kinds.model import Field, FieldType, Kind
from tilth.text.language import Say

__all__ = ["template_columns", "template_csv", "template_mapping"]

_FLAT_LINES = "items"
_LISTS = {FieldType.TEXTS, FieldType.CODES, FieldType.RECORDS}


def _columns_of(one: Field) -> list[str]:
    if one.type is FieldType.SHAPE:
        if one.shapes == ("Point",):
            return [f"{one.name}_latitude", f"{one.name}_longitude"]
        return [f"{one.name}_wkt"]
    if one.type is FieldType.LINES:
        if one.name != _FLAT_LINES:
            return [one.name]
        return [f"{one.name}.{inner.name}" for inner in _flat(one)]
    return [one.name]


def _flat(lines: Field) -> list[Field]:
    """Fields of a line that a flat table can hold."""
    return [inner for inner in lines.fields if inner.type is not FieldType.SHAPE]


def template_columns(kind: Kind) -> list[str]:
    """Columns of the template, in the order of the kind's fields."""
    return [column for one in kind.fields for column in _columns_of(one)]


def template_csv(kind: Kind) -> str:
    """Heading row of the template, comma-separated.

    Examples
    --------
    >>> from tilth.core.kinds.catalogue import KINDS
    >>> template_csv(KINDS["place"]).split(",")[:3]
    ['local_id', 'happened_on', 'organisation']
    """
    written = io.StringIO()
    csv.writer(written, lineterminator="\n").writerow(template_columns(kind))
    return written.getvalue()


def template_mapping(kind: Kind, say: Say = str) -> str:
    """Mapping file of the template: TOML with each field explained in comments."""
    lines = [
        *_comment(f"{say(kind.label)}. {say(kind.help)}"),
        f"kind = {_quoted(kind.name)}",
        "",
    ]
    if any(one.name == _FLAT_LINES for one in kind.fields):
        lines[-1:] = [
            *_comment(say("Rows with the same local_id are one record with several items.")),
            'group_by = ["local_id"]',
            "",
        ]
    lines.append("[fields]")
    for one in kind.fields:
        if one.type not in {FieldType.SHAPE, FieldType.LINES}:
            lines += [*_explained(one, say), f"{one.name} = {_quoted(one.name)}"]
    for one in kind.fields:
        if one.type is FieldType.SHAPE:
            lines += _shape_lines(one, say)
        elif one.type is FieldType.LINES:
            lines += _nested_lines(one, say)
    return "\n".join(lines) + "\n"


def _shape_lines(one: Field, say: Say) -> Iterator[str]:
    yield ""
    yield from _explained(one, say)
    yield f"[position.{one.name}]"
    for column in _columns_of(one):
        key = column.removeprefix(f"{one.name}_")
        yield f"{key} = {_quoted(column)}"


def _nested_lines(one: Field, say: Say) -> Iterator[str]:
    yield ""
    yield from _explained(one, say)
    flat = one.name == _FLAT_LINES
    yield f"[lines.{one.name}]"
    if not flat:
        yield from _comment(say("A cell holds a JSON list of lines."))
        yield f"column = {_quoted(one.name)}"
    yield f"[lines.{one.name}.fields]"
    for inner in _flat(one):
        yield from _explained(inner, say)
        column = f"{one.name}.{inner.name}" if flat else inner.name
        yield f"{inner.name} = {_quoted(column)}"
    for inner in one.fields:
        if inner.type is FieldType.SHAPE:
            yield from _comment(
                say("{field} cannot stand in a table; import it from a GIS file.").format(
                    field=f"{inner.name}: {say(inner.label)}"
                )
            )


def _explained(one: Field, say: Say) -> list[str]:
    """Comment lines that say what a field holds, in what unit, from which codes."""
    said = say(one.label)
    if one.minimum:
        said += f" ({say('minimum data')})"
    said += f". {say(one.help)}" if one.help else "."
    if one.unit:
        said += " " + say("In {unit}.").format(unit=one.unit)
    if one.type in _LISTS:
        said += " " + say("Several values are separated by semicolons.")
    if one.type is FieldType.DAY:
        said += " " + say("Written 2026-03-01, 2026-03 or 2026.")
    lines = _comment(said)
    if one.codelist:
        lines += _comment(
            "; ".join(f"{code.value} = {say(code.label)}" for code in one.codelist.codes)
        )
    return lines


def _comment(text: str) -> list[str]:
    return [f"# {' '.join(text.split())}"]


def _quoted(text: str) -> str:
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'
