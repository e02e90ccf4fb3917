"""What the signer has signed, and what it refuses: a log that shrinks, forks or was rewritten.

A head is signed inside a transaction that may still be rolled back, so two sets are kept. The
*committed* head of each log lies in a file beside the keys and only ever grows. *Tips* are heads
signed on top of it whose transaction is not known to have ended; they live in memory. A new head
must grow, leaf by leaf, from the committed head or from a tip. A tip whose transaction was rolled
back is replaced by the next; a committed head never is.
"""

from __future__ import annotations

import hashlib
import logging
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import msgspec

from tilth.core import canonical, merkle
from tilth.core.checkpoint import Checkpoint, Verifier, parse_checkpoint, parse_note
from tilth.core.keyring import split_origin
from tilth.core.problems import Problem, Refused, register
from tilth.store.files import write_atomically
from tilth.store.keys import KeyFolder, key_id
from tilth.store.sealing import MAX_BATCH, RECEIPT_FORMAT, Growth

__all__ = ["HeadKeeper", "refused_head"]

_FORMAT = "tilth-heads/1"
_RECEIPTS = "receipts"
_RECEIPT_FIELDS = frozenset(
    {
        *("checkpoint", "contents", "first_seq", "format", "log", "number", "previous"),
        *("received_at", "root", "start", "stop"),
    }
)

_log = logging.getLogger("tilth.signer")

register(
    {
        "head_refused": (
            "The signer refuses the head of {log} at size {size}: {why}.",
            "Run tilth verify. If the workspace was copied back from a backup, use tilth restore, "
            "which goes on in a new epoch.",
        ),
        "receipt_refused": (
            "The signer refuses a receipt: {why}.",
            "Do the act again; run tilth verify if it is refused again.",
        ),
        "key_of_another": (
            "The key {key} signs for {bound} and not for {asked}.",
            "Use each key for one organisation only.",
        ),
        "heads_damaged": (
            "The signer cannot read what it signed before: {why}.",
            "Put the file back from a copy; without it nothing guards against a second history.",
        ),
    }
)


class _Head(msgspec.Struct, frozen=True):
    """Size of a log and its root (hex)."""

    size: int
    root: str


class _File(msgspec.Struct):
    format: str
    heads: dict[str, _Head]
    bound: dict[str, str]


class HeadKeeper:
    """Signs with the keys of a folder what is consistent with everything it signed before.

    Parameters
    ----------
    keys
        The private keys.
    file
        Where the committed heads and the use of each key are kept; made when missing. Without it
        a log's first checkpoint that one of these keys signed is believed.

    Raises
    ------
    Refused
        ``heads_damaged``.
    """

    def __init__(self, keys: KeyFolder, file: Path) -> None:
        self._keys = keys
        self._file = file
        self._kept = _read(file)
        self._tips: dict[str, dict[_Head, str]] = {}

    def sign_head(self, public_key: str, growth: Growth, committed: str | None) -> str:
        """Signed note over the new head of a log.

        Parameters
        ----------
        public_key
            Hex; a key signs for one organisation only, in all its epochs.
        growth
            The head before, the leaves added and the head after them.
        committed
            The newest committed checkpoint of the log (a signed note), None before the first.

        Raises
        ------
        Refused
            ``head_refused``, ``key_of_another``, and what `KeyFolder.get` refuses.
        """
        operation, organisation, _ = _parts(growth)
        grown = growth.before.extend(growth.leaves)
        if not 1 <= len(growth.leaves) <= MAX_BATCH or grown != growth.after:
            raise _refused(growth, "its leaves do not give it")
        self._bind(public_key, f"{operation}/{organisation}")
        self._follow(growth, committed)
        base = _Head(growth.before.size, growth.before.root.hex())
        tips = self._tips.setdefault(growth.log, {})
        if base != self._committed(growth.log) and base not in tips:
            raise _refused(growth, "it does not grow from a head that is known")
        new = _Head(grown.size, grown.root.hex())
        rolled_back = [tip for tip in tips if tip.size == new.size and tip != new]
        for tip in rolled_back:
            _log.warning("head rolled back", extra={"log": growth.log, "size": tip.size})
            del tips[tip]
        note = self._keys.get(public_key).sign_head(growth, _unasked)
        tips[new] = canonical.sha256(note.encode())
        return note

    def settle(self, note: str) -> None:
        """Take a checkpoint as committed; an older one than is known changes nothing.

        Raises
        ------
        Refused
            ``head_refused`` when it is none of these keys' or contradicts what is committed.
        """
        point = _point(note)
        known = self._committed(point.origin)
        if point.size < known.size:
            return
        self._advance(note, point)

    def sign_receipt(self, public_key: str, body: bytes) -> bytes:
        """Signature of a receipt, which must name a checkpoint that was just signed here.

        Raises
        ------
        Refused
            ``receipt_refused``, ``key_of_another``, and what `KeyFolder.get` refuses.
        """
        said = _receipt(body)
        log, stop, root = said["log"], said["stop"], said["root"]
        if self._tips.get(log, {}).get(_Head(stop, root)) != said["checkpoint"]:
            raise _bad_receipt("it names a checkpoint that was not just signed")
        self._bind(public_key, _RECEIPTS)
        return self._keys.get(public_key).sign(body)

    def seen(self, log: str) -> bool:
        """Whether a checkpoint of a log was committed, here or in a copy that is lost."""
        return log in self._kept.heads

    def make(self, seed: bytes) -> str:
        """Make a new key; returns its public key (hex)."""
        return self._keys.add(seed).public_key

    def holds(self, public_key: str) -> bool:
        """Whether the key's file is here."""
        return self._keys.holds(public_key)

    def open(self, public_key: str) -> None:
        """Read the key, so that it is known to be able to sign.

        Raises
        ------
        Refused
            ``key_missing``, ``key_locked`` or ``key_damaged``.
        """
        self._keys.get(public_key)

    def _committed(self, log: str) -> _Head:
        return self._kept.heads.get(log, _Head(0, merkle.EMPTY_ROOT.hex()))

    def _follow(self, growth: Growth, committed: str | None) -> None:
        """Believe what the asker says is committed, as far as it can be checked."""
        known = self._committed(growth.log)
        if committed is None:
            if known.size:
                raise _refused(growth, f"{known.size} statements were signed before")
            return
        point = _point(committed)
        if point.origin != growth.log:
            raise _refused(growth, "the committed checkpoint is of another log")
        if point.size < known.size:
            raise _refused(growth, f"the log has shrunk from {known.size} to {point.size}")
        self._advance(committed, point)

    def _advance(self, note: str, point: Checkpoint) -> None:
        head, known = _Head(point.size, point.root.hex()), self._committed(point.origin)
        if head == known:
            return
        if head.size == known.size:
            raise refused_head(point.origin, head.size, "it has forked")
        if head not in self._tips.get(point.origin, {}) and not self._is_ours(note, point):
            why = "no key here signed the committed checkpoint"
            raise refused_head(point.origin, head.size, why)
        self._kept.heads[point.origin] = head
        tips = self._tips.get(point.origin, {})
        self._tips[point.origin] = {one: made for one, made in tips.items() if one.size > head.size}
        self._save()

    def _is_ours(self, note: str, point: Checkpoint) -> bool:
        """Whether a key of this folder signed a note, as after an act on the command line."""
        parsed = parse_note(note)
        for public_key in self._keys.public_keys():
            try:
                if Verifier(point.origin, bytes.fromhex(public_key)).accepts(parsed):
                    return True
            except ValueError:
                return False
        return False

    def _bind(self, public_key: str, use: str) -> None:
        bound = self._kept.bound.get(public_key)
        if bound is None:
            self._keys.get(public_key)  # refuses before anything is written
            self._kept.bound[public_key] = use
            self._save()
        elif bound != use:
            params = {"key": key_id(public_key), "bound": bound, "asked": use}
            raise Refused(Problem("key_of_another", "", params))

    def _save(self) -> None:
        write_atomically(self._file, msgspec.json.encode(self._kept))


def _read(file: Path) -> _File:
    try:
        kept = msgspec.json.decode(file.read_bytes(), type=_File)
    except FileNotFoundError:
        return _File(_FORMAT, {}, {})
    except msgspec.DecodeError as error:
        raise Refused(Problem("heads_damaged", str(file), {"why": str(error)})) from None
    if kept.format != _FORMAT:
        raise Refused(Problem("heads_damaged", str(file), {"why": f"format {kept.format}"}))
    return kept


def _parts(growth: Growth) -> Sequence[Any]:
    try:
        return split_origin(growth.log)
    except ValueError:
        raise _refused(growth, "it is not the origin of a log") from None


def _point(note: str) -> Checkpoint:
    try:
        return parse_checkpoint(parse_note(note).text)
    except ValueError as error:
        raise refused_head("", 0, f"the committed checkpoint is malformed ({error})") from None


def _receipt(body: bytes) -> dict[str, Any]:
    try:
        said = canonical.decode(body)
    except ValueError as error:
        raise _bad_receipt(str(error)) from None
    if not isinstance(said, dict) or said.keys() != _RECEIPT_FIELDS:
        raise _bad_receipt("it is not in the form of a receipt")
    texts = ("checkpoint", "format", "log", "previous", "root")
    numbers = _RECEIPT_FIELDS - set(texts)
    whole = all(isinstance(said[name], str) for name in texts) and all(
        type(said[name]) is int and said[name] >= 0 for name in numbers
    )
    if not whole or said["format"] != RECEIPT_FORMAT or said["start"] >= said["stop"]:
        raise _bad_receipt("it is not in the form of a receipt")
    if len(said["previous"]) != hashlib.sha256().digest_size * 2:
        raise _bad_receipt("it names no receipt before it")
    return said


def refused_head(log: str, size: int, why: str) -> Refused:
    """Problem ``head_refused``, to be raised."""
    return Refused(Problem("head_refused", log, {"log": log, "size": size, "why": why}))


def _refused(growth: Growth, why: str) -> Refused:
    return refused_head(growth.log, growth.after.size, why)


def _bad_receipt(why: str) -> Refused:
    return Refused(Problem("receipt_refused", "", {"why": why}))


def _unasked(log: str) -> None:
    """The keeper has checked already what a key would ask."""
