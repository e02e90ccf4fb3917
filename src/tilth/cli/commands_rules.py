"""``tilth rules``: what counts as all reasonable effort here."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from tilth.cli.command import DONE, Command, Given, Program, folder, saying

if TYPE_CHECKING:
    from tilth.cli.screen import Screen

__all__ = ["rules"]


@click.group(cls=Program, section="Decide")
def rules() -> None:
    """Show, check and say the rule set: what a release and a handover must satisfy."""


@rules.command(cls=Command)
@folder
@click.argument("name", default="")
def show(given: Given, directory: Path, name: str) -> int:
    """Show the rule set in force, or the one a decision names, as TOML.

    NAME is "default" for the one that ships, or name/version as stored with decisions.

    \b
    Examples:
      tilth rules show border
      tilth rules show border default > national.toml
    """
    from tilth.service.ruling import rule_set_text

    with given.session(directory) as session:
        found = rule_set_text(session, name)

    def show_it(screen: Screen) -> None:
        click.echo(found["text"], nl=not found["text"].endswith("\n"))

    given.answer(found, show_it)
    if not given.json:
        said = f"from {found['in_force_from']}" if found["record"] else "ships, never said here"
        bites = "on every decision" if found["strict"] else "on confirmations only"
        click.echo(
            f"# {found['name']} version {found['version']}, {said}; bites here {bites}.", err=True
        )
    return DONE


@rules.command(cls=Command)
@click.argument(
    "file", metavar="FILE", type=click.Path(path_type=Path, exists=True, dir_okay=False)
)
def check(given: Given, file: Path) -> int:
    """Check a rule set in a file: every key known, every value of its type. Nothing is stored.

    \b
    Example:
      tilth rules check national.toml
    """
    from tilth.service.ruling import read_file

    found = read_file(file)
    value = {"rule_set": found.identity, "name": found.name, "version": found.version}
    given.answer(
        value,
        lambda screen: screen.last(
            f"{found.name} version {found.version} is sound.",
            f"tilth rules set DIR {file} --actor CODE",
        ),
    )
    return DONE


@rules.command("set", cls=Command)
@folder
@click.argument(
    "file", metavar="FILE", type=click.Path(path_type=Path, exists=True, dir_okay=False)
)
@click.option("--on", default="", metavar="D", help="In force from this day; today without.")
@saying
def set_(given: Given, directory: Path, file: Path, on: str, actor: str) -> int:
    """Say a rule set as the authority, in force from a day on; old decisions keep theirs.

    \b
    Example:
      tilth rules set border national.toml --actor nmaa
    """
    from tilth.service.ruling import read_file, set_rules

    text = read_file(file).text
    with given.session(directory, actor) as session:
        value = set_rules(session, text, on=on)
    name, version, _ = value["rule_set"].rsplit("/", 2)
    given.answer(
        value,
        lambda screen: screen.last(
            f"{name} version {version} is in force from {value['in_force_from']}.",
            f"tilth rules show {directory}",
        ),
    )
    return DONE
