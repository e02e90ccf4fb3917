"""States and moves of tasks and nonconformities in the reader's language."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from tilth.documents.blocks import Block, Table
from tilth.documents.layouts.parts import grid, overrides
from tilth.documents.layouts.words import code, level_of, organisation
from tilth.documents.reader import Reader
from tilth.text.language import Say

__all__ = ["moves", "nonconformity_table", "severity_table", "state", "state_table"]

Row = Mapping[str, Any]


def _states(say: Say) -> dict[str, str]:
    return {
        "planned": say("planned"),
        "issued": say("issued"),
        "reopened": say("reopened"),
        "worked_on": say("worked on"),
        "suspended": say("suspended"),
        "work_complete": say("work complete"),
        "accepted": say("accepted"),
        "cancelled": say("order cancelled"),
        "abandoned": say("abandoned"),
        "handed_over": say("passed to another organisation"),
        "open": say("open"),
        "action_taken": say("action taken"),
        "closed": say("closed"),
    }


def _moves(say: Say) -> dict[str, str]:
    return {
        "issue": say("issue"),
        "start": say("start"),
        "suspend": say("suspend"),
        "resume": say("resume"),
        "complete": say("complete"),
        "accept": say("accept"),
        "reopen": say("reopen"),
        "cancel": say("cancel"),
        "abandon": say("abandon"),
        "hand_over": say("hand over"),
        "act": say("act"),
        "close": say("close"),
    }


def state(reader: Reader, name: str, *, contested: bool = False) -> str:
    """State of a task or nonconformity; a contested one carries its mark."""
    said = _states(reader.say).get(name, name)
    return f"⚠ {said}, {reader.say('contested')}" if contested else said


def moves(reader: Reader, rows: Sequence[Row]) -> list[Block]:
    """Table of moves, then what was overridden in them."""
    say, names = reader.say, _moves(reader.say)
    blocks: list[Block] = [
        grid(
            [say("Day"), say("Move"), say("By"), say("Reason")],
            [
                (
                    reader.day(one["on"]),
                    names.get(str(one["move"]), str(one["move"])),
                    f"{one['by']} · {one['actor']}",
                    _reason(reader, one),
                )
                for one in rows
            ],
            wide=[3],
            empty=say("Nothing has been moved yet."),
        )
    ]
    for one in rows:
        blocks += overrides(reader, one["overrides"], one["reason"])
    return blocks


def _reason(reader: Reader, one: Row) -> str:
    cause = code(reader, "status_cause", one["cause"]) if one["cause"] else ""
    return ": ".join(part for part in (cause, one["reason"]) if part)


def state_table(reader: Reader, rows: Sequence[Row]) -> Table:
    """Tasks by state: a row for each organisation, the joint row below."""
    say = reader.say
    names = list(dict.fromkeys(name for one in rows for name in one["states"]))
    order = [name for name in _states(say) if name in names]
    order += [name for name in names if name not in order]
    return grid(
        [say("Organisation"), *(state(reader, name) for name in order), say("all")],
        [
            (
                organisation(one),
                *(reader.count(one["states"].get(name, 0)) for name in order),
                reader.count(sum(one["states"].values())),
            )
            for one in rows
        ],
        numbers=range(1, len(order) + 2),
        wide=[0],
        total=(
            say("jointly"),
            *(reader.count(sum(one["states"].get(n, 0) for one in rows)) for n in order),
            reader.count(sum(sum(one["states"].values()) for one in rows)),
        )
        if rows
        else (),
        empty=say("No task is ordered."),
    )


def nonconformity_table(reader: Reader, rows: Sequence[Row]) -> Table:
    """Nonconformities with what was done about them and who closed them."""
    say = reader.say
    return grid(
        [
            say("Nonconformity"),
            say("What was found"),
            say("Put right by"),
            say("State"),
        ],
        [
            (
                f"{one['nonconformity']}\n{reader.day(one['on'])}",
                _found(reader, one),
                _due(reader, one),
                _closed(reader, one),
            )
            for one in rows
        ],
        wide=[1, 3],
        empty=say("No nonconformity is recorded."),
    )


def _found(reader: Reader, one: Row) -> str:
    said = [code(reader, "nonconformity_type", one["nonconformity_type"]), one["description"]]
    lines = [code(reader, "severity", one["severity"])]
    lines.append(". ".join(part.rstrip(".") for part in said if part))
    if one["cause"]:
        lines.append(reader.say("Cause: {cause}").format(cause=one["cause"]))
    if one["corrective_action"]:
        action = one["corrective_action"]
        lines.append(reader.say("Action: {action}").format(action=action))
    return "\n".join(lines)


def _due(reader: Reader, one: Row) -> str:
    due = reader.day(one["due_on"])
    return f"⚠ {due}, {reader.say('overdue')}" if one["overdue"] else due


def _closed(reader: Reader, one: Row) -> str:
    lines = [state(reader, one["state"], contested=one["contested"])]
    if one["closed_on"]:
        lines.append(f"{reader.day(one['closed_on'])}, {one['closed_by']}")
    lines.append(level_of(reader, one["said"]))
    return "\n".join(lines)


def severity_table(reader: Reader, rows: Sequence[Row]) -> Table:
    """Nonconformities by severity: all of them, and those still open."""
    say = reader.say
    return grid(
        [say("Severity"), say("raised"), say("not closed")],
        [
            (
                code(reader, "severity", one["severity"]),
                reader.count(one["all"]),
                reader.count(one["open"]),
            )
            for one in rows
        ],
        numbers=[1, 2],
        wide=[0],
        empty=say("No nonconformity is recorded."),
    )
