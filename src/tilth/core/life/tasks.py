"""Tasks: from the order to its acceptance, and what stops them (axis B of the work's states).

`AXIS` is the table of moves; the page *Moves of a task* of the documentation shows it. An accident
on the worksite and a critical nonconformity suspend a task at once and by themselves: no statement
is needed, and only the authority resumes it. What a task's states make of its hazard area is
`work_status`.
"""

from __future__ import annotations

import math
from bisect import bisect_right
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np
import shapely
from shapely.geometry.base import BaseGeometry

from tilth.core.days import NEVER, first_day, iso, last_day
from tilth.core.geometry.encoding import NANODEGREES, shape_of
from tilth.core.geometry.frame import Frame
from tilth.core.life import moves, quality
from tilth.core.life.moves import Axis, Move, Standing, Stop
from tilth.core.life.register import TASKING, Held, Register

__all__ = [
    "AXIS",
    "OPEN_STATES",
    "OVER_STATES",
    "TaskCase",
    "Timeline",
    "cases",
    "hazard_of",
    "hazard_statuses",
    "on_worksite",
    "roles_of",
    "standing_of",
    "timeline",
    "work_status",
]

_GIVES, _DOES, _DECIDES = "tasking_authority", "operator", "authority"
_LIVE = ("issued", "reopened", "worked_on")

AXIS = Axis(
    "task",
    "planned",
    (
        Move(
            "issue",
            ("planned",),
            "issued",
            (_GIVES,),
            ("order", "hazard", "plans", "operator", "gate", "nonconformities"),
        ),
        Move("start", ("issued", "reopened"), "worked_on", (_DOES,), ("nonconformities",)),
        Move(
            "suspend", _LIVE, "suspended", (_DOES, _GIVES, _DECIDES, "inspector"), needs_reason=True
        ),
        Move(
            "resume",
            ("suspended",),
            "worked_on",
            (_DOES, _GIVES, _DECIDES),
            ("nonconformities",),
            needs_reason=True,
        ),
        Move("complete", ("worked_on",), "work_complete", (_DOES,), ("explosives",)),
        Move(
            "accept",
            ("work_complete",),
            "accepted",
            (_GIVES,),
            ("explosives", "nonconformities", "own_work"),
        ),
        Move("reopen", ("work_complete", "accepted"), "reopened", (_GIVES,), needs_reason=True),
        Move(
            "cancel",
            ("planned", "issued", "reopened", "suspended"),
            "cancelled",
            (_GIVES,),
            ("explosives",),
            needs_reason=True,
        ),
        Move(
            "abandon",
            ("worked_on", "suspended"),
            "abandoned",
            (_DOES,),
            ("explosives",),
            needs_reason=True,
        ),
        Move(
            "hand_over",
            (*_LIVE, "suspended"),
            "handed_over",
            (_GIVES,),
            ("successor", "explosives"),
            needs_reason=True,
        ),
    ),
    careful=(
        "suspended",
        "planned",
        "issued",
        "reopened",
        "worked_on",
        "abandoned",
        "cancelled",
        "handed_over",
        "work_complete",
        "accepted",
    ),
    stopped="suspended",
    stoppable=_LIVE,
    lifts="resume",
)
"""Moves of a task: the tasking authority issues, the operator works, the authority accepts."""

OPEN_STATES = (*_LIVE, "suspended")
"""States in which somebody holds the order."""
OVER_STATES = ("work_complete", "accepted", "cancelled", "abandoned", "handed_over")
"""States in which no work goes on."""


@dataclass(frozen=True, slots=True)
class TaskCase:
    """A task with all that bears on its state.

    Parameters
    ----------
    hazard
        Its hazard area; None where it names none that is held.
    changes
        Its changes of status, in order of record.
    accidents
        Those on its worksite, in order of record.
    critical
        Critical nonconformities on it, open or closed, in order of record.
    """

    task: Held
    hazard: Held | None = None
    changes: tuple[Held, ...] = ()
    accidents: tuple[Held, ...] = ()
    critical: tuple[Held, ...] = ()

    @property
    def stops(self) -> list[Stop]:
        """What stops it by itself."""
        return [
            Stop(one.record, first_day(one.happened_on), last_day(one.happened_on))
            for one in (*self.accidents, *self.critical)
        ]


def hazard_of(register: Register, task: Held, hazards: Mapping[str, Held]) -> Held | None:
    """Hazard area that a task names, among those given by record; None where none or several fit.

    A full id, the author's local id, a national id, or a local id that only one of them has.
    """
    name = str(task.now().get("hazard", ""))
    name = register.aliases.get(name, name)
    if not name:
        return None
    known = hazards.get(name) or hazards.get(f"{task.author}/hazard_area/{name}")
    if known is not None:
        return known
    found = [one for record, one in sorted(hazards.items()) if one.local_id == name]
    return found[0] if len(found) == 1 else None


def cases(register: Register, hazards: Mapping[str, Held], only: str = "") -> dict[str, TaskCase]:
    """Every task by record with all that bears on it.

    Parameters
    ----------
    hazards
        Hazard areas that tasks name, by record.
    only
        Record id of one task; all without.
    """
    changes = _by_task(register, "status_change", "subject")
    critical: dict[str, list[Held]] = {}
    for _, one in sorted(register.of("nonconformity").items()):
        if one.now().get("severity") == "critical":
            critical.setdefault(_task_of_nonconformity(register, one), []).append(one)
    named = _by_task(register, "accident", "task")
    accidents = _Accidents(register)
    made = {}
    for record, task in sorted(register.of("task").items()):
        if only and record != only:
            continue
        hazard = hazard_of(register, task, hazards)
        own = {one.record for one in named.get(record, ())}
        shapes = _Ground(task, hazard)
        made[record] = TaskCase(
            task,
            hazard,
            tuple(one for one in changes.get(record, ()) if one.fields.get("axis") == AXIS.name),
            tuple(accidents.on(shapes, own)),
            tuple(critical.get(record, ())),
        )
    return made


def _by_task(register: Register, kind: str, name: str) -> dict[str, list[Held]]:
    found: dict[str, list[Held]] = {}
    for _, held in sorted(register.of(kind).items()):
        task = register.find("task", str(held.now().get(name, "")), held.author)
        if task is not None:
            found.setdefault(task.record, []).append(held)
    return found


def _task_of_nonconformity(register: Register, held: Held) -> str:
    """Task that a nonconformity names, or that its visit names."""
    fields = held.now()
    name = str(fields.get("task", ""))
    if not name:
        visit = register.find("qm_visit", str(fields.get("visit", "")), held.author)
        name = str(visit.now().get("task", "")) if visit is not None else ""
    task = register.find("task", name, held.author)
    return task.record if task is not None else ""


class _Area(NamedTuple):
    shape: BaseGeometry
    box: Sequence[float]
    """West, south, east, north, in degrees."""


@dataclass(slots=True)
class _Ground:
    """Worksite and hazard area of a task, in degrees, made when first asked for."""

    task: Held
    hazard: Held | None
    _areas: list[_Area] | None = None

    @property
    def hazard_names(self) -> set[str]:
        """Names by which an accident may mean the task's hazard area."""
        if self.hazard is not None:
            return {self.hazard.record, self.hazard.local_id}
        return {str(self.task.now().get("hazard", ""))} - {""}

    @property
    def areas(self) -> list[_Area]:
        """The worksite and the hazard area, whichever are drawn, with their boxes."""
        if self._areas is None:
            values = [one.now().get("shape") for one in (self.task, self.hazard) if one]
            shapes = [shape_of(one) for one in values if isinstance(one, Mapping)]
            self._areas = [_Area(one, shapely.bounds(one).tolist()) for one in shapes]
        return self._areas


@dataclass(frozen=True, slots=True)
class _Accident:
    """An accident, the hazard area it names, its point in degrees and how far that may be off."""

    held: Held
    hazard: str
    point: BaseGeometry | None
    longitude: float
    latitude: float
    accuracy_m: float

    @classmethod
    def of(cls, register: Register, held: Held) -> _Accident:
        """Read one from its record."""
        fields = held.now()
        name = str(fields.get("hazard", ""))
        value = fields.get("point")
        point = shape_of(value) if isinstance(value, Mapping) else None
        accuracy = float(str(fields.get("accuracy_m") or 0))
        east, north = shapely.get_coordinates(point)[0].tolist() if point is not None else (0, 0)
        return cls(held, register.aliases.get(name, name), point, east, north, accuracy)

    @property
    def reach_degrees(self) -> tuple[float, float]:
        """How far east or west, and north or south, the point may be off."""
        high = (self.accuracy_m + 1.0) / 111_000.0
        return high / max(0.01, math.cos(math.radians(self.latitude))), high

    def is_on(self, ground: _Ground) -> bool:
        """Whether it names the hazard area, or its point may lie on the worksite or the hazard."""
        if self.hazard and self.hazard in ground.hazard_names:
            return True
        return self.point is not None and any(self._may_lie_in(one) for one in ground.areas)

    def _may_lie_in(self, area: _Area) -> bool:
        """Whether the point lies in an area or, by its accuracy, may lie in it."""
        wide, high = self.reach_degrees
        west, south, east, north = area.box
        if not west - wide <= self.longitude <= east + wide:
            return False
        if not south - high <= self.latitude <= north + high:
            return False
        frame = Frame(round(self.longitude * NANODEGREES), round(self.latitude * NANODEGREES))
        metres = frame.project_geometries(np.array([self.point, area.shape], dtype=object))
        return bool(shapely.dwithin(metres[0], metres[1], self.accuracy_m))


class _Accidents:
    """All accidents, to be asked about many tasks: only those near one are looked at for it."""

    def __init__(self, register: Register) -> None:
        held = sorted(register.of("accident").items())
        self._all = [_Accident.of(register, one) for _, one in held]
        self._numbers = {one.held.record: number for number, one in enumerate(self._all)}
        self._by_hazard: dict[str, list[int]] = {}
        for number, one in enumerate(self._all):
            self._by_hazard.setdefault(one.hazard, []).append(number)
        self._placed = [number for number, one in enumerate(self._all) if one.point is not None]
        points = [self._all[number].point for number in self._placed]
        self._tree = shapely.STRtree(np.array(points, dtype=object)) if points else None
        placed = [self._all[number] for number in self._placed]
        self._reach = (
            max((one.reach_degrees[0] for one in placed), default=0.0),
            max((one.reach_degrees[1] for one in placed), default=0.0),
        )

    def on(self, ground: _Ground, named: set[str]) -> list[Held]:
        """Those that are on a task's ground or name it (records), in order of record."""
        near = {number for name in ground.hazard_names for number in self._by_hazard.get(name, ())}
        if self._tree is not None:
            wide, high = self._reach
            for area in ground.areas:
                west, south, east, north = area.box
                box = shapely.box(west - wide, south - high, east + wide, north + high)
                near.update(self._placed[one] for one in self._tree.query(box).tolist())
        told = {self._numbers[record] for record in named}
        found = told | {number for number in near - told if self._all[number].is_on(ground)}
        return [self._all[number].held for number in sorted(found)]


def on_worksite(register: Register, accident: Held, task: Held, hazard: Held | None) -> bool:
    """Whether an accident is on a task's worksite.

    It is when it names the task or its hazard area, or when its point, within its accuracy, lies
    in the worksite or in the hazard area.
    """
    named = register.find("task", str(accident.now().get("task", "")), accident.author)
    if named is not None and named.record == task.record:
        return True
    return _Accident.of(register, accident).is_on(_Ground(task, hazard))


def roles_of(register: Register, task: Held, organisation: str, day: str = "") -> frozenset[str]:
    """Roles of an organisation (its id) on a task.

    ``authority``; ``tasking_authority``, who is the authority or a mine action centre that the
    authority named; ``operator``, to whom the order is given; ``inspector``.

    Parameters
    ----------
    day
        Roles on this day: what an organisation became later undoes no move of before. Those that
        it has now without.
    """
    named = register.roles(organisation, day)
    fields = task.at(day) if day else task.now()
    found = {_DECIDES} if organisation == register.authority else set()
    if named & TASKING:
        found.add(_GIVES)
    if "quality_body" in named:
        found.add("inspector")
    if quality.same_organisation(register, str(fields.get("assigned_to", "")), organisation):
        found.add(_DOES)
    return frozenset(found)


def _roles(register: Register, task: Held) -> Callable[[Held], frozenset[str]]:
    known: dict[tuple[str, str], frozenset[str]] = {}

    def of(change: Held) -> frozenset[str]:
        key = quality.speaker_of(register, change), change.happened_on
        if key not in known:
            known[key] = roles_of(register, task, *key)
        return known[key]

    return of


def standing_of(register: Register, case: TaskCase, day: str = "") -> Standing:
    """Where a task stands at the end of a day, or with everything held."""
    roles = _roles(register, case.task)
    return moves.standing(AXIS, case.changes, roles=roles, stops=case.stops, day=day)


@dataclass(frozen=True, slots=True)
class Timeline:
    """States of a task by day: from each of ``days`` (ordinals) on, the state beside it."""

    days: tuple[int, ...]
    states: tuple[str, ...]
    standing: Standing = field(default_factory=lambda: Standing(AXIS.start, AXIS.start))

    def at(self, day: int) -> str:
        """State at the end of a day."""
        at = bisect_right(self.days, day) - 1
        return self.states[at] if at >= 0 else AXIS.start

    @property
    def since(self) -> str:
        """Day on which the present state began; empty for a task that was never moved."""
        if not self.days:
            return ""
        last = len(self.states) - 1
        while last and self.states[last - 1] == self.states[-1]:
            last -= 1
        return iso(self.days[last])


def timeline(register: Register, case: TaskCase, day: str = "") -> Timeline:
    """States of a task over time, up to a day or as everything held tells them."""
    now = standing_of(register, case, day)
    until = last_day(day) if day else NEVER
    changed = {last_day(one.happened_on) for one in case.changes}
    changed |= {one.first for one in case.stops}
    days = sorted(one for one in changed if one <= until)
    states = [standing_of(register, case, iso(day)).state for day in days]
    kept = [n for n, state in enumerate(states) if n == 0 or state != states[n - 1]]
    if kept and states[0] == AXIS.start:
        kept = kept[1:]
    return Timeline(tuple(days[n] for n in kept), tuple(states[n] for n in kept), now)


_OF_HAZARD = {
    "issued": "tasked",
    "reopened": "tasked",
    "worked_on": "worked_on",
    "suspended": "suspended",
    "work_complete": "work_complete",
    "accepted": "work_complete",
}


def work_status(states: Iterable[str]) -> str:
    """Work status of a hazard area by the states of its tasks: axis B of its own code list.

    Where they differ, what goes on counts before what stands still: worked on, suspended, tasked;
    *work complete* only where no other order waits.

    Examples
    --------
    >>> work_status(["accepted", "issued"]), work_status(["accepted", "cancelled"])
    ('tasked', 'work_complete')
    >>> work_status(["accepted", "planned"]), work_status([])
    ('open', 'open')
    """
    states = list(states)
    found = {_OF_HAZARD[state] for state in states if state in _OF_HAZARD}
    for status in ("worked_on", "suspended", "tasked"):
        if status in found:
            return status
    return "work_complete" if found and "planned" not in states else "open"


def hazard_statuses(register: Register, tasks: Mapping[str, TaskCase], day: str) -> dict[str, str]:
    """Work status on a day of every hazard area that has a task, by record."""
    states: dict[str, list[str]] = {}
    for case in tasks.values():
        if case.hazard is not None:
            state = standing_of(register, case, day).state
            states.setdefault(case.hazard.record, []).append(state)
    return {record: work_status(some) for record, some in sorted(states.items())}
