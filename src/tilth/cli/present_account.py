"""The account on a terminal: levels side by side, bar, equation, items, what is left out."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from tilth.cli.screen import Column, Screen
from tilth.text import accounts, figures

__all__ = ["account", "bar"]

Account = Mapping[str, Any]
Say = Callable[[str], str]
Cell = str | tuple[str, str]

BAR = {
    "cleared": ("▓", "#", "green"),
    "reduced": ("▒", "=", "cyan"),
    "cancelled": ("░", "-", "bright_black"),
    "remaining": ("╱", "/", "yellow"),
}
"""Character, ASCII character and colour of each part, in the order of the bar."""

BESIDE = (
    ("processed_m2", "processed, within remaining"),
    ("reprocessed_m2", "re-processed"),
    ("unattached_m2", "unattached"),
    ("declared_m2", "declared by hand"),
)

MOVES = (
    ("remaining_since_m2", "remaining before"),
    ("newly_recorded_m2", "+ newly recorded"),
    ("newly_extended_m2", "+ newly extended"),
    ("newly_overlapping_m2", "− newly overlapping"),
    ("revoked_m2", "+ revoked"),
    ("cancelled_m2", "− cancelled"),
    ("reduced_m2", "− reduced"),
    ("cleared_m2", "− cleared"),
    ("remaining_m2", "= remaining"),
)


def bar(account: Account, cells: int) -> list[tuple[str, int]]:
    """Parts of the bar with their number of cells, together ``cells`` when there is any land.

    A part that is not nothing has at least one cell; the rest goes by largest remainder.
    """
    values = [(part.name, max(0.0, float(part.value))) for part in accounts.land_parts(account)]
    present = [(name, value) for name, value in values if value > 0]
    whole = sum(value for _, value in present)
    if not present:
        return []
    free = cells - len(present)
    exact = [max(0.0, value / whole * cells - 1) for _, value in present]
    scale = free / sum(exact) if sum(exact) else 0.0
    given = [int(part * scale) for part in exact]
    order = sorted(range(len(given)), key=lambda i: given[i] - exact[i] * scale)
    for index in order[: free - sum(given)]:
        given[index] += 1
    return [(name, 1 + more) for (name, _), more in zip(present, given, strict=True)]


def _bar_line(screen: Screen, one: Account, label: str, cells: int, say: Say) -> None:
    spans = [(f"{label}  ", "")]
    for name, width in bar(one, cells):
        character, plain, colour = BAR[name]
        spans.append(((plain if screen.ascii else character) * width, colour))
    remaining = figures.area(one["land"].get("remaining_m2", 0))
    spans.append((f"  {remaining} {say('remaining')}", ""))
    screen.spans(*spans)


def _bars(screen: Screen, levels: Mapping[str, Account], say: Say) -> None:
    drawn = {name: one for name, one in levels.items() if bar(one, 10)}
    if not drawn:
        screen.line(say("No hazard with a polygon is recorded: there is no land to balance."))
        return
    labels = {name: f"{figures.level(name).mark} {say(name)}" for name in drawn}
    widest = max(len(label) for label in labels.values())
    cells = max(10, min(60, screen.console.width - widest - 28))
    for name, one in drawn.items():
        _bar_line(screen, one, labels[name].ljust(widest), cells, say)
    legend: list[tuple[str, str]] = [(" " * (widest + 2), "")]
    for part in accounts.land_parts(next(iter(drawn.values())), say):
        character, plain, colour = BAR[part.name]
        legend += [((plain if screen.ascii else character) * 2, colour), (f" {part.label}   ", "")]
    screen.spans(*legend)


def _header(screen: Screen, one: Account, say: Say) -> None:
    name = accounts.operation_name(one) or say("Account")
    spans = [(name, "bold")]
    if one.get("synthetic"):
        spans.append((f"  {say('SYNTHETIC')}", "bold magenta"))
    screen.spans(*spans)
    screen.line(accounts.time_line(one, say), "dim")
    if position := accounts.position_line(one, say):
        screen.line(position, "dim")
    screen.line()


def _land_rows(levels: Sequence[Account], say: Say) -> list[list[Cell]]:
    show = figures.area if len(levels) > 1 else figures.area_exact
    left, right = accounts.equation(levels[0], say)
    rows: list[list[Cell]] = [
        [part.label, *(show(one["land"].get(f"{part.name}_m2", 0)) for one in levels)]
        for part in left
    ]
    for index, part in enumerate(right):
        sign = "=" if index == 0 else "+"
        values: list[Cell] = []
        for one in levels:
            value = one["land"].get(f"{part.name}_m2", 0)
            values.append((show(value), "bold" if part.name == "remaining" else ""))
        rows.append([f"{sign} {part.label}", *values])
    rows.append([say("balance"), *(_closing(one, len(levels) == 1, say) for one in levels)])
    return rows


def _closing(one: Account, exact: bool, say: Say) -> Cell:
    closed = accounts.is_closed(one)
    if exact:
        return accounts.closure_line(one, say), "green" if closed else "red"
    return (say("closes"), "green") if closed else (say("NOT CLOSED"), "red")


def _items_closing(one: Account, say: Say) -> Cell:
    if accounts.items_closed(one):
        return say("closes"), "green"
    return say("NOT CLOSED, {count}").format(count=figures.count(one["items"]["closure"])), "red"


def _beside_rows(levels: Sequence[Account], say: Say) -> list[list[Cell]]:
    show = figures.area if len(levels) > 1 else figures.area_exact
    rows: list[list[Cell]] = []
    for name, label in BESIDE:
        if any(float(one["land"].get(name, 0)) for one in levels):
            rows.append([say(label), *(show(one["land"].get(name, 0)) for one in levels)])
    return rows


def _item_rows(levels: Sequence[Account], say: Say) -> list[list[Cell]]:
    def row(label: str, name: str, style: str = "") -> list[Cell]:
        return [label, *((figures.count(one["items"].get(name, 0)), style) for one in levels)]

    rows = [row(say("items found"), "found", "bold")]
    if any(one["items"].get("received") for one in levels):
        rows.append(row(say("+ received"), "received"))
    for index, part in enumerate(accounts.item_ends(levels[0], say)):
        if any(one["items"].get(part.name) for one in levels) or part.name == "unaccounted":
            sign = "=" if index == 0 or len(rows) == 1 else "+"
            rows.append(row(f"{sign} {part.label}", part.name))
    rows.append([say("balance"), *(_items_closing(one, say) for one in levels)])
    if any(one["items"].get("small_arms_found") for one in levels):
        rows.append(row(say("small-arms ammunition, apart"), "small_arms_found"))
    return rows


def _table(screen: Screen, levels: Mapping[str, Account], say: Say) -> None:
    columns = _columns(levels, "", say)
    accounts_in_order = list(levels.values())
    groups = [
        _beside_rows(accounts_in_order, say),
        _item_rows(accounts_in_order, say),
        _left_out_rows(accounts_in_order, say),
    ]
    if any(bar(one, 10) for one in accounts_in_order):
        groups.insert(0, _land_rows(accounts_in_order, say))
    rows: list[list[Cell]] = []
    for group in filter(None, groups):
        if rows:
            rows.append([""] * len(columns))
        rows += group
    screen.table(columns, rows)


def _not_closed(screen: Screen, levels: Mapping[str, Account], say: Say) -> None:
    for name, one in levels.items():
        if not accounts.is_closed(one):
            mark = figures.level(name).mark
            screen.line(f"{mark} {say(name)}: {accounts.closure_line(one, say)}", "bold red")


def _left_out_rows(levels: Sequence[Account], say: Say) -> list[list[Cell]]:
    """Give what each level leaves out, one row for each reason and measure."""
    by_level = [{one.name: one for one in accounts.left_out(value, say)} for value in levels]
    reasons = {name: one.label for found in by_level for name, one in found.items()}
    heading: Cell = (say("left out of the figures") if reasons else say("nothing left out"), "dim")
    rows: list[list[Cell]] = [[heading, *("" for _ in levels)]]
    for name, label in reasons.items():
        at = [found.get(name) for found in by_level]
        if any(one and one.records for one in at):
            rows.append([label, *(figures.count(one.records if one else 0) for one in at)])
        if any(one and float(one.area_m2) for one in at):
            rows.append(
                [
                    say("{reason}, area").format(reason=label),
                    *(figures.area(one.area_m2 if one else 0) for one in at),
                ]
            )
        if any(one and float(one.declared_m2) for one in at):
            rows.append(
                [
                    say("{reason}, declared").format(reason=label),
                    *(figures.area(one.declared_m2 if one else 0) for one in at),
                ]
            )
    return rows


def _columns(levels: Mapping[str, Account], first: str, say: Say) -> list[Column]:
    marked = (f"{figures.level(name).mark} {say(name)}" for name in levels)
    return [Column(first), *(Column(heading, numeric=True) for heading in marked)]


def _movements(screen: Screen, levels: Mapping[str, Account], say: Say) -> None:
    moved = {name: one["movements"] for name, one in levels.items() if one.get("movements")}
    if not moved:
        return
    screen.line()
    since = str(next(iter(levels.values())).get("since", ""))
    heading = say("Since {day}").format(day=figures.day(since))
    rows = [
        [say(label), *(figures.area(one.get(key, 0)) for one in moved.values())]
        for key, label in MOVES
    ]
    screen.table(_columns(moved, heading, say), rows)


CUT_COLUMNS = (
    ("recorded_m2", "recorded"),
    ("extensions_m2", "extensions"),
    ("overlaps_m2", "overlaps"),
    ("cancelled_m2", "cancelled"),
    ("reduced_m2", "reduced"),
    ("cleared_m2", "cleared"),
    ("remaining_m2", "remaining"),
    ("declared_m2", "declared by hand"),
    ("found", "found"),
    ("unaccounted", "unaccounted"),
)


def _cut_rows(one: Account) -> list[dict[str, Any]]:
    """Rows of ``by`` with their land and items on one line, whether they came nested or flat."""
    return [
        {**row, **(row.get("land") or {}), **(row.get("items") or {})} for row in one.get("by", [])
    ]


def _cut_label(row: Mapping[str, Any], by: str) -> str:
    """Give what a row of a cut is called: of a hazard its local id, not the whole one."""
    value = str(row.get("label") or row.get(by) or "")
    return value.split("/", 2)[-1] if by == "hazard" else value


def _cut(screen: Screen, levels: Mapping[str, Account], say: Say) -> None:
    for name, one in levels.items():
        rows = _cut_rows(one)
        if not rows:
            continue
        shown = [
            (key, label)
            for key, label in CUT_COLUMNS
            if any(float(row.get(key) or 0) for row in rows)
        ]
        numbers = {key for key, _ in CUT_COLUMNS}
        by = next((key for key, value in rows[0].items() if isinstance(value, str)), "key")
        screen.line()
        heading = f"{figures.level(name).mark} {say(name)}"
        screen.line(say("{level}, by {cut}").format(level=heading, cut=say(by)), "dim")
        columns = [Column(say(by)), *(Column(say(label), numeric=True) for _, label in shown)]
        screen.table(
            columns,
            [
                [
                    _cut_label(row, by) or say("not given"),
                    *(
                        figures.area(row.get(key) or 0)
                        if key.endswith("_m2")
                        else figures.count(row.get(key) or 0)
                        for key, _ in shown
                        if key in numbers
                    ),
                ]
                for row in rows
            ],
        )


def account(
    screen: Screen, levels: Mapping[str, Account], *, directory: str = "DIR", say: Say = str
) -> None:
    """Write an account at one level or at several side by side.

    Parameters
    ----------
    levels
        Level name to the JSON value of the account at that level, in the order of showing. With
        one level areas are exact m²; with several in the unit that reads best.
    directory
        The workspace as typed, for the next command.
    """
    first = next(iter(levels.values()))
    _header(screen, first, say)
    _bars(screen, levels, say)
    screen.line()
    _table(screen, levels, say)
    _not_closed(screen, levels, say)
    _movements(screen, levels, say)
    _cut(screen, levels, say)
    _conclude(screen, levels, directory, say)


def _conclude(screen: Screen, levels: Mapping[str, Account], directory: str, say: Say) -> None:
    if not all(accounts.is_closed(one) and accounts.items_closed(one) for one in levels.values()):
        screen.last(
            say("The account does not close: do not pass it on."),
            f"tilth verify {directory} --deep",
        )
        return
    first = next(iter(levels.values()))
    empty = not any(float(part.value) for part in accounts.land_parts(first))
    if empty and not first["items"].get("found"):
        screen.last(
            say("Nothing is recorded yet."),
            f"tilth import {directory} FILE --kind hazard_area",
        )
        return
    happened = (
        say("The account closes.")
        if len(levels) == 1
        else say("The account closes at every level shown.")
    )
    screen.last(happened, f"tilth findings {directory}")
