"""Tasks: who moves them, what stands in the way, what stops them; against the page of moves.

Sources: issue §3 and §7 (c); rules §6; IMAS 04.10 (depth), IMAS 10.60 (accidents on a worksite).
"""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from orders import CENTRE, HAZARD, INSPECTOR, NAMES, NMAA, OPERATOR, OTHER, WORKSITE, Orders, day

from tilth.core.days import ordinal
from tilth.core.life.moves import next_move
from tilth.core.life.register import Held
from tilth.core.life.task_findings import closed_tasks, task_findings
from tilth.core.life.task_guards import ASKED, Asking, missing_parts, obstacles, successor_of
from tilth.core.life.tasks import (
    AXIS,
    OPEN_STATES,
    OVER_STATES,
    cases,
    hazard_statuses,
    on_worksite,
    roles_of,
    standing_of,
    timeline,
    work_status,
)
from tilth.core.problems import CATALOGUE, Problem, Refused

PAGE = (Path(__file__).parents[2] / "docs" / "reference" / "task-moves.md").read_text("utf-8")
INSIDE = shapely.Point(36.005, 50.005)
OUTSIDE = shapely.Point(36.02, 50.02)


def table(*headings: str) -> list[list[str]]:
    """Rows of the page's table with these headings."""
    rows: list[list[str]] = []
    found = False
    for line in PAGE.splitlines():
        cells = [cell.strip() for cell in line.strip("|").split("|")]
        if line.startswith("|") and cells == list(headings):
            found = True
        elif found and line.startswith("|---"):
            continue
        elif found and line.startswith("|"):
            rows.append(cells)
        elif found:
            break
    return rows


def named(text: str) -> tuple[str, ...]:
    """Names in a cell, with underscores."""
    return tuple(part.strip().replace(" ", "_") for part in text.split(",") if part.strip())


# -- the page ----------------------------------------------------------------------------------


def test_the_table_of_moves_is_that_of_the_page() -> None:
    rows = table("move", "from", "to", "made by", "rules asked", "reason")
    told = {
        named(move)[0]: (named(source), *named(to), named(by), named(rules), reason == "needed")
        for move, source, to, by, rules, reason in rows
    }
    assert told == {
        one.name: (one.sources, one.target, one.by, one.guards, one.needs_reason)
        for one in AXIS.moves
    }


def test_the_careful_order_and_the_work_statuses_are_those_of_the_page() -> None:
    assert [named(one)[0] for one in re.findall(r"^\d+\. (.+)$", PAGE, re.MULTILINE)] == list(
        AXIS.careful
    )
    told = {
        state: status
        for states, status in table("state of a task", "work status")
        for state in named(states)
    }
    assert told == {state: work_status([state]) for state in AXIS.careful}
    assert set(told) == {"planned", *OPEN_STATES, *OVER_STATES}


def test_the_page_names_every_rule_and_code() -> None:
    rows = table("rule", "stands in the way", "code")
    assert {named(row[0])[0] for row in rows} == set(ASKED)
    codes = {code for row in rows for code in re.findall(r"`(\w+)`", row[2])}
    assert codes <= set(CATALOGUE)
    assert {name for one in AXIS.moves for name in one.guards} == set(ASKED)


WHO = {
    "authority": NMAA,
    "tasking authority": CENTRE,
    "operator": OPERATOR,
    "inspector": INSPECTOR,
}


def test_roles_come_from_the_order_and_from_the_authority_alone() -> None:
    orders = Orders()
    task = orders.order()
    orders.say("organisation", "me", OTHER, 1, code="NEXT", roles=["mine_action_centre"])
    register = orders.register()
    held = register.of("task")[task]
    assert {row[0] for row in table("role", "organisation")} == set(WHO)
    for role, organisation in WHO.items():
        assert role.replace(" ", "_") in roles_of(register, held, organisation)
    assert roles_of(register, held, NMAA) == {"authority", "tasking_authority"}
    assert roles_of(register, held, OPERATOR) == {"operator"}
    assert roles_of(register, held, OTHER) == set()


# -- the life of an order ----------------------------------------------------------------------


def test_who_may_move_a_task_is_asked_of_the_day_of_the_move() -> None:
    """What an organisation or an order became later undoes no move of before."""
    op = Orders()
    task = op.order(author=CENTRE)
    op.move(task, "issue", 2, CENTRE)
    op.move(task, "start", 3, OPERATOR)
    centre = next(one for one in op.said if one.record == f"{NMAA}/organisation/MAC")
    order = next(one for one in op.said if one.record == task)
    for number, (said, fields) in enumerate(
        [(centre, {"roles": ["donor"]}), (order, {"assigned_to": "NEXT"})]
    ):
        event = replace(
            said, hash=f"e{number}", act="revise", happened_on=day(10 + number), fields=fields
        )
        op.said.append(event)
    assert op.state(task, 9) == op.state(task, 20) == "worked_on"
    op.move(task, "complete", 12, OPERATOR)
    assert op.state(task) == "worked_on", "the order is another organisation's by then"


def test_an_order_is_issued_worked_on_completed_and_accepted() -> None:
    orders = Orders()
    task = orders.working()
    orders.move(task, "complete", 10, OPERATOR)
    orders.move(task, "accept", 12, CENTRE)
    states = [orders.state(task, on) for on in (1, 2, 3, 10, 12)]
    assert states == ["planned", "issued", "worked_on", "work_complete", "accepted"]
    line = timeline(orders.register(), orders.case(task))
    assert line.since == day(12)
    assert [line.at(ordinal(day(on))) for on in (1, 2, 5, 11)] == [
        "planned",
        "issued",
        "worked_on",
        "work_complete",
    ]


FOREIGN = [
    ("issue", 2, OPERATOR, "planned"),
    ("issue", 2, OTHER, "planned"),
    ("start", 3, NMAA, "issued"),
    ("start", 3, OTHER, "issued"),
    ("complete", 4, NMAA, "worked_on"),
    ("accept", 5, OPERATOR, "work_complete"),
    ("reopen", 5, OPERATOR, "work_complete"),
]


@pytest.mark.parametrize(("move", "on", "by", "stays"), FOREIGN)
def test_a_move_of_another_organisation_changes_nothing(
    move: str, on: int, by: str, stays: str
) -> None:
    orders = Orders()
    task = orders.order()
    own = {"issue": NMAA, "start": OPERATOR, "complete": OPERATOR}
    for number, (step, speaker) in enumerate(own.items(), 2):
        if orders.state(task) == stays:
            break
        orders.move(task, step, number, speaker)
    change = orders.move(task, move, on, by)
    assert orders.state(task) == stays
    assert standing_of(orders.register(), orders.case(task)).ignored == (change,)


def test_the_authority_enters_the_paper_of_an_operator_without_a_log() -> None:
    orders = Orders()
    task = orders.order()
    issued = orders.move(task, "issue", 2)
    change = orders.say(
        "status_change",
        "paper",
        NMAA,
        3,
        axis="task",
        subject=task,
        move="start",
        follows=issued,
        organisation="OP",
    )
    assert orders.state(task) == "worked_on"
    # As the operator's move, not as the authority's own: it would not resume after an accident.
    orders.say("accident", "A", OPERATOR, 4, task=task)
    orders.say(
        "status_change",
        "paper 2",
        NMAA,
        5,
        axis="task",
        subject=task,
        move="resume",
        follows=change,
        organisation="OP",
    )
    assert orders.state(task) == "suspended"


# -- what stops a task -------------------------------------------------------------------------


ACCIDENTS: list[tuple[str, dict[str, Any], bool]] = [
    ("names the task", {"task": "TO-7"}, True),
    ("names the hazard area", {"hazard": "HA-1"}, True),
    ("lies in the hazard area", {"point": INSIDE}, True),
    ("lies in the worksite", {"point": shapely.Point(36.001, 50.001)}, True),
    ("lies elsewhere", {"point": OUTSIDE}, False),
    ("may lie inside", {"point": shapely.Point(36.0102, 50.005), "accuracy_m": "30"}, True),
    ("lies just outside", {"point": shapely.Point(36.0102, 50.005), "accuracy_m": "5"}, False),
    ("names another task", {"task": "TO-8", "point": OUTSIDE}, False),
    ("says nothing of where", {}, False),
]


@pytest.mark.parametrize(("how", "fields", "stops"), ACCIDENTS, ids=[one[0] for one in ACCIDENTS])
def test_an_accident_on_the_worksite_suspends_at_once(
    how: str, fields: dict[str, Any], stops: bool
) -> None:
    orders = Orders()
    task = orders.working(shape=WORKSITE)
    orders.say("accident", "A", OTHER, 5, **fields)
    states = [orders.state(task, on) for on in (4, 5, 9)]
    assert states == (["worked_on", "suspended", "suspended"] if stops else ["worked_on"] * 3), how
    register, case = orders.register(), orders.case(task)
    accident = register.of("accident")[f"{OTHER}/accident/A"]
    assert on_worksite(register, accident, case.task, case.hazard) == stops


def test_an_accident_beside_a_slanting_edge_is_outside_although_its_box_is_met() -> None:
    orders = Orders()
    slope = shapely.Polygon([(36.0, 50.0), (36.01, 50.0), (36.0, 50.01)])
    orders.hazard("HA-2", slope)
    task = orders.working(hazard="HA-2")
    orders.say("accident", "A", OTHER, 5, point=shapely.Point(36.008, 50.008))
    assert orders.state(task) == "worked_on"
    orders.say("accident", "B", OTHER, 6, point=shapely.Point(36.002, 50.002))
    assert orders.state(task) == "suspended"


def test_after_an_accident_the_operator_does_not_resume_and_the_authority_does() -> None:
    orders = Orders()
    task = orders.working()
    orders.say("accident", "A", OPERATOR, 5, hazard="HA-1")
    started = orders.said[-2].record
    orders.move(task, "resume", 6, OPERATOR, follows=started)
    assert orders.state(task) == "suspended"
    orders.move(task, "resume", 7, CENTRE, follows=started)
    assert orders.state(task) == "suspended"
    orders.move(task, "resume", 8, NMAA, follows=started)
    assert [orders.state(task, on) for on in (7, 8)] == ["suspended", "worked_on"]


def test_an_accident_before_the_order_or_after_the_work_stops_nothing() -> None:
    orders = Orders()
    task = orders.order()
    orders.say("accident", "old", OPERATOR, 1, hazard="HA-1")
    orders.move(task, "issue", 2)
    orders.move(task, "start", 3, OPERATOR)
    orders.move(task, "complete", 5, OPERATOR)
    orders.say("accident", "late", OPERATOR, 9, hazard="HA-1")
    assert [orders.state(task, on) for on in (4, 20)] == ["worked_on", "work_complete"]


@pytest.mark.parametrize(("severity", "state"), [("critical", "suspended"), ("major", "worked_on")])
def test_a_critical_nonconformity_suspends_the_task(severity: str, state: str) -> None:
    orders = Orders()
    task = orders.working()
    orders.say("nonconformity", "NC-1", INSPECTOR, 6, task="TO-7", severity=severity)
    assert [orders.state(task, on) for on in (5, 6)] == ["worked_on", state]


def test_a_visit_tells_which_task_a_nonconformity_is_about() -> None:
    orders = Orders()
    task = orders.working()
    visit = orders.say("qm_visit", "V-1", INSPECTOR, 6, task=task, inspected="OP")
    orders.say("nonconformity", "NC-1", INSPECTOR, 6, visit=visit, severity="critical")
    assert orders.state(task) == "suspended"


# -- what stands in the way --------------------------------------------------------------------


def asked(orders: Orders, task: str, move: str, by: str = NMAA, on: int = 20) -> list[Problem]:
    chosen = next(one for one in AXIS.moves if one.name == move)
    case = orders.case(task)
    register = orders.register()

    def gate(held: Held, at: str) -> list[Problem]:
        return [Problem("not_accredited", "T-1", {"day": at})]

    asking = Asking(register, case, by, day(on), gate)
    return obstacles([one for one in chosen.guards if one != "gate"], asking)


LACKING = [
    ({}, []),
    ({"required_depth_cm": ""}, ["order_incomplete"]),
    ({"required_depth_cm": "", "required_search": "surface"}, []),
    ({"required_depth_cm": "", "activity": "nts"}, []),
    ({"methods": []}, ["order_incomplete"]),
    ({"medical_plan": ""}, ["order_without_plan"]),
    ({"evacuation_plan": ""}, ["order_without_plan"]),
    ({"hazard": "HA-9"}, ["order_without_hazard"]),
    ({"hazard": ""}, ["order_without_hazard"]),
    ({"assigned_to": "NOBODY"}, ["order_to_unknown"]),
]


@pytest.mark.parametrize(("changes", "codes"), LACKING)
def test_an_order_is_issued_only_when_it_is_whole(
    changes: dict[str, Any], codes: list[str]
) -> None:
    orders = Orders()
    task = orders.order(**changes)
    found = asked(orders, task, "issue")
    assert [one.code for one in found] == codes
    assert all(one.where == task for one in found)


def test_an_order_that_the_operator_wrote_itself_is_not_issued() -> None:
    orders = Orders()
    task = orders.order(author=OPERATOR)
    assert [one.code for one in asked(orders, task, "issue")] == ["order_not_from_authority"]
    assert asked(orders, orders.order("TO-8", CENTRE), "issue") == []


def test_the_gate_is_asked_for_the_day_of_the_issue() -> None:
    orders = Orders()
    task = orders.order()
    seen = []

    def gate(held: Held, at: str) -> list[Problem]:
        seen.append((held.local_id, at))
        return [Problem("training_expired", "na/training_result/R", {})]

    asking = Asking(orders.register(), orders.case(task), NMAA, day(9), gate)
    chosen = next(one for one in AXIS.moves if one.name == "issue")
    assert [one.code for one in obstacles(chosen.guards, asking)] == ["training_expired"]
    assert seen == [("TO-7", day(9))]


def test_an_open_critical_nonconformity_bars_issue_resume_and_acceptance() -> None:
    orders = Orders()
    task = orders.working()
    record = orders.say(
        "nonconformity", "NC-1", INSPECTOR, 6, task=task, severity="critical", inspected="OP"
    )
    for move in ("issue", "resume", "accept"):
        found = asked(orders, task, move)
        assert [(one.code, one.where) for one in found] == [
            ("critical_nonconformity_open", record)
        ], move
    acted = orders.say(
        "status_change",
        "act",
        OPERATOR,
        7,
        axis="nonconformity",
        subject=record,
        move="act",
        reason="r",
    )
    assert asked(orders, task, "resume")
    orders.say(
        "status_change",
        "close",
        INSPECTOR,
        8,
        axis="nonconformity",
        subject=record,
        move="close",
        follows=acted,
    )
    assert asked(orders, task, "resume") == []
    # Closed, it is no longer in the way; the task stays suspended until the authority resumes it.
    assert orders.state(task) == "suspended"


def test_work_is_not_complete_while_explosives_are_out() -> None:
    orders = Orders()
    task = orders.working()
    orders.say(
        "explosives_issue", "E1", OPERATOR, 4, task=task, explosive="TNT", unit="kg", quantity="2"
    )
    (problem,) = asked(orders, task, "complete", OPERATOR)
    assert (problem.code, problem.where) == ("explosives_still_held", task)
    assert problem.params["quantity"] == "2"
    orders.say(
        "explosives_return", "E2", OPERATOR, 5, task=task, explosive="TNT", unit="kg", quantity="2"
    )
    assert asked(orders, task, "complete", OPERATOR) == []


def test_nobody_accepts_their_own_work() -> None:
    orders = Orders()
    task = orders.working(assigned_to="NMAA")
    assert [one.code for one in asked(orders, task, "accept")] == ["accepts_own_work"]
    assert asked(orders, task, "accept", CENTRE) == []


def test_a_task_is_handed_over_only_to_the_order_of_another_organisation() -> None:
    orders = Orders()
    task = orders.working()
    own = orders.order("TO-8", continues=task)
    assert [one.code for one in asked(orders, task, "hand_over")] == ["task_not_taken_over"]
    orders.order("TO-9", continues="TO-7", assigned_to="NEXT")
    assert asked(orders, task, "hand_over") == []
    taker = successor_of(orders.register(), orders.case(task).task)
    assert taker is not None
    assert taker.local_id == "TO-9"
    assert own
    orders.move(task, "hand_over", 9)
    assert orders.state(task) == "handed_over"


def test_what_a_dossier_lacks_is_listed() -> None:
    orders = Orders()
    task = orders.order(medical_plan="", required_depth_cm="", teams=[])
    held = orders.register().of("task")[task]
    assert missing_parts(held) == ["teams", "required_depth_cm", "medical_plan"]


# -- hazards -----------------------------------------------------------------------------------


def test_the_work_status_of_a_hazard_follows_its_tasks() -> None:
    orders = Orders()
    first = orders.working()
    second = orders.order("TO-8")
    record = f"{OPERATOR}/hazard_area/HA-1"

    def status(on: int) -> str:
        register = orders.register()
        return hazard_statuses(register, cases(register, orders.hazards), day(on))[record]

    assert [status(on) for on in (1, 2, 3)] == ["open", "tasked", "worked_on"]
    orders.move(first, "complete", 10, OPERATOR)
    assert status(10) == "open"  # another order still waits
    orders.move(second, "cancel", 11)
    assert status(11) == "work_complete"


# -- findings ----------------------------------------------------------------------------------


def report(local: str, on: int, author: str = OPERATOR, **fields: Any) -> Held:
    record = f"{author}/clearance_report/{local}"
    fields.setdefault("task", "TO-7")
    return Held(record, "clearance_report", author, "p", record, 1, day(on), "", fields)


def noticed(orders: Orders, *reports: Held, on: int = 28) -> list[tuple[str, str, str]]:
    register = orders.register()
    found = task_findings(register, cases(register, orders.hazards), reports, day=day(on))
    return [(one.code, one.record, one.other) for one in found]


REPORTED = [
    (1, ["work_without_order"]),
    (2, []),  # issued that day
    (5, []),
    (10, []),  # suspended in the course of that day
    (11, ["work_while_suspended"]),
    (14, []),  # resumed that day
    (20, []),  # completed that day
    (21, ["work_after_end"]),
]


@pytest.mark.parametrize(("on", "codes"), REPORTED)
def test_work_reported_is_held_against_the_state_of_its_day(on: int, codes: list[str]) -> None:
    orders = Orders()
    task = orders.working()
    orders.move(task, "suspend", 10, OPERATOR)
    orders.move(task, "resume", 14, OPERATOR)
    orders.move(task, "complete", 20, OPERATOR)
    one = report("R-1", on)
    assert noticed(orders, one) == [(code, one.record, task) for code in codes]


def test_reports_of_others_and_on_unknown_tasks_are_noticed() -> None:
    orders = Orders()
    task = orders.working()
    foreign, lost = report("R-1", 5, OTHER), report("R-2", 5, task="TO-99")
    assert noticed(orders, foreign, lost) == [
        ("work_on_unknown_task", lost.record, ""),
        ("work_by_another", foreign.record, task),
    ]


def test_stops_contests_moves_without_effect_and_overdue_ends_are_noticed() -> None:
    orders = Orders()
    task = orders.working(planned_to=day(20), evacuation_plan="")
    accident = orders.say("accident", "A", OPERATOR, 5, task="TO-7")
    started = next(one.record for one in orders.said if (one.fields or {}).get("move") == "start")
    wrong = orders.move(task, "complete", 9, OPERATOR, follows=started)
    assert noticed(orders) == [
        ("task_move_without_effect", wrong, task),
        ("task_stopped", task, accident),
        ("task_planned_end_passed", task, ""),
        ("task_dossier_incomplete", task, ""),
    ]
    assert "task_planned_end_passed" not in {one[0] for one in noticed(orders, on=20)}


def test_a_move_that_no_guard_was_asked_about_is_noticed() -> None:
    """It came by a file, or the order was corrected after it was issued."""
    orders = Orders()
    task = orders.working()
    issue = next(one.record for one in orders.said if (one.fields or {}).get("move") == "issue")

    def found(*shut: str) -> list[str]:
        register = orders.register()
        asked = task_findings(
            register,
            cases(register, orders.hazards),
            [],
            day=day(28),
            gate=lambda order, on: [Problem(one, f"{order.local_id} {on}") for one in shut],
        )
        return [f"{one.code} {one.other} {one.params['rules']}" for one in asked]

    told = "task_move_against_rules"
    assert found() == []
    assert found("not_accredited", "team_unknown") == [
        f"{told} {issue} not_accredited, team_unknown"
    ]
    change = next(one for one in orders.said if one.record == issue)
    change.fields["overrides"] = [{"rule": "not_accredited", "record": task}]
    assert found("not_accredited") == []
    orders.move(task, "complete", 20, OPERATOR)
    assert found("team_unknown") == [], "nobody holds the order any more"


def test_own_work_that_was_accepted_is_noticed() -> None:
    orders = Orders()
    task = orders.order(assigned_to="MAC")
    orders.move(task, "issue", 2)
    for number, move in enumerate(("start", "complete"), 3):
        orders.move(task, move, number, CENTRE)
    accepted = orders.move(task, "accept", 6, CENTRE)
    assert noticed(orders) == [("task_move_against_rules", task, accepted)]


def test_contested_moves_are_a_finding_until_the_authority_approves_one() -> None:
    orders = Orders()
    task = orders.working()
    started = orders.said[-1].record
    done = orders.move(task, "complete", 9, OPERATOR, follows=started)
    orders.move(task, "suspend", 9, CENTRE, follows=started)
    assert orders.state(task) == "suspended"
    assert "task_moves_contested" in {one[0] for one in noticed(orders)}
    orders.approve(done)
    assert orders.state(task) == "work_complete"
    assert noticed(orders) == []


def test_tasks_on_which_no_work_goes_on_are_told() -> None:
    orders = Orders()
    open_, over = orders.working(), orders.order("TO-8")
    orders.move(over, "cancel", 3)
    register = orders.register()
    found = cases(register, orders.hazards)
    lines = {record: timeline(register, case) for record, case in found.items()}
    assert closed_tasks(lines) == {over}
    assert open_ in found


# -- laws --------------------------------------------------------------------------------------

steps = st.lists(
    st.tuples(
        st.sampled_from([one.name for one in AXIS.moves]),
        st.integers(1, 12),
        st.sampled_from([NMAA, CENTRE, OPERATOR, OTHER, INSPECTOR]),
        st.integers(-1, 8),
    ),
    max_size=8,
)
stops = st.lists(st.integers(1, 12), max_size=2)


def history(moves: list[tuple[str, int, str, int]], accidents: list[int]) -> tuple[Orders, str]:
    orders = Orders()
    task = orders.order()
    changes: list[str] = []
    for move, on, by, after in moves:
        follows = changes[after] if 0 <= after < len(changes) else (changes or [""])[-1]
        changes.append(orders.move(task, move, on, by, follows="" if after < 0 else follows))
    for number, on in enumerate(accidents):
        orders.say("accident", f"A{number}", OTHER, on, hazard="HA-1")
    return orders, task


@given(dice=st.randoms(use_true_random=False))
@settings(max_examples=60, deadline=None)
def test_law_of_many_accidents_each_task_gets_those_on_its_worksite(dice: Any) -> None:
    orders = Orders()
    for number in range(dice.randint(1, 4)):
        west = 36.0 + dice.randint(0, 40) / 1000
        place = shapely.box(west, 50.0, west + 0.002, 50.002)
        if dice.random() < 0.5:
            orders.hazard(f"H-{number}", shapely.buffer(place, dice.choice([0.0, 0.01])))
        shape = {"shape": place} if dice.random() < 0.8 else {}
        orders.order(f"T-{number}", hazard=f"H-{number}", **shape)
    for number in range(dice.randint(0, 8)):
        fields: dict[str, Any] = {"accuracy_m": str(dice.choice([0, 5, 300, 20000]))}
        if dice.random() < 0.8:
            at = (36.0 + dice.randint(-10, 60) / 1000, 50.0 + dice.randint(-3, 5) / 1000)
            fields["point"] = shapely.Point(at)
        if dice.random() < 0.3:
            fields["hazard"] = f"H-{dice.randint(0, 5)}"
        if dice.random() < 0.2:
            fields["task"] = f"T-{dice.randint(0, 5)}"
        orders.say("accident", f"A-{number}", OPERATOR, 5, **fields)
    register = orders.register()
    for case in cases(register, orders.hazards).values():
        accidents = sorted(register.of("accident").items())
        expected = [a for _, a in accidents if on_worksite(register, a, case.task, case.hazard)]
        assert list(case.accidents) == expected


@given(steps, stops, st.randoms(use_true_random=False))
@settings(max_examples=60)
def test_law_the_state_of_a_task_depends_on_no_order_of_arrival(
    moves: list[tuple[str, int, str, int]], accidents: list[int], random: Any
) -> None:
    orders, task = history(moves, accidents)
    before = orders.register()
    order = list(range(len(orders.said)))
    random.shuffle(order)
    after = orders.register(order)
    first = standing_of(before, cases(before, orders.hazards)[task])
    second = standing_of(after, cases(after, orders.hazards)[task])
    assert first == second


@given(steps, stops)
@settings(max_examples=60)
def test_law_no_sequence_of_refused_moves_changes_anything(
    moves: list[tuple[str, int, str, int]], accidents: list[int]
) -> None:
    """What `next_move` refuses is not said; what it lets through leads where the table says."""
    orders = Orders()
    task = orders.order()
    orders.move(task, "issue", 1)
    for number, on in enumerate(accidents):
        orders.say("accident", f"A{number}", OTHER, on, hazard="HA-1")
    for move, on, by, _ in moves:
        register = orders.register()
        case = cases(register, orders.hazards)[task]
        now = standing_of(register, case)
        roles = roles_of(register, case.task, by)
        try:
            chosen = next_move(AXIS, now, move, roles=roles, reason="r", day=day(on), where=task)
        except Refused:
            continue
        change = orders.move(task, move, on, by, follows=now.last)
        after = standing_of(orders.register(), orders.case(task))
        assert (after.moved_to, after.last) == (chosen.target, change)
        assert after.ignored == ()


@given(steps, st.integers(2, 10))
@settings(max_examples=60)
def test_law_suspended_by_an_accident_is_never_left_without_the_authority(
    moves: list[tuple[str, int, str, int]], on: int
) -> None:
    orders, task = Orders(), ""
    task = orders.order()
    orders.move(task, "issue", 1)
    orders.say("accident", "A", OTHER, on, task="TO-7")
    assert orders.state(task, on) == "suspended"
    changes = [orders.said[-2].record]
    for move, later, by, after in moves:
        follows = changes[after] if 0 <= after < len(changes) else changes[-1]
        changes.append(orders.move(task, move, max(on, later), by, follows=follows))
    now = standing_of(orders.register(), orders.case(task))
    freed = any(one.author == NMAA for one in now.trail[1:])
    assert now.state == "suspended" or freed


def test_every_name_of_the_test_operation_is_known() -> None:
    register = Orders().register()
    assert {register.organisation_of(name) for name in NAMES.values()} == set(NAMES)
    assert HAZARD.contains(WORKSITE)
