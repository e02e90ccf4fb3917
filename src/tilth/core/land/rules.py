"""What becomes of one face of ground, day by day: the table of rules.md §3 as a pure function.

A *face* is ground covered by exactly one set of shapes. Its history depends on nothing but that
set and the views of the level, so that both engines, which only measure faces, share these rules.

Each hazard that holds the face has an *entry*. An entry is open (suspected, not released), credited
to a release, or an overlap: counted under another hazard of the same suspicion. Of the open entries
the one that ranks first shows the ground as remaining, the others as overlap.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import NamedTuple

from tilth.core.days import NEVER
from tilth.core.land.views import (
    CLEARED,
    HazardView,
    ProcessedView,
    ReleaseView,
    RevocationView,
    zone_key,
)

__all__ = ["OVERLAP", "RELEASED", "REMAINING", "Case", "History", "Segment", "history"]

REMAINING, RELEASED, OVERLAP = 1, 2, 3


class Segment(NamedTuple):
    """State of an entry from a day on; ``release`` is a position in the case's releases or -1."""

    since: int
    status: int
    release: int
    processed: bool
    reprocessed: bool


@dataclass(slots=True)
class Case:
    """Views of one cluster at one level.

    ``masks`` are (keys, day) of hazards in force at *any* level: ground within them is never an
    extension. Releases are in the order of credit.
    """

    hazards: list[HazardView]
    releases: list[ReleaseView]
    revocations: list[RevocationView]
    processed: list[ProcessedView]
    masks: list[tuple[frozenset[str], int]]
    prudent: bool = False
    by_record: dict[str, int] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Index hazards by record and put releases in the order of credit."""
        self.releases.sort(key=lambda release: release.order)
        self.by_record = {hazard.record: n for n, hazard in enumerate(self.hazards)}


class History(NamedTuple):
    """What became of a face: (hazard position, extension, segments) and the unattached spans."""

    entries: tuple[tuple[int, bool, tuple[Segment, ...]], ...]
    unattached: tuple[tuple[int, bool], ...]


@dataclass(slots=True)
class _Entry:
    hazard: int
    view: HazardView
    opens: int
    day: int
    first: bool
    extension: bool = False
    active: bool = False
    open: bool = False
    credit: int = -1
    shallow: bool = False
    reprocessed: bool = False
    inherits: tuple[int, ...] = ()
    segments: list[Segment] = field(default_factory=list)

    def rank(self, day: int) -> tuple[bool, bool, int, str]:
        """Order among overlapping hazards as at a day (rules §3, "hazards overlap")."""
        return (
            self.view.replaced <= day,
            self.view.class_at(day) != "CHA",
            self.view.day,
            self.view.record,
        )


def _covers(ground: tuple[tuple[str, ...], ...], face: frozenset[str]) -> bool:
    return all(not face.isdisjoint(keys) for keys in ground)


def _may_count(release: ReleaseView, entry: _Entry) -> bool:
    """A release touches no ground of a later day, unless it names the hazard (first ring only)."""
    if release.day > entry.day:
        return True
    named = release.named == entry.view.record
    return named and (release.day == entry.day or entry.first)


def history(face: frozenset[str], case: Case) -> History:
    """History of a face at one level, for every *until* at once.

    Parameters
    ----------
    face
        Keys of every shape that covers the face.
    case
        The views.

    Returns
    -------
    History
        One entry for each hazard that ever holds the ground, extensions included; segments in
        order of day, each holding until the next.
    """
    return _Face(face, case).run()


class _Face:
    def __init__(self, face: frozenset[str], case: Case) -> None:
        self.face, self.case = face, case
        self.entries = self._hazard_entries()
        self.releases = [
            n for n, release in enumerate(case.releases) if _covers(release.ground, face)
        ]
        self.revocations = [v for v in case.revocations if _covers(v.ground, face)]
        self.works = [p for p in case.processed if not face.isdisjoint(p.keys)]
        self.loose: list[tuple[int, bool]] = []

    def _hazard_entries(self) -> list[_Entry]:
        entries = []
        for number, view in enumerate(self.case.hazards):
            grounds = [g for g in view.grounds if not self.face.isdisjoint(g.keys)]
            opens, day = view.suspected(prudent=self.case.prudent)
            if not grounds or opens == NEVER:
                continue
            entered = [g.day for g in grounds]
            if self.case.prudent and not all(g.approved for g in grounds):
                sure = [g.day for g in grounds if g.approved] or [g.day for g in grounds if g.first]
                entered = sure or [max(entered)]
            entries.append(
                _Entry(
                    number,
                    view,
                    max(min(g.opens for g in grounds), opens),
                    max(min(entered), day),
                    any(g.first for g in grounds),
                )
            )
        self._inherit(entries)
        return entries

    def _inherit(self, entries: list[_Entry]) -> None:
        """On a parent's ground a child has the parent's day; grandparents first."""
        by_record = {entry.view.record: entry for entry in entries}
        for _ in entries:
            for entry in entries:
                parents = [by_record[p] for p in entry.view.parents if p in by_record]
                if self.case.prudent:
                    parents = [p for p in parents if entry.view.approved and self._sure(p)]
                if parents:
                    entry.inherits = tuple(p.hazard for p in parents)
                    entry.day = min(entry.day, *(p.day for p in parents))

    def _sure(self, entry: _Entry) -> bool:
        return any(g.approved and not self.face.isdisjoint(g.keys) for g in entry.view.grounds)

    def run(self) -> History:
        releases = self.case.releases
        for day in sorted(self._days()):
            for entry in sorted(self.entries, key=lambda e: e.rank(day)):
                if entry.opens == day and not entry.active:
                    self._open(entry, day)
            if any(v.opens == day for v in self.revocations):
                self._revoke(day)
            for number in self.releases:
                if releases[number].counts == day:
                    self._release(number, day)
            self._note(day)
        return History(
            tuple((e.hazard, e.extension, tuple(e.segments)) for e in self.entries if e.segments),
            tuple(self.loose),
        )

    def _days(self) -> set[int]:
        days = {entry.opens for entry in self.entries}
        days |= {self.case.releases[n].counts for n in self.releases}
        days |= {v.opens for v in self.revocations} | {w.opens for w in self.works}
        for entry in self.entries:
            later = {one[0] for one in entry.view.classes} | {entry.view.replaced}
            days |= {day for day in later if entry.opens < day < NEVER}
        return days

    def _void(self, number: int, day: int) -> bool:
        release = self.case.releases[number]
        return any(
            v.opens <= day and release.day <= v.day and release.record not in v.standing
            for v in self.revocations
        )

    def _credited(self) -> set[int]:
        return {entry.credit for entry in self.entries if entry.credit >= 0}

    def _open(self, entry: _Entry, day: int) -> None:
        entry.active = True
        taken = {e.hazard for e in self.entries if e.active and e.credit >= 0}
        if not taken.isdisjoint(entry.inherits):
            return  # what a release took before the split stays with the parent
        need = entry.view.required(day)
        for number in self.releases:
            release = self.case.releases[number]
            early = release.counts <= day and release.day < entry.day and entry.first
            named = release.named == entry.view.record and not release.whole
            if early and named and not self._void(number, day) and release.deep_enough(*need):
                if number not in self._credited():
                    entry.credit = number
                return
        entry.open = True

    def _release(self, number: int, day: int) -> None:
        release = self.case.releases[number]
        if self._void(number, day):
            return
        open_ = [entry for entry in self.entries if entry.open]
        countable = [entry for entry in open_ if _may_count(release, entry)]
        if release.whole and open_:
            owner = min(open_, key=lambda e: e.rank(day))
            countable = [owner] if owner in countable and owner.view.record == release.named else []
        if countable:
            needs = [entry.view.required(day) for entry in open_]
            if release.deep_enough(max(d for d, _ in needs), any(s for _, s in needs)):
                owner = min(countable, key=lambda e: e.rank(day))
                owner.credit = number
                for entry in countable:
                    entry.open = False
            else:
                for entry in open_:
                    entry.shallow = True
            return
        if release.whole:
            return  # it takes what remains, and nothing else
        settled = [entry for entry in self.entries if entry.active and entry.credit >= 0]
        if settled:
            max(settled, key=lambda e: (e.day, e.view.record)).reprocessed = True
        elif not any(entry.active for entry in self.entries):
            self._extend(number, day)

    def _extend(self, number: int, day: int) -> None:
        release = self.case.releases[number]
        named = self.case.by_record.get(release.named)
        if named is None or release.claim != CLEARED or release.whole:
            return
        if any(opens <= day and not self.face.isdisjoint(keys) for keys, opens in self.case.masks):
            return
        view = self.case.hazards[named]
        near = any(
            g.opens <= day and any(zone_key(key) in self.face for key in g.keys)
            for g in view.grounds
        )
        in_force = view.suspected(prudent=self.case.prudent)[0] <= day
        if near and in_force and release.deep_enough(*view.required(day)):
            own = [entry for entry in self.entries if entry.hazard == named]
            for entry in own:  # its own ring takes the ground in later: stays extension
                self.entries.remove(entry)
            self.entries.append(
                _Entry(named, view, day, release.day, False, extension=True, active=True)
            )
            self.entries[-1].credit = number

    def _revoke(self, day: int) -> None:
        for entry in sorted(self.entries, key=lambda e: (-e.day, e.view.record)):
            if entry.credit < 0 or not self._void(entry.credit, day):
                continue
            entry.credit = -1
            entry.credit = self._successor(entry, day)
            if entry.credit < 0:
                again = any(
                    other is not entry and (other.open or other.credit >= 0)
                    for other in self.entries
                )
                entry.open = not again
            entry.reprocessed = False

    def _successor(self, entry: _Entry, day: int) -> int:
        taken = self._credited()
        for number in self.releases:
            release = self.case.releases[number]
            if release.counts > day or number in taken or self._void(number, day):
                continue
            fits = not release.whole or release.named == entry.view.record
            deep = release.deep_enough(*entry.view.required(release.counts))
            if fits and deep and _may_count(release, entry):
                return number
        return -1

    def _note(self, day: int) -> None:
        """Write down what changed on a day."""
        open_ = [entry for entry in self.entries if entry.open]
        owner = min(open_, key=lambda e: e.rank(day)) if open_ else None
        worked = [work.day for work in self.works if work.opens <= day]
        for entry in self.entries:
            if not entry.active:
                continue
            status = RELEASED if entry.credit >= 0 else REMAINING if entry is owner else OVERLAP
            processed = status == REMAINING and (
                entry.shallow or any(w >= entry.day for w in worked)
            )
            segment = Segment(
                day, status, entry.credit, processed, status == RELEASED and entry.reprocessed
            )
            if not entry.segments or entry.segments[-1][1:] != segment[1:]:
                entry.segments.append(segment)
        loose = not any(entry.active for entry in self.entries) and any(
            self.case.releases[n].counts <= day
            and not self.case.releases[n].whole
            and not self._void(n, day)
            for n in self.releases
        )
        if loose != (self.loose[-1][1] if self.loose else False):
            self.loose.append((day, loose))
