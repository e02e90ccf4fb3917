"""The store that a workspace's settings name."""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping
from pathlib import Path

from tilth.core.kinds.model import Kind
from tilth.core.problems import Problem, Refused
from tilth.store.ledger import Ledger
from tilth.store.sealing import Sealer
from tilth.store.settings import Settings
from tilth.store.signers import Signers
from tilth.store.sqlite import SQLiteStore

__all__ = ["open_store"]


def open_store(
    path: Path, settings: Settings, kinds: Mapping[str, Kind], signers: Signers, *, create: bool
) -> Ledger:
    """Open the store of the workspace in a folder; with ``create``, make what is missing.

    Raises
    ------
    Refused
        ``workspace_damaged`` when the database is gone or is none, ``database_newer``,
        ``no_database_address``.
    """
    sealer = Sealer(signers.sign_checkpoint, signers.sign_receipt)
    file = path / "tilth.db"
    if create:
        file.touch(mode=0o600)
    try:
        return SQLiteStore(file, kinds, sealer=sealer, synthetic=settings.synthetic, create=create)
    except FileNotFoundError:
        why = f"the database {file.name} is missing"
    except sqlite3.DatabaseError as error:
        why = f"{file.name}: {error}"
    raise Refused(Problem("workspace_damaged", str(path), {"why": why}))
