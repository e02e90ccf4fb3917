"""What stands in the way of a move of a task: pure rules, asked when the move is made (rules §6).

Each answers with problems: the rule's code, the record that stands in the way, what would satisfy
it. They bite on the decision, never on what was said before, and can be overridden with a reason.
`ASKED` names them; `tilth.core.life.tasks.AXIS` says which move asks which.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from tilth.core.life import explosives, quality
from tilth.core.life.register import TASKING, Held, Register
from tilth.core.life.tasks import TaskCase
from tilth.core.problems import Problem, register

__all__ = ["ASKED", "Asking", "Gate", "missing_parts", "obstacles", "successor_of"]

Gate = Callable[[Held, str], Sequence[Problem]]
"""What the gates find against the teams and assets of a task on a day."""

_TO_A_DEPTH = frozenset({"clearance", "ts", "bac", "road_clearance", "road_verification"})
"""Activities whose order states how deep the search must reach."""


@dataclass(frozen=True, slots=True)
class Asking:
    """Who asks for a move, of which task, on which day.

    Parameters
    ----------
    organisation
        Organisation id of who makes it.
    gate
        The gates for the task's teams.
    """

    register: Register
    case: TaskCase
    organisation: str
    day: str
    gate: Gate


def missing_parts(task: Held) -> list[str]:
    """Fields of an order that nobody may be sent out without, as far as they are missing.

    A depth is asked of activities that search to one, unless only the surface is to be searched;
    plans for injured people of every order.
    """
    return [*_missing_order(task), *_missing_plans(task)]


def _missing_order(task: Held) -> list[str]:
    fields = task.now()
    needed = ["order_number", "activity", "methods", "teams"]
    if fields.get("activity") in _TO_A_DEPTH and fields.get("required_search") != "surface":
        needed.append("required_depth_cm")
    return [name for name in needed if not fields.get(name)]


def _missing_plans(task: Held) -> list[str]:
    fields = task.now()
    return [name for name in ("medical_plan", "evacuation_plan") if not fields.get(name)]


def _order(asking: Asking) -> list[Problem]:
    task = asking.case.task
    found = [
        Problem("order_incomplete", task.record, {"task": task.local_id, "field": name})
        for name in _missing_order(task)
    ]
    author = quality.speaker_of(asking.register, task)
    roles = asking.register.roles(author, asking.day)
    if not roles & TASKING:
        named = asking.register.parties.get(author, author)
        params = {"task": task.local_id, "organisation": named}
        found.append(Problem("order_not_from_authority", task.record, params))
    return found


def _hazard(asking: Asking) -> list[Problem]:
    task = asking.case.task
    if asking.case.hazard is not None:
        return []
    params = {"task": task.local_id, "hazard": str(task.now().get("hazard", "")) or "?"}
    return [Problem("order_without_hazard", task.record, params)]


def _plans(asking: Asking) -> list[Problem]:
    task = asking.case.task
    return [
        Problem("order_without_plan", task.record, {"task": task.local_id, "field": name})
        for name in _missing_plans(task)
    ]


def _operator(asking: Asking) -> list[Problem]:
    task = asking.case.task
    code = str(task.now().get("assigned_to", ""))
    if code and (
        asking.register.organisation_of(code) or asking.register.find("organisation", code)
    ):
        return []
    params = {"task": task.local_id, "code": code or "?"}
    return [Problem("order_to_unknown", task.record, params)]


def _gate(asking: Asking) -> list[Problem]:
    return list(asking.gate(asking.case.task, asking.day))


def _nonconformities(asking: Asking) -> list[Problem]:
    task = asking.case.task
    if not asking.case.critical:
        return []
    return [
        Problem(
            "critical_nonconformity_open",
            one.record,
            {"task": task.local_id, "nonconformity": one.local_id},
        )
        for one in quality.open_critical(asking.register, task.record, asking.day)
    ]


def _explosives(asking: Asking) -> list[Problem]:
    task = asking.case.task
    return [
        Problem(
            "explosives_still_held",
            task.record,
            {
                "task": task.local_id,
                "quantity": explosives.shown(one.held),
                "unit": one.key.unit,
                "explosive": one.key.explosive,
            },
        )
        for one in explosives.outstanding(asking.register, task.record, asking.day)
    ]


def _own_work(asking: Asking) -> list[Problem]:
    task = asking.case.task
    operator = str(task.now().get("assigned_to", ""))
    if not quality.same_organisation(asking.register, operator, asking.organisation):
        return []
    params = {"task": task.local_id, "organisation": operator}
    return [Problem("accepts_own_work", task.record, params)]


def successor_of(register: Register, task: Held) -> Held | None:
    """Order to another organisation that continues a task; the first by record of several."""
    own = str(task.now().get("assigned_to", ""))
    for _, other in sorted(register.of("task").items()):
        fields = other.now()
        named = register.find("task", str(fields.get("continues", "")), other.author)
        if named is None or named.record != task.record or other.record == task.record:
            continue
        taker = str(fields.get("assigned_to", ""))
        known = register.organisation_of(taker) or taker
        if taker and not quality.same_organisation(register, own, known):
            return other
    return None


def _successor(asking: Asking) -> list[Problem]:
    task = asking.case.task
    if successor_of(asking.register, task) is not None:
        return []
    params = {"task": task.local_id}
    return [Problem("task_not_taken_over", task.record, params)]


ASKED: Mapping[str, Callable[[Asking], list[Problem]]] = {
    "order": _order,
    "hazard": _hazard,
    "plans": _plans,
    "operator": _operator,
    "gate": _gate,
    "nonconformities": _nonconformities,
    "explosives": _explosives,
    "own_work": _own_work,
    "successor": _successor,
}
"""The rules by the names that the table of moves uses."""


def obstacles(guards: Sequence[str], asking: Asking) -> list[Problem]:
    """Everything that stands in the way by the rules named, in their order."""
    return [problem for name in guards for problem in ASKED[name](asking)]


register(
    {
        "order_incomplete": (
            "The order {task} does not say {field}.",
            "Correct the task and give {field}.",
        ),
        "order_not_from_authority": (
            "The order {task} was written by {organisation}, which gives no orders here.",
            "Let the authority or the mine action centre write the order.",
        ),
        "order_without_hazard": (
            "The order {task} is about the hazard area {hazard}, which is not held.",
            "Correct the task and name a hazard area, or import the hazard area.",
        ),
        "order_without_plan": (
            "The order {task} has no {field}.",
            "Correct the task and give {field}: nobody goes out without it.",
        ),
        "order_to_unknown": (
            "The order {task} is for {code}, which is no organisation of the operation.",
            "Correct the field assigned_to, or record the organisation.",
        ),
        "critical_nonconformity_open": (
            "The critical nonconformity {nonconformity} on {task} is open.",
            "Let what was found be put right, and who inspected close it.",
        ),
        "explosives_still_held": (
            "{quantity} {unit} of {explosive} is still held for {task}.",
            "Record its return with tilth explosives return, or its use.",
        ),
        "accepts_own_work": (
            "{organisation} did the work of {task} and would accept it itself.",
            "Let another organisation accept it: the authority or a mine action centre.",
        ),
        "task_not_taken_over": (
            "No order to another organisation continues {task}.",
            "Write the order that takes it over, with continues={task}, then hand it over.",
        ),
    }
)
