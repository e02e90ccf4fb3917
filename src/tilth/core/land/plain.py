"""The rules for plain clusters, on arrays: one hazard with one ring, releases said once.

Most clusters of an operation are plain. For them `tilth.core.land.rules.history` comes down to a
few minima over each covering set: the first release that counts takes the credit, the next one
re-processes, the first day of work makes remaining ground processed. The result is the same
`LandRows`, byte for byte, as the general rules give; tests hold the two together.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray

from tilth.core.chains import APPROVED, PRUDENT
from tilth.core.days import NEVER
from tilth.core.land.arrangement import Arrangement
from tilth.core.land.book import LandBook
from tilth.core.land.clusters import Cluster, keys_of
from tilth.core.land.rows import PROCESSED, REPROCESSED, HazardRow, LandRows, ReleaseRow
from tilth.core.land.rules import RELEASED, REMAINING
from tilth.core.land.views import CLEARED, HazardView, ProcessedView, ReleaseView, zone_key

__all__ = ["PlainClusters", "is_plain"]

_RING, _ZONE, _FOREIGN, _RELEASE, _WORK = 1, 2, 3, 4, 5
_LAST = np.int64(2**62)

Ints = NDArray[np.int64]
Flags = NDArray[np.bool_]


def is_plain(book: LandBook, cluster: Cluster) -> bool:
    """Whether the array rules may stand for the general ones in a cluster."""
    if len(cluster.hazards) != 1 or len(cluster.rings) != 1:
        return False
    views = [v for v in book.views[cluster.hazards[0]] if isinstance(v, HazardView)]
    approved, prudent = book.views[cluster.hazards[0]][2:]
    if approved is not None and approved != prudent:
        return False
    if not all(_plain_hazard(view) for view in views):
        return False
    starts = [_begins(view, prudent=n == 1)[0] for view in views for n in (0, 1)]
    return all(_plain_release(book, record, max(starts)) for record in cluster.releases) and all(
        len(book.statements[record]) == 1 for record in cluster.works
    )


def _plain_hazard(view: HazardView) -> bool:
    if len(view.grounds) != 1 or len(view.grounds[0].keys) != 1 or view.parents:
        return False
    constant = not view.requirements or (
        len(view.requirements) == 1 and view.requirements[0].opens <= view.grounds[0].opens
    )
    return constant and view.replaced == NEVER and view.suspected()[0] != NEVER


def _plain_release(book: LandBook, record: str, opens: int) -> bool:
    view = book.views[record][0]
    return (
        isinstance(view, ReleaseView)
        and len(book.statements[record]) == 1
        and not view.whole
        and view.counts >= opens
        and not any(
            record in (r.fields or {}).get("records", ()) for r in book.revocations.values()
        )
    )


def _begins(view: HazardView, *, prudent: bool) -> tuple[int, int]:
    """Opening and comparison day of the one ring."""
    opens, day = view.suspected(prudent=prudent)
    ground = view.grounds[0]
    return max(ground.opens, opens), max(ground.day, day)


@dataclass(slots=True)
class _Columns:
    """One entry for each shape of each cluster, clusters end to end."""

    offset: Ints
    role: NDArray[np.int8]
    level: NDArray[np.int8]
    counts: Ints
    day: Ints
    claim: NDArray[np.int8]
    named: Flags
    home: Flags
    depth_cm: NDArray[np.float64]
    cleared: Flags
    surface_only: Flags
    release: NDArray[np.int32]


class PlainClusters:
    """Plain clusters with their arrangement, ready to be read at any level."""

    def __init__(
        self, book: LandBook, clusters: Sequence[Cluster], arrangement: Arrangement
    ) -> None:
        self.book, self.clusters, self.arrangement = book, clusters, arrangement
        self.columns = _columns(book, clusters)
        rows = np.diff(arrangement.cluster_offset)
        self.cluster_of = np.repeat(np.arange(len(clusters)), rows)
        sizes = np.diff(arrangement.set_offset)
        self.starts = arrangement.set_offset[:-1]
        self.row_of = np.repeat(np.arange(len(sizes)), sizes)
        self.flat = self.columns.offset[self.cluster_of][self.row_of] + arrangement.members
        self.order = np.arange(len(self.flat), dtype=np.int64)
        role = self.columns.role[self.flat]
        self.in_ring = self._any(role == _RING)
        self.in_zone = self._any(role == _ZONE)
        foreign = self._any(role == _FOREIGN)
        home = self._any(self.columns.home[self.flat])
        self.counted = self.in_ring | (~foreign & home)
        self.is_release = role == _RELEASE
        self.is_work = role == _WORK

    def _any(self, flags: Flags) -> Flags:
        if not len(self.starts):
            return np.empty(0, bool)
        return np.logical_or.reduceat(flags, self.starts)

    def _first(self, flags: Flags) -> Ints:
        """Place (in ``flat``) of the first member of each row with a flag, or `_LAST`."""
        if not len(self.starts):
            return np.empty(0, np.int64)
        return np.minimum.reduceat(np.where(flags, self.order, _LAST), self.starts)

    def _least(self, flags: Flags, values: Ints) -> Ints:
        if not len(self.starts):
            return np.empty(0, np.int64)
        return np.minimum.reduceat(np.where(flags, values, NEVER), self.starts)

    def _day_at(self, place: Ints) -> Ints:
        """Day from which the release at each place counts, NEVER for none."""
        safe = np.minimum(place, len(self.flat) - 1)
        return np.where(place == _LAST, NEVER, self.columns.counts[self.flat[safe]])

    def rows(self, level: int) -> list[LandRows]:
        """Kept rows of each cluster at a level."""
        hazard = _hazard_columns(self.book, self.clusters, level)
        c, flat = self.columns, self.flat
        cluster = self.cluster_of[self.row_of]
        present = c.level[flat] >= min(level, APPROVED)
        release = self.is_release & present
        deep = _deep_enough(c, flat, hazard.depth_cm[cluster], hazard.subsurface[cluster])
        later = c.day[flat] > hazard.day[cluster]
        same = c.day[flat] == hazard.day[cluster]
        may = release & (later | (c.named[flat] & (same | hazard.first[cluster])))
        ring = (self.in_ring & hazard.held[self.cluster_of])[self.row_of]
        adds = release & deep & c.named[flat] & (c.claim[flat] == CLEARED)
        adds &= (
            ~self.in_ring[self.row_of]
            & (self.in_zone & hazard.extends[self.cluster_of])[self.row_of]
        )
        credit = self._first((ring & may & deep) | adds)
        after = release & (self.order > credit[self.row_of])
        again = self._day_at(self._first(after))
        work = self.is_work & present & (c.day[flat] >= hazard.day[cluster])
        shallow = ring & may & ~deep & (self.order < credit[self.row_of])
        worked = self._least((work & ring) | shallow, c.counts[flat])
        return self._assemble(hazard, credit, again, worked, self._first(release))

    def _assemble(
        self, hazard: _Hazards, credit: Ints, again: Ints, worked: Ints, met: Ints
    ) -> list[LandRows]:
        """Group rows with one history, write their segments, and part them by cluster."""
        credited = self._day_at(credit)
        inside = self.in_ring & hazard.held[self.cluster_of]
        entry = self.counted & (inside | (credit != _LAST))
        opens = np.where(inside, hazard.opens[self.cluster_of], credited)
        worked = np.where(inside & (worked < credited), np.maximum(worked, opens), NEVER)
        local = np.where(credit == _LAST, -1, self.flat[np.minimum(credit, len(self.flat) - 1)])
        groups = _Groups(self.cluster_of, self.arrangement.area_m2)
        kept = groups.of(entry, [~inside, local, worked, again])
        table = _segments(
            opens[kept.row], credited[kept.row], worked[kept.row], again[kept.row], local[kept.row]
        )
        unattached = self.counted & ~inside & (met != _LAST)
        since = self._day_at(met)
        until = np.minimum(credited, NEVER)
        loose = groups.of(unattached & (since < until), [since, until])
        return self._parted(hazard, kept, ~inside[kept.row], table, (loose, since, until))

    def _parted(
        self,
        hazard: _Hazards,
        kept: _Group,
        extension: Flags,
        table: _Table,
        loose: tuple[_Group, Ints, Ints],
    ) -> list[LandRows]:
        n = len(self.clusters)
        spare, since, until = loose
        rows = np.searchsorted(self.cluster_of[kept.row], np.arange(n + 1))
        rest = np.searchsorted(self.cluster_of[spare.row], np.arange(n + 1))
        names = [
            _credits(table.release[table.offset[rows[k]] : table.offset[rows[k + 1]]])
            for k in range(n)
        ]
        result = []
        for k, cluster in enumerate(self.clusters):
            first, last = table.offset[rows[k]], table.offset[rows[k + 1]]
            used = names[k]
            release = table.release[first:last]
            result.append(
                LandRows(
                    (hazard.rows[k],) if hazard.held[k] else (),
                    tuple(self._release_row(cluster, int(u)) for u in used),
                    np.zeros(rows[k + 1] - rows[k], np.int32),
                    extension[rows[k] : rows[k + 1]].astype(np.uint8),
                    kept.area_m2[rows[k] : rows[k + 1]],
                    table.offset[rows[k] : rows[k + 1] + 1] - first,
                    table.since[first:last],
                    table.status[first:last],
                    np.where(release >= 0, np.searchsorted(used, release), -1).astype(np.int32),
                    table.flags[first:last],
                    spare.area_m2[rest[k] : rest[k + 1]],
                    since[spare.row[rest[k] : rest[k + 1]]].astype(np.int32),
                    until[spare.row[rest[k] : rest[k + 1]]].astype(np.int32),
                )
            )
        return result

    def _release_row(self, cluster: Cluster, flat: int) -> ReleaseRow:
        view = self.book.views[cluster.releases[self.columns.release[flat]]][0]
        assert isinstance(view, ReleaseView)  # noqa: S101 - a plain cluster has no other
        return ReleaseRow(
            view.record,
            view.claim,
            view.organisation,
            view.methods,
            view.counts,
            view.place,
            view.technical_asset,
        )


def _credits(release: Ints) -> Ints:
    used = np.unique(release)
    return used[used >= 0]


def _deep_enough(c: _Columns, flat: Ints, depth_cm: Any, subsurface: Any) -> Flags:
    """`ReleaseView.deep_enough` on arrays."""
    depth = c.depth_cm[flat]
    reaches = np.isnan(depth) | (depth >= depth_cm)
    searched: Flags = ~(subsurface & c.surface_only[flat])
    enough: Flags = ~c.cleared[flat] | (reaches & searched)
    return enough


@dataclass(slots=True)
class _Hazards:
    """One entry for each cluster: its hazard at a level."""

    held: Flags
    extends: Flags
    first: Flags
    opens: Ints
    day: Ints
    depth_cm: NDArray[np.float64]
    subsurface: Flags
    rows: list[HazardRow]


def _hazard_columns(book: LandBook, clusters: Sequence[Cluster], level: int) -> _Hazards:
    values, rows = [], []
    for cluster in clusters:
        view = book.views[cluster.hazards[0]][level - 1]
        approved = book.views[cluster.hazards[0]][APPROVED - 1] is not None
        if not isinstance(view, HazardView):
            values.append((False, False, False, NEVER, NEVER, 0.0, False))
            rows.append(HazardRow("", "", (), ()))
            continue
        prudent = level == PRUDENT
        opens, day = _begins(view, prudent=prudent)
        depth, subsurface = view.required(NEVER)
        first = view.grounds[0].first and (not prudent or view.grounds[0].approved)
        values.append((True, not prudent or approved, first, opens, day, depth, subsurface))
        ring = float(shapely.area(book.geometry[view.grounds[0].keys[0]]))
        changes = tuple((d, view.class_at(d)) for d in sorted({one[0] for one in view.classes}))
        rows.append(HazardRow(view.record, view.place, changes, ((opens, ring),)))
    held, extends, first_ring, opening, days, depths, sub = (
        np.array(column) for column in zip(*values, strict=True)
    )
    return _Hazards(held, extends, first_ring, opening, days, depths, sub, rows)


def _columns(book: LandBook, clusters: Sequence[Cluster]) -> _Columns:
    offset = np.cumsum([0, *(len(cluster.shapes) for cluster in clusters)]).astype(np.int64)
    table: list[tuple[Any, ...]] = []
    for cluster in clusters:
        known = _entries(book, cluster)
        table.extend(known.get(key, _NOTHING) for key in cluster.shapes)
    columns = list(zip(*table, strict=True)) if table else [()] * len(_TYPES)
    arrays = [np.array(c, t) for c, t in zip(columns, _TYPES, strict=True)]
    return _Columns(offset, *arrays)


_TYPES: tuple[type[np.generic], ...] = (
    np.int8,
    np.int8,
    np.int64,
    np.int64,
    np.int8,
    np.bool_,
    np.bool_,
    np.float64,
    np.bool_,
    np.bool_,
    np.int32,
)
_NOTHING = (0, 0, NEVER, NEVER, 0, False, False, 0.0, False, False, -1)


def _entries(book: LandBook, cluster: Cluster) -> dict[str, tuple[Any, ...]]:
    """Column values of each shape of a cluster by key, in the order of `_Columns`."""
    hazard = cluster.hazards[0]
    ring = next(iter(cluster.rings))
    known: dict[str, tuple[Any, ...]] = {
        ring: (_RING, *_NOTHING[1:]),
        zone_key(ring): (_ZONE, *_NOTHING[1:]),
    }
    known |= dict.fromkeys(cluster.foreign, (_FOREIGN, *_NOTHING[1:]))
    for number, record in enumerate(cluster.releases):
        views = book.views[record]
        view = views[0]
        if isinstance(view, ReleaseView):
            level = 1 + (views[1] is not None) + (views[2] is not None)
            named = book.hazard_named(record, view.named) == hazard
            depth = np.nan if view.depth_cm is None else view.depth_cm
            key = view.statement
            known[key] = (
                *(_RELEASE, level, view.counts, view.day, view.claim, named, key in cluster.home),
                *(depth, view.cleared, view.surface_only, number),
            )
    for record in cluster.works:
        views = book.views[record]
        work = views[0]
        if isinstance(work, ProcessedView):
            level = 1 + (views[1] is not None) + (views[2] is not None)
            for key in keys_of(book, record):
                known[key] = (_WORK, level, work.opens, work.day, *_NOTHING[4:])
    return known


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
        rows = np.flatnonzero(wanted)
        key = self.cluster_of[rows].astype(np.int64)
        for part in parts:
            values, codes = np.unique(part[rows], return_inverse=True)
            key = key * max(1, len(values)) + codes
            if len(parts) > 1:
                _, key = np.unique(key, return_inverse=True)
        _, first, group = np.unique(key, return_index=True, return_inverse=True)
        order = np.argsort(first, kind="stable")
        rank = np.empty(len(order), np.int64)
        rank[order] = np.arange(len(order))
        area = np.bincount(rank[group], weights=self.area_m2[rows], minlength=len(order))
        return _Group(rows[first[order]], area.astype(np.float64))


@dataclass(slots=True)
class _Table:
    offset: Ints
    since: NDArray[np.int32]
    status: NDArray[np.uint8]
    release: Ints
    flags: NDArray[np.uint8]


def _segments(opens: Ints, credited: Ints, worked: Ints, again: Ints, release: Ints) -> _Table:
    """Segments of rows: remaining, processed, released, re-processed, each where it lasts."""
    none = np.full(len(opens), -1, np.int64)
    open_flags = np.where(worked <= opens, PROCESSED, 0)
    done_flags = np.where(again <= credited, REPROCESSED, 0)
    since = np.stack([opens, worked, credited, again], axis=1)
    status = np.stack([none * 0 + REMAINING, none * 0 + REMAINING, *[none * 0 + RELEASED] * 2], 1)
    named = np.stack([none, none, release, release], axis=1)
    flags = np.stack([open_flags, none * 0 + PROCESSED, done_flags, none * 0 + REPROCESSED], axis=1)
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
        status[valid].astype(np.uint8),
        named[valid],
        flags[valid].astype(np.uint8),
    )
