"""Whether a store still holds what was signed: everything is derived again from raw bytes.

No index and no kept value is trusted. The log is read once, in order of receipt; each statement,
batch, checkpoint and receipt must follow from the bytes before it. What fails first is named.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, NamedTuple

import msgspec

from tilth.core import canonical, merkle, statement
from tilth.core.checkpoint import Verifier, parse_checkpoint, parse_note, verified_by
from tilth.core.keyring import Keyring, LogAct, Standing, log_origin, replay
from tilth.core.problems import Problem, register
from tilth.core.statement import LOG_ACTS
from tilth.store.deep import first_derived_fault
from tilth.store.ledger import Ledger
from tilth.store.protocol import Receipt
from tilth.store.reading import RECEIPT_COLUMNS, RawEntry
from tilth.store.sealing import FIRST_PREVIOUS, RECEIPT_FORMAT, receipt_of

__all__ = ["Failure", "Trust", "Verdict", "verify"]

_RESTORE = "Restore the workspace from a backup, or compare with a partner who holds the log."
register(
    {
        "statement_out_of_place": (
            "A statement stands where another was sealed, is missing, or was never sealed.",
            _RESTORE,
        ),
        "header_damaged": ("The header of a statement is not the one that was hashed.", _RESTORE),
        "content_damaged": ("The content of a statement is not the one it names.", _RESTORE),
        "content_lost": ("A content that came with its batch is no longer there.", _RESTORE),
        "content_without_statement": ("A content belongs to no statement.", _RESTORE),
        "root_mismatch": ("The statements of a batch do not give the root sealed.", _RESTORE),
        "checkpoint_damaged": (
            "A checkpoint is missing, malformed or of another head.",
            _RESTORE,
        ),
        "checkpoint_signature": (
            "A checkpoint is not signed by the key that the log names for it.",
            _RESTORE,
        ),
        "receipt_damaged": ("A receipt does not follow from the one before it.", _RESTORE),
        "receipt_signature": (
            "A receipt is not signed by a key of this workspace.",
            _RESTORE,
        ),
        "blob_damaged": ("A file does not have the bytes that its name promises.", _RESTORE),
        "blob_missing": ("A file that an import came from is no longer there.", _RESTORE),
        "head_damaged": (
            "The kept head of a log is not that of its statements.",
            "Run tilth rebuild.",
        ),
        "database_unreadable": ("The database cannot be read: {reason}", _RESTORE),
        "read_table_damaged": (
            "The read table {table} differs from the log it was made from.",
            "Run tilth rebuild.",
        ),
    }
)


class Trust(NamedTuple):
    """What is known from outside the store.

    Parameters
    ----------
    authority
        Organisation whose countersignature confirms a key.
    anchors
        First public key (64 hexadecimal digits) of logs by their origin.
    receipt_keys
        Public keys that seal this workspace's receipts.
    """

    authority: str
    anchors: Mapping[str, str]
    receipt_keys: Sequence[str]


@dataclass(frozen=True, slots=True)
class Failure:
    """The first thing that fails, and the statement, receipt, blob or table it is.

    ``seq`` and ``index`` are those of the statement; for a batch, of its last one.
    """

    code: str
    log: str = ""
    index: int | None = None
    seq: int | None = None
    receipt: int | None = None
    blob: str = ""
    table: str = ""
    reason: str = ""

    def problem(self) -> Problem:
        """Return the failure as a problem, for output."""
        places = {
            "receipt": self.receipt,
            "log": self.log,
            "index": self.index,
            "statement": self.seq,
            "blob": self.blob,
            "table": self.table,
        }
        where = ", ".join(
            f"{name} {value}" for name, value in places.items() if value not in (None, "")
        )
        return Problem(self.code, where, {"reason": self.reason, "table": self.table})


@dataclass(frozen=True, slots=True)
class Verdict:
    """What was checked, and the first failure.

    ``standings`` counts checkpoints by what their signature is worth: one by a revoked or a not
    yet confirmed key is no damage, and is said.
    """

    statements: int
    checkpoints: int
    receipts: int
    blobs: int
    standings: Mapping[str, int]
    first_failure: Failure | None

    @property
    def ok(self) -> bool:
        """Whether nothing failed."""
        return self.first_failure is None


class _Failed(Exception):
    def __init__(self, failure: Failure) -> None:
        super().__init__(failure.code)
        self.failure = failure


def verify(store: Ledger, trust: Trust, *, deep: bool = False) -> Verdict:
    """Check log, contents, checkpoints, receipts and blobs of a store from their bytes.

    Parameters
    ----------
    deep
        Make every read table and index again and compare, too.
    """
    audit = _Audit(store)
    standings: dict[str, int] = {}
    with store.frozen():
        failure = _first_failure(store, audit, trust, standings, deep=deep)
    return Verdict(
        audit.statements, len(audit.sealed), len(audit.sealed), audit.blobs, standings, failure
    )


def _first_failure(
    store: Ledger, audit: _Audit, trust: Trust, standings: dict[str, int], *, deep: bool
) -> Failure | None:
    failure: Failure | None = None
    try:
        failure = _outcome(audit.along_the_log)
        keys = replay(audit.acts, authority=trust.authority, anchors=trust.anchors)
        signature = _outcome(lambda: _check_signatures(audit.sealed, keys, trust, standings))
        failure = signature or failure
        if failure is None:
            failure = _outcome(audit.leftovers)
        if failure is None:
            failure = _outcome(audit.blobs_in_order)
        if failure is None and deep:
            failure = _deep_failure(store)
    except store.errors as error:
        failure = failure or Failure("database_unreadable", reason=str(error))
    return failure


def _outcome(check: Callable[[], None]) -> Failure | None:
    try:
        check()
    except _Failed as failed:
        return failed.failure
    return None


def _deep_failure(store: Ledger) -> Failure | None:
    fault = first_derived_fault(store)
    if fault is None:
        return None
    return Failure("read_table_damaged", table=fault.table, seq=fault.seq)


class _Sealed(NamedTuple):
    """A batch whose bytes have been found right, its signatures not looked at yet."""

    receipt: Receipt
    body: bytes
    signature: bytes
    note: str
    last: Failure


@dataclass
class _Audit:
    """One pass over the log in order of receipt."""

    store: Ledger
    statements: int = 0
    blobs: int = 0
    acts: list[LogAct] = field(default_factory=list)
    sealed: list[_Sealed] = field(default_factory=list)
    heads: dict[str, merkle.Frontier] = field(default_factory=dict)
    contents: int = 0

    def along_the_log(self) -> None:
        origins: dict[int, str] = dict(
            self.store.raw_rows("SELECT id, origin FROM log_origin", damaged=True)
        )
        notes = {
            (origins.get(log), size): note
            for log, size, note in self.store.raw_rows(
                "SELECT log, size, note FROM log_checkpoint", damaged=True
            )
        }
        entries = self.store.raw_entries()
        previous, received_at = FIRST_PREVIOUS, 0
        rows = self.store.raw_rows(
            f"SELECT {RECEIPT_COLUMNS}, body, signature FROM log_receipt ORDER BY number",
            damaged=True,
        )
        for number, row in enumerate(rows, 1):
            receipt = receipt_of(row[:7])
            body, signature = row[7:]
            failure = Failure("receipt_damaged", str(receipt.log), receipt=number)
            contents = _check_receipt(receipt, body, previous, failure)
            head = self.heads.get(receipt.log, merkle.Frontier())
            follows = (number, head.size, self.statements + 1)
            if (receipt.number, receipt.start, receipt.first_seq) != follows:
                raise _Failed(failure)
            if receipt.received_at < received_at or receipt.stop <= receipt.start:
                raise _Failed(failure)
            last = self._batch(receipt, entries, contents)
            note = notes.pop((receipt.log, receipt.stop), None)
            _check_note(receipt, note, body, replace(last, code="checkpoint_damaged"))
            self.sealed.append(_Sealed(receipt, body, signature, str(note), last))
            previous, received_at = hashlib.sha256(body).hexdigest(), receipt.received_at
        for entry in entries:
            raise _Failed(_at(entry, "statement_out_of_place"))
        for log, size in notes:
            raise _Failed(Failure("checkpoint_damaged", str(log), index=size - 1))

    def _batch(self, receipt: Receipt, entries: Iterator[RawEntry], contents: int) -> Failure:
        """Check the statements of a batch; returns the place of its last one."""
        head = self.heads.get(receipt.log, merkle.Frontier())
        leaves: list[bytes] = []
        withheld: Failure | None = None
        held = 0
        last = Failure("root_mismatch", receipt.log, receipt=receipt.number)
        for place in range(receipt.start, receipt.stop):
            seq = self.statements + 1
            last = replace(last, index=place, seq=seq)
            entry = next(entries, None)
            if entry is None or (entry.seq, entry.origin, entry.place) != (seq, receipt.log, place):
                raise _Failed(replace(last, code="statement_out_of_place"))
            self._statement(entry)
            leaves.append(entry.leaf)
            if entry.content is None:
                withheld = withheld or replace(last, code="content_lost")
            else:
                held += 1
            self.statements += 1
        # a content that arrives later makes it more, never less
        if held < contents and withheld is not None:
            raise _Failed(withheld)
        head = head.extend(leaves)
        if head.root.hex() != receipt.root:
            raise _Failed(last)
        self.heads[receipt.log] = head
        return last

    def _statement(self, entry: RawEntry) -> None:
        try:
            header = statement.parse_header(entry.header)
            leaf, named = merkle.leaf_hash(entry.header), entry.content_hash.hex()
        except (ValueError, TypeError, AttributeError) as error:
            raise _Failed(_at(entry, "header_damaged")) from error
        own = log_origin(header.operation, header.organisation, header.epoch)
        if own != entry.origin or leaf != entry.leaf:
            raise _Failed(_at(entry, "header_damaged"))
        if header.content != named:
            raise _Failed(_at(entry, "content_damaged"))
        if entry.content is not None:
            if not isinstance(entry.content, bytes) or canonical.sha256(entry.content) != named:
                raise _Failed(_at(entry, "content_damaged"))
            self._content_place(entry)
        if header.act in LOG_ACTS and header.act != "erase":
            fields: dict[str, Any] = {}
            if entry.content is not None:
                fields = statement.content_fields(entry.content)
            self.acts.append(
                LogAct(own, entry.place, entry.leaf.hex(), header.act, header.decides, fields)
            )

    def _content_place(self, entry: RawEntry) -> None:
        """Check that the content is filed under the first statement that names it."""
        if entry.content_seq == entry.seq:
            self.contents += 1
            return
        first = self.store.raw_rows(
            "SELECT min(seq) FROM log_entry WHERE content = ?", (entry.content_hash,)
        )
        if first[0][0] == entry.seq or entry.content_seq is None or entry.content_seq > entry.seq:
            raise _Failed(_at(entry, "content_damaged"))
        named = self.store.raw_rows(
            "SELECT content FROM log_entry WHERE seq = ?", (entry.content_seq,)
        )
        if not named or named[0][0] != entry.content_hash:
            raise _Failed(_at(entry, "content_damaged"))

    def leftovers(self) -> None:
        """Check that nothing lies in the log tables that no statement accounts for."""
        count = self.store.raw_rows("SELECT count(*) FROM log_content")[0][0]
        if count != self.contents:
            raise _Failed(Failure("content_without_statement"))
        kept = self.store.raw_rows("SELECT log, size, root, peaks FROM index_head ORDER BY log")
        for log, head in sorted(self.heads.items()):
            if (log, head.size, head.root.hex(), head.to_bytes()) not in kept:
                raise _Failed(Failure("head_damaged", log))
        if len(kept) != len(self.heads):
            raise _Failed(Failure("head_damaged"))

    def blobs_in_order(self) -> None:
        """Check every file against its name, and that no import of this place lost its own."""
        blobs = self.store.blobs
        for entry in self.store.entries_of_kinds(["delivery"]):
            fields = statement.content_fields(entry.content) if entry.content else {}
            if "notes_sha256" not in fields:  # of people: in the vault, or erased
                continue
            for name in (str(fields["file_sha256"]), str(fields["notes_sha256"])):
                if not blobs.path(name).is_file():
                    raise _Failed(Failure("blob_missing", blob=name, seq=entry.seq))
        for name in blobs.held():
            if not blobs.intact(name):
                raise _Failed(Failure("blob_damaged", blob=name))
            self.blobs += 1


def _at(entry: RawEntry, code: str) -> Failure:
    return Failure(code, str(entry.origin or ""), entry.place, entry.seq)


def _check_receipt(receipt: Receipt, body: bytes, previous: str, failure: Failure) -> int:
    """Compare a receipt's columns with its bytes; returns how many contents came with it."""
    try:
        said = canonical.decode(body)
        columns = (
            *(receipt.number, receipt.received_at, receipt.log, receipt.start, receipt.stop),
            *(receipt.first_seq, receipt.root, RECEIPT_FORMAT, previous),
        )
        names = [
            "number",
            "received_at",
            "log",
            "start",
            "stop",
            "first_seq",
            "root",
            "format",
            "previous",
        ]
        if columns != tuple(said[name] for name in names):
            raise _Failed(failure)
        return int(said["contents"])
    except (ValueError, TypeError, KeyError, msgspec.DecodeError) as error:
        raise _Failed(failure) from error


def _check_note(receipt: Receipt, note: str | None, body: bytes, failure: Failure) -> None:
    """Check that a checkpoint is the one the receipt names, of the head it names."""
    if note is None or canonical.sha256(note.encode("utf-8", "surrogatepass")) != (
        msgspec.json.decode(body).get("checkpoint")
    ):
        raise _Failed(failure)
    try:
        found = parse_checkpoint(parse_note(note).text)
    except ValueError as error:
        raise _Failed(failure) from error
    if (found.origin, found.size, found.root.hex()) != (receipt.log, receipt.stop, receipt.root):
        raise _Failed(failure)


def _check_signatures(
    sealed: Sequence[_Sealed], keys: Keyring, trust: Trust, standings: dict[str, int]
) -> None:
    receipt_keys = [bytes.fromhex(key) for key in reversed(trust.receipt_keys)]
    for one in sealed:
        log, size = one.receipt.log, one.receipt.stop
        span = keys.span_at(log, size)
        public_key = trust.anchors.get(log) if span is None else span.public_key
        try:
            signed = public_key is not None and Verifier(log, bytes.fromhex(public_key)).accepts(
                parse_note(one.note)
            )
        except ValueError:
            signed = False
        if not signed or public_key is None:
            raise _Failed(replace(one.last, code="checkpoint_signature"))
        standing = Standing.GOOD if span is None else keys.judge(log, size, public_key)
        standings[standing] = standings.get(standing, 0) + 1
        if not any(verified_by(key, one.signature, one.body) for key in receipt_keys):
            raise _Failed(replace(one.last, code="receipt_signature"))
