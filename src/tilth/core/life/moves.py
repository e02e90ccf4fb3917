"""Moves: how a task or a nonconformity goes from one state to the next, whoever says so.

Each move is a record of its own (``status_change``) in the log of who makes it, and names the move
that it follows. The state is read from those links, so that it does not depend on the order in
which logs arrive. A move that is not possible where it stands, or not for who made it, changes
nothing. Two moves that follow the same one are *contested*: the more careful state stands until the
authority approves exactly one of them (rules §2, contested statements).
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from tilth.core.chains import APPROVED
from tilth.core.days import NEVER, first_day, iso, last_day
from tilth.core.life.register import Held
from tilth.core.problems import Problem, Refused, register

__all__ = ["Axis", "Move", "Standing", "Stop", "move_of", "next_move", "possible", "standing"]

AUTHORITY = "authority"

Roles = Callable[[Held], Collection[str]]


@dataclass(frozen=True, slots=True)
class Move:
    """One move of an axis.

    Parameters
    ----------
    sources, target
        States from which it is possible, and the state it leads to.
    by
        Roles of which one is needed: ``tasking_authority``, ``operator``, ``authority``,
        ``inspector``, ``inspected``.
    guards
        Names of the rules that are asked before it is made.
    needs_reason
        It is refused without a reason.
    """

    name: str
    sources: tuple[str, ...]
    target: str
    by: tuple[str, ...]
    guards: tuple[str, ...] = ()
    needs_reason: bool = False


@dataclass(frozen=True, slots=True)
class Axis:
    """States and moves of one kind of record.

    Parameters
    ----------
    name
        As in the field ``axis`` of a status change.
    start
        State of a record that was never moved.
    careful
        States, the most careful first: of contested moves the one that ends earliest in this order
        stands. A state that is not listed comes last.
    stopped
        State in which a `Stop` holds the record; empty when nothing stops it.
    stoppable
        States from which a stop takes it.
    lifts
        Name of the move by which the authority lifts stops. While one holds, every move out of the
        stopped state is the authority's.
    """

    name: str
    start: str
    moves: tuple[Move, ...]
    careful: tuple[str, ...] = ()
    stopped: str = ""
    stoppable: tuple[str, ...] = ()
    lifts: str = ""


class Stop(NamedTuple):
    """What stops a record by itself, without anybody's move: an accident, for example.

    It holds from ``first``, an ordinal, until the authority's lifting move dated on ``last`` or
    later; the two differ for a month or a year.
    """

    record: str
    first: int
    last: int


@dataclass(frozen=True, slots=True)
class Standing:
    """Where a record stands on an axis.

    Parameters
    ----------
    moved_to
        State that the last move led to; another than ``state`` only where something stops it.
    last
        Record id of the last change that counts, which the next one follows; empty before any.
    contested
        Two changes that count follow the same one, and the authority has not chosen.
    trail
        Changes that count, in order.
    ignored
        Record ids of changes that change nothing: not possible where they stand, not for who made
        them, dated before what they follow, or following what is not held.
    rivals
        Record ids of the changes that contest each other.
    stops
        Records that stop it now.
    stopped_until
        Day (ordinal) on or after which the authority may move it on; 0 when nothing stops it.
    """

    state: str
    moved_to: str
    last: str = ""
    contested: bool = False
    trail: tuple[Held, ...] = ()
    ignored: tuple[str, ...] = ()
    rivals: tuple[str, ...] = ()
    stops: tuple[str, ...] = ()
    stopped_until: int = 0


@dataclass(slots=True)
class _Node:
    """State after a change: when it came to life, and up to which day stops are lifted."""

    state: str
    change: Held | None = None
    day: int = 0
    alive_since: int = NEVER
    lifted_to: int = 0
    children: list[str] = field(default_factory=list)


def _holding(axis: Axis, node: _Node, stops: Sequence[Stop], day: int) -> list[Stop]:
    """Stops that hold a record in this state on a day, the stopped state itself included."""
    if node.state != axis.stopped and node.state not in axis.stoppable:
        return []
    return [
        one
        for one in stops
        if one.first <= day and one.last >= node.alive_since and one.last > node.lifted_to
    ]


def _met(axis: Axis, node: _Node, stops: Sequence[Stop], day: int) -> str:
    """State that is met on a day: stopped where a stop holds."""
    return axis.stopped if _holding(axis, node, stops, day) else node.state


def _counts(
    axis: Axis, move: Move, node: _Node, stops: Sequence[Stop], day: int, roles: Collection[str]
) -> bool:
    """Whether a move changes anything, made on this day by who has these roles.

    While a stop holds only the authority moves the record out of the stopped state. On the day of
    the stop itself nobody knows which came first: a move that leaves the record to be stopped
    counts as made before.
    """
    if not set(roles) & set(move.by):
        return False
    holding = _holding(axis, node, stops, day)
    if not holding:
        return node.state in move.sources
    same_day = move.target in axis.stoppable and all(one.last >= day for one in holding)
    if node.state in move.sources and (move.target == axis.stopped or same_day):
        return True
    return axis.stopped in move.sources and AUTHORITY in roles


def _after(
    axis: Axis, node: _Node, change: Held, roles: Roles | None, stops: Sequence[Stop]
) -> _Node | None:
    """State after a change, or None where it changes nothing."""
    move = next((one for one in axis.moves if one.name == change.fields.get("move")), None)
    day = last_day(change.happened_on)
    if move is None or day < node.day:
        return None
    held = set(roles(change)) if roles is not None else {*move.by, AUTHORITY}
    if not _counts(axis, move, node, stops, day, held):
        return None
    alive = (axis.stopped, *axis.stoppable)
    since = node.alive_since if node.state in alive else first_day(change.happened_on)
    lifting = move.name == axis.lifts and AUTHORITY in held
    lifted = max(node.lifted_to, day) if lifting else node.lifted_to
    return _Node(move.target, change, day, since if move.target in alive else NEVER, lifted)


def standing(
    axis: Axis,
    changes: Iterable[Held],
    *,
    roles: Roles | None = None,
    stops: Sequence[Stop] = (),
    day: str = "",
) -> Standing:
    """Where one record stands.

    Parameters
    ----------
    changes
        Status changes of this record in any order; those of other axes are passed over.
    roles
        Roles on the record of who made a change; without it everybody may make every move.
    stops
        What stops the record by itself.
    day
        As of this day, inclusive; without it with every change held.
    """
    until = last_day(day) if day else NEVER
    following: dict[str, list[Held]] = {}
    for change in sorted(changes, key=lambda one: one.record):
        if change.fields.get("axis") == axis.name and last_day(change.happened_on) <= until:
            following.setdefault(str(change.fields.get("follows", "")), []).append(change)
    nodes = {"": _Node(axis.start, alive_since=0 if axis.start in axis.stoppable else NEVER)}
    order = [""]
    for at in order:  # grows while it is walked
        for change in following.get(at, ()):
            after = _after(axis, nodes[at], change, roles, stops)
            if after is not None and change.record not in nodes:
                nodes[change.record] = after
                nodes[at].children.append(change.record)
                order.append(change.record)
    everyone = {one.record for some in following.values() for one in some}
    path, rivals = _path(axis, nodes, order, stops, until)
    end = nodes[path[-1]]
    holding = _holding(axis, end, stops, until)
    return Standing(
        state=_met(axis, end, stops, until),
        moved_to=end.state,
        last=path[-1],
        contested=bool(rivals),
        trail=tuple(made for one in path[1:] if (made := nodes[one].change) is not None),
        ignored=tuple(sorted(everyone - set(nodes))),
        rivals=tuple(rivals),
        stops=tuple(one.record for one in holding),
        stopped_until=max((one.last for one in holding), default=0),
    )


def _path(
    axis: Axis, nodes: dict[str, _Node], order: list[str], stops: Sequence[Stop], until: int
) -> tuple[list[str], list[str]]:
    """Changes that stand, from the first, and those on the way that contest each other."""
    rank = {state: number for number, state in enumerate(axis.careful)}
    chosen: dict[str, str] = {}
    contested: dict[str, list[str]] = {}
    ends: dict[str, tuple[int, str]] = {}
    approved: set[str] = set()
    for name in reversed(order):
        node = nodes[name]
        if node.change is not None and node.change.level == APPROVED:
            approved.add(name)
        if not node.children:
            met = _met(axis, node, stops, until)
            ends[name] = (rank.get(met, len(rank)), met)
            continue
        backed = [one for one in node.children if one in approved]
        if len(backed) != 1 and len(node.children) > 1:
            contested[name] = sorted(node.children)
        among = backed if len(backed) == 1 else node.children
        chosen[name] = min(among, key=lambda one: (ends[one], one))
        ends[name] = ends[chosen[name]]
        if backed:
            approved.add(name)
    path: list[str] = [""]
    rivals: list[str] = []
    while path[-1] in chosen:
        rivals += contested.get(path[-1], [])
        path.append(chosen[path[-1]])
    return path, rivals


def possible(axis: Axis, state: str) -> list[str]:
    """Names of the moves that a state allows, in the order of the axis."""
    return [move.name for move in axis.moves if state in move.sources]


def move_of(axis: Axis, state: str, name: str, where: str = "") -> Move:
    """Move of that name from a state.

    Raises
    ------
    Refused
        ``move_not_possible``, which says which moves are.

    Examples
    --------
    >>> light = Axis("light", "off", (Move("switch_on", ("off",), "on", ("operator",)),))
    >>> move_of(light, "off", "switch_on").target
    'on'
    """
    for move in axis.moves:
        if move.name == name and state in move.sources:
            return move
    moves = ", ".join(possible(axis, state)) or "none"
    params = {"move": name, "state": state, "possible": moves}
    raise Refused(Problem("move_not_possible", where, params))


def next_move(
    axis: Axis,
    now: Standing,
    name: str,
    *,
    roles: Collection[str],
    reason: str,
    day: str,
    where: str,
) -> Move:
    """Move that somebody wants to make now, if it is possible and theirs to make.

    None of its problems can be overridden: they are of permission or of order.

    Parameters
    ----------
    roles
        Roles on the record of who asks.
    day
        Day on which it is made.
    where
        Record that is moved.

    Raises
    ------
    Refused
        ``move_not_possible``, ``move_not_permitted``, ``stop_needs_authority``,
        ``move_needs_reason``, ``move_before_last``.
    """
    named = (one for one in axis.moves if one.name == name and now.moved_to in one.sources)
    stopping = next((one for one in named if one.target == axis.stopped), None)
    move = stopping or move_of(axis, now.state, name, where)
    if not set(roles) & set(move.by):
        params = {"move": name, "roles": " or ".join(move.by)}
        raise Refused(Problem("move_not_permitted", where, params))
    if now.stops and move.target != axis.stopped and AUTHORITY not in roles:
        stops = ", ".join(now.stops)
        raise Refused(Problem("stop_needs_authority", now.stops[0], {"move": name, "stops": stops}))
    if move.needs_reason and not reason.strip():
        raise Refused(Problem("move_needs_reason", where, {"move": name}))
    if now.trail and last_day(day) < last_day(now.trail[-1].happened_on):
        params = {"day": day, "last": now.trail[-1].happened_on}
        raise Refused(Problem("move_before_last", now.last, params))
    if now.stops and move.target != axis.stopped and last_day(day) < now.stopped_until:
        params = {"day": day, "last": iso(now.stopped_until)}
        raise Refused(Problem("move_before_last", now.stops[0], params))
    return move


register(
    {
        "move_not_possible": (
            "{move} is not possible in the state {state}.",
            "Make a move that is possible now: {possible}.",
        ),
        "move_not_permitted": (
            "{move} is for the {roles}.",
            "Ask the organisation concerned to do it in its own workspace.",
        ),
        "stop_needs_authority": (
            "{stops} stopped it; after that only the authority may {move}.",
            "Ask the authority to look at it and to make the move.",
        ),
        "move_needs_reason": (
            "To {move} needs a reason.",
            "Give --reason with a sentence that will still be understood in ten years.",
        ),
        "move_before_last": (
            "The move of {day} would lie before {last}, when it was last moved or stopped.",
            "Give a day on or after {last}.",
        ),
    }
)
