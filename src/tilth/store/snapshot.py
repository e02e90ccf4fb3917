"""A consistent copy of a workspace's folder while others go on reading and writing.

The writer lock is held only to begin reading both databases and to copy the small files; the
copying itself follows from those two frozen views.
"""

from __future__ import annotations

import contextlib
import secrets
import shutil
import sqlite3
from collections.abc import Callable, Mapping
from pathlib import Path

from tilth.core.problems import Problem, Refused, register
from tilth.store import settings as toml
from tilth.store.archive import Manifest, pack, unpack
from tilth.store.files import settle_folder
from tilth.store.lock import WriterLock

__all__ = ["write_backup"]

_DATABASES = ("tilth.db", "people.vault")

register(
    {
        "file_exists": (
            "The file exists already.",
            "Name a new file; a backup never replaces another.",
        ),
    }
)


def write_backup(
    folder: Path,
    file: Path,
    lock: WriterLock,
    *,
    made_at: str,
    heads: Callable[[], Mapping[str, tuple[int, str]]],
    check: Callable[[Path, Manifest], None],
) -> Manifest:
    """Write a backup of a workspace's folder, read it back, and only then give it its name.

    Parameters
    ----------
    made_at
        UTC, ``YYYY-MM-DDThh:mm:ssZ``.
    heads
        Size and root of each log, asked while the lock is held.
    check
        Verifies the folder that was unpacked from the backup; raises `Refused` to discard it.

    Raises
    ------
    Refused
        ``file_exists``, ``workspace_busy``, ``disk_full``, and what the check raises.
    """
    if file.exists():
        raise Refused(Problem("file_exists", str(file)))
    work = file.with_name(f".{file.name}.{secrets.token_hex(4)}.work")
    work.mkdir(mode=0o700)
    try:
        copies = work / "copies"
        with contextlib.ExitStack() as frozen:
            with lock.writing():
                views = {
                    name: frozen.enter_context(contextlib.closing(_freeze(folder / name)))
                    for name in _DATABASES
                    if (folder / name).exists()
                }
                sources = _small_files(folder, copies)
                at = dict(heads())
            for name, view in views.items():
                sources[name] = copies / name
                _copy(view, copies / name)
        number = toml.format_of(folder, toml.read_table(copies))
        draft = work / "backup"
        manifest = pack(draft, sources, format_number=number, made_at=made_at, heads=at)
        shutil.rmtree(copies)
        unpack(draft, work / "read-back")
        check(work / "read-back", manifest)
        draft.replace(file)
        settle_folder(file.parent)
    finally:
        shutil.rmtree(work, ignore_errors=True)
    return manifest


def _freeze(database: Path) -> sqlite3.Connection:
    """Begin reading a database; what is committed later is not seen through this connection."""
    view = sqlite3.connect(
        f"{database.absolute().as_uri()}?mode=ro", uri=True, isolation_level=None
    )
    view.execute("BEGIN")
    view.execute("SELECT count(*) FROM sqlite_schema").fetchone()
    return view


def _copy(view: sqlite3.Connection, path: Path) -> None:
    path.touch(mode=0o600)
    with contextlib.closing(sqlite3.connect(path)) as copy:
        view.backup(copy)


def _small_files(folder: Path, copies: Path) -> dict[str, Path]:
    """Copy what is replaced in place; name the blobs, which never change, where they lie."""
    (copies / "keys").mkdir(mode=0o700, parents=True)
    sources: dict[str, Path] = {}
    for path in [folder / toml.FILE, folder / "fields.toml", *(folder / "keys").glob("*.pem")]:
        if path.is_file() and not path.name.startswith("."):
            name = path.relative_to(folder).as_posix()
            shutil.copyfile(path, copies / name)
            sources[name] = copies / name
    for path in (folder / "blobs").glob("??/*"):
        if len(path.name) == 62:  # a name still being written is longer
            sources[path.relative_to(folder).as_posix()] = path
    return sources
