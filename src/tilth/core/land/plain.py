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

from tilth.core.chains import APPROVED
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
    """Faces of clusters, sorted into plain ones, which it reads itself, and the others.

    Attributes
    ----------
    general
        bool[n_rows]; rows of the arrangement that are accounted and need the general rules.
    """

    def __init__(
        self, book: LandBook, clusters: Sequence[Cluster], arrangement: Arrangement
    ) -> None:
        self.book, self.clusters, self.arrangement = book, clusters, arrangement
        self.columns = c = columns_of(book, clusters)
        self._release_rows: dict[str, ReleaseRow] = {}
        self.cluster_of = np.repeat(np.arange(len(clusters)), np.diff(arrangement.cluster_offset))
        sizes = np.diff(arrangement.set_offset)
        self.starts = arrangement.set_offset[:-1]
        self.row_of = np.repeat(np.arange(len(sizes)), sizes)
        self.flat = c.offset[self.cluster_of][self.row_of] + arrangement.members
        self.order = np.arange(len(self.flat), dtype=np.int64)
        role = c.role[self.flat]
        self.is_release, self.is_work = role == RELEASE, role == WORK
        rings, zones = self._count(role == RING), self._count(role == ZONE)
        self.in_ring = rings > 0
        counted = self.in_ring | (
            (self._count(role == FOREIGN) == 0) & (self._count(c.home[self.flat]) > 0)
        )
        own = np.where(self.in_ring[self.row_of], role == RING, role == ZONE)
        mine = np.where(own, c.hazard[self.flat], -1)
        self.hazard = self._most(mine)
        odd = c.odd[self.flat]
        strange = self._count(odd & (role != ZONE)) > 0
        strange |= ~self.in_ring & (self._count(odd & (role == ZONE)) > 0)
        strange |= (rings > 1) | (~self.in_ring & (zones > 1))
        begins = np.append(c.starts, -1)[self.hazard]
        early = self._least(self.is_release, c.counts[self.flat]) < begins
        self.general = counted & (strange | early)
        self.counted = counted & ~self.general

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
        """Place (in ``flat``) of the first member of each row with a flag, or `_LAST`."""
        return self._least(flags, self.order, int(_LAST))

    def _day_at(self, place: Ints) -> Ints:
        """Day from which the release at each place counts, NEVER for none."""
        if not len(self.flat):
            return np.empty(0, np.int64)
        safe = np.minimum(place, len(self.flat) - 1)
        return np.where(place == _LAST, NEVER, self.columns.counts[self.flat[safe]])

    def faces(self, cluster: int) -> list[tuple[frozenset[str], float]]:
        """Faces of a cluster that need the general rules: keys of their shapes, area in m²."""
        arrangement = self.arrangement
        first, last = arrangement.cluster_offset[cluster : cluster + 2]
        at, shapes = arrangement.set_offset, self.clusters[cluster].shapes
        return [
            (
                frozenset(shapes[m] for m in arrangement.members[at[row] : at[row + 1]].tolist()),
                float(arrangement.area_m2[row]),
            )
            for row in (np.flatnonzero(self.general[first:last]) + first).tolist()
        ]

    def rows(self, level: int, hazards: Sequence[tuple[HazardRow, ...]]) -> list[LandRows]:
        """Kept rows of the plain faces of each cluster at a level.

        Parameters
        ----------
        hazards
            For each cluster, the hazards it has at the level, in its order.
        """
        about = hazard_columns(self.book, self.columns, level)
        c, flat = self.columns, self.flat
        hazard = self.hazard[self.row_of]
        present = c.level[flat] >= min(level, APPROVED)
        release = self.is_release & present
        deep = _deep_enough(c, flat, about.depth_cm[hazard], about.subsurface[hazard])
        named = (c.named[flat] == hazard) & (hazard >= 0)
        later, same = c.day[flat] > about.day[hazard], c.day[flat] == about.day[hazard]
        may = release & (later | (named & (same | about.first[hazard])))
        inside = self.in_ring & about.held[self.hazard]
        ring = inside[self.row_of]
        outside = (~self.in_ring & about.extends[self.hazard])[self.row_of]
        adds = release & deep & named & outside & (c.claim[flat] == CLEARED)
        credit = self._first((ring & may & deep) | adds)
        after = release & (self.order > credit[self.row_of])
        again = self._day_at(self._first(after))
        work = self.is_work & present & (c.day[flat] >= about.day[hazard])
        shallow = ring & may & ~deep & (self.order < credit[self.row_of])
        worked = self._least((work & ring) | shallow, c.counts[flat])
        met = self._day_at(self._first(release))
        return self._assemble(about, hazards, inside, _Days(credit, again, worked, met))

    def _assemble(
        self,
        about: HazardColumns,
        hazards: Sequence[tuple[HazardRow, ...]],
        inside: Flags,
        days: _Days,
    ) -> list[LandRows]:
        """Group rows with one history, write their segments, and part them by cluster."""
        credited = self._day_at(days.credit)
        opens = np.where(inside, about.opens[self.hazard], credited)
        worked = np.where(inside & (days.worked < credited), np.maximum(days.worked, opens), NEVER)
        last = max(len(self.flat) - 1, 0)
        place = np.minimum(days.credit, last)
        local = np.where(days.credit == _LAST, -1, self.flat[place] if len(self.flat) else -1)
        groups = _Groups(self.cluster_of, self.arrangement.area_m2)
        entry = self.counted & (inside | (days.credit != _LAST))
        kept = groups.of(entry, [self.hazard, ~inside, local, worked, days.again])
        row = kept.row
        table = _segments(opens[row], credited[row], worked[row], days.again[row], local[row])
        loose = self.counted & ~inside & (days.met < credited)
        spare = groups.of(loose, [days.met, credited])
        table.hazard = about.local[self.hazard[row]].astype(np.int32)
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
        flats = used[used >= 0]
        homes = np.searchsorted(self.columns.offset, flats, side="right") - 1
        numbers = self.columns.release[flats]
        named = [
            self._release_row(cluster, number)
            for cluster, number in zip(homes.tolist(), numbers.tolist(), strict=True)
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

    def _release_row(self, cluster: int, number: int) -> ReleaseRow:
        view = self.book.views[self.clusters[cluster].releases[number]][0]
        assert isinstance(view, ReleaseView)  # noqa: S101 - only such a view is plain
        known = self._release_rows.get(view.record)
        if known is None:
            known = self._release_rows[view.record] = release_row(view)
        return known


@dataclass(slots=True)
class _Days:
    """For each row: place of the credit, and the days of re-processing, work and first release."""

    credit: Ints
    again: Ints
    worked: Ints
    met: Ints


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
