"""A form made of a kind: one entry for each field, in its order, with what is known of it.

One description for pages and programs: the type, unit, bounds, code list and lines of a field are
those of `tilth.core.kinds.model`, so that a national programme's field is in the form as soon as it
is defined. Labels and help are English message ids.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import shapely

from tilth.core import canonical
from tilth.core.geometry.encoding import shape_of
from tilth.core.kinds.model import Field, FieldType, Kind
from tilth.core.problems import Problem, Refused

__all__ = [
    "Entry",
    "Option",
    "canonical_text",
    "entries_of",
    "field_of",
    "given_of",
    "text_of",
    "wkt_of",
]

_LINES = frozenset({FieldType.TEXTS, FieldType.RECORDS})
_LONG = 1_000
_NEVER = frozenset({"commitment"})
_NAMING = {
    "team": "team",
    "teams": "team",
    "assets": "asset",
    "course": "training_course",
    "person": "person",
    "project": "project",
    "projects": "project",
    "place": "place",
    "released_areas": "released_area",
}
"""Texts in which a record is named, and of which kind."""


@dataclass(frozen=True, slots=True)
class Option:
    """One code to choose."""

    value: str
    label: str
    chosen: bool = False


@dataclass(slots=True)
class Entry:
    """A field in a form.

    Parameters
    ----------
    name
        Of the field; of a cell of a line ``items-0-model``.
    widget
        ``text``, ``long``, ``list``, ``code``, ``codes``, ``number``, ``yes``, ``day``, ``time``,
        ``record``, ``shape`` or ``lines``.
    required
        It is refused without; ``minimum`` that it is incomplete without.
    value
        As typed, or as it stands.
    rows
        Of lines: the cells of each row.
    looks_for
        Kinds that are searched as one types.
    drawn
        Of a shape: how it was put in, its canonical value and its text, see `given_of`.
    """

    name: str
    label: str
    help: str
    widget: str
    clause: str = ""
    unit: str = ""
    required: bool = False
    minimum: bool = False
    value: str = ""
    options: tuple[Option, ...] = ()
    rows: list[list[Entry]] = field(default_factory=list)
    looks_for: tuple[str, ...] = ()
    least: str | None = None
    most: str | None = None
    longest: int = 0
    shapes: tuple[str, ...] = ()
    problems: list[Problem] = field(default_factory=list)
    drawn: dict[str, Any] = field(default_factory=dict)

    @property
    def is_empty(self) -> bool:
        """Whether nothing stands in it."""
        chosen = any(one.chosen for one in self.options)
        return not (self.value.strip() or self.rows or chosen or self.drawn.get("canonical"))


_WIDGETS = {
    FieldType.TEXT: "text",
    FieldType.TEXTS: "list",
    FieldType.CODE: "code",
    FieldType.CODES: "codes",
    FieldType.INTEGER: "number",
    FieldType.DECIMAL: "number",
    FieldType.BOOLEAN: "yes",
    FieldType.DAY: "day",
    FieldType.TIME: "time",
    FieldType.SHAPE: "shape",
    FieldType.RECORD: "record",
    FieldType.RECORDS: "list",
    FieldType.LINES: "lines",
}


def entries_of(
    kind: Kind,
    typed: Mapping[str, Any],
    problems: Iterable[Problem] = (),
    *,
    without: Sequence[str] = (),
) -> list[Entry]:
    """Entries of a form with what stands in them.

    Parameters
    ----------
    typed
        By field: text; list of codes; list of rows of texts for lines; of shapes a mapping with
        ``text``, ``how``, ``canonical`` and the like. As `text_of` makes it of a record, or as it
        was typed.
    problems
        Put at the field that they are about.
    without
        Fields that are left out.
    """
    found = [
        _entry(kind, one, typed.get(one.name))
        for one in kind.fields
        if one.name not in without and one.name not in _NEVER
    ]
    by_name = {one.name: one for one in found}
    for problem in problems:
        named = field_of(problem, kind)
        if named in by_name:
            by_name[named].problems.append(problem)
    return found


def _entry(kind: Kind, one: Field, typed: Any) -> Entry:
    entry = _cell(one, one.name, typed if one.type is not FieldType.LINES else "")
    entry.required = one.name in kind.required
    if one.type is FieldType.LINES:
        entry.rows = [
            [
                _cell(inner, f"{one.name}-{at}-{inner.name}", row.get(inner.name))
                for inner in one.fields
            ]
            for at, row in enumerate(typed or ())
        ]
    if one.type is FieldType.SHAPE:
        entry.drawn = dict(typed) if isinstance(typed, Mapping) else {}
        kept = entry.drawn.get("canonical")
        entry.drawn["canonical_text"] = canonical_text(kept) if kept else ""
        entry.value = str(entry.drawn.get("text", ""))
    return entry


def _cell(one: Field, name: str, typed: Any) -> Entry:
    chosen = typed if isinstance(typed, list) else [typed]
    codes = one.codelist.codes if one.codelist else ()
    widget = _WIDGETS[one.type]
    if one.type is FieldType.TEXT and one.longest > _LONG:
        widget = "long"
    looks_for = (one.refers_to or _NAMING.get(one.name, ""),)
    if one.type is FieldType.TEXT and looks_for[0]:
        widget = "record"
    return Entry(
        name,
        one.label,
        one.help,
        widget,
        one.clause,
        one.unit,
        minimum=one.minimum,
        value=typed if isinstance(typed, str) else "",
        options=tuple(Option(code.value, code.label, code.value in chosen) for code in codes),
        looks_for=looks_for if looks_for[0] else (),
        least=one.least,
        most=one.most,
        longest=one.longest,
        shapes=one.shapes,
    )


def field_of(problem: Problem, kind: Kind) -> str:
    """Name of the field that a problem is about; empty where it is about the whole.

    Examples
    --------
    >>> from tilth.core.kinds.catalogue import KINDS
    >>> field_of(Problem("bad_number", "items 3, quantity"), KINDS["clearance_report"])
    'items'
    """
    known = {one.name for one in kind.fields}
    named = str(problem.params.get("field", "")).split(".")[0]
    if named in known:
        return named
    for piece in problem.where.replace(".", " ").split(", "):
        words = piece.split()
        if words and words[0] in known:
            return words[0]
    if problem.code == "not_placed":
        return next((one for one in kind.placed_by if one in known), "")
    return {"no_day": "happened_on", "no_release_type": "release_type"}.get(problem.code, "")


def text_of(kind: Kind, values: Mapping[str, Any]) -> dict[str, Any]:
    """Fields of a record as texts to put into its form.

    Examples
    --------
    >>> from tilth.core.kinds.catalogue import KINDS
    >>> text_of(KINDS["team"], {"code": "T-1", "methods": ["mdd"]})
    {'code': 'T-1', 'methods': ['mdd']}
    """
    known = {one.name: one for one in kind.fields}
    return {name: _text(known[name], value) for name, value in values.items() if name in known}


def _text(one: Field, value: Any) -> Any:
    if one.type is FieldType.SHAPE:
        text = wkt_of(value)
        return {"text": text, "was": text, "canonical": value, "how": "text"}
    if one.type is FieldType.CODES:
        return list(value)
    if one.type in _LINES:
        return "; ".join(map(str, value))
    if one.type is FieldType.BOOLEAN:
        return "yes" if value else "no"
    if one.type is FieldType.LINES:
        inner = {cell.name: cell for cell in one.fields}
        return [
            {name: _text_of_cell(inner[name], cell) for name, cell in row.items() if name in inner}
            for row in value
        ]
    return str(value)


def _text_of_cell(one: Field, value: Any) -> Any:
    if one.type is FieldType.SHAPE:
        return wkt_of(value)
    if one.type is FieldType.CODES:
        return list(value)
    text = _text(one, value)
    return text if isinstance(text, str) else ""


def wkt_of(value: Mapping[str, Any]) -> str:
    """Shape of a canonical value as WKT in degrees, longitude first, nine places."""
    try:
        return str(shapely.to_wkt(shape_of(value), rounding_precision=9, trim=True))
    except Refused:
        return ""


# -- what was typed --------------------------------------------------------------------------------


def given_of(
    kind: Kind, typed: Mapping[str, Any], before: Mapping[str, Any] | None = None
) -> dict[str, Any]:
    """Fields to be read of what was typed; of a correction only those that were changed.

    Parameters
    ----------
    typed
        As in `entries_of`.
    before
        What stood in the form when it was opened, as `text_of` made it; None for a new record and
        an event, of which only what was typed is said.
    """
    found: dict[str, Any] = {}
    for one in kind.fields:
        if one.name not in typed:
            continue
        value = _given(one, typed[one.name])
        if before is None:
            if value not in ("", [], None):
                found[one.name] = value
        elif one.type is FieldType.SHAPE:
            if not _is_same_shape(typed[one.name], before.get(one.name)):
                found[one.name] = value
        elif value != _given(one, before.get(one.name, "")):
            found[one.name] = value if value not in ("", []) else ""
    return found


def _is_same_shape(typed: Any, before: Any) -> bool:
    if not isinstance(typed, Mapping):
        return not before
    if typed.get("how", "text") == "traverse":
        return False
    was = before.get("text", "") if isinstance(before, Mapping) else ""
    return str(typed.get("text", "")).strip() == str(was).strip()


def _given(one: Field, typed: Any) -> Any:
    if one.type is FieldType.SHAPE:
        return _given_shape(typed)
    if one.type is FieldType.LINES:
        rows = [_given_row(one, row) for row in typed or ()]
        return [row for row in rows if row]
    if one.type is FieldType.CODES:
        return [code for code in typed if code] if isinstance(typed, list) else []
    text = str(typed or "").replace("\r\n", "\n").strip()
    if one.type in _LINES:
        pieces = (piece.strip() for piece in text.replace("\n", ";").split(";"))
        return "; ".join(piece for piece in pieces if piece)
    return text


def _given_row(one: Field, row: Mapping[str, Any]) -> dict[str, Any]:
    inner = {cell.name: cell for cell in one.fields}
    read = {}
    for name, cell in row.items():
        if name not in inner:
            continue
        value = (
            _lines_of(str(cell))
            if inner[name].type is FieldType.SHAPE
            else _given(inner[name], cell)
        )
        if value not in ("", []):
            read[name] = value
    return read


def _given_shape(typed: Any) -> Any:
    """Shape to be read: a traverse, the value that its text was made of, or a text."""
    if not isinstance(typed, Mapping):
        return ""
    if typed.get("how") == "traverse":
        rows = [row for row in typed.get("rows", ()) if any(row.values())]
        return {"format": "traverse", "rows": rows} if rows else ""
    text = str(typed.get("text", "")).strip()
    kept = typed.get("canonical")
    if text and text == str(typed.get("was", "")).strip() and isinstance(kept, Mapping):
        return {"canonical": dict(kept)}
    return _lines_of(text)


def _lines_of(text: str) -> str:
    """Positions on lines of their own become positions with ``;`` between; WKT and JSON stay."""
    text = text.replace("\r\n", "\n").strip()
    if text.startswith(("{", "[")) or "(" in text.split("\n", 1)[0]:
        return text
    return ";".join(line.strip().rstrip(";") for line in text.split("\n") if line.strip())


def canonical_text(value: Mapping[str, Any]) -> str:
    """Canonical value of a shape as JSON, for a hidden field; empty where it cannot be one."""
    try:
        return canonical.encode(dict(value)).decode()
    except (TypeError, ValueError):
        return ""
