"""Commands about people and contingents: what they served, what keeps them from going home."""

from __future__ import annotations

import shlex
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from tilth.cli.command import DONE, SOME_REFUSED, Command, Given, folder, told
from tilth.core.items.model import SMALL_ARMS

if TYPE_CHECKING:
    from tilth.cli.screen import Screen

__all__ = ["return_check", "service_record"]

_RUN = "Run the work"


@click.command("service-record", cls=Command, section=_RUN)
@folder
@click.argument("name", metavar="TEAM|PERSON")
@click.option("--until", default="", metavar="D", help="Up to this day; today without.")
def service_record(given: Given, directory: Path, name: str, until: str) -> int:
    """Show what a team or a person served: days, land by method, hours, items, honours.

    All of it is derived: days from deployments, the rest from the reports of the team, of a person
    in the days that a team lists the person's code. No name is shown.

    \b
    Examples:
      tilth service-record border T-1
      tilth service-record border D-017 --until 2026-06-30
    """
    from tilth.service.service_record import as_value, service_of

    with given.session(directory) as session:
        called, service = service_of(session, name, until)
        value = as_value(session, called, service)
    given.answer(value, lambda screen: _show(screen, value, directory))
    return DONE


def _show(screen: Screen, value: dict[str, Any], directory: Path) -> None:
    from tilth.cli.screen import Column
    from tilth.text import figures

    screen.line(f"Service record of {value['of']} until {value['until']}", "bold")
    if value["synthetic"]:
        screen.line("SYNTHETIC", "red")
    rows = [
        ("Days deployed", figures.count(value["days_deployed"])),
        ("Days worked", figures.count(value["days_worked"])),
        ("Reports", figures.count(len(value["reports"]))),
        ("Hours", value["hours"]),
        ("Accidents on their tasks", figures.count(len(value["accidents"]))),
    ]
    screen.table([Column(), Column(numeric=True)], rows)
    if value["stays"]:
        stays = [
            (one["place"] or "?", one["first_day"] or "?", one["last_day"] or "still there")
            for one in value["stays"]
        ]
        screen.table([Column("deployed to"), Column("from"), Column("to")], stays)
    if value["work"]:
        timed = any(float(one["hours"]) for one in value["work"])
        work = [
            (one["method"] or "not given", figures.area(float(one["area_m2"])))
            + ((one["hours"],) if timed else ())
            for one in value["work"]
        ]
        heads = [Column("method"), Column("○ processed", numeric=True)]
        screen.table([*heads, *([Column("hours", numeric=True)] if timed else [])], work)
    if value["items"]:
        found = [
            (name.replace("_", " "), figures.count(count))
            for name, count in value["items"].items()
            if name != SMALL_ARMS
        ]
        found.append(("○ items found", figures.count(sum(value["items"].values()) - _small(value))))
        if small := _small(value):
            found.append(("small-arms ammunition, apart", figures.count(small)))
        screen.table([Column("items"), Column("pieces", numeric=True)], found)
    for one in value["honours"]:
        screen.line(f"{one['on']}  {one['honour_type']}, given by {one['given_by']}")
    screen.last(
        f"Service of {value['of']}, as reported.", f"tilth findings {directory}, for what is open"
    )


def _small(value: dict[str, Any]) -> int:
    return int(value["items"].get(SMALL_ARMS, 0))


@click.command("return-check", cls=Command, section=_RUN)
@folder
@click.argument("organisation", metavar="ORGANISATION")
@click.option("--on", default="", metavar="D", help="Day of the return; today without.")
def return_check(given: Given, directory: Path, organisation: str, on: str) -> int:
    """List what an organisation must close before its contingent goes home.

    Deployments, assets, explosives and tasks; the list has to be empty. Exit status 1 while it is
    not.

    \b
    Example:
      tilth return-check border BLUE --on 2026-06-30
    """
    from tilth.service.service_record import checklist

    with given.session(directory) as session:
        name, left = checklist(session, organisation, on)
    lines = [told(one) for one in left]
    value = {"organisation": name, "on": on, "left": lines}

    def show(screen: Screen) -> None:
        for one in lines:
            where = one["where"].split("/", 1)[-1]
            screen.spans((f"{one['code']} ({where}): ", "yellow"), (one["what"], ""))
            screen.line(f"  {one['fix']}")
        if left:
            again = f"tilth return-check {directory} {shlex.quote(organisation)}"
            screen.last(f"Left to close: {len(left):,}.", again)
        else:
            screen.last(f"Nothing keeps {name}.", f"tilth record {directory} honour …")

    given.answer(value, show)
    return SOME_REFUSED if left else DONE
