"""A SQLite file and a real PostgreSQL server for the tests of the stores."""

import itertools
import os
from collections.abc import Callable, Iterator
from pathlib import Path

import psycopg
import pytest
from logbook import KINDS, SEALER
from postgres_server import running_postgres

from tilth.store.ledger import Ledger
from tilth.store.postgres import PostgresStore
from tilth.store.sqlite import SQLiteStore

OpenStore = Callable[..., Ledger]


@pytest.fixture(scope="session")
def postgres_address() -> Iterator[str]:
    """Connection string of a server that lives as long as the tests."""
    with running_postgres() as address:
        yield address


@pytest.fixture
def open_sqlite(tmp_path: Path) -> Iterator[OpenStore]:
    """Open the one SQLite store of a test, again and again if wanted."""
    opened: list[Ledger] = []

    def open_store(**options: object) -> Ledger:
        options = {"kinds": KINDS, "sealer": SEALER, "create": True, **options}
        store = SQLiteStore(tmp_path / "tilth.db", **options)  # type: ignore[arg-type]
        opened.append(store)
        return store

    yield open_store
    for store in opened:
        store.close()


_schemas = itertools.count(1)


@pytest.fixture
def open_postgres(tmp_path: Path, postgres_address: str) -> Iterator[OpenStore]:
    """Open the one PostgreSQL store of a test, again and again if wanted."""
    opened: list[Ledger] = []
    schema = f"test_{os.getpid()}_{next(_schemas)}"

    def open_store(**options: object) -> Ledger:
        options = {"kinds": KINDS, "sealer": SEALER, "create": True, **options}
        store = PostgresStore(
            postgres_address,
            blobs=tmp_path / "blobs",
            schema=schema,
            **options,  # type: ignore[arg-type]
        )
        opened.append(store)
        return store

    yield open_store
    for store in opened:
        store.close()
    with psycopg.connect(postgres_address, autocommit=True) as connection:
        connection.execute("SET client_min_messages = warning")
        connection.execute(f"DROP SCHEMA IF EXISTS {schema} CASCADE")  # type: ignore[arg-type]
        connection.execute(f"DROP SCHEMA IF EXISTS {schema}_read CASCADE")  # type: ignore[arg-type]


@pytest.fixture(params=["sqlite", "postgres"])
def open_store(request: pytest.FixtureRequest) -> OpenStore:
    """Open the store of a test, once for each database."""
    opener: OpenStore = request.getfixturevalue(f"open_{request.param}")
    return opener


@pytest.fixture
def store(open_store: OpenStore) -> Ledger:
    return open_store()
