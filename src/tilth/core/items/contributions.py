"""What one source adds to the account, with all that later lines say of its items.

Each item starts *unaccounted* on the day of finding and moves on each disposal, so that both
sides of the balance grow together on every day; its state is that of its latest disposal. What
was destroyed does not move again.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from tilth.core.days import last_day
from tilth.core.items.lines import LaterDisposal, Tally, lots, method_key, when
from tilth.core.items.model import (
    FOUND,
    RECEIVED,
    STATES,
    UNACCOUNTED,
    Contribution,
    ItemSource,
    Key,
)

__all__ = ["Excess", "contributions", "contributions_of", "excesses"]

_OPEN = (UNACCOUNTED, "left_marked", "stored", "handed_over")
"""States that a later disposal takes from, in this order."""

_INDEX = {state: at for at, state in enumerate(STATES)}


class Excess(NamedTuple):
    """A later disposal of more than was left, or of a line that is not there."""

    disposal: LaterDisposal
    pieces: int
    micrograms: int


class _Move(NamedTuple):
    day: int
    state: str
    party: str
    amount: int


class _Step(NamedTuple):
    """One disposal in the life of a line, of one measure; amount None takes all."""

    day: int
    later: bool
    record: str
    line_id: str
    state: str
    party: str
    amount: int | None


def contributions(
    source: ItemSource,
    later: Sequence[LaterDisposal] = (),
    *,
    counted: bool = True,
    where: tuple[str, ...] = (),
) -> tuple[Contribution, ...]:
    """Contributions of one source, equal cells summed, in canonical order.

    Parameters
    ----------
    later
        Lines, of this or other records, that dispose of this source's lines.
    counted
        False for a summary that is compared, not added.
    where
        Place of each line of ``fields["items"]`` against the ground (`tilth.core.items.places`).
    """
    if not counted:
        return ()
    tallies = lots(source, frozenset(one.target_line for one in later), where)
    cells: dict[tuple[Key, int, int], list[int]] = {}
    for key, day, state, pieces, weight in contributions_of(source, tallies, later):
        cell = cells.setdefault((key, day, state), [0, 0])
        cell[0] += pieces
        cell[1] += weight
    return tuple(
        Contribution(*cell, pieces, weight)
        for cell, (pieces, weight) in sorted(cells.items())
        if pieces or weight
    )


def contributions_of(
    source: ItemSource, tallies: Sequence[Tally], later: Sequence[LaterDisposal] = ()
) -> list[Contribution]:
    """Contributions of a source whose lines are tallied already; equal cells are not yet summed."""
    _, day, month = when(source)
    work = (source.organisation, source.place, method_key(source.methods), month)
    found: list[Contribution] = []
    for tally in tallies:
        said = [one for one in later if one.target_line == tally.line_id] if tally.line_id else []
        if not said:
            found += _plain(work, tally, day)
            continue
        for measure, amount in enumerate((tally.pieces, tally.micrograms)):
            for move in _moves(tally, day, amount, _steps(said, measure))[0] if amount else ():
                amounts = (0, move.amount) if measure else (move.amount, 0)
                key = _key(work, tally, move.party)
                found.append(Contribution(key, move.day, _INDEX[move.state], *amounts))
    return found


def _plain(work: tuple[str, str, str, str], tally: Tally, day: int) -> list[Contribution]:
    """Contributions of lines of which only their own report speaks: nearly all."""
    lot, _, pieces, weight = tally
    end = lot.disposal or UNACCOUNTED
    disposed = max(day, last_day(lot.disposed_on)) if lot.disposed_on else day
    key = _key(work, tally, "")
    start, ended = key, key
    if lot.received_from:
        start = key._replace(party=lot.received_from)
    if lot.handed_over_to:
        ended = key._replace(party=lot.handed_over_to)
    cells = [
        Contribution(start, day, _INDEX[RECEIVED if lot.received_from else FOUND], pieces, weight),
        Contribution(ended, disposed, _INDEX[end], pieces, weight),
    ]
    if disposed > day:
        cells.append(Contribution(key, day, _INDEX[UNACCOUNTED], pieces, weight))
        cells.append(Contribution(key, disposed, _INDEX[UNACCOUNTED], -pieces, -weight))
    return cells


def _key(work: tuple[str, str, str, str], tally: Tally, party: str) -> Key:
    organisation, place, method, month = work
    category, model, origin = tally.lot[:3]
    where = tally.lot[-1]
    return Key(organisation, category, model, place, method, origin, month, where, party)


def excesses(source: ItemSource, later: Sequence[LaterDisposal]) -> list[Excess]:
    """Later disposals of more than the line still held, or of a line that is not there."""
    if not later:
        return []
    day = when(source).last
    missing: dict[LaterDisposal, list[int]] = {}
    names = {
        tally.line_id: tally for tally in lots(source, frozenset(o.target_line for o in later))
    }
    for one in later:
        tally = names.get(one.target_line)
        if tally is None or not one.target_line:
            missing[one] = [one.pieces or 0, one.micrograms or 0]
    for name, tally in names.items():
        said = [one for one in later if one.target_line == name and name]
        for measure, amount in enumerate((tally.pieces, tally.micrograms)):
            rest = _moves(tally, day, amount, _steps(said, measure))[1]
            for one in said:
                if left := rest.get((one.record, one.line_id), 0):
                    missing.setdefault(one, [0, 0])[measure] += left
    return [Excess(one, *amount) for one, amount in missing.items()]


def _steps(later: Sequence[LaterDisposal], measure: int) -> list[_Step]:
    """Later disposals of one measure (0 pieces, 1 weight) that have an end."""
    return [
        _Step(
            one.last,
            True,
            one.record,
            one.line_id,
            one.disposal,
            one.party,
            one.micrograms if measure else one.pieces,
        )
        for one in later
        if one.disposal
    ]


def _moves(
    tally: Tally, day: int, amount: int, steps: list[_Step]
) -> tuple[list[_Move], dict[tuple[str, str], int]]:
    """Moves of one measure of a line through its life, and what disposals found nothing to take."""
    lot = tally.lot
    moves = [_Move(day, RECEIVED if lot.received_from else FOUND, lot.received_from, amount)]
    own = lot.disposal
    disposed = max(day, last_day(lot.disposed_on)) if lot.disposed_on else day
    pools = {(UNACCOUNTED, ""): amount}
    moves.append(_Move(day, UNACCOUNTED, "", amount))
    if own:
        steps = [*steps, _Step(disposed, False, "", "", own, lot.handed_over_to, None)]
    rest: dict[tuple[str, str], int] = {}
    for step in sorted(steps, key=lambda s: (max(s.day, day), *s[1:6])):
        on = max(step.day, day)
        wanted = amount if step.amount is None else step.amount
        for pool, taken in _taken(pools, step, wanted):
            wanted -= taken
            moves.append(_Move(on, *pool, -taken))
            moves.append(_Move(on, step.state, step.party, taken))
        if step.amount and wanted:
            rest[step.record, step.line_id] = rest.get((step.record, step.line_id), 0) + wanted
    return moves, rest


def _taken(
    pools: dict[tuple[str, str], int], step: _Step, wanted: int
) -> list[tuple[tuple[str, str], int]]:
    """Take from the open pools for one disposal; the pools change, the takes are returned.

    The line's own disposal takes only what is still unaccounted for: what a later line has
    already moved on stays moved.
    """
    order = _OPEN if step.later else (UNACCOUNTED,)
    taken = []
    for state in order:
        for pool in sorted(pool for pool in pools if pool[0] == state):
            take = min(wanted, pools[pool])
            if take:
                pools[pool] -= take
                wanted -= take
                taken.append((pool, take))
    target = (step.state, step.party)
    for _, take in taken:
        pools[target] = pools.get(target, 0) + take
    return taken
