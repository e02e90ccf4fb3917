"""What waits, and decisions on it."""

from __future__ import annotations

from dataclasses import asdict
from typing import Annotated, Any, Literal

from django.http import HttpRequest, HttpResponse
from ninja import Query, Router, Schema
from pydantic import Field

from tilth.service import inbox
from tilth.service.inbox import Filter, Row
from tilth.service.inbox_acts import Decided, Kept, Seen, decide, records_of, undo_decision
from tilth.service.inbox_look import look, versions
from tilth.service.lens import Lens, not_readable
from tilth.service.session import Session
from tilth.web.api.answering import Key, head, next_link, responses
from tilth.web.api.entrance import reading, writing
from tilth.web.api.refusing import problems_of
from tilth.web.api.schemas import After, Answer, Body, Day, Hash, Short, Telling

__all__ = ["router"]

router = Router(tags=["inbox"])

State = Literal["submitted", "verified", "corrected", "contested", "returned", "withdrawn"]
HashText = Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]


class Waits(Schema):
    """A statement that waits."""

    statement: str
    record: str
    local_id: str
    kind: str
    act: str
    state: str
    organisation: str
    actor: str
    happened_on: str
    received: str
    days: int
    m2: float
    pieces: int
    place: str
    rivals: list[str]
    codes: list[str]
    mine: bool


class Counted(Schema):
    """How much waits; each count under the rest of the filter."""

    states: dict[str, int]
    kinds: dict[str, int]
    organisations: dict[str, int]
    codes: dict[str, int]
    total: int
    m2: float
    pieces: int
    mine: int


class BehindLevels(Schema):
    """What may not be read: how many, how much ground, in which states."""

    count: int
    area_m2: float
    levels: dict[str, int]


class InboxAnswer(Answer):
    """A page of the inbox."""

    waiting: list[Waits]
    counts: Counted
    behind: BehindLevels | None
    next: str | None


@router.get("/inbox", response=responses(InboxAnswer), summary="What waits to be decided")
def waiting(  # noqa: PLR0913, PLR0917 - each is a parameter of the address
    request: HttpRequest,
    response: HttpResponse,
    state: State | None = None,
    turn: Literal["mine"] | None = None,
    kind: Short = "",
    organisation: Short = "",
    actor: Short = "",
    received_from: Day = "",
    received_to: Day = "",
    place: Short = "",
    code: Short = "",
    text: Short = "",
    sort: Literal["oldest", "newest", "area"] = "oldest",
    after: After = "",
    limit: Annotated[int, Query(ge=1, le=500)] = 100,
) -> Any:
    """Statements that wait, filtered and counted."""
    wanted = Filter(
        state or "", turn or "", kind, organisation, actor, received_from, received_to,
        place, code, text, sort=sort,
    )  # fmt: skip
    with reading(request, response) as session:
        lens = Lens(session)
        page = inbox.waiting(session, lens, wanted, after, limit)
        counts = inbox.counts(session, lens, wanted)
        return {
            **head(session),
            "waiting": [_waits(row) for row in page.rows],
            "counts": {name: getattr(counts, name) for name in Counted.model_fields},
            "behind": asdict(counts.behind) if counts.behind else None,
            "next": next_link(request, after=page.after),
        }


def _waits(row: Row) -> dict[str, Any]:
    line = row.line
    names = ("statement", "record", "kind", "act", "state", "happened_on", "m2", "pieces", "place")
    return {
        **{name: getattr(line, name) for name in names},
        "local_id": line.local_id,
        "organisation": row.author,
        "actor": row.actor,
        "received": row.received,
        "days": row.days,
        "rivals": list(line.rivals),
        "codes": list(row.codes),
        "mine": row.mine,
    }


class LookAnswer(Answer):
    """A report beside what was said before."""

    record: str
    statement: str
    kind: str
    local_id: str
    organisation: str
    waits: Waits | None
    seen: list[dict[str, str]] = Field(description="What a decision on it sends.")
    fields: dict[str, Any]
    before: dict[str, Any] | None
    withheld: list[str]
    missing: list[str]
    acts: list[str]
    newest: str
    answers: str


@router.get("/inbox/{statement}", response=responses(LookAnswer), summary="One report")
def report(request: HttpRequest, response: HttpResponse, statement: Hash) -> Any:
    """What a report says now and what was said before, and what you may do with it."""
    with reading(request, response) as session:
        lens = Lens(session)
        found = look(session, lens, statement)
        now, before = versions(session, lens, found)
        names = ("record", "statement", "kind", "local_id", "organisation", "newest", "answers")
        lists = ("withheld", "missing", "acts")
        return {
            **head(session),
            **{name: getattr(found, name) for name in names},
            **{name: list(getattr(found, name)) for name in lists},
            "waits": _waits(found.row) if found.row else None,
            "seen": [asdict(one) for one in found.seen],
            "fields": now,
            "before": before,
        }


class OneSeen(Body):
    """A statement as it was seen; without a state only its hash counts."""

    statement: HashText
    record: str = Field("", max_length=400)
    state: Literal[
        "", "submitted", "verified", "corrected", "contested", "returned", "withdrawn"
    ] = ""


class Decision(Body):
    """A decision, with the hash of every statement that was looked at."""

    act: Literal["vouch", "approve", "return"]
    statements: list[OneSeen] = Field(min_length=1, max_length=1_000)
    reason: str = Field("", max_length=4_000)
    override: list[Annotated[str, Field(max_length=60)]] = Field(default=[], max_length=40)


class SeenLine(Schema):
    """A statement and its record."""

    record: str
    statement: str


class ChangedLine(SeenLine):
    """One that was corrected since; ``now`` is the newest."""

    now: str


class AlreadyLine(SeenLine):
    """One that somebody decided since."""

    act: str
    actor: str
    organisation: str
    at: str


class RefusedLine(SeenLine):
    """One that was left as it was, and why."""

    problem: Telling


class DecidedAnswer(Answer):
    """What was decided, and what was left alone."""

    act: str
    done: list[SeenLine]
    changed_since: list[ChangedLine]
    already: list[AlreadyLine]
    refused: list[RefusedLine]
    decisions: list[str] = Field(description="Statements that were said; by them it is undone.")


@router.post("/decisions", response=responses(DecidedAnswer, 200, says=True), summary="Decide")
def decisions(request: HttpRequest, body: Decision, key: Key = "") -> Any:
    """Verify (`vouch`), approve or return statements.

    All that is free to go goes in one transaction. What was corrected or decided since it was seen
    is left alone and told; what a rule stands against is told with the rule.
    """
    del key
    with writing(request) as session:
        return {
            **head(session),
            **_told(
                decide(
                    session, body.act, _seen(session, body.statements), body.reason, body.override
                )
            ),
        }


def _seen(session: Session, given: list[OneSeen]) -> list[Seen]:
    """Statements with their records, all of which the person reads.

    Raises
    ------
    Refused
        ``not_readable``.
    """
    known = records_of(session, [one.statement for one in given])
    for one in given:
        if known.get(one.statement) is None or one.record not in ("", known[one.statement]):
            raise not_readable(one.statement)
    readable = Lens(session).readable(set(known.values()))
    for one in given:
        if known[one.statement] not in readable:
            raise not_readable(one.statement)
    return [Seen(known[one.statement], one.statement, one.state) for one in given]


def _told(found: Decided) -> dict[str, Any]:
    def refused(one: Kept) -> dict[str, Any]:
        (problem,) = problems_of([one.problem])
        return {"record": one.record, "statement": one.statement, "problem": problem}

    return {
        "act": found.act,
        "done": [asdict(one) for one in found.done],
        "changed_since": [asdict(one) for one in found.changed_since],
        "already": [asdict(one) for one in found.already],
        "refused": [refused(one) for one in found.refused],
        "decisions": list(found.decisions),
    }


class Undo(Body):
    """Decisions that are taken back, and why."""

    decisions: list[HashText] = Field(min_length=1, max_length=100)
    reason: str = Field(max_length=4_000)


class UndoneAnswer(Answer):
    """How many were taken back."""

    undone: int


@router.post("/undoings", response=responses(UndoneAnswer, 200, says=True), summary="Undo")
def undo(request: HttpRequest, body: Undo, key: Key = "") -> Any:
    """Take decisions back, by who took them."""
    del key
    with writing(request) as session:
        return {"undone": undo_decision(session, body.decisions, body.reason), **head(session)}
