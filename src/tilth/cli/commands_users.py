"""``tilth user``: people who sign in to the server, seen from the machine it runs on."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from tilth.cli.command import DONE, Command, Given, Program, folder
from tilth.core.problems import Problem, Refused
from tilth.core.roles import ROLES

if TYPE_CHECKING:
    from tilth.cli.screen import Screen

__all__ = ["user"]

_named = click.argument("name", metavar="NAME")
_role = click.option(
    "--role",
    "roles",
    multiple=True,
    required=True,
    type=click.Choice(ROLES),
    help="What the person does; may be given several times.",
)
_database = click.option(
    "--database-url",
    default="",
    envvar="TILTH_DATABASE_URL",
    metavar="URL",
    help="PostgreSQL of the accounts, where they lie there.",
)
_address = click.option(
    "--public-url",
    default="http://localhost:8000",
    envvar="TILTH_PUBLIC_URL",
    metavar="URL",
    help="Address that people type; the link begins with it.",
)


def _within(default: str = "") -> Callable[[Any], Any]:
    return click.option(
        "--organisation",
        default=default,
        metavar="CODE",
        help="Code, name or id of the organisation; all of the person's without.",
    )


@click.group(cls=Program, section="Keep safe")
def user() -> None:
    """Let people sign in to the server, and help those who cannot.

    Administrators do this in the browser for their own organisation. Here stands whoever runs the
    server: for the first person, for somebody of two organisations, and for the last administrator.
    """


@user.command(cls=Command)
@folder
@_named
@click.option("--organisation", required=True, metavar="CODE", help="Code, name or id.")
@click.option("--code", required=True, metavar="PERSON", help="Code of the person; never a name.")
@_role
@_database
@_address
def add(
    given: Given,
    directory: Path,
    name: str,
    organisation: str,
    code: str,
    roles: tuple[str, ...],
    database_url: str,
    public_url: str,
) -> int:
    """Add a person, and print a link that lets the person in: once, within the hour.

    \b
    Example:
      tilth user add border petra7 --organisation RED --code P-7 --role information_manager
    """
    from tilth.web.people import machine

    found = _organisation(given, directory, organisation)
    _open(directory, database_url)
    path = machine.add(name, found, code, roles)
    return _hand_over(given, public_url, path)


@user.command(cls=Command)
@folder
@_named
@click.option(
    "--without-factors",
    is_flag=True,
    help="Using the link also takes away app, passkeys and recovery codes, where they are lost.",
)
@_database
@_address
def recover(
    given: Given,
    directory: Path,
    name: str,
    without_factors: bool,
    database_url: str,
    public_url: str,
) -> int:
    """Print a link for a person who cannot come in any more; also for the last administrator.

    \b
    Example:
      tilth user recover border petra7
    """
    from tilth.web.people import machine

    _exists(given, directory)
    _open(directory, database_url)
    path = machine.recover(name, clears_factors=without_factors)
    return _hand_over(given, public_url, path)


def _hand_over(given: Given, public_url: str, path: str) -> int:
    link = f"{public_url.rstrip('/')}{path}"

    def show(screen: Screen) -> None:
        click.echo(link)
        screen.last("The link works once, for an hour. Whoever opens it is this person.")

    given.answer({"link": link}, show)
    return DONE


@user.command("list", cls=Command)
@folder
@_database
def list_(given: Given, directory: Path, database_url: str) -> int:
    """List who may sign in, for which organisation, with which roles.

    \b
    Example:
      tilth user list border
    """
    from tilth.cli.screen import Column
    from tilth.web.people import machine

    with given.session(directory) as session:
        names = {one.id: one.name for one in session.workspace.settings.organisations}
    _open(directory, database_url)
    people = machine.listing()

    def show(screen: Screen) -> None:
        columns = [Column("sign-in name", wrap=False), Column("code"), Column("organisation")]
        columns += [Column("roles"), Column("last sign-in", wrap=False)]
        rows = [
            (
                one["username"],
                one["person_code"],
                names.get(one["organisation"], one["organisation"]),
                ", ".join(one["roles"]),
                (one["last_sign_in"] or "never") if one["active"] else "ended",
            )
            for one in people
        ]
        if rows:
            screen.table(columns, rows)
        screen.last(
            f"{len(rows)} may sign in." if rows else "Nobody may sign in yet.",
            f"tilth user add {directory} NAME --organisation CODE --code PERSON --role ROLE",
        )

    given.answer({"people": people}, show)
    return DONE


@user.command(cls=Command)
@folder
@_named
@_within()
@_database
def end(given: Given, directory: Path, name: str, organisation: str, database_url: str) -> int:
    """End a person's access and every session; statements keep the person's code.

    \b
    Example:
      tilth user end border petra7
    """
    from tilth.web.people import machine

    found = _organisation(given, directory, organisation)
    _open(directory, database_url)
    ended = machine.end(name, found)
    said = f"{name} can no longer sign in." if ended else f"{name} could not sign in before either."
    given.answer(
        {"username": name, "ended": ended},
        lambda screen: screen.last(said, f"tilth user recover {directory} {name}"),
    )
    return DONE


@user.command(cls=Command)
@folder
@_named
@_role
@_within()
@_database
def roles(
    given: Given,
    directory: Path,
    name: str,
    roles: tuple[str, ...],
    organisation: str,
    database_url: str,
) -> int:
    """Give a person these roles and no others.

    \b
    Example:
      tilth user roles border petra7 --role quality_officer --role observer
    """
    from tilth.web.people import machine

    found = _organisation(given, directory, organisation)
    _open(directory, database_url)
    held = machine.change(name, roles, found)
    given.answer(
        {"username": name, "roles": held},
        lambda screen: screen.last(f"{name} is {', '.join(held)}.", f"tilth user list {directory}"),
    )
    return DONE


def _open(directory: Path, database_url: str) -> None:
    """Open the accounts, made or brought up to date."""
    from tilth.web.people.machine import open_accounts

    open_accounts(directory, database_url)
    from tilth.web.serving.pages import migrate  # needs the settings that were just read

    migrate()


def _exists(given: Given, directory: Path) -> None:
    with given.session(directory):
        pass


def _organisation(given: Given, directory: Path, word: str) -> str:
    """Id of the organisation that a code, name or id means; empty for no word."""
    from tilth.service import recording  # noqa: F401 - words of organisation_unknown
    from tilth.service.register import register_of

    with given.session(directory) as session:
        if not word:
            return ""
        found = register_of(session).organisation_of(word)
        known = {one.id: one.name for one in session.workspace.settings.organisations}
        if found not in known:
            params = {"code": word, "known": ", ".join(known.values())}
            raise Refused(Problem("organisation_unknown", "--organisation", params))
    return found
