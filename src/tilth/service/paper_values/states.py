"""Tasks and nonconformities as documents list them: where they stand, and how they came there."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from tilth.core.life.moves import Axis, Standing
from tilth.core.life.quality import AXIS, Case, cases, is_overdue
from tilth.core.life.tasks import TaskCase
from tilth.service.paper_values.desk import Desk, part_of
from tilth.service.paper_values.standings import task_standing

__all__ = ["nonconformities", "severities", "task_line", "trail"]

SEVERITIES = ("critical", "major", "minor")


def trail(desk: Desk, axis: Axis, standing: Standing) -> list[dict[str, Any]]:
    """Moves that led to a state, in order; each says why, and which rules were overridden."""
    targets = {move.name: move.target for move in axis.moves}
    return [
        {
            "on": one.happened_on,
            **part_of(one.fields, "move", "reason", "cause"),
            "to_state": targets.get(str(one.fields.get("move", "")), ""),
            "by": desk.session.organisation_name(one.author),
            "actor": one.actor,
            "overrides": [dict(line) for line in one.fields.get("overrides", ())],
            "rule_set": str(one.fields.get("rule_set", "")),
        }
        for one in standing.trail
    ]


def task_line(desk: Desk, case: TaskCase) -> dict[str, Any]:
    """A task in one row of a list."""
    task, standing = case.task, task_standing(desk, case)
    values = task.at(desk.until)
    return {
        "task": task.local_id,
        **part_of(values, "order_number", "activity", "planned_from", "planned_to", "project"),
        "assigned_to": desk.organisation(str(values.get("assigned_to", ""))),
        "hazard": case.hazard.local_id if case.hazard else str(values.get("hazard", "")),
        "state": standing.state,
        "contested": standing.contested,
    }


def nonconformities(desk: Desk) -> list[dict[str, Any]]:
    """Every nonconformity raised by the document's day, with where it stood then, by day."""
    rows = [_nonconformity(desk, one) for one in cases(desk.register, desk.until)]
    return sorted(rows, key=lambda one: (one["on"], one["record"]))


def _nonconformity(desk: Desk, case: Case) -> dict[str, Any]:
    """One of them with where it stands and who closed it."""
    one, values, standing = case.held, case.fields, case.standing
    moves = trail(desk, AXIS, standing)
    closed = {} if case.is_open or not moves else moves[-1]
    task = desk.register.find("task", str(values.get("task", "")), one.author)
    visit = desk.register.find("qm_visit", str(values.get("visit", "")), one.author)
    return {
        "record": one.record,
        "nonconformity": one.local_id,
        "on": one.happened_on,
        **part_of(values, "nonconformity_type", "severity", "description", "cause"),
        **part_of(values, "corrective_action", "due_on", "team"),
        "task": task.record if task else str(values.get("task", "")),
        "visit": visit.record if visit else str(values.get("visit", "")),
        "released_areas": list(values.get("released_areas", ())),
        "inspected": desk.organisation(str(values.get("inspected", ""))),
        "state": standing.state,
        "contested": standing.contested,
        "overdue": is_overdue(case, desk.until),
        "closed_on": str(closed.get("on", "")),
        "closed_by": str(closed.get("by", "")),
        "moves": moves,
        "said": desk.said(one),
    }


def severities(rows: Iterable[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Nonconformities by severity, the gravest first: all, and those not closed."""
    found = list(rows)
    known = [*SEVERITIES, *sorted({str(one["severity"]) for one in found} - set(SEVERITIES))]
    lines = []
    for severity in known:
        some = [one for one in found if one["severity"] == severity]
        still = sum(1 for one in some if one["state"] != "closed")
        if some:
            lines.append({"severity": severity, "all": len(some), "open": still})
    return lines
