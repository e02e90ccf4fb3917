"""``tilth serve`` and ``tilth sign``: the operation in a browser, and the process with the keys."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import click

from tilth.cli.command import DONE, Command, Given, folder
from tilth.core.problems import Problem, Refused, register

__all__ = ["serve", "sign"]

register(
    {
        "unknown_user": (
            "This machine knows no user {user}.",
            "Give the name of the user that the server runs as.",
        ),
        "group_not_yours": (
            "The signer's user is not in the group of {user}, so it cannot let that user in.",
            "Add it to the group, for example by SupplementaryGroups= in its systemd unit.",
        ),
    }
)


@click.command(cls=Command, section="Begin")
@folder
@click.option("--port", default=8000, type=click.IntRange(1, 65535), help="Port to listen at.")
@click.option("--host", default="127.0.0.1", metavar="ADDRESS", help="Address to listen at.")
@click.option(
    "--workers",
    default=2,
    type=click.IntRange(1, 64),
    help="Processes that answer requests; about one for each core.",
)
@click.option(
    "--database-url",
    default="",
    envvar="TILTH_DATABASE_URL",
    metavar="URL",
    help="PostgreSQL for accounts and jobs, and for the log where it lies there; better given as "
    "TILTH_DATABASE_URL, since commands can be listed.",
)
@click.option(
    "--public-url",
    default="",
    envvar="TILTH_PUBLIC_URL",
    metavar="URL",
    help="Address that people type, where a proxy with TLS stands in front.",
)
@click.option(
    "--signer",
    default=None,
    type=click.Path(path_type=Path),
    metavar="SOCKET",
    help="Socket of a tilth sign that runs already, for example as another user.",
)
@click.option(
    "--log-level",
    type=click.Choice(["info", "warning"]),
    default=None,
    help="What is written to standard error; warning on a terminal, otherwise info.",
)
def serve(
    given: Given,
    directory: Path,
    port: int,
    host: str,
    workers: int,
    database_url: str,
    public_url: str,
    signer: Path | None,
    log_level: str | None,
) -> int:
    """Serve the operation to browsers until Ctrl-C.

    Where nobody has ever signed in, a one-time link for the first administrator is printed.

    \b
    Example:
      tilth serve border
    """
    import logging.config

    from tilth.store.settings import load
    from tilth.web.serving.logs import logging_settings
    from tilth.web.serving.plan import Plan, checked, runtime_folder
    from tilth.web.serving.supervisor import Supervisor

    load(directory)
    level = log_level or ("warning" if sys.stderr.isatty() else "info")
    plan = checked(
        Plan(
            directory,
            runtime_folder(directory),
            host=host,
            port=port,
            workers=workers,
            database_url=database_url,
            public_url=public_url.rstrip("/"),
            signer=signer,
            log_level=level,
        )
    )
    passphrase = given.passphrase if signer is not None else _opening(given, directory)
    logging.config.dictConfig(logging_settings(level))

    def ready(said: dict[str, Any]) -> None:
        _show_ready(given, directory, plan.address, str(said.get("link") or ""))

    Supervisor(plan, passphrase=passphrase).run(ready)
    return DONE


def _show_ready(given: Given, directory: Path, address: str, link: str) -> None:
    whole = f"{address}{link}" if link else ""
    screen = given.screen
    if given.json:
        screen.json({"address": address, "sign_in": whole or None})
    else:
        screen.line(f"{directory} is served at {address}")
        if whole:
            screen.line("Nobody has signed in yet. This link lets the first administrator in,")
            screen.line("once, within an hour:")
            screen.line(f"  {whole}")
        screen.last("Ctrl-C ends it.")
    sys.stdout.flush()


@click.command(cls=Command, section="Keep safe")
@click.argument("directory", metavar="DIR", type=click.Path(path_type=Path, readable=False))
@click.option(
    "--socket",
    required=True,
    type=click.Path(path_type=Path),
    metavar="SOCKET",
    help="Where it is asked; made with mode 0600.",
)
@click.option(
    "--for-user",
    default="",
    metavar="NAME",
    help="User who may ask, where the server runs as another one than this.",
)
def sign(given: Given, directory: Path, socket: Path, for_user: str) -> int:
    """Hold the keys of a workspace and sign for its server, which then need not read them.

    A log that shrinks, forks or was rewritten is not signed. What was signed last is kept in
    keys/heads.json.

    \b
    Example:
      tilth sign border --socket /run/tilth-sign/socket --for-user tilth
    """
    import logging.config
    import signal

    from tilth.service.keyholding import hold_keys
    from tilth.web.serving.logs import logging_settings

    users, group = _asker(for_user)
    passphrase = _opening(given, directory)
    logging.config.dictConfig(logging_settings())

    def stop(*_: object) -> None:
        raise KeyboardInterrupt

    signal.signal(signal.SIGTERM, stop)
    try:
        hold_keys(directory, socket, passphrase=passphrase, users=users, group=group)
    except KeyboardInterrupt:
        return DONE
    except PermissionError:
        raise Refused(Problem("group_not_yours", str(socket), {"user": for_user})) from None
    return DONE


def _asker(name: str) -> tuple[list[int], int | None]:
    """Ids of the user who may ask, and of the user's group."""
    import pwd

    if not name:
        return [], None
    try:
        found = pwd.getpwnam(name)
    except KeyError:
        raise Refused(Problem("unknown_user", "--for-user", {"user": name})) from None
    return [found.pw_uid], found.pw_gid


def _opening(given: Given, directory: Path) -> str | None:
    """Passphrase of the keys: from its file, or asked once where a person can answer.

    Raises
    ------
    Refused
        ``key_locked`` where nobody can be asked, or the answer is wrong.
    """
    from tilth.service.keyholding import keys_are_locked

    passphrase = given.passphrase or None
    if not keys_are_locked(directory, passphrase):
        return passphrase
    if passphrase is None and sys.stdin.isatty():
        passphrase = str(click.prompt("Passphrase of the keys", hide_input=True, err=True))
        if not keys_are_locked(directory, passphrase):
            return passphrase
    raise Refused(Problem("key_locked", str(directory / "keys"), {"key": "*"}))
