"""Files by their SHA-256: what statements name as their source, photographs, papers.

A blob lies in ``blobs/<2 hex>/<62 hex>``. It is written and made durable before the statements
that name it are appended, so no statement names a file that a power cut could take away.
"""

from __future__ import annotations

import hashlib
import os
import re
import secrets
from collections.abc import Iterator
from pathlib import Path

from tilth.core.problems import Problem, Refused, register
from tilth.store.files import settle_folder, storing

__all__ = ["Blobs"]

_DIGEST = re.compile(r"[0-9a-f]{64}")
_PART = ".part"
_CHUNK = 1 << 20

register(
    {
        "blob_not_held": (
            "The file {digest} is not held here.",
            "Take it from a backup or from the partner who sent the statement that names it.",
        ),
    }
)


class Blobs:
    """A folder of blobs.

    Parameters
    ----------
    folder
        Made on the first write, mode 0700.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def put(self, data: bytes) -> str:
        """Keep bytes and return their SHA-256; bytes that are held already are not written again.

        When this returns the file survives a power cut.

        Raises
        ------
        Refused
            ``storage_failed``.
        """
        digest = hashlib.sha256(data).hexdigest()
        path = self.path(digest)
        with storing(self.folder):
            if path.exists():
                settle_folder(path.parent)  # who wrote it may not have come so far
                return digest
            for parent in (self.folder, path.parent):
                if not parent.is_dir():
                    parent.mkdir(mode=0o700, parents=True, exist_ok=True)
                    settle_folder(parent.parent)
            partial = path.with_name(f"{path.name}.{secrets.token_hex(4)}{_PART}")
            try:
                _write(partial, data)
                partial.rename(path)
            except BaseException:
                partial.unlink(missing_ok=True)
                raise
            settle_folder(path.parent)
        return digest

    def get(self, digest: str) -> bytes:
        """Return the bytes of a blob.

        Raises
        ------
        Refused
            ``blob_not_held``.
        """
        try:
            return self.path(digest).read_bytes()
        except (FileNotFoundError, ValueError) as error:
            raise Refused(Problem("blob_not_held", "blobs", {"digest": digest})) from error

    def path(self, digest: str) -> Path:
        """Return where a blob lies or would lie.

        Raises
        ------
        ValueError
            When the digest is not 64 lower-case hexadecimal digits.
        """
        if not _DIGEST.fullmatch(digest):
            msg = f"not a SHA-256: {digest!r}"
            raise ValueError(msg)
        return self.folder / digest[:2] / digest[2:]

    def held(self) -> Iterator[str]:
        """Names of all blobs in order; files cut short while being written are passed over."""
        if not self.folder.is_dir():
            return
        for parent in sorted(self.folder.iterdir()):
            for path in sorted(parent.iterdir()) if parent.is_dir() else ():
                if path.suffix != _PART:
                    yield parent.name + path.name

    def intact(self, name: str) -> bool:
        """Whether the file of that name holds the bytes that its name promises."""
        if not _DIGEST.fullmatch(name):
            return False
        digest = hashlib.sha256()
        try:
            with self.path(name).open("rb") as file:
                while chunk := file.read(_CHUNK):
                    digest.update(chunk)
        except OSError:
            return False
        return digest.hexdigest() == name


def _write(path: Path, data: bytes) -> None:
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())
