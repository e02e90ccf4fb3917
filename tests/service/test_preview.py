"""What an act is said to move is what it moves, at every level, whatever came before."""

from __future__ import annotations

import json
from pathlib import Path
from random import Random
from typing import Any

import numpy as np
import pytest
import shapely

from tilth.core.chains import LEVELS
from tilth.core.geometry.frame import Frame
from tilth.core.problems import Refused
from tilth.service.accounting import Question, accounts
from tilth.service.deciding import Act, carry_out, plan
from tilth.service.importing import Order, import_file
from tilth.service.levels import plan_undo
from tilth.service.nearby import books_around
from tilth.service.preview import preview
from tilth.service.session import Session, open_session
from tilth.service.upkeep import found

CENTRE = Frame(36_000_000_000, 50_000_000_000)
LAND = ("recorded_m2", "cancelled_m2", "reduced_m2", "cleared_m2", "remaining_m2", "extensions_m2")


def box(west: float, south: float, east: float, north: float) -> dict[str, Any]:
    ring = CENTRE.unproject(shapely.get_coordinates(shapely.box(west, south, east, north)))
    return {"type": "Polygon", "coordinates": [np.round(ring, 9).tolist()]}


def put(session: Session, path: Path, kind: str, rows: list[dict[str, Any]]) -> None:
    features = [
        {
            "type": "Feature",
            "properties": {name: value for name, value in row.items() if name != "shape"},
            "geometry": row.get("shape"),
        }
        for row in rows
    ]
    path.write_text(json.dumps({"type": "FeatureCollection", "features": features}))
    import_file(session, Order(path, kind))


@pytest.fixture
def session(tmp_path: Path):
    """Three hazards in a row, two of them overlapping; twelve releases over them; six reports."""
    found(tmp_path / "work", organisation="Blue")
    random = Random(7)
    with open_session(tmp_path / "work", actor="im1") as opened:
        hazards = [(0, 0, 300, 300), (250, 0, 600, 300), (2000, 0, 2300, 300)]
        put(
            opened,
            tmp_path / "hazards.geojson",
            "hazard_area",
            [
                {
                    "local_id": f"HA-{n}",
                    "classification": "SHA" if n else "CHA",
                    "happened_on": f"2026-01-{10 + n}",
                    "shape": box(*one),
                }
                for n, one in enumerate(hazards)
            ],
        )
        releases = []
        for n in range(12):
            west, south = random.choice([0, 100, 250, 500, 2050]), random.choice([-30, 0, 100])
            wide = random.choice([60, 150, 400])
            releases.append(
                {
                    "local_id": f"RA-{n}",
                    "release_type": random.choice(["cancelled", "reduced", "cleared"]),
                    "hazard": f"HA-{random.randrange(3)}",
                    "depth_cm": 20,
                    "happened_on": f"2026-02-{10 + n}",
                    "shape": box(west, south, west + wide, south + 120),
                }
            )
        put(opened, tmp_path / "releases.geojson", "released_area", releases)
        reports = [
            {
                "local_id": f"CR-{n}",
                "happened_on": f"2026-02-0{n + 1}",
                "place": f"P{n % 2}",
                "hazard": "HA-0",
                "shape": box(50 * n, 0, 50 * n + 40, 40),
                "items": [
                    {"line_id": "1", "category": "ap_mine", "quantity": n + 1},
                    {"line_id": "2", "category": "saa", "quantity": 100},
                ],
            }
            for n in range(6)
        ]
        put(opened, tmp_path / "reports.geojson", "clearance_report", reports)
        sums = [
            {
                "local_id": "S-1",
                "happened_on": "2026-02",
                "period_from": "2026-02-01",
                "period_to": "2026-02-28",
                "place": "P1",
                "items": [{"category": "ap_mine", "quantity": 20}],
            }
        ]
        put(opened, tmp_path / "sums.geojson", "clearance_summary", sums)
        yield opened


def whole(session: Session) -> dict[str, dict[str, dict[str, float]]]:
    answer = accounts(session, Question(), list(LEVELS))
    return {
        level: {
            "land": {name: one["land"][name] for name in LAND},
            "items": {name: one["items"][name] for name in ("found", "unaccounted")},
        }
        for level, one in answer.items()
    }


def drawn(random: Random, session: Session, taken: list[str]) -> Any:
    """Any act on any record, or the undoing of an earlier decision."""
    act = random.choice(["vouch", "approve", "approve", "return", "revoke", "withdraw", "undo"])
    if act == "undo" and taken:
        return plan_undo(session, [random.choice(taken)], "on the wrong paper")
    if act in ("revoke", "undo"):
        name = f"RA-{random.randrange(12)}"
        area = None if random.random() < 0.5 else nano(box(0, 0, 120, 120))
        return plan(session, Act("revoke", [name], reason="found", on="2026-03-01", area=area))
    names = [*(f"RA-{n}" for n in range(12)), "HA-0", "HA-1", "HA-2", "CR-0", "CR-3", "S-1"]
    chosen = random.sample(names, random.choice([1, 1, 4]))
    return plan(session, Act(act, chosen, reason="because"))


def nano(shape: dict[str, Any]) -> dict[str, Any]:
    rings = [[[round(x * 1e9), round(y * 1e9)] for x, y in ring] for ring in shape["coordinates"]]
    return {"type": "Polygon", "coordinates": rings}


@pytest.mark.parametrize("seed", [1, 2])
@pytest.mark.parametrize("kept", [True, False])
def test_what_is_foreseen_comes_true(session: Session, seed: int, kept: bool) -> None:
    random, taken = Random(seed), list[str]()
    moved = 0
    before = whole(session)
    for _ in range(10):
        try:
            planned = drawn(random, session, taken)
        except Refused:  # what was withdrawn before cannot be decided any more
            continue
        if not kept:
            session.workspace.store.keep_many(
                "accounts", dict.fromkeys(session.workspace.store.kept("accounts"))
            )
        told = preview(session, planned)
        assert told["whole"] is kept
        hashes = carry_out(session, planned)
        if planned.act not in ("withdraw", "undo"):
            taken += hashes
        after = whole(session)
        for level, sides in told["levels"].items():
            for name in LAND:
                foreseen = sides["after"]["land"][name] - sides["before"]["land"][name]
                real = after[level]["land"][name] - before[level]["land"][name]
                assert foreseen == pytest.approx(real, abs=1e-5), (planned.act, level, name)
                moved += abs(real) > 1
                if kept:
                    assert sides["after"]["land"][name] == pytest.approx(
                        after[level]["land"][name], abs=1e-5
                    )
            for name in ("found", "unaccounted"):
                gained = sides["after"]["items"].get(name, 0) - sides["before"]["items"].get(
                    name, 0
                )
                real = after[level]["items"][name] - before[level]["items"][name]
                assert gained == real, (planned.act, level, name)
        before = after
    assert moved > 10  # the acts did something


def test_only_the_ground_concerned_is_read_and_its_clusters_whole(session: Session) -> None:
    def local(record: str) -> str:
        return record.rsplit("/", 1)[1]

    put(
        session,
        session.workspace.path.parent / "far.geojson",
        "released_area",
        [
            {
                "local_id": "RA-east",  # on HA-1, far from HA-0, which HA-1 overlaps
                "release_type": "cleared",
                "happened_on": "2026-02-01",
                "shape": box(590, 280, 599, 299),
            },
            {
                "local_id": "RA-west",
                "release_type": "cleared",
                "happened_on": "2026-02-01",
                "shape": box(1, 280, 9, 299),
            },
        ],
    )
    own = session.own
    read = {
        local(one)
        for one in books_around(session, [f"{own}/released_area/RA-east"]).land.statements
    }
    assert {"HA-0", "HA-1", "RA-east", "RA-west", "CR-0"} <= read
    assert "HA-2" not in read
    assert not {one for one in read if one.startswith("RA-")} > {f"RA-{n}" for n in range(12)}
    alone = books_around(session, [f"{own}/hazard_area/HA-2"]).land.statements
    assert {local(one) for one in alone if "hazard_area" in one} == {"HA-2"}
