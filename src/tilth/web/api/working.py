"""Tasks and their moves, documents, search, and work that is done beside."""

from __future__ import annotations

from dataclasses import asdict
from typing import Annotated, Any, Literal

from django.http import HttpRequest, HttpResponse
from ninja import Path, Query, Router, Schema
from ninja.responses import Status
from pydantic import Field

from tilth.core.problems import Problem, Refused
from tilth.service import papers, task_pages, tasks
from tilth.service.lens import Lens
from tilth.service.positions import position_at
from tilth.service.search import find
from tilth.web.api.answering import Key, head, next_link, responses
from tilth.web.api.entrance import member_of, reading, writing
from tilth.web.api.refusing import problems_of
from tilth.web.api.schemas import (
    Answer,
    Body,
    Day,
    Language,
    RecordName,
    Short,
    Telling,
)
from tilth.web.jobs import queue
from tilth.web.jobs.models import Job
from tilth.web.ledger import desk

__all__ = ["router"]

router = Router(tags=["work"])

TaskState = Literal[
    "planned", "issued", "worked_on", "suspended", "work_complete", "reopened", "accepted",
    "handed_over", "cancelled", "abandoned",
]  # fmt: skip
Page = Annotated[int, Query(ge=1, le=1_000_000)]


# -- tasks -----------------------------------------------------------------------------------------


class TaskLine(Schema):
    """A task on the board."""

    record: str
    local_id: str
    order_number: str
    state: str
    contested: bool
    hazard: str
    organisation: str
    teams: list[str]
    since: str
    days: int
    waits_for: str
    stops: list[str]
    obstacles: list[Telling]


class TasksAnswer(Answer):
    """A page of 50 tasks, those that waited longest first."""

    tasks: list[TaskLine]
    counts: dict[str, int]
    total: int
    next: str | None


@router.get("/tasks", response=responses(TasksAnswer), summary="Tasks")
def board(
    request: HttpRequest,
    response: HttpResponse,
    state: Annotated[list[TaskState], Query(max_length=10)] = [],  # noqa: B006 - ninja copies it
    organisation: Short = "",
    text: Short = "",
    until: Day = "",
    page: Page = 1,
) -> Any:
    """Tasks that wait for somebody, or in the states asked for."""
    with reading(request, response) as session:
        found = task_pages.board_page(
            session, states=state, organisation=organisation, text=text, page=page, day=until
        )
        more = page < found.pages
        return {
            **head(session),
            "tasks": [
                {**asdict(one), "obstacles": problems_of(one.obstacles)} for one in found.lines
            ]
            if page <= found.pages
            else [],
            "counts": found.counts,
            "total": found.shown,
            "next": next_link(request, page=page + 1 if more else 0),
        }


class MoveLine(Schema):
    """A move that you may make now, and what stands in its way."""

    name: str
    target: str
    needs_reason: bool
    obstacles: list[Telling]


class TaskAnswer(Answer):
    """A task: where it stands, how it came there, where it can go."""

    record: str
    state: str
    since: str
    waits_for: str
    stops: list[str]
    missing: list[str]
    moves: list[MoveLine]
    trail: list[dict[str, str]]
    reports: list[dict[str, Any]]
    stock: list[dict[str, str]]
    nonconformities: list[str]


@router.get("/task/{path:name}", response=responses(TaskAnswer), summary="One task")
def task(request: HttpRequest, response: HttpResponse, name: RecordName, until: Day = "") -> Any:
    """A task by full id, local id or the number of its order."""
    with reading(request, response) as session:
        found = task_pages.task_page(session, name, day=until)
        names = ("record", "state", "since", "waits_for", "reports", "stock", "nonconformities")
        return {
            **head(session),
            **{one: found[one] for one in names},
            "stops": [str(one) for one in found["stops"]],
            "missing": [str(one) for one in found["missing"]],
            "moves": [
                {
                    "name": one.name,
                    "target": one.target,
                    "needs_reason": one.needs_reason,
                    "obstacles": problems_of(one.obstacles),
                }
                for one in found["moves"]
            ],
            "trail": [
                {name: value for name, value in one.items() if name != "actor"}
                for one in found["trail"]
            ],
        }


class Move(Body):
    """A move of a task."""

    move: Annotated[str, Field(min_length=1, max_length=40)]
    reason: str = Field("", max_length=4_000)
    cause: str = Field("", max_length=60)
    on: str = Field("", pattern=r"^([0-9]{4}-[0-9]{2}-[0-9]{2})?$")
    override: list[Annotated[str, Field(max_length=60)]] = Field(default=[], max_length=40)


class MovedAnswer(Answer):
    """What a move did."""

    task: str
    move: str
    from_state: str
    to_state: str
    record: str
    statement: str
    organisation: str
    overrides: list[dict[str, str]]


@router.post("/moves/{path:name}", response=responses(MovedAnswer, 201), summary="Move a task")
def move(request: HttpRequest, name: RecordName, body: Move, key: Key = "") -> Any:
    """Issue, start, suspend, complete, accept … a task; its gates are asked."""
    del key
    wish = tasks.MoveWish(body.reason, body.cause, body.on, body.override)
    with writing(request) as session:
        done = tasks.move_task(session, name, body.move, wish)
        return Status(201, {**head(session), **asdict(done)})


# -- documents -------------------------------------------------------------------------------------

Code = Annotated[
    str,
    Path(
        min_length=1,
        max_length=60,
        pattern=r"^[0-9A-Za-z-]+$",
        description="Verification code, as it stands on the paper.",
    ),
]
Document = Literal[
    "task_order", "situation_report", "qa_visit_report", "completion_report",
    "handover_certificate", "release_report", "operation_completion_report", "service_record",
]  # fmt: skip
_BESIDE = ("situation_report", "operation_completion_report")


class DocumentLine(Schema):
    """A document and what became of it."""

    code: str
    state: str
    document: str
    subject: str
    issued_on: str
    issued_by: str
    level: str
    until: str
    language: str
    by: str


class DocumentsAnswer(Answer):
    """Documents that you may read, the newest first."""

    documents: list[DocumentLine]
    total: int
    next: str | None


class DocumentAnswer(Answer, DocumentLine):
    """What became of the document with a code."""


@router.get("/documents", response=responses(DocumentsAnswer), summary="Documents issued")
def documents(
    request: HttpRequest,
    response: HttpResponse,
    document: Document | None = None,
    state: Literal["issued", "superseded", "revoked"] | None = None,
    page: Page = 1,
    limit: Annotated[int, Query(ge=1, le=1000)] = 100,
) -> Any:
    """Documents, filtered by kind and by what became of them."""
    with reading(request, response) as session:
        found = [
            one
            for one in papers.documents(session)
            if document in (None, one.document) and state in (None, one.state)
        ]
        more = len(found) > page * limit
        return {
            **head(session),
            "documents": [asdict(one) for one in found[(page - 1) * limit : page * limit]],
            "total": len(found),
            "next": next_link(request, page=page + 1 if more else 0),
        }


@router.get("/documents/{code}", response=responses(DocumentAnswer), summary="Check a code")
def check(request: HttpRequest, response: HttpResponse, code: Code) -> Any:
    """Say what became of a document: `issued`, `superseded`, `revoked` or `unknown`."""
    with reading(request, response) as session:
        return {**head(session), **asdict(papers.check(session, code))}


_PDF = {200: {"content": {"application/pdf": {"schema": {"type": "string", "format": "binary"}}}}}


@router.get(
    "/documents/{code}/pdf",
    response=responses(None),
    summary="A document as PDF",
    openapi_extra={"responses": _PDF},
)
def pdf(
    request: HttpRequest, response: HttpResponse, code: Code, language: Language | None = None
) -> Any:
    """The paper made again from its kept value, in the language it was issued in or another."""
    with reading(request, response):
        pass
    with desk(request) as session:
        made = papers.again(session, code, language or "")
    answer = HttpResponse(made.pdf, content_type="application/pdf")
    answer["ETag"] = response["ETag"]
    answer["Content-Disposition"] = f'attachment; filename="{made.code}-{made.language}.pdf"'
    return answer


class Wanted(Body):
    """A document that is to be issued."""

    document: Document
    subject: str = Field("", max_length=400)
    language: Language = "en"
    level: Literal["", "reported", "verified", "approved", "prudent"] = ""
    until: str = Field("", pattern=r"^([0-9]{4}-[0-9]{2}-[0-9]{2})?$")


class IssuedAnswer(Answer):
    """A document that was issued; ``new`` is false where the same was issued before."""

    code: str
    record: str
    language: str
    new: bool


class JobLine(Schema):
    """Work that is done beside."""

    number: int
    kind: str
    state: str
    done: int
    total: int
    created: str
    finished: str | None
    problems: list[Telling]
    result: dict[str, Any]


class JobAnswer(Answer, JobLine):
    """One piece of work."""


class JobsAnswer(Answer):
    """Your work, the newest first."""

    jobs: list[JobLine]


@router.post(
    "/documents",
    response={202: JobAnswer, **responses(IssuedAnswer, 201)},
    summary="Issue a document",
)
def issue(request: HttpRequest, response: HttpResponse, body: Wanted, key: Key = "") -> Any:
    """Issue a document. Those of the whole operation take a while: `202` with the work."""
    del key
    asked = body.model_dump()
    with writing(request) as session:
        if body.document in _BESIDE:
            session.require_role("record", "document")
            started = queue.start(request, "document", **asked)
            response["Location"] = f"/api/v1/jobs/{started.pk}"
            return Status(202, {**head(session), **_job(started)})
        made = papers.issue(session, **asked)
        response["Location"] = f"/api/v1/documents/{made.code}"
        names = ("code", "record", "language", "new")
        return Status(201, {**head(session), **{name: getattr(made, name) for name in names}})


# -- search ----------------------------------------------------------------------------------------


class HitLine(Schema):
    """A record that may be read."""

    record: str
    kind: str
    local_id: str
    title: str
    place: str
    organisation: str
    happened_on: str
    level: str


class GroupLine(Schema):
    """Hits of one kind."""

    kind: str
    label: str
    total: int
    hits: list[HitLine]
    more: bool


class FoundAnswer(Answer):
    """What a search gives."""

    text: str
    groups: list[GroupLine]
    similar: list[str]
    document: str


@router.get("/search", response=responses(FoundAnswer), summary="Search")
def search(
    request: HttpRequest,
    response: HttpResponse,
    q: Annotated[str, Query(max_length=200, description="Words, ids, codes, places.")],
    kind: Short = "",
    limit: Annotated[int, Query(ge=1, le=100, description="Hits of each kind.")] = 10,
    skip: Annotated[int, Query(ge=0, le=100_000)] = 0,
) -> Any:
    """Records that hold every word, in any spelling, or are called so."""
    with reading(request, response) as session:
        kinds = (kind,) if kind else ()
        found = find(session, Lens(session), q, kinds=kinds, limit=limit, skip=skip)
        return {
            **head(session),
            "text": found.text,
            "groups": [asdict(one) for one in found.groups],
            "similar": list(found.similar),
            "document": found.document,
        }


# -- work beside -----------------------------------------------------------------------------------

Number = Annotated[int, Path(ge=1, le=2**62)]


class Ask(Body):
    """The accounts of every level, as known at a time."""

    kind: Literal["account_at"]
    known: str = Field("", max_length=40, pattern=r"^[0-9A-Za-z:.+-]*$")
    until: str = Field("", pattern=r"^([0-9]{4}-[0-9]{2}-[0-9]{2})?$")


def _job(one: Job) -> dict[str, Any]:
    accounts = one.result.get("accounts", ())
    return {
        "number": one.pk,
        "kind": one.kind,
        "state": one.state,
        "done": one.progress_done,
        "total": one.progress_total,
        "created": _utc(one.created),
        "finished": _utc(one.finished) if one.finished else None,
        "problems": problems_of(one.refusals),
        "result": {"accounts": [_open(each) for each in accounts]} if accounts else one.result,
    }


def _open(account: dict[str, Any]) -> dict[str, Any]:
    """An account without the ids of records, which are not for everybody."""
    return {name: value for name, value in account.items() if name != "not_closed"}


def _utc(moment: Any) -> str:
    return str(moment.strftime("%Y-%m-%dT%H:%M:%SZ"))


def _own(request: HttpRequest, number: int) -> Job:
    found = next((one for one in queue.jobs_of(member_of(request)) if one.pk == number), None)
    if found is None:
        raise Refused(Problem("job_not_yours", str(number)))
    return found


@router.get("/jobs", response=responses(JobsAnswer, says=True), summary="Your work")
def jobs(request: HttpRequest) -> Any:
    """Your newest hundred pieces of work."""
    with desk(request) as session:
        told = head(session)
    return {**told, "jobs": [_job(one) for one in queue.jobs_of(member_of(request))]}


@router.get("/jobs/{number}", response=responses(JobAnswer, says=True), summary="One piece of work")
def one_job(request: HttpRequest, number: Number) -> Any:
    """How far it is, and what came of it."""
    with desk(request) as session:
        told = head(session)
    return {**told, **_job(_own(request, number))}


@router.post("/jobs", response=responses(JobAnswer, 202), summary="Ask for an account")
def ask(request: HttpRequest, response: HttpResponse, body: Ask, key: Key = "") -> Any:
    """Have the accounts of an earlier time computed; then `/account` answers at once."""
    del key
    with desk(request) as session:
        position_at(session, body.known)  # what cannot be read is said now, not later
        told = head(session)
    made = queue.start(request, body.kind, known_at=body.known, until=body.until)
    response["Location"] = f"/api/v1/jobs/{made.pk}"
    return Status(202, {**told, **_job(made)})


@router.post(
    "/jobs/{number}/cancel", response=responses(JobAnswer, says=True), summary="Cancel work"
)
def cancel(request: HttpRequest, number: Number, body: Body, key: Key = "") -> Any:
    """End it at its next step."""
    del key, body
    with writing(request) as session:
        told = head(session)
    return {**told, **_job(queue.cancel(member_of(request), number))}
