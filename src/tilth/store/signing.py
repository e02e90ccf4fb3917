"""The signer: the one process that reads private keys, and how others ask it to sign.

It listens on a Unix socket that only its own user (and users it names) may open, and asks the
kernel who is at the other end. Messages are MessagePack with their length in front. What it signs
and refuses is `tilth.store.heads`' matter.
"""

from __future__ import annotations

import os
import secrets
import socket
import struct
import threading
import time
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import msgspec

from tilth.core import merkle
from tilth.core.problems import Problem, Refused, register
from tilth.store.heads import HeadKeeper, refused_head
from tilth.store.keys import HEADS, Committed, KeyFolder
from tilth.store.sealing import Growth

__all__ = ["RemoteKey", "RemoteKeys", "Signer"]

_SEED_BYTES = 32
_LONGEST = 4 << 20
_LENGTH = struct.Struct(">I")
_CREDENTIALS = struct.Struct("3i")  # pid, uid, gid: struct ucred of unix(7)
_BACKLOG = 64
_FIRST_PAUSE_S, _LONGEST_PAUSE_S = 0.02, 0.25
PATIENCE_S = 10.0

register(
    {
        "signer_away": (
            "The signer does not answer at {socket}, so nothing can be signed now.",
            "Nothing was stored. Do the same again in a minute; start the signer if it is stopped.",
        ),
        "signer_taken": (
            "Another signer already answers at {socket}.",
            "Stop it first: two signers cannot see what the other one signed.",
        ),
        "keys_elsewhere": (
            "The private keys lie with the signer, which destroys none when asked from here.",
            "Run tilth key on the machine where the keys lie.",
        ),
    }
)


class _SignHead(msgspec.Struct, tag="head"):
    public_key: str
    log: str
    size: int
    peaks: bytes
    leaves: bytes
    committed: str | None


class _SignReceipt(msgspec.Struct, tag="receipt"):
    public_key: str
    body: bytes


class _Settle(msgspec.Struct, tag="settle"):
    notes: list[str]


class _Make(msgspec.Struct, tag="make"):
    pass


class _Open(msgspec.Struct, tag="open"):
    public_key: str


class _Holds(msgspec.Struct, tag="holds"):
    public_key: str


class _Seen(msgspec.Struct, tag="seen"):
    log: str


class _Ping(msgspec.Struct, tag="ping"):
    pass


_Request = _SignHead | _SignReceipt | _Settle | _Make | _Open | _Holds | _Seen | _Ping


class _Told(msgspec.Struct):
    code: str
    where: str
    params: dict[str, str | int | float]


class _Answer(msgspec.Struct):
    """What came of a request: text, bytes or a yes, or the problems that refuse it."""

    text: str = ""
    data: bytes = b""
    yes: bool = False
    problems: list[_Told] = []


_REQUESTS = msgspec.msgpack.Decoder(_Request)
_ANSWERS = msgspec.msgpack.Decoder(_Answer)
_ENCODER = msgspec.msgpack.Encoder()


class Signer:
    """Serves the keys of a folder over a socket.

    Parameters
    ----------
    folder
        The folder ``keys/`` of a workspace; the heads signed are kept in it too.
    passphrase
        Opens protected keys.
    socket
        Path of the socket; one left by a signer that was killed is replaced.
    users
        Ids of the users who may ask, besides the signer's own and root.
    group
        Id of the group that may open the socket; None leaves it to the signer's own user.

    Raises
    ------
    Refused
        ``key_locked``, ``heads_damaged``, ``signer_taken``.
    """

    def __init__(
        self,
        folder: Path,
        socket_path: Path,
        *,
        passphrase: str | None = None,
        users: Iterable[int] = (),
        group: int | None = None,
    ) -> None:
        keys = KeyFolder(folder, passphrase)
        keys.open_all()
        self._heads = HeadKeeper(keys, folder / HEADS)
        self._users = {0, os.geteuid(), *users}
        self._turn = threading.Lock()
        self._path = socket_path
        self._listening = _listen(socket_path, group)

    def serve(self) -> None:
        """Answer until the process is ended or `close` is called."""
        while True:
            try:
                connection, _ = self._listening.accept()
            except OSError:
                return
            if _peer(connection) not in self._users:
                connection.close()
                continue
            threading.Thread(target=self._converse, args=(connection,), daemon=True).start()

    def close(self) -> None:
        """Stop listening and remove the socket."""
        self._path.unlink(missing_ok=True)
        self._listening.close()

    def _converse(self, connection: socket.socket) -> None:
        with connection:
            while (data := _receive(connection)) is not None:
                try:
                    request = _REQUESTS.decode(data)
                except msgspec.DecodeError:
                    return
                with self._turn:
                    answer = self._answer(request)
                try:
                    _send(connection, _ENCODER.encode(answer))
                except OSError:
                    return

    def _answer(self, request: _Request) -> _Answer:
        try:
            return self._done(request)
        except Refused as refusal:
            told = [_Told(one.code, one.where, dict(one.params)) for one in refusal.problems]
            return _Answer(problems=told)

    def _done(self, request: _Request) -> _Answer:
        heads = self._heads
        match request:
            case _SignHead():
                growth = _growth(request)
                return _Answer(heads.sign_head(request.public_key, growth, request.committed))
            case _SignReceipt():
                return _Answer(data=heads.sign_receipt(request.public_key, request.body))
            case _Settle():
                for note in request.notes:
                    heads.settle(note)
            case _Make():
                return _Answer(heads.make(secrets.token_bytes(_SEED_BYTES)))
            case _Open():
                heads.open(request.public_key)
            case _Holds():
                return _Answer(yes=heads.holds(request.public_key))
            case _Seen():
                return _Answer(yes=heads.seen(request.log))
        return _Answer(yes=True)


def _growth(request: _SignHead) -> Growth:
    size = merkle.HASH_BYTES
    cut = range(0, len(request.leaves), size)
    leaves = tuple(request.leaves[start : start + size] for start in cut)
    try:
        before = merkle.Frontier.from_bytes(request.size, request.peaks)
    except ValueError:
        before = None
    if before is None or any(len(leaf) != size for leaf in leaves):
        raise refused_head(request.log, request.size, "its hashes are malformed")
    return Growth(request.log, before, leaves, before.extend(leaves))


def _listen(path: Path, group: int | None) -> socket.socket:
    try:
        with socket.socket(socket.AF_UNIX) as probe:
            probe.connect(str(path))
        raise Refused(Problem("signer_taken", str(path), {"socket": str(path)}))
    except FileNotFoundError:
        pass
    except ConnectionRefusedError:
        path.unlink(missing_ok=True)
    listening = socket.socket(socket.AF_UNIX)
    before = os.umask(0o177)  # the socket is never, not even for a moment, open to others
    try:
        listening.bind(str(path))
    finally:
        os.umask(before)
    if group is not None:
        os.chown(path, -1, group)
        path.chmod(0o660)
    listening.listen(_BACKLOG)
    return listening


def _peer(connection: socket.socket) -> int:
    """User id of the process at the other end, as the kernel knows it."""
    raw = connection.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, _CREDENTIALS.size)
    uid: int = _CREDENTIALS.unpack(raw)[1]
    return uid


def _send(connection: socket.socket, data: bytes) -> None:
    connection.sendall(_LENGTH.pack(len(data)) + data)


def _receive(connection: socket.socket) -> bytes | None:
    """One message; None when the other end is gone or sends what is no message."""
    try:
        head = _exactly(connection, _LENGTH.size)
        if head is None:
            return None
        (length,) = _LENGTH.unpack(head)
        return _exactly(connection, length) if length <= _LONGEST else None
    except OSError:
        return None


def _exactly(connection: socket.socket, count: int) -> bytes | None:
    parts = bytearray()
    while len(parts) < count:
        part = connection.recv(count - len(parts))
        if not part:
            return None
        parts += part
    return bytes(parts)


@dataclass(frozen=True, slots=True)
class RemoteKey:
    """A key that only the signer can read."""

    public_key: str
    keys: RemoteKeys

    def sign(self, message: bytes) -> bytes:
        """Ed25519 signature of a receipt."""
        return self.keys.ask(_SignReceipt(self.public_key, message)).data

    def sign_head(self, growth: Growth, committed: Committed) -> str:
        """Signed note over the new head of a log."""
        request = _SignHead(
            self.public_key,
            growth.log,
            growth.before.size,
            growth.before.to_bytes(),
            b"".join(growth.leaves),
            committed(growth.log),
        )
        return self.keys.ask(request).text


class RemoteKeys:
    """The keys of a workspace as its signer lets them be used.

    Parameters
    ----------
    path
        The signer's socket.
    patience_s
        How long a request waits for a signer that is being started again, in seconds.
    """

    def __init__(self, path: Path, *, patience_s: float = PATIENCE_S) -> None:
        self._path = path
        self._patience_s = patience_s
        self._turn = threading.Lock()
        self._connection: socket.socket | None = None
        self._process = 0
        self._held: set[str] = set()

    def add(self, seed: bytes) -> RemoteKey:
        """Have a new key made, of the signer's own chance: the seed given is not used."""
        del seed
        return RemoteKey(self.ask(_Make()).text, self)

    def get(self, public_key: str) -> RemoteKey:
        """Return the key of a public key (hex).

        Raises
        ------
        Refused
            ``signer_away``, ``key_missing``, ``key_locked`` or ``key_damaged``.
        """
        if public_key not in self._held:
            self.ask(_Open(public_key))
            self._held.add(public_key)
        return RemoteKey(public_key, self)

    def holds(self, public_key: str) -> bool:
        """Whether the signer has that key."""
        if public_key not in self._held and self.ask(_Holds(public_key)).yes:
            self._held.add(public_key)
        return public_key in self._held

    def drop(self, public_key: str) -> None:
        """Refuse: a key is destroyed where it lies.

        Raises
        ------
        Refused
            ``keys_elsewhere``.
        """
        raise Refused(Problem("keys_elsewhere", str(self._path), {"key": public_key}))

    def seen(self, log: str) -> bool:
        """Whether the signer has signed for a log, also for a copy of it that is lost."""
        return self.ask(_Seen(log)).yes

    def settled(self, logs: Iterable[str], committed: Committed) -> None:
        """Tell the signer what is committed; if it is away, the next act tells it."""
        notes = [note for log in dict.fromkeys(logs) if (note := committed(log)) is not None]
        try:
            self._ask_once(_ENCODER.encode(_Settle(notes)))
        except OSError:
            self._hang_up()

    def close(self) -> None:
        """End the conversation; the next request begins another."""
        self._hang_up()

    def alive(self) -> bool:
        """Whether the signer answers now."""
        try:
            return self._ask_once(_ENCODER.encode(_Ping())).yes
        except OSError:
            self._hang_up()
            return False

    def ask(self, request: _Request) -> _Answer:
        """Send a request and return the answer, also from a signer started again meanwhile.

        Asking twice is asking once: the same head gets the same signature.

        Raises
        ------
        Refused
            ``signer_away``, or what the signer refuses.
        """
        data = _ENCODER.encode(request)
        deadline, pause = time.monotonic() + self._patience_s, _FIRST_PAUSE_S
        while True:
            try:
                answer = self._ask_once(data)
                break
            except OSError:
                self._hang_up()
                if time.monotonic() >= deadline:
                    params = {"socket": str(self._path)}
                    raise Refused(Problem("signer_away", str(self._path), params)) from None
            time.sleep(pause)
            pause = min(2 * pause, _LONGEST_PAUSE_S)
        if answer.problems:
            raise Refused(*(Problem(one.code, one.where, one.params) for one in answer.problems))
        return answer

    def _ask_once(self, data: bytes) -> _Answer:
        with self._turn:
            if self._connection is None or self._process != os.getpid():
                # a connection from before a fork belongs to the other process
                self._connection = socket.socket(socket.AF_UNIX)
                self._process = os.getpid()
                self._connection.settimeout(max(self._patience_s, 1.0))
                self._connection.connect(str(self._path))
            _send(self._connection, data)
            answer = _receive(self._connection)
        if answer is None:
            raise ConnectionResetError
        return _ANSWERS.decode(answer)

    def _hang_up(self) -> None:
        with self._turn:
            if self._connection is not None and self._process == os.getpid():
                self._connection.close()
            self._connection = None
