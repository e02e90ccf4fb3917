"""Ground looked at closely: the faces within a region, with what became of each by a day.

Findings about ground need geometry, which the account does not. A whole cluster is never taken
apart for them: candidate pairs give a *region*, and only the shapes that meet it are noded.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import cached_property
from typing import Any, NamedTuple

import numpy as np
import shapely
from numpy.typing import NDArray

from tilth.core.chains import REPORTED
from tilth.core.geometry.overlaps import LEAST_M2, LEAST_WIDTH_M, wide_parts
from tilth.core.geometry.repair import areal, repair_areas
from tilth.core.land.account import case_of
from tilth.core.land.book import LandBook
from tilth.core.land.clusters import Cluster, clusters_of
from tilth.core.land.faces import faces
from tilth.core.land.rules import Case, Segment, history
from tilth.core.land.views import HazardView, ReleaseView

__all__ = ["Face", "Holding", "Noise", "Scene"]


class Noise(NamedTuple):
    """Ground smaller or narrower than this gives no finding (rule set; rules §3, *noise*)."""

    least_m2: float = LEAST_M2
    least_width_m: float = LEAST_WIDTH_M


_DEFAULT = Noise()


class Holding(NamedTuple):
    """A hazard's entry over a face: since when, whether by an extension, its state by the day."""

    hazard: HazardView
    extension: bool
    since: int
    state: Segment


class Face(NamedTuple):
    """Ground covered by one set of shapes, and what became of it by the day of the question.

    ``releases`` cover the face, count by the day and are not void there; ``credit`` names, per
    hazard that holds it as released, the release that took it.
    """

    polygon: Any
    keys: frozenset[str]
    holdings: tuple[Holding, ...]
    releases: tuple[ReleaseView, ...]
    credit: dict[str, str]
    unattached: bool

    def of(self, hazard: str) -> Holding | None:
        """Return the holding of a hazard, if it has this ground."""
        return next((one for one in self.holdings if one.hazard.record == hazard), None)

    def released_by(self, release: str) -> bool:
        """Whether a release covers the face and is not void there."""
        return any(one.record == release for one in self.releases)


_Reading = tuple[tuple[Holding, ...], tuple[ReleaseView, ...], dict[str, str], bool]


class _Room:
    """One cluster with its case, made when first asked for."""

    def __init__(self, book: LandBook, cluster: Cluster, until: int) -> None:
        self.cluster, self.until = cluster, until
        self.case: Case = case_of(book, cluster, REPORTED)
        self.keys = cluster.shapes
        self.shapes = np.array([book.geometry[key] for key in self.keys], dtype=object)
        self.tree = shapely.STRtree(self.shapes)
        self._known: dict[frozenset[str], _Reading] = {}
        self._over: dict[str, list[int]] = defaultdict(list)
        for number, release in enumerate(self.case.releases):
            for key in {key for keys in release.ground for key in keys}:
                self._over[key].append(number)

    def faces(self, region: Any) -> Iterator[Face]:
        near = np.sort(self.tree.query(region, predicate="intersects"))
        parts, sets = faces(np.array([region, *self.shapes[near]], dtype=object))
        for polygon, members in zip(parts, sets, strict=True):
            if members[0] != 0:
                return  # sets are in order: those within the region come first
            keys = frozenset(self.keys[near[m - 1]] for m in members[1:])
            if self.cluster.accounts_for(keys):
                yield self._face(polygon, keys)

    def _face(self, polygon: Any, keys: frozenset[str]) -> Face:
        known = self._known.get(keys)
        if known is None:
            known = self._known[keys] = self._read(keys)
        return Face(polygon, keys, *known)

    def _read(self, keys: frozenset[str]) -> _Reading:
        became = history(keys, self.case)
        holdings, credit = [], {}
        for number, extension, segments in became.entries:
            state = _at(segments, self.until)
            if state is not None:
                hazard = self.case.hazards[number]
                holdings.append(Holding(hazard, extension, segments[0].since, state))
                if state.release >= 0:
                    credit[hazard.record] = self.case.releases[state.release].record
        loose = [flag for day, flag in became.unattached if day <= self.until]
        over = sorted({number for key in keys for number in self._over.get(key, ())})
        releases = (self.case.releases[number] for number in over)
        return (
            tuple(holdings),
            tuple(release for release in releases if self._holds(release, keys)),
            credit,
            bool(loose and loose[-1]),
        )

    def _holds(self, release: ReleaseView, keys: frozenset[str]) -> bool:
        if release.counts > self.until or not _covers(release.ground, keys):
            return False
        return not any(
            v.opens <= self.until
            and release.day <= v.day
            and release.record not in v.standing
            and _covers(v.ground, keys)
            for v in self.case.revocations
        )


def _covers(ground: Iterable[Sequence[str]], keys: frozenset[str]) -> bool:
    return all(not keys.isdisjoint(alternatives) for alternatives in ground)


def _at(segments: Sequence[Segment], until: int) -> Segment | None:
    """Segment in force on a day, None before the first."""
    begun = [one for one in segments if one.since <= until]
    return begun[-1] if begun else None


_SLIVER_M2 = 1e-6
_GRID_M = 1e-6


def _joined(polygons: Sequence[Any]) -> Any:
    """Faces as one shape, without slivers that rounding leaves between lines that run together.

    On a micrometre grid: overlays of what noding gave are refused by GEOS now and then.
    """
    parts = np.array(polygons, dtype=object)
    parts = parts[shapely.area(parts) > _SLIVER_M2]
    if len(parts) == 1:
        return parts[0]
    for grid_m in (_GRID_M, 100 * _GRID_M):
        try:
            return shapely.union_all(parts, grid_size=grid_m)
        except shapely.GEOSException:
            parts = repair_areas(parts)
    return shapely.union_all(shapely.set_precision(parts, 1000 * _GRID_M))


class Scene:
    """The ground of an operation as reported, by a day.

    Parameters
    ----------
    book
        Refreshed.
    until
        Day as an ordinal, inclusive.
    part
        Clusters, as they stand now, to which the scene is confined; all without.
    beside
        Records that no cluster holds, in a scene that is confined.
    """

    def __init__(
        self,
        book: LandBook,
        until: int,
        noise: Noise = _DEFAULT,
        *,
        part: Iterable[Cluster] | None = None,
        beside: Iterable[str] = (),
    ) -> None:
        self.book, self.until, self.noise = book, until, noise
        held = clusters_of(book, book.views) if part is None else part
        self.clusters = {cluster.id: cluster for cluster in held}
        records = {r for one in self.clusters.values() for r in (*one.hazards, *one.releases)}
        self.records = sorted(book.views if part is None else records.union(beside))
        self._of: dict[str, list[str]] = defaultdict(list)
        for name, cluster in self.clusters.items():
            for record in (*cluster.hazards, *cluster.releases):
                self._of[record].append(name)
        self._rooms: dict[str, _Room] = {}

    @cached_property
    def hazards(self) -> dict[str, HazardView]:
        """Hazard areas as reported, by record in order."""
        views = ((record, self.book.views[record][0]) for record in self.records)
        return {record: view for record, view in views if isinstance(view, HazardView)}

    @cached_property
    def releases(self) -> dict[str, ReleaseView]:
        """Released areas as reported that count by the day, by record in order."""
        views = ((record, self.book.views[record][0]) for record in self.records)
        return {
            record: view
            for record, view in views
            if isinstance(view, ReleaseView) and view.counts <= self.until
        }

    def rings(self, hazard: HazardView, until: int | None = None) -> tuple[str, ...]:
        """Keys of a hazard's rings in force by a day; none while it is an indication."""
        day = self.until if until is None else until
        opens = hazard.suspected()[0]
        drawn = [k for g in hazard.grounds if max(g.opens, opens) <= day for k in g.keys]
        return tuple(key for key in dict.fromkeys(drawn) if key in self.book.geometry)

    def ground(self, keys: Sequence[str]) -> Any:
        """Ground of some shapes together, in metres; an empty polygon for none."""
        shapes = [self.book.geometry[key] for key in keys if key in self.book.geometry]
        if len(shapes) == 1:
            return shapes[0]
        return areal([shapely.union_all(np.array(shapes, dtype=object))])[0]

    def clusters_with(self, record: str) -> list[Cluster]:
        """Clusters that a hazard or release bears on."""
        return [self.clusters[name] for name in self._of.get(record, ())]

    def faces(self, record: str, region: Any) -> Iterator[Face]:
        """Faces within a region, of every cluster that a record bears on.

        Parameters
        ----------
        region
            Polygon or MultiPolygon in metres.
        """
        for name in self._of.get(record, ()):
            if name not in self._rooms:
                self._rooms[name] = _Room(self.book, self.clusters[name], self.until)
            yield from self._rooms[name].faces(region)

    def sorted_out(
        self,
        record: str,
        region: Any,
        kind_of: Callable[[Face], Iterable[tuple[str, ...]]],
    ) -> dict[tuple[str, ...], Any]:
        """Ground within a region by kind, without what is noise.

        Parameters
        ----------
        kind_of
            From a face to the kinds it belongs to, each a tuple of words.

        Returns
        -------
        dict
            Polygon or MultiPolygon in metres by kind, in order of kind.
        """
        if shapely.area(region) < self.noise.least_m2:
            return {}
        groups: dict[tuple[str, ...], list[Any]] = defaultdict(list)
        for face in self.faces(record, region):
            for kind in kind_of(face):
                groups[kind].append(face.polygon)
        found = {}
        for kind in sorted(groups):
            (ground,) = self.worth(areal([_joined(groups[kind])]))
            if ground is not None:
                found[kind] = ground
        return found

    def worth(self, grounds: NDArray[Any]) -> NDArray[Any]:
        """Parts of areas that are no noise; None where nothing is left."""
        wide = wide_parts(areal(grounds), self.noise.least_width_m).copy()
        wide[shapely.area(wide) < self.noise.least_m2] = None
        return wide
