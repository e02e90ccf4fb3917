"""Ground that two records claim: hazard areas, released areas, and what that does to the account.

An overlap in itself is geometry; whether it is worth a finding depends on what became of the
ground. Clearing again what was revoked, suspected again or searched too shallow claims nothing
twice.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from functools import partial
from typing import Any, NamedTuple

import numpy as np
import shapely
from numpy.typing import NDArray

from tilth.core.findings import Finding, register
from tilth.core.geometry.overlaps import Claim, Overlap, overlaps
from tilth.core.geometry.repair import areal
from tilth.core.land.book import LandBook
from tilth.core.land.findings_scene import Face, Scene
from tilth.core.land.rules import OVERLAP
from tilth.core.land.views import CLEARED, HazardView, ReleaseView

__all__ = ["hazard_overlaps", "local_id", "release_overlaps"]


def local_id(record: str) -> str:
    """Identifier that the author gave a record."""
    return record.split("/", 2)[-1]


def hazard_overlaps(scene: Scene, organisations: Mapping[str, str]) -> list[Finding]:
    """Ground of two hazard areas that counts under one of them.

    ``hazards_overlap``, or ``overlap_across_organisations`` where two organisations recorded
    them. Not told: children on their parents' ground, and ground that was suspected again after
    a release, which each of the two hazards holds in its own right.

    Returns
    -------
    list of Finding
        Shapes in metres of the frame.
    """
    views = scene.hazards
    rings = {record: scene.rings(view) for record, view in views.items()}
    claims: list[Claim] = [
        (record, organisations[record], scene.ground(keys))
        for record, keys in rings.items()
        if keys
    ]
    found = []
    for one in _told(scene, claims):
        if _related(scene.book, views, one.record, one.other):
            continue
        kind_of = partial(_shown, record=one.record, other=one.other)
        for kind, ground in scene.sorted_out(one.record, one.geometry, kind_of).items():
            record, other = kind
            found.append(_claimed("hazards_overlap", record, other, organisations, ground))
    return found


def _told(scene: Scene, claims: Sequence[Claim]) -> list[Overlap]:
    return overlaps(claims, least_m2=scene.noise.least_m2, least_width_m=scene.noise.least_width_m)


def _shown(face: Face, record: str, other: str) -> Iterator[tuple[str, str]]:
    """Which of two hazards shows the ground as overlap, and under which it counts."""
    one, two = face.of(record), face.of(other)
    if one is None or two is None:
        return
    if one.state.status == OVERLAP and two.state.status != OVERLAP:
        yield record, other
    elif two.state.status == OVERLAP and one.state.status != OVERLAP:
        yield other, record


def _related(book: LandBook, views: Mapping[str, HazardView], one: str, other: str) -> bool:
    """Whether one hazard was split from or merged out of the other, in any generation."""
    return other in _ancestors(book, views, one) or one in _ancestors(book, views, other)


def _ancestors(book: LandBook, views: Mapping[str, HazardView], record: str) -> set[str]:
    found: set[str] = set()
    todo = [record]
    while todo:
        view = views.get(todo.pop())
        for parent in view.parents if view else ():
            full = book.hazard_named(record, parent)
            if full and full not in found:
                found.add(full)
                todo.append(full)
    return found


def _claimed(
    code: str, record: str, other: str, organisations: Mapping[str, str], ground: Any
) -> Finding:
    """Finding about a pair: of the given code within one organisation, else across two."""
    area = float(shapely.area(ground))
    mine, theirs = organisations[record], organisations[other]
    return Finding(
        code if mine == theirs else "overlap_across_organisations",
        record,
        other,
        {
            "m2": f"{area:.2f}",
            "organisation": mine,
            "other_organisation": theirs,
            "with": local_id(other),
        },
        area_m2=area,
        shape=ground,
    )


def release_overlaps(scene: Scene, organisations: Mapping[str, str]) -> list[Finding]:
    """Ground that two released areas claim, and what each later one re-processed.

    ``overlap_across_records`` or ``overlap_across_organisations`` for each pair, ``reprocessed``
    for each release over ground that an earlier one was credited with.

    Returns
    -------
    list of Finding
        Shapes in metres of the frame.
    """
    views = {record: view for record, view in scene.releases.items() if not view.whole}
    claims: list[Claim] = [
        (record, organisations[record], scene.ground(_keys(view))) for record, view in views.items()
    ]
    found, again = [], defaultdict(list)
    for told in _Pairs(scene, views).read(_told(scene, claims)):
        found.append(
            _claimed("overlap_across_records", told.record, told.other, organisations, told.twice)
        )
        if told.credited is not None:
            again[told.later].append((told.earlier, told.credited))
    return found + [_reprocessed(record, parts) for record, parts in sorted(again.items())]


def _keys(view: ReleaseView) -> tuple[str, ...]:
    return tuple(key for alternatives in view.ground for key in alternatives)


def _reprocessed(record: str, parts: Sequence[tuple[str, Any]]) -> Finding:
    grounds = np.array([ground for _, ground in parts], dtype=object)
    ground = areal([grounds[0] if len(grounds) == 1 else shapely.union_all(grounds)])[0]
    area = float(shapely.area(ground))
    earlier = sorted({name for name, _ in parts})
    return Finding(
        "reprocessed",
        record,
        earlier[0] if len(earlier) == 1 else "",
        {"m2": f"{area:.2f}", "earlier": ", ".join(local_id(name) for name in earlier[:5])},
        area_m2=area,
        shape=ground,
    )


class _Told(NamedTuple):
    """A pair of releases with the ground both claim, and what of it was credited before."""

    record: str
    other: str
    earlier: str
    later: str
    twice: Any
    credited: Any = None


class _Pairs:
    """Tells which part of an overlap of releases is claimed twice.

    Inside one ring, where nothing was revoked, every overlap is: the earlier release was credited
    and the later one re-processed. An operation has a hundred thousand releases, most of them so;
    only for the others are faces made.
    """

    def __init__(self, scene: Scene, views: Mapping[str, ReleaseView]) -> None:
        self.scene, self.views = scene, views
        drawn = [
            (record, scene.book.geometry[key])
            for record, view in scene.hazards.items()
            for key in scene.rings(view)
        ]
        self.owners = [record for record, _ in drawn]
        self.rings = _array([ring for _, ring in drawn])
        self.whole = {
            scene.book.hazard_named(record, view.named)
            for record, view in scene.releases.items()
            if view.whole
        }
        self.reopened = shapely.STRtree(_array(_revoked(scene)))

    def read(self, pairs: Sequence[Overlap]) -> list[_Told]:
        """Ground claimed twice of each pair that has any, and what of it was credited."""
        told = []
        for pair, ring in zip(pairs, self._rings_around(pairs), strict=True):
            one, other = self.views[pair.record], self.views[pair.other]
            earlier, later = sorted((one, other), key=lambda release: release.order)
            twice: Any | None
            credited: Any | None
            if ring is not None and self._calm(ring, earlier, later):
                twice, credited = pair.geometry, pair.geometry if ring else None
            else:
                kind_of = partial(_twice, earlier=earlier, later=later)
                grounds = self.scene.sorted_out(pair.record, pair.geometry, kind_of)
                twice, credited = grounds.get(("twice",)), grounds.get(("credited",))
            if twice is not None:
                names = (pair.record, pair.other, earlier.record, later.record)
                told.append(_Told(*names, twice, credited))
        return told

    def _rings_around(self, pairs: Sequence[Overlap]) -> list[str | None]:
        """Hazard whose one ring holds each overlap, empty where none is near; None: look closer."""
        grounds = _array([pair.geometry for pair in pairs])
        at, ring = shapely.STRtree(self.rings).query(grounds)
        near = np.bincount(at, minlength=len(pairs))
        around: list[str | None] = ["" if count == 0 else None for count in near.tolist()]
        one = near[at] == 1
        shapely.prepare(self.rings)
        held = shapely.covers(self.rings[ring[one]], grounds[at[one]])
        for pair, owner in zip(at[one][held], ring[one][held], strict=True):
            around[pair] = self.owners[owner]
        for pair in self.reopened.query(grounds)[0]:
            around[pair] = None
        return around

    def _calm(self, hazard: str, earlier: ReleaseView, later: ReleaseView) -> bool:
        if hazard:
            counts = self._counts(earlier, hazard) and self._counts(later, hazard)
            return counts and hazard not in self.whole
        # Away from every ring either may be an extension of the hazard it names.
        return not any(one.claim == CLEARED and one.named for one in (earlier, later))

    def _counts(self, release: ReleaseView, hazard: str) -> bool:
        """Whether nothing about day or depth keeps a release from counting for a hazard."""
        view = self.scene.hazards[hazard]
        latest = max([view.suspected()[1], *(g.day for g in view.grounds)])
        deep = all(release.deep_enough(r.depth_cm, r.subsurface) for r in view.requirements)
        return release.day > latest and deep


def _array(shapes: Sequence[Any]) -> NDArray[Any]:
    array: NDArray[Any] = np.empty(len(shapes), dtype=object)
    array[:] = shapes
    return array


def _revoked(scene: Scene) -> list[Any]:
    """Ground of every release that a revocation names."""
    named = {
        record
        for said in scene.book.revocations.values()
        if said.act == "revoke"
        for record in (said.fields or {}).get("records", ())
    }
    keys = [key for record in sorted(named) for key in scene.book.keys_of(record)]
    return [scene.book.geometry[key] for key in keys]


def _twice(face: Face, earlier: ReleaseView, later: ReleaseView) -> Iterator[tuple[str]]:
    """Kinds of a face under two releases: claimed twice, and credited before the later of them."""
    if not (face.released_by(earlier.record) and face.released_by(later.record)):
        return
    credited = set(face.credit.values())
    if later.record in credited:
        return  # the earlier one took another suspicion's ground, was too shallow or too early
    yield ("twice",)
    if any(one.record in credited and one.order < later.order for one in face.releases):
        yield ("credited",)


register(
    {
        "hazards_overlap": (
            "{m2} m² lie in this hazard area and in {with}; the ground counts under {with} and is "
            "shown as overlap here.",
            "Revise one of the two rings at the next survey, or record them as split or merged; "
            "no ground counts twice meanwhile.",
        ),
        "reprocessed": (
            "{m2} m² had been released before by {earlier}; the earlier release keeps the credit.",
            "Correct the shape if the ground was not worked again; explain it if it was.",
        ),
    }
)
