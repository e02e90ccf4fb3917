"""What every command shares: its common options, and how a refusal or a mishap is told.

Modules of commands import little more than click before a command runs, so that ``tilth --help``
answers at once.
"""

from __future__ import annotations

import importlib
import os
import pkgutil
import sys
import traceback
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn

import click

from tilth.core.problems import CATALOGUE, Problem, Refused, register

if TYPE_CHECKING:
    from tilth.cli.screen import Screen
    from tilth.service.session import Session

__all__ = [
    "DONE",
    "NOTHING_DONE",
    "SOME_REFUSED",
    "Command",
    "Given",
    "Program",
    "folder",
    "saying",
    "told",
]

DONE, SOME_REFUSED, NOTHING_DONE = 0, 1, 2
"""Exit status: all accepted; some refused or not closed; nothing done."""

STOPPED = 130
"""Exit status after Ctrl-C, as shells have it."""

SECTIONS = ("Begin", "Put in and mend", "Run the work", "Ask", "Decide", "Keep safe")
"""Groups of the help page, in the order of a working day."""

LONGEST_ACTOR = 40

SIGNER_VARIABLE = "TILTH_SIGNER"
"""Environment variable with the socket of ``tilth sign``, where this user may not read the keys."""

_NEVER_IMPORTED = frozenset({"tilth.exchange.worker", "tilth.store.postgres"})
"""A program of its own, and a store that needs a driver of its own."""

folder = click.argument("directory", metavar="DIR", type=click.Path(path_type=Path))

saying = click.option(
    "--actor",
    metavar="CODE",
    envvar="TILTH_ACTOR",
    default="",
    help="Code of who does it, for example im1; never a name. Also read from TILTH_ACTOR.",
)
"""Option of every command that says something."""

register(
    {
        "actor_not_code": (
            "{actor} is not a code.",
            "Give a short code without spaces, for example im1; a name would stay for ever.",
        ),
        "system_refused": (
            "The system refused: {why}.",
            "Check that the path is right and that you may read and write there.",
        ),
        "program_fault": (
            "A fault in Tilth itself: {what}.",
            "Please report this line and the command; --debug shows where it happened.",
        ),
        "usage": ("{what}", "See {path} --help."),
    }
)


@dataclass(slots=True)
class Given:
    """The common options of one call, and the ways out that they decide.

    Parameters
    ----------
    json
        Answers go to standard output as one JSON value.
    ascii
        Marks and signs are replaced by ASCII.
    debug
        A mishap shows where in the program it happened.
    passphrase_file
        Its first line opens the private keys.
    """

    json: bool = False
    ascii: bool = False
    debug: bool = False
    passphrase_file: Path | None = None

    @property
    def screen(self) -> Screen:
        """Where answers go."""
        from tilth.cli.screen import open_screen

        return open_screen(ascii_only=self.ascii)

    @property
    def passphrase(self) -> str | None:
        """First line of the file with the passphrase of the keys, None without one."""
        if self.passphrase_file is None:
            return None
        return self.passphrase_file.read_text(encoding="utf-8").split("\n", 1)[0].rstrip("\r")

    def session(self, directory: Path, actor: str = "") -> Session:
        """Open the workspace; use it in a ``with`` block."""
        from tilth.service.session import open_session

        signer = os.environ.get(SIGNER_VARIABLE)
        return open_session(
            directory,
            actor=checked_actor(actor),
            passphrase=self.passphrase,
            signer=Path(signer) if signer else None,
        )

    def answer(self, value: Any, show: Callable[[Screen], None]) -> None:
        """Write an answer: the value as JSON, or by ``show`` for people."""
        if self.json:
            self.screen.json(value)
        else:
            show(self.screen)

    def refuse(self, *problems: Problem) -> int:
        """Say why nothing was done: on standard output as JSON, on standard error for people."""
        from tilth.cli import present
        from tilth.cli.screen import open_screen

        if self.json:
            self.screen.json({"problems": [told(one) for one in problems]})
        else:
            screen = open_screen(ascii_only=self.ascii, stream=sys.stderr)
            present.refusal(screen, [told(one) for one in problems])
        return NOTHING_DONE


def told(problem: Problem) -> dict[str, str]:
    """Problem as ``code``, ``where``, ``what``, ``fix``."""
    from tilth.text.messages import problem_text

    if problem.code not in CATALOGUE:
        _learn_words()
    return problem_text(problem)


def _learn_words() -> None:
    """Import the parts that register problems: one kept by an import may be told by any command."""
    for part in ("core", "exchange", "store", "service"):
        package = importlib.import_module(f"tilth.{part}")
        for module in pkgutil.walk_packages(package.__path__, f"tilth.{part}."):
            if module.name not in _NEVER_IMPORTED:
                importlib.import_module(module.name)


def checked_actor(actor: str) -> str:
    """Actor code as given; what is surely a name is refused.

    Raises
    ------
    Refused
        ``actor_not_code``.
    """
    code = actor.strip()
    if len(code) > LONGEST_ACTOR or any(one.isspace() or not one.isprintable() for one in code):
        raise Refused(Problem("actor_not_code", "--actor", {"actor": actor}))
    return code


_COMMON: tuple[click.Option, ...] = (
    click.Option(["--json", "as_json"], is_flag=True, help="Answer as JSON, for programs."),
    click.Option(["--ascii"], is_flag=True, help="Replace marks and signs by plain ASCII."),
    click.Option(
        ["--passphrase-file"],
        metavar="FILE",
        type=click.Path(path_type=Path, exists=True, dir_okay=False),
        help="File whose first line is the passphrase of the keys, where they have one.",
    ),
    click.Option(["--debug"], is_flag=True, help="Show where in the program a mishap happened."),
)


class Command(click.Command):
    """A command with the common options; its callback takes `Given` first, returns a status."""

    def __init__(self, *args: Any, section: str = "", **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.section = section
        self.params = [*self.params, *_COMMON]

    def invoke(self, ctx: click.Context) -> Any:
        """Run the callback; refusals and mishaps become their message and status 2."""
        values = dict(ctx.params)
        above = ctx.find_root().params
        given = Given(
            json=values.pop("as_json"),
            ascii=values.pop("ascii") or above.get("ascii", False),
            debug=values.pop("debug") or above.get("debug", False),
            passphrase_file=values.pop("passphrase_file"),
        )
        run: Any = self.callback
        try:
            return ctx.invoke(run, given, **values)
        except (click.ClickException, click.Abort, click.exceptions.Exit, BrokenPipeError):
            raise
        except Exception as error:
            return _mishap(given, error)


def _mishap(given: Given, error: Exception) -> int:
    """Tell what went wrong: problems by their words, anything else as a fault of the program."""
    if isinstance(error, Refused):
        return given.refuse(*error.problems)
    if given.debug:
        traceback.print_exception(error, file=sys.stderr)
    if isinstance(error, OSError):
        why = error.strerror or str(error)
        return given.refuse(Problem("system_refused", str(error.filename or ""), {"why": why}))
    what = " ".join(f"{type(error).__name__}: {error}".split())
    return given.refuse(Problem("program_fault", "", {"what": what}))


class Program(click.Group):
    """A group whose help page is sorted by sections, and whose every end is clean."""

    command_class = Command

    def __init__(self, *args: Any, section: str = "", **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.section = section

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """List the commands under the headings of `SECTIONS`."""
        sections = [*SECTIONS, ""]
        for section in sections:
            rows = [
                (name, one.get_short_help_str(200))
                for name, one in self.commands.items()
                if getattr(one, "section", "") == section and not one.hidden
            ]
            if rows:
                with formatter.section(section or "Commands"):
                    formatter.write_dl(rows)

    def main(self, args: Sequence[str] | None = None, *more: Any, **extra: Any) -> NoReturn:
        """Run; the exit status is what the command returned."""
        given = Given(json="--json" in (sys.argv[1:] if args is None else args))
        extra["standalone_mode"] = False
        try:
            status = super().main(args, *more, **extra)
        except click.exceptions.NoArgsIsHelpError as error:
            click.echo(error.format_message())
            status = NOTHING_DONE
        except click.ClickException as error:
            context = getattr(error, "ctx", None)
            path = context.command_path if context else "tilth"
            params: Mapping[str, str] = {"what": error.format_message(), "path": path}
            status = given.refuse(Problem("usage", "", params))
        except click.Abort:
            click.echo("Stopped. What was stored stays.", err=True)
            status = STOPPED
        sys.exit(status if isinstance(status, int) else DONE)
