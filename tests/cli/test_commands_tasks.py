"""Tasks and explosives at the command line: an order from plan to acceptance, and what stops it.

Issue §3 and §7 (c): a team whose course expired yesterday cannot be tasked today.
"""

from __future__ import annotations

from typing import Any

import pytest
from desk import HAZARD, Desk, features, square

NMAA = ("--actor", "nmaa1")
OP = ("--for", "OP", "--actor", "tl4")
ORDER = (
    "local_id=TO-7",
    "order_number=7/26",
    "hazard=HA-1",
    "assigned_to=OP",
    "teams=T-1",
    "activity=clearance",
    "methods=manual_detector",
    "required_depth_cm=20",
    "medical_plan=Medic on the site",
    "evacuation_plan=Road 4 to the hospital",
    "happened_on=2026-03-01",
)
INSIDE = 'point={"type":"Point","coordinates":[36.0,50.0]}'


@pytest.fixture
def border(desk: Desk) -> Desk:
    """An authority and an operator with a trained and accredited team, and one hazard area."""
    # fmt: off
    desk.run("join", "work", "Olive Clearance", "--code", "OP", "--role", "operator", *NMAA)
    desk.run("join", "work", "Next Clearance", "--code", "NEXT", "--role", "operator", *NMAA)
    members = '[{"person":"D-1","function":"leader"},{"person":"D-2","function":"deminer"}]'
    desk.run("record", "work", "team", "code=T-1", "echelon=team", f"members={members}", *OP)
    desk.run("record", "work", "training_course", "code=MD-1", "name=Manual demining",
             "activities=clearance", *NMAA)
    desk.run("training", "work", "MD-1", "--passed", "D-1, D-2", "--on", "2026-02-01", "--until",
             "2026-05-03", *OP)
    for holder, sort in (("OP", "organisation"), ("T-1", "team")):
        desk.run("accredit", "work", holder, "--holder-type", sort, "--activities", "clearance",
                 "--issued", "2026-01-01", "--expires", "2026-12-31", *NMAA)
    # fmt: on
    far = {
        **HAZARD,
        "local_id": "HA-2",
        "shape": square(600, -100, 800, 100),
        "happened_on": "2026-01-11",
    }
    desk.write("hazards.geojson", features(HAZARD, far))
    desk.run("import", "work", "hazards.geojson", "--kind", "hazard_area", *NMAA)
    desk.run("task", "new", "work", *ORDER, *NMAA)
    return desk


def state(desk: Desk, on: str = "2026-04-30") -> dict[str, Any]:
    (row,) = desk.json("task", "board", "work", "--on", on)["tasks"]
    return dict(row)


def working(desk: Desk) -> None:
    desk.run("task", "issue", "work", "TO-7", "--on", "2026-03-02", *NMAA)
    desk.run("task", "start", "work", "TO-7", "--on", "2026-03-03", "--actor", "tl4")


def test_an_order_goes_from_plan_to_acceptance_in_the_logs_of_who_moves_it(border: Desk) -> None:
    row = state(border)
    assert (row["state"], row["waits_for"], row["obstacles"]) == ("planned", "issue", [])
    printed = border.run("task", "issue", "work", "7/26", "--on", "2026-03-02", *NMAA)
    assert "Issued 7/26: planned → issued, by Blue." in printed
    moved = border.json("task", "start", "work", "TO-7", "--on", "2026-03-03", "--actor", "tl4")
    assert moved["organisation"] == "Olive Clearance"
    assert moved["record"].split("/")[0] != row["task"].split("/")[0]
    border.run("task", "complete", "work", "TO-7", "--on", "2026-04-01", *OP)
    border.run("task", "accept", "work", "TO-7", "--on", "2026-04-02", *NMAA)
    days = ("2026-03-01", "2026-03-02", "2026-03-31", "2026-04-01", "2026-04-02")
    states = ["planned", "issued", "worked_on", "work_complete", "accepted"]
    assert [state(border, on)["state"] for on in days] == states
    assert state(border)["since"] == "2026-04-02"


def test_a_team_whose_course_expired_yesterday_cannot_be_tasked_today(border: Desk) -> None:
    issue = ("task", "issue", "work", "TO-7", *NMAA)
    assert border.refused(*issue, "--on", "2026-05-04") == ["training_expired"] * 2
    assert state(border, "2026-05-04")["state"] == "planned"
    assert {one["code"] for one in state(border, "2026-05-04")["obstacles"]} == {"training_expired"}
    over = ("--override", "training_expired")
    assert border.refused(*issue, "--on", "2026-05-04", *over) == ["override_needs_reason"]
    moved = border.json(*issue, "--on", "2026-05-04", *over, "--reason", "Course is tomorrow")
    assert [one["rule"] for one in moved["overrides"]] == ["training_expired"] * 2
    found = border.json("findings", "work")["findings"]
    assert [one for one in found if one["code"] == "guard_overridden"]
    assert state(border, "2026-05-04")["state"] == "issued"


def test_yesterday_the_same_order_was_issued(border: Desk) -> None:
    border.run("task", "issue", "work", "TO-7", "--on", "2026-05-03", *NMAA)


def test_an_order_that_is_not_whole_is_refused_with_everything_that_is_missing(
    border: Desk,
) -> None:
    lacking = [one for one in ORDER if not one.startswith(("local_id", "medical", "required"))]
    border.run("task", "new", "work", "local_id=TO-8", *lacking, *NMAA)
    answer = border.json("task", "issue", "work", "TO-8", "--on", "2026-03-02", *NMAA, status=2)
    told = [(one["code"], one["where"].rsplit("/", 1)[1]) for one in answer["problems"]]
    assert told == [("order_incomplete", "TO-8"), ("order_without_plan", "TO-8")]
    assert "required_depth_cm" in answer["problems"][0]["fix"]


def test_who_may_not_and_what_is_not_possible_is_refused_whatever_is_overridden(
    border: Desk,
) -> None:
    def refused(move: str, *more: str) -> list[str]:
        return border.refused("task", move, "work", "TO-7", "--on", "2026-03-02", *more)

    assert refused("start", *OP) == ["move_not_possible"]
    assert refused("issue", *OP) == ["move_not_permitted"]
    assert refused("cancel", *NMAA) == ["move_needs_reason"]
    assert refused("issue", "--override", "move_not_permitted", "--reason", "x", *OP) == [
        "move_not_permitted"
    ]
    assert border.refused("task", "issue", "work", "TO-9", *NMAA) == ["unknown_task"]
    assert border.refused("task", "issue", "work", "TO-7", "--on", "soon", *NMAA) == ["bad_day"]
    assert state(border)["state"] == "planned"


def test_an_accident_suspends_at_once_and_only_the_authority_resumes(border: Desk) -> None:
    working(border)
    border.run(
        "record", "work", "accident", "local_id=AC-1", "accident_type=demining", INSIDE,
        "happened_on=2026-03-10", *OP,
    )  # fmt: skip
    row = state(border)
    assert (row["state"], row["since"], row["stops"]) == ("suspended", "2026-03-10", ["AC-1"])
    assert state(border, "2026-03-09")["state"] == "worked_on"
    printed = border.run("task", "show", "work", "TO-7")
    assert printed.endswith("Next: tilth task resume work TO-7 --reason TEXT\n")
    resume = ("task", "resume", "work", "TO-7", "--on", "2026-03-12", "--reason", "Looked at")
    assert border.refused(*resume, *OP) == ["stop_needs_authority"]
    complete = ("task", "complete", "work", "TO-7", "--on", "2026-03-12", *OP)
    assert border.refused(*complete) == ["move_not_possible"]
    assert (
        border.run(*resume, *NMAA)
        .split("\n")[1]
        .startswith("Resumed TO-7: suspended → worked on, by Blue.")
    )
    assert state(border)["state"] == "worked_on"
    codes = {one["code"] for one in border.json("findings", "work")["findings"]}
    assert "task_stopped" not in codes
    assert "suspended" in border.run("task", "board", "work", "--on", "2026-03-11")


def test_the_board_marks_states_and_says_what_stands_in_the_way(border: Desk) -> None:
    empty = border.run("task", "board", "work", "--state", "accepted")
    assert "No tasks." in empty
    printed = border.run("task", "board", "work", "--on", "2026-05-04", "--ascii")
    assert ". planned" in printed
    words = " ".join(printed.split())
    assert "TO-7 HA-1" in words
    assert "HA-1" in words
    assert "TO-7: issue waits for training" in words


def test_the_dossier_shows_hazard_neighbours_moves_and_what_comes_next(border: Desk) -> None:
    working(border)
    found = border.json("task", "show", "work", "TO-7")
    assert found["hazard"]["hazard"] == "HA-1"
    assert found["work_status"] == "worked_on"
    assert list(border.json("task", "board", "work")["work_status"].values()) == ["worked_on"]
    (near,) = found["neighbours"]
    assert (near["hazard"], near["level"]) == ("HA-2", "prudent")
    assert float(near["remaining_m2"]) == pytest.approx(40_000, rel=1e-4)
    assert [one["move"] for one in found["moves"]] == ["issue", "start"]
    assert (found["waits_for"], found["missing"], found["stops"]) == ("complete", [], [])
    printed = " ".join(border.run("task", "show", "work", "TO-7").split())
    assert "+ worked on since 2026-03-03" in printed
    assert "HA-2 at 100 m" in printed
    assert "Medic on the site" in printed


def test_work_is_handed_over_to_the_order_of_another_organisation(border: Desk) -> None:
    working(border)
    hand = ("task", "hand-over", "work", "TO-7", "--on", "2026-04-01", "--reason", "Return")
    assert border.refused(*hand, *NMAA) == ["task_not_taken_over"]
    others = [one for one in ORDER if not one.startswith(("local_id", "assigned"))]
    border.run(
        "task", "new", "work", "local_id=TO-8", "assigned_to=NEXT", "continues=TO-7", *others, *NMAA
    )
    border.run(*hand, *NMAA)
    rows = border.json("task", "board", "work")["tasks"]
    assert [(one["local_id"], one["state"]) for one in rows] == [
        ("TO-7", "handed_over"),
        ("TO-8", "planned"),
    ]


def test_a_critical_nonconformity_stops_the_task_until_it_is_closed(border: Desk) -> None:
    working(border)
    border.run(
        "record", "work", "nonconformity", "local_id=NC-1", "task=TO-7", "severity=critical",
        "inspected=OP", "happened_on=2026-03-08", "description=No medic", *NMAA,
    )  # fmt: skip
    assert state(border)["stops"] == ["NC-1"]
    resume = ("task", "resume", "work", "TO-7", "--on", "2026-03-12", "--reason", "Medic is back")
    assert border.refused(*resume, *NMAA) == ["critical_nonconformity_open"]


def test_reports_on_a_task_are_held_against_its_days(border: Desk) -> None:
    working(border)
    for local, on in (("R-1", "2026-03-01"), ("R-2", "2026-03-20")):
        border.run(
            "record", "work", "clearance_report", f"local_id={local}", f"happened_on={on}",
            "team=T-1", "task=TO-7", "methods=manual_detector", INSIDE, *OP,
        )  # fmt: skip
    found = border.json("findings", "work")["findings"]
    codes = [(one["code"], one["record"].rsplit("/", 1)[1]) for one in found]
    assert [one for one in codes if one[0].startswith("work_")] == [("work_without_order", "R-1")]
    assert border.json("task", "show", "work", "TO-7")["work"]["reports"] == 2


# -- explosives --------------------------------------------------------------------------------


def test_explosives_close_and_bar_completion_while_any_are_out(border: Desk) -> None:
    working(border)

    def book(act: str, quantity: str, on: str, *more: str) -> str:
        words = ("explosives", act, "work", "TO-7", "TNT", quantity, "kg", "--on", on)
        return border.run(*words, *more, *OP)

    assert "5.5 kg held for TO-7." in book("issue", "5.5", "2026-03-05", "--lot", "17")
    assert "3.5 kg held for TO-7." in book("use", "2", "2026-03-06", "--charge", "R-1:1=2")
    complete = ("task", "complete", "work", "TO-7", "--on", "2026-03-20", *OP)
    assert border.refused(*complete) == ["explosives_still_held"]
    book("return", "3.5", "2026-03-19")
    value = border.json("explosives", "account", "work")
    (row,) = value["by"]
    assert value["closed"]
    assert (row["issued"], row["used"], row["returned"], row["held"]) == ("5.5", "2", "3.5", "0")
    assert row["organisation"] == "Olive Clearance"
    before = border.json("explosives", "account", "work", "--on", "2026-03-05", "--task", "TO-7")
    assert [one["held"] for one in before["joint"]] == ["5.5"]
    border.run(*complete)
    assert "The stock closes." in border.run("explosives", "account", "work")
    codes = {one["code"] for one in border.json("findings", "work")["findings"]}
    assert {"charge_without_report", "explosives_over_allotment"} <= codes


def test_use_beyond_what_was_issued_goes_in_and_is_told_at_once(border: Desk) -> None:
    working(border)
    use = ("explosives", "use", "work", "TO-7", "TNT", "2", "kg", "--on", "2026-03-06")
    assert "2 kg are covered by no issue." in border.run(*use, *OP)
    codes = [one["code"] for one in border.json("findings", "work")["findings"]]
    assert "explosives_beyond_issue" in codes
    assert border.refused(*use, "--charge", ":1", *OP) == ["bad_charge"]
    assert border.refused(*(*use[:5], "-2", *use[6:]), *OP) != []
