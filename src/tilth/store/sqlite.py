"""The store in one SQLite file: what a workspace folder holds.

One file, since SQLite in WAL mode commits one file atomically and not several. One writer at a
time, by ``BEGIN IMMEDIATE``; readers have read-only connections of their own, one for each thread,
and never wait (https://www.sqlite.org/wal.html).
"""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import quote

from tilth.core.kinds.model import Kind
from tilth.core.problems import Problem, Refused
from tilth.store.ledger import Ledger
from tilth.store.schema import INDEX_TABLES, Table
from tilth.store.sealing import Sealer
from tilth.store.session import Row, Session, filled, quoted

__all__ = ["SQLiteStore"]

WAIT_S = 30.0
_PAGE_BYTES = 8192
_CACHE_KIB = 64 * 1024
_WAL_LEFT_BYTES = 64 << 20  # what a large import may leave behind of the write-ahead log
_BOX_TREE = "index_box_tree"


class _SQLiteSession:
    """`tilth.store.session.Session` over a connection."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self.connection = connection

    def all(self, sql: str, parameters: Sequence[Any] = ()) -> list[Row]:
        return self.connection.execute(sql, parameters).fetchall()

    def legible(self, sql: str, parameters: Sequence[Any] = ()) -> list[Row]:
        self.connection.text_factory = _legible
        try:
            return self.all(sql, parameters)
        finally:
            self.connection.text_factory = str

    def run(self, sql: str, parameters: Sequence[Any] = ()) -> None:
        self.connection.execute(sql, parameters)

    def add(self, table: Table, rows: Sequence[Row]) -> None:
        if rows:
            names, values = filled(table, rows)
            self.connection.executemany(_insert_sql(table.name, names), values)

    def create(self, table: Table, *, indices: bool = True) -> None:
        columns = [
            f"{quoted(column.name)} {column.type}{' NOT NULL' if column.required else ''}"
            for column in table.columns
        ]
        columns.append(f"PRIMARY KEY ({', '.join(map(quoted, table.key))})")
        columns += [f"UNIQUE ({', '.join(map(quoted, group))})" for group in table.unique]
        columns += [f"FOREIGN KEY ({name}) REFERENCES {other}" for name, other in table.references]
        # a single integer key is the row's number; other keys would cost a second tree
        ending = " WITHOUT ROWID" if len(table.key) > 1 and not table.wide else ""
        self.run(f"CREATE TABLE {quoted(table.name)} ({', '.join(columns)}){ending}")
        if indices:
            self.index(table)

    def index(self, table: Table) -> None:
        for group in table.indices:
            name = quoted(f"{table.name}_by_{'_'.join(group)}")
            over = ", ".join(map(quoted, group))
            self.run(f"CREATE INDEX {name} ON {quoted(table.name)} ({over})")


def _insert_sql(table: str, names: Sequence[str]) -> str:
    places = ",".join("?" * len(names))
    return f"INSERT INTO {quoted(table)} ({', '.join(map(quoted, names))}) VALUES ({places})"


class SQLiteStore(Ledger):
    """A store in one SQLite file; see `tilth.store.protocol.Store` for what its methods promise.

    Parameters
    ----------
    path
        The file; made with its tables when it is not there and ``create`` is set.
    kinds, sealer, synthetic
        As for `tilth.store.ledger.Ledger`.
    blobs
        Folder of the blobs; ``blobs`` beside the file when not given.
    wait_s
        How long a writer queues for the lock, in seconds.

    Raises
    ------
    FileNotFoundError, sqlite3.DatabaseError
        When there is no file, or no log in it, and it is not to be created.
    Refused
        ``database_newer``.
    """

    def __init__(
        self,
        path: Path,
        kinds: Mapping[str, Kind],
        *,
        sealer: Sealer | None = None,
        blobs: Path | None = None,
        synthetic: bool | None = None,
        create: bool = False,
        wait_s: float = WAIT_S,
    ) -> None:
        super().__init__(
            kinds, blobs=blobs or path.parent / "blobs", sealer=sealer, synthetic=synthetic
        )
        self.path = path
        self._wait_s = wait_s
        self._open: list[sqlite3.Connection] = []
        self._turn = threading.RLock()
        self._writer: _SQLiteSession | None = None
        if not create and not path.is_file():
            raise FileNotFoundError(path)
        try:
            if not self._is_current():
                if not create and not self._holds_a_store():
                    msg = f"{path} holds no log"
                    raise sqlite3.DatabaseError(msg)
                with self._writing() as session:
                    session.run(_META_SQL)
                    self._prepare(session)
        except BaseException:
            self.close()
            raise

    def _holds_a_store(self) -> bool:
        sql = "SELECT 1 FROM sqlite_master WHERE name = 'store_meta'"
        return self.path.stat().st_size > 0 and bool(self._reading().all(sql))

    def _is_current(self) -> bool:
        """Whether the file is complete, so that opening it need not take the lock."""
        if not self.path.is_file() or self.path.stat().st_size == 0:
            return False
        try:
            meta: dict[str, str] = dict(self._reading().all("SELECT key, value FROM store_meta"))
        except sqlite3.OperationalError:
            return False
        return meta.get("derived") == self._fingerprint

    # -- connections -----------------------------------------------------------------------------

    def _connect(self, mode: str) -> _SQLiteSession:
        connection = sqlite3.connect(
            f"file:{quote(str(self.path))}?mode={mode}",
            uri=True,
            timeout=self._wait_s,
            isolation_level=None,
            check_same_thread=False,
            cached_statements=256,
        )
        connection.execute(f"PRAGMA cache_size = -{_CACHE_KIB}")
        with self._turn:
            self._open.append(connection)
        return _SQLiteSession(connection)

    def _reading(self) -> Session:
        session: _SQLiteSession | None = getattr(self._local, "session", None)
        if session is None:
            session = self._connect("ro")
            self._local.session = session
        return session

    @contextmanager
    def frozen(self) -> Iterator[None]:
        """Within it the raw questions of this thread see one moment, whatever is appended."""
        session = self._connect("ro")
        session.run("BEGIN")
        self._local.frozen = session
        try:
            yield
        finally:
            self._local.frozen = None
            self._disconnect(session)

    def _disconnect(self, session: _SQLiteSession) -> None:
        with self._turn:
            self._open.remove(session.connection)
        session.connection.close()

    def _for_writing(self) -> _SQLiteSession:
        if self._writer is None:
            session = self._connect("rwc")
            session.run(f"PRAGMA page_size = {_PAGE_BYTES}")
            session.run("PRAGMA journal_mode = WAL")
            session.run(f"PRAGMA journal_size_limit = {_WAL_LEFT_BYTES}")
            session.run("PRAGMA synchronous = FULL")
            session.run("PRAGMA foreign_keys = ON")
            # without it INSERT OR REPLACE removes a row and fires no trigger
            session.run("PRAGMA recursive_triggers = ON")
            self._writer = session
        return self._writer

    @contextmanager
    def _writing(self) -> Iterator[Session]:
        if not self._turn.acquire(timeout=self._wait_s):
            raise self._busy()
        try:
            session = self._begin()
            try:
                yield session
            except BaseException:
                if session.connection.in_transaction:
                    session.run("ROLLBACK")
                raise
            session.run("COMMIT")
        finally:
            self._turn.release()

    def _begin(self) -> _SQLiteSession:
        try:
            session = self._for_writing()
            session.run("BEGIN IMMEDIATE")
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode & 0xFF in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED):
                raise self._busy() from error
            raise
        return session

    def _busy(self) -> Refused:
        seconds = round(self._wait_s)
        return Refused(Problem("workspace_busy", str(self.path.parent), {"seconds": seconds}))

    @contextmanager
    def _keeping(self) -> Iterator[Session]:
        with self._turn:
            writer = self._for_writing()
            # the log's order is kept all the same: a later commit makes this one durable too
            writer.run("PRAGMA synchronous = NORMAL")
            try:
                with self._writing() as session:
                    yield session
            finally:
                writer.run("PRAGMA synchronous = FULL")

    def close(self) -> None:
        """Close the connections of all threads."""
        with self._turn:
            for connection in self._open:
                connection.close()
            self._open.clear()
            self._writer = None
            self._local = threading.local()

    # -- what differs from PostgreSQL ------------------------------------------------------------

    @property
    def errors(self) -> tuple[type[Exception], ...]:
        """What the database raises when it cannot be read."""
        return (sqlite3.Error,)

    def structure_fault(self) -> str | None:
        """Name of a table whose pages or indices contradict each other; None when none does."""
        found = self._raw().all("PRAGMA integrity_check(1)")[0][0]
        if found != "ok":
            return str(found)
        return None if self._tree_is_right() else _BOX_TREE

    def _tree_is_right(self) -> bool:
        """Whether the spatial index holds what one made now from the same boxes holds."""
        session = self._connect("ro")  # its temporary tables are its own and can be written
        columns = "seq, west, east, south, north"
        session.run("BEGIN")
        session.run(f"CREATE VIRTUAL TABLE temp.fresh USING rtree({columns})")
        session.run(f"INSERT INTO temp.fresh SELECT {columns} FROM index_box ORDER BY seq")
        compared = " AND ".join(f"t.{one} = f.{one}" for one in columns.split(", "))
        counts = session.all(
            f"SELECT (SELECT count(*) FROM {_BOX_TREE}), (SELECT count(*) FROM temp.fresh),"
            f" (SELECT count(*) FROM temp.fresh f JOIN {_BOX_TREE} t ON {compared})"
        )[0]
        self._disconnect(session)
        return len(set(counts)) == 1

    def _make_append_only(self, session: Session, table: Table) -> None:
        name = table.name
        refuse = f"BEGIN SELECT RAISE(ABORT, '{name} is append-only'); END"
        for act in ("UPDATE", "DELETE"):
            trigger = f"{name}_refuses_{act.lower()}"
            session.run(f"CREATE TRIGGER {trigger} BEFORE {act} ON {name} {refuse}")
        # REPLACE is stopped also on connections that have not set recursive_triggers
        same = " OR ".join(
            "(" + " AND ".join(f"{column} = NEW.{column}" for column in group) + ")"
            for group in (table.key, *table.unique)
        )
        session.run(
            f"CREATE TRIGGER {name}_refuses_replace BEFORE INSERT ON {name}"
            f" WHEN EXISTS (SELECT 1 FROM {name} WHERE {same}) {refuse}"
        )

    def _replace_derived(self, session: Session, fill: Callable[[], None]) -> None:
        session.run(f"DROP TABLE IF EXISTS {_BOX_TREE}")
        found = session.all(
            "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%'"
            " AND name NOT LIKE 'log\\_%' ESCAPE '\\' AND name NOT LIKE 'store\\_%' ESCAPE '\\'"
            " AND name <> 'index_head'"
        )
        for (name,) in found:
            session.run(f"DROP TABLE {quoted(name)}")
        tables = (*INDEX_TABLES, *self.derived.tables)
        for table in tables:
            session.create(table, indices=False)
        session.run(f"CREATE VIRTUAL TABLE {_BOX_TREE} USING rtree(seq, west, east, south, north)")
        fill()
        for table in tables:
            session.index(table)

    def _boxes_added(self, session: Session, first_seq: int) -> None:
        session.run(
            f"INSERT INTO {_BOX_TREE} SELECT seq, west, east, south, north"
            " FROM index_box WHERE seq >= ?",
            (first_seq,),
        )

    def shapes_in(self, box: tuple[float, float, float, float]) -> list[int]:
        """``seq`` of statements with a shape whose bounding box meets this one, touching too."""
        west, south, east, north = box
        # the tree holds 32-bit numbers rounded outwards: it proposes, the exact box decides
        found = self._reading().all(
            f"SELECT b.seq FROM {_BOX_TREE} t JOIN index_box b ON b.seq = t.seq"
            " WHERE t.west <= ? AND t.east >= ? AND t.south <= ? AND t.north >= ?"
            " AND b.west <= ? AND b.east >= ? AND b.south <= ? AND b.north >= ? ORDER BY 1",
            (east, west, north, south) * 2,
        )
        return [row[0] for row in found]


_META_SQL = "CREATE TABLE IF NOT EXISTS store_meta (key TEXT PRIMARY KEY, value TEXT NOT NULL)"


def _legible(data: bytes) -> str:
    """Decode a text that may be damaged, with marks in place of what is no UTF-8."""
    return data.decode("utf-8", "backslashreplace")
