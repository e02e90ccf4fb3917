"""Clusters: hazards that must be settled together, with every shape that bears on their ground.

Hazards belong together when their rings overlap, when one is the parent of the other, or when a
release of one could extend it over ground that bears on the other. Ground outside every ring
belongs to the cluster whose hazard a release over it names, else to a cluster of loose releases.
A cluster depends on nothing but its shapes and views: a value in, rows out.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray

from tilth.core.chains import PRUDENT
from tilth.core.days import NEVER
from tilth.core.land.book import LandBook
from tilth.core.land.views import CLEARED, HazardView, ProcessedView, ReleaseView, zone_key

__all__ = ["Cluster", "clusters_of", "first_view", "with_record"]

_INTERIORS_MEET = "T********"


@dataclass(frozen=True, slots=True)
class Cluster:
    """One unit of account.

    Attributes
    ----------
    id
        Smallest record id of its hazards, or of its releases when it has none.
    hazards, releases, works
        Record ids, in a canonical order; releases in the order of credit.
    shapes
        Keys of every shape, in the order given to the engines.
    rings, foreign
        Keys of its own rings, and of shapes whose ground is accounted elsewhere.
    home
        Keys of releases whose ground outside every ring is accounted here.
    """

    id: str
    hazards: tuple[str, ...]
    releases: tuple[str, ...]
    works: tuple[str, ...]
    shapes: tuple[str, ...]
    rings: frozenset[str]
    foreign: frozenset[str]
    home: frozenset[str]

    def accounts_for(self, face: frozenset[str]) -> bool:
        """Whether the ground of a face is accounted in this cluster."""
        if not self.rings.isdisjoint(face):
            return True
        return self.foreign.isdisjoint(face) and not self.home.isdisjoint(face)


def first_view(book: LandBook, record: str) -> HazardView | ReleaseView | ProcessedView | None:
    """A record's view at the lowest level where it has one."""
    return book.first.get(record)


class _Items:
    """Shapes of some records, flat: keys, records, geometries, boxes and a tree."""

    def __init__(self, book: LandBook, records: Iterable[str]) -> None:
        pairs = [(key, record) for record in sorted(records) for key in book.keys_of(record)]
        self.keys = [key for key, _ in pairs]
        self.records = [record for _, record in pairs]
        self.geometry = np.array([book.geometry[key] for key in self.keys], dtype=object)
        self.box = shapely.bounds(self.geometry).reshape(len(pairs), 4)
        self.tree = shapely.STRtree(self.geometry)

    def near(self, other: _Items) -> NDArray[np.int64]:
        """Pairs (position in other, position here) whose boxes meet."""
        return self.tree.query(other.geometry) if len(other.keys) else np.empty((2, 0), np.int64)


class _Union:
    """Sets of hazards that belong together; the smallest record id stands for each."""

    def __init__(self, names: Iterable[str]) -> None:
        self.parent = {name: name for name in names}

    def find(self, name: str) -> str:
        while self.parent[name] != name:
            self.parent[name] = name = self.parent[self.parent[name]]
        return name

    def join(self, one: str, other: str) -> None:
        one, other = sorted((self.find(one), self.find(other)))
        self.parent[other] = one


def _meet(one: Any, other: Any) -> NDArray[np.bool_]:
    """Whether interiors meet: a shared edge alone is no overlap."""
    return np.asarray(shapely.relate_pattern(one, other, _INTERIORS_MEET))


class _Scene:
    """The records that bear on each other, and the links between their hazards."""

    def __init__(self, book: LandBook, records: Iterable[str]) -> None:
        self.book = book
        kinds = defaultdict(list)
        for record in records:
            if first_view(book, record) is not None or record in book.revoked:
                kinds[book.kinds[record]].append(record)
        self.rings = _Items(book, kinds["hazard_area"])
        self.releases = _Items(book, kinds["released_area"])
        self.works = _Items(book, kinds["clearance_report"])
        self.sets = _Union(sorted(set(self.rings.records)))
        self.named = [self._named(record) for record in self.releases.records]
        self.over = self.rings.near(self.releases)
        self._link_rings()
        self._link_releases()

    def _named(self, record: str) -> str:
        for view in self.book.views[record]:
            if isinstance(view, ReleaseView) and view.named:
                name = self.book.hazard_named(record, view.named)
                return name if name in self.sets.parent else ""
        return ""

    def _link_rings(self) -> None:
        one, other = self.rings.near(self.rings)
        later = one < other
        one, other = one[later], other[later]
        meet = _meet(self.rings.geometry[one], self.rings.geometry[other])
        for a, b in zip(one[meet], other[meet], strict=True):
            self.sets.join(self.rings.records[a], self.rings.records[b])
        for record in list(self.sets.parent):
            for view in self.book.views[record]:
                for parent in view.parents if isinstance(view, HazardView) else ():
                    full = self.book.hazard_named(record, parent)
                    if full in self.sets.parent:
                        self.sets.join(record, full)

    def _link_releases(self) -> None:
        """Link where a release could extend one hazard over ground that bears on another."""
        for item, ring in zip(*self.over.tolist(), strict=True):
            named, other = self.named[item], self.rings.records[ring]
            if not named or named == other or self.sets.find(named) == self.sets.find(other):
                continue
            if self._opens(other) > self._day(self.releases.records[item]) and _meet(
                self.releases.geometry[item], self.rings.geometry[ring]
            ):
                self.sets.join(named, other)
        for one, other in self._crossing():
            a, b = self.named[one], self.named[other]
            if self.sets.find(a) == self.sets.find(b):
                continue
            both = shapely.intersection(self.releases.geometry[one], self.releases.geometry[other])
            rings = self.rings.geometry[self.rings.tree.query(both)]
            if shapely.area(shapely.difference(both, shapely.union_all(rings))) > 0:
                self.sets.join(a, b)

    def _crossing(self) -> list[tuple[int, int]]:
        """Pairs of releases that name different hazards and overlap."""
        hull: dict[str, NDArray[np.float64]] = {}
        items = defaultdict(list)
        for number, named in enumerate(self.named):
            if named:
                items[named].append(number)
        for named, numbers in items.items():
            box = self.releases.box[numbers]
            hull[named] = np.r_[box[:, :2].min(axis=0), box[:, 2:].max(axis=0)]
        names = sorted(hull)
        if not names:
            return []
        boxes = shapely.box(*np.array([hull[name] for name in names]).T)
        pairs = shapely.STRtree(boxes).query(boxes)
        crossing = []
        for a, b in pairs[:, pairs[0] < pairs[1]].T:
            ours, theirs = np.array(items[names[a]]), np.array(items[names[b]])
            mine, other = self.releases.box[ours], self.releases.box[theirs]
            touch = (mine[:, None, :2] <= other[None, :, 2:]).all(axis=2) & (
                other[None, :, :2] <= mine[:, None, 2:]
            ).all(axis=2)
            one, two = np.nonzero(touch)
            meet = _meet(self.releases.geometry[ours[one]], self.releases.geometry[theirs[two]])
            crossing += list(zip(ours[one][meet], theirs[two][meet], strict=True))
        return [(int(one), int(two)) for one, two in crossing]

    def _opens(self, hazard: str) -> int:
        """Last day on which any of its ground came under suspicion, at any level."""
        return max(
            max(ground.opens, view.suspected(prudent=number + 1 == PRUDENT)[0])
            for number, view in enumerate(self.book.views[hazard])
            if isinstance(view, HazardView)
            for ground in view.grounds
        )

    def _day(self, release: str) -> int:
        days = (v.day for v in self.book.views[release] if isinstance(v, ReleaseView))
        return min(days, default=NEVER)


def clusters_of(book: LandBook, records: Iterable[str]) -> list[Cluster]:
    """Clusters of some records that bear on no others; for a full account, of all records.

    Returns
    -------
    list of Cluster
        In order of id. The same records give the same clusters, whatever the order.
    """
    scene = _Scene(book, records)
    roots = {name: scene.sets.find(name) for name in scene.sets.parent}
    ring_root = [roots[record] for record in scene.rings.records]
    named_root = [roots[named] if named else "" for named in scene.named]
    members: dict[str, set[str]] = defaultdict(set)
    foreign: dict[str, set[str]] = defaultdict(set)
    home: dict[str, set[str]] = defaultdict(set)
    for root, record, key in zip(
        named_root, scene.releases.records, scene.releases.keys, strict=True
    ):
        if root:
            members[root].add(record)
            home[root].add(key)
    for item, ring in zip(*scene.over.tolist(), strict=True):
        root, named = ring_root[ring], named_root[item]
        if named != root:
            members[root].add(scene.releases.records[item])
            if named:
                foreign[named].add(scene.rings.keys[ring])
    loose = [n for n, named in enumerate(scene.named) if not named]
    _add_loose(scene, loose, members)
    works: dict[str, set[str]] = defaultdict(set)
    for item, ring in zip(*scene.rings.near(scene.works).tolist(), strict=True):
        works[ring_root[ring]].add(scene.works.records[item])
    hazards: dict[str, list[str]] = defaultdict(list)
    for record in sorted(roots):
        hazards[roots[record]].append(record)
    result = [
        _cluster(book, own, members[root], works[root], foreign[root], home[root])
        for root, own in hazards.items()
    ]
    return sorted(result + _loose_clusters(scene, loose), key=lambda cluster: cluster.id)


def _add_loose(scene: _Scene, loose: list[int], members: dict[str, set[str]]) -> None:
    """Releases that name no hazard also bear on ground outside rings that named ones cover."""
    named = [n for n, name in enumerate(scene.named) if name]
    if not loose or not named:
        return
    tree = shapely.STRtree(scene.releases.geometry[named])
    for one, other in tree.query(scene.releases.geometry[loose]).T:
        root = scene.sets.find(scene.named[named[other]])
        members[root].add(scene.releases.records[loose[one]])


def _loose_clusters(scene: _Scene, loose: list[int]) -> list[Cluster]:
    items = scene.releases
    sets = _Union(items.records[n] for n in loose)
    if not loose:
        return []
    geometry = items.geometry[loose]
    one, other = shapely.STRtree(geometry).query(geometry)
    one, other = one[one < other], other[one < other]
    meet = _meet(geometry[one], geometry[other])
    for a, b in zip(one[meet], other[meet], strict=True):
        sets.join(items.records[loose[a]], items.records[loose[b]])
    groups: dict[str, list[int]] = defaultdict(list)
    for n in loose:
        groups[sets.find(items.records[n])].append(n)
    masks: dict[str, set[str]] = defaultdict(set)
    for item, ring in zip(*scene.rings.tree.query(geometry), strict=True):
        masks[sets.find(items.records[loose[item]])].add(scene.rings.keys[ring])
    named = [n for n, name in enumerate(scene.named) if name]
    if named:
        for item, n in shapely.STRtree(items.geometry[named]).query(geometry).T:
            masks[sets.find(items.records[loose[item]])].add(items.keys[named[n]])
    return [
        _cluster(
            scene.book,
            [],
            {items.records[n] for n in numbers},
            set(),
            masks[root],
            {items.keys[n] for n in numbers},
        )
        for root, numbers in groups.items()
    ]


def with_record(book: LandBook, cluster: Cluster, record: str) -> Cluster:
    """A cluster of hazards with one more release or report, which bears on no other cluster."""
    releases, works, home = set(cluster.releases), set(cluster.works), set(cluster.home)
    if book.kinds[record] == "released_area":
        releases.add(record)
        home.update(book.keys_of(record))
    else:
        works.add(record)
    return _cluster(book, cluster.hazards, releases, works, set(cluster.foreign), home)


def _order(book: LandBook, record: str) -> tuple[Any, ...]:
    view = first_view(book, record)
    return view.order if isinstance(view, ReleaseView) else ()


def _cluster(
    book: LandBook,
    hazards: Sequence[str],
    releases: set[str],
    works: set[str],
    foreign: set[str],
    home: set[str],
) -> Cluster:
    ordered = sorted(releases, key=lambda record: _order(book, record))
    rings = [key for record in hazards for key in book.keys_of(record)]
    shapes = dict.fromkeys(rings)
    if any(_may_extend(book, record) for record in releases if hazards):
        for key in rings:
            book.zone(key)
            shapes[zone_key(key)] = None
    shapes |= dict.fromkeys(sorted(foreign))
    shapes |= dict.fromkeys(key for record in ordered for key in book.keys_of(record))
    shapes |= dict.fromkeys(key for record in sorted(works) for key in book.keys_of(record))
    named = set(releases)
    for statement in sorted(book.revocations):
        revoked = book.revocations[statement].fields or {}
        if not named.isdisjoint(revoked.get("records", ())) and statement in book.geometry:
            shapes[statement] = None
    return Cluster(
        id=min(hazards) if hazards else min(releases),
        hazards=tuple(hazards),
        releases=tuple(ordered),
        works=tuple(sorted(works)),
        shapes=tuple(shapes),
        rings=frozenset(rings),
        foreign=frozenset(foreign),
        home=frozenset(home),
    )


def _may_extend(book: LandBook, release: str) -> bool:
    return any(
        isinstance(view, ReleaseView) and view.claim == CLEARED and view.named
        for view in book.views[release]
    )
