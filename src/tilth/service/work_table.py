"""How every released area was worked, kept in the session and brought forward.

Columns of the read tables are enough for nearly all records; only those that were said more than
once are read with their chains.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from tilth.core.chains import REPORTED
from tilth.core.life.recall import Work, works_of
from tilth.core.life.register import Held
from tilth.service.register import held, register_of
from tilth.service.session import Session

__all__ = ["WorkTable", "work_table"]

_REMEMBERED = "work_table"
_HEAD = ("seq", "record", "act", "hash", "author", "said_at")
_COLUMNS = {
    "released_area": ("happened_on", "organisation", "task", "teams", "assets", "methods"),
    "clearance_report": ("happened_on", "organisation", "task", "team", "assets", "methods"),
}
_LISTS = frozenset({"teams", "assets", "methods"})
_NAMING = ("organisation", "team", "asset", "task")
"""Kinds by which the codes on releases and reports get their meaning."""


@dataclass(slots=True)
class WorkTable:
    """Released areas and clearance reports in force as reported.

    Parameters
    ----------
    seq
        Position up to which statements are held.
    version
        Grows with every change of what is held.
    areas, reports
        By record; their fields hold what tells how ground was worked, and no shapes.
    """

    seq: int = 0
    version: int = 0
    areas: dict[str, Held] = field(default_factory=dict)
    reports: dict[str, Held] = field(default_factory=dict)
    _met: set[str] = field(default_factory=set)
    _works: list[Work] | None = None
    _called: dict[str, set[str]] | None = None

    def called(self, local_id: str) -> set[str]:
        """Released areas of that local id, of whatever organisation."""
        if self._called is None:
            self._called = defaultdict(set)
            for record, one in self.areas.items():
                self._called[one.local_id].add(record)
        return self._called.get(local_id, set())

    def works(self, session: Session) -> list[Work]:
        """How each released area was worked, in order of record."""
        if self._works is None:
            areas = [self.areas[record] for record in sorted(self.areas)]
            reports = [self.reports[record] for record in sorted(self.reports)]
            self._works = works_of(register_of(session), areas, reports)
        return self._works

    def bring_forward(self, session: Session) -> None:
        """Take in what was received since."""
        store = session.workspace.store
        until = store.last_seq()
        if until == self.seq:
            return
        changed = [self._take(session, kind, until) for kind in _COLUMNS]
        for kind in _NAMING:
            rows = store.select(kind, ["seq"], after_seq=self.seq, until_seq=until)
            changed.append(next(iter(rows), None) is not None)
        if any(changed):
            self._works = self._called = None
            self.version += 1
        self.seq = until

    def _take(self, session: Session, kind: str, until: int) -> bool:
        store = session.workspace.store
        kept = self.areas if kind == "released_area" else self.reports
        columns = _COLUMNS[kind]
        after = self.seq
        lines: dict[int, list[dict[str, Any]]] = defaultdict(list)
        if kind == "clearance_report":
            for seq, method in store.select(
                kind, ["seq", "method"], lines="work", after_seq=after, until_seq=until
            ):
                lines[int(seq)].append({"method": method})
        again: set[str] = set()
        met = len(self._met)
        for row in store.select(kind, [*_HEAD, *columns], after_seq=after, until_seq=until):
            record, act = str(row[1]), str(row[2])
            one = _held(kind, row, columns, lines.get(int(row[0]), ()))
            if record in self._met or act != "record" or not one.happened_on:
                again.add(record)
            else:
                kept[record] = one
            self._met.add(record)
        for record in again:
            kept.pop(record, None)
        kept |= held(session, again)
        return bool(again) or len(self._met) > met


def _held(
    kind: str, row: tuple[Any, ...], columns: Iterable[str], lines: Sequence[Mapping[str, Any]]
) -> Held:
    _, record, _, statement, author, said_at = row[: len(_HEAD)]
    fields: dict[str, Any] = {
        name: json.loads(value) if name in _LISTS else value
        for name, value in zip(columns, row[len(_HEAD) :], strict=True)
        if value is not None
    }
    if lines:
        fields["work"] = list(lines)
    day = str(fields.get("happened_on", ""))
    return Held(record, kind, author, "", statement, REPORTED, day, said_at, fields)


def work_table(session: Session) -> WorkTable:
    """Work table of everything received by now."""
    table = session.remembered.get(_REMEMBERED)
    if not isinstance(table, WorkTable):
        table = WorkTable()
        session.remembered[_REMEMBERED] = table
    table.bring_forward(session)
    return table
