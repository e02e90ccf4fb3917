"""The compiled entry point of the edge walk: clusters in, rows of covering sets out."""

from __future__ import annotations

import math
from typing import Any, NamedTuple

import numba
import numpy as np
from numpy.typing import NDArray

from tilth.core.land.edgewalk_crossings import Events, Ground, find_events
from tilth.core.land.edgewalk_kernels import (
    Floats,
    Ints,
    fingerprint,
    grown_floats,
    grown_ints,
    kernel,
    lean,
    zeros,
)
from tilth.core.land.edgewalk_labels import Labels
from tilth.core.land.edgewalk_walk import sorted_rows, walk
from tilth.core.land.rings import Rings

__all__ = ["NOISE_CELLS", "Output", "entry"]

NOISE_CELLS = 16.0
"""Rounding noise of a set's area, in cells of the grid for each cell of its boundary.

Crossings are rounded to the grid (half a cell across the boundary) and every product and sum
rounds by about as much again.
"""
LOOSE_CELLS = 64.0 * 2.0**53
"""Area, in cells, by which sets may be wrong where three edges meet in a point.

Which edges cross is exact, the order of crossings on an edge is known to a few cells only. Where
orders do not agree, chains of a few cells are booked to a neighbouring set, perhaps to one without
ground; two of them may lie as far apart as the grid is wide (2^53). For a cluster of 1 km this
comes to 1e-8 m².
"""
GAP_CELLS = 4096.0
"""Opening of a boundary, in cells, that such chains may leave.

A wrong label leaves gaps as long as an edge, millions of times as much.
"""
TINY_M2 = 1e-9
"""Sets with less ground than this are left out where the grid cannot tell them from nothing."""


class Output(NamedTuple):
    """What a run over clusters has given so far; `used` holds rows, members and clusters."""

    used: Ints
    cluster: Ints
    row: Ints
    member: Ints
    area: Floats
    checks: Floats


@kernel
def _grid_step(rings: Rings, shapes: NDArray[np.int32], middle: Floats) -> float:
    """Set the middle of the cluster; return the width of a grid cell in metres, a power of two."""
    west, south, east, north = np.inf, np.inf, -np.inf, -np.inf
    for s in shapes:
        west = min(west, rings.box[s, 0])
        south = min(south, rings.box[s, 1])
        east = max(east, rings.box[s, 2])
        north = max(north, rings.box[s, 3])
    if not west <= east:
        west, south, east, north = 0.0, 0.0, 0.0, 0.0
    middle[0] = np.rint(0.5 * (west + east))  # whole metres, so that subtracting is exact
    middle[1] = np.rint(0.5 * (south + north))
    half = 0.5 * max(east - west, north - south) + 1.0
    return float(2.0 ** (math.ceil(math.log2(half)) - 52))


@kernel
def _ground(rings: Rings, shapes: NDArray[np.int32], middle: Floats, step: float) -> Ground:
    """Copy the shapes of one cluster to its grid."""
    n = len(shapes)
    n_rings = 0
    n_vertices = 0
    for s in shapes:
        for r in range(rings.shape_rings[s, 0], rings.shape_rings[s, 1]):
            n_rings += 1
            n_vertices += rings.ring_offset[r + 1] - rings.ring_offset[r]
    ground = Ground(
        np.empty(n_vertices),
        np.empty(n_vertices),
        np.empty(n_rings + 1, np.int64),
        np.empty(n_rings, np.int64),
        np.empty(n_rings),
        np.empty(n + 1, np.int64),
        np.empty((n, 4)),
    )
    cells = 1.0 / step
    v = 0
    k = 0
    for i in range(n):
        ground.shape[i] = k
        west, south, east, north = np.inf, np.inf, -np.inf, -np.inf
        for r in range(rings.shape_rings[shapes[i], 0], rings.shape_rings[shapes[i], 1]):
            ground.ring[k] = v
            ground.owner[k] = i
            ground.side[k] = rings.ring_side[r]
            k += 1
            for j in range(rings.ring_offset[r], rings.ring_offset[r + 1]):
                x = np.rint((rings.x[j] - middle[0]) * cells)
                y = np.rint((rings.y[j] - middle[1]) * cells)
                ground.x[v] = x
                ground.y[v] = y
                west, east = min(west, x), max(east, x)
                south, north = min(south, y), max(north, y)
                v += 1
        ground.box[i, 0] = west
        ground.box[i, 1] = south
        ground.box[i, 2] = east
        ground.box[i, 3] = north
    ground.ring[k] = v
    ground.shape[n] = k
    return ground


@kernel
def _with_room(out: Output, rows: int, members: int) -> Output:
    """Room for that many more rows and members."""
    row, area, member = out.row, out.area, out.member
    while len(area) < out.used[0] + rows + 1:
        row = grown_ints(row)
        area = grown_floats(area)
    while len(member) < out.used[1] + members:
        member = grown_ints(member)
    return Output(out.used, out.cluster, row, member, area, out.checks)


@lean
def _area_cells(labels: Labels, row: int) -> float:
    """Area of a covering set in cells.

    Areas under chains are taken to the x axis; moving the axis to the boundary itself changes
    nothing where it closes, and makes the error of a gap as small as the ground is.
    """
    return float(0.5 * labels.size[row, 0] + labels.size[row, 2] * float(labels.gap[row, 0]))


@kernel
def _collect(labels: Labels, step: float, out: Output) -> Output:
    """Write the covering sets of a cluster that are more than noise, in order, and the checks."""
    out = _with_room(out, labels.used[0], labels.used[1])
    n = out.used[0]
    m = out.used[1]
    gap = 0.0
    lowest = 0.0
    covered = 0.0
    tiny = min(LOOSE_CELLS, TINY_M2 / (step * step))
    rows = sorted_rows(labels)
    for k in range(len(rows)):
        row = rows[k]
        gap = max(gap, abs(float(labels.gap[row, 0])), abs(float(labels.gap[row, 1])))
        if labels.first[row] == labels.first[row + 1]:
            continue
        cells = _area_cells(labels, row)
        noise = NOISE_CELLS * labels.size[row, 1]
        lowest = min(lowest, cells / (noise + LOOSE_CELLS))
        if cells <= max(noise, tiny):
            continue
        for j in range(labels.first[row], labels.first[row + 1]):
            out.member[m, 0] = labels.members[j]
            m += 1
        out.area[n, 0] = cells * step * step
        covered += out.area[n, 0]
        n += 1
        out.row[n, 0] = m
    c = out.used[2]
    out.used[0] = n
    out.used[1] = m
    out.cluster[c + 1] = n
    out.checks[c, 0] = gap / GAP_CELLS
    out.checks[c, 3] = lowest
    out.checks[c, 6] = covered
    return out


def _compiled(version: int) -> Any:
    """Make the compiled entry point; `version` is in its closure and so in its key on disk."""

    def walk_clusters(
        rings: Rings,
        cluster_offset: Ints,
        cluster_shapes: NDArray[np.int32],
        chunk: Ints,
        keys: Ints,
    ) -> Output:
        assert version  # noqa: S101 - the closure has to use what it holds
        n = chunk[1] - chunk[0]
        events = Events(
            zeros(2),
            np.empty((4096, 2), np.int64),
            np.empty((4096, 3)),
            np.empty((1024, 2), np.int64),
        )
        out = Output(
            zeros(3),
            zeros(n + 1),
            np.empty((64, 1), np.int64),
            np.empty((256, 1), np.int64),
            np.empty((64, 1)),
            np.empty((n, 7)),
        )
        out.row[0, 0] = 0
        middle = np.empty(2)
        for c in range(n):
            first = cluster_offset[chunk[0] + c]
            shapes = cluster_shapes[first : cluster_offset[chunk[0] + c + 1]]
            step = _grid_step(rings, shapes, middle)
            ground = _ground(rings, shapes, middle, step)
            events = find_events(ground, events)
            labels, errors = walk(ground, events, keys)
            out.used[2] = c
            out = _collect(labels, step, out)
            out.checks[c, 1] = errors
            out.checks[c, 4] = 0.0
            out.checks[c, 5] = events.used[0] // 2
            out.checks[c, 2] = 0.0
            for s in shapes:
                if not rings.valid[s]:
                    out.checks[c, 2] += 1
        return out

    try:
        return numba.njit(nogil=True, error_model="numpy", cache=True)(walk_clusters)
    except RuntimeError:  # no place to keep it: neither here nor in the user's cache directory
        return numba.njit(nogil=True, error_model="numpy")(walk_clusters)


def entry() -> Any:
    """Make the entry point, a dispatcher of numba.

    Its machine code is kept on disk where there is a place for it, else compiled by each process.
    """
    parts = [_grid_step, _ground, find_events, walk, _collect]
    return _compiled(fingerprint(*parts))
