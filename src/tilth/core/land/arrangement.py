"""What both arrangement engines give: which ground is covered by exactly which shapes.

A cluster is a list of polygons that belong together, for example a hazard and the releases near
it. Its *covering sets* partition the ground that the polygons cover: every square metre belongs to
exactly one set, the set of all polygons that cover it. Hazards, ranks and rules are no part of
this; they are functions of a covering set and live elsewhere.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from enum import IntEnum
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

__all__ = [
    "CLOSURE_M2",
    "CLOSURE_RELATIVE",
    "Arrangement",
    "Check",
    "UnsoundError",
    "assert_sound",
    "closure",
    "concatenate",
    "unsound",
    "with_closure",
]

CLOSURE_M2 = 1e-6
"""Area that the sets of one shape may differ from the area of the shape (rules §3)."""
CLOSURE_RELATIVE = 1e-12
"""The same as a share of the area of the shape; the larger of the two holds."""


class Check(IntEnum):
    """Columns of `Arrangement.checks`, one row per cluster.

    Attributes
    ----------
    GAP
        Largest opening left in the boundary of a covering set, in multiples of what rounding may
        leave (4,096 cells of the edge walk's grid, half a nanometre for a cluster of 1 km).
    PARITY_ERRORS
        Rings whose covering set did not come back to where it started: a crossing was missed.
    INVALID_SHAPES
        Shapes that are not valid polygons; their areas cannot be trusted, whatever else closes.
    LOWEST
        Most negative area of a covering set, in multiples of its own rounding noise.
    CLOSURE
        Worst difference between the sets of a shape and the shape itself, in multiples of what
        is allowed (`CLOSURE_M2`, `CLOSURE_RELATIVE`).
    CROSSINGS
        Crossings of boundaries of different shapes; no error, a measure of the work.
    COVERED_M2
        Area covered by at least one shape, in m².
    """

    GAP = 0
    PARITY_ERRORS = 1
    INVALID_SHAPES = 2
    LOWEST = 3
    CLOSURE = 4
    CROSSINGS = 5
    COVERED_M2 = 6


class Arrangement(NamedTuple):
    """Covering sets of many clusters, as ragged arrays.

    Attributes
    ----------
    cluster_offset
        int64[n_clusters + 1]; rows of cluster ``c`` are ``cluster_offset[c]:cluster_offset[c+1]``,
        in lexicographic order of their members.
    set_offset
        int64[n_rows + 1]; members of row ``r`` are ``members[set_offset[r]:set_offset[r+1]]``.
    members
        int32; positions of shapes within their cluster, ascending. The empty set is not given.
    area_m2
        float64[n_rows]; area of the ground covered by exactly these shapes, in m².
    checks
        float64[n_clusters, len(Check)]; see `Check`.
    """

    cluster_offset: NDArray[np.int64]
    set_offset: NDArray[np.int64]
    members: NDArray[np.int32]
    area_m2: NDArray[np.float64]
    checks: NDArray[np.float64]

    def sets(self, cluster: int) -> dict[tuple[int, ...], float]:
        """Covering sets of one cluster with their areas in m²; for tests and for reading."""
        rows = range(int(self.cluster_offset[cluster]), int(self.cluster_offset[cluster + 1]))
        at = self.set_offset
        return {
            tuple(int(m) for m in self.members[at[r] : at[r + 1]]): float(self.area_m2[r])
            for r in rows
        }

    def one(self, cluster: int) -> Arrangement:
        """Arrangement of one of its clusters alone."""
        first, last = self.cluster_offset[cluster], self.cluster_offset[cluster + 1]
        offset = self.set_offset[first : last + 1]
        return Arrangement(
            np.array([0, last - first], np.int64),
            offset - offset[0],
            self.members[offset[0] : offset[-1]],
            self.area_m2[first:last],
            self.checks[cluster : cluster + 1],
        )

    def some(self, clusters: Sequence[int]) -> Arrangement:
        """Arrangement of some of its clusters, in the order given."""
        return concatenate([self.one(cluster) for cluster in clusters])


class UnsoundError(ArithmeticError):
    """An arrangement failed its own checks; carries the clusters that did.

    Parameters
    ----------
    clusters
        Numbers of the clusters, ascending.
    reasons
        For each of them, which checks failed and by how much.
    """

    def __init__(self, clusters: Sequence[int], reasons: Sequence[str]) -> None:
        shown = "; ".join(f"cluster {c}: {r}" for c, r in zip(clusters[:5], reasons, strict=False))
        super().__init__(f"{len(clusters)} cluster(s) not sound: {shown}")
        self.clusters = list(clusters)
        self.reasons = list(reasons)


def _failures(checks: NDArray[np.float64]) -> NDArray[np.bool_]:
    """Which of the checks fail; a value that is not a number fails."""
    failed = np.zeros(checks.shape, bool)
    for check in (Check.PARITY_ERRORS, Check.INVALID_SHAPES):
        failed[:, check] = checks[:, check] != 0.0
    failed[:, Check.GAP] = ~(checks[:, Check.GAP] <= 1.0)
    failed[:, Check.LOWEST] = ~(checks[:, Check.LOWEST] >= -1.0)
    failed[:, Check.CLOSURE] = ~(checks[:, Check.CLOSURE] <= 1.0)
    return failed


def unsound(arrangement: Arrangement) -> NDArray[np.int64]:
    """Clusters that failed a check of their engine, ascending."""
    return np.flatnonzero(_failures(arrangement.checks).any(axis=1))


def assert_sound(arrangement: Arrangement) -> None:
    """Refuse an arrangement that does not prove itself.

    Raises
    ------
    UnsoundError
        Naming each cluster that failed, and its checks.
    """
    clusters = unsound(arrangement)
    if len(clusters):
        failed = _failures(arrangement.checks)
        reasons = [
            ", ".join(
                f"{k.name.lower()} {arrangement.checks[c, k]:g}" for k in Check if failed[c, k]
            )
            for c in clusters
        ]
        raise UnsoundError([int(c) for c in clusters], reasons)


def closure(
    arrangement: Arrangement,
    shape_offset: NDArray[np.int64],
    shape_area_m2: NDArray[np.float64],
) -> NDArray[np.float64]:
    """Area of the sets that hold a shape, less the area of the shape, in m².

    Parameters
    ----------
    arrangement
        Of any engine.
    shape_offset
        int64[n_clusters + 1]; where each cluster's shapes begin, as given to the engine.
    shape_area_m2
        float64[n]; area of each shape measured apart, cluster after cluster.

    Returns
    -------
    float64[n]
    """
    rows_of_cluster = np.diff(arrangement.cluster_offset)
    members_of_row = np.diff(arrangement.set_offset)
    first_shape = np.repeat(np.repeat(shape_offset[:-1], rows_of_cluster), members_of_row)
    covered = np.bincount(
        first_shape + arrangement.members,
        weights=np.repeat(arrangement.area_m2, members_of_row),
        minlength=len(shape_area_m2),
    )
    return covered - shape_area_m2


def with_closure(
    arrangement: Arrangement,
    shape_offset: NDArray[np.int64],
    shape_area_m2: NDArray[np.float64],
) -> Arrangement:
    """Write the worst closure of each cluster into its checks; for engines."""
    allowed = np.maximum(CLOSURE_M2, CLOSURE_RELATIVE * np.abs(shape_area_m2))
    off = np.abs(closure(arrangement, shape_offset, shape_area_m2)) / allowed
    worst = arrangement.checks[:, Check.CLOSURE]
    some = np.flatnonzero(np.diff(shape_offset))
    if len(some):
        worst[some] = np.maximum.reduceat(off, shape_offset[some])
    return arrangement


def concatenate(parts: Iterable[Arrangement]) -> Arrangement:
    """Arrangements of consecutive clusters as one."""
    parts = list(parts)
    if len(parts) == 1:
        return parts[0]
    return Arrangement(
        _joined_offsets([p.cluster_offset for p in parts]),
        _joined_offsets([p.set_offset for p in parts]),
        np.concatenate([p.members for p in parts]) if parts else np.empty(0, np.int32),
        np.concatenate([p.area_m2 for p in parts]) if parts else np.empty(0),
        np.concatenate([p.checks for p in parts]) if parts else np.empty((0, len(Check))),
    )


def _joined_offsets(offsets: list[NDArray[np.int64]]) -> NDArray[np.int64]:
    """Offsets of ragged arrays that are laid end to end."""
    lengths = [np.diff(offset) for offset in offsets]
    total = np.concatenate([np.zeros(1, np.int64), *lengths])
    return np.cumsum(total)
