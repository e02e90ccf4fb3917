"""A statement: what one organisation said about one record at one time.

A statement is a *header* of at most 4 KiB of canonical bytes, which is the leaf of the
organisation's Merkle log, and a *content*, a second canonical byte string named by its SHA-256 in
the header. Content can be withheld or erased and the log still verifies.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from typing import Any

import msgspec

from tilth.core import canonical

__all__ = [
    "ACTS",
    "DECISIONS",
    "FORMAT",
    "MAX_HEADER_BYTES",
    "Header",
    "Source",
    "content_bytes",
    "content_fields",
    "decides_root",
    "header_bytes",
    "parse_header",
    "read_header",
    "record_id",
    "split_record_id",
    "statement_hash",
]

FORMAT = "tilth/1"
MAX_HEADER_BYTES = 4096
MAX_INLINE_DECIDES = 32
MAX_DECIDES = 10_000

RECORD_ACTS = ("record", "correct", "withdraw", "revise")
DECISIONS = (
    "vouch",
    "approve",
    "return",
    "undo",
    "revoke",
    "recall",
    "lift",
    "dispute",
    "name",
)
LOG_ACTS = ("key", "key_revoke", "epoch", "countersign", "erase")
ACTS = RECORD_ACTS + DECISIONS + LOG_ACTS
"""Every act of the log.

``record`` first statement of a record; ``correct`` and ``withdraw`` replace a statement (of the
first chain or of a revision); ``revise`` an event on the record with its own day: a new ring, a
reclassification, a requirement, a status (rules §2); ``vouch``, ``approve`` and ``return`` give
or void a level of the statements named in ``decides``; ``undo`` withdraws decisions; ``revoke``
reopens ground of released areas; ``recall`` puts released areas in doubt until the authority
gives a ``lift``: *prudent* reads them as remaining; ``dispute`` another organisation disagrees;
``name`` adds a national id; the rest concern the log itself.
"""


class Source(msgspec.Struct, frozen=True, omit_defaults=True):
    """Where a statement came from: a blob by SHA-256 and the row or feature in it."""

    blob: str
    part: str = ""


class Header(msgspec.Struct, frozen=True, omit_defaults=True, kw_only=True):
    """The leaf.

    Parameters
    ----------
    operation, organisation
        Random 128-bit ids, 32 hexadecimal digits; the organisation is the log's owner.
    epoch
        Counts the logs of that organisation, from 1.
    act
        One of `ACTS`.
    kind, kind_version
        What is recorded; ``decision`` and ``log`` for acts that record nothing.
    record
        ``organisation/kind/local_id`` of the author's record, or empty.
    replaces
        Hashes of the statements that this one replaces.
    decides
        Hashes that a decision names, at most 32; more are in the content under ``decides`` and
        bound here by `decides_root` and their count.
    happened_on, precision
        ISO day, month or year and which of them it is.
    said_at
        The author's clock, UTC, ``YYYY-MM-DDThh:mm:ssZ``.
    actor
        A code, never a name.
    content
        SHA-256 of the content bytes.
    """

    format: str = msgspec.field(default="", name="format")
    operation: str
    organisation: str
    epoch: int
    act: str
    kind: str
    kind_version: int = 1
    record: str = ""
    replaces: tuple[str, ...] = ()
    decides: tuple[str, ...] = ()
    decides_count: int = 0
    decides_root: str = ""
    happened_on: str = ""
    precision: str = ""
    said_at: str
    actor: str
    source: Source | None = None
    synthetic: bool = False
    content: str


_DECODER = msgspec.json.Decoder(Header, strict=True)


def header_bytes(header: Header) -> bytes:
    """Canonical bytes of a header.

    Raises
    ------
    ValueError
        When they are longer than 4 KiB.
    """
    data = canonical.encode(header)
    if len(data) > MAX_HEADER_BYTES:
        msg = f"header of {len(data)} bytes is over {MAX_HEADER_BYTES}"
        raise ValueError(msg)
    return data


def parse_header(data: bytes) -> Header:
    """Decode header bytes, refusing any that are not canonical or hold unknown keys.

    Raises
    ------
    ValueError
        When they are not a canonical header of this format.
    """
    if len(data) > MAX_HEADER_BYTES:
        msg = f"header of {len(data)} bytes is over {MAX_HEADER_BYTES}"
        raise ValueError(msg)
    try:
        header = _DECODER.decode(data)
    except msgspec.DecodeError as error:
        raise ValueError(str(error)) from error
    if header.format != FORMAT or header.act not in ACTS:
        msg = f"not a header of {FORMAT}: format {header.format!r}, act {header.act!r}"
        raise ValueError(msg)
    if canonical.encode(header) != data:
        msg = "header bytes are not canonical"
        raise ValueError(msg)
    return header


def read_header(data: bytes) -> Header:
    """Decode a header that the store has checked when it was appended."""
    return _DECODER.decode(data)


def statement_hash(header: bytes) -> str:
    """Name of a statement: its RFC 6962 leaf hash, SHA-256 of 0x00 and the header, as hex."""
    return hashlib.sha256(b"\x00" + header).hexdigest()


def content_bytes(fields: Mapping[str, Any], nonce: str) -> bytes:
    """Canonical content: the fields and a random 128-bit nonce (32 hexadecimal digits)."""
    return canonical.encode({"fields": fields, "nonce": nonce})


def content_fields(content: bytes) -> dict[str, Any]:
    """Fields of content bytes, without the nonce; equal fields compare equal."""
    fields: dict[str, Any] = msgspec.json.decode(content)["fields"]
    return fields


def decides_root(hashes: tuple[str, ...]) -> str:
    """SHA-256 over the sorted hashes (hex, one a line) that a large decision names."""
    return canonical.sha256("\n".join(sorted(hashes)).encode("ascii"))


def record_id(organisation: str, kind: str, local_id: str) -> str:
    """``organisation/kind/local_id``, the id that every workspace gives the same record."""
    return f"{organisation}/{kind}/{local_id}"


def split_record_id(record: str) -> tuple[str, str, str]:
    """Inverse of `record_id`; the local id may itself hold slashes.

    Examples
    --------
    >>> split_record_id("ab12/hazard_area/HA/7")
    ('ab12', 'hazard_area', 'HA/7')
    """
    organisation, kind, local_id = record.split("/", 2)
    return organisation, kind, local_id
