"""Private keys of a workspace: Ed25519 in PKCS 8 files, one a key, named by the key's id.

A file's name says nothing of the log that the key seals; `tilth.core.keyring` derives that from the
log itself, so a program that dies between two steps of a rotation leaves nothing undecided.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import msgspec
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from tilth.core.checkpoint import Checkpoint, checkpoint_text, sign_note
from tilth.core.problems import Problem, Refused, register
from tilth.store.files import write_atomically
from tilth.store.sealing import Growth

__all__ = ["HEADS", "Committed", "Key", "KeyFolder", "Keys", "SigningKey", "key_id"]

HEADS = "heads.json"
"""File beside the keys: what a signer has signed, see `tilth.store.heads`."""

register(
    {
        "key_missing": (
            "The private key {key} is not in this workspace.",
            "Put its file back into the folder keys/, or open a new epoch if the key is lost.",
        ),
        "key_locked": (
            "The private key {key} is protected and the passphrase is missing or wrong.",
            "Give the passphrase of the keys of this workspace.",
        ),
        "key_damaged": (
            "The key file {key} cannot be read as an Ed25519 private key.",
            "Put the file back from a backup.",
        ),
    }
)


def key_id(public_key: str) -> str:
    """Short name of a public key (hex): the first 16 hex digits of its SHA-256.

    Examples
    --------
    >>> key_id("00" * 32)
    '66687aadf862bd77'
    """
    return hashlib.sha256(bytes.fromhex(public_key)).hexdigest()[:16]


Committed = Callable[[str], str | None]
"""From a log's origin to its newest committed checkpoint, asked outside the transaction that is
being sealed; None while the log has none."""


class Key(Protocol):
    """A private key that can be asked to sign, wherever it lies."""

    @property
    def public_key(self) -> str:
        """The public key as 64 hexadecimal digits."""
        ...

    def sign(self, message: bytes) -> bytes:
        """Ed25519 signature of a receipt, 64 bytes."""
        ...

    def sign_head(self, growth: Growth, committed: Committed) -> str:
        """Signed note over the new head of a log, which must extend its committed checkpoint."""
        ...


class Keys(Protocol):
    """Where a workspace has its keys: its own folder, or a program that alone can read them."""

    def add(self, seed: bytes) -> Key:
        """Make a new key."""
        ...

    def get(self, public_key: str) -> Key:
        """Return the key of a public key (hex)."""
        ...

    def holds(self, public_key: str) -> bool:
        """Whether that key is here; it may still be locked."""
        ...

    def drop(self, public_key: str) -> None:
        """Destroy a key."""
        ...

    def settled(self, logs: Iterable[str], committed: Committed) -> None:
        """Learn that these logs' checkpoints are committed: no others of their size are signed."""
        ...

    def seen(self, log: str) -> bool:
        """Whether a checkpoint of a log was ever signed, also one that a restored copy has lost."""
        ...

    def close(self) -> None:
        """Let go of what leads to the keys."""
        ...


@dataclass(frozen=True, slots=True)
class SigningKey:
    """A private key, ready to sign."""

    private: Ed25519PrivateKey

    @property
    def public_key(self) -> str:
        """The public key as 64 hexadecimal digits."""
        return self.private.public_key().public_bytes_raw().hex()

    def sign(self, message: bytes) -> bytes:
        """Ed25519 signature (RFC 8032), 64 bytes."""
        return self.private.sign(message)

    def sign_head(self, growth: Growth, committed: Committed) -> str:
        """Signed note over the new head of a log; the key is named like the log."""
        del committed  # who holds the key itself holds the log too
        text = checkpoint_text(Checkpoint(growth.log, growth.after.size, growth.after.root))
        return sign_note(text, [(growth.log, self.private)])


class KeyFolder:
    """The folder ``keys/``.

    Parameters
    ----------
    folder
        Mode 0700; each file in it has mode 0600.
    passphrase
        Protects files written from now on and opens those that are protected. None or empty: keys
        lie in plain PEM, guarded by the folder's mode alone.
    """

    def __init__(self, folder: Path, passphrase: str | None = None) -> None:
        self._folder = folder
        self._passphrase = passphrase.encode("utf-8") if passphrase else None
        self._open: dict[str, SigningKey] = {}

    def add(self, seed: bytes) -> SigningKey:
        """Write a new key made from 32 random bytes; adding it twice is adding it once."""
        key = SigningKey(Ed25519PrivateKey.from_private_bytes(seed))
        protection: serialization.KeySerializationEncryption = serialization.NoEncryption()
        if self._passphrase is not None:
            protection = serialization.BestAvailableEncryption(self._passphrase)
        pem = key.private.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, protection
        )
        self._folder.mkdir(mode=0o700, exist_ok=True)
        write_atomically(self._file(key.public_key), pem)
        self._open[key.public_key] = key
        return key

    def get(self, public_key: str) -> SigningKey:
        """Return the private key of a public key (hex).

        Raises
        ------
        Refused
            ``key_missing``, ``key_locked`` or ``key_damaged``.
        """
        if public_key not in self._open:
            self._open[public_key] = self._read(public_key)
        return self._open[public_key]

    def holds(self, public_key: str) -> bool:
        """Whether the file of that key is here; it may still be locked."""
        return public_key in self._open or self._file(public_key).exists()

    def drop(self, public_key: str) -> None:
        """Overwrite and remove a key's file; for a key that was revoked or never announced."""
        self._open.pop(public_key, None)
        file = self._file(public_key)
        try:
            size = file.stat().st_size
            with file.open("r+b") as stream:
                stream.write(bytes(size))
                stream.flush()
                os.fsync(stream.fileno())
        except FileNotFoundError:
            return
        file.unlink()

    def settled(self, logs: Iterable[str], committed: Committed) -> None:
        """Do nothing: the log itself is at hand to whoever reads this folder."""

    def seen(self, log: str) -> bool:
        """Whether a signer over this folder has signed a checkpoint of a log."""
        try:
            kept = msgspec.json.decode((self._folder / HEADS).read_bytes())
            return log in kept["heads"]
        except (OSError, msgspec.DecodeError, KeyError, TypeError):
            return False

    def close(self) -> None:
        """Do nothing: no file is kept open."""

    def open_all(self) -> None:
        """Open every key of the folder, so that a wrong passphrase is known at once.

        Raises
        ------
        Refused
            ``key_locked`` or ``key_damaged``.
        """
        for file in sorted(self._folder.glob("*.pem")):
            key = self._load(file)
            self._open[key.public_key] = key

    def public_keys(self) -> list[str]:
        """Public keys (hex) of what lies in the folder and can be opened."""
        with contextlib.suppress(Refused):
            self.open_all()
        return sorted(self._open)

    def _file(self, public_key: str) -> Path:
        return self._folder / f"{key_id(public_key)}.pem"

    def _read(self, public_key: str) -> SigningKey:
        key = self._load(self._file(public_key))
        if key.public_key != public_key:
            raise Refused(Problem("key_damaged", str(self._folder), {"key": key_id(public_key)}))
        return key

    def _load(self, file: Path) -> SigningKey:
        where, name = str(self._folder), {"key": file.stem}
        try:
            pem = file.read_bytes()
        except FileNotFoundError:
            raise Refused(Problem("key_missing", where, name)) from None
        locked = b"ENCRYPTED" in pem
        if locked and self._passphrase is None:
            raise Refused(Problem("key_locked", where, name))
        try:
            private = serialization.load_pem_private_key(
                pem, password=self._passphrase if locked else None
            )
        except (ValueError, TypeError):
            code = "key_locked" if locked else "key_damaged"
            raise Refused(Problem(code, where, name)) from None
        if not isinstance(private, Ed25519PrivateKey):
            raise Refused(Problem("key_damaged", where, name))
        return SigningKey(private)
