"""Ground as the map draws it: hazards and releases at each level, by the day they hold.

A release is drawn only where the account at that level does not hold the ground as remaining: not
where it was revoked or recalled, suspected again later, or cleared less deep than required. Where
that may be so, the faces of the cluster are asked, by the rules of the account itself.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np
import shapely
from numpy.typing import NDArray

from tilth.core.chains import APPROVED, PRUDENT
from tilth.core.days import NEVER
from tilth.core.land.account import case_of
from tilth.core.land.book import LandBook
from tilth.core.land.clusters import Cluster
from tilth.core.land.faces import faces
from tilth.core.land.rows import LandRows
from tilth.core.land.rules import RELEASED, REMAINING, Case, history
from tilth.core.land.views import HazardView, ReleaseView

__all__ = ["HAZARD_CLASSES", "Drawn", "Faces", "drawn_hazards", "drawn_releases", "worked_days"]

HAZARD_CLASSES = ("SHA", "CHA", "indication")
_NOISE_M2 = 0.05
"""Faces below this, in m², come from noise of positions and are not cut out of a release."""
_DONE_M2 = 1.0
"""Ground below this, in m², is noise of noding: a hazard with less has none remaining."""


class Drawn(NamedTuple):
    """Ground of a record between two days at one level.

    Parameters
    ----------
    key
        Name of the shape, the same for the same ground at another level.
    shape
        Metres of the operation's frame.
    cls
        Place in `HAZARD_CLASSES`, or the claim of a release.
    since, until
        Ordinals of days, the latter exclusive.
    """

    record: str
    key: str
    shape: Any
    cls: int
    since: int
    until: int


def drawn_hazards(book: LandBook, level: int, records: Iterable[str]) -> Iterator[Drawn]:
    """Rings of hazard areas that have a view at a level, by class and day."""
    for record in records:
        view = book.views[record][level - 1]
        if not isinstance(view, HazardView):
            continue
        for ground in view.grounds:
            spans = _classes(view, ground.opens)
            for key in ground.keys:
                for since, until, name in spans:
                    cls = HAZARD_CLASSES.index(name)
                    yield Drawn(record, key, book.geometry[key], cls, since, until)


def _classes(view: HazardView, opens: int) -> list[tuple[int, int, str]]:
    """Spans of days, from the opening of some ground on, with the class of the hazard."""
    days = sorted({opens, *(one[0] for one in view.classes if one[0] > opens)})
    spans: list[tuple[int, int, str]] = []
    for day, after in zip(days, [*days[1:], NEVER], strict=True):
        name = view.class_at(day)
        if spans and spans[-1][2] == name:
            spans[-1] = (spans[-1][0], after, name)
        else:
            spans.append((day, after, name))
    return spans


class Faces:
    """Faces of clusters with the keys of what covers each, made once for all levels."""

    def __init__(self, book: LandBook) -> None:
        self._book = book
        self._known: dict[str, list[tuple[frozenset[str], Any]]] = {}

    def of(self, cluster: Cluster) -> list[tuple[frozenset[str], Any]]:
        """Faces accounted in a cluster that are more than noise: their keys and polygons."""
        if cluster.id not in self._known:
            shapes = np.array([self._book.geometry[key] for key in cluster.shapes], dtype=object)
            polygons, sets = faces(shapes)
            areas = shapely.area(polygons).tolist()
            found = [
                (frozenset(cluster.shapes[m] for m in members), polygon)
                for polygon, members, area in zip(polygons, sets, areas, strict=True)
                if area >= _NOISE_M2
            ]
            self._known[cluster.id] = [one for one in found if cluster.accounts_for(one[0])]
        return self._known[cluster.id]


def drawn_releases(
    book: LandBook, level: int, records: Iterable[str], clusters: Iterable[Cluster], cut: Faces
) -> Iterator[Drawn]:
    """Released ground at a level.

    Parameters
    ----------
    clusters
        All clusters that hold ground of these records.
    cut
        Faces of these clusters, kept from level to level.
    """
    holes: dict[str, list[tuple[Any, int]]] = {}
    for cluster in clusters:
        if _may_remain(book, cluster, level):
            for record, found in _remaining(book, cluster, level, cut).items():
                holes.setdefault(record, []).extend(found)
    for record in records:
        view = book.views[record][level - 1]
        if not isinstance(view, ReleaseView):
            continue
        key, shape = _ground_of(book, view)
        if shape is None:
            continue
        if record in holes:
            yield from _pierced(record, view, shape, holes[record])
        else:
            yield Drawn(record, key, shape, view.claim, view.counts, NEVER)


def _ground_of(book: LandBook, view: ReleaseView) -> tuple[str, Any]:
    """Ground of a release: what all the statements that count agree on."""
    parts = []
    for keys in view.ground:
        held = [book.geometry[key] for key in keys if key in book.geometry]
        if not held:
            return "", None  # a ring that it names may still arrive
        parts.append(held[0] if len(held) == 1 else shapely.union_all(np.array(held, object)))
    key = "&".join("|".join(keys) for keys in view.ground)
    shape = parts[0]
    for part in parts[1:]:
        shape = shapely.intersection(shape, part)
    return key, shape


def _may_remain(book: LandBook, cluster: Cluster, level: int) -> bool:
    """Whether ground under a release of a cluster could be remaining at a level."""
    releases = _views(book, cluster.releases, level)
    hazards = _views(book, cluster.hazards, level)
    if not releases or not hazards:
        return not book.revoked.isdisjoint(cluster.releases) and bool(releases)
    if not book.revoked.isdisjoint(cluster.releases) or any(one.whole for one in releases):
        return True
    prudent = level == PRUDENT
    days = [ground.day for view in hazards for ground in view.grounds]
    days += [day for view in hazards for day in view.suspected(prudent=prudent) if day < NEVER]
    if min(one.day for one in releases) <= max(days, default=0):
        return True
    needs = [need for view in hazards for need in view.requirements]
    depth = max((need.depth_cm for need in needs), default=0.0)
    subsurface = any(need.subsurface for need in needs)
    if not all(one.deep_enough(depth, subsurface) for one in releases):
        return True
    return prudent and any(_disagrees(book, one) for one in releases)


def _views(book: LandBook, records: Iterable[str], level: int) -> list[Any]:
    return [view for record in records if (view := book.views[record][level - 1]) is not None]


def _disagrees(book: LandBook, view: ReleaseView) -> bool:
    """Whether a release says less at *prudent* than at *approved*: its extension may be open."""
    before = book.views[view.record][APPROVED - 1]
    if not isinstance(before, ReleaseView):
        return True
    return (before.named, before.claim, before.depth_cm) != (view.named, view.claim, view.depth_cm)


def _remaining(
    book: LandBook, cluster: Cluster, level: int, cut: Faces
) -> dict[str, list[tuple[Any, int]]]:
    """By release: ground it covers that remains or on which it is void, and from which day.

    It is not drawn there again: whatever takes that ground later is drawn itself.
    """
    case = case_of(book, cluster, level)
    found: dict[str, list[tuple[Any, int]]] = {}
    known: dict[frozenset[str], list[tuple[int, int]]] = {}
    rings: dict[str, list[tuple[int, int, bool]]] = {}
    for at, view in enumerate(case.hazards):
        for ground in view.grounds:
            for key in ground.keys:
                rings.setdefault(key, []).append((at, ground.day, ground.approved))
    careful = bool(case.revocations) or (
        level == PRUDENT and any(_disagrees(book, one) for one in case.releases)
    )
    for face, polygon in cut.of(cluster):
        over = case.releases_over(face)
        if not over or (not careful and _plainly(case, case.releases[over[0]], face, rings)):
            continue
        essence = case.essence(face)
        if essence not in known:
            known[essence] = _open_spans(face, case)
        for number in over:
            release = case.releases[number]
            spans = [*known[essence], *_void_spans(face, case, release)]
            days = [max(since, release.counts) for since, end in spans if end > release.counts]
            if days:
                found.setdefault(release.record, []).append((polygon, min(days)))
    return found


def _plainly(
    case: Case,
    release: ReleaseView,
    face: frozenset[str],
    rings: Mapping[str, Sequence[tuple[int, int, bool]]],
) -> bool:
    """Whether the first release over a face takes all of its ground, in every hazard there."""
    if release.whole:
        return False
    took_in: dict[int, list[tuple[int, bool]]] = {}
    for at, day, approved in (one for key in face for one in rings.get(key, ())):
        took_in.setdefault(at, []).append((day, approved))
    for at, days in took_in.items():
        view = case.hazards[at]
        # the first day that took the ground in; at prudent what is not approved makes none earlier
        careful = case.prudent and not all(approved for _, approved in days)
        begins = (max if careful else min)(day for day, _ in days)
        suspected = [one for one in view.suspected(prudent=case.prudent) if one < NEVER]
        if release.day <= max(begins, *suspected, 0):
            return False
        if not all(release.deep_enough(one.depth_cm, one.subsurface) for one in view.requirements):
            return False
    return True


def _open_spans(face: frozenset[str], case: Case) -> list[tuple[int, int]]:
    """Days between which a hazard holds a face as remaining."""
    spans = []
    for _, _, segments in history(face, case).entries:
        ends = [*(one.since for one in segments[1:]), NEVER]
        spans += [
            (one.since, end)
            for one, end in zip(segments, ends, strict=True)
            if one.status == REMAINING
        ]
    return spans


def _void_spans(face: frozenset[str], case: Case, release: ReleaseView) -> list[tuple[int, int]]:
    return [
        (one.opens, NEVER)
        for one in case.revocations
        if release.day <= one.day
        and release.record not in one.standing
        and all(not face.isdisjoint(keys) for keys in one.ground)
    ]


def _pierced(
    record: str, view: ReleaseView, shape: Any, holes: Sequence[tuple[Any, int]]
) -> Iterator[Drawn]:
    """A release without the ground that is not released, from day to day."""
    whole, areas = float(shapely.area(shape)), [float(shapely.area(one)) for one, _ in holes]
    days = sorted({view.counts, *(since for _, since in holes)})
    for since, until in zip(days, [*days[1:], NEVER], strict=True):
        lost = [n for n, (_, begins) in enumerate(holes) if begins <= since]
        m2 = sum(areas[n] for n in lost)
        if m2 > whole - _DONE_M2:
            return
        rest = shape
        if m2 >= _DONE_M2:
            pieces = np.array([holes[n][0] for n in lost], dtype=object)
            rest = shapely.difference(shape, shapely.coverage_union_all(pieces))
            if shapely.area(rest) < _DONE_M2:
                return
        key = f"{view.statement}:{shapely.to_wkb(rest).hex()}"
        yield Drawn(record, key, rest, view.claim, since, until)


def worked_days(rows: LandRows) -> Mapping[str, tuple[int, int]]:
    """By hazard: day of the first release on it, and day from which no ground remains.

    Both are `NEVER` where it has not come to that; less than 1 m² is no ground.
    """
    row_of = np.repeat(np.arange(len(rows.hazard)), np.diff(rows.segment_offset))
    hazard = rows.hazard[row_of]
    first = np.full(len(rows.hazards), NEVER, np.int64)
    released = rows.segment_status == RELEASED
    np.minimum.at(first, hazard[released], rows.segment_since[released])
    last = np.zeros(len(row_of), bool)
    last[rows.segment_offset[1:][np.diff(rows.segment_offset) > 0] - 1] = True
    open_ = np.flatnonzero(rows.segment_status == REMAINING)
    closed = open_[~last[open_]]
    days = np.concatenate((rows.segment_since[open_], rows.segment_since[closed + 1]))
    change = rows.area_m2[row_of]
    m2 = np.concatenate((change[open_], -change[closed]))
    owner = np.concatenate((hazard[open_], hazard[closed]))
    done = _last_open(owner, days.astype(np.int64), m2, len(rows.hazards))
    return {one.record: (int(first[n]), int(done[n])) for n, one in enumerate(rows.hazards)}


def _last_open(
    owner: NDArray[Any], days: NDArray[np.int64], m2: NDArray[np.float64], n: int
) -> NDArray[np.int64]:
    """Day after which the sum of an owner's changes stays below `_DONE_M2`; NEVER while above."""
    order = np.lexsort((days, owner))
    owner, days, m2 = owner[order], days[order], m2[order]
    begins = np.searchsorted(owner, np.arange(n + 1))
    total = np.concatenate((np.zeros(1), np.cumsum(m2)))
    result = np.full(n, NEVER, np.int64)
    for at in range(n):
        low, high = int(begins[at]), int(begins[at + 1])
        if low == high:
            continue
        left = total[low + 1 : high + 1] - total[low]
        # several changes on one day count together
        ends = np.append(days[low + 1 : high] != days[low : high - 1], True)
        above = np.flatnonzero((left >= _DONE_M2) & ends)
        if not len(above):
            result[at] = days[low]
        elif above[-1] + 1 < high - low:
            result[at] = days[low + above[-1] + 1]
    return result
