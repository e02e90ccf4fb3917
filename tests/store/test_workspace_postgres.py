"""A workspace whose log lies in PostgreSQL; the folder keeps everything else."""

from __future__ import annotations

import stat
from pathlib import Path

import pytest
from workbench import drafted, make

from tilth.core.problems import Refused
from tilth.store import rotation
from tilth.store.backup import backup
from tilth.store.opening import DATABASE_VARIABLE
from tilth.store.workspace import Workspace


@pytest.fixture
def database(postgres_address: str, monkeypatch: pytest.MonkeyPatch) -> str:
    monkeypatch.setenv(DATABASE_VARIABLE, postgres_address)
    return postgres_address


def test_the_same_acts_over_postgresql(database: str, tmp_path: Path) -> None:
    folder = tmp_path / "op"
    with make(folder, store="postgresql") as workspace:
        workspace.append([drafted(workspace, "HA-1"), drafted(workspace, "HA-2")])
        rotation.rotate(workspace, actor="t1")
        digest = workspace.store.put_blob(b"a file")
        with workspace.writing():
            commitment = workspace.vault.put_payload("x/victim/1", b"somebody")
            fields = {"commitment": commitment}
            workspace.append([drafted(workspace, "1" * 32, kind="victim", fields=fields)])
    assert not (folder / "tilth.db").exists()
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert database not in (folder / "tilth.toml").read_text("utf-8")
    with Workspace.open(folder) as again:
        assert again.store.heads()[0].size == 5
        assert again.store.blob(digest) == b"a file"
        assert again.verify(deep=True).problem is None
        with pytest.raises(Refused) as refusal:
            backup(again, tmp_path / "b")
        assert refusal.value.problems[0].code == "backup_by_database"


def test_two_workspaces_share_a_database(database: str, tmp_path: Path) -> None:
    with (
        make(tmp_path / "a", store="postgresql") as one,
        make(tmp_path / "b", store="postgresql") as other,
    ):
        one.append([drafted(one, "HA-1")])
        assert other.store.heads()[0].size == 1


def test_without_its_database_the_workspace_says_so(
    database: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "op"
    make(folder, store="postgresql").close()
    for address, code in [
        (None, "no_database_address"),
        ("postgresql://127.0.0.1:1/none?connect_timeout=1", "database_unreachable"),
        ("not an address", "database_unreachable"),
    ]:
        if address is None:
            monkeypatch.delenv(DATABASE_VARIABLE)
        else:
            monkeypatch.setenv(DATABASE_VARIABLE, address)
        with pytest.raises(Refused) as refusal:
            Workspace.open(folder)
        assert refusal.value.problems[0].code == code
