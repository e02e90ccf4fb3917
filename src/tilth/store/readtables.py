"""From statements to rows: what the tables derived from the log hold.

A row depends on its statement and its place alone, so rebuilding gives the same rows. The usual
statement, of the current version and with values of the right types, is decoded straight into the
order of the columns; any other goes a slower way, field by field, and a value that does not fit
its field is left out of the read table (its bytes stay in the log).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Annotated, Any

import msgspec

from tilth.core import statement
from tilth.core.kinds.model import Field, FieldType, Kind
from tilth.core.statement import RECORD_ACTS, Header
from tilth.store.schema import Table, plain_first, read_tables
from tilth.store.shapes import wkb_of, wkb_with_box

__all__ = ["Collected", "DerivedRows", "decided_hashes"]

Row = tuple[Any, ...]
Collected = dict[str, list[Row]]

_HASH_DIGITS = 64
_MAX_INT = 2**53 - 1
_BAD_SHAPE = (ValueError, TypeError, KeyError, OverflowError, AttributeError, RecursionError)
_NO_BOX = (None, None, None, None)


class _Shape(msgspec.Struct, gc=False):
    type: str
    coordinates: list[Any]


_TYPES: dict[FieldType, Any] = {
    **dict.fromkeys(
        (
            *(FieldType.TEXT, FieldType.CODE, FieldType.DECIMAL, FieldType.DAY, FieldType.TIME),
            FieldType.RECORD,
        ),
        str,
    ),
    **dict.fromkeys((FieldType.TEXTS, FieldType.CODES, FieldType.RECORDS), list[str]),
    FieldType.INTEGER: Annotated[int, msgspec.Meta(ge=-_MAX_INT, le=_MAX_INT)],
    FieldType.BOOLEAN: bool,
    FieldType.SHAPE: _Shape,
}


def _text_of_list(value: list[str]) -> str:
    return msgspec.json.encode(value).decode()


def _wkb(value: _Shape) -> bytes | None:
    try:
        return wkb_of(value.type, value.coordinates)
    except _BAD_SHAPE:
        return None


_CONVERSIONS: dict[FieldType, Callable[[Any], Any]] = {
    FieldType.BOOLEAN: int,
    FieldType.SHAPE: _wkb,
    **dict.fromkeys((FieldType.TEXTS, FieldType.CODES, FieldType.RECORDS), _text_of_list),
}


def decided_hashes(header: Header, content: bytes | None) -> list[str]:
    """Hashes that a decision names, in its header or, for a large one, in its content.

    Raises
    ------
    ValueError
        When the content names others than the header binds, by root and count.
    """
    if not header.decides_root:
        return list(dict.fromkeys(header.decides))
    if content is None:
        return []
    named = statement.content_fields(content).get("decides", [])
    if (
        len(named) != header.decides_count
        or statement.decides_root(tuple(named)) != header.decides_root
    ):
        msg = "the decision's content names other statements than its header binds"
        raise ValueError(msg)
    return list(dict.fromkeys(named))


class _Lines:
    """Rows of one field of lines."""

    def __init__(self, table: str, field: Field) -> None:
        self.table = table
        plain, others = plain_first(field.fields)
        self._plain = len(plain)
        self._conversions = tuple(_CONVERSIONS[one.type] for one in others)
        self.struct = _struct(field.name, (*plain, *others))
        self._fields = (*plain, *others)

    def rows(self, seq: int, lines: Sequence[Any]) -> list[Row]:
        values = msgspec.structs.astuple
        if not self._conversions:
            return [(seq, line, *values(one)) for line, one in enumerate(lines)]
        plain, rows = self._plain, []
        if len(self._conversions) == 1:  # items have but a position
            convert = self._conversions[0]
            return [
                (seq, line, *row[:plain], None if row[plain] is None else convert(row[plain]))
                for line, row in enumerate(map(values, lines))
            ]
        for line, one in enumerate(lines):
            row = values(one)
            converted = [
                None if value is None else convert(value)
                for convert, value in zip(self._conversions, row[plain:], strict=True)
            ]
            rows.append((seq, line, *row[:plain], *converted))
        return rows

    def mended(self, value: object) -> list[Any] | None:
        if not isinstance(value, list):
            return None
        lines = [one if isinstance(one, dict) else {} for one in value]
        return [self.struct(*_mended(one, self._fields)) for one in lines]


class _KindRows:
    """Rows of one kind."""

    def __init__(self, kind: Kind) -> None:
        self.kind = kind
        plain, others = plain_first(kind.fields)
        self._plain = len(plain)
        self._others = tuple((field.type, _CONVERSIONS[field.type]) for field in others)
        self._fields = (*plain, *others)
        self._lines = {
            field.name: _Lines(f"{kind.name}__{field.name}", field)
            for field in kind.fields
            if field.type is FieldType.LINES
        }
        lines = {name: one.struct for name, one in self._lines.items()}
        self._struct = _struct(kind.name, self._fields, lines)
        content = msgspec.defstruct("Content", [("fields", self._struct)])
        self._decoder = msgspec.json.Decoder(content)

    def add(self, rows: Collected, head: Row, version: int, content: bytes | None) -> None:
        """Add the rows of a statement; ``head`` holds the columns of its header."""
        seq = head[0]
        values = msgspec.structs.astuple(self._fields_of(version, content))
        plain, width = self._plain, len(self._fields)
        row = [*head, *values[:plain]]
        box: tuple[float, float, float, float] | None = None
        for (kind, convert), value in zip(self._others, values[plain:width], strict=True):
            if kind is FieldType.SHAPE:
                wkb, found = _boxed(value)
                row += (wkb, *(found or _NO_BOX))
                box = _joined(box, found)
            else:
                row.append(None if value is None else convert(value))
        rows.setdefault(self.kind.name, []).append(tuple(row))
        if box is not None:
            rows.setdefault("index_box", []).append((seq, *box))
        for lines, value in zip(self._lines.values(), values[width:], strict=True):
            if value:
                rows.setdefault(lines.table, []).extend(lines.rows(seq, value))

    def _fields_of(self, version: int, content: bytes | None) -> msgspec.Struct:
        if content is None:
            return self._struct()
        if version == self.kind.version:
            try:
                fields: msgspec.Struct = self._decoder.decode(content).fields  # type: ignore[attr-defined]
            except msgspec.DecodeError:
                pass
            else:
                return fields
        return self._mended(version, content)

    def _mended(self, version: int, content: bytes) -> msgspec.Struct:
        try:
            fields = statement.content_fields(content)
            for old in range(version, self.kind.version):
                if old in self.kind.upgrades:
                    fields = self.kind.upgrades[old](fields)
        except Exception:
            fields = {}
        if not isinstance(fields, dict):
            return self._struct()
        lines = [one.mended(fields.get(name)) for name, one in self._lines.items()]
        return self._struct(*_mended(fields, self._fields), *lines)


def _struct(
    name: str, fields: Sequence[Field], lines: Mapping[str, type[msgspec.Struct]] | None = None
) -> type[msgspec.Struct]:
    """Struct with the fields in the order of the columns; a field may be any word of JSON."""
    named = [(field.name, _TYPES[field.type]) for field in fields]
    named += [(one, list[struct]) for one, struct in (lines or {}).items()]  # type: ignore[valid-type]
    places = {f"f{place}": one for place, (one, _) in enumerate(named)}
    return msgspec.defstruct(
        name,
        [(f"f{place}", kind | None, None) for place, (_, kind) in enumerate(named)],
        rename=places,
        gc=False,
    )


def _mended(fields: Mapping[str, Any], wanted: Sequence[Field]) -> list[Any]:
    """Values of the fields that fit their types; the others are None."""
    values: list[Any] = []
    for field in wanted:
        try:
            values.append(msgspec.convert(fields.get(field.name), _TYPES[field.type] | None))
        except msgspec.ValidationError:
            values.append(None)
    return values


def _boxed(value: _Shape | None) -> tuple[bytes | None, tuple[float, float, float, float] | None]:
    if value is None:
        return None, None
    try:
        return wkb_with_box(value.type, value.coordinates)
    except _BAD_SHAPE:
        return None, None


def _joined(
    one: tuple[float, float, float, float] | None, other: tuple[float, float, float, float] | None
) -> tuple[float, float, float, float] | None:
    if one is None or other is None:
        return one or other
    west, south, east, north = zip(one, other, strict=True)
    return min(west), min(south), max(east), max(north)


class DerivedRows:
    """Makes the rows of every table that is derived from the log.

    Parameters
    ----------
    kinds
        Newest version of each kind by its name.
    """

    def __init__(self, kinds: Mapping[str, Kind]) -> None:
        self.tables: tuple[Table, ...] = read_tables(kinds)
        self._kinds = {name: _KindRows(kind) for name, kind in kinds.items()}

    def add(
        self,
        rows: Collected,
        seq: int,
        leaf: bytes,
        header: Header,
        content: bytes | None,
    ) -> None:
        """Add the rows of one statement, by table.

        ``content`` may be None (withheld); then the row holds what the header says.
        """
        nul = content is not None and b"\\u0000" in content
        if nul or "\x00" in header.record:
            fresh: Collected = {}
            self._add(fresh, seq, leaf, header, content)
            for table, made in fresh.items():
                rows.setdefault(table, []).extend(_without_nul(row) for row in made)
        else:
            self._add(rows, seq, leaf, header, content)

    def _add(
        self, rows: Collected, seq: int, leaf: bytes, header: Header, content: bytes | None
    ) -> None:
        act, record = header.act, header.record
        source = None if header.source is None else header.source.blob
        local = record.split("/", 2)[-1] if act in RECORD_ACTS else None
        rows.setdefault("index_act", []).append(
            (seq, header.kind, act, record or None, local or None, source)
        )
        if act in RECORD_ACTS:
            one = self._kinds.get(header.kind)
            if one is not None:
                head = (seq, leaf.hex(), record, act, header.said_at, header.organisation)
                one.add(rows, head, header.kind_version, content)
            return
        self._add_decision(rows, seq, header, content)

    def _add_decision(
        self, rows: Collected, seq: int, header: Header, content: bytes | None
    ) -> None:
        try:
            targets = dict.fromkeys(map(bytes.fromhex, decided_hashes(header, content)))
        except (ValueError, TypeError, KeyError):
            targets = {}  # refused on append; from elsewhere it names nothing
        if targets:
            rows.setdefault("index_decided", []).extend(
                (seq, target) for target in targets if 2 * len(target) == _HASH_DIGITS
            )
        concerned = [header.record] if header.record else []
        if header.act in ("revoke", "recall", "name"):
            fields = _fields_or_none(content)
            named = fields.get("records", [])
            concerned += [one for one in named if isinstance(one, str)]
            name = fields.get("national_id")
            if header.act == "name" and isinstance(name, str):
                rows.setdefault("index_name", []).append((seq, name, header.record))
        if concerned:
            rows.setdefault("index_concerned", []).extend(
                (seq, record) for record in dict.fromkeys(concerned)
            )


def _fields_or_none(content: bytes | None) -> dict[str, Any]:
    """Return the fields of a content; empty where it is withheld or holds something else."""
    try:
        fields = statement.content_fields(content) if content else {}
    except (ValueError, KeyError, TypeError):
        return {}
    return fields if isinstance(fields, dict) else {}


def _without_nul(row: Row) -> Row:
    """Replace U+0000, which PostgreSQL cannot hold in a text; the log's bytes keep it."""
    return tuple(
        value.replace("\x00", "\ufffd") if isinstance(value, str) else value for value in row
    )
