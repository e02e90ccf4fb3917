"""Command that takes another organisation into a workspace."""

from __future__ import annotations

from pathlib import Path

import click

from tilth.cli.command import DONE, Command, Given, folder, saying

__all__ = ["join"]


@click.command(cls=Command, section="Begin")
@folder
@click.argument("name")
@click.option("--code", default="", metavar="C", help="Short name used in records.")
@click.option(
    "--role",
    "roles",
    multiple=True,
    metavar="R",
    help="Role in the operation, such as operator, quality_body, donor, observer; repeatable.",
)
@click.option("--state", default="", metavar="NAME", help="State it belongs to.")
@click.option("--on", default="", metavar="D", help="Day from which it takes part; today without.")
@saying
def join(
    given: Given,
    directory: Path,
    name: str,
    code: str,
    roles: tuple[str, ...],
    state: str,
    on: str,
    actor: str,
) -> int:
    """Take another organisation into the workspace: a log and a key of its own, and its role.

    This workspace can then write in its name, with --for; every statement says who said it.

    \b
    Example:
      tilth join border "Blue Clearance" --code BLUE --role operator --role ngo --actor im1
    """
    from tilth.service.joining import join as joined

    with given.session(directory, actor) as session:
        done = joined(session, name, code=code, roles=roles, state=state, on=on)
    value = {
        "organisation": done.organisation,
        "log": done.log,
        "record": done.record.record,
        "statement": done.record.statement,
    }

    def show(screen: object) -> None:
        given.screen.line(f"{name}: log {done.log}")
        following = f"tilth record {directory} team code=… --for {code or name!r} --actor CODE"
        given.screen.last(f"{name} takes part.", following)

    given.answer(value, show)
    return DONE
