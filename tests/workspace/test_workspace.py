"""The folder: made whole, opened, refused where it must be (issue 2 §3, Workspace)."""

from __future__ import annotations

import hashlib
import stat
import subprocess
import sys
import threading
import tomllib
from pathlib import Path

import pytest
from workbench import drafted, make

from tilth.core.checkpoint import parse_checkpoint, parse_note, parse_verifier
from tilth.core.problems import CATALOGUE, Refused
from tilth.store import rotation
from tilth.store import settings as toml
from tilth.store.settings import Party
from tilth.store.signers import Surroundings
from tilth.store.workspace import Workspace


def code_of(refusal: pytest.ExceptionInfo[Refused]) -> str:
    problem = refusal.value.problems[0]
    text = CATALOGUE[problem.code]
    text.what.format(**problem.params)  # every place in the sentence has its value
    text.fix.format(**problem.params)
    return problem.code


def seeded(seed: str) -> Surroundings:
    """Time and chance that repeat."""
    state = hashlib.sha256(seed.encode())
    ticks = iter(range(1_800_000_000_000_000, 2_000_000_000_000_000, 1_000_000))

    def entropy(count: int) -> bytes:
        state.update(b"next")
        return hashlib.shake_256(state.digest()).digest(count)

    return Surroundings(clock=lambda: next(ticks), entropy=entropy)


def test_a_new_workspace_is_whole_private_and_without_secrets(folder: Path) -> None:
    with make(folder, authority_name="Authority", time_zone="Africa/Luanda") as workspace:
        assert workspace.settings.organisation != workspace.settings.authority
        assert workspace.settings.name_of(workspace.settings.authority) == "Authority"
        assert workspace.logs() == (workspace.log,)
        head = workspace.store.heads()[0]
        assert (head.log, head.size) == (workspace.log, 1)
        text = (folder / "tilth.toml").read_text("utf-8")
        table = tomllib.loads(text)
        assert table["format"] == toml.FORMAT
        assert table["time_zone"] == "Africa/Luanda"
        for file in (folder / "keys").iterdir():
            private = workspace.keys.get(_public_key(workspace, file.stem)).private
            assert private.private_bytes_raw().hex() not in text
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert stat.S_IMODE((folder / "keys").stat().st_mode) == 0o700
    for file in folder.rglob("*"):
        assert file.is_dir() or stat.S_IMODE(file.stat().st_mode) == 0o600, file
    assert [one.name for one in folder.parent.iterdir()] == ["op"], "nothing half made is left"


def _public_key(workspace: Workspace, name: str) -> str:
    known = [*workspace.settings.receipt_keys, *workspace.settings.anchors.values()]
    return next(key for key in known if rotation.key_id(key) == name)


def test_without_another_name_the_organisation_is_the_authority(workspace: Workspace) -> None:
    assert workspace.settings.authority == workspace.settings.organisation


def test_what_was_appended_is_there_when_opened_again(workspace: Workspace, folder: Path) -> None:
    receipt = workspace.append([drafted(workspace, "HA-1"), drafted(workspace, "HA-2")])
    assert (receipt.start, receipt.stop) == (1, 3)
    workspace.close()
    with Workspace.open(folder) as again:
        assert again.settings == workspace.settings
        assert again.store.find_record("HA-2")
        again.append([drafted(again, "HA-3")])
        note = again.store.checkpoint(again.log)
        assert note is not None
        verifier = parse_verifier(rotation.export(again))
        assert verifier.accepts(parse_note(note))
        assert parse_checkpoint(parse_note(note).text).size == 4


def test_a_seed_repeats_a_workspace_to_the_last_root(tmp_path: Path) -> None:
    roots = []
    for name in ("a", "b"):
        with make(tmp_path / name, surroundings=seeded("7")) as workspace:
            workspace.open_log(Party("5" * 32, "Partner"), actor="t1")
            workspace.append([drafted(workspace, "HA-1")])
            roots.append(workspace.store.heads())
    assert roots[0] == roots[1]
    with pytest.raises(ValueError, match="synthetic"):
        make(tmp_path / "c", synthetic=False, surroundings=seeded("7"))
    assert not (tmp_path / "c").exists()


def test_several_organisations_keep_their_logs_in_one_folder(
    workspace: Workspace, folder: Path
) -> None:
    partner = Party("5" * 32, "Partner")
    log = workspace.open_log(partner, actor="t1")
    assert workspace.open_log(partner, actor="t1") == log, "opening it twice opens it once"
    workspace.append([drafted(workspace, "HA-1", log=log)], log=log)
    assert workspace.log_of(partner.id) == log
    assert set(workspace.logs()) == {workspace.log, log}
    with pytest.raises(Refused) as refusal:
        workspace.append([drafted(workspace, "HA-1", log=log)])
    assert code_of(refusal) == "header_of_other_log"
    with Workspace.open(folder) as again:
        assert again.settings.name_of(partner.id) == "Partner"
        assert again.keyring == workspace.keyring


def test_real_and_synthetic_do_not_mix(workspace: Workspace, tmp_path: Path) -> None:
    with pytest.raises(Refused) as refusal:
        workspace.append([drafted(workspace, "HA-1", synthetic=False)])
    assert code_of(refusal) == "synthetic_mixed"
    with make(tmp_path / "real", synthetic=False) as real, pytest.raises(Refused) as refusal:
        real.append([drafted(real, "HA-1", synthetic=True)])
    assert code_of(refusal) == "synthetic_mixed"


def test_an_occupied_folder_is_refused_and_an_empty_one_taken(tmp_path: Path) -> None:
    occupied, empty, file = tmp_path / "a", tmp_path / "b", tmp_path / "c"
    occupied.mkdir()
    (occupied / "letter.txt").write_text("x")
    empty.mkdir()
    file.write_text("x")
    for path in (occupied, file):
        with pytest.raises(Refused) as refusal:
            make(path)
        assert code_of(refusal) == "folder_not_empty"
    make(empty).close()
    make(tmp_path / "d" / "e").close()
    Workspace.open(empty).close()


def test_what_is_no_workspace_is_refused(tmp_path: Path) -> None:
    for path in (tmp_path, tmp_path / "nowhere"):
        with pytest.raises(Refused) as refusal:
            Workspace.open(path)
        assert code_of(refusal) == "no_workspace"


@pytest.mark.parametrize(
    ("old", "new", "code"),
    [
        ("format = 1", "format = 99", "workspace_newer"),
        ("format = 1", 'format = "x"', "workspace_damaged"),
        ("format = 1", "format = ", "workspace_damaged"),
        ("synthetic = true", "synthetic = 1", "workspace_damaged"),
        ('time_zone = "UTC"', 'time_zone = "Mars/Olympus"', "unknown_time_zone"),
        ('time_zone = "UTC"', 'time_zone = "../../etc/passwd"', "unknown_time_zone"),
        ('id = "', 'id = "../', "workspace_damaged"),
        ('id = "', 'ident = "', "workspace_damaged"),
        ('origin = "', 'origin = "x', "workspace_damaged"),
        ('store = "sqlite"', 'store = "cloud"', "workspace_damaged"),
        ("[operation]", "[oberation]", "workspace_damaged"),
        ("organisations = [", "organisations = [1, ", "workspace_damaged"),
    ],
)
def test_settings_that_cannot_be_meant_are_refused(
    workspace: Workspace, folder: Path, old: str, new: str, code: str
) -> None:
    workspace.close()
    file = folder / "tilth.toml"
    text = file.read_text("utf-8")
    assert old in text
    file.write_text(text.replace(old, new), "utf-8")
    with pytest.raises(Refused) as refusal:
        Workspace.open(folder)
    assert code_of(refusal) == code


def test_a_missing_or_foreign_database_is_refused_and_not_made_anew(
    workspace: Workspace, folder: Path
) -> None:
    workspace.close()
    (folder / "tilth.db").unlink()
    for suffix in ("-wal", "-shm"):
        (folder / f"tilth.db{suffix}").unlink(missing_ok=True)
    with pytest.raises(Refused) as refusal:
        Workspace.open(folder)
    assert code_of(refusal) == "workspace_damaged"
    assert not (folder / "tilth.db").exists()
    (folder / "tilth.db").write_bytes(b"not a database, but a text " * 100)
    with pytest.raises(Refused) as refusal:
        Workspace.open(folder)
    assert code_of(refusal) == "workspace_damaged"


def test_settings_survive_being_written(workspace: Workspace, folder: Path) -> None:
    odd = 'Отряд "7" \\ 工兵\n'
    workspace.change_settings(lambda known: known.with_party(Party("6" * 32, odd)))
    assert toml.load(folder) == workspace.settings
    assert toml.load(folder).name_of("6" * 32) == odd
    assert toml.load(folder).name_of("7" * 32) == "77777777"


def test_protected_keys_open_only_with_the_passphrase(folder: Path) -> None:
    make(folder, passphrase="a long sentence").close()
    for passphrase in (None, "another"):
        with Workspace.open(folder, passphrase=passphrase) as workspace:
            assert workspace.store.heads(), "reading needs no passphrase"
            with pytest.raises(Refused) as refusal:
                workspace.append([drafted(workspace, "HA-1")])
            assert code_of(refusal) == "key_locked"
    with Workspace.open(folder, passphrase="a long sentence") as workspace:
        workspace.append([drafted(workspace, "HA-1")])
    assert all(b"ENCRYPTED" in file.read_bytes() for file in (folder / "keys").iterdir())


def test_without_its_key_nothing_is_appended(workspace: Workspace, folder: Path) -> None:
    workspace.close()
    for file in (folder / "keys").iterdir():
        file.write_text("spoilt")
    with Workspace.open(folder) as again:
        with pytest.raises(Refused) as refusal:
            again.append([drafted(again, "HA-1")])
        assert code_of(refusal) == "key_damaged"
    for file in (folder / "keys").iterdir():
        file.unlink()
    with Workspace.open(folder) as again:
        assert again.logs() == ()
        with pytest.raises(Refused) as refusal:
            again.append([drafted(again, "HA-1")])
        assert code_of(refusal) == "key_missing"
        assert again.store.heads()[0].size == 1


WRITER = """
import sys, pathlib
sys.path.insert(0, sys.argv[2])
from workbench import drafted
from tilth.store.workspace import Workspace
with Workspace.open(pathlib.Path(sys.argv[1])) as workspace:
    for number in range(10):
        workspace.append([drafted(workspace, f"{sys.argv[3]}-{number}")])
"""


def test_programs_that_write_at_once_queue(workspace: Workspace, folder: Path) -> None:
    here = str(Path(__file__).parent)
    programs = [
        subprocess.Popen([sys.executable, "-c", WRITER, str(folder), here, name])
        for name in ("x", "y")
    ]
    for number in range(10):
        workspace.append([drafted(workspace, f"own-{number}")])
    assert [program.wait() for program in programs] == [0, 0]
    assert workspace.store.heads()[0].size == 31
    assert workspace.verify().ok


def test_readers_do_not_wait_for_a_writer(workspace: Workspace, folder: Path) -> None:
    seen: list[int] = []

    def read() -> None:
        with Workspace.open(folder) as reader:
            seen.append(reader.store.heads()[0].size)

    with workspace.writing():
        reading = threading.Thread(target=read)
        reading.start()
        reading.join(timeout=5)
    assert seen == [1]


def test_a_batch_at_a_time_may_be_appended_by_the_thousand(workspace: Workspace) -> None:
    batches = [
        [drafted(workspace, f"HA-{batch}-{place}") for place in range(3)] for batch in range(50)
    ]
    receipts = list(workspace.append_many(batches))
    assert [receipt.stop - receipt.start for receipt in receipts] == [3] * 50
    assert workspace.store.heads()[0].size == 151
