"""What every store promises; SQLite and PostgreSQL pass the same contract suite.

A store keeps the logs in plain bytes, their contents by hash, checkpoints, receipts, read tables
and the kept rows of the accounts. It knows no rule.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple, Protocol

__all__ = ["Draft", "Entry", "LogHead", "Receipt", "Store"]


class Draft(NamedTuple):
    """A statement about to be appended: canonical header, canonical content (None: withheld)."""

    header: bytes
    content: bytes | None


class Entry(NamedTuple):
    """A statement in a log as stored.

    ``seq`` is the order of receipt in this workspace (1, 2, …), ``log`` the origin
    ``tilth/<operation>/<organisation>/<epoch>``, ``index`` the place in that log from 0.
    """

    seq: int
    log: str
    index: int
    hash: str
    header: bytes
    content: bytes | None


class LogHead(NamedTuple):
    """Size and root (hex) of a log held here."""

    log: str
    size: int
    root: str


@dataclass(frozen=True, slots=True)
class Receipt:
    """A sealed batch: when this workspace took in which stretch of which log.

    Receipts are chained by hash and signed by the workspace; ``received_at`` (UTC microseconds
    since 1970) never runs backwards.
    """

    number: int
    received_at: int
    log: str
    start: int
    stop: int
    first_seq: int


class Store(Protocol):
    """The contract. Every method may raise `tilth.core.problems.Refused`."""

    def append(self, log: str, drafts: Sequence[Draft], *, received_at: int) -> Receipt:
        """Append up to 1,000 drafts to one log, seal them with a checkpoint and a receipt.

        One transaction: log, contents, receipt, checkpoint, read tables. All or nothing.
        """
        ...

    def heads(self, *, receipts: int | None = None) -> list[LogHead]:
        """Size and root of every log, now or after the first ``receipts`` receipts."""
        ...

    def receipts(self) -> list[Receipt]:
        """All receipts in order."""
        ...

    def entries(self, *, after_seq: int = 0, until_seq: int | None = None) -> Iterator[Entry]:
        """Statements in order of receipt, streamed."""
        ...

    def entries_of_kinds(
        self, kinds: Iterable[str], *, after_seq: int = 0, until_seq: int | None = None
    ) -> Iterator[Entry]:
        """Statements whose header's kind is one of these, in order of receipt."""
        ...

    def by_hash(self, hashes: Iterable[str]) -> dict[str, Entry]:
        """Those of the named statements that are held."""
        ...

    def of_records(self, records: Iterable[str]) -> dict[str, list[Entry]]:
        """Record acts of each record, in order of receipt."""
        ...

    def deciding(self, hashes: Iterable[str]) -> list[Entry]:
        """Decisions that name any of these statements."""
        ...

    def find_record(self, name: str) -> list[str]:
        """Full record ids whose full id, local id or national id is ``name``."""
        ...

    def rows(
        self,
        kind: str,
        where: Mapping[str, Any] | None = None,
        *,
        lines: str | None = None,
    ) -> Iterator[dict[str, Any]]:
        """Rows of a read table (of its nested ``lines`` table), filtered by equality."""
        ...

    def keep(self, book: str, key: str, value: bytes | None) -> None:
        """Keep (or, with None, drop) a derived value, such as the rows of a cluster."""
        ...

    def kept(self, book: str, keys: Iterable[str] | None = None) -> dict[str, bytes]:
        """Kept values of a book, all or the named ones."""
        ...

    def blob(self, digest: str) -> bytes:
        """Bytes of a blob by SHA-256."""
        ...

    def put_blob(self, data: bytes) -> str:
        """Keep bytes; returns their SHA-256."""
        ...

    def close(self) -> None:
        """Release the files."""
        ...
