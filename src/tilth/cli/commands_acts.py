"""Commands that decide: each says what it moves, at which level, before it asks."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from tilth.cli.command import DONE, Command, Given, folder, saying
from tilth.cli.commands_files import pairs
from tilth.core.problems import Problem, Refused, register

if TYPE_CHECKING:
    from tilth.service.deciding import Act, Plan
    from tilth.service.session import Session

__all__ = ["approve", "confirmed", "dispute", "return_", "revoke", "undo", "vouch", "withdraw"]

_DECIDE = "Decide"

register(
    {
        "not_confirmed": (
            "Nobody said yes.",
            "Run it at a terminal and answer, or give --yes.",
        ),
    }
)

Options = Callable[[Any], Any]

_confirming = (
    click.option("--dry-run", is_flag=True, help="Say what it would move, and do nothing."),
    click.option("--yes", is_flag=True, help="Do not ask."),
    saying,
)
_choosing = (
    click.argument("records", metavar="[RECORD]...", nargs=-1),
    click.option("--import", "imported", default="", metavar="ID", help="All that an import said."),
    click.option("--kind", default="", metavar="K", help="Records of a kind, with --where."),
    click.option(
        "--where",
        multiple=True,
        metavar="FIELD=VALUE",
        help="Those whose field has this value; may be repeated.",
    ),
)
_override = click.option(
    "--override",
    multiple=True,
    metavar="RULE",
    help="Pass this rule, with --reason; may be repeated. A finding for ever.",
)
_on = click.option("--on", default="", metavar="D", help="Day of the decision; today without.")


def _reason(required: bool) -> Options:
    needed = "Why; needed, and still to be understood in ten years."
    return click.option(
        "--reason", default="", metavar="TEXT", help=needed if required else "Why, where it helps."
    )


def _with(*options: Options) -> Options:
    """Apply options so that they are listed in this order."""

    def apply(function: Any) -> Any:
        for option in reversed(options):
            function = option(function)
        return function

    return apply


def _act(given: Given, directory: Path, act: Act, *, dry_run: bool, yes: bool, actor: str) -> int:
    """Plan an act on records, say what it moves, ask, and carry it out."""
    from tilth.service.deciding import plan

    with given.session(directory, actor) as session:
        planned = plan(session, act)
        return _carried_out(given, session, planned, directory, dry_run=dry_run, yes=yes)


def _carried_out(
    given: Given, session: Session, plan: Plan, directory: Path, *, dry_run: bool, yes: bool
) -> int:
    from tilth.cli import present
    from tilth.service.deciding import carry_out
    from tilth.service.preview import preview

    with present.progress("Computing what it moves"):
        moves = preview(session, plan)
    if not given.json:
        present.decision_preview(given.screen, moves)
    asked = not dry_run and not yes
    if asked and (given.json or not confirmed(f"{plan.act.capitalize()}?")):
        return given.refuse(Problem("not_confirmed", plan.act))
    hashes = [] if dry_run else carry_out(session, plan)
    result = {
        "act": plan.act,
        "statements": plan.statements,
        "records": plan.records,
        "moves": _differences(moves),
        "said": hashes,
        "dry_run": dry_run,
    }
    done = f"{plan.statements:,} statements" if plan.statements != 1 else "1 statement"
    if given.json:
        given.screen.json(result)
    elif dry_run:
        given.screen.last("Nothing was stored.", "the same command without --dry-run")
    else:
        following = f"tilth account {directory}"
        if plan.act in ("vouch", "approve", "return"):
            following = f"tilth undo {directory} {hashes[0][:12]} --reason TEXT, if it was wrong"
        given.screen.last(f"{_PAST[plan.act]} {done}.", following)
    return DONE


_PAST = {
    "vouch": "Verified",
    "approve": "Approved",
    "return": "Returned",
    "revoke": "Revoked",
    "withdraw": "Withdrawn",
    "undo": "Taken back",
    "dispute": "Disputed",
}


def confirmed(question: str) -> bool:
    """Ask on standard error; without an answer it is a no."""
    try:
        return click.confirm(question, default=False, err=True)
    except click.Abort:
        click.echo(err=True)
        return False


def _differences(moves: dict[str, Any]) -> dict[str, Any]:
    """Level → term → change in m² or pieces, of what changes at all."""
    result: dict[str, Any] = {}
    for level, sides in moves["levels"].items():
        result[level] = {}
        for account in ("land", "items"):
            before, after = sides["before"][account], sides["after"][account]
            changed = {
                name: round(after[name] - before[name], 6)
                for name in before
                if name != "closure_m2" and abs(after[name] - before[name]) > 1e-6
            }
            result[level][account] = changed
    return result


def _chosen(act: str, options: dict[str, Any]) -> Act:
    """What the person asked for.

    Raises
    ------
    Refused
        ``two_answers`` when records are chosen in two ways at once.
    """
    from tilth.service.deciding import Act

    ways = [
        name
        for name, value in (
            ("RECORD", options["records"]),
            ("--import", options["imported"]),
            ("--kind", options["kind"]),
        )
        if value
    ]
    if len(ways) > 1:
        raise Refused(Problem("two_answers", act, {"one": ways[0], "other": ways[1]}))
    if options["where"] and not options["kind"]:
        raise Refused(Problem("two_answers", act, {"one": "--where", "other": "no --kind"}))
    return Act(
        act,
        records=options["records"],
        imported=options["imported"],
        kind=options["kind"],
        where=pairs(options["where"]),
        reason=options.get("reason", ""),
        on=options.get("on", ""),
        override=options.get("override", ()),
    )


@click.command(cls=Command, section=_DECIDE)
@folder
@_with(*_choosing, _reason(False), _on, *_confirming)
def vouch(
    given: Given, directory: Path, dry_run: bool, yes: bool, actor: str, **options: Any
) -> int:
    """Give records the level verified: the own organisation checked them.

    Not by who said them. Says how many m² and items move at which level, then asks.

    \b
    Examples:
      tilth vouch border HA-1 RA-1 --actor qa1
      tilth vouch border --import 3f2a9c… --actor qa1
    """
    act = _chosen("vouch", options)
    return _act(given, directory, act, dry_run=dry_run, yes=yes, actor=actor)


@click.command(cls=Command, section=_DECIDE)
@folder
@_with(*_choosing, _override, _reason(False), _on, *_confirming)
def approve(
    given: Given, directory: Path, dry_run: bool, yes: bool, actor: str, **options: Any
) -> int:
    """Give records the level approved: the authority accepts them.

    Says how many m² and items move at which level, then asks. Refused while a guard of the rule
    set stands in the way (tilth release-check, tilth rules), unless overridden with a reason.

    \b
    Examples:
      tilth approve border RA-1 --actor nmaa
      tilth approve border --kind released_area --where release_type=cancelled --actor nmaa
    """
    act = _chosen("approve", options)
    return _act(given, directory, act, dry_run=dry_run, yes=yes, actor=actor)


@click.command("return", cls=Command, section=_DECIDE)
@folder
@_with(*_choosing, _reason(True), _on, *_confirming)
def return_(
    given: Given, directory: Path, dry_run: bool, yes: bool, actor: str, **options: Any
) -> int:
    """Return records to who said them: verified and approved are void until that is undone.

    They still count at reported, and the account says how much stands returned.

    \b
    Example:
      tilth return border RA-3 --reason "Polygon without turning points" --actor nmaa
    """
    act = _chosen("return", options)
    return _act(given, directory, act, dry_run=dry_run, yes=yes, actor=actor)


@click.command(cls=Command, section=_DECIDE)
@folder
@_with(
    *_choosing,
    _reason(True),
    click.option("--on", default="", metavar="D", help="Day in the field; today without."),
    click.option(
        "--area",
        type=click.Path(path_type=Path, dir_okay=False),
        metavar="FILE",
        help="GeoJSON with the polygon reopened; the whole record without.",
    ),
    click.option(
        "--still-standing",
        "standing",
        multiple=True,
        metavar="RECORD",
        help="A release of the same ground that stands all the same; may be repeated.",
    ),
    *_confirming,
)
def revoke(
    given: Given,
    directory: Path,
    area: Path | None,
    standing: tuple[str, ...],
    dry_run: bool,
    yes: bool,
    actor: str,
    **options: Any,
) -> int:
    """Reopen released ground from a day on: an item was found there.

    An event in the field with its own day. The ground remains again, whatever released it before.

    \b
    Example:
      tilth revoke border RA-3 --on 2026-06-02 --reason "AP mine found by a farmer" --actor nmaa
    """
    from dataclasses import replace

    act = replace(_chosen("revoke", options), standing=standing)
    if area is not None:
        from tilth.service.levels import area_of

        act = replace(act, area=area_of(area))
    return _act(given, directory, act, dry_run=dry_run, yes=yes, actor=actor)


@click.command(cls=Command, section=_DECIDE)
@folder
@_with(*_choosing, _reason(True), *_confirming)
def withdraw(
    given: Given, directory: Path, dry_run: bool, yes: bool, actor: str, **options: Any
) -> int:
    """Take back what the own organisation said; it stays in the log, and that it was taken back.

    With --import the whole import is undone: its new records end, its corrections are put back.

    \b
    Example:
      tilth withdraw border --import 3f2a9c… --reason "Wrong list" --actor im1
    """
    act = _chosen("withdraw", options)
    return _act(given, directory, act, dry_run=dry_run, yes=yes, actor=actor)


@click.command(cls=Command, section=_DECIDE)
@folder
@_with(*_choosing, _reason(True), _on, *_confirming)
def dispute(
    given: Given, directory: Path, dry_run: bool, yes: bool, actor: str, **options: Any
) -> int:
    """Say that another organisation's record is wrong: a finding, which changes no figure.

    \b
    Example:
      tilth dispute border HA-9 --reason "The field is ours" --actor im1
    """
    act = _chosen("dispute", options)
    return _act(given, directory, act, dry_run=dry_run, yes=yes, actor=actor)


@click.command(cls=Command, section=_DECIDE)
@folder
@click.argument("statements", metavar="STATEMENT...", nargs=-1, required=True)
@_with(_reason(True), *_confirming)
def undo(
    given: Given,
    directory: Path,
    statements: tuple[str, ...],
    reason: str,
    dry_run: bool,
    yes: bool,
    actor: str,
) -> int:
    """Withdraw decisions, named by their hash or its first digits (tilth log): wrong paper.

    Figures asked for as known before stay as they were.

    \b
    Example:
      tilth undo border 8a1f03d2 --reason "Approved the wrong list" --actor nmaa
    """
    from tilth.service.levels import plan_undo

    with given.session(directory, actor) as session:
        planned = plan_undo(session, statements, reason)
        return _carried_out(given, session, planned, directory, dry_run=dry_run, yes=yes)
