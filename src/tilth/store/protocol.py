"""What every store promises; SQLite and PostgreSQL pass the same contract suite.

A store keeps the logs in plain bytes, their contents by hash, checkpoints, receipts, read tables
and the kept rows of the accounts. It knows no rule.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
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
    index: int  # type: ignore[assignment] # hides tuple.index, which no statement needs
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
    since 1970) never runs backwards. ``root`` (hex) is the log's at size ``stop``.
    """

    number: int
    received_at: int
    log: str
    start: int
    stop: int
    first_seq: int
    root: str = ""


class Store(Protocol):
    """The contract. Every method may raise `tilth.core.problems.Refused`."""

    def append(self, log: str, drafts: Sequence[Draft], *, received_at: int) -> Receipt:
        """Append up to 1,000 drafts to one log, seal them with a checkpoint and a receipt.

        One transaction: log, contents, receipt, checkpoint, read tables. All or nothing.
        """
        ...

    def append_together(
        self, parts: Sequence[tuple[str, Sequence[Draft]]], *, received_at: int
    ) -> list[Receipt]:
        """Append to several logs, each part sealed like that of `append`, in one transaction."""
        ...

    def append_many(
        self,
        log: str,
        batches: Iterable[Sequence[Draft]],
        *,
        clock: Callable[[], int],
        per_commit: int = 20,
    ) -> Iterator[Receipt]:
        """Append batches for a bulk import; each is sealed on its own, up to 20 share a commit.

        ``clock`` gives the time of receipt. A receipt is yielded once its batch is on the disk;
        drafts are pulled before the lock is taken. What was yielded stays if a later batch fails.
        """
        ...

    def heads(self, *, receipts: int | None = None) -> list[LogHead]:
        """Size and root of every log, now or after the first ``receipts`` receipts."""
        ...

    def receipts(self, *, after: int = 0) -> list[Receipt]:
        """All receipts in order, or those with a number above ``after``."""
        ...

    def entries(self, *, after_seq: int = 0, until_seq: int | None = None) -> Iterator[Entry]:
        """Statements in order of receipt, streamed."""
        ...

    def checkpoint(self, log: str) -> str | None:
        """Newest checkpoint of a log, a signed note; None when the log is not held."""
        ...

    def leaves(self, log: str, *, stop: int | None = None) -> list[bytes]:
        """Leaf hashes of a log from its beginning, for proofs."""
        ...

    def last_seq(self) -> int:
        """``seq`` of the newest statement, 0 when there is none."""
        ...

    def entries_of_kinds(
        self, kinds: Iterable[str], *, after_seq: int = 0, until_seq: int | None = None
    ) -> Iterator[Entry]:
        """Statements whose header's kind is one of these, in order of receipt."""
        ...

    def entries_at(self, seqs: Iterable[int]) -> list[Entry]:
        """Statements with these ``seq``, in order of receipt."""
        ...

    def by_hash(self, hashes: Iterable[str]) -> dict[str, Entry]:
        """Those of the named statements that are held."""
        ...

    def acts_between(self, after_seq: int, until_seq: int) -> list[tuple[str, str, str, int]]:
        """How many statements of each log, act and kind came in after a ``seq``, up to another."""
        ...

    def of_records(self, records: Iterable[str]) -> dict[str, list[Entry]]:
        """Record acts of each record, in order of receipt."""
        ...

    def deciding(self, hashes: Iterable[str]) -> list[Entry]:
        """Decisions that name any of these statements."""
        ...

    def concerning(self, records: Iterable[str]) -> list[Entry]:
        """Other acts that name one of these: ``revoke``, ``recall``, ``name``, ``erase``."""
        ...

    def from_source(self, blob: str) -> Iterator[Entry]:
        """Statements whose source is this blob, in order of receipt."""
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
        after_seq: int = 0,
        until_seq: int | None = None,
    ) -> Iterator[dict[str, Any]]:
        """Rows of a read table (of its nested ``lines`` table), filtered by equality.

        A list or tuple in ``where`` matches any of its values, None what is absent.
        """
        ...

    def select(
        self,
        kind: str,
        columns: Sequence[str],
        where: Mapping[str, Any] | None = None,
        *,
        lines: str | None = None,
        after_seq: int = 0,
        until_seq: int | None = None,
    ) -> Iterator[tuple[Any, ...]]:
        """Those columns of the same rows as stored: lists as JSON text, booleans as 0 and 1."""
        ...

    def shapes_in(self, box: tuple[float, float, float, float]) -> list[int]:
        """``seq`` of statements with a shape whose bounding box meets this one.

        West, south, east, north in degrees; touching counts.
        """
        ...

    def rebuild(self) -> None:
        """Make everything that is derived from the log anew; kept values stay."""
        ...

    def digest_of_read_tables(self) -> str:
        """SHA-256 over all rows of all tables derived from the log; equal in every store."""
        ...

    def keep(self, book: str, key: str, value: bytes | None) -> None:
        """Keep (or, with None, drop) a derived value, such as the rows of a cluster."""
        ...

    def keep_many(self, book: str, values: Mapping[str, bytes | None]) -> None:
        """Keep or drop several derived values in one transaction."""
        ...

    def kept(self, book: str, keys: Iterable[str] | None = None) -> dict[str, bytes]:
        """Kept values of a book, all or the named ones."""
        ...

    def kept_keys(self, book: str) -> list[str]:
        """Keys of the kept values of a book, in order."""
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
