"""Commands of people and contingents: liaison, service record, return."""

from __future__ import annotations

import json

import pytest
from desk import Desk

IM1 = ("--actor", "im1")


@pytest.fixture
def joint(desk: Desk) -> Desk:
    """Blue, the authority, and Red, an operator; each with a team T-1 of its own."""
    desk.run("join", "work", "Red contingent", "--code", "RED", "--role", "operator", *IM1)
    people = 'members=[{"person":"R-1","function":"leader"},{"person":"R-2"}]'
    desk.run("record", "work", "team", "code=T-1", "echelon=team", people, "--for", "RED", *IM1)
    own = 'members=[{"person":"B-1"}]'
    desk.run("record", "work", "team", "code=T-1", "echelon=team", own, *IM1)
    return desk


def red(desk: Desk, *typed: str, actor: str = "im1") -> None:
    desk.run("record", "work", *typed, "--for", "RED", "--actor", actor)


def test_a_sapper_of_red_speaks_for_blue_only_by_liaison(joint: Desk) -> None:
    said = ("record", "work", "asset", "code=MD-1", "asset_type=detector", "--actor", "R-1")
    assert joint.refused(*said) == ["speaks_for_other"]
    assert joint.refused(*said, "--dry-run") == ["speaks_for_other"]
    joint.run(
        "record", "work", "liaison", "speaker=R-1", "for_organisation=Blue",
        "period_from=2026-01-01", *IM1,
    )  # fmt: skip
    joint.run(*said)
    red(joint, "asset", "code=MD-2", "asset_type=detector", actor="R-1")


def test_a_service_record_is_derived_from_reports_and_deployments(joint: Desk) -> None:
    red(joint, "deployment", "team=T-1", "place=Dagua", "period_from=2026-03-01",
        "period_to=2026-03-10")  # fmt: skip
    work = 'work=[{"method":"manual","processed_area_m2":120.5,"hours":6}]'
    for number in (2, 3):
        red(joint, "clearance_report", f"local_id=R-{number}", f"happened_on=2026-03-0{number}",
            "team=T-1", "hours=6", work, 'items=[{"category":"ap_mine","quantity":2}]')  # fmt: skip
    joint.run("record", "work", "clearance_report", "happened_on=2026-03-02", "team=T-1", work,
              *IM1)  # fmt: skip
    joint.run("record", "work", "honour", "honour_type=Medal", "person=R-2", "given_by=Council",
              "happened_on=2026-06-01", *IM1)  # fmt: skip
    found = joint.json("service-record", "work", "R-2")
    assert (found["days_deployed"], found["days_worked"]) == (10, 2)
    assert found["work"] == [{"method": "manual", "area_m2": "241.0", "hours": "12"}]
    assert found["items"] == {"ap_mine": 4}
    assert [one["honour_type"] for one in found["honours"]] == ["Medal"]
    assert joint.json("service-record", "work", "R-2", "--until", "2026-03-02")["days_worked"] == 1
    printed = joint.run("service-record", "work", "R-2")
    assert "manual" in printed
    assert "241 m²" in printed
    assert joint.refused("service-record", "work", "R-9") == ["nobody_served"]
    assert joint.refused("service-record", "work", "R-2", "--until", "soon") == ["bad_day"]


def test_a_contingent_goes_home_when_its_list_is_empty(joint: Desk) -> None:
    red(joint, "deployment", "local_id=D-1", "team=T-1", "place=Dagua", "period_from=2026-03-01")
    red(joint, "asset", "code=MD-1", "asset_type=detector", "status=in_use")
    left = joint.json("return-check", "work", "RED", status=1)
    assert [one["code"] for one in left["left"]] == ["deployment_open", "asset_not_reconciled"]
    left = joint.run("return-check", "work", "RED", status=1)
    assert left.endswith("Left to close: 2.  Next: tilth return-check work RED\n")
    joint.run("correct", "work", "D-1", "period_to=2026-06-30", *IM1)
    joint.run("revise", "work", "MD-1", "status=returned", "--on", "2026-06-29", *IM1)
    assert joint.json("return-check", "work", "RED", "--on", "2026-06-30")["left"] == []
    assert "Nothing keeps Red contingent." in joint.run("return-check", "work", "RED")
    joint.run("return-check", "work", "RED", "--on", "2026-06-28", status=1)
    assert joint.refused("return-check", "work", "GREEN") == ["organisation_unknown"]


def test_no_answer_names_a_person(joint: Desk) -> None:
    red(joint, "person", "code=R-2", "name=Jane Roe", "rank=Sergeant")
    answers = [joint.json("service-record", "work", "R-2"), joint.json("log", "work")]
    assert "Roe" not in json.dumps(answers)
    assert "Roe" not in joint.run("service-record", "work", "R-2")
