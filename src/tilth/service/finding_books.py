"""Findings kept current: what depends on one cluster or one record is looked at again alone.

What is told of a record's ground depends on its cluster and those whose box meets it; what is told
of its fields, on its own statements, the gazetteer and cancelled land; what is told of reports
against permits, on the register. Whatever compares records with each other is made anew each time
the list is put together, from what is held here.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from itertools import islice

import numpy as np
import shapely
from numpy.typing import NDArray

from tilth.core.days import ordinal
from tilth.core.findings import Finding
from tilth.core.land.book import KINDS_OF_GROUND, Views
from tilth.core.land.clusters import Cluster
from tilth.core.land.findings import (
    Scene,
    decided_findings,
    revocation_findings,
    said_findings,
    scene_findings,
)
from tilth.core.land.views import CANCELLED, ReleaseView
from tilth.core.statement import read_header, split_record_id
from tilth.service.current import Current
from tilth.service.finding_parts import (
    KeptFinding,
    day_received,
    delivery_findings,
    kept_finding,
    noise_of,
    said_day_of,
    told_once,
)
from tilth.service.ground import KINDS_OF_ITEMS
from tilth.service.life_findings import LifeNotes
from tilth.service.noticing import RecordNotes
from tilth.service.register import register_of

__all__ = ["FindingBooks"]

_CLUSTERS, _RECORDS, _SAID = 4, 200, 1000
"""Looked at in one step: each takes a tenth of a second or so."""
_GATES = frozenset(
    {
        *("organisation", "team", "asset", "person", "deployment", "rule_set", "operation"),
        *("training_course", "training_result", "accreditation", "status_change"),
    }
)
"""Kinds by which reports are held against permits, training, assets and rates."""
_NO_OTHERS = frozenset({*KINDS_OF_GROUND, *KINDS_OF_ITEMS, "place", "operation", "delivery"})
"""Kinds whose records the books hold, or of which nothing is noticed."""
_BETWEEN = "between"
"""Part of the whole: what records say of each other."""
_REPORT = "/clearance_report/"
_REPORTS = ("clearance_report", "spot_task")


@dataclass(slots=True)
class _Waiting:
    """What has yet to be looked at, first come first; in this order."""

    clusters: dict[str, None] = field(default_factory=dict)
    records: dict[str, None] = field(default_factory=dict)
    said: dict[str, None] = field(default_factory=dict)

    def add(self, what: str, names: Iterable[str]) -> None:
        """Let some wait that do not yet."""
        getattr(self, what).update(dict.fromkeys(sorted(names)))

    def count(self) -> int:
        """How many wait; what was said is not counted beside its record."""
        return len(self.clusters) + max(len(self.records), len(self.said))


@dataclass(frozen=True, slots=True)
class _Seen:
    """A cluster as it was when its ground was looked at."""

    records: tuple[str, ...]
    box: NDArray[np.float64]


class FindingBooks:
    """Findings by record, and what of the books has yet to be looked at again.

    Parameters
    ----------
    current
        Books and clusters; they go forward meanwhile, and `touch` is told what moved.
    """

    def __init__(self, current: Current) -> None:
        self._current = current
        self._ground: dict[str, list[Finding]] = {}
        self._said: dict[str, list[Finding]] = {}
        self._seen: dict[str, _Seen] = {}
        self._touched = _Waiting()
        self._later = _Waiting()
        self._day = ""
        self._begin()

    def _begin(self) -> None:
        """Everything is to be looked at."""
        current = self._current
        self._complete = False
        self._parts: dict[str, list[Finding]] = {}
        self._said_day = said_day_of(current.session)
        self._noise = noise_of(current.session)
        self._life = LifeNotes(current.session)
        index = current.items["reported"].index
        self._notes = RecordNotes(current.session, current.books, self._life, index)
        self._ground.clear()
        self._said.clear()
        self._seen = {name: _seen(current, name) for name in current.land.clusters}
        self._touched = _Waiting()
        self._look_at_names()
        every = dict.fromkeys(self._every_record())
        self._later = _Waiting(records=every, said=dict(every))
        self._begin_day()

    def _begin_day(self) -> None:
        """What ground gives to notice depends on the day."""
        self._day = self._current.today
        self._later.clusters = dict.fromkeys(self._current.land.clusters)
        self._stale = dict.fromkeys((_BETWEEN, *self._life.parts(self._current.books)))

    def _look_at_names(self) -> None:
        session = self._current.session
        self._current.books.land.called = register_of(session).codes(session.authority)

    def _every_record(self) -> Iterable[str]:
        books, session = self._current.books, self._current.session
        yield from books.land.statements
        yield from books.items
        yield from books.others
        for kind in sorted(session.kinds.keys() - _NO_OTHERS):
            for row in session.workspace.store.select(kind, ["record"]):
                yield str(row[0])

    @property
    def waiting(self) -> int:
        """Clusters, records and parts of the whole that have yet to be looked at again."""
        return self._touched.count() + self._later.count() + len(self._stale)

    @property
    def settled(self) -> bool:
        """Whether all was looked at once, and since then all records that were touched."""
        if not self._complete:
            self._complete = not self.waiting
        return self._complete and not self._touched.count()

    def touch(self, records: set[str] | None, clusters: set[str] | None) -> None:
        """Say what moved since the last time; None where everything may have.

        A moved permit, training result or asset touches every report; they wait behind the rest.
        """
        if records is None or clusters is None:
            self._begin()
            return
        if self._day != self._current.today:
            self._begin_day()
        if records or clusters:
            self._stale = dict.fromkeys((_BETWEEN, *self._life.parts(self._current.books)))
        self._notes.index = self._current.items["reported"].index
        book, land, touched = self._current.books.land, self._current.land, self._touched
        touched.add("clusters", clusters.union(*(land.holding(record) for record in records)))
        touched.add("records", records)
        naming = (book.naming(one) for one in records if book.kinds.get(one) == "hazard_area")
        touched.add("said", records.union(*naming))
        kinds = {split_record_id(record)[1] for record in records if record.count("/") >= 2}
        if "released_area" in kinds:
            self._cancelled_moved(records)
        if "place" in kinds:
            self._notes.look_around()
            self._later.add("records", self._every_record())
        if not kinds.isdisjoint(_GATES):
            self._look_at_names()
            self._life.look_again()
            self._later.add("records", self._reports())
        elif "task" in kinds:
            self._life.look_again()
            names = {name for one in records for name in (one, one.split("/", 2)[-1])}
            touched.add("records", [r for r in self._reports() if self._life.task_of(r) in names])

    def _reports(self) -> list[str]:
        held = self._current.books.items
        return [one for one in held if split_record_id(one)[1] in _REPORTS]

    def _cancelled_moved(self, records: set[str]) -> None:
        """Where cancelled land moved, the reports on it are looked at again."""
        current, before = self._current, self._notes.cancelled
        book, store = current.books.land, current.session.workspace.store
        areas = [r for r in records if r in before or _is_cancelled(book.views.get(r))]
        if not areas:
            return
        self._notes.look_at_cancelled()
        keys = [key for record in areas for key in book.keys_of(record)]
        frame = current.session.frame()
        if frame is None or not keys:
            return
        shapes = np.array([book.geometry[key] for key in keys], dtype=object)
        found: set[int] = set()
        for box in shapely.bounds(frame.unproject_geometries(shapes)).tolist():
            found.update(store.shapes_in(tuple(box)))
        headers = (read_header(entry.header) for entry in store.entries_at(sorted(found)))
        self._touched.add("records", [one.record for one in headers if one.kind in _REPORTS])

    def step(self, stop: Callable[[], bool]) -> None:
        """Look again at what waits, until told to stop; what was touched comes first."""
        for waiting, told in ((self._touched, True), (self._later, False)):
            while waiting.count():
                if waiting.clusters:
                    self._look_at_ground(_first(waiting.clusters, _CLUSTERS), around=told)
                elif waiting.records:
                    self._notes.read(_first(waiting.records, _RECORDS))
                else:
                    self._look_at_said(_first(waiting.said, _SAID))
                if stop():
                    return

    @property
    def whole(self) -> int:
        """Parts of the whole that have yet to be looked at again."""
        return len(self._stale)

    def step_whole(self) -> None:
        """Look again at one part of what can only be looked at as a whole."""
        (name,) = _first(self._stale, 1)
        current = self._current
        if name == _BETWEEN:
            self._parts[name] = self._notes.between(current.items["reported"])
        else:
            register_of(current.session)
            self._parts[name] = self._life.parts(current.books)[name]()

    def _look_at_ground(self, names: list[str], *, around: bool) -> None:
        """Look again at some clusters, and at those around whose box meets, or met, one of theirs.

        What is told of the ground of a cluster is whole when all that it meets is in the scene.
        """
        land = self._current.land
        boxes: list[NDArray[np.float64]] = []
        told: set[str] = set()
        for name in names:
            before = self._seen.pop(name, None)
            if before is not None:
                boxes.append(before.box)
                told.update(before.records)
            if name in land.clusters:
                self._seen[name] = _seen(self._current, name)
                boxes.append(self._seen[name].box)
        inner = {name for name in names if name in land.clusters}
        if around:
            inner |= {name for box in boxes for name in land.meeting(box)}
        outer = inner.union(*(land.meeting(land.box(name)) for name in inner))
        told.update(r for name in inner for r in _records(land.clusters[name]))
        self._tell_ground(told, [land.clusters[name] for name in sorted(outer)])

    def _tell_ground(self, told: set[str], part: list[Cluster], beside: Iterable[str] = ()) -> None:
        current = self._current
        frame = current.session.frame()
        for record in told:
            self._ground.pop(record, None)
        if frame is None:
            return
        scene = Scene(current.books.land, ordinal(self._day), self._noise, part=part, beside=beside)
        names = {one.id: one.name for one in current.session.workspace.settings.organisations}
        for one in scene_findings(scene, frame, names, named=current.books.named):
            if one.record in told:
                self._ground.setdefault(one.record, []).append(one)

    def _look_at_said(self, records: list[str]) -> None:
        """Look again at what was said and decided of some records."""
        book, items = self._current.books.land, self._current.books.items
        for record in records:
            self._said.pop(record, None)
        ground = [one for one in records if one in book.statements]
        others = {one: items[one] for one in records if one in items and _REPORT not in one}
        for found in (
            said_findings(book, self._said_day, ground),
            decided_findings(book, others, self._said_day),
        ):
            for one in found:
                self._said.setdefault(one.record, []).append(one)
        apart = {one for one in ground if not self._current.land.holding(one)}
        if apart:  # ground that no cluster holds
            self._tell_ground(apart, [], [one for one in apart if one in book.views])

    def newest_of(self, one: KeptFinding) -> int:
        """``seq`` of the newest statement that a finding concerns; 0 where none is known."""
        return max(self._notes.newest.get(record, 0) for record in (one.record, one.other))

    def findings(self) -> list[KeptFinding]:
        """All findings, in order of code and records, as `service.findings` computes them."""
        current, notes = self._current, self._notes
        received = day_received(current.session)
        names = list(self._life.parts(current.books))
        found = [
            *_flat(notes.found),
            *self._parts.get(_BETWEEN, ()),
            *_flat(self._said),
            *revocation_findings(current.books.land),
            *_flat(self._ground),
            *self._life.of_reports(),
            *(one for name in names for one in self._parts.get(name, ())),
        ]
        kept = [kept_finding(one, notes.newest, received) for one in found]
        kept += delivery_findings(current.session, notes.source, protected=False)
        return told_once(kept)


def _flat(found: dict[str, list[Finding]]) -> list[Finding]:
    return [one for some in found.values() for one in some]


def _first(waiting: dict[str, None], count: int) -> list[str]:
    """The first of what waits, which wait no longer."""
    chosen = list(islice(waiting, count))
    for one in chosen:
        del waiting[one]
    return chosen


def _records(cluster: Cluster) -> tuple[str, ...]:
    return (*cluster.hazards, *cluster.releases)


def _seen(current: Current, name: str) -> _Seen:
    return _Seen(_records(current.land.clusters[name]), current.land.box(name))


def _is_cancelled(views: Views | None) -> bool:
    view = views[0] if views else None
    return isinstance(view, ReleaseView) and view.claim == CANCELLED
