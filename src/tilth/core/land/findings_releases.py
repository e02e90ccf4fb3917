"""Released areas against hazard areas: ground a release does not count for, and ground beyond."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import partial
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray

from tilth.core.days import iso
from tilth.core.findings import Finding, register
from tilth.core.geometry.repair import areal
from tilth.core.land.findings_overlaps import local_id
from tilth.core.land.findings_scene import Face, Scene
from tilth.core.land.rules import RELEASED, REMAINING
from tilth.core.land.views import HazardView, ReleaseView

__all__ = ["cleared_below", "outside_hazards", "uncounted", "whole_releases"]

_OUTSIDE, _EXTENSION = "released_outside_hazard", "extension"
_SHALLOW, _AGAIN, _BOTH = "too_shallow", "suspected_again", "suspected_and_released"


def uncounted(scene: Scene) -> list[Finding]:
    """Ground inside a hazard area and a release, and remaining all the same.

    ``too_shallow``; ``suspected_again`` where the release is credited under an older hazard;
    ``suspected_and_released`` where it counts nowhere: it came before the suspicion, or on its
    day without naming the hazard.

    Returns
    -------
    list of Finding
        Shapes in metres of the frame.
    """
    found = []
    hazards, releases = scene.hazards, scene.releases
    for hazard, release in _doubtful(scene, hazards, releases):
        view = releases[release]
        region = areal(
            [
                shapely.intersection(
                    scene.ground(scene.rings(hazards[hazard])), scene.ground(_keys(view))
                )
            ]
        )[0]
        kind_of = partial(_why, hazard=hazard, release=release)
        for (code,), ground in scene.sorted_out(hazard, region, kind_of).items():
            found.append(_uncounted(scene, code, hazards[hazard], view, ground))
    return found


def _keys(view: ReleaseView) -> tuple[str, ...]:
    return tuple(key for alternatives in view.ground for key in alternatives)


def _doubtful(
    scene: Scene, hazards: Mapping[str, HazardView], releases: Mapping[str, ReleaseView]
) -> list[tuple[str, str]]:
    """Pairs that meet, where day or depth may keep the release from counting."""
    drawn = [(key, record) for record, view in hazards.items() for key in scene.rings(view)]
    taken = [
        (key, record)
        for record, view in releases.items()
        for key in _keys(view)
        if not view.whole and key in scene.book.geometry
    ]
    if not drawn or not taken:
        return []
    latest = np.array([_latest(hazards[record]) for _, record in drawn])
    day = np.array([releases[record].day for _, record in taken])
    strict = {record: view for record, view in hazards.items() if view.requirements}
    tree = shapely.STRtree(_shapes(scene, drawn))
    shapes = _shapes(scene, taken)
    at, ring = tree.query(shapes)
    doubt = day[at] <= latest[ring]
    for n in np.flatnonzero(~doubt):
        view = strict.get(drawn[ring[n]][1])
        if view is not None:
            release = releases[taken[at[n]][1]]
            needs = view.requirements
            doubt[n] = not all(release.deep_enough(r.depth_cm, r.subsurface) for r in needs)
    at, ring = at[doubt], ring[doubt]
    meet = shapely.intersects(shapes[at], _shapes(scene, drawn)[ring])
    return sorted({(drawn[r][1], taken[a][1]) for a, r in zip(at[meet], ring[meet], strict=True)})


def _shapes(scene: Scene, pairs: Sequence[tuple[str, str]]) -> NDArray[Any]:
    shapes: NDArray[Any] = np.empty(len(pairs), dtype=object)
    shapes[:] = [scene.book.geometry[key] for key, _ in pairs]
    return shapes


def _latest(hazard: HazardView) -> int:
    return max([hazard.suspected()[1], *(ground.day for ground in hazard.grounds)])


def _why(face: Face, hazard: str, release: str) -> Iterator[tuple[str]]:
    """Why a release does not take a face that remains under a hazard."""
    holding = face.of(hazard)
    if holding is None or holding.state.status != REMAINING:
        return
    view = next((one for one in face.releases if one.record == release), None)
    if view is None:
        return  # void there, or it does not reach
    needs = [h.hazard.required(view.counts) for h in face.holdings if h.since <= view.counts]
    depth, subsurface = max((d for d, _ in needs), default=0.0), any(s for _, s in needs)
    if holding.since <= view.counts and not view.deep_enough(depth, subsurface):
        yield (_SHALLOW,)
    elif release in face.credit.values():
        yield (_AGAIN,)
    else:
        yield (_BOTH,)


def _uncounted(
    scene: Scene, code: str, hazard: HazardView, release: ReleaseView, ground: Any
) -> Finding:
    area = float(shapely.area(ground))
    params = {
        "m2": f"{area:.2f}",
        "hazard": local_id(hazard.record),
        "release": local_id(release.record),
        "released_on": iso(release.counts),
        "suspected_on": iso(max(hazard.suspected()[1], hazard.grounds[0].day)),
        "depth": "the surface" if release.surface_only else f"{release.depth_cm or 0:g} cm",
        "required": _requirement(*hazard.required(release.counts)),
    }
    # Too shallow is for the release to mend; the others are told of the hazard that remains.
    pair = (hazard.record, release.record)
    record, other = reversed(pair) if code == _SHALLOW else pair
    return Finding(code, record, other, params, area_m2=area, shape=ground)


def _requirement(depth_cm: float, subsurface: bool) -> str:
    """A requirement as findings say it.

    Examples
    --------
    >>> _requirement(20.0, True), _requirement(13.0, False), _requirement(0.0, True)
    ('20 cm beneath the surface', '13 cm', 'search beneath the surface')
    """
    if not depth_cm:
        return "search beneath the surface" if subsurface else "nothing"
    return f"{depth_cm:g} cm" + (" beneath the surface" if subsurface else "")


def outside_hazards(scene: Scene) -> list[Finding]:
    """Released ground beyond the rings: ``extension`` and ``released_outside_hazard``.

    Returns
    -------
    list of Finding
        Shapes in metres of the frame; each release has its own line, also where two of them
        cover the same ground outside.
    """
    found = []
    for record, beyond in _beyond(scene):
        kind_of = partial(_where, release=record)
        for (code, hazard), ground in scene.sorted_out(record, beyond, kind_of).items():
            area = float(shapely.area(ground))
            params = {"m2": f"{area:.2f}", "hazard": local_id(hazard)}
            found.append(Finding(code, record, hazard, params, area_m2=area, shape=ground))
    return found


def _beyond(scene: Scene) -> Iterator[tuple[str, Any]]:
    """Releases with the ground they hold outside every ring in force."""
    rings = [key for view in scene.hazards.values() for key in scene.rings(view)]
    shapes: NDArray[Any] = np.empty(len(rings), dtype=object)
    shapes[:] = [scene.book.geometry[key] for key in rings]
    tree = shapely.STRtree(shapes)
    names, grounds = [], []
    for record, view in scene.releases.items():
        if not view.whole:
            names.append(record)
            grounds.append(scene.ground(_keys(view)))
    ground: NDArray[Any] = np.empty(len(grounds), dtype=object)
    ground[:] = grounds
    inside = set(tree.query(ground, predicate="covered_by")[0].tolist())
    open_ = [n for n in range(len(names)) if n not in inside]
    rest = ground[open_].copy()
    at, ring = tree.query(rest, predicate="intersects")
    near = np.bincount(at, minlength=len(rest))
    alone = near[at] == 1
    rest[at[alone]] = shapely.difference(rest[at[alone]], shapes[ring[alone]])
    for place in np.flatnonzero(near > 1).tolist():
        rest[place] = shapely.difference(rest[place], shapely.union_all(shapes[ring[at == place]]))
    for place, region in enumerate(scene.worth(rest)):
        if region is not None:
            yield names[open_[place]], region


def _where(face: Face, release: str) -> Iterator[tuple[str, str]]:
    if not face.released_by(release):
        return
    if face.unattached:
        yield _OUTSIDE, ""
    for holding in face.holdings:
        credited = face.credit.get(holding.hazard.record) == release
        if holding.extension and holding.state.status == RELEASED and credited:
            yield _EXTENSION, holding.hazard.record


def whole_releases(scene: Scene) -> list[Finding]:
    """Releases of whole hazards without a polygon, with what they took: `release_without_polygon`.

    Returns
    -------
    list of Finding
        Shapes in metres of the frame.
    """
    found = []
    for record, view in sorted(scene.releases.items()):
        if not view.whole:
            continue
        region = scene.ground(_keys(view))
        kind_of = partial(_credited, release=record)
        taken = scene.sorted_out(record, region, kind_of).get(("taken",))
        area = 0.0 if taken is None else float(shapely.area(taken))
        params = {"m2": f"{area:.2f}", "hazard": local_id(view.named)}
        hazard = scene.book.hazard_named(record, view.named)
        found.append(
            Finding("release_without_polygon", record, hazard, params, area_m2=area, shape=taken)
        )
    return found


def _credited(face: Face, release: str) -> Iterator[tuple[str]]:
    if release in face.credit.values():
        yield ("taken",)


def cleared_below(scene: Scene) -> list[Finding]:
    """Cleared ground that a requirement raised later no longer accepts: `requirement_raised`."""
    found = []
    for record, view in sorted(scene.hazards.items()):
        rings = scene.rings(view)
        if len(view.requirements) < 2 or not rings:
            continue
        need = view.required(scene.until)
        kind_of = partial(_below, hazard=record, need=need)
        below = scene.sorted_out(record, scene.ground(rings), kind_of).get(("below",))
        if below is not None:
            area = float(shapely.area(below))
            params = {"m2": f"{area:.2f}", "required": _requirement(*need)}
            found.append(
                Finding("requirement_raised", record, params=params, area_m2=area, shape=below)
            )
    return found


def _below(face: Face, hazard: str, need: tuple[float, bool]) -> Iterator[tuple[str]]:
    credit = face.credit.get(hazard)
    for release in face.releases:
        if release.record == credit and not release.deep_enough(*need):
            yield ("below",)


register(
    {
        "too_shallow": (
            "{m2} m² of {hazard} were cleared to {depth}, and {required} is required; the ground "
            "remains.",
            "Clear it to the required depth, or have the requirement of the hazard area revised.",
        ),
        "suspected_again": (
            "{m2} m² were released by {release} on {released_on} and suspected again since; they "
            "are recorded and remaining once more.",
            "Find out what was missed there; survey or clear the ground again.",
        ),
        "suspected_and_released": (
            "{m2} m² are suspected since {suspected_on} and stand in the release {release} of "
            "{released_on}, which does not count for it.",
            "Correct the day that is wrong, or name the hazard area in the release of that day.",
        ),
        "released_outside_hazard": (
            "{m2} m² were released outside every hazard area; they take nothing from the balance.",
            "Name the hazard area, correct the shape, or record the hazard that was worked on.",
        ),
        "extension": (
            "{m2} m² were cleared beyond the edge of {hazard} and counted as its extension.",
            "Revise the ring if the hazard reaches further; correct the shape if it does not.",
        ),
        "release_without_polygon": (
            "The whole of {hazard} was released without a polygon: {m2} m² that remained then.",
            "Send the polygon of what was searched.",
        ),
        "requirement_raised": (
            "{m2} m² were cleared to less than is required since: {required}.",
            "Decide whether the ground must be searched again; a revocation opens it.",
        ),
    }
)
