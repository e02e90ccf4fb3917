"""What a server is told, checked before anything is started, and what it tells its processes."""

from __future__ import annotations

import fcntl
import hashlib
import ipaddress
import os
import socket
import stat
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from tilth.core.problems import Problem, Refused, register

__all__ = ["Plan", "alone", "checked", "runtime_folder"]

register(
    {
        "public_without_tls": (
            "Others could reach the server at {host}, and what they send would not be encrypted.",
            "Put a proxy that ends TLS in front and give --public-url https://NAME, "
            "or leave --host at 127.0.0.1.",
        ),
        "public_url_malformed": (
            "{url} is not the address of a server.",
            "Give it as https://NAME, with a port where it is not the usual one, and no path.",
        ),
        "port_taken": (
            "Another program listens at {address}.",
            "End it, or give another --port.",
        ),
        "server_runs": (
            "A server already serves this workspace.",
            "Use that one, or end it first.",
        ),
        "runtime_folder_unsafe": (
            "The folder {folder} for the sockets belongs to somebody else.",
            "Remove it, or name another one in the environment variable RUNTIME_DIRECTORY.",
        ),
    }
)


@dataclass(frozen=True, slots=True)
class Plan:
    """What ``tilth serve`` was asked for.

    Parameters
    ----------
    workspace
        Folder of the operation.
    runtime
        Folder of sockets and beats, readable by the server's user only.
    public_url
        Address that people type; empty: this machine's own.
    signer
        Socket of a signer that runs elsewhere; None: it is started with the rest.
    """

    workspace: Path
    runtime: Path
    host: str = "127.0.0.1"
    port: int = 8000
    workers: int = 2
    database_url: str = ""
    public_url: str = ""
    signer: Path | None = None
    log_level: str = "info"

    @property
    def address(self) -> str:
        """Address to print; ``localhost``, since passkeys know no numbers."""
        return self.public_url or f"http://localhost:{self.port}"

    @property
    def socket(self) -> Path:
        """Socket at which the keys are asked for."""
        return self.signer or self.runtime / "signer"

    @property
    def environment(self) -> dict[str, str]:
        """What the processes read; see `tilth.web.configuration`."""
        told = {
            "DJANGO_SETTINGS_MODULE": "tilth.web.settings",
            "TILTH_WORKSPACE": str(self.workspace.resolve()),
            "TILTH_SIGNER": str(self.socket),
            "TILTH_RUNTIME": str(self.runtime),
            "TILTH_PUBLIC_URL": self.address,
            "TILTH_LOG": self.log_level,
            "TILTH_BIND": f"[{self.host}]:{self.port}" if ":" in self.host else self.bind,
            "TILTH_WORKERS": str(self.workers),
        }
        if self.database_url:
            told["TILTH_DATABASE_URL"] = self.database_url
        return {**os.environ, **told}

    @property
    def bind(self) -> str:
        """Host and port to listen at."""
        return f"{self.host}:{self.port}"


def checked(plan: Plan) -> Plan:
    """The plan, if it may be carried out.

    Raises
    ------
    Refused
        ``public_url_malformed``, ``public_without_tls``, ``port_taken``.
    """
    secure = False
    if plan.public_url:
        parts = urlsplit(plan.public_url)
        good = parts.scheme in ("http", "https") and parts.hostname and not parts.query
        if not good or parts.path not in ("", "/") or parts.username:
            params = {"url": plan.public_url}
            raise Refused(Problem("public_url_malformed", "--public-url", params))
        secure = parts.scheme == "https"
        if not secure and not _is_loopback(parts.hostname or ""):
            host = {"host": parts.hostname or ""}
            raise Refused(Problem("public_without_tls", "--public-url", host))
    if not secure and not _is_loopback(plan.host):
        raise Refused(Problem("public_without_tls", "--host", {"host": plan.host}))
    _refuse_taken(plan)
    return plan


def _is_loopback(host: str) -> bool:
    if host == "localhost" or host.endswith(".localhost"):
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def _refuse_taken(plan: Plan) -> None:
    family = socket.AF_INET6 if ":" in plan.host else socket.AF_INET
    with socket.socket(family) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((plan.host, plan.port))
        except OSError:
            where = f"{plan.host}:{plan.port}"
            raise Refused(Problem("port_taken", "--port", {"address": where})) from None


def runtime_folder(workspace: Path) -> Path:
    """Folder for sockets, made with mode 0700; systemd's where it made one.

    Not in the workspace: the path of a socket has at most 107 bytes.

    Raises
    ------
    Refused
        ``runtime_folder_unsafe``.
    """
    given = os.environ.get("RUNTIME_DIRECTORY")
    if given:
        return Path(given)
    name = hashlib.sha256(str(workspace.resolve()).encode()).hexdigest()[:12]
    folder = Path(tempfile.gettempdir()) / f"tilth-{os.geteuid()}-{name}"
    folder.mkdir(mode=0o700, exist_ok=True)
    found = folder.lstat()
    whole = stat.S_ISDIR(found.st_mode) and stat.S_IMODE(found.st_mode) == 0o700
    if not whole or found.st_uid != os.geteuid():
        raise Refused(Problem("runtime_folder_unsafe", str(folder), {"folder": str(folder)}))
    return folder


@contextmanager
def alone(plan: Plan) -> Iterator[None]:
    """Be the one server of a workspace for as long as the block lasts.

    Raises
    ------
    Refused
        ``server_runs``.
    """
    path = plan.workspace / "server.lock"
    handle = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise Refused(Problem("server_runs", str(plan.workspace))) from None
        yield
    finally:
        os.close(handle)
