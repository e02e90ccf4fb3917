"""Fields of the records of the story, canonical, as the statements hold them."""

from __future__ import annotations

from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray

from tilth.core.geometry.encoding import value_of
from tilth.demonstration.cast import (
    AUTHORITY,
    END,
    FRIENDS,
    OPERATORS,
    ORDERED,
    START,
    Member,
    iso_day,
    member_id,
)
from tilth.demonstration.formation import EOD_TEAMS, SURVEY_TEAMS
from tilth.demonstration.ground import FRAME
from tilth.demonstration.lots import largest_parts
from tilth.demonstration.ordnance import TYPES
from tilth.demonstration.plan import CANCELLED, CLEARED, REDUCED
from tilth.demonstration.scale import CATEGORY_MIX, METHODS
from tilth.demonstration.world import World, community_code, district_code

__all__ = [
    "accident",
    "boundary",
    "evidence",
    "hazard",
    "operation",
    "organisation",
    "places",
    "redrawn",
    "release",
    "revocation",
    "shifted",
    "spot_task",
    "survey_team",
]

Fields = dict[str, Any]

_FIRST_BOUNDARY = 0.8
"""Share of the hazards, from the west, that the first boundary holds."""

_RELEASE_TYPES = {CANCELLED: "cancelled", REDUCED: "reduced", CLEARED: "cleared"}
_SHIFT_ND = 900_000
"""About 72 m; along a parallel, so that areas stay."""
_PEOPLE = ("women", "men", "girls", "boys")


def _mixed(number: int, salt: int) -> int:
    """Small number that looks drawn and follows from a row's number (a Weyl sequence)."""
    return (number * 2_654_435_761 + salt * 40_503) >> 7 & 0xFFFF


def boundary(rings: list[NDArray[np.float64]]) -> Fields:
    """Hull of hazards, 500 m around."""
    points = shapely.multipoints(np.concatenate([ring[:-1] for ring in rings]))
    hull = shapely.buffer(shapely.convex_hull(points), 500, quad_segs=2)
    return value_of(FRAME.unproject_geometries(np.array([hull], dtype=object))[0])


def operation(world: World) -> Fields:
    """The mandate; its boundary leaves out the east, which an amendment adds in March."""
    x = world.hazards.centres[:, 0]
    edge = float(np.quantile(x, _FIRST_BOUNDARY))
    west = [ring for ring, at in zip(world.hazards.rings, x.tolist(), strict=True) if at <= edge]
    return {
        "local_id": "OP-1",
        "happened_on": iso_day(ORDERED),
        "name": "Sael Border Strip",
        "mandate": "Made-up mandate 2025/1 of the made-up Republic of Oravel",
        "ordered_by": "Council of the made-up Republic of Oravel, with Suldane's consent",
        "order_document": "Decree 2024/77 on the border strip",
        "ordered_on": iso_day(ORDERED),
        "languages": ["en", "fr"],
        "synthetic": True,
        "authority": AUTHORITY.code,
        "organisations": [member.code for member in OPERATORS],
        "boundary": boundary(west),
        "period_from": iso_day(START),
        "period_to": iso_day(END),
        "time_zone": "Atlantic/Azores",
        "frame_longitude_nd": FRAME.longitude_nd,
        "frame_latitude_nd": FRAME.latitude_nd,
        "extension_distance_m": 50,
        "remarks": "Synthetic: every name, place and figure is invented.",
    }


def organisation(seed: int, member: Member) -> Fields:
    """Name, roles and rights of an organisation, as the authority says them."""
    fields: Fields = {
        "local_id": member.code,
        "happened_on": iso_day(ORDERED),
        "organisation": AUTHORITY.code,
        "name": member.name,
        "code": member.code,
        "roles": list(member.roles),
        "state": member.state,
        "period_from": iso_day(ORDERED),
        "data_rights": [{"to": "*", "share": "aggregate"}, *_shared(member)],
    }
    if member not in FRIENDS:
        fields["log_id"] = member_id(seed, member.code)
        fields["data_rights"].append({"to": AUTHORITY.code, "share": "full"})
    return fields


_SHARED = ("hazard_area", "evidence_point", "marking", "released_area", "task", "status_change")
"""What those who work on the strip show each other: they work side by side."""


def _shared(member: Member) -> list[Fields]:
    if member in FRIENDS:
        return []
    others = [one for one in OPERATORS if one is not member]
    return [{"kinds": list(_SHARED), "to": one.code, "share": "full"} for one in others]


def places(world: World) -> list[Fields]:
    """Districts, then communities with the centre of their hazards."""
    rows = [
        {
            "local_id": district_code(at),
            "happened_on": iso_day(ORDERED),
            "name": f"{name} district",
            "code": district_code(at),
            "level": 1,
        }
        for at, name in enumerate(world.districts)
    ]
    for at, name in enumerate(world.communities):
        nano = world.centres_nd[world.plan.community == at].mean(axis=0).astype(np.int64).tolist()
        code = community_code(at)
        rows.append(
            {
                "local_id": code,
                "happened_on": iso_day(ORDERED),
                "name": name,
                "code": code,
                "parent": code[:4],
                "level": 2,
                "point": {"type": "Point", "coordinates": nano},
            }
        )
    return rows


def hazard(world: World, at: int) -> Fields:
    """First statement of a hazard; benchmarks stand 30 m outside the ring."""
    plan, ring = world.plan, world.hazards.rings_nd[at]
    method = METHODS[int(plan.method[at])]
    area = float(world.areas_m2[at])
    first = "indication" if plan.indicated[at] else "CHA" if plan.confirmed[at] == 0 else "SHA"
    fields: Fields = {
        "local_id": world.local_ids["hazard_area"][at],
        "happened_on": iso_day(START + int(plan.found[at])),
        "organisation": OPERATORS[int(plan.organisation[at])].code,
        "place": world.place(at),
        "name": f"{world.communities[int(plan.community[at])]} {at + 1}",
        "classification": first,
        "area_type": method.area_type,
        "shape": {"type": "Polygon", "coordinates": [ring.tolist()]},
        "benchmark": _benchmark(world, at),
        "declared_area_m2": f"{round(area, -2):.0f}",
        "required_depth_cm": method.depth_cm,
        "required_search": method.search,
        "work_status": "open",
        "status_entered": "open",
        "contamination": _contamination(method.area_type),
        "information_sources": ["nts"],
        "surveyed_by": survey_team(world, at),
        "description": f"From the marked track {_mixed(at, 2) % 900 + 50} m along the slope.",
    }
    if first == "CHA":
        fields |= {"evidence": "direct", "direct_evidence": ["ordnance_seen"]}
    else:
        fields |= {"evidence": "indirect", "indirect_evidence": ["verbal_report"]}
    for group, most in (("direct", 40), ("indirect", 300)):
        for salt, people in enumerate(_PEOPLE):
            fields[f"expected_{group}_{people}"] = _mixed(at, 10 + salt) % most
    if world.hazards.parent[at] >= 0:
        fields["parents"] = [world.record("hazard_area", int(world.hazards.parent[at]))]
    return fields


def survey_team(world: World, hazard: int) -> str:
    """Code of the team that surveyed a hazard."""
    code = OPERATORS[int(world.plan.organisation[hazard])].code
    return f"{code}-S{_mixed(hazard, 1) % SURVEY_TEAMS + 1}"


def _benchmark(world: World, at: int) -> Fields:
    return {"type": "Point", "coordinates": world.benchmarks_nd[at].tolist()}


def _contamination(area_type: str) -> list[str]:
    mix = CATEGORY_MIX[area_type]
    return [category for category, share in mix.items() if share >= 0.1]


def evidence(world: World, at: int, day: int) -> Fields:
    """Direct evidence that makes a hazard confirmed."""
    return {
        "local_id": world.local_ids["hazard_area"][at].replace("-HA-", "-EP-"),
        "happened_on": iso_day(day),
        "organisation": OPERATORS[int(world.plan.organisation[at])].code,
        "place": world.place(at),
        "evidence_type": "ordnance_seen",
        "category": "direct",
        "point": {"type": "Point", "coordinates": world.centres_nd[at].tolist()},
        "accuracy_m": f"{_mixed(at, 3) % 40 / 10 + 1:.1f}",
        "method": "visual",
        "source_type": "nts",
        "information_class": "M1",
        "hazard": world.record("hazard_area", at),
        "ordnance": _contamination(METHODS[int(world.plan.method[at])].area_type)[:1],
    }


def release(world: World, at: int) -> Fields:
    """A released area as it should read, but for the order it was worked under."""
    releases, plan = world.releases, world.plan
    owner = int(releases.hazard[at])
    kind = _RELEASE_TYPES[int(releases.kind[at])]
    method = METHODS[int(plan.method[owner])]
    area = float(releases.outlines.areas_m2[at])
    hazard_id = world.local_ids["hazard_area"][owner]
    fields: Fields = {
        "local_id": world.local_ids["released_area"][at],
        "happened_on": iso_day(int(releases.day[at])),
        "organisation": OPERATORS[int(releases.organisation[at])].code,
        "place": world.place(owner),
        "release_type": kind,
        "hazard": world.record("hazard_area", owner),
        "shape": releases.outlines.value(at),
        "benchmark": _benchmark(world, owner),
        "declared_area_m2": f"{area * (1 + (_mixed(at, 4) % 61 - 30) / 2000):.0f}",
        "release_state": "proposed",
    }
    if kind == "cleared":
        fields |= {"methods": list(method.codes), "depth_cm": method.depth_cm}
        fields |= {"search": method.search, "coverage_percent": "100"}
    elif kind == "reduced":
        asset = "with" if _mixed(at, 5) % 3 else "without"
        fields |= {"technical_asset": asset, "methods": ["flail" if asset == "with" else "visual"]}
        fields |= {"depth_cm": "0", "criteria": ["targeted_search"]}
        fields |= {"coverage_percent": "45", "completion_report": f"TS {hazard_id}"}
    else:
        fields |= {"methods": ["interview"], "depth_cm": "0", "criteria": ["used_by_people"]}
        fields["completion_report"] = f"NTS {hazard_id}"
    if releases.holed[at]:
        fields["not_searched_reason"] = "Pond"
    return fields


def spot_task(world: World, at: int) -> Fields:
    """A call about one or few items; it releases nothing."""
    spots = world.spots
    category, subcategory, model = TYPES[int(spots.type[at])]
    code = OPERATORS[int(spots.organisation[at])].code
    point = {"type": "Point", "coordinates": spots.nano[at].tolist()}
    items = [
        {
            "line_id": str(number + 1),
            "category": category,
            "subcategory": subcategory,
            "model": model,
            "quantity": 1,
            "position": point,
            "depth_cm": "0",
            "condition": "unknown",
            "disposal": "destroyed_in_place",
        }
        for number in range(int(spots.items[at]))
    ]
    day = int(spots.day[at])
    return {
        "local_id": f"{code}-ST-{at + 1:05d}",
        "happened_on": iso_day(day),
        "organisation": code,
        "place": community_code(int(spots.community[at])),
        "team": f"{code}-E{_mixed(at, 6) % EOD_TEAMS + 1}",
        "shape": point,
        "occasion": "Call from a land user",
        "reported_on": iso_day(day - 1),
        "hours": f"{_mixed(at, 7) % 50 / 10 + 1:.1f}",
        "items": items,
    }


def accident(world: World, at: int, number: int, day: int) -> Fields:
    """Explosion on released ground, nobody hurt: the reason of a revocation."""
    return {
        "local_id": f"AC-{number:03d}",
        "happened_on": iso_day(day),
        "organisation": AUTHORITY.code,
        "place": world.place(int(world.releases.hazard[at])),
        "accident_type": "civil",
        "device": "ap_mine",
        "point": world.inside(at),
        "accuracy_m": "3.0",
        "hazard": world.record("hazard_area", int(world.releases.hazard[at])),
        "killed": 0,
        "injured": 0,
        "cause_of_miss": "task",
    }


def revocation(world: World, at: int, number: int) -> Fields:
    """Content of a revocation of one released area, all of it or the polygon named."""
    fields: Fields = {
        "records": [world.record("released_area", at)],
        "reason": f"Explosion on this ground, accident AC-{number:03d}",
    }
    if number % 2 == 0:
        fields["area"] = world.releases.outlines.value(at)
    return fields


def redrawn(world: World, at: int) -> Fields:
    """Ring of a hazard after a second survey: 12 m wider, but a strip in the west left out."""
    ring = shapely.buffer(shapely.Polygon(world.hazards.rings[at]), 12, join_style="mitre")
    west, south, east, north = shapely.bounds(ring)
    kept = largest_parts(
        np.array([shapely.intersection(ring, shapely.box(west + 30, south, east, north))])
    )
    return value_of(FRAME.unproject_geometries(kept)[0])


def shifted(shape: Fields) -> Fields:
    """Shape as drawn in the wrong datum: all of it some 72 m off."""

    def moved(part: Any) -> Any:
        if isinstance(part[0], int):
            return [part[0] + _SHIFT_ND, part[1]]
        return [moved(inner) for inner in part]

    return {**shape, "coordinates": moved(shape["coordinates"])}
