"""The process that holds the keys: serve them, and see whether it answers."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from pathlib import Path

from tilth.core.problems import Refused
from tilth.store.keys import KeyFolder
from tilth.store.signing import RemoteKeys, Signer

__all__ = ["hold_keys", "keys_are_locked", "signer_answers"]


def hold_keys(
    workspace: Path,
    socket: Path,
    *,
    passphrase: str | None = None,
    users: Iterable[int] = (),
    group: int | None = None,
    ready: Callable[[], None] = lambda: None,
) -> None:
    """Sign what the socket asks for until the process is ended; returns when it was interrupted.

    Parameters
    ----------
    workspace
        Folder whose ``keys/`` are read; nothing else of it is.
    users, group
        See `tilth.store.signing.Signer`.
    ready
        Called once requests are answered.

    Raises
    ------
    Refused
        ``key_locked``, ``key_damaged``, ``heads_damaged``, ``signer_taken``.
    """
    signer = Signer(workspace / "keys", socket, passphrase=passphrase, users=users, group=group)
    try:
        ready()
        signer.serve()
    finally:
        signer.close()


def keys_are_locked(workspace: Path, passphrase: str | None = None) -> bool:
    """Whether the keys of a workspace cannot be opened with this passphrase.

    Raises
    ------
    Refused
        ``key_damaged``.
    """
    try:
        KeyFolder(workspace / "keys", passphrase).open_all()
    except Refused as refusal:
        if any(problem.code != "key_locked" for problem in refusal.problems):
            raise
        return True
    return False


def signer_answers(socket: Path) -> bool:
    """Whether the signer at a socket answers now."""
    keys = RemoteKeys(socket, patience_s=0.0)
    try:
        return keys.alive()
    finally:
        keys.close()
