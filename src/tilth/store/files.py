"""Files that are there whole or not at all."""

from __future__ import annotations

import os
import secrets
from pathlib import Path

from tilth.core.problems import Problem, Refused, register

__all__ = ["refuse_occupied", "settle_folder", "write_atomically"]

register(
    {
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
