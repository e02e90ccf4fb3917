"""What an import says: how the file was read, what went in, what was refused and why."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from tilth.cli.screen import Column, Screen
from tilth.text import figures

__all__ = ["import_report", "problem_list", "refusal"]

Say = Callable[[str], str]

TOP = 8
"""Codes of problems shown with an example; the rest is counted."""


def _grouped(problems: Sequence[Mapping[str, Any]]) -> list[tuple[int, Mapping[str, Any]]]:
    """Give the first problem of each code with how often the code occurs, most frequent first."""
    return _first_of(problems, [str(one["code"]) for one in problems])


def _first_of(
    problems: Sequence[Mapping[str, Any]], keys: Sequence[str]
) -> list[tuple[int, Mapping[str, Any]]]:
    first: dict[str, Mapping[str, Any]] = {}
    for key, one in zip(keys, problems, strict=True):
        first.setdefault(key, one)
    return [(number, first[key]) for key, number in Counter(keys).most_common()]


def _explained(
    screen: Screen,
    problems: Sequence[Mapping[str, Any]],
    style: str,
    say: Say,
    *,
    each: bool = False,
) -> None:
    """Write problems by code, or with ``each`` by what they say: evidence differs."""
    texts = [f"{one['code']} {one.get('what', '')}" for one in problems]
    groups = _first_of(problems, texts) if each else _grouped(problems)
    for number, one in groups[:TOP]:
        where = str(one.get("where", ""))
        more = (
            say(" and {count} more").format(count=figures.count(number - 1)) if number > 1 else ""
        )
        screen.spans((f"  {one['code']}", style), (f"  {where}{more}" if where or more else "", ""))
        screen.line(f"    {one.get('what', '')}")
        if one.get("fix"):
            screen.line(f"    {one['fix']}", "dim")
    if rest := groups[TOP:]:
        total = sum(number for number, _ in rest)
        screen.line(
            say("  and {count} more, of {codes} sorts").format(
                count=figures.count(total), codes=len(rest)
            )
        )


def import_report(
    screen: Screen,
    report: Mapping[str, Any],
    *,
    stated: Sequence[str] = (),
    mapping: Sequence[Sequence[str]] = (),
    changes: Mapping[str, int] | None = None,
    directory: str = "DIR",
    dry_run: bool = False,
    say: Say = str,
) -> None:
    """Write the report of an import.

    Parameters
    ----------
    report
        The JSON value of ``tilth import``: ``import``, ``read``, ``accepted``, ``unchanged``,
        ``refused``, ``problems``, ``warnings``, ``findings``.
    stated
        What was found out about the file: encoding, separator, sheet, coordinate system.
    mapping
        One line for each column: (column of the file, field, how it was decided).
    changes
        For a later delivery: how many are ``added``, ``changed`` and ``gone``.
    """
    for line in stated:
        screen.line(line, "dim")
    if mapping:
        screen.line()
        screen.table(
            [Column(say("column")), Column(say("field")), Column(say("because"))],
            [list(line) for line in mapping],
        )
    if changes:
        screen.line()
        screen.line(
            say(
                "Compared with the last delivery: {added} added, {changed} changed, {gone} gone"
            ).format(**{k: figures.count(changes.get(k, 0)) for k in ("added", "changed", "gone")})
        )
    warnings, problems = report.get("warnings") or [], report.get("problems") or []
    if warnings:
        screen.line()
        screen.line(say("Warnings"), "yellow")
        _explained(screen, warnings, "yellow", say, each=True)
    if problems:
        screen.line()
        screen.line(say("Refused rows"), "red")
        _explained(screen, problems, "red", say)
    if findings := report.get("findings"):
        screen.line()
        screen.table(
            [Column(say("finding")), Column(say("count"), numeric=True)],
            [[str(one["code"]), figures.count(one["count"])] for one in findings],
        )
    _conclude(screen, report, directory, dry_run, say)


def _conclude(
    screen: Screen, report: Mapping[str, Any], directory: str, dry_run: bool, say: Say
) -> None:
    numbers = {
        name: figures.count(report.get(name, 0))
        for name in ("read", "accepted", "unchanged", "refused")
    }
    happened = say("Read {read}: {accepted} accepted, {unchanged} unchanged, {refused} refused.")
    happened = happened.format(**numbers)
    if dry_run:
        screen.last(
            f"{happened} {say('Nothing was stored.')}", say("the same command without --dry-run")
        )
    elif report.get("refused"):
        screen.last(happened, f"tilth problems {directory} {report.get('import', '')}".rstrip())
    elif report.get("accepted"):
        screen.last(happened, f"tilth account {directory}")
    else:
        screen.last(happened)


def problem_list(
    screen: Screen,
    problems: Sequence[Mapping[str, Any]],
    *,
    imported: str,
    directory: str = "DIR",
    say: Say = str,
) -> None:
    """Write every problem of an import with its place, what is wrong and how to put it right."""
    screen.table(
        [Column(say("where"), wrap=False), Column(say("code")), Column(say("what and how"))],
        [
            [
                str(one.get("where", "")),
                str(one["code"]),
                f"{one.get('what', '')} {one.get('fix', '')}".strip(),
            ]
            for one in problems
        ],
    )
    count = figures.count(len(problems))
    if not problems:
        screen.last(say("Import {name} has no problems.").format(name=imported))
        return
    happened = say("{count} problems in import {name}.").format(count=count, name=imported)
    screen.last(
        happened,
        say("mend the rows in the file of refused rows and import it again"),
    )


_ID_DIGITS = 32


def refusal(screen: Screen, problems: Sequence[Mapping[str, Any]], *, say: Say = str) -> None:
    """Write why an act was refused as a whole; what is put right alike stands together."""
    groups: dict[tuple[str, str], list[Mapping[str, Any]]] = {}
    for one in problems:
        groups.setdefault((str(one["code"]), str(one.get("fix", ""))), []).append(one)
    for (code, fix), some in groups.items():
        for one in some:
            where = f" ({_without_author(str(one['where']))})" if one.get("where") else ""
            screen.spans((f"{code}{where}: ", "red"), (str(one.get("what", "")), ""))
        if fix:
            screen.line(fix)
    screen.last(say("Nothing was done."))


def _without_author(where: str) -> str:
    """A record's id without the 32 digits of its author, which nobody reads; JSON keeps them."""
    author, _, rest = where.partition("/")
    return rest if rest and len(author) == _ID_DIGITS and author.isalnum() else where
