"""Walk the rings of one cluster and collect its covering sets with their areas."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from tilth.core.land.edgewalk_crossings import Events, Ground
from tilth.core.land.edgewalk_kernels import Floats, Ints, bucket, kernel, lean, sort_by
from tilth.core.land.edgewalk_labels import Cover, Labels, book, new_cover, new_labels, toggle

__all__ = ["sorted_rows", "walk"]


class _Order(NamedTuple):
    """Events in the order of the walk: crossings by edge and place on it, starts by ring."""

    edge: Ints
    crossing: Ints
    ring: Ints
    start: Ints


class _Walk(NamedTuple):
    """All that a walk reads and writes; `chain` is what `book` takes."""

    ground: Ground
    events: Events
    order: _Order
    keys: Ints
    cover: Cover
    labels: Labels
    chain: Floats


@kernel
def _in_order(ground: Ground, events: Events) -> _Order:
    edge, crossing = bucket(events.crossing, events.used[0], len(ground.x))
    along = np.empty(events.used[0])
    for a in range(events.used[0]):
        along[a] = events.place[a, 0]
    for e in range(len(ground.x)):
        if edge[e + 1] - edge[e] > 1:
            sort_by(crossing, edge[e], edge[e + 1], along)
    ring, start = bucket(events.start, events.used[1], len(ground.owner))
    return _Order(edge, crossing, ring, start)


@lean
def _walk_ring(r: int, walk: _Walk) -> bool:
    """Follow one ring from event to event and book each chain on both its sides.

    The area under a chain is taken as trapezoids to the x axis: on the grid both factors are
    exact, so that a boundary that closes has only the rounding of its products. Returns False
    when the table has no room left.
    """
    ground, events, order, chain = walk.ground, walk.events, walk.order, walk.chain
    side = ground.side[r]
    first = ground.ring[r]
    last = ground.ring[r + 1] - 1
    from_x = at_x = ground.x[first]
    from_y = at_y = ground.y[first]
    area2 = 0.0
    length = 0.0
    for e in range(first, last):
        for a in range(order.edge[e], order.edge[e + 1] + 1):
            crossed = np.int64(-1)
            if a < order.edge[e + 1]:
                k = order.crossing[a]
                x = events.place[k, 1]
                y = events.place[k, 2]
                crossed = events.crossing[k, 1]
            else:
                x = ground.x[e + 1]
                y = ground.y[e + 1]
            area2 += (at_x - x) * (at_y + y)
            length += abs(x - at_x) + abs(y - at_y)
            at_x = x
            at_y = y
            if crossed < 0 and e + 1 < last:
                continue
            chain[0] = side * area2
            chain[1] = length
            chain[2] = side * (x - from_x)
            chain[3] = side * (y - from_y)
            chain[4] = y
            if not book(walk.labels, walk.cover, ground.owner[r], walk.keys, chain):
                return False
            area2 = 0.0
            length = 0.0
            from_x = x
            from_y = y
            if crossed >= 0:
                toggle(walk.cover, crossed, walk.keys)
    return True


@lean
def _toggle_starts(r: int, walk: _Walk) -> None:
    """Put the shapes that cover a ring's first vertex into the set, or take them out."""
    for a in range(walk.order.ring[r], walk.order.ring[r + 1]):
        toggle(walk.cover, walk.events.start[walk.order.start[a], 1], walk.keys)


@lean
def _walk_all(walk: _Walk) -> int:
    """Walk every ring; returns the number of parity errors, or -1 when the table is full."""
    errors = 0
    for k in range(len(walk.chain)):
        walk.chain[k] = 0.0
    book(walk.labels, walk.cover, 0, walk.keys, walk.chain)  # makes the row of the empty set
    for r in range(len(walk.ground.owner)):
        _toggle_starts(r, walk)
        if not _walk_ring(r, walk):
            return -1
        _toggle_starts(r, walk)
        if walk.cover.state[0] != 0:  # back at the start, undoing the start must leave nothing
            errors += 1
            while walk.cover.state[0] != 0:
                toggle(walk.cover, walk.cover.members[0], walk.keys)
    return errors


@kernel
def walk(ground: Ground, events: Events, keys: Ints) -> tuple[Labels, int]:
    """Walk all rings; returns the table of covering sets and the number of parity errors."""
    order = _in_order(ground, events)
    chains = events.used[0] + len(ground.owner)
    room = 64 + 4 * chains
    while True:
        labels = new_labels(chains, room)
        cover = new_cover(len(ground.shape) - 1)
        errors = _walk_all(_Walk(ground, events, order, keys, cover, labels, np.empty(5)))
        if errors >= 0:
            return labels, errors
        room *= 4


@lean
def _before(labels: Labels, a: int, b: int) -> bool:
    """Whether row `a` comes before row `b` in lexicographic order of members."""
    i = labels.first[a]
    j = labels.first[b]
    end_i = labels.first[a + 1]
    end_j = labels.first[b + 1]
    while i < end_i and j < end_j:
        if labels.members[i] != labels.members[j]:
            return bool(labels.members[i] < labels.members[j])
        i += 1
        j += 1
    return bool(i == end_i and j < end_j)


@kernel
def sorted_rows(labels: Labels) -> Ints:
    """Rows in lexicographic order of their members (Shell's method, as `sort_by`)."""
    n = labels.used[0]
    rows = np.empty(n, np.int64)
    for i in range(n):
        rows[i] = i
    gap = 1
    while gap < n // 3:
        gap = 3 * gap + 1
    while gap > 0:
        for a in range(gap, n):
            moved = rows[a]
            b = a - gap
            while b >= 0 and _before(labels, moved, rows[b]):
                rows[b + gap] = rows[b]
                b -= gap
            rows[b + gap] = moved
        gap //= 3
    return rows
