"""What anybody needs to check the logs: heads, checkpoints, proofs, leaf hashes."""

from __future__ import annotations

from dataclasses import asdict
from typing import Annotated, Any

from django.http import HttpRequest, HttpResponse
from ninja import Query, Router, Schema
from pydantic import Field

from tilth.core.problems import Problem, Refused
from tilth.service import log_check
from tilth.web.api.answering import head, responses
from tilth.web.api.entrance import reading
from tilth.web.api.schemas import Answer, Body, Hash
from tilth.web.ledger import desk

__all__ = ["router"]

router = Router(tags=["log"])

LogName = Annotated[str, Query(min_length=1, max_length=300, description="Name of a log.")]


class LogLine(Schema):
    """A log: whose, how long, its head, its newest checkpoint."""

    log: str
    organisation: str
    epoch: int
    size: int
    root: str
    note: str = Field(description="C2SP signed note of the newest checkpoint.")
    verifier: str
    written_here: bool = Field(description="This server holds the key and could write in it.")


class LogsAnswer(Answer):
    """Every log held here."""

    logs: list[LogLine]


class OlderAnswer(Answer):
    """An older checkpoint, and the proof that the present log begins with it (RFC 9162 §2.1.4)."""

    log: str
    old_size: int
    old_root: str
    size: int
    root: str
    proof: list[str]
    signed_by: str


class ProvenAnswer(Answer):
    """A statement, its place and the proof that the log holds it there (RFC 9162 §2.1.3)."""

    hash: str
    log: str
    index: int
    size: int
    root: str
    proof: list[str]
    header: str = Field(description="Bytes of the header, base64.")
    values: dict[str, Any]
    content: dict[str, Any] | None
    note: str


class LeavesAnswer(Answer):
    """Leaf hashes from a place on."""

    log: str
    start: int
    leaves: list[str]


class Note(Body):
    """A checkpoint that was kept."""

    note: str = Field(max_length=20_000)


@router.get("/log", response=responses(LogsAnswer), summary="Heads of the logs")
def heads(request: HttpRequest, response: HttpResponse) -> Any:
    """Heads and newest checkpoints, by organisation."""
    with reading(request, response) as session:
        return {**head(session), "logs": [asdict(one) for one in log_check.log_lines(session)]}


@router.get(
    "/log/checkpoint",
    response=responses(None),
    summary="Newest checkpoint",
    openapi_extra={"responses": {200: {"content": {"text/plain": {"schema": {"type": "string"}}}}}},
)
def checkpoint(request: HttpRequest, response: HttpResponse, log: LogName) -> Any:
    """The newest checkpoint of a log as a signed note, to take away."""
    with reading(request, response) as session:
        found = next((one for one in log_check.log_lines(session) if one.log == log), None)
    if found is None or not found.note:
        raise Refused(Problem("log_not_here", log, {"log": log}))
    answer = HttpResponse(found.note, content_type="text/plain; charset=utf-8")
    answer["ETag"] = response["ETag"]
    return answer


@router.post(
    "/log/consistency", response=responses(OlderAnswer, says=True), summary="Compare a checkpoint"
)
def consistency(request: HttpRequest, body: Note) -> Any:
    """Hold a checkpoint that you kept against the log as it is now; nothing is written."""
    with desk(request) as session:
        return {**head(session), **asdict(log_check.compare(session, body.note))}


@router.get("/log/inclusion/{statement}", response=responses(ProvenAnswer), summary="Prove")
def inclusion(request: HttpRequest, response: HttpResponse, statement: Hash) -> Any:
    """A statement that you may read, and the proof of its place."""
    with reading(request, response) as session:
        found = asdict(log_check.prove(session, statement))
        named = session.organisation_name(session.own) == found["values"]["organisation"]
        if not named and session.own != session.authority:  # codes stay within an organisation
            del found["values"]["actor"]
        return {**head(session), **found}


@router.get("/log/leaves", response=responses(LeavesAnswer), summary="Leaf hashes")
def leaves(
    request: HttpRequest,
    response: HttpResponse,
    log: LogName,
    start: Annotated[int, Query(ge=0, le=2**53)] = 0,
) -> Any:
    """Up to 65,536 leaf hashes from a place on, by which a head can be computed anew."""
    with reading(request, response) as session:
        data = log_check.leaves(session, log, start)
        found = [data[place : place + 32].hex() for place in range(0, len(data), 32)]
        return {**head(session), "log": log, "start": start, "leaves": found}
