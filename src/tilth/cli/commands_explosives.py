"""``tilth explosives``: what was drawn, returned and used for tasks, and the stock."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from tilth.cli.command import DONE, SOME_REFUSED, Command, Given, Program, folder, saying

if TYPE_CHECKING:
    from tilth.cli.screen import Screen

__all__ = ["explosives"]

_PAST = {"issue": "Issued", "return": "Returned", "use": "Used"}


@click.group(cls=Program, section="Run the work")
def explosives() -> None:
    """Keep the book of demolition stores: issued, returned, used, held."""


_OPTIONS: tuple[Callable[[Any], Any], ...] = (
    folder,
    click.argument("task", metavar="TASK"),
    click.argument("explosive", metavar="EXPLOSIVE"),
    click.argument("quantity", metavar="QUANTITY"),
    click.argument("unit", metavar="UNIT", type=click.Choice(["kg", "piece", "m"])),
    click.option("--lot", default="", metavar="LOT", help="Lot or batch."),
    click.option("--store", default="", metavar="CODE", help="Magazine or store."),
    click.option("--by", default="", metavar="CODE", help="Code of who signs; never a name."),
    click.option("--on", default="", metavar="D", help="Day; today without."),
    click.option("--remarks", default="", metavar="TEXT", help="Anything else worth knowing."),
    click.option("--for", "speaking_for", default="", metavar="ORG", help="Whose book; own first."),
    saying,
)


def _line(function: Any) -> Any:
    """Add what the three entries of the book have in common."""
    for option in reversed(_OPTIONS):
        function = option(function)
    return function


@explosives.command(cls=Command)
@_line
def issue(given: Given, directory: Path, actor: str, **options: Any) -> int:
    """Record explosives that left the store for a task.

    \b
    Example:
      tilth explosives issue border TO-7 "TNT block 200 g" 40 piece --lot 17 --actor st1
    """
    return _entered(given, directory, "issue", actor, options)


@explosives.command("return", cls=Command)
@_line
def return_(given: Given, directory: Path, actor: str, **options: Any) -> int:
    """Record explosives of a task that went back to the store.

    \b
    Example:
      tilth explosives return border TO-7 "TNT block 200 g" 12 piece --actor st1
    """
    return _entered(given, directory, "return", actor, options)


@explosives.command(cls=Command)
@_line
@click.option(
    "--charge",
    "charges",
    multiple=True,
    metavar="REPORT:LINE=QUANTITY",
    help="Item line that was destroyed with it; line and quantity may be left out. Repeatable.",
)
def use(given: Given, directory: Path, actor: str, charges: tuple[str, ...], **options: Any) -> int:
    """Record a line of the demolition log: what was used, and what it destroyed.

    \b
    Example:
      tilth explosives use border TO-7 "TNT block 200 g" 3 piece --charge R-17:1=1
      --charge R-17:2=2 --actor tl4
    """
    from tilth.service.explosives import charge_of

    return _entered(
        given, directory, "use", actor, {**options, "charges": [charge_of(c) for c in charges]}
    )


def _entered(given: Given, directory: Path, act: str, actor: str, options: dict[str, Any]) -> int:
    from tilth.service.explosives import Entry, enter, stock_of

    entry = Entry(**options)
    with given.session(directory, actor) as session:
        said = enter(session, f"explosives_{act}", entry)
        found = stock_of(session, entry.task)
    rows = [
        row
        for row in found["joint"]
        if (row["explosive"], row["unit"]) == (entry.explosive, entry.unit)
    ]
    result = {
        "record": said.record,
        "statement": said.statement,
        "missing": list(said.missing),
        "stock": rows,
    }

    def show(screen: Screen) -> None:
        for row in rows:
            if row["uncovered"] != "0":
                told = f"{row['uncovered']} {row['unit']} are covered by no issue."
                screen.line(told, "yellow")
        held = rows[0]["held"] if rows else "0"
        happened = (
            f"{_PAST[act]} {entry.quantity} {entry.unit} of {entry.explosive}; "
            f"{held} {entry.unit} held for {entry.task}."
        )
        screen.last(happened, f"tilth explosives account {directory} --task {entry.task}")

    given.answer(result, show)
    return DONE


@explosives.command(cls=Command)
@folder
@click.option("--task", default="", metavar="TASK", help="Of one task; all without.")
@click.option("--on", default="", metavar="D", help="As of this day; today without.")
def account(given: Given, directory: Path, task: str, on: str) -> int:
    """Give the stock per organisation, task and explosive, and jointly.

    Issued and uncovered together are returned, used and held; uncovered is what no issue covers.

    \b
    Example:
      tilth explosives account border --on 2026-03-31
    """
    from tilth.service.explosives import stock_of

    with given.session(directory) as session:
        found = stock_of(session, task, on)
        found["synthetic"] = session.workspace.settings.synthetic
    given.answer(found, lambda screen: _show(screen, found, directory))
    return DONE if found["closed"] else SOME_REFUSED


def _show(screen: Screen, found: dict[str, Any], directory: Path) -> None:
    from tilth.cli.screen import Column

    if found["synthetic"]:
        screen.line("SYNTHETIC", "bold magenta")
    if not found["by"]:
        screen.last("No explosives.", f"tilth explosives issue {directory} --help")
        return
    terms = ("issued", "uncovered", "returned", "used", "held")
    columns = [Column("task"), Column("explosive"), Column("organisation"), Column("unit")]
    columns += [Column(term, numeric=True) for term in terms]
    several = len(found["joint"]) != len(found["by"])
    rows = [*found["by"], *(found["joint"] if several else ())]
    screen.table(
        columns,
        [
            [
                row["task"],
                row["explosive"],
                row["organisation"] or "all",
                row["unit"],
                *(row[term] for term in terms),
            ]
            for row in rows
        ],
    )
    closing = "The stock closes." if found["closed"] else "The stock is NOT CLOSED."
    screen.last(f"○ reported until {found['until']}. {closing}", f"tilth findings {directory}")
