"""What tasks, their moves and the reports on them give reason to notice."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from tilth.core.days import first_day, last_day
from tilth.core.findings import Finding, register
from tilth.core.life import quality
from tilth.core.life.register import Held, Register
from tilth.core.life.task_guards import Asking, Gate, missing_parts, obstacles
from tilth.core.life.tasks import AXIS, OPEN_STATES, OVER_STATES, TaskCase, Timeline, timeline

__all__ = ["closed_tasks", "task_findings"]

_BEFORE = ("planned",)
_ASKED = {"issue": ("order", "operator", "gate"), "accept": ("own_work",)}
"""Guards that are asked again about moves that stand: no command need have asked them."""


def closed_tasks(timelines: Mapping[str, Timeline]) -> set[str]:
    """Tasks on which no work goes on any more."""
    return {record for record, one in timelines.items() if one.standing.state in OVER_STATES}


def task_findings(
    register: Register,
    tasks: Mapping[str, TaskCase],
    reports: Iterable[Held],
    *,
    day: str,
    timelines: Mapping[str, Timeline] | None = None,
    gate: Gate | None = None,
) -> list[Finding]:
    """Findings about tasks as of a day, ordered by task, then by report.

    Parameters
    ----------
    tasks
        Every task, from `tilth.core.life.tasks.cases`.
    reports
        Clearance reports and spot tasks that name a task; their items are not read.
    day
        Today, for what is overdue.
    timelines
        Where the caller has made them already.
    gate
        The gates, asked for the day of issue of every order that somebody holds.
    """
    lines = timelines or {record: timeline(register, case) for record, case in tasks.items()}
    found = [one for record in sorted(tasks) for one in _of_task(tasks[record], lines[record], day)]
    for record in sorted(tasks):
        found += _against_rules(register, tasks[record], lines[record], gate)
    for report in sorted(reports, key=lambda one: one.record):
        found += _of_report(register, report, tasks, lines)
    return found


def _of_task(case: TaskCase, line: Timeline, day: str) -> list[Finding]:
    task, now = case.task, line.standing
    found = []
    if now.contested:
        params = {
            "state": now.state,
            "moves": ", ".join(one.split("/", 2)[2] for one in now.rivals),
        }
        found.append(Finding("task_moves_contested", task.record, now.rivals[0], params))
    by_record = {one.record: one for one in case.changes}
    for record in now.ignored:
        params = {"move": str(by_record[record].fields.get("move", ""))}
        found.append(Finding("task_move_without_effect", record, task.record, params))
    for record in now.stops:
        stop = next(one for one in (*case.accidents, *case.critical) if one.record == record)
        params = {"what": stop.kind, "day": stop.happened_on}
        found.append(Finding("task_stopped", task.record, record, params))
    for change in now.trail:
        move = next(one for one in AXIS.moves if one.name == change.fields["move"])
        if move.needs_reason and not str(change.fields.get("reason", "")).strip():
            params = {"move": move.name}
            found.append(Finding("task_move_without_reason", change.record, task.record, params))
    if now.state not in OPEN_STATES:
        return found
    planned = str(task.now().get("planned_to", ""))
    if planned and last_day(planned) < last_day(day):
        params = {"planned": planned, "state": now.state}
        found.append(Finding("task_planned_end_passed", task.record, params=params))
    if missing := missing_parts(task):
        params = {"fields": ", ".join(missing)}
        found.append(Finding("task_dossier_incomplete", task.record, params=params))
    if case.hazard is None:
        found.append(Finding("task_without_hazard", task.record))
    return found


def _against_rules(
    register: Register, case: TaskCase, line: Timeline, gate: Gate | None
) -> Iterator[Finding]:
    """Moves in whose way something stands of which nobody said why it was overridden.

    A move may have come by a file, and an order may have been corrected after it was issued: it is
    asked about as it reads now, for the day of the move.
    """
    for change in line.standing.trail:
        move = str(change.fields["move"])
        asked = _ASKED.get(move, ())
        if not asked or (move == "issue" and line.standing.state not in OPEN_STATES):
            continue
        speaker = quality.speaker_of(register, change)
        asking = Asking(register, case, speaker, change.happened_on, gate or (lambda *_: ()))
        problems = [one.code for one in obstacles(asked, asking) if one.code != "order_incomplete"]
        said = {str(line.get("rule", "")) for line in change.fields.get("overrides", ())}
        if rules := ", ".join(sorted(set(problems) - said)):
            params = {"move": move, "day": change.happened_on, "rules": rules}
            yield Finding("task_move_against_rules", case.task.record, change.record, params)


def _of_report(
    register: Register,
    report: Held,
    tasks: Mapping[str, TaskCase],
    lines: Mapping[str, Timeline],
) -> list[Finding]:
    name = str(report.fields.get("task", ""))
    if not name:
        return []
    task = register.find("task", name, report.author)
    if task is None or task.record not in tasks:
        return [Finding("work_on_unknown_task", report.record, params={"task": name})]
    found = []
    speaker = quality.speaker_of(register, report)
    operator = str(task.now().get("assigned_to", ""))
    if operator and not quality.same_organisation(register, operator, speaker):
        params = {"task": task.local_id, "operator": operator}
        found.append(Finding("work_by_another", report.record, task.record, params))
    line = lines[task.record]
    ends = last_day(str(report.fields.get("period_to") or report.happened_on))
    # The day of a move belongs to both states: the state it began in counts too.
    met = {line.at(first_day(report.happened_on) - 1), line.at(ends)}
    if met & {"issued", "reopened", "worked_on"}:
        return found
    state = line.at(ends)
    code = "work_without_order" if state in _BEFORE else "work_after_end"
    code = "work_while_suspended" if state == "suspended" else code
    params = {"task": task.local_id, "state": state}
    return [*found, Finding(code, report.record, task.record, params)]


register(
    {
        "task_moves_contested": (
            "Two moves of the task follow the same one: {moves}. It counts as {state}.",
            "Let the authority approve the one that holds, with tilth approve.",
        ),
        "task_move_without_effect": (
            "The move {move} changes nothing: it was not possible, not for who made it, dated "
            "before what it follows, or what it follows is not held.",
            "Withdraw it, or make the move anew.",
        ),
        "task_stopped": (
            "The {what} of {day} suspended the task; only the authority resumes it.",
            "Look into it, then let the authority resume or cancel the task.",
        ),
        "task_move_without_reason": (
            "The move {move} gives no reason.",
            "Correct it and give the reason.",
        ),
        "task_move_against_rules": (
            "{rules} stand in the way of the move {move} of {day}, as the order reads now, and "
            "nobody gave a reason for it.",
            "tilth gate tells what would open it: correct the order, or suspend the task until it "
            "is settled.",
        ),
        "task_planned_end_passed": (
            "The task was to end on {planned} and is {state}.",
            "Complete it, or amend the order.",
        ),
        "task_dossier_incomplete": (
            "The task is open and its order lacks: {fields}.",
            "Correct the task and give them.",
        ),
        "task_without_hazard": (
            "The task is open and names no hazard area that is held.",
            "Correct the task, or import the hazard area.",
        ),
        "work_on_unknown_task": (
            "The report names the task {task}, which is not held, or several are called so.",
            "Correct the report and give the full id of the task.",
        ),
        "work_by_another": (
            "The report is on the task {task}, which was given to {operator}.",
            "Correct the report, or give an order to who did the work.",
        ),
        "work_without_order": (
            "Work is reported on the task {task}, which was {state} on that day.",
            "Find out who sent the team; correct the day, or the moves of the task.",
        ),
        "work_while_suspended": (
            "Work is reported on the task {task}, which was {state} on that day.",
            "Find out who worked on; correct the day, or the moves of the task.",
        ),
        "work_after_end": (
            "Work is reported on the task {task}, which was {state} on that day.",
            "Correct the day, or let the tasking authority reopen the task.",
        ),
    }
)
