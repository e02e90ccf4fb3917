"""The arrangement of clusters without building one polygon: areas by walking rings.

The area of a region is a signed sum over its boundary, so it is enough to know, for every piece of
every ring, which shapes cover the ground on its two sides. Per cluster: find every crossing of
boundaries of different shapes, walk each ring once with its covering set, add each chain to the
set on its inner side (cover ∪ {shape}) and subtract it from the set on its outer side (cover).

Coordinates are taken relative to the middle of the cluster, on a grid of 2^-52 of its half extent
(0.2 picometres for a kilometre). Vertices come rounded to a coarser grid (`to_grid`), so that they
lie on it exactly in every cluster of less than 130 km; orientation tests are exact there. Areas are
summed in floating point, with an error of the order of one cell along the boundary.
"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import numba
import numpy as np
from numpy.typing import NDArray

from tilth.core.land.arrangement import Arrangement, concatenate, with_closure
from tilth.core.land.edgewalk_clusters import Output, entry
from tilth.core.land.edgewalk_kernels import Ints
from tilth.core.land.edgewalk_labels import keys_of_positions
from tilth.core.land.rings import Rings, rings_of

__all__ = ["compile_edge_walk", "edge_walk", "is_compiled", "load_edge_walk"]

_KEYS = keys_of_positions(1024)


def _keys(n: int) -> Ints:
    """Keys for at least `n` positions; the table only grows, and longer ones begin alike."""
    global _KEYS  # noqa: PLW0603 - a table of constants that is made as long as needed
    if len(_KEYS) < n:
        _KEYS = keys_of_positions(2 * n)
    return _KEYS


_WALK = entry()


def edge_walk(
    rings: Rings,
    cluster_offset: NDArray[np.int64],
    cluster_shapes: NDArray[np.int32],
    threads: int = 1,
) -> Arrangement:
    """Covering sets of clusters and their areas, by walking rings.

    Parameters
    ----------
    rings
        From `rings_of`; valid polygons in metres.
    cluster_offset, cluster_shapes
        Shapes of cluster ``c`` are ``cluster_shapes[cluster_offset[c]:cluster_offset[c+1]]``,
        as numbers of shapes in `rings`. Their order decides the order of rows, no area.
    threads
        Clusters are shared among so many threads; the result is the same to the last bit.

    Returns
    -------
    Arrangement
        Call `assert_sound` before believing it.
    """
    cluster_offset = np.ascontiguousarray(cluster_offset, dtype=np.int64)
    cluster_shapes = np.ascontiguousarray(cluster_shapes, dtype=np.int32)
    n = len(cluster_offset) - 1
    sizes = np.diff(cluster_offset)
    keys = _keys(int(sizes.max(initial=0)))
    chunks = _chunks(n, threads)

    def run(chunk: Ints) -> Arrangement:
        return _arrangement(_WALK(rings, cluster_offset, cluster_shapes, chunk, keys))

    if len(chunks) == 1:
        parts = [run(chunks[0])]
    else:
        with ThreadPoolExecutor(threads) as pool:
            parts = list(pool.map(run, chunks))
    shape_offset = cluster_offset - cluster_offset[0]
    listed = cluster_shapes[cluster_offset[0] : cluster_offset[-1]]
    return with_closure(concatenate(parts), shape_offset, rings.area_m2[listed])


def _chunks(n: int, threads: int) -> list[Ints]:
    """Consecutive ranges of clusters; more than threads, since clusters differ in size."""
    pieces = 1 if threads <= 1 or n < 8 else min(n, 16 * threads)
    edges = np.linspace(0, n, pieces + 1).astype(np.int64)
    return [edges[k : k + 2] for k in range(pieces)]


def _arrangement(out: Output) -> Arrangement:
    """Cut the arrays of a run to what is in use."""
    rows, members = int(out.used[0]), int(out.used[1])
    return Arrangement(
        out.cluster,
        out.row[: rows + 1, 0].copy(),
        out.member[:members, 0].astype(np.int32),
        out.area[:rows, 0].copy(),
        out.checks,
    )


def _sample() -> tuple[Rings, Ints, NDArray[np.int32], Ints, Ints]:
    """Arguments of the entry point for a cluster without shapes: their types are what counts."""
    rings = rings_of(np.empty(0, dtype=object))
    return rings, np.zeros(2, np.int64), np.empty(0, np.int32), np.array([0, 1]), _keys(1)


def is_compiled() -> bool:
    """Whether the machine code is in memory, so that `edge_walk` starts at once."""
    return bool(_WALK.signatures)


def load_edge_walk() -> bool:
    """Load machine code that an earlier run left on disk, under a second; False if there is none.

    Numba offers no public way to ask for this without compiling. Where a later version changes
    the internals used, the answer is False, and the caller compiles.
    """
    if is_compiled():
        return True
    signature = tuple(numba.typeof(a) for a in _sample())  # type: ignore[no-untyped-call]
    try:
        kept = _WALK._cache.load_overload(signature, _WALK.targetctx)
    except (AttributeError, TypeError, OSError, ValueError):
        return False
    if kept is None:
        return False
    _WALK.compile(signature)
    return True


def compile_edge_walk() -> None:
    """Compile, or load what was compiled before; 15 to 25 s on a machine's first run."""
    _WALK(*_sample())
