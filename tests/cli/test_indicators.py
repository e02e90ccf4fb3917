"""Indicators by month, as an officer reads them."""

from __future__ import annotations

from pathlib import Path

import pytest
from desk import Desk, features, square

from tilth.core.life.indicators import month_ends
from tilth.service.indicators import indicators
from tilth.service.recording import say
from tilth.service.session import open_session
from tilth.service.upkeep import found


def test_months_end_on_their_last_day_and_the_last_one_where_it_is_cut() -> None:
    assert list(month_ends("2025-11-30", "2026-02-03")) == [
        "2025-11-30",
        "2025-12-31",
        "2026-01-31",
        "2026-02-03",
    ]


def test_each_month_adds_up(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    found(tmp_path / "work", organisation="Ministry")
    desk = Desk(tmp_path)
    hazard = {
        "local_id": "HA-1",
        "classification": "CHA",
        "happened_on": "2026-01-10",
        "blockages": "agriculture",
        "shape": square(0, 0, 100, 100),
    }
    desk.write("h.geojson", features(hazard))
    desk.run("import", "work", "h.geojson", "--kind", "hazard_area", "--actor", "im1")
    release = {
        "local_id": "RA-1",
        "release_type": "cleared",
        "hazard": "HA-1",
        "happened_on": "2026-03-05",
        "shape": square(0, 0, 100, 40),
    }
    desk.write("r.geojson", features(release))
    desk.run("import", "work", "r.geojson", "--kind", "released_area", "--actor", "im1")
    with open_session(tmp_path / "work", actor="im1") as session:
        for day, team, hours in (("02-10", "A", "6.5"), ("02-11", "B", "7"), ("02-12", "A", "1")):
            say(
                session,
                "clearance_report",
                {
                    "local_id": day,
                    "happened_on": f"2026-{day}",
                    "team": team,
                    "personnel": 4,
                    "hours": hours,
                    "stoppages": [{"cause": "weather", "hours": "0.5"}],
                },
            )
        say(
            session,
            "accident",
            {"happened_on": "2026-03-09", "accident_type": "demining", "killed": 1, "injured": 2},
        )
        reached = [{"sex": "female", "age_from": 18, "people": 30}]
        for on in ("2026-03-01", "2026-03-20"):
            say(
                session,
                "eore_session",
                {"happened_on": on, "place": "Village", "beneficiaries": reached},
            )
        found_by = {one["month"]: one for one in indicators(session)["months"]}
    assert list(found_by) == ["2026-01", "2026-02", "2026-03"]
    whole = found_by["2026-01"]["remaining_m2"]
    assert abs(whole - 10_000) < 1
    march = found_by["2026-03"]
    assert abs(march["released_m2"] + march["remaining_m2"] - whole) < 1e-5
    assert march["blocked_m2"] == march["remaining_m2"] == march["blocked"]["agriculture"]
    february = found_by["2026-02"]
    assert (february["teams"], february["reports"], february["person_days"]) == (2, 3, 12)
    assert (february["hours"], february["stopped_hours"]) == ("14.5", "1.5")
    assert (march["accidents"], march["demining_accidents"]) == (1, 1)
    assert (march["killed"], march["injured"]) == (1, 2)
    assert march["reached"] == 30, "two sessions in one place and month reach the same people"
    told = desk.json("indicators", "work")
    assert [one["month"] for one in told["months"]] == list(found_by)
    assert "2026-03" in desk.run("indicators", "work", "--ascii")
