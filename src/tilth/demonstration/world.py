"""Everything of the story before it is told: ground, plan, work, finds, in arrays."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray

from tilth.demonstration.cast import AUTHORITY, END, OPERATORS, START, member_id, place_names
from tilth.demonstration.fields import Releases, Reports, worked
from tilth.demonstration.ground import FRAME, Hazards, found_hazards
from tilth.demonstration.ordnance import Finds, found_items
from tilth.demonstration.plan import Plan, planned
from tilth.demonstration.scale import METHODS, Scale, WorkMethod, stream

__all__ = ["Spots", "World", "built"]

_PER_DISTRICT = 12
"""Communities in a district."""

Ints = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Spots:
    """Spot tasks: one row each; ``items`` pieces of one type at one place."""

    organisation: Ints
    day: Ints
    community: Ints
    nano: Ints
    type: Ints
    items: Ints


@dataclass(frozen=True, slots=True)
class World:
    """The whole story in arrays.

    Parameters
    ----------
    local_ids
        By kind (`hazard_area`, `released_area`, `clearance_report`): the local id of each row,
        numbered within its organisation.
    communities, districts
        Names by number.
    areas_m2
        Of the hazards.
    centres_nd, benchmarks_nd
        Of the hazards, nanodegrees, shape (n, 2); benchmarks stand 30 m outside the ring.
    """

    scale: Scale
    seed: int
    hazards: Hazards
    plan: Plan
    releases: Releases
    reports: Reports
    finds: Finds
    spots: Spots
    local_ids: dict[str, list[str]]
    communities: list[str]
    districts: list[str]
    areas_m2: NDArray[np.float64]
    centres_nd: Ints
    benchmarks_nd: Ints

    def organisation_id(self, operator: int) -> str:
        """Id of an operator by number, of the authority by -1."""
        member = AUTHORITY if operator < 0 else OPERATORS[operator]
        return member_id(self.seed, member.code)

    def record(self, kind: str, at: int) -> str:
        """Full record id of a row of a kind."""
        owner = {
            "hazard_area": self.plan.organisation,
            "released_area": self.releases.organisation,
            "clearance_report": self.reports.organisation,
        }[kind]
        return f"{self.organisation_id(int(owner[at]))}/{kind}/{self.local_ids[kind][at]}"

    def method(self, hazard: int) -> WorkMethod:
        """How the ground of a hazard is cleared."""
        return METHODS[int(self.plan.method[hazard])]

    def inside(self, release: int) -> dict[str, Any]:
        """Point well inside a released area, canonical."""
        ring, *holes = self.releases.outlines.value(release)["coordinates"]
        if not isinstance(ring[0][0], int):  # repaired into several parts
            ring, *holes = ring
        shape = shapely.Polygon(np.array(ring) / 1e9, [np.array(one) / 1e9 for one in holes])
        point = shapely.get_coordinates(shapely.point_on_surface(shape))[0]
        return {"type": "Point", "coordinates": np.rint(point * 1e9).astype(np.int64).tolist()}

    def place(self, hazard: int) -> str:
        """P-code of the community of a hazard."""
        return community_code(int(self.plan.community[hazard]))


def community_code(at: int) -> str:
    """P-code of a community: that of its district, and its number there."""
    return f"{district_code(at // _PER_DISTRICT)}{at % _PER_DISTRICT + 1:02d}"


def district_code(at: int) -> str:
    """P-code of a district."""
    return f"OR{at + 1:02d}"


def built(scale: Scale, seed: int) -> World:
    """Build the story of a scale from a seed."""
    hazards = found_hazards(scale, seed)
    plan = planned(scale, seed, hazards)
    work = worked(scale, seed, hazards, plan)
    spots = _spots(scale, seed, hazards, plan)
    finds = found_items(scale, seed, plan, work, int(spots.items.sum()))
    number = int(plan.community.max()) + 1
    names = place_names(seed, number + -(-number // _PER_DISTRICT))
    return World(
        scale,
        seed,
        hazards,
        plan,
        work.releases,
        work.reports,
        finds,
        spots,
        {
            "hazard_area": _numbered("HA", plan.organisation, plan.found),
            "released_area": _numbered("LR", work.releases.organisation, work.releases.day),
            "clearance_report": _numbered("CR", work.reports.organisation, work.reports.day),
        },
        names[:number],
        names[number:],
        hazards.areas_m2,
        _nano(hazards.centres),
        _nano(_outside(hazards)),
    )


def _numbered(prefix: str, organisation: Ints, day: Ints) -> list[str]:
    """Local ids such as ``SEC-CR-000123``, numbered by day within each organisation."""
    names = [""] * len(day)
    counts = [0] * len(OPERATORS)
    for at in np.lexsort((np.arange(len(day)), day)).tolist():
        owner = int(organisation[at])
        counts[owner] += 1
        names[at] = f"{OPERATORS[owner].code}-{prefix}-{counts[owner]:06d}"
    return names


def _spots(scale: Scale, seed: int, hazards: Hazards, plan: Plan) -> Spots:
    """Single items that people report, anywhere in the strip."""
    rng = stream(seed, "spots")
    number = max(3, scale.hazards // 6)
    near = rng.integers(0, len(hazards.rings), number)
    xy = hazards.centres[near] + rng.uniform(-600, 600, (number, 2))
    return Spots(
        plan.organisation[near],
        rng.integers(START + 30, END, number),
        plan.community[near],
        _nano(xy),
        rng.integers(0, 12, number),
        rng.integers(1, 4, number),
    )


def _outside(hazards: Hazards) -> NDArray[np.float64]:
    """Place 30 m beyond each ring's first corner, as seen from the middle."""
    corners = np.array([ring[0] for ring in hazards.rings])
    away = corners - hazards.centres
    return np.asarray(corners + away / np.hypot(*away.T)[:, None] * 30)


def _nano(xy: NDArray[np.float64]) -> Ints:
    return np.rint(FRAME.unproject(xy) * 1e9).astype(np.int64)
