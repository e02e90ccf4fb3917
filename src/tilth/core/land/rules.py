"""What becomes of one face of ground, day by day: the table of rules.md §3 as a pure function.

A *face* is ground covered by exactly one set of shapes. Its history depends on nothing but that
set and the views of the level, so that both engines, which only measure faces, share these rules.

Each hazard that holds the face has an *entry*. An entry is open (suspected, not released), credited
to a release, or an overlap: counted under another hazard of the same suspicion. Of the open entries
the one that ranks first shows the ground as remaining, the others as overlap.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Any, NamedTuple

from tilth.core.days import NEVER
from tilth.core.land.views import (
    CLEARED,
    Ground,
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
    extension. Releases are in the order of credit. At *prudent* ``approved`` is the case at
    *approved*: what an approved release added to a hazard stays its ground, and is credited only as
    far as every later statement of that release agrees.
    """

    hazards: list[HazardView]
    releases: list[ReleaseView]
    revocations: list[RevocationView]
    processed: list[ProcessedView]
    masks: list[tuple[frozenset[str], int]]
    approved: Case | None = None
    by_record: dict[str, int] = field(default_factory=dict)
    rings: frozenset[str] = frozenset()
    bearing: frozenset[str] = frozenset()
    late: bool = False
    entries: dict[frozenset[str], list[Any]] = field(default_factory=dict)
    _by_key: dict[str, list[int]] = field(default_factory=dict)
    _works_by_key: dict[str, list[ProcessedView]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Index hazards by record and put releases in the order of credit."""
        self.releases.sort(key=lambda release: release.order)
        self.by_record = {hazard.record: n for n, hazard in enumerate(self.hazards)}
        self.rings = frozenset(k for h in self.hazards for g in h.grounds for k in g.keys)
        grounds = [*(r.ground for r in self.releases), *(v.ground for v in self.revocations)]
        said = {key for ground in grounds for keys in ground for key in keys}
        said |= {key for work in self.processed for key in work.keys}
        self.bearing = self.rings.union(said, *(keys for keys, _ in self.masks))
        starts = [max(g.opens for g in h.grounds) for h in self.hazards if h.grounds]
        starts += [h.suspected(prudent=p)[0] for h in self.hazards for p in (False, True)]
        counts = min((release.counts for release in self.releases), default=NEVER)
        self.late = max(starts, default=0) > counts
        for work in self.processed:
            for key in work.keys:
                self._works_by_key.setdefault(key, []).append(work)
        for number, release in enumerate(self.releases):
            for key in release.ground[0]:
                self._by_key.setdefault(key, []).append(number)

    def essence(self, face: frozenset[str]) -> frozenset[str]:
        """What of a covering set its history can depend on; equal essences, equal histories.

        Zones matter only where a release may come before a hazard, outside every ring.
        """
        if self.late or self.rings.isdisjoint(face):
            return face
        return face & self.bearing

    def works_over(self, face: frozenset[str]) -> list[ProcessedView]:
        """Reports whose polygons cover a face."""
        return [work for key in face for work in self._works_by_key.get(key, ())]

    def releases_over(self, face: frozenset[str]) -> list[int]:
        """Positions of the releases that cover a face, in the order of credit."""
        near = {number for key in face for number in self._by_key.get(key, ())}
        return sorted(number for number in near if _covers(self.releases[number].ground, face))

    @property
    def prudent(self) -> bool:
        """Whether undecided statements are read the way that leaves more ground remaining."""
        return self.approved is not None


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
    maker: str = ""
    active: bool = False
    open: bool = False
    credit: int = -1
    shallow: bool = False
    worked: int = NEVER
    again: tuple[int, ...] = ()
    inherits: tuple[int, ...] = ()
    segments: list[Segment] = field(default_factory=list)

    @property
    def extension(self) -> bool:
        """Whether a release added the ground, outside every ring."""
        return bool(self.maker)

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
    if release.day > entry.day or release.record == entry.maker:
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
        self.releases = case.releases_over(face)
        self.revocations = [v for v in case.revocations if _covers(v.ground, face)]
        self.works = case.works_over(face)
        for entry in self.entries:
            entry.worked = self._first_work(entry.day)
        self.loose: list[tuple[int, bool]] = []
        self.extended = self._extended_at_approved()

    def _hazard_entries(self) -> list[_Entry]:
        """Entries of the hazards whose ground holds the face; made once for each set of rings."""
        rings = self.face & self.case.rings
        if rings not in self.case.entries:
            self.case.entries[rings] = self._new_entries()
        return [replace(entry, segments=[]) for entry in self.case.entries[rings]]

    def _new_entries(self) -> list[_Entry]:
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
                    any(self._in_first(g) for g in grounds),
                )
            )
        self._inherit(entries)
        return entries

    def _in_first(self, ground: Ground) -> bool:
        if self.case.prudent:
            return ground.first and ground.approved and self.face.issuperset(ground.keys)
        return ground.first

    def _extended_at_approved(self) -> dict[int, tuple[str, ReleaseView]]:
        """By day: the hazard and the release that extended it over this face, at *approved*."""
        base = self.case.approved
        if base is None:
            return {}
        within = [opens for keys, opens in base.masks if not self.face.isdisjoint(keys)]
        first = min((base.releases[n].counts for n in base.releases_over(self.face)), default=NEVER)
        if first >= min(within, default=NEVER):
            return {}  # within a hazard from the first release on: there is nothing to extend
        return {
            segments[0].since: (base.hazards[hazard].record, base.releases[segments[0].release])
            for hazard, extension, segments in history(self.face, base).entries
            if extension
        }

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
        """Whether the authority accepted that the ground is suspected, or that it was added."""
        if not (
            entry.extension
            or any(ok for *_, name, ok in entry.view.classes if name != "indication")
        ):
            return False
        return entry.extension or any(
            g.approved and not self.face.isdisjoint(g.keys) for g in entry.view.grounds
        )

    def run(self) -> History:
        releases = self.case.releases
        for day in sorted(self._days()):
            if self._settled_for_good(day):
                break
            opening = [e for e in self.entries if e.opens == day and not e.active]
            for entry in sorted(opening, key=lambda e: e.rank(day)):
                self._open(entry, day)
            if any(v.opens == day for v in self.revocations):
                self._revoke(day)
            if day in self.extended:
                self._extend_as_approved(day)
            for number in self.releases:
                if releases[number].counts == day:
                    self._release(number, day)
            self._note(day)
        return History(
            tuple((e.hazard, e.extension, tuple(e.segments)) for e in self.entries if e.segments),
            tuple(self.loose),
        )

    def _settled_for_good(self, day: int) -> bool:
        """Whether nothing from a day on can change the face: all credited and re-processed."""
        if self.revocations or not self.entries or self.extended:
            return False
        if any(entry.opens >= day or entry.open for entry in self.entries):
            return False
        settled = [entry for entry in self.entries if entry.credit >= 0]
        newest = max(settled, key=lambda e: (e.day, e.view.record), default=None)
        return newest is not None and bool(newest.again)

    def _days(self) -> set[int]:
        days = {entry.opens for entry in self.entries}
        days |= {self.case.releases[n].counts for n in self.releases}
        days |= {v.opens for v in self.revocations}
        if self.revocations:  # ground may open again at any time
            days |= {work.opens for work in self.works}
        days |= {entry.worked for entry in self.entries if entry.worked < NEVER}
        days |= set(self.extended)
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
        countable = [
            entry
            for entry in open_
            if _may_count(release, entry)
            and (entry.maker != release.record or self._agrees(release, entry, day))
        ]
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
            max(settled, key=lambda e: (e.day, e.view.record)).again += (number,)
        elif not self.case.prudent and not any(entry.active for entry in self.entries):
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
            self._added(named, release, day).credit = number

    def _added(self, hazard: int, release: ReleaseView, day: int) -> _Entry:
        """New entry of ground that a release adds; the hazard's own ring may take it in later."""
        self.entries = [entry for entry in self.entries if entry.hazard != hazard]
        view = self.case.hazards[hazard]
        entry = _Entry(hazard, view, day, release.day, False, maker=release.record, active=True)
        entry.worked = self._first_work(entry.day)
        self.entries.append(entry)
        return entry

    def _first_work(self, day: int) -> int:
        """Day on which ground of a day was first worked since, or NEVER."""
        return min((work.opens for work in self.works if work.day >= day), default=NEVER)

    def _extend_as_approved(self, day: int) -> None:
        """What is an extension at *approved* is ground of the hazard; credit needs agreement."""
        record, release = self.extended[day]
        entry = self._added(self.case.by_record[record], release, day)
        entry.open = True
        for number in self.releases:
            one = self.case.releases[number]
            same = one.record == release.record and one.counts < day
            if same and self._agrees(one, entry, day) and not self._void(number, day):
                entry.credit, entry.open = number, False

    def _agrees(self, release: ReleaseView, entry: _Entry, day: int) -> bool:
        """Whether a release still says that it cleared the ground it added, for that hazard."""
        named = release.named == entry.view.record and release.claim == CLEARED
        return named and release.deep_enough(*entry.view.required(day))

    def _revoke(self, day: int) -> None:
        for entry in sorted(self.entries, key=lambda e: (-e.day, e.view.record)):
            if entry.credit < 0 or not self._void(entry.credit, day):
                continue
            entry.credit = -1
            entry.credit = self._successor(entry, day)
            if entry.credit < 0:
                again = any(
                    other is not entry
                    and (other.open or other.credit >= 0)
                    and (not self.case.prudent or self._sure(other))
                    for other in self.entries
                )
                entry.open = not again
                entry.again = ()

    def _successor(self, entry: _Entry, day: int) -> int:
        taken = self._credited()
        for number in self.releases:
            release = self.case.releases[number]
            if release.counts > day or number in taken or self._void(number, day):
                continue
            fits = not release.whole or release.named == entry.view.record
            if not fits or not _may_count(release, entry):
                continue
            if release.deep_enough(*entry.view.required(release.counts)):
                return number
            entry.shallow = True
        return -1

    def _note(self, day: int) -> None:
        """Write down what changed on a day."""
        open_ = [entry for entry in self.entries if entry.open]
        owner = min(open_, key=lambda e: e.rank(day)) if open_ else None
        for entry in self.entries:
            if not entry.active:
                continue
            status = RELEASED if entry.credit >= 0 else REMAINING if entry is owner else OVERLAP
            processed = status == REMAINING and (entry.shallow or entry.worked <= day)
            reprocessed = status == RELEASED and any(
                n != entry.credit and not self._void(n, day) for n in entry.again
            )
            segment = Segment(day, status, entry.credit, processed, reprocessed)
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
