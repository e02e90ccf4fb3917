"""Kept values may be megabytes: looking one up must not read the others on its way."""

import sqlite3
from pathlib import Path

from logbook import SEALER

from tilth.core.kinds.catalogue import KINDS
from tilth.store.sqlite import SQLiteStore


def test_large_kept_values_lie_apart_from_the_tree_of_their_keys(tmp_path: Path) -> None:
    path = tmp_path / "tilth.db"
    store = SQLiteStore(path, KINDS, sealer=SEALER, create=True)
    store.keep_many("accounts", {str(n): bytes(200_000) for n in range(8)})
    store.keep("face", "overview", b"{}")
    store.close()
    with sqlite3.connect(path) as database:
        (sql,) = database.execute("SELECT sql FROM sqlite_master WHERE name = 'store_kept'")
    database.close()
    # without row numbers SQLite keeps whole rows in the tree and compares whole rows on the way
    assert "WITHOUT ROWID" not in sql[0]
