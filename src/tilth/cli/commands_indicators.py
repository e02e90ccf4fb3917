"""Command for indicators over time."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from tilth.cli.command import DONE, Command, Given, folder

if TYPE_CHECKING:
    from tilth.cli.screen import Column, Screen

__all__ = ["indicators"]


@click.command(cls=Command, section="Ask")
@folder
@click.option(
    "--level",
    default="reported",
    type=click.Choice(("reported", "verified", "approved", "prudent")),
    help="Level of the land; reported without it.",
)
@click.option("--until", default="", metavar="D", help="Last day; today without.")
@click.option(
    "--bands",
    default="0-17,18+",
    metavar="AGES",
    help="Age bands, such as 0-4,5-12,13-17,18+; a group that no band holds stands apart.",
)
def indicators(given: Given, directory: Path, level: str, until: str, bands: str) -> int:
    """Print month by month: ground remaining and blocked, capacity, accidents, people reached.

    \b
    Examples:
      tilth indicators border
      tilth indicators border --level prudent --bands 0-4,5-12,13-17,18+ --json
    """
    from tilth.cli import present
    from tilth.core.life.beneficiaries import bands_of
    from tilth.service.indicators import indicators as asked

    ages = bands_of(bands)
    with given.session(directory) as session, present.progress("Counting by month"):
        found = asked(session, level=level, until=until, bands=ages)
    given.answer(found, lambda screen: _show(screen, found, str(directory)))
    return DONE


_LAND = ("remaining_m2", "blocked_m2", "released_m2")
_HURT = ("accidents", "demining_accidents", "killed", "injured")


def _columns(first: str, *numbers: str) -> list[Column]:
    from tilth.cli.screen import Column

    return [Column(first), *(Column(name, numeric=True) for name in numbers)]


def _show(screen: Screen, found: dict[str, Any], directory: str) -> None:
    from tilth.cli.screen import Column
    from tilth.text import figures

    level = figures.level(found["level"])
    head = f"{level.mark} {level.name}, until {found['until']}, position {found['position']}"
    if found["synthetic"]:
        head = f"SYNTHETIC · {head}"
    screen.line(head)
    screen.table(
        _columns("month", "remaining", "of this blocking", "released", "teams", "days", "hours"),
        [
            (
                one["month"],
                *(figures.area(one[name]) for name in _LAND),
                str(one["teams"]),
                f"{one['reports']:,}",
                one["hours"],
            )
            for one in found["months"]
        ],
    )
    hurt = [one for one in found["months"] if one["accidents"]]
    if hurt:
        screen.line("")
        screen.table(
            _columns("month", "accidents", "of these demining", "killed", "injured"),
            [(one["month"], *(f"{one[name]:,}" for name in _HURT)) for one in hurt],
        )
    people = [(one["month"], cell) for one in found["months"] for cell in one["reached_by"]]
    if people:
        screen.line("")
        columns = [Column(name) for name in ("month", "who", "basis", "sex", "age")]
        screen.table(
            [*columns, Column("people", numeric=True)],
            [
                (
                    month,
                    cell["kind"],
                    cell["basis"],
                    cell["sex"],
                    cell["age"] or "not given",
                    f"{cell['people']:,}",
                )
                for month, cell in people
            ],
        )
    screen.last(
        f"{len(found['months'])} months.", f"tilth indicators {directory} --json for every number"
    )
