"""A folder of an older format is brought up to date after a verified backup (issue 2 §3)."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
import tomli_w
from workbench import drafted, make

from tilth.core.problems import Refused
from tilth.store import upgrade as upgrades
from tilth.store.archive import read_manifest
from tilth.store.backup import restore
from tilth.store.upgrade import Step, upgrade
from tilth.store.workspace import Workspace


@pytest.fixture
def old(tmp_path: Path) -> Path:
    """A folder as format 0 wrote it: one language instead of a list."""
    folder = tmp_path / "op"
    with make(folder) as workspace:
        workspace.append([drafted(workspace, "HA-1")])
    _as_format_0(folder)
    return folder


def _as_format_0(folder: Path) -> None:
    table = tomllib.loads((folder / "tilth.toml").read_text("utf-8"))
    table["format"] = 0
    table["language"] = "uk"
    del table["languages"], table["upgraded"]
    (folder / "tilth.toml").write_text(tomli_w.dumps(table), "utf-8")


def _files(folder: Path) -> dict[str, bytes]:
    """Every file but those that SQLite makes to read a database at all."""
    return {
        path.name: path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file() and not path.name.endswith(("-wal", "-shm")) and path.name != "lock"
    }


def backups(folder: Path) -> list[Path]:
    return sorted(folder.parent.glob("*.tilth-backup"))


def test_opening_upgrades_and_keeps_a_backup(old: Path) -> None:
    with Workspace.open(old) as workspace:
        assert workspace.settings.format == 1
        assert workspace.settings.languages == ("uk",)
        (line,) = workspace.settings.upgraded
        assert workspace.verify(deep=True).ok
        assert (line["from"], line["step"]) == (0, "several-languages")
        assert workspace.store.find_record("HA-1")
        workspace.append([drafted(workspace, "HA-2")])
    (kept,) = backups(old)
    assert line["backup"] == kept.name
    assert read_manifest(kept).format == 0
    with Workspace.open(old) as workspace:
        assert len(workspace.settings.upgraded) == 1, "once is enough"
    assert len(backups(old)) == 1
    assert sorted(one.name for one in old.parent.iterdir()) == ["op", kept.name]


def test_the_backup_of_an_older_format_restores_into_the_present_one(old: Path) -> None:
    Workspace.open(old).close()
    target = old.parent / "restored"
    restore(backups(old)[0], target, actor="t1")
    with Workspace.open(target) as workspace:
        assert workspace.settings.languages == ("uk",)
    assert len(backups(old)) == 1


def test_a_step_that_spoils_the_copy_leaves_the_folder_alone(
    old: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def spoil(folder: Path, table: Mapping[str, Any]) -> dict[str, Any]:
        (folder / "tilth.db").write_bytes(b"spoilt by a wrong step")
        return {**table, "languages": ["en"]}

    monkeypatch.setattr(
        upgrades.upgrade,
        "__kwdefaults__",
        {**upgrades.upgrade.__kwdefaults__, "steps": (Step(0, "spoil", spoil),)},
    )
    before = _files(old)
    with pytest.raises(Refused):
        Workspace.open(old)
    assert _files(old) == before
    assert backups(old) == []


def test_a_format_without_a_way_is_refused(old: Path) -> None:
    with pytest.raises(Refused) as refusal:
        upgrade(old, at="2026-01-01T00:00:00Z", check=lambda _: None, steps=())
    assert refusal.value.problems[0].code == "workspace_too_old"
    assert backups(old) == []


def test_several_steps_run_in_order_each_recorded(old: Path) -> None:
    def second(_: Path, table: Mapping[str, Any]) -> dict[str, Any]:
        return {**table, "second": [*table["languages"], "added"]}

    steps = (Step(1, "second", second), *upgrades.STEPS)
    checked: list[Path] = []
    upgrade(old, at="2026-01-01T00:00:00Z", check=checked.append, steps=steps, target=2)
    table = tomllib.loads((old / "tilth.toml").read_text("utf-8"))
    assert table["format"] == 2
    assert table["second"] == ["uk", "added"]
    assert [line["step"] for line in table["upgraded"]] == ["several-languages", "second"]
    assert len(checked) == 1
    assert checked[0] != old, "tried on the copy"


def test_a_second_upgrade_does_not_replace_an_earlier_backup(old: Path) -> None:
    Workspace.open(old).close()
    _as_format_0(old)
    Workspace.open(old).close()
    assert [one.name for one in backups(old)] == [
        "op-format-0-2.tilth-backup",
        "op-format-0.tilth-backup",
    ]
