"""Act four: orders are written, issued, begun, interrupted, completed and accepted."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from tilth.core.life.tasks import AXIS
from tilth.demonstration.cast import AUTHORITY, END, OPERATORS, START, code_of, iso_day
from tilth.demonstration.demolition import Demolitions
from tilth.demonstration.formation import SURVEY_TEAMS, Formation
from tilth.demonstration.ledger import Ledger
from tilth.demonstration.moving import Step, tell_moves
from tilth.demonstration.plan import REMAINING
from tilth.demonstration.quality import Case, Checks
from tilth.demonstration.tasks import Tasks, projects_of, uses_of
from tilth.demonstration.training import Expiring
from tilth.demonstration.world import World

__all__ = ["TAKER", "Turns", "activity", "tell_orders", "turned"]

TAKER = 1
"""Index into `OPERATORS` of who takes over what the contingent leaves open: it stays."""

Fields = dict[str, Any]


class Turns(NamedTuple):
    """Orders to which something happens.

    Parameters
    ----------
    accident
        Order on whose worksite a detonator went off, and the day.
    storm
        Order that a storm interrupted, and the day.
    left
        Orders that the contingent leaves open, with the hazard of each and the day of writing.
    """

    accident: tuple[int, int]
    storm: tuple[int, int]
    left: tuple[tuple[int, int], ...]


def turned(world: World, tasks: Tasks, expires: Expiring | None) -> Turns:
    """Choose the orders to which something happens, by the pauses in their work."""
    lone = ~world.hazards.over
    paused = []
    for row in range(len(tasks) // 4, len(tasks)):
        if expires is not None and expires.code in tasks.team_codes(row):
            continue
        days = np.unique(world.reports.day[world.reports.hazard == tasks.hazard[row]])
        gaps = days[:-1][np.diff(days) >= 2]
        if len(gaps) and lone[tasks.hazard[row]]:
            paused.append((row, int(gaps[len(gaps) // 2])))
        if len(paused) == 2:
            break
    parents = set(world.hazards.parent.tolist())
    open_still = [
        (hazard, START + int(world.plan.found[hazard]) + 40)
        for hazard in np.flatnonzero(~world.plan.worked).tolist()
        if hazard not in parents
    ]
    for operator in (at for at, one in enumerate(OPERATORS) if one.state != AUTHORITY.state):
        rows = [row for row in range(len(tasks)) if tasks.operator[row] == operator]
        for row in reversed(rows):  # what remains beside the ground of its last orders
            if world.plan.shares[tasks.hazard[row], REMAINING] > 0:
                open_still.append((tasks.hazard[row], END - 60))
                break
    return Turns(paused[0], paused[1], tuple(open_still))


def activity(world: World, tasks: Tasks, row: int) -> str:
    """Activity that an order is for."""
    return "clearance" if tasks.method(world, row).area_type == "minefield" else "bac"


def tell_orders(
    ledger: Ledger,
    world: World,
    formation: Formation,
    tasks: Tasks,
    checks: Checks,
    log: Demolitions,
    turns: Turns,
    rules: str,
) -> None:
    """Tell every order and its moves."""
    stopped = checks.stopped
    for row in range(len(tasks)):
        record = ledger.record_of(-1, "task", tasks.local_id(row))
        fields = _order(world, formation, tasks, row) | {"explosives_allotted": log.allotted(row)}
        ledger.record(-1, "task", tasks.local_id(row), tasks.written[row], fields)
        steps = _steps(tasks, row, stopped.get(row), turns)
        tell_moves(ledger, AXIS, record, steps, rules=rules)
        _tell_marking(ledger, world, tasks, row)
    _tell_accident(ledger, world, tasks, turns)
    for number, (hazard, day) in enumerate(turns.left, len(tasks) + 1):
        _tell_left(ledger, world, number, hazard, day, rules)


def _steps(tasks: Tasks, row: int, case: Case | None, turns: Turns) -> list[Step]:
    operator = tasks.operator[row]
    steps = [
        Step(tasks.issued[row], -1, "issue"),
        Step(tasks.first[row], operator, "start"),
    ]
    if case is not None:
        reason = "The critical nonconformity is closed"
        steps.append(Step(case.closed, -1, "resume", reason, "nonconformity", "suspended"))
    if row == turns.accident[0]:
        reason = "Investigated: a detonator, nobody at fault; drill held"
        steps.append(Step(turns.accident[1] + 2, -1, "resume", reason, "accident", "suspended"))
    if row == turns.storm[0]:
        day = turns.storm[1] + 1
        steps.append(Step(day, operator, "suspend", "Storm warning for the strip", "weather"))
        steps.append(Step(day + 1, operator, "resume", "The storm has passed", "weather"))
    steps.append(Step(tasks.completed[row], operator, "complete"))
    steps.append(Step(tasks.accepted[row], -1, "accept"))
    return steps


def _dossier(world: World, hazard: int, row: int) -> Fields:
    """What every order says of its hazard, of injured people and of the map."""
    return {
        "order_number": f"OMAA/2025/{row + 1:04d}",
        "place": world.place(hazard),
        "hazard": world.record("hazard_area", hazard),
        "marking": "Red and white stakes every 10 m, signs on the side of the track",
        "medical_plan": "Medic with the team, stretcher and kit at the control point",
        "evacuation_plan": "By ambulance to the district hospital, helicopter on call",
        "evacuation_minutes": 25 + hazard % 20,
        "map_reference": f"Sael 1:25,000, sheet {world.place(hazard)}",
        "priority": ("high", "medium", "low")[hazard % 3],
    }


def _order(world: World, formation: Formation, tasks: Tasks, row: int) -> Fields:
    hazard, method = tasks.hazard[row], tasks.method(world, row)
    operator = tasks.operator[row]
    fields = _dossier(world, hazard, row) | {
        "assigned_to": code_of(operator),
        "teams": tasks.team_codes(row),
        "activity": activity(world, tasks, row),
        "methods": list(method.codes),
        "hazard_types": [method.area_type],
        "required_depth_cm": method.depth_cm,
        "required_search": method.search,
        "planned_from": iso_day(tasks.first[row]),
        "planned_to": iso_day(tasks.completed[row] + 7),
        "project": projects_of(hazard, operator)[0],
        "intended_use": uses_of(tasks, hazard),
    }
    assets = tasks.assets(world, formation, row)
    return fields | ({"assets": assets} if assets else {})


def _tell_marking(ledger: Ledger, world: World, tasks: Tasks, row: int) -> None:
    """Signs around the ground of every tenth order, which come down when it is accepted."""
    if row % 10:
        return
    hazard, operator = tasks.hazard[row], tasks.operator[row]
    ring = world.hazards.rings_nd[hazard].tolist()
    fields = {
        "place": world.place(hazard),
        "hazard": world.record("hazard_area", hazard),
        "task": ledger.record_of(-1, "task", tasks.local_id(row)),
        "marking_type": "signs",
        "shape": {"type": "LineString", "coordinates": ring},
        "signs": len(ring) - 1,
        "state": "in_place",
    }
    local_id = f"{code_of(operator)}-MK-{row + 1:05d}"
    ledger.record(operator, "marking", local_id, tasks.first[row], fields)
    day = tasks.completed[row]
    event = {"state": "removed", "removed_on": iso_day(day)}
    ledger.revise(operator, "marking", local_id, day, event)


def _tell_accident(ledger: Ledger, world: World, tasks: Tasks, turns: Turns) -> None:
    """A sapper is hurt by a detonator beside the worksite; the work stops at once."""
    row, day = turns.accident
    hazard, operator = tasks.hazard[row], tasks.operator[row]
    code = code_of(operator)
    fields = {
        "place": world.place(hazard),
        "accident_type": "demining",
        "accident_class": "stored_ammunition",
        "device": "fuze",
        "point": {"type": "Point", "coordinates": world.benchmarks_nd[hazard].tolist()},
        "accuracy_m": "3.0",
        "hazard": world.record("hazard_area", hazard),
        "task": ledger.record_of(-1, "task", tasks.local_id(row)),
        "activity": activity(world, tasks, row),
        "killed": 0,
        "injured": 1,
    }
    record = ledger.record(operator, "accident", f"{code}-AC-001", day, fields)
    victim = {
        "place": world.place(hazard),
        "accident": record,
        "person_name": "Nisra Goldov",
        "sex": "female",
        "birth_date": "1996",
        "address": "Camp of the contingent",
        "outcome": "injured",
        "activity": "demining",
        "tampered": "no",
    }
    local_id = ledger.unspeaking()
    ledger.record(operator, "victim", local_id, day, victim, known_as=f"{code}-VI-001")


def _tell_left(
    ledger: Ledger, world: World, number: int, hazard: int, day: int, rules: str
) -> None:
    """An order that nobody began; what was the contingent's, another takes over."""
    operator = int(world.plan.organisation[hazard])
    method = world.method(hazard)
    team = f"{code_of(operator)}-S{hazard % SURVEY_TEAMS + 1}"
    local_id = f"TO-{number:05d}"
    fields = _dossier(world, hazard, number - 1) | {
        "assigned_to": code_of(operator),
        "teams": [team],
        "activity": "ts",
        "methods": ["visual"],
        "hazard_types": [method.area_type],
        "required_depth_cm": method.depth_cm,
        "required_search": method.search,
        "planned_from": iso_day(END - 30),
        "planned_to": "2027-06-30",
        "project": projects_of(hazard, operator)[0],
    }
    record = ledger.record(-1, "task", local_id, day, fields)
    steps = [Step(END - 45, -1, "issue")]
    if OPERATORS[operator].state != AUTHORITY.state:
        taken = fields | {
            "order_number": f"{fields['order_number']}/A",
            "assigned_to": code_of(TAKER),
            "teams": [f"{code_of(TAKER)}-S{hazard % SURVEY_TEAMS + 1}"],
            "continues": record,
            "project": projects_of(hazard, TAKER)[0],
        }
        taker = ledger.record(-1, "task", f"{local_id}-A", END - 8, taken)
        reason = f"{OPERATORS[operator].name} goes home"
        steps.append(Step(END - 5, -1, "hand_over", reason, "rotation"))
        tell_moves(ledger, AXIS, taker, [Step(END - 5, -1, "issue")], rules=rules)
    tell_moves(ledger, AXIS, record, steps, rules=rules)
