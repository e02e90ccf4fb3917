"""What one source must know of the others: summaries beside reports, and later disposals.

A summary is *compared, not added* while the same organisation has a report over the same place
and days (rules §4): each thing is counted where it is told in most detail. Two sources that name
different hazards do not speak of the same. A summary without a place speaks of all places. A spot
task stands beside a summary of spot tasks, or one that does not name its activity. A released
area that lists items sums the clearance reports of its hazard (or, without one, of its place).
Two summaries over the same place and days are both counted, and noticed: nothing says which one
holds the other.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from tilth.core.items.contributions import WorkDone, work_of
from tilth.core.items.lines import KINDS, LaterDisposal, later_disposals, when
from tilth.core.items.lots import Lot, Tally, is_open, named_lines
from tilth.core.items.model import SMALL_ARMS, ItemSource
from tilth.core.statement import record_id, split_record_id

__all__ = [
    "Context",
    "Facts",
    "ItemIndex",
    "Lineage",
    "Transfer",
    "facts_of",
    "made_facts",
    "transfers_of",
]

Lineage = Callable[[str], tuple[str, ...]]
"""A place and every place that holds it, itself first; the gazetteer knows."""

_SUMMARY, _SPOT, _RELEASE = "clearance_summary", "spot_task", "released_area"
_STOCK = "stockpile_destruction"
_SUMS = (_SUMMARY, _RELEASE)
_OTHER_WORK = ("eod_spot_task", _STOCK)
"""Activities of a summary that clearance reports do not speak of."""

_STRETCH = 3
"""Days are shelved by 2**3: reports of a summary's week stand on at most two shelves."""


class Transfer(NamedTuple):
    """That a source hands something over, or receives it."""

    giver: str
    receiver: str
    category: str
    model: str
    received: bool


@dataclass(frozen=True, slots=True)
class Facts:
    """What other sources need to know of a source; small, so that all can be held.

    Parameters
    ----------
    hazard, activity
        As entered; empty when not given.
    first
        First day (ordinal) of the work; of a release that does not say when work began, day 1.
    found
        Pieces found, small arms apart: what a summary is compared with.
    still_open
        Lines that a later line may still dispose of: all that were not destroyed at once.
    later
        Disposals of earlier lines that it tells of.
    """

    record: str
    kind: str
    statement: str
    work: WorkDone
    hazard: str
    activity: str
    first: int
    found: int
    transfers: tuple[Transfer, ...]
    still_open: tuple[Tally, ...]
    later: tuple[LaterDisposal, ...]

    @property
    def organisation(self) -> str:
        """Who did the work."""
        return self.work.organisation

    @property
    def place(self) -> str:
        """Where, as entered."""
        return self.work.place

    @property
    def last(self) -> int:
        """Last day (ordinal) of the work."""
        return self.work.day


@dataclass(frozen=True, slots=True)
class Context:
    """What `contributions` asks of the other sources."""

    counted: bool = True
    later: tuple[LaterDisposal, ...] = ()


_ALONE = Context()


def facts_of(source: ItemSource, tallies: Sequence[Tally], where: tuple[str, ...] = ()) -> Facts:
    """Extract the facts of a source whose lines are tallied already (`tilth.core.items.lots`)."""
    found = 0
    for tally in tallies:
        if tally.lot.category != SMALL_ARMS and not tally.lot.received_from:
            found += tally.pieces
    work = work_of(source)
    return made_facts(
        source,
        work,
        found,
        transfers_of(source, (tally.lot for tally in tallies)),
        [tally for tally in named_lines(source, where) if is_open(tally.lot, work.day)],
        later_disposals(source),
    )


def transfers_of(source: ItemSource, lots: Iterable[Lot]) -> set[Transfer]:
    """Handovers that the lots of a source tell of."""
    own = source.organisation
    found = set()
    for lot in lots:
        if lot.received_from:
            found.add(Transfer(lot.received_from, own, lot.category, lot.model, True))
        if lot.handed_over_to:
            found.add(Transfer(own, lot.handed_over_to, lot.category, lot.model, False))
    return found


def made_facts(
    source: ItemSource,
    work: WorkDone,
    found: int,
    transfers: set[Transfer],
    still_open: Iterable[Tally],
    later: Iterable[LaterDisposal],
) -> Facts:
    """Facts of a source, from what was counted while its lines were read."""
    first = when(source).first
    if source.kind == _RELEASE and "started_on" not in source.fields:
        first = 1
    get = source.fields.get
    return Facts(
        source.record,
        source.kind,
        source.statement,
        work,
        get("hazard", ""),
        get("activity", ""),
        first,
        found,
        tuple(sorted(transfers)),
        tuple(still_open),
        tuple(later),
    )


class ItemIndex:
    """Facts of all sources, arranged so that one more report asks only its neighbours.

    Parameters
    ----------
    lineage
        See `Lineage`; without a gazetteer each place stands alone. A changed gazetteer needs a
        new index.
    """

    def __init__(self, lineage: Lineage | None = None) -> None:
        self._lineage = lineage or (lambda place: (place,))
        self.facts: dict[str, Facts] = {}
        self._reports: dict[tuple[str, str], dict[int, dict[str, Facts]]] = {}
        """Reports and spot tasks by organisation and by each place that holds theirs, or hazard;
        then by stretch of days: a summary asks only the days it speaks of."""
        self._sums: dict[tuple[str, str], dict[str, Facts]] = {}
        """Summaries and releases by organisation and their own place, or hazard."""
        self._later: dict[tuple[str, str], dict[str, list[LaterDisposal]]] = {}
        """Later disposals by (author, report as named), then by the record that says so."""

    def put(self, facts: Facts) -> None:
        """Add a source's facts, in place of any the record had."""
        if facts.record in self.facts:
            self.remove(facts.record)
        self.facts[facts.record] = facts
        for shelf in self._shelves(facts):
            shelf[facts.record] = facts
        author = split_record_id(facts.record)[0]
        for one in facts.later:
            said = self._later.setdefault((author, one.target), {})
            said.setdefault(facts.record, []).append(one)

    def remove(self, record: str) -> None:
        """Take a source's facts out; a record that is not held is no error."""
        facts = self.facts.pop(record, None)
        if facts is None:
            return
        for shelf in self._shelves(facts):
            shelf.pop(record, None)
        author = split_record_id(record)[0]
        for one in facts.later:
            self._later[author, one.target].pop(record, None)

    def context(self, record: str) -> Context:
        """What the others mean for a record that is held."""
        facts = self.facts[record]
        counted = facts.kind not in _SUMS or next(self.beside(facts), None) is None
        later = self._later_of(record) if self._later else ()
        return _ALONE if counted and not later else Context(counted, later)

    def dependent(self) -> list[str]:
        """Records of which others say more than they do themselves: their context is not bare."""
        named = {target for author, name in self._later for target in self.targets(author, name)}
        summaries = {record for shelf in self._sums.values() for record in shelf}
        return sorted(r for r in named | summaries if self.context(r) is not _ALONE)

    def touched(self, facts: Facts) -> set[str]:
        """Other records whose contributions may change when this source comes or goes.

        To be asked while the source is held.
        """
        author, _, local_id = split_record_id(facts.record)
        records = {target for one in facts.later for target in self.targets(author, one.target)}
        # Another record of the same local id may have answered to, or now lose, a reference.
        if (author, local_id) in self._later:
            records.update(record_id(author, kind, local_id) for kind in KINDS)
        records.update(one.record for one in self._sums_over(facts))
        records.discard(facts.record)
        return {record for record in records if record in self.facts}

    def beside(self, summary: Facts) -> Iterator[Facts]:
        """Reports that say in detail what a summary sums: it is compared with them."""
        seen: set[str] = set()
        for shelf in _stretches(self._reports.get(_home(summary), {}), summary):
            for other in shelf.values():
                if other.record not in seen and _is_detail(other, summary):
                    seen.add(other.record)
                    yield other

    def twins(self, summary: Facts) -> Iterator[Facts]:
        """Summaries of the same organisation, work and place over any of the same days."""
        for other in self._sums.get(_home(summary), {}).values():
            if other.kind == summary.kind == _SUMMARY and other.record != summary.record:
                same_work = _agree(other.activity, summary.activity)
                if same_work and _agree(other.hazard, summary.hazard) and _meet(other, summary):
                    yield other

    def targets(self, author: str, name: str) -> tuple[str, ...]:
        """Return the record that a reference names: a full id, else a local id of the author's."""
        if name in self.facts and split_record_id(name)[0] == author:
            return (name,)
        for kind in KINDS:
            record = record_id(author, kind, name)
            if record in self.facts:
                return (record,)
        return ()

    def unanswered(self, record: str) -> list[LaterDisposal]:
        """Later disposals said by a record whose report is not held."""
        author = split_record_id(record)[0]
        return [o for o in self.facts[record].later if not self.targets(author, o.target)]

    def _places(self, place: str) -> tuple[str, ...]:
        """Return the place, those that hold it, and the one that holds them all."""
        named = self._lineage(place) if place else ()
        return (*dict.fromkeys((*named, "")),) if place else ("",)

    def _later_of(self, record: str) -> tuple[LaterDisposal, ...]:
        author, _, local_id = split_record_id(record)
        said = []
        for name in (local_id, record):
            if record in self.targets(author, name):
                said += [
                    one for lines in self._later.get((author, name), {}).values() for one in lines
                ]
        return tuple(sorted(said, key=lambda one: (one.last, one.record, one.line_id)))

    def _shelves(self, facts: Facts) -> Iterator[dict[str, Facts]]:
        """Every place of the index where a source stands."""
        if facts.kind in _SUMS:
            yield self._sums.setdefault(_home(facts), {})
            return
        for shelf in self._rooms(facts):
            stretches = self._reports.setdefault(shelf, {})
            for stretch in range(facts.first >> _STRETCH, (facts.last >> _STRETCH) + 1):
                yield stretches.setdefault(stretch, {})

    def _rooms(self, report: Facts) -> list[tuple[str, str]]:
        """Where summaries that a report may stand beside have their home."""
        rooms = [(report.organisation, place) for place in self._places(report.place)]
        return [*rooms, (report.organisation, f"#{report.hazard}")] if report.hazard else rooms

    def _sums_over(self, facts: Facts) -> Iterator[Facts]:
        """Summaries that may count or not count because of this source."""
        if facts.kind not in _SUMS:
            for room in self._rooms(facts):
                for other in self._sums.get(room, {}).values():
                    if _is_detail(facts, other):
                        yield other


def _home(summary: Facts) -> tuple[str, str]:
    """Where a summary is kept: a release that names its hazard by that, all others by place."""
    by_hazard = summary.kind == _RELEASE and summary.hazard
    return summary.organisation, f"#{summary.hazard}" if by_hazard else summary.place


def _agree(one: str, other: str) -> bool:
    return one == other or not (one and other)


def _meet(one: Facts, other: Facts) -> bool:
    return one.first <= other.last and other.first <= one.last


def _is_detail(report: Facts, summary: Facts) -> bool:
    """Whether a report of the organisation speaks of the summary's work, days and hazard."""
    if not _meet(report, summary) or not _agree(report.hazard, summary.hazard):
        return False
    if summary.kind == _RELEASE:
        return report.kind not in (_SPOT, _STOCK)
    if report.kind == _SPOT:
        return summary.activity in ("", "eod_spot_task")
    if report.kind == _STOCK:
        return summary.activity == _STOCK
    return summary.activity not in _OTHER_WORK


def _stretches(
    stretches: dict[int, dict[str, Facts]], summary: Facts
) -> Iterator[dict[str, Facts]]:
    """Shelves of the days a summary speaks of, by whichever way asks fewer."""
    first, last = summary.first >> _STRETCH, summary.last >> _STRETCH
    if last - first < len(stretches):
        yield from (stretches[at] for at in range(first, last + 1) if at in stretches)
    else:
        yield from (shelf for at, shelf in stretches.items() if first <= at <= last)
