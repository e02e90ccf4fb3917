"""Findings, the life of a record, the log, the check of the log, and what a decision would move."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from tilth.cli.screen import Column, Screen
from tilth.text import figures

__all__ = ["decision_preview", "finding_list", "log_lines", "record_life", "verification"]

Say = Callable[[str], str]

_NARROW, _WIDE = 76, 110
"""Columns below which a statement takes two lines, and from which its organisation is named."""


def _short(record: str) -> str:
    """Give kind and local id of a record: its organisation's hexadecimal id tells nobody much."""
    parts = record.split("/", 2)
    return "/".join(parts[1:]) if len(parts) == 3 else record


def _stake(one: Mapping[str, Any], say: Say) -> str:
    said = []
    if float(one.get("area_m2") or 0):
        said.append(figures.area(one["area_m2"]))
    if one.get("items"):
        said.append(say("{count} items").format(count=figures.count(one["items"])))
    return ", ".join(said)


def finding_list(
    screen: Screen,
    findings: Sequence[Mapping[str, Any]],
    *,
    limit: int | None = 40,
    directory: str = "DIR",
    say: Say = str,
) -> None:
    """Write findings, the largest stake first, then how many there are of each code.

    Parameters
    ----------
    findings
        ``code``, ``record``, ``other``, ``what``, ``fix``, ``area_m2``, ``items``, ``state``,
        ``age_days`` each.
    limit
        Rows shown; None shows all. The counts are of all of them in any case.
    """
    if not findings:
        screen.last(say("No findings."), f"tilth account {directory}")
        return
    order = sorted(
        findings,
        key=lambda one: (
            -float(one.get("area_m2") or 0),
            -int(one.get("items") or 0),
            str(one["code"]),
            str(one.get("record", "")),
        ),
    )
    shown = order if limit is None else order[:limit]
    for one in shown:
        _finding(screen, one, say)
    _counted(screen, findings, say)
    happened = say("{count} findings.").format(count=figures.count(len(findings)))
    if len(shown) < len(findings):
        happened += " " + say("{count} shown, largest first.").format(count=len(shown))
    screen.last(happened, f"tilth findings {directory} --csv")


def _finding(screen: Screen, one: Mapping[str, Any], say: Say) -> None:
    """Write a finding under its code and records, so that no identifier is broken by a column."""
    records = [_short(str(one.get(name) or "")) for name in ("record", "other")]
    stake = _stake(one, say)
    screen.spans(
        (str(one["code"]), "yellow"),
        ("  " + " / ".join(filter(None, records)), ""),
        (f"  {stake}" if stake else "", "bold"),
    )
    screen.line(f"  {one.get('what', '')}")
    if one.get("state") == "explained":
        screen.line("  " + say("explained: {reason}").format(reason=one.get("reason", "")), "dim")


def _counted(screen: Screen, findings: Sequence[Mapping[str, Any]], say: Say) -> None:
    counts = Counter(str(one["code"]) for one in findings)
    fixes = {str(one["code"]): str(one.get("fix", "")) for one in findings}
    screen.line()
    screen.table(
        [
            Column(say("finding")),
            Column(say("count"), numeric=True),
            Column(say("how it can be closed")),
        ],
        [[code, figures.count(number), fixes[code]] for code, number in counts.most_common()],
    )


def record_life(
    screen: Screen, record: Mapping[str, Any], *, directory: str = "DIR", say: Say = str
) -> None:
    """Write a record: its levels, its fields, its ground and its life statement by statement.

    Parameters
    ----------
    record
        ``record``, ``label`` of its kind, ``names`` (local and national ids), ``levels`` (level to
        the hash in force), ``fields`` (``label``, ``value`` each), ``geometry`` (lines of text),
        ``life`` (``received_at``, ``said_at``, ``happened_on``, ``act``, ``organisation``,
        ``actor``, ``hash``, ``note`` each, oldest first), ``synthetic``.
    """
    spans = [(f"{record.get('label', '')} ", ""), (str(record["record"]), "bold")]
    if record.get("synthetic"):
        spans.append((f"  {say('SYNTHETIC')}", "bold magenta"))
    screen.spans(*spans)
    if names := record.get("names"):
        screen.line(say("also called {names}").format(names=", ".join(map(str, names))), "dim")
    held = record.get("levels") or {}
    marks = [
        f"{level.mark} {say(level.name)} {str(held.get(level.name) or say('none'))[:12]}"
        for level in figures.LEVELS.values()
        if level.name in held or level.name != "prudent"
    ]
    screen.line("   ".join(marks))
    screen.line()
    screen.table(
        [Column(), Column()],
        [[str(one["label"]), str(one["value"])] for one in record.get("fields", [])],
    )
    for line in record.get("geometry") or []:
        screen.line(str(line))
    screen.line()
    life = [{**one, "record": ""} for one in record.get("life") or []]
    log_lines(screen, life, say=say)
    count = len(life)
    said = say("{count} statements.") if count != 1 else say("1 statement.")
    screen.last(said.format(count=figures.count(count)), f"tilth log {directory}")


def log_lines(screen: Screen, statements: Sequence[Mapping[str, Any]], *, say: Say = str) -> None:
    """Write statements in the order given: when received, what, about what, by whom.

    Times are UTC. The organisation is named where the statements are of more than one and the
    screen is wide enough.
    """
    columns = [
        Column(say("received (UTC)"), wrap=False),
        Column(say("statement"), wrap=False),
        Column(say("act"), wrap=False),
        Column(say("happened"), wrap=False),
        Column(say("about")),
        Column(say("by")),
    ]
    several = len({str(one.get("organisation", "")) for one in statements}) > 1
    several = several and screen.console.width >= _WIDE
    rows = [
        [
            str(one.get("received_at", ""))[:16].replace("T", " "),
            str(one.get("hash", ""))[:8],
            say(str(one.get("act", ""))),
            str(one.get("happened_on", "")),
            " ".join(filter(None, (_short(str(one.get("record", ""))), str(one.get("note", ""))))),
            _speaker(one, several),
        ]
        for one in statements
    ]
    kept = [at for at in range(len(columns)) if any(row[at] for row in rows)]
    if screen.console.width < _NARROW:  # what is said about what goes beneath
        for row in rows:
            screen.line("  ".join(filter(None, [*row[:4], row[5]])))
            if row[4]:
                screen.line(f"  {row[4]}")
        return
    screen.table([columns[at] for at in kept], [[row[at] for at in kept] for row in rows])


def _speaker(one: Mapping[str, Any], several: bool) -> str:
    """Actor of a statement, with the organisation where it is not always the same."""
    parts = (str(one.get("actor", "")), str(one.get("organisation", "")) if several else "")
    return ", ".join(filter(None, parts))


def verification(
    screen: Screen,
    result: Mapping[str, Any],
    *,
    deep: bool = False,
    directory: str = "DIR",
    say: Say = str,
) -> None:
    """Write what the check of the log found.

    Parameters
    ----------
    result
        The JSON value of ``tilth verify``: ``ok``, ``statements``, ``checkpoints``,
        ``first_failure`` (None, a text, or ``statement``, ``what``).
    """
    checked = say(
        "{statements} statements and {checkpoints} checkpoints re-derived from raw bytes."
    )
    checked = checked.format(
        statements=figures.count(result.get("statements", 0)),
        checkpoints=figures.count(result.get("checkpoints", 0)),
    )
    if result.get("ok"):
        screen.line(say("The log is whole."), "green")
        screen.last(checked, "" if deep else f"tilth verify {directory} --deep")
        return
    failure = result.get("first_failure")
    if isinstance(failure, Mapping):
        failure = ": ".join(
            str(failure[key]) for key in ("statement", "code", "what") if failure.get(key)
        )
    screen.line(say("The check FAILED at: {failure}").format(failure=failure), "bold red")
    screen.last(checked, say("keep this folder as it is and restore the last good backup"))


MOVED = ("recorded", "cancelled", "reduced", "cleared", "remaining")


def decision_preview(screen: Screen, preview: Mapping[str, Any], *, say: Say = str) -> None:
    """Write what a decision would move, before it is asked about.

    Parameters
    ----------
    preview
        ``act``, ``statements`` and ``records`` (counts), and ``levels``: level name to
        ``{"before": account, "after": account}``, the accounts' JSON values; ``whole`` is false
        where they are those of the ground concerned alone.
    """
    statements, records = preview.get("statements", 0), preview.get("records", 0)
    heading = say("{act}: statements {statements}, records {records}").format(
        act=say(str(preview["act"])),
        statements=figures.count(statements),
        records=figures.count(records),
    )
    screen.line(heading, "bold")
    rows = []
    for name, sides in (preview.get("levels") or {}).items():
        before, after = sides["before"], sides["after"]
        mark = f"{figures.level(name).mark} {say(name)}"
        for part in MOVED:
            was = before["land"].get(f"{part}_m2", 0)
            now = after["land"].get(f"{part}_m2", 0)
            if figures.area_exact(was) != figures.area_exact(now):
                difference = figures.area_exact(float(now) - float(was))
                rows.append([mark, say(part), difference, figures.area(was), figures.area(now)])
        found = (before["items"].get("found", 0), after["items"].get("found", 0))
        if found[0] != found[1]:
            rows.append(
                [
                    mark,
                    say("items found"),
                    figures.count(found[1] - found[0]),
                    figures.count(found[0]),
                    figures.count(found[1]),
                ]
            )
    if not rows:
        screen.line(say("It moves no land and no items at any level."))
        return
    screen.table(
        [
            Column(say("level"), wrap=False),
            Column(),
            Column(say("moves"), numeric=True),
            Column(say("from"), numeric=True),
            Column(say("to"), numeric=True),
        ],
        rows,
    )
    if not preview.get("whole", True):
        screen.line(say("From and to are of the ground concerned alone."), "dim")
