"""A list that is frozen before it is decided: what was chosen then, and nothing that came since.

It is kept for an hour in the store, so that a page can say what it would move before somebody
confirms it, and so that a second click finds what came of the first.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from typing import Any

import msgspec

from tilth.core.problems import Parameter, Problem, Refused, register
from tilth.service.inbox import Filter, chosen_lines
from tilth.service.inbox_acts import (
    ACTS,
    MOST,
    Already,
    Changed,
    Decided,
    Kept,
    Seen,
    decide,
    planned,
)
from tilth.service.inbox_book import waiting_book
from tilth.service.lens import Lens
from tilth.service.preview import moved
from tilth.service.session import Session

__all__ = ["SMALL", "Examined", "Frozen", "confirm", "examine", "freeze", "read_frozen"]

BOOK = "frozen"
SMALL = 20
"""So many statements are examined while somebody waits; more in the background."""
_LIFE_US = 3_600_000_000
_ENCODER = msgspec.msgpack.Encoder()

register(
    {
        "frozen_unknown": (
            "This list is no longer kept: it is older than an hour, or not yours.",
            "Choose again in the inbox; nothing was decided.",
        ),
    }
)


class Examined(msgspec.Struct, frozen=True):
    """What a decision on a list would do, as of a number of statements.

    Parameters
    ----------
    seq
        Newest statement received by then.
    free
        How many statements would be decided.
    m2, pieces
        Ground that they draw, and items that they list.
    moves
        Level → ``land`` (term → change in m²) and ``pieces``.
    obstacles
        Record, statement, code, where, parameters of each rule in the way.
    changed, already
        Statements that were corrected or decided since the list was frozen.
    """

    seq: int
    free: int
    m2: float
    pieces: int
    moves: dict[str, dict[str, Any]]
    obstacles: list[tuple[str, str, str, str, dict[str, Parameter]]]
    changed: list[tuple[str, str, str]]
    already: list[tuple[str, str, str, str, str, str]]

    @property
    def refused(self) -> list[Kept]:
        """What stands in the way, by statement."""
        return [Kept(r, s, Problem(c, w, p)) for r, s, c, w, p in self.obstacles]

    @property
    def changed_since(self) -> list[Changed]:
        """Statements that were corrected since."""
        return [Changed(*one) for one in self.changed]

    @property
    def decided_since(self) -> list[Already]:
        """Statements that were decided since."""
        return [Already(*one) for one in self.already]


class Frozen(msgspec.Struct, frozen=True):
    """A list of statements somebody chose, with the act they chose it for.

    Parameters
    ----------
    wanted
        Filter by which it was chosen, as `Filter.pairs`; empty where the rows were marked.
    statements
        Record, hash and state of each as it was then.
    outcome
        What came of it, once it was confirmed.
    """

    id: str
    act: str
    organisation: str
    actor: str
    at: int
    wanted: dict[str, str]
    statements: list[tuple[str, str, str]]
    m2: float
    pieces: int
    examined: Examined | None = None
    outcome: bytes = b""

    @property
    def seen(self) -> list[Seen]:
        """The statements as they were on the screen."""
        return [Seen(*one) for one in self.statements]

    @property
    def expires(self) -> int:
        """UTC microseconds since 1970."""
        return self.at + _LIFE_US

    @property
    def decided(self) -> Decided | None:
        """What came of it; None before it is confirmed."""
        return _told(self.outcome) if self.outcome else None


def _told(data: bytes) -> Decided:
    return msgspec.msgpack.decode(data, type=Decided)


def freeze(
    session: Session,
    lens: Lens,
    act: str,
    chosen: Filter | Sequence[Seen],
) -> Frozen:
    """Keep what is chosen, by a filter or by hand, for one hour.

    Raises
    ------
    Refused
        ``unknown_act``, ``nothing_decided``, ``too_many_decided``, ``bad_filter``,
        ``not_readable`` where a statement chosen by hand may not be read.
    """
    session.require_actor()
    if act not in ACTS:
        raise Refused(Problem("unknown_act", act, {"act": act, "known": ", ".join(ACTS)}))
    if isinstance(chosen, Filter):
        lines = chosen_lines(session, lens, chosen)
        seen = [Seen(one.record, one.statement, one.state) for one in lines]
    else:
        seen = list({one.statement: one for one in chosen}.values())
        for record in dict.fromkeys(one.record for one in seen):
            lens.require_read(record)
    if not seen:
        raise Refused(Problem("nothing_decided", act))
    if len(seen) > MOST:
        raise Refused(Problem("too_many_decided", act, {"count": len(seen), "most": MOST}))
    book = waiting_book(session)
    known = [line for one in seen if (line := book.line(one.statement)) is not None]
    made = Frozen(
        session.workspace.nonce()[:32],
        act,
        session.own,
        session.actor,
        session.workspace.surroundings.clock(),
        chosen.pairs() if isinstance(chosen, Filter) else {},
        [(one.record, one.statement, one.state) for one in seen],
        round(sum(one.m2 for one in known), 6),
        sum(one.pieces for one in known),
    )
    _sweep(session, made.at)
    _put(session, made)
    return made


def _key(one: Frozen) -> str:
    return f"{one.expires:020d}-{one.id}"


def _put(session: Session, one: Frozen) -> None:
    session.workspace.store.keep(BOOK, _key(one), _ENCODER.encode(one))


def _sweep(session: Session, now: int) -> None:
    """Drop the lists of which the hour is over."""
    store = session.workspace.store
    old = [key for key in store.kept_keys(BOOK) if key[:20] < f"{now:020d}"]
    if old:
        store.keep_many(BOOK, dict.fromkeys(old))


def read_frozen(session: Session, name: str) -> Frozen:
    """A list by its id, for who made it.

    Raises
    ------
    Refused
        ``frozen_unknown``.
    """
    store = session.workspace.store
    now = session.workspace.surroundings.clock()
    keys = [key for key in store.kept_keys(BOOK) if key[21:] == name]
    for data in store.kept(BOOK, keys).values():
        found = msgspec.msgpack.decode(data, type=Frozen)
        mine = (found.organisation, found.actor) == (session.own, session.actor)
        if mine and found.expires >= now:
            return found
    raise Refused(Problem("frozen_unknown", name))


def examine(session: Session, name: str, *, each: Callable[[int], None] = lambda _: None) -> Frozen:
    """Find out what a decision on a list would move and what stands in its way; kept with it.

    Parameters
    ----------
    each
        Called with the number of the step that was done, of five.

    Raises
    ------
    Refused
        ``frozen_unknown``, ``actor_missing``.
    """
    found = read_frozen(session, name)
    seq = session.workspace.store.last_seq()
    # A reason is asked for when it is confirmed; here nothing is written.
    reason = "-" if found.act == "return" else ""
    plan, told = planned(session, found.act, found.seen, reason)
    each(1)
    free = {one.statement for one in told.done}
    book = waiting_book(session)
    lines = [line for one in free if (line := book.line(one)) is not None]
    moves = moved(session, plan, each=lambda step: each(1 + step)) if free else {}
    examined = Examined(
        seq,
        len(free),
        round(sum(one.m2 for one in lines), 6),
        sum(one.pieces for one in lines),
        moves,
        [
            (one.record, one.statement, one.problem.code, one.problem.where, dict(p))
            for one in told.refused
            for p in [one.problem.params]
        ],
        [(one.record, one.statement, one.now) for one in told.changed_since],
        [
            (one.record, one.statement, one.act, one.actor, one.organisation, one.at)
            for one in told.already
        ],
    )
    kept = msgspec.structs.replace(found, examined=examined)
    _put(session, kept)
    return kept


def confirm(
    session: Session, name: str, reason: str = "", override: Collection[str] = ()
) -> Frozen:
    """Decide on a list; asked a second time it tells what came of the first.

    Raises
    ------
    Refused
        ``frozen_unknown`` and what `decide` refuses.
    """
    with session.workspace.writing():
        found = read_frozen(session, name)
        if found.outcome:
            return found
    decided = decide(session, found.act, found.seen, reason, override)
    done = msgspec.structs.replace(found, outcome=_ENCODER.encode(decided))
    _put(session, done)
    return done
