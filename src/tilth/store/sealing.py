"""Sealing a batch: checks on drafts, and the receipt that says when which stretch came in.

Receipts are canonical bytes, each with the hash of the one before, signed with the workspace's
key: what this workspace took in, and in which order, cannot be rearranged afterwards.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

import msgspec

from tilth.core import canonical, merkle, statement
from tilth.core.keyring import log_origin
from tilth.core.problems import Problem, Refused, register
from tilth.core.statement import Header
from tilth.store.protocol import Draft, Receipt
from tilth.store.readtables import decided_hashes

__all__ = [
    "FIRST_PREVIOUS",
    "MAX_BATCH",
    "RECEIPT_FORMAT",
    "Checked",
    "Growth",
    "Sealer",
    "check_drafts",
    "receipt_body",
    "receipt_of",
]

MAX_BATCH = 1_000
RECEIPT_FORMAT = "tilth-receipt/1"
FIRST_PREVIOUS = "0" * 64
"""What the first receipt names as the one before it."""

register(
    {
        "batch_size": (
            "A batch of {count} statements cannot be sealed.",
            "Append between 1 and {most} statements at a time.",
        ),
        "header_not_canonical": (
            "The header of a statement is not in canonical form: {reason}.",
            "Make headers with this program; do not edit their bytes.",
        ),
        "header_of_other_log": (
            "The statement belongs to log {other}, not to {log}.",
            "Append each statement to the log that its header names.",
        ),
        "content_hash_mismatch": (
            "The content of a statement is not the one that its header names.",
            "Take header and content from the same source, unchanged.",
        ),
        "content_not_readable": (
            "The content of a statement cannot be read: {reason}.",
            "Make contents with this program; do not edit their bytes.",
        ),
        "decides_mismatch": (
            "A decision names other statements in its content than its header binds.",
            "Make the decision again.",
        ),
        "synthetic_mixed": (
            "Synthetic and real statements cannot be in one workspace.",
            "Use a workspace made with --synthetic for invented data, another for real data.",
        ),
        "statement_already_held": (
            "The statement {hash} is already in the log.",
            "Leave it out; nothing is to be done.",
        ),
        "no_signing_key": (
            "There is no key here to sign for log {log}.",
            "Open the workspace that owns the log, with its keys unlocked.",
        ),
        "log_damaged": (
            "The log {log} does not match its last checkpoint, so nothing may be added to it.",
            "Run tilth verify, and restore the workspace from a backup.",
        ),
    }
)


class Growth(NamedTuple):
    """A log grown by one batch: all that is needed to see that the new head extends the old."""

    log: str
    before: merkle.Frontier
    leaves: tuple[bytes, ...]
    after: merkle.Frontier


class Sealer(NamedTuple):
    """The keys of a workspace, as functions.

    Parameters
    ----------
    sign_checkpoint
        From a log's growth to the signed note over its new head.
    sign_receipt
        From a receipt's canonical bytes to the workspace's Ed25519 signature of them.
    """

    sign_checkpoint: Callable[[Growth], str]
    sign_receipt: Callable[[bytes], bytes]


class Checked(NamedTuple):
    """A draft that may be appended, with what was computed on the way."""

    header: Header
    data: bytes
    leaf: bytes
    content_hash: bytes
    content: bytes | None


def check_drafts(
    log: str, drafts: Sequence[Draft], *, synthetic: bool | None = None
) -> list[Checked]:
    """Check the drafts of one batch before any lock is taken.

    Raises
    ------
    Refused
        Naming the drafts that do not fit; then none is appended.
    """
    if not 1 <= len(drafts) <= MAX_BATCH:
        raise Refused(Problem("batch_size", log, {"count": len(drafts), "most": MAX_BATCH}))
    checked: list[Checked] = []
    problems: list[Problem] = []
    for place, draft in enumerate(drafts):
        try:
            checked.append(_check(log, draft, synthetic, f"draft {place}"))
        except Refused as refusal:
            problems += refusal.problems
    if problems:
        raise Refused(*problems)
    return checked


def _check(log: str, draft: Draft, synthetic: bool | None, where: str) -> Checked:
    data, content = draft
    try:
        header = statement.parse_header(data)
    except ValueError as error:
        raise Refused(Problem("header_not_canonical", where, {"reason": str(error)})) from error
    own = log_origin(header.operation, header.organisation, header.epoch)
    if own != log:
        raise Refused(Problem("header_of_other_log", where, {"log": log, "other": own}))
    if synthetic is not None and header.synthetic != synthetic:
        raise Refused(Problem("synthetic_mixed", where))
    if content is None:
        content_hash = _digest(header.content, where)
    else:
        content_hash = hashlib.sha256(content).digest()
        if content_hash.hex() != header.content:
            raise Refused(Problem("content_hash_mismatch", where))
        _check_content(header, content, where)
    return Checked(header, data, merkle.leaf_hash(data), content_hash, content)


def _digest(text: str, where: str) -> bytes:
    try:
        digest = bytes.fromhex(text)
    except ValueError:
        digest = b""
    if len(digest) != merkle.HASH_BYTES:
        raise Refused(Problem("content_hash_mismatch", where))
    return digest


class _AnyContent(msgspec.Struct):
    fields: msgspec.Raw


_ANY_CONTENT = msgspec.json.Decoder(_AnyContent)


def _check_content(header: Header, content: bytes, where: str) -> None:
    try:
        _ANY_CONTENT.decode(content)
    except msgspec.DecodeError as error:
        raise Refused(Problem("content_not_readable", where, {"reason": str(error)})) from error
    if header.decides_root:
        try:
            decided_hashes(header, content)
        except (ValueError, TypeError, AttributeError) as error:
            raise Refused(Problem("decides_mismatch", where)) from error


def receipt_body(receipt: Receipt, *, note: str, contents: int, previous: str) -> bytes:
    """Canonical bytes of a receipt.

    Parameters
    ----------
    note
        The checkpoint that closes the batch; its SHA-256 is named.
    contents
        How many of the statements came with their content: later it can be seen if one is lost.
    previous
        SHA-256 (hex) of the receipt before, `FIRST_PREVIOUS` for the first.
    """
    return canonical.encode(
        {
            "checkpoint": canonical.sha256(note.encode()),
            "contents": contents,
            "first_seq": receipt.first_seq,
            "format": RECEIPT_FORMAT,
            "log": receipt.log,
            "number": receipt.number,
            "previous": previous,
            "received_at": receipt.received_at,
            "root": receipt.root,
            "start": receipt.start,
            "stop": receipt.stop,
        }
    )


def receipt_of(row: Sequence[Any]) -> Receipt:
    """Receipt from the columns number, received_at, log, start, stop, first_seq, root."""
    number, received_at, log, start, stop, first_seq, root = row
    return Receipt(number, received_at, log, start, stop, first_seq, root)
