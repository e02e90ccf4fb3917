"""What one source must know of the others: summaries beside reports, and later disposals.

A summary is *compared, not added* while the same organisation has, over the same place and days,
a report (rules §4) or a finer summary: one over fewer days, else of a place within, else with the
smaller record id. So nothing is counted twice, and which one counts depends on neighbours alone.
A summary without a place speaks of all places. A spot task stands beside a summary of spot tasks
or one that does not name its activity.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from tilth.core.items.lines import KINDS, LaterDisposal, Tally, later_disposals, lots, when
from tilth.core.items.model import SMALL_ARMS, ItemSource
from tilth.core.statement import record_id, split_record_id

__all__ = ["Context", "Facts", "ItemIndex", "Lineage", "Transfer", "facts_of"]

Lineage = Callable[[str], tuple[str, ...]]
"""A place and every place that holds it, itself first; the gazetteer knows."""

_SUMMARY, _SPOT = "clearance_summary", "spot_task"
_OTHER_WORK = ("eod_spot_task", "stockpile_destruction")
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
    activity
        Of a summary, as entered.
    first, last
        Days (ordinals) of the work.
    found
        Pieces found, small arms apart: what a summary is compared with.
    """

    record: str
    kind: str
    statement: str
    organisation: str
    place: str
    activity: str
    first: int
    last: int
    found: int
    transfers: tuple[Transfer, ...]
    later: tuple[LaterDisposal, ...]


@dataclass(frozen=True, slots=True)
class Context:
    """What `contributions` asks of the other sources."""

    counted: bool = True
    later: tuple[LaterDisposal, ...] = ()


_ALONE = Context()


def facts_of(source: ItemSource, tallies: Sequence[Tally] | None = None) -> Facts:
    """Extract the facts of a source, whose lines may be tallied already."""
    first, last, _ = when(source)
    found = 0
    transfers: set[Transfer] = set()
    own = source.organisation
    for tally in lots(source) if tallies is None else tallies:
        lot = tally.lot
        if lot.received_from:
            transfers.add(Transfer(lot.received_from, own, lot.category, lot.model, True))
        elif lot.category != SMALL_ARMS:
            found += tally.pieces
        if lot.handed_over_to:
            transfers.add(Transfer(own, lot.handed_over_to, lot.category, lot.model, False))
    return Facts(
        source.record,
        source.kind,
        source.statement,
        source.organisation,
        source.place,
        source.fields.get("activity", ""),
        first,
        last,
        found,
        tuple(sorted(transfers)),
        tuple(later_disposals(source)),
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
        """Reports and spot tasks by (organisation, place that holds theirs), then by stretch of
        days: a summary asks only the days it speaks of."""
        self._summaries: dict[tuple[str, str], dict[str, Facts]] = {}
        """Summaries by (organisation, their own place)."""
        self._within: dict[tuple[str, str], dict[str, Facts]] = {}
        """Summaries by (organisation, place that holds theirs)."""
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
        counted = facts.kind != _SUMMARY or next(self.beside(facts), None) is None
        later = self._later_of(record) if self._later else ()
        return _ALONE if counted and not later else Context(counted, later)

    def dependent(self) -> list[str]:
        """Records of which others say more than they do themselves: their context is not bare."""
        named = {target for author, name in self._later for target in self.targets(author, name)}
        summaries = {r for shelf in self._summaries.values() for r in shelf}
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
        records.update(one.record for one in self._summaries_over(facts))
        records.discard(facts.record)
        return {record for record in records if record in self.facts}

    def beside(self, summary: Facts) -> Iterator[Facts]:
        """Sources that say in detail what a summary sums: it is compared with them."""
        seen: set[str] = set()
        own = (summary.organisation, summary.place)
        for shelf in _stretches(self._reports.get(own, {}), summary):
            for other in shelf.values():
                if other.record not in seen and _is_detail(other, summary):
                    seen.add(other.record)
                    yield other
        rank = self._rank(summary)
        for other in self._summaries_near(summary):
            if self._rank(other) < rank:
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
        organisation = facts.organisation
        if facts.kind == _SUMMARY:
            yield self._summaries.setdefault((organisation, facts.place), {})
            for place in self._places(facts.place):
                yield self._within.setdefault((organisation, place), {})
            return
        for place in self._places(facts.place):
            stretches = self._reports.setdefault((organisation, place), {})
            for stretch in range(facts.first >> _STRETCH, (facts.last >> _STRETCH) + 1):
                yield stretches.setdefault(stretch, {})

    def _summaries_near(self, facts: Facts) -> Iterator[Facts]:
        """Summaries of the same work and days, of the place, one within or one around it."""
        organisation = facts.organisation
        near = dict(self._within.get((organisation, facts.place), {}))
        for place in self._places(facts.place):
            near.update(self._summaries.get((organisation, place), {}))
        yield from (other for other in near.values() if _is_detail(facts, other))

    def _summaries_over(self, facts: Facts) -> Iterator[Facts]:
        """Summaries that may count or not count because of this source."""
        if facts.kind == _SUMMARY:
            yield from self._summaries_near(facts)
            return
        for place in self._places(facts.place):
            for other in self._summaries.get((facts.organisation, place), {}).values():
                if _is_detail(facts, other):
                    yield other

    def _rank(self, summary: Facts) -> tuple[int, int, str]:
        """Order of summaries from fine to coarse."""
        depth = len(self._places(summary.place))
        return summary.last - summary.first, -depth, summary.record


def _is_detail(other: Facts, summary: Facts) -> bool:
    """Whether another source of the organisation speaks of the summary's kind of work and days."""
    if other.record == summary.record or other.last < summary.first or other.first > summary.last:
        return False
    if other.kind == _SPOT:
        return summary.activity in ("", "eod_spot_task")
    if other.kind == _SUMMARY:
        return other.activity == summary.activity or not (other.activity and summary.activity)
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
