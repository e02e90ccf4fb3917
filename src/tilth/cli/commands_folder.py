"""Commands about the folder itself: begin it, check it, make it anew, back it up."""

from __future__ import annotations

from pathlib import Path

import click

from tilth.cli.command import DONE, SOME_REFUSED, Command, Given, checked_actor, folder, told

__all__ = ["backup", "init", "rebuild", "restore", "verify"]

_KEEP_SAFE = "Keep safe"

_by = click.option(
    "--actor",
    metavar="CODE",
    envvar="TILTH_ACTOR",
    default="",
    help="Code of who does it; never a name. Without it the command's own name stands there.",
)


@click.command(cls=Command, section="Begin")
@folder
@click.option("--organisation", required=True, metavar="NAME", help="Whose workspace this is.")
@click.option("--authority", default="", metavar="NAME", help="Who approves, where it is another.")
@click.option("--operation", default="", metavar="NAME", help="Name of the operation.")
@click.option("--synthetic", is_flag=True, help="Made-up data: everything says SYNTHETIC for ever.")
@click.option(
    "--time-zone", default="UTC", metavar="ZONE", help="Where days begin, such as Africa/Luanda."
)
@click.option(
    "--store",
    default="sqlite",
    type=click.Choice(["sqlite", "postgresql"]),
    help="Where the log is kept; PostgreSQL is found by TILTH_DATABASE_URL.",
)
@_by
def init(
    given: Given,
    directory: Path,
    organisation: str,
    authority: str,
    operation: str,
    synthetic: bool,
    time_zone: str,
    store: str,
    actor: str,
) -> int:
    """Begin a workspace: one folder for an operation.

    Without --authority the organisation is operator and authority in one; each approval of its own
    work then stays a finding for ever.

    \b
    Example:
      tilth init border --organisation "Blue Clearance" --operation "Border strip"
    """
    from tilth.service.upkeep import found

    made = found(
        directory,
        organisation=organisation,
        authority=authority,
        operation=operation,
        synthetic=synthetic,
        time_zone=time_zone,
        store=store,
        actor=checked_actor(actor) or "init",
        passphrase=given.passphrase,
    )
    screen = given.screen
    if given.json:
        screen.json(made)
        return DONE
    screen.line(f"Operation {made['operation']['name']}, kept by {organisation}.")
    if made["authority"]["id"] == made["organisation"]["id"]:
        screen.line(
            f"{organisation} is operator and authority in one: each approval of its own work "
            "stays a finding for ever."
        )
    else:
        screen.line(f"{authority} approves; {organisation} reports and verifies.")
    screen.line("Whoever can read the folder can read everything in it, its keys too.", "yellow")
    following = f"tilth import {directory} FILE --kind hazard_area --actor CODE"
    screen.last(f"Workspace {directory} begun.", following)
    return DONE


@click.command(cls=Command, section=_KEEP_SAFE)
@folder
@click.option("--deep", is_flag=True, help="Derive read tables and both accounts again, too.")
def verify(given: Given, directory: Path, deep: bool) -> int:
    """Check the log: derive hashes, tree, signatures and files again from the raw bytes.

    Names the first statement that fails. Exit status 1 when something does.

    \b
    Example:
      tilth verify border --deep
    """
    from tilth.cli import present
    from tilth.service.upkeep import check

    with present.progress("Deriving the log again"):
        found = check(directory, deep=deep)
    failure = None if found.problem is None else told(found.problem)
    result = {
        "ok": failure is None,
        "statements": found.statements,
        "checkpoints": found.checkpoints,
        "first_failure": failure and {"statement": failure["where"], **failure},
    }
    given.answer(
        result,
        lambda screen: present.verification(screen, result, deep=deep, directory=str(directory)),
    )
    return DONE if failure is None else SOME_REFUSED


@click.command(cls=Command, section=_KEEP_SAFE)
@folder
def rebuild(given: Given, directory: Path) -> int:
    """Make read tables and accounts anew from the log, and sweep up after a killed program.

    Nothing that was said changes.

    \b
    Example:
      tilth rebuild border
    """
    from tilth.cli import present
    from tilth.service.upkeep import rebuild as again

    with given.session(directory) as session, present.progress("Making the tables anew"):
        result = dict(again(session))
    said = f"Read tables and accounts made anew from {result['statements']:,} statements."
    following = f"tilth verify {directory} --deep"
    given.answer(result, lambda screen: screen.last(said, following))
    return DONE


@click.command(cls=Command, section=_KEEP_SAFE)
@folder
@click.argument("file", metavar="FILE", type=click.Path(path_type=Path))
def backup(given: Given, directory: Path, file: Path) -> int:
    """Write a backup into one new file, while others go on working; it is verified at once.

    It holds the keys and the personal data: guard it like the workspace.

    \b
    Example:
      tilth backup border border-2026-03-31.backup
    """
    from tilth.cli import present
    from tilth.store.backup import backup as write

    with given.session(directory) as session, present.progress("Copying and checking"):
        manifest = write(session.workspace, file)
    heads = [
        {"log": log, "size": size, "root": root} for log, (size, root) in manifest.heads.items()
    ]
    size = file.stat().st_size
    result = {"file": str(file), "bytes": size, "made_at": manifest.made_at, "heads": heads}

    def show(screen: present.Screen) -> None:
        screen.line(
            "It holds the keys and the personal data: guard it like the workspace.", "yellow"
        )
        screen.last(f"{file} written and verified, {size:,} bytes.", f"tilth restore {file} DIR")

    given.answer(result, show)
    return DONE


@click.command(cls=Command, section=_KEEP_SAFE)
@click.argument("file", metavar="FILE", type=click.Path(path_type=Path))
@folder
@_by
def restore(given: Given, file: Path, directory: Path, actor: str) -> int:
    """Make a workspace from a backup, in a new folder.

    Its logs go on in a new epoch whose first statement names the old head: the old log may have
    grown after the backup, and two logs of one name must never differ.

    \b
    Example:
      tilth restore border-2026-03-31.backup border-again
    """
    from tilth.cli import present
    from tilth.store.backup import restore as read

    with present.progress("Unpacking and checking"):
        logs = read(
            file,
            directory,
            actor=checked_actor(actor) or "restore",
            passphrase=given.passphrase,
        )
    result = {"workspace": str(directory), "logs": logs}
    said = f"Workspace {directory} restored; it goes on in a new epoch."
    following = f"tilth verify {directory} --deep"
    given.answer(result, lambda screen: screen.last(said, following))
    return DONE
