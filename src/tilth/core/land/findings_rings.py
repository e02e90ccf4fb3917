"""Rings over time: revised, corrected, and closed by a status while ground remains."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from functools import partial
from typing import Any

import numpy as np
import shapely

from tilth.core.chains import APPROVED, REPORTED, Chain, Said, chains_of
from tilth.core.findings import Finding, register
from tilth.core.geometry.repair import areal
from tilth.core.land.findings_scene import Face, Scene
from tilth.core.land.rules import RELEASED, REMAINING
from tilth.core.land.views import Ground, HazardView

__all__ = [
    "closed_hazards",
    "closing_word",
    "corrected_rings",
    "fields_in_force",
    "revised_rings",
]


def revised_rings(scene: Scene) -> list[Finding]:
    """Ground a later ring leaves out, and released ground a later ring takes in again.

    ``left_out_without_release``, ``ring_over_released_ground``.

    Returns
    -------
    list of Finding
        Shapes in metres of the frame.
    """
    found = []
    for record, view in sorted(scene.hazards.items()):
        opened = [g for g in view.grounds if g.opens <= scene.until]
        if len(opened) < 2 or not scene.rings(view):
            continue
        newest = max(opened, key=lambda g: g.opens)
        kind_of = partial(_left_out, hazard=record)
        left = scene.sorted_out(record, _without(scene, view, newest), kind_of)
        if ("left",) in left:
            found.append(_about("left_out_without_release", record, left["left",]))
        region = scene.ground([key for g in opened for key in g.keys])
        kind_of = partial(_redrawn, hazard=record, opened=opened)
        over = scene.sorted_out(record, region, kind_of)
        if ("over",) in over:
            found.append(_about("ring_over_released_ground", record, over["over",]))
    return found


def _about(code: str, record: str, ground: Any) -> Finding:
    area = float(shapely.area(ground))
    return Finding(code, record, params={"m2": f"{area:.2f}"}, area_m2=area, shape=ground)


def _without(scene: Scene, view: HazardView, newest: Ground) -> Any:
    """Ground of the earlier rings outside the newest one."""
    keys = [key for key in scene.rings(view) if key not in newest.keys]
    drawn = scene.ground(newest.keys)
    return areal([shapely.difference(scene.ground(keys), drawn)])[0]


def _left_out(face: Face, hazard: str) -> Iterator[tuple[str]]:
    holding = face.of(hazard)
    if holding is None or holding.extension:
        return
    if holding.state.status == REMAINING:
        yield ("left",)


def _redrawn(face: Face, hazard: str, opened: Iterable[Ground]) -> Iterator[tuple[str]]:
    """Ground that a release had taken on the day a later ring of the same record took it in."""
    holding = face.of(hazard)
    if holding is None or holding.state.status != RELEASED:
        return
    credit = face.credit[hazard]
    counts = max(one.counts for one in face.releases if one.record == credit)
    later = [g.opens for g in opened if not face.keys.isdisjoint(g.keys)]
    if any(holding.since <= counts < day for day in later):
        yield ("over",)


def corrected_rings(scene: Scene) -> list[Finding]:
    """Rings that a correction not yet approved put in place of another: `ring_corrected`.

    Returns
    -------
    list of Finding
        Area and shape are those of the ground gained and lost, in metres of the frame.
    """
    book = scene.book
    found: list[Finding] = []
    for record in sorted(scene.hazards):
        statements = book.statements[record]
        if len(statements) < 2:
            continue
        first, revisions = chains_of(statements)
        for chain in [*([first] if first else []), *revisions]:
            pair = _before_and_after(scene, chain)
            if pair is not None:
                found += _corrected(scene, record, *pair)
    return found


def _before_and_after(scene: Scene, chain: Chain) -> tuple[str, str] | None:
    """Keys of the ring that stood before a correction and of the ring that stands now."""
    standing, drawn = scene.book.standing, scene.book.geometry
    value = chain.value(REPORTED, standing)
    if value is None or value.act != "correct" or standing.level(value.hash) >= APPROVED:
        return None
    path, _ = chain.path(standing)
    approved = chain.value(APPROVED, standing)
    before = [h for h in path[: path.index(value.hash)] if h in drawn]
    if approved is not None and approved.hash in drawn:
        old = approved.hash
    elif before:
        old = before[-1]
    else:
        return None
    return (old, value.hash) if value.hash in drawn else None


def _corrected(scene: Scene, record: str, old: str, new: str) -> Iterator[Finding]:
    before, after = scene.book.geometry[old], scene.book.geometry[new]
    gained, lost = areal([shapely.difference(after, before), shapely.difference(before, after)])
    changed = areal([shapely.union(gained, lost)])
    (ground,) = scene.worth(changed)
    if ground is None:
        return
    gained_m2, lost_m2 = float(shapely.area(gained)), float(shapely.area(lost))
    yield Finding(
        "ring_corrected",
        record,
        params={"gained_m2": f"{gained_m2:.2f}", "lost_m2": f"{lost_m2:.2f}"},
        area_m2=gained_m2 + lost_m2,
        shape=ground,
    )


def closed_hazards(
    scene: Scene, closed: Mapping[str, str], remaining_m2: Mapping[str, float]
) -> list[Finding]:
    """Hazards whose status says the work is over, and of which land remains.

    Parameters
    ----------
    closed
        Word of the status, by record.
    remaining_m2
        By record, from the account at *reported*.

    Returns
    -------
    list of Finding
        ``closed_with_land_remaining``; shapes in metres of the frame.
    """
    found = []
    hazards = scene.hazards
    for record in sorted(closed):
        view = hazards.get(record)
        area = remaining_m2.get(record, 0.0)
        if view is None or area < scene.noise.least_m2:
            continue
        # Extensions lie within the zone of the rings; the region must reach them.
        region = scene.ground(scene.rings(view))
        region = shapely.union_all(
            np.array([region, *(scene.ground([key]) for key in _released(scene, record))], object)
        )
        kind_of = partial(_remaining, hazard=record)
        ground = scene.sorted_out(record, areal([region])[0], kind_of).get(("remaining",))
        params = {"m2": f"{area:.2f}", "status": closed[record]}
        found.append(
            Finding("closed_with_land_remaining", record, params=params, area_m2=area, shape=ground)
        )
    return found


def _released(scene: Scene, hazard: str) -> list[str]:
    """Keys of releases that name a hazard and may extend it."""
    releases = scene.releases
    return [
        key
        for release in sorted(scene.book.naming(hazard))
        if release in releases and not releases[release].whole
        for keys in releases[release].ground
        for key in keys
    ]


def _remaining(face: Face, hazard: str) -> Iterator[tuple[str]]:
    holding = face.of(hazard)
    if holding is not None and holding.state.status == REMAINING:
        yield ("remaining",)


def closing_word(fields: Mapping[str, Any]) -> str:
    """Word by which a hazard's fields say that work there is over; empty when they do not.

    Examples
    --------
    >>> closing_word({"work_status": "work_complete", "status_entered": "Closed"})
    'Closed'
    >>> closing_word({"work_status": "worked_on"})
    ''
    """
    claim = str(fields.get("release_claim", ""))
    over = fields.get("work_status") == "work_complete"
    if not (claim or over):
        return ""
    return str(fields.get("status_entered") or claim or "work_complete")


def fields_in_force(statements: Iterable[Said], scene: Scene) -> dict[str, Any]:
    """Fields of a hazard as reported by the day: its statement in force, then its revisions."""
    first, revisions = chains_of(list(statements))
    spoken = [c.value(REPORTED, scene.book.standing) for c in revisions]
    base = first.value(REPORTED, scene.book.standing) if first else None
    events = sorted(
        (one for one in spoken if one is not None and one.act != "withdraw"),
        key=lambda one: (one.happened_on, one.hash),
    )
    fields = dict((base.fields or {}) if base is not None and base.act != "withdraw" else {})
    for one in events:
        fields |= one.fields or {}
    return fields


register(
    {
        "left_out_without_release": (
            "The newest ring leaves out {m2} m² that no release has taken; they remain.",
            "Record a release of the ground left out, cancelled or reduced, or draw it in again.",
        ),
        "ring_over_released_ground": (
            "A later ring takes in {m2} m² that a release had taken before; they stay released.",
            "If the ground is suspected again, have the release revoked or record a new hazard "
            "area; else draw the ring without it.",
        ),
        "ring_corrected": (
            "A correction moved the ring at every date: {gained_m2} m² gained, {lost_m2} m² lost, "
            "not approved yet.",
            "Let the authority approve the correction or return it.",
        ),
        "closed_with_land_remaining": (
            "The status says {status}, and {m2} m² remain.",
            "Record the release that is missing, or correct the status; a status releases nothing.",
        ),
    }
)
