"""Backup of a running workspace into one file, and its restoration as a new epoch.

A backup holds the keys and the personal data of its day, also what is erased afterwards: keep it as
guarded as the workspace, and not longer than needed.
"""

from __future__ import annotations

from pathlib import Path

from tilth.core.keyring import split_origin
from tilth.core.problems import Problem, Refused, register
from tilth.store import rotation
from tilth.store.archive import Manifest, unpack
from tilth.store.files import storing, whole_folder
from tilth.store.lock import refuse_network_folder
from tilth.store.settings import FORMAT
from tilth.store.signers import OUTSIDE
from tilth.store.snapshot import write_backup
from tilth.store.upgrade import upgrade_copy
from tilth.store.workspace import Workspace

__all__ = ["backup", "restore"]

register(
    {
        "backup_by_database": (
            "This workspace keeps its log in PostgreSQL, which Tilth does not copy.",
            "Back up the database with its own tools, and the folder beside it.",
        ),
    }
)


def backup(workspace: Workspace, file: Path) -> Manifest:
    """Write a backup, read it back and verify it; others may read and write meanwhile.

    Raises
    ------
    Refused
        ``file_exists``, ``backup_by_database``, ``backup_damaged``, ``disk_full``.
    """
    if workspace.settings.store != "sqlite":
        raise Refused(Problem("backup_by_database", str(workspace.path)))
    with storing(file):
        return write_backup(
            workspace.path,
            file,
            workspace.lock,
            made_at=workspace.now(),
            heads=lambda: _heads(workspace),
            check=_check,
        )


def restore(file: Path, path: Path, *, actor: str, passphrase: str | None = None) -> list[str]:
    """Make a workspace from a backup; every log that it writes to goes on in a new epoch.

    The old log may have grown after the backup, and two logs of one name must never differ. The
    first statement of the new one names the head from which it goes on.

    Returns
    -------
    list of str
        Origins of the new logs.

    Raises
    ------
    Refused
        ``folder_not_empty``, ``backup_damaged``, ``disk_full``, ``workspace_newer`` or
        ``key_locked``.
    """
    refuse_network_folder(path)
    with whole_folder(path) as draft:
        return _restore_into(draft, file, actor, passphrase)


def _restore_into(draft: Path, file: Path, actor: str, passphrase: str | None) -> list[str]:
    manifest = unpack(file, draft)
    upgrade_copy(draft, at=OUTSIDE.utc(), backup=file.name)
    _check(draft, manifest)
    with Workspace.open(draft, passphrase=passphrase) as workspace:
        return [
            rotation.new_epoch(
                workspace, split_origin(log)[1], reason="restored", actor=actor, keep_key=True
            )
            for log in workspace.logs()
        ]


def _check(folder: Path, manifest: Manifest) -> None:
    with Workspace.open(folder) as workspace:
        problem = workspace.verify().problem
        if problem is None and manifest.format == FORMAT and _heads(workspace) != manifest.heads:
            why = "the heads of its logs are not those that the manifest names"
            problem = Problem("backup_damaged", folder.name, {"why": why})
    if problem is not None:
        raise Refused(problem)


def _heads(workspace: Workspace) -> dict[str, tuple[int, str]]:
    return {head.log: (head.size, head.root) for head in workspace.store.heads()}
