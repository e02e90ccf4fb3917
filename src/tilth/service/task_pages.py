"""Tasks as a person sees them: the board through the lens, and which moves are hers to make."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from tilth.core.life import moves
from tilth.core.life.moves import Standing
from tilth.core.life.register import Held, Register
from tilth.core.life.task_guards import Asking, obstacles
from tilth.core.life.tasks import AXIS, TaskCase, roles_of, standing_of, timeline
from tilth.core.problems import Problem, register
from tilth.core.roles import may_move
from tilth.core.statement import split_record_id
from tilth.service.lens import Lens
from tilth.service.permits import ending
from tilth.service.register import register_of
from tilth.service.ruling import rules_on
from tilth.service.session import Session
from tilth.service.task_board import dossier_of
from tilth.service.tasks import day_of, find_task, gate_of, task_cases

__all__ = [
    "Board",
    "Ending",
    "OpenMove",
    "TaskLine",
    "TeamLine",
    "board_page",
    "endings",
    "task_page",
    "teams",
]

register(
    {
        "stands_elsewhere": (
            "Something stands in the way that is in records you may not read (rule {rule}).",
            "Ask whoever gives the order; the records are theirs or another organisation's.",
        ),
    }
)

STATES = (
    *("planned", "issued", "worked_on", "suspended", "work_complete", "reopened", "accepted"),
    *("handed_over", "cancelled", "abandoned"),
)
"""States in the order of a task's life."""
AT_WORK = ("planned", "issued", "worked_on", "suspended", "work_complete", "reopened")
"""States that wait for somebody."""
NEXT = {
    "planned": "issue",
    "issued": "start",
    "reopened": "start",
    "worked_on": "complete",
    "suspended": "resume",
    "work_complete": "accept",
}
"""Move that a task waits for in a state."""
PER_PAGE = 50
_BOARD = "task board"


@dataclass(frozen=True, slots=True)
class TaskLine:
    """A task on the board.

    Parameters
    ----------
    since
        Day on which its state began; that of the order while it was never moved.
    stops
        Records (accidents, nonconformities) that suspend it.
    obstacles
        What stands in the way of the move that comes next.
    """

    record: str
    local_id: str
    order_number: str
    state: str
    contested: bool
    hazard: str
    organisation: str
    teams: tuple[str, ...]
    since: str
    days: int
    waits_for: str
    stops: tuple[str, ...]
    obstacles: tuple[Problem, ...]


@dataclass(frozen=True, slots=True)
class Board:
    """A page of the board: counts by state over everything the reader sees, and some rows."""

    counts: dict[str, int]
    lines: tuple[TaskLine, ...]
    shown: int
    page: int
    pages: int


@dataclass(frozen=True, slots=True)
class OpenMove:
    """A move that the person may make now.

    Parameters
    ----------
    obstacles
        What its guards find; some can be overridden with a reason.
    """

    name: str
    target: str
    needs_reason: bool
    obstacles: tuple[Problem, ...]


@dataclass(frozen=True, slots=True)
class TeamLine:
    """A team: whose it is, how many people, what it is accredited for."""

    record: str
    code: str
    name: str
    organisation: str
    members: int
    activities: tuple[str, ...]
    methods: tuple[str, ...]
    tasks: int


@dataclass(frozen=True, slots=True)
class Ending:
    """An accreditation, a result of a course or a test of an asset that ends soon."""

    last: str
    days: int
    kind: str
    record: str
    holder: str
    about: str


def board_page(
    session: Session,
    *,
    states: Sequence[str] = (),
    organisation: str = "",
    text: str = "",
    page: int = 1,
    day: str = "",
) -> Board:
    """A page of the tasks that the reader sees, those that waited longest first.

    Parameters
    ----------
    states
        Only these; those that wait for somebody without.
    organisation
        Code of the organisation that works.
    text
        Part of the order's number, of the task's or hazard's id, or of a team's code.
    page
        From 1; 50 tasks each.
    """
    today = day_of(session, day)
    known, lens = register_of(session), Lens(session)
    every, standings = _standing(session, known, today)
    cases = [case for case in every if lens.sees(case.task.record)]
    standing = {case.task.record: standings[case.task.record] for case in cases}
    counts = Counter(one.state for one in standing.values())
    wanted = frozenset(states or AT_WORK)
    found = [
        case
        for case in cases
        if standing[case.task.record].state in wanted
        and (
            not organisation
            or known.organisation_of(str(case.task.now().get("assigned_to", "")))
            == (known.organisation_of(organisation) or organisation)
        )
        and _says(case, text)
    ]
    lines = [(_since(known, case, today), case) for case in found]
    lines.sort(key=lambda pair: (pair[0], pair[1].task.record))
    pages = max(1, -(-len(lines) // PER_PAGE))
    at = min(max(page, 1), pages)
    gate = gate_of(known, rules_on(session, today))
    some = lines[(at - 1) * PER_PAGE : at * PER_PAGE]
    return Board(
        {state: counts[state] for state in STATES if counts[state]},
        tuple(_line(known, case, since, today, gate, lens) for since, case in some),
        len(lines),
        at,
        pages,
    )


def _standing(
    session: Session, known: Register, day: str
) -> tuple[list[TaskCase], dict[str, Standing]]:
    """Every task of a day and where it stands; remembered until something more is said."""
    key = f"{session.workspace.store.last_seq()} {day}"
    kept = session.remembered.get(_BOARD)
    if kept is None or kept[0] != key:
        cases = [
            case for case in task_cases(session, known).values() if case.task.happened_on <= day
        ]
        standing = {case.task.record: standing_of(known, case, day) for case in cases}
        kept = key, cases, standing
        session.remembered[_BOARD] = kept
    return kept[1], kept[2]


def _since(known: Register, case: TaskCase, day: str) -> str:
    return timeline(known, case, day).since or case.task.happened_on


def _says(case: TaskCase, text: str) -> bool:
    """Whether a task is called something that holds the text."""
    if not text.strip():
        return True
    values = case.task.now()
    called = [case.task.local_id, str(values.get("order_number", "")), *values.get("teams", ())]
    called.append(case.hazard.local_id if case.hazard else str(values.get("hazard", "")))
    return any(text.strip().casefold() in str(one).casefold() for one in called)


def _line(known: Register, case: TaskCase, since: str, day: str, gate: Any, lens: Lens) -> TaskLine:
    task, values = case.task, case.task.at(day)
    now = standing_of(known, case, day)
    waits = NEXT.get(now.state, "")
    asked = Asking(known, case, known.authority, day, gate)
    chosen = next((one for one in AXIS.moves if one.name == waits), None)
    return TaskLine(
        task.record,
        task.local_id,
        str(values.get("order_number", "")),
        now.state,
        now.contested,
        case.hazard.record if case.hazard else str(values.get("hazard", "")),
        str(values.get("assigned_to", "")),
        tuple(str(one) for one in values.get("teams", ())),
        since,
        _days_between(since, day),
        waits,
        tuple(now.stops),
        tuple(_told(lens, one) for one in obstacles(chosen.guards, asked)) if chosen else (),
    )


def _days_between(since: str, day: str) -> int:
    try:
        return (date.fromisoformat(day) - date.fromisoformat(since[:10])).days
    except ValueError:  # a month or a year
        return 0


def task_page(session: Session, name: str, *, day: str = "") -> dict[str, Any]:
    """Dossier of a task with the moves that the person may make now.

    Returns
    -------
    dict
        As `tilth.service.task_board.dossier_of`, and ``record``, ``moves`` (`OpenMove`),
        ``trail`` (changes so far: ``record``, ``on``, ``move``, ``from``, ``to``, ``by``,
        ``reason``, ``statement``).

    Raises
    ------
    Refused
        ``unknown_task``, also where the reader may not see it.
    """
    today = day_of(session, day)
    task = find_task(session, name)
    Lens(session).require_read(task.record)
    known = register_of(session)
    case = task_cases(session, known, task.record)[task.record]
    return {
        **dossier_of(session, task.record, day=today),
        "record": task.record,
        "local_id": task.local_id,
        "state": standing_of(known, case, today).state,
        "since": _since(known, case, today),
        "moves": _open_moves(session, known, case, today),
        "trail": [_change(session, one) for one in standing_of(known, case, today).trail],
    }


def _open_moves(session: Session, known: Register, case: TaskCase, day: str) -> list[OpenMove]:
    now = standing_of(known, case, day)
    mine = roles_of(known, case.task, session.own, day)
    gate = gate_of(known, rules_on(session, day))
    asked = Asking(known, case, session.own, day, gate)
    lens = Lens(session)
    return [
        OpenMove(
            move.name,
            move.target,
            move.needs_reason,
            tuple(_told(lens, one) for one in obstacles(move.guards, asked)),
        )
        for move in AXIS.moves
        if move.name in moves.possible(AXIS, now.state)
        and mine & set(move.by)
        and may_move(session.roles, AXIS.name, move.name)
    ]


def _told(lens: Lens, problem: Problem) -> Problem:
    """What stands in the way, without naming a record that the reader may not read."""
    if problem.where.count("/") < 2 or lens.sees(problem.where):
        return problem
    return Problem("stands_elsewhere", "", {"rule": problem.code})


def _change(session: Session, one: Held) -> dict[str, str]:
    values = one.now()
    return {
        "record": one.record,
        "on": one.happened_on,
        "move": str(values.get("move", "")),
        "from": str(values.get("from_state", "")),
        "to": str(values.get("to_state", "")),
        "by": str(values.get("organisation", "")) or session.organisation_name(one.author),
        "actor": one.actor,
        "reason": str(values.get("reason", "")),
        "statement": one.statement,
    }


def teams(session: Session, day: str = "") -> list[TeamLine]:
    """Teams that the reader sees, by organisation and code, with the tasks they are at."""
    today = day_of(session, day)
    known, lens = register_of(session), Lens(session)
    busy: Counter[str] = Counter()
    for task in known.of("task").values():
        busy.update({str(one) for one in task.now().get("teams", ())})
    found = []
    for one in known.of("team").values():
        if not lens.sees(one.record):
            continue
        values = one.at(today)
        code = str(values.get("code", "")) or one.local_id
        found.append(
            TeamLine(
                one.record,
                code,
                str(values.get("name", "")),
                session.organisation_name(one.author),
                len(values.get("members", ())),
                tuple(values.get("activities", ())),
                tuple(values.get("methods", ())),
                busy[code],
            )
        )
    return sorted(found, key=lambda one: (one.organisation, one.code))


def endings(session: Session, days: int = 30) -> list[Ending]:
    """What counts today and ends within some days, as far as the reader sees it.

    Raises
    ------
    Refused
        ``days_out_of_range``.
    """
    lens = Lens(session)
    return [
        Ending(
            str(one["last"]),
            int(one["days"]),
            split_record_id(str(one["record"]))[1],
            str(one["record"]),
            str(one["holder"]),
            str(one["about"]),
        )
        for one in ending(session, days)
        if lens.sees(str(one["record"]))
    ]
