"""``tilth key``: the keys that sign the logs."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from tilth.cli.command import DONE, Command, Given, Program, folder, saying

__all__ = ["key"]


@click.group(cls=Program, section="Keep safe")
def key() -> None:
    """List, replace, revoke and publish the keys that sign the logs."""


@key.command("list", cls=Command)
@folder
def list_(given: Given, directory: Path) -> int:
    """List every key of every log: where it signs, and whether its private half is here.

    \b
    Example:
      tilth key list border
    """
    from tilth.cli.screen import Column
    from tilth.store.rotation import keys

    with given.session(directory) as session:
        name_of = session.workspace.settings.name_of
        found = [
            {
                "log": line.log,
                "organisation": name_of(line.log.split("/")[2]),
                "key": line.key,
                "public_key": line.span.public_key,
                "first_size": line.span.first_size,
                "last_size": line.span.last_size,
                "revoked_after": line.span.revoked_after,
                "confirmed": line.span.confirmed,
                "held": line.held,
            }
            for line in keys(session.workspace)
        ]

    def show(screen: Any) -> None:
        columns = [
            Column("key", wrap=False),
            Column("organisation"),
            Column("epoch", numeric=True),
            Column("signs sizes"),
            Column("private half"),
            Column("standing"),
        ]
        screen.table(columns, [_key_row(one) for one in found])
        screen.last(f"{len(found)} keys." if len(found) != 1 else "1 key.")

    given.answer({"keys": found}, show)
    return DONE


def _key_row(one: dict[str, Any]) -> list[str]:
    until = "now" if one["last_size"] is None else str(one["last_size"])
    standing = "confirmed" if one["confirmed"] else "not confirmed"
    if one["revoked_after"] is not None:
        standing = f"revoked after {one['revoked_after']}"
    return [
        str(one["key"]),
        str(one["organisation"]),
        str(one["log"]).rsplit("/", 1)[1],
        f"{one['first_size']} to {until}",
        "here" if one["held"] else "elsewhere",
        standing,
    ]


@key.command(cls=Command)
@folder
@saying
def rotate(given: Given, directory: Path, actor: str) -> int:
    """Replace the key of the workspace's own log; the new one is announced under the old.

    \b
    Example:
      tilth key rotate border --actor im1
    """
    from tilth.store.rotation import rotate as replace

    with given.session(directory, actor) as session:
        new = replace(session.workspace, actor=session.require_actor())
    said = f"The log is signed by the new key {new} from here on."
    following = f"tilth backup {directory} FILE"
    given.answer({"key": new}, lambda screen: screen.last(said, following))
    return DONE


@key.command(cls=Command)
@folder
@click.argument("key_id", metavar="KEY")
@click.option("--reason", required=True, metavar="TEXT", help="What happened to the key.")
@click.option(
    "--after-size",
    type=click.IntRange(min=0),
    default=None,
    metavar="N",
    help="Size of the log up to which the key was surely in good hands.",
)
@saying
def revoke(
    given: Given, directory: Path, key_id: str, reason: str, after_size: int | None, actor: str
) -> int:
    """Say that a stolen key's signatures count for nothing beyond a size of its log.

    A key still in use is replaced first.

    \b
    Example:
      tilth key revoke border 1f2e3d4c --reason "Laptop stolen" --actor im1
    """
    from tilth.store.rotation import revoke as stop

    with given.session(directory, actor) as session:
        size = stop(
            session.workspace,
            key_id,
            reason=reason,
            actor=session.require_actor(),
            after_size=after_size,
        )
    said = f"Signatures of {key_id} count for nothing beyond {size} statements."
    following = f"tilth key list {directory}"
    given.answer({"key": key_id, "after_size": size}, lambda screen: screen.last(said, following))
    return DONE


@key.command(cls=Command)
@folder
def export(given: Given, directory: Path) -> int:
    """Print the verifier key of the workspace's own log, for partners and witnesses.

    \b
    Example:
      tilth key export border > border.vkey
    """
    from tilth.store.rotation import export as verifier

    with given.session(directory) as session:
        text = verifier(session.workspace)
    if given.json:
        given.screen.json({"verifier": text})
    else:
        click.echo(text)
    return DONE


@key.command(cls=Command)
@folder
@click.option("--reason", default="lost_key", metavar="TEXT", help="Why; lost_key by default.")
@saying
def lost(given: Given, directory: Path, reason: str, actor: str) -> int:
    """Go on in a new epoch under a new key, where the old key is lost.

    The new log's first statement names the old one's head. It counts as unconfirmed until the
    authority countersigns it.

    \b
    Example:
      tilth key lost border --actor im1
    """
    from tilth.store.rotation import new_epoch

    with given.session(directory, actor) as session:
        code = session.require_actor()
        log = new_epoch(session.workspace, session.own, reason=reason, actor=code)
    given.answer({"log": log}, lambda screen: screen.last(f"The log goes on as {log}."))
    return DONE


@key.command(cls=Command)
@folder
@click.argument("statement", metavar="STATEMENT")
@saying
def countersign(given: Given, directory: Path, statement: str, actor: str) -> int:
    """Confirm, as the authority, the key that a statement (its full hash) announces.

    \b
    Example:
      tilth key countersign border 8a1f… --actor nmaa
    """
    from tilth.store.rotation import countersign as confirm

    with given.session(directory, actor) as session:
        log = confirm(session.workspace, statement, actor=session.require_actor())
    given.answer({"log": log}, lambda screen: screen.last(f"Confirmed in {log}."))
    return DONE
