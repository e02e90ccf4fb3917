"""One writer at a time: a lock file that programs queue for, and folders where that is unsafe.

SQLite has a lock of its own, but an act reads, decides and then appends: the whole of it must
stand alone, also against the vault and the blobs. Readers take no lock and never wait.
"""

from __future__ import annotations

import fcntl
import os
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tilth.core.problems import Problem, Refused, register

__all__ = [
    "NETWORK_FILE_SYSTEMS",
    "WriterLock",
    "file_system_of",
    "refuse_network_folder",
]

_WAIT_S = 30.0
_FIRST_PAUSE_S, _LONGEST_PAUSE_S = 0.002, 0.1

NETWORK_FILE_SYSTEMS = frozenset(
    {
        *("9p", "afs", "ceph", "cifs", "coda", "davfs", "gfs", "gfs2", "glusterfs", "lustre"),
        *("ncpfs", "nfs", "nfs3", "nfs4", "ocfs2", "smb", "smb2", "smb3", "smbfs"),
        *("fuse.cephfs", "fuse.curlftpfs", "fuse.davfs2", "fuse.gcsfuse", "fuse.glusterfs"),
        *("fuse.rclone", "fuse.s3fs", "fuse.smbnetfs", "fuse.sshfs"),
    }
)
"""Types as /proc/mounts names them. On these, locks and the shared memory of SQLite's write-ahead
log do not hold between machines (https://www.sqlite.org/wal.html, "Overview", disadvantage 2)."""

register(
    {
        "network_folder": (
            "The folder lies on a network file system ({type}), where two machines can write at "
            "once and spoil the log.",
            "Put the workspace on a local disk and give others access through the server.",
        ),
    }
)


class WriterLock:
    """The right to write to a workspace; taken by at most one thread of one program.

    Parameters
    ----------
    path
        The lock file. It stays; its content means nothing.
    wait_s
        How long to queue, in seconds.
    """

    def __init__(self, path: Path, *, wait_s: float = _WAIT_S) -> None:
        self._path = path
        self._wait_s = wait_s
        self._thread = threading.RLock()
        self._depth = 0
        self._file = -1

    @property
    def held(self) -> bool:
        """Whether this object holds the lock now."""
        return self._depth > 0

    @contextmanager
    def writing(self) -> Iterator[None]:
        """Hold the lock; entering it again in the same thread costs nothing.

        Raises
        ------
        Refused
            ``workspace_busy`` after the wait.
        """
        deadline = time.monotonic() + self._wait_s
        if not self._thread.acquire(timeout=self._wait_s):
            raise self._busy()
        try:
            if self._depth == 0:
                self._file = self._take(deadline)
            self._depth += 1
            try:
                yield
            finally:
                self._depth -= 1
                if self._depth == 0:
                    self._drop()
        finally:
            self._thread.release()

    def _take(self, deadline: float) -> int:
        descriptor = os.open(self._path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        pause = _FIRST_PAUSE_S
        while True:
            try:
                fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                if time.monotonic() >= deadline:
                    os.close(descriptor)
                    raise self._busy() from None
                time.sleep(pause)
                pause = min(2 * pause, _LONGEST_PAUSE_S)
            else:
                return descriptor

    def _drop(self) -> None:
        # unlocked by name, since a forked child may hold a copy of the descriptor
        fcntl.flock(self._file, fcntl.LOCK_UN)
        os.close(self._file)
        self._file = -1

    def _busy(self) -> Refused:
        seconds = round(self._wait_s)
        return Refused(Problem("workspace_busy", str(self._path.parent), {"seconds": seconds}))


def file_system_of(path: Path, mounts: str) -> str:
    r"""Type of the file system that holds a path, by the text of ``/proc/mounts``.

    The longest mount point that is a parent of the path wins, the last of equals (it lies on top).
    An empty string when none fits.

    Examples
    --------
    >>> file_system_of(Path("/mnt/s/op"), "/dev/sda / ext4 rw 0 0\nhost:/x /mnt/s nfs4 rw 0 0")
    'nfs4'
    """
    best, found = -1, ""
    for line in mounts.splitlines():
        columns = line.split(" ")
        if len(columns) < 3:
            continue
        # the kernel writes blanks, tabs, new lines and backslashes as octal escapes
        point = Path(columns[1].encode("latin-1", "replace").decode("unicode_escape"))
        if path.is_relative_to(point) and len(point.parts) >= best:
            best, found = len(point.parts), columns[2]
    return found


def refuse_network_folder(path: Path, mounts: Path = Path("/proc/mounts")) -> None:
    """Refuse a folder on a network file system.

    Where the system has no ``/proc/mounts`` nothing is known and nothing refused.

    Raises
    ------
    Refused
        ``network_folder``.
    """
    try:
        text = mounts.read_text("utf-8", "surrogateescape")
    except OSError:
        return
    kind = file_system_of(path.resolve(), text)
    if kind in NETWORK_FILE_SYSTEMS:
        raise Refused(Problem("network_folder", str(path), {"type": kind}))
