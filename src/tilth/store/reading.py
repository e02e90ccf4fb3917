"""Questions to a store, in SQL that SQLite and PostgreSQL both understand."""

from __future__ import annotations

import hashlib
import threading
from abc import ABC, abstractmethod
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from typing import Any, NamedTuple

import msgspec

from tilth.core.kinds.model import FieldType, Kind
from tilth.core.merkle import HASH_BYTES
from tilth.core.statement import RECORD_ACTS
from tilth.store.protocol import Entry, LogHead, Receipt
from tilth.store.readtables import DerivedRows
from tilth.store.schema import INDEX_TABLES, ColumnType, Table
from tilth.store.sealing import receipt_of
from tilth.store.session import PAGE, Row, Session, chunks, marks, quoted

__all__ = ["ENTRY_COLUMNS", "RECEIPT_COLUMNS", "RawEntry", "Reading"]

ENTRY_COLUMNS = "e.seq, o.origin, e.place, e.leaf, e.header, c.bytes"
_WITH_CONTENT = " JOIN log_origin o ON o.id = e.log LEFT JOIN log_content c ON c.hash = e.content "
_ENTRIES = f"SELECT {ENTRY_COLUMNS} FROM log_entry e{_WITH_CONTENT}"
_ACTS = f" FROM index_act a JOIN log_entry e ON e.seq = a.seq{_WITH_CONTENT}"
RECEIPT_COLUMNS = "number, received_at, log, start, stop, first_seq, root"
_ROWS_PAGE = 5_000
_LISTS = frozenset({FieldType.TEXTS, FieldType.CODES, FieldType.RECORDS})


class RawEntry(NamedTuple):
    """A row of the log as it stands in the file; nothing about it has been checked."""

    seq: int
    origin: str | None
    place: int
    leaf: bytes
    content_hash: bytes
    header: bytes
    content: bytes | None
    content_seq: int | None


class Reading(ABC):
    """The reading half of the contract in `tilth.store.protocol.Store`."""

    def __init__(self, kinds: Mapping[str, Kind]) -> None:
        self.kinds = dict(kinds)
        self._local = threading.local()
        self.derived = DerivedRows(kinds)
        self._tables = {table.name: table for table in (*self.derived.tables, *INDEX_TABLES)}
        self._converters = {
            table.name: _converters(kinds, table.name) for table in self.derived.tables
        }

    @abstractmethod
    def _reading(self) -> Session:
        """Session of this thread for reading; each of its queries sees what is committed."""

    @property
    @abstractmethod
    def errors(self) -> tuple[type[Exception], ...]:
        """What the database raises when it cannot be read."""

    @abstractmethod
    def structure_fault(self) -> str | None:
        """Name of a table whose pages or indices contradict each other; None when none does."""

    @property
    def derived_tables(self) -> tuple[Table, ...]:
        """Tables that are derived from the log, by name."""
        return tuple(self._tables[name] for name in sorted(self._tables))

    # -- the log ---------------------------------------------------------------------------------

    def heads(self, *, receipts: int | None = None) -> list[LogHead]:
        """Size and root of every log, now or after the first ``receipts`` receipts."""
        if receipts is None:
            found = self._reading().all("SELECT log, size, root FROM index_head ORDER BY log")
        else:
            found = self._reading().all(
                "SELECT log, stop, root FROM log_receipt WHERE number IN"
                " (SELECT max(number) FROM log_receipt WHERE number <= ? GROUP BY log)"
                " ORDER BY log",
                (receipts,),
            )
        return [LogHead(*row) for row in found]

    def receipts(self, *, after: int = 0) -> list[Receipt]:
        """All receipts in order, or those with a number above ``after``."""
        sql = f"SELECT {RECEIPT_COLUMNS} FROM log_receipt WHERE number > ? ORDER BY number"
        return [receipt_of(row) for row in self._reading().all(sql, (after,))]

    def checkpoint(self, log: str) -> str | None:
        """Newest checkpoint of a log, a signed note; None when the log is not held."""
        found = self._reading().all(
            "SELECT p.note FROM log_checkpoint p JOIN log_origin o ON o.id = p.log"
            " WHERE o.origin = ? ORDER BY p.size DESC LIMIT 1",
            (log,),
        )
        return str(found[0][0]) if found else None

    def leaves(self, log: str, *, stop: int | None = None) -> list[bytes]:
        """Leaf hashes of a log from its beginning, for proofs."""
        found = self._reading().all(
            "SELECT e.leaf FROM log_entry e JOIN log_origin o ON o.id = e.log"
            " WHERE o.origin = ? AND e.place < ? ORDER BY e.place",
            (log, 2**53 if stop is None else stop),
        )
        return [row[0] for row in found]

    def last_seq(self) -> int:
        """``seq`` of the newest statement, 0 when there is none."""
        return int(self._reading().all("SELECT coalesce(max(seq), 0) FROM log_entry")[0][0])

    def entries(self, *, after_seq: int = 0, until_seq: int | None = None) -> Iterator[Entry]:
        """Statements in order of receipt, streamed."""
        sql = f"{_ENTRIES} WHERE e.seq > ? AND e.seq <= ?"
        return self._along(sql, (), after_seq, until_seq)

    def entries_of_kinds(
        self, kinds: Iterable[str], *, after_seq: int = 0, until_seq: int | None = None
    ) -> Iterator[Entry]:
        """Statements whose header's kind is one of these, in order of receipt."""
        named = tuple(dict.fromkeys(kinds))
        if not named:
            return iter(())
        of_kinds = f"a.kind IN {marks(len(named))} AND a.seq > ? AND a.seq <= ?"
        # ordered by the narrow table, which SQLite then walks first: three times as fast
        columns = ENTRY_COLUMNS.replace("e.seq", "a.seq", 1)
        sql = f"SELECT {columns}{_ACTS} WHERE {of_kinds}"
        return self._along(sql, named, after_seq, until_seq)

    def _along(
        self, sql: str, parameters: Sequence[Any], after_seq: int, until_seq: int | None
    ) -> Iterator[Entry]:
        until = self.last_seq() if until_seq is None else until_seq
        sql += f" ORDER BY 1 LIMIT {PAGE}"
        after = after_seq
        while after < until:
            page = self._reading().all(sql, (*parameters, after, until))
            yield from map(_entry, page)
            if len(page) < PAGE:
                return
            after = page[-1][0]

    def by_hash(self, hashes: Iterable[str]) -> dict[str, Entry]:
        """Those of the named statements that are held."""
        found: dict[str, Entry] = {}
        for some in chunks(map(_hash_bytes, hashes)):
            sql = f"{_ENTRIES} WHERE e.leaf IN {marks(len(some))}"
            for row in self._reading().all(sql, some):
                entry = _entry(row)
                found[entry.hash] = entry
        return found

    def acts_between(self, after_seq: int, until_seq: int) -> list[tuple[str, str, str, int]]:
        """How many statements of each log, act and kind came in after a ``seq``, up to another."""
        rows = self._reading().all(
            "SELECT o.origin, a.act, a.kind, count(*) FROM index_act a"
            " JOIN log_entry e ON e.seq = a.seq JOIN log_origin o ON o.id = e.log"
            " WHERE a.seq > ? AND a.seq <= ? GROUP BY o.origin, a.act, a.kind",
            (after_seq, until_seq),
        )
        return sorted((str(log), str(act), str(kind), int(n)) for log, act, kind, n in rows)

    def of_records(self, records: Iterable[str]) -> dict[str, list[Entry]]:
        """Record acts of each record, in order of receipt."""
        found: dict[str, list[Entry]] = {}
        for some in chunks(records):
            sql = (
                f"SELECT {ENTRY_COLUMNS}, a.record{_ACTS}"
                f" WHERE a.record IN {marks(len(some))} AND a.act IN {marks(len(RECORD_ACTS))}"
                " ORDER BY 1"
            )
            for row in self._reading().all(sql, (*some, *RECORD_ACTS)):
                found.setdefault(row[-1], []).append(_entry(row[:-1]))
        return found

    def deciding(self, hashes: Iterable[str]) -> list[Entry]:
        """Decisions that name any of these statements, in order of receipt."""
        return self._named_in("index_decided", "target", map(_hash_bytes, hashes))

    def concerning(self, records: Iterable[str]) -> list[Entry]:
        """Other acts that name one of these: ``revoke``, ``recall``, ``name``, ``erase``."""
        return self._named_in("index_concerned", "record", records)

    def _named_in(self, table: str, column: str, values: Iterable[Any]) -> list[Entry]:
        seqs: set[int] = set()
        for some in chunks(values):
            sql = f"SELECT seq FROM {table} WHERE {column} IN {marks(len(some))}"
            seqs.update(row[0] for row in self._reading().all(sql, some))
        return self.entries_at(sorted(seqs))

    def entries_at(self, seqs: Iterable[int]) -> list[Entry]:
        """Statements with these ``seq``, in order of receipt."""
        found: list[Entry] = []
        for some in chunks(seqs):
            sql = f"{_ENTRIES} WHERE e.seq IN {marks(len(some))} ORDER BY e.seq"
            found += map(_entry, self._reading().all(sql, some))
        return found

    def from_source(self, blob: str) -> Iterator[Entry]:
        """Statements whose source is this blob, in order of receipt."""
        sql = "SELECT seq FROM index_act WHERE source = ? ORDER BY seq"
        for some in chunks(row[0] for row in self._reading().all(sql, (blob,))):
            yield from self.entries_at(some)

    def find_record(self, name: str) -> list[str]:
        """Full record ids whose full id, local id or national id is ``name``."""
        name = name.replace("\x00", "\ufffd")
        found = self._reading().all(
            "SELECT record FROM index_act WHERE record = ?"
            " UNION SELECT record FROM index_act WHERE local_id = ?"
            " UNION SELECT record FROM index_name WHERE name = ?",
            (name, name, name),
        )
        return sorted(row[0] for row in found)

    # -- read tables -----------------------------------------------------------------------------

    def rows(
        self,
        kind: str,
        where: Mapping[str, Any] | None = None,
        *,
        lines: str | None = None,
        after_seq: int = 0,
        until_seq: int | None = None,
    ) -> Iterator[dict[str, Any]]:
        """Rows of a read table (of its nested ``lines`` table), filtered by equality.

        A list or tuple in ``where`` matches any of its values, None what is absent. Raises KeyError
        for a table or column that is not there.
        """
        table = self._table(kind, lines)
        names = table.names
        converters = self._converters[table.name]
        for row in self.select(
            kind, names, where, lines=lines, after_seq=after_seq, until_seq=until_seq
        ):
            made = dict(zip(names, row, strict=True))
            for name, convert in converters.items():
                if made[name] is not None:
                    made[name] = convert(made[name])
            yield made

    def select(
        self,
        kind: str,
        columns: Sequence[str],
        where: Mapping[str, Any] | None = None,
        *,
        lines: str | None = None,
        after_seq: int = 0,
        until_seq: int | None = None,
    ) -> Iterator[Row]:
        """Those columns of the same rows as stored: lists as JSON text, booleans as 0 and 1."""
        table = self._table(kind, lines)
        for name in (*columns, *(where or ())):
            if name not in table.names:
                raise KeyError(name)
        tests, parameters = _tests(table, where or {})
        until = self.last_seq() if until_seq is None else until_seq
        wanted = ", ".join(map(quoted, (*columns, *table.key)))
        test = "".join(f" AND {one}" for one in tests)
        sql = f"SELECT {wanted} FROM {quoted(table.name)} WHERE seq <= ?{test}"
        for page in self._pages(table, sql, [until, *parameters], after_seq):
            for row in page:
                yield row[: len(columns)]

    def _table(self, kind: str, lines: str | None) -> Table:
        name = kind if lines is None else f"{kind}__{lines}"
        if name not in self._converters:
            raise KeyError(name)
        return self._tables[name]

    def _pages(
        self, table: Table, sql: str, parameters: Sequence[Any], after_seq: int = 0
    ) -> Iterator[list[Row]]:
        """Pages of a query on a table whose last columns are the table's key."""
        key = table.key
        after: Row = (after_seq,)
        while True:
            named = key[: len(after)]
            beyond = f"({', '.join(map(quoted, named))}) > {marks(len(named))}"
            order = ", ".join(map(quoted, key))
            page = self._reading().all(
                f"{sql} AND {beyond} ORDER BY {order} LIMIT {_ROWS_PAGE}", (*parameters, *after)
            )
            if page:
                yield page
            if len(page) < _ROWS_PAGE:
                return
            after = page[-1][-len(key) :]

    @abstractmethod
    def shapes_in(self, box: tuple[float, float, float, float]) -> list[int]:
        """``seq`` of statements with a shape whose bounding box meets this one, touching too."""

    def digest_of_read_tables(self) -> str:
        """SHA-256 over all rows of all tables derived from the log; equal in every store."""
        digest = hashlib.sha256()
        encode = msgspec.msgpack.Encoder().encode
        for table in self.derived_tables:
            digest.update(encode(table.name))
            for page in self.derived_rows(table):
                digest.update(encode(page))
        return digest.hexdigest()

    def derived_rows(self, table: Table, after_seq: int = 0) -> Iterator[list[Row]]:
        """All rows of a table derived from the log in order of its key, in pages."""
        wanted = ", ".join(map(quoted, (*table.names, *table.key)))
        width = len(table.names)
        sql = f"SELECT {wanted} FROM {quoted(table.name)} WHERE TRUE"
        for page in self._pages(table, sql, (), after_seq):
            yield [row[:width] for row in page]

    def kept(self, book: str, keys: Iterable[str] | None = None) -> dict[str, bytes]:
        """Kept values of a book, all or the named ones."""
        sql = "SELECT key, value FROM store_kept WHERE book = ?"
        if keys is None:
            return {row[0]: row[1] for row in self._reading().all(sql, (book,))}
        found: dict[str, bytes] = {}
        for some in chunks(keys):
            rows = self._reading().all(f"{sql} AND key IN {marks(len(some))}", (book, *some))
            found.update((row[0], row[1]) for row in rows)
        return found

    def kept_keys(self, book: str) -> list[str]:
        """Keys of the kept values of a book, in order."""
        sql = "SELECT key FROM store_kept WHERE book = ?"
        return sorted(row[0] for row in self._reading().all(sql, (book,)))

    # -- for verification ------------------------------------------------------------------------

    @abstractmethod
    def frozen(self) -> AbstractContextManager[None]:
        """Within it the raw questions of this thread see one moment, whatever is appended."""

    def _raw(self) -> Session:
        frozen: Session | None = getattr(self._local, "frozen", None)
        return frozen or self._reading()

    def raw_entries(self) -> Iterator[RawEntry]:
        """Every row of the log by ``seq``, also where its log or content is missing."""
        after = -(2**62)
        while True:
            page = self._raw().legible(
                "SELECT e.seq, o.origin, e.place, e.leaf, e.content, e.header, c.bytes, c.seq"
                " FROM log_entry e LEFT JOIN log_origin o ON o.id = e.log"
                " LEFT JOIN log_content c ON c.hash = e.content"
                f" WHERE e.seq > ? ORDER BY e.seq LIMIT {PAGE}",
                (after,),
            )
            yield from map(RawEntry._make, page)
            if len(page) < PAGE:
                return
            after = page[-1][0]

    def raw_rows(
        self, sql: str, parameters: Sequence[Any] = (), *, damaged: bool = False
    ) -> list[Row]:
        """Rows of any query; for `tilth.store.verify`, which trusts no index.

        With ``damaged``, texts that are no longer valid UTF-8 are read too, with marks in place.
        """
        session = self._raw()
        return session.legible(sql, parameters) if damaged else session.all(sql, parameters)


def _entry(row: Row) -> Entry:
    seq, log, place, leaf, header, content = row
    return Entry(seq, log, place, leaf.hex(), header, content)


def _hash_bytes(text: str) -> bytes:
    """Return 32 bytes; what is not a hash becomes bytes that no statement has."""
    try:
        data = bytes.fromhex(text)
    except ValueError:
        return b""
    return data if len(data) == HASH_BYTES else b""


def _tests(table: Table, where: Mapping[str, Any]) -> tuple[list[str], list[Any]]:
    tests: list[str] = []
    parameters: list[Any] = []
    types = {column.name: column.type for column in table.columns}
    for name, value in where.items():
        if value is None:
            tests.append(f"{quoted(name)} IS NULL")
        elif isinstance(value, list | tuple):
            tests.append(f"{quoted(name)} IN {marks(len(value))}" if value else "FALSE")
            parameters += [_stored(one, types[name]) for one in value]
        else:
            tests.append(f"{quoted(name)} = ?")
            parameters.append(_stored(value, types[name]))
    return tests, parameters


def _stored(value: object, kind: ColumnType) -> object:
    """Write a value as its column does; a text column is compared with text."""
    if isinstance(value, bool):
        return int(value)
    return str(value) if kind is ColumnType.TEXT else value


def _converters(kinds: Mapping[str, Kind], table: str) -> dict[str, Any]:
    """How stored values become those of content again, for the columns where they differ."""
    kind, _, lines = table.partition("__")
    fields = kinds[kind].field(lines).fields if lines else kinds[kind].fields
    made: dict[str, Any] = {}
    for field in fields:
        if field.type is FieldType.BOOLEAN:
            made[field.name] = bool
        elif field.type in _LISTS:
            made[field.name] = msgspec.json.decode
    return made
