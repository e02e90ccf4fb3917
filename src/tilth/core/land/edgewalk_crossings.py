"""Where the boundaries of a cluster cross each other, and which shapes cover a ring's start."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from tilth.core.land.edgewalk_exact import (
    accurate_orientation,
    inside,
    orientation,
    segment_tie,
)
from tilth.core.land.edgewalk_kernels import (
    Floats,
    Ints,
    first_at_least,
    grown_floats,
    grown_ints,
    kernel,
    lean,
    sort_by,
)

__all__ = ["Events", "Ground", "find_events"]

_MANY = 2048
"""Pairs of edges from which on sorting one side pays."""


class Ground(NamedTuple):
    """One cluster on its own integer grid.

    Attributes
    ----------
    x, y
        Vertices, ring after ring, closed; whole numbers.
    ring
        int64[n_rings + 1]; vertex offsets of rings.
    owner
        int64[n_rings]; the shape that a ring belongs to.
    side
        float64[n_rings]; +1 where the interior lies left of the ring.
    shape
        int64[n + 1]; ring offsets of shapes.
    box
        float64[n, 4]; west, south, east, north on the grid.
    """

    x: Floats
    y: Floats
    ring: Ints
    owner: Ints
    side: Floats
    shape: Ints
    box: Floats


class Events(NamedTuple):
    """What happens to the covering set along the rings.

    Attributes
    ----------
    used
        int64[2]; crossings in use, starts in use.
    crossing
        int64[·, 2]; the edge on which it lies, and the shape whose boundary is crossed. Every
        crossing stands twice, once on each edge.
    place
        float64[·, 3]; how far along the edge (0 to 1), and the point, the same for both edges.
    start
        int64[·, 2]; a ring, and a shape that covers its first vertex.
    """

    used: Ints
    crossing: Ints
    place: Floats
    start: Ints


class _Work(NamedTuple):
    """Scratch arrays of one cluster: edges of a pair within their window, keys, the window."""

    edges_p: Ints
    edges_q: Ints
    key: Floats
    window: Floats


@lean
def _edges_in(found: Ints, ground: Ground, shape: int, window: Floats) -> int:
    """Write the edges of a shape whose box meets the window to `found`; return how many."""
    x = ground.x
    y = ground.y
    west, south, east, north = window[0], window[1], window[2], window[3]
    n = 0
    for r in range(ground.shape[shape], ground.shape[shape + 1]):
        for e in range(ground.ring[r], ground.ring[r + 1] - 1):
            if (x[e] < west and x[e + 1] < west) or (x[e] > east and x[e + 1] > east):
                continue
            if (y[e] < south and y[e + 1] < south) or (y[e] > north and y[e + 1] > north):
                continue
            found[n] = e
            n += 1
    return n


@lean
def _cross_edges(ground: Ground, e: int, f: int, p: int, q: int, events: Events) -> bool:
    """Record the crossing of edge `e` of shape `p` with edge `f` of a later shape `q`, if any.

    Returns False when there is no room for it; so do the functions that call this one.
    """
    ax, ay, bx, by = ground.x[e], ground.y[e], ground.x[e + 1], ground.y[e + 1]
    cx, cy, dx, dy = ground.x[f], ground.y[f], ground.x[f + 1], ground.y[f + 1]
    c_side = orientation(ax, ay, bx, by, cx, cy)
    d_side = orientation(ax, ay, bx, by, dx, dy)
    tie = segment_tie(ax, ay, bx, by)  # q is the one thought moved
    if ((c_side if c_side != 0.0 else tie) > 0.0) == ((d_side if d_side != 0.0 else tie) > 0.0):
        return True
    a_side = orientation(cx, cy, dx, dy, ax, ay)
    b_side = orientation(cx, cy, dx, dy, bx, by)
    tie = -segment_tie(cx, cy, dx, dy)
    if ((a_side if a_side != 0.0 else tie) > 0.0) == ((b_side if b_side != 0.0 else tie) > 0.0):
        return True
    n = events.used[0]
    if n + 2 > len(events.crossing):
        return False
    a_side = accurate_orientation(cx, cy, dx, dy, ax, ay)
    b_side = accurate_orientation(cx, cy, dx, dy, bx, by)
    c_side = accurate_orientation(ax, ay, bx, by, cx, cy)
    d_side = accurate_orientation(ax, ay, bx, by, dx, dy)
    along_e = a_side / (a_side - b_side)
    along_f = c_side / (c_side - d_side)
    # One point on the grid for both rings, so that boundaries close exactly.
    at_x = np.rint(ax + along_e * (bx - ax))
    at_y = np.rint(ay + along_e * (by - ay))
    events.crossing[n, 0] = e
    events.crossing[n, 1] = q
    events.crossing[n + 1, 0] = f
    events.crossing[n + 1, 1] = p
    events.place[n, 0] = along_e
    events.place[n + 1, 0] = along_f
    for k in range(n, n + 2):
        events.place[k, 1] = at_x
        events.place[k, 2] = at_y
    events.used[0] = n + 2
    return True


@lean
def _cross_all(
    ground: Ground, p: int, q: int, n_p: int, n_q: int, work: _Work, events: Events
) -> bool:
    """Cross every edge of `p` in the window with every edge of `q` in it whose box it meets."""
    x = ground.x
    y = ground.y
    for a in range(n_p):
        e = work.edges_p[a]
        west, east = min(x[e], x[e + 1]), max(x[e], x[e + 1])
        south, north = min(y[e], y[e + 1]), max(y[e], y[e + 1])
        for b in range(n_q):
            f = work.edges_q[b]
            if (x[f] > east and x[f + 1] > east) or (x[f] < west and x[f + 1] < west):
                continue
            if (y[f] > north and y[f + 1] > north) or (y[f] < south and y[f + 1] < south):
                continue
            if not _cross_edges(ground, e, f, p, q, events):
                return False
    return True


@lean
def _cross_sorted(
    ground: Ground, p: int, q: int, n_p: int, n_q: int, work: _Work, events: Events
) -> bool:
    """As `_cross_all` for many edges: those of `q` sorted along the window's long side."""
    wide = work.window[2] - work.window[0] > work.window[3] - work.window[1]
    along = ground.x if wide else ground.y
    across = ground.y if wide else ground.x
    key = work.key
    longest = 0.0
    for b in range(n_q):
        f = work.edges_q[b]
        key[f] = min(along[f], along[f + 1])
        longest = max(longest, abs(along[f + 1] - along[f]))
    sort_by(work.edges_q, 0, n_q, key)
    for a in range(n_p):
        e = work.edges_p[a]
        near, far = min(along[e], along[e + 1]), max(along[e], along[e + 1])
        low, high = min(across[e], across[e + 1]), max(across[e], across[e + 1])
        for b in range(first_at_least(work.edges_q, n_q, key, near - longest), n_q):
            f = work.edges_q[b]
            if key[f] > far:
                break
            if along[f] < near and along[f + 1] < near:
                continue
            if (across[f] > high and across[f + 1] > high) or (
                across[f] < low and across[f + 1] < low
            ):
                continue
            if not _cross_edges(ground, e, f, p, q, events):
                return False
    return True


@lean
def _cover_starts(ground: Ground, p: int, q: int, window: Floats, events: Events) -> bool:
    """Record for each ring of `p` whether its first vertex lies in `q`."""
    shift = 1.0 if q > p else -1.0
    first, last = ground.shape[q], ground.shape[q + 1]
    for r in range(ground.shape[p], ground.shape[p + 1]):
        px = ground.x[ground.ring[r]]
        py = ground.y[ground.ring[r]]
        if px < window[0] or px > window[2] or py < window[1] or py > window[3]:
            continue
        if inside(px, py, shift, ground.x, ground.y, first, last, ground.ring):
            n = events.used[1]
            if n == len(events.start):
                return False
            events.start[n, 0] = r
            events.start[n, 1] = q
            events.used[1] = n + 1
    return True


@lean
def _pair_events(ground: Ground, p: int, q: int, work: _Work, events: Events) -> bool:
    """Events between shape `p` and a later shape `q` whose boxes meet; False without room."""
    n_p = _edges_in(work.edges_p, ground, p, work.window)
    if n_p:
        n_q = _edges_in(work.edges_q, ground, q, work.window)
        if n_p * n_q > _MANY:
            done = _cross_sorted(ground, p, q, n_p, n_q, work, events)
        else:
            done = _cross_all(ground, p, q, n_p, n_q, work, events)
        if not done:
            return False
    return _cover_starts(ground, p, q, work.window, events) and _cover_starts(
        ground, q, p, work.window, events
    )


@kernel
def _roomier(events: Events) -> Events:
    """Twice the room, with what is recorded."""
    return Events(
        events.used,
        grown_ints(events.crossing),
        grown_floats(events.place),
        grown_ints(events.start),
    )


@kernel
def find_events(ground: Ground, events: Events) -> Events:
    """Find all events of a cluster, pair by pair; boxes are swept from west to east.

    Parameters
    ----------
    ground
        The cluster.
    events
        Arrays to be written over from the start; grown where they are too small.
    """
    n = len(ground.shape) - 1
    n_vertices = len(ground.x)
    box = ground.box
    work = _Work(
        np.empty(n_vertices, np.int64),
        np.empty(n_vertices, np.int64),
        np.empty(n_vertices),
        np.empty(4),
    )
    order = np.empty(n, np.int64)
    west = np.empty(n)
    for i in range(n):
        order[i] = i
        west[i] = box[i, 0]
    sort_by(order, 0, n, west)
    events.used[0] = 0
    events.used[1] = 0
    for s in range(n):
        i = order[s]
        for t in range(s + 1, n):
            k = order[t]
            if box[k, 0] > box[i, 2]:
                break
            if box[k, 1] > box[i, 3] or box[k, 3] < box[i, 1]:
                continue
            work.window[0] = max(box[i, 0], box[k, 0])
            work.window[1] = max(box[i, 1], box[k, 1])
            work.window[2] = min(box[i, 2], box[k, 2])
            work.window[3] = min(box[i, 3], box[k, 3])
            crossings, starts = events.used[0], events.used[1]
            while not _pair_events(ground, min(i, k), max(i, k), work, events):
                events = _roomier(events)  # and do the pair again from the start
                events.used[0], events.used[1] = crossings, starts
    return events
