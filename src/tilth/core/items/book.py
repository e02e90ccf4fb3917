"""Everything the item account knows at one level, kept current source by source."""

from __future__ import annotations

from array import array
from collections.abc import Callable, Iterable, Mapping

from tilth.core.items.context import ItemIndex, Lineage, facts_of
from tilth.core.items.contributions import contributions, contributions_of
from tilth.core.items.lines import lots
from tilth.core.items.model import Contribution, ItemSource
from tilth.core.items.rollup import Rollup

__all__ = ["Fetch", "ItemBook", "Where"]

Fetch = Callable[[str], ItemSource]
"""Source of a record that the book holds, read again: the book keeps only its facts."""

Where = Callable[[ItemSource], tuple[str, ...]]
"""Place of each item line against the ground, see `tilth.core.items.places`."""


class ItemBook:
    """Rollup, index, and what each source has added, so that it can be taken out exactly.

    Parameters
    ----------
    lineage
        A place and all that hold it, see `tilth.core.items.context`.
    """

    def __init__(self, lineage: Lineage | None = None) -> None:
        self.rollup = Rollup()
        self.index = ItemIndex(lineage)
        self._added: dict[str, array[int]] = {}

    def update(
        self,
        changes: Mapping[str, ItemSource | None],
        fetch: Fetch,
        where: Where | None = None,
    ) -> frozenset[str]:
        """Put sources in force, or (None) out of force, and recompute whom that touches.

        Parameters
        ----------
        changes
            New source of each record that changed. A record whose items only moved against the
            ground is named with its unchanged source.
        fetch
            Reads other sources that are touched: earlier reports whose items these dispose of,
            summaries beside these reports.

        Returns
        -------
        frozenset
            Records that were recomputed, the changed ones included.
        """
        touched: set[str] = set()
        for record in changes:
            if record in self.index.facts:
                touched |= self.index.touched(self.index.facts[record])
        for record, source in changes.items():
            if source is None:
                self.index.remove(record)
            else:
                self.index.put(facts_of(source))
        for record in changes:
            if record in self.index.facts:
                touched |= self.index.touched(self.index.facts[record])
        for record in sorted(touched | set(changes)):
            known = changes.get(record)
            source = fetch(record) if record not in changes else known
            self._replace(record, source if record in self.index.facts else None, where)
        return frozenset(touched | set(changes))

    def contributions(
        self, source: ItemSource, where: Where | None = None
    ) -> tuple[Contribution, ...]:
        """What a source that is held adds now."""
        context = self.index.context(source.record)
        return contributions(
            source,
            context.later,
            counted=context.counted,
            where=where(source) if where else (),
        )

    def _replace(self, record: str, source: ItemSource | None, where: Where | None) -> None:
        before = self._added.pop(record, None)
        if before is not None:
            self.rollup.apply(before, -1)
        if source is not None:
            self._added[record] = packed = self.rollup.pack(self.contributions(source, where))
            self.rollup.apply(packed)

    def load(self, sources: Iterable[ItemSource], fetch: Fetch, where: Where | None = None) -> None:
        """Put many sources in force at once, each tallied once; they need not fit in memory.

        The book must be empty. ``fetch`` reads again the few that depend on others.
        """
        for source in sources:
            tallies = lots(source, where=where(source) if where else ())
            self.index.put(facts_of(source, tallies))
            packed = self.rollup.pack(contributions_of(source, tallies))
            self._added[source.record] = packed
            self.rollup.apply(packed)
        for record in self.index.dependent():
            self._replace(record, fetch(record), where)
