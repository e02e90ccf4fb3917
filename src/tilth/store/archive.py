"""A backup file: a tar of plain files with a manifest of their sizes and hashes in front.

Packing and unpacking only; `tilth.store.backup` says what goes in and checks what comes out. A
backup is as secret as the workspace: it holds the keys.
"""

from __future__ import annotations

import hashlib
import io
import os
import re
import shutil
import tarfile
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import IO, Any, NamedTuple

import msgspec

from tilth.core import canonical
from tilth.core.problems import Problem, Refused, register
from tilth.store.files import settle_folder

__all__ = ["MANIFEST", "Manifest", "pack", "read_manifest", "unpack"]

MANIFEST = "manifest.json"
_FORMAT = "tilth-backup/1"
_MAX_MANIFEST_BYTES = 512 << 20
_CHUNK = 1 << 20
_NAME = re.compile(
    r"tilth\.toml|tilth\.db|people\.vault|fields\.toml"
    r"|keys/[0-9a-f]{16}\.pem|blobs/[0-9a-f]{2}/[0-9a-f]{62}"
)
"""Every name that a backup may hold: no other can be written to a disk by restoring one."""

register(
    {
        "backup_damaged": (
            "The file is not a whole backup of a workspace: {why}.",
            "Use another backup; copy the file again if it came over a network or a stick.",
        ),
        "disk_full": (
            "There is not enough room: {needed} bytes are needed and {free} are free.",
            "Make room on the disk, or name a folder on another one.",
        ),
    }
)


class _File(msgspec.Struct, frozen=True):
    sha256: str
    size: int


class Manifest(msgspec.Struct, frozen=True):
    """What a backup holds.

    Parameters
    ----------
    format
        Number of the workspace's format.
    made_at
        UTC, ``YYYY-MM-DDThh:mm:ssZ``.
    heads
        Size and root (hex) of each log by its origin.
    files
        Size in bytes and SHA-256 of each file by its name.
    """

    archive: str
    format: int
    made_at: str
    heads: dict[str, tuple[int, str]]
    files: dict[str, _File]


class _Measured(NamedTuple):
    sha256: str
    size: int


def pack(
    file: Path,
    sources: Mapping[str, Path],
    *,
    format_number: int,
    made_at: str,
    heads: Mapping[str, tuple[int, str]],
) -> Manifest:
    """Write a backup file (mode 0600), made durable, from files that nobody changes meanwhile.

    Parameters
    ----------
    sources
        Where each file lies, by its name in the backup.
    """
    measured = {name: _measure(path) for name, path in sorted(sources.items())}
    value: dict[str, Any] = {
        "archive": _FORMAT,
        "format": format_number,
        "made_at": made_at,
        "heads": {log: list(head) for log, head in heads.items()},
        "files": {name: {"sha256": one.sha256, "size": one.size} for name, one in measured.items()},
    }
    text = canonical.encode(value)
    descriptor = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
    with os.fdopen(descriptor, "wb") as stream:
        with tarfile.open(fileobj=stream, mode="w", format=tarfile.PAX_FORMAT) as tar:
            _add(tar, MANIFEST, io.BytesIO(text), len(text))
            for name, path in sorted(sources.items()):
                with path.open("rb") as content:
                    _add(tar, name, content, measured[name].size)
        stream.flush()
        os.fsync(stream.fileno())
    return msgspec.convert(value, Manifest)


def read_manifest(file: Path) -> Manifest:
    """Return what a backup file says it holds.

    Raises
    ------
    Refused
        ``backup_damaged``.
    """
    try:
        with tarfile.open(file, mode="r|") as tar:
            return _manifest(file, tar)
    except (tarfile.TarError, OSError, EOFError, ValueError) as error:
        raise _damaged(file, str(error)) from None


def unpack(file: Path, folder: Path) -> Manifest:
    """Write the files of a backup into a new folder, each checked against the manifest.

    Only names and sizes that the manifest lists and a workspace knows are written; links, devices,
    absolute and climbing paths are none of them.

    Raises
    ------
    Refused
        ``backup_damaged`` or ``disk_full``; the folder may then hold a part.
    """
    folder.mkdir(mode=0o700)
    try:
        with tarfile.open(file, mode="r|") as tar:
            manifest = _manifest(file, tar)
            _require_room(folder, sum(one.size for one in manifest.files.values()))
            missing = dict(manifest.files)
            while (member := tar.next()) is not None:
                listed = missing.pop(member.name, None)
                if listed is None or not member.isreg() or member.size != listed.size:
                    raise _damaged(file, f"{member.name!r} is not what the manifest lists")
                if _write(tar, member, folder / member.name) != listed.sha256:
                    raise _damaged(file, f"{member.name!r} has other bytes than were packed")
            if missing:
                raise _damaged(file, f"{min(missing)!r} is missing")
    except FileNotFoundError:
        raise _damaged(file, "there is no such file") from None
    except (tarfile.TarError, EOFError, ValueError) as error:
        raise _damaged(file, str(error)) from None
    for place in sorted(_folders(folder), reverse=True):
        settle_folder(place)
    return manifest


def _manifest(file: Path, tar: tarfile.TarFile) -> Manifest:
    member = tar.next()
    stream = None
    if member is not None and member.name == MANIFEST and member.size <= _MAX_MANIFEST_BYTES:
        stream = tar.extractfile(member)
    if stream is None:
        raise _damaged(file, "it does not begin with a manifest")
    try:
        manifest = msgspec.json.decode(stream.read(), type=Manifest)
    except msgspec.DecodeError as error:
        raise _damaged(file, str(error)) from None
    strange = [name for name in manifest.files if not _NAME.fullmatch(name)]
    if manifest.archive != _FORMAT or strange or "tilth.toml" not in manifest.files:
        raise _damaged(file, f"the manifest does not describe a workspace {strange[:1]}")
    if any(one.size < 0 for one in manifest.files.values()):
        raise _damaged(file, "a size is negative")
    return manifest


def _measure(path: Path) -> _Measured:
    digest, size = hashlib.sha256(), 0
    with path.open("rb") as stream:
        while chunk := stream.read(_CHUNK):
            digest.update(chunk)
            size += len(chunk)
    return _Measured(digest.hexdigest(), size)


def _add(tar: tarfile.TarFile, name: str, content: IO[bytes], size: int) -> None:
    member = tarfile.TarInfo(name)
    member.size = size
    member.mode = 0o600
    tar.addfile(member, content)


def _write(tar: tarfile.TarFile, member: tarfile.TarInfo, path: Path) -> str:
    stream = tar.extractfile(member)
    digest = hashlib.sha256()
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
    with os.fdopen(descriptor, "wb") as target:
        while stream is not None and (chunk := stream.read(_CHUNK)):
            digest.update(chunk)
            target.write(chunk)
        target.flush()
        os.fsync(target.fileno())
    return digest.hexdigest()


def _require_room(folder: Path, needed: int) -> None:
    free = shutil.disk_usage(folder).free
    if needed > free:
        raise Refused(Problem("disk_full", str(folder), {"needed": needed, "free": free}))


def _folders(folder: Path) -> Iterable[Path]:
    yield folder
    yield from (path for path in folder.rglob("*") if path.is_dir())


def _damaged(file: Path, why: str) -> Refused:
    return Refused(Problem("backup_damaged", str(file), {"why": why}))
