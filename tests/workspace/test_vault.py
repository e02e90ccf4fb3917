"""Personal data: sealed, bound to its commitment, gone when erased (issue 2 §3)."""

from __future__ import annotations

import hashlib
import sqlite3
from pathlib import Path

import pytest

from tilth.core.problems import Refused
from tilth.store.lock import WriterLock
from tilth.store.vault import Erased, SourceFile, Vault, commitment_of

NAME = "Žarko Đurić-Okonkwo".encode()
RECORD, OTHER = "ab/victim/1f", "ab/victim/2e"


@pytest.fixture
def lock(tmp_path: Path) -> WriterLock:
    return WriterLock(tmp_path / "lock", wait_s=1)


@pytest.fixture
def vault(tmp_path: Path, lock: WriterLock):
    vault = Vault(tmp_path / "people.vault", lock)
    yield vault
    vault.close()


def everything(folder: Path) -> bytes:
    return b"\n".join(path.read_bytes() for path in sorted(folder.iterdir()))


def test_a_payload_comes_back_and_lies_sealed(tmp_path: Path, vault: Vault, lock: WriterLock):
    with lock.writing():
        commitment = vault.put_payload(RECORD, NAME)
        again = vault.put_payload(RECORD, NAME)
    assert vault.payload(commitment) == NAME
    assert commitment != again, "the same name twice must not look the same"
    assert [one.data for one in vault.payloads(RECORD)] == [NAME, NAME]
    assert list(vault.payloads(OTHER)) == []
    assert vault.payload("00" * 32) is None
    assert NAME not in everything(tmp_path)
    assert (tmp_path / "people.vault").stat().st_mode & 0o777 == 0o600


def test_the_commitment_is_of_salt_and_payload(tmp_path: Path, lock: WriterLock):
    vault = Vault(tmp_path / "v", lock, entropy=lambda count: b"s" * count)
    with lock.writing():
        commitment = vault.put_payload(RECORD, NAME)
    assert commitment == hashlib.sha256(b"s" * 32 + NAME).hexdigest()
    assert commitment == commitment_of(b"s" * 32, NAME)
    vault.close()


def test_changing_needs_the_lock(vault: Vault):
    with pytest.raises(RuntimeError):
        vault.put_payload(RECORD, NAME)
    with pytest.raises(RuntimeError):
        vault.erase([RECORD])
    with pytest.raises(RuntimeError):
        vault.sweep_orphans(set())


def test_erasing_takes_the_record_its_file_and_the_refused_rows(
    tmp_path: Path, vault: Vault, lock: WriterLock
):
    with lock.writing():
        digest = vault.put_source(b"sheet with " + NAME)
        vault.put_refused("import-1", digest, b"row 3: " + NAME)
        elsewhere = vault.put_source(b"another sheet")
        vault.put_refused("import-2", elsewhere, b"row 9")
        first, second = vault.put_payloads([(RECORD, NAME), (OTHER, b"somebody")], source=digest)
        corrected = vault.put_payload(RECORD, NAME + b" corrected")
    keys = _keys(tmp_path, f"record = '{RECORD}'")
    assert len(keys) == 2
    with lock.writing():
        assert vault.erase([RECORD]) == Erased(2, 1, 1)
        assert vault.erase([RECORD]) == Erased(0, 0, 0), "erasing again changes nothing"
    assert vault.payload(first) is None
    assert vault.payload(corrected) is None
    assert vault.payload(second) == b"somebody", "the other person of the file stays"
    assert vault.source(digest) is None
    assert vault.refused("import-1") is None
    assert vault.source(elsewhere) == b"another sheet"
    assert vault.refused("import-2") == b"row 9"
    size = len(b"sheet with " + NAME)
    assert SourceFile(digest, size, True) in vault.sources(), "hash and size stay"
    left = everything(tmp_path)
    assert not any(key in left for key in keys), "a key survived its erasure"
    with lock.writing():
        assert vault.put_source(b"sheet with " + NAME) == digest
    assert vault.source(digest) is None, "an erased file does not come back by itself"
    assert vault.check() is None


def test_erasure_leaves_no_trace_of_large_entries(tmp_path: Path, vault: Vault, lock: WriterLock):
    with lock.writing():
        digest = vault.put_source(bytes(3_000_000))
        vault.put_payload(RECORD, NAME, source=digest)
    database = sqlite3.connect(tmp_path / "people.vault")
    sealed = database.execute("SELECT sealed FROM source").fetchone()[0]
    database.close()
    with lock.writing():
        vault.erase([RECORD])
    left = everything(tmp_path)
    assert not any(sealed[start : start + 64] in left for start in range(0, len(sealed), 4000))
    assert (tmp_path / "people.vault-wal").stat().st_size == 0
    assert (tmp_path / "people.vault").stat().st_size < 200_000, "the space is given back"


def test_erasure_says_when_a_reader_holds_the_old_pages(
    tmp_path: Path, vault: Vault, lock: WriterLock, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr("tilth.store.vault._TRUNCATE_WAIT_S", 0.1)
    vault.connection().execute("PRAGMA busy_timeout=10")
    with lock.writing():
        vault.put_payload(RECORD, NAME)
    reader = sqlite3.connect(tmp_path / "people.vault", isolation_level=None)
    reader.execute("BEGIN")
    reader.execute("SELECT count(*) FROM payload").fetchone()
    with lock.writing(), pytest.raises(Refused) as refusal:
        vault.erase([RECORD])
    assert refusal.value.problems[0].code == "erasure_waits"
    reader.close()
    with lock.writing():
        vault.erase([RECORD])
    assert (tmp_path / "people.vault-wal").stat().st_size == 0


def test_orphans_are_swept(vault: Vault, lock: WriterLock):
    with lock.writing():
        kept, orphan = vault.put_payloads([(RECORD, NAME), (OTHER, NAME)])
        assert vault.sweep_orphans({kept}) == 1
        assert vault.sweep_orphans({kept}) == 0
    assert vault.payload(kept) == NAME
    assert vault.payload(orphan) is None


def test_a_payload_under_another_commitment_is_noticed(
    tmp_path: Path, vault: Vault, lock: WriterLock
):
    with lock.writing():
        vault.put_payloads([(RECORD, NAME), (OTHER, b"somebody")])
    assert vault.check() is None
    database = sqlite3.connect(tmp_path / "people.vault")
    database.execute(
        "UPDATE payload SET key = (SELECT key FROM payload ORDER BY rowid LIMIT 1), "
        "sealed = (SELECT sealed FROM payload ORDER BY rowid LIMIT 1)"
    )
    database.commit()
    database.close()
    failure = vault.check()
    assert failure is not None
    with pytest.raises(Refused) as refusal:
        vault.payload(next(row[0] for row in _rows(tmp_path) if row[1] == OTHER))
    assert refusal.value.problems[0].code == "vault_damaged"


def _keys(folder: Path, condition: str) -> list[bytes]:
    database = sqlite3.connect(folder / "people.vault")
    rows = database.execute(f"SELECT key FROM payload WHERE {condition}").fetchall()
    database.close()
    return [row[0] for row in rows]


def _rows(folder: Path) -> list[tuple[str, str]]:
    database = sqlite3.connect(folder / "people.vault")
    rows = database.execute("SELECT commitment, record FROM payload").fetchall()
    database.close()
    return rows
