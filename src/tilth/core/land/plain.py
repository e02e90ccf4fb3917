"""The rules for plain faces, on arrays: one hazard at most, and everything on it said once.

Most ground of an operation is plain. For it `tilth.core.land.rules.history` comes down to a few
minima over each covering set: the first release that counts takes the credit, the next one
re-processes, the first day of work makes remaining ground processed. The result is the same
`LandRows`, byte for byte, as the general rules give; tests hold the two together.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tilth.core.days import NEVER
from tilth.core.land.arrangement import Arrangement
from tilth.core.land.book import LandBook
from tilth.core.land.clusters import Cluster
from tilth.core.land.columns import (
    FOREIGN,
    RELEASE,
    RING,
    WORK,
    ZONE,
    Columns,
    Flags,
    HazardColumns,
    Ints,
    columns_of,
    hazard_columns,
)
from tilth.core.land.rows import (
    PROCESSED,
    REPROCESSED,
    HazardRow,
    LandRows,
    ReleaseRow,
    release_row,
)
from tilth.core.land.rules import RELEASED, REMAINING
from tilth.core.land.views import CLEARED, ReleaseView

__all__ = ["PlainFaces"]

_LAST = np.int64(2**62)


class PlainFaces:
    """Faces of clusters, sorted into plain ones, which it reads itself, and the others."""

    def __init__(
        self, book: LandBook, clusters: Sequence[Cluster], arrangement: Arrangement
    ) -> None:
        self.book, self.clusters, self.arrangement = book, clusters, arrangement
        self.columns = c = columns_of(book, clusters)
        self._release_rows: dict[str, ReleaseRow] = {}
        self._at_level: dict[int, _Sorted] = {}
        self.cluster_of = np.repeat(np.arange(len(clusters)), np.diff(arrangement.cluster_offset))
        sizes = np.diff(arrangement.set_offset)
        self.starts = arrangement.set_offset[:-1]
        self.row_of = np.repeat(np.arange(len(sizes)), sizes)
        self.flat = c.offset[self.cluster_of][self.row_of] + arrangement.members
        self.order = c.rank[self.flat]
        role = c.role[self.flat]
        self.is_release, self.is_work = role == RELEASE, role == WORK
        self.is_ring, self.is_zone = role == RING, role == ZONE
        self.any_ring = self._count(self.is_ring) > 0
        self.accounted = self.any_ring | (
            (self._count(role == FOREIGN) == 0) & (self._count(c.home[self.flat]) > 0)
        )
        begins = np.append(c.starts, -1)[c.hazard[self.flat]]
        bears = self.is_ring | (self.is_zone & ~self.any_ring[self.row_of])
        self.begins = self._most(np.where(bears, begins, -1))

    def sorted_at(self, level: int) -> _Sorted:
        """Sort the accounted rows at a level: plain ones with their hazard, and the general."""
        if level not in self._at_level:
            self._at_level[level] = self._sort(level)
        return self._at_level[level]

    def _sort(self, level: int) -> _Sorted:
        c, flat, bit = self.columns, self.flat, 1 << (level - 1)
        plain, odd = (c.plain[flat] & bit) > 0, (c.odd[flat] & bit) > 0
        rings = self._count(self.is_ring & plain)
        in_ring = rings > 0
        within = in_ring[self.row_of]
        zone = self.is_zone & plain & ~self.any_ring[self.row_of]
        hazard = self._most(np.where((self.is_ring & plain) | zone, c.hazard[flat], -1))
        strange = self._count(odd & ~self.is_zone) > 0
        strange |= self._count(odd & self.is_zone & ~within) > 0
        strange |= (rings > 1) | (self._count(zone) > 1)
        early = self._least(self.is_release & plain, c.counts[flat]) < self.begins
        general = self.accounted & (strange | early)
        return _Sorted(plain, in_ring, hazard, self.accounted & ~general, general)

    def _count(self, flags: Flags) -> Ints:
        if not len(self.starts):
            return np.empty(0, np.int64)
        return np.asarray(np.add.reduceat(flags.astype(np.int64), self.starts))

    def _most(self, values: NDArray[Any]) -> Ints:
        if not len(self.starts):
            return np.empty(0, np.int64)
        return np.asarray(np.maximum.reduceat(values, self.starts))

    def _least(self, flags: Flags, values: Ints, otherwise: int = NEVER) -> Ints:
        if not len(self.starts):
            return np.empty(0, np.int64)
        return np.asarray(np.minimum.reduceat(np.where(flags, values, otherwise), self.starts))

    def _first(self, flags: Flags) -> Ints:
        """Rank of the first member of each row, in the order of credit, with a flag; or `_LAST`."""
        return self._least(flags, self.order, int(_LAST))

    def _day_at(self, rank: Ints) -> Ints:
        """Day from which the release of each rank counts, NEVER for none."""
        c = self.columns
        if not len(c.rank):
            return np.full(len(rank), NEVER, np.int64)
        safe = np.minimum(rank, len(c.rank) - 1)
        return np.where(rank == _LAST, NEVER, c.counts[c.at_rank[safe]])

    def faces(self, level: int) -> dict[int, list[tuple[frozenset[str], float]]]:
        """Faces that need the general rules at a level, by cluster: keys of shapes, area in m²."""
        arrangement = self.arrangement
        found: dict[int, list[tuple[frozenset[str], float]]] = {}
        at = arrangement.set_offset
        for row in np.flatnonzero(self.sorted_at(level).general).tolist():
            cluster = int(self.cluster_of[row])
            shapes = self.clusters[cluster].shapes
            keys = frozenset(shapes[m] for m in arrangement.members[at[row] : at[row + 1]].tolist())
            found.setdefault(cluster, []).append((keys, float(arrangement.area_m2[row])))
        return found

    def rows(self, level: int, hazards: Sequence[tuple[HazardRow, ...]]) -> list[LandRows]:
        """Kept rows of the plain faces of each cluster at a level.

        Parameters
        ----------
        hazards
            For each cluster, the hazards it has at the level, in its order.
        """
        about = hazard_columns(self.book, self.columns, level)
        one = self.sorted_at(level)
        c, flat = self.columns, self.flat
        hazard = one.hazard[self.row_of]
        release = self.is_release & one.plain
        deep = _deep_enough(c, flat, about.depth_cm[hazard], about.subsurface[hazard])
        named = (c.named[flat] == hazard) & (hazard >= 0)
        later, same = c.day[flat] > about.day[hazard], c.day[flat] == about.day[hazard]
        may = release & (later | (named & (same | about.first[hazard])))
        inside = one.in_ring & about.held[one.hazard]
        ring = inside[self.row_of]
        outside = (~self.any_ring & about.extends[one.hazard])[self.row_of]
        adds = release & deep & named & outside & (c.claim[flat] == CLEARED)
        credit = self._first((ring & may & deep) | adds)
        after = release & (self.order > credit[self.row_of])
        again = self._day_at(self._first(after))
        work = self.is_work & one.plain & (c.day[flat] >= about.day[hazard])
        shallow = ring & may & ~deep & (self.order < credit[self.row_of])
        worked = self._least((work & ring) | shallow, c.counts[flat])
        met = self._day_at(self._first(release))
        return self._assemble(about, hazards, one, _Days(credit, again, worked, met, inside))

    def _assemble(
        self,
        about: HazardColumns,
        hazards: Sequence[tuple[HazardRow, ...]],
        one: _Sorted,
        days: _Days,
    ) -> list[LandRows]:
        """Group rows with one history, write their segments, and part them by cluster."""
        inside = days.inside
        credited = self._day_at(days.credit)
        opens = np.where(inside, about.opens[one.hazard], credited)
        worked = np.where(inside & (days.worked < credited), np.maximum(days.worked, opens), NEVER)
        local = np.where(days.credit == _LAST, -1, days.credit)
        groups = _Groups(self.cluster_of, self.arrangement.area_m2)
        entry = one.counted & (inside | (days.credit != _LAST))
        kept = groups.of(entry, [one.hazard, ~inside, local, worked, days.again])
        row = kept.row
        table = _segments(opens[row], credited[row], worked[row], days.again[row], local[row])
        loose = one.counted & ~inside & (days.met < credited)
        spare = groups.of(loose, [days.met, credited])
        table.hazard = about.local[one.hazard[row]].astype(np.int32)
        table.extension = (~inside[row]).astype(np.uint8)
        since, until = days.met[spare.row].astype(np.int32), credited[spare.row].astype(np.int32)
        return self._parted(hazards, kept, table, (spare, since, until))

    def _parted(
        self,
        hazards: Sequence[tuple[HazardRow, ...]],
        kept: _Group,
        table: _Table,
        loose: tuple[_Group, NDArray[np.int32], NDArray[np.int32]],
    ) -> list[LandRows]:
        n = len(self.clusters)
        spare, since, until = loose
        rows = np.searchsorted(self.cluster_of[kept.row], np.arange(n + 1)).tolist()
        rest = np.searchsorted(self.cluster_of[spare.row], np.arange(n + 1)).tolist()
        used, place = np.unique(table.release, return_inverse=True)
        base = np.searchsorted(used, self.columns.offset)
        flats = self.columns.at_rank[used[used >= 0]]
        homes = np.searchsorted(self.columns.offset, flats, side="right") - 1
        shapes = flats - self.columns.offset[homes]
        named = [
            self._release_row(self.clusters[cluster].shapes[shape])
            for cluster, shape in zip(homes.tolist(), shapes.tolist(), strict=True)
        ]
        skipped = len(used) - len(named)
        bounds = (base - skipped).clip(0).tolist()
        release = np.where(table.release >= 0, place - skipped, -1)
        offset = table.offset
        result = []
        for k in range(n):
            low, high = rows[k], rows[k + 1]
            first, end = offset[low], offset[high]
            own = release[first:end]
            result.append(
                LandRows(
                    hazards[k],
                    tuple(named[bounds[k] : bounds[k + 1]]),
                    table.hazard[low:high],
                    table.extension[low:high],
                    kept.area_m2[low:high],
                    offset[low : high + 1] - first,
                    table.since[first:end],
                    table.status[first:end],
                    np.where(own >= 0, own - bounds[k], -1).astype(np.int32),
                    table.flags[first:end],
                    spare.area_m2[rest[k] : rest[k + 1]],
                    since[rest[k] : rest[k + 1]],
                    until[rest[k] : rest[k + 1]],
                )
            )
        return result

    def _release_row(self, statement: str) -> ReleaseRow:
        known = self._release_rows.get(statement)
        if known is None:
            views = self.book.views[self.book.record_of(statement)]
            view = next(v for v in views if isinstance(v, ReleaseView) and v.statement == statement)
            known = self._release_rows[statement] = release_row(view)
        return known


@dataclass(slots=True)
class _Sorted:
    """Rows at a level.

    ``plain`` says for each member whether it takes part; ``hazard`` is that of the ring, or of the
    zone outside every ring; ``counted`` are plain rows, ``general`` those left to the rules.
    """

    plain: Flags
    in_ring: Flags
    hazard: Ints
    counted: Flags
    general: Flags


@dataclass(slots=True)
class _Days:
    """For each row: rank of the credit, days of re-processing, work and first release; inside."""

    credit: Ints
    again: Ints
    worked: Ints
    met: Ints
    inside: Flags


def _deep_enough(c: Columns, flat: Ints, depth_cm: Any, subsurface: Any) -> Flags:
    """`ReleaseView.deep_enough` on arrays."""
    depth = c.depth_cm[flat]
    reaches = np.isnan(depth) | (depth >= depth_cm)
    searched = ~(subsurface & c.surface_only[flat])
    enough: Flags = ~c.cleared[flat] | (reaches & searched)
    return enough


@dataclass(slots=True)
class _Group:
    """First row of each group, and the area of the whole group."""

    row: Ints
    area_m2: NDArray[np.float64]


class _Groups:
    """Rows of one cluster that share a history become one, in order of first appearance."""

    def __init__(self, cluster_of: Ints, area_m2: NDArray[np.float64]) -> None:
        self.cluster_of, self.area_m2 = cluster_of, area_m2

    def of(self, wanted: Flags, parts: Sequence[NDArray[Any]]) -> _Group:
        """Group the wanted rows by cluster and every part."""
        rows = np.flatnonzero(wanted)
        columns = [self.cluster_of[rows], *(part[rows] for part in parts)]
        order = np.lexsort(columns[::-1])
        changes = np.zeros(len(rows), bool)
        for column in columns:
            ordered = column[order]
            changes[1:] |= ordered[1:] != ordered[:-1]
        group = np.empty(len(rows), np.int64)
        group[order] = np.cumsum(changes)
        n = int(group.max()) + 1 if len(rows) else 0
        first = np.full(n, len(rows), np.int64)
        np.minimum.at(first, group, np.arange(len(rows)))
        by_first = np.argsort(first, kind="stable")
        rank = np.empty(n, np.int64)
        rank[by_first] = np.arange(n)
        area = np.bincount(rank[group], weights=self.area_m2[rows], minlength=n)
        return _Group(rows[first[by_first]], area.astype(np.float64))


@dataclass(slots=True)
class _Table:
    offset: Ints
    since: NDArray[np.int32]
    status: NDArray[np.uint8]
    release: Ints
    flags: NDArray[np.uint8]
    hazard: NDArray[np.int32]
    extension: NDArray[np.uint8]


def _segments(opens: Ints, credited: Ints, worked: Ints, again: Ints, release: Ints) -> _Table:
    """Segments of rows: remaining, processed, released, re-processed, each where it lasts."""
    none = np.full(len(opens), -1, np.int64)
    open_flags = np.where(worked <= opens, PROCESSED, 0)
    done_flags = np.where(again <= credited, REPROCESSED, 0)
    since = np.stack([opens, worked, credited, again], axis=1)
    status = np.array([REMAINING, REMAINING, RELEASED, RELEASED], np.uint8)
    named = np.stack([none, none, release, release], axis=1)
    again_flags = np.full(len(opens), REPROCESSED, np.int64)
    work_flags = np.full(len(opens), PROCESSED, np.int64)
    flags = np.stack([open_flags, work_flags, done_flags, again_flags], axis=1)
    valid = np.stack(
        [
            opens < credited,
            (opens < worked) & (worked < credited),
            credited < NEVER,
            (credited < again) & (again < NEVER),
        ],
        axis=1,
    )
    offset = np.concatenate([[0], np.cumsum(valid.sum(axis=1))]).astype(np.int64)
    return _Table(
        offset,
        since[valid].astype(np.int32),
        np.broadcast_to(status, valid.shape)[valid],
        named[valid],
        flags[valid].astype(np.uint8),
        np.empty(0, np.int32),
        np.empty(0, np.uint8),
    )
