"""After an erasure no byte of the name is in any file, and the log still proves itself.

Looked for as UTF-8, as UTF-16 of both orders, and inside zips (issue 2 §3, Protected payloads).
"""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterator
from pathlib import Path

import openpyxl
import pytest
from workbench import drafted

from tilth.core import canonical, merkle
from tilth.core.problems import Refused
from tilth.store.backup import backup
from tilth.store.workspace import Workspace

NAME = "Ndukwe Žarković-O'Brien"


def spellings(name: str) -> list[bytes]:
    return [name.encode(code) for code in ("utf-8", "utf-16-le", "utf-16-be")]


def contents(data: bytes, name: str) -> Iterator[tuple[str, bytes]]:
    """The bytes of a file and of everything that is zipped in it."""
    yield name, data
    start = data.find(b"PK\x03\x04")
    if start >= 0:
        try:
            with zipfile.ZipFile(io.BytesIO(data[start:])) as archive:
                for member in archive.namelist():
                    yield from contents(archive.read(member), f"{name}!{member}")
        except zipfile.BadZipFile:
            return


def places(folder: Path, name: str = NAME) -> list[str]:
    """Where in the folder the name stands."""
    return [
        where
        for file in sorted(folder.rglob("*"))
        if file.is_file()
        for where, data in contents(file.read_bytes(), file.name)
        if any(spelling in data for spelling in spellings(name))
    ]


def sheet() -> bytes:
    book = openpyxl.Workbook()
    page = book.active
    assert page is not None
    page.append(["id", "name"])
    page.append(["V-1", NAME])
    stream = io.BytesIO()
    book.save(stream)
    return stream.getvalue()


def take_in(workspace: Workspace, data: bytes, record: str) -> str:
    """Import one victim from a file, as the service does: payload first, then the statement."""
    payload = canonical.encode({"local_id": "V-1", "name": NAME})
    with workspace.writing():
        digest = workspace.vault.put_source(data)
        workspace.vault.put_refused("import-1", digest, f"row 9: {NAME}".encode())
        commitment = workspace.vault.put_payload(record, payload, source=digest)
        local = record.rpartition("/")[2]
        workspace.append(
            [drafted(workspace, local, kind="victim", fields={"commitment": commitment})]
        )
    return commitment


def test_the_search_itself_finds_what_it_must(tmp_path: Path) -> None:
    (tmp_path / "a.xlsx").write_bytes(b"junk" + sheet())
    (tmp_path / "b").write_bytes(b"\0" + NAME.encode("utf-16-le"))
    assert len(places(tmp_path)) == 2


@pytest.mark.parametrize(
    "data", [sheet(), f"id,name\nV-1,{NAME}\n".encode("utf-16")], ids=["xlsx", "utf-16 csv"]
)
def test_no_byte_of_the_name_is_left(workspace: Workspace, folder: Path, data: bytes) -> None:
    record = f"{workspace.settings.organisation}/victim/{'5' * 32}"
    workspace.append([drafted(workspace, "HA-1")])
    commitment = take_in(workspace, data, record)
    assert places(folder) == [], "it lies sealed from the beginning"
    kept = _keys(workspace)
    assert len(kept) == 3
    head = workspace.store.heads()[0]

    erased = workspace.erase([record], reason="asked for by the person", actor="t1")
    assert erased == (1, 1, 1)
    assert workspace.vault.payload(commitment) is None
    assert places(folder) == []
    for file in folder.rglob("*"):
        assert file.is_dir() or not any(key in file.read_bytes() for key in kept), file
    assert workspace.vault.sources()[0].size == len(data)

    # the log is what it was and one statement longer; its proofs hold
    leaves = workspace.store.leaves(workspace.log)
    now = workspace.store.heads()[0]
    proof = merkle.consistency_proof(leaves, head.size)
    assert merkle.verify_consistency(
        head.size, bytes.fromhex(head.root), now.size, bytes.fromhex(now.root), proof
    )
    assert workspace.verify().ok
    assert commitment.encode() in b"".join(
        entry.content or b"" for entry in workspace.store.entries_of_kinds(["victim"])
    )
    copy = backup(workspace, folder.parent / "copy.tilth-backup")
    assert copy.files
    assert places(folder.parent) == []


def _keys(workspace: Workspace) -> list[bytes]:
    """Every key of the vault, each of which would open what is left of an entry."""
    sql = " UNION ALL ".join(
        f"SELECT key FROM {table} WHERE key IS NOT NULL"
        for table in ("payload", "source", "refused")
    )
    return [row[0] for row in workspace.vault.connection().execute(sql)]


def test_a_killed_import_leaves_orphans_that_are_swept(workspace: Workspace) -> None:
    record = f"{workspace.settings.organisation}/victim/{'5' * 32}"
    commitment = take_in(workspace, sheet(), record)
    with workspace.writing():
        orphan = workspace.vault.put_payload("x/victim/1", b"never said")
    assert workspace.sweep() == 1
    assert workspace.vault.payload(orphan) is None
    assert workspace.vault.payload(commitment) is not None
    assert workspace.sweep() == 0


def test_an_erasure_that_was_only_said_is_completed(
    workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    record = f"{workspace.settings.organisation}/victim/{'5' * 32}"
    commitment = take_in(workspace, sheet(), record)

    def killed(_: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(workspace.vault, "erase", killed)
        with pytest.raises(KeyboardInterrupt):
            workspace.erase([record], reason="asked", actor="t1")
    assert workspace.vault.payload(commitment) is not None
    assert workspace.sweep() == 1
    assert workspace.vault.payload(commitment) is None


def test_only_what_is_protected_can_be_erased(workspace: Workspace) -> None:
    workspace.append([drafted(workspace, "HA-1")])
    record = f"{workspace.settings.organisation}/hazard_area/HA-1"
    with pytest.raises(Refused) as refusal:
        workspace.erase([record], reason="asked", actor="t1")
    assert refusal.value.problems[0].code == "not_protected"
    assert workspace.store.heads()[0].size == 2


def test_personal_data_does_not_slip_into_the_log(workspace: Workspace, folder: Path) -> None:
    bare = drafted(workspace, "5" * 32, kind="victim", fields={"name": NAME})
    with pytest.raises(Refused) as refusal:
        workspace.append([bare])
    assert refusal.value.problems[0].code == "personal_data_in_log"
    with pytest.raises(Refused):
        list(workspace.append_many([[bare]]))
    assert places(folder) == []
