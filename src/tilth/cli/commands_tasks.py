"""``tilth task``: orders, their moves, the board and the dossier."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from tilth.cli.command import DONE, Command, Given, Program, folder, saying, told

if TYPE_CHECKING:
    from tilth.cli.screen import Screen
    from tilth.service.task_board import Row
    from tilth.service.tasks import Moved

__all__ = ["task"]

_MARKS = {
    "planned": (".", "dim"),
    "issued": (">", ""),
    "reopened": ("<", ""),
    "worked_on": ("+", "green"),
    "suspended": ("!", "bold red"),
    "work_complete": ("=", ""),
    "accepted": ("*", "green"),
    "cancelled": ("x", "dim"),
    "abandoned": ("x", "dim"),
    "handed_over": ("/", "dim"),
}
"""State of a task as one character that every terminal shows, with a colour for its word."""

_PAST = {
    "issue": "Issued",
    "start": "Started",
    "suspend": "Suspended",
    "resume": "Resumed",
    "complete": "Completed",
    "accept": "Accepted",
    "reopen": "Reopened",
    "cancel": "Cancelled",
    "abandon": "Abandoned",
    "hand_over": "Handed over",
}


@click.group(cls=Program, section="Run the work")
def task() -> None:
    """Write task orders, move them, and see what stands in the way."""


_speaking_for = click.option(
    "--for", "speaking_for", default="", metavar="ORG", help="Organisation that does it; own first."
)
_name = click.argument("name", metavar="TASK")


@task.command(cls=Command)
@folder
@click.argument("texts", metavar="[FIELD=VALUE]...", nargs=-1)
@click.option(
    "--json-file",
    "file",
    type=click.Path(path_type=Path, exists=True, dir_okay=False),
    metavar="FILE",
    help="Fields of the order as JSON.",
)
@_speaking_for
@click.option("--dry-run", is_flag=True, help="Say what would be stored, and store nothing.")
@saying
def new(
    given: Given,
    directory: Path,
    texts: tuple[str, ...],
    file: Path | None,
    speaking_for: str,
    dry_run: bool,
    actor: str,
) -> int:
    """Write a task order: it is planned until it is issued.

    Values are read as by tilth record; tilth kinds task lists the fields.

    \b
    Example:
      tilth task new border order_number=TO-7 hazard=HA-1 assigned_to=OP teams=T-1
      activity=clearance methods=manual_detector required_depth_cm=20 --actor ops1
    """
    from tilth.service.speaking import Wish
    from tilth.service.tasks import new_task

    wish = Wish(texts, file, speaking_for=speaking_for, dry_run=dry_run)
    with given.session(directory, actor) as session:
        said = new_task(session, wish)
    records = [
        {
            "record": one.record,
            "local_id": one.local_id,
            "statement": one.statement,
            "missing": list(one.missing),
        }
        for one in said.spoken
    ]
    result = {
        "records": records,
        "warnings": [told(one) for one in said.warnings],
        "dry_run": dry_run,
    }

    def show(screen: Screen) -> None:
        for one in records:
            if one["missing"]:
                lacks = ", ".join(one["missing"])
                screen.line(f"{one['local_id']} is incomplete: it lacks {lacks}.", "yellow")
        names = ", ".join(str(one["local_id"]) for one in records)
        if dry_run:
            screen.last("Nothing was stored.", "the same command without --dry-run")
        else:
            screen.last(f"Planned {names}.", f"tilth task issue {directory} {names}")

    given.answer(result, show)
    return DONE


def _moving(move: str, help: str) -> click.Command:
    """Command of one move."""
    reason = click.option(
        "--reason", default="", metavar="TEXT", help="Why; needed where the table of moves says so."
    )
    cause = click.option(
        "--cause", default="", metavar="CODE", help="Code of status_cause, such as weather."
    )
    on = click.option("--on", default="", metavar="D", help="Day of the move; today without.")
    override = click.option(
        "--override",
        multiple=True,
        metavar="RULE",
        help="Pass a rule that stands in the way, with --reason: a finding for ever. Repeatable.",
    )

    def run(given: Given, directory: Path, name: str, actor: str, **options: Any) -> int:
        return _moved(given, directory, name, move, actor, options)

    for option in (saying, _speaking_for, override, on, cause, reason, _name, folder):
        run = option(run)
    return click.command(move.replace("_", "-"), cls=Command, help=help)(run)


def _moved(
    given: Given, directory: Path, name: str, move: str, actor: str, options: Mapping[str, Any]
) -> int:
    from tilth.service.tasks import MoveWish, move_task

    with given.session(directory, actor) as session:
        moved = move_task(session, name, move, MoveWish(**options))
    result = {
        "task": moved.task,
        "move": moved.move,
        "from_state": moved.from_state,
        "to_state": moved.to_state,
        "organisation": moved.organisation,
        "record": moved.record,
        "statement": moved.statement,
        "overrides": list(moved.overrides),
    }
    given.answer(result, lambda screen: _show_move(screen, moved, name, directory))
    return DONE


def _show_move(screen: Screen, moved: Moved, name: str, directory: Path) -> None:
    for line in moved.overrides:
        screen.line(f"overridden: {line['rule']} ({line['record']})", "yellow")
    states = f"{_words(moved.from_state)} → {_words(moved.to_state)}"
    said = f"{_PAST[moved.move]} {name}: {states}, by {moved.organisation}."
    screen.last(said, f"tilth task show {directory} {name}")


def _words(state: str) -> str:
    return state.replace("_", " ")


_HELP = {
    "issue": """Issue an order, as the tasking authority.

    Refused until the order is complete, its hazard area is held, its plans are there, and every
    team, its people and its assets pass the gate on that day.

    \b
    Example:
      tilth task issue border TO-7 --actor ops1
    """,
    "start": """Begin the work, as the organisation to which the order was issued.

    \b
    Example:
      tilth task start border TO-7 --on 2026-03-02 --for OP --actor tl4
    """,
    "suspend": """Stop the work for a reason, on a day.

    An accident on the worksite and a critical nonconformity do it by themselves.

    \b
    Example:
      tilth task suspend border TO-7 --reason "Snow on the field" --cause weather --actor tl4
    """,
    "resume": """Let the work go on; after an accident only the authority may.

    \b
    Example:
      tilth task resume border TO-7 --reason "Board of inquiry closed" --actor nmaa1
    """,
    "complete": """Say that the work is done, as the operator, with no explosives left out.

    \b
    Example:
      tilth task complete border TO-7 --for OP --actor tl4
    """,
    "accept": """Accept finished work, as the authority or the mine action centre.

    \b
    Example:
      tilth task accept border TO-7 --actor nmaa1
    """,
    "reopen": """Order the work to be taken up again.

    \b
    Example:
      tilth task reopen border TO-7 --reason "Sample of 4 May failed" --actor nmaa1
    """,
    "cancel": """Take an order back, as the tasking authority.

    \b
    Example:
      tilth task cancel border TO-7 --reason "Field flooded" --actor ops1
    """,
    "abandon": """Give an order up, as the operator.

    \b
    Example:
      tilth task abandon border TO-7 --reason "No machine for this slope" --for OP --actor tl4
    """,
    "hand_over": """Pass the work to the organisation whose order continues this one.

    Write that order first, with continues=TASK; explosives have to be returned.

    \b
    Example:
      tilth task hand-over border TO-7 --reason "Contingent returns" --actor ops1
    """,
}
for _move, _text in _HELP.items():
    task.add_command(_moving(_move, _text))


@task.command(cls=Command)
@folder
@click.option("--on", default="", metavar="D", help="As of this day; today without.")
@click.option("--state", "states", multiple=True, metavar="STATE", help="Only these; repeatable.")
def board(given: Given, directory: Path, on: str, states: tuple[str, ...]) -> int:
    """List the tasks: state, hazard area, organisation, teams, since when, what stands in the way.

    \b
    Example:
      tilth task board border --state suspended
    """
    from tilth.service.task_board import board as read
    from tilth.service.task_board import work_statuses

    with given.session(directory) as session:
        rows = read(session, on, states)
        hazards = work_statuses(session, on) if given.json else {}
        synthetic = session.workspace.settings.synthetic
    tasks = [_as_json(row) for row in rows]
    result = {"tasks": tasks, "work_status": hazards, "synthetic": synthetic}
    given.answer(result, lambda screen: _show_board(screen, rows, directory, synthetic=synthetic))
    return DONE


def _as_json(row: Row) -> dict[str, Any]:
    return {
        "task": row.task,
        "local_id": row.local_id,
        "order_number": row.order_number,
        "state": row.state,
        "contested": row.contested,
        "hazard": row.hazard,
        "organisation": row.organisation,
        "teams": list(row.teams),
        "since": row.since,
        "waits_for": row.waits_for,
        "stops": list(row.stops),
        "obstacles": [told(one) for one in row.obstacles],
    }


def _show_board(screen: Screen, rows: list[Row], directory: Path, *, synthetic: bool) -> None:
    from tilth.cli.screen import Column

    if synthetic:
        screen.line("SYNTHETIC", "bold magenta")
    if not rows:
        screen.last("No tasks.", f"tilth task new {directory} --help")
        return
    columns = [
        Column(wrap=False),
        Column("task", wrap=False),
        Column("hazard area", wrap=False),
        Column("for", wrap=False),
        Column("teams"),
        Column("since", wrap=False),
    ]
    screen.table(columns, [_board_row(row) for row in rows])
    _show_stands(screen, rows)
    counts: dict[str, int] = {}
    for row in rows:
        counts[row.state] = counts.get(row.state, 0) + 1
    said = ", ".join(f"{count} {_words(state)}" for state, count in sorted(counts.items()))
    named = "1 task" if len(rows) == 1 else f"{len(rows)} tasks"
    screen.last(f"{named}: {said}.", f"tilth task show {directory} {rows[0].local_id}")


def _board_row(row: Row) -> list[str | tuple[str, str]]:
    mark, style = _MARKS.get(row.state, ("?", ""))
    state = f"{mark} {_words(row.state)}{' ⚠' if row.contested else ''}"
    return [
        (state, style),
        row.local_id,
        row.hazard,
        row.organisation,
        ", ".join(row.teams),
        row.since,
    ]


def _show_stands(screen: Screen, rows: list[Row]) -> None:
    """What stands in the way of tasks, each on a line of its own below the table."""
    lines = []
    for row in rows:
        stands = [f"stopped by {one}" for one in row.stops]
        codes = dict.fromkeys(one.code for one in row.obstacles)
        if codes:
            stands.append(f"{_words(row.waits_for)} waits for {', '.join(map(_words, codes))}")
        if stands:
            lines.append(f"{row.local_id}: {'; '.join(stands)}")
    if lines:
        screen.line()
        screen.line("Stands in the way")
        for line in lines:
            screen.line(line)


@task.command(cls=Command)
@folder
@_name
@click.option("--on", default="", metavar="D", help="As of this day; today without.")
def show(given: Given, directory: Path, name: str, on: str) -> int:
    """Show the dossier of a task: hazard, order, plans, what is around, what became of it.

    \b
    Example:
      tilth task show border TO-7
    """
    from tilth.service.task_board import dossier_of

    with given.session(directory) as session:
        found = dossier_of(session, name, day=on)
    found["obstacles"] = [told(one) for one in found["obstacles"]]
    given.answer(found, lambda screen: _show_dossier(screen, found, name, directory))
    return DONE


def _show_dossier(screen: Screen, found: dict[str, Any], name: str, directory: Path) -> None:
    from tilth.cli.screen import Column
    from tilth.core.life.tasks import AXIS

    order, hazard = found["order"], found["hazard"]
    mark, style = _MARKS.get(order["state"], ("?", ""))
    screen.spans(
        (f"{order['task']} ", "bold"),
        (f"{mark} {_words(order['state'])}", style),
        (f" since {found['since']}", ""),
        (" ⚠ contested" if order["contested"] else "", "yellow"),
        ("  SYNTHETIC" if found["synthetic"] else "", "bold magenta"),
    )
    for stop in found["stops"]:
        screen.line(f"stopped by {stop}; only the authority resumes it", "red")
    screen.line()
    around = [f"{one['hazard']} at {one['distance_m']} m" for one in found["neighbours"]]
    rows = [
        ("order", order["order_number"]),
        ("assigned to", order["assigned_to"]["name"]),
        ("teams", ", ".join(str(one["code"]) for one in found["teams"])),
        ("activity", f"{order['activity']}: {', '.join(order['methods'])}"),
        ("depth", f"{order['required_depth_cm']} cm" if order["required_depth_cm"] else ""),
        ("marking", order["marking"]),
        ("medical plan", order["medical_plan"]),
        ("evacuation", f"{order['evacuation_plan']} {order['evacuation_minutes']}".strip()),
        ("hazard area", _hazard_line(hazard, found["work_status"])),
        (f"neighbours within {found['reach_m']} m, ◆ prudent", ", ".join(around)),
        ("evidence points", str(len(found["evidence"]))),
        ("accidents around", ", ".join(one["record"] for one in found["accidents"])),
        ("reports so far", _work_line(found["work"])),
        ("open critical", ", ".join(found["nonconformities"])),
        ("lacks", ", ".join(found["missing"])),
    ]
    screen.table([Column(), Column()], [[label, text] for label, text in rows if text])
    _show_moves(screen, found["moves"])
    if found["stock"]:
        _show_stock(screen, found["stock"])
    for one in found["obstacles"]:
        screen.spans((f"{one['code']} ({one['where']}): ", "yellow"), (one["what"], ""))
        screen.line(one["fix"])
    waits = str(found["waits_for"]).replace("_", "-")
    move = next((one for one in AXIS.moves if one.name == found["waits_for"]), None)
    reason = " --reason TEXT" if move is not None and move.needs_reason else ""
    following = f"tilth task {waits} {directory} {name}{reason}" if waits else ""
    screen.last(f"As of {found['until']}.", following)


def _hazard_line(hazard: dict[str, Any] | None, status: str) -> str:
    from tilth.text import figures

    if hazard is None:
        return ""
    land = hazard["account"]["land"]
    remaining = figures.area(float(land["remaining_m2"]))
    named = f"{hazard['hazard']} {hazard['classification']}, {_words(status)}"
    return f"{named}, ◆ {remaining} remaining"


def _work_line(work: dict[str, Any]) -> str:
    if not work["reports"]:
        return "none"
    return f"{work['reports']} on {work['days']} days, {work['hours']} h"


def _show_moves(screen: Screen, moves: list[dict[str, Any]]) -> None:
    from tilth.cli.screen import Column

    if not moves:
        return
    screen.line()
    columns = [Column("on", wrap=False), Column("move"), Column("by"), Column("reason")]
    screen.table(
        columns,
        [
            [
                one["on"],
                f"{_words(one['move'])} → {_words(one['to_state'])}",
                f"{one['by']}, {one['actor']}",
                "; ".join(
                    filter(None, [one["reason"], *(f"over {x['rule']}" for x in one["overrides"])])
                ),
            ]
            for one in moves
        ],
    )


def _show_stock(screen: Screen, stock: list[dict[str, str]]) -> None:
    from tilth.cli.screen import Column

    terms = ("issued", "returned", "used", "held")
    screen.line()
    columns = [Column("explosive"), Column("organisation"), Column("unit")]
    columns += [Column(term, numeric=True) for term in terms]
    rows = [
        [one["explosive"], one["organisation"], one["unit"], *(one[term] for term in terms)]
        for one in stock
    ]
    screen.table(columns, rows)
