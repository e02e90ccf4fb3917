"""What is in doubt of a few released areas, without a table of all work ever reported.

A guard asks about one area, or twenty. What puts them in doubt depends on the misses, on how those
few and the areas missed in were worked, and on samples that cover them: nothing else is read.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from tilth.core.life.quality import passed
from tilth.core.life.recall import Check, Proposal, Work, proposed, works_of
from tilth.core.life.register import Held
from tilth.core.statement import split_record_id
from tilth.service.doubting import (
    areas_of,
    covered,
    not_stated,
    read_miss,
    recalled,
    revoked_whole,
    telling,
)
from tilth.service.register import held, register_of
from tilth.service.session import Session

__all__ = ["FEW", "recalled_among"]

FEW = 200
"""Areas up to which they are read one by one."""
_KIND = "released_area"


class _Areas(Mapping[str, Held]):
    """Released areas in force as reported, read from the store when they are asked for."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self._known: dict[str, Held | None] = {}

    def read(self, records: Iterable[str]) -> None:
        """Read several at once."""
        fresh = {one for one in records if one not in self._known}
        fresh = {one for one in fresh if one.count("/") > 1 and split_record_id(one)[1] == _KIND}
        found = held(self._session, fresh)
        self._known |= {one: found.get(one) for one in fresh}

    def __getitem__(self, record: str) -> Held:
        self.read([record])
        found = self._known.get(record)
        if found is None:
            raise KeyError(record)
        return found

    def __iter__(self) -> Iterator[str]:
        return (record for record, one in self._known.items() if one is not None)

    def __len__(self) -> int:
        return sum(1 for _ in self)


@dataclass(slots=True)
class _Few:
    """Areas that a question is about; see `tilth.service.doubting.Works`."""

    session: Session
    areas: _Areas = field(init=False)
    _called: dict[str, set[str]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.areas = _Areas(self.session)

    def called(self, local_id: str) -> set[str]:
        """Those of a local id, of whatever organisation."""
        if local_id not in self._called:
            found = self.session.workspace.store.find_record(local_id)
            self.areas.read(found)
            self._called[local_id] = {
                one for one in found if one in self.areas and split_record_id(one)[2] == local_id
            }
        return self._called[local_id]

    def works(self, records: Collection[str]) -> list[Work]:
        """How some areas were worked, by what they say and the reports of their tasks."""
        self.areas.read(records)
        releases = [self.areas[one] for one in sorted(records) if one in self.areas]
        known = register_of(self.session)
        tasks: set[str] = set()
        for one in releases:
            name = str(one.now().get("task", ""))
            task = known.find("task", name, one.author) if name else None
            tasks.update({name, task.record, task.local_id} if task else {name})
        tasks |= {name for name, record in known.aliases.items() if record in tasks}
        tasks.discard("")
        if not tasks:
            return works_of(known, releases, ())
        rows = self.session.workspace.store.select(
            "clearance_report", ["record"], {"task": sorted(tasks)}
        )
        reports = held(self.session, {str(row[0]) for row in rows})
        return works_of(known, releases, [reports[one] for one in sorted(reports)])


def recalled_among(session: Session, records: Collection[str]) -> dict[str, tuple[str, ...]]:
    """As `tilth.service.doubting.recalled`, of these released areas alone."""
    asked = set(records)
    if len(asked) > FEW:
        return {record: some for record, some in recalled(session).items() if record in asked}
    known = register_of(session)
    found: dict[str, set[str]] = {}
    for said in known.recalls.values():
        for record in asked.intersection(areas_of(said)):
            found.setdefault(record, set()).add(str((said.fields or {}).get("missed", said.hash)))
    for missed, some in _unnamed(session, asked).items():
        for one in some:
            found.setdefault(one.record, set()).add(missed)
    return {record: tuple(sorted(misses)) for record, misses in sorted(found.items())}


def _unnamed(session: Session, asked: Collection[str]) -> dict[str, list[Proposal]]:
    """Proposals on the areas asked about that no recall of the same miss names."""
    known, few = register_of(session), _Few(session)
    misses = [miss for one in telling(known) if (miss := read_miss(session, few, one)) is not None]
    if not misses:
        return {}
    gone = revoked_whole(known)
    works = {one.record: one for one in few.works({*asked, *(a for m in misses for a in m.areas)})}
    checks: list[Check] | None = None
    derived: dict[str, list[Proposal]] = {}
    for miss in misses:
        wanted = [works[one] for one in sorted({*asked, *miss.areas}) if one in works]

        def of_asked(checks: Iterable[Check], miss: Any = miss, works: Any = wanted) -> Any:
            return [one for one in proposed(miss, works, checks) if one.record in asked]

        if not of_asked(()):  # a sample passed only ever takes doubt away
            continue
        if checks is None:
            checks = list(_checks(session, few, asked))
        some = of_asked([one for one in checks if one.record != miss.record])
        derived[miss.record] = [one for one in some if one.record not in gone]
    return not_stated(known, few, derived)


def _checks(session: Session, few: _Few, asked: Collection[str]) -> Iterator[Check]:
    """Samples passed that cover some of the areas asked about."""
    known = register_of(session)
    called = {name for one in asked for name in (one, split_record_id(one)[2])}
    called |= {name for name, record in known.aliases.items() if record in asked}
    shapes = [few.areas[one].now().get("shape") for one in asked if one in few.areas]
    boxes = [_box(shape) for shape in shapes if shape]
    for one in known.of("sample_inspection").values():
        values = one.now()
        names, shape = values.get("released_areas", ()), values.get("shape")
        if names:
            may = not called.isdisjoint(map(str, names))
        else:
            may = bool(shape) and any(_meet(_box(shape or {}), box) for box in boxes)
        if may and passed(one):
            areas = covered(session, few, one)
            if areas.intersection(asked):
                yield Check(one.record, one.happened_on, areas)


_Box = tuple[int, int, int, int]


def _box(shape: Mapping[str, Any]) -> _Box:
    """West, south, east, north of a canonical shape, in nanodegrees."""
    found: list[list[int]] = []
    todo = [shape.get("coordinates", [])]
    while todo:
        one = todo.pop()
        if one and isinstance(one[0], list):
            todo.extend(one)
        elif one:
            found.append(one)
    east, north = [at[0] for at in found] or [0], [at[1] for at in found] or [0]
    return min(east), min(north), max(east), max(north)


def _meet(one: _Box, other: _Box) -> bool:
    return one[0] <= other[2] and other[0] <= one[2] and one[1] <= other[3] and other[1] <= one[3]
