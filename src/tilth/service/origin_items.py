"""Contributions that a figure of the item account sums, and their cuts, down to each report."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tilth.core.days import iso
from tilth.core.items.account import ItemAccount
from tilth.core.items.account import account as item_account
from tilth.core.items.model import ENDS, FOUND, RECEIVED, SMALL_ARMS, STATES
from tilth.core.items.rollup import Rollup
from tilth.core.problems import Problem, Refused, register
from tilth.service.accounting import items_at
from tilth.service.item_origins import Asked, reports_of
from tilth.service.origin_steps import Ask, Parts, Row, Step, label_of
from tilth.service.positions import Position
from tilth.service.session import Session

__all__ = ["ITEM_CUTS", "ITEM_FIGURES", "account_of_items", "items_step", "states_of"]

ITEM_CUTS = (
    *("category", "organisation", "model", "month", "method", "place"),
    *("origin", "where", "project", "report"),
)
"""Cuts of a figure of items, in the order in which they are offered; reports come last."""

_DESTROYED = tuple(end for end in ENDS if "destroyed" in end)
_NAMES = {
    FOUND: "found",
    RECEIVED: "received",
    "destroyed": "destroyed",
    "destroyed_in_place": "destroyed in place",
    "moved_and_destroyed": "moved and destroyed",
    "destroyed_place_unknown": "destroyed, place unknown",
    "stored": "stored",
    "handed_over": "handed over",
    "left_marked": "left and marked",
    "unaccounted": "unaccounted",
}
_SMALL = "small_arms_"
ITEM_FIGURES: Mapping[str, str] = {
    **_NAMES,
    **{f"{_SMALL}{name}": f"small arms: {label}" for name, label in _NAMES.items()},
}
"""Figures of items with their labels; small-arms ammunition stands apart."""

_PASSED = frozenset({RECEIVED, "handed_over"})
"""Terms of which the whole counts once what both sides of a handover tell."""

_REMEMBERED = "origins of items"
_KEPT = 12

register(
    {
        "too_many_reports": (
            "Reports are listed of one organisation at a time.",
            "Choose an organisation first, then its reports.",
        ),
        "reports_not_kept": (
            "The reports behind this figure are not counted yet.",
            "Try again when the server has counted the newest statements.",
        ),
    }
)


def states_of(figure: str) -> tuple[frozenset[str], bool]:
    """States that a figure of items sums, and whether it is of small-arms ammunition."""
    small = figure.startswith(_SMALL)
    name = figure.removeprefix(_SMALL)
    return frozenset(_DESTROYED if name == "destroyed" else (name,)), small


def account_of_items(
    session: Session, position: Position, level: str, until: int, by: str = ""
) -> ItemAccount:
    """Item account of a kept position at a day, the last few remembered."""

    def make() -> ItemAccount:
        return item_account(items_at(session, position, level), iso(until), by=by)

    name = ("account", position.receipts, level, until, by)
    result: ItemAccount = _remember(session, name, make)
    return result


def _remember(session: Session, name: tuple[Any, ...], make: Any) -> Any:
    known: dict[tuple[Any, ...], Any] = session.remembered.setdefault(_REMEMBERED, {})
    if name not in known:
        known[name] = make()
        while len(known) > _KEPT:
            del known[next(iter(known))]
    return known[name]


def items_step(
    session: Session, position: Position, ask: Ask, by: str, until: int
) -> tuple[float, tuple[Step, ...], Parts]:
    """Figure of items as a whole, the narrowings that lead here, and the rows of this step.

    Raises
    ------
    Refused
        ``too_many_reports``, ``reports_not_kept``.
    """
    states, small = states_of(ask.figure)
    told = account_of_items(session, position, ask.level, until)
    balance = told.joint.small_arms if small else told.joint.items
    whole = sum(getattr(balance, name) for name in states)
    rollup = items_at(session, position, ask.level)
    name = ("pieces", position.receipts, ask.level, until, states, small)
    pieces: NDArray[np.int64] = _remember(
        session, name, lambda: _pieces(rollup, until, states, small)
    )
    steps = []
    for cut, key in ask.of.items():
        if cut != "report":
            pieces = np.where(_is(rollup, cut, key), pieces, 0)
            steps.append(Step(cut, key, key, int(pieces.sum())))
    between = 0
    if not ask.of and states <= _PASSED:
        between = told.transferred[1 if small else 0]
    total = int(pieces.sum()) if ask.of else whole
    if by == "report" or "report" in ask.of:
        asked = Asked(states, small, until, {k: v for k, v in ask.of.items() if k != "report"})
        return _reports(session, position, ask, asked, (whole, steps, total))
    rows = [Row("", "", total)]
    if by:
        rows = [Row(key, key, value) for key, value in _grouped(rollup, by, pieces).items()]
    return whole, tuple(steps), Parts(rows, total, between)


def _reports(
    session: Session,
    position: Position,
    ask: Ask,
    asked: Asked,
    so_far: tuple[float, list[Step], float],
) -> tuple[float, tuple[Step, ...], Parts]:
    whole, steps, total = so_far
    if "organisation" not in asked.of:
        raise Refused(Problem("too_many_reports"))
    found = reports_of(session, position, ask.level, asked)
    if found is None:
        raise Refused(Problem("reports_not_kept"))
    told, reached = found
    rows = [
        Row(one.record, label_of("report", one.record), one.pieces, one.statement)
        for one in told
        if one.pieces
    ]
    if "report" in ask.of:
        record = ask.of["report"]
        rows = [row for row in rows if row.key == record]
        total = sum(row.value for row in rows)
        steps.append(Step("report", record, label_of("report", record), total))
    return whole, tuple(steps), Parts(rows, total, 0, reached)


def _pieces(rollup: Rollup, until: int, states: frozenset[str], small: bool) -> NDArray[np.int64]:
    """Pieces of each key of the rollup that the figure sums."""
    count = len(rollup.keys)
    sums = np.zeros(count, np.int64)
    wanted = [STATES.index(name) for name in states]
    for cells in rollup.blocks():
        chosen = (cells.day <= until) & np.isin(cells.state, wanted)
        np.add.at(sums, cells.key[chosen], cells.pieces[chosen])
    return np.where(_is(rollup, "category", SMALL_ARMS) == small, sums, 0)


def _is(rollup: Rollup, cut: str, key: str) -> NDArray[np.bool_]:
    """Which keys of the rollup have this value of a cut."""
    codes, words = rollup.column(cut)
    if key not in words:
        return np.zeros(len(codes), dtype=bool)
    return np.asarray(codes == words.index(key), bool)


def _grouped(rollup: Rollup, by: str, pieces: NDArray[np.int64]) -> dict[str, int]:
    codes, words = rollup.column(by)
    sums = np.zeros(len(words), np.int64)
    np.add.at(sums, codes, pieces)
    return {words[at]: int(sums[at]) for at in np.flatnonzero(sums).tolist()}
