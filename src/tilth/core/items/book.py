"""Everything the item account knows at one level, kept current source by source."""

from __future__ import annotations

from array import array
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import NamedTuple

import numpy as np

from tilth.core.items.bulk import Bulk, read
from tilth.core.items.context import ItemIndex, Lineage, facts_of
from tilth.core.items.contributions import adjustments, plain, work_of
from tilth.core.items.lots import lots
from tilth.core.items.model import ItemSource
from tilth.core.items.rollup import Rollup

__all__ = ["ItemBook", "Update", "Where"]

Where = Callable[[ItemSource], tuple[str, ...]]
"""Place of each item line against the ground, see `tilth.core.items.places`."""


class Update(NamedTuple):
    """What an update did.

    Parameters
    ----------
    records
        Records whose contributions may have changed, the changed ones included.
    delta
        Change of the rollup: an account over the old rollup and this one is the new account, so
        that a small change is kept beside the large rollup and need not rewrite it.
    """

    records: frozenset[str]
    delta: Rollup


class ItemBook:
    """Rollup, index, and what each source has added, so that it can be taken out exactly.

    Of a source only its facts and its own contributions are kept; no source is ever read again
    because another one changed.

    Parameters
    ----------
    lineage
        A place and all that hold it, see `tilth.core.items.context`.
    """

    def __init__(self, lineage: Lineage | None = None) -> None:
        self.rollup = Rollup()
        self.index = ItemIndex(lineage)
        self._plain: dict[str, array[int]] = {}
        """What each source tells by itself, counted or not."""
        self._loaded: tuple[dict[str, int], list[int], array[int]] = ({}, [0], array("q"))
        """The same of sources loaded together: row of each record, where rows start, one array."""
        self._left_out: set[str] = set()
        """Records whose contributions are compared, not added."""
        self._adjusted: dict[str, array[int]] = {}
        """What later lines change of a record's contributions."""
        self._journal: array[int] = array("q")
        """What the update that runs has changed so far."""

    def update(
        self, changes: Mapping[str, ItemSource | None], where: Where | None = None
    ) -> Update:
        """Put sources in force, or (None) out of force, and recompute whom that touches.

        Parameters
        ----------
        changes
            New source of each record that changed. A record whose items only moved against the
            ground is named with its unchanged source.

        Returns
        -------
        Update
            Whom it touched and by how much the rollup changed.
        """
        self._journal = array("q")
        touched = set(changes)
        for record in changes:
            if record in self.index.facts:
                touched |= self.index.touched(self.index.facts[record])
        for record, source in changes.items():
            self._take_out(record)
            if source is None:
                self.index.remove(record)
            else:
                self._put(source, where(source) if where else ())
        for record in changes:
            if record in self.index.facts:
                touched |= self.index.touched(self.index.facts[record])
        for record in sorted(touched):
            if record in self.index.facts:
                self._refresh(record)
        return Update(frozenset(touched), self.rollup.packed(self._journal))

    def load(self, sources: Iterable[ItemSource], where: Where | None = None) -> None:
        """Put many sources in force at once; they need not fit in memory.

        Raises
        ------
        ValueError
            When the book is not empty, or a record comes twice.
        """
        self.fill(read(sources, where))

    def fill(self, bulk: Bulk) -> None:
        """Put sources in force that were read already, so that several books share one reading.

        Raises
        ------
        ValueError
            As `load`.
        """
        if self.index.facts:
            msg = "a book is loaded once, while it is empty"
            raise ValueError(msg)
        for facts in bulk.facts:
            if facts.record in self.index.facts:
                msg = f"record {facts.record} comes twice"
                raise ValueError(msg)
            self.index.put(facts)
        keys, source, cells, pieces, weights = bulk.cells()
        codes = self.rollup.fill(keys, cells, pieces, weights)
        packed = array("q")
        packed.frombytes(np.column_stack((codes, pieces, weights)).astype(np.int64).tobytes())
        starts = np.searchsorted(source, np.arange(len(bulk.facts) + 1)).tolist()
        rows = {facts.record: row for row, facts in enumerate(bulk.facts)}
        self._loaded = (rows, starts, packed)
        for record in self.index.dependent():
            self._refresh(record)
        self._journal = array("q")
        self.rollup.settle()

    def by_record(self) -> Iterator[tuple[str, array[int]]]:
        """What each record adds, as its rollup packs it; together they are the rollup.

        Records that are compared and not added are left out.
        """
        for record in self.index.facts:
            if record not in self._left_out:
                adjusted = self._adjusted.get(record)
                own = self._own(record)
                yield record, own if adjusted is None else own + adjusted

    def _apply(self, packed: array[int], sign: int = 1) -> None:
        self.rollup.apply(packed, sign)
        if sign == 1:
            self._journal.extend(packed)
        else:
            turned = (value if at % 3 == 0 else -value for at, value in enumerate(packed))
            self._journal.extend(turned)

    def _put(self, source: ItemSource, where: tuple[str, ...]) -> None:
        """Add what a source tells by itself."""
        tallies = lots(source, where)
        self.index.put(facts_of(source, tallies, where))
        packed = self.rollup.pack(plain(work_of(source), tallies))
        self._plain[source.record] = packed
        self._apply(packed)

    def _take_out(self, record: str) -> None:
        """Take out everything a record has added."""
        if record not in self.index.facts:
            return
        if record not in self._left_out:
            self._apply(self._own(record), -1)
        self._left_out.discard(record)
        self._plain.pop(record, None)
        self._loaded[0].pop(record, None)
        adjusted = self._adjusted.pop(record, None)
        if adjusted is not None:
            self._apply(adjusted, -1)

    def _own(self, record: str) -> array[int]:
        own = self._plain.get(record)
        if own is None:
            rows, starts, packed = self._loaded
            own = packed[3 * starts[rows[record]] : 3 * starts[rows[record] + 1]]
        return own

    def _refresh(self, record: str) -> None:
        """Bring what others mean for a record up to date."""
        context = self.index.context(record)
        if context.counted == (record in self._left_out):
            self._apply(self._own(record), 1 if context.counted else -1)
            (self._left_out.discard if context.counted else self._left_out.add)(record)
        before = self._adjusted.pop(record, None)
        if before is not None:
            self._apply(before, -1)
        if context.counted and context.later:
            facts = self.index.facts[record]
            changes = adjustments(facts.work, facts.still_open, context.later)
            if changes:
                self._adjusted[record] = packed = self.rollup.pack(changes)
                self._apply(packed)
