"""Figures: the operation, its accounts of land and items, what is published of it, findings."""

from __future__ import annotations

from dataclasses import asdict
from typing import Annotated, Any, Literal, get_args

from django.http import HttpRequest, HttpResponse
from django.utils.translation import get_language
from ninja import Query, Router, Schema
from pydantic import Field

from tilth.core.chains import LEVELS
from tilth.core.days import ordinal
from tilth.core.life.explosives import KINDS as KINDS_OF_EXPLOSIVES
from tilth.core.problems import Problem, Refused
from tilth.service import accounting, origins
from tilth.service.explosives import stock_of
from tilth.service.finding_desk import Ask, work_list
from tilth.service.lens import Lens
from tilth.service.origin_items import account_of_items
from tilth.service.session import Session
from tilth.web.api.answering import head, next_link, responses
from tilth.web.api.entrance import member_of, reading
from tilth.web.api.schemas import Answer, Day, Level, Limit, Short
from tilth.web.frame.cut import Cut
from tilth.web.operation import picture

__all__ = ["router"]

router = Router(tags=["figures"])

By = Literal["hazard", "classification", "organisation", "month", "method", "project", "place"]
ItemsBy = Literal[
    "category", "model", "organisation", "month", "method", "origin", "place", "project"
]
_ITEMS_OPEN = ("model", "origin")
Known = Annotated[
    str,
    Query(
        max_length=40,
        pattern=r"^[0-9A-Za-z:.+-]*$",
        description="As known at: a day, a time in UTC, or position:N; empty for now.",
    ),
]


class Organisation(Schema):
    """An organisation of the operation; ``id`` is that of its log."""

    id: str
    name: str


class You(Schema):
    """Whose token it is."""

    organisation: str
    code: str
    roles: list[str]
    scope: Literal["read", "write"]


class OperationAnswer(Answer):
    """The operation that is served."""

    name: str
    time_zone: str
    today: str
    authority: str
    organisations: list[Organisation]
    levels: list[str]
    you: You


@router.get("/operation", response=responses(OperationAnswer), summary="The operation, and you")
def operation(request: HttpRequest, response: HttpResponse) -> Any:
    """Name, day, organisations; and for whom the token speaks."""
    scope = request.api_token.scope  # type: ignore[attr-defined]
    with reading(request, response, scope) as session:
        known = session.workspace.settings
        return {
            **head(session),
            "name": known.operation_name,
            "time_zone": known.time_zone,
            "today": session.today(),
            "authority": session.authority,
            "organisations": [{"id": one.id, "name": one.name} for one in known.organisations],
            "levels": list(LEVELS),
            "you": {
                "organisation": session.own,
                "code": session.actor,
                "roles": member_of(request).roles,
                "scope": scope,
            },
        }


class AccountAnswer(Answer):
    """Both accounts at a level on a day, as known at a time."""

    level: Level
    until: str
    known_at: str
    newer: int = Field(description="Statements received since, which are not counted yet.")
    land: dict[str, Any] = Field(description="Terms of the land account; names end in their unit.")
    items: dict[str, Any] = Field(description="Terms of the item account, in pieces.")
    left_out: dict[str, Any] = Field(description="What this level leaves out, by reason.")
    position: list[dict[str, Any]] = Field(description="Head of each log that was read.")
    by: list[dict[str, Any]] = Field(description="Rows of the cut that was asked for.")
    since: str | None = None
    movements: dict[str, Any] | None = Field(None, description="What moved since, in m².")
    item_movements: dict[str, Any] | None = None
    not_closed: int = Field(description="Hazard areas whose account does not add up.")


@router.get("/account", response=responses(AccountAnswer), summary="Account of land and items")
def account(
    request: HttpRequest,
    response: HttpResponse,
    level: Level = "approved",
    until: Day = "",
    since: Day = "",
    known: Known = "",
    place: Short = "",
    by: By | None = None,
) -> Any:
    """Terms at a level on a day.

    Nothing is computed in passing: what is not kept is 404 `not_counted_yet`; ask for it by
    `POST /jobs`, and then again.
    """
    with reading(request, response) as session:
        if by or since:
            found, newer = _kept(session, level, until, since, known, by or "")
        else:
            shown = picture.gather(session, Cut(level, until, known, (), place))
            if shown.account is None:
                raise Refused(Problem("not_counted_yet", known, {"known_at": known}))
            found, newer = dict(shown.account), shown.newer
        terms = ("level", "until", "known_at", "land", "items", "left_out", "position", "by")
        more = {name: found.get(name) for name in ("since", "movements", "item_movements")}
        return {
            **head(session),
            "newer": newer,
            **{name: found[name] for name in terms if name in found},
            "by": found.get("by", []),
            "not_closed": len(found.get("not_closed", ())),
            **more,
        }


def _kept(
    session: Session, level: str, until: str, since: str, known: str, by: str
) -> tuple[dict[str, Any], int]:
    """Account of another cut, from kept rows."""
    allowed = Lens(session).cuts()
    if by and by not in allowed:
        cuts = sorted(allowed & set(get_args(By)))
        params = {"figure": "account", "by": by, "cuts": ", ".join(cuts)}
        raise Refused(Problem("figure_not_cut", by, params))
    at = origins.kept_position(session, known)
    question = accounting.Question(until, f"position:{at.receipts}", since, by)
    found = accounting.account(session, question, level)
    return found, session.workspace.store.last_seq() - at.seq


class OverviewAnswer(Answer):
    """What the operation page shows, as published last."""

    level: Level
    newer: int
    known_position: int = Field(description="Receipts that the figures hold.")
    land: dict[str, Any]
    items: dict[str, Any]
    waiting: dict[str, Any] = Field(description="Records and m² by what they wait for.")
    findings_open: int | None
    tasks: dict[str, int] = Field(description="Tasks by state.")
    organisations: list[dict[str, Any]] = Field(
        description="Organisations side by side; empty where they may not be compared."
    )
    categories: list[dict[str, Any]]


@router.get("/overview", response=responses(OverviewAnswer), summary="The operation at a glance")
def overview(request: HttpRequest, response: HttpResponse, level: Level = "approved") -> Any:
    """Figures as published last, with how many statements are newer."""
    with reading(request, response) as session:
        shown = picture.gather(session, Cut(level))
        if shown.account is None:
            raise Refused(Problem("not_counted_yet", "", {"known_at": ""}))
        return {
            **head(session),
            "level": level,
            "newer": shown.newer,
            "known_position": shown.position,
            "land": shown.account["land"],
            "items": shown.account["items"],
            "waiting": shown.waiting,
            "findings_open": shown.findings.get("open"),
            "tasks": shown.work.get("tasks", {}),
            "organisations": list(shown.organisations),
            "categories": list(shown.categories),
        }


class ItemsAnswer(Answer):
    """The item account: every item in exactly one state."""

    level: Level
    until: str
    known_at: str
    newer: int
    items: dict[str, int]
    small_arms: dict[str, int]
    origins: dict[str, int]
    closes: bool
    by: str
    rows: list[dict[str, Any]]


@router.get("/items", response=responses(ItemsAnswer), summary="Item account")
def items(
    request: HttpRequest,
    response: HttpResponse,
    level: Level = "approved",
    until: Day = "",
    known: Known = "",
    by: ItemsBy = "category",
) -> Any:
    """Items and small-arms ammunition by state, in one cut."""
    with reading(request, response) as session:
        allowed = {*Lens(session).cuts(), *_ITEMS_OPEN}
        if by not in allowed:
            cuts = ", ".join(one for one in get_args(ItemsBy) if one in allowed)
            params = {"figure": "items", "by": by, "cuts": cuts}
            raise Refused(Problem("figure_not_cut", by, params))
        at = origins.kept_position(session, known)
        found = account_of_items(session, at, level, _ordinal(until or session.today()), by)
        return {
            **head(session),
            "level": level,
            "until": found.until,
            "known_at": at.known_at,
            "newer": session.workspace.store.last_seq() - at.seq,
            "items": found.joint.items.as_dict(),
            "small_arms": found.joint.small_arms.as_dict(),
            "origins": dict(found.origins),
            "closes": found.closes,
            "by": by,
            "rows": [
                {
                    by: one.value,
                    "items": one.items.as_dict(),
                    "small_arms": one.small_arms.as_dict(),
                }
                for one in found.rows
            ],
        }


def _ordinal(text: str) -> int:
    try:
        return ordinal(text)
    except ValueError as error:
        raise Refused(Problem("bad_day", text, {"text": text})) from error


class ExplosivesAnswer(Answer):
    """Explosives on a day; quantities are exact decimals, written as text."""

    until: str
    by: list[dict[str, str]]
    behind: int = Field(description="Rows that may not be read.")
    closed: bool


@router.get("/explosives", response=responses(ExplosivesAnswer), summary="Stock of explosives")
def explosives(
    request: HttpRequest, response: HttpResponse, task: Short = "", until: Day = ""
) -> Any:
    """Stock of each organisation as far as you may read it, for one task or all."""
    with reading(request, response) as session:
        found = stock_of(session, task, until)
        lens = Lens(session)
        ids = {one.name: one.id for one in session.workspace.settings.organisations}
        full = [lens.organisations_full(kind) for kind in KINDS_OF_EXPLOSIVES]
        rows = [
            row
            for row in found["by"]
            if all(ids.get(row["organisation"], "") in some for some in full)
        ]
        return {
            **head(session),
            "until": found["until"],
            "by": rows,
            "behind": len(found["by"]) - len(rows),
            "closed": found["closed"],
        }


class Finding(Schema):
    """What does not fit, whose it is and how long it has stood."""

    code: str
    weight: str
    record: str
    other: str
    what: str
    fix: str
    area_m2: float
    items: int
    owner: str
    owner_name: str
    state: str
    reason: str
    since: str
    age_days: int
    at: list[float] | None = Field(description="Longitude and latitude in degrees.")
    place: str
    withheld: bool


class Behind(Schema):
    """What may not be read: how many and how much ground, never where."""

    count: int
    area_m2: float


class FindingsAnswer(Answer):
    """A page of the work list."""

    findings: list[Finding]
    total: int
    newer: int
    behind: Behind | None
    next: str | None


@router.get("/findings", response=responses(FindingsAnswer), summary="Findings, weightiest first")
def findings(  # noqa: PLR0913, PLR0917 - each is a parameter of the address
    request: HttpRequest,
    response: HttpResponse,
    code: Short = "",
    owner: Short = "",
    weight: Short = "",
    state: Literal["open", "explained", "closed"] = "open",
    days: Annotated[int, Query(ge=0, le=100_000, description="So many days old.")] = 0,
    record: Short = "",
    page: Annotated[int, Query(ge=1, le=1_000_000)] = 1,
    limit: Limit = 100,
) -> Any:
    """Findings of what you may read; what lies behind is told as a count and m²."""
    with reading(request, response) as session:
        ask = Ask(code, owner, weight, state, days, record)
        found = work_list(session, ask, get_language() or "en", page=page, per_page=limit)
        if found is None:
            raise Refused(Problem("not_counted_yet", "", {"known_at": ""}))
        more = found.total > page * limit
        return {
            **head(session),
            "findings": [_finding(asdict(one)) for one in found.lines],
            "total": found.total,
            "newer": found.newer,
            "behind": asdict(found.behind) if found.behind else None,
            "next": next_link(request, page=page + 1 if more else 0),
        }


def _finding(one: dict[str, Any]) -> dict[str, Any]:
    return {**one, "at": list(one["at"]) if one["at"] else None}
