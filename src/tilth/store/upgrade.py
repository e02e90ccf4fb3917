"""Bringing the folder of an older format up to date: ordered steps, each recorded in tilth.toml.

Statements are never touched: their bytes stay as signed, and older versions of a kind are read
through the kind's own upgrade functions. Steps concern the layout of the folder alone.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import tomli_w

from tilth.core.problems import Problem, Refused, register
from tilth.store import settings as toml
from tilth.store.archive import Manifest
from tilth.store.files import write_atomically
from tilth.store.lock import WriterLock
from tilth.store.snapshot import write_backup

__all__ = ["STEPS", "Step", "upgrade", "upgrade_copy"]

register(
    {
        "workspace_too_old": (
            "No way is known from format {format} to format {known}.",
            "Open the workspace with the version of Tilth that wrote it and update in turn.",
        ),
    }
)


class Step(NamedTuple):
    """One change of format.

    Parameters
    ----------
    before
        The format it starts from; it leads to the next number.
    name
        What stands in the record of upgrades.
    apply
        From the folder and the table of its ``tilth.toml`` to the new table. What it does to other
        files it must be able to do twice, since the power can fail before the table is written.
    """

    before: int
    name: str
    apply: Callable[[Path, Mapping[str, Any]], dict[str, Any]]


def _several_languages(_: Path, table: Mapping[str, Any]) -> dict[str, Any]:
    """Format 0, used before the first release, knew one ``language``; now there is a list."""
    changed = dict(table)
    changed["languages"] = [changed.pop("language", "en")]
    return changed


STEPS = (Step(0, "several-languages", _several_languages),)


def upgrade(
    folder: Path,
    *,
    at: str,
    check: Callable[[Path], None],
    steps: Sequence[Step] = STEPS,
    target: int = toml.FORMAT,
) -> Path | None:
    """Upgrade a folder after a backup beside it on which the same steps were tried.

    Parameters
    ----------
    at
        Now, UTC, ``YYYY-MM-DDThh:mm:ssZ``.
    check
        Verifies a workspace of the new format; raises `Refused` to leave the folder as it is.

    Returns
    -------
    Path or None
        The backup, or None where nothing was to be done.

    Raises
    ------
    Refused
        ``workspace_too_old``, ``workspace_newer``, and what the check raises.
    """
    lock = WriterLock(folder / "lock")
    with lock.writing():
        number = toml.format_of(folder, toml.read_table(folder))
        if number >= target:
            return None
        chosen = _way(folder, number, target, steps)
        backup = _free_name(folder, number)

        def try_out(copy: Path, _: Manifest) -> None:
            _apply(copy, chosen, at, backup.name)
            check(copy)

        write_backup(folder, backup, lock, made_at=at, heads=dict, check=try_out)
        _apply(folder, chosen, at, backup.name)
    return backup


def upgrade_copy(folder: Path, *, at: str, backup: str, steps: Sequence[Step] = STEPS) -> None:
    """Upgrade a folder that was just unpacked from the backup of that name, which is kept."""
    number = toml.format_of(folder, toml.read_table(folder))
    _apply(folder, _way(folder, number, toml.FORMAT, steps), at, backup)


def _way(folder: Path, number: int, target: int, steps: Sequence[Step]) -> list[Step]:
    by_start = {step.before: step for step in steps}
    if any(start not in by_start for start in range(number, target)):
        params = {"format": number, "known": target}
        raise Refused(Problem("workspace_too_old", str(folder), params))
    return [by_start[start] for start in range(number, target)]


def _apply(folder: Path, steps: Sequence[Step], at: str, backup: str) -> None:
    for step in steps:
        table = step.apply(folder, toml.read_table(folder))
        table["format"] = step.before + 1
        line = {"step": step.name, "from": step.before, "at": at, "backup": backup}
        table["upgraded"] = [*table.get("upgraded", []), line]
        write_atomically(folder / toml.FILE, tomli_w.dumps(table).encode("utf-8"))


def _free_name(folder: Path, number: int) -> Path:
    for count in range(1, 10_000):
        more = "" if count == 1 else f"-{count}"
        path = folder.with_name(f"{folder.name}-format-{number}{more}.tilth-backup")
        if not path.exists():
            return path
    raise Refused(Problem("file_exists", str(folder)))
