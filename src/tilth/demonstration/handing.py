"""Act seven: released ground goes back to the people, and somebody comes to look how it is used."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from tilth.demonstration.cast import AUTHORITY, END, code_of
from tilth.demonstration.ledger import Ledger, Subject
from tilth.demonstration.tasks import Tasks, uses_of
from tilth.demonstration.world import World, community_code

__all__ = ["Handing", "found_after", "handings", "land_user", "tell_handings"]

_ROUNDS = (END - 140, END + 45)
"""Tasks accepted by one of these days are handed over in its round."""
_WAIT, _LATER = 10, 40
"""Days from the last acceptance to the handover, and on to the review."""
_MARKERS = 4
"""Turning points recorded of each hazard, beside its benchmark."""

Fields = dict[str, Any]


class Handing(NamedTuple):
    """One handover: community, operator, day, purpose, hazards and released areas."""

    community: int
    operator: int
    day: int
    purpose: str
    hazards: tuple[int, ...]
    releases: tuple[int, ...]


def land_user(community: int) -> str:
    """Code of the person who signs for the land users of a community."""
    return f"LU-{community_code(community)}"


def handings(
    world: World, tasks: Tasks, approved: dict[int, int], doubted: set[int]
) -> list[Handing]:
    """Lay out the handovers: in summer and at the end, by community, operator and purpose.

    Parameters
    ----------
    approved
        Day of approval by row of the released areas.
    doubted
        Released areas that were revoked or are recalled.
    """
    groups: dict[tuple[int, int, int, str], list[int]] = {}
    for row in range(len(tasks)):
        hazard, accepted = tasks.hazard[row], tasks.accepted[row]
        turn = int(np.searchsorted(_ROUNDS, accepted))
        if turn < len(_ROUNDS):
            community = int(world.plan.community[hazard])
            key = (turn, community, tasks.operator[row], uses_of(tasks, hazard))
            groups.setdefault(key, []).append(row)
    by_hazard = _released(world, approved, doubted)
    result = []
    for (_, community, operator, purpose), rows in sorted(groups.items()):
        day = max(tasks.accepted[row] for row in rows) + _WAIT
        hazards = [tasks.hazard[row] for row in rows]
        releases = [
            one
            for hazard in hazards
            for one in by_hazard.get((hazard, operator), ())
            if approved[one] < day
        ]
        if releases:
            made = Handing(community, operator, day, purpose, tuple(hazards), tuple(releases))
            result.append(made)
    return result


def _released(
    world: World, approved: dict[int, int], doubted: set[int]
) -> dict[tuple[int, int], list[int]]:
    """Approved releases by hazard and operator."""
    found: dict[tuple[int, int], list[int]] = {}
    for row in sorted(set(approved) - doubted):
        key = (int(world.releases.hazard[row]), int(world.releases.organisation[row]))
        found.setdefault(key, []).append(row)
    return found


def tell_handings(
    ledger: Ledger,
    world: World,
    made: list[Handing],
    rules: str,
    stands: dict[int, Subject],
) -> list[str]:
    """Tell the handovers and a review after every other one; returns each handover's record.

    The first is reviewed apart: something is found there.

    Parameters
    ----------
    stands
        Approved statement of each released area.
    """
    records = []
    for number, handing in enumerate(made, 1):
        fields = _handover(world, number, handing)
        fields |= {"rule_set": rules} if rules else {}
        local_id = f"HO-{number:04d}"
        issued_on = [stands[row] for row in handing.releases]
        record = ledger.record(-1, "handover", local_id, handing.day, fields, subjects=issued_on)
        records.append(record)
        if number % 2 and number > 1:
            review = _review(world, number, handing, record)
            local_id = f"PR-{number:04d}"
            ledger.record(-1, "post_clearance_review", local_id, handing.day + _LATER, review)
    return records


def _present(prefix: str, number: int, most: int) -> Fields:
    """People counted by sex and age, from the number of the record."""
    words = ("women", "men", "girls", "boys")
    return {
        f"{prefix}_{word}": (number * 7 + place * 5) % most + 2 for place, word in enumerate(words)
    }


def _handover(world: World, number: int, handing: Handing) -> Fields:
    name = world.communities[handing.community]
    place = community_code(handing.community)
    markers = [line for hazard in handing.hazards for line in _markers(world, hazard)]
    return {
        "place": place,
        "released_areas": [world.record("released_area", one) for one in handing.releases],
        "certificate_number": f"OMAA/HO/2025/{number:04d}",
        "recipients": [f"Community of {name}", f"Land users of {place}"],
        **_present("present", number, 30),
        "markers_recorded": True,
        "markers": markers,
        "residual_risk": "Items may lie deeper than the depth stated or beyond the markers. Who "
        "finds one leaves it, marks the place and calls the authority.",
        "liability": "The authority answers for its decision, the operator for its work as "
        "reported, for two years; the land user for use beyond the markers.",
        "purpose": handing.purpose,
        "signatories": [
            {
                "role": "operator",
                "person": f"{code_of(handing.operator)}-HQ1",
                "organisation": code_of(handing.operator),
            },
            {
                "role": "authority",
                "person": f"{AUTHORITY.code}-HQ1",
                "organisation": AUTHORITY.code,
            },
            {"role": "land_user", "person": land_user(handing.community)},
        ],
    }


def _markers(world: World, hazard: int) -> list[Fields]:
    """Benchmark and turning points, evenly along the ring."""
    ring = world.hazards.rings_nd[hazard]
    step = max(1, (len(ring) - 1) // _MARKERS)
    name = world.local_ids["hazard_area"][hazard]
    points = ring[: len(ring) - 1 : step][:_MARKERS].tolist()
    lines = [_marker(f"{name} BM", "benchmark", world.benchmarks_nd[hazard].tolist())]
    return lines + [
        _marker(f"{name} TP{place}", "turning_point", point)
        for place, point in enumerate(points, 1)
    ]


def _marker(label: str, kind: str, point: list[int]) -> Fields:
    return {
        "label": label,
        "marker_type": kind,
        "point": {"type": "Point", "coordinates": point},
    }


def _review(world: World, number: int, handing: Handing, record: str) -> Fields:
    return {
        "place": community_code(handing.community),
        "handover": record,
        "land_use_after": handing.purpose,
        **_present("users", number, 60),
        "accident_after": "no",
        "items_found": 0,
    }


def found_after(world: World, handing: Handing, record: str, at: int) -> Fields:
    """Review of ground on which a plough turned up an item."""
    return _review(world, at, handing, record) | {
        "released_areas": [world.record("released_area", at)],
        "items_found": 1,
        "found_at": world.inside(at),
        "cause_of_miss": "task",
        "description": "A plough turned up a fuze; nobody was hurt.",
    }
