"""What one source adds to the account, with all that later lines say of its items.

Each item starts *unaccounted* on the day of finding and moves on each disposal, so that both
sides of the balance grow together on every day; its state is that of its latest disposal. What
was destroyed does not move again.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from tilth.core.days import last_day
from tilth.core.items.lines import LaterDisposal, method_key, when
from tilth.core.items.lots import Lot, Tally, lots, named_lines
from tilth.core.items.model import (
    FOUND,
    RECEIVED,
    STATES,
    UNACCOUNTED,
    Contribution,
    ItemSource,
    Key,
)
from tilth.core.projects import project_key

__all__ = [
    "Excess",
    "WorkDone",
    "adjustments",
    "contributions",
    "excesses",
    "plain",
    "work_of",
]

_OPEN = (UNACCOUNTED, "left_marked", "stored", "handed_over")
"""States that a later disposal takes from, in this order."""

_INDEX = {state: at for at, state in enumerate(STATES)}


class Excess(NamedTuple):
    """A later disposal of more than was left, or of a line that is not there."""

    disposal: LaterDisposal
    pieces: int
    micrograms: int


class WorkDone(NamedTuple):
    """What all items of a source share: whose work, where, how, for whom, when (ordinal day)."""

    organisation: str
    place: str
    method: str
    month: str
    project: str
    day: int


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
    work = work_of(source)
    parts = plain(work, lots(source, where))
    if later:
        parts += adjustments(work, named_lines(source, where), later)
    cells: dict[tuple[Key, int, int], list[int]] = {}
    for key, day, state, pieces, weight in parts:
        cell = cells.setdefault((key, day, state), [0, 0])
        cell[0] += pieces
        cell[1] += weight
    return tuple(
        Contribution(*cell, pieces, weight)
        for cell, (pieces, weight) in sorted(cells.items())
        if pieces or weight
    )


def work_of(source: ItemSource) -> WorkDone:
    """Work in which a source found its items."""
    _, day, month = when(source)
    project = project_key(source.fields, source.record.split("/", 1)[0])
    method = method_key(source.methods)
    return WorkDone(source.organisation, source.place, method, month, project, day)


def plain(work: WorkDone, tallies: Iterable[Tally]) -> list[Contribution]:
    """Contributions of lines as their own report tells them; equal cells are not yet summed."""
    found: list[Contribution] = []
    for tally in tallies:
        lot, _, pieces, weight = tally
        end = _INDEX[lot.disposal or UNACCOUNTED]
        side = _INDEX[RECEIVED if lot.received_from else FOUND]
        disposed = max(work.day, last_day(lot.disposed_on)) if lot.disposed_on else work.day
        start, ended = _key(work, lot, lot.received_from), _key(work, lot, lot.handed_over_to)
        found.append(Contribution(start, work.day, side, pieces, weight))
        found.append(Contribution(ended, disposed, end, pieces, weight))
        if disposed > work.day:
            key, open_still = _key(work, lot, ""), _INDEX[UNACCOUNTED]
            found.append(Contribution(key, work.day, open_still, pieces, weight))
            found.append(Contribution(key, disposed, open_still, -pieces, -weight))
    return found


def adjustments(
    work: WorkDone, named: Iterable[Tally], later: Sequence[LaterDisposal]
) -> list[Contribution]:
    """What later lines change of the plain contributions of the lines they name."""
    changes: list[Contribution] = []
    for tally in named:
        said = [one for one in later if one.target_line == tally.line_id]
        if not said:
            continue
        changes += [
            Contribution(key, day, state, -pieces, -weight)
            for key, day, state, pieces, weight in plain(work, (tally,))
        ]
        for measure, amount in enumerate((tally.pieces, tally.micrograms)):
            for move in _moves(tally, work.day, amount, _steps(said, measure))[0] if amount else ():
                amounts = (0, move.amount) if measure else (move.amount, 0)
                key = _key(work, tally.lot, move.party)
                changes.append(Contribution(key, move.day, _INDEX[move.state], *amounts))
    return changes


def _key(work: WorkDone, lot: Lot, party: str) -> Key:
    category, model, origin = lot[:3]
    organisation, place, method, month, project, _ = work
    where = lot.where
    return Key(organisation, category, model, place, method, origin, month, where, party, project)


def excesses(source: ItemSource, later: Sequence[LaterDisposal]) -> list[Excess]:
    """Later disposals of more than the line still held, or of a line that is not there."""
    if not later:
        return []
    day = when(source).last
    names = {tally.line_id: tally for tally in named_lines(source)}
    missing: dict[LaterDisposal, list[int]] = {
        one: [one.pieces or 0, one.micrograms or 0] for one in later if one.target_line not in names
    }
    for name in {one.target_line for one in later} & names.keys():
        tally = names[name]
        said = [one for one in later if one.target_line == name]
        for measure, amount in enumerate((tally.pieces, tally.micrograms)):
            rest = _moves(tally, day, amount, _steps(said, measure))[1]
            for one in said:
                if left := rest.get((one.record, one.line_id), 0):
                    missing.setdefault(one, [0, 0])[measure] += left
    return [Excess(one, *missing[one]) for one in later if one in missing]


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
