"""Act six: visits with their checklist, nonconformities, samples of finished ground."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from tilth.core.kinds.lists_quality import QUESTION
from tilth.core.life.quality import AXIS
from tilth.demonstration.cast import AUTHORITY, code_of, iso_day
from tilth.demonstration.ledger import Ledger
from tilth.demonstration.moving import Step, tell_moves
from tilth.demonstration.plan import CLEARED
from tilth.demonstration.tasks import Tasks
from tilth.demonstration.world import World, community_code

__all__ = ["NEVER", "Batch", "Case", "Checks", "checked", "tell_checks"]

NEVER = 1 << 40
"""A day that does not come."""

_DAYS_A_BATCH = 45
_AGAIN = 11
"""Days from a missed item to the next sample of the same ground."""
_MINOR_EVERY, _MAJOR_EVERY, _CRITICAL_EVERY = 5, 29, 700
"""Visits of which one ends with such a nonconformity."""

Fields = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Batch:
    """Releases of one order that one sample is taken from; ``missed`` when it found an item."""

    task: int
    releases: tuple[int, ...]
    day: int
    missed: bool = False


class Case(NamedTuple):
    """A nonconformity: order, severity, days on which it was raised, mended and closed."""

    task: int
    severity: str
    raised: int
    acted: int
    closed: int


@dataclass(slots=True)
class Checks:
    """What was checked.

    Parameters
    ----------
    ready
        For each released area the first day on which nothing of quality stands in its way.
    visits
        Day of the external visit, by order.
    """

    ready: NDArray[np.int64]
    visits: list[int]
    batches: list[Batch] = field(default_factory=list)
    cases: list[Case] = field(default_factory=list)
    missed: Batch | None = None

    @property
    def stopped(self) -> dict[int, Case]:
        """Critical nonconformities, by the order that they stopped."""
        return {one.task: one for one in self.cases if one.severity == "critical"}


def checked(world: World, tasks: Tasks, quiet: set[int]) -> Checks:
    """Lay out visits, nonconformities and samples.

    Parameters
    ----------
    quiet
        Orders that other things happen to.
    """
    reports, releases = world.reports, world.releases
    days_of = _days_of(reports.hazard, reports.day)
    ready = np.where((releases.kind == CLEARED) & releases.claimed, NEVER, 0)
    checks = Checks(ready, [])
    kinds: set[str] = set()
    for row in range(len(tasks)):
        days = days_of[tasks.hazard[row]]
        visit = int(days[len(days) // 2])
        checks.visits.append(visit)
        if row in quiet:
            continue
        for severity, every in (("critical", _CRITICAL_EVERY), ("major", _MAJOR_EVERY)):
            due = row % every == 4 or (severity not in kinds and row > 8)
            day = _before_a_pause(days) if severity == "critical" else visit
            if due and day:
                checks.visits[-1] = day
                checks.cases.append(_case(row, severity, day))
                kinds.add(severity)
                break
        else:
            if row % _MINOR_EVERY == 2:
                checks.cases.append(_case(row, "minor", visit))
    closed = {
        case.task: case.closed for case in checks.cases if case.severity in ("major", "critical")
    }
    missed = _chosen_for_the_miss(tasks, quiet | set(closed))
    for row in range(len(tasks)):
        for batch in _batches(world, tasks, row, missed):
            checks.batches.append(batch)
            free = max(batch.day, checks.visits[row], closed.get(row, 0)) + 1
            checks.ready[list(batch.releases)] = free
            if batch.missed:
                checks.missed = batch
                again = Batch(row, batch.releases, batch.day + _AGAIN)
                checks.batches.append(again)
                checks.ready[list(batch.releases)] = again.day + 5
    return checks


def _days_of(hazard: NDArray[np.int64], day: NDArray[np.int64]) -> dict[int, NDArray[np.int64]]:
    """Days reported of each hazard, ascending."""
    order = np.lexsort((day, hazard))
    numbers, starts = np.unique(hazard[order], return_index=True)
    parts = np.split(day[order], starts[1:])
    return dict(zip(numbers.tolist(), parts, strict=True))


def _before_a_pause(days: NDArray[np.int64]) -> int:
    """Last day reported before one without work, in the middle of an order; 0 without one."""
    unique = np.unique(days)
    pauses = np.flatnonzero(np.diff(unique) >= 2)
    return int(unique[pauses[len(pauses) // 2]]) if len(pauses) else 0


def _case(row: int, severity: str, day: int) -> Case:
    if severity == "critical":
        return Case(row, severity, day, day + 1, day + 2)
    wait = 6 if severity == "major" else 4 + row % 5
    return Case(row, severity, day, day + wait, day + wait + 3)


def _chosen_for_the_miss(tasks: Tasks, taken: set[int]) -> int:
    """Order under which an item is missed: one of the first half, with a few releases."""
    half = range(len(tasks) // 3, len(tasks))
    fitting = (row for row in half if row not in taken and 3 <= len(tasks.releases[row]) <= 25)
    return next(fitting, len(tasks) // 2)


def _batches(world: World, tasks: Tasks, row: int, missed: int) -> list[Batch]:
    """Releases of an order by time, each batch sampled some days after its last one."""
    rows = tasks.releases[row]
    if not rows:
        return []
    days = world.releases.day[rows]
    number = max(1, round(int(days[-1] - days[0]) / _DAYS_A_BATCH))
    edges = np.linspace(days[0], days[-1] + 1, number + 1)
    place = np.clip(np.searchsorted(edges, days, side="right") - 1, 0, number - 1)
    batches = []
    for at in np.unique(place).tolist():
        some = [one for one, where in zip(rows, place.tolist(), strict=True) if where == at]
        last = int(world.releases.day[some].max())
        is_missed = row == missed and at == int(place[-1])
        batches.append(Batch(row, tuple(some), last + 2 + row % 4, is_missed))
    return batches


# -- told ------------------------------------------------------------------------------------------


def tell_checks(ledger: Ledger, world: World, tasks: Tasks, checks: Checks) -> dict[int, str]:
    """Tell visits, nonconformities and samples; returns the missed sample's record by order."""
    visits = {}
    for row, day in enumerate(checks.visits):
        visits[row] = _tell_visit(ledger, world, tasks, checks, row, day)
        if row % 6 == 0:
            _tell_internal(ledger, world, tasks, row, tasks.first[row])
    last_minor = max(
        (case for case in checks.cases if case.severity == "minor"),
        key=lambda case: (case.raised, case.task),
        default=None,
    )
    for case in checks.cases:
        _tell_case(ledger, tasks, case, visits[case.task], overdue=case is last_minor)
    missed = {}
    for batch in checks.batches:
        record = _tell_sample(ledger, world, tasks, batch)
        if batch.missed:
            missed[batch.task] = record
            _tell_miss(ledger, world, tasks, batch)
    return missed


_DOUBTS = {"minor": "documentation", "major": "supervision", "critical": "safety_distance"}
_UNMET = {"minor": "visitor_log", "major": "supervision", "critical": "sop"}
_RESULT = {"": "satisfactory", "minor": "improvement_needed"}


def _checklist(row: int, unmet: str) -> list[Fields]:
    """Answers to the questions; those that fit no visit of this kind do not apply."""
    aside = {"warning_delivered", "warning_explained", "warning_received", "corrected"}
    no = {"special_monitoring", "operations_suspended", unmet}
    lines = []
    for place, code in enumerate(QUESTION.codes):
        answer = "not_applicable" if code.value in aside else "no" if code.value in no else "yes"
        if (row + place) % 37 == 0:
            answer = "not_seen"
        lines.append({"question": code.value, "answer": answer})
    return lines


def _visit(world: World, tasks: Tasks, row: int) -> Fields:
    return {
        "place": world.place(tasks.hazard[row]),
        "inspected": code_of(tasks.operator[row]),
        "team": tasks.team_codes(row)[0],
        "activity": _activity(world, tasks, row),
        "shape": {"type": "Point", "coordinates": world.benchmarks_nd[tasks.hazard[row]].tolist()},
    }


def _activity(world: World, tasks: Tasks, row: int) -> str:
    return "clearance" if tasks.method(world, row).area_type == "minefield" else "bac"


def _tell_visit(
    ledger: Ledger, world: World, tasks: Tasks, checks: Checks, row: int, day: int
) -> str:
    severities = [case.severity for case in checks.cases if case.task == row]
    worst = severities[0] if severities else ""
    fields = _visit(world, tasks, row) | {
        "task": ledger.record_of(-1, "task", tasks.local_id(row)),
        "stage": "external",
        "checklist": _checklist(row, _UNMET.get(worst, "")),
        "result": _RESULT.get(worst, "unsatisfactory"),
        "special_monitoring": worst == "major",
        "operations_suspended": worst == "critical",
        "inspectors": [f"{AUTHORITY.code}-QA{row % 3 + 1}"],
    }
    return ledger.record(-1, "qm_visit", f"QV-{row + 1:05d}", day, fields, arrives=day + 1)


def _tell_internal(ledger: Ledger, world: World, tasks: Tasks, row: int, day: int) -> None:
    operator = tasks.operator[row]
    code = code_of(operator)
    fields = _visit(world, tasks, row) | {
        "task": ledger.record_of(-1, "task", tasks.local_id(row)),
        "stage": "internal",
        "checklist": _checklist(row + 5, ""),
        "result": "satisfactory",
        "inspectors": [f"{code}-QA{row % 3 + 1}"],
    }
    local_id = f"{code}-QV-{row + 1:05d}"
    ledger.record(operator, "qm_visit", local_id, day, fields, arrives=day + 1)


_WORDS = {
    "minor": ("Visitors' log not kept on two days", "Log completed from the gate book"),
    "major": ("One supervisor for two lanes out of each other's sight", "A second supervisor sent"),
    "critical": (
        "People inside the safety distance of a demolition",
        "Sentries posted, drill",
    ),
}


def _tell_case(ledger: Ledger, tasks: Tasks, case: Case, visit: str, *, overdue: bool) -> None:
    operator = tasks.operator[case.task]
    seen, mended = _WORDS[case.severity]
    local_id = f"NC-{case.task + 1:05d}"
    fields = {
        "visit": visit,
        "task": ledger.record_of(-1, "task", tasks.local_id(case.task)),
        "inspected": code_of(operator),
        "team": tasks.team_codes(case.task)[0],
        "nonconformity_type": _DOUBTS[case.severity],
        "severity": case.severity,
        "description": seen,
        "corrective_action": mended,
        "due_on": iso_day(case.raised + (3 if case.severity == "critical" else 14)),
    }
    record = ledger.record(-1, "nonconformity", local_id, case.raised, fields)
    if overdue:
        return
    steps = [
        Step(case.acted, operator, "act", mended),
        Step(case.closed, -1, "close", "Seen on the spot"),
    ]
    tell_moves(ledger, AXIS, record, steps)


def _tell_miss(ledger: Ledger, world: World, tasks: Tasks, batch: Batch) -> None:
    """The nonconformity of a missed item: the ground is searched and sampled again."""
    operator, row = tasks.operator[batch.task], batch.task
    fields = {
        "task": ledger.record_of(-1, "task", tasks.local_id(row)),
        "released_areas": [world.record("released_area", one) for one in batch.releases],
        "inspected": code_of(operator),
        "team": tasks.team_codes(row)[0],
        "nonconformity_type": "missed_item",
        "severity": "major",
        "description": "Item found by the sample at the depth that the order asks for",
        "cause": "Lanes worked to the depth of another order",
        "corrective_action": "Ground searched again to the depth of the order",
        "due_on": iso_day(batch.day + 30),
    }
    day = batch.day + 1
    record = ledger.record(-1, "nonconformity", f"NC-{row + 1:05d}-M", day, fields)
    steps = [
        Step(batch.day + 9, operator, "act", "Ground searched again"),
        Step(batch.day + _AGAIN + 1, -1, "close", "The new sample passed"),
    ]
    tell_moves(ledger, AXIS, record, steps)


def _tell_sample(ledger: Ledger, world: World, tasks: Tasks, batch: Batch) -> str:
    """A sample that is large enough for each of its releases, whatever their sizes."""
    releases, row = world.releases, batch.task
    largest = float(releases.outlines.areas_m2[list(batch.releases)].max())
    number = ledger.number(-1, "sample_inspection")
    fields: Fields = {
        "place": community_code(int(world.plan.community[tasks.hazard[row]])),
        "stage": "external",
        "task": ledger.record_of(-1, "task", tasks.local_id(row)),
        "released_areas": [world.record("released_area", one) for one in batch.releases],
        "sampled_area_m2": f"{0.115 * largest * len(batch.releases):.0f}",
        "items_missed": 0,
        "method": tasks.method(world, row).codes[-1],
        "result": "passed",
    }
    if batch.missed:
        at = batch.releases[-1]
        fields |= {
            "items_missed": 1,
            "missed_category": "uxo",
            "missed_at": world.inside(at),
            "result": "failed",
            "cause_of_miss": "task",
            "description": "The order named a shallower lane than the team then worked.",
        }
    local_id = f"SI-{number:05d}"
    return ledger.record(
        -1, "sample_inspection", local_id, batch.day, fields, arrives=batch.day + 1
    )
