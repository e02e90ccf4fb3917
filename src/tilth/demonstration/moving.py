"""Moves of tasks and nonconformities, each following the one before."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, NamedTuple

from tilth.core.life.moves import Axis, move_of
from tilth.demonstration.cast import code_of
from tilth.demonstration.ledger import Ledger

__all__ = ["Step", "tell_moves"]


class Step(NamedTuple):
    """A move: its day, who makes it, and what for.

    Parameters
    ----------
    seen
        State in which it is made where that follows from no move, as after an accident.
    """

    day: int
    operator: int
    move: str
    reason: str = ""
    cause: str = ""
    seen: str = ""


def tell_moves(
    ledger: Ledger, axis: Axis, subject: str, steps: Iterable[Step], *, rules: str = ""
) -> str:
    """Tell the moves of one record; returns the state it is left in.

    Raises
    ------
    Refused
        ``move_not_possible`` when the story makes a move that the table does not know.
    """
    state, follows = axis.start, ""
    for step in steps:
        state = step.seen or state
        target = move_of(axis, state, step.move, subject).target
        fields: dict[str, Any] = {
            "axis": axis.name,
            "subject": subject,
            "move": step.move,
            "from_state": state,
            "to_state": target,
        }
        fields |= {"follows": follows} if follows else {}
        fields |= {"reason": step.reason} if step.reason else {}
        fields |= {"cause": step.cause} if step.cause else {}
        fields |= {"rule_set": rules} if rules else {}
        number = ledger.number(step.operator, "status_change")
        local_id = f"{code_of(step.operator)}-SC-{number:05d}"
        follows = ledger.record(step.operator, "status_change", local_id, step.day, fields)
        state = target
    return state
