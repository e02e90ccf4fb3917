"""The sum of all contributions, from which the account at any day is read.

Cells are kept as sorted arrays with a small heap of changes on top, so that a full build, one
more report and a question all cost little. Its bytes depend on the sum alone, never on the order
in which contributions came.
"""

from __future__ import annotations

import struct
from collections.abc import Iterable, Iterator
from typing import NamedTuple

import msgspec
import numpy as np
from numpy.typing import NDArray

from tilth.core.items.model import Contribution, Key

__all__ = ["Cells", "Packed", "Rollup"]

_MAGIC = b"tilth-items/1\n"
_STATE_BITS = 4
_DAY_BITS = 28
_LOW_BITS = _DAY_BITS + _STATE_BITS
_LOW_MASK = (1 << _LOW_BITS) - 1
_HEAP = 1 << 17
"""Changes held loose before they are merged: large enough for a full build to merge rarely."""

Ints = NDArray[np.int64]


class Cells(NamedTuple):
    """Cells as arrays of one length; ``key`` counts the rows of `Rollup.keys`."""

    key: Ints
    day: Ints
    state: Ints
    pieces: Ints
    micrograms: Ints


class Packed(NamedTuple):
    """Contributions of one source as arrays, to be taken out of the same rollup again."""

    codes: Ints
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


class Rollup:
    """Pieces and micrograms per key, day and state.

    Examples
    --------
    >>> key = Key("A", "uxo", "", "P1", "manual", "clearance", "2026-03", "", "")
    >>> rollup = Rollup()
    >>> rollup.add([Contribution(key, 739678, 0, 3, 0)])
    >>> len(rollup)
    1
    >>> rollup.subtract([Contribution(key, 739678, 0, 3, 0)])
    >>> len(rollup)
    0
    """

    __slots__ = ("_codes", "_heap", "_ids", "_keys", "_pieces", "_weights")

    def __init__(self) -> None:
        self._ids: dict[Key, int] = {}
        self._keys: list[Key] = []
        self._codes: Ints = np.empty(0, dtype=np.int64)
        self._pieces: Ints = np.empty(0, dtype=np.int64)
        self._weights: Ints = np.empty(0, dtype=np.int64)
        self._heap: dict[int, tuple[int, int]] = {}

    @property
    def keys(self) -> list[Key]:
        """Keys seen so far; some may have no cell left."""
        return self._keys

    def __len__(self) -> int:
        """Count the cells that are not empty."""
        self._merge()
        return len(self._codes)

    def add(self, contributions: Iterable[Contribution]) -> None:
        """Add contributions."""
        self._put(contributions, 1)

    def subtract(self, contributions: Iterable[Contribution]) -> None:
        """Take contributions out again, exactly as they were added."""
        self._put(contributions, -1)

    def pack(self, contributions: Iterable[Contribution]) -> Packed:
        """Write contributions with this rollup's own codes, for `apply`."""
        rows = [(self._code(c.key, c.day, c.state), c.pieces, c.micrograms) for c in contributions]
        table = np.array(rows, dtype=np.int64).reshape(-1, 3)
        return Packed(table[:, 0].copy(), table[:, 1].copy(), table[:, 2].copy())

    def apply(self, packed: Packed, sign: int = 1) -> None:
        """Add (or, with -1, take out) what this rollup has packed."""
        for code, pieces, weight in zip(
            packed.codes.tolist(), packed.pieces.tolist(), packed.micrograms.tolist(), strict=True
        ):
            self._change(code, sign * pieces, sign * weight)
        if len(self._heap) > _HEAP:
            self._merge()

    def arrays(self) -> Cells:
        """All cells that are not empty, in no promised order."""
        self._merge()
        return Cells(
            self._codes >> _LOW_BITS,
            (self._codes & _LOW_MASK) >> _STATE_BITS,
            self._codes & ((1 << _STATE_BITS) - 1),
            self._pieces,
            self._weights,
        )

    def cells(self) -> Iterator[Contribution]:
        """All cells that are not empty, in the order of their keys, days and states."""
        cells = self.arrays()
        rows = zip(*(column.tolist() for column in cells), strict=True)
        named = [Contribution(self._keys[k], day, s, p, w) for k, day, s, p, w in rows]
        yield from sorted(named)

    def split(self, *columns: str) -> dict[tuple[str, ...], Rollup]:
        """Rollups per value of some columns of the key, which together hold every cell once."""
        places = [Key._fields.index(column) for column in columns]
        parts: dict[tuple[str, ...], list[Contribution]] = {}
        for cell in self.cells():
            parts.setdefault(tuple(cell.key[place] for place in places), []).append(cell)
        result = {}
        for name, cells in parts.items():
            result[name] = Rollup()
            result[name].add(cells)
        return result

    def to_bytes(self) -> bytes:
        """Canonical bytes: equal sums give equal bytes, whatever the order of arrival."""
        self._merge()
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

    def _code(self, key: Key, day: int, state: int) -> int:
        at = self._ids.get(key)
        if at is None:
            at = self._ids[key] = len(self._keys)
            self._keys.append(key)
        return at << _LOW_BITS | day << _STATE_BITS | state

    def _put(self, contributions: Iterable[Contribution], sign: int) -> None:
        for key, day, state, pieces, weight in contributions:
            self._change(self._code(key, day, state), sign * pieces, sign * weight)
        if len(self._heap) > _HEAP:
            self._merge()

    def _change(self, code: int, pieces: int, weight: int) -> None:
        before = self._heap.get(code)
        if before is not None:
            pieces, weight = pieces + before[0], weight + before[1]
        self._heap[code] = (pieces, weight)

    def _merge(self) -> None:
        if not self._heap:
            return
        codes = np.fromiter(self._heap, dtype=np.int64, count=len(self._heap))
        amounts = np.array(list(self._heap.values()), dtype=np.int64)
        self._heap.clear()
        self._codes, self._pieces, self._weights = _summed(
            np.concatenate((self._codes, codes)),
            np.concatenate((self._pieces, amounts[:, 0])),
            np.concatenate((self._weights, amounts[:, 1])),
        )
