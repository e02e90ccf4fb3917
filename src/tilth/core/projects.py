"""Which project ground and items count under: one key for each release, report or spot task.

A record names its projects itself, or names the task under which it was done. The key of a task is
looked up when an account is made, at that account's position, so that a corrected task counts
rightly everywhere. Several projects make one combined key: a square metre or an item counts under
one key, never under two.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from types import MappingProxyType
from typing import Any

__all__ = ["ProjectBook", "combined", "project_key"]

_SIGN = "\x1f"
"""Begins and parts a key that is looked up when the account is made."""


def combined(projects: Iterable[str]) -> str:
    """One key of several projects, in order of name.

    Examples
    --------
    >>> combined(["P-2", "P-1", "P-2"]), combined([])
    ('P-1+P-2', '')
    """
    return "+".join(sorted({one for one in projects if one}))


def project_key(fields: Mapping[str, Any], author: str) -> str:
    r"""What a record says of its projects: names, else the task that it names, else nothing.

    Parameters
    ----------
    author
        Organisation id of who says it, whose own tasks and projects come first.

    Returns
    -------
    str
        A key for `ProjectBook.meaning`; empty when the record names neither.

    Examples
    --------
    >>> project_key({"project": "P-1", "task": "T-1"}, "ab").split("\x1f")
    ['', 'ab', '', 'P-1']
    >>> project_key({"task": "T-1"}, "ab").split("\x1f"), project_key({}, "ab")
    (['', 'ab', 'T-1'], '')
    """
    projects = fields.get("projects") or (fields.get("project"),)
    own = sorted({str(one).replace(_SIGN, " ") for one in projects if one})
    task = "" if own else str(fields.get("task") or "").replace(_SIGN, " ")
    return _SIGN.join(("", author, task, *own)) if own or task else ""


class ProjectBook:
    """Projects and tasks as they are at one position: what a key means there.

    Parameters
    ----------
    projects, tasks
        Fields in force by record id.
    aliases
        Record by national id.
    """

    def __init__(
        self,
        projects: Mapping[str, Mapping[str, Any]],
        tasks: Mapping[str, Mapping[str, Any]],
        aliases: Mapping[str, str] = MappingProxyType({}),
    ) -> None:
        self._projects, self._tasks, self._aliases = projects, tasks, aliases
        self._called = {id(held): _index(held) for held in (projects, tasks)}
        self._known: dict[str, str] = {}

    def meaning(self, key: str) -> str:
        """Codes of the projects that a key stands for, joined; empty for none."""
        if key not in self._known:
            self._known[key] = self._meaning(key)
        return self._known[key]

    def _meaning(self, key: str) -> str:
        _, *parts = key.split(_SIGN)
        if not parts:
            return key
        author, task, *names = parts
        if task:
            record = self._found(self._tasks, task, author)
            fields = self._tasks.get(record, {})
            names = [str(fields["project"])] if fields.get("project") else []
            author = record.split("/", 1)[0]
        return combined(self._code(name, author) for name in names)

    def _code(self, name: str, author: str) -> str:
        """Code of a project that is recorded; the name as it is written for any other."""
        record = self._found(self._projects, name, author)
        return str(self._projects[record].get("code", name)) if record else name

    def _found(self, held: Mapping[str, Mapping[str, Any]], name: str, author: str) -> str:
        """Record that a name means: by id, by national id, the author's own, or the only one."""
        for full in (name, self._aliases.get(name, "")):
            if full in held:
                return full
        called = self._called[id(held)].get(name, ())
        own = [record for record in called if record.startswith(f"{author}/")]
        found = own or called
        return found[0] if len(found) == 1 else ""


def _index(held: Mapping[str, Mapping[str, Any]]) -> dict[str, list[str]]:
    """Records by local id and by code."""
    index: dict[str, list[str]] = {}
    for record, fields in sorted(held.items()):
        local = record.split("/", 2)[2]
        for name in {local, str(fields.get("code", local))}:
            index.setdefault(name, []).append(record)
    return index
