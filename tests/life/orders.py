"""A small operation with tasks for tests: records in a line each, a register made of them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import shapely

from tilth.core.chains import Said
from tilth.core.geometry.encoding import value_of
from tilth.core.life.register import Held, Register
from tilth.core.life.tasks import TaskCase, cases, standing_of

NMAA, OPERATOR, OTHER, CENTRE, INSPECTOR = "na", "op", "zz", "mc", "qa"
NAMES = {NMAA: "NMAA", OPERATOR: "OP", OTHER: "NEXT", CENTRE: "MAC", INSPECTOR: "QA"}
ROLES = {CENTRE: ["mine_action_centre"], INSPECTOR: ["quality_body"], OPERATOR: ["operator"]}
HAZARD = shapely.box(36.0, 50.0, 36.01, 50.01)
WORKSITE = shapely.box(36.0, 50.0, 36.002, 50.002)
ORDER = {
    "order_number": "7/26",
    "hazard": "HA-1",
    "assigned_to": "OP",
    "teams": ["T-1"],
    "activity": "clearance",
    "methods": ["manual_detector"],
    "required_depth_cm": "20",
    "medical_plan": "medic on the site",
    "evacuation_plan": "road 4, hospital in town",
}


def day(number: int) -> str:
    return f"2026-03-{number:02d}"


class Orders:
    """Says records, moves tasks, and asks where they stand."""

    def __init__(self) -> None:
        self.said: list[Said] = []
        self.hazards: dict[str, Held] = {}
        self._last: dict[str, str] = {}
        self.hazard("HA-1", HAZARD)
        for author, roles in ROLES.items():
            self.say("organisation", NAMES[author], NMAA, 1, code=NAMES[author], roles=roles)

    def hazard(self, local: str, shape: Any = None, **fields: Any) -> None:
        record = f"{OPERATOR}/hazard_area/{local}"
        if shape is not None:
            fields["shape"] = value_of(shape)
        self.hazards[record] = Held(
            record, "hazard_area", OPERATOR, "p", record, 1, day(1), "", fields
        )

    def say(self, kind: str, local: str, author: str, on: int | str, **fields: Any) -> str:
        record = f"{author}/{kind}/{local}"
        for name, value in fields.items():
            if isinstance(value, shapely.geometry.base.BaseGeometry):
                fields[name] = value_of(value)
        said = Said(
            hash=f"{len(self.said):064d}",
            organisation=author,
            actor="p1",
            act="record",
            kind=kind,
            record=record,
            happened_on=on if isinstance(on, str) else day(on),
            fields=fields,
        )
        self.said.append(said)
        return record

    def order(self, local: str = "TO-7", author: str = NMAA, on: int = 1, **changes: Any) -> str:
        fields = {name: value for name, value in (ORDER | changes).items() if value}
        return self.say("task", local, author, on, **fields)

    def move(
        self, task: str, move: str, on: int | str, by: str = NMAA, *, follows: str | None = None
    ) -> str:
        """Change that follows the last one said, or the one named."""
        change = self.say(
            "status_change",
            f"{len(self.said)}",
            by,
            on,
            axis="task",
            subject=task,
            move=move,
            follows=self._last.get(task, "") if follows is None else follows,
            reason="because",
        )
        self._last[task] = change
        return change

    def approve(self, record: str) -> None:
        (target,) = [one for one in self.said if one.record == record]
        self.said.append(
            Said(
                hash=f"{len(self.said):064d}",
                organisation=NMAA,
                actor="p2",
                act="approve",
                kind="decision",
                record="",
                decides=(target.hash,),
                fields={},
            )
        )

    def working(self, **changes: Any) -> str:
        """Order issued on day 2 and worked on since day 3."""
        task = self.order(**changes)
        self.move(task, "issue", 2)
        self.move(task, "start", 3, OPERATOR)
        return task

    def register(self, order: Sequence[int] | None = None) -> Register:
        register = Register(NMAA, dict(NAMES))
        for number in order if order is not None else range(len(self.said)):
            register.take(self.said[number])
        register.refresh()
        return register

    def case(self, task: str) -> TaskCase:
        return cases(self.register(), self.hazards)[task]

    def state(self, task: str, on: int | str = 28) -> str:
        at = on if isinstance(on, str) else day(on)
        return standing_of(self.register(), self.case(task), at).state
