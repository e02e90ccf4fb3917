"""The table of covering sets that a walk meets, and what it has booked to each of them."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from tilth.core.land.edgewalk_kernels import Floats, Ints, kernel, lean, zeros

__all__ = [
    "Cover",
    "Labels",
    "book",
    "keys_of_positions",
    "new_cover",
    "new_labels",
    "toggle",
]


class Cover(NamedTuple):
    """The covering set at one point of the walk.

    Attributes
    ----------
    members
        int64[n]; shapes of the set, in no order, the first ``state[0]`` count.
    place
        int64[n]; where a shape stands in `members`, −1 outside.
    state
        int64[3]; size of the set and its two keys.
    """

    members: Ints
    place: Ints
    state: Ints


class Labels(NamedTuple):
    """Covering sets met so far; row 0 is the empty set.

    Attributes
    ----------
    slots
        int64[2^k]; open-addressed hash table of rows, −1 where free.
    used
        int64[2]; rows in use, members in use.
    key
        int64[·, 2]; two independent 64-bit keys: both must agree, so that two sets could be
        taken for one only by a coincidence of 128 bits.
    first
        int64[·]; where the members of a row begin; they end where the next row's begin.
    size
        float64[·, 3]; twice the area under the chains and their length (|dx| + |dy|), in cells of
        the grid; and the y of one point of the boundary.
    gap
        int64[·, 2]; sums of dx and dy, modulo 2^64: zero for a boundary that closes.
    members
        int64[·]; members of all rows, ascending in each.
    """

    slots: Ints
    used: Ints
    key: Ints
    first: Ints
    size: Floats
    gap: Ints
    members: Ints


def keys_of_positions(n: int) -> Ints:
    """Two 64-bit random-looking numbers for each position (splitmix64), always the same.

    A set's key is the exclusive or of its members' numbers (Zobrist 1970), so that a shape is
    put in or taken out in one operation. Source of the mixing: G. Steele, D. Lea, C. Flood, Fast
    splittable pseudorandom number generators (2014).
    """
    with np.errstate(over="ignore"):
        z = np.arange(1, 2 * n + 1, dtype=np.uint64) * np.uint64(0x9E3779B97F4A7C15)
        z = (z ^ (z >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
        z = (z ^ (z >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    mixed: NDArray[np.uint64] = z ^ (z >> np.uint64(31))
    return mixed.view(np.int64).reshape(n, 2)


@kernel
def new_cover(n: int) -> Cover:
    """Return the empty set over `n` shapes."""
    place = np.empty(n, np.int64)
    for i in range(n):
        place[i] = -1
    return Cover(np.empty(n, np.int64), place, zeros(3))


@lean
def toggle(cover: Cover, shape: int | np.int64, keys: Ints) -> None:
    """Put a shape into the set, or take it out."""
    at = cover.place[shape]
    if at >= 0:
        size = cover.state[0] - 1
        last = cover.members[size]
        cover.members[at] = last
        cover.place[last] = at
        cover.place[shape] = -1
    else:
        size = cover.state[0]
        cover.members[size] = shape
        cover.place[shape] = size
        size += 1
    cover.state[0] = size
    cover.state[1] ^= keys[shape, 0]
    cover.state[2] ^= keys[shape, 1]


@kernel
def new_labels(chains: int, members: int) -> Labels:
    """Return a table with room for two labels of each chain, and for so many members."""
    n_slots = 64
    while n_slots < 4 * chains + 2:
        n_slots *= 2
    slots = np.empty(n_slots, np.int64)
    for i in range(n_slots):
        slots[i] = -1
    rows = 2 * chains + 1
    labels = Labels(
        slots,
        zeros(2),
        np.empty((rows, 2), np.int64),
        np.empty(rows + 1, np.int64),
        np.empty((rows, 3)),
        np.empty((rows, 2), np.int64),
        np.empty(members, np.int64),
    )
    labels.first[0] = 0
    return labels


@lean
def _new_row(labels: Labels, cover: Cover, extra: int, y: float) -> int:
    """Write the members of the cover, and `extra` unless negative, as a new row."""
    row: int = labels.used[0]
    start = labels.used[1]
    end = start
    members = labels.members
    for k in range(cover.state[0] + (1 if extra >= 0 else 0)):
        shape = cover.members[k] if k < cover.state[0] else extra
        b = end
        while b > start and members[b - 1] > shape:
            members[b] = members[b - 1]
            b -= 1
        members[b] = shape
        end += 1
    labels.used[0] = row + 1
    labels.used[1] = end
    labels.first[row + 1] = end
    labels.size[row, 0] = 0.0
    labels.size[row, 1] = 0.0
    labels.size[row, 2] = y
    labels.gap[row, 0] = 0
    labels.gap[row, 1] = 0
    return row


@lean
def _row_of(labels: Labels, cover: Cover, extra: int, keys: Ints, y: float) -> int:
    """Row of the cover, with `extra` unless negative; made when it is new."""
    key0 = cover.state[1]
    key1 = cover.state[2]
    if extra >= 0:
        key0 ^= keys[extra, 0]
        key1 ^= keys[extra, 1]
    mask = len(labels.slots) - 1
    slot = key0 & mask
    row: int = labels.slots[slot]
    while row >= 0:
        if labels.key[row, 0] == key0 and labels.key[row, 1] == key1:
            return row
        slot = (slot + 1) & mask
        row = labels.slots[slot]
    row = _new_row(labels, cover, extra, y)
    labels.slots[slot] = row
    labels.key[row, 0] = key0
    labels.key[row, 1] = key1
    return row


@lean
def _add(labels: Labels, row: int, area2: float, length: float, dx: np.int64, dy: np.int64) -> None:
    labels.size[row, 0] += area2
    labels.size[row, 1] += length
    labels.gap[row, 0] += dx
    labels.gap[row, 1] += dy


@lean
def book(labels: Labels, cover: Cover, shape: int, keys: Ints, chain: Floats) -> bool:
    """Book a chain of the boundary of `shape` to the sets on its two sides.

    Parameters
    ----------
    labels
        The table.
    cover
        Covering set along the chain, without `shape` itself.
    shape
        Whose boundary this is.
    keys
        From `keys_of_positions`.
    chain
        float64[5]; twice the area under the chain with the interior on its left, its length,
        the way from its start to its end (dx, dy), and the y of its end.

    Returns
    -------
    bool
        False when there is no room for the members of a new row.
    """
    if labels.used[1] + 2 * cover.state[0] + 1 > len(labels.members):
        return False
    dx = np.int64(chain[2])
    dy = np.int64(chain[3])
    _add(labels, _row_of(labels, cover, shape, keys, chain[4]), chain[0], chain[1], dx, dy)
    _add(labels, _row_of(labels, cover, -1, keys, chain[4]), -chain[0], chain[1], -dx, -dy)
    return True
