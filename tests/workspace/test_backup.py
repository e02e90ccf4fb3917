"""Backup of a running workspace; restoring opens a new epoch (issue 2 §3, Workspace)."""

from __future__ import annotations

import io
import json
import stat
import tarfile
import threading
from collections.abc import Callable
from pathlib import Path

import pytest
from workbench import drafted, make

from tilth.core.problems import CATALOGUE, Refused
from tilth.core.statement import content_fields
from tilth.store.archive import MANIFEST, read_manifest
from tilth.store.backup import backup, restore
from tilth.store.settings import Party
from tilth.store.workspace import Workspace

Members = list[tuple[tarfile.TarInfo, bytes]]


def code_of(refusal: pytest.ExceptionInfo[Refused]) -> str:
    problem = refusal.value.problems[0]
    CATALOGUE[problem.code].what.format(**problem.params)
    return problem.code


@pytest.fixture
def filled(workspace: Workspace) -> Workspace:
    """Two logs, a blob, somebody in the vault, national fields."""
    log = workspace.open_log(Party("5" * 32, "Partner"), actor="t1")
    workspace.append([drafted(workspace, "HA-1"), drafted(workspace, "HA-2")])
    workspace.append([drafted(workspace, "HA-1", log=log)], log=log)
    workspace.store.put_blob(b"a file that was imported")
    with workspace.writing():
        commitment = workspace.vault.put_payload("x/victim/1", b"somebody")
        draft = drafted(workspace, "1" * 32, kind="victim", fields={"commitment": commitment})
        workspace.append([draft])
    (workspace.path / "fields.toml").write_text("# national extra fields\n")
    return workspace


def test_a_restored_backup_holds_everything_and_goes_on_in_a_new_epoch(
    filled: Workspace, tmp_path: Path
) -> None:
    file, target = tmp_path / "b.tilth-backup", tmp_path / "restored"
    heads = {head.log: (head.size, head.root) for head in filled.store.heads()}
    manifest = backup(filled, file)
    assert manifest == read_manifest(file)
    assert manifest.heads == heads
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    filled.append([drafted(filled, "HA-3")])  # what was said after the backup is not in it

    origins = restore(file, target, actor="t1")
    assert sorted(origins) == sorted(log[:-1] + "2" for log in heads)
    assert stat.S_IMODE(target.stat().st_mode) == 0o700
    with Workspace.open(target) as again:
        assert again.log == filled.log[:-1] + "2"
        assert again.verify().ok
        entries = list(again.store.entries())
        assert entries[: len(entries) - 2] == list(filled.store.entries())[:-1]
        for entry in entries[-2:]:
            fields = content_fields(entry.content or b"")
            old = fields["old_log"]
            assert (fields["old_size"], fields["old_root"]) == heads[old]
            assert fields["reason"] == "restored"
            assert entry.index == 0
            span = again.keyring.current(entry.log)
            assert span is not None
            assert span.confirmed, "the same hand: the key of the old head"
        assert [one.data for one in again.vault.payloads()] == [b"somebody"]
        assert (target / "fields.toml").is_file()
        again.append([drafted(again, "HA-3")])
        again.store.blob(next(iter(name[6:].replace("/", "") for name in _blobs(target))))
    assert sorted(one.name for one in tmp_path.iterdir()) == ["b.tilth-backup", "op", "restored"]


def _blobs(folder: Path) -> list[str]:
    return [str(path.relative_to(folder)) for path in (folder / "blobs").rglob("*/*")]


def test_a_backup_is_whole_while_others_write(filled: Workspace, tmp_path: Path) -> None:
    stop = threading.Event()
    written: list[int] = []

    def write() -> None:
        with Workspace.open(filled.path) as other:
            while not stop.is_set():
                receipt = other.append([drafted(other, f"W-{len(written)}")])
                written.append(receipt.stop)

    writing = threading.Thread(target=write)
    writing.start()
    try:
        for number in range(3):
            before = len(written)
            backup(filled, tmp_path / f"b{number}")
            assert len(written) > before, "the writer had to wait for the whole backup"
    finally:
        stop.set()
        writing.join()
    restore(tmp_path / "b2", tmp_path / "restored", actor="t1")


def test_nothing_is_overwritten(filled: Workspace, tmp_path: Path) -> None:
    file = tmp_path / "b"
    backup(filled, file)
    with pytest.raises(Refused) as refusal:
        backup(filled, file)
    assert code_of(refusal) == "file_exists"
    with pytest.raises(Refused) as refusal:
        restore(file, filled.path, actor="t1")
    assert code_of(refusal) == "folder_not_empty"


def test_a_workspace_that_does_not_verify_gives_no_backup(
    filled: Workspace, tmp_path: Path
) -> None:
    blob = next(path for path in (filled.path / "blobs").rglob("*/*") if path.is_file())
    blob.write_bytes(b"other bytes")
    with pytest.raises(Refused) as refusal:
        backup(filled, tmp_path / "b")
    assert code_of(refusal) == "blob_damaged"
    assert [one.name for one in tmp_path.iterdir()] == ["op"]


@pytest.fixture(scope="module")
def packed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("packed")
    with make(folder / "op") as workspace:
        workspace.append([drafted(workspace, "HA-1")])
        workspace.store.put_blob(b"a file")
        backup(workspace, folder / "b")
    return folder / "b"


def rewritten(packed: Path, target: Path, change: Callable[[Members], Members]) -> Path:
    """The backup with its members changed by a function."""
    with tarfile.open(packed) as tar:
        members = [(one, (tar.extractfile(one) or io.BytesIO()).read()) for one in tar]
    with tarfile.open(target, "w") as tar:
        for member, data in change(members):
            tar.addfile(member, io.BytesIO(data))
    return target


def renamed(name: str) -> Callable[[Members], Members]:
    def change(members: Members) -> Members:
        manifest = json.loads(members[0][1])
        old = next(one for one in manifest["files"] if one.startswith("blobs/"))
        manifest["files"][name] = manifest["files"].pop(old)
        text = json.dumps(manifest).encode()
        for member, _ in members:
            if member.name == old:
                member.name = name
        members[0][0].size = len(text)
        return [(members[0][0], text), *members[1:]]

    return change


def retyped(kind: bytes) -> Callable[[Members], Members]:
    def change(members: Members) -> Members:
        members[1][0].type = kind
        members[1][0].linkname = "/etc/passwd"
        return members

    return change


def spoilt(members: Members) -> Members:
    member, data = next(one for one in members if one[0].name == "tilth.db")
    changed = bytearray(data)
    changed[len(changed) // 2] ^= 1
    return [(one, bytes(changed) if one is member else old) for one, old in members]


def added(members: Members) -> Members:
    extra = tarfile.TarInfo("extra.txt")
    extra.size = 3
    return [*members, (extra, b"abc")]


def grown(members: Members) -> Members:
    members[2][0].size += 1
    return [*members[:2], (members[2][0], members[2][1] + b"x"), *members[3:]]


def huge(members: Members) -> Members:
    manifest = json.loads(members[0][1])
    manifest["files"]["tilth.db"]["size"] = 1 << 60
    text = json.dumps(manifest).encode()
    members[0][0].size = len(text)
    return [(members[0][0], text), *members[1:]]


@pytest.mark.parametrize(
    ("change", "code"),
    [
        (renamed("../outside"), "backup_damaged"),
        (renamed("/tmp/outside"), "backup_damaged"),
        (renamed("blobs/../../outside"), "backup_damaged"),
        (renamed("keys/authorized_keys"), "backup_damaged"),
        (retyped(tarfile.SYMTYPE), "backup_damaged"),
        (retyped(tarfile.LNKTYPE), "backup_damaged"),
        (retyped(tarfile.CHRTYPE), "backup_damaged"),
        (retyped(tarfile.DIRTYPE), "backup_damaged"),
        (spoilt, "backup_damaged"),
        (added, "backup_damaged"),
        (grown, "backup_damaged"),
        (huge, "disk_full"),
        (lambda members: members[1:], "backup_damaged"),
        (lambda members: members[:-1], "backup_damaged"),
        (lambda members: [*members, members[-1]], "backup_damaged"),
        (lambda members: [], "backup_damaged"),
    ],
)
def test_hostile_and_damaged_backups_are_refused_and_leave_nothing(
    packed: Path, tmp_path: Path, change: Callable[[Members], Members], code: str
) -> None:
    file = rewritten(packed, tmp_path / "changed", change)
    with pytest.raises(Refused) as refusal:
        restore(file, tmp_path / "in" / "restored", actor="t1")
    assert code_of(refusal) == code
    assert list((tmp_path / "in").iterdir()) == []


def test_any_file_may_be_offered_as_a_backup(packed: Path, tmp_path: Path) -> None:
    whole = packed.read_bytes()
    offers = [b"", b"hello", b"\0" * 2048, whole[:700], whole[: len(whole) // 2], whole[512:]]
    for number, data in enumerate(offers):
        file = tmp_path / f"offer-{number}"
        file.write_bytes(data)
        with pytest.raises(Refused) as refusal:
            restore(file, tmp_path / "restored", actor="t1")
        assert code_of(refusal) == "backup_damaged"
    with pytest.raises(Refused):
        read_manifest(tmp_path / "offer-1")
    with pytest.raises(Refused) as refusal:
        restore(tmp_path / "nowhere", tmp_path / "restored", actor="t1")
    assert code_of(refusal) == "backup_damaged"


def test_a_backup_whose_log_was_changed_does_not_restore(packed: Path, tmp_path: Path) -> None:
    """Whoever changes a file can mend its hash in the manifest, but not the signatures."""

    def forged(members: Members) -> Members:
        manifest = json.loads(members[0][1])
        changed = []
        for member, data in members[1:]:
            new = data
            if member.name == "tilth.db":
                new = data.replace(b"Field HA-1", b"Field HA-9")
                assert new != data
                manifest["files"][member.name] = {"sha256": _sha256(new), "size": len(new)}
            changed.append((member, new))
        text = json.dumps(manifest).encode()
        members[0][0].size = len(text)
        return [(members[0][0], text), *changed]

    file = rewritten(packed, tmp_path / "forged", forged)
    with pytest.raises(Refused) as refusal:
        restore(file, tmp_path / "restored", actor="t1")
    assert code_of(refusal) == "content_damaged"
    assert not (tmp_path / "restored").exists()


def _sha256(data: bytes) -> str:
    import hashlib

    return hashlib.sha256(data).hexdigest()


def test_restoring_twice_from_a_restored_one_counts_on(packed: Path, tmp_path: Path) -> None:
    restore(packed, tmp_path / "a", actor="t1")
    with Workspace.open(tmp_path / "a") as workspace:
        backup(workspace, tmp_path / "b2")
    (origin,) = restore(tmp_path / "b2", tmp_path / "b", actor="t1")
    assert origin.endswith("/3")
    with Workspace.open(tmp_path / "b") as workspace:
        assert len(workspace.keyring.logs_of(workspace.settings.organisation)) == 3
        assert workspace.verify().ok


def test_a_backup_with_protected_keys_needs_the_passphrase(tmp_path: Path) -> None:
    with make(tmp_path / "op", passphrase="long words") as workspace:
        backup(workspace, tmp_path / "b")
    with pytest.raises(Refused) as refusal:
        restore(tmp_path / "b", tmp_path / "r", actor="t1")
    assert code_of(refusal) == "key_locked"
    assert not (tmp_path / "r").exists()
    restore(tmp_path / "b", tmp_path / "r", actor="t1", passphrase="long words")


def test_the_manifest_stands_first(packed: Path) -> None:
    with tarfile.open(packed) as tar:
        names = tar.getnames()
    assert names[0] == MANIFEST
    assert names[1:] == sorted(names[1:])
    assert "tilth.toml" in names
