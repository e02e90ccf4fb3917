"""The tables, as values: the log, what is derived from it, and one read table for each kind.

Names tell how a table may change: ``log_*`` is the truth and only ever grows; ``index_*`` and the
tables named like kinds are derived from it and can be rebuilt; ``store_*`` is housekeeping.
"""

from __future__ import annotations

import dataclasses
import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from tilth.core.kinds.model import Field, FieldType, Kind

__all__ = [
    "BOX_SUFFIXES",
    "HEADER_COLUMNS",
    "INDEX_HEAD",
    "INDEX_TABLES",
    "LINE_COLUMNS",
    "LOG_TABLES",
    "STORE_TABLES",
    "Column",
    "ColumnType",
    "Table",
    "fingerprint",
    "plain_first",
    "read_tables",
]


class ColumnType(StrEnum):
    """How a column is stored; the word is SQLite's."""

    TEXT = "TEXT"
    INTEGER = "INTEGER"
    REAL = "REAL"
    BYTES = "BLOB"


@dataclass(frozen=True, slots=True)
class Column:
    """A column; ``required`` refuses NULL."""

    name: str
    type: ColumnType
    required: bool = False


@dataclass(frozen=True, slots=True)
class Table:
    """A table.

    Parameters
    ----------
    key
        Primary key. Derived tables begin theirs with ``seq``, so that they can be read and
        compared along the log.
    unique, indices
        Further columns that are unique together, or are looked up.
    references
        Columns whose value must be in another table: (column, ``table (column)``).
    wide
        Rows may be megabytes: they are kept apart from the tree of their keys, or each look-up
        would read whole values on its way.
    """

    name: str
    columns: tuple[Column, ...]
    key: tuple[str, ...]
    unique: tuple[tuple[str, ...], ...] = ()
    indices: tuple[tuple[str, ...], ...] = ()
    references: tuple[tuple[str, str], ...] = ()
    wide: bool = dataclasses.field(default=False, repr=False)

    @property
    def names(self) -> tuple[str, ...]:
        """Names of the columns in order."""
        return tuple(column.name for column in self.columns)


_T, _I, _R, _B = ColumnType.TEXT, ColumnType.INTEGER, ColumnType.REAL, ColumnType.BYTES


def _table(
    name: str,
    columns: str,
    *,
    key: str,
    unique: str = "",
    indices: str = "",
    optional: str = "",
    references: tuple[tuple[str, str], ...] = (),
    wide: bool = False,
) -> Table:
    """Read ``"seq:i leaf:b"`` and ``"log,place leaf"`` as columns and groups of columns."""
    types = {"t": _T, "i": _I, "r": _R, "b": _B}
    made = [one.partition(":") for one in columns.split()]
    may_miss = set(optional.split())
    return Table(
        name,
        tuple(Column(column, types[kind], column not in may_miss) for column, _, kind in made),
        tuple(key.split(",")),
        tuple(tuple(group.split(",")) for group in unique.split()),
        tuple(tuple(group.split(",")) for group in indices.split()),
        references,
        wide,
    )


_OF_LOG = (("log", "log_origin (id)"),)


LOG_TABLES = (
    _table("log_origin", "id:i origin:t", key="id", unique="origin"),
    # content is stored in the order of the statements that brought it, so that reading the log
    # along reads the file along
    _table("log_content", "seq:i hash:b bytes:b", key="seq", unique="hash"),
    _table(
        "log_entry",
        "seq:i log:i place:i leaf:b content:b header:b",
        key="seq",
        unique="log,place leaf",
        references=_OF_LOG,
    ),
    _table("log_checkpoint", "log:i size:i note:t", key="log,size", references=_OF_LOG),
    _table(
        "log_receipt",
        "number:i received_at:i log:t start:i stop:i first_seq:i root:t body:b signature:b",
        key="number",
    ),
)
"""Append-only. ``place`` counts within a log from 0, ``seq`` within the workspace from 1."""

STORE_TABLES = (
    _table("store_meta", "key:t value:t", key="key"),
    _table("store_kept", "book:t key:t value:b", key="book,key", wide=True),
)

INDEX_HEAD = _table("index_head", "log:t size:i root:t peaks:b", key="log")
"""Head of each log, from which appending goes on."""

INDEX_TABLES = (
    _table(
        "index_act",
        "seq:i kind:t act:t record:t local_id:t source:t",
        key="seq",
        indices="record local_id source",
        optional="record local_id source",
    ),
    _table("index_decided", "seq:i target:b", key="seq,target", indices="target"),
    _table("index_concerned", "seq:i record:t", key="seq,record", indices="record"),
    _table("index_name", "seq:i name:t record:t", key="seq", indices="name"),
    _table("index_box", "seq:i west:r south:r east:r north:r", key="seq"),
)

HEADER_COLUMNS = (
    Column("seq", _I, True),
    Column("hash", _T, True),
    Column("record", _T, True),
    Column("act", _T, True),
    Column("said_at", _T, True),
    Column("author", _T, True),
)
LINE_COLUMNS = (Column("seq", _I, True), Column("line", _I, True))
BOX_SUFFIXES = ("west", "south", "east", "north")

_LOOKED_UP = ("record", "hash", "happened_on", "organisation")
_TYPES = {
    FieldType.TEXT: _T,
    FieldType.CODE: _T,
    FieldType.DECIMAL: _T,
    FieldType.DAY: _T,
    FieldType.TIME: _T,
    FieldType.RECORD: _T,
    FieldType.INTEGER: _I,
    FieldType.BOOLEAN: _I,
    FieldType.TEXTS: _T,
    FieldType.CODES: _T,
    FieldType.RECORDS: _T,
    FieldType.SHAPE: _B,
}
_PLAIN = frozenset(
    {
        *(FieldType.TEXT, FieldType.CODE, FieldType.DECIMAL, FieldType.DAY, FieldType.TIME),
        *(FieldType.RECORD, FieldType.INTEGER),
    }
)


def plain_first(fields: tuple[Field, ...]) -> tuple[tuple[Field, ...], tuple[Field, ...]]:
    """Split fields into those stored as they stand and those that are converted; lines left out.

    Columns come in this order, so that a decoded line is a row but for its last columns.
    """
    plain = tuple(field for field in fields if field.type in _PLAIN)
    others = tuple(field for field in fields if field.type not in _PLAIN | {FieldType.LINES})
    return plain, others


def read_tables(kinds: Mapping[str, Kind]) -> tuple[Table, ...]:
    """Tables of the kinds: one row a statement, and one table for each field of lines.

    Decimals are text, as entered. A shape of a statement is WKB in degrees with the four numbers
    of its bounding box beside it; a shape of a line is WKB alone.

    Raises
    ------
    ValueError
        When a field's name is that of a column every table has, or lines hold lines.
    """
    tables: list[Table] = []
    for kind in sorted(kinds.values(), key=lambda one: one.name):
        main = _columns(kind, kind.fields, HEADER_COLUMNS, boxes=True)
        names = {column.name for column in main}
        indices = tuple((name,) for name in _LOOKED_UP if name in names)
        tables.append(Table(kind.name, main, ("seq",), (), indices))
        for field in kind.fields:
            if field.type is FieldType.LINES:
                columns = _columns(kind, field.fields, LINE_COLUMNS, boxes=False)
                tables.append(Table(f"{kind.name}__{field.name}", columns, ("seq", "line")))
    return tuple(tables)


def _columns(
    kind: Kind, fields: tuple[Field, ...], first: tuple[Column, ...], *, boxes: bool
) -> tuple[Column, ...]:
    columns = list(first)
    plain, others = plain_first(fields)
    for field in (*plain, *others):
        columns.append(Column(field.name, _TYPES[field.type]))
        if field.type is FieldType.SHAPE and boxes:
            columns += [Column(f"{field.name}_{suffix}", _R) for suffix in BOX_SUFFIXES]
    names = [column.name for column in columns]
    lines_in_lines = not boxes and any(field.type is FieldType.LINES for field in fields)
    if len(set(names)) != len(names) or lines_in_lines:
        msg = f"kind {kind.name!r} cannot have a read table: doubled names or lines within lines"
        raise ValueError(msg)
    return tuple(columns)


def fingerprint(tables: tuple[Table, ...], kinds: Mapping[str, Kind]) -> str:
    """SHA-256 that changes when tables derived from the log would come out otherwise."""
    versions = sorted((kind.name, kind.version) for kind in kinds.values())
    return hashlib.sha256(repr((tables, versions)).encode()).hexdigest()
