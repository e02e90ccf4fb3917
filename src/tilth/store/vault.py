"""``people.vault``: personal data, kept where it can be erased.

The log holds only ``SHA-256(salt ‖ payload)`` with a random salt of 256 bits, so that a name cannot
be guessed from it. Here lie the payload, the file it came from, and the problems and refused rows
of that import, each under a random AES-256 key of its own. Erasing destroys the keys first; what
remains is noise, which is then overwritten as well.
"""

from __future__ import annotations

import hashlib
import secrets
import sqlite3
import time
from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from tilth.core.problems import Problem, Refused, register
from tilth.core.statement import content_fields
from tilth.store.lock import WriterLock
from tilth.store.protocol import Draft

__all__ = ["Erased", "Payload", "SourceFile", "Vault", "commitment_of", "refuse_bare"]

_SALT_BYTES = 32
_NONCE_BYTES = 12  # AES-GCM, NIST SP 800-38D §8.2; each key seals one value only
_TRUNCATE_WAIT_S = 10.0

_SCHEMA = """
CREATE TABLE IF NOT EXISTS payload (
    commitment TEXT PRIMARY KEY, record TEXT NOT NULL, source TEXT NOT NULL,
    key BLOB NOT NULL, sealed BLOB NOT NULL) STRICT;
CREATE INDEX IF NOT EXISTS payload_record ON payload (record);
CREATE INDEX IF NOT EXISTS payload_source ON payload (source);
CREATE TABLE IF NOT EXISTS source (
    digest TEXT PRIMARY KEY, size INTEGER NOT NULL, key BLOB, sealed BLOB) STRICT;
CREATE TABLE IF NOT EXISTS refused (
    import TEXT PRIMARY KEY, source TEXT NOT NULL, key BLOB, sealed BLOB) STRICT;
CREATE INDEX IF NOT EXISTS refused_source ON refused (source);
"""

register(
    {
        "vault_damaged": (
            "An entry of people.vault cannot be opened: {name}.",
            "Run tilth verify, and put the vault back from a backup.",
        ),
        "personal_data_in_log": (
            "A statement about a person holds more than a commitment.",
            "Put the payload into the vault and only its commitment into the log.",
        ),
        "erasure_waits": (
            "The data is erased, but another program still reads the vault, so that the last "
            "overwriting could not be done.",
            "Close the other programs that use this workspace and erase the record again.",
        ),
    }
)


class Payload(NamedTuple):
    """Protected content of one statement: its record, its commitment and its bytes."""

    record: str
    commitment: str
    data: bytes


class SourceFile(NamedTuple):
    """A file that personal data came from. Its hash and size stay when its bytes are erased."""

    digest: str
    size: int
    erased: bool


class Erased(NamedTuple):
    """How much an erasure destroyed: payloads, source files, lists of refused rows."""

    payloads: int
    sources: int
    refused: int


def commitment_of(salt: bytes, payload: bytes) -> str:
    """Salted commitment to a payload, 64 hexadecimal digits: SHA-256 of salt and payload."""
    return hashlib.sha256(salt + payload).hexdigest()


class Vault:
    """The personal data of a workspace.

    Parameters
    ----------
    path
        The vault's file, made when missing.
    lock
        The workspace's writer lock. Putting and erasing need it *held*, through the append of the
        statement too: otherwise a sweep in another program could take a payload for an orphan.
    entropy
        Source of the salts, which reach the log; keys always come from the operating system.
    """

    def __init__(
        self,
        path: Path,
        lock: WriterLock,
        *,
        entropy: Callable[[int], bytes] = secrets.token_bytes,
    ) -> None:
        self._lock = lock
        self._entropy = entropy
        path.touch(mode=0o600)
        # a server lends its one workspace to the thread that answers, one at a time
        self._db = sqlite3.connect(
            path, isolation_level=None, timeout=30.0, check_same_thread=False
        )
        self._db.execute("PRAGMA secure_delete=ON")
        self._db.execute("PRAGMA temp_store=MEMORY")
        if self._db.execute("PRAGMA journal_mode").fetchone()[0] != "wal":
            self._db.execute("PRAGMA journal_mode=WAL")
        self._db.execute("PRAGMA synchronous=FULL")
        self._db.executescript(_SCHEMA)

    def put_payload(self, record: str, payload: bytes, *, source: str = "") -> str:
        """Keep the payload of one statement and return its commitment; see `put_payloads`."""
        return self.put_payloads([(record, payload)], source=source)[0]

    def put_payloads(self, items: Sequence[tuple[str, bytes]], *, source: str = "") -> list[str]:
        """Keep payloads (record id, canonical bytes) in one transaction, before their statements.

        Parameters
        ----------
        source
            SHA-256 of the file in this vault that they came from; erasing one of them erases it.

        Returns
        -------
        list of str
            The commitment of each, for the log.
        """
        rows = []
        for record, payload in items:
            salt = self._entropy(_SALT_BYTES)
            commitment = commitment_of(salt, payload)
            rows.append((commitment, record, source, *_seal(commitment, salt + payload)))
        with self._changing():
            self._db.executemany("INSERT INTO payload VALUES (?, ?, ?, ?, ?)", rows)
        return [row[0] for row in rows]

    def payload(self, commitment: str) -> bytes | None:
        """Return the payload behind a commitment; None when it was erased or never here."""
        row = self._db.execute(
            "SELECT key, sealed FROM payload WHERE commitment = ?", (commitment,)
        ).fetchone()
        return None if row is None else _open(commitment, *row)[_SALT_BYTES:]

    def payloads(self, record: str | None = None) -> Iterator[Payload]:
        """Payloads of one record or of all, in the order kept."""
        condition = "" if record is None else "WHERE record = ?"
        rows = self._db.execute(
            f"SELECT record, commitment, key, sealed FROM payload {condition} ORDER BY rowid",
            () if record is None else (record,),
        )
        for owner, commitment, key, sealed in rows:
            yield Payload(owner, commitment, _open(commitment, key, sealed)[_SALT_BYTES:])

    def held(self) -> list[str]:
        """Commitments of all payloads that are here."""
        return [row[0] for row in self._db.execute("SELECT commitment FROM payload")]

    def put_source(self, data: bytes) -> str:
        """Keep a file that personal data came from; returns its SHA-256.

        A file that was erased stays erased when the same bytes come again.
        """
        digest = hashlib.sha256(data).hexdigest()
        with self._changing():
            self._db.execute(
                "INSERT INTO source VALUES (?, ?, ?, ?) ON CONFLICT DO NOTHING",
                (digest, len(data), *_seal(digest, data)),
            )
        return digest

    def source(self, digest: str) -> bytes | None:
        """Bytes of a source file; None when it was erased or never here."""
        row = self._db.execute(
            "SELECT key, sealed FROM source WHERE digest = ?", (digest,)
        ).fetchone()
        return None if row is None or row[0] is None else _open(digest, *row)

    def sources(self) -> list[SourceFile]:
        """Every source file that is or was here."""
        rows = self._db.execute("SELECT digest, size, key IS NULL FROM source ORDER BY digest")
        return [SourceFile(digest, size, bool(erased)) for digest, size, erased in rows]

    def put_refused(self, import_id: str, source: str, data: bytes) -> None:
        """Keep the problems and refused rows of an import, as bytes of the caller's making."""
        with self._changing():
            self._db.execute(
                "INSERT INTO refused VALUES (?, ?, ?, ?) ON CONFLICT (import) DO UPDATE "
                "SET source = excluded.source, key = excluded.key, sealed = excluded.sealed",
                (import_id, source, *_seal(import_id, data)),
            )

    def refused(self, import_id: str) -> bytes | None:
        """Problems and refused rows of an import; None when erased or never here."""
        row = self._db.execute(
            "SELECT key, sealed FROM refused WHERE import = ?", (import_id,)
        ).fetchone()
        return None if row is None or row[0] is None else _open(import_id, *row)

    def erase(self, records: Collection[str]) -> Erased:
        """Erase records: their payloads, the files they came from, those files' refused rows.

        A row of a refused list, or another line of the file, may name the same person; the whole of
        both goes. May be repeated: what is erased stays erased.

        Raises
        ------
        Refused
            ``erasure_waits`` when a reader kept the write-ahead log from being emptied; the keys
            are destroyed all the same.
        """
        named = [(record,) for record in records]
        with self._changing():
            self._db.execute("CREATE TEMP TABLE IF NOT EXISTS gone (name TEXT PRIMARY KEY)")
            self._db.execute("CREATE TEMP TABLE IF NOT EXISTS files (name TEXT PRIMARY KEY)")
            self._db.execute("DELETE FROM gone")
            self._db.execute("DELETE FROM files")
            self._db.executemany("INSERT OR IGNORE INTO gone VALUES (?)", named)
            self._db.execute(
                "INSERT INTO files SELECT DISTINCT source FROM payload "
                "WHERE source <> '' AND record IN (SELECT name FROM gone)"
            )
            # overwritten in place before the row goes, so that no free page keeps a key
            self._db.execute(
                "UPDATE payload SET key = zeroblob(length(key)), sealed = zeroblob(length(sealed)) "
                "WHERE record IN (SELECT name FROM gone)"
            )
            erased = Erased(
                self._count("DELETE FROM payload WHERE record IN (SELECT name FROM gone)"),
                self._blank("source", "digest"),
                self._blank("refused", "source"),
            )
        self._settle()
        return erased

    def sweep_orphans(self, known: Collection[str]) -> int:
        """Remove payloads whose commitment no statement holds; returns how many.

        Parameters
        ----------
        known
            Commitments of every statement in the logs, gathered while the lock is held.
        """
        with self._changing():
            held = self._db.execute("SELECT commitment FROM payload").fetchall()
            orphans = [row for row in held if row[0] not in known]
            self._db.executemany("DELETE FROM payload WHERE commitment = ?", orphans)
        if orphans:
            self._settle()
        return len(orphans)

    def check(self) -> str | None:
        """Open every entry, compare it with its commitment or hash, and name the first failure."""
        rows = self._db.execute(
            "SELECT 'payload', commitment, key, sealed FROM payload UNION ALL "
            "SELECT 'source', digest, key, sealed FROM source WHERE key IS NOT NULL UNION ALL "
            "SELECT 'refused', import, key, sealed FROM refused WHERE key IS NOT NULL"
        )
        try:
            for kind, name, key, sealed in rows:
                data = _open(name, key, sealed)
                if kind != "refused" and hashlib.sha256(data).hexdigest() != name:
                    return f"{kind} {name}"
        except Refused as refusal:
            return str(refusal.problems[0].params["name"])
        except sqlite3.DatabaseError as error:
            return str(error)
        return None

    def connection(self) -> sqlite3.Connection:
        """Return the open database, for an online copy."""
        return self._db

    def close(self) -> None:
        """Release the file."""
        self._db.close()

    @contextmanager
    def _changing(self) -> Iterator[None]:
        if not self._lock.held:
            msg = "the vault changes only while the workspace's writer lock is held"
            raise RuntimeError(msg)
        self._db.execute("BEGIN IMMEDIATE")
        try:
            yield
            self._db.execute("COMMIT")
        except BaseException:
            if self._db.in_transaction:
                self._db.execute("ROLLBACK")
            raise

    def _blank(self, table: str, column: str) -> int:
        chosen = f"{column} IN (SELECT name FROM files) AND key IS NOT NULL"
        self._db.execute(
            f"UPDATE {table} SET key = zeroblob(length(key)), sealed = zeroblob(length(sealed)) "
            f"WHERE {chosen}"
        )
        return self._count(f"UPDATE {table} SET key = NULL, sealed = NULL WHERE {chosen}")

    def _count(self, statement: str) -> int:
        return self._db.execute(statement).rowcount

    def _settle(self) -> None:
        """Bring the overwritten pages to the file and empty the write-ahead log."""
        deadline = time.monotonic() + _TRUNCATE_WAIT_S
        while True:
            pages, free = (
                self._db.execute(f"PRAGMA {name}").fetchone()[0]
                for name in ("page_count", "freelist_count")
            )
            if free > pages // 2:
                self._db.execute("VACUUM")
            busy = self._db.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()[0]
            if not busy:
                return
            if time.monotonic() >= deadline:
                raise Refused(Problem("erasure_waits", "people.vault"))
            time.sleep(0.05)


def refuse_bare(drafts: Sequence[Draft], protected: Sequence[str]) -> None:
    """Refuse personal data that would enter the log: by mistake, and for ever.

    Headers are canonical, and quotes inside a string are escaped: a quoted key is a key.

    Raises
    ------
    Refused
        ``personal_data_in_log``.
    """
    marks = [f'"kind":"{kind}"'.encode() for kind in protected]
    for place, draft in enumerate(drafts):
        if draft.content is not None and any(mark in draft.header for mark in marks):
            fields = content_fields(draft.content)
            if fields.keys() - {"commitment", "reason"}:
                raise Refused(Problem("personal_data_in_log", f"draft {place}"))


def _seal(name: str, data: bytes) -> tuple[bytes, bytes]:
    """Return a new key, and the nonce and ciphertext of the data bound to its name."""
    key, nonce = secrets.token_bytes(32), secrets.token_bytes(_NONCE_BYTES)
    return key, nonce + AESGCM(key).encrypt(nonce, data, name.encode("utf-8"))


def _open(name: str, key: bytes, sealed: bytes) -> bytes:
    try:
        return AESGCM(key).decrypt(
            sealed[:_NONCE_BYTES], sealed[_NONCE_BYTES:], name.encode("utf-8")
        )
    except (InvalidTag, ValueError):
        raise Refused(Problem("vault_damaged", "people.vault", {"name": name})) from None
