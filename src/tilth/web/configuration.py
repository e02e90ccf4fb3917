"""What the server is told from outside: the folder, the database, the address it is reached at.

Environment variables, because the server is several processes: ``TILTH_WORKSPACE`` (folder),
``TILTH_PUBLIC_URL`` (address people type), ``TILTH_SIGNER`` (socket of the process with the keys),
``TILTH_DATABASE_URL`` (only where the workspace's store is PostgreSQL: both lie there).
"""

from __future__ import annotations

import hashlib
import os
import secrets
import tomllib
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from psycopg.conninfo import conninfo_to_dict

__all__ = [
    "database",
    "file_settings",
    "release_of",
    "secret_key",
    "signer_socket",
    "workspace_folder",
]

_SECRET_BYTES = 48
_NAMED = ("dbname", "user", "password", "host", "port")
"""Parts of a connection's address that Django names itself; others are handed on, as sslmode."""


def workspace_folder() -> Path | None:
    """Folder of the workspace that is served; None while none is named."""
    named = os.environ.get("TILTH_WORKSPACE", "")
    return Path(named) if named else None


def signer_socket() -> Path | None:
    """Socket of the process that holds the keys; None: they are read here."""
    named = os.environ.get("TILTH_SIGNER", "")
    return Path(named) if named else None


def secret_key(folder: Path | None) -> str:
    """Key that signs sessions: made once, in the folder, readable by its owner only."""
    if folder is None or not folder.is_dir():
        return secrets.token_urlsafe(_SECRET_BYTES)
    path = folder / "server.secret"
    try:
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        return path.read_text("ascii").strip()
    key = secrets.token_urlsafe(_SECRET_BYTES)
    with os.fdopen(handle, "w", encoding="ascii") as file:
        file.write(key)
    return key


def database(folder: Path | None) -> dict[str, Any]:
    """Django's database: accounts, sessions, jobs. The log lies elsewhere and is never its.

    PostgreSQL where ``TILTH_DATABASE_URL`` names one (schema ``tilth_web``), else a file beside
    the workspace's own.
    """
    address = os.environ.get("TILTH_DATABASE_URL", "")
    if address:
        known = {name: str(value) for name, value in conninfo_to_dict(address).items()}
        named = {name: known.pop(name, "") for name in _NAMED}
        return {
            "ENGINE": "django.db.backends.postgresql",
            "NAME": named["dbname"],
            "USER": named["user"],
            "PASSWORD": named["password"],
            "HOST": named["host"],
            "PORT": named["port"],
            "CONN_MAX_AGE": 600,
            "CONN_HEALTH_CHECKS": True,
            "OPTIONS": {**known, "options": f"-c search_path={_schema(folder)}"},
        }
    return {
        "ENGINE": "django.db.backends.sqlite3",
        "NAME": str(folder / "server.db") if folder is not None else ":memory:",
        "CONN_MAX_AGE": 600,
        "OPTIONS": {
            "timeout": 20,
            "transaction_mode": "IMMEDIATE",
            "init_command": "PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL",
        },
    }


def _schema(folder: Path | None) -> str:
    """Schema of the pages' tables: one for each workspace that shares the database."""
    settings = _read(folder / "tilth.toml") if folder is not None else {}
    operation = str(settings.get("operation", {}).get("id", ""))
    return f"tilth_web_{operation[:16]}" if operation.isalnum() else "tilth_web"


def file_settings(folder: Path | None) -> dict[str, Any]:
    """What the deployer wrote in ``server.toml``: basemaps, sign-in by others; empty without."""
    return _read(folder / "server.toml") if folder is not None else {}


def _read(path: Path) -> dict[str, Any]:
    return tomllib.loads(path.read_text("utf-8")) if path.is_file() else {}


def release_of(folders: Iterable[Path]) -> str:
    """Hash over all static files: part of their address, so that each may be kept for ever."""
    digest = hashlib.sha256()
    for folder in folders:
        for path in sorted(folder.rglob("*")):
            if path.is_file():
                digest.update(str(path.relative_to(folder)).encode() + b"\0")
                digest.update(hashlib.sha256(path.read_bytes()).digest())
    return digest.hexdigest()[:12]
