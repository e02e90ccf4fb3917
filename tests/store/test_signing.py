"""The signer: it alone reads keys, and no log shrinks, forks or is rewritten under its hand."""

from __future__ import annotations

import json
import os
import shutil
import socket
import stat
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from workbench import drafted, make

from tilth.core import merkle
from tilth.core.keyring import split_origin
from tilth.core.problems import Refused
from tilth.store import rotation, signing
from tilth.store.heads import HeadKeeper
from tilth.store.keys import HEADS, KeyFolder
from tilth.store.sealing import Growth
from tilth.store.settings import Party
from tilth.store.signing import RemoteKeys, Signer
from tilth.store.workspace import Workspace

LOG = f"tilth/{'0a' * 16}/{'1b' * 16}/1"
OTHER = f"tilth/{'0a' * 16}/{'2c' * 16}/1"


def codes(refusal: pytest.ExceptionInfo[Refused]) -> list[str]:
    return [problem.code for problem in refusal.value.problems]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A workspace whose keys are then asked for through a signer."""
    make(tmp_path / "op").close()
    return tmp_path / "op"


@pytest.fixture
def short() -> Iterator[Path]:
    """A folder with a short name: a socket's path has at most 107 bytes."""
    path = Path(tempfile.mkdtemp(prefix="tilth-", dir="/tmp"))
    yield path
    shutil.rmtree(path)


@pytest.fixture
def signer(folder: Path, short: Path) -> Iterator[Path]:
    path = short / "sign"
    serving = Signer(folder / "keys", path)
    thread = threading.Thread(target=serving.serve, daemon=True)
    thread.start()
    yield path
    serving.close()


def alive(path: Path) -> bool:
    keys = RemoteKeys(path)
    try:
        return keys.alive()
    finally:
        keys.close()


def database(folder: Path) -> dict[str, bytes]:
    """The database of a workspace that nobody has open, its write-ahead log with it."""
    return {file.name: file.read_bytes() for file in folder.glob("tilth.db*")}


def put_back(folder: Path, files: dict[str, bytes]) -> None:
    for file in folder.glob("tilth.db*"):
        file.unlink()
    for name, data in files.items():
        (folder / name).write_bytes(data)


def remote(folder: Path, path: Path) -> Workspace:
    return Workspace.open(folder, keys=RemoteKeys(path, patience_s=0.2))


def test_a_workspace_without_keys_is_written_to_through_its_signer(
    folder: Path, signer: Path
) -> None:
    with remote(folder, signer) as workspace:
        assert workspace.logs() == (workspace.log,)
        workspace.append([drafted(workspace, "HA-1"), drafted(workspace, "HA-2")])
        list(workspace.append_many([[drafted(workspace, f"HB-{n}")] for n in range(30)]))
        workspace.open_log(Party("7" * 32, "Partner"), actor="t1")
        rotation.rotate(workspace, actor="t1")
        workspace.append([drafted(workspace, "HA-3")])
        assert workspace.verify(deep=True).problem is None
        assert {head.size for head in workspace.store.heads()} == {1, 35}
    kept = json.loads((folder / "keys" / HEADS).read_text())
    with Workspace.open(folder) as workspace:
        heads = workspace.store.heads()
        assert kept["heads"] == {one.log: {"size": one.size, "root": one.root} for one in heads}
        assert workspace.verify(deep=True).problem is None


def test_the_socket_is_for_its_own_user_alone(folder: Path, signer: Path) -> None:
    assert stat.S_IMODE(signer.stat().st_mode) == 0o600
    assert alive(signer)


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can ask as somebody else")
def test_another_user_is_sent_away_even_where_the_socket_lets_him_in(
    signer: Path, short: Path
) -> None:
    signer.chmod(0o666)
    short.chmod(0o755)
    ask = (
        "import os, socket, sys; os.setuid(65534); s = socket.socket(socket.AF_UNIX);"
        "s.connect(sys.argv[1]); s.settimeout(5);"
        "sys.exit(0 if s.recv(9) == b'' else 1)"
    )
    done = subprocess.run([sys.executable, "-c", ask, str(signer)], check=False, timeout=20)
    assert done.returncode == 0


def test_a_second_signer_over_one_socket_is_refused(folder: Path, signer: Path) -> None:
    with pytest.raises(Refused) as refusal:
        Signer(folder / "keys", signer)
    assert codes(refusal) == ["signer_taken"]


def test_acts_are_refused_while_the_signer_is_away_and_go_on_when_it_is_back(
    folder: Path, short: Path
) -> None:
    path = short / "sign"
    with remote(folder, path) as workspace:
        draft = drafted(workspace, "HA-1")
        with pytest.raises(Refused) as refusal:
            workspace.append([draft])
        assert codes(refusal) == ["signer_away"]
        serving = Signer(folder / "keys", path)
        threading.Thread(target=serving.serve, daemon=True).start()
        workspace.append([draft])
        assert workspace.verify().problem is None
        serving.close()


def test_a_locked_key_is_known_at_the_start_and_opened_by_its_passphrase(
    tmp_path: Path, short: Path
) -> None:
    make(tmp_path / "op", passphrase="long enough").close()
    for wrong in (None, "guess"):
        with pytest.raises(Refused) as refusal:
            Signer(tmp_path / "op" / "keys", short / "sign", passphrase=wrong)
        assert codes(refusal) == ["key_locked"]
    Signer(tmp_path / "op" / "keys", short / "sign", passphrase="long enough").close()


def test_a_key_is_never_destroyed_from_afar(folder: Path, signer: Path) -> None:
    with remote(folder, signer) as workspace:
        public = workspace.keyring.spans[workspace.log][0].public_key
        with pytest.raises(Refused) as refusal:
            workspace.keys.drop(public)
        assert codes(refusal) == ["keys_elsewhere"]
        assert workspace.keys.holds(public)


def test_what_is_no_message_ends_the_conversation_and_nothing_else(signer: Path) -> None:
    for nonsense in (b"\xff\xff\xff\xff", b"\0\0\0\x03abc", b"\0\0\0\x09\x81\xa4type\xa3"):
        with socket.socket(socket.AF_UNIX) as connection:
            connection.connect(str(signer))
            connection.settimeout(5)
            connection.sendall(nonsense)
            connection.shutdown(socket.SHUT_WR)
            assert connection.recv(16) == b""
    assert alive(signer)


def test_an_act_on_the_command_line_beside_the_server_is_followed(
    folder: Path, signer: Path
) -> None:
    with remote(folder, signer) as served, Workspace.open(folder) as beside:
        served.append([drafted(served, "HA-1")])
        beside.append([drafted(beside, "HA-2")])
        rotation.rotate(beside, actor="t1")
        served.append([drafted(served, "HA-3")])
        assert served.verify().problem is None


def test_a_folder_copied_back_from_yesterday_is_not_signed_on(
    folder: Path, signer: Path, tmp_path: Path
) -> None:
    with remote(folder, signer) as workspace:
        workspace.append([drafted(workspace, "HA-1")])
    yesterday = database(folder)
    with remote(folder, signer) as workspace:
        workspace.append([drafted(workspace, "HA-2")])
    put_back(folder, yesterday)
    with remote(folder, signer) as workspace:
        with pytest.raises(Refused) as refusal:
            workspace.append([drafted(workspace, "HA-2 again")])
        assert codes(refusal) == ["head_refused"]
        assert "shrunk" in str(refusal.value.problems[0].params["why"])


def test_an_epoch_that_was_lost_with_a_copy_is_never_used_again(
    folder: Path, signer: Path, tmp_path: Path
) -> None:
    old = database(folder)
    with remote(folder, signer) as workspace:
        own = workspace.settings.organisation
        rotation.new_epoch(workspace, own, reason="restored", actor="t1")
    for keys in (RemoteKeys(signer), None):  # through the signer, or beside it
        put_back(folder, old)
        with Workspace.open(folder, keys=keys) as workspace:
            log = rotation.new_epoch(workspace, own, reason="restored", actor="t1")
            assert split_origin(log)[2] == (3 if keys else 4)
            workspace.append([drafted(workspace, "HA-1")])
            assert workspace.verify().problem is None


# -- the keeper of heads by itself ---------------------------------------------------------------


class Desk:
    """A keeper with one key, and the log that is grown under it."""

    def __init__(self, folder: Path) -> None:
        self.keys = KeyFolder(folder)
        self.public = self.keys.add(bytes(range(32))).public_key
        self.receipts = self.keys.add(bytes(range(1, 33))).public_key
        self.file = folder / HEADS
        self.again()

    def again(self) -> None:
        self.keeper = HeadKeeper(self.keys, self.file)

    def sign(self, before: merkle.Frontier, word: str, committed: str | None) -> str:
        return self.keeper.sign_head(self.public, grown(before, word), committed)


def grown(before: merkle.Frontier, *words: str, log: str = LOG) -> Growth:
    leaves = tuple(merkle.leaf_hash(word.encode()) for word in words)
    return Growth(log, before, leaves, before.extend(leaves))


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    return Desk(tmp_path / "keys")


NOTHING = merkle.Frontier()


def test_a_committed_head_has_no_second_of_its_size(desk: Desk) -> None:
    first = desk.sign(NOTHING, "a", None)
    desk.keeper.settle(first)
    for again in (False, True):  # also by a signer that was started again
        if again:
            desk.again()
        with pytest.raises(Refused) as refusal:
            desk.sign(NOTHING, "b", None)
        assert codes(refusal) == ["head_refused"]
        with pytest.raises(Refused):
            desk.sign(NOTHING, "a", None)
        desk.sign(grown(NOTHING, "a").after, "b", first)


def test_a_head_that_was_rolled_back_may_be_replaced_but_only_until_one_is_committed(
    desk: Desk,
) -> None:
    lost = desk.sign(NOTHING, "a", None)
    stands = desk.sign(NOTHING, "b", None)
    after = grown(NOTHING, "b").after
    desk.sign(after, "c", stands)  # names what is committed, so that the other is out for good
    for note in (lost, None):
        with pytest.raises(Refused) as refusal:
            desk.sign(NOTHING, "d", note)
        assert codes(refusal) == ["head_refused"]
    with pytest.raises(Refused):
        desk.keeper.settle(lost)


def test_several_batches_of_one_transaction_grow_from_each_other(desk: Desk) -> None:
    desk.sign(NOTHING, "a", None)
    one = grown(NOTHING, "a").after
    two = desk.sign(one, "b", None)
    desk.keeper.settle(two)
    assert desk.keeper._committed(LOG).size == 2


@pytest.mark.parametrize("words", [(), tuple("x" * 1001)])
def test_a_batch_of_no_or_too_many_leaves_is_refused(desk: Desk, words: tuple[str, ...]) -> None:
    with pytest.raises(Refused) as refusal:
        desk.keeper.sign_head(desk.public, grown(NOTHING, *words), None)
    assert codes(refusal) == ["head_refused"]


def test_a_head_that_grows_from_another_history_is_refused(desk: Desk) -> None:
    note = desk.sign(NOTHING, "a", None)
    desk.keeper.settle(note)
    rewritten = grown(NOTHING, "not a").after
    with pytest.raises(Refused) as refusal:
        desk.sign(rewritten, "b", note)
    assert codes(refusal) == ["head_refused"]
    wrong = grown(grown(NOTHING, "a").after, "b")._replace(after=grown(rewritten, "b").after)
    with pytest.raises(Refused):
        desk.keeper.sign_head(desk.public, wrong, note)


def test_a_checkpoint_that_no_key_here_signed_proves_nothing(desk: Desk, tmp_path: Path) -> None:
    stranger = Desk(tmp_path / "elsewhere")
    stranger.public = stranger.keys.add(b"s" * 32).public_key
    theirs = stranger.sign(NOTHING, "x", None)
    with pytest.raises(Refused) as refusal:
        desk.sign(grown(NOTHING, "x").after, "y", theirs)
    assert codes(refusal) == ["head_refused"]
    with pytest.raises(Refused):
        desk.sign(NOTHING, "y", "no note at all")


def test_a_key_signs_for_one_organisation(desk: Desk) -> None:
    note = desk.sign(NOTHING, "a", None)
    with pytest.raises(Refused) as refusal:
        desk.keeper.sign_head(desk.public, grown(NOTHING, "a", log=OTHER), None)
    assert codes(refusal) == ["key_of_another"]
    operation, organisation, _ = split_origin(LOG)
    second = f"tilth/{operation}/{organisation}/2"
    assert desk.keeper.sign_head(desk.public, grown(NOTHING, "a", log=second), None) != note


@pytest.mark.parametrize("log", ["", "tilth/x", "a\nb", "tilth/0a/1b/1 \n5"])
def test_what_is_no_log_has_no_head(desk: Desk, log: str) -> None:
    with pytest.raises(Refused) as refusal:
        desk.keeper.sign_head(desk.public, grown(NOTHING, "a", log=log), None)
    assert codes(refusal) == ["head_refused"]


def test_only_receipts_of_checkpoints_just_signed_are_signed(desk: Desk) -> None:
    from tilth.store.protocol import Receipt
    from tilth.store.sealing import FIRST_PREVIOUS, receipt_body

    note = desk.sign(NOTHING, "a", None)
    root = grown(NOTHING, "a").after.root.hex()
    given = Receipt(1, 5, LOG, 0, 1, 1, root)
    body = receipt_body(given, note=note, contents=1, previous=FIRST_PREVIOUS)
    assert len(desk.keeper.sign_receipt(desk.receipts, body)) == 64
    with pytest.raises(Refused) as refusal:
        desk.keeper.sign_receipt(desk.public, body)
    assert codes(refusal) == ["key_of_another"]
    strange = [
        receipt_body(given, note="other", contents=1, previous=FIRST_PREVIOUS),
        receipt_body(
            Receipt(1, 5, LOG, 0, 2, 1, root), note=note, contents=1, previous=FIRST_PREVIOUS
        ),
        body.replace(b"tilth-receipt/1", b"tilth-receipt/9"),
        body[:-1],
        b"{}",
        b"tilth/0a/1b/1\n1\nAAAA\n",
    ]
    for one in strange:
        with pytest.raises(Refused) as refusal:
            desk.keeper.sign_receipt(desk.receipts, one)
        assert codes(refusal) == ["receipt_refused"], one


def test_a_damaged_file_of_heads_is_not_passed_over(desk: Desk) -> None:
    for damage in (b"", b"{", b'{"format": "tilth-heads/9", "heads": {}, "bound": {}}'):
        desk.file.write_bytes(damage)
        with pytest.raises(Refused) as refusal:
            desk.again()
        assert codes(refusal) == ["heads_damaged"]


def test_a_signer_killed_while_the_act_waits_is_asked_again(folder: Path, short: Path) -> None:
    path = short / "sign"
    program = (
        "import sys; from pathlib import Path; from tilth.store.signing import Signer;"
        "Signer(Path(sys.argv[1]), Path(sys.argv[2])).serve()"
    )
    start = [sys.executable, "-c", program, str(folder / "keys"), str(path)]
    first = subprocess.Popen(start)
    keys = RemoteKeys(path, patience_s=signing.PATIENCE_S * 3)
    with Workspace.open(folder, keys=keys) as workspace:
        workspace.append([drafted(workspace, "HA-1")])
        first.kill()
        first.wait()
        second = subprocess.Popen(start)
        workspace.append([drafted(workspace, "HA-2")])
        second.terminate()
        second.wait()
        assert workspace.verify().problem is None
        assert workspace.store.heads()[0].size == 3
