"""Reading many sources at once: each line is looked at once, all else is done on arrays.

It says the same as `tilth.core.items.contributions.plain` line by line, several times faster;
random histories hold the two to each other byte for byte.
"""

from __future__ import annotations

from array import array
from collections.abc import Callable, Iterable

import numpy as np
from numpy.typing import NDArray

from tilth.core.days import last_day
from tilth.core.items.context import Facts, made_facts, transfers_of
from tilth.core.items.contributions import WorkDone, work_of
from tilth.core.items.lines import later_disposals
from tilth.core.items.lots import (
    Lot,
    Tally,
    amounts,
    declared_lot,
    is_open,
    lot_of,
    origin_of,
    words_of,
)
from tilth.core.items.model import (
    FOUND,
    RECEIVED,
    SMALL_ARMS,
    STATES,
    UNACCOUNTED,
    ItemSource,
    Key,
)

__all__ = ["Bulk", "read"]

Ints = NDArray[np.int64]
_INDEX = {state: at for at, state in enumerate(STATES)}
_FOUND, _NOTABLE = 1, 2
"""Marks of a lot: counts as found beside a summary; its lines may stay open or change hands."""


class Bulk:
    """Lines of many sources, tallied by source and lot.

    Attributes
    ----------
    facts
        Of each source, in the order read.
    """

    def __init__(self) -> None:
        self.facts: list[Facts] = []
        self._lots: list[Lot] = []
        self._lot_numbers: dict[tuple[str, ...], int] = {}
        self._marks: list[int] = []
        self._source = array("q")
        self._lot = array("q")
        self._pieces = array("q")
        self._weights = array("q")

    def read(self, source: ItemSource, where: tuple[str, ...] = ()) -> None:
        """Take in one source."""
        origin, work = origin_of(source), work_of(source)
        found, notable, start = 0, [], len(self._lot)
        numbers, marks = self._lot_numbers, self._marks
        lines = source.fields.get("items", ())
        speaks = False
        for at, line in enumerate(lines):
            if "disposal_of" in line:
                speaks = True
                continue
            words = words_of(line, origin, where[at] if where else "")
            number = numbers.get(words)
            if number is None:
                number = self._number(words)
            pieces, weight = line.get("quantity"), 0
            if pieces is None or "weight_kg" in line:
                pieces, weight = amounts(line)
            self._lot.append(number)
            self._pieces.append(pieces)
            self._weights.append(weight)
            mark = marks[number]
            if mark & _FOUND:
                found += pieces
            if mark & _NOTABLE:
                notable.append((at, number, pieces, weight))
        declared = declared_lot(source, where)
        if declared:
            self._lot.append(self._number(declared[0]))
            self._pieces.append(declared[1])
            self._weights.append(0)
            found += declared[1]
        self._source.extend([len(self.facts)] * (len(self._lot) - start))
        lots = [self._lots[number] for _, number, _, _ in notable]
        transfers = transfers_of(source, lots) if lots else set()
        still_open = self._open(lines, notable, work) if notable else []
        later = later_disposals(source) if speaks else ()
        self.facts.append(made_facts(source, work, found, transfers, still_open, later))

    def _number(self, words: tuple[str, ...]) -> int:
        number = self._lot_numbers.get(words)
        if number is None:
            number = self._lot_numbers[words] = len(self._lots)
            lot = lot_of(words)
            self._lots.append(lot)
            counts = lot.category != SMALL_ARMS and not lot.received_from
            moves = lot.received_from or lot.handed_over_to or lot.disposed_on
            notable = bool(moves) or is_open(lot, 0)
            self._marks.append((_FOUND if counts else 0) | (_NOTABLE if notable else 0))
        return number

    def _open(
        self,
        lines: list[dict[str, object]],
        notable: list[tuple[int, int, int, int]],
        work: WorkDone,
    ) -> list[Tally]:
        """Lines that a later line may still dispose of, as `facts_of` finds them."""
        candidates = [one for one in notable if is_open(self._lots[one[1]], work.day)]
        if not candidates:
            return []
        names = [None if "disposal_of" in line else line.get("line_id") for line in lines]
        first = dict(zip(reversed(names), range(len(names) - 1, -1, -1), strict=True))
        tallies = []
        for at, number, pieces, weight in candidates:
            name = names[at]
            if name and first[name] == at:
                tallies.append(Tally(self._lots[number], str(name), pieces, weight))
        return tallies

    def cells(self) -> tuple[list[Key], Ints, Ints, Ints, Ints]:
        """Plain contributions of all sources, in the order of the sources.

        Returns
        -------
        tuple
            Keys; and of each contribution its source, its key, day and state as columns of one
            array of shape (n, 3), its pieces and its micrograms.
        """
        source, lot = (np.array(column, dtype=np.int64) for column in (self._source, self._lot))
        pieces = np.array(self._pieces, dtype=np.int64)
        weights = np.array(self._weights, dtype=np.int64)
        source, lot, pieces, weights = _tallied(source, lot, pieces, weights, len(self._lots))
        end, disposed, giver, receiver, part, parts = self._lot_columns()
        work, day, works = self._work_columns()
        parties = sorted({"", *giver, *receiver})
        place = {party: at for at, party in enumerate(parties)}
        givers = np.array([place[party] for party in giver], dtype=np.int64)
        receivers = np.array([place[party] for party in receiver], dtype=np.int64)
        found_on = day[source]
        ended_on = np.maximum(found_on, disposed[lot])
        base = (work[source] * len(parts) + part[lot]) * len(parties)
        side = np.where(givers[lot] > 0, _INDEX[RECEIVED], _INDEX[FOUND])
        open_still = np.full(len(lot), _INDEX[UNACCOUNTED])
        waits = np.flatnonzero(ended_on > found_on)
        columns = [
            (base + givers[lot], found_on, side, np.arange(len(lot)), 1),
            (base + receivers[lot], ended_on, end[lot], np.arange(len(lot)), 1),
            (base[waits], found_on[waits], open_still[waits], waits, 1),
            (base[waits], ended_on[waits], open_still[waits], waits, -1),
        ]
        row = np.concatenate([column[3] for column in columns])
        sign = np.concatenate([np.full(len(column[3]), column[4]) for column in columns])
        cell = np.column_stack([np.concatenate([c[at] for c in columns]) for at in range(3)])
        used, cell[:, 0] = np.unique(cell[:, 0], return_inverse=True)
        keys = [
            _key(works[code // len(parties) // len(parts)], parts, parties, code)
            for code in used.tolist()
        ]
        order = np.argsort(source[row], kind="stable")
        row, sign, cell = row[order], sign[order], cell[order]
        return keys, source[row], cell, sign * pieces[row], sign * weights[row]

    def _lot_columns(
        self,
    ) -> tuple[Ints, Ints, list[str], list[str], Ints, list[tuple[str, str, str, str]]]:
        """End, day of it (0: none), giver, receiver and part of the key of each lot."""
        parts: dict[tuple[str, str, str, str], int] = {}
        end, disposed, part = array("q"), array("q"), array("q")
        for lot in self._lots:
            end.append(_INDEX[lot.disposal or UNACCOUNTED])
            disposed.append(last_day(lot.disposed_on) if lot.disposed_on else 0)
            words = (lot.category, lot.model, lot.origin, lot.where)
            part.append(parts.setdefault(words, len(parts)))
        giver = [lot.received_from for lot in self._lots]
        receiver = [lot.handed_over_to for lot in self._lots]
        ends, days, numbers = (np.array(c, dtype=np.int64) for c in (end, disposed, part))
        return ends, days, giver, receiver, numbers, list(parts)

    def _work_columns(self) -> tuple[Ints, Ints, list[tuple[str, str, str, str, str]]]:
        """Part of the key and day of each source."""
        works: dict[tuple[str, str, str, str, str], int] = {}
        numbers = [works.setdefault(one.work[:5], len(works)) for one in self.facts]
        days = [one.work.day for one in self.facts]
        return np.array(numbers, dtype=np.int64), np.array(days, dtype=np.int64), list(works)


def read(
    sources: Iterable[ItemSource], where: Callable[[ItemSource], tuple[str, ...]] | None = None
) -> Bulk:
    """Read sources, which need not fit in memory together."""
    bulk = Bulk()
    for source in sources:
        bulk.read(source, where(source) if where else ())
    return bulk


def _tallied(
    source: Ints, lot: Ints, pieces: Ints, weights: Ints, lots: int
) -> tuple[Ints, Ints, Ints, Ints]:
    """Sums by source and lot."""
    code = source * max(lots, 1) + lot
    order = np.argsort(code, kind="stable")
    code = code[order]
    starts = np.flatnonzero(np.diff(code, prepend=-1))
    if not len(starts):
        return source, lot, pieces, weights
    sums = [np.add.reduceat(column[order], starts) for column in (pieces, weights)]
    return code[starts] // lots, code[starts] % lots, sums[0], sums[1]


def _key(
    work: tuple[str, str, str, str, str],
    parts: list[tuple[str, str, str, str]],
    parties: list[str],
    code: int,
) -> Key:
    organisation, place, method, month, project = work
    category, model, origin, where = parts[code // len(parties) % len(parts)]
    party = parties[code % len(parties)]
    return Key(organisation, category, model, place, method, origin, month, where, party, project)
