"""The store that a workspace's settings name."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Mapping
from pathlib import Path

import psycopg

from tilth.core.kinds.model import Kind
from tilth.core.problems import Problem, Refused, register
from tilth.store.ledger import Ledger
from tilth.store.postgres import PostgresStore
from tilth.store.sealing import Sealer
from tilth.store.settings import Settings
from tilth.store.signers import Signers
from tilth.store.sqlite import SQLiteStore

__all__ = ["DATABASE_VARIABLE", "open_store"]

DATABASE_VARIABLE = "TILTH_DATABASE_URL"
"""Environment variable with the address of the PostgreSQL database; read here and nowhere else."""

register(
    {
        "no_database_address": (
            "This workspace keeps its log in PostgreSQL, and {name} is not set.",
            "Set the environment variable to the address of the database.",
        ),
        "database_unreachable": (
            "The PostgreSQL database cannot be reached: {why}.",
            "Start the server, or mend the address in the environment variable {name}.",
        ),
    }
)


def open_store(
    path: Path, settings: Settings, kinds: Mapping[str, Kind], signers: Signers, *, create: bool
) -> Ledger:
    """Open the store of the workspace in a folder; with ``create``, make what is missing.

    Raises
    ------
    Refused
        ``workspace_damaged`` when the database is gone or is none, ``database_newer``,
        ``no_database_address``, ``database_unreachable``.
    """
    sealer = Sealer(signers.sign_checkpoint, signers.sign_receipt)
    if settings.store == "postgresql":
        return _open_postgres(path, settings, kinds, sealer, create=create)
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


def _open_postgres(
    path: Path, settings: Settings, kinds: Mapping[str, Kind], sealer: Sealer, *, create: bool
) -> Ledger:
    address = os.environ.get(DATABASE_VARIABLE)
    if not address:
        raise Refused(Problem("no_database_address", str(path), {"name": DATABASE_VARIABLE}))
    # several workspaces may share a database: half of either id tells them apart
    schema = f"tilth_{settings.operation[:16]}_{settings.organisation[:16]}"
    try:
        return PostgresStore(
            address,
            kinds,
            blobs=path / "blobs",
            schema=schema,
            sealer=sealer,
            synthetic=settings.synthetic,
            create=create,
        )
    except LookupError:
        why = f"the database has no schema {schema}"
        raise Refused(Problem("workspace_damaged", str(path), {"why": why})) from None
    except psycopg.OperationalError as error:
        why = str(error).strip()
    except psycopg.ProgrammingError:
        why = "the address cannot be read"  # not quoted: it may hold a password
    params = {"why": why, "name": DATABASE_VARIABLE}
    raise Refused(Problem("database_unreachable", str(path), params))
