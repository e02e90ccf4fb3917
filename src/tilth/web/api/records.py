"""Records: listed by kind, one with its life, said, corrected, carried on, withdrawn."""

from __future__ import annotations

from dataclasses import asdict
from typing import Annotated, Any
from urllib.parse import quote

from django.http import HttpRequest, HttpResponse
from ninja import Header, Query, Router, Schema
from ninja.responses import Status
from pydantic import Field

from tilth.core.problems import Problem, Refused, register
from tilth.core.statement import split_record_id
from tilth.service import record_page, saying
from tilth.service.choosing import Act
from tilth.service.deciding import carry_out, plan
from tilth.service.lens import Lens
from tilth.service.record_list import record_list
from tilth.service.saying import Form
from tilth.service.session import Session
from tilth.service.speaking import Saying
from tilth.web.api.answering import Key, head, next_link, responses
from tilth.web.api.entrance import reading, writing
from tilth.web.api.refusing import problems_of
from tilth.web.api.schemas import (
    Answer,
    Body,
    Day,
    Fields,
    Limit,
    Name,
    RecordName,
    Telling,
)
from tilth.web.api.shown import fields_given

__all__ = ["Changed", "only", "router"]

router = Router(tags=["records"])

register(
    {
        "record_changed": (
            "Something was said of {record} since the version that If-Match names.",
            "Look at what it says now beside what was sent, and send it again with its statement.",
        ),
        "where_malformed": (
            "{text} is not FIELD:VALUE.",
            "Write the name of a field, a colon and its value.",
        ),
    }
)

IfMatch = Annotated[
    str,
    Header(
        alias="If-Match",
        max_length=200,
        description="Hash of the statement in force that this was made from, in quotes; then "
        "nothing is said where somebody else said something meanwhile (`412`).",
    ),
]


class RecordLine(Schema):
    """A record in force at *reported*, as you may read it."""

    record: str
    kind: str
    local_id: str
    author: str
    organisation: str
    happened_on: str
    level: str
    statement: str
    fields: Fields
    withheld: list[str]


class RecordsAnswer(Answer):
    """A page of records."""

    records: list[RecordLine]
    next: str | None = Field(description="Address of the next page; null on the last.")


@router.get("/records/{kind}", response=responses(RecordsAnswer), summary="Records of a kind")
def records(
    request: HttpRequest,
    response: HttpResponse,
    kind: Name,
    where: Annotated[
        list[str],
        Query(max_length=5, description="FIELD:VALUE, repeated; only records that say so."),
    ] = [],  # noqa: B006 - ninja copies it
    after: Annotated[int, Query(ge=0, le=2**53, description="Where a page ended.")] = 0,
    limit: Limit = 100,
) -> Any:
    """Records in the order in which they were first said.

    A page may hold fewer than `limit` and not be the last: go on while there is `next`.
    """
    pairs = [one.partition(":") for one in where]
    for name, colon, value in pairs:
        if not name or not colon:
            raise Refused(Problem("where_malformed", "where", {"text": f"{name}{value}"[:60]}))
    wanted = {name: value for name, _, value in pairs}
    with reading(request, response) as session:
        page = record_list(session, Lens(session), kind, where=wanted, after=after, limit=limit)
        return {
            **head(session),
            "records": [asdict(one) for one in page.rows],
            "next": next_link(request, after=page.after),
        }


# -- one record ------------------------------------------------------------------------------------


class RecordAnswer(Answer):
    """A record: what it says, at which level, what stands against it, what you may do."""

    record: str
    kind: str
    label: str
    local_id: str
    names: list[str] = Field(description="National ids.")
    author: str
    organisation: str
    happened_on: str
    level: str
    levels: dict[str, str] = Field(description="Hash in force at each level, or `withdrawn`.")
    state: str
    returned: bool
    statement: str = Field(description="Hash in force; send it as If-Match with a correction.")
    fields: Fields
    withheld: list[str] = Field(description="Labels of fields that you may not read.")
    missing: list[str] = Field(description="Labels of minimum data that it lacks.")
    disputes: list[dict[str, Any]]
    revoked: list[dict[str, Any]]
    recalled: list[dict[str, Any]]
    acts: list[str]


class LifeAnswer(Answer):
    """Every statement on a record, the newest first."""

    record: str
    life: list[dict[str, Any]]


Known = Annotated[
    str, Query(max_length=40, pattern=r"^[0-9A-Za-z:.+-]*$", description="As known at.")
]


def only(session: Session, name: str) -> str:
    """Full id of the one record that a name means and the person may read.

    Raises
    ------
    Refused
        ``not_readable``, ``ambiguous_record``.
    """
    found = record_page.choices(session, Lens(session), name)
    if len(found) > 1:
        params = {"name": name, "records": ", ".join(found[:5])}
        raise Refused(Problem("ambiguous_record", name, params))
    return found[0]


@router.get("/record/{path:name}", response=responses(RecordAnswer), summary="One record")
def record(
    request: HttpRequest,
    response: HttpResponse,
    name: RecordName,
    until: Day = "",
    known: Known = "",
) -> Any:
    """What a record says, up to a day and as known at a time. A view of people's data is noted."""
    with reading(request, response) as session:
        page = record_page.record_page(
            session, only(session, name), until=until, known_at=known, why="api"
        )
        names = RecordAnswer.model_fields.keys() - {"synthetic", "seq", "statement", "fields"}
        return {
            **head(session),
            **{one: page[one] for one in names},
            "statement": page["made_from"].split(",")[0],
            "fields": page["values"],
        }


@router.get("/life/{path:name}", response=responses(LifeAnswer), summary="Life of a record")
def life(request: HttpRequest, response: HttpResponse, name: RecordName) -> Any:
    """Who said what of it and when, decisions among it."""
    with reading(request, response) as session:
        page = record_page.record_page(session, only(session, name), why="api")
        return {**head(session), "record": page["record"], "life": page["life"]}


# -- saying ----------------------------------------------------------------------------------------


class Said(Body):
    """Fields of a new record, or those that a correction changes (null takes one away)."""

    fields: Fields
    anyway: bool = Field(False, description="Say what is unlikely; it stays a finding.")


class Event(Body):
    """What became of a record on a day: only the fields that are so from then on."""

    fields: Fields
    on: str = Field("", pattern=r"^([0-9]{4}(-[0-9]{2}(-[0-9]{2})?)?)?$")
    anyway: bool = False


class Reason(Body):
    """Why."""

    reason: str = Field(max_length=4_000)


class Recalled(Schema):
    """Released areas that a missed item puts in doubt, recalled in the same act."""

    missed: str
    areas: list[str]


class SaidAnswer(Answer):
    """What was said."""

    record: str
    local_id: str
    statement: str
    missing: list[str] = Field(description="Minimum data that it lacks; it went in all the same.")
    warnings: list[Telling]
    recalled: list[Recalled]


def _said(session: Session, said: Saying, response: HttpResponse) -> dict[str, Any]:
    one = said.spoken[0]
    response["Location"] = f"/api/v1/record/{quote(one.record)}"
    return {
        **head(session),
        "record": one.record,
        "local_id": one.local_id,
        "statement": one.statement,
        "missing": list(one.missing),
        "warnings": problems_of(said.warnings),
        "recalled": [
            {"missed": each.missed, "areas": [area.record for area in each.areas]}
            for each in said.recalled
        ],
    }


@router.post("/records/{kind}", response=responses(SaidAnswer, 201), summary="Say a record")
def say(request: HttpRequest, response: HttpResponse, kind: Name, body: Said, key: Key = "") -> Any:
    """Say a record of a kind in your organisation's log; `reported` until somebody decides."""
    del key
    with writing(request) as session:
        given = fields_given(session.kind(kind), body.fields)
        said = saying.say(session, Form("record", kind, given=given, anyway=body.anyway))
        return Status(201, _said(session, said, response))


@router.post("/corrections/{path:name}", response=responses(SaidAnswer, 201), summary="Correct")
def correct(
    request: HttpRequest,
    response: HttpResponse,
    name: RecordName,
    body: Said,
    if_match: IfMatch = "",
    key: Key = "",
) -> Any:
    """Say a record again with some fields changed, from the beginning."""
    del key
    with writing(request) as session, session.workspace.writing():
        full, standing = _matched(session, name, if_match, body.fields)
        kind = split_record_id(full)[1]
        given = fields_given(session.kind(kind), body.fields)
        form = Form("correct", kind, full, given, made_from=standing, anyway=body.anyway)
        return Status(201, _said(session, saying.say(session, form), response))


@router.post("/events/{path:name}", response=responses(SaidAnswer, 201), summary="Carry on")
def revise(
    request: HttpRequest,
    response: HttpResponse,
    name: RecordName,
    body: Event,
    if_match: IfMatch = "",
    key: Key = "",
) -> Any:
    """Say what happened to a record on a day."""
    del key
    with writing(request) as session, session.workspace.writing():
        full, standing = _matched(session, name, if_match, body.fields)
        kind = split_record_id(full)[1]
        given = fields_given(session.kind(kind), body.fields)
        on = body.on or session.today()
        form = Form("revise", kind, full, given, on=on, made_from=standing, anyway=body.anyway)
        return Status(201, _said(session, saying.say(session, form), response))


class WithdrawnAnswer(Answer):
    """What was withdrawn: the record, and the statements that say so."""

    record: str
    statements: list[str]


@router.post(
    "/withdrawals/{path:name}", response=responses(WithdrawnAnswer, 201), summary="Withdraw"
)
def withdraw(
    request: HttpRequest,
    name: RecordName,
    body: Reason,
    if_match: IfMatch = "",
    key: Key = "",
) -> Any:
    """Take a record back, with the reason. Its life stays readable."""
    del key
    with writing(request) as session, session.workspace.writing():
        full, _ = _matched(session, name, if_match, {})
        wanted = plan(session, Act("withdraw", records=[full], reason=body.reason))
        done = carry_out(session, wanted)
        return Status(201, {**head(session), "record": full, "statements": done})


class Changed(Exception):
    """The record is no longer what the sender made this from."""

    def __init__(self, record: str, now: dict[str, Any], sent: dict[str, Any]) -> None:
        super().__init__(record)
        self.record, self.now, self.sent = record, now, sent


def _matched(session: Session, name: str, if_match: str, sent: dict[str, Any]) -> tuple[str, str]:
    """Full id of a record, and hashes of what is in force of it.

    Raises
    ------
    Changed
        Where ``If-Match`` names another statement than the one in force.
    """
    full = only(session, name)
    standing = saying.standing_now(session, full)
    wanted = [one.strip().removeprefix("W/").strip('"') for one in if_match.split(",")]
    if if_match.strip() and "*" not in wanted and standing.split(",")[0] not in wanted:
        page = record_page.record_page(session, full, why="api")
        now = {"statement": standing.split(",")[0], "fields": page["values"]}
        raise Changed(full, now, {"fields": sent})
    return full, standing
