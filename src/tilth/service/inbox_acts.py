"""Decide what waits: verify, approve, return, choose; one report or many, and take it back again.

A decision names every statement that was on the screen, by its hash. What was corrected since, or
decided by somebody else, is left alone and told; the others go through.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from tilth.core import roles
from tilth.core.access import same_person
from tilth.core.chains import Said
from tilth.core.problems import Parameter, Problem, Refused, register
from tilth.core.statement import RECORD_ACTS, read_header, split_record_id
from tilth.core.waiting import (
    CONTESTED,
    CORRECTED,
    RETURNED,
    SUBMITTED,
    WAITS_VERIFIED,
    WITHDRAWN,
)
from tilth.service.deciding import Plan, carry_out, decisions_on, require_reason
from tilth.service.guarding import HARD
from tilth.service.inbox_book import WaitingBook, waiting_book
from tilth.service.inbox_lines import Line, decisions_about, received_at
from tilth.service.levels import plan_undo
from tilth.service.release_guards import Obstacle, guard_approval, obstacles
from tilth.service.ruling import rules_on
from tilth.service.session import Session, said_of
from tilth.store.protocol import Draft

__all__ = [
    "ACTS",
    "Already",
    "Changed",
    "Decided",
    "Kept",
    "Seen",
    "acts_offered",
    "decide",
    "decided_by",
    "planned",
    "records_of",
    "undo_decision",
]

ACTS = ("vouch", "approve", "return")
MOST = 100_000
"""Statements in one decision of a person; more is a job for the command line."""
_ATTEMPTS = 3

register(
    {
        "unknown_act": ("There is no act {act} here.", "Take one of: {known}."),
        "nothing_decided": (
            "Nothing is chosen.",
            "Mark at least one report, or open one.",
        ),
        "choose_one": (
            "{record} is contested: two statements replace the same one.",
            "Open it and choose one of them; the authority approves the one that holds.",
        ),
        "too_many_decided": (
            "{count} statements are too many for one decision; at most {most}.",
            "Narrow the filter.",
        ),
    }
)


@dataclass(frozen=True, slots=True)
class Seen:
    """A statement as it stood on somebody's screen: record, hash, and the state it was in."""

    record: str
    statement: str
    state: str = ""

    @property
    def token(self) -> str:
        """As a form carries it."""
        return f"{self.statement}.{self.state}"


@dataclass(frozen=True, slots=True)
class Changed:
    """A statement that was corrected since it was on the screen; ``now`` is the newest, if any."""

    record: str
    statement: str
    now: str


@dataclass(frozen=True, slots=True)
class Already:
    """A statement that somebody decided since: which act, by whom (code), when (UTC)."""

    record: str
    statement: str
    act: str
    actor: str
    organisation: str
    at: str


@dataclass(frozen=True, slots=True)
class Kept:
    """A statement that was left as it was, and why."""

    record: str
    statement: str
    problem: Problem


@dataclass(frozen=True, slots=True)
class Decided:
    """What came of a decision.

    Parameters
    ----------
    done
        Statements decided.
    changed_since, already, refused
        Those that were not, and why.
    decisions
        Hashes of the new statements, by which it is taken back.
    """

    act: str
    done: tuple[Seen, ...] = ()
    changed_since: tuple[Changed, ...] = ()
    already: tuple[Already, ...] = ()
    refused: tuple[Kept, ...] = ()
    decisions: tuple[str, ...] = ()


@dataclass(slots=True)
class _Sorted:
    """Statements that were on the screen, by what can be done with them now."""

    open: list[Seen] = field(default_factory=list)
    changed: list[Changed] = field(default_factory=list)
    stale: list[Seen] = field(default_factory=list)
    refused: list[Kept] = field(default_factory=list)


@dataclass(slots=True)
class _Planned:
    plan: Plan
    refused: list[Kept]
    done: list[Seen]


def decide(
    session: Session,
    act: str,
    seen: Sequence[Seen],
    reason: str = "",
    override: Collection[str] = (),
) -> Decided:
    """Verify (``vouch``), approve or return statements that wait.

    All that is free to go goes in one transaction. Approving one of the rivals of a contested
    record is the choice between them.

    Parameters
    ----------
    seen
        Each with the state it was in on the screen; where somebody changed that since, nothing is
        decided for it. Without a state only its hash counts.
    override
        Codes of rules that are overridden where they stand in the way, with the reason.

    Raises
    ------
    Refused
        ``unknown_act``, ``nothing_decided``, ``reason_missing``, ``actor_missing``,
        ``override_needs_reason``, ``workspace_busy``.
    """
    wanted = _checked(session, act, seen, reason, override)
    for attempt in range(_ATTEMPTS):
        before = session.workspace.store.last_seq()
        last = attempt + 1 == _ATTEMPTS
        # Guards take a moment, of many statements seconds: asked before others have to wait.
        ready = None if last else _planned(session, act, wanted, reason, override)
        with session.workspace.writing():
            if ready is not None and session.workspace.store.last_seq() != before:
                continue
            sorted_, planned_ = ready or _planned(session, act, wanted, reason, override)
            hashes = carry_out(session, planned_.plan) if planned_.done else []
        return Decided(
            act,
            tuple(planned_.done),
            tuple(sorted_.changed),
            tuple(decided_by(session, sorted_.stale)),
            (*sorted_.refused, *planned_.refused),
            tuple(hashes),
        )
    raise AssertionError  # the last attempt plans within the lock


def planned(
    session: Session, act: str, seen: Sequence[Seen], reason: str, override: Collection[str] = ()
) -> tuple[Plan, Decided]:
    """What `decide` would do now; nothing is written.

    Raises
    ------
    Refused
        As `decide`.
    """
    wanted = _checked(session, act, seen, reason, override)
    sorted_, ready = _planned(session, act, wanted, reason, override)
    told = Decided(
        act,
        tuple(ready.done),
        tuple(sorted_.changed),
        tuple(decided_by(session, sorted_.stale)),
        (*sorted_.refused, *ready.refused),
    )
    return ready.plan, told


def _checked(
    session: Session, act: str, seen: Sequence[Seen], reason: str, override: Collection[str]
) -> list[Seen]:
    session.require_actor()
    if act not in ACTS:
        raise Refused(Problem("unknown_act", act, {"act": act, "known": ", ".join(ACTS)}))
    require_reason(act, reason)
    wanted = list({one.statement: one for one in seen}.values())
    if not wanted:
        raise Refused(Problem("nothing_decided", act))
    if len(wanted) > MOST:
        params: dict[str, Parameter] = {"count": len(wanted), "most": MOST}
        raise Refused(Problem("too_many_decided", act, params))
    if override and not reason.strip():
        params = {"rule": ", ".join(sorted(override))}
        raise Refused(Problem("override_needs_reason", "--reason", params))
    return wanted


# -- what stands on the screen, and what stands now ------------------------------------------------


def _planned(
    session: Session, act: str, seen: Sequence[Seen], reason: str, override: Collection[str]
) -> tuple[_Sorted, _Planned]:
    sorted_ = _sort(session, waiting_book(session), act, seen)
    said = _said(session, [one.statement for one in sorted_.open])
    refused = _not_allowed(session, act, said.values(), reason)
    found: list[Obstacle] = []
    if act == "approve":
        free = [one for one in said.values() if one.hash not in refused and one.act != "withdraw"]
        found = obstacles(session, free, rules_on(session)) if free else []
        of_record: dict[str, list[str]] = {}
        for said_one in free:
            of_record.setdefault(said_one.record, []).append(said_one.hash)
        for one in found:
            if one.problem.code in HARD or one.problem.code not in override:
                for name in of_record[one.record]:
                    refused.setdefault(name, []).append(one.problem)
    go = [one for one in said.values() if one.hash not in refused]
    drafts = _drafts(session, act, go, reason, [o for o in found if o.problem.code in override])
    done = [one for one in sorted_.open if one.statement in said and one.statement not in refused]
    kept = [
        Kept(said[name].record, name, problem)
        for name, problems in refused.items()
        for problem in problems
    ]
    plan = Plan(act, drafts, len(go), len({one.record for one in go}))
    return sorted_, _Planned(plan, kept, done)


def _sort(session: Session, book: WaitingBook, act: str, seen: Sequence[Seen]) -> _Sorted:
    """Tell what still waits as it was seen from what was corrected or decided since."""
    found = _Sorted()
    unknown = []
    for one in seen:
        line = book.line(one.statement)
        if line is None or one.statement in line.rivals:
            line = next((x for x in book.of_record(one.record) if one.statement in x.rivals), line)
        if line is None:
            unknown.append(one)
        elif _acts_on(act, one.state, line):
            problem = _out_of_turn(act, line)
            if problem is None:
                found.open.append(one)
            else:
                found.refused.append(Kept(one.record, one.statement, problem))
        else:
            found.stale.append(one)
    later = _replaced(session, unknown)
    for one in unknown:
        if one.statement in later:
            found.changed.append(Changed(one.record, one.statement, later[one.statement]))
        else:
            found.stale.append(one)
    return found


def _acts_on(act: str, state: str, line: Line) -> bool:
    """Whether a line is in the state in which it was seen, as far as it matters to the act."""
    if act == "vouch" and line.state == WAITS_VERIFIED:
        return False
    if act == "return" and line.state == RETURNED:
        return False
    if not state or state == line.state:
        return True
    # a colleague has verified it meanwhile: the authority may approve it all the same
    return act == "approve" and state in (SUBMITTED, CORRECTED, WITHDRAWN) and line.level > 1


def _out_of_turn(act: str, line: Line) -> Problem | None:
    if act == "vouch" and line.state == CONTESTED:
        record = split_record_id(line.record)[2]
        return Problem("choose_one", line.record, {"record": record})
    if act != "return" and line.state == RETURNED:
        record = split_record_id(line.record)[2]
        return Problem("stands_returned", line.record, {"record": record})
    return None


register(
    {
        "stands_returned": (
            "{record} was returned: no approval of it counts while the return stands.",
            "Let its author correct it, or let whoever returned it take the return back.",
        ),
    }
)


def _replaced(session: Session, seen: Sequence[Seen]) -> dict[str, str]:
    """Of some statements the newest one that replaces them, by links."""
    later: dict[str, str] = {}
    entries = session.workspace.store.of_records({one.record for one in seen})
    for some in entries.values():
        following: dict[str, str] = {}
        for entry in some:  # in order of receipt: of two rivals the later one is told
            for target in said_of(entry).replaces:
                following[target] = entry.hash
        for one in seen:
            newest = one.statement
            while newest in following:
                newest = following[newest]
            if newest != one.statement:
                later[one.statement] = newest
    return later


def decided_by(session: Session, seen: Sequence[Seen]) -> list[Already]:
    """Who decided statements, newest decision that stands."""
    if not seen:
        return []
    decisions = decisions_about(session, [one.statement for one in seen])
    received = received_at(session.workspace.store.receipts())
    undone = {t for _, said in decisions.values() if said.act == "undo" for t in said.decides}
    newest: dict[str, tuple[int, Said]] = {}
    for seq, said in decisions.values():
        for target in said.decides if said.hash not in undone else ():
            if said.act in ACTS and (target not in newest or newest[target][0] < seq):
                newest[target] = (seq, said)
    found = []
    for one in seen:
        at, by = newest.get(one.statement, (0, None))
        moment = datetime.fromtimestamp(received(at) / 1e6, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
        found.append(
            Already(
                one.record,
                one.statement,
                by.act if by else "",
                by.actor if by else "",
                session.organisation_name(by.organisation) if by else "",
                moment if by else "",
            )
        )
    return found


# -- drafting --------------------------------------------------------------------------------------


def _said(session: Session, hashes: Sequence[str]) -> dict[str, Said]:
    """Statements by hash, in the order asked."""
    held = session.workspace.store.by_hash(hashes)
    return {name: said_of(held[name]) for name in hashes if name in held}


def _not_allowed(
    session: Session, act: str, said: Collection[Said], reason: str
) -> dict[str, list[Problem]]:
    """What the person or the organisation may not decide, by statement."""
    refused: dict[str, list[Problem]] = {}
    asked: dict[tuple[str, str], Problem | None] = {}
    for one in said:
        key = one.organisation, one.kind
        if key not in asked:
            try:
                session.log_for(act, *key)
                asked[key] = None
            except Refused as error:
                asked[key] = error.problems[0]
        problem = asked[key]
        checks_own = act == "vouch" and same_person(one.actor, session.actor)
        if problem is None and checks_own and not reason.strip():
            params: dict[str, Parameter] = {"count": 1, "actor": session.actor}
            problem = Problem("own_statement", one.record, params)
        if problem is not None:
            refused.setdefault(one.hash, []).append(problem)
    return refused


def _drafts(
    session: Session, act: str, said: Sequence[Said], reason: str, found: Sequence[Obstacle]
) -> dict[str, list[Draft]]:
    """Drafts by log: a rule set that has to be said first, then the decisions."""
    if not said:
        return {}
    by_log: dict[str, list[Said]] = {}
    for one in said:
        by_log.setdefault(session.log_for(act, one.organisation, one.kind), []).append(one)
    guarded = None
    if act == "approve":
        targets = [one for one in said if one.act != "withdraw"]
        records = {one.record for one in targets}
        overridden = [one for one in found if one.record in records]
        guarded = guard_approval(
            session,
            targets,
            override={one.problem.code for one in overridden},
            reason=reason,
            found=overridden,
        )
    drafts: dict[str, list[Draft]] = {}
    if guarded is not None:
        drafts = {log: list(first) for log, first in guarded.first.items()}
    for log, some in by_log.items():
        drafts.setdefault(log, []).extend(
            decisions_on(session, act, some, log=log, reason=reason, guarded=guarded)
        )
    return drafts


def records_of(session: Session, statements: Collection[str]) -> dict[str, str]:
    """Record of each of some statements that is held and about a record."""
    found = {}
    for name, entry in session.workspace.store.by_hash(statements).items():
        header = read_header(entry.header)
        if header.act in RECORD_ACTS:
            found[name] = header.record
    return found


def acts_offered(session: Session) -> tuple[str, ...]:
    """Acts of `ACTS` that the person may do on some report or other."""
    leads = session.own == session.authority
    wanted = ("approve", "return", "vouch") if leads else ("vouch", "return")
    return tuple(act for act in wanted if roles.allows(session.roles, act, roles.DECISION))


def undo_decision(session: Session, decisions: Sequence[str], reason: str) -> int:
    """Take decisions back by whoever took them; returns how many.

    Raises
    ------
    Refused
        What `tilth.service.levels.plan_undo` refuses.
    """
    with session.workspace.writing():
        plan: Any = plan_undo(session, decisions, reason)
        carry_out(session, plan)
    return int(plan.statements)
