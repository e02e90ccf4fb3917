"""The writing half of the contract: seal batches, derive rows, keep derived values.

Both databases share it; what differs between them is behind `tilth.store.session.Session` and the
abstract methods here.
"""

from __future__ import annotations

import hashlib
from abc import abstractmethod
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from itertools import islice
from pathlib import Path
from typing import NamedTuple

from tilth.core import merkle, statement
from tilth.core.checkpoint import parse_checkpoint, parse_note
from tilth.core.kinds.model import Kind
from tilth.core.problems import Problem, Refused, register
from tilth.store.blobs import Blobs
from tilth.store.protocol import Draft, Receipt
from tilth.store.reading import ENTRY_COLUMNS, Reading
from tilth.store.readtables import Collected
from tilth.store.schema import (
    INDEX_HEAD,
    INDEX_TABLES,
    LOG_TABLES,
    STORE_TABLES,
    Table,
    fingerprint,
)
from tilth.store.sealing import (
    FIRST_PREVIOUS,
    Checked,
    Growth,
    Sealer,
    check_drafts,
    receipt_body,
)
from tilth.store.session import PAGE, Session, chunks, marks

__all__ = ["DATABASE_FORMAT", "Ledger"]

DATABASE_FORMAT = "1"

register(
    {
        "database_newer": (
            "The database has format {found}; this program reads up to {known}.",
            "Use a newer version of the program.",
        ),
    }
)

_LOG = {table.name: table for table in LOG_TABLES}
_CONTENT, _ENTRY = _LOG["log_content"], _LOG["log_entry"]


class _Chain(NamedTuple):
    """End of the chain of receipts: last number, time and hash, and the last ``seq``."""

    number: int
    received_at: int
    hash: str
    seq: int


class Ledger(Reading):
    """A store; see `tilth.store.protocol.Store` for what its methods promise.

    Parameters
    ----------
    kinds
        Newest version of each kind by name; read tables are made for them.
    blobs
        Folder of the blobs.
    sealer
        Keys to sign with; without it the store can be read and not appended to.
    synthetic
        Whether statements must be synthetic (True) or must not (False); None takes both.
    """

    def __init__(
        self,
        kinds: Mapping[str, Kind],
        *,
        blobs: Path,
        sealer: Sealer | None = None,
        synthetic: bool | None = None,
    ) -> None:
        super().__init__(kinds)
        self.blobs = Blobs(blobs)
        self._sealer = sealer
        self._synthetic = synthetic

    # -- what a database provides ----------------------------------------------------------------

    @abstractmethod
    def _writing(self) -> AbstractContextManager[Session]:
        """Transaction of the one writer: committed and durable at its end, undone by an error."""

    @abstractmethod
    def _keeping(self) -> AbstractContextManager[Session]:
        """Transaction for values that can be derived again: it need not survive a power cut."""

    @abstractmethod
    def _make_append_only(self, session: Session, table: Table) -> None:
        """Create triggers that refuse to change or remove a row."""

    @abstractmethod
    def _replace_derived(self, session: Session, fill: Callable[[], None]) -> None:
        """Drop all tables derived from the log, create them empty, fill them, index them."""

    @abstractmethod
    def _boxes_added(self, session: Session, first_seq: int) -> None:
        """Bring the spatial index up to the rows of ``index_box`` from ``first_seq`` on."""

    # -- creation --------------------------------------------------------------------------------

    def _prepare(self, session: Session) -> None:
        """Create what is missing; rebuild what an older or newer definition of kinds made.

        Raises
        ------
        Refused
            ``database_newer``.
        """
        meta: dict[str, str] = dict(session.all("SELECT key, value FROM store_meta"))
        if int(meta.get("format", DATABASE_FORMAT)) > int(DATABASE_FORMAT):
            found = {"found": meta["format"], "known": DATABASE_FORMAT}
            raise Refused(Problem("database_newer", "database", found))
        if "format" not in meta:
            for table in LOG_TABLES:
                session.create(table)
                self._make_append_only(session, table)
            session.create(STORE_TABLES[1])
            session.create(INDEX_HEAD)
            session.run("INSERT INTO store_meta VALUES ('format', ?)", (DATABASE_FORMAT,))
        if meta.get("derived") != self._fingerprint:
            self._rebuild(session)

    @property
    def _fingerprint(self) -> str:
        return fingerprint((*INDEX_TABLES, *self.derived.tables), self.kinds)

    # -- appending -------------------------------------------------------------------------------

    def append(self, log: str, drafts: Sequence[Draft], *, received_at: int) -> Receipt:
        """Append up to 1,000 drafts to one log, seal them with a checkpoint and a receipt.

        One transaction: log, contents, receipt, checkpoint, read tables. All or nothing.

        Raises
        ------
        Refused
            Naming each draft that does not fit; ``workspace_busy`` when the lock is not had.
        """
        return self._seal([(log, drafts)], lambda: received_at)[0]

    def append_together(
        self, parts: Sequence[tuple[str, Sequence[Draft]]], *, received_at: int
    ) -> list[Receipt]:
        """Append to several logs in one transaction: all of it, or nothing.

        Parameters
        ----------
        parts
            Log and up to 1,000 drafts; each is sealed on its own, in this order.

        Raises
        ------
        Refused
            As `append`.
        """
        return self._seal(parts, lambda: received_at)

    def append_many(
        self,
        log: str,
        batches: Iterable[Sequence[Draft]],
        *,
        clock: Callable[[], int],
        per_commit: int = 20,
    ) -> Iterator[Receipt]:
        """Append batches for a bulk import; each is sealed on its own, some share a commit.

        ``clock`` gives the time of receipt. A receipt is yielded once its batch is on the disk;
        drafts are pulled before the lock is taken. What was yielded stays if a later batch fails.
        """
        remaining = iter(batches)
        while some := list(islice(remaining, per_commit)):
            yield from self._seal([(log, drafts) for drafts in some], clock)

    def _seal(
        self, parts: Sequence[tuple[str, Sequence[Draft]]], clock: Callable[[], int]
    ) -> list[Receipt]:
        sealer = self._sealer
        if sealer is None:
            raise Refused(*(Problem("no_signing_key", log, {"log": log}) for log, _ in parts))
        checked = [
            (log, check_drafts(log, drafts, synthetic=self._synthetic)) for log, drafts in parts
        ]
        receipts: list[Receipt] = []
        with self._writing() as session:
            chain = _chain(session)
            heads: dict[str, tuple[int, merkle.Frontier]] = {}
            for log, batch in checked:
                if log not in heads:
                    number = self._log_number(session, log)
                    heads[log] = (number, self._head(session, log, number))
                number, head = heads[log]
                receipt, head, chain = self._seal_one(
                    session, sealer, (log, number), batch, head, chain, clock()
                )
                heads[log] = (number, head)
                receipts.append(receipt)
            for log, (_, head) in heads.items():
                session.run("DELETE FROM index_head WHERE log = ?", (log,))
                session.add(INDEX_HEAD, [(log, head.size, head.root.hex(), head.to_bytes())])
        return receipts

    def _seal_one(
        self,
        session: Session,
        sealer: Sealer,
        log: tuple[str, int],
        batch: Sequence[Checked],
        head: merkle.Frontier,
        chain: _Chain,
        received_at: int,
    ) -> tuple[Receipt, merkle.Frontier, _Chain]:
        origin, number = log
        first_seq = chain.seq + 1
        _refuse_held(session, batch)
        self._insert(session, number, batch, first_seq, head.size)
        leaves = tuple(one.leaf for one in batch)
        grown = head.extend(leaves)
        note = sealer.sign_checkpoint(Growth(origin, head, leaves, grown))
        receipt = Receipt(
            chain.number + 1,
            max(chain.received_at, received_at),
            origin,
            head.size,
            grown.size,
            first_seq,
            grown.root.hex(),
        )
        contents = sum(one.content is not None for one in batch)
        body = receipt_body(receipt, note=note, contents=contents, previous=chain.hash)
        session.add(_LOG["log_checkpoint"], [(number, grown.size, note)])
        row = (*_receipt_row(receipt), body, sealer.sign_receipt(body))
        session.add(_LOG["log_receipt"], [row])
        last = first_seq + len(batch) - 1
        digest = hashlib.sha256(body).hexdigest()
        return receipt, grown, _Chain(receipt.number, receipt.received_at, digest, last)

    def _insert(
        self, session: Session, log: int, batch: Sequence[Checked], first_seq: int, place: int
    ) -> None:
        new = _new_contents(session, batch)
        contents, entries = [], []
        rows: Collected = {}
        for step, one in enumerate(batch):
            seq = first_seq + step
            if one.content is not None and new.pop(one.content_hash, False):
                contents.append((seq, one.content_hash, one.content))
            entries.append((seq, log, place + step, one.leaf, one.content_hash, one.data))
            self.derived.add(rows, seq, one.leaf, one.header, one.content)
        session.add(_CONTENT, contents)
        session.add(_ENTRY, entries)
        self._add_derived(session, rows, first_seq)

    def _add_derived(self, session: Session, rows: Collected, first_seq: int) -> None:
        for name, made in rows.items():
            session.add(self._tables[name], made)
        if "index_box" in rows:
            self._boxes_added(session, first_seq)

    def _log_number(self, session: Session, log: str) -> int:
        found = session.all("SELECT id FROM log_origin WHERE origin = ?", (log,))
        if found:
            return int(found[0][0])
        number = int(session.all("SELECT coalesce(max(id), 0) + 1 FROM log_origin")[0][0])
        session.add(_LOG["log_origin"], [(number, log)])
        return number

    def _head(self, session: Session, log: str, number: int) -> merkle.Frontier:
        """Head of a log, which must be the one its last checkpoint signed.

        Raises
        ------
        Refused
            ``log_damaged`` when it is not: nothing may be signed on top of it.
        """
        last = session.all(
            "SELECT note FROM log_checkpoint WHERE log = ? ORDER BY size DESC LIMIT 1", (number,)
        )
        size, root = 0, merkle.EMPTY_ROOT
        if last:
            _, size, root, _ = parse_checkpoint(parse_note(last[0][0]).text)
        kept = session.all("SELECT size, peaks FROM index_head WHERE log = ?", (log,))
        if kept and kept[0][0] == size:
            head = merkle.Frontier.from_bytes(*kept[0])
            if head.root == root:
                return head
        sql = "SELECT leaf FROM log_entry WHERE log = ? ORDER BY place"
        head = merkle.Frontier().extend(row[0] for row in session.all(sql, (number,)))
        if (head.size, head.root) != (size, root):
            raise Refused(Problem("log_damaged", log, {"log": log}))
        return head

    # -- derived ---------------------------------------------------------------------------------

    def rebuild(self) -> None:
        """Make everything that is derived from the log anew; kept values stay.

        Readers see the old tables until the new ones are complete.
        """
        with self._writing() as session:
            self._rebuild(session)

    def _rebuild(self, session: Session) -> None:
        self._replace_derived(session, lambda: self._fill(session))
        session.run("DELETE FROM store_meta WHERE key = 'derived'")
        session.run("INSERT INTO store_meta VALUES ('derived', ?)", (self._fingerprint,))
        session.run("DELETE FROM index_head")
        logs = session.all("SELECT id, origin FROM log_origin ORDER BY id")
        for number, log in logs:
            head = self._head(session, log, number)
            session.add(INDEX_HEAD, [(log, head.size, head.root.hex(), head.to_bytes())])

    def _fill(self, session: Session) -> None:
        after = 0
        while True:
            page = session.all(
                f"SELECT {ENTRY_COLUMNS} FROM log_entry e JOIN log_origin o ON o.id = e.log"
                " LEFT JOIN log_content c ON c.hash = e.content"
                f" WHERE e.seq > ? ORDER BY e.seq LIMIT {PAGE}",
                (after,),
            )
            rows: Collected = {}
            for seq, _, _, leaf, header, content in page:
                self.derived.add(rows, seq, leaf, statement.parse_header(header), content)
            self._add_derived(session, rows, after + 1)
            if len(page) < PAGE:
                return
            after = page[-1][0]

    def keep(self, book: str, key: str, value: bytes | None) -> None:
        """Keep (or, with None, drop) a derived value, such as the rows of a cluster."""
        self.keep_many(book, {key: value})

    def keep_many(self, book: str, values: Mapping[str, bytes | None]) -> None:
        """Keep or drop several derived values in one transaction."""
        with self._keeping() as session:
            for some in chunks(values):
                sql = f"DELETE FROM store_kept WHERE book = ? AND key IN {marks(len(some))}"
                session.run(sql, (book, *some))
            rows = [(book, key, value) for key, value in values.items() if value is not None]
            session.add(STORE_TABLES[1], rows)

    # -- blobs -----------------------------------------------------------------------------------

    def blob(self, digest: str) -> bytes:
        """Bytes of a blob by SHA-256."""
        return self.blobs.get(digest)

    def put_blob(self, data: bytes) -> str:
        """Keep bytes and return their SHA-256; they are on the disk when this returns."""
        return self.blobs.put(data)

    @abstractmethod
    def close(self) -> None:
        """Release the files."""


def _receipt_row(receipt: Receipt) -> tuple[int, int, str, int, int, int, str]:
    return (
        receipt.number,
        receipt.received_at,
        receipt.log,
        receipt.start,
        receipt.stop,
        receipt.first_seq,
        receipt.root,
    )


def _chain(session: Session) -> _Chain:
    last = session.all(
        "SELECT number, received_at, body, first_seq + stop - start - 1 FROM log_receipt"
        " ORDER BY number DESC LIMIT 1"
    )
    if not last:
        return _Chain(0, 0, FIRST_PREVIOUS, 0)
    number, received_at, body, seq = last[0]
    return _Chain(number, received_at, hashlib.sha256(body).hexdigest(), seq)


def _new_contents(session: Session, batch: Sequence[Checked]) -> dict[bytes, bool]:
    """Hashes of the contents that are not stored yet."""
    wanted = [one.content_hash for one in batch if one.content is not None]
    new = dict.fromkeys(wanted, True)
    for some in chunks(wanted):
        sql = f"SELECT hash FROM log_content WHERE hash IN {marks(len(some))}"
        for row in session.all(sql, some):
            new[row[0]] = False
    return new


def _refuse_held(session: Session, batch: Sequence[Checked]) -> None:
    leaves = [one.leaf for one in batch]
    held: set[bytes] = set()
    for some in chunks(leaves):
        sql = f"SELECT leaf FROM log_entry WHERE leaf IN {marks(len(some))}"
        held.update(row[0] for row in session.all(sql, some))
    problems = []
    for place, leaf in enumerate(leaves):
        if leaf in held:
            problems.append(
                Problem("statement_already_held", f"draft {place}", {"hash": leaf.hex()})
            )
        held.add(leaf)
    if problems:
        raise Refused(*problems)
