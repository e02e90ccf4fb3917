"""Checkpoints: signed heads of a log, in a form that public witnesses and monitors can check.

A checkpoint is the text of C2SP *tlog-checkpoint* (origin, size, root, each on a line) inside a
C2SP *signed note*: a blank line and one line for each signature, which here are Ed25519
(https://c2sp.org/tlog-checkpoint, https://c2sp.org/signed-note).
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import NamedTuple

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from tilth.core.merkle import HASH_BYTES

__all__ = [
    "Checkpoint",
    "Note",
    "NoteSignature",
    "Verifier",
    "checkpoint_text",
    "parse_checkpoint",
    "parse_note",
    "parse_verifier",
    "sign_note",
    "verified_by",
]

_ED25519 = b"\x01"  # type byte of the algorithm, signed-note "Signature types"
_MAX_NOTE_BYTES = 1_000_000
_MAX_SIGNATURES = 100
_SIGNATURE_LINE = re.compile(r"— ([^\s+]+) ([A-Za-z0-9+/]+={0,2})")
_SIZE = re.compile(r"0|[1-9][0-9]{0,18}")


class Checkpoint(NamedTuple):
    """Head of a log: its origin, the number of its leaves, the 32 bytes of its root."""

    origin: str
    size: int
    root: bytes
    extensions: tuple[str, ...] = ()


class NoteSignature(NamedTuple):
    """A signature line: key name, the first four bytes of the key's hash, signature bytes."""

    name: str
    key_hash: bytes
    signature: bytes


class Note(NamedTuple):
    """A signed text, the last line break included, and its signatures in order."""

    text: str
    signatures: tuple[NoteSignature, ...]


@dataclass(frozen=True, slots=True)
class Verifier:
    """A public key under a name.

    Parameters
    ----------
    name
        Key name without blanks or plus signs; for a log's key, the log's origin.
    public_key
        32 bytes, Ed25519.

    Raises
    ------
    ValueError
        When the name or the length of the key is not allowed.
    """

    name: str
    public_key: bytes

    def __post_init__(self) -> None:
        if not _fits_as_name(self.name):
            msg = f"not a key name: {self.name!r}"
            raise ValueError(msg)
        if len(self.public_key) != 32:
            msg = f"an Ed25519 public key has 32 bytes, not {len(self.public_key)}"
            raise ValueError(msg)

    @property
    def key_hash(self) -> bytes:
        """First four bytes of SHA-256 over name, line feed, type byte and key."""
        named = self.name.encode() + b"\n" + _ED25519 + self.public_key
        return hashlib.sha256(named).digest()[:4]

    def __str__(self) -> str:
        """Return the verifier key of signed-note: ``name+hash+base64(type, key)``."""
        key = base64.b64encode(_ED25519 + self.public_key).decode("ascii")
        return f"{self.name}+{self.key_hash.hex()}+{key}"

    def accepts(self, note: Note) -> bool:
        """Whether the note carries a signature of this key that is right.

        Raises
        ------
        ValueError
            When it carries one of this key that is wrong: such a note was tampered with.
        """
        found = False
        for line in note.signatures:
            if line.name == self.name and line.key_hash == self.key_hash and not found:
                if not verified_by(self.public_key, line.signature, note.text.encode()):
                    msg = f"wrong signature of {self.name}"
                    raise ValueError(msg)
                found = True
        return found


def verified_by(public_key: bytes, signature: bytes, data: bytes) -> bool:
    """Whether the Ed25519 signature of the data is of this key."""
    try:
        Ed25519PublicKey.from_public_bytes(public_key).verify(signature, data)
    except (InvalidSignature, ValueError):
        return False
    return True


def parse_verifier(text: str) -> Verifier:
    """Read a verifier key, ``name+hash+base64``.

    Raises
    ------
    ValueError
        When it is malformed, of another algorithm, or its hash is not the key's.
    """
    name, _, rest = text.partition("+")
    key_hash, _, encoded = rest.partition("+")
    key = _base64(encoded)
    if key[:1] != _ED25519:
        msg = f"verifier key of {name!r} is not Ed25519"
        raise ValueError(msg)
    verifier = Verifier(name, key[1:])
    if verifier.key_hash.hex() != key_hash:
        msg = f"verifier key of {name!r} has hash {verifier.key_hash.hex()}, not {key_hash}"
        raise ValueError(msg)
    return verifier


def checkpoint_text(checkpoint: Checkpoint) -> str:
    """Text that is signed: origin, size, root, extensions, each closed by a line feed.

    Examples
    --------
    >>> checkpoint_text(Checkpoint("tilth/0a/1b/1", 0, bytes(32))).splitlines()[:2]
    ['tilth/0a/1b/1', '0']
    """
    root = base64.b64encode(checkpoint.root).decode("ascii")
    lines = (checkpoint.origin, str(checkpoint.size), root, *checkpoint.extensions)
    text = "".join(f"{line}\n" for line in lines)
    if parse_checkpoint(text) != checkpoint:
        msg = "a line of a checkpoint may hold no line break"
        raise ValueError(msg)
    return text


def parse_checkpoint(text: str) -> Checkpoint:
    """Read the text of a checkpoint.

    Raises
    ------
    ValueError
        When it is not exactly what `checkpoint_text` writes.
    """
    lines = text.split("\n")
    if len(lines) < 4 or lines[-1] != "" or not all(lines[:-1]):
        msg = "a checkpoint has an origin, a size and a root, each on a line"
        raise ValueError(msg)
    origin, size, encoded, *extensions = lines[:-1]
    root = _base64(encoded)
    if not _SIZE.fullmatch(size) or len(root) != HASH_BYTES:
        msg = f"not a checkpoint: size {size!r}, root of {len(root)} bytes"
        raise ValueError(msg)
    return Checkpoint(origin, int(size), root, tuple(extensions))


def sign_note(text: str, keys: Iterable[tuple[str, Ed25519PrivateKey]]) -> str:
    """Return the note: the text, a blank line and a signature line by each key and its name.

    Raises
    ------
    ValueError
        When the text cannot be signed as a note, or a name is not allowed.
    """
    lines = []
    for name, key in keys:
        verifier = Verifier(name, key.public_key().public_bytes_raw())
        signed = base64.b64encode(verifier.key_hash + key.sign(text.encode())).decode("ascii")
        lines.append(f"— {name} {signed}\n")
    note = text + "\n" + "".join(lines)
    if parse_note(note).text != text:
        msg = "a text that ends with a blank line and signatures cannot be signed again"
        raise ValueError(msg)
    return note


def parse_note(note: str) -> Note:
    """Take a signed note apart; the signatures are not checked, see `Verifier.accepts`.

    Raises
    ------
    ValueError
        When it is malformed: no blank line, no signature, control characters, not base64.
    """
    if len(note.encode("utf-8", "surrogatepass")) > _MAX_NOTE_BYTES or not note.endswith("\n"):
        msg = "a note ends with a line feed and has at most a million bytes"
        raise ValueError(msg)
    if any(ord(sign) < 0x20 and sign != "\n" for sign in note) or not _is_unicode(note):
        msg = "a note holds no control characters and is valid Unicode"
        raise ValueError(msg)
    text, blank, signed = note.rpartition("\n\n")
    lines = signed[:-1].split("\n")
    if not blank or not text or not 1 <= len(lines) <= _MAX_SIGNATURES:
        msg = "a note has a text, a blank line and 1 to 100 signatures"
        raise ValueError(msg)
    return Note(text + "\n", tuple(_signature(line) for line in lines))


def _signature(line: str) -> NoteSignature:
    parts = _SIGNATURE_LINE.fullmatch(line)
    if parts is None or not _fits_as_name(parts[1]):
        msg = f"not a signature line: {line!r}"
        raise ValueError(msg)
    data = _base64(parts[2])
    if len(data) < 5:
        msg = "a signature line holds four bytes of key hash and a signature"
        raise ValueError(msg)
    return NoteSignature(parts[1], data[:4], data[4:])


def _fits_as_name(name: str) -> bool:
    return bool(name) and "+" not in name and not any(sign.isspace() for sign in name)


def _is_unicode(text: str) -> bool:
    return not any(0xD800 <= ord(sign) <= 0xDFFF for sign in text)


def _base64(text: str) -> bytes:
    """Decode standard base64 with padding, in the one form that encoding gives."""
    try:
        data = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError) as error:
        msg = f"not base64: {text[:60]!r}"
        raise ValueError(msg) from error
    if base64.b64encode(data).decode("ascii") != text:
        msg = f"not base64 in its one form: {text[:60]!r}"
        raise ValueError(msg)
    return data
