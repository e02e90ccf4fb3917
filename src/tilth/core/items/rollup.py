"""The sum of all contributions, from which the account at any day is read.

Cells are kept as sorted arrays with loose changes beside them, so that a full build, one more
report and a question all cost little. Its bytes depend on the sum alone, never on the order in
which contributions came.
"""

from __future__ import annotations

import struct
from array import array
from collections.abc import Callable, Iterable, Iterator
from typing import NamedTuple

import msgspec
import numpy as np
from numpy.typing import NDArray

from tilth.core.items.model import Contribution, Key

__all__ = ["Cells", "Rollup"]

_MAGIC = b"tilth-items/2\n"
_STATE_BITS = 4
_DAY_BITS = 28
_LOW_BITS = _DAY_BITS + _STATE_BITS
_LOW_MASK = (1 << _LOW_BITS) - 1
_STATE_MASK = (1 << _STATE_BITS) - 1
_LOOSE = 1 << 19
"""Changes held loose before they are merged: so many that a full build merges rarely."""

Ints = NDArray[np.int64]


class Cells(NamedTuple):
    """Cells as arrays of one length; ``key`` counts the rows of `Rollup.keys`."""

    key: Ints
    day: Ints
    state: Ints
    pieces: Ints
    micrograms: Ints


def _summed(codes: Ints, pieces: Ints, weights: Ints) -> tuple[Ints, Ints, Ints]:
    """Cells in order of code, equal codes added up, empty cells dropped."""
    order = np.argsort(codes, kind="stable")
    codes, pieces, weights = codes[order], pieces[order], weights[order]
    if len(codes):
        starts = np.flatnonzero(np.concatenate(([True], codes[1:] != codes[:-1])))
        pieces = np.add.reduceat(pieces, starts)
        weights = np.add.reduceat(weights, starts)
        codes = codes[starts]
    kept = (pieces != 0) | (weights != 0)
    return codes[kept], pieces[kept], weights[kept]


def _decoded(codes: Ints, pieces: Ints, weights: Ints) -> Cells:
    """Cells of codes."""
    return Cells(
        codes >> _LOW_BITS,
        (codes & _LOW_MASK) >> _STATE_BITS,
        codes & _STATE_MASK,
        pieces,
        weights,
    )


class Rollup:
    """Pieces and micrograms per key, day and state.

    Examples
    --------
    >>> key = Key("A", "uxo", "", "P1", "manual", "clearance", "2026-03", "", "")
    >>> rollup = Rollup()
    >>> rollup.add([Contribution(key, 739678, 0, 3, 0)])
    >>> len(rollup)
    1
    >>> rollup.apply(rollup.pack([Contribution(key, 739678, 0, 3, 0)]), -1)
    >>> len(rollup)
    0
    """

    __slots__ = ("_codes", "_columns", "_decoded", "_ids", "_keys", "_loose", "_pieces", "_weights")

    def __init__(self) -> None:
        self._ids: dict[Key, int] = {}
        self._keys: list[Key] = []
        self._codes: Ints = np.empty(0, dtype=np.int64)
        self._pieces: Ints = np.empty(0, dtype=np.int64)
        self._weights: Ints = np.empty(0, dtype=np.int64)
        self._loose: array[int] = array("q")
        self._decoded: Cells | None = None
        self._columns: dict[str, tuple[list[int], dict[str, int]]] = {}

    @property
    def keys(self) -> list[Key]:
        """Keys seen so far; some may have no cell left."""
        return self._keys

    def __len__(self) -> int:
        """Count the cells that are not empty."""
        self.settle()
        return len(self._codes)

    def add(self, contributions: Iterable[Contribution]) -> None:
        """Add contributions."""
        self.apply(self.pack(contributions))

    def pack(self, contributions: Iterable[Contribution]) -> array[int]:
        """Write contributions as (code, pieces, micrograms) in a row, for `apply`.

        The codes are this rollup's own, so that what was added can be taken out exactly.
        """
        packed = array("q")
        ids, keys = self._ids, self._keys
        for key, day, state, pieces, weight in contributions:
            at = ids.get(key)
            if at is None:
                at = ids[key] = len(keys)
                keys.append(key)
            packed.extend((at << _LOW_BITS | day << _STATE_BITS | state, pieces, weight))
        return packed

    def fill(self, keys: list[Key], cells: Ints, pieces: Ints, weights: Ints) -> Ints:
        """Add many contributions to an empty rollup at once; returns their codes.

        Parameters
        ----------
        keys
            Each once.
        cells
            Key (a row of ``keys``), day and state of each contribution, shape (n, 3).
        pieces, weights
            Of each, shape (n,); cells may repeat.
        """
        self._keys = list(keys)
        self._ids = {key: at for at, key in enumerate(keys)}
        codes = cells[:, 0] << _LOW_BITS | cells[:, 1] << _STATE_BITS | cells[:, 2]
        self._decoded = None
        self._codes, self._pieces, self._weights = _summed(codes, pieces, weights)
        return np.asarray(codes)

    def apply(self, packed: array[int], sign: int = 1) -> None:
        """Add (or, with -1, take out) what this rollup has packed."""
        if sign == 1:
            self._loose.extend(packed)
        else:
            for at in range(0, len(packed), 3):
                self._loose.extend((packed[at], -packed[at + 1], -packed[at + 2]))
        if len(self._loose) > 3 * _LOOSE:
            self.settle()

    def blocks(self) -> list[Cells]:
        """All cells, in blocks; the cells of one key, day and state may stand in several."""
        if self._decoded is None:
            self._decoded = _decoded(self._codes, self._pieces, self._weights)
        if not self._loose:
            return [self._decoded]
        table = np.array(self._loose, dtype=np.int64).reshape(-1, 3)
        return [self._decoded, _decoded(table[:, 0], table[:, 1], table[:, 2])]

    def column(self, name: str) -> tuple[Ints, list[str]]:
        """One column of the keys as numbers, one for each of `keys`, and the words they count."""
        codes, numbers = self._columns.setdefault(name, ([], {}))
        place = Key._fields.index(name)
        for key in self._keys[len(codes) :]:
            codes.append(numbers.setdefault(key[place], len(numbers)))
        return np.array(codes, dtype=np.int64), list(numbers)

    def cells(self) -> Iterator[Contribution]:
        """All cells that are not empty, in the order of their keys, days and states."""
        self.settle()
        (cells,) = self.blocks()
        rows = zip(*(column.tolist() for column in cells), strict=True)
        named = [Contribution(self._keys[k], day, s, p, w) for k, day, s, p, w in rows]
        yield from sorted(named)

    def split(self, *columns: str) -> dict[tuple[str, ...], Rollup]:
        """Rollups per value of some columns of the key, which together hold every cell once."""
        self.settle()
        places = [Key._fields.index(column) for column in columns]
        groups: dict[tuple[str, ...], int] = {}
        numbers = [
            groups.setdefault(tuple(key[place] for place in places), len(groups))
            for key in self._keys
        ]
        group = np.array(numbers, dtype=np.int64)[self._codes >> _LOW_BITS]
        order = np.argsort(group, kind="stable")
        bounds = np.searchsorted(group[order], np.arange(len(groups) + 1))
        return {
            name: self._part(order[bounds[at] : bounds[at + 1]])
            for name, at in groups.items()
            if bounds[at] < bounds[at + 1]
        }

    def _part(self, rows: Ints) -> Rollup:
        """Some of the merged cells as a rollup of their own."""
        used, key = np.unique(self._codes[rows] >> _LOW_BITS, return_inverse=True)
        part = Rollup()
        part._keys = [self._keys[at] for at in used.tolist()]
        part._ids = {key: at for at, key in enumerate(part._keys)}
        part._codes = key.astype(np.int64) << _LOW_BITS | (self._codes[rows] & _LOW_MASK)
        part._pieces, part._weights = self._pieces[rows], self._weights[rows]
        return part

    def under(self, meaning: Callable[[str], str]) -> Rollup:
        """Rollup of its own with the projects that the keys here mean; equal cells are summed."""
        if not any(key.project for key in self._keys):
            return self
        self.settle()
        numbers: dict[Key, int] = {}
        place = [
            numbers.setdefault(key._replace(project=meaning(key.project)), len(numbers))
            for key in self._keys
        ]
        cells = np.column_stack(
            (
                np.array(place, dtype=np.int64)[self._codes >> _LOW_BITS],
                (self._codes & _LOW_MASK) >> _STATE_BITS,
                self._codes & _STATE_MASK,
            )
        )
        result = Rollup()
        result.fill(list(numbers), cells, self._pieces, self._weights)
        return result

    def cells_of(self, packed: array[int]) -> Cells:
        """Cells of what this rollup has packed, as they stand: equal ones are not summed."""
        table = np.frombuffer(packed, dtype=np.int64).reshape(-1, 3)
        return _decoded(table[:, 0], table[:, 1], table[:, 2])

    def packed(self, packed: array[int]) -> Rollup:
        """Rollup of its own of what this one has packed."""
        result = Rollup()
        table = np.array(packed, dtype=np.int64).reshape(-1, 3)
        used, key = np.unique(table[:, 0] >> _LOW_BITS, return_inverse=True)
        cells = np.column_stack(
            (key, (table[:, 0] & _LOW_MASK) >> _STATE_BITS, table[:, 0] & _STATE_MASK)
        )
        keys = [self._keys[at] for at in used.tolist()]
        result.fill(keys, cells, table[:, 1], table[:, 2])
        return result

    def to_bytes(self) -> bytes:
        """Canonical bytes: equal sums give equal bytes, whatever the order of arrival."""
        self.settle()
        used = np.unique(self._codes >> _LOW_BITS)
        order = sorted(used.tolist(), key=self._keys.__getitem__)
        rank = np.zeros(len(self._keys) + 1, dtype=np.int64)
        rank[order] = np.arange(len(order))
        codes = rank[self._codes >> _LOW_BITS] << _LOW_BITS | (self._codes & _LOW_MASK)
        by_code = np.argsort(codes, kind="stable")
        words = [sorted({self._keys[k][c] for k in order}) for c in range(len(Key._fields))]
        places = [{word: at for at, word in enumerate(column)} for column in words]
        table = np.array(
            [[places[c][word] for c, word in enumerate(self._keys[k])] for k in order],
            dtype="<i4",
        )
        head = msgspec.json.encode({"cells": len(codes), "keys": len(order), "words": words})
        columns = (codes, self._pieces, self._weights)
        return b"".join(
            (
                _MAGIC,
                struct.pack("<I", len(head)),
                head,
                table.tobytes(),
                *(column[by_code].astype("<i8").tobytes() for column in columns),
            )
        )

    @classmethod
    def from_bytes(cls, data: bytes) -> Rollup:
        """Inverse of `to_bytes`.

        Raises
        ------
        ValueError
            When the bytes are not a rollup of this format.
        """
        start = len(_MAGIC) + 4
        if data[: len(_MAGIC)] != _MAGIC or len(data) < start:
            msg = "not the bytes of an item rollup"
            raise ValueError(msg)
        (length,) = struct.unpack_from("<I", data, len(_MAGIC))
        head = msgspec.json.decode(data[start : start + length])
        start += length
        width = len(Key._fields)
        stop = start + 4 * width * head["keys"]
        if len(data) != stop + 24 * head["cells"]:
            msg = "the bytes of an item rollup are cut short or too long"
            raise ValueError(msg)
        table = np.frombuffer(data[start:stop], dtype="<i4").reshape(-1, width)
        columns = [
            [words[at] for at in column]
            for words, column in zip(head["words"], table.T.tolist(), strict=True)
        ]
        rollup = cls()
        rollup._keys = [Key(*row) for row in zip(*columns, strict=True)]
        rollup._ids = {key: at for at, key in enumerate(rollup._keys)}
        numbers = np.frombuffer(data[stop:], dtype="<i8").reshape(3, -1).astype(np.int64)
        rollup._codes, rollup._pieces, rollup._weights = numbers
        return rollup

    def settle(self) -> None:
        """Merge loose changes into the sorted arrays, so that questions after it cost less."""
        if not self._loose:
            return
        table = np.array(self._loose, dtype=np.int64).reshape(-1, 3)
        self._loose = array("q")
        self._decoded = None
        self._codes, self._pieces, self._weights = _summed(
            np.concatenate((self._codes, table[:, 0])),
            np.concatenate((self._pieces, table[:, 1])),
            np.concatenate((self._weights, table[:, 2])),
        )
