"""The balance of items at a day, and its cuts."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from tilth.core.days import ordinal
from tilth.core.items.model import CUTS, SMALL_ARMS, STATES, Balance
from tilth.core.items.rollup import Cells, Rollup

__all__ = ["ItemAccount", "ItemRow", "account", "handovers"]

_EXACT_FLOAT = 2**53
_FOUND, _RECEIVED = STATES.index("found"), STATES.index("received")
_HANDED_OVER = STATES.index("handed_over")

_Sums = dict[tuple[str, bool], list[list[int]]]
"""(cut value, small arms?) → [pieces by state, micrograms by state]."""

_Parties = dict[tuple[str, str, str, str], list[list[int]]]
"""(giver, receiver, category, model) → [[pieces, micrograms] handed over, received]."""


@dataclass(frozen=True, slots=True)
class ItemRow:
    """One value of a cut.

    Parameters
    ----------
    items, small_arms
        Balances in pieces; small-arms ammunition stands apart.
    weight, small_arms_weight
        The same in micrograms, of what was weighed.
    """

    value: str
    items: Balance
    small_arms: Balance
    weight: Balance
    small_arms_weight: Balance


@dataclass(frozen=True, slots=True)
class ItemAccount:
    """The item account at a day, or its movements between two days.

    Parameters
    ----------
    until, since
        ISO days, inclusive; with ``since`` every term is what changed after it, else empty.
    joint
        The whole, in which handovers between organisations that both sides tell cancel out.
    transferred
        Pieces cancelled so (items, small arms): the rows of a cut that splits them show them,
        so that ``sum of rows − transferred = joint`` for *received* and *handed over*.
    by, rows
        The cut asked for, rows by value. Rows by category and model are net like the whole; in
        every other cut giver and receiver may stand in different rows, so rows are as each says.
    origins
        *Found* by origin (rules §4: stockpiles and what people hand in stand apart), small arms
        left out.
    """

    until: str
    since: str
    joint: ItemRow
    transferred: tuple[int, int]
    by: str
    rows: tuple[ItemRow, ...]
    origins: Mapping[str, int]

    @property
    def closes(self) -> bool:
        """Whether every balance, of the whole and of each row, closes exactly."""
        return all(
            balance.closure == 0
            for row in (self.joint, *self.rows)
            for balance in (row.items, row.small_arms, row.weight, row.small_arms_weight)
        )


def account(
    rollups: Rollup | Iterable[Rollup],
    until: str,
    *,
    since: str = "",
    by: str = "",
) -> ItemAccount:
    """Item account at a day, from one rollup or several that hold every cell once.

    Parameters
    ----------
    until
        ISO day, inclusive.
    since
        ISO day after which movements are asked for, or empty for the state.
    by
        One of `CUTS`, or empty.

    Raises
    ------
    ValueError
        When ``by`` is no cut.
    """
    if by and by not in CUTS:
        msg = f"{by!r} is no cut of the item account"
        raise ValueError(msg)
    held = [rollups] if isinstance(rollups, Rollup) else list(rollups)
    end, start = ordinal(until), ordinal(since) if since else None
    cut: _Sums = {}
    origins: _Sums = {}
    parties: tuple[_Parties, _Parties] = ({}, {})
    for rollup in held:
        for cells in rollup.blocks():
            known = cells.day <= end
            asked = known if start is None else known & (cells.day > start)
            _sum_by(rollup, cells, asked, by, cut)
            _sum_by(rollup, cells, asked & (cells.state == _FOUND), "origin", origins)
            _sum_parties(rollup, cells, known, parties[0])
            if start is not None:
                _sum_parties(rollup, cells, known & ~asked, parties[1])
    matched = _matched(parties[0])
    for pair, amounts in _matched(parties[1]).items():
        matched[pair] = [a - b for a, b in zip(matched.get(pair, [0, 0]), amounts, strict=True)]
    whole = _added(cut)
    _net(whole, matched, "")
    if by in ("category", "model"):
        _net(cut, matched, by)
    return ItemAccount(
        until,
        since,
        _row("", whole),
        (
            sum(a[0] for pair, a in matched.items() if pair[2] != SMALL_ARMS),
            sum(a[0] for pair, a in matched.items() if pair[2] == SMALL_ARMS),
        ),
        by,
        tuple(_row(value, cut) for value in sorted({v for v, _ in cut})) if by else (),
        {v: sums[0][0] for (v, small), sums in sorted(origins.items()) if not small and sums[0][0]},
    )


def handovers(rollups: Iterable[Rollup]) -> dict[tuple[str, str, str, str], tuple[int, int]]:
    """Pieces handed over and received, as each side tells it, on all days together.

    Returns
    -------
    dict
        (giver, receiver, category, model) → (handed over, received).
    """
    parties: _Parties = {}
    for rollup in rollups:
        for cells in rollup.blocks():
            _sum_parties(rollup, cells, np.ones(len(cells.key), dtype=bool), parties)
    return {pair: (given[0], got[0]) for pair, (given, got) in parties.items()}


def _sum_by(
    rollup: Rollup, cells: Cells, asked: NDArray[np.bool_], column: str, sums: _Sums
) -> None:
    """Add the cells asked for to the sums of each value of a column."""
    chosen = slice(None) if asked.all() else asked
    key = cells.key[chosen]
    if not len(key):
        return
    category, categories = rollup.column("category")
    small = np.array([name == SMALL_ARMS for name in categories])[category]
    codes, values = rollup.column(column) if column else (np.zeros_like(category), [""])
    slot = ((codes * 2 + small) * len(STATES))[key] + cells.state[chosen]
    size = len(values) * 2 * len(STATES)
    tables = [
        _exact_sums(slot, amounts[chosen], size).reshape(-1, len(STATES))
        for amounts in (cells.pieces, cells.micrograms)
    ]
    present = np.flatnonzero(np.bincount(slot, minlength=size).reshape(-1, len(STATES)).any(axis=1))
    for at in present.tolist():
        name = (values[at // 2], bool(at % 2))
        into = sums.setdefault(name, [[0] * len(STATES), [0] * len(STATES)])
        for measure, table in enumerate(tables):
            into[measure] = [a + b for a, b in zip(into[measure], table[at].tolist(), strict=True)]


def _exact_sums(
    slot: NDArray[np.int64], amounts: NDArray[np.int64], size: int
) -> NDArray[np.int64]:
    """Sums of integers per slot; floats are used only where they are exact."""
    if not amounts.any():
        return np.zeros(size, dtype=np.int64)
    if float(np.abs(amounts.astype(np.float64)).sum()) < _EXACT_FLOAT / 2:
        return np.bincount(slot, weights=amounts, minlength=size).astype(np.int64)
    sums = np.zeros(size, dtype=np.int64)
    np.add.at(sums, slot, amounts)
    return sums


def _sum_parties(rollup: Rollup, cells: Cells, asked: NDArray[np.bool_], parties: _Parties) -> None:
    """Add what organisations handed to each other, as each side tells it."""
    party, words = rollup.column("party")
    if words in ([], [""]):
        return
    named = np.array([bool(word) for word in words])[party]
    chosen = np.flatnonzero(named[cells.key])
    chosen = chosen[asked[chosen] & np.isin(cells.state[chosen], (_RECEIVED, _HANDED_OVER))]
    for row in zip(*(column[chosen].tolist() for column in cells), strict=True):
        at, _, state, pieces, weight = row
        key = rollup.keys[at]
        pair = (
            (key.organisation, key.party)
            if state == _HANDED_OVER
            else (key.party, key.organisation)
        )
        sides = parties.setdefault((*pair, key.category, key.model), [[0, 0], [0, 0]])
        side = sides[0 if state == _HANDED_OVER else 1]
        side[0] += pieces
        side[1] += weight


def _matched(parties: _Parties) -> dict[tuple[str, str, str, str], list[int]]:
    """Pieces and micrograms that both sides tell, per pair, category and model."""
    return {
        pair: [max(0, min(given, got)) for given, got in zip(*sides, strict=True)]
        for pair, sides in parties.items()
        if sides[0] != [0, 0] and sides[1] != [0, 0]
    }


def _added(cut: _Sums) -> _Sums:
    """All values of a cut together."""
    whole: _Sums = {}
    for (_, small), sums in cut.items():
        into = whole.setdefault(("", small), [[0] * len(STATES), [0] * len(STATES)])
        for measure in (0, 1):
            into[measure] = [a + b for a, b in zip(into[measure], sums[measure], strict=True)]
    return whole


def _net(sums: _Sums, matched: Mapping[tuple[str, str, str, str], list[int]], column: str) -> None:
    """Take matched handovers out of *received* and *handed over*."""
    for (_, _, category, model), amounts in matched.items():
        value = {"": "", "category": category, "model": model}[column]
        into = sums.setdefault(
            (value, category == SMALL_ARMS), [[0] * len(STATES), [0] * len(STATES)]
        )
        for measure, amount in enumerate(amounts):
            into[measure][_RECEIVED] -= amount
            into[measure][_HANDED_OVER] -= amount


def _row(value: str, sums: _Sums) -> ItemRow:
    nothing = [[0] * len(STATES), [0] * len(STATES)]
    items, small = sums.get((value, False), nothing), sums.get((value, True), nothing)
    return ItemRow(
        value,
        Balance(*items[0]),
        Balance(*small[0]),
        Balance(*items[1]),
        Balance(*small[1]),
    )
