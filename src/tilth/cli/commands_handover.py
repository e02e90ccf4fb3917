"""Handover of released ground, its review, and what stands in the way of either."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from tilth.cli.command import DONE, SOME_REFUSED, Command, Given, folder, saying, told
from tilth.core.problems import Problem

if TYPE_CHECKING:
    from tilth.cli.screen import Screen

__all__ = ["handover", "release_check", "review"]

_SECTION = "Run the work"

_for = click.option(
    "--for", "speaking_for", default="", metavar="ORG", help="In whose log; own without."
)
_file = click.option(
    "--json-file",
    "file",
    type=click.Path(path_type=Path, exists=True, dir_okay=False),
    metavar="FILE",
    help="Fields as JSON.",
)


@click.command(cls=Command, section=_SECTION)
@folder
@click.argument("texts", metavar="RECORD|FIELD=VALUE...", nargs=-1, required=True)
@_file
@_for
@click.option(
    "--override",
    multiple=True,
    metavar="RULE",
    help="Pass this rule, with --reason; may be repeated. A finding for ever.",
)
@click.option("--reason", default="", metavar="TEXT", help="Why a rule is overridden.")
@click.option("--dry-run", is_flag=True, help="Say what stands in the way, and store nothing.")
@saying
def handover(
    given: Given,
    directory: Path,
    texts: tuple[str, ...],
    file: Path | None,
    speaking_for: str,
    override: tuple[str, ...],
    reason: str,
    dry_run: bool,
    actor: str,
) -> int:
    """Hand released areas over to those who use the ground, when nothing stands in the way.

    Every area has to be approved, not revoked, not recalled, without an open nonconformity that
    blocks; the certificate has to say what the rule set asks for. Fields are read as by tilth
    record; tilth kinds handover lists them.

    \b
    Example:
      tilth handover border RA-1 RA-2 certificate_number=HC-7 recipients="Mirna village"
      purpose=crops markers_recorded=yes markers=@markers.csv residual_risk="…" liability="…"
      signatories=@signatories.csv present_women=4 --actor ops1
    """
    from tilth.service.entering import typed
    from tilth.service.handing_over import hand_over, typed_fields

    names = [text for text in texts if "=" not in text]
    with given.session(directory, actor) as session:
        fields, warnings = typed_fields(
            session, "handover", typed([text for text in texts if "=" in text]), file
        )
        done = hand_over(
            session,
            [*names, *fields.pop("released_areas", ())],
            fields,
            speaking_for=speaking_for,
            override=override,
            reason=reason,
            dry_run=dry_run,
        )
    value: dict[str, Any] = {
        "record": done.record,
        "statement": done.statement,
        "released_areas": list(done.areas),
        "rule_set": done.rule_set,
        "overrides": [dict(one) for one in done.overrides],
        "missing": list(done.missing),
        "warnings": [told(one) for one in warnings],
        "dry_run": dry_run,
    }

    def show(screen: Screen) -> None:
        _warn(screen, value["warnings"])
        if done.missing:
            screen.line(f"It is incomplete: it lacks {', '.join(done.missing)}.", "yellow")
        for one in done.overrides:
            screen.line(f"Overridden: {one['rule']} ({one['record']})", "yellow")
        areas = f"{len(done.areas)} released areas" if len(done.areas) != 1 else "1 released area"
        if dry_run:
            screen.last(f"{areas} could be handed over.", "the same command without --dry-run")
        else:
            local = done.record.split("/", 2)[2]
            screen.last(f"Handed over {areas} by {local}.", f"tilth show {directory} {local}")

    given.answer(value, show)
    return DONE


@click.command(cls=Command, section=_SECTION)
@folder
@click.argument("texts", metavar="FIELD=VALUE...", nargs=-1)
@_file
@_for
@saying
def review(
    given: Given,
    directory: Path,
    texts: tuple[str, ...],
    file: Path | None,
    speaking_for: str,
    actor: str,
) -> int:
    """Say what was seen on ground after its handover: its use, its users, an accident, an item.

    An accident or an item found proposes to revoke the releases concerned: they are recalled,
    remain at prudent, and the authority decides. What to do next is said.

    \b
    Example:
      tilth review border handover=HC-7 land_use_after=crops users_women=12 accident_after=no
      items_found=0 --actor qa1
    """
    from tilth.service.entering import typed
    from tilth.service.handing_over import review as say_review
    from tilth.service.handing_over import typed_fields

    with given.session(directory, actor) as session:
        fields, warnings = typed_fields(session, "post_clearance_review", typed(texts), file)
        done = say_review(session, fields, speaking_for=speaking_for)
    recalled = [] if done.recall is None else [one.record for one in done.recall.areas]
    value: dict[str, Any] = {
        "record": done.record,
        "statement": done.statement,
        "recall": "" if done.recall is None else done.recall.statement,
        "recalled": recalled,
        "next": list(done.next),
        "warnings": [told(one) for one in warnings],
    }

    def show(screen: Screen) -> None:
        _warn(screen, value["warnings"])
        for one in recalled:
            screen.spans(("In doubt: ", "yellow"), (one.split("/", 2)[2], ""))
        for step in done.next:
            screen.line(step)
        local = done.record.split("/", 2)[2]
        screen.last(f"Reviewed: {local}.", f"tilth show {directory} {local}")

    given.answer(value, show)
    return DONE


def _warn(screen: Screen, warnings: list[dict[str, str]]) -> None:
    for one in warnings:
        screen.spans((f"{one['code']} ({one['where']}): ", "yellow"), (one["what"], ""))


@click.command("release-check", cls=Command, section=_SECTION)
@folder
@click.argument("records", metavar="RECORD...", nargs=-1, required=True)
def release_check(given: Given, directory: Path, records: tuple[str, ...]) -> int:
    """Show what stands in the way of approving records and handing them over. Nothing is done.

    Exit status 1 when anything does.

    \b
    Example:
      tilth release-check border RA-1 RA-2
    """
    from tilth.service.release_check import release_check as ask

    with given.session(directory) as session:
        found = ask(session, records)
    value = {
        "rule_set": found["rule_set"],
        "strict": found["strict"],
        "records": [
            {
                "record": one["record"],
                "approve": [_line(*pair) for pair in one["approve"]],
                "hand_over": [_line(*pair) for pair in one["hand_over"]],
            }
            for one in found["records"]
        ],
    }
    given.answer(value, lambda screen: _show_check(screen, value, directory))
    blocked = any(
        line["bites"]
        for one in value["records"]
        for act in ("approve", "hand_over")
        for line in one[act]
    )
    return SOME_REFUSED if blocked else DONE


def _line(problem: Problem, bites: bool) -> dict[str, Any]:
    return {**told(problem), "bites": bites}


_ACTS = {"approve": "To approve", "hand_over": "To hand over"}


def _show_check(screen: Screen, value: dict[str, Any], directory: Path) -> None:
    for one in value["records"]:
        local = one["record"].split("/", 2)[2]
        screen.line(local, "bold")
        for act, words in _ACTS.items():
            for line in one[act]:
                style = "yellow" if line["bites"] else "dim"
                mark = "" if line["bites"] else " (not asked here)"
                screen.spans(
                    (f"  {words}{mark}: ", style), (f"{line['code']}. ", ""), (line["what"], "")
                )
                screen.line(f"    {line['fix']}", "dim")
        if not one["approve"] and not one["hand_over"]:
            screen.line("  Nothing stands in the way.", "green")
    name, version, _ = value["rule_set"].rsplit("/", 2)
    screen.last(f"Asked by the rule set {name} version {version}.", f"tilth rules show {directory}")
