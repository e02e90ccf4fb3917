"""The board of tasks, and the dossier of one."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from tilth.core.days import first_day
from tilth.core.life import explosives, quality
from tilth.core.life.register import Held, Register
from tilth.core.life.task_guards import Asking, Gate, missing_parts, obstacles
from tilth.core.life.tasks import AXIS, TaskCase, hazard_statuses, timeline
from tilth.core.problems import Problem
from tilth.core.statement import split_record_id
from tilth.service.paper_values import task_order
from tilth.service.paper_values.desk import desk
from tilth.service.paper_values.work import at_work, naming
from tilth.service.register import register_of
from tilth.service.ruling import rules_on
from tilth.service.session import Session
from tilth.service.tasks import day_of, find_task, gate_of, task_cases

__all__ = ["Row", "board", "dossier_of", "work_statuses"]

_REPORTS = ("clearance_report", "spot_task")
_NEXT = {
    "planned": "issue",
    "issued": "start",
    "reopened": "start",
    "worked_on": "complete",
    "suspended": "resume",
    "work_complete": "accept",
}
"""Move that a task waits for in a state."""


@dataclass(frozen=True, slots=True)
class Row:
    """A task on the board.

    Parameters
    ----------
    since
        Day on which its state began; that of the order while it was never moved.
    waits_for
        Move that comes next; empty when nothing does.
    stops
        Local ids of the accidents and nonconformities that suspend it.
    obstacles
        What stands in the way of the move that comes next.
    """

    task: str
    local_id: str
    order_number: str
    state: str
    contested: bool
    hazard: str
    organisation: str
    teams: Sequence[str]
    since: str
    waits_for: str = ""
    stops: Sequence[str] = ()
    obstacles: Sequence[Problem] = field(default=())


def board(session: Session, day: str = "", states: Collection[str] = ()) -> list[Row]:
    """Every task with its state, since when, and what stands in the way, in order of local id.

    Parameters
    ----------
    day
        As of this day; today if empty.
    states
        Only tasks in these states; all if empty.
    """
    today = day_of(session, day)
    known = register_of(session)
    gate = gate_of(known, rules_on(session, today))
    rows = []
    for case in task_cases(session, known).values():
        if first_day(case.task.happened_on) > first_day(today):
            continue
        row = _row(known, case, today, gate)
        if not states or row.state in states:
            rows.append(row)
    return sorted(rows, key=lambda row: (row.local_id, row.task))


def _row(known: Register, case: TaskCase, day: str, gate: Gate) -> Row:
    task, values = case.task, case.task.at(day)
    line = timeline(known, case, day)
    now = line.standing
    waits = _NEXT.get(now.state, "")
    return Row(
        task.record,
        task.local_id,
        str(values.get("order_number", "")),
        now.state,
        now.contested,
        case.hazard.local_id if case.hazard else str(values.get("hazard", "")),
        str(values.get("assigned_to", "")),
        tuple(values.get("teams", ())),
        line.since or task.happened_on,
        waits,
        tuple(split_record_id(one)[2] for one in now.stops),
        tuple(_in_the_way(known, case, waits, day, gate)),
    )


def _in_the_way(
    known: Register, case: TaskCase, move: str, day: str, gate: Gate
) -> Iterable[Problem]:
    """What the guards of a move find, asked for whoever would make it."""
    chosen = next((one for one in AXIS.moves if one.name == move), None)
    if chosen is None:
        return ()
    return obstacles(chosen.guards, Asking(known, case, known.authority, day, gate))


def dossier_of(session: Session, name: str, *, level: str = "", day: str = "") -> dict[str, Any]:
    """Dossier of a task: the value of its order, and what became of it since.

    Beside what `tilth.service.paper_values.task_order.build` says (hazard with account, order,
    plans, teams, evidence, accidents, neighbours at *prudent*): ``work_status`` of the hazard,
    ``missing`` fields, ``stops``, ``waits_for`` with its ``obstacles``, ``stock`` of explosives,
    ``marking``, ``reports`` so far and open critical ``nonconformities``.

    Raises
    ------
    Refused
        ``unknown_task``, ``bad_level``, ``bad_day``.
    """
    today = day_of(session, day)
    task = find_task(session, name)
    value = task_order.build(session, task.record, level=level, until=today)
    asked = desk(session, "task_order", level=level or "prudent", until=today)
    known = register_of(session)
    case = task_cases(session, known, task.record)[task.record]
    row = _row(known, case, today, gate_of(known, rules_on(session, today)))
    reports = [
        one
        for kind in _REPORTS
        for one in naming(asked, kind, "task", task)
        if one.happened_on <= today
    ]
    return {
        **value,
        "since": row.since,
        "work_status": _work_status(session, known, case.hazard, today) if case.hazard else "",
        "missing": missing_parts(task),
        "stops": list(row.stops),
        "waits_for": row.waits_for,
        "obstacles": list(row.obstacles),
        "stock": [_stock(session, one) for one in explosives.stock(known, today, task.record)],
        "marking": _marking(known, case),
        "work": at_work(reports),
        "reports": [_report(one) for one in sorted(reports, key=lambda one: one.happened_on)],
        "nonconformities": [
            one.local_id for one in quality.open_critical(known, task.record, today)
        ],
    }


def _work_status(session: Session, known: Register, hazard: Held, day: str) -> str:
    """Work status (axis B) of one hazard area on a day."""
    of_it = {
        record: case
        for record, case in task_cases(session, known).items()
        if case.hazard is not None and case.hazard.record == hazard.record
    }
    return hazard_statuses(known, of_it, day).get(hazard.record, "")


def _stock(session: Session, one: explosives.Stock) -> dict[str, str]:
    terms = ("issued", "uncovered", "returned", "used", "held")
    return {
        "organisation": session.organisation_name(one.key.organisation),
        "explosive": one.key.explosive,
        "unit": one.key.unit,
        **{term: explosives.shown(getattr(one, term)) for term in terms},
    }


def _marking(known: Register, case: TaskCase) -> list[dict[str, Any]]:
    """Marking recorded for a task or its hazard area, by day."""
    names = {case.hazard.record, case.hazard.local_id} if case.hazard else set()
    rows = []
    for one in known.of("marking").values():
        values = one.now()
        task = known.find("task", str(values.get("task", "")), one.author)
        if (task is not None and task.record == case.task.record) or values.get("hazard") in names:
            rows.append(
                {
                    "marking": one.local_id,
                    "on": one.happened_on,
                    "marking_type": str(values.get("marking_type", "")),
                    "signs": int(values.get("signs", 0)),
                    "state": str(values.get("state", "")),
                }
            )
    return sorted(rows, key=lambda row: (row["on"], row["marking"]))


def _report(one: Held) -> dict[str, Any]:
    values = one.now()
    return {
        "report": one.local_id,
        "on": one.happened_on,
        "team": str(values.get("team", "")),
        "processed_area_m2": str(values.get("processed_area_m2", "")),
        "items": sum(int(line.get("quantity", 0)) for line in values.get("items", ())),
    }


def work_statuses(session: Session, day: str = "") -> dict[str, str]:
    """Work status (axis B) on a day of every hazard area that has a task, by record."""
    known = register_of(session)
    return hazard_statuses(known, task_cases(session, known), day_of(session, day))
