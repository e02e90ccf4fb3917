"""Keys replaced, lost, stolen, published, in a real workspace (issue 2 §3, Workspace)."""

from __future__ import annotations

from pathlib import Path

import pytest
from workbench import drafted, make

from tilth.core.checkpoint import parse_note, parse_verifier
from tilth.core.keyring import Standing
from tilth.core.problems import Refused
from tilth.store import rotation
from tilth.store.settings import Party
from tilth.store.workspace import Workspace


def accepted(workspace: Workspace, key: str) -> bool:
    """Whether the newest checkpoint of the own log bears a signature of the exported key."""
    note = workspace.store.checkpoint(workspace.log)
    assert note is not None
    return parse_verifier(key).accepts(parse_note(note))


def test_after_a_rotation_only_the_new_key_signs(workspace: Workspace, folder: Path) -> None:
    first = rotation.export(workspace)
    name = rotation.rotate(workspace, actor="t1")
    second = rotation.export(workspace)
    assert accepted(workspace, first), "the announcement itself is sealed by the old key"
    assert not accepted(workspace, second)
    workspace.append([drafted(workspace, "HA-1")])
    assert accepted(workspace, second)
    assert not accepted(workspace, first)
    assert [line.span.last_size for line in rotation.keys(workspace)] == [2, None]
    assert rotation.keys(workspace)[-1].key == name
    workspace.close()
    with Workspace.open(folder) as again:
        again.append([drafted(again, "HA-2")])
        assert accepted(again, second)
        assert all(line.span.confirmed for line in rotation.keys(again))


def test_another_program_notices_a_rotation(workspace: Workspace, folder: Path) -> None:
    with Workspace.open(folder) as other:
        rotation.rotate(workspace, actor="t1")
        other.append([drafted(other, "HA-1")])
        assert accepted(other, rotation.export(workspace))
        assert other.verify().ok


def test_a_rotation_without_the_old_key_changes_nothing(workspace: Workspace) -> None:
    current = workspace.keyring.current(workspace.log)
    assert current is not None
    workspace.keys.drop(current.public_key)
    with pytest.raises(Refused) as refusal:
        rotation.rotate(workspace, actor="t1")
    assert refusal.value.problems[0].code == "key_missing"
    assert len(rotation.keys(workspace)) == 1
    assert workspace.store.heads()[0].size == 1


def test_a_stolen_key_is_replaced_and_counts_no_further(workspace: Workspace) -> None:
    workspace.append([drafted(workspace, "HA-1")])
    stolen = rotation.keys(workspace)[0]
    assert rotation.revoke(workspace, stolen.key, reason="laptop stolen", actor="t1") == 3
    old, new = rotation.keys(workspace)
    assert (old.span.revoked_after, new.span.revoked_after) == (3, None)
    assert (old.held, new.held) == (False, True), "what may not sign any more is not kept"
    judge = workspace.keyring.judge
    assert judge(workspace.log, 3, stolen.span.public_key) is Standing.GOOD
    assert judge(workspace.log, 4, stolen.span.public_key) is Standing.UNKNOWN
    assert judge(workspace.log, 4, new.span.public_key) is Standing.GOOD
    assert workspace.verify().ok
    with pytest.raises(Refused) as refusal:
        rotation.revoke(workspace, "0" * 16, reason="?", actor="t1")
    assert refusal.value.problems[0].code == "unknown_key"


def test_revoked_from_further_back_the_next_key_waits_for_the_authority(folder: Path) -> None:
    with make(folder, authority_name="Authority") as workspace:
        authority = workspace.settings.authority
        high = workspace.open_log(Party(authority, "Authority"), actor="a1")
        workspace.append([drafted(workspace, f"HA-{number}") for number in range(5)])
        stolen = rotation.keys(workspace)
        key = next(line for line in stolen if line.log == workspace.log)
        rotation.revoke(workspace, key.key, reason="stolen", actor="t1", after_size=3)
        span = workspace.keyring.current(workspace.log)
        assert span is not None
        assert not span.confirmed
        assert workspace.keyring.judge(workspace.log, 5, key.span.public_key) is Standing.REVOKED
        assert rotation.countersign(workspace, span.announced, actor="a1") == high
        span = workspace.keyring.current(workspace.log)
        assert span is not None
        assert span.confirmed
        assert workspace.verify().ok, "a good key has sealed all of it since"


def test_a_lost_key_opens_an_epoch_that_names_the_old_head(folder: Path) -> None:
    with make(folder, authority_name="Authority") as workspace:
        own = workspace.settings.organisation
        authority = workspace.settings.authority
        workspace.open_log(Party(authority, "Authority"), actor="a1")
        workspace.append([drafted(workspace, "HA-1")])
        old = workspace.log
        head = next(one for one in workspace.store.heads() if one.log == old)
        current = workspace.keyring.current(old)
        assert current is not None
        workspace.keys.drop(current.public_key)
        log = rotation.new_epoch(workspace, own, reason="lost_key", actor="t1")
        assert workspace.log == log == old[:-1] + "2"
        said = workspace.store.by_hash([_announcement(workspace, log)])
        content = next(iter(said.values())).content
        assert content is not None
        for part in (head.root, old, '"old_size":2', '"reason":"lost_key"'):
            assert part.encode() in content
        workspace.append([drafted(workspace, "HA-2")])
        assert not _confirmed(workspace, log)
        rotation.countersign(workspace, _announcement(workspace, log), actor="a1")
        assert _confirmed(workspace, log)
        assert workspace.verify().ok


def _announcement(workspace: Workspace, log: str) -> str:
    return workspace.keyring.spans[log][0].announced


def _confirmed(workspace: Workspace, log: str) -> bool:
    span = workspace.keyring.current(log)
    return span is not None and span.confirmed


def test_only_the_authority_countersigns_what_is_here(folder: Path) -> None:
    with make(folder, authority_name="Authority") as workspace:
        with pytest.raises(Refused) as refusal:
            rotation.countersign(workspace, "0" * 64, actor="t1")
        assert refusal.value.problems[0].code == "unknown_statement"
        with pytest.raises(Refused) as refusal:
            rotation.countersign(workspace, _announcement(workspace, workspace.log), actor="t1")
        assert refusal.value.problems[0].code == "not_the_authority"
