"""The store in PostgreSQL: the same statement bytes, the same questions, many readers.

The log lies in one schema, what is derived from it in a second, ``<schema>_read``, which rebuilding
makes anew beside the old one and then exchanges. One writer at a time holds an advisory lock for
the length of its transaction; readers see what is committed and never wait for it.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import lru_cache
from pathlib import Path
from typing import Any

import psycopg
from psycopg.sql import SQL

from tilth.core.kinds.model import Kind
from tilth.core.problems import Problem, Refused
from tilth.store.ledger import Ledger
from tilth.store.schema import INDEX_TABLES, ColumnType, Table
from tilth.store.sealing import Sealer
from tilth.store.session import Row, Session, filled, quoted

__all__ = ["PostgresStore"]

WAIT_S = 30.0
_TYPES = {
    # compared by bytes, as SQLite does, so that both stores sort alike
    ColumnType.TEXT: ('text COLLATE "C"', "text"),
    ColumnType.INTEGER: ("bigint", "int8"),
    ColumnType.REAL: ("double precision", "float8"),
    ColumnType.BYTES: ("bytea", "bytea"),
}
_BOX = "box(point(west, south), point(east, north))"


class _PostgresSession:
    """`tilth.store.session.Session` over a connection."""

    def __init__(self, connection: psycopg.Connection[Row]) -> None:
        self.connection = connection

    def all(self, sql: str, parameters: Sequence[Any] = ()) -> list[Row]:
        return self.connection.execute(_translated(sql), parameters or None).fetchall()

    def legible(self, sql: str, parameters: Sequence[Any] = ()) -> list[Row]:
        return self.all(sql, parameters)  # PostgreSQL holds no text that is not valid

    def run(self, sql: str, parameters: Sequence[Any] = ()) -> None:
        self.connection.execute(_translated(sql), parameters or None)

    def add(self, table: Table, rows: Sequence[Row]) -> None:
        if not rows:
            return
        names, values = filled(table, rows)
        types = {column.name: _TYPES[column.type][1] for column in table.columns}
        with self.connection.cursor() as cursor, cursor.copy(_copy_sql(table.name, names)) as copy:
            copy.set_types([types[name] for name in names])
            for row in values:
                copy.write_row(row)

    def create(self, table: Table, *, indices: bool = True) -> None:
        columns = [
            f"{quoted(column.name)} {_TYPES[column.type][0]}" + " NOT NULL" * column.required
            for column in table.columns
        ]
        columns.append(f"PRIMARY KEY ({', '.join(map(quoted, table.key))})")
        columns += [f"UNIQUE ({', '.join(map(quoted, group))})" for group in table.unique]
        columns += [f"FOREIGN KEY ({name}) REFERENCES {other}" for name, other in table.references]
        self.run(f"CREATE TABLE {quoted(table.name)} ({', '.join(columns)})")
        if indices:
            self.index(table)

    def index(self, table: Table) -> None:
        for group in table.indices:
            name = quoted(f"{table.name}_by_{'_'.join(group)}")
            over = ", ".join(map(quoted, group))
            self.run(f"CREATE INDEX {name} ON {quoted(table.name)} ({over})")


@lru_cache(maxsize=1024)
def _translated(sql: str) -> SQL:
    """Put psycopg's marks for SQLite's; no SQL of the store holds either sign otherwise."""
    return SQL(sql.replace("?", "%s"))


@lru_cache(maxsize=256)
def _copy_sql(table: str, names: tuple[str, ...]) -> SQL:
    columns = ", ".join(map(quoted, names))
    return SQL(f"COPY {quoted(table)} ({columns}) FROM STDIN (FORMAT BINARY)")


class PostgresStore(Ledger):
    """A store in PostgreSQL; see `tilth.store.protocol.Store` for what its methods promise.

    Parameters
    ----------
    address
        Connection string or URL, as libpq reads it.
    kinds, sealer, synthetic
        As for `tilth.store.ledger.Ledger`.
    blobs
        Folder of the blobs.
    schema
        Schema of the log; one workspace each. Made when missing and ``create`` is set.
    wait_s
        How long a writer queues for the lock, in seconds.

    Raises
    ------
    LookupError
        When there is no such schema and it is not to be created.
    Refused
        ``database_newer``.
    """

    def __init__(
        self,
        address: str,
        kinds: Mapping[str, Kind],
        *,
        blobs: Path,
        schema: str = "tilth",
        sealer: Sealer | None = None,
        synthetic: bool | None = None,
        create: bool = False,
        wait_s: float = WAIT_S,
    ) -> None:
        super().__init__(kinds, blobs=blobs, sealer=sealer, synthetic=synthetic)
        self._address = address
        self._schema = schema
        self._wait_s = wait_s
        self._open: list[psycopg.Connection[Row]] = []
        self._turn = threading.RLock()
        self._writer: _PostgresSession | None = None
        try:
            if not self._is_current():
                self._create_or_mend(create)
        except BaseException:
            self.close()
            raise

    def _is_current(self) -> bool:
        try:
            meta: dict[str, str] = dict(self._reading().all("SELECT key, value FROM store_meta"))
        except psycopg.errors.UndefinedTable:
            return False
        return meta.get("derived") == self._fingerprint

    def _create_or_mend(self, create: bool) -> None:
        with self._writing() as session:
            held = session.all("SELECT 1 FROM pg_namespace WHERE nspname = ?", (self._schema,))
            if not held and not create:
                msg = f"no schema {self._schema!r} in the database"
                raise LookupError(msg)
            session.run(f"CREATE SCHEMA IF NOT EXISTS {quoted(self._schema)}")
            session.run(
                "CREATE TABLE IF NOT EXISTS store_meta (key text PRIMARY KEY, value text NOT NULL)"
            )
            self._prepare(session)

    # -- connections -----------------------------------------------------------------------------

    @property
    def _read_schema(self) -> str:
        return f"{self._schema}_read"

    def _connect(self, *, read_only: bool) -> _PostgresSession:
        connection = psycopg.connect(self._address, autocommit=True)
        session = _PostgresSession(connection)
        session.run(f"SET search_path = {quoted(self._schema)}, {quoted(self._read_schema)}")
        session.run("SET client_min_messages = warning")
        if read_only:
            session.run("SET default_transaction_read_only = on")
        with self._turn:
            self._open.append(connection)
        return session

    def _reading(self) -> Session:
        session: _PostgresSession | None = getattr(self._local, "session", None)
        if session is None:
            session = self._connect(read_only=True)
            self._local.session = session
        return session

    @contextmanager
    def frozen(self) -> Iterator[None]:
        """Within it the raw questions of this thread see one moment, whatever is appended."""
        session = self._connect(read_only=True)
        session.run("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY")
        self._local.frozen = session
        try:
            yield
        finally:
            self._local.frozen = None
            with self._turn:
                self._open.remove(session.connection)
            session.connection.close()

    @contextmanager
    def _writing(self, durable: str = "on") -> Iterator[Session]:
        if not self._turn.acquire(timeout=self._wait_s):
            raise self._busy()
        try:
            if self._writer is None:
                self._writer = self._connect(read_only=False)
            session = self._writer
            try:
                with session.connection.transaction():
                    session.run(f"SET LOCAL lock_timeout = {max(1, round(self._wait_s * 1000))}")
                    session.run(f"SET LOCAL synchronous_commit = {durable}")
                    session.all(
                        "SELECT pg_advisory_xact_lock(hashtextextended(?, 0))",
                        (f"tilth/{self._schema}",),
                    )
                    yield session
            except psycopg.errors.LockNotAvailable as error:
                raise self._busy() from error
        finally:
            self._turn.release()

    @contextmanager
    def _keeping(self) -> Iterator[Session]:
        with self._writing(durable="off") as session:
            yield session

    def _busy(self) -> Refused:
        return Refused(Problem("workspace_busy", self._schema, {"seconds": round(self._wait_s)}))

    def close(self) -> None:
        """Close the connections of all threads."""
        with self._turn:
            for connection in self._open:
                connection.close()
            self._open.clear()
            self._writer = None
            self._local = threading.local()

    # -- what differs from SQLite ----------------------------------------------------------------

    @property
    def errors(self) -> tuple[type[Exception], ...]:
        """What the database raises when it cannot be read."""
        return (psycopg.Error,)

    def structure_fault(self) -> str | None:
        """Name of a broken table: PostgreSQL checks its pages itself, by checksum on reading."""
        return None

    def _make_append_only(self, session: Session, table: Table) -> None:
        name = table.name
        session.run(
            "CREATE OR REPLACE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS"
            " $$ BEGIN RAISE EXCEPTION USING MESSAGE = TG_TABLE_NAME || ' is append-only';"
            " END $$"
        )
        for acts, each in (("UPDATE OR DELETE", "ROW"), ("TRUNCATE", "STATEMENT")):
            trigger = f"{name}_refuses_{acts.split()[0].lower()}"
            session.run(
                f"CREATE TRIGGER {trigger} BEFORE {acts} ON {name}"
                f" FOR EACH {each} EXECUTE FUNCTION refuse_change()"
            )

    def _replace_derived(self, session: Session, fill: Callable[[], None]) -> None:
        log, read, new = map(quoted, (self._schema, self._read_schema, f"{self._read_schema}_new"))
        session.run(f"CREATE SCHEMA {new}")
        session.run(f"SET LOCAL search_path = {new}, {log}")
        tables = (*INDEX_TABLES, *self.derived.tables)
        for table in tables:
            session.create(table, indices=False)
        fill()
        for table in tables:
            session.index(table)
        session.run(f"CREATE INDEX index_box_by_place ON index_box USING gist ({_BOX})")
        session.run(f"DROP SCHEMA IF EXISTS {read} CASCADE")
        session.run(f"ALTER SCHEMA {new} RENAME TO {read}")
        session.run(f"SET LOCAL search_path = {log}, {read}")

    def _boxes_added(self, session: Session, first_seq: int) -> None:
        """Do nothing: the index of PostgreSQL follows its table by itself."""

    def shapes_in(self, box: tuple[float, float, float, float]) -> list[int]:
        """``seq`` of statements with a shape whose bounding box meets this one, touching too."""
        west, south, east, north = box
        # PostgreSQL compares boxes with a tolerance of 1e-6: the index proposes, numbers decide
        found = self._reading().all(
            f"SELECT seq FROM index_box WHERE {_BOX} && box(point(?, ?), point(?, ?))"
            " AND west <= ? AND east >= ? AND south <= ? AND north >= ? ORDER BY seq",
            (west, south, east, north, east, west, north, south),
        )
        return [row[0] for row in found]
