"""Files that are there whole or not at all, and disks that fail."""

from __future__ import annotations

import errno
import os
import secrets
import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg

from tilth.core.problems import Problem, Refused, register

__all__ = [
    "refuse_occupied",
    "settle_folder",
    "storing",
    "sweep_drafts",
    "whole_folder",
    "write_atomically",
]

_DISK_ERRORS = frozenset(
    {
        *(errno.EIO, errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EROFS),
        *(errno.EACCES, errno.EPERM, errno.EMFILE, errno.ENFILE, errno.ENODEV, errno.ESTALE),
    }
)
_DATABASE_ERRORS = frozenset(
    {
        *(sqlite3.SQLITE_FULL, sqlite3.SQLITE_IOERR, sqlite3.SQLITE_CANTOPEN),
        *(sqlite3.SQLITE_READONLY, sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB),
        *(sqlite3.SQLITE_NOMEM, sqlite3.SQLITE_PROTOCOL),
    }
)

register(
    {
        "storage_failed": (
            "The disk did not do what was asked ({why}). The act was not completed.",
            "Make room on the disk or mend it, run tilth verify, then do the same again.",
        ),
        "folder_not_empty": (
            "The folder is not empty.",
            "Name a folder that does not exist yet, or an empty one.",
        ),
    }
)


def write_atomically(path: Path, data: bytes, *, mode: int = 0o600) -> None:
    """Replace a file's content in one step that survives a loss of power.

    The bytes go to a neighbour with a random name, reach the disk, and take the name; then the
    folder's entry reaches the disk too.
    """
    draft = path.with_name(f".{path.name}.{secrets.token_hex(4)}.new")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, mode)
    try:
        with os.fdopen(descriptor, "wb") as stream:
            stream.write(data)
            stream.flush()
            os.fsync(stream.fileno())
        draft.replace(path)
    except BaseException:
        draft.unlink(missing_ok=True)
        raise
    settle_folder(path.parent)


@contextmanager
def whole_folder(path: Path) -> Iterator[Path]:
    """Give a name beside the path for a folder to be made, which then takes the path's name.

    An empty folder in its place is replaced. After an error nothing is left.

    Raises
    ------
    Refused
        ``folder_not_empty``, ``storage_failed``.
    """
    refuse_occupied(path)
    with storing(path):
        path.parent.mkdir(parents=True, exist_ok=True)
        draft = path.with_name(f".{path.name}.{secrets.token_hex(4)}.new")
        try:
            yield draft
            draft.replace(path)
        except BaseException:
            shutil.rmtree(draft, ignore_errors=True)
            raise
        settle_folder(path.parent)


def sweep_drafts(folder: Path) -> None:
    """Remove what a killed program was still writing; call it while nobody else writes."""
    for draft in folder.glob(".*.new"):
        draft.unlink()


def settle_folder(folder: Path) -> None:
    """Make the folder's own entries (new, renamed and removed names) reach the disk."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def refuse_occupied(path: Path) -> None:
    """Refuse a path that is there and is not an empty folder.

    Raises
    ------
    Refused
        ``folder_not_empty``.
    """
    try:
        occupied = any(path.iterdir())
    except FileNotFoundError:
        return
    except NotADirectoryError:
        occupied = True
    if occupied:
        raise Refused(Problem("folder_not_empty", str(path)))


@contextmanager
def storing(where: Path) -> Iterator[None]:
    """Turn a disk that fails or is full into a problem; other errors pass.

    What was begun has been undone when this is reached: a transaction rolled back, a draft removed.

    Raises
    ------
    Refused
        ``storage_failed``.
    """
    try:
        yield
    except OSError as error:
        if error.errno not in _DISK_ERRORS:
            raise
        why = error.strerror or str(error)
    except psycopg.OperationalError as error:
        why = str(error).strip()
    except sqlite3.Error as error:
        # the low byte is the kind of error, the rest says more of it
        if getattr(error, "sqlite_errorcode", 0) & 0xFF not in _DATABASE_ERRORS:
            raise
        why = str(error)
    else:
        return
    raise Refused(Problem("storage_failed", str(where), {"why": why}))
