"""Keeps the land account current: only clusters that a statement touches are computed again.

A full computation gives the same bytes; that is the check (design §5).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray

from tilth.core.chains import LEVELS
from tilth.core.land import engines
from tilth.core.land.account import rows_at_levels
from tilth.core.land.arrangement import Arrangement, concatenate, unsound
from tilth.core.land.book import LandBook
from tilth.core.land.clusters import Cluster, clusters_of, with_record
from tilth.core.land.faces import faces_arrangement
from tilth.core.land.rings import rings_of
from tilth.core.land.rows import LandRows, joined

__all__ = ["LandKeeper", "arrange_clusters"]

Engine = Callable[..., Arrangement]


def arrange_clusters(
    book: LandBook, clusters: Sequence[Cluster], engine: Engine | None = None, threads: int = 1
) -> Arrangement:
    """Covering sets of clusters.

    Parameters
    ----------
    engine
        ``engines.arrange`` or another function of (geometries, cluster_offset, cluster_shapes);
        tests give the faces engine here.
    """
    keys = dict.fromkeys(key for cluster in clusters for key in cluster.shapes)
    position = {key: number for number, key in enumerate(keys)}
    geometries = np.array([book.geometry[key] for key in keys], dtype=object)
    offset = np.cumsum([0, *(len(cluster.shapes) for cluster in clusters)]).astype(np.int64)
    shapes = np.array([position[k] for c in clusters for k in c.shapes], np.int32)
    if engine is not None:
        return engine(geometries, offset, shapes)
    # The book holds valid polygons; those that rounding to the grid changes are checked again.
    rings = rings_of(geometries, np.ones(len(geometries), bool))
    arrangement = engines.arrange(geometries, offset, shapes, rings, threads)
    failed = unsound(arrangement)
    if not len(failed):
        return arrangement
    parts = [shapes[offset[n] : offset[n + 1]] for n in failed]
    again = faces_arrangement(
        geometries, np.cumsum([0, *map(len, parts)]).astype(np.int64), np.concatenate(parts)
    )
    return _replaced(arrangement, failed, again)


def _replaced(
    arrangement: Arrangement, failed: NDArray[np.int64], again: Arrangement
) -> Arrangement:
    """An arrangement with some of its clusters taken from another engine, where that is sound."""
    better = {int(n): k for k, n in enumerate(failed) if k not in set(unsound(again).tolist())}
    pieces = [
        again.one(better[n]) if n in better else arrangement.one(n)
        for n in range(len(arrangement.cluster_offset) - 1)
    ]
    return concatenate(pieces)


class LandKeeper:
    """A land book with its kept rows at every level.

    Parameters
    ----------
    book
        The statements; give it new ones with `LandBook.take`, then call `update`.
    engine
        See `arrange_clusters`.
    levels
        Levels to keep; the ground is arranged once for all of them.

    Attributes
    ----------
    settled
        Ids of clusters that were made anew or dissolved; whoever reads it may clear it.
    """

    def __init__(
        self,
        book: LandBook,
        engine: Engine | None = None,
        threads: int = 1,
        levels: Sequence[str] = tuple(LEVELS),
    ) -> None:
        self.book = book
        self.clusters: dict[str, Cluster] = {}
        self.kept: dict[str, dict[str, LandRows]] = {level: {} for level in levels}
        self._engine, self._threads = engine, threads
        self._of: dict[str, set[str]] = {}
        self._ids: list[str] = []
        self._boxes = np.empty((0, 4))
        self._idle: dict[str, NDArray[np.float64]] = {}
        self._joined: dict[str, LandRows] = {}
        self.settled: set[str] = set()

    def recompute(self) -> None:
        """Account everything anew."""
        self.book.refresh()
        self.clusters.clear()
        self._of.clear()
        self._idle.clear()
        self._ids, self._boxes = [], np.empty((0, 4))
        for rows in self.kept.values():
            rows.clear()
        self._settle(clusters_of(self.book, self.book.views), [], self.book.views)

    def update(self, also: Iterable[str] = ()) -> list[str]:
        """Account what the statements taken since the last time touch; ids of the clusters.

        Parameters
        ----------
        also
            Records of ground to account again though nothing was said of them: those that name
            another by an id that it was given since.
        """
        changed = self.book.refresh()
        changed |= {record for record in also if record in self.book.views}
        if not changed:
            return []
        for record in list(changed):
            if self.book.kinds[record] == "hazard_area":
                changed |= {one for one in self.book.naming(record) if one in self.book.views}
        touched = self._touched(changed)
        grown = self._grown(changed, touched)
        if grown is not None:
            self._settle([grown], [grown.id], changed)
            return [grown.id]
        changed |= self._woken(changed)
        while True:
            around = self._around(touched)
            records = set(changed)
            for name in touched | around:
                records.update(_records(self.clusters[name]))
            found = clusters_of(self.book, records)
            own = {r for name in touched for r in _claims(self.book, self.clusters[name])}
            own |= changed
            fresh = [c for c in found if not own.isdisjoint(_claims(self.book, c))]
            merged = {
                name
                for cluster in fresh
                for record in _claims(self.book, cluster)
                for name in self._of.get(record, ())
                if name in around and record in _claims(self.book, self.clusters[name])
            }
            if not merged:
                break
            touched |= merged
        for name in touched:
            changed.update(_records(self.clusters[name]))
        self._settle(fresh, sorted(touched), changed)
        return [cluster.id for cluster in fresh]

    def holding(self, record: str) -> frozenset[str]:
        """Ids of the clusters that a record bears on."""
        return frozenset(self._of.get(record, ()))

    def box(self, name: str) -> NDArray[np.float64]:
        """West, south, east and north of a cluster's shapes, in metres of the frame."""
        return self._box(self.clusters[name])

    def meeting(self, box: NDArray[np.float64]) -> set[str]:
        """Ids of the clusters whose box meets another."""
        return self._meeting(box)

    def rows(self, level: str) -> LandRows:
        """Kept rows of every cluster at a level, in order of cluster id."""
        if level not in self._joined:
            kept = self.kept[level]
            self._joined[level] = joined([kept[name] for name in sorted(kept)])
        return self._joined[level]

    def _settle(
        self, fresh: Sequence[Cluster], gone: Iterable[str], records: Iterable[str]
    ) -> None:
        gone = set(gone)
        self.settled.update(gone, (cluster.id for cluster in fresh))
        arrangement = arrange_clusters(self.book, fresh, self._engine, self._threads)
        result = rows_at_levels(self.book, fresh, arrangement, tuple(self.kept))
        for name in gone:
            for record in self._bearing(self.clusters.pop(name)):
                self._of[record].discard(name)
            for rows in self.kept.values():
                rows.pop(name, None)
        for cluster in fresh:
            self.clusters[cluster.id] = cluster
            for record in self._bearing(cluster):
                self._of.setdefault(record, set()).add(cluster.id)
        for level, rows in result.items():
            self.kept[level].update(rows)
        self._set_idle(records)
        self._place(fresh, gone)
        self._joined.clear()

    def _place(self, fresh: Sequence[Cluster], gone: set[str]) -> None:
        """Keep the box of every cluster; a cluster that stays keeps its line."""
        stay = [n for n, name in enumerate(self._ids) if name in self.clusters]
        if len(stay) < len(self._ids):
            self._ids = [self._ids[n] for n in stay]
            self._boxes = self._boxes[stay]
        known = {name: n for n, name in enumerate(self._ids)} if gone or self._ids else {}
        more = [cluster for cluster in fresh if cluster.id not in known]
        for cluster in fresh:
            if cluster.id in known:
                self._boxes[known[cluster.id]] = self._box(cluster)
        if more:
            self._ids += [cluster.id for cluster in more]
            boxes = [self._box(cluster) for cluster in more]
            self._boxes = np.concatenate([self._boxes, np.array(boxes)])

    def _bearing(self, cluster: Cluster) -> set[str]:
        """Records of a cluster, and those whose ground it leaves to others."""
        return {*_records(cluster), *(self.book.record_of(key) for key in cluster.foreign)}

    def _set_idle(self, records: Iterable[str]) -> None:
        """Remember the ground of reports that no cluster holds, for a hazard said later."""
        for record in records:
            keys = self.book.keys_of(record)
            if keys and not self._of.get(record):
                self._idle[record] = _bounds([self.book.geometry[key] for key in keys])
            else:
                self._idle.pop(record, None)

    def _woken(self, changed: set[str]) -> set[str]:
        """Idle reports that a changed hazard may now hold."""
        boxes = [
            _bounds([self.book.geometry[key] for key in keys])
            for record in changed
            if self.book.kinds[record] == "hazard_area" and (keys := self.book.keys_of(record))
        ]
        if not boxes or not self._idle:
            return set()
        names, idle = list(self._idle), np.array(list(self._idle.values()))
        return {names[n] for box in boxes for n in np.flatnonzero(_touching(idle, box))}

    def _box(self, cluster: Cluster) -> NDArray[np.float64]:
        return _bounds([self.book.geometry[key] for key in cluster.shapes])

    def _meeting(self, box: NDArray[np.float64]) -> set[str]:
        return {self._ids[n] for n in np.flatnonzero(_touching(self._boxes, box))}

    def _touched(self, changed: set[str]) -> set[str]:
        """Clusters that hold a changed record, or that its ground or a hazard it names touches."""
        touched: set[str] = set()
        for record in changed:
            touched |= self._of.get(record, set())
            for view in self.book.views[record]:
                for name in (getattr(view, "named", ""), *getattr(view, "parents", ())):
                    touched |= self._of.get(self.book.hazard_named(record, name), set())
            keys = self.book.keys_of(record)
            if keys:
                touched |= self._meeting(_bounds([self.book.geometry[key] for key in keys]))
        return touched

    def _grown(self, changed: set[str], touched: set[str]) -> Cluster | None:
        """The one cluster that a new release or report joins, where nothing else can change.

        That is the common case: one more report, near one hazard, naming it or (for a report)
        naming nothing that matters.
        """
        if len(changed) != 1 or len(touched) != 1:
            return None
        (record,), (name,) = changed, touched
        cluster = self.clusters[name]
        if not cluster.hazards or self._of.get(record) or self.book.kinds[record] == "hazard_area":
            return None
        release = self.book.kinds[record] == "released_area"
        names = {getattr(view, "named", "") for view in self.book.views[record] if view}
        named = {self.book.hazard_named(record, name) for name in names}
        fits = named <= (set(cluster.hazards) if release else {""})
        keys = self.book.keys_of(record)
        if not fits or not keys or self._revoked(record):
            return None
        if not release:  # a report belongs to a cluster only when its box meets a ring's
            box = _bounds([self.book.geometry[key] for key in keys])
            rings = shapely.bounds(np.array([self.book.geometry[k] for k in cluster.rings], object))
            if not _touching(rings.reshape(-1, 4), box).any():
                return None
        return with_record(self.book, cluster, record)

    def _revoked(self, record: str) -> bool:
        return any(
            record in (said.fields or {}).get("records", ())
            for said in self.book.revocations.values()
        )

    def _around(self, touched: set[str]) -> set[str]:
        around: set[str] = set()
        for name in touched:
            around |= self._meeting(self._box(self.clusters[name]))
        return around - touched


def _bounds(shapes: Sequence[Any]) -> NDArray[np.float64]:
    return np.asarray(shapely.total_bounds(np.array(shapes, dtype=object)))


def _touching(boxes: NDArray[np.float64], box: NDArray[np.float64]) -> NDArray[np.bool_]:
    """Which boxes meet a box."""
    meet: NDArray[np.bool_] = (
        (boxes[:, 0] <= box[2])
        & (boxes[:, 2] >= box[0])
        & (boxes[:, 1] <= box[3])
        & (boxes[:, 3] >= box[1])
    )
    return meet


def _records(cluster: Cluster) -> tuple[str, ...]:
    return (*cluster.hazards, *cluster.releases, *cluster.works)


def _claims(book: LandBook, cluster: Cluster) -> set[str]:
    """Records whose account this cluster is: its hazards, or the loose releases at home in it."""
    if cluster.hazards:
        return set(cluster.hazards)
    return {r for r in cluster.releases if not cluster.home.isdisjoint(book.keys_of(r))}
