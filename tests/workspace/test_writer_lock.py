"""One writer at a time; network folders refused (issue 2 §3, Workspace)."""

from __future__ import annotations

import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from tilth.core.problems import Refused
from tilth.store.lock import WriterLock, file_system_of, refuse_network_folder

HOLDER = """
import sys, pathlib
from tilth.store.lock import WriterLock
with WriterLock(pathlib.Path(sys.argv[1])).writing():
    print("held", flush=True)
    sys.stdin.readline()
"""


def _other_program(path: Path) -> subprocess.Popen[str]:
    program = subprocess.Popen(
        [sys.executable, "-c", HOLDER, str(path)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert program.stdout is not None
    assert program.stdout.readline() == "held\n"
    return program


def test_a_second_program_waits_and_is_then_refused(tmp_path: Path) -> None:
    path = tmp_path / "lock"
    with _other_program(path) as holder:
        started = time.monotonic()
        with pytest.raises(Refused) as refusal, WriterLock(path, wait_s=0.3).writing():
            pass
        assert time.monotonic() - started >= 0.3
        assert refusal.value.problems[0].code == "workspace_busy"
        assert holder.stdin is not None
        holder.stdin.write("go\n")
        holder.stdin.close()
        with WriterLock(path, wait_s=10).writing():
            pass  # it came free while we queued


def test_the_lock_of_a_killed_program_is_free(tmp_path: Path) -> None:
    path = tmp_path / "lock"
    with _other_program(path) as holder:
        holder.kill()
        holder.wait()
    with WriterLock(path, wait_s=1).writing():
        pass


def test_two_threads_queue_and_one_may_enter_twice(tmp_path: Path) -> None:
    lock = WriterLock(tmp_path / "lock", wait_s=5)
    inside: list[int] = []

    def work(number: int) -> None:
        with lock.writing(), lock.writing():
            inside.append(number)
            time.sleep(0.02)
            assert inside[-1] == number, "another thread came in"

    threads = [threading.Thread(target=work, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(inside) == list(range(8))
    assert not lock.held


def test_an_error_inside_gives_the_lock_back(tmp_path: Path) -> None:
    lock = WriterLock(tmp_path / "lock", wait_s=0.1)
    with pytest.raises(KeyError), lock.writing():
        raise KeyError
    assert not lock.held
    with WriterLock(tmp_path / "lock", wait_s=0.1).writing():
        pass


MOUNTS = r"""
/dev/vda / ext4 rw,relatime 0 0
server:/export /home nfs4 rw 0 0
//pc/share /srv/team\040files cifs rw 0 0
tmpfs /home/local tmpfs rw 0 0
key@host: /mnt/remote fuse.sshfs rw 0 0
"""


@pytest.mark.parametrize(
    ("folder", "kind"),
    [
        ("/var/op", "ext4"),
        ("/home/ana/op", "nfs4"),
        ("/home/local/op", "tmpfs"),  # the longer mount point wins
        ("/homestead/op", "ext4"),  # a name that only begins alike
        ("/srv/team files/op", "cifs"),
        ("/mnt/remote", "fuse.sshfs"),
    ],
)
def test_file_systems_are_told_apart(folder: str, kind: str) -> None:
    assert file_system_of(Path(folder), MOUNTS) == kind


def test_network_folders_are_refused(tmp_path: Path) -> None:
    mounts = tmp_path / "mounts"
    folder = (tmp_path / "op").resolve()
    mounts.write_text(f"/dev/a / ext4 rw 0 0\nhost:/x {tmp_path.resolve()} nfs4 rw 0 0\n")
    with pytest.raises(Refused) as refusal:
        refuse_network_folder(folder, mounts)
    problem = refusal.value.problems[0]
    assert (problem.code, problem.params["type"]) == ("network_folder", "nfs4")
    mounts.write_text("/dev/a / ext4 rw 0 0\n")
    refuse_network_folder(folder, mounts)
    refuse_network_folder(folder, tmp_path / "no such list")
