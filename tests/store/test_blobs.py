"""Blobs: files by hash, whole or not there."""

import hashlib
import os

import pytest

from tilth.core.problems import Refused
from tilth.store import blobs as module
from tilth.store.blobs import Blobs


def test_bytes_come_back_by_their_hash(tmp_path):
    blobs = Blobs(tmp_path / "blobs")
    digest = blobs.put(b"paper")
    assert digest == hashlib.sha256(b"paper").hexdigest()
    assert blobs.get(digest) == b"paper"
    assert blobs.path(digest) == tmp_path / "blobs" / digest[:2] / digest[2:]
    assert blobs.put(b"paper") == digest
    assert list(blobs.held()) == [digest]


def test_only_the_owner_can_read(tmp_path):
    blobs = Blobs(tmp_path / "blobs")
    path = blobs.path(blobs.put(b"paper"))
    assert path.stat().st_mode & 0o777 == 0o600
    assert blobs.folder.stat().st_mode & 0o777 == 0o700


def test_what_is_not_held_is_refused_in_words(tmp_path):
    blobs = Blobs(tmp_path / "blobs")
    for digest in ("ab" * 32, "../../etc/passwd", "AB" * 32):
        with pytest.raises(Refused) as refusal:
            blobs.get(digest)
        assert refusal.value.problems[0].code == "blob_not_held"
    assert list(blobs.held()) == []


def test_the_order_is_write_sync_rename_sync_folder(tmp_path, monkeypatch):
    calls = []
    real_fsync = os.fsync

    def fsync(descriptor):
        name = os.readlink(f"/proc/self/fd/{descriptor}")
        calls.append("folder" if os.path.isdir(name) else "file")
        real_fsync(descriptor)

    real_rename = module.Path.rename

    def rename(self, target):
        calls.append("rename")
        return real_rename(self, target)

    monkeypatch.setattr(os, "fsync", fsync)
    monkeypatch.setattr(module.Path, "rename", rename)
    Blobs(tmp_path / "blobs").put(b"paper")
    assert calls == ["folder", "folder", "file", "rename", "folder"]
    calls.clear()
    Blobs(tmp_path / "blobs").put(b"paper")
    assert calls == ["folder"]  # who wrote the name may have died before it was durable


def test_a_write_that_fails_leaves_nothing(tmp_path, monkeypatch):
    blobs = Blobs(tmp_path / "blobs")

    def full(_):
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patched:
        patched.setattr(os, "fsync", full)
        with pytest.raises(Refused) as refusal:
            blobs.put(b"paper")
    assert refusal.value.problems[0].code == "storage_failed"
    assert [path for path in tmp_path.rglob("*") if path.is_file()] == []
    blobs.put(b"paper")


def test_a_file_cut_short_while_written_is_no_blob(tmp_path):
    blobs = Blobs(tmp_path / "blobs")
    path = blobs.path(blobs.put(b"paper"))
    path.with_name(f"{path.name}.1234.part").write_bytes(b"pa")
    assert len(list(blobs.held())) == 1


def test_a_changed_byte_is_seen(tmp_path):
    blobs = Blobs(tmp_path / "blobs")
    digest = blobs.put(b"paper")
    assert blobs.intact(digest)
    blobs.path(digest).write_bytes(b"papes")
    assert not blobs.intact(digest)
    assert not blobs.intact("stray.txt")
