"""Where items lay: inside released areas, inside hazards, outside both (rules §4).

Every position is held against the ground, which costs more than the account itself; so it is done
beside it, some reports at each turn, and published with how many of them are looked up. The ground
is that of the beginning of a pass; a new pass begins some hours after the last one was done.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import islice
from typing import TYPE_CHECKING

import numpy as np
import shapely
from numpy.typing import NDArray

from tilth.core.chains import LEVELS
from tilth.core.geometry.frame import Frame
from tilth.core.items.book import ItemBook
from tilth.core.items.lots import lots
from tilth.core.items.model import SMALL_ARMS, ItemSource
from tilth.core.items.places import NAMES, UNPLACED, Layer, where_of
from tilth.core.land.book import LandBook
from tilth.core.land.views import HazardView, ReleaseView
from tilth.service.ground import source_of
from tilth.service.session import said_without

if TYPE_CHECKING:
    from tilth.service.current import Current

__all__ = ["NAME", "publish"]

NAME = "item_where"
"""Name of the published value."""

AT_ONCE = 400
"""Reports looked up at one turn and level: about half a second for all levels."""
PASS_S = 6 * 3600.0
"""Seconds between two passes over everything at the least."""

_REMEMBERED = "where items lay"
_LOOKUP = {name: number for number, name in enumerate(NAMES)}

Counts = tuple[int, ...]
"""Pieces by `NAMES`, then without a position."""


@dataclass(slots=True)
class _Level:
    """What is looked up at one level: by record its statement and its pieces by where they lay."""

    known: dict[str, tuple[str, Counts]] = field(default_factory=dict)
    waiting: dict[str, None] = field(default_factory=dict)
    sums: list[int] = field(default_factory=lambda: [0] * (len(NAMES) + 1))

    def put(self, record: str, statement: str, counts: Counts) -> None:
        """Take in what a report says, in place of what it said before."""
        self.drop(record)
        self.known[record] = (statement, counts)
        self.sums = [a + b for a, b in zip(self.sums, counts, strict=True)]

    def drop(self, record: str) -> None:
        """Forget a report."""
        before = self.known.pop(record, None)
        if before is not None:
            self.sums = [a - b for a, b in zip(self.sums, before[1], strict=True)]


@dataclass(slots=True)
class _Pass:
    """One pass: the ground it looks at, and what is still to be looked up."""

    begun: float
    at: str
    levels: dict[str, _Level]
    layers: dict[str, tuple[Layer | None, Layer | None]] = field(default_factory=dict)


def publish(current: Current) -> None:
    """Look up some more reports, and say how many are looked up."""
    pace = current.pace
    if not pace.due(current, NAME):
        return
    known: list[_Pass] = current.session.remembered.setdefault(_REMEMBERED, [])
    clock = pace.clock()
    if not known or (not _left(known[0]) and clock - known[0].begun > PASS_S):
        known[:] = [_Pass(clock, current.position.known_at, {})]
    here = known[0]
    for name, book in current.items.items():
        _settle(here.levels.setdefault(name, _Level()), book)
    is_last = pace.hurried or max(len(one.waiting) for one in here.levels.values()) <= AT_ONCE
    with pace.at(current, NAME, share=0.125, least_s=2.0, done="now" if is_last else None):
        _turn(current, here)
        while pace.hurried and _left(here):
            _turn(current, here)
        counted = max(len(one.known) for one in here.levels.values())
        waiting = max(len(one.waiting) for one in here.levels.values())
        values = {
            "levels": {name: _told(one.sums) for name, one in here.levels.items()},
            "done": counted,
            "of": counted + waiting,
            "looked_up_at": here.at,
        }
        pace.put(current, NAME, values)


def _told(sums: Sequence[int]) -> dict[str, int]:
    return dict(zip((*NAMES, UNPLACED), sums, strict=True))


def _left(here: _Pass) -> bool:
    return any(level.waiting for level in here.levels.values())


def _turn(current: Current, here: _Pass) -> None:
    """Look up some of what waits at every level."""
    for name, book in current.items.items():
        level = here.levels[name]
        chosen = list(islice(level.waiting, AT_ONCE))
        if not chosen:
            continue
        if name not in here.layers:
            here.layers[name] = _layers(current, name)
        for record, statement, counts in _looked_up(current, book, here.layers[name], chosen):
            level.put(record, statement, counts)
        for record in chosen:
            level.waiting.pop(record, None)


def _settle(level: _Level, book: ItemBook) -> None:
    """Note what is counted now and was not, or says otherwise."""
    facts = book.index.facts
    counted = {record for record, _ in book.by_record()}
    for record in [one for one in level.known if one not in counted]:
        level.drop(record)
    for record in [one for one in level.waiting if one not in counted]:
        del level.waiting[record]
    for record in counted:
        seen = level.known.get(record)
        if seen is None or seen[0] != facts[record].statement:
            level.waiting[record] = None


def _looked_up(
    current: Current,
    book: ItemBook,
    layers: tuple[Layer | None, Layer | None],
    records: Iterable[str],
) -> Iterator[tuple[str, str, Counts]]:
    """Records with their statement and their pieces by where they lay."""
    statements = {book.index.facts[one].statement: one for one in records}
    entries = current.session.workspace.store.by_hash(statements)
    sources: list[ItemSource] = []
    for statement in statements:
        entry = entries[statement]
        said = said_without(entry, "items", current.session.kinds)
        sources.append(source_of(current.books, said, current.session.fields_of(entry)))

    def lookup(lonlat: NDArray[np.float64]) -> NDArray[np.int64]:
        found = np.zeros(len(lonlat), np.int64)
        for layer, name in zip(layers, ("hazard", "released"), strict=True):
            if layer is not None:
                found[layer.inside(lonlat)] = _LOOKUP[name]
        return found

    for source, where in zip(sources, where_of(sources, lookup), strict=True):
        counts = [0] * (len(NAMES) + 1)
        for tally in lots(source, where):
            lot = tally.lot
            if lot.category != SMALL_ARMS and not lot.received_from:
                counts[_LOOKUP.get(lot.where, len(NAMES))] += tally.pieces
        yield source.record, source.statement, tuple(counts)


def _layers(current: Current, level: str) -> tuple[Layer | None, Layer | None]:
    """Hazards and released areas in force at a level, for look-ups."""
    frame = current.session.frame()
    if frame is None:
        return None, None
    book, number = current.books.land, LEVELS[level]
    hazards, released = [], []
    for views in book.views.values():
        view = views[number - 1]
        if isinstance(view, HazardView):
            hazards += [key for ground in view.grounds for key in ground.keys]
        elif isinstance(view, ReleaseView) and view.ground:
            released += list(view.ground[0])
    return _layer(frame, book, hazards), _layer(frame, book, released)


def _layer(frame: Frame, book: LandBook, keys: Sequence[str]) -> Layer | None:
    areas = [book.geometry[key] for key in keys if key in book.geometry]
    if not areas:
        return None
    shapely.prepare(areas)
    return Layer(frame, np.array(areas, dtype=object), [""] * len(areas))
