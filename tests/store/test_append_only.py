"""The log only grows, whoever holds the connection; and one writer at a time."""

import sqlite3
import threading
import time

import psycopg
import pytest
from logbook import LOG, draft, patch, patch_fields, patches

from tilth.core.problems import Refused
from tilth.core.statement import record_id
from tilth.store.schema import LOG_TABLES

TABLES = [table.name for table in LOG_TABLES]


@pytest.mark.parametrize("recursive", ["ON", "OFF"])
@pytest.mark.parametrize("table", TABLES)
def test_sqlite_refuses_update_delete_and_replace(open_sqlite, table, recursive):
    store = open_sqlite()
    store.append(LOG, patches(2), received_at=1)
    raw = sqlite3.connect(store.path, isolation_level=None)
    raw.execute(f"PRAGMA recursive_triggers = {recursive}")
    before = raw.execute(f"SELECT * FROM {table}").fetchall()
    row = before[0]
    places = ",".join("?" * len(row))
    columns = [one[1] for one in raw.execute(f"PRAGMA table_info({table})")]
    for sql, parameters in [
        (f"UPDATE {table} SET {columns[-1]} = ?", ("x",)),
        (f"UPDATE OR REPLACE {table} SET {columns[0]} = {columns[0]} + 1", ()),
        (f"DELETE FROM {table}", ()),
        (f"INSERT OR REPLACE INTO {table} VALUES ({places})", row),
        (f"REPLACE INTO {table} VALUES ({places})", row),
        (f"INSERT OR IGNORE INTO {table} VALUES ({places})", row),
    ]:
        with pytest.raises(sqlite3.IntegrityError, match="is append-only"):
            raw.execute(sql, parameters)
    assert raw.execute(f"SELECT * FROM {table}").fetchall() == before
    raw.close()


@pytest.mark.parametrize(
    ("table", "unique"),
    [("log_entry", "leaf"), ("log_entry", "place"), ("log_content", "hash")],
)
def test_a_row_cannot_be_replaced_by_one_that_shares_a_unique_column(open_sqlite, table, unique):
    store = open_sqlite()
    store.append(LOG, patches(2), received_at=1)
    raw = sqlite3.connect(store.path, isolation_level=None)
    columns = [one[1] for one in raw.execute(f"PRAGMA table_info({table})")]
    row = dict(zip(columns, raw.execute(f"SELECT * FROM {table}").fetchone(), strict=True))
    changed = {name: b"other" if isinstance(value, bytes) else 99 for name, value in row.items()}
    changed["log"] = row.get("log")
    changed[unique] = row[unique]
    values = [changed[name] for name in columns]
    places = ",".join("?" * len(values))
    with pytest.raises(sqlite3.IntegrityError, match="is append-only"):
        raw.execute(f"INSERT OR REPLACE INTO {table} VALUES ({places})", values)
    raw.close()


@pytest.mark.parametrize("table", TABLES)
def test_postgres_refuses_update_delete_and_truncate(open_postgres, postgres_address, table):
    store = open_postgres()
    store.append(LOG, patches(2), received_at=1)
    before = store.raw_rows(f"SELECT * FROM {table}")
    key = next(one for one in LOG_TABLES if one.name == table).key[0]
    with psycopg.connect(postgres_address, autocommit=True) as raw:
        raw.execute(f"SET search_path = {store._schema}")
        for sql in (
            f"UPDATE {table} SET {key} = {key}",
            f"DELETE FROM {table}",
            f"TRUNCATE {table} CASCADE",
            f"INSERT INTO {table} SELECT * FROM {table} LIMIT 1"
            f" ON CONFLICT ({', '.join(key_of(table))}) DO UPDATE SET {key} = EXCLUDED.{key}",
        ):
            with pytest.raises(psycopg.errors.RaiseException, match="is append-only"):
                raw.execute(sql)
    assert store.raw_rows(f"SELECT * FROM {table}") == before


def key_of(table: str) -> tuple[str, ...]:
    return next(one for one in LOG_TABLES if one.name == table).key


def test_the_connections_of_the_store_are_as_promised(open_sqlite):
    store = open_sqlite()
    writer = store._for_writing()
    wanted = {
        "journal_mode": "wal",
        "synchronous": 2,
        "recursive_triggers": 1,
        "foreign_keys": 1,
    }
    for name, value in wanted.items():
        assert writer.all(f"PRAGMA {name}") == [(value,)]
    with pytest.raises(sqlite3.OperationalError, match="readonly"):
        store._reading().run("DELETE FROM store_meta")


def test_keeping_a_derived_value_leaves_commits_durable(open_sqlite):
    store = open_sqlite()
    store.keep("book", "key", b"value")
    assert store._for_writing().all("PRAGMA synchronous") == [(2,)]


def test_a_second_writer_waits_and_is_refused_in_words(open_store):
    first, second = open_store(), open_store(wait_s=0.3)
    with first._writing():
        began = time.monotonic()
        with pytest.raises(Refused) as refusal:
            second.append(LOG, patches(1), received_at=1)
        assert time.monotonic() - began >= 0.25
        assert [one.code for one in refusal.value.problems] == ["workspace_busy"]
    second.append(LOG, patches(1), received_at=1)


def test_a_thread_of_the_same_store_waits_its_turn(open_store):
    store = open_store(wait_s=0.3)
    refused = []

    def late() -> None:
        try:
            store.append(LOG, patches(1), received_at=1)
        except Refused as refusal:
            refused.extend(refusal.problems)

    with store._writing():
        thread = threading.Thread(target=late)
        thread.start()
        thread.join()
    assert [one.code for one in refused] == ["workspace_busy"]


def test_readers_do_not_wait_for_a_writer(open_store):
    store, other = open_store(), open_store()
    store.append(LOG, patches(3), received_at=1)
    with store._writing() as session:
        session.run("DELETE FROM index_head")
        began = time.monotonic()
        assert other.heads()[0].size == 3
        assert len(list(other.entries())) == 3
        assert len(list(other.rows("patch", lines="items"))) == 6
        assert time.monotonic() - began < 5
        session.run("INSERT INTO index_head SELECT log, stop, root, ? FROM log_receipt", (b"",))


def test_readers_see_the_old_tables_while_new_ones_are_made(open_store):
    store, other = open_store(), open_store()
    store.append(LOG, patches(30), received_at=1)
    before = other.digest_of_read_tables()
    seen: list[int] = []
    original = store._fill

    def fill(session):
        original(session)
        seen.append(len(list(other.rows("patch"))))
        seen.append(len(list(other.entries_of_kinds(["patch"]))))

    store._fill = fill
    store.rebuild()
    assert seen == [30, 30]
    assert other.digest_of_read_tables() == before


def test_writers_from_many_threads_leave_one_log(open_store):
    store = open_store()
    others = [open_store() for _ in range(2)]

    def write(place: int) -> None:
        for step in range(5):
            number = 10 * place + step
            (store, *others)[place].append(LOG, [patch(number)], received_at=step)

    threads = [threading.Thread(target=write, args=(place,)) for place in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [one.index for one in store.entries()] == list(range(15))
    assert [one.start for one in store.receipts()] == list(range(15))
    found = {row["record"] for row in store.rows("patch")}
    assert found == {
        record_id("1b" * 16, "patch", f"P-{10 * p + s}") for p in range(3) for s in range(5)
    }


def test_a_newer_database_is_refused(open_store):
    store = open_store()
    with store._writing() as session:
        session.run("UPDATE store_meta SET value = '2' WHERE key = 'format'")
        session.run("UPDATE store_meta SET value = 'other' WHERE key = 'derived'")
    store.close()
    with pytest.raises(Refused) as refusal:
        open_store()
    assert [one.code for one in refusal.value.problems] == ["database_newer"]


def test_a_store_that_is_not_there_is_not_made_in_passing(open_sqlite, open_postgres, tmp_path):
    with pytest.raises(FileNotFoundError):
        open_sqlite(create=False)
    assert list(tmp_path.iterdir()) == []
    with pytest.raises(LookupError):
        open_postgres(create=False)
    for content in (b"", b"not a database at all, " * 50):
        (tmp_path / "tilth.db").write_bytes(content)
        with pytest.raises(sqlite3.DatabaseError):
            open_sqlite(create=False)
        assert (tmp_path / "tilth.db").read_bytes() == content


def test_an_import_that_dies_in_the_middle_leaves_whole_batches(open_store):
    store = open_store()

    def batches():
        yield patches(3)
        yield [draft(patch_fields(9))]
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        list(store.append_many(LOG, batches(), clock=lambda: 1, per_commit=1))
    assert [(one.start, one.stop) for one in store.receipts()] == [(0, 3), (3, 4)]
